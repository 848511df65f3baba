use tidemill_units::{Amount, Timestamp, TokenIndex, U256};

use super::before_factory::Bound;
use super::{Market, StableSwapMeta, StableSwapMetaError as Error, of, only};
use crate::curve_math::{FEE_DENOMINATOR, PRECISION, difference, part, sum};

/// A withdrawal in one coin worked out, in raw units.
struct Reckoned {
    paid: U256,
    fee: U256,
}

impl StableSwapMeta {
    /// Returns what burning shares for one coin gives, in raw units, rounded down.
    ///
    /// Errors: `NoSuchCoin`; `Base`; those of arithmetic.
    /// Source: `MetaUSD.calc_withdraw_one_coin`.
    pub fn calc_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        Ok(Amount(self.reckon(&self.market(at)?, shares.0, coin)?.paid))
    }

    /// Burns shares for one coin and returns what comes out.
    ///
    /// Errors: as [`calc_withdraw_one_coin`](Self::calc_withdraw_one_coin); `WithdrawalTooSmall`;
    /// `TokenRefuses`. Source: `MetaUSD.remove_liquidity_one_coin`.
    pub fn remove_liquidity_one_coin(
        &mut self,
        shares: Amount,
        coin: TokenIndex,
        minimum_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let market = self.market(at)?;
        let mut next = self.clone();
        next.begin(market.rates, at)?;
        let Reckoned { paid, fee } = self.reckon(&market, shares.0, coin)?;
        if paid < minimum_out.0 {
            return Err(self.passed(Bound::OneCoin));
        }
        let taken = sum(paid, part(fee, self.admin_fee(), FEE_DENOMINATOR)?)?;
        let balance = next.balances.get_mut(coin.place()).ok_or(Error::NoSuchCoin)?;
        *balance = difference(*balance, taken)?;
        next.total_supply = self.after_burn(shares.0)?;
        next.pay(&only(coin, paid))?;
        *self = next;
        Ok(Amount(paid))
    }

    /// Source: `MetaUSD._calc_withdraw_one_coin`.
    fn reckon(&self, market: &Market, shares: U256, coin: TokenIndex) -> Result<Reckoned, Error> {
        let (own_before, rate) = (of(&market.scaled, coin)?, of(&market.rates, coin)?);
        let other_coin = if coin.0 == 0 { TokenIndex(1) } else { TokenIndex(0) };
        let other_before = of(&market.scaled, other_coin)?;
        let before = market.invariant()?;
        let after = difference(before, part(shares, before, self.total_supply)?)?;
        let bare = market.balance(after, other_before)?;
        let fee = self.imbalance_fee()?;
        let charged =
            |balance: U256, moved: U256| difference(balance, part(fee, moved, FEE_DENOMINATOR)?);
        let own_moved = difference(part(own_before, after, before)?, bare)?;
        let other_moved = difference(other_before, part(other_before, after, before)?)?;
        let own_reduced = charged(own_before, own_moved)?;
        let other_reduced = charged(other_before, other_moved)?;
        let left = market.balance(after, other_reduced)?;
        let given = difference(own_reduced, left)?;
        let without_fee = part(difference(own_before, bare)?, PRECISION, rate)?;
        let paid = part(difference(given, U256::ONE)?, PRECISION, rate)?;
        Ok(Reckoned { paid, fee: difference(without_fee, paid)? })
    }
}
