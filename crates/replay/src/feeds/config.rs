use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidemill_market::{FeedContents, FeedTerms, SwapPrices};
use tidemill_model::{Interval, Latency, PoolId, Token};
use tidemill_store::FeedFileKind;
use tidemill_units::TokenIndex;

use super::file::check;
use crate::ConfigError;
use crate::config::{alternatives, is_printable, not_allowed};

/// A feed as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// What strategies call it.
    pub name: String,
    /// `candles`, `trades`, `quotes`, `funding`, `marks`, `series` or `pool`.
    pub kind: String,
    /// Its CSV file, relative to the configuration's folder; none of a `pool`.
    pub file: Option<String>,
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
    /// Where the file is, once it was looked at.
    #[serde(skip)]
    path: Option<PathBuf>,
}

/// A feed made definite for one tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSetup {
    /// What it is.
    pub terms: FeedTerms,
    /// Where it is read from; nowhere for the swaps of the run's own pool.
    pub source: Option<(PathBuf, FeedFileKind)>,
}

const POOL: PoolId = PoolId(0);
const MAX_LATENCY_MS: u32 = 86_400_000;
const KINDS: &str = "candles, trades, quotes, funding, marks, series or pool";

impl FeedConfig {
    /// Reads its file once from beginning to end, so that what is wrong with it is known before
    /// anything runs; none of it is kept.
    ///
    /// Errors: [`ConfigError::Feed`]; those of an unknown kind or interval.
    pub(crate) fn read_file(&mut self, folder: &Path) -> Result<(), ConfigError> {
        let kind = self.file_kind()?;
        self.path = match (&self.file, kind) {
            (Some(file), Some(kind)) => {
                let path = folder.join(file);
                check(&path, kind).map_err(|error| self.wrong(error))?;
                Some(path)
            }
            _ => None,
        };
        Ok(())
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
        let kind = self.file_kind()?;
        let contents = self.contents(kind, tokens)?;
        self.check_keys(kind)?;
        let latency = match (kind, self.latency_ms) {
            (None, Some(_)) => {
                let allowed = "no key of a pool, which is seen with chain_latency_ms";
                return Err(not_allowed("feed.latency_ms", &"given", allowed));
            }
            (None, None) => chain,
            (Some(_), Some(more)) if more > MAX_LATENCY_MS => {
                return Err(not_allowed("feed.latency_ms", &more, "0 to 86400000"));
            }
            (Some(_), millis) => Latency::from_millis(millis.unwrap_or(0)),
        };
        let path = self.path.clone().or_else(|| self.file.as_ref().map(PathBuf::from));
        let source = kind.and_then(|kind| path.map(|path| (path, kind)));
        let terms = FeedTerms { name: self.name.clone(), contents, latency };
        Ok(FeedSetup { terms, source })
    }

    /// What its file holds; `None` of a pool.
    fn file_kind(&self) -> Result<Option<FeedFileKind>, ConfigError> {
        Ok(Some(match self.kind.as_str() {
            "candles" => FeedFileKind::Candles(self.interval()?),
            "trades" => FeedFileKind::Trades,
            "quotes" => FeedFileKind::Quotes,
            "funding" => FeedFileKind::Funding,
            "marks" => FeedFileKind::Marks,
            "series" => FeedFileKind::Series,
            "pool" => return Ok(None),
            other => return Err(not_allowed("feed.kind", &other.escape_debug(), KINDS)),
        }))
    }

    fn interval(&self) -> Result<Interval, ConfigError> {
        let text = self.interval.as_deref().unwrap_or_default();
        text.parse().map_err(|error| ConfigError::Number { key: "feed.interval", error })
    }

    fn contents(
        &self,
        kind: Option<FeedFileKind>,
        tokens: &[&Token],
    ) -> Result<FeedContents, ConfigError> {
        Ok(match kind {
            Some(FeedFileKind::Candles(interval)) => FeedContents::Candles(interval),
            Some(FeedFileKind::Trades) => FeedContents::Trades,
            Some(FeedFileKind::Quotes) => FeedContents::Quotes,
            Some(FeedFileKind::Funding) => FeedContents::Funding,
            Some(FeedFileKind::Marks) => FeedContents::Marks,
            Some(FeedFileKind::Series) => {
                let unit = self.unit.clone().filter(|unit| is_printable(unit));
                let allowed = "the unit of the series' values, 1 to 40 characters";
                let unit = unit.ok_or_else(|| not_allowed("feed.unit", &"missing", allowed))?;
                FeedContents::Series { unit }
            }
            None => FeedContents::Swaps(self.swap_prices(tokens)?),
        })
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
    fn check_keys(&self, kind: Option<FeedFileKind>) -> Result<(), ConfigError> {
        let is_pool = kind.is_none();
        let is_candles = matches!(kind, Some(FeedFileKind::Candles(_)));
        let is_series = matches!(kind, Some(FeedFileKind::Series));
        for (key, is_given, is_allowed, of) in [
            ("feed.file", self.file.is_some(), !is_pool, "of feeds but a pool"),
            ("feed.interval", self.interval.is_some(), is_candles, "of candles only"),
            ("feed.unit", self.unit.is_some(), is_series, "of a series only"),
            ("feed.base", self.base.is_some(), is_pool, "of a pool only"),
            ("feed.quote", self.quote.is_some(), is_pool, "of a pool only"),
        ] {
            if is_given && !is_allowed {
                return Err(not_allowed(key, &format!("given with {}", self.kind), of));
            }
        }
        if self.file.is_none() && !is_pool {
            return Err(not_allowed("feed.file", &"missing", "the CSV file of the feed"));
        }
        Ok(())
    }

    fn wrong(&self, error: String) -> ConfigError {
        ConfigError::Feed { name: self.name.clone(), error }
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
