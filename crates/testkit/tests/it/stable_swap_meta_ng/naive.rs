//! A second metapool of stableswap-ng, statement by statement from the contracts in big integers:
//! of two coins only, over a base pool of either generation, and sharing nothing with the pool
//! under test.

use num_bigint::{BigInt, BigUint};

use crate::stable_swap_meta::naive::{NaiveBase, NaiveRamp};
use crate::stable_swap_ng::naive::{
    NO_REASON, NaivePool, Refusable, add, big, div, exp, mul, near, require, sub, ten_to,
};

/// The base pool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NaiveUnder {
    Plain(NaiveBase),
    Ng(NaivePool),
}

impl NaiveUnder {
    fn coins(&self) -> usize {
        match self {
            Self::Plain(pool) => pool.precisions.len(),
            Self::Ng(pool) => pool.rates.len(),
        }
    }

    pub(crate) fn set_now(&mut self, now: u64) {
        match self {
            Self::Plain(pool) => pool.now = now,
            Self::Ng(pool) => pool.now = now,
        }
    }

    fn virtual_price(&self) -> Refusable<BigUint> {
        match self {
            Self::Plain(pool) => pool.virtual_price(),
            Self::Ng(pool) => pool.virtual_price(),
        }
    }

    /// `_meta_add_liquidity`.
    fn add_one(&mut self, i: usize, dx: &BigUint) -> Refusable<BigUint> {
        let mut inputs = vec![big(0); self.coins()];
        inputs[i] = dx.clone();
        match self {
            Self::Plain(pool) => pool.add_liquidity(&inputs),
            Self::Ng(pool) => pool.add_liquidity(&inputs, &big(0)),
        }
    }

    pub(crate) fn remove_one(&mut self, burned: &BigUint, j: usize) -> Refusable<BigUint> {
        match self {
            Self::Plain(pool) => pool.remove_one_coin(burned, j),
            Self::Ng(pool) => pool.remove_liquidity_one_coin(burned, j, &big(0)),
        }
    }

    pub(crate) fn exchange(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        match self {
            Self::Plain(pool) => pool.exchange(i, j, dx, least),
            Self::Ng(pool) => Ok(pool.exchange((i, j), dx, least, false)?.1),
        }
    }

    fn get_dy(&self, (i, j): (usize, usize), dx: &BigUint) -> Refusable<BigUint> {
        match self {
            Self::Plain(pool) => pool.get_dy(i, j, dx),
            Self::Ng(pool) => pool.get_dy((i, j), dx),
        }
    }

    fn calc_one(&self, burned: &BigUint, j: usize) -> Refusable<BigUint> {
        match self {
            Self::Plain(pool) => Ok(pool.calc_one_coin(burned, j)?.0),
            Self::Ng(pool) => {
                let (paid, fee, ..) = pool.calc_one_coin(burned, j, &pool.a_precise()?)?;
                fee.map(|_| paid)
            }
        }
    }

    /// `_base_calc_token_amount` of the views contract.
    fn calc_token_amount(&self, i: usize, dx: &BigUint, deposit: bool) -> Refusable<BigUint> {
        let mut inputs = vec![big(0); self.coins()];
        inputs[i] = dx.clone();
        match self {
            Self::Plain(pool) => plain_token_amount(pool, &inputs, deposit),
            Self::Ng(pool) => pool.calc_token_amount(&inputs, deposit),
        }
    }
}

/// `_calc_token_amount` of a pool that has no `D_ma_time`: decimals make its rates, its fee never
/// changes, and the invariant is the younger pools'.
fn plain_token_amount(pool: &NaiveBase, amounts: &[BigUint], deposit: bool) -> Refusable<BigUint> {
    let (n, amp) = (amounts.len(), mul(&pool.a()?, &big(100))?);
    let rates: Vec<_> = pool.precisions.iter().map(|precision| precision * ten_to(18)).collect();
    let scale = |balances: &[BigUint]| -> Refusable<Vec<BigUint>> {
        let pairs = rates.iter().zip(balances);
        pairs.map(|(rate, balance)| Ok(mul(rate, balance)? / ten_to(18))).collect()
    };
    let old = pool.balances.clone();
    let d0 = get_d(&scale(&old)?, &amp)?;
    let mut new = old.clone();
    for i in 0..n {
        new[i] = if deposit { add(&new[i], &amounts[i])? } else { sub(&new[i], &amounts[i])? };
    }
    let d1 = get_d(&scale(&new)?, &amp)?;
    if pool.supply == big(0) {
        return Ok(d1);
    }
    let base_fee = mul(&pool.fee, &big(n as u64))? / big(4 * (n as u64 - 1));
    add(&d0, &d1)?;
    for i in 0..n {
        let ideal = div(&mul(&d1, &old[i])?, &d0)?;
        let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
        mul(&rates[i], &add(&old[i], &new[i])?)?;
        new[i] = sub(&new[i], &(mul(&base_fee, &off)? / ten_to(10)))?;
    }
    let d2 = get_d(&scale(&new)?, &amp)?;
    let diff = if deposit { sub(&d2, &d0)? } else { sub(&d0, &d2)? };
    div(&mul(&diff, &pool.supply)?, &d0)
}

/// `get_D` of `CurveStableSwapNGMath` and of the views contract.
fn get_d(xp: &[BigUint], amp: &BigUint) -> Refusable<BigUint> {
    let n = big(xp.len() as u64);
    let mut s = big(0);
    for x in xp {
        s = add(&s, x)?;
    }
    if s == big(0) {
        return Ok(s);
    }
    let (mut d, ann) = (s.clone(), mul(amp, &n)?);
    for _ in 0..255 {
        let mut dp = d.clone();
        for x in xp {
            dp = div(&mul(&dp, &d)?, x)?;
        }
        dp /= n.pow(xp.len() as u32);
        let previous = d.clone();
        let first = mul(&ann, &s)? / big(100);
        let top = mul(&add(&first, &mul(&dp, &n)?)?, &d)?;
        let second = mul(&sub(&ann, &big(100))?, &d)? / big(100);
        d = div(&top, &add(&second, &mul(&(&n + big(1)), &dp)?)?)?;
        if near(&d, &previous) {
            return Ok(d);
        }
    }
    Err(NO_REASON)
}

/// `get_y` and `get_y_D` of `CurveStableSwapNGMath`, of two coins: what goes with `x` of the other.
fn other(x: &BigUint, amp: &BigUint, d: &BigUint) -> Refusable<BigUint> {
    let ann = mul(amp, &big(2))?;
    let c = div(&mul(d, d)?, &mul(x, &big(2))?)?;
    let c = div(&mul(&mul(&c, d)?, &big(100))?, &mul(&ann, &big(2))?)?;
    let b = add(x, &div(&mul(d, &big(100))?, &ann)?)?;
    let mut y = d.clone();
    for _ in 0..255 {
        let previous = y.clone();
        let bottom = sub(&add(&mul(&big(2), &y)?, &b)?, d)?;
        y = div(&add(&mul(&y, &y)?, &c)?, &bottom)?;
        if near(&y, &previous) {
            return Ok(y);
        }
    }
    Err(NO_REASON)
}

type Two = [BigUint; 2];

/// A value and its average with the time of writing, which the contract packs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Averaged {
    pub(crate) last: BigUint,
    pub(crate) average: BigUint,
    pub(crate) written: u64,
}

impl Averaged {
    /// `_calc_moving_average`.
    pub(crate) fn at(&self, window: &BigUint, now: u64) -> BigUint {
        if self.written >= now {
            return self.average.clone();
        }
        let passed = big(now - self.written) * ten_to(18) / window;
        let alpha = exp(&-BigInt::from(passed)).to_biguint().unwrap();
        (&self.last * (ten_to(18) - &alpha) + &self.average * alpha) / ten_to(18)
    }

    /// `pack_2`, and the clock.
    fn write(&mut self, last: BigUint, window: &BigUint, now: u64) -> Refusable<()> {
        require(last.bits() <= 128, NO_REASON)?;
        self.average = self.at(window, now);
        self.last = last;
        Ok(())
    }
}

/// The metapool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NaiveMetaNg {
    pub(crate) base: NaiveUnder,
    pub(crate) rebasing: bool,
    pub(crate) rate: BigUint,
    /// `balanceOf` of the metapool in the two tokens.
    pub(crate) held: Two,
    pub(crate) stored: Two,
    pub(crate) admin: Two,
    pub(crate) supply: BigUint,
    pub(crate) ramp: NaiveRamp,
    pub(crate) fee: BigUint,
    pub(crate) offpeg: BigUint,
    pub(crate) price_window: BigUint,
    pub(crate) d_window: BigUint,
    pub(crate) price: Averaged,
    pub(crate) d: Averaged,
    pub(crate) now: u64,
}

impl NaiveMetaNg {
    /// `_stored_rates`.
    fn rates(&self) -> Refusable<Two> {
        Ok([self.rate.clone(), self.base.virtual_price()?])
    }

    /// `_balances`.
    fn balances(&self) -> Refusable<Two> {
        let known = if self.rebasing { &self.held } else { &self.stored };
        Ok([sub(&known[0], &self.admin[0])?, sub(&known[1], &self.admin[1])?])
    }

    /// `_xp_mem`.
    fn xp(rates: &Two, balances: &Two) -> Refusable<Two> {
        let first = mul(&rates[0], &balances[0])? / ten_to(18);
        Ok([first, mul(&rates[1], &balances[1])? / ten_to(18)])
    }

    fn dynamic_fee(&self, a: &BigUint, b: &BigUint, fee: &BigUint) -> Refusable<BigUint> {
        let one = ten_to(10);
        if self.offpeg <= one {
            return Ok(fee.clone());
        }
        let whole = add(a, b)?;
        let square = mul(&whole, &whole)?;
        let weight = mul(&mul(&mul(&(&self.offpeg - &one), &big(4))?, a)?, b)?;
        let bottom = div(&weight, &square)? + &one;
        Ok(&self.offpeg * fee / bottom)
    }

    /// `_get_p`.
    fn spot(xp: &Two, amp: &BigUint, d: &BigUint) -> Refusable<BigUint> {
        let ann = amp * big(2);
        let mut dr = d / big(4);
        for x in xp {
            dr = div(&mul(&dr, d)?, x)?;
        }
        let weight = mul(&ann, &xp[0])? / big(100);
        let top = add(&weight, &(mul(&dr, &xp[0])? / &xp[1]))?;
        div(&mul(&ten_to(18), &top)?, &add(&weight, &dr)?)
    }

    /// `upkeep_oracles`.
    fn upkeep(&mut self, xp: &Two, amp: &BigUint, d: &BigUint) -> Refusable<()> {
        let spot = Self::spot(xp, amp, d)?;
        let now = self.now;
        if spot != big(0) {
            let capped = spot.min(big(2) * ten_to(18));
            self.price.write(capped, &self.price_window, now)?;
        }
        self.d.write(d.clone(), &self.d_window, now)?;
        self.price.written = self.price.written.max(now);
        self.d.written = self.d.written.max(now);
        Ok(())
    }

    /// `_transfer_in` of the metapool's own coins.
    fn take(&mut self, i: usize, dx: &BigUint, optimistic: bool) -> Refusable<BigUint> {
        require(i < 2, NO_REASON)?;
        let received = if optimistic {
            let received = sub(&self.held[i], &self.stored[i])?;
            require(received >= *dx, NO_REASON)?;
            received
        } else {
            require(*dx > big(0), NO_REASON)?;
            self.held[i] = add(&self.held[i], dx)?;
            dx.clone()
        };
        self.stored[i] = add(&self.stored[i], &received)?;
        Ok(received)
    }

    /// `_transfer_out`.
    fn pay(&mut self, i: usize, amount: &BigUint) -> Refusable<()> {
        if self.rebasing {
            self.held[i] = sub(&self.held[i], amount)?;
            self.stored[i] = self.held[i].clone();
        } else {
            self.stored[i] = sub(&self.stored[i], amount)?;
            self.held[i] = sub(&self.held[i], amount)?;
        }
        Ok(())
    }

    /// `__exchange`.
    fn convert(
        &mut self,
        x: &BigUint,
        xp: &Two,
        rates: &Two,
        (i, j): (usize, usize),
    ) -> Refusable<BigUint> {
        let amp = self.ramp.at(self.now)?;
        let d = get_d(xp, &amp)?;
        require(i != j && i < 2 && j < 2, NO_REASON)?;
        let y = other(x, &amp, &d)?;
        let dy = sub(&sub(&xp[j], &y)?, &big(1))?;
        let (a, b) = (add(&xp[i], x)? / big(2), add(&xp[j], &y)? / big(2));
        let fee = mul(&dy, &self.dynamic_fee(&a, &b, &self.fee)?)? / ten_to(10);
        let out = div(&mul(&sub(&dy, &fee)?, &ten_to(18))?, &rates[j])?;
        let admin = mul(&fee, &big(5_000_000_000))? / ten_to(10);
        let admin = mul(&admin, &ten_to(18))? / &rates[j];
        self.admin[j] = add(&self.admin[j], &admin)?;
        let mut after = xp.clone();
        after[i] = x.clone();
        after[j] = y;
        self.upkeep(&after, &amp, &d)?;
        Ok(out)
    }

    pub(crate) fn exchange(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        least: &BigUint,
        optimistic: bool,
    ) -> Refusable<(BigUint, BigUint)> {
        require(!(optimistic && self.rebasing), NO_REASON)?;
        require(i != j && *dx > big(0) && i < 2 && j < 2, NO_REASON)?;
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances()?)?;
        let dx = self.take(i, dx, optimistic)?;
        let x = add(&xp[i], &(mul(&dx, &rates[i])? / ten_to(18)))?;
        let dy = self.convert(&x, &xp, &rates, (i, j))?;
        require(dy >= *least, "Exchange resulted in fewer coins than expected")?;
        self.pay(j, &dy)?;
        Ok((dx, dy))
    }

    pub(crate) fn exchange_underlying(
        &mut self,
        (i, j): (usize, usize),
        dx: &BigUint,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances()?)?;
        require(i <= self.base.coins() && j <= self.base.coins(), NO_REASON)?;
        require(*dx > big(0), NO_REASON)?;
        if i > 0 && j > 0 {
            return self.base.exchange((i - 1, j - 1), dx, least);
        }
        let (meta_i, meta_j) = (i.min(1), j.min(1));
        let received = if i == 0 {
            self.take(0, dx, false)?
        } else {
            let minted = self.base.add_one(i - 1, dx)?;
            self.held[1] = add(&self.held[1], &minted)?;
            self.stored[1] = add(&self.stored[1], &minted)?;
            minted
        };
        let x = add(&xp[meta_i], &(mul(&received, &rates[meta_i])? / ten_to(18)))?;
        let mut dy = self.convert(&x, &xp, &rates, (meta_i, meta_j))?;
        self.stored[meta_j] = sub(&self.stored[meta_j], &dy)?;
        // The base pool burns the shares, or the caller is sent the coin.
        self.held[meta_j] = sub(&self.held[meta_j], &dy)?;
        if j > 0 {
            dy = self.base.remove_one(&dy, j - 1)?;
        }
        require(dy >= *least, NO_REASON)?;
        Ok(dy)
    }

    /// The fees on what is out of proportion, taken from `new` and booked; invariants before and
    /// after all.
    fn charge(&mut self, rates: &Two, old: &Two, new: &mut Two) -> Refusable<(BigUint, BigUint)> {
        let amp = self.ramp.at(self.now)?;
        let d0 = get_d(&Self::xp(rates, old)?, &amp)?;
        let d1 = get_d(&Self::xp(rates, new)?, &amp)?;
        let base_fee = &self.fee * big(2) / big(4);
        let ys = add(&d0, &d1)? / big(2);
        for i in 0..2 {
            let ideal = div(&mul(&d1, &old[i])?, &d0)?;
            let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
            let xs = mul(&rates[i], &add(&old[i], &new[i])?)? / ten_to(18);
            let fee = mul(&self.dynamic_fee(&xs, &ys, &base_fee)?, &off)? / ten_to(10);
            let admin = mul(&fee, &big(5_000_000_000))? / ten_to(10);
            self.admin[i] = add(&self.admin[i], &admin)?;
            new[i] = sub(&new[i], &fee)?;
        }
        let xp = Self::xp(rates, new)?;
        let d2 = get_d(&xp, &amp)?;
        self.upkeep(&xp, &amp, &d2)?;
        Ok((d0, d2))
    }

    pub(crate) fn add_liquidity(
        &mut self,
        amounts: &[BigUint],
        least: &BigUint,
    ) -> Refusable<BigUint> {
        let amp = self.ramp.at(self.now)?;
        let old = self.balances()?;
        let rates = self.rates()?;
        let d0 = get_d(&Self::xp(&rates, &old)?, &amp)?;
        let mut new = old.clone();
        for i in 0..2 {
            if amounts[i] > big(0) {
                new[i] = add(&new[i], &self.take(i, &amounts[i], false)?)?;
            } else {
                require(self.supply != big(0), NO_REASON)?;
            }
        }
        let d1 = get_d(&Self::xp(&rates, &new)?, &amp)?;
        require(d1 > d0, NO_REASON)?;
        let minted = if self.supply > big(0) {
            let (d0, d2) = self.charge(&rates, &old, &mut new)?;
            div(&mul(&self.supply, &sub(&d2, &d0)?)?, &d0)?
        } else {
            require(d1.bits() <= 128, NO_REASON)?;
            (self.d.last, self.d.average) = (d1.clone(), d1.clone());
            self.d.written = self.d.written.max(self.now);
            d1
        };
        require(minted >= *least, "Slippage screwed you")?;
        self.supply = add(&self.supply, &minted)?;
        Ok(minted)
    }

    pub(crate) fn remove_liquidity_imbalance(
        &mut self,
        amounts: &[BigUint],
        most: &BigUint,
    ) -> Refusable<BigUint> {
        let rates = self.rates()?;
        let old = self.balances()?;
        let mut new = old.clone();
        for i in 0..2 {
            if amounts[i] != big(0) {
                new[i] = sub(&new[i], &amounts[i])?;
                self.pay(i, &amounts[i])?;
            }
        }
        let (d0, d2) = self.charge(&rates, &old, &mut new)?;
        let burned = add(&(mul(&sub(&d0, &d2)?, &self.supply)? / &d0), &big(1))?;
        require(burned > big(1), NO_REASON)?;
        require(burned <= *most, "Slippage screwed you")?;
        self.supply = sub(&self.supply, &burned)?;
        Ok(burned)
    }

    pub(crate) fn remove_liquidity(
        &mut self,
        burned: &BigUint,
        least: &[BigUint],
        claims: bool,
    ) -> Refusable<Vec<BigUint>> {
        require(*burned > big(0), NO_REASON)?;
        let balances = self.balances()?;
        let of_supply = |value: &BigUint| -> Refusable<BigUint> {
            let product = mul(value, burned)?;
            Ok(if self.supply == big(0) { big(0) } else { product / &self.supply })
        };
        let amounts = vec![of_supply(&balances[0]), of_supply(&balances[1])];
        let falls = of_supply(&self.d.last);
        let mut paid = vec![];
        for (i, amount) in amounts.into_iter().enumerate() {
            let amount = amount?;
            require(amount >= least[i], "Withdrawal resulted in fewer coins than expected")?;
            self.pay(i, &amount)?;
            paid.push(amount);
        }
        self.supply = sub(&self.supply, burned)?;
        let left = sub(&self.d.last, &falls?)?;
        self.d.write(left, &self.d_window, self.now)?;
        self.d.written = self.d.written.max(self.now);
        if claims {
            self.withdraw_admin_fees()?;
        }
        Ok(paid)
    }

    pub(crate) fn withdraw_admin_fees(&mut self) -> Refusable<()> {
        for i in 0..2 {
            let amount = self.admin[i].clone();
            if amount > big(0) {
                self.pay(i, &amount)?;
            }
        }
        self.admin = [big(0), big(0)];
        Ok(())
    }

    /// `_calc_withdraw_one_coin`: amount, fee, scaled balances after, and the invariant.
    #[allow(clippy::type_complexity, reason = "the contract returns as many")]
    pub(crate) fn calc_one_coin(
        &self,
        burned: &BigUint,
        i: usize,
    ) -> Refusable<(BigUint, BigUint, Two, BigUint)> {
        require(i < 2, NO_REASON)?;
        let amp = self.ramp.at(self.now)?;
        let rates = self.rates()?;
        let mut xp = Self::xp(&rates, &self.balances()?)?;
        let d0 = get_d(&xp, &amp)?;
        let d1 = sub(&d0, &div(&mul(burned, &d0)?, &self.supply)?)?;
        let y = other(&xp[1 - i], &amp, &d1)?;
        let base_fee = &self.fee * big(2) / big(4);
        let ys = add(&d0, &d1)? / big(4);
        let mut reduced = xp.clone();
        for j in 0..2 {
            let kept = div(&mul(&xp[j], &d1)?, &d0)?;
            let (expected, mean) = if j == i {
                (sub(&kept, &y)?, add(&xp[j], &y)? / big(2))
            } else {
                (sub(&xp[j], &kept)?, xp[j].clone())
            };
            let rate = self.dynamic_fee(&mean, &ys, &base_fee)?;
            reduced[j] = sub(&xp[j], &(mul(&rate, &expected)? / ten_to(10)))?;
        }
        let dy = sub(&reduced[i], &other(&reduced[1 - i], &amp, &d1)?)?;
        let without = div(&mul(&sub(&xp[i], &y)?, &ten_to(18))?, &rates[i])?;
        let dy = mul(&sub(&dy, &big(1))?, &ten_to(18))? / &rates[i];
        xp[i] = y;
        let fee = sub(&without, &dy)?;
        Ok((dy, fee, xp, d1))
    }

    pub(crate) fn remove_liquidity_one_coin(
        &mut self,
        burned: &BigUint,
        i: usize,
        least: &BigUint,
    ) -> Refusable<BigUint> {
        require(*burned > big(0), NO_REASON)?;
        let (dy, fee, xp, d) = self.calc_one_coin(burned, i)?;
        require(dy >= *least, "Not enough coins removed")?;
        let admin = mul(&fee, &big(5_000_000_000))? / ten_to(10);
        self.admin[i] = add(&self.admin[i], &admin)?;
        self.supply = sub(&self.supply, burned)?;
        self.pay(i, &dy)?;
        let amp = self.ramp.at(self.now)?;
        self.upkeep(&xp, &amp, &d)?;
        Ok(dy)
    }

    pub(crate) fn virtual_price(&self) -> Refusable<BigUint> {
        let xp = Self::xp(&self.rates()?, &self.balances()?)?;
        let d = get_d(&xp, &self.ramp.at(self.now)?)?;
        div(&mul(&d, &ten_to(18))?, &self.supply)
    }

    pub(crate) fn get_p(&self) -> Refusable<BigUint> {
        let xp = Self::xp(&self.rates()?, &self.balances()?)?;
        let amp = self.ramp.at(self.now)?;
        Self::spot(&xp, &amp, &get_d(&xp, &amp)?)
    }

    /// Rates, scaled balances, amplification and invariant as the views contract has them.
    fn viewed(&self) -> Refusable<(Two, Two, BigUint, BigUint)> {
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances()?)?;
        let amp = self.ramp.at(self.now)? / big(100) * big(100);
        let d = get_d(&xp, &amp)?;
        Ok((rates, xp, amp, d))
    }

    /// The end of `get_dy` and of `get_dy_underlying`: scaled output after its fee.
    fn viewed_output(&self, (i, j): (usize, usize), x: &BigUint) -> Refusable<BigUint> {
        require(i != j && i < 2 && j < 2, NO_REASON)?;
        let (_, xp, amp, d) = self.viewed()?;
        let y = other(x, &amp, &d)?;
        let dy = sub(&sub(&xp[j], &y)?, &big(1))?;
        let (a, b) = (add(&xp[i], x)? / big(2), add(&xp[j], &y)? / big(2));
        sub(&dy, &(mul(&self.dynamic_fee(&a, &b, &self.fee)?, &dy)? / ten_to(10)))
    }

    pub(crate) fn get_dy(&self, (i, j): (usize, usize), dx: &BigUint) -> Refusable<BigUint> {
        require(i < 2 && j < 2, NO_REASON)?;
        let (rates, xp, ..) = self.viewed()?;
        let x = add(&xp[i], &(mul(dx, &rates[i])? / ten_to(18)))?;
        div(&mul(&self.viewed_output((i, j), &x)?, &ten_to(18))?, &rates[j])
    }

    pub(crate) fn get_dx(&self, (i, j): (usize, usize), dy: &BigUint) -> Refusable<BigUint> {
        require(i != j && i < 2 && j < 2, NO_REASON)?;
        let (rates, xp, amp, d) = self.viewed()?;
        let net = add(&(mul(dy, &rates[j])? / ten_to(18)), &big(1))?;
        let fee = self.dynamic_fee(&xp[i], &xp[j], &self.fee)?;
        let gross = div(&mul(&net, &ten_to(10))?, &sub(&ten_to(10), &fee)?)?;
        let x = other(&sub(&xp[j], &gross)?, &amp, &d)?;
        div(&mul(&sub(&x, &xp[i])?, &ten_to(18))?, &rates[i])
    }

    pub(crate) fn get_dy_underlying(
        &self,
        (i, j): (usize, usize),
        dx: &BigUint,
    ) -> Refusable<BigUint> {
        require(i <= self.base.coins() && j <= self.base.coins(), NO_REASON)?;
        let rates = self.rates()?;
        let xp = Self::xp(&rates, &self.balances()?)?;
        let x = if i == 0 {
            add(&xp[0], &(mul(dx, &rates[0])? / ten_to(18)))?
        } else if j == 0 {
            let minted = self.base.calc_token_amount(i - 1, dx, true)?;
            add(&(mul(&minted, &rates[1])? / ten_to(18)), &xp[1])?
        } else {
            return self.base.get_dy((i - 1, j - 1), dx);
        };
        let dy = self.viewed_output((i.min(1), j.min(1)), &x)?;
        if j == 0 {
            return div(&mul(&dy, &ten_to(18))?, &rates[0]);
        }
        self.base.calc_one(&div(&mul(&dy, &ten_to(18))?, &rates[1])?, j - 1)
    }

    pub(crate) fn get_dx_underlying(
        &self,
        (i, j): (usize, usize),
        dy: &BigUint,
    ) -> Refusable<BigUint> {
        require(i <= self.base.coins() && j <= self.base.coins(), NO_REASON)?;
        require(i.min(j) == 0, "Not a Metapool Swap. Use Base pool.")?;
        if i == 0 {
            require(j > 0, NO_REASON)?;
            let burned = self.base.calc_token_amount(j - 1, dy, false)?;
            return self.get_dx((0, 1), &burned);
        }
        self.base.calc_one(&self.get_dx((1, 0), dy)?, i - 1)
    }

    pub(crate) fn calc_token_amount(
        &self,
        amounts: &[BigUint],
        deposit: bool,
    ) -> Refusable<BigUint> {
        let (rates, _, amp, d0) = self.viewed()?;
        let old = self.balances()?;
        let change = if deposit { add } else { sub };
        let mut new = [change(&old[0], &amounts[0])?, change(&old[1], &amounts[1])?];
        let d1 = get_d(&Self::xp(&rates, &new)?, &amp)?;
        if self.supply == big(0) {
            return Ok(d1);
        }
        let (base_fee, ys) = (&self.fee * big(2) / big(4), add(&d0, &d1)? / big(2));
        for i in 0..2 {
            let ideal = div(&mul(&d1, &old[i])?, &d0)?;
            let off = if ideal > new[i] { &ideal - &new[i] } else { &new[i] - &ideal };
            let xs = mul(&rates[i], &add(&old[i], &new[i])?)? / ten_to(18);
            let fee = mul(&self.dynamic_fee(&xs, &ys, &base_fee)?, &off)? / ten_to(10);
            new[i] = sub(&new[i], &fee)?;
        }
        let d2 = get_d(&Self::xp(&rates, &new)?, &amp)?;
        let moved = if deposit { sub(&d2, &d0)? } else { sub(&d0, &d2)? };
        div(&mul(&moved, &self.supply)?, &d0)
    }

    pub(crate) fn set_new_fee(&mut self, fee: u64, multiplier: &BigUint) -> Refusable<()> {
        require(fee <= 5_000_000_000, NO_REASON)?;
        let far = mul(multiplier, &big(fee))?;
        require(far <= big(5_000_000_000) * ten_to(10), NO_REASON)?;
        (self.fee, self.offpeg) = (big(fee), multiplier.clone());
        Ok(())
    }
}
