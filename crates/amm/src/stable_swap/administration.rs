use tidemill_units::{Timestamp, TokenAmounts};

use super::{Generation, MAX_A, MAX_FEE, StableSwap, StableSwapError};
use crate::curve_math::{LEAST_RAMP, MOST_CHANGE};

/// How long new parameters wait, in seconds (`ADMIN_ACTIONS_DELAY`).
pub const ADMIN_ACTIONS_DELAY: u64 = 3 * 86_400;
/// How long a ramp lasts at least, and how far the starts of two are apart (`MIN_RAMP_TIME`).
pub const MIN_RAMP_TIME: u64 = LEAST_RAMP;
/// How many times larger or smaller a ramp can make the amplification (`MAX_A_CHANGE`).
pub const MAX_A_CHANGE: u64 = MOST_CHANGE;

/// Parameters of the first generation that wait three days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewParameters {
    /// The amplification.
    pub amplification: u64,
    /// The fees.
    pub fees: NewFees,
}

/// Fees that wait three days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFees {
    /// The fee of exchanges, in 10^-10.
    pub fee: u64,
    /// The administrator's part of it, in 10^-10.
    pub admin_fee: u64,
}

/// A change of the amplification over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// The amplification to arrive at, in whole units.
    pub future_a: u64,
    /// When.
    pub future_time: Timestamp,
}

/// The administrator's calls; that it is the administrator who calls is not checked here.
impl StableSwap {
    /// Lets new parameters wait for three days.
    ///
    /// Errors: `NotInGeneration` but for the first; `WrongActionState` where others wait;
    /// `ParameterOutOfBounds`; `Overflow` of the clock.
    /// Source: `commit_new_parameters` of StableSwapSUSD.vy.
    pub fn commit_new_parameters(
        &mut self,
        new: NewParameters,
        at: Timestamp,
    ) -> Result<(), StableSwapError> {
        if self.generation != Generation::V0 {
            return Err(StableSwapError::NotInGeneration);
        }
        let deadline = self.check_commit(new.fees, at)?;
        if new.amplification > MAX_A {
            return Err(StableSwapError::ParameterOutOfBounds);
        }
        self.future_a = new.amplification;
        self.commit(new.fees, deadline);
        Ok(())
    }

    /// Lets new fees wait for three days.
    ///
    /// Errors: `NotInGeneration` for the first; else as `commit_new_parameters`.
    /// Source: `commit_new_fee` of StableSwap3Pool.vy and SwapTemplateBase.vy.
    pub fn commit_new_fee(&mut self, new: NewFees, at: Timestamp) -> Result<(), StableSwapError> {
        self.check_later_generation()?;
        let deadline = self.check_commit(new, at)?;
        self.commit(new, deadline);
        Ok(())
    }

    /// Applies what waited.
    ///
    /// Errors: `TooEarly`; `WrongActionState` where nothing waits.
    /// Source: `apply_new_parameters`, `apply_new_fee`.
    pub fn apply_new_parameters(&mut self, at: Timestamp) -> Result<(), StableSwapError> {
        if at < self.admin_actions_deadline {
            return Err(StableSwapError::TooEarly);
        }
        if self.admin_actions_deadline == Timestamp(0) {
            return Err(StableSwapError::WrongActionState);
        }
        self.admin_actions_deadline = Timestamp(0);
        self.fee = self.future_fee;
        self.admin_fee = self.future_admin_fee;
        if self.generation == Generation::V0 {
            self.initial_a = self.future_a;
        }
        Ok(())
    }

    /// Drops what waits, if anything does (`revert_new_parameters`).
    pub fn revert_new_parameters(&mut self) {
        self.admin_actions_deadline = Timestamp(0);
    }

    /// Starts to move the amplification.
    ///
    /// Errors: `NotInGeneration` for the first; `TooEarly` within a day of the last start;
    /// `ParameterOutOfBounds`; `RampTooSteep`; `Underflow` before the last start; `Overflow` of the
    /// clock. Source: `ramp_A`.
    pub fn ramp_a(&mut self, ramp: Ramp, at: Timestamp) -> Result<(), StableSwapError> {
        self.check_later_generation()?;
        let parts = self.generation.amplification_precision();
        let next = self.ramp().to(ramp.future_a, parts, ramp.future_time.0, at.0)?;
        self.set_ramp(next);
        Ok(())
    }

    /// Stops the amplification where it is.
    ///
    /// Errors: `NotInGeneration` for the first; `Underflow` before the start of the ramp.
    /// Source: `stop_ramp_A`.
    pub fn stop_ramp_a(&mut self, at: Timestamp) -> Result<(), StableSwapError> {
        self.check_later_generation()?;
        self.set_ramp(self.ramp().stopped(at.0)?);
        Ok(())
    }

    fn set_ramp(&mut self, ramp: crate::curve_math::Ramp) {
        self.initial_a = ramp.from;
        self.future_a = ramp.to;
        self.initial_a_time = Timestamp(ramp.starts);
        self.future_a_time = Timestamp(ramp.ends);
    }

    /// Pays out, and returns, what the pool holds beyond its balances (`withdraw_admin_fees`).
    pub fn withdraw_admin_fees(&mut self) -> TokenAmounts {
        let paid = self.admin_balances();
        self.holdings = self.balances;
        paid
    }

    /// Makes what the pool holds its balances, to the providers' gain.
    ///
    /// Errors: `NotInGeneration` for the first. Source: `donate_admin_fees`.
    pub fn donate_admin_fees(&mut self) -> Result<(), StableSwapError> {
        self.check_later_generation()?;
        self.balances = self.holdings;
        Ok(())
    }

    /// Stops everything but proportional withdrawals.
    ///
    /// Errors: `KillDeadlinePassed` from two months after the start. Source: `kill_me`.
    pub fn kill_me(&mut self, at: Timestamp) -> Result<(), StableSwapError> {
        if self.kill_deadline <= at {
            return Err(StableSwapError::KillDeadlinePassed);
        }
        self.is_killed = true;
        Ok(())
    }

    /// Lets everything work again (`unkill_me`).
    pub fn unkill_me(&mut self) {
        self.is_killed = false;
    }

    fn check_later_generation(&self) -> Result<(), StableSwapError> {
        match self.generation {
            Generation::V0 => Err(StableSwapError::NotInGeneration),
            Generation::V1 | Generation::V2 => Ok(()),
        }
    }

    /// Returns the deadline of new fees that may be committed.
    fn check_commit(&self, new: NewFees, at: Timestamp) -> Result<Timestamp, StableSwapError> {
        if self.admin_actions_deadline != Timestamp(0) {
            return Err(StableSwapError::WrongActionState);
        }
        if new.fee > MAX_FEE || new.admin_fee > self.generation.max_admin_fee() {
            return Err(StableSwapError::ParameterOutOfBounds);
        }
        let deadline = at.0.checked_add(ADMIN_ACTIONS_DELAY);
        deadline.map(Timestamp).ok_or(StableSwapError::Overflow)
    }

    fn commit(&mut self, new: NewFees, deadline: Timestamp) {
        self.admin_actions_deadline = deadline;
        self.future_fee = new.fee;
        self.future_admin_fee = new.admin_fee;
    }
}
