//! What administrators set, and what moves by the clock.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call that some kinds know is refused by all others, those to come included"
)]

use tidemill_amm::crypto_swap::{AGamma, CryptoSwap, CryptoSwapParameters};
use tidemill_amm::stable_swap::{
    self, ADMIN_ACTIONS_DELAY, Generation, NewFees, NewParameters, StableSwap, StableSwapError,
};
use tidemill_amm::stable_swap_meta::{AdminFees, StableSwapMetaError};
use tidemill_amm::stable_swap_meta_ng::StableSwapMetaNg;
use tidemill_amm::stable_swap_ng::StableSwapNg;
use tidemill_amm::{Pool, PoolError, SharePool as _};
use tidemill_model::{ParameterChange, Ramp};
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{Answer, pair};

/// Whether pools of the kind write `ramp` and `stop_ramp`.
pub(super) fn can_ramp(pool: &Pool) -> bool {
    match pool {
        Pool::StableSwap(pool) => pool.generation() != Generation::V0,
        Pool::StableSwapMeta(_)
        | Pool::StableSwapMetaNg(_)
        | Pool::StableSwapNg(_)
        | Pool::CryptoSwap(_)
        | Pool::ComposableStable(_) => true,
        _ => false,
    }
}

/// Whether parameters of the pool can change; a metapool's fee, for one, never does.
pub(super) fn can_set_parameters(pool: &Pool) -> bool {
    matches!(
        pool,
        Pool::ConstantProduct(_)
            | Pool::Solidly(_)
            | Pool::StableSwap(_)
            | Pool::StableSwapMetaNg(_)
            | Pool::StableSwapNg(_)
            | Pool::CryptoSwap(_)
            | Pool::Weighted(_)
            | Pool::ComposableStable(_)
    )
}

/// Pays out the administrator's fees. Those of the factory's metapools go out in the base pool's
/// shares alone: the factory has those in the meta coin exchanged first.
pub(super) fn claim(pool: &mut Pool, at: Timestamp) -> Result<Answer, PoolError> {
    let taken = match pool {
        Pool::StableSwap(pool) => pool.withdraw_admin_fees(),
        Pool::StableSwapMetaNg(pool) => pool.withdraw_admin_fees()?,
        Pool::StableSwapNg(pool) => pool.withdraw_admin_fees()?,
        Pool::StableSwapMeta(pool) => {
            let is_of_factory = pool.before_factory().is_none();
            let AdminFees { converted, bought, kept } = pool.withdraw_admin_fees(at)?;
            let paid = bought.checked_add(kept).ok_or(StableSwapMetaError::Overflow)?;
            let in_meta_coin = if is_of_factory { Amount::ZERO } else { converted };
            TokenAmounts::from_array([in_meta_coin, paid])
        }
        Pool::CryptoSwap(pool) => {
            let before = pool.total_shares();
            pool.claim_admin_fees(at)?;
            let shares = pool.total_shares().checked_sub(before);
            return Ok(Answer { shares, ..Answer::default() });
        }
        _ => return Err(PoolError::WrongTokenCount),
    };
    Ok(Answer { taken: Some(taken), ..Answer::default() })
}

/// A number that no parameter has: the pool refuses it.
fn small(amount: Amount) -> u64 {
    u64::try_from(amount.0).unwrap_or(u64::MAX)
}

/// Starts a ramp. The call takes whole units, where state and log have hundredths in Curve's pools
/// and thousandths in Balancer's.
pub(super) fn start_ramp(pool: &mut Pool, ramp: &Ramp, at: Timestamp) -> Result<(), PoolError> {
    const HUNDRED: u64 = 100;
    const THOUSAND: u64 = 1000;
    let whole = |precision: u64| {
        let whole = ramp.amplification.0.checked_div(U256::from(precision));
        whole.map_or(u64::MAX, |whole| small(Amount(whole)))
    };
    match pool {
        Pool::StableSwap(pool) => {
            let future_a = whole(pool.generation().amplification_precision());
            pool.ramp_a(stable_swap::Ramp { future_a, future_time: ramp.ends_at }, at)?;
        }
        Pool::StableSwapMeta(pool) => pool.ramp_a(whole(HUNDRED), ramp.ends_at, at)?,
        Pool::StableSwapMetaNg(pool) => pool.ramp_a(whole(HUNDRED), ramp.ends_at, at)?,
        Pool::StableSwapNg(pool) => pool.ramp_a(whole(HUNDRED), ramp.ends_at, at)?,
        Pool::ComposableStable(pool) => pool.start_ramp(whole(THOUSAND), ramp.ends_at, at)?,
        Pool::CryptoSwap(pool) => {
            let gamma = ramp.gamma.map_or(pool.a_gamma(at)?.gamma, small);
            let future = AGamma { a: small(ramp.amplification), gamma };
            pool.ramp_a_gamma(future, ramp.ends_at, at)?;
        }
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(())
}

pub(super) fn stop_ramp(pool: &mut Pool, at: Timestamp) -> Result<(), PoolError> {
    match pool {
        Pool::StableSwap(pool) => pool.stop_ramp_a(at)?,
        Pool::StableSwapMeta(pool) => pool.stop_ramp_a(at)?,
        Pool::StableSwapMetaNg(pool) => pool.stop_ramp_a(at)?,
        Pool::StableSwapNg(pool) => pool.stop_ramp_a(at)?,
        Pool::CryptoSwap(pool) => pool.stop_ramp_a_gamma(at)?,
        Pool::ComposableStable(pool) => pool.stop_ramp(at)?,
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(())
}

pub(super) fn set_parameters(
    pool: &mut Pool,
    change: &ParameterChange,
    at: Timestamp,
) -> Result<(), PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => pair::set_protocol_fee(pool, change.protocol_fee_on),
        Pool::Solidly(pool) => {
            let fee = change
                .fee
                .map_or(pool.state().fee, |fee| u32::try_from(small(fee)).unwrap_or(u32::MAX));
            pool.set_fee(fee)?;
        }
        Pool::Weighted(pool) => {
            if let Some(fee) = change.fee {
                pool.set_swap_fee(fee.0)?;
            }
        }
        Pool::ComposableStable(pool) => {
            if let Some(fee) = change.fee {
                pool.set_swap_fee(fee.0)?;
            }
        }
        Pool::StableSwap(pool) => apply_fees(pool, change, at)?,
        Pool::StableSwapMetaNg(pool) => set_of_meta_ng(pool, change)?,
        Pool::StableSwapNg(pool) => set_of_ng(pool, change)?,
        Pool::CryptoSwap(pool) => apply_parameters(pool, change, at)?,
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(())
}

/// Applies new fees, in the first generation with an amplification. That they were to wait was said
/// three days before, in a log that tapes leave out: where nothing waits, or something else, that
/// call is made up for.
fn apply_fees(
    pool: &mut StableSwap,
    change: &ParameterChange,
    at: Timestamp,
) -> Result<(), PoolError> {
    let state = pool.state();
    let fees = NewFees {
        fee: change.fee.map_or(state.fee, small),
        admin_fee: change.admin_fee.map_or(state.admin_fee, small),
    };
    let is_waiting = state.admin_actions_deadline != Timestamp(0);
    let is_meant = (state.future_fee, state.future_admin_fee) == (fees.fee, fees.admin_fee);
    let amplification = match (state.generation, change.amplification) {
        (Generation::V0, Some(new)) => Some(small(new)),
        (Generation::V0, None) => Some(state.initial_a),
        (Generation::V1 | Generation::V2, None) => None,
        // The later ones ramp instead.
        (Generation::V1 | Generation::V2, Some(_)) => {
            return Err(StableSwapError::NotInGeneration.into());
        }
    };
    let is_meant = is_meant && amplification.is_none_or(|new| new == state.future_a);
    if !(is_waiting && is_meant) {
        pool.revert_new_parameters();
        let said = Timestamp(at.0.saturating_sub(ADMIN_ACTIONS_DELAY));
        match amplification {
            Some(amplification) => {
                pool.commit_new_parameters(NewParameters { amplification, fees }, said)?;
            }
            None => pool.commit_new_fee(fees, said)?,
        }
    }
    pool.apply_new_parameters(at)?;
    Ok(())
}

fn set_of_ng(pool: &mut StableSwapNg, change: &ParameterChange) -> Result<(), PoolError> {
    let state = pool.state();
    let fee = change.fee.map_or(state.fee, small);
    let multiplier = change.offpeg_fee_multiplier;
    let multiplier = multiplier.map_or(state.offpeg_fee_multiplier, |amount| amount.0);
    pool.set_new_fee(fee, multiplier)?;
    if let Some(admin_fee) = change.admin_fee {
        pool.set_new_admin_fee(small(admin_fee))?;
    }
    if let Some(time) = change.moving_average_time {
        pool.set_ma_exp_time(time.0, state.d_ma_time)?;
    }
    Ok(())
}

/// As of a pool without a base; the administrators' part never changes.
fn set_of_meta_ng(pool: &mut StableSwapMetaNg, change: &ParameterChange) -> Result<(), PoolError> {
    let state = pool.state().own;
    let fee = change.fee.map_or(state.fee, small);
    let multiplier = change.offpeg_fee_multiplier;
    let multiplier = multiplier.map_or(state.offpeg_fee_multiplier, |amount| amount.0);
    pool.set_new_fee(fee, multiplier)?;
    if let Some(time) = change.moving_average_time {
        pool.set_ma_exp_time(time.0, state.d_ma_time)?;
    }
    Ok(())
}

fn apply_parameters(
    pool: &mut CryptoSwap,
    change: &ParameterChange,
    at: Timestamp,
) -> Result<(), PoolError> {
    let old = pool.state().parameters;
    let of = |new: Option<Amount>, old: u64| new.map_or(old, small);
    let parameters = CryptoSwapParameters {
        mid_fee: of(change.mid_fee, old.mid_fee),
        out_fee: of(change.out_fee, old.out_fee),
        fee_gamma: of(change.fee_gamma, old.fee_gamma),
        admin_fee: of(change.admin_fee, old.admin_fee),
        allowed_extra_profit: of(change.allowed_extra_profit, old.allowed_extra_profit),
        adjustment_step: of(change.adjustment_step, old.adjustment_step),
        ma_time: of(change.moving_average_time, old.ma_time),
    };
    pool.apply_parameters(&parameters, at)?;
    Ok(())
}
