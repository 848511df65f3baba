use tidemill_units::{Amount, Timestamp, U256};

use crate::Address;

/// What happened to a staking module of the Cosmos SDK. Accounts are their twenty bytes; numbers of
/// 18 decimals are counts of the last one.
///
/// Source: cosmos-sdk after 0.50, events of `x/staking` and `x/distribution`; arguments are those
/// of the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidatorStakingLog {
    /// `create_validator`; its own delegation is the `delegate` after it.
    CreateValidator {
        /// The operator.
        validator: Address,
        /// Its part of the rewards, 18 decimals.
        commission_rate: U256,
        /// Below how much of its own it is jailed.
        min_self_delegation: Amount,
    },
    /// `edit_validator` with another commission.
    EditValidator {
        /// The operator.
        validator: Address,
        /// Its part of the rewards from now on, 18 decimals.
        commission_rate: U256,
    },
    /// `delegate`.
    Delegate {
        /// Who delegated.
        delegator: Address,
        /// To whom.
        validator: Address,
        /// How much.
        amount: Amount,
        /// The shares it gave, 18 decimals (`new_shares`).
        new_shares: U256,
        /// Rewards paid with it, by the `withdraw_rewards` before it.
        rewards: Amount,
    },
    /// `unbond`.
    Unbond {
        /// Who undelegates.
        delegator: Address,
        /// From whom.
        validator: Address,
        /// How much was asked for.
        amount: Amount,
        /// How much will be paid, slashes until then taken off.
        unbonded: Amount,
        /// When (`completion_time`).
        completion_time: Timestamp,
        /// Whom the call paid rewards or commission.
        payments: Vec<(Address, Amount)>,
    },
    /// `redelegate`.
    Redelegate {
        /// Whose delegation.
        delegator: Address,
        /// From whom.
        source_validator: Address,
        /// To whom.
        destination_validator: Address,
        /// How much was asked for.
        amount: Amount,
        /// How much moved.
        moved: Amount,
        /// The shares it gave there, 18 decimals.
        new_shares: U256,
        /// Until when it answers for the source; none where it was unbonded.
        completion_time: Option<Timestamp>,
        /// Whom the call paid rewards or commission.
        payments: Vec<(Address, Amount)>,
    },
    /// `cancel_unbonding_delegation`.
    CancelUnbondingDelegation {
        /// Whose.
        delegator: Address,
        /// At whom.
        validator: Address,
        /// How much of the entry.
        amount: Amount,
        /// The entry's block (`creation_height`).
        creation_height: u64,
        /// The shares it gave, 18 decimals.
        new_shares: U256,
        /// Rewards paid with it.
        rewards: Amount,
    },
    /// `withdraw_rewards` by itself.
    WithdrawRewards {
        /// Whose.
        delegator: Address,
        /// At whom.
        validator: Address,
        /// How much was paid.
        amount: Amount,
    },
    /// `withdraw_commission`.
    WithdrawCommission {
        /// The operator.
        validator: Address,
        /// How much was paid.
        amount: Amount,
    },
    /// The allocation of a block's fees and inflation: its `rewards` and `proposer_reward` events.
    Allocated {
        /// All of it, from the fee collector's balance.
        fees: Amount,
        /// Who could vote, with which power, and whether it signed.
        votes: Vec<(Address, u64, bool)>,
        /// Who proposed the block before.
        proposer: Option<Address>,
        /// What each of these was allocated, commission included, 18 decimals; ascending, without
        /// one that is no validator any more.
        rewards: Vec<(Address, U256)>,
    },
    /// `slash`.
    Slash {
        /// Whom.
        validator: Address,
        /// The infraction's block.
        infraction_height: u64,
        /// With which power.
        power: u64,
        /// Which part of that is burned, 18 decimals.
        fraction: U256,
        /// Tokens of the validator that were burned.
        burned: Amount,
        /// Those of unbonding delegations.
        burned_unbonding: Amount,
        /// Those of redelegations.
        burned_redelegated: Amount,
        /// Whom slashed redelegations paid rewards.
        payments: Vec<(Address, Amount)>,
    },
    /// The validator's update at a block's end: it votes from now on.
    Bonded {
        /// The operator.
        validator: Address,
    },
    /// The validator's update at a block's end: it does not vote any more.
    BeganUnbonding {
        /// The operator.
        validator: Address,
    },
    /// `slash` with `jailed`.
    Jailed {
        /// The operator.
        validator: Address,
    },
    /// The message `unjail`.
    Unjailed {
        /// The operator.
        validator: Address,
    },
    /// What a block's end completes: `complete_unbonding`, `complete_redelegation`, validators that
    /// are unbonded.
    Completed {
        /// Undelegated tokens that were paid, by delegator and validator.
        unbonded: Vec<(Address, Address, Amount)>,
        /// Commission of validators that were removed.
        payments: Vec<(Address, Amount)>,
    },
}

impl ValidatorStakingLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CreateValidator { .. } => "create_validator",
            Self::EditValidator { .. } => "edit_validator",
            Self::Delegate { .. } => "delegate",
            Self::Unbond { .. } => "unbond",
            Self::Redelegate { .. } => "redelegate",
            Self::CancelUnbondingDelegation { .. } => "cancel_unbonding_delegation",
            Self::WithdrawRewards { .. } => "withdraw_rewards",
            Self::WithdrawCommission { .. } => "withdraw_commission",
            Self::Allocated { .. } => "allocated",
            Self::Slash { .. } => "slash",
            Self::Bonded { .. } => "bonded",
            Self::BeganUnbonding { .. } => "began_unbonding",
            Self::Jailed { .. } => "jailed",
            Self::Unjailed { .. } => "unjailed",
            Self::Completed { .. } => "completed",
        }
    }
}
