use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwapParameters, CryptoSwapState, TwoCryptoBuild,
    TwocryptoNgBuild,
};
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{CryptoSwapPool, crypto_swap_state};
use crate::snapshot::SnapshotError;
use crate::snapshot::abi::address_word;
use crate::snapshot::scripted::{Scripted, contract, word};

const E18: u64 = 1_000_000_000_000_000_000;
const TIME: u64 = 1_700_000_000;
const POOL: u8 = 1;
const SHARES: u8 = 60;
const FACTORY: u8 = 61;

/// What a pool holds, and where it stores it: named as its source names it.
struct Told {
    state: CryptoSwapState,
    chain: Scripted,
}

fn packed_three(high: u64, middle: u64, low: u64) -> U256 {
    word(high) << 128 | word(middle) << 64 | word(low)
}

fn packed(prices: &[U256]) -> U256 {
    prices.iter().rev().fold(U256::ZERO, |all, price| all << 128 | *price)
}

fn state(generation: CryptoGeneration) -> CryptoSwapState {
    let count = generation.coins();
    let is_ng =
        matches!(generation, CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_));
    let is_two_ng = matches!(generation, CryptoGeneration::TwocryptoNg(_));
    let amounts = |first: u64| {
        let list: Vec<Amount> = (0..count as u64).map(|it| Amount(word(first + it))).collect();
        TokenAmounts::new(&list).unwrap()
    };
    let prices = |first: u64| (0..count as u64 - 1).map(|it| word(first + it)).collect();
    CryptoSwapState {
        generation,
        decimals: [6, 8, 18][..count].to_vec(),
        balances: amounts(1_000),
        holdings: amounts(1_001),
        total_supply: Amount(word(77)),
        initial_a_gamma: AGamma { a: 400_000, gamma: 145_000_000_000_000 },
        initial_a_gamma_time: Timestamp(1_600_000_000),
        future_a_gamma: AGamma { a: 540_000, gamma: 11_000_000_000_000 },
        future_a_gamma_time: Timestamp(1_600_100_000),
        parameters: CryptoSwapParameters {
            mid_fee: 3_000_000,
            out_fee: 30_000_000,
            fee_gamma: 500_000_000_000_000,
            admin_fee: 5_000_000_000,
            allowed_extra_profit: 2_000_000_000_000,
            adjustment_step: 490_000_000_000_000,
            ma_time: 866,
        },
        price_scale: prices(3 * E18),
        price_oracle: prices(4 * E18),
        last_prices: prices(5 * E18),
        last_prices_timestamp: Timestamp(1_699_999_000),
        invariant: word(9 * E18),
        xcp_profit: word(E18 + 30),
        xcp_profit_a: word(E18 + 20),
        virtual_price: word(E18 + 10),
        not_adjusted: !is_ng,
        has_fee_receiver: true,
        last_admin_fee_claim_timestamp: Timestamp(if is_two_ng { 1_699_000_000 } else { 0 }),
        admin_lp_virtual_balance: Amount(word(if is_two_ng { 21 } else { 0 })),
    }
}

/// A pool of a generation that answers and stores what its source says.
fn told(generation: CryptoGeneration, first_slot: u64) -> Told {
    let state = state(generation);
    let mut chain = Scripted::new(TIME);
    let pool = contract(POOL);
    tell_coins(&mut chain, &state);
    let a_gamma = |of: AGamma| word(of.a) << 128 | word(of.gamma);
    for (name, value) in [
        ("D()", state.invariant),
        ("xcp_profit()", state.xcp_profit),
        ("xcp_profit_a()", state.xcp_profit_a),
        ("virtual_price()", state.virtual_price),
        ("initial_A_gamma()", a_gamma(state.initial_a_gamma)),
        ("future_A_gamma()", a_gamma(state.future_a_gamma)),
        ("initial_A_gamma_time()", word(state.initial_a_gamma_time.0)),
        ("future_A_gamma_time()", word(state.future_a_gamma_time.0)),
    ] {
        chain.tell(pool, name, &[value]);
    }
    let is_ng =
        matches!(generation, CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_));
    let CryptoSwapParameters { mid_fee, out_fee, fee_gamma, admin_fee, .. } = state.parameters;
    let CryptoSwapParameters { allowed_extra_profit, adjustment_step, ma_time, .. } =
        state.parameters;
    let fees = packed_three(mid_fee, out_fee, fee_gamma);
    let rebalancing = packed_three(allowed_extra_profit, adjustment_step, ma_time);
    if is_ng {
        chain.tell(pool, "packed_fee_params()", &[fees]);
        chain.tell(pool, "packed_rebalancing_params()", &[rebalancing]);
        chain.tell(pool, "totalSupply()", &[state.total_supply.0]);
    } else {
        for (name, value) in [
            ("mid_fee()", mid_fee),
            ("out_fee()", out_fee),
            ("fee_gamma()", fee_gamma),
            ("admin_fee()", admin_fee),
            ("allowed_extra_profit()", allowed_extra_profit),
            ("adjustment_step()", adjustment_step),
            ("ma_half_time()", ma_time),
        ] {
            chain.tell(pool, name, &[word(value)]);
        }
        chain.tell(pool, "token()", &[address_word(contract(SHARES))]);
        chain.tell(contract(SHARES), "totalSupply()", &[state.total_supply.0]);
    }
    tell_prices(&mut chain, &state, first_slot);
    let profit = first_slot + 30;
    chain.store(pool, profit, state.xcp_profit);
    chain.store(pool, profit + 1, state.xcp_profit_a);
    chain.store(pool, profit + 2, state.virtual_price);
    if is_ng {
        chain.store(pool, profit + 3, rebalancing);
        chain.store(pool, profit + 4, fees);
        chain.store(pool, profit + 5, word(state.last_admin_fee_claim_timestamp.0));
        chain.store(pool, profit + 6, state.admin_lp_virtual_balance.0);
    } else {
        chain.store(pool, profit + 3, word(1));
    }
    Told { state, chain }
}

fn tell_coins(chain: &mut Scripted, state: &CryptoSwapState) {
    let pool = contract(POOL);
    for (place, decimals) in state.decimals.iter().enumerate() {
        let coin = contract(10 + place as u8);
        let at = [word(place as u64)];
        chain.tell_of(pool, "coins(uint256)", &at, &[address_word(coin)]);
        chain.tell_of(pool, "balances(uint256)", &at, &[state.balances.as_slice()[place].0]);
        let held = state.holdings.as_slice()[place].0;
        chain.tell_of(coin, "balanceOf(address)", &[address_word(pool)], &[held]);
        chain.tell(coin, "decimals()", &[word(u64::from(*decimals))]);
    }
    let receiver = address_word(contract(90));
    match state.generation {
        CryptoGeneration::Tricrypto2 => {}
        CryptoGeneration::TwoCrypto(TwoCryptoBuild::Factory)
        | CryptoGeneration::TricryptoNg
        | CryptoGeneration::TwocryptoNg(_) => {
            chain.tell(pool, "factory()", &[address_word(contract(FACTORY))]);
            chain.tell(contract(FACTORY), "fee_receiver()", &[receiver]);
        }
        CryptoGeneration::TwoCrypto(_) => chain.tell(pool, "admin_fee_receiver()", &[receiver]),
    }
}

fn tell_prices(chain: &mut Scripted, state: &CryptoSwapState, first_slot: u64) {
    let pool = contract(POOL);
    let averages = !matches!(
        state.generation,
        CryptoGeneration::Tricrypto2
            | CryptoGeneration::TwoCrypto(
                TwoCryptoBuild::Eurt | TwoCryptoBuild::Crv | TwoCryptoBuild::Cvx
            )
    );
    for place in 0..state.price_scale.len() {
        // A function that averages tells another price than the one that was written.
        let shown = state.price_oracle[place] + word(u64::from(averages));
        let values = [state.price_scale[place], state.last_prices[place], shown];
        let (names, of) = if state.price_scale.len() == 1 {
            (["price_scale()", "last_prices()", "price_oracle()"], vec![])
        } else {
            let names = ["price_scale(uint256)", "last_prices(uint256)", "price_oracle(uint256)"];
            (names, vec![word(place as u64)])
        };
        for (name, value) in names.into_iter().zip(values) {
            chain.tell_of(pool, name, &of, &[value]);
        }
    }
    let mut time = word(state.last_prices_timestamp.0);
    let is_two_ng = matches!(state.generation, CryptoGeneration::TwocryptoNg(_));
    if state.generation == CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_0_0) {
        time |= word(1_698_000_000) << 128;
    }
    let name = if is_two_ng { "last_timestamp()" } else { "last_prices_timestamp()" };
    chain.tell(pool, name, &[time]);
    let words = [&state.price_scale, &state.price_oracle, &state.last_prices];
    for (slot, prices) in (first_slot..).zip(words) {
        chain.store(pool, slot, packed(prices));
    }
    chain.store(pool, first_slot + 3, time);
}

fn read(told: &Told) -> Result<CryptoSwapState, SnapshotError> {
    let pool = CryptoSwapPool { address: contract(POOL), generation: told.state.generation };
    told.chain.read(async |at| crypto_swap_state(at, pool).await)
}

#[test]
fn every_generation_is_read_wherever_its_variables_begin() {
    for generation in CryptoGeneration::ALL {
        for first_slot in [0, 1, 5, 60] {
            let told = told(generation, first_slot);
            assert_eq!(read(&told).as_ref(), Ok(&told.state), "{generation:?} {first_slot}");
            assert_eq!(told.chain.unasked(), 0, "{generation:?}");
        }
    }
}

#[test]
fn what_is_not_where_the_source_has_it_is_refused() {
    let untold = |told: &Told, part: &str| match read(told) {
        Err(SnapshotError::Untold { what, .. }) => assert!(what.contains(part), "{what}"),
        other => panic!("{other:?}"),
    };
    let pool = contract(POOL);
    let mut moved = told(CryptoGeneration::TricryptoNg, 2);
    moved.chain.store(pool, 4, word(1));
    untold(&moved, "price oracle");
    let mut moved = told(CryptoGeneration::Tricrypto2, 2);
    moved.chain.store(pool, 35, word(2));
    untold(&moved, "not_adjusted");
    let mut moved = told(CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0), 2);
    moved.chain.store(pool, 36, word(2));
    untold(&moved, "administrators");
    let mut nobody = told(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Crv), 2);
    nobody.chain.forget(pool, "admin_fee_receiver()", &[]);
    untold(&nobody, "who gets");
    // Nobody is named, which a contract can say.
    let mut unset = told(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Crv), 2);
    unset.chain.tell(pool, "admin_fee_receiver()", &[U256::ZERO]);
    unset.state.has_fee_receiver = false;
    assert_eq!(read(&unset).as_ref(), Ok(&unset.state));
}
