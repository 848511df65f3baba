use std::collections::BTreeMap;

use serde::Deserialize;
use tidemill_exec_sim::{GasModel, Inclusion};
use tidemill_ledger::PoolAssets;
use tidemill_market::{Footprint, NativeValue, PoolPrices, Valuation};
use tidemill_model::{AssetId, ChainId, PoolId, Token};
use tidemill_risk::{Limits, LossLimit};
use tidemill_strategies::{BuildError, PoolFacts, StrategyConfig, StrategyKind};
use tidemill_units::{
    Amount, Amounts, GasPrice, ParseError, TokenAmounts, TokenIndex, U256, mul_div,
};

use crate::RunTape;
use crate::run_tape::StartState;

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
    /// When orders are included.
    pub inclusion: Inclusion,
    /// What they cost.
    pub gas: GasModel,
    /// Limits for each strategy.
    pub limits: Limits,
    /// The assets of the pool.
    pub assets: PoolAssets,
    /// The strategies.
    pub strategies: Vec<StrategyConfig>,
}

const POOL: PoolId = PoolId(0);

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
        Ok(Setup {
            valuation: Valuation { pool: POOL, quote, native },
            deposit: amounts,
            footprint: self.footprint()?,
            inclusion: self.inclusion()?,
            gas: self.gas(),
            limits: self.limits.resolve(value, decimals)?,
            assets,
            strategies: self.strategies(tape.facts())?,
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

    fn strategies(&self, facts: PoolFacts) -> Result<Vec<StrategyConfig>, ConfigError> {
        let strategies = if self.strategy.is_empty() {
            let named = |kind| StrategyConfig { name: None, kind };
            StrategyKind::defaults(facts).into_iter().map(named).collect()
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
            let built = strategy.kind.build(facts);
            built.map_err(|error| ConfigError::Strategy { name: name.clone(), error })?;
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

fn not_allowed(key: &'static str, value: &dyn ToString, allowed: &str) -> ConfigError {
    ConfigError::NotAllowed { key, value: value.to_string(), allowed: allowed.to_owned() }
}

/// Whether a name can head a column.
fn is_printable(name: &str) -> bool {
    (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Reads an amount in whole tokens. Zero has to be written out: an empty text is no amount.
fn whole(key: &'static str, text: &str, decimals: u8) -> Result<Amount, ConfigError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if text.is_empty() || !is_plain {
        let allowed = "an amount in whole tokens: digits, with at most one point among them";
        return Err(not_allowed(key, &format!("`{}`", text.escape_debug()), allowed));
    }
    Amount::from_decimal_str(text, decimals).map_err(|error| ConfigError::Number { key, error })
}

fn alternatives(tokens: &[&Token]) -> String {
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
