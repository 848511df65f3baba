use crate::{Amount, SignedAmount, TokenAmounts, TokenIndex, TokenPair};

/// An amount of each of a pool's two tokens, in raw units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amounts {
    /// Of the token with the lower address.
    pub amount0: Amount,
    /// Of the token with the higher address.
    pub amount1: Amount,
}

/// A change of each of a pool's two tokens, in raw units; positive is paid into the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SignedAmounts {
    /// Of the token with the lower address.
    pub amount0: SignedAmount,
    /// Of the token with the higher address.
    pub amount1: SignedAmount,
}

/// Which of a pool's two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The token with the lower address.
    Token0,
    /// The token with the higher address.
    Token1,
}

impl Side {
    /// Returns the other token.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Token0 => Self::Token1,
            Self::Token1 => Self::Token0,
        }
    }

    /// Returns the trade of a pool of two tokens that pays this one in.
    pub const fn into_other(self) -> TokenPair {
        TokenPair { input: self.index(), output: self.other().index() }
    }

    /// Returns the token's place in its pool.
    pub const fn index(self) -> TokenIndex {
        match self {
            Self::Token0 => TokenIndex(0),
            Self::Token1 => TokenIndex(1),
        }
    }
}

impl TokenIndex {
    /// Returns which of a pool's two tokens this is; `None` from the third on.
    pub const fn side(self) -> Option<Side> {
        match self.0 {
            0 => Some(Side::Token0),
            1 => Some(Side::Token1),
            _ => None,
        }
    }
}

impl TokenPair {
    /// Returns the token paid in of a pool of two; `None` where the pair is not the two of them.
    pub fn input_of_two(self) -> Option<Side> {
        self.input.side().filter(|input| input.other().index() == self.output)
    }
}

impl From<Side> for TokenIndex {
    fn from(side: Side) -> Self {
        side.index()
    }
}

impl From<Amounts> for TokenAmounts {
    fn from(amounts: Amounts) -> Self {
        Self::from_array([amounts.amount0, amounts.amount1])
    }
}

impl TokenAmounts {
    /// Returns the amounts of a pool of two tokens; `None` for any other number of them.
    pub fn two(&self) -> Option<Amounts> {
        match *self.as_slice() {
            [amount0, amount1] => Some(Amounts { amount0, amount1 }),
            _ => None,
        }
    }
}

impl Amounts {
    /// Nothing of either.
    pub const ZERO: Self = Self { amount0: Amount::ZERO, amount1: Amount::ZERO };

    /// Returns the amount of one token and nothing of the other.
    pub const fn of(side: Side, amount: Amount) -> Self {
        match side {
            Side::Token0 => Self { amount0: amount, amount1: Amount::ZERO },
            Side::Token1 => Self { amount0: Amount::ZERO, amount1: amount },
        }
    }

    /// Returns the amount of one of the two.
    pub const fn get(self, side: Side) -> Amount {
        match side {
            Side::Token0 => self.amount0,
            Side::Token1 => self.amount1,
        }
    }

    /// Whether there is nothing of either.
    pub fn is_zero(self) -> bool {
        self.amount0.is_zero() && self.amount1.is_zero()
    }

    /// Returns the sum token by token, or `None` where one passes 2^256 - 1.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            amount0: self.amount0.checked_add(other.amount0)?,
            amount1: self.amount1.checked_add(other.amount1)?,
        })
    }

    /// Returns the difference token by token, or `None` where one falls below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self {
            amount0: self.amount0.checked_sub(other.amount0)?,
            amount1: self.amount1.checked_sub(other.amount1)?,
        })
    }

    /// Returns the lesser amount of each token.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { amount0: self.amount0.min(other.amount0), amount1: self.amount1.min(other.amount1) }
    }
}

impl SignedAmounts {
    /// Returns the change of one of the two.
    pub const fn get(self, side: Side) -> SignedAmount {
        match side {
            Side::Token0 => self.amount0,
            Side::Token1 => self.amount1,
        }
    }
}
