//! Several pools of one chain in one log.

use tidemill_market::Footprint;
use tidemill_model::{Event, EventBody, Intent, OutcomeKind, PoolId, PoolPair, Rejection};
use tidemill_units::{Amount, Gas, GasPrice, Side, SqrtPrice, Tick, U256};

use super::synthetic_tape::{POOL, SyntheticTape, amounts, range};
use super::{ASSETS, Session};

const OTHER: PoolId = PoolId(1);

/// Deep pools whose blocks go by turns, and share some.
fn tapes() -> [SyntheticTape; 2] {
    let mut tapes = [SyntheticTape::deep_at_tick(0), SyntheticTape::deep_at_tick(600)];
    for (tape, blocks) in tapes.iter_mut().zip([[2, 3, 1, 9], [1, 4, 2, 3]]) {
        for skipped in blocks {
            tape.skip_blocks(skipped);
            tape.swap_in(Side::Token0, 5_000);
            tape.mint(1, range(-60, 60), 1_000);
        }
    }
    tapes
}

fn session(tapes: &[SyntheticTape; 2]) -> Session<'_> {
    session_in(tapes, Footprint::ReExecuted)
}

fn session_in(tapes: &[SyntheticTape; 2], footprint: Footprint) -> Session<'_> {
    let [first, second] = tapes;
    let mut session = Session::new(first.tape(), footprint, 1);
    assert_eq!(session.market.add_pool(second.tape()), Ok(OTHER));
    session.ledger.add_pool(OTHER, ASSETS);
    session.world = session.world.with_pool(OTHER, &second.tape().events);
    session
}

fn place_of(event: &Event) -> Option<(u64, u32, u16)> {
    let EventBody::Chain(chain) = &event.body else { return None };
    Some((chain.block.0, chain.log_index.0, chain.pool.0))
}

#[test]
fn events_of_several_pools_come_in_the_order_of_the_chain() {
    let tapes = tapes();
    let mut session = session(&tapes);
    session.finish();
    let places: Vec<_> = session.log.iter().filter_map(place_of).collect();
    assert!(places.is_sorted());
    for (pool, tape) in tapes.iter().enumerate() {
        let of_pool = places.iter().filter(|(_, _, found)| usize::from(*found) == pool);
        assert_eq!(of_pool.count(), tape.tape().events.len());
    }
    assert!(session.log.is_sorted_by_key(|event| event.seen_at));
}

#[test]
fn an_order_is_executed_in_the_pool_that_it_is_for() {
    let tapes = tapes();
    let mut session = session(&tapes);
    session.skip(6);
    let (amount_in, min_amount_out) = (Amount::from_u64(1_000_000), Amount::ZERO);
    let pair = Side::Token0.into_other();
    let received = [PoolId(0), OTHER].map(|pool| {
        session.send(Intent::Swap { pool, pair, amount_in, min_amount_out });
        let OutcomeKind::Swapped { pool: found, amount_out, .. } = session.outcome().kind else {
            panic!("swapped");
        };
        assert_eq!(found, pool);
        amount_out
    });
    // At tick 600 one of the first token is worth six percent more of the second.
    let [here, there] = received;
    assert!(there.0 * U256::from(100) > here.0 * U256::from(105));
    session.send(Intent::Open {
        pool: OTHER,
        placement: tidemill_model::Placement::Range(range(0, 1_200)),
        desired: amounts(1_000_000, 1_000_000).into(),
    });
    assert!(matches!(session.outcome().kind, OutcomeKind::Opened { pool: OTHER, .. }));
    session.finish();
}

/// Deep pools in which nothing happens: one of token0 is worth one here, and 1.0618 there.
fn quiet_tapes() -> [SyntheticTape; 2] {
    [0, 600].map(|tick| {
        let mut tape = SyntheticTape::deep_at_tick(tick);
        for _ in 0..4 {
            tape.skip_blocks(2);
            tape.mint(1, range(-60_000, -59_940), 1);
        }
        tape
    })
}

/// Token1 is paid into the first pool, and comes back from the second.
fn there_and_back(amount_in: u64, min_amount_out: u64, tip: u128) -> Intent {
    let legs = [
        PoolPair { pool: POOL, pair: Side::Token1.into_other() },
        PoolPair { pool: OTHER, pair: Side::Token0.into_other() },
    ];
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u64);
    Intent::Arbitrage { legs, amount_in, min_amount_out, tip: GasPrice(tip) }
}

fn prices(session: &Session<'_>) -> [SqrtPrice; 2] {
    [POOL, OTHER].map(|pool| {
        let pool = session.market.pool(pool).and_then(|pool| pool.concentrated()).expect("there");
        pool.pool().sqrt_price()
    })
}

/// Of 1,000,000 the fee leaves 997,000, for which the pool gives 996,999 of token0; of those it
/// leaves 994,008, which are worth 1,055,470.
#[test]
fn an_arbitrage_makes_both_swaps_in_one_transaction() {
    let tapes = quiet_tapes();
    let at_tick = |tick| tidemill_amm::concentrated::sqrt_price_at_tick(Tick(tick)).expect("valid");
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let mut session = session_in(&tapes, footprint);
        session.skip(6);
        let [asset0, asset1] = [0, 1].map(|place| ASSETS.tokens()[place]);
        let before = [asset0, asset1].map(|asset| session.ledger.wallet(asset));
        session.send(there_and_back(1_000_000, 1_055_470, 3));
        assert_eq!(session.ledger.available(asset1).0, before[1].0 - U256::from(1_000_000));
        let outcome = session.outcome();
        let OutcomeKind::Arbitraged { between, amount_out, .. } = outcome.kind else {
            panic!("{:?}", outcome.kind)
        };
        assert_eq!([between, amount_out], [996_999, 1_055_470].map(Amount::from_u64));
        let after = [asset0, asset1].map(|asset| session.ledger.wallet(asset));
        assert_eq!(after[0], before[0], "{footprint:?}");
        assert_eq!(after[1].0 - before[1].0, U256::from(55_470), "{footprint:?}");
        // Two swaps of 117,000, and the 21,000 of a transaction once.
        assert_eq!(outcome.gas.gas, Gas(213_000));
        assert_eq!(outcome.gas.price, GasPrice(20_000_000_003), "the tip is on top");
        let [first, second] = prices(&session);
        match footprint {
            Footprint::PriceTaker => assert_eq!([first, second], [0, 600].map(at_tick)),
            Footprint::ReExecuted => assert!(first > at_tick(0) && second < at_tick(600)),
        }
        session.finish();
    }
}

#[test]
fn an_arbitrage_that_would_give_too_little_makes_neither_swap() {
    let tapes = quiet_tapes();
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let mut session = session_in(&tapes, footprint);
        session.skip(6);
        let wallet = |session: &Session<'_>| {
            [0, 1].map(|place| session.ledger.wallet(ASSETS.tokens()[place]))
        };
        let (held, before) = (wallet(&session), prices(&session));
        session.send(there_and_back(1_000_000, 1_055_471, 3));
        let outcome = session.outcome();
        assert_eq!(outcome.kind, OutcomeKind::Rejected(Rejection::TooLittleReceived));
        assert_eq!(outcome.gas.gas, Gas(213_000), "it was tried");
        assert_eq!(outcome.gas.price, GasPrice(20_000_000_000), "and nothing was gained to pay of");
        assert_eq!((wallet(&session), prices(&session)), (held, before));
        session.finish();
    }
}
