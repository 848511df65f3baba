use tidemill_model::{Address, ProgrammeLog, V3StakerLog};
use tidemill_units::{Amount, Liquidity};

use super::token_transfers::TokenTransfers;
use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Created,
    Ended,
    Deposit,
    Staked,
    Unstaked,
    Claimed,
}

/// Events of `IUniswapV3Staker` (v3-staker 1.0.2).
const EVENTS: [Declared<Kind>; 6] = [
    event(
        Kind::Created,
        "IncentiveCreated(address indexed,address indexed,uint256,uint256,address,uint256)",
    ),
    event(Kind::Ended, "IncentiveEnded(bytes32 indexed,uint256)"),
    event(Kind::Deposit, "DepositTransferred(uint256 indexed,address indexed,address indexed)"),
    event(Kind::Staked, "TokenStaked(uint256 indexed,bytes32 indexed,uint128)"),
    event(Kind::Unstaked, "TokenUnstaked(uint256 indexed,bytes32 indexed)"),
    event(Kind::Claimed, "RewardClaimed(address indexed,uint256)"),
];

/// Reads a staker's logs. Whose reward was claimed is who called, and a deposit's ticks are the
/// position manager's to say: without them such a log is refused.
#[derive(Debug)]
pub(super) struct Reader {
    staker: Address,
    events: EventTable<Kind>,
    transfers: TokenTransfers,
}

impl Reader {
    pub(super) fn new(staker: Address) -> Self {
        let (events, transfers) = (EventTable::new("v3-staker", &EVENTS, 0), TokenTransfers::new());
        Self { staker, events, transfers }
    }

    fn own(
        &self,
        log: &RawLog,
        paid_in: Option<Address>,
        transaction: &ProgrammeTransaction<'_>,
    ) -> Result<V3StakerLog, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        Ok(match kind {
            Kind::Created => V3StakerLog::IncentiveCreated {
                reward_token: fields.topic_address(0)?,
                pool: fields.topic_address(1)?,
                start_time: fields.time(0)?,
                end_time: fields.time(1)?,
                refundee: fields.address(2)?,
                reward: fields.amount(3)?,
            },
            Kind::Ended => V3StakerLog::IncentiveEnded {
                incentive_id: fields.topic_bytes(0)?,
                refund: fields.amount(0)?,
            },
            Kind::Deposit => {
                let (token_id, old_owner) = (fields.topic(0)?, fields.topic_address(1)?);
                let is_new = old_owner == Address::default();
                let range = if is_new { (transaction.range_of)(token_id) } else { None };
                if is_new && range.is_none() {
                    return Err(fields.unplaced("the position's ticks are in no log of the staker"));
                }
                let new_owner = fields.topic_address(2)?;
                V3StakerLog::DepositTransferred { token_id, old_owner, new_owner, range }
            }
            Kind::Staked => V3StakerLog::TokenStaked {
                token_id: fields.topic(0)?,
                incentive_id: fields.topic_bytes(1)?,
                liquidity: Liquidity(fields.wide(0)?),
            },
            Kind::Unstaked => V3StakerLog::TokenUnstaked {
                token_id: fields.topic(0)?,
                incentive_id: fields.topic_bytes(1)?,
            },
            Kind::Claimed => {
                let signature = "claimReward(address,address,uint256)";
                let call = transaction.call.filter(|call| call.to == self.staker);
                let call = call.filter(|call| call.is(signature));
                let called = call.and_then(|call| call.address(0));
                let reward_token = called.or(paid_in);
                let (Some(reward_token), Some(call)) = (reward_token, call) else {
                    return Err(fields.unplaced("whose reward it was is who called"));
                };
                V3StakerLog::RewardClaimed {
                    reward_token,
                    owner: call.from,
                    to: fields.topic_address(0)?,
                    reward: fields.amount(0)?,
                    requested: call.word(2).map(Amount),
                }
            }
        })
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut paid_in = None;
        for log in transaction.logs {
            if log.address == Some(self.staker) {
                let told = self.own(log, paid_in.take(), transaction).map_err(at(log))?;
                all.push(log, ProgrammeLog::V3Staker(told));
            } else if let Some(transfer) = self.transfers.read(log).map_err(at(log))?
                && transfer.from == self.staker
            {
                paid_in = log.address;
            }
        }
        Ok(())
    }
}
