use tidemill_units::{Amount, Timestamp, U256};

use crate::Address;

/// What happened to a pool of staked ether with a rebasing token, its wrapper and its queue.
///
/// Source: lidofinance/lido-dao v2.0.0 `Lido.sol`, `StETH.sol`, `WstETH.sol`,
/// `WithdrawalQueueBase.sol`.
#[expect(clippy::large_enum_variant, reason = "a report comes once a day, and is boxed as a log")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiquidStakingLog {
    /// `Submitted`, with the `TransferShares` after it.
    Submitted {
        /// Who deposited.
        sender: Address,
        /// How much ether.
        amount: Amount,
        /// The shares that were minted.
        shares: Amount,
    },
    /// `TransferShares` of a transfer, with the `Transfer` before it.
    TransferShares {
        /// Whose shares.
        from: Address,
        /// To whom.
        to: Address,
        /// How many.
        shares_value: Amount,
        /// The `Transfer`'s value: what was asked for, or what the shares are worth.
        value: Amount,
    },
    /// The wrapper's `Transfer` from the zero address.
    Wrapped {
        /// Who wrapped.
        user: Address,
        /// How much of the rebasing token: the `Transfer` to the wrapper.
        amount: Amount,
        /// How many tokens of the wrapper.
        tokens: Amount,
    },
    /// The wrapper's `Transfer` to the zero address.
    Unwrapped {
        /// Who unwrapped.
        user: Address,
        /// How many tokens of the wrapper.
        tokens: Amount,
        /// How much of the rebasing token: the `Transfer` from the wrapper.
        amount: Amount,
    },
    /// `Unbuffered`.
    Unbuffered {
        /// Ether sent to new validators.
        amount: Amount,
    },
    /// `WithdrawalRequested`, by its owner.
    WithdrawalRequested {
        /// Its number, from 1.
        request_id: u64,
        /// Whose it is.
        owner: Address,
        /// How much of the rebasing token (`amountOfStETH`).
        amount: Amount,
        /// How many shares (`amountOfShares`).
        shares: Amount,
        /// How many tokens of the wrapper it was made with; none for the rebasing token.
        wrapped: Option<Amount>,
    },
    /// `TokenRebased`: an oracle's report, with all that its call logs.
    TokenRebased {
        /// When it is of (`reportTimestamp`).
        report_timestamp: Timestamp,
        /// Validators ever seen (`CLValidatorsUpdated`, else as before).
        cl_validators: u64,
        /// Ether with them (`postCLBalance` of `ETHDistributed`).
        cl_balance: Amount,
        /// Ether from the withdrawal vault (`withdrawalsWithdrawn`).
        withdrawals: Amount,
        /// Ether from the execution layer's rewards (`executionLayerRewardsWithdrawn`).
        execution_rewards: Amount,
        /// Shares that were burned (`SharesBurnt`, else none).
        shares_burnt: Amount,
        /// The last requests of the batches that were finalised, from the call.
        batches: Vec<u64>,
        /// The rate they were finalised at, in parts of 10^27, from the call.
        share_rate: U256,
        /// Ether locked for them (`amountOfETHLocked` of `WithdrawalsFinalized`).
        eth_locked: Amount,
        /// Their shares (`sharesToBurn`).
        shares_to_burn: Amount,
        /// Shares minted as fee (`sharesMintedAsFees`).
        fee_shares: Amount,
        /// All ether afterwards (`postTotalEther`).
        total_ether: Amount,
        /// All shares afterwards (`postTotalShares`).
        total_shares: Amount,
    },
    /// `WithdrawalClaimed`.
    WithdrawalClaimed {
        /// Which request.
        request_id: u64,
        /// Whose it was.
        owner: Address,
        /// The ether paid (`amountOfETH`).
        amount: Amount,
    },
}

impl LiquidStakingLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::TransferShares { .. } => "transfer_shares",
            Self::Wrapped { .. } => "wrapped",
            Self::Unwrapped { .. } => "unwrapped",
            Self::Unbuffered { .. } => "unbuffered",
            Self::WithdrawalRequested { .. } => "withdrawal_requested",
            Self::TokenRebased { .. } => "token_rebased",
            Self::WithdrawalClaimed { .. } => "withdrawal_claimed",
        }
    }
}
