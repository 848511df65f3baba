use std::f64::consts::FRAC_PI_2;

/// The variance a path went through: its squared returns added up, and the part without jumps.
///
/// Units: those of a squared log return, over the whole path. Source: Andersen and Bollerslev 1998;
/// Barndorff-Nielsen and Shephard 2004 for the bipower variation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RealisedVariance {
    total: f64,
    adjacent_products: f64,
    last_magnitude: f64,
}

impl RealisedVariance {
    /// Takes in the log return of one step.
    pub fn update(&mut self, log_return: f64) {
        let magnitude = log_return.abs();
        self.total += log_return * log_return;
        self.adjacent_products += magnitude * self.last_magnitude;
        self.last_magnitude = magnitude;
    }

    /// Returns the realised variance, `sum r_i^2`.
    pub const fn variance(&self) -> f64 {
        self.total
    }

    /// Returns the bipower variation, `pi/2 sum |r_i| |r_(i-1)|`, which one jump hardly moves.
    pub fn bipower_variation(&self) -> f64 {
        FRAC_PI_2 * self.adjacent_products
    }
}
