//! Fee growth at ticks that the pool itself does not keep: what a position would have earned that
//! was not in it.

use std::collections::BTreeMap;

use tidemill_units::{
    FeeGrowth, Side, SqrtPrice, Tick, TickRange, U256, div_limbs, mul_div, mul_limbs, narrow,
};

use super::{Pool, SwapStep, sqrt_price_at_tick};

/// Follows the fee growth outside a set of ticks while somebody else's swaps go through them.
///
/// At a tick that the pool has initialized, steps end on it and the values are the pool's own to
/// the unit. At any other tick a step runs through, and its fees are divided between the two sides
/// in proportion to the input that each side took, rounded down; the pool's history is not touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeWatch {
    ticks: BTreeMap<Tick, WatchedTick>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct WatchedTick {
    users: u32,
    sqrt_price: SqrtPrice,
    /// Growth on the side of the tick where the price is not.
    outside: [FeeGrowth; 2],
}

impl RangeWatch {
    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// Starts to watch both ends of a range, from the pool's present state.
    pub fn add(&mut self, range: TickRange, pool: &Pool) {
        for tick in [range.lower, range.upper] {
            let below = tick <= pool.tick();
            let start = if below { pool.fee_growth_global() } else { [FeeGrowth::ZERO; 2] };
            let watched = self.ticks.entry(tick).or_insert_with(|| WatchedTick {
                users: 0,
                sqrt_price: sqrt_price_at_tick(tick).unwrap_or_default(),
                outside: start,
            });
            watched.users = watched.users.saturating_add(1);
        }
    }

    /// Stops watching a range that was added.
    pub fn remove(&mut self, range: TickRange) {
        for tick in [range.lower, range.upper] {
            if let Some(watched) = self.ticks.get_mut(&tick) {
                watched.users = watched.users.saturating_sub(1);
                if watched.users == 0 {
                    self.ticks.remove(&tick);
                }
            }
        }
    }

    /// Follows one step of a swap; `other_growth` is the growth of the token that is not paid in.
    pub fn follow(&mut self, step: &SwapStep, other_growth: FeeGrowth) {
        let [from, to] = step.tick;
        if from == to {
            return;
        }
        // Going down passes the ticks above the new one up to the old; going up likewise.
        let (low, high) = (from.min(to), from.max(to));
        let first = Tick(low.0.saturating_add(1));
        for (_, watched) in self.ticks.range_mut(first..=high) {
            let at = step.fee_growth_at(watched.sqrt_price);
            let [outside0, outside1] = watched.outside;
            let (growth0, growth1) = match step.input {
                Side::Token0 => (at, other_growth),
                Side::Token1 => (other_growth, at),
            };
            watched.outside = [growth0.wrapping_sub(outside0), growth1.wrapping_sub(outside1)];
        }
    }

    /// Returns fee growth inside a watched range; only differences between two calls mean
    /// anything. `None` for a range that is not watched.
    pub fn inside(&self, range: TickRange, pool: &Pool) -> Option<[FeeGrowth; 2]> {
        let [lower0, lower1] = self.below(range.lower, pool)?;
        let [upper0, upper1] = self.below(range.upper, pool)?;
        Some([upper0.wrapping_sub(lower0), upper1.wrapping_sub(lower1)])
    }

    fn below(&self, tick: Tick, pool: &Pool) -> Option<[FeeGrowth; 2]> {
        let [outside0, outside1] = self.ticks.get(&tick)?.outside;
        if tick <= pool.tick() {
            return Some([outside0, outside1]);
        }
        let [global0, global1] = pool.fee_growth_global();
        Some([global0.wrapping_sub(outside0), global1.wrapping_sub(outside1)])
    }
}

/// Returns `growth` times the share of the step's input that it took from its start to `at`.
fn share_of_input(growth: U256, step: &SwapStep, prices: [SqrtPrice; 3]) -> Option<U256> {
    let [start, at, end] = prices.map(SqrtPrice::to_x96);
    match step.input {
        // Token1 in: proportional to the move of the square root price.
        Side::Token1 => mul_div(growth, at.checked_sub(start)?, end.checked_sub(start)?),
        // Token0 in: proportional to the move of its inverse, (start - at) end / ((start - end)
        // at).
        Side::Token0 => {
            let part: [u64; 8] = mul_limbs(start.checked_sub(at)?.as_limbs(), end.as_limbs());
            let whole: [u64; 8] = mul_limbs(start.checked_sub(end)?.as_limbs(), at.as_limbs());
            let [p0, p1, p2, p3, p4, ..] = part;
            let [w0, w1, w2, w3, w4, ..] = whole;
            let product: [u64; 9] = mul_limbs(growth.as_limbs(), &[p0, p1, p2, p3, p4]);
            narrow(&div_limbs(product, &[w0, w1, w2, w3, w4])?.whole)
        }
    }
}

impl SwapStep {
    /// Returns the growth of the input token's fees when the step passes a price in its span:
    /// divided in proportion to the input that each side took, rounded down; at its end, all.
    pub fn fee_growth_at(&self, at: SqrtPrice) -> FeeGrowth {
        let [before, after] = self.fee_growth;
        let [start, end] = self.sqrt_price;
        if at == end {
            return after;
        }
        let growth = after.wrapping_sub(before);
        let part = share_of_input(growth.0, self, [start, at, end]);
        // A price outside the step's span cannot be passed by it; rounding cannot pass the whole.
        before.wrapping_add(FeeGrowth(part.unwrap_or(growth.0).min(growth.0)))
    }

    /// Whether liquidity in a range was active during the step.
    pub fn is_within(&self, range: TickRange) -> bool {
        let [from, to] = self.tick;
        from.min(to) < range.upper && from.max(to) >= range.lower
    }
}
