use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::SchemaRef;
use tidemill_model::{BestQuote, BookLevel, Taker, Trade};
use tidemill_store::check_columns;
use tidemill_units::InstantUs;

use crate::columns::{Cells, Kind, batch, decimals, place, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

/// What a venue sent, and when we saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<T> {
    /// What it sent.
    pub sent: T,
    /// When it arrived here; `None` where history was asked for later.
    pub seen_at: Option<InstantUs>,
}

static TRADES: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("id", Kind::U64, false),
        ("time", Kind::Time, false),
        ("seen_at", Kind::Time, true),
        ("price", Kind::Decimal, false),
        ("quantity", Kind::Decimal, false),
        ("taker", Kind::Text, false),
    ])
});

static QUOTES: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("update_id", Kind::U64, false),
        ("time", Kind::Time, true),
        ("seen_at", Kind::Time, true),
        ("bid_price", Kind::Decimal, false),
        ("bid_quantity", Kind::Decimal, false),
        ("ask_price", Kind::Decimal, false),
        ("ask_quantity", Kind::Decimal, false),
    ])
});

/// Ordered by the venue's number.
impl Record for Seen<Trade> {
    type Frame = ();

    const DATASET: Dataset = Dataset::Trades;

    fn schema((): &()) -> SchemaRef {
        TRADES.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        place("id", self.sent.id).map(Key::one)
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.sent.time)
    }

    /// Venues tell the time of one trade in milliseconds here and more exactly there, cut or
    /// rounded: times less than a millisecond apart are the same.
    fn says_as(&self, other: &Self) -> bool {
        let apart = self.sent.time.us_since(other.sent.time).map(i64::unsigned_abs);
        let sent = Trade { time: self.sent.time, ..other.sent };
        apart.is_some_and(|micros| micros < 1_000) && self.sent == sent
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let ids: UInt64Array = rows.iter().map(|row| Some(row.sent.id)).collect();
        let taker = |row: &Self| match row.sent.taker {
            Taker::Buyer => "buyer",
            Taker::Seller => "seller",
        };
        let takers: StringArray = rows.iter().map(|row| Some(taker(row))).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ids),
            times(rows.iter().map(|row| row.sent.time)),
            times(rows.iter().map(|row| row.seen_at)),
            decimals("price", rows.iter().map(|row| row.sent.price))?,
            decimals("quantity", rows.iter().map(|row| row.sent.quantity))?,
            Arc::new(takers),
        ];
        batch(&TRADES, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &TRADES)?;
        let cells = Cells(batch);
        let (id, time, seen_at) = (cells.u64s("id"), cells.times("time"), cells.times("seen_at"));
        let (price, quantity) = (cells.decimals("price"), cells.decimals("quantity"));
        let taker = cells.texts("taker");
        let row = |at| {
            let sent = Trade {
                id: id(at).unwrap_or_default(),
                time: time(at).unwrap_or_default(),
                price: price(at).unwrap_or_default(),
                quantity: quantity(at).unwrap_or_default(),
                taker: match taker(at).unwrap_or_default() {
                    "buyer" => Taker::Buyer,
                    "seller" => Taker::Seller,
                    other => return Err(RecordFault::value("taker", &other, "buyer or seller")),
                },
            };
            Ok(Self { sent, seen_at: seen_at(at) })
        };
        (0..cells.rows()).map(row).collect()
    }
}

/// Ordered by the book's version.
impl Record for Seen<BestQuote> {
    type Frame = ();

    const DATASET: Dataset = Dataset::Quotes;

    fn schema((): &()) -> SchemaRef {
        QUOTES.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        place("update_id", self.sent.update_id).map(Key::one)
    }

    fn time(&self) -> Option<InstantUs> {
        self.sent.time.or(self.seen_at)
    }

    fn says_as(&self, other: &Self) -> bool {
        self.sent == other.sent
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let ids: UInt64Array = rows.iter().map(|row| Some(row.sent.update_id)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ids),
            times(rows.iter().map(|row| row.sent.time)),
            times(rows.iter().map(|row| row.seen_at)),
            decimals("bid_price", rows.iter().map(|row| row.sent.bid.price))?,
            decimals("bid_quantity", rows.iter().map(|row| row.sent.bid.quantity))?,
            decimals("ask_price", rows.iter().map(|row| row.sent.ask.price))?,
            decimals("ask_quantity", rows.iter().map(|row| row.sent.ask.quantity))?,
        ];
        batch(&QUOTES, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &QUOTES)?;
        let cells = Cells(batch);
        let (id, time) = (cells.u64s("update_id"), cells.times("time"));
        let seen_at = cells.times("seen_at");
        let level = |price, quantity| {
            let (price, quantity) = (cells.decimals(price), cells.decimals(quantity));
            move |at| BookLevel {
                price: price(at).unwrap_or_default(),
                quantity: quantity(at).unwrap_or_default(),
            }
        };
        let (bid, ask) = (level("bid_price", "bid_quantity"), level("ask_price", "ask_quantity"));
        let row = |at| {
            let update_id = id(at).unwrap_or_default();
            let sent = BestQuote { update_id, time: time(at), bid: bid(at), ask: ask(at) };
            Self { sent, seen_at: seen_at(at) }
        };
        Ok((0..cells.rows()).map(row).collect())
    }
}
