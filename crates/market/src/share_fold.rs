//! Finding the call behind a recorded event of a pool of shares, and making it.
//!
//! A log says what a call did, not what was asked for. Each way to ask that could have left this
//! record is tried on the pool as it is, and the first that gives every recorded number is the
//! one.

mod administration;
mod balancer;
mod base;
mod call;
mod pair;

use tidemill_amm::{Pool, PoolError, SharePool};
use tidemill_model::{LiquidityChange, ShareEvent};
use tidemill_units::{Amount, RelativeTolerance, Timestamp, TokenAmounts};

use call::Tried;
pub use call::{Answer, ShareCall};
pub(crate) use pair::held;

/// What a recorded event was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduced {
    /// The call that gives it.
    pub call: ShareCall,
    /// What it answered.
    pub answer: Answer,
}

/// How a recorded event of a pool of shares differs from the pool's own answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareMismatch {
    /// The pool refuses the call.
    #[error("the {kind} reverts: {error}")]
    Reverts {
        /// The kind of event.
        kind: &'static str,
        /// Why.
        error: PoolError,
    },
    /// A number differs; of the calls that were tried, this one came first.
    #[error("the {kind} gives {field} {computed}, recorded is {recorded}")]
    Value {
        /// The kind of event.
        kind: &'static str,
        /// Which number, such as `amount_out` or `amounts_in[1]`.
        field: String,
        /// The pool's.
        computed: String,
        /// The tape's.
        recorded: String,
    },
    /// A pool of this kind writes no such log.
    #[error("a {pool} pool has no {kind} events")]
    NotOfThisPool {
        /// The kind of event.
        kind: &'static str,
        /// The kind of pool.
        pool: &'static str,
    },
}

/// Makes the call behind a recorded event and compares every number that was recorded.
///
/// Exact agreement is looked for first, among all calls that could be meant, and agreement within
/// the tolerance second.
///
/// Errors: the first difference of the first call that could be meant; the pool is then as it was.
pub fn fold(
    pool: &mut Pool,
    event: &ShareEvent,
    at: Timestamp,
    tolerance: RelativeTolerance,
) -> Result<Reproduced, ShareMismatch> {
    if let ShareEvent::Base(inner) = event {
        return base::fold_base(pool, event, inner, at, tolerance);
    }
    let recorded = Recorded::of(event, at);
    let event = recorded.event;
    let reverts = |error| ShareMismatch::Reverts { kind: event.kind(), error };
    let mut first = None;
    let mut near = None;
    for call in ShareCall::behind(event, pool) {
        let Tried { answer, after } = match call.try_on(pool, at) {
            Ok(tried) => tried,
            Err(error) => {
                first.get_or_insert(reverts(error));
                continue;
            }
        };
        let seen = after.as_ref().unwrap_or(pool);
        let pools = [&*pool, seen];
        let Err(difference) = recorded.compare(&answer, pools, RelativeTolerance::EXACT) else {
            match make(pool, &call, after, at) {
                Ok(()) => return Ok(Reproduced { call, answer }),
                Err(error) => first.get_or_insert(reverts(error)),
            };
            continue;
        };
        first.get_or_insert(difference);
        if near.is_none() && recorded.compare(&answer, pools, tolerance).is_ok() {
            near = Some((call, answer, after));
        }
    }
    if let Some((call, answer, after)) = near {
        match make(pool, &call, after, at) {
            Ok(()) => return Ok(Reproduced { call, answer }),
            Err(error) => first.get_or_insert(reverts(error)),
        };
    }
    Err(first.unwrap_or(ShareMismatch::NotOfThisPool { kind: event.kind(), pool: pool.kind() }))
}

/// Makes a call for good: the pool becomes that of the trial where there was one. A pair's swap,
/// which was foretold, leaves the pool as it was where it fails.
fn make(
    pool: &mut Pool,
    call: &ShareCall,
    after: Option<Pool>,
    at: Timestamp,
) -> Result<(), PoolError> {
    match after {
        Some(after) => *pool = after,
        None => {
            call.make(pool, at)?;
        }
    }
    Ok(())
}

/// Compares one number after another.
struct Comparison {
    kind: &'static str,
    tolerance: RelativeTolerance,
}

impl Comparison {
    fn number(&self, field: &str, computed: Amount, recorded: Amount) -> Result<(), ShareMismatch> {
        if self.tolerance.accepts(computed, recorded) {
            return Ok(());
        }
        Err(ShareMismatch::Value {
            kind: self.kind,
            field: field.to_owned(),
            computed: computed.to_string(),
            recorded: recorded.to_string(),
        })
    }

    /// Compares where both sides know the number.
    fn optional(
        &self,
        field: &str,
        computed: Option<Amount>,
        recorded: Option<Amount>,
    ) -> Result<(), ShareMismatch> {
        computed
            .zip(recorded)
            .map_or(Ok(()), |(computed, recorded)| self.number(field, computed, recorded))
    }

    fn tokens(
        &self,
        field: &str,
        computed: &TokenAmounts,
        recorded: &TokenAmounts,
    ) -> Result<(), ShareMismatch> {
        let count = computed.len().max(recorded.len());
        for index in 0..count {
            let of = |amounts: &TokenAmounts| amounts.as_slice().get(index).copied();
            let (computed, recorded) = (of(computed), of(recorded));
            let (computed, recorded) = (computed.unwrap_or_default(), recorded.unwrap_or_default());
            if !self.tolerance.accepts(computed, recorded) {
                return self.number(&format!("{field}[{index}]"), computed, recorded);
            }
        }
        Ok(())
    }

    fn optional_tokens(
        &self,
        field: &str,
        computed: Option<&TokenAmounts>,
        recorded: Option<&TokenAmounts>,
    ) -> Result<(), ShareMismatch> {
        computed
            .zip(recorded)
            .map_or(Ok(()), |(computed, recorded)| self.tokens(field, computed, recorded))
    }
}

/// What a tape says of one call.
struct Recorded<'a> {
    event: &'a ShareEvent,
    /// New shares of the administrator's, where the call's logs tell of them.
    admin_shares: Option<Amount>,
    at: Timestamp,
}

impl<'a> Recorded<'a> {
    fn of(event: &'a ShareEvent, at: Timestamp) -> Self {
        if let ShareEvent::Claiming { event, admin_shares } = event {
            return Self { event, admin_shares: Some(*admin_shares), at };
        }
        Self { event, admin_shares: None, at }
    }

    /// Compares with what a call answered, and the pool before and after it.
    fn compare(
        &self,
        answer: &Answer,
        [before, after]: [&Pool; 2],
        tolerance: RelativeTolerance,
    ) -> Result<(), ShareMismatch> {
        let with = Comparison { kind: self.event.kind(), tolerance };
        compare(&with, self.event, answer, after)?;
        if self.admin_shares.is_some() {
            let claimed = claimed(answer, [before, after]).or(Some(Amount::ZERO));
            with.optional("admin_shares", claimed, self.admin_shares)?;
        }
        if let ShareEvent::SwapUnderlying { pair, amount_in, base: Some(log), .. } = self.event {
            let passage = base::Passage { pair: *pair, amount_in: *amount_in, at: self.at };
            base::compare_log(&with, &passage, log, [before, after])?;
        }
        Ok(())
    }
}

/// The shares that a call minted to nobody that its answer tells of: the administrator's.
fn claimed(answer: &Answer, [before, after]: [&Pool; 2]) -> Option<Amount> {
    let shares = answer.shares.unwrap_or_default();
    let [minted, burned] =
        if answer.paid.is_some() { [shares, Amount::ZERO] } else { [Amount::ZERO, shares] };
    let [before, after] = [before, after].map(supply);
    after?.checked_add(burned)?.checked_sub(before?)?.checked_sub(minted)
}

/// All shares that were minted and not burned; what a protocol has coming is not among them.
fn supply(pool: &Pool) -> Option<Amount> {
    if let Pool::Weighted(pool) = pool {
        return Some(pool.total_supply());
    }
    if let Pool::ComposableStable(pool) = pool {
        return Some(pool.total_supply());
    }
    pool.shares().map(SharePool::total_shares)
}

fn compare(
    with: &Comparison,
    event: &ShareEvent,
    answer: &Answer,
    after: &Pool,
) -> Result<(), ShareMismatch> {
    match event {
        ShareEvent::Swap { pair, amount_in, amount_out }
        | ShareEvent::SwapUnderlying { pair, amount_in, amount_out, .. } => {
            let paid = answer.paid.as_ref().and_then(|paid| paid.get(pair.input));
            let taken = answer.taken.as_ref().and_then(|taken| taken.get(pair.output));
            with.number("amount_in", paid.unwrap_or_default(), *amount_in)?;
            with.number("amount_out", taken.unwrap_or_default(), *amount_out)
        }
        ShareEvent::PairSwap { paid, taken } => {
            let of = |amounts: &tidemill_units::Amounts| {
                TokenAmounts::new(&[amounts.amount0, amounts.amount1])
            };
            with.optional_tokens("amounts_in", answer.paid.as_ref(), of(paid).as_ref())?;
            with.optional_tokens("amounts_out", answer.taken.as_ref(), of(taken).as_ref())
        }
        ShareEvent::Deposit(change) => {
            with.optional_tokens("amounts_in", answer.paid.as_ref(), Some(&change.amounts))?;
            compare_change(with, answer, change, after)
        }
        ShareEvent::Withdraw(change) | ShareEvent::WithdrawImbalance(change) => {
            with.optional_tokens("amounts_out", answer.taken.as_ref(), Some(&change.amounts))?;
            compare_change(with, answer, change, after)
        }
        ShareEvent::WithdrawOne { shares, amount, .. } => {
            let taken = answer.taken.as_ref().and_then(|taken| {
                let amounts = taken.as_slice().iter();
                amounts.copied().find(|amount| !amount.is_zero())
            });
            with.number("amount_out", taken.unwrap_or_default(), *amount)?;
            with.optional("shares", answer.shares, Some(*shares))
        }
        ShareEvent::Skim(amounts)
        | ShareEvent::ClaimFees(amounts)
        | ShareEvent::ClaimAdminFees(amounts) => {
            with.optional_tokens("amounts_out", answer.taken.as_ref(), Some(amounts))
        }
        ShareEvent::Sync(balances) => {
            let held = after.shares().map(SharePool::balances);
            with.optional_tokens("balances", held.as_ref(), Some(balances))
        }
        ShareEvent::ClaimAdminShares(shares) => {
            with.optional("shares", answer.shares, Some(*shares))
        }
        ShareEvent::Claiming { .. }
        | ShareEvent::Base(_)
        | ShareEvent::Gift(_)
        | ShareEvent::Ramp(_)
        | ShareEvent::StopRamp
        | ShareEvent::SetParameters(_) => Ok(()),
    }
}

fn compare_change(
    with: &Comparison,
    answer: &Answer,
    change: &LiquidityChange,
    after: &Pool,
) -> Result<(), ShareMismatch> {
    with.optional("shares", answer.shares, change.shares)?;
    with.optional_tokens("fees", answer.fees.as_ref(), change.fees.as_ref())?;
    with.optional("invariant", answer.invariant, change.invariant)?;
    let total = after.shares().map(SharePool::total_shares);
    with.optional("total_shares", total, change.total_shares)
}
