use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};
use tidemill_model::Observation;
use tidemill_store::check_columns;
use tidemill_units::InstantUs;

use crate::columns::{Cells, Kind, batch, decimals, schema, times};
use crate::error::RecordFault;
use crate::record::Frame;
use crate::{Dataset, Key, Record};

/// One value of a series, or of one of the items that a series tells of at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesValue {
    /// Which item, such as a gauge or a bridge; empty where the series tells of one thing.
    pub item: Box<str>,
    /// When, when it was published, and the value.
    pub observation: Observation,
}

/// What the values of a series are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesInfo {
    /// The unit of the values, such as `percent a year` or `USD`; not empty.
    pub unit: String,
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("time", Kind::Time, false),
        ("published_at", Kind::Time, false),
        ("item", Kind::Text, false),
        ("value", Kind::Decimal, false),
    ])
});

impl From<Observation> for SeriesValue {
    fn from(observation: Observation) -> Self {
        Self { item: Box::default(), observation }
    }
}

impl Frame for SeriesInfo {
    const FILE: Option<&'static str> = Some("series.json");

    fn text(&self) -> Result<String, RecordFault> {
        if self.unit.trim().is_empty() || self.unit.len() > 96 {
            let expected = "the unit of the values in 1 to 96 characters";
            return Err(RecordFault::value("unit", &self.unit, expected));
        }
        serde_json::to_string(self).map_err(|error| RecordFault::value("unit", &error, "text"))
    }

    fn read(_: &str, text: &[u8]) -> Result<Self, RecordFault> {
        serde_json::from_slice(text)
            .map_err(|error| RecordFault::value("unit", &error, "an object with a unit"))
    }
}

/// Ordered by time, then by when it was published, then by item.
impl Record for SeriesValue {
    type Frame = SeriesInfo;

    const DATASET: Dataset = Dataset::Series;

    fn schema(_: &SeriesInfo) -> SchemaRef {
        SCHEMA.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        let Observation { time, published_at, .. } = self.observation;
        Ok(Key { first: time.0, second: published_at.0, third: self.item.clone() })
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.observation.time)
    }

    fn encode(_: &SeriesInfo, rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let items: StringArray = rows.iter().map(|row| Some(&*row.item)).collect();
        let columns: Vec<ArrayRef> = vec![
            times(rows.iter().map(|row| row.observation.time)),
            times(rows.iter().map(|row| row.observation.published_at)),
            Arc::new(items),
            decimals("value", rows.iter().map(|row| row.observation.value))?,
        ];
        batch(&SCHEMA, columns)
    }

    fn decode(
        _: &SeriesInfo,
        batch: &RecordBatch,
        _: (&str, u64),
    ) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let (time, published_at) = (cells.times("time"), cells.times("published_at"));
        let (item, value) = (cells.texts("item"), cells.decimals("value"));
        let row = |at| Self {
            item: item(at).unwrap_or_default().into(),
            observation: Observation {
                time: time(at).unwrap_or_default(),
                published_at: published_at(at).unwrap_or_default(),
                value: value(at).unwrap_or_default(),
            },
        };
        Ok((0..cells.rows()).map(row).collect())
    }
}
