use serde::Deserialize;
use tidemill_exec_sim::{GasModel, Inclusion};
use tidemill_ledger::PoolAssets;
use tidemill_market::{Footprint, NativeValue, Valuation};
use tidemill_model::{AssetId, ChainId, PoolEvent, PoolHeader, PoolId, PoolStart, Tape, Token};
use tidemill_risk::{Limits, LossLimit};
use tidemill_strategies::{ParameterError, PoolFacts, StrategyConfig, StrategyKind};
use tidemill_units::{Amount, Amounts, GasPrice, ParseError, Side, SqrtPrice, TokenAmounts};

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
    /// at the first price. 1,000,000 without one.
    pub deposit_quote: Option<String>,
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
        /// Which, and what is allowed.
        error: ParameterError,
    },
    /// Two strategies of one name.
    #[error("two strategies are called `{0}`; give each its own name")]
    SameName(String),
    /// Gas cannot be valued.
    #[error(
        "native_price_quote is missing; needed because neither {token0} nor {token1} is the coin \
         that gas is paid in on chain {chain}"
    )]
    NoNativePrice {
        /// Symbol of token0.
        token0: String,
        /// Symbol of token1.
        token1: String,
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
    pub fn resolve(&self, tape: &Tape) -> Result<Setup, ConfigError> {
        let header = &tape.header;
        let quote = self.quote_side(header)?;
        let decimals = token(header, quote).decimals;
        let price = first_price(tape).ok_or(ConfigError::EmptyTape)?;
        let text = self.deposit_quote.as_deref().unwrap_or("1000000");
        let deposit = whole("deposit_quote", text, decimals)?;
        let halves = split(deposit, quote, price).filter(is_tradable);
        let strategies = self.strategies(header)?;
        Ok(Setup {
            valuation: Valuation {
                pool: POOL,
                quote: quote.index(),
                native: self.native(header, quote)?,
            },
            deposit: halves.map(TokenAmounts::from).ok_or_else(|| {
                let allowed = "an amount that gives 1 to 2^128 - 1 raw units of each token";
                not_allowed("deposit_quote", &text, allowed)
            })?,
            footprint: self.footprint()?,
            inclusion: self.inclusion()?,
            gas: self.gas(),
            limits: self.limits.resolve(deposit, decimals)?,
            assets: PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2)),
            strategies,
        })
    }

    fn quote_side(&self, header: &PoolHeader) -> Result<Side, ConfigError> {
        let (token0, token1) = (&header.token0, &header.token1);
        match self.quote.as_deref() {
            None if token0.is_usd_stable() && !token1.is_usd_stable() => Ok(Side::Token0),
            None => Ok(Side::Token1),
            Some(symbol) if symbol == token0.symbol => Ok(Side::Token0),
            Some(symbol) if symbol == token1.symbol => Ok(Side::Token1),
            Some(other) => {
                let allowed = format!("{} or {}", token0.symbol, token1.symbol);
                Err(not_allowed("quote", &other, &allowed))
            }
        }
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

    fn native(&self, header: &PoolHeader, quote: Side) -> Result<NativeValue, ConfigError> {
        let decimals = token(header, quote).decimals;
        if let Some(price) = self.native_price_quote.as_deref() {
            return whole("native_price_quote", price, decimals).map(NativeValue::Fixed);
        }
        let is_native = |token: &Token| header.chain_id.has_ether_gas() && token.is_ether();
        if is_native(&header.token0) {
            Ok(NativeValue::Token(Side::Token0.index()))
        } else if is_native(&header.token1) {
            Ok(NativeValue::Token(Side::Token1.index()))
        } else {
            Err(ConfigError::NoNativePrice {
                token0: header.token0.symbol.clone(),
                token1: header.token1.symbol.clone(),
                chain: header.chain_id,
            })
        }
    }

    fn strategies(&self, header: &PoolHeader) -> Result<Vec<StrategyConfig>, ConfigError> {
        let strategies = if self.strategy.is_empty() {
            let named = |kind| StrategyConfig { name: None, kind };
            StrategyKind::defaults().into_iter().map(named).collect()
        } else {
            self.strategy.clone()
        };
        let facts = PoolFacts { tick_spacing: header.tick_spacing };
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
        let tenfold = deposit.0.saturating_mul(tidemill_units::U256::from(10_u8));
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

pub(crate) fn token(header: &PoolHeader, side: Side) -> &Token {
    match side {
        Side::Token0 => &header.token0,
        Side::Token1 => &header.token1,
    }
}

/// Returns the decimals of the pool's tokens, in its order.
pub(crate) fn decimals(header: &PoolHeader) -> [u8; 2] {
    [header.token0.decimals, header.token1.decimals]
}

/// The first price of a tape: that of its snapshot, or of its `initialize`.
fn first_price(tape: &Tape) -> Option<SqrtPrice> {
    let first = tape.events.first()?;
    match (&tape.header.start, &first.event) {
        (PoolStart::Snapshot { sqrt_price, .. }, _)
        | (PoolStart::Creation, PoolEvent::Initialize { sqrt_price, .. }) => Some(*sqrt_price),
        _ => None,
    }
}

/// Whether there is something of each token, and no more than a pool can pay out at once.
fn is_tradable(amounts: &Amounts) -> bool {
    let fits = |amount: Amount| !amount.is_zero() && amount <= Amount::from_u128(u128::MAX);
    fits(amounts.amount0) && fits(amounts.amount1)
}

/// Puts half of the deposit into the other token.
fn split(deposit: Amount, quote: Side, price: SqrtPrice) -> Option<Amounts> {
    let half = Amount(deposit.0.checked_div(tidemill_units::U256::from(2_u8))?);
    let kept = deposit.checked_sub(half)?;
    let base = price.convert(half, quote)?;
    Amounts::of(quote, kept).checked_add(Amounts::of(quote.other(), base))
}
