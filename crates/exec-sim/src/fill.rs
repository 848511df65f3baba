use tidemill_amm::concentrated::{Owner, PositionKey};
use tidemill_market::Market;
use tidemill_model::{Intent, Order, OutcomeKind, PoolId, PositionId, Rejection};
use tidemill_units::{Amounts, Side, TickRange};

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
            Intent::Open { pool, range, desired } => {
                if let Some(pool) = market.pool(pool) {
                    let ticks = [range.lower, range.upper];
                    let used = ticks.iter().filter(|tick| pool.pool().tick_info(**tick).is_some());
                    touch.ticks_in_use = used.count();
                    touch.pool_is_empty = pool.pool().ticks().next().is_none();
                }
                open(pool, PositionId(order.key), market, &OpenRequest { range, desired })
            }
            Intent::Close { position } => close(market, position),
            Intent::Swap { pool, input, amount_in, min_amount_out } => {
                let staged = market.pool(pool).map(|pool| pool.stage_own_swap(input, amount_in));
                match staged {
                    Some(Ok(staged)) => {
                        touch.crossings = staged.result().crossings;
                        let amounts = staged.result().amounts;
                        let amount_out = amounts.get(input.other()).magnitude();
                        if amounts.get(input).magnitude() != amount_in {
                            OutcomeKind::Rejected(Rejection::InsufficientDepth)
                        } else if amount_out < min_amount_out {
                            OutcomeKind::Rejected(Rejection::TooLittleReceived)
                        } else {
                            OutcomeKind::Swapped { pool, input, amount_in, amount_out }
                        }
                    }
                    Some(Err(_)) | None => OutcomeKind::Rejected(Rejection::PoolReverted),
                }
            }
        };
        Self { kind, touch }
    }
}

fn close(market: &Market, position: PositionId) -> OutcomeKind {
    let worth = market.own(position).and_then(|(pool, own)| pool.worth(own.id));
    match worth {
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
    let fits = |side: Side| deposited.get(side) <= desired.get(side);
    if !(fits(Side::Token0) && fits(Side::Token1)) {
        // Liquidity is rounded down and its price up: by a unit it can pass what was offered.
        return OutcomeKind::Rejected(Rejection::InsufficientBalance);
    }
    OutcomeKind::Opened { position, pool: id, range, liquidity, deposited }
}

/// What an opening asks for.
struct OpenRequest {
    range: TickRange,
    desired: Amounts,
}
