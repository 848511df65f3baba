use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{
    SortColumn, concat_batches, lexsort_to_indices, partition, take_record_batch,
};
use datafusion::common::DataFusionError;
use datafusion::error::Result;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tidemill_catalogue::Catalogue;

use crate::data_files::Partition;

/// How many partitions are read ahead, so that memory holds a few days at the most.
const READ_AHEAD: usize = 3;

/// Rows of one batch.
const BATCH_ROWS: usize = 65_536;

/// The rows of one source in the order of their keys, each once.
#[derive(Clone, Debug)]
pub(crate) struct OrderedScan {
    pub(crate) data: Catalogue,
    /// Earliest first; their keys do not overlap.
    pub(crate) partitions: Vec<Partition>,
    /// Columns wanted; a file that lacks one gives batches without it.
    pub(crate) columns: Vec<&'static str>,
    /// The columns that order rows, all of them wanted.
    pub(crate) key: Vec<&'static str>,
}

impl OrderedScan {
    /// Returns the rows, a partition or a part of it a batch.
    pub(crate) fn stream(self) -> BoxStream<'static, Result<RecordBatch>> {
        let Self { data, partitions, columns, key } = self;
        let reads = stream::iter(partitions).map(move |partition| {
            let (data, columns, key) = (data.clone(), columns.clone(), key.clone());
            let task = tokio::spawn(read_partition(data, partition, columns, key));
            async move { task.await.map_err(|error| DataFusionError::External(Box::new(error)))? }
        });
        let batches = reads.buffered(READ_AHEAD);
        batches.map_ok(|batches| stream::iter(batches.into_iter().map(Ok))).try_flatten().boxed()
    }
}

async fn read_partition(
    data: Catalogue,
    partition: Partition,
    columns: Vec<&'static str>,
    key: Vec<&'static str>,
) -> Result<Vec<RecordBatch>> {
    let mut files = Vec::with_capacity(partition.files.len());
    for file in &partition.files {
        let bytes = data.get_checked(&file.source, &file.entry).await;
        files.push(bytes.map_err(|error| DataFusionError::Execution(error.to_string()))?);
    }
    let decoded = tokio::task::spawn_blocking(move || {
        let mut batches = Vec::new();
        for file in files {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
            let wanted = columns.iter().copied();
            let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
            let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?;
            batches.extend(reader.collect::<std::result::Result<Vec<_>, _>>()?);
        }
        if partition.files.len() > 1 { merged(&batches, &key) } else { Ok(batches) }
    });
    decoded.await.map_err(|error| DataFusionError::External(Box::new(error)))?
}

/// Sorts the rows of several files by their key and keeps the first of each.
fn merged(batches: &[RecordBatch], key: &[&str]) -> Result<Vec<RecordBatch>> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let whole = concat_batches(&first.schema(), batches)?;
    let columns_of = |batch: &RecordBatch| {
        let columns = key.iter().filter_map(|name| batch.column_by_name(name).cloned());
        columns.collect::<Vec<_>>()
    };
    let sort_by = columns_of(&whole).into_iter();
    let sort_by: Vec<_> = sort_by.map(|values| SortColumn { values, options: None }).collect();
    let sorted = take_record_batch(&whole, &lexsort_to_indices(&sort_by, None)?)?;
    let groups = partition(&columns_of(&sorted))?.ranges();
    let firsts: Result<Vec<u32>, _> =
        groups.iter().map(|group| u32::try_from(group.start)).collect();
    let firsts = firsts.map_err(|error| DataFusionError::External(Box::new(error)))?;
    Ok(vec![take_record_batch(&sorted, &UInt32Array::from(firsts))?])
}
