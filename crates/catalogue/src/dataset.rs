use std::fmt;

/// A kind of rows, and the folder that all of its sources lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// A pool's events, in the columns of a tape.
    PoolEvents,
    /// What a pool's contract answered at the end of a block.
    PoolStates,
    /// What happened in a pool, interval by interval.
    PoolBars,
    /// Blocks.
    Blocks,
    /// Candles of one market and one interval.
    Candles,
    /// Trades of one market.
    Trades,
    /// Best bids and asks of one market.
    Quotes,
    /// The order book of one market, one row a level.
    Book,
    /// Funding payments of one perpetual future.
    Funding,
    /// Mark prices of one future.
    Marks,
    /// One series: values with a time and when they were published.
    Series,
}

/// What a dataset counts its coverage in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageUnit {
    /// Block numbers.
    Blocks,
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    Microseconds,
}

impl Dataset {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::PoolEvents,
        Self::PoolStates,
        Self::PoolBars,
        Self::Blocks,
        Self::Candles,
        Self::Trades,
        Self::Quotes,
        Self::Book,
        Self::Funding,
        Self::Marks,
        Self::Series,
    ];

    /// Returns the name of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PoolEvents => "pool_events",
            Self::PoolStates => "pool_states",
            Self::PoolBars => "pool_bars",
            Self::Blocks => "blocks",
            Self::Candles => "candles",
            Self::Trades => "trades",
            Self::Quotes => "quotes",
            Self::Book => "book",
            Self::Funding => "funding",
            Self::Marks => "marks",
            Self::Series => "series",
        }
    }

    /// Returns the dataset of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// Returns what tells one of its sources from another, in the order of the folders.
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::PoolEvents | Self::PoolStates => &["chain", "pool"],
            Self::PoolBars => &["chain", "pool", "interval"],
            Self::Blocks => &["chain", "source"],
            Self::Candles => &["source", "symbol", "interval"],
            Self::Trades | Self::Quotes | Self::Book | Self::Funding | Self::Marks => {
                &["source", "symbol"]
            }
            Self::Series => &["source", "name"],
        }
    }

    /// Returns the column that orders its rows first, which is the first part of their keys: a
    /// number, or a time in microseconds.
    pub const fn key_column(self) -> &'static str {
        match self {
            Self::PoolEvents | Self::PoolStates => "block",
            Self::Blocks => "number",
            Self::PoolBars | Self::Candles => "open_time",
            Self::Trades => "id",
            Self::Quotes => "update_id",
            Self::Book => "last_update_id",
            Self::Funding | Self::Marks | Self::Series => "time",
        }
    }

    /// Returns the column of the time that decides in which partition a row lies; where it is
    /// null, something else does.
    pub const fn time_column(self) -> &'static str {
        match self {
            Self::PoolEvents => "time_utc",
            Self::PoolBars | Self::Candles => "open_time",
            Self::PoolStates
            | Self::Blocks
            | Self::Trades
            | Self::Quotes
            | Self::Book
            | Self::Funding
            | Self::Marks
            | Self::Series => "time",
        }
    }

    /// Returns what its coverage is counted in.
    pub const fn coverage_unit(self) -> CoverageUnit {
        match self {
            Self::PoolEvents | Self::PoolStates | Self::Blocks => CoverageUnit::Blocks,
            Self::PoolBars
            | Self::Candles
            | Self::Trades
            | Self::Quotes
            | Self::Book
            | Self::Funding
            | Self::Marks
            | Self::Series => CoverageUnit::Microseconds,
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
