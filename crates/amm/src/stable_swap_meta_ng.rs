//! The Curve metapools of stableswap-ng: a coin against the shares of a base pool, as
//! `CurveStableSwapMetaNG` v7.0.0 behaves.
//!
//! A metapool is a stableswap-ng pool of two coins whose second rate is the base pool's virtual
//! price, asked for at every call: [`StableSwapNg`] does what is left. The base pool is of this
//! generation or an older plain one, and part of the state: exchanges of underlying coins pass
//! through it, and the caller replays there what others do ([`StableSwapMetaNg::base_mut`]).

mod base;
mod error;
mod facts;
mod shares;
mod state;
mod underlying;
mod underlying_quote;

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

pub use base::{MetaNgBase, MetaNgBaseState};
pub use error::StableSwapMetaNgError;
pub use facts::FACTS;
pub use state::StableSwapMetaNgState;
pub use underlying::UnderlyingExchange;

use crate::curve_math::PRECISION;
use crate::stable_swap_ng::{
    Direction, Exchange, Exchanged, OneCoin, SharesBurned, SharesMinted, StableSwapNg,
    StableSwapNgError, Withdrawal,
};

/// The administrators' part of the fees, in 10^-10 (`admin_fee`).
pub const ADMIN_FEE: u64 = 5_000_000_000;

/// A metapool and the base pool under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapMetaNg {
    base: MetaNgBase,
    /// Between calls the rate of the base pool's shares is one.
    own: StableSwapNg,
}

type Outcome<T> = Result<T, StableSwapMetaNgError>;

impl StableSwapMetaNg {
    /// Returns the base pool.
    pub fn base(&self) -> &MetaNgBase {
        &self.base
    }

    /// Returns the base pool, for what others do there. Taking out so many shares that the
    /// metapool's own are gone is the caller's mistake; operations then fail or give nonsense.
    pub fn base_mut(&mut self) -> &mut MetaNgBase {
        &mut self.base
    }

    /// Returns the pool of two coins as it is at an instant: its second rate is the base pool's
    /// virtual price. Its views and oracles are the metapool's.
    ///
    /// Errors: `Base`, `BaseNg`.
    /// Source: `_stored_rates`; the rest are those of `CurveStableSwapNG`.
    pub fn own(&self, at: Timestamp) -> Outcome<StableSwapNg> {
        let mut own = self.own.clone();
        own.set_rate_of_shares(self.base.virtual_price(at)?);
        Ok(own)
    }

    /// Returns the base pool's virtual price, which is the rate of its shares.
    ///
    /// Errors: `Base`, `BaseNg`; without shares it has none.
    pub fn rate_of_shares(&self, at: Timestamp) -> Outcome<U256> {
        self.base.virtual_price(at)
    }

    /// Returns the administrators' part of the fees, not yet taken (`admin_balances`).
    pub fn admin_balances(&self) -> TokenAmounts {
        self.own.admin_balances()
    }

    /// Returns the amplification in hundredths (`A_precise`).
    ///
    /// Errors: `Own` before the start of a ramp that is not over.
    pub fn amplification(&self, at: Timestamp) -> Outcome<U256> {
        Ok(self.own.amplification(at)?)
    }

    /// Exchanges the coin for the base pool's shares or back: see [`StableSwapNg::exchange`].
    ///
    /// Errors: those of that as `Own`; those of the base pool's virtual price.
    /// Source: `CurveStableSwapMetaNG` v7.0.0 `exchange`.
    pub fn exchange(&mut self, exchange: &Exchange, at: Timestamp) -> Outcome<Exchanged> {
        self.rated(at, |own| own.exchange(exchange, at))
    }

    /// Exchanges what was sent to the pool before: see [`StableSwapNg::exchange_received`].
    ///
    /// Errors: as [`exchange`](Self::exchange). Source: `exchange_received`.
    pub fn exchange_received(&mut self, exchange: &Exchange, at: Timestamp) -> Outcome<Exchanged> {
        self.rated(at, |own| own.exchange_received(exchange, at))
    }

    /// Adds the coin, the base pool's shares or both: see [`StableSwapNg::add_liquidity`].
    ///
    /// Errors: as [`exchange`](Self::exchange). Source: `add_liquidity`.
    pub fn add_liquidity(
        &mut self,
        amounts: &TokenAmounts,
        least_shares: Amount,
        at: Timestamp,
    ) -> Outcome<SharesMinted> {
        self.rated(at, |own| own.add_liquidity(amounts, least_shares, at))
    }

    /// Takes chosen amounts out: see [`StableSwapNg::remove_liquidity_imbalance`].
    ///
    /// Errors: as [`exchange`](Self::exchange). Source: `remove_liquidity_imbalance`.
    pub fn remove_liquidity_imbalance(
        &mut self,
        amounts: &TokenAmounts,
        most_shares: Amount,
        at: Timestamp,
    ) -> Outcome<SharesBurned> {
        self.rated(at, |own| own.remove_liquidity_imbalance(amounts, most_shares, at))
    }

    /// Burns shares for one of the two coins: see [`StableSwapNg::remove_liquidity_one_coin`].
    ///
    /// Errors: as [`exchange`](Self::exchange). Source: `remove_liquidity_one_coin`.
    pub fn remove_liquidity_one_coin(
        &mut self,
        shares: Amount,
        coin: TokenIndex,
        least: Amount,
        at: Timestamp,
    ) -> Outcome<OneCoin> {
        self.rated(at, |own| own.remove_liquidity_one_coin(shares, coin, least, at))
    }

    /// Burns shares for their part of both coins. It works whatever state the base pool is in.
    ///
    /// Errors: `Own`. Source: `remove_liquidity`.
    pub fn remove_liquidity(
        &mut self,
        withdrawal: &Withdrawal,
        at: Timestamp,
    ) -> Outcome<TokenAmounts> {
        Ok(self.own.remove_liquidity(withdrawal, at)?)
    }

    /// Pays out the administrators' part of the fees, in both coins as they are.
    ///
    /// Errors: `Own`. Source: `withdraw_admin_fees`.
    pub fn withdraw_admin_fees(&mut self) -> Outcome<TokenAmounts> {
        Ok(self.own.withdraw_admin_fees()?)
    }

    /// Starts a ramp to a whole amplification (`ramp_A`).
    ///
    /// Errors: `Own`, as of [`StableSwapNg::ramp_a`].
    pub fn ramp_a(&mut self, future: u64, ends: Timestamp, at: Timestamp) -> Outcome<()> {
        Ok(self.own.ramp_a(future, ends, at)?)
    }

    /// Stops a ramp where it is (`stop_ramp_A`).
    ///
    /// Errors: `Own`, as of [`StableSwapNg::stop_ramp_a`].
    pub fn stop_ramp_a(&mut self, at: Timestamp) -> Outcome<()> {
        Ok(self.own.stop_ramp_a(at)?)
    }

    /// Sets the fee at the peg and how much higher it is far from it (`set_new_fee`).
    ///
    /// Errors: `Own`, as of [`StableSwapNg::set_new_fee`].
    pub fn set_new_fee(&mut self, fee: u64, multiplier: U256) -> Outcome<()> {
        Ok(self.own.set_new_fee(fee, multiplier)?)
    }

    /// Sets the averaging windows of the price and of the invariant (`set_ma_exp_time`).
    ///
    /// Errors: `Own`, as of [`StableSwapNg::set_ma_exp_time`].
    pub fn set_ma_exp_time(&mut self, price: U256, d: U256) -> Outcome<()> {
        Ok(self.own.set_ma_exp_time(price, d)?)
    }

    /// Sets the coin's rate as its oracle or vault now gives it.
    ///
    /// Errors: `Own`: `NoRate`.
    pub fn set_rate(&mut self, rate: U256) -> Outcome<()> {
        let rates = TokenAmounts::from_array([Amount(rate), Amount(PRECISION)]);
        Ok(self.own.set_rates(&rates)?)
    }

    /// Sends the pool the coin or shares of the base pool past its calls.
    ///
    /// Errors: `Own`, as of [`StableSwapNg::give`].
    pub fn give(&mut self, amounts: &TokenAmounts) -> Outcome<()> {
        Ok(self.own.give(amounts)?)
    }

    /// Sets what the coin, which rebases, says the pool has.
    ///
    /// Errors: `Own`: `NotRebasing`.
    pub fn rebase(&mut self, balance: Amount) -> Outcome<()> {
        Ok(self.own.rebase(TokenIndex(0), balance)?)
    }

    /// Returns what an exchange of the pool's own coins gives by the views contract.
    ///
    /// Errors: as of [`StableSwapNg::get_dy`]; those of the base pool's virtual price.
    pub fn get_dy(&self, pair: TokenPair, dx: Amount, at: Timestamp) -> Outcome<Amount> {
        Ok(self.own(at)?.get_dy(pair, dx, at)?)
    }

    /// Returns the shares that go with amounts, fees taken off, by the views contract.
    ///
    /// Errors: as of [`StableSwapNg::calc_token_amount`]; those of the base pool's virtual price.
    pub fn calc_token_amount(
        &self,
        amounts: &TokenAmounts,
        direction: Direction,
        at: Timestamp,
    ) -> Outcome<Amount> {
        Ok(self.own(at)?.calc_token_amount(amounts, direction, at)?)
    }

    /// Does something with the pool of two coins while its second rate is the base pool's virtual
    /// price. What fails there leaves it as it was.
    fn rated<T>(
        &mut self,
        at: Timestamp,
        act: impl FnOnce(&mut StableSwapNg) -> Result<T, StableSwapNgError>,
    ) -> Outcome<T> {
        let rate = self.base.virtual_price(at)?;
        self.own.set_rate_of_shares(rate);
        let done = act(&mut self.own);
        self.own.set_rate_of_shares(PRECISION);
        Ok(done?)
    }
}

#[cfg(test)]
mod tests;
