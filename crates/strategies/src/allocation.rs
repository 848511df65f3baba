//! Dividing votes or capital among pools whose rewards dilute.
//!
//! Every pool pays in proportion: of `B` to all, `B v / (V + v)` to whoever adds `v` to the others'
//! `V`. The sum over pools is concave, so the best division makes the marginal reward
//! `B V / (V + v)^2` equal wherever something is put, and no higher anywhere else (the conditions
//! of Karush, Kuhn and Tucker).

pub mod capital;
pub mod votes;

/// Why nothing can be divided.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AllocationError {
    /// A number that is negative, infinite or none.
    #[error("{field} is {value}; allowed is zero or more, and finite")]
    Number {
        /// Which.
        field: &'static str,
        /// What it is.
        value: f64,
    },
    /// A pool that nobody is in: any amount however small would get all of its reward.
    #[error("pool {pool} has a reward and nobody in it; put in a first amount by hand")]
    Empty {
        /// Its place in the list.
        pool: usize,
    },
    /// Basis points of no votes.
    #[error("no pool is worth a vote")]
    Nothing,
}

fn checked(field: &'static str, value: f64) -> Result<f64, AllocationError> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(AllocationError::Number { field, value })
    }
}

/// Divides a whole into units by largest remainder: each its part rounded down, and what is left
/// one by one to the largest fractions, the first of equal ones. The parts need not add up to one.
///
/// The answer adds up to the whole exactly; all zero where the parts are.
pub fn largest_remainder(parts: &[f64], whole: u64) -> Vec<u64> {
    let sum: f64 = parts.iter().sum();
    let mut units = vec![0; parts.len()];
    if sum <= 0.0 || !sum.is_finite() {
        return units;
    }
    let mut order = Vec::with_capacity(parts.len());
    let mut left = whole;
    for (index, part) in parts.iter().enumerate() {
        let exact = part / sum * whole as f64;
        // Cut off, and never more than is left: a sum of floats can come out above its whole.
        let unit = (exact as u64).min(left);
        units[index] = unit;
        left -= unit;
        if *part > 0.0 {
            order.push((exact - unit as f64, index));
        }
    }
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in order.iter().cycle().take(left as usize) {
        units[*index] += 1;
    }
    units
}
