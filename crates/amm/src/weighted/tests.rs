use proptest::prelude::*;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div};

use super::{Weighted, WeightedBuild, WeightedError, WeightedExit, WeightedJoin, WeightedState};
use crate::balancer_fixed_point::ONE;
use crate::{SharePool, StateError, SwapAmount, Trade};

const NOW: Timestamp = Timestamp(0);
const BUILDS: [WeightedBuild; 2] = [WeightedBuild::April2021, WeightedBuild::September2022];

fn e18(thousandths: u64) -> U256 {
    U256::from(thousandths) * U256::from(1_000_000_000_000_000_u64)
}

/// A pool of these balances, weights in thousandths, and the smallest fee.
fn state(build: WeightedBuild, balances: &[U256], weights: &[u64]) -> WeightedState {
    WeightedState {
        build,
        balances: vec![Amount::ZERO; balances.len()],
        decimals: vec![18; balances.len()],
        weights: weights.iter().map(|weight| e18(*weight)).collect(),
        rates: vec![None; balances.len()],
        swap_fee: U256::from(1_000_000_000_000_u64),
        total_supply: Amount::ZERO,
        last_invariant: U256::ZERO,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        highest_rate_product: U256::ZERO,
    }
}

fn pool(build: WeightedBuild, balances: &[U256], weights: &[u64]) -> Weighted {
    let mut pool = Weighted::new(&state(build, balances, weights)).unwrap();
    let amounts: Vec<Amount> = balances.iter().copied().map(Amount).collect();
    let amounts = TokenAmounts::new(&amounts).unwrap();
    pool.join(&WeightedJoin::Initial { amounts }).unwrap();
    pool
}

fn pair(input: u8, output: u8) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

/// The value of an 80/20 pool in units of the second token with 18 decimals, after arbitrage to a
/// price of the first that is `multiple` times one, in steps small enough for the 30 % bound.
fn moved_value(build: WeightedBuild, weights: [u64; 2], multiples: [u64; 2]) -> [U256; 2] {
    let million = U256::from(1_000_000_u64);
    let balances = weights.map(|weight| e18(weight) * million);
    let mut pool = pool(build, &balances, &weights);
    let [first, second] = multiples.map(e18);
    // Worth more than its price in the pool, the first token is bought with the second, until the
    // price is met; half the step where it would be passed.
    let (input, output) = if first > second { (1_u8, 0_u8) } else { (0, 1) };
    let mut step = mul_div(balances[usize::from(input)], e18(100), ONE).unwrap();
    while !step.is_zero() {
        let trade = Trade { pair: pair(input, output), amount: SwapAmount::ExactIn(Amount(step)) };
        let mut next = pool.clone();
        let price = next.swap_tokens(&trade).ok().and_then(|_| {
            let price = next.spot_price(pair(0, 1), NOW).ok()?;
            price.convert(Amount(second))
        });
        let is_short =
            price.is_some_and(|price| if input == 1 { price.0 < first } else { price.0 > first });
        if is_short {
            pool = next;
        } else {
            step >>= 1_usize;
        }
    }
    let value = |held: [U256; 2]| {
        mul_div(held[0], first, ONE).unwrap() + mul_div(held[1], second, ONE).unwrap()
    };
    let now = pool.vault_balances().as_slice();
    [value([now[0].0, now[1].0]), value(balances)]
}

/// Loss against holding, in parts of 10^12.
fn loss([now, held]: [U256; 2]) -> u64 {
    u64::try_from(mul_div(held - now, U256::from(1_000_000_000_000_u64), held).unwrap()).unwrap()
}

/// The fee of a millionth is the pool's gain: the tolerance is two millionths of what was traded.
#[test]
fn q102_impermanent_loss_of_80_20() {
    for build in BUILDS {
        for (weights, multiples, expected) in [
            ([800, 200], [2_000, 1_000], 32_721_596_338_u64),
            ([800, 200], [1_000, 2_000], 42_751_370_836),
        ] {
            let loss = loss(moved_value(build, weights, multiples));
            assert!(loss.abs_diff(expected) < 500_000, "{build:?}: {loss}, not {expected}");
        }
    }
}

/// Loss versus rebalancing to second order: at a move of `x` in the log price the pool is worth
/// `w (1 - w) x^2 / 2` less than holding rebalanced, so 2 bp a day at 5 % and 80/20. Here the two
/// moves of 5 % up and down are averaged, which cancels the third order.
#[test]
fn q106_loss_versus_rebalancing_of_80_20() {
    for build in BUILDS {
        // e^0.05 and e^-0.05 in thousandths are too coarse: 1.05 and 1/1.05, whose log is 0.04879.
        let up = loss(moved_value(build, [800, 200], [1_050, 1_000]));
        let down = loss(moved_value(build, [800, 200], [1_000, 1_050]));
        let expected = 0.8 * 0.2 / 2.0 * 1.05_f64.ln().powi(2) * 1e12;
        let mean = (up + down) as f64 / 2.0;
        assert!((mean / expected - 1.0).abs() < 0.002, "{build:?}: {mean}, not {expected}");
        let of_five_percent = mean * (0.05 / 1.05_f64.ln()).powi(2) / 1e8;
        assert!((of_five_percent - 2.0).abs() < 0.004, "{of_five_percent} bp a day");
    }
}

#[test]
fn states_outside_the_contracts_bounds_are_refused_by_name() {
    let good = pool(BUILDS[0], &[e18(1_000), e18(2_000), e18(3_000)], &[200, 300, 500]).state();
    let check = |change: &dyn Fn(&mut WeightedState), name: &str, index: Option<usize>| {
        let mut state = good.clone();
        change(&mut state);
        let StateError { field, .. } = Weighted::new(&state).unwrap_err();
        assert_eq!((field.name, field.index), (name, index));
    };
    check(&|it| it.balances[1] = Amount(U256::ONE << 112_usize), "balances", Some(1));
    check(&|it| it.balances.truncate(1), "balances", None);
    check(&|it| it.balances = vec![Amount::ZERO; 9], "balances", None);
    check(&|it| it.decimals[2] = 19, "decimals", Some(2));
    check(&|it| it.decimals.truncate(2), "decimals", None);
    check(&|it| it.weights[0] = e18(9), "weights", Some(0));
    check(&|it| it.weights[0] += U256::ONE, "weights", None);
    check(&|it| it.swap_fee = U256::from(999_999_999_999_u64), "swap_fee", None);
    check(&|it| it.swap_fee = e18(100) + U256::ONE, "swap_fee", None);
    check(&|it| it.protocol_swap_fee = e18(501), "protocol_swap_fee", None);
    check(&|it| it.protocol_yield_fee = U256::ONE, "protocol_yield_fee", None);
    check(&|it| it.rates[1] = Some(ONE), "rates", Some(1));
    check(&|it| it.highest_rate_product = ONE, "highest_rate_product", None);
    check(&|it| it.total_supply = Amount::from_u64(999_999), "total_supply", None);
    check(&|it| it.total_supply = Amount::ZERO, "balances", Some(0));
}

#[test]
fn build_of_2022_rounds_the_fee_of_a_one_token_exit_up() {
    let exit = WeightedExit::OneToken { shares: Amount::from_u64(1_000), token: TokenIndex(0) };
    let paid = BUILDS.map(|build| {
        let pool = pool(build, &[U256::from(10_000_000_u64); 2], &[300, 700]);
        pool.quote_exit(&exit).unwrap().amounts.as_slice()[0].0
    });
    assert_eq!(paid[1], paid[0] + U256::ONE);
}

#[test]
fn build_of_2021_has_no_shortcut_for_even_weights() {
    let trade = Trade { pair: pair(0, 1), amount: SwapAmount::ExactIn(Amount(e18(1_000))) };
    let out = BUILDS.map(|build| {
        pool(build, &[e18(100_000); 2], &[500, 500]).quote_swap(&trade).unwrap().amount_out
    });
    assert!(out[0] < out[1], "the power is off by 10^-14, against the trader: {out:?}");
}

#[test]
fn a_swap_of_more_than_thirty_percent_is_refused() {
    for build in BUILDS {
        let pool = pool(build, &[e18(1_000); 2], &[500, 500]);
        let out = |amount| {
            let amount = SwapAmount::ExactOut(Amount(amount));
            pool.quote_swap(&Trade { pair: pair(0, 1), amount })
        };
        assert!(out(e18(300)).is_ok());
        let refused = Err(WeightedError::AboveMaximumOutRatio.into());
        assert_eq!(out(e18(300) + U256::ONE), refused);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// There and back never gains, a quote is the swap, and the invariant does not fall.
    #[test]
    fn swaps_there_and_back_gain_nothing(
        balances in prop::array::uniform2(1_u64 << 20..u64::MAX),
        weight in 10_u64..990,
        part in 1_u64..300,
        is_new in any::<bool>(),
    ) {
        let build = BUILDS[usize::from(is_new)];
        let balances = balances.map(U256::from);
        let mut pool = pool(build, &balances, &[weight, 1_000 - weight]);
        let before = pool.invariant().unwrap();
        let paid = mul_div(balances[0], U256::from(part), U256::from(1_000)).unwrap();
        let there = Trade { pair: pair(0, 1), amount: SwapAmount::ExactIn(Amount(paid)) };
        let quote = pool.quote(&there, NOW);
        prop_assert_eq!(pool.swap(&there, NOW), quote);
        let Ok(quote) = quote else { return Ok(()) };
        // What the contract computes of the invariant is off by up to 10^-14.
        let slack = before / U256::from(10_000_000_000_000_u64) + U256::from(10);
        prop_assert!(pool.invariant().unwrap() + slack >= before);
        let back = SwapAmount::ExactIn(quote.amount_out);
        let back = pool.swap(&Trade { pair: pair(1, 0), amount: back }, NOW);
        if let Ok(back) = back {
            prop_assert!(back.amount_out.0 <= paid);
        }
    }

    /// A deposit taken out again at once brings nothing, and the shares are gone.
    #[test]
    fn joins_taken_back_gain_nothing(
        balances in prop::array::uniform3(1_u64 << 30..u64::MAX),
        amounts in prop::array::uniform3(0_u64..u64::MAX),
        is_new in any::<bool>(),
    ) {
        let build = BUILDS[usize::from(is_new)];
        let mut pool = pool(build, &balances.map(U256::from), &[200, 300, 500]);
        let value = pool.virtual_price(NOW).unwrap();
        let supply = pool.total_supply();
        let amounts = TokenAmounts::new(&amounts.map(Amount::from_u64)).unwrap();
        let Ok(shares) = pool.deposit(&amounts, NOW) else { return Ok(()) };
        pool.withdraw(shares, NOW).unwrap();
        prop_assert_eq!(pool.total_supply(), supply);
        let after = pool.virtual_price(NOW).unwrap();
        let slack = value.0 / U256::from(10_000_000_000_000_u64) + U256::from(10);
        prop_assert!(after.0 + slack >= value.0, "{} {}", value, after);
    }

    /// No state and no operation makes the model panic, and a refusal changes nothing.
    #[test]
    fn absurd_states_and_operations_never_panic(
        words in prop::collection::vec(prop::array::uniform4(any::<u64>()), 12),
        shifts in prop::collection::vec(0_usize..256, 12),
        decimals in prop::array::uniform2(0_u8..=18),
        is_new in any::<bool>(),
    ) {
        let build = BUILDS[usize::from(is_new)];
        let numbers = words.into_iter().map(U256::from_limbs).zip(shifts);
        let mut numbers = numbers.map(|(word, shift)| word >> shift).cycle();
        let mut next = || numbers.next().unwrap();
        let mut state = state(build, &[U256::ZERO; 2], &[10, 990]);
        state.balances = vec![Amount(next() >> 144_usize), Amount(next() >> 144_usize)];
        state.decimals = decimals.to_vec();
        state.total_supply = Amount(next().max(U256::from(1_000_000_u64)));
        state.last_invariant = next();
        state.protocol_swap_fee = e18(500);
        if is_new {
            state.protocol_yield_fee = ONE;
            state.rates[0] = Some(next());
            state.highest_rate_product = next();
        }
        let mut pool = Weighted::new(&state).unwrap();
        let amounts = TokenAmounts::new(&[Amount(next()), Amount(next())]).unwrap();
        let (shares, token, most) = (Amount(next()), TokenIndex(1), Amount(U256::MAX));
        let before = pool.clone();
        let refused = [
            pool.join(&WeightedJoin::Initial { amounts }).is_err(),
            pool.join(&WeightedJoin::OneToken { token, shares: most }).is_err(),
            pool.exit(&WeightedExit::OneToken { token, shares: most }).is_err(),
        ];
        prop_assert_eq!(refused, [true; 3]);
        prop_assert_eq!(&pool, &before);
        let _ = pool.join(&WeightedJoin::ExactTokens { amounts, least_shares: Amount::ZERO });
        let _ = pool.join(&WeightedJoin::OneToken { token, shares });
        let _ = pool.join(&WeightedJoin::AllTokens { shares });
        let _ = pool.exit(&WeightedExit::OneToken { token, shares });
        let _ = pool.exit(&WeightedExit::AllTokens { shares });
        let _ = pool.exit(&WeightedExit::ExactTokens { amounts, most_shares: most });
        for amount in [SwapAmount::ExactIn(shares), SwapAmount::ExactOut(shares)] {
            let _ = pool.swap(&Trade { pair: pair(0, 1), amount }, NOW);
        }
        let _ = pool.update_protocol_fees(e18(500), ONE);
        let _ = (pool.virtual_price(NOW), pool.total_shares(), SharePool::balances(&pool));
        let _ = pool.spot_price(pair(1, 0), NOW);
    }
}
