//! Votes among gauges, by the closed form with dilution.

use super::{AllocationError, checked, largest_remainder};

/// A gauge, as one who has votes sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gauge {
    /// What all of its voters will get together: bribes and fees, in one currency. What its weight
    /// is worth to us besides is no part of this.
    pub reward: f64,
    /// The others' votes at the end of the epoch, which has to be forecast.
    pub others: f64,
    /// Most of our votes for it.
    pub cap: f64,
}

impl Gauge {
    /// Returns a gauge that may take all votes.
    pub fn uncapped(reward: f64, others: f64) -> Self {
        Self { reward, others, cap: f64::INFINITY }
    }
}

/// Votes, gauge by gauge, and what they are expected to earn.
#[derive(Clone, Debug, PartialEq)]
pub struct VoteAllocation {
    /// As the gauges are in order; they add up to what was to be divided, or to all caps where
    /// these are less.
    pub votes: Vec<f64>,
    /// The sum of `reward * votes / (others + votes)`.
    pub value: f64,
}

/// Divides votes so that they earn the most, over at most so many gauges.
///
/// Uncapped: `v = sqrt(B V) s - V` with `s = (v + sum V) / sum sqrt(B V)` over the gauges where
/// that is above zero, which are the first by `B / V`. A gauge past its cap gets the cap, and the
/// rest is divided again. Where too many gauges get votes, those that earn least are dropped, few
/// at a time: exact where the number does not bind, and near it where it does.
///
/// Gauges without reward get nothing; one with a reward and nobody in it gets a first small vote by
/// hand, since there any vote earns all of it.
///
/// Errors: [`AllocationError::Number`], [`AllocationError::Empty`].
pub fn allocate_votes(
    gauges: &[Gauge],
    votes: f64,
    most_gauges: usize,
) -> Result<VoteAllocation, AllocationError> {
    checked("votes", votes)?;
    for (pool, gauge) in gauges.iter().enumerate() {
        checked("reward", gauge.reward)?;
        checked("others", gauge.others)?;
        if gauge.cap.is_nan() || gauge.cap < 0.0 {
            return Err(AllocationError::Number { field: "cap", value: gauge.cap });
        }
        if gauge.reward > 0.0 && gauge.others == 0.0 {
            return Err(AllocationError::Empty { pool });
        }
    }
    // The best first, so that the ones that get something are always the first few.
    let mut order: Vec<_> = (0..gauges.len()).filter(|index| gauges[*index].reward > 0.0).collect();
    let rate = |index: &usize| gauges[*index].reward / gauges[*index].others;
    order.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then(a.cmp(b)));
    let mut allocated = capped(gauges, order.clone(), votes);
    let used = |allocated: &[f64]| allocated.iter().filter(|votes| **votes > 0.0).count();
    while used(&allocated) > most_gauges {
        let earned = |index: &usize| earned(&gauges[*index], allocated[*index]);
        order.retain(|index| allocated[*index] > 0.0);
        // One at a time near the end, where each that goes changes the others' order.
        let excess = order.len() - most_gauges;
        let drop = (excess / 4).max(1);
        let mut by_value = order.clone();
        by_value.sort_by(|a, b| earned(a).total_cmp(&earned(b)).then(b.cmp(a)));
        let dropped = &by_value[..drop];
        order.retain(|index| !dropped.contains(index));
        allocated = capped(gauges, order.clone(), votes);
    }
    let value = gauges.iter().zip(&allocated).map(|(gauge, votes)| earned(gauge, *votes)).sum();
    Ok(VoteAllocation { votes: allocated, value })
}

/// Divides an allocation into basis points of all votes, as gauges take them, by largest remainder.
///
/// Errors: [`AllocationError::Nothing`] where no votes were allocated.
pub fn in_basis_points(allocation: &VoteAllocation) -> Result<Vec<u64>, AllocationError> {
    let points = largest_remainder(&allocation.votes, 10_000);
    if points.iter().all(|points| *points == 0) {
        return Err(AllocationError::Nothing);
    }
    Ok(points)
}

fn earned(gauge: &Gauge, votes: f64) -> f64 {
    if votes > 0.0 { gauge.reward * votes / (gauge.others + votes) } else { 0.0 }
}

/// Fills caps and divides the rest until no cap is passed: what is taken off a gauge goes to the
/// others and lowers the price of a vote, at which a gauge at its cap would take still more.
fn capped(gauges: &[Gauge], mut free: Vec<usize>, votes: f64) -> Vec<f64> {
    let mut allocated = vec![0.0; gauges.len()];
    let mut left = votes;
    loop {
        uncapped(gauges, &free, left, &mut allocated);
        let over: Vec<_> =
            free.iter().copied().filter(|i| allocated[*i] > gauges[*i].cap).collect();
        if over.is_empty() {
            return allocated;
        }
        for index in &over {
            allocated[*index] = gauges[*index].cap;
            left = (left - gauges[*index].cap).max(0.0);
        }
        free.retain(|index| allocated[*index] < gauges[*index].cap);
        // What was just set to its cap is not free any more, also where the cap is zero.
        free.retain(|index| !over.contains(index));
    }
}

/// The closed form over gauges in falling order of reward per vote.
fn uncapped(gauges: &[Gauge], order: &[usize], votes: f64, allocated: &mut [f64]) {
    let (mut others, mut roots) = (0.0, 0.0);
    let mut active = 0;
    for index in order {
        let Gauge { reward, others: all, .. } = gauges[*index];
        let (with, root) = (others + all, (reward * all).sqrt());
        // The next gauge takes part where the price of the others leaves it something.
        if root * (votes + with) <= all * (roots + root) && active > 0 {
            break;
        }
        (others, roots) = (with, roots + root);
        active += 1;
    }
    for (place, index) in order.iter().enumerate() {
        let Gauge { reward, others: all, .. } = gauges[*index];
        allocated[*index] = if place < active {
            ((reward * all).sqrt() / roots * (votes + others) - all).max(0.0)
        } else {
            0.0
        };
    }
}
