//! Curve's gauges as one system: token, vote escrow, gauge controller, gauges and minter, each call
//! doing what the contracts do across each other.

mod minter;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use crate::crv_emission::CrvEmission;
use crate::curve_gauge::{
    CurveGauge, CurveGaugeError, CurveGaugeState, GaugeSources, StakeDeposit,
};
use crate::gauge_controller::{GaugeController, GaugeControllerState, VoteFor, VotePower};
use crate::vote_escrow::VoteEscrowState;
use crate::{Account, StateError, VoteEscrow};

pub use minter::{MintedState, Minter, MinterState};

/// Token, escrow, controller, gauges and minter. The parts can be used alone, too.
///
/// An operation that fails in one part leaves all of them as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGauges {
    /// The token's emission.
    pub token: CrvEmission,
    /// The escrow whose balances vote and boost.
    pub escrow: VoteEscrow,
    /// The controller.
    pub controller: GaugeController,
    /// The minter.
    minter: Minter,
    gauges: BTreeMap<Account, CurveGauge>,
}

/// Everything that determines what the system does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGaugesState {
    /// The token's emission.
    pub token: CrvEmission,
    /// The escrow.
    pub escrow: VoteEscrowState,
    /// The controller.
    pub controller: GaugeControllerState,
    /// The minter.
    pub minter: MinterState,
    /// The gauges, by address; none twice. The controller need not know them.
    pub gauges: Vec<CurveGaugeState>,
}

/// Shares to be staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeDeposit {
    /// The gauge.
    pub gauge: Account,
    /// Whose stake they become.
    pub recipient: Account,
    /// Raw units of the pool's shares; the caller pays them.
    pub value: Amount,
}

impl CurveGauges {
    /// Returns a system without gauges.
    pub fn deployed(token: CrvEmission, escrow: VoteEscrow, controller: GaugeController) -> Self {
        Self { token, escrow, controller, minter: Minter::default(), gauges: BTreeMap::new() }
    }

    /// Returns the system in this state.
    ///
    /// Errors: the field that no system can have.
    pub fn new(state: &CurveGaugesState) -> Result<Self, StateError> {
        let mut gauges = BTreeMap::new();
        for (index, gauge) in state.gauges.iter().enumerate() {
            if gauges.last_key_value().is_some_and(|(last, _)| *last >= gauge.account) {
                return Err(StateError::at("gauges", index, "sorted, none twice"));
            }
            gauges.insert(gauge.account, CurveGauge::new(gauge)?);
        }
        Ok(Self {
            token: state.token.checked()?,
            escrow: VoteEscrow::new(&state.escrow)?,
            controller: GaugeController::new(&state.controller)?,
            minter: Minter::new(&state.minter)?,
            gauges,
        })
    }

    /// Returns everything that determines what the system does.
    pub fn state(&self) -> CurveGaugesState {
        CurveGaugesState {
            token: self.token,
            escrow: self.escrow.state(),
            controller: self.controller.state(),
            minter: self.minter.state(),
            gauges: self.gauges.values().map(CurveGauge::state).collect(),
        }
    }

    /// Returns the addresses of all gauges, ascending.
    pub fn gauges(&self) -> impl Iterator<Item = Account> {
        self.gauges.keys().copied()
    }

    /// Returns a gauge.
    pub fn gauge(&self, gauge: Account) -> Option<&CurveGauge> {
        self.gauges.get(&gauge)
    }

    /// Returns the minter.
    pub fn minter(&self) -> &Minter {
        &self.minter
    }

    /// Creates a gauge, which the controller does not know yet.
    ///
    /// Errors: `KnownGauge`, `Token`. Source: the constructor of `LiquidityGauge.vy`.
    pub fn deploy_gauge(&mut self, gauge: Account, at: Timestamp) -> Result<(), CurveGaugeError> {
        if self.gauges.contains_key(&gauge) {
            return Err(CurveGaugeError::KnownGauge);
        }
        let created = CurveGauge::deployed(gauge, &mut self.token, at)?;
        self.gauges.insert(gauge, created);
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
    ) -> Result<(), CurveGaugeError> {
        let power = VotePower::of(&self.escrow, voter);
        Ok(self.controller.vote_for_gauge_weights(voter, vote, power, at)?)
    }

    /// Stakes shares. Errors: `UnknownGauge` and those of [`CurveGauge::deposit`].
    pub fn deposit(
        &mut self,
        caller: Account,
        deposit: GaugeDeposit,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let GaugeDeposit { gauge, recipient, value } = deposit;
        let (gauge, sources) = self.parts(gauge)?;
        gauge.deposit(StakeDeposit { caller, recipient, value }, sources, at)
    }

    /// Unstakes shares. Errors: `UnknownGauge` and those of [`CurveGauge::withdraw`].
    pub fn withdraw(
        &mut self,
        account: Account,
        gauge: Account,
        value: Amount,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.withdraw(account, value, sources, at)
    }

    /// Lets an account deposit for `recipient`, or no longer.
    ///
    /// Errors: `UnknownGauge`. Source: `set_approve_deposit`.
    pub fn set_approve_deposit(
        &mut self,
        recipient: Account,
        gauge: Account,
        caller: Account,
        is_allowed: bool,
    ) -> Result<(), CurveGaugeError> {
        let (gauge, _) = self.parts(gauge)?;
        gauge.set_approve_deposit(recipient, caller, is_allowed);
        Ok(())
    }

    /// Counts what an account has earned and sets its boost.
    ///
    /// Errors: `Unauthorized` for anybody else, and those of [`CurveGauge::user_checkpoint`].
    pub fn user_checkpoint(
        &mut self,
        caller: Account,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let (gauge, sources) = self.parts(gauge)?;
        if caller != account {
            return Err(CurveGaugeError::Unauthorized);
        }
        gauge.user_checkpoint(account, sources, at)
    }

    /// Takes away a boost that is no longer backed. Errors: those of [`CurveGauge::kick`].
    pub fn kick(
        &mut self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let (gauge, sources) = self.parts(gauge)?;
        gauge.kick(account, sources, at)
    }

    /// Counts what an account has earned, its boost left as it was, and returns what it could mint.
    ///
    /// Errors: `UnknownGauge`, those of [`CurveGauge::checkpoint_only`]. Source:
    /// `claimable_tokens`, sent as a transaction, which anybody may do.
    pub fn claimable_tokens(
        &mut self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        let minted = self.minter.minted(account, gauge);
        let (gauge, sources) = self.parts(gauge)?;
        let earned = gauge.checkpoint_only(account, sources, at)?;
        // What was minted was earned before, and nothing is ever taken back.
        Ok(earned.checked_sub(minted).unwrap_or_default())
    }

    /// Returns what an account could mint now, and leaves everything as it was: `claimable_tokens`
    /// asked without a transaction. Errors as there.
    pub fn claimable(
        &mut self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        let token = self.token;
        let undo = self.gauges.get(&gauge).map(|gauge| gauge.before(account));
        let mark = self.controller.hold();
        let answer = self.claimable_tokens(gauge, account, at);
        self.controller.release(mark, true);
        self.token = token;
        if let (Some(gauge), Some(undo)) = (self.gauges.get_mut(&gauge), undo) {
            gauge.restore(undo);
        }
        answer
    }

    /// Returns what an account could mint now, of a system that may only be looked at: the
    /// controller is copied for the question. Errors as [`claimable`](Self::claimable).
    pub fn claimable_at(
        &self,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        let asked = self.gauges.get(&gauge).ok_or(CurveGaugeError::UnknownGauge)?;
        let (mut token, mut controller) = (self.token, self.controller.clone());
        let sources =
            GaugeSources { token: &mut token, controller: &mut controller, escrow: &self.escrow };
        let earned = asked.earned_by(account, sources, at)?;
        Ok(earned.checked_sub(self.minter.minted(account, gauge)).unwrap_or_default())
    }

    fn parts(
        &mut self,
        gauge: Account,
    ) -> Result<(&mut CurveGauge, GaugeSources<'_>), CurveGaugeError> {
        let gauge = self.gauges.get_mut(&gauge).ok_or(CurveGaugeError::UnknownGauge)?;
        let Self { token, controller, escrow, .. } = self;
        Ok((gauge, GaugeSources { token, controller, escrow }))
    }
}

#[cfg(test)]
mod tests;
