//! Exchanges as a configuration writes them.

mod option;

use std::path::Path;

use serde::Deserialize;
use tidemill_configuration::KeyPath;
use tidemill_exec_sim::{
    CommissionTier, CommissionTiers, ExchangeModel, OptionModel, SimulatedExchange,
};
use tidemill_ledger::PoolAssets;
use tidemill_market::{FeedContents, InstrumentMarket};
use tidemill_model::{
    AssetId, FeedId, Instrument, InstrumentKind, Latency, Margin, Token, VenueId,
};
use tidemill_report::ExchangeSheet;
use tidemill_store::ListedOption;
use tidemill_units::{Amount, Bps, FeePips, TokenIndex};

use crate::ConfigError;
use crate::config::{alternatives, is_printable, listed, not_allowed, whole};
use crate::feeds::FeedSetup;

pub(crate) use option::quote_feeds;

use option::{Numbers, Options, OptionsOf};

/// An exchange that strategies have an account at, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeConfig {
    /// What reports call it.
    pub name: String,
    /// Symbol of the pool's token that everything there is paid in; the run's quote token without.
    pub quote: Option<String>,
    /// What each strategy has there at the start, in whole quote tokens of the exchange, besides
    /// the deposit.
    pub deposit: String,
    /// Milliseconds from a decision until it is executed, 0 to 60000; 100 without.
    pub latency_ms: Option<u32>,
    /// What a trade costs, 0 to 100 basis points of what it is worth, whole hundredths; 5 without.
    pub commission_bps: Option<f64>,
    /// The same by what was traded in the thirty days before, instead.
    #[serde(default)]
    pub tier: Vec<TierConfig>,
    /// Half of the spread where the feed does not tell bid and ask apart, 0 to 1000 basis points,
    /// whole hundredths; 1 without.
    pub half_spread_bps: Option<f64>,
    /// What stands in the book within one percent of the price on either side, in whole quote
    /// tokens of the exchange, above zero; as much as anybody wants without.
    pub depth_quote: Option<String>,
    /// What it keeps of what it liquidates, 0 to 1000 basis points, whole hundredths; 50 without.
    pub liquidation_fee_bps: Option<f64>,
    /// What can be traded there.
    pub instrument: Vec<InstrumentConfig>,
}

/// A step of a price list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierConfig {
    /// From what was traded in thirty days on, in whole quote tokens of the exchange; `0` of the
    /// first, rising.
    pub from_volume: String,
    /// What a trade costs, 0 to 100 basis points, whole hundredths.
    pub taker_bps: f64,
}

/// Something that can be traded at an exchange.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentConfig {
    /// What strategies and reports call it.
    pub name: String,
    /// `spot`, `perpetual` or `option`.
    pub kind: String,
    /// Symbol of the pool's token that it trades, or whose price it follows.
    pub base: String,
    /// The feed that it is traded at, by its name; of options without, the exchange quotes them by
    /// a model.
    pub prices: Option<String>,
    /// The feed that a contract is valued at; `prices` without.
    pub marks: Option<String>,
    /// The feed of what the two sides of a perpetual future pay each other; nothing without.
    pub funding: Option<String>,
    /// Quantities are multiples of this, in whole base tokens, above zero; `0.001` without.
    pub step: Option<String>,
    /// The least that a trade is worth, in whole quote tokens of the exchange; `0` without.
    pub least_quote: Option<String>,
    /// What part of a contract's value the account has to hold to have more of it, 1 to 10000 basis
    /// points; 1000 without.
    pub initial_margin_bps: Option<u32>,
    /// What part it has to hold to keep it, 1 to the initial one; 500 or that without.
    pub maintenance_margin_bps: Option<u32>,
    /// Of options: `call`, `put` or `both`.
    #[serde(rename = "type")]
    pub option_type: Option<String>,
    /// Of options: the prices that they buy or sell at, in whole quote tokens of the exchange.
    pub strikes: Option<Vec<String>>,
    /// Of options: when they end, `YYYY-MM-DD HH:MM:SS`, UTC.
    pub expiries: Option<Vec<String>>,
    /// Of options: the feed whose last price by then they are settled at.
    pub settlement: Option<String>,
    /// Of options: how volatile their price is said to be, percent a year, 0 to 1000.
    pub volatility_percent: Option<f64>,
    /// Of options: the feed of a series, in `%` or `1`, that says so instead.
    pub volatility: Option<String>,
    /// Of options: a chain as a venue quoted it once, a CSV file relative to the configuration's
    /// folder, that says so for each of them.
    pub chain: Option<String>,
    /// What the chain says, once it was read.
    #[serde(skip)]
    listed: Vec<ListedOption>,
    /// Of options that are quoted by a model: half of the spread, 0 to 1000 basis points of the
    /// price that they are on, whole hundredths; 5 without.
    pub half_spread_bps: Option<f64>,
    /// Of the same: how often they are quoted, 1 to 86400 seconds; 60 without.
    pub quoted_every_seconds: Option<u32>,
}

/// An exchange made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeSetup {
    /// Its number.
    pub venue: VenueId,
    /// How orders there end.
    pub model: ExchangeModel,
    /// Which of the pool's tokens everything is paid in.
    pub quote: TokenIndex,
    /// What each strategy has there at the start, in raw units of that.
    pub deposit: Amount,
    /// What can be traded there, and which of the pool's tokens each trades or follows.
    pub instruments: Vec<(InstrumentMarket, TokenIndex)>,
    /// What it quotes options at by a model.
    pub options: Vec<OptionModel>,
    /// What the report says of it.
    pub sheet: ExchangeSheet,
}

/// What exchanges are made definite in.
pub(crate) struct ExchangeScene<'a> {
    pub(crate) tokens: &'a [&'a Token],
    pub(crate) assets: &'a PoolAssets,
    pub(crate) quote: TokenIndex,
    pub(crate) feeds: &'a [FeedSetup],
    /// The number of the first asset that is no other's: contracts are assets of their own.
    pub(crate) first_asset: AssetId,
}

impl ExchangeSetup {
    /// Returns the account as the exchange keeps it.
    pub(crate) fn account(&self, assets: &PoolAssets) -> Option<SimulatedExchange> {
        let quote = assets.token(self.quote)?;
        SimulatedExchange::new(self.venue, quote, self.model.clone(), &[(quote, self.deposit)])
    }
}

/// Makes all exchanges of a configuration definite.
pub(crate) fn resolve_exchanges(
    exchanges: &[ExchangeConfig],
    scene: &ExchangeScene<'_>,
) -> Result<Vec<ExchangeSetup>, ConfigError> {
    let mut setups = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut numbers = Numbers::default();
    for ((place, exchange), venue) in exchanges.iter().enumerate().zip((0..).map(VenueId)) {
        let of_item = |error: ConfigError| error.of_item("exchange", place);
        if exchanges.iter().take(place).any(|other| other.name == exchange.name) {
            return Err(of_item(ConfigError::SameExchange(exchange.name.clone())));
        }
        for (number, instrument) in exchange.instrument.iter().enumerate() {
            if names.contains(&instrument.name.as_str()) {
                let same = ConfigError::SameInstrument(instrument.name.clone());
                return Err(of_item(same.at(KeyPath::of(INSTRUMENT).item(number))));
            }
            names.push(&instrument.name);
        }
        setups.push(exchange.resolve(venue, scene, &mut numbers).map_err(of_item)?);
    }
    Ok(setups)
}

const INSTRUMENT: &str = "exchange.instrument";

impl ExchangeConfig {
    fn resolve(
        &self,
        venue: VenueId,
        scene: &ExchangeScene<'_>,
        numbers: &mut Numbers,
    ) -> Result<ExchangeSetup, ConfigError> {
        printable("exchange.name", &self.name)?;
        let quote = match &self.quote {
            None => scene.quote,
            Some(symbol) => token("exchange.quote", symbol, scene)?,
        };
        let decimals = decimals_of(scene, quote);
        let deposit = whole("exchange.deposit", &self.deposit, decimals)?;
        if deposit > Amount::from_u128(u128::MAX) {
            let allowed = "at most 2^128 - 1 raw units";
            return Err(not_allowed("exchange.deposit", &self.deposit, allowed));
        }
        if self.instrument.is_empty() {
            let allowed = "at least one [[exchange.instrument]]";
            return Err(not_allowed("exchange.instrument", &"empty", allowed));
        }
        let (mut instruments, mut options) = (Vec::new(), Vec::new());
        for (place, instrument) in self.instrument.iter().enumerate() {
            let resolved = instrument.resolve((venue, quote), scene, numbers);
            let at = || KeyPath::of(INSTRUMENT).item(place);
            let (markets, models) = resolved.map_err(|error| error.at(at()))?;
            // Of several options of one table each has a name of its own.
            let is_taken = |name: &str| {
                let others = self.instrument.iter().enumerate();
                let mut others = others.filter(|(other, _)| *other != place);
                others.any(|(_, other)| other.name == name)
            };
            if let Some((same, _)) = markets.iter().find(|(market, _)| is_taken(&market.name)) {
                return Err(ConfigError::SameInstrument(same.name.clone()).at(at()));
            }
            instruments.extend(markets);
            options.extend(models);
        }
        let model = self.model(decimals)?;
        let sheet = self.sheet();
        Ok(ExchangeSetup { venue, model, quote, deposit, instruments, options, sheet })
    }

    /// Reads the chains of its options, from the configuration's folder.
    ///
    /// Errors: [`ConfigError::OptionChain`].
    pub(crate) fn read_files(&mut self, folder: &Path) -> Result<(), ConfigError> {
        for (place, instrument) in self.instrument.iter_mut().enumerate() {
            let at = || KeyPath::of(INSTRUMENT).item(place);
            instrument.read_chain(folder).map_err(|error| error.at(at()))?;
        }
        Ok(())
    }

    fn model(&self, decimals: u8) -> Result<ExchangeModel, ConfigError> {
        let latency = self.latency_ms.unwrap_or(100);
        if latency > 60_000 {
            return Err(not_allowed("exchange.latency_ms", &latency, "0 to 60000"));
        }
        let depth = self.depth_quote.as_deref();
        let depth =
            depth.map(|depth| whole("exchange.depth_quote", depth, decimals)).transpose()?;
        if depth.is_some_and(|depth| depth.is_zero()) {
            return Err(not_allowed("exchange.depth_quote", &"0", "an amount above zero"));
        }
        let half_spread = self.half_spread_bps.unwrap_or(1.0);
        let fee = self.liquidation_fee_bps.unwrap_or(50.0);
        Ok(ExchangeModel {
            latency: Latency::from_millis(latency),
            half_spread: pips("exchange.half_spread_bps", half_spread, 1_000)?,
            depth,
            commission: self.commission(decimals)?,
            liquidation_fee: pips("exchange.liquidation_fee_bps", fee, 1_000)?,
        })
    }

    fn commission(&self, decimals: u8) -> Result<CommissionTiers, ConfigError> {
        if self.tier.is_empty() {
            let flat = self.commission_bps.unwrap_or(5.0);
            return Ok(CommissionTiers::flat(pips("exchange.commission_bps", flat, 100)?));
        }
        if let Some(given) = self.commission_bps {
            let allowed = "left out beside [[exchange.tier]]";
            return Err(not_allowed("exchange.commission_bps", &given, allowed));
        }
        let tier = |tier: &TierConfig| {
            Ok(CommissionTier {
                from_volume: whole("exchange.tier.from_volume", &tier.from_volume, decimals)?,
                taker: pips("exchange.tier.taker_bps", tier.taker_bps, 100)?,
            })
        };
        let tiers = self.tier.iter().enumerate().map(|(place, config)| {
            tier(config)
                .map_err(|error: ConfigError| error.at(KeyPath::of("exchange.tier").item(place)))
        });
        CommissionTiers::new(tiers.collect::<Result<_, ConfigError>>()?).map_err(|error| {
            let given: Vec<_> = self.tier.iter().map(|tier| tier.from_volume.as_str()).collect();
            not_allowed("exchange.tier.from_volume", &given.join(", "), &error.to_string())
        })
    }

    fn sheet(&self) -> ExchangeSheet {
        let mut parameters = Vec::new();
        let mut row = |name: &str, value: &dyn ToString| {
            parameters.push((name.to_owned(), value.to_string()));
        };
        row("deposit", &self.deposit);
        row("latency_ms", &self.latency_ms.unwrap_or(100));
        if self.tier.is_empty() {
            row("commission_bps", &self.commission_bps.unwrap_or(5.0));
        }
        for tier in &self.tier {
            let value = format!("{} from {} on", tier.taker_bps, tier.from_volume);
            row("tier.taker_bps", &value);
        }
        row("half_spread_bps", &self.half_spread_bps.unwrap_or(1.0));
        if let Some(depth) = &self.depth_quote {
            row("depth_quote", depth);
        }
        row("liquidation_fee_bps", &self.liquidation_fee_bps.unwrap_or(50.0));
        for it in &self.instrument {
            let marks =
                it.marks.as_ref().map_or(String::new(), |feed| format!(", valued at {feed}"));
            let funding =
                it.funding.as_ref().map_or(String::new(), |feed| format!(", funding of {feed}"));
            let (kind, base) = (&it.kind, &it.base);
            let prices = it.prices.as_deref().unwrap_or_default();
            let value = match kind.as_str() {
                "option" => it.described_options(),
                _ => format!("{kind} on {base}, traded at {prices}{marks}{funding}"),
            };
            row(&it.name, &value);
        }
        ExchangeSheet { name: self.name.clone(), parameters }
    }
}

impl InstrumentConfig {
    fn resolve(
        &self,
        (venue, quote): (VenueId, TokenIndex),
        scene: &ExchangeScene<'_>,
        numbers: &mut Numbers,
    ) -> Result<Options, ConfigError> {
        printable("exchange.instrument.name", &self.name)?;
        let kind = match self.kind.as_str() {
            "spot" => Some(InstrumentKind::Spot),
            "perpetual" => Some(InstrumentKind::Perpetual),
            "option" => None,
            other => {
                let allowed = "spot, perpetual or option";
                return Err(not_allowed("exchange.instrument.kind", &other, allowed));
            }
        };
        let base = token("exchange.instrument.base", &self.base, scene)?;
        if base == quote {
            let allowed = "another token than the exchange's quote";
            return Err(not_allowed("exchange.instrument.base", &self.base, allowed));
        }
        self.check_keys(kind)?;
        let asset = |token| scene.assets.token(token).ok_or(ConfigError::EmptyTape);
        let (base_decimals, quote_decimals) = (decimals_of(scene, base), decimals_of(scene, quote));
        let least = self.least_quote.as_deref().unwrap_or("0");
        let mut instrument = Instrument {
            venue,
            kind: InstrumentKind::Spot,
            base: asset(base)?,
            quote: asset(quote)?,
            step: self.step(base_decimals)?,
            least_value: whole("exchange.instrument.least_quote", least, quote_decimals)?,
            margin: self.margin()?,
        };
        let Some(kind) = kind else {
            let of = OptionsOf { instrument, base, base_decimals, quote_decimals };
            return self.options(&of, scene, numbers);
        };
        instrument.kind = kind;
        if kind.is_contract() {
            instrument.base = numbers.next_asset(scene);
        }
        let marks = self.marks.as_deref();
        let marks = marks.map(|name| feed("exchange.instrument.marks", name, scene, has_prices));
        let funding = self.funding.as_deref();
        let funding =
            funding.map(|name| feed("exchange.instrument.funding", name, scene, is_funding));
        let prices = named("exchange.instrument.prices", self.prices.as_deref())?;
        let market = InstrumentMarket {
            name: self.name.clone(),
            instrument,
            base_decimals,
            quote_decimals,
            prices: feed("exchange.instrument.prices", prices, scene, has_prices)?,
            marks: marks.transpose()?,
            funding: funding.transpose()?,
        };
        Ok((vec![(market, base)], Vec::new()))
    }

    /// What only a perpetual future has, and only options; `None` is an option.
    fn check_keys(&self, kind: Option<InstrumentKind>) -> Result<(), ConfigError> {
        let of_options = self.keys_of_options().into_iter().find(|(_, is_given)| *is_given);
        if let (Some(kind), Some((key, _))) = (kind, of_options) {
            return Err(not_allowed(key, &"given", &format!("no key of a {}", kind.name())));
        }
        let of_futures = [
            ("exchange.instrument.marks", self.marks.is_some()),
            ("exchange.instrument.funding", self.funding.is_some()),
            ("exchange.instrument.initial_margin_bps", self.initial_margin_bps.is_some()),
            ("exchange.instrument.maintenance_margin_bps", self.maintenance_margin_bps.is_some()),
        ];
        let is_future = kind.is_some_and(InstrumentKind::is_margined);
        let given = of_futures.iter().find(|(_, is_given)| *is_given && !is_future);
        let allowed = if kind.is_some() { "no key of a spot" } else { "no key of an option" };
        given.map_or(Ok(()), |(key, _)| Err(not_allowed(key, &"given", allowed)))
    }

    fn step(&self, decimals: u8) -> Result<Amount, ConfigError> {
        let text = self.step.as_deref().unwrap_or("0.001");
        let step = whole("exchange.instrument.step", text, decimals)?;
        if step.is_zero() {
            return Err(not_allowed("exchange.instrument.step", &text, "an amount above zero"));
        }
        Ok(step)
    }

    fn margin(&self) -> Result<Margin, ConfigError> {
        let initial = self.initial_margin_bps.unwrap_or(1_000);
        if !(1..=Bps::ONE.0).contains(&initial) {
            let allowed = "1 to 10000";
            return Err(not_allowed("exchange.instrument.initial_margin_bps", &initial, allowed));
        }
        let maintenance = self.maintenance_margin_bps.unwrap_or(initial.min(500));
        if !(1..=initial).contains(&maintenance) {
            let key = "exchange.instrument.maintenance_margin_bps";
            return Err(not_allowed(key, &maintenance, &format!("1 to {initial}")));
        }
        Ok(Margin { initial: Bps(initial), maintenance: Bps(maintenance) })
    }
}

fn printable(key: &'static str, name: &str) -> Result<(), ConfigError> {
    if is_printable(name) {
        return Ok(());
    }
    let allowed = "1 to 40 characters, none of them a control character";
    Err(not_allowed(key, &name.escape_debug(), allowed))
}

fn token(
    key: &'static str,
    symbol: &str,
    scene: &ExchangeScene<'_>,
) -> Result<TokenIndex, ConfigError> {
    let place = scene.tokens.iter().position(|token| token.symbol == symbol);
    let place = place.and_then(|place| u8::try_from(place).ok());
    place.map(TokenIndex).ok_or_else(|| not_allowed(key, &symbol, &alternatives(scene.tokens)))
}

/// Returns the name of a feed that has to be given.
fn named<'a>(key: &'static str, name: Option<&'a str>) -> Result<&'a str, ConfigError> {
    name.ok_or_else(|| not_allowed(key, &"left out", "the name of a [[feed]] that says it"))
}

fn decimals_of(scene: &ExchangeScene<'_>, token: TokenIndex) -> u8 {
    scene.tokens.get(token.place()).map_or(0, |token| token.decimals)
}

fn feed(
    key: &'static str,
    name: &str,
    scene: &ExchangeScene<'_>,
    fits: fn(&FeedContents) -> bool,
) -> Result<FeedId, ConfigError> {
    let found = scene.feeds.iter().position(|feed| feed.terms.name == name);
    let found = found
        .filter(|place| scene.feeds.get(*place).is_some_and(|feed| fits(&feed.terms.contents)));
    let id = found.and_then(|place| u16::try_from(place).ok()).map(FeedId);
    id.ok_or_else(|| {
        let fitting = scene.feeds.iter().filter(|feed| fits(&feed.terms.contents));
        let names: Vec<_> = fitting.map(|feed| feed.terms.name.as_str()).collect();
        not_allowed(key, &name, &listed(&names, "[[feed]] that says it"))
    })
}

fn has_prices(contents: &FeedContents) -> bool {
    match contents {
        FeedContents::Candles(_)
        | FeedContents::Trades
        | FeedContents::Quotes
        | FeedContents::Marks
        | FeedContents::Swaps(_) => true,
        FeedContents::Funding | FeedContents::Series { .. } => false,
    }
}

fn is_funding(contents: &FeedContents) -> bool {
    matches!(contents, FeedContents::Funding)
}

/// Reads basis points with at most two decimals.
fn pips(key: &'static str, bps: f64, most: u32) -> Result<FeePips, ConfigError> {
    let hundredths = bps * 100.0;
    let is_whole = (hundredths - hundredths.round()).abs() < 1e-6;
    if !(0.0..=f64::from(most)).contains(&bps) || !is_whole {
        return Err(not_allowed(key, &bps, &format!("0 to {most}, whole hundredths")));
    }
    // At most 100,000, and not below zero.
    Ok(FeePips(hundredths.round() as u32))
}
