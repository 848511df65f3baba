use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

use super::{MetaNgBase, StableSwapMetaNg, StableSwapMetaNgError as Error, UnderlyingExchange};
use crate::{Metapool, PoolError, SharePool};

/// The views are those of `CurveStableSwapNGViews` 1.2.0.
impl Metapool for StableSwapMetaNg {
    fn base_pool(&self) -> &dyn SharePool {
        match &self.base {
            MetaNgBase::Plain(pool) => pool.as_ref(),
            MetaNgBase::Ng(pool) => pool.as_ref(),
        }
    }

    fn exchange_through(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        least_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let exchange = UnderlyingExchange { pair, amount_in, least_out };
        Ok(self.exchange_underlying(&exchange, at)?)
    }

    fn given_through(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        self.clone().exchange_through(pair, amount_in, Amount::ZERO, at)
    }

    fn promised_through(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        Ok(self.get_dy_underlying(pair, amount_in, at)?)
    }

    fn own_fee(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let exchanged = self.own(at)?.exchange_through(pair, amount_in, at);
        Ok(exchanged.map_err(Error::Own)?.fee)
    }

    fn base_shares_for(
        &self,
        coin: TokenIndex,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        Ok(self.base.clone().add(coin, amount_in, at)?)
    }
}
