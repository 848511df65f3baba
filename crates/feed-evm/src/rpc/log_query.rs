use alloy_primitives::{Bloom, BloomInput, keccak256};
use serde_json::{Value, json};
use tidemill_model::{Address, Bytes32};
use tidemill_units::BlockNumber;

use super::wire::Ask;
use crate::RawLog;

/// Which logs are asked for: those that any of the filters lets through. Each filter is a question
/// of its own; with none, headers are all that is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// The filters; what several let through is one log.
    pub filters: Vec<LogFilter>,
}

/// What one question for logs asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Those of any of these contracts; of all when empty.
    pub addresses: Vec<Address>,
    /// For each place: any of these topics; any at all when empty.
    pub topics: [Vec<Bytes32>; 4],
}

impl LogQuery {
    /// Asks for all logs of some contracts.
    pub fn of(addresses: &[Address]) -> Self {
        Self { filters: vec![LogFilter::of(addresses)] }
    }

    /// Asks for what some tokens say of transfers to and from an account as well, by two filters:
    /// a common token's whole history is much longer than a pool's part of it.
    #[must_use]
    pub fn with_transfers(mut self, tokens: &[Address], account: Address) -> Self {
        let transfer = Bytes32(keccak256("Transfer(address,address,uint256)").0);
        let mut word = [0; 32];
        if let Some(last) = word.last_chunk_mut() {
            *last = account.0;
        }
        for place in [1, 2] {
            let mut filter = LogFilter::of(tokens);
            for (topics, at) in filter.topics.iter_mut().zip(0..) {
                if at == 0 {
                    topics.push(transfer);
                } else if at == place {
                    topics.push(Bytes32(word));
                }
            }
            self.filters.push(filter);
        }
        self
    }

    /// Whether a log is one of those.
    pub(crate) fn matches(&self, log: &RawLog) -> bool {
        self.filters.iter().any(|filter| filter.matches(log))
    }
}

impl LogFilter {
    /// Lets all logs of some contracts through.
    pub fn of(addresses: &[Address]) -> Self {
        Self { addresses: addresses.to_vec(), topics: Default::default() }
    }

    /// The question for the logs of a range of blocks, both ends included.
    pub(crate) fn by_range(&self, from: BlockNumber, to: BlockNumber) -> Ask {
        let mut filter = self.json();
        filter["fromBlock"] = quantity(from.0);
        filter["toBlock"] = quantity(to.0);
        Ask { method: "eth_getLogs", params: json!([filter]) }
    }

    /// The question for the logs of the one block of a hash (EIP-234).
    pub(crate) fn by_hash(&self, hash: Bytes32) -> Ask {
        let mut filter = self.json();
        filter["blockHash"] = json!(hash.to_string());
        Ask { method: "eth_getLogs", params: json!([filter]) }
    }

    /// The filter without blocks, as a subscription takes it.
    pub(crate) fn json(&self) -> Value {
        let mut filter = json!({});
        if !self.addresses.is_empty() {
            filter["address"] = self.addresses.iter().map(|any| json!(any.to_string())).collect();
        }
        let places = self.topics.iter().rposition(|any| !any.is_empty());
        if let Some(last) = places {
            let place = |any: &Vec<Bytes32>| match any.is_empty() {
                true => Value::Null,
                false => any.iter().map(|topic| json!(topic.to_string())).collect(),
            };
            filter["topics"] = self.topics.iter().take(last.saturating_add(1)).map(place).collect();
        }
        filter
    }

    /// Whether a log is one of those.
    pub(crate) fn matches(&self, log: &RawLog) -> bool {
        let address =
            log.address.is_some_and(|is| self.addresses.is_empty() || self.addresses.contains(&is));
        let mut topics = self.topics.iter().zip(0..);
        address
            && topics.all(|(any, place): (_, usize)| {
                any.is_empty() || log.topics.get(place).is_some_and(|topic| any.contains(topic))
            })
    }

    /// The asked-for contracts that may have such logs in a block of this filter.
    pub(crate) fn may_write<'a>(
        &'a self,
        bloom: &'a Bloom,
    ) -> impl Iterator<Item = &'a Address> + 'a {
        let may = |raw: &[u8]| bloom.contains_input(BloomInput::Raw(raw));
        let topics =
            self.topics.iter().all(|any| any.is_empty() || any.iter().any(|topic| may(&topic.0)));
        self.addresses.iter().filter(move |address| topics && may(&address.0))
    }
}

/// A number as nodes take it: hexadecimal without leading zeros.
pub(crate) fn quantity(number: u64) -> Value {
    Value::String(format!("{number:#x}"))
}
