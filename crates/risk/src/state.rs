use std::collections::BTreeMap;

use tidemill_model::{PoolId, PositionId};
use tidemill_units::{Amount, Timestamp};

use crate::StopCause;
use crate::budget::BudgetUse;
use crate::decision_book::DecisionBook;
use crate::mean_tick::MeanTick;
use crate::range_timer::RangeClock;
use crate::stops::Mark;

/// All that risk remembers from event to event: marks, timers, budgets, means and decisions.
///
/// Written down with [`to_text`](Self::to_text) and read again with
/// [`from_text`](Self::from_text) it is the same, so that a restart forgets no high-water mark. It
/// is no part of what a reverted block takes back: a mark that was reached once stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RiskState {
    /// Equity at the first check of the loss limit.
    pub(crate) start_equity: Option<Amount>,
    /// The largest loss from it that was seen at a check.
    pub(crate) worst_loss: Amount,
    /// What equity is measured against.
    pub(crate) portfolio: Option<Mark>,
    /// Why everything is closed for good.
    pub(crate) stopped: Option<StopCause>,
    /// Open positions, where they are followed.
    pub(crate) positions: BTreeMap<PositionId, PositionWatch>,
    /// Until when pools are left alone after a stop.
    pub(crate) cool_until: BTreeMap<PoolId, Timestamp>,
    pub(crate) used: BudgetUse,
    /// Means of the prices of pools, by the place of the token that is priced.
    pub(crate) means: BTreeMap<(PoolId, u8), MeanTick>,
    pub(crate) book: DecisionBook,
}

/// What is remembered of an open position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PositionWatch {
    pub(crate) mark: Option<Mark>,
    /// What it was paid already, in raw quote units at the prices of then.
    pub(crate) paid: Amount,
    pub(crate) clock: RangeClock,
    /// Why it is being closed.
    pub(crate) exit: Option<StopCause>,
    /// When it was last asked to be unstaked, and to be closed.
    pub(crate) unstaking_at: Option<Timestamp>,
    pub(crate) closing_at: Option<Timestamp>,
}

impl RiskState {
    /// Returns the high-water mark of equity, in raw quote units; `None` before it was valued, and
    /// where no portfolio stop is set.
    pub fn high_water_mark(&self) -> Option<Amount> {
        self.portfolio.map(|mark| mark.high)
    }

    /// Returns why everything is closed for good; `None` where it is not.
    pub fn stopped(&self) -> Option<StopCause> {
        self.stopped
    }
}
