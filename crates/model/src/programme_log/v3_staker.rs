use tidemill_units::{Amount, Liquidity, TickRange, Timestamp, U256};

use crate::{Address, Bytes32};

/// What happened to a v3-staker.
///
/// Its logs leave out what the staker reads of other contracts, and who called; the fields that
/// have it say where it is from. Staking on arrival writes
/// [`DepositTransferred`](Self::DepositTransferred) and then a
/// [`TokenStaked`](Self::TokenStaked) for each incentive.
///
/// Source: `IUniswapV3Staker.sol` of `@uniswap/v3-staker` 1.0.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum V3StakerLog {
    /// `IncentiveCreated`; also more reward for one that is there.
    IncentiveCreated {
        /// What is paid.
        reward_token: Address,
        /// The pool whose positions earn it.
        pool: Address,
        /// From when on it can be staked in.
        start_time: Timestamp,
        /// Up to when.
        end_time: Timestamp,
        /// Who is paid what nobody earned.
        refundee: Address,
        /// How much is promised.
        reward: Amount,
    },
    /// `IncentiveEnded`.
    IncentiveEnded {
        /// The hash of the incentive's key.
        incentive_id: Bytes32,
        /// What nobody earned.
        refund: Amount,
    },
    /// `DepositTransferred`: from the zero address a deposit, to it a withdrawal.
    DepositTransferred {
        /// The position's number.
        token_id: U256,
        /// Whose it was.
        old_owner: Address,
        /// Whose it is.
        new_owner: Address,
        /// Of a deposit, and only there, the position's ticks: the position manager's `positions`,
        /// or the pool's `Mint` in the call that made the position.
        range: Option<TickRange>,
    },
    /// `TokenStaked`.
    TokenStaked {
        /// The position's number.
        token_id: U256,
        /// The hash of the incentive's key.
        incentive_id: Bytes32,
        /// The position's liquidity, not zero.
        liquidity: Liquidity,
    },
    /// `TokenUnstaked`.
    TokenUnstaked {
        /// The position's number.
        token_id: U256,
        /// The hash of the incentive's key.
        incentive_id: Bytes32,
    },
    /// `RewardClaimed`, which names neither token nor claimant.
    RewardClaimed {
        /// The contract that wrote the `Transfer` before it; from the call where nothing was paid.
        reward_token: Address,
        /// Whose reward it was: who called.
        owner: Address,
        /// Who was paid.
        to: Address,
        /// How much.
        reward: Amount,
        /// How much was asked for, zero for all: from the call, where that is known.
        requested: Option<Amount>,
    },
}

impl V3StakerLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::IncentiveCreated { .. } => "incentive_created",
            Self::IncentiveEnded { .. } => "incentive_ended",
            Self::DepositTransferred { .. } => "deposit_transferred",
            Self::TokenStaked { .. } => "token_staked",
            Self::TokenUnstaked { .. } => "token_unstaked",
            Self::RewardClaimed { .. } => "reward_claimed",
        }
    }
}
