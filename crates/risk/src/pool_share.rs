use tidemill_market::PoolMarket;
use tidemill_model::{Placement, PoolId};
use tidemill_units::{Amount, Bps, TickRange, TokenAmounts};

use crate::Refusal;
use crate::exposure::openings;
use crate::scene::{Scene, part_bps};

/// Refuses an opening after which more of a pool's liquidity in range would be ours than may be.
///
/// Ours are the positions in range, every opening on its way and the order itself, the last two
/// wherever their ranges are: the price may come to them. Others' is the recorded pool's without
/// us. Of a pool of shares, the same with shares. It holds when an opening is approved; what passes
/// it later is others who leave and a price that moves to where they have less.
pub(crate) fn check_share(
    limit: Bps,
    scene: &Scene<'_>,
    pool: PoolId,
    (placement, desired): (Placement, &TokenAmounts),
) -> Result<(), Refusal> {
    let market = scene.market.pool(pool).ok_or(Refusal::NoPrice)?;
    let Some((mut ours, others)) = present(market) else { return Err(Refusal::NoPrice) };
    let on_their_way = openings(scene.ledger).filter(|(other, ..)| *other == pool);
    for (_, placement, desired) in on_their_way.chain([(pool, placement, desired)]) {
        let more = added(scene, market, placement, desired).ok_or(Refusal::NoPrice)?;
        ours = ours.checked_add(more).ok_or(Refusal::NoPrice)?;
    }
    let all = ours.checked_add(others).ok_or(Refusal::NoPrice)?;
    let part_bps = if ours.is_zero() { 0 } else { part_bps(ours, all) };
    if part_bps <= limit.0 {
        Ok(())
    } else {
        Err(Refusal::TooLargeShare { pool, part_bps, limit_bps: limit.0 })
    }
}

/// Returns our liquidity in range, or our shares, and those of all others; `None` for a pool
/// without a price.
fn present(market: &PoolMarket) -> Option<(Amount, Amount)> {
    match market {
        PoolMarket::Concentrated(pool) => {
            let state = pool.pool();
            let tick = state.is_initialized().then(|| state.tick())?;
            let in_range = pool.own().filter(|own| own.range.contains(tick));
            let mut ours = in_range.map(|own| Amount::from_u128(own.liquidity.0));
            let ours = ours.try_fold(Amount::ZERO, Amount::checked_add)?;
            Some((ours, Amount::from_u128(pool.history().liquidity().0)))
        }
        PoolMarket::Shares(pool) => {
            let ours = pool.own().map(|own| own.shares).try_fold(Amount::ZERO, Amount::checked_add);
            Some((ours?, pool.history().shares()?.total_shares()))
        }
    }
}

/// Returns the liquidity or the shares that an opening adds; none where it is not in the pool, or
/// too little to be taken.
fn added(
    scene: &Scene<'_>,
    market: &PoolMarket,
    placement: Placement,
    desired: &TokenAmounts,
) -> Option<Amount> {
    match (market, placement) {
        (PoolMarket::Concentrated(pool), Placement::Range(range)) => {
            in_range(pool.pool(), range, desired)
        }
        (PoolMarket::Shares(pool), Placement::Shares) => {
            let quoted = pool.quote_own_deposit(desired, scene.market.now()).ok()?;
            Some(quoted.map_or(Amount::ZERO, |quoted| quoted.shares))
        }
        (PoolMarket::Concentrated(_), Placement::Shares)
        | (PoolMarket::Shares(_), Placement::Range(_)) => None,
        (_, Placement::Stake(_) | Placement::Lock { .. }) => Some(Amount::ZERO),
    }
}

fn in_range(
    pool: &tidemill_amm::concentrated::Pool,
    range: TickRange,
    desired: &TokenAmounts,
) -> Option<Amount> {
    let liquidity = pool.liquidity_for(range, desired.two()?).ok()?;
    Some(Amount::from_u128(liquidity.0))
}
