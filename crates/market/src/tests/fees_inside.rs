use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, RangeWatch, SwapAmount, SwapRequest, sqrt_price_at_tick,
};
use tidemill_units::{
    Amount, FeeGrowth, FeePips, Liquidity, Side, Tick, TickRange, Timestamp, U256,
};

use super::random_pool::{Operation, random_operation};
use super::seeded::Seeded;
use super::synthetic_tape::{DEEP, range};

const NOW: Timestamp = Timestamp(1_700_000_000);
const OPERATIONS: usize = 120;

/// A pool whose steps a watch follows.
struct WatchedPool {
    pool: Pool,
    watch: RangeWatch,
}

impl WatchedPool {
    /// A pool of tick spacing 1, so that any tick can be initialized.
    fn new(tick: i32) -> Self {
        let mut pool = Pool::new(FeePips(3_000), 1).expect("a pool's constants");
        let price = sqrt_price_at_tick(Tick(tick)).expect("a valid tick");
        pool.initialize(price, NOW).expect("a first price");
        let mut watched = Self { pool, watch: RangeWatch::default() };
        watched.mint(0, TickRange::full(1).expect("a spacing"), DEEP);
        watched
    }

    fn mint(&mut self, owner: u8, range: TickRange, liquidity: u128) {
        let key = PositionKey { owner: Owner([owner; 20]), range };
        self.pool.mint(key, Liquidity(liquidity), NOW).expect("a mint");
    }

    fn swap(&mut self, request: SwapRequest) {
        let mut steps = Vec::new();
        let Ok(staged) = self.pool.stage_swap(request, &mut steps) else { return };
        self.pool.commit_swap(&staged, NOW);
        let [growth0, growth1] = self.pool.fee_growth_global();
        for step in &steps {
            let other = if step.input == Side::Token0 { growth1 } else { growth0 };
            self.watch.follow(step, other);
        }
    }

    fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Swap(request) => self.swap(request),
            Operation::Mint { owner, range, liquidity } => self.mint(owner, range, liquidity),
            Operation::Burn { owner, range, thousandths } => {
                let key = PositionKey { owner: Owner([owner; 20]), range };
                let burned = self.pool.position(&key).liquidity.0 * thousandths / 1_000;
                // A position that never was has nothing to burn: the pool says so.
                let _refused = self.pool.burn(key, Liquidity(burned), NOW).is_err();
            }
            Operation::Flash(paid) => {
                self.pool.flash(Default::default(), paid).expect("a flash loan");
            }
            Operation::SetFeeProtocol(shares) => {
                self.pool.set_fee_protocol(shares).expect("a protocol fee");
            }
            Operation::Collect { .. } | Operation::NextBlock(_) => {}
        }
    }

    /// Growth inside as the watch has it.
    fn watched(&self, range: TickRange) -> [FeeGrowth; 2] {
        self.watch.inside(range, &self.pool).expect("a watched range")
    }
}

fn since(later: [FeeGrowth; 2], earlier: [FeeGrowth; 2]) -> [U256; 2] {
    let ([later0, later1], [earlier0, earlier1]) = (later, earlier);
    [later0.wrapping_sub(earlier0).0, later1.wrapping_sub(earlier1).0]
}

/// Adds ranges to a watch at random moments of a random history, and compares growth since then.
fn check_against_pool(seed: u64) {
    let mut random = Seeded(seed);
    let mut watched = WatchedPool::new(random.between(-300, 300));
    let ranges = [range(-120, 120), range(0, 60), range(-7, 11), range(240, 700)];
    for range in ranges {
        // Somebody else's for good: the ticks stay initialized.
        watched.mint(200, range, 1 + random.wide(70));
    }
    let mut origins = Vec::new();
    for operation in 0..OPERATIONS {
        let next = random_operation(&mut random, &watched.pool);
        watched.perform(next);
        if operation % 20 == 7 {
            let range = ranges[usize::try_from(random.below(4)).unwrap()];
            watched.watch.add(range, &watched.pool);
            origins.push((range, watched.watched(range), watched.pool.fee_growth_inside(range)));
        }
        for &(range, of_watch, of_pool) in &origins {
            let by_watch = since(watched.watched(range), of_watch);
            let by_pool = since(watched.pool.fee_growth_inside(range), of_pool);
            assert_eq!(by_watch, by_pool, "{range} after {next:?}, seed {seed}");
        }
    }
    for (range, _, _) in origins {
        watched.watch.remove(range);
    }
    assert!(watched.watch.is_empty(), "what was added as often as removed is gone, seed {seed}");
}

#[test]
fn at_initialized_ticks_the_watch_grows_as_the_pool_does_to_the_last_bit() {
    (0..300).for_each(check_against_pool);
}

/// Ranges that lie side by side on ticks that nobody initialized.
fn check_split(seed: u64) {
    let mut random = Seeded(seed);
    let mut watched = WatchedPool::new(random.between(-300, 300));
    let full = TickRange::full(1).expect("a spacing");
    let [one, two, three] = [-61, 1, 62].map(|tick| tick + random.between(0, 57));
    let parts =
        [range(full.lower.0, one), range(one, two), range(two, three), range(three, full.upper.0)];
    for part in parts {
        watched.watch.add(part, &watched.pool);
    }
    let (whole, inner) = (full, range(one, three));
    let global = watched.pool.fee_growth_global();
    let origins = parts.map(|part| watched.watched(part));
    let [whole_origin, inner_origin] = [whole, inner].map(|range| watched.watched(range));
    let mut before = [[U256::ZERO; 2]; 4];
    for _ in 0..OPERATIONS {
        let next = random_operation(&mut random, &watched.pool);
        watched.perform(next);
        let mut grown = [[U256::ZERO; 2]; 4];
        for (grown, (part, origin)) in grown.iter_mut().zip(parts.iter().zip(origins)) {
            *grown = since(watched.watched(*part), origin);
        }
        let sum = |parts: &[[U256; 2]]| {
            parts.iter().fold([U256::ZERO; 2], |[sum0, sum1], [part0, part1]| {
                [sum0 + *part0, sum1 + *part1]
            })
        };
        let of_pool = since(watched.pool.fee_growth_global(), global);
        assert_eq!(sum(&grown), of_pool, "below, inside and above, after {next:?}, seed {seed}");
        assert_eq!(since(watched.watched(whole), whole_origin), of_pool, "all ticks, seed {seed}");
        let [_, left, right, _] = grown;
        let both = since(watched.watched(inner), inner_origin);
        assert_eq!(both, sum(&[left, right]), "a split range, after {next:?}, seed {seed}");
        let is_monotone = grown.iter().flatten().zip(before.iter().flatten());
        assert!(is_monotone.clone().all(|(now, then)| now >= then), "{next:?}, seed {seed}");
        before = grown;
    }
}

#[test]
fn at_any_ticks_growth_only_rises_and_its_parts_add_up_to_the_whole() {
    (1_000..1_300).for_each(check_split);
}

/// Compares a watch on ticks that nobody initialized with a copy of the pool in which positions of
/// one unit of liquidity initialize them.
fn check_against_tiny_positions(seed: u64) {
    let mut random = Seeded(seed);
    let start = random.between(-300, 300);
    let [mut without, mut with] = [WatchedPool::new(start), WatchedPool::new(start)];
    let ranges = [range(-73, 41), range(7, 19), range(-511, -133), range(140, 900)];
    for range in ranges {
        without.watch.add(range, &without.pool);
        with.mint(200, range, 1);
    }
    let origins = ranges.map(|range| (without.watched(range), with.pool.fee_growth_inside(range)));
    for _ in 0..OPERATIONS {
        let next = match random_operation(&mut random, &without.pool) {
            // Burning is left out: both pools must keep the same liquidity but for the one unit.
            Operation::Burn { .. } => continue,
            // Only an input is the same call in both pools, whatever a step more has rounded.
            Operation::Swap(SwapRequest {
                input, amount: SwapAmount::ExactOut(amount), ..
            }) => {
                let amount = SwapAmount::ExactIn(amount);
                Operation::Swap(SwapRequest { input, amount, price_limit: None })
            }
            other => other,
        };
        without.perform(next);
        with.perform(next);
    }
    // A step more rounds its fee up by one unit at most, and one unit is 2^128 / L of growth.
    let unit = (U256::ONE << 128) / U256::from(DEEP);
    let allowance = U256::from(8 * OPERATIONS) * unit;
    for (range, (of_watch, of_pool)) in ranges.into_iter().zip(origins) {
        let by_watch = since(without.watched(range), of_watch);
        let by_pool = since(with.pool.fee_growth_inside(range), of_pool);
        for (by_watch, by_pool) in by_watch.into_iter().zip(by_pool) {
            let apart = by_watch.abs_diff(by_pool);
            assert!(
                apart <= allowance,
                "{range}: watched {by_watch}, a position {by_pool}, {} units apart, seed {seed}",
                apart / unit
            );
        }
    }
}

#[test]
fn at_other_ticks_the_watch_grows_as_a_position_of_one_unit_would() {
    (2_000..2_200).for_each(check_against_tiny_positions);
}

#[test]
fn one_step_through_a_range_is_shared_by_the_input_that_each_part_took() {
    // Token1 in moves the square root price in proportion: from 1.0 to about 1.005 in one step,
    // and the range is the upper half of it.
    let mut watched = WatchedPool::new(0);
    let whole = range(0, 100);
    let upper_half = range(50, 100);
    for range in [whole, upper_half] {
        watched.watch.add(range, &watched.pool);
    }
    let origins = [whole, upper_half].map(|range| watched.watched(range));
    let price_limit = sqrt_price_at_tick(Tick(100));
    let amount = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
    watched.swap(SwapRequest { input: Side::Token1, amount, price_limit });
    let [[whole0, whole1], [half0, half1]] =
        [(whole, origins[0]), (upper_half, origins[1])].map(|(r, o)| since(watched.watched(r), o));
    assert_eq!((whole0, half0), (U256::ZERO, U256::ZERO), "fees are paid in the input");
    let [at_0, at_50, at_100] =
        [0, 50, 100].map(|tick| sqrt_price_at_tick(Tick(tick)).expect("a valid tick").to_x96());
    // Rounding down favours the part above: it gets what the part below does not.
    let below = whole1 * (at_50 - at_0) / (at_100 - at_0);
    assert_eq!(half1, whole1 - below);
    assert!(whole1 > half1 && half1 > whole1 / U256::from(2), "higher ticks take more input");
}
