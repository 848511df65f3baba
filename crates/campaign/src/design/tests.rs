use super::*;

fn amount(amount: u64) -> Amount {
    Amount::from_u64(amount)
}

#[test]
fn what_would_have_come_unpaid_counts_with_those_who_are_there() {
    let paid = [(Group::Present, 500), (Group::Added, 100), (Group::Wide, 50), (Group::Parked, 7)];
    let captured = Capture {
        paid: paid.map(|(group, paid)| (group, amount(paid))).to_vec(),
        idle: vec![(Group::Present, amount(40)), (Group::Added, amount(10))],
        makers: amount(3),
        returned: amount(2),
        rest: amount(1),
        refused_calls: 0,
    };
    let all = |capture: &CampaignCapture| capture.sum();
    let capture = sheet_capture(&captured, 0.0);
    assert_eq!([capture.present, capture.added, capture.wide], [460, 90, 50].map(amount));
    assert_eq!((capture.out_of_range, capture.parked), (amount(50), amount(7)));
    assert_eq!(all(&capture), Some(amount(663)));
    // A quarter of 90 and of 50, rounded down.
    let capture = sheet_capture(&captured, 0.25);
    assert_eq!([capture.present, capture.added, capture.wide], [494, 68, 38].map(amount));
    assert_eq!(all(&capture), Some(amount(663)));
    let capture = sheet_capture(&captured, 1.5);
    assert_eq!([capture.added, capture.wide], [Amount::ZERO; 2]);
}
