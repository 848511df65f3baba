use tidemill_amm::concentrated::{Pool, Rounding};
use tidemill_model::Intent;
use tidemill_units::{Amounts, Side, TickRange};

use super::seeded::Seeded;
use super::synthetic_tape::{POOL, SyntheticTape, amounts, exact_in, full_range, range};
use crate::balance::{Balance, Readiness};

/// The share of a wallet, in parts per thousand by value, that stays behind when it is opened.
fn left_behind(pool: &Pool, held: TickRange, wallet: Amounts) -> u128 {
    let liquidity = pool.liquidity_for(held, wallet).expect("fits");
    let used = pool.amounts_of(held, liquidity, Rounding::Up).expect("a range");
    let value = |amounts: Amounts| {
        let of_token0 = pool.sqrt_price().convert(amounts.amount0, Side::Token0).expect("small");
        u128::try_from(of_token0.0 + amounts.amount1.0).expect("small")
    };
    let rest = wallet.checked_sub(used).unwrap_or(Amounts::ZERO);
    value(rest) * 1_000 / value(wallet)
}

/// Balances a wallet and returns it after the swap that was asked for, if any.
fn balanced(pool: &mut Pool, held: TickRange, wallet: Amounts, context: &str) -> Amounts {
    match Balance::default().swap(pool, POOL, held, wallet) {
        Readiness::Ready => wallet,
        Readiness::After(Intent::Swap { pool: id, pair, amount_in, min_amount_out }) => {
            assert_eq!(id, POOL);
            let input = pair.input_of_two().expect("a pool of two");
            let amount = u128::try_from(amount_in.0).expect("small");
            let request = exact_in(input, amount);
            let swapped = pool.stage_swap(request, &mut ()).expect("a swap").result().amounts;
            let received = swapped.get(input.other()).magnitude();
            assert!(min_amount_out <= received, "what was quoted is accepted, {context}");
            let least =
                received.0 * tidemill_units::U256::from(9_949) / tidemill_units::U256::from(10_000);
            assert!(min_amount_out.0 >= least, "half a percent less at most, {context}");
            let paid = Amounts::of(input, amount_in);
            let kept = wallet.checked_sub(paid).expect("no more than there is");
            kept.checked_add(Amounts::of(input.other(), received)).expect("small")
        }
        other @ (Readiness::After(_) | Readiness::NotNow) => panic!("{other:?}, {context}"),
    }
}

#[test]
fn a_balanced_wallet_goes_into_the_range_but_for_a_small_rest() {
    let mut random = Seeded(21);
    for round in 0..500 {
        let tick = random.between(-3_000, 3_000);
        let mut pool = SyntheticTape::deep_at_tick(tick).pool().clone();
        let lower = (tick + random.between(-900, 500)) / 60 * 60;
        let held = range(lower, lower + 60 * random.between(1, 40));
        let wallet = amounts(
            u128::from(random.below(1_000_000_000)),
            u128::from(random.below(1_000_000_000)),
        );
        let context = format!("round {round}: {wallet:?} into {held} at {tick}");
        let ready = balanced(&mut pool, held, wallet, &context);
        // 2 % may stay behind, and 0.3 % of the swap is its fee.
        let rest = left_behind(&pool, held, ready);
        assert!(rest <= 25, "{rest} of a thousand stay behind, {context}");
    }
}

#[test]
fn a_token_that_is_short_by_two_percent_is_near_enough() {
    let pool = SyntheticTape::deep_at_tick(0).pool().clone();
    let check = |wallet: Amounts, expected: bool| {
        let readiness = Balance::default().swap(&pool, POOL, full_range(), wallet);
        assert_eq!(readiness == Readiness::Ready, expected, "{wallet:?}: {readiness:?}");
    };
    // Half the difference is what would be swapped.
    check(amounts(1_000_000, 1_000_000), true);
    check(amounts(1_019_000, 981_000), true);
    check(amounts(1_021_000, 979_000), false);
    check(amounts(981_000, 1_019_000), true);
    check(amounts(979_000, 1_021_000), false);
}

#[test]
fn a_range_that_takes_little_of_one_token_still_gets_it() {
    // At tick 20 a range from 0 to 6000 takes about 99.6 % token0. A wallet without token1 is
    // within a percent of that, and buys no liquidity at all.
    let mut pool = SyntheticTape::deep_at_tick(20).pool().clone();
    let (held, wallet) = (range(0, 6_000), amounts(1_000_000_000, 0));
    assert_eq!(pool.liquidity_for(held, wallet).map(|liquidity| liquidity.0), Ok(0));
    let ready = balanced(&mut pool, held, wallet, "no token1");
    assert!(left_behind(&pool, held, ready) <= 25, "{ready:?}");
}

#[test]
fn a_pool_that_cannot_take_the_swap_is_waited_for() {
    // Nobody would be there to give anything, and a swap without a quote would accept anything.
    let empty = SyntheticTape::at_tick(0);
    let one_sided = amounts(1_000_000, 0);
    let readiness = |pool: &Pool| Balance::default().swap(pool, POOL, full_range(), one_sided);
    assert_eq!(readiness(empty.pool()), Readiness::NotNow);
    let mut shallow = empty.clone();
    shallow.mint(1, range(-60, 60), 1_000_000);
    assert_eq!(readiness(shallow.pool()), Readiness::NotNow);
    let mut deep = empty;
    deep.mint(1, range(-6_000, 6_000), 1_000_000_000);
    assert!(matches!(readiness(deep.pool()), Readiness::After(_)));
}
