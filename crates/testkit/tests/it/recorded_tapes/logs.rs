//! The contracts' logs as a tape's events, by the feed's decoder.

use tidemill_feed_evm::{Decoded, LogPlace, RawLog, decode_pool_log};
use tidemill_model::{Bytes32, PoolBuild};
use tidemill_testkit::Evm;

use super::Recorder;

/// Records what the last transaction logged. The manager of v4 is asked about the pool that its
/// logs name: there is one.
pub(crate) fn record(recorder: &mut Recorder, evm: &mut Evm) {
    for log in evm.take_logs() {
        let topics: Vec<_> = log.topics.iter().map(|topic| Bytes32(topic.to_be_bytes())).collect();
        let mut build = recorder.tape.header.build;
        if let (PoolBuild::UniswapV4 { pool_id, .. }, Some(id)) = (&mut build, topics.get(1)) {
            *pool_id = *id;
        }
        let log = RawLog {
            address: None,
            topics,
            data: log.data.0.clone(),
            place: LogPlace::default(),
            block_hash: None,
            time: None,
            transaction: None,
        };
        match decode_pool_log(&build, &log).unwrap() {
            Decoded::Event(event) => recorder.record(event),
            other @ (Decoded::Irrelevant(_) | Decoded::OtherPool) => panic!("{other:?} of {log:?}"),
        }
    }
}
