//! Slipstream's pool a second time, in big integers and in the order of the contract's sentences;
//! nothing is shared with the model but the prices of ticks, which the v3 bytecode proves.

use std::collections::BTreeMap;

use num_bigint::BigUint as Nat;
use tidemill_amm::concentrated::sqrt_price_at_tick;
use tidemill_units::{Tick, U256};

type Two = [Nat; 2];
/// An answer, or the reason of a revert.
pub(super) type Answer<T> = Result<T, &'static str>;
/// Owner, lower tick, upper tick.
pub(super) type Key = (u8, i32, i32);

pub(super) const NFT: u8 = 1;
pub(super) const GAUGE: u8 = 2;

#[derive(Clone, Debug, Default)]
pub(super) struct NaiveTick {
    pub(super) gross: u128,
    pub(super) net: i128,
    pub(super) staked_net: i128,
    pub(super) outside: Two,
}

#[derive(Clone, Debug, Default)]
pub(super) struct NaivePosition {
    pub(super) liquidity: u128,
    pub(super) inside: Two,
    pub(super) owed: [u128; 2],
}

#[derive(Clone, Debug, Default)]
pub(super) struct NaivePool {
    pub(super) fee: u32,
    pub(super) unstaked_fee: u32,
    pub(super) spacing: i32,
    pub(super) most: u128,
    pub(super) price: Nat,
    pub(super) tick: i32,
    pub(super) liquidity: u128,
    pub(super) staked: u128,
    pub(super) growth: Two,
    pub(super) gauge_fees: [u128; 2],
    pub(super) ticks: BTreeMap<i32, NaiveTick>,
    pub(super) positions: BTreeMap<Key, NaivePosition>,
    /// When the last observation was written, and which it is.
    pub(super) observed: u32,
    pub(super) index: u16,
    pub(super) cardinality: u16,
    pub(super) cardinality_next: u16,
}

pub(super) fn nat(value: u128) -> Nat {
    Nat::from(value)
}

pub(super) fn nat_of(value: U256) -> Nat {
    Nat::from_bytes_be(&value.to_be_bytes::<32>())
}

fn pow(bits: u32) -> Nat {
    nat(1) << bits
}

fn wrap(value: Nat, bits: u32) -> Nat {
    value % pow(bits)
}

fn low_128(value: &Nat) -> u128 {
    u128::try_from(value % pow(128)).unwrap()
}

/// `a - b` modulo 2^256.
fn less(a: &Nat, b: &Nat) -> Nat {
    wrap(a + pow(256) - b, 256)
}

fn ceil(numerator: Nat, denominator: &Nat) -> Nat {
    (numerator + denominator - nat(1)) / denominator
}

pub(super) fn price_at(tick: i32) -> Nat {
    nat_of(sqrt_price_at_tick(Tick(tick)).unwrap().to_x96())
}

fn tick_at(price: &Nat) -> i32 {
    let (mut low, mut high) = (Tick::MIN.0, Tick::MAX.0);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if price_at(middle) <= *price { low = middle } else { high = middle }
    }
    low
}

fn add_delta(liquidity: u128, delta: i128) -> Answer<u128> {
    if delta < 0 {
        liquidity.checked_sub(delta.unsigned_abs()).ok_or("LS")
    } else {
        liquidity.checked_add(delta.unsigned_abs()).ok_or("LA")
    }
}

fn amount0(low: &Nat, high: &Nat, liquidity: u128, up: bool) -> Nat {
    let numerator = (nat(liquidity) << 96) * (high - low);
    if up { ceil(ceil(numerator, high), low) } else { numerator / high / low }
}

fn amount1(low: &Nat, high: &Nat, liquidity: u128, up: bool) -> Nat {
    let numerator = nat(liquidity) * (high - low);
    if up { ceil(numerator, &pow(96)) } else { numerator >> 96 }
}

struct Step {
    price: Nat,
    input: Nat,
    output: Nat,
    fee: Nat,
}

impl NaivePool {
    pub(super) fn start(&mut self, price: Nat, now: u32) {
        self.tick = tick_at(&price);
        self.price = price;
        (self.observed, self.index, self.cardinality, self.cardinality_next) = (now, 0, 1, 1);
    }

    fn observe(&mut self, now: u32) {
        if self.observed.wrapping_add(14) >= now {
            return;
        }
        if self.cardinality_next > self.cardinality && self.index == self.cardinality - 1 {
            self.cardinality = self.cardinality_next;
        }
        self.index = (self.index + 1) % self.cardinality;
        self.observed = now;
    }

    fn inside(&self, lower: i32, upper: i32) -> Two {
        [0, 1].map(|token| {
            let outside = |tick: i32| {
                self.ticks.get(&tick).map_or(nat(0), |found| found.outside[token].clone())
            };
            let all = &self.growth[token];
            let below =
                if self.tick >= lower { outside(lower) } else { less(all, &outside(lower)) };
            let above = if self.tick < upper { outside(upper) } else { less(all, &outside(upper)) };
            less(&less(all, &below), &above)
        })
    }

    fn updated(&self, key: Key, delta: i128, inside: &Two, staked: bool) -> Answer<NaivePosition> {
        let mut position = self.positions.get(&key).cloned().unwrap_or_default();
        let before = position.liquidity;
        if delta == 0 && before == 0 {
            return Err("NP");
        }
        position.liquidity = add_delta(before, delta)?;
        for (token, inside) in inside.iter().enumerate() {
            let earned: Nat = (less(inside, &position.inside[token]) * nat(before)) >> 128;
            if !staked {
                position.owed[token] = position.owed[token].wrapping_add(low_128(&earned));
            }
            position.inside[token] = inside.clone();
        }
        Ok(position)
    }

    fn update_tick(&mut self, tick: i32, delta: i128, upper: bool) -> Answer<()> {
        let (now, growth, most) = (self.tick, self.growth.clone(), self.most);
        let entry = self.ticks.entry(tick).or_default();
        let gross = add_delta(entry.gross, delta)?;
        if gross > most {
            return Err("LO");
        }
        if entry.gross == 0 && tick <= now {
            entry.outside = growth;
        }
        if (entry.gross == 0) != (gross == 0) && tick % self.spacing != 0 {
            return Err("");
        }
        entry.gross = gross;
        entry.net = if upper { entry.net - delta } else { entry.net + delta };
        Ok(())
    }

    /// What the liquidity is worth, with its position's fees brought up to date.
    pub(super) fn modify(&mut self, key: Key, delta: i128, now: u32) -> Answer<Two> {
        let (_, lower, upper) = key;
        if lower >= upper {
            return Err("TLU");
        }
        if lower < Tick::MIN.0 {
            return Err("TLM");
        }
        if upper > Tick::MAX.0 {
            return Err("TUM");
        }
        let before = self.clone();
        let result = self.modify_checked(key, delta, now);
        if result.is_err() {
            *self = before;
        }
        result
    }

    fn modify_checked(&mut self, key: Key, delta: i128, now: u32) -> Answer<Two> {
        let (owner, lower, upper) = key;
        if delta != 0 {
            self.update_tick(lower, delta, false)?;
            self.update_tick(upper, delta, true)?;
        }
        let inside = self.inside(lower, upper);
        let position = self.updated(key, delta, &inside, owner == GAUGE)?;
        self.positions.insert(key, position);
        self.ticks.retain(|_, tick| tick.gross != 0);
        let (size, up) = (delta.unsigned_abs(), delta > 0);
        let (low, high) = (price_at(lower), price_at(upper));
        if delta == 0 {
            return Ok(Two::default());
        }
        Ok(if self.tick < lower {
            [amount0(&low, &high, size, up), nat(0)]
        } else if self.tick < upper {
            self.observe(now);
            self.liquidity = add_delta(self.liquidity, delta)?;
            let price = &self.price;
            [amount0(price, &high, size, up), amount1(&low, price, size, up)]
        } else {
            [nat(0), amount1(&low, &high, size, up)]
        })
    }

    pub(super) fn credit(&mut self, key: Key, amounts: &Two) {
        let position = self.positions.get_mut(&key).unwrap();
        for (owed, amount) in position.owed.iter_mut().zip(amounts) {
            *owed = owed.wrapping_add(low_128(amount));
        }
    }

    pub(super) fn collect(&mut self, key: Key, requested: [u128; 2]) -> Two {
        let Some(position) = self.positions.get_mut(&key) else { return Two::default() };
        [0, 1].map(|token| {
            let paid = requested[token].min(position.owed[token]);
            position.owed[token] -= paid;
            nat(paid)
        })
    }

    pub(super) fn stake(
        &mut self,
        (lower, upper): (i32, i32),
        delta: i128,
        moves_position: bool,
    ) -> Answer<()> {
        let before = self.clone();
        let result = self.stake_unchecked((lower, upper), delta, moves_position);
        if result.is_err() {
            *self = before;
        }
        result
    }

    fn stake_unchecked(
        &mut self,
        (lower, upper): (i32, i32),
        delta: i128,
        moves_position: bool,
    ) -> Answer<()> {
        if self.tick >= lower && self.tick < upper {
            self.staked = add_delta(self.staked, delta)?;
        }
        if moves_position {
            let inside = self.inside(lower, upper);
            let (from, to) = ((NFT, lower, upper), (GAUGE, lower, upper));
            let position = self.updated(from, -delta, &inside, false)?;
            self.positions.insert(from, position);
            let position = self.updated(to, delta, &inside, true)?;
            self.positions.insert(to, position);
        }
        if let Some(tick) = self.ticks.get_mut(&lower) {
            tick.staked_net += delta;
        }
        if let Some(tick) = self.ticks.get_mut(&upper) {
            tick.staked_net -= delta;
        }
        Ok(())
    }

    pub(super) fn collect_gauge_fees(&mut self) -> Two {
        [0, 1].map(|token| {
            let paid = self.gauge_fees[token].saturating_sub(1);
            self.gauge_fees[token] -= paid;
            nat(paid)
        })
    }

    /// Growth for liquidity that is not staked, and the gauge's part.
    fn calculate_fees(&self, fee: &Nat, liquidity: u128, staked: u128) -> (Nat, Nat) {
        let levy = |rest: Nat| ceil(rest * nat(u128::from(self.unstaked_fee)), &nat(1_000_000));
        if liquidity == staked {
            (nat(0), fee.clone())
        } else if staked == 0 {
            let levied = levy(fee.clone());
            (((fee - &levied) << 128) / nat(liquidity), levied)
        } else {
            let of_staked = ceil(fee * nat(staked), &nat(liquidity));
            let rest = fee - &of_staked;
            let levied = levy(rest.clone());
            (((rest - &levied) << 128) / nat(liquidity - staked), of_staked + levied)
        }
    }

    pub(super) fn flash(&mut self, loan: &Two, paid: &Two) -> Answer<()> {
        if self.liquidity == 0 {
            return Err("L");
        }
        let due = |amount: &Nat| ceil(amount * nat(u128::from(self.fee)), &nat(1_000_000));
        if paid[0] < due(&loan[0]) {
            return Err("F0");
        }
        if paid[1] < due(&loan[1]) {
            return Err("F1");
        }
        let parts =
            [0, 1].map(|token| self.calculate_fees(&paid[token], self.liquidity, self.staked));
        if parts.iter().any(|(growth, _)| *growth >= pow(256)) {
            return Err("");
        }
        for (token, (growth, gauge)) in parts.iter().enumerate() {
            self.growth[token] = wrap(&self.growth[token] + growth, 256);
            self.gauge_fees[token] = self.gauge_fees[token].wrapping_add(low_128(gauge));
        }
        Ok(())
    }

    /// The next tick to stop at, and whether it is initialized.
    fn next(&self, tick: i32, down: bool) -> (i32, bool) {
        let compressed = tick.div_euclid(self.spacing);
        if down {
            let first = compressed.div_euclid(256) * 256 * self.spacing;
            let found = self.ticks.range(first..=tick).next_back();
            (found.map_or(first, |(tick, _)| *tick).max(Tick::MIN.0), found.is_some())
        } else {
            let last = ((compressed + 1).div_euclid(256) * 256 + 255) * self.spacing;
            let found = self.ticks.range(tick + 1..=last).next();
            (found.map_or(last, |(tick, _)| *tick).min(Tick::MAX.0), found.is_some())
        }
    }

    pub(super) fn swap(
        &mut self,
        down: bool,
        (amount, exact_in): (&Nat, bool),
        limit: &Nat,
        now: u32,
    ) -> Answer<Two> {
        if *amount == nat(0) {
            return Err("AS");
        }
        let ahead = if down { *limit < self.price } else { *limit > self.price };
        let (first, last) = (price_at(Tick::MIN.0), price_at(Tick::MAX.0));
        if !ahead || if down { *limit <= first } else { *limit >= last } {
            return Err("SPL");
        }
        let before = self.clone();
        let result = self.walk(down, (amount, exact_in), limit);
        match result {
            Err(_) => *self = before,
            Ok(_) if self.tick != before.tick => self.observe(now),
            Ok(_) => {}
        }
        result
    }

    fn walk(&mut self, down: bool, (amount, exact_in): (&Nat, bool), limit: &Nat) -> Answer<Two> {
        let token = usize::from(!down);
        let (mut left, mut other) = (amount.clone(), nat(0));
        while left != nat(0) && self.price != *limit {
            let (next, initialized) = self.next(self.tick, down);
            let stop = price_at(next);
            let target = if down {
                stop.clone().max(limit.clone())
            } else {
                stop.clone().min(limit.clone())
            };
            let step = self.step(&target, down, &left, exact_in)?;
            let paid = &step.input + &step.fee;
            if exact_in {
                left -= paid;
                other += step.output;
            } else {
                left -= step.output;
                other += paid;
            }
            if self.liquidity > 0 {
                let (growth, gauge) = self.calculate_fees(&step.fee, self.liquidity, self.staked);
                self.growth[token] = wrap(&self.growth[token] + growth, 256);
                self.gauge_fees[token] = self.gauge_fees[token].wrapping_add(low_128(&gauge));
            }
            let moved = step.price != self.price;
            self.price = step.price;
            if self.price == stop {
                if initialized {
                    let growth = self.growth.clone();
                    let entry = self.ticks.get_mut(&next).unwrap();
                    for (outside, all) in entry.outside.iter_mut().zip(&growth) {
                        *outside = less(all, outside);
                    }
                    let sign = if down { -1 } else { 1 };
                    let (net, staked_net) = (sign * entry.net, sign * entry.staked_net);
                    self.liquidity = add_delta(self.liquidity, net)?;
                    self.staked = add_delta(self.staked, staked_net)?;
                }
                self.tick = if down { next - 1 } else { next };
            } else if moved {
                self.tick = tick_at(&self.price);
            }
        }
        let spent = amount - left;
        let (paid, received) = if exact_in { (spent, other) } else { (other, spent) };
        Ok(if down { [paid, received] } else { [received, paid] })
    }

    fn step(&self, target: &Nat, down: bool, left: &Nat, exact_in: bool) -> Answer<Step> {
        let (price, liquidity) = (&self.price, self.liquidity);
        let (fee, million) = (nat(u128::from(self.fee)), nat(1_000_000));
        let input = |from: &Nat, to: &Nat| {
            if down {
                amount0(to, from, liquidity, true)
            } else {
                amount1(from, to, liquidity, true)
            }
        };
        let output = |from: &Nat, to: &Nat| {
            if down {
                amount1(to, from, liquidity, false)
            } else {
                amount0(from, to, liquidity, false)
            }
        };
        let next = if exact_in {
            let budget = left * (&million - &fee) / &million;
            if budget >= input(price, target) {
                target.clone()
            } else if down {
                self.after_token0_in(&budget)
            } else {
                price + (budget << 96) / nat(liquidity)
            }
        } else if *left >= output(price, target) {
            target.clone()
        } else if down {
            price - ceil(left << 96, &nat(liquidity))
        } else {
            let whole = nat(liquidity) << 96;
            let product = left * price;
            if product >= whole {
                return Err("");
            }
            ceil(&whole * price, &(&whole - product))
        };
        let reached = next == *target;
        let (input, mut output) = (input(price, &next), output(price, &next));
        if !exact_in && output > *left {
            output = left.clone();
        }
        let fee = if exact_in && !reached {
            left - &input
        } else {
            ceil(&input * &fee, &(million - &fee))
        };
        Ok(Step { price: next, input, output, fee })
    }

    fn after_token0_in(&self, amount: &Nat) -> Nat {
        if *amount == nat(0) {
            return self.price.clone();
        }
        let whole: Nat = nat(self.liquidity) << 96;
        let product = amount * &self.price;
        if product < pow(256) && &whole + &product < pow(256) {
            ceil(&whole * &self.price, &(&whole + product))
        } else {
            ceil(whole.clone(), &(whole / &self.price + amount))
        }
    }
}
