use tidemill_units::{Amount, TokenAmounts, TokenIndex};

/// A way to add tokens (`JoinKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightedJoin {
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
    /// of 2022 only.
    AllTokens {
        /// What is minted.
        shares: Amount,
    },
}

/// A way to take tokens (`ExitKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an exit is made and read once, never kept")]
pub enum WeightedExit {
    /// These shares for one token (`EXACT_BPT_IN_FOR_ONE_TOKEN_OUT`).
    OneToken {
        /// What is burned.
        shares: Amount,
        /// Which.
        token: TokenIndex,
    },
    /// These shares for their part of every token (`EXACT_BPT_IN_FOR_TOKENS_OUT`).
    AllTokens {
        /// What is burned.
        shares: Amount,
    },
    /// These amounts for what shares they are worth (`BPT_IN_FOR_EXACT_TOKENS_OUT`).
    ExactTokens {
        /// What is paid out.
        amounts: TokenAmounts,
        /// The most shares that may be burned.
        most_shares: Amount,
    },
}

/// What a join or exit moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedChange {
    /// Paid in by a join or out by an exit.
    pub amounts: TokenAmounts,
    /// Minted by a join, the locked ones included, or burned by an exit.
    pub shares: Amount,
    /// Paid out to the protocol: in the build of 2021, of the token with the largest weight.
    pub protocol_amounts: TokenAmounts,
    /// Minted for the protocol: in the build of 2022.
    pub protocol_shares: Amount,
}
