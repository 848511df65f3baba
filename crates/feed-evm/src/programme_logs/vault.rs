use tidemill_model::{Address, ProgrammeLog, VaultLog};

use super::token_transfers::{TokenTransfers, Transfer};
use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Deposit,
    Withdraw,
    Transfer,
}

/// Events of ERC-4626 and of its shares.
const EVENTS: [Declared<Kind>; 3] = [
    event(Kind::Deposit, "Deposit(address indexed,address indexed,uint256,uint256)"),
    event(
        Kind::Withdraw,
        "Withdraw(address indexed,address indexed,address indexed,uint256,uint256)",
    ),
    event(Kind::Transfer, "Transfer(address indexed,address indexed,uint256)"),
];

/// Reads a vault's logs, and its asset's transfers to it: one of the deposit's size before the
/// deposit's log is the deposit's, any other was given.
#[derive(Debug)]
pub(super) struct Reader {
    vault: Address,
    asset: Address,
    events: EventTable<Kind>,
    transfers: TokenTransfers,
}

impl Reader {
    pub(super) fn new(vault: Address, asset: Address) -> Self {
        let events = EventTable::new("vault", &EVENTS, 0);
        Self { vault, asset, events, transfers: TokenTransfers::new() }
    }

    /// Vaults log much of their own beside the standard's events.
    fn own(&self, log: &RawLog) -> Result<Option<VaultLog>, DecodeFault> {
        let (kind, fields) = match self.events.read(log) {
            Ok(read) => read,
            Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        Ok(Some(match kind {
            Kind::Deposit => {
                let owner = fields.topic_address(1)?;
                VaultLog::Deposit { owner, assets: fields.amount(0)?, shares: fields.amount(1)? }
            }
            Kind::Withdraw => {
                let owner = fields.topic_address(2)?;
                VaultLog::Withdraw { owner, assets: fields.amount(0)?, shares: fields.amount(1)? }
            }
            Kind::Transfer => {
                let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
                if [from, to].contains(&Address::default()) {
                    return Ok(None);
                }
                VaultLog::Transfer { from, to, value: fields.amount(0)? }
            }
        }))
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut arrived: Vec<(&RawLog, Transfer)> = Vec::new();
        for log in transaction.logs {
            if log.address == Some(self.asset)
                && let Some(transfer) = self.transfers.read(log).map_err(at(log))?
            {
                if transfer.to == self.vault && transfer.from != self.vault {
                    arrived.push((log, transfer));
                }
                continue;
            }
            if log.address != Some(self.vault) {
                continue;
            }
            let Some(told) = self.own(log).map_err(at(log))? else { continue };
            if let VaultLog::Deposit { assets, .. } = told
                && let Some(own) = arrived.iter().rposition(|(_, it)| it.amount == assets)
            {
                arrived.remove(own);
            }
            for (log, transfer) in arrived.drain(..) {
                let given = VaultLog::Given { amount: transfer.amount };
                all.push(log, ProgrammeLog::Vault(given));
            }
            all.push(log, ProgrammeLog::Vault(told));
        }
        for (log, transfer) in arrived {
            let given = VaultLog::Given { amount: transfer.amount };
            all.push(log, ProgrammeLog::Vault(given));
        }
        Ok(())
    }
}
