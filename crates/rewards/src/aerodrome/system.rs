//! The contracts put together, and what everybody can do.

use tidemill_units::{Amount, Timestamp, U256};

use super::distributor::{Distributor, RebaseClaim};
use super::escrow::{Escrow, LockKind, is_owner};
use super::voter::{VotedGauge, Voter, require_vote_start};
use super::words::{difference, sum};
use super::{
    AerodromeError, Gauge, GaugeId, LEAST_MAX_VOTING_NUM, LockId, MOST_TEAM_RATE, MinterState,
    TailProposal, VotingReward, epoch_start,
};
use crate::Account;

/// The last second that fits Slipstream's `uint32`.
const LAST_SECOND: u64 = 4_294_967_295;

/// Aerodrome: locks, votes, gauges, rewards of votes, the weekly emission and rebases.
///
/// Time is an argument and never runs backwards. What only the governor, the team, the emergency
/// council or the minter may do is taken to be done by them. Tokens are plain, and moved by the
/// caller: an answer says what has to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aerodrome {
    pub(super) escrow: Escrow,
    pub(super) voter: Voter,
    pub(super) minter: MinterState,
    pub(super) distributor: Distributor,
    pub(super) updated_at: Timestamp,
}

/// What a gauge is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewGauge {
    /// The pool's two tokens, in which it pays fees; none for a pool that pays none.
    pub tokens: Option<[Account; 2]>,
    /// Whether the governor makes it, who is bound to no whitelist.
    pub by_governor: bool,
    /// Whether it is kept elsewhere, as Slipstream's are.
    pub is_elsewhere: bool,
}

impl Aerodrome {
    /// Returns the system as it is deployed: a supply of the token, and no locks and gauges.
    pub fn deployed(token: Account, total_supply: Amount, at: Timestamp) -> Self {
        Self {
            escrow: Escrow::of(token),
            voter: Voter::of([token]),
            minter: MinterState::first(total_supply, at),
            distributor: Distributor::first(at),
            updated_at: at,
        }
    }

    /// Returns the locks and their voting power.
    pub fn escrow(&self) -> &Escrow {
        &self.escrow
    }

    /// Returns the votes and gauges.
    pub fn voter(&self) -> &Voter {
        &self.voter
    }

    /// Returns what the emission depends on.
    pub fn minter(&self) -> &MinterState {
        &self.minter
    }

    /// Returns what the distributor of rebases keeps.
    pub fn distributor(&self) -> &Distributor {
        &self.distributor
    }

    /// Returns when the last operation was.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// Runs an operation at an instant.
    pub(super) fn then<T>(
        &mut self,
        at: Timestamp,
        operation: impl FnOnce(&mut Self) -> Result<T, AerodromeError>,
    ) -> Result<T, AerodromeError> {
        if at < self.updated_at || at.0 > LAST_SECOND {
            return Err(AerodromeError::TimeOutOfRange);
        }
        let answer = operation(self)?;
        self.updated_at = at;
        Ok(answer)
    }

    pub(super) fn require_owner(
        &self,
        sender: Account,
        lock: LockId,
    ) -> Result<(), AerodromeError> {
        let is_owner = is_owner(&self.escrow, sender, lock);
        if is_owner { Ok(()) } else { Err(AerodromeError::NotApprovedOrOwner) }
    }

    /// Locks an amount for some seconds, rounded down to a week; the owner pays it.
    ///
    /// Errors: `ZeroAmount`, `LockDurationNotInFuture`, `LockDurationTooLong`,
    /// `SafeCastOverflow`, `Overflow`. Source: `createLock`, `createLockFor`.
    pub fn create_lock(
        &mut self,
        owner: Account,
        amount: Amount,
        seconds: u64,
        at: Timestamp,
    ) -> Result<LockId, AerodromeError> {
        self.then(at, |system| system.escrow.create(owner, amount, seconds, at))
    }

    /// Adds to a lock, which anybody may (`depositFor`).
    ///
    /// Errors: `NotDistributor` for managed locks, `NotManagedOrNormalNft`, `ZeroAmount`,
    /// `NoLockFound`, `LockExpired`, `SafeCastOverflow`, `Overflow`.
    pub fn deposit_for(
        &mut self,
        lock: LockId,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let kind = system.escrow.lock(lock).map(|lock| &lock.kind);
            if matches!(kind, Some(LockKind::Managed { .. })) {
                return Err(AerodromeError::NotDistributor);
            }
            system.escrow.increase(lock, amount, at)
        })
    }

    /// Adds to an own lock (`increaseAmount`).
    ///
    /// Errors: `NotApprovedOrOwner`, and those of [`deposit_for`](Self::deposit_for) but its first.
    pub fn increase_amount(
        &mut self,
        sender: Account,
        lock: LockId,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.require_owner(sender, lock)?;
            system.escrow.increase(lock, amount, at)
        })
    }

    /// Makes a lock end so many seconds from now, rounded down to a week (`increaseUnlockTime`).
    ///
    /// Errors: `NotApprovedOrOwner`, `NotNormalNft`, `PermanentLock`, `LockExpired`,
    /// `NoLockFound`, `LockDurationNotInFuture`, `LockDurationTooLong`, `Overflow`.
    pub fn increase_unlock_time(
        &mut self,
        sender: Account,
        lock: LockId,
        seconds: u64,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| system.escrow.extend(sender, lock, seconds, at))
    }

    /// Ends an expired lock; returns what is paid to its owner (`withdraw`).
    ///
    /// Errors: `NotApprovedOrOwner`, `AlreadyVoted`, `NotNormalNft`, `PermanentLock`,
    /// `LockNotExpired`, `Overflow`.
    pub fn withdraw_lock(
        &mut self,
        sender: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        self.then(at, |system| {
            let has_voted = system.voter.has_voted(lock);
            system.escrow.withdraw(sender, lock, has_voted, at)
        })
    }

    /// Adds one lock to another, which then ends when the later one did (`merge`).
    ///
    /// Errors: `AlreadyVoted`, `NotNormalNft`, `SameNft`, `NotApprovedOrOwner`, `LockExpired`,
    /// `PermanentLock`, `Overflow`.
    pub fn merge(
        &mut self,
        sender: Account,
        from: LockId,
        to: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let has_voted = system.voter.has_voted(from);
            system.escrow.merge(sender, (from, to), has_voted, at)
        })
    }

    /// Ends a lock and makes two of it; returns them, the one that holds the amount last
    /// (`split`).
    ///
    /// Errors: `SplitNoOwner`, `SplitNotAllowed`, `NotNormalNft`, `AlreadyVoted`,
    /// `NotApprovedOrOwner`, `LockExpired`, `SafeCastOverflow`, `ZeroAmount`, `AmountTooBig`,
    /// `Overflow`.
    pub fn split(
        &mut self,
        sender: Account,
        lock: LockId,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(LockId, LockId), AerodromeError> {
        self.then(at, |system| {
            let has_voted = system.voter.has_voted(lock);
            system.escrow.split(sender, (lock, amount), has_voted, at)
        })
    }

    /// Lets an account split its locks or not, `None` for everybody (`toggleSplit`).
    pub fn toggle_split(&mut self, account: Option<Account>, is_allowed: bool) {
        match account {
            None => self.escrow.everybody_can_split = is_allowed,
            Some(account) if is_allowed => {
                self.escrow.can_split.insert(account);
            }
            Some(account) => {
                self.escrow.can_split.remove(&account);
            }
        }
    }

    /// Gives a lock of the sender's to another account, with its votes (`transferFrom`). Given to
    /// the zero address it is nobody's.
    ///
    /// Errors: `NotManagedOrNormalNft` for a lock in a managed one; `NotApprovedOrOwner`.
    pub fn transfer_lock(
        &mut self,
        sender: Account,
        lock: LockId,
        to: Account,
    ) -> Result<(), AerodromeError> {
        if self.escrow.is_inside_managed(lock) {
            return Err(AerodromeError::NotManagedOrNormalNft);
        }
        self.require_owner(sender, lock)?;
        if let Some(lock) = self.escrow.locks.get_mut(&lock) {
            lock.owner = (to != Account::default()).then_some(to);
        }
        Ok(())
    }

    /// Makes a lock permanent (`lockPermanent`).
    ///
    /// Errors: `NotApprovedOrOwner`, `NotNormalNft`, `PermanentLock`, `LockExpired`,
    /// `NoLockFound`, `Overflow`.
    pub fn lock_permanent(
        &mut self,
        sender: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| system.escrow.make_permanent(sender, lock, at))
    }

    /// Makes a permanent lock one of four years (`unlockPermanent`).
    ///
    /// Errors: `NotApprovedOrOwner`, `NotNormalNft`, `AlreadyVoted`, `NotPermanentLock`,
    /// `Overflow`.
    pub fn unlock_permanent(
        &mut self,
        sender: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let has_voted = system.voter.has_voted(lock);
            system.escrow.end_permanent(sender, lock, has_voted, at)
        })
    }

    /// Brings the history of all voting power up to now (`VotingEscrow.checkpoint`).
    ///
    /// Errors: `Overflow`.
    pub fn checkpoint(&mut self, at: Timestamp) -> Result<(), AerodromeError> {
        let none = super::LockedBalance::default();
        self.then(at, |system| {
            system.escrow.attempt(&[], |escrow| escrow.checkpoint(None, none, none, at))
        })
    }

    /// Divides a lock's voting power among gauges by these weights, each part rounded down to the
    /// loss of the lock. The votes stay, with today's power, until they are cast again or poked.
    ///
    /// Errors: `AlreadyVotedOrDeposited`, `DistributeWindow`, `NotApprovedOrOwner`,
    /// `TooManyPools`, `InactiveManagedNft`, `NotWhitelistedNft`, `GaugeDoesNotExist`,
    /// `GaugeNotAlive`, `NonZeroVotes`, `ZeroBalance`, `DivisionByZero`, `Overflow`.
    /// Source: `Voter.vote`.
    pub fn vote(
        &mut self,
        sender: Account,
        lock: LockId,
        choices: &[(GaugeId, U256)],
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.voter.require_new_epoch(lock, at)?;
            system.require_owner(sender, lock)?;
            let most = usize::try_from(system.voter.max_voting_num).unwrap_or(usize::MAX);
            if choices.len() > most {
                return Err(AerodromeError::TooManyPools);
            }
            if system.is_deactivated(lock) {
                return Err(AerodromeError::InactiveManagedNft);
            }
            system.voter.require_open(lock, at)?;
            let weight = system.escrow.balance_at(lock, at)?;
            let revote = system.voter.revoting(lock, weight, choices)?;
            system.keep_votes(revote, at)?;
            system.voter.set_last_voted(lock, at);
            Ok(())
        })
    }

    pub(super) fn keep_votes(
        &mut self,
        revote: super::voter::Revote,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.minter.balance = sum(self.minter.balance, revote.returned)?;
        self.voter.keep(revote, at);
        Ok(())
    }

    /// Takes a lock's votes back (`Voter.reset`).
    ///
    /// Errors: `AlreadyVotedOrDeposited`, `DistributeWindow`, `NotApprovedOrOwner`, `Overflow`.
    pub fn reset(
        &mut self,
        sender: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.voter.require_new_epoch(lock, at)?;
            system.require_owner(sender, lock)?;
            let revote = system.voter.resetting(lock)?;
            system.keep_votes(revote, at)
        })
    }

    /// Casts a lock's votes again with the power it has now, which anybody may (`Voter.poke`).
    ///
    /// Errors: `DistributeWindow`; `ZeroBalance` where the power has fallen to nothing, so that
    /// such a vote stays as it is; `GaugeNotAlive`, `Overflow`.
    pub fn poke(&mut self, lock: LockId, at: Timestamp) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            require_vote_start(at)?;
            let weight = system.escrow.balance_at(lock, at)?;
            let revote = system.voter.poking(lock, weight)?;
            system.keep_votes(revote, at)
        })
    }

    /// Makes a gauge (`createGauge`).
    ///
    /// Errors: `NotWhitelistedToken` where not the governor makes one for a pool of other tokens,
    /// or for what pays no fees.
    pub fn create_gauge(&mut self, new: NewGauge) -> Result<GaugeId, AerodromeError> {
        let whitelist = &self.voter.whitelisted_tokens;
        let is_free =
            new.tokens.is_some_and(|tokens| tokens.iter().all(|token| whitelist.contains(token)));
        if !new.by_governor && !is_free {
            return Err(AerodromeError::NotWhitelistedToken);
        }
        let place = u32::try_from(self.voter.gauges.len());
        let id = GaugeId(place.map_err(|_| AerodromeError::Overflow)?);
        let tokens = new.tokens.unwrap_or_default();
        let rewards = VotingReward::of(new.tokens.map_or(&[][..], |_| &tokens));
        self.voter.gauges.push(VotedGauge {
            is_alive: true,
            tokens: new.tokens,
            weight: Amount::ZERO,
            supply_index: self.voter.index,
            claimable: Amount::ZERO,
            fees: rewards.clone(),
            bribes: rewards,
            gauge: (!new.is_elsewhere).then(Gauge::default),
        });
        Ok(id)
    }

    /// Kills a gauge; what it could have claimed goes back to the minter (`killGauge`).
    ///
    /// Errors: `GaugeAlreadyKilled`, also for one that does not exist; `Overflow`.
    pub fn kill_gauge(&mut self, gauge: GaugeId) -> Result<(), AerodromeError> {
        let before = self.minter.balance;
        let killed = self.voter.gauge_mut(gauge).ok().filter(|gauge| gauge.is_alive);
        let killed = killed.ok_or(AerodromeError::GaugeAlreadyKilled)?;
        self.minter.balance = sum(before, killed.claimable)?;
        killed.claimable = Amount::ZERO;
        killed.is_alive = false;
        Ok(())
    }

    /// Takes a killed gauge back (`reviveGauge`).
    ///
    /// Errors: `GaugeAlreadyRevived`, `GaugeDoesNotExist`.
    pub fn revive_gauge(&mut self, gauge: GaugeId) -> Result<(), AerodromeError> {
        let gauge = self.voter.gauge_mut(gauge)?;
        if gauge.is_alive {
            return Err(AerodromeError::GaugeAlreadyRevived);
        }
        gauge.is_alive = true;
        Ok(())
    }

    /// Lets a lock vote in the last hour of an epoch, or not (`whitelistNFT`).
    pub fn whitelist_lock(&mut self, lock: LockId, is_allowed: bool) {
        let locks = &mut self.voter.whitelisted_locks;
        if is_allowed {
            locks.insert(lock)
        } else {
            locks.remove(&lock)
        };
    }

    /// Lets a token be paid as a bribe, or not (`whitelistToken`).
    pub fn whitelist_token(&mut self, token: Account, is_allowed: bool) {
        let tokens = &mut self.voter.whitelisted_tokens;
        if is_allowed {
            tokens.insert(token)
        } else {
            tokens.remove(&token)
        };
    }

    /// Sets the most pools of a vote (`setMaxVotingNum`).
    ///
    /// Errors: `MaximumVotingNumberTooLow`, `SameValue`.
    pub fn set_max_voting_num(&mut self, most: u32) -> Result<(), AerodromeError> {
        if most < LEAST_MAX_VOTING_NUM {
            return Err(AerodromeError::MaximumVotingNumberTooLow);
        }
        if most == self.voter.max_voting_num {
            return Err(AerodromeError::SameValue);
        }
        self.voter.max_voting_num = most;
        Ok(())
    }

    /// Sets the team's share, in ten-thousandths (`setTeamRate`).
    ///
    /// Errors: `RateTooHigh`.
    pub fn set_team_rate(&mut self, rate: u16) -> Result<(), AerodromeError> {
        if rate > MOST_TEAM_RATE {
            return Err(AerodromeError::RateTooHigh);
        }
        self.minter.team_rate = rate;
        Ok(())
    }

    /// Carries out a vote on the tail emission (`nudge`).
    ///
    /// Errors: `TailEmissionsInactive`, `AlreadyNudged`.
    pub fn nudge(&mut self, proposal: TailProposal) -> Result<(), AerodromeError> {
        self.minter.nudge(proposal)
    }

    /// Returns what a lock could claim of its rebases (`RewardsDistributor.claimable`).
    ///
    /// Errors: `Overflow`.
    pub fn claimable_rebase(&self, lock: LockId) -> Result<Amount, AerodromeError> {
        Ok(self.rebase_claim(lock)?.amount)
    }

    /// Returns what a claim of a lock's rebases would come to, with its weeks.
    ///
    /// Errors: `Overflow`.
    pub fn rebase_claim(&self, lock: LockId) -> Result<RebaseClaim, AerodromeError> {
        self.distributor.claimable(&self.escrow, lock)
    }

    /// Claims up to fifty weeks of a lock's rebases, which anybody may. They are locked with it;
    /// returned is what is paid to the owner instead, of an expired lock
    /// (`RewardsDistributor.claim`).
    ///
    /// Errors: `UpdatePeriod` before the week's emission; `NotManagedOrNormalNft`; `TransferToZero`
    /// for a lock that is nobody's any more;
    /// `NoLockFound`, `SafeCastOverflow`, `Overflow`.
    pub fn claim_rebase(&mut self, lock: LockId, at: Timestamp) -> Result<Amount, AerodromeError> {
        self.then(at, |system| {
            if system.minter.active_period < epoch_start(at) {
                return Err(AerodromeError::UpdatePeriod);
            }
            if system.escrow.is_inside_managed(lock) {
                return Err(AerodromeError::NotManagedOrNormalNft);
            }
            let claim = system.distributor.claimable(&system.escrow, lock)?;
            let last = difference(system.distributor.token_last_balance, claim.amount)?;
            let balance = difference(system.distributor.balance, claim.amount)?;
            let mut paid = Amount::ZERO;
            if !claim.amount.is_zero() {
                let locked = system.escrow.locked(lock);
                if at >= locked.end && !locked.is_permanent {
                    system.escrow.owner(lock).ok_or(AerodromeError::TransferToZero)?;
                    paid = claim.amount;
                } else {
                    system.escrow.increase(lock, claim.amount, at)?;
                }
            }
            system.distributor.token_last_balance = last;
            system.distributor.balance = balance;
            if claim.cursor != Timestamp(0) {
                system.distributor.time_cursor_of.insert(lock, claim.cursor);
            }
            Ok(paid)
        })
    }
}
