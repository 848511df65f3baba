use tidemill_model::{Address, LiquidStakingLog, ProgrammeLog};
use tidemill_units::{Amount, Timestamp, U256};

use super::contracts::LiquidStakingContracts;
use super::lido_events::{Of, OfBurner, OfPool, OfQueue, OfWrapper};
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{EventTable, Fields};
use crate::{DecodeError, DecodeFault, RawLog};

/// `submitReportData` of the accounting oracle, with the report as a tuple.
const SUBMIT: &str = "submitReportData((uint256,uint256,uint256,uint256,uint256[],uint256[],\
                      uint256,uint256,uint256,uint256[],uint256,bool,uint256,bytes32,uint256),\
                      uint256)";
/// The report's validators, the ends of the batches and their rate, among its fields.
const VALIDATORS: usize = 2;
const BATCHES: usize = 9;
const RATE: usize = 10;

/// Reads the logs of the rebasing token, its wrapper and its queue. Shares that a call moves on its
/// way are part of that call's event.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: LiquidStakingContracts,
    pool: EventTable<OfPool>,
    wrapper: EventTable<OfWrapper>,
    queue: EventTable<OfQueue>,
    burner: EventTable<OfBurner>,
}

/// Shares of the rebasing token that moved.
#[derive(Clone, Copy)]
struct Move<'a> {
    log: &'a RawLog,
    from: Address,
    to: Address,
    value: Amount,
    shares: Amount,
}

/// What stands before the log that it belongs to.
#[derive(Default)]
struct Before<'a> {
    /// `Submitted`, before its shares.
    submitted: Option<(&'a RawLog, Address, Amount)>,
    /// `Transfer` of the rebasing token, before its shares.
    value: Option<(Address, Address, Amount)>,
    /// Tokens of the wrapper that were minted, and those burned.
    minted: Option<(&'a RawLog, Address, Amount)>,
    burned: Option<(&'a RawLog, Address, Amount)>,
    /// Tokens of the wrapper that went to the queue, and whose.
    lent: Option<(Address, Amount)>,
    /// Shares that went to the queue, with the wrapper's tokens that they were.
    queued: Option<(Move<'a>, Option<Amount>)>,
    /// Shares that only a report moves.
    of_report: Option<&'a RawLog>,
    report: Report,
}

/// What a report's call has logged so far.
#[derive(Default)]
struct Report {
    cl_validators: Option<u64>,
    /// The consensus layer's balance, withdrawals and the execution layer's rewards.
    distributed: Option<[Amount; 3]>,
    shares_burnt: Amount,
    /// Ether locked and shares to burn.
    finalized: Option<[Amount; 2]>,
}

fn unplaced<T>(log: &RawLog, event: &'static str, detail: &'static str) -> Result<T, DecodeError> {
    Err(at(log)(DecodeFault::Unplaced { event, detail }))
}

fn push(all: &mut Told, at: &RawLog, log: LiquidStakingLog) {
    all.push(at, ProgrammeLog::LiquidStaking(Box::new(log)));
}

impl<'a> Before<'a> {
    /// Shares that went to the queue for no request were a gift to it.
    fn gifts(&mut self, all: &mut Told) -> Result<(), DecodeError> {
        match self.queued.take() {
            None => Ok(()),
            Some((moved, None)) => {
                moved.told(all);
                Ok(())
            }
            Some((moved, Some(_))) => {
                unplaced(moved.log, "TransferShares", "no request stands after what was unwrapped")
            }
        }
    }

    /// What must not be left over at a transaction's end.
    fn finish(mut self, all: &mut Told) -> Result<(), DecodeError> {
        self.gifts(all)?;
        if let Some((log, ..)) = self.submitted {
            return unplaced(log, "Submitted", "no shares are minted after it");
        }
        if let Some((log, ..)) = self.minted.or(self.burned) {
            return unplaced(log, "Transfer", "no shares are moved after the wrapper's token");
        }
        match self.of_report {
            Some(log) => unplaced(log, "TransferShares", "these only a report moves"),
            None => Ok(()),
        }
    }
}

impl Move<'_> {
    fn told(&self, all: &mut Told) {
        let Self { log, from, to, value, shares } = *self;
        push(all, log, LiquidStakingLog::TransferShares { from, to, shares_value: shares, value });
    }
}

impl Reader {
    pub(super) fn new(contracts: &LiquidStakingContracts) -> Self {
        Self {
            contracts: contracts.clone(),
            pool: EventTable::new("Lido", OfPool::EVENTS, 0),
            wrapper: EventTable::new("wstETH", OfWrapper::EVENTS, 0),
            queue: EventTable::new("withdrawal queue", OfQueue::EVENTS, 0),
            burner: EventTable::new("burner", OfBurner::EVENTS, 0),
        }
    }

    fn of_pool<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        call: Option<&TransactionCall>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let (kind, fields) = self.pool.read(log).map_err(at(log))?;
        let fault = at(log);
        match kind {
            OfPool::Submitted => {
                before.gifts(all)?;
                let sender = fields.topic_address(0).map_err(fault)?;
                before.submitted = Some((log, sender, fields.amount(0).map_err(fault)?));
            }
            OfPool::Transfer => {
                let ends = (fields.topic_address(0), fields.topic_address(1));
                let (from, to) = (ends.0.map_err(fault)?, ends.1.map_err(fault)?);
                before.value = Some((from, to, fields.amount(0).map_err(fault)?));
            }
            OfPool::TransferShares => {
                let moved = moved(log, &fields, before.value.take()).map_err(fault)?;
                self.moved(moved, before, all)?;
            }
            OfPool::Unbuffered => {
                before.gifts(all)?;
                let amount = fields.amount(0).map_err(fault)?;
                push(all, log, LiquidStakingLog::Unbuffered { amount });
            }
            OfPool::Validators => {
                before.report.cl_validators = Some(fields.small(1).map_err(fault)?);
            }
            OfPool::Distributed => {
                let amount = |index| fields.amount(index).map_err(fault);
                before.report.distributed = Some([amount(1)?, amount(2)?, amount(3)?]);
            }
            OfPool::Burnt => before.report.shares_burnt = fields.amount(2).map_err(fault)?,
            OfPool::Rebased => {
                before.gifts(all)?;
                let report = std::mem::take(&mut before.report);
                let call = call.filter(|call| call.to == self.contracts.oracle && call.is(SUBMIT));
                push(all, log, rebased(&fields, &report, call).map_err(fault)?);
                before.of_report = None;
            }
            OfPool::Pass => {}
        }
        Ok(())
    }

    /// Finds what moved shares.
    fn moved<'a>(
        &self,
        moved: Move<'a>,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let LiquidStakingContracts { token, wrapper, queue, .. } = self.contracts;
        let Move { log, from, to, value, shares } = moved;
        before.gifts(all)?;
        if from == Address::default() {
            let Some((first, sender, amount)) = before.submitted.take() else {
                before.of_report = Some(log);
                return Ok(());
            };
            if sender == wrapper || sender != to {
                let detail = "tapes have no event for ether that is staked and wrapped at once";
                return unplaced(first, "Submitted", detail);
            }
            push(all, first, LiquidStakingLog::Submitted { sender, amount, shares });
        } else if from == queue || from == token {
            before.of_report = Some(log);
        } else if from == wrapper {
            let Some((first, user, tokens)) = before.burned.take() else {
                return unplaced(log, "TransferShares", "the wrapper sends what it unwraps alone");
            };
            if to == queue && user == queue {
                before.queued = Some((moved, Some(tokens)));
                return Ok(());
            }
            if user != to {
                return unplaced(log, "TransferShares", "somebody else's tokens were burned");
            }
            push(all, first, LiquidStakingLog::Unwrapped { user, tokens, amount: value });
        } else if let Some((first, user, tokens)) = before.minted.take_if(|_| to == wrapper) {
            if user != from {
                return unplaced(log, "TransferShares", "the tokens were minted to somebody else");
            }
            push(all, first, LiquidStakingLog::Wrapped { user, amount: value, tokens });
        } else if to == queue {
            before.queued = Some((moved, None));
        } else {
            moved.told(all);
        }
        Ok(())
    }

    fn of_wrapper<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let (kind, fields) = self.wrapper.read(log).map_err(at(log))?;
        let fault = at(log);
        if matches!(kind, OfWrapper::Pass) {
            return Ok(());
        }
        before.gifts(all)?;
        let from = fields.topic_address(0).map_err(fault)?;
        let to = fields.topic_address(1).map_err(fault)?;
        let amount = fields.amount(0).map_err(fault)?;
        let nobody = Address::default();
        if from == nobody && before.minted.is_none() {
            before.minted = Some((log, to, amount));
        } else if to == nobody && before.burned.is_none() {
            before.burned = Some((log, from, amount));
        } else if to == self.contracts.queue && from != nobody {
            before.lent = Some((from, amount));
        } else {
            let detail = "tapes have no event for a transfer of the wrapper's tokens";
            return unplaced(log, "Transfer", detail);
        }
        Ok(())
    }

    /// The pool asks for burns in its reports alone.
    fn of_burner(&self, log: &RawLog) -> Result<(), DecodeFault> {
        match self.burner.read(log) {
            Ok((OfBurner::Requested, fields))
                if fields.topic_address(1)? != self.contracts.token =>
            {
                Err(fields.unplaced("tapes have no event for a burn that somebody asked for"))
            }
            Ok(_) | Err(DecodeFault::UnknownEvent { .. }) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    fn of_queue<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let (kind, fields) = self.queue.read(log).map_err(at(log))?;
        match kind {
            OfQueue::Requested => {
                let told = requested(&fields, before).map_err(at(log))?;
                push(all, log, told);
            }
            OfQueue::Finalized => {
                let fault = at(log);
                let amount = |index| fields.amount(index).map_err(fault);
                before.report.finalized = Some([amount(0)?, amount(1)?]);
            }
            OfQueue::Claimed => {
                before.gifts(all)?;
                let told = claimed(&fields).map_err(at(log))?;
                push(all, log, told);
            }
            OfQueue::Transfer => {
                let ends = [0, 1].map(|index| fields.topic_address(index));
                let is_of_nobody = |end| end == Ok(Address::default());
                if !ends.into_iter().any(is_of_nobody) {
                    let detail = "tapes have no event for a request that changes hands";
                    return unplaced(log, "Transfer", detail);
                }
            }
            OfQueue::Pass => {}
        }
        Ok(())
    }
}

fn moved<'a>(
    log: &'a RawLog,
    fields: &Fields<'_>,
    value: Option<(Address, Address, Amount)>,
) -> Result<Move<'a>, DecodeFault> {
    let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
    let value = value.filter(|(sender, receiver, _)| (*sender, *receiver) == (from, to));
    let Some((.., value)) = value else {
        return Err(fields.unplaced("the Transfer of the same shares does not stand before it"));
    };
    Ok(Move { log, from, to, value, shares: fields.amount(0)? })
}

/// A request, with what it took: shares, or the wrapper's tokens that the queue unwrapped.
fn requested(
    fields: &Fields<'_>,
    before: &mut Before<'_>,
) -> Result<LiquidStakingLog, DecodeFault> {
    let (requestor, owner) = (fields.topic_address(1)?, fields.topic_address(2)?);
    if requestor != owner {
        return Err(fields.unplaced("tapes have no event for a request for another owner"));
    }
    let Some((taken, wrapped)) = before.queued.take() else {
        return Err(fields.unplaced("no log of the shares that it took stands before it"));
    };
    let lent = before.lent.take();
    let payer = if wrapped.is_some() { lent.map(|(from, _)| from) } else { Some(taken.from) };
    if payer != Some(requestor) || lent.map(|(_, tokens)| tokens) != wrapped {
        return Err(fields.unplaced("what was taken before it was somebody else's"));
    }
    let (amount, shares) = (fields.amount(0)?, fields.amount(1)?);
    let request_id = fields.topic_small(0)?;
    Ok(LiquidStakingLog::WithdrawalRequested { request_id, owner, amount, shares, wrapped })
}

fn claimed(fields: &Fields<'_>) -> Result<LiquidStakingLog, DecodeFault> {
    let (request_id, owner) = (fields.topic_small(0)?, fields.topic_address(1)?);
    Ok(LiquidStakingLog::WithdrawalClaimed { request_id, owner, amount: fields.amount(0)? })
}

/// A report, by the logs of its call and, where requests were finalised or no validator was new,
/// the call.
fn rebased(
    fields: &Fields<'_>,
    report: &Report,
    call: Option<&TransactionCall>,
) -> Result<LiquidStakingLog, DecodeFault> {
    let Some([cl_balance, withdrawals, execution_rewards]) = report.distributed else {
        return Err(fields.unplaced("no ETHDistributed stands before it"));
    };
    let validators = || u64::try_from(call?.word_in(0, VALIDATORS)?).ok();
    let Some(cl_validators) = report.cl_validators.or_else(validators) else {
        return Err(fields.unplaced("how many validators there are is in the call alone"));
    };
    let finalized = || {
        let batches = call?.list_in(0, BATCHES)?.into_iter();
        let batches = batches.map(|batch| u64::try_from(batch).ok()).collect::<Option<Vec<_>>>()?;
        Some((batches, call?.word_in(0, RATE)?))
    };
    let (batches, share_rate) = match (finalized(), report.finalized) {
        (Some(finalized), _) => finalized,
        (None, None) => (Vec::new(), U256::ZERO),
        (None, Some(_)) => {
            let detail = "the batches that were finalised, and their rate, are in the call alone";
            return Err(fields.unplaced(detail));
        }
    };
    let [eth_locked, shares_to_burn] = report.finalized.unwrap_or_default();
    Ok(LiquidStakingLog::TokenRebased {
        report_timestamp: Timestamp(fields.topic_small(0)?),
        cl_validators,
        cl_balance,
        withdrawals,
        execution_rewards,
        shares_burnt: report.shares_burnt,
        batches,
        share_rate,
        eth_locked,
        shares_to_burn,
        fee_shares: fields.amount(5)?,
        total_ether: fields.amount(4)?,
        total_shares: fields.amount(3)?,
    })
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let LiquidStakingContracts { token, wrapper, queue, burner, .. } = self.contracts;
        let mut before = Before::default();
        for log in transaction.logs {
            let Some(address) = log.address else { continue };
            if address == token {
                self.of_pool(log, &mut before, transaction.call, all)?;
            } else if address == wrapper {
                self.of_wrapper(log, &mut before, all)?;
            } else if address == queue {
                self.of_queue(log, &mut before, all)?;
            } else if address == burner {
                self.of_burner(log).map_err(at(log))?;
            }
        }
        before.finish(all)
    }
}
