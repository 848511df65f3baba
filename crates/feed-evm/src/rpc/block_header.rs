use alloy_primitives::{B256, Bloom, U64};
use serde::Deserialize;
use tidemill_model::Bytes32;
use tidemill_units::{BlockNumber, Timestamp};

/// What is kept of a block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Its height.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Bytes32,
    /// The hash of the block before it.
    pub parent_hash: Bytes32,
    /// Its time.
    pub time: Timestamp,
    /// The base fee per gas, in wei; `None` before the chain had one.
    pub base_fee_wei: Option<u64>,
    /// Gas used by all its transactions.
    pub gas_used: u64,
    /// Which addresses and topics its logs may have: a filter that never misses one.
    pub logs_bloom: Bloom,
}

/// A block as nodes write it; the many other fields differ by chain.
#[derive(Deserialize)]
struct BlockAnswer {
    number: U64,
    hash: B256,
    #[serde(rename = "parentHash")]
    parent_hash: B256,
    timestamp: U64,
    #[serde(rename = "baseFeePerGas")]
    base_fee: Option<U64>,
    #[serde(rename = "gasUsed")]
    gas_used: U64,
    #[serde(rename = "logsBloom")]
    logs_bloom: Bloom,
}

impl<'de> Deserialize<'de> for BlockHeader {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = BlockAnswer::deserialize(deserializer)?;
        Ok(Self {
            number: BlockNumber(answer.number.to()),
            hash: Bytes32(answer.hash.0),
            parent_hash: Bytes32(answer.parent_hash.0),
            time: Timestamp(answer.timestamp.to()),
            base_fee_wei: answer.base_fee.map(|fee| fee.to()),
            gas_used: answer.gas_used.to(),
            logs_bloom: answer.logs_bloom,
        })
    }
}
