use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

use super::{BASE, MetaExchange, StableSwapMeta, StableSwapMetaError as Error, only};
use crate::curve_math::{HUNDREDTHS, difference};

/// What the administrator's fees came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminFees {
    /// Fees in the meta coin, which the factory exchanges in the pool itself.
    pub converted: Amount,
    /// The base pool's shares that came of that.
    pub bought: Amount,
    /// Fees in the base pool's shares, those of the exchange just made included.
    pub kept: Amount,
}

impl StableSwapMeta {
    /// Pays out the administrator's fees. Those in the meta coin the factory exchanges in this very
    /// pool for the base pool's shares, which pays a fee of its own; the factory is taken to hold
    /// none of the coin before. Before the factory both are paid out as they are, and `converted`
    /// is what was paid in the meta coin.
    ///
    /// Errors: as [`exchange`](Self::exchange), as where the fees are too small to exchange.
    /// Source: `MetaUSD.withdraw_admin_fees` with `Factory.convert_metapool_fees`;
    /// `StableSwapGUSD.withdraw_admin_fees`.
    pub fn withdraw_admin_fees(&mut self, at: Timestamp) -> Result<AdminFees, Error> {
        let meta = TokenIndex(0);
        if self.before_factory.is_some() {
            let paid = self.pay_beyond();
            let of = |coin| paid.get(coin).unwrap_or_default();
            return Ok(AdminFees { converted: of(meta), bought: Amount::ZERO, kept: of(BASE) });
        }
        let mut next = self.clone();
        let [held, _] = next.holdings;
        let [balance, _] = next.balances;
        let converted = Amount(difference(held, balance)?);
        let mut bought = Amount::ZERO;
        if !converted.is_zero() {
            next.pay(&only(meta, converted.0))?;
            let pair = TokenPair { input: meta, output: BASE };
            let minimum_out = Amount::ZERO;
            bought = next.exchange(MetaExchange { pair, amount_in: converted, minimum_out }, at)?;
        }
        let [_, held] = next.holdings;
        let [_, balance] = next.balances;
        let kept = Amount(difference(held, balance)?);
        next.pay(&only(BASE, kept.0))?;
        *self = next;
        Ok(AdminFees { converted, bought, kept })
    }

    /// Starts a ramp to a whole amplification (`ramp_A`).
    ///
    /// Errors: `RampTooSoon`, `RampTooShort`, `AmplificationOutOfRange`, `RampTooSteep`.
    pub fn ramp_a(&mut self, future: u64, ends: Timestamp, at: Timestamp) -> Result<(), Error> {
        self.ramp = self.ramp.to(future, HUNDREDTHS, ends.0, at.0)?;
        Ok(())
    }

    /// Stops a ramp where it is (`stop_ramp_A`).
    ///
    /// Errors: `Underflow` before the start of a ramp that is not over.
    pub fn stop_ramp_a(&mut self, at: Timestamp) -> Result<(), Error> {
        self.ramp = self.ramp.stopped(at.0)?;
        Ok(())
    }
}
