use tidemill_model::Intent;
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::Timestamp;

use crate::trend_filter::TrendAlarm;
use crate::volatility_filter::VolatilityAlarm;

/// What says that a pool is better left for now.
#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    Trend(TrendAlarm),
    Volatility(VolatilityAlarm),
}

impl Alarm {
    /// Takes in the latest event; returns whether to be out of the pool.
    fn is_on(&mut self, view: &View<'_>) -> bool {
        match self {
            Self::Trend(alarm) => alarm.is_on(view),
            Self::Volatility(alarm) => alarm.is_on(view),
        }
    }
}

/// A strategy that is taken out of the pool while an alarm is on.
///
/// All of its positions are closed then, and what they paid is held as it comes. Meanwhile it is
/// asked once a minute, so that it goes on measuring, and nothing that it would open or swap is
/// asked for: to it, that was refused. When the alarm is off it decides again as it would.
pub(crate) struct Filtered {
    inner: Box<dyn Strategy>,
    alarm: Alarm,
    /// When the strategy was last asked while the alarm was on.
    asked_at: Option<Timestamp>,
}

const ASK_SECONDS: u64 = 60;

impl Filtered {
    pub(crate) fn new(inner: Box<dyn Strategy>, alarm: Alarm) -> Self {
        Self { inner, alarm, asked_at: None }
    }
}

impl Strategy for Filtered {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if !self.alarm.is_on(view) {
            self.asked_at = None;
            return self.inner.decide(view);
        }
        if view.is_waiting() {
            return Vec::new();
        }
        let closes = view.positions().map(|(position, _)| Intent::Close { position });
        let closes: Vec<_> = closes.collect();
        if !closes.is_empty() {
            return closes;
        }
        let now = view.now();
        if self.asked_at.is_none_or(|at| now.seconds_since(at) >= ASK_SECONDS) {
            self.asked_at = Some(now);
            self.inner.decide(view);
        }
        Vec::new()
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}
