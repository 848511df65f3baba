use super::{OptionKind, OptionTerms};

/// Between which volatilities one is looked for; both positive, the least below the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImpliedBounds {
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Default for ImpliedBounds {
    /// From 0.01% to 2000% a year.
    fn default() -> Self {
        Self { least: 1e-4, most: 20.0 }
    }
}

/// Why no volatility gives an option that value.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoVolatility {
    /// The terms or the value are not finite, or price, strike or time are not above zero.
    #[error("price, strike, time and value are finite, and the first three above zero")]
    Undefined,
    /// It is worth no more than it would be without any volatility.
    #[error("{value} is not above {least}, its value without volatility")]
    TooLow {
        /// What it is worth.
        value: f64,
        /// What it would be worth without volatility.
        least: f64,
    },
    /// It is worth as much as without any bound on the volatility, or more.
    #[error("{value} is not below {most}, its value at any volatility")]
    TooHigh {
        /// What it is worth.
        value: f64,
        /// What it cannot be worth.
        most: f64,
    },
    /// It has one, which is outside of what was looked through.
    #[error("the volatility is not between {least} and {most}")]
    OutOfBounds {
        /// The least that was looked at.
        least: f64,
        /// The most.
        most: f64,
    },
}

/// The most halvings of a bracket, far beyond what a double resolves.
const MOST_STEPS: u32 = 200;

impl OptionTerms {
    /// Returns the volatility at which an option on a future has a value after Black's formula;
    /// [`sigma`](Self::sigma) is not looked at.
    ///
    /// What is in the money is turned into the option out of the money with the same strike, whose
    /// whole value is due to volatility; the logarithm of that value is solved for, by Newton's
    /// steps inside of a bracket that is halved where they leave it. What is left of the digits is
    /// those of the time value in the value: the model's value at what is returned is within 1e-12
    /// of the price from the one that was asked for.
    ///
    /// # Errors
    /// [`NoVolatility`], each case where it says so.
    pub fn implied_black_76(&self, value: f64, within: ImpliedBounds) -> Result<f64, NoVolatility> {
        let Self { price, strike, years, rate, .. } = *self;
        let positive = |number: f64| number.is_finite() && number > 0.0;
        let is_defined = positive(price) && positive(strike) && positive(years);
        if !(is_defined && rate.is_finite() && value.is_finite()) {
            return Err(NoVolatility::Undefined);
        }
        let discount = libm::exp(-rate * years);
        let (intrinsic, limit) = match self.kind {
            OptionKind::Call => (price - strike, price),
            OptionKind::Put => (strike - price, strike),
        };
        let (least, most) = (discount * intrinsic.max(0.0), discount * limit);
        if value <= least {
            return Err(NoVolatility::TooLow { value, least });
        }
        if value >= most {
            return Err(NoVolatility::TooHigh { value, most });
        }
        let kind = if price < strike { OptionKind::Call } else { OptionKind::Put };
        let out_of_the_money = Self { kind, rate: 0.0, ..*self };
        out_of_the_money.solve((value - least) / discount, within)
    }

    /// Returns the volatility at which an option on an asset has a value after Black and Scholes.
    ///
    /// # Errors
    /// As [`implied_black_76`](Self::implied_black_76).
    pub fn implied_black_scholes(
        &self,
        value: f64,
        within: ImpliedBounds,
    ) -> Result<f64, NoVolatility> {
        let future = self.price * libm::exp(self.rate * self.years);
        Self { price: future, ..*self }.implied_black_76(value, within)
    }

    /// Solves for an option out of the money, without a rate.
    fn solve(&self, value: f64, within: ImpliedBounds) -> Result<f64, NoVolatility> {
        let ImpliedBounds { least, most } = within;
        let at = |sigma: f64| Self { sigma, ..*self };
        if value < at(least).black_76() || value > at(most).black_76() {
            return Err(NoVolatility::OutOfBounds { least, most });
        }
        let target = libm::log(value);
        let (mut low, mut high) = (least, most);
        let mut sigma = self.first_guess(value).clamp(least, most);
        for _ in 0..MOST_STEPS {
            let terms = at(sigma);
            let found = terms.black_76();
            // Far out of the money the value underflows to nothing, with an infinite logarithm.
            let error = libm::log(found) - target;
            if error == 0.0 {
                break;
            }
            if error > 0.0 {
                high = sigma;
            } else {
                low = sigma;
            }
            let newton = sigma - error * found / terms.black_76_greeks().vega;
            let middle = low + (high - low) / 2.0;
            let next = if low < newton && newton < high { newton } else { middle };
            if next == sigma || middle <= low || middle >= high {
                break;
            }
            sigma = next;
        }
        Ok(sigma)
    }

    /// Where the value of an option at the strike is nearly a line in the volatility: Brenner and
    /// Subrahmanyam 1988, and the point where the value turns for what is far from it.
    fn first_guess(&self, value: f64) -> f64 {
        let at_the_money = value / self.price * std::f64::consts::TAU.sqrt();
        let turning = (2.0 * libm::log(self.price / self.strike).abs()).sqrt();
        at_the_money.max(turning) / self.years.sqrt()
    }
}
