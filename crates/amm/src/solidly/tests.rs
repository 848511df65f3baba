use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{SolidlyBuild, SolidlyError, SolidlyHolder, SolidlyPool, SolidlyState};
use crate::constant_product::{Holder, PairSwap, Recipient};
use crate::{PoolError, PriceRatio, SharePool, StateError, SwapAmount, Trade};

const ONE: u128 = 1_000_000_000_000_000_000;
const AT: Timestamp = Timestamp(1_700_000_000);
const ALICE: Holder = Holder::Account([1; 20]);
const BOB: Holder = Holder::Account([2; 20]);
const PAIR: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };

fn raw(amount: u128) -> Amount {
    Amount::from_u128(amount)
}

fn both(amount0: u128, amount1: u128) -> Amounts {
    Amounts { amount0: raw(amount0), amount1: raw(amount1) }
}

/// A pool with Alice's deposit of so many whole tokens of both.
fn pool(build: SolidlyBuild, is_stable: bool, decimals: [u8; 2], whole: u128) -> SolidlyPool {
    let mut pool = SolidlyPool::empty(build, is_stable, 1, decimals).unwrap();
    let [amount0, amount1] = decimals.map(|decimals| whole * 10_u128.pow(u32::from(decimals)));
    pool.give(both(amount0, amount1)).unwrap();
    pool.mint(ALICE, AT).unwrap();
    pool
}

fn velodrome(is_stable: bool) -> SolidlyPool {
    pool(SolidlyBuild::Velodrome2, is_stable, [18, 18], 1_000_000)
}

fn swap(pool: &mut SolidlyPool, input: Side, amount: u128) -> Result<Amount, SolidlyError> {
    let out = pool.amount_out(raw(amount), input)?;
    let swap = PairSwap {
        out: Amounts::of(input.other(), out),
        to: Recipient::Outside,
        paid: Amounts::of(input, raw(amount)),
    };
    pool.swap(swap, AT).map(|_| out)
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug, E: Copy + PartialEq + std::fmt::Debug>(
    pool: &SolidlyPool,
    expected: E,
    operation: impl FnOnce(&mut SolidlyPool) -> Result<T, E>,
) {
    let mut after = pool.clone();
    assert_eq!(operation(&mut after).unwrap_err(), expected);
    assert_eq!(&after, pool, "a refused operation changes nothing");
}

#[test]
fn fees_are_set_apart_and_claimed_by_share() {
    let mut pool = velodrome(false);
    pool.set_fee(30).unwrap();
    pool.transfer(ALICE, BOB, raw(250_000 * ONE)).unwrap();
    swap(&mut pool, Side::Token0, 1000 * ONE).unwrap();
    assert_eq!(pool.fees(), both(3 * ONE, 0));
    // A quarter of the fee, less what the index of 18 decimals cannot say.
    assert_eq!(pool.claimable(BOB), Ok(both(3 * ONE / 4, 0)));
    pool.transfer(BOB, ALICE, raw(250_000 * ONE)).unwrap();
    swap(&mut pool, Side::Token1, 1000 * ONE).unwrap();
    assert_eq!(pool.claim_fees(BOB), Ok(both(3 * ONE / 4, 0)));
    assert_eq!(pool.claim_fees(BOB), Ok(Amounts::ZERO));
    // Alice misses what the locked thousand earned.
    assert_eq!(pool.claimable(ALICE), Ok(both(9 * ONE / 4 - 1, 3 * ONE - 1)));
    check_refused(&pool, StateError::of("fee", "0 to 300"), |pool| pool.set_fee(301));
}

#[test]
fn fees_of_shares_sent_to_the_pool_are_lost() {
    let mut pool = velodrome(true);
    pool.transfer(ALICE, Holder::Pair, raw(500_000 * ONE)).unwrap();
    swap(&mut pool, Side::Token0, 10_000 * ONE).unwrap();
    pool.burn(Recipient::Outside, AT).unwrap();
    assert_eq!(pool.holder(Holder::Pair).claimable0, raw(ONE / 2));
    assert_eq!(pool.holder(Holder::Pair).shares, Amount::ZERO);
}

#[test]
fn the_last_step_is_judged_by_amounts_scaled_twice() {
    let quote = |decimals, reserve0| {
        let mut pool = SolidlyPool::empty(SolidlyBuild::Velodrome2, true, 100, decimals).unwrap();
        pool.give(both(reserve0, 3_222_874_834_240_391)).unwrap();
        pool.sync(AT).unwrap();
        pool.amount_out(raw(213_888_662_665), Side::Token1)
    };
    // The same pool twice, but for the decimals that token0 is written with.
    assert_eq!(
        quote([18, 18], 96_826_210_850_000_000_000_000_000),
        Ok(raw(2_120_470_232_842_743_340_516))
    );
    assert_eq!(quote([2, 18], 9_682_621_085), Err(SolidlyError::Overflow));
}

#[test]
fn the_first_build_can_refuse_its_own_quote() {
    let mut pool = SolidlyPool::empty(SolidlyBuild::Solidly, true, 1, [18, 18]).unwrap();
    pool.give(both(733_524_241_868_927_180_044_664, 731_359_297_483_129_112_089_615)).unwrap();
    pool.mint(ALICE, AT).unwrap();
    check_refused(&pool, SolidlyError::K, |pool| swap(pool, Side::Token0, 77));
}

#[test]
fn first_deposits_of_stable_pools_have_rules() {
    let mut pool = SolidlyPool::empty(SolidlyBuild::Velodrome2, true, 5, [18, 6]).unwrap();
    pool.give(both(ONE, 1_000_001)).unwrap();
    check_refused(&pool, SolidlyError::DepositsNotEqual, |pool| pool.mint(ALICE, AT));
    pool.skim(Recipient::Outside).unwrap();
    pool.give(both(5_000_000_000_000, 5)).unwrap();
    check_refused(&pool, SolidlyError::BelowMinimumK, |pool| pool.mint(ALICE, AT));
    let mut first = SolidlyPool::empty(SolidlyBuild::Solidly, true, 1, [18, 6]).unwrap();
    first.give(both(ONE, 1_000_001)).unwrap();
    assert!(first.mint(ALICE, AT).is_ok());
    assert_eq!(SolidlyError::K.reason(SolidlyBuild::Solidly), Some("K"));
    let minted = SolidlyError::InsufficientLiquidityMinted;
    assert_eq!(minted.reason(SolidlyBuild::Solidly), Some("ILM"));
    assert_eq!(minted.reason(SolidlyBuild::Velodrome2), Some("InsufficientLiquidityMinted"));
}

#[test]
fn a_state_that_no_pool_can_have_is_refused_by_field() {
    let mut pool = velodrome(true);
    pool.transfer(ALICE, BOB, raw(ONE)).unwrap();
    swap(&mut pool, Side::Token0, ONE).unwrap();
    let good = pool.state();
    assert_eq!(SolidlyPool::new(&good).as_ref(), Ok(&pool));
    let with = |change: &dyn Fn(&mut SolidlyState)| {
        let mut state = good.clone();
        change(&mut state);
        SolidlyPool::new(&state).unwrap_err()
    };
    let balance = "the reserve or more";
    let index = "indexes no larger than the pool's";
    let sum = "shares that add up to no more than 2^256 - 1";
    assert_eq!(with(&|state| state.fee = 301), StateError::of("fee", "0 to 300"));
    assert_eq!(with(&|state| state.decimals0 = 78), StateError::of("decimals0", "0 to 77"));
    assert_eq!(with(&|state| state.decimals1 = 78), StateError::of("decimals1", "0 to 77"));
    assert_eq!(with(&|state| state.balance0 = Amount::ZERO), StateError::of("balance0", balance));
    assert_eq!(with(&|state| state.balance1 = Amount::ZERO), StateError::of("balance1", balance));
    assert_eq!(
        with(&|state| state.locked.supply_index0 = U256::MAX),
        StateError::of("locked", index)
    );
    assert_eq!(
        with(&|state| {
            let holder = SolidlyHolder { shares: Amount::MAX, ..SolidlyHolder::default() };
            state.accounts.insert([3; 20], holder);
        }),
        StateError::of("accounts", sum)
    );
}

#[test]
fn shares_of_nobody_in_particular_come_and_go() {
    let mut pool = SolidlyPool::empty(SolidlyBuild::Velodrome2, true, 5, [18, 6]).unwrap();
    assert_eq!(pool.virtual_price(AT), Err(SolidlyError::DivisionByZero.into()));
    let price = pool.spot_price(PAIR, AT);
    assert_eq!(price, Err(PoolError::Solidly(SolidlyError::DivisionByZero)));
    let amounts = TokenAmounts::from_array([raw(1000 * ONE), raw(1_000_000_000)]);
    let minted = pool.deposit(&amounts, AT).unwrap();
    assert_eq!(pool.balances(), amounts);
    let price = pool.spot_price(PAIR, AT).unwrap();
    assert_eq!(price.convert(raw(ONE)), Some(raw(1_000_000)), "in balance, one for one");
    let trade = Trade { pair: PAIR, amount: SwapAmount::ExactIn(raw(ONE)) };
    let quote = SharePool::swap(&mut pool, &trade, AT).unwrap();
    assert_eq!(quote.fee.amount, raw(ONE / 2000));
    let back = pool.withdraw(minted, AT).unwrap();
    assert!(back.as_slice()[0] > amounts.as_slice()[0]);
    assert_eq!(pool.total_shares(), raw(1000), "the minimum stays");
    let volatile = velodrome(false);
    let ratio = U256::from(1_000_000 * ONE);
    assert_eq!(volatile.spot_price(PAIR, AT), Ok(PriceRatio { output: ratio, input: ratio }));
    assert_eq!(volatile.virtual_price(AT), Ok(raw(ONE)));
    let three = TokenAmounts::zero(3).unwrap();
    check_refused(&volatile, PoolError::WrongTokenCount, |pool| pool.deposit(&three, AT));
    let alone = Trade { pair: TokenPair { input: TokenIndex(1), ..PAIR }, ..trade };
    check_refused(&volatile, PoolError::NoSuchPair, |pool| SharePool::swap(pool, &alone, AT));
    let refused = PoolError::from(SolidlyError::InsufficientBalance);
    check_refused(&volatile, refused, |pool| pool.withdraw(raw(1), AT));
    check_refused(&pool, SolidlyError::Overflow, |pool| pool.sync(Timestamp(1)));
}

proptest! {
    #[test]
    fn a_swap_gives_what_was_quoted_and_the_invariant_never_falls(
        is_stable in any::<bool>(),
        (whole, decimals) in (1_u128..1 << 30, 4_u8..19),
        (amount, shift, out) in (1_u128..1 << 90, 0_u32..90, any::<bool>()),
        reverse in any::<bool>(),
    ) {
        let mut pool = pool(SolidlyBuild::Velodrome2, is_stable, [18, decimals], whole);
        let amount = raw((amount >> shift).max(1));
        let amount = if out { SwapAmount::ExactOut(amount) } else { SwapAmount::ExactIn(amount) };
        let pair = TokenPair { input: PAIR.output, output: PAIR.input };
        let trade = Trade { pair: if reverse { pair } else { PAIR }, amount };
        let before = pool.clone();
        let quoted = pool.quote(&trade, AT);
        match SharePool::swap(&mut pool, &trade, AT) {
            Ok(swapped) => {
                prop_assert_eq!(quoted, Ok(swapped));
                let price = |pool: &SolidlyPool| pool.virtual_price(AT).unwrap();
                prop_assert!(price(&pool) >= price(&before));
            }
            Err(_) => prop_assert_eq!(pool, before),
        }
    }

    #[test]
    fn an_exact_output_costs_the_least_input(
        is_stable in any::<bool>(),
        (whole, part) in (1_u128..1 << 30, 1_u128..1000),
    ) {
        let pool = pool(SolidlyBuild::Velodrome2, is_stable, [18, 6], whole);
        let wanted = raw(whole * 1000 * part);
        if let Ok(input) = pool.least_input(wanted, Side::Token0) {
            prop_assert!(pool.amount_out(input, Side::Token0).unwrap() >= wanted);
            let less = Amount(input.0 - U256::from(1));
            prop_assert!(pool.amount_out(less, Side::Token0).unwrap() < wanted);
        }
    }

    #[test]
    fn absurd_states_and_amounts_never_panic(
        limbs in any::<[[u64; 4]; 4]>(),
        shifts in any::<[u8; 4]>(),
        (is_stable, is_first, decimals) in (any::<bool>(), any::<bool>(), 0_u8..78),
    ) {
        let word = |index: usize| U256::from_limbs(limbs[index]) >> usize::from(shifts[index]);
        let build = if is_first { SolidlyBuild::Solidly } else { SolidlyBuild::Velodrome2 };
        let mut state = SolidlyPool::empty(build, is_stable, 300, [decimals, 18]).unwrap().state();
        (state.reserve0, state.reserve1) = (Amount(word(0)), Amount(word(1)));
        (state.balance0, state.balance1) = (Amount::MAX, Amount::MAX);
        (state.index0, state.index1) = (U256::MAX, word(1));
        state.others.shares = Amount(word(2));
        let pool = SolidlyPool::new(&state).unwrap();
        let amount = Amount(word(3));
        let all = TokenAmounts::from_array([amount; 2]);
        let check = |operation: &dyn Fn(&mut SolidlyPool) -> bool| {
            let mut after = pool.clone();
            assert!(operation(&mut after) || after == pool);
        };
        for exact in [SwapAmount::ExactIn(amount), SwapAmount::ExactOut(amount)] {
            let trade = Trade { pair: PAIR, amount: exact };
            check(&|pool| SharePool::swap(pool, &trade, AT).is_ok());
        }
        check(&|pool| pool.deposit(&all, AT).is_ok());
        check(&|pool| pool.withdraw(amount, AT).is_ok());
        check(&|pool| pool.mint(ALICE, AT).is_ok());
        check(&|pool| pool.claim_fees(Holder::Others).is_ok());
        check(&|pool| pool.sync(Timestamp(u64::MAX)).is_ok());
        let _ = (pool.virtual_price(AT), pool.spot_price(PAIR, AT));
    }
}
