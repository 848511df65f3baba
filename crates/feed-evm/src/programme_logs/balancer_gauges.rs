use tidemill_model::{Address, BalancerGaugesLog, GaugeMint, GaugePayment, ProgrammeLog};
use tidemill_units::Amount;

use super::contracts::BalancerGaugesContracts;
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
    Transfer,
    Approval,
    Distributor,
    Cap,
    Minted,
    MinterApproval,
    Created,
    Mining,
}

/// Events of `LiquidityGaugeV5.vy`, `LiquidityGaugeFactory`, `BalancerMinter` and
/// `BalancerTokenAdmin` (v2-deployments).
const EVENTS: [Declared<Kind>; 11] = [
    event(Kind::Limit, "UpdateLiquidityLimit(address indexed,uint256,uint256,uint256,uint256)"),
    event(Kind::Deposit, "Deposit(address indexed,uint256)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256)"),
    event(Kind::Transfer, "Transfer(address indexed,address indexed,uint256)"),
    event(Kind::Approval, "Approval(address indexed,address indexed,uint256)"),
    event(Kind::Distributor, "RewardDistributorUpdated(address indexed,address)"),
    event(Kind::Cap, "RelativeWeightCapChanged(uint256)"),
    event(Kind::Minted, "Minted(address indexed,address,uint256)"),
    event(Kind::MinterApproval, "MinterApprovalSet(address indexed,address indexed,bool)"),
    event(Kind::Created, "GaugeCreated(address indexed)"),
    event(Kind::Mining, "MiningParametersUpdated(uint256,uint256)"),
];

const DEPOSIT: &str = "deposit(uint256,address,bool)";

/// Reads the logs of Balancer's system.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: BalancerGaugesContracts,
    events: EventTable<Kind>,
    controller: Controller,
    escrow: Escrow,
    transfers: TokenTransfers,
}

/// A boost that a gauge has set.
#[derive(Clone, Copy)]
struct Limit<'a> {
    log: &'a RawLog,
    gauge: Address,
    user: Address,
    original: [Amount; 2],
    working: [Amount; 2],
}

/// What stands before the log that it belongs to.
#[derive(Default)]
struct Before<'a> {
    limits: Vec<Limit<'a>>,
    /// Reward tokens that a gauge has paid.
    paid: Vec<GaugePayment>,
    /// Gauges that the minter has asked.
    mints: Vec<GaugeMint>,
    /// Whether the next transfer of the gauge's own token is a deposit's or withdrawal's.
    is_stake: bool,
}

impl<'a> Before<'a> {
    /// What of a stake counts after the last boost, and of all stakes.
    fn limit(&mut self) -> Option<(Amount, Amount)> {
        self.limits.pop().map(|limit| limit.working.into())
    }

    /// Boosts that the minter's questions have set.
    fn ask(&mut self) {
        self.mints.extend(self.limits.drain(..).map(|limit| {
            let [working_balance, working_supply] = limit.working;
            GaugeMint { gauge: limit.gauge, minted: None, working_balance, working_supply }
        }));
    }
}

impl Reader {
    pub(super) fn new(contracts: &BalancerGaugesContracts) -> Self {
        Self {
            events: EventTable::new("Balancer gauge", &EVENTS, 0),
            controller: Controller::new(contracts.controller),
            escrow: Escrow::new(contracts.escrow),
            transfers: TokenTransfers::new(),
            contracts: contracts.clone(),
        }
    }

    fn of_gauge<'a>(
        &self,
        log: &'a RawLog,
        gauge: Address,
        call: Option<&TransactionCall>,
        before: &mut Before<'a>,
    ) -> Result<Option<BalancerGaugesLog>, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        let is = |signature| call.is_some_and(|call| call.is(signature));
        if matches!(kind, Kind::Limit) {
            before.limits.push(read_limit(log, gauge, &fields)?);
            return Ok(None);
        }
        let is_stake = std::mem::take(&mut before.is_stake);
        Ok(Some(match kind {
            Kind::Deposit | Kind::Withdraw => {
                let (provider, value) = (fields.topic_address(0)?, fields.amount(0)?);
                let (working_balance, working_supply) = before.limit().unzip();
                let paid = std::mem::take(&mut before.paid);
                before.is_stake = true;
                if matches!(kind, Kind::Deposit) {
                    BalancerGaugesLog::Deposit {
                        gauge,
                        provider,
                        value,
                        paid,
                        working_balance,
                        working_supply,
                    }
                } else {
                    BalancerGaugesLog::Withdraw {
                        gauge,
                        provider,
                        value,
                        paid,
                        working_balance,
                        working_supply,
                    }
                }
            }
            Kind::Transfer if is_stake => return Ok(None),
            Kind::Transfer => {
                let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
                let (to_working_balance, working_supply) = before.limit().unzip();
                let first = before.limit().filter(|_| from != to);
                let by_allowance = call.filter(|_| is("transferFrom(address,address,uint256)"));
                BalancerGaugesLog::Transfer {
                    gauge,
                    from,
                    to,
                    value: fields.amount(0)?,
                    spender: by_allowance.map(|call| call.from),
                    from_working_balance: first.map(|(balance, _)| balance),
                    to_working_balance,
                    working_supply,
                }
            }
            Kind::Approval => BalancerGaugesLog::Approval {
                gauge,
                owner: fields.topic_address(0)?,
                spender: fields.topic_address(1)?,
                value: fields.amount(0)?,
            },
            Kind::Distributor => BalancerGaugesLog::RewardDistributorUpdated {
                gauge,
                reward_token: fields.topic_address(0)?,
                distributor: fields.address(0)?,
            },
            Kind::Cap if is("create(address,uint256)") => return Ok(None),
            Kind::Cap => BalancerGaugesLog::RelativeWeightCapChanged {
                gauge,
                new_relative_weight_cap: fields.word(0)?,
            },
            Kind::Limit | Kind::Minted | Kind::MinterApproval | Kind::Created | Kind::Mining => {
                return Err(fields.unplaced("no gauge writes it"));
            }
        }))
    }

    fn of_minter(
        &self,
        log: &RawLog,
        before: &mut Before<'_>,
    ) -> Result<Option<BalancerGaugesLog>, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        if matches!(kind, Kind::MinterApproval) {
            return Ok(Some(BalancerGaugesLog::MinterApprovalSet {
                user: fields.topic_address(0)?,
                minter: fields.topic_address(1)?,
                approval: fields.flag(0)?,
            }));
        }
        before.ask();
        let gauge = fields.address(0)?;
        let last = before.mints.last_mut().filter(|mint| mint.gauge == gauge);
        let last = last.ok_or_else(|| fields.unplaced("no log of the boost stands before it"))?;
        last.minted = Some(fields.amount(1)?);
        Ok(None)
    }

    /// New BAL, which the minter makes after it has asked the gauges.
    fn of_token(
        &self,
        log: &RawLog,
        before: &mut Before<'_>,
    ) -> Result<Option<BalancerGaugesLog>, DecodeFault> {
        let Some(transfer) = self.transfers.read(log)? else { return Ok(None) };
        if before.mints.is_empty() || transfer.from != Address::default() {
            return Ok(None);
        }
        before.ask();
        let gauges = std::mem::take(&mut before.mints);
        let (recipient, value) = (transfer.to, transfer.amount);
        Ok(Some(BalancerGaugesLog::Minted { recipient, gauges, value }))
    }

    /// A token's transfer from a gauge, which is paid, or to one, which is given.
    fn of_other(
        &self,
        log: &RawLog,
        call: Option<&TransactionCall>,
        before: &mut Before<'_>,
    ) -> Result<Option<BalancerGaugesLog>, DecodeFault> {
        let Some(transfer) = self.transfers.read(log)? else { return Ok(None) };
        let (token, amount) = (log.address.unwrap_or_default(), transfer.amount);
        let is_gauge = |who: &Address| self.contracts.gauges.contains(who);
        if is_gauge(&transfer.from) {
            // After the boost only what was withdrawn is paid.
            if before.limits.is_empty() {
                before.paid.push(GaugePayment { token, receiver: transfer.to, amount });
            }
            return Ok(None);
        }
        let is = |signature| call.is_some_and(|call| call.is(signature));
        if !is_gauge(&transfer.to) || is(DEPOSIT) {
            return Ok(None);
        }
        let gauge = transfer.to;
        if is("deposit_reward_token(address,uint256)") {
            let reward_token = token;
            return Ok(Some(BalancerGaugesLog::RewardTokenDeposited {
                gauge,
                reward_token,
                amount,
            }));
        }
        Ok(Some(BalancerGaugesLog::Given { gauge, token, amount }))
    }

    fn of_log<'a>(
        &self,
        log: &'a RawLog,
        call: Option<&TransactionCall>,
        before: &mut Before<'a>,
    ) -> Result<Option<BalancerGaugesLog>, DecodeFault> {
        let Some(address) = log.address else { return Ok(None) };
        let contracts = &self.contracts;
        if contracts.gauges.contains(&address) {
            return self.of_gauge(log, address, call, before);
        }
        if address == contracts.minter {
            return self.of_minter(log, before);
        }
        if address == contracts.token {
            return self.of_token(log, before);
        }
        if address == contracts.token_admin {
            let (_, fields) = self.events.read(log)?;
            let is_own = call.is_none_or(|call| call.to == address);
            let (rate, supply) = (fields.amount(0)?, fields.amount(1)?);
            let told = BalancerGaugesLog::MiningParametersUpdated { rate, supply };
            return Ok(is_own.then_some(told));
        }
        if address == contracts.factory {
            let (_, fields) = self.events.read(log)?;
            let arguments = call.and_then(|call| Some((call.address(0)?, call.word(1)?)));
            let (pool_token, relative_weight_cap) = arguments.ok_or_else(|| {
                fields.unplaced("the gauge's token and cap are in the call alone")
            })?;
            return Ok(Some(BalancerGaugesLog::GaugeCreated {
                gauge: fields.topic_address(0)?,
                pool_token,
                relative_weight_cap,
                admin: contracts.admin,
                vault: contracts.vault,
            }));
        }
        if address == contracts.escrow || address == contracts.controller {
            return Ok(None);
        }
        self.of_other(log, call, before)
    }

    /// A call that the contracts log nothing of.
    fn called(&self, call: &TransactionCall, before: &mut Before<'_>) -> Option<BalancerGaugesLog> {
        let (gauge, user) = (call.to, call.from);
        if !self.contracts.gauges.contains(&gauge) {
            return None;
        }
        if call.is("claim_rewards(address,address)") {
            let receiver = call.address(1).filter(|receiver| *receiver != Address::default());
            let paid = std::mem::take(&mut before.paid);
            let user = call.address(0)?;
            return Some(BalancerGaugesLog::RewardsClaimed { gauge, user, receiver, paid });
        }
        if call.is("set_rewards_receiver(address)") {
            let receiver = call.address(0)?;
            return Some(BalancerGaugesLog::RewardsReceiverSet { gauge, user, receiver });
        }
        if call.is("killGauge()") || call.is("unkillGauge()") {
            return Some(BalancerGaugesLog::KilledSet { gauge, is_killed: call.is("killGauge()") });
        }
        if call.is("claimable_tokens(address)") {
            return Some(BalancerGaugesLog::GaugeCheckpointed { gauge, user: call.address(0)? });
        }
        None
    }
}

fn read_limit<'a>(
    log: &'a RawLog,
    gauge: Address,
    fields: &Fields<'_>,
) -> Result<Limit<'a>, DecodeFault> {
    let user = fields.topic_address(0)?;
    let original = [fields.amount(0)?, fields.amount(1)?];
    Ok(Limit { log, gauge, user, original, working: [fields.amount(2)?, fields.amount(3)?] })
}

fn alone(limit: &Limit<'_>) -> BalancerGaugesLog {
    let [original_balance, original_supply] = limit.original;
    let [working_balance, working_supply] = limit.working;
    BalancerGaugesLog::UpdateLiquidityLimit {
        gauge: limit.gauge,
        user: limit.user,
        original_balance,
        original_supply,
        working_balance,
        working_supply,
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let of = ProgrammeLog::BalancerGauges;
        let (mut before, mut waiting) = (Before::default(), None);
        for log in transaction.logs {
            if log.address == Some(self.contracts.controller) {
                if let Some(told) = self.controller.read(log, &mut waiting).map_err(at(log))? {
                    all.push(log, of(BalancerGaugesLog::Controller(told)));
                }
            } else if let Some(told) =
                self.of_log(log, transaction.call, &mut before).map_err(at(log))?
            {
                all.push(log, of(told));
            }
        }
        for limit in before.limits.drain(..) {
            all.push(limit.log, of(alone(&limit)));
        }
        if let Some((log, told)) = Controller::alone(waiting) {
            all.push(log, of(BalancerGaugesLog::Controller(told)));
        }
        self.escrow.read(transaction, |place, log| {
            let log = of(BalancerGaugesLog::Escrow(log));
            match (place, transaction.call) {
                (Some(place), _) => all.push(place, log),
                (None, Some(call)) => all.call(call, log),
                (None, None) => {}
            }
        })?;
        if let Some((call, log)) = self.controller.called(transaction) {
            all.call(call, of(BalancerGaugesLog::Controller(log)));
        }
        if let Some(call) = transaction.call
            && let Some(log) = self.called(call, &mut before)
        {
            all.call(call, of(log));
        }
        let left = (!before.paid.is_empty() || !before.mints.is_empty()).then_some(());
        let Some((log, ())) = transaction.logs.first().zip(left) else { return Ok(()) };
        let detail = "what a gauge paid, or the minter asked for, belongs to no log or known call";
        Err(at(log)(DecodeFault::Unplaced { event: "Transfer", detail }))
    }
}
