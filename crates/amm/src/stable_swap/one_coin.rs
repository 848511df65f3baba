use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use super::liquidity::reduced;
use super::{Generation, MOST_COINS, Scaled, StableSwap, StableSwapError};
use crate::curve_math::{
    FEE_DENOMINATOR, difference, fee_of, get_d, get_y, part, product, quotient, sum,
};

/// A withdrawal in one coin as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneCoin {
    /// The shares to burn.
    pub shares: Amount,
    /// The coin to take out.
    pub coin: TokenIndex,
    /// What has to come out at least.
    pub minimum_out: Amount,
}

/// What a withdrawal in one coin did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneCoinPaid {
    /// What came out, in raw units.
    pub amount: Amount,
    /// The shares burned: in the first generation a few less than offered.
    pub burned: Amount,
}

/// What a withdrawal in one coin gives and what its fee takes, in raw units.
struct Reckoned {
    paid: U256,
    fee: U256,
}

/// A fee on top of a fee, in 10^-10, that the first generation's zap charges against its own
/// imprecision (`FEE_IMPRECISION`).
const FEE_IMPRECISION: u64 = 2_500_000_000;

impl StableSwap {
    /// Returns what burning shares for one coin gives, in raw units, rounded down.
    ///
    /// In the first generation the pool itself knows no such call: the answer is that of the
    /// contract beside it, which makes it out of an imbalanced withdrawal. Errors: `NoSuchCoin`;
    /// `DivisionByZero` without shares; `Overflow`, `Underflow`, `NotConverged`.
    /// Source: `calc_withdraw_one_coin` of DepositSUSD.vy, StableSwap3Pool.vy and
    /// SwapTemplateBase.vy.
    pub fn calc_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        match self.generation {
            Generation::V0 => self.reckon_beside(shares.0, coin.place(), at).map(Amount),
            Generation::V1 | Generation::V2 => {
                self.reckon(shares.0, coin.place(), at).map(|reckoned| Amount(reckoned.paid))
            }
        }
    }

    /// Burns shares for one coin.
    ///
    /// Errors: as `calc_withdraw_one_coin`; `Killed`; `OneCoinBelowMinimum`; `NotEnoughShares`; in
    /// the first generation also `OneCoinTooDear`, and those of `remove_liquidity_imbalance`.
    /// Source: `remove_liquidity_one_coin` of the same contracts.
    pub fn remove_liquidity_one_coin(
        &mut self,
        withdrawal: OneCoin,
        at: Timestamp,
    ) -> Result<OneCoinPaid, StableSwapError> {
        let OneCoin { shares, coin, minimum_out } = withdrawal;
        if self.generation == Generation::V0 {
            return self.remove_one_coin_beside(withdrawal, at);
        }
        self.check_alive()?;
        let reckoned = self.reckon(shares.0, coin.place(), at)?;
        if reckoned.paid < minimum_out.0 {
            return Err(StableSwapError::OneCoinBelowMinimum);
        }
        let taken = sum(reckoned.paid, fee_of(reckoned.fee, self.admin_fee)?)?;
        let left = difference(self.balance(coin.place())?, taken)?;
        let total_supply = self.after_burn(shares.0)?;
        let amount = Amount(reckoned.paid);
        self.pay_out(&self.amounts_of(coin, amount)?)?;
        if let Some(place) = self.balances.as_mut_slice().get_mut(coin.place()) {
            place.0 = left;
        }
        self.total_supply = total_supply;
        Ok(OneCoinPaid { amount, burned: shares })
    }

    fn remove_one_coin_beside(
        &mut self,
        withdrawal: OneCoin,
        at: Timestamp,
    ) -> Result<OneCoinPaid, StableSwapError> {
        let OneCoin { shares, coin, minimum_out } = withdrawal;
        let amount = self.calc_withdraw_one_coin(shares, coin, at)?;
        if amount < minimum_out {
            return Err(StableSwapError::OneCoinBelowMinimum);
        }
        // The contract beside the pool first takes the shares from their holder.
        self.after_burn(shares.0)?;
        let amounts = self.amounts_of(coin, amount)?;
        let burned = self.remove_liquidity_imbalance(&amounts, shares, at);
        let burned = burned.map_err(|error| {
            let is_dear = error == StableSwapError::Slippage;
            if is_dear { StableSwapError::OneCoinTooDear } else { error }
        })?;
        Ok(OneCoinPaid { amount, burned })
    }

    fn amounts_of(
        &self,
        coin: TokenIndex,
        amount: Amount,
    ) -> Result<TokenAmounts, StableSwapError> {
        TokenAmounts::of(self.count(), coin, amount).ok_or(StableSwapError::NoSuchCoin)
    }

    /// Source: `_calc_withdraw_one_coin` of StableSwap3Pool.vy and SwapTemplateBase.vy.
    fn reckon(
        &self,
        shares: U256,
        coin: usize,
        at: Timestamp,
    ) -> Result<Reckoned, StableSwapError> {
        let precision = U256::from(self.precision(coin)?);
        let amplification = self.amplification(at)?;
        let fee = self.imbalance_fee()?;
        let scaled = self.scale_all(&self.balances)?;
        let before = get_d(self.generation.rounding(), amplification, scaled.as_slice())?;
        let after = difference(before, part(shares, before, self.total_supply)?)?;
        let solve = |balances: &Scaled| {
            get_y(self.generation.rounding(), amplification, after, balances.as_slice(), coin)
        };
        let bare = solve(&scaled)?;
        let mut charged = scaled;
        for (place, balance) in scaled.as_slice().iter().enumerate() {
            let in_proportion = reduced(*balance, after, before)?;
            let moved = if place == coin {
                difference(in_proportion, bare)?
            } else {
                difference(*balance, in_proportion)?
            };
            charged.set(place, difference(*balance, part(fee, moved, FEE_DENOMINATOR)?)?);
        }
        let given = difference(charged.get(coin)?, solve(&charged)?)?;
        let paid = quotient(difference(given, U256::ONE)?, precision)?;
        let without_fee = quotient(difference(scaled.get(coin)?, bare)?, precision)?;
        Ok(Reckoned { paid, fee: difference(without_fee, paid)? })
    }

    /// Source: `_calc_withdraw_one_coin` of DepositSUSD.vy.
    fn reckon_beside(
        &self,
        shares: U256,
        coin: usize,
        at: Timestamp,
    ) -> Result<U256, StableSwapError> {
        let precision = U256::from(self.precision(coin)?);
        let amplification = self.amplification(at)?;
        let fee = self.imbalance_fee()?;
        let fee = sum(fee, fee_of(fee, FEE_IMPRECISION)?)?;
        let mut scaled = Scaled { count: self.count(), balances: [U256::ZERO; MOST_COINS] };
        let mut total = U256::ZERO;
        for (place, balance) in self.balances.as_slice().iter().enumerate() {
            let balance = product(U256::from(self.precision(place)?), balance.0)?;
            total = sum(total, balance)?;
            scaled.set(place, balance);
        }
        let before = get_d(self.generation.rounding(), amplification, scaled.as_slice())?;
        let after = difference(before, part(shares, before, self.total_supply)?)?;
        let mut charged = scaled;
        for (place, balance) in scaled.as_slice().iter().enumerate() {
            let in_proportion = reduced(*balance, after, before)?;
            let mut expected = *balance;
            if place == coin {
                expected = difference(expected, part(total, difference(before, after)?, before)?)?;
            }
            let moved = in_proportion.abs_diff(expected);
            charged.set(place, difference(*balance, part(fee, moved, FEE_DENOMINATOR)?)?);
        }
        let rounding = self.generation.rounding();
        let left = get_y(rounding, amplification, after, charged.as_slice(), coin)?;
        Ok(quotient(difference(charged.get(coin)?, left)?, precision)?)
    }
}
