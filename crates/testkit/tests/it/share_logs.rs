//! What real pools of shares log, read by the feed's decoder and folded by the market: no recorded
//! number may differ, and the pool ends as the contract did.

use tidemill_amm::Pool;
use tidemill_feed_evm::{LogPlace, RawLog, ShareContracts, ShareLogs};
use tidemill_market::fold;
use tidemill_model::{Address, Bytes32, ShareEvent};
use tidemill_testkit::{Address as EvmAddress, Artifacts, Evm, Transaction, built_code};
use tidemill_units::{BlockNumber, LogIndex, RelativeTolerance, Timestamp};

use crate::tally::Tally;

/// A pool that follows a contract by its logs alone.
pub(crate) struct Follower {
    contracts: ShareContracts,
    logs: ShareLogs,
    pub(crate) pool: Pool,
    block: u64,
}

/// What came of following a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The logs told it; the pool has to be the contract's now.
    Told,
    /// There was no log, or one that no tape has an event for; the pool is to be set anew.
    Untold,
}

/// The contracts, with tokens that log what they move.
pub(crate) fn with_logging_tokens() -> Artifacts {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    Artifacts { token: built_code("LoggingToken").unwrap(), ..artifacts }
}

pub(crate) fn of_evm(address: EvmAddress) -> Address {
    Address(address.0.0)
}

/// A transaction's logs as a node tells them, in a block of its own.
pub(crate) fn raw_logs(transaction: &Transaction, block: u64) -> Vec<RawLog> {
    let log =
        |(index, (address, log)): (usize, &(EvmAddress, tidemill_testkit::ContractLog))| RawLog {
            address: Some(of_evm(*address)),
            topics: log.topics.iter().map(|topic| Bytes32(topic.to_be_bytes())).collect(),
            data: log.data.0.clone(),
            place: LogPlace { block: BlockNumber(block), log_index: LogIndex(index as u32) },
            block_hash: None,
            time: Some(Timestamp(transaction.timestamp.saturating_to())),
            transaction: Some(Bytes32([7; 32])),
        };
    transaction.logs.iter().enumerate().map(log).collect()
}

impl Follower {
    pub(crate) fn new(contracts: ShareContracts, pool: Pool) -> Self {
        let logs = ShareLogs::new(contracts.clone());
        Self { contracts, logs, pool, block: 0 }
    }

    /// Sets the pool to what the contract is.
    pub(crate) fn reset(&mut self, pool: Pool) {
        self.pool = pool;
        self.logs = ShareLogs::new(self.contracts.clone());
    }

    /// Follows what the chain wrote down since the last time; `call` says what of a transaction is
    /// in no log.
    pub(crate) fn follow(
        &mut self,
        evm: &mut Evm,
        tally: &mut Tally,
        context: &str,
        call: impl Fn(&Transaction) -> Option<ShareEvent>,
    ) -> Followed {
        let mut followed = Followed::Untold;
        for transaction in evm.take_journal() {
            self.block += 1;
            if transaction.from.is_zero() {
                // On no chain does it send what was burned by sending it there.
                tally.count("shares sent by the zero address");
                return Followed::Untold;
            }
            let time = Timestamp(transaction.timestamp.saturating_to());
            if let Some(event) = call(&transaction) {
                fold(&mut self.pool, &event, time, RelativeTolerance::EXACT).unwrap();
                followed = Followed::Told;
            }
            let logs = raw_logs(&transaction, self.block);
            let read = logs.iter().try_for_each(|log| self.logs.push(log));
            if let Err(error) = read.and_then(|()| self.logs.finish()) {
                tally.count(&format!("refused: {}", error.fault));
                return Followed::Untold;
            }
            let mut before = None;
            while let Some(log) = self.logs.take() {
                assert!(before < Some(log.place), "{log:?}, {context}");
                before = Some(log.place);
                let folded = fold(&mut self.pool, &log.event, time, RelativeTolerance::EXACT);
                if folded.is_err() && moves_nothing(&log.event) {
                    // A tape cannot tell which call took shares and moved no token.
                    tally.count("a call for shares that moved nothing");
                    return Followed::Untold;
                }
                assert!(folded.is_ok(), "{folded:?}, {:?}, {transaction:#?}, {context}", log.event);
                tally.count(&format!("followed {}", log.event.kind()));
                followed = Followed::Told;
            }
        }
        followed
    }
}

/// Whether a deposit or withdrawal was of so few shares that no token moved.
fn moves_nothing(event: &ShareEvent) -> bool {
    if let ShareEvent::Deposit(change) | ShareEvent::Withdraw(change) = event.without_claim() {
        return change.amounts.is_zero();
    }
    false
}
