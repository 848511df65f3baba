use super::*;

/// Numbers from a seed (splitmix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn add(coverage: &mut Coverage, told: &Answered) {
    coverage.add(&told.spans, &told.gaps);
}

fn holds(coverage: &Coverage, time: i64) -> bool {
    coverage.spans().iter().any(|span| span.contains(time))
}

fn names(coverage: &Coverage, time: i64) -> bool {
    coverage.gaps().iter().any(|gap| gap.span().contains(time))
}

/// Whatever is lost on the way, at a kill or between two recordings: no time at which something
/// was lost is said to be answered, and each has a name; each row that was written lies in what is
/// answered or named.
#[test]
fn nothing_that_was_lost_is_said_to_be_answered() {
    for seed in 0..2_000 {
        println!("seed {seed}");
        let mut numbers = Seeded(seed);
        let rule = if seed % 2 == 0 { Rule::Numbers } else { Rule::Times };
        let mut coverage = Coverage::default();
        let (mut time, mut last) = (1_000, None);
        let mut sight = Sight::new(rule, coverage.clone(), last);
        let (mut held, mut written, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..200 {
            // Several numbered rows have one time; of others each has its own.
            let step = i64::try_from(numbers.below(3)).unwrap();
            time += if rule == Rule::Times { step + 1 } else { step };
            match numbers.below(24) {
                0..=2 => {
                    lost.push(time);
                    sight.lost("dropped");
                    continue;
                }
                3 => {
                    let told = sight.take();
                    add(&mut coverage, &told);
                    written.append(&mut held);
                    last = last.max(written.last().map(|(number, _)| *number));
                }
                4 => {
                    // Killed: what was held is gone.
                    lost.extend(held.drain(..).map(|(_, time)| time));
                    sight = Sight::new(rule, coverage.clone(), last);
                }
                5 if rule == Rule::Numbers => sight.lost("disconnected, and nothing was missed"),
                _ => {}
            }
            sight.row(time, number);
            held.push((number, time));
        }
        sight.end(0, time + 5);
        add(&mut coverage, &sight.take());
        written.append(&mut held);
        let first = written[0].1;
        for time in lost.into_iter().filter(|time| *time >= first) {
            assert!(!holds(&coverage, time), "{time}: {coverage:?}");
            assert!(names(&coverage, time), "{time}: {coverage:?}");
        }
        for (_, time) in written {
            assert!(holds(&coverage, time) || names(&coverage, time), "{time}: {coverage:?}");
        }
    }
}

#[test]
fn what_was_seen_to_follow_is_answered() {
    let mut sight = Sight::new(Rule::Numbers, Coverage::default(), None);
    for (time, number) in [(10, 5), (10, 6), (20, 7)] {
        sight.row(time, number);
    }
    let mut coverage = Coverage::default();
    add(&mut coverage, &sight.take());
    // The first and the last instant may have had more.
    assert_eq!(coverage.spans(), [Span { from: 11, to: 20 }]);
    assert_eq!(
        coverage.gaps().iter().map(Gap::span).collect::<Vec<_>>(),
        [Span { from: 10, to: 11 }, Span { from: 20, to: 21 }]
    );
    sight.lost("the line was cut");
    sight.row(30, 8);
    add(&mut coverage, &sight.take());
    assert_eq!(coverage.spans(), [Span { from: 11, to: 30 }], "number 8 follows 7");
    // Another recording sees the very next one.
    let mut sight = Sight::new(Rule::Numbers, coverage.clone(), Some(8));
    sight.row(1_000, 9);
    add(&mut coverage, &sight.take());
    assert_eq!(coverage.spans(), [Span { from: 11, to: 1_000 }]);
    sight.lost("the line was cut");
    sight.row(1_010, 12);
    add(&mut coverage, &sight.take());
    let hole = coverage.gaps().last().unwrap();
    assert_eq!(hole.span(), Span { from: 1_000, to: 1_011 });
    assert_eq!(hole.cause, "the line was cut: numbers 10 to 11 are missing");
    assert_eq!(sight.gaps(), 1, "edges are no holes that anybody made");
}

#[test]
fn candles_and_books_are_answered_by_their_times() {
    let mut coverage = Coverage::default();
    let mut sight = Sight::new(Rule::Intervals(60), coverage.clone(), None);
    for open in [600, 660, 840] {
        sight.row(open, 0);
    }
    add(&mut coverage, &sight.take());
    assert_eq!(coverage.spans(), [Span { from: 600, to: 720 }, Span { from: 840, to: 900 }]);
    let gap = |from, to, cause: &str| Gap { from, to, cause: cause.to_owned() };
    assert_eq!(coverage.gaps(), [gap(720, 840, "the venue told no such candles")]);
    let mut coverage = Coverage::default();
    let mut book = Sight::new(Rule::Times, coverage.clone(), None);
    // Our clock is behind the venue's.
    book.snapshot(90);
    book.row(100, 0);
    book.row(110, 0);
    book.lost("updates are missing");
    book.snapshot(105);
    book.row(130, 0);
    add(&mut coverage, &book.take());
    assert_eq!(coverage.spans(), [Span { from: 90, to: 111 }, Span { from: 130, to: 131 }]);
    assert_eq!(coverage.gaps(), [gap(111, 130, "updates are missing")]);
    book.lost("the line was cut");
    book.end(90, 200);
    add(&mut coverage, &book.take());
    assert_eq!(coverage.gaps().last(), Some(&gap(131, 200, "the line was cut")));
    let mut next = Sight::new(Rule::Times, coverage.clone(), None);
    next.row(300, 0);
    add(&mut coverage, &next.take());
    assert_eq!(coverage.gaps().last(), Some(&gap(200, 300, NOT_RECORDED)));
}

#[test]
fn a_recording_that_saw_nothing_says_so() {
    let mut coverage = Coverage::default();
    let mut sight = Sight::new(Rule::Times, coverage.clone(), None);
    sight.lost("not connected");
    sight.lost("still not");
    sight.end(50, 80);
    add(&mut coverage, &sight.take());
    let gap = Gap { from: 50, to: 80, cause: "not connected".to_owned() };
    assert_eq!((coverage.spans(), coverage.gaps()), (&[][..], &[gap][..]));
}
