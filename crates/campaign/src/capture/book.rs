//! One group's positions, added up: its liquidity and tokens in range, as the price moves.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Rounding, SwapStep, amounts_for_liquidity, sqrt_price_at_tick};
use tidemill_units::{Amount, Amounts, Liquidity, SqrtPrice, Tick, TickRange, U256, mul_div};

use super::Group;

/// What a swap went through and paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The ticks before and after each step.
    pub(crate) moves: Vec<(Tick, Tick)>,
    /// What each group was paid, raw units of the quote token, and holds afterwards: in range, and
    /// out of it.
    pub(crate) groups: Vec<(Group, Amount, [Amounts; 2])>,
}

/// Sums over ranges that are in range together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    liquidity: U256,
    /// token1 at the price that would be left if the price came from zero: `L sqrt(lower)`.
    floor1: U256,
    /// token0 likewise: `L / sqrt(upper)`.
    floor0: U256,
    /// token0 of all of it while the price is below.
    below: U256,
    /// token1 of all of it while the price is above.
    above: U256,
}

impl Sum {
    fn of(range: TickRange, liquidity: u128) -> Option<Self> {
        let [lower, upper] = [range.lower, range.upper].map(sqrt_price_at_tick);
        let (lower, upper) = (lower?, upper?);
        let whole = U256::from(liquidity);
        let at = |price| amounts_for_liquidity(price, range, Liquidity(liquidity), Rounding::Down);
        Some(Self {
            liquidity: whole,
            floor1: mul_div(whole, lower.to_x96(), Q96)?,
            floor0: mul_div(whole, Q96, upper.to_x96())?,
            below: at(lower).ok()?.amount0.0,
            above: at(upper).ok()?.amount1.0,
        })
    }

    fn plus(self, other: Self) -> Self {
        self.each(other, U256::saturating_add)
    }

    fn less(self, other: Self) -> Self {
        self.each(other, U256::saturating_sub)
    }

    fn each(self, other: Self, of: fn(U256, U256) -> U256) -> Self {
        Self {
            liquidity: of(self.liquidity, other.liquidity),
            floor1: of(self.floor1, other.floor1),
            floor0: of(self.floor0, other.floor0),
            below: of(self.below, other.below),
            above: of(self.above, other.above),
        }
    }
}

const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);
const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// The positions of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Book {
    ranges: BTreeMap<TickRange, u128>,
    starts: BTreeMap<Tick, Sum>,
    ends: BTreeMap<Tick, Sum>,
    /// Of ranges around the price.
    active: Sum,
    /// Of ranges above the price.
    waiting: Sum,
    /// Of ranges below the price.
    passed: Sum,
}

impl Book {
    pub(crate) fn liquidity(&self, range: TickRange) -> u128 {
        self.ranges.get(&range).copied().unwrap_or(0)
    }

    pub(crate) fn ranges(&self) -> impl Iterator<Item = (TickRange, u128)> + '_ {
        self.ranges.iter().map(|(range, liquidity)| (*range, *liquidity))
    }

    /// Sets the liquidity of a range.
    pub(crate) fn set(&mut self, range: TickRange, liquidity: u128, tick: Tick) {
        let before = Sum::of(range, self.liquidity(range)).unwrap_or_default();
        let after = Sum::of(range, liquidity).unwrap_or_default();
        let change = |sum: &mut Sum| *sum = sum.less(before).plus(after);
        change(self.starts.entry(range.lower).or_default());
        change(self.ends.entry(range.upper).or_default());
        change(if tick < range.lower {
            &mut self.waiting
        } else if tick < range.upper {
            &mut self.active
        } else {
            &mut self.passed
        });
        if liquidity == 0 {
            self.ranges.remove(&range);
        } else {
            self.ranges.insert(range, liquidity);
        }
    }

    /// Returns what a step of a swap pays the group, raw units of the input token, rounded down.
    pub(crate) fn fees(&self, step: &SwapStep) -> Amount {
        let [before, after] = step.fee_growth;
        let growth = after.wrapping_sub(before).0;
        mul_div(growth, self.active.liquidity, Q128).map(Amount).unwrap_or_default()
    }

    /// Follows the price from one tick to another.
    pub(crate) fn follow(&mut self, from: Tick, to: Tick) {
        if from == to {
            return;
        }
        let passed = Tick(from.min(to).0.saturating_add(1))..=from.max(to);
        let starts = self.starts.range(passed.clone()).map(|(_, sum)| *sum);
        let starts = starts.fold(Sum::default(), Sum::plus);
        let ends = self.ends.range(passed).map(|(_, sum)| *sum).fold(Sum::default(), Sum::plus);
        // A range may be passed whole: what comes into range is added first.
        if to > from {
            self.waiting = self.waiting.less(starts);
            self.active = self.active.plus(starts).less(ends);
            self.passed = self.passed.plus(ends);
        } else {
            self.passed = self.passed.less(ends);
            self.active = self.active.plus(ends).less(starts);
            self.waiting = self.waiting.plus(starts);
        }
    }

    /// Returns the tokens in range at a price, and those out of it; rounded down but for as many
    /// units as there are ranges.
    pub(crate) fn holdings(&self, price: SqrtPrice) -> [Amounts; 2] {
        let Sum { liquidity, floor1, floor0, .. } = self.active;
        let of = |product: Option<U256>, floor| {
            Amount(product.unwrap_or_default().saturating_sub(floor))
        };
        let inside = Amounts {
            amount0: of(mul_div(liquidity, Q96, price.to_x96()), floor0),
            amount1: of(mul_div(liquidity, price.to_x96(), Q96), floor1),
        };
        let outside =
            Amounts { amount0: Amount(self.waiting.below), amount1: Amount(self.passed.above) };
        [inside, outside]
    }
}
