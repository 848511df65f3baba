//! What must hold of logs and headers, whoever sent them.

use alloy_primitives::{Address as RawAddress, B256, Bloom};
use alloy_rpc_types_eth::Log;
use serde::Deserialize;
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, LogIndex};

use super::block_header::BlockHeader;
use super::error::DataFault;
use super::log_query::{LogFilter, LogQuery};
use crate::{LogPlace, RawLog};

/// Gas of the cheapest log without data: `LOG0` of the Ethereum yellow paper, appendix G.
const GAS_OF_LOG: u64 = 375;

/// A receipt, as far as its logs go.
#[derive(Deserialize)]
pub(crate) struct Receipt {
    logs: Vec<Log>,
}

/// Returns the logs that one filter lets through, in the chain's order.
///
/// Errors: a log that is not placed, not asked for, removed or there twice, or two hashes for one
/// block. Another order is no fault: it loses nothing.
pub(crate) fn check_logs(
    filter: &LogFilter,
    from: BlockNumber,
    to: BlockNumber,
    logs: Vec<Log>,
) -> Result<Vec<RawLog>, DataFault> {
    let mut checked = Vec::with_capacity(logs.len());
    for log in logs {
        let log = raw(log)?;
        if log.place.block < from || log.place.block > to {
            return Err(DataFault::OutsideRange(log.place));
        }
        if !filter.matches(&log) {
            return Err(DataFault::NotAsked(log.place));
        }
        checked.push(log);
    }
    in_order(checked)
}

/// Returns the logs of several filters in the chain's order; what more than one of them lets
/// through is there once.
///
/// Errors: two logs of one place that differ, or two hashes for one block.
pub(crate) fn merge_logs(mut answers: Vec<Vec<RawLog>>) -> Result<Vec<RawLog>, DataFault> {
    if answers.len() < 2 {
        return Ok(answers.pop().unwrap_or_default());
    }
    let mut logs: Vec<RawLog> = answers.into_iter().flatten().collect();
    logs.sort_by_key(|log| log.place);
    logs.dedup();
    in_order(logs)
}

fn in_order(mut logs: Vec<RawLog>) -> Result<Vec<RawLog>, DataFault> {
    logs.sort_by_key(|log| log.place);
    for (before, log) in logs.iter().zip(logs.iter().skip(1)) {
        if before.place == log.place {
            return Err(DataFault::Twice(log.place));
        }
        if before.place.block == log.place.block {
            same_block(before, log.place.block, log.block_hash.unwrap_or_default())?;
        }
    }
    Ok(logs)
}

/// Checks logs of one block against its header, and gives them its time.
pub(crate) fn settle(
    header: &BlockHeader,
    logs: &mut [RawLog],
    by_bloom: bool,
) -> Result<(), DataFault> {
    for log in logs {
        same_block(log, header.number, header.hash)?;
        log.time = Some(header.time);
        if !by_bloom {
            continue;
        }
        let topics: Vec<B256> = log.topics.iter().map(|topic| B256::from(topic.0)).collect();
        let address = RawAddress::from(log.address.unwrap_or_default().0);
        if !header.logs_bloom.contains_raw_log(address, &topics) {
            return Err(DataFault::NotInBloom(log.place));
        }
        if u64::from(log.place.log_index.0) >= header.gas_used / GAS_OF_LOG {
            return Err(DataFault::ImplausibleIndex(log.place));
        }
    }
    Ok(())
}

/// Whether a block may have logs that are not among these, which are all of this block.
pub(crate) fn maybe_missing(query: &LogQuery, header: &BlockHeader, logs: &[RawLog]) -> bool {
    query.filters.iter().any(|filter| {
        if filter.addresses.is_empty() {
            return logs.is_empty() && header.logs_bloom != Bloom::ZERO;
        }
        let mut writers = filter.may_write(&header.logs_bloom);
        writers.any(|address| !logs.iter().any(|log| log.address == Some(*address)))
    })
}

/// Returns the logs of a block that are asked for, taken from all its receipts, which are proven
/// to be complete by giving the header's bloom filter.
pub(crate) fn proves(
    query: &LogQuery,
    header: &BlockHeader,
    receipts: Vec<Receipt>,
) -> Result<Vec<RawLog>, DataFault> {
    let mut bloom = Bloom::ZERO;
    let mut wanted = Vec::new();
    for log in receipts.into_iter().flat_map(|receipt| receipt.logs) {
        bloom.accrue_raw_log(log.inner.address, log.inner.data.topics());
        let log = raw(log)?;
        if query.matches(&log) {
            wanted.push(log);
        }
    }
    if bloom != header.logs_bloom {
        return Err(DataFault::HoleUnconfirmed(header.number));
    }
    wanted.sort_by_key(|log| log.place);
    settle(header, &mut wanted, true)?;
    Ok(wanted)
}

/// A log as it is kept.
pub(crate) fn raw(log: Log) -> Result<RawLog, DataFault> {
    let block = log.block_number.ok_or(DataFault::LogWithout("blockNumber"))?;
    let index = log.log_index.ok_or(DataFault::LogWithout("logIndex"))?;
    let index = u32::try_from(index).map_err(|_| DataFault::LogWithout("logIndex below 2^32"))?;
    let place = LogPlace { block: BlockNumber(block), log_index: LogIndex(index) };
    if log.removed {
        return Err(DataFault::Removed(place));
    }
    let hash = log.block_hash.ok_or(DataFault::LogWithout("blockHash"))?;
    let (topics, data) = log.inner.data.split();
    Ok(RawLog {
        address: Some(Address(log.inner.address.0.0)),
        topics: topics.into_iter().map(|topic| Bytes32(topic.0)).collect(),
        data,
        place,
        block_hash: Some(Bytes32(hash.0)),
        time: None,
        transaction: log.transaction_hash.map(|hash| Bytes32(hash.0)),
    })
}

fn same_block(log: &RawLog, block: BlockNumber, header: Bytes32) -> Result<(), DataFault> {
    let found = log.block_hash.unwrap_or_default();
    let same = found == header && log.place.block == block;
    if same { Ok(()) } else { Err(DataFault::OtherBlock { block, log: found, header }) }
}
