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
    fn at(&self, now: u64) -> Refusable<BigUint> {
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
}

/// The 3pool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveBase {
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
    fn xp(&self, balances: &[BigUint]) -> Refusable<Vec<BigUint>> {
        let mut result = vec![];
        for (precision, balance) in self.precisions.iter().zip(balances) {
            result.push(mul(&(precision * ten_to(18)), balance)? / ten_to(18));
        }
        Ok(result)
    }

    fn get_d(&self, balances: &[BigUint]) -> Refusable<BigUint> {
        let (xp, three) = (self.xp(balances)?, big(3));
        let s = add(&add(&xp[0], &xp[1])?, &xp[2])?;
        if s == big(0) {
            return Ok(s);
        }
        let ann = mul(&self.ramp.at(self.now)?, &three)?;
        let mut d = s.clone();
        for _ in 0..255 {
            let mut dp = d.clone();
            for x in &xp {
                dp = div(&mul(&dp, &d)?, &mul(x, &three)?)?;
            }
            let previous = d.clone();
            let top = mul(&add(&mul(&ann, &s)?, &mul(&dp, &three)?)?, &d)?;
            let bottom = add(&mul(&(&ann - big(1)), &d)?, &mul(&big(4), &dp)?)?;
            d = div(&top, &bottom)?;
            if near(&d, &previous) {
                break;
            }
        }
        Ok(d)
    }

    /// `get_y` and `get_y_D`: the balance that goes with two others.
    fn solve(&self, known: &[BigUint], d: &BigUint) -> Refusable<BigUint> {
        let three = big(3);
        let ann = mul(&self.ramp.at(self.now)?, &three)?;
        let (mut s, mut c) = (big(0), d.clone());
        for x in known {
            s = add(&s, x)?;
            c = div(&mul(&c, d)?, &mul(x, &three)?)?;
        }
        c = div(&mul(&c, d)?, &mul(&ann, &three)?)?;
        let b = add(&s, &div(d, &ann)?)?;
        let mut y = d.clone();
        for _ in 0..255 {
            let previous = y.clone();
            let bottom = sub(&add(&mul(&big(2), &y)?, &b)?, d)?;
            y = div(&add(&mul(&y, &y)?, &c)?, &bottom)?;
            if near(&y, &previous) {
                break;
            }
        }
        Ok(y)
    }

    pub(crate) fn virtual_price(&self) -> Refusable<BigUint> {
        div(&mul(&self.get_d(&self.balances)?, &ten_to(18))?, &self.supply)
    }

    /// What an exchange takes out before its fee, scaled.
    fn given(&self, i: usize, j: usize, dx: &BigUint) -> Refusable<BigUint> {
        require(i != j && i < 3 && j < 3, NO_REASON)?;
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
        let dy = mul(&dy, &ten_to(18))? / (&self.precisions[j] * ten_to(18));
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
        &self.fee * big(3) / big(8)
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
        let d0 = if is_first { big(0) } else { self.get_d(&self.balances)? };
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
            for i in 0..3 {
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
        require(i < 3, NO_REASON)?;
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

/// The metapool: coin 0, and the base pool's shares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveMeta {
    pub(crate) base: NaiveBase,
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

    fn rates(&self) -> Refusable<[BigUint; 2]> {
        Ok([self.rate_multiplier.clone(), self.base.virtual_price()?])
    }

    fn xp(rates: &[BigUint; 2], balances: &[BigUint; 2]) -> Refusable<[BigUint; 2]> {
        let one =
            |i: usize| -> Refusable<BigUint> { Ok(mul(&rates[i], &balances[i])? / ten_to(18)) };
        Ok([one(0)?, one(1)?])
    }

    fn update(&mut self) -> Refusable<()> {
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
        Err(NO_REASON)
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
        Err(NO_REASON)
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
        let admin = mul(&fee, &big(5_000_000_000))? / ten_to(10);
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
        let rates = self.rates()?;
        let dy = self.book(pair, dx, &rates)?;
        require(dy >= *least, NO_REASON)?;
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
        let rates = self.rates()?;
        // The contract scales its balances before it looks at what is asked for.
        Self::xp(&rates, &self.balances)?;
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
        require(dy >= *least, NO_REASON)?;
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
            self.balances[i] = sub(&new[i], &(mul(&fee, &big(5_000_000_000))? / ten_to(10)))?;
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
        let rates = self.rates()?;
        let d0 = self.get_d(&Self::xp(&rates, &self.balances)?)?;
        let is_first = self.supply == big(0);
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
        require(minted >= *least, NO_REASON)?;
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
            require(paid[i] >= least[i], NO_REASON)?;
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
        let rates = self.rates()?;
        let new = [sub(&self.balances[0], &amounts[0])?, sub(&self.balances[1], &amounts[1])?];
        let (d0, d2) = self.charge(&rates, new)?;
        let burned = add(&div(&mul(&sub(&d0, &d2)?, &self.supply)?, &d0)?, &big(1))?;
        require(burned > big(1) && burned <= *most, NO_REASON)?;
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
        let (dy, fee) = self.calc_one_coin(burned, i)?;
        require(dy >= *least, NO_REASON)?;
        let admin = mul(&fee, &big(5_000_000_000))? / ten_to(10);
        self.balances[i] = sub(&self.balances[i], &add(&dy, &admin)?)?;
        self.supply = sub(&self.supply, burned)?;
        self.held[i] = sub(&self.held[i], &dy)?;
        Ok(dy)
    }

    /// What was converted, what that bought, and what was kept.
    pub(crate) fn withdraw_admin_fees(&mut self) -> Refusable<[BigUint; 3]> {
        let converted = sub(&self.held[0], &self.balances[0])?;
        let mut bought = big(0);
        if converted > big(0) {
            self.held[0] -= &converted;
            bought = self.exchange((0, 1), &converted, &big(0))?;
        }
        let kept = sub(&self.held[1], &self.balances[1])?;
        self.held[1] -= &kept;
        Ok([converted, bought, kept])
    }

    pub(crate) fn ramp_a(&mut self, future: u64, ends: u64) -> Refusable<()> {
        let now = self.now();
        require(now >= self.ramp.starts + 86_400 && ends >= now + 86_400, NO_REASON)?;
        let (from, to) = (self.ramp.at(now)?, big(future) * big(100));
        require(future > 0 && future < 1_000_000, NO_REASON)?;
        let is_slow = if to < from { &to * big(10) >= from } else { to <= &from * big(10) };
        require(is_slow, NO_REASON)?;
        self.ramp = NaiveRamp { from, to, starts: now, ends };
        Ok(())
    }

    pub(crate) fn stop_ramp_a(&mut self) -> Refusable<()> {
        let now = self.now();
        let current = self.ramp.at(now)?;
        self.ramp = NaiveRamp { from: current.clone(), to: current, starts: now, ends: now };
        Ok(())
    }
}
