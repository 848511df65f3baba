//! Rewards in the account of a run, added up by hand at a price of one.

#[path = "../../../market/tests/support/immediate_fill.rs"]
mod immediate_fill;
#[path = "../../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod pools;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{
    Footprint, Market, NativeValue, PoolValuation, ProgrammeMarket, Seat, Valuation,
};
use tidemill_model::{
    AssetId, Event, EventBody, GasPaid, Intent, Order, OrderKey, Outcome, OutcomeKind, Placement,
    PositionId, PriceEvent, ProgrammeId, QuotePrice, Reward, Sequence,
};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_units::{Amount, Amounts, Gas, GasPrice, Side, SignedAmount, Timestamp, TokenAmounts};

use super::{Attribution, AttributionError, Settlement, Start};
use immediate_fill::outcome_of;
use synthetic_tape::{POOL, SyntheticTape, amounts, chain_event, full_range, outcome_event, range};

const REWARD: AssetId = AssetId(3);
const ASSETS: PoolAssets = PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2));
const VALUATION: Valuation = Valuation::Pool(PoolValuation {
    pool: POOL,
    quote: Side::Token1.index(),
    native: NativeValue::Token(Side::Token1.index()),
});
const DEPOSIT: Amounts =
    Amounts { amount0: Amount::from_u64(1_000_000), amount1: Amount::from_u64(1_000_000) };
/// Of every order, in token1.
const GAS: u64 = 11;

/// Others' liquidity, and flash loans that pay fees without moving the price.
fn tape() -> SyntheticTape {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 33_000_000);
    for _ in 0..6 {
        tape.skip_blocks(10);
        tape.flash(amounts(4_000, 2_000));
    }
    tape
}

struct Desk {
    market: Market,
    ledger: Ledger,
    attribution: Attribution,
    tape: SyntheticTape,
    place: usize,
    sequence: u64,
}

impl Desk {
    fn new() -> Self {
        let tape = tape();
        let mut market = Market::new(Footprint::ReExecuted);
        market.add_pool(tape.tape()).expect("a tape");
        let first = tape.tape().events[0].time;
        let key = IncentiveKey {
            reward_token: Account([2; 20]),
            pool: Account(tape.tape().header.pool.0),
            start_time: first,
            end_time: Timestamp(first.0 + 100_000),
            refundee: Account([5; 20]),
        };
        let mut staker = V3Staker::new(&V3StakerState::default()).expect("a new staker");
        staker.create_incentive(key, Amount::from_u64(1_000_000_000), first).expect("in bounds");
        let programme = ProgrammeMarket::new(POOL, REWARD, staker.into(), Seat::V3Staker(key));
        market.add_programme(programme).expect("the pool is there");
        let funds = [(ASSETS.tokens()[0], DEPOSIT.amount0), (ASSETS.tokens()[1], DEPOSIT.amount1)];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, ASSETS);
        let start = Start { deposit: funds.to_vec(), at_exchanges: Vec::new() };
        let pools = [(POOL, ASSETS)];
        let attribution = Attribution::new(VALUATION, &pools, &start).expect("small");
        let mut desk = Self { market, ledger, attribution, tape, place: 0, sequence: 0 };
        desk.go(2);
        desk
    }

    fn go(&mut self, events: usize) {
        for _ in 0..events {
            self.sequence += 1;
            let event = chain_event(self.sequence, &self.tape.tape().events[self.place]);
            self.place += 1;
            self.market.apply(&event).expect("it reproduces");
        }
    }

    fn price(&mut self, quote: u64) {
        self.sequence += 1;
        let now = self.market.now();
        let price = QuotePrice { quote: Amount::from_u64(quote), of: Amount::from_u64(1) };
        let body = EventBody::Price(PriceEvent { asset: REWARD, price });
        let event = Event::at(Sequence(self.sequence), now, body);
        self.market.apply(&event).expect("a price");
    }

    /// Has an order executed at once; what it does may be changed.
    fn act(&mut self, intent: Intent, change: impl FnOnce(&mut OutcomeKind)) -> OutcomeKind {
        self.sequence += 1;
        let key = OrderKey { sequence: Sequence(self.sequence), intent: 0 };
        let order = Order { key, intent, decided_in: self.market.block() };
        self.ledger.book(order).expect("a new order");
        let gas = GasPaid { gas: Gas(GAS), price: GasPrice(1) };
        let mut outcome = Outcome { gas, ..outcome_of(&order, &self.market) };
        change(&mut outcome.kind);
        self.attribution.observe(&outcome, &self.market).expect("in range");
        self.sequence += 1;
        let event = outcome_event(self.sequence, self.market.now(), outcome);
        self.market.apply(&event).expect("it reproduces");
        self.ledger.apply(&event).expect("an outcome of its order");
        outcome.kind
    }

    fn staked(&mut self) -> PositionId {
        let open = Intent::Open {
            pool: POOL,
            placement: Placement::Range(range(-600, 600)),
            desired: DEPOSIT.into(),
        };
        let opened = self.act(open, |_| {});
        let OutcomeKind::Opened { position, .. } = opened else { panic!("{opened:?}") };
        let staked = self.act(Intent::Stake { position, programme: ProgrammeId(0) }, |_| {});
        assert!(matches!(staked, OutcomeKind::Staked { .. }), "{staked:?}");
        position
    }

    fn claim(&mut self, position: PositionId) -> Amount {
        let claimed = self.act(Intent::Claim { position }, |_| {});
        let OutcomeKind::Claimed { reward, .. } = claimed else { panic!("{claimed:?}") };
        assert!(!reward.amount.is_zero());
        reward.amount
    }

    /// Sells for so much less than the price.
    fn sell(&mut self, amount_in: Amount, cost: u64) {
        let (into, min_amount_out) = (Side::Token1.index(), Amount::ZERO);
        let sale = Intent::Sell { pool: POOL, reward: REWARD, into, amount_in, min_amount_out };
        let sold = self.act(sale, |kind| {
            if let OutcomeKind::Sold { amount_out, .. } = kind {
                let cost = Amount::from_u64(cost);
                *amount_out = amount_out.checked_sub(cost).expect("less than it brings");
            }
        });
        assert!(matches!(sold, OutcomeKind::Sold { .. }), "{sold:?}");
    }

    fn settle(&self) -> Settlement {
        let settled = self.attribution.settle(&self.market, &self.ledger).expect("it adds up");
        assert!(settled.identity.holds(), "{settled:?}");
        settled
    }

    fn fees(&self) -> Amount {
        let valuation = VALUATION.pool().expect("a pool");
        let prices = valuation.prices(&self.market).expect("a price");
        self.ledger.positions().fold(Amount::ZERO, |sum, (id, _)| {
            let fees: TokenAmounts = self.market.worth(id).expect("open").fees;
            let value = valuation.value_at(&prices, &fees).expect("small");
            sum.checked_add(value).expect("small")
        })
    }
}

fn times(amount: Amount, price: u64) -> SignedAmount {
    let value = Amount(amount.0 * tidemill_units::U256::from(price));
    SignedAmount::positive(value).expect("small")
}

fn raw(value: u64) -> SignedAmount {
    times(Amount::from_u64(value), 1)
}

/// A reward counts when it can be claimed, at the price of the day; what the price does before the
/// sale is reward, what the sale takes is swap cost.
#[test]
fn a_reward_is_worth_its_price_until_it_is_sold() {
    let mut desk = Desk::new();
    desk.price(3);
    let position = desk.staked();
    assert_eq!(desk.settle().identity.rewards, raw(0));
    desk.go(2);
    let earned = desk.market.reward(position).expect("staked").amount;
    assert_eq!(desk.settle().identity.rewards, times(earned, 3), "not claimed yet");
    let claimed = desk.claim(position);
    assert_eq!(claimed, earned);
    assert_eq!(desk.settle().identity.rewards, times(claimed, 3), "at hand");
    desk.price(5);
    assert_eq!(desk.settle().identity.rewards, times(claimed, 5), "risen in price");
    desk.sell(claimed, 7);
    let sold = desk.settle().identity;
    assert_eq!((sold.rewards, sold.swap_cost), (times(claimed, 5), raw(7)));
    // Sold is sold, whatever the price does afterwards.
    desk.price(1);
    assert_eq!(desk.settle().identity, sold);
    assert_eq!(sold.gas, raw(4 * GAS));
}

#[test]
fn rewards_sold_held_and_unclaimed_add_up_with_fees_apart() {
    let mut desk = Desk::new();
    desk.price(5);
    let position = desk.staked();
    desk.go(2);
    let first = desk.claim(position);
    desk.sell(first, 9);
    desk.go(1);
    let second = desk.claim(position);
    desk.go(1);
    desk.price(4);
    let third = desk.market.reward(position).expect("staked").amount;
    let Settlement { identity, commission: _, final_value, hold_value } = desk.settle();
    let held = times(second, 4).checked_add(times(third, 4)).expect("small");
    assert_eq!(identity.rewards, times(first, 5).checked_add(held).expect("small"));
    assert_eq!(identity.swap_cost, raw(9));
    assert_eq!(identity.gas, raw(5 * GAS));
    let fees = desk.fees();
    assert!(!fees.is_zero());
    assert_eq!(identity.fees, times(fees, 1), "a staked position of v3 keeps its fees");
    // The price has not moved: what is lost is dust of a deposit.
    let dust = [raw(0), raw(1), raw(2), raw(3)];
    assert!(dust.contains(&identity.il), "{}", identity.il);
    assert_eq!(final_value, hold_value.checked_add(identity.net).expect("small"));
    // Leaving and closing changes no part but the gas and the dust.
    let unstaked = desk.act(Intent::Unstake { position }, |_| {});
    let reward = Reward { asset: REWARD, amount: third };
    assert_eq!(unstaked, OutcomeKind::Unstaked { position, reward });
    desk.act(Intent::Close { position }, |_| {});
    let closed = desk.settle().identity;
    assert_eq!((closed.fees, closed.rewards), (identity.fees, identity.rewards));
    assert_eq!(closed.gas, raw(7 * GAS));
}

#[test]
fn a_reward_without_a_price_is_nothing() {
    let mut desk = Desk::new();
    let position = desk.staked();
    desk.go(2);
    desk.claim(position);
    assert_eq!(desk.settle().identity.rewards, raw(0));
}

/// Rewards of the outcomes have to be those of the ledger.
#[test]
fn books_that_differ_are_an_error() {
    let mut desk = Desk::new();
    let position = desk.staked();
    desk.go(2);
    desk.claim(position);
    let mut off = desk.attribution.clone();
    let claimed = off.claimed.get_mut(&REWARD).expect("claimed");
    *claimed = claimed.checked_add(Amount::from_u64(1)).expect("small");
    let settled = off.settle(&desk.market, &desk.ledger);
    assert_eq!(settled, Err(AttributionError::Books("rewards")));
}
