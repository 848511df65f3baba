use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{
    Exchange, Generation, LiquidityChange, NewFees, NewParameters, OneCoin, Ramp, StableSwap,
    StableSwapError, StableSwapState,
};
use crate::{PoolError, SharePool, SwapAmount, Trade};

const AT: Timestamp = Timestamp(1_000_000);
const DAY: u64 = 86_400;
const GENERATIONS: [Generation; 3] = [Generation::V0, Generation::V1, Generation::V2];
const FORTH: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
const BACK: TokenPair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };

fn amounts(raw: &[u128]) -> TokenAmounts {
    TokenAmounts::new(&raw.iter().copied().map(Amount::from_u128).collect::<Vec<_>>()).unwrap()
}

fn whole(tokens: u128) -> u128 {
    tokens * 10_u128.pow(18)
}

/// A pool of coins of 18 decimals, with amplification `a` in whole units and no fee.
fn state(generation: Generation, a: u64, balances: &[u128]) -> StableSwapState {
    let a = a * generation.amplification_precision();
    StableSwapState {
        generation,
        balances: amounts(balances),
        precisions: vec![1; balances.len()],
        admin_balances: TokenAmounts::zero(balances.len()).unwrap(),
        total_supply: Amount::from_u128(balances.iter().sum()),
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 0,
        admin_fee: 0,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(2_000_000),
    }
}

fn pool(generation: Generation, a: u64, balances: &[u128]) -> StableSwap {
    StableSwap::new(&state(generation, a, balances)).unwrap()
}

fn float(number: U256) -> f64 {
    number.to_string().parse().unwrap()
}

/// The marginal price of the input in the output.
fn price(pool: &StableSwap) -> f64 {
    let ratio = pool.spot_price(FORTH, AT).unwrap();
    float(ratio.output) / float(ratio.input)
}

fn swapped(pool: &StableSwap, pair: TokenPair, amount_in: u128) -> StableSwap {
    let mut after = pool.clone();
    let amount_in = Amount::from_u128(amount_in);
    after.exchange(Exchange { pair, amount_in, minimum_out: Amount::ZERO }, AT).unwrap();
    after
}

/// Reserves in whole tokens after trading down to a price, and the loss against holding.
fn at_price(pool: &StableSwap, wanted: f64) -> ([f64; 2], f64) {
    let (mut low, mut high) = (0, whole(1_000_000));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if price(&swapped(pool, FORTH, middle)) > wanted { low = middle } else { high = middle }
    }
    let after = swapped(pool, FORTH, low);
    let reserves = [0, 1].map(|place| float(after.balances().as_slice()[place].0) / 1e18);
    let held = 1e6 * wanted + 1e6;
    (reserves, (reserves[0] * wanted + reserves[1]) / held - 1.0)
}

#[test]
fn q104_reserves_and_impermanent_loss_at_a_price() {
    for generation in GENERATIONS {
        let pool = pool(generation, 100, &[whole(1_000_000), whole(1_000_000)]);
        let ([x, y], loss) = at_price(&pool, 0.97);
        assert!((x / 1_618_061.780_1 - 1.0).abs() < 1e-8, "{generation:?}: {x}");
        assert!((y / 387_871.917_2 - 1.0).abs() < 1e-8, "{generation:?}: {y}");
        assert!((loss + 0.006_400_079_22).abs() < 1e-8, "{generation:?}: {loss}");
        let (_, loss) = at_price(&pool, 0.99);
        assert!((loss + 0.001_077_181_25).abs() < 1e-8, "{generation:?}: {loss}");
    }
}

#[test]
fn q108_loss_versus_rebalancing_at_the_peg_is_a_plus_one_times_that_of_a_product() {
    for (generation, a, expected) in GENERATIONS
        .into_iter()
        .flat_map(|each| [(each, 1, 2.0), (each, 10, 11.0), (each, 100, 101.0)])
    {
        let balance = whole(1_000_000);
        let pool = pool(generation, a, &[balance, balance]);
        let step = balance / 100_000;
        let (above, below) = (swapped(&pool, BACK, step), swapped(&pool, FORTH, step));
        let moved = |pool: &StableSwap| float(pool.balances().as_slice()[0].0);
        let move_of_reserve = (moved(&below) - moved(&above)) / float(U256::from(balance));
        let factor = 2.0 * move_of_reserve / (price(&above).ln() - price(&below).ln());
        assert!((factor / expected - 1.0).abs() < 1e-6, "{generation:?}, A {a}: {factor}");
    }
}

#[test]
fn generations_round_an_exchange_differently() {
    let outputs = GENERATIONS.map(|generation| {
        let pool = pool(generation, 100, &[whole(1_000), whole(1_000)]);
        pool.get_dy(FORTH, Amount::from_u128(whole(1)), AT).unwrap().0
    });
    let difference = outputs[0].abs_diff(outputs[1]);
    assert!(difference <= U256::from(3), "{outputs:?}");
    assert_ne!(outputs[0], outputs[1], "one unit is kept back since the second");
    assert_eq!(outputs[1], outputs[2], "hundredths make no difference to a whole amplification");
}

#[test]
fn view_can_promise_a_unit_more_than_an_exchange_pays() {
    let mut coarse = state(Generation::V0, 100, &[whole(1_000_000), 1_000_000_000_000]);
    coarse.precisions = vec![1, 1_000_000_000_000];
    coarse.fee = 4_000_000;
    let pool = StableSwap::new(&coarse).unwrap();
    let promised_more = (1..200_u128).filter(|tokens| {
        let amount_in = Amount::from_u128(whole(*tokens));
        let view = pool.get_dy(FORTH, amount_in, AT).unwrap();
        let trade = Trade { pair: FORTH, amount: SwapAmount::ExactIn(amount_in) };
        let paid = pool.quote(&trade, AT).unwrap().amount_out;
        assert!(view >= paid && view.0 <= paid.0 + U256::ONE, "{view} {paid}");
        view > paid
    });
    assert!(promised_more.count() > 20);
}

#[test]
fn a_pool_that_lacks_a_coin_pays_withdrawals_only() {
    for generation in [Generation::V1, Generation::V2] {
        let mut pool = pool(generation, 100, &[whole(1_000), 0]);
        assert_eq!(pool.invariant(AT), Err(StableSwapError::DivisionByZero));
        let both = amounts(&[1_000, 1_000]);
        let refused = pool.add_liquidity(&both, Amount::ZERO, AT);
        assert_eq!(refused, Err(StableSwapError::DivisionByZero));
        let shares = pool.total_supply();
        let none = TokenAmounts::zero(2).unwrap();
        assert_eq!(pool.remove_liquidity(shares, &none), Ok(amounts(&[whole(1_000), 0])));
    }
    assert!(pool(Generation::V0, 100, &[whole(1_000), 0]).invariant(AT).is_ok());
}

#[test]
fn loops_that_swing_for_ever_end_in_v0_and_v1_and_revert_in_v2() {
    let mut swinging = 0;
    for (x, y) in (1..60_u128).flat_map(|x| (1..60_u128).map(move |y| (x, y * y * y))) {
        let invariant = |generation| pool(generation, 1, &[x, y]).invariant(AT);
        if invariant(Generation::V2) == Err(StableSwapError::NotConverged) {
            assert!(invariant(Generation::V1).is_ok(), "{x} {y}");
            swinging += 1;
        }
        assert!(invariant(Generation::V0).is_ok(), "{x} {y}");
    }
    assert!(swinging > 0);
}

#[test]
fn amplification_moves_in_a_straight_line_and_stops_where_it_is() {
    let mut pool = pool(Generation::V2, 100, &[whole(1_000), whole(1_000)]);
    let ramp = Ramp { future_a: 200, future_time: Timestamp(AT.0 + 10 * DAY) };
    pool.ramp_a(ramp, AT).unwrap();
    assert_eq!(pool.amplification(Timestamp(AT.0 + 5 * DAY)), Ok(15_000));
    assert_eq!(pool.amplification(Timestamp(AT.0 - 1)), Err(StableSwapError::Underflow));
    let soon = Timestamp(AT.0 + DAY);
    pool.stop_ramp_a(soon).unwrap();
    assert_eq!(pool.a(Timestamp(AT.0 + 50 * DAY)), Ok(110));
    let steep = Ramp { future_a: 1_101, future_time: Timestamp(AT.0 + 10 * DAY) };
    let later = Timestamp(AT.0 + 3 * DAY);
    assert_eq!(pool.ramp_a(steep, later), Err(StableSwapError::RampTooSteep));
    assert_eq!(pool.ramp_a(steep, soon), Err(StableSwapError::TooEarly));
    let old = pool_of_the_first();
    assert_eq!(old.clone().ramp_a(ramp, AT), Err(StableSwapError::NotInGeneration));
    assert_eq!(old.clone().donate_admin_fees(), Err(StableSwapError::NotInGeneration));
}

fn pool_of_the_first() -> StableSwap {
    pool(Generation::V0, 100, &[whole(1_000), whole(2_000), whole(3_000)])
}

#[test]
fn a_gift_is_the_administrators() {
    for generation in GENERATIONS {
        let mut pool = pool(generation, 100, &[whole(1_000), whole(1_000)]);
        let before = pool.virtual_price(AT).unwrap();
        let gift = amounts(&[whole(5), 7]);
        pool.give(&gift).unwrap();
        assert_eq!(pool.virtual_price(AT), Ok(before));
        assert_eq!(pool.admin_balances(), gift);
        let donated = pool.clone().donate_admin_fees();
        assert_eq!(donated.is_ok(), generation != Generation::V0);
        assert_eq!(pool.withdraw_admin_fees(), gift);
        assert!(pool.admin_balances().is_zero());
    }
}

#[test]
fn new_parameters_wait_three_days() {
    let mut pool = pool_of_the_first();
    let fees = NewFees { fee: 4_000_000, admin_fee: 5_000_000_000 };
    let new = NewParameters { amplification: 256, fees };
    pool.commit_new_parameters(new, AT).unwrap();
    assert_eq!(pool.commit_new_parameters(new, AT), Err(StableSwapError::WrongActionState));
    let early = Timestamp(AT.0 + 3 * DAY - 1);
    assert_eq!(pool.apply_new_parameters(early), Err(StableSwapError::TooEarly));
    pool.apply_new_parameters(Timestamp(AT.0 + 3 * DAY)).unwrap();
    assert_eq!((pool.a(AT), pool.fee()), (Ok(256), 4_000_000));
}

/// Changes one field of a good state and says how the state is then refused.
fn check_refused(generation: Generation, change: impl FnOnce(&mut StableSwapState), field: &str) {
    let mut changed = state(generation, 100, &[5, 6, 7]);
    change(&mut changed);
    assert_eq!(StableSwap::new(&changed).unwrap_err().field.to_string(), field);
}

#[test]
fn states_outside_the_bounds_are_refused_by_field() {
    use Generation::{V0, V1, V2};
    check_refused(V0, |state| state.balances = amounts(&[1]), "`balances`");
    check_refused(V0, |state| state.balances = amounts(&[1; 5]), "`balances`");
    check_refused(V0, |state| state.precisions = vec![1, 1], "`precisions`");
    check_refused(V0, |state| state.precisions[2] = 0, "`precisions[2]`");
    check_refused(V1, |state| state.precisions[1] = 10_u64.pow(18) + 1, "`precisions[1]`");
    check_refused(V1, |state| state.admin_balances = amounts(&[1]), "`admin_balances`");
    let most = |state: &mut StableSwapState| {
        state.admin_balances.as_mut_slice()[1] = Amount::MAX;
    };
    check_refused(V1, most, "`admin_balances[1]`");
    check_refused(V0, |state| state.initial_a = 1_000_001, "`initial_a`");
    check_refused(V1, |state| state.initial_a = 0, "`initial_a`");
    check_refused(V1, |state| state.future_a = 1_000_000, "`future_a`");
    check_refused(V2, |state| state.future_a = 99, "`future_a`");
    check_refused(V0, |state| state.future_a_time = Timestamp(1), "`future_a_time`");
    check_refused(V2, |state| state.initial_a_time = Timestamp(1), "`future_a_time`");
    check_refused(V2, |state| state.fee = 5_000_000_001, "`fee`");
    check_refused(V2, |state| state.future_fee = 5_000_000_001, "`future_fee`");
    check_refused(V0, |state| state.admin_fee = 5_000_000_001, "`admin_fee`");
    check_refused(V1, |state| state.future_admin_fee = 10_000_000_001, "`future_admin_fee`");
}

#[test]
fn trades_and_amounts_of_other_pools_are_refused() {
    let pool = pool_of_the_first();
    for (input, output) in [(0, 0), (0, 3), (3, 0), (255, 1)] {
        let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
        let trade = Trade { pair, amount: SwapAmount::ExactIn(Amount::from_u64(1)) };
        assert_eq!(pool.quote(&trade, AT), Err(PoolError::NoSuchPair));
        let dy = pool.get_dy(pair, Amount::from_u64(1), AT);
        assert_eq!(dy, Err(StableSwapError::NoSuchCoin));
    }
    let wrong = amounts(&[1, 1]);
    assert_eq!(pool.clone().deposit(&wrong, AT), Err(PoolError::WrongTokenCount));
    assert_eq!(pool.clone().give(&wrong), Err(StableSwapError::WrongCoinCount));
    let refused = pool.clone().remove_liquidity_imbalance(&wrong, Amount::MAX, AT);
    assert_eq!(refused, Err(StableSwapError::WrongCoinCount));
    let ask = |amount| {
        let amount = SwapAmount::ExactOut(Amount::from_u128(amount));
        pool.quote(&Trade { pair: FORTH, amount }, AT)
    };
    assert_eq!(ask(whole(2_000) + 1), Err(PoolError::OutputOutOfReach));
}

#[test]
fn the_first_generation_can_be_bought_empty_of_a_coin() {
    let pool = pool_of_the_first();
    let amount = SwapAmount::ExactOut(pool.balances().as_slice()[1]);
    let quote = pool.quote(&Trade { pair: FORTH, amount }, AT).unwrap();
    assert_eq!(quote.amount_out, Amount::from_u128(whole(2_000)));
    let later = self::pool(Generation::V1, 100, &[whole(1_000), whole(2_000), whole(3_000)]);
    let refused = later.quote(&Trade { pair: FORTH, amount }, AT);
    assert_eq!(refused, Err(PoolError::OutputOutOfReach), "one unit is kept back");
}

/// Pools of every generation, two to four coins, with fees.
fn pools() -> impl Strategy<Value = StableSwap> {
    let balances = prop::collection::vec(1_u128 << 60..1 << 90, 2..=4);
    let fees = (0_u64..100_000_000, 0_u64..5_000_000_000);
    (0_usize..3, 1_u64..5_000, balances, fees, any::<bool>()).prop_map(
        |(generation, a, balances, (fee, admin_fee), is_coarse)| {
            let mut state = state(GENERATIONS[generation], a, &balances);
            (state.fee, state.admin_fee) = (fee, admin_fee);
            if is_coarse {
                state.precisions[1] = 1_000_000_000;
                let second = &mut state.balances.as_mut_slice()[1];
                second.0 /= U256::from(1_000_000_000);
            }
            StableSwap::new(&state).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn there_and_back_gains_nothing(pool in pools(), amount in 1_u128..1 << 90) {
        let mut after = pool.clone();
        let amount_in = Amount::from_u128(amount);
        let there = Exchange { pair: FORTH, amount_in, minimum_out: Amount::ZERO };
        if let Ok(bought) = after.exchange(there, AT) {
            let back = Exchange { pair: BACK, amount_in: bought, minimum_out: Amount::ZERO };
            // The loops stop within a unit: without a fee a first-generation pool can lose a few.
            let few = U256::from(8);
            if let Ok(returned) = after.exchange(back, AT) {
                prop_assert!(returned.0 <= amount_in.0 + few, "{} {}", returned, amount_in);
            }
        }
    }

    #[test]
    fn swap_does_what_the_quote_says(pool in pools(), amount in 1_u128..1 << 90, is_in: bool) {
        let amount = Amount::from_u128(amount);
        let amount = if is_in { SwapAmount::ExactIn(amount) } else { SwapAmount::ExactOut(amount) };
        let trade = Trade { pair: FORTH, amount };
        let quote = pool.quote(&trade, AT);
        let mut after = pool.clone();
        prop_assert_eq!(after.swap(&trade, AT), quote);
        match (quote, amount) {
            (Err(_), _) => prop_assert_eq!(&after, &pool, "a refused operation changes nothing"),
            (Ok(quote), SwapAmount::ExactIn(given)) => prop_assert_eq!(quote.amount_in, given),
            (Ok(quote), SwapAmount::ExactOut(wanted)) => {
                prop_assert!(quote.amount_out >= wanted);
                let less = Amount(quote.amount_in.0 - U256::ONE);
                let trade = Trade { pair: FORTH, amount: SwapAmount::ExactIn(less) };
                let less = pool.quote(&trade, AT);
                prop_assert!(less.is_err() || less.is_ok_and(|less| less.amount_out < wanted));
            }
        }
    }

    #[test]
    fn a_deposit_withdrawn_at_once_gains_nothing(pool in pools(), part in 1_u128..1 << 80) {
        let mut after = pool.clone();
        let mut deposit = TokenAmounts::zero(pool.balances().len()).unwrap();
        deposit.as_mut_slice()[0] = Amount::from_u128(part);
        let few = U256::from(64);
        if let Ok(shares) = after.add_liquidity(&deposit, Amount::ZERO, AT) {
            let view = pool.calc_token_amount(&deposit, LiquidityChange::Deposit, AT).unwrap();
            prop_assert!(shares <= view, "the view leaves the fee out");
            let one = OneCoin { shares, coin: TokenIndex(0), minimum_out: Amount::ZERO };
            if let Ok(paid) = after.remove_liquidity_one_coin(one, AT) {
                prop_assert!(paid.amount.0 <= U256::from(part) + few);
            }
        }
    }

    #[test]
    fn virtual_price_does_not_fall_by_trading(pool in pools(), amount in 1_u128..1 << 88) {
        let before = pool.virtual_price(AT).unwrap().0;
        let mut after = pool;
        let amount_in = Amount::from_u128(amount);
        let exchange = Exchange { pair: FORTH, amount_in, minimum_out: Amount::ZERO };
        if after.exchange(exchange, AT).is_ok() {
            let now = after.virtual_price(AT).unwrap().0;
            prop_assert!(now + U256::from(10) >= before, "{} {}", now, before);
        }
    }

    #[test]
    fn states_round_trip(pool in pools()) {
        prop_assert_eq!(StableSwap::new(&pool.state()), Ok(pool));
    }

    #[test]
    fn absurd_states_never_panic(
        generation in 0_usize..3,
        limbs in prop::collection::vec(any::<[u64; 4]>(), 4),
        shifts in prop::collection::vec(0_usize..256, 5),
        count in 2_usize..=4,
        a in 0_u64..2_000_000,
    ) {
        let wide = |place: usize| Amount(U256::from_limbs(limbs[place]) >> shifts[place]);
        let balances: Vec<_> = (0..count).map(wide).collect();
        let zero = vec![0; count];
        let mut state = state(GENERATIONS[generation], 1, &zero);
        state.balances = TokenAmounts::new(&balances).unwrap();
        state.precisions = (0..count).map(|place| limbs[place][0] % 10_u64.pow(18) + 1).collect();
        state.total_supply = wide(3);
        (state.initial_a, state.future_a) = (a, a);
        if let Ok(mut pool) = StableSwap::new(&state) {
            let before = pool.clone();
            let amount = Amount(U256::from_limbs(limbs[0]) >> shifts[4]);
            let trade = Trade { pair: FORTH, amount: SwapAmount::ExactOut(amount) };
            let _ = (pool.quote(&trade, AT), pool.spot_price(FORTH, AT), pool.virtual_price(AT));
            let one = OneCoin { shares: amount, coin: TokenIndex(1), minimum_out: Amount::ZERO };
            if pool.remove_liquidity_one_coin(one, AT).is_err() {
                prop_assert_eq!(&pool, &before);
            }
            let limit = pool.balances();
            if pool.remove_liquidity_imbalance(&limit, amount, AT).is_err()
                && pool.add_liquidity(&limit, amount, AT).is_err()
                && pool.remove_liquidity(amount, &limit).is_err()
            {
                prop_assert_eq!(pool.balances(), limit);
            }
        }
    }
}
