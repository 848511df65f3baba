//! One funded pool of each kind, all of tokens worth about the same in each.

use std::fmt::Debug;

use tidemill_amm::SharePool;
use tidemill_amm::balancer_v1::{BPoolState, BPoolToken};
use tidemill_amm::constant_product::PairState;
use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState,
};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyHolder, SolidlyPool, SolidlyState};
use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::stable_swap_meta::{StableSwapMeta, StableSwapMetaState};
use tidemill_amm::stable_swap_meta_ng::{MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState};
use tidemill_amm::stable_swap_ng::{StableSwapNg, StableSwapNgState};
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

pub(crate) const WAD: u128 = 1_000_000_000_000_000_000;
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);

/// What the laws ask of a pool.
pub(crate) trait Kind: SharePool + Clone + PartialEq + Debug {}

impl<P: SharePool + Clone + PartialEq + Debug> Kind for P {}

pub(crate) fn raw(amount: u128) -> Amount {
    Amount::from_u128(amount)
}

fn list(values: &[u128]) -> TokenAmounts {
    let values: Vec<_> = values.iter().copied().map(raw).collect();
    TokenAmounts::new(&values).unwrap()
}

pub(crate) fn pair() -> PairState {
    PairState {
        fee_to: Some([7; 20]),
        reserve0: raw(2_000_000 * WAD),
        reserve1: raw(1_000_000 * WAD),
        balance0: raw(2_000_000 * WAD),
        balance1: raw(1_000_000 * WAD),
        total_supply: raw(1_400_000 * WAD),
        locked_shares: raw(1000),
        block_timestamp_last: 1_600_000_000,
        ..PairState::default()
    }
}

pub(crate) fn solidly(build: SolidlyBuild, is_stable: bool) -> SolidlyState {
    let (fee, others) = match build {
        SolidlyBuild::Solidly => (1, raw(900_000 * WAD)),
        SolidlyBuild::Velodrome2 => (30, raw(1_000_000 * WAD)),
    };
    let empty = SolidlyPool::empty(build, is_stable, fee, [18, 18]).unwrap().state();
    SolidlyState {
        reserve0: raw(1_100_000 * WAD),
        reserve1: raw(900_000 * WAD),
        balance0: raw(1_100_000 * WAD),
        balance1: raw(900_000 * WAD),
        block_timestamp_last: Timestamp(1_600_000_000),
        locked: SolidlyHolder { shares: raw(1000), ..SolidlyHolder::default() },
        others: SolidlyHolder { shares: others, ..SolidlyHolder::default() },
        ..empty
    }
}

pub(crate) fn balancer_v1() -> BPoolState {
    let token = |balance: u128, weight: u128| BPoolToken {
        balance: raw(balance * WAD),
        held: raw(balance * WAD),
        denormalized_weight: U256::from(weight * WAD),
    };
    BPoolState {
        tokens: vec![token(2_000_000, 40), token(500_000, 10)],
        swap_fee: U256::from(3_000_000_000_000_000_u64),
        is_public_swap: true,
        is_finalized: true,
        total_supply: raw(100 * WAD),
    }
}

pub(crate) fn weighted(build: WeightedBuild) -> WeightedState {
    let empty = WeightedState {
        build,
        balances: vec![Amount::ZERO; 2],
        decimals: vec![18, 6],
        weights: vec![U256::from(WAD / 5 * 4), U256::from(WAD / 5)],
        rates: vec![None; 2],
        swap_fee: U256::from(3_000_000_000_000_000_u64),
        total_supply: Amount::ZERO,
        last_invariant: U256::ZERO,
        protocol_swap_fee: U256::from(WAD / 2),
        protocol_yield_fee: U256::ZERO,
        highest_rate_product: U256::ZERO,
    };
    let mut pool = Weighted::new(&empty).unwrap();
    pool.deposit(&list(&[2_000_000 * WAD, 500_000_000_000]), NOW).unwrap();
    pool.state()
}

pub(crate) fn stable_swap(generation: Generation) -> StableSwapState {
    let a = 200 * if generation == Generation::V2 { 100 } else { 1 };
    let mut pool = StableSwap::new(&StableSwapState {
        generation,
        balances: list(&[0; 3]),
        precisions: vec![1, 1_000_000_000_000, 1],
        admin_balances: list(&[0; 3]),
        total_supply: Amount::ZERO,
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    })
    .unwrap();
    let millions = 1_000_000;
    pool.deposit(&list(&[millions * WAD, millions * 1_100_000, millions * WAD]), NOW).unwrap();
    pool.state()
}

pub(crate) fn stable_swap_meta() -> StableSwapMetaState {
    let none = list(&[0; 2]);
    let mut pool = StableSwapMeta::new(&StableSwapMetaState {
        base: stable_swap(Generation::V1),
        before_factory: None,
        rate_multiplier: U256::from(WAD),
        balances: none,
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: 20_000,
        future_a: 20_000,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        previous_balances: none,
        price_cumulative_last: none,
        block_timestamp_last: Timestamp(0),
    })
    .unwrap();
    pool.deposit(&list(&[1_000_000 * WAD, 1_200_000 * WAD]), NOW).unwrap();
    pool.state()
}

pub(crate) fn stable_swap_ng() -> StableSwapNgState {
    let none = list(&[0; 3]);
    let mut pool = StableSwapNg::new(&StableSwapNgState {
        asset_types: vec![0, 1, 0],
        stored_rates: list(&[WAD, WAD + WAD / 10, WAD * 1_000_000_000_000]),
        token_balances: none,
        stored_balances: none,
        admin_balances: none,
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
        last_prices: list(&[WAD; 2]),
        ema_prices: list(&[WAD; 2]),
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: NOW,
        ma_last_time_d: NOW,
    })
    .unwrap();
    pool.deposit(&list(&[1_000_000 * WAD, 900_000 * WAD, 1_000_000_000_000]), NOW).unwrap();
    pool.state()
}

/// A metapool over the pool of [`stable_swap_ng`], or over a 3pool.
pub(crate) fn stable_swap_meta_ng(is_base_ng: bool) -> StableSwapMetaNgState {
    let none = list(&[0; 2]);
    let base = if is_base_ng {
        MetaNgBaseState::Ng(Box::new(stable_swap_ng()))
    } else {
        MetaNgBaseState::Plain(Box::new(stable_swap(Generation::V1)))
    };
    let own = StableSwapNgState {
        asset_types: vec![0, 0],
        stored_rates: list(&[WAD; 2]),
        token_balances: none,
        stored_balances: none,
        admin_balances: none,
        last_prices: list(&[WAD]),
        ema_prices: list(&[WAD]),
        total_supply: Amount::ZERO,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ..stable_swap_ng()
    };
    let mut pool = StableSwapMetaNg::new(&StableSwapMetaNgState { base, own }).unwrap();
    pool.deposit(&list(&[1_000_000 * WAD, 1_200_000 * WAD]), NOW).unwrap();
    pool.state()
}

pub(crate) fn crypto_swap(generation: CryptoGeneration) -> CryptoSwapState {
    let count = generation.coins();
    let shape = if count == 2 {
        AGamma { a: 400_000, gamma: 145_000_000_000_000 }
    } else {
        AGamma { a: 1_707_629, gamma: 11_809_167_828_997 }
    };
    let prices: Vec<_> =
        [30_000 * WAD, 2_000 * WAD][..count - 1].iter().map(|price| U256::from(*price)).collect();
    let none = TokenAmounts::zero(count).unwrap();
    let mut pool = CryptoSwap::new(&CryptoSwapState {
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
        last_prices_timestamp: NOW,
        invariant: U256::ZERO,
        xcp_profit: U256::ZERO,
        xcp_profit_a: U256::from(WAD),
        virtual_price: U256::ZERO,
        not_adjusted: false,
        has_fee_receiver: true,
        last_admin_fee_claim_timestamp: Timestamp(0),
        admin_lp_virtual_balance: Amount::ZERO,
    })
    .unwrap();
    let funds = [30_000_000_000_000, 100_000_000_000, 15_000 * WAD];
    pool.deposit(&list(&funds[..count]), NOW).unwrap();
    pool.state()
}
