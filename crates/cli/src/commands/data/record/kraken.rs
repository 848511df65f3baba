use tidemill_feed_cex::kraken::KrakenLiveConfig;
use tidemill_model::Interval;

use super::super::venue::{KRAKEN, kraken, kraken_minutes, pair_symbol};
use super::recorder::{Kind, Recording};
use super::session::Session;
use crate::failure::Failure;

const EXAMPLES: &str = "Example:
  tidemill data record kraken --symbol BTC/USD --stream trades,book --for 10m

Whatever may have been missed is a gap with its cause; `tidemill data get kraken trades` fills
those of trades. BTC/USD is kept as symbol BTC-USD. See docs/sources/kraken.md.";

/// What is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Stream {
    Trades,
    Book,
    Candles,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The pairs, such as BTC/USD
    #[arg(long, value_name = "PAIR", value_delimiter = ',', required = true)]
    symbol: Vec<String>,
    /// What to listen to; a candle is told when the next one begins
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    stream: Vec<Stream>,
    /// The length of candles: 1m, 5m, 15m, 30m, 1h, 4h or 1d
    #[arg(long, default_value = "1m")]
    interval: Interval,
    /// How many levels a side the book has: 10, 25, 100, 500 or 1000
    #[arg(long, default_value_t = 10, value_name = "N")]
    levels: u16,
    /// Where the venue's interface is, if not at its own address
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where its WebSocket is, if not at its own address
    #[arg(long, value_name = "URL")]
    stream_url: Option<String>,
    #[command(flatten)]
    session: Session,
}

impl Arguments {
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        self.stream.sort();
        self.stream.dedup();
        self.symbol.sort();
        self.symbol.dedup();
        let rest = kraken(self.base_url.as_deref())?;
        let config = self.config()?;
        config.check().map_err(Failure::input)?;
        for pair in &self.symbol {
            rest.depth(pair, 1).await.map_err(Failure::input)?;
        }
        let recorder = self.session.open(self.recordings()).await?;
        let line = config.live().map_err(Failure::input)?;
        self.session.run(recorder, vec![line]).await
    }

    fn config(&self) -> Result<KrakenLiveConfig, Failure> {
        let of = |stream| {
            let is_wanted = self.stream.contains(&stream);
            if is_wanted { self.symbol.clone() } else { Vec::new() }
        };
        let mut config = KrakenLiveConfig::new(of(Stream::Book));
        (config.trades, config.candles) = (of(Stream::Trades), of(Stream::Candles));
        config.depth = self.levels;
        config.candle_minutes = kraken_minutes(self.interval)?;
        if let Some(url) = &self.stream_url {
            config.url = url.clone();
        }
        Ok(config)
    }

    fn recordings(&self) -> Vec<Recording> {
        let kind = |stream: &Stream| match stream {
            Stream::Trades => Kind::Trades,
            Stream::Book => Kind::Book,
            Stream::Candles => Kind::Candles(self.interval),
        };
        let of = |market: &String| {
            let (source, symbol) = (KRAKEN.to_owned(), pair_symbol(market));
            let (market, kinds) = (market.clone(), self.stream.iter().map(kind));
            kinds.map(move |kind| {
                let (market, source, symbol) = (market.clone(), source.clone(), symbol.clone());
                Recording { kind, market, source, symbol, line: 0 }
            })
        };
        self.symbol.iter().flat_map(of).collect()
    }
}
