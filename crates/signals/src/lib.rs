//! Estimators over series, and the closed forms they are measured against.
//!
//! Volatility, impermanent loss, loss versus rebalancing, markouts, drawdown, Sharpe, exit times.
//! What a pool does, event by event, is in [`pool_metrics`].
//! All in `f64`: these numbers describe money and never move it, the ledger's integers do that. A
//! function fed something outside its stated domain gives NaN, unless it says that it panics or
//! gives nothing. Knows no pool, strategy, event or clock; time comes in as an argument.
//!
//! Functions that are more than arithmetic and square roots come from `libm`, in Rust, and not from
//! the machine's C library: a strategy that follows a volatility must decide alike on every
//! machine.
//!
//! ```
//! use tidemill_signals::{ConcentratedPosition, LvrMeter, PriceRange};
//! use tidemill_units::Side;
//!
//! let range = PriceRange { lower: 1_500.0, upper: 2_500.0 };
//! let position = ConcentratedPosition::new(1_000.0, range)?;
//! let mut lost = LvrMeter::new(position, Side::Token1);
//! lost.moved(2_000_f64.sqrt(), 2_020_f64.sqrt());
//! lost.moved(2_020_f64.sqrt(), 2_000_f64.sqrt());
//! assert!(lost.total() > 0.0, "a price that comes back costs the position, not the rebalancer");
//! # Ok::<(), tidemill_signals::InvalidPosition>(())
//! ```

pub mod arbitrage;
pub mod execution;
pub mod exit_time;
pub mod fee_income;
pub mod impermanent_loss;
pub mod indicators;
pub mod loss_versus_rebalancing;
pub mod mean_reversion;
pub mod options;
pub mod performance;
pub mod pool_metrics;
pub mod sizing;
pub mod surveillance;
pub mod tail_risk;

mod bar;
mod bar_volatility;
mod concentrated_position;
mod concentrated_swap;
mod discrete_blocks;
mod ewma_rate;
mod ewma_volatility;
mod funding;
mod garch;
mod garch_fit;
mod har;
mod lvr_meter;
mod markout;
mod max_drawdown;
mod net_yield;
mod optimal_width;
mod raw;
mod realised_variance;
mod regression;
mod return_moments;
mod risk_metrics_volatility;
mod rolling_realised_variance;
mod simplex;
mod stable_swap_curve;
mod tau_reset;
mod window;

pub use bar::Bar;
pub use bar_volatility::{BarEstimator, BarVolatility};
pub use concentrated_position::{ConcentratedPosition, InvalidPosition, PriceMove, PriceRange};
pub use concentrated_swap::{MoveInput, SwapInput, SwapOutput};
pub use discrete_blocks::DiscreteBlocks;
pub use ewma_rate::EwmaRate;
pub use ewma_volatility::EwmaVolatility;
pub use funding::FundingRule;
pub use garch::{Garch, GarchVolatility, InvalidGarch};
pub use garch_fit::{GarchFit, GarchFitError};
pub use har::{HarFeatures, HarModel, HarRow};
pub use lvr_meter::LvrMeter;
pub use markout::{InventoryChange, MarkoutMeter};
pub use max_drawdown::{Drawdown, MaxDrawdown};
pub use net_yield::{NetYield, break_even_time};
pub use optimal_width::{OptimalWidth, Width};
pub use raw::{sqrt_price_at_tick_f64, sqrt_price_to_f64, ticks_from_one};
pub use realised_variance::RealisedVariance;
pub use regression::Regression;
pub use return_moments::ReturnMoments;
pub use risk_metrics_volatility::RiskMetricsVolatility;
pub use rolling_realised_variance::RollingRealisedVariance;
pub use stable_swap_curve::{Reserves, StableSwapCurve};
pub use tau_reset::{Reset, TauReset};

#[cfg(test)]
mod tests;
