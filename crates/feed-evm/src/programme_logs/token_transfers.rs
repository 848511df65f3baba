use tidemill_model::Address;
use tidemill_units::Amount;

use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeFault, RawLog};

const EVENTS: [Declared<()>; 1] = [event((), "Transfer(address indexed,address indexed,uint256)")];

/// A transfer of a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) amount: Amount,
}

/// Reads the transfers among a token's logs.
#[derive(Debug)]
pub(super) struct TokenTransfers(EventTable<()>);

impl TokenTransfers {
    pub(super) fn new() -> Self {
        Self(EventTable::new("token", &EVENTS, 0))
    }

    /// Returns a transfer; `None` for another of the token's logs.
    pub(super) fn read(&self, log: &RawLog) -> Result<Option<Transfer>, DecodeFault> {
        match self.0.read(log) {
            Ok(((), fields)) => {
                let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
                Ok(Some(Transfer { from, to, amount: fields.amount(0)? }))
            }
            Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => Ok(None),
            // A token of one-of-a-kind positions indexes all three.
            Err(DecodeFault::Encoding { .. }) if log.topics.len() == 4 => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
