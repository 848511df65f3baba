//! Which strategies run, and what each uses besides the pool.

use tidemill_exec_sim::GasModel;
use tidemill_market::StakingService;
use tidemill_model::{ProgrammeId, StakingId};
use tidemill_strategies::{
    FarmConfig, FarmSetup, PoolFacts, RoundGas, Services, StakeSetup, StrategyConfig, StrategyKind,
};
use tidemill_units::Gas;

use super::not_allowed;
use crate::ConfigError;
use crate::reward_config::RewardSetup;
use crate::staking_config::StakingSetup;

/// The strategies that run where none is asked for: each as it is and, if it provides liquidity and
/// there are programmes, farmed as well.
pub(super) fn defaults(
    facts: PoolFacts,
    has_rewards: bool,
    has_staking: bool,
) -> Vec<StrategyConfig> {
    let mut strategies = Vec::new();
    for kind in StrategyKind::defaults(facts) {
        let provides = !matches!(kind, StrategyKind::Hold {});
        strategies.push(StrategyConfig { name: None, farm: None, kind: kind.clone() });
        if has_rewards && provides {
            let farm = Some(FarmConfig::default());
            strategies.push(StrategyConfig { name: None, farm, kind });
        }
    }
    if has_staking {
        let (staking, compound_every_days, leave_after_days) = (None, None, None);
        let kind = StrategyKind::Stake { staking, compound_every_days, leave_after_days };
        strategies.push(StrategyConfig { name: None, farm: None, kind });
    }
    strategies
}

/// What a strategy uses besides the pool.
pub(crate) fn services(
    strategy: &StrategyConfig,
    (rewards, stakings): (&[RewardSetup], &[StakingSetup]),
    gas: &GasModel,
) -> Result<Services, ConfigError> {
    let farm = farm_setup(strategy, rewards, gas)?;
    Ok(Services { farm, stake: stake_setup(strategy, stakings)? })
}

/// The service that a strategy stakes at; `None` where it does not stake, or there is none at all.
fn stake_setup(
    strategy: &StrategyConfig,
    stakings: &[StakingSetup],
) -> Result<Option<StakeSetup>, ConfigError> {
    let StrategyKind::Stake { staking, .. } = &strategy.kind else { return Ok(None) };
    let place = match staking {
        None => 0,
        Some(wanted) => {
            let place = stakings.iter().position(|service| service.name == *wanted);
            place.ok_or_else(|| {
                let names: Vec<_> = stakings.iter().map(|service| service.name.as_str()).collect();
                not_allowed("strategy.staking", wanted, &listed(&names, "[[staking]]"))
            })?
        }
    };
    Ok(stakings.get(place).map(|service| StakeSetup {
        staking: StakingId(u16::try_from(place).unwrap_or(u16::MAX)),
        token: service.token,
        compounds_itself: matches!(service.service, StakingService::Liquid(_)),
    }))
}

/// The programme that a strategy farms in; `None` where it does not farm, or there is none at all.
fn farm_setup(
    strategy: &StrategyConfig,
    rewards: &[RewardSetup],
    gas: &GasModel,
) -> Result<Option<FarmSetup>, ConfigError> {
    let Some(farm) = &strategy.farm else { return Ok(None) };
    let place = match &farm.programme {
        None => 0,
        Some(wanted) => {
            let place = rewards.iter().position(|reward| reward.name == *wanted);
            place.ok_or_else(|| {
                let names: Vec<_> = rewards.iter().map(|reward| reward.name.as_str()).collect();
                not_allowed("strategy.farm.programme", wanted, &listed(&names, "[[reward]]"))
            })?
        }
    };
    let Some(reward) = rewards.get(place) else { return Ok(None) };
    let programme = gas.of_programme(reward.seat.kind());
    // The most of what opening and closing can take: which of them is not known yet.
    let around = [gas.decrease, gas.collect, gas.swap, gas.mint_new_ticks, programme.stake];
    let restart = around.iter().fold(programme.unstake.0, |sum, gas| sum.saturating_add(gas.0));
    Ok(Some(FarmSetup {
        programme: ProgrammeId(u16::try_from(place).unwrap_or(u16::MAX)),
        gas: RoundGas {
            claim: programme.claim,
            sell: gas.swap,
            restart: Gas(restart),
            fallback_price: gas.fallback_price,
        },
    }))
}

fn listed(names: &[&str], table: &str) -> String {
    match names {
        [] => format!("the name of a {table}, of which there is none"),
        names => names.join(", "),
    }
}
