use tidemill_model::{BestQuote, BookSnapshot, Candle, Funding, Interval, MarkPrice, Trade};
use tidemill_units::InstantUs;

use super::answers::{
    AggregateTrade, parse_aggregate_trades, parse_best_quote, parse_candles, parse_depth,
    parse_funding, parse_mark_price, parse_server_time, parse_trades,
};
use super::{AggregateTradePages, BinanceMarket, CandlePages, FundingPages, TradePages};
use crate::fault::{MessageError, clipped};
use crate::pages::TimeRange;
use crate::rest::{Question, Rest, RestConfig, RestError, RestFault};

/// Binance's public HTTP interface; needs no key. Clones share one budget of weight.
///
/// Source: Binance, `rest-api.md` of binance-spot-api-docs (2025) and the market data endpoints of
/// USD-M futures (2025), paths and weights.
#[derive(Clone, Debug)]
pub struct BinanceRest {
    market: BinanceMarket,
    rest: Rest,
}

impl BinanceMarket {
    /// Where its HTTP interface is, and how it is asked: 6,000 of weight a minute on spot, 2,400
    /// on USD-M futures.
    pub fn rest_config(self) -> RestConfig {
        match self {
            Self::Spot => RestConfig::new("https://api.binance.com", 6_000),
            Self::UsdM => RestConfig::new("https://fapi.binance.com", 2_400),
        }
    }

    fn path(self, spot: &'static str, usd_m: &'static str) -> &'static str {
        match self {
            Self::Spot => spot,
            Self::UsdM => usd_m,
        }
    }

    /// Checks that the venue has candles of a length, which begin at multiples of it.
    pub(crate) fn check_interval(self, path: &str, interval: Interval) -> Result<(), RestError> {
        const ALLOWED: [&str; 13] =
            ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"];
        let name = interval.to_string();
        let seconds = name == "1s" && self == Self::UsdM;
        if ALLOWED.contains(&name.as_str()) && !seconds {
            return Ok(());
        }
        let allowed = "1s (spot), 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h and 1d";
        Err(refused(path, name, allowed))
    }

    /// How many candles one answer has at most.
    pub(crate) fn most_candles(self) -> usize {
        match self {
            Self::Spot => 1_000,
            Self::UsdM => 1_500,
        }
    }
}

impl BinanceRest {
    /// Gets ready to ask; [`BinanceMarket::rest_config`] says where.
    ///
    /// Errors: a base URL that is none.
    pub fn new(market: BinanceMarket, config: RestConfig) -> Result<Self, RestError> {
        Ok(Self { market, rest: Rest::new(config)? })
    }

    /// Which market it asks.
    pub fn market(&self) -> BinanceMarket {
        self.market
    }

    /// Returns the venue's clock. Weight 1.
    ///
    /// Errors: [`RestError`].
    pub async fn server_time(&self) -> Result<InstantUs, RestError> {
        let path = self.market.path("/api/v3/time", "/fapi/v1/time");
        self.ask(path, &[], 1, parse_server_time).await
    }

    /// Returns the book, `levels` deep on each side. Weight 5 to 250 on spot, 2 to 20 on futures.
    ///
    /// Errors: [`RestError`]; a depth that the venue does not answer.
    pub async fn depth(&self, symbol: &str, levels: u16) -> Result<BookSnapshot, RestError> {
        let path = self.market.path("/api/v3/depth", "/fapi/v1/depth");
        let weight = match (self.market, levels) {
            (BinanceMarket::Spot, 1..=100) => 5,
            (BinanceMarket::Spot, 101..=500) => 25,
            (BinanceMarket::Spot, 501..=1_000) => 50,
            (BinanceMarket::Spot, 1_001..=5_000) => 250,
            (BinanceMarket::UsdM, 5 | 10 | 20 | 50) => 2,
            (BinanceMarket::UsdM, 100) => 5,
            (BinanceMarket::UsdM, 500) => 10,
            (BinanceMarket::UsdM, 1_000) => 20,
            (BinanceMarket::Spot, _) => return Err(depth(path, levels, "1 to 5000 levels")),
            (BinanceMarket::UsdM, _) => {
                return Err(depth(path, levels, "5, 10, 20, 50, 100, 500 or 1000 levels"));
            }
        };
        let query = [("symbol", known(path, symbol)?), ("limit", levels.to_string())];
        self.ask(path, &query, weight, parse_depth).await
    }

    /// Returns the best bid and ask. Weight 2.
    ///
    /// Errors: [`RestError`].
    pub async fn best_quote(&self, symbol: &str) -> Result<BestQuote, RestError> {
        let path = self.market.path("/api/v3/ticker/bookTicker", "/fapi/v1/ticker/bookTicker");
        self.ask(path, &[("symbol", known(path, symbol)?)], 2, parse_best_quote).await
    }

    /// Returns the mark price, and the funding rate expected. Weight 1; futures only.
    ///
    /// Errors: [`RestError`].
    pub async fn mark_price(&self, symbol: &str) -> Result<MarkPrice, RestError> {
        const PATH: &str = "/fapi/v1/premiumIndex";
        self.of_futures(PATH)?;
        self.ask(PATH, &[("symbol", known(PATH, symbol)?)], 1, parse_mark_price).await
    }

    /// Gives the candles of a time range, page by page, checked for holes. Weight 2 a thousand on
    /// spot, 10 each fifteen hundred on futures.
    ///
    /// Errors: a market's name or an interval that the venue does not have.
    pub fn candles(
        &self,
        symbol: &str,
        interval: Interval,
        range: TimeRange,
    ) -> Result<CandlePages, RestError> {
        const PATH: &str = "klines";
        self.market.check_interval(PATH, interval)?;
        Ok(CandlePages::new(self.clone(), known(PATH, symbol)?, interval, range))
    }

    /// Gives the aggregated trades of a time range, page by page, checked for holes. Weight 4 a
    /// thousand on spot, 20 on futures.
    ///
    /// Errors: a market's name that the venue cannot have.
    pub fn aggregate_trades(
        &self,
        symbol: &str,
        range: TimeRange,
    ) -> Result<AggregateTradePages, RestError> {
        Ok(AggregateTradePages::new(self.clone(), known("aggTrades", symbol)?, range))
    }

    /// Gives the trades of a time range, page by page, checked for holes. Weight 25 a thousand;
    /// spot only, as futures ask for a key.
    ///
    /// Errors: a market's name that the venue cannot have; futures.
    pub fn trades(&self, symbol: &str, range: TimeRange) -> Result<TradePages, RestError> {
        const PATH: &str = "historicalTrades";
        if self.market != BinanceMarket::Spot {
            let found = "trades of futures".to_owned();
            return Err(refused(PATH, found, "spot; of futures, aggregated trades"));
        }
        Ok(TradePages::new(self.clone(), known(PATH, symbol)?, range))
    }

    /// Gives the funding paid in a time range, page by page. At most 500 such questions in five
    /// minutes, each of up to a thousand payments; futures only.
    ///
    /// Errors: a market's name that the venue cannot have; spot.
    pub fn funding(&self, symbol: &str, range: TimeRange) -> Result<FundingPages, RestError> {
        const PATH: &str = "fundingRate";
        self.of_futures(PATH)?;
        Ok(FundingPages::new(self.clone(), known(PATH, symbol)?, range))
    }

    fn of_futures(&self, path: &str) -> Result<(), RestError> {
        match self.market {
            BinanceMarket::UsdM => Ok(()),
            BinanceMarket::Spot => Err(refused(path, "a spot market".to_owned(), "futures")),
        }
    }

    pub(crate) async fn candles_from(
        &self,
        symbol: &str,
        interval: Interval,
        range: TimeRange,
    ) -> Result<Vec<Candle>, RestError> {
        let path = self.market.path("/api/v3/klines", "/fapi/v1/klines");
        let weight = match self.market {
            BinanceMarket::Spot => 2,
            BinanceMarket::UsdM => 10,
        };
        let query = [
            ("symbol", symbol.to_owned()),
            ("interval", interval.to_string()),
            ("startTime", millis_up(range.from)),
            ("endTime", last_milli(range.until)),
            ("limit", self.market.most_candles().to_string()),
        ];
        self.ask(path, &query, weight, parse_candles).await
    }

    pub(crate) async fn aggregate_trades_from(
        &self,
        symbol: &str,
        from: From,
        limit: usize,
    ) -> Result<Vec<AggregateTrade>, RestError> {
        let path = self.market.path("/api/v3/aggTrades", "/fapi/v1/aggTrades");
        let weight = match self.market {
            BinanceMarket::Spot => 4,
            BinanceMarket::UsdM => 20,
        };
        let from = match from {
            From::Id(id) => ("fromId", id.to_string()),
            From::Time(time) => ("startTime", millis_up(time)),
        };
        let query = [("symbol", symbol.to_owned()), from, ("limit", limit.to_string())];
        self.ask(path, &query, weight, parse_aggregate_trades).await
    }

    pub(crate) async fn trades_from(&self, symbol: &str, id: u64) -> Result<Vec<Trade>, RestError> {
        const PATH: &str = "/api/v3/historicalTrades";
        let query = [
            ("symbol", symbol.to_owned()),
            ("fromId", id.to_string()),
            ("limit", "1000".to_owned()),
        ];
        self.ask(PATH, &query, 25, parse_trades).await
    }

    pub(crate) async fn funding_from(
        &self,
        symbol: &str,
        range: TimeRange,
    ) -> Result<Vec<Funding>, RestError> {
        const PATH: &str = "/fapi/v1/fundingRate";
        let query = [
            ("symbol", symbol.to_owned()),
            ("startTime", millis_up(range.from)),
            ("endTime", last_milli(range.until)),
            ("limit", "1000".to_owned()),
        ];
        self.ask(PATH, &query, 1, parse_funding).await
    }

    async fn ask<T>(
        &self,
        path: &'static str,
        query: &[(&'static str, String)],
        weight: u32,
        parse: fn(&str) -> Result<T, MessageError>,
    ) -> Result<T, RestError> {
        let read = |text: &str| parse(text).map_err(RestFault::Answer);
        self.rest.ask(Question { path, query, weight }, read).await
    }
}

/// Where trades begin.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Id(u64),
    Time(InstantUs),
}

fn refused(path: &str, found: String, allowed: &'static str) -> RestError {
    let fault = RestFault::Question { found, allowed };
    RestError { path: path.to_owned(), asked: 0, fault }
}

fn depth(path: &str, levels: u16, allowed: &'static str) -> RestError {
    refused(path, format!("{levels} levels"), allowed)
}

/// Checks a market's name before the venue is bothered with it.
fn known(path: &str, symbol: &str) -> Result<String, RestError> {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if symbol.is_empty() || symbol.len() > 32 || !symbol.bytes().all(letter) {
        return Err(refused(path, clipped(symbol), "a market's name such as ETHUSDT"));
    }
    Ok(symbol.to_owned())
}

/// The first whole millisecond at or after.
fn millis_up(time: InstantUs) -> String {
    let up = time.0.rem_euclid(1_000) != 0;
    time.0.div_euclid(1_000).saturating_add(i64::from(up)).to_string()
}

/// The last whole millisecond before.
fn last_milli(time: InstantUs) -> String {
    time.0.saturating_sub(1).div_euclid(1_000).to_string()
}
