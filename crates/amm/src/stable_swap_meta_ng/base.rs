use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::StableSwapMetaNgError as Error;
use crate::stable_swap::{self, Generation, StableSwap, StableSwapState};
use crate::stable_swap_ng::{Direction, Exchange, PlainPool, StableSwapNg, StableSwapNgState};
use crate::{SharePool, StateError};

/// The pool whose shares a metapool trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetaNgBase {
    /// An older plain pool, of the second or third generation and two or three coins.
    Plain(Box<StableSwap>),
    /// A stableswap-ng pool.
    Ng(Box<StableSwapNg>),
}

/// All that determines what a base pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetaNgBaseState {
    /// An older plain pool, of the second or third generation and two or three coins.
    Plain(Box<StableSwapState>),
    /// A stableswap-ng pool.
    Ng(Box<StableSwapNgState>),
}

impl MetaNgBaseState {
    /// Returns the base pool of this state; errors name the base pool's own fields.
    ///
    /// Errors: the field that the base pool's kind refuses.
    pub fn pool(&self) -> Result<MetaNgBase, StateError> {
        Ok(match self {
            Self::Plain(state) => MetaNgBase::Plain(Box::new(StableSwap::new(state)?)),
            Self::Ng(state) => MetaNgBase::Ng(Box::new(StableSwapNg::new(state)?)),
        })
    }

    /// Returns whether metapools take such a base pool.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Plain(state) => {
                state.generation != Generation::V0 && matches!(state.balances.len(), 2 | 3)
            }
            // An underlying coin is one more than the base pool's.
            Self::Ng(_) => true,
        }
    }
}

impl MetaNgBase {
    /// Returns the state of the pool.
    pub fn state(&self) -> MetaNgBaseState {
        match self {
            Self::Plain(pool) => MetaNgBaseState::Plain(Box::new(pool.state())),
            Self::Ng(pool) => MetaNgBaseState::Ng(Box::new(pool.state())),
        }
    }

    /// Returns all of the base pool's shares, the metapool's and everybody else's.
    pub fn total_shares(&self) -> Amount {
        match self {
            Self::Plain(pool) => pool.total_shares(),
            Self::Ng(pool) => pool.total_shares(),
        }
    }

    /// Returns the number of its coins.
    pub fn count(&self) -> usize {
        match self {
            Self::Plain(pool) => pool.balances().len(),
            Self::Ng(pool) => pool.admin_balances().len(),
        }
    }

    pub(super) fn virtual_price(&self, at: Timestamp) -> Result<U256, Error> {
        Ok(match self {
            Self::Plain(pool) => pool.virtual_price(at)?.0,
            Self::Ng(pool) => pool.get_virtual_price(at).map_err(Error::BaseNg)?.0,
        })
    }

    /// Adds one coin and returns the shares minted.
    pub(super) fn add(
        &mut self,
        coin: TokenIndex,
        amount: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let amounts = self.only(coin, amount)?;
        Ok(match self {
            Self::Plain(pool) => pool.add_liquidity(&amounts, Amount::ZERO, at)?,
            Self::Ng(pool) => {
                let minted = pool.add_liquidity(&amounts, Amount::ZERO, at);
                minted.map_err(Error::BaseNg)?.shares
            }
        })
    }

    /// Burns shares for one coin.
    pub(super) fn remove(
        &mut self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let minimum_out = Amount::ZERO;
        Ok(match self {
            Self::Plain(pool) => {
                let request = stable_swap::OneCoin { shares, coin, minimum_out };
                pool.remove_liquidity_one_coin(request, at)?.amount
            }
            Self::Ng(pool) => {
                let paid = pool.remove_liquidity_one_coin(shares, coin, minimum_out, at);
                paid.map_err(Error::BaseNg)?.amount
            }
        })
    }

    pub(super) fn exchange(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        least_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        Ok(match self {
            Self::Plain(pool) => {
                let request = stable_swap::Exchange { pair, amount_in, minimum_out: least_out };
                pool.exchange(request, at)?
            }
            Self::Ng(pool) => {
                let exchanged = pool.exchange(&Exchange { pair, amount_in, least_out }, at);
                exchanged.map_err(Error::BaseNg)?.amount_out
            }
        })
    }

    pub(super) fn get_dy(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        Ok(match self {
            Self::Plain(pool) => pool.get_dy(pair, amount_in, at)?,
            Self::Ng(pool) => pool.get_dy(pair, amount_in, at).map_err(Error::BaseNg)?,
        })
    }

    pub(super) fn calc_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        Ok(match self {
            Self::Plain(pool) => pool.calc_withdraw_one_coin(shares, coin, at)?,
            Self::Ng(pool) => {
                let paid = pool.calc_withdraw_one_coin(shares, coin, at);
                paid.map_err(Error::BaseNg)?.amount
            }
        })
    }

    /// The shares that go with an amount of one coin, as the views contract works it out for any
    /// pool: by stableswap-ng's invariant and the amplification in whole units, without a fee off
    /// the peg in the older ones.
    pub(super) fn calc_token_amount(
        &self,
        coin: TokenIndex,
        amount: Amount,
        direction: Direction,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let amounts = self.only(coin, amount)?;
        let viewed = match self {
            Self::Plain(pool) => &seen(pool, at)?,
            Self::Ng(pool) => pool.as_ref(),
        };
        viewed.calc_token_amount(&amounts, direction, at).map_err(Error::BaseNg)
    }

    fn only(&self, coin: TokenIndex, amount: Amount) -> Result<TokenAmounts, Error> {
        TokenAmounts::of(self.count(), coin, amount).ok_or(Error::NoSuchCoin)
    }
}

/// An older pool as the views contract reads it.
fn seen(pool: &StableSwap, at: Timestamp) -> Result<StableSwapNg, Error> {
    let plain = PlainPool {
        balances: pool.balances(),
        precisions: pool.state().precisions,
        total_supply: pool.total_supply(),
        amplification: pool.a(at)?,
        fee: pool.fee(),
    };
    StableSwapNg::of_plain(&plain).map_err(Error::BaseNg)
}
