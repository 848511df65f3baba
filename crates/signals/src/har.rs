use crate::Regression;
use crate::window::Window;

/// What a heterogeneous autoregression explains the next value by, taken in day by day.
///
/// Source: Corsi 2009, "A simple approximate long-memory model of realized volatility", whose week
/// and month are 5 and 22 days; markets that do not close have 7 and 30.
#[derive(Clone, Debug, PartialEq)]
pub struct HarFeatures {
    week: usize,
    window: Window<f64>,
}

/// The newest value and the means of the last ones, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HarRow {
    /// The newest value.
    pub day: f64,
    /// The mean of the last week, the newest included.
    pub week: f64,
    /// The mean of the last month, the newest included.
    pub month: f64,
}

/// A heterogeneous autoregression of realised volatility (HAR-RV):
/// `next = constant + day * d + week * w + month * m`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HarModel {
    /// What a next value has of its own.
    pub constant: f64,
    /// What the newest value counts.
    pub day: f64,
    /// What the mean of the week counts.
    pub week: f64,
    /// What the mean of the month counts.
    pub month: f64,
}

impl HarFeatures {
    /// Returns features over so many days, without any yet.
    ///
    /// # Panics
    /// Unless the week has more than one day and the month more than the week.
    pub fn new(week: usize, month: usize) -> Self {
        assert!(1 < week && week < month, "a week of {week} and a month of {month} days");
        Self { week, window: Window::new(month) }
    }

    /// Takes in a day's realised volatility, or its variance, or the logarithm of either.
    pub fn update(&mut self, value: f64) {
        self.window.push(value);
    }

    /// Returns the features; `None` before the first whole month.
    pub fn row(&self) -> Option<HarRow> {
        let values = self.window.full()?;
        let days = values.len();
        let mean = |last: usize| values.clone().skip(days - last).sum::<f64>() / last as f64;
        Some(HarRow { day: values.clone().last()?, week: mean(self.week), month: mean(days) })
    }
}

impl HarModel {
    /// Returns the model of least squares for a series of days; `None` where it has fewer than four
    /// days beyond the first month, and where its features depend on each other.
    ///
    /// # Panics
    /// As [`HarFeatures::new`].
    pub fn fitted(values: &[f64], week: usize, month: usize) -> Option<Self> {
        let mut features = HarFeatures::new(week, month);
        let rows = values.iter().zip(values.iter().skip(1)).filter_map(|(value, next)| {
            features.update(*value);
            features.row().map(|HarRow { day, week, month }| ([1.0, day, week, month], *next))
        });
        let [constant, day, week, month] = Regression::fitted(rows)?.coefficients;
        Some(Self { constant, day, week, month })
    }

    /// Returns the expected value of the day after.
    pub fn forecast(&self, row: &HarRow) -> f64 {
        self.constant + self.day * row.day + self.week * row.week + self.month * row.month
    }
}
