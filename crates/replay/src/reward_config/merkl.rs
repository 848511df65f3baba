//! A Merkl campaign that a configuration makes up.

use tidemill_configuration::KeyPath;
use tidemill_market::{MerklFold, MerklSchedule, Seat};
use tidemill_model::PoolBuild;
use tidemill_rewards::merkl::{BASE_4, Merkl, MerklState, MerklTerms, MerklWeights};
use tidemill_store::time_text;
use tidemill_units::Amount;

use super::made_up::Start;
use super::{KINDS, Period, RewardConfig, RewardScene};
use crate::config::not_allowed;
use crate::{ConfigError, RunTape};

/// Weights as campaigns mostly have them.
const WEIGHTS: MerklWeights = MerklWeights { fees: 4_000, amount0: 3_000, amount1: 3_000 };
/// Roots are published about every eight hours.
const SETTLE_HOURS: u64 = 8;
/// The rest of the distributor's epoch of an hour, and one whole epoch to dispute in.
const DELAY_HOURS: u64 = 2;
const MOST_HOURS: u64 = 8_760;
const HOUR: u64 = 3_600;

impl RewardConfig {
    pub(super) fn merkl(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.refuse("reward.others_staked_bps", self.others_staked_bps.is_some())?;
        let is_taken = matches!(scene.tape, RunTape::Concentrated(tape)
            if !matches!(tape.header.build, PoolBuild::Slipstream { .. }));
        if !is_taken {
            return Err(not_allowed("reward.kind", &self.kind_text(), KINDS));
        }
        self.check_not_before_first(period)?;
        let duration_seconds = period.end.seconds_since(period.start);
        if duration_seconds < HOUR {
            let allowed = "an hour after the start, or later";
            return Err(not_allowed("reward.end", &time_text(period.end), allowed));
        }
        let amount = self.required("reward.amount", &self.amount, decimals)?;
        if amount > Amount::from_u128(u128::MAX) {
            let found = self.amount.as_deref().unwrap_or_default();
            return Err(not_allowed("reward.amount", &found, "below 2^128 raw units"));
        }
        let terms = MerklTerms {
            amount,
            start: period.start,
            duration_seconds,
            weights: self.weights()?,
            is_out_of_range_incentivized: self.out_of_range_incentivized.unwrap_or(false),
            boosted_reward: None,
        };
        let campaign = Merkl::new(&MerklState::of(terms)).map_err(|error| self.failed(&error))?;
        let schedule = MerklSchedule {
            interval_seconds: hours("reward.settle_hours", self.settle_hours, SETTLE_HOURS, 1)?,
            delay_seconds: hours("reward.delay_hours", self.delay_hours, DELAY_HOURS, 0)?,
        };
        Ok((MerklFold::new(campaign, schedule).into(), Seat::Merkl))
    }

    fn weights(&self) -> Result<MerklWeights, ConfigError> {
        let weights = match (self.fees_weight_bps, self.token0_weight_bps, self.token1_weight_bps) {
            (None, None, None) => WEIGHTS,
            (fees, amount0, amount1) => MerklWeights {
                fees: fees.unwrap_or(0),
                amount0: amount0.unwrap_or(0),
                amount1: amount1.unwrap_or(0),
            },
        };
        if weights.sum() != Some(BASE_4) {
            let MerklWeights { fees, amount0, amount1 } = weights;
            let key = "reward.fees_weight_bps, token0_weight_bps and token1_weight_bps";
            let found = format!("{fees}, {amount0} and {amount1}");
            let allowed = "10000 together; those left out beside another are 0";
            let given = [
                ("fees_weight_bps", self.fees_weight_bps),
                ("token0_weight_bps", self.token0_weight_bps),
                ("token1_weight_bps", self.token1_weight_bps),
            ];
            let first = given.iter().find(|(_, weight)| weight.is_some());
            let error = not_allowed(key, &found, allowed);
            return Err(first
                .map_or(error.clone(), |(first, _)| error.at(KeyPath::of("reward").key(first))));
        }
        Ok(weights)
    }
}

/// A number of hours, in seconds.
fn hours(
    key: &'static str,
    given: Option<u64>,
    default: u64,
    least: u64,
) -> Result<u64, ConfigError> {
    let hours = given.unwrap_or(default);
    if !(least..=MOST_HOURS).contains(&hours) {
        return Err(not_allowed(key, &hours, &format!("{least} to {MOST_HOURS}")));
    }
    Ok(hours.saturating_mul(HOUR))
}
