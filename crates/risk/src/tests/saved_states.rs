//! States as text: nothing is lost on the way, and nothing else is taken for one.

use tidemill_units::{Bps, Side};

use super::guarded::{Guarded, amount, minutes};
use super::seeded::Seeded;
use super::{open, swap};
use crate::{
    BreakEven, Budget, DeviationLimit, Fall, RangeTimer, RiskState, Safeguards, StateTextError,
    StopRule,
};

/// Everything that is remembered is remembered of.
fn everything() -> Safeguards {
    let rule = StopRule { stop_loss: Fall::new(2_000), trailing: Fall::new(2_500) };
    Safeguards {
        price_deviation: Some(DeviationLimit { most: Bps(10_000), over: minutes(2) }),
        budget: Budget {
            max_openings_per_day: Some(100),
            max_swap_quote_per_day: Some(amount(u128::MAX)),
            max_gas_quote_per_day: Some(amount(u128::MAX)),
        },
        portfolio_stop: rule,
        position_stop: rule,
        cool_down: Some(minutes(3)),
        out_of_range: Some(RangeTimer { close_after: minutes(600), reset_after: Some(minutes(2)) }),
        break_even: Some(BreakEven { margin: Bps(1), horizon: minutes(60) }),
        ..Safeguards::default()
    }
}

/// Lives for a while, with whatever passes.
fn live(guarded: &mut Guarded, random: &mut Seeded, steps: u32) {
    for _ in 0..steps {
        let blocks = 1 + random.below(20);
        guarded.move_to(blocks, random.between(-400, 400));
        let position = guarded.desk.ledger.positions().next().map(|(id, _)| id);
        let wish = match (random.below(4), position) {
            (0, Some(position)) => tidemill_model::Intent::Close { position },
            (1, _) => swap(Side::Token0, 1 + u128::from(random.below(1_000))),
            (2, _) => swap(Side::Token1, 1 + u128::from(random.below(1_000))),
            _ => open(1_000, 1_000),
        };
        if let Ok(order) = guarded.ask(wish) {
            guarded.desk.settle(order);
        }
        guarded.desk.burn_gas(random.below(50));
    }
}

#[test]
fn a_state_that_is_written_and_read_is_the_same_and_decides_the_same() {
    for seed in 0..30 {
        let mut guarded = Guarded::new(everything());
        let mut random = Seeded(seed);
        for round in 0..4 {
            live(&mut guarded, &mut random, 12);
            let state = guarded.desk.risk.state();
            let text = state.to_text();
            let read = RiskState::from_text(&text);
            assert_eq!(read.as_ref(), Ok(state), "seed {seed}, round {round}:\n{text}");
            assert_eq!(read.expect("the same").to_text(), text);
        }
    }
}

#[test]
fn every_kind_of_line_is_written_by_some_run() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..30 {
        let mut guarded = Guarded::new(everything());
        live(&mut guarded, &mut Seeded(seed), 30);
        let text = guarded.desk.risk.state().to_text();
        kinds.extend(
            text.lines().skip(1).filter_map(|line| line.split(' ').next()).map(str::to_owned),
        );
    }
    // What only stakes, stops and claims leave is not among it.
    for kind in [
        "loss",
        "portfolio",
        "position",
        "opening",
        "swapped",
        "gas",
        "mean",
        "tick",
        "cost",
        "closed",
        "growth",
        "decision",
        "pending",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn lines_that_no_short_run_writes_are_read_as_well() {
    let text = "tidemill-risk-state 1\nloss - 0\nstopped trailing-stop\n\
                position 7 1 55 - - 100 160 out-of-range 170 -\n\
                cool 0 1700000000\n\
                cost compound 21000\ncompounded 7 1 99\n\
                decision 8 0 compound 0 7 1 100 5 6 4 3600\n\
                pending 8 0 1 2\n";
    let state = RiskState::from_text(text).expect("a state");
    assert_eq!(state.to_text(), text);
    assert_eq!(state.stopped(), Some(crate::StopCause::TrailingStop));
}

#[test]
fn what_is_no_state_is_refused_by_line() {
    let with = |line: &str| RiskState::from_text(&format!("tidemill-risk-state 1\n{line}\n"));
    assert_eq!(RiskState::from_text(""), Err(StateTextError::Header));
    assert_eq!(RiskState::from_text("tidemill-risk-state 2\n"), Err(StateTextError::Header));
    assert_eq!(RiskState::from_text("tidemill-risk-state 1"), Ok(RiskState::default()));
    for wrong in [
        "",
        "unknown 1",
        "portfolio 1",
        "portfolio 1 -2",
        "portfolio 1 2 3",
        "portfolio 1 02",
        "portfolio  1 2",
        "stopped",
        "stopped -",
        "stopped sometimes",
        "position 1 1 0 5 - - - - - -",
        "position 1 70000 0 - - - - - - -",
        "tick 0 1 100 5",
        "gas 1",
        "cost dance 1",
        "decision 8 0 compound 0 7 1 100 5 6 4 -",
    ] {
        let refused = StateTextError::Line { line: 2, text: wrong.to_owned() };
        assert_eq!(with(wrong), Err(refused.clone()), "{wrong}");
        assert_eq!(refused.to_string(), format!("line 2: `{wrong}` is not allowed there"));
    }
}
