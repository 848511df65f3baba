use serde::{Deserialize, Serialize};
use tidemill_model::{InstrumentId, Intent, TradeSide};
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{Amount, Bps, InstantUs, SignedAmount, TokenIndex};

use crate::number::part;
use crate::trade_limit::trade_limit;
use crate::{BuildError, ParameterError, bounded};

/// How a strategy's exposure to a token is hedged: by a contract that follows its price, short as
/// much as is held of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HedgeConfig {
    /// The contract, by its name in the configuration; the first one without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// What is hedged.
    #[serde(default)]
    pub cover: Cover,
    /// What part of it, 1 to 20000 basis points; 10000 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_bps: Option<u32>,
    /// How far the contract may be off, 1 to 10000 basis points of the value of all that is held on
    /// the chain; 100 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band_bps: Option<u32>,
    /// Seconds between two looks, 1 to 86400; 60 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u32>,
    /// How much worse than the mark a trade may be, 1 to 1000 basis points; 50 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_slippage_bps: Option<u32>,
}

/// What a hedge covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// All there is of the token: in positions and at hand.
    #[default]
    All,
    /// What is in positions.
    Positions,
}

/// The contract that a strategy hedges with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HedgeSetup {
    /// The contract.
    pub instrument: InstrumentId,
    /// The token of the pool that it follows; one raw unit of the contract is one of the token.
    pub base: TokenIndex,
    /// Quantities are multiples of this.
    pub step: Amount,
}

impl HedgeConfig {
    /// Returns what hedging adds to a strategy, in a line.
    pub(crate) fn summary(&self) -> &'static str {
        match self.cover {
            Cover::All => "Sells a contract short against all that it holds of the token.",
            Cover::Positions => "Sells a contract short against the token in its positions.",
        }
    }
}

impl Cover {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Positions => "positions",
        }
    }
}

/// Hypothesis: fees and rewards pay for the convexity that providing liquidity gives away, and the
/// direction of the price, which is no part of that bet, is better left out.
///
/// Wraps a strategy and keeps a contract short by what is held of a token, so that a small move of
/// the price changes nothing; trades when it is off by more than a band. What is left is fees and
/// rewards less loss versus rebalancing, funding and the cost of the trades (delta hedging). Stops
/// with the strategy inside: while nothing is held, nothing is short.
pub(crate) struct Hedge {
    inner: Box<dyn Strategy>,
    setup: HedgeSetup,
    cover: Cover,
    ratio: Bps,
    band: Bps,
    every_us: i64,
    max_slippage: Bps,
    looked_at: Option<InstantUs>,
}

impl Hedge {
    pub(crate) fn new(
        inner: Box<dyn Strategy>,
        config: &HedgeConfig,
        setup: HedgeSetup,
    ) -> Result<Self, ParameterError> {
        let ratio = bounded("hedge.ratio_bps", config.ratio_bps.unwrap_or(10_000), (1, 20_000))?;
        let band = bounded("hedge.band_bps", config.band_bps.unwrap_or(100), (1, 10_000))?;
        let every = config.every_seconds.unwrap_or(60);
        let every = bounded("hedge.every_seconds", every, (1, 86_400))?;
        let slippage = config.max_slippage_bps.unwrap_or(50);
        Ok(Self {
            inner,
            setup,
            cover: config.cover,
            ratio: Bps(ratio),
            band: Bps(band),
            every_us: i64::from(every).saturating_mul(1_000_000),
            max_slippage: Bps(bounded("hedge.max_slippage_bps", slippage, (1, 1_000))?),
            looked_at: None,
        })
    }

    /// Whether it is time to look; from then on not for a while.
    fn is_due(&mut self, now: InstantUs) -> bool {
        let is_due = self.looked_at.is_none_or(|at| now.0.saturating_sub(at.0) >= self.every_us);
        if is_due {
            self.looked_at = Some(now);
        }
        is_due
    }

    /// The trade that brings the contract back to what it should be; `None` within the band, and
    /// where something has no price.
    fn adjustment(&self, view: &View<'_>) -> Option<Intent> {
        let exposure = self.exposure(view)?;
        let covered = part(exposure.token, self.ratio)?;
        let wanted = SignedAmount::negative(covered)?;
        let off = wanted.checked_sub(view.held(self.setup.instrument))?;
        let value = view.token_value(off.magnitude(), self.setup.base)?;
        // Where there is nothing left to cover, all that is short is one step too much.
        if !covered.is_zero() && value < part(exposure.value, self.band)? {
            return None;
        }
        let steps = off.magnitude().0.checked_div(self.setup.step.0)?;
        let quantity = Amount(steps.checked_mul(self.setup.step.0)?);
        if quantity.is_zero() {
            return None;
        }
        let side = if off.is_negative() { TradeSide::Sell } else { TradeSide::Buy };
        let mark = view.mark(self.setup.instrument)?;
        let limit = trade_limit(mark, side, quantity, self.max_slippage)?;
        Some(Intent::Trade { instrument: self.setup.instrument, side, quantity, limit })
    }

    /// What is held of the token, and what all that is held is worth.
    fn exposure(&self, view: &View<'_>) -> Option<Exposure> {
        let wallet = view.wallet()?;
        let mut all = wallet;
        let mut in_positions = Amount::ZERO;
        for (id, _) in view.positions() {
            let principal = view.worth(id)?.principal;
            in_positions = in_positions.checked_add(principal.get(self.setup.base)?)?;
            all = all.checked_add(&principal)?;
        }
        let token = match self.cover {
            Cover::All => all.get(self.setup.base)?,
            Cover::Positions => in_positions,
        };
        Some(Exposure { token, value: view.tokens_value(&all)? })
    }
}

/// What is at stake.
struct Exposure {
    token: Amount,
    value: Amount,
}

impl Strategy for Hedge {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let mut wanted = self.inner.decide(view);
        // What is under way changes what is held, and so what is to be hedged.
        if wanted.is_empty() && !view.is_waiting() && self.is_due(view.seen_at()) {
            wanted.extend(self.adjustment(view));
        }
        wanted
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}

/// Returns the setup, which a hedge cannot do without.
pub(crate) fn required(setup: Option<HedgeSetup>) -> Result<HedgeSetup, BuildError> {
    setup.ok_or(BuildError::NothingToHedgeWith)
}
