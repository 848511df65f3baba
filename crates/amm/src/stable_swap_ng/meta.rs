//! What a metapool asks of the pool of two coins that it is: the second is its base pool's shares.

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256};

use super::invariant::scaled;
use super::oracle::Tracked;
use super::{Exchanged, Holdings, Oracles, Settings, StableSwapNg, StableSwapNgError as Error};
use crate::curve_math::{PRECISION, Ramp, product};

/// An older plain pool, as the views contract reads it.
pub(crate) struct PlainPool {
    /// All its coins' balances.
    pub(crate) balances: TokenAmounts,
    /// What a raw unit of each counts for: 10^(18 - decimals).
    pub(crate) precisions: Vec<u64>,
    pub(crate) total_supply: Amount,
    /// In whole units, as `A` returns it.
    pub(crate) amplification: u64,
    pub(crate) fee: u64,
}

impl StableSwapNg {
    /// Sets what the second coin counts for.
    pub(crate) fn set_rate_of_shares(&mut self, rate: U256) {
        if let Some(second) = self.rates.as_mut_slice().get_mut(1) {
            second.0 = rate;
        }
    }

    /// Makes sure that the balances can be scaled, which the contract does before all else.
    pub(crate) fn check_scaled(&self) -> Result<(), Error> {
        scaled(&self.rates, &self.balances()?)?;
        Ok(())
    }

    /// Exchanges what comes from outside or the base pool for what goes there; nothing may come.
    pub(crate) fn exchange_through(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Exchanged, Error> {
        let before = self.instant(self.ramp.at(at.0)?)?;
        let mut next = self.clone();
        next.holdings.receive(pair.input, amount_in.0)?;
        let exchanged = next.convert(&before, pair, amount_in.0, at)?;
        next.holdings.spend(pair.output, exchanged.amount_out.0)?;
        *self = next;
        Ok(exchanged)
    }

    /// Returns an older plain pool as a pool of this generation without a fee off the peg: the
    /// views contract works its deposits out with this generation's invariant.
    ///
    /// Errors: `WrongCoinCount`; `Overflow`, which no precision reaches.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `_calc_token_amount`, of a pool without `D_ma_time`.
    pub(crate) fn of_plain(pool: &PlainPool) -> Result<Self, Error> {
        let PlainPool { balances, precisions, total_supply, amplification, fee } = pool;
        let mut rates = *balances;
        for (rate, precision) in rates.as_mut_slice().iter_mut().zip(precisions) {
            rate.0 = product(U256::from(*precision), PRECISION)?;
        }
        let none = TokenAmounts::zero(balances.len()).ok_or(Error::WrongCoinCount)?;
        let amplification = amplification.saturating_mul(crate::curve_math::HUNDREDTHS);
        let start = Timestamp(0);
        Ok(Self {
            asset_types: [0; TokenAmounts::MOST],
            is_rebasing: false,
            rates,
            holdings: Holdings { tokens: *balances, stored: *balances, admin: none },
            total_supply: total_supply.0,
            ramp: Ramp { from: amplification, to: amplification, starts: 0, ends: 0 },
            settings: Settings {
                fee: *fee,
                offpeg_fee_multiplier: U256::ZERO,
                admin_fee: 0,
                ma_exp_time: U256::ONE,
                d_ma_time: U256::ONE,
            },
            oracles: Oracles {
                last_prices: none,
                ema_prices: none,
                d: Tracked { last: U256::ZERO, average: U256::ZERO },
                prices_written: start,
                d_written: start,
            },
        })
    }
}
