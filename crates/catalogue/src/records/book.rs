use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::SchemaRef;
use tidemill_model::{BookLevel, BookSnapshot, BookUpdate};
use tidemill_store::check_columns;
use tidemill_units::InstantUs;

use crate::columns::{Cells, Kind, batch, decimals, place, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

/// What a row of a book is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookMessage {
    /// Of a change; it comes before a snapshot of the same version.
    Update,
    /// Of a whole book.
    Snapshot,
}

/// A side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookSide {
    /// What is offered for the base asset.
    Bid,
    /// What is asked for it.
    Ask,
}

/// One level of a snapshot or of a change of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookRow {
    /// What it is a part of.
    pub message: BookMessage,
    /// When the venue says so.
    pub time: Option<InstantUs>,
    /// When it arrived here.
    pub seen_at: Option<InstantUs>,
    /// The first update of the message, where it is a change.
    pub first_update_id: Option<u64>,
    /// The last update of the message.
    pub last_update_id: u64,
    /// The last update of the message before, where the venue tells it.
    pub previous_update_id: Option<u64>,
    /// The place of the level in the message: bids first, from zero.
    pub row: u32,
    /// The level; `None` in the one row of a message that changes nothing.
    pub level: Option<(BookSide, BookLevel)>,
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("kind", Kind::Text, false),
        ("time", Kind::Time, true),
        ("seen_at", Kind::Time, true),
        ("first_update_id", Kind::U64, true),
        ("last_update_id", Kind::U64, false),
        ("previous_update_id", Kind::U64, true),
        ("row", Kind::U32, false),
        ("side", Kind::Text, true),
        ("price", Kind::Decimal, true),
        ("quantity", Kind::Decimal, true),
    ])
});

impl BookRow {
    /// Returns the rows of a snapshot; it has no time of its own.
    pub fn of_snapshot(snapshot: &BookSnapshot, seen_at: Option<InstantUs>) -> Vec<Self> {
        let first = Self {
            message: BookMessage::Snapshot,
            time: None,
            seen_at,
            first_update_id: None,
            last_update_id: snapshot.last_update_id,
            previous_update_id: None,
            row: 0,
            level: None,
        };
        first.with_levels(&snapshot.bids, &snapshot.asks)
    }

    /// Returns the rows of a change.
    pub fn of_update(update: &BookUpdate, seen_at: Option<InstantUs>) -> Vec<Self> {
        let first = Self {
            message: BookMessage::Update,
            time: Some(update.time),
            seen_at,
            first_update_id: Some(update.first_update_id),
            last_update_id: update.last_update_id,
            previous_update_id: update.previous_update_id,
            row: 0,
            level: None,
        };
        first.with_levels(&update.bids, &update.asks)
    }

    fn with_levels(self, bids: &[BookLevel], asks: &[BookLevel]) -> Vec<Self> {
        let bids = bids.iter().map(|level| (BookSide::Bid, *level));
        let levels = bids.chain(asks.iter().map(|level| (BookSide::Ask, *level)));
        let rows: Vec<Self> = (0..)
            .zip(levels)
            .map(|(row, level)| Self { row, level: Some(level), ..self })
            .collect();
        if rows.is_empty() { vec![self] } else { rows }
    }
}

/// Ordered by the last update of the message, then by message and place in it.
impl Record for BookRow {
    type Frame = ();

    const DATASET: Dataset = Dataset::Book;

    fn schema((): &()) -> SchemaRef {
        SCHEMA.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        let message = match self.message {
            BookMessage::Update => 0,
            BookMessage::Snapshot => 1_i64 << 32,
        };
        let row = message.saturating_add(i64::from(self.row));
        Ok(Key::two(place("last_update_id", self.last_update_id)?, row))
    }

    fn time(&self) -> Option<InstantUs> {
        self.time.or(self.seen_at)
    }

    fn says_as(&self, other: &Self) -> bool {
        Self { seen_at: None, ..*self } == Self { seen_at: None, ..*other }
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let kind = |row: &Self| match row.message {
            BookMessage::Update => "update",
            BookMessage::Snapshot => "snapshot",
        };
        let side = |row: &Self| match row.level?.0 {
            BookSide::Bid => Some("bid"),
            BookSide::Ask => Some("ask"),
        };
        let kinds: StringArray = rows.iter().map(|row| Some(kind(row))).collect();
        let sides: StringArray = rows.iter().map(side).collect();
        let first: UInt64Array = rows.iter().map(|row| row.first_update_id).collect();
        let last: UInt64Array = rows.iter().map(|row| Some(row.last_update_id)).collect();
        let previous: UInt64Array = rows.iter().map(|row| row.previous_update_id).collect();
        let places: UInt32Array = rows.iter().map(|row| Some(row.row)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(kinds),
            times(rows.iter().map(|row| row.time)),
            times(rows.iter().map(|row| row.seen_at)),
            Arc::new(first),
            Arc::new(last),
            Arc::new(previous),
            Arc::new(places),
            Arc::new(sides),
            decimals("price", rows.iter().map(|row| row.level.map(|(_, level)| level.price)))?,
            decimals("quantity", rows.iter().map(|row| row.level.map(|level| level.1.quantity)))?,
        ];
        batch(&SCHEMA, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let (kind, side) = (cells.texts("kind"), cells.texts("side"));
        let (time, seen_at) = (cells.times("time"), cells.times("seen_at"));
        let (first, last) = (cells.u64s("first_update_id"), cells.u64s("last_update_id"));
        let (previous, place) = (cells.u64s("previous_update_id"), cells.u32s("row"));
        let (price, quantity) = (cells.decimals("price"), cells.decimals("quantity"));
        let row = |at| {
            let side = match side(at) {
                None => None,
                Some("bid") => Some(BookSide::Bid),
                Some("ask") => Some(BookSide::Ask),
                Some(other) => return Err(RecordFault::value("side", &other, "bid or ask")),
            };
            let level = || BookLevel {
                price: price(at).unwrap_or_default(),
                quantity: quantity(at).unwrap_or_default(),
            };
            let message = match kind(at).unwrap_or_default() {
                "update" => BookMessage::Update,
                "snapshot" => BookMessage::Snapshot,
                other => return Err(RecordFault::value("kind", &other, "update or snapshot")),
            };
            Ok(Self {
                message,
                time: time(at),
                seen_at: seen_at(at),
                first_update_id: first(at),
                last_update_id: last(at).unwrap_or_default(),
                previous_update_id: previous(at),
                row: place(at).unwrap_or_default(),
                level: side.map(|side| (side, level())),
            })
        };
        (0..cells.rows()).map(row).collect()
    }
}
