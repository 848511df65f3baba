//! Histories without a tick map: a fortnight beside the chain's own fee growth, a day beside what
//! its positions were paid, and the embedded week beside itself with its tick map.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out the variants that it is about"
)]

use std::fs;

use tidemill_amm::concentrated::{Owner, PositionKey};
use tidemill_feed_evm::{Decoded, decode_pool_log, open_log_file};
use tidemill_market::{
    Certainty, Footprint, GrowthBounds, Market, ObservedPool, ObservedReport, SwapClass,
};
use tidemill_model::{
    Address, Event, EventBody, PoolBuild, PoolEvent, PoolStart, RecordedAfter, Sequence, Tape,
    TapeEvent, WindowStart,
};
use tidemill_replay::replay_observed;
use tidemill_units::{
    Amount, FeeGrowth, Liquidity, RelativeTolerance, Tick, TickRange, Timestamp, U256, mul_div,
    mul_div_rounding_up,
};

use crate::data::week;
use crate::recorded_data::recorded;
use crate::recorded_windows::{arbitrum_fortnight, window_header};
use crate::seeded::Seeded;

const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

fn counts(report: &ObservedReport) -> [u64; 4] {
    SwapClass::ALL.map(|class| report.class(class).swaps)
}

/// One on-chain read of the fortnight.
struct HourlyState {
    block: u64,
    sqrt_price: String,
    tick: String,
    liquidity: String,
    growth: [FeeGrowth; 2],
}

fn hourly_states(text: &str) -> Vec<HourlyState> {
    let state = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        HourlyState {
            block: fields[0].parse().unwrap(),
            sqrt_price: fields[2].to_owned(),
            tick: fields[3].to_owned(),
            liquidity: fields[4].to_owned(),
            growth: [fields[5], fields[6]].map(|text| FeeGrowth(text.parse().unwrap())),
        }
    };
    text.lines().skip(1).map(state).collect()
}

/// Whether growth is to the unit what one flash loan's fee gives to one of these liquidities.
fn is_one_loan(growth: U256, liquidities: &[u128]) -> bool {
    liquidities.iter().any(|liquidity| {
        let liquidity = U256::from(*liquidity);
        let paid = mul_div_rounding_up(growth, liquidity, Q128).unwrap();
        mul_div(paid, Q128, liquidity) == Some(growth)
    })
}

/// The set has no `Flash` events, so that the chain's growth is more than ours by those fees.
/// They go to the liquidity in range at that moment, which makes each of them recognisable: its
/// growth is a whole amount times 2^128 over one of the hour's liquidities, rounded down, which a
/// wrong figure is with a chance of some 2^-50.
#[test]
fn a_fortnight_has_the_fee_growth_of_the_chain() {
    let Some(folder) = recorded("univ3-arbitrum-weth-usdc-500-2025-07") else { return };
    let tape = arbitrum_fortnight(&folder);
    let states = fs::read_to_string(folder.join("hourly_states.csv")).unwrap();
    let states = hourly_states(&states);
    let mut pool = ObservedPool::new(&tape).unwrap();
    let mut events = tape.events.iter().peekable();
    let mut before: Option<([GrowthBounds; 2], [FeeGrowth; 2])> = None;
    let (mut sides, mut exact, mut held, mut one_loan) = (0, 0, 0, 0);
    for state in &states {
        let mut liquidities = Vec::new();
        while let Some(event) = events.next_if(|event| event.block.0 <= state.block) {
            pool.apply(event);
            liquidities.push(pool.place().unwrap().liquidity.0);
        }
        let place = pool.place().unwrap();
        assert_eq!(place.sqrt_price.to_string(), state.sqrt_price, "at {}", state.block);
        assert_eq!(place.tick.to_string(), state.tick, "at {}", state.block);
        assert_eq!(place.liquidity.to_string(), state.liquidity, "at {}", state.block);
        let growth = pool.fee_growth_global();
        for side in 0..2 {
            let Some((seen, chain)) = &before else { continue };
            let bounds = growth[side].since(&seen[side]);
            let truth = state.growth[side].wrapping_sub(chain[side]);
            sides += 1;
            exact += u32::from(bounds.certainty() == Certainty::Exact);
            let width = mul_div_rounding_up(bounds.width(), U256::from(10_u64.pow(8)), truth.0);
            assert!(width.unwrap() <= U256::ONE, "bounds are within 1e-8");
            if bounds.contains(truth) {
                held += 1;
            } else {
                let more = truth.wrapping_sub(bounds.most);
                assert!(more.0 < truth.0, "the chain has more, never less");
                one_loan += u32::from(is_one_loan(more.0, &liquidities));
            }
        }
        before = Some((growth, state.growth));
    }
    events.for_each(|event| pool.apply(event));
    let report = pool.report();
    assert_eq!(report.events, 378_511);
    assert_eq!((states.len(), sides, exact), (334, 666, 665));
    assert_eq!((held, one_loan), (652, 12), "in two of the others there was more than one loan");
    assert_eq!(counts(report), [305_229, 7_132, 1, 0]);
    assert!(report.is_opened_by_swap);
    assert_eq!((report.liquidity_changes, report.swaps()), (49_813, 312_362));
    assert_eq!((report.findings_in_all, report.first_unresolved), (0, None));
}

#[test]
fn a_hole_in_the_fortnight_is_named() {
    let Some(folder) = recorded("univ3-arbitrum-weth-usdc-500-2025-07") else { return };
    let mut tape = arbitrum_fortnight(&folder);
    tape.events.truncate(6_000);
    assert_eq!(replay_observed(&tape, |_| {}).unwrap().report.findings_in_all, 0);
    let mut random = Seeded(5);
    let (mut swaps, mut changes, mut found) = (0, 0, 0);
    for _ in 0..150 {
        let hole = usize::try_from(random.below(5_900)).unwrap();
        let mut holed = tape.clone();
        let missing = holed.events.remove(hole);
        let report = replay_observed(&holed, |_| {}).unwrap().report;
        if matches!(missing.event, PoolEvent::Swap { .. }) && hole > 0 {
            swaps += 1;
            let finding = report.findings.first().unwrap_or_else(|| panic!("{missing:?}"));
            let next = &holed.events[hole..];
            let place = (finding.block, finding.log_index);
            assert!(place >= (next[0].block, next[0].log_index), "{finding} before {missing:?}");
        } else {
            changes += 1;
            found += u32::from(report.findings_in_all > 0);
        }
    }
    println!("{swaps} swaps, {found} of {changes} mints and burns");
    assert!(swaps > 80 && changes > 10);
    assert!(found * 3 > changes, "a mint or burn shows where the price comes by before and after");
}

/// The raw logs of a day, with each position's owner.
fn mainnet_day(folder: &std::path::Path) -> Tape {
    let pool = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";
    let header = window_header(1, pool, [("USDC", 6), ("WETH", 18)]);
    let event = |log: tidemill_feed_evm::RawLog| {
        let decoded = decode_pool_log(&PoolBuild::UniswapV3, &log).unwrap();
        let Decoded::Event(event) = decoded else { panic!("{}", log.place) };
        let time = log.time.unwrap_or(Timestamp(0));
        let (gas_used, gas_price) = (None, None);
        let (block, log_index) = (log.place.block, log.place.log_index);
        TapeEvent { block, log_index, time, gas_used, gas_price, event }
    };
    let logs = open_log_file(&folder.join("pool_logs.csv.gz")).unwrap();
    let events = logs.map(|log| event(log.unwrap())).collect();
    Tape { header, initial_positions: Vec::new(), events }
}

/// Returns what a position was paid: its liquidity times the growth, at each change of it.
fn paid(tape: &Tape, owner: Address, range: TickRange) -> [[Amount; 2]; 2] {
    let mut pool = ObservedPool::new(tape).unwrap();
    let mut sums = [[Amount::ZERO; 2]; 2];
    let (mut held, mut then) = (0_u128, [GrowthBounds::default(); 2]);
    for recorded in &tape.events {
        pool.apply(recorded);
        let after = match &recorded.event {
            PoolEvent::Mint { owner: Some(of), range: at, liquidity, .. }
                if (*of, *at) == (owner, range) =>
            {
                held + liquidity.0
            }
            PoolEvent::Burn { owner: Some(of), range: at, liquidity, .. }
                if (*of, *at) == (owner, range) =>
            {
                held - liquidity.0
            }
            _ => continue,
        };
        let now = pool.fee_growth_inside(range);
        for (sum, (now, then)) in sums.iter_mut().zip(now.iter().zip(&then)) {
            let earned = now.since(then).earned_by(Liquidity(held)).unwrap();
            for (sum, earned) in sum.iter_mut().zip(earned) {
                *sum = sum.checked_add(earned).unwrap();
            }
        }
        (held, then) = (after, now);
    }
    assert_eq!(held, 0, "it was closed");
    sums
}

#[test]
fn a_days_closed_positions_were_paid_within_the_bounds() {
    let Some(folder) = recorded("univ3-usdc-weth-500-2024-01-05") else { return };
    let tape = mainnet_day(&folder);
    let closed = fs::read_to_string(folder.join("closed_positions.csv")).unwrap();
    let (mut positions, mut exact) = (0, 0);
    for line in closed.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [lower, upper] = [fields[1], fields[2]].map(|tick| tick.parse::<Tick>().unwrap());
        let bounds = paid(&tape, fields[0].parse().unwrap(), TickRange { lower, upper });
        positions += 1;
        let mut is_exact = true;
        for ([least, most], fee) in bounds.into_iter().zip([fields[12], fields[13]]) {
            let fee: Amount = fee.parse().unwrap();
            assert!(least <= fee && fee <= most, "{line}: {least} to {most}");
            assert!(most.checked_sub(least).unwrap() <= Amount::from_u64(20), "{line}");
            is_exact &= least == most;
        }
        exact += usize::from(is_exact);
    }
    assert_eq!((positions, exact), (26, 25));
    let replayed = replay_observed(&tape, |_| {}).unwrap();
    let report = &replayed.report;
    assert_eq!(counts(report), [5_478, 557, 10, 0]);
    assert_eq!(report.findings_in_all, 0);
    for bounds in replayed.fee_growth_global {
        let width = mul_div(bounds.width(), U256::from(1_000_000_u32), bounds.least.0).unwrap();
        assert!(width.is_zero(), "within a millionth");
    }
}

/// The embedded week without its tick map, its swaps' amounts to the unit, and the growth of fees
/// that the pool with the tick map has after each event.
fn stripped_week() -> (Tape, Vec<[FeeGrowth; 2]>) {
    let mut stripped = week().clone();
    let mut market = Market::new(Footprint::PriceTaker);
    let id = market.add_pool(week()).unwrap();
    let history =
        |market: &Market| market.pool(id).unwrap().concentrated().unwrap().history().clone();
    let mut mirror = history(&market);
    let mut growth = Vec::new();
    for (sequence, recorded) in (1..).zip(&mut stripped.events) {
        let now = recorded.time;
        let body = EventBody::Chain(recorded.in_pool(id));
        market.apply(&Event::at(Sequence(sequence), now, body)).unwrap();
        let key = |range| PositionKey { owner: Owner::default(), range };
        match &mut recorded.event {
            PoolEvent::Swap { amounts, after } => {
                let concentrated = market.pool(id).unwrap().concentrated().unwrap();
                let swapped = mirror.swap(concentrated.last_request().unwrap(), now).unwrap();
                *amounts = swapped.amounts;
                *after = RecordedAfter {
                    sqrt_price: Some(swapped.sqrt_price),
                    liquidity: Some(swapped.liquidity),
                    tick: Some(swapped.tick),
                };
            }
            PoolEvent::Mint { range, liquidity, amounts, .. } => {
                *amounts = mirror.mint(key(*range), *liquidity, now).unwrap();
            }
            PoolEvent::Burn { range, liquidity, amounts, .. } => {
                *liquidity = (*liquidity).min(mirror.position(&key(*range)).liquidity);
                if !liquidity.is_zero() {
                    *amounts = mirror.burn(key(*range), *liquidity, now).unwrap();
                }
            }
            PoolEvent::Collect { .. } => {}
            other => panic!("the week has no {}", other.kind()),
        }
        growth.push(mirror.fee_growth_global());
    }
    assert_eq!(mirror.fee_growth_global(), history(&market).fee_growth_global());
    stripped.initial_positions.clear();
    stripped.header.start = PoolStart::Window(WindowStart { fee_protocol: [0; 2], state: None });
    stripped.header.amount_tolerance = RelativeTolerance::EXACT;
    (stripped, growth)
}

#[test]
fn the_week_without_its_tick_map_has_the_growth_of_the_week_with_it() {
    let (tape, truth) = stripped_week();
    let mut pool = ObservedPool::new(&tape).unwrap();
    let mut origin = None;
    let mut exact = 0;
    for (recorded, truth) in tape.events.iter().zip(&truth) {
        pool.apply(recorded);
        if pool.place().is_none() {
            continue;
        }
        let growth = pool.fee_growth_global();
        let (seen, start) = *origin.get_or_insert((growth, *truth));
        for side in 0..2 {
            let bounds = growth[side].since(&seen[side]);
            let truth = truth[side].wrapping_sub(start[side]);
            assert!(bounds.contains(truth), "{bounds:?} without {truth} at {recorded:?}");
            exact += u32::from(bounds.certainty() == Certainty::Exact);
        }
    }
    let report = pool.report();
    println!("{:?}, {exact} sides exact of {}", counts(report), 2 * tape.events.len());
    assert_eq!(report.findings, []);
    assert_eq!(report.swaps() + 1, 38_235);
    assert_eq!(report.unresolved.swaps, 0);
    let [known, bounded] = [report.exact.swaps + report.inferred.swaps, report.bounded.swaps];
    assert!(bounded * 200 < known, "{bounded} of {known}");
    for (bounds, truth) in pool.fee_growth_global().iter().zip(truth.last().unwrap()) {
        assert!(bounds.width() < truth.0 >> 20, "{bounds:?} of {truth}");
    }
}
