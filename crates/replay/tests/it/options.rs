//! Backtests of the week with options of an exchange against what the positions are worth: what is
//! bought, what they pay, and that every line adds up.

use std::collections::BTreeMap;

use tidemill_exec_sim::Volatility;
use tidemill_model::{
    AccountEvent, EventBody, FeedItem, InstrumentId, OptionKind, OutcomeKind, TradeSide,
};
use tidemill_replay::{BacktestConfig, Setup, audit, record_journal};
use tidemill_units::{Amount, Decimal, FeePips, InstantUs, SignedAmount, Timestamp, U256};

use crate::data::{FOOTPRINTS, run, run_of, week};

/// Puts and calls at six strikes and three expiries, quoted at 65 percent of volatility.
const EXCHANGE: &str = r#"
[[feed]]
name = "pool"
kind = "pool"
base = "WETH"

[[exchange]]
name = "deribit"
deposit = "500000"
commission_bps = 3.0

[[exchange.instrument]]
name = "ETH"
kind = "option"
base = "WETH"
type = "both"
strikes = ["3200", "3400", "3600", "3800", "4000", "4200"]
expiries = ["2024-12-04 08:00:00", "2024-12-06 08:00:00", "2024-12-27 08:00:00"]
settlement = "pool"
volatility_percent = 65.0
"#;

const STRATEGIES: &str = r#"
[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
option_hedge = { max_cost_bps = 2000 }

[[strategy]]
kind = "fixed_range"
name = "to the end"
half_width_ticks = 1000
option_hedge = { cover = "curvature", roll_hours = 0, max_cost_bps = 2000 }

[[strategy]]
kind = "recentre"
half_width_ticks = 300
threshold_ticks = 200
option_hedge = { max_cost_bps = 2000, every_seconds = 3600 }
"#;

fn setup_of(footprint: &str, strategies: &str) -> Setup {
    let text = format!("footprint = \"{footprint}\"\n{EXCHANGE}\n{strategies}");
    BacktestConfig::from_toml(&text).unwrap().resolve(week()).unwrap()
}

#[test]
fn every_line_of_a_covered_run_adds_up_in_both_footprints() {
    for footprint in FOOTPRINTS {
        let finished = run(setup_of(footprint, STRATEGIES));
        let plain = run_of(&finished, "fixed_range").record.settlement.identity;
        assert_eq!([plain.funding, plain.hedge], [SignedAmount::ZERO; 2]);
        for name in ["fixed_range covered", "to the end", "recentre covered"] {
            let run = run_of(&finished, name);
            let settlement = run.record.settlement;
            assert!(settlement.identity.holds(), "{name} {footprint}: {settlement:?}");
            assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
            assert!(!settlement.identity.hedge.is_zero(), "{name}");
            assert!(settlement.identity.funding.is_zero(), "{name}");
            assert!(settlement.commission > SignedAmount::ZERO, "{name}");
            assert!(settlement.identity.swap_cost > settlement.commission, "{name}: the spread");
        }
        // What the pool paid is not the options' affair.
        let covered = run_of(&finished, "fixed_range covered").record.settlement.identity;
        assert_eq!((covered.fees, covered.gas), (plain.fees, plain.gas), "{footprint}");
        let moves = |name: &str| run_of(&finished, name).record.hourly.sample_deviation().unwrap();
        let (plain, covered) = (moves("fixed_range"), moves("fixed_range covered"));
        println!("{footprint}: hourly deviation {plain} plain, {covered} covered");
        assert!(covered < plain / 5.0, "{covered} of {plain}");
    }
}

/// What every trade cost and every option paid at its end, worked out again from the log: a trade
/// at the last quote of its option, rounded against us, and 18 places of price at the end.
#[test]
fn options_are_bought_at_their_quotes_and_pay_what_the_pool_says() {
    let setup = setup_of("price-taker", STRATEGIES);
    let strategy = &setup.strategies[2];
    let (journal, digest) = record_journal(week(), &setup, strategy).unwrap();
    assert_eq!(audit(week(), &setup, strategy, journal.clone()).unwrap(), digest);
    let instruments: Vec<_> = setup.exchanges[0].instruments.iter().map(|(it, _)| it).collect();
    assert_eq!(instruments.len(), 36);
    assert_eq!(instruments[0].name, "ETH 2024-12-04 3200 put");
    let (mut quotes, mut held) = (BTreeMap::new(), BTreeMap::<InstrumentId, Amount>::new());
    let (mut trades, mut settled, mut paid_out) = (0, 0, 0);
    let mut price = 0.0;
    for event in &journal.events {
        match &event.body {
            EventBody::Data(data) => {
                let FeedItem::Quote(quote) = data.item else { panic!("no other feed") };
                quotes.insert(data.feed, quote);
            }
            EventBody::Outcome(outcome) => {
                let OutcomeKind::Traded { instrument, side, quantity, amount, commission } =
                    outcome.kind
                else {
                    continue;
                };
                assert_eq!(side, TradeSide::Buy, "they are held to their end");
                let quote = quotes[&instruments[usize::from(instrument.0)].prices];
                let raw = U256::from(u128::try_from(quote.ask.price.raw()).unwrap());
                // Six decimals of the quote, and 18 of price and of the base.
                let one = U256::from(10).pow(U256::from(30));
                assert_eq!(amount.0, (quantity.0 * raw).div_ceil(one), "{instrument:?}");
                let fee = (amount.0 * U256::from(300)).div_ceil(U256::from(1_000_000));
                assert_eq!(commission.0, fee);
                held.insert(instrument, quantity);
                trades += 1;
            }
            EventBody::Account(account) => {
                let AccountEvent::Settled { instrument, quantity, amount } = **account else {
                    panic!("no margin")
                };
                assert_eq!(held.remove(&instrument), Some(quantity), "all that was bought");
                let contract = instruments[usize::from(instrument.0)].instrument.kind.option();
                let contract = contract.unwrap();
                assert_eq!(event.seen_at, contract.expiry);
                let strike = contract.strike.raw() as f64 / Decimal::ONE.raw() as f64;
                let gain = match contract.kind {
                    OptionKind::Call => price - strike,
                    OptionKind::Put => strike - price,
                };
                let whole: f64 = quantity.to_string().parse::<f64>().unwrap() / 1e18;
                let expected = gain.max(0.0) * whole * 1e6;
                let paid: f64 = amount.to_string().parse().unwrap();
                assert!((paid - expected).abs() < 1.0 + expected * 1e-9, "{paid} {expected}");
                paid_out += usize::from(!amount.is_zero());
                settled += 1;
            }
            EventBody::Chain(chain) => {
                let swap = chain.event.swap().and_then(|(_, after)| after.sqrt_price);
                if let Some(after) = swap {
                    let root: f64 =
                        after.to_x96().to_string().parse::<f64>().unwrap() / 2_f64.powi(96);
                    price = 1e12 / (root * root);
                }
            }
            EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_)
            | EventBody::Feed(_) => {}
        }
    }
    println!("{trades} trades, {settled} settled, {paid_out} of them in the money");
    assert!(settled >= 6 && trades > settled && paid_out > 0);
}

/// A chain with a put at 3,600 until 2024-12-06, quoted four days before, in ether: at 70 percent
/// it is worth 82.820909 of 3,650, or 0.022690660.
const CHAIN: &str = "\
creation_timestamp,underlying_price,mark_price,bid_price,ask_price,instrument_name,expire_date,\
strike_price,option_type
1733126400000,3650,0.0226906600,0.025,0.0261,ETH-6DEC24-3600-P,6DEC24,3600,P
1733126400000,3650,0.0363892902,,,ETH-6DEC24-3600-C,6DEC24,3600,C
1733126400000,3650,0.5,,,ETH-6DEC24-1500-C,6DEC24,1500,C
";

fn chained(keys: &str) -> Result<Setup, String> {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("options.csv"), CHAIN).unwrap();
    let (before, _) = EXCHANGE.split_once("type =").unwrap();
    let text = format!("{before}settlement = \"pool\"\nchain = \"options.csv\"\n{keys}");
    let mut config = BacktestConfig::from_toml(&text).unwrap();
    config.read_files(folder.path(), week()).map_err(|error| error.to_string())?;
    config.resolve(week()).map_err(|error| error.to_string())
}

#[test]
fn a_chain_gives_each_option_the_volatility_of_its_mark_from_then_on() {
    let expiries = "expiries = [\"2024-12-06 08:00:00\"]\n";
    let setup = chained(&format!("type = \"both\"\nstrikes = [\"3600\"]\n{expiries}")).unwrap();
    let [put, call] = setup.exchanges[0].options.as_slice() else { panic!("two") };
    // 2024-12-02 08:00 UTC. The put's spread is 0.0011; the call has none, and five points.
    let from = InstantUs::at_second(Timestamp(1_733_126_400));
    for (model, half_spread) in [(put, 550), (call, 500)] {
        assert_eq!(model.half_spread, FeePips(half_spread));
        let Volatility::Since { sigma, from: known } = model.volatility else { panic!() };
        assert_eq!((sigma, known), ("0.7".parse().unwrap(), from));
    }
    let refused = |keys: String| chained(&keys).unwrap_err();
    let absent = refused(format!("type = \"put\"\nstrikes = [\"3700\"]\n{expiries}"));
    assert_eq!(
        absent,
        "exchange.instrument.strikes is 2024-12-06 08:00:00 3700 put; allowed is an option of the \
         chain"
    );
    let deep = refused(format!("type = \"call\"\nstrikes = [\"1500\"]\n{expiries}"));
    assert!(
        deep.contains("an option whose mark has a volatility: 1825 is not above 2150"),
        "{deep}"
    );
    let both = refused(format!(
        "type = \"put\"\nstrikes = [\"3600\"]\n{expiries}volatility_percent = 60.0\n"
    ));
    assert!(both.ends_with("volatility_percent is given; allowed is left out beside chain"));
}
