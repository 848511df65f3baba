use tidemill_market::{PoolPrices, PoolValuation};
use tidemill_model::Holding;
use tidemill_signals::{ConcentratedPosition, LvrMeter, sqrt_price_to_f64};
use tidemill_units::{SignedAmount, TokenAmounts};

use crate::price::to_f64;

/// Adds up, price change by price change, what a position loses to the rebalancing portfolio.
#[derive(Clone, Debug)]
pub(crate) enum PositionLvr {
    /// Liquidity in a range: from the price alone.
    Range(LvrMeter),
    /// Shares: from what they stood for before and after.
    Shares(Box<ShareLvr>),
}

/// The same for shares, in raw units of the quote token.
///
/// The rebalancing portfolio keeps what the shares stood for before the price moved, and trades at
/// the new price into what they stand for after it; the difference of the two at the new price is
/// the loss. Fees are in neither.
///
/// Source: Milionis, Moallemi, Roughgarden, Zhang 2022 (arXiv 2208.06046), before the limit of
/// small steps is taken, for any number of tokens.
#[derive(Clone, Debug)]
pub(crate) struct ShareLvr {
    valuation: PoolValuation,
    before: TokenAmounts,
    total: f64,
}

impl PositionLvr {
    /// Returns a meter at zero; `None` for a range that is no position's, or without a principal.
    pub(crate) fn new(
        holding: Holding,
        valuation: PoolValuation,
        principal: impl FnOnce() -> Option<TokenAmounts>,
    ) -> Option<Self> {
        match holding {
            Holding::Range { range, liquidity } => {
                let curve = ConcentratedPosition::from_ticks(liquidity, range).ok()?;
                let quote = valuation.quote.side()?;
                Some(Self::Range(LvrMeter::new(curve, quote)))
            }
            Holding::Shares(_) | Holding::Stake { .. } | Holding::Lock { .. } => {
                let before = principal()?;
                Some(Self::Shares(Box::new(ShareLvr { valuation, before, total: 0.0 })))
            }
        }
    }

    /// Adds one change of the prices; `principal` is what the position stands for after it.
    /// `None` where a value leaves its range or the prices are of another kind of pool.
    pub(crate) fn moved(
        &mut self,
        from: &PoolPrices,
        to: &PoolPrices,
        principal: impl FnOnce() -> Option<TokenAmounts>,
    ) -> Option<()> {
        match (self, from, to) {
            (Self::Range(meter), PoolPrices::Concentrated(from), PoolPrices::Concentrated(to)) => {
                meter.moved(sqrt_price_to_f64(*from), sqrt_price_to_f64(*to));
                Some(())
            }
            (Self::Shares(meter), _, prices) => meter.moved(prices, principal()?),
            (Self::Range(_), _, _) => None,
        }
    }

    /// Returns the loss so far, raw units of the quote token.
    pub(crate) fn total(&self) -> f64 {
        match self {
            Self::Range(meter) => meter.total(),
            Self::Shares(meter) => meter.total,
        }
    }
}

impl ShareLvr {
    fn moved(&mut self, prices: &PoolPrices, after: TokenAmounts) -> Option<()> {
        let value = |amounts: &TokenAmounts| {
            SignedAmount::positive(self.valuation.value_at(prices, amounts)?)
        };
        let lost = value(&self.before)?.checked_sub(value(&after)?)?;
        self.total += to_f64(lost);
        self.before = after;
        Some(())
    }
}
