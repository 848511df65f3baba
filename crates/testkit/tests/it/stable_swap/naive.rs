//! A second model of the two later generations: the contracts' statements one by one in big
//! integers, each checked as Vyper checks it. Slow and plain on purpose.

use num_bigint::BigInt;

/// How a call fails: with the contract's reason, empty where it gives none.
pub(super) type Outcome<T> = Result<T, &'static str>;

/// A pool of the second generation, or with `hundredths` of the third.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Naive {
    pub(super) hundredths: bool,
    pub(super) multipliers: Vec<BigInt>,
    pub(super) balances: Vec<BigInt>,
    pub(super) holdings: Vec<BigInt>,
    pub(super) supply: BigInt,
    pub(super) initial_a: BigInt,
    pub(super) future_a: BigInt,
    pub(super) initial_time: BigInt,
    pub(super) future_time: BigInt,
    pub(super) fee: BigInt,
    pub(super) admin_fee: BigInt,
    pub(super) future_fee: BigInt,
    pub(super) future_admin_fee: BigInt,
    pub(super) deadline: BigInt,
    pub(super) kill_deadline: BigInt,
    pub(super) killed: bool,
}

pub(super) fn n(number: u64) -> BigInt {
    BigInt::from(number)
}

fn fits(number: BigInt) -> Outcome<BigInt> {
    if number < n(0) || number.bits() > 256 { Err("") } else { Ok(number) }
}

fn add(a: &BigInt, b: &BigInt) -> Outcome<BigInt> {
    fits(a + b)
}

fn sub(a: &BigInt, b: &BigInt) -> Outcome<BigInt> {
    fits(a - b)
}

fn mul(a: &BigInt, b: &BigInt) -> Outcome<BigInt> {
    fits(a * b)
}

fn div(a: &BigInt, b: &BigInt) -> Outcome<BigInt> {
    if *b == n(0) { Err("") } else { Ok(a / b) }
}

fn apart(a: &BigInt, b: &BigInt) -> BigInt {
    if a > b { a - b } else { b - a }
}

fn require(holds: bool) -> Outcome<()> {
    if holds { Ok(()) } else { Err("") }
}

const UNIT: u64 = 1_000_000_000_000_000_000;
const FEE_UNIT: u64 = 10_000_000_000;
const A_DAY: u64 = 86_400;

impl Naive {
    fn coins(&self) -> BigInt {
        BigInt::from(self.balances.len())
    }

    fn a_unit(&self) -> BigInt {
        n(if self.hundredths { 100 } else { 1 })
    }

    fn rate(&self, i: usize) -> BigInt {
        &self.multipliers[i] * n(UNIT)
    }

    pub(super) fn amp(&self, now: &BigInt) -> Outcome<BigInt> {
        if now >= &self.future_time {
            return Ok(self.future_a.clone());
        }
        let elapsed = sub(now, &self.initial_time)?;
        let span = sub(&self.future_time, &self.initial_time)?;
        if self.future_a > self.initial_a {
            let step = div(&mul(&sub(&self.future_a, &self.initial_a)?, &elapsed)?, &span)?;
            add(&self.initial_a, &step)
        } else {
            let step = div(&mul(&sub(&self.initial_a, &self.future_a)?, &elapsed)?, &span)?;
            sub(&self.initial_a, &step)
        }
    }

    fn xp(&self, balances: &[BigInt]) -> Outcome<Vec<BigInt>> {
        let one = |(i, balance)| div(&mul(&self.rate(i), balance)?, &n(UNIT));
        balances.iter().enumerate().map(one).collect()
    }

    fn d(&self, xp: &[BigInt], amp: &BigInt) -> Outcome<BigInt> {
        let coins = self.coins();
        let unit = self.a_unit();
        let mut s = n(0);
        for x in xp {
            s = add(&s, x)?;
        }
        if s == n(0) {
            return Ok(s);
        }
        let mut d = s.clone();
        let ann = mul(amp, &coins)?;
        for _ in 0..255 {
            let mut dp = d.clone();
            for x in xp {
                dp = div(&mul(&dp, &d)?, &mul(x, &coins)?)?;
            }
            let previous = d.clone();
            let top = add(&div(&mul(&ann, &s)?, &unit)?, &mul(&dp, &coins)?)?;
            let slope = div(&mul(&sub(&ann, &unit)?, &d)?, &unit)?;
            let bottom = add(&slope, &mul(&add(&coins, &n(1))?, &dp)?)?;
            d = div(&mul(&top, &d)?, &bottom)?;
            if apart(&d, &previous) <= n(1) {
                return Ok(d);
            }
        }
        if self.hundredths { Err("") } else { Ok(d) }
    }

    fn d_of(&self, balances: &[BigInt], amp: &BigInt) -> Outcome<BigInt> {
        self.d(&self.xp(balances)?, amp)
    }

    /// The balance of `j` that goes with `d` and the others.
    fn y(&self, amp: &BigInt, xp: &[BigInt], j: usize, d: &BigInt) -> Outcome<BigInt> {
        let coins = self.coins();
        let unit = self.a_unit();
        let ann = mul(amp, &coins)?;
        let mut c = d.clone();
        let mut s = n(0);
        for (i, x) in xp.iter().enumerate() {
            if i == j {
                continue;
            }
            s = add(&s, x)?;
            c = div(&mul(&c, d)?, &mul(x, &coins)?)?;
        }
        c = div(&mul(&mul(&c, d)?, &unit)?, &mul(&ann, &coins)?)?;
        let b = add(&s, &div(&mul(d, &unit)?, &ann)?)?;
        let mut y = d.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let bottom = sub(&add(&mul(&n(2), &y)?, &b)?, d)?;
            y = div(&add(&mul(&y, &y)?, &c)?, &bottom)?;
            if apart(&y, &previous) <= n(1) {
                return Ok(y);
            }
        }
        if self.hundredths { Err("") } else { Ok(y) }
    }

    /// The output in scaled units, without the unit that is kept back.
    fn scaled_dy(&self, i: usize, j: usize, dx: &BigInt, now: &BigInt) -> Outcome<BigInt> {
        let count = self.balances.len();
        require(i != j && i < count && j < count)?;
        let xp = self.xp(&self.balances)?;
        let x = add(&xp[i], &div(&mul(dx, &self.rate(i))?, &n(UNIT))?)?;
        let amp = self.amp(now)?;
        let d = self.d(&xp, &amp)?;
        let mut moved = xp.clone();
        moved[i] = x;
        let y = self.y(&amp, &moved, j, &d)?;
        sub(&sub(&xp[j], &y)?, &n(1))
    }

    pub(super) fn get_dy(&self, i: usize, j: usize, dx: &BigInt, now: &BigInt) -> Outcome<BigInt> {
        let dy = self.scaled_dy(i, j, dx, now)?;
        if self.hundredths {
            let fee = div(&mul(&self.fee, &dy)?, &n(FEE_UNIT))?;
            div(&mul(&sub(&dy, &fee)?, &n(UNIT))?, &self.rate(j))
        } else {
            let dy = div(&mul(&dy, &n(UNIT))?, &self.rate(j))?;
            let fee = div(&mul(&self.fee, &dy)?, &n(FEE_UNIT))?;
            sub(&dy, &fee)
        }
    }

    pub(super) fn exchange(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigInt,
        minimum: &BigInt,
        now: &BigInt,
    ) -> Outcome<BigInt> {
        require(!self.killed)?;
        let dy = self.scaled_dy(i, j, dx, now)?;
        let dy_fee = div(&mul(&dy, &self.fee)?, &n(FEE_UNIT))?;
        let dy = div(&mul(&sub(&dy, &dy_fee)?, &n(UNIT))?, &self.rate(j))?;
        if dy < *minimum {
            return Err("Exchange resulted in fewer coins than expected");
        }
        let admin = div(&mul(&dy_fee, &self.admin_fee)?, &n(FEE_UNIT))?;
        let admin = div(&mul(&admin, &n(UNIT))?, &self.rate(j))?;
        let into = add(&self.balances[i], dx)?;
        let out = sub(&sub(&self.balances[j], &dy)?, &admin)?;
        let held = fits(&self.holdings[i] + dx)?;
        self.balances[i] = into;
        self.balances[j] = out;
        self.holdings[i] = held;
        self.holdings[j] -= &dy;
        Ok(dy)
    }

    pub(super) fn virtual_price(&self, now: &BigInt) -> Outcome<BigInt> {
        let d = self.d_of(&self.balances, &self.amp(now)?)?;
        div(&mul(&d, &n(UNIT))?, &self.supply)
    }

    pub(super) fn calc_token_amount(
        &self,
        amounts: &[BigInt],
        deposit: bool,
        now: &BigInt,
    ) -> Outcome<BigInt> {
        let amp = self.amp(now)?;
        let d0 = self.d_of(&self.balances, &amp)?;
        let mut balances = self.balances.clone();
        for (balance, amount) in balances.iter_mut().zip(amounts) {
            *balance = if deposit { add(balance, amount)? } else { sub(balance, amount)? };
        }
        let d1 = self.d_of(&balances, &amp)?;
        let change = if deposit { sub(&d1, &d0)? } else { sub(&d0, &d1)? };
        div(&mul(&change, &self.supply)?, &d0)
    }

    fn imbalance_fee(&self) -> Outcome<BigInt> {
        div(&mul(&self.fee, &self.coins())?, &(n(4) * (self.coins() - n(1))))
    }

    /// Stored balances, and those that the third invariant is of.
    fn charged(
        &self,
        new: &[BigInt],
        d0: &BigInt,
        d1: &BigInt,
    ) -> Outcome<(Vec<BigInt>, Vec<BigInt>)> {
        let fee = self.imbalance_fee()?;
        let (mut stored, mut bare) = (new.to_vec(), new.to_vec());
        for i in 0..new.len() {
            let ideal = div(&mul(d1, &self.balances[i])?, d0)?;
            let paid = div(&mul(&fee, &apart(&ideal, &new[i]))?, &n(FEE_UNIT))?;
            stored[i] = sub(&new[i], &div(&mul(&paid, &self.admin_fee)?, &n(FEE_UNIT))?)?;
            bare[i] = sub(&new[i], &paid)?;
        }
        Ok((stored, bare))
    }

    pub(super) fn add_liquidity(
        &mut self,
        amounts: &[BigInt],
        minimum: &BigInt,
        now: &BigInt,
    ) -> Outcome<BigInt> {
        require(!self.killed)?;
        let amp = self.amp(now)?;
        let first = self.supply == n(0);
        let mut d0 = n(0);
        if !first || self.hundredths {
            d0 = self.d_of(&self.balances, &amp)?;
        }
        let mut new = self.balances.clone();
        for (balance, amount) in new.iter_mut().zip(amounts) {
            require(!first || *amount > n(0))?;
            *balance = add(balance, amount)?;
        }
        let d1 = self.d_of(&new, &amp)?;
        require(d1 > d0)?;
        let (stored, minted) = if first {
            (new, d1)
        } else {
            let (stored, bare) = self.charged(&new, &d0, &d1)?;
            let d2 = self.d_of(&bare, &amp)?;
            (stored, div(&mul(&self.supply, &sub(&d2, &d0)?)?, &d0)?)
        };
        if minted < *minimum {
            return Err("Slippage screwed you");
        }
        let supply = add(&self.supply, &minted)?;
        let mut holdings = self.holdings.clone();
        for (held, amount) in holdings.iter_mut().zip(amounts) {
            *held = fits(&*held + amount)?;
        }
        self.holdings = holdings;
        self.balances = stored;
        self.supply = supply;
        Ok(minted)
    }

    pub(super) fn remove_liquidity(
        &mut self,
        shares: &BigInt,
        minimums: &[BigInt],
    ) -> Outcome<Vec<BigInt>> {
        let mut after = self.clone();
        let mut paid = Vec::new();
        for (i, minimum) in minimums.iter().enumerate() {
            let value = div(&mul(&self.balances[i], shares)?, &self.supply)?;
            if value < *minimum {
                return Err("Withdrawal resulted in fewer coins than expected");
            }
            after.balances[i] = sub(&after.balances[i], &value)?;
            after.holdings[i] -= &value;
            paid.push(value);
        }
        after.supply = sub(&self.supply, shares)?;
        *self = after;
        Ok(paid)
    }

    pub(super) fn remove_imbalance(
        &mut self,
        amounts: &[BigInt],
        maximum: &BigInt,
        now: &BigInt,
    ) -> Outcome<BigInt> {
        require(!self.killed)?;
        require(self.hundredths || self.supply != n(0))?;
        let amp = self.amp(now)?;
        let d0 = self.d_of(&self.balances, &amp)?;
        let mut new = self.balances.clone();
        for (balance, amount) in new.iter_mut().zip(amounts) {
            *balance = sub(balance, amount)?;
        }
        let d1 = self.d_of(&new, &amp)?;
        let (stored, bare) = self.charged(&new, &d0, &d1)?;
        let d2 = self.d_of(&bare, &amp)?;
        let burned = div(&mul(&sub(&d0, &d2)?, &self.supply)?, &d0)?;
        require(burned != n(0))?;
        let burned = add(&burned, &n(1))?;
        if burned > *maximum {
            return Err("Slippage screwed you");
        }
        self.supply = sub(&self.supply, &burned)?;
        for (held, amount) in self.holdings.iter_mut().zip(amounts) {
            *held -= amount;
        }
        self.balances = stored;
        Ok(burned)
    }

    /// What comes out, and what more would come out without the fee.
    pub(super) fn calc_one_coin(
        &self,
        shares: &BigInt,
        i: usize,
        now: &BigInt,
    ) -> Outcome<(BigInt, BigInt)> {
        require(i < self.balances.len())?;
        let amp = self.amp(now)?;
        let fee = self.imbalance_fee()?;
        let xp = self.xp(&self.balances)?;
        let d0 = self.d(&xp, &amp)?;
        let d1 = sub(&d0, &div(&mul(shares, &d0)?, &self.supply)?)?;
        let y0 = self.y(&amp, &xp, i, &d1)?;
        let mut less = xp.clone();
        for j in 0..xp.len() {
            let ideal = div(&mul(&xp[j], &d1)?, &d0)?;
            let expected = if j == i { sub(&ideal, &y0)? } else { sub(&xp[j], &ideal)? };
            less[j] = sub(&less[j], &div(&mul(&fee, &expected)?, &n(FEE_UNIT))?)?;
        }
        let dy = sub(&less[i], &self.y(&amp, &less, i, &d1)?)?;
        let dy = div(&sub(&dy, &n(1))?, &self.multipliers[i])?;
        let dy_0 = div(&sub(&xp[i], &y0)?, &self.multipliers[i])?;
        let more = sub(&dy_0, &dy)?;
        Ok((dy, more))
    }

    pub(super) fn remove_one_coin(
        &mut self,
        shares: &BigInt,
        i: usize,
        minimum: &BigInt,
        now: &BigInt,
    ) -> Outcome<BigInt> {
        require(!self.killed)?;
        let (dy, fee) = self.calc_one_coin(shares, i, now)?;
        if dy < *minimum {
            return Err("Not enough coins removed");
        }
        let admin = div(&mul(&fee, &self.admin_fee)?, &n(FEE_UNIT))?;
        let left = sub(&self.balances[i], &add(&dy, &admin)?)?;
        self.supply = sub(&self.supply, shares)?;
        self.balances[i] = left;
        self.holdings[i] -= &dy;
        Ok(dy)
    }

    pub(super) fn ramp(&mut self, future: &BigInt, time: &BigInt, now: &BigInt) -> Outcome<()> {
        require(*now >= &self.initial_time + n(A_DAY))?;
        require(*time >= now + n(A_DAY))?;
        let initial = self.amp(now)?;
        require(*future > n(0) && *future < n(1_000_000))?;
        let goal = future * self.a_unit();
        require(if goal >= initial { goal <= &initial * n(10) } else { &goal * n(10) >= initial })?;
        self.initial_a = initial;
        self.future_a = goal;
        self.initial_time = now.clone();
        self.future_time = time.clone();
        Ok(())
    }

    pub(super) fn stop_ramp(&mut self, now: &BigInt) -> Outcome<()> {
        let amp = self.amp(now)?;
        self.initial_a = amp.clone();
        self.future_a = amp;
        self.initial_time = now.clone();
        self.future_time = now.clone();
        Ok(())
    }

    pub(super) fn commit_fee(
        &mut self,
        fee: &BigInt,
        admin_fee: &BigInt,
        now: &BigInt,
    ) -> Outcome<()> {
        require(self.deadline == n(0))?;
        require(*fee <= n(5_000_000_000) && *admin_fee <= n(10_000_000_000))?;
        self.deadline = now + n(3 * A_DAY);
        self.future_fee = fee.clone();
        self.future_admin_fee = admin_fee.clone();
        Ok(())
    }

    pub(super) fn apply_fee(&mut self, now: &BigInt) -> Outcome<()> {
        require(*now >= self.deadline && self.deadline != n(0))?;
        self.deadline = n(0);
        self.fee = self.future_fee.clone();
        self.admin_fee = self.future_admin_fee.clone();
        Ok(())
    }

    pub(super) fn kill(&mut self, now: &BigInt) -> Outcome<()> {
        require(self.kill_deadline > *now)?;
        self.killed = true;
        Ok(())
    }
}
