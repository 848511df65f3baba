use serde::{Deserialize, Serialize};
use tidemill_strategy::Strategy;
use tidemill_units::Bps;

use crate::farm::{ClaimRule, Farm, FarmConfig, FarmSetup, Proceeds, claim_hours};
use crate::fixed_range::FixedRange;
use crate::full_range::FullRange;
use crate::hedge::{Hedge, HedgeConfig, HedgeSetup, required};
use crate::hold::Hold;
use crate::recentre::Recentre;
use crate::stake::{Stake, StakeSetup};
use crate::volatility_range::{VolatilityRange, Width};
use crate::vote::{Vote, VoteRules, VoteSetup};
use crate::{BuildError, ParameterError, bounded};

/// A strategy as a configuration writes it: a name of its own, and a kind with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyConfig {
    /// What the report calls it; the kind if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How its positions are farmed, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub farm: Option<FarmConfig>,
    /// How its exposure is hedged, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<HedgeConfig>,
    /// The feeds that its decisions depend on, and the candles that it is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<FeedNeed>,
    /// What it does.
    #[serde(flatten)]
    pub kind: StrategyKind,
}

/// A feed that a strategy depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedNeed {
    /// The feed, by its name in the configuration.
    pub feed: String,
    /// The interval of the candles that are built from it, such as `15m`; none without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// How many closed candles are kept, 1 to 100000; 500 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
}

/// What a strategy may use besides the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// The programme that it farms in.
    pub farm: Option<FarmSetup>,
    /// The service that it stakes at.
    pub stake: Option<StakeSetup>,
    /// The service that it locks a token at.
    pub vote: Option<VoteSetup>,
    /// The contract that it hedges with.
    pub hedge: Option<HedgeSetup>,
}

/// What of a pool strategies depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolFacts {
    /// A concentrated pool.
    Concentrated {
        /// Spacing of the ticks that a range may end on.
        tick_spacing: i32,
    },
    /// A pool of shares.
    Shares {
        /// Its kind, by its name in state files.
        kind: &'static str,
    },
}

/// The kinds of strategy and their parameters: the registry. One row is one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StrategyKind {
    /// Holds the tokens that it starts with.
    Hold {},
    /// One position at every price: over all ticks, or a deposit for shares.
    FullRange {},
    /// One position around the first price.
    FixedRange {
        /// From the first tick to either end, the pool's tick spacing to 443636.
        #[serde(default = "default_half_width")]
        half_width_ticks: i32,
    },
    /// One of the pool's tokens, staked.
    Stake {
        /// The service, by its name in the configuration; the first one without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        staking: Option<String>,
        /// Days between two times that what was earned is staked as well, 0.01 to 365; never
        /// without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compound_every_days: Option<f64>,
        /// Days after which everything is asked back, 0 to 36500; never without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leave_after_days: Option<f64>,
    },
    /// One of the pool's tokens, locked for votes.
    Vote {
        /// The service, by its name in the configuration; the first one without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voting: Option<String>,
        /// What part of the token is locked, 1 to 10000 basis points.
        #[serde(default = "default_lock_bps")]
        lock_bps: u32,
        /// How long, in weeks, 1 to the longest that the service allows; that without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lock_weeks: Option<u64>,
        /// The most gauges to vote for, 1 to 30.
        #[serde(default = "default_most_gauges")]
        most_gauges: u64,
        /// Hours before the end of an epoch from which on it votes, 2 to 166.
        #[serde(default = "default_vote_hours")]
        vote_hours_before_end: u64,
        /// Whether the lock is made as long as it was before each vote.
        #[serde(default)]
        extend: bool,
        /// When bribes are claimed.
        #[serde(default)]
        claim: ClaimRule,
        /// Hours between two claims under `every`, 1 to 8760; 24 without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claim_every_hours: Option<u64>,
        /// What becomes of claimed bribes, sold or held.
        #[serde(default = "default_bribe_proceeds")]
        proceeds: Proceeds,
        /// The most that a sale may cost, 1 to 10000 basis points of the price.
        #[serde(default = "default_max_sale_cost")]
        max_sale_cost_bps: u32,
    },
    /// A position that follows the price.
    Recentre {
        /// From the centre to either end, the pool's tick spacing to 443636.
        #[serde(default = "default_half_width")]
        half_width_ticks: i32,
        /// Distance of the price from the centre beyond which the position moves, 1 to 443636.
        #[serde(default = "default_threshold")]
        threshold_ticks: i32,
    },
    /// A position whose width follows volatility.
    VolatilityRange {
        /// Half-width in standard deviations over the horizon, 0.1 to 20.
        #[serde(default = "default_sigmas")]
        sigmas: f64,
        /// The horizon, 0.01 to 365 days.
        #[serde(default = "default_horizon_days")]
        horizon_days: f64,
        /// Age at which a return counts half, 0.1 to 8760 hours.
        #[serde(default = "default_half_life_hours")]
        half_life_hours: f64,
        /// Between two samples of the price, 1 to 1440 minutes.
        #[serde(default = "default_sample_minutes")]
        sample_minutes: u64,
        /// Half-width is never below this, and is this until volatility was measured; the pool's
        /// tick spacing to 443636.
        #[serde(default = "default_min_half_width")]
        min_half_width_ticks: i32,
        /// Half-width is never above this, the least to 443636.
        #[serde(default = "default_max_half_width")]
        max_half_width_ticks: i32,
    },
}

const MAX_HALF_WIDTH: i32 = 443_636;

fn default_half_width() -> i32 {
    600
}

fn default_lock_bps() -> u32 {
    10_000
}

fn default_most_gauges() -> u64 {
    10
}

fn default_vote_hours() -> u64 {
    6
}

fn default_bribe_proceeds() -> Proceeds {
    Proceeds::Sell
}

fn default_max_sale_cost() -> u32 {
    200
}

fn default_threshold() -> i32 {
    600
}

fn default_sigmas() -> f64 {
    2.0
}

fn default_horizon_days() -> f64 {
    1.0
}

fn default_half_life_hours() -> f64 {
    24.0
}

fn default_sample_minutes() -> u64 {
    5
}

fn default_min_half_width() -> i32 {
    200
}

fn default_max_half_width() -> i32 {
    5_000
}

impl StrategyConfig {
    /// Returns what the report calls the strategy.
    pub fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let mut name = self.kind.name().to_owned();
        for (is_done, done) in [(self.farm.is_some(), " farmed"), (self.hedge.is_some(), " hedged")]
        {
            if is_done {
                name.push_str(done);
            }
        }
        name
    }

    /// Returns what the strategy does, in a line.
    pub fn summary(&self) -> String {
        let mut summary = self.kind.summary().to_owned();
        if let Some(farm) = &self.farm {
            summary = format!("{summary} {}", farm.summary());
        }
        if let Some(hedge) = &self.hedge {
            summary = format!("{summary} {}", hedge.summary());
        }
        summary
    }

    /// Returns parameter and value, for the report.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = self.kind.parameters();
        if let Some(farm) = &self.farm {
            let mut row = |name: &str, value: &dyn ToString| {
                rows.push((format!("farm.{name}"), value.to_string()));
            };
            if let Some(programme) = &farm.programme {
                row("programme", programme);
            }
            row("claim", &farm.claim.name());
            if let Some(hours) = farm.claim_every_hours {
                row("claim_every_hours", &hours);
            }
            row("proceeds", &farm.proceeds.name());
        }
        if let Some(hedge) = &self.hedge {
            let mut row = |name: &str, value: &dyn ToString| {
                rows.push((format!("hedge.{name}"), value.to_string()));
            };
            if let Some(instrument) = &hedge.instrument {
                row("instrument", instrument);
            }
            row("cover", &hedge.cover.name());
            for (name, value) in [
                ("ratio_bps", hedge.ratio_bps),
                ("band_bps", hedge.band_bps),
                ("every_seconds", hedge.every_seconds),
                ("max_slippage_bps", hedge.max_slippage_bps),
            ] {
                if let Some(value) = value {
                    row(name, &value);
                }
            }
        }
        rows
    }

    /// Builds the strategy for a pool, farmed in a programme if the configuration says so.
    ///
    /// Errors: those of [`StrategyKind::build`]; [`BuildError::NothingToFarm`] for a farm without
    /// a programme, or of a strategy that provides no liquidity; [`BuildError::NowhereToStake`] for
    /// a stake without a service, [`BuildError::NowhereToVote`] for a vote without one,
    /// [`BuildError::NothingToHedgeWith`] for a hedge without a contract.
    pub fn build(
        &self,
        pool: PoolFacts,
        services: Services,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        let provides = !matches!(
            self.kind,
            StrategyKind::Hold {} | StrategyKind::Stake { .. } | StrategyKind::Vote { .. }
        );
        if self.farm.is_some() && !provides {
            return Err(BuildError::NothingToFarm);
        }
        let mut strategy = self.kind.build_with(pool, services)?;
        if let Some(farm) = &self.farm {
            let setup = services.farm.ok_or(BuildError::NothingToFarm)?;
            strategy = Box::new(Farm::new(strategy, farm, setup)?);
        }
        if let Some(hedge) = &self.hedge {
            strategy = Box::new(Hedge::new(strategy, hedge, required(services.hedge)?)?);
        }
        Ok(strategy)
    }
}

impl StrategyKind {
    /// Returns those that run where nothing else is asked for: four in a concentrated pool, in one
    /// of shares the two that need no range.
    pub fn defaults(pool: PoolFacts) -> Vec<Self> {
        if matches!(pool, PoolFacts::Shares { .. }) {
            return vec![Self::Hold {}, Self::FullRange {}];
        }
        vec![
            Self::FullRange {},
            Self::FixedRange { half_width_ticks: 1_000 },
            Self::Recentre { half_width_ticks: 600, threshold_ticks: 600 },
            Self::VolatilityRange {
                sigmas: default_sigmas(),
                horizon_days: default_horizon_days(),
                half_life_hours: default_half_life_hours(),
                sample_minutes: default_sample_minutes(),
                min_half_width_ticks: default_min_half_width(),
                max_half_width_ticks: default_max_half_width(),
            },
        ]
    }

    /// Returns a vote with everything as it is where nothing is said.
    pub fn default_vote() -> Self {
        Self::Vote {
            voting: None,
            lock_bps: default_lock_bps(),
            lock_weeks: None,
            most_gauges: default_most_gauges(),
            vote_hours_before_end: default_vote_hours(),
            extend: false,
            claim: ClaimRule::default(),
            claim_every_hours: None,
            proceeds: default_bribe_proceeds(),
            max_sale_cost_bps: default_max_sale_cost(),
        }
    }

    /// Returns the name of the kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hold {} => "hold",
            Self::FullRange {} => "full_range",
            Self::Stake { .. } => "stake",
            Self::Vote { .. } => "vote",
            Self::FixedRange { .. } => "fixed_range",
            Self::Recentre { .. } => "recentre",
            Self::VolatilityRange { .. } => "volatility_range",
        }
    }

    /// Returns the hypothesis in a line.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Hold {} => "Holds the tokens that it starts with: the yardstick.",
            Self::FullRange {} => "One position at every price; never acts.",
            Self::Stake { .. } => "Stakes one of the tokens and holds the rest.",
            Self::Vote { .. } => {
                "Locks one of the tokens, votes where bribes pay most, and holds the rest."
            }
            Self::FixedRange { .. } => {
                "One position around the first price; stays whatever happens."
            }
            Self::Recentre { .. } => {
                "Follows the price: closes, swaps and reopens a threshold away from the centre."
            }
            Self::VolatilityRange { .. } => {
                "As wide as the price is volatile; closes, swaps and reopens when it is left."
            }
        }
    }

    /// Returns parameter and value, for the report.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let row = |name: &str, value: &dyn ToString| (name.to_owned(), value.to_string());
        match self {
            Self::Hold {} | Self::FullRange {} => Vec::new(),
            Self::Stake { staking, compound_every_days, leave_after_days } => {
                let mut rows = Vec::new();
                rows.extend(staking.as_ref().map(|staking| row("staking", staking)));
                rows.extend(compound_every_days.map(|days| row("compound_every_days", &days)));
                rows.extend(leave_after_days.map(|days| row("leave_after_days", &days)));
                rows
            }
            Self::Vote {
                voting,
                lock_bps,
                lock_weeks,
                most_gauges,
                vote_hours_before_end,
                extend,
                claim,
                claim_every_hours,
                proceeds,
                max_sale_cost_bps: _,
            } => {
                let mut rows = Vec::new();
                rows.extend(voting.as_ref().map(|voting| row("voting", voting)));
                rows.push(row("lock_bps", lock_bps));
                rows.extend(lock_weeks.map(|weeks| row("lock_weeks", &weeks)));
                rows.push(row("most_gauges", most_gauges));
                rows.push(row("vote_hours_before_end", vote_hours_before_end));
                rows.push(row("extend", extend));
                rows.push(row("claim", &claim.name()));
                rows.extend(claim_every_hours.map(|hours| row("claim_every_hours", &hours)));
                rows.push(row("proceeds", &proceeds.name()));
                rows
            }
            Self::FixedRange { half_width_ticks } => {
                vec![row("half_width_ticks", half_width_ticks)]
            }
            Self::Recentre { half_width_ticks, threshold_ticks } => vec![
                row("half_width_ticks", half_width_ticks),
                row("threshold_ticks", threshold_ticks),
            ],
            Self::VolatilityRange {
                sigmas,
                horizon_days,
                half_life_hours,
                sample_minutes,
                min_half_width_ticks,
                max_half_width_ticks,
            } => vec![
                row("sigmas", sigmas),
                row("horizon_days", horizon_days),
                row("half_life_hours", half_life_hours),
                row("sample_minutes", sample_minutes),
                row("min_half_width_ticks", min_half_width_ticks),
                row("max_half_width_ticks", max_half_width_ticks),
            ],
        }
    }

    /// Builds the strategy for a pool.
    ///
    /// Errors: [`BuildError::NeedsRanges`] for a strategy that places ranges in a pool of shares;
    /// [`BuildError::NowhereToStake`], [`BuildError::NowhereToVote`]; the first parameter outside
    /// its range.
    pub fn build(&self, pool: PoolFacts) -> Result<Box<dyn Strategy>, BuildError> {
        self.build_with(pool, Services::default())
    }

    fn build_with(
        &self,
        pool: PoolFacts,
        services: Services,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        if let Self::Stake { compound_every_days, leave_after_days, .. } = self {
            let seconds = |days: f64| (days * 86_400.0) as u64;
            let day = |name, days: Option<f64>, range| {
                days.map(|days| bounded(name, days, range)).transpose()
            };
            let compound = day("compound_every_days", *compound_every_days, (0.01, 365.0))?;
            let leave = day("leave_after_days", *leave_after_days, (0.0, 36_500.0))?;
            let setup = services.stake.ok_or(BuildError::NowhereToStake)?;
            if compound.is_some() && setup.compounds_itself {
                return Err(BuildError::CompoundsItself);
            }
            return Ok(Box::new(Stake::new(setup, compound.map(seconds), leave.map(seconds))));
        }
        if let Self::Vote { .. } = self {
            return self.vote(services.vote);
        }
        let least = match (pool, self) {
            (PoolFacts::Concentrated { tick_spacing }, _) => tick_spacing,
            (PoolFacts::Shares { .. }, Self::Hold {} | Self::FullRange {}) => 1,
            (PoolFacts::Shares { kind }, ranged) => {
                return Err(BuildError::NeedsRanges { strategy: ranged.name(), pool: kind });
            }
        };
        let width = |name, value| bounded(name, value, (least, MAX_HALF_WIDTH));
        Ok(match *self {
            // Built above.
            Self::Stake { .. } => return Err(BuildError::NowhereToStake),
            Self::Vote { .. } => return Err(BuildError::NowhereToVote),
            Self::Hold {} => Box::new(Hold),
            Self::FullRange {} => Box::new(FullRange::default()),
            Self::FixedRange { half_width_ticks } => {
                Box::new(FixedRange::new(width("half_width_ticks", half_width_ticks)?))
            }
            Self::Recentre { half_width_ticks, threshold_ticks } => {
                let half_width = width("half_width_ticks", half_width_ticks)?;
                let threshold = bounded("threshold_ticks", threshold_ticks, (1, MAX_HALF_WIDTH))?;
                Box::new(Recentre::new(half_width, threshold.unsigned_abs()))
            }
            Self::VolatilityRange {
                sigmas,
                horizon_days,
                half_life_hours,
                sample_minutes,
                min_half_width_ticks,
                max_half_width_ticks,
            } => {
                let min_half_width_ticks = width("min_half_width_ticks", min_half_width_ticks)?;
                let range = (min_half_width_ticks, MAX_HALF_WIDTH);
                Box::new(VolatilityRange::new(Width {
                    sigmas: bounded("sigmas", sigmas, (0.1, 20.0))?,
                    horizon_days: bounded("horizon_days", horizon_days, (0.01, 365.0))?,
                    half_life_hours: bounded("half_life_hours", half_life_hours, (0.1, 8_760.0))?,
                    sample_minutes: bounded("sample_minutes", sample_minutes, (1, 1_440))?,
                    min_half_width_ticks,
                    max_half_width_ticks: bounded(
                        "max_half_width_ticks",
                        max_half_width_ticks,
                        range,
                    )?,
                }))
            }
        })
    }
    fn vote(&self, setup: Option<VoteSetup>) -> Result<Box<dyn Strategy>, BuildError> {
        let Self::Vote {
            lock_bps,
            lock_weeks,
            most_gauges,
            vote_hours_before_end,
            extend,
            claim,
            claim_every_hours,
            proceeds,
            max_sale_cost_bps,
            ..
        } = *self
        else {
            return Err(BuildError::NowhereToVote);
        };
        let setup = setup.ok_or(BuildError::NowhereToVote)?;
        let most_gauges = bounded("most_gauges", most_gauges, (1, 30))?;
        let hours = bounded("vote_hours_before_end", vote_hours_before_end, (2, 166))?;
        let weeks = lock_weeks.unwrap_or(setup.longest_weeks);
        let claim_hours = claim_hours("claim_every_hours", claim_every_hours, claim)?;
        if proceeds == Proceeds::Compound {
            let (value, allowed) = (proceeds.name().to_owned(), "sell or hold".to_owned());
            return Err(ParameterError { name: "proceeds", value, allowed }.into());
        }
        let rules = VoteRules {
            lock_part: Bps(bounded("lock_bps", lock_bps, (1, 10_000))?),
            lock_weeks: bounded("lock_weeks", weeks, (1, setup.longest_weeks))?,
            most_gauges: usize::try_from(most_gauges).unwrap_or(usize::MAX),
            seconds_before_end: hours.saturating_mul(3_600),
            extends: extend,
            claim,
            claim_seconds: claim_hours.saturating_mul(3_600),
            proceeds,
            max_sale_cost: Bps(bounded("max_sale_cost_bps", max_sale_cost_bps, (1, 10_000))?),
        };
        Ok(Box::new(Vote::new(setup, rules)))
    }
}
