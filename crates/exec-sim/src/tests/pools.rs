//! Several pools of one chain in one log.

use tidemill_market::Footprint;
use tidemill_model::{Event, EventBody, Intent, OutcomeKind, PoolId};
use tidemill_units::{Amount, Side, U256};

use super::synthetic_tape::{SyntheticTape, amounts, range};
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
    let [first, second] = tapes;
    let mut session = Session::new(first.tape(), Footprint::ReExecuted, 1);
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
