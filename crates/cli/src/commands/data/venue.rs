//! What the data folder calls the venues and their markets.

use tidemill_feed_cex::binance::{BinanceMarket, BinanceRest};
use tidemill_feed_cex::kraken::KrakenRest;
use tidemill_model::Interval;

use crate::failure::Failure;

/// Which of Binance's markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Market {
    Spot,
    Usdm,
}

impl Market {
    pub(super) fn venue(self) -> BinanceMarket {
        match self {
            Self::Spot => BinanceMarket::Spot,
            Self::Usdm => BinanceMarket::UsdM,
        }
    }

    /// The `source` of its rows.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Spot => "binance",
            Self::Usdm => "binance-usdm",
        }
    }

    /// The `source` of its aggregated trades, whose numbers are others than those of the trades.
    pub(super) fn aggregates(self) -> &'static str {
        match self {
            Self::Spot => "binance-agg",
            Self::Usdm => "binance-usdm-agg",
        }
    }
}

/// The `source` of Kraken's rows.
pub(super) const KRAKEN: &str = "kraken";

/// The `symbol` of a pair of Kraken: a folder's name has no slash.
pub(super) fn pair_symbol(pair: &str) -> String {
    pair.replace('/', "-")
}

/// Returns how many minutes long Kraken's candles are.
pub(super) fn kraken_minutes(interval: Interval) -> Result<u16, Failure> {
    let minutes = [1, 5, 15, 30, 60, 240, 1_440];
    let found = minutes.into_iter().find(|long| i64::from(*long) * 60_000_000 == interval.us());
    found.ok_or_else(|| {
        let allowed = "1m, 5m, 15m, 30m, 1h, 4h or 1d";
        Failure::input(format!("Kraken has no candles of `{interval}`; allowed is {allowed}"))
    })
}

/// Gets ready to ask Binance, at its own address or another.
pub(super) fn binance(market: Market, base_url: Option<&str>) -> Result<BinanceRest, Failure> {
    let mut config = market.venue().rest_config();
    if let Some(url) = base_url {
        config.base_url = url.trim_end_matches('/').to_owned();
    }
    BinanceRest::new(market.venue(), config).map_err(Failure::input)
}

/// Gets ready to ask Kraken, at its own address or another.
pub(super) fn kraken(base_url: Option<&str>) -> Result<KrakenRest, Failure> {
    let mut config = KrakenRest::config();
    if let Some(url) = base_url {
        config.base_url = url.trim_end_matches('/').to_owned();
    }
    KrakenRest::new(config).map_err(Failure::input)
}
