//! Which strategies run, and what each uses besides the pool.

use tidemill_exec_sim::GasModel;
use tidemill_market::StakingService;
use tidemill_model::{InstrumentId, ProgrammeId, StakingId, VotingId};
use tidemill_strategies::{
    FarmConfig, FarmSetup, HedgeSetup, PoolFacts, QuoteScale, RoundGas, Services, Stake,
    StakeSetup, StrategyConfig, StrategyKind, Vote, VoteGas, VoteSetup,
};
use tidemill_units::Gas;

use super::{Setup, listed, not_allowed};
use crate::exchange_config::ExchangeSetup;
use crate::reward_config::RewardSetup;
use crate::staking_config::StakingSetup;
use crate::voting_config::VotingSetup;
use crate::{ConfigError, RunTape};

/// What a run offers besides the pool.
#[derive(Clone, Copy)]
pub(crate) struct Offered<'a> {
    pub(crate) rewards: &'a [RewardSetup],
    pub(crate) stakings: &'a [StakingSetup],
    pub(crate) votings: &'a [VotingSetup],
    pub(crate) exchanges: &'a [ExchangeSetup],
    pub(crate) scale: QuoteScale,
}

impl Setup {
    pub(crate) fn offered(&self, tape: RunTape<'_>) -> Offered<'_> {
        Offered {
            rewards: &self.rewards,
            stakings: &self.stakings,
            votings: &self.votings,
            exchanges: &self.exchanges,
            scale: QuoteScale::new(&tape.decimals(), self.valuation.quote),
        }
    }
}

/// The strategies that run where none is asked for: each as it is and, if it provides liquidity and
/// there are programmes, farmed as well.
pub(super) fn defaults(facts: PoolFacts, offered: Offered<'_>) -> Vec<StrategyConfig> {
    let mut strategies = Vec::new();
    for kind in StrategyKind::defaults(facts) {
        let provides = kind.provides();
        strategies.push(StrategyConfig::of(kind.clone()));
        if !offered.rewards.is_empty() && provides {
            let farm = Some(FarmConfig::default());
            strategies.push(StrategyConfig { farm, ..StrategyConfig::of(kind) });
        }
    }
    if !offered.stakings.is_empty() {
        strategies.push(StrategyConfig::of(StrategyKind::Stake(Stake::default())));
    }
    if !offered.votings.is_empty() {
        strategies.push(StrategyConfig::of(StrategyKind::Vote(Vote::default())));
    }
    strategies
}

/// What a strategy uses besides the pool.
pub(crate) fn services(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
    gas: &GasModel,
) -> Result<Services, ConfigError> {
    Ok(Services {
        farm: farm_setup(strategy, offered.rewards, gas)?,
        stake: stake_setup(strategy, offered.stakings)?,
        vote: vote_setup(strategy, offered.votings, gas)?,
        hedge: hedge_setup(strategy, offered.exchanges)?,
        scale: Some(offered.scale),
    })
}

/// The contract that a strategy hedges with; `None` where it does not hedge, or there is none at
/// all.
fn hedge_setup(
    strategy: &StrategyConfig,
    exchanges: &[ExchangeSetup],
) -> Result<Option<HedgeSetup>, ConfigError> {
    let Some(hedge) = &strategy.hedge else { return Ok(None) };
    let instruments = exchanges.iter().flat_map(|exchange| &exchange.instruments);
    let contracts: Vec<_> = (0..)
        .map(InstrumentId)
        .zip(instruments)
        .filter(|(_, (market, _))| market.instrument.kind.is_contract())
        .collect();
    let names = contracts.iter().map(|(_, (market, _))| market.name.as_str());
    let place = chosen(
        hedge.instrument.as_deref(),
        names,
        ("strategy.hedge.instrument", "[[exchange.instrument]] of kind perpetual"),
    )?;
    Ok(contracts.get(place).map(|(id, (market, base))| HedgeSetup {
        instrument: *id,
        base: *base,
        step: market.instrument.step,
    }))
}

/// The service that a strategy locks a token at; `None` where it does not vote, or there is none at
/// all.
fn vote_setup(
    strategy: &StrategyConfig,
    votings: &[VotingSetup],
    gas: &GasModel,
) -> Result<Option<VoteSetup>, ConfigError> {
    let StrategyKind::Vote(Vote { voting, .. }) = &strategy.kind else { return Ok(None) };
    let names = votings.iter().map(|service| service.name.as_str());
    let place = chosen(voting.as_deref(), names, ("strategy.voting", "[[voting]]"))?;
    Ok(votings.get(place).map(|service| VoteSetup {
        voting: VotingId(u16::try_from(place).unwrap_or(u16::MAX)),
        token: service.token,
        longest_weeks: service.longest_weeks,
        gas: VoteGas {
            vote: gas.voting.vote,
            claim: gas.voting.claim,
            sell: gas.swap,
            fallback_price: gas.fallback_price,
        },
    }))
}

/// The service that a strategy stakes at; `None` where it does not stake, or there is none at all.
fn stake_setup(
    strategy: &StrategyConfig,
    stakings: &[StakingSetup],
) -> Result<Option<StakeSetup>, ConfigError> {
    let StrategyKind::Stake(Stake { staking, .. }) = &strategy.kind else { return Ok(None) };
    let names = stakings.iter().map(|service| service.name.as_str());
    let place = chosen(staking.as_deref(), names, ("strategy.staking", "[[staking]]"))?;
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
    let names = rewards.iter().map(|reward| reward.name.as_str());
    let place =
        chosen(farm.programme.as_deref(), names, ("strategy.farm.programme", "[[reward]]"))?;
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

/// The place of what a strategy names, the first where it names none.
fn chosen<'a>(
    wanted: Option<&str>,
    names: impl Iterator<Item = &'a str>,
    (key, table): (&'static str, &str),
) -> Result<usize, ConfigError> {
    let Some(wanted) = wanted else { return Ok(0) };
    let names: Vec<_> = names.collect();
    let place = names.iter().position(|name| *name == wanted);
    place.ok_or_else(|| not_allowed(key, &wanted, &listed(&names, table)))
}
