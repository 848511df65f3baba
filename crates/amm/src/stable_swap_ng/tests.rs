use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq, prop_assume};
use tidemill_units::TokenIndex;
use tidemill_units::TokenPair;

use super::oracle::exp_of_minus;
use super::*;
use crate::{SharePool, SwapAmount, Trade};

const NOW: Timestamp = Timestamp(1_700_000_000);
const WAD: u64 = 1_000_000_000_000_000_000;

fn list(values: &[u128]) -> TokenAmounts {
    let values: Vec<_> = values.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&values).unwrap()
}

/// An empty pool of plain coins with 18 decimals, amplification 200 and a fee of 0.04 %.
fn empty(count: usize) -> StableSwapNgState {
    let zeroes = TokenAmounts::zero(count).unwrap();
    let prices = list(&vec![u128::from(WAD); count - 1]);
    StableSwapNgState {
        asset_types: vec![0; count],
        stored_rates: list(&vec![u128::from(WAD); count]),
        token_balances: zeroes,
        stored_balances: zeroes,
        admin_balances: zeroes,
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
        last_prices: prices,
        ema_prices: prices,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: NOW,
        ma_last_time_d: NOW,
    }
}

fn pool_with(balances: &[u128]) -> StableSwapNg {
    let mut pool = StableSwapNg::new(&empty(balances.len())).unwrap();
    pool.add_liquidity(&list(balances), Amount::ZERO, NOW).unwrap();
    pool
}

fn pair(input: u8, output: u8) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

fn exchange(input: u8, output: u8, amount: u128) -> Exchange {
    let amount_in = Amount::from_u128(amount);
    Exchange { pair: pair(input, output), amount_in, least_out: Amount::ZERO }
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug>(
    pool: &StableSwapNg,
    expected: StableSwapNgError,
    operation: impl FnOnce(&mut StableSwapNg) -> Result<T, StableSwapNgError>,
) {
    let mut tried = pool.clone();
    assert_eq!(operation(&mut tried).unwrap_err(), expected);
    assert_eq!(tried, *pool);
}

#[test]
fn exponential_equals_its_published_values() {
    let check = |x: &str, expected: u64| {
        assert_eq!(exp_of_minus(x.parse().unwrap()), U256::from(expected), "exp(-{x})");
    };
    // The values that the test suite of Solmate's `wadExp` pins.
    check("3000000000000000000", 49_787_068_367_863_942);
    check("2000000000000000000", 135_335_283_236_612_691);
    check("1000000000000000000", 367_879_441_171_442_321);
    check("500000000000000000", 606_530_659_712_633_423);
    check("300000000000000000", 740_818_220_681_717_866);
    check("0", WAD);
    check("41446531673892822313", 0);
    check("41446531673892822312", 1);
    assert_eq!(exp_of_minus(U256::MAX), U256::ZERO);
}

#[test]
fn views_see_whole_amplifications_only() {
    let mut pool = pool_with(&[1 << 80, 1 << 82]);
    pool.ramp_a(201, Timestamp(NOW.0 + 100_000), NOW).unwrap();
    let half_way = Timestamp(NOW.0 + 50_000);
    assert_eq!(pool.amplification(half_way), Ok(U256::from(20_050)));
    let trade = exchange(0, 1, 1 << 78);
    let viewed = pool.get_dy(trade.pair, trade.amount_in, half_way).unwrap();
    let paid = pool.exchange(&trade, half_way).unwrap().amount_out;
    assert_ne!(viewed, paid);
}

#[test]
fn oracles_stop_at_two() {
    let mut pool = pool_with(&[1 << 90, 1 << 70]);
    pool.exchange(&exchange(0, 1, 1 << 60), NOW).unwrap();
    assert!(pool.get_p(NOW).unwrap().as_slice()[0].0 > MAX_PRICE);
    assert_eq!(pool.last_price().as_slice()[0].0, MAX_PRICE);
    let later = Timestamp(NOW.0 + 1_000_000);
    assert_eq!(pool.price_oracle(later).unwrap().as_slice()[0].0, MAX_PRICE);
}

#[test]
fn balanced_withdrawals_leave_price_oracles_alone() {
    let mut pool = pool_with(&[1 << 80, 1 << 80]);
    let later = Timestamp(NOW.0 + 500);
    let before = pool.state();
    let shares = Amount(pool.total_shares().0 >> 1_usize);
    pool.withdraw(shares, later).unwrap();
    let after = pool.state();
    assert_eq!((after.ma_last_time_p, after.ma_last_time_d), (NOW, later));
    assert_eq!((after.last_prices, after.ema_prices), (before.last_prices, before.ema_prices));
    assert_ne!(after.last_d, before.last_d);
}

#[test]
fn get_dx_may_buy_less() {
    let pool = pool_with(&[1 << 80, 1 << 80]);
    let wanted = Amount::from_u128(1 << 79);
    let dx = pool.get_dx(pair(0, 1), wanted, NOW).unwrap();
    assert!(pool.get_dy(pair(0, 1), dx, NOW).unwrap() < wanted);
}

#[test]
fn received_tokens_pay_for_an_exchange() {
    let mut pool = pool_with(&[1 << 80, 1 << 80]);
    let expected = pool.clone().exchange(&exchange(0, 1, 1 << 60), NOW).unwrap();
    check_refused(&pool, StableSwapNgError::ReceivedTooLittle, |pool| {
        pool.exchange_received(&exchange(0, 1, 1 << 60), NOW)
    });
    pool.give(&list(&[1 << 60, 0])).unwrap();
    // All that lies there is taken, also by who names less.
    assert_eq!(pool.exchange_received(&exchange(0, 1, 1), NOW), Ok(expected));
}

#[test]
fn rebases_are_the_providers() {
    let mut state = empty(2);
    state.asset_types = vec![0, 2];
    let mut pool = StableSwapNg::new(&state).unwrap();
    pool.add_liquidity(&list(&[1 << 80, 1 << 80]), Amount::ZERO, NOW).unwrap();
    let before = pool.get_virtual_price(NOW).unwrap();
    pool.rebase(TokenIndex(1), Amount::from_u128((1 << 80) + (1 << 70))).unwrap();
    assert!(pool.get_virtual_price(NOW).unwrap() > before);
    check_refused(&pool, StableSwapNgError::ReceivedRebasing, |pool| {
        pool.exchange_received(&exchange(0, 1, 1), NOW)
    });
    check_refused(&pool, StableSwapNgError::NotRebasing, |pool| {
        pool.rebase(TokenIndex(0), Amount::ZERO)
    });
}

#[test]
fn bounds_of_the_caller_hold_with_the_contracts_reasons() {
    let pool = pool_with(&[1 << 80, 1 << 80]);
    let greedy = Exchange { least_out: Amount::MAX, ..exchange(0, 1, 1 << 60) };
    let check = |expected: StableSwapNgError, reason: &str| {
        assert_eq!(expected.reason(), Some(reason));
        expected
    };
    let error = StableSwapNgError::ExchangeTooSmall;
    let error = check(error, "Exchange resulted in fewer coins than expected");
    check_refused(&pool, error, |pool| pool.exchange(&greedy, NOW));
    let error = check(StableSwapNgError::Slippage, "Slippage screwed you");
    check_refused(&pool, error, |pool| pool.add_liquidity(&list(&[1, 1]), Amount::MAX, NOW));
    check_refused(&pool, error, |pool| {
        pool.remove_liquidity_imbalance(&list(&[1 << 40, 0]), Amount::ZERO, NOW)
    });
    let error = check(StableSwapNgError::OneCoinTooSmall, "Not enough coins removed");
    check_refused(&pool, error, |pool| {
        pool.remove_liquidity_one_coin(Amount::from_u64(WAD), TokenIndex(0), Amount::MAX, NOW)
    });
    let error = StableSwapNgError::WithdrawalTooSmall;
    let error = check(error, "Withdrawal resulted in fewer coins than expected");
    let shares = Amount::from_u64(WAD);
    let least = list(&[u128::MAX, 0]);
    let withdrawal = Withdrawal { shares, least, claims_admin_fees: true };
    check_refused(&pool, error, |pool| pool.remove_liquidity(&withdrawal, NOW));
}

#[test]
fn states_outside_the_bounds_name_the_field() {
    let check = |change: fn(&mut StableSwapNgState), name: &str| {
        let mut state = pool_with(&[1 << 80, 1 << 80]).state();
        change(&mut state);
        assert_eq!(StableSwapNg::new(&state).unwrap_err().field.name, name);
    };
    check(|state| state.asset_types = vec![0], "asset_types");
    check(|state| state.asset_types = vec![0, 4], "asset_types");
    check(|state| state.stored_rates = list(&[1]), "stored_rates");
    check(|state| state.stored_rates = list(&[1, 0]), "stored_rates");
    check(|state| state.stored_balances = list(&[1, 1, 1]), "stored_balances");
    check(|state| state.stored_balances = list(&[1, 1 << 81]), "stored_balances");
    check(|state| state.admin_balances = list(&[1 << 81, 1]), "admin_balances");
    check(|state| state.initial_a = 99, "initial_a");
    check(|state| state.future_a = 100_000_000, "future_a");
    check(|state| state.initial_a_time = Timestamp(1), "future_a_time");
    check(|state| state.fee = 5_000_000_001, "fee");
    check(|state| state.admin_fee = 5_000_000_001, "admin_fee");
    check(|state| state.offpeg_fee_multiplier = U256::MAX, "offpeg_fee_multiplier");
    check(|state| state.ma_exp_time = U256::ZERO, "ma_exp_time");
    check(|state| state.d_ma_time = U256::ZERO, "d_ma_time");
    check(|state| state.last_prices = list(&[1, 1]), "last_prices");
    check(|state| state.ema_prices = list(&[u128::from(2 * WAD) + 1]), "ema_prices");
    check(|state| state.last_d = Amount::MAX, "last_d");
    check(|state| state.ema_d = Amount(U256::ONE << 128_usize), "ema_d");
}

fn balances() -> impl Strategy<Value = Vec<u128>> {
    proptest::collection::vec(1_u128 << 70..1 << 90, 2..=8)
}

proptest! {
    #[test]
    fn states_make_the_round(balances in balances()) {
        let pool = pool_with(&balances);
        prop_assert_eq!(StableSwapNg::new(&pool.state()), Ok(pool));
    }

    #[test]
    fn there_and_back_gains_nothing(balances in balances(), shift in 0_u32..60) {
        let mut pool = pool_with(&balances);
        let amount = (1_u128 << 88) >> shift;
        let price = pool.get_virtual_price(NOW).unwrap();
        if let Ok(there) = pool.exchange(&exchange(0, 1, amount), NOW) {
            prop_assert!(pool.get_virtual_price(NOW).unwrap().0 + U256::ONE >= price.0);
            let out = u128::try_from(there.amount_out.0).unwrap();
            if let Ok(back) = pool.exchange(&exchange(1, 0, out), NOW) {
                prop_assert!(back.amount_out.0 <= U256::from(amount));
            }
        }
    }

    #[test]
    fn swap_does_what_the_quote_says(
        balances in balances(),
        amount in 1_u128..1 << 89,
        is_exact_out in any::<bool>(),
    ) {
        let mut pool = pool_with(&balances);
        let amount = Amount::from_u128(amount);
        let amount = if is_exact_out {
            SwapAmount::ExactOut(amount)
        } else {
            SwapAmount::ExactIn(amount)
        };
        let trade = Trade { pair: pair(0, 1), amount };
        let quote = pool.quote(&trade, NOW);
        prop_assume!(quote.is_ok());
        if let SwapAmount::ExactOut(wanted) = amount {
            prop_assert!(quote.unwrap().amount_out >= wanted);
        }
        prop_assert_eq!(pool.swap(&trade, NOW), quote);
    }

    #[test]
    fn deposit_and_withdrawal_gain_nothing(balances in balances(), added in 1_u128..1 << 85) {
        let mut pool = pool_with(&balances);
        let mut amounts = TokenAmounts::zero(balances.len()).unwrap();
        amounts.as_mut_slice()[0] = Amount::from_u128(added);
        let shares = pool.deposit(&amounts, NOW).unwrap();
        prop_assume!(!shares.is_zero());
        if let Ok(paid) = pool.remove_liquidity_one_coin(shares, TokenIndex(0), Amount::ZERO, NOW) {
            prop_assert!(paid.amount.0 <= U256::from(added));
        }
    }
}
