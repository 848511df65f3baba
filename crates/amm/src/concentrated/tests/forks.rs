use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, Side, SignedLiquidity, Tick, TickRange, Timestamp,
    TokenIndex, TokenPair, U256,
};

use super::super::{
    Build, ConcentratedState, FACTS, Owner, Pool, PoolError, PositionKey, SaltedKey,
    SlipstreamParameters, SwapAmount, SwapRequest, TickState, sqrt_price_at_tick,
};
use crate::{PoolError as AnyError, StateError, Trade};

const AT: Timestamp = Timestamp(1_600_000_000);
const LIQUIDITY: u128 = 1_000_000_000_000;
const ALICE: Owner = Owner([1; 20]);
const GAUGE: Owner = Owner([2; 20]);

fn range(lower: i32, upper: i32) -> TickRange {
    TickRange { lower: Tick(lower), upper: Tick(upper) }
}

fn empty(build: Build, fee: u32) -> Pool {
    let (fee, tick_spacing) = (FeePips(fee), 10);
    let pool = match build {
        Build::UniswapV3 => Pool::new(fee, tick_spacing),
        Build::PancakeV3 => Pool::pancake_v3(fee, tick_spacing),
        Build::Slipstream => Pool::slipstream(SlipstreamParameters {
            fee,
            unstaked_fee: FeePips(100_000),
            tick_spacing,
            gauge: GAUGE,
            position_manager: ALICE,
        }),
        Build::UniswapV4 => Pool::uniswap_v4(fee, tick_spacing),
    };
    let mut pool = pool.unwrap();
    pool.initialize(sqrt_price_at_tick(Tick(5)).unwrap(), AT).unwrap();
    pool
}

fn add(pool: &mut Pool, range: TickRange, liquidity: u128) {
    if pool.build() == Build::UniswapV4 {
        let key = SaltedKey { owner: ALICE, range, salt: [0; 32] };
        pool.modify_liquidity(key, SignedLiquidity(liquidity as i128)).unwrap();
    } else {
        pool.mint(PositionKey { owner: ALICE, range }, Liquidity(liquidity), AT).unwrap();
    }
}

/// Three positions about tick 5, of a fee of 0.3 %, with a protocol's share where there is one.
fn filled(build: Build) -> Pool {
    let mut pool = empty(build, 3_000);
    add(&mut pool, range(-600, 600), LIQUIDITY);
    add(&mut pool, range(-20, 20), 7 * LIQUIDITY);
    add(&mut pool, range(20, 90), 3 * LIQUIDITY);
    match build {
        Build::UniswapV3 => pool.set_fee_protocol([4, 10]).unwrap(),
        Build::PancakeV3 => {}
        Build::Slipstream => {
            pool.stake(range(-20, 20), SignedLiquidity(2 * LIQUIDITY as i128), true).unwrap();
        }
        Build::UniswapV4 => pool.set_protocol_fee([1_000, 500]).unwrap(),
    }
    pool
}

fn pair(input: u8, output: u8) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

fn swap(input: Side, amount: SwapAmount) -> SwapRequest {
    SwapRequest { input, amount, price_limit: None }
}

fn exact_in(amount: u64) -> SwapAmount {
    SwapAmount::ExactIn(Amount::from_u64(amount))
}

#[test]
fn every_build_has_facts_under_its_name() {
    for (build, facts) in Build::ALL.into_iter().zip(&FACTS) {
        assert_eq!(facts.name, build.name());
        assert_eq!(Build::from_name(facts.name), Some(build));
    }
    assert_eq!(Build::from_name("uniswap_v5"), None);
}

#[test]
fn a_pool_comes_back_from_its_state() {
    for build in Build::ALL {
        let mut pool = filled(build);
        let request = swap(Side::Token0, exact_in(100_000_000_000));
        let limit = sqrt_price_at_tick(Tick(-20));
        pool.swap(SwapRequest { price_limit: limit, ..request }, AT).unwrap();
        assert_eq!(pool.tick(), Tick(-21), "{build:?}: stopped on tick -20 from above");
        let state = pool.state();
        let mut restored = Pool::from_state(&state, AT).unwrap();
        assert_eq!(restored.state(), state, "{build:?}");
        let request = swap(Side::Token1, exact_in(20_000_000_000));
        assert_eq!(restored.swap(request, AT), pool.swap(request, AT), "{build:?}");
        assert_eq!(restored.state(), pool.state(), "{build:?}");
    }
}

fn check_refused(state: &ConcentratedState, field: &str) {
    let StateError { field: found, .. } = Pool::from_state(state, AT).unwrap_err();
    assert_eq!(found.to_string(), field, "{state:?}");
}

#[test]
fn a_state_that_no_pool_has_is_refused_by_its_field() {
    for build in Build::ALL {
        let good = filled(build).state();
        let with = |change: &dyn Fn(&mut ConcentratedState)| {
            let mut state = good.clone();
            change(&mut state);
            state
        };
        check_refused(&with(&|state| state.fee = FeePips(1_000_001)), "`fee`");
        check_refused(&with(&|state| state.fee = FeePips(0x80_0000)), "`fee`");
        check_refused(&with(&|state| state.tick_spacing = 0), "`tick_spacing`");
        check_refused(&with(&|state| state.tick_spacing = 32_768), "`tick_spacing`");
        check_refused(&with(&|state| state.tick_spacing = -10), "`tick_spacing`");
        check_refused(&with(&|state| state.sqrt_price = Default::default()), "`sqrt_price`");
        check_refused(&with(&|state| state.tick = Tick(3)), "`tick`");
        check_refused(&with(&|state| state.tick = Tick(i32::MIN)), "`tick`");
        check_refused(&with(&|state| state.liquidity.0 += 1), "`liquidity`");
        check_refused(&with(&|state| state.protocol_shares = [4_095, 0]), "`protocol_shares`");
        check_refused(&with(&|state| state.ticks[1].tick = Tick(-19)), "`ticks[1]`");
        check_refused(&with(&|state| state.ticks.swap(0, 1)), "`ticks[1]`");
        check_refused(&with(&|state| state.ticks[0].liquidity_gross.0 = 0), "`ticks[0]`");
        check_refused(&with(&|state| state.ticks[0].liquidity_gross.0 = u128::MAX), "`ticks[0]`");
        check_refused(&with(&|state| state.ticks.truncate(1)), "`ticks`");
        check_refused(&with(&|state| state.ticks[1].liquidity_net.0 = i128::MIN), "`ticks[1]`");
        check_refused(&with(&|state| state.unstaked_fee = FeePips(1_000_001)), "`unstaked_fee`");
        check_refused(&with(&|state| state.staked_liquidity.0 += 1), "`staked_liquidity`");
        let staked = "`ticks.staked_liquidity_net[0]`";
        check_refused(
            &with(&|state| state.ticks[0].staked_liquidity_net.0 = i128::from(i64::MAX)),
            staked,
        );
        if build != Build::Slipstream {
            check_refused(&with(&|state| state.unstaked_fee = FeePips(1)), "`unstaked_fee`");
        }
    }
}

#[test]
fn an_empty_state_is_a_pool() {
    for build in Build::ALL {
        let state = empty(build, 100).state();
        assert_eq!(state.ticks, Vec::<TickState>::new());
        let pool = Pool::from_state(&state, AT).unwrap();
        assert_eq!(pool.build(), build);
    }
}

#[test]
fn an_input_that_stops_short_is_split_by_the_build() {
    let (mut v3, mut v4) = (empty(Build::UniswapV3, 3_000), empty(Build::UniswapV4, 3_000));
    for pool in [&mut v3, &mut v4] {
        // One unit of the price is worth many wei of token1.
        add(pool, range(-600, 600), 1 << 110);
    }
    let request = swap(Side::Token1, exact_in(1_000_000));
    let (of_v3, of_v4) = (v3.swap(request, AT).unwrap(), v4.swap(request, AT).unwrap());
    assert_eq!(of_v3, of_v4, "in all they agree");
    // Less fee in v4: 3,000 exactly, where v3's move of the price needed less than the budget.
    let [_, growth3] = v3.fee_growth_global();
    let [_, growth4] = v4.fee_growth_global();
    assert_eq!(growth4.0, U256::from(3_000) << 18);
    assert!(growth3.0 > growth4.0);
}

#[test]
fn one_unit_of_the_fees_collected_stays_behind() {
    for build in [Build::UniswapV3, Build::PancakeV3, Build::Slipstream] {
        let mut pool = filled(build);
        pool.swap(swap(Side::Token0, exact_in(1_000_000_000)), AT).unwrap();
        let [owed, _] = pool.protocol_fees();
        assert!(owed > 1);
        let paid = if build == Build::Slipstream {
            pool.collect_gauge_fees()
        } else {
            pool.collect_protocol([u128::MAX; 2])
        };
        assert_eq!(paid.unwrap().amount0, Amount::from_u128(owed - 1));
        assert_eq!(pool.protocol_fees(), [1, 0]);
    }
}

#[test]
fn a_pancake_pool_starts_with_a_protocol_fee() {
    for (fee, share) in [(100, 3_300), (500, 3_400), (2_500, 3_200), (10_000, 3_200), (1, 3_200)] {
        assert_eq!(empty(Build::PancakeV3, fee).protocol_shares(), [share; 2]);
    }
}

#[test]
fn the_gauge_takes_the_fees_of_staked_liquidity() {
    let mut pool = empty(Build::Slipstream, 10_000);
    add(&mut pool, range(-600, 600), LIQUIDITY);
    pool.stake(range(-600, 600), SignedLiquidity(LIQUIDITY as i128 / 4), true).unwrap();
    pool.swap(swap(Side::Token0, exact_in(1_000_000)), AT).unwrap();
    // Of a fee of 10,000, a quarter is the staked liquidity's, and a tenth of the rest levied.
    assert_eq!(pool.gauge_fees(), [2_500 + 750, 0]);
    let key = PositionKey { owner: ALICE, range: range(-600, 600) };
    pool.burn(key, Liquidity(0), AT).unwrap();
    assert_eq!(pool.position(&key).tokens_owed, [6_750 - 1, 0]);
    let gauge = PositionKey { owner: GAUGE, ..key };
    pool.burn(gauge, Liquidity(0), AT).unwrap();
    assert_eq!(pool.position(&gauge).tokens_owed, [0, 0]);
}

#[test]
fn slipstream_observations_are_fifteen_seconds_apart() {
    for (build, seconds, expected) in
        [(Build::Slipstream, 14, 0), (Build::Slipstream, 15, 1), (Build::UniswapV3, 1, 1)]
    {
        let mut pool = filled(build);
        pool.increase_observation_cardinality_next(5).unwrap();
        let later = Timestamp(AT.0 + seconds);
        pool.swap(swap(Side::Token0, exact_in(10_000_000_000)), later).unwrap();
        assert_eq!(pool.oracle().index(), expected, "{build:?}, {seconds} s");
    }
}

#[test]
fn a_fee_of_everything_moves_nothing() {
    let mut pool = empty(Build::UniswapV4, 1_000_000);
    add(&mut pool, range(-600, 600), LIQUIDITY);
    let before = pool.sqrt_price();
    let result = pool.swap(swap(Side::Token0, exact_in(1_000_000)), AT).unwrap();
    assert_eq!(result.sqrt_price, before);
    assert_eq!(result.amounts.amount0.magnitude(), Amount::from_u64(1_000_000));
    assert!(result.amounts.amount1.is_zero());
    let wanted = SwapAmount::ExactOut(Amount::from_u64(1));
    let refused = pool.swap(swap(Side::Token0, wanted), AT);
    assert_eq!(refused, Err(PoolError::FullFeeExactOut));
}

#[test]
fn the_v4_protocol_fee_is_of_the_input() {
    let mut pool = empty(Build::UniswapV4, 3_000);
    add(&mut pool, range(-600, 600), LIQUIDITY);
    pool.set_protocol_fee([1_000, 0]).unwrap();
    assert_eq!(pool.swap_fee(Side::Token0), FeePips(1_000 + 3_000 - 3));
    assert_eq!(pool.swap_fee(Side::Token1), FeePips(3_000));
    pool.swap(swap(Side::Token0, exact_in(1_000_000)), AT).unwrap();
    assert_eq!(pool.protocol_fees(), [1_000, 0]);
    let mut free = empty(Build::UniswapV4, 0);
    add(&mut free, range(-600, 600), LIQUIDITY);
    free.set_protocol_fee([7, 0]).unwrap();
    // 10^6 less 7 in 10^6 of it is no whole number of the price: the rest is the protocol's too.
    free.swap(swap(Side::Token0, exact_in(1_000)), AT).unwrap();
    assert_eq!(free.protocol_fees(), [1, 0]);
    assert_eq!(free.collect_protocol_fees(Side::Token0, Amount::ZERO), Ok(Amount::from_u64(1)));
    let more = free.collect_protocol_fees(Side::Token0, Amount::from_u64(1));
    assert_eq!(more, Err(PoolError::ProtocolFeesExceeded));
}

#[test]
fn what_a_build_does_not_have_is_refused() {
    let refused = Err(PoolError::NotInBuild);
    let key = PositionKey { owner: ALICE, range: range(-10, 10) };
    let mut v4 = filled(Build::UniswapV4);
    let before = v4.clone();
    assert_eq!(v4.mint(key, Liquidity(1), AT).map(|_| ()), refused);
    assert_eq!(v4.burn(key, Liquidity(1), AT).map(|_| ()), refused);
    assert_eq!(v4.collect(key, [1; 2]).map(|_| ()), refused);
    assert_eq!(v4.flash(Amounts::ZERO, Amounts::ZERO), refused);
    assert_eq!(v4.set_fee_protocol([0; 2]), refused);
    assert_eq!(v4.collect_protocol([1; 2]).map(|_| ()), refused);
    assert_eq!(v4, before);
    let salted = SaltedKey { owner: ALICE, range: range(-10, 10), salt: [0; 32] };
    for build in [Build::UniswapV3, Build::PancakeV3, Build::Slipstream] {
        let mut pool = filled(build);
        let before = pool.clone();
        assert_eq!(pool.modify_liquidity(salted, SignedLiquidity(1)).map(|_| ()), refused);
        assert_eq!(pool.donate(Amounts::ZERO), refused);
        assert_eq!(pool.set_protocol_fee([0; 2]), refused);
        if build != Build::Slipstream {
            assert_eq!(pool.set_fee(FeePips(1)), refused);
            assert_eq!(pool.stake(range(-10, 10), SignedLiquidity(1), true), refused);
            assert_eq!(pool.collect_gauge_fees().map(|_| ()), refused);
        }
        assert_eq!(pool, before);
    }
}

#[test]
fn more_staked_than_there_is_is_refused_and_not_wrapped() {
    let mut pool = empty(Build::Slipstream, 3_000);
    add(&mut pool, range(-600, 600), LIQUIDITY);
    pool.stake(range(-600, 600), SignedLiquidity(2 * LIQUIDITY as i128), false).unwrap();
    let before = pool.clone();
    let refused = pool.swap(swap(Side::Token0, exact_in(1_000)), AT);
    assert_eq!(refused, Err(PoolError::OutOfRange));
    assert_eq!(pool, before);
}

#[test]
fn trades_name_two_tokens_of_the_pool() {
    let pool = filled(Build::UniswapV3);
    for (input, output) in [(0, 0), (1, 1), (0, 2), (2, 0), (255, 1)] {
        let trade = Trade { pair: pair(input, output), amount: exact_in(1) };
        assert_eq!(pool.quote(&trade, AT), Err(AnyError::NoSuchPair));
        assert_eq!(pool.spot_price(trade.pair, AT), Err(AnyError::NoSuchPair));
    }
    let amount = SwapAmount::ExactOut(Amount(U256::from(u128::MAX)));
    let trade = Trade { pair: pair(0, 1), amount };
    assert_eq!(pool.quote(&trade, AT), Err(AnyError::OutputOutOfReach));
}

#[test]
fn the_spot_price_is_the_square_at_both_ends() {
    for tick in [Tick::MIN, Tick(0), Tick(443_637), Tick(887_271)] {
        let mut pool = Pool::new(FeePips(500), 10).unwrap();
        let price = sqrt_price_at_tick(tick).unwrap();
        pool.initialize(price, AT).unwrap();
        let there = pool.spot_price(pair(0, 1), AT).unwrap();
        let back = pool.spot_price(pair(1, 0), AT).unwrap();
        assert_eq!((there.output, there.input), (back.input, back.output));
        if tick == Tick(0) {
            assert_eq!(there.output, there.input);
        }
        // 2^96 of the output's root against the input's, squared.
        let unit = Amount(U256::ONE << 64);
        let converted = there.convert(unit);
        assert_eq!(converted.is_some(), there.output >> 191_usize <= there.input, "{tick}");
    }
}

fn builds() -> impl Strategy<Value = Build> {
    any::<u8>().prop_map(|choice| Build::ALL[usize::from(choice % 4)])
}

proptest! {
    #[test]
    fn a_quote_is_the_trade_and_there_and_back_costs(
        build in builds(),
        size in 1_u64..20_000_000_000,
        from_token0 in any::<bool>(),
        is_exact_in in any::<bool>(),
    ) {
        let mut pool = filled(build);
        let (there, back) =
            if from_token0 { (pair(0, 1), pair(1, 0)) } else { (pair(1, 0), pair(0, 1)) };
        let size = Amount::from_u64(size);
        let amount =
            if is_exact_in { SwapAmount::ExactIn(size) } else { SwapAmount::ExactOut(size) };
        let trade = Trade { pair: there, amount };
        let quote = pool.quote(&trade, AT);
        let before = pool.clone();
        prop_assert_eq!(pool.trade(&trade, AT), quote);
        let Ok(quote) = quote else {
            prop_assert_eq!(pool, before);
            return Ok(());
        };
        prop_assert!(quote.fee.amount <= quote.amount_in);
        prop_assert_eq!(quote.fee.token, there.input);
        let amount = SwapAmount::ExactIn(quote.amount_out);
        if let Ok(returned) = pool.trade(&Trade { pair: back, amount }, AT) {
            prop_assert!(returned.amount_out <= quote.amount_in);
        }
    }

    #[test]
    fn absurd_states_never_panic(
        build in builds(),
        numbers in any::<[i32; 4]>(),
        wide in any::<[u128; 4]>(),
        shares in any::<[u16; 2]>(),
        place in 0_usize..4,
    ) {
        let mut state = filled(build).state();
        let [fee, spacing, tick, at] = numbers;
        let [gross, net, liquidity, staked] = wide;
        match numbers[0].rem_euclid(6) {
            0 => state.fee = FeePips(fee.unsigned_abs()),
            1 => state.tick_spacing = spacing,
            2 => state.tick = Tick(tick),
            3 => state.ticks[place].tick = Tick(at),
            4 => state.ticks[place].liquidity_net = SignedLiquidity(net as i128),
            _ => state.ticks[place].liquidity_gross = Liquidity(gross),
        }
        if numbers[1].rem_euclid(4) == 0 {
            state.protocol_shares = shares;
            state.liquidity = Liquidity(liquidity);
            state.ticks[place].staked_liquidity_net = SignedLiquidity(staked as i128);
        }
        if let Ok(mut pool) = Pool::from_state(&state, AT) {
            let _ = pool.swap(swap(Side::Token0, SwapAmount::ExactIn(Amount(U256::MAX))), AT);
            let _ = pool.swap(swap(Side::Token1, SwapAmount::ExactOut(Amount(U256::MAX))), AT);
            let _ = pool.swap(swap(Side::Token1, exact_in(u64::MAX)), AT);
        }
    }
}
