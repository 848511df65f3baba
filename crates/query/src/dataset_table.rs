use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DFSchema, ScalarValue, Statistics};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use object_store::path::Path;
use tidemill_catalogue::{Dataset, FileEntry, Partition};

use crate::data_files::{DataFile, PERIOD};

/// The files of one dataset as a table: the columns in the files, and the keys of their folders.
///
/// Which files there are, the manifests say. A query opens those that its filters leave: by the
/// keys of the folders, by the first and last key of each file, and by the span of its day.
#[derive(Debug)]
pub(crate) struct DatasetTable {
    store: ObjectStoreUrl,
    columns: TableSchema,
    files: Vec<TableFile>,
}

#[derive(Debug)]
struct TableFile {
    path: Path,
    bytes: u64,
    folders: Vec<ScalarValue>,
    /// What is known of its columns without opening it.
    known: Arc<Statistics>,
}

impl DatasetTable {
    /// Makes a table of files below a root; their columns are `columns`.
    pub(crate) fn new(
        store: ObjectStoreUrl,
        root: &Path,
        dataset: Dataset,
        (columns, files): (SchemaRef, &[DataFile]),
    ) -> Self {
        let names = dataset.levels().iter().copied().chain([PERIOD]);
        let folders: Vec<_> =
            names.map(|name| Arc::new(Field::new(name, DataType::Utf8, true))).collect();
        let columns = TableSchema::builder(columns).with_table_partition_cols(folders).build();
        let files = files.iter().map(|file| TableFile::new(root, dataset, &columns, file));
        Self { store, files: files.collect(), columns }
    }

    /// Returns which files may have rows that every filter lets pass.
    fn kept(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<bool>> {
        let all = || Ok(vec![true; self.files.len()]);
        let Some(filter) = conjunction(filters.to_vec()) else { return all() };
        let schema = self.columns.table_schema();
        let named = DFSchema::try_from(Arc::clone(schema))?;
        let filter = state.create_physical_expr(filter, &named)?;
        let pruning = PruningPredicateBuilder::new();
        let pruning = pruning.with_file_schema(Arc::clone(schema)).try_build(filter)?;
        let known = self.files.iter().map(|file| Arc::clone(&file.known)).collect();
        pruning.prune(&PrunableStatistics::new(known, Arc::clone(schema)))
    }
}

#[async_trait]
impl TableProvider for DatasetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.columns.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // The filter stays in the plan: here it spares files and parts of them.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let kept = self.kept(state, filters)?;
        let kept: Vec<_> =
            self.files.iter().zip(kept).filter(|(_, kept)| *kept).map(|(file, _)| file).collect();
        let rows = kept.iter().map(|file| file.known.num_rows);
        let rows = rows.fold(Precision::Inexact(0), |sum, rows| sum.add(&rows));
        let statistics = Statistics {
            num_rows: rows.to_inexact(),
            ..Statistics::new_unknown(self.columns.table_schema())
        };
        let files = FileGroup::new(kept.into_iter().map(TableFile::to_read).collect());
        let format = ParquetFormat::default();
        let source = format.file_source(self.columns.clone());
        let scan = FileScanConfigBuilder::new(self.store.clone(), source)
            .with_file_groups(files.split_files(state.config().target_partitions()))
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        format.create_physical_plan(state, scan).await
    }
}

impl TableFile {
    fn new(root: &Path, dataset: Dataset, columns: &TableSchema, file: &DataFile) -> Self {
        let below = Path::from(format!("{}/{}", file.source, file.entry.path()));
        let path = Path::from_iter(root.parts().chain(below.parts()));
        let level = |name: &&str| ScalarValue::Utf8(file.source.value(name).map(str::to_owned));
        let period = match file.entry.partition {
            Partition::UnknownDay => ScalarValue::Utf8(None),
            Partition::Day(_) | Partition::Year(_) => ScalarValue::Utf8(Some(file.period())),
        };
        let folders: Vec<_> = dataset.levels().iter().map(level).chain([period]).collect();
        let known = Arc::new(known(dataset, columns, &folders, &file.entry));
        Self { path, bytes: file.entry.bytes, folders, known }
    }

    fn to_read(&self) -> PartitionedFile {
        let mut file = PartitionedFile::new(String::new(), self.bytes);
        file.object_meta.location = self.path.clone();
        file.with_partition_values(self.folders.clone())
    }
}

/// What a manifest says of a file's columns: the ends of its order and of its time, and the one
/// value of each key of its folder.
fn known(
    dataset: Dataset,
    columns: &TableSchema,
    folders: &[ScalarValue],
    entry: &FileEntry,
) -> Statistics {
    let mut ends: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    if let Some((from, behind)) = entry.partition.span() {
        ends.insert(dataset.time_column(), (from.0, behind.0.saturating_sub(1)));
    }
    ends.insert(dataset.key_column(), (entry.first.first, entry.last.first));
    let rows = usize::try_from(entry.rows).map_or(Precision::Absent, Precision::Exact);
    let in_file = columns.file_schema().fields().iter().map(|field| {
        let end = |end: Option<i64>| {
            scalar(end, field.data_type()).map_or(Precision::Absent, Precision::Exact)
        };
        let ends = ends.get(field.name().as_str()).copied();
        ColumnStatistics {
            min_value: end(ends.map(|(first, _)| first)),
            max_value: end(ends.map(|(_, last)| last)),
            ..ColumnStatistics::new_unknown()
        }
    });
    let of_folders = folders.iter().map(|value| ColumnStatistics {
        min_value: Precision::Exact(value.clone()),
        max_value: Precision::Exact(value.clone()),
        null_count: if value.is_null() { rows } else { Precision::Exact(0) },
        ..ColumnStatistics::new_unknown()
    });
    let column_statistics = in_file.chain(of_folders).collect();
    Statistics { num_rows: rows, total_byte_size: Precision::Absent, column_statistics }
}

/// Returns a number or a time in microseconds as a value of a column, rounded down; nothing is
/// known of a column of another kind.
fn scalar(value: Option<i64>, kind: &DataType) -> Option<ScalarValue> {
    let value = value?;
    if *kind == DataType::UInt64 {
        return Some(ScalarValue::UInt64(Some(u64::try_from(value).ok()?)));
    }
    let DataType::Timestamp(unit, zone) = kind else { return None };
    let zone = zone.clone();
    match unit {
        TimeUnit::Microsecond => Some(ScalarValue::TimestampMicrosecond(Some(value), zone)),
        TimeUnit::Millisecond => {
            Some(ScalarValue::TimestampMillisecond(Some(value.div_euclid(1_000)), zone))
        }
        TimeUnit::Second | TimeUnit::Nanosecond => None,
    }
}

/// Puts the columns of a dataset's sources together, each once.
pub(crate) fn merged(schemas: impl IntoIterator<Item = SchemaRef>) -> SchemaRef {
    let mut columns: Vec<Field> = Vec::new();
    for schema in schemas {
        for field in schema.fields() {
            if columns.iter().all(|column| column.name() != field.name()) {
                columns.push(field.as_ref().clone().with_nullable(true));
            }
        }
    }
    Arc::new(Schema::new(columns))
}
