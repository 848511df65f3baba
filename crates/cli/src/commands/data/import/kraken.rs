use tidemill_catalogue::import::ImportReport;
use tidemill_catalogue::{Dataset, SeriesInfo, SeriesValue, Source};
use tidemill_feed_cex::kraken::{KrakenPrint, open_kraken_candles, open_kraken_prints};
use tidemill_model::{Candle, Interval, Observation};
use tidemill_units::{Decimal, InstantUs};

use super::super::venue::{KRAKEN, pair_symbol};
use super::bulk::{Bulk, Create, Order, To};
use super::published::BulkFile;
use crate::failure::Failure;

/// A table that Kraken publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Candles,
    Prints,
}

impl Table {
    pub(super) async fn import(
        self,
        bulk: &BulkFile<'_>,
        create: Create<'_>,
    ) -> Result<ImportReport, Failure> {
        let stem = bulk.stem();
        let venue = bulk.setting("source").unwrap_or(KRAKEN);
        match self {
            Self::Candles => {
                // The name is the pair and how many minutes its candles have.
                let named = stem.rsplit_once('_');
                let minutes = named.map(|(_, minutes)| format!("{minutes}m"));
                let interval = bulk.said("interval", minutes.as_deref())?;
                let interval = read_interval(interval)?;
                let pair = bulk.said("symbol", named.map(|(pair, _)| pair))?;
                let source = Source::candles(venue, &pair_symbol(pair), interval);
                let open = || open_kraken_candles(bulk.file, bulk.options());
                // Intervals without a trade are not in the venue's table, and are no holes.
                let order = Order::Grid { column: "time", step: interval.us(), leaves_out: true };
                let place = |row: &Candle| (row.open_time, 0);
                let table = Bulk { file: bulk.file, open: &open, place, order, period: None };
                table.import(create, source.map_err(Failure::input)?, |row| row).await
            }
            Self::Prints => {
                let pair = pair_symbol(bulk.said("symbol", Some(&stem))?);
                prints(bulk, venue, &pair, create).await
            }
        }
    }
}

type Value = fn(&KrakenPrint) -> Decimal;

fn read_interval(text: &str) -> Result<Interval, Failure> {
    text.parse().map_err(|_| {
        let expected = "the minutes behind the pair's name, or --set interval=1m";
        Failure::input(format!("interval `{text}` is not allowed; expected {expected}"))
    })
}

/// Trades without a number and without who took them are two series: prices and quantities.
async fn prints(
    bulk: &BulkFile<'_>,
    venue: &str,
    pair: &str,
    create: Create<'_>,
) -> Result<ImportReport, Failure> {
    let open = || open_kraken_prints(bulk.file, bulk.options());
    let order = Order::Times { column: "time", strictly: false };
    let place = |row: &KrakenPrint| (row.time, 0);
    let table = Bulk { file: bulk.file, open: &open, place, order, period: None };
    let values: [(&str, &str, Value); 2] = [
        ("price", "quote asset per base asset", |print| print.price),
        ("quantity", "base asset", |print| print.quantity),
    ];
    let checked = table.check()?;
    let data = create()?;
    let mut staged = Vec::new();
    let mut read = Ok(());
    for (name, unit, value) in values {
        let name = format!("{pair}.{name}");
        let source = Source::new(Dataset::Series, &[venue, &name]).map_err(Failure::input)?;
        let frame = SeriesInfo { unit: unit.to_owned() };
        let mut repeats = Repeats::default();
        let row = |print: KrakenPrint| repeats.value(print.time, value(&print));
        let to = To { data: &data, source, frame };
        read = table.stage(&checked, to, row, &mut staged).await;
        if read.is_err() {
            break;
        }
    }
    checked.end(read, staged).await
}

/// Numbers the values of one time: the second is item `#2`, in both series.
#[derive(Default)]
struct Repeats {
    last: Option<InstantUs>,
    count: u64,
}

impl Repeats {
    fn value(&mut self, time: InstantUs, value: Decimal) -> SeriesValue {
        self.count = if self.last.replace(time) == Some(time) { self.count + 1 } else { 1 };
        let item = if self.count == 1 { String::new() } else { format!("#{}", self.count) };
        let observation = Observation { time, published_at: time, value };
        SeriesValue { item: item.into(), observation }
    }
}
