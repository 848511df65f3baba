//! What an order does to the market as it stands, for tests below the simulated venue. The market
//! checks it: an outcome that it cannot reproduce is an error.
#![allow(dead_code, reason = "each crate uses its own part")]

use tidemill_amm::concentrated::Rounding;
use tidemill_market::{Market, Moment};
use tidemill_model::{
    GasPaid, Holding, Intent, Order, Outcome, OutcomeKind, Placement, PoolId, PositionId,
    Rejection, Reward,
};
use tidemill_units::{Amount, TokenPair};

/// The outcome of an order that is executed now, without gas.
pub(crate) fn outcome_of(order: &Order, market: &Market) -> Outcome {
    let kind = fill(order, market).unwrap_or(OutcomeKind::Rejected(Rejection::PoolReverted));
    Outcome { order: order.key, block: market.block(), gas: GasPaid::default(), kind }
}

fn now(market: &Market) -> Moment {
    Moment { at: market.now(), block: market.block() }
}

fn fill(order: &Order, market: &Market) -> Option<OutcomeKind> {
    match order.intent {
        Intent::Open { pool, placement: Placement::Range(range), desired } => {
            let state = market.pool(pool)?.concentrated()?.pool();
            let liquidity = state.liquidity_for(range, desired.two()?).ok()?;
            let deposited = state.amounts_of(range, liquidity, Rounding::Up).ok()?;
            let position = PositionId(order.key);
            let opened = OutcomeKind::Opened {
                position,
                pool,
                holding: Holding::Range { range, liquidity },
                deposited: deposited.into(),
            };
            (!liquidity.is_zero()).then_some(opened)
        }
        Intent::Open { pool, placement: Placement::Lock { voting, until }, desired } => {
            let is_locked = market.quote_lock(voting, (&desired, until), now(market));
            is_locked.then_some(OutcomeKind::Opened {
                position: PositionId(order.key),
                pool,
                holding: Holding::Lock { voting, until },
                deposited: desired,
            })
        }
        // There is no exchange.
        Intent::Trade { .. } => None,
        Intent::Vote { .. } | Intent::Extend { .. } | Intent::ClaimBribes { .. } => {
            of_lock(order.intent, market)
        }
        Intent::Close { position } if market.voting_of(position).is_some() => {
            of_lock(order.intent, market)
        }
        Intent::Open { placement: Placement::Shares | Placement::Stake(_), .. }
        | Intent::Compound { .. } => None,
        Intent::Close { position } => {
            let worth = market.worth(position)?;
            Some(OutcomeKind::Closed { position, withdrawn: worth.principal, fees: worth.fees })
        }
        Intent::Swap { pool, pair, amount_in, min_amount_out } => {
            let amount_out = received(market, (pool, pair), amount_in)?;
            let swapped = OutcomeKind::Swapped { pool, pair, amount_in, amount_out };
            (amount_out >= min_amount_out).then_some(swapped)
        }
        Intent::Arbitrage { legs, amount_in, min_amount_out, .. } => {
            let [first, second] = legs;
            let between = received(market, (first.pool, first.pair), amount_in)?;
            let amount_out = received(market, (second.pool, second.pair), between)?;
            let swapped = OutcomeKind::Arbitraged { legs, amount_in, between, amount_out };
            (amount_out >= min_amount_out).then_some(swapped)
        }
        Intent::Stake { position, programme } => {
            let fees = market.quote_stake(position, programme, now(market))?;
            Some(OutcomeKind::Staked { position, programme, fees })
        }
        Intent::Claim { position } => {
            let reward = market.quote_claim(position, now(market))?;
            Some(OutcomeKind::Claimed { position, reward })
        }
        Intent::Unstake { position } => {
            let reward = market.quote_unstake(position, now(market))?;
            Some(OutcomeKind::Unstaked { position, reward })
        }
        Intent::Sell { pool, reward, into, amount_in, min_amount_out } => {
            let amount_out = market.price_of(reward)?.in_quote(amount_in)?;
            let reward = Reward { asset: reward, amount: amount_in };
            let sold = OutcomeKind::Sold { pool, reward, into, amount_out };
            (amount_out >= min_amount_out).then_some(sold)
        }
    }
}

/// What comes out of a swap in a concentrated pool that takes all of it.
fn received(
    market: &Market,
    (pool, pair): (PoolId, TokenPair),
    amount_in: Amount,
) -> Option<Amount> {
    let input = pair.input_of_two()?;
    let staged = market.pool(pool)?.concentrated()?.stage_own_swap(input, amount_in).ok()?;
    let amounts = staged.result().amounts;
    let is_whole = amounts.get(input).magnitude() == amount_in;
    is_whole.then_some(amounts.get(input.other()).magnitude())
}

/// What becomes of an order for a lock that is there.
fn of_lock(intent: Intent, market: &Market) -> Option<OutcomeKind> {
    let at = now(market);
    match intent {
        Intent::Vote { position, ballot } => market
            .quote_vote(position, &ballot, at)
            .then_some(OutcomeKind::Voted { position, ballot }),
        Intent::Extend { position, until } => market
            .quote_extension(position, until, at)
            .then_some(OutcomeKind::Extended { position, until }),
        Intent::ClaimBribes { position, token } => {
            let reward = market.quote_bribes(position, token, at)?;
            Some(OutcomeKind::Claimed { position, reward })
        }
        Intent::Close { position } => {
            let paid = market.quote_unlocked(position, at)?;
            Some(OutcomeKind::Closed { position, withdrawn: paid.principal, fees: paid.fees })
        }
        Intent::Open { .. }
        | Intent::Swap { .. }
        | Intent::Arbitrage { .. }
        | Intent::Stake { .. }
        | Intent::Claim { .. }
        | Intent::Unstake { .. }
        | Intent::Compound { .. }
        | Intent::Trade { .. }
        | Intent::Sell { .. } => None,
    }
}
