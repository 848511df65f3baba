use std::collections::BTreeMap;

use tidemill_units::{Amount, U256};

use super::{
    BalancerGauge, ExtraRewards, GaugeIdentity, MOST_REWARDS, RewardClaim, RewardStream, Staker,
    check_cap,
};
use crate::curve_gauge::{GaugePeriod, GaugeStake};
use crate::{Account, StateError};

/// Everything that determines what a gauge does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGaugeState {
    /// What never changes of it.
    pub identity: GaugeIdentity,
    /// The share of the emission that counts at most, in 1e-18; at most 10^18.
    pub relative_weight_cap: U256,
    /// Whether it gets no emission.
    pub is_killed: bool,
    /// What its checkpoints bring forward.
    pub period: GaugePeriod,
    /// Who has or had a stake or rewards; sorted, nobody twice.
    pub stakes: Vec<BalancerStakeState>,
    /// At most eight reward tokens, in the order in which they were added; none twice.
    pub rewards: Vec<RewardStream>,
    /// What the gauge has of tokens; sorted, none twice.
    pub held: Vec<HeldState>,
    /// Who may move whose stake; sorted, no pair twice, none of nothing.
    pub allowances: Vec<AllowanceState>,
    /// Where rewards go; sorted by account, nobody twice.
    pub receivers: Vec<ReceiverState>,
}

/// An account of a gauge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerStakeState {
    /// The account.
    pub account: Account,
    /// What it has staked and earned of the emission.
    pub stake: GaugeStake,
    /// Its part of the first reward tokens, in their order.
    pub rewards: Vec<RewardClaim>,
}

/// What a gauge has of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldState {
    /// The token.
    pub token: Account,
    /// Raw units.
    pub amount: Amount,
}

/// What a spender may move of an owner's stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowanceState {
    /// Whose stake.
    pub owner: Account,
    /// Who may move it.
    pub spender: Account,
    /// Raw units of the gauge's token, more than none; 2^256 - 1 never shrinks.
    pub amount: Amount,
}

/// Where an account's rewards go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverState {
    /// The account.
    pub account: Account,
    /// Who receives them; not the zero address.
    pub receiver: Account,
}

impl BalancerGauge {
    /// Returns the gauge in this state.
    ///
    /// Errors: the field that no gauge can have.
    pub fn new(state: &BalancerGaugeState) -> Result<Self, StateError> {
        if check_cap(state.relative_weight_cap).is_err() {
            return Err(StateError::of("relative_weight_cap", "0 to 1000000000000000000"));
        }
        check_rewards(&state.rewards)?;
        let stakers = stakers(state)?;
        let mut held = BTreeMap::new();
        for (index, HeldState { token, amount }) in state.held.iter().enumerate() {
            insert("held", index, &mut held, (*token, *amount))?;
        }
        let mut allowances = BTreeMap::new();
        for (index, entry) in state.allowances.iter().enumerate() {
            if entry.amount.is_zero() {
                return Err(StateError::at("allowances", index, "an amount of 1 or more"));
            }
            let entry = ((entry.owner, entry.spender), entry.amount.0);
            insert("allowances", index, &mut allowances, entry)?;
        }
        let mut receivers = BTreeMap::new();
        for (index, ReceiverState { account, receiver }) in state.receivers.iter().enumerate() {
            if *receiver == Account::default() {
                return Err(StateError::at("receivers", index, "no zero address"));
            }
            insert("receivers", index, &mut receivers, (*account, *receiver))?;
        }
        Ok(Self {
            identity: state.identity,
            relative_weight_cap: state.relative_weight_cap,
            is_killed: state.is_killed,
            period: state.period,
            stakers,
            extra: ExtraRewards { streams: state.rewards.clone(), held },
            allowances,
            receivers,
        })
    }

    /// Returns everything that determines what the gauge does.
    pub fn state(&self) -> BalancerGaugeState {
        let stakes = self.stakers.iter().map(|(account, staker)| BalancerStakeState {
            account: *account,
            stake: staker.stake,
            rewards: staker.rewards.clone(),
        });
        let held = self.extra.held.iter();
        let held = held.map(|(token, amount)| HeldState { token: *token, amount: *amount });
        let allowances = self.allowances.iter().map(|((owner, spender), amount)| AllowanceState {
            owner: *owner,
            spender: *spender,
            amount: Amount(*amount),
        });
        let receivers = self
            .receivers
            .iter()
            .map(|(account, receiver)| ReceiverState { account: *account, receiver: *receiver });
        BalancerGaugeState {
            identity: self.identity,
            relative_weight_cap: self.relative_weight_cap,
            is_killed: self.is_killed,
            period: self.period,
            stakes: stakes.collect(),
            rewards: self.extra.streams.clone(),
            held: held.collect(),
            allowances: allowances.collect(),
            receivers: receivers.collect(),
        }
    }
}

fn check_rewards(rewards: &[RewardStream]) -> Result<(), StateError> {
    if rewards.len() > MOST_REWARDS {
        return Err(StateError::of("rewards", "at most 8"));
    }
    for (index, stream) in rewards.iter().enumerate() {
        let before = rewards.get(..index).unwrap_or_default();
        if before.iter().any(|other| other.token == stream.token) {
            return Err(StateError::at("rewards", index, "no token twice"));
        }
        if stream.distributor == Account::default() {
            return Err(StateError::at("rewards", index, "a distributor, not the zero address"));
        }
        if stream.last_update > stream.period_finish {
            return Err(StateError::at("rewards", index, "no update after the period's finish"));
        }
    }
    Ok(())
}

fn stakers(state: &BalancerGaugeState) -> Result<BTreeMap<Account, Staker>, StateError> {
    let period = &state.period;
    let (mut staked, mut working) = (Some(U256::ZERO), Some(U256::ZERO));
    let mut stakers = BTreeMap::new();
    for (index, entry) in state.stakes.iter().enumerate() {
        let BalancerStakeState { account, stake, rewards } = entry;
        let is_later = stake.integrate_inv_supply_of > period.integrate_inv_supply
            || stake.integrate_checkpoint_of > period.at;
        if stake.working_balance > stake.balance || is_later {
            let allowed = "a part of the balance that works, and integrals of the past";
            return Err(StateError::at("stakes", index, allowed));
        }
        if rewards.len() > state.rewards.len() {
            return Err(StateError::at("stakes", index, "no more rewards than reward tokens"));
        }
        let half = U256::from(u128::MAX);
        let is_kept = rewards.iter().zip(&state.rewards).all(|(claim, stream)| {
            let fits = claim.claimable.0 <= half && claim.claimed.0 <= half;
            fits && claim.integral_for <= stream.integral
        });
        if !is_kept {
            let allowed = "rewards below 2^128, and integrals of the past";
            return Err(StateError::at("stakes", index, allowed));
        }
        staked = staked.and_then(|sum| sum.checked_add(stake.balance));
        working = working.and_then(|sum| sum.checked_add(stake.working_balance));
        let staker = Staker { stake: *stake, rewards: rewards.clone() };
        insert("stakes", index, &mut stakers, (*account, staker))?;
    }
    if staked != Some(period.total_supply) || working != Some(period.working_supply) {
        return Err(StateError::of("period", "the sums of the stakes"));
    }
    Ok(stakers)
}

fn insert<K: Ord, V>(
    name: &'static str,
    index: usize,
    map: &mut BTreeMap<K, V>,
    (key, value): (K, V),
) -> Result<(), StateError> {
    if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
        return Err(StateError::at(name, index, "sorted, none twice"));
    }
    map.insert(key, value);
    Ok(())
}
