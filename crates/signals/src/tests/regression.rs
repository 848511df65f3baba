use proptest::prelude::*;

use super::{assert_close, assert_near};
use crate::mean_reversion::{Line, spread_z_score};
use crate::{HarModel, Regression};

use super::fixed_data::FixedRandom;

/// Longley 1967: employment of the United States, 1947 to 1962, and what should explain it. The
/// hardest of the linear regressions that NIST certifies, its columns nearly dependent.
const LONGLEY: [[f64; 7]; 16] = [
    [60_323.0, 83.0, 234_289.0, 2_356.0, 1_590.0, 107_608.0, 1947.0],
    [61_122.0, 88.5, 259_426.0, 2_325.0, 1_456.0, 108_632.0, 1948.0],
    [60_171.0, 88.2, 258_054.0, 3_682.0, 1_616.0, 109_773.0, 1949.0],
    [61_187.0, 89.5, 284_599.0, 3_351.0, 1_650.0, 110_929.0, 1950.0],
    [63_221.0, 96.2, 328_975.0, 2_099.0, 3_099.0, 112_075.0, 1951.0],
    [63_639.0, 98.1, 346_999.0, 1_932.0, 3_594.0, 113_270.0, 1952.0],
    [64_989.0, 99.0, 365_385.0, 1_870.0, 3_547.0, 115_094.0, 1953.0],
    [63_761.0, 100.0, 363_112.0, 3_578.0, 3_350.0, 116_219.0, 1954.0],
    [66_019.0, 101.2, 397_469.0, 2_904.0, 3_048.0, 117_388.0, 1955.0],
    [67_857.0, 104.6, 419_180.0, 2_822.0, 2_857.0, 118_734.0, 1956.0],
    [68_169.0, 108.4, 442_769.0, 2_936.0, 2_798.0, 120_445.0, 1957.0],
    [66_513.0, 110.8, 444_546.0, 4_681.0, 2_637.0, 121_950.0, 1958.0],
    [68_655.0, 112.6, 482_704.0, 3_813.0, 2_552.0, 123_366.0, 1959.0],
    [69_564.0, 114.2, 502_601.0, 3_931.0, 2_514.0, 125_368.0, 1960.0],
    [69_331.0, 115.7, 518_173.0, 4_806.0, 2_572.0, 127_852.0, 1961.0],
    [70_551.0, 116.9, 554_894.0, 4_007.0, 2_827.0, 130_081.0, 1962.0],
];

/// The certified values of NIST's Statistical Reference Datasets.
#[test]
fn longley_as_nist_certifies_it() {
    let observations = LONGLEY
        .into_iter()
        .map(|[explained, x @ ..]| ([1.0, x[0], x[1], x[2], x[3], x[4], x[5]], explained));
    let fit = Regression::fitted(observations).unwrap();
    let certified = [
        -3_482_258.634_595_82,
        15.061_872_271_373_3,
        -0.035_819_179_292_591,
        -2.020_229_803_816_83,
        -1.033_226_867_173_59,
        -0.051_104_105_653_580_7,
        1_829.151_464_613_55,
    ];
    for (found, expected) in fit.coefficients.into_iter().zip(certified) {
        assert_close(found, expected, 1e-9);
    }
    assert_close(fit.residual_squares, 836_424.055_505_915, 1e-9);
    assert_eq!(fit.count, 16);
}

#[test]
fn regressions_that_cannot_be_are_nothing() {
    let rows =
        |third: fn(f64) -> f64| (0..5).map(f64::from).map(move |x| ([1.0, x, third(x)], x * x));
    assert!(Regression::fitted(rows(|x| x * x)).is_some());
    assert_eq!(Regression::fitted(rows(|x| 3.0 + 2.0 * x)), None, "one follows from the others");
    assert_eq!(Regression::fitted(rows(|_| 0.0)), None);
    assert_eq!(Regression::fitted(rows(|_| f64::NAN)), None);
    assert_eq!(Regression::fitted(rows(|x| x * x).take(2)), None, "too few");
    assert_eq!(Regression::fitted([([1.0], f64::INFINITY)]), None);
}

proptest! {
    /// What is left is at a right angle to every explanation, which is what least squares are.
    #[test]
    fn residuals_are_orthogonal(
        points in proptest::collection::vec(
            (prop::array::uniform3(-1.0..1.0_f64), -1.0..1.0_f64), 4..40
        ),
    ) {
        let rows = points.iter().map(|([a, b, c], y)| ([1.0, *a, *b, *c], *y));
        if let Some(fit) = Regression::fitted(rows.clone()) {
            let scale: f64 = fit.coefficients.iter().map(|it| it.abs()).fold(1.0, f64::max);
            let left = |x: &[f64; 4], y: f64| y - fit.at(x);
            for place in 0..4 {
                let along: f64 = rows.clone().map(|(x, y)| x[place] * left(&x, y)).sum();
                prop_assert!(along.abs() < 1e-12 * scale * points.len() as f64, "{along:e}");
            }
            let squares: f64 = rows.map(|(x, y)| left(&x, y).powi(2)).sum();
            prop_assert!((squares - fit.residual_squares).abs() < 1e-11 * scale * scale);
        }
    }

    #[test]
    fn with_one_explanation_it_is_the_line(
        points in proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 3..40)
    ) {
        let line = Line::through(points.iter().copied());
        let fit = Regression::fitted(points.iter().map(|(x, y)| ([1.0, *x], *y)));
        if let (Some(line), Some(fit)) = (line, fit) {
            let scale = 1.0 + line.slope.abs() + line.intercept.abs();
            prop_assert!((fit.coefficients[0] - line.intercept).abs() < 1e-10 * scale * scale);
            prop_assert!((fit.coefficients[1] - line.slope).abs() < 1e-10 * scale * scale);
        }
    }
}

/// A series made by the model, long enough for standard errors of about 0.02 on each weight.
#[test]
fn a_heterogeneous_autoregression_is_found_again() {
    let made = HarModel { constant: 0.1, day: 0.35, week: 0.3, month: 0.25 };
    let mut random = FixedRandom::new(1_234);
    let mut features = crate::HarFeatures::new(5, 22);
    let mut values = Vec::new();
    for day in 0..20_000 {
        let expected = if day < 22 { 1.0 } else { made.forecast(&features.row().unwrap()) };
        let value = expected + 0.1 * random.normal();
        features.update(value);
        values.push(value);
    }
    let found = HarModel::fitted(&values, 5, 22).unwrap();
    assert_near(found.day, made.day, 0.03);
    assert_near(found.week, made.week, 0.06);
    assert_near(found.month, made.month, 0.06);
    assert_near(found.day + found.week + found.month, 0.9, 0.03);
    let row = features.row().unwrap();
    assert_near(found.forecast(&row), made.forecast(&row), 0.01);
    assert_eq!(HarModel::fitted(&values[..25], 5, 22), None, "three days beyond the month");
    assert_eq!(HarModel::fitted(&[1.0; 60], 5, 22), None, "nothing moves");
}

#[test]
fn score_of_a_spread_by_hand() {
    // The line is y = 2x: 1 is off by 1 at the end, and by 1, -2 before (nearly).
    let pairs = [(1.0, 2.0), (2.0, 6.0), (3.0, 4.0), (4.0, 8.0)];
    let line = Line::through(pairs.into_iter()).unwrap();
    let squares: f64 = pairs.iter().map(|(x, y)| line.residual(*x, *y).powi(2)).sum();
    // Slope 1.6 and intercept 1: residuals -0.6, 1.8, -1.8, 0.6.
    assert_close(line.slope, 1.6, 1e-12);
    assert_close(line.intercept, 1.0, 1e-12);
    assert_close(squares, 7.2, 1e-12);
    assert_close(spread_z_score(pairs.into_iter()).unwrap(), 0.6 / 3.6_f64.sqrt(), 1e-12);
    assert_eq!(spread_z_score(pairs[..2].iter().copied()), None, "both are on their line");
    assert_eq!(spread_z_score([(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)].into_iter()), None);
}
