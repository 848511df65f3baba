//! Uniswap's v3-staker: seconds in range of the pool's whole liquidity.

use std::collections::BTreeMap;

use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
    V3StakerError, V3StakerState,
};
use tidemill_units::{Amount, TickRange, Timestamp, U256};

use super::{Capture, Clock, Group, RangeProgramme, Seen, Stake};

const STAKER: Account = Account([0x57; 20]);
const MANAGER: Account = Account([0x3a; 20]);
const POOL: Account = Account([0x90; 20]);
const TOKEN: Account = Account([0x70; 20]);
const REFUNDEE: Account = Account([0x4e; 20]);

/// One incentive.
pub(crate) struct Staked {
    staker: V3Staker,
    key: IncentiveKey,
    positions: BTreeMap<TokenId, ManagedPosition>,
}

struct Reader<'a> {
    seen: Seen<'a>,
    positions: &'a BTreeMap<TokenId, ManagedPosition>,
}

impl PoolReader for Reader<'_> {
    fn position(&self, token_id: TokenId) -> Option<ManagedPosition> {
        self.positions.get(&token_id).copied()
    }

    fn seconds_per_liquidity_inside(&self, _: Account, range: TickRange) -> Option<U256> {
        let inside = self.seen.pool.snapshot_cumulatives_inside(self.seen.at, range).ok()?;
        Some(inside.seconds_per_liquidity)
    }
}

impl Staked {
    pub(crate) fn new(budget: Amount, lead_seconds: u64, clock: Clock) -> Result<Self, String> {
        let state =
            V3StakerState { staker: STAKER, position_manager: MANAGER, ..Default::default() };
        let mut staker = V3Staker::new(&state).map_err(|error| error.to_string())?;
        let key = IncentiveKey {
            reward_token: TOKEN,
            pool: POOL,
            start_time: clock.start,
            end_time: clock.end(),
            refundee: REFUNDEE,
        };
        let created = Timestamp(clock.start.0.saturating_sub(lead_seconds));
        staker.create_incentive(key, budget, created).map_err(|error| error.to_string())?;
        Ok(Self { staker, key, positions: BTreeMap::new() })
    }
}

fn token(stake: &Stake) -> TokenId {
    TokenId(U256::from(stake.id))
}

impl RangeProgramme for Staked {
    fn enter(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        let token_id = token(stake);
        let Stake { range, liquidity, group, .. } = *stake;
        self.positions.insert(token_id, ManagedPosition { pool: POOL, range, liquidity });
        let reader = Reader { seen, positions: &self.positions };
        let call = DepositCall { sender: MANAGER, from: group.account(), token_id };
        match self.staker.deposit(call, &[self.key], seen.at, &reader) {
            // Who comes in the last second is too late, as anybody is.
            Ok(()) | Err(V3StakerError::Ended) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn leave(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        let token_id = token(stake);
        if self.staker.number_of_stakes(token_id) == 0 {
            return Ok(());
        }
        let reader = Reader { seen, positions: &self.positions };
        let sender = stake.group.account();
        let call = StakeCall { sender, key: self.key, token_id };
        let mut unstaked = self.staker.unstake(call, seen.at, &reader);
        if unstaked == Err(V3StakerError::NoSecondsLeft) {
            // The contract divides by zero in this second, and no longer in the next.
            let next = Timestamp(seen.at.0.saturating_add(1));
            unstaked = self.staker.unstake(call, next, &reader);
        }
        unstaked.map_err(|error| error.to_string())?;
        let withdrawn = self.staker.withdraw(sender, token_id, sender);
        withdrawn.map_err(|error| error.to_string())?;
        self.positions.remove(&token_id);
        Ok(())
    }

    fn finish(&mut self, _: Seen<'_>) -> Result<Capture, String> {
        let claimable = |group: Group| (group, self.staker.claimable(TOKEN, group.account()));
        let paid = Group::ALL.map(claimable).to_vec();
        let returned = match self.staker.end_incentive(self.key, self.key.end_time) {
            Ok(refund) => refund.amount,
            Err(V3StakerError::NoRefund) => Amount::ZERO,
            Err(error) => return Err(error.to_string()),
        };
        Ok(Capture { paid, returned, ..Capture::default() })
    }
}
