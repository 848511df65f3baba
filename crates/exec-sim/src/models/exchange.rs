//! What trades at an exchange are filled at, and what the exchange takes.

use tidemill_market::TwoSided;
use tidemill_model::{Latency, TradeSide};
use tidemill_units::{Amount, FeePips, InstantUs, U256, mul_div, mul_div_rounding_up};

/// An exchange as its published terms describe it.
///
/// Unrealities: an order that is taken at all is taken at once and in full; the price is that of
/// the last thing the feed said by then, half the spread worse where the feed does not tell bid and
/// ask apart, and worse by a share that grows evenly with the size of the trade; neither queue nor
/// hidden depth is known, and what we trade moves no price for anybody after us. Whoever is
/// liquidated is so at the mark price, whatever the market would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeModel {
    /// From a decision until it is executed and known.
    pub latency: Latency,
    /// Half of the spread, where the feed does not tell bid and ask apart.
    pub half_spread: FeePips,
    /// What stands in the book within one percent of the price on either side, in raw quote units;
    /// as much as anybody wants without.
    pub depth: Option<Amount>,
    /// What a trade costs by what was traded before.
    pub commission: CommissionTiers,
    /// What the exchange keeps of what it liquidates.
    pub liquidation_fee: FeePips,
}

/// What a trade costs by what was traded in the thirty days before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommissionTiers(Vec<CommissionTier>);

/// One step of the price list of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommissionTier {
    /// From how much traded in thirty days on it holds, in raw quote units.
    pub from_volume: Amount,
    /// What the exchange takes of what a trade is worth.
    pub taker: FeePips,
}

/// Why a list of tiers cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the first tier holds from no volume on, and each other one from more than the one before")]
pub struct UnorderedTiers;

/// What was traded within the last thirty days: the volume that tiers go by.
///
/// Bound: one entry for each trade of ours within thirty days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TradedVolume(std::collections::VecDeque<(InstantUs, Amount)>);

const WINDOW_US: i64 = 30 * 86_400 * 1_000_000;

impl CommissionTiers {
    /// Returns the tiers.
    ///
    /// Errors: [`UnorderedTiers`].
    pub fn new(tiers: Vec<CommissionTier>) -> Result<Self, UnorderedTiers> {
        let begins = tiers.first().is_some_and(|first| first.from_volume.is_zero());
        let rises = tiers.is_sorted_by(|one, next| one.from_volume < next.from_volume);
        if begins && rises { Ok(Self(tiers)) } else { Err(UnorderedTiers) }
    }

    /// Returns one tier for every volume.
    pub fn flat(taker: FeePips) -> Self {
        Self(vec![CommissionTier { from_volume: Amount::ZERO, taker }])
    }

    /// Returns what is taken after so much was traded.
    pub fn taker(&self, volume: Amount) -> FeePips {
        let reached = self.0.iter().rev().find(|tier| tier.from_volume <= volume);
        reached.map_or(FeePips(0), |tier| tier.taker)
    }
}

impl TradedVolume {
    /// Returns what was traded in the thirty days before; what is older is forgotten.
    pub fn at(&mut self, now: InstantUs) -> Amount {
        while self.0.front().is_some_and(|(at, _)| now.0.saturating_sub(at.0) >= WINDOW_US) {
            self.0.pop_front();
        }
        self.0
            .iter()
            .fold(Amount::ZERO, |sum, (_, value)| sum.checked_add(*value).unwrap_or(Amount::MAX))
    }

    /// Adds a trade.
    pub fn add(&mut self, now: InstantUs, value: Amount) {
        self.0.push_back((now, value));
    }
}

impl ExchangeModel {
    /// Returns what a trade is paid with, rounded up, or brings, rounded down, in raw quote units;
    /// `None` past 2^256 - 1.
    pub fn amount(
        &self,
        prices: TwoSided,
        (side, quantity): (TradeSide, Amount),
    ) -> Option<Amount> {
        let TwoSided { bid, ask } = prices;
        let spread = if bid == ask { self.half_spread.0 } else { 0 };
        let one = FeePips::ONE.0;
        match side {
            TradeSide::Buy => {
                let value = ask.in_quote_rounding_up(quantity)?;
                let worse = spread.checked_add(self.impact(value)?)?;
                scaled_up(value, one.checked_add(worse)?)
            }
            TradeSide::Sell => {
                let value = bid.in_quote(quantity)?;
                let worse = spread.checked_add(self.impact(value)?)?;
                scaled_down(value, one.saturating_sub(worse))
            }
        }
    }

    /// How much worse the average price is for the size of a trade, in pips: half of what its end
    /// has moved the price by.
    fn impact(&self, value: Amount) -> Option<u32> {
        /// One percent and its half.
        const HALF_A_PERCENT: u64 = 5_000;
        let Some(depth) = self.depth else { return Some(0) };
        let impact = mul_div_rounding_up(value.0, U256::from(HALF_A_PERCENT), depth.0)?;
        u32::try_from(impact).ok()
    }

    /// Returns what the exchange takes for a trade, rounded up; `None` past 2^256 - 1.
    pub fn commission(&self, amount: Amount, volume: Amount) -> Option<Amount> {
        scaled_up(amount, self.commission.taker(volume).0)
    }
}

pub(crate) fn scaled_up(amount: Amount, pips: u32) -> Option<Amount> {
    mul_div_rounding_up(amount.0, U256::from(pips), U256::from(FeePips::ONE.0)).map(Amount)
}

fn scaled_down(amount: Amount, pips: u32) -> Option<Amount> {
    mul_div(amount.0, U256::from(pips), U256::from(FeePips::ONE.0)).map(Amount)
}
