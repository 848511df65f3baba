//! What the administrators take, and when.

use tidemill_units::U256;

use super::checked::{
    Checked, FEE_UNIT, WAD, ZERO, difference, fee_of, machine_quotient, product, small, sum,
    times_over, wad_of,
};
use super::state::NG_ADMIN_FEE;
use super::{CryptoGeneration, CryptoSwap};

/// `MIN_ADMIN_FEE_CLAIM_INTERVAL` of twocrypto-ng.
const LEAST_INTERVAL: u64 = 86_400;

impl CryptoSwap {
    /// Tricrypto-ng claims with each deposit and, unless told not to, each balanced withdrawal.
    pub(super) fn claim_with_shares(&mut self, at: u64) -> Checked<()> {
        match self.generation {
            CryptoGeneration::TricryptoNg => self.claim(at),
            CryptoGeneration::TwoCrypto(_)
            | CryptoGeneration::Tricrypto2
            | CryptoGeneration::TwocryptoNg(_) => Ok(()),
        }
    }

    /// All of the ng generation claim before a withdrawal in one coin.
    pub(super) fn claim_with_one_coin(&mut self, at: u64) -> Checked<()> {
        match self.generation {
            CryptoGeneration::TwoCrypto(_) | CryptoGeneration::Tricrypto2 => Ok(()),
            CryptoGeneration::TricryptoNg => self.claim(at),
            CryptoGeneration::TwocryptoNg(_) => self.claim_in_coins(at),
        }
    }

    /// Twocrypto-ng owes its administrators half of each deposit's fee.
    pub(super) fn note_deposit_fee(&mut self, fee: U256) -> Checked<()> {
        if matches!(self.generation, CryptoGeneration::TwocryptoNg(_)) {
            let part = fee_of(small(NG_ADMIN_FEE), fee)?;
            self.admin_shares = sum(self.admin_shares, part)?;
        }
        Ok(())
    }

    /// Takes the administrators' part of the profit in new shares, and makes gifts the pool's.
    ///
    /// Source: `_claim_admin_fees` of each generation but twocrypto-ng.
    pub(super) fn claim(&mut self, at: u64) -> Checked<()> {
        let shape = self.shape(at)?;
        let has_profit = self.xcp_profit > self.xcp_profit_a;
        if self.generation.is_ng() && (!has_profit || self.total_supply < WAD) {
            return Ok(());
        }
        self.balances = self.holdings;
        if has_profit {
            let profit = difference(self.xcp_profit, self.xcp_profit_a)?;
            let part = product(profit, small(self.parameters.admin_fee))?;
            let fees = part.wrapping_div(FEE_UNIT).wrapping_shr(1);
            if !fees.is_zero() && self.has_fee_receiver {
                self.mint_profit(fees)?;
            }
        }
        self.d = self.invariant_of(&shape, self.scaled(&self.balances)?, ZERO)?;
        self.virtual_price = self.worth_per_share(self.d, &self.price_scale)?;
        if self.generation.is_ng() || self.xcp_profit > self.xcp_profit_a {
            self.xcp_profit_a = self.xcp_profit;
        }
        Ok(())
    }

    fn mint_profit(&mut self, fees: U256) -> Checked<()> {
        self.total_supply = sum(self.total_supply, self.shares_for(fees)?)?;
        self.xcp_profit = difference(self.xcp_profit, product(fees, small(2))?)?;
        Ok(())
    }

    /// The new shares that are worth a part of each one's virtual price.
    fn shares_for(&self, fees: U256) -> Checked {
        let rest = difference(self.virtual_price, fees)?;
        let grown = times_over(self.virtual_price, WAD, rest)?;
        let fraction = difference(grown, WAD)?;
        wad_of(self.total_supply, fraction)
    }

    /// Pays twocrypto-ng's administrators their part of the profit, and what they are owed, in
    /// coins; not twice within a day, nor where it would take a share's worth below one.
    ///
    /// Source: `CurveTwocryptoOptimized.vy` `_claim_admin_fees`.
    fn claim_in_coins(&mut self, at: u64) -> Checked<()> {
        // The machine's difference: a claim from the future is long ago.
        let elapsed = at.checked_sub(self.last_claim);
        let is_early = elapsed.is_some_and(|elapsed| elapsed < LEAST_INTERVAL);
        if is_early || self.future_time > at {
            return Ok(());
        }
        if self.xcp_profit <= self.xcp_profit_a || self.total_supply < WAD {
            return Ok(());
        }
        let profit = difference(self.xcp_profit, self.xcp_profit_a)?;
        let part = product(profit, small(NG_ADMIN_FEE))?;
        let fees = part.wrapping_div(FEE_UNIT).wrapping_shr(1);
        let (mut shares, mut left) = (self.admin_shares, self.xcp_profit);
        if self.has_fee_receiver && !fees.is_zero() {
            shares = sum(shares, self.shares_for(fees)?)?;
            left = difference(left, product(fees, small(2))?)?;
        }
        let supply = sum(self.total_supply, shares)?;
        let worth = product(WAD, self.worth(self.d, &self.price_scale)?)?;
        let virtual_price = machine_quotient(worth, supply);
        if virtual_price < WAD {
            return Ok(());
        }
        self.admin_shares = ZERO;
        self.last_claim = at;
        self.xcp_profit = left;
        self.xcp_profit_a = self.xcp_profit_a.max(left);
        self.virtual_price = virtual_price;
        self.d = difference(self.d, machine_quotient(product(self.d, shares)?, supply))?;
        for coin in 0..self.generation.coins() {
            let paid = times_over(self.balances[coin], shares, supply)?;
            self.pay(coin, paid)?;
        }
        Ok(())
    }
}
