use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Bps, Tick};

use crate::balance::{Balance, Readiness};
use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::patience::Patience;
use crate::{BuildError, ParameterError, bounded};

/// Hypothesis: a price that goes back and forth pays whoever sells what has risen and buys what has
/// fallen; and nothing is lost to those who trade against a pool.
///
/// Holds the two tokens and swaps when token0's part of the wallet is off its target by more than
/// `threshold_bps`. Under `constant_mix` the target is `token0_bps`. Under `buy_low` it follows
/// from where the price is within `band_half_width_ticks` of the first one: all token0 at the lower
/// end, none at the upper one, in between in proportion to the ticks. Never stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatioAllocation {
    /// Where the target comes from.
    pub rule: RatioRule,
    /// What part of the wallet is to be token0 under `constant_mix`, 0 to 10000 basis points; 5000
    /// without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token0_bps: Option<u32>,
    /// From the first price to either end of the band of `buy_low`, 1 to 443636; 2000 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band_half_width_ticks: Option<i32>,
    /// How far off the target token0's part may be, 1 to 10000 basis points of the wallet.
    pub threshold_bps: u32,
}

/// Where a target ratio comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioRule {
    /// It is always the same.
    #[default]
    ConstantMix,
    /// The lower the price, the more token0.
    BuyLow,
}

impl RatioRule {
    const fn name(self) -> &'static str {
        match self {
            Self::ConstantMix => "constant_mix",
            Self::BuyLow => "buy_low",
        }
    }
}

impl Default for RatioAllocation {
    fn default() -> Self {
        Self {
            rule: RatioRule::default(),
            token0_bps: None,
            band_half_width_ticks: None,
            threshold_bps: 500,
        }
    }
}

/// Refuses a parameter that another rule has.
fn only<T: ToString>(name: &'static str, given: Option<T>, rule: &str) -> Result<(), BuildError> {
    let Some(value) = given else { return Ok(()) };
    let allowed = format!("left out unless rule is `{rule}`");
    Err(ParameterError { name, value: value.to_string(), allowed }.into())
}

impl Declared for RatioAllocation {
    fn name(&self) -> &'static str {
        "ratio_allocation"
    }

    fn summary(&self) -> &'static str {
        "Holds the tokens in a ratio, fixed or by the price, and swaps when they are off it."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = vec![row("rule", &self.rule.name())];
        rows.extend(self.token0_bps.map(|part| row("token0_bps", &part)));
        let band = self.band_half_width_ticks;
        rows.extend(band.map(|ticks| row("band_half_width_ticks", &ticks)));
        rows.push(row("threshold_bps", &self.threshold_bps));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        site.needs_ticks(self.name())?;
        let target = match self.rule {
            RatioRule::ConstantMix => {
                only("band_half_width_ticks", self.band_half_width_ticks, "buy_low")?;
                let part = self.token0_bps.unwrap_or(5_000);
                Target::Part(Bps(bounded("token0_bps", part, (0, Bps::ONE.0))?))
            }
            RatioRule::BuyLow => {
                only("token0_bps", self.token0_bps, "constant_mix")?;
                let ticks = self.band_half_width_ticks.unwrap_or(2_000);
                let ticks = bounded("band_half_width_ticks", ticks, (1, MAX_HALF_WIDTH))?;
                Target::Band { ticks, centre: None }
            }
        };
        let threshold = Bps(bounded("threshold_bps", self.threshold_bps, (1, Bps::ONE.0))?);
        Ok(Box::new(RatioDecider { target, threshold, patience: Patience::default() }))
    }
}

#[derive(Clone, Copy, Debug)]
struct RatioDecider {
    target: Target,
    threshold: Bps,
    patience: Patience,
}

/// What part of the wallet is to be token0.
#[derive(Clone, Copy, Debug)]
enum Target {
    Part(Bps),
    Band {
        ticks: i32,
        /// The first price.
        centre: Option<Tick>,
    },
}

impl Target {
    fn at(&mut self, tick: Tick) -> Bps {
        match self {
            Self::Part(part) => *part,
            Self::Band { ticks, centre } => {
                let centre = i64::from(centre.get_or_insert(tick).0);
                let ticks = i64::from(*ticks);
                let below_upper_end = (centre + ticks - i64::from(tick.0)).clamp(0, 2 * ticks);
                let part = below_upper_end * i64::from(Bps::ONE.0) / (2 * ticks);
                Bps(u32::try_from(part).unwrap_or(Bps::ONE.0))
            }
        }
    }
}

impl Strategy for RatioDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        let target = self.target.at(pool.tick());
        if view.is_waiting() {
            return Vec::new();
        }
        let Some(all) = self.patience.wallet(view) else { return Vec::new() };
        let Some(wallet) = all.two() else { return Vec::new() };
        let allowed = (target, self.threshold);
        let Some(id) = view.pool_id() else { return Vec::new() };
        match Balance::default().swap_to_part(pool, id, allowed, wallet) {
            Readiness::Ready => Vec::new(),
            Readiness::NotNow => {
                self.patience.note(view, all, false);
                Vec::new()
            }
            Readiness::After(swap) => {
                self.patience.note(view, all, true);
                vec![swap]
            }
        }
    }
}
