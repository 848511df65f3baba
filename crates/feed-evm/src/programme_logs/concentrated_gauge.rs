use tidemill_model::{Address, ConcentratedGaugeLog, ProgrammeLog};
use tidemill_units::{Amount, Liquidity, U256};

use super::contracts::ConcentratedGaugeContracts;
use super::token_transfers::TokenTransfers;
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Deposit,
    Withdraw,
    Claim,
    Fees,
    Notify,
}

/// Events of `CLGauge` (aerodrome-finance/slipstream at 0f36abdb).
const EVENTS: [Declared<Kind>; 5] = [
    event(Kind::Deposit, "Deposit(address indexed,uint256 indexed,uint128 indexed)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256 indexed,uint128 indexed)"),
    event(Kind::Claim, "ClaimRewards(address indexed,uint256)"),
    event(Kind::Fees, "ClaimFees(address indexed,uint256,uint256)"),
    event(Kind::Notify, "NotifyReward(address indexed,uint256)"),
];

/// The event of `Reward` (aerodrome-finance/contracts) that tells of fees.
const OF_REWARD: [Declared<()>; 1] =
    [event((), "NotifyReward(address indexed,address indexed,uint256 indexed,uint256)")];

/// The event of the position manager with which a withdrawal begins.
const OF_MANAGER: [Declared<()>; 1] =
    [event((), "Collect(uint256 indexed,address,uint256,uint256)")];

/// Reads a gauge's logs. Which position a reward is of the gauge does not log: it is that of a
/// withdrawal, which begins by collecting at the position manager, or of the call.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: ConcentratedGaugeContracts,
    events: EventTable<Kind>,
    of_reward: EventTable<()>,
    of_manager: EventTable<()>,
    transfers: TokenTransfers,
}

/// What stands before the log that it belongs to.
#[derive(Default)]
struct Before<'a> {
    /// The last position that was collected for since the gauge's last log.
    collected: Option<u64>,
    /// A reward of a position that a withdrawal has to name.
    claim: Option<(&'a RawLog, Address, Amount)>,
    claimed: [Amount; 2],
    fees: [Amount; 2],
    /// What of the reward token came to the gauge, and what of it went on.
    emission: Option<Amount>,
    excess: Amount,
}

impl Reader {
    pub(super) fn new(contracts: &ConcentratedGaugeContracts) -> Self {
        Self {
            contracts: contracts.clone(),
            events: EventTable::new("Slipstream gauge", &EVENTS, 0),
            of_reward: EventTable::new("fees' reward", &OF_REWARD, 0),
            of_manager: EventTable::new("position manager", &OF_MANAGER, 0),
            transfers: TokenTransfers::new(),
        }
    }

    /// Reads a log of another contract of the gauge's.
    fn beside(&self, log: &RawLog, before: &mut Before<'_>) -> Result<(), DecodeFault> {
        let Self { contracts, .. } = self;
        let address = log.address.unwrap_or_default();
        if address == contracts.position_manager {
            if let Some(((), fields)) = known(self.of_manager.read(log))? {
                before.collected = u64::try_from(fields.topic(0)?).ok();
            }
        } else if address == contracts.pool_fees_reward {
            if let Some(((), fields)) = known(self.of_reward.read(log))?
                && fields.topic_address(0)? == contracts.gauge
            {
                let token = fields.topic_address(1)?;
                let sides = before.fees.iter_mut().zip(contracts.tokens);
                for (fees, _) in sides.filter(|(_, side)| *side == token) {
                    *fees = fields.amount(0)?;
                }
            }
        } else if address == contracts.reward_token
            && let Some(transfer) = self.transfers.read(log)?
        {
            if transfer.to == contracts.gauge {
                before.emission = Some(transfer.amount);
                before.excess = Amount::ZERO;
            } else if transfer.from == contracts.gauge
                && contracts.redistributor == Some(transfer.to)
            {
                before.excess = transfer.amount;
            }
        }
        Ok(())
    }

    fn own<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        let told = match kind {
            Kind::Deposit => {
                let (user, token_id) = (fields.topic_address(0)?, fields.topic_small(1)?);
                let range = (transaction.range_of)(U256::from(token_id));
                let range = range.ok_or_else(|| {
                    fields.unplaced("the position's ticks are in no log of the gauge")
                })?;
                let liquidity = liquidity(&fields)?;
                ConcentratedGaugeLog::Deposit { user, token_id, liquidity, range }
            }
            Kind::Withdraw => {
                let (user, token_id) = (fields.topic_address(0)?, fields.topic_small(1)?);
                ConcentratedGaugeLog::Withdraw { user, token_id, liquidity: liquidity(&fields)? }
            }
            Kind::Claim => {
                let (from, amount) = (fields.topic_address(0)?, fields.amount(0)?);
                let Some(token_id) = transaction.call.and_then(|call| self.called(call)) else {
                    before.claim = Some((log, from, amount));
                    return Ok(());
                };
                ConcentratedGaugeLog::ClaimRewards { from, token_id, amount }
            }
            Kind::Fees => {
                before.claimed = [fields.amount(0)?, fields.amount(1)?];
                return Ok(());
            }
            Kind::Notify => notified(&fields, before)?,
        };
        all.push(log, ProgrammeLog::ConcentratedGauge(told));
        Ok(())
    }

    /// Returns the position that a call to the gauge names.
    fn called(&self, call: &TransactionCall) -> Option<u64> {
        let is_it = call.to == self.contracts.gauge
            && (call.is("getReward(uint256)") || call.is("withdraw(uint256)"));
        call.small(0).filter(|_| is_it)
    }

    /// Tells a reward by the withdrawal that follows it in the gauge's logs.
    fn settle<'a>(
        &self,
        next: Option<&'a RawLog>,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let Some((log, from, amount)) = before.claim.take() else { return Ok(()) };
        let collected = before.collected.take();
        let named = next.and_then(|next| {
            let (Kind::Withdraw, fields) = self.events.read(next).ok()? else { return None };
            let user = fields.topic_address(0).ok()?;
            let token_id = fields.topic_small(1).ok()?;
            (user == from && collected == Some(token_id)).then_some(token_id)
        });
        let Some(token_id) = named else {
            let detail = "which position it is of is in the call alone, or in the position \
                          manager's log of the withdrawal";
            return Err(at(log)(DecodeFault::Unplaced { event: "ClaimRewards", detail }));
        };
        let told = ConcentratedGaugeLog::ClaimRewards { from, token_id, amount };
        all.push(log, ProgrammeLog::ConcentratedGauge(told));
        Ok(())
    }
}

fn liquidity(fields: &Fields<'_>) -> Result<Liquidity, DecodeFault> {
    let word = fields.topic(2)?;
    let liquidity = u128::try_from(word).map(Liquidity);
    liquidity.map_err(|_| fields.value("liquidityToStake", &word, "below 2^128"))
}

/// The emission came by a transfer of the reward token, before what rolled over was added to it.
fn notified(
    fields: &Fields<'_>,
    before: &mut Before<'_>,
) -> Result<ConcentratedGaugeLog, DecodeFault> {
    let Some(emission) = before.emission.take() else {
        let detail = "the emission is in the reward token's transfer before it, or in a trace";
        return Err(fields.unplaced(detail));
    };
    let excess = std::mem::take(&mut before.excess);
    let [claimed0, claimed1] = std::mem::take(&mut before.claimed);
    let [fees0, fees1] = std::mem::take(&mut before.fees);
    let amount = fields.amount(0)?;
    Ok(ConcentratedGaugeLog::NotifyReward {
        amount,
        emission,
        excess,
        claimed0,
        claimed1,
        fees0,
        fees1,
    })
}

/// Passes over another of a contract's events.
fn known<T>(read: Result<T, DecodeFault>) -> Result<Option<T>, DecodeFault> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => Ok(None),
        Err(fault) => Err(fault),
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut before = Before::default();
        let gauge = self.contracts.gauge;
        let mut paid = false;
        for log in transaction.logs {
            if log.address != Some(gauge) {
                // Between a reward and its withdrawal the position goes back, and nothing else.
                if before.claim.is_none() {
                    self.beside(log, &mut before).map_err(at(log))?;
                }
                continue;
            }
            self.settle(Some(log), &mut before, all)?;
            let told = self.own(log, &mut before, transaction, all);
            told.map_err(at(log))?;
            paid |= before.claim.is_some();
            if before.claim.is_none() {
                before.collected = None;
            }
        }
        self.settle(None, &mut before, all)?;
        let is_claim = |log: &ProgrammeLog| {
            matches!(
                log,
                ProgrammeLog::ConcentratedGauge(ConcentratedGaugeLog::ClaimRewards { .. })
            )
        };
        paid |= all.0.iter().any(|told| is_claim(&told.log));
        if let Some(call) = transaction.call.filter(|call| call.to == gauge && !paid)
            && call.is("getReward(uint256)")
            && let Some(token_id) = call.small(0)
        {
            let told = ConcentratedGaugeLog::Checkpointed { from: call.from, token_id };
            all.call(call, ProgrammeLog::ConcentratedGauge(told));
        }
        Ok(())
    }
}
