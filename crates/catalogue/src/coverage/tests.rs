use super::{Coverage, Gap, Span};

fn span(from: i64, to: i64) -> Span {
    Span { from, to }
}

fn gap(from: i64, to: i64, cause: &str) -> Gap {
    Gap { from, to, cause: cause.to_owned() }
}

#[test]
fn spans_that_meet_are_one() {
    let coverage = Coverage::new(&[span(5, 9), span(0, 3), span(3, 5), span(20, 21)], &[]);
    assert_eq!(coverage.spans(), [span(0, 9), span(20, 21)]);
    assert_eq!(coverage.missing(span(-1, 30)), [span(-1, 0), span(9, 20), span(21, 30)]);
    assert_eq!(coverage.missing(span(2, 4)), []);
}

#[test]
fn a_gap_is_cut_out_and_ends_when_it_is_answered() {
    let mut coverage = Coverage::new(&[span(0, 10)], &[gap(4, 6, "outage")]);
    assert_eq!(coverage.spans(), [span(0, 4), span(6, 10)]);
    coverage.add(&[span(5, 6)], &[]);
    assert_eq!(coverage.spans(), [span(0, 4), span(5, 10)]);
    assert_eq!(coverage.gaps(), [gap(4, 5, "outage")]);
    coverage.add(&[span(4, 5)], &[]);
    assert_eq!(coverage, Coverage::new(&[span(0, 10)], &[]));
}

#[test]
fn gaps_never_overlap_and_neighbours_of_one_cause_join() {
    let mut coverage = Coverage::new(&[], &[gap(0, 4, "a"), gap(4, 8, "a"), gap(2, 3, "b")]);
    assert_eq!(coverage.gaps(), [gap(0, 2, "a"), gap(2, 3, "b"), gap(3, 8, "a")]);
    coverage.add(&[], &[gap(2, 3, "a"), gap(9, 9, "empty")]);
    assert_eq!(coverage.gaps(), [gap(0, 8, "a")]);
}

/// Against a set of single places, for every order of a few additions.
#[test]
fn it_is_what_a_set_of_places_would_say() {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    for _ in 0..200 {
        let mut coverage = Coverage::default();
        let (mut covered, mut holes) = ([false; 40], [false; 40]);
        for _ in 0..6 {
            let (from, length, is_gap) = (next(30), next(10), next(3) == 0);
            for place in from..from + length {
                let place = usize::try_from(place).unwrap();
                (covered[place], holes[place]) = (!is_gap, is_gap);
            }
            match is_gap {
                true => coverage.add(&[], &[gap(from, from + length, "x")]),
                false => coverage.add(&[span(from, from + length)], &[]),
            }
        }
        for place in 0..40_i64 {
            let at = usize::try_from(place).unwrap();
            let found = coverage.spans().iter().filter(|span| span.contains(place)).count();
            assert_eq!(found, usize::from(covered[at]), "{place} of {coverage:?}");
            let found = coverage.gaps().iter().filter(|gap| gap.span().contains(place)).count();
            assert_eq!(found, usize::from(holes[at]), "{place} of {coverage:?}");
        }
    }
}
