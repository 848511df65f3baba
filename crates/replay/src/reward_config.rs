//! Reward programmes as a configuration writes them.

mod boosted_gauge;
mod keys;
mod made_up;
mod merkl;
mod recorded;

use std::path::Path;

use serde::Deserialize;
use tidemill_configuration::KeyPath;
use tidemill_exec_sim::TimedPrice;
use tidemill_market::{FoldedProgramme, Footprint, Seat};
use tidemill_model::{AssetId, PoolId, ProgrammeKind, ProgrammeTapeEvent};
use tidemill_report::ProgrammeSheet;
use tidemill_store::{
    PricedAt, ProgrammeTape, read_price_series, read_programme_tape, read_time, time_text,
};
use tidemill_units::Timestamp;

use crate::config::{not_allowed, open_beside};
use crate::token_prices::{PriceKeys, TokenPrices};
use crate::{ConfigError, RunTape};

/// A reward programme for the pool's providers, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardConfig {
    /// `v3_staker` in a concentrated pool and `concentrated_gauge` in a Slipstream pool, both
    /// re-executed; `merkl` in a concentrated pool but Slipstream's; `staking_rewards`,
    /// `master_chef`, `curve_gauge` or `balancer_gauge` in a pool of shares, `aerodrome_gauge` in a
    /// Solidly pool; left out where `tape` says it.
    pub kind: Option<String>,
    /// Which pool's providers it is for, by its name; those of the run's own without.
    pub pool: Option<String>,
    /// The programme's own recorded history, relative to the configuration; made up without.
    pub tape: Option<String>,
    /// Which incentive of a recorded `v3_staker`, by its id; the only one of the pool without.
    pub incentive: Option<String>,
    /// Which pool of a recorded `master_chef`, by its number.
    pub chef_pool: Option<usize>,
    /// Which gauge of recorded `curve_gauges` or `balancer_gauges`, by its address.
    pub gauge: Option<String>,
    /// What strategies and the report call it; the kind without one.
    pub name: Option<String>,
    /// Symbol of the token that it pays.
    pub token: String,
    /// Its decimals, 0 to 77; 18 without.
    pub token_decimals: Option<u8>,
    /// What it pays in all, in whole tokens; not of a `master_chef`. A gauge is
    /// notified of equal parts, one at the start and one at every epoch's start before the end.
    pub amount: Option<String>,
    /// Instead of `amount`, of a `curve_gauge` and a `balancer_gauge`: its part of what CRV or BAL
    /// really emits, 1 to 10000 basis points.
    pub relative_weight_bps: Option<u32>,
    /// What a `master_chef` pays a block, in whole tokens.
    pub per_block: Option<String>,
    /// When it begins, as `YYYY-MM-DD HH:MM:SS` UTC; at the tape's first event without one.
    pub start: Option<String>,
    /// When it ends; at the tape's last event without one.
    pub end: Option<String>,
    /// What one whole token is worth, in whole quote tokens, throughout.
    pub price_quote: Option<String>,
    /// Instead of `price_quote`: a CSV file of prices, relative to the configuration.
    pub prices: Option<String>,
    /// What part of the pool's shares at the start others have staked, 0 to 10000 basis points;
    /// all of them without. Not of a `v3_staker`, which shares its rewards with all liquidity, nor
    /// of a `concentrated_gauge`, beside whose pool the stakes were recorded.
    pub others_staked_bps: Option<u32>,
    /// By how much others' stake in a `curve_gauge` or `balancer_gauge` is boosted, 10000 to 25000
    /// basis points; 10000, which is not at all, without.
    pub others_boost_bps: Option<u32>,
    /// What we have locked in the gauges' escrow, in whole tokens; no boost of ours without.
    pub boost_locked: Option<String>,
    /// What all others have locked there, beside `boost_locked`, of a gauge that is made up.
    pub others_locked: Option<String>,
    /// How much fees count in a `merkl` campaign's scores, in basis points of the three weights;
    /// 4000, 3000 and 3000 without any of them.
    pub fees_weight_bps: Option<u32>,
    /// How much token0 counts.
    pub token0_weight_bps: Option<u32>,
    /// How much token1 counts.
    pub token1_weight_bps: Option<u32>,
    /// Whether positions out of range count in a `merkl` campaign; not without.
    pub out_of_range_incentivized: Option<bool>,
    /// Hours from one settlement of a `merkl` campaign to the next; 8 without.
    pub settle_hours: Option<u64>,
    /// Hours from a settlement until what it pays can be claimed; 2 without.
    pub delay_hours: Option<u64>,
    /// What `prices` says, once it was read.
    #[serde(skip)]
    pub series: Option<Vec<PricedAt>>,
    /// What `tape` says, once it was read.
    #[serde(skip)]
    pub recorded: Option<ProgrammeTape>,
}

/// A reward programme made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct RewardSetup {
    /// Its name.
    pub name: String,
    /// Whose providers it is for.
    pub pool: PoolId,
    /// The token that it pays.
    pub asset: AssetId,
    /// The programme before the tape's first event.
    pub start: FoldedProgramme,
    /// Where our positions are put in it.
    pub seat: Seat,
    /// Its recorded log within the tape.
    pub events: Vec<ProgrammeTapeEvent>,
    /// The token's prices, the first at the tape's first event or before.
    pub prices: Vec<TimedPrice>,
    /// What the report says of it.
    pub sheet: ProgrammeSheet,
}

/// What a programme is set up for.
pub(crate) struct RewardScene<'a> {
    pub(crate) pool: PoolId,
    pub(crate) tape: RunTape<'a>,
    pub(crate) footprint: Footprint,
    pub(crate) quote_decimals: u8,
    pub(crate) asset: AssetId,
}

/// A programme as a run begins with it.
struct Started {
    start: made_up::Start,
    events: Vec<ProgrammeTapeEvent>,
}

/// Times within one tape.
struct Period {
    first: Timestamp,
    start: Timestamp,
    end: Timestamp,
}

const KINDS: &str = "v3_staker in a concentrated pool; merkl in one that is not Slipstream's; \
                     concentrated_gauge in a Slipstream pool; staking_rewards, master_chef, \
                     curve_gauge or balancer_gauge in a pool of shares; aerodrome_gauge in a \
                     Solidly pool";

impl RewardConfig {
    /// Reads the files that the configuration names, from `folder`.
    ///
    /// Errors: [`ConfigError::Reward`], with what is wrong with the file.
    pub fn read_files(&mut self, folder: &Path, quote_decimals: u8) -> Result<(), ConfigError> {
        if let Some(name) = &self.tape {
            let tape = read_programme_tape(&folder.join(name));
            self.recorded = Some(tape.map_err(|error| self.failed_at("tape", &error))?);
        }
        let Some(name) = &self.prices else { return Ok(()) };
        let opened = open_beside(folder, name);
        let (shown, text) = opened.map_err(|error| self.failed_at("prices", &error))?;
        let series = read_price_series(&shown, text, quote_decimals);
        self.series = Some(series.map_err(|error| self.failed_at("prices", &error))?);
        Ok(())
    }

    /// Returns what strategies and the report call it.
    pub fn name(&self) -> String {
        let recorded = || self.recorded.as_ref().map(|tape| tape.header.kind.name().to_owned());
        let named = self.name.clone().or_else(|| self.kind.clone()).or_else(recorded);
        named.unwrap_or_else(|| "reward".to_owned())
    }

    fn kind_text(&self) -> &str {
        let recorded = || self.recorded.as_ref().map(|tape| tape.header.kind.name());
        self.kind.as_deref().or_else(recorded).unwrap_or("missing")
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ConfigError {
        ConfigError::Reward { name: self.name(), error: error.to_string() }
    }

    /// As [`failed`](Self::failed), because of one of its keys.
    fn failed_at(&self, key: &str, error: &dyn std::fmt::Display) -> ConfigError {
        self.failed(error).at(KeyPath::of("reward").key(key))
    }

    pub(crate) fn resolve(&self, scene: &RewardScene<'_>) -> Result<RewardSetup, ConfigError> {
        let decimals = self.token_decimals.unwrap_or(18);
        if decimals > 77 {
            return Err(not_allowed("reward.token_decimals", &decimals, "0 to 77"));
        }
        let period = self.period(scene.tape)?;
        let Started { start: (start, seat), events } = self.start(scene, &period, decimals)?;
        Ok(RewardSetup {
            name: self.name(),
            pool: scene.pool,
            asset: scene.asset,
            sheet: self.sheet(&period),
            start,
            seat,
            events,
            prices: self.timed_prices(scene, period.first, decimals)?,
        })
    }

    fn start(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Started, ConfigError> {
        if self.tape.is_some() {
            return self.recorded(scene);
        }
        let kind = self.kind_text();
        self.check_keys(kind)?;
        let start = match made_up_kind(kind) {
            Some(ProgrammeKind::CurveGauges) => self.curve_gauge(scene, period, decimals)?,
            Some(ProgrammeKind::BalancerGauges) => self.balancer_gauge(scene, period, decimals)?,
            Some(ProgrammeKind::Merkl) => self.merkl(scene, period, decimals)?,
            Some(ProgrammeKind::V3Staker) => self.v3_staker(scene, period, decimals)?,
            Some(ProgrammeKind::StakingRewards) => self.staking_rewards(scene, period, decimals)?,
            Some(ProgrammeKind::MasterChef) => self.master_chef(scene, period, decimals)?,
            Some(ProgrammeKind::ConcentratedGauge) => {
                self.concentrated_gauge(scene, period, decimals)?
            }
            Some(ProgrammeKind::AerodromeGauge) => self.aerodrome_gauge(scene, period, decimals)?,
            Some(
                ProgrammeKind::VoteEscrow
                | ProgrammeKind::FeeDistribution
                | ProgrammeKind::TokenAdmin
                | ProgrammeKind::MerkleClaim
                | ProgrammeKind::Aerodrome
                | ProgrammeKind::CumulativeClaim
                | ProgrammeKind::LiquidStaking
                | ProgrammeKind::RateToken
                | ProgrammeKind::Vault
                | ProgrammeKind::ValidatorStaking,
            )
            | None => return Err(not_allowed("reward.kind", &kind, KINDS)),
        };
        Ok(Started { start, events: Vec::new() })
    }

    fn period(&self, tape: RunTape<'_>) -> Result<Period, ConfigError> {
        let (Some(first), Some(last)) = (tape.events().first(), tape.events().last()) else {
            return Err(ConfigError::EmptyTape);
        };
        let read = |key: &'static str, text: &Option<String>, default| match text {
            None => Ok(default),
            Some(text) => {
                read_time(text).map_err(|error| self.failed_at(key, &format!("{key} {error}")))
            }
        };
        let start = read("start", &self.start, first.time)?;
        let end = read("end", &self.end, last.time)?;
        if end <= start {
            let allowed = "later than the start";
            return Err(not_allowed("reward.end", &time_text(end), allowed));
        }
        Ok(Period { first: first.time, start, end })
    }

    /// The prices that hold from the tape's first event on.
    fn timed_prices(
        &self,
        scene: &RewardScene<'_>,
        first: Timestamp,
        decimals: u8,
    ) -> Result<Vec<TimedPrice>, ConfigError> {
        let terms = TokenPrices {
            keys: PriceKeys {
                price_quote: "reward.price_quote",
                prices: "reward.prices",
                decimals: "reward.token_decimals",
            },
            price_quote: self.price_quote.as_deref(),
            names_file: self.prices.is_some(),
            series: self.series.as_deref(),
            decimals,
        };
        terms.timed(scene.asset, first, scene.quote_decimals)
    }

    fn sheet(&self, period: &Period) -> ProgrammeSheet {
        let mut parameters = vec![("token".to_owned(), self.token.clone())];
        let mut row = |name: &str, value: Option<String>| {
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        };
        row("amount", self.amount.clone());
        row("per_block", self.per_block.clone());
        row("relative_weight_bps", self.relative_weight_bps.map(|part| part.to_string()));
        row("tape", self.tape.clone());
        row("incentive", self.incentive.clone());
        row("chef_pool", self.chef_pool.map(|pool| pool.to_string()));
        let is_made_up = self.tape.is_none();
        row("gauge", self.gauge.clone());
        row("start", is_made_up.then(|| time_text(period.start)));
        let has_end = is_made_up && self.per_block.is_none();
        row("end", has_end.then(|| time_text(period.end)));
        row("price_quote", self.price_quote.clone());
        row("prices", self.prices.clone());
        row("others_staked_bps", self.others_staked_bps.map(|part| part.to_string()));
        row("others_boost_bps", self.others_boost_bps.map(|boost| boost.to_string()));
        row("boost_locked", self.boost_locked.clone());
        row("others_locked", self.others_locked.clone());
        row("fees_weight_bps", self.fees_weight_bps.map(|weight| weight.to_string()));
        row("token0_weight_bps", self.token0_weight_bps.map(|weight| weight.to_string()));
        row("token1_weight_bps", self.token1_weight_bps.map(|weight| weight.to_string()));
        row("out_of_range_incentivized", self.out_of_range_incentivized.map(|is| is.to_string()));
        row("settle_hours", self.settle_hours.map(|hours| hours.to_string()));
        row("delay_hours", self.delay_hours.map(|hours| hours.to_string()));
        ProgrammeSheet { name: self.name(), kind: self.kind_text().to_owned(), parameters }
    }
}

/// The programme behind a kind that is made up; a system of gauges by one of its gauges.
fn made_up_kind(name: &str) -> Option<ProgrammeKind> {
    match name {
        "curve_gauge" => Some(ProgrammeKind::CurveGauges),
        "balancer_gauge" => Some(ProgrammeKind::BalancerGauges),
        "curve_gauges" | "balancer_gauges" => None,
        _ => ProgrammeKind::from_name(name),
    }
}
