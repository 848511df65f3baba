#[path = "../../market/tests/support/seeded.rs"]
mod seeded;

mod exchange;
mod laws;
mod postings;
mod refusals;
mod reversals;

use tidemill_model::{
    AssetId, Event, EventBody, GasPaid, Holding, Intent, Order, OrderKey, Outcome, OutcomeKind,
    Placement, PoolId, PoolPair, PositionId, ProgrammeId, Reward, Sequence,
};
use tidemill_units::{
    Amount, BlockNumber, Gas, GasPrice, Liquidity, Side, Tick, TickRange, Timestamp, TokenAmounts,
};

use crate::{Ledger, LedgerError, PoolAssets};

const POOL: PoolId = PoolId(0);
const TOKEN0: AssetId = AssetId(0);
const TOKEN1: AssetId = AssetId(1);
const NATIVE: AssetId = AssetId(2);
/// What a programme pays.
const REWARD: AssetId = AssetId(3);
const PROGRAMME: ProgrammeId = ProgrammeId(1);
const DEPOSIT: u64 = 1_000_000;
const RANGE: TickRange = TickRange { lower: Tick(-60), upper: Tick(60) };
const NO_GAS: GasPaid = GasPaid { gas: Gas(0), price: GasPrice(0) };

/// A million of each token of one pool.
fn funded() -> Ledger {
    let deposit = Amount::from_u64(DEPOSIT);
    let mut ledger = Ledger::funded(&[(TOKEN0, deposit), (TOKEN1, deposit)]).expect("small");
    ledger.add_pool(POOL, PoolAssets::of_two(TOKEN0, TOKEN1, NATIVE));
    ledger
}

fn key(sequence: u64) -> OrderKey {
    OrderKey { sequence: Sequence(sequence), intent: 0 }
}

fn order(sequence: u64, intent: Intent) -> Order {
    Order { key: key(sequence), intent, decided_in: BlockNumber(sequence) }
}

fn amounts(amount0: u64, amount1: u64) -> TokenAmounts {
    TokenAmounts::from_array([Amount::from_u64(amount0), Amount::from_u64(amount1)])
}

fn open(desired: TokenAmounts) -> Intent {
    Intent::Open { pool: POOL, placement: Placement::Range(RANGE), desired }
}

fn close(opened_by: u64) -> Intent {
    Intent::Close { position: PositionId(key(opened_by)) }
}

fn swap(input: Side, amount_in: u64, min_amount_out: u64) -> Intent {
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u64);
    Intent::Swap { pool: POOL, pair: input.into_other(), amount_in, min_amount_out }
}

fn opened(sequence: u64, deposited: TokenAmounts) -> OutcomeKind {
    let position = PositionId(key(sequence));
    OutcomeKind::Opened {
        position,
        pool: POOL,
        holding: Holding::Range { range: RANGE, liquidity: Liquidity(9) },
        deposited,
    }
}

fn closed(opened_by: u64, withdrawn: TokenAmounts, fees: TokenAmounts) -> OutcomeKind {
    OutcomeKind::Closed { position: PositionId(key(opened_by)), withdrawn, fees }
}

fn swapped(input: Side, amount_in: u64, amount_out: u64) -> OutcomeKind {
    let [amount_in, amount_out] = [amount_in, amount_out].map(Amount::from_u64);
    OutcomeKind::Swapped { pool: POOL, pair: input.into_other(), amount_in, amount_out }
}

/// A swap and the one back, which the ledger does not mind to be in one pool.
fn arbitrage(input: Side, amount_in: u64, min_amount_out: u64) -> Intent {
    let legs =
        [input, input.other()].map(|input| PoolPair { pool: POOL, pair: input.into_other() });
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u64);
    Intent::Arbitrage { legs, amount_in, min_amount_out, tip: GasPrice(0) }
}

fn sell(amount_in: u64, min_amount_out: u64) -> Intent {
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u64);
    Intent::Sell {
        pool: POOL,
        reward: REWARD,
        into: Side::Token1.index(),
        amount_in,
        min_amount_out,
    }
}

fn reward(amount: u64) -> Reward {
    Reward { asset: REWARD, amount: Amount::from_u64(amount) }
}

/// The event that an order ended, as the next of its log.
fn end(sequence: u64, kind: OutcomeKind, gas: GasPaid) -> Event {
    let outcome = Outcome { order: key(sequence), block: BlockNumber(sequence), gas, kind };
    let body = EventBody::Outcome(Box::new(outcome));
    Event::at(Sequence(sequence + 1), Timestamp(sequence), body)
}

/// Books an order and ends it.
fn fulfil(
    ledger: &mut Ledger,
    sequence: u64,
    intent: Intent,
    kind: OutcomeKind,
) -> Result<(), LedgerError> {
    ledger.book(order(sequence, intent))?;
    ledger.apply(&end(sequence, kind, NO_GAS))
}
