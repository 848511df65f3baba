//! A pool in big integers, written line by line after the contract and as slowly as it reads.

#![allow(clippy::needless_range_loop, reason = "tokens go by number, as in the contract")]

use std::collections::BTreeMap;

use num_bigint::BigInt;

/// How a call failed: the contract's word for it, or `11` and `12` for its panics.
pub(super) type Failure = &'static str;
type Number = Result<BigInt, Failure>;

const OVERFLOW: Failure = "11";
const ZERO_DIVISION: Failure = "12";

/// Holders go by number: 0 is the one that is locked, 1 the pool itself.
pub(super) const LOCKED: usize = 0;
pub(super) const POOL: usize = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) shares: BigInt,
    pub(super) index: [BigInt; 2],
    pub(super) claimable: [BigInt; 2],
}

#[derive(Clone, Debug)]
pub(super) struct Naive {
    pub(super) velodrome: bool,
    pub(super) stable: bool,
    pub(super) fee: u32,
    pub(super) unit: [BigInt; 2],
    pub(super) reserve: [BigInt; 2],
    pub(super) balance: [BigInt; 2],
    pub(super) cumulative: [BigInt; 2],
    pub(super) last: u64,
    pub(super) index: [BigInt; 2],
    pub(super) fees: [BigInt; 2],
    pub(super) supply: BigInt,
    pub(super) holders: BTreeMap<usize, Holder>,
}

fn big(value: u64) -> BigInt {
    BigInt::from(value)
}

fn wad() -> BigInt {
    big(1_000_000_000_000_000_000)
}

/// A checked word.
fn word(value: BigInt) -> Number {
    let zero = big(0);
    if value < zero || value.bits() > 256 { Err(OVERFLOW) } else { Ok(value) }
}

fn div(value: BigInt, by: &BigInt) -> Number {
    if *by == big(0) { Err(ZERO_DIVISION) } else { Ok(value / by) }
}

impl Naive {
    fn k(&self, x: &BigInt, y: &BigInt) -> Number {
        if !self.stable {
            return word(x * y);
        }
        let x = div(word(x * wad())?, &self.unit[0])?;
        let y = div(word(y * wad())?, &self.unit[1])?;
        let a = word(&x * &y)? / wad();
        let b = word(word(&x * &x)? / wad() + word(&y * &y)? / wad())?;
        Ok(word(a * b)? / wad())
    }

    fn f(&self, x0: &BigInt, y: &BigInt) -> Number {
        if self.velodrome {
            let a = word(x0 * y)? / wad();
            let b = word(word(x0 * x0)? / wad() + word(y * y)? / wad())?;
            return Ok(word(a * b)? / wad());
        }
        let y3 = word(word(y * y)? / wad() * y)? / wad();
        let x3 = word(word(x0 * x0)? / wad() * x0)? / wad();
        word(word(x0 * y3)? / wad() + word(x3 * y)? / wad())
    }

    fn d(x0: &BigInt, y: &BigInt) -> Number {
        let first = word(word(big(3) * x0)? * (word(y * y)? / wad()))? / wad();
        let second = word(word(x0 * x0)? / wad() * x0)? / wad();
        word(first + second)
    }

    fn get_y(&self, x0: &BigInt, xy: &BigInt, start: &BigInt) -> Number {
        let mut y = start.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let k = self.f(x0, &y)?;
            let mut step = if k < *xy {
                div(word((xy - &k) * wad())?, &Self::d(x0, &y)?)?
            } else {
                div(word((&k - xy) * wad())?, &Self::d(x0, &y)?)?
            };
            if self.velodrome && step == big(0) {
                if k < *xy {
                    if self.k(x0, &word(&y + 1)?)? > *xy {
                        return Ok(y + 1);
                    }
                } else if k == *xy || self.f(x0, &word(&y - 1)?)? < *xy {
                    return Ok(y);
                }
                step = big(1);
            }
            y = if k < *xy { word(y + step)? } else { word(y - step)? };
            let moved = if y > previous { &y - &previous } else { &previous - &y };
            if !self.velodrome && moved <= big(1) {
                return Ok(y);
            }
        }
        if self.velodrome { Err("!y") } else { Ok(y) }
    }

    pub(super) fn amount_out(&self, amount_in: &BigInt, input: usize) -> Number {
        let output = 1 - input;
        let amount = word(amount_in - self.fee_of(amount_in)?)?;
        if !self.stable {
            let numerator = word(&amount * &self.reserve[output])?;
            return div(numerator, &word(&self.reserve[input] + amount)?);
        }
        let xy = self.k(&self.reserve[0], &self.reserve[1])?;
        let scaled = |amount: &BigInt, token: usize| div(word(amount * wad())?, &self.unit[token]);
        let reserves = [scaled(&self.reserve[0], 0)?, scaled(&self.reserve[1], 1)?];
        let x = word(scaled(&amount, input)? + &reserves[input])?;
        let y = word(&reserves[output] - self.get_y(&x, &xy, &reserves[output])?)?;
        Ok(word(y * &self.unit[output])? / wad())
    }

    fn fee_of(&self, amount: &BigInt) -> Number {
        let product = amount * self.fee;
        let product = if self.velodrome || self.fee != 1 { word(product)? } else { product };
        Ok(product / 10_000)
    }

    fn update_for(&mut self, holder: usize) -> Result<(), Failure> {
        let index = self.index.clone();
        let record = self.holders.entry(holder).or_default();
        if record.shares > big(0) {
            for token in 0..2 {
                let growth = word(&index[token] - &record.index[token])?;
                let part = word(&record.shares * growth)? / wad();
                record.claimable[token] = word(&record.claimable[token] + part)?;
            }
        }
        record.index = index;
        Ok(())
    }

    fn mint_shares(&mut self, to: usize, shares: &BigInt) -> Result<(), Failure> {
        self.update_for(to)?;
        self.supply = word(&self.supply + shares)?;
        let record = self.holders.entry(to).or_default();
        record.shares = word(&record.shares + shares)?;
        Ok(())
    }

    fn update(&mut self, now: u64) -> Result<(), Failure> {
        let elapsed = now.checked_sub(self.last).ok_or(OVERFLOW)?;
        if elapsed > 0 && self.reserve.iter().all(|reserve| *reserve != big(0)) {
            for token in 0..2 {
                let seconds = word(&self.reserve[token] * elapsed)?;
                self.cumulative[token] = word(&self.cumulative[token] + seconds)?;
            }
        }
        self.reserve = self.balance.clone();
        self.last = now;
        Ok(())
    }

    pub(super) fn mint(&mut self, to: usize, now: u64) -> Number {
        let amount = [0, 1].map(|token| &self.balance[token] - &self.reserve[token]);
        let shares = if self.supply == big(0) {
            let shares = word(word(&amount[0] * &amount[1])?.sqrt() - 1000)?;
            self.mint_shares(LOCKED, &big(1000))?;
            if self.velodrome && self.stable {
                let scaled = |token: usize| div(word(&amount[token] * wad())?, &self.unit[token]);
                if scaled(0)? != scaled(1)? {
                    return Err("DepositsNotEqual");
                }
                if self.k(&amount[0], &amount[1])? <= big(10_000_000_000) {
                    return Err("BelowMinimumK");
                }
            }
            shares
        } else {
            let by0 = div(word(&amount[0] * &self.supply)?, &self.reserve[0])?;
            let by1 = div(word(&amount[1] * &self.supply)?, &self.reserve[1])?;
            by0.min(by1)
        };
        if shares == big(0) {
            return Err(if self.velodrome { "InsufficientLiquidityMinted" } else { "ILM" });
        }
        self.mint_shares(to, &shares)?;
        self.update(now)?;
        Ok(shares)
    }

    pub(super) fn burn(&mut self, outside: bool, now: u64) -> Result<[BigInt; 2], Failure> {
        let shares = self.holders.get(&POOL).map_or_else(|| big(0), |pool| pool.shares.clone());
        let amount0 = div(word(&shares * &self.balance[0])?, &self.supply)?;
        let amount1 = div(word(&shares * &self.balance[1])?, &self.supply)?;
        if amount0 == big(0) || amount1 == big(0) {
            return Err(if self.velodrome { "InsufficientLiquidityBurned" } else { "ILB" });
        }
        self.update_for(POOL)?;
        self.holders.entry(POOL).or_default().shares = big(0);
        self.supply -= shares;
        if outside {
            self.balance[0] -= &amount0;
            self.balance[1] -= &amount1;
        }
        self.update(now)?;
        Ok([amount0, amount1])
    }

    pub(super) fn swap(
        &mut self,
        out: &[BigInt; 2],
        outside: bool,
        paid: &[BigInt; 2],
        now: u64,
    ) -> Result<[BigInt; 2], Failure> {
        let named = |first: Failure, second: Failure| if self.velodrome { second } else { first };
        if out[0] == big(0) && out[1] == big(0) {
            return Err(named("IOA", "InsufficientOutputAmount"));
        }
        if out[0] >= self.reserve[0] || out[1] >= self.reserve[1] {
            return Err(named("IL", "InsufficientLiquidity"));
        }
        let no_input = named("IIA", "InsufficientInputAmount");
        for token in 0..2 {
            if outside {
                self.balance[token] -= &out[token];
            }
            self.balance[token] = word(&self.balance[token] + &paid[token])?;
        }
        let came_in = [0, 1].map(|token| {
            let left = &self.reserve[token] - &out[token];
            if self.balance[token] > left { &self.balance[token] - left } else { big(0) }
        });
        if came_in[0] == big(0) && came_in[1] == big(0) {
            return Err(no_input);
        }
        for token in 0..2 {
            if came_in[token] == big(0) {
                continue;
            }
            let fee = self.fee_of(&came_in[token])?;
            if self.velodrome && fee == big(0) {
                continue;
            }
            self.balance[token] -= &fee;
            self.fees[token] += &fee;
            let per_share = div(word(fee * wad())?, &self.supply)?;
            self.index[token] = word(&self.index[token] + per_share)?;
        }
        let after = self.k(&self.balance[0], &self.balance[1])?;
        if after < self.k(&self.reserve[0], &self.reserve[1])? {
            return Err("K");
        }
        self.update(now)?;
        Ok(came_in)
    }

    pub(super) fn skim(&mut self, outside: bool) {
        if outside {
            self.balance = self.reserve.clone();
        }
    }

    pub(super) fn sync(&mut self, now: u64) -> Result<(), Failure> {
        self.update(now)
    }

    pub(super) fn transfer(
        &mut self,
        from: usize,
        to: usize,
        shares: &BigInt,
    ) -> Result<(), Failure> {
        self.update_for(from)?;
        self.update_for(to)?;
        let sender = self.holders.entry(from).or_default();
        if sender.shares < *shares {
            let reason = "ERC20: transfer amount exceeds balance";
            return Err(if self.velodrome { reason } else { OVERFLOW });
        }
        sender.shares -= shares;
        self.holders.entry(to).or_default().shares += shares;
        Ok(())
    }

    pub(super) fn claim(&mut self, holder: usize) -> Result<[BigInt; 2], Failure> {
        self.update_for(holder)?;
        let record = self.holders.entry(holder).or_default();
        let claimed = std::mem::take(&mut record.claimable);
        for token in 0..2 {
            self.fees[token] = word(&self.fees[token] - &claimed[token])?;
        }
        Ok(claimed)
    }
}
