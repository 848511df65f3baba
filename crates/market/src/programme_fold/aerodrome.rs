mod gauges;
mod locks;
mod rewards;
mod votes;

use std::collections::BTreeMap;

use tidemill_model::{Address, AerodromeLog};
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{Aerodrome, AerodromeError, LockId, LockKind, VotingReward};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, address, total};

/// One log being executed again.
struct Call<'a> {
    model: &'a mut Aerodrome,
    at: Timestamp,
    with: Comparison,
}

type Done = Result<(), ProgrammeMismatch>;

/// Makes the call behind a log, in whichever of the contracts wrote it.
pub(super) fn apply(
    model: &mut Aerodrome,
    log: &AerodromeLog,
    at: Timestamp,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let mut call = Call { model, at, with: Comparison { event: log.kind() } };
    match log {
        AerodromeLog::Deposit { .. }
        | AerodromeLog::Withdraw { .. }
        | AerodromeLog::Merge { .. }
        | AerodromeLog::Split { .. }
        | AerodromeLog::LockPermanent { .. }
        | AerodromeLog::UnlockPermanent { .. }
        | AerodromeLog::Transfer { .. }
        | AerodromeLog::EscrowCheckpointed {}
        | AerodromeLog::SplitToggled { .. } => call.lock(log).map(|()| None),
        AerodromeLog::CreateManaged { .. }
        | AerodromeLog::DepositManaged { .. }
        | AerodromeLog::WithdrawManaged { .. }
        | AerodromeLog::ManagedStateSet { .. }
        | AerodromeLog::Voted { .. }
        | AerodromeLog::VotedForNothing { .. }
        | AerodromeLog::Poked { .. }
        | AerodromeLog::Abstained { .. }
        | AerodromeLog::WhitelistToken { .. }
        | AerodromeLog::WhitelistNft { .. }
        | AerodromeLog::MaxVotingNumSet { .. } => call.vote(log).map(|()| None),
        AerodromeLog::GaugeCreated { .. }
        | AerodromeLog::GaugeKilled { .. }
        | AerodromeLog::GaugeRevived { .. }
        | AerodromeLog::GaugeUpdated { .. }
        | AerodromeLog::DistributeReward { .. }
        | AerodromeLog::Mint { .. }
        | AerodromeLog::Nudge { .. }
        | AerodromeLog::TeamRateSet { .. }
        | AerodromeLog::GaugeDeposit { .. }
        | AerodromeLog::GaugeWithdraw { .. }
        | AerodromeLog::GaugeNotifyReward { .. } => call.gauge(log).map(|()| None),
        AerodromeLog::GaugeClaimRewards { .. }
        | AerodromeLog::GaugeCheckpointed { .. }
        | AerodromeLog::Claimed { .. }
        | AerodromeLog::RebaseCheckpointed { .. }
        | AerodromeLog::BribeNotifyReward { .. }
        | AerodromeLog::FeesNotifyReward { .. }
        | AerodromeLog::FreeNotifyReward { .. }
        | AerodromeLog::BribeClaimRewards { .. }
        | AerodromeLog::FeesClaimRewards { .. }
        | AerodromeLog::FreeClaimRewards { .. } => call.reward(log),
    }
}

impl Call<'_> {
    fn reverts(&self) -> impl Fn(AerodromeError) -> ProgrammeMismatch + use<> {
        self.with.reverts()
    }

    /// Nothing that these contracts log gets here.
    fn of_another(&self) -> ProgrammeMismatch {
        self.with.fields("is a log of another contract")
    }

    /// Whose lock it is, who may do what its approved operators may.
    fn owner(&self, token_id: u64) -> Result<Account, ProgrammeMismatch> {
        let lock = self.model.escrow().lock(LockId(token_id));
        let owner = lock.and_then(|lock| lock.owner);
        owner.ok_or_else(|| self.with.unknown("token_id", token_id))
    }

    fn token(&self) -> Account {
        self.model.escrow().token()
    }
}

/// What is locked; what is staked in the gauges are shares of one pool each.
pub(super) fn staked(model: &Aerodrome) -> Vec<TokenTotal> {
    let escrow = model.escrow();
    vec![TokenTotal { token: Some(address(escrow.token())), amount: escrow.supply() }]
}

/// What stakers, locks and votes could claim, by the token; left out is what no call could work out
/// either.
pub(super) fn unclaimed(model: &Aerodrome, at: Timestamp) -> Vec<TokenTotal> {
    let mut by_token: BTreeMap<Address, Vec<Amount>> = BTreeMap::new();
    let token = address(model.escrow().token());
    let mut rewards: Vec<&VotingReward> = Vec::new();
    let of_token = by_token.entry(token).or_default();
    for voted in model.voter().gauges() {
        rewards.extend([&voted.fees, &voted.bribes]);
        let Some(gauge) = &voted.gauge else { continue };
        let earned = gauge.stakers().filter_map(|(account, _)| gauge.earned(account, at).ok());
        of_token.extend(earned);
    }
    for (id, lock) in model.escrow().locks() {
        match &lock.kind {
            LockKind::Managed { free_rewards, .. } => rewards.push(free_rewards.as_ref()),
            LockKind::Normal => {}
            // A rebase of a lock inside a managed one is the managed one's.
            LockKind::Locked { .. } => continue,
        }
        of_token.extend(model.claimable_rebase(id).ok());
    }
    for reward in rewards {
        for (lock, token) in
            reward.balances.keys().flat_map(|lock| reward.tokens.iter().map(move |it| (lock, it)))
        {
            let earned = reward.earned(*token, *lock, at).ok();
            by_token.entry(address(*token)).or_default().extend(earned);
        }
    }
    let totals = by_token.into_iter();
    let totals = totals.map(|(token, amounts)| TokenTotal {
        token: Some(token),
        amount: total(amounts.into_iter()),
    });
    totals.collect()
}
