//! Whether and how fast a series comes back: Ornstein and Uhlenbeck's process, cointegration of two
//! series, Hurst's exponent.

mod cointegration;
mod hurst;
mod least_squares;
mod ornstein_uhlenbeck;
mod rolling_hurst;
mod rolling_line;
mod spread_z_score;

pub use cointegration::{Cointegration, CriticalValues, RollingCointegration};
pub use hurst::hurst_exponent;
pub use least_squares::Line;
pub use ornstein_uhlenbeck::{OrnsteinUhlenbeck, RollingHalfLife};
pub use rolling_hurst::RollingHurst;
pub use rolling_line::RollingLine;
pub use spread_z_score::{RollingSpread, spread_z_score};
