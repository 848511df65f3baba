//! A desk with safeguards beside a pool that goes on living.

use tidemill_market::{Footprint, Market};
use tidemill_model::{Intent, Order, OutcomeKind, PositionId};
use tidemill_units::{Amount, Amounts};

use super::synthetic_tape::{BLOCK_SECONDS, SyntheticTape, chain_event};
use super::{DEPOSIT, Desk, VALUATION, loose};
use crate::{Minutes, Refusal, Risk, Safeguards};

pub(super) struct Guarded {
    pub(super) desk: Desk,
    pub(super) tape: SyntheticTape,
    applied: usize,
}

pub(super) fn minutes(minutes: u32) -> Minutes {
    Minutes::new(minutes).expect("above zero")
}

pub(super) fn amount(raw: u128) -> Amount {
    Amount::from_u128(raw)
}

impl Guarded {
    /// Beside a pool so deep that nothing of ours moves it, at tick 0.
    pub(super) fn new(safeguards: Safeguards) -> Self {
        Self::beside(SyntheticTape::deep_at_tick(0), safeguards)
    }

    pub(super) fn beside(tape: SyntheticTape, safeguards: Safeguards) -> Self {
        let mut desk = Desk::new(loose());
        desk.market = Market::new(Footprint::PriceTaker);
        desk.market.add_pool(tape.tape()).expect("a tape");
        desk.sequence = 0;
        desk.risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards);
        let mut guarded = Self { desk, tape, applied: 0 };
        assert_eq!(guarded.catch_up(), []);
        guarded
    }

    /// Takes in what was recorded since, and returns what has to be closed after the last of it.
    pub(super) fn catch_up(&mut self) -> Vec<Intent> {
        let mut exits = Vec::new();
        let Desk { market, ledger, risk, sequence } = &mut self.desk;
        for recorded in &self.tape.tape().events[self.applied..] {
            *sequence += 1;
            let event = chain_event(*sequence, recorded);
            market.apply(&event).expect("a tape that reproduces");
            risk.observe(&event, market, ledger);
            exits = risk.exits(market, ledger);
        }
        self.applied = self.tape.tape().events.len();
        exits
    }

    /// The price goes to a tick, so many blocks from now.
    pub(super) fn move_to(&mut self, blocks: u64, tick: i32) -> Vec<Intent> {
        self.tape.skip_blocks(blocks);
        self.tape.swap_to(tick);
        self.catch_up()
    }

    /// Nothing happens for so many minutes.
    pub(super) fn wait(&mut self, minutes: u64) -> Vec<Intent> {
        self.tape.skip_blocks(minutes * 60 / BLOCK_SECONDS);
        self.tape.flash(Amounts::ZERO);
        self.catch_up()
    }

    pub(super) fn ask(&mut self, intent: Intent) -> Result<Order, Refusal> {
        self.desk.ask(intent)
    }

    #[track_caller]
    pub(super) fn check(&mut self, intent: Intent, expected: Result<(), Refusal>) {
        assert_eq!(self.ask(intent).map(drop), expected, "{intent:?}");
    }

    pub(super) fn open(&mut self, desired0: u128, desired1: u128) -> PositionId {
        let position = self.desk.open_position(desired0, desired1);
        assert_eq!(self.exits(), []);
        position
    }

    pub(super) fn exits(&mut self) -> Vec<Intent> {
        self.desk.risk.exits(&self.desk.market, &self.desk.ledger)
    }

    /// Books an exit as the engine does.
    pub(super) fn reduce(&mut self, intent: Intent) -> Order {
        let order = self.desk.order(intent);
        let approved = self.desk.risk.reduce(order, &self.desk.ledger).expect("it reduces");
        self.desk.ledger.book(*approved.order()).expect("a new order");
        order
    }

    pub(super) fn close(&mut self, position: PositionId) {
        let order = self.ask(Intent::Close { position }).expect("the way out");
        assert!(matches!(self.desk.settle(order), OutcomeKind::Closed { .. }));
    }
}

#[test]
fn a_guard_that_has_nothing_to_watch_asks_for_nothing() {
    let mut guarded = Guarded::new(Safeguards::default());
    guarded.open(DEPOSIT / 2, DEPOSIT / 2);
    assert_eq!(guarded.move_to(10, -5_000), []);
    assert_eq!(
        *guarded.desk.risk.state(),
        crate::RiskState { start_equity: Some(amount(2 * DEPOSIT)), ..crate::RiskState::default() }
    );
}
