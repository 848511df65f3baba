use tidemill_model::{
    Address, FeeCheckpoint, FeeClaim, FeeDistributionLog, FeePayment, ProgrammeLog,
};
use tidemill_units::Amount;

use super::contracts::FeeContracts;
use super::token_transfers::TokenTransfers;
use super::vote_escrow::Escrow;
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Checkpointed,
    Claimed,
    OptIn,
    Pass,
}

/// Events of `FeeDistributor` (v2-deployments 20220714-fee-distributor-v2).
const EVENTS: [Declared<Kind>; 5] = [
    event(Kind::Checkpointed, "TokenCheckpointed(address,uint256,uint256)"),
    event(Kind::Claimed, "TokensClaimed(address,address,uint256,uint256)"),
    event(Kind::OptIn, "OnlyCallerOptIn(address,bool)"),
    event(Kind::Pass, "OwnershipTransferred(address indexed,address indexed)"),
    event(Kind::Pass, "TokenClaimingEnabled(address,bool)"),
];

/// Reads a distributor's logs. Which call it was is not in them: a deposit and a claim checkpoint
/// alike.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: FeeContracts,
    events: EventTable<Kind>,
    escrow: Escrow,
    transfers: TokenTransfers,
}

/// What the distributor's and the tokens' logs say one by one.
#[derive(Clone, Copy, Debug)]
enum Line {
    Arrived { token: Address, amount: Amount },
    Shared { token: Address, checkpoint: FeeCheckpoint },
    Paid { token: Address, payment: FeePayment },
    OptIn { user: Address, enabled: bool },
}

type Lines<'a> = Vec<(&'a RawLog, Line)>;

impl Reader {
    pub(super) fn new(contracts: &FeeContracts) -> Self {
        Self {
            events: EventTable::new("fee distributor", &EVENTS, 0),
            escrow: Escrow::new(contracts.escrow),
            transfers: TokenTransfers::new(),
            contracts: contracts.clone(),
        }
    }

    fn line(&self, log: &RawLog) -> Result<Option<Line>, DecodeFault> {
        let Some(address) = log.address else { return Ok(None) };
        if address == self.contracts.distributor {
            let (kind, fields) = self.events.read(log)?;
            return Ok(Some(match kind {
                Kind::Checkpointed => {
                    let (amount, last_checkpoint_timestamp) = (fields.amount(1)?, fields.time(2)?);
                    let checkpoint = FeeCheckpoint { amount, last_checkpoint_timestamp };
                    Line::Shared { token: fields.address(0)?, checkpoint }
                }
                Kind::Claimed => {
                    let (amount, user_token_time_cursor) = (fields.amount(2)?, fields.time(3)?);
                    let payment = FeePayment { amount, user_token_time_cursor };
                    Line::Paid { token: fields.address(1)?, payment }
                }
                Kind::OptIn => Line::OptIn { user: fields.address(0)?, enabled: fields.flag(1)? },
                Kind::Pass => return Ok(None),
            }));
        }
        if !self.contracts.tokens.contains(&address) {
            return Ok(None);
        }
        let transfer = self.transfers.read(log)?;
        let arrived = transfer.filter(|it| it.to == self.contracts.distributor);
        Ok(arrived.map(|it| Line::Arrived { token: address, amount: it.amount }))
    }

    /// What a call to the distributor did.
    fn called(call: &TransactionCall, lines: &mut Lines<'_>, all: &mut Told) -> Option<()> {
        let mut push = |log| all.call(call, ProgrammeLog::FeeDistribution(log));
        if call.is("depositToken(address,uint256)") || call.is("depositTokens(address[],uint256[])")
        {
            deposits(lines, all);
        } else if call.is("checkpointToken(address)") {
            checkpoints(&[call.address(0)?], lines).into_iter().for_each(push);
        } else if call.is("checkpointTokens(address[])") {
            checkpoints(&call.addresses(0)?, lines).into_iter().for_each(push);
        } else if call.is("claimToken(address,address)") {
            push(claims(call.address(0)?, &[call.address(1)?], lines));
        } else if call.is("claimTokens(address,address[])") {
            push(claims(call.address(0)?, &call.addresses(1)?, lines));
        } else if call.is("checkpoint()") {
            push(FeeDistributionLog::Checkpointed {});
        } else if call.is("checkpointUser(address)") {
            push(FeeDistributionLog::UserCheckpointed { user: call.address(0)? });
        } else {
            return None;
        }
        Some(())
    }
}

fn deposits(lines: &Lines<'_>, all: &mut Told) {
    let mut told: Vec<(&RawLog, FeeDistributionLog)> = Vec::new();
    let mut waiting = None;
    for (log, line) in lines {
        match *line {
            Line::Arrived { token, amount } => {
                let before = waiting.take();
                let deposit =
                    FeeDistributionLog::TokenDeposited { token, amount, before, after: None };
                told.push((*log, deposit));
            }
            Line::Shared { token: shared, checkpoint } => match told.last_mut() {
                Some((_, FeeDistributionLog::TokenDeposited { token, after, .. }))
                    if *token == shared && after.is_none() =>
                {
                    *after = Some(checkpoint);
                }
                _ => waiting = Some(checkpoint),
            },
            Line::Paid { .. } | Line::OptIn { .. } => {}
        }
    }
    told.into_iter().for_each(|(log, told)| all.push(log, ProgrammeLog::FeeDistribution(told)));
}

/// Takes the first checkpoint of a token.
fn shared_out(token: Address, lines: &mut Lines<'_>) -> Option<FeeCheckpoint> {
    let is_its = |(_, line): &(&RawLog, Line)| match line {
        Line::Shared { token: shared, .. } => *shared == token,
        Line::Arrived { .. } | Line::Paid { .. } | Line::OptIn { .. } => false,
    };
    let place = lines.iter().position(is_its)?;
    let (_, Line::Shared { checkpoint, .. }) = lines.remove(place) else { return None };
    Some(checkpoint)
}

/// Takes the first payment of a token: a call that names one twice pays it once.
fn paid(token: Address, lines: &mut Lines<'_>) -> Option<FeePayment> {
    let is_its = |(_, line): &(&RawLog, Line)| match line {
        Line::Paid { token: of, .. } => *of == token,
        Line::Arrived { .. } | Line::Shared { .. } | Line::OptIn { .. } => false,
    };
    let place = lines.iter().position(is_its)?;
    let (_, Line::Paid { payment, .. }) = lines.remove(place) else { return None };
    Some(payment)
}

fn checkpoints(tokens: &[Address], lines: &mut Lines<'_>) -> Vec<FeeDistributionLog> {
    let each = tokens.iter().map(|token| {
        let checkpoint = shared_out(*token, lines);
        FeeDistributionLog::TokenCheckpointed { token: *token, checkpoint }
    });
    each.collect()
}

fn claims(user: Address, tokens: &[Address], lines: &mut Lines<'_>) -> FeeDistributionLog {
    let each = tokens.iter().map(|token| {
        let (checkpoint, claimed) = (shared_out(*token, lines), paid(*token, lines));
        FeeClaim { token: *token, checkpoint, claimed }
    });
    FeeDistributionLog::Claimed { user, claims: each.collect() }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        self.escrow.read(transaction, |place, log| {
            let log = ProgrammeLog::FeeDistribution(FeeDistributionLog::Escrow(log));
            match (place, transaction.call) {
                (Some(place), _) => all.push(place, log),
                (None, Some(call)) => all.call(call, log),
                (None, None) => {}
            }
        })?;
        let mut lines = Vec::new();
        for log in transaction.logs {
            lines.extend(self.line(log).map_err(at(log))?.map(|line| (log, line)));
        }
        let call = transaction.call.filter(|call| call.to == self.contracts.distributor);
        if call.is_some_and(|call| Self::called(call, &mut lines, all).is_some()) {
            return Ok(());
        }
        for (log, line) in lines {
            let told = match line {
                Line::Arrived { token, amount } => FeeDistributionLog::Given { token, amount },
                Line::OptIn { user, enabled } => {
                    FeeDistributionLog::OnlyCallerOptIn { user, enabled }
                }
                Line::Shared { .. } | Line::Paid { .. } => {
                    let detail = "which call to the distributor it was is in the call alone";
                    let event = "TokenCheckpointed";
                    return Err(at(log)(DecodeFault::Unplaced { event, detail }));
                }
            };
            all.push(log, ProgrammeLog::FeeDistribution(told));
        }
        Ok(())
    }
}
