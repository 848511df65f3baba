//! A recorded Balancer v1 pool: DAI/WETH 20/80 from its creation on.

use std::collections::BTreeMap;
use std::io::Read;

use tidemill_amm::Pool;
use tidemill_amm::balancer_v1::{BPool, BPoolState, BPoolToken, INITIAL_SHARES};
use tidemill_model::{
    ChainId, LiquidityChange, PoolEvent, ShareEvent, SharePoolHeader, TapeEvent, Token,
};
use tidemill_replay::{BacktestConfig, ReplayEnd, audit, backtest, record_journal, replay};
use tidemill_store::ShareTape;
use tidemill_units::{
    Amount, BlockNumber, LogIndex, RelativeTolerance, SignedAmount, Timestamp, TokenAmounts,
    TokenIndex, TokenPair, U256,
};

use crate::data::FOOTPRINTS;
use crate::recorded_data::recorded;

const TOKENS: [&str; 2] = ["DAI", "WETH"];
const FIRST_BLOCK: BlockNumber = BlockNumber(11_405_970);
const WAD: u64 = 1_000_000_000_000_000_000;

/// One line of the file.
struct Row {
    block: BlockNumber,
    log_index: LogIndex,
    time: Timestamp,
    kind: String,
    token_in: Option<TokenIndex>,
    amount_in: Option<Amount>,
    token_out: Option<TokenIndex>,
    amount_out: Option<Amount>,
    source: String,
    transaction: String,
}

impl Row {
    fn of(line: &str) -> Self {
        let fields: Vec<_> = line.split(',').collect();
        let token = |text: &str| {
            let place = TOKENS.iter().position(|symbol| *symbol == text)?;
            Some(TokenIndex(u8::try_from(place).unwrap()))
        };
        let amount = |text: &str| text.parse().ok();
        let time: jiff::civil::DateTime = fields[2].parse().unwrap();
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
        Self {
            block: BlockNumber(fields[0].parse().unwrap()),
            log_index: LogIndex(fields[1].parse().unwrap()),
            time: Timestamp(u64::try_from(time).unwrap()),
            kind: fields[3].to_owned(),
            token_in: token(fields[4]),
            amount_in: amount(fields[5]),
            token_out: token(fields[6]),
            amount_out: amount(fields[7]),
            source: fields[8].to_owned(),
            transaction: fields[9].split('|').next().unwrap().to_owned(),
        }
    }
}

fn rows() -> Option<Vec<Row>> {
    let path = recorded("balancer-v1-dai-weth-20-80/events.csv.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    Some(text.lines().skip(1).map(Row::of).collect())
}

fn start() -> Pool {
    let token = |balance: &str, weight: u64| BPoolToken {
        balance: balance.parse().unwrap(),
        held: balance.parse().unwrap(),
        denormalized_weight: U256::from(weight) * U256::from(WAD),
    };
    let state = BPoolState {
        tokens: vec![token("10000000000000000000000000", 10), token("67738636173102396002749", 40)],
        swap_fee: U256::from(WAD / 400),
        is_public_swap: true,
        is_finalized: true,
        total_supply: INITIAL_SHARES,
    };
    Pool::BalancerV1(Box::new(BPool::new(&state).unwrap()))
}

/// The tape up to the first exit, and what its own amounts say that the pool holds then: the sum of
/// what went in and out.
fn tape() -> Option<(ShareTape, TokenAmounts)> {
    let rows = rows()?;
    let mints: BTreeMap<_, _> = rows
        .iter()
        .filter(|row| row.kind == "bpt_transfer" && row.source.ends_with("00000000"))
        .map(|row| (row.transaction.clone(), row.amount_out.unwrap()))
        .collect();
    let start = start();
    let mut held = start.shares().unwrap().balances();
    let mut events = Vec::new();
    for row in rows.iter().take_while(|row| row.kind != "exit") {
        let event = match row.kind.as_str() {
            "swap" => ShareEvent::Swap {
                pair: TokenPair { input: row.token_in.unwrap(), output: row.token_out.unwrap() },
                amount_in: row.amount_in.unwrap(),
                amount_out: row.amount_out.unwrap(),
            },
            "join" => {
                let amounts = TokenAmounts::of(2, row.token_in.unwrap(), row.amount_in.unwrap());
                let (amounts, shares) = (amounts.unwrap(), Some(mints[&row.transaction]));
                let (fees, invariant, total_shares) = (None, None, None);
                let change = LiquidityChange { amounts, shares, fees, invariant, total_shares };
                ShareEvent::Deposit(Box::new(change))
            }
            "bpt_transfer" => continue,
            other => panic!("{other}"),
        };
        let moved = |token: Option<TokenIndex>, amount: Option<Amount>| {
            token.zip(amount).map(|(token, amount)| TokenAmounts::of(2, token, amount).unwrap())
        };
        if let Some(paid) = moved(row.token_in, row.amount_in) {
            held = held.checked_add(&paid).unwrap();
        }
        if let Some(taken) = moved(row.token_out, row.amount_out) {
            held = held.checked_sub(&taken).unwrap();
        }
        events.push(TapeEvent {
            block: row.block,
            log_index: row.log_index,
            time: row.time,
            gas_used: None,
            gas_price: None,
            event: PoolEvent::Shares(event),
        });
    }
    let token = |symbol: &str| Token { symbol: symbol.to_owned(), decimals: 18, address: None };
    let header = SharePoolHeader {
        chain_id: ChainId(1),
        pool: "0x8b6e6e7b5b3801fed2cafd4b22b8a16c2f2db21a".parse().unwrap(),
        tokens: TOKENS.map(token).to_vec(),
        base_tokens: Vec::new(),
        state_after_block: FIRST_BLOCK,
        amount_tolerance: RelativeTolerance::EXACT,
    };
    Some((ShareTape { header, start, events }, held))
}

#[test]
fn the_recorded_pool_reproduces_and_ends_with_what_went_in_and_out() {
    let Some((tape, held)) = tape() else { return };
    let report = replay(&tape, |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    assert!(report.counts.swaps() > 200, "{:?}", report.counts);
    let ReplayEnd::Shares(end) = report.end else { panic!("{:?}", report.end) };
    assert_eq!(end.balances, held);
    assert!(end.total_shares > INITIAL_SHARES, "somebody has joined");
}

#[test]
fn a_run_on_the_recorded_pool_adds_up_and_its_journal_can_be_audited() {
    let Some((tape, _)) = tape() else { return };
    let mut fees = Vec::new();
    for footprint in FOOTPRINTS {
        let config = format!("footprint = \"{footprint}\"\ndeposit_quote = \"1000000\"");
        let setup = BacktestConfig::from_toml(&config).unwrap().resolve(&tape).unwrap();
        let finished = backtest(&tape, setup.clone(), &|_| {}).unwrap();
        let run = finished.runs.last().unwrap();
        assert_eq!(run.strategy.name(), "full_range");
        let identity = &run.record.settlement.identity;
        assert!(identity.holds() && identity.fees > SignedAmount::ZERO, "{identity:?}");
        assert!(run.record.lvr > 0.0);
        // Somebody traded 10^11 wei, where rounding decides whether the pool reverts
        // (ERR_MATH_APPROX): with us in it, it does.
        let reverted = if footprint == "re-executed" { 1 } else { 0 };
        assert_eq!(run.reverted_with_us, reverted);
        let (journal, digest) = record_journal(&tape, &setup, &run.strategy).unwrap();
        assert_eq!(digest, run.digest);
        assert_eq!(audit(&tape, &setup, &run.strategy, journal).unwrap(), digest);
        fees.push(identity.fees.to_string().parse::<f64>().unwrap());
    }
    // 1 of some 51 million dollars: sharing the fees costs about a fiftieth of them.
    let [taker, real] = fees[..] else { panic!("both footprints") };
    assert!(real < taker && taker < real * 1.05, "{taker} {real}");
}
