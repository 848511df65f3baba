use crate::Garch;
use crate::simplex::minimum;

/// A GARCH(1,1) fitted to returns by maximum likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarchFit {
    /// The likeliest model.
    pub model: Garch,
    /// The logarithm of its likelihood, [`Garch::log_likelihood`] with the mean square as backcast.
    pub log_likelihood: f64,
}

/// Why no model was fitted.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GarchFitError {
    /// There are too few returns to tell three parameters from each other.
    #[error("{0} returns are too few for a GARCH(1,1); 50 are needed")]
    TooFew(usize),
    /// A return is infinite or not a number.
    #[error("return number {0} is not finite")]
    NotFinite(usize),
    /// The returns are all zero.
    #[error("the returns are all zero")]
    NoVariance,
    /// The search for the greatest likelihood did not settle.
    #[error("the search for the greatest likelihood did not settle")]
    Unsettled,
}

const LEAST_RETURNS: usize = 50;

impl Garch {
    /// Returns the model of greatest likelihood for returns around zero, normally distributed given
    /// the variance; take the mean off before, where there is one.
    ///
    /// Searched for are the logarithm of the long-run variance over the mean square, and the log
    /// odds of `alpha + beta` and of alpha's share of it, so that every point is a model; from the
    /// best of twelve starts, by Nelder and Mead's simplex. A share at the edge, such as no alpha
    /// at all, is come near to and not reached. Deterministic. The variance before the first return
    /// is the mean square, as in Fiorentini, Calzolari and Panattoni 1996; other programs begin
    /// elsewhere and find other optima, nearer the longer the series.
    ///
    /// # Errors
    /// [`GarchFitError`].
    pub fn fitted(returns: &[f64]) -> Result<GarchFit, GarchFitError> {
        if returns.len() < LEAST_RETURNS {
            return Err(GarchFitError::TooFew(returns.len()));
        }
        if let Some(place) = returns.iter().position(|value| !value.is_finite()) {
            return Err(GarchFitError::NotFinite(place));
        }
        let squares: f64 = returns.iter().map(|value| value * value).sum();
        let mean_square = squares / returns.len() as f64;
        if mean_square <= 0.0 {
            return Err(GarchFitError::NoVariance);
        }
        let model = |place: &[f64; 3]| model_at(place, mean_square);
        let cost = |place: &[f64; 3]| {
            model(place).map_or(f64::INFINITY, |model| -model.log_likelihood(returns, mean_square))
        };
        let start = starts()
            .min_by(|one, other| cost(one).total_cmp(&cost(other)))
            .ok_or(GarchFitError::Unsettled)?;
        let least = minimum(cost, start, 0.25).ok_or(GarchFitError::Unsettled)?;
        let model = model(&least.at).ok_or(GarchFitError::Unsettled)?;
        Ok(GarchFit { model, log_likelihood: -least.value })
    }
}

/// Persistences and alpha's shares that series of prices have, at the mean square.
fn starts() -> impl Iterator<Item = [f64; 3]> {
    let persistences = [0.5, 0.9, 0.97, 0.995];
    persistences.into_iter().flat_map(|persistence| {
        [0.05, 0.1, 0.3].map(|share| [0.0, log_odds(persistence), log_odds(share)])
    })
}

/// The model at a place of the search; `None` where rounding leaves it without a finite variance.
fn model_at([variance, persistence, share]: &[f64; 3], mean_square: f64) -> Option<Garch> {
    let long_run = mean_square * libm::exp(*variance);
    let (alpha_share, beta_share) = (of_odds(*share), of_odds(-share));
    let kept = of_odds(*persistence);
    let omega = long_run * of_odds(-persistence);
    Garch::new(omega, kept * alpha_share, kept * beta_share).ok()
}

fn log_odds(share: f64) -> f64 {
    libm::log(share / (1.0 - share))
}

/// The share of such log odds: `1 / (1 + exp(-odds))`.
fn of_odds(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}
