//! A recount of a campaign: every swap is kept, and everything is added up anew for each question.

use std::collections::{BTreeMap, BTreeSet};

use tidemill_amm::concentrated::{Pool, Rounding};
use tidemill_model::{PoolEvent, PositionId, TapeEvent};
use tidemill_rewards::merkl::{MerklTerms, MerklWeights};
use tidemill_units::{Amount, Liquidity, Tick, TickRange, Timestamp, U256, mul_div};

use crate::{ConcentratedMarket, Footprint, MerklSchedule};

const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);
const FEE_PARTS: U256 = U256::from_limbs([0, 1, 0, 0]);

/// Whose a position is: `None` is ours.
type Owner = Option<[u8; 20]>;

/// What somebody has of fees, token0 and token1.
type Counts = [U256; 3];

pub(super) struct Naive {
    terms: MerklTerms,
    schedule: MerklSchedule,
    /// Recorded calls that the pool with us had refused by then.
    refused: u64,
    before: Vec<(Owner, TickRange, Liquidity, [U256; 2])>,
    /// When, and who had what.
    swaps: Vec<(u64, Vec<(Owner, Counts)>)>,
    pub(super) claimed: U256,
}

/// Growth inside a range by its definition, from the two ends; a tick that is not there takes all
/// growth as below it.
fn inside(pool: &Pool, range: TickRange) -> [U256; 2] {
    let global = pool.fee_growth_global().map(|growth| growth.0);
    let below = |tick: Tick| match pool.tick_info(tick) {
        None => global,
        Some(info) => {
            let outside = info.fee_growth_outside.map(|growth| growth.0);
            if pool.tick() >= tick {
                outside
            } else {
                [0, 1].map(|place| global[place].wrapping_sub(outside[place]))
            }
        }
    };
    let (lower, upper) = (below(range.lower), below(range.upper));
    [0, 1].map(|place| upper[place].wrapping_sub(lower[place]))
}

impl Naive {
    pub(super) fn new(terms: MerklTerms, schedule: MerklSchedule) -> Self {
        let (before, swaps) = (Vec::new(), Vec::new());
        Self { terms, schedule, refused: 0, before, swaps, claimed: U256::ZERO }
    }

    /// Keeps what grew so far inside every position's range.
    pub(super) fn before(&mut self, market: &ConcentratedMarket) {
        self.before.clear();
        self.refused = market.counts().reverted_with_us;
        let pool = market.pool();
        // A market gives each of ours an owner that begins with two bytes of ones.
        for (key, position) in pool.positions() {
            let owner = Some(key.owner.0).filter(|owner| owner[..2] != [0xff; 2]);
            let grown = inside(pool, key.range);
            self.before.push((owner, key.range, position.liquidity, grown));
        }
        if market.footprint() == Footprint::PriceTaker {
            for own in market.own() {
                let grown = self.worth_of(market, own.id);
                self.before.push((None, own.range, own.liquidity, grown));
            }
        }
    }

    /// A price-taker's fees so far: of these ranges the pool keeps no growth.
    fn worth_of(&self, market: &ConcentratedMarket, id: PositionId) -> [U256; 2] {
        let own = market.own_growth().find(|(own, _)| own.id == id).expect("watched");
        own.1.map(|growth| growth.0)
    }

    /// Counts a swap.
    pub(super) fn after(&mut self, event: &TapeEvent, market: &ConcentratedMarket) {
        let end = self.terms.start.0 + self.terms.duration_seconds;
        let is_swap = matches!(event.event, PoolEvent::Swap { .. });
        let is_refused = market.counts().reverted_with_us != self.refused;
        if !is_swap || is_refused || !(self.terms.start.0..end).contains(&event.time.0) {
            return;
        }
        let pool = market.pool();
        let mut watched = market.own_growth().map(|(_, growth)| growth.map(|growth| growth.0));
        let mut counted = Vec::new();
        for (owner, range, liquidity, before) in &self.before {
            let is_watched = owner.is_none() && market.footprint() == Footprint::PriceTaker;
            let after = if is_watched { watched.next().unwrap() } else { inside(pool, *range) };
            if liquidity.is_zero() {
                continue;
            }
            let is_in_range = range.lower <= pool.tick() && pool.tick() < range.upper;
            if !is_in_range && !self.terms.is_out_of_range_incentivized {
                continue;
            }
            let grown = [0, 1].map(|place| after[place].wrapping_sub(before[place]));
            let parts =
                grown.map(|grown| mul_div(grown, U256::from(liquidity.0), FEE_PARTS).unwrap());
            let root = pool.sqrt_price().to_x96();
            let in1 = mul_div(mul_div(parts[0], root, Q96).unwrap(), root, Q96).unwrap();
            let held = pool.amounts_of(*range, *liquidity, Rounding::Down).unwrap();
            counted.push((*owner, [in1 + parts[1], held.amount0.0, held.amount1.0]));
        }
        self.swaps.push((event.time.0, counted));
    }

    /// What we could claim now, counted from the beginning.
    pub(super) fn claimable(&self, now: Timestamp) -> Amount {
        let MerklTerms { amount, start: Timestamp(start), duration_seconds, .. } = self.terms;
        let due = |at: u64| amount.0 * U256::from(at - start) / U256::from(duration_seconds);
        let (mut from, mut earned) = (start, U256::ZERO);
        while from < start + duration_seconds {
            let until = (from + self.schedule.interval_seconds).min(start + duration_seconds);
            if until + self.schedule.delay_seconds > now.0 {
                break;
            }
            earned += self.of_interval(from..until, due(until) - due(from));
            from = until;
        }
        Amount(earned - self.claimed)
    }

    fn of_interval(&self, interval: std::ops::Range<u64>, due: U256) -> U256 {
        let swaps = self.swaps.iter().filter(|(at, _)| interval.contains(at));
        let held: Vec<_> = swaps.flat_map(|(_, counted)| counted).collect();
        let sum = |owner: Option<Owner>, place: usize| {
            let of_owner = held.iter().filter(|(of, _)| owner.is_none_or(|owner| owner == *of));
            of_owner.fold(U256::ZERO, |sum, (_, counts)| sum + counts[place])
        };
        let MerklWeights { fees, amount0, amount1 } = self.terms.weights;
        let owners: BTreeSet<Owner> = held.iter().map(|(owner, _)| *owner).collect();
        let mut scores = BTreeMap::new();
        for owner in owners {
            let mut score = U256::ZERO;
            for (place, weight) in [fees, amount0, amount1].into_iter().enumerate() {
                let whole = sum(None, place);
                if !whole.is_zero() {
                    let weight = U256::from(weight) * U256::from(100_000_000_000_000_u64);
                    score += weight * sum(Some(owner), place) / whole;
                }
            }
            scores.insert(owner, score);
        }
        let all = scores.values().fold(U256::ZERO, |sum, score| sum + score);
        let Some(ours) = scores.get(&None).filter(|_| !all.is_zero()) else { return U256::ZERO };
        let reward = due * ours / all;
        if reward > due / U256::from(10_000_000) { reward } else { U256::ZERO }
    }
}
