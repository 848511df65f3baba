use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures_util::{StreamExt, TryStreamExt};
use tidemill_catalogue::{Catalogue, Source};

use crate::data_files::{DataFile, DataFiles};
use crate::dataset_table::{DatasetTable, merged};
use crate::features::{FUNCTIONS, Function, Lake};
use crate::{Answer, QueryError};

/// The most memory that a query may take for sorting and grouping, in bytes; beyond it, it spills
/// to the disk or says so.
const MEMORY_BYTES: usize = 2 << 30;

/// What the store is called within a session, whatever it is.
const STORE: &str = "data://folder/";

/// How many descriptions are asked for at once.
const ASKED_TOGETHER: usize = 8;

/// A data folder that can be asked in SQL.
pub struct QuerySession {
    context: SessionContext,
    data: Catalogue,
}

impl QuerySession {
    /// Reads the manifests of a data folder and makes a table of each of its datasets. What is
    /// recorded afterwards, another session sees.
    ///
    /// Errors: [`QueryError::Folder`] where a manifest or a pool's description cannot be read.
    pub async fn open(data: Catalogue) -> Result<Self, QueryError> {
        let files = DataFiles::read(&data).await?;
        let config = SessionConfig::new().with_information_schema(true);
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_BYTES, 1.0).build_arc()?;
        let context = SessionContext::new_with_config_rt(config, runtime);
        let url = ObjectStoreUrl::parse(STORE)?;
        let (store, root) = data.store();
        context.register_object_store(url.as_ref(), store);
        for (dataset, of_dataset) in files.datasets() {
            let schemas = schemas(&data, &of_dataset).await?;
            let columns = (merged(schemas), of_dataset.as_slice());
            let table = DatasetTable::new(url.clone(), &root, dataset, columns);
            context.register_table(dataset.name(), Arc::new(table))?;
        }
        let lake = Arc::new(Lake { data: data.clone(), files });
        for (name, make) in FUNCTIONS {
            context.register_udtf(name, Arc::new(Function { lake: Arc::clone(&lake), make }));
        }
        Ok(Self { context, data })
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
        // What a store says may have the credentials in it that it was asked with.
        let data = self.data.clone();
        let redacted = move |error: DataFusionError| {
            QueryError::Query(data.redacted(&QueryError::from(error).to_string()))
        };
        let frame = self.context.sql_with_options(sql, options).await.map_err(&redacted)?;
        let rows = frame.execute_stream().await.map_err(&redacted)?;
        Ok(Answer { schema: rows.schema(), rows: rows.map_err(redacted).boxed() })
    }

    /// Returns the tables there are, by name, and the names of the table functions.
    pub fn tables(&self) -> (Vec<String>, Vec<&'static str>) {
        let schema = self.context.catalog("datafusion").and_then(|all| all.schema("public"));
        let mut tables = schema.map(|schema| schema.table_names()).unwrap_or_default();
        tables.sort();
        (tables, FUNCTIONS.iter().map(|(name, _)| *name).collect())
    }
}

/// Returns the columns of each source of a dataset, in the order of the sources.
async fn schemas(data: &Catalogue, files: &[DataFile]) -> Result<Vec<SchemaRef>, QueryError> {
    let mut sources: Vec<Arc<Source>> = files.iter().map(|file| file.source.clone()).collect();
    sources.dedup();
    futures_util::stream::iter(sources)
        .map(|source| async move { data.schema(&source).await.map_err(QueryError::folder) })
        .buffered(ASKED_TOGETHER)
        .try_collect()
        .await
}
