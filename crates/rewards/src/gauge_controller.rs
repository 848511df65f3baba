//! Gauge controller: votes of an escrow's holders decide, from one week to the next, which gauge
//! gets what share of the emission.
//!
//! Weights are lines that fall as the votes behind them decay, kept week by week: for each gauge,
//! for the sum of each type, and in total with the types' own weights. Whatever happens in a week
//! counts from the beginning of the next.

mod error;
mod facts;
mod line;
mod state;
mod votes;

use std::collections::BTreeMap;

use tidemill_units::{Timestamp, U256};

use crate::Account;
use crate::week::{WEEK, week_start};

pub use error::GaugeControllerError;
pub use facts::FACTS;
pub use line::WeightPoint;
pub use state::{
    GaugeControllerState, GaugeVoteState, GaugeVoterState, GaugeWeightState, LineState, StepsState,
    TypeWeightState,
};
pub use votes::{GaugeVote, VoteFor, VotePower};

use GaugeControllerError::{Overflow, Underflow, UnknownType};
use line::{Line, Steps};

/// A share of one, in the units of relative weights (`MULTIPLIER`).
pub const RELATIVE_ONE: u64 = 1_000_000_000_000_000_000;
/// Seconds that a voter waits between two votes for the same gauge (`WEIGHT_VOTE_DELAY`).
pub const VOTE_DELAY: u64 = 864_000;
/// All the votes an account has, in the units of its votes (basis points).
pub const VOTE_POWER: u64 = 10_000;

/// Types that the total is made of at most, though more can be added.
const MOST_TYPES: u64 = 100;
/// Types the contract has room for: past them its lists end.
const TYPE_ROOM: u64 = 1_000_000_000;

/// A controller: types of gauges, gauges, their weights week by week, and who voted for what.
///
/// Source: Curve `GaugeController.vy` (Vyper 0.2.4), without the transfer of its ownership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeController {
    admin: Account,
    type_count: u64,
    gauges: Vec<Gauge>,
    index: BTreeMap<Account, usize>,
    types: BTreeMap<u64, GaugeType>,
    total: Steps,
    voters: BTreeMap<Account, Voter>,
    journal: Vec<Undo>,
    /// Operations under way, one inside the other, of which each may yet fail.
    depth: u32,
}

/// A gauge and its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gauge {
    account: Account,
    gauge_type: u64,
    line: Line,
}

/// A type: its own weight, and the sum of its gauges' weights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct GaugeType {
    sum: Line,
    weight: Steps,
}

/// What an account has voted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Voter {
    power: u64,
    votes: BTreeMap<Account, GaugeVote>,
}

/// Whose line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineOf {
    Gauge(usize),
    Type(u64),
}

/// Whose steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepsOf {
    Type(u64),
    Total,
}

/// What a cell was before it was written, so that an operation that fails can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Undo {
    Point { line: LineOf, week: u64, before: Option<WeightPoint> },
    Change { line: LineOf, week: u64, before: Option<U256> },
    LineFilled { line: LineOf, before: u64 },
    Step { steps: StepsOf, week: u64, before: Option<U256> },
    StepsFilled { steps: StepsOf, before: u64 },
}

type Done = Result<(), GaugeControllerError>;
type Word = Result<U256, GaugeControllerError>;

impl GaugeController {
    /// Returns a controller as its constructor leaves it: no types, no gauges.
    pub fn deployed(admin: Account, at: Timestamp) -> Self {
        Self {
            admin,
            type_count: 0,
            gauges: Vec::new(),
            index: BTreeMap::new(),
            types: BTreeMap::new(),
            total: Steps { values: BTreeMap::new(), filled_to: week_start(at.0) },
            voters: BTreeMap::new(),
            journal: Vec::new(),
            depth: 0,
        }
    }

    /// Returns who may add types and gauges and set weights.
    pub fn admin(&self) -> Account {
        self.admin
    }

    /// Returns how many types were added (`n_gauge_types`).
    pub fn type_count(&self) -> u64 {
        self.type_count
    }

    /// Returns the gauges in the order in which they were added.
    pub fn gauges(&self) -> impl ExactSizeIterator<Item = Account> + '_ {
        self.gauges.iter().map(|gauge| gauge.account)
    }

    /// Returns the type of a gauge (`gauge_types`).
    ///
    /// Errors: `UnknownGauge`, without a reason string here.
    pub fn gauge_type(&self, gauge: Account) -> Result<u64, GaugeControllerError> {
        let index = self.index_of(gauge).ok_or(GaugeControllerError::UnknownGauge)?;
        Ok(self.gauges.get(index).map_or(0, |gauge| gauge.gauge_type))
    }

    /// Adds a type with a weight, which counts from next week on; returns its id.
    ///
    /// Errors: `NotAdmin`, `Overflow`, `Underflow`. Source: `add_type`.
    pub fn add_type(
        &mut self,
        caller: Account,
        weight: U256,
        at: Timestamp,
    ) -> Result<u64, GaugeControllerError> {
        self.check_admin(caller)?;
        let id = self.type_count;
        let next = id.checked_add(1).ok_or(Overflow)?;
        self.type_count = next;
        if !weight.is_zero() {
            let set = self.atomically(|controller| controller.set_type_weight(id, weight, at.0));
            if let Err(error) = set {
                self.type_count = id;
                return Err(error);
            }
        }
        Ok(id)
    }

    /// Adds a gauge, with a weight of its own that counts from next week on and never decays.
    ///
    /// Errors: `NotAdmin`, `UnknownType`, `KnownGauge`, `Overflow`, `Underflow`.
    /// Source: `add_gauge`.
    pub fn add_gauge(
        &mut self,
        caller: Account,
        gauge: NewGauge,
        at: Timestamp,
    ) -> Result<(), GaugeControllerError> {
        self.check_admin(caller)?;
        let NewGauge { account, gauge_type, weight } = gauge;
        if gauge_type >= self.type_count {
            return Err(UnknownType);
        }
        if self.index.contains_key(&account) {
            return Err(GaugeControllerError::KnownGauge);
        }
        let next = next_week(at.0)?;
        let mut line = Line { filled_to: next, ..Line::default() };
        self.atomically(|controller| {
            if !weight.is_zero() {
                let type_weight = controller.fill_type_weight(gauge_type, at.0)?;
                let sum = controller.fill_line(LineOf::Type(gauge_type), at.0)?;
                let total = controller.fill_total(at.0)?;
                let sum = weight.checked_add(sum).ok_or(Overflow)?;
                controller.set_bias(LineOf::Type(gauge_type), next, sum);
                controller.set_line_filled(LineOf::Type(gauge_type), next);
                let added = type_weight.checked_mul(weight).ok_or(Overflow)?;
                let total = total.checked_add(added).ok_or(Overflow)?;
                controller.set_step(StepsOf::Total, next, total);
                controller.set_steps_filled(StepsOf::Total, next);
                line.points.insert(next, WeightPoint { bias: weight, slope: U256::ZERO });
            }
            if controller.line(LineOf::Type(gauge_type)).is_none_or(|line| line.filled_to == 0) {
                controller.set_line_filled(LineOf::Type(gauge_type), next);
            }
            Ok(())
        })?;
        self.index.insert(account, self.gauges.len());
        self.gauges.push(Gauge { account, gauge_type, line });
        Ok(())
    }

    /// Sets the weight of a type from next week on, also of one that is not added yet.
    ///
    /// Errors: `NotAdmin`, `UnknownType` past a thousand million, `Overflow`, `Underflow`.
    /// Source: `change_type_weight`.
    pub fn change_type_weight(
        &mut self,
        caller: Account,
        type_id: u64,
        weight: U256,
        at: Timestamp,
    ) -> Result<(), GaugeControllerError> {
        self.check_admin(caller)?;
        self.atomically(|controller| controller.set_type_weight(type_id, weight, at.0))
    }

    /// Sets the weight of a gauge from next week on. The votes behind it go on decaying.
    ///
    /// Errors: `NotAdmin`, `UnknownGauge`, `Overflow`, `Underflow`. Source: `change_gauge_weight`.
    pub fn change_gauge_weight(
        &mut self,
        caller: Account,
        gauge: Account,
        weight: U256,
        at: Timestamp,
    ) -> Result<(), GaugeControllerError> {
        self.check_admin(caller)?;
        let index = self.index_of(gauge).ok_or(GaugeControllerError::UnknownGauge)?;
        let gauge_type = self.gauge_type(gauge)?;
        self.atomically(|controller| {
            let old_weight = controller.fill_line(LineOf::Gauge(index), at.0)?;
            let type_weight = controller.fill_type_weight(gauge_type, at.0)?;
            let old_sum = controller.fill_line(LineOf::Type(gauge_type), at.0)?;
            let total = controller.fill_total(at.0)?;
            let next = next_week(at.0)?;
            controller.set_bias(LineOf::Gauge(index), next, weight);
            controller.set_line_filled(LineOf::Gauge(index), next);
            let sum = plus_less(old_sum, weight, old_weight)?;
            controller.set_bias(LineOf::Type(gauge_type), next, sum);
            controller.set_line_filled(LineOf::Type(gauge_type), next);
            let added = sum.checked_mul(type_weight).ok_or(Overflow)?;
            let removed = old_sum.checked_mul(type_weight).ok_or(Overflow)?;
            controller.set_step(StepsOf::Total, next, plus_less(total, added, removed)?);
            controller.set_steps_filled(StepsOf::Total, next);
            Ok(())
        })
    }

    /// Brings the sums and the total up to next week, through at most 500 weeks.
    ///
    /// Errors: `Overflow`, `Underflow`. Source: `checkpoint`.
    pub fn checkpoint(&mut self, at: Timestamp) -> Result<(), GaugeControllerError> {
        self.atomically(|controller| controller.fill_total(at.0).map(drop))
    }

    /// Brings a gauge's weight, the sums and the total up to next week, through at most 500 weeks.
    ///
    /// Errors: `Overflow`, `Underflow`; a gauge that was not added is none. Source:
    /// `checkpoint_gauge`.
    pub fn checkpoint_gauge(
        &mut self,
        gauge: Account,
        at: Timestamp,
    ) -> Result<(), GaugeControllerError> {
        self.atomically(|controller| controller.fill_gauge(gauge, at.0))
    }

    /// Returns a gauge's share of the emission in the week of this time, in units of 1e-18, rounded
    /// down; zero for weeks that nobody has brought the weights up to.
    ///
    /// Errors: `Overflow`. Source: `gauge_relative_weight`.
    pub fn gauge_relative_weight(
        &self,
        gauge: Account,
        at: Timestamp,
    ) -> Result<U256, GaugeControllerError> {
        let week = week_start(at.0);
        let total = self.total.at(week);
        let Some(gauge) = self.index_of(gauge).and_then(|index| self.gauges.get(index)) else {
            return Ok(U256::ZERO);
        };
        let type_weight = self.types.get(&gauge.gauge_type).map(|kind| kind.weight.at(week));
        let weight = U256::from(RELATIVE_ONE).checked_mul(type_weight.unwrap_or_default());
        let weight = weight.and_then(|weight| weight.checked_mul(gauge.line.at(week).bias));
        if total.is_zero() {
            return Ok(U256::ZERO);
        }
        weight.and_then(|weight| weight.checked_div(total)).ok_or(Overflow)
    }

    /// Does [`checkpoint_gauge`](Self::checkpoint_gauge) at `now` and then tells the share in the
    /// week of `at`. Errors as both; source: `gauge_relative_weight_write`.
    pub fn gauge_relative_weight_write(
        &mut self,
        gauge: Account,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<U256, GaugeControllerError> {
        self.atomically(|controller| {
            controller.fill_gauge(gauge, now.0)?;
            controller.gauge_relative_weight(gauge, at)
        })
    }

    /// Returns the last weight of a gauge that was written, next week's after a checkpoint
    /// (`get_gauge_weight`); zero for a gauge that was not added.
    pub fn gauge_weight(&self, gauge: Account) -> U256 {
        let gauge = self.index_of(gauge).and_then(|index| self.gauges.get(index));
        gauge.map_or(U256::ZERO, |gauge| gauge.line.at(gauge.line.filled_to).bias)
    }

    /// Returns the last weight of a type that was written (`get_type_weight`).
    pub fn type_weight(&self, type_id: u64) -> U256 {
        let weight = self.types.get(&type_id).map(|kind| &kind.weight);
        weight.map_or(U256::ZERO, |weight| weight.at(weight.filled_to))
    }

    /// Returns the last sum of the weights of a type's gauges that was written
    /// (`get_weights_sum_per_type`).
    pub fn type_sum(&self, type_id: u64) -> U256 {
        let sum = self.types.get(&type_id).map(|kind| &kind.sum);
        sum.map_or(U256::ZERO, |sum| sum.at(sum.filled_to).bias)
    }

    /// Returns the last total that was written: sums times types' weights (`get_total_weight`).
    pub fn total_weight(&self) -> U256 {
        self.total.at(self.total.filled_to)
    }

    fn check_admin(&self, caller: Account) -> Done {
        if caller == self.admin { Ok(()) } else { Err(GaugeControllerError::NotAdmin) }
    }

    fn index_of(&self, gauge: Account) -> Option<usize> {
        self.index.get(&gauge).copied()
    }

    /// Source: `_change_type_weight`.
    fn set_type_weight(&mut self, type_id: u64, weight: U256, at: u64) -> Done {
        if type_id >= TYPE_ROOM {
            return Err(UnknownType);
        }
        let old_weight = self.fill_type_weight(type_id, at)?;
        let old_sum = self.fill_line(LineOf::Type(type_id), at)?;
        let total = self.fill_total(at)?;
        let next = next_week(at)?;
        let added = old_sum.checked_mul(weight).ok_or(Overflow)?;
        let removed = old_sum.checked_mul(old_weight).ok_or(Overflow)?;
        self.set_step(StepsOf::Total, next, plus_less(total, added, removed)?);
        self.set_step(StepsOf::Type(type_id), next, weight);
        self.set_steps_filled(StepsOf::Total, next);
        self.set_steps_filled(StepsOf::Type(type_id), next);
        Ok(())
    }
}

/// A gauge to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewGauge {
    /// The gauge.
    pub account: Account,
    /// Its type, one that was added.
    pub gauge_type: u64,
    /// What it weighs without votes.
    pub weight: U256,
}

fn next_week(at: u64) -> Result<u64, GaugeControllerError> {
    at.checked_add(WEEK).map(week_start).ok_or(Overflow)
}

fn plus_less(value: U256, added: U256, removed: U256) -> Word {
    value.checked_add(added).ok_or(Overflow)?.checked_sub(removed).ok_or(Underflow)
}

#[cfg(test)]
mod tests;
