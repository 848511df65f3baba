use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::invariant::{DynamicFee, get_d, scaled};
use super::oracle::Tracked;
use super::{SharesBurned, SharesMinted, StableSwapNg, StableSwapNgError as Error};
use crate::curve_math::{FEE_DENOMINATOR, PRECISION, difference, part, quotient, sum};

/// A withdrawal of a part of every coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Shares to burn.
    pub shares: Amount,
    /// The least of each coin to be content with.
    pub least: TokenAmounts,
    /// Whether the administrators' fees are paid out too, as the contract does by default.
    pub claims_admin_fees: bool,
}

/// Balances before and after, with their invariants.
pub(super) struct Move {
    pub(super) before: TokenAmounts,
    pub(super) after: TokenAmounts,
    pub(super) d_before: U256,
    pub(super) d_after: U256,
}

impl Move {
    /// Returns the fee on what each coin differs from a move in proportion.
    pub(super) fn fees(
        &self,
        rates: &TokenAmounts,
        fee: &DynamicFee,
    ) -> Result<TokenAmounts, Error> {
        let count = rates.len();
        let fee = fee.of_liquidity(count)?;
        let ys = quotient(sum(self.d_before, self.d_after)?, U256::from(count))?;
        let mut fees = self.after;
        let before = self.before.as_slice().iter().zip(rates.as_slice());
        for (slot, (before, rate)) in fees.as_mut_slice().iter_mut().zip(before) {
            let ideal = part(self.d_after, before.0, self.d_before)?;
            let off = ideal.abs_diff(slot.0);
            let xs = part(rate.0, sum(before.0, slot.0)?, PRECISION)?;
            slot.0 = part(fee.between(xs, ys)?, off, FEE_DENOMINATOR)?;
        }
        Ok(fees)
    }
}

impl StableSwapNg {
    /// Adds coins and mints shares for them, rounded down.
    ///
    /// Errors: `WrongCoinCount`; `FirstDepositIncomplete`, `InvariantNotRaised`, `Slippage`; those
    /// of arithmetic; `TokenRefuses`, `OracleOverflow`.
    /// Source: `CurveStableSwapNG` v7.0.0 `add_liquidity`.
    pub fn add_liquidity(
        &mut self,
        amounts: &TokenAmounts,
        least_shares: Amount,
        at: Timestamp,
    ) -> Result<SharesMinted, Error> {
        self.check_count(amounts)?;
        let start = self.instant(self.ramp.at(at.0)?)?;
        let mut next = self.clone();
        for (coin, amount) in amounts.iter() {
            if !amount.is_zero() {
                next.holdings.take_in(coin, amount.0, false)?;
            } else if self.total_supply.is_zero() {
                return Err(Error::FirstDepositIncomplete);
            }
        }
        let after = start.balances.checked_add(amounts).ok_or(Error::Overflow)?;
        let d_after = get_d(&scaled(&self.rates, &after)?, start.amplification)?;
        if d_after <= start.d {
            return Err(Error::InvariantNotRaised);
        }
        let (shares, fees, invariant) = if self.total_supply.is_zero() {
            next.oracles.d = Tracked::packed(d_after, d_after)?;
            next.oracles.d_written = next.oracles.d_written.max(at);
            let fees = TokenAmounts::zero(amounts.len()).ok_or(Error::WrongCoinCount)?;
            (d_after, fees, d_after)
        } else {
            let moved = Move { before: start.balances, after, d_before: start.d, d_after };
            let (d, fees) = next.charge(&moved, start.amplification, at)?;
            (part(self.total_supply, difference(d, start.d)?, start.d)?, fees, d)
        };
        if shares < least_shares.0 {
            return Err(Error::Slippage);
        }
        next.total_supply = sum(next.total_supply, shares)?;
        *self = next;
        Ok(SharesMinted { shares: Amount(shares), fees, invariant: Amount(invariant) })
    }

    /// Takes chosen amounts out and burns the shares for them.
    ///
    /// Errors: `WrongCoinCount`; `NothingBurned`, `Slippage` past the most shares; those of
    /// arithmetic, such as `Underflow` for more than there is; `TokenRefuses`, `OracleOverflow`.
    /// Source: `CurveStableSwapNG` v7.0.0 `remove_liquidity_imbalance`.
    pub fn remove_liquidity_imbalance(
        &mut self,
        amounts: &TokenAmounts,
        most_shares: Amount,
        at: Timestamp,
    ) -> Result<SharesBurned, Error> {
        self.check_count(amounts)?;
        let start = self.instant(self.ramp.at(at.0)?)?;
        let after = start.balances.checked_sub(amounts).ok_or(Error::Underflow)?;
        let mut next = self.clone();
        for (coin, amount) in amounts.iter() {
            if !amount.is_zero() {
                next.holdings.pay_out(coin, amount.0, self.is_rebasing)?;
            }
        }
        let d_after = get_d(&scaled(&self.rates, &after)?, start.amplification)?;
        let moved = Move { before: start.balances, after, d_before: start.d, d_after };
        let (d, fees) = next.charge(&moved, start.amplification, at)?;
        let burned = part(difference(start.d, d)?, self.total_supply, start.d)?;
        if burned.is_zero() {
            return Err(Error::NothingBurned);
        }
        let burned = sum(burned, U256::ONE)?;
        if burned > most_shares.0 {
            return Err(Error::Slippage);
        }
        next.total_supply = difference(self.total_supply, burned)?;
        *self = next;
        Ok(SharesBurned { shares: Amount(burned), fees, invariant: Amount(d) })
    }

    /// Burns shares for their part of every coin, rounded down. Works in a pool whose invariant
    /// does not.
    ///
    /// Errors: `NothingBurned`; `WrongCoinCount`; `WithdrawalTooSmall`; `Underflow` for more shares
    /// than there are; `TokenRefuses`.
    /// Source: `CurveStableSwapNG` v7.0.0 `remove_liquidity`.
    pub fn remove_liquidity(
        &mut self,
        withdrawal: &Withdrawal,
        at: Timestamp,
    ) -> Result<TokenAmounts, Error> {
        let burned = withdrawal.shares.0;
        if burned.is_zero() {
            return Err(Error::NothingBurned);
        }
        self.check_count(&withdrawal.least)?;
        let mut paid = self.balances()?;
        let mut next = self.clone();
        for (coin, least) in withdrawal.least.iter() {
            let value = super::holdings::slot(&mut paid, coin)?;
            // The contract divides without looking: no shares give zero, and the burn then fails.
            let part = part(value.0, burned, self.total_supply.max(U256::ONE))?;
            value.0 = if self.total_supply.is_zero() { U256::ZERO } else { part };
            if *value < least {
                return Err(Error::WithdrawalTooSmall);
            }
            next.holdings.pay_out(coin, value.0, self.is_rebasing)?;
        }
        next.total_supply = difference(self.total_supply, burned)?;
        let d = self.oracles.d.last;
        let left = difference(d, part(d, burned, self.total_supply)?)?;
        next.track_d(left, at)?;
        if withdrawal.claims_admin_fees {
            next.pay_admin_fees()?;
        }
        *self = next;
        Ok(paid)
    }

    /// Books the fees of a move, lets the oracles see what is left, and returns the invariant of
    /// that and the fees.
    fn charge(
        &mut self,
        moved: &Move,
        amplification: u64,
        at: Timestamp,
    ) -> Result<(U256, TokenAmounts), Error> {
        let fees = moved.fees(&self.rates, &self.fee())?;
        for (coin, fee) in fees.iter() {
            let admin_fee = U256::from(self.settings.admin_fee);
            self.holdings.book_admin_fee(coin, part(fee.0, admin_fee, FEE_DENOMINATOR)?)?;
        }
        let left = moved.after.checked_sub(&fees).ok_or(Error::Underflow)?;
        let left = scaled(&self.rates, &left)?;
        let d = get_d(&left, amplification)?;
        self.upkeep(&left, amplification, d, at)?;
        Ok((d, fees))
    }

    pub(super) fn check_count(&self, amounts: &TokenAmounts) -> Result<(), Error> {
        if amounts.len() == self.rates.len() { Ok(()) } else { Err(Error::WrongCoinCount) }
    }
}
