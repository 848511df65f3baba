use tidemill_amm::stable_swap::Generation;
use tidemill_amm::stable_swap_meta::StableSwapMetaState;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{StableSwapMetaPool, stable_swap_meta_state};
use crate::snapshot::abi::address_word;
use crate::snapshot::scripted::{Scripted, contract, word};
use crate::snapshot::stable_swap::StableSwapPool;
use crate::snapshot::{AnswerFault, PoolContract, SnapshotError, pool_at_block};

const POOL: u8 = 1;
const COIN: u8 = 2;
const BASE: u8 = 3;
const SHARES: u8 = 4;

fn amounts(list: [u64; 2]) -> TokenAmounts {
    TokenAmounts::new(&list.map(|amount| Amount(word(amount)))).unwrap()
}

/// Both pools as `MetaStableSwap` of the factory and the 3pool answer.
fn chain() -> Scripted {
    let mut chain = Scripted::new(1_700_000_000);
    let (pool, base, shares) = (contract(POOL), contract(BASE), contract(SHARES));
    for (name, value) in [
        ("totalSupply()", 5_000),
        ("fee()", 4_000_000),
        ("initial_A()", 20_000),
        ("future_A()", 150_000),
        ("initial_A_time()", 1_600_000_000),
        ("future_A_time()", 1_700_500_000),
        ("block_timestamp_last()", 1_699_000_000),
    ] {
        chain.tell(pool, name, &[word(value)]);
    }
    chain.tell(pool, "get_previous_balances()", &[word(90), word(91)]);
    chain.tell(pool, "get_price_cumulative_last()", &[word(80), word(81)]);
    let coins = [contract(COIN), shares];
    for (place, coin) in (0..).zip(coins) {
        chain.tell_of(pool, "coins(uint256)", &[word(place)], &[address_word(coin)]);
        chain.tell_of(pool, "balances(uint256)", &[word(place)], &[word(100 + place)]);
        let own = [address_word(pool)];
        chain.tell_of(coin, "balanceOf(address)", &own, &[word(107 + 2 * place)]);
    }
    chain.tell(contract(COIN), "decimals()", &[word(6)]);
    for (name, value) in [
        ("fee()", 1_000_000),
        ("admin_fee()", 5_000_000_000),
        ("future_fee()", 0),
        ("future_admin_fee()", 0),
        ("admin_actions_deadline()", 0),
        ("initial_A()", 2_000),
        ("future_A()", 2_000),
        ("initial_A_time()", 0),
        ("future_A_time()", 0),
    ] {
        chain.tell(base, name, &[word(value)]);
    }
    chain.tell(shares, "totalSupply()", &[word(3_000)]);
    for place in 0..3 {
        let coin = contract(10 + place as u8);
        chain.tell_of(base, "coins(uint256)", &[word(place)], &[address_word(coin)]);
        chain.tell_of(base, "balances(uint256)", &[word(place)], &[word(1_000)]);
        chain.tell_of(coin, "balanceOf(address)", &[address_word(base)], &[word(1_001)]);
        chain.tell(coin, "decimals()", &[word(if place == 0 { 18 } else { 6 })]);
    }
    chain
}

fn pool() -> StableSwapMetaPool {
    let base = StableSwapPool {
        address: contract(BASE),
        shares: contract(SHARES),
        coins: 3,
        generation: Generation::V1,
    };
    StableSwapMetaPool { address: contract(POOL), base, is_before_factory: false }
}

fn read(chain: &Scripted, pool: StableSwapMetaPool) -> Result<StableSwapMetaState, SnapshotError> {
    chain.read(async |at| stable_swap_meta_state(at, pool).await)
}

#[test]
fn a_metapool_is_read_with_its_base_pool() {
    let chain = chain();
    let state = read(&chain, pool()).unwrap();
    let base = state.base.clone();
    assert_eq!(base.balances.as_slice(), [Amount(word(1_000)); 3]);
    assert_eq!(base.precisions, [1, 1_000_000_000_000, 1_000_000_000_000]);
    let expected = StableSwapMetaState {
        base,
        before_factory: None,
        rate_multiplier: U256::from(10).pow(U256::from(30)),
        balances: amounts([100, 101]),
        admin_balances: amounts([7, 8]),
        total_supply: Amount(word(5_000)),
        initial_a: 20_000,
        future_a: 150_000,
        initial_a_time: Timestamp(1_600_000_000),
        future_a_time: Timestamp(1_700_500_000),
        fee: 4_000_000,
        previous_balances: amounts([90, 91]),
        price_cumulative_last: amounts([80, 81]),
        block_timestamp_last: Timestamp(1_699_000_000),
    };
    assert_eq!(state, expected);
    assert_eq!(chain.unasked(), 0);
}

#[test]
fn another_base_pool_and_an_older_metapool_are_refused() {
    let mut other = pool();
    other.base.shares = contract(9);
    let error = read(&chain(), other).unwrap_err();
    let SnapshotError::Answer { call, fault, .. } = error else { panic!("{error}") };
    assert_eq!(call, "coins(uint256)");
    assert!(matches!(fault, AnswerFault::Value { what: "second coin", .. }), "{fault}");

    let older = StableSwapMetaPool { is_before_factory: true, ..pool() };
    let error = read(&chain(), older).unwrap_err();
    assert!(error.to_string().contains("whether it is killed"), "{error}");

    let mut many = chain();
    many.tell(contract(COIN), "decimals()", &[word(19)]);
    let error = read(&many, pool()).unwrap_err().to_string();
    assert!(error.contains("number of decimals"), "{error}");
}

/// The tokens are the pool's own two; those of the base pool stand apart, in its order.
#[test]
fn the_tokens_of_both_pools_are_told_apart() {
    let contract_of = PoolContract::StableSwapMeta(pool());
    let found = chain().read(async |at| pool_at_block(at, &contract_of).await).unwrap();
    assert_eq!(found.tokens, [contract(COIN), contract(SHARES)]);
    assert_eq!(found.base_tokens, [contract(10), contract(11), contract(12)]);
    assert_eq!(found.pool.kind(), "stable_swap_meta");
}
