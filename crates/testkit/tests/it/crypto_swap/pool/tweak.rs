//! `tweak_price` of each contract, and the oracle that it moves.

use num_bigint::BigInt;

use super::{AGamma, Build, Kind, Pool};
use crate::crypto_swap::old_math::{self, E18, num, ten};
use crate::crypto_swap::word::{Answer, Int, Uint};
use crate::crypto_swap::{ng_math, two_ng_math};

impl Pool {
    pub(crate) fn oracle_now(&self) -> Answer<Vec<Uint>> {
        if self.last_prices_timestamp >= self.now {
            return Ok(self.price_oracle.clone());
        }
        let power =
            ((self.now.clone() - &self.last_prices_timestamp) * E18 / &self.ma_time).end()?;
        let alpha = if self.is_ng() {
            let power = (Int::from(0) - power.to_int()).end()?;
            ng_math::exp(&power)?
        } else {
            old_math::halfpow(&power)?
        };
        let mut oracle = Vec::new();
        for k in 0..self.n - 1 {
            let mut last = self.last_prices[k].clone();
            if self.is_ng() {
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

    /// As `price_oracle` gives it.
    pub(crate) fn shown_oracle(&self) -> Answer<Vec<Uint>> {
        let is_stored = matches!(self.build, Build::Eurt | Build::Crv | Build::Cvx);
        if is_stored || self.kind == Kind::Three {
            return Ok(self.price_oracle.clone());
        }
        self.oracle_now()
    }

    fn pack(&self, prices: &[Uint]) -> Answer<()> {
        let mask = Uint::new((BigInt::from(1) << 128) - 1);
        if self.n == 3 && prices.iter().any(|price| *price >= mask) {
            return Err("price size");
        }
        Ok(())
    }

    pub(super) fn tweak_price(
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
            d_unadjusted = self.newton_d_from(ag, xp_after, k0_prev)?;
        }
        let mut last_prices = self.last_prices.clone();
        let (i, p_i) = seen;
        if self.kind == Kind::TwoNg {
            let p = two_ng_math::get_p(xp_after, &d_unadjusted, &ag[0], &ag[1])?;
            last_prices = vec![(p * &price_scale[0]).end()?.unsafe_div(E18)];
        } else if self.kind == Kind::Ng {
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
            if self.is_ng() {
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
        let is_early = matches!(self.build, Build::Eurt | Build::Crv);
        let distance = || -> Answer<(Uint, Uint)> {
            let norm = (price_oracle[0].clone() * E18 / &price_scale[0]).end()?;
            let norm = if norm > E18 { norm - E18 } else { num(E18) - norm };
            let step = self.adjustment_step.clone();
            let step = match self.build {
                Build::Eurt => step,
                Build::Crv | Build::Cvx | Build::Euroc => step.max(norm.clone() / 10),
                Build::Factory | Build::V2_0_0 | Build::V2_1_0 => step.max(norm.clone() / 5),
            };
            Ok((norm, step))
        };
        if self.kind == Kind::Two && !is_early {
            (norm, adjustment_step) = distance()?;
        }
        let enough = |pool: &Self| -> Answer<bool> {
            let left = (virtual_price.clone() * 2 - E18).end()?;
            Ok(left > (xcp_profit.clone() + num(2) * &pool.allowed_extra_profit).end()?)
        };
        let mut needs_adjustment = self.not_adjusted;
        match self.kind {
            Kind::Two if is_early => {
                if !needs_adjustment && enough(self)? {
                    needs_adjustment = true;
                }
                if needs_adjustment {
                    (norm, adjustment_step) = distance()?;
                    self.not_adjusted = true;
                }
            }
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
            Kind::Ng | Kind::TwoNg => needs_adjustment = enough(self)?,
        }
        if needs_adjustment {
            let mut goes = norm > adjustment_step && old_virtual_price > 0;
            if self.kind == Kind::TwoNg {
                norm = price_oracle[0].unsafe_mul(E18).unsafe_div(&price_scale[0]);
                norm = if norm > E18 { norm.unsafe_sub(E18) } else { num(E18).unsafe_sub(&norm) };
                adjustment_step = adjustment_step.max(norm.unsafe_div(5));
                goes = norm > adjustment_step;
            } else if self.kind != Kind::Two {
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
                if self.kind == Kind::Ng || self.build == Build::V2_0_0 {
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
        if needs_adjustment && self.kind == Kind::Two && !is_early {
            self.not_adjusted = false;
            self.claim_admin_fees()?;
        }
        Ok(())
    }
}
