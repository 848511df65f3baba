use std::sync::Mutex;

use serde_json::Value;
use tidemill_feed_evm::snapshot::{ChainReader, ReadError, Reading, Said};
use tidemill_feed_evm::{JsonLogs, RawLog};
use tidemill_testkit::anvil::{AnvilClient, AnvilError, AnvilNode};
use tidemill_units::BlockNumber;

/// A plain connection to the node, and a count of what was asked of it.
pub(crate) struct NodeReader {
    client: Mutex<AnvilClient>,
    pub(crate) asked: Mutex<Vec<&'static str>>,
}

impl NodeReader {
    pub(crate) fn new(node: &AnvilNode) -> Self {
        Self { client: Mutex::new(node.client()), asked: Mutex::new(Vec::new()) }
    }

    pub(crate) fn take_asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// All logs of these contracts, as `eth_getLogs` gives them.
    pub(crate) fn logs(&self, contracts: &[tidemill_testkit::Address]) -> Vec<RawLog> {
        self.logs_from(contracts, 0)
    }

    /// Those behind a block: a chain that began at a great height is not searched from zero.
    pub(crate) fn logs_after(
        &self,
        contracts: &[tidemill_testkit::Address],
        block: BlockNumber,
    ) -> Vec<RawLog> {
        self.logs_from(contracts, block.0 + 1)
    }

    fn logs_from(&self, contracts: &[tidemill_testkit::Address], first: u64) -> Vec<RawLog> {
        let addresses: Vec<String> = contracts.iter().map(ToString::to_string).collect();
        let filter = serde_json::json!([{
            "fromBlock": format!("{first:#x}"), "toBlock": "latest", "address": addresses,
        }]);
        let logs = self.client.lock().unwrap().request("eth_getLogs", &filter).unwrap();
        let text = logs.to_string();
        let logs = JsonLogs::new("eth_getLogs", text.as_bytes());
        logs.collect::<Result<_, _>>().unwrap()
    }
}

impl ChainReader for NodeReader {
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_> {
        Box::pin(async move {
            let mut client = self.client.lock().unwrap();
            let mut answers = Vec::new();
            for params in params {
                self.asked.lock().unwrap().push(method);
                answers.push(match client.request(method, &params) {
                    Ok(value) => Said::Value(value),
                    Err(AnvilError::Refused { detail, .. }) if detail.contains("revert") => {
                        Said::Reverted(detail)
                    }
                    Err(error) => return Err(ReadError { method, detail: error.to_string() }),
                });
            }
            Ok(answers)
        })
    }
}
