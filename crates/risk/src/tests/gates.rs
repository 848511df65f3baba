//! What rebalances and claims have to bring, and what they brought.

use tidemill_model::{Intent, OutcomeKind, PositionId};
use tidemill_units::{Amount, Bps, Side};

use super::guarded::{Guarded, amount, minutes};
use super::synthetic_tape::{POOL, SyntheticTape, full_range};
use super::{Desk, open, swap};
use crate::{BreakEven, Decision, DecisionKind, Realised, Refusal, Safeguards};

const HORIZON: u32 = 60;

fn gated(margin: u32) -> Safeguards {
    let rule = BreakEven { margin: Bps(margin), horizon: minutes(HORIZON) };
    Safeguards { break_even: Some(rule), ..Safeguards::default() }
}

/// A pool in which every swap of 10^9 pays 3 * 10^6 of fees on a liquidity of 10^12: three in a
/// million for each unit of it.
fn busy(margin: u32) -> Guarded {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 1_000_000_000_000);
    Guarded::beside(tape, gated(margin))
}

/// So many minutes in which so many swaps each way go through.
fn trade(guarded: &mut Guarded, swaps: u64, minutes: u64) {
    for _ in 0..swaps {
        guarded.tape.skip_blocks(5 * minutes / swaps);
        guarded.tape.swap_in(Side::Token0, 1_000_000_000);
        guarded.tape.swap_in(Side::Token1, 1_000_000_000);
        guarded.catch_up();
    }
}

fn decisions(desk: &Desk) -> Vec<Decision> {
    desk.risk.decisions().copied().collect()
}

/// Ends an order as the market answers it, for so much gas.
fn settle_for(desk: &mut Desk, order: tidemill_model::Order, wei: u64) {
    let mut outcome = super::outcome_of(&order, &desk.market);
    outcome.gas = tidemill_model::GasPaid {
        gas: tidemill_units::Gas(wei),
        price: tidemill_units::GasPrice(1),
    };
    desk.end(outcome);
}

/// A position that was opened for 700 of gas and closed for 300.
fn after_a_close(guarded: &mut Guarded) {
    let order = guarded.ask(open(100_000, 100_000)).expect("no rebalance");
    settle_for(&mut guarded.desk, order, 700);
    let position = PositionId(order.key);
    trade(guarded, 10, 60);
    let order = guarded.ask(Intent::Close { position }).expect("the way out");
    settle_for(&mut guarded.desk, order, 300);
}

/// What the hour before pays an opening.
fn expected(guarded: &Guarded) -> Amount {
    let book = &guarded.desk.risk.state().book;
    let [first, last] = [book.growth[&POOL].front(), book.growth[&POOL].back()].map(Option::unwrap);
    assert_eq!(last.at.seconds_since(first.at), 3_600, "all of the horizon is known");
    let desired = super::synthetic_tape::amounts(100_000, 100_000);
    let range = super::range(-60, 60);
    let liquidity = guarded.tape.pool().liquidity_for(range, desired).expect("a range").0;
    // 3 * 10^6 in fees for each of the 10^12, at a price of one. The last of the 20 swaps came
    // right after the last look.
    amount(liquidity * 19 * 3_000_000 / 1_000_000_000_000)
}

#[test]
fn an_opening_is_a_rebalance_only_after_a_close_and_pays_for_both() {
    let mut guarded = busy(10_000);
    after_a_close(&mut guarded);
    let order = guarded.ask(open(100_000, 100_000)).expect("worthwhile");
    let [decision] = decisions(&guarded.desk)[..] else { panic!("one decision") };
    assert_eq!((decision.kind, decision.pool), (DecisionKind::Rebalance, POOL));
    assert_eq!((decision.order, decision.position), (order.key, PositionId(order.key)));
    // Gas is worth as much as token1: 300 and 700.
    assert_eq!(decision.predicted_cost, amount(1_000));
    let expected = expected(&guarded);
    let off = expected.0.abs_diff(decision.predicted_gain.0);
    assert!(off < expected.0 >> 7, "{expected} {}", decision.predicted_gain);
    assert_eq!(decision.realised, None);
    // The next opening beside it is none, and neither is one that fails.
    settle_for(&mut guarded.desk, order, 700);
    guarded.check(open(10, 10), Ok(()));
    assert_eq!(decisions(&guarded.desk).len(), 1);
}

#[test]
fn a_rebalance_is_refused_where_the_past_would_not_pay_for_it() {
    let mut guarded = busy(10_000);
    after_a_close(&mut guarded);
    let gain = {
        guarded.ask(open(100_000, 100_000)).expect("worthwhile");
        decisions(&guarded.desk)[0].predicted_gain
    };
    // The same run with a margin that the gain meets to the unit, and one that it does not.
    let margin = u32::try_from(gain.0 * tidemill_units::U256::from(10)).expect("small");
    for (margin, passes) in [(margin, true), (margin + 1, false)] {
        let mut guarded = busy(margin);
        after_a_close(&mut guarded);
        let least = gain.checked_add(amount(1)).expect("small");
        let kind = DecisionKind::Rebalance;
        let refused = Err(Refusal::NotWorthwhile { kind, gain, least });
        guarded.check(open(100_000, 100_000), if passes { Ok(()) } else { refused });
    }
}

#[test]
fn a_range_that_the_price_was_not_in_would_have_been_paid_nothing() {
    let mut guarded = busy(1);
    after_a_close(&mut guarded);
    let (kind, gain) = (DecisionKind::Rebalance, Amount::ZERO);
    let refused = Err(Refusal::NotWorthwhile { kind, gain, least: amount(1) });
    guarded.check(super::open_in(super::range(600, 660)), refused);
    assert_eq!(decisions(&guarded.desk), []);
}

#[test]
fn swaps_between_closing_and_opening_are_part_of_the_cost() {
    let mut guarded = busy(1);
    after_a_close(&mut guarded);
    let order = guarded.ask(swap(Side::Token0, 100_000)).expect("no opening");
    settle_for(&mut guarded.desk, order, 50);
    guarded.ask(open(100_000, 100_000)).expect("worthwhile");
    // 300 of fee and one of rounding at the price as the swaps before have left it.
    let cost = decisions(&guarded.desk)[0].predicted_cost;
    assert!((amount(1_350)..=amount(1_352)).contains(&cost), "{cost}");
}

#[test]
fn what_a_rebalance_has_brought_is_written_beside_what_was_expected() {
    for closes in [false, true] {
        let mut guarded = busy(1);
        after_a_close(&mut guarded);
        let order = guarded.ask(open(100_000, 100_000)).expect("worthwhile");
        settle_for(&mut guarded.desk, order, 700);
        let position = PositionId(order.key);
        let minutes = if closes { 30 } else { 60 };
        trade(&mut guarded, 5, minutes);
        if closes {
            guarded.close(position);
        }
        trade(&mut guarded, 5, 60);
        let [decision] = decisions(&guarded.desk)[..] else { panic!("one decision") };
        let Some(Realised { gain, after_seconds }) = decision.realised else {
            panic!("the horizon is over: {decision:?}")
        };
        assert_eq!(after_seconds, minutes * 60, "{closes}");
        // Ten swaps by the close; the horizon is over with the ninth. Of the 19 before each paid as
        // much.
        let swaps = tidemill_units::U256::from(if closes { 10 } else { 9 });
        let paid = decision.predicted_gain.0 * swaps / tidemill_units::U256::from(19);
        assert!(gain.0.abs_diff(paid) < paid >> 6, "{gain} {paid}");
        assert!(guarded.desk.risk.state().book.pending.is_empty());
    }
}

#[test]
fn a_rebalance_that_came_to_nothing_is_no_decision() {
    let mut guarded = busy(1);
    after_a_close(&mut guarded);
    let order = guarded.ask(open(100_000, 100_000)).expect("worthwhile");
    assert_eq!(decisions(&guarded.desk).len(), 1);
    let mut outcome = super::outcome_of(&order, &guarded.desk.market);
    outcome.kind = OutcomeKind::Expired;
    guarded.desk.end(outcome);
    assert_eq!(decisions(&guarded.desk), []);
    guarded.ask(open(100_000, 100_000)).expect("worthwhile");
    assert_eq!(decisions(&guarded.desk).len(), 1, "it is a rebalance still");
}

#[test]
fn a_claim_has_to_pay_for_its_gas() {
    for (wei, passes) in [(9, true), (10, true), (11, false)] {
        let (mut desk, position) = super::farms::staked_and_earning(gated(10_000));
        let claim = Intent::Claim { position };
        let reward = |desk: &Desk| {
            let reward = desk.market.reward(position).expect("staked");
            desk.market.value_of_reward(reward).expect("small")
        };
        let first = reward(&desk);
        let order = desk.ask(claim).expect("nothing is known of what it costs");
        settle_for(&mut desk, order, wei);
        let [decision] = decisions(&desk)[..] else { panic!("one decision") };
        assert_eq!((decision.kind, decision.position), (DecisionKind::Claim, position));
        assert_eq!((decision.predicted_gain, decision.predicted_cost), (first, Amount::ZERO));
        assert_eq!(decision.realised, Some(Realised { gain: first, after_seconds: 0 }));
        super::farms::earn_ten(&mut desk, position);
        let gain = reward(&desk);
        assert_eq!(gain, amount(10));
        let kind = DecisionKind::Claim;
        let refused = Err(Refusal::NotWorthwhile { kind, gain, least: amount(11) });
        assert_eq!(desk.ask(claim).map(drop), if passes { Ok(()) } else { refused });
    }
}
