use tidemill_model::{Address, CurveGaugesLog, ProgrammeLog};
use tidemill_units::Amount;

use super::contracts::CurveGaugesContracts;
use super::gauge_controller::Controller;
use super::token_transfers::TokenTransfers;
use super::vote_escrow::Escrow;
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Limit,
    Deposit,
    Withdraw,
    Minted,
    Mining,
    Pass,
}

/// Events of `LiquidityGauge.vy`, `Minter.vy` and `ERC20CRV.vy` (curve-dao-contracts).
const EVENTS: [Declared<Kind>; 7] = [
    event(Kind::Limit, "UpdateLiquidityLimit(address,uint256,uint256,uint256,uint256)"),
    event(Kind::Deposit, "Deposit(address indexed,uint256)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256)"),
    event(Kind::Minted, "Minted(address indexed,address,uint256)"),
    event(Kind::Mining, "UpdateMiningParameters(uint256,uint256,uint256)"),
    event(Kind::Pass, "CommitOwnership(address)"),
    event(Kind::Pass, "ApplyOwnership(address)"),
];

/// Reads the logs of Curve's system. A gauge writes a user's boost before what changed it.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: CurveGaugesContracts,
    events: EventTable<Kind>,
    controller: Controller,
    escrow: Escrow,
    transfers: TokenTransfers,
}

/// A boost that no other log has been found for yet.
#[derive(Clone, Copy)]
struct Limit<'a> {
    log: &'a RawLog,
    gauge: Address,
    user: Address,
    original: [Amount; 2],
    working: [Amount; 2],
}

impl Reader {
    pub(super) fn new(contracts: &CurveGaugesContracts) -> Self {
        Self {
            events: EventTable::new("Curve gauge", &EVENTS, 0),
            controller: Controller::new(contracts.controller),
            escrow: Escrow::new(contracts.escrow),
            transfers: TokenTransfers::new(),
            contracts: contracts.clone(),
        }
    }

    /// Reads a log of a gauge, or of the minter about one.
    fn of_gauge<'a>(
        &self,
        log: &'a RawLog,
        contract: Address,
        limit: &mut Option<Limit<'a>>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        let gauge = contract;
        let told = match kind {
            Kind::Limit => {
                if let Some(before) = limit.replace(read_limit(log, gauge, &fields)?) {
                    alone(all, before);
                }
                return Ok(());
            }
            Kind::Deposit => {
                let (working_balance, working_supply) = working(limit).unzip();
                CurveGaugesLog::Deposit {
                    gauge,
                    provider: fields.topic_address(0)?,
                    value: fields.amount(0)?,
                    working_balance,
                    working_supply,
                }
            }
            Kind::Withdraw => {
                let (working_balance, working_supply) = needed(limit, &fields)?;
                CurveGaugesLog::Withdraw {
                    gauge,
                    provider: fields.topic_address(0)?,
                    value: fields.amount(0)?,
                    working_balance,
                    working_supply,
                }
            }
            Kind::Minted => {
                let (working_balance, working_supply) = needed(limit, &fields)?;
                CurveGaugesLog::Minted {
                    recipient: fields.topic_address(0)?,
                    gauge: fields.address(0)?,
                    minted: fields.amount(1)?,
                    working_balance,
                    working_supply,
                }
            }
            Kind::Mining | Kind::Pass => return Ok(()),
        };
        all.push(log, ProgrammeLog::CurveGauges(told));
        Ok(())
    }

    /// Reads a log of the token's that is of a call to it.
    fn of_token(&self, log: &RawLog) -> Result<Option<CurveGaugesLog>, DecodeFault> {
        if let Some(transfer) = self.transfers.read(log)? {
            let is_burned = transfer.to == Address::default();
            return Ok(is_burned.then_some(CurveGaugesLog::Burned { value: transfer.amount }));
        }
        match self.events.read(log) {
            Ok((Kind::Mining, fields)) => {
                let (rate, supply) = (fields.amount(1)?, fields.amount(2)?);
                Ok(Some(CurveGaugesLog::UpdateMiningParameters { rate, supply }))
            }
            Ok(_) | Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// A call that the contracts log nothing of.
    fn called(&self, call: &TransactionCall) -> Option<CurveGaugesLog> {
        let (gauge, user) = (call.to, call.from);
        let is_gauge = self.contracts.gauges.contains(&gauge);
        if is_gauge && call.input.is_empty() {
            return Some(CurveGaugesLog::GaugeDeployed { gauge });
        }
        if is_gauge && call.is("claimable_tokens(address)") {
            return Some(CurveGaugesLog::GaugeCheckpointed { gauge, user: call.address(0)? });
        }
        if is_gauge && call.is("set_approve_deposit(address,bool)") {
            return Some(CurveGaugesLog::ApproveDepositSet {
                gauge,
                recipient: user,
                caller: call.address(0)?,
                can_deposit: !call.word(1)?.is_zero(),
            });
        }
        if gauge == self.contracts.minter && call.is("toggle_approve_mint(address)") {
            return Some(CurveGaugesLog::ApproveMintToggled {
                user,
                minting_user: call.address(0)?,
            });
        }
        None
    }
}

fn read_limit<'a>(
    log: &'a RawLog,
    gauge: Address,
    fields: &Fields<'_>,
) -> Result<Limit<'a>, DecodeFault> {
    let user = fields.address(0)?;
    let original = [fields.amount(1)?, fields.amount(2)?];
    Ok(Limit { log, gauge, user, original, working: [fields.amount(3)?, fields.amount(4)?] })
}

/// What of a stake counts after the boost, and of all stakes.
fn working(limit: &mut Option<Limit<'_>>) -> Option<(Amount, Amount)> {
    limit.take().map(|limit| limit.working.into())
}

fn needed(
    limit: &mut Option<Limit<'_>>,
    fields: &Fields<'_>,
) -> Result<(Amount, Amount), DecodeFault> {
    working(limit).ok_or_else(|| fields.unplaced("no log of the boost stands before it"))
}

fn alone(all: &mut Told, limit: Limit<'_>) {
    let Limit { log, gauge, user, original, working } = limit;
    let ([original_balance, original_supply], [working_balance, working_supply]) =
        (original, working);
    let told = CurveGaugesLog::UpdateLiquidityLimit {
        gauge,
        user,
        original_balance,
        original_supply,
        working_balance,
        working_supply,
    };
    all.push(log, ProgrammeLog::CurveGauges(told));
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let (mut limit, mut waiting) = (None, None);
        let is_of_token = transaction.call.is_none_or(|call| call.to == self.contracts.token);
        for log in transaction.logs {
            let Some(address) = log.address else { continue };
            if self.contracts.gauges.contains(&address) || address == self.contracts.minter {
                self.of_gauge(log, address, &mut limit, all).map_err(at(log))?;
            } else if address == self.contracts.controller {
                if let Some(told) = self.controller.read(log, &mut waiting).map_err(at(log))? {
                    all.push(log, ProgrammeLog::CurveGauges(CurveGaugesLog::Controller(told)));
                }
            } else if address == self.contracts.token
                && is_of_token
                && let Some(told) = self.of_token(log).map_err(at(log))?
            {
                all.push(log, ProgrammeLog::CurveGauges(told));
            }
        }
        if let Some(limit) = limit {
            alone(all, limit);
        }
        if let Some((log, told)) = Controller::alone(waiting) {
            all.push(log, ProgrammeLog::CurveGauges(CurveGaugesLog::Controller(told)));
        }
        self.escrow.read(transaction, |place, log| {
            let log = ProgrammeLog::CurveGauges(CurveGaugesLog::Escrow(log));
            match (place, transaction.call) {
                (Some(place), _) => all.push(place, log),
                (None, Some(call)) => all.call(call, log),
                (None, None) => {}
            }
        })?;
        if let Some((call, log)) = self.controller.called(transaction) {
            all.call(call, ProgrammeLog::CurveGauges(CurveGaugesLog::Controller(log)));
        }
        if let Some(call) = transaction.call
            && let Some(log) = self.called(call)
        {
            all.call(call, ProgrammeLog::CurveGauges(log));
        }
        Ok(())
    }
}
