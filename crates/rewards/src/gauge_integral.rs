use tidemill_units::U256;

use crate::gauge_controller::GaugeControllerError;
use crate::week::{WEEK, week_start};

/// Weeks that one checkpoint goes through at most; what is due for those after them is lost.
const MOST_WEEKS: usize = 500;

/// What a gauge's integral has to be brought forward by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntegralSpan {
    /// Emission per unit of working balance up to `from`, in 1e-18.
    pub(crate) integral: U256,
    /// What works all the while.
    pub(crate) working_supply: U256,
    /// Raw units a second until the epoch ends.
    pub(crate) rate: U256,
    /// Raw units a second from then on.
    pub(crate) new_rate: U256,
    /// When the epoch ends.
    pub(crate) epoch_end: u64,
    /// The last checkpoint.
    pub(crate) from: u64,
    /// Now.
    pub(crate) until: u64,
}

impl IntegralSpan {
    /// Returns the integral of rate and share over what works, week by week, each part rounded
    /// down; `None` where something passes 2^256 - 1. A change of the rate is taken in where the
    /// epoch ends; of several, only the last rate counts.
    ///
    /// `share` is asked for the gauge's share of the emission, in 1e-18, from a second on.
    /// Source: `_checkpoint` of Curve's and Balancer's gauges.
    pub(crate) fn integrated(
        self,
        share: impl Fn(u64) -> Result<U256, GaugeControllerError>,
    ) -> Option<U256> {
        let Self { mut integral, working_supply, mut rate, new_rate, epoch_end, .. } = self;
        let mut from = self.from;
        if self.until <= from {
            return Some(integral);
        }
        let mut until = week_start(from.checked_add(WEEK)?).min(self.until);
        for _ in 0..MOST_WEEKS {
            // Asked also where nothing works: the question can fail.
            let share = share(from).ok()?;
            if !working_supply.is_zero() {
                let due = |rate: U256, seconds: u64| {
                    let due = rate.checked_mul(share)?.checked_mul(U256::from(seconds))?;
                    due.checked_div(working_supply)
                };
                if epoch_end >= from && epoch_end < until {
                    let before = due(rate, epoch_end.saturating_sub(from))?;
                    rate = new_rate;
                    let after = due(rate, until.saturating_sub(epoch_end))?;
                    integral = integral.checked_add(before)?.checked_add(after)?;
                } else {
                    integral = integral.checked_add(due(rate, until.saturating_sub(from))?)?;
                }
            }
            if until == self.until {
                break;
            }
            from = until;
            until = until.checked_add(WEEK)?.min(self.until);
        }
        Some(integral)
    }
}
