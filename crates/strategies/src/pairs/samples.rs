use std::collections::VecDeque;

use tidemill_signals::mean_reversion::{Cointegration, OrnsteinUhlenbeck};
use tidemill_units::InstantUs;

use super::{Significance, Terms};

/// The logarithms of both prices: of the one that is explained, and of the one that explains it.
pub(super) type Logarithms = [f64; 2];

/// How one instrument follows another: the line through a window, and how far off it the window's
/// pairs were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    intercept: f64,
    slope: f64,
    deviation: f64,
}

impl Spread {
    /// How many deviations the first is dearer than the line says.
    pub(super) fn score(&self, [first, second]: Logarithms) -> f64 {
        (first - self.intercept - self.slope * second) / self.deviation
    }

    /// What of the second is held against one of the first, by value.
    pub(super) fn slope(&self) -> f64 {
        self.slope
    }
}

/// What a window says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) spread: Spread,
    /// Of the newest sample.
    pub(super) score: f64,
    /// Whether what the line leaves over comes back, by the test and within the bounds.
    pub(super) comes_back: bool,
}

/// The samples of a window.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    values: VecDeque<Logarithms>,
    /// The number, since 1970, of the interval of the newest.
    newest: Option<i64>,
}

impl Samples {
    pub(super) fn new() -> Self {
        Self { values: VecDeque::new(), newest: None }
    }

    /// Whether there is none of this interval.
    pub(super) fn is_due(&self, terms: &Terms, now: InstantUs) -> bool {
        self.newest.is_none_or(|newest| number(terms, now) > newest)
    }

    /// Takes in one; returns what the window says with it, `None` before it is whole, and where one
    /// price never moved in it or both moved as one.
    pub(super) fn take(
        &mut self,
        terms: &Terms,
        now: InstantUs,
        newest: Logarithms,
    ) -> Option<Reading> {
        self.newest = Some(number(terms, now));
        if self.values.len() >= terms.window {
            self.values.pop_front();
        }
        self.values.push_back(newest);
        if self.values.len() < terms.window {
            return None;
        }
        let [first, second]: [Vec<f64>; 2] =
            [0, 1].map(|leg: usize| self.values.iter().map(|values| values[leg]).collect());
        let test = Cointegration::test(&second, &first, terms.lags)?;
        let line = test.line;
        let degrees = line.count.checked_sub(2).filter(|degrees| *degrees > 0)?;
        let deviation = (line.residual_squares / degrees as f64).sqrt();
        let spread = Spread { intercept: line.intercept, slope: line.slope, deviation };
        let score = spread.score(newest);
        let residuals: Vec<f64> =
            self.values.iter().map(|[first, second]| line.residual(*second, *first)).collect();
        let half_life = OrnsteinUhlenbeck::fitted(&residuals, 1.0).map(|found| found.half_life());
        let (least, most) = terms.half_life;
        let is_in_time = half_life.is_some_and(|samples| (least..=most).contains(&samples));
        let comes_back = is_in_time && is_refused(&test, terms.significance);
        score.is_finite().then_some(Reading { spread, score, comes_back })
    }
}

fn number(terms: &Terms, now: InstantUs) -> i64 {
    now.0.div_euclid(terms.sample_us)
}

/// Whether the test refuses that they are not cointegrated.
fn is_refused(test: &Cointegration, significance: Significance) -> bool {
    let critical = match significance {
        Significance::OnePercent => test.critical.one_percent,
        Significance::FivePercent => test.critical.five_percent,
        Significance::TenPercent => test.critical.ten_percent,
        Significance::None => return true,
    };
    test.statistic < critical
}
