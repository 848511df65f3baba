use tidemill_amm::stable_swap::Generation;
use tidemill_amm::stable_swap_meta_ng::MetaNgBaseState;
use tidemill_amm::stable_swap_ng::StableSwapNgState;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{MetaNgBasePool, StableSwapNgPool, stable_swap_meta_ng_state, stable_swap_ng_state};
use crate::snapshot::abi::address_word;
use crate::snapshot::scripted::{Scripted, contract, word};
use crate::snapshot::stable_swap::StableSwapPool;
use crate::snapshot::{AnswerFault, SnapshotError};

const E18: u64 = 1_000_000_000_000_000_000;

fn amounts(list: &[u64]) -> TokenAmounts {
    let list: Vec<Amount> = list.iter().map(|amount| Amount(word(*amount))).collect();
    TokenAmounts::new(&list).unwrap()
}

fn packed(low: u64, high: u64) -> U256 {
    word(low) | word(high) << 128
}

fn pool(number: u8) -> StableSwapNgPool {
    StableSwapNgPool { address: contract(number), factory: contract(100) }
}

/// A pool that answers as `CurveStableSwapNG` v7.0.0 does, with its variables from this slot on in
/// the order of its source.
fn tell(chain: &mut Scripted, number: u8, kinds: &[u64], first_slot: u64) -> StableSwapNgState {
    let address = contract(number);
    let kinds_told: Vec<U256> = kinds.iter().map(|kind| word(*kind)).collect();
    let of = [address_word(address)];
    chain.tell_list(contract(100), "get_pool_asset_types(address)", &of, &kinds_told);
    let rates: Vec<u64> = kinds.iter().map(|kind| E18 + kind).collect();
    let rates_told: Vec<U256> = rates.iter().map(|rate| word(*rate)).collect();
    chain.tell_list(address, "stored_rates()", &[], &rates_told);
    for (name, value) in [
        ("totalSupply()", 3_000),
        ("fee()", 4_000_000),
        ("offpeg_fee_multiplier()", 20_000_000_000),
        ("admin_fee()", 5_000_000_000),
        ("initial_A()", 20_000),
        ("future_A()", 40_000),
        ("initial_A_time()", 1_600_000_000),
        ("future_A_time()", 1_800_000_000),
        ("ma_exp_time()", 866),
        ("D_ma_time()", 62_324),
    ] {
        chain.tell(address, name, &[word(value)]);
    }
    let times = packed(1_699_999_000, 1_699_999_500);
    chain.tell(address, "ma_last_time()", &[times]);
    let [held, stored, admin] = tell_coins(chain, number, kinds);
    let (mut last, mut average) = (Vec::new(), Vec::new());
    for place in 0..kinds.len() as u64 - 1 {
        let at = [word(place)];
        chain.tell_of(address, "last_price(uint256)", &at, &[word(E18 + 3 + place)]);
        chain.tell_of(address, "ema_price(uint256)", &at, &[word(E18 - 4 - place)]);
        last.push(E18 + 3 + place);
        average.push(E18 - 4 - place);
    }
    for (slot, value) in (first_slot..).zip([20_000, 40_000, 1_600_000_000, 1_800_000_000]) {
        chain.store(address, slot, word(value));
    }
    let last_d = first_slot + 4 + 3 * 9;
    chain.store(address, last_d, packed(3_001, 2_999));
    chain.store(address, last_d + 1, word(866));
    chain.store(address, last_d + 2, word(62_324));
    chain.store(address, last_d + 3, times);
    StableSwapNgState {
        asset_types: kinds.iter().map(|kind| *kind as u8).collect(),
        stored_rates: amounts(&rates),
        token_balances: amounts(&held),
        stored_balances: amounts(&stored),
        admin_balances: amounts(&admin),
        total_supply: Amount(word(3_000)),
        initial_a: 20_000,
        future_a: 40_000,
        initial_a_time: Timestamp(1_600_000_000),
        future_a_time: Timestamp(1_800_000_000),
        fee: 4_000_000,
        offpeg_fee_multiplier: word(20_000_000_000),
        admin_fee: 5_000_000_000,
        ma_exp_time: word(866),
        d_ma_time: word(62_324),
        last_prices: amounts(&last),
        ema_prices: amounts(&average),
        last_d: Amount(word(3_001)),
        ema_d: Amount(word(2_999)),
        ma_last_time_p: Timestamp(1_699_999_000),
        ma_last_time_d: Timestamp(1_699_999_500),
    }
}

/// What the tokens say it has, what it knows of, and what its administrators have of that.
fn tell_coins(chain: &mut Scripted, number: u8, kinds: &[u64]) -> [Vec<u64>; 3] {
    let address = contract(number);
    let of = [address_word(address)];
    let is_rebasing = kinds.contains(&2);
    let (mut held, mut stored, mut admin) = (Vec::new(), Vec::new(), Vec::new());
    for place in 0..kinds.len() as u64 {
        let coin = contract(number + 1 + place as u8);
        let at = [word(place)];
        chain.tell_of(address, "coins(uint256)", &at, &[address_word(coin)]);
        chain.tell_of(address, "balances(uint256)", &at, &[word(1_000 + place)]);
        chain.tell_of(address, "admin_balances(uint256)", &at, &[word(place)]);
        chain.tell_of(coin, "balanceOf(address)", &of, &[word(1_010 + place)]);
        held.push(1_010 + place);
        admin.push(place);
        stored.push(if is_rebasing { 1_010 + place } else { 1_000 + 2 * place });
    }
    [held, stored, admin]
}

fn read(chain: &Scripted) -> Result<StableSwapNgState, SnapshotError> {
    chain.read(async |at| stable_swap_ng_state(at, pool(1)).await)
}

#[test]
fn a_pool_is_read_wherever_its_variables_begin() {
    for (kinds, first_slot) in [(&[0, 1, 3][..], 0), (&[0, 0], 7), (&[0, 2, 0, 0, 0, 0, 0, 1], 20)]
    {
        let mut chain = Scripted::new(1_700_000_000);
        let expected = tell(&mut chain, 1, kinds, first_slot);
        assert_eq!(read(&chain).unwrap(), expected);
        assert_eq!(chain.unasked(), 0);
    }
}

#[test]
fn a_pool_of_another_layout_is_refused() {
    let mut chain = Scripted::new(1_700_000_000);
    tell(&mut chain, 1, &[0, 0], 7);
    chain.tell(contract(1), "D_ma_time()", &[word(62_325)]);
    let error = read(&chain).unwrap_err();
    assert!(error.to_string().contains("last_D_packed"), "{error}");
    assert!(matches!(error, SnapshotError::Untold { .. }), "{error}");

    let mut chain = Scripted::new(1_700_000_000);
    tell(&mut chain, 1, &[0, 4], 7);
    let error = read(&chain).unwrap_err();
    assert!(matches!(error, SnapshotError::State(_)), "{error}: there is no kind 4");
}

#[test]
fn metapools_have_the_rate_of_their_shares_in_place_of_a_price() {
    let mut chain = Scripted::new(1_700_000_000);
    let base = tell(&mut chain, 40, &[0, 0], 3);
    let mut own = tell(&mut chain, 1, &[1, 0], 9);
    let plain = own.clone();
    // The function tells the base pool's virtual price.
    chain.tell_list(contract(1), "stored_rates()", &[], &[word(E18 + 1), word(E18 + 55)]);
    own.stored_rates = amounts(&[E18 + 1, E18]);
    chain.tell(contract(1), "BASE_POOL()", &[address_word(contract(40))]);
    let read = |chain: &Scripted, base| {
        chain.read(async |at| stable_swap_meta_ng_state(at, pool(1), base).await)
    };
    let state = read(&chain, MetaNgBasePool::Ng(pool(40))).unwrap();
    assert_eq!((state.base, state.own), (MetaNgBaseState::Ng(Box::new(base)), own));
    assert_eq!(chain.unasked(), 0);
    // Some factories tell the kind of the one coin only.
    let of = [address_word(contract(1))];
    chain.tell_list(contract(100), "get_pool_asset_types(address)", &of, &[word(1)]);
    let state = read(&chain, MetaNgBasePool::Ng(pool(40))).unwrap();
    assert_eq!(state.own.asset_types, plain.asset_types);

    chain.tell(contract(1), "BASE_POOL()", &[address_word(contract(41))]);
    let error = read(&chain, MetaNgBasePool::Ng(pool(40))).unwrap_err();
    let SnapshotError::Answer { call: "BASE_POOL()", fault, .. } = error else { panic!("{error}") };
    assert!(matches!(fault, AnswerFault::Value { what: "base pool", .. }), "{fault}");
    let plain = StableSwapPool {
        address: contract(41),
        shares: contract(42),
        coins: 3,
        generation: Generation::V2,
    };
    let error = read(&chain, MetaNgBasePool::Plain(plain)).unwrap_err();
    assert!(matches!(error, SnapshotError::Reverted { .. }), "{error}");
}
