use datafusion::error::DataFusionError;
use tidemill_catalogue::CatalogueError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The folder cannot be read.
    #[error(transparent)]
    Folder(Box<CatalogueError>),
    /// The text is no query, names what is not there, or would change something.
    #[error("{0}")]
    Query(String),
    /// The answer cannot be written.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl QueryError {
    pub(crate) fn folder(error: CatalogueError) -> Self {
        Self::Folder(Box::new(error))
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        let text = error.find_root().to_string();
        Self::Query(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
