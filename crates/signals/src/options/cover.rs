use crate::ConcentratedPosition;

/// Returns how many options at each of these strikes take the curvature out of a position's value
/// between them, in units of the asset that the price is of.
///
/// Shape: strikes are positive and rise; one quantity for each, zero or more. With as many options
/// at each strike, be they puts or calls, the value of everything when they end has no bend
/// downwards: at every strike it lies on one straight line, and nowhere below it. With calls at the
/// strikes above some point and puts at those below, the line is the chord of the position's value
/// around that point, carried on; with nothing but puts it is level, at what the position is worth
/// at the last strike. Summed over evenly spaced strikes this is the strip of
/// [`OptionStrip`](super::OptionStrip): `dK` times its density.
///
/// Source: Carr and Madan 1998, for a chain with steps. A position's value is concave and nothing
/// at a price of nothing, and does not fall: its chord from there to the first strike, the chords
/// from strike to strike, and the level behind the last are nowhere above it, and what bends the
/// chords is what has to be bought.
pub fn covering_quantities(position: &ConcentratedPosition, strikes: &[f64]) -> Vec<f64> {
    let nodes = std::iter::once((0.0, 0.0));
    let nodes = nodes.chain(strikes.iter().map(|strike| (*strike, position.value(*strike))));
    let nodes: Vec<(f64, f64)> = nodes.collect();
    let chords = nodes.windows(2).filter_map(|pair| match pair {
        [(from, start), (to, end)] => Some((end - start) / (to - from)),
        _ => None,
    });
    let slopes: Vec<f64> = chords.chain([0.0]).collect();
    let bends = slopes.windows(2).filter_map(|pair| match pair {
        // What is left of a straight line is rounding.
        [before, after] => Some((before - after).max(0.0)),
        _ => None,
    });
    bends.collect()
}
