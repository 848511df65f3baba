use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq, prop_assume};
use tidemill_units::{TokenIndex, TokenPair};

use super::*;
use crate::stable_swap::{Generation, StableSwapState};
use crate::{Metapool, PoolError, Quote, SharePool, SwapAmount, Trade};

const NOW: Timestamp = Timestamp(1_700_000_000);
const WAD: u128 = 1_000_000_000_000_000_000;

fn list(values: &[u128]) -> TokenAmounts {
    let values: Vec<_> = values.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&values).unwrap()
}

/// A base pool of ten million of each of three coins.
fn base() -> StableSwapState {
    let nothing = list(&[0, 0, 0]);
    let mut pool = StableSwap::new(&StableSwapState {
        generation: Generation::V1,
        balances: nothing,
        precisions: vec![1, 1_000_000_000_000, 1_000_000_000_000],
        admin_balances: nothing,
        total_supply: Amount::ZERO,
        initial_a: 2_000,
        future_a: 2_000,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 1_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    })
    .unwrap();
    let millions = 10_000_000;
    let amounts = list(&[millions * WAD, millions * 1_000_000, millions * 1_000_000]);
    pool.add_liquidity(&amounts, Amount::ZERO, NOW).unwrap();
    pool.state()
}

fn empty() -> StableSwapMetaState {
    let nothing = list(&[0, 0]);
    StableSwapMetaState {
        base: base(),
        before_factory: None,
        rate_multiplier: U256::from(WAD),
        balances: nothing,
        admin_balances: nothing,
        total_supply: Amount::ZERO,
        initial_a: 20_000,
        future_a: 20_000,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        previous_balances: nothing,
        price_cumulative_last: nothing,
        block_timestamp_last: Timestamp(0),
    }
}

fn pool_with(meta: u128, base: u128) -> StableSwapMeta {
    let mut pool = StableSwapMeta::new(&empty()).unwrap();
    pool.add_liquidity(&list(&[meta, base]), Amount::ZERO, NOW).unwrap();
    pool
}

fn exchange(input: u8, output: u8, amount: u128) -> MetaExchange {
    let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    MetaExchange { pair, amount_in: Amount::from_u128(amount), minimum_out: Amount::ZERO }
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug>(
    pool: &StableSwapMeta,
    expected: StableSwapMetaError,
    operation: impl FnOnce(&mut StableSwapMeta) -> Result<T, StableSwapMetaError>,
) {
    let mut tried = pool.clone();
    assert_eq!(operation(&mut tried).unwrap_err(), expected);
    assert_eq!(tried, *pool);
}

#[test]
fn underlying_quotes_are_rough() {
    let mut pool = pool_with(1_000_000 * WAD, 1_000_000 * WAD);
    let trade = exchange(2, 0, 500_000_000_000);
    let quote = pool.get_dy_underlying(trade.pair, trade.amount_in, NOW).unwrap();
    let paid = pool.exchange_underlying(trade, NOW).unwrap();
    assert_ne!(quote, paid);
    // Out of the metapool the quote is exact for a coin of 18 decimals.
    let trade = exchange(0, 2, 1_000 * WAD);
    let quote = pool.get_dy_underlying(trade.pair, trade.amount_in, NOW).unwrap();
    assert_eq!(pool.exchange_underlying(trade, NOW), Ok(quote));
}

#[test]
fn deposits_on_the_way_do_not_move_the_rate() {
    let pool = pool_with(1_000_000 * WAD, 1_000_000 * WAD);
    let trade = exchange(2, 0, 9_000_000_000_000);
    let mut through = pool.clone();
    let paid = through.exchange_underlying(trade, NOW).unwrap();
    // The same by hand: the deposit's fee raises the shares' price before the exchange.
    let mut by_hand = pool.clone();
    let amounts = list(&[0, 9_000_000_000_000, 0]);
    let minted = by_hand.base_mut().add_liquidity(&amounts, Amount::ZERO, NOW).unwrap();
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let by_hand = by_hand.get_dy(pair, minted, NOW).unwrap();
    assert_ne!(by_hand, paid);
    let before = pool.get_dy(pair, minted, NOW).unwrap();
    assert_eq!(before, paid);
}

#[test]
fn administrators_pay_the_fee_too() {
    let mut pool = pool_with(1_000_000 * WAD, 1_000_000 * WAD);
    pool.exchange(exchange(1, 0, 100_000 * WAD), NOW).unwrap();
    let owed = pool.admin_balances();
    assert!(!owed.as_slice()[0].is_zero() && owed.as_slice()[1].is_zero());
    let fees = pool.withdraw_admin_fees(NOW).unwrap();
    assert_eq!(fees.converted, owed.as_slice()[0]);
    assert!(!fees.bought.is_zero());
    assert!(!fees.kept.is_zero(), "half the fee of the exchange comes back at once");
    assert!(pool.admin_balances().is_zero());
}

/// The pool of a state, as one from before the factory whose rate was just asked for.
fn before_factory(pool: &StableSwapMeta) -> StableSwapMeta {
    let mut state = pool.state();
    let nothing = list(&[0, 0]);
    state.previous_balances = nothing;
    state.price_cumulative_last = nothing;
    state.block_timestamp_last = Timestamp(0);
    state.before_factory = Some(BeforeFactory {
        base_virtual_price: pool.base().virtual_price(NOW).unwrap(),
        base_cache_updated: NOW,
        admin_fee: 5_000_000_000,
        is_killed: false,
        kill_deadline: Timestamp(NOW.0 + 1),
    });
    StableSwapMeta::new(&state).unwrap()
}

#[test]
fn virtual_prices_are_kept_for_ten_minutes() {
    let factory = pool_with(1_000_000 * WAD, 1_000_000 * WAD);
    let mut pool = before_factory(&factory);
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let amount = Amount::from_u128(1_000 * WAD);
    let quote = pool.get_dy(pair, amount, NOW);
    assert_eq!(factory.get_dy(pair, amount, NOW), quote);
    // A deposit out of proportion earns the base pool's providers a fee.
    let gift = list(&[5_000_000 * WAD, 0, 0]);
    pool.base_mut().add_liquidity(&gift, Amount::ZERO, NOW).unwrap();
    let last = Timestamp(NOW.0 + BASE_CACHE_EXPIRES);
    assert_eq!(pool.get_dy(pair, amount, last), quote);
    let after = Timestamp(last.0 + 1);
    assert!(pool.get_dy(pair, amount, after).unwrap() > quote.unwrap());
    // A call keeps the new price and time; a withdrawal in proportion does not ask.
    let kept = |pool: &StableSwapMeta| pool.state().before_factory.unwrap();
    pool.remove_liquidity(amount, &list(&[0, 0]), after).unwrap();
    assert_eq!(kept(&pool).base_cache_updated, NOW);
    pool.exchange(exchange(0, 1, WAD), after).unwrap();
    assert_eq!(kept(&pool).base_cache_updated, after);
    assert_eq!(kept(&pool).base_virtual_price, pool.base().virtual_price(after).unwrap());
}

#[test]
fn pools_before_the_factory_refuse_in_words_and_can_be_killed() {
    let mut pool = before_factory(&pool_with(1_000 * WAD, 1_000 * WAD));
    let check = |pool: &StableSwapMeta, trade, expected: StableSwapMetaError, reason| {
        assert_eq!(expected.reason(), reason);
        check_refused(pool, expected, |pool| pool.exchange(trade, NOW));
    };
    let greedy = MetaExchange { minimum_out: Amount::MAX, ..exchange(1, 0, WAD) };
    check(&pool, greedy, StableSwapMetaError::TooFewCoins, Some("Too few coins in result"));
    check_refused(&pool, StableSwapMetaError::FeeTooHigh, |pool| pool.set_fees(1, 10_000_000_001));
    check_refused(&pool, StableSwapMetaError::KillDeadlinePassed, |pool| {
        pool.kill_me(Timestamp(NOW.0 + 1))
    });
    pool.kill_me(NOW).unwrap();
    check(&pool, exchange(0, 1, WAD), StableSwapMetaError::Killed, None);
    pool.remove_liquidity(Amount::from_u128(WAD), &list(&[0, 0]), NOW).unwrap();
    pool.unkill_me().unwrap();
    pool.exchange(exchange(0, 1, WAD), NOW).unwrap();
    let factory = pool_with(1_000 * WAD, 1_000 * WAD);
    let only = StableSwapMetaError::OnlyBeforeFactory;
    check_refused(&factory, only, |pool| pool.kill_me(NOW));
    check_refused(&factory, only, |pool| pool.donate_admin_fees());
}

#[test]
fn balances_before_a_block_are_kept_once() {
    let mut pool = pool_with(1_000 * WAD, 1_000 * WAD);
    let later = Timestamp(NOW.0 + 10);
    let before = pool.balances();
    pool.exchange(exchange(0, 1, WAD), later).unwrap();
    pool.exchange(exchange(0, 1, WAD), later).unwrap();
    let state = pool.state();
    assert_eq!(state.previous_balances, before);
    assert_eq!(state.block_timestamp_last, later);
    assert_eq!(state.price_cumulative_last.as_slice()[0].0, U256::from(10_000 * WAD));
}

#[test]
fn base_pools_refusals_come_through_and_change_nothing() {
    let pool = pool_with(1_000 * WAD, 1_000 * WAD);
    let zero = crate::stable_swap::StableSwapError::InvariantDidNotGrow;
    check_refused(&pool, StableSwapMetaError::Base(zero), |pool| {
        pool.exchange_underlying(exchange(1, 0, 0), NOW)
    });
    let greedy = MetaExchange { minimum_out: Amount::MAX, ..exchange(1, 2, WAD) };
    let low = crate::stable_swap::StableSwapError::ExchangeBelowMinimum;
    let expected = StableSwapMetaError::Base(low);
    assert_eq!(expected.reason(), Some("Exchange resulted in fewer coins than expected"));
    check_refused(&pool, expected, |pool| pool.exchange_underlying(greedy, NOW));
    let greedy = MetaExchange { minimum_out: Amount::MAX, ..exchange(1, 0, WAD) };
    check_refused(&pool, StableSwapMetaError::ExchangeTooSmall, |pool| {
        pool.exchange_underlying(greedy, NOW)
    });
    check_refused(&pool, StableSwapMetaError::NoSuchCoin, |pool| {
        pool.exchange_underlying(exchange(4, 0, 1), NOW)
    });
    check_refused(&pool, StableSwapMetaError::SameCoin, |pool| {
        pool.exchange(exchange(1, 1, 1), NOW)
    });
}

#[test]
fn states_outside_the_bounds_name_the_field() {
    let check = |change: fn(&mut StableSwapMetaState), name: &str| {
        let mut state = empty();
        change(&mut state);
        let said = StableSwapMeta::new(&state).unwrap_err().field.to_string();
        assert_eq!(said, format!("`{name}`"));
    };
    check(|state| state.base.fee = 5_000_000_001, "base.fee");
    check(|state| state.base.precisions[2] = 0, "base.precisions[2]");
    check(|state| state.base.balances = list(&[1]), "base.balances");
    check(|state| state.base.generation = Generation::V2, "base");
    check(|state| state.rate_multiplier = U256::from(WAD + 1), "rate_multiplier");
    check(|state| state.rate_multiplier = U256::from(WAD / 10), "rate_multiplier");
    check(|state| state.balances = list(&[1]), "balances");
    check(|state| state.admin_balances = list(&[1, 1, 1]), "admin_balances");
    check(|state| state.previous_balances = list(&[1]), "previous_balances");
    check(|state| state.price_cumulative_last = list(&[1]), "price_cumulative_last");
    check(|state| state.initial_a = 99, "initial_a");
    check(|state| state.future_a = 100_000_000, "future_a");
    check(|state| state.initial_a_time = Timestamp(1), "future_a_time");
    check(|state| state.fee = 5_000_000_001, "fee");
    let of_first = before_factory(&pool_with(1 << 80, 1 << 80)).state();
    let check = |change: fn(&mut StableSwapMetaState), name: &str| {
        let mut state = of_first.clone();
        change(&mut state);
        assert_eq!(StableSwapMeta::new(&state).unwrap_err().field.name, name);
    };
    let nothing = |state: &mut StableSwapMetaState| {
        state.before_factory.as_mut().unwrap().admin_fee = 10_000_000_001;
    };
    check(nothing, "before_factory.admin_fee");
    check(|state| state.previous_balances = list(&[0, 1]), "previous_balances");
    check(|state| state.block_timestamp_last = NOW, "block_timestamp_last");
}

fn pools() -> impl Strategy<Value = StableSwapMeta> {
    (1_u128 << 70..1 << 84, 1_u128 << 70..1 << 84).prop_map(|(meta, base)| pool_with(meta, base))
}

proptest! {
    #[test]
    fn states_make_the_round(pool in pools()) {
        prop_assert_eq!(StableSwapMeta::new(&pool.state()), Ok(pool));
    }

    #[test]
    fn there_and_back_gains_nothing(
        pool in pools(),
        amount in 1_u128 << 50..1 << 83,
        way in 0..4_u8,
    ) {
        let mut pool = pool;
        let (there, back) = match way {
            0 => (exchange(0, 1, amount), exchange(1, 0, 0)),
            way => (exchange(0, way, amount), exchange(way, 0, 0)),
        };
        let run = |pool: &mut StableSwapMeta, request| match way {
            0 => pool.exchange(request, NOW),
            _ => pool.exchange_underlying(request, NOW),
        };
        let out = run(&mut pool, there);
        prop_assume!(out.is_ok());
        if let Ok(back) = run(&mut pool, MetaExchange { amount_in: out.unwrap(), ..back }) {
            prop_assert!(back.0 <= U256::from(amount));
        }
    }

    #[test]
    fn swap_does_what_the_quote_says(
        pool in pools(),
        amount in 1_u128..1 << 83,
        is_exact_out in any::<bool>(),
    ) {
        let mut pool = pool;
        let amount = Amount::from_u128(amount);
        let amount = if is_exact_out {
            SwapAmount::ExactOut(amount)
        } else {
            SwapAmount::ExactIn(amount)
        };
        let pair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
        let trade = Trade { pair, amount };
        let quote = pool.quote(&trade, NOW);
        prop_assume!(quote.is_ok());
        let price = pool.spot_price(pair, NOW).unwrap();
        let quoted = quote.unwrap();
        // Nothing pays more than the margin.
        prop_assert!(quoted.amount_out <= price.convert(quoted.amount_in).unwrap());
        prop_assert_eq!(pool.swap(&trade, NOW), quote);
    }
}

/// Tokens counted through: 0 the meta coin, 1 the base pool's shares, 2 to 4 the base pool's coins.
#[test]
fn coins_of_the_base_pool_are_quoted_both_ways_as_they_are_exchanged() {
    let pool = pool_with(900_000 * WAD, 700_000 * WAD);
    let units = [WAD, WAD, WAD, 1_000_000, 1_000_000];
    let trade = |input: u8, output: u8, amount| {
        let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
        Trade { pair, amount }
    };
    for [input, output] in [[0, 2], [0, 4], [2, 0], [3, 0], [2, 3], [4, 2]] {
        let whole = |token: u8, many: u128| Amount::from_u128(units[usize::from(token)] * many);
        let given = whole(input, 5_000);
        let exact = trade(input, output, SwapAmount::ExactIn(given));
        let quote = pool.quote_underlying(&exact, NOW).unwrap();
        let promised = pool.contract_quote_underlying(&exact, NOW).unwrap();
        let counted = |token: u8| token.saturating_sub(1);
        let asked = exchange(counted(input), counted(output), u128::try_from(given.0).unwrap());
        let mut swapped = pool.clone();
        assert_eq!(swapped.swap_underlying(&exact, NOW).unwrap(), quote);
        let mut exchanged = pool.clone();
        assert_eq!(exchanged.exchange_underlying(asked, NOW).unwrap(), quote.amount_out);
        assert_eq!(swapped, exchanged);
        let view = pool.get_dy_underlying(asked.pair, given, NOW).unwrap();
        assert_eq!(promised, Quote { amount_out: view, ..quote });
        assert!(!quote.fee.amount.is_zero());

        let wanted = trade(input, output, SwapAmount::ExactOut(quote.amount_out));
        let bought = pool.quote_underlying(&wanted, NOW).unwrap();
        assert!(bought.amount_out >= quote.amount_out && bought.amount_in <= given, "{bought:?}");
        let less = bought.amount_in.checked_sub(Amount::from_u64(1)).unwrap();
        let less = trade(input, output, SwapAmount::ExactIn(less));
        assert!(pool.quote_underlying(&less, NOW).unwrap().amount_out < quote.amount_out);

        // Without the fees a small amount is exchanged at the price.
        let price = pool.spot_price_underlying(exact.pair, NOW).unwrap();
        let small = whole(input, 10);
        let fair = price.convert(small).unwrap();
        let exact = trade(input, output, SwapAmount::ExactIn(small));
        let out = pool.quote_underlying(&exact, NOW).unwrap().amount_out;
        let lost = fair.checked_sub(out).unwrap();
        let most = fair.0 / U256::from(1_500);
        assert!(lost.0 > fair.0 / U256::from(20_000) && lost.0 < most, "{input} {output}: {lost}");
    }
    for [input, output] in [[1, 2], [3, 1], [0, 0], [2, 2], [0, 5], [0, 1], [1, 0]] {
        let exact = trade(input, output, SwapAmount::ExactIn(Amount::from_u64(1)));
        assert_eq!(pool.quote_underlying(&exact, NOW), Err(PoolError::NoSuchPair));
        assert_eq!(pool.spot_price_underlying(exact.pair, NOW), Err(PoolError::NoSuchPair));
    }
    let all = trade(0, 2, SwapAmount::ExactOut(Amount::MAX));
    assert_eq!(pool.quote_underlying(&all, NOW), Err(PoolError::OutputOutOfReach));
    let empty = StableSwapMeta::new(&empty()).unwrap();
    let exact = trade(0, 2, SwapAmount::ExactIn(Amount::from_u64(1)));
    assert!(empty.quote_underlying(&exact, NOW).is_err());
}
