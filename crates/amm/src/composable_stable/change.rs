use tidemill_units::{Amount, TokenAmounts, TokenIndex};

use crate::SwapAmount;

/// A way to add tokens (`JoinKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComposableStableJoin {
    /// The first, of any amounts (`INIT`).
    Initial {
        /// What is paid in.
        amounts: TokenAmounts,
    },
    /// These amounts for what shares they are worth (`EXACT_TOKENS_IN_FOR_BPT_OUT`).
    ExactTokens {
        /// What is paid in.
        amounts: TokenAmounts,
        /// The fewest shares that are accepted.
        least_shares: Amount,
    },
    /// One token for these shares (`TOKEN_IN_FOR_EXACT_BPT_OUT`).
    OneToken {
        /// Which.
        token: TokenIndex,
        /// What is minted.
        shares: Amount,
    },
    /// Every token in proportion for these shares (`ALL_TOKENS_IN_FOR_EXACT_BPT_OUT`), in the build
    /// of 2022-11 only.
    AllTokens {
        /// What is minted.
        shares: Amount,
    },
}

/// A way to take tokens (`ExitKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an exit is made and read once, never kept")]
pub enum ComposableStableExit {
    /// These shares for one token (`EXACT_BPT_IN_FOR_ONE_TOKEN_OUT`).
    OneToken {
        /// What is burned.
        shares: Amount,
        /// Which.
        token: TokenIndex,
    },
    /// These amounts for what shares they are worth (`BPT_IN_FOR_EXACT_TOKENS_OUT`).
    ExactTokens {
        /// What is paid out.
        amounts: TokenAmounts,
        /// The most shares that may be burned.
        most_shares: Amount,
    },
    /// These shares for their part of every token (`EXACT_BPT_IN_FOR_ALL_TOKENS_OUT`), in the build
    /// of 2022-11 only.
    AllTokens {
        /// What is burned.
        shares: Amount,
    },
    /// These shares for their part of every token, in recovery mode only: without rates, invariant
    /// and protocol fees (`RECOVERY_MODE_EXIT_KIND`).
    Recovery {
        /// What is burned.
        shares: Amount,
    },
}

/// What a join or exit moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComposableStableChange {
    /// Paid in by a join or out by an exit, rounded for the pool.
    pub amounts: TokenAmounts,
    /// Minted by a join, the locked ones included and the vault's left out, or burned by an exit.
    pub shares: Amount,
    /// Minted for the protocol before and after.
    pub protocol_shares: Amount,
}

/// A swap in which the pool's shares, which are one of its tokens in the vault, are a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareTrade {
    /// A token for shares.
    Buy {
        /// Paid in.
        token: TokenIndex,
        /// What is fixed.
        amount: SwapAmount,
    },
    /// Shares for a token.
    Sell {
        /// Taken out.
        token: TokenIndex,
        /// What is fixed.
        amount: SwapAmount,
    },
}

/// What a swap of shares moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareQuote {
    /// Paid in.
    pub amount_in: Amount,
    /// Taken out.
    pub amount_out: Amount,
    /// Minted for the protocol before and after.
    pub protocol_shares: Amount,
}
