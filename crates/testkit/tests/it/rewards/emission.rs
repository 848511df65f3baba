//! Emission schedules beside sums of plain big fractions, interval by interval.

use num_bigint::BigUint;
use tidemill_rewards::emission::{Emission, EmissionClock, EmissionState, EmissionStep, Schedule};
use tidemill_testkit::Random;
use tidemill_units::{Amount, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn emission_equals_the_naive_model() {
    let worlds = Worlds {
        name: "Emission schedules",
        stream: 409,
        tests: 1,
        most_in_one: 50,
        unit: "intervals",
    };
    let kinds = ["constant", "linear", "halving", "stepped", "capped", "refused as too much"];
    worlds.run(&Reached { operations: &kinds, reverts: &[] }, |seed, most, tally| {
        let mut random = Random::new(seed);
        let state = state(&mut random, tally);
        let naive = |at: u64| released(&state, at);
        let Ok(emission) = Emission::new(state.clone()) else {
            // The corners of a line are held to the bound that its area is a quarter of.
            let is_line = matches!(state.schedule, Schedule::Linear { .. });
            let bound = if is_line { 254 } else { 256 };
            assert!(uncapped(&state.schedule, &BigUint::from(u64::MAX)).bits() > bound);
            tally.count("refused as too much");
            return most;
        };
        let mut from = 0;
        for _ in 0..most {
            let to = point(&mut random);
            let (low, high) = (to.min(from), to.max(from));
            let between = emission.between(low, high).unwrap();
            assert_eq!(big(between.0), naive(high) - naive(low), "{state:?} {low} {high}");
            from = to;
        }
        most
    });
}

fn point(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.below(200),
        1 => random.below(1 << 20),
        _ => random.wide(64).to::<u64>(),
    }
}

fn length(random: &mut Random) -> u64 {
    1 + random.wide(40).to::<u64>()
}

fn amount(random: &mut Random) -> Amount {
    let bits = random.pick(&[4, 90, 200, 256]);
    Amount(random.wide(bits))
}

fn state(random: &mut Random, tally: &mut Tally) -> EmissionState {
    let (kind, schedule) = match random.below(4) {
        0 => {
            let (amount, interval) = (amount(random), length(random));
            ("constant", Schedule::Constant { amount, interval })
        }
        1 => {
            let (first_rate, last_rate) = (amount(random), amount(random));
            ("linear", Schedule::Linear { first_rate, last_rate, length: length(random) })
        }
        2 => {
            let (first_amount, interval) = (amount(random), length(random));
            ("halving", Schedule::Halving { first_amount, interval })
        }
        _ => {
            let steps = (0..random.below(6))
                .map(|_| EmissionStep { amount: amount(random), length: length(random) });
            ("stepped", Schedule::Stepped { steps: steps.collect() })
        }
    };
    tally.count(kind);
    let cap = random.once_in(3).then(|| amount(random));
    if cap.is_some() {
        tally.count("capped");
    }
    EmissionState { clock: EmissionClock::Blocks, start: point(random), cap, schedule }
}

fn released(state: &EmissionState, at: u64) -> BigUint {
    let elapsed = BigUint::from(at.saturating_sub(state.start));
    let released = uncapped(&state.schedule, &elapsed);
    state.cap.map_or(released.clone(), |cap| released.min(big(cap.0)))
}

fn uncapped(schedule: &Schedule, elapsed: &BigUint) -> BigUint {
    match schedule {
        Schedule::Constant { amount, interval } => big(amount.0) * elapsed / interval,
        Schedule::Linear { first_rate, last_rate, length } => {
            // The mean of the rates at both ends, over a common denominator.
            let length = BigUint::from(*length);
            let elapsed = elapsed.min(&length);
            let (first, last) = (big(first_rate.0), big(last_rate.0));
            let now = &first * (&length - elapsed) + last * elapsed;
            (first * &length + now) * elapsed / (BigUint::from(2_u32) * length)
        }
        Schedule::Halving { first_amount, interval } => {
            let interval = BigUint::from(*interval);
            let mut sum = BigUint::default();
            for index in 0..257_u32 {
                let amount = big(first_amount.0) >> index;
                let begun = BigUint::from(index) * &interval;
                if *elapsed <= begun {
                    break;
                }
                sum += amount * (elapsed - begun).min(interval.clone()) / &interval;
            }
            sum
        }
        Schedule::Stepped { steps } => {
            let mut sum = BigUint::default();
            let mut begun = BigUint::default();
            for step in steps {
                if *elapsed > begun {
                    let within = (elapsed - &begun).min(BigUint::from(step.length));
                    sum += big(step.amount.0) * within / step.length;
                }
                begun += step.length;
            }
            sum
        }
    }
}

fn big(word: U256) -> BigUint {
    BigUint::from_bytes_le(&word.to_le_bytes::<32>())
}
