/// The parameters of a GARCH(1,1): `h' = omega + alpha * e^2 + beta * h`.
///
/// Source: Bollerslev 1986, "Generalized autoregressive conditional heteroskedasticity".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Garch {
    omega: f64,
    alpha: f64,
    beta: f64,
}

/// What makes no GARCH(1,1) of finite variance.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "omega {omega}, alpha {alpha} and beta {beta}: omega must be above 0, the others at least 0, \
     and alpha + beta below 1"
)]
pub struct InvalidGarch {
    omega: f64,
    alpha: f64,
    beta: f64,
}

/// Volatility of a series sampled at equal periods, by a GARCH(1,1) of given parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarchVolatility {
    model: Garch,
    next: f64,
}

impl Garch {
    /// Returns the model; `omega` is in squared returns of one period.
    ///
    /// # Errors
    /// [`InvalidGarch`].
    pub fn new(omega: f64, alpha: f64, beta: f64) -> Result<Self, InvalidGarch> {
        let is_finite = omega.is_finite() && omega > 0.0 && alpha >= 0.0 && beta >= 0.0;
        if is_finite && alpha + beta < 1.0 {
            Ok(Self { omega, alpha, beta })
        } else {
            Err(InvalidGarch { omega, alpha, beta })
        }
    }

    /// Returns the part of a variance that nothing before it causes.
    pub const fn omega(&self) -> f64 {
        self.omega
    }

    /// Returns what the square of the last return counts.
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns what the last variance counts.
    pub const fn beta(&self) -> f64 {
        self.beta
    }

    /// Returns the variance that all forecasts end at, `omega / (1 - alpha - beta)`.
    pub fn long_run_variance(&self) -> f64 {
        self.omega / (1.0 - self.alpha - self.beta)
    }

    /// Returns the variance of the period after one of this variance and this return.
    pub fn next_variance(&self, variance: f64, period_return: f64) -> f64 {
        self.omega + self.alpha * period_return * period_return + self.beta * variance
    }

    /// Returns the log likelihood of returns around zero, normally distributed, where the period
    /// before the first had this variance and this square of its return: `backcast` for both. The
    /// mean of the squares is that of Fiorentini, Calzolari and Panattoni 1996.
    pub fn log_likelihood(&self, returns: &[f64], backcast: f64) -> f64 {
        let (mut variance, mut sum) = (self.next_variance(backcast, backcast.sqrt()), 0.0);
        for period_return in returns {
            sum += libm::log(std::f64::consts::TAU * variance)
                + period_return * period_return / variance;
            variance = self.next_variance(variance, *period_return);
        }
        -0.5 * sum
    }
}

impl GarchVolatility {
    /// Returns the estimate before any return: the long-run variance.
    pub fn new(model: Garch) -> Self {
        Self { model, next: model.long_run_variance() }
    }

    /// Takes in the return of one period.
    ///
    /// # Panics
    /// Unless it is finite.
    pub fn update(&mut self, period_return: f64) {
        assert!(period_return.is_finite(), "return {period_return} must be finite");
        self.next = self.model.next_variance(self.next, period_return);
    }

    /// Returns the variance of the next period's return.
    pub const fn variance(&self) -> f64 {
        self.next
    }

    /// Returns the expected variance of the return `periods` ahead; one is the next.
    ///
    /// # Panics
    /// Where `periods` is zero.
    pub fn variance_ahead(&self, periods: u32) -> f64 {
        assert!(periods > 0, "the next period is one ahead");
        let long_run = self.model.long_run_variance();
        let kept = libm::pow(self.model.alpha + self.model.beta, f64::from(periods) - 1.0);
        long_run + kept * (self.next - long_run)
    }

    /// Returns the expected variance of the return over all of the next periods.
    pub fn variance_over(&self, periods: u32) -> f64 {
        let long_run = self.model.long_run_variance();
        let persistence = self.model.alpha + self.model.beta;
        let sum = (1.0 - libm::pow(persistence, f64::from(periods))) / (1.0 - persistence);
        f64::from(periods) * long_run + sum * (self.next - long_run)
    }

    /// Returns the standard deviation of the next period's return.
    pub fn sigma(&self) -> f64 {
        self.next.sqrt()
    }
}
