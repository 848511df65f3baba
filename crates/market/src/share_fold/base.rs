//! The base pool under a metapool: what others do there, and what it logs of the metapool's own
//! calls to it.

use tidemill_amm::stable_swap_meta::{StableSwapMeta, StableSwapMetaError};
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
    let Pool::StableSwapMeta(meta) = pool else {
        return Err(ShareMismatch::NotOfThisPool { kind, pool: pool.kind() });
    };
    let mut base = base_of(meta);
    let Reproduced { call, answer } = fold(&mut base, inner, at, tolerance).map_err(named)?;
    put_back(meta, base).map_err(|error| ShareMismatch::Reverts { kind, error })?;
    Ok(Reproduced { call: ShareCall::Base(Box::new(call)), answer })
}

/// Makes a call of others to the base pool.
///
/// Errors: those of the base pool; the metapool is then as it was.
pub(super) fn make(pool: &mut Pool, call: &ShareCall, at: Timestamp) -> Result<Answer, PoolError> {
    let Pool::StableSwapMeta(meta) = pool else { return Err(PoolError::WrongTokenCount) };
    let mut base = base_of(meta);
    let answer = call.make(&mut base, at)?;
    put_back(meta, base)?;
    Ok(answer)
}

fn base_of(meta: &StableSwapMeta) -> Pool {
    Pool::StableSwap(Box::new(meta.base().clone()))
}

/// Puts a changed base pool back. The metapool's own shares of it are not others' to burn: their
/// token would refuse that.
fn put_back(meta: &mut StableSwapMeta, base: Pool) -> Result<(), PoolError> {
    let Pool::StableSwap(base) = base else { return Err(PoolError::WrongTokenCount) };
    let left = base.total_shares();
    let of_base = |amounts: TokenAmounts| amounts.get(TokenIndex(1)).unwrap_or_default();
    let held = of_base(meta.balances()).checked_add(of_base(meta.admin_balances()));
    let is_enough = held.is_some_and(|held| left >= held);
    if left < meta.base().total_shares() && !is_enough {
        return Err(StableSwapMetaError::TokenRefuses.into());
    }
    *meta.base_mut() = *base;
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
    let (Pool::StableSwapMeta(before), Pool::StableSwapMeta(after)) = (before, after) else {
        return Ok(());
    };
    let (before, after) = (before.base(), after.base());
    let (old, new) = (before.total_shares(), after.total_shares());
    with.optional("base.shares", Some(Amount(old.0.abs_diff(new.0))), log.shares)?;
    with.optional("base.total_shares", Some(new), log.total_shares)?;
    let coin = passage.pair.input.0.checked_sub(1).map(TokenIndex);
    let is_deposit = passage.pair.output == TokenIndex(0);
    let Some(coin) = coin.filter(|_| is_deposit) else { return Ok(()) };
    // The deposit on the way, made once more for what it logs.
    let count = before.balances().len();
    let Some(amounts) = TokenAmounts::of(count, coin, passage.amount_in) else { return Ok(()) };
    let logged = before.clone().add_liquidity_logged(&amounts, Amount::ZERO, passage.at);
    let logged =
        logged.map_err(|error| ShareMismatch::Reverts { kind: with.kind, error: error.into() })?;
    with.optional_tokens("base.fees", Some(&logged.fees), log.fees.as_ref())?;
    with.optional("base.invariant", Some(logged.invariant), log.invariant)
}
