use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::parquet::arrow::parquet_to_arrow_schema;
use datafusion::parquet::file::metadata::ParquetMetaDataReader;
use datafusion::prelude::{SessionConfig, SessionContext};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::data_files::{DataFile, DataFiles};
use crate::features::{FUNCTIONS, Function, Lake};
use crate::{Answer, QueryError};

/// The most memory that a query may take for sorting and grouping, in bytes; beyond it, it spills
/// to the disk or says so.
const MEMORY_BYTES: usize = 2 << 30;

/// What the store is called within a session, whatever it is.
const STORE: &str = "data://folder/";

/// A data folder that can be asked in SQL.
pub struct QuerySession {
    context: SessionContext,
}

impl QuerySession {
    /// Looks through a data folder and makes a table of each of its datasets.
    ///
    /// `root` is the data folder within the store.
    ///
    /// Errors: [`QueryError::Folder`] where it cannot be listed or a file cannot be read.
    pub async fn open(store: Arc<dyn ObjectStore>, root: Path) -> Result<Self, QueryError> {
        let files = DataFiles::list(&store, &root).await?;
        let config = SessionConfig::new().with_information_schema(true);
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_BYTES, 1.0).build_arc()?;
        let context = SessionContext::new_with_config_rt(config, runtime);
        let base = ListingTableUrl::parse(STORE)?;
        context.register_object_store(base.object_store().as_ref(), Arc::clone(&store));
        for (dataset, keys) in files.datasets() {
            let url = format!("{STORE}{}/", root.clone().join(dataset));
            let table = table(&store, &files, dataset, &keys, &url).await?;
            context.register_table(dataset, Arc::new(table))?;
        }
        let lake = Arc::new(Lake { store, files });
        for (name, make) in FUNCTIONS {
            context.register_udtf(name, Arc::new(Function { lake: Arc::clone(&lake), make }));
        }
        Ok(Self { context })
    }

    /// Plans a query and begins to answer it. Only queries: whatever would create, change or write
    /// something is refused.
    ///
    /// Errors: [`QueryError::Query`].
    pub async fn run(&self, sql: &str) -> Result<Answer, QueryError> {
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let frame = self.context.sql_with_options(sql, options).await?;
        Ok(Answer { rows: frame.execute_stream().await? })
    }

    /// Returns the tables there are, by name, and the names of the table functions.
    pub fn tables(&self) -> (Vec<String>, Vec<&'static str>) {
        let schema = self.context.catalog("datafusion").and_then(|all| all.schema("public"));
        let mut tables = schema.map(|schema| schema.table_names()).unwrap_or_default();
        tables.sort();
        (tables, FUNCTIONS.iter().map(|(name, _)| *name).collect())
    }
}

/// Makes one table of all files of a dataset, with the keys of their folders as columns.
async fn table(
    store: &Arc<dyn ObjectStore>,
    files: &DataFiles,
    dataset: &str,
    keys: &BTreeSet<Vec<&str>>,
    url: &str,
) -> Result<ListingTable, QueryError> {
    // Sources of one dataset may be partitioned by days and by years: the files have one depth.
    let names = keys.iter().max_by_key(|keys| keys.len()).cloned().unwrap_or_default();
    let partitions: Vec<_> = names.iter().map(|key| ((*key).to_owned(), DataType::Utf8)).collect();
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_table_partition_cols(partitions);
    let schema = merged_schema(store, files, dataset).await?;
    let config = ListingTableConfig::new(ListingTableUrl::parse(url)?)
        .with_listing_options(options)
        .with_schema(schema);
    Ok(ListingTable::try_new(config)?)
}

/// Reads the columns of one file of each source, and puts them together.
async fn merged_schema(
    store: &Arc<dyn ObjectStore>,
    files: &DataFiles,
    dataset: &str,
) -> Result<SchemaRef, QueryError> {
    let mut columns: Vec<Field> = Vec::new();
    let mut seen = BTreeMap::new();
    for file in files.one_of_each_source(dataset) {
        for field in columns_of(store, file).await?.fields() {
            seen.entry(field.name().clone()).or_insert_with(|| {
                columns.push(field.as_ref().clone().with_nullable(true));
            });
        }
    }
    Ok(Arc::new(Schema::new(columns)))
}

async fn columns_of(store: &Arc<dyn ObjectStore>, file: &DataFile) -> Result<Schema, QueryError> {
    let unreadable =
        |detail: String| QueryError::Folder { location: file.path.to_string(), detail };
    let bytes = store.get(&file.path).await.map_err(|error| unreadable(error.to_string()))?;
    let bytes = bytes.bytes().await.map_err(|error| unreadable(error.to_string()))?;
    let metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    let file_metadata = metadata.file_metadata();
    let schema = file_metadata.schema_descr();
    parquet_to_arrow_schema(schema, file_metadata.key_value_metadata())
        .map_err(|error| unreadable(error.to_string()))
}
