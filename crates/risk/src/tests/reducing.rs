use tidemill_market::{Footprint, Market};
use tidemill_model::{Intent, OrderKey, PositionId, Sequence};
use tidemill_units::{Amount, Side};

use super::{Desk, loose, loss, open, swap};
use crate::{Limits, Refusal, Risk};

/// A desk with an open position, past every limit that there is.
fn past_all_limits() -> (Desk, PositionId) {
    let mut desk = Desk::new(Limits { max_loss: loss(100), ..loose() });
    let position = desk.open_position(100_000, 100_000);
    desk.burn_gas(500_000);
    let none = Limits { max_positions: 0, max_exposure_quote: Amount::ZERO, max_loss: loss(100) };
    for intent in [open(10, 10), swap(Side::Token0, 10)] {
        let refused = desk.ask(intent);
        assert!(matches!(refused, Err(Refusal::LossLimit { .. })), "{refused:?}");
    }
    desk.risk = Risk::new(none, *desk.risk.valuation());
    (desk, position)
}

#[test]
fn closing_passes_whatever_the_limits_say_by_both_entrances() {
    let (mut desk, position) = past_all_limits();
    let order = desk.order(Intent::Close { position });
    let reduced = desk.risk.reduce(order, &desk.ledger);
    assert_eq!(reduced.map(|approved| *approved.order()), Ok(order));
    assert_eq!(desk.ask(order.intent).map(|booked| booked.intent), Ok(order.intent));
}

#[test]
fn closing_passes_even_where_nothing_can_be_valued() {
    let (mut desk, position) = past_all_limits();
    desk.market = Market::new(Footprint::PriceTaker);
    assert!(desk.ask(Intent::Close { position }).is_ok());
}

#[test]
fn a_position_is_closed_once() {
    let (mut desk, position) = past_all_limits();
    let close = Intent::Close { position };
    let on_its_way = desk.ask(close).expect("open");
    let refused = Refusal::NotOpen(position);
    assert_eq!(desk.ask(close), Err(refused), "while it is being closed");
    let again = desk.order(close);
    assert_eq!(desk.risk.reduce(again, &desk.ledger).map(drop), Err(refused));
    desk.settle(on_its_way);
    assert_eq!(desk.ask(close), Err(refused), "after it was closed");
    let key = OrderKey { sequence: Sequence(77), intent: 3 };
    let unknown = PositionId(key);
    assert_eq!(desk.ask(Intent::Close { position: unknown }), Err(Refusal::NotOpen(unknown)));
}

#[test]
fn closing_can_be_asked_for_again_once_it_was_refused_by_the_chain() {
    let (mut desk, position) = past_all_limits();
    let close = desk.ask(Intent::Close { position }).expect("open");
    let kind = tidemill_model::OutcomeKind::Rejected(tidemill_model::Rejection::PoolReverted);
    let gas = tidemill_model::GasPaid::default();
    let block = desk.market.block();
    desk.end(tidemill_model::Outcome { order: close.key, block, gas, kind });
    assert!(desk.ask(Intent::Close { position }).is_ok());
}

#[test]
fn only_closing_passes_the_second_entrance() {
    let mut desk = Desk::new(loose());
    for intent in [open(1, 1), swap(Side::Token1, 1)] {
        let order = desk.order(intent);
        let refused = desk.risk.reduce(order, &desk.ledger).map(drop);
        assert_eq!(refused, Err(Refusal::NotReducing), "{intent:?}");
    }
}
