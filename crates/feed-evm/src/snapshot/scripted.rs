//! A chain of answers, for contracts whose bytecode no registry has: to each call what it was told
//! to answer, and to any other a revert.

use std::collections::BTreeMap;
use std::sync::Mutex;

use alloy_primitives::hex;
use serde_json::{Value, json};
use tidemill_model::Address;
use tidemill_units::U256;

use super::abi::ContractCall;
use super::{AtBlock, BlockChoice, ChainReader, Reading, Said, SnapshotError, read_at_block};

/// Contracts' answers and storage at one block.
pub(super) struct Scripted {
    calls: BTreeMap<(Address, String), String>,
    storage: BTreeMap<(Address, u64), U256>,
    time: u64,
    /// Calls that were answered.
    pub(super) asked: Mutex<Vec<(Address, String)>>,
}

impl Scripted {
    pub(super) fn new(time: u64) -> Self {
        let (calls, storage, asked) = Default::default();
        Self { calls, storage, time, asked }
    }

    /// Answers a call without arguments in words.
    pub(super) fn tell(&mut self, contract: Address, name: &'static str, answer: &[U256]) {
        self.tell_of(contract, name, &[], answer);
    }

    /// Answers a call in words.
    pub(super) fn tell_of(
        &mut self,
        contract: Address,
        name: &'static str,
        arguments: &[U256],
        answer: &[U256],
    ) {
        let call = ContractCall::new(contract, name, arguments);
        let words: Vec<u8> = answer.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
        let text = hex::encode_prefixed(words);
        self.calls.insert((contract, hex::encode_prefixed(&call.data)), text);
    }

    /// Answers a call with a list.
    pub(super) fn tell_list(
        &mut self,
        contract: Address,
        name: &'static str,
        arguments: &[U256],
        list: &[U256],
    ) {
        let mut words = vec![U256::from(32), U256::from(list.len())];
        words.extend_from_slice(list);
        self.tell_of(contract, name, arguments, &words);
    }

    /// Puts a word into a contract's storage.
    pub(super) fn store(&mut self, contract: Address, slot: u64, word: U256) {
        self.storage.insert((contract, slot), word);
    }

    /// Forgets a call: the contract has no such function.
    pub(super) fn forget(&mut self, contract: Address, name: &'static str, arguments: &[U256]) {
        let call = ContractCall::new(contract, name, arguments);
        let known = self.calls.remove(&(contract, hex::encode_prefixed(&call.data)));
        assert!(known.is_some(), "{name}");
    }

    /// How many answers nobody asked for.
    pub(super) fn unasked(&self) -> usize {
        let asked = self.asked.lock().unwrap();
        self.calls.keys().filter(|call| !asked.contains(call)).count()
    }

    /// Reads something at its block.
    pub(super) fn read<T>(
        &self,
        read: impl AsyncFn(&AtBlock<'_>) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = read_at_block(self, BlockChoice::Latest, 1, read);
        runtime.block_on(read).map(|(_, value)| value)
    }

    fn answer(&self, method: &str, params: &Value) -> Said {
        let contract = |value: &Value| {
            let text = value.as_str().unwrap();
            Address(hex::decode(text).unwrap().try_into().unwrap())
        };
        match method {
            "eth_getBlockByNumber" => {
                let time = format!("{:#x}", self.time);
                let hash = format!("0x{}", "ab".repeat(32));
                Said::Value(json!({"number": "0x7", "hash": hash, "timestamp": time}))
            }
            "eth_getCode" => Said::Value(json!("0x")),
            "eth_getStorageAt" => {
                let slot = params[1].as_str().unwrap().trim_start_matches("0x").to_owned();
                let slot = u64::from_str_radix(&slot, 16).unwrap();
                let word = self.storage.get(&(contract(&params[0]), slot));
                Said::Value(json!(format!("{:#066x}", word.copied().unwrap_or_default())))
            }
            "eth_call" => {
                let call = &params[0];
                let key = (contract(&call["to"]), call["data"].as_str().unwrap().to_owned());
                let answer = self.calls.get(&key);
                self.asked.lock().unwrap().push(key);
                match answer {
                    Some(answer) => Said::Value(json!(answer)),
                    None => Said::Reverted("execution reverted".to_owned()),
                }
            }
            other => panic!("{other}"),
        }
    }
}

impl ChainReader for Scripted {
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_> {
        let answers = params.iter().map(|params| self.answer(method, params)).collect();
        Box::pin(async move { Ok(answers) })
    }
}

/// A contract, by a number.
pub(super) fn contract(number: u8) -> Address {
    Address([number; 20])
}

/// A number as a word.
pub(super) fn word(number: u64) -> U256 {
    U256::from(number)
}
