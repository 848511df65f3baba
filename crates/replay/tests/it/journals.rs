//! The same run gives the same digest: again, from its journal, and on any number of threads.

use rayon::prelude::*;
use tidemill_model::{EventBody, OutcomeKind};
use tidemill_replay::{BacktestConfig, audit, record_journal};
use tidemill_units::{Amount, U256};

use crate::data::{FOOTPRINTS, five, run, week};

#[test]
fn a_journal_replays_to_the_digest_of_its_run() {
    for footprint in FOOTPRINTS {
        let setup = five(footprint);
        let finished = run(setup.clone());
        let audited = setup.strategies.par_iter().zip(&finished.runs).map(|(strategy, run)| {
            let (journal, digest) = record_journal(week(), &setup, strategy).unwrap();
            let actions = run.record.actions.len();
            assert_eq!(journal.events.len(), week().events.len() + actions);
            assert_eq!(digest, run.digest, "{} recorded", strategy.name());
            let audited = audit(week(), &setup, strategy, journal).unwrap();
            assert_eq!(audited, digest, "{} audited", strategy.name());
            digest
        });
        let mut digests: Vec<String> = audited.collect();
        digests.sort();
        digests.dedup();
        assert_eq!(
            digests.len(),
            5,
            "strategies that decide differently have digests of their own"
        );
    }
}

/// A farm's journal has prices, stakes and sales in it, and is checked the same way.
#[test]
fn a_farmed_journal_replays_to_the_digest_of_its_run() {
    let config = r#"
        [[reward]]
        kind = "v3_staker"
        token = "UNI"
        amount = "100000"
        end = "2024-12-03 12:00:00"
        price_quote = "12.5"

        [[strategy]]
        kind = "fixed_range"
        half_width_ticks = 1000
        farm = { claim = "every", claim_every_hours = 12, proceeds = "sell" }
    "#;
    let setup = BacktestConfig::from_toml(config).unwrap().resolve(week()).unwrap();
    let strategy = &setup.strategies[0];
    let (journal, digest) = record_journal(week(), &setup, strategy).unwrap();
    let is = |wanted: fn(&OutcomeKind) -> bool| {
        let outcomes = journal.events.iter().filter_map(|event| match &event.body {
            EventBody::Outcome(outcome) => Some(&outcome.kind),
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_) => None,
            EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => None,
        });
        outcomes.filter(|kind| wanted(kind)).count()
    };
    let count = [
        is(|kind| matches!(kind, OutcomeKind::Staked { .. })),
        is(|kind| matches!(kind, OutcomeKind::Claimed { .. })),
        is(|kind| matches!(kind, OutcomeKind::Unstaked { .. })),
        is(|kind| matches!(kind, OutcomeKind::Sold { .. })),
    ];
    assert_eq!([count[0], count[2]], [1, 1]);
    assert!(count[1] > 2 && count[3] == count[1] + 1, "{count:?}");
    assert_eq!(audit(week(), &setup, strategy, journal.clone()).unwrap(), digest);
    // One unit of a reward more is not what the programme pays.
    let mut changed = journal;
    let reward = changed.events.iter_mut().find_map(|event| match &mut event.body {
        EventBody::Outcome(outcome) => {
            let OutcomeKind::Claimed { reward, .. } = &mut outcome.kind else { return None };
            Some(reward)
        }
        EventBody::Chain(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_) => None,
        EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => None,
    });
    let reward = reward.unwrap();
    reward.amount = Amount(reward.amount.0 + U256::ONE);
    let refused = audit(week(), &setup, strategy, changed).unwrap_err().to_string();
    assert!(refused.ends_with("does not reproduce"), "{refused}");
}

/// A journal with one unit changed is not the journal of that run.
#[test]
fn a_changed_journal_is_refused() {
    let setup = five("re-executed");
    let strategy = &setup.strategies[2];
    let (mut journal, _) = record_journal(week(), &setup, strategy).unwrap();
    let outcome = journal.events.iter_mut().find_map(|event| match &mut event.body {
        EventBody::Outcome(outcome) => Some(outcome),
        EventBody::Chain(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_) => None,
        EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => None,
    });
    let OutcomeKind::Opened { deposited, .. } = &mut outcome.unwrap().kind else {
        panic!("a fixed range starts by opening");
    };
    let [first, _] = deposited.as_mut_slice() else { panic!("a pool of two") };
    *first = Amount(first.0 + U256::ONE);
    let refused = audit(week(), &setup, strategy, journal).unwrap_err().to_string();
    assert!(refused.ends_with("does not reproduce"), "{refused}");
}

#[test]
fn many_threads_give_what_one_gives() {
    for footprint in FOOTPRINTS {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(five(footprint)))
        };
        let [serial, parallel] = [1, 4].map(on);
        for (one, other) in serial.runs.iter().zip(&parallel.runs) {
            assert_eq!(one.digest, other.digest);
            assert_eq!(format!("{:?}", one.record), format!("{:?}", other.record));
            assert_eq!(one.refused, other.refused);
        }
        assert_eq!(serial.runs.len(), parallel.runs.len());
    }
}
