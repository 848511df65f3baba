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

    /// What a call to the distributor did; `None` where it was another.
    fn called(
        call: &TransactionCall,
        lines: &mut Lines<'_>,
    ) -> Result<Option<Vec<FeeDistributionLog>>, DecodeError> {
        let named = |index| call.address(index).map(|token| vec![token]);
        if call.is("checkpointToken(address)") || call.is("checkpointTokens(address[])") {
            let is_one = call.is("checkpointToken(address)");
            let tokens = if is_one { named(0) } else { call.addresses(0) };
            return tokens.map(|tokens| checkpoints(&tokens, lines)).transpose();
        }
        if call.is("claimToken(address,address)") || call.is("claimTokens(address,address[])") {
            let is_one = call.is("claimToken(address,address)");
            let tokens = if is_one { named(1) } else { call.addresses(1) };
            let told = call.address(0).zip(tokens);
            let told = told.map(|(user, tokens)| claims(user, &tokens, lines)).transpose()?;
            return Ok(told.map(|told| vec![told]));
        }
        if call.is("checkpoint()") {
            return Ok(Some(vec![FeeDistributionLog::Checkpointed {}]));
        }
        if call.is("checkpointUser(address)") {
            let told = |user| vec![FeeDistributionLog::UserCheckpointed { user }];
            return Ok(call.address(0).map(told));
        }
        Ok(None)
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

/// The distributor's lines of a call, in their order: a call goes through its tokens, and each is
/// shared out before it is paid.
struct InTurn<'a> {
    lines: std::iter::Peekable<std::vec::IntoIter<(&'a RawLog, Line)>>,
}

impl<'a> InTurn<'a> {
    fn of(lines: &mut Lines<'a>) -> Self {
        let is_its = |line: &Line| matches!(line, Line::Shared { .. } | Line::Paid { .. });
        let (own, other): (Lines<'a>, Lines<'a>) =
            lines.drain(..).partition(|(_, line)| is_its(line));
        *lines = other;
        Self { lines: own.into_iter().peekable() }
    }

    /// Takes the checkpoint that comes next, if it is this token's.
    fn shared_out(&mut self, token: Address) -> Option<FeeCheckpoint> {
        let (_, line) = self.lines.peek()?;
        let Line::Shared { token: shared, checkpoint } = *line else { return None };
        (shared == token).then(|| {
            self.lines.next();
            checkpoint
        })
    }

    /// Takes the payment that comes next, if it is of this token. Of a token that the call names
    /// more than once no log says at which it was paid: it is put to the first that it can be of.
    fn paid(&mut self, token: Address) -> Option<FeePayment> {
        let (_, line) = self.lines.peek()?;
        let Line::Paid { token: of, payment } = *line else { return None };
        (of == token).then(|| {
            self.lines.next();
            payment
        })
    }

    /// Refuses what the call's arguments do not account for.
    fn finish(mut self) -> Result<(), DecodeError> {
        let Some((log, line)) = self.lines.next() else { return Ok(()) };
        let event =
            if matches!(line, Line::Paid { .. }) { "TokensClaimed" } else { "TokenCheckpointed" };
        let detail = "the call's arguments do not name its token there";
        Err(at(log)(DecodeFault::Unplaced { event, detail }))
    }
}

fn checkpoints(
    tokens: &[Address],
    lines: &mut Lines<'_>,
) -> Result<Vec<FeeDistributionLog>, DecodeError> {
    let mut in_turn = InTurn::of(lines);
    let each = tokens.iter().map(|token| {
        let checkpoint = in_turn.shared_out(*token);
        FeeDistributionLog::TokenCheckpointed { token: *token, checkpoint }
    });
    let told = each.collect();
    in_turn.finish()?;
    Ok(told)
}

fn claims(
    user: Address,
    tokens: &[Address],
    lines: &mut Lines<'_>,
) -> Result<FeeDistributionLog, DecodeError> {
    let mut in_turn = InTurn::of(lines);
    let each = tokens.iter().map(|token| {
        let (checkpoint, claimed) = (in_turn.shared_out(*token), in_turn.paid(*token));
        FeeClaim { token: *token, checkpoint, claimed }
    });
    let claims = each.collect();
    in_turn.finish()?;
    Ok(FeeDistributionLog::Claimed { user, claims })
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
        if let Some(call) = call {
            if call.is("depositToken(address,uint256)")
                || call.is("depositTokens(address[],uint256[])")
            {
                deposits(&lines, all);
                return Ok(());
            }
            if let Some(told) = Self::called(call, &mut lines)? {
                let told = told.into_iter().map(ProgrammeLog::FeeDistribution);
                told.for_each(|log| all.call(call, log));
                return Ok(());
            }
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
