use serde_json::Value;

use super::chain_reader::{ChainReader, Reading, Said};
use super::error::ReadError;
use crate::rpc::{Ask, Endpoints, RpcError, RpcFault};

/// One of several nodes, asked in batches as it allows, and again as the policy of all has it.
pub struct EndpointReader<'a> {
    endpoints: &'a Endpoints,
    index: usize,
}

/// The code that nodes give a call that reverted.
const REVERTED: i64 = 3;
/// What nodes say of a call that was run and failed, whatever the code.
const FAILED: &[&str] = &["revert", "invalid opcode", "out of gas", "stack underflow"];

impl<'a> EndpointReader<'a> {
    /// Asks the node at this place of the list.
    pub fn new(endpoints: &'a Endpoints, index: usize) -> Self {
        Self { endpoints, index }
    }

    async fn part(&self, method: &'static str, params: &[Value]) -> Result<Vec<Said>, ReadError> {
        if params.len() > 1
            && let Ok(values) = self.endpoints.batch_on::<Value>(self.index, method, params).await
        {
            return Ok(values.into_iter().map(Said::Value).collect());
        }
        // One that reverts fails its batch, and some nodes take none: each by itself then.
        let mut answers = Vec::with_capacity(params.len());
        for params in params {
            let ask = Ask { method, params: params.clone() };
            answers.push(match self.endpoints.on(self.index, &ask).await {
                Ok(value) => Said::Value(value),
                Err(error) => failed(&error)?,
            });
        }
        Ok(answers)
    }
}

impl ChainReader for EndpointReader<'_> {
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(params.len());
            for part in params.chunks(self.endpoints.batch_limit(self.index)) {
                answers.extend(self.part(method, part).await?);
            }
            Ok(answers)
        })
    }
}

/// What an error answers, where it is an answer: nothing there, or a call that reverted.
fn failed(error: &RpcError) -> Result<Said, ReadError> {
    match &error.fault {
        RpcFault::Nothing => Ok(Said::Value(Value::Null)),
        RpcFault::Answer { code, message } if is_revert(*code, message) => {
            Ok(Said::Reverted(message.clone()))
        }
        RpcFault::Answer { .. }
        | RpcFault::Timeout(_)
        | RpcFault::Connect(_)
        | RpcFault::Lost(_)
        | RpcFault::Http { .. }
        | RpcFault::BodyTooLarge { .. }
        | RpcFault::NotJson(_)
        | RpcFault::OtherAnswer(_)
        | RpcFault::Shape(_)
        | RpcFault::WrongChain { .. }
        | RpcFault::Lagging { .. }
        | RpcFault::StaleHead { .. }
        | RpcFault::Data(_) => Err(ReadError { method: error.method, detail: error.to_string() }),
    }
}

fn is_revert(code: i64, message: &str) -> bool {
    let words = message.to_ascii_lowercase();
    code == REVERTED || FAILED.iter().any(|part| words.contains(part))
}
