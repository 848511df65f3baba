use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Build, ConcentratedState, TickState};
use tidemill_model::{InitialPosition, PoolEvent, PoolStart, TapeEvent};
use tidemill_testkit::Random;
use tidemill_units::{
    Amounts, BlockNumber, FeePips, Liquidity, LogIndex, SignedLiquidity, SqrtPrice, Tick,
    TickRange, Timestamp,
};

use super::{StartError, tape_start};

const SEED: u64 = 0x7a9e;

type Ranges = BTreeMap<(i32, i32), u128>;

fn random_ranges(random: &mut Random) -> Ranges {
    let mut ranges = Ranges::new();
    for _ in 0..1 + random.below(20) {
        let lower = random.between(-10, 9);
        let upper = random.between(lower + 1, 10);
        *ranges.entry((lower, upper)).or_default() += 1 + u128::from(random.below(1 << 40));
    }
    ranges
}

fn state_of(ranges: &Ranges) -> ConcentratedState {
    let mut ticks = BTreeMap::<i32, (u128, i128)>::new();
    for ((lower, upper), liquidity) in ranges {
        let signed = i128::try_from(*liquidity).unwrap();
        for (tick, net) in [(lower, signed), (upper, -signed)] {
            let sums = ticks.entry(*tick).or_default();
            *sums = (sums.0 + liquidity, sums.1 + net);
        }
    }
    let ticks = ticks.into_iter().map(|(tick, (gross, net))| TickState {
        tick: Tick(tick),
        liquidity_gross: Liquidity(gross),
        liquidity_net: SignedLiquidity(net),
        ..TickState::default()
    });
    ConcentratedState {
        build: Build::UniswapV3,
        fee: FeePips(500),
        tick_spacing: 1,
        sqrt_price: SqrtPrice::MIN,
        tick: Tick(0),
        liquidity: Liquidity::ZERO,
        protocol_shares: [0; 2],
        protocol_fees: [0; 2],
        fee_growth_global: Default::default(),
        ticks: ticks.collect(),
        unstaked_fee: FeePips(0),
        staked_liquidity: Liquidity::ZERO,
    }
}

fn starts(
    state: &ConcentratedState,
    events: &[TapeEvent],
) -> Result<Vec<InitialPosition>, StartError> {
    let (start, positions) = tape_start(state, BlockNumber(7), events)?;
    let ConcentratedState { sqrt_price, tick, liquidity, .. } = *state;
    let block = BlockNumber(7);
    assert_eq!(start, PoolStart::Snapshot { block, sqrt_price, tick, liquidity });
    Ok(positions)
}

fn change((lower, upper): (i32, i32), liquidity: i64) -> TapeEvent {
    let range = TickRange { lower: Tick(lower), upper: Tick(upper) };
    let (owner, amounts) = (None, Amounts::ZERO);
    let amount = Liquidity(u128::from(liquidity.unsigned_abs()));
    let event = if liquidity < 0 {
        PoolEvent::Burn { owner, range, liquidity: amount, amounts }
    } else {
        PoolEvent::Mint { owner, range, liquidity: amount, amounts }
    };
    let (block, log_index, time) = (BlockNumber(8), LogIndex(0), Timestamp(1));
    TapeEvent { block, log_index, time, gas_used: None, gas_price: None, event }
}

fn read(positions: &[InitialPosition]) -> Ranges {
    let mut before = None;
    for position in positions {
        let range = (position.range.lower, position.range.upper);
        assert!(before < Some(range), "{positions:?}");
        assert!(range.0 < range.1 && !position.liquidity.is_zero(), "{position:?}");
        before = Some(range);
    }
    let range = |at: &InitialPosition| ((at.range.lower.0, at.range.upper.0), at.liquidity.0);
    positions.iter().map(range).collect()
}

#[test]
fn ranges_add_up_to_every_tick_and_hold_what_is_burned() {
    let mut random = Random::new(SEED);
    for _ in 0..2_000 {
        let ranges = random_ranges(&mut random);
        let state = state_of(&ranges);
        // Burns of ranges there really are, in parts, some minted again in between.
        let mut events = Vec::new();
        let mut burned = Ranges::new();
        for (range, liquidity) in &ranges {
            if random.once_in(2) {
                continue;
            }
            let part = i64::try_from(liquidity / 2).unwrap();
            let rest = i64::try_from(*liquidity).unwrap() - part;
            events.extend([change(*range, -part), change(*range, 5), change(*range, -5)]);
            events.push(change(*range, -rest));
            burned.insert(*range, *liquidity);
        }
        let found = read(&starts(&state, &events).unwrap());
        assert_eq!(state_of(&found).ticks, state.ticks, "seed {SEED:#x}: {ranges:?}");
        for (range, liquidity) in &burned {
            assert!(found[range] >= *liquidity, "seed {SEED:#x}: {range:?} of {ranges:?}");
        }
        assert!(found.len() < state.ticks.len() * 2 + burned.len());
    }
}

#[test]
fn ticks_that_are_no_ranges_are_refused() {
    let state = state_of(&Ranges::from([((-2, 3), 10), ((1, 5), 4)]));
    let changed = |change: fn(&mut TickState)| {
        let mut state = state.clone();
        change(&mut state.ticks[1]);
        starts(&state, &[])
    };
    let odd = changed(|tick| tick.liquidity_gross = Liquidity(5));
    assert_eq!(odd, Err(StartError::Tick(Tick(1))));
    let small = changed(|tick| tick.liquidity_gross = Liquidity(2));
    assert_eq!(small, Err(StartError::Tick(Tick(1))));
    let left = changed(|tick| *tick = TickState { tick: Tick(1), ..TickState::default() });
    assert_eq!(left, Err(StartError::Unbalanced(Tick(5))), "four end that never began");
    let open = changed(|tick| {
        (tick.liquidity_gross, tick.liquidity_net) = (Liquidity(6), SignedLiquidity(6));
    });
    assert_eq!(open, Err(StartError::Unbalanced(Tick(5))), "six began, and four end");
    let staked = changed(|tick| tick.staked_liquidity_net = SignedLiquidity(1));
    assert_eq!(staked, Err(StartError::Staked(Tick(1))));
    let beyond = starts(&state, &[change((-2, 3), -11)]);
    let range = TickRange { lower: Tick(-2), upper: Tick(3) };
    assert_eq!(beyond, Err(StartError::Burned(range)));
    assert!(starts(&state, &[change((-2, 3), 1), change((-2, 3), -11)]).is_ok());
}
