use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{Generation, StableSwap, StableSwapError};
use crate::curve_math::{FEE_DENOMINATOR, difference, fee_of, part, sum};

/// Whether amounts are added or taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiquidityChange {
    /// A deposit.
    Deposit,
    /// A withdrawal.
    Withdrawal,
}

/// What the log of a deposit, or of a withdrawal of chosen amounts, says beside the amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityLog {
    /// Shares minted or burned.
    pub shares: Amount,
    /// The fee of each coin in raw units, the administrator's part included; none at the first
    /// deposit.
    pub fees: TokenAmounts,
    /// The invariant with the amounts in or out, before the fees are taken off.
    pub invariant: Amount,
}

/// Balances after the fee on what is out of proportion.
struct Charged {
    /// With the providers' part of the fee, as the contract keeps them.
    kept: TokenAmounts,
    /// Without the fee, as shares are reckoned from.
    bare: TokenAmounts,
    fees: TokenAmounts,
}

impl StableSwap {
    /// Returns about how many shares a deposit mints or a withdrawal burns: rounded down, and
    /// without the fee on what is out of proportion (`calc_token_amount`).
    ///
    /// Errors: `WrongCoinCount`; `DivisionByZero` of an empty pool; `Overflow`, `Underflow`,
    /// `NotConverged`.
    pub fn calc_token_amount(
        &self,
        amounts: &TokenAmounts,
        change: LiquidityChange,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        let amplification = self.amplification(at)?;
        let before = self.invariant_of(&self.balances, amplification)?;
        let changed = match change {
            LiquidityChange::Deposit => self.with(amounts)?,
            LiquidityChange::Withdrawal => self.without(amounts)?,
        };
        let after = self.invariant_of(&changed, amplification)?;
        let moved = match change {
            LiquidityChange::Deposit => difference(after, before)?,
            LiquidityChange::Withdrawal => difference(before, after)?,
        };
        Ok(Amount(part(moved, self.total_supply, before)?))
    }

    /// Adds coins and returns the shares minted for them, rounded down. What is out of the pool's
    /// proportion pays a fee, of which the administrator takes the usual part.
    ///
    /// Errors: `Killed`; `WrongCoinCount`; `FirstDepositIncomplete`; `InvariantDidNotGrow`;
    /// `Slippage` where fewer shares would be minted than `minimum_shares`; `TokenOverflow`;
    /// `Overflow`, `Underflow`, `DivisionByZero`, `NotConverged`.
    /// Source: `add_liquidity`.
    pub fn add_liquidity(
        &mut self,
        amounts: &TokenAmounts,
        minimum_shares: Amount,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        self.add_liquidity_logged(amounts, minimum_shares, at).map(|log| log.shares)
    }

    /// Adds coins as [`add_liquidity`](Self::add_liquidity) does, and returns all that the log
    /// says.
    ///
    /// Errors: as that. Source: `add_liquidity`, event `AddLiquidity`.
    pub fn add_liquidity_logged(
        &mut self,
        amounts: &TokenAmounts,
        minimum_shares: Amount,
        at: Timestamp,
    ) -> Result<LiquidityLog, StableSwapError> {
        self.check_alive()?;
        let amplification = self.amplification(at)?;
        let is_first = self.total_supply.is_zero();
        // Only the third generation looks at balances that nobody has shares of.
        let before = if is_first && self.generation != Generation::V2 {
            U256::ZERO
        } else {
            self.invariant_of(&self.balances, amplification)?
        };
        if is_first && amounts.as_slice().iter().any(|amount| amount.is_zero()) {
            return Err(StableSwapError::FirstDepositIncomplete);
        }
        let filled = self.with(amounts)?;
        let after = self.invariant_of(&filled, amplification)?;
        if after <= before {
            return Err(StableSwapError::InvariantDidNotGrow);
        }
        let (kept, minted, fees) = if is_first {
            let none = TokenAmounts::zero(self.count()).ok_or(StableSwapError::WrongCoinCount)?;
            (filled, after, none)
        } else {
            let Charged { kept, bare, fees } = self.charge(&filled, before, after)?;
            let worth = difference(self.invariant_of(&bare, amplification)?, before)?;
            (kept, part(self.total_supply, worth, before)?, fees)
        };
        if minted < minimum_shares.0 {
            return Err(StableSwapError::Slippage);
        }
        let holdings = self.holdings.checked_add(amounts).ok_or(StableSwapError::TokenOverflow)?;
        self.total_supply = sum(self.total_supply, minted)?;
        self.balances = kept;
        self.holdings = holdings;
        Ok(LiquidityLog { shares: Amount(minted), fees, invariant: Amount(after) })
    }

    /// Burns shares for their part of every coin, rounded down, without a fee. It works in a
    /// killed pool too, and without any loop.
    ///
    /// Errors: `WrongCoinCount`; `WithdrawalBelowMinimum`; `NotEnoughShares`; `DivisionByZero`
    /// without shares; `Overflow`, `Underflow`. Source: `remove_liquidity`.
    pub fn remove_liquidity(
        &mut self,
        shares: Amount,
        minimum_amounts: &TokenAmounts,
    ) -> Result<TokenAmounts, StableSwapError> {
        self.check_count(minimum_amounts)?;
        let mut paid = self.balances;
        let mut left = self.balances;
        let places = paid.as_mut_slice().iter_mut().zip(left.as_mut_slice());
        for ((paid, left), minimum) in places.zip(minimum_amounts.as_slice()) {
            paid.0 = part(left.0, shares.0, self.total_supply)?;
            if *paid < *minimum {
                return Err(StableSwapError::WithdrawalBelowMinimum);
            }
            left.0 = difference(left.0, paid.0)?;
        }
        let total_supply = self.after_burn(shares.0)?;
        self.pay_out(&paid)?;
        self.balances = left;
        self.total_supply = total_supply;
        Ok(paid)
    }

    /// Takes these amounts out and returns the shares burned for them: rounded down in the first
    /// generation, one more than that in the others. What is out of proportion pays a fee.
    ///
    /// Errors: `Killed`; `WrongCoinCount`; `NotEnoughShares`; `NothingBurned`; `Slippage` where
    /// more shares would be burned than `maximum_shares`; `Overflow`, `Underflow`,
    /// `DivisionByZero`, `NotConverged`. Source: `remove_liquidity_imbalance`.
    pub fn remove_liquidity_imbalance(
        &mut self,
        amounts: &TokenAmounts,
        maximum_shares: Amount,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        self.remove_liquidity_imbalance_logged(amounts, maximum_shares, at).map(|log| log.shares)
    }

    /// Takes amounts out as [`remove_liquidity_imbalance`](Self::remove_liquidity_imbalance) does,
    /// and returns all that the log says.
    ///
    /// Errors: as that. Source: `remove_liquidity_imbalance`, event `RemoveLiquidityImbalance`.
    pub fn remove_liquidity_imbalance_logged(
        &mut self,
        amounts: &TokenAmounts,
        maximum_shares: Amount,
        at: Timestamp,
    ) -> Result<LiquidityLog, StableSwapError> {
        self.check_alive()?;
        if self.total_supply.is_zero() && self.generation != Generation::V2 {
            return Err(StableSwapError::NotEnoughShares);
        }
        let amplification = self.amplification(at)?;
        let before = self.invariant_of(&self.balances, amplification)?;
        let lowered = self.without(amounts)?;
        let after = self.invariant_of(&lowered, amplification)?;
        let Charged { kept, bare, fees } = self.charge(&lowered, before, after)?;
        let worth = difference(before, self.invariant_of(&bare, amplification)?)?;
        let burned = part(worth, self.total_supply, before)?;
        if burned.is_zero() {
            return Err(StableSwapError::NothingBurned);
        }
        let burned = match self.generation {
            Generation::V0 => burned,
            Generation::V1 | Generation::V2 => sum(burned, U256::ONE)?,
        };
        if burned > maximum_shares.0 {
            return Err(StableSwapError::Slippage);
        }
        let total_supply = self.after_burn(burned)?;
        self.pay_out(amounts)?;
        self.balances = kept;
        self.total_supply = total_supply;
        Ok(LiquidityLog { shares: Amount(burned), fees, invariant: Amount(after) })
    }

    pub(super) fn check_alive(&self) -> Result<(), StableSwapError> {
        if self.is_killed { Err(StableSwapError::Killed) } else { Ok(()) }
    }

    /// The fee on what is out of proportion: half of an exchange's for two coins.
    pub(super) fn imbalance_fee(&self) -> Result<U256, StableSwapError> {
        let coins = U256::from(self.count());
        let others = U256::from(self.count().saturating_sub(1)).saturating_mul(U256::from(4));
        Ok(part(U256::from(self.fee), coins, others)?)
    }

    /// All shares without those burned.
    pub(super) fn after_burn(&self, burned: U256) -> Result<U256, StableSwapError> {
        self.total_supply.checked_sub(burned).ok_or(StableSwapError::NotEnoughShares)
    }

    /// Balances never pass the holdings, and no more than the balances is ever paid out.
    pub(super) fn pay_out(&mut self, amounts: &TokenAmounts) -> Result<(), StableSwapError> {
        self.holdings = self.holdings.checked_sub(amounts).ok_or(StableSwapError::Underflow)?;
        Ok(())
    }

    fn with(&self, amounts: &TokenAmounts) -> Result<TokenAmounts, StableSwapError> {
        self.check_count(amounts)?;
        self.balances.checked_add(amounts).ok_or(StableSwapError::Overflow)
    }

    fn without(&self, amounts: &TokenAmounts) -> Result<TokenAmounts, StableSwapError> {
        self.check_count(amounts)?;
        self.balances.checked_sub(amounts).ok_or(StableSwapError::Underflow)
    }

    /// Charges the distance of each balance from what it would be in the old proportion.
    fn charge(
        &self,
        changed: &TokenAmounts,
        before: U256,
        after: U256,
    ) -> Result<Charged, StableSwapError> {
        let fee = self.imbalance_fee()?;
        let mut charged = Charged { kept: *changed, bare: *changed, fees: *changed };
        let places = charged.kept.as_mut_slice().iter_mut().zip(charged.bare.as_mut_slice());
        let places = places.zip(charged.fees.as_mut_slice());
        for (((kept, bare), logged), old) in places.zip(self.balances.as_slice()) {
            let ideal = part(after, old.0, before)?;
            let fee = part(fee, ideal.abs_diff(bare.0), FEE_DENOMINATOR)?;
            kept.0 = difference(bare.0, fee_of(fee, self.admin_fee)?)?;
            bare.0 = difference(bare.0, fee)?;
            logged.0 = fee;
        }
        Ok(charged)
    }
}

/// The part of a scaled balance that stays when the invariant falls, rounded down.
pub(super) fn reduced(balance: U256, to: U256, from: U256) -> Result<U256, StableSwapError> {
    Ok(part(balance, to, from)?)
}
