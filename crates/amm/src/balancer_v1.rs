//! The Balancer v1 pool (`BPool`): 2 to 8 tokens, held in constant proportions of value.
//!
//! The tokens are taken to be plain: a transfer moves exactly its amount and never fails. Who may
//! call what (the controller, before the pool is finalized) and who holds which shares is the
//! caller's business: here, whoever burns shares has them as long as there are so many.

mod error;
mod facts;
mod invariant;
mod join;
mod math;
mod num;
mod set_up;
mod share_pool;
mod state;
mod swap;

use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use self::math::{Side, Single};
pub use error::BPoolError;
pub use facts::FACTS;
pub use join::Join;
pub use set_up::Binding;
pub use state::{BPoolState, BPoolToken};
pub use swap::{BPoolSwap, SwapExactIn, SwapExactOut};

/// The shares minted when a pool is finalized, 100 with 18 decimals (`INIT_POOL_SUPPLY`).
pub const INITIAL_SHARES: Amount = Amount(U256::from_limbs([7_766_279_631_452_241_920, 5, 0, 0]));

/// A pool: its tokens with their weights and balances, its fee and its shares.
///
/// Source: `BPool.sol` and what it inherits, balancer-core, in the build of
/// `@setprotocol/set-protocol-v2` 0.1.16.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BPool {
    tokens: Vec<BPoolToken>,
    /// Of the weights; kept because single-token joins need it.
    total_weight: U256,
    swap_fee: U256,
    is_public_swap: bool,
    is_finalized: bool,
    total_supply: Amount,
}

impl BPool {
    /// Returns the tokens, in the pool's order.
    pub fn tokens(&self) -> &[BPoolToken] {
        &self.tokens
    }

    /// Returns the sum of the weights, with 18 decimals.
    pub fn total_weight(&self) -> U256 {
        self.total_weight
    }

    /// Returns the swap fee, with 18 decimals.
    pub fn swap_fee(&self) -> U256 {
        self.swap_fee
    }

    /// Whether anybody may swap.
    pub fn is_public_swap(&self) -> bool {
        self.is_public_swap
    }

    /// Whether shares exist and the set-up can no longer change.
    pub fn is_finalized(&self) -> bool {
        self.is_finalized
    }

    /// Returns all shares there are.
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns the input per output at the margin, with 18 decimals, the fee included.
    ///
    /// Errors: `NotBound`; overflows and `DivZero` for absurd balances.
    /// Source: `BPool.getSpotPrice`.
    pub fn price_with_fee(&self, pair: TokenPair) -> Result<U256, BPoolError> {
        math::spot_price(self.side(pair.input)?, self.side(pair.output)?, self.swap_fee)
    }

    /// Returns the input per output at the margin, with 18 decimals, without the fee.
    ///
    /// Errors: as [`price_with_fee`](Self::price_with_fee).
    /// Source: `BPool.getSpotPriceSansFee`.
    pub fn price_without_fee(&self, pair: TokenPair) -> Result<U256, BPoolError> {
        math::spot_price(self.side(pair.input)?, self.side(pair.output)?, U256::ZERO)
    }

    fn token(&self, token: TokenIndex) -> Result<&BPoolToken, BPoolError> {
        self.tokens.get(token.place()).ok_or(BPoolError::NotBound)
    }

    fn token_mut(&mut self, token: TokenIndex) -> Result<&mut BPoolToken, BPoolError> {
        self.tokens.get_mut(token.place()).ok_or(BPoolError::NotBound)
    }

    fn side(&self, token: TokenIndex) -> Result<Side, BPoolError> {
        self.token(token).map(BPoolToken::side)
    }

    fn single(&self, token: TokenIndex) -> Result<Single, BPoolError> {
        Ok(Single {
            side: self.side(token)?,
            total_weight: self.total_weight,
            supply: self.total_supply.0,
            swap_fee: self.swap_fee,
        })
    }
}

impl BPoolToken {
    fn side(&self) -> Side {
        Side { balance: self.balance.0, weight: self.denormalized_weight }
    }

    /// The token after a payment in.
    fn paid_in(&self, amount: U256) -> Result<Self, BPoolError> {
        let balance = Amount(num::add(self.balance.0, amount)?);
        let held = self.held.checked_add(Amount(amount)).ok_or(BPoolError::TokenOverflow)?;
        Ok(Self { balance, held, ..*self })
    }

    /// The token after a payment out; what is held is never below the balance.
    fn paid_out(&self, amount: U256) -> Result<Self, BPoolError> {
        let balance = Amount(num::sub(self.balance.0, amount)?);
        let held = Amount(num::sub(self.held.0, amount)?);
        Ok(Self { balance, held, ..*self })
    }
}

#[cfg(test)]
mod tests;
