//! Aerodrome's gauge of shares: emission until the epoch's end for whoever stakes.

use tidemill_rewards::aerodrome::{AerodromeError, Gauge};
use tidemill_units::{Amount, Timestamp};

use super::epochs::Epochs;
use super::{Capture, Clock, Group};

/// A gauge that is notified of a part of the budget at each epoch's beginning.
pub(crate) struct Emitted {
    gauge: Gauge,
    epochs: Epochs,
    clock: Clock,
}

impl Emitted {
    pub(crate) fn new(budget: Amount, clock: Clock) -> Self {
        Self { gauge: Gauge::default(), epochs: Epochs::new(budget, clock), clock }
    }

    /// Begins the epochs up to a moment.
    fn advance(&mut self, at: Timestamp) -> Result<(), AerodromeError> {
        while let Some((amount, epoch)) = self.epochs.due(at) {
            self.gauge.notify(amount, epoch)?;
        }
        Ok(())
    }

    pub(crate) fn change(
        &mut self,
        group: Group,
        (less, more): (Amount, Amount),
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.advance(at)?;
        if !less.is_zero() {
            self.gauge.withdraw(group.account(), less, at)?;
        }
        if !more.is_zero() {
            self.gauge.deposit(group.account(), more, at)?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Capture, AerodromeError> {
        let end = self.clock.end();
        self.advance(end)?;
        let mut paid = Vec::new();
        for group in Group::ALL {
            paid.push((group, self.gauge.claim(group.account(), end)?));
        }
        let rest = self.gauge.totals().balance.checked_add(self.epochs.left());
        Ok(Capture { paid, rest: rest.unwrap_or_default(), ..Capture::default() })
    }
}
