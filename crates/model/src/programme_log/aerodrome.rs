use tidemill_units::{Amount, Timestamp, U256};

use crate::Address;

/// What happened to Aerodrome's escrow, voter, gauges, rewards of votes, minter or distributor of
/// rebases, which work across each other and have one tape.
///
/// A gauge is named by its place in the voter's `pools`, as in the system's state. Who sent a call
/// is left out: approved operators do what owners may. What a contract logs in the course of
/// another's call has no entry of its own; where it has a number, the call's entry has it.
///
/// Source: `VotingEscrow.sol`, `Voter.sol`, `Minter.sol`, `Reward.sol` and `Gauge.sol` of
/// aerodrome-finance/contracts, and `RewardsDistributor.sol`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AerodromeLog {
    /// `Deposit` of the escrow, with the `Supply` that follows it.
    Deposit {
        /// The lock.
        token_id: u64,
        /// Which call, as the contract numbers them: 0 `depositFor`, 1 `createLock`,
        /// 2 `increaseAmount`, 3 `increaseUnlockTime`.
        deposit_type: u64,
        /// How much was added.
        value: Amount,
        /// When the lock ends; zero for a permanent one.
        locktime: Timestamp,
        /// Whose new lock it is, of the `Transfer` before; only of a new one.
        owner: Option<Address>,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// `Withdraw` of the escrow, with the `Supply` that follows it.
    Withdraw {
        /// The lock.
        token_id: u64,
        /// All that it held.
        value: Amount,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// `Merge`.
    Merge {
        /// The lock that ends.
        from: u64,
        /// The lock that it is added to.
        to: u64,
        /// What the first held.
        amount_from: Amount,
        /// What the second held.
        amount_to: Amount,
        /// What the second holds afterwards.
        amount_final: Amount,
        /// When it ends; zero for a permanent one.
        locktime: Timestamp,
    },
    /// `Split`.
    Split {
        /// The lock that ends.
        from: u64,
        /// The new lock with the rest.
        token_id1: u64,
        /// The new lock with the part.
        token_id2: u64,
        /// What the first holds.
        split_amount1: Amount,
        /// What the second holds.
        split_amount2: Amount,
        /// When both end; zero for permanent ones.
        locktime: Timestamp,
    },
    /// `LockPermanent`.
    LockPermanent {
        /// The lock.
        token_id: u64,
        /// What it holds.
        amount: Amount,
    },
    /// `UnlockPermanent`.
    UnlockPermanent {
        /// The lock.
        token_id: u64,
        /// What it holds.
        amount: Amount,
    },
    /// `Transfer` of a lock from one owner to another.
    Transfer {
        /// Whose it was.
        from: Address,
        /// Whose it is.
        to: Address,
        /// The lock.
        token_id: u64,
    },
    /// `CreateManaged`.
    CreateManaged {
        /// The manager.
        to: Address,
        /// The managed lock.
        m_token_id: u64,
    },
    /// `DepositManaged`, with the votes that are cast again after it.
    DepositManaged {
        /// The lock.
        token_id: u64,
        /// The managed lock.
        m_token_id: u64,
        /// What the lock held.
        weight: Amount,
        /// `Abstained` of the managed lock.
        abstained: Vec<AerodromeVote>,
        /// `Voted` of the managed lock.
        voted: Vec<AerodromeVote>,
    },
    /// `WithdrawManaged`, with the votes that are cast again or taken back after it.
    WithdrawManaged {
        /// The lock.
        token_id: u64,
        /// The managed lock.
        m_token_id: u64,
        /// What the lock holds afterwards, with the rebases that it earned.
        weight: Amount,
        /// `Abstained` of the managed lock.
        abstained: Vec<AerodromeVote>,
        /// `Voted` of the managed lock.
        voted: Vec<AerodromeVote>,
    },
    /// All `Abstained` and `Voted` of one `vote`.
    Voted {
        /// The lock.
        token_id: u64,
        /// What was asked for, of the call (`_weights`).
        weights: Vec<AerodromeChoice>,
        /// `Abstained`: the votes it had, taken back.
        abstained: Vec<AerodromeVote>,
        /// `Voted`: the votes it has.
        voted: Vec<AerodromeVote>,
    },
    /// All `Abstained` and `Voted` of one `poke`.
    Poked {
        /// The lock.
        token_id: u64,
        /// `Abstained`: the votes it had, taken back.
        abstained: Vec<AerodromeVote>,
        /// `Voted`: the votes it has.
        voted: Vec<AerodromeVote>,
    },
    /// All `Abstained` of one `reset`.
    Abstained {
        /// The lock.
        token_id: u64,
        /// The votes it had.
        abstained: Vec<AerodromeVote>,
    },
    /// `GaugeCreated`.
    GaugeCreated {
        /// The gauge.
        gauge: u32,
        /// The pool's tokens; none where the pool pays no fees.
        tokens: Option<[Address; 2]>,
        /// Whether it is kept elsewhere, as Slipstream's are, with a tape of its own.
        is_elsewhere: bool,
    },
    /// `GaugeKilled`.
    GaugeKilled {
        /// The gauge.
        gauge: u32,
    },
    /// `GaugeRevived`.
    GaugeRevived {
        /// The gauge.
        gauge: u32,
    },
    /// `WhitelistToken`.
    WhitelistToken {
        /// The token.
        token: Address,
        /// Whether it may be paid as a bribe from now on.
        is_allowed: bool,
    },
    /// `WhitelistNFT`.
    WhitelistNft {
        /// The lock.
        token_id: u64,
        /// Whether it may vote in an epoch's last hour from now on.
        is_allowed: bool,
    },
    /// `DistributeReward`; what the gauge logs of it is here.
    DistributeReward {
        /// The gauge.
        gauge: u32,
        /// What it was handed.
        amount: Amount,
        /// What was claimed of the pool's token0, of `ClaimFees`; zero without one.
        claimed0: Amount,
        /// What was claimed of the pool's token1.
        claimed1: Amount,
        /// What the voters got of token0, of the `NotifyReward` of the fees' reward; zero without
        /// one.
        fees0: Amount,
        /// What the voters got of token1.
        fees1: Amount,
        /// What it still had to emit, of a gauge that is kept elsewhere: from the call of `left`.
        left: Option<Amount>,
    },
    /// `Mint` of the minter, with the distributor's `CheckpointToken` before it.
    Mint {
        /// What the gauges get.
        weekly: Amount,
        /// The token's supply afterwards.
        circulating_supply: Amount,
        /// Whether it is the tail's.
        is_tail: bool,
        /// What the locks get as rebases, of `CheckpointToken`.
        tokens: Amount,
        /// What the team gets, of the token's `Transfer`.
        team: Amount,
    },
    /// `Nudge`.
    Nudge {
        /// The epoch.
        period: Timestamp,
        /// The tail emission before, in ten-thousandths of the supply.
        old_rate: u16,
        /// The tail emission from now on.
        new_rate: u16,
    },
    /// `Claimed` of the distributor; that a lock is added to in its course has no entry.
    Claimed {
        /// The lock.
        token_id: u64,
        /// The first week.
        epoch_start: Timestamp,
        /// The week after the last.
        epoch_end: Timestamp,
        /// How much, which was locked with it, or paid of an expired lock.
        amount: Amount,
    },
    /// `NotifyReward` of a gauge's bribes.
    BribeNotifyReward {
        /// The gauge.
        gauge: u32,
        /// The token.
        reward: Address,
        /// The epoch.
        epoch: Timestamp,
        /// How much.
        amount: Amount,
    },
    /// `NotifyReward` of the fees' reward by a gauge that is kept elsewhere.
    FeesNotifyReward {
        /// The gauge.
        gauge: u32,
        /// The token.
        reward: Address,
        /// The epoch.
        epoch: Timestamp,
        /// How much.
        amount: Amount,
    },
    /// `NotifyReward` of what a managed lock's manager pays out.
    FreeNotifyReward {
        /// The managed lock.
        m_token_id: u64,
        /// The token.
        reward: Address,
        /// The epoch.
        epoch: Timestamp,
        /// How much.
        amount: Amount,
    },
    /// `ClaimRewards` of a gauge's bribes, one for each token, perhaps of nothing.
    BribeClaimRewards {
        /// The gauge.
        gauge: u32,
        /// The lock, of the call.
        token_id: u64,
        /// Who was paid, the lock's owner.
        from: Address,
        /// The token.
        reward: Address,
        /// How much.
        amount: Amount,
    },
    /// `ClaimRewards` of a pool's fees, one for each token, perhaps of nothing.
    FeesClaimRewards {
        /// The gauge.
        gauge: u32,
        /// The lock, of the call.
        token_id: u64,
        /// Who was paid, the lock's owner.
        from: Address,
        /// The token.
        reward: Address,
        /// How much.
        amount: Amount,
    },
    /// `ClaimRewards` of what a managed lock's manager pays out, one for each token.
    FreeClaimRewards {
        /// The managed lock.
        m_token_id: u64,
        /// The lock, of the call.
        token_id: u64,
        /// Who was paid, the lock's owner.
        from: Address,
        /// The token.
        reward: Address,
        /// How much.
        amount: Amount,
    },
    /// `Deposit` of a gauge.
    GaugeDeposit {
        /// The gauge.
        gauge: u32,
        /// Whose stake it became.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// `Withdraw` of a gauge.
    GaugeWithdraw {
        /// The gauge.
        gauge: u32,
        /// Whose stake it was.
        from: Address,
        /// How much of it, perhaps nothing.
        amount: Amount,
    },
    /// `ClaimRewards` of a gauge.
    GaugeClaimRewards {
        /// The gauge.
        gauge: u32,
        /// Who was paid.
        from: Address,
        /// All that it had earned.
        amount: Amount,
    },
    /// `NotifyReward` of a gauge, of the team's own `notifyRewardWithoutClaim`.
    GaugeNotifyReward {
        /// The gauge.
        gauge: u32,
        /// How much.
        amount: Amount,
    },
    /// From a call trace: a `getReward` of a gauge that had nothing to pay and logs nothing, but
    /// shares the stream out, which rounds it.
    GaugeCheckpointed {
        /// The gauge.
        gauge: u32,
        /// For whom.
        from: Address,
    },
    /// From a call trace: `updateFor` of a gauge, or a `distribute` that had too little for it.
    GaugeUpdated {
        /// The gauge.
        gauge: u32,
    },
    /// From a call trace: a `vote` for nothing of a lock without votes.
    VotedForNothing {
        /// The lock.
        token_id: u64,
    },
    /// From a call trace: `claim` of rebases that came to nothing.
    RebaseCheckpointed {
        /// The lock.
        token_id: u64,
    },
    /// From a call trace: the escrow's `checkpoint`.
    EscrowCheckpointed {},
    /// From a call trace: `toggleSplit`.
    SplitToggled {
        /// Who may split locks; everybody where there is none.
        account: Option<Address>,
        /// Whether they may.
        is_allowed: bool,
    },
    /// From a call trace: `setManagedState`.
    ManagedStateSet {
        /// The managed lock.
        m_token_id: u64,
        /// Whether it is out of use from now on.
        is_deactivated: bool,
    },
    /// From a call trace: `setMaxVotingNum`.
    MaxVotingNumSet {
        /// The most pools of a vote.
        max_voting_num: u32,
    },
    /// From a call trace: `setTeamRate`.
    TeamRateSet {
        /// The team's share, in ten-thousandths.
        rate: u16,
    },
}

/// A `Voted` or `Abstained` of the voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AerodromeVote {
    /// The gauge.
    pub gauge: u32,
    /// The lock's votes for it, or what they were.
    pub weight: Amount,
    /// All votes for it, afterwards.
    pub total_weight: Amount,
}

/// What a vote asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AerodromeChoice {
    /// The gauge.
    pub gauge: u32,
    /// Its part of all that was asked for.
    pub weight: U256,
}

impl AerodromeLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::Merge { .. } => "merge",
            Self::Split { .. } => "split",
            Self::LockPermanent { .. } => "lock_permanent",
            Self::UnlockPermanent { .. } => "unlock_permanent",
            Self::Transfer { .. } => "transfer",
            Self::CreateManaged { .. } => "create_managed",
            Self::DepositManaged { .. } => "deposit_managed",
            Self::WithdrawManaged { .. } => "withdraw_managed",
            Self::Voted { .. } => "voted",
            Self::Poked { .. } => "poked",
            Self::Abstained { .. } => "abstained",
            Self::GaugeCreated { .. } => "gauge_created",
            Self::GaugeKilled { .. } => "gauge_killed",
            Self::GaugeRevived { .. } => "gauge_revived",
            Self::WhitelistToken { .. } => "whitelist_token",
            Self::WhitelistNft { .. } => "whitelist_nft",
            Self::DistributeReward { .. } => "distribute_reward",
            Self::Mint { .. } => "mint",
            Self::Nudge { .. } => "nudge",
            Self::Claimed { .. } => "claimed",
            Self::BribeNotifyReward { .. } => "bribe_notify_reward",
            Self::FeesNotifyReward { .. } => "fees_notify_reward",
            Self::FreeNotifyReward { .. } => "free_notify_reward",
            Self::BribeClaimRewards { .. } => "bribe_claim_rewards",
            Self::FeesClaimRewards { .. } => "fees_claim_rewards",
            Self::FreeClaimRewards { .. } => "free_claim_rewards",
            Self::GaugeDeposit { .. } => "gauge_deposit",
            Self::GaugeWithdraw { .. } => "gauge_withdraw",
            Self::GaugeClaimRewards { .. } => "gauge_claim_rewards",
            Self::GaugeNotifyReward { .. } => "gauge_notify_reward",
            Self::GaugeCheckpointed { .. } => "gauge_checkpointed",
            Self::GaugeUpdated { .. } => "gauge_updated",
            Self::VotedForNothing { .. } => "voted_for_nothing",
            Self::RebaseCheckpointed { .. } => "rebase_checkpointed",
            Self::EscrowCheckpointed {} => "escrow_checkpointed",
            Self::SplitToggled { .. } => "split_toggled",
            Self::ManagedStateSet { .. } => "managed_state_set",
            Self::MaxVotingNumSet { .. } => "max_voting_num_set",
            Self::TeamRateSet { .. } => "team_rate_set",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(
            self,
            Self::GaugeCheckpointed { .. }
                | Self::GaugeUpdated { .. }
                | Self::VotedForNothing { .. }
                | Self::RebaseCheckpointed { .. }
                | Self::EscrowCheckpointed {}
                | Self::SplitToggled { .. }
                | Self::ManagedStateSet { .. }
                | Self::MaxVotingNumSet { .. }
                | Self::TeamRateSet { .. }
        )
    }
}
