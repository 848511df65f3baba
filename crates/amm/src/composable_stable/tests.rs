use proptest::prelude::*;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div};

use super::{
    ComposableStable, ComposableStableBuild, ComposableStableError, ComposableStableExit,
    ComposableStableJoin, ComposableStableState, MINIMUM_SHARES, PREMINTED_SHARES, ShareTrade,
    TokenRate,
};
use crate::balancer_fixed_point::{FixedPointError, ONE};
use crate::{PoolError, SharePool, StateError, SwapAmount, Trade};

const NOW: Timestamp = Timestamp(1_700_000_000);
const DAY: u64 = 86_400;
const BUILDS: [ComposableStableBuild; 2] =
    [ComposableStableBuild::September2022, ComposableStableBuild::November2022];

fn e18(thousandths: u64) -> U256 {
    U256::from(thousandths) * U256::from(1_000_000_000_000_000_u64)
}

/// An empty pool of so many tokens of 18 decimals, and the smallest fee.
fn state(build: ComposableStableBuild, count: usize, amplification: u64) -> ComposableStableState {
    ComposableStableState {
        build,
        balances: vec![Amount::ZERO; count],
        decimals: vec![18; count],
        rates: vec![None; count],
        swap_fee: U256::from(1_000_000_000_000_u64),
        amplification_start: amplification * 1_000,
        amplification_end: amplification * 1_000,
        amplification_start_time: NOW,
        amplification_end_time: NOW,
        total_supply: Amount::ZERO,
        vault_shares: Amount::ZERO,
        last_invariant: U256::ZERO,
        last_amplification: 0,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        in_recovery_mode: false,
    }
}

fn rate(current: U256) -> TokenRate {
    let (provided, old) = (current, current);
    TokenRate { provided, current, old, duration: 0, expires: NOW, is_exempt: false }
}

fn amounts(amounts: &[U256]) -> TokenAmounts {
    let amounts: Vec<Amount> = amounts.iter().copied().map(Amount).collect();
    TokenAmounts::new(&amounts).unwrap()
}

fn filled(state: &ComposableStableState, balances: &[U256]) -> ComposableStable {
    let mut pool = ComposableStable::new(state).unwrap();
    pool.join(&ComposableStableJoin::Initial { amounts: amounts(balances) }, NOW).unwrap();
    pool
}

fn pool(build: ComposableStableBuild, balances: &[U256], amplification: u64) -> ComposableStable {
    filled(&state(build, balances.len(), amplification), balances)
}

fn trade(input: u8, output: u8, amount: SwapAmount) -> Trade {
    let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    Trade { pair, amount }
}

#[test]
fn states_outside_the_contracts_bounds_are_refused_by_name() {
    let mut good = state(BUILDS[0], 3, 100);
    good.rates[1] = Some(rate(ONE));
    let good = filled(&good, &[e18(1_000), e18(2_000), e18(3_000)]).state();
    assert_eq!(ComposableStable::new(&good).unwrap().state(), good);
    let check = |change: &dyn Fn(&mut ComposableStableState), name: &str, index: Option<usize>| {
        let mut state = good.clone();
        change(&mut state);
        let StateError { field, .. } = ComposableStable::new(&state).unwrap_err();
        assert_eq!((field.name, field.index), (name, index));
    };
    let mut rate = rate(ONE);
    let wide = U256::ONE << 96_usize;
    check(&|it| it.balances[1] = Amount(U256::ONE << 112_usize), "balances", Some(1));
    check(&|it| it.balances.truncate(1), "balances", None);
    check(&|it| it.balances = vec![Amount::ZERO; 6], "balances", None);
    check(&|it| it.decimals[2] = 19, "decimals", Some(2));
    check(&|it| it.decimals.truncate(2), "decimals", None);
    check(&|it| it.rates.truncate(2), "rates", None);
    rate.current = wide;
    check(&|it| it.rates[0] = Some(rate), "rates", Some(0));
    let rate = TokenRate { current: ONE, old: wide, ..rate };
    check(&|it| it.rates[2] = Some(rate), "rates", Some(2));
    let rate = TokenRate { old: ONE, duration: 1 << 32, ..rate };
    check(&|it| it.rates[1] = Some(rate), "rates", Some(1));
    for expires in [0, 1 << 32] {
        let rate = TokenRate { duration: 0, expires: Timestamp(expires), ..rate };
        check(&|it| it.rates[1] = Some(rate), "rates", Some(1));
    }
    check(&|it| it.swap_fee = U256::from(999_999_999_999_u64), "swap_fee", None);
    check(&|it| it.swap_fee = e18(100) + U256::ONE, "swap_fee", None);
    check(&|it| it.protocol_swap_fee = e18(501), "protocol_swap_fee", None);
    check(&|it| it.protocol_yield_fee = e18(1_001), "protocol_yield_fee", None);
    check(&|it| it.amplification_start = 999, "amplification_start", None);
    check(&|it| it.amplification_end = 5_000_001, "amplification_end", None);
    check(&|it| it.amplification_end_time = Timestamp(0), "amplification_end_time", None);
    check(&|it| it.last_amplification = 0, "last_amplification", None);
    check(&|it| it.vault_shares = Amount(U256::ONE << 112_usize), "vault_shares", None);
    check(&|it| it.last_invariant = U256::ONE << 233_usize, "last_invariant", None);
    let locked = MINIMUM_SHARES.0 - U256::ONE;
    check(&|it| it.total_supply = Amount(it.vault_shares.0 + locked), "total_supply", None);
    check(&|it| it.total_supply = Amount(it.vault_shares.0 - U256::ONE), "total_supply", None);
    let empty = |it: &mut ComposableStableState| {
        it.total_supply = Amount::ZERO;
        it.last_amplification = 0;
    };
    check(&empty, "vault_shares", None);
    let empty = |it: &mut ComposableStableState| {
        empty(it);
        it.vault_shares = Amount::ZERO;
    };
    check(&empty, "balances", Some(0));
    let empty = |it: &mut ComposableStableState| {
        empty(it);
        it.balances = vec![Amount::ZERO; 3];
    };
    check(&empty, "last_invariant", None);
}

#[test]
fn first_join_puts_nearly_all_shares_into_the_vault() {
    for build in BUILDS {
        let pool = pool(build, &[e18(1_000), e18(1_000)], 100);
        assert_eq!(pool.total_supply(), PREMINTED_SHARES);
        assert_eq!(pool.virtual_supply().0, e18(2_000), "the invariant of a balanced pool");
        assert_eq!(pool.vault_shares().0, PREMINTED_SHARES.0 - e18(2_000));
        assert_eq!(pool.virtual_price(NOW), Ok(Amount(ONE)));
    }
}

#[test]
fn build_of_september_leaves_in_proportion_in_recovery_mode_alone() {
    let shares = Amount(e18(200));
    let half = amounts(&[e18(100), e18(100)]);
    let [mut september, mut november] = BUILDS.map(|build| pool(build, &[e18(1_000); 2], 100));
    let refused = Err(ComposableStableError::NotInRecoveryMode.into());
    assert_eq!(september.withdraw(shares, NOW), refused);
    assert_eq!(november.withdraw(shares, NOW), Ok(half));
    september.enable_recovery_mode();
    assert_eq!(september.withdraw(shares, NOW), Ok(half));
    let all = ComposableStableJoin::AllTokens { shares };
    assert_eq!(september.join(&all, NOW), Err(ComposableStableError::UnknownKind));
    assert!(november.join(&all, NOW).is_ok());
}

#[test]
fn recovery_exits_work_where_the_invariant_does_not_converge() {
    let mut state = pool(BUILDS[0], &[e18(1_000); 2], 1).state();
    state.balances = vec![Amount::from_u64(1), Amount((U256::ONE << 112_usize) - U256::ONE)];
    state.in_recovery_mode = true;
    let mut pool = ComposableStable::new(&state).unwrap();
    let shares = Amount(e18(1_000));
    let one = ComposableStableExit::OneToken { shares, token: TokenIndex(1) };
    assert!(pool.exit(&one, NOW).is_err());
    let paid = pool.exit(&ComposableStableExit::Recovery { shares }, NOW).unwrap().amounts;
    assert_eq!(paid.as_slice()[1].0, state.balances[1].0 >> 1_usize);
}

#[test]
fn rates_hold_until_they_expire_and_not_a_second_longer() {
    let mut state = state(BUILDS[1], 2, 100);
    state.rates[0] = Some(TokenRate { expires: Timestamp(NOW.0 + 60), ..rate(ONE) });
    let mut pool = filled(&state, &[e18(1_000_000); 2]);
    pool.set_rates(&[Some(ONE * U256::from(2)), None]).unwrap();
    let swap = trade(0, 1, SwapAmount::ExactIn(Amount(e18(1_000))));
    let quote = |seconds: u64| pool.quote(&swap, Timestamp(NOW.0 + seconds)).unwrap().amount_out;
    assert!(quote(60).0 < e18(1_000));
    assert!(quote(61).0 > e18(1_900));
}

#[test]
fn protocol_takes_no_part_of_exempt_yield() {
    let minted = [false, true].map(|is_exempt| {
        let mut state = state(BUILDS[1], 2, 100);
        state.rates[0] = Some(TokenRate { is_exempt, ..rate(ONE) });
        state.protocol_yield_fee = e18(500);
        let mut pool = filled(&state, &[e18(1_000_000); 2]);
        pool.set_rates(&[Some(ONE + e18(100)), None]).unwrap();
        pool.update_rate(TokenIndex(0), NOW).unwrap();
        pool.update_protocol_fees(U256::ZERO, e18(500), NOW).unwrap()
    });
    // The pool grew by 5 %, of which the half is the protocol's: 2.5 of 102.5.
    let expected = e18(2_000_000) * U256::from(25) / U256::from(1_025);
    assert!(minted[0].0.abs_diff(expected) < e18(100), "{}", minted[0]);
    assert_eq!(minted[1], Amount::ZERO);
}

/// The later build multiplies before it divides, and so mints wei that the earlier one loses.
#[test]
fn builds_round_the_protocols_shares_apart() {
    let mut lost = U256::ZERO;
    for paid in 1..20 {
        let due = BUILDS.map(|build| {
            let mut state = state(build, 2, 100);
            state.protocol_swap_fee = e18(333);
            state.swap_fee = e18(7);
            let mut pool = filled(&state, &[e18(3_000_000_000), e18(7_000_000_000)]);
            let amount = SwapAmount::ExactIn(Amount(e18(paid * 1_234_567)));
            pool.swap(&trade(0, 1, amount), NOW).unwrap();
            pool.actual_supply().unwrap().0 - pool.virtual_supply().0
        });
        lost += due[1] - due[0];
    }
    assert!(lost > U256::ZERO && lost < U256::from(100), "{lost}");
}

#[test]
fn recovery_mode_forgets_what_the_protocol_was_due() {
    let mut state = state(BUILDS[0], 2, 100);
    state.protocol_swap_fee = e18(500);
    state.swap_fee = e18(100);
    let mut pool = filled(&state, &[e18(1_000_000); 2]);
    pool.swap(&trade(0, 1, SwapAmount::ExactIn(Amount(e18(10_000)))), NOW).unwrap();
    assert!(pool.actual_supply().unwrap() > pool.virtual_supply());
    pool.enable_recovery_mode();
    assert_eq!(pool.actual_supply(), Ok(pool.virtual_supply()));
    pool.disable_recovery_mode(NOW).unwrap();
    assert_eq!(pool.actual_supply(), Ok(pool.virtual_supply()));
}

#[test]
fn ramps_go_in_a_straight_line_and_at_most_double_in_a_day() {
    let mut pool = pool(BUILDS[0], &[e18(1_000); 2], 100);
    let end = Timestamp(NOW.0 + DAY);
    assert_eq!(pool.start_ramp(201, end, NOW), Err(ComposableStableError::RampTooFast));
    assert_eq!(pool.start_ramp(49, end, NOW), Err(ComposableStableError::RampTooFast));
    let early = Timestamp(end.0 - 1);
    assert_eq!(pool.start_ramp(100, early, NOW), Err(ComposableStableError::RampTooShort));
    pool.start_ramp(200, end, NOW).unwrap();
    assert_eq!(pool.start_ramp(200, end, NOW), Err(ComposableStableError::RampOngoing));
    let half = Timestamp(NOW.0 + DAY / 2);
    assert_eq!(pool.amplification(half), 150_000);
    assert_eq!(pool.amplification(end), 200_000);
    assert_eq!(pool.amplification(Timestamp(0)), 100_000);
    pool.stop_ramp(half).unwrap();
    assert_eq!(pool.amplification(end), 150_000);
    assert_eq!(pool.stop_ramp(half), Err(ComposableStableError::NoRampOngoing));
}

#[test]
fn amount_in_and_shares_of_an_empty_pool_are_divisions_by_zero() {
    let empty = ComposableStable::new(&state(BUILDS[0], 2, 100)).unwrap();
    let zero = ComposableStableError::Maths(FixedPointError::ZeroDivision);
    let swap = trade(0, 1, SwapAmount::ExactIn(Amount::from_u64(1_000)));
    assert_eq!(empty.quote(&swap, NOW), Err(zero.into()));
    assert_eq!(empty.virtual_price(NOW), Err(zero.into()));
    assert_eq!(empty.total_shares(), Amount::ZERO);
    let other = trade(0, 2, SwapAmount::ExactIn(Amount::from_u64(1_000)));
    assert_eq!(empty.quote(&other, NOW), Err(PoolError::NoSuchPair));
}

#[test]
fn spot_price_is_the_limit_of_small_swaps() {
    for (decimals, unit) in [([18, 18], 1_u64), ([6, 18], 1_000_000_000_000)] {
        let mut state = state(BUILDS[1], 2, 50);
        state.decimals = decimals.to_vec();
        let balances = [e18(1_000_000_000) / U256::from(unit), e18(3_000_000_000)];
        let pool = filled(&state, &balances);
        let pair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
        let paid = Amount(balances[0] / U256::from(1_000_000));
        let expected = pool.spot_price(pair, NOW).unwrap().convert(paid).unwrap();
        let got = pool.quote(&Trade { pair, amount: SwapAmount::ExactIn(paid) }, NOW).unwrap();
        let got = got.amount_out.0;
        let off = expected.0.abs_diff(got);
        assert!(off < got / U256::from(300_000), "{expected} {got}");
    }
}

#[test]
fn swaps_of_shares_are_joins_and_exits_with_one_token() {
    let pool = pool(BUILDS[0], &[e18(1_000_000), e18(2_000_000), e18(500_000)], 200);
    let token = TokenIndex(1);
    let paid = Amount(e18(12_345));
    let amount = SwapAmount::ExactIn(paid);
    let bought = pool.quote_shares(&ShareTrade::Buy { token, amount }, NOW).unwrap();
    let join = ComposableStableJoin::ExactTokens {
        amounts: TokenAmounts::of(3, token, paid).unwrap(),
        least_shares: Amount::ZERO,
    };
    assert_eq!(bought.amount_out, pool.quote_join(&join, NOW).unwrap().shares);
    let shares = Amount(e18(54_321));
    let amount = SwapAmount::ExactIn(shares);
    let sold = pool.quote_shares(&ShareTrade::Sell { token, amount }, NOW).unwrap();
    let exit = ComposableStableExit::OneToken { shares, token };
    let exited = pool.quote_exit(&exit, NOW).unwrap().amounts;
    assert_eq!(exited.get(token), Some(sold.amount_out));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// There and back never gains, a quote is the swap, and the price of a share does not fall.
    #[test]
    fn swaps_there_and_back_gain_nothing(
        balances in prop::array::uniform3(1_u64 << 50..u64::MAX),
        amplification in 1_u64..5_000,
        part in 1_u64..900,
        is_new in any::<bool>(),
    ) {
        let build = BUILDS[usize::from(is_new)];
        let balances = balances.map(U256::from);
        let mut pool = pool(build, &balances, amplification);
        let before = pool.virtual_price(NOW).unwrap();
        let paid = mul_div(balances[0], U256::from(part), U256::from(1_000)).unwrap();
        let there = trade(0, 1, SwapAmount::ExactIn(Amount(paid)));
        let quote = pool.quote(&there, NOW);
        prop_assert_eq!(pool.swap(&there, NOW), quote);
        let Ok(quote) = quote else { return Ok(()) };
        // The search for the invariant may end one wei short.
        prop_assert!(pool.virtual_price(NOW).unwrap().0 + U256::from(2_000) >= before.0);
        let back = trade(1, 0, SwapAmount::ExactIn(quote.amount_out));
        if let Ok(back) = pool.swap(&back, NOW) {
            prop_assert!(back.amount_out.0 <= paid);
        }
    }

    /// An exact output costs at least what buys that output, and not much more.
    #[test]
    fn exact_outputs_are_never_cheaper_than_exact_inputs(
        balances in prop::array::uniform2(1_u64 << 50..u64::MAX),
        amplification in 1_u64..5_000,
        part in 1_u64..900,
    ) {
        let balances = balances.map(U256::from);
        let pool = pool(BUILDS[1], &balances, amplification);
        let wanted = mul_div(balances[1], U256::from(part), U256::from(1_000)).unwrap();
        let wanted = Amount(wanted);
        let quote = pool.quote(&trade(0, 1, SwapAmount::ExactOut(wanted)), NOW);
        let Ok(quote) = quote else { return Ok(()) };
        let again = pool.quote(&trade(0, 1, SwapAmount::ExactIn(quote.amount_in)), NOW).unwrap();
        let slack = U256::from(4) + (wanted.0 >> 40_usize);
        prop_assert!(again.amount_out.0 <= wanted.0 + slack, "{again:?} {wanted}");
        prop_assert!(again.amount_out.0 + slack >= wanted.0, "{again:?} {wanted}");
    }

    /// A deposit taken out again at once brings nothing, and the price of a share does not fall.
    #[test]
    fn joins_taken_back_gain_nothing(
        balances in prop::array::uniform3(1_u64 << 50..u64::MAX),
        token in 0_u8..3,
        amount in 1_u64 << 20..u64::MAX,
        is_new in any::<bool>(),
    ) {
        let build = BUILDS[usize::from(is_new)];
        let mut pool = pool(build, &balances.map(U256::from), 100);
        let price = pool.virtual_price(NOW).unwrap();
        let (token, amount) = (TokenIndex(token), Amount::from_u64(amount));
        let deposit = TokenAmounts::of(3, token, amount).unwrap();
        let Ok(shares) = pool.deposit(&deposit, NOW) else { return Ok(()) };
        let exit = ComposableStableExit::OneToken { shares, token };
        if let Ok(change) = pool.exit(&exit, NOW) {
            prop_assert!(change.amounts.get(token).unwrap() <= amount);
            let after = pool.virtual_price(NOW).unwrap();
            prop_assert!(after.0 + U256::from(2_000) >= price.0, "{} {}", price, after);
        }
    }

    /// No state and no operation makes the model panic, and a refusal changes nothing.
    #[test]
    fn absurd_states_and_operations_never_panic(
        words in prop::collection::vec(prop::array::uniform4(any::<u64>()), 16),
        shifts in prop::collection::vec(0_usize..256, 16),
        decimals in prop::array::uniform2(0_u8..=18),
        is_new in any::<bool>(),
        time in any::<u64>(),
    ) {
        let numbers = words.into_iter().map(U256::from_limbs).zip(shifts);
        let mut numbers = numbers.map(|(word, shift)| word >> shift).cycle();
        let mut next = || numbers.next().unwrap();
        let mut state = state(BUILDS[usize::from(is_new)], 2, 100);
        state.balances = vec![Amount(next() >> 144_usize), Amount(next() >> 144_usize)];
        state.decimals = decimals.to_vec();
        state.vault_shares = Amount(next() >> 144_usize);
        let outside = next().max(MINIMUM_SHARES.0);
        state.total_supply = Amount(state.vault_shares.0.saturating_add(outside));
        state.last_invariant = next() >> 23_usize;
        state.last_amplification = 5_000_000;
        state.protocol_swap_fee = e18(500);
        state.protocol_yield_fee = ONE;
        let provided = next();
        let (current, old) = (next() >> 160_usize, next() >> 160_usize);
        state.rates[0] = Some(TokenRate { provided, current, old, ..rate(ONE) });
        let mut pool = ComposableStable::new(&state).unwrap();
        let at = Timestamp(time);
        let amounts = TokenAmounts::new(&[Amount(next()), Amount(next())]).unwrap();
        let (shares, token, most) = (Amount(next()), TokenIndex(1), Amount(U256::MAX));
        let before = pool.clone();
        let refused = [
            pool.join(&ComposableStableJoin::Initial { amounts }, at).is_err(),
            pool.join(&ComposableStableJoin::OneToken { token, shares: most }, at).is_err(),
            pool.exit(&ComposableStableExit::OneToken { token, shares: most }, at).is_err(),
            pool.exit(&ComposableStableExit::Recovery { shares }, at).is_err(),
        ];
        prop_assert_eq!(refused, [true; 4]);
        prop_assert_eq!(&pool, &before);
        let least_shares = Amount::ZERO;
        let _ = pool.join(&ComposableStableJoin::ExactTokens { amounts, least_shares }, at);
        let _ = pool.join(&ComposableStableJoin::OneToken { token, shares }, at);
        let _ = pool.join(&ComposableStableJoin::AllTokens { shares }, at);
        let _ = pool.exit(&ComposableStableExit::OneToken { token, shares }, at);
        let _ = pool.exit(&ComposableStableExit::AllTokens { shares }, at);
        let _ = pool.exit(&ComposableStableExit::ExactTokens { amounts, most_shares: most }, at);
        for amount in [SwapAmount::ExactIn(shares), SwapAmount::ExactOut(shares)] {
            let _ = pool.swap(&trade(0, 1, amount), at);
            let _ = pool.swap_shares(&ShareTrade::Buy { token, amount }, at);
            let _ = pool.swap_shares(&ShareTrade::Sell { token, amount }, at);
        }
        let _ = pool.update_protocol_fees(e18(500), ONE, at);
        let _ = pool.start_ramp(time, Timestamp(u64::MAX), at);
        let _ = (pool.amplification(at), pool.stop_ramp(at));
        let _ = (pool.update_rate(token, at), pool.set_rate_duration(TokenIndex(0), time, at));
        pool.enable_recovery_mode();
        let _ = pool.exit(&ComposableStableExit::Recovery { shares }, at);
        let _ = pool.disable_recovery_mode(at);
        let _ = (pool.virtual_price(at), pool.total_shares(), SharePool::balances(&pool));
        let _ = pool.spot_price(TokenPair { input: token, output: TokenIndex(0) }, at);
    }
}
