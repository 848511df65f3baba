//! The Curve metapools: a coin against the shares of a base pool of three coins.
//!
//! Modelled are the factory's `MetaUSD` (curve-factory, Vyper 0.2.12) over the 3pool, which asks
//! the base pool for its virtual price at every call, and the metapools before it, which keep that
//! for ten minutes ([`BeforeFactory`]). The base pool is part of the state: exchanges of underlying
//! coins pass through it, and the caller replays there what others do
//! ([`StableSwapMeta::base_mut`]). Coins are taken to be plain tokens, the coin that the 3pool
//! could charge a fee on included.

mod administration;
mod before_factory;
mod error;
mod exchange;
mod facts;
mod liquidity;
mod one_coin;
mod shares;
mod state;
mod underlying;
mod underlying_quote;

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

pub use administration::AdminFees;
pub use before_factory::{BASE_CACHE_EXPIRES, BeforeFactory};
pub use error::StableSwapMetaError;
pub use exchange::MetaExchange;
pub use facts::FACTS;
pub use state::StableSwapMetaState;

use crate::curve_math::{PRECISION, Ramp, Rounding, difference, get_d, get_y, part, product, sum};
use crate::stable_swap::StableSwap;

/// One, in the fixed point of prices at the margin.
const POINT: U256 = U256::from_limbs([0, 1, 0, 0]);

/// Coins of the pool itself: the meta coin and the base pool's shares.
const COINS: usize = 2;
/// The place of the base pool's shares (`MAX_COIN`).
const BASE: TokenIndex = TokenIndex(1);
/// Coins of the base pool (`BASE_N_COINS`).
const BASE_COINS: usize = 3;
/// The administrator's part of the fees in the factory's pools, in 10^-10 (`ADMIN_FEE`).
pub const ADMIN_FEE: u64 = 5_000_000_000;
const ADMIN: U256 = U256::from_limbs([ADMIN_FEE, 0, 0, 0]);

/// An amount of each of the pool's own two coins.
type Both = [U256; COINS];

/// A metapool and the base pool under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapMeta {
    base: StableSwap,
    before_factory: Option<BeforeFactory>,
    rate_multiplier: U256,
    balances: Both,
    holdings: Both,
    total_supply: U256,
    fee: U256,
    ramp: Ramp,
    previous_balances: Both,
    price_cumulative_last: Both,
    block_timestamp_last: u64,
    /// A list of two zeroes, since a list cannot be made without a check.
    nothing: TokenAmounts,
}

/// What a calculation starts from.
#[derive(Clone, Copy, Debug)]
struct Market {
    rounding: &'static Rounding,
    amplification: u64,
    rates: Both,
    scaled: Both,
}

impl StableSwapMeta {
    /// Returns what belongs to the providers: the meta coin, and shares of the base pool.
    pub fn balances(&self) -> TokenAmounts {
        self.listed(&self.balances)
    }

    /// Returns what the pool holds beyond its balances: the administrator's part of the fees, and
    /// gifts (`admin_balances`).
    pub fn admin_balances(&self) -> TokenAmounts {
        let [meta, base] = self.holdings;
        let [own_meta, own_base] = self.balances;
        self.listed(&[meta.saturating_sub(own_meta), base.saturating_sub(own_base)])
    }

    /// Returns what pools before the factory keep beside the rest; `None` for the factory's.
    pub fn before_factory(&self) -> Option<&BeforeFactory> {
        self.before_factory.as_ref()
    }

    /// Returns the base pool.
    pub fn base(&self) -> &StableSwap {
        &self.base
    }

    /// Returns the base pool, for what others do there. Taking out so many shares that the
    /// metapool's own are gone is the caller's mistake; operations then fail or give nonsense.
    pub fn base_mut(&mut self) -> &mut StableSwap {
        &mut self.base
    }

    /// Gives the pool tokens, as a gift: they are the administrator's from then on.
    ///
    /// Errors: `WrongCoinCount`, `TokenRefuses`.
    pub fn give(&mut self, amounts: &TokenAmounts) -> Result<(), StableSwapMetaError> {
        let [meta, base] = both(amounts)?;
        let [held_meta, held_base] = self.holdings;
        self.holdings = [paid_in(held_meta, meta)?, paid_in(held_base, base)?];
        Ok(())
    }

    /// Returns the amplification in hundredths (`A_precise`).
    ///
    /// Errors: `Underflow` before the start of a ramp that is not over.
    pub fn amplification(&self, at: Timestamp) -> Result<U256, StableSwapMetaError> {
        Ok(U256::from(self.ramp.at(at.0)?))
    }

    /// Returns the invariant per share times 10^18, rounded down (`get_virtual_price`).
    ///
    /// Errors: `Base`; those of the invariant; `DivisionByZero` without shares.
    pub fn get_virtual_price(&self, at: Timestamp) -> Result<Amount, StableSwapMetaError> {
        let d = self.market(at)?.invariant()?;
        Ok(Amount(part(d, PRECISION, self.total_supply)?))
    }

    /// The rates, and the balances times them (`_xp_mem`).
    fn market(&self, at: Timestamp) -> Result<Market, StableSwapMetaError> {
        let amplification = self.ramp.at(at.0)?;
        let rates = self.rates(at)?;
        let scaled = scale(&rates, &self.balances)?;
        Ok(Market { rounding: self.rounding(), amplification, rates, scaled })
    }

    /// Writes what balances were, once a block, before they change (`_update`): of the factory's
    /// pools.
    fn update(&mut self, at: Timestamp) -> Result<(), StableSwapMetaError> {
        if self.before_factory.is_some() {
            return Ok(());
        }
        let elapsed = at.0.checked_sub(self.block_timestamp_last);
        let elapsed = U256::from(elapsed.ok_or(StableSwapMetaError::Underflow)?);
        if !elapsed.is_zero() {
            for (total, balance) in self.price_cumulative_last.iter_mut().zip(self.balances) {
                *total = sum(*total, product(balance, elapsed)?)?;
            }
            self.previous_balances = self.balances;
            self.block_timestamp_last = at.0;
        }
        Ok(())
    }

    /// The two amounts, as a list.
    fn listed(&self, amounts: &Both) -> TokenAmounts {
        let mut list = self.nothing;
        for (place, amount) in list.as_mut_slice().iter_mut().zip(amounts) {
            place.0 = *amount;
        }
        list
    }

    /// Pays out of what the pool holds.
    fn pay(&mut self, amounts: &Both) -> Result<(), StableSwapMetaError> {
        for (held, amount) in self.holdings.iter_mut().zip(amounts) {
            *held = held.checked_sub(*amount).ok_or(StableSwapMetaError::TokenRefuses)?;
        }
        Ok(())
    }

    fn receive(&mut self, amounts: &Both) -> Result<(), StableSwapMetaError> {
        for (held, amount) in self.holdings.iter_mut().zip(amounts) {
            *held = paid_in(*held, *amount)?;
        }
        Ok(())
    }

    /// What is left of the shares after a burn.
    fn after_burn(&self, burned: U256) -> Result<U256, StableSwapMetaError> {
        Ok(difference(self.total_supply, burned)?)
    }
}

impl Market {
    fn invariant(&self) -> Result<U256, StableSwapMetaError> {
        Ok(get_d(self.rounding, self.amplification, &self.scaled)?)
    }

    /// The scaled balance of a coin that goes with that of the other one and an invariant.
    fn balance(&self, d: U256, other: U256) -> Result<U256, StableSwapMetaError> {
        let balances = [other, U256::ZERO];
        Ok(get_y(self.rounding, self.amplification, d, &balances, BASE.place())?)
    }

    fn invariant_of(&self, balances: &Both) -> Result<U256, StableSwapMetaError> {
        let scaled = scale(&self.rates, balances)?;
        Ok(get_d(self.rounding, self.amplification, &scaled)?)
    }
}

fn scale(rates: &Both, balances: &Both) -> Result<Both, StableSwapMetaError> {
    let [rate0, rate1] = *rates;
    let [balance0, balance1] = *balances;
    Ok([part(rate0, balance0, PRECISION)?, part(rate1, balance1, PRECISION)?])
}

fn paid_in(held: U256, amount: U256) -> Result<U256, StableSwapMetaError> {
    held.checked_add(amount).ok_or(StableSwapMetaError::TokenRefuses)
}

/// A list of two amounts, as they are kept.
fn both(amounts: &TokenAmounts) -> Result<Both, StableSwapMetaError> {
    match amounts.as_slice() {
        [meta, base] => Ok([meta.0, base.0]),
        _ => Err(StableSwapMetaError::WrongCoinCount),
    }
}

/// One of two amounts.
fn of(amounts: &Both, coin: TokenIndex) -> Result<U256, StableSwapMetaError> {
    amounts.get(coin.place()).copied().ok_or(StableSwapMetaError::NoSuchCoin)
}

/// One amount and nothing of the other coin.
fn only(coin: TokenIndex, amount: U256) -> Both {
    let mut amounts = [U256::ZERO; COINS];
    if let Some(place) = amounts.get_mut(coin.place()) {
        *place = amount;
    }
    amounts
}

#[cfg(test)]
mod tests;
