#[path = "../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod costs;
mod exchange;
mod farms;
mod feeds;
mod fills;
mod inclusion;
mod locks;
mod options;
mod pools;

use tidemill_exec::World;
use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolValuation};
use tidemill_model::{
    AssetId, Event, EventBody, Intent, Order, OrderKey, Outcome, OutcomeKind, Placement, Tape,
};
use tidemill_risk::{Limits, LossLimit, Risk};
use tidemill_units::{Amount, Side, TickRange};

use crate::{Inclusion, Models, SimulatedWorld};
use synthetic_tape::{POOL, amounts};

const ASSETS: PoolAssets = PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2));

/// A run of the simulated venue with nobody but the test to decide.
struct Session<'a> {
    market: Market,
    ledger: Ledger,
    risk: Risk,
    world: SimulatedWorld<'a>,
    log: Vec<Event>,
}

impl<'a> Session<'a> {
    fn new(tape: &'a Tape, footprint: Footprint, delay_blocks: u64) -> Self {
        let mut market = Market::new(footprint);
        market.add_pool(tape).expect("a tape");
        let deposit = Amount::from_u128(1_000_000_000_000_000_000_000_000);
        let funds = [(ASSETS.tokens()[0], deposit), (ASSETS.tokens()[1], deposit)];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, ASSETS);
        let limits = Limits {
            max_positions: u32::MAX,
            max_exposure_quote: Amount::MAX,
            max_loss: LossLimit::new(Amount::MAX).expect("above zero"),
        };
        let native = NativeValue::Token(Side::Token1.index());
        let valuation = PoolValuation { pool: POOL, quote: Side::Token1.index(), native };
        let inclusion = Inclusion { delay_blocks };
        let world =
            SimulatedWorld::new(POOL, &tape.events, Models { inclusion, ..Models::default() });
        Self { market, ledger, risk: Risk::new(limits, valuation.into()), world, log: Vec::new() }
    }

    /// Takes in the next event; `None` at the end.
    fn next(&mut self) -> Option<Event> {
        let event = self.world.next(&self.market).expect("a world without feeds")?;
        self.market.apply(&event).expect("what the venue says reproduces");
        self.ledger.apply(&event).expect("an outcome of an order in flight");
        self.log.push(event.clone());
        Some(event)
    }

    /// Sends an order that was decided on the latest event; risk has nothing against it.
    fn send(&mut self, intent: Intent) -> OrderKey {
        let sequence = self.log.last().expect("something to decide on").sequence;
        let same_step = self.ledger.in_flight().filter(|order| order.key.sequence == sequence);
        let intent_index = u16::try_from(same_step.count()).expect("few");
        let key = OrderKey { sequence, intent: intent_index };
        let order = Order { key, intent, decided_in: self.market.block() };
        let approved = self.risk.check(order, &self.market, &self.ledger).expect("no limits");
        self.ledger.book(order).expect("a new order");
        self.world.submit(approved);
        key
    }

    /// Goes on until the next outcome of an order of ours.
    fn outcome(&mut self) -> Outcome {
        loop {
            let event = self.next().expect("an order ends before the log does");
            if let EventBody::Outcome(outcome) = event.body {
                return *outcome;
            }
        }
    }

    /// Takes in this many events.
    fn skip(&mut self, events: usize) {
        for _ in 0..events {
            self.next().expect("more events");
        }
    }

    /// Takes in all the rest.
    fn finish(&mut self) {
        while self.next().is_some() {}
        assert_eq!(self.ledger.in_flight().count(), 0, "every order has ended");
    }
}

fn open(range: TickRange, desired0: u128, desired1: u128) -> Intent {
    Intent::Open {
        pool: POOL,
        placement: Placement::Range(range),
        desired: amounts(desired0, desired1).into(),
    }
}

fn swap(input: Side, amount_in: u128, min_amount_out: u128) -> Intent {
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u128);
    Intent::Swap { pool: POOL, pair: input.into_other(), amount_in, min_amount_out }
}

fn is_done(kind: &OutcomeKind) -> bool {
    !matches!(kind, OutcomeKind::Rejected(_) | OutcomeKind::Expired)
}
