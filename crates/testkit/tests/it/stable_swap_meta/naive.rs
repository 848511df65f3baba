//! A second metapool over a second 3pool, straight from the contracts' formulas in big integers.

use num_bigint::BigUint;

use crate::stable_swap_ng::naive::{
    NO_REASON, Refusable, add, big, div, mul, near, require, sub, ten_to,
};

/// An amplification that moves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveRamp {
    pub(crate) from: BigUint,
    pub(crate) to: BigUint,
    pub(crate) starts: u64,
    pub(crate) ends: u64,
}

impl NaiveRamp {
    pub(crate) fn at(&self, now: u64) -> Refusable<BigUint> {
        if now >= self.ends {
            return Ok(self.to.clone());
        }
        let passed = sub(&big(now), &big(self.starts))?;
        let whole = big(self.ends - self.starts);
        if self.to > self.from {
            add(&self.from, &div(&mul(&(&self.to - &self.from), &passed)?, &whole)?)
        } else {
            sub(&self.from, &div(&mul(&(&self.from - &self.to), &passed)?, &whole)?)
        }
    }

    pub(crate) fn ramp_a(&mut self, future: u64, ends: u64, now: u64) -> Refusable<()> {
        require(now >= self.starts + 86_400 && ends >= now + 86_400, NO_REASON)?;
        let (from, to) = (self.at(now)?, big(future) * big(100));
        require(future > 0 && future < 1_000_000, NO_REASON)?;
        let is_slow = if to < from { &to * big(10) >= from } else { to <= &from * big(10) };
        require(is_slow, NO_REASON)?;
        *self = Self { from, to, starts: now, ends };
        Ok(())
    }

    pub(crate) fn stop_ramp_a(&mut self, now: u64) -> Refusable<()> {
        let current = self.at(now)?;
        *self = Self { from: current.clone(), to: current, starts: now, ends: now };
        Ok(())
    }
}

/// The 3pool, or with `hundredths` a later plain pool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveBase {
    pub(crate) hundredths: bool,
    pub(crate) precisions: Vec<BigUint>,
    pub(crate) balances: Vec<BigUint>,
    pub(crate) admin_balances: Vec<BigUint>,
    pub(crate) supply: BigUint,
    pub(crate) ramp: NaiveRamp,
    pub(crate) fee: BigUint,
    pub(crate) admin_fee: BigUint,
    pub(crate) now: u64,
}

impl NaiveBase {
    pub(crate) fn n(&self) -> BigUint {
        big(self.precisions.len() as u64)
    }

    fn a_precision(&self) -> BigUint {
        big(if self.hundredths { 100 } else { 1 })
    }

    /// `A`.
    pub(crate) fn a(&self) -> Refusable<BigUint> {
        Ok(self.ramp.at(self.now)? / self.a_precision())
    }

    /// What a loop that did not converge does.
    fn unconverged(&self, value: BigUint) -> Refusable<BigUint> {
        if self.hundredths { Err(NO_REASON) } else { Ok(value) }
    }

    pub(crate) fn xp(&self, balances: &[BigUint]) -> Refusable<Vec<BigUint>> {
        let mut result = vec![];
        for (precision, balance) in self.precisions.iter().zip(balances) {
            result.push(mul(&(precision * ten_to(18)), balance)? / ten_to(18));
        }
        Ok(result)
    }

    fn get_d(&self, balances: &[BigUint]) -> Refusable<BigUint> {
        let (xp, n, unit) = (self.xp(balances)?, self.n(), self.a_precision());
        let mut s = big(0);
        for x in &xp {
            s = add(&s, x)?;
        }
        if s == big(0) {
            return Ok(s);
        }
        let ann = mul(&self.ramp.at(self.now)?, &n)?;
        let mut d = s.clone();
        for _ in 0..255 {
            let mut dp = d.clone();
            for x in &xp {
                dp = div(&mul(&dp, &d)?, &mul(x, &n)?)?;
            }
            let previous = d.clone();
            let top = mul(&add(&(mul(&ann, &s)? / &unit), &mul(&dp, &n)?)?, &d)?;
            let left = mul(&sub(&ann, &unit)?, &d)? / &unit;
            let bottom = add(&left, &mul(&(&n + big(1)), &dp)?)?;
            d = div(&top, &bottom)?;
            if near(&d, &previous) {
                return Ok(d);
            }
        }
        self.unconverged(d)
    }

    /// `get_y` and `get_y_D`: the balance that goes with the others.
    fn solve(&self, known: &[BigUint], d: &BigUint) -> Refusable<BigUint> {
        let (n, unit) = (self.n(), self.a_precision());
        let ann = mul(&self.ramp.at(self.now)?, &n)?;
        let (mut s, mut c) = (big(0), d.clone());
        for x in known {
            s = add(&s, x)?;
            c = div(&mul(&c, d)?, &mul(x, &n)?)?;
        }
        c = div(&mul(&mul(&c, d)?, &unit)?, &mul(&ann, &n)?)?;
        let b = add(&s, &div(&mul(d, &unit)?, &ann)?)?;
        let mut y = d.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let bottom = sub(&add(&mul(&big(2), &y)?, &b)?, d)?;
            y = div(&add(&mul(&y, &y)?, &c)?, &bottom)?;
            if near(&y, &previous) {
                return Ok(y);
            }
        }
        self.unconverged(y)
    }

    pub(crate) fn virtual_price(&self) -> Refusable<BigUint> {
        div(&mul(&self.get_d(&self.balances)?, &ten_to(18))?, &self.supply)
    }

    /// What an exchange takes out before its fee, scaled.
    fn given(&self, i: usize, j: usize, dx: &BigUint) -> Refusable<BigUint> {
        let n = self.precisions.len();
        require(i != j && i < n && j < n, NO_REASON)?;
        let xp = self.xp(&self.balances)?;
        let rate = &self.precisions[i] * ten_to(18);
        let x = add(&xp[i], &(mul(dx, &rate)? / ten_to(18)))?;
        let mut known = xp.clone();
        known[i] = x;
        known.remove(j);
        let y = self.solve(&known, &self.get_d(&self.balances)?)?;
        sub(&sub(&xp[j], &y)?, &big(1))
    }

    pub(crate) fn get_dy(&self, i: usize, j: usize, dx: &BigUint) -> Refusable<BigUint> {
        let dy = self.given(i, j, dx)?;
        let rate = &self.precisions[j] * ten_to(18);
        if self.hundredths {
            // The later pools take the fee first.
            let net = sub(&dy, &(mul(&self.fee, &dy)? / ten_to(10)))?;
            return Ok(mul(&net, &ten_to(18))? / rate);
        }
        let dy = mul(&dy, &ten_to(18))? / rate;
        Ok(&dy - mul(&self.fee, &dy)? / ten_to(10))
    }

    pub(crate) fn exchange(
        &mut self,
        i: usize,
        j: usize,
        dx: &BigUint,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        let dy = self.given(i, j, dx)?;
        let fee = mul(&dy, &self.fee)? / ten_to(10);
        let rate = &self.precisions[j] * ten_to(18);
        let paid = mul(&sub(&dy, &fee)?, &ten_to(18))? / &rate;
        require(paid >= *least, "Exchange resulted in fewer coins than expected")?;
        let admin = mul(&(mul(&fee, &self.admin_fee)? / ten_to(10)), &ten_to(18))? / &rate;
        self.balances[i] = add(&self.balances[i], dx)?;
        self.balances[j] = sub(&sub(&self.balances[j], &paid)?, &admin)?;
        self.admin_balances[j] = add(&self.admin_balances[j], &admin)?;
        Ok(paid)
    }

    fn imbalance_fee(&self) -> BigUint {
        &self.fee * self.n() / (big(4) * (self.n() - big(1)))
    }

    pub(crate) fn calc_token_amount(&self, amounts: &[BigUint]) -> Refusable<BigUint> {
        let d0 = self.get_d(&self.balances)?;
        let mut balances = vec![];
        for (balance, amount) in self.balances.iter().zip(amounts) {
            balances.push(add(balance, amount)?);
        }
        let d1 = self.get_d(&balances)?;
        div(&mul(&sub(&d1, &d0)?, &self.supply)?, &d0)
    }

    pub(crate) fn add_liquidity(&mut self, amounts: &[BigUint]) -> Refusable<BigUint> {
        let is_first = self.supply == big(0);
        let d0 = if is_first && !self.hundredths { big(0) } else { self.get_d(&self.balances)? };
        let old = self.balances.clone();
        let mut new = vec![];
        for (balance, amount) in old.iter().zip(amounts) {
            require(!is_first || *amount > big(0), NO_REASON)?;
            new.push(add(balance, amount)?);
        }
        let d1 = self.get_d(&new)?;
        require(d1 > d0, NO_REASON)?;
        let minted;
        if is_first {
            self.balances = new;
            minted = d1;
        } else {
            for i in 0..old.len() {
                let ideal = div(&mul(&d1, &old[i])?, &d0)?;
                let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
                let fee = mul(&self.imbalance_fee(), &off)? / ten_to(10);
                let admin = mul(&fee, &self.admin_fee)? / ten_to(10);
                self.balances[i] = sub(&new[i], &admin)?;
                self.admin_balances[i] = add(&self.admin_balances[i], &admin)?;
                new[i] = sub(&new[i], &fee)?;
            }
            let d2 = self.get_d(&new)?;
            minted = div(&mul(&self.supply, &sub(&d2, &d0)?)?, &d0)?;
        }
        self.supply = add(&self.supply, &minted)?;
        Ok(minted)
    }

    /// Amount and fee.
    pub(crate) fn calc_one_coin(
        &self,
        burned: &BigUint,
        i: usize,
    ) -> Refusable<(BigUint, BigUint)> {
        require(i < self.precisions.len(), NO_REASON)?;
        let xp = self.xp(&self.balances)?;
        let d0 = self.get_d(&self.balances)?;
        let d1 = sub(&d0, &div(&mul(burned, &d0)?, &self.supply)?)?;
        let without = |xp: &[BigUint]| {
            let mut known = xp.to_vec();
            known.remove(i);
            known
        };
        let new_y = self.solve(&without(&xp), &d1)?;
        let mut reduced = vec![];
        for (j, x) in xp.iter().enumerate() {
            let kept = div(&mul(x, &d1)?, &d0)?;
            let expected = if j == i { sub(&kept, &new_y)? } else { sub(x, &kept)? };
            reduced.push(sub(x, &(mul(&self.imbalance_fee(), &expected)? / ten_to(10)))?);
        }
        let dy = sub(&reduced[i], &self.solve(&without(&reduced), &d1)?)?;
        let dy = sub(&dy, &big(1))? / &self.precisions[i];
        let dy0 = sub(&xp[i], &new_y)? / &self.precisions[i];
        Ok((dy.clone(), sub(&dy0, &dy)?))
    }

    pub(crate) fn remove_one_coin(&mut self, burned: &BigUint, i: usize) -> Refusable<BigUint> {
        let (dy, fee) = self.calc_one_coin(burned, i)?;
        let admin = mul(&fee, &self.admin_fee)? / ten_to(10);
        self.balances[i] = sub(&self.balances[i], &add(&dy, &admin)?)?;
        self.admin_balances[i] = add(&self.admin_balances[i], &admin)?;
        self.supply = sub(&self.supply, burned)?;
        Ok(dy)
    }
}

/// What a metapool before the factory keeps beyond.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveFirst {
    pub(crate) price: BigUint,
    pub(crate) updated: u64,
    pub(crate) admin_fee: BigUint,
    pub(crate) killed: bool,
    pub(crate) kill_deadline: u64,
}

/// The metapool: coin 0, and the base pool's shares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveMeta {
    pub(crate) base: NaiveBase,
    pub(crate) first: Option<NaiveFirst>,
    pub(crate) rate_multiplier: BigUint,
    pub(crate) balances: [BigUint; 2],
    pub(crate) held: [BigUint; 2],
    pub(crate) supply: BigUint,
    pub(crate) ramp: NaiveRamp,
    pub(crate) fee: BigUint,
    pub(crate) previous: [BigUint; 2],
    pub(crate) cumulative: [BigUint; 2],
    pub(crate) updated: u64,
}

impl NaiveMeta {
    fn now(&self) -> u64 {
        self.base.now
    }

    /// Rates as views have them: `_vp_rate_ro` before the factory.
    fn rates(&self) -> Refusable<[BigUint; 2]> {
        let of_base = match &self.first {
            Some(first) if self.now() <= first.updated + 600 => first.price.clone(),
            Some(_) | None => self.base.virtual_price()?,
        };
        Ok([self.rate_multiplier.clone(), of_base])
    }

    /// How all calls begin but withdrawals in proportion: `is_killed`, and `_vp_rate`.
    fn rates_of_call(&mut self) -> Refusable<[BigUint; 2]> {
        let (rates, now) = (self.rates()?, self.now());
        if let Some(first) = &mut self.first {
            require(!first.killed, NO_REASON)?;
            if now > first.updated + 600 {
                first.price = rates[1].clone();
                first.updated = now;
            }
        }
        Ok(rates)
    }

    fn admin_part(&self) -> BigUint {
        self.first.as_ref().map_or(big(5_000_000_000), |first| first.admin_fee.clone())
    }

    /// The reason for a bound that is passed: the factory's pools give none.
    fn said(&self, reason: &'static str) -> &'static str {
        if self.first.is_some() { reason } else { NO_REASON }
    }

    /// What a loop that did not converge does.
    fn unconverged(&self, value: BigUint) -> Refusable<BigUint> {
        if self.first.is_some() { Ok(value) } else { Err(NO_REASON) }
    }

    fn xp(rates: &[BigUint; 2], balances: &[BigUint; 2]) -> Refusable<[BigUint; 2]> {
        let one =
            |i: usize| -> Refusable<BigUint> { Ok(mul(&rates[i], &balances[i])? / ten_to(18)) };
        Ok([one(0)?, one(1)?])
    }

    fn update(&mut self) -> Refusable<()> {
        if self.first.is_some() {
            return Ok(());
        }
        let elapsed = sub(&big(self.now()), &big(self.updated))?;
        if elapsed > big(0) {
            for i in 0..2 {
                let more = mul(&self.balances[i], &elapsed)?;
                self.cumulative[i] = add(&self.cumulative[i], &more)?;
                self.previous[i] = self.balances[i].clone();
            }
            self.updated = self.now();
        }
        Ok(())
    }

    fn get_d(&self, xp: &[BigUint; 2]) -> Refusable<BigUint> {
        let s = add(&xp[0], &xp[1])?;
        if s == big(0) {
            return Ok(s);
        }
        let two = big(2);
        let ann = mul(&self.ramp.at(self.now())?, &two)?;
        let mut d = s.clone();
        for _ in 0..255 {
            let mut dp = d.clone();
            for x in xp {
                dp = div(&mul(&dp, &d)?, &mul(x, &two)?)?;
            }
            let previous = d.clone();
            let top = add(&(mul(&ann, &s)? / big(100)), &mul(&dp, &two)?)?;
            let left = mul(&sub(&ann, &big(100))?, &d)? / big(100);
            d = div(&mul(&top, &d)?, &add(&left, &mul(&big(3), &dp)?)?)?;
            if near(&d, &previous) {
                return Ok(d);
            }
        }
        self.unconverged(d)
    }

    fn solve(&self, x: &BigUint, d: &BigUint) -> Refusable<BigUint> {
        let two = big(2);
        let ann = mul(&self.ramp.at(self.now())?, &two)?;
        let c = div(&mul(d, d)?, &mul(x, &two)?)?;
        let c = div(&mul(&mul(&c, d)?, &big(100))?, &mul(&ann, &two)?)?;
        let b = add(x, &div(&mul(d, &big(100))?, &ann)?)?;
        let mut y = d.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let bottom = sub(&add(&mul(&two, &y)?, &b)?, d)?;
            y = div(&add(&mul(&y, &y)?, &c)?, &bottom)?;
            if near(&y, &previous) {
                return Ok(y);
            }
        }
        self.unconverged(y)
    }

    pub(crate) fn virtual_price(&self) -> Refusable<BigUint> {
        let d = self.get_d(&Self::xp(&self.rates()?, &self.balances)?)?;
        div(&mul(&d, &ten_to(18))?, &self.supply)
    }

    /// Scaled output after the fee, and the fee, with `x` scaled of the input.
    fn output(
        &self,
        (i, j): (usize, usize),
        x: &BigUint,
        xp: &[BigUint; 2],
    ) -> Refusable<(BigUint, BigUint)> {
        require(i != j && i < 2 && j < 2, NO_REASON)?;
        let y = self.solve(x, &self.get_d(xp)?)?;
        let dy = sub(&sub(&xp[j], &y)?, &big(1))?;
        let fee = mul(&self.fee, &dy)? / ten_to(10);
        Ok((sub(&dy, &fee)?, fee))
    }

    pub(crate) fn get_dy(&self, (i, j): (usize, usize), dx: &BigUint) -> Refusable<BigUint> {
        require(i < 2 && j < 2, NO_REASON)?;
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances)?;
        let x = add(&xp[i], &(mul(dx, &rates[i])? / ten_to(18)))?;
        let (net, _) = self.output((i, j), &x, &xp)?;
        div(&mul(&net, &ten_to(18))?, &rates[j])
    }

    /// The rest of an exchange once its input is in: books it and returns what the pool pays.
    fn book(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        rates: &[BigUint; 2],
    ) -> Refusable<BigUint> {
        require(i < 2 && j < 2, NO_REASON)?;
        let xp = Self::xp(rates, &self.balances)?;
        let x = add(&xp[i], &(mul(dx, &rates[i])? / ten_to(18)))?;
        let (net, fee) = self.output((i, j), &x, &xp)?;
        let dy = div(&mul(&net, &ten_to(18))?, &rates[j])?;
        let admin = mul(&fee, &self.admin_part())? / ten_to(10);
        let admin = mul(&admin, &ten_to(18))? / &rates[j];
        self.balances[i] = add(&self.balances[i], dx)?;
        self.balances[j] = sub(&sub(&self.balances[j], &dy)?, &admin)?;
        self.held[i] = add(&self.held[i], dx)?;
        self.held[j] = sub(&self.held[j], &dy)?;
        Ok(dy)
    }

    pub(crate) fn exchange(
        &mut self,
        pair: (usize, usize),
        dx: &BigUint,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        self.update()?;
        let rates = self.rates_of_call()?;
        let dy = self.book(pair, dx, &rates)?;
        require(dy >= *least, self.said("Too few coins in result"))?;
        Ok(dy)
    }

    pub(crate) fn get_dy_underlying(
        &self,
        (i, j): (usize, usize),
        dx: &BigUint,
    ) -> Refusable<BigUint> {
        require(i < 4 && j < 4, NO_REASON)?;
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances)?;
        let shift = &rates[0] / ten_to(18);
        let x = if i == 0 {
            add(&xp[0], &mul(dx, &shift)?)?
        } else if j == 0 {
            let mut amounts = vec![big(0), big(0), big(0)];
            amounts[i - 1] = dx.clone();
            let worth = mul(&self.base.calc_token_amount(&amounts)?, &rates[1])? / ten_to(18);
            let fee = mul(&worth, &self.base.fee)? / (big(2) * ten_to(10));
            add(&(&worth - fee), &xp[1])?
        } else {
            return self.base.get_dy(i - 1, j - 1, dx);
        };
        let (net, _) = self.output((i.min(1), j.min(1)), &x, &xp)?;
        if j == 0 {
            return div(&net, &shift);
        }
        Ok(self.base.calc_one_coin(&div(&mul(&net, &ten_to(18))?, &rates[1])?, j - 1)?.0)
    }

    pub(crate) fn exchange_underlying(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        self.update()?;
        let rates = self.rates_of_call()?;
        // The factory's pools scale their balances before they look at what is asked for.
        if self.first.is_none() {
            Self::xp(&rates, &self.balances)?;
        }
        require(i < 4 && j < 4, NO_REASON)?;
        if i > 0 && j > 0 {
            return self.base.exchange(i - 1, j - 1, dx, least);
        }
        let mut dy;
        if i == 0 {
            dy = self.book((0, j.min(1)), dx, &rates)?;
            dy = self.base.remove_one_coin(&dy, j - 1)?;
        } else {
            let mut amounts = vec![big(0), big(0), big(0)];
            amounts[i - 1] = dx.clone();
            let minted = self.base.add_liquidity(&amounts)?;
            dy = self.book((1, 0), &minted, &rates)?;
        }
        require(dy >= *least, self.said("Too few coins in result"))?;
        Ok(dy)
    }

    /// Takes the fees of a deposit or withdrawal from balances that are already changed; returns
    /// the invariants before and after.
    fn charge(
        &mut self,
        rates: &[BigUint; 2],
        mut new: [BigUint; 2],
    ) -> Refusable<(BigUint, BigUint)> {
        let old = self.balances.clone();
        let d0 = self.get_d(&Self::xp(rates, &old)?)?;
        let d1 = self.get_d(&Self::xp(rates, &new)?)?;
        let base_fee = &self.fee * big(2) / big(4);
        for i in 0..2 {
            let ideal = div(&mul(&d1, &old[i])?, &d0)?;
            let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
            let fee = mul(&base_fee, &off)? / ten_to(10);
            self.balances[i] = sub(&new[i], &(mul(&fee, &self.admin_part())? / ten_to(10)))?;
            new[i] = sub(&new[i], &fee)?;
        }
        Ok((d0, self.get_d(&Self::xp(rates, &new)?)?))
    }

    pub(crate) fn calc_token_amount(
        &self,
        amounts: &[BigUint; 2],
        deposit: bool,
    ) -> Refusable<BigUint> {
        let rates = self.rates()?;
        let d0 = self.get_d(&Self::xp(&rates, &self.balances)?)?;
        let change = if deposit { add } else { sub };
        let new =
            [change(&self.balances[0], &amounts[0])?, change(&self.balances[1], &amounts[1])?];
        let d1 = self.get_d(&Self::xp(&rates, &new)?)?;
        let moved = if deposit { sub(&d1, &d0)? } else { sub(&d0, &d1)? };
        div(&mul(&moved, &self.supply)?, &d0)
    }

    pub(crate) fn add_liquidity(
        &mut self,
        amounts: &[BigUint; 2],
        least: &BigUint,
    ) -> Refusable<BigUint> {
        self.update()?;
        let rates = self.rates_of_call()?;
        let is_first = self.supply == big(0);
        let mut d0 = big(0);
        if !is_first || self.first.is_none() {
            d0 = self.get_d(&Self::xp(&rates, &self.balances)?)?;
        }
        require(!is_first || (amounts[0] > big(0) && amounts[1] > big(0)), NO_REASON)?;
        let new = [add(&self.balances[0], &amounts[0])?, add(&self.balances[1], &amounts[1])?];
        let d1 = self.get_d(&Self::xp(&rates, &new)?)?;
        require(d1 > d0, NO_REASON)?;
        let minted = if is_first {
            self.balances = new;
            d1
        } else {
            let (d0, d2) = self.charge(&rates, new)?;
            div(&mul(&self.supply, &sub(&d2, &d0)?)?, &d0)?
        };
        require(minted >= *least, self.said("Slippage screwed you"))?;
        self.held = [add(&self.held[0], &amounts[0])?, add(&self.held[1], &amounts[1])?];
        self.supply = add(&self.supply, &minted)?;
        Ok(minted)
    }

    pub(crate) fn remove_liquidity(
        &mut self,
        burned: &BigUint,
        least: &[BigUint; 2],
    ) -> Refusable<[BigUint; 2]> {
        self.update()?;
        let mut paid = [big(0), big(0)];
        for i in 0..2 {
            paid[i] = div(&mul(&self.balances[i], burned)?, &self.supply)?;
            require(paid[i] >= least[i], self.said("Too few coins in result"))?;
            self.balances[i] = sub(&self.balances[i], &paid[i])?;
            self.held[i] = sub(&self.held[i], &paid[i])?;
        }
        self.supply = sub(&self.supply, burned)?;
        Ok(paid)
    }

    pub(crate) fn remove_liquidity_imbalance(
        &mut self,
        amounts: &[BigUint; 2],
        most: &BigUint,
    ) -> Refusable<BigUint> {
        self.update()?;
        let rates = self.rates_of_call()?;
        require(self.first.is_none() || self.supply != big(0), NO_REASON)?;
        let new = [sub(&self.balances[0], &amounts[0])?, sub(&self.balances[1], &amounts[1])?];
        let (d0, d2) = self.charge(&rates, new)?;
        let burned = add(&div(&mul(&sub(&d0, &d2)?, &self.supply)?, &d0)?, &big(1))?;
        require(burned > big(1), NO_REASON)?;
        require(burned <= *most, self.said("Slippage screwed you"))?;
        self.supply = sub(&self.supply, &burned)?;
        self.held = [sub(&self.held[0], &amounts[0])?, sub(&self.held[1], &amounts[1])?];
        Ok(burned)
    }

    /// Amount and fee.
    pub(crate) fn calc_one_coin(
        &self,
        burned: &BigUint,
        i: usize,
    ) -> Refusable<(BigUint, BigUint)> {
        require(i < 2, NO_REASON)?;
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances)?;
        let d0 = self.get_d(&xp)?;
        let d1 = sub(&d0, &div(&mul(burned, &d0)?, &self.supply)?)?;
        let new_y = self.solve(&xp[1 - i], &d1)?;
        let base_fee = &self.fee * big(2) / big(4);
        let mut reduced = vec![];
        for (j, x) in xp.iter().enumerate() {
            let kept = div(&mul(x, &d1)?, &d0)?;
            let expected = if j == i { sub(&kept, &new_y)? } else { sub(x, &kept)? };
            reduced.push(sub(x, &(mul(&base_fee, &expected)? / ten_to(10)))?);
        }
        let dy = sub(&reduced[i], &self.solve(&reduced[1 - i], &d1)?)?;
        let dy0 = div(&mul(&sub(&xp[i], &new_y)?, &ten_to(18))?, &rates[i])?;
        let dy = div(&mul(&sub(&dy, &big(1))?, &ten_to(18))?, &rates[i])?;
        Ok((dy.clone(), sub(&dy0, &dy)?))
    }

    pub(crate) fn remove_one_coin(
        &mut self,
        burned: &BigUint,
        i: usize,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        self.update()?;
        self.rates_of_call()?;
        let (dy, fee) = self.calc_one_coin(burned, i)?;
        require(dy >= *least, self.said("Not enough coins removed"))?;
        let admin = mul(&fee, &self.admin_part())? / ten_to(10);
        self.balances[i] = sub(&self.balances[i], &add(&dy, &admin)?)?;
        self.supply = sub(&self.supply, burned)?;
        self.held[i] = sub(&self.held[i], &dy)?;
        Ok(dy)
    }

    /// What was converted, what that bought, and what was kept.
    pub(crate) fn withdraw_admin_fees(&mut self) -> Refusable<[BigUint; 3]> {
        let converted = sub(&self.held[0], &self.balances[0])?;
        if self.first.is_some() {
            let kept = sub(&self.held[1], &self.balances[1])?;
            self.held = self.balances.clone();
            return Ok([converted, big(0), kept]);
        }
        let mut bought = big(0);
        if converted > big(0) {
            self.held[0] -= &converted;
            bought = self.exchange((0, 1), &converted, &big(0))?;
        }
        let kept = sub(&self.held[1], &self.balances[1])?;
        self.held[1] -= &kept;
        Ok([converted, bought, kept])
    }

    pub(crate) fn donate_admin_fees(&mut self) -> Refusable<()> {
        require(self.first.is_some(), NO_REASON)?;
        self.balances = self.held.clone();
        Ok(())
    }

    pub(crate) fn set_fees(&mut self, fee: u64, admin_fee: u64) -> Refusable<()> {
        require(fee <= 5_000_000_000 && admin_fee <= 10_000_000_000, NO_REASON)?;
        self.first.as_mut().ok_or(NO_REASON)?.admin_fee = big(admin_fee);
        self.fee = big(fee);
        Ok(())
    }

    pub(crate) fn kill_me(&mut self) -> Refusable<()> {
        let now = self.now();
        let first = self.first.as_mut().ok_or(NO_REASON)?;
        require(first.kill_deadline > now, NO_REASON)?;
        first.killed = true;
        Ok(())
    }

    pub(crate) fn unkill_me(&mut self) -> Refusable<()> {
        self.first.as_mut().ok_or(NO_REASON)?.killed = false;
        Ok(())
    }
}
