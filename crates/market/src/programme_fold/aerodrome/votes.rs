use tidemill_model::{AerodromeLog, AerodromeVote};
use tidemill_rewards::aerodrome::{Aerodrome, AerodromeError, GaugeId, LockId, LockKind};
use tidemill_units::Amount;

use super::super::account;
use super::{Call, Done};

/// What a call recorded of votes: taken back, and cast.
struct Votes<'a> {
    lock: LockId,
    abstained: &'a [AerodromeVote],
    voted: &'a [AerodromeVote],
}

impl Call<'_> {
    /// Logs of the voter about locks, and those of managed locks.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply` gives each group its own logs")]
    pub(super) fn vote(&mut self, log: &AerodromeLog) -> Done {
        let (at, with, reverts) = (self.at, self.with, self.reverts());
        match log {
            AerodromeLog::Voted { token_id, weights, abstained, voted } => {
                let lock = LockId(*token_id);
                let choices: Vec<_> =
                    weights.iter().map(|one| (GaugeId(one.gauge), one.weight)).collect();
                let owner = self.owner(*token_id)?;
                let votes = Votes { lock, abstained, voted };
                self.revote(&votes, |model| model.vote(owner, lock, &choices, at))
            }
            AerodromeLog::VotedForNothing { token_id } => {
                let (lock, owner) = (LockId(*token_id), self.owner(*token_id)?);
                let votes = Votes { lock, abstained: &[], voted: &[] };
                self.revote(&votes, |model| model.vote(owner, lock, &[], at))
            }
            AerodromeLog::Poked { token_id, abstained, voted } => {
                let lock = LockId(*token_id);
                let votes = Votes { lock, abstained, voted };
                self.revote(&votes, |model| model.poke(lock, at))
            }
            AerodromeLog::Abstained { token_id, abstained } => {
                let (lock, owner) = (LockId(*token_id), self.owner(*token_id)?);
                let votes = Votes { lock, abstained, voted: &[] };
                self.revote(&votes, |model| model.reset(owner, lock, at))
            }
            AerodromeLog::DepositManaged { .. } | AerodromeLog::WithdrawManaged { .. } => {
                self.managed(log)
            }
            AerodromeLog::CreateManaged { to, m_token_id } => {
                let made = self.model.create_managed_lock(account(*to), at).map_err(reverts)?;
                with.value("m_token_id", made.0, *m_token_id)
            }
            AerodromeLog::ManagedStateSet { m_token_id, is_deactivated } => {
                let set = self.model.set_managed_state(LockId(*m_token_id), *is_deactivated);
                set.map_err(reverts)
            }
            AerodromeLog::WhitelistToken { token, is_allowed } => {
                self.model.whitelist_token(account(*token), *is_allowed);
                Ok(())
            }
            AerodromeLog::WhitelistNft { token_id, is_allowed } => {
                self.model.whitelist_lock(LockId(*token_id), *is_allowed);
                Ok(())
            }
            AerodromeLog::MaxVotingNumSet { max_voting_num } => {
                self.model.set_max_voting_num(*max_voting_num).map_err(reverts)
            }
            _ => Err(self.of_another()),
        }
    }

    /// Deposits into a managed lock, or withdraws; the managed lock's votes are cast again.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply` gives each group its own logs")]
    fn managed(&mut self, log: &AerodromeLog) -> Done {
        let (at, with) = (self.at, self.with);
        match log {
            AerodromeLog::DepositManaged { token_id, m_token_id, weight, abstained, voted } => {
                let (lock, managed) = (LockId(*token_id), LockId(*m_token_id));
                let owner = self.owner(*token_id)?;
                let votes = Votes { lock: managed, abstained, voted };
                self.revote(&votes, |model| model.deposit_managed(owner, lock, managed, at))?;
                let deposited = self.inside(lock).map_or(Amount::ZERO, |(_, weight)| weight);
                with.value("weight", deposited, *weight)
            }
            AerodromeLog::WithdrawManaged { token_id, m_token_id, weight, abstained, voted } => {
                let (lock, managed) = (LockId(*token_id), LockId(*m_token_id));
                let into = self.inside(lock).map_or(0, |(managed, _)| managed.0);
                with.value("m_token_id", into, *m_token_id)?;
                let owner = self.owner(*token_id)?;
                let votes = Votes { lock: managed, abstained, voted };
                self.revote(&votes, |model| model.withdraw_managed(owner, lock, at))?;
                with.value("weight", self.locked(*token_id).amount, *weight)
            }
            _ => Err(self.of_another()),
        }
    }

    /// Into which managed lock a lock is deposited, and with how much.
    fn inside(&self, lock: LockId) -> Option<(LockId, Amount)> {
        match self.model.escrow().lock(lock)?.kind {
            LockKind::Locked { managed, weight } => Some((managed, weight)),
            LockKind::Normal | LockKind::Managed { .. } => None,
        }
    }

    /// Makes a call that takes a lock's votes back and perhaps casts them again, and compares both.
    fn revote(
        &mut self,
        votes: &Votes<'_>,
        call: impl FnOnce(&mut Aerodrome) -> Result<(), AerodromeError>,
    ) -> Done {
        let abstained = self.votes_of(votes.lock, |total, votes| total.checked_sub(votes));
        call(self.model).map_err(self.reverts())?;
        self.compare_votes("abstained", &abstained, votes.abstained)?;
        let voted = self.votes_of(votes.lock, |total, _| Some(total));
        self.compare_votes("voted", &voted, votes.voted)
    }

    /// A lock's votes, with what all votes for the gauge come to.
    fn votes_of(
        &self,
        lock: LockId,
        total: impl Fn(Amount, Amount) -> Option<Amount>,
    ) -> Vec<AerodromeVote> {
        let voter = self.model.voter();
        let votes = voter.ballot(lock).map_or(&[][..], |ballot| &ballot.votes);
        let vote = |(gauge, weight): &(GaugeId, Amount)| {
            let all = voter.gauge(*gauge).map_or(Amount::ZERO, |gauge| gauge.weight);
            let total_weight = total(all, *weight).unwrap_or(Amount::ZERO);
            AerodromeVote { gauge: gauge.0, weight: *weight, total_weight }
        };
        votes.iter().map(vote).collect()
    }

    fn compare_votes(
        &self,
        field: &'static str,
        computed: &[AerodromeVote],
        recorded: &[AerodromeVote],
    ) -> Done {
        self.with.value(field, computed.len(), recorded.len())?;
        for (computed, recorded) in computed.iter().zip(recorded) {
            self.with.value("gauge", computed.gauge, recorded.gauge)?;
            self.with.value("weight", computed.weight, recorded.weight)?;
            self.with.value("total_weight", computed.total_weight, recorded.total_weight)?;
        }
        Ok(())
    }
}
