use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair};

use crate::{PoolError, PriceRatio, Quote, Trade};

/// A pool in which every provider holds shares of the whole.
///
/// What all such kinds have in common; what a kind can do beyond (one-coin withdrawals, ramps,
/// oracles, administrators' calls) are methods of its own type. An operation that fails leaves the
/// state as it was. Whatever the kind, a trade between tokens that are equal or not there is
/// [`PoolError::NoSuchPair`], and a deposit of another number of tokens
/// [`PoolError::WrongTokenCount`].
pub trait SharePool {
    /// Returns what belongs to the providers, token by token: without fees owed to others.
    fn balances(&self) -> TokenAmounts;

    /// Returns all shares there are.
    fn total_shares(&self) -> Amount;

    /// Returns what a swap would pay and give. For an exact output it gives that or more.
    ///
    /// Errors: those of the kind, which are the contract's reverts.
    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError>;

    /// Makes a swap, exactly as quoted.
    ///
    /// Errors: as [`quote`](Self::quote), and the contract's own where it refuses what it quotes:
    /// a pair of Uniswap v2 or Solidly quotes trades that give nothing, and swaps none.
    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError>;

    /// Adds tokens and returns the shares minted for them, as the contract's usual call does; what
    /// it would not take is an error, not a rest.
    ///
    /// Errors: those of the kind.
    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError>;

    /// Burns shares for their part of every token.
    ///
    /// Errors: those of the kind.
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError>;

    /// Returns the price at the margin, without fees.
    ///
    /// Errors: those of the kind; of an empty pool, for one.
    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError>;

    /// Returns the pool's invariant per share times 10^18: what the contract calls virtual price,
    /// where it has one. Fees and gifts raise it and prices do not, so what a provider earned is
    /// the growth of it. Between kinds of pools it means nothing.
    ///
    /// Errors: those of the kind.
    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError>;
}
