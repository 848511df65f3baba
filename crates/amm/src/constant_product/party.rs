use tidemill_units::Amount;

/// Who holds shares of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The zero address, which nobody can spend from: it holds the minimum liquidity.
    Zero,
    /// The pair itself. Shares are burned by sending them here first.
    Pair,
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

/// An amount of each of a pair's two tokens, in raw units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PairAmounts {
    /// Of the first token.
    pub amount0: Amount,
    /// Of the second token.
    pub amount1: Amount,
}

impl PairAmounts {
    /// Nothing of either.
    pub const ZERO: Self = Self { amount0: Amount::ZERO, amount1: Amount::ZERO };

    /// Returns the sums, or `None` where one passes 2^256 - 1.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            amount0: self.amount0.checked_add(other.amount0)?,
            amount1: self.amount1.checked_add(other.amount1)?,
        })
    }

    /// Returns the differences, or `None` where one is below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self {
            amount0: self.amount0.checked_sub(other.amount0)?,
            amount1: self.amount1.checked_sub(other.amount1)?,
        })
    }
}
