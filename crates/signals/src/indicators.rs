//! Indicators of technical analysis over candles of equal periods, one value at a time.
//!
//! Each gives nothing until it has seen as many periods as its definition needs, and then what the
//! definition over the whole series gives. All lengths count periods.

mod average_true_range;
mod bollinger_bands;
mod donchian_channel;
mod moving_average;
mod moving_average_convergence;
mod relative_strength;
mod z_score;

pub use average_true_range::AverageTrueRange;
pub use bollinger_bands::{Band, BollingerBands};
pub use donchian_channel::{Channel, DonchianChannel};
pub use moving_average::{ExponentialAverage, SimpleAverage, VolumeWeightedAverage};
pub use moving_average_convergence::{Convergence, MovingAverageConvergence};
pub use relative_strength::RelativeStrength;
pub use z_score::ZScore;
