use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_signals::ReturnMoments;
use tidemill_signals::mean_reversion::OrnsteinUhlenbeck;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{BlockNumber, Bps, Tick, Timestamp};

use crate::balance::{Balance, Readiness};
use crate::declared::{Declared, Site, row};
use crate::patience::Patience;
use crate::{BuildError, ParameterError, bounded};

/// Hypothesis: the price comes back to its mean of late, faster than swaps cost.
///
/// Samples the pool's tick and scores the newest one: how many deviations it is above the mean of
/// the last `window_samples`. Under `bollinger` mean and deviation are theirs; under `ou` they are
/// those of the Ornstein-Uhlenbeck process fitted to them, and there is no score where nothing
/// comes back, or half of the way takes longer than `max_half_life_minutes`. Above `entry_sigmas`
/// all of the wallet is sold into token1, below the negative of it into token0, and once the score
/// has come back to `exit_sigmas` half of it is held in each. Without a score it stays as it is.
/// Holds no position. Never stops.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanReversion {
    /// Where mean and deviation come from.
    pub model: ReversionModel,
    /// How many samples count, 3 to 10000.
    pub window_samples: u32,
    /// Between two samples, 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// Deviations from the mean at which it swaps, 0.1 to 20.
    pub entry_sigmas: f64,
    /// Deviations from the mean at which it swaps back, 0 to `entry_sigmas`.
    pub exit_sigmas: f64,
    /// Half of the way back may take so long, 1 to 525600; only of `ou`, a day without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_half_life_minutes: Option<u64>,
}

/// Where the mean that a price comes back to comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReversionModel {
    /// The average of the window.
    #[default]
    Bollinger,
    /// The process fitted to the window.
    Ou,
}

impl ReversionModel {
    const fn name(self) -> &'static str {
        match self {
            Self::Bollinger => "bollinger",
            Self::Ou => "ou",
        }
    }
}

impl Default for MeanReversion {
    fn default() -> Self {
        Self {
            model: ReversionModel::default(),
            window_samples: 96,
            sample_minutes: 15,
            entry_sigmas: 2.0,
            exit_sigmas: 0.0,
            max_half_life_minutes: None,
        }
    }
}

impl Declared for MeanReversion {
    fn name(&self) -> &'static str {
        "mean_reversion"
    }

    fn summary(&self) -> &'static str {
        "Swaps into the token that is cheap by its price of late, and back when it is not."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("model", &self.model.name()),
            row("window_samples", &self.window_samples),
            row("sample_minutes", &self.sample_minutes),
            row("entry_sigmas", &self.entry_sigmas),
            row("exit_sigmas", &self.exit_sigmas),
        ];
        let most = self.max_half_life_minutes;
        rows.extend(most.map(|minutes| row("max_half_life_minutes", &minutes)));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        site.needs_ticks(self.name())?;
        let window = bounded("window_samples", self.window_samples, (3, 10_000))?;
        let minutes = bounded("sample_minutes", self.sample_minutes, (1, 1_440))?;
        let entry = bounded("entry_sigmas", self.entry_sigmas, (0.1, 20.0))?;
        bounded("exit_sigmas", self.exit_sigmas, (0.0, entry))?;
        let most = self.max_half_life_minutes.unwrap_or(1_440);
        let most = bounded("max_half_life_minutes", most, (1, 525_600))?;
        if self.max_half_life_minutes.is_some() && self.model != ReversionModel::Ou {
            let allowed = "left out unless model is `ou`".to_owned();
            let (name, value) = ("max_half_life_minutes", most.to_string());
            return Err(ParameterError { name, value, allowed }.into());
        }
        Ok(Box::new(MeanReversionDecider {
            rules: *self,
            window: window as usize,
            sample_seconds: minutes.saturating_mul(60),
            most_half_life: most as f64 * 60.0,
            samples: VecDeque::new(),
            stance: Stance::Unknown,
            patience: Patience::default(),
        }))
    }
}

#[derive(Clone, Debug)]
struct MeanReversionDecider {
    rules: MeanReversion,
    window: usize,
    sample_seconds: u64,
    most_half_life: f64,
    samples: VecDeque<Sample>,
    stance: Stance,
    patience: Patience,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Timestamp,
    block: BlockNumber,
    tick: Tick,
}

/// What the wallet is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stance {
    /// As it is: the score was never beyond the entry.
    Unknown,
    /// Half of each.
    Even,
    /// All token0: the price is low.
    Low,
    /// All token1: the price is high.
    High,
}

/// A wallet that is off its stance by less stays as it is.
const THRESHOLD: Bps = Bps(200);

impl MeanReversionDecider {
    /// Takes a sample if it is time for one; returns whether it did.
    fn look(&mut self, view: &View<'_>, tick: Tick) -> bool {
        if let Some(reverted) = view.reverted_from() {
            self.samples.retain(|sample| sample.block < reverted);
        }
        let (at, block) = (view.now(), view.block());
        let last = self.samples.back();
        if last.is_some_and(|last| at.seconds_since(last.at) < self.sample_seconds) {
            return false;
        }
        if self.samples.len() >= self.window {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample { at, block, tick });
        true
    }

    /// How many deviations the newest sample is above the mean; `None` where nothing can be said.
    fn score(&self) -> Option<f64> {
        if self.samples.len() < self.window {
            return None;
        }
        let ticks = || self.samples.iter().map(|sample| f64::from(sample.tick.0));
        let newest = ticks().next_back()?;
        let (mean, deviation) = match self.rules.model {
            ReversionModel::Bollinger => {
                let moments: ReturnMoments = ticks().collect();
                (moments.mean()?, moments.sample_deviation()?)
            }
            ReversionModel::Ou => {
                let values: Vec<f64> = ticks().collect();
                let process = OrnsteinUhlenbeck::fitted(&values, self.sample_seconds as f64)?;
                if process.half_life() > self.most_half_life {
                    return None;
                }
                (process.mean, process.stationary_deviation())
            }
        };
        (deviation > 0.0).then(|| (newest - mean) / deviation)
    }

    fn stance(&self, score: f64) -> Stance {
        let MeanReversion { entry_sigmas: entry, exit_sigmas: exit, .. } = self.rules;
        match self.stance {
            _ if score >= entry => Stance::High,
            _ if score <= -entry => Stance::Low,
            Stance::High if score <= exit => Stance::Even,
            Stance::Low if score >= -exit => Stance::Even,
            Stance::Unknown | Stance::Even | Stance::High | Stance::Low => self.stance,
        }
    }
}

impl Strategy for MeanReversionDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        if self.look(view, pool.tick())
            && let Some(score) = self.score()
        {
            self.stance = self.stance(score);
        }
        let part = match self.stance {
            Stance::Unknown => return Vec::new(),
            Stance::Even => Bps(5_000),
            Stance::Low => Bps::ONE,
            Stance::High => Bps(0),
        };
        if view.is_waiting() {
            return Vec::new();
        }
        let Some(all) = self.patience.wallet(view) else { return Vec::new() };
        let Some(wallet) = all.two() else { return Vec::new() };
        let Some(id) = view.pool_id() else { return Vec::new() };
        match Balance::default().swap_to_part(pool, id, (part, THRESHOLD), wallet) {
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
