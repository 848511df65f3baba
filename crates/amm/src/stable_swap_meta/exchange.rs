use tidemill_units::{Amount, Timestamp, TokenPair, U256};

use super::before_factory::Bound;
use super::{Market, StableSwapMeta, StableSwapMetaError as Error, of, only};
use crate::curve_math::{FEE_DENOMINATOR, PRECISION, difference, part, sum};

/// An exchange as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetaExchange {
    /// Which coins: 0 the meta coin, 1 the base pool's shares; of underlying ones 0 the meta coin,
    /// 1 to 3 the base pool's coins.
    pub pair: TokenPair,
    /// What is paid in.
    pub amount_in: Amount,
    /// The least output to be content with.
    pub minimum_out: Amount,
}

/// An exchange worked out, in the output's raw units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) paid: U256,
    /// The whole fee, rounded down.
    pub(super) fee: U256,
    pub(super) admin_fee: U256,
}

impl StableSwapMeta {
    /// Returns what an exchange of the pool's own coins gives, in raw units, rounded down.
    ///
    /// Errors: `SameCoin`, `NoSuchCoin`; `Base`; those of arithmetic. Source: `MetaUSD.get_dy`.
    pub fn get_dy(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        Ok(Amount(self.settle(&self.market(at)?, pair, amount_in.0)?.paid))
    }

    /// Exchanges one of the pool's own coins for the other and returns what comes out, rounded
    /// down.
    ///
    /// Errors: `SameCoin`, `NoSuchCoin`, `ExchangeTooSmall`; `Base`; `TokenRefuses`; those of
    /// arithmetic. Source: `MetaUSD.exchange`.
    pub fn exchange(&mut self, exchange: MetaExchange, at: Timestamp) -> Result<Amount, Error> {
        let MetaExchange { pair, amount_in, minimum_out } = exchange;
        let market = self.market(at)?;
        let mut next = self.clone();
        next.begin(market.rates, at)?;
        let settled = self.settle(&market, pair, amount_in.0)?;
        if settled.paid < minimum_out.0 {
            return Err(self.passed(Bound::Exchange));
        }
        next.book(pair, amount_in.0, &settled)?;
        next.receive(&only(pair.input, amount_in.0))?;
        next.pay(&only(pair.output, settled.paid))?;
        *self = next;
        Ok(Amount(settled.paid))
    }

    /// Works out an exchange of the pool's own coins.
    pub(super) fn settle(
        &self,
        market: &Market,
        pair: TokenPair,
        amount_in: U256,
    ) -> Result<Settled, Error> {
        let added = part(amount_in, of(&market.rates, pair.input)?, PRECISION)?;
        let filled = sum(of(&market.scaled, pair.input)?, added)?;
        let (net, fee) = self.scaled_output(market, pair, filled)?;
        let rate = of(&market.rates, pair.output)?;
        let paid = part(net, PRECISION, rate)?;
        let admin_fee = part(part(fee, self.admin_fee(), FEE_DENOMINATOR)?, PRECISION, rate)?;
        // The fee is at most the net output, which went through the same product.
        let fee = part(fee, PRECISION, rate)?;
        Ok(Settled { paid, fee, admin_fee })
    }

    /// Returns the scaled output after its fee, and the fee, once the input's scaled balance is
    /// `filled`.
    pub(super) fn scaled_output(
        &self,
        market: &Market,
        pair: TokenPair,
        filled: U256,
    ) -> Result<(U256, U256), Error> {
        let before = of(&market.scaled, pair.output)?;
        if pair.input == pair.output {
            return Err(Error::SameCoin);
        }
        let left = market.balance(market.invariant()?, filled)?;
        let given = difference(difference(before, left)?, U256::ONE)?;
        let fee = part(self.fee, given, FEE_DENOMINATOR)?;
        Ok((difference(given, fee)?, fee))
    }

    /// Writes the balances after an exchange.
    pub(super) fn book(
        &mut self,
        pair: TokenPair,
        amount_in: U256,
        settled: &Settled,
    ) -> Result<(), Error> {
        let input = self.balances.get_mut(pair.input.place()).ok_or(Error::NoSuchCoin)?;
        *input = sum(*input, amount_in)?;
        let output = self.balances.get_mut(pair.output.place()).ok_or(Error::NoSuchCoin)?;
        *output = difference(difference(*output, settled.paid)?, settled.admin_fee)?;
        Ok(())
    }
}
