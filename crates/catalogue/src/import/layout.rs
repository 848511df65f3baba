use std::collections::BTreeMap;

use serde::Deserialize;
use tidemill_model::Interval;

use crate::Dataset;
use crate::import::ImportError;

/// How the rows of a table become rows of a dataset; as JSON, what `--layout` reads.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The source, with `{name}` for what a setting, a column or a series' name says.
    pub into: String,
    /// The file's column for each of the dataset's that it has.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// What times are written as.
    #[serde(default)]
    pub time: TimeFormat,
    /// The offset from UTC of times without one, such as `+02:00`.
    #[serde(default)]
    pub zone: Option<String>,
    /// How numbers are written.
    #[serde(default)]
    pub numbers: Numbers,
    /// What parts the fields of a CSV file.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// The names of the columns of a CSV file that has no header.
    #[serde(default)]
    pub header: Option<Vec<String>>,
    /// Of a series: the values by name.
    #[serde(default)]
    pub values: BTreeMap<String, ValueColumn>,
    /// Of a series: when values become known; at once where nothing is said.
    #[serde(default)]
    pub published: Option<Published>,
    /// Of a series: the columns that name what a value is of.
    #[serde(default)]
    pub item: Vec<String>,
    /// Of a series: whether values of one time and item are numbered, `#2`, `#3`; else the second
    /// one is an error.
    #[serde(default)]
    pub number_repeats: bool,
    /// The spacing that times should have; what is missing becomes a named gap.
    #[serde(default)]
    pub every: Option<String>,
    /// What becomes of a value that no column can hold.
    #[serde(default)]
    pub unfit: Unfit,
    /// Of a pool's events: the pool, as `pool.json` describes it.
    #[serde(default)]
    pub pool: Option<serde_json::Value>,
    /// Of a pool's events: the file's word for each kind of event.
    #[serde(default)]
    pub kinds: BTreeMap<String, EventKind>,
    /// Of a pool's events: whose an event is where a column says so.
    #[serde(default)]
    pub owner_when: Option<OwnerWhen>,
    /// Of blocks: the unit of gas prices.
    #[serde(default)]
    pub gas_unit: GasUnit,
}

/// What times are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// `2024-01-05`, `2024-01-05 12:30:00`, `2024-01-05T12:30:00.5Z`, `… +02:00`.
    #[default]
    Text,
    /// Seconds since 1970.
    Seconds,
    /// Thousandths of a second since 1970.
    Milliseconds,
    /// Millionths of a second since 1970.
    Microseconds,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// As decimals of at most 18 places; anything else is an error.
    #[default]
    Decimal,
    /// As floating point is printed, perhaps with an exponent or more places, which are rounded
    /// and counted.
    Float,
}

/// One value of a series.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueColumn {
    /// The file's column; rows where it is empty have no value.
    pub column: String,
    /// The unit of the values.
    pub unit: String,
}

/// When the values of a series become known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Published {
    /// When a column says.
    Column(String),
    /// So long after their time, such as `1h`.
    After(String),
}

/// What becomes of a value that no column can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// The import stops.
    #[default]
    Refuse,
    /// The row becomes a named gap, and is counted.
    Gap,
}

/// The kinds of events of a table of a pool's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The pool's first price.
    Initialize,
    /// A swap.
    Swap,
    /// Liquidity added.
    Mint,
    /// Liquidity removed.
    Burn,
    /// Tokens taken out.
    Collect,
}

/// Whose an event is where a column says so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerWhen {
    /// The file's column.
    pub column: String,
    /// What it says then.
    pub is: String,
    /// Whose it is then; otherwise it is not known.
    pub owner: String,
}

/// The unit of gas prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GasUnit {
    /// 10^-18 of the chain's coin.
    #[default]
    Wei,
    /// 10^9 wei.
    Gwei,
}

impl Layout {
    /// Reads a layout.
    ///
    /// # Errors
    ///
    /// [`ImportError::Layout`] for anything else, with line and column.
    pub fn read(place: &str, text: &str) -> Result<Self, ImportError> {
        let layout: Self = serde_json::from_str(text).map_err(|error| ImportError::Layout {
            place: place.to_owned(),
            fault: error.to_string(),
        })?;
        layout.check(place)?;
        Ok(layout)
    }

    /// Returns the dataset that it is for.
    pub fn dataset(&self) -> Option<Dataset> {
        Dataset::named(self.into.split('/').next().unwrap_or_default())
    }

    fn check(&self, place: &str) -> Result<(), ImportError> {
        let wrong = |fault: String| Err(ImportError::Layout { place: place.to_owned(), fault });
        let Some(dataset) = self.dataset() else {
            return wrong(format!("into: `{}` begins with no dataset's name", self.into));
        };
        let known = super::convert::columns_of(dataset);
        if known.is_empty() {
            return wrong(format!("into: {dataset} is not imported from tables"));
        }
        if let Some(column) = self.columns.keys().find(|name| !known.iter().any(|k| k.0 == **name))
        {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            return wrong(format!("columns: `{column}` is none of {}", names.join(", ")));
        }
        let missing = known.iter().find(|(name, must)| *must && !self.columns.contains_key(*name));
        if let Some((column, _)) = missing {
            return wrong(format!("columns: {column} is missing"));
        }
        if dataset == Dataset::Series && self.values.is_empty() {
            return wrong("values: is missing; a series has at least one".to_owned());
        }
        if dataset == Dataset::PoolEvents && self.pool.is_none() {
            return wrong("pool: is missing; it describes the pool as pool.json does".to_owned());
        }
        self.interval_fields(place)
    }

    fn interval_fields(&self, place: &str) -> Result<(), ImportError> {
        let after = match &self.published {
            Some(Published::After(after)) => Some(after),
            Some(Published::Column(_)) | None => None,
        };
        for text in [self.every.as_ref(), after].into_iter().flatten() {
            if text.parse::<Interval>().is_err() {
                let fault = format!("`{text}` is no interval such as 1m, 1h or 1d");
                return Err(ImportError::Layout { place: place.to_owned(), fault });
            }
        }
        Ok(())
    }
}
