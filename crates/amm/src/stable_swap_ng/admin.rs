use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use super::{MAX_FEE, MAX_FEE_FAR_FROM_PEG, StableSwapNg, StableSwapNgError as Error};
use crate::curve_math::HUNDREDTHS;

impl StableSwapNg {
    /// Pays out the administrators' part of the fees and returns it (`withdraw_admin_fees`, which
    /// anyone may call). A fee receiver is taken to be set; without one the contract does nothing.
    ///
    /// Errors: `TokenRefuses` and `Underflow`, in a pool that lost coins.
    pub fn withdraw_admin_fees(&mut self) -> Result<TokenAmounts, Error> {
        let mut next = self.clone();
        let paid = next.pay_admin_fees()?;
        *self = next;
        Ok(paid)
    }

    /// As `withdraw_admin_fees`, but leaves the pool half changed where it fails.
    pub(super) fn pay_admin_fees(&mut self) -> Result<TokenAmounts, Error> {
        let paid = self.holdings.admin;
        for (coin, amount) in paid.iter() {
            if !amount.is_zero() {
                self.holdings.pay_out(coin, amount.0, self.is_rebasing)?;
            }
        }
        self.holdings.admin = TokenAmounts::zero(paid.len()).ok_or(Error::WrongCoinCount)?;
        Ok(paid)
    }

    /// Starts a ramp to a whole amplification (`ramp_A`).
    ///
    /// Errors: `RampTooSoon`, `RampTooShort`, `AmplificationOutOfRange`, `RampTooSteep`.
    pub fn ramp_a(&mut self, future: u64, ends: Timestamp, at: Timestamp) -> Result<(), Error> {
        self.ramp = self.ramp.to(future, HUNDREDTHS, ends.0, at.0)?;
        Ok(())
    }

    /// Stops a ramp where it is (`stop_ramp_A`).
    ///
    /// Errors: `Underflow` before the start of a ramp that is not over.
    pub fn stop_ramp_a(&mut self, at: Timestamp) -> Result<(), Error> {
        self.ramp = self.ramp.stopped(at.0)?;
        Ok(())
    }

    /// Sets the fee at the peg and how much higher it is far from it (`set_new_fee`).
    ///
    /// Errors: `FeeTooHigh`, `MultiplierTooHigh`; `Overflow` of their product.
    pub fn set_new_fee(&mut self, fee: u64, multiplier: U256) -> Result<(), Error> {
        if fee > MAX_FEE {
            return Err(Error::FeeTooHigh);
        }
        let far = multiplier.checked_mul(U256::from(fee)).ok_or(Error::Overflow)?;
        if far > MAX_FEE_FAR_FROM_PEG {
            return Err(Error::MultiplierTooHigh);
        }
        self.settings.fee = fee;
        self.settings.offpeg_fee_multiplier = multiplier;
        Ok(())
    }

    /// Sets the administrators' part of the fees (`set_new_admin_fee`).
    ///
    /// Errors: `FeeTooHigh`.
    pub fn set_new_admin_fee(&mut self, admin_fee: u64) -> Result<(), Error> {
        if admin_fee > MAX_FEE {
            return Err(Error::FeeTooHigh);
        }
        self.settings.admin_fee = admin_fee;
        Ok(())
    }

    /// Sets the averaging windows of prices and of the invariant (`set_ma_exp_time`). The contract
    /// asks that their product, modulo 2^256, is not zero.
    ///
    /// Errors: `NoWindow`.
    pub fn set_ma_exp_time(&mut self, prices: U256, d: U256) -> Result<(), Error> {
        if prices.wrapping_mul(d).is_zero() {
            return Err(Error::NoWindow);
        }
        self.settings.ma_exp_time = prices;
        self.settings.d_ma_time = d;
        Ok(())
    }

    /// Sets the rates as oracles and vaults now give them.
    ///
    /// Errors: `WrongCoinCount`, `NoRate`.
    pub fn set_rates(&mut self, rates: &TokenAmounts) -> Result<(), Error> {
        self.check_count(rates)?;
        if rates.iter().any(|(_, rate)| rate.is_zero()) {
            return Err(Error::NoRate);
        }
        self.rates = *rates;
        Ok(())
    }

    /// Sends tokens to the pool past its calls: what [`exchange_received`](Self::exchange_received)
    /// pays with, and a gift to the providers where a coin rebases.
    ///
    /// Errors: `WrongCoinCount`, `TokenRefuses`.
    pub fn give(&mut self, amounts: &TokenAmounts) -> Result<(), Error> {
        self.check_count(amounts)?;
        let tokens = self.holdings.tokens.checked_add(amounts);
        self.holdings.tokens = tokens.ok_or(Error::TokenRefuses)?;
        Ok(())
    }

    /// Sets what a rebasing token says the pool has.
    ///
    /// Errors: `NoSuchCoin`, `NotRebasing`.
    pub fn rebase(&mut self, coin: TokenIndex, balance: Amount) -> Result<(), Error> {
        let tokens = super::holdings::slot(&mut self.holdings.tokens, coin)?;
        if self.asset_types.get(coin.place()) != Some(&super::state::REBASING) {
            return Err(Error::NotRebasing);
        }
        *tokens = balance;
        Ok(())
    }
}
