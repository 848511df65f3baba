//! Numeric checks carry their ids from the project's list of domain checks.

mod arbitrage;
mod bar_volatility;
mod concentrated;
mod execution;
mod exit_time;
mod fixed_data;
mod garch;
mod garch_fit;
mod hedged_position;
mod impermanent_loss;
mod indicators;
mod loss_versus_rebalancing;
mod lvr_meter;
mod markout_and_fees;
mod mean_reversion;
mod net_yield;
mod online_against_batch;
mod optimal_width;
mod option_chain;
mod option_hedged_position;
mod option_prices;
mod options;
mod performance;
mod pool_metrics;
mod random_blocks;
mod regression;
mod sizing;
mod surveillance;
mod tail_risk;
mod tau_reset;
mod volatility;

/// Asserts that two numbers agree within a part of the expected one.
#[track_caller]
fn assert_close(actual: f64, expected: f64, relative: f64) {
    let error = (actual - expected).abs();
    assert!(
        error <= relative * expected.abs(),
        "{actual} is not {expected}: off by {:e} relatively, allowed {relative:e}",
        error / expected.abs(),
    );
}

/// Asserts that two numbers agree to an absolute error, for values printed to so many decimals.
#[track_caller]
fn assert_near(actual: f64, expected: f64, absolute: f64) {
    let error = (actual - expected).abs();
    assert!(error <= absolute, "{actual} is not {expected}: off by {error:e}");
}
