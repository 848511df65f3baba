use tidemill_units::{Amount, U256};

use crate::Address;

/// What happened to a MasterChef, which logs three calls only. The others are from call traces;
/// what a call minted and paid is in the reward token's `Transfer` logs of the same call.
///
/// `minted` is everywhere all that the reward token's transfers from the zero address in the call
/// come to, to the chef and to the developers.
///
/// Source: `MasterChef.sol` of `@sushiswap/core` 1.4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterChefLog {
    /// `Deposit`.
    Deposit {
        /// Who staked.
        user: Address,
        /// The pool's number.
        pid: u64,
        /// How much, perhaps nothing.
        amount: Amount,
        /// The reward token's transfer from the chef to the user that comes before the deposit's
        /// own; zero where there is none.
        paid: Amount,
        /// What the call minted.
        minted: Amount,
    },
    /// `Withdraw`.
    Withdraw {
        /// Whose stake it was.
        user: Address,
        /// The pool's number.
        pid: u64,
        /// How much was given back, perhaps nothing.
        amount: Amount,
        /// The reward token's first transfer from the chef to the user in this call.
        paid: Amount,
        /// What the call minted.
        minted: Amount,
    },
    /// `EmergencyWithdraw`.
    EmergencyWithdraw {
        /// Whose stake it was.
        user: Address,
        /// The pool's number.
        pid: u64,
        /// The whole stake.
        amount: Amount,
    },
    /// From a call trace: `add`.
    PoolAdded {
        /// What can be staked.
        lp_token: Address,
        /// The pool's weight.
        alloc_point: U256,
        /// Whether all pools were brought up to date first.
        with_update: bool,
        /// What the call minted.
        minted: Amount,
    },
    /// From a call trace: `set`.
    PoolSet {
        /// The pool's number.
        pid: u64,
        /// Its new weight.
        alloc_point: U256,
        /// Whether all pools were brought up to date first.
        with_update: bool,
        /// What the call minted.
        minted: Amount,
    },
    /// From a call trace: `updatePool`.
    PoolUpdated {
        /// The pool's number.
        pid: u64,
        /// What the call minted.
        minted: Amount,
    },
    /// From a call trace: `massUpdatePools`.
    PoolsUpdated {
        /// What the call minted.
        minted: Amount,
    },
    /// From a call trace: `dev`.
    DevSet {
        /// Who gets the developers' part from now on.
        dev: Address,
    },
    /// A token's `Transfer` to the chef that is no deposit.
    Given {
        /// The token.
        token: Address,
        /// How much.
        amount: Amount,
    },
}

impl MasterChefLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::EmergencyWithdraw { .. } => "emergency_withdraw",
            Self::PoolAdded { .. } => "pool_added",
            Self::PoolSet { .. } => "pool_set",
            Self::PoolUpdated { .. } => "pool_updated",
            Self::PoolsUpdated { .. } => "pools_updated",
            Self::DevSet { .. } => "dev_set",
            Self::Given { .. } => "given",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        match self {
            Self::PoolAdded { .. }
            | Self::PoolSet { .. }
            | Self::PoolUpdated { .. }
            | Self::PoolsUpdated { .. }
            | Self::DevSet { .. } => true,
            Self::Deposit { .. }
            | Self::Withdraw { .. }
            | Self::EmergencyWithdraw { .. }
            | Self::Given { .. } => false,
        }
    }
}
