/// Who holds shares of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The zero address, which nobody can spend from: it holds the minimum liquidity.
    Zero,
    /// The pair itself. Shares are burned by sending them here first.
    Pair,
    /// Everybody whose shares are not told apart: what [`SharePool`](crate::SharePool) deposits and
    /// withdraws, and what a state does not name.
    Others,
    /// Anybody else, by an identifier of the caller's choice (an address fits).
    Account([u8; 20]),
}

/// Where tokens that leave a pair go, as far as it makes a difference to the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Out of the pair's hands.
    Outside,
    /// Back to the pair, whose holding is then as before.
    Pair,
    /// The contract of one of the two tokens; `swap` refuses it.
    TokenContract,
}
