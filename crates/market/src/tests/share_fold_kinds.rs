//! The calls that only some kinds know, and what only some logs say.

use tidemill_amm::Pool;
use tidemill_amm::constant_product::{Holder, PairSwap, Recipient};
use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState, TwoCryptoBuild,
};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyPool};
use tidemill_amm::stable_swap::{Generation, NewFees, NewParameters, StableSwap};
use tidemill_amm::stable_swap_meta::{MetaExchange, StableSwapMeta, StableSwapMetaState};
use tidemill_amm::stable_swap_meta_ng::{
    MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState, UnderlyingExchange,
};
use tidemill_amm::stable_swap_ng::StableSwapNgState;
use tidemill_model::{LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{
    Amount, Amounts, RelativeTolerance, Side, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256,
};

use super::share_folds::{Recorded, WAD, change, exact_in, exact_out, list, susd_like, trade};
use crate::{ShareMismatch, fold};

fn number(value: u64) -> Option<Amount> {
    Some(Amount::from_u64(value))
}

fn of_solidly(recorded: &mut Recorded) -> &mut SolidlyPool {
    let Pool::Solidly(pool) = &mut recorded.now else { panic!("a Solidly pool") };
    pool
}

#[test]
fn a_solidly_pool_from_its_first_deposit() {
    let start = SolidlyPool::empty(SolidlyBuild::Velodrome2, true, 30, [18, 6]).unwrap();
    let mut recorded = Recorded::new(Pool::Solidly(Box::new(start)));
    for amounts in [[5_000 * WAD, 5_000_000_000], [WAD, 4_000_000]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        let shares = recorded.now.shares_mut().unwrap().deposit(&amounts, at).unwrap();
        recorded.push(ShareEvent::Deposit(change(amounts, shares)));
    }
    recorded.swap(&trade(0, 1, exact_in(WAD * 30)));
    recorded.swap(&trade(1, 0, exact_out(WAD * 7)));
    let paid = Amounts::of(Side::Token1, Amount::from_u64(90_000_000));
    let given = Amounts::of(Side::Token1, Amount::from_u64(10_000_000));
    of_solidly(&mut recorded).give(given).unwrap();
    recorded.push(ShareEvent::Gift(Box::new(list(&[0, 10_000_000]))));
    let taken = Amounts::of(Side::Token0, Amount::from_u128(WAD * 80));
    let rest = paid.checked_sub(given).unwrap();
    let at = recorded.at();
    let swap = PairSwap { out: taken, to: Recipient::Outside, paid: rest };
    assert_eq!(of_solidly(&mut recorded).swap(swap, at).unwrap(), paid);
    recorded.push(ShareEvent::PairSwap { paid, taken });
    let fees = of_solidly(&mut recorded).claimable(Holder::Others).unwrap();
    let claimed = Amounts { amount0: fees.amount0, amount1: Amount::from_u64(2) };
    of_solidly(&mut recorded).claim_of_others(claimed).unwrap();
    let claimed = TokenAmounts::from_array([claimed.amount0, claimed.amount1]);
    recorded.push(ShareEvent::ClaimFees(Box::new(claimed)));
    recorded.withdraw(WAD / 1_000_000);
    of_solidly(&mut recorded).set_fee(5).unwrap();
    let fee = ParameterChange { fee: number(5), ..ParameterChange::default() };
    recorded.push(ShareEvent::SetParameters(Box::new(fee)));
    of_solidly(&mut recorded).give(given).unwrap();
    let at = recorded.at();
    of_solidly(&mut recorded).sync(at).unwrap();
    let reserves = recorded.now.shares().unwrap().balances();
    recorded.push(ShareEvent::Sync(Box::new(reserves)));
    recorded.check();
    // More than all fees there are.
    let more = ShareEvent::ClaimFees(Box::new(list(&[WAD * 30, 0])));
    let at = recorded.at();
    let said = fold(&mut recorded.now, &more, at, RelativeTolerance::EXACT).unwrap_err();
    assert!(matches!(said, ShareMismatch::Reverts { kind: "claim_fees", .. }), "{said}");
}

/// A pool with 90 million in each of three coins, as the base of a metapool.
fn base() -> StableSwap {
    let mut base = StableSwap::new(&susd_like(Generation::V1)).unwrap();
    let amounts = list(&[90_000_000 * WAD, 90_000_000_000_000, 90_000_000_000_000]);
    base.add_liquidity(&amounts, Amount::ZERO, Timestamp(1_600_000_000)).unwrap();
    base
}

fn metapool() -> StableSwapMeta {
    let none = list(&[0, 0]);
    StableSwapMeta::new(&StableSwapMetaState {
        base: base().state(),
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
    .unwrap()
}

#[test]
fn a_metapool_and_its_underlying_coins() {
    let mut recorded = Recorded::new(Pool::StableSwapMeta(Box::new(metapool())));
    for amounts in [[WAD * 900_000, WAD * 800_000], [WAD * 1000, 0]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
        let log = pool.add_liquidity_logged(&amounts, Amount::ZERO, at).unwrap();
        let mut change = change(amounts, log.shares);
        (change.fees, change.invariant) = (Some(log.fees), Some(log.invariant));
        change.total_shares = Some(recorded.now.shares().unwrap().total_shares());
        recorded.push(ShareEvent::Deposit(change));
    }
    recorded.swap(&trade(0, 1, exact_in(WAD * 700)));
    for [input, output] in [[0, 2], [3, 0], [1, 2], [0, 1]] {
        let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
        let (at, six) = (recorded.at(), input > 1);
        let amount_in = Amount::from_u128(if six { 5_000_000_000 } else { WAD * 5000 });
        let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
        let exchange = MetaExchange { pair, amount_in, minimum_out: Amount::ZERO };
        let amount_out = pool.exchange_underlying(exchange, at).unwrap();
        recorded.push(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base: None });
    }
    let (at, amounts) = (recorded.at(), list(&[WAD * 50, WAD * 3]));
    let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
    let log = pool.remove_liquidity_imbalance_logged(&amounts, Amount::MAX, at).unwrap();
    let mut imbalance = change(amounts, log.shares);
    (imbalance.fees, imbalance.invariant) = (Some(log.fees), Some(log.invariant));
    recorded.push(ShareEvent::WithdrawImbalance(imbalance));
    let (at, shares, token) = (recorded.at(), Amount::from_u128(WAD * 77), TokenIndex(1));
    let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
    let amount = pool.remove_liquidity_one_coin(shares, token, Amount::ZERO, at).unwrap();
    recorded.push(ShareEvent::WithdrawOne { token: Some(token), shares, amount });
    recorded.withdraw(WAD * 10);
    let at = recorded.at();
    let ends_at = Timestamp(at.0 + 1_000_000);
    let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
    pool.ramp_a(300, ends_at, at).unwrap();
    let amplification = Amount::from_u64(30_000);
    recorded.push(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma: None, ends_at })));
    let at = recorded.at();
    let Pool::StableSwapMeta(pool) = &mut recorded.now else { panic!("a metapool") };
    pool.stop_ramp_a(at).unwrap();
    recorded.push(ShareEvent::StopRamp);
    recorded.check();
}

fn metapool_ng() -> StableSwapMetaNg {
    let (none, one) = (list(&[0, 0]), list(&[WAD]));
    let own = StableSwapNgState {
        asset_types: vec![0, 0],
        stored_rates: list(&[WAD, WAD]),
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
        last_prices: one,
        ema_prices: one,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: Timestamp(1_600_000_000),
        ma_last_time_d: Timestamp(1_600_000_000),
    };
    let base = MetaNgBaseState::Plain(Box::new(base().state()));
    StableSwapMetaNg::new(&StableSwapMetaNgState { base, own }).unwrap()
}

fn of_meta_ng(recorded: &mut Recorded) -> &mut StableSwapMetaNg {
    let Pool::StableSwapMetaNg(pool) = &mut recorded.now else { panic!("a metapool") };
    pool
}

#[test]
fn a_younger_metapool_and_its_underlying_coins() {
    let mut recorded = Recorded::new(Pool::StableSwapMetaNg(Box::new(metapool_ng())));
    for amounts in [[WAD * 900_000, WAD * 800_000], [WAD * 1000, 0]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        let minted = of_meta_ng(&mut recorded).add_liquidity(&amounts, Amount::ZERO, at).unwrap();
        let mut change = change(amounts, minted.shares);
        (change.fees, change.invariant) = (Some(minted.fees), Some(minted.invariant));
        recorded.push(ShareEvent::Deposit(change));
    }
    recorded.swap(&trade(0, 1, exact_in(WAD * 700)));
    for [input, output] in [[0, 2], [3, 0], [1, 2], [0, 1]] {
        let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
        let (at, six) = (recorded.at(), input > 1);
        let amount_in = Amount::from_u128(if six { 5_000_000_000 } else { WAD * 5000 });
        let exchange = UnderlyingExchange { pair, amount_in, least_out: Amount::ZERO };
        let amount_out = of_meta_ng(&mut recorded).exchange_underlying(&exchange, at).unwrap();
        recorded.push(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base: None });
    }
    let (at, amounts) = (recorded.at(), list(&[WAD * 50, WAD * 3]));
    let pool = of_meta_ng(&mut recorded);
    let burned = pool.remove_liquidity_imbalance(&amounts, Amount::MAX, at).unwrap();
    let mut imbalance = change(amounts, burned.shares);
    (imbalance.fees, imbalance.invariant) = (Some(burned.fees), Some(burned.invariant));
    recorded.push(ShareEvent::WithdrawImbalance(imbalance));
    let (at, shares, token) = (recorded.at(), Amount::from_u128(WAD * 77), TokenIndex(1));
    let pool = of_meta_ng(&mut recorded);
    let paid = pool.remove_liquidity_one_coin(shares, token, Amount::ZERO, at).unwrap();
    recorded.push(ShareEvent::WithdrawOne { token: Some(token), shares, amount: paid.amount });
    let claimed = of_meta_ng(&mut recorded).withdraw_admin_fees().unwrap();
    assert!(!claimed.is_zero());
    recorded.push(ShareEvent::ClaimAdminFees(Box::new(claimed)));
    of_meta_ng(&mut recorded).set_new_fee(1_000_000, U256::from(50_000_000_000_u64)).unwrap();
    let fees = ParameterChange {
        fee: number(1_000_000),
        offpeg_fee_multiplier: number(50_000_000_000),
        ..ParameterChange::default()
    };
    recorded.push(ShareEvent::SetParameters(Box::new(fees)));
    let at = recorded.at();
    let ends_at = Timestamp(at.0 + 1_000_000);
    of_meta_ng(&mut recorded).ramp_a(300, ends_at, at).unwrap();
    let amplification = Amount::from_u64(30_000);
    recorded.push(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma: None, ends_at })));
    recorded.check();
}

#[test]
fn fees_and_invariants_of_curve_s_logs_are_compared() {
    let mut start = Pool::StableSwap(Box::new(base()));
    let (at, amounts) = (Timestamp(1_700_000_000), list(&[WAD * 90_000, 5_000_000, 0]));
    let Pool::StableSwap(mut pool) = start.clone() else { panic!("a Curve pool") };
    let log = pool.add_liquidity_logged(&amounts, Amount::ZERO, at).unwrap();
    assert!(log.fees.as_slice().iter().all(|fee| !fee.is_zero()), "{:?}", log.fees);
    // The fees are what is missing from the deposit, so the invariant is below this one.
    assert!(pool.invariant(at).unwrap() <= log.invariant.0);
    let mut logged = change(amounts, log.shares);
    (logged.fees, logged.invariant) = (Some(log.fees), Some(log.invariant));
    let good = ShareEvent::Deposit(logged.clone());
    let said = |pool: &mut Pool, change: &LiquidityChange| {
        let event = ShareEvent::Deposit(Box::new(*change));
        let before = pool.clone();
        let said = fold(pool, &event, at, RelativeTolerance::EXACT).unwrap_err().to_string();
        assert_eq!(*pool, before);
        said
    };
    let one = Amount::from_u64(1);
    let mut wrong = logged.clone();
    wrong.invariant = wrong.invariant.and_then(|d| d.checked_add(one));
    let invariant = said(&mut start, &wrong);
    assert!(invariant.starts_with("the deposit gives invariant "), "{invariant}");
    let mut wrong = logged;
    let fee = &mut wrong.fees.as_mut().unwrap().as_mut_slice()[2];
    *fee = fee.checked_add(one).unwrap();
    let fees = said(&mut start, &wrong);
    assert!(fees.starts_with("the deposit gives fees[2] "), "{fees}");
    fold(&mut start, &good, at, RelativeTolerance::EXACT).unwrap();
    assert_eq!(start, Pool::StableSwap(pool));
}

/// The call that let them wait is on no tape: with it in the state and without, the end is one.
#[test]
fn new_fees_of_curve_pools_apply() {
    let fees = NewFees { fee: 1_500_000, admin_fee: 0 };
    let change =
        ParameterChange { fee: number(fees.fee), admin_fee: number(0), ..Default::default() };
    let event = ShareEvent::SetParameters(Box::new(change));
    for generation in [Generation::V0, Generation::V1, Generation::V2] {
        let mut state = susd_like(generation);
        (state.initial_a, state.future_a) = (200, 200);
        let at = Timestamp(1_700_000_000);
        let mut fresh = Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()));
        (state.future_fee, state.future_admin_fee) = (fees.fee, fees.admin_fee);
        state.admin_actions_deadline = Timestamp(at.0 - 5);
        let mut waiting = Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()));
        for pool in [&mut fresh, &mut waiting] {
            fold(pool, &event, at, RelativeTolerance::EXACT).unwrap();
            let Pool::StableSwap(pool) = pool else { panic!("a Curve pool") };
            assert_eq!((pool.fee(), pool.state().admin_fee), (fees.fee, 0));
            assert_eq!(pool.state().admin_actions_deadline, Timestamp(0));
            assert_eq!(pool.state().initial_a, 200);
        }
        assert_eq!(fresh, waiting);
        let high = ParameterChange { fee: number(5_000_000_001), ..change };
        let high = ShareEvent::SetParameters(Box::new(high));
        let said = fold(&mut fresh, &high, at, RelativeTolerance::EXACT).unwrap_err();
        assert!(matches!(said, ShareMismatch::Reverts { .. }), "{said}");
        assert_eq!(fresh, waiting);
    }
}

/// The first generation knows no ramps: an amplification waits with the fees and is there at once.
#[test]
fn an_amplification_of_the_first_generation_applies_with_its_fees() {
    let (at, amplification) = (Timestamp(1_700_000_000), number(350));
    let (fee, admin_fee) = (number(1_500_000), number(0));
    let change = ParameterChange { amplification, fee, admin_fee, ..Default::default() };
    let event = ShareEvent::SetParameters(Box::new(change));
    let mut state = susd_like(Generation::V0);
    let mut fresh = Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()));
    let mut said_before = StableSwap::new(&state).unwrap();
    let fees = NewFees { fee: 1_500_000, admin_fee: 0 };
    let new = NewParameters { amplification: 350, fees };
    said_before.commit_new_parameters(new, Timestamp(at.0 - 300_000)).unwrap();
    let mut waiting = Pool::StableSwap(Box::new(said_before.clone()));
    said_before.apply_new_parameters(at).unwrap();
    // Something else waits: it was taken back and this said instead.
    (state.future_fee, state.future_admin_fee, state.future_a) = (1_500_000, 0, 351);
    state.admin_actions_deadline = Timestamp(at.0 - 5);
    let mut other = Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()));
    for pool in [&mut fresh, &mut waiting, &mut other] {
        fold(pool, &event, at, RelativeTolerance::EXACT).unwrap();
        assert_eq!(*pool, Pool::StableSwap(Box::new(said_before.clone())));
    }
    assert_eq!(said_before.amplification(at), Ok(350));
    // Fees alone leave it as it is.
    let alone = ParameterChange { fee: number(7), ..Default::default() };
    fold(&mut fresh, &ShareEvent::SetParameters(Box::new(alone)), at, RelativeTolerance::EXACT)
        .unwrap();
    let Pool::StableSwap(pool) = &fresh else { panic!("a Curve pool") };
    assert_eq!((pool.amplification(at), pool.fee()), (Ok(350), 7));

    for (generation, amplification) in
        [(Generation::V0, number(1_000_001)), (Generation::V1, number(350))]
    {
        let mut state = susd_like(generation);
        (state.initial_a, state.future_a) = (200, 200);
        let mut pool = Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()));
        let before = pool.clone();
        let event =
            ShareEvent::SetParameters(Box::new(ParameterChange { amplification, ..change }));
        let said = fold(&mut pool, &event, at, RelativeTolerance::EXACT).unwrap_err();
        assert!(matches!(said, ShareMismatch::Reverts { kind: "set_parameters", .. }), "{said}");
        assert_eq!(pool, before);
    }
}

fn crypto_state(shape: AGamma, parameters: CryptoSwapParameters) -> CryptoSwapState {
    let (none, prices) = (list(&[0, 0]), vec![U256::from(2000 * WAD)]);
    CryptoSwapState {
        generation: CryptoGeneration::TwoCrypto(TwoCryptoBuild::Factory),
        decimals: vec![18, 18],
        balances: none,
        holdings: none,
        total_supply: Amount::ZERO,
        initial_a_gamma: shape,
        initial_a_gamma_time: Timestamp(0),
        future_a_gamma: shape,
        future_a_gamma_time: Timestamp(0),
        parameters,
        price_scale: prices.clone(),
        price_oracle: prices.clone(),
        last_prices: prices,
        last_prices_timestamp: Timestamp(1_700_000_000),
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

fn of_crypto(recorded: &mut Recorded) -> &mut CryptoSwap {
    let Pool::CryptoSwap(pool) = &mut recorded.now else { panic!("a crypto pool") };
    pool
}

#[test]
fn a_crypto_pool_that_ramps_and_is_tuned() {
    let shape = AGamma { a: 400_000, gamma: 145_000_000_000_000 };
    let parameters = CryptoSwapParameters {
        mid_fee: 26_000_000,
        out_fee: 45_000_000,
        fee_gamma: 230_000_000_000_000,
        admin_fee: 5_000_000_000,
        allowed_extra_profit: 2_000_000_000_000,
        adjustment_step: 146_000_000_000_000,
        ma_time: 600,
    };
    let start = CryptoSwap::new(&crypto_state(shape, parameters)).unwrap();
    let mut recorded = Recorded::new(Pool::CryptoSwap(Box::new(start)));
    for amounts in [[WAD * 2_000_000, WAD * 1000], [WAD * 500, WAD]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        let shares = recorded.now.shares_mut().unwrap().deposit(&amounts, at).unwrap();
        recorded.push(ShareEvent::Deposit(change(amounts, shares)));
    }
    recorded.swap(&trade(0, 1, exact_in(WAD * 9000)));
    let at = recorded.at();
    let ends_at = Timestamp(at.0 + 2_000_000);
    let future = AGamma { a: 600_000, gamma: 200_000_000_000_000 };
    of_crypto(&mut recorded).ramp_a_gamma(future, ends_at, at).unwrap();
    let (amplification, gamma) = (Amount::from_u64(future.a), number(future.gamma));
    recorded.push(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma, ends_at })));
    recorded.swap(&trade(1, 0, exact_in(WAD * 2)));
    let at = recorded.at();
    of_crypto(&mut recorded).stop_ramp_a_gamma(at).unwrap();
    recorded.push(ShareEvent::StopRamp);
    let at = recorded.at();
    let tuned = CryptoSwapParameters { mid_fee: 3_000_000, ma_time: 1200, ..parameters };
    of_crypto(&mut recorded).apply_parameters(&tuned, at).unwrap();
    let set = ParameterChange {
        mid_fee: number(tuned.mid_fee),
        moving_average_time: number(tuned.ma_time),
        ..ParameterChange::default()
    };
    recorded.push(ShareEvent::SetParameters(Box::new(set)));
    recorded.swap(&trade(0, 1, exact_in(WAD * 100)));
    recorded.withdraw(WAD * 10);
    recorded.check();
}
