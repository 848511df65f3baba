//! Means of ticks, against each second counted by hand and against Uniswap's own oracle.

use tidemill_amm::concentrated::{Owner, Pool, PositionKey, SwapRequest, sqrt_price_at_tick};
use tidemill_units::{Amount, FeePips, Liquidity, Side, Tick, TickRange, Timestamp, U256};

use super::guarded::minutes;
use super::seeded::Seeded;
use crate::mean_tick::MeanTick;

#[test]
fn a_mean_weighs_each_tick_by_its_seconds() {
    for seed in 0..50 {
        let mut random = Seeded(seed);
        let over = minutes(1 + u32::try_from(random.below(5)).expect("small"));
        let first = 1_000_000;
        let mut now = first;
        let mut mean = MeanTick::new(Timestamp(now), Tick(5));
        // The tick of each second from the first on.
        let mut seconds = vec![];
        let mut tick = 5;
        for step in 0..200 {
            let later = random.below(40);
            seconds.extend(std::iter::repeat_n(
                i64::from(tick),
                usize::try_from(later).expect("small"),
            ));
            now += later;
            if random.once_in(2) {
                tick = random.between(-900, 900);
            }
            mean.observe((Timestamp(now), Tick(tick)), over);
            let wanted = usize::try_from(over.seconds()).expect("small");
            let expected = seconds.len().checked_sub(wanted).map(|from| {
                let sum: i64 = seconds[from..].iter().sum();
                Tick(i32::try_from(sum.div_euclid(wanted as i64)).expect("a tick"))
            });
            let context = format!("seed {seed}, step {step}");
            assert_eq!(mean.mean(Timestamp(now), over), expected, "{context}");
            assert!(mean.observations.len() <= wanted + 2, "{context}");
        }
    }
}

#[test]
fn the_mean_is_that_of_the_pools_own_oracle() {
    for seed in 0..20 {
        let mut random = Seeded(seed);
        let over = minutes(3);
        let mut pool = Pool::new(FeePips(3_000), 60).expect("a pool's constants");
        let mut now = Timestamp(1_700_000_000);
        let first = sqrt_price_at_tick(Tick(0)).expect("a tick");
        let tick = pool.initialize(first, now).expect("a first price");
        pool.increase_observation_cardinality_next(500).expect("more of them");
        let key =
            PositionKey { owner: Owner([1; 20]), range: TickRange::full(60).expect("a spacing") };
        pool.mint(key, Liquidity(1_000_000_000_000), now).expect("a mint");
        let mut mean = MeanTick::new(now, tick);
        for step in 0..100 {
            now.0 += random.below(30);
            let target = sqrt_price_at_tick(Tick(random.between(-500, 500))).expect("a tick");
            let is_up = target > pool.sqrt_price();
            let input = if is_up { Side::Token1 } else { Side::Token0 };
            let amount = tidemill_amm::SwapAmount::ExactIn(Amount(U256::MAX >> 1));
            // A price that is there already is refused, and changes nothing.
            let _ = pool.swap(SwapRequest { input, amount, price_limit: Some(target) }, now);
            mean.observe((now, pool.tick()), over);
            let seconds = u32::try_from(over.seconds()).expect("small");
            let observed = pool.observe(now, &[seconds, 0]);
            let expected = observed.ok().map(|observed| {
                let sum = observed[1].tick_cumulative - observed[0].tick_cumulative;
                Tick(i32::try_from(sum.div_euclid(i64::from(seconds))).expect("a tick"))
            });
            assert_eq!(mean.mean(now, over), expected, "seed {seed}, step {step}");
        }
    }
}

#[test]
fn time_that_runs_backwards_stands_still() {
    let over = minutes(1);
    let mut mean = MeanTick::new(Timestamp(100), Tick(0));
    mean.observe((Timestamp(200), Tick(60)), over);
    mean.observe((Timestamp(150), Tick(120)), over);
    assert_eq!(mean.mean(Timestamp(200), over), Some(Tick(0)));
    assert_eq!(mean.mean(Timestamp(230), over), Some(Tick(60)), "half of it at 120");
}
