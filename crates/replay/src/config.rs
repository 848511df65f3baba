use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tidemill_exec_sim::{GasModel, Inclusion, Models, SaleModel};
use tidemill_ledger::PoolAssets;
use tidemill_market::{Footprint, NativeValue, PoolPrices, StakingService, Valuation};
use tidemill_model::{AssetId, ChainId, PoolId, ProgrammeId, StakingId, Token};
use tidemill_risk::{Limits, LossLimit};
use tidemill_strategies::{
    BuildError, FarmConfig, FarmSetup, PoolFacts, RoundGas, Services, StakeSetup, StrategyConfig,
    StrategyKind,
};
use tidemill_units::{
    Amount, Amounts, Bps, Gas, GasPrice, ParseError, Timestamp, TokenAmounts, TokenIndex, U256,
    mul_div,
};

use crate::RunTape;
use crate::reward_config::{RewardConfig, RewardScene, RewardSetup};
use crate::run_tape::StartState;
use crate::staking_config::{StakingConfig, StakingSetup};

/// A backtest as its TOML file writes it. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestConfig {
    /// A tape or a folder to import, relative to the file; the built-in sample without one.
    pub tape: Option<String>,
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
    /// Limits for each strategy.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The strategies; four of the library without any.
    #[serde(default)]
    pub strategy: Vec<StrategyConfig>,
}

/// Limits as a configuration writes them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Positions open at the same time, 1 to 1000; 1 without one.
    pub max_positions: Option<u32>,
    /// Value in pools, in whole quote tokens; ten times the deposit without one.
    pub max_exposure_quote: Option<String>,
    /// Loss from the start beyond which nothing is opened, in whole quote tokens, above zero; the
    /// deposit without one.
    pub max_loss_quote: Option<String>,
}

/// A value of a configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key or a value of the wrong type; says where.
    #[error("{0}")]
    Syntax(String),
    /// A number that cannot be read.
    #[error("{key} {error}")]
    Number {
        /// The key.
        key: &'static str,
        /// Why.
        error: ParseError,
    },
    /// A value outside what is allowed.
    #[error("{key} is {value}; allowed is {allowed}")]
    NotAllowed {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A strategy's parameter.
    #[error("strategy `{name}`: {error}")]
    Strategy {
        /// The strategy.
        name: String,
        /// Why it cannot run here.
        error: BuildError,
    },
    /// A reward programme that cannot be.
    #[error("reward `{name}`: {error}")]
    Reward {
        /// The programme.
        name: String,
        /// Why not.
        error: String,
    },
    /// A staking service that cannot be.
    #[error("staking `{name}`: {error}")]
    Staking {
        /// The service.
        name: String,
        /// Why not.
        error: String,
    },
    /// Two staking services of one name.
    #[error("two staking services are called `{0}`; give each its own name")]
    SameStaking(String),
    /// Two reward programmes of one name.
    #[error("two reward programmes are called `{0}`; give each its own name")]
    SameReward(String),
    /// Two strategies of one name.
    #[error("two strategies are called `{0}`; give each its own name")]
    SameName(String),
    /// Gas cannot be valued.
    #[error(
        "native_price_quote is missing; needed because {tokens} is the coin that gas is paid in on \
         chain {chain}"
    )]
    NoNativePrice {
        /// The symbols, as `neither USDC nor DAI`.
        tokens: String,
        /// The chain.
        chain: ChainId,
    },
    /// The tape holds nothing to test on.
    #[error("the tape has no price: it has no event")]
    EmptyTape,
}

/// A configuration made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// How values are stated.
    pub valuation: Valuation,
    /// What each strategy starts with.
    pub deposit: TokenAmounts,
    /// What our orders do to history.
    pub footprint: Footprint,
    /// When orders are included, and what they cost.
    pub models: Models,
    /// Limits for each strategy.
    pub limits: Limits,
    /// The assets of the pool.
    pub assets: PoolAssets,
    /// The reward programmes, in the order of their numbers.
    pub rewards: Vec<RewardSetup>,
    /// The staking services, in the order of their numbers.
    pub stakings: Vec<StakingSetup>,
    /// The strategies.
    pub strategies: Vec<StrategyConfig>,
}

const POOL: PoolId = PoolId(0);

impl Setup {
    /// Whether anything but swap fees can be earned.
    pub fn pays_rewards(&self) -> bool {
        !self.rewards.is_empty() || !self.stakings.is_empty()
    }
}

impl BacktestConfig {
    /// Reads a configuration.
    ///
    /// Errors: [`ConfigError::Syntax`], which shows the line and the column.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text)
            .map_err(|error| ConfigError::Syntax(error.to_string().trim_end().to_owned()))
    }

    /// Makes the configuration definite for a tape and checks every value.
    ///
    /// Errors: see [`ConfigError`].
    pub fn resolve<'a>(&self, tape: impl Into<RunTape<'a>>) -> Result<Setup, ConfigError> {
        let tape = tape.into();
        let tokens = tape.tokens();
        let quote = self.quote_token(&tokens)?;
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let start = tape.start(quote).ok_or(ConfigError::EmptyTape)?;
        let Deposit { amounts, value } = self.deposit(&tokens, quote, &start)?;
        let native = self.native(tape, quote)?;
        let assets = assets_of(tokens.len()).ok_or(ConfigError::EmptyTape)?;
        let models = Models { gas: self.gas(), inclusion: self.inclusion()?, sale: self.sale()? };
        let footprint = self.footprint()?;
        let rewards = self.rewards(tape, footprint, (decimals, assets.native))?;
        let stakings = self.stakings(&tokens, tape.first_time())?;
        Ok(Setup {
            valuation: Valuation { pool: POOL, quote, native },
            deposit: amounts,
            footprint,
            limits: self.limits.resolve(value, decimals)?,
            assets,
            strategies: self.strategies(tape.facts(), (&rewards, &stakings), &models.gas)?,
            models,
            rewards,
            stakings,
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

    /// What each strategy starts with, and its value.
    fn deposit(
        &self,
        tokens: &[&Token],
        quote: TokenIndex,
        start: &StartState,
    ) -> Result<Deposit, ConfigError> {
        if let Some(by_name) = &self.deposit {
            return self.named_deposit(by_name, tokens, (quote, start));
        }
        let text = self.deposit_quote.as_deref().unwrap_or("1000000");
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let value = whole("deposit_quote", text, decimals)?;
        let amounts = split(value, quote, start).filter(is_tradable);
        let amounts = amounts.ok_or_else(|| {
            let allowed = "an amount that gives 1 to 2^128 - 1 raw units of each token";
            not_allowed("deposit_quote", &text, allowed)
        })?;
        Ok(Deposit { amounts, value })
    }

    fn named_deposit(
        &self,
        by_name: &BTreeMap<String, String>,
        tokens: &[&Token],
        (quote, start): (TokenIndex, &StartState),
    ) -> Result<Deposit, ConfigError> {
        if self.deposit_quote.is_some() {
            let allowed = "one of deposit and deposit_quote";
            return Err(not_allowed("deposit", &"given beside deposit_quote", allowed));
        }
        let mut amounts = Vec::new();
        for token in tokens {
            let text = by_name.get(&token.symbol).map_or("0", String::as_str);
            amounts.push(whole("deposit", text, token.decimals)?);
        }
        let is_token = |name: &&String| tokens.iter().any(|token| token.symbol == **name);
        if let Some(other) = by_name.keys().find(|name| !is_token(name)) {
            return Err(not_allowed("deposit", other, &alternatives(tokens)));
        }
        let amounts = TokenAmounts::new(&amounts).filter(is_ownable);
        let valuation = Valuation { pool: POOL, quote, native: NativeValue::Token(quote) };
        let both = amounts.and_then(|amounts| {
            let value = valuation.value_at(&start.prices, &amounts)?;
            (!value.is_zero()).then_some(Deposit { amounts, value })
        });
        let allowed = "something of at least one token, and at most 2^128 - 1 raw units of each";
        both.ok_or_else(|| not_allowed("deposit", &"too little or too much", allowed))
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

    /// Reads the files that the configuration names beside the tape, from its folder.
    ///
    /// Errors: [`ConfigError::Reward`]; those of an unknown quote token.
    pub fn read_files<'a>(
        &mut self,
        folder: &Path,
        tape: impl Into<RunTape<'a>>,
    ) -> Result<(), ConfigError> {
        let tokens = tape.into().tokens();
        let quote = self.quote_token(&tokens)?;
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        self.reward.iter_mut().try_for_each(|reward| reward.read_files(folder, decimals))
    }

    fn rewards(
        &self,
        tape: RunTape<'_>,
        footprint: Footprint,
        (quote_decimals, native): (u8, AssetId),
    ) -> Result<Vec<RewardSetup>, ConfigError> {
        let mut rewards: Vec<RewardSetup> = Vec::new();
        for (reward, asset) in self.reward.iter().zip(native.0.saturating_add(1)..) {
            let asset = AssetId(asset);
            let setup = reward.resolve(&RewardScene { tape, footprint, quote_decimals, asset })?;
            if !is_printable(&setup.name) {
                let allowed = "1 to 40 characters, none of them a control character";
                return Err(not_allowed("reward.name", &setup.name.escape_debug(), allowed));
            }
            if rewards.iter().any(|other| other.name == setup.name) {
                return Err(ConfigError::SameReward(setup.name));
            }
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
        for staking in &self.staking {
            let setup = staking.resolve(tokens, start)?;
            if !is_printable(&setup.name) {
                let allowed = "1 to 40 characters, none of them a control character";
                return Err(not_allowed("staking.name", &setup.name.escape_debug(), allowed));
            }
            if stakings.iter().any(|other| other.name == setup.name) {
                return Err(ConfigError::SameStaking(setup.name));
            }
            stakings.push(setup);
        }
        Ok(stakings)
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
        facts: PoolFacts,
        (rewards, stakings): (&[RewardSetup], &[StakingSetup]),
        gas: &GasModel,
    ) -> Result<Vec<StrategyConfig>, ConfigError> {
        let strategies = if self.strategy.is_empty() {
            defaults(facts, !rewards.is_empty(), !stakings.is_empty())
        } else {
            self.strategy.clone()
        };
        let mut names = Vec::new();
        for strategy in &strategies {
            let name = strategy.name();
            if !is_printable(&name) {
                let allowed = "1 to 40 characters, none of them a control character";
                return Err(not_allowed("strategy.name", &name.escape_debug(), allowed));
            }
            if names.contains(&name) {
                return Err(ConfigError::SameName(name));
            }
            let offered = (rewards, stakings);
            let built = services(strategy, offered, gas).and_then(|services| {
                strategy
                    .build(facts, services)
                    .map(drop)
                    .map_err(|error| ConfigError::Strategy { name: name.clone(), error })
            });
            built?;
            names.push(name);
        }
        Ok(strategies)
    }
}

impl LimitsConfig {
    fn resolve(&self, deposit: Amount, decimals: u8) -> Result<Limits, ConfigError> {
        let max_positions = self.max_positions.unwrap_or(1);
        if !(1..=1_000).contains(&max_positions) {
            return Err(not_allowed("limits.max_positions", &max_positions, "1 to 1000"));
        }
        let tenfold = deposit.0.saturating_mul(U256::from(10_u8));
        let max_exposure_quote = match self.max_exposure_quote.as_deref() {
            None => Amount(tenfold),
            Some(text) => whole("limits.max_exposure_quote", text, decimals)?,
        };
        let max_loss = match self.max_loss_quote.as_deref() {
            None => deposit,
            Some(text) => whole("limits.max_loss_quote", text, decimals)?,
        };
        let max_loss = LossLimit::new(max_loss).map_err(|_| {
            not_allowed("limits.max_loss_quote", &"0", "a loss, as an amount above zero")
        })?;
        Ok(Limits { max_positions, max_exposure_quote, max_loss })
    }
}

/// The strategies that run where none is asked for: each as it is and, if it provides liquidity and
/// there are programmes, farmed as well.
fn defaults(facts: PoolFacts, has_rewards: bool, has_staking: bool) -> Vec<StrategyConfig> {
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

pub(crate) fn not_allowed(key: &'static str, value: &dyn ToString, allowed: &str) -> ConfigError {
    ConfigError::NotAllowed { key, value: value.to_string(), allowed: allowed.to_owned() }
}

/// Whether a name can head a column.
fn is_printable(name: &str) -> bool {
    (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Reads an amount in whole tokens. Zero has to be written out: an empty text is no amount.
pub(crate) fn whole(key: &'static str, text: &str, decimals: u8) -> Result<Amount, ConfigError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if text.is_empty() || !is_plain {
        let allowed = "an amount in whole tokens: digits, with at most one point among them";
        return Err(not_allowed(key, &format!("`{}`", text.escape_debug()), allowed));
    }
    Amount::from_decimal_str(text, decimals).map_err(|error| ConfigError::Number { key, error })
}

pub(crate) fn alternatives(tokens: &[&Token]) -> String {
    let symbols: Vec<_> = tokens.iter().map(|token| token.symbol.as_str()).collect();
    match symbols.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        few => few.concat(),
    }
}

fn neither(tokens: &[&Token]) -> String {
    let symbols: Vec<_> = tokens.iter().map(|token| token.symbol.as_str()).collect();
    match symbols.as_slice() {
        [rest @ .., last] => format!("neither {} nor {last}", rest.join(", ")),
        [] => String::from("no token"),
    }
}

/// The assets of one pool, numbered in its order, and the coin that gas is paid in after them.
fn assets_of(tokens: usize) -> Option<PoolAssets> {
    let count = u16::try_from(tokens).ok()?;
    let assets: Vec<_> = (0..count).map(AssetId).collect();
    PoolAssets::new(&assets, AssetId(count))
}

/// What a strategy starts with.
struct Deposit {
    amounts: TokenAmounts,
    /// In raw units of the quote token.
    value: Amount,
}

/// Whether there is something of each token, and no more than a pool can pay out at once.
fn is_tradable(amounts: &TokenAmounts) -> bool {
    is_ownable(amounts) && amounts.as_slice().iter().all(|amount| !amount.is_zero())
}

fn is_ownable(amounts: &TokenAmounts) -> bool {
    amounts.as_slice().iter().all(|amount| *amount <= Amount::from_u128(u128::MAX))
}

/// Puts half of the deposit into the other token; in a pool of shares, as much into each token as
/// the pool's own proportion has, rounded down.
fn split(deposit: Amount, quote: TokenIndex, start: &StartState) -> Option<TokenAmounts> {
    let Some(balances) = start.balances else {
        let PoolPrices::Concentrated(price) = start.prices else { return None };
        let quote = quote.side()?;
        let half = Amount(deposit.0.checked_div(U256::from(2_u8))?);
        let kept = deposit.checked_sub(half)?;
        let base = price.convert(half, quote)?;
        let amounts = Amounts::of(quote, kept).checked_add(Amounts::of(quote.other(), base))?;
        return Some(amounts.into());
    };
    let valuation = Valuation { pool: POOL, quote, native: NativeValue::Token(quote) };
    let whole = valuation.value_at(&start.prices, &balances)?;
    let mut amounts = balances;
    for amount in amounts.as_mut_slice() {
        *amount = Amount(mul_div(amount.0, deposit.0, whole.0)?);
    }
    Some(amounts)
}
