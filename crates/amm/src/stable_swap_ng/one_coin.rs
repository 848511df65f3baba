use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use super::holdings::{of, slot};
use super::invariant::get_y_d;
use super::{StableSwapNg, StableSwapNgError as Error};
use crate::curve_math::{
    FEE_DENOMINATOR, PRECISION, TWO, difference, part, product, quotient, sum,
};

/// A withdrawal in one coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneCoin {
    /// What is paid out, after the fee; rounded down, and one unit of 10^-18 less.
    pub amount: Amount,
    /// What would have been paid without fees, less that.
    pub fee: Amount,
}

/// A withdrawal worked out.
pub(super) struct Worked {
    /// What is paid out.
    pub(super) amount: U256,
    /// Scaled balances before.
    scaled: TokenAmounts,
    /// The coin's scaled balance at the lower invariant.
    y: U256,
    amplification: u64,
    /// The lower invariant.
    d: U256,
}

impl StableSwapNg {
    /// Burns shares for one coin.
    ///
    /// Errors: `NothingBurned`, `NoSuchCoin`, `OneCoinTooSmall`; those of arithmetic, such as
    /// `Underflow` for more shares than there are; `TokenRefuses`, `OracleOverflow`.
    /// Source: `CurveStableSwapNG` v7.0.0 `remove_liquidity_one_coin`.
    pub fn remove_liquidity_one_coin(
        &mut self,
        shares: Amount,
        coin: TokenIndex,
        least: Amount,
        at: Timestamp,
    ) -> Result<OneCoin, Error> {
        if shares.is_zero() {
            return Err(Error::NothingBurned);
        }
        let worked = self.worked_one_coin(shares.0, coin, self.ramp.at(at.0)?)?;
        let fee = self.fee_of_one_coin(&worked, coin)?;
        if worked.amount < least.0 {
            return Err(Error::OneCoinTooSmall);
        }
        let mut next = self.clone();
        let admin = part(fee, U256::from(self.settings.admin_fee), FEE_DENOMINATOR)?;
        next.holdings.book_admin_fee(coin, admin)?;
        next.total_supply = difference(self.total_supply, shares.0)?;
        next.holdings.pay_out(coin, worked.amount, self.is_rebasing)?;
        let mut after = worked.scaled;
        slot(&mut after, coin)?.0 = worked.y;
        next.upkeep(&after, worked.amplification, worked.d, at)?;
        *self = next;
        Ok(OneCoin { amount: Amount(worked.amount), fee: Amount(fee) })
    }

    /// Returns what [`remove_liquidity_one_coin`](Self::remove_liquidity_one_coin) would pay.
    ///
    /// Errors: as there, those of the oracles and of the token not among them.
    /// Source: `CurveStableSwapNG` v7.0.0 `calc_withdraw_one_coin`.
    pub fn calc_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<OneCoin, Error> {
        let worked = self.worked_one_coin(shares.0, coin, self.ramp.at(at.0)?)?;
        let fee = self.fee_of_one_coin(&worked, coin)?;
        Ok(OneCoin { amount: Amount(worked.amount), fee: Amount(fee) })
    }

    pub(super) fn worked_one_coin(
        &self,
        shares: U256,
        coin: TokenIndex,
        amplification: u64,
    ) -> Result<Worked, Error> {
        let start = self.instant(amplification)?;
        let (scaled, place, count) = (start.scaled, coin.place(), U256::from(self.rates.len()));
        let d = difference(start.d, part(shares, start.d, self.total_supply)?)?;
        let y = get_y_d(place, &scaled, amplification, d)?;
        let fee = self.fee().of_liquidity(self.rates.len())?;
        let ys = quotient(sum(start.d, d)?, product(TWO, count)?)?;
        let mut reduced = scaled;
        for (index, slot) in reduced.as_mut_slice().iter_mut().enumerate() {
            let balance = slot.0;
            let expected = part(balance, d, start.d)?;
            let (expected, mean) = if index == place {
                (difference(expected, y)?, quotient(sum(balance, y)?, TWO)?)
            } else {
                (difference(balance, expected)?, balance)
            };
            let charged = part(fee.between(mean, ys)?, expected, FEE_DENOMINATOR)?;
            slot.0 = difference(balance, charged)?;
        }
        let least = get_y_d(place, &reduced, amplification, d)?;
        let gross = difference(of(&reduced, coin)?, least)?;
        let kept = difference(gross, U256::ONE)?;
        let amount = part(kept, PRECISION, of(&self.rates, coin)?)?;
        Ok(Worked { amount, scaled, y, amplification, d })
    }

    fn fee_of_one_coin(&self, worked: &Worked, coin: TokenIndex) -> Result<U256, Error> {
        let gross = difference(of(&worked.scaled, coin)?, worked.y)?;
        let without_fees = part(gross, PRECISION, of(&self.rates, coin)?)?;
        Ok(difference(without_fees, worked.amount)?)
    }
}
