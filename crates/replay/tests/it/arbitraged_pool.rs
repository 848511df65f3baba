//! A second pool beside the embedded week, for want of two that were recorded over the same time:
//! the contract's own calls in a pool of 0.30 % that arbitrage keeps near the recorded price, and
//! that others trade in.

use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, SwapAmount, SwapRequest, sqrt_price_at_tick, tick_at_sqrt_price,
};
use tidemill_model::{Address, PoolEvent, PoolHeader, PoolStart, RecordedAfter, Tape, TapeEvent};
use tidemill_units::{
    Amount, FeePips, Liquidity, LogIndex, Side, SqrtPrice, Tick, TickRange, U256,
};

const OWNER: [u8; 20] = [7; 20];
const RANGE: TickRange = TickRange { lower: Tick(180_000), upper: Tick(210_000) };
const LIQUIDITY: Liquidity = Liquidity(2_000_000_000_000_000_000);
/// Ticks to either side within which arbitrage does not pay.
const BAND: i32 = 30;

/// Returns the tape of such a pool, from its creation at the week's first event on.
pub(crate) fn arbitraged(week: &Tape) -> Tape {
    arbitraged_within(week, BAND)
}

/// Returns the tape of such a pool whose arbitrage is content with another band.
pub(crate) fn arbitraged_within(week: &Tape, band: i32) -> Tape {
    let first = week.events.first().unwrap();
    let mut pool = Pool::new(FeePips(3_000), 60).unwrap();
    let PoolStart::Snapshot { sqrt_price, .. } = week.header.start else {
        panic!("the week starts from a snapshot");
    };
    let tick = pool.initialize(sqrt_price, first.time).unwrap();
    let key = PositionKey { owner: Owner(OWNER), range: RANGE };
    let amounts = pool.mint(key, LIQUIDITY, first.time).unwrap();
    let at = |log_index: u32, event| TapeEvent {
        log_index: behind(first, log_index),
        event,
        gas_price: None,
        ..first.clone()
    };
    let owner = Some(Address(OWNER));
    let mint = PoolEvent::Mint { owner, range: RANGE, liquidity: LIQUIDITY, amounts };
    let initialize = PoolEvent::Initialize { sqrt_price, tick: Some(tick) };
    let mut events = vec![at(0, initialize), at(1, mint)];
    let mut price = sqrt_price;
    for (place, recorded) in week.events.iter().enumerate() {
        let PoolEvent::Swap { amounts, after } = &recorded.event else { continue };
        price = after.sqrt_price.unwrap_or(price);
        let tick = tick_at_sqrt_price(price).unwrap();
        let off = tick.0 - pool.tick().0;
        let request = if off.abs() > band {
            let goal = tick.0 - band * off.signum();
            towards(sqrt_price_at_tick(Tick(goal)).unwrap(), off > 0)
        } else if place % 16 == 0 {
            // Somebody who trades here whatever the price elsewhere.
            let input = if amounts.amount0.is_negative() { Side::Token1 } else { Side::Token0 };
            let part = Amount(amounts.get(input).magnitude().0 / U256::from(16_u8));
            SwapRequest { input, amount: SwapAmount::ExactIn(part), price_limit: None }
        } else {
            continue;
        };
        let Ok(result) = pool.swap(request, recorded.time) else { continue };
        let after = RecordedAfter {
            sqrt_price: Some(pool.sqrt_price()),
            liquidity: Some(pool.liquidity()),
            tick: Some(pool.tick()),
        };
        let event = PoolEvent::Swap { amounts: result.amounts, after };
        let log_index = behind(recorded, 2);
        events.push(TapeEvent { log_index, event, gas_price: None, ..recorded.clone() });
    }
    let header = PoolHeader {
        pool: Address([2; 20]),
        fee: FeePips(3_000),
        tick_spacing: 60,
        start: PoolStart::Creation,
        ..week.header.clone()
    };
    Tape { header, initial_positions: Vec::new(), events }
}

/// Behind everything of the week in its block: no two logs of a block have one number.
fn behind(recorded: &TapeEvent, place: u32) -> LogIndex {
    LogIndex(10_000 + 3 * recorded.log_index.0 + place)
}

/// A swap to a price, whatever it takes.
fn towards(goal: SqrtPrice, is_up: bool) -> SwapRequest {
    let input = if is_up { Side::Token1 } else { Side::Token0 };
    let amount = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
    SwapRequest { input, amount, price_limit: Some(goal) }
}
