use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

use super::{MetaExchange, StableSwapMeta, StableSwapMetaError as Error};
use crate::{Metapool, PoolError, SharePool};

/// The views are those of `MetaUSD`.
impl Metapool for StableSwapMeta {
    fn base_pool(&self) -> &dyn SharePool {
        &self.base
    }

    fn exchange_through(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        least_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let exchange = MetaExchange { pair, amount_in, minimum_out: least_out };
        Ok(self.exchange_underlying(exchange, at)?)
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
        Ok(Amount(self.settle(&self.market(at)?, pair, amount_in.0)?.fee))
    }

    fn base_shares_for(
        &self,
        coin: TokenIndex,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let amounts = super::underlying::base_amounts(coin, amount_in)?;
        let minted = self.base.clone().add_liquidity(&amounts, Amount::ZERO, at);
        Ok(minted.map_err(Error::Base)?)
    }
}
