use tidemill_amm::concentrated::{Pool, Rounding, SwapAmount, SwapRequest, sqrt_price_at_tick};
use tidemill_model::{OutcomeKind, PositionId};
use tidemill_units::{Amount, Liquidity, Side, Tick, TickRange, U256};

use super::Log;
use super::random_pool::{Operation, perform, random_operation, random_tape};
use super::seeded::Seeded;
use super::synthetic_tape::{DEEP, POOL, SyntheticTape, exact_in, full_range, range};
use crate::Footprint;

/// Everything of a pool that a swap or a position can tell, whatever its observations.
fn state(pool: &Pool) -> impl PartialEq + std::fmt::Debug {
    let ticks: Vec<_> = pool
        .ticks()
        .map(|(tick, info)| {
            (tick, info.liquidity_gross, info.liquidity_net, info.fee_growth_outside)
        })
        .collect();
    let position = (pool.sqrt_price(), pool.tick(), pool.liquidity());
    (position, pool.fee_growth_global(), pool.protocol_fees(), ticks)
}

pub(super) fn open(log: &mut Log, held: TickRange, liquidity: u128) -> PositionId {
    let pool = log.pool().pool();
    let cost = pool.amounts_of(held, Liquidity(liquidity), Rounding::Up).expect("a range");
    log.open(held, liquidity, cost)
}

/// Brings in a swap of ours as the market would answer it, if it can take the whole input.
pub(super) fn swap(log: &mut Log, input: Side, amount_in: Amount) {
    let Ok(staged) = log.pool().stage_own_swap(input, amount_in) else { return };
    let amounts = staged.result().amounts;
    if amounts.get(input).magnitude() == amount_in {
        let amount_out = amounts.get(input.other()).magnitude();
        let swapped =
            OutcomeKind::Swapped { pool: POOL, pair: input.into_other(), amount_in, amount_out };
        assert_eq!(log.outcome(swapped), Ok(()));
    }
}

fn check_history(seed: u64, footprint: Footprint) {
    let mut random = Seeded(seed);
    let synthetic = random_tape(&mut random, 120);
    let mut log = Log::new(synthetic.tape(), footprint);
    let mut open_ones = Vec::new();
    for recorded in &synthetic.tape().events {
        assert_eq!(log.record(recorded), Ok(()), "seed {seed}");
        if !log.pool().history().is_initialized() {
            continue;
        }
        match random.below(6) {
            0 => {
                let lower = random.between(-9, 8) * 60;
                let held = range(lower, lower + 60 * random.between(1, 5));
                open_ones.push(open(&mut log, held, 1 + random.wide(80)));
            }
            1 if !open_ones.is_empty() => {
                let index = random.below(u64::try_from(open_ones.len()).unwrap());
                log.close(open_ones.swap_remove(usize::try_from(index).unwrap()));
            }
            2 => {
                let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
                swap(&mut log, input, Amount::from_u128(1 + random.wide(70)));
            }
            _ => {}
        }
    }
    assert_eq!(log.pool().history(), synthetic.pool(), "{footprint:?}, seed {seed}");
    if footprint == Footprint::PriceTaker {
        assert_eq!(log.pool().pool(), synthetic.pool(), "a price-taker meets history, seed {seed}");
    }
}

#[test]
fn whatever_we_do_history_stays_what_was_recorded() {
    for seed in 0..300 {
        check_history(seed, Footprint::PriceTaker);
        check_history(seed, Footprint::ReExecuted);
    }
}

/// Runs one list of calls twice: into a tape without us that a market re-executes with us in it,
/// and into a pool where somebody really made our position.
fn check_as_if_there(seed: u64) {
    let mut random = Seeded(seed);
    let start = random.between(-300, 300);
    let mut without = SyntheticTape::at_tick(start);
    without.mint(0, full_range(), DEEP);
    let mut with = without.clone();
    let opened_at = without.tape().events.len();
    let held = range(-60 * random.between(1, 6), 60 * random.between(1, 6));
    let liquidity = 1 + random.wide(75);
    let cost = with.mint(99, held, liquidity);
    let mut closed_at = 0;
    let mut paid = None;
    for index in 0..100 {
        let next = match random_operation(&mut random, without.pool()) {
            // The output fixed can be mistaken for the input fixed, which is as good without us.
            Operation::Swap(SwapRequest { input, .. }) => {
                Operation::Swap(exact_in(input, 1 + random.wide(66)))
            }
            Operation::Burn { owner, range, thousandths: 0 } => Operation::Collect { owner, range },
            // A collect asks for what was owed without us, which is more than with us.
            Operation::Collect { .. } => Operation::NextBlock(1),
            other => other,
        };
        perform(&mut without, next);
        perform(&mut with, next);
        if index == 80 {
            closed_at = without.tape().events.len();
            let principal = with.burn(99, held, liquidity);
            paid = Some((principal, with.collect(99, held)));
        }
    }
    let events = &without.tape().events;
    let mut log = Log::new(without.tape(), Footprint::ReExecuted);
    log.record_all(&events[..opened_at]);
    let ours = log.open(held, liquidity, cost);
    log.record_all(&events[opened_at..closed_at]);
    let (principal, fees) = log.close(ours);
    assert_eq!(Some((principal, principal.checked_add(fees).expect("small"))), paid, "seed {seed}");
    log.record_all(&events[closed_at..]);
    assert_eq!(state(log.pool().pool()), state(with.pool()), "seed {seed}");
}

#[test]
fn re_executed_history_is_that_of_a_pool_that_we_were_really_in() {
    (0..500).for_each(check_as_if_there);
}

#[test]
fn re_executed_swaps_keep_what_the_original_call_had_fixed() {
    let amount = Amount::from_u64(2_000_000_000_000_000_000);
    let to_price = SwapRequest {
        input: Side::Token0,
        amount: SwapAmount::ExactIn(Amount(U256::MAX >> 1)),
        price_limit: sqrt_price_at_tick(Tick(-17)),
    };
    let out = SwapRequest {
        input: Side::Token1,
        amount: SwapAmount::ExactOut(amount),
        price_limit: None,
    };
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    let before = synthetic.tape().events.len();
    synthetic.swap(to_price).expect("a swap");
    let to_price_at = synthetic.tape().events.len();
    synthetic.swap(out).expect("a swap");
    let events = &synthetic.tape().events;
    let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
    log.record_all(&events[..before]);
    open(&mut log, range(-600, 600), DEEP);
    log.record_all(&events[before..to_price_at]);
    assert_eq!(Some(log.pool().pool().sqrt_price()), sqrt_price_at_tick(Tick(-17)));
    let mut expected = log.pool().pool().clone();
    expected.swap(out, log.market.now()).expect("a swap");
    log.record_all(&events[to_price_at..]);
    assert_eq!(log.pool().pool().sqrt_price(), expected.sqrt_price());
    let counts = log.pool().counts();
    assert_eq!((counts.swaps_price_limited, counts.swaps_exact_out), (1, 1));
    assert!(log.pool().pool().sqrt_price() < log.pool().history().sqrt_price(), "twice as deep");
}

#[test]
fn a_price_already_passed_would_have_reverted_and_changes_nothing() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    let before = synthetic.tape().events.len();
    synthetic.swap_to(10);
    let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
    log.record_all(&synthetic.tape().events[..before]);
    swap(&mut log, Side::Token1, Amount::from_u64(9_000_000_000_000_000_000));
    let ahead = log.pool().pool().clone();
    assert!(ahead.tick() > Tick(10));
    log.record_all(&synthetic.tape().events[before..]);
    assert_eq!(log.pool().pool(), &ahead);
    assert_eq!(log.pool().history(), synthetic.pool());
}

#[test]
fn opening_and_closing_in_one_go_leaves_no_trace() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let synthetic = random_tape(&mut random, 60);
        let events = &synthetic.tape().events;
        let middle = events.len() / 2;
        let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
        log.record_all(&events[..middle]);
        let ours = open(&mut log, range(-60, 180), 1 + random.wide(80));
        let price = log.pool().history().sqrt_price();
        assert_eq!(log.pool().pool().sqrt_price(), price, "opening moves no price, seed {seed}");
        let (_, fees) = log.close(ours);
        assert!(fees.is_zero(), "nothing was swapped, seed {seed}");
        log.record_all(&events[middle..]);
        assert_eq!(state(log.pool().pool()), state(log.pool().history()), "seed {seed}");
    }
}

#[test]
fn a_position_that_the_price_never_reaches_leaves_everything_but_its_ticks_as_recorded() {
    for seed in 1_000..1_200 {
        let mut random = Seeded(seed);
        let synthetic = random_tape(&mut random, 60);
        let events = &synthetic.tape().events;
        let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
        log.record_all(&events[..3]);
        let ours = open(&mut log, range(600_000, 600_060), 1 + random.wide(90));
        log.record_all(&events[3..]);
        let (with_us, history) = (log.pool().pool(), log.pool().history());
        assert_eq!(with_us.sqrt_price(), history.sqrt_price(), "seed {seed}");
        assert_eq!(with_us.liquidity(), history.liquidity(), "seed {seed}");
        assert_eq!(with_us.fee_growth_global(), history.fee_growth_global(), "seed {seed}");
        let (_, fees) = log.close(ours);
        assert!(fees.is_zero(), "seed {seed}");
        assert_eq!(state(log.pool().pool()), state(log.pool().history()), "seed {seed}");
    }
}

#[test]
fn footprints_have_the_names_that_configurations_use() {
    let names = [Footprint::PriceTaker, Footprint::ReExecuted].map(Footprint::name);
    assert_eq!(names, ["price-taker", "re-executed"]);
}
