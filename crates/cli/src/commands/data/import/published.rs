use std::collections::BTreeMap;
use std::path::Path;

use tidemill_catalogue::Catalogue;
use tidemill_catalogue::import::ImportReport;
use tidemill_feed_cex::DumpOptions;

use super::super::venue::Market;
use super::{binance, kraken};
use crate::failure::Failure;

/// A table that a venue publishes in bulk, known by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Published {
    pub(super) name: &'static str,
    pub(super) reads: &'static str,
    table: Table,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Binance(binance::Table),
    Kraken(kraken::Table),
}

/// The tables that are known by a name.
pub(super) const PUBLISHED: [Published; 9] = [
    Published {
        name: "binance-archive-candles",
        reads: "klines of data.binance.vision, zipped: BTCUSDT-1m-2024-01.zip",
        table: Table::Binance(binance::Table::Candles),
    },
    Published {
        name: "binance-archive-mark-candles",
        reads: "markPriceKlines of futures, named the same",
        table: Table::Binance(binance::Table::MarkCandles),
    },
    Published {
        name: "binance-archive-index-candles",
        reads: "indexPriceKlines of futures, named the same",
        table: Table::Binance(binance::Table::IndexCandles),
    },
    Published {
        name: "binance-archive-trades",
        reads: "trades: BTCUSDT-trades-2024-01-05.zip; --set market=usdm of futures",
        table: Table::Binance(binance::Table::Trades),
    },
    Published {
        name: "binance-archive-agg-trades",
        reads: "aggTrades: BTCUSDT-aggTrades-2024-01-05.zip; --set market=usdm of futures",
        table: Table::Binance(binance::Table::AggregateTrades),
    },
    Published {
        name: "binance-archive-funding",
        reads: "fundingRate of futures: BTCUSDT-fundingRate-2024-01.zip",
        table: Table::Binance(binance::Table::Funding),
    },
    Published {
        name: "binance-archive-quotes",
        reads: "bookTicker of futures: BTCUSDT-bookTicker-2024-01-05.zip",
        table: Table::Binance(binance::Table::Quotes),
    },
    Published {
        name: "kraken-archive-candles",
        reads: "OHLCVT: XBTUSD_1.csv, or --member XBTUSD_1.csv of the archive",
        table: Table::Kraken(kraken::Table::Candles),
    },
    Published {
        name: "kraken-archive-prints",
        reads: "Trading_History: XBTUSD.csv, or --member: two series, prices and quantities",
        table: Table::Kraken(kraken::Table::Prints),
    },
];

/// A published file on its way into the data folder.
pub(super) struct BulkFile<'a> {
    pub(super) file: &'a Path,
    /// Which table of an archive with several.
    pub(super) member: Option<&'a str>,
    settings: &'a BTreeMap<String, String>,
}

impl Published {
    pub(super) fn named(name: &str) -> Option<Self> {
        PUBLISHED.into_iter().find(|published| published.name == name)
    }

    /// Reads the file to its end, and imports it where every row of it is right.
    pub(super) async fn import(
        self,
        file: &Path,
        member: Option<&str>,
        settings: &BTreeMap<String, String>,
        create: impl Fn() -> Result<Catalogue, Failure>,
    ) -> Result<ImportReport, Failure> {
        const KNOWN: [&str; 4] = ["symbol", "interval", "market", "source"];
        if let Some(name) = settings.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let known = KNOWN.join(", ");
            return Err(Failure::input(format!("--set {name} is not known; there are {known}")));
        }
        let bulk = BulkFile { file, member, settings };
        match self.table {
            Table::Binance(table) => table.import(&bulk, &create).await,
            Table::Kraken(table) => table.import(&bulk, &create).await,
        }
    }
}

impl<'a> BulkFile<'a> {
    pub(super) fn options(&self) -> DumpOptions<'a> {
        DumpOptions { member: self.member, ..DumpOptions::default() }
    }

    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// Returns what was set, or else what the file's name says.
    pub(super) fn said<'s>(
        &'s self,
        name: &str,
        told: Option<&'s str>,
    ) -> Result<&'s str, Failure> {
        self.setting(name).or(told).ok_or_else(|| {
            let file = self.file.display();
            Failure::input(format!(
                "{file}: its name does not say the {name}: give it with --set {name}=…"
            ))
        })
    }

    pub(super) fn market(&self, unless_set: Market) -> Result<Market, Failure> {
        match self.setting("market") {
            None => Ok(unless_set),
            Some("spot") => Ok(Market::Spot),
            Some("usdm") => Ok(Market::Usdm),
            Some(found) => Err(Failure::input(format!(
                "--set market={found} is not allowed; expected spot or usdm"
            ))),
        }
    }

    /// Returns the name of the table without its endings.
    pub(super) fn stem(&self) -> String {
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        let name = self.member.unwrap_or(&file);
        let name = name.rsplit('/').next().unwrap_or_default();
        let endings = [".zip", ".csv.gz", ".csv"];
        let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
        stem.unwrap_or(name).to_owned()
    }
}
