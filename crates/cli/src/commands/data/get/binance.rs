use serde::Serialize;
use tidemill_catalogue::{Answered, Dataset, Gap, Record, Source, Span, Writer};
use tidemill_feed_cex::binance::{BinanceMarket, BinanceRest};
use tidemill_feed_cex::{Missing, Page, TimeRange};
use tidemill_model::{Candle, Funding, Interval};
use tidemill_units::InstantUs;

use super::super::{Place, read_time};
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill data get binance candles ETHUSDT --interval 1m --from 2024-01-01 --until 2024-02-01
  tidemill data get binance funding BTCUSDT --market usdm --from 2024-01-01 --until 2025-01-01

Goes on where an earlier fetch ended; what the venue does not have is a named gap. See
docs/sources/binance.md for what it costs in requests.";

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Candles,
    Funding,
}

/// Which of the venue's markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Market {
    Spot,
    Usdm,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to fetch
    #[arg(value_enum)]
    kind: Kind,
    /// The market's name, such as ETHUSDT
    symbol: String,
    /// The first time, such as 2024-01-05 or 2024-01-05T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    from: InstantUs,
    /// The first time that is left out
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    until: InstantUs,
    /// The length of candles
    #[arg(long, default_value = "1m")]
    interval: Interval,
    /// Spot, or USD-M futures
    #[arg(long, value_enum, default_value = "spot")]
    market: Market,
    /// Where the venue's interface is, if not at its own address
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was fetched.
#[derive(Default, Serialize)]
struct Json {
    source: String,
    rows: u64,
    duplicates: u64,
    gaps: usize,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.until <= self.from {
            return Err(Failure::input("--from is not before --until"));
        }
        let (market, venue) = match self.market {
            Market::Spot => (BinanceMarket::Spot, "binance"),
            Market::Usdm => (BinanceMarket::UsdM, "binance-usdm"),
        };
        let mut config = market.rest_config();
        if let Some(url) = &self.base_url {
            config.base_url = url.trim_end_matches('/').to_owned();
        }
        let rest = BinanceRest::new(market, config).map_err(Failure::input)?;
        match self.kind {
            Kind::Candles => self.candles(&rest, venue).await,
            Kind::Funding => self.funding(&rest, venue).await,
        }
    }

    async fn candles(&self, rest: &BinanceRest, venue: &str) -> Result<(), Failure> {
        let source = Source::candles(venue, &self.symbol, self.interval).map_err(Failure::input)?;
        let mut kept = Kept::<Candle>::open(&self.place, source).await?;
        for range in kept.missing(self) {
            let mut pages =
                rest.candles(&self.symbol, self.interval, range).map_err(Failure::input)?;
            let mut from = range.from;
            while let Some(page) = pages.next().await.map_err(Failure::input)? {
                kept.keep(page, from).await?;
                from = kept.until;
            }
        }
        kept.finish(self.json).await
    }

    async fn funding(&self, rest: &BinanceRest, venue: &str) -> Result<(), Failure> {
        let values = [venue, &self.symbol];
        let source = Source::new(Dataset::Funding, &values).map_err(Failure::input)?;
        let mut kept = Kept::<Funding>::open(&self.place, source).await?;
        for range in kept.missing(self) {
            let mut pages = rest.funding(&self.symbol, range).map_err(Failure::input)?;
            let mut from = range.from;
            while let Some(page) = pages.next().await.map_err(Failure::input)? {
                kept.keep(page, from).await?;
                from = kept.until;
            }
        }
        kept.finish(self.json).await
    }
}

/// What is kept of a fetch, page by page: a fetch that is stopped goes on with its next page.
struct Kept<R: Record<Frame = ()>> {
    writer: Writer<R>,
    done: Json,
    /// Up to where everything is told or named as missing.
    until: InstantUs,
    spinner: indicatif::ProgressBar,
}

impl<R: Record<Frame = ()>> Kept<R> {
    async fn open(place: &Place, source: Source) -> Result<Self, Failure> {
        let data = place.create()?;
        let writer = data.writer::<R>(&source, ()).await.map_err(Failure::input)?;
        let done = Json { source: source.to_string(), ..Json::default() };
        let spinner = progress::spinner("fetching");
        Ok(Self { writer, done, until: InstantUs(0), spinner })
    }

    /// Returns what of the asked range was not answered before.
    fn missing(&self, asked: &Arguments) -> Vec<TimeRange> {
        let span = Span { from: asked.from.0, to: asked.until.0 };
        let missing = self.writer.manifest().coverage.missing(span).into_iter();
        let range =
            |span: Span| TimeRange { from: InstantUs(span.from), until: InstantUs(span.to) };
        missing.map(range).collect()
    }

    async fn keep(&mut self, page: Page<R>, from: InstantUs) -> Result<(), Failure> {
        self.until = page.answered_until.max(from);
        let gaps: Vec<_> = page.missing.iter().filter_map(gap).collect();
        let spans = Span::new(from.0, self.until.0).into_iter().collect();
        self.done.gaps += gaps.len();
        let answered = Answered { spans, gaps };
        let appended = self.writer.append(page.rows, &answered).await.map_err(Failure::input)?;
        self.done.rows += appended.rows;
        self.done.duplicates += appended.duplicates;
        self.spinner.set_message(format!("{} rows of {}", self.done.rows, self.done.source));
        Ok(())
    }

    async fn finish(mut self, json: bool) -> Result<(), Failure> {
        self.writer.compact().await.map_err(Failure::input)?;
        self.spinner.finish_and_clear();
        let Json { source, rows, duplicates, gaps } = &self.done;
        if json {
            return output::print_json(&self.done);
        }
        output::print_rows(&[
            ("source", source.clone()),
            ("new rows", rows.to_string()),
            ("rows that were there", duplicates.to_string()),
            ("gaps", gaps.to_string()),
        ])
    }
}

/// Names a hole in what the venue told, by the times of the rows that are not there.
fn gap(missing: &Missing) -> Option<Gap> {
    let [from, to] = [missing.expected, missing.found].map(i64::try_from);
    let cause = "the venue has no such rows".to_owned();
    Some(Gap { from: from.ok()?, to: to.ok()?, cause })
}
