//! Liquid staking shares: Lido's rebasing stETH with its wrapper and withdrawal queue, and tokens
//! whose price moves instead: Rocket Pool's rETH and ERC-4626 vaults.
//!
//! Shares are what is held; a rebasing balance is what they are worth now. Every conversion rounds
//! down to the pool's favour, so that a transfer of a balance moves a unit or two less.

mod error;
mod facts;
mod queue;
mod report;
mod state;
mod vault;

use std::collections::BTreeMap;

use tidemill_units::{Amount, U256};

use crate::Account;

pub use error::LiquidError;
pub use facts::FACTS;
pub use queue::{Claim, Finalization};
pub use report::{OracleReport, Rebased};
pub use state::{
    Checkpoint, LiquidStaking, LiquidStakingState, LiquidStateError, ModuleFee, PoolAccounts,
    ProtocolFee, WithdrawalRequest,
};
pub use vault::{RateToken, Vault};

/// What a validator is deposited with, 32 ether (`DEPOSIT_SIZE`).
pub const DEPOSIT_SIZE: Amount = Amount(U256::from_limbs([13_553_255_926_290_448_384, 1, 0, 0]));

impl LiquidStaking {
    /// Returns all ether of the pool (`getTotalPooledEther`): buffered, with validators, and on its
    /// way to them. It is also the supply of the rebasing token.
    ///
    /// Errors: `AddOverflow`, `MulOverflow`.
    pub fn total_pooled(&self) -> Result<Amount, LiquidError> {
        let on_the_way = self.deposited_validators.checked_sub(self.appeared_validators);
        let on_the_way = Amount::from_u64(on_the_way.ok_or(LiquidError::SubUnderflow)?);
        let on_the_way = product(on_the_way.0, deposit_size())?;
        let pooled = sum(self.buffered.0, self.consensus_balance.0)?;
        sum(pooled, on_the_way).map(Amount)
    }

    /// Returns the ether that is set aside for withdrawals that are final.
    pub fn locked(&self) -> Amount {
        self.locked
    }

    /// Returns all shares there are.
    pub fn total_shares(&self) -> Amount {
        self.total_shares
    }

    /// Returns a holder's shares.
    pub fn shares_of(&self, holder: Account) -> Amount {
        self.shares.get(&holder).copied().unwrap_or_default()
    }

    /// Returns a holder's rebasing balance, rounded down.
    ///
    /// Errors: as [`pooled_by_shares`](Self::pooled_by_shares).
    pub fn balance_of(&self, holder: Account) -> Result<Amount, LiquidError> {
        self.pooled_by_shares(self.shares_of(holder))
    }

    /// Returns a holder's wrapped tokens, each one share in the wrapper.
    pub fn wrapped_of(&self, holder: Account) -> Amount {
        self.wrapped.get(&holder).copied().unwrap_or_default()
    }

    /// Returns the shares an amount is worth, rounded down (`getSharesByPooledEth`).
    ///
    /// Errors: `MulOverflow`; `DivisionByZero` where nothing is pooled.
    pub fn shares_by_pooled(&self, amount: Amount) -> Result<Amount, LiquidError> {
        quotient(product(amount.0, self.total_shares.0)?, self.total_pooled()?.0)
    }

    /// Returns what shares are worth, rounded down (`getPooledEthByShares`).
    ///
    /// Errors: `MulOverflow`; `DivisionByZero` where there are no shares.
    pub fn pooled_by_shares(&self, shares: Amount) -> Result<Amount, LiquidError> {
        quotient(product(shares.0, self.total_pooled()?.0)?, self.total_shares.0)
    }

    /// Takes a deposit, which the holder pays, and mints the shares it is worth, rounded down, even
    /// none; returns them.
    ///
    /// Errors: `ZeroDeposit`, `MulOverflow`, `DivisionByZero`, `AddOverflow`.
    /// Source: `Lido.submit`.
    pub fn submit(&mut self, holder: Account, amount: Amount) -> Result<Amount, LiquidError> {
        if amount.is_zero() {
            return Err(LiquidError::ZeroDeposit);
        }
        let shares = self.shares_by_pooled(amount)?;
        let total_shares = sum(self.total_shares.0, shares.0)?;
        self.buffered = Amount(sum(self.buffered.0, amount.0)?);
        self.total_shares = Amount(total_shares);
        credit(&mut self.shares, holder, shares);
        Ok(shares)
    }

    /// Sends buffered ether to at most so many new validators, keeping what the queue waits for;
    /// returns to how many.
    ///
    /// Errors: `MulOverflow`, `AddOverflow`. Source: `Lido.deposit`, `getDepositableEther`.
    pub fn deposit_to_validators(&mut self, at_most: u64) -> Result<u64, LiquidError> {
        let reserve = self.unfinalized();
        let free = self.buffered.checked_sub(reserve).unwrap_or_default();
        let room = free.0.checked_div(deposit_size()).unwrap_or_default();
        let count = u64::try_from(room).unwrap_or(u64::MAX).min(at_most);
        let value = product(Amount::from_u64(count).0, deposit_size())?;
        let deposited = self.deposited_validators.checked_add(count);
        let deposited = deposited.ok_or(LiquidError::AddOverflow)?;
        self.buffered = Amount(difference(self.buffered.0, value)?);
        self.deposited_validators = deposited;
        Ok(count)
    }

    /// Moves a rebasing balance: the shares it is worth, rounded down, so that a unit or two less
    /// arrives. Returns the shares.
    ///
    /// Errors: `MulOverflow`, `DivisionByZero`, and those of
    /// [`transfer_shares`](Self::transfer_shares). Source: `StETH.transfer`.
    pub fn transfer(
        &mut self,
        from: Account,
        to: Account,
        amount: Amount,
    ) -> Result<Amount, LiquidError> {
        let shares = self.shares_by_pooled(amount)?;
        self.move_shares(from, to, shares)?;
        Ok(shares)
    }

    /// Moves shares; returns what they are worth, rounded down.
    ///
    /// Errors: `ToTokenContract`, `BalanceExceeded`, `MulOverflow`.
    /// Source: `StETH.transferShares`.
    pub fn transfer_shares(
        &mut self,
        from: Account,
        to: Account,
        shares: Amount,
    ) -> Result<Amount, LiquidError> {
        self.movable(from, to, shares)?;
        let worth = self.pooled_by_shares(shares)?;
        self.move_shares(from, to, shares)?;
        Ok(worth)
    }

    /// Wraps a rebasing balance: its shares go to the wrapper, which mints as many of its tokens;
    /// returns how many.
    ///
    /// Errors: `ZeroWrap`, and those of [`transfer`](Self::transfer). Source: `WstETH.wrap`.
    pub fn wrap(&mut self, holder: Account, amount: Amount) -> Result<Amount, LiquidError> {
        if amount.is_zero() {
            return Err(LiquidError::ZeroWrap);
        }
        let minted = self.transfer(holder, self.accounts.wrapper, amount)?;
        credit(&mut self.wrapped, holder, minted);
        Ok(minted)
    }

    /// Unwraps tokens: the balance their shares are worth is sent, which can be a share less; the
    /// wrapper keeps it. Returns that balance.
    ///
    /// Errors: `ZeroUnwrap`, `WrappedExceeded`, and those of [`transfer`](Self::transfer).
    /// Source: `WstETH.unwrap`.
    pub fn unwrap(&mut self, holder: Account, tokens: Amount) -> Result<Amount, LiquidError> {
        if tokens.is_zero() {
            return Err(LiquidError::ZeroUnwrap);
        }
        let amount = self.pooled_by_shares(tokens)?;
        let left = self.wrapped_of(holder).checked_sub(tokens);
        let left = left.ok_or(LiquidError::WrappedExceeded)?;
        self.transfer(self.accounts.wrapper, holder, amount)?;
        set(&mut self.wrapped, holder, left);
        Ok(amount)
    }

    /// Source: `StETH._transferShares`.
    fn movable(&self, from: Account, to: Account, shares: Amount) -> Result<Amount, LiquidError> {
        if to == self.accounts.token {
            return Err(LiquidError::ToTokenContract);
        }
        self.shares_of(from).checked_sub(shares).ok_or(LiquidError::BalanceExceeded)
    }

    fn move_shares(
        &mut self,
        from: Account,
        to: Account,
        shares: Amount,
    ) -> Result<(), LiquidError> {
        let left = self.movable(from, to, shares)?;
        set(&mut self.shares, from, left);
        credit(&mut self.shares, to, shares);
        Ok(())
    }
}

/// All of them together were checked to fit, so one cannot overflow.
fn credit(to: &mut BTreeMap<Account, Amount>, holder: Account, amount: Amount) {
    let held = to.get(&holder).copied().unwrap_or_default();
    set(to, holder, Amount(held.0.saturating_add(amount.0)));
}

fn set(to: &mut BTreeMap<Account, Amount>, holder: Account, amount: Amount) {
    if amount.is_zero() {
        to.remove(&holder);
    } else {
        to.insert(holder, amount);
    }
}

fn deposit_size() -> U256 {
    DEPOSIT_SIZE.0
}

fn sum(a: U256, b: U256) -> Result<U256, LiquidError> {
    a.checked_add(b).ok_or(LiquidError::AddOverflow)
}

fn difference(a: U256, b: U256) -> Result<U256, LiquidError> {
    a.checked_sub(b).ok_or(LiquidError::SubUnderflow)
}

fn product(a: U256, b: U256) -> Result<U256, LiquidError> {
    a.checked_mul(b).ok_or(LiquidError::MulOverflow)
}

fn quotient(a: U256, b: U256) -> Result<Amount, LiquidError> {
    a.checked_div(b).map(Amount).ok_or(LiquidError::DivisionByZero)
}

#[cfg(test)]
mod tests;
