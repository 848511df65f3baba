use thiserror::Error;

use crate::OracleError;

/// Why a test could not do something on the node.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnvilError {
    /// There is no node to run.
    #[error("no anvil to run: {0}")]
    NotHere(String),
    /// The process did not start, or ended.
    #[error("anvil does not run: {0}")]
    Process(String),
    /// The connection broke, or what came is no answer.
    #[error("anvil gave no answer to {method}: {detail}")]
    Transport {
        /// What was asked.
        method: String,
        /// What came instead.
        detail: String,
    },
    /// The node refused.
    #[error("anvil refused {method}: {detail}")]
    Refused {
        /// What was asked.
        method: String,
        /// Its words.
        detail: String,
    },
    /// A transaction of the set-up reverted.
    #[error("{0} reverted on anvil")]
    Reverted(String),
    /// Bytecode is missing, or an answer too short.
    #[error(transparent)]
    Oracle(#[from] OracleError),
}
