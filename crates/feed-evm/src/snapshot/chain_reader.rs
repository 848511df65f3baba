use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use super::error::ReadError;

/// An answer that is on its way.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Vec<Said>, ReadError>> + Send + 'a>>;

/// What a node says to one question.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The result, `null` included.
    Value(Value),
    /// The call was run and reverted: an answer of the contract, in the node's words.
    Reverted(String),
}

/// One node that is asked about its state.
///
/// One, since a state must come from one node's view of the chain; who asks elsewhere after an
/// error is the caller.
pub trait ChainReader: Send + Sync {
    /// Asks several questions of one method; the answers are in their order. The reader splits
    /// them into as many requests as the node wants.
    ///
    /// Errors: the node did not answer all of them. A revert is an answer.
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_>;
}
