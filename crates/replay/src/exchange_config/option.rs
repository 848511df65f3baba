//! Options of an exchange as a configuration writes them.

use std::path::Path;

use tidemill_exec_sim::{OptionModel, Volatility};
use tidemill_market::{FeedContents, FeedTerms, InstrumentMarket};
use tidemill_model::{
    AssetId, FeedId, Instrument, InstrumentKind, Interval, Latency, OptionContract, OptionKind,
};
use tidemill_signals::options::{
    ImpliedBounds, NoVolatility, OptionKind as PricedKind, OptionTerms,
};
use tidemill_store::{
    ListedOption, OptionChainError, read_option_chain_file, read_time, time_text,
};
use tidemill_units::{Decimal, FeePips, InstantUs, TokenIndex};

use super::{ExchangeScene, InstrumentConfig, feed, has_prices, named, pips};
use crate::ConfigError;
use crate::config::{is_printable, not_allowed};
use crate::feeds::FeedSetup;

/// What is numbered through all exchanges.
#[derive(Clone, Copy, Default)]
pub(super) struct Numbers {
    /// Contracts, each of which is an asset.
    pub(super) contracts: u16,
    /// Options that the exchange quotes by a model, each of which has a feed of quotes.
    pub(super) quoted: u16,
}

/// An instrument that stands for all options of a table.
pub(super) struct OptionsOf {
    /// The instrument, whatever it is on and when it ends.
    pub(super) instrument: Instrument,
    pub(super) base: TokenIndex,
    pub(super) base_decimals: u8,
    pub(super) quote_decimals: u8,
}

/// The options of a table, and the models that quote them.
pub(super) type Options = (Vec<(InstrumentMarket, TokenIndex)>, Vec<OptionModel>);

/// How the options of a table are quoted.
enum Source {
    Feed(FeedId),
    Model { stated: Stated, half_spread: FeePips, every: Interval },
}

/// Where volatilities are from.
#[derive(Clone, Copy)]
enum Stated {
    All(Volatility),
    Chain,
}

/// The most options of one table.
const MOST: usize = 1_000;
/// A millionth.
const PIP: i128 = 1_000_000_000_000;
const NAME: &str = "exchange.instrument.name";
const STRIKES: &str = "exchange.instrument.strikes";
const EXPIRIES: &str = "exchange.instrument.expiries";
const TYPE: &str = "exchange.instrument.type";
const PRICES: &str = "exchange.instrument.prices";
const PERCENT: &str = "exchange.instrument.volatility_percent";
const SERIES: &str = "exchange.instrument.volatility";
const CHAIN: &str = "exchange.instrument.chain";
const EVERY: &str = "exchange.instrument.quoted_every_seconds";
const HALF_SPREAD: &str = "exchange.instrument.half_spread_bps";

impl InstrumentConfig {
    /// What only an option has, by key.
    pub(super) fn keys_of_options(&self) -> [(&'static str, bool); 9] {
        [
            (TYPE, self.option_type.is_some()),
            (STRIKES, self.strikes.is_some()),
            (EXPIRIES, self.expiries.is_some()),
            ("exchange.instrument.settlement", self.settlement.is_some()),
            (PERCENT, self.volatility_percent.is_some()),
            (SERIES, self.volatility.is_some()),
            (CHAIN, self.chain.is_some()),
            (HALF_SPREAD, self.half_spread_bps.is_some()),
            (EVERY, self.quoted_every_seconds.is_some()),
        ]
    }

    /// Makes every option of the table definite: each type at each strike, expiry by expiry.
    pub(super) fn options(
        &self,
        of: &OptionsOf,
        scene: &ExchangeScene<'_>,
        numbers: &mut Numbers,
    ) -> Result<Options, ConfigError> {
        let key = "exchange.instrument.settlement";
        let settlement = feed(key, named(key, self.settlement.as_deref())?, scene, has_prices)?;
        let contracts = self.contracts(settlement)?;
        let source = self.source(settlement, scene, contracts.len())?;
        let (mut markets, mut models) = (Vec::new(), Vec::new());
        for contract in &contracts {
            let name = self.name_of(contract, contracts.len());
            if !is_printable(&name) {
                let allowed = "a name of at most 40 characters with what each option is behind it";
                return Err(not_allowed(NAME, &name, allowed));
            }
            let is_taken = scene.feeds.iter().any(|feed| feed.terms.name == name);
            let prices = match source {
                Source::Feed(prices) => prices,
                Source::Model { .. } if is_taken => {
                    let allowed = "the name of no feed: its quotes have a feed of this name";
                    return Err(not_allowed(NAME, &name, allowed));
                }
                Source::Model { stated, half_spread, every } => {
                    let (volatility, half_spread) = match stated {
                        Stated::All(volatility) => (volatility, half_spread),
                        Stated::Chain => self.of_chain(contract, half_spread)?,
                    };
                    let quotes = numbers.next_feed(scene);
                    models.push(OptionModel {
                        contract: *contract,
                        quotes,
                        underlying: settlement,
                        volatility,
                        half_spread,
                        every,
                    });
                    quotes
                }
            };
            let instrument = Instrument {
                kind: InstrumentKind::Option(*contract),
                base: numbers.next_asset(scene),
                ..of.instrument
            };
            let market = InstrumentMarket {
                name,
                instrument,
                base_decimals: of.base_decimals,
                quote_decimals: of.quote_decimals,
                prices,
                marks: None,
                funding: None,
            };
            markets.push((market, of.base));
        }
        Ok((markets, models))
    }

    /// The name of the table, of several options with what each is behind it.
    fn name_of(&self, contract: &OptionContract, count: usize) -> String {
        if count == 1 {
            return self.name.clone();
        }
        let day: String = time_text(contract.expiry.second()).chars().take(10).collect();
        let kind = contract.kind.name();
        format!("{} {day} {} {kind}", self.name, contract.strike)
    }

    fn contracts(&self, settlement: FeedId) -> Result<Vec<OptionContract>, ConfigError> {
        let kinds: &[OptionKind] = match self.option_type.as_deref() {
            Some("call") => &[OptionKind::Call],
            Some("put") => &[OptionKind::Put],
            Some("both") => &[OptionKind::Put, OptionKind::Call],
            other => {
                let given = other.unwrap_or("left out");
                return Err(not_allowed(TYPE, &given, "call, put or both"));
            }
        };
        let strikes = rising(STRIKES, self.strikes.as_deref(), strike)?;
        let expiries = rising(EXPIRIES, self.expiries.as_deref(), expiry)?;
        let count = kinds.len().saturating_mul(strikes.len()).saturating_mul(expiries.len());
        if count > MOST {
            let allowed = format!("at most {MOST} options of one table, not {count}");
            return Err(not_allowed(STRIKES, &strikes.len(), &allowed));
        }
        let mut contracts = Vec::with_capacity(count);
        for expiry in expiries {
            for strike in &strikes {
                for kind in kinds {
                    let (kind, strike) = (*kind, *strike);
                    contracts.push(OptionContract { kind, strike, expiry, settlement });
                }
            }
        }
        Ok(contracts)
    }

    fn source(
        &self,
        settlement: FeedId,
        scene: &ExchangeScene<'_>,
        count: usize,
    ) -> Result<Source, ConfigError> {
        let of_model = self.keys_of_options().into_iter().skip(4).find(|(_, is_given)| *is_given);
        if let Some(prices) = &self.prices {
            if let Some((key, _)) = of_model {
                let allowed = "left out beside prices, which quotes the option";
                return Err(not_allowed(key, &"given", allowed));
            }
            if count > 1 {
                let allowed = "left out of several options: a feed quotes one";
                return Err(not_allowed(PRICES, prices, allowed));
            }
            let quotes = feed(PRICES, prices, scene, is_quoted)?;
            if quotes == settlement {
                let allowed = "another feed than settlement: quotes of the option, not of its base";
                return Err(not_allowed(PRICES, prices, allowed));
            }
            return Ok(Source::Feed(quotes));
        }
        let every = self.quoted_every_seconds.unwrap_or(60);
        let interval = Interval::from_us(i64::from(every).saturating_mul(1_000_000));
        let interval = interval.filter(|_| every <= 86_400);
        Ok(Source::Model {
            stated: self.stated(scene)?,
            half_spread: pips(HALF_SPREAD, self.half_spread_bps.unwrap_or(5.0), 1_000)?,
            every: interval.ok_or_else(|| not_allowed(EVERY, &every, "1 to 86400"))?,
        })
    }

    fn stated(&self, scene: &ExchangeScene<'_>) -> Result<Stated, ConfigError> {
        if self.chain.is_none() {
            return self.sigma(scene).map(Stated::All);
        }
        let others =
            [(SERIES, self.volatility.is_some()), (PERCENT, self.volatility_percent.is_some())];
        let given = others.into_iter().find(|(_, is_given)| *is_given);
        given.map_or(Ok(Stated::Chain), |(key, _)| {
            Err(not_allowed(key, &"given", "left out beside chain"))
        })
    }

    /// Reads the chain, if it has one.
    pub(super) fn read_chain(&mut self, folder: &Path) -> Result<(), ConfigError> {
        let Some(file) = &self.chain else { return Ok(()) };
        let wrong = |error: OptionChainError| ConfigError::OptionChain(error.to_string());
        self.listed = read_option_chain_file(&folder.join(file)).map_err(wrong)?;
        Ok(())
    }

    /// The volatility that is in an option's mark in the chain, known from when it was quoted on,
    /// and half of its spread: prices in the coin are parts of the coin's price already.
    fn of_chain(
        &self,
        contract: &OptionContract,
        half_spread: FeePips,
    ) -> Result<(Volatility, FeePips), ConfigError> {
        let same = |listed: &&ListedOption| {
            (listed.kind, listed.strike) == (contract.kind, contract.strike)
                && InstantUs::at_second(listed.expiry) == contract.expiry
        };
        let text = format!(
            "{} {} {}",
            time_text(contract.expiry.second()),
            contract.strike,
            contract.kind.name()
        );
        let listed = self.listed.iter().find(same);
        let listed = listed.ok_or_else(|| not_allowed(STRIKES, &text, "an option of the chain"))?;
        let sigma = implied(listed).map_err(|error| {
            let allowed = format!("an option whose mark has a volatility: {error}");
            not_allowed(STRIKES, &text, &allowed)
        })?;
        let spread = listed.bid.zip(listed.ask).and_then(|(bid, ask)| ask.checked_sub(bid));
        // A pip is a millionth, and half of the spread is rounded up.
        let half = spread.and_then(|spread| {
            let two_pips = PIP.unsigned_abs() * 2;
            u32::try_from(spread.raw().max(0).unsigned_abs().div_ceil(two_pips)).ok()
        });
        let volatility = Volatility::Since { sigma, from: listed.quoted_at };
        Ok((volatility, half.map_or(half_spread, FeePips)))
    }

    fn sigma(&self, scene: &ExchangeScene<'_>) -> Result<Volatility, ConfigError> {
        match (&self.volatility, self.volatility_percent) {
            (Some(_), Some(percent)) => {
                Err(not_allowed(PERCENT, &percent, "left out beside volatility"))
            }
            (None, None) => {
                let allowed = "a feed of quotes; or left out beside volatility_percent, volatility \
                               or chain, which Black's formula makes quotes of";
                Err(not_allowed(PRICES, &"left out", allowed))
            }
            (None, Some(percent)) => {
                // Hundredths of a percent, of which there are a hundred thousand at most.
                let hundredths = pips(PERCENT, percent, 1_000)?.0;
                let raw = i128::from(hundredths) * (Decimal::ONE.raw() / 10_000);
                Ok(Volatility::Flat(Decimal::from_raw(raw)))
            }
            (Some(name), None) => {
                let feed = feed(SERIES, name, scene, |it| share_of(it).is_some())?;
                let found = scene.feeds.get(usize::from(feed.0));
                let is_percent = found.and_then(|found| share_of(&found.terms.contents));
                Ok(Volatility::Series { feed, is_percent: is_percent.unwrap_or(false) })
            }
        }
    }

    /// What the report says of a table of options.
    pub(super) fn described_options(&self) -> String {
        let list = |texts: &Option<Vec<String>>| texts.as_deref().unwrap_or_default().join(", ");
        let percent = self.volatility_percent.map(|percent| format!("{percent} percent"));
        let told = self.volatility.as_ref().or(self.chain.as_ref());
        let volatility = percent.or_else(|| told.cloned());
        let quoted = match (&self.prices, volatility) {
            (Some(prices), _) => format!("quoted by {prices}"),
            (None, volatility) => {
                let half = self.half_spread_bps.unwrap_or(5.0);
                let sigma = volatility.unwrap_or_default();
                format!("quoted by Black's formula at {sigma}, {half} bps of the price off it")
            }
        };
        let settlement = self.settlement.as_deref().unwrap_or_default();
        format!(
            "options ({}) on {} at {} until {}, settled at {settlement}, {quoted}",
            self.option_type.as_deref().unwrap_or_default(),
            self.base,
            list(&self.strikes),
            list(&self.expiries),
        )
    }
}

impl Numbers {
    /// The asset that the next contract is.
    pub(super) fn next_asset(&mut self, scene: &ExchangeScene<'_>) -> AssetId {
        let number = scene.first_asset.0.saturating_add(self.contracts);
        self.contracts = self.contracts.saturating_add(1);
        AssetId(number)
    }

    /// The feed of the next option that is quoted by a model, behind those of the configuration.
    fn next_feed(&mut self, scene: &ExchangeScene<'_>) -> FeedId {
        let configured = u16::try_from(scene.feeds.len()).unwrap_or(u16::MAX);
        let number = configured.saturating_add(self.quoted);
        self.quoted = self.quoted.saturating_add(1);
        FeedId(number)
    }
}

/// The feeds of what exchanges quote by models, in the order of their numbers.
pub(crate) fn quote_feeds(exchanges: &[super::ExchangeSetup]) -> Vec<FeedSetup> {
    let quoted = exchanges.iter().flat_map(|exchange| {
        exchange.options.iter().filter_map(|model| {
            let own = |market: &&(InstrumentMarket, TokenIndex)| market.0.prices == model.quotes;
            exchange.instruments.iter().find(own).map(|(market, _)| &market.name)
        })
    });
    quoted
        .map(|name| {
            let (contents, latency) = (FeedContents::Quotes, Latency::ZERO);
            let terms = FeedTerms { name: name.clone(), contents, latency };
            FeedSetup { terms, origin: None }
        })
        .collect()
}

/// Reads values that have to rise.
fn rising<T: PartialOrd>(
    key: &'static str,
    texts: Option<&[String]>,
    read: impl Fn(&str) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let texts = texts.unwrap_or_default();
    let values = texts.iter().map(|text| read(text)).collect::<Result<Vec<T>, ConfigError>>()?;
    if values.is_empty() || !values.is_sorted_by(|one, next| one < next) {
        return Err(not_allowed(key, &texts.join(", "), "at least one, each above the one before"));
    }
    Ok(values)
}

fn strike(text: &str) -> Result<Decimal, ConfigError> {
    let strike = text.parse::<Decimal>().ok().filter(|strike| *strike > Decimal::ZERO);
    strike.ok_or_else(|| not_allowed(STRIKES, &text, "whole quote tokens in quotes, above zero"))
}

fn expiry(text: &str) -> Result<InstantUs, ConfigError> {
    let time = read_time(text).ok().map(InstantUs::at_second);
    time.ok_or_else(|| not_allowed(EXPIRIES, &text, "a UTC time as YYYY-MM-DD HH:MM:SS"))
}

fn is_quoted(contents: &FeedContents) -> bool {
    matches!(contents, FeedContents::Quotes | FeedContents::Marks)
}

/// The volatility of a mark after Black's formula, with the option's own future, rounded to a
/// millionth.
fn implied(listed: &ListedOption) -> Result<Decimal, NoVolatility> {
    let float = |value: Decimal| value.raw() as f64 / Decimal::ONE.raw() as f64;
    let kind = match listed.kind {
        OptionKind::Call => PricedKind::Call,
        OptionKind::Put => PricedKind::Put,
    };
    let left = InstantUs::at_second(listed.expiry).us_since(listed.quoted_at).unwrap_or(0);
    let years = left as f64 / (365.0 * 86_400.0 * 1e6);
    let (price, strike) = (float(listed.future), float(listed.strike));
    let terms = OptionTerms { kind, price, strike, years, rate: 0.0, sigma: 0.0 };
    let sigma = terms.implied_black_76(float(listed.mark) * price, ImpliedBounds::default())?;
    // Twenty at most.
    Ok(Decimal::from_raw((sigma * 1e6).round() as i128 * PIP))
}

/// Whether a series of volatility is in percent; `None` for one of another unit, and all else.
fn share_of(contents: &FeedContents) -> Option<bool> {
    let FeedContents::Series { unit } = contents else { return None };
    match unit.as_str() {
        "%" | "percent" => Some(true),
        "1" => Some(false),
        _ => None,
    }
}
