//! Two pools that share a token, added up by hand.

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market};
use tidemill_model::{
    AssetId, Event, EventBody, GasPaid, Intent, Order, OrderKey, OutcomeKind, Placement, PoolId,
    PositionId, Sequence,
};
use tidemill_units::{Amount, Side, SignedAmount, TokenAmounts};

use super::super::{Attribution, Settlement, Start};
use super::immediate_fill::outcome_of;
use super::synthetic_tape::{POOL, SyntheticTape, amounts, outcome_event, range};
use super::{ASSETS, VALUATION};

const OTHER: PoolId = PoolId(1);
const THIRD: AssetId = AssetId(6);
/// The first token of the other pool is the second of the valuation's.
const OTHER_ASSETS: PoolAssets = PoolAssets::of_two(AssetId(1), THIRD, AssetId(2));
const POOLS: [(PoolId, PoolAssets); 2] = [(POOL, ASSETS), (OTHER, OTHER_ASSETS)];
const FUNDS: u64 = 1_000_000;

/// Two deep pools at par, a million of each of three tokens, and what happens to all of them.
struct Desk {
    tapes: [SyntheticTape; 2],
    market: Market,
    ledger: Ledger,
    attribution: Attribution,
    sequence: u64,
}

impl Desk {
    fn new() -> Self {
        let tapes = [SyntheticTape::deep_at_tick(0), SyntheticTape::deep_at_tick(0)];
        let mut market = Market::new(Footprint::PriceTaker);
        let assets = [ASSETS.tokens()[0], ASSETS.tokens()[1], THIRD];
        let funds = assets.map(|asset| (asset, Amount::from_u64(FUNDS)));
        let mut ledger = Ledger::funded(&funds).expect("small");
        for ((id, assets), tape) in POOLS.iter().zip(&tapes) {
            assert_eq!(market.add_pool(tape.tape()), Ok(*id));
            ledger.add_pool(*id, *assets);
        }
        let start = Start { deposit: funds.to_vec(), at_exchanges: Vec::new() };
        let attribution = Attribution::new(VALUATION, &POOLS, &start).expect("small");
        let mut desk = Self { tapes, market, ledger, attribution, sequence: 0 };
        for pool in [0, 1] {
            desk.take(pool, 0);
        }
        desk
    }

    /// Takes in what one of the tapes has from an event on.
    fn take(&mut self, pool: usize, from: usize) {
        let (id, events) = (POOLS[pool].0, self.tapes[pool].tape().events[from..].to_vec());
        for event in events {
            self.sequence += 1;
            let body = EventBody::Chain(event.in_pool(id));
            let event = Event::at(Sequence(self.sequence), event.time, body);
            self.market.apply(&event).expect("it reproduces");
        }
    }

    /// Moves the price of one of the pools.
    fn swap_by_others(&mut self, pool: usize, input: Side, amount: u128) {
        let from = self.tapes[pool].tape().events.len();
        self.tapes[pool].skip_blocks(1);
        self.tapes[pool].swap_in(input, amount);
        self.take(pool, from);
    }

    fn act(&mut self, intent: Intent) -> OutcomeKind {
        self.sequence += 1;
        let key = OrderKey { sequence: Sequence(self.sequence), intent: 0 };
        let order = Order { key, intent, decided_in: self.market.block() };
        self.ledger.book(order).expect("a new order");
        let mut outcome = outcome_of(&order, &self.market);
        outcome.gas = GasPaid::default();
        self.attribution.observe(&outcome, &self.market).expect("in range");
        self.sequence += 1;
        let event = outcome_event(self.sequence, self.market.now(), outcome);
        self.market.apply(&event).expect("it reproduces");
        self.ledger.apply(&event).expect("an outcome of its order");
        outcome.kind
    }

    fn open(&mut self, pool: PoolId) -> PositionId {
        let placement = Placement::Range(range(-600, 600));
        let desired: TokenAmounts = amounts(400_000, 400_000).into();
        let opened = self.act(Intent::Open { pool, placement, desired });
        let OutcomeKind::Opened { position, .. } = opened else { panic!("{opened:?}") };
        position
    }

    #[track_caller]
    fn settled(&self) -> Settlement {
        let settled = self.attribution.settle(&self.market, &self.ledger).expect("prices");
        assert!(settled.identity.holds(), "{settled:?}");
        settled
    }
}

fn number(value: i128) -> SignedAmount {
    SignedAmount::from_i128(value)
}

#[test]
fn a_token_of_the_other_pool_is_worth_what_it_is_there() {
    let mut desk = Desk::new();
    assert_eq!(desk.settled().hold_value, number(3_000_000));
    // The other pool's second token falls, and nothing else.
    desk.swap_by_others(1, Side::Token1, 100_000_000_000_000_000_000);
    let settled = desk.settled();
    assert!(settled.hold_value < number(2_900_000), "{settled:?}");
    assert_eq!(settled.final_value, settled.hold_value);
    assert_eq!(settled.identity.net, SignedAmount::ZERO);
}

#[test]
fn positions_and_swaps_of_both_pools_add_up() {
    let mut desk = Desk::new();
    let [here, there] = [POOL, OTHER].map(|pool| desk.open(pool));
    desk.settled();
    for (pool, input) in [(1, Side::Token1), (0, Side::Token0), (1, Side::Token0)] {
        desk.swap_by_others(pool, input, 20_000_000_000_000_000_000);
        desk.settled();
    }
    let (amount_in, min_amount_out) = (Amount::from_u64(10_000), Amount::ZERO);
    let pair = Side::Token1.into_other();
    let before = desk.settled();
    let swapped = desk.act(Intent::Swap { pool: OTHER, pair, amount_in, min_amount_out });
    assert!(matches!(swapped, OutcomeKind::Swapped { pool: OTHER, .. }));
    let after = desk.settled();
    // Three thousandths of ten thousand, give or take what rounding keeps.
    let cost = after.identity.swap_cost.checked_sub(before.identity.swap_cost).expect("small");
    assert!(number(28) <= cost && cost <= number(33), "{cost}");
    desk.act(Intent::Close { position: there });
    let fees = desk.settled().identity.fees;
    assert!(fees > SignedAmount::ZERO);
    desk.act(Intent::Close { position: here });
    let settled = desk.settled();
    assert!(settled.identity.il > SignedAmount::ZERO, "{settled:?}");
    assert_eq!(desk.ledger.positions().count(), 0);
}
