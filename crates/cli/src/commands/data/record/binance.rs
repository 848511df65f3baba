use tidemill_feed_cex::binance::{BinanceLiveConfig, BinanceStream};
use tidemill_model::Interval;

use super::super::venue::{Market, binance};
use super::recorder::{Kind, Recording};
use super::session::Session;
use crate::failure::Failure;

const EXAMPLES: &str = "Examples:
  tidemill data record binance --symbol ETHUSDT --stream trades,quotes,book --for 10m
  tidemill data record binance --market usdm --symbol BTCUSDT --stream agg-trades,marks --for 8h

Whatever may have been missed is a gap with its cause; `tidemill data get binance trades` fills
those of trades. See docs/sources/binance.md for what it costs in requests.";

/// What is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Stream {
    Trades,
    AggTrades,
    Quotes,
    Book,
    Candles,
    Marks,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The markets' names, such as ETHUSDT
    #[arg(long, value_name = "SYMBOL", value_delimiter = ',', required = true)]
    symbol: Vec<String>,
    /// What to listen to: single trades are of spot, mark prices are of futures
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    stream: Vec<Stream>,
    /// Spot, or USD-M futures
    #[arg(long, value_enum, default_value = "spot")]
    market: Market,
    /// The length of candles
    #[arg(long, default_value = "1m")]
    interval: Interval,
    /// How many levels a side a snapshot of the book has
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    levels: u16,
    /// Where the venue's interface is, if not at its own address
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where its streams are, up to /stream, if not at their own address
    #[arg(long, value_name = "URL")]
    stream_url: Option<String>,
    #[command(flatten)]
    session: Session,
}

impl Stream {
    fn of(self, symbol: &str, interval: Interval) -> BinanceStream {
        let symbol = symbol.to_owned();
        match self {
            Self::Trades => BinanceStream::Trades(symbol),
            Self::AggTrades => BinanceStream::AggregateTrades(symbol),
            Self::Quotes => BinanceStream::Quotes(symbol),
            Self::Book => BinanceStream::Book(symbol),
            Self::Candles => BinanceStream::Candles(symbol, interval),
            Self::Marks => BinanceStream::Marks(symbol),
        }
    }

    fn kind(self, interval: Interval) -> Kind {
        match self {
            Self::Trades => Kind::Trades,
            Self::AggTrades => Kind::Aggregates,
            Self::Quotes => Kind::Quotes,
            Self::Book => Kind::Book,
            Self::Candles => Kind::Candles(interval),
            Self::Marks => Kind::Marks,
        }
    }

    /// Which of the connections tells it: futures tell books and quotes apart from all else.
    fn group(self, market: Market) -> u8 {
        match (self, market) {
            (Self::Book | Self::Quotes, Market::Usdm) => 1,
            (
                Self::Trades
                | Self::AggTrades
                | Self::Quotes
                | Self::Book
                | Self::Candles
                | Self::Marks,
                _,
            ) => 0,
        }
    }
}

impl Arguments {
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        self.stream.sort();
        self.stream.dedup();
        self.symbol.sort();
        self.symbol.dedup();
        let rest = binance(self.market, self.base_url.as_deref())?;
        let (configs, recordings) = self.lines()?;
        if self.stream.contains(&Stream::Book) && self.levels == 0 {
            return Err(Failure::input("--levels is 0; a snapshot has at least one level"));
        }
        // Of a market that does not exist the streams would say nothing at all.
        for symbol in &self.symbol {
            rest.best_quote(symbol).await.map_err(Failure::input)?;
            if self.stream.contains(&Stream::Book) {
                rest.depth(symbol, self.levels).await.map_err(Failure::input)?;
            }
        }
        let recorder = self.session.open(recordings).await?;
        let lines = configs.iter().map(|config| rest.live(config)).collect();
        self.session.run(recorder, lines).await
    }

    /// Returns the connections, and what is recorded of each.
    fn lines(&self) -> Result<(Vec<BinanceLiveConfig>, Vec<Recording>), Failure> {
        let mut groups: Vec<u8> =
            self.stream.iter().map(|stream| stream.group(self.market)).collect();
        groups.sort_unstable();
        groups.dedup();
        let (mut configs, mut recordings) = (Vec::new(), Vec::new());
        for (line, group) in groups.iter().enumerate() {
            let of_line = self.stream.iter().filter(|told| told.group(self.market) == *group);
            let mut streams = Vec::new();
            for (stream, symbol) in
                of_line.flat_map(|told| self.symbol.iter().map(move |symbol| (*told, symbol)))
            {
                streams.push(stream.of(symbol, self.interval));
                let source = match stream {
                    Stream::AggTrades => self.market.aggregates(),
                    Stream::Trades
                    | Stream::Quotes
                    | Stream::Book
                    | Stream::Candles
                    | Stream::Marks => self.market.source(),
                };
                recordings.push(Recording {
                    kind: stream.kind(self.interval),
                    market: symbol.clone(),
                    source: source.to_owned(),
                    symbol: symbol.clone(),
                    line,
                });
            }
            let mut config =
                BinanceLiveConfig::new(self.market.venue(), streams).map_err(Failure::input)?;
            config.snapshot_levels = self.levels;
            if let Some(url) = &self.stream_url {
                config.stream_url = url.trim_end_matches('/').to_owned();
            }
            configs.push(config);
        }
        Ok((configs, recordings))
    }
}
