use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{
    MetaNgBase, MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgError, StableSwapMetaNgState,
    UnderlyingExchange,
};
use crate::stable_swap::{Generation, StableSwap, StableSwapError, StableSwapState};
use crate::stable_swap_ng::{StableSwapNg, StableSwapNgError, StableSwapNgState};
use crate::{Metapool, PoolError, Quote, SwapAmount, Trade};

const NOW: Timestamp = Timestamp(1_700_000_000);
const WAD: u128 = 1_000_000_000_000_000_000;

fn list(values: &[u128]) -> TokenAmounts {
    let values: Vec<_> = values.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&values).unwrap()
}

/// An empty pool of two coins of 18 decimals.
fn empty() -> StableSwapNgState {
    let (none, one) = (list(&[0, 0]), list(&[WAD]));
    StableSwapNgState {
        asset_types: vec![0, 0],
        stored_rates: list(&[WAD, WAD]),
        token_balances: none,
        stored_balances: none,
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: 20_000,
        future_a: 20_000,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        offpeg_fee_multiplier: U256::from(20_000_000_000_u64),
        admin_fee: 5_000_000_000,
        ma_exp_time: U256::from(866),
        d_ma_time: U256::from(62_324),
        last_prices: one,
        ema_prices: one,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: NOW,
        ma_last_time_d: NOW,
    }
}

fn younger_base() -> MetaNgBaseState {
    let mut pool = StableSwapNg::new(&empty()).unwrap();
    let millions = 10_000_000 * WAD;
    pool.add_liquidity(&list(&[millions, millions]), Amount::ZERO, NOW).unwrap();
    MetaNgBaseState::Ng(Box::new(pool.state()))
}

fn plain(generation: Generation) -> StableSwapState {
    let none = list(&[0, 0]);
    let a = if generation == Generation::V2 { 50_050 } else { 500 };
    StableSwapState {
        generation,
        balances: none,
        precisions: vec![1, 1_000_000_000_000],
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 1_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    }
}

fn older_base() -> MetaNgBaseState {
    let mut pool = StableSwap::new(&plain(Generation::V2)).unwrap();
    pool.add_liquidity(&list(&[9_000_000 * WAD, 11_000_000_000_000]), Amount::ZERO, NOW).unwrap();
    MetaNgBaseState::Plain(Box::new(pool.state()))
}

fn pool_over(base: MetaNgBaseState) -> StableSwapMetaNg {
    let mut pool = StableSwapMetaNg::new(&StableSwapMetaNgState { base, own: empty() }).unwrap();
    let amounts = list(&[1_000_000 * WAD, 1_000_000 * WAD]);
    pool.add_liquidity(&amounts, Amount::ZERO, NOW).unwrap();
    pool
}

fn exchange(input: u8, output: u8, amount: u128) -> UnderlyingExchange {
    let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    UnderlyingExchange { pair, amount_in: Amount::from_u128(amount), least_out: Amount::ZERO }
}

#[test]
fn own_deposits_in_the_base_do_not_move_the_rate() {
    let pool = pool_over(younger_base());
    let trade = exchange(2, 0, 9_000_000 * WAD);
    let paid = pool.clone().exchange_underlying(&trade, NOW).unwrap();
    // The same by hand: the deposit's fee raises the shares' price before the exchange.
    let mut by_hand = pool.clone();
    let MetaNgBase::Ng(base) = by_hand.base_mut() else { panic!("a younger base pool") };
    let amounts = list(&[0, 9_000_000 * WAD]);
    let minted = base.add_liquidity(&amounts, Amount::ZERO, NOW).unwrap().shares;
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    assert_ne!(by_hand.get_dy(pair, minted, NOW), Ok(paid));
    assert_eq!(pool.get_dy(pair, minted, NOW), Ok(paid));
}

#[test]
fn views_reckon_older_base_pools_as_younger_ones() {
    let ask = |base, amount| {
        let mut pool = pool_over(base);
        let trade = exchange(1, 0, amount);
        let quote = pool.get_dy_underlying(trade.pair, trade.amount_in, NOW).unwrap();
        (quote.0, pool.exchange_underlying(&trade, NOW).unwrap().0)
    };
    let odd = 123_456_789_012_345_678_901_234;
    let (quote, paid) = ask(younger_base(), odd);
    assert_eq!(quote, paid);
    let amounts = (1..20).map(|times| odd / times);
    let off = amounts.filter(|&amount| {
        let (quote, paid) = ask(older_base(), amount);
        assert!(quote.abs_diff(paid) <= U256::from(amount / 1_000_000));
        quote != paid
    });
    assert!(off.count() > 0, "the amplification is not whole");
}

#[test]
fn underlying_exchanges_of_a_coin_that_gained_can_run_out() {
    let mut state = pool_over(younger_base()).state();
    state.own.asset_types[0] = 2;
    let mut pool = StableSwapMetaNg::new(&state).unwrap();
    // The coin gains nine times what was there, of which the pool's own account says nothing.
    pool.rebase(Amount::from_u128(10_000_000 * WAD)).unwrap();
    let trade = exchange(1, 0, 2_000_000 * WAD);
    let before = pool.state();
    let refused = StableSwapMetaNgError::Own(StableSwapNgError::Underflow);
    assert_eq!(pool.exchange_underlying(&trade, NOW), Err(refused));
    assert_eq!(pool.state(), before);
    // A plain exchange takes its account from the token, and heals it.
    let own = crate::stable_swap_ng::Exchange {
        pair: TokenPair { input: TokenIndex(1), output: TokenIndex(0) },
        amount_in: Amount::from_u128(WAD),
        least_out: Amount::ZERO,
    };
    pool.exchange(&own, NOW).unwrap();
    assert!(pool.exchange_underlying(&trade, NOW).is_ok());
}

#[test]
fn refusals_name_whose_they_are_and_change_nothing() {
    let check = |pool: &StableSwapMetaNg, trade: &UnderlyingExchange, expected, reason| {
        let mut tried = pool.clone();
        let error: StableSwapMetaNgError = tried.exchange_underlying(trade, NOW).unwrap_err();
        assert_eq!((error, error.reason()), (expected, reason));
        assert_eq!(tried, *pool);
    };
    let (younger, older) = (pool_over(younger_base()), pool_over(older_base()));
    use StableSwapMetaNgError::{Base, BaseNg, ExchangeTooSmall, NoInput, NoSuchCoin, Own};
    check(&younger, &exchange(1, 0, 0), NoInput, None);
    check(&younger, &exchange(3, 0, 1), NoSuchCoin, None);
    check(&younger, &exchange(0, 0, 1), Own(StableSwapNgError::SameCoin), None);
    check(&younger, &exchange(1, 1, 1), BaseNg(StableSwapNgError::SameCoin), None);
    let greedy = |trade| UnderlyingExchange { least_out: Amount::MAX, ..trade };
    check(&younger, &greedy(exchange(0, 1, WAD)), ExchangeTooSmall, None);
    let reason = Some("Exchange resulted in fewer coins than expected");
    let small = BaseNg(StableSwapNgError::ExchangeTooSmall);
    check(&younger, &greedy(exchange(1, 2, WAD)), small, reason);
    let small = Base(StableSwapError::ExchangeBelowMinimum);
    check(&older, &greedy(exchange(1, 2, WAD)), small, reason);
    let pair = exchange(1, 2, 0).pair;
    let error = older.get_dx_underlying(pair, Amount::ZERO, NOW).unwrap_err();
    assert_eq!(error.reason(), Some("Not a Metapool Swap. Use Base pool."));
}

#[test]
fn states_outside_the_bounds_name_the_field() {
    let check = |change: fn(&mut StableSwapMetaNgState), name: &str| {
        let mut state = pool_over(younger_base()).state();
        change(&mut state);
        assert_eq!(StableSwapMetaNg::new(&state).unwrap_err().field.name, name);
    };
    check(|state| state.own.asset_types = vec![0, 2], "asset_types");
    check(|state| state.own.asset_types = vec![0, 0, 0], "asset_types");
    check(|state| state.own.stored_rates = list(&[WAD, WAD + 1]), "stored_rates");
    check(|state| state.own.admin_fee = 0, "admin_fee");
    check(|state| state.own.fee = 5_000_000_001, "fee");
    check(
        |state| {
            let mut base = plain(Generation::V0);
            base.initial_a = 100;
            base.future_a = 100;
            state.base = MetaNgBaseState::Plain(Box::new(base));
        },
        "base",
    );
}

#[test]
fn states_make_the_round() {
    for base in [younger_base(), older_base()] {
        let mut pool = pool_over(base);
        pool.exchange_underlying(&exchange(1, 0, 5 * WAD), NOW).unwrap();
        assert_eq!(StableSwapMetaNg::new(&pool.state()), Ok(pool));
    }
}

/// Tokens counted through: 0 the coin, 1 the base pool's shares, from 2 on the base pool's coins.
#[test]
fn coins_of_either_base_pool_are_quoted_both_ways_as_they_are_exchanged() {
    for (base, last) in [(younger_base(), WAD), (older_base(), 1_000_000)] {
        let pool = pool_over(base);
        let units = [WAD, WAD, WAD, last];
        let trade = |input: u8, output: u8, amount| {
            let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
            Trade { pair, amount }
        };
        let whole = |token: u8, many: u128| Amount::from_u128(units[usize::from(token)] * many);
        for [input, output] in [[0, 2], [0, 3], [2, 0], [3, 0], [2, 3], [3, 2]] {
            let given = whole(input, 5_000);
            let exact = trade(input, output, SwapAmount::ExactIn(given));
            let quote = pool.quote_underlying(&exact, NOW).unwrap();
            let promised = pool.contract_quote_underlying(&exact, NOW).unwrap();
            let counted = |token: u8| token.saturating_sub(1);
            let paid = u128::try_from(given.0).unwrap();
            let asked = exchange(counted(input), counted(output), paid);
            let mut swapped = pool.clone();
            assert_eq!(swapped.swap_underlying(&exact, NOW).unwrap(), quote);
            let mut exchanged = pool.clone();
            assert_eq!(exchanged.exchange_underlying(&asked, NOW).unwrap(), quote.amount_out);
            assert_eq!(swapped, exchanged);
            let view = pool.get_dy_underlying(asked.pair, given, NOW).unwrap();
            assert_eq!(promised, Quote { amount_out: view, ..quote });
            assert!(!quote.fee.amount.is_zero());

            let wanted = trade(input, output, SwapAmount::ExactOut(quote.amount_out));
            let bought = pool.quote_underlying(&wanted, NOW).unwrap();
            assert!(bought.amount_out >= quote.amount_out && bought.amount_in <= given);
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
            let most = fair.0 / U256::from(900);
            assert!(lost.0 > fair.0 / U256::from(20_000) && lost.0 < most, "{input} {output}");
        }
        for [input, output] in [[1, 2], [3, 1], [0, 0], [2, 2], [0, 4], [0, 1], [1, 0]] {
            let exact = trade(input, output, SwapAmount::ExactIn(Amount::from_u64(1)));
            assert_eq!(pool.quote_underlying(&exact, NOW), Err(PoolError::NoSuchPair));
            assert_eq!(pool.spot_price_underlying(exact.pair, NOW), Err(PoolError::NoSuchPair));
        }
        let all = trade(0, 2, SwapAmount::ExactOut(Amount::MAX));
        assert_eq!(pool.quote_underlying(&all, NOW), Err(PoolError::OutputOutOfReach));
        let empty = StableSwapMetaNgState { base: pool.state().base, own: empty() };
        let empty = StableSwapMetaNg::new(&empty).unwrap();
        let exact = trade(0, 2, SwapAmount::ExactIn(Amount::from_u64(1)));
        assert!(empty.quote_underlying(&exact, NOW).is_err());
    }
}
