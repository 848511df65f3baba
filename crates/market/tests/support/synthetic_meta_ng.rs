//! Tapes of metapools of stableswap-ng over each kind of base pool, made by random calls as those
//! of `synthetic_curve` are. Tests of several crates take this file in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::stable_swap_meta_ng::{
    MetaNgBase, MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState, UnderlyingExchange,
};
use tidemill_amm::stable_swap_ng::{StableSwapNg, StableSwapNgState};
use tidemill_amm::{Pool, SharePool};
use tidemill_model::{BaseLog, LiquidityChange, ParameterChange, ShareEvent};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use super::seeded::Seeded;
use super::synthetic_curve::{one_of, part, ramp, some_of, stable_call, swap, two_of, unlogged};
use super::synthetic_shares::{SyntheticShares, amounts};

const WAD: u128 = 1_000_000_000_000_000_000;
const DAY: u64 = 86_400;
const START: Timestamp = Timestamp(1_699_999_940);

/// What a metapool stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    /// An older plain pool of two coins.
    TwoCoins,
    /// One of three.
    ThreeCoins,
    /// A stableswap-ng pool of two coins.
    Ng,
}

impl Under {
    pub(crate) const ALL: [Self; 3] = [Self::TwoCoins, Self::ThreeCoins, Self::Ng];

    fn base(self) -> SyntheticShares {
        match self {
            Self::TwoCoins => two_coins(),
            Self::ThreeCoins => SyntheticShares::three_coins(),
            Self::Ng => younger(),
        }
    }
}

fn two_coins() -> SyntheticShares {
    let none = amounts(&[0, 0]);
    let mut pool = StableSwap::new(&StableSwapState {
        generation: Generation::V2,
        balances: none,
        precisions: vec![1, 1_000_000_000_000],
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: 50_050,
        future_a: 50_050,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 1_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    })
    .expect("an empty pool");
    let first = amounts(&[1_500_000 * WAD, 1_600_000_000_000]);
    pool.deposit(&first, START).expect("a first deposit");
    SyntheticShares::of(Pool::StableSwap(Box::new(pool)), &[("FRAX", 18), ("USDC", 6)])
}

/// A stableswap-ng pool of two coins without anything in it.
fn empty(second: u128, fee: u64) -> StableSwapNgState {
    let (none, one) = (amounts(&[0, 0]), amounts(&[WAD]));
    StableSwapNgState {
        asset_types: vec![0, 0],
        stored_rates: amounts(&[WAD, second]),
        token_balances: none,
        stored_balances: none,
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: 20_000,
        future_a: 20_000,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee,
        offpeg_fee_multiplier: U256::from(20_000_000_000_u64),
        admin_fee: 5_000_000_000,
        ma_exp_time: U256::from(866),
        d_ma_time: U256::from(62_324),
        last_prices: one,
        ema_prices: one,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: START,
        ma_last_time_d: START,
    }
}

fn younger() -> SyntheticShares {
    let six_decimals = WAD * 1_000_000_000_000;
    let mut pool = StableSwapNg::new(&empty(six_decimals, 1_000_000)).expect("an empty pool");
    let first = amounts(&[1_500_000 * WAD, 1_600_000_000_000]);
    pool.deposit(&first, START).expect("a first deposit");
    SyntheticShares::of(Pool::StableSwapNg(Box::new(pool)), &[("crvUSD", 18), ("USDC", 6)])
}

/// A metapool after so many random calls, of others to the base pool too.
pub(crate) fn metapool_ng(under: Under, seed: u64, calls: usize) -> SyntheticShares {
    let below = under.base();
    let base = if let Pool::StableSwap(pool) = &below.pool {
        MetaNgBaseState::Plain(Box::new(pool.state()))
    } else if let Pool::StableSwapNg(pool) = &below.pool {
        MetaNgBaseState::Ng(Box::new(pool.state()))
    } else {
        panic!("no base pool")
    };
    let own = empty(WAD, 4_000_000);
    let mut pool =
        StableSwapMetaNg::new(&StableSwapMetaNgState { base, own }).expect("an empty metapool");
    pool.deposit(&amounts(&[900_000 * WAD, 800_000 * WAD]), START).expect("a first deposit");
    let tokens = [("TUSD", 18), ("baseLP", 18)];
    let mut tape = SyntheticShares::of(Pool::StableSwapMetaNg(Box::new(pool)), &tokens);
    tape.header.base_tokens = below.header.tokens;
    let mut random = Seeded(seed);
    let mut made = 0;
    while made < calls {
        tape.skip_blocks(if random.once_in(40) { 8_000 } else { 1 + random.below(30) });
        let now = tape.now();
        let mut pool = tape.pool.clone();
        let Pool::StableSwapMetaNg(meta) = &mut pool else { panic!("a metapool") };
        // What the pool refuses leaves no log.
        if let Some(event) = call(meta, &mut random, now) {
            tape.pool = pool;
            tape.record(event);
            made += 1;
        }
    }
    tape
}

/// A call to the metapool, to the pool under it, or through both.
fn call(pool: &mut StableSwapMetaNg, random: &mut Seeded, now: Timestamp) -> Option<ShareEvent> {
    match random.below(10) {
        0..=2 => {
            let held = pool.state().own.token_balances.get(TokenIndex(1))?;
            let others = pool.base().total_shares().checked_sub(held)?;
            let event = match pool.base_mut() {
                MetaNgBase::Plain(base) => stable_call(base, others, random, now),
                MetaNgBase::Ng(base) => ng_call(base.as_mut(), others, random, now),
            };
            Some(ShareEvent::Base(Box::new(event?)))
        }
        3 | 4 => underlying(pool, random, now),
        _ => {
            let others = SharePool::total_shares(pool);
            meta_call(pool, others, random, now)
        }
    }
}

/// An exchange of underlying coins, with what the base pool logs of it.
fn underlying(
    pool: &mut StableSwapMetaNg,
    random: &mut Seeded,
    now: Timestamp,
) -> Option<ShareEvent> {
    let count = pool.base().count();
    let pair = two_of(count + 1, random);
    let before = pool.base().clone();
    let in_base = match &before {
        MetaNgBase::Plain(base) => SharePool::balances(base.as_ref()),
        MetaNgBase::Ng(base) => SharePool::balances(base.as_ref()),
    };
    let held = match pair.input.0.checked_sub(1) {
        None => SharePool::balances(pool).get(TokenIndex(0))?,
        Some(coin) => in_base.get(TokenIndex(coin))?,
    };
    let amount_in = part(held, random);
    let exchange = UnderlyingExchange { pair, amount_in, least_out: Amount::ZERO };
    let amount_out = pool.exchange_underlying(&exchange, now).ok()?;
    let [old, new] = [&before, pool.base()].map(MetaNgBase::total_shares);
    let mut log = BaseLog {
        shares: Some(Amount(old.0.abs_diff(new.0))),
        total_shares: Some(new),
        ..BaseLog::default()
    };
    if pair.output == TokenIndex(0) {
        let amounts = TokenAmounts::of(count, TokenIndex(pair.input.0 - 1), amount_in)?;
        let (fees, invariant) = match before {
            MetaNgBase::Plain(mut base) => {
                let logged = base.add_liquidity_logged(&amounts, Amount::ZERO, now).ok()?;
                (logged.fees, logged.invariant)
            }
            MetaNgBase::Ng(mut base) => {
                let minted = base.add_liquidity(&amounts, Amount::ZERO, now).ok()?;
                (minted.fees, minted.invariant)
            }
        };
        (log.fees, log.invariant) = (Some(fees), Some(invariant));
    }
    let base = (!random.once_in(4)).then(|| Box::new(log));
    Some(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base })
}

/// The calls that a stableswap-ng pool and its metapools have in common.
macro_rules! calls {
    ($name:ident, $pool:ty) => {
        fn $name(
            pool: &mut $pool,
            others: Amount,
            random: &mut Seeded,
            now: Timestamp,
        ) -> Option<ShareEvent> {
            let (none, balances) = (Amount::ZERO, SharePool::balances(pool));
            let total = |pool: &$pool| SharePool::total_shares(pool);
            Some(match random.below(22) {
                0 | 1 => {
                    let amounts = some_of(&balances, random);
                    let log = pool.add_liquidity(&amounts, none, now).ok()?;
                    let logs = (log.shares, log.fees, log.invariant);
                    ShareEvent::Deposit(logged(amounts, logs, total(pool)))
                }
                2 => {
                    let shares = part(others, random);
                    let amounts = pool.withdraw(shares, now).ok()?;
                    ShareEvent::Withdraw(unlogged(amounts, shares, total(pool)))
                }
                3 | 4 => {
                    let amounts = some_of(&balances, random);
                    let most = part(others, random);
                    let log = pool.remove_liquidity_imbalance(&amounts, most, now).ok()?;
                    let logs = (log.shares, log.fees, log.invariant);
                    ShareEvent::WithdrawImbalance(logged(amounts, logs, total(pool)))
                }
                5 | 6 => {
                    let (shares, coin) = (part(others, random), one_of(balances.len(), random));
                    let paid = pool.remove_liquidity_one_coin(shares, coin, none, now).ok()?;
                    ShareEvent::WithdrawOne { token: Some(coin), shares, amount: paid.amount }
                }
                7 => {
                    let amounts = some_of(&amounts(&[WAD, 1_000_000]), random);
                    pool.give(&amounts).ok()?;
                    ShareEvent::Gift(Box::new(amounts))
                }
                8 => ShareEvent::ClaimAdminFees(Box::new(pool.withdraw_admin_fees().ok()?)),
                9 => {
                    let future_a = 50 + random.below(600);
                    let ends_at = Timestamp(now.0 + DAY + random.below(3 * DAY));
                    pool.ramp_a(future_a, ends_at, now).ok()?;
                    ramp(100 * future_a, None, ends_at)
                }
                10 if random.once_in(4) => {
                    pool.stop_ramp_a(now).ok()?;
                    ShareEvent::StopRamp
                }
                11 => {
                    let fee = random.below(9_000_000);
                    let multiplier = 10_000_000_000 + random.below(40_000_000_000);
                    pool.set_new_fee(fee, U256::from(multiplier)).ok()?;
                    ShareEvent::SetParameters(Box::new(ParameterChange {
                        fee: Some(Amount::from_u64(fee)),
                        offpeg_fee_multiplier: Some(Amount::from_u64(multiplier)),
                        ..ParameterChange::default()
                    }))
                }
                _ => swap(pool, random, now)?,
            })
        }
    };
}

calls!(ng_call, StableSwapNg);
calls!(meta_call, StableSwapMetaNg);

/// What stableswap-ng logs: the shares, the fees and the invariant.
fn logged(
    amounts: TokenAmounts,
    (shares, fees, invariant): (Amount, TokenAmounts, Amount),
    total: Amount,
) -> Box<LiquidityChange> {
    Box::new(LiquidityChange {
        amounts,
        shares: Some(shares),
        fees: Some(fees),
        invariant: Some(invariant),
        total_shares: Some(total),
    })
}
