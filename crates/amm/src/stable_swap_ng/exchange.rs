use tidemill_units::{Amount, Timestamp, TokenPair, U256};

use super::holdings::{of, slot};
use super::invariant::{get_y, half};
use super::{Instant, StableSwapNg, StableSwapNgError as Error};
use crate::curve_math::{
    PRECISION, difference, over_fees, over_precision, part, product, quotient, sum,
};

/// An exchange as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Which coins.
    pub pair: TokenPair,
    /// What is paid in.
    pub amount_in: Amount,
    /// The least output to be content with.
    pub least_out: Amount,
}

/// What an exchange paid and gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// What the pool took in.
    pub amount_in: Amount,
    /// What it paid out, after the fee.
    pub amount_out: Amount,
    /// The fee in the output coin, the administrators' part included; rounded down.
    pub fee: Amount,
    /// The administrators' part, rounded down, so the providers gain.
    pub admin_fee: Amount,
}

/// An exchange worked out, and the scaled balances that the oracles see.
struct Worked {
    exchanged: Exchanged,
    x: U256,
    y: U256,
}

impl StableSwapNg {
    /// Exchanges one coin for another; the output is rounded down, and one unit of 10^-18 is kept
    /// against rounding.
    ///
    /// Errors: `SameCoin`, `NoInput`, `NoSuchCoin`, `ExchangeTooSmall`; those of arithmetic, such
    /// as `Underflow` where the input is too small for the precision; `OracleOverflow`.
    /// Source: `CurveStableSwapNG` v7.0.0 `exchange`.
    pub fn exchange(&mut self, exchange: &Exchange, at: Timestamp) -> Result<Exchanged, Error> {
        self.settle(exchange, false, at)
    }

    /// Exchanges what was sent to the pool before: all that it did not know of, which must be
    /// `amount_in` or more.
    ///
    /// Errors: as [`exchange`](Self::exchange); `ReceivedRebasing`, `ReceivedTooLittle`.
    /// Source: `CurveStableSwapNG` v7.0.0 `exchange_received`.
    pub fn exchange_received(
        &mut self,
        exchange: &Exchange,
        at: Timestamp,
    ) -> Result<Exchanged, Error> {
        if self.is_rebasing {
            return Err(Error::ReceivedRebasing);
        }
        self.settle(exchange, true, at)
    }

    /// Works out what [`exchange`](Self::exchange) would do; the amplification is the precise one,
    /// so inside a ramp the views contract's [`get_dy`](Self::get_dy) may differ.
    pub(super) fn worked_out(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Exchanged, Error> {
        if pair.input == pair.output {
            return Err(Error::SameCoin);
        }
        if amount_in.is_zero() {
            return Err(Error::NoInput);
        }
        let before = self.instant(self.ramp.at(at.0)?)?;
        Ok(self.work_out(&before, pair, amount_in.0)?.exchanged)
    }

    fn settle(
        &mut self,
        exchange: &Exchange,
        is_there_already: bool,
        at: Timestamp,
    ) -> Result<Exchanged, Error> {
        let Exchange { pair, amount_in, least_out } = *exchange;
        if pair.input == pair.output {
            return Err(Error::SameCoin);
        }
        if amount_in.is_zero() {
            return Err(Error::NoInput);
        }
        let before = self.instant(self.ramp.at(at.0)?)?;
        let mut next = self.clone();
        let received = next.holdings.take_in(pair.input, amount_in.0, is_there_already)?;
        let exchanged = next.convert(&before, pair, received, at)?;
        if exchanged.amount_out < least_out {
            return Err(Error::ExchangeTooSmall);
        }
        next.holdings.pay_out(pair.output, exchanged.amount_out.0, self.is_rebasing)?;
        *self = next;
        Ok(exchanged)
    }

    /// Works an exchange out, books the administrators' part of its fee, and lets the oracles see
    /// the pool after it (`__exchange`).
    pub(super) fn convert(
        &mut self,
        before: &Instant,
        pair: TokenPair,
        received: U256,
        at: Timestamp,
    ) -> Result<Exchanged, Error> {
        let Worked { exchanged, x, y } = self.work_out(before, pair, received)?;
        self.holdings.book_admin_fee(pair.output, exchanged.admin_fee.0)?;
        let mut after = before.scaled;
        slot(&mut after, pair.input)?.0 = x;
        slot(&mut after, pair.output)?.0 = y;
        self.upkeep(&after, before.amplification, before.d, at)?;
        Ok(exchanged)
    }

    fn work_out(&self, before: &Instant, pair: TokenPair, input: U256) -> Result<Worked, Error> {
        let rate_out = of(&self.rates, pair.output)?;
        let (x_before, y_before) =
            (of(&before.scaled, pair.input)?, of(&before.scaled, pair.output)?);
        let x = sum(x_before, over_precision(input, of(&self.rates, pair.input)?)?)?;
        let y = get_y(pair, x, &before.scaled, before.amplification, before.d)?;
        let gross = difference(difference(y_before, y)?, U256::ONE)?;
        let rate = self.fee().between(half(sum(x_before, x)?), half(sum(y_before, y)?))?;
        let fee = over_fees(gross, rate)?;
        let out = part(difference(gross, fee)?, PRECISION, rate_out)?;
        let admin = over_fees(fee, U256::from(self.settings.admin_fee))?;
        let exchanged = Exchanged {
            amount_in: Amount(input),
            amount_out: Amount(out),
            fee: Amount(quotient(product(fee, PRECISION)?, rate_out)?),
            admin_fee: Amount(part(admin, PRECISION, rate_out)?),
        };
        Ok(Worked { exchanged, x, y })
    }
}
