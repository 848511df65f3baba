use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::before_factory::Bound;
use super::{
    BASE, BASE_COINS, MetaExchange, StableSwapMeta, StableSwapMetaError as Error, of, only,
};
use crate::curve_math::{
    FEE_DENOMINATOR, PRECISION, TWO, difference, part, product, quotient, sum,
};
use crate::stable_swap::{Exchange, LiquidityChange, OneCoin};

/// An underlying coin: the pool's own, or one of the base pool's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Underlying {
    Meta,
    Base(TokenIndex),
}

const META: TokenIndex = TokenIndex(0);

impl Underlying {
    fn of(coin: TokenIndex) -> Result<Self, Error> {
        match coin.0.checked_sub(1) {
            None => Ok(Self::Meta),
            Some(base) if usize::from(base) < BASE_COINS => Ok(Self::Base(TokenIndex(base))),
            Some(_) => Err(Error::NoSuchCoin),
        }
    }
}

impl StableSwapMeta {
    /// Returns about what an exchange of underlying coins gives: into the metapool the base pool's
    /// deposit is reckoned without its fee, of which half is then taken off.
    ///
    /// Errors: `NoSuchCoin`, `SameCoin`; `Base`; those of arithmetic.
    /// Source: `MetaUSD.get_dy_underlying`.
    pub fn get_dy_underlying(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let market = self.market(at)?;
        let [meta_rate, base_rate] = market.rates;
        let decimals = quotient(meta_rate, PRECISION)?;
        let (own_pair, filled) = match (Underlying::of(pair.input)?, Underlying::of(pair.output)?) {
            (Underlying::Meta, Underlying::Meta) => return Err(Error::SameCoin),
            (Underlying::Base(input), Underlying::Base(output)) => {
                return Ok(self.base.get_dy(TokenPair { input, output }, amount_in, at)?);
            }
            (Underlying::Meta, Underlying::Base(_)) => {
                let filled = sum(of(&market.scaled, META)?, product(amount_in.0, decimals)?)?;
                (TokenPair { input: META, output: BASE }, filled)
            }
            (Underlying::Base(coin), Underlying::Meta) => {
                let amounts = base_amounts(coin, amount_in)?;
                let deposit = LiquidityChange::Deposit;
                let minted = self.base.calc_token_amount(&amounts, deposit, at)?;
                let worth = part(minted.0, base_rate, PRECISION)?;
                let divisor = product(TWO, FEE_DENOMINATOR)?;
                let fee = part(worth, U256::from(self.base.fee()), divisor)?;
                let filled = sum(difference(worth, fee)?, of(&market.scaled, BASE)?)?;
                (TokenPair { input: BASE, output: META }, filled)
            }
        };
        let (net, _) = self.scaled_output(&market, own_pair, filled)?;
        match Underlying::of(pair.output)? {
            Underlying::Meta => Ok(Amount(quotient(net, decimals)?)),
            Underlying::Base(coin) => {
                let shares = Amount(part(net, PRECISION, base_rate)?);
                Ok(self.base.calc_withdraw_one_coin(shares, coin, at)?)
            }
        }
    }

    /// Exchanges underlying coins, through the base pool where it takes that, and returns what
    /// comes out.
    ///
    /// Errors: `NoSuchCoin`, `SameCoin`, `ExchangeTooSmall`; `Base`; `TokenRefuses`; those of
    /// arithmetic. Source: `MetaUSD.exchange_underlying`.
    pub fn exchange_underlying(
        &mut self,
        exchange: MetaExchange,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let MetaExchange { pair, amount_in, minimum_out } = exchange;
        let mut next = self.clone();
        let rates = self.rates(at)?;
        next.begin(rates, at)?;
        // Before the factory, an exchange in the base pool does not look at the pool's balances.
        let (input, output) = (Underlying::of(pair.input)?, Underlying::of(pair.output)?);
        if let (Underlying::Base(input), Underlying::Base(output), true) =
            (input, output, self.before_factory.is_some())
        {
            let pair = TokenPair { input, output };
            let paid = next.base.exchange(Exchange { pair, amount_in, minimum_out }, at)?;
            *self = next;
            return Ok(paid);
        }
        let market = self.market(at)?;
        let paid = match (input, output) {
            (Underlying::Meta, Underlying::Meta) => return Err(Error::SameCoin),
            (Underlying::Base(input), Underlying::Base(output)) => {
                let pair = TokenPair { input, output };
                next.base.exchange(Exchange { pair, amount_in, minimum_out }, at)?
            }
            (Underlying::Meta, Underlying::Base(coin)) => {
                let own_pair = TokenPair { input: META, output: BASE };
                let settled = self.settle(&market, own_pair, amount_in.0)?;
                next.book(own_pair, amount_in.0, &settled)?;
                next.receive(&only(META, amount_in.0))?;
                next.pay(&only(BASE, settled.paid))?;
                let shares = Amount(settled.paid);
                let withdrawal = OneCoin { shares, coin, minimum_out: Amount::ZERO };
                next.base.remove_liquidity_one_coin(withdrawal, at)?.amount
            }
            (Underlying::Base(coin), Underlying::Meta) => {
                let amounts = base_amounts(coin, amount_in)?;
                let minted = next.base.add_liquidity(&amounts, Amount::ZERO, at)?;
                // The rates are those from before the deposit.
                let own_pair = TokenPair { input: BASE, output: META };
                let settled = self.settle(&market, own_pair, minted.0)?;
                next.book(own_pair, minted.0, &settled)?;
                next.receive(&only(BASE, minted.0))?;
                next.pay(&only(META, settled.paid))?;
                Amount(settled.paid)
            }
        };
        if paid < minimum_out {
            return Err(self.passed(Bound::Exchange));
        }
        *self = next;
        Ok(paid)
    }
}

pub(super) fn base_amounts(coin: TokenIndex, amount: Amount) -> Result<TokenAmounts, Error> {
    TokenAmounts::of(BASE_COINS, coin, amount).ok_or(Error::NoSuchCoin)
}
