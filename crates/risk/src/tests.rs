#[path = "../../market/tests/support/immediate_fill.rs"]
mod immediate_fill;
#[path = "../../market/tests/support/seeded.rs"]
mod seeded;
#[path = "../../market/tests/support/synthetic_shares.rs"]
mod synthetic_shares;
#[path = "../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod arbitrages;
mod budgets;
mod depths;
mod equity;
mod farms;
mod feeds;
mod gates;
mod guarded;
mod guarded_farms;
mod guarded_laws;
mod laws;
mod limits;
mod locks;
mod mean_ticks;
mod places;
mod reducing;
mod saved_states;
mod silence;
mod stops;
mod swaps;
mod timers;
mod trades;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolValuation, Valuation};
use tidemill_model::{
    AssetId, GasPaid, Intent, Order, OrderKey, Outcome, OutcomeKind, Placement, PositionId,
    Sequence,
};
use tidemill_units::{Amount, Amounts, Gas, GasPrice, Side, TickRange};

use crate::{Limits, LossLimit, Refusal, Risk};
use immediate_fill::outcome_of;
use synthetic_tape::{POOL, SyntheticTape, amounts, chain_events, outcome_event, range};

const ASSETS: PoolAssets = PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2));
const DEPOSIT: u128 = 1_000_000;
const VALUATION: Valuation = Valuation::Pool(PoolValuation {
    pool: POOL,
    quote: Side::Token1.index(),
    native: NativeValue::Token(Side::Token1.index()),
});

/// A million of each token beside a deep pool at tick 0, where one of either is worth one: all
/// values can be added up by hand.
struct Desk {
    market: Market,
    ledger: Ledger,
    risk: Risk,
    sequence: u64,
}

/// Limits that do not bind.
fn loose() -> Limits {
    Limits {
        max_positions: 100,
        max_exposure_quote: Amount::MAX,
        max_loss: LossLimit::new(Amount::MAX).expect("above zero"),
    }
}

fn loss(amount: u128) -> LossLimit {
    LossLimit::new(Amount::from_u128(amount)).expect("above zero")
}

fn open(desired0: u128, desired1: u128) -> Intent {
    Intent::Open {
        pool: POOL,
        placement: Placement::Range(range(-60, 60)),
        desired: amounts(desired0, desired1).into(),
    }
}

fn open_in(range: TickRange) -> Intent {
    Intent::Open {
        pool: POOL,
        placement: Placement::Range(range),
        desired: amounts(1_000, 1_000).into(),
    }
}

fn swap(input: Side, amount_in: u128) -> Intent {
    let amount_in = Amount::from_u128(amount_in);
    Intent::Swap { pool: POOL, pair: input.into_other(), amount_in, min_amount_out: Amount::ZERO }
}

impl Desk {
    fn new(limits: Limits) -> Self {
        let synthetic = SyntheticTape::deep_at_tick(0);
        let mut market = Market::new(Footprint::PriceTaker);
        market.add_pool(synthetic.tape()).expect("a tape");
        let deposit = Amount::from_u128(DEPOSIT);
        let funds = [(ASSETS.tokens()[0], deposit), (ASSETS.tokens()[1], deposit)];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, ASSETS);
        let mut desk = Self { market, ledger, risk: Risk::new(limits, VALUATION), sequence: 0 };
        for event in chain_events(synthetic.tape()) {
            desk.market.apply(&event).expect("a tape that reproduces");
            desk.sequence = event.sequence.0;
        }
        desk
    }

    fn order(&mut self, intent: Intent) -> Order {
        self.sequence += 1;
        let key = OrderKey { sequence: Sequence(self.sequence), intent: 0 };
        Order { key, intent, decided_in: self.market.block() }
    }

    /// Asks for approval; what is approved is booked as in flight.
    fn ask(&mut self, intent: Intent) -> Result<Order, Refusal> {
        let order = self.order(intent);
        let approved = self.risk.check(order, &self.market, &self.ledger)?;
        assert_eq!(*approved.order(), order, "approved as it was asked for");
        self.ledger.book(order).expect("a new order");
        Ok(order)
    }

    /// Ends an order as the market answers it.
    fn settle(&mut self, order: Order) -> OutcomeKind {
        let outcome = outcome_of(&order, &self.market);
        self.end(outcome);
        outcome.kind
    }

    fn end(&mut self, outcome: Outcome) {
        self.sequence += 1;
        let event = outcome_event(self.sequence, self.market.now(), outcome);
        self.market.apply(&event).expect("an outcome that reproduces");
        self.ledger.apply(&event).expect("an outcome of an order");
        self.risk.observe(&event, &self.market, &self.ledger);
    }

    fn open_position(&mut self, desired0: u128, desired1: u128) -> PositionId {
        let order = self.ask(open(desired0, desired1)).expect("within all limits");
        assert!(matches!(self.settle(order), OutcomeKind::Opened { .. }));
        PositionId(order.key)
    }

    /// Loses this much on gas.
    fn burn_gas(&mut self, wei: u64) {
        let order = self.order(open(0, 0));
        self.ledger.book(order).expect("a new order");
        let gas = GasPaid { gas: Gas(wei), price: GasPrice(1) };
        let kind = OutcomeKind::Expired;
        self.end(Outcome { order: order.key, block: self.market.block(), gas, kind });
    }

    fn worth(&self, id: PositionId) -> u128 {
        let worth = self.market.own(id).and_then(|(pool, own)| pool.worth(own.id)).expect("open");
        let Amounts { amount0, amount1 } = worth.principal;
        u128::try_from(amount0.0 + amount1.0).expect("small")
    }
}
