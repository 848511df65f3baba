//! Tapes of Curve's pools that random calls make: each call goes to the pool, and what it would log
//! is recorded in full. Tests of several crates take this file in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out the variants that it is about"
)]

use tidemill_amm::crypto_swap::{
    AGamma, ClaimFirst, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState,
};
use tidemill_amm::stable_swap::{
    self, ADMIN_ACTIONS_DELAY, LiquidityLog, NewFees, OneCoin, StableSwap,
};
use tidemill_amm::stable_swap_meta::{MetaExchange, StableSwapMeta, StableSwapMetaState};
use tidemill_amm::{Pool, SharePool, SwapAmount, Trade};
use tidemill_model::{BaseLog, LiquidityChange, ParameterChange, Ramp, ShareEvent, Token};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::seeded::Seeded;
use super::synthetic_shares::{SyntheticShares, amounts};

const WAD: u128 = 1_000_000_000_000_000_000;
const DAY: u64 = 86_400;
const START: Timestamp = Timestamp(1_699_999_940);

/// A StableSwap pool of three coins after so many random calls.
pub(crate) fn three_coins(seed: u64, calls: usize) -> SyntheticShares {
    random_run(SyntheticShares::three_coins(), seed, calls)
}

/// A metapool over such a pool, with calls of others to the base pool between its own.
pub(crate) fn metapool(seed: u64, calls: usize) -> SyntheticShares {
    random_run(empty_run(), seed, calls)
}

fn empty_run() -> SyntheticShares {
    let base = SyntheticShares::three_coins();
    let Pool::StableSwap(under) = base.pool else { panic!("a StableSwap pool") };
    let none = amounts(&[0, 0]);
    let mut pool = StableSwapMeta::new(&StableSwapMetaState {
        before_factory: None,
        base: under.state(),
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
    .expect("an empty metapool");
    let first = amounts(&[900_000 * WAD, 800_000 * WAD]);
    pool.deposit(&first, START).expect("a first deposit");
    let tokens = [("FRAX", 18), ("3Crv", 18)];
    let mut tape = SyntheticShares::of(Pool::StableSwapMeta(Box::new(pool)), &tokens);
    tape.header.base_tokens = base.header.tokens;
    tape
}

/// A crypto pool of USDC, WBTC and, of three coins, WETH after so many random calls.
pub(crate) fn crypto(generation: CryptoGeneration, seed: u64, calls: usize) -> SyntheticShares {
    let count = generation.coins();
    let shape = match generation {
        CryptoGeneration::TwoCrypto(_) | CryptoGeneration::TwocryptoNg(_) => {
            AGamma { a: 400_000, gamma: 145_000_000_000_000 }
        }
        CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => {
            AGamma { a: 1_707_629, gamma: 11_809_167_828_997 }
        }
    };
    let prices = [30_000 * WAD, 2_000 * WAD].map(U256::from)[..count - 1].to_vec();
    let none = TokenAmounts::zero(count).expect("two or three");
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
        last_prices_timestamp: START,
        invariant: U256::ZERO,
        xcp_profit: U256::ZERO,
        xcp_profit_a: U256::from(WAD),
        virtual_price: U256::ZERO,
        last_admin_fee_claim_timestamp: Timestamp(0),
        admin_lp_virtual_balance: Amount::ZERO,
        not_adjusted: false,
        has_fee_receiver: true,
    })
    .expect("an empty crypto pool");
    let first = [30_000_000_000_000, 100_000_000_000, 15_000 * WAD];
    pool.add_liquidity(&amounts(&first[..count]), START).expect("a first deposit");
    let tokens = [("USDC", 6), ("WBTC", 8), ("WETH", 18)];
    let pool = Pool::CryptoSwap(Box::new(pool));
    random_run(SyntheticShares::of(pool, &tokens[..count]), seed, calls)
}

/// What the base pool's tokens of a metapool are called.
pub(crate) fn base_tokens(tape: &SyntheticShares) -> Vec<Token> {
    tape.header.base_tokens.clone()
}

fn random_run(mut tape: SyntheticShares, seed: u64, calls: usize) -> SyntheticShares {
    let mut random = Seeded(seed);
    let mut made = 0;
    while made < calls {
        // Now and then a day passes: ramps and claims wait for that.
        tape.skip_blocks(if random.once_in(40) { 8_000 } else { 1 + random.below(30) });
        let now = tape.now();
        let mut pool = tape.pool.clone();
        let event = match &mut pool {
            Pool::StableSwap(pool) => {
                let others = SharePool::total_shares(pool.as_ref());
                stable_call(pool, others, &mut random, now)
            }
            Pool::StableSwapMeta(pool) => meta_call(pool, &mut random, now),
            Pool::CryptoSwap(pool) => crypto_call(pool, &mut random, now),
            _ => panic!("not one of Curve's"),
        };
        // What the pool refuses leaves no log.
        if let Some(event) = event {
            tape.pool = pool;
            tape.record(event);
            made += 1;
        }
    }
    tape
}

pub(crate) fn part(amount: Amount, random: &mut Seeded) -> Amount {
    Amount(amount.0 / U256::from(20 + random.below(3_000)))
}

/// Some of each coin, of about every second one.
pub(crate) fn some_of(balances: &TokenAmounts, random: &mut Seeded) -> TokenAmounts {
    let mut some = *balances;
    for amount in some.as_mut_slice() {
        *amount = if random.once_in(2) { part(*amount, random) } else { Amount::ZERO };
    }
    some
}

pub(crate) fn two_of(count: usize, random: &mut Seeded) -> TokenPair {
    let count = u64::try_from(count).expect("few");
    let input = random.below(count);
    let output = (input + 1 + random.below(count - 1)) % count;
    let [input, output] = [input, output].map(|one| TokenIndex(u8::try_from(one).expect("few")));
    TokenPair { input, output }
}

/// A swap of either kind; the log has what went in and out.
pub(crate) fn swap(
    pool: &mut dyn SharePool,
    random: &mut Seeded,
    now: Timestamp,
) -> Option<ShareEvent> {
    let balances = pool.balances();
    let pair = two_of(balances.len(), random);
    let amount = if random.once_in(4) {
        SwapAmount::ExactOut(part(balances.get(pair.output)?, random))
    } else {
        SwapAmount::ExactIn(part(balances.get(pair.input)?, random))
    };
    let quote = pool.swap(&Trade { pair, amount }, now).ok()?;
    let (amount_in, amount_out) = (quote.amount_in, quote.amount_out);
    Some(ShareEvent::Swap { pair, amount_in, amount_out })
}

fn logged(amounts: TokenAmounts, log: &LiquidityLog, total: Amount) -> Box<LiquidityChange> {
    Box::new(LiquidityChange {
        amounts,
        shares: Some(log.shares),
        fees: Some(log.fees),
        invariant: Some(log.invariant),
        total_shares: Some(total),
    })
}

pub(crate) fn unlogged(
    amounts: TokenAmounts,
    shares: Amount,
    total: Amount,
) -> Box<LiquidityChange> {
    let (shares, total_shares) = (Some(shares), Some(total));
    Box::new(LiquidityChange { amounts, shares, fees: None, invariant: None, total_shares })
}

pub(crate) fn one_of(count: usize, random: &mut Seeded) -> TokenIndex {
    let count = u64::try_from(count).expect("few");
    TokenIndex(u8::try_from(random.below(count)).expect("few"))
}

/// A call to a StableSwap pool of the second generation, of whose shares so many are others'.
pub(crate) fn stable_call(
    pool: &mut StableSwap,
    others: Amount,
    random: &mut Seeded,
    now: Timestamp,
) -> Option<ShareEvent> {
    let (none, balances) = (Amount::ZERO, SharePool::balances(pool));
    Some(match random.below(20) {
        0 | 1 => {
            let amounts = some_of(&balances, random);
            let log = pool.add_liquidity_logged(&amounts, none, now).ok()?;
            ShareEvent::Deposit(logged(amounts, &log, SharePool::total_shares(pool)))
        }
        2 => {
            let shares = part(others, random);
            let amounts = pool.withdraw(shares, now).ok()?;
            ShareEvent::Withdraw(unlogged(amounts, shares, SharePool::total_shares(pool)))
        }
        3 => {
            let amounts = some_of(&balances, random);
            let most = part(others, random);
            let log = pool.remove_liquidity_imbalance_logged(&amounts, most, now).ok()?;
            ShareEvent::WithdrawImbalance(logged(amounts, &log, SharePool::total_shares(pool)))
        }
        4 | 5 => {
            let (shares, coin) = (part(others, random), one_of(balances.len(), random));
            let of = |coin| OneCoin { shares, coin, minimum_out: none };
            let before = pool.clone();
            let paid = pool.remove_liquidity_one_coin(of(coin), now).ok()?;
            // The log alone does not tell two coins apart that give the same, as at the start.
            let is_alike = |other: u8| {
                let same = before.clone().remove_liquidity_one_coin(of(TokenIndex(other)), now);
                TokenIndex(other) != coin && same == Ok(paid)
            };
            let is_told = random.once_in(2) || (0..3).any(is_alike);
            let token = is_told.then_some(coin);
            ShareEvent::WithdrawOne { token, shares: paid.burned, amount: paid.amount }
        }
        6 => {
            let amounts = some_of(&amounts(&[WAD, 1_000_000, 1_000_000]), random);
            pool.give(&amounts).ok()?;
            ShareEvent::Gift(Box::new(amounts))
        }
        7 => ShareEvent::ClaimAdminFees(Box::new(pool.withdraw_admin_fees())),
        8 => {
            let future_a = 500 + random.below(4_000);
            let future_time = Timestamp(now.0 + DAY + random.below(3 * DAY));
            pool.ramp_a(stable_swap::Ramp { future_a, future_time }, now).ok()?;
            ramp(future_a * pool.generation().amplification_precision(), None, future_time)
        }
        9 if random.once_in(4) => {
            pool.stop_ramp_a(now).ok()?;
            ShareEvent::StopRamp
        }
        10 if random.once_in(3) => {
            let fees = NewFees { fee: random.below(9_000_000), admin_fee: random.below(1 << 33) };
            // The call that lets them wait is three days old.
            pool.commit_new_fee(fees, Timestamp(now.0 - ADMIN_ACTIONS_DELAY)).ok()?;
            pool.apply_new_parameters(now).ok()?;
            ShareEvent::SetParameters(Box::new(ParameterChange {
                fee: Some(Amount::from_u64(fees.fee)),
                admin_fee: Some(Amount::from_u64(fees.admin_fee)),
                ..ParameterChange::default()
            }))
        }
        _ => swap(pool, random, now)?,
    })
}

pub(crate) fn ramp(amplification: u64, gamma: Option<u64>, ends_at: Timestamp) -> ShareEvent {
    let amplification = Amount::from_u64(amplification);
    ShareEvent::Ramp(Box::new(Ramp { amplification, gamma: gamma.map(Amount::from_u64), ends_at }))
}

/// A call to a metapool, or to the pool under it.
fn meta_call(pool: &mut StableSwapMeta, random: &mut Seeded, now: Timestamp) -> Option<ShareEvent> {
    let (none, balances) = (Amount::ZERO, SharePool::balances(pool));
    let total = SharePool::total_shares(pool);
    Some(match random.below(24) {
        0 | 1 => {
            let amounts = some_of(&balances, random);
            let log = pool.add_liquidity_logged(&amounts, none, now).ok()?;
            ShareEvent::Deposit(logged(amounts, &log, SharePool::total_shares(pool)))
        }
        2 => {
            let shares = part(total, random);
            let amounts = pool.withdraw(shares, now).ok()?;
            ShareEvent::Withdraw(unlogged(amounts, shares, SharePool::total_shares(pool)))
        }
        3 => {
            let amounts = some_of(&balances, random);
            let log = pool.remove_liquidity_imbalance_logged(&amounts, Amount::MAX, now).ok()?;
            ShareEvent::WithdrawImbalance(logged(amounts, &log, SharePool::total_shares(pool)))
        }
        4 => {
            let (shares, coin) = (part(total, random), one_of(balances.len(), random));
            let amount = pool.remove_liquidity_one_coin(shares, coin, none, now).ok()?;
            ShareEvent::WithdrawOne { token: random.once_in(2).then_some(coin), shares, amount }
        }
        5 => {
            let amounts = some_of(&amounts(&[WAD, WAD]), random);
            pool.give(&amounts).ok()?;
            ShareEvent::Gift(Box::new(amounts))
        }
        6 => {
            let fees = pool.withdraw_admin_fees(now).ok()?;
            let paid = fees.bought.checked_add(fees.kept)?;
            ShareEvent::ClaimAdminFees(Box::new(TokenAmounts::from_array([none, paid])))
        }
        7 => {
            let future_a = 50 + random.below(600);
            let ends_at = Timestamp(now.0 + DAY + random.below(3 * DAY));
            pool.ramp_a(future_a, ends_at, now).ok()?;
            ramp(100 * future_a, None, ends_at)
        }
        8 if random.once_in(4) => {
            pool.stop_ramp_a(now).ok()?;
            ShareEvent::StopRamp
        }
        9..=14 => {
            let held = balances
                .get(TokenIndex(1))?
                .checked_add(pool.admin_balances().get(TokenIndex(1))?)?;
            let base = pool.base_mut();
            let others = SharePool::total_shares(base).checked_sub(held)?;
            ShareEvent::Base(Box::new(stable_call(base, others, random, now)?))
        }
        15..=18 => underlying(pool, random, now)?,
        _ => swap(pool, random, now)?,
    })
}

/// An exchange of underlying coins, with what the base pool logs of it.
fn underlying(
    pool: &mut StableSwapMeta,
    random: &mut Seeded,
    now: Timestamp,
) -> Option<ShareEvent> {
    let pair = two_of(4, random);
    let before = pool.base().clone();
    let held = match pair.input.0.checked_sub(1) {
        None => SharePool::balances(pool).get(TokenIndex(0))?,
        Some(coin) => SharePool::balances(&before).get(TokenIndex(coin))?,
    };
    let amount_in = part(held, random);
    let exchange = MetaExchange { pair, amount_in, minimum_out: Amount::ZERO };
    let amount_out = pool.exchange_underlying(exchange, now).ok()?;
    let [old, new] = [&before, pool.base()].map(SharePool::total_shares);
    let mut log = BaseLog {
        shares: Some(Amount(old.0.abs_diff(new.0))),
        total_shares: Some(new),
        ..BaseLog::default()
    };
    if pair.output == TokenIndex(0) {
        let coin = TokenIndex(pair.input.0 - 1);
        let amounts = TokenAmounts::of(3, coin, amount_in)?;
        let deposit = before.clone().add_liquidity_logged(&amounts, Amount::ZERO, now).ok()?;
        (log.fees, log.invariant) = (Some(deposit.fees), Some(deposit.invariant));
    }
    let base = (!random.once_in(4)).then(|| Box::new(log));
    Some(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base })
}

/// A call to a crypto pool; what it mints for the administrator on its way is told.
fn crypto_call(pool: &mut CryptoSwap, random: &mut Seeded, now: Timestamp) -> Option<ShareEvent> {
    let (before, none) = (SharePool::total_shares(pool), Amount::ZERO);
    let balances = SharePool::balances(pool);
    let total = |pool: &CryptoSwap| SharePool::total_shares(pool);
    let mut minted = none;
    let mut burned = none;
    let event = match random.below(20) {
        0 | 1 => {
            let amounts = some_of(&balances, random);
            minted = pool.add_liquidity(&amounts, now).ok()?;
            ShareEvent::Deposit(unlogged(amounts, minted, total(pool)))
        }
        2 => {
            burned = part(before, random);
            let amounts = pool.remove_liquidity(burned, ClaimFirst::Yes, now).ok()?;
            ShareEvent::Withdraw(unlogged(amounts, burned, total(pool)))
        }
        3 => {
            burned = part(before, random);
            let coin = one_of(balances.len(), random);
            let amount = pool.remove_liquidity_one_coin(burned, coin, now).ok()?;
            ShareEvent::WithdrawOne { token: Some(coin), shares: burned, amount }
        }
        4 => {
            let given = [1_000_000, 100_000, WAD / 1_000];
            let amounts = some_of(&amounts(&given[..balances.len()]), random);
            pool.give(&amounts).ok()?;
            ShareEvent::Gift(Box::new(amounts))
        }
        5 | 6 => {
            pool.claim_admin_fees(now).ok()?;
            return Some(ShareEvent::ClaimAdminShares(total(pool).checked_sub(before)?));
        }
        7 => {
            let shape = pool.a_gamma(now).ok()?;
            let percent = |value: u64, random: &mut Seeded| value / 100 * (80 + random.below(50));
            let future =
                AGamma { a: percent(shape.a, random), gamma: percent(shape.gamma, random) };
            let ends_at = Timestamp(now.0 + DAY + random.below(3 * DAY));
            pool.ramp_a_gamma(future, ends_at, now).ok()?;
            ramp(future.a, Some(future.gamma), ends_at)
        }
        8 if random.once_in(4) => {
            pool.stop_ramp_a_gamma(now).ok()?;
            ShareEvent::StopRamp
        }
        9 => {
            let old = pool.state().parameters;
            let admin_fee = random.below(6_000_000_000);
            let mid_fee = 2_000_000 + random.below(3_000_000);
            let parameters = CryptoSwapParameters { admin_fee, mid_fee, ..old };
            pool.apply_parameters(&parameters, now).ok()?;
            ShareEvent::SetParameters(Box::new(ParameterChange {
                admin_fee: Some(Amount::from_u64(admin_fee)),
                mid_fee: Some(Amount::from_u64(mid_fee)),
                ..ParameterChange::default()
            }))
        }
        _ => swap(pool, random, now)?,
    };
    let admin_shares = total(pool).checked_add(burned)?.checked_sub(before)?.checked_sub(minted)?;
    if admin_shares.is_zero() {
        return Some(event);
    }
    Some(ShareEvent::Claiming { event: Box::new(event), admin_shares })
}
