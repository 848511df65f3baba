use tidemill_catalogue::{Dataset, Gap, Seen, Source};
use tidemill_feed_cex::TimeRange;
use tidemill_feed_cex::kraken::KrakenRest;
use tidemill_model::{Candle, Interval, Trade};
use tidemill_units::InstantUs;

use super::super::time_text;
use super::super::venue::{KRAKEN, kraken, kraken_minutes, pair_symbol};
use super::kept::{Holes, Kept, Wanted};
use crate::failure::Failure;

const EXAMPLES: &str = "Examples:
  tidemill data get kraken trades BTC/USD --from 2024-01-01 --until 2024-01-02
  tidemill data get kraken candles BTC/USD --interval 1h --from 2026-11-01 --until 2026-11-08

Kraken tells the last 720 candles of each length and no others: what is older is a named gap, or
an error where all of it is. Its trades go back to the first one. Goes on where an earlier fetch
ended. BTC/USD is kept as symbol BTC-USD. See docs/sources/kraken.md for the cost in requests.";

/// How many candles the venue tells.
const REACH: &str = "Kraken tells the last 720 candles of a length, and no others";

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Candles,
    Trades,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to fetch: the last 720 candles, or trades
    #[arg(value_enum)]
    kind: Kind,
    /// The pair, such as BTC/USD
    pair: String,
    /// The length of candles: 1m, 5m, 15m, 30m, 1h, 4h or 1d
    #[arg(long, default_value = "1m")]
    interval: Interval,
    #[command(flatten)]
    wanted: Wanted,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.wanted.check()?;
        let rest = kraken(self.wanted.base_url())?;
        match self.kind {
            Kind::Candles => self.candles(&rest).await,
            Kind::Trades => self.trades(&rest).await,
        }
    }

    async fn trades(&self, rest: &KrakenRest) -> Result<(), Failure> {
        let values = [KRAKEN, &pair_symbol(&self.pair)];
        let source = Source::new(Dataset::Trades, &values).map_err(Failure::input)?;
        let mut kept = Kept::<Seen<Trade>>::open(&self.wanted, source).await?;
        for range in kept.missing(&self.wanted) {
            let mut pages = rest.trades(&self.pair, range).map_err(Failure::input)?;
            let row = |sent| Seen { sent, seen_at: None };
            kept.follow(range, Holes::Numbers, row, async || pages.next().await).await?;
        }
        kept.finish(&self.wanted).await
    }

    async fn candles(&self, rest: &KrakenRest) -> Result<(), Failure> {
        let minutes = kraken_minutes(self.interval)?;
        let symbol = pair_symbol(&self.pair);
        let source = Source::candles(KRAKEN, &symbol, self.interval).map_err(Failure::input)?;
        let mut kept = Kept::<Candle>::open(&self.wanted, source).await?;
        let missing = kept.missing(&self.wanted);
        if missing.is_empty() {
            return kept.finish(&self.wanted).await;
        }
        let told = rest.candles(&self.pair, minutes).await.map_err(Failure::input)?;
        let Some(reach) = reach(&told, self.interval) else {
            return Err(Failure::input(format!("Kraken tells no candles of {}", self.pair)));
        };
        if self.wanted.until <= reach.from {
            return Err(Failure::input(format!(
                "{REACH}: those of {} begin at {}, behind --until; older ones are built from \
                 trades (tidemill data get kraken trades) or come from the files it publishes",
                self.interval,
                time_text(reach.from)
            )));
        }
        for range in missing {
            let until = range.until.min(reach.until);
            if range.from >= until {
                continue;
            }
            let (rows, gaps) = within(&told, self.interval, TimeRange { until, ..range }, reach);
            kept.keep(rows, TimeRange { until, ..range }, gaps).await?;
        }
        kept.finish(&self.wanted).await
    }
}

/// Returns from when until when candles were told.
fn reach(told: &[Candle], interval: Interval) -> Option<TimeRange> {
    let (first, last) = told.first().zip(told.last())?;
    Some(TimeRange { from: first.open_time, until: interval.end_of(last.open_time)? })
}

/// Returns the candles of a range, and what is missing of it.
fn within(
    told: &[Candle],
    interval: Interval,
    range: TimeRange,
    reach: TimeRange,
) -> (Vec<Candle>, Vec<Gap>) {
    let is_inside =
        |candle: &&Candle| range.from <= candle.open_time && candle.open_time < range.until;
    let rows: Vec<Candle> = told.iter().filter(is_inside).copied().collect();
    let mut gaps = Vec::new();
    let mut name = |from: InstantUs, to: InstantUs, cause: &str| {
        gaps.push(Gap { from: from.0, to: to.0, cause: cause.to_owned() });
    };
    if range.from < reach.from {
        name(range.from, reach.from.min(range.until), REACH);
    }
    let mut next = interval.start_of(range.from.max(reach.from)).unwrap_or(range.from);
    if next < range.from {
        next = interval.end_of(next).unwrap_or(range.from);
    }
    for row in &rows {
        if next < row.open_time {
            name(next, row.open_time, "the venue has no such rows");
        }
        next = interval.end_of(row.open_time).unwrap_or(row.open_time);
    }
    if next < range.until {
        name(next, range.until, "the venue has no such rows");
    }
    (rows, gaps)
}
