//! Stops: what closes, in which order, and what passes afterwards.

use tidemill_model::Intent;
use tidemill_units::{Amount, Side, Timestamp};

use super::guarded::{Guarded, amount, minutes};
use super::synthetic_tape::{BLOCK_SECONDS, POOL};
use super::{DEPOSIT, VALUATION, loose, open, swap};
use crate::stops::Mark;
use crate::{Fall, Refusal, Risk, RiskState, Safeguards, StopCause, StopRule};

fn fall(bps: u32) -> Option<Fall> {
    Some(Fall::new(bps).expect("a part"))
}

const NEVER: StopRule = StopRule { stop_loss: None, trailing: None };

fn portfolio(rule: StopRule) -> Safeguards {
    Safeguards { portfolio_stop: rule, ..Safeguards::default() }
}

fn of_positions(rule: StopRule) -> Safeguards {
    Safeguards { position_stop: rule, cool_down: Some(minutes(60)), ..Safeguards::default() }
}

#[test]
fn a_fall_is_a_part_that_can_be() {
    for wrong in [0, 10_000, 10_001, u32::MAX] {
        assert_eq!(Fall::new(wrong), None, "{wrong}");
    }
    for right in [1, 9_999] {
        assert_eq!(Fall::new(right).map(|fall| fall.bps().0), Some(right));
    }
}

#[test]
fn a_mark_is_passed_by_more_than_the_fall_and_a_high_water_mark_never_falls() {
    let both = StopRule { stop_loss: fall(1_000), trailing: fall(500) };
    let check = |rule: &StopRule, values: &[u128], expected| {
        let mut mark = Mark::new(amount(values[0]));
        let mut notes = values.iter().map(|value| mark.note(rule, amount(*value)));
        assert_eq!(notes.find_map(|note| note), expected, "{values:?}");
    };
    let only_loss = StopRule { stop_loss: fall(1_000), ..NEVER };
    check(&only_loss, &[1_000, 900], None);
    check(&only_loss, &[1_000, 2_000, 900], None);
    check(&only_loss, &[1_000, 899], Some(StopCause::StopLoss));
    let only_trailing = StopRule { trailing: fall(500), ..NEVER };
    check(&only_trailing, &[1_000, 950], None);
    check(&only_trailing, &[1_000, 949], Some(StopCause::TrailingStop));
    check(&only_trailing, &[1_000, 2_000, 1_500, 1_900], Some(StopCause::TrailingStop));
    check(&only_trailing, &[1_000, 2_000, 1_900], None);
    check(&both, &[1_000, 800], Some(StopCause::StopLoss));
    check(&both, &[1_000, 1_200, 1_000], Some(StopCause::TrailingStop));
    // 9,999 bps of an odd number are rounded up: a stop is not a unit late.
    check(&StopRule { stop_loss: fall(9_999), ..NEVER }, &[10_001, 2], None);
    check(&StopRule { stop_loss: fall(9_999), ..NEVER }, &[10_001, 1], Some(StopCause::StopLoss));
    check(&NEVER, &[1_000, 0], None);
    let mut most = Mark::new(Amount::MAX);
    assert_eq!(most.note(&both, Amount::MAX), None);
    assert_eq!(most.note(&both, Amount::ZERO), Some(StopCause::StopLoss));
}

#[test]
fn a_portfolio_stop_closes_everything_for_good_and_leaves_the_way_into_the_quote_token() {
    let mut guarded = Guarded::new(portfolio(StopRule { stop_loss: fall(500), ..NEVER }));
    let [one, other] = [guarded.open(100_000, 100_000), guarded.open(200_000, 200_000)];
    // Below their range positions are of token0 alone. 1.3 million of it lose a twentieth of all
    // when its price has fallen by 7.7 %, to 1.0001^-801.
    assert_eq!(guarded.move_to(1, -700), []);
    assert_eq!(guarded.desk.risk.state().stopped(), None);
    let exits = guarded.move_to(1, -900);
    assert_eq!(exits, [one, other].map(|position| Intent::Close { position }));
    assert_eq!(guarded.desk.risk.state().stopped(), Some(StopCause::StopLoss));
    for exit in exits {
        let order = guarded.reduce(exit);
        guarded.desk.settle(order);
    }
    assert_eq!(guarded.desk.ledger.positions().count(), 0);
    // The price that comes back opens no door.
    guarded.move_to(10, 0);
    let refused = Err(Refusal::Stopped(StopCause::StopLoss));
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token1, 10), refused);
    guarded.check(swap(Side::Token0, 10), Ok(()));
    assert_eq!(guarded.wait(10), []);
}

#[test]
fn gas_and_positions_count_in_the_equity_of_a_stop() {
    let mut guarded = Guarded::new(portfolio(StopRule { trailing: fall(1_000), ..NEVER }));
    let position = guarded.open(400_000, 400_000);
    guarded.desk.burn_gas(199_000);
    assert_eq!(guarded.exits(), []);
    guarded.desk.burn_gas(1_001);
    assert_eq!(guarded.exits(), [Intent::Close { position }]);
}

#[test]
fn a_stopped_position_is_closed_alone_and_its_pool_is_left_alone_for_a_while() {
    let mut guarded = Guarded::new(of_positions(StopRule { stop_loss: fall(300), ..NEVER }));
    let first = guarded.open(100_000, 100_000);
    guarded.move_to(1, -300);
    // It begins here, and has lost nothing when the first has.
    guarded.tape.skip_blocks(1);
    let second = guarded.desk.open_position(100_000, 0);
    assert_eq!(guarded.exits(), []);
    let exits = guarded.move_to(1, -400);
    assert_eq!(exits, [Intent::Close { position: first }]);
    let until = Timestamp(guarded.desk.market.now().0 + 3_600);
    let refused = Err(Refusal::CoolingDown { pool: POOL, until });
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token0, 10), Ok(()));
    let order = guarded.reduce(exits[0]);
    guarded.desk.settle(order);
    guarded.tape.skip_blocks(3_600 / BLOCK_SECONDS - 1);
    assert_eq!(guarded.wait(0), []);
    guarded.check(open(10, 10), refused);
    guarded.tape.skip_blocks(1);
    assert_eq!(guarded.wait(0), []);
    guarded.check(open(10, 10), Ok(()));
    assert!(guarded.desk.ledger.position(second).is_some());
}

#[test]
fn closing_stays_open_to_everybody_whatever_was_stopped() {
    let rule = StopRule { stop_loss: fall(1), ..NEVER };
    let safeguards = Safeguards { portfolio_stop: rule, ..of_positions(rule) };
    let mut guarded = Guarded::new(safeguards);
    let position = guarded.open(100_000, 100_000);
    guarded.move_to(1, -600);
    assert!(guarded.ask(open(10, 10)).is_err());
    guarded.close(position);
}

/// The mark that a price made before a restart still counts after it.
#[test]
fn a_restart_keeps_the_high_water_mark() {
    let safeguards = portfolio(StopRule { trailing: fall(500), ..NEVER });
    let mut guarded = Guarded::new(safeguards.clone());
    let position = guarded.open(100_000, 100_000);
    guarded.move_to(1, 2_000);
    let high = guarded.desk.risk.state().high_water_mark().expect("valued");
    assert!(high > amount(2 * DEPOSIT));
    let text = guarded.desk.risk.state().to_text();
    let state = RiskState::from_text(&text).expect("as it was written");
    let fresh = || Risk::new(loose(), VALUATION).with_safeguards(safeguards.clone());
    guarded.desk.risk = fresh().with_state(state);
    assert_eq!(guarded.desk.risk.state().high_water_mark(), Some(high));
    // Back where it was at the start, far below the mark, and above any mark made since.
    let exits = guarded.move_to(1, 0);
    assert_eq!(exits, [Intent::Close { position }]);
    guarded.desk.risk = fresh();
    assert_eq!(guarded.exits(), [], "who forgets it does not see the fall");
}

#[test]
fn a_staked_position_is_unstaked_first_and_closed_then() {
    let (mut desk, position) = super::farms::staked_and_earning(Safeguards::default());
    let rule = StopRule { stop_loss: fall(1_000), ..NEVER };
    desk.risk = Risk::new(loose(), VALUATION).with_safeguards(portfolio(rule));
    let exits = |desk: &mut super::Desk| desk.risk.exits(&desk.market, &desk.ledger);
    assert_eq!(exits(&mut desk), []);
    desk.burn_gas(300_000);
    let unstake = Intent::Unstake { position };
    assert_eq!(exits(&mut desk), [unstake]);
    let refused = Err(Refusal::Stopped(StopCause::StopLoss));
    assert_eq!(desk.ask(open(10, 10)).map(drop), refused);
    let order = desk.order(unstake);
    desk.risk.reduce(order, &desk.ledger).expect("it reduces");
    desk.ledger.book(order).expect("a new order");
    assert_eq!(exits(&mut desk), [], "on its way");
    desk.settle(order);
    assert_eq!(exits(&mut desk), [Intent::Close { position }]);
    // Whoever would stake it again is stopped as well.
    let programme = tidemill_model::ProgrammeId(0);
    assert_eq!(desk.ask(Intent::Stake { position, programme }).map(drop), refused);
}

#[test]
fn what_a_position_was_paid_is_no_loss_of_it() {
    let (mut desk, position) = super::farms::staked_and_earning(Safeguards::default());
    // What it has earned so far is made worth four times its own value.
    super::farms::earn(&mut desk, position, 800_000);
    let rule = StopRule { stop_loss: fall(1_000), trailing: fall(1_000) };
    desk.risk = Risk::new(loose(), VALUATION).with_safeguards(of_positions(rule));
    let exits = |desk: &mut super::Desk| desk.risk.exits(&desk.market, &desk.ledger);
    assert_eq!(exits(&mut desk), []);
    let order = desk.ask(Intent::Claim { position }).expect("staked");
    desk.settle(order);
    assert_eq!(exits(&mut desk), [], "it is in the wallet");
    let order = desk.ask(Intent::Unstake { position }).expect("staked");
    desk.settle(order);
    assert_eq!(exits(&mut desk), []);
}

#[test]
fn a_lock_waits_for_its_end() {
    let (mut desk, position) = super::locks::with_a_lock();
    let rule = StopRule { stop_loss: fall(1_000), ..NEVER };
    desk.risk = Risk::new(loose(), VALUATION).with_safeguards(portfolio(rule));
    let exits = |desk: &mut super::Desk| desk.risk.exits(&desk.market, &desk.ledger);
    assert_eq!(exits(&mut desk), []);
    desk.burn_gas(300_000);
    assert_eq!(exits(&mut desk), [], "nothing that would only cost gas");
    assert_eq!(desk.risk.state().stopped(), Some(StopCause::StopLoss));
    super::locks::let_it_end(&mut desk, position);
    assert_eq!(exits(&mut desk), [Intent::Close { position }]);
}
