use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair};

use super::{StableSwapMetaNg, StableSwapMetaNgError as Error};
use crate::{PoolError, PriceRatio, Quote, SharePool, Trade};

/// The pool's two own coins: the coin and the base pool's shares, as in a stableswap-ng pool.
impl SharePool for StableSwapMetaNg {
    fn balances(&self) -> TokenAmounts {
        SharePool::balances(&self.own)
    }

    fn total_shares(&self) -> Amount {
        self.own.total_shares()
    }

    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.own(at)?.quote(trade, at).map_err(of_own)
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.of_shares(at, |own| own.swap(trade, at))
    }

    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        self.of_shares(at, |own| own.deposit(amounts, at))
    }

    /// Pays the administrators' fees out too, as the contract does unless told otherwise.
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        self.own.withdraw(shares, at).map_err(of_own)
    }

    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        self.own(at)?.spot_price(pair, at).map_err(of_own)
    }

    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError> {
        self.own(at)?.virtual_price(at).map_err(of_own)
    }
}

impl StableSwapMetaNg {
    fn of_shares<T>(
        &mut self,
        at: Timestamp,
        act: impl FnOnce(&mut dyn SharePool) -> Result<T, PoolError>,
    ) -> Result<T, PoolError> {
        let mut own = self.own(at)?;
        let done = act(&mut own).map_err(of_own)?;
        own.set_rate_of_shares(crate::curve_math::PRECISION);
        self.own = own;
        Ok(done)
    }
}

/// What the pool of two coins refuses, as a metapool's refusal.
fn of_own(error: PoolError) -> PoolError {
    if let PoolError::StableSwapNg(error) = error { Error::Own(error).into() } else { error }
}
