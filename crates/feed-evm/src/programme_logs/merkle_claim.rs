use tidemill_model::{Address, MerkleClaimLog, ProgrammeLog};

use super::token_transfers::TokenTransfers;
use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

/// The event of `MerkleDistributor` (merkle-distributor 1.0.1).
const EVENTS: [Declared<()>; 1] = [event((), "Claimed(uint256,address,uint256)")];

/// Reads a distributor's logs. The proof is in the call alone.
#[derive(Debug)]
pub(super) struct Reader {
    distributor: Address,
    token: Address,
    events: EventTable<()>,
    transfers: TokenTransfers,
}

impl Reader {
    pub(super) fn new(distributor: Address, token: Address) -> Self {
        let events = EventTable::new("merkle distributor", &EVENTS, 0);
        Self { distributor, token, events, transfers: TokenTransfers::new() }
    }

    fn own(
        &self,
        log: &RawLog,
        transaction: &ProgrammeTransaction<'_>,
    ) -> Result<MerkleClaimLog, DecodeFault> {
        let ((), fields) = self.events.read(log)?;
        let (index, account) = (fields.word(0)?, fields.address(1)?);
        let signature = "claim(uint256,address,uint256,bytes32[])";
        let call = transaction.call.filter(|call| call.to == self.distributor);
        let call = call.filter(|call| call.is(signature) && call.word(0) == Some(index));
        let Some(merkle_proof) = call.and_then(|call| call.hashes(3)) else {
            return Err(fields.unplaced("the proof is in the call alone"));
        };
        Ok(MerkleClaimLog::Claimed { index, account, amount: fields.amount(2)?, merkle_proof })
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        for log in transaction.logs {
            if log.address == Some(self.distributor) {
                let told = self.own(log, transaction).map_err(at(log))?;
                all.push(log, ProgrammeLog::MerkleClaim(told));
            } else if log.address == Some(self.token)
                && let Some(transfer) = self.transfers.read(log).map_err(at(log))?
                && transfer.to == self.distributor
            {
                let told = MerkleClaimLog::Funded { amount: transfer.amount };
                all.push(log, ProgrammeLog::MerkleClaim(told));
            }
        }
        Ok(())
    }
}
