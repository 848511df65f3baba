use std::collections::BTreeMap;

use tidemill_units::U256;

use super::GaugeControllerError::{Overflow, Underflow};
use super::{Done, GaugeController, GaugeControllerError, LineOf, MOST_TYPES, StepsOf, Undo, Word};
use crate::Account;
use crate::week::WEEK;

/// Weeks that one operation fills in at most.
const MOST_WEEKS: usize = 500;

/// A weight at the beginning of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeightPoint {
    /// The weight.
    pub bias: U256,
    /// What it loses each second.
    pub slope: U256,
}

/// A weight that falls, week by week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) points: BTreeMap<u64, WeightPoint>,
    /// What the slope loses at the beginning of a week.
    pub(super) changes: BTreeMap<u64, U256>,
    /// The week that points are filled in to; zero where none ever was.
    pub(super) filled_to: u64,
}

/// A weight that holds for whole weeks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) values: BTreeMap<u64, U256>,
    /// The week that values are filled in to; zero where none ever was.
    pub(super) filled_to: u64,
}

impl Line {
    pub(super) fn at(&self, week: u64) -> WeightPoint {
        self.points.get(&week).copied().unwrap_or_default()
    }

    pub(super) fn change(&self, week: u64) -> U256 {
        self.changes.get(&week).copied().unwrap_or_default()
    }
}

impl Steps {
    pub(super) fn at(&self, week: u64) -> U256 {
        self.values.get(&week).copied().unwrap_or_default()
    }
}

impl WeightPoint {
    /// The weight a week later, before what ends then is taken off its slope; nothing where it
    /// has fallen to zero.
    fn next(self) -> Result<Option<Self>, GaugeControllerError> {
        let lost = self.slope.checked_mul(U256::from(WEEK)).ok_or(Overflow)?;
        let left = self.bias.checked_sub(lost).filter(|left| !left.is_zero());
        Ok(left.map(|bias| Self { bias, slope: self.slope }))
    }
}

impl GaugeController {
    /// Does all of an operation or nothing.
    pub(super) fn atomically<T>(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<T, GaugeControllerError>,
    ) -> Result<T, GaugeControllerError> {
        let mark = self.hold();
        let result = operation(self);
        self.release(mark, result.is_err());
        result
    }

    pub(super) fn line(&self, line: LineOf) -> Option<&Line> {
        match line {
            LineOf::Gauge(index) => self.gauges.get(index).map(|gauge| &gauge.line),
            LineOf::Type(id) => self.types.get(&id).map(|kind| &kind.sum),
        }
    }

    fn steps(&self, steps: StepsOf) -> Option<&Steps> {
        match steps {
            StepsOf::Type(id) => self.types.get(&id).map(|kind| &kind.weight),
            StepsOf::Total => Some(&self.total),
        }
    }

    /// Brings a gauge's own weight and everything common up to next week.
    pub(super) fn fill_gauge(&mut self, gauge: Account, now: u64) -> Done {
        if let Some(index) = self.index_of(gauge) {
            self.fill_line(LineOf::Gauge(index), now)?;
        }
        self.fill_total(now).map(drop)
    }

    /// Brings a line up to next week and returns its weight then. Where that takes more than 500
    /// weeks it stops, and begins at the same place the next time.
    ///
    /// Source: `_get_sum`, `_get_weight`.
    pub(super) fn fill_line(&mut self, of: LineOf, now: u64) -> Word {
        let Some(line) = self.line(of).filter(|line| line.filled_to > 0) else {
            return Ok(U256::ZERO);
        };
        let mut week = line.filled_to;
        let mut point = line.at(week);
        for _ in 0..MOST_WEEKS {
            if week > now {
                break;
            }
            week = week.checked_add(WEEK).ok_or(Overflow)?;
            point = match point.next()? {
                Some(next) => {
                    let change = self.line(of).map(|line| line.change(week)).unwrap_or_default();
                    let slope = next.slope.checked_sub(change).ok_or(Underflow)?;
                    WeightPoint { bias: next.bias, slope }
                }
                None => WeightPoint::default(),
            };
            self.set_point(of, week, point);
            if week > now {
                self.set_line_filled(of, week);
            }
        }
        Ok(point.bias)
    }

    /// Brings a type's weight up to next week and returns it. Source: `_get_type_weight`.
    pub(super) fn fill_type_weight(&mut self, type_id: u64, now: u64) -> Word {
        let of = StepsOf::Type(type_id);
        let Some(steps) = self.steps(of).filter(|steps| steps.filled_to > 0) else {
            return Ok(U256::ZERO);
        };
        let mut week = steps.filled_to;
        let weight = steps.at(week);
        for _ in 0..MOST_WEEKS {
            if week > now {
                break;
            }
            week = week.checked_add(WEEK).ok_or(Overflow)?;
            self.set_step(of, week, weight);
            if week > now {
                self.set_steps_filled(of, week);
            }
        }
        Ok(weight)
    }

    /// Brings all sums, the types' weights and the total up to next week; returns the total, which
    /// is made anew also where next week's was already there. Source: `_get_total`.
    pub(super) fn fill_total(&mut self, now: u64) -> Word {
        let mut week = self.total.filled_to;
        if week > now {
            week = week.checked_sub(WEEK).ok_or(Underflow)?;
        }
        let mut total = self.total.at(week);
        let types = self.type_count.min(MOST_TYPES);
        for id in 0..types {
            self.fill_line(LineOf::Type(id), now)?;
            self.fill_type_weight(id, now)?;
        }
        for _ in 0..MOST_WEEKS {
            if week > now {
                break;
            }
            week = week.checked_add(WEEK).ok_or(Overflow)?;
            total = U256::ZERO;
            for (_, kind) in self.types.range(0..types) {
                let product = kind.sum.at(week).bias.checked_mul(kind.weight.at(week));
                total = product.and_then(|part| total.checked_add(part)).ok_or(Overflow)?;
            }
            self.set_step(StepsOf::Total, week, total);
            if week > now {
                self.set_steps_filled(StepsOf::Total, week);
            }
        }
        Ok(total)
    }

    pub(super) fn set_bias(&mut self, line: LineOf, week: u64, bias: U256) {
        let slope = self.line(line).map(|line| line.at(week).slope).unwrap_or_default();
        self.set_point(line, week, WeightPoint { bias, slope });
    }

    pub(super) fn set_point(&mut self, of: LineOf, week: u64, point: WeightPoint) {
        if let Some(line) = self.line_mut(of) {
            let before = line.points.insert(week, point);
            self.journal.push(Undo::Point { line: of, week, before });
        }
    }

    pub(super) fn set_change(&mut self, of: LineOf, week: u64, change: U256) {
        if let Some(line) = self.line_mut(of) {
            let before = line.changes.insert(week, change);
            self.journal.push(Undo::Change { line: of, week, before });
        }
    }

    pub(super) fn set_line_filled(&mut self, of: LineOf, week: u64) {
        if let Some(line) = self.line_mut(of) {
            let before = std::mem::replace(&mut line.filled_to, week);
            self.journal.push(Undo::LineFilled { line: of, before });
        }
    }

    pub(super) fn set_step(&mut self, of: StepsOf, week: u64, value: U256) {
        let before = self.steps_mut(of).values.insert(week, value);
        self.journal.push(Undo::Step { steps: of, week, before });
    }

    pub(super) fn set_steps_filled(&mut self, of: StepsOf, week: u64) {
        let before = std::mem::replace(&mut self.steps_mut(of).filled_to, week);
        self.journal.push(Undo::StepsFilled { steps: of, before });
    }

    fn line_mut(&mut self, line: LineOf) -> Option<&mut Line> {
        match line {
            LineOf::Gauge(index) => self.gauges.get_mut(index).map(|gauge| &mut gauge.line),
            LineOf::Type(id) => Some(&mut self.types.entry(id).or_default().sum),
        }
    }

    fn steps_mut(&mut self, steps: StepsOf) -> &mut Steps {
        match steps {
            StepsOf::Type(id) => &mut self.types.entry(id).or_default().weight,
            StepsOf::Total => &mut self.total,
        }
    }

    /// Begins an operation, perhaps inside another: returns where it can be taken back to.
    pub(crate) fn hold(&mut self) -> usize {
        self.depth = self.depth.saturating_add(1);
        self.journal.len()
    }

    /// Ends what [`hold`](Self::hold) began, and takes it back if it failed.
    pub(crate) fn release(&mut self, mark: usize, has_failed: bool) {
        if has_failed {
            self.roll_back(mark);
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.journal.clear();
        }
    }

    /// Takes back everything written since a mark, the last first.
    fn roll_back(&mut self, mark: usize) {
        while self.journal.len() > mark {
            match self.journal.pop() {
                None => break,
                Some(Undo::Point { line, week, before }) => {
                    if let Some(line) = self.line_mut(line) {
                        restore(&mut line.points, week, before);
                    }
                }
                Some(Undo::Change { line, week, before }) => {
                    if let Some(line) = self.line_mut(line) {
                        restore(&mut line.changes, week, before);
                    }
                }
                Some(Undo::LineFilled { line, before }) => {
                    if let Some(line) = self.line_mut(line) {
                        line.filled_to = before;
                    }
                }
                Some(Undo::Step { steps, week, before }) => {
                    restore(&mut self.steps_mut(steps).values, week, before);
                }
                Some(Undo::StepsFilled { steps, before }) => {
                    self.steps_mut(steps).filled_to = before;
                }
            }
        }
        self.types.retain(|_, kind| *kind != super::GaugeType::default());
    }
}

fn restore<T>(cells: &mut BTreeMap<u64, T>, week: u64, before: Option<T>) {
    match before {
        Some(value) => cells.insert(week, value),
        None => cells.remove(&week),
    };
}
