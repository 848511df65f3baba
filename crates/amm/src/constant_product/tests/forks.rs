use std::collections::BTreeMap;

use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Bps, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::{ALICE, check_refused, pair_with, raw, reserve};
use crate::constant_product::{
    Holder, Pair, PairError, PairFee, PairParameters, PairState, ProtocolShare, QuoteError,
    TradeReserves,
};
use crate::{PoolError, PriceRatio, SharePool, StateError, SwapAmount, SwapFee, Trade};

const AT: Timestamp = Timestamp(7);
const ZERO_FOR_ONE: TokenPair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };

fn tokens(amount0: u128, amount1: u128) -> TokenAmounts {
    TokenAmounts::from_array([Amount::from_u128(amount0), Amount::from_u128(amount1)])
}

fn exact_in(amount: u128) -> Trade {
    Trade { pair: ZERO_FOR_ONE, amount: SwapAmount::ExactIn(Amount::from_u128(amount)) }
}

fn exact_out(amount: u128) -> Trade {
    Trade { pair: ZERO_FOR_ONE, amount: SwapAmount::ExactOut(Amount::from_u128(amount)) }
}

#[test]
fn an_exact_division_still_costs_one_more() {
    let side = TradeReserves { input: raw("997000"), output: raw("2000000") };
    assert_eq!(PairFee::UNISWAP.amount_out(raw("1000000"), side), Ok(raw("1000000")));
    assert_eq!(PairFee::UNISWAP.amount_in(raw("1000000"), side), Ok(raw("1000001")));
}

#[test]
fn fees_are_in_the_units_of_deployed_pairs() {
    assert_eq!(PairFee::new(3, 1000), Some(PairFee::UNISWAP));
    assert_eq!(PairFee::new(30, 10_000).map(PairFee::bps), Some(Bps(30)));
    assert_eq!(PairFee::UNISWAP.bps(), Bps(30));
    assert_eq!(PairFee::new(3, 100_000), None);
    assert_eq!(PairFee::new(1000, 1000), None);
    assert_eq!(ProtocolShare::new(0, 6), None);
    assert_eq!(ProtocolShare::new(6, 6), None);
    let side = TradeReserves { input: raw("1000000"), output: raw("1000000") };
    let pancake = PairParameters::PANCAKE_V2.fee;
    // 1e6 * 9975e4 / (1e10 + 9975e4), rounded down.
    assert_eq!(pancake.amount_out(raw("10000"), side), Ok(raw("9876")));
    assert_eq!(pancake.amount_in(raw("9876"), side), Ok(raw("10000")));
}

#[test]
fn a_state_that_no_pair_can_have_is_refused_by_field() {
    let good = PairState {
        reserve0: raw("1000000"),
        reserve1: raw("4000000"),
        balance0: raw("1000000"),
        balance1: raw("4000007"),
        total_supply: raw("2000000"),
        locked_shares: raw("1000"),
        shares: BTreeMap::from([([1; 20], raw("5000"))]),
        ..PairState::default()
    };
    let pair = Pair::new(&good).unwrap();
    assert_eq!(pair.state(), good);
    assert_eq!(pair.shares_of(Holder::Others), raw("1994000"));
    let too_large = Amount(U256::from(1) << 112);
    let over = "no more than total_supply has left";
    let cases = [
        (PairState { fee_scale: 100_000, ..good.clone() }, "fee_scale", "1000 or 10000"),
        (PairState { fee: 1000, ..good.clone() }, "fee", "below fee_scale"),
        (
            PairState { protocol_share_denominator: 1, ..good.clone() },
            "protocol_share_denominator",
            "2 to 10000",
        ),
        (
            PairState { protocol_share_numerator: 6, ..good.clone() },
            "protocol_share_numerator",
            "1 or more, and below protocol_share_denominator",
        ),
        (PairState { reserve0: too_large, ..good.clone() }, "reserve0", "0 to 2^112 - 1"),
        (PairState { reserve1: too_large, ..good.clone() }, "reserve1", "0 to 2^112 - 1"),
        (PairState { balance0: raw("999999"), ..good.clone() }, "balance0", "the reserve or more"),
        (PairState { balance1: raw("9"), ..good.clone() }, "balance1", "the reserve or more"),
        (PairState { k_last: U256::from(1) << 224, ..good.clone() }, "k_last", "0 to 2^224 - 1"),
        (
            PairState { fee_to: Some([0; 20]), ..good.clone() },
            "fee_to",
            "no address, or one that is not zero",
        ),
        (PairState { locked_shares: raw("2000001"), ..good.clone() }, "locked_shares", over),
        (PairState { unburned_shares: raw("1999001"), ..good.clone() }, "unburned_shares", over),
        (PairState { total_supply: raw("5999"), ..good.clone() }, "shares", over),
        (
            PairState { shares: BTreeMap::from([([0; 20], raw("1"))]), ..good.clone() },
            "shares",
            "no zero address: locked_shares are its",
        ),
    ];
    for (state, field, allowed) in cases {
        assert_eq!(Pair::new(&state), Err(StateError::of(field, allowed)));
    }
}

#[test]
fn shares_of_nobody_in_particular_come_and_go() {
    let mut pair = Pair::empty(PairParameters::PANCAKE_V2);
    assert_eq!(pair.virtual_price(AT), Err(PairError::DivisionByZero.into()));
    assert_eq!(
        pair.spot_price(ZERO_FOR_ONE, AT),
        Err(PoolError::PairQuote(QuoteError::InsufficientLiquidity))
    );
    assert_eq!(pair.deposit(&tokens(1_000_000, 4_000_000), AT), Ok(raw("1999000")));
    assert_eq!(pair.virtual_price(AT), Ok(raw("1000000000000000000")));
    let price = PriceRatio { output: U256::from(4_000_000), input: U256::from(1_000_000) };
    assert_eq!(pair.spot_price(ZERO_FOR_ONE, AT), Ok(price));
    let quote = pair.quote(&exact_in(10_000), AT).unwrap();
    // 10000 * 9975 * 4e6 / (1e6 * 10000 + 10000 * 9975), rounded down.
    assert_eq!(quote.amount_out, raw("39505"));
    assert_eq!(quote.fee, SwapFee { token: TokenIndex(0), amount: raw("25") });
    assert_eq!(SharePool::swap(&mut pair, &exact_in(10_000), AT), Ok(quote));
    let back = pair.withdraw(raw("1999000"), AT).unwrap();
    assert_eq!(back, tokens(1_009_495, 3_958_514));
    assert_eq!(pair.total_shares(), raw("1000"), "the minimum stays");
}

#[test]
fn what_a_pair_refuses_leaves_it_as_it_was() {
    let pair = pair_with(1_000_000, 4_000_000);
    let check = |expected: PoolError, operation: &dyn Fn(&mut Pair) -> Result<(), PoolError>| {
        let mut after = pair.clone();
        assert_eq!(operation(&mut after), Err(expected));
        assert_eq!(after, pair, "a refused operation changes nothing");
    };
    let alone = TokenPair { input: TokenIndex(1), output: TokenIndex(1) };
    let trade = Trade { pair: alone, ..exact_in(5) };
    check(PoolError::NoSuchPair, &|pair| SharePool::swap(pair, &trade, AT).map(drop));
    let one = TokenAmounts::from_array([raw("5")]);
    check(PoolError::WrongTokenCount, &|pair| pair.deposit(&one, AT).map(drop));
    check(PairError::InsufficientLiquidityMinted.into(), &|pair| {
        pair.deposit(&tokens(5, 0), AT).map(drop)
    });
    check(PairError::SubUnderflow.into(), &|pair| pair.withdraw(raw("1"), AT).map(drop));
    check(PairError::InsufficientOutputAmount.into(), &|pair| {
        let mut rich = exact_in(1);
        rich.pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
        SharePool::swap(pair, &rich, AT).map(drop)
    });
    check(QuoteError::InsufficientLiquidity.into(), &|pair| {
        SharePool::swap(pair, &exact_out(4_000_000), AT).map(drop)
    });
    let mut shared = pair.clone();
    shared.deposit(&tokens(1_000_000, 4_000_000), AT).unwrap();
    let before = shared.clone();
    assert_eq!(
        shared.withdraw(Amount::ZERO, AT),
        Err(PairError::InsufficientLiquidityBurned.into())
    );
    assert_eq!(shared, before);
    check_refused(&pair, PairError::SubUnderflow, |pair| {
        pair.transfer(Holder::Others, ALICE, raw("1"))
    });
}

proptest! {
    #[test]
    fn a_swap_gives_what_was_quoted_and_the_invariant_never_falls(
        (reserve0, reserve1) in (reserve(), reserve()),
        (fee, thousandths) in (0_u32..1000, any::<bool>()),
        (amount, shift, out) in (1_u128..1 << 112, 0_u32..112, any::<bool>()),
    ) {
        let scale = if thousandths { 1000 } else { 10_000 };
        let parameters = PairParameters {
            fee: PairFee::new(fee, scale).unwrap(),
            ..PairParameters::UNISWAP
        };
        let mut pair = Pair::empty(parameters);
        pair.deposit(&tokens(reserve0 / 2 + 500, reserve1 / 2 + 500), AT).unwrap_or_default();
        let amount = (amount >> shift).max(1);
        let trade = if out { exact_out(amount) } else { exact_in(amount) };
        let before = pair.clone();
        let quoted = pair.quote(&trade, AT);
        match SharePool::swap(&mut pair, &trade, AT) {
            Ok(swapped) => {
                prop_assert_eq!(quoted, Ok(swapped));
                let price = |pair: &Pair| pair.virtual_price(AT).unwrap();
                prop_assert!(price(&pair) >= price(&before));
                let state = pair.state();
                prop_assert_eq!(Pair::new(&state).map(|pair| pair.state()), Ok(state));
            }
            Err(_) => prop_assert_eq!(pair, before),
        }
    }
}
