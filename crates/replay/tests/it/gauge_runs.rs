//! Farming in the gauge of a Slipstream or a Solidly pool beside not farming, in whole runs.

use tidemill_amm::Trade;
use tidemill_amm::concentrated::{Build, SwapAmount};
use tidemill_model::{ShareEvent, Tape};
use tidemill_replay::{
    Backtest, BacktestConfig, ConfigError, RunTape, Setup, audit, backtest, record_journal,
};
use tidemill_store::ShareTape;
use tidemill_units::{Amount, Amounts, Side, SignedAmount, TickRange};

use crate::data::FOOTPRINTS;
use crate::synthetic_builds::{KIN, SyntheticBuild};
use crate::synthetic_shares::SyntheticShares;

/// Nine days of a swap to and fro an hour, with a half of others' liquidity staked.
pub(crate) fn quiet_tape() -> Tape {
    let mut made = SyntheticBuild::new(Build::Slipstream);
    let half = 500_000_000_000_000_000_000_000;
    made.stake(TickRange::full(60).unwrap(), half);
    for hour in 0..9 * 24 {
        made.skip_blocks(300);
        let side = if hour % 2 == 0 { Side::Token0 } else { Side::Token1 };
        made.swap(side, SwapAmount::ExactIn(Amount::from_u128(2_000_000_000_000_000_000_000)));
    }
    made.tape
}

const PLAIN_AND_FARMED: &str = r#"
footprint = "re-executed"
native_price_quote = "3000"

[[strategy]]
name = "plain"
kind = "fixed_range"
half_width_ticks = 1200

[[strategy]]
name = "farmed"
kind = "fixed_range"
half_width_ticks = 1200
farm = { claim = "every", proceeds = "hold" }

[[reward]]
kind = "concentrated_gauge"
token = "AERO"
price_quote = "1.5"
"#;

fn resolved(tape: &Tape, reward: &str) -> Result<Setup, ConfigError> {
    BacktestConfig::from_toml(&format!("{PLAIN_AND_FARMED}{reward}")).unwrap().resolve(tape)
}

fn run(tape: &Tape, reward: &str) -> Backtest {
    run_of(tape.into(), &resolved(tape, reward).unwrap())
}

fn run_of(tape: RunTape<'_>, setup: &Setup) -> Backtest {
    let finished = backtest(tape, setup.clone(), &|_| {}).unwrap();
    for run in &finished.runs {
        assert!(run.record.settlement.identity.holds(), "{:?}", run.record.settlement);
        let (journal, digest) = record_journal(tape, setup, &run.strategy).unwrap();
        assert_eq!(digest, run.digest);
        assert_eq!(audit(tape, setup, &run.strategy, journal).unwrap(), digest);
    }
    finished
}

#[test]
fn a_farmed_position_earns_emissions_and_no_fees() {
    let tape = quiet_tape();
    let finished = run(&tape, "amount = \"100000\"\n");
    let [plain, farmed] = [0, 1].map(|run| finished.runs[run].record.settlement.identity);
    let nothing = SignedAmount::ZERO;
    assert!(plain.fees > nothing && plain.rewards == nothing, "{plain:?}");
    assert!(farmed.fees == nothing && farmed.rewards > nothing, "{farmed:?}");
    // No more than the whole emission, at 1.5.
    let all = SignedAmount::positive(Amount::from_u128(150_000 * 10_u128.pow(18))).unwrap();
    assert!(farmed.rewards < all);
}

#[test]
fn fees_are_earned_again_after_the_last_epoch() {
    let tape = quiet_tape();
    let finished = run(&tape, "amount = \"100000\"\nend = \"2023-11-15 12:00:00\"\n");
    let [plain, farmed] = [0, 1].map(|run| finished.runs[run].record.settlement.identity);
    let nothing = SignedAmount::ZERO;
    assert!(farmed.fees > nothing && farmed.fees < plain.fees, "{farmed:?}");
    assert!(farmed.rewards > nothing && plain.rewards == nothing);
    let longer = run(&tape, "amount = \"100000\"\n");
    let days = longer.runs[1].record.settlement.identity;
    assert!(days.fees < farmed.fees && days.rewards != farmed.rewards);
}

#[test]
fn what_no_gauge_could_do_is_refused() {
    let tape = quiet_tape();
    let refused = |reward: &str| resolved(&tape, reward).unwrap_err().to_string();
    for (reward, said) in [
        ("", "reward.amount"),
        ("amount = \"0\"\n", "reward.amount"),
        ("amount = \"0.0000000000005\"\n", "at least one raw unit a second in every epoch"),
        ("amount = \"400000000000000000000\"\n", "below 2^128 raw units"),
        ("amount = \"1\"\nper_block = \"1\"\n", "reward.per_block"),
        ("amount = \"1\"\nothers_staked_bps = 1\n", "reward.others_staked_bps"),
        ("amount = \"1\"\nincentive = \"0x1\"\n", "reward.incentive"),
        ("amount = \"1\"\nstart = \"2023-11-01 00:00:00\"\n", "the tape's first event, or later"),
        ("amount = \"1\"\nend = \"2023-11-01 00:00:00\"\n", "later than the start"),
    ] {
        let refusal = refused(reward);
        assert!(refusal.contains(said), "{reward}: {refusal}");
    }
    for build in KIN.into_iter().filter(|build| *build != Build::Slipstream) {
        let made = SyntheticBuild::lively(build, 3);
        let refusal = resolved(&made.tape, "amount = \"1\"\n").unwrap_err().to_string();
        assert!(refusal.contains("concentrated_gauge in a Slipstream pool"), "{refusal}");
    }
    let text = format!("{PLAIN_AND_FARMED}amount = \"1\"\n").replace("re-executed", "price-taker");
    let refusal = BacktestConfig::from_toml(&text).unwrap().resolve(&tape).unwrap_err();
    assert!(refusal.to_string().contains("re-executed beside a concentrated_gauge"), "{refusal}");
}

/// Nine days of a swap to and fro an hour.
pub(crate) fn quiet_shares() -> ShareTape {
    let mut made = SyntheticShares::fees_apart();
    for hour in 0..9 * 24 {
        made.skip_blocks(300);
        let input = if hour % 2 == 0 { Side::Token0 } else { Side::Token1 };
        let now = made.now();
        let reserve = made.pool.shares().unwrap().balances().two().unwrap().get(input);
        let amount = SwapAmount::ExactIn(Amount(reserve.0 / Amount::from_u64(500).0));
        let trade = Trade { pair: input.into_other(), amount };
        let quote = made.pool.swap(&trade, now).unwrap();
        let paid = Amounts::of(input, quote.amount_in);
        let taken = Amounts::of(input.other(), quote.amount_out);
        made.record(ShareEvent::PairSwap { paid, taken });
    }
    let SyntheticShares { header, start, events, .. } = made;
    ShareTape { header, start, events }
}

fn of_shares(footprint: &str, kind: &str, reward: &str) -> BacktestConfig {
    let text = PLAIN_AND_FARMED
        .replace("re-executed", footprint)
        .replace("concentrated_gauge", kind)
        .replace("fixed_range", "full_range")
        .replace("half_width_ticks = 1200\n", "");
    BacktestConfig::from_toml(&format!("{text}{reward}")).unwrap()
}

#[test]
fn farmed_shares_earn_emissions_and_no_fees() {
    let tape = quiet_shares();
    for footprint in FOOTPRINTS {
        let emission = |reward: &str| {
            let config = of_shares(footprint, "aerodrome_gauge", reward);
            let finished = run_of((&tape).into(), &config.resolve(&tape).unwrap());
            [0, 1].map(|run| finished.runs[run].record.settlement.identity)
        };
        let [plain, farmed] = emission("amount = \"100000\"\n");
        let nothing = SignedAmount::ZERO;
        assert!(plain.fees > nothing && plain.rewards == nothing, "{plain:?}");
        assert!(farmed.rewards > nothing, "{farmed:?}");
        // What the reserves round in all shares' favour is all that is left.
        let is_dust = farmed.fees.magnitude().0 * Amount::from_u64(1_000_000).0;
        assert!(is_dust < plain.fees.magnitude().0, "{farmed:?}");
        let [_, alone] = emission("amount = \"100000\"\nothers_staked_bps = 0\n");
        assert!(alone.rewards > farmed.rewards, "nobody shares the emission");
    }
}

#[test]
fn a_gauge_for_shares_is_refused_where_no_fees_are_kept_apart() {
    let reward = "amount = \"1\"\n";
    let refused = |kind: &str, reward: &str, tape: &ShareTape| {
        of_shares("re-executed", kind, reward).resolve(tape).unwrap_err().to_string()
    };
    let SyntheticShares { header, start, events, .. } = SyntheticShares::pair();
    let mut pair = ShareTape { header, start, events };
    pair.events = quiet_shares().events;
    let said = "aerodrome_gauge in a Solidly pool";
    assert!(refused("aerodrome_gauge", reward, &pair).contains(said));
    assert!(refused("concentrated_gauge", reward, &quiet_shares()).contains(said));
    let many = "amount = \"1\"\nothers_staked_bps = 10001\n";
    let said = refused("aerodrome_gauge", many, &quiet_shares());
    assert!(said.contains("0 to 10000"), "{said}");
    let little = "amount = \"0.0000000000005\"\n";
    let said = refused("aerodrome_gauge", little, &quiet_shares());
    assert!(said.contains("at least one raw unit a second"), "{said}");
}
