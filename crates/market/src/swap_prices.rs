//! Swaps of a pool as prices, for candles.

use tidemill_model::{PoolEvent, ShareEvent};
use tidemill_units::{Amount, Decimal, InstantUs, SignedAmount, Timestamp, TokenIndex, U256};

use crate::PoolMarket;
use crate::candles::PricePoint;
use crate::feeds::SwapPrices;

/// What a swap moved of two tokens of its pool, whichever way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    base: Amount,
    quote: Amount,
}

impl Moved {
    /// Returns what an event swapped between two tokens; `None` where it did not.
    pub(crate) fn by(event: &PoolEvent, prices: &SwapPrices) -> Option<Self> {
        let (base, quote) = (prices.base.0, prices.quote.0);
        if let Some((amounts, _)) = event.swap() {
            let of = |token: TokenIndex| match token {
                TokenIndex(0) => Some(size(amounts.amount0)),
                TokenIndex(1) => Some(size(amounts.amount1)),
                TokenIndex(_) => None,
            };
            return Some(Self { base: of(base)?, quote: of(quote)? });
        }
        let PoolEvent::Shares(event) = event else { return None };
        Self::by_shares(event, base, quote)
    }

    fn by_shares(event: &ShareEvent, base: TokenIndex, quote: TokenIndex) -> Option<Self> {
        match event {
            ShareEvent::Claiming { event, .. } => Self::by_shares(event, base, quote),
            ShareEvent::Swap { pair, amount_in, amount_out } => {
                let is = |input, output| pair.input == input && pair.output == output;
                if is(base, quote) {
                    return Some(Self { base: *amount_in, quote: *amount_out });
                }
                is(quote, base).then_some(Self { base: *amount_out, quote: *amount_in })
            }
            ShareEvent::PairSwap { paid, taken } => {
                let of = |token: TokenIndex| match token {
                    TokenIndex(0) => Some(paid.amount0.max(taken.amount0)),
                    TokenIndex(1) => Some(paid.amount1.max(taken.amount1)),
                    TokenIndex(_) => None,
                };
                Some(Self { base: of(base)?, quote: of(quote)? })
            }
            ShareEvent::SwapUnderlying { .. }
            | ShareEvent::Deposit(_)
            | ShareEvent::Withdraw(_)
            | ShareEvent::WithdrawOne { .. }
            | ShareEvent::WithdrawImbalance(_)
            | ShareEvent::Gift(_)
            | ShareEvent::Skim(_)
            | ShareEvent::Sync(_)
            | ShareEvent::ClaimFees(_)
            | ShareEvent::ClaimAdminFees(_)
            | ShareEvent::ClaimAdminShares(_)
            | ShareEvent::Ramp(_)
            | ShareEvent::StopRamp
            | ShareEvent::SetParameters(_)
            | ShareEvent::Base(_) => None,
        }
    }

    /// Returns the price that the pool has after it, and what was traded; `None` without a price,
    /// or past what fits. The price is rounded down at the last of 18 places, volumes as well.
    pub(crate) fn at(
        self,
        prices: &SwapPrices,
        pool: &PoolMarket,
        (time, now): (InstantUs, Timestamp),
    ) -> Option<PricePoint> {
        let ((base, base_decimals), (quote, quote_decimals)) = (prices.base, prices.quote);
        let so_many = Amount(power_of_ten(base_decimals)?.checked_mul(power_of_ten(18)?)?);
        let worth = pool.prices(quote, now)?.in_quote(so_many, base, quote)?;
        let price = worth.0.checked_div(power_of_ten(quote_decimals)?)?;
        Some(PricePoint {
            time,
            price: Decimal::from_raw(i128::try_from(price).ok()?),
            volume: whole(self.base, base_decimals)?,
            quote_volume: Some(whole(self.quote, quote_decimals)?),
            trades: Some(1),
        })
    }
}

fn size(change: SignedAmount) -> Amount {
    change.magnitude()
}

fn power_of_ten(exponent: u8) -> Option<U256> {
    U256::from(10_u8).checked_pow(U256::from(exponent))
}

/// Returns raw units as whole tokens.
fn whole(amount: Amount, decimals: u8) -> Option<Decimal> {
    let raw = match 18_u8.checked_sub(decimals) {
        Some(missing) => amount.0.checked_mul(power_of_ten(missing)?)?,
        None => amount.0.checked_div(power_of_ten(decimals.checked_sub(18)?)?)?,
    };
    i128::try_from(raw).ok().map(Decimal::from_raw)
}
