//! Lines as the data of an SVG path: thinned, in tenths of a pixel, each point from the one before.

/// How far a thinned line may be from the points it leaves out, in pixels.
const TOLERANCE: f64 = 0.4;

/// A place in tenths of a pixel: exact, so that differences do not add up to an error.
type Tenths = (i64, i64);

/// Writes points as the data of one path; one that is not finite leaves a gap.
pub(super) fn line(points: &[(f64, f64)]) -> String {
    let stretches = points.split(|(x, y)| !(x.is_finite() && y.is_finite()));
    stretches.map(|stretch| joined(&thinned(stretch))).collect()
}

fn joined(points: &[(f64, f64)]) -> String {
    let mut places = points.iter().map(|(x, y)| (tenths(*x), tenths(*y)));
    let Some(first) = places.next() else { return String::new() };
    let mut data = format!("M{} {}", written(first.0), written(first.1));
    let mut is_moved = false;
    let mut last: Tenths = first;
    for place in places {
        let (x, y) = (place.0 - last.0, place.1 - last.1);
        if (x, y) == (0, 0) {
            continue;
        }
        let [x, y] = [x, y].map(written);
        data.push_str(if is_moved { "" } else { "l" });
        if is_moved && !x.starts_with('-') {
            data.push(' ');
        }
        data += &x;
        if !y.starts_with('-') {
            data.push(' ');
        }
        data += &y;
        (is_moved, last) = (true, place);
    }
    data
}

/// Leaves out points that are within the tolerance of the line without them (Ramer 1972, Douglas
/// and Peucker 1973). `points` are finite.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = vec![false; points.len()];
    for end in [0, points.len().saturating_sub(1)] {
        if let Some(kept) = kept.get_mut(end) {
            *kept = true;
        }
    }
    let mut open = vec![(0, points.len().saturating_sub(1))];
    while let Some((from, to)) = open.pop() {
        let Some((at, distance)) = furthest(points, from, to) else { continue };
        if distance > TOLERANCE {
            if let Some(kept) = kept.get_mut(at) {
                *kept = true;
            }
            open.extend([(from, at), (at, to)]);
        }
    }
    let kept = points.iter().zip(kept);
    kept.filter_map(|(point, is_kept)| is_kept.then_some(*point)).collect()
}

/// The point between two others that is furthest from the line between them, and how far.
fn furthest(points: &[(f64, f64)], from: usize, to: usize) -> Option<(usize, f64)> {
    let (one, other) = (points.get(from)?, points.get(to)?);
    let (dx, dy) = (other.0 - one.0, other.1 - one.1);
    let length = (dx * dx + dy * dy).sqrt();
    let between = points.get(from + 1..to)?.iter().zip(from + 1..);
    let far = between.map(|((x, y), at)| {
        let (x, y) = (x - one.0, y - one.1);
        let off =
            if length > 0.0 { (x * dy - y * dx).abs() / length } else { (x * x + y * y).sqrt() };
        (at, off)
    });
    far.fold(None, |best, next| match best {
        Some((_, most)) if most >= next.1 => best,
        Some(_) | None => Some(next),
    })
}

fn tenths(pixels: f64) -> i64 {
    (pixels * 10.0).round() as i64
}

/// Writes tenths as pixels, as shortly as it goes: `-.3`, `12`, `4.5`.
pub(super) fn written(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    match (whole, rest) {
        (_, 0) => format!("{sign}{whole}"),
        (0, _) => format!("{sign}.{rest}"),
        (_, _) => format!("{sign}{whole}.{rest}"),
    }
}

/// Writes pixels, rounded to a tenth.
pub(super) fn pixels(value: f64) -> String {
    written(tenths(value))
}

#[cfg(test)]
mod tests {
    use super::{line, written};

    #[test]
    fn points_on_a_straight_line_are_left_out() {
        let points: Vec<_> = (0..=100_u32).map(|x| (f64::from(x), f64::from(x) * 2.0)).collect();
        assert_eq!(line(&points), "M0 0l100 200");
        // A corner stays, and one that is off by less than the tolerance does not.
        assert_eq!(line(&[(0.0, 0.0), (5.0, 5.0), (10.0, 0.0)]), "M0 0l5 5 5-5");
        assert_eq!(line(&[(0.0, 0.0), (5.0, 0.2), (10.0, 0.0)]), "M0 0l10 0");
    }

    #[test]
    fn what_is_no_number_leaves_a_gap() {
        let points = [(0.0, 1.0), (1.0, 2.5), (2.0, f64::NAN), (3.0, 0.0), (4.0, -1.25)];
        assert_eq!(line(&points), "M0 1l1 1.5M3 0l1-1.3");
        assert_eq!(line(&[]), "");
        assert_eq!(line(&[(f64::NAN, 1.0)]), "");
    }

    #[test]
    fn numbers_are_as_short_as_they_go() {
        assert_eq!([0, 5, -5, 10, -123].map(written), ["0", ".5", "-.5", "1", "-12.3"]);
    }
}
