//! The pools themselves, statement by statement: `CurveCryptoSwap2ETH.vy` (two), tricrypto2's
//! `CurveCryptoSwap.vy` (three) and `CurveTricryptoOptimizedWETH.vy` (ng). A failed call is the
//! caller's to undo, by keeping a copy.

use num_bigint::BigInt;

use super::ng_math;
use super::old_math::{self, E18, num, ten};
use super::word::{Answer, Uint};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Two,
    Three,
    Ng,
}

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) kind: Kind,
    pub(crate) n: usize,
    pub(crate) precisions: Vec<Uint>,
    pub(crate) balances: Vec<Uint>,
    /// The tokens' own records of what the pool has.
    pub(crate) token_balances: Vec<Uint>,
    pub(crate) total_supply: Uint,
    pub(crate) initial_a_gamma: [Uint; 2],
    pub(crate) future_a_gamma: [Uint; 2],
    pub(crate) initial_a_gamma_time: Uint,
    pub(crate) future_a_gamma_time: Uint,
    pub(crate) mid_fee: Uint,
    pub(crate) out_fee: Uint,
    pub(crate) fee_gamma: Uint,
    pub(crate) admin_fee: Uint,
    pub(crate) allowed_extra_profit: Uint,
    pub(crate) adjustment_step: Uint,
    pub(crate) ma_time: Uint,
    pub(crate) price_scale: Vec<Uint>,
    pub(crate) price_oracle: Vec<Uint>,
    pub(crate) last_prices: Vec<Uint>,
    pub(crate) last_prices_timestamp: Uint,
    pub(crate) d: Uint,
    pub(crate) xcp_profit: Uint,
    pub(crate) xcp_profit_a: Uint,
    pub(crate) virtual_price: Uint,
    pub(crate) not_adjusted: bool,
    pub(crate) has_receiver: bool,
    /// `block.timestamp`.
    pub(crate) now: Uint,
}

type AGamma = [Uint; 2];

impl Pool {
    pub(crate) fn a_gamma(&self) -> Answer<AGamma> {
        let mut t1 = self.future_a_gamma_time.clone();
        let [mut a1, mut gamma1] = self.future_a_gamma.clone();
        if self.now < t1 {
            let [a0, gamma0] = self.initial_a_gamma.clone();
            let mut t0 = self.initial_a_gamma_time.clone();
            t1 = (t1 - &t0).end()?;
            t0 = (self.now.clone() - t0).end()?;
            let t2 = (t1.clone() - &t0).end()?;
            a1 = ((a0 * &t2 + a1 * &t0) / &t1).end()?;
            gamma1 = ((gamma0 * &t2 + gamma1 * &t0) / &t1).end()?;
        }
        Ok([a1, gamma1])
    }

    /// Each of the raw amounts times its precision and price.
    fn xp_of(&self, raw: &[Uint]) -> Answer<Vec<Uint>> {
        let mut xp = vec![(raw[0].clone() * &self.precisions[0]).end()?];
        for i in 1..self.n {
            let p = self.price_scale[i - 1].clone() * &self.precisions[i];
            xp.push((raw[i].clone() * p / E18).end()?);
        }
        Ok(xp)
    }

    fn newton_d(&self, ag: &AGamma, xp: &[Uint]) -> Answer<Uint> {
        if self.kind == Kind::Ng {
            ng_math::newton_d(&ag[0], &ag[1], xp, &num(0))
        } else {
            old_math::newton_d(&ag[0], &ag[1], xp)
        }
    }

    fn y_of(&self, ag: &AGamma, xp: &[Uint], d: &Uint, i: usize) -> Answer<[Uint; 2]> {
        if self.kind == Kind::Ng {
            ng_math::get_y(&ag[0], &ag[1], xp, d, i)
        } else {
            Ok([old_math::newton_y(&ag[0], &ag[1], xp, d, i)?, num(0)])
        }
    }

    fn geometric_mean(&self, x: &[Uint]) -> Answer<Uint> {
        match self.kind {
            Kind::Two => old_math::geometric_mean_2(x, true),
            Kind::Three => old_math::geometric_mean_3(&old_math::sort_3(x)),
            Kind::Ng => ng_math::geometric_mean(x),
        }
    }

    fn fee_of(&self, xp: &[Uint]) -> Answer<Uint> {
        let s = xp.iter().fold(num(0), |s, each| s + each).end()?;
        let f = if self.kind == Kind::Two {
            (self.fee_gamma.clone() * E18
                / (self.fee_gamma.clone() + E18 - num(4 * E18) * &xp[0] / &s * &xp[1] / &s))
                .end()?
        } else {
            let mut k = num(E18);
            for each in xp {
                k = (k * 3 * each / &s).end()?;
            }
            if self.fee_gamma > 0 {
                k = (self.fee_gamma.clone() * E18 / (self.fee_gamma.clone() + E18 - k)).end()?;
            }
            k
        };
        ((self.mid_fee.clone() * &f + self.out_fee.clone() * (num(E18) - &f)) / E18).end()
    }

    pub(crate) fn fee(&self) -> Answer<Uint> {
        self.fee_of(&self.xp_of(&self.balances)?)
    }

    fn xcp_parts(&self, d: &Uint, price_scale: &[Uint]) -> Answer<Vec<Uint>> {
        let n = self.n as i128;
        let mut x = vec![(d.clone() / n).end()?];
        for price in price_scale {
            x.push((d.clone() * E18 / (num(n) * price)).end()?);
        }
        Ok(x)
    }

    fn get_xcp(&self, d: &Uint) -> Answer<Uint> {
        self.geometric_mean(&self.xcp_parts(d, &self.price_scale)?)
    }

    pub(crate) fn get_virtual_price(&self) -> Answer<Uint> {
        (num(E18) * self.get_xcp(&self.d)? / &self.total_supply).end()
    }

    pub(crate) fn claim_admin_fees(&mut self) -> Answer<()> {
        let ag = self.a_gamma()?;
        let mut xcp_profit = self.xcp_profit.clone();
        let xcp_profit_a = self.xcp_profit_a.clone();
        if self.kind == Kind::Ng && (xcp_profit <= xcp_profit_a || self.total_supply < E18) {
            return Ok(());
        }
        self.balances = self.token_balances.clone();
        let vprice = self.virtual_price.clone();
        if xcp_profit > xcp_profit_a {
            let admin_fee =
                if self.kind == Kind::Ng { num(5_000_000_000) } else { self.admin_fee.clone() };
            let fees = ((xcp_profit.clone() - &xcp_profit_a) * admin_fee / 20_000_000_000).end()?;
            let is_receiver = self.has_receiver || self.kind == Kind::Three;
            if fees > 0 && is_receiver {
                let frac = (vprice.clone() * E18 / (vprice - &fees) - E18).end()?;
                let d_supply = (self.total_supply.clone() * frac / E18).end()?;
                self.total_supply = (self.total_supply.clone() + d_supply).end()?;
                xcp_profit = (xcp_profit - fees * 2).end()?;
                self.xcp_profit = xcp_profit.clone();
            }
        }
        let d = self.newton_d(&ag, &self.xp_of(&self.balances)?)?;
        self.d = d.clone();
        self.virtual_price = (num(E18) * self.get_xcp(&d)? / &self.total_supply).end()?;
        if self.kind == Kind::Ng || xcp_profit > xcp_profit_a {
            self.xcp_profit_a = xcp_profit;
        }
        Ok(())
    }

    pub(crate) fn oracle_now(&self) -> Answer<Vec<Uint>> {
        if self.last_prices_timestamp >= self.now {
            return Ok(self.price_oracle.clone());
        }
        let power =
            ((self.now.clone() - &self.last_prices_timestamp) * E18 / &self.ma_time).end()?;
        let alpha = if self.kind == Kind::Ng {
            let power = (super::word::Int::from(0) - power.to_int()).end()?;
            ng_math::exp(&power)?
        } else {
            old_math::halfpow(&power)?
        };
        let mut oracle = Vec::new();
        for k in 0..self.n - 1 {
            let mut last = self.last_prices[k].clone();
            if self.kind == Kind::Ng {
                let cap = (self.price_scale[k].clone() * 2).end()?;
                if cap < last {
                    last = cap;
                }
            }
            let next = (last * (num(E18) - &alpha) + self.price_oracle[k].clone() * &alpha) / E18;
            oracle.push(next.end()?);
        }
        Ok(oracle)
    }

    fn pack(&self, prices: &[Uint]) -> Answer<()> {
        let mask = Uint::new((BigInt::from(1) << 128) - 1);
        if self.kind != Kind::Two && prices.iter().any(|price| *price >= mask) {
            return Err("price size");
        }
        Ok(())
    }

    fn tweak_price(
        &mut self,
        ag: &AGamma,
        xp_after: &[Uint],
        seen: (usize, Uint),
        new_d: &Uint,
        k0_prev: &Uint,
    ) -> Answer<()> {
        let n = self.n as i128;
        let price_scale = self.price_scale.clone();
        if self.last_prices_timestamp < self.now {
            let price_oracle = self.oracle_now()?;
            self.pack(&price_oracle)?;
            self.price_oracle = price_oracle;
            self.last_prices_timestamp = self.now.clone();
        }
        let price_oracle = self.price_oracle.clone();
        let mut d_unadjusted = new_d.clone();
        if new_d.is_zero() {
            d_unadjusted = if self.kind == Kind::Ng {
                ng_math::newton_d(&ag[0], &ag[1], xp_after, k0_prev)?
            } else {
                self.newton_d(ag, xp_after)?
            };
        }
        let mut last_prices = self.last_prices.clone();
        let (i, p_i) = seen;
        if self.kind == Kind::Ng {
            last_prices = ng_math::get_p(xp_after, &d_unadjusted, &ag[0], &ag[1])?;
            for k in 0..self.n - 1 {
                last_prices[k] = (last_prices[k].clone() * &price_scale[k] / E18).end()?;
            }
        } else if p_i > 0 {
            if i > 0 {
                last_prices[i - 1] = p_i;
            } else {
                for price in &mut last_prices {
                    *price = (price.clone() * E18 / &p_i).end()?;
                }
            }
        } else {
            let mut xp = xp_after.to_vec();
            let dx_price = (xp[0].clone() / 1_000_000).end()?;
            xp[0] = (xp[0].clone() + &dx_price).end()?;
            for k in 0..self.n - 1 {
                let up = (price_scale[k].clone() * &dx_price).end()?;
                let [y, _] = self.y_of(ag, &xp, &d_unadjusted, k + 1)?;
                last_prices[k] = (up / (xp_after[k + 1].clone() - y)).end()?;
            }
        }
        self.pack(&last_prices)?;
        self.last_prices = last_prices;

        let total_supply = self.total_supply.clone();
        let old_xcp_profit = self.xcp_profit.clone();
        let mut old_virtual_price = self.virtual_price.clone();
        let parts = self.xcp_parts(&d_unadjusted, &price_scale)?;
        let mut xcp_profit = num(E18);
        let mut virtual_price = num(E18);
        if old_virtual_price > 0 {
            let xcp = self.geometric_mean(&parts)?;
            virtual_price = (num(E18) * xcp / &total_supply).end()?;
            xcp_profit = (old_xcp_profit * &virtual_price / &old_virtual_price).end()?;
            let t = self.future_a_gamma_time.clone();
            if self.kind == Kind::Ng {
                if t < self.now && virtual_price <= old_virtual_price {
                    return Err("loss");
                }
            } else {
                if virtual_price < old_virtual_price && t == 0 {
                    return Err("loss");
                }
                if t == 1 {
                    self.future_a_gamma_time = num(0);
                }
            }
        }
        self.xcp_profit = xcp_profit.clone();

        let mut norm = num(0);
        let mut adjustment_step = self.adjustment_step.clone();
        if self.kind == Kind::Two {
            norm = (price_oracle[0].clone() * E18 / &price_scale[0]).end()?;
            norm = if norm > E18 { norm - E18 } else { num(E18) - norm };
            adjustment_step = adjustment_step.max(norm.clone() / 5);
        }
        let enough = |pool: &Self| -> Answer<bool> {
            let left = (virtual_price.clone() * 2 - E18).end()?;
            Ok(left > (xcp_profit.clone() + num(2) * &pool.allowed_extra_profit).end()?)
        };
        let mut needs_adjustment = self.not_adjusted;
        match self.kind {
            Kind::Two => {
                if !needs_adjustment
                    && enough(self)?
                    && norm > adjustment_step
                    && old_virtual_price > 0
                {
                    needs_adjustment = true;
                    self.not_adjusted = true;
                }
            }
            Kind::Three => {
                if !needs_adjustment && enough(self)? {
                    needs_adjustment = true;
                    self.not_adjusted = true;
                }
            }
            Kind::Ng => needs_adjustment = enough(self)?,
        }
        if needs_adjustment {
            let mut goes = norm > adjustment_step && old_virtual_price > 0;
            if self.kind != Kind::Two {
                norm = num(0);
                for k in 0..self.n - 1 {
                    let ratio = (price_oracle[k].clone() * E18 / &price_scale[k]).end()?;
                    let ratio = if ratio > E18 { ratio - E18 } else { num(E18) - ratio };
                    let square = (ratio.clone() * &ratio).end()?;
                    norm = if self.kind == Kind::Ng {
                        norm.unsafe_add(square)
                    } else {
                        (norm + square).end()?
                    };
                }
                if self.kind == Kind::Ng {
                    norm = ng_math::isqrt(&norm);
                    adjustment_step = adjustment_step.max(norm.clone() / 5);
                    goes = norm > adjustment_step;
                } else {
                    let square = (adjustment_step.clone() * &adjustment_step).end()?;
                    goes = norm > square && old_virtual_price > 0;
                    if goes {
                        norm = old_math::sqrt_int(&(norm / E18).end()?)?;
                    }
                }
            }
            if goes {
                let mut p_new = Vec::new();
                for k in 0..self.n - 1 {
                    let near = price_scale[k].clone() * (norm.clone() - &adjustment_step);
                    let far = adjustment_step.clone() * &price_oracle[k];
                    p_new.push(((near + far) / &norm).end()?);
                }
                let mut xp = xp_after.to_vec();
                for k in 0..self.n - 1 {
                    xp[k + 1] = (xp_after[k + 1].clone() * &p_new[k] / &price_scale[k]).end()?;
                }
                let d = self.newton_d(ag, &xp)?;
                if self.kind == Kind::Ng {
                    for each in &xp {
                        let frac = (each.clone() * E18 / &d).end()?;
                        if frac < ten(16) || frac > ten(20) {
                            return Err("price scale");
                        }
                    }
                }
                let mut xp = vec![(d.clone() / n).end()?];
                for price in &p_new {
                    xp.push((d.clone() * E18 / (num(n) * price)).end()?);
                }
                old_virtual_price = (num(E18) * self.geometric_mean(&xp)? / &total_supply).end()?;
                if old_virtual_price > E18
                    && (num(2) * &old_virtual_price - E18).end()? > xcp_profit
                {
                    self.pack(&p_new)?;
                    self.price_scale = p_new;
                    self.d = d;
                    self.virtual_price = old_virtual_price;
                    return Ok(());
                }
                self.not_adjusted = false;
                if self.kind == Kind::Two {
                    self.d = d_unadjusted;
                    self.virtual_price = virtual_price;
                    return self.claim_admin_fees();
                }
            }
        }
        self.d = d_unadjusted;
        self.virtual_price = virtual_price;
        if needs_adjustment && self.kind == Kind::Two {
            self.not_adjusted = false;
            self.claim_admin_fees()?;
        }
        Ok(())
    }

    /// Returns `dy`.
    pub(crate) fn exchange(&mut self, i: usize, j: usize, dx: &Uint) -> Answer<Uint> {
        if i == j || i >= self.n || j >= self.n {
            return Err("coin");
        }
        if dx.is_zero() {
            return Err("zero in");
        }
        let ag = self.a_gamma()?;
        let mut raw = self.balances.clone();
        let mut y = raw[j].clone();
        let x0 = raw[i].clone();
        raw[i] = (x0 + dx).end()?;
        self.token_balances[i] = (self.token_balances[i].clone() + dx).end()?;
        let mut xp = self.xp_of(&raw)?;
        let old_xp = self.xp_of(&self.balances)?;
        self.balances[i] = raw[i].clone();
        let t = self.future_a_gamma_time.clone();
        if self.kind == Kind::Ng {
            if t > self.now {
                self.d = self.newton_d(&ag, &old_xp)?;
            }
        } else if t > 0 {
            self.d = self.newton_d(&ag, &old_xp)?;
            if self.now >= t {
                self.future_a_gamma_time = num(1);
            }
        }
        let (prec_i, prec_j) = (&self.precisions[i], &self.precisions[j]);
        let [y_out, k0] = self.y_of(&ag, &xp, &self.d, j)?;
        let mut dy = (xp[j].clone() - y_out).end()?;
        xp[j] = (xp[j].clone() - &dy).end()?;
        dy = (dy - 1).end()?;
        if j > 0 {
            dy = (dy * E18 / &self.price_scale[j - 1]).end()?;
        }
        dy = (dy / prec_j).end()?;
        let fee = (self.fee_of(&xp)? * &dy / 10_000_000_000).end()?;
        dy = (dy - fee).end()?;
        y = (y - &dy).end()?;
        self.balances[j] = y.clone();
        self.token_balances[j] = (self.token_balances[j].clone() - &dy).end()?;
        y = (y * prec_j).end()?;
        if j > 0 {
            y = (y * &self.price_scale[j - 1] / E18).end()?;
        }
        xp[j] = y;
        let mut seen = (j, num(0));
        if self.kind != Kind::Ng && *dx > 100_000 && dy > 100_000 {
            let dx = (dx.clone() * prec_i).end()?;
            let dy = (dy.clone() * prec_j).end()?;
            if i != 0 && j != 0 {
                seen.1 = (self.last_prices[i - 1].clone() * dx / dy).end()?;
            } else if i == 0 {
                seen.1 = (dx * E18 / dy).end()?;
            } else {
                seen = (i, (dy * E18 / dx).end()?);
            }
        }
        self.tweak_price(&ag, &xp, seen, &num(0), &k0)?;
        Ok(dy)
    }

    pub(crate) fn get_dy(&self, i: usize, j: usize, dx: &Uint) -> Answer<Uint> {
        if i == j || i >= self.n || j >= self.n {
            return Err("coin");
        }
        if self.kind != Kind::Two && dx.is_zero() {
            return Err("zero in");
        }
        let ag = self.a_gamma()?;
        let mut d = self.d.clone();
        if match self.kind {
            Kind::Two => self.future_a_gamma_time > 0,
            Kind::Three => false,
            Kind::Ng => self.future_a_gamma_time > self.now,
        } {
            d = self.newton_d(&ag, &self.xp_of(&self.balances)?)?;
        }
        let mut raw = self.balances.clone();
        raw[i] = (raw[i].clone() + dx).end()?;
        let mut xp = self.xp_of(&raw)?;
        let [y, _] = self.y_of(&ag, &xp, &d, j)?;
        let mut dy = (xp[j].clone() - &y - 1).end()?;
        xp[j] = y;
        if j > 0 {
            dy = (dy * E18 / &self.price_scale[j - 1]).end()?;
        }
        dy = (dy / &self.precisions[j]).end()?;
        (dy.clone() - self.fee_of(&xp)? * &dy / 10_000_000_000).end()
    }

    /// Of ng's views.
    pub(crate) fn get_dx(&self, i: usize, j: usize, dy: &Uint) -> Answer<Uint> {
        if self.kind != Kind::Ng {
            return Err("no call");
        }
        if i == j || i >= self.n || j >= self.n {
            return Err("coin");
        }
        let ag = self.a_gamma()?;
        let mut dy_now = dy.clone();
        let mut dx = num(0);
        for _ in 0..5 {
            if dy_now.is_zero() {
                return Err("zero in");
            }
            let mut d = self.d.clone();
            if self.future_a_gamma_time > self.now {
                d = self.newton_d(&ag, &self.xp_of(&self.balances)?)?;
            }
            let mut raw = self.balances.clone();
            raw[j] = (raw[j].clone() - &dy_now).end()?;
            let mut xp = self.xp_of(&raw)?;
            let [x_out, _] = self.y_of(&ag, &xp, &d, i)?;
            dx = (x_out.clone() - &xp[i]).end()?;
            xp[i] = x_out;
            if i > 0 {
                dx = (dx * E18 / &self.price_scale[i - 1]).end()?;
            }
            dx = (dx / &self.precisions[i]).end()?;
            let fee_dy = (self.fee_of(&xp)? * &dy_now / 10_000_000_000).end()?;
            dy_now = (dy.clone() + fee_dy + 1).end()?;
        }
        Ok(dx)
    }

    fn calc_token_fee(&self, amounts: &[Uint], xp: &[Uint]) -> Answer<Uint> {
        let n = self.n as i128;
        let fee = (self.fee_of(xp)? * n / (4 * (n - 1))).end()?;
        let s = amounts.iter().fold(num(0), |s, each| s + each).end()?;
        let avg = s.clone() / n;
        let mut sdiff = num(0);
        for each in amounts {
            sdiff = if *each > avg {
                sdiff + (each.clone() - &avg)
            } else {
                sdiff + (avg.clone() - each)
            };
        }
        (fee * sdiff / s + 100_000).end()
    }

    /// What the others are worth, in the first coin, at the last prices; of two coins bare.
    fn others(&self, xx: &[Uint], ix: usize) -> Answer<Uint> {
        let mut s = num(0);
        for i in 0..self.n {
            if i == ix {
                continue;
            }
            if self.kind == Kind::Two || i == 0 {
                s = (s + xx[i].clone() * &self.precisions[i]).end()?;
            } else {
                let worth = xx[i].clone() * &self.last_prices[i - 1] * &self.precisions[i] / E18;
                s = (s + worth).end()?;
            }
        }
        Ok(s)
    }

    pub(crate) fn add_liquidity(&mut self, amounts: &[Uint]) -> Answer<Uint> {
        let nothing = match self.kind {
            Kind::Two | Kind::Three => amounts.iter().all(Uint::is_zero),
            Kind::Ng => amounts.iter().fold(num(0), |s, each| s + each).end()?.is_zero(),
        };
        if nothing {
            return Err("nothing added");
        }
        let ag = self.a_gamma()?;
        let xp_old = self.balances.clone();
        for i in 0..self.n {
            self.balances[i] = (self.balances[i].clone() + &amounts[i]).end()?;
            self.token_balances[i] = (self.token_balances[i].clone() + &amounts[i]).end()?;
        }
        let xx = self.balances.clone();
        let xp = self.xp_of(&xx)?;
        let xp_old = self.xp_of(&xp_old)?;
        let mut amountsp = vec![num(0); self.n];
        let mut ixs = Vec::new();
        for i in 0..self.n {
            if amounts[i] > 0 {
                amountsp[i] = (xp[i].clone() - &xp_old[i]).end()?;
                ixs.push(i);
            }
        }
        let t = self.future_a_gamma_time.clone();
        let mut old_d = self.d.clone();
        if self.kind == Kind::Ng {
            if t > self.now {
                old_d = self.newton_d(&ag, &xp_old)?;
            }
        } else if t > 0 {
            old_d = self.newton_d(&ag, &xp_old)?;
            if self.now >= t {
                self.future_a_gamma_time = num(1);
            }
        }
        let d = self.newton_d(&ag, &xp)?;
        let mut token_supply = self.total_supply.clone();
        let mut d_token = if old_d > 0 {
            (token_supply.clone() * &d / &old_d - &token_supply).end()?
        } else {
            self.get_xcp(&d)?
        };
        if d_token.is_zero() {
            return Err("nothing minted");
        }
        if old_d > 0 {
            let d_token_fee =
                (self.calc_token_fee(&amountsp, &xp)? * &d_token / 10_000_000_000 + 1).end()?;
            d_token = (d_token - d_token_fee).end()?;
            token_supply = (token_supply + &d_token).end()?;
            self.total_supply = token_supply.clone();
            let mut seen = (0, num(0));
            if self.kind != Kind::Ng && d_token > 100_000 && ixs.len() == 1 {
                let ix = ixs[0];
                let s = (self.others(&xx, ix)? * &d_token / &token_supply).end()?;
                let prec = &self.precisions[ix];
                let mut p = (s * E18
                    / (amounts[ix].clone() * prec
                        - d_token.clone() * &xx[ix] * prec / &token_supply))
                    .end()?;
                if self.kind == Kind::Two && ix == 0 {
                    p = (ten(36) / p).end()?;
                }
                seen = (if self.kind == Kind::Two { 1 } else { ix }, p);
            }
            self.tweak_price(&ag, &xp, seen, &d, &num(0))?;
        } else {
            self.d = d;
            self.virtual_price = num(E18);
            self.xcp_profit = num(E18);
            if self.kind == Kind::Ng {
                self.xcp_profit_a = num(E18);
            }
            self.total_supply = (token_supply + &d_token).end()?;
        }
        if self.kind == Kind::Ng {
            self.claim_admin_fees()?;
        }
        Ok(d_token)
    }

    pub(crate) fn remove_liquidity(&mut self, shares: &Uint, claim: bool) -> Answer<Vec<Uint>> {
        let balances = self.balances.clone();
        if self.kind == Kind::Ng && claim {
            self.claim_admin_fees()?;
        }
        let total_supply = self.total_supply.clone();
        if *shares > total_supply {
            return Err("shares");
        }
        self.total_supply = total_supply.clone() - shares;
        let mut out = Vec::new();
        let mut amount = shares.clone();
        if self.kind == Kind::Ng && amount == total_supply {
            out = balances;
            self.balances = vec![num(0); self.n];
            self.d = (self.d.clone() - (self.d.clone() * &amount).end()?.unsafe_div(&total_supply))
                .end()?;
        } else {
            amount = (amount - 1).end()?;
            for i in 0..self.n {
                let d_balance = (balances[i].clone() * &amount / &total_supply).end()?;
                self.balances[i] = (balances[i].clone() - &d_balance).end()?;
                out.push(d_balance);
            }
            self.d = (self.d.clone() - self.d.clone() * &amount / &total_supply).end()?;
        }
        for i in 0..self.n {
            self.token_balances[i] = (self.token_balances[i].clone() - &out[i]).end()?;
        }
        Ok(out)
    }

    /// `dy`, the price seen, D and the scaled balances.
    fn withdraw_one(
        &self,
        ag: &AGamma,
        token_amount: &Uint,
        i: usize,
        update_d: bool,
        calc_price: bool,
    ) -> Answer<(Uint, Uint, Uint, Vec<Uint>)> {
        let token_supply = self.total_supply.clone();
        if *token_amount > token_supply {
            return Err("shares");
        }
        if i >= self.n {
            return Err("coin");
        }
        let xx = self.balances.clone();
        let mut xp = self.xp_of(&xx)?;
        let price_scale_i = if i == 0 {
            (num(E18) * &self.precisions[0]).end()?
        } else {
            (self.price_scale[i - 1].clone() * &self.precisions[i]).end()?
        };
        let d0 = if update_d { self.newton_d(ag, &xp)? } else { self.d.clone() };
        let mut d = d0.clone();
        let fee = if self.kind == Kind::Ng {
            let correction = (xp[i].clone() * 3 * token_amount / &token_supply).end()?;
            if correction < xp[i] {
                let mut imprecise = xp.clone();
                imprecise[i] = imprecise[i].clone() - correction;
                self.fee_of(&imprecise)?
            } else {
                self.out_fee.clone()
            }
        } else {
            self.fee_of(&xp)?
        };
        let d_d = (token_amount.clone() * &d / &token_supply).end()?;
        let d_fee = (fee * &d_d / 20_000_000_000 + 1).end()?;
        if self.kind == Kind::Ng {
            let _approximate = (num(3) * &d_fee * &xx[i] / &d).end()?;
        }
        d = (d - (d_d.clone() - d_fee)).end()?;
        let [y, _] = self.y_of(ag, &xp, &d, i)?;
        let dy = ((xp[i].clone() - &y) * E18 / price_scale_i).end()?;
        xp[i] = y;
        let mut p = num(0);
        if calc_price && self.kind != Kind::Ng && dy > 100_000 && *token_amount > 100_000 {
            let s = (self.others(&xx, i)? * &d_d / &d0).end()?;
            let prec = &self.precisions[i];
            p = (s * E18 / (dy.clone() * prec - d_d * &xx[i] * prec / &d0)).end()?;
            if self.kind == Kind::Two && i == 0 {
                p = (ten(36) / p).end()?;
            }
        }
        Ok((dy, p, d, xp))
    }

    pub(crate) fn calc_withdraw_one_coin(&self, token_amount: &Uint, i: usize) -> Answer<Uint> {
        let update_d = self.kind != Kind::Ng || self.future_a_gamma_time > self.now;
        Ok(self.withdraw_one(&self.a_gamma()?, token_amount, i, update_d, false)?.0)
    }

    pub(crate) fn remove_liquidity_one_coin(&mut self, shares: &Uint, i: usize) -> Answer<Uint> {
        let ag = self.a_gamma()?;
        let t = self.future_a_gamma_time.clone();
        let update_d = if self.kind == Kind::Ng {
            self.claim_admin_fees()?;
            t > self.now
        } else {
            t > 0
        };
        let (dy, p, d, xp) = self.withdraw_one(&ag, shares, i, update_d, true)?;
        if self.kind != Kind::Ng && self.now >= t {
            self.future_a_gamma_time = num(1);
        }
        self.balances[i] = (self.balances[i].clone() - &dy).end()?;
        self.token_balances[i] = (self.token_balances[i].clone() - &dy).end()?;
        self.total_supply = (self.total_supply.clone() - shares).end()?;
        let coin = if self.kind == Kind::Two { 1 } else { i };
        self.tweak_price(&ag, &xp, (coin, p), &d, &num(0))?;
        Ok(dy)
    }

    pub(crate) fn calc_token_amount(&self, amounts: &[Uint], deposit: bool) -> Answer<Uint> {
        if self.kind == Kind::Two && !deposit {
            return Err("no call");
        }
        let token_supply = self.total_supply.clone();
        let ag = self.a_gamma()?;
        let mut d0 = self.d.clone();
        if match self.kind {
            Kind::Two => self.future_a_gamma_time > 0,
            Kind::Three => false,
            Kind::Ng => self.future_a_gamma_time > self.now,
        } {
            d0 = self.newton_d(&ag, &self.xp_of(&self.balances)?)?;
        }
        let amountsp = self.xp_of(amounts)?;
        let xp = if self.kind == Kind::Two {
            let xp = self.xp_of(&self.balances)?;
            vec![(xp[0].clone() + &amountsp[0]).end()?, (xp[1].clone() + &amountsp[1]).end()?]
        } else {
            let mut raw = self.balances.clone();
            for k in 0..3 {
                let each = raw[k].clone();
                raw[k] = if deposit { each + &amounts[k] } else { each - &amounts[k] }.end()?;
            }
            self.xp_of(&raw)?
        };
        let d = self.newton_d(&ag, &xp)?;
        let then = (token_supply.clone() * d / d0).end()?;
        let d_token = if deposit { then - token_supply } else { token_supply - then }.end()?;
        let fee = (self.calc_token_fee(&amountsp, &xp)? * &d_token / 10_000_000_000 + 1).end()?;
        (d_token - fee).end()
    }

    pub(crate) fn ramp(&mut self, future: [Uint; 2], future_time: &Uint) -> Answer<()> {
        if self.now < (self.initial_a_gamma_time.clone() + 86_400).end()? {
            return Err("ramp soon");
        }
        if *future_time < (self.now.clone() + 86_400).end()? {
            return Err("ramp short");
        }
        let ag = self.a_gamma()?;
        let (a, gamma) = match self.kind {
            Kind::Two => ((4_000, 4_000_000_000), (10_000_000_000, 20_000_000_000_000_000)),
            Kind::Three => ((1, 2_700_000_000), (10_000_000_000, 10_000_000_000_000_000)),
            Kind::Ng => ((2_700, 270_000_000), (10_000_000_000, 50_000_000_000_000_000)),
        };
        for (value, (low, high)) in future.iter().zip([a, gamma]) {
            if *value < low || *value > high {
                return Err("ramp bounds");
            }
        }
        for (value, now) in future.iter().zip(&ag) {
            let ratio = (num(E18) * value / now).end()?;
            if !(num(E18 / 10)..=num(10 * E18)).contains(&ratio) {
                return Err("ramp bounds");
            }
        }
        self.initial_a_gamma = ag;
        self.initial_a_gamma_time = self.now.clone();
        self.future_a_gamma_time = future_time.clone();
        self.future_a_gamma = future;
        Ok(())
    }

    pub(crate) fn stop_ramp(&mut self) -> Answer<()> {
        let ag = self.a_gamma()?;
        self.initial_a_gamma = ag.clone();
        self.future_a_gamma = ag;
        self.initial_a_gamma_time = self.now.clone();
        self.future_a_gamma_time = self.now.clone();
        Ok(())
    }

    pub(crate) fn lp_price(&self) -> Answer<Uint> {
        match self.kind {
            Kind::Two => {
                let root = old_math::sqrt_int(&self.oracle_now()?[0])?;
                (num(2) * &self.virtual_price * root / E18).end()
            }
            Kind::Three => Err("no call"),
            Kind::Ng => {
                let area = (self.price_oracle[0].clone() * &self.price_oracle[1]).end()?;
                (num(3) * &self.virtual_price * ng_math::cbrt(&area) / ten(24)).end()
            }
        }
    }
}
