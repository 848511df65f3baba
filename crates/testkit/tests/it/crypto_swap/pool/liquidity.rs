//! What adds liquidity and takes it out.

use super::{AGamma, Kind, Pool};
use crate::crypto_swap::old_math::{E18, num, ten};
use crate::crypto_swap::word::{Answer, Uint};

impl Pool {
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
            Kind::Ng | Kind::TwoNg => {
                amounts.iter().fold(num(0), |s, each| s + each).end()?.is_zero()
            }
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
        if self.is_ng() {
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
            d_token = (d_token - &d_token_fee).end()?;
            token_supply = (token_supply + &d_token).end()?;
            self.total_supply = token_supply.clone();
            if self.kind == Kind::TwoNg {
                let owed = (d_token_fee * 5_000_000_000).end()?.unsafe_div(10_000_000_000);
                self.admin_lp_virtual_balance =
                    (self.admin_lp_virtual_balance.clone() + owed).end()?;
            }
            let mut seen = (0, num(0));
            if !self.is_ng() && d_token > 100_000 && ixs.len() == 1 {
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
            if self.is_ng() {
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
        if self.is_ng() && amount == total_supply {
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
        let n_coins = self.n as i128;
        let fee = if self.is_ng() {
            let correction = (xp[i].clone() * n_coins * token_amount / &token_supply).end()?;
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
        if self.is_ng() {
            let _approximate = (num(n_coins) * &d_fee * &xx[i] / &d).end()?;
        }
        d = (d - (d_d.clone() - d_fee)).end()?;
        let [y, _] = self.y_of(ag, &xp, &d, i)?;
        let dy = ((xp[i].clone() - &y) * E18 / price_scale_i).end()?;
        xp[i] = y;
        let mut p = num(0);
        if calc_price && !self.is_ng() && dy > 100_000 && *token_amount > 100_000 {
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
        let update_d = !self.is_ng() || self.future_a_gamma_time > self.now;
        Ok(self.withdraw_one(&self.a_gamma()?, token_amount, i, update_d, false)?.0)
    }

    pub(crate) fn remove_liquidity_one_coin(&mut self, shares: &Uint, i: usize) -> Answer<Uint> {
        let ag = self.a_gamma()?;
        let t = self.future_a_gamma_time.clone();
        let update_d = if self.is_ng() {
            if self.kind == Kind::Ng {
                self.claim_admin_fees()?;
            } else {
                self.pay_admin_fees()?;
            }
            t > self.now
        } else {
            t > 0
        };
        let (dy, p, d, xp) = self.withdraw_one(&ag, shares, i, update_d, true)?;
        if !self.is_ng() && self.now >= t {
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
            Kind::Ng | Kind::TwoNg => self.future_a_gamma_time > self.now,
        } {
            d0 = self.newton_d(&ag, &self.xp_of(&self.balances)?)?;
        }
        let amountsp = self.xp_of(amounts)?;
        let xp = if self.kind == Kind::Two {
            let xp = self.xp_of(&self.balances)?;
            vec![(xp[0].clone() + &amountsp[0]).end()?, (xp[1].clone() + &amountsp[1]).end()?]
        } else {
            let mut raw = self.balances.clone();
            for k in 0..self.n {
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
}
