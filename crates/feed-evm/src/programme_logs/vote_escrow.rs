use tidemill_model::{Address, ProgrammeLog, VoteEscrowLog};
use tidemill_units::Timestamp;

use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Deposit,
    Withdraw,
    Supply,
    Pass,
}

/// Events of `VotingEscrow.vy` (curve-dao-contracts; v2-deployments 20220325-gauge-controller).
const EVENTS: [Declared<Kind>; 6] = [
    event(Kind::Deposit, "Deposit(address indexed,uint256,uint256 indexed,int128,uint256)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256,uint256)"),
    event(Kind::Supply, "Supply(uint256,uint256)"),
    event(Kind::Pass, "CommitOwnership(address)"),
    event(Kind::Pass, "ApplyOwnership(address)"),
    event(Kind::Pass, "ApplySmartWalletChecker(address)"),
];

/// Reads an escrow's logs, each with the `Supply` after it.
#[derive(Debug)]
pub(super) struct Escrow {
    pub(super) escrow: Address,
    events: EventTable<Kind>,
}

impl Escrow {
    pub(super) fn new(escrow: Address) -> Self {
        Self { escrow, events: EventTable::new("vote escrow", &EVENTS, 0) }
    }

    /// Gives each event and the log that it stands at to `push`; a checkpoint by a call stands at
    /// none.
    pub(super) fn read<'a>(
        &self,
        transaction: &ProgrammeTransaction<'a>,
        mut push: impl FnMut(Option<&'a RawLog>, VoteEscrowLog),
    ) -> Result<(), DecodeError> {
        let own = transaction.logs.iter().filter(|log| log.address == Some(self.escrow));
        let mut waiting = None;
        for log in own {
            let (kind, fields) = self.events.read(log).map_err(at(log))?;
            match (kind, waiting.take()) {
                (Kind::Pass, before) => waiting = before,
                (Kind::Deposit | Kind::Withdraw, None) => waiting = Some((log, kind, fields)),
                (Kind::Supply, Some((first, kind, fields_before))) => {
                    let supply = fields.amount(1).map_err(at(log))?;
                    let told = told(kind, &fields_before, supply).map_err(at(first))?;
                    push(Some(first), told);
                }
                (Kind::Supply | Kind::Deposit | Kind::Withdraw, _) => {
                    let detail = "a lock's log and the supply after it come in pairs";
                    return Err(at(log)(fields.unplaced(detail)));
                }
            }
        }
        if let Some((log, _, fields)) = waiting {
            return Err(at(log)(fields.unplaced("no log of the supply follows")));
        }
        let call = transaction.call.filter(|call| call.to == self.escrow);
        if call.is_some_and(|call| call.is("checkpoint()")) {
            push(None, VoteEscrowLog::Checkpointed {});
        }
        Ok(())
    }
}

fn told(
    kind: Kind,
    fields: &crate::event_table::Fields<'_>,
    supply: tidemill_units::Amount,
) -> Result<VoteEscrowLog, DecodeFault> {
    let (provider, value) = (fields.topic_address(0)?, fields.amount(0)?);
    if kind == Kind::Withdraw {
        return Ok(VoteEscrowLog::Withdraw { provider, value, supply });
    }
    let locktime = Timestamp(fields.topic_small(1)?);
    let deposit_type = fields.small(1)?;
    Ok(VoteEscrowLog::Deposit { provider, value, locktime, deposit_type, supply })
}

#[derive(Debug)]
pub(super) struct Reader(Escrow);

impl Reader {
    pub(super) fn new(escrow: Address) -> Self {
        Self(Escrow::new(escrow))
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        self.0.read(transaction, |place, log| {
            let log = ProgrammeLog::VoteEscrow(log);
            match (place, transaction.call) {
                (Some(place), _) => all.push(place, log),
                (None, Some(call)) => all.call(call, log),
                (None, None) => {}
            }
        })
    }
}
