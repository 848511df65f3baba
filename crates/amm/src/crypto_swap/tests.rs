use proptest::prelude::*;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{
    AGamma, ClaimFirst, CryptoGeneration, CryptoSwap, CryptoSwapError, CryptoSwapParameters,
    CryptoSwapState, TwoCryptoBuild, TwocryptoNgBuild, closed_form, narrow, newton, roots,
};
use crate::{PoolError, SharePool, SwapAmount, Trade};

const WAD: u128 = 1_000_000_000_000_000_000;
const DAY: u64 = 86_400;
const START: u64 = 1_700_000_000;
const ALL: [CryptoGeneration; 9] = CryptoGeneration::ALL;
const FACTORY: CryptoGeneration = CryptoGeneration::TwoCrypto(TwoCryptoBuild::Factory);
const NEWEST: CryptoGeneration = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0);

fn empty_state(generation: CryptoGeneration) -> CryptoSwapState {
    let count = generation.coins();
    let shape = if count == 2 {
        AGamma { a: 400_000, gamma: 145_000_000_000_000 }
    } else {
        AGamma { a: 1_707_629, gamma: 11_809_167_828_997 }
    };
    let prices: Vec<_> = [30_000 * WAD, 2_000 * WAD].map(U256::from).into_iter().collect();
    let prices = prices[..count - 1].to_vec();
    let none = TokenAmounts::zero(count).unwrap();
    CryptoSwapState {
        generation,
        decimals: vec![6, 8, 18][..count].to_vec(),
        balances: none,
        holdings: none,
        total_supply: Amount::ZERO,
        initial_a_gamma: shape,
        initial_a_gamma_time: Timestamp(0),
        future_a_gamma: shape,
        future_a_gamma_time: Timestamp(0),
        parameters: CryptoSwapParameters {
            mid_fee: 3_000_000,
            out_fee: 30_000_000,
            fee_gamma: 500_000_000_000_000,
            admin_fee: 5_000_000_000,
            allowed_extra_profit: 2_000_000_000_000,
            adjustment_step: 490_000_000_000_000,
            ma_time: 600,
        },
        price_scale: prices.clone(),
        price_oracle: prices.clone(),
        last_prices: prices,
        last_prices_timestamp: Timestamp(START),
        invariant: U256::ZERO,
        xcp_profit: U256::ZERO,
        xcp_profit_a: U256::from(WAD),
        virtual_price: U256::ZERO,
        not_adjusted: false,
        has_fee_receiver: true,
        last_admin_fee_claim_timestamp: Timestamp(0),
        admin_lp_virtual_balance: Amount::ZERO,
    }
}

fn amounts(values: &[u128]) -> TokenAmounts {
    let amounts: Vec<_> = values.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&amounts).unwrap()
}

/// Thirty millions of the first coin, as much of each other.
fn funds(generation: CryptoGeneration) -> TokenAmounts {
    let all = [30_000_000_000_000, 100_000_000_000, 15_000 * WAD];
    amounts(&all[..generation.coins()])
}

fn funded(generation: CryptoGeneration) -> CryptoSwap {
    let mut pool = CryptoSwap::new(&empty_state(generation)).unwrap();
    pool.add_liquidity(&funds(generation), Timestamp(START)).unwrap();
    pool
}

fn pair(input: u8, output: u8) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

/// Trades back and forth, so that there is profit, a history, and time has passed.
fn traded(generation: CryptoGeneration) -> (CryptoSwap, Timestamp) {
    let mut pool = funded(generation);
    let mut at = Timestamp(START);
    for _ in 0..30 {
        at.0 += 120;
        let quote = pool.exchange(pair(0, 1), Amount::from_u128(700_000_000_000), at).unwrap();
        at.0 += 120;
        pool.exchange(pair(1, 0), quote.amount_out, at).unwrap();
    }
    (pool, at)
}

#[test]
fn a_state_comes_back_as_it_was() {
    for generation in ALL {
        let (pool, _) = traded(generation);
        assert_eq!(CryptoSwap::new(&pool.state()).unwrap(), pool);
        assert_eq!(pool.generation(), generation);
    }
}

#[test]
fn a_state_outside_the_bounds_is_refused_by_name() {
    type Change = fn(&mut CryptoSwapState);
    let changes: [(&str, Change); 17] = [
        ("`decimals`", |state| state.decimals.truncate(1)),
        ("`balances`", |state| state.balances = amounts(&[1])),
        ("`decimals[0]`", |state| state.decimals[0] = 19),
        ("`price_scale`", |state| state.price_scale.clear()),
        ("`price_scale[0]`", |state| state.price_scale[0] = U256::ZERO),
        ("`price_oracle`", |state| state.price_oracle.push(U256::ONE)),
        ("`last_prices`", |state| state.last_prices.clear()),
        ("`holdings[0]`", |state| state.balances.as_mut_slice()[0] = Amount::from_u64(1)),
        ("`initial_a_gamma.a`", |state| state.initial_a_gamma.a = 0),
        ("`initial_a_gamma.gamma`", |state| state.initial_a_gamma.gamma = u64::MAX),
        ("`future_a_gamma.a`", |state| state.future_a_gamma.a = u64::MAX),
        ("`future_a_gamma.gamma`", |state| state.future_a_gamma.gamma = 1),
        ("`mid_fee`", |state| state.parameters.mid_fee = state.parameters.out_fee + 1),
        ("`out_fee`", |state| state.parameters.out_fee = 10_000_000_001),
        ("`fee_gamma`", |state| state.parameters.fee_gamma = 0),
        ("`admin_fee`", |state| state.parameters.admin_fee = 10_000_000_001),
        ("`ma_time`", |state| state.parameters.ma_time = 0),
    ];
    for generation in ALL {
        for (name, change) in changes {
            let mut state = empty_state(generation);
            change(&mut state);
            let error = CryptoSwap::new(&state).unwrap_err();
            assert_eq!(error.field.to_string(), name, "{generation:?}");
        }
    }
    let mut state = empty_state(CryptoGeneration::TricryptoNg);
    state.not_adjusted = true;
    assert_eq!(CryptoSwap::new(&state).unwrap_err().field.name, "not_adjusted");
}

#[test]
fn a_share_is_at_first_worth_one_of_the_invariant() {
    for generation in ALL {
        let pool = funded(generation);
        let price = pool.get_virtual_price().unwrap();
        assert!(price.abs_diff(U256::from(WAD)) <= U256::ONE, "{generation:?}: {price}");
    }
}

#[test]
fn there_and_back_never_pays() {
    for generation in ALL {
        for amount in [1_000_u128, 1_000_000, 1_000_000_000, 3_000_000_000_000] {
            let mut pool = funded(generation);
            let at = Timestamp(START + 12);
            let paid = Amount::from_u128(amount);
            let Ok(there) = pool.exchange(pair(0, 1), paid, at) else { continue };
            let Ok(back) = pool.exchange(pair(1, 0), there.amount_out, at) else { continue };
            assert!(back.amount_out <= paid, "{generation:?}: {amount}");
        }
    }
}

#[test]
fn a_share_gains_by_trades_and_administrators_take_their_part() {
    for generation in ALL {
        let (mut pool, at) = traded(generation);
        if matches!(generation, CryptoGeneration::TwocryptoNg(_)) {
            let claim = pool.claim_admin_fees(at);
            assert_eq!(claim, Err(CryptoSwapError::NoSuchCall));
            continue;
        }
        let supply = pool.total_shares();
        assert!(pool.state().xcp_profit > U256::from(WAD));
        pool.claim_admin_fees(at).unwrap();
        let state = pool.state();
        assert!(pool.total_shares() > supply, "{generation:?}");
        assert!(pool.get_virtual_price().unwrap() > U256::from(WAD), "{generation:?}");
        assert_eq!(state.xcp_profit, state.xcp_profit_a, "{generation:?}");
    }
}

#[test]
fn an_exact_output_costs_the_least_input_that_gives_it() {
    for generation in ALL {
        let pool = funded(generation);
        let at = Timestamp(START);
        for wanted in [1_u128, 12_345, 1_000_000_000] {
            let amount = SwapAmount::ExactOut(Amount::from_u128(wanted));
            let quote = pool.quote(&Trade { pair: pair(0, 1), amount }, at).unwrap();
            assert!(quote.amount_out >= Amount::from_u128(wanted));
            let less = Amount(quote.amount_in.0 - U256::ONE);
            let less = pool.quote_exchange(pair(0, 1), less, at);
            assert!(less.is_err() || less.unwrap().amount_out < Amount::from_u128(wanted));
        }
        let amount = SwapAmount::ExactOut(Amount::from_u128(100_000_000_000));
        let all = pool.quote(&Trade { pair: pair(0, 1), amount }, at);
        assert_eq!(all, Err(PoolError::OutputOutOfReach), "{generation:?}");
    }
}

/// The price of an amount so small that the price stands still, before the fee.
#[test]
fn the_price_at_the_margin_is_that_of_a_small_swap() {
    for generation in ALL {
        let mut pool = funded(generation);
        let at = Timestamp(START);
        pool.exchange(pair(0, 1), Amount::from_u128(2_000_000_000_000), at).unwrap();
        for (input, output, amount) in [(0, 1, 10_000_000_000_u128), (1, 0, 30_000_000)] {
            let paid = Amount::from_u128(amount);
            let quote = pool.quote_exchange(pair(input, output), paid, at).unwrap();
            let gross = quote.amount_out.0 + quote.fee.amount.0;
            let price = pool.spot_price(pair(input, output), at).unwrap();
            let expected = price.convert(paid).unwrap().0;
            // The swap moves the price a little against itself.
            assert!(gross <= expected, "{generation:?}: {gross} {expected}");
            let apart = (expected - gross) * U256::from(1_000) / expected;
            assert!(apart < U256::from(10), "{generation:?}: {gross} {expected}");
        }
    }
}

#[test]
fn an_emptied_old_pool_is_dead() {
    for generation in ALL {
        let mut pool = funded(generation);
        let at = Timestamp(START);
        let all = pool.total_shares();
        pool.remove_liquidity(all, ClaimFirst::Yes, at).unwrap();
        let again = pool.add_liquidity(&funds(generation), at);
        if generation.is_ng() {
            assert_eq!(again, Ok(all));
        } else {
            assert_eq!(again, Err(CryptoSwapError::NothingMinted.into()));
            assert!(!pool.balances().is_zero());
        }
    }
}

#[test]
fn a_withdrawal_in_one_coin_skips_the_check_for_loss() {
    for generation in ALL.into_iter().filter(|generation| !generation.is_ng()) {
        // A virtual price that no operation can keep up.
        let mut state = traded(generation).0.state();
        state.virtual_price *= U256::from(2);
        state.xcp_profit = U256::from(4 * WAD);
        let mut pool = CryptoSwap::new(&state).unwrap();
        let at = state.last_prices_timestamp;
        let swap = pool.exchange(pair(0, 1), Amount::from_u128(1_000_000_000), at);
        assert_eq!(swap.unwrap_err(), CryptoSwapError::Loss);
        let shares = Amount(pool.total_shares().0 / U256::from(100));
        pool.remove_liquidity_one_coin(shares, TokenIndex(0), at).unwrap();
        assert_eq!(pool.state().future_a_gamma_time, Timestamp(0));
    }
}

#[test]
fn tricrypto2_quotes_stale_d_during_a_ramp() {
    for generation in ALL {
        let (mut pool, at) = traded(generation);
        let AGamma { a, gamma } = pool.a_gamma(at).unwrap();
        let future = AGamma { a: a * 2, gamma: gamma * 2 };
        pool.ramp_a_gamma(future, Timestamp(at.0 + 10 * DAY), at).unwrap();
        let later = Timestamp(at.0 + 5 * DAY);
        let amount = Amount::from_u128(1_000_000_000_000);
        let quoted = pool.get_dy(pair(0, 1), amount, later).unwrap();
        let made = pool.exchange(pair(0, 1), amount, later).unwrap().amount_out;
        assert_eq!(quoted == made, generation != CryptoGeneration::Tricrypto2);
    }
}

#[test]
fn a_withdrawal_from_ng_lets_go_of_gifts() {
    let (mut pool, at) = traded(CryptoGeneration::TricryptoNg);
    let gift = amounts(&[1_000_000_000, 0, 0]);
    pool.give(&gift).unwrap();
    let before = pool;
    let shares = Amount(pool.total_shares().0 / U256::from(10));
    pool.remove_liquidity(shares, ClaimFirst::Yes, at).unwrap();
    let state = pool.state();
    let loose = state.holdings.checked_sub(&state.balances).unwrap();
    assert_eq!(loose, gift);
    // A claim alone makes them the pool's.
    let mut claimed = before;
    claimed.claim_admin_fees(at).unwrap();
    assert_eq!(claimed.state().holdings, claimed.balances());
}

#[test]
fn twocrypto_ng_pays_its_administrators_in_coins() {
    for build in [TwocryptoNgBuild::V2_0_0, TwocryptoNgBuild::V2_1_0] {
        let (mut pool, at) = traded(CryptoGeneration::TwocryptoNg(build));
        pool.add_liquidity(&amounts(&[1_000_000_000_000, 0, 0][..2]), at).unwrap();
        assert!(!pool.state().admin_lp_virtual_balance.is_zero());
        let (shares, before) = (pool.total_shares(), pool.state());
        let burned = Amount(shares.0 / U256::from(1000));
        let paid = pool.remove_liquidity_one_coin(burned, TokenIndex(0), at).unwrap();
        let state = pool.state();
        assert_eq!(state.last_admin_fee_claim_timestamp, at);
        assert!(state.admin_lp_virtual_balance.is_zero());
        assert_eq!(state.total_supply.0 + burned.0, shares.0);
        let left = before.balances.checked_sub(&state.balances).unwrap();
        assert!(left.as_slice()[0] > paid && !left.as_slice()[1].is_zero());
        // Not again within a day.
        let before = pool.state();
        pool.exchange(pair(0, 1), Amount::from_u128(1_000_000_000_000), at).unwrap();
        pool.remove_liquidity_one_coin(burned, TokenIndex(0), at).unwrap();
        assert!(pool.state().xcp_profit_a == before.xcp_profit_a);
    }
}

#[test]
fn all_that_was_given_is_swapped() {
    let mut pool = funded(NEWEST);
    let at = Timestamp(START);
    let given = Amount::from_u128(2_000_000_000);
    pool.give(&amounts(&[2_000_000_000, 0])).unwrap();
    let more = Amount(given.0 + U256::ONE);
    let short = pool.exchange_received(pair(0, 1), more, at);
    assert_eq!(short, Err(CryptoSwapError::NotGiven));
    let quote = pool.quote_exchange(pair(0, 1), given, at).unwrap();
    let made = pool.exchange_received(pair(0, 1), Amount::from_u64(1), at).unwrap();
    assert_eq!(made, quote);
    assert_eq!(pool.state().holdings, pool.balances());
    let again = pool.exchange_received(pair(0, 1), Amount::ZERO, at);
    assert_eq!(again, Err(CryptoSwapError::NothingPaidIn));
    let mut older = funded(FACTORY);
    let none = older.exchange_received(pair(0, 1), Amount::ZERO, at);
    assert_eq!(none, Err(CryptoSwapError::NoSuchCall));
}

/// Half the pools that were there before the factory moved only by `adjustment_step`, or at least
/// a tenth of the way.
#[test]
fn each_old_pool_of_two_goes_its_own_part_of_the_way() {
    let moved = |build: TwoCryptoBuild| {
        let mut state = traded(CryptoGeneration::TwoCrypto(build)).0.state();
        // Profit enough for a move, and an oracle a tenth above.
        state.xcp_profit = U256::from(WAD + WAD / 1000);
        state.virtual_price = U256::from(WAD + WAD / 100);
        state.invariant = U256::ZERO;
        state.price_oracle[0] = state.price_scale[0] / U256::from(10) * U256::from(11);
        state.last_prices[0] = state.price_oracle[0];
        state.future_a_gamma_time = Timestamp(1);
        state.total_supply.0 = state.total_supply.0 / U256::from(102) * U256::from(100);
        state.xcp_profit_a = state.xcp_profit;
        state.not_adjusted = true;
        let before = state.price_scale[0];
        let mut pool = CryptoSwap::new(&state).unwrap();
        let at = state.last_prices_timestamp;
        pool.exchange(pair(0, 1), Amount::from_u128(1_000_000_000), at).unwrap();
        (pool.state().price_scale[0] - before) * U256::from(100_000) / before
    };
    assert_eq!(moved(TwoCryptoBuild::Eurt), U256::from(49));
    assert_eq!(moved(TwoCryptoBuild::Crv), U256::from(999));
    assert_eq!(moved(TwoCryptoBuild::Cvx), U256::from(999));
    assert_eq!(moved(TwoCryptoBuild::Euroc), U256::from(999));
    assert_eq!(moved(TwoCryptoBuild::Factory), U256::from(1999));
}

#[test]
fn a_ramp_takes_a_day_and_at_most_a_factor_of_ten() {
    for generation in ALL {
        let (mut pool, at) = traded(generation);
        let now = pool.a_gamma(at).unwrap();
        let end = |days: u64| Timestamp(at.0 + days * DAY);
        let far = AGamma { a: now.a * 10 + 1, gamma: now.gamma };
        let out = pool.ramp_a_gamma(far, end(1), at);
        assert_eq!(out, Err(CryptoSwapError::RampOutOfBounds));
        let early = pool.ramp_a_gamma(now, Timestamp(at.0 + DAY - 1), at);
        assert_eq!(early, Err(CryptoSwapError::RampTooShort));
        let future = AGamma { a: now.a * 3, gamma: now.gamma * 2 };
        pool.ramp_a_gamma(future, end(2), at).unwrap();
        let again = pool.ramp_a_gamma(future, end(9), Timestamp(at.0 + DAY - 1));
        if generation == NEWEST {
            assert_eq!(again, Err(CryptoSwapError::RampUnderway));
        } else {
            assert_eq!(again, Err(CryptoSwapError::RampTooSoon));
        }
        let half = pool.a_gamma(end(1)).unwrap();
        assert_eq!(half, AGamma { a: now.a * 2, gamma: now.gamma * 3 / 2 });
        pool.stop_ramp_a_gamma(end(1)).unwrap();
        assert_eq!(pool.a_gamma(end(100)).unwrap(), half);
    }
}

/// Numbers that others published: curvefi/tricrypto-ng `tests/unitary/math/test_cbrt.py` at
/// 5156b1365a475d3fdced828760630e1c612fb003.
#[test]
fn roots_and_powers_are_those_published() {
    let wad = |value: u64| U256::from(value) * U256::from(WAD);
    let cases = [
        (wad(9), 2_080_083_823_051_904_114),
        (wad(8), 2_000_000_000_000_000_000),
        (wad(1), 1_000_000_000_000_000_000),
        (U256::ONE, 1_000_000_000_000_u64),
    ];
    for (number, root) in cases {
        assert_eq!(roots::wad_cbrt(number), U256::from(root));
    }
    assert_eq!(roots::exp_of_minus(U256::ZERO), Ok(wad(1)));
    for (power, value) in [(1, 500_000_000_000_000_000), (3, 125_000_000_000_000_000_u64)] {
        assert_eq!(roots::half_to_the(wad(power)), Ok(U256::from(value)));
    }
    let nearly = roots::half_to_the(U256::from(WAD / 2)).unwrap();
    // The square root of a half, to the eight places that the series goes to.
    assert!(
        nearly.abs_diff(U256::from(707_106_781_186_547_524_u64)) < U256::from(20_000_000_000_u64)
    );
}

/// Its model, solmate's `wadExp`, takes out powers of two by rounding down, which keeps what is
/// left small; Vyper's division goes towards zero, and what is left is then up to a whole unit.
#[test]
fn the_ng_oracle_s_exponential_is_the_deployed_one() {
    // The 51st figure of e^-1 in 10^-18, and powers on either side of where it gives up.
    let found = roots::exp_of_minus(U256::from(WAD)).unwrap();
    assert_eq!(found, U256::from(367_879_441_171_442_321_u64));
    let last = U256::from(42_139_678_854_452_767_550_u128);
    assert_eq!(roots::exp_of_minus(last).unwrap(), U256::ZERO);
    assert_eq!(roots::exp_of_minus(last + U256::ONE).unwrap(), U256::ZERO);
    assert_eq!(roots::exp_of_minus(U256::ZERO).unwrap(), U256::from(WAD));
}

#[test]
fn only_the_contracts_own_strings_are_reasons() {
    let (two, ng) = (FACTORY, CryptoGeneration::TricryptoNg);
    assert_eq!(CryptoSwapError::Loss.reason(NEWEST), None);
    assert_eq!(CryptoSwapError::Loss.reason(two), Some("Loss"));
    assert_eq!(CryptoSwapError::UnsafeA.reason(two), None);
    assert_eq!(CryptoSwapError::UnsafeA.reason(ng), None);
    assert_eq!(CryptoSwapError::Overflow.reason(ng), None);
}

/// Any 256 bits, and the small and the huge more often than chance has it.
fn word() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0_usize..=256)
        .prop_map(|(limbs, shift)| U256::from_limbs(limbs).wrapping_shr(shift))
}

prop_compose! {
    fn absurd_state()(
        generation in prop::sample::select(ALL.to_vec()),
        words in prop::collection::vec(word(), 16),
        decimals in prop::collection::vec(0_u8..=18, 3),
        times in any::<[u64; 3]>(),
        not_adjusted in any::<bool>(),
    ) -> CryptoSwapState {
        let mut state = empty_state(generation);
        let count = generation.coins();
        let narrow = |word: U256| word.wrapping_shr(129).max(U256::ONE);
        state.decimals = decimals[..count].to_vec();
        for coin in 0..count {
            state.balances.as_mut_slice()[coin] = Amount(words[coin]);
            state.holdings.as_mut_slice()[coin] = Amount(words[coin].max(words[coin + 3]));
        }
        for place in 0..count - 1 {
            state.price_scale[place] = narrow(words[6 + place]);
            state.price_oracle[place] = narrow(words[8 + place]);
            state.last_prices[place] = narrow(words[10 + place]);
        }
        state.total_supply = Amount(words[12]);
        state.invariant = words[13];
        state.xcp_profit = words[14];
        state.virtual_price = words[15];
        state.initial_a_gamma_time = Timestamp(times[0]);
        state.future_a_gamma_time = Timestamp(times[1]);
        state.last_prices_timestamp = Timestamp(times[2]);
        state.not_adjusted = not_adjusted && !generation.is_ng();
        if generation == NEWEST {
            state.admin_lp_virtual_balance = Amount(words[8]);
        }
        state
    }
}

proptest! {
    /// Nothing panics, whatever the state, and what is refused changes nothing.
    #[test]
    fn absurd_states_are_refused_or_answered(
        state in absurd_state(), amount in word(), at in any::<u64>(), i in 0_u8..4, j in 0_u8..4,
    ) {
        let pool = CryptoSwap::new(&state).unwrap();
        let at = Timestamp(at);
        let count = pool.balances().len();
        let one = TokenAmounts::of(count, TokenIndex(i), Amount(amount));
        let one = one.unwrap_or(TokenAmounts::zero(count).unwrap());
        let unchanged = |after: CryptoSwap, failed: bool| !failed || after == pool;
        let mut after = pool;
        let failed = after.exchange(pair(i, j), Amount(amount), at).is_err();
        prop_assert!(unchanged(after, failed));
        let mut after = pool;
        let failed = after.add_liquidity(&one, at).is_err();
        prop_assert!(unchanged(after, failed));
        let mut after = pool;
        let failed = after.remove_liquidity(Amount(amount), ClaimFirst::Yes, at).is_err();
        prop_assert!(unchanged(after, failed));
        let mut after = pool;
        let failed = after.remove_liquidity_one_coin(Amount(amount), TokenIndex(i), at).is_err();
        prop_assert!(unchanged(after, failed));
        let mut after = pool;
        let failed = after.claim_admin_fees(at).is_err();
        prop_assert!(unchanged(after, failed));
        let _ = pool.get_dx(pair(i, j), Amount(amount), at);
        let _ = pool.calc_token_amount(&one, j == 0, at);
        let _ = pool.spot_price(pair(i, j), at);
        let _ = pool.lp_price(at);
        let _ = pool.price_oracle(TokenIndex(i), at);
        let exact_out = SwapAmount::ExactOut(Amount(amount));
        let _ = pool.quote(&Trade { pair: pair(i, j), amount: exact_out }, at);
    }

    /// A share's value does not fall by a swap, and the quote is what the swap gives.
    #[test]
    fn a_swap_gives_its_quote_and_costs_no_provider(
        generation in prop::sample::select(ALL.to_vec()),
        parts in 1_u64..1_000_000, i in 0_u8..3, step in 1_u8..3,
    ) {
        let (mut pool, at) = traded(generation);
        let count = u8::try_from(pool.balances().len()).unwrap();
        let (i, j) = (i % count, (i + step) % count);
        prop_assume!(i != j);
        let held = pool.balances().get(TokenIndex(i)).unwrap().0;
        let paid = Amount(held * U256::from(parts) / U256::from(10_000_000));
        let (before, supply) = (pool.state().xcp_profit, pool.total_shares());
        let quote = pool.quote_exchange(pair(i, j), paid, at);
        if let Ok(made) = pool.exchange(pair(i, j), paid, at) {
            prop_assert_eq!(Ok(made), quote);
            let is_claimed = pool.total_shares() != supply;
            prop_assert!(is_claimed || pool.state().xcp_profit >= before);
        }
    }
}

/// `10^places` and up to ten times that.
fn about(places: std::ops::Range<u32>) -> impl Strategy<Value = U256> {
    (places, 1_000_u64..10_000).prop_map(|(places, thousandths)| {
        U256::from(10).pow(U256::from(places)) / U256::from(1_000) * U256::from(thousandths)
    })
}

proptest! {
    #[test]
    fn narrow_rounds_find_what_wide_ones_do(
        a in 2_700_u64..4_000_000_000,
        gamma in 10_000_000_000_u64..50_000_000_000_000_000,
        d in about(17..33),
        other in 1_u64..200_000,
        count in 2_u64..4,
    ) {
        let shape = newton::Shape { a: U256::from(a), gamma: U256::from(gamma) };
        let other = d / U256::from(1_000) * U256::from(other);
        let wad = U256::from(WAD);
        let others = newton::Others {
            count: U256::from(count),
            k0: wad * U256::from(2) * other / d,
            sum: other,
            guess: d / U256::from(4) * d / other.max(U256::ONE),
            rounds: newton::Rounds::Plain,
            convergence: (d.max(other) / U256::from(100_000_000_000_000_u64)).max(U256::from(100)),
        };
        let wide = newton::wide_balance(&shape, d, &others);
        match narrow::balance(&shape, d, &others) {
            Some(found) => prop_assert_eq!(wide, Ok(found)),
            // Only numbers too wide, or what the contract refuses, are left to the words.
            None => prop_assert!(
                wide.is_err() || gamma < 100_000_000_000_000 || d > U256::from(10_000_000 * WAD)
            ),
        }
    }
}

#[test]
fn ng_prices_are_the_deployed_maths_own() {
    // Worked out with whole numbers of Python from the deployed `get_p`.
    let shape =
        newton::Shape { a: U256::from(1_707_629), gamma: U256::from(11_809_167_828_997_u64) };
    let xp = [1_000_000 * WAD, 1_100_000 * WAD, 950_000 * WAD].map(U256::from);
    let d = closed_form::invariant(&shape, xp, U256::ZERO).unwrap();
    assert_eq!(d, U256::from(3_044_685_015_011_929_870_918_993_u128));
    let found = closed_form::marginal_prices(&shape, xp, 3, d).unwrap();
    assert_eq!(found, [911_023_936_859_251_348_u64, 1_051_512_457_607_801_850_u64].map(U256::from));
}
