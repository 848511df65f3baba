use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

use super::{StableSwapMetaNg, StableSwapMetaNgError as Error};
use crate::stable_swap_ng::Direction;

/// An exchange of underlying coins as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderlyingExchange {
    /// Which coins: 0 the metapool's own, from 1 on the base pool's.
    pub pair: TokenPair,
    /// What is paid in.
    pub amount_in: Amount,
    /// The least output to be content with.
    pub least_out: Amount,
}

/// Which way an exchange of underlying coins goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The metapool's coin for a coin of the base pool; or for itself, which is refused.
    Into(Option<TokenIndex>),
    /// A coin of the base pool for the metapool's.
    OutOf(TokenIndex),
    /// Between two coins of the base pool.
    Within(TokenPair),
}

/// The coin for the base pool's shares.
const INTO: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
/// The base pool's shares for the coin.
const OUT_OF: TokenPair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
const SAME: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(0) };

impl StableSwapMetaNg {
    /// Exchanges underlying coins, through the base pool where it takes that, and returns what
    /// comes out. The rate of the base pool's shares is that from before its own part.
    ///
    /// Errors: `NoSuchCoin`, `NoInput`, `ExchangeTooSmall`; `Base`, `BaseNg`; `Own`, such as
    /// `SameCoin`, and where a rebasing coin gained more than the pool paid out in between
    /// `Underflow`, since what the pool knows of is lowered by what goes out.
    /// Source: `CurveStableSwapMetaNG` v7.0.0 `exchange_underlying`.
    pub fn exchange_underlying(
        &mut self,
        exchange: &UnderlyingExchange,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let UnderlyingExchange { pair, amount_in, least_out } = *exchange;
        let rate = self.rate_of_shares(at)?;
        let way = self.way(pair)?;
        if amount_in.is_zero() {
            return Err(Error::NoInput);
        }
        let mut next = self.clone();
        next.own.set_rate_of_shares(rate);
        let paid = match way {
            Way::Within(pair) => {
                next.own.check_scaled()?;
                next.base.exchange(pair, amount_in, least_out, at)?
            }
            Way::Into(coin) => {
                let pair = if coin.is_some() { INTO } else { SAME };
                let shares = next.own.exchange_through(pair, amount_in, at)?.amount_out;
                next.base.remove(shares, coin.unwrap_or(TokenIndex(0)), at)?
            }
            Way::OutOf(coin) => {
                let minted = next.base.add(coin, amount_in, at)?;
                next.own.exchange_through(OUT_OF, minted, at)?.amount_out
            }
        };
        // An exchange in the base pool has held it against the bound already.
        if paid < least_out {
            return Err(Error::ExchangeTooSmall);
        }
        next.own.set_rate_of_shares(crate::curve_math::PRECISION);
        *self = next;
        Ok(paid)
    }

    /// Returns about what an exchange of underlying coins gives, by the views contract.
    ///
    /// Errors: `NoSuchCoin`; `Base`, `BaseNg`; `Own`, such as `SameCoin`.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `get_dy_underlying`.
    pub fn get_dy_underlying(
        &self,
        pair: TokenPair,
        dx: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let own = self.own(at)?;
        match self.way(pair)? {
            Way::Within(pair) => {
                own.check_scaled()?;
                self.base.get_dy(pair, dx, at)
            }
            Way::Into(None) => Ok(own.get_dy(SAME, dx, at)?),
            Way::Into(Some(coin)) => {
                let shares = own.get_dy(INTO, dx, at)?;
                self.base.calc_withdraw_one_coin(shares, coin, at)
            }
            Way::OutOf(coin) => {
                let minted = self.base.calc_token_amount(coin, dx, Direction::Deposit, at)?;
                Ok(own.get_dy(OUT_OF, minted, at)?)
            }
        }
    }

    /// Returns about what an exchange of underlying coins must pay in, by the views contract: out
    /// of the base pool it takes what a withdrawal would give for what a deposit must pay.
    ///
    /// Errors: `OnlyInBase`, `NoSuchCoin`; `Base`, `BaseNg`; `Own`.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `get_dx_underlying`.
    pub fn get_dx_underlying(
        &self,
        pair: TokenPair,
        dy: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        match self.way(pair)? {
            Way::Within(_) => Err(Error::OnlyInBase),
            Way::Into(None) => Err(Error::NoSuchCoin),
            Way::Into(Some(coin)) => {
                let burned = self.base.calc_token_amount(coin, dy, Direction::Withdrawal, at)?;
                Ok(self.own(at)?.get_dx(INTO, burned, at)?)
            }
            Way::OutOf(coin) => {
                let shares = self.own(at)?.get_dx(OUT_OF, dy, at)?;
                self.base.calc_withdraw_one_coin(shares, coin, at)
            }
        }
    }

    fn way(&self, pair: TokenPair) -> Result<Way, Error> {
        Ok(match (self.in_base(pair.input)?, self.in_base(pair.output)?) {
            (None, output) => Way::Into(output),
            (Some(input), None) => Way::OutOf(input),
            (Some(input), Some(output)) => Way::Within(TokenPair { input, output }),
        })
    }

    /// The place of an underlying coin in the base pool; none for the metapool's own.
    fn in_base(&self, coin: TokenIndex) -> Result<Option<TokenIndex>, Error> {
        match coin.0.checked_sub(1).map(TokenIndex) {
            Some(coin) if coin.place() >= self.base.count() => Err(Error::NoSuchCoin),
            place => Ok(place),
        }
    }
}
