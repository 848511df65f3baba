//! W12: votes divided among 500 gauges.

use tidemill_strategies::allocation::votes::{Gauge, allocate_votes, in_basis_points};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::Random;

const GAUGES: usize = 500;
/// As many as Aerodrome's voter takes.
const MOST: usize = 30;

/// Rewards and votes of many sizes, caps that sometimes bind, and far more gauges worth a vote than
/// may get one; basis points included.
pub(crate) fn votes() -> Result<Row, String> {
    let mut random = Random::seeded(11);
    let mut uniform = || f64::from(random.between(1, 1_000_000));
    let inputs: Vec<Vec<Gauge>> = (0..64)
        .map(|_| {
            let gauge = |_| Gauge { reward: uniform() / 100.0, others: uniform(), cap: uniform() };
            (0..GAUGES).map(gauge).collect()
        })
        .collect();
    let divide = |gauges: &Vec<Gauge>| {
        let allocation = allocate_votes(gauges, 1e6, MOST).ok()?;
        in_basis_points(&allocation).ok()
    };
    for gauges in &inputs {
        let points = divide(gauges).ok_or("nothing was allocated")?;
        if points.iter().sum::<u64>() != 10_000 {
            return Err("basis points do not add up".to_owned());
        }
    }
    Ok(Row {
        title: "votes among 500 gauges, at most 30".to_owned(),
        target: Target::PerSecond(1_000.0),
        operations: 1,
        contestants: vec![(Contestant::Tidemill, circle(inputs, divide))],
        notes: vec!["the target is a millisecond for each division".to_owned()],
    })
}
