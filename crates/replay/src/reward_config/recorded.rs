//! Programmes whose own history was recorded.

use tidemill_market::{FoldedProgramme, GaugeSeat, NoPools, ProgrammeFold, Seat};
use tidemill_model::{
    Address, Bytes32, PoolStart, ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent, V3StakerLog,
};
use tidemill_rewards::v3_staker::IncentiveKey;
use tidemill_rewards::{Account, Moment};
use tidemill_store::{ProgrammeState, ProgrammeTape};
use tidemill_units::{BlockNumber, LogIndex};

use super::{RewardConfig, RewardScene, Started};
use crate::config::not_allowed;
use crate::replay_programme::start_programme;
use crate::{ConfigError, RunTape};

/// Where an event stands on the chain.
type Place = (BlockNumber, LogIndex);

impl RewardConfig {
    /// The programme of a tape, as it is at the pool's first event.
    pub(super) fn recorded(&self, scene: &RewardScene<'_>) -> Result<Started, ConfigError> {
        let made_up = [&self.kind, &self.amount, &self.per_block, &self.start, &self.end];
        let is_made_up = made_up.iter().any(|key| key.is_some());
        if is_made_up || self.others_staked_bps.is_some() {
            let allowed = "without kind, amount, per_block, start, end and others_staked_bps, all \
                           of which are recorded";
            return Err(not_allowed("reward.tape", &"given", allowed));
        }
        self.check_keys_of_tape()?;
        let tape = self.recorded.as_ref();
        let tape = tape.ok_or_else(|| self.failed_at("tape", &"its tape was not read"))?;
        self.check_chain(tape, scene)?;
        let kind = tape.header.kind;
        if kind == ProgrammeKind::ConcentratedGauge {
            self.check_slipstream(scene)?;
            self.check_follows(tape, scene.tape)?;
        } else if kind == ProgrammeKind::AerodromeGauge {
            self.check_solidly(scene)?;
        }
        let (before, events) = self.split(tape, scene.tape)?;
        let start = start_programme(&tape.start).map_err(|error| self.failed_at("tape", &error))?;
        let start = self.fold_ahead(start, before)?;
        let seat = self.seat(tape, scene, &start)?;
        Ok(Started { start: (start, seat), events: events.to_vec() })
    }

    fn check_chain(
        &self,
        tape: &ProgrammeTape,
        scene: &RewardScene<'_>,
    ) -> Result<(), ConfigError> {
        let (programme, pool) = (tape.header.chain_id, scene.tape.chain_id());
        if programme != pool {
            return Err(
                self.failed_at("tape", &format!("it is on chain {programme}, the pool on {pool}"))
            );
        }
        match tape.header.pool {
            Some(about) if about != scene.tape.address() => {
                let pool = scene.tape.address();
                Err(self
                    .failed_at("tape", &format!("it is about pool {about}, the tape is of {pool}")))
            }
            _ => Ok(()),
        }
    }

    /// A gauge has to follow every change of its pool since its state, and none twice.
    fn check_follows(&self, tape: &ProgrammeTape, pool: RunTape<'_>) -> Result<(), ConfigError> {
        let state_after = tape.header.state_after_block;
        let found = format!("its state is that after block {state_after}");
        let RunTape::Concentrated(pool) = pool else { return Ok(()) };
        if let PoolStart::Snapshot { block, .. } = pool.header.start
            && block > state_after
        {
            return Err(
                self.failed_at("tape", &format!("{found}, the pool's tape begins after {block}"))
            );
        }
        match pool.events.first() {
            Some(first) if first.block <= state_after => {
                let first = first.block;
                Err(self.failed_at("tape", &format!("{found}, the pool's tape begins in {first}")))
            }
            _ => Ok(()),
        }
    }

    /// Returns what was logged before the pool's first event, and up to its last.
    fn split<'a>(
        &self,
        tape: &'a ProgrammeTape,
        pool: RunTape<'_>,
    ) -> Result<(&'a [ProgrammeTapeEvent], &'a [ProgrammeTapeEvent]), ConfigError> {
        let (Some(first), Some(last)) = (pool.events().first(), pool.events().last()) else {
            return Err(ConfigError::EmptyTape);
        };
        let state_after = tape.header.state_after_block;
        if state_after > first.block {
            let found = format!("its state is that after block {state_after}");
            return Err(self.failed_at(
                "tape",
                &format!("{found}, the pool's tape begins in {}", first.block),
            ));
        }
        let place = |event: &ProgrammeTapeEvent| (event.block, event.log_index);
        let begins: Place = (first.block, first.log_index);
        let ends: Place = (last.block, last.log_index);
        let before = tape.events.partition_point(|event| place(event) < begins);
        let within = tape.events.partition_point(|event| place(event) <= ends);
        let (before, rest) = tape.events.split_at(before);
        let events = rest.get(..within.saturating_sub(before.len())).unwrap_or_default();
        let is_early = |event: &&ProgrammeTapeEvent| event.time < first.time;
        let is_late = |event: &&ProgrammeTapeEvent| event.time > last.time;
        if let Some(event) = events.iter().find(|event| is_early(event) || is_late(event)) {
            let found = format!("its log in block {} has a time outside the pool's", event.block);
            return Err(self.failed_at("tape", &found));
        }
        Ok((before, events))
    }

    /// Executes what was logged before the pool's first event.
    fn fold_ahead(
        &self,
        start: FoldedProgramme,
        before: &[ProgrammeTapeEvent],
    ) -> Result<FoldedProgramme, ConfigError> {
        if before.is_empty() {
            return Ok(start);
        }
        if matches!(start.kind(), ProgrammeKind::V3Staker | ProgrammeKind::ConcentratedGauge) {
            return Err(
                self.failed_at("tape", &"it begins before the pool's tape, which its logs need")
            );
        }
        let mut fold = ProgrammeFold::new(start);
        for event in before {
            let at = Moment { at: event.time, block: event.block };
            fold.apply(&event.log, at, &NoPools).map_err(|mismatch| {
                let ProgrammeTapeEvent { block, log_index, .. } = event;
                self.failed_at("tape", &format!("block {block}, log index {log_index}: {mismatch}"))
            })?;
        }
        Ok(fold.programme().clone())
    }

    fn seat(
        &self,
        tape: &ProgrammeTape,
        scene: &RewardScene<'_>,
        start: &FoldedProgramme,
    ) -> Result<Seat, ConfigError> {
        let kind = tape.header.kind;
        let is_system = matches!(kind, ProgrammeKind::CurveGauges | ProgrammeKind::BalancerGauges);
        self.refuse("reward.gauge", self.gauge.is_some() && !is_system)?;
        self.refuse("reward.boost_locked", self.boost_locked.is_some() && !is_system)?;
        self.refuse("reward.incentive", self.incentive.is_some() && !is_v3(kind))?;
        let is_chef = kind == ProgrammeKind::MasterChef;
        self.refuse("reward.chef_pool", self.chef_pool.is_some() && !is_chef)?;
        match kind {
            ProgrammeKind::V3Staker => {
                self.incentive_of(tape, scene.tape.address()).map(Seat::V3Staker)
            }
            ProgrammeKind::StakingRewards => Ok(Seat::StakingRewards),
            ProgrammeKind::ConcentratedGauge => Ok(Seat::ConcentratedGauge),
            ProgrammeKind::AerodromeGauge => Ok(Seat::AerodromeGauge),
            ProgrammeKind::MasterChef => {
                let number = self.chef_pool.ok_or_else(|| {
                    let allowed = "the number of the chef's pool that takes the shares";
                    not_allowed("reward.chef_pool", &"missing", allowed)
                })?;
                Ok(Seat::MasterChef(number))
            }
            ProgrammeKind::CurveGauges | ProgrammeKind::BalancerGauges => {
                self.gauge_seat(scene, start)
            }
            ProgrammeKind::VoteEscrow
            | ProgrammeKind::FeeDistribution
            | ProgrammeKind::TokenAdmin
            | ProgrammeKind::MerkleClaim
            | ProgrammeKind::CumulativeClaim
            | ProgrammeKind::Merkl
            | ProgrammeKind::Aerodrome
            | ProgrammeKind::LiquidStaking
            | ProgrammeKind::RateToken
            | ProgrammeKind::Vault
            | ProgrammeKind::ValidatorStaking => {
                Err(self.failed_at("tape", &format!("positions cannot be staked in a {kind}")))
            }
        }
    }

    /// The gauge that is asked for, of a system that has it when the pool's tape begins.
    fn gauge_seat(
        &self,
        scene: &RewardScene<'_>,
        start: &FoldedProgramme,
    ) -> Result<Seat, ConfigError> {
        if matches!(scene.tape, RunTape::Concentrated(_)) {
            let allowed = "a tape of another programme: a gauge of Curve's or Balancer's takes \
                           shares of a pool";
            return Err(not_allowed("reward.tape", &start.kind(), allowed));
        }
        let mut gauges = Vec::new();
        if let FoldedProgramme::CurveGauges(model) = start {
            gauges.extend(model.gauges());
        } else if let FoldedProgramme::BalancerGauges(model) = start {
            gauges.extend(model.gauges());
        }
        let text = |gauge: &Account| Address(gauge.0).to_string();
        let wanted = self.gauge.as_deref().map(str::to_lowercase);
        let found = gauges.iter().find(|gauge| Some(text(gauge)) == wanted);
        let gauge = *found.ok_or_else(|| {
            let wanted = self.gauge.as_deref().unwrap_or("missing");
            let allowed = match gauges.as_slice() {
                [] => "a gauge, of which the tape has none when the pool's begins".to_owned(),
                gauges => gauges.iter().map(text).collect::<Vec<_>>().join(", "),
            };
            not_allowed("reward.gauge", &wanted, &allowed)
        })?;
        let seat = GaugeSeat { gauge, locked: self.boost_locked()? };
        let FoldedProgramme::BalancerGauges(model) = start else {
            return Ok(Seat::CurveGauge(seat));
        };
        if model.gauge(gauge).is_some_and(|gauge| !gauge.rewards().is_empty()) {
            let allowed = "a gauge that pays BAL and streams no other tokens: what a position \
                           earns of those is not modelled";
            return Err(not_allowed("reward.gauge", &text(&gauge), allowed));
        }
        Ok(Seat::BalancerGauge(seat))
    }

    /// The incentive that is asked for, or the only one for the pool.
    fn incentive_of(
        &self,
        tape: &ProgrammeTape,
        pool: Address,
    ) -> Result<IncentiveKey, ConfigError> {
        let mut keys = Vec::new();
        if let ProgrammeState::V3Staker(state) = &tape.start {
            keys.extend(state.incentives.iter().map(|incentive| incentive.key));
        }
        keys.extend(tape.events.iter().filter_map(|event| created(&event.log)));
        keys.retain(|key| key.pool == Account(pool.0));
        keys.sort_unstable();
        keys.dedup();
        let id = |key: &IncentiveKey| Bytes32(key.id()).to_string();
        let ids: Vec<_> = keys.iter().map(id).collect();
        let found = match &self.incentive {
            Some(wanted) => keys.iter().find(|key| id(key) == wanted.to_lowercase()),
            None if keys.len() == 1 => keys.first(),
            None => None,
        };
        found.copied().ok_or_else(|| {
            let wanted = self.incentive.as_deref().unwrap_or("missing");
            let allowed = match ids.as_slice() {
                [] => "an incentive for the pool, of which the tape has none".to_owned(),
                ids => ids.join(", "),
            };
            not_allowed("reward.incentive", &wanted, &allowed)
        })
    }
}

fn is_v3(kind: ProgrammeKind) -> bool {
    kind == ProgrammeKind::V3Staker
}

fn created(log: &ProgrammeLog) -> Option<IncentiveKey> {
    let ProgrammeLog::V3Staker(V3StakerLog::IncentiveCreated {
        reward_token,
        pool,
        start_time,
        end_time,
        refundee,
        ..
    }) = *log
    else {
        return None;
    };
    let [reward_token, pool, refundee] =
        [reward_token, pool, refundee].map(|address| Account(address.0));
    Some(IncentiveKey { reward_token, pool, start_time, end_time, refundee })
}
