#[path = "../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolValuation, Valuation};
use tidemill_model::{
    AssetId, Event, EventBody, GasPaid, Holding, Intent, Order, OrderKey, Outcome, OutcomeKind,
    Placement, PoolId, PositionId, Sequence,
};
use tidemill_units::{
    Amount, BlockNumber, Liquidity, Side, SqrtPrice, Tick, TickRange, Timestamp, TokenIndex,
};

use crate::View;
use synthetic_tape::{
    FIRST_BLOCK, FIRST_TIME, POOL, SyntheticTape, amounts, chain_events, outcome_event, range,
};

const OTHER: PoolId = PoolId(1);

/// Values in a pool's second token, which gas is paid in.
fn valuation(pool: PoolId) -> Valuation {
    let quote = Side::Token1.index();
    PoolValuation { pool, quote, native: NativeValue::Token(quote) }.into()
}

/// A ledger with a thousand of each token, of two pools that share a token.
fn ledger() -> Ledger {
    let thousand = Amount::from_u64(1_000);
    let funds = [0, 1, 2].map(|asset| (AssetId(asset), thousand));
    let mut ledger = Ledger::funded(&funds).expect("small");
    let native = AssetId(9);
    let (token0, token1) = (AssetId(0), AssetId(1));
    ledger.add_pool(POOL, PoolAssets::of_two(token0, token1, native));
    ledger.add_pool(OTHER, PoolAssets::of_two(token1, AssetId(2), native));
    ledger
}

/// A market with a pool at tick 77, after so many of its events.
fn market(events: usize) -> Market {
    let mut synthetic = SyntheticTape::at_tick(77);
    synthetic.skip_blocks(3);
    synthetic.mint(1, range(-600, 600), 1_000_000);
    let mut market = Market::new(Footprint::PriceTaker);
    market.add_pool(synthetic.tape()).expect("a tape");
    for event in &chain_events(synthetic.tape())[..events] {
        market.apply(event).expect("it reproduces");
    }
    market
}

fn book(ledger: &mut Ledger, sequence: u64, intent: Intent) -> OrderKey {
    let key = OrderKey { sequence: Sequence(sequence), intent: 0 };
    ledger.book(Order { key, intent, decided_in: BlockNumber(0) }).expect("a new order");
    key
}

fn end(ledger: &mut Ledger, order: OrderKey, kind: OutcomeKind) {
    let outcome = Outcome { order, block: BlockNumber(0), gas: GasPaid::default(), kind };
    let event = outcome_event(order.sequence.0, Timestamp(0), outcome);
    ledger.apply(&event).expect("an outcome of its order");
}

fn open_position(ledger: &mut Ledger, sequence: u64, pool: PoolId, range: TickRange) -> PositionId {
    let desired = amounts(10, 10);
    let key = book(
        ledger,
        sequence,
        Intent::Open { pool, placement: Placement::Range(range), desired: desired.into() },
    );
    let (position, liquidity) = (PositionId(key), Liquidity(5));
    let deposited = desired;
    end(
        ledger,
        key,
        OutcomeKind::Opened {
            position,
            pool,
            holding: Holding::Range { range, liquidity },
            deposited: deposited.into(),
        },
    );
    position
}

#[test]
fn there_is_a_view_on_pools_of_the_market_only() {
    let (market, ledger) = (market(2), ledger());
    assert_eq!(
        View::new(&market, &ledger, valuation(POOL)).and_then(|view| view.pool_id()),
        Some(POOL)
    );
    assert!(View::new(&market, &ledger, valuation(OTHER)).is_none());
}

#[test]
fn before_the_first_price_there_is_no_pool() {
    let (market, ledger) = (market(0), ledger());
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    assert!(view.pool().is_none());
    assert_eq!((view.sqrt_price(), view.tick()), (SqrtPrice::ZERO, Tick(0)));
}

#[test]
fn the_pool_is_the_one_of_the_market_and_the_clock_that_of_its_latest_event() {
    for (events, blocks) in [(1, 0), (2, 3)] {
        let (market, ledger) = (market(events), ledger());
        let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
        let pool = view.pool().expect("a price");
        assert_eq!((view.tick(), pool.tick()), (Tick(77), Tick(77)));
        assert_eq!(view.sqrt_price(), pool.sqrt_price());
        assert_eq!(view.block(), BlockNumber(FIRST_BLOCK + blocks));
        assert_eq!(view.now(), Timestamp(FIRST_TIME + blocks * 12));
    }
}

#[test]
fn available_is_what_no_order_in_flight_may_take() {
    let (market, mut ledger) = (market(2), ledger());
    let available = |ledger: &Ledger| {
        View::new(&market, ledger, valuation(POOL)).expect("the pool is there").available()
    };
    assert_eq!(available(&ledger), Some(amounts(1_000, 1_000).into()));
    let amount_in = Amount::from_u64(300);
    let swap = |pool| Intent::Swap {
        pool,
        pair: Side::Token0.into_other(),
        amount_in,
        min_amount_out: Amount::ZERO,
    };
    let ours = book(&mut ledger, 1, swap(POOL));
    // Token0 of the other pool is our token1.
    book(&mut ledger, 2, swap(OTHER));
    assert_eq!(available(&ledger), Some(amounts(700, 700).into()));
    end(&mut ledger, ours, OutcomeKind::Expired);
    assert_eq!(available(&ledger), Some(amounts(1_000, 700).into()));
    let unnamed = Ledger::funded(&[(AssetId(0), amount_in)]).expect("small");
    assert_eq!(available(&unnamed), None, "a pool whose assets nobody named");
}

#[test]
fn positions_are_those_of_this_pool_in_the_order_they_were_opened() {
    let (market, mut ledger) = (market(2), ledger());
    let wide = open_position(&mut ledger, 1, POOL, range(-600, 600));
    open_position(&mut ledger, 2, OTHER, range(-60, 60));
    let narrow = open_position(&mut ledger, 3, POOL, range(-60, 60));
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    let positions: Vec<_> =
        view.positions().map(|(id, position)| (id, position.holding.placement())).collect();
    assert_eq!(
        positions,
        [wide, narrow]
            .into_iter()
            .zip([range(-600, 600), range(-60, 60)].map(Placement::Range))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_view_knows_what_is_on_its_way() {
    let (market, mut ledger) = (market(2), ledger());
    let position = open_position(&mut ledger, 1, POOL, range(-60, 60));
    let other = open_position(&mut ledger, 2, POOL, range(-60, 60));
    let check = |ledger: &Ledger, is_waiting: bool, is_closing: bool| {
        let view = View::new(&market, ledger, valuation(POOL)).expect("the pool is there");
        assert_eq!(view.is_waiting(), is_waiting);
        assert_eq!(view.is_closing(position), is_closing);
        assert!(!view.is_closing(other));
    };
    check(&ledger, false, false);
    let opening = Intent::Open {
        pool: POOL,
        placement: Placement::Range(range(-60, 60)),
        desired: amounts(1, 1).into(),
    };
    let order = book(&mut ledger, 3, opening);
    check(&ledger, true, false);
    end(&mut ledger, order, OutcomeKind::Expired);
    check(&ledger, false, false);
    let close = book(&mut ledger, 4, Intent::Close { position });
    check(&ledger, true, true);
    end(&mut ledger, close, OutcomeKind::Expired);
    check(&ledger, false, false);
}

#[test]
fn what_is_kept_in_reserve_is_not_available() {
    let (market, ledger) = (market(2), ledger());
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    let kept = view.with_reserve(amounts(400, 1_000).into());
    assert_eq!(kept.available(), Some(amounts(600, 0).into()));
    // More than there is leaves nothing, and the view without a reserve is as it was.
    let all = view.with_reserve(amounts(1_001, 5_000).into());
    assert_eq!(all.available(), Some(amounts(0, 0).into()));
    assert_eq!(view.available(), Some(amounts(1_000, 1_000).into()));
}

#[test]
fn tokens_have_their_decimals_and_are_worth_what_the_pool_says() {
    let (market, ledger) = (market(2), ledger());
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    let tokens = [0, 1, 2].map(|token| view.decimals(TokenIndex(token)));
    assert_eq!(tokens, [Some(18), Some(18), None]);
    // 1.0001^77 = 1.0077293: 10,000 token0 are 10,077 token1, the quote.
    let ten_thousand = Amount::from_u64(10_000);
    let worth = [0, 1, 2].map(|token| view.token_value(ten_thousand, TokenIndex(token)));
    assert_eq!(worth, [Some(Amount::from_u64(10_077)), Some(ten_thousand), None]);
}

/// A market and its ledger with a second pool, which shares token1 with the first.
fn two_pools() -> (Market, Ledger) {
    let mut market = market(2);
    let mut second = SyntheticTape::at_tick(-300);
    second.skip_blocks(3);
    second.mint(1, range(-600, 600), 1_000_000);
    assert_eq!(market.add_pool(second.tape()), Ok(OTHER));
    for (sequence, event) in (100..).zip(chain_events(second.tape())) {
        let EventBody::Chain(mut chain) = event.body else { panic!("it is of the chain") };
        chain.pool = OTHER;
        let (sequence, body) = (Sequence(sequence), EventBody::Chain(chain));
        let applied = market.apply(&Event { sequence, body, ..event });
        applied.expect("it reproduces");
    }
    (market, ledger())
}

#[test]
fn a_view_of_another_pool_is_that_pools() {
    let (market, mut ledger) = two_pools();
    let here = open_position(&mut ledger, 1, POOL, range(-600, 600));
    let there = open_position(&mut ledger, 2, OTHER, range(-60, 60));
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    assert_eq!(view.pools().collect::<Vec<_>>(), [POOL, OTHER]);
    let other = view.of_pool(OTHER).expect("they share a token");
    let ids = |view: &View<'_>| view.positions().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!((view.pool_id(), view.tick(), ids(&view)), (Some(POOL), Tick(77), vec![here]));
    assert_eq!(
        (other.pool_id(), other.tick(), ids(&other)),
        (Some(OTHER), Tick(-300), vec![there])
    );
    // And back again.
    let back = other.of_pool(POOL).expect("the first one");
    assert_eq!((back.pool_id(), back.tick(), back.quote()), (Some(POOL), Tick(77), view.quote()));
    assert!(view.of_pool(PoolId(2)).is_none());
}

#[test]
fn values_are_stated_in_the_first_pools_quote_token_wherever_one_looks() {
    let (market, ledger) = two_pools();
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    let other = view.of_pool(OTHER).expect("they share a token");
    assert_eq!(other.stated_in(), Some((POOL, TokenIndex(1))));
    // The first pool's token1, which is the quote, is the other's token0.
    assert_eq!((view.quote(), other.quote()), (Some(TokenIndex(1)), Some(TokenIndex(0))));
    assert_eq!(other.asset(TokenIndex(0)), view.asset(TokenIndex(1)));
    let amount = Amount::from_u64(10_000);
    assert_eq!(other.token_value(amount, TokenIndex(0)), Some(amount));
    // A token1 there is 1.0001^300 = 1.0304509 of its token0.
    let worth = Amount::from_u64(10_304);
    assert_eq!(other.token_value(amount, TokenIndex(1)), Some(worth));
    let both = other.tokens_value(&amounts(10_000, 10_000).into());
    assert_eq!(both, amount.checked_add(worth));
    assert_eq!(view.asset_value(AssetId(2), amount), Some(worth));
    assert_eq!(view.asset_value(AssetId(77), amount), None);
}

#[test]
fn what_is_kept_in_reserve_is_kept_in_every_pool() {
    let (market, ledger) = two_pools();
    let view = View::new(&market, &ledger, valuation(POOL)).expect("the pool is there");
    let kept = view.with_reserve(amounts(400, 300).into()).of_pool(OTHER).expect("they share one");
    assert_eq!(kept.available(), Some(amounts(700, 1_000).into()));
}
