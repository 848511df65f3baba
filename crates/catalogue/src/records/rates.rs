use std::sync::LazyLock;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use tidemill_model::{Funding, MarkPrice};
use tidemill_store::check_columns;
use tidemill_units::InstantUs;

use crate::columns::{Cells, Kind, batch, decimals, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

static FUNDING: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("time", Kind::Time, false),
        ("rate", Kind::Decimal, false),
        ("mark_price", Kind::Decimal, true),
    ])
});

static MARKS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("time", Kind::Time, false),
        ("mark", Kind::Decimal, false),
        ("index", Kind::Decimal, true),
        ("expected_funding", Kind::Decimal, true),
    ])
});

/// Ordered by when it is paid.
impl Record for Funding {
    type Frame = ();

    const DATASET: Dataset = Dataset::Funding;

    fn schema((): &()) -> SchemaRef {
        FUNDING.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        Ok(Key::one(self.time.0))
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.time)
    }

    /// A venue's files leave out the mark price that its answers tell.
    fn says_as(&self, other: &Self) -> bool {
        let marks = self.mark_price.zip(other.mark_price);
        self.rate == other.rate && marks.is_none_or(|(one, other)| one == other)
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let columns: Vec<ArrayRef> = vec![
            times(rows.iter().map(|row| row.time)),
            decimals("rate", rows.iter().map(|row| row.rate))?,
            decimals("mark_price", rows.iter().map(|row| row.mark_price))?,
        ];
        batch(&FUNDING, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &FUNDING)?;
        let cells = Cells(batch);
        let (time, rate) = (cells.times("time"), cells.decimals("rate"));
        let mark_price = cells.decimals("mark_price");
        let row = |at| Self {
            time: time(at).unwrap_or_default(),
            rate: rate(at).unwrap_or_default(),
            mark_price: mark_price(at),
        };
        Ok((0..cells.rows()).map(row).collect())
    }
}

/// Ordered by time.
impl Record for MarkPrice {
    type Frame = ();

    const DATASET: Dataset = Dataset::Marks;

    fn schema((): &()) -> SchemaRef {
        MARKS.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        Ok(Key::one(self.time.0))
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.time)
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let columns: Vec<ArrayRef> = vec![
            times(rows.iter().map(|row| row.time)),
            decimals("mark", rows.iter().map(|row| row.mark))?,
            decimals("index", rows.iter().map(|row| row.index))?,
            decimals("expected_funding", rows.iter().map(|row| row.expected_funding))?,
        ];
        batch(&MARKS, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &MARKS)?;
        let cells = Cells(batch);
        let (time, mark) = (cells.times("time"), cells.decimals("mark"));
        let (index, expected) = (cells.decimals("index"), cells.decimals("expected_funding"));
        let row = |at| Self {
            time: time(at).unwrap_or_default(),
            mark: mark(at).unwrap_or_default(),
            index: index(at),
            expected_funding: expected(at),
        };
        Ok((0..cells.rows()).map(row).collect())
    }
}
