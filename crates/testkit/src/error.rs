use std::path::PathBuf;

use thiserror::Error;

/// Why the oracle could not give an answer. A contract that reverts is an answer: see
/// [`Revert`](crate::Revert).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OracleError {
    /// The compiled contracts are not there.
    #[error("{} is missing: fetch the contracts first, with `sh contracts/fetch.sh`", .0.display())]
    MissingArtifact(PathBuf),
    /// A compiled contract cannot be read.
    #[error("{} is not a compiled contract: {detail}", path.display())]
    BadArtifact {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The bytecode is not that of the deployed contract.
    #[error("{contract} has init code hash {found}, the deployed one has {expected}")]
    InitCodeHash {
        /// The contract.
        contract: &'static str,
        /// The hash of what was fetched.
        found: String,
        /// The hash that the deployed factory's addresses prove.
        expected: &'static str,
    },
    /// The interpreter refused the transaction itself.
    #[error("the interpreter refused a transaction: {0}")]
    Refused(String),
    /// Setting the world up reverted, which only a mistake of the test can cause.
    #[error("{call} reverted: {revert}")]
    SetUp {
        /// The call.
        call: &'static str,
        /// How it ended.
        revert: String,
    },
    /// A contract answered with fewer words than its interface says.
    #[error("the answer has {found} words, too few to read word {wanted}")]
    ShortAnswer {
        /// Words there are.
        found: usize,
        /// Index asked for.
        wanted: usize,
    },
}
