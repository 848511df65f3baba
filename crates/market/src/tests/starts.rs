use tidemill_amm::concentrated::{SnapshotError, SnapshotFailure};
use tidemill_model::{InitialPosition, PoolStart, Tape};
use tidemill_units::{BlockNumber, Liquidity, Tick};

use super::Log;
use super::random_pool::{extend, random_tape};
use super::seeded::Seeded;
use super::synthetic_tape::{DEEP, SyntheticTape, range};
use crate::{Footprint, Market, MarketError};

/// The rest of a tape, from a snapshot of the pool as it is now.
fn snapshot(synthetic: &SyntheticTape) -> Tape {
    let pool = synthetic.pool();
    let mut tape = synthetic.tape().clone();
    tape.header.start = PoolStart::Snapshot {
        block: tape.events.last().map_or(BlockNumber(0), |last| last.block),
        sqrt_price: pool.sqrt_price(),
        tick: pool.tick(),
        liquidity: pool.liquidity(),
    };
    tape.events.clear();
    let mut positions = std::collections::BTreeMap::<_, u128>::new();
    for (key, position) in pool.positions().filter(|(_, position)| !position.liquidity.is_zero()) {
        *positions.entry(key.range).or_default() += position.liquidity.0;
    }
    let initial = |(range, liquidity)| InitialPosition {
        range,
        liquidity: Liquidity(liquidity),
        staked: Liquidity::ZERO,
    };
    tape.initial_positions = positions.into_iter().map(initial).collect();
    tape
}

#[test]
fn a_snapshot_goes_on_as_the_whole_history_does() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let mut synthetic = random_tape(&mut random, 40);
        let mut tape = snapshot(&synthetic);
        let (taken_at, before) = (synthetic.tape().events.len(), synthetic.pool().clone());
        // The protocol's share is not part of a snapshot: it counts from its next change.
        synthetic.set_fee_protocol([4, 0]);
        synthetic.skip_blocks(1);
        extend(&mut synthetic, &mut random, 40);
        tape.events = synthetic.tape().events[taken_at..].to_vec();
        let mut log = Log::new(&tape, Footprint::PriceTaker);
        log.record_all(&tape.events);
        let (ours, whole) = (log.pool().history(), synthetic.pool());
        assert_eq!(ours.sqrt_price(), whole.sqrt_price(), "seed {seed}");
        assert_eq!(ours.tick(), whole.tick(), "seed {seed}");
        assert_eq!(ours.liquidity(), whole.liquidity(), "seed {seed}");
        let grown = whole.fee_growth_global().into_iter().zip(before.fee_growth_global());
        let grown: Vec<_> = grown.map(|(now, then)| now.wrapping_sub(then)).collect();
        assert_eq!(ours.fee_growth_global().to_vec(), grown, "seed {seed}");
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Tape), expected: &MarketError) {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.mint(1, range(-60, 60), 5);
    let mut tape = snapshot(&synthetic);
    change(&mut tape);
    assert_eq!(Market::new(Footprint::PriceTaker).add_pool(&tape).as_ref(), Err(expected));
}

#[test]
fn an_impossible_start_is_refused() {
    check(
        |tape| tape.initial_positions.truncate(1),
        &MarketError::StartLiquidity { computed: DEEP, recorded: DEEP + 5 },
    );
    let off_spacing = |tape: &mut Tape| tape.initial_positions[1].range = range(-61, 60);
    let bad_tick = SnapshotError::BadTick(Tick(-61));
    check(off_spacing, &MarketError::Start(SnapshotFailure::Snapshot(bad_tick)));
    let wrong_tick = |tape: &mut Tape| {
        let PoolStart::Snapshot { tick, .. } = &mut tape.header.start else { panic!("a snapshot") };
        *tick = Tick(1);
    };
    let sqrt_price = tidemill_amm::concentrated::sqrt_price_at_tick(Tick(0)).unwrap();
    let tick_of_price = SnapshotError::TickOfPrice { tick: Tick(1), sqrt_price };
    check(wrong_tick, &MarketError::Start(SnapshotFailure::Snapshot(tick_of_price)));
    let spacing = |tape: &mut Tape| tape.header.tick_spacing = 0;
    let parameters = tidemill_amm::concentrated::ParametersError::TickSpacing(0);
    check(spacing, &MarketError::Start(SnapshotFailure::Parameters(parameters)));
}
