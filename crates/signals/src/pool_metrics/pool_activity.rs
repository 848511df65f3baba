use tidemill_units::InstantUs;

use crate::window::Window;

const DAY_US: f64 = 86_400e6;
const YEAR_US: f64 = 365.0 * DAY_US;

/// The window a pool's activity is looked at through: so many periods of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityPeriods {
    /// How long one is, in microseconds, positive.
    pub length_us: i64,
    /// How many make the window, at least one; this bounds what is remembered.
    pub count: usize,
}

/// What a pool's swaps came to in the last whole periods, over what its liquidity was worth.
///
/// Shape: the periods follow each other from the time it was begun at; swaps and values count in
/// the period they fall into, the beginning included and the end not. What it says changes at the
/// end of a period only. Values are averaged over time and not over events. Units: volume, fees and
/// value in one currency; the volume counted once; the value that of all liquidity the fees are
/// shared by. Nothing about the liquidity being in range: over the value of that alone it is the
/// yield of liquidity in range.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolActivity {
    length_us: i64,
    window: Window<Period>,
    /// The end of the period that is going on.
    end: i64,
    now: InstantUs,
    value: f64,
    open: Period,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Period {
    volume: f64,
    fees: f64,
    /// Value times microseconds.
    value_time: f64,
}

impl PoolActivity {
    /// Returns a meter that begins at a time, with liquidity of this value.
    ///
    /// # Panics
    /// Unless the periods are of positive length and at least one, and the value at least zero and
    /// finite.
    pub fn new(periods: ActivityPeriods, at: InstantUs, value: f64) -> Self {
        let ActivityPeriods { length_us, count } = periods;
        assert!(length_us > 0, "periods of {length_us} us must be positive");
        Self {
            length_us,
            window: Window::new(count),
            end: at.0.saturating_add(length_us),
            now: at,
            value: checked(value),
            open: Period::default(),
        }
    }

    /// Takes in what the liquidity is worth from a time on.
    ///
    /// # Panics
    /// Where the time is before the last one, or the value negative or not finite.
    pub fn value_is(&mut self, at: InstantUs, value: f64) {
        self.pass_to(at);
        self.value = checked(value);
    }

    /// Takes in a swap: its volume and the fee of it that went to liquidity.
    ///
    /// # Panics
    /// Where the time is before the last one, or an amount negative or not finite.
    pub fn swap(&mut self, at: InstantUs, volume: f64, fee: f64) {
        self.pass_to(at);
        self.open.volume += checked(volume);
        self.open.fees += checked(fee);
    }

    /// Lets the time pass with nothing happening.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn pass_to(&mut self, at: InstantUs) {
        assert!(at >= self.now, "time goes back from {} to {at} us", self.now);
        self.skip_periods_nobody_will_see(at);
        // At the end of all time there is no next period.
        while at.0 >= self.end && self.end < i64::MAX {
            self.hold_until(InstantUs(self.end));
            self.window.push(std::mem::take(&mut self.open));
            self.end = self.end.saturating_add(self.length_us);
        }
        self.hold_until(at);
    }

    fn hold_until(&mut self, at: InstantUs) {
        self.open.value_time += self.value * at.0.abs_diff(self.now.0) as f64;
        self.now = at;
    }

    /// After a pause longer than the window, what happened before it has left the window.
    fn skip_periods_nobody_will_see(&mut self, at: InstantUs) {
        let whole = at.0.saturating_sub(self.end) / self.length_us;
        let unseen = whole.saturating_sub(self.window.length() as i64);
        if unseen > 0 {
            self.open = Period::default();
            let begin = self.end.saturating_add((unseen - 1) * self.length_us);
            self.now = InstantUs(begin);
            self.end = begin.saturating_add(self.length_us);
        }
    }

    /// Returns the fees of the window over the mean value, for a year of 365 days and without
    /// compounding; `None` before the first whole window, and where there was no liquidity in it.
    pub fn yearly_fee_yield(&self) -> Option<f64> {
        self.per_value_time(|period| period.fees).map(|rate| rate * YEAR_US)
    }

    /// Returns the volume of a day of the window over the mean value; `None` as
    /// [`yearly_fee_yield`](Self::yearly_fee_yield).
    pub fn daily_turnover(&self) -> Option<f64> {
        self.per_value_time(|period| period.volume).map(|rate| rate * DAY_US)
    }

    fn per_value_time(&self, of: fn(&Period) -> f64) -> Option<f64> {
        let periods = self.window.full()?;
        let sum: f64 = periods.clone().map(|period| of(&period)).sum();
        let value_time: f64 = periods.map(|period| period.value_time).sum();
        (value_time > 0.0).then(|| sum / value_time)
    }
}

fn checked(amount: f64) -> f64 {
    assert!(amount >= 0.0 && amount.is_finite(), "amount {amount} must be at least zero");
    amount
}
