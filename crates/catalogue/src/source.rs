use std::fmt;
use std::str::FromStr;

use tidemill_model::{Address, ChainId, Interval, PoolBuild, PoolHeader};
use tidemill_units::{BlockNumber, InstantUs};

use crate::{CatalogueError, Dataset, Partition};

/// Where the rows of one pool, market or series lie: a dataset and what tells it from its others.
///
/// Written as its folder below the catalogue: `candles/source=binance/symbol=ETHUSDT/interval=1m`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    dataset: Dataset,
    values: Vec<String>,
}

const NAME: &str = "1 to 96 letters, digits, `-`, `_` or `.`, not beginning with `.`";
const CHAIN: &str = "a chain's number in plain digits";
const POOL: &str = "a pool's address or v4 id: 0x and 40 or 64 lower-case hexadecimal digits";
const INTERVAL: &str = "an interval in its longest unit, such as 1m, 15m, 1h or 1d";

impl Source {
    /// Returns the source with these values, one for each of [`Dataset::levels`].
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Name`] for a value that cannot be the name of its folder.
    pub fn new(dataset: Dataset, values: &[&str]) -> Result<Self, CatalogueError> {
        let levels = dataset.levels();
        if values.len() != levels.len() {
            return Err(name_error("source", &values.join("/"), "one value for each level"));
        }
        for (level, value) in levels.iter().zip(values) {
            check_value(level, value)?;
        }
        Ok(Self { dataset, values: values.iter().map(|value| (*value).to_owned()).collect() })
    }

    /// Returns where a pool's events lie. A v4 pool is named by its id, any other by its address.
    pub fn of_pool(header: &PoolHeader) -> Self {
        let pool = match header.build {
            PoolBuild::UniswapV4 { pool_id, .. } => pool_id.to_string(),
            PoolBuild::UniswapV3 | PoolBuild::PancakeV3 { .. } | PoolBuild::Slipstream { .. } => {
                header.pool.to_string()
            }
        };
        let values = vec![header.chain_id.0.to_string(), pool];
        Self { dataset: Dataset::PoolEvents, values }
    }

    /// Returns where a pool's rows of a dataset lie that are named by its address alone.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Name`] for a dataset that is not of pools, or has intervals.
    pub fn of_address(
        dataset: Dataset,
        chain: ChainId,
        pool: Address,
    ) -> Result<Self, CatalogueError> {
        Self::new(dataset, &[&chain.0.to_string(), &pool.to_string()])
    }

    /// Returns where the candles of a market lie.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Name`] for a venue or symbol that cannot be a folder's name.
    pub fn candles(venue: &str, symbol: &str, interval: Interval) -> Result<Self, CatalogueError> {
        Self::new(Dataset::Candles, &[venue, symbol, &interval.to_string()])
    }

    /// Returns its dataset.
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }

    /// Returns what a level of its folder says, such as `symbol`.
    pub fn value(&self, level: &str) -> Option<&str> {
        let place = self.dataset.levels().iter().position(|name| *name == level)?;
        self.values.get(place).map(String::as_str)
    }

    /// Returns the length of its intervals, where it has any.
    pub fn interval(&self) -> Option<Interval> {
        self.value("interval")?.parse().ok()
    }

    /// Returns the partition that a row of a time is in.
    ///
    /// A dataset of few rows a day has one for each year. `None` before year 1 or past year 9999.
    pub fn partition(&self, time: Option<InstantUs>) -> Option<Partition> {
        let Some(time) = time else { return Some(Partition::UNKNOWN_DAY) };
        let is_long = |interval: Interval| interval >= Interval::HOUR;
        match self.dataset {
            Dataset::PoolStates | Dataset::Funding | Dataset::Series => Partition::year_of(time),
            Dataset::Candles | Dataset::PoolBars if self.interval().is_some_and(is_long) => {
                Partition::year_of(time)
            }
            Dataset::PoolEvents
            | Dataset::PoolBars
            | Dataset::Blocks
            | Dataset::Candles
            | Dataset::Trades
            | Dataset::Quotes
            | Dataset::Book
            | Dataset::Marks => Partition::day_of(time),
        }
    }
}

/// Returns a block's number as coverage counts it; those past 2^63 are none.
pub fn block_place(block: BlockNumber) -> Option<i64> {
    i64::try_from(block.0).ok()
}

fn check_value(level: &str, value: &str) -> Result<(), CatalogueError> {
    let fits = match level {
        "chain" => value.parse::<u64>().is_ok_and(|chain| chain.to_string() == value),
        "pool" => value.strip_prefix("0x").is_some_and(|digits| {
            let is_lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            matches!(digits.len(), 40 | 64) && digits.bytes().all(is_lower)
        }),
        "interval" => value.parse::<Interval>().is_ok_and(|read| read.to_string() == value),
        _ => {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            (1..=96).contains(&value.len())
                && !value.starts_with('.')
                && value.bytes().all(is_plain)
        }
    };
    let expected = match level {
        "chain" => CHAIN,
        "pool" => POOL,
        "interval" => INTERVAL,
        _ => NAME,
    };
    if fits { Ok(()) } else { Err(name_error(level, value, expected)) }
}

fn name_error(level: &str, found: &str, expected: &'static str) -> CatalogueError {
    let found = found.chars().take(80).collect();
    CatalogueError::Name { what: level.to_owned(), found, expected }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.dataset.name())?;
        let mut levels = self.dataset.levels().iter().zip(&self.values);
        levels.try_for_each(|(level, value)| write!(formatter, "/{level}={value}"))
    }
}

impl FromStr for Source {
    type Err = CatalogueError;

    /// Reads what [`Display`](fmt::Display) writes; a slash at the end is let pass.
    fn from_str(text: &str) -> Result<Self, CatalogueError> {
        let mut parts = text.trim_end_matches('/').split('/');
        let dataset = parts.next().and_then(Dataset::named);
        let expected = "a dataset's name first, such as candles or pool_events";
        let dataset = dataset.ok_or_else(|| name_error("source", text, expected))?;
        let mut values = Vec::new();
        let mut levels = dataset.levels().iter();
        for part in parts {
            let value = levels.next().and_then(|level| part.strip_prefix(level)?.strip_prefix('='));
            let expected = "the levels of its dataset in order, such as source=…/symbol=…";
            values.push(value.ok_or_else(|| name_error("source", text, expected))?);
        }
        Self::new(dataset, &values)
    }
}

#[cfg(test)]
mod tests;
