use tidemill_units::{Amount, Timestamp, U256};

use super::BalancerGaugeError::{Overflow, Underflow};
use super::{BalancerGauge, BalancerGaugeError, BalancerSources, StakeTransfer};
use crate::Account;

impl BalancerGauge {
    /// Returns what a spender may move of an owner's stake: all there can be for Balancer's vault,
    /// whatever the owner says (`allowance`).
    pub fn allowance(&self, owner: Account, spender: Account) -> Amount {
        if spender == self.identity.vault {
            return Amount(U256::MAX);
        }
        Amount(self.allowances.get(&(owner, spender)).copied().unwrap_or_default())
    }

    /// Lets a spender move so much of the owner's stake. Source: `approve`.
    pub fn approve(&mut self, owner: Account, spender: Account, value: Amount) {
        if value.is_zero() {
            self.allowances.remove(&(owner, spender));
        } else {
            self.allowances.insert((owner, spender), value.0);
        }
    }

    /// Lets a spender move so much more. Errors: `Overflow`. Source: `increaseAllowance`.
    pub fn increase_allowance(
        &mut self,
        owner: Account,
        spender: Account,
        added: Amount,
    ) -> Result<(), BalancerGaugeError> {
        let allowed = self.allowance(owner, spender).checked_add(added).ok_or(Overflow)?;
        self.approve(owner, spender, allowed);
        Ok(())
    }

    /// Lets a spender move so much less. Errors: `Underflow`. Source: `decreaseAllowance`.
    pub fn decrease_allowance(
        &mut self,
        owner: Account,
        spender: Account,
        subtracted: Amount,
    ) -> Result<(), BalancerGaugeError> {
        let allowed = self.allowance(owner, spender).checked_sub(subtracted).ok_or(Underflow)?;
        self.approve(owner, spender, allowed);
        Ok(())
    }

    /// Moves a stake by an allowance, which shrinks unless it is 2^256 - 1.
    ///
    /// Errors: `Underflow` for more than is allowed, and those of [`transfer`](Self::transfer).
    /// Source: `transferFrom`.
    pub fn transfer_from(
        &mut self,
        spender: Account,
        transfer: StakeTransfer,
        sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Result<(), BalancerGaugeError> {
        let allowed = self.allowance(transfer.from, spender);
        let left = if allowed.0 == U256::MAX {
            None
        } else {
            Some(allowed.checked_sub(transfer.value).ok_or(Underflow)?)
        };
        self.transfer(transfer, sources, at)?;
        if let Some(left) = left {
            self.approve(transfer.from, spender, left);
        }
        Ok(())
    }
}
