use tidemill_catalogue::{Dataset, Seen, Source};
use tidemill_feed_cex::binance::{AggregateTrade, BinanceRest};
use tidemill_model::{Candle, Funding, Interval, Trade};

use super::super::venue::{Market, binance};
use super::kept::{Holes, Kept, Wanted};
use crate::failure::Failure;

const EXAMPLES: &str = "Examples:
  tidemill data get binance candles ETHUSDT --interval 1m --from 2024-01-01 --until 2024-02-01
  tidemill data get binance trades ETHUSDT --from 2024-01-01 --until 2024-01-02
  tidemill data get binance agg-trades BTCUSDT --market usdm --from 2024-01-01 --until 2024-01-02
  tidemill data get binance funding BTCUSDT --market usdm --from 2024-01-01 --until 2025-01-01

Goes on where an earlier fetch ended, and asks again for what was named as a gap, such as by
`tidemill data record`. Aggregated trades have numbers of their own, so they are kept apart, as
source binance-agg or binance-usdm-agg. See docs/sources/binance.md for what it costs in requests.";

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Candles,
    Trades,
    AggTrades,
    Funding,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to fetch: single trades are of spot, funding is of futures
    #[arg(value_enum)]
    kind: Kind,
    /// The market's name, such as ETHUSDT
    symbol: String,
    /// The length of candles
    #[arg(long, default_value = "1m")]
    interval: Interval,
    /// Spot, or USD-M futures
    #[arg(long, value_enum, default_value = "spot")]
    market: Market,
    #[command(flatten)]
    wanted: Wanted,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.wanted.check()?;
        let rest = binance(self.market, self.wanted.base_url())?;
        match self.kind {
            Kind::Candles => self.candles(&rest).await,
            Kind::Trades => self.trades(&rest).await,
            Kind::AggTrades => self.aggregates(&rest).await,
            Kind::Funding => self.funding(&rest).await,
        }
    }

    async fn candles(&self, rest: &BinanceRest) -> Result<(), Failure> {
        let venue = self.market.source();
        let source = Source::candles(venue, &self.symbol, self.interval).map_err(Failure::input)?;
        let mut kept = Kept::<Candle>::open(&self.wanted, source).await?;
        for range in kept.missing(&self.wanted) {
            let mut pages =
                rest.candles(&self.symbol, self.interval, range).map_err(Failure::input)?;
            let row = |candle| candle;
            kept.follow(range, Holes::Times, row, async || pages.next().await).await?;
        }
        kept.finish(&self.wanted).await
    }

    async fn trades(&self, rest: &BinanceRest) -> Result<(), Failure> {
        let source = self.source(Dataset::Trades, self.market.source())?;
        let mut kept = Kept::<Seen<Trade>>::open(&self.wanted, source).await?;
        for range in kept.missing(&self.wanted) {
            let mut pages = rest.trades(&self.symbol, range).map_err(Failure::input)?;
            let row = |sent| Seen { sent, seen_at: None };
            kept.follow(range, Holes::Numbers, row, async || pages.next().await).await?;
        }
        kept.finish(&self.wanted).await
    }

    async fn aggregates(&self, rest: &BinanceRest) -> Result<(), Failure> {
        let source = self.source(Dataset::Trades, self.market.aggregates())?;
        let mut kept = Kept::<Seen<Trade>>::open(&self.wanted, source).await?;
        for range in kept.missing(&self.wanted) {
            let mut pages = rest.aggregate_trades(&self.symbol, range).map_err(Failure::input)?;
            let row = |told: AggregateTrade| Seen { sent: told.trade, seen_at: None };
            kept.follow(range, Holes::Numbers, row, async || pages.next().await).await?;
        }
        kept.finish(&self.wanted).await
    }

    async fn funding(&self, rest: &BinanceRest) -> Result<(), Failure> {
        let source = self.source(Dataset::Funding, self.market.source())?;
        let mut kept = Kept::<Funding>::open(&self.wanted, source).await?;
        for range in kept.missing(&self.wanted) {
            let mut pages = rest.funding(&self.symbol, range).map_err(Failure::input)?;
            let row = |payment| payment;
            kept.follow(range, Holes::Times, row, async || pages.next().await).await?;
        }
        kept.finish(&self.wanted).await
    }

    fn source(&self, dataset: Dataset, venue: &str) -> Result<Source, Failure> {
        Source::new(dataset, &[venue, &self.symbol]).map_err(Failure::input)
    }
}
