//! The pools themselves, statement by statement: `CurveCryptoSwap2ETH.vy` (two), tricrypto2's
//! `CurveCryptoSwap.vy` (three), `CurveTricryptoOptimizedWETH.vy` (ng) and
//! `CurveTwocryptoOptimized.vy` (two-ng). A failed call is the caller's to undo, by keeping a copy.

mod liquidity;
mod tweak;

use super::old_math::{self, E18, num, ten};
use super::word::{Answer, Uint};
use super::{ng_math, two_ng_math};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Two,
    Three,
    Ng,
    TwoNg,
}

/// Which contract of two coins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Eurt,
    Crv,
    Cvx,
    Euroc,
    /// Also where the kind has one build alone.
    Factory,
    V2_0_0,
    V2_1_0,
}

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) kind: Kind,
    pub(crate) build: Build,
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
    pub(crate) last_admin_fee_claim_timestamp: Uint,
    pub(crate) admin_lp_virtual_balance: Uint,
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

    fn is_ng(&self) -> bool {
        self.kind == Kind::Ng || self.kind == Kind::TwoNg
    }

    fn newton_d(&self, ag: &AGamma, xp: &[Uint]) -> Answer<Uint> {
        self.newton_d_from(ag, xp, &num(0))
    }

    fn newton_d_from(&self, ag: &AGamma, xp: &[Uint], k0_prev: &Uint) -> Answer<Uint> {
        let is_2_1 = self.build == Build::V2_1_0;
        match self.kind {
            Kind::Two | Kind::Three => old_math::newton_d(&ag[0], &ag[1], xp),
            Kind::Ng => ng_math::newton_d(&ag[0], &ag[1], xp, k0_prev),
            Kind::TwoNg => two_ng_math::newton_d(is_2_1, &ag[0], &ag[1], xp, k0_prev),
        }
    }

    fn y_of(&self, ag: &AGamma, xp: &[Uint], d: &Uint, i: usize) -> Answer<[Uint; 2]> {
        let is_2_1 = self.build == Build::V2_1_0;
        let euroc = self.build == Build::Euroc;
        match self.kind {
            Kind::Two | Kind::Three => {
                Ok([old_math::newton_y(&ag[0], &ag[1], xp, d, i, euroc)?, num(0)])
            }
            Kind::Ng => ng_math::get_y(&ag[0], &ag[1], xp, d, i),
            Kind::TwoNg => two_ng_math::get_y(is_2_1, &ag[0], &ag[1], xp, d, i),
        }
    }

    fn geometric_mean(&self, x: &[Uint]) -> Answer<Uint> {
        match self.kind {
            Kind::Two => old_math::geometric_mean_2(x, true),
            Kind::Three => old_math::geometric_mean_3(&old_math::sort_3(x)),
            Kind::Ng => ng_math::geometric_mean(x),
            Kind::TwoNg => Ok(ng_math::isqrt(&(x[0].clone() * &x[1]).end()?)),
        }
    }

    fn fee_of(&self, xp: &[Uint]) -> Answer<Uint> {
        let s = xp.iter().fold(num(0), |s, each| s + each).end()?;
        let f = if self.n == 2 {
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
        if self.kind == Kind::TwoNg {
            return Err("no call");
        }
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

    /// Of two-ng, before a withdrawal in one coin.
    pub(crate) fn pay_admin_fees(&mut self) -> Answer<()> {
        let since = self.now.unsafe_sub(&self.last_admin_fee_claim_timestamp);
        if since < 86_400 || self.future_a_gamma_time > self.now {
            return Ok(());
        }
        let mut xcp_profit = self.xcp_profit.clone();
        let xcp_profit_a = self.xcp_profit_a.clone();
        let supply = self.total_supply.clone();
        if xcp_profit <= xcp_profit_a || supply < E18 {
            return Ok(());
        }
        self.a_gamma()?;
        let d = self.d.clone();
        let vprice = self.virtual_price.clone();
        let balances = self.balances.clone();
        let fees = (xcp_profit.unsafe_sub(&xcp_profit_a) * 5_000_000_000).end()?;
        let fees = fees.unsafe_div(20_000_000_000);
        let mut admin_share = self.admin_lp_virtual_balance.clone();
        if self.has_receiver && fees > 0 {
            let frac = (vprice.clone() * E18 / (vprice - &fees) - E18).end()?;
            admin_share = (admin_share + supply.clone() * frac / E18).end()?;
            xcp_profit = (xcp_profit - fees * 2).end()?;
        }
        let total = (supply + &admin_share).end()?;
        let vprice = (num(E18) * self.get_xcp(&d)? / &total).end()?;
        if vprice < E18 {
            return Ok(());
        }
        self.admin_lp_virtual_balance = num(0);
        self.xcp_profit = xcp_profit.clone();
        self.last_admin_fee_claim_timestamp = self.now.clone();
        self.virtual_price = vprice;
        let gone = (d.clone() * &admin_share).end()?.unsafe_div(&total);
        self.d = (d - gone).end()?;
        if xcp_profit > xcp_profit_a {
            self.xcp_profit_a = xcp_profit;
        }
        if admin_share > 0 {
            for i in 0..2 {
                let tokens = (balances[i].clone() * &admin_share / &total).end()?;
                self.balances[i] = (self.balances[i].clone() - &tokens).end()?;
                self.token_balances[i] = (self.token_balances[i].clone() - &tokens).end()?;
            }
        }
        Ok(())
    }

    /// Returns `dy`; all that is there and not the pool's goes in.
    pub(crate) fn exchange_received(&mut self, i: usize, j: usize, dx: &Uint) -> Answer<Uint> {
        if self.kind != Kind::TwoNg {
            return Err("no call");
        }
        if i == j || i >= self.n || j >= self.n {
            return Err("coin");
        }
        let there = (self.token_balances[i].clone() - &self.balances[i]).end()?;
        if there < *dx {
            return Err("not given");
        }
        self.token_balances[i] = self.balances[i].clone();
        self.exchange(i, j, &there)
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
        if self.is_ng() {
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
        if !self.is_ng() && *dx > 100_000 && dy > 100_000 {
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
            Kind::Ng | Kind::TwoNg => self.future_a_gamma_time > self.now,
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
        if !self.is_ng() {
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

    pub(crate) fn ramp(&mut self, future: [Uint; 2], future_time: &Uint) -> Answer<()> {
        if self.build == Build::V2_1_0 {
            if self.now <= self.future_a_gamma_time {
                return Err("ramp underway");
            }
        } else if self.now < (self.initial_a_gamma_time.clone() + 86_400).end()? {
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
            Kind::TwoNg if self.build == Build::V2_1_0 => {
                ((4_000, 40_000_000), (10_000_000_000, 199_000_000_000_000_000))
            }
            Kind::TwoNg => ((4_000, 40_000_000), (10_000_000_000, 50_000_000_000_000_000)),
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
            Kind::Two if self.build == Build::Eurt => Err("no call"),
            Kind::TwoNg => {
                let root = ng_math::isqrt(&(self.shown_oracle()?[0].clone() * E18).end()?);
                (num(2) * &self.virtual_price * root / E18).end()
            }
            Kind::Two => {
                let root = old_math::sqrt_int(&self.shown_oracle()?[0])?;
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
