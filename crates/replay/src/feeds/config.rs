use std::path::Path;

use serde::Deserialize;
use tidemill_catalogue::Source;
use tidemill_configuration::KeyPath;
use tidemill_market::{FeedContents, FeedTerms, SwapPrices};
use tidemill_model::{Interval, Latency, Token};
use tidemill_store::FeedFileKind;
use tidemill_units::TokenIndex;

use super::origin::{check, read_source, unit_of};
use super::{FeedOrigin, FolderFeed};
use crate::ConfigError;
use crate::config::{POOL, alternatives, is_printable, not_allowed};

/// A feed as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// What strategies call it.
    pub name: String,
    /// `candles`, `trades`, `quotes`, `funding`, `marks`, `series` or `pool`; a `source` says it
    /// itself.
    pub kind: Option<String>,
    /// Its CSV file, relative to the configuration's folder; none of a `pool` or with a `source`.
    pub file: Option<String>,
    /// Its source in a data folder, as that names it.
    pub source: Option<String>,
    /// The data folder, relative to the configuration's folder; with a `source` only.
    pub data: Option<String>,
    /// Which of the things that a series of a data folder tells of.
    pub item: Option<String>,
    /// How long its candles are, such as `1h`; of `candles` only.
    pub interval: Option<String>,
    /// The unit of its values; of a `series` only.
    pub unit: Option<String>,
    /// Symbol of the token that is priced in the other; of a `pool` only.
    pub base: Option<String>,
    /// Symbol of the token that it is priced in; of a `pool` of more than two tokens.
    pub quote: Option<String>,
    /// Milliseconds until what it says is seen, 0 to 86400000; 0 without.
    pub latency_ms: Option<u32>,
    /// What was looked at: where it is, and the unit that a series' source states.
    #[serde(skip)]
    found: Option<(FeedOrigin, Option<String>)>,
}

/// A feed made definite for one tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSetup {
    /// What it is.
    pub terms: FeedTerms,
    /// Where it is read from; nowhere for the swaps of the run's own pool.
    pub origin: Option<FeedOrigin>,
}

/// What a feed is, by its keys.
enum Stated {
    Pool,
    File(FeedFileKind),
    Source(Source, FeedFileKind),
}

const MAX_LATENCY_MS: u32 = 86_400_000;
const KINDS: &str = "candles, trades, quotes, funding, marks, series or pool";

impl FeedConfig {
    /// Reads its file or source once from beginning to end, so that what is wrong with it is known
    /// before anything runs; none of it is kept. Files and folders are looked for in the
    /// configuration's folder, a data folder that is not named where `data` says.
    ///
    /// Errors: [`ConfigError::Feed`]; those of keys that cannot be together, of an unknown kind or
    /// interval, and of a source that is not there.
    pub(crate) fn read(&mut self, folder: &Path, data: &Path) -> Result<(), ConfigError> {
        let stated = self.stated()?;
        self.check_keys(&stated)?;
        let origin = match self.origin(&stated, folder, data) {
            None => return Ok(()),
            Some(origin) => origin,
        };
        let from = KeyPath::of(if self.source.is_some() { "feed.source" } else { "feed.file" });
        let unit = unit_of(&origin, &self.name).map_err(|error| error.at(from.clone()))?;
        check(&origin, &self.name).map_err(|error| error.at(from))?;
        self.found = Some((origin, unit));
        Ok(())
    }

    fn origin(&self, stated: &Stated, folder: &Path, data: &Path) -> Option<FeedOrigin> {
        match stated {
            Stated::Pool => None,
            Stated::File(kind) => {
                let path = folder.join(self.file.as_ref()?);
                Some(FeedOrigin::File { path, kind: *kind })
            }
            Stated::Source(source, _) => {
                let data = self.data.as_ref().map_or(data.to_owned(), |data| folder.join(data));
                let (source, item) = (source.clone(), self.item.clone());
                let data = data.display().to_string();
                Some(FeedOrigin::Folder(FolderFeed { data, source, item }))
            }
        }
    }

    pub(crate) fn resolve(
        &self,
        tokens: &[&Token],
        chain: Latency,
    ) -> Result<FeedSetup, ConfigError> {
        if !is_printable(&self.name) {
            let allowed = "1 to 40 characters, none of them a control character";
            return Err(not_allowed("feed.name", &self.name.escape_debug(), allowed));
        }
        let stated = self.stated()?;
        self.check_keys(&stated)?;
        let contents = self.contents(&stated, tokens)?;
        let latency = match (&stated, self.latency_ms) {
            (Stated::Pool, Some(_)) => {
                let allowed = "no key of a pool, which is seen with chain_latency_ms";
                return Err(not_allowed("feed.latency_ms", &"given", allowed));
            }
            (Stated::Pool, None) => chain,
            (_, Some(more)) if more > MAX_LATENCY_MS => {
                return Err(not_allowed("feed.latency_ms", &more, "0 to 86400000"));
            }
            (_, millis) => Latency::from_millis(millis.unwrap_or(0)),
        };
        let found = self.found.as_ref().map(|(origin, _)| origin.clone());
        let unread = || self.origin(&stated, Path::new(""), Path::new(DATA_FOLDER));
        let origin = found.or_else(unread);
        let terms = FeedTerms { name: self.name.clone(), contents, latency };
        Ok(FeedSetup { terms, origin })
    }

    fn stated(&self) -> Result<Stated, ConfigError> {
        if let Some(text) = &self.source {
            let (source, kind) = read_source(text)?;
            return Ok(Stated::Source(source, kind));
        }
        Ok(Stated::File(match self.kind.as_deref() {
            Some("candles") => FeedFileKind::Candles(self.interval()?),
            Some("trades") => FeedFileKind::Trades,
            Some("quotes") => FeedFileKind::Quotes,
            Some("funding") => FeedFileKind::Funding,
            Some("marks") => FeedFileKind::Marks,
            Some("series") => FeedFileKind::Series,
            Some("pool") => return Ok(Stated::Pool),
            Some(other) => return Err(not_allowed("feed.kind", &other.escape_debug(), KINDS)),
            None => return Err(not_allowed("feed.kind", &"missing", KINDS)),
        }))
    }

    fn interval(&self) -> Result<Interval, ConfigError> {
        let text = self.interval.as_deref().unwrap_or_default();
        text.parse().map_err(|error| ConfigError::Number { key: "feed.interval", error })
    }

    fn contents(&self, stated: &Stated, tokens: &[&Token]) -> Result<FeedContents, ConfigError> {
        let kind = match stated {
            Stated::Pool => return Ok(FeedContents::Swaps(self.swap_prices(tokens)?)),
            Stated::File(kind) | Stated::Source(_, kind) => *kind,
        };
        Ok(match kind {
            FeedFileKind::Candles(interval) => FeedContents::Candles(interval),
            FeedFileKind::Trades => FeedContents::Trades,
            FeedFileKind::Quotes => FeedContents::Quotes,
            FeedFileKind::Funding => FeedContents::Funding,
            FeedFileKind::Marks => FeedContents::Marks,
            FeedFileKind::Series => FeedContents::Series { unit: self.series_unit()? },
        })
    }

    fn series_unit(&self) -> Result<String, ConfigError> {
        let stated = self.found.as_ref().and_then(|(_, unit)| unit.clone());
        let given = self.unit.clone().filter(|unit| is_printable(unit));
        if let (Some(stated), Some(given)) = (&stated, &self.unit)
            && stated != given
        {
            let allowed = format!("`{stated}`, as its source says, or no such key");
            return Err(not_allowed("feed.unit", &given.escape_debug(), &allowed));
        }
        let allowed = "the unit of the series' values, 1 to 40 characters";
        stated.or(given).ok_or_else(|| not_allowed("feed.unit", &"missing", allowed))
    }

    /// A price needs its orientation: which token is priced in which.
    fn swap_prices(&self, tokens: &[&Token]) -> Result<SwapPrices, ConfigError> {
        let base = token("feed.base", self.base.as_deref(), tokens)?;
        let quote = match (self.quote.as_deref(), tokens) {
            (None, [_, _]) => {
                let other = if base.0 == TokenIndex(0) { 1 } else { 0 };
                let decimals = tokens.get(usize::from(other)).map_or(0, |token| token.decimals);
                (TokenIndex(other), decimals)
            }
            (symbol, _) => token("feed.quote", symbol, tokens)?,
        };
        if base.0 == quote.0 {
            let symbol = self.quote.as_deref().unwrap_or_default();
            return Err(not_allowed("feed.quote", &symbol, "another token than feed.base"));
        }
        Ok(SwapPrices { pool: POOL, base, quote })
    }

    /// Keys of other kinds would say something that is not done.
    fn check_keys(&self, stated: &Stated) -> Result<(), ConfigError> {
        let is_pool = matches!(stated, Stated::Pool);
        let (source, kind) = match stated {
            Stated::Pool => (None, None),
            Stated::File(kind) => (None, Some(*kind)),
            Stated::Source(source, kind) => (Some(source), Some(*kind)),
        };
        let has_source = source.is_some();
        let is_candles = matches!(kind, Some(FeedFileKind::Candles(_)));
        let is_series = matches!(kind, Some(FeedFileKind::Series));
        for (key, is_given, is_allowed, of) in [
            (
                "feed.file",
                self.file.is_some(),
                !is_pool && !has_source,
                "of feeds without a source, but a pool",
            ),
            ("feed.data", self.data.is_some(), has_source, "of feeds with a source only"),
            (
                "feed.item",
                self.item.is_some(),
                has_source && is_series,
                "of series with a source only",
            ),
            ("feed.interval", self.interval.is_some(), is_candles, "of candles only"),
            ("feed.unit", self.unit.is_some(), is_series, "of a series only"),
            ("feed.base", self.base.is_some(), is_pool, "of a pool only"),
            ("feed.quote", self.quote.is_some(), is_pool, "of a pool only"),
        ] {
            if is_given && !is_allowed {
                let with = self.source.as_deref().or(self.kind.as_deref()).unwrap_or_default();
                return Err(not_allowed(key, &format!("given with {with}"), of));
            }
        }
        if let (Some(source), Some(kind)) = (source, kind) {
            return self.agrees(source, kind);
        }
        if self.file.is_none() && !is_pool {
            let allowed = "the CSV file of the feed, or feed.source in its place";
            return Err(not_allowed("feed.file", &"missing", allowed));
        }
        Ok(())
    }

    /// What a source says itself may be said again, but not otherwise.
    fn agrees(&self, source: &Source, kind: FeedFileKind) -> Result<(), ConfigError> {
        let described = described(kind);
        if let Some(given) = self.kind.as_deref().filter(|given| *given != described) {
            let allowed = format!("{described}, as {source} says, or no such key");
            return Err(not_allowed("feed.kind", &given.escape_debug(), &allowed));
        }
        if self.interval.is_some() && Some(self.interval()?) != source.interval() {
            let given = self.interval.as_deref().unwrap_or_default();
            let stated = source.value("interval").unwrap_or_default();
            let allowed = format!("{stated}, as {source} says, or no such key");
            return Err(not_allowed("feed.interval", &given, &allowed));
        }
        Ok(())
    }
}

/// The data folder where nobody says another, as for the data commands.
pub(crate) const DATA_FOLDER: &str = "data";

fn described(kind: FeedFileKind) -> &'static str {
    match kind {
        FeedFileKind::Candles(_) => "candles",
        FeedFileKind::Trades => "trades",
        FeedFileKind::Quotes => "quotes",
        FeedFileKind::Funding => "funding",
        FeedFileKind::Marks => "marks",
        FeedFileKind::Series => "series",
    }
}

fn token(
    key: &'static str,
    symbol: Option<&str>,
    tokens: &[&Token],
) -> Result<(TokenIndex, u8), ConfigError> {
    let symbol = symbol.unwrap_or_default();
    let place = tokens.iter().position(|token| token.symbol == symbol);
    let place = place.ok_or_else(|| not_allowed(key, &symbol, &alternatives(tokens)))?;
    let decimals = tokens.get(place).map_or(0, |token| token.decimals);
    Ok((TokenIndex(u8::try_from(place).unwrap_or(u8::MAX)), decimals))
}
