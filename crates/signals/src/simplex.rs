/// The least value found of a function, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Least<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) value: f64,
}

/// How often a function may be asked, over all rounds.
const MOST_CALLS: u32 = 20_000;
/// How near the corners' values have to be to each other, as a part of their size, to be done.
const SAME_VALUE: f64 = 1e-14;
/// How near the corners have to be.
const SAME_PLACE: f64 = 1e-6;

/// Returns a local minimum of a function by Nelder and Mead's simplex, begun anew around its best
/// corner until that gains nothing; `None` where it does not settle. The same for the same function
/// on every machine, as far as the function is. One that is not a number counts as infinite.
///
/// Source: Nelder and Mead 1965, with the usual factors 1, 2, 1/2 and 1/2.
pub(crate) fn minimum<const N: usize>(
    function: impl Fn(&[f64; N]) -> f64,
    start: [f64; N],
    step: f64,
) -> Option<Least<N>> {
    let asked = |at: [f64; N]| {
        let value = function(&at);
        Least { at, value: if value.is_nan() { f64::INFINITY } else { value } }
    };
    let (mut best, mut calls) = (asked(start), 0);
    loop {
        let found = descend(&asked, best, step, &mut calls)?;
        let gained = best.value - found.value;
        best = found;
        // Infinity less infinity is not a number: nothing was gained then either.
        let is_done = gained.is_nan() || gained <= SAME_VALUE * best.value.abs();
        if is_done {
            return best.value.is_finite().then_some(best);
        }
    }
}

fn descend<const N: usize>(
    asked: &impl Fn([f64; N]) -> Least<N>,
    start: Least<N>,
    step: f64,
    calls: &mut u32,
) -> Option<Least<N>> {
    let mut corners: Vec<Least<N>> = std::iter::once(start)
        .chain((0..N).map(|axis| {
            let mut at = start.at;
            at[axis] += step;
            asked(at)
        }))
        .collect();
    loop {
        corners.sort_by(|one, other| one.value.total_cmp(&other.value));
        if is_settled(&corners) {
            return corners.first().copied();
        }
        *calls += 1;
        if *calls > MOST_CALLS {
            return None;
        }
        let (worst, rest) = corners.split_last_mut()?;
        let second_worst = rest.last()?.value;
        let best = rest.first()?.value;
        let middle: [f64; N] = std::array::from_fn(|axis| {
            rest.iter().map(|corner| corner.at[axis]).sum::<f64>() / N as f64
        });
        let beyond = |factor: f64| -> [f64; N] {
            std::array::from_fn(|axis| middle[axis] + factor * (middle[axis] - worst.at[axis]))
        };
        let reflected = asked(beyond(1.0));
        if reflected.value < best {
            let expanded = asked(beyond(2.0));
            *worst = if expanded.value < reflected.value { expanded } else { reflected };
        } else if reflected.value < second_worst {
            *worst = reflected;
        } else {
            let contracted = asked(beyond(if reflected.value < worst.value { 0.5 } else { -0.5 }));
            if contracted.value < worst.value.min(reflected.value) {
                *worst = contracted;
            } else {
                shrink(asked, &mut corners);
            }
        }
    }
}

fn shrink<const N: usize>(asked: &impl Fn([f64; N]) -> Least<N>, corners: &mut [Least<N>]) {
    let Some((best, others)) = corners.split_first_mut() else { return };
    for corner in others {
        *corner = asked(std::array::from_fn(|axis| f64::midpoint(best.at[axis], corner.at[axis])));
    }
}

/// Whether sorted corners are of one value and in one place.
fn is_settled<const N: usize>(corners: &[Least<N>]) -> bool {
    let (Some(best), Some(worst)) = (corners.first(), corners.last()) else { return true };
    let is_near = |corner: &Least<N>| {
        corner.at.iter().zip(&best.at).all(|(one, other)| (one - other).abs() <= SAME_PLACE)
    };
    worst.value - best.value <= SAME_VALUE * best.value.abs() && corners.iter().all(is_near)
}
