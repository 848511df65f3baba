//! States and amounts at the ends of their types: a typed error or an answer, never a panic, and
//! nothing changed by what is refused.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;
use tidemill_amm::balancer_v1::{BPool, BPoolState, Binding};
use tidemill_amm::constant_product::{Holder, Pair, PairState, PairSwap, Recipient};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyPool, SolidlyState};
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedExit, WeightedJoin, WeightedState};
use tidemill_amm::{StateError, SwapAmount, Trade};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::pools::{self, Kind, NOW};

/// What a test puts in: numbers at the ends, and a time.
#[derive(Clone, Copy, Debug)]
struct Input {
    a: U256,
    b: U256,
    token: TokenIndex,
    at: Timestamp,
}

/// A field of a state by its name, and how to set it.
type FieldOf<S> = (&'static str, fn(&mut S, U256));
/// Something done to a pool; whether it was done.
type Operation<P> = fn(&mut P, Input) -> bool;

/// What differs from kind to kind.
struct Subject<S: 'static, P: 'static> {
    fields: &'static [FieldOf<S>],
    build: fn(&S) -> Result<P, StateError>,
    state: fn(&P) -> S,
    operations: &'static [Operation<P>],
}

/// Which fields are set to what, and what is then done.
#[derive(Clone, Debug)]
struct Plan {
    set: Vec<(usize, U256)>,
    inputs: Vec<Input>,
}

impl<S: Clone + Debug + PartialEq, P: Kind> Subject<S, P> {
    fn check(&self, good: &S, plan: &Plan) {
        let mut state = good.clone();
        for (place, value) in &plan.set {
            self.fields[place % self.fields.len()].1(&mut state, *value);
        }
        match (self.build)(&state) {
            Ok(pool) => self.check_pool(&pool, plan),
            Err(StateError { field, .. }) => {
                assert!(self.fields.iter().any(|(name, _)| *name == field.name), "{field}");
            }
        }
    }

    fn check_pool(&self, pool: &P, plan: &Plan) {
        assert_eq!(&(self.build)(&(self.state)(pool)).unwrap(), pool, "a state comes back");
        for input in &plan.inputs {
            for operation in shared().iter().chain(self.operations) {
                let mut after = pool.clone();
                if operation(&mut after, *input) {
                    let state = (self.state)(&after);
                    assert_eq!(&(self.build)(&state).unwrap(), &after, "a state comes back");
                } else {
                    assert_eq!(&after, pool, "a refused operation changes nothing: {input:?}");
                }
            }
        }
    }
}

/// What all kinds can do.
fn shared<P: Kind>() -> [Operation<P>; 9] {
    [
        |pool, input| trade(pool, input, [0, 1], SwapAmount::ExactIn),
        |pool, input| trade(pool, input, [1, 0], SwapAmount::ExactIn),
        |pool, input| trade(pool, input, [0, 1], SwapAmount::ExactOut),
        |pool, input| trade(pool, input, [1, 0], SwapAmount::ExactOut),
        |pool, Input { a, b, at, .. }| deposit(pool, [a, b], at),
        |pool, Input { a, at, .. }| deposit(pool, [a, U256::ZERO], at),
        |pool, Input { a, at, .. }| pool.withdraw(Amount(a), at).is_ok(),
        |pool, Input { at, .. }| {
            let (forth, back) = (pair([0, 1]), pair([1, 0]));
            let (forth, back) = (pool.spot_price(forth, at), pool.spot_price(back, at));
            for price in [forth, back].into_iter().flatten() {
                assert!(!price.input.is_zero() && !price.output.is_zero(), "{pool:?}");
            }
            false
        },
        |pool, Input { at, .. }| {
            let _ = (pool.balances(), pool.total_shares(), pool.virtual_price(at));
            false
        },
    ]
}

fn pair([input, output]: [u8; 2]) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

fn trade<P: Kind>(
    pool: &mut P,
    Input { a, at, .. }: Input,
    tokens: [u8; 2],
    amount: fn(Amount) -> SwapAmount,
) -> bool {
    let trade = Trade { pair: pair(tokens), amount: amount(Amount(a)) };
    let quote = pool.quote(&trade, at);
    let swapped = pool.swap(&trade, at);
    assert!(swapped.is_err() || swapped == quote, "{trade:?}: {quote:?}, {swapped:?}");
    swapped.is_ok()
}

fn deposit<P: Kind>(pool: &mut P, amounts: [U256; 2], at: Timestamp) -> bool {
    pool.deposit(&TokenAmounts::from_array(amounts.map(Amount)), at).is_ok()
}

fn both(Input { a, b, .. }: Input) -> Amounts {
    Amounts { amount0: Amount(a), amount1: Amount(b) }
}

fn low(value: U256) -> u64 {
    value.as_limbs()[0]
}

fn low_32(value: U256) -> u32 {
    u32::try_from(low(value) & u64::from(u32::MAX)).unwrap()
}

fn byte(value: U256) -> u8 {
    value.to_le_bytes::<32>()[0]
}

const ALICE: Holder = Holder::Account([1; 20]);

const PAIR: Subject<PairState, Pair> = Subject {
    fields: &[
        ("fee", |state, value| state.fee = low_32(value)),
        ("fee_scale", |state, value| state.fee_scale = low_32(value)),
        ("protocol_share_numerator", |state, value| {
            state.protocol_share_numerator = low_32(value);
        }),
        ("protocol_share_denominator", |state, value| {
            state.protocol_share_denominator = low_32(value);
        }),
        ("fee_to", |state, value| state.fee_to = Some([byte(value); 20])),
        ("reserve0", |state, value| state.reserve0 = Amount(value)),
        ("reserve1", |state, value| state.reserve1 = Amount(value)),
        ("balance0", |state, value| state.balance0 = Amount(value)),
        ("balance1", |state, value| state.balance1 = Amount(value)),
        ("block_timestamp_last", |state, value| state.block_timestamp_last = low_32(value)),
        ("price0_cumulative_last", |state, value| state.price0_cumulative_last = value),
        ("price1_cumulative_last", |state, value| state.price1_cumulative_last = value),
        ("k_last", |state, value| state.k_last = value),
        ("total_supply", |state, value| state.total_supply = Amount(value)),
        ("locked_shares", |state, value| state.locked_shares = Amount(value)),
        ("unburned_shares", |state, value| state.unburned_shares = Amount(value)),
        ("shares", |state, value| {
            state.shares.insert([byte(value); 20], Amount(value));
        }),
    ],
    build: Pair::new,
    state: Pair::state,
    operations: &[
        |pool, input| pool.give(both(input)).is_ok(),
        |pool, Input { at, .. }| pool.mint(ALICE, at).is_ok(),
        |pool, Input { at, .. }| pool.burn(Recipient::Outside, at).is_ok(),
        |pool, Input { at, .. }| pool.burn(Recipient::Pair, at).is_ok(),
        |pool, Input { a, b, at, .. }| {
            let out = Amounts { amount0: Amount(b), amount1: Amount(U256::ZERO) };
            let paid = Amounts { amount0: Amount(a), amount1: Amount(a) };
            pool.swap(PairSwap { out, to: Recipient::Outside, paid }, at).is_ok()
        },
        |pool, _| pool.skim(Recipient::Outside).is_ok(),
        |pool, Input { at, .. }| pool.sync(at).is_ok(),
        |pool, Input { a, .. }| pool.transfer(Holder::Others, ALICE, Amount(a)).is_ok(),
        |pool, Input { a, .. }| pool.transfer(Holder::Others, Holder::Others, Amount(a)).is_ok(),
    ],
};

const SOLIDLY: Subject<SolidlyState, SolidlyPool> = Subject {
    fields: &[
        ("fee", |state, value| state.fee = low_32(value)),
        ("decimals0", |state, value| state.decimals0 = byte(value)),
        ("decimals1", |state, value| state.decimals1 = byte(value)),
        ("reserve0", |state, value| state.reserve0 = Amount(value)),
        ("reserve1", |state, value| state.reserve1 = Amount(value)),
        ("balance0", |state, value| state.balance0 = Amount(value)),
        ("balance1", |state, value| state.balance1 = Amount(value)),
        ("block_timestamp_last", |state, value| {
            state.block_timestamp_last = Timestamp(low(value));
        }),
        ("reserve0_cumulative_last", |state, value| state.reserve0_cumulative_last = value),
        ("reserve1_cumulative_last", |state, value| state.reserve1_cumulative_last = value),
        ("index0", |state, value| state.index0 = value),
        ("index1", |state, value| state.index1 = value),
        ("fees0", |state, value| state.fees0 = Amount(value)),
        ("fees1", |state, value| state.fees1 = Amount(value)),
        ("locked", |state, value| state.locked.shares = Amount(value)),
        ("unburned", |state, value| state.unburned.shares = Amount(value)),
        ("others", |state, value| state.others.shares = Amount(value)),
        ("others", |state, value| state.others.supply_index0 = value),
        ("others", |state, value| state.others.claimable1 = Amount(value)),
        ("accounts", |state, value| {
            state.accounts.insert([byte(value); 20], state.others);
        }),
    ],
    build: SolidlyPool::new,
    state: SolidlyPool::state,
    operations: &[
        |pool, input| pool.give(both(input)).is_ok(),
        |pool, Input { at, .. }| pool.mint(ALICE, at).is_ok(),
        |pool, Input { at, .. }| pool.burn(Recipient::Outside, at).is_ok(),
        |pool, Input { a, b, at, .. }| {
            let out = Amounts { amount0: Amount(b), amount1: Amount(U256::ZERO) };
            let paid = Amounts { amount0: Amount(a), amount1: Amount(a) };
            pool.swap(PairSwap { out, to: Recipient::Pair, paid }, at).is_ok()
        },
        |pool, _| pool.skim(Recipient::Outside).is_ok(),
        |pool, Input { at, .. }| pool.sync(at).is_ok(),
        |pool, Input { a, .. }| pool.transfer(Holder::Others, ALICE, Amount(a)).is_ok(),
        |pool, Input { a, .. }| pool.transfer(Holder::Others, Holder::Others, Amount(a)).is_ok(),
        |pool, _| pool.claim_fees(Holder::Others).is_ok(),
        |pool, Input { a, .. }| pool.set_fee(low_32(a)).is_ok(),
    ],
};

const BALANCER_V1: Subject<BPoolState, BPool> = Subject {
    fields: &[
        ("tokens", |state, _| state.tokens.truncate(1)),
        ("balance", |state, value| state.tokens[0].balance = Amount(value)),
        ("held", |state, value| state.tokens[0].held = Amount(value)),
        ("denormalized_weight", |state, value| {
            state.tokens[0].denormalized_weight = value;
        }),
        ("swap_fee", |state, value| state.swap_fee = value),
        ("is_public_swap", |state, value| state.is_public_swap = value.bit(0)),
        ("is_finalized", |state, value| state.is_finalized = value.bit(0)),
        ("total_supply", |state, value| state.total_supply = Amount(value)),
    ],
    build: BPool::new,
    state: BPool::state,
    operations: &[
        |pool, Input { a, b, .. }| pool.join_pool(Amount(a), &[Amount(b); 8]).is_ok(),
        |pool, Input { a, b, .. }| pool.exit_pool(Amount(a), &[Amount(b); 8]).is_ok(),
        |pool, Input { a, token, .. }| {
            pool.join_swap_extern_amount_in(token, Amount(a), Amount::ZERO).is_ok()
        },
        |pool, Input { a, token, .. }| {
            pool.join_swap_pool_amount_out(token, Amount(a), Amount::MAX).is_ok()
        },
        |pool, Input { a, token, .. }| {
            pool.exit_swap_pool_amount_in(token, Amount(a), Amount::ZERO).is_ok()
        },
        |pool, Input { a, token, .. }| {
            pool.exit_swap_extern_amount_out(token, Amount(a), Amount::MAX).is_ok()
        },
        |pool, Input { a, b, .. }| {
            pool.bind(Binding { balance: Amount(a), denormalized_weight: b }, Amount(b)).is_ok()
        },
        |pool, Input { a, b, token, .. }| {
            let binding = Binding { balance: Amount(a), denormalized_weight: b };
            pool.rebind(token, binding).is_ok()
        },
        |pool, Input { token, .. }| pool.unbind(token).is_ok(),
        |pool, Input { a, .. }| pool.set_swap_fee(a).is_ok(),
        |pool, _| pool.finalize().is_ok(),
        |pool, Input { a, token, .. }| pool.give(token, Amount(a)).is_ok(),
        |pool, Input { token, .. }| pool.gulp(token).is_ok(),
        |pool, Input { a, b, .. }| {
            let _ = pool.largest_join(&TokenAmounts::from_array([Amount(a), Amount(b)]));
            false
        },
    ],
};

const WEIGHTED: Subject<WeightedState, Weighted> = Subject {
    fields: &[
        ("balances", |state, value| state.balances[0] = Amount(value)),
        ("balances", |state, value| state.balances[1] = Amount(value)),
        ("decimals", |state, value| state.decimals[0] = byte(value)),
        ("weights", |state, value| state.weights[0] = value),
        ("rates", |state, value| state.rates[0] = Some(value)),
        ("swap_fee", |state, value| state.swap_fee = value),
        ("total_supply", |state, value| state.total_supply = Amount(value)),
        ("last_invariant", |state, value| state.last_invariant = value),
        ("protocol_swap_fee", |state, value| state.protocol_swap_fee = value),
        ("protocol_yield_fee", |state, value| state.protocol_yield_fee = value),
        ("highest_rate_product", |state, value| state.highest_rate_product = value),
    ],
    build: Weighted::new,
    state: Weighted::state,
    operations: &[
        |pool, Input { a, token, .. }| {
            pool.join(&WeightedJoin::OneToken { token, shares: Amount(a) }).is_ok()
        },
        |pool, Input { a, .. }| pool.join(&WeightedJoin::AllTokens { shares: Amount(a) }).is_ok(),
        |pool, Input { a, token, .. }| {
            pool.exit(&WeightedExit::OneToken { shares: Amount(a), token }).is_ok()
        },
        |pool, Input { a, b, .. }| {
            let amounts = TokenAmounts::from_array([Amount(a), Amount(b)]);
            pool.exit(&WeightedExit::ExactTokens { amounts, most_shares: Amount::MAX }).is_ok()
        },
        |pool, Input { a, .. }| pool.set_swap_fee(a).is_ok(),
        |pool, Input { a, .. }| pool.set_protocol_swap_fee(a).is_ok(),
        |pool, Input { a, b, .. }| pool.update_protocol_fees(a, b).is_ok(),
        |pool, Input { a, .. }| pool.set_rates(&[Some(a), None]).is_ok(),
    ],
};

fn value() -> impl Strategy<Value = U256> {
    let power = |bits: usize| U256::from(1) << bits;
    let mut ends = vec![0, 1, 2, 3, 18, 999, 1000, 10_000, 1_000_000, 1_000_000_000_000];
    ends.extend([10_u128.pow(17), 10_u128.pow(18), 10_u128.pow(19), 10_u128.pow(24)]);
    let mut ends: Vec<U256> = ends.into_iter().map(U256::from).collect();
    for bits in [32, 64, 96, 112, 127, 128, 160, 192, 224, 255] {
        ends.extend([power(bits) - U256::from(1), power(bits)]);
    }
    ends.extend([U256::MAX - U256::from(1), U256::MAX]);
    let any_size = (any::<[u64; 4]>(), 0_usize..256);
    let any_size = any_size.prop_map(|(limbs, bits)| U256::from_limbs(limbs) >> bits);
    prop_oneof![select(ends), any_size]
}

fn plan() -> impl Strategy<Value = Plan> {
    let times = vec![0, 1, NOW.0, u64::from(u32::MAX), u64::MAX].into_iter().map(Timestamp);
    let input = (value(), value(), 0_u8..3, select(times.collect::<Vec<_>>()));
    let input = input.prop_map(|(a, b, token, at)| Input { a, b, token: TokenIndex(token), at });
    let set = prop::collection::vec((any::<usize>(), value()), 0..4);
    let inputs = prop::collection::vec(input, 1..4);
    (set, inputs).prop_map(|(set, inputs)| Plan { set, inputs })
}

proptest! {
    #[test]
    fn constant_product_bears_extremes(plan in plan(), is_empty in any::<bool>()) {
        PAIR.check(&if is_empty { PairState::default() } else { pools::pair() }, &plan);
    }

    #[test]
    fn solidly_bears_extremes(plan in plan(), is_stable in any::<bool>()) {
        for build in [SolidlyBuild::Solidly, SolidlyBuild::Velodrome2] {
            SOLIDLY.check(&pools::solidly(build, is_stable), &plan);
            let empty = SolidlyPool::empty(build, is_stable, 1, [6, 18]).unwrap();
            SOLIDLY.check(&empty.state(), &plan);
        }
    }

    #[test]
    fn balancer_v1_bears_extremes(plan in plan()) {
        BALANCER_V1.check(&pools::balancer_v1(), &plan);
    }

    #[test]
    fn weighted_bears_extremes(plan in plan(), is_empty in any::<bool>()) {
        for build in [WeightedBuild::April2021, WeightedBuild::September2022] {
            let mut state = pools::weighted(build);
            if is_empty {
                state.balances = vec![Amount::ZERO; 2];
                state.total_supply = Amount::ZERO;
                state.last_invariant = U256::ZERO;
            }
            WEIGHTED.check(&state, &plan);
        }
    }
}
