//! Capital among pools, by yield with dilution.

use super::{AllocationError, checked};

/// A pool, as one who has capital sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapitalPool {
    /// Rewards a year that all of its capital shares.
    pub reward: f64,
    /// The others' capital.
    pub others: f64,
    /// What a unit of capital earns a year whatever its share: fees less LVR and costs; may be
    /// negative.
    pub yield_per_unit: f64,
    /// Most of ours in it.
    pub cap: f64,
}

/// Capital, pool by pool.
#[derive(Clone, Debug, PartialEq)]
pub struct CapitalAllocation {
    /// As the pools are in order.
    pub capital: Vec<f64>,
    /// What is earned a year: the sum of `reward * x / (others + x) + yield * x`.
    pub value: f64,
    /// What one more unit would earn a year, or the required yield where not all is put to work.
    pub marginal_yield: f64,
}

/// Divides capital so that it earns the most, and puts to work only what earns the required yield
/// at the margin.
///
/// At a marginal yield `m` a pool takes `sqrt(R T / (m - a)) - T`, at most its cap, and all of it
/// where `a` is above `m`; `m` is found by bisection to the last bit that floats have.
///
/// Errors: [`AllocationError::Number`]; [`AllocationError::Empty`] for a pool with a reward and
/// nobody in it.
pub fn allocate_capital(
    pools: &[CapitalPool],
    capital: f64,
    required_yield: f64,
) -> Result<CapitalAllocation, AllocationError> {
    checked("capital", capital)?;
    if !required_yield.is_finite() {
        let (field, value) = ("required yield", required_yield);
        return Err(AllocationError::Number { field, value });
    }
    for (pool, each) in pools.iter().enumerate() {
        checked("reward", each.reward)?;
        checked("others", each.others)?;
        if !each.yield_per_unit.is_finite() {
            let (field, value) = ("yield per unit", each.yield_per_unit);
            return Err(AllocationError::Number { field, value });
        }
        if each.cap.is_nan() || each.cap < 0.0 {
            return Err(AllocationError::Number { field: "cap", value: each.cap });
        }
        if each.reward > 0.0 && each.others == 0.0 {
            return Err(AllocationError::Empty { pool });
        }
    }
    let at = |yields: f64| -> Vec<f64> {
        pools.iter().map(|pool| taken(pool, yields).min(pool.cap.min(capital))).collect()
    };
    let total = |taken: &[f64]| -> f64 { taken.iter().sum() };
    let mut low = required_yield;
    let first = pools.iter().map(|pool| pool.yield_per_unit + per_unit(pool));
    let mut high = first.fold(low, f64::max);
    if total(&at(low)) > capital {
        while low < high {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if total(&at(middle)) > capital { low = middle } else { high = middle }
        }
    } else {
        high = low;
    }
    let mut divided = at(high);
    // A pool without dilution takes any amount at its yield: the last bit of it tells how much.
    let mut left = if high > required_yield { capital - total(&divided) } else { 0.0 };
    if left > 0.0 {
        for (mine, more) in divided.iter_mut().zip(at(low)) {
            let part = (more - *mine).clamp(0.0, left);
            *mine += part;
            left -= part;
        }
    }
    let earned = |(pool, mine): (&CapitalPool, &f64)| {
        let reward = if *mine > 0.0 { pool.reward * mine / (pool.others + mine) } else { 0.0 };
        reward + pool.yield_per_unit * mine
    };
    let value = pools.iter().zip(&divided).map(earned).sum();
    Ok(CapitalAllocation { capital: divided, value, marginal_yield: high })
}

/// What the first unit gets of the reward.
fn per_unit(pool: &CapitalPool) -> f64 {
    if pool.reward > 0.0 { pool.reward / pool.others } else { 0.0 }
}

fn taken(pool: &CapitalPool, yields: f64) -> f64 {
    let margin = yields - pool.yield_per_unit;
    if margin < 0.0 {
        f64::INFINITY
    } else if pool.reward == 0.0 {
        0.0
    } else {
        ((pool.reward * pool.others / margin).sqrt() - pool.others).max(0.0)
    }
}
