//! What the builds' swaps differ in, resolved before the loop starts.

use tidemill_units::{
    Amount, FeeGrowth, FeePips, Side, SignedLiquidity, SqrtPrice, Tick, U256, mul_div,
};

use super::managed::ManagedPool;
use super::position::wrap_128;
use super::sqrt_price_math::growth_per_liquidity;
use super::staking::Staking;
use super::swap::{StagedSwap, SwapRequest};
use super::swap_step::{FeeRule, StepResult, SwapAmount};
use super::tick_table::add_delta;
use super::{Build, Pool, PoolError};

/// What a pool keeps that only its build has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fork {
    UniswapV3,
    PancakeV3,
    Slipstream(Box<Staking>),
    UniswapV4(Box<ManagedPool>),
}

impl Fork {
    pub(super) fn build(&self) -> Build {
        match self {
            Self::UniswapV3 => Build::UniswapV3,
            Self::PancakeV3 => Build::PancakeV3,
            Self::Slipstream(_) => Build::Slipstream,
            Self::UniswapV4(_) => Build::UniswapV4,
        }
    }
}

/// 2^255, the size of the least `int256`.
const INT256: U256 = U256::from_limbs([0, 0, 0, 1 << 63]);
/// 2^127, the size of the least `int128`.
pub(super) const INT128: U256 = U256::from_limbs([0, 1 << 63, 0, 0]);

/// One build's rules of a swap; the loop is compiled once for each, so that it never asks.
pub(super) trait SwapRules {
    /// Whether an input that stops short of the target is spent up to the fee, with no regard to
    /// what the price moved for it.
    const SPENDS_BUDGET: bool = false;

    /// The fee on an input.
    #[inline(always)]
    fn fee(pool: &Pool, _: Side) -> &FeeRule {
        &pool.fee
    }

    /// Checks what is asked for but its size, and returns where to stop.
    #[inline(always)]
    fn check(pool: &Pool, request: SwapRequest) -> Result<SqrtPrice, PoolError> {
        pool.checked_limit(request)
    }

    /// Whether the amount fits the contract's argument.
    #[inline(always)]
    fn fits(amount: SwapAmount) -> bool {
        match amount {
            SwapAmount::ExactIn(amount) => !amount.0.bit(255),
            SwapAmount::ExactOut(amount) => amount.0 <= INT256,
        }
    }

    /// Gives each their part of a step's fee.
    fn distribute_fee(
        pool: &Pool,
        staged: &mut StagedSwap,
        step: &StepResult,
        input: Side,
    ) -> Result<(), PoolError>;

    /// Passes an initialized tick; what all builds do there is done already.
    #[inline(always)]
    fn cross(_: &Pool, _: &mut StagedSwap, _: Tick, _: Side) -> Result<(), PoolError> {
        Ok(())
    }

    /// Checks the whole.
    #[inline(always)]
    fn finish(_: &Pool, _: &StagedSwap, _paid: Amount, _received: Amount) -> Result<(), PoolError> {
        Ok(())
    }
}

pub(super) struct UniswapV3;
pub(super) struct PancakeV3;
pub(super) struct Slipstream;
pub(super) struct UniswapV4;

fn share_of(pool: &Pool, input: Side) -> u16 {
    let [share0, share1] = pool.protocol_shares;
    match input {
        Side::Token0 => share0,
        Side::Token1 => share1,
    }
}

/// Adds a fee to the growth of the liquidity in range, if there is any.
#[inline(always)]
fn grow(staged: &mut StagedSwap, fee: Amount) -> Result<(), PoolError> {
    let liquidity = staged.result.liquidity;
    if !liquidity.is_zero() {
        let growth = growth_per_liquidity(fee, liquidity).ok_or(PoolError::OutOfRange)?;
        staged.fee_growth = staged.fee_growth.wrapping_add(FeeGrowth(growth));
    }
    Ok(())
}

/// Takes the protocol's part out of a fee.
fn take_protocol_part(
    staged: &mut StagedSwap,
    fee: Amount,
    part: Amount,
) -> Result<Amount, PoolError> {
    staged.protocol_fee = staged.protocol_fee.wrapping_add(wrap_128(part.0));
    fee.checked_sub(part).ok_or(PoolError::OutOfRange)
}

/// One n-th of a fee, rounded down; most pools' protocol takes none.
#[cold]
fn one_nth(fee: Amount, share: u16) -> Amount {
    Amount(fee.0.checked_div(U256::from(share)).unwrap_or(U256::ZERO))
}

impl SwapRules for UniswapV3 {
    #[inline(always)]
    fn distribute_fee(
        pool: &Pool,
        staged: &mut StagedSwap,
        step: &StepResult,
        input: Side,
    ) -> Result<(), PoolError> {
        let share = share_of(pool, input);
        let mut fee = step.fee;
        if share != 0 {
            let part = one_nth(fee, share);
            fee = take_protocol_part(staged, fee, part)?;
        }
        grow(staged, fee)
    }
}

/// What Pancake's shares are parts of (`PROTOCOL_FEE_DENOMINATOR`).
pub(super) const PANCAKE_WHOLE: U256 = U256::from_limbs([10_000, 0, 0, 0]);
const PER_MILLION: U256 = U256::from_limbs([1_000_000, 0, 0, 0]);

impl SwapRules for PancakeV3 {
    fn distribute_fee(
        pool: &Pool,
        staged: &mut StagedSwap,
        step: &StepResult,
        input: Side,
    ) -> Result<(), PoolError> {
        let product = step.fee.0.checked_mul(U256::from(share_of(pool, input)));
        let part = product.and_then(|product| product.checked_div(PANCAKE_WHOLE));
        let part = Amount(part.ok_or(PoolError::OutOfRange)?);
        let fee = take_protocol_part(staged, step.fee, part)?;
        grow(staged, fee)
    }
}

impl SwapRules for Slipstream {
    fn distribute_fee(
        pool: &Pool,
        staged: &mut StagedSwap,
        step: &StepResult,
        _: Side,
    ) -> Result<(), PoolError> {
        let (Fork::Slipstream(staking), liquidity) = (&pool.fork, staged.result.liquidity) else {
            return Err(PoolError::NotInBuild);
        };
        if liquidity.is_zero() {
            return Ok(());
        }
        let split = staking.split(step.fee, liquidity, staged.staked_liquidity)?;
        staged.protocol_fee = staged.protocol_fee.wrapping_add(wrap_128(split.gauge.0));
        staged.fee_growth = staged.fee_growth.wrapping_add(split.growth);
        Ok(())
    }

    fn cross(
        pool: &Pool,
        staged: &mut StagedSwap,
        tick: Tick,
        input: Side,
    ) -> Result<(), PoolError> {
        let Fork::Slipstream(staking) = &pool.fork else { return Err(PoolError::NotInBuild) };
        let net = staking.net_at(tick);
        let delta = match input {
            Side::Token0 => net.0.checked_neg().map(SignedLiquidity),
            Side::Token1 => Some(net),
        };
        let delta = delta.ok_or(PoolError::OutOfRange)?;
        staged.staked_liquidity = add_delta(staged.staked_liquidity, delta)?;
        Ok(())
    }
}

impl SwapRules for UniswapV4 {
    const SPENDS_BUDGET: bool = true;

    fn fee(pool: &Pool, input: Side) -> &FeeRule {
        match (&pool.fork, input) {
            (Fork::UniswapV4(managed), Side::Token0) => &managed.swap_fees[0],
            (Fork::UniswapV4(managed), Side::Token1) => &managed.swap_fees[1],
            (Fork::UniswapV3 | Fork::PancakeV3 | Fork::Slipstream(_), _) => &pool.fee,
        }
    }

    fn check(pool: &Pool, request: SwapRequest) -> Result<SqrtPrice, PoolError> {
        let is_exact_out = matches!(request.amount, SwapAmount::ExactOut(_));
        if is_exact_out && Self::fee(pool, request.input).fee() >= FeePips::ONE {
            return Err(PoolError::FullFeeExactOut);
        }
        let price = pool.sqrt_price;
        let limit = request.price_limit.unwrap_or(match request.input {
            Side::Token0 => SqrtPrice::LOWEST_LIMIT,
            Side::Token1 => SqrtPrice::HIGHEST_LIMIT,
        });
        let (is_ahead, is_within) = match request.input {
            Side::Token0 => (limit < price, limit > SqrtPrice::MIN),
            Side::Token1 => (limit > price, limit < SqrtPrice::MAX),
        };
        match (is_ahead, is_within) {
            (true, true) => Ok(limit),
            (true, false) => Err(PoolError::PriceLimitOutOfBounds),
            (false, _) => Err(PoolError::BadPriceLimit),
        }
    }

    /// The contract's signs are the other way round: a negative amount fixes the input.
    fn fits(amount: SwapAmount) -> bool {
        match amount {
            SwapAmount::ExactIn(amount) => amount.0 <= INT256,
            SwapAmount::ExactOut(amount) => !amount.0.bit(255),
        }
    }

    fn distribute_fee(
        pool: &Pool,
        staged: &mut StagedSwap,
        step: &StepResult,
        input: Side,
    ) -> Result<(), PoolError> {
        let share = share_of(pool, input);
        let mut fee = step.fee;
        if share != 0 {
            // Of the whole input, and before the providers'; alone, it is all of the fee.
            let part = if Self::fee(pool, input).fee().0 == u32::from(share) {
                fee
            } else {
                let whole = step.amount_in.checked_add(fee).ok_or(PoolError::OutOfRange)?;
                let part = mul_div(whole.0, U256::from(share), PER_MILLION);
                Amount(part.ok_or(PoolError::OutOfRange)?)
            };
            fee = take_protocol_part(staged, fee, part)?;
        }
        grow(staged, fee)
    }

    /// The manager keeps changes of balances in 128 bits, and the protocol's fees are not kept
    /// wider here.
    fn finish(
        pool: &Pool,
        staged: &StagedSwap,
        paid: Amount,
        received: Amount,
    ) -> Result<(), PoolError> {
        let [fees0, fees1] = pool.protocol_fees;
        let before = match staged.input {
            Side::Token0 => fees0,
            Side::Token1 => fees1,
        };
        if paid.0 > INT128 || received.0 >= INT128 {
            return Err(PoolError::OutOfRange);
        }
        before.checked_add(staged.protocol_fee).map(|_| ()).ok_or(PoolError::OutOfRange)
    }
}
