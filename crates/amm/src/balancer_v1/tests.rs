use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{
    BPool, BPoolError, BPoolState, BPoolToken, Binding, INITIAL_SHARES, SwapExactIn, SwapExactOut,
};
use crate::{PoolError, PriceRatio, SharePool, StateError, SwapAmount, Trade};

const ONE: u128 = 1_000_000_000_000_000_000;
const AT: Timestamp = Timestamp(9);
const PAIR: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };

fn raw(text: &str) -> Amount {
    text.parse().unwrap()
}

fn units(raw: u128) -> Amount {
    Amount::from_u128(raw)
}

/// A finalized pool of tokens with these balances and weights in hundredths, at 0.3 %.
fn pool(tokens: &[(u128, u64)]) -> BPool {
    let mut pool = BPool::default();
    for (balance, weight) in tokens {
        pool.bind(binding(*balance, *weight), Amount::ZERO).unwrap();
    }
    pool.set_swap_fee(U256::from(3_000_000_000_000_000_u64)).unwrap();
    pool.finalize().unwrap();
    pool
}

fn binding(balance: u128, weight: u64) -> Binding {
    let denormalized_weight = U256::from(weight) * U256::from(ONE / 100);
    Binding { balance: units(balance), denormalized_weight }
}

fn exact_in(pair: TokenPair, amount_in: u128) -> SwapExactIn {
    let amount_in = units(amount_in);
    SwapExactIn { pair, amount_in, min_amount_out: Amount::ZERO, max_price: U256::MAX }
}

fn exact_out(pair: TokenPair, amount_out: u128) -> SwapExactOut {
    let amount_out = units(amount_out);
    SwapExactOut { pair, max_amount_in: Amount::MAX, amount_out, max_price: U256::MAX }
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug, E: Copy + PartialEq + std::fmt::Debug>(
    pool: &BPool,
    expected: E,
    operation: impl FnOnce(&mut BPool) -> Result<T, E>,
) {
    let mut after = pool.clone();
    assert_eq!(operation(&mut after).unwrap_err(), expected);
    assert_eq!(&after, pool, "a refused operation changes nothing");
}

#[test]
fn a_token_swaps_for_itself() {
    let mut pool = pool(&[(1000 * ONE, 100), (1000 * ONE, 100)]);
    let alone = TokenPair { input: TokenIndex(0), output: TokenIndex(0) };
    let swap = pool.swap_exact_amount_in(&exact_in(alone, ONE)).unwrap();
    assert!(swap.amount_out < swap.amount_in);
    let left = pool.tokens()[0].balance;
    let gain = swap.amount_in.checked_sub(swap.amount_out).unwrap();
    assert_eq!(left, units(1000 * ONE).checked_add(gain).unwrap());
    assert_eq!(pool.tokens()[0].held, left);
}

#[test]
fn a_tiny_join_mints_nothing() {
    let mut pool = pool(&[(1_000_000 * ONE, 100), (1000 * ONE, 100)]);
    let minted = pool.join_swap_extern_amount_in(TokenIndex(0), units(1000), Amount::ZERO);
    assert_eq!(minted, Ok(Amount::ZERO));
    assert_eq!(pool.tokens()[0].balance, units(1_000_000 * ONE + 1000), "but takes the payment");
}

#[test]
fn a_swap_fails_where_rounding_turns_the_price() {
    let pool = pool(&[(1_000_003, 100), (999_999_999_999, 4900)]);
    let mut seen = 0;
    for amount in 1..200 {
        let result = pool.clone().swap_exact_amount_in(&exact_in(PAIR, amount));
        seen += u32::from(result == Err(BPoolError::MathApprox));
    }
    assert!(seen > 0, "ten decimals are too few for a trade of few units");
}

#[test]
fn a_power_without_end_is_refused() {
    let pool = pool(
        &[(1000 * ONE, 100), (1000 * ONE, 33)].map(|(balance, weight)| (balance, weight + 100)),
    );
    let shares = units(100 * ONE - 10_000);
    check_refused(&pool, BPoolError::OutOfGas, |pool| {
        pool.join_swap_pool_amount_out(TokenIndex(0), shares, Amount::MAX)
    });
}

#[test]
fn a_state_that_no_pool_can_have_is_refused_by_field() {
    let good = pool(&[(1000 * ONE, 1000), (50 * ONE, 4000)]).state();
    assert_eq!(BPool::new(&good).map(|pool| pool.state()).as_ref(), Ok(&good));
    assert_eq!(good.total_supply, INITIAL_SHARES);
    let with = |change: &dyn Fn(&mut BPoolState)| {
        let mut state = good.clone();
        change(&mut state);
        BPool::new(&state).unwrap_err()
    };
    let tokens = StateError::of("tokens", "2 to 8 tokens, or fewer before finalization");
    assert_eq!(with(&|state| state.tokens.truncate(1)), tokens);
    assert_eq!(with(&|state| state.tokens = vec![state.tokens[0]; 9]), tokens);
    let weight = StateError::at("denormalized_weight", 1, "10^18 to 50 * 10^18");
    assert_eq!(with(&|state| state.tokens[1].denormalized_weight = U256::from(ONE - 1)), weight);
    let sum = "weights that add up to no more than 50 * 10^18";
    let sum = StateError::at("denormalized_weight", 1, sum);
    assert_eq!(with(&|state| state.tokens[1].denormalized_weight += U256::from(1)), sum);
    let held = StateError::at("held", 0, "the balance or more");
    assert_eq!(with(&|state| state.tokens[0].held = Amount::ZERO), held);
    let fee = StateError::of("swap_fee", "10^12 to 10^17");
    assert_eq!(with(&|state| state.swap_fee = U256::from(ONE / 10 + 1)), fee);
    assert_eq!(with(&|state| state.swap_fee = U256::from(999_999_999_999_u64)), fee);
    let public = StateError::of("is_public_swap", "true once the pool is finalized");
    assert_eq!(with(&|state| state.is_public_swap = false), public);
    let supply = StateError::of("total_supply", "0 before the pool is finalized");
    assert_eq!(with(&|state| state.is_finalized = false), supply);
}

#[test]
fn shares_are_deposited_and_withdrawn_in_the_pool_s_proportions() {
    let mut pool = pool(&[(1000 * ONE, 1000), (50 * ONE, 4000)]);
    let amounts = TokenAmounts::from_array([units(10 * ONE), units(ONE / 2)]);
    // A part of the supply has 18 decimals, and more shares than 100 round to one hundredth.
    assert_eq!(pool.deposit(&amounts, AT), Ok(units(ONE + 49)));
    // Parts round half up, so a join and an exit can win a few wei.
    let back = TokenAmounts::from_array([units(10 * ONE + 10), units(ONE / 2 + 1)]);
    assert_eq!(pool.withdraw(units(ONE), AT), Ok(back));
    let uneven = TokenAmounts::from_array([units(10 * ONE), units(ONE)]);
    check_refused(&pool, PoolError::from(BPoolError::NotProportional), |pool| {
        pool.deposit(&uneven, AT)
    });
    let join = pool.largest_join(&uneven).unwrap();
    assert!(join.amounts.as_slice().iter().zip(uneven.as_slice()).all(|(cost, has)| cost <= has));
    assert_eq!(pool.deposit(&join.amounts, AT), Ok(join.shares));
    let single = TokenAmounts::from_array([units(10 * ONE), Amount::ZERO]);
    let mut other = pool.clone();
    let minted = other.join_swap_extern_amount_in(TokenIndex(0), units(10 * ONE), Amount::ZERO);
    assert_eq!(pool.deposit(&single, AT), Ok(minted.unwrap()));
    assert_eq!(pool, other);
    let price = PriceRatio {
        output: pool.tokens()[1].balance.0 * U256::from(10 * ONE),
        input: pool.tokens()[0].balance.0 * U256::from(40 * ONE),
    };
    assert_eq!(pool.spot_price(PAIR, AT), Ok(price));
}

#[test]
fn what_trait_calls_refuse_leaves_the_pool_as_it_was() {
    let pool = pool(&[(1000 * ONE, 1000), (50 * ONE, 4000)]);
    let trade = |input, output| Trade {
        pair: TokenPair { input: TokenIndex(input), output: TokenIndex(output) },
        amount: SwapAmount::ExactIn(units(ONE)),
    };
    for wrong in [trade(0, 0), trade(0, 2), trade(7, 1)] {
        check_refused(&pool, PoolError::NoSuchPair, |pool| pool.swap(&wrong, AT));
        assert_eq!(pool.spot_price(wrong.pair, AT), Err(PoolError::NoSuchPair));
    }
    let three = TokenAmounts::zero(3).unwrap();
    check_refused(&pool, PoolError::WrongTokenCount, |pool| pool.deposit(&three, AT));
    let all = pool.total_shares().checked_add(units(1)).unwrap();
    check_refused(&pool, PoolError::from(BPoolError::InsufficientBalance), |pool| {
        pool.withdraw(all, AT)
    });
    let empty = BPool::default();
    assert_eq!(empty.virtual_price(AT), Err(BPoolError::DivZero.into()));
    assert_eq!(empty.quote(&trade(0, 1), AT), Err(PoolError::NoSuchPair));
}

#[test]
fn virtual_price_is_the_weighted_mean_per_share() {
    // 32^(1/5) * 2^(4/5) is 2 * 2^(4/5) of 10^18, per 100 shares.
    let pool = pool(&[(32 * ONE, 1000), (2 * ONE, 4000)]);
    assert_eq!(pool.virtual_price(AT), Ok(raw("34822022531844965")));
    let mut given = pool.clone();
    given.give(TokenIndex(0), units(ONE)).unwrap();
    assert_eq!(given.virtual_price(AT), pool.virtual_price(AT), "nobody has looked yet");
    given.gulp(TokenIndex(0)).unwrap();
    assert!(given.virtual_price(AT).unwrap() > pool.virtual_price(AT).unwrap());
}

proptest! {
    #[test]
    fn swaps_do_what_was_quoted_and_never_lose_the_pool_more_than_its_precision(
        (balance0, balance1) in (1_000_000_u128..1 << 100, 1_000_000_u128..1 << 100),
        (weight0, weight1) in (100_u64..2500, 100_u64..2500),
        (part, out) in (1_u128..1 << 40, any::<bool>()),
    ) {
        let mut pool = pool(&[(balance0, weight0), (balance1, weight1)]);
        let before = pool.clone();
        let amount = if out {
            SwapAmount::ExactOut(units((balance1 >> 43) * part))
        } else {
            SwapAmount::ExactIn(units((balance0 >> 42) * part))
        };
        let trade = Trade { pair: PAIR, amount };
        let quoted = pool.quote(&trade, AT);
        let swapped = pool.swap(&trade, AT);
        prop_assert_eq!(quoted, swapped);
        if swapped.is_err() {
            prop_assert_eq!(&pool, &before);
        }
        // The fee of 0.3 % is far above the ten decimals of the power, but not for single wei.
        let price = |pool: &BPool| pool.virtual_price(AT).unwrap().0;
        let slack = (price(&before) >> 20_usize) + U256::from(1);
        prop_assert!(price(&pool) + slack >= price(&before));
    }

    #[test]
    fn a_swap_there_and_back_gains_nothing(
        (balance0, balance1) in (1_u128 << 60..1 << 100, 1_u128 << 60..1 << 100),
        (weight0, weight1) in (100_u64..2500, 100_u64..2500),
        part in 1_u128..1 << 20,
    ) {
        let mut pool = pool(&[(balance0, weight0), (balance1, weight1)]);
        let paid = (balance0 >> 22) * part;
        if let Ok(there) = pool.swap_exact_amount_in(&exact_in(PAIR, paid)) {
            let back = TokenPair { input: PAIR.output, output: PAIR.input };
            let back = SwapExactIn { amount_in: there.amount_out, ..exact_in(back, 0) };
            if let Ok(back) = pool.swap_exact_amount_in(&back) {
                prop_assert!(back.amount_out <= units(paid));
            }
        }
    }

    #[test]
    fn absurd_states_and_amounts_never_panic(
        balances in any::<[[u64; 4]; 3]>(),
        shifts in [0_usize..256, 0_usize..256, 0_usize..256],
        (amount, shift, supply) in (any::<[u64; 4]>(), 0_usize..256, any::<[u64; 4]>()),
    ) {
        let token = |index: usize| {
            let balance = Amount(U256::from_limbs(balances[index]) >> shifts[index]);
            let denormalized_weight = U256::from(ONE * (1 + 7 * index as u128));
            BPoolToken { balance, held: Amount::MAX, denormalized_weight }
        };
        let state = BPoolState {
            tokens: (0..3).map(token).collect(),
            swap_fee: U256::from(ONE / 10),
            is_public_swap: true,
            is_finalized: true,
            total_supply: Amount(U256::from_limbs(supply) >> shifts[2]),
        };
        let pool = BPool::new(&state).unwrap();
        let amount = Amount(U256::from_limbs(amount) >> shift);
        let all = TokenAmounts::from_array([amount; 3]);
        let check = |operation: &dyn Fn(&mut BPool) -> bool| {
            let mut after = pool.clone();
            assert!(operation(&mut after) || after == pool);
        };
        check(&|pool| pool.swap_exact_amount_in(&SwapExactIn {
            amount_in: amount, ..exact_in(PAIR, 0)
        }).is_ok());
        check(&|pool| pool.swap_exact_amount_out(&SwapExactOut {
            amount_out: amount, ..exact_out(PAIR, 0)
        }).is_ok());
        check(&|pool| pool.deposit(&all, AT).is_ok());
        check(&|pool| pool.withdraw(amount, AT).is_ok());
        let token = TokenIndex(2);
        check(&|pool| pool.join_swap_extern_amount_in(token, amount, Amount::ZERO).is_ok());
        check(&|pool| pool.join_swap_pool_amount_out(token, amount, Amount::MAX).is_ok());
        check(&|pool| pool.exit_swap_pool_amount_in(token, amount, Amount::ZERO).is_ok());
        check(&|pool| pool.exit_swap_extern_amount_out(token, amount, Amount::MAX).is_ok());
        let _ = (pool.virtual_price(AT), pool.spot_price(PAIR, AT));
    }
}
