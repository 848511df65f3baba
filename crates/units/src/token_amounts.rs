use std::fmt;

use crate::Amount;

/// Which of a pool's tokens, counted from 0 in the pool's own order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenIndex(pub u8);

/// One token of a pool against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenPair {
    /// The token paid in.
    pub input: TokenIndex,
    /// The token taken out.
    pub output: TokenIndex,
}

/// An amount of each of a pool's tokens, in the pool's order and in raw units; 1 to 8 tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenAmounts {
    count: u8,
    /// Zero from `count` on, so that equality can be derived.
    amounts: [Amount; Self::MOST],
}

impl TokenIndex {
    /// Returns the place in a slice.
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

impl TokenAmounts {
    /// The most tokens a pool can have here.
    pub const MOST: usize = 8;

    /// Returns the amounts of a slice; `None` for none and for more than [`MOST`](Self::MOST).
    pub fn new(amounts: &[Amount]) -> Option<Self> {
        let count = u8::try_from(amounts.len()).ok().filter(|count| *count > 0)?;
        let mut all = [Amount::ZERO; Self::MOST];
        all.get_mut(..amounts.len())?.copy_from_slice(amounts);
        Some(Self { count, amounts: all })
    }

    /// Returns the amounts of an array of 1 to 8, checked when it is compiled.
    pub fn from_array<const N: usize>(amounts: [Amount; N]) -> Self {
        const { assert!(0 < N && N <= Self::MOST, "a pool has 1 to 8 tokens") };
        let mut all = [Amount::ZERO; Self::MOST];
        let mut count: u8 = 0;
        for (place, amount) in all.iter_mut().zip(amounts) {
            *place = amount;
            count = count.saturating_add(1);
        }
        Self { count, amounts: all }
    }

    /// Returns nothing of each of `count` tokens; `None` as for [`new`](Self::new).
    pub fn zero(count: usize) -> Option<Self> {
        Self::new([Amount::ZERO; Self::MOST].get(..count)?)
    }

    /// Returns an amount of one of `count` tokens and nothing of the others; `None` as for
    /// [`new`](Self::new), and where there is no such token.
    pub fn of(count: usize, token: TokenIndex, amount: Amount) -> Option<Self> {
        let mut one = Self::zero(count)?;
        *one.as_mut_slice().get_mut(token.place())? = amount;
        Some(one)
    }

    /// Returns the number of tokens.
    #[expect(clippy::len_without_is_empty, reason = "there is always a token")]
    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// Returns the amount of one token; `None` where there is no such token.
    pub fn get(&self, token: TokenIndex) -> Option<Amount> {
        self.as_slice().get(token.place()).copied()
    }

    /// Returns all amounts.
    pub fn as_slice(&self) -> &[Amount] {
        self.amounts.get(..self.len()).unwrap_or_default()
    }

    /// Returns all amounts, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [Amount] {
        let count = self.len();
        self.amounts.get_mut(..count).unwrap_or_default()
    }

    /// Returns the tokens with their amounts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (TokenIndex, Amount)> + '_ {
        (0..self.count).map(TokenIndex).zip(self.as_slice().iter().copied())
    }

    /// Whether there is nothing of any.
    pub fn is_zero(&self) -> bool {
        self.as_slice().iter().all(|amount| amount.is_zero())
    }

    /// Returns the sum token by token; `None` where one passes 2^256 - 1 or the pools' sizes
    /// differ.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        self.pairwise(other, Amount::checked_add)
    }

    /// Returns the difference token by token; `None` where one falls below zero or the pools' sizes
    /// differ.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.pairwise(other, Amount::checked_sub)
    }

    fn pairwise(
        &self,
        other: &Self,
        operation: impl Fn(Amount, Amount) -> Option<Amount>,
    ) -> Option<Self> {
        let mut result = *self;
        if self.count != other.count {
            return None;
        }
        for (amount, other) in result.as_mut_slice().iter_mut().zip(other.as_slice()) {
            *amount = operation(*amount, *other)?;
        }
        Some(result)
    }
}

impl fmt::Debug for TokenAmounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.as_slice().iter().map(|amount| amount.0)).finish()
    }
}
