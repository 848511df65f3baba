use tidemill_units::{Amount, Timestamp};

use super::{BalancerGauges, Error};
use crate::Account;
use crate::token_admin::TokenAdminError;

impl BalancerGauges {
    /// Mints what an account has earned in a gauge and not minted yet; returns the BAL, which is
    /// the account's. Its boost is set anew on the way.
    ///
    /// Errors: `Controller` with `UnknownGauge` for a gauge that was not added, `UnknownGauge` for
    /// one that is not there; `TokenAdmin` where more would be minted than the schedule allows;
    /// those of [`BalancerGauge::user_checkpoint`](crate::balancer_gauge::BalancerGauge).
    /// Source: `mint`.
    pub fn mint(
        &mut self,
        account: Account,
        gauge: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.mint_many(account, &[gauge], at)
    }

    /// Mints from several gauges at once, all or nothing; returns the sum.
    ///
    /// Errors: as [`mint`](Self::mint). Source: `mintMany`.
    pub fn mint_many(
        &mut self,
        account: Account,
        gauges: &[Account],
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.atomically(account, gauges, |system| {
            let mut sum = Amount::ZERO;
            for gauge in gauges {
                let due = system.update_gauge(account, *gauge, at)?;
                sum = sum.checked_add(due).ok_or(TokenAdminError::AddOverflow)?;
            }
            system.mint_bal(sum, at)?;
            Ok(sum)
        })
    }

    /// Mints from several gauges, one after the other, all or nothing; returns the sum. The
    /// contract has room for eight and stops at the first that is the zero address.
    ///
    /// Errors: as [`mint`](Self::mint). Source: `mint_many`.
    pub fn mint_each(
        &mut self,
        account: Account,
        gauges: &[Account],
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.atomically(account, gauges, |system| {
            let mut sum = Amount::ZERO;
            for gauge in gauges {
                let due = system.update_gauge(account, *gauge, at)?;
                system.mint_bal(due, at)?;
                sum = sum.checked_add(due).ok_or(Error::Overflow)?;
            }
            Ok(sum)
        })
    }

    /// Mints from one or several gauges for another account what is its own, where it has allowed
    /// that. Errors: `MintNotAllowed`, and as [`mint`](Self::mint). Source: `mintFor`,
    /// `mintManyFor`.
    pub fn mint_for(
        &mut self,
        caller: Account,
        gauges: &[Account],
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        if !self.minter.may_mint_for(caller, account) {
            return Err(Error::MintNotAllowed);
        }
        self.mint_many(account, gauges, at)
    }

    /// As [`mint_for`](Self::mint_for) from one gauge, but without leave it does nothing at all,
    /// and succeeds. Source: `mint_for`.
    pub fn mint_where_allowed(
        &mut self,
        caller: Account,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        if self.minter.may_mint_for(caller, account) {
            self.mint(account, gauge, at)
        } else {
            Ok(Amount::ZERO)
        }
    }

    /// Lets an account mint for `account`, or no longer. Source: `setMinterApproval`.
    pub fn set_minter_approval(&mut self, account: Account, caller: Account, is_allowed: bool) {
        self.minter.set_may_mint_for(caller, account, is_allowed);
    }

    /// Lets an account mint for `account` if it may not, and the other way round.
    /// Source: `toggle_approve_mint`.
    pub fn toggle_approve_mint(&mut self, account: Account, caller: Account) {
        let may = self.minter.may_mint_for(caller, account);
        self.minter.set_may_mint_for(caller, account, !may);
    }

    /// Checkpoints an account and books what is due to it as minted. Source: `_updateGauge`.
    fn update_gauge(
        &mut self,
        account: Account,
        gauge: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.controller.gauge_type(gauge)?;
        let (checkpointed, sources) = self.parts(gauge)?;
        checkpointed.user_checkpoint(account, sources, at)?;
        let earned = Amount(checkpointed.stake_of(account).integrate_fraction);
        let minted = self.minter.minted(account, gauge);
        let due = earned.checked_sub(minted).ok_or(TokenAdminError::SubOverflow)?;
        if !due.is_zero() {
            self.minter.set_entry(account, gauge, Some(earned));
        }
        Ok(due)
    }

    fn mint_bal(&mut self, amount: Amount, at: Timestamp) -> Result<(), Error> {
        if !amount.is_zero() {
            self.token_admin.mint(amount, self.bal_supply, at)?;
            self.bal_supply = self.bal_supply.checked_add(amount).ok_or(Error::Overflow)?;
        }
        Ok(())
    }

    /// Does all of a minting for an account or nothing.
    fn atomically<T>(
        &mut self,
        account: Account,
        gauges: &[Account],
        operation: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (token_admin, bal_supply) = (self.token_admin, self.bal_supply);
        let before = gauges.iter().map(|gauge| {
            let undo = self.gauge(*gauge).map(|gauge| gauge.before([account; 2]));
            (*gauge, undo, self.minter.entry(account, *gauge))
        });
        let before: Vec<_> = before.collect();
        let mark = self.controller.hold();
        let result = operation(self);
        self.controller.release(mark, result.is_err());
        if result.is_err() {
            self.token_admin = token_admin;
            self.bal_supply = bal_supply;
            for (gauge, undo, minted) in before {
                self.minter.set_entry(account, gauge, minted);
                if let (Some(gauge), Some(undo)) = (self.gauges.get_mut(&gauge), undo) {
                    gauge.restore(undo);
                }
            }
        }
        result
    }
}
