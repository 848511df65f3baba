//! A second stableswap-ng pool, straight from the contracts' formulas in big integers: slow, with
//! every 256-bit bound spelled out, and sharing nothing with the pool under test.

use num_bigint::{BigInt, BigUint};

/// A refusal, by the contract's reason; most have none.
pub(crate) type Refusable<T> = Result<T, &'static str>;

pub(crate) const NO_REASON: &str = "";

pub(crate) fn big(value: u64) -> BigUint {
    BigUint::from(value)
}

pub(crate) fn ten_to(power: u32) -> BigUint {
    big(10).pow(power)
}

/// A `uint256` or a revert.
pub(crate) fn fit(value: BigUint) -> Refusable<BigUint> {
    if value.bits() > 256 { Err(NO_REASON) } else { Ok(value) }
}

pub(crate) fn add(a: &BigUint, b: &BigUint) -> Refusable<BigUint> {
    fit(a + b)
}

pub(crate) fn sub(a: &BigUint, b: &BigUint) -> Refusable<BigUint> {
    if b > a { Err(NO_REASON) } else { Ok(a - b) }
}

pub(crate) fn mul(a: &BigUint, b: &BigUint) -> Refusable<BigUint> {
    fit(a * b)
}

pub(crate) fn div(a: &BigUint, b: &BigUint) -> Refusable<BigUint> {
    if *b == big(0) { Err(NO_REASON) } else { Ok(a / b) }
}

/// `unsafe_div`: nothing by nothing is nothing.
fn div_or_zero(a: &BigUint, b: &BigUint) -> BigUint {
    if *b == big(0) { big(0) } else { a / b }
}

pub(crate) fn require(holds: bool, reason: &'static str) -> Refusable<()> {
    if holds { Ok(()) } else { Err(reason) }
}

pub(crate) fn near(a: &BigUint, b: &BigUint) -> bool {
    if a > b { a - b <= big(1) } else { b - a <= big(1) }
}

/// Every storage variable and immutable that matters, in the contract's terms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaivePool {
    pub(crate) asset_types: Vec<u8>,
    pub(crate) rates: Vec<BigUint>,
    pub(crate) token_balances: Vec<BigUint>,
    pub(crate) stored_balances: Vec<BigUint>,
    pub(crate) admin_balances: Vec<BigUint>,
    pub(crate) total_supply: BigUint,
    pub(crate) initial_a: BigUint,
    pub(crate) future_a: BigUint,
    pub(crate) initial_a_time: u64,
    pub(crate) future_a_time: u64,
    pub(crate) fee: BigUint,
    pub(crate) offpeg: BigUint,
    pub(crate) admin_fee: BigUint,
    pub(crate) ma_exp_time: BigUint,
    pub(crate) d_ma_time: BigUint,
    /// `last | average << 128`, as stored.
    pub(crate) last_prices_packed: Vec<BigUint>,
    pub(crate) last_d_packed: BigUint,
    pub(crate) ma_last_time: BigUint,
    pub(crate) now: u64,
}

fn pack(low: &BigUint, high: &BigUint) -> Refusable<BigUint> {
    require(low.bits() <= 128 && high.bits() <= 128, NO_REASON)?;
    Ok(low + (high << 128_u32))
}

pub(crate) fn unpack(packed: &BigUint) -> (BigUint, BigUint) {
    let high = packed >> 128_u32;
    (packed - (&high << 128_u32), high)
}

impl NaivePool {
    fn n(&self) -> usize {
        self.rates.len()
    }

    fn rebasing(&self) -> bool {
        self.asset_types.contains(&2)
    }

    pub(crate) fn a_precise(&self) -> Refusable<BigUint> {
        if self.now >= self.future_a_time {
            return Ok(self.future_a.clone());
        }
        let passed = sub(&big(self.now), &big(self.initial_a_time))?;
        let whole = sub(&big(self.future_a_time), &big(self.initial_a_time))?;
        if self.future_a > self.initial_a {
            let rise = mul(&(&self.future_a - &self.initial_a), &passed)?;
            add(&self.initial_a, &div(&rise, &whole)?)
        } else {
            let fall = mul(&(&self.initial_a - &self.future_a), &passed)?;
            sub(&self.initial_a, &div(&fall, &whole)?)
        }
    }

    pub(crate) fn a_of_views(&self) -> Refusable<BigUint> {
        Ok(self.a_precise()? / big(100) * big(100))
    }

    pub(crate) fn balances(&self) -> Refusable<Vec<BigUint>> {
        let mut result = vec![];
        for i in 0..self.n() {
            let held =
                if self.rebasing() { &self.token_balances[i] } else { &self.stored_balances[i] };
            result.push(sub(held, &self.admin_balances[i])?);
        }
        Ok(result)
    }

    pub(crate) fn xp(&self, balances: &[BigUint]) -> Refusable<Vec<BigUint>> {
        let mut result = vec![];
        for (rate, balance) in self.rates.iter().zip(balances) {
            result.push(mul(rate, balance)? / ten_to(18));
        }
        Ok(result)
    }

    pub(crate) fn get_d(&self, xp: &[BigUint], amp: &BigUint) -> Refusable<BigUint> {
        let n = big(self.n() as u64);
        let mut s = big(0);
        for x in xp {
            s = add(&s, x)?;
        }
        if s == big(0) {
            return Ok(s);
        }
        let mut d = s.clone();
        let ann = mul(amp, &n)?;
        for _ in 0..255 {
            let mut dp = d.clone();
            for x in xp {
                dp = div(&mul(&dp, &d)?, x)?;
            }
            dp /= n.pow(self.n() as u32);
            let previous = d.clone();
            let top = add(&(mul(&ann, &s)? / big(100)), &mul(&dp, &n)?)?;
            let left = mul(&sub(&ann, &big(100))?, &d)? / big(100);
            let bottom = add(&left, &mul(&(&n + big(1)), &dp)?)?;
            d = div(&mul(&top, &d)?, &bottom)?;
            if near(&d, &previous) {
                return Ok(d);
            }
        }
        Err(NO_REASON)
    }

    fn solve(&self, known: &[BigUint], amp: &BigUint, d: &BigUint) -> Refusable<BigUint> {
        let n = big(self.n() as u64);
        let ann = mul(amp, &n)?;
        let (mut s, mut c) = (big(0), d.clone());
        for x in known {
            s = add(&s, x)?;
            c = div(&mul(&c, d)?, &mul(x, &n)?)?;
        }
        c = div(&mul(&mul(&c, d)?, &big(100))?, &mul(&ann, &n)?)?;
        let b = add(&s, &div(&mul(d, &big(100))?, &ann)?)?;
        let mut y = d.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let top = add(&mul(&y, &y)?, &c)?;
            let bottom = sub(&add(&mul(&big(2), &y)?, &b)?, d)?;
            y = div(&top, &bottom)?;
            if near(&y, &previous) {
                return Ok(y);
            }
        }
        Err(NO_REASON)
    }

    fn get_y(
        &self,
        (i, j): (usize, usize),
        x: &BigUint,
        xp: &[BigUint],
        (amp, d): (&BigUint, &BigUint),
    ) -> Refusable<BigUint> {
        require(i != j && i < self.n() && j < self.n(), NO_REASON)?;
        let mut known = xp.to_vec();
        known[i] = x.clone();
        known.remove(j);
        self.solve(&known, amp, d)
    }

    fn get_y_d(&self, i: usize, xp: &[BigUint], amp: &BigUint, d: &BigUint) -> Refusable<BigUint> {
        require(i < self.n(), NO_REASON)?;
        let mut known = xp.to_vec();
        known.remove(i);
        self.solve(&known, amp, d)
    }

    fn dynamic(&self, a: &BigUint, b: &BigUint, fee: &BigUint) -> Refusable<BigUint> {
        let one = ten_to(10);
        if self.offpeg <= one {
            return Ok(fee.clone());
        }
        let whole = add(a, b)?;
        let square = mul(&whole, &whole)?;
        let weight = mul(&mul(&mul(&(&self.offpeg - &one), &big(4))?, a)?, b)?;
        div(&mul(&self.offpeg, fee)?, &add(&div(&weight, &square)?, &one)?)
    }

    fn base_fee(&self) -> BigUint {
        let n = self.n() as u64;
        &self.fee * big(n) / big(4 * (n - 1))
    }

    fn prices(&self, xp: &[BigUint], amp: &BigUint, d: &BigUint) -> Refusable<Vec<BigUint>> {
        let n = big(self.n() as u64);
        let ann = amp * &n;
        let mut dr = d / n.pow(self.n() as u32);
        for x in xp {
            dr = div(&mul(&dr, d)?, x)?;
        }
        let weight = mul(&ann, &xp[0])? / big(100);
        let mut result = vec![];
        for x in &xp[1..] {
            let top = add(&weight, &div(&mul(&dr, &xp[0])?, x)?)?;
            result.push(div(&mul(&ten_to(18), &top)?, &add(&weight, &dr)?)?);
        }
        Ok(result)
    }

    /// What the old average still counts for, times 10^18; nothing is averaged twice at a time.
    fn weight(&self, window: &BigUint, written: &BigUint) -> Option<BigUint> {
        let now = big(self.now);
        if *written >= now {
            return None;
        }
        let passed = (now - written) * ten_to(18) / window;
        exp(&-BigInt::from(passed)).to_biguint()
    }

    pub(crate) fn price_oracle(&self) -> Vec<BigUint> {
        let alpha = self.weight(&self.ma_exp_time, &unpack(&self.ma_last_time).0);
        let each = |packed| average(packed, alpha.as_ref());
        self.last_prices_packed.iter().map(each).collect()
    }

    pub(crate) fn d_oracle(&self) -> BigUint {
        let alpha = self.weight(&self.d_ma_time, &unpack(&self.ma_last_time).1);
        average(&self.last_d_packed, alpha.as_ref())
    }

    fn upkeep(&mut self, xp: &[BigUint], amp: &BigUint, d: &BigUint) -> Refusable<()> {
        let (price_time, d_time) = unpack(&self.ma_last_time);
        let spot = self.prices(xp, amp, d)?;
        let moved = self.price_oracle();
        for i in 0..self.n() - 1 {
            if spot[i] != big(0) {
                let capped = spot[i].clone().min(ten_to(18) * big(2));
                self.last_prices_packed[i] = pack(&capped, &moved[i])?;
            }
        }
        self.last_d_packed = pack(d, &self.d_oracle())?;
        let now = big(self.now);
        self.ma_last_time = pack(&price_time.max(now.clone()), &d_time.max(now))?;
        Ok(())
    }

    fn transfer_in(&mut self, i: usize, dx: &BigUint, optimistic: bool) -> Refusable<BigUint> {
        require(i < self.n(), NO_REASON)?;
        let received;
        if optimistic {
            received = sub(&self.token_balances[i], &self.stored_balances[i])?;
            require(received >= *dx, NO_REASON)?;
        } else {
            require(*dx > big(0), NO_REASON)?;
            self.token_balances[i] = add(&self.token_balances[i], dx)?;
            received = dx.clone();
        }
        self.stored_balances[i] = add(&self.stored_balances[i], &received)?;
        Ok(received)
    }

    fn transfer_out(&mut self, i: usize, amount: &BigUint) -> Refusable<()> {
        let left = sub(&self.token_balances[i], amount)?;
        if self.rebasing() {
            self.stored_balances[i] = left.clone();
        } else {
            self.stored_balances[i] = sub(&self.stored_balances[i], amount)?;
        }
        self.token_balances[i] = left;
        Ok(())
    }

    /// `exchange` and `exchange_received`; returns what came in and went out.
    pub(crate) fn exchange(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        least: &BigUint,
        optimistic: bool,
    ) -> Refusable<(BigUint, BigUint)> {
        require(!(optimistic && self.rebasing()), NO_REASON)?;
        require(i != j && *dx > big(0), NO_REASON)?;
        let xp = self.xp(&self.balances()?)?;
        let dx = self.transfer_in(i, dx, optimistic)?;
        let x = add(&xp[i], &(mul(&dx, &self.rates[i])? / ten_to(18)))?;
        let amp = self.a_precise()?;
        let d = self.get_d(&xp, &amp)?;
        let y = self.get_y((i, j), &x, &xp, (&amp, &d))?;
        let dy = sub(&sub(&xp[j], &y)?, &big(1))?;
        let rate = self.dynamic(
            &(add(&xp[i], &x)? / big(2)),
            &(add(&xp[j], &y)? / big(2)),
            &self.fee.clone(),
        )?;
        let fee = mul(&dy, &rate)? / ten_to(10);
        let out = div(&mul(&sub(&dy, &fee)?, &ten_to(18))?, &self.rates[j])?;
        let admin = mul(&fee, &self.admin_fee)? / ten_to(10);
        let admin = mul(&admin, &ten_to(18))? / &self.rates[j];
        self.admin_balances[j] = add(&self.admin_balances[j], &admin)?;
        let mut after = xp;
        after[i] = x;
        after[j] = y;
        self.upkeep(&after, &amp, &d)?;
        require(out >= *least, "Exchange resulted in fewer coins than expected")?;
        self.transfer_out(j, &out)?;
        Ok((dx, out))
    }

    /// The fees of a deposit or withdrawal, taken from `new` and booked; returns the new invariant.
    fn take_fees(
        &mut self,
        old: &[BigUint],
        new: &mut [BigUint],
        amp: &BigUint,
    ) -> Refusable<(BigUint, BigUint)> {
        let d0 = self.get_d(&self.xp(old)?, amp)?;
        let d1 = self.get_d(&self.xp(new)?, amp)?;
        let ys = add(&d0, &d1)? / big(self.n() as u64);
        for i in 0..self.n() {
            let ideal = div(&mul(&d1, &old[i])?, &d0)?;
            let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
            let xs = mul(&self.rates[i], &add(&old[i], &new[i])?)? / ten_to(18);
            let fee = mul(&self.dynamic(&xs, &ys, &self.base_fee())?, &off)? / ten_to(10);
            let admin = mul(&fee, &self.admin_fee)? / ten_to(10);
            self.admin_balances[i] = add(&self.admin_balances[i], &admin)?;
            new[i] = sub(&new[i], &fee)?;
        }
        Ok((d0, self.get_d(&self.xp(new)?, amp)?))
    }

    pub(crate) fn add_liquidity(
        &mut self,
        amounts: &[BigUint],
        least: &BigUint,
    ) -> Refusable<BigUint> {
        require(amounts.len() == self.n(), NO_REASON)?;
        let amp = self.a_precise()?;
        let old = self.balances()?;
        let d0 = self.get_d(&self.xp(&old)?, &amp)?;
        let mut new = old.clone();
        for i in 0..self.n() {
            if amounts[i] > big(0) {
                new[i] = add(&new[i], &self.transfer_in(i, &amounts[i], false)?)?;
            } else {
                require(self.total_supply != big(0), NO_REASON)?;
            }
        }
        let d1 = self.get_d(&self.xp(&new)?, &amp)?;
        require(d1 > d0, NO_REASON)?;
        let minted;
        if self.total_supply > big(0) {
            let (d0, d2) = self.take_fees(&old, &mut new, &amp)?;
            minted = mul(&self.total_supply, &sub(&d2, &d0)?)? / &d0;
            let xp = self.xp(&new)?;
            self.upkeep(&xp, &amp, &d2)?;
        } else {
            minted = d1.clone();
            self.last_d_packed = pack(&d1, &d1)?;
            let (price_time, d_time) = unpack(&self.ma_last_time);
            self.ma_last_time = pack(&price_time, &d_time.max(big(self.now)))?;
        }
        require(minted >= *least, "Slippage screwed you")?;
        self.total_supply = add(&self.total_supply, &minted)?;
        Ok(minted)
    }

    pub(crate) fn remove_liquidity_imbalance(
        &mut self,
        amounts: &[BigUint],
        most: &BigUint,
    ) -> Refusable<BigUint> {
        require(amounts.len() == self.n(), NO_REASON)?;
        let amp = self.a_precise()?;
        let old = self.balances()?;
        let mut new = old.clone();
        for i in 0..self.n() {
            if amounts[i] != big(0) {
                new[i] = sub(&new[i], &amounts[i])?;
                self.transfer_out(i, &amounts[i])?;
            }
        }
        let (d0, d2) = self.take_fees(&old, &mut new, &amp)?;
        let xp = self.xp(&new)?;
        self.upkeep(&xp, &amp, &d2)?;
        let burned = mul(&sub(&d0, &d2)?, &self.total_supply)? / &d0;
        let burned = add(&burned, &big(1))?;
        require(burned > big(1), NO_REASON)?;
        require(burned <= *most, "Slippage screwed you")?;
        self.total_supply = sub(&self.total_supply, &burned)?;
        Ok(burned)
    }

    pub(crate) fn remove_liquidity(
        &mut self,
        burned: &BigUint,
        least: &[BigUint],
        claims: bool,
    ) -> Refusable<Vec<BigUint>> {
        require(*burned > big(0) && least.len() == self.n(), NO_REASON)?;
        let balances = self.balances()?;
        let mut amounts = vec![];
        for i in 0..self.n() {
            let value = div_or_zero(&mul(&balances[i], burned)?, &self.total_supply);
            require(value >= least[i], "Withdrawal resulted in fewer coins than expected")?;
            self.transfer_out(i, &value)?;
            amounts.push(value);
        }
        let supply = self.total_supply.clone();
        self.total_supply = sub(&supply, burned)?;
        let (price_time, d_time) = unpack(&self.ma_last_time);
        let old_d = unpack(&self.last_d_packed).0;
        let new_d = sub(&old_d, &div_or_zero(&mul(&old_d, burned)?, &supply))?;
        self.last_d_packed = pack(&new_d, &self.d_oracle())?;
        self.ma_last_time = pack(&price_time, &d_time.max(big(self.now)))?;
        if claims {
            self.withdraw_admin_fees()?;
        }
        Ok(amounts)
    }

    pub(crate) fn withdraw_admin_fees(&mut self) -> Refusable<()> {
        for i in 0..self.n() {
            let amount = self.admin_balances[i].clone();
            if amount > big(0) {
                self.transfer_out(i, &amount)?;
                self.admin_balances[i] = big(0);
            }
        }
        Ok(())
    }

    /// `_calc_withdraw_one_coin`: amount, scaled balances with the new one, and the new invariant;
    /// the fee too, which only the pool works out.
    #[allow(clippy::type_complexity, reason = "the contract returns as many")]
    pub(crate) fn calc_one_coin(
        &self,
        burned: &BigUint,
        i: usize,
        amp: &BigUint,
    ) -> Refusable<(BigUint, Refusable<BigUint>, Vec<BigUint>, BigUint)> {
        let mut xp = self.xp(&self.balances()?)?;
        let d0 = self.get_d(&xp, amp)?;
        let d1 = sub(&d0, &div(&mul(burned, &d0)?, &self.total_supply)?)?;
        let new_y = self.get_y_d(i, &xp, amp, &d1)?;
        let ys = add(&d0, &d1)? / big(2 * self.n() as u64);
        let mut reduced = xp.clone();
        for j in 0..self.n() {
            let kept = div(&mul(&xp[j], &d1)?, &d0)?;
            let expected = if j == i { sub(&kept, &new_y)? } else { sub(&xp[j], &kept)? };
            let mean = if j == i { add(&xp[j], &new_y)? / big(2) } else { xp[j].clone() };
            let rate = self.dynamic(&mean, &ys, &self.base_fee())?;
            reduced[j] = sub(&xp[j], &(mul(&rate, &expected)? / ten_to(10)))?;
        }
        let dy = sub(&reduced[i], &self.get_y_d(i, &reduced, amp, &d1)?)?;
        let dy = mul(&sub(&dy, &big(1))?, &ten_to(18))? / &self.rates[i];
        let fee = sub(&xp[i], &new_y)
            .and_then(|gross| mul(&gross, &ten_to(18)))
            .and_then(|gross| sub(&(gross / &self.rates[i]), &dy));
        xp[i] = new_y;
        Ok((dy, fee, xp, d1))
    }

    pub(crate) fn remove_liquidity_one_coin(
        &mut self,
        burned: &BigUint,
        i: usize,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        require(*burned > big(0), NO_REASON)?;
        let amp = self.a_precise()?;
        let (dy, fee, xp, d1) = self.calc_one_coin(burned, i, &amp)?;
        let fee = fee?;
        require(dy >= *least, "Not enough coins removed")?;
        let admin = mul(&fee, &self.admin_fee)? / ten_to(10);
        self.admin_balances[i] = add(&self.admin_balances[i], &admin)?;
        self.total_supply = sub(&self.total_supply, burned)?;
        self.transfer_out(i, &dy)?;
        self.upkeep(&xp, &amp, &d1)?;
        Ok(dy)
    }

    pub(crate) fn get_dy(&self, (i, j): (usize, usize), dx: &BigUint) -> Refusable<BigUint> {
        require(i < self.n() && j < self.n(), NO_REASON)?;
        let xp = self.xp(&self.balances()?)?;
        let amp = self.a_of_views()?;
        let d = self.get_d(&xp, &amp)?;
        let x = add(&xp[i], &(mul(dx, &self.rates[i])? / ten_to(18)))?;
        let y = self.get_y((i, j), &x, &xp, (&amp, &d))?;
        let dy = sub(&sub(&xp[j], &y)?, &big(1))?;
        let (a, b) = (add(&xp[i], &x)? / big(2), add(&xp[j], &y)? / big(2));
        let fee = mul(&self.dynamic(&a, &b, &self.fee)?, &dy)? / ten_to(10);
        div(&mul(&sub(&dy, &fee)?, &ten_to(18))?, &self.rates[j])
    }

    pub(crate) fn get_dx(&self, (i, j): (usize, usize), dy: &BigUint) -> Refusable<BigUint> {
        require(i < self.n() && j < self.n(), NO_REASON)?;
        let xp = self.xp(&self.balances()?)?;
        let amp = self.a_of_views()?;
        let d = self.get_d(&xp, &amp)?;
        let net = add(&(mul(dy, &self.rates[j])? / ten_to(18)), &big(1))?;
        let fee = self.dynamic(&xp[i], &xp[j], &self.fee)?;
        let gross = div(&mul(&net, &ten_to(10))?, &sub(&ten_to(10), &fee)?)?;
        let y = sub(&xp[j], &gross)?;
        let x = self.get_y((j, i), &y, &xp, (&amp, &d))?;
        div(&mul(&sub(&x, &xp[i])?, &ten_to(18))?, &self.rates[i])
    }

    pub(crate) fn dynamic_fee(&self, (i, j): (usize, usize)) -> Refusable<BigUint> {
        require(i < self.n() && j < self.n(), NO_REASON)?;
        let xp = self.xp(&self.balances()?)?;
        self.dynamic(&xp[i], &xp[j], &self.fee)
    }

    pub(crate) fn calc_token_amount(
        &self,
        amounts: &[BigUint],
        deposit: bool,
    ) -> Refusable<BigUint> {
        let amp = self.a_of_views()?;
        let old = self.balances()?;
        let d0 = self.get_d(&self.xp(&old)?, &amp)?;
        let mut new = vec![];
        for i in 0..self.n() {
            let changed = if deposit { add } else { sub };
            new.push(changed(&old[i], &amounts[i])?);
        }
        if self.total_supply == big(0) {
            return self.get_d(&self.xp(&new)?, &amp);
        }
        let mut scratch = self.clone();
        scratch.admin_fee = big(0);
        let (_, d2) = scratch.take_fees(&old, &mut new, &amp)?;
        let change = if deposit { sub(&d2, &d0)? } else { sub(&d0, &d2)? };
        div(&mul(&change, &self.total_supply)?, &d0)
    }

    pub(crate) fn virtual_price(&self) -> Refusable<BigUint> {
        let d = self.get_d(&self.xp(&self.balances()?)?, &self.a_precise()?)?;
        div(&mul(&d, &ten_to(18))?, &self.total_supply)
    }

    pub(crate) fn get_p(&self) -> Refusable<Vec<BigUint>> {
        let (xp, amp) = (self.xp(&self.balances()?)?, self.a_precise()?);
        let d = self.get_d(&xp, &amp)?;
        self.prices(&xp, &amp, &d)
    }

    pub(crate) fn ramp_a(&mut self, future: u64, ends: u64) -> Refusable<()> {
        require(self.now >= self.initial_a_time + 86_400, NO_REASON)?;
        require(ends >= self.now + 86_400, NO_REASON)?;
        let (from, to) = (self.a_precise()?, big(future) * big(100));
        require(future > 0 && future < 1_000_000, NO_REASON)?;
        if to < from {
            require(&to * big(10) >= from, NO_REASON)?;
        } else {
            require(to <= &from * big(10), NO_REASON)?;
        }
        (self.initial_a, self.future_a) = (from, to);
        (self.initial_a_time, self.future_a_time) = (self.now, ends);
        Ok(())
    }

    pub(crate) fn stop_ramp_a(&mut self) -> Refusable<()> {
        let current = self.a_precise()?;
        (self.initial_a, self.future_a) = (current.clone(), current);
        (self.initial_a_time, self.future_a_time) = (self.now, self.now);
        Ok(())
    }

    pub(crate) fn set_new_fee(&mut self, fee: u64, multiplier: &BigUint) -> Refusable<()> {
        require(fee <= 5_000_000_000, NO_REASON)?;
        let far = mul(multiplier, &big(fee))?;
        require(far <= big(5_000_000_000) * ten_to(10), NO_REASON)?;
        (self.fee, self.offpeg) = (big(fee), multiplier.clone());
        Ok(())
    }

    pub(crate) fn set_ma_exp_time(&mut self, price: &BigUint, d: &BigUint) -> Refusable<()> {
        require((price * d) % (big(1) << 256_u32) > big(0), NO_REASON)?;
        (self.ma_exp_time, self.d_ma_time) = (price.clone(), d.clone());
        Ok(())
    }
}

fn average(packed: &BigUint, alpha: Option<&BigUint>) -> BigUint {
    let (last, average) = unpack(packed);
    match alpha {
        None => average,
        Some(alpha) => (last * (ten_to(18) - alpha) + average * alpha) / ten_to(18),
    }
}

/// The contract's `exp`, in integers without a width: nothing wraps for inputs at or below zero.
pub(crate) fn exp(x: &BigInt) -> BigInt {
    let number = |text: &str| text.parse::<BigInt>().unwrap();
    if *x <= number("-41446531673892822313") {
        return BigInt::from(0);
    }
    let ln2 = number("54916777467707473351141471128");
    let mut value: BigInt = (x << 78_u32) / BigInt::from(5).pow(18);
    let k: BigInt = ((&value << 96_u32) / &ln2 + (BigInt::from(1) << 95_u32)) >> 96_u32;
    value -= &k * &ln2;
    let mut y: BigInt = (&value + number("1346386616545796478920950773328")) * &value;
    y = (y >> 96_u32) + number("57155421227552351082224309758442");
    let mut p: BigInt = (&y + &value - number("94201549194550492254356042504812")) * &y;
    p = (p >> 96_u32) + number("28719021644029726153956944680412240");
    p = p * &value + (number("4385272521454847904659076985693276") << 96_u32);
    let mut q: BigInt = (&value - number("2855989394907223263936484059900")) * &value;
    q = (q >> 96_u32) + number("50020603652535783019961831881945");
    q = ((q * &value) >> 96_u32) - number("533845033583426703283633433725380");
    q = ((q * &value) >> 96_u32) + number("3604857256930695427073651918091429");
    q = ((q * &value) >> 96_u32) - number("14423608567350463180887372962807573");
    q = ((q * &value) >> 96_u32) + number("26449188498355588339934803723976023");
    let shift: u32 = (BigInt::from(195) - k).try_into().unwrap();
    ((p / q) * number("3822833074963236453042738258902158003155416615667")) >> shift
}
