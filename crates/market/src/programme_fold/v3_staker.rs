use std::collections::BTreeMap;

use tidemill_model::{Address, Bytes32, V3StakerLog};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
};
use tidemill_units::{Amount, Liquidity, TickRange, Timestamp, U256};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, ProgrammePools, TokenTotal, account, address, total};

/// A v3-staker with what its logs name incentives and positions by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3StakerFold {
    staker: V3Staker,
    position_manager: Account,
    keys: BTreeMap<Bytes32, IncentiveKey>,
    ranges: BTreeMap<TokenId, TickRange>,
}

/// What the staker reads at one log: the position that the log is about, and its pool.
struct Reader<'a> {
    pools: &'a dyn ProgrammePools,
    at: Timestamp,
    position: Option<ManagedPosition>,
}

impl PoolReader for Reader<'_> {
    fn position(&self, _token_id: TokenId) -> Option<ManagedPosition> {
        self.position
    }

    fn seconds_per_liquidity_inside(&self, pool: Account, range: TickRange) -> Option<U256> {
        self.pools.seconds_per_liquidity_inside(address(pool), range, self.at)
    }
}

/// The fields of a `DepositTransferred`.
struct Transfer {
    token_id: TokenId,
    old_owner: Address,
    new_owner: Address,
    range: Option<TickRange>,
}

impl V3StakerFold {
    pub(super) fn new(staker: V3Staker) -> Self {
        let state = staker.state();
        let keys = state.incentives.iter().map(|incentive| incentive.key);
        let ranges = state.deposits.iter().map(|deposit| (deposit.token_id, deposit.range));
        Self {
            position_manager: state.position_manager,
            keys: keys.map(|key| (Bytes32(key.id()), key)).collect(),
            ranges: ranges.collect(),
            staker,
        }
    }

    /// Returns the staker.
    pub fn staker(&self) -> &V3Staker {
        &self.staker
    }

    pub(crate) fn staker_mut(&mut self) -> &mut V3Staker {
        &mut self.staker
    }

    pub(super) fn apply(
        &mut self,
        log: &V3StakerLog,
        at: Timestamp,
        pools: &dyn ProgrammePools,
    ) -> Result<Option<Paid>, ProgrammeMismatch> {
        let with = Comparison { event: log.kind() };
        let mut reader = Reader { pools, at, position: None };
        match *log {
            V3StakerLog::IncentiveCreated {
                reward_token,
                pool,
                start_time,
                end_time,
                refundee,
                reward,
            } => {
                let [reward_token, pool, refundee] = [reward_token, pool, refundee].map(account);
                let key = IncentiveKey { reward_token, pool, start_time, end_time, refundee };
                let created = self.staker.create_incentive(key, reward, at);
                created.map_err(with.reverts())?;
                self.keys.insert(Bytes32(key.id()), key);
                Ok(None)
            }
            V3StakerLog::IncentiveEnded { incentive_id, refund } => {
                let key = self.key(incentive_id, with)?;
                let payment = self.staker.end_incentive(key, at).map_err(with.reverts())?;
                with.value("refund", payment.amount, refund)?;
                Ok(None)
            }
            V3StakerLog::DepositTransferred { token_id, old_owner, new_owner, range } => {
                let token_id = TokenId(token_id);
                let transfer = Transfer { token_id, old_owner, new_owner, range };
                self.transfer(&transfer, &mut reader, with).map(|()| None)
            }
            V3StakerLog::TokenStaked { token_id, incentive_id, liquidity } => {
                let call = self.stake_call(token_id, incentive_id, with)?;
                reader.position = self.position(call, liquidity);
                self.staker.stake(call, at, &reader).map_err(with.reverts())?;
                Ok(None)
            }
            V3StakerLog::TokenUnstaked { token_id, incentive_id } => {
                let call = self.stake_call(token_id, incentive_id, with)?;
                self.staker.unstake(call, at, &reader).map_err(with.reverts())?;
                Ok(None)
            }
            V3StakerLog::RewardClaimed { reward_token, owner, to, reward, requested } => {
                let [token, owner, to] = [reward_token, owner, to].map(account);
                let asked = requested.unwrap_or(reward);
                let payment = self.staker.claim(owner, token, to, asked);
                with.value("reward", payment.amount, reward)?;
                Ok(Some(Paid { token: Some(reward_token), amount: reward }))
            }
        }
    }

    fn key(&self, id: Bytes32, with: Comparison) -> Result<IncentiveKey, ProgrammeMismatch> {
        self.keys.get(&id).copied().ok_or_else(|| with.unknown("incentive_id", id))
    }

    /// The call of the deposit's owner; after the incentive's end anybody's does the same.
    fn stake_call(
        &self,
        token_id: U256,
        incentive_id: Bytes32,
        with: Comparison,
    ) -> Result<StakeCall, ProgrammeMismatch> {
        let (key, token_id) = (self.key(incentive_id, with)?, TokenId(token_id));
        let sender = self.staker.owner(token_id);
        let sender = sender.ok_or_else(|| with.unknown("token_id", token_id))?;
        Ok(StakeCall { sender, key, token_id })
    }

    fn position(&self, call: StakeCall, liquidity: Liquidity) -> Option<ManagedPosition> {
        let range = self.ranges.get(&call.token_id)?;
        Some(ManagedPosition { pool: call.key.pool, range: *range, liquidity })
    }

    fn transfer(
        &mut self,
        transfer: &Transfer,
        reader: &mut Reader<'_>,
        with: Comparison,
    ) -> Result<(), ProgrammeMismatch> {
        const NOBODY: Address = Address([0; 20]);
        let Transfer { token_id, old_owner, new_owner, range } = *transfer;
        if old_owner == NOBODY {
            let range = range.ok_or_else(|| with.fields("is a deposit without its ticks"))?;
            // A deposit asks for the ticks alone.
            let (pool, liquidity) = (Account::default(), Liquidity::default());
            reader.position = Some(ManagedPosition { pool, range, liquidity });
            let (sender, from) = (self.position_manager, account(new_owner));
            let call = DepositCall { sender, from, token_id };
            let deposited = self.staker.deposit(call, &[], reader.at, reader);
            deposited.map_err(with.reverts())?;
            self.ranges.insert(token_id, range);
            return Ok(());
        }
        if range.is_some() {
            return Err(with.fields("has ticks, which only a deposit has"));
        }
        let owner = self.staker.owner(token_id);
        let owner = owner.ok_or_else(|| with.unknown("token_id", token_id))?;
        with.value("old_owner", address(owner), old_owner)?;
        if new_owner == NOBODY {
            // Where the position goes is the position manager's to log.
            let withdrawn = self.staker.withdraw(owner, token_id, owner);
            withdrawn.map_err(with.reverts())?;
            self.ranges.remove(&token_id);
            return Ok(());
        }
        let transferred = self.staker.transfer_deposit(owner, token_id, account(new_owner));
        transferred.map_err(with.reverts())
    }

    /// The liquidity of all stakes together.
    pub(super) fn staked(&self) -> Vec<TokenTotal> {
        let stakes = self.staker.state().stakes;
        let liquidity = stakes.iter().map(|stake| Amount::from_u128(stake.liquidity.0));
        vec![TokenTotal { token: None, amount: total(liquidity) }]
    }

    /// What is booked for somebody; what running stakes have earned is not.
    pub(super) fn unclaimed(&self) -> Vec<TokenTotal> {
        let mut by_token: BTreeMap<Address, Vec<Amount>> = BTreeMap::new();
        for reward in self.staker.state().rewards {
            by_token.entry(address(reward.reward_token)).or_default().push(reward.amount);
        }
        let totals = by_token.into_iter();
        let totals = totals.map(|(token, amounts)| TokenTotal {
            token: Some(token),
            amount: total(amounts.into_iter()),
        });
        totals.collect()
    }
}
