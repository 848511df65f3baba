use crate::compounding::Compounding;

fn near(left: f64, right: f64) {
    assert!((left - right).abs() <= 1e-9 * right.abs(), "{left} is not {right}");
}

#[test]
fn q413a_closed_form_and_count() {
    let position = Compounding::new(10_000.0, 0.5, 5.0).unwrap();
    near(position.times_a_year(), 15.811388300841896);
    near(position.interval_years() * 365.0, 23.084626919229172);
    let best = position.best_count();
    assert_eq!(best.times, 17);
    near(best.wealth, 16260.468225813787);
}

#[test]
fn counted_out_no_other_number_leaves_more() {
    for (capital, rate, cost) in [(1e3, 0.1, 5.0), (1e6, 0.05, 20.0), (5e4, 2.0, 1.0)] {
        let position = Compounding::new(capital, rate, cost).unwrap();
        let best = position.best_count();
        for times in 1..2_000 {
            assert!(position.wealth(times) <= best.wealth, "{times} is better than {best:?}");
        }
    }
}

#[test]
fn a_claim_has_to_pay_for_itself() {
    let position = Compounding::new(10_000.0, 0.5, 5.0).unwrap();
    let interval = position.interval_years();
    assert!(position.pays_within(interval * 1.001));
    assert!(!position.pays_within(interval * 0.999));
    let gathered = position.capital * position.yearly_rate * interval;
    assert!(position.is_due(gathered * 1.000001) && !position.is_due(gathered * 0.999999));
    assert_eq!(Compounding::new(0.0, 0.5, 5.0), None);
    assert_eq!(Compounding::new(1.0, f64::NAN, 5.0), None);
}
