mod forks;

use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Amounts, Timestamp, U256};

use super::{
    Holder, MINIMUM_LIQUIDITY, Pair, PairError, PairSwap, QuoteError, Recipient, TradeReserves,
    amount_in, amount_out,
};

const ALICE: Holder = Holder::Account([1; 20]);
const FEES: [u8; 20] = [9; 20];

fn raw(text: &str) -> Amount {
    text.parse().unwrap()
}

fn both(amount0: u128, amount1: u128) -> Amounts {
    Amounts { amount0: Amount::from_u128(amount0), amount1: Amount::from_u128(amount1) }
}

fn reserves(input: &str, output: &str) -> TradeReserves {
    TradeReserves { input: raw(input), output: raw(output) }
}

fn pair_with(amount0: u128, amount1: u128) -> Pair {
    let mut pair = Pair::default();
    pair.give(both(amount0, amount1)).unwrap();
    pair.mint(ALICE, Timestamp(1)).unwrap();
    pair
}

fn take(out: Amounts, paid: Amounts) -> PairSwap {
    PairSwap { out, to: Recipient::Outside, paid }
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug>(
    pair: &Pair,
    expected: PairError,
    operation: impl FnOnce(&mut Pair) -> Result<T, PairError>,
) {
    let mut after = pair.clone();
    assert_eq!(operation(&mut after).unwrap_err(), expected);
    assert_eq!(&after, pair, "a refused operation changes nothing");
}

#[test]
fn q201i_two_pool_arbitrage_profit_is_exact_in_wei() {
    let input = raw("22414852340744634");
    let first = reserves("2000000000000000000", "1000000000000000000000");
    let bought = amount_out(input, first).unwrap();
    let second = reserves("950000000000000000000", "2000000000000000000");
    let returned = amount_out(bought, second).unwrap();
    assert_eq!(returned.checked_sub(input).unwrap(), raw("513309466244235"));
}

#[test]
fn q801_library_quotes_in_both_directions() {
    let ether_in = reserves("1000000000000000000000", "2000000000000");
    assert_eq!(amount_out(raw("10000000000000000000"), ether_in).unwrap(), raw("19743160687"));
    assert_eq!(amount_in(raw("19000000000"), ether_in).unwrap(), raw("9619975524757007013"));
}

#[test]
fn first_deposit_locks_the_minimum_liquidity() {
    let pair = pair_with(4_000_000, 1_000_000);
    assert_eq!(pair.total_supply(), Amount::from_u64(2_000_000));
    assert_eq!(pair.shares_of(Holder::Zero), MINIMUM_LIQUIDITY);
    assert_eq!(pair.shares_of(ALICE), Amount::from_u64(1_999_000));
}

#[test]
fn protocol_takes_a_sixth_of_the_growth() {
    let mut pair = Pair::default();
    pair.set_fee_to(Some(FEES));
    pair.give(both(1_000_000_000, 1_000_000_000)).unwrap();
    pair.mint(ALICE, Timestamp(1)).unwrap();
    // A flash loan that pays back more than it owes is pure growth: the root goes up by a tenth.
    let loan = take(both(1, 1), both(100_000_001, 100_000_001));
    pair.swap(loan, Timestamp(2)).unwrap();
    pair.give(both(1_100_000, 1_100_000)).unwrap();
    pair.mint(ALICE, Timestamp(3)).unwrap();
    // 1e9 shares * 0.1e9 / (5 * 1.1e9 + 1e9), rounded down.
    assert_eq!(pair.shares_of(Holder::Account(FEES)), Amount::from_u64(15_384_615));
    assert_eq!(pair.k_last(), U256::from(1_101_100_000_u64 * 1_101_100_000));
    pair.set_fee_to(None);
    pair.transfer(ALICE, Holder::Pair, Amount::from_u64(1_000)).unwrap();
    pair.burn(Recipient::Outside, Timestamp(4)).unwrap();
    assert_eq!(pair.k_last(), U256::ZERO, "switching the fee off forgets the product");
}

#[test]
fn price_sums_follow_the_clock_through_its_wrap() {
    let mut pair = pair_with(1_000_000, 3_000_000);
    pair.sync(Timestamp(u64::from(u32::MAX))).unwrap();
    let before = *pair.reserves();
    pair.sync(Timestamp((1 << 32) + 9)).unwrap();
    let after = pair.reserves();
    assert_eq!(after.updated_at, 9);
    let grown = after.price0_cumulative.wrapping_sub(before.price0_cumulative);
    assert_eq!(grown, U256::from(3 * 10) << 112, "ten seconds at a price of three");
}

#[test]
fn output_sent_to_the_pair_itself_counts_as_paid_in() {
    let mut pair = pair_with(1_000_000, 1_000_000);
    let swap = PairSwap { out: both(500, 0), to: Recipient::Pair, paid: Amounts::ZERO };
    check_refused(&pair, PairError::K, |pair| pair.swap(swap, Timestamp(2)));
    let paid = PairSwap { paid: both(2, 0), ..swap };
    assert_eq!(pair.swap(paid, Timestamp(2)).unwrap(), both(502, 0));
}

#[test]
fn a_payment_that_just_keeps_the_product_is_enough() {
    let pair = pair_with(997_000, 2_000_000);
    let exact = take(both(0, 1_000_000), both(1_000_000, 0));
    assert_eq!(pair.clone().swap(exact, Timestamp(2)), Ok(both(1_000_000, 0)));
    let less = take(both(0, 1_000_000), both(999_999, 0));
    check_refused(&pair, PairError::K, |pair| pair.swap(less, Timestamp(2)));
}

#[test]
fn every_refusal_names_its_cause_and_changes_nothing() {
    let at = Timestamp(5);
    let empty = Pair::default();
    check_refused(&empty, PairError::DivisionByZero, |pair| pair.burn(Recipient::Outside, at));
    check_refused(&empty, PairError::SubUnderflow, |pair| pair.mint(ALICE, at));
    let none = take(both(1, 0), both(9, 0));
    check_refused(&empty, PairError::InsufficientLiquidity, |pair| pair.swap(none, at));

    let pair = pair_with(1_000_000, 4_000_000);
    check_refused(&pair, PairError::InsufficientLiquidityMinted, |pair| pair.mint(ALICE, at));
    check_refused(&pair, PairError::InsufficientLiquidityBurned, |pair| {
        pair.burn(Recipient::Outside, at)
    });
    check_refused(&pair, PairError::SubUnderflow, |pair| {
        pair.transfer(ALICE, Holder::Pair, Amount::MAX)
    });
    let swaps = [
        (take(both(0, 0), both(9, 9)), PairError::InsufficientOutputAmount),
        (take(both(1_000_000, 0), both(9, 9)), PairError::InsufficientLiquidity),
        (take(both(1, 0), both(0, 0)), PairError::InsufficientInputAmount),
        (take(both(1, 0), both(0, 4)), PairError::K),
        (
            PairSwap { to: Recipient::TokenContract, ..take(both(1, 0), both(0, 5)) },
            PairError::InvalidTo,
        ),
        (take(both(1, 0), both(0, 1 << 112)), PairError::Overflow),
        (
            take(both(1, 0), Amounts { amount0: Amount::MAX, amount1: Amount::ZERO }),
            PairError::TokenOverflow,
        ),
    ];
    for (swap, expected) in swaps {
        check_refused(&pair, expected, |pair| pair.swap(swap, at));
    }
    let mut rich = pair;
    rich.give(Amounts { amount0: Amount(U256::MAX >> 1), amount1: Amount::ZERO }).unwrap();
    check_refused(&rich, PairError::Overflow, |pair| pair.sync(at));
    check_refused(&rich, PairError::MulOverflow, |pair| pair.mint(ALICE, at));
    check_refused(&rich, PairError::TokenOverflow, |pair| {
        pair.give(Amounts { amount0: Amount::MAX, amount1: Amount::ZERO })
    });
    assert_eq!(rich.skim(Recipient::Outside).unwrap().amount0, Amount(U256::MAX >> 1));
}

#[test]
fn quotes_refuse_what_has_no_answer() {
    let some = reserves("1000", "1000");
    assert_eq!(amount_out(Amount::ZERO, some), Err(QuoteError::InsufficientInputAmount));
    assert_eq!(amount_in(Amount::ZERO, some), Err(QuoteError::InsufficientOutputAmount));
    assert_eq!(amount_in(raw("1000"), some), Err(QuoteError::InsufficientLiquidity));
    let none = reserves("0", "1000");
    assert_eq!(amount_out(raw("1"), none), Err(QuoteError::InsufficientLiquidity));
    assert_eq!(amount_in(raw("1"), none), Err(QuoteError::InsufficientLiquidity));
    assert_eq!(amount_out(Amount::MAX, some), Err(QuoteError::Overflow));
}

fn reserve() -> impl Strategy<Value = u128> {
    (1_000_u128..1 << 112, 0_u32..100).prop_map(|(wide, shift)| (wide >> shift).max(1_000))
}

proptest! {
    #[test]
    fn quote_is_the_most_the_pair_gives(
        (reserve0, reserve1) in (reserve(), reserve()),
        input in 1_u128..1 << 100,
        shift in 0_u32..100,
    ) {
        let input = (input >> shift).max(1);
        let pair = pair_with(reserve0 / 2 + 500, reserve1);
        let amounts = pair.reserves().amounts;
        let side = TradeReserves { input: amounts.amount0, output: amounts.amount1 };
        let quoted = amount_out(Amount::from_u128(input), side).unwrap();
        let ask = |out: Amount| PairSwap {
            out: Amounts { amount0: Amount::ZERO, amount1: out },
            to: Recipient::Outside,
            paid: both(input, 0),
        };
        let overflows = amounts.amount0.0.saturating_add(U256::from(input)).bit_len() > 112;
        if !quoted.is_zero() && !overflows {
            prop_assert!(pair.clone().swap(ask(quoted), Timestamp(2)).is_ok());
        }
        let more = quoted.checked_add(Amount::from_u64(1)).unwrap();
        let refused = pair.clone().swap(ask(more), Timestamp(2)).unwrap_err();
        let expected = if more >= amounts.amount1 {
            PairError::InsufficientLiquidity
        } else {
            PairError::K
        };
        prop_assert_eq!(refused, expected);
    }

    #[test]
    fn quoted_input_buys_what_was_asked(
        (reserve0, reserve1) in (reserve(), reserve()),
        part in any::<u64>(),
    ) {
        let side = TradeReserves {
            input: Amount::from_u128(reserve0),
            output: Amount::from_u128(reserve1),
        };
        let wanted = Amount::from_u128((reserve1 >> 64) * u128::from(part) + 1);
        if let Ok(input) = amount_in(wanted, side) {
            prop_assert!(amount_out(input, side).is_ok_and(|out| out >= wanted));
        }
    }

    #[test]
    fn a_deposit_withdrawn_at_once_gains_nothing(
        (reserve0, reserve1) in (reserve(), reserve()),
        (deposit0, deposit1) in (1_u128..1 << 60, 1_u128..1 << 60),
    ) {
        let mut pair = pair_with(reserve0 / 2 + 500, reserve1 / 2 + 500);
        pair.give(both(deposit0, deposit1)).unwrap();
        if let Ok(shares) = pair.mint(Holder::Account([2; 20]), Timestamp(2)) {
            pair.transfer(Holder::Account([2; 20]), Holder::Pair, shares).unwrap();
            if let Ok(paid) = pair.burn(Recipient::Outside, Timestamp(2)) {
                prop_assert!(paid.amount0.0 <= U256::from(deposit0));
                prop_assert!(paid.amount1.0 <= U256::from(deposit1));
            }
        }
    }
}
