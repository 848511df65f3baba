use tidemill_model::AerodromeLog;
use tidemill_rewards::aerodrome::{LockId, LockedBalance};
use tidemill_units::{Amount, Timestamp};

use super::super::account;
use super::{Call, Done};

impl Call<'_> {
    /// Logs of the escrow but those of managed locks.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply` gives each group its own logs")]
    pub(super) fn lock(&mut self, log: &AerodromeLog) -> Done {
        let (at, with, reverts) = (self.at, self.with, self.reverts());
        match *log {
            AerodromeLog::Deposit { token_id, locktime, supply, .. } => {
                self.deposit(log)?;
                let locked = self.locked(token_id);
                with.value("locktime", locked.end.0, locktime.0)?;
                with.value("supply", self.model.escrow().supply(), supply)
            }
            AerodromeLog::Withdraw { token_id, value, supply } => {
                let owner = self.owner(token_id)?;
                let paid = self.model.withdraw_lock(owner, LockId(token_id), at);
                with.value("value", paid.map_err(reverts)?, value)?;
                with.value("supply", self.model.escrow().supply(), supply)
            }
            AerodromeLog::Merge { from, to, amount_from, amount_to, amount_final, locktime } => {
                with.value("amount_from", self.locked(from).amount, amount_from)?;
                with.value("amount_to", self.locked(to).amount, amount_to)?;
                let owner = self.owner(from)?;
                self.model.merge(owner, LockId(from), LockId(to), at).map_err(reverts)?;
                self.compare_locked(to, ("amount_final", amount_final), locktime)
            }
            AerodromeLog::Split {
                from,
                token_id1,
                token_id2,
                split_amount1,
                split_amount2,
                locktime,
            } => {
                let owner = self.owner(from)?;
                let parts = self.model.split(owner, LockId(from), split_amount2, at);
                let (first, second) = parts.map_err(reverts)?;
                with.value("token_id1", first.0, token_id1)?;
                with.value("token_id2", second.0, token_id2)?;
                self.compare_locked(token_id1, ("split_amount1", split_amount1), locktime)?;
                self.compare_locked(token_id2, ("split_amount2", split_amount2), locktime)
            }
            AerodromeLog::LockPermanent { token_id, amount } => {
                let owner = self.owner(token_id)?;
                self.model.lock_permanent(owner, LockId(token_id), at).map_err(reverts)?;
                with.value("amount", self.locked(token_id).amount, amount)
            }
            AerodromeLog::UnlockPermanent { token_id, amount } => {
                let owner = self.owner(token_id)?;
                self.model.unlock_permanent(owner, LockId(token_id), at).map_err(reverts)?;
                with.value("amount", self.locked(token_id).amount, amount)
            }
            AerodromeLog::Transfer { from, to, token_id } => {
                let moved = self.model.transfer_lock(account(from), LockId(token_id), account(to));
                moved.map_err(reverts)
            }
            AerodromeLog::EscrowCheckpointed {} => self.model.checkpoint(at).map_err(reverts),
            AerodromeLog::SplitToggled { account: who, is_allowed } => {
                self.model.toggle_split(who.map(account), is_allowed);
                Ok(())
            }
            _ => Err(self.of_another()),
        }
    }

    fn deposit(&mut self, log: &AerodromeLog) -> Done {
        let AerodromeLog::Deposit { token_id, deposit_type, value, locktime, owner, .. } = *log
        else {
            return Err(self.of_another());
        };
        let (at, with, lock) = (self.at, self.with, LockId(token_id));
        let seconds = locktime.seconds_since(at);
        if (deposit_type == 1) != owner.is_some() {
            return Err(with.fields("is of a new lock without an owner, or of another with one"));
        }
        if deposit_type == 3 && !value.is_zero() {
            return Err(with.fields("has a value, but only makes the lock longer"));
        }
        let deposited = match (deposit_type, owner) {
            (1, Some(owner)) => {
                let made = self.model.create_lock(account(owner), value, seconds, at);
                let made = made.map_err(self.reverts())?;
                return with.value("token_id", made.0, token_id);
            }
            (0, _) => self.model.deposit_for(lock, value, at),
            (2, _) => {
                let owner = self.owner(token_id)?;
                self.model.increase_amount(owner, lock, value, at)
            }
            (3, _) => {
                let owner = self.owner(token_id)?;
                self.model.increase_unlock_time(owner, lock, seconds, at)
            }
            _ => return Err(with.fields("has another deposit_type than 0 to 3")),
        };
        deposited.map_err(self.reverts())
    }

    pub(super) fn locked(&self, token_id: u64) -> LockedBalance {
        let lock = self.model.escrow().lock(LockId(token_id));
        lock.map_or_else(LockedBalance::default, |lock| lock.locked)
    }

    fn compare_locked(
        &self,
        token_id: u64,
        (field, amount): (&'static str, Amount),
        locktime: Timestamp,
    ) -> Done {
        let locked = self.locked(token_id);
        self.with.value(field, locked.amount, amount)?;
        self.with.value("locktime", locked.end.0, locktime.0)
    }
}
