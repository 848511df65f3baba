//! The base pool under a metapool: what others do there, and what it logs of the metapool's own
//! calls to it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "all but metapools have no base pool, kinds to come included"
)]

use tidemill_amm::stable_swap_meta::StableSwapMetaError;
use tidemill_amm::stable_swap_meta_ng::{MetaNgBase, StableSwapMetaNgError};
use tidemill_amm::stable_swap_ng::StableSwapNgError;
use tidemill_amm::{Pool, PoolError, SharePool as _};
use tidemill_model::{BaseLog, ShareEvent};
use tidemill_units::{Amount, RelativeTolerance, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use super::{Answer, Comparison, Reproduced, ShareCall, ShareMismatch, fold};

/// Folds an event of the base pool as if it stood alone, and puts it back under the metapool;
/// `event` is what the tape has, `inner` what the base pool logged.
///
/// Errors: as [`fold`], in the tape's name of the kind.
pub(super) fn fold_base(
    pool: &mut Pool,
    event: &ShareEvent,
    inner: &ShareEvent,
    at: Timestamp,
    tolerance: RelativeTolerance,
) -> Result<Reproduced, ShareMismatch> {
    let kind = event.kind();
    let named = |mismatch| match mismatch {
        ShareMismatch::Reverts { error, .. } => ShareMismatch::Reverts { kind, error },
        ShareMismatch::Value { field, computed, recorded, .. } => {
            ShareMismatch::Value { kind, field, computed, recorded }
        }
        ShareMismatch::NotOfThisPool { pool, .. } => ShareMismatch::NotOfThisPool { kind, pool },
    };
    let Some(mut base) = base_of(pool) else {
        return Err(ShareMismatch::NotOfThisPool { kind, pool: pool.kind() });
    };
    let Reproduced { call, answer } = fold(&mut base, inner, at, tolerance).map_err(named)?;
    put_back(pool, base).map_err(|error| ShareMismatch::Reverts { kind, error })?;
    Ok(Reproduced { call: ShareCall::Base(Box::new(call)), answer })
}

/// Makes a call of others to the base pool.
///
/// Errors: those of the base pool; the metapool is then as it was.
pub(super) fn make(pool: &mut Pool, call: &ShareCall, at: Timestamp) -> Result<Answer, PoolError> {
    let mut base = base_of(pool).ok_or(PoolError::WrongTokenCount)?;
    let answer = call.make(&mut base, at)?;
    put_back(pool, base)?;
    Ok(answer)
}

/// The pool under a metapool, as if it stood alone.
fn base_of(pool: &Pool) -> Option<Pool> {
    match pool {
        Pool::StableSwapMeta(meta) => Some(Pool::StableSwap(Box::new(meta.base().clone()))),
        Pool::StableSwapMetaNg(meta) => Some(match meta.base() {
            MetaNgBase::Plain(base) => Pool::StableSwap(base.clone()),
            MetaNgBase::Ng(base) => Pool::StableSwapNg(base.clone()),
        }),
        _ => None,
    }
}

/// Puts a changed base pool back. The metapool's own shares of it are not others' to burn: their
/// token would refuse that.
fn put_back(pool: &mut Pool, base: Pool) -> Result<(), PoolError> {
    let left = base.shares().ok_or(PoolError::WrongTokenCount)?.total_shares();
    let of_base = |amounts: TokenAmounts| amounts.get(TokenIndex(1)).unwrap_or_default();
    match (pool, base) {
        (Pool::StableSwapMeta(meta), Pool::StableSwap(base)) => {
            let held = of_base(meta.balances()).checked_add(of_base(meta.admin_balances()));
            let is_enough = held.is_some_and(|held| left >= held);
            if left < meta.base().total_shares() && !is_enough {
                return Err(StableSwapMetaError::TokenRefuses.into());
            }
            *meta.base_mut() = *base;
        }
        (Pool::StableSwapMetaNg(meta), base) => {
            // What was given to the metapool is its own too, though it does not trade with it.
            let is_fewer = left < meta.base().total_shares();
            if is_fewer && left < of_base(meta.state().own.token_balances) {
                let refused = StableSwapNgError::TokenRefuses;
                return Err(StableSwapMetaNgError::BaseNg(refused).into());
            }
            *meta.base_mut() = match base {
                Pool::StableSwap(base) => MetaNgBase::Plain(base),
                Pool::StableSwapNg(base) => MetaNgBase::Ng(base),
                _ => return Err(PoolError::WrongTokenCount),
            };
        }
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(())
}

/// An exchange of underlying coins that was made again, and when.
pub(super) struct Passage {
    pub(super) pair: TokenPair,
    pub(super) amount_in: Amount,
    pub(super) at: Timestamp,
}

/// Compares what the base pool logged of an exchange of underlying coins with what the metapool
/// did there: the call is one, and so is its row.
pub(super) fn compare_log(
    with: &Comparison,
    passage: &Passage,
    log: &BaseLog,
    [before, after]: [&Pool; 2],
) -> Result<(), ShareMismatch> {
    let (Some(mut before), Some(after)) = (base_of(before), base_of(after)) else {
        return Ok(());
    };
    let (Some(old), Some(new)) = (before.shares(), after.shares()) else { return Ok(()) };
    let (old, new) = (old.total_shares(), new.total_shares());
    with.optional("base.shares", Some(Amount(old.0.abs_diff(new.0))), log.shares)?;
    with.optional("base.total_shares", Some(new), log.total_shares)?;
    let coin = passage.pair.input.0.checked_sub(1).map(TokenIndex);
    let is_deposit = passage.pair.output == TokenIndex(0);
    let Some(coin) = coin.filter(|_| is_deposit) else { return Ok(()) };
    // The deposit on the way, made once more for what it logs.
    let count = before.token_count();
    let Some(amounts) = TokenAmounts::of(count, coin, passage.amount_in) else { return Ok(()) };
    let logged = ShareCall::Deposit(Box::new(amounts)).make(&mut before, passage.at);
    let logged = logged.map_err(|error| ShareMismatch::Reverts { kind: with.kind, error })?;
    with.optional_tokens("base.fees", logged.fees.as_ref(), log.fees.as_ref())?;
    with.optional("base.invariant", logged.invariant, log.invariant)
}
