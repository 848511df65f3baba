use std::fmt;

use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_signals::TauReset;
use tidemill_strategy::{Strategy, View};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::keeper::{Keeper, range_around};
use crate::{BuildError, ParameterError, bounded};

/// Hypothesis: following the price keeps a narrow range earning, and that is worth crystallising
/// the divergence and paying swap fees and gas at each move (tau-reset; Fan et al. 2023, arXiv
/// 2106.12033).
///
/// Parameters: `half_width_ticks` of the range, and from its centre the distance tau beyond which
/// it is closed, the wallet balanced by a swap, and a new one opened around the price of then.
/// Under `tau` that is `threshold_ticks`; under `exit` it is the half-width, so that it moves when
/// the price leaves the range, and a smaller one moves earlier. Never stops; each move waits for
/// the one before to be included.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Recentre {
    /// From the centre to either end, the pool's tick spacing to 443636.
    pub half_width_ticks: i32,
    /// When it moves.
    pub reset: RecentreReset,
}

/// When a range is centred anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecentreReset {
    /// At a distance of its own from the centre.
    Tau {
        /// Distance of the price from the centre beyond which the position moves, 1 to 443636.
        threshold_ticks: i32,
    },
    /// When the price is further from the centre than the half-width.
    Exit,
}

/// The parameters as a configuration writes them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "default_ticks")]
    half_width_ticks: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold_ticks: Option<i32>,
    #[serde(default, skip_serializing_if = "WrittenReset::is_tau")]
    reset: WrittenReset,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenReset {
    #[default]
    Tau,
    Exit,
}

fn default_ticks() -> i32 {
    600
}

impl WrittenReset {
    fn is_tau(&self) -> bool {
        *self == Self::Tau
    }
}

impl TryFrom<Written> for Recentre {
    type Error = ParameterError;

    fn try_from(written: Written) -> Result<Self, ParameterError> {
        let Written { half_width_ticks, threshold_ticks, reset } = written;
        let reset = match (reset, threshold_ticks) {
            (WrittenReset::Tau, given) => {
                RecentreReset::Tau { threshold_ticks: given.unwrap_or_else(default_ticks) }
            }
            (WrittenReset::Exit, None) => RecentreReset::Exit,
            (WrittenReset::Exit, Some(ticks)) => {
                let allowed = "left out where reset is `exit`".to_owned();
                let (name, value) = ("threshold_ticks", ticks.to_string());
                return Err(ParameterError { name, value, allowed });
            }
        };
        Ok(Self { half_width_ticks, reset })
    }
}

impl From<Recentre> for Written {
    fn from(Recentre { half_width_ticks, reset }: Recentre) -> Self {
        let (reset, threshold_ticks) = match reset {
            RecentreReset::Tau { threshold_ticks } => (WrittenReset::Tau, Some(threshold_ticks)),
            RecentreReset::Exit => (WrittenReset::Exit, None),
        };
        Self { half_width_ticks, threshold_ticks, reset }
    }
}

impl Default for Recentre {
    fn default() -> Self {
        let half_width_ticks = default_ticks();
        Self { half_width_ticks, reset: RecentreReset::Tau { threshold_ticks: default_ticks() } }
    }
}

/// Under `tau` the form that digests have always contained.
impl fmt::Debug for Recentre {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut form = formatter.debug_struct("Recentre");
        form.field("half_width_ticks", &self.half_width_ticks);
        match self.reset {
            RecentreReset::Tau { threshold_ticks } => {
                form.field("threshold_ticks", &threshold_ticks)
            }
            RecentreReset::Exit => form.field("reset", &self.reset),
        };
        form.finish()
    }
}

impl Declared for Recentre {
    fn name(&self) -> &'static str {
        "recentre"
    }

    fn summary(&self) -> &'static str {
        "Follows the price: closes, swaps and reopens a threshold away from the centre."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let when = match self.reset {
            RecentreReset::Tau { threshold_ticks } => row("threshold_ticks", &threshold_ticks),
            RecentreReset::Exit => row("reset", &"exit"),
        };
        vec![row("half_width_ticks", &self.half_width_ticks), when]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let widths = (site.tick_spacing(self.name())?, MAX_HALF_WIDTH);
        let half_width_ticks = bounded("half_width_ticks", self.half_width_ticks, widths)?;
        let threshold = match self.reset {
            RecentreReset::Tau { threshold_ticks } => {
                bounded("threshold_ticks", threshold_ticks, (1, MAX_HALF_WIDTH))?
            }
            RecentreReset::Exit => half_width_ticks,
        };
        Ok(Box::new(RecentreDecider {
            keeper: Keeper::default(),
            half_width_ticks,
            threshold_ticks: threshold.unsigned_abs(),
            rule: None,
        }))
    }
}

#[derive(Clone, Copy, Debug)]
struct RecentreDecider {
    keeper: Keeper,
    half_width_ticks: i32,
    threshold_ticks: u32,
    rule: Option<TauReset>,
}

impl Strategy for RecentreDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        let tick = pool.tick();
        let position = Keeper::position(view);
        let is_in_place = self.rule.is_some_and(|rule| !rule.is_beyond(tick));
        if (position.is_some() && is_in_place) || view.is_waiting() {
            return Vec::new();
        }
        if let Some((position, _)) = position {
            self.rule = None;
            return vec![Intent::Close { position }];
        }
        // Between closing and opening the price may move on: the centre is where it is now.
        self.rule = Some(TauReset::new(tick, self.threshold_ticks));
        let range = range_around(tick, self.half_width_ticks, pool.tick_spacing());
        range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}
