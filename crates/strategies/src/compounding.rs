//! How often rewards are worth the gas of compounding them.
//!
//! Capital `P` that earns at a rate `r` and waits `tau` years between claims loses about
//! `r^2 P tau / 2` a year, and pays `G / tau`: the sum is least at `tau = sqrt(2 G / P) / r`.

/// A position that earns, and what a claim with all that follows costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compounding {
    /// Capital, in the currency of the cost; above zero.
    pub capital: f64,
    /// What it earns in a year, as a part of one; above zero.
    pub yearly_rate: f64,
    /// Gas, slippage and tax of one claim, sale and deposit; above zero.
    pub cost: f64,
}

/// The number of times to compound in a year, counted out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestCount {
    /// How many times, at least one.
    pub times: u32,
    /// What the capital is after the year, costs paid.
    pub wealth: f64,
}

impl Compounding {
    /// Takes up a position; `None` unless all three are finite and above zero.
    pub fn new(capital: f64, yearly_rate: f64, cost: f64) -> Option<Self> {
        let is_usable = |value: f64| value.is_finite() && value > 0.0;
        [capital, yearly_rate, cost].into_iter().all(is_usable).then_some(Self {
            capital,
            yearly_rate,
            cost,
        })
    }

    /// Returns the years between two claims that lose least: `sqrt(2 G / P) / r`.
    pub fn interval_years(&self) -> f64 {
        (2.0 * self.cost / self.capital).sqrt() / self.yearly_rate
    }

    /// Returns the claims in a year that lose least: `r sqrt(P / (2 G))`.
    pub fn times_a_year(&self) -> f64 {
        1.0 / self.interval_years()
    }

    /// Whether one claim within a horizon of so many years pays for itself.
    pub fn pays_within(&self, horizon_years: f64) -> bool {
        let lost = self.yearly_rate.powi(2) * self.capital * horizon_years / 2.0;
        lost >= self.cost / horizon_years
    }

    /// Returns whether rewards that have gathered are worth a claim now: the break-even rule is to
    /// claim when they reach `sqrt(2 G P)`, what an interval of the best length brings.
    pub fn is_due(&self, gathered: f64) -> bool {
        gathered >= (2.0 * self.cost * self.capital).sqrt()
    }

    /// Returns what the capital is after a year of so many equal periods, each closed by a claim
    /// that is paid: `P q^n - G (q^n - 1) / (q - 1)` with `q = 1 + r / n`.
    pub fn wealth(&self, times: u32) -> f64 {
        let times = f64::from(times.max(1));
        let rate = self.yearly_rate / times;
        let growth = (times * rate.ln_1p()).exp();
        self.capital * growth - self.cost * (growth - 1.0) / rate
    }

    /// Returns the whole number of claims that leaves most after a year. The closed form is one or
    /// two below it, since the capital grows meanwhile.
    pub fn best_count(&self) -> BestCount {
        // The wealth rises up to the best count and falls from there on.
        let (mut low, mut high) = (1_u32, u32::MAX >> 8);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.wealth(middle + 1) > self.wealth(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        BestCount { times: low, wealth: self.wealth(low) }
    }
}
