use tidemill_model::{Address, AerodromeGaugeLog, ProgrammeLog};
use tidemill_units::{Amount, U256};

use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Deposit,
    Withdraw,
    Claim,
    Fees,
    Notify,
    FeesNotify,
}

/// Events of `Gauge.sol` and `Reward.sol` (aerodrome-finance/contracts).
const EVENTS: [Declared<Kind>; 6] = [
    event(Kind::Deposit, "Deposit(address indexed,address indexed,uint256)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256)"),
    event(Kind::Claim, "ClaimRewards(address indexed,uint256)"),
    event(Kind::Fees, "ClaimFees(address indexed,uint256,uint256)"),
    event(Kind::Notify, "NotifyReward(address indexed,uint256)"),
    event(
        Kind::FeesNotify,
        "NotifyReward(address indexed,address indexed,uint256 indexed,uint256)",
    ),
];

/// Reads a gauge's logs, and what the reward of its votes was notified of the pool's fees. The
/// fees of token0 are notified first, and a token without fees not at all.
#[derive(Debug)]
pub(super) struct Reader {
    gauge: Address,
    pool_fees_reward: Address,
    events: EventTable<Kind>,
}

/// Fees since the last notification.
#[derive(Default)]
struct Fees {
    claimed: [Amount; 2],
    notified: Vec<Amount>,
}

impl Reader {
    pub(super) fn new(gauge: Address, pool_fees_reward: Address) -> Self {
        let events = EventTable::new("Aerodrome gauge", &EVENTS, 0);
        Self { gauge, pool_fees_reward, events }
    }

    fn own(&self, log: &RawLog, fees: &mut Fees) -> Result<Option<AerodromeGaugeLog>, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        Ok(Some(match kind {
            Kind::Deposit => {
                let to = fields.topic_address(1)?;
                AerodromeGaugeLog::Deposit { to, amount: fields.amount(0)? }
            }
            Kind::Withdraw => {
                let from = fields.topic_address(0)?;
                AerodromeGaugeLog::Withdraw { from, amount: fields.amount(0)? }
            }
            Kind::Claim => {
                let from = fields.topic_address(0)?;
                AerodromeGaugeLog::ClaimRewards { from, amount: fields.amount(0)? }
            }
            Kind::Fees => {
                fees.claimed = [fields.amount(0)?, fields.amount(1)?];
                return Ok(None);
            }
            Kind::FeesNotify => {
                fees.notified.push(fields.amount(0)?);
                return Ok(None);
            }
            Kind::Notify => {
                let Fees { claimed: [claimed0, claimed1], notified } = std::mem::take(fees);
                let [fees0, fees1] =
                    notified_of([claimed0, claimed1], &notified).ok_or_else(|| {
                        fields.unplaced("which token's fees were notified is not clear")
                    })?;
                let amount = fields.amount(0)?;
                AerodromeGaugeLog::NotifyReward { amount, claimed0, claimed1, fees0, fees1 }
            }
        }))
    }
}

/// Which token each notification is of: two are of both in order; one is of the only token that
/// can have passed a week's seconds, which is told where only one was claimed.
fn notified_of(claimed: [Amount; 2], notified: &[Amount]) -> Option<[Amount; 2]> {
    let none = Amount(U256::ZERO);
    match *notified {
        [] => Some([none; 2]),
        [fees0, fees1] => Some([fees0, fees1]),
        [fees] if claimed[1].is_zero() => Some([fees, none]),
        [fees] if claimed[0].is_zero() => Some([none, fees]),
        // Fees kept from before make a notification no smaller than what was claimed.
        [fees] if fees >= claimed[0] && fees < claimed[1] => Some([fees, none]),
        [fees] if fees >= claimed[1] && fees < claimed[0] => Some([none, fees]),
        _ => None,
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let before = all.0.len();
        let mut fees = Fees::default();
        for log in transaction.logs {
            let is_own = log.address == Some(self.gauge);
            if !is_own && log.address != Some(self.pool_fees_reward) {
                continue;
            }
            if !is_own && !self.is_notification(log) {
                continue;
            }
            if let Some(told) = self.own(log, &mut fees).map_err(at(log))? {
                all.push(log, ProgrammeLog::AerodromeGauge(told));
            }
        }
        if let Some(call) = transaction.call.filter(|call| call.to == self.gauge)
            && all.0.len() == before
            && call.is("getReward(address)")
            && let Some(from) = call.address(0)
        {
            all.call(call, ProgrammeLog::AerodromeGauge(AerodromeGaugeLog::Checkpointed { from }));
        }
        Ok(())
    }
}

impl Reader {
    /// Whether a log of the reward contract is a notification by the gauge; its votes are others'.
    fn is_notification(&self, log: &RawLog) -> bool {
        let Ok((Kind::FeesNotify, fields)) = self.events.read(log) else { return false };
        fields.topic_address(0).is_ok_and(|from| from == self.gauge)
    }
}
