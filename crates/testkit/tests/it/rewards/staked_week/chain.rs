//! The week's calls, sent to the real pool.

use tidemill_amm::concentrated::{SwapAmount, SwapRequest};
use tidemill_model::{PoolEvent, Tape};
use tidemill_testkit::{
    Address, Adjustment, Artifacts, Outcome, PoolParameters, PoolSlot, PoolSwapCall, PositionId,
    StakerBounds, V3StakerOracle,
};
use tidemill_units::{Side, SqrtPrice, TickRange, U256};

/// Deploys everything, and puts the pool into the state at the start of a tape: all the liquidity
/// belongs to the first actor, as the market does not tell owners apart either.
pub(in crate::rewards) fn at_start(tape: &Tape, price: SqrtPrice) -> V3StakerOracle {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let header = &tape.header;
    let parameters = PoolParameters { fee: header.fee.0, tick_spacing: header.tick_spacing };
    let bounds = StakerBounds { lead_time_seconds: 2_592_000, duration_seconds: 63_072_000 };
    let mut oracle = V3StakerOracle::new(&artifacts, parameters, bounds).unwrap();
    oracle.pool.evm.set_timestamp(U256::from(tape.events[0].time.0));
    oracle.pool.initialize(price.to_x96()).unwrap().result.unwrap();
    for position in &tape.initial_positions {
        mint(&mut oracle, position.range, position.liquidity.0);
    }
    oracle
}

fn position(owner: Address, range: TickRange) -> PositionId {
    PositionId { owner, lower: range.lower.0, upper: range.upper.0 }
}

fn mint(oracle: &mut V3StakerOracle, range: TickRange, liquidity: u128) {
    let owner = oracle.pool.actors[0];
    let position = position(owner, range);
    let minted = oracle.pool.mint(owner, position, liquidity, Adjustment::default()).unwrap();
    minted.result.unwrap();
}

/// Sends a recorded event's call; a swap's is what the market found it to be. Returns whether the
/// pool took it.
pub(in crate::rewards) fn send(
    oracle: &mut V3StakerOracle,
    event: &PoolEvent,
    request: Option<SwapRequest>,
) -> bool {
    match *event {
        PoolEvent::Swap { .. } => swap(oracle, request.unwrap()),
        PoolEvent::Mint { range, liquidity, .. } => {
            mint(oracle, range, liquidity.0);
            true
        }
        PoolEvent::Burn { range, liquidity, .. } => {
            // Somebody else's position brought up to date, which the market knows nothing of.
            if !liquidity.is_zero() {
                let owner = oracle.pool.actors[0];
                let burned = oracle.pool.burn(position(owner, range), liquidity.0).unwrap();
                burned.result.unwrap();
            }
            true
        }
        PoolEvent::Initialize { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Build(_)
        | PoolEvent::Shares(_) => panic!("the week has no such event: {event:?}"),
    }
}

fn swap(oracle: &mut V3StakerOracle, request: SwapRequest) -> bool {
    call_swap(oracle, request).result.is_ok()
}

/// Makes a swap, of whoever's.
pub(in crate::rewards) fn call_swap(oracle: &mut V3StakerOracle, request: SwapRequest) -> Outcome {
    let unlimited = match request.input {
        Side::Token0 => SqrtPrice::MIN.to_x96() + U256::ONE,
        Side::Token1 => SqrtPrice::MAX.to_x96() - U256::ONE,
    };
    let call = PoolSwapCall {
        zero_for_one: request.input == Side::Token0,
        amount_specified: match request.amount {
            SwapAmount::ExactIn(amount) => amount.0,
            SwapAmount::ExactOut(amount) => amount.0.wrapping_neg(),
        },
        sqrt_price_limit: request.price_limit.map_or(unlimited, SqrtPrice::to_x96),
        adjustment: Adjustment::default(),
    };
    let actor = oracle.pool.actors[1];
    oracle.pool.swap(actor, call).unwrap()
}

/// Price and liquidity in range, from the pool's storage.
pub(in crate::rewards) fn price_and_liquidity(oracle: &V3StakerOracle) -> (U256, U256) {
    let slot0 = oracle.pool.slot(U256::from(PoolSlot::SLOT0));
    let price = slot0 & ((U256::ONE << 160) - U256::ONE);
    (price, oracle.pool.slot(U256::from(PoolSlot::LIQUIDITY)))
}
