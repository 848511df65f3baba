//! The Curve stableswap-ng plain pools of 2 to 8 coins, as `CurveStableSwapNG` v7.0.0 behaves.
//!
//! Rates of oracles and vaults are an input: the caller sets them as they move. Tokens are taken to
//! be plain but for rebasing ones, whose balances the caller sets: a transfer moves exactly its
//! amount. The administrators' fee receiver is taken to be set. Metapools of this generation are
//! such a pool of two coins over a base pool: see
//! [`stable_swap_meta_ng`](crate::stable_swap_meta_ng).

mod admin;
mod error;
mod exchange;
mod facts;
mod holdings;
mod invariant;
mod liquidity;
mod meta;
mod one_coin;
mod oracle;
mod shares;
mod state;
mod views;

use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

pub use error::StableSwapNgError;
pub use exchange::{Exchange, Exchanged};
pub use facts::FACTS;
pub use liquidity::Withdrawal;
pub(crate) use meta::PlainPool;
pub use one_coin::OneCoin;
pub use shares::{SharesBurned, SharesMinted};
pub use state::StableSwapNgState;
pub use views::Direction;

use crate::curve_math::{PRECISION, Ramp, part};
use holdings::Holdings;
use invariant::{DynamicFee, get_d, scaled, spot_prices};
use oracle::Tracked;

/// The highest fee in parts of 10^10 (`MAX_FEE`).
pub const MAX_FEE: u64 = 5_000_000_000;
/// The highest fee times multiplier, 5 * 10^19.
const MAX_FEE_FAR_FROM_PEG: U256 = U256::from_limbs([0xb5e3_af16_b188_0000, 2, 0, 0]);
/// Oracles do not follow a price beyond two.
const MAX_PRICE: U256 = U256::from_limbs([2_000_000_000_000_000_000, 0, 0, 0]);

/// A stableswap-ng pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapNg {
    asset_types: [u8; TokenAmounts::MOST],
    is_rebasing: bool,
    rates: TokenAmounts,
    holdings: Holdings,
    total_supply: U256,
    ramp: Ramp,
    settings: Settings,
    oracles: Oracles,
}

/// What administrators set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Settings {
    fee: u64,
    offpeg_fee_multiplier: U256,
    admin_fee: u64,
    ma_exp_time: U256,
    d_ma_time: U256,
}

/// What the pool remembers of prices and the invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Oracles {
    last_prices: TokenAmounts,
    ema_prices: TokenAmounts,
    d: Tracked,
    prices_written: Timestamp,
    d_written: Timestamp,
}

/// A pool's balances and what goes with them at one instant.
struct Instant {
    amplification: u64,
    balances: TokenAmounts,
    scaled: TokenAmounts,
    d: U256,
}

impl StableSwapNg {
    /// Returns what belongs to the providers, token by token (`get_balances`).
    ///
    /// Errors: `Underflow` where a rebasing coin lost more than the providers had.
    pub fn balances(&self) -> Result<TokenAmounts, StableSwapNgError> {
        self.holdings.balances(self.is_rebasing)
    }

    /// Returns the administrators' part of the fees, not yet taken (`admin_balances`).
    pub fn admin_balances(&self) -> TokenAmounts {
        self.holdings.admin
    }

    /// Returns the amplification in hundredths (`A_precise`).
    ///
    /// Errors: `Underflow` before the start of a ramp that is not over.
    pub fn amplification(&self, at: Timestamp) -> Result<U256, StableSwapNgError> {
        Ok(U256::from(self.ramp.at(at.0)?))
    }

    /// Returns the invariant per share, times 10^18, rounded down (`get_virtual_price`).
    ///
    /// Errors: those of the invariant; `DivisionByZero` without shares.
    pub fn get_virtual_price(&self, at: Timestamp) -> Result<Amount, StableSwapNgError> {
        let now = self.instant(self.ramp.at(at.0)?)?;
        Ok(Amount(part(now.d, PRECISION, self.total_supply)?))
    }

    /// Returns the prices at the margin of all coins but the first in the first, times 10^18, of
    /// scaled amounts and without the fee (`get_p` of each).
    ///
    /// Errors: those of the invariant; `DivisionByZero` where a coin is not there.
    pub fn get_p(&self, at: Timestamp) -> Result<TokenAmounts, StableSwapNgError> {
        let now = self.instant(self.ramp.at(at.0)?)?;
        spot_prices(&now.scaled, now.amplification, now.d)
    }

    /// Returns the moving average of prices (`price_oracle` of each), at most two times 10^18.
    ///
    /// Errors: none that a valid state can reach.
    pub fn price_oracle(&self, at: Timestamp) -> Result<TokenAmounts, StableSwapNgError> {
        let Oracles { mut ema_prices, prices_written, .. } = self.oracles;
        let last = self.oracles.last_prices;
        for (average, last) in ema_prices.as_mut_slice().iter_mut().zip(last.as_slice()) {
            let tracked = Tracked { last: last.0, average: average.0 };
            let window = self.settings.ma_exp_time;
            *average = Amount(tracked.average_at(window, prices_written, at)?);
        }
        Ok(ema_prices)
    }

    /// Returns the moving average of the invariant (`D_oracle`).
    ///
    /// Errors: none that a valid state can reach.
    pub fn d_oracle(&self, at: Timestamp) -> Result<Amount, StableSwapNgError> {
        let Oracles { d, d_written, .. } = self.oracles;
        Ok(Amount(d.average_at(self.settings.d_ma_time, d_written, at)?))
    }

    /// Returns the last prices that the oracles saw (`last_price` of each), capped at two.
    pub fn last_price(&self) -> TokenAmounts {
        self.oracles.last_prices
    }

    /// Returns the moving averages as last written (`ema_price` of each).
    pub fn ema_price(&self) -> TokenAmounts {
        self.oracles.ema_prices
    }

    fn fee(&self) -> DynamicFee {
        let Settings { fee, offpeg_fee_multiplier, .. } = self.settings;
        DynamicFee { base: U256::from(fee), multiplier: offpeg_fee_multiplier }
    }

    fn instant(&self, amplification: u64) -> Result<Instant, StableSwapNgError> {
        let balances = self.balances()?;
        let scaled = scaled(&self.rates, &balances)?;
        let d = get_d(&scaled, amplification)?;
        Ok(Instant { amplification, balances, scaled, d })
    }

    /// Lets the oracles see scaled balances and their invariant (`upkeep_oracles`).
    fn upkeep(
        &mut self,
        scaled: &TokenAmounts,
        amplification: u64,
        d: U256,
        at: Timestamp,
    ) -> Result<(), StableSwapNgError> {
        let prices = spot_prices(scaled, amplification, d)?;
        let mut averages = self.price_oracle(at)?;
        let oracles = &mut self.oracles;
        let seen = prices.iter().zip(oracles.last_prices.as_mut_slice());
        let before = oracles.ema_prices;
        for (((coin, price), last), average) in seen.zip(averages.as_mut_slice()) {
            if price.is_zero() {
                *average = before.get(coin).unwrap_or(*average);
            } else {
                *last = Amount(price.0.min(MAX_PRICE));
            }
        }
        oracles.ema_prices = averages;
        oracles.prices_written = oracles.prices_written.max(at);
        self.track_d(d, at)
    }

    fn track_d(&mut self, d: U256, at: Timestamp) -> Result<(), StableSwapNgError> {
        let average = self.d_oracle(at)?.0;
        self.oracles.d = Tracked::packed(d, average)?;
        self.oracles.d_written = self.oracles.d_written.max(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
