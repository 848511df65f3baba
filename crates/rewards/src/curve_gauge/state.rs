use std::collections::{BTreeMap, BTreeSet};

use tidemill_units::{Timestamp, U256};

use super::{CurveGauge, GaugePeriod, GaugeStake};
use crate::{Account, StateError};

/// Everything that determines what a gauge does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGaugeState {
    /// The gauge's own address.
    pub account: Account,
    /// When it was created, from which the boost warms up.
    pub created_at: Timestamp,
    /// What its checkpoints bring forward.
    pub period: GaugePeriod,
    /// Who has or had a stake; sorted, nobody twice.
    pub stakes: Vec<GaugeStakeState>,
    /// Who may deposit for whom; sorted, no pair twice.
    pub approvals: Vec<(Account, Account)>,
}

/// An account of a gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeStakeState {
    /// The account.
    pub account: Account,
    /// What it has staked and earned.
    pub stake: GaugeStake,
}

impl CurveGauge {
    /// Returns the gauge in this state.
    ///
    /// Errors: the field that no gauge can have.
    pub fn new(state: &CurveGaugeState) -> Result<Self, StateError> {
        let period = state.period;
        if period.at < state.created_at {
            return Err(StateError::of("period", "no time before created_at"));
        }
        let (mut staked, mut working) = (Some(U256::ZERO), Some(U256::ZERO));
        let mut stakes = BTreeMap::new();
        for (index, GaugeStakeState { account, stake }) in state.stakes.iter().enumerate() {
            if stakes.last_key_value().is_some_and(|(last, _)| *last >= *account) {
                return Err(StateError::at("stakes", index, "sorted, no account twice"));
            }
            let is_later = stake.integrate_inv_supply_of > period.integrate_inv_supply
                || stake.integrate_checkpoint_of > period.at;
            if stake.working_balance > stake.balance || is_later {
                let allowed = "a part of the balance that works, and integrals of the past";
                return Err(StateError::at("stakes", index, allowed));
            }
            staked = staked.and_then(|sum| sum.checked_add(stake.balance));
            working = working.and_then(|sum| sum.checked_add(stake.working_balance));
            stakes.insert(*account, *stake);
        }
        if staked != Some(period.total_supply) || working != Some(period.working_supply) {
            return Err(StateError::of("period", "the sums of the stakes"));
        }
        let approvals: BTreeSet<_> = state.approvals.iter().copied().collect();
        if !approvals.iter().eq(&state.approvals) {
            return Err(StateError::of("approvals", "sorted, no pair twice"));
        }
        let (account, created_at) = (state.account, state.created_at);
        Ok(Self { account, created_at, period, stakes, approvals })
    }

    /// Returns everything that determines what the gauge does.
    pub fn state(&self) -> CurveGaugeState {
        let stakes = self.stakes.iter();
        let stakes =
            stakes.map(|(account, stake)| GaugeStakeState { account: *account, stake: *stake });
        CurveGaugeState {
            account: self.account,
            created_at: self.created_at,
            period: self.period,
            stakes: stakes.collect(),
            approvals: self.approvals.iter().copied().collect(),
        }
    }
}
