use tidemill_units::{Amount, U256};

use super::{GaugeControllerLog, VoteEscrowLog};
use crate::Address;

/// What happened to Balancer's emission, escrow, controller, minter or one of the gauges, which
/// work across each other and have one tape.
///
/// Where a gauge sets a boost, its `UpdateLiquidityLimit` stands before the log of the call that
/// does so; `working_balance` and `working_supply` are from there. Reward tokens that a call pays
/// are the tokens' `Transfer` from the gauge before that.
///
/// Source: `LiquidityGaugeV5.vy`, `LiquidityGaugeFactory.sol`, `GaugeController.vy`,
/// `BalancerMinter.sol`, `BalancerTokenAdmin.sol` and `VotingEscrow.vy` of v2-deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BalancerGaugesLog {
    /// `Deposit` of a gauge.
    Deposit {
        /// The gauge.
        gauge: Address,
        /// Whose stake it became, whoever paid.
        provider: Address,
        /// How much, perhaps nothing.
        value: Amount,
        /// The reward tokens that it was paid; none where it did not claim.
        paid: Vec<GaugePayment>,
        /// The part of the stake that counts; none where nothing was deposited.
        working_balance: Option<Amount>,
        /// The sum of these parts; none where nothing was deposited.
        working_supply: Option<Amount>,
    },
    /// `Withdraw` of a gauge.
    Withdraw {
        /// The gauge.
        gauge: Address,
        /// Whose stake it was.
        provider: Address,
        /// How much, perhaps nothing.
        value: Amount,
        /// The reward tokens that it was paid; none where it did not claim.
        paid: Vec<GaugePayment>,
        /// The part of the stake that counts; none where nothing was withdrawn.
        working_balance: Option<Amount>,
        /// The sum of these parts; none where nothing was withdrawn.
        working_supply: Option<Amount>,
    },
    /// `Transfer` of a gauge's own token that is no deposit or withdrawal.
    Transfer {
        /// The gauge.
        gauge: Address,
        /// Whose stake it was.
        from: Address,
        /// Whose it became.
        to: Address,
        /// How much, perhaps nothing.
        value: Amount,
        /// Who called `transferFrom`, by the call; none where it was `transfer`.
        spender: Option<Address>,
        /// The part of the first stake that counts, none where nothing was moved, or to oneself,
        /// which sets the boost twice.
        from_working_balance: Option<Amount>,
        /// The part of the second stake that counts, none where nothing was moved.
        to_working_balance: Option<Amount>,
        /// The sum of all these parts, none where nothing was moved.
        working_supply: Option<Amount>,
    },
    /// `Approval` of a gauge's own token: `approve`, `permit`, `increaseAllowance` or
    /// `decreaseAllowance`.
    Approval {
        /// The gauge.
        gauge: Address,
        /// Whose stake.
        owner: Address,
        /// Who may move it.
        spender: Address,
        /// How much from now on.
        value: Amount,
    },
    /// `UpdateLiquidityLimit` by itself: a `user_checkpoint`, a `kick` or a mint of nothing, which
    /// all do the same.
    UpdateLiquidityLimit {
        /// The gauge.
        gauge: Address,
        /// Whose boost.
        user: Address,
        /// The stake.
        original_balance: Amount,
        /// All stakes.
        original_supply: Amount,
        /// The part of the stake that counts.
        working_balance: Amount,
        /// The sum of these parts.
        working_supply: Amount,
    },
    /// `RewardDistributorUpdated`: `add_reward` of a token that the gauge did not know, or else
    /// `set_reward_distributor`.
    RewardDistributorUpdated {
        /// The gauge.
        gauge: Address,
        /// The reward token.
        reward_token: Address,
        /// Who may bring it.
        distributor: Address,
    },
    /// A reward token's `Transfer` to the gauge in `deposit_reward_token`.
    RewardTokenDeposited {
        /// The gauge.
        gauge: Address,
        /// The reward token.
        reward_token: Address,
        /// How much, perhaps nothing.
        amount: Amount,
    },
    /// A token's `Transfer` to the gauge that is none of its calls.
    Given {
        /// The gauge.
        gauge: Address,
        /// The token.
        token: Address,
        /// How much.
        amount: Amount,
    },
    /// `RelativeWeightCapChanged`.
    RelativeWeightCapChanged {
        /// The gauge.
        gauge: Address,
        /// The share of the emission that counts at most, in 1e-18.
        new_relative_weight_cap: U256,
    },
    /// `GaugeCreated` of the factory, with the gauge's `RelativeWeightCapChanged`.
    GaugeCreated {
        /// The gauge.
        gauge: Address,
        /// What is staked, by the call.
        pool_token: Address,
        /// The share of the emission that counts at most, in 1e-18.
        relative_weight_cap: U256,
        /// Who may kill, cap and add rewards, by the gauge's code.
        admin: Address,
        /// Who moves stakes without leave, by the gauge's code.
        vault: Address,
    },
    /// BAL's `Transfer` from the zero address in a call of the minter, with the `Minted` and
    /// `UpdateLiquidityLimit` before it: `mint`, `mintMany`, and each gauge of `mint_many`.
    Minted {
        /// Who was paid.
        recipient: Address,
        /// Every gauge that was asked, in order.
        gauges: Vec<GaugeMint>,
        /// What was paid.
        value: Amount,
    },
    /// `MinterApprovalSet`: `setMinterApproval` or `toggle_approve_mint`.
    MinterApprovalSet {
        /// Who allows it, or no longer.
        user: Address,
        /// Who may mint.
        minter: Address,
        /// Whether it may.
        approval: bool,
    },
    /// `MiningParametersUpdated`, of a call to the token admin itself. In the course of a gauge's
    /// or the minter's call it has no entry: that call does it again.
    MiningParametersUpdated {
        /// Units per second of the new epoch.
        rate: Amount,
        /// All there may be at its start.
        supply: Amount,
    },
    /// From a call trace: `claim_rewards`, with the tokens' `Transfer`, if there are any.
    RewardsClaimed {
        /// The gauge.
        gauge: Address,
        /// Whose rewards.
        user: Address,
        /// Where the call said that they go; none where it did not.
        receiver: Option<Address>,
        /// What was paid.
        paid: Vec<GaugePayment>,
    },
    /// From a call trace: `set_rewards_receiver`.
    RewardsReceiverSet {
        /// The gauge.
        gauge: Address,
        /// Whose rewards.
        user: Address,
        /// Where they go; the zero address for the user itself.
        receiver: Address,
    },
    /// From a call trace: `killGauge` or `unkillGauge`.
    KilledSet {
        /// The gauge.
        gauge: Address,
        /// Whether it gets no emission.
        is_killed: bool,
    },
    /// From a call trace: `claimable_tokens` sent as a transaction, which counts what was earned
    /// and leaves the boost as it is.
    GaugeCheckpointed {
        /// The gauge.
        gauge: Address,
        /// Whose.
        user: Address,
    },
    /// Of the controller.
    Controller(GaugeControllerLog),
    /// Of the escrow.
    Escrow(VoteEscrowLog),
}

/// Reward tokens that a gauge paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugePayment {
    /// The token.
    pub token: Address,
    /// To whom.
    pub receiver: Address,
    /// How much, not nothing.
    pub amount: Amount,
}

/// A gauge that the minter asked for what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeMint {
    /// The gauge.
    pub gauge: Address,
    /// All that was ever minted for the account there (`Minted`); none where nothing was due.
    pub minted: Option<Amount>,
    /// The part of the stake that counts.
    pub working_balance: Amount,
    /// The sum of these parts.
    pub working_supply: Amount,
}

impl BalancerGaugesLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::Transfer { .. } => "transfer",
            Self::Approval { .. } => "approval",
            Self::UpdateLiquidityLimit { .. } => "update_liquidity_limit",
            Self::RewardDistributorUpdated { .. } => "reward_distributor_updated",
            Self::RewardTokenDeposited { .. } => "reward_token_deposited",
            Self::Given { .. } => "given",
            Self::RelativeWeightCapChanged { .. } => "relative_weight_cap_changed",
            Self::GaugeCreated { .. } => "gauge_created",
            Self::Minted { .. } => "minted",
            Self::MinterApprovalSet { .. } => "minter_approval_set",
            Self::MiningParametersUpdated { .. } => "mining_parameters_updated",
            Self::RewardsClaimed { .. } => "rewards_claimed",
            Self::RewardsReceiverSet { .. } => "rewards_receiver_set",
            Self::KilledSet { .. } => "killed_set",
            Self::GaugeCheckpointed { .. } => "gauge_checkpointed",
            Self::Controller(log) => log.kind(),
            Self::Escrow(log) => log.kind_in_a_system(),
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        match self {
            Self::RewardsClaimed { .. }
            | Self::RewardsReceiverSet { .. }
            | Self::KilledSet { .. }
            | Self::GaugeCheckpointed { .. } => true,
            Self::Deposit { .. }
            | Self::Withdraw { .. }
            | Self::Transfer { .. }
            | Self::Approval { .. }
            | Self::UpdateLiquidityLimit { .. }
            | Self::RewardDistributorUpdated { .. }
            | Self::RewardTokenDeposited { .. }
            | Self::Given { .. }
            | Self::RelativeWeightCapChanged { .. }
            | Self::GaugeCreated { .. }
            | Self::Minted { .. }
            | Self::MinterApprovalSet { .. }
            | Self::MiningParametersUpdated { .. } => false,
            Self::Controller(log) => log.is_from_trace(),
            Self::Escrow(log) => log.is_from_trace(),
        }
    }
}
