use tidemill_model::{Address, AerodromeLog};
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{GaugeId, LockId, epoch_start};
use tidemill_units::{Amount, Amounts, Timestamp};

use super::super::{Paid, ProgrammeMismatch, account, address};
use super::{Call, Done};

/// What a `ClaimRewards` says.
#[derive(Clone, Copy)]
struct Claim {
    token_id: u64,
    from: Address,
    reward: Address,
    amount: Amount,
}

type MaybePaid = Result<Option<Paid>, ProgrammeMismatch>;

impl Call<'_> {
    /// Logs of what gauges, rebases and the rewards of votes are paid and pay.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply` gives each group its own logs")]
    pub(super) fn reward(&mut self, log: &AerodromeLog) -> MaybePaid {
        let at = self.at;
        match *log {
            AerodromeLog::GaugeClaimRewards { gauge, from, amount } => {
                self.claim_emission(gauge, from, amount)
            }
            AerodromeLog::GaugeCheckpointed { gauge, from } => {
                self.claim_emission(gauge, from, Amount::ZERO).map(|_| None)
            }
            AerodromeLog::Claimed { token_id, epoch_start, epoch_end, amount } => {
                self.claim_rebase(token_id, amount, Some((epoch_start, epoch_end)))
            }
            AerodromeLog::RebaseCheckpointed { token_id } => {
                self.claim_rebase(token_id, Amount::ZERO, None).map(|_| None)
            }
            AerodromeLog::BribeNotifyReward { gauge, reward, epoch, amount } => {
                self.compare_epoch(epoch)?;
                let id = GaugeId(gauge);
                let notified = self.model.notify_bribe(id, account(reward), amount, at);
                notified.map_err(self.reverts()).map(|()| None)
            }
            AerodromeLog::FreeNotifyReward { m_token_id, reward, epoch, amount } => {
                self.compare_epoch(epoch)?;
                let lock = LockId(m_token_id);
                let notified = self.model.notify_free_reward(lock, account(reward), amount, at);
                notified.map_err(self.reverts()).map(|()| None)
            }
            AerodromeLog::FeesNotifyReward { gauge, reward, epoch, amount } => {
                self.compare_epoch(epoch)?;
                self.notify_fees(gauge, reward, amount).map(|()| None)
            }
            AerodromeLog::BribeClaimRewards { gauge, token_id, from, reward, amount } => {
                let claim = Claim { token_id, from, reward, amount };
                self.claim(claim, |call, owner, tokens| {
                    let of = (GaugeId(gauge), LockId(token_id));
                    call.model.claim_bribes(owner, of, tokens, at).map_err(call.reverts())
                })
            }
            AerodromeLog::FeesClaimRewards { gauge, token_id, from, reward, amount } => {
                let claim = Claim { token_id, from, reward, amount };
                self.claim(claim, |call, owner, tokens| {
                    let of = (GaugeId(gauge), LockId(token_id));
                    call.model.claim_fees(owner, of, tokens, at).map_err(call.reverts())
                })
            }
            AerodromeLog::FreeClaimRewards { m_token_id, token_id, from, reward, amount } => {
                let claim = Claim { token_id, from, reward, amount };
                self.claim(claim, |call, owner, tokens| {
                    let of = (LockId(m_token_id), LockId(token_id));
                    call.model.claim_free_rewards(owner, of, tokens, at).map_err(call.reverts())
                })
            }
            _ => Err(self.of_another()),
        }
    }

    fn compare_epoch(&self, epoch: Timestamp) -> Done {
        self.with.value("epoch", epoch_start(self.at).0, epoch.0)
    }

    fn claim_emission(&mut self, gauge: u32, from: Address, amount: Amount) -> MaybePaid {
        let who = account(from);
        let paid = self.model.claim_emission(who, GaugeId(gauge), who, self.at);
        let paid = paid.map_err(self.reverts())?;
        self.with.value("amount", paid, amount)?;
        Ok(Some(Paid { token: Some(address(self.token())), amount }))
    }

    /// What was locked with the lock counts as paid, too.
    fn claim_rebase(
        &mut self,
        token_id: u64,
        amount: Amount,
        weeks: Option<(Timestamp, Timestamp)>,
    ) -> MaybePaid {
        let (with, lock) = (self.with, LockId(token_id));
        let claim = self.model.rebase_claim(lock).map_err(self.reverts())?;
        with.value("amount", claim.amount, amount)?;
        if let Some((from, end)) = weeks {
            with.value("epoch_start", claim.from.0, from.0)?;
            with.value("epoch_end", claim.cursor.0, end.0)?;
        }
        self.model.claim_rebase(lock, self.at).map_err(self.reverts())?;
        Ok(Some(Paid { token: Some(address(self.token())), amount }))
    }

    fn notify_fees(&mut self, gauge: u32, reward: Address, amount: Amount) -> Done {
        let id = GaugeId(gauge);
        let voted = self.model.voter().gauge(id).map_err(self.reverts())?;
        if voted.gauge.is_some() {
            return Err(self.with.fields("is in the course of the gauge's own call"));
        }
        let none = Amount::ZERO;
        let fees = match voted.tokens {
            Some([token0, _]) if address(token0) == reward => {
                Amounts { amount0: amount, amount1: none }
            }
            Some([_, token1]) if address(token1) == reward => {
                Amounts { amount0: none, amount1: amount }
            }
            _ => return Err(self.with.unknown("reward", reward)),
        };
        self.model.notify_fees(id, fees, self.at).map_err(self.reverts())
    }

    /// Claims one token for a lock's owner.
    fn claim(
        &mut self,
        claim: Claim,
        call: impl FnOnce(&mut Self, Account, &[Account]) -> Result<Vec<Amount>, ProgrammeMismatch>,
    ) -> MaybePaid {
        let Claim { token_id, from, reward, amount } = claim;
        let owner = self.owner(token_id)?;
        self.with.value("from", address(owner), from)?;
        let paid = call(self, owner, &[account(reward)])?;
        let paid = paid.first().copied().unwrap_or(Amount::ZERO);
        self.with.value("amount", paid, amount)?;
        Ok(Some(Paid { token: Some(reward), amount }))
    }
}
