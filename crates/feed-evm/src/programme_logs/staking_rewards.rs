use tidemill_model::{Address, ProgrammeLog, StakingRewardsLog};

use super::token_transfers::TokenTransfers;
use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Staked,
    Withdrawn,
    RewardPaid,
    RewardAdded,
    Duration,
    Pause,
    Recovered,
    Pass,
}

/// Events of `StakingRewards` (liquidity-staker 1.0.2 and synthetix 2.102.1) and its `Owned` and
/// `Pausable`.
const EVENTS: [Declared<Kind>; 9] = [
    event(Kind::Staked, "Staked(address indexed,uint256)"),
    event(Kind::Withdrawn, "Withdrawn(address indexed,uint256)"),
    event(Kind::RewardPaid, "RewardPaid(address indexed,uint256)"),
    event(Kind::RewardAdded, "RewardAdded(uint256)"),
    event(Kind::Duration, "RewardsDurationUpdated(uint256)"),
    event(Kind::Pause, "PauseChanged(bool)"),
    event(Kind::Recovered, "Recovered(address,uint256)"),
    event(Kind::Pass, "OwnerNominated(address)"),
    event(Kind::Pass, "OwnerChanged(address,address)"),
];

#[derive(Debug)]
pub(super) struct Reader {
    contract: Address,
    staking_token: Address,
    reward_token: Address,
    events: EventTable<Kind>,
    tokens: TokenTransfers,
}

impl Reader {
    pub(super) fn new(contract: Address, staking_token: Address, reward_token: Address) -> Self {
        let events = EventTable::new("StakingRewards", &EVENTS, 0);
        Self { contract, staking_token, reward_token, events, tokens: TokenTransfers::new() }
    }

    fn own(&self, log: &RawLog) -> Result<Option<StakingRewardsLog>, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        Ok(Some(match kind {
            Kind::Staked => {
                let user = fields.topic_address(0)?;
                StakingRewardsLog::Staked { user, amount: fields.amount(0)? }
            }
            Kind::Withdrawn => {
                let user = fields.topic_address(0)?;
                StakingRewardsLog::Withdrawn { user, amount: fields.amount(0)? }
            }
            Kind::RewardPaid => {
                let user = fields.topic_address(0)?;
                StakingRewardsLog::RewardPaid { user, reward: fields.amount(0)? }
            }
            Kind::RewardAdded => StakingRewardsLog::RewardAdded { reward: fields.amount(0)? },
            Kind::Duration => {
                StakingRewardsLog::RewardsDurationUpdated { new_duration: fields.word(0)? }
            }
            Kind::Pause => StakingRewardsLog::PauseChanged { is_paused: fields.flag(0)? },
            Kind::Recovered if fields.address(0)? == self.reward_token => {
                StakingRewardsLog::Recovered { amount: fields.amount(1)? }
            }
            Kind::Recovered | Kind::Pass => return Ok(None),
        }))
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let before = all.0.len();
        // Where one token is both, what is staked arrives right before `Staked`.
        let mut arrived = None;
        for log in transaction.logs {
            let is_token = log.address == Some(self.reward_token);
            if is_token && let Some(transfer) = self.tokens.read(log).map_err(at(log))? {
                if transfer.to == self.contract && transfer.from != self.contract {
                    fund(all, arrived.replace((log, transfer.amount)));
                }
                continue;
            }
            if log.address != Some(self.contract) {
                continue;
            }
            let Some(told) = self.own(log).map_err(at(log))? else { continue };
            let is_stake = matches!(told, StakingRewardsLog::Staked { .. });
            if let Some((transfer, amount)) = arrived.take() {
                let staked = is_stake && self.staking_token == self.reward_token;
                if !staked {
                    fund(all, Some((transfer, amount)));
                }
            }
            all.push(log, ProgrammeLog::StakingRewards(told));
        }
        fund(all, arrived);
        let Some(call) = transaction.call.filter(|call| call.to == self.contract) else {
            return Ok(());
        };
        let is_silent = all.0.len() == before;
        if is_silent && call.is("getReward()") {
            let log = StakingRewardsLog::Checkpointed { user: call.from };
            all.call(call, ProgrammeLog::StakingRewards(log));
        }
        if call.is("setRewardsDistribution(address)")
            && let Some(rewards_distribution) = call.address(0)
        {
            let log = StakingRewardsLog::RewardsDistributionSet { rewards_distribution };
            all.call(call, ProgrammeLog::StakingRewards(log));
        }
        Ok(())
    }
}

fn fund(all: &mut Told, arrived: Option<(&RawLog, tidemill_units::Amount)>) {
    if let Some((log, amount)) = arrived {
        all.push(log, ProgrammeLog::StakingRewards(StakingRewardsLog::Funded { amount }));
    }
}
