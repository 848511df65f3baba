//! Programmes that a configuration makes up, as they are at a tape's first event.

use tidemill_amm::Pool;
use tidemill_market::{
    AerodromeGaugeFold, ConcentratedGaugeFold, EpochEmission, FoldedProgramme, Footprint, Seat,
};
use tidemill_model::PoolBuild;
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{ConcentratedGauge, Gauge, epoch_next};
use tidemill_rewards::master_chef::{Allocation, MasterChef, MasterChefState};
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_store::time_text;
use tidemill_units::{Amount, BlockNumber, Timestamp, U256, mul_div};

use super::{KINDS, Period, RewardConfig, RewardScene};
use crate::config::{not_allowed, whole};
use crate::{ConfigError, RunTape};

/// A programme before the tape's first event, and where our positions are put in it.
pub(super) type Start = (FoldedProgramme, Seat);

/// Who pays for a programme that was made up, and is paid back what nobody earned.
pub(super) const SPONSOR: Account = Account([0x5f; 20]);
/// All others' stakes together.
pub(super) const OTHERS: Account = Account([0x07; 20]);
/// A programme that was made up.
const PROGRAMME: Account = Account([0x9a; 20]);
/// A reward token, to a programme that was made up.
const REWARD_TOKEN: Account = Account([0x4e; 20]);

impl RewardConfig {
    pub(super) fn required(
        &self,
        key: &'static str,
        text: &Option<String>,
        decimals: u8,
    ) -> Result<Amount, ConfigError> {
        let text = text.as_ref().ok_or_else(|| {
            not_allowed(key, &"missing", "an amount in whole reward tokens, above zero")
        })?;
        let amount = whole(key, text, decimals)?;
        if amount.is_zero() {
            return Err(not_allowed(key, text, "an amount in whole reward tokens, above zero"));
        }
        Ok(amount)
    }

    pub(super) fn refuse(&self, key: &'static str, is_given: bool) -> Result<(), ConfigError> {
        if is_given {
            return Err(not_allowed(key, &"given", &format!("left out of a {}", self.kind_text())));
        }
        Ok(())
    }

    pub(super) fn v3_staker(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.refuse("reward.others_staked_bps", self.others_staked_bps.is_some())?;
        if matches!(scene.tape, RunTape::Shares(_)) {
            return Err(not_allowed("reward.kind", &self.kind_text(), KINDS));
        }
        if scene.footprint == Footprint::PriceTaker {
            let allowed = "re-executed beside a v3_staker, which pays by the pool's own seconds";
            return Err(not_allowed("footprint", &"price-taker", allowed));
        }
        let reward = self.required("reward.amount", &self.amount, decimals)?;
        let key = IncentiveKey {
            reward_token: REWARD_TOKEN,
            pool: Account(scene.tape.address().0),
            start_time: period.start,
            end_time: period.end,
            refundee: SPONSOR,
        };
        let state = V3StakerState::default();
        check_bounds(&state, period)?;
        let mut staker = V3Staker::new(&state).map_err(|e| self.failed(&e))?;
        staker.create_incentive(key, reward, period.first).map_err(|e| self.failed(&e))?;
        Ok((staker.into(), Seat::V3Staker(key)))
    }

    pub(super) fn concentrated_gauge(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.refuse("reward.others_staked_bps", self.others_staked_bps.is_some())?;
        self.check_slipstream(scene)?;
        let emissions = self.epoch_emissions(period, decimals)?;
        let gauge = ConcentratedGaugeFold::new(ConcentratedGauge::default(), emissions);
        Ok((gauge.into(), Seat::ConcentratedGauge))
    }

    pub(super) fn aerodrome_gauge(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.check_solidly(scene)?;
        let emissions = self.epoch_emissions(period, decimals)?;
        let (others, mut gauge) = (self.others(scene)?, Gauge::default());
        if !others.is_zero() {
            gauge.deposit(OTHERS, others, period.first).map_err(|error| self.failed(&error))?;
        }
        Ok((AerodromeGaugeFold::new(gauge, emissions).into(), Seat::AerodromeGauge))
    }

    /// A Slipstream gauge is for positions of a Slipstream pool, re-executed.
    pub(super) fn check_slipstream(&self, scene: &RewardScene<'_>) -> Result<(), ConfigError> {
        let is_slipstream = matches!(scene.tape, RunTape::Concentrated(tape)
            if matches!(tape.header.build, PoolBuild::Slipstream { .. }));
        if !is_slipstream {
            return Err(not_allowed("reward.kind", &self.name(), KINDS));
        }
        if scene.footprint == Footprint::PriceTaker {
            let allowed = "re-executed beside a concentrated_gauge, which pays by staked \
                           liquidity in the pool";
            return Err(not_allowed("footprint", &"price-taker", allowed));
        }
        Ok(())
    }

    /// An Aerodrome gauge is for shares of a Solidly pool.
    pub(super) fn check_solidly(&self, scene: &RewardScene<'_>) -> Result<(), ConfigError> {
        let is_solidly = matches!(scene.tape, RunTape::Shares(tape)
            if matches!(tape.start, Pool::Solidly(_)));
        if !is_solidly {
            return Err(not_allowed("reward.kind", &self.name(), KINDS));
        }
        Ok(())
    }

    /// What a gauge is notified of, checked as both kinds of gauges check it.
    fn epoch_emissions(
        &self,
        period: &Period,
        decimals: u8,
    ) -> Result<Vec<EpochEmission>, ConfigError> {
        self.check_not_before_first(period)?;
        let amount = self.required("reward.amount", &self.amount, decimals)?;
        let emissions = divided(amount, period);
        let is_accepted = |emission: &EpochEmission| {
            Gauge::default().notify(emission.amount, emission.at).is_ok()
        };
        if amount > Amount::from_u128(u128::MAX) || !emissions.iter().all(is_accepted) {
            let allowed =
                "at least one raw unit a second in every epoch, and below 2^128 raw units";
            let found = self.amount.as_deref().unwrap_or("");
            return Err(not_allowed("reward.amount", &found, allowed));
        }
        Ok(emissions)
    }

    pub(super) fn check_not_before_first(&self, period: &Period) -> Result<(), ConfigError> {
        if period.start >= period.first {
            return Ok(());
        }
        let allowed = format!("{}, the tape's first event, or later", time_text(period.first));
        Err(not_allowed("reward.start", &time_text(period.start), &allowed))
    }

    pub(super) fn staking_rewards(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.check_starts_first(period)?;
        let others = self.others(scene)?;
        let reward = self.required("reward.amount", &self.amount, decimals)?;
        let duration = U256::from(period.end.seconds_since(period.start));
        let state = StakingRewardsState::synthetix(SPONSOR, SPONSOR);
        let mut programme = StakingRewards::new(&state).map_err(|error| self.failed(&error))?;
        let set_up = |programme: &mut StakingRewards| {
            programme.set_rewards_duration(SPONSOR, duration, period.first)?;
            if !others.is_zero() {
                programme.stake(OTHERS, others, period.first)?;
            }
            programme.fund(reward)?;
            programme.notify_reward_amount(SPONSOR, reward, period.first)
        };
        set_up(&mut programme).map_err(|error| self.failed(&error))?;
        Ok((programme.into(), Seat::StakingRewards))
    }

    pub(super) fn master_chef(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        self.refuse("reward.amount", self.amount.is_some())?;
        self.refuse("reward.end", self.end.is_some())?;
        self.check_starts_first(period)?;
        let others = self.others(scene)?;
        let sushi_per_block = self.required("reward.per_block", &self.per_block, decimals)?;
        let block = scene.tape.events().first().map_or(BlockNumber(0), |event| event.block);
        let state = MasterChefState {
            address: PROGRAMME,
            owner: SPONSOR,
            dev: SPONSOR,
            sushi_token: REWARD_TOKEN,
            sushi_per_block,
            start_block: block,
            bonus_end_block: block,
            sushi_supply: Amount::ZERO,
            sushi_balance: Amount::ZERO,
            lp_balances: Vec::new(),
            pools: Vec::new(),
            users: Vec::new(),
        };
        let mut chef = MasterChef::new(&state).map_err(|error| self.failed(&error))?;
        let allocation = Allocation { alloc_point: U256::ONE, with_update: false };
        let pool = chef.add(SPONSOR, Account(scene.tape.address().0), allocation, block);
        let pool = pool.map_err(|error| self.failed(&error))?;
        if !others.is_zero() {
            chef.deposit(OTHERS, pool, others, block).map_err(|error| self.failed(&error))?;
        }
        Ok((chef.into(), Seat::MasterChef(pool)))
    }

    pub(super) fn check_starts_first(&self, period: &Period) -> Result<(), ConfigError> {
        if period.start == period.first {
            return Ok(());
        }
        let allowed = format!("{}, the tape's first event, or left out", time_text(period.first));
        Err(not_allowed("reward.start", &time_text(period.start), &allowed))
    }

    /// What others have staked of the pool's shares.
    pub(super) fn others(&self, scene: &RewardScene<'_>) -> Result<Amount, ConfigError> {
        let RunTape::Shares(tape) = scene.tape else {
            return Err(not_allowed("reward.kind", &self.kind_text(), KINDS));
        };
        let part = self.others_staked_bps.unwrap_or(10_000);
        if part > 10_000 {
            return Err(not_allowed("reward.others_staked_bps", &part, "0 to 10000"));
        }
        let supply = tape.start.shares().map(|pool| pool.total_shares());
        let shares = supply.and_then(|supply| {
            mul_div(supply.0, U256::from(part), U256::from(10_000_u32)).map(Amount)
        });
        shares.ok_or_else(|| not_allowed("reward.kind", &self.kind_text(), KINDS))
    }
}

/// Divides an amount among the epochs of a period, the first of which may have begun before it; the
/// earliest get what does not divide.
fn divided(amount: Amount, period: &Period) -> Vec<EpochEmission> {
    let starts = std::iter::successors(Some(period.start), |at| Some(epoch_next(*at)));
    let starts: Vec<_> = starts.take_while(|at| *at < period.end).collect();
    let count = U256::from(starts.len());
    let (part, rest) = (
        amount.0.checked_div(count).unwrap_or_default(),
        amount.0.checked_rem(count).unwrap_or_default(),
    );
    let emission = |(place, at): (usize, Timestamp)| {
        let more = if U256::from(place) < rest { U256::ONE } else { U256::ZERO };
        EpochEmission { at, amount: Amount(part.saturating_add(more)) }
    };
    starts.into_iter().enumerate().map(emission).collect()
}

/// Checks an incentive's times against what the staker allows.
fn check_bounds(state: &V3StakerState, period: &Period) -> Result<(), ConfigError> {
    let latest = period.first.0.saturating_add(state.max_incentive_start_lead_time_seconds);
    if !(period.first.0..=latest).contains(&period.start.0) {
        let [first, latest] = [period.first, Timestamp(latest)].map(time_text);
        let allowed = format!(
            "{first}, the tape's first event, to {latest}: a v3_staker starts neither in the past \
             nor more than 30 days ahead"
        );
        return Err(not_allowed("reward.start", &time_text(period.start), &allowed));
    }
    if period.end.seconds_since(period.start) > state.max_incentive_duration_seconds {
        let allowed = "at most 730 days after the start, which a v3_staker allows";
        return Err(not_allowed("reward.end", &time_text(period.end), allowed));
    }
    Ok(())
}
