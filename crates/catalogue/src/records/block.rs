use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::SchemaRef;
use tidemill_model::Bytes32;
use tidemill_store::check_columns;
use tidemill_units::{BlockNumber, Gas, GasPrice, InstantUs};

use crate::columns::{Cells, Kind, batch, parsed, place, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

/// What is known of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: BlockNumber,
    /// Its time; some files of gas prices do not tell.
    pub time: Option<InstantUs>,
    /// Its hash.
    pub hash: Option<Bytes32>,
    /// The hash of the block before.
    pub parent_hash: Option<Bytes32>,
    /// The base fee.
    pub base_fee: Option<GasPrice>,
    /// What its transactions paid per gas, as its source sums them up.
    pub gas_price: Option<GasPrice>,
    /// The gas its transactions used.
    pub gas_used: Option<Gas>,
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("number", Kind::U64, false),
        ("time", Kind::Time, true),
        ("hash", Kind::Text, true),
        ("parent_hash", Kind::Text, true),
        ("base_fee_wei", Kind::U64, true),
        ("gas_price_wei", Kind::U64, true),
        ("gas_used", Kind::U64, true),
    ])
});

fn wei<'a>(
    column: &'static str,
    prices: impl Iterator<Item = &'a Option<GasPrice>>,
) -> Result<UInt64Array, RecordFault> {
    let expected = "a gas price of at most 2^64 - 1 wei";
    let narrow = |price: &GasPrice| {
        u64::try_from(price.0).map_err(|_| RecordFault::value(column, &price.0, expected))
    };
    prices.map(|price| price.as_ref().map(narrow).transpose()).collect()
}

/// Ordered by number.
impl Record for Block {
    type Frame = ();

    const DATASET: Dataset = Dataset::Blocks;

    fn schema((): &()) -> SchemaRef {
        SCHEMA.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        place("number", self.number.0).map(Key::one)
    }

    fn time(&self) -> Option<InstantUs> {
        self.time
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let numbers: UInt64Array = rows.iter().map(|row| Some(row.number.0)).collect();
        let hash = |hash: Option<Bytes32>| hash.map(|hash| hash.to_string());
        let hashes: StringArray = rows.iter().map(|row| hash(row.hash)).collect();
        let parents: StringArray = rows.iter().map(|row| hash(row.parent_hash)).collect();
        let used: UInt64Array = rows.iter().map(|row| row.gas_used.map(|gas| gas.0)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(numbers),
            times(rows.iter().map(|row| row.time)),
            Arc::new(hashes),
            Arc::new(parents),
            Arc::new(wei("base_fee_wei", rows.iter().map(|row| &row.base_fee))?),
            Arc::new(wei("gas_price_wei", rows.iter().map(|row| &row.gas_price))?),
            Arc::new(used),
        ];
        batch(&SCHEMA, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let (number, time) = (cells.u64s("number"), cells.times("time"));
        let (hash, parent) = (cells.texts("hash"), cells.texts("parent_hash"));
        let (base_fee, price) = (cells.u64s("base_fee_wei"), cells.u64s("gas_price_wei"));
        let used = cells.u64s("gas_used");
        let bytes32 = |column, text: Option<&str>| {
            text.map(|text| parsed(column, Some(text), "0x and 64 digits")).transpose()
        };
        let price_of = |wei: Option<u64>| wei.map(|wei| GasPrice(u128::from(wei)));
        let row = |at| {
            Ok(Self {
                number: BlockNumber(number(at).unwrap_or_default()),
                time: time(at),
                hash: bytes32("hash", hash(at))?,
                parent_hash: bytes32("parent_hash", parent(at))?,
                base_fee: price_of(base_fee(at)),
                gas_price: price_of(price(at)),
                gas_used: used(at).map(Gas),
            })
        };
        (0..cells.rows()).map(row).collect()
    }
}
