use std::f64::consts::LN_2;

use crate::window::Window;
use crate::{Bar, ReturnMoments};

/// How a variance is read off bars; each uses more of them than their closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarEstimator {
    /// From high and low. Source: Parkinson 1980.
    Parkinson,
    /// From open, high, low and close; takes it that prices do not drift. Source: Garman and Klass
    /// 1980.
    GarmanKlass,
    /// The same for prices that drift. Source: Rogers and Satchell 1991.
    RogersSatchell,
    /// With the gap from one bar's close to the next one's open. Source: Yang and Zhang 2000.
    YangZhang,
}

/// Volatility from the last bars. Prices seen at discrete times reach less far than they would
/// have: the estimates from highs and lows are biased down by that.
#[derive(Clone, Debug, PartialEq)]
pub struct BarVolatility {
    estimator: BarEstimator,
    /// The bars, and the log return from the close before to the open.
    window: Window<(Bar, f64)>,
    last_close: Option<f64>,
}

impl BarVolatility {
    /// Returns an estimate over so many bars.
    ///
    /// # Panics
    /// Where the length is zero, or one for Yang and Zhang.
    pub fn new(estimator: BarEstimator, length: usize) -> Self {
        let least = if estimator == BarEstimator::YangZhang { 2 } else { 1 };
        assert!(length >= least, "a window of {length} bars is shorter than {least}");
        Self { estimator, window: Window::new(length), last_close: None }
    }

    /// Takes in a bar. The first one of Yang and Zhang's only gives its close.
    ///
    /// # Panics
    /// Unless all its prices are positive and finite.
    pub fn update(&mut self, bar: &Bar) {
        let Bar { open, high, low, close } = *bar;
        let is_price = |price: f64| price > 0.0 && price.is_finite();
        assert!([open, high, low, close].into_iter().all(is_price), "{bar:?} must be positive");
        let gap = self.last_close.replace(close).map(|last| libm::log(open / last));
        match gap {
            Some(gap) => drop(self.window.push((*bar, gap))),
            None if self.estimator == BarEstimator::YangZhang => {}
            None => drop(self.window.push((*bar, 0.0))),
        }
    }

    /// Returns the variance of one period's log return; `None` before the first whole window.
    pub fn variance(&self) -> Option<f64> {
        let bars = self.window.full()?;
        let count = bars.len() as f64;
        let mean = |of: fn(&Bar) -> f64| bars.clone().map(|(bar, _)| of(&bar)).sum::<f64>() / count;
        Some(match self.estimator {
            BarEstimator::Parkinson => mean(|bar| reach(bar) * reach(bar)) / (4.0 * LN_2),
            BarEstimator::GarmanKlass => mean(garman_klass),
            BarEstimator::RogersSatchell => mean(rogers_satchell),
            BarEstimator::YangZhang => {
                let gaps: ReturnMoments = bars.clone().map(|(_, gap)| gap).collect();
                let bodies: ReturnMoments = bars.clone().map(|(bar, _)| body(&bar)).collect();
                let [gaps, bodies] = [gaps.sample_deviation()?, bodies.sample_deviation()?];
                let share = 0.34 / (1.34 + (count + 1.0) / (count - 1.0));
                gaps * gaps + share * bodies * bodies + (1.0 - share) * mean(rogers_satchell)
            }
        })
    }

    /// Returns the standard deviation of one period's log return; `None` before the first whole
    /// window.
    pub fn sigma(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

fn reach(bar: &Bar) -> f64 {
    libm::log(bar.high / bar.low)
}

fn body(bar: &Bar) -> f64 {
    libm::log(bar.close / bar.open)
}

fn garman_klass(bar: &Bar) -> f64 {
    0.5 * reach(bar) * reach(bar) - (2.0 * LN_2 - 1.0) * body(bar) * body(bar)
}

fn rogers_satchell(bar: &Bar) -> f64 {
    let [to_high, to_low] = [bar.high, bar.low].map(|end| libm::log(end / bar.open));
    let close = body(bar);
    to_high * (to_high - close) + to_low * (to_low - close)
}
