//! Which strategies run, and what each uses besides the pool.

use tidemill_exec_sim::GasModel;
use tidemill_ledger::PoolAssets;
use tidemill_market::{InstrumentMarket, StakingService};
use tidemill_model::{InstrumentId, PoolId, ProgrammeId, StakingId, VotingId};
use tidemill_strategies::{
    ArbitragePool, ArbitrageSetup, FarmConfig, FarmSetup, HedgeSetup, OptionHedgeSetup, PairLeg,
    PairSetup, Pairs, PoolExchangeSetup, PoolFacts, PoolSeat, QuoteScale, RoundGas, Services,
    Stake, StakeSetup, StrategyConfig, StrategyKind, SwapGas, TradeSetup, Vote, VoteGas, VoteSetup,
};
use tidemill_units::{Amount, Gas, TokenIndex};

use super::pools::MAIN;
use super::{POOL, PoolSetup, Setup, listed, not_allowed, pool_named, pool_numbers};
use crate::exchange_config::ExchangeSetup;
use crate::feeds::FeedSetup;
use crate::reward_config::RewardSetup;
use crate::staking_config::StakingSetup;
use crate::voting_config::VotingSetup;
use crate::{ConfigError, RunSource, RunTape};

/// What a run offers besides the pool.
#[derive(Clone, Copy)]
pub(crate) struct Offered<'a> {
    /// The tape of the first pool; none in a run without one.
    pub(crate) main: Option<RunTape<'a>>,
    /// The token that values are stated in, and its decimals.
    pub(crate) quote: (TokenIndex, u8),
    pub(crate) assets: &'a PoolAssets,
    pub(crate) pools: &'a [PoolSetup],
    pub(crate) rewards: &'a [RewardSetup],
    pub(crate) stakings: &'a [StakingSetup],
    pub(crate) votings: &'a [VotingSetup],
    pub(crate) feeds: &'a [FeedSetup],
    pub(crate) exchanges: &'a [ExchangeSetup],
}

/// The pool that a strategy looks at.
#[derive(Clone, Copy)]
struct Looked<'a> {
    pool: PoolId,
    tape: RunTape<'a>,
    assets: &'a PoolAssets,
}

impl<'a> Offered<'a> {
    /// What of its pool a strategy depends on; `None` in a run without one.
    ///
    /// Errors: those of a pool that there is not.
    pub(crate) fn facts(self, strategy: &StrategyConfig) -> Result<Option<PoolFacts>, ConfigError> {
        Ok(self.looked(strategy)?.map(|looked| looked.tape.facts()))
    }

    fn looked(self, strategy: &StrategyConfig) -> Result<Option<Looked<'a>>, ConfigError> {
        let Some(main) = self.main else {
            return match &strategy.pool {
                None => Ok(None),
                Some(name) => {
                    let allowed = "left out where tape = \"none\": the run has no pool";
                    Err(not_allowed("strategy.pool", name, allowed))
                }
            };
        };
        let other = pool_named("strategy.pool", strategy.pool.as_deref(), self.pools)?;
        let first = Looked { pool: POOL, tape: main, assets: self.assets };
        Ok(Some(other.map_or(first, |(pool, other)| Looked {
            pool,
            tape: other.run_tape(),
            assets: &other.assets,
        })))
    }

    /// What can be traded at exchanges, in the order of their numbers, and which of the first
    /// pool's tokens each trades or follows.
    fn instruments(self) -> impl Iterator<Item = (InstrumentId, &'a InstrumentMarket, TokenIndex)> {
        let all = self.exchanges.iter().flat_map(|exchange| &exchange.instruments);
        (0..).map(InstrumentId).zip(all).map(|(id, (market, base))| (id, market, *base))
    }

    /// Which token of a pool one of the first pool is.
    fn token_in(self, looked: Looked<'_>, token: TokenIndex) -> Option<TokenIndex> {
        looked.assets.index_of(self.assets.token(token)?)
    }

    /// All pools, in their order.
    fn seats(self) -> Vec<PoolSeat> {
        let main = self.main.map(|tape| PoolSeat {
            name: MAIN.to_owned(),
            pool: POOL,
            facts: tape.facts(),
        });
        let others = pool_numbers().zip(self.pools).map(|(pool, other)| PoolSeat {
            name: other.name.clone(),
            pool,
            facts: other.run_tape().facts(),
        });
        main.into_iter().chain(others).collect()
    }

    /// What arbitrage between the pools takes.
    fn arbitrage(self, gas: &GasModel) -> ArbitrageSetup {
        let pool = |(seat, assets): (PoolSeat, &PoolAssets)| ArbitragePool {
            gas: swap_gas(seat.facts, gas),
            assets: assets.tokens().to_vec(),
            name: seat.name,
            pool: seat.pool,
        };
        let assets = std::iter::once(self.assets).chain(self.pools.iter().map(|it| &it.assets));
        ArbitrageSetup {
            pools: self.seats().into_iter().zip(assets).map(pool).collect(),
            transaction: gas.transaction,
            fallback_price: gas.fallback_price,
        }
    }

    /// How a pool's raw units become the numbers of rules: as its view states them.
    fn scale(self, looked: Option<Looked<'_>>) -> QuoteScale {
        let (stated, quote_decimals) = self.quote;
        let Some(looked) = looked else {
            return QuoteScale { quote: stated, quote_decimals, base: None };
        };
        let quote = looked.assets.nearest(self.assets, stated).unwrap_or(stated);
        QuoteScale::new(&looked.tape.decimals(), quote)
    }
}

impl Setup {
    pub(crate) fn offered<'a>(&'a self, source: RunSource<'a>) -> Offered<'a> {
        let quote = self.quote().unwrap_or(TokenIndex(0));
        let tokens = source.tokens();
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        Offered {
            main: source.tape(),
            quote: (quote, decimals),
            assets: &self.assets,
            pools: &self.pools,
            rewards: &self.rewards,
            stakings: &self.stakings,
            votings: &self.votings,
            feeds: &self.feeds,
            exchanges: &self.exchanges,
        }
    }
}

/// The strategies that run where none is asked for: each as it is and, if it provides liquidity and
/// there are programmes, farmed as well.
pub(super) fn defaults(offered: Offered<'_>) -> Vec<StrategyConfig> {
    let mut strategies = Vec::new();
    for kind in StrategyKind::defaults(offered.main.map(RunTape::facts)) {
        let provides = kind.provides();
        strategies.push(StrategyConfig::of(kind.clone()));
        if offered.rewards.iter().any(|reward| reward.pool == POOL) && provides {
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
    let looked = offered.looked(strategy)?;
    let pool = looked.map_or(POOL, |looked| looked.pool);
    let is_first = pool == POOL;
    if !is_first && matches!(strategy.kind, StrategyKind::Stake(_) | StrategyKind::Vote(_)) {
        let allowed = "main, for services take tokens of the run's own pool";
        let name = strategy.pool.as_deref().unwrap_or_default();
        return Err(not_allowed("strategy.pool", &name, allowed));
    }
    Ok(Services {
        pool: (!is_first).then_some(pool),
        pools: offered.seats(),
        farm: farm_setup(strategy, (offered.rewards, pool), gas)?,
        stake: stake_setup(strategy, offered.stakings)?,
        vote: vote_setup(strategy, offered.votings, gas)?,
        hedge: hedge_setup(strategy, offered, looked)?,
        option_hedge: option_hedge_setup(strategy, offered, looked)?,
        pair: pair_setup(strategy, offered)?,
        trade: trade_setup(strategy, offered)?,
        arbitrage: Some(offered.arbitrage(gas)),
        exchange: exchange_setup(strategy, offered, (looked, gas))?,
        scale: Some(offered.scale(looked)),
    })
}

/// The gas of a swap of a wallet that has swapped before; in a pool of shares the most that one
/// takes in any.
fn swap_gas(pool: PoolFacts, gas: &GasModel) -> SwapGas {
    let over = |crossings| match pool {
        PoolFacts::Concentrated { .. } => gas.swap_over(crossings),
        PoolFacts::Shares { .. } => gas.other_shares.swap,
    };
    SwapGas { in_range: over(0), one_crossing: over(1), two_crossings: over(2) }
}

/// The contract that a strategy trades its pool against; `None` where it trades against none, or
/// there is none at all.
fn exchange_setup(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
    (looked, gas): (Option<Looked<'_>>, &GasModel),
) -> Result<Option<PoolExchangeSetup>, ConfigError> {
    let StrategyKind::PoolExchangeArbitrage(wanted) = &strategy.kind else { return Ok(None) };
    let Some(looked) = looked else { return Ok(None) };
    let in_pool = |token| offered.token_in(looked, token);
    let (mut contracts, mut numbers) = (Vec::new(), (0..).map(InstrumentId));
    for exchange in offered.exchanges {
        for ((market, base), instrument) in exchange.instruments.iter().zip(numbers.by_ref()) {
            let tokens = in_pool(*base).zip(in_pool(exchange.quote));
            let Some((base, quote)) = tokens.filter(|_| market.instrument.kind.is_margined())
            else {
                continue;
            };
            let setup = PoolExchangeSetup {
                instrument,
                base,
                quote,
                step: market.instrument.step,
                taker: exchange.model.commission.taker(Amount::ZERO),
                half_spread: exchange.model.half_spread,
                gas: swap_gas(looked.tape.facts(), gas),
                fallback_price: gas.fallback_price,
            };
            contracts.push((market.name.as_str(), setup));
        }
    }
    let names = contracts.iter().map(|(name, _)| *name);
    let table = "[[exchange.instrument]] of kind perpetual";
    let place = chosen(wanted.instrument.as_deref(), names, ("strategy.instrument", table))?;
    Ok(contracts.get(place).map(|(_, setup)| *setup))
}

/// The contract that a strategy hedges with; `None` where it does not hedge, or there is none at
/// all.
fn hedge_setup(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
    looked: Option<Looked<'_>>,
) -> Result<Option<HedgeSetup>, ConfigError> {
    let Some((hedge, looked)) = strategy.hedge.as_ref().zip(looked) else { return Ok(None) };
    let contracts: Vec<_> = offered
        .instruments()
        .filter_map(|(id, market, base)| Some((id, market, offered.token_in(looked, base)?)))
        .filter(|(_, market, _)| market.instrument.kind.is_margined())
        .collect();
    let names = contracts.iter().map(|(_, market, _)| market.name.as_str());
    let place = chosen(
        hedge.instrument.as_deref(),
        names,
        ("strategy.hedge.instrument", "[[exchange.instrument]] of kind perpetual"),
    )?;
    Ok(contracts.get(place).map(|(id, market, base)| HedgeSetup {
        instrument: *id,
        base: *base,
        step: market.instrument.step,
    }))
}

/// The options that a strategy covers its positions with; `None` where it does not, or there are
/// none at all.
fn option_hedge_setup(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
    looked: Option<Looked<'_>>,
) -> Result<Option<OptionHedgeSetup>, ConfigError> {
    let Some(looked) = looked.filter(|_| strategy.option_hedge.is_some()) else {
        return Ok(None);
    };
    let is_option = |market: &InstrumentMarket| market.instrument.kind.option().is_some();
    let mut options = offered.instruments().filter(|(_, market, _)| is_option(market));
    let Some((_, first, base)) = options.next() else { return Ok(None) };
    if let Some((_, market, _)) = options.find(|(_, _, other)| *other != base) {
        let allowed = "where all options of the run are on one token";
        return Err(not_allowed("strategy.option_hedge", &market.name, allowed));
    }
    let own = offered.token_in(looked, base);
    let decimals = (first.base_decimals, first.quote_decimals);
    Ok(own.map(|token| OptionHedgeSetup { base: (token, decimals.0), quote_decimals: decimals.1 }))
}

/// The instruments that a strategy trades as a pair; `None` where it trades none, or there are not
/// two.
fn pair_setup(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
) -> Result<Option<PairSetup>, ConfigError> {
    let StrategyKind::Pairs(Pairs { first, second, .. }) = &strategy.kind else { return Ok(None) };
    let all: Vec<_> = offered.instruments().map(|(id, market, _)| (id, market)).collect();
    let names = || all.iter().map(|(_, market)| market.name.as_str());
    let table = "[[exchange.instrument]]";
    let first_place = chosen(first.as_deref(), names(), ("strategy.first", table))?;
    let second_place = match second {
        Some(_) => chosen(second.as_deref(), names(), ("strategy.second", table))?,
        None => usize::from(first_place == 0),
    };
    let [Some((id, explained)), Some((other_id, explaining))] =
        [first_place, second_place].map(|place| all.get(place))
    else {
        return Ok(None);
    };
    let same = (id == other_id).then(|| "another instrument than `first`".to_owned());
    let unlike = (explained.instrument.quote != explaining.instrument.quote)
        .then(|| format!("an instrument that is paid in what `{}` is", explained.name));
    if let Some(allowed) = same.or(unlike) {
        return Err(not_allowed("strategy.second", &explaining.name, &allowed));
    }
    let leg = |instrument: InstrumentId, market: &InstrumentMarket| PairLeg {
        instrument,
        step: market.instrument.step,
        is_contract: market.instrument.kind.is_contract(),
    };
    let legs = [leg(*id, explained), leg(*other_id, explaining)];
    Ok(Some(PairSetup { legs, quote_decimals: explained.quote_decimals }))
}

/// What a strategy trades at an exchange; `None` where it does not, or there is nothing at all.
///
/// Errors: an instrument or a feed that there is not.
fn trade_setup(
    strategy: &StrategyConfig,
    offered: Offered<'_>,
) -> Result<Option<TradeSetup>, ConfigError> {
    let instruments: Vec<_> = offered.instruments().collect();
    let names: Vec<_> = instruments.iter().map(|(_, market, _)| market.name.as_str()).collect();
    if let Some(rules) = strategy.rules() {
        let wrong = |error| ConfigError::Strategy { name: strategy.name(), error };
        rules.check_instruments(&names).map_err(wrong)?;
    }
    let StrategyKind::ThresholdBuy(rule) = &strategy.kind else { return Ok(None) };
    let feeds: Vec<_> = offered.feeds.iter().map(|feed| feed.terms.name.as_str()).collect();
    if !feeds.contains(&rule.feed.as_str()) {
        return Err(not_allowed("strategy.feed", &rule.feed, &listed(&feeds, "[[feed]]")));
    }
    let instrument = rule.instrument.as_deref();
    let of = ("strategy.instrument", "[[exchange.instrument]]");
    let place = chosen(instrument, names.iter().copied(), of)?;
    Ok(instruments.get(place).map(|(id, market, _)| TradeSetup {
        instrument: *id,
        step: market.instrument.step,
        base_decimals: market.base_decimals,
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
    (rewards, pool): (&[RewardSetup], PoolId),
    gas: &GasModel,
) -> Result<Option<FarmSetup>, ConfigError> {
    let Some(farm) = &strategy.farm else { return Ok(None) };
    let programmes = (0..).map(ProgrammeId).zip(rewards);
    let rewards: Vec<_> = programmes.filter(|(_, reward)| reward.pool == pool).collect();
    let names = rewards.iter().map(|(_, reward)| reward.name.as_str());
    let place =
        chosen(farm.programme.as_deref(), names, ("strategy.farm.programme", "[[reward]]"))?;
    let Some((programme_id, reward)) = rewards.get(place) else { return Ok(None) };
    let programme = gas.of_programme(reward.seat.kind());
    // The most of what opening and closing can take: which of them is not known yet.
    let around = [gas.decrease, gas.collect, gas.swap, gas.mint_new_ticks, programme.stake];
    let restart = around.iter().fold(programme.unstake.0, |sum, gas| sum.saturating_add(gas.0));
    Ok(Some(FarmSetup {
        programme: *programme_id,
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
