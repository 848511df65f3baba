use tidemill_amm::concentrated::{Owner, PositionKey};
use tidemill_market::Market;
use tidemill_model::{
    Holding, Intent, Order, OutcomeKind, Placement, PoolId, PositionId, Rejection,
};
use tidemill_units::{Amount, Amounts, TickRange, TokenPair};

use crate::models::gas::Touch;

/// What an order does to the market as it stands, and what it touches on the way.
pub(crate) struct Fill {
    pub(crate) kind: OutcomeKind,
    pub(crate) touch: Touch,
}

impl Fill {
    /// Works an order out without changing anything; the market makes the change when the outcome
    /// comes back to it as an event.
    pub(crate) fn of(order: &Order, market: &Market, has_swapped: bool) -> Self {
        let mut touch = Touch { ticks_in_use: 0, pool_is_empty: false, crossings: 0, has_swapped };
        let kind = match order.intent {
            Intent::Open { pool, placement: Placement::Range(range), desired } => {
                if let Some(pool) = market.pool(pool) {
                    let ticks = [range.lower, range.upper];
                    let used = ticks.iter().filter(|tick| pool.pool().tick_info(**tick).is_some());
                    touch.ticks_in_use = used.count();
                    touch.pool_is_empty = pool.pool().ticks().next().is_none();
                }
                let position = PositionId(order.key);
                match desired.two() {
                    Some(desired) => open(pool, position, market, &OpenRequest { range, desired }),
                    None => OutcomeKind::Rejected(Rejection::PoolReverted),
                }
            }
            Intent::Open { placement: Placement::Shares, .. } => {
                OutcomeKind::Rejected(Rejection::PoolReverted)
            }
            Intent::Close { position } => close(market, position),
            Intent::Swap { pool, pair, amount_in, min_amount_out } => {
                let request = OwnSwap { pool, pair, amount_in, min_amount_out };
                swap(market, &request, &mut touch)
            }
        };
        Self { kind, touch }
    }
}

/// What a swap asks for.
struct OwnSwap {
    pool: PoolId,
    pair: TokenPair,
    amount_in: Amount,
    min_amount_out: Amount,
}

fn swap(market: &Market, request: &OwnSwap, touch: &mut Touch) -> OutcomeKind {
    let OwnSwap { pool, pair, amount_in, min_amount_out } = *request;
    let staged = pair.input_of_two().zip(market.pool(pool)).and_then(|(input, pool)| {
        let staged = pool.stage_own_swap(input, amount_in).ok()?;
        Some((input, staged))
    });
    let Some((input, staged)) = staged else {
        return OutcomeKind::Rejected(Rejection::PoolReverted);
    };
    touch.crossings = staged.result().crossings;
    let amounts = staged.result().amounts;
    let amount_out = amounts.get(input.other()).magnitude();
    if amounts.get(input).magnitude() != amount_in {
        OutcomeKind::Rejected(Rejection::InsufficientDepth)
    } else if amount_out < min_amount_out {
        OutcomeKind::Rejected(Rejection::TooLittleReceived)
    } else {
        OutcomeKind::Swapped { pool, pair, amount_in, amount_out }
    }
}

fn close(market: &Market, position: PositionId) -> OutcomeKind {
    match market.worth(position) {
        Some(worth) => {
            OutcomeKind::Closed { position, withdrawn: worth.principal, fees: worth.fees }
        }
        None => OutcomeKind::Rejected(Rejection::UnknownPosition),
    }
}

fn open(id: PoolId, position: PositionId, market: &Market, request: &OpenRequest) -> OutcomeKind {
    let OpenRequest { range, desired } = *request;
    let Some(pool) = market.pool(id).map(|pool| pool.pool()) else {
        return OutcomeKind::Rejected(Rejection::PoolReverted);
    };
    let Ok(liquidity) = pool.liquidity_for(range, desired) else {
        return OutcomeKind::Rejected(Rejection::PoolReverted);
    };
    if liquidity.is_zero() {
        return OutcomeKind::Rejected(Rejection::NoLiquidity);
    }
    let key = PositionKey { owner: Owner::default(), range };
    let Ok(deposited) = pool.quote_mint(key, liquidity) else {
        return OutcomeKind::Rejected(Rejection::PoolReverted);
    };
    if desired.checked_sub(deposited).is_none() {
        // Liquidity is rounded down and its price up: by a unit it can pass what was offered.
        return OutcomeKind::Rejected(Rejection::InsufficientBalance);
    }
    let holding = Holding::Range { range, liquidity };
    OutcomeKind::Opened { position, pool: id, holding, deposited: deposited.into() }
}

/// What an opening asks for.
struct OpenRequest {
    range: TickRange,
    desired: Amounts,
}
