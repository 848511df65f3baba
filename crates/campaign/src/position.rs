//! Positions in a concentrated pool of any build.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{
    Build, Owner, Pool, PoolError, PositionKey, Rounding, SaltedKey, tick_at_sqrt_price,
};
use tidemill_units::{
    Amount, Liquidity, Side, SignedLiquidity, SqrtPrice, Tick, TickRange, Timestamp, U256, mul_div,
};

/// Whose position it is, of the cast's numbers, and where.
pub(crate) type Place = (u8, TickRange);

fn owner(number: u8) -> Owner {
    let mut owner = [0; 20];
    owner[19] = number;
    Owner(owner)
}

/// Adds liquidity for somebody; the recorded providers have the number zero.
///
/// Errors: those of the pool.
pub(crate) fn add(
    pool: &mut Pool,
    (number, range): Place,
    liquidity: Liquidity,
    now: Timestamp,
) -> Result<(), PoolError> {
    if pool.build() == Build::UniswapV4 {
        let delta = SignedLiquidity::positive(liquidity).ok_or(PoolError::LiquidityOutOfRange)?;
        let key = SaltedKey { owner: owner(number), range, salt: [0; 32] };
        return pool.modify_liquidity(key, delta).map(drop);
    }
    pool.mint(PositionKey { owner: owner(number), range }, liquidity, now).map(drop)
}

/// Takes liquidity out again; none is no call.
///
/// Errors: those of the pool.
pub(crate) fn remove(
    pool: &mut Pool,
    (number, range): Place,
    liquidity: u128,
    now: Timestamp,
) -> Result<(), PoolError> {
    let liquidity = Liquidity(liquidity);
    if liquidity.is_zero() {
        return Ok(());
    }
    if pool.build() == Build::UniswapV4 {
        let delta = SignedLiquidity::negative(liquidity).ok_or(PoolError::LiquidityOutOfRange)?;
        let key = SaltedKey { owner: owner(number), range, salt: [0; 32] };
        return pool.modify_liquidity(key, delta).map(drop);
    }
    pool.burn(PositionKey { owner: owner(number), range }, liquidity, now).map(drop)
}

/// Returns the liquidity of each range, whoever owns it.
pub(crate) fn positions_by_range(pool: &Pool) -> BTreeMap<TickRange, u128> {
    let mut ranges = BTreeMap::new();
    let positions = pool.positions().map(|(key, position)| (key.range, position.liquidity));
    let salted = pool.salted_positions().map(|(key, position)| (key.range, position.liquidity));
    for (range, liquidity) in positions.chain(salted).filter(|(_, liquidity)| !liquidity.is_zero())
    {
        let sum: &mut u128 = ranges.entry(range).or_default();
        *sum = sum.saturating_add(liquidity.0);
    }
    ranges
}

/// Returns a range around the pool's price, from the price divided by one and the half-width to
/// the price times it, outwards to ticks that may be initialised and within those of the pool.
pub(crate) fn band(pool: &Pool, half_width: f64) -> Option<TickRange> {
    let ticks = ticks_of(1.0 + half_width);
    let spacing = pool.tick_spacing();
    let full = TickRange::full(spacing)?;
    let lower = Tick(pool.tick().0.saturating_sub(ticks)).floor_to(spacing)?;
    let upper = Tick(pool.tick().0.saturating_add(ticks).saturating_add(spacing)).floor_to(spacing);
    Some(TickRange { lower: lower.max(full.lower), upper: upper?.min(full.upper) })
}

/// Returns the narrowest range with a spacing to either side of the price's own.
pub(crate) fn tight(pool: &Pool) -> Option<TickRange> {
    let spacing = pool.tick_spacing();
    let full = TickRange::full(spacing)?;
    let lower = pool.tick().floor_to(spacing)?;
    let upper = Tick(lower.0.saturating_add(spacing.saturating_mul(2)));
    let lower = Tick(lower.0.saturating_sub(spacing));
    Some(TickRange { lower: lower.max(full.lower), upper: upper.min(full.upper) })
}

/// Returns a range so far from the price, half as wide as that is far, on the side where it is
/// made of the quote token alone; `None` where the pool's ticks end before.
pub(crate) fn parked(pool: &Pool, distance: f64, quote: Side) -> Option<TickRange> {
    let away = ticks_of(1.0 / (1.0 - distance));
    let width = (away / 2).max(pool.tick_spacing());
    let spacing = pool.tick_spacing();
    let full = TickRange::full(spacing)?;
    let range = match quote {
        // Below the price there is token1 alone.
        Side::Token1 => {
            let upper = Tick(pool.tick().0.saturating_sub(away)).floor_to(spacing)?;
            TickRange { lower: Tick(upper.0.saturating_sub(width)).floor_to(spacing)?, upper }
        }
        Side::Token0 => {
            let lower = pool.tick().0.saturating_add(away).saturating_add(spacing);
            let lower = Tick(lower).floor_to(spacing)?;
            let upper = Tick(lower.0.saturating_add(width).saturating_add(spacing));
            TickRange { lower, upper: upper.floor_to(spacing)? }
        }
    };
    (range.lower >= full.lower && range.upper <= full.upper && range.lower < range.upper)
        .then_some(range)
}

/// Returns how many ticks a factor of the price is, rounded.
fn ticks_of(factor: f64) -> i32 {
    // The cast saturates.
    (libm::log(factor) / libm::log(1.0001)).round() as i32
}

/// Returns what liquidity in a range is worth, raw units of the quote token, rounded down.
pub(crate) fn value_of(
    pool: &Pool,
    range: TickRange,
    liquidity: Liquidity,
    quote: Side,
) -> Option<Amount> {
    let amounts = pool.amounts_of(range, liquidity, Rounding::Down).ok()?;
    let other = quote.other();
    let worth = pool.sqrt_price().convert(amounts.get(other), other)?;
    amounts.get(quote).checked_add(worth)
}

/// Liquidity that is valued to find what capital buys.
const PROBE: u128 = 1_000_000_000_000_000_000_000_000_000;

/// Returns the liquidity that capital buys in a range, rounded down; the most there can be where it
/// buys more, which no pool takes, and none where liquidity is worth nothing.
pub(crate) fn bought(pool: &Pool, range: TickRange, capital: Amount, quote: Side) -> Liquidity {
    let value = value_of(pool, range, Liquidity(PROBE), quote).unwrap_or_default();
    if value.is_zero() {
        return Liquidity(0);
    }
    let liquidity = mul_div(capital.0, U256::from(PROBE), value.0);
    Liquidity(liquidity.and_then(|liquidity| u128::try_from(liquidity).ok()).unwrap_or(u128::MAX))
}

/// Returns a price moved by a factor, token1 per token0, kept within what pools have.
pub(crate) fn moved(price: SqrtPrice, factor: f64) -> Option<SqrtPrice> {
    const SCALE: u64 = 1_000_000_000_000_000;
    let root = (factor.sqrt() * SCALE as f64).round() as u64;
    let moved = mul_div(price.to_x96(), U256::from(root), U256::from(SCALE))?;
    let moved = SqrtPrice::from_x96(moved)?;
    tick_at_sqrt_price(moved).map(|_| moved)
}
