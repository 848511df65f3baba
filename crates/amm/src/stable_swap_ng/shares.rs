use tidemill_units::{Amount, TokenAmounts};

/// Shares that a deposit minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharesMinted {
    /// How many, rounded down.
    pub shares: Amount,
    /// The fees kept of each coin, the administrators' part included; none at the first deposit.
    pub fees: TokenAmounts,
    /// The invariant afterwards, the fees taken off.
    pub invariant: Amount,
}

/// Shares that a withdrawal of chosen amounts burned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharesBurned {
    /// How many, rounded up and one more.
    pub shares: Amount,
    /// The fees kept of each coin, the administrators' part included.
    pub fees: TokenAmounts,
    /// The invariant afterwards, the fees taken off.
    pub invariant: Amount,
}
