mod deposit;
mod error;
mod limits;
mod pools;
mod rules;
mod services;
mod text;
mod without_pool;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidemill_configuration::read;
use tidemill_exec_sim::{GasModel, Inclusion, Models, SaleModel};
use tidemill_ledger::PoolAssets;
use tidemill_market::{Footprint, NativeValue, PoolValuation, Valuation};
use tidemill_model::{AssetId, Latency, PoolId, Token};
use tidemill_risk::{Limits, Safeguards};
use tidemill_strategies::StrategyConfig;
use tidemill_units::{Bps, GasPrice, Timestamp, TokenAmounts, TokenIndex};

use crate::exchange_config::{
    ExchangeConfig, ExchangeScene, ExchangeSetup, quote_feeds, resolve_exchanges,
};
use crate::feeds::{DATA_FOLDER, FeedConfig, FeedSetup, check_needs};
use crate::reward_config::{RewardConfig, RewardScene, RewardSetup};
use crate::staking_config::{StakingConfig, StakingSetup};
use crate::voting_config::{VotingConfig, VotingScene, VotingSetup};
use crate::{RunSource, RunTape};

pub use error::ConfigError;
pub use limits::LimitsConfig;
pub use pools::{PoolConfig, PoolSetup};
pub(crate) use pools::{named as pool_named, numbers as pool_numbers};
pub(crate) use services::{Offered, services};
pub(crate) use text::{alternatives, is_printable, listed, not_allowed, open_beside, whole};
pub use without_pool::TokenConfig;

use deposit::Deposit;
use pools::{TokenAssets, check_names, resolve_pools};
use rules::read_rules;
use services::defaults;
use text::neither;

/// A backtest as its TOML file writes it. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestConfig {
    /// A tape or a folder to import, relative to the file; the built-in sample without one, and no
    /// pool at all with `none`.
    pub tape: Option<String>,
    /// Other pools of the same chain, beside the one of `tape`.
    #[serde(default)]
    pub pool: Vec<PoolConfig>,
    /// Symbol of the token that values are stated in; a dollar stablecoin if the pool has one, else
    /// token1.
    pub quote: Option<String>,
    /// What each strategy starts with, in whole quote tokens; half of it goes into the other token
    /// at the first price, and in a pool of shares its own proportion of each. 1,000,000 without
    /// one.
    pub deposit_quote: Option<String>,
    /// What each strategy starts with, in whole tokens by symbol, instead of `deposit_quote`; of a
    /// token that is left out, nothing.
    pub deposit: Option<BTreeMap<String, String>>,
    /// `price-taker` or `re-executed`; re-executed without one.
    pub footprint: Option<String>,
    /// Blocks between a decision and its execution, 0 to 100; 1 without one.
    pub latency_blocks: Option<u64>,
    /// What 10^18 wei of the coin that gas is paid in are worth in whole quote tokens; needed where
    /// no token of the pool is that coin.
    pub native_price_quote: Option<String>,
    /// The price of gas while the tape names none, in wei; 20 gwei without one.
    pub fallback_gas_price_wei: Option<u64>,
    /// What selling reward tokens costs, fee and price impact, 0 to 10000 basis points of their
    /// price; 30 without one.
    pub reward_sale_cost_bps: Option<u32>,
    /// Reward programmes for the pool's providers.
    #[serde(default)]
    pub reward: Vec<RewardConfig>,
    /// Services that stake one of the pool's tokens.
    #[serde(default)]
    pub staking: Vec<StakingConfig>,
    /// Services that lock one of the pool's tokens for votes.
    #[serde(default)]
    pub voting: Vec<VotingConfig>,
    /// Feeds from outside the pool.
    #[serde(default)]
    pub feed: Vec<FeedConfig>,
    /// Tokens of a run without a pool.
    #[serde(default)]
    pub token: Vec<TokenConfig>,
    /// Exchanges that strategies have an account at.
    #[serde(default)]
    pub exchange: Vec<ExchangeConfig>,
    /// Milliseconds from a block's time until what happened in it is seen, 0 to 3600000; 0 without.
    pub chain_latency_ms: Option<u32>,
    /// Seconds that a strategy may take to answer one event before it is stopped, 1 to 3600; 10
    /// without one.
    pub answer_within_seconds: Option<u64>,
    /// Limits for each strategy.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The strategies; four of the library without any.
    #[serde(default)]
    pub strategy: Vec<StrategyConfig>,
    /// The data folder of feeds that have a source and name no folder; `data` without one. No key:
    /// the same configuration may run beside another folder.
    #[serde(skip)]
    pub data_folder: Option<PathBuf>,
}

/// A configuration made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// How values are stated.
    pub valuation: Valuation,
    /// What each strategy starts with on the chain; nothing without a pool.
    pub deposit: TokenAmounts,
    /// What our orders do to history.
    pub footprint: Footprint,
    /// When orders are included, and what they cost.
    pub models: Models,
    /// Limits for each strategy.
    pub limits: Limits,
    /// Limits for each strategy that are off until they are set.
    pub safeguards: Safeguards,
    /// The assets of the pool's tokens, or of those that are declared without one.
    pub assets: PoolAssets,
    /// The other pools, in the order of their numbers, which go on from the first pool's.
    pub pools: Vec<PoolSetup>,
    /// The reward programmes, in the order of their numbers.
    pub rewards: Vec<RewardSetup>,
    /// The staking services, in the order of their numbers.
    pub stakings: Vec<StakingSetup>,
    /// The voting services, in the order of their numbers.
    pub votings: Vec<VotingSetup>,
    /// The feeds, in the order of their numbers.
    pub feeds: Vec<FeedSetup>,
    /// The exchanges, in the order of their numbers.
    pub exchanges: Vec<ExchangeSetup>,
    /// From a block's time until what happened in it is seen.
    pub chain_latency: Latency,
    /// Seconds that a strategy may take to answer one event before it is stopped; looked at where
    /// runs are watched. No figure and no digest depends on it, but those of a strategy stopped so.
    pub answer_within_seconds: u64,
    /// The strategies.
    pub strategies: Vec<StrategyConfig>,
}

/// The number of a run's first pool.
pub(crate) const POOL: PoolId = PoolId(0);

/// Keys of every strategy, whatever its kind.
const STRATEGY_KEYS: &[&str] = &[
    "kind",
    "name",
    "pool",
    "farm",
    "hedge",
    "option_hedge",
    "size",
    "trend_filter",
    "volatility_filter",
    "needs",
];

impl Setup {
    /// Returns how many recorded events of pools there are.
    pub fn events<'a>(&self, source: impl Into<RunSource<'a>>) -> usize {
        let others = self.pools.iter().map(|pool| pool.run_tape().events().len());
        let main = source.into().tape().map_or(0, |tape| tape.events().len());
        others.sum::<usize>().saturating_add(main)
    }

    /// Which of the run's tokens values are stated in.
    pub(crate) fn quote(&self) -> Option<TokenIndex> {
        match self.valuation {
            Valuation::Pool(pool) => Some(pool.quote),
            Valuation::Exchanges(asset) => self.assets.index_of(asset),
        }
    }

    /// Whether anything but swap fees can be earned.
    pub fn pays_rewards(&self) -> bool {
        !(self.rewards.is_empty() && self.stakings.is_empty() && self.votings.is_empty())
    }
}

impl BacktestConfig {
    /// Reads a configuration.
    ///
    /// Errors: [`ConfigError::Syntax`], which knows where in the text it is.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        read(text, &[("strategy", STRATEGY_KEYS)]).map_err(ConfigError::Syntax)
    }

    /// Makes the configuration definite for a tape, or for a run without one, and checks every
    /// value.
    ///
    /// Errors: see [`ConfigError`].
    pub fn resolve<'a>(&self, source: impl Into<RunSource<'a>>) -> Result<Setup, ConfigError> {
        match source.into() {
            RunSource::Tape(tape) => self.resolve_in_pool(tape),
            RunSource::Exchanges(tokens) => self.resolve_without_pool(tokens),
        }
    }

    fn resolve_in_pool(&self, tape: RunTape<'_>) -> Result<Setup, ConfigError> {
        self.check_no_tokens()?;
        let tokens = tape.tokens();
        let quote = self.quote_token(&tokens)?;
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let start = tape.start(quote).ok_or(ConfigError::EmptyTape)?;
        let Deposit { amounts, value } = self.deposit(&tokens, quote, &start)?;
        let native = self.native(tape, quote)?;
        let assets = assets_of(tokens.len()).ok_or(ConfigError::EmptyTape)?;
        let models = Models { gas: self.gas(), inclusion: self.inclusion()?, sale: self.sale()? };
        let footprint = self.footprint()?;
        let stakings = self.stakings(&tokens, tape.first_time())?;
        let reward_assets = self.reward.len();
        let votings = self.votings(tape, decimals, after(assets.native, reward_assets))?;
        let chain_latency = self.chain_latency()?;
        let mut feeds = self.feeds(&tokens, chain_latency)?;
        let first_asset =
            votings.iter().fold(after(assets.native, reward_assets), |next, voting| {
                AssetId(next.0.saturating_add(count(&voting.assets)))
            });
        let mut token_assets = TokenAssets::new(&tokens, &assets, first_asset);
        let pools = resolve_pools(&self.pool, tape, &assets, &mut token_assets)?;
        let first_asset = token_assets.next();
        let rewards = self.rewards((tape, &pools), footprint, (decimals, assets.native))?;
        let scene =
            ExchangeScene { tokens: &tokens, assets: &assets, quote, feeds: &feeds, first_asset };
        let exchanges = resolve_exchanges(&self.exchange, &scene)?;
        feeds.extend(quote_feeds(&exchanges));
        let offered = Offered {
            main: Some(tape),
            quote: (quote, decimals),
            assets: &assets,
            pools: &pools,
            rewards: &rewards,
            stakings: &stakings,
            votings: &votings,
            feeds: &feeds,
            exchanges: &exchanges,
        };
        let strategies = self.strategies(offered, &models.gas)?;
        check_needs(&feeds, &strategies)?;
        let limits = self.limits.resolve(value, decimals)?;
        check_positions(&strategies, limits.max_positions)?;
        Ok(Setup {
            valuation: PoolValuation { pool: POOL, quote, native }.into(),
            deposit: amounts,
            footprint,
            limits,
            safeguards: self.limits.safeguards(&tokens, decimals)?,
            assets,
            pools,
            strategies,
            models,
            rewards,
            stakings,
            votings,
            feeds,
            exchanges,
            chain_latency,
            answer_within_seconds: self.answer_within_seconds()?,
        })
    }

    /// The first dollar stablecoin beside a token that is none; else the second token.
    fn quote_token(&self, tokens: &[&Token]) -> Result<TokenIndex, ConfigError> {
        let place = match self.quote.as_deref() {
            None if tokens.iter().all(|token| token.is_usd_stable()) => 1,
            None => tokens.iter().position(|token| token.is_usd_stable()).unwrap_or(1),
            Some(symbol) => {
                let found = tokens.iter().position(|token| token.symbol == symbol);
                found.ok_or_else(|| not_allowed("quote", &symbol, &alternatives(tokens)))?
            }
        };
        Ok(TokenIndex(u8::try_from(place).unwrap_or(u8::MAX)))
    }

    fn footprint(&self) -> Result<Footprint, ConfigError> {
        match self.footprint.as_deref() {
            None | Some("re-executed") => Ok(Footprint::ReExecuted),
            Some("price-taker") => Ok(Footprint::PriceTaker),
            Some(other) => Err(not_allowed("footprint", &other, "price-taker or re-executed")),
        }
    }

    fn inclusion(&self) -> Result<Inclusion, ConfigError> {
        match self.latency_blocks {
            None => Ok(Inclusion::default()),
            Some(delay_blocks) if delay_blocks <= 100 => Ok(Inclusion { delay_blocks }),
            Some(more) => Err(not_allowed("latency_blocks", &more, "0 to 100")),
        }
    }

    fn chain_latency(&self) -> Result<Latency, ConfigError> {
        match self.chain_latency_ms.unwrap_or(0) {
            millis if millis <= 3_600_000 => Ok(Latency::from_millis(millis)),
            more => Err(not_allowed("chain_latency_ms", &more, "0 to 3600000")),
        }
    }

    fn answer_within_seconds(&self) -> Result<u64, ConfigError> {
        match self.answer_within_seconds.unwrap_or(10) {
            seconds if (1..=3_600).contains(&seconds) => Ok(seconds),
            other => Err(not_allowed("answer_within_seconds", &other, "1 to 3600")),
        }
    }

    fn gas(&self) -> GasModel {
        let mut gas = GasModel::default();
        if let Some(wei) = self.fallback_gas_price_wei {
            gas.fallback_price = GasPrice(u128::from(wei));
        }
        gas
    }

    fn sale(&self) -> Result<SaleModel, ConfigError> {
        match self.reward_sale_cost_bps {
            None => Ok(SaleModel::default()),
            Some(cost) if cost <= Bps::ONE.0 => Ok(SaleModel { cost: Bps(cost) }),
            Some(more) => Err(not_allowed("reward_sale_cost_bps", &more, "0 to 10000")),
        }
    }

    /// Reads the files and sources that the configuration names beside the tape, from its folder.
    ///
    /// Errors: [`ConfigError::Pool`], [`ConfigError::Reward`], [`ConfigError::Voting`],
    /// [`ConfigError::Feed`], [`ConfigError::OptionChain`], [`ConfigError::RulesFile`]; those of an
    /// unknown quote token and of keys of a feed.
    pub fn read_files<'a>(
        &mut self,
        folder: &Path,
        source: impl Into<RunSource<'a>>,
    ) -> Result<(), ConfigError> {
        let source = source.into();
        let tokens = source.tokens();
        // What is read in quote tokens is refused without a pool, before it is looked at.
        let quote = match source {
            RunSource::Tape(_) => self.quote_token(&tokens)?,
            RunSource::Exchanges(_) => TokenIndex(0),
        };
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        check_names(&self.pool)?;
        for (place, pool) in self.pool.iter_mut().enumerate() {
            pool.read(folder).map_err(|error| error.of_item("pool", place))?;
        }
        for (place, reward) in self.reward.iter_mut().enumerate() {
            let read = reward.read_files(folder, decimals);
            read.map_err(|error| error.of_item("reward", place))?;
        }
        for (place, strategy) in self.strategy.iter_mut().enumerate() {
            read_rules(strategy, folder).map_err(|error| error.of_item("strategy", place))?;
        }
        let data = self.data_folder.as_deref().unwrap_or(Path::new(DATA_FOLDER));
        for (place, feed) in self.feed.iter_mut().enumerate() {
            feed.read(folder, data).map_err(|error| error.of_item("feed", place))?;
        }
        for (place, exchange) in self.exchange.iter_mut().enumerate() {
            exchange.read_files(folder).map_err(|error| error.of_item("exchange", place))?;
        }
        for (place, voting) in self.voting.iter_mut().enumerate() {
            let read = voting.read_files(folder, &tokens, decimals);
            read.map_err(|error| error.of_item("voting", place))?;
        }
        Ok(())
    }

    fn feeds(&self, tokens: &[&Token], chain: Latency) -> Result<Vec<FeedSetup>, ConfigError> {
        let mut feeds: Vec<FeedSetup> = Vec::new();
        for (place, feed) in self.feed.iter().enumerate() {
            let setup = feed.resolve(tokens, chain);
            feeds.push(setup.map_err(|error| error.of_item("feed", place))?);
        }
        Ok(feeds)
    }

    fn rewards(
        &self,
        (main, pools): (RunTape<'_>, &[PoolSetup]),
        footprint: Footprint,
        (quote_decimals, native): (u8, AssetId),
    ) -> Result<Vec<RewardSetup>, ConfigError> {
        let mut rewards: Vec<RewardSetup> = Vec::new();
        let assets = native.0.saturating_add(1)..;
        for (place, (reward, asset)) in self.reward.iter().zip(assets).enumerate() {
            let of_item = |error: ConfigError| error.of_item("reward", place);
            let other =
                pool_named("reward.pool", reward.pool.as_deref(), pools).map_err(of_item)?;
            let (pool, tape) = other.map_or((POOL, main), |(id, pool)| (id, pool.run_tape()));
            let asset = AssetId(asset);
            let scene = RewardScene { pool, tape, footprint, quote_decimals, asset };
            let setup = reward.resolve(&scene).map_err(of_item)?;
            let is_taken = rewards.iter().any(|other| other.name == setup.name);
            let same = is_taken.then(|| ConfigError::SameReward(setup.name.clone()));
            check_name("reward.name", &setup.name, same).map_err(of_item)?;
            rewards.push(setup);
        }
        Ok(rewards)
    }

    fn stakings(
        &self,
        tokens: &[&Token],
        start: Timestamp,
    ) -> Result<Vec<StakingSetup>, ConfigError> {
        let mut stakings: Vec<StakingSetup> = Vec::new();
        for (place, staking) in self.staking.iter().enumerate() {
            let of_item = |error: ConfigError| error.of_item("staking", place);
            let setup = staking.resolve(tokens, start).map_err(of_item)?;
            let is_taken = stakings.iter().any(|other| other.name == setup.name);
            let same = is_taken.then(|| ConfigError::SameStaking(setup.name.clone()));
            check_name("staking.name", &setup.name, same).map_err(of_item)?;
            stakings.push(setup);
        }
        Ok(stakings)
    }

    fn votings(
        &self,
        tape: RunTape<'_>,
        quote_decimals: u8,
        mut first_asset: AssetId,
    ) -> Result<Vec<VotingSetup>, ConfigError> {
        let mut votings: Vec<VotingSetup> = Vec::new();
        let last = tape.events().last().map_or(Timestamp(0), |event| event.time);
        for (place, voting) in self.voting.iter().enumerate() {
            let of_item = |error: ConfigError| error.of_item("voting", place);
            let scene = VotingScene {
                tokens: &tape.tokens(),
                quote_decimals,
                first: tape.first_time(),
                last,
                first_asset,
            };
            let setup = voting.resolve(&scene).map_err(of_item)?;
            let is_taken = votings.iter().any(|other| other.name == setup.name);
            let same = is_taken.then(|| ConfigError::SameVoting(setup.name.clone()));
            check_name("voting.name", &setup.name, same).map_err(of_item)?;
            first_asset = AssetId(first_asset.0.saturating_add(count(&setup.assets)));
            votings.push(setup);
        }
        Ok(votings)
    }

    fn native(&self, tape: RunTape<'_>, quote: TokenIndex) -> Result<NativeValue, ConfigError> {
        let tokens = tape.tokens();
        if let Some(price) = self.native_price_quote.as_deref() {
            let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
            return whole("native_price_quote", price, decimals).map(NativeValue::Fixed);
        }
        let has_ether_gas = tape.chain_id().has_ether_gas();
        let is_native = |token: &&Token| has_ether_gas && token.is_ether();
        match tokens.iter().position(is_native).and_then(|place| u8::try_from(place).ok()) {
            Some(place) => Ok(NativeValue::Token(TokenIndex(place))),
            None => {
                Err(ConfigError::NoNativePrice { tokens: neither(&tokens), chain: tape.chain_id() })
            }
        }
    }

    fn strategies(
        &self,
        offered: Offered<'_>,
        gas: &GasModel,
    ) -> Result<Vec<StrategyConfig>, ConfigError> {
        let mut strategies =
            if self.strategy.is_empty() { defaults(offered) } else { self.strategy.clone() };
        let mut names = Vec::new();
        for (place, strategy) in strategies.iter_mut().enumerate() {
            let of_item = |error: ConfigError| error.of_item("strategy", place);
            let name = strategy.name();
            let needs = strategy.add_own_needs();
            let wrong = |error| ConfigError::Strategy { name: name.clone(), error };
            needs.map_err(wrong).map_err(of_item)?;
            let same = names.contains(&name).then(|| ConfigError::SameName(name.clone()));
            check_name("strategy.name", &name, same).map_err(of_item)?;
            let built = services(strategy, offered, gas).and_then(|services| {
                strategy
                    .build(offered.facts(strategy)?, services)
                    .map(drop)
                    .map_err(|error| ConfigError::Strategy { name: name.clone(), error })
            });
            built.map_err(of_item)?;
            names.push(name);
        }
        Ok(strategies)
    }
}

/// Checks that every strategy may keep as many positions open as it does.
fn check_positions(strategies: &[StrategyConfig], limit: u32) -> Result<(), ConfigError> {
    for strategy in strategies {
        let positions = strategy.most_positions();
        if positions > limit {
            let name = strategy.name();
            let allowed = format!("{positions} to 1000, for strategy `{name}` keeps so many");
            return Err(not_allowed("limits.max_positions", &limit, &allowed));
        }
    }
    Ok(())
}

/// Refuses a name that cannot head a column, or that another has, as `same` says then.
fn check_name(key: &'static str, name: &str, same: Option<ConfigError>) -> Result<(), ConfigError> {
    if !is_printable(name) {
        let allowed = "1 to 40 characters, none of them a control character";
        return Err(not_allowed(key, &name.escape_debug(), allowed));
    }
    same.map_or(Ok(()), Err)
}

/// The number of the first token beyond the coin and those that programmes pay.
fn after(native: AssetId, rewards: usize) -> AssetId {
    let rewards = u16::try_from(rewards).unwrap_or(u16::MAX);
    AssetId(native.0.saturating_add(1).saturating_add(rewards))
}

fn count(assets: &[AssetId]) -> u16 {
    u16::try_from(assets.len()).unwrap_or(u16::MAX)
}

/// The assets of one pool, numbered in its order, and the coin that gas is paid in after them.
fn assets_of(tokens: usize) -> Option<PoolAssets> {
    let count = u16::try_from(tokens).ok()?;
    let assets: Vec<_> = (0..count).map(AssetId).collect();
    PoolAssets::new(&assets, AssetId(count))
}
