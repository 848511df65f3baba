use jiff::civil::Date;
use jiff::tz::Offset;
use tidemill_catalogue::import::ImportReport;
use tidemill_catalogue::{Dataset, Seen, Source, Span};
use tidemill_feed_cex::binance::{
    AggregateTrade, open_aggregate_trades, open_candles, open_funding, open_quotes, open_trades,
};
use tidemill_model::{BestQuote, Candle, Funding, Interval, Trade};

use super::super::venue::Market;
use super::bulk::{Bulk, Create, Order};
use super::published::BulkFile;
use crate::failure::Failure;

/// A table of data.binance.vision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Candles,
    MarkCandles,
    IndexCandles,
    Trades,
    AggregateTrades,
    Funding,
    Quotes,
}

/// What a file's name says, such as `BTCUSDT-1m-2024-01` or `BTCUSDT-trades-2024-01-05`.
struct Named {
    symbol: String,
    /// An interval, or the table's name.
    what: String,
    period: Span,
}

impl Table {
    pub(super) async fn import(
        self,
        bulk: &BulkFile<'_>,
        create: Create<'_>,
    ) -> Result<ImportReport, Failure> {
        let named = named(&bulk.stem());
        if let Some(named) = &named {
            self.check_name(bulk, named)?;
        }
        let told = named.as_ref().map(|named| named.symbol.as_str());
        let symbol = bulk.said("symbol", told)?;
        let period = named.as_ref().map(|named| named.period);
        let market = bulk.market(self.usual_market())?;
        let venue = bulk.setting("source").unwrap_or_else(|| self.source(market));
        let place_of = |dataset| Source::new(dataset, &[venue, symbol]).map_err(Failure::input);
        match self {
            Self::Candles | Self::MarkCandles | Self::IndexCandles => {
                let told = named.as_ref().map(|named| named.what.as_str());
                let interval = read_interval(bulk.said("interval", told)?)?;
                let source = Source::candles(venue, symbol, interval).map_err(Failure::input)?;
                let order =
                    Order::Grid { column: "open_time", step: interval.us(), leaves_out: false };
                let open = || open_candles(bulk.file, bulk.options());
                let place = |row: &Candle| (row.open_time, 0);
                let table = Bulk { file: bulk.file, open: &open, place, order, period };
                table.import(create, source, |row| row).await
            }
            Self::Trades => {
                let open = || open_trades(bulk.file, bulk.options());
                let order = Order::Numbers { column: "id", by_one: true };
                let place = |row: &Trade| (row.time, row.id);
                let table = Bulk { file: bulk.file, open: &open, place, order, period };
                table.import(create, place_of(Dataset::Trades)?, unseen).await
            }
            Self::AggregateTrades => {
                let open = || open_aggregate_trades(bulk.file, bulk.options());
                let order = Order::Numbers { column: "agg_trade_id", by_one: true };
                let place = |row: &AggregateTrade| (row.trade.time, row.trade.id);
                let table = Bulk { file: bulk.file, open: &open, place, order, period };
                let row = |told: AggregateTrade| unseen(told.trade);
                table.import(create, place_of(Dataset::Trades)?, row).await
            }
            Self::Funding => {
                let open = || open_funding(bulk.file, bulk.options());
                let order = Order::Times { column: "calc_time", strictly: true };
                let place = |row: &Funding| (row.time, 0);
                let table = Bulk { file: bulk.file, open: &open, place, order, period };
                table.import(create, place_of(Dataset::Funding)?, |row| row).await
            }
            Self::Quotes => {
                let open = || open_quotes(bulk.file, bulk.options());
                let order = Order::Numbers { column: "update_id", by_one: false };
                let place = |row: &BestQuote| (row.time.unwrap_or_default(), row.update_id);
                let table = Bulk { file: bulk.file, open: &open, place, order, period };
                table.import(create, place_of(Dataset::Quotes)?, unseen).await
            }
        }
    }

    /// Which market has such tables, where nobody says.
    fn usual_market(self) -> Market {
        match self {
            Self::Candles | Self::Trades | Self::AggregateTrades => Market::Spot,
            Self::MarkCandles | Self::IndexCandles | Self::Funding | Self::Quotes => Market::Usdm,
        }
    }

    fn source(self, market: Market) -> &'static str {
        match self {
            Self::Candles | Self::Trades | Self::Funding | Self::Quotes => market.source(),
            Self::AggregateTrades => market.aggregates(),
            Self::MarkCandles => "binance-usdm-mark",
            Self::IndexCandles => "binance-usdm-index",
        }
    }

    /// The table's name in names of files; `None` where an interval stands there.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Candles | Self::MarkCandles | Self::IndexCandles => None,
            Self::Trades => Some("trades"),
            Self::AggregateTrades => Some("aggTrades"),
            Self::Funding => Some("fundingRate"),
            Self::Quotes => Some("bookTicker"),
        }
    }

    fn check_name(self, bulk: &BulkFile<'_>, named: &Named) -> Result<(), Failure> {
        match self.word() {
            Some(word) if named.what != word => {
                let (file, what) = (bulk.file.display(), &named.what);
                Err(Failure::input(format!("{file}: its name says {what}; expected {word}")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn named(stem: &str) -> Option<Named> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (symbol, what, date) = match parts.as_slice() {
        [symbol, what, date @ ..] => (symbol, what, date),
        [] | [_] => return None,
    };
    let (first, behind) = match date {
        [year, month] => {
            let first: Date = format!("{year}-{month}-01").parse().ok()?;
            (first, first.last_of_month().tomorrow().ok()?)
        }
        [year, month, day] => {
            let first: Date = format!("{year}-{month}-{day}").parse().ok()?;
            (first, first.tomorrow().ok()?)
        }
        _ => return None,
    };
    let begin =
        |date: Date| Some(Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_microsecond());
    let period = Span::new(begin(first)?, begin(behind)?)?;
    Some(Named { symbol: (*symbol).to_owned(), what: (*what).to_owned(), period })
}

fn read_interval(text: &str) -> Result<Interval, Failure> {
    text.parse().map_err(|_| {
        let expected = "an interval of a fixed length, such as 1m, 15m, 1h or 1d";
        Failure::input(format!("interval `{text}` is not allowed; expected {expected}"))
    })
}

/// What was published had been sent; when anybody saw it, nobody says.
fn unseen<T>(sent: T) -> Seen<T> {
    Seen { sent, seen_at: None }
}
