//! Balancer's gauges as one system: the emission of BAL, vote escrow, gauge controller, gauges and
//! minter, each call doing what the contracts do across each other.

mod minter;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256};

use crate::balancer_gauge::{
    BalancerDeposit, BalancerGauge, BalancerGaugeError, BalancerGaugeState, BalancerSources,
    BalancerWithdrawal, GaugeIdentity, RewardPayment, StakeTransfer,
};
use crate::curve_gauges::{Minter, MinterState};
use crate::gauge_controller::{GaugeController, GaugeControllerState, VoteFor, VotePower};
use crate::token_admin::TokenAdmin;
use crate::vote_escrow::VoteEscrowState;
use crate::{Account, StateError, VoteEscrow};

/// Emission, escrow, controller, gauges and minter. The parts can be used alone, too.
///
/// An operation that fails in one part leaves all of them as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGauges {
    /// The schedule of BAL.
    pub token_admin: TokenAdmin,
    /// All BAL there is.
    pub bal_supply: Amount,
    /// The escrow whose balances vote and boost.
    pub escrow: VoteEscrow,
    /// The controller. Balancer's does what Curve's does.
    pub controller: GaugeController,
    /// The minter.
    minter: Minter,
    gauges: BTreeMap<Account, BalancerGauge>,
}

/// Everything that determines what the system does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGaugesState {
    /// The schedule of BAL.
    pub token_admin: TokenAdmin,
    /// All BAL there is.
    pub bal_supply: Amount,
    /// The escrow.
    pub escrow: VoteEscrowState,
    /// The controller.
    pub controller: GaugeControllerState,
    /// The minter.
    pub minter: MinterState,
    /// The gauges, by address; none twice. The controller need not know them.
    pub gauges: Vec<BalancerGaugeState>,
}

type Error = BalancerGaugeError;

impl BalancerGauges {
    /// Returns a system without gauges, over so much BAL.
    pub fn deployed(
        token_admin: TokenAdmin,
        bal_supply: Amount,
        escrow: VoteEscrow,
        controller: GaugeController,
    ) -> Self {
        let (minter, gauges) = Default::default();
        Self { token_admin, bal_supply, escrow, controller, minter, gauges }
    }

    /// Returns the system in this state.
    ///
    /// Errors: the field that no system can have.
    pub fn new(state: &BalancerGaugesState) -> Result<Self, StateError> {
        let mut gauges = BTreeMap::new();
        for (index, gauge) in state.gauges.iter().enumerate() {
            let account = gauge.identity.account;
            if gauges.last_key_value().is_some_and(|(last, _)| *last >= account) {
                return Err(StateError::at("gauges", index, "sorted, none twice"));
            }
            gauges.insert(account, BalancerGauge::new(gauge)?);
        }
        Ok(Self {
            token_admin: state.token_admin,
            bal_supply: state.bal_supply,
            escrow: VoteEscrow::new(&state.escrow)?,
            controller: GaugeController::new(&state.controller)?,
            minter: Minter::new(&state.minter)?,
            gauges,
        })
    }

    /// Returns everything that determines what the system does.
    pub fn state(&self) -> BalancerGaugesState {
        BalancerGaugesState {
            token_admin: self.token_admin,
            bal_supply: self.bal_supply,
            escrow: self.escrow.state(),
            controller: self.controller.state(),
            minter: self.minter.state(),
            gauges: self.gauges.values().map(BalancerGauge::state).collect(),
        }
    }

    /// Returns the addresses of all gauges, ascending.
    pub fn gauges(&self) -> impl Iterator<Item = Account> {
        self.gauges.keys().copied()
    }

    /// Returns a gauge.
    pub fn gauge(&self, gauge: Account) -> Option<&BalancerGauge> {
        self.gauges.get(&gauge)
    }

    /// Returns a gauge for what concerns it alone: its reward tokens, allowances, cap and end.
    ///
    /// Errors: `UnknownGauge`.
    pub fn gauge_mut(&mut self, gauge: Account) -> Result<&mut BalancerGauge, Error> {
        self.gauges.get_mut(&gauge).ok_or(Error::UnknownGauge)
    }

    /// Returns the minter.
    pub fn minter(&self) -> &Minter {
        &self.minter
    }

    /// Creates a gauge, which the controller does not know yet.
    ///
    /// Errors: `KnownGauge`, and those of [`BalancerGauge::deployed`]. Source: `create` of
    /// `LiquidityGaugeFactory.sol`.
    pub fn deploy_gauge(
        &mut self,
        identity: GaugeIdentity,
        relative_weight_cap: U256,
        at: Timestamp,
    ) -> Result<(), Error> {
        if self.gauges.contains_key(&identity.account) {
            return Err(Error::KnownGauge);
        }
        let token_admin = &mut self.token_admin;
        let created = BalancerGauge::deployed(identity, relative_weight_cap, token_admin, at)?;
        self.gauges.insert(identity.account, created);
        Ok(())
    }

    /// Votes for a gauge with what the escrow says the account has.
    ///
    /// Errors: as [`GaugeController::vote_for_gauge_weights`].
    pub fn vote_for_gauge_weights(
        &mut self,
        voter: Account,
        vote: VoteFor,
        at: Timestamp,
    ) -> Result<(), Error> {
        let power = VotePower::of(&self.escrow, voter);
        Ok(self.controller.vote_for_gauge_weights(voter, vote, power, at)?)
    }

    /// Stakes shares. Errors: `UnknownGauge` and those of [`BalancerGauge::deposit`].
    pub fn deposit(
        &mut self,
        gauge: Account,
        deposit: BalancerDeposit,
        at: Timestamp,
    ) -> Result<Vec<RewardPayment>, Error> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.deposit(deposit, sources, at)
    }

    /// Unstakes shares. Errors: `UnknownGauge` and those of [`BalancerGauge::withdraw`].
    pub fn withdraw(
        &mut self,
        gauge: Account,
        withdrawal: BalancerWithdrawal,
        at: Timestamp,
    ) -> Result<Vec<RewardPayment>, Error> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.withdraw(withdrawal, sources, at)
    }

    /// Moves a stake. Errors: `UnknownGauge` and those of [`BalancerGauge::transfer`].
    pub fn transfer(
        &mut self,
        gauge: Account,
        transfer: StakeTransfer,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.transfer(transfer, sources, at)
    }

    /// Moves a stake by an allowance. Errors: `UnknownGauge` and those of
    /// [`BalancerGauge::transfer_from`].
    pub fn transfer_from(
        &mut self,
        spender: Account,
        gauge: Account,
        transfer: StakeTransfer,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.transfer_from(spender, transfer, sources, at)
    }

    /// Counts what an account has earned and sets its boost.
    ///
    /// Errors: `Unauthorized` for anybody else, and those of [`BalancerGauge::user_checkpoint`].
    pub fn user_checkpoint(
        &mut self,
        caller: Account,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (gauge, sources) = self.parts(gauge)?;
        if caller != account {
            return Err(Error::Unauthorized);
        }
        gauge.user_checkpoint(account, sources, at)
    }

    /// Takes away a boost that is no longer backed. Errors: those of [`BalancerGauge::kick`].
    pub fn kick(&mut self, gauge: Account, account: Account, at: Timestamp) -> Result<(), Error> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.kick(account, sources, at)
    }

    /// Counts what an account has earned, its boost left as it was, and returns what it could mint.
    ///
    /// Errors: `UnknownGauge`, those of [`BalancerGauge::checkpoint_only`]. Source:
    /// `claimable_tokens`, sent as a transaction, which anybody may do.
    pub fn claimable_tokens(
        &mut self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let minted = self.minter.minted(account, gauge);
        let (gauge, sources) = self.parts(gauge)?;
        let earned = gauge.checkpoint_only(account, sources, at)?;
        earned.checked_sub(minted).ok_or(Error::Underflow)
    }

    /// Returns what an account could mint now, and leaves everything as it was: `claimable_tokens`
    /// asked without a transaction. Errors as there.
    pub fn claimable(
        &mut self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let token_admin = self.token_admin;
        let undo = self.gauges.get(&gauge).map(|gauge| gauge.before([account; 2]));
        let mark = self.controller.hold();
        let answer = self.claimable_tokens(gauge, account, at);
        self.controller.release(mark, true);
        self.token_admin = token_admin;
        if let (Some(gauge), Some(undo)) = (self.gauges.get_mut(&gauge), undo) {
            gauge.restore(undo);
        }
        answer
    }

    /// Returns what an account could mint now, of a system that may only be looked at: the gauge
    /// and the controller are copied for the question. Errors as [`claimable`](Self::claimable).
    pub fn claimable_at(
        &self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let mut asked = self.gauges.get(&gauge).ok_or(Error::UnknownGauge)?.clone();
        let (mut token_admin, mut controller) = (self.token_admin, self.controller.clone());
        let sources = BalancerSources {
            token_admin: &mut token_admin,
            controller: &mut controller,
            escrow: &self.escrow,
        };
        let earned = asked.checkpoint_only(account, sources, at)?;
        earned.checked_sub(self.minter.minted(account, gauge)).ok_or(Error::Underflow)
    }

    fn parts(
        &mut self,
        gauge: Account,
    ) -> Result<(&mut BalancerGauge, BalancerSources<'_>), Error> {
        let gauge = self.gauges.get_mut(&gauge).ok_or(Error::UnknownGauge)?;
        let Self { token_admin, controller, escrow, .. } = self;
        Ok((gauge, BalancerSources { token_admin, controller, escrow }))
    }
}

#[cfg(test)]
mod tests;
