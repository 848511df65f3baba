//! What others' recorded calls become in a pool that we are in.

use tidemill_amm::constant_product::Holder;
use tidemill_amm::{Pool, PoolError, SharePool, SwapAmount, Trade};
use tidemill_model::ShareEvent;
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenAmounts, mul_div};

use crate::ShareCall;
use crate::share_fold::held;

/// What is to be read of the history before a recorded call moves it on.
pub(super) struct Before {
    /// Whether the call is a deposit in the history's proportion.
    is_in_proportion: bool,
    /// What a pair is given for a `sync` to find.
    given: Option<Amounts>,
    /// What others have coming of the fees that a pool keeps apart.
    coming: Amounts,
}

impl Before {
    pub(super) fn of(history: &Pool, event: &ShareEvent) -> Self {
        Self {
            is_in_proportion: is_in_proportion(history, event),
            given: given_before_sync(history, event),
            coming: coming(history),
        }
    }

    /// Makes the call that was made in the history in the pool with this many shares of ours.
    ///
    /// Errors: those of the pool; it is then as it was, which is what the chain would have done.
    pub(super) fn make(
        &self,
        call: ShareCall,
        pool: &mut Pool,
        ours: Amount,
        now: Timestamp,
    ) -> Result<(), PoolError> {
        let call = if let ShareCall::Sync(_) = call {
            return synced(pool, self.given, now);
        } else if let ShareCall::ClaimFees(claimed) = &call {
            ShareCall::ClaimFees(Box::new(self.claimed(claimed, pool)))
        } else if let ShareCall::Withdraw(shares) = call {
            ShareCall::Withdraw(shares.min(theirs(pool, ours)))
        } else if let ShareCall::WithdrawInRecovery(shares) = call {
            ShareCall::WithdrawInRecovery(shares.min(theirs(pool, ours)))
        } else if self.is_in_proportion {
            in_proportion(call, pool)
        } else {
            call
        };
        // The frequent ones leave the pool as it was where they fail.
        if matches!(call, ShareCall::Swap(_) | ShareCall::PairSwap { .. }) {
            return call.make(pool, now).map(drop);
        }
        let mut after = pool.clone();
        call.make(&mut after, now)?;
        *pool = after;
        Ok(())
    }

    /// Returns the same part of what others have coming here, of each token rounded down, as was
    /// claimed of what they had coming in the history.
    fn claimed(&self, claimed: &TokenAmounts, pool: &Pool) -> TokenAmounts {
        let (mut part, here) = (*claimed, coming(pool));
        let sides = [(self.coming.amount0, here.amount0), (self.coming.amount1, here.amount1)];
        for (claimed, (there, here)) in part.as_mut_slice().iter_mut().zip(sides) {
            let scaled = mul_div(claimed.0, here.0, there.0).map_or(*claimed, Amount);
            *claimed = scaled.min(here);
        }
        part
    }
}

/// Returns what others have coming of the fees kept apart; zero in pools that keep none apart.
fn coming(pool: &Pool) -> Amounts {
    let Pool::Solidly(pool) = pool else { return Amounts::ZERO };
    pool.claimable(Holder::Others).unwrap_or_default()
}

/// Returns the shares that are others' to burn: whoever was given fewer for a deposit than in the
/// history has no more to withdraw, and ours are not theirs.
fn theirs(pool: &Pool, ours: Amount) -> Amount {
    let without_ours = |shares: Amount| shares.checked_sub(ours).unwrap_or_default();
    match pool {
        // Ours are held apart there.
        Pool::Solidly(pool) => pool.holder(Holder::Others).shares,
        Pool::ConstantProduct(pair) => without_ours(pair.shares_of(Holder::Others)),
        Pool::Concentrated(_)
        | Pool::StableSwap(_)
        | Pool::StableSwapMeta(_)
        | Pool::StableSwapMetaNg(_)
        | Pool::StableSwapNg(_)
        | Pool::CryptoSwap(_)
        | Pool::BalancerV1(_)
        | Pool::Weighted(_)
        | Pool::ComposableStable(_) => {
            without_ours(pool.shares().map(SharePool::total_shares).unwrap_or_default())
        }
    }
}

/// Returns what a pair was given before a `sync`, by the record of its reserves; `None` for the
/// records that only follow another call.
fn given_before_sync(history: &Pool, event: &ShareEvent) -> Option<Amounts> {
    let ShareEvent::Sync(recorded) = event else { return None };
    let (held, reserves) = held(history).ok()?;
    let recorded = recorded.two().filter(|recorded| reserves != *recorded)?;
    Some(recorded.checked_sub(held).unwrap_or_default())
}

/// Gives the pair with us in it the same, and makes it take what it holds as its reserves: those of
/// the record are another pool's.
fn synced(pool: &mut Pool, given: Option<Amounts>, now: Timestamp) -> Result<(), PoolError> {
    let Some(given) = given else { return Ok(()) };
    let (held, _) = held(pool)?;
    let all = held.checked_add(given).ok_or(PoolError::WrongTokenCount)?;
    let mut after = pool.clone();
    ShareCall::Sync(Box::new(all.into())).make(&mut after, now)?;
    *pool = after;
    Ok(())
}

/// Whether a recorded deposit is in proportion to what the pool holds, to a raw unit of any token:
/// what a router makes of its caller's wish.
fn is_in_proportion(history: &Pool, event: &ShareEvent) -> bool {
    let (ShareEvent::Deposit(change), Some(pool)) = (event, history.shares()) else { return false };
    let balances = pool.balances();
    let tokens = || balances.as_slice().iter().zip(change.amounts.as_slice());
    let one = Amount::from_u64(1);
    let is_matched = |(held, given): (&Amount, &Amount), (other, beside): (&Amount, &Amount)| {
        let beside = beside.checked_add(one)?;
        let most = Amount(mul_div(beside.0, held.0, other.0)?).checked_add(one)?;
        Some(*given <= most)
    };
    tokens().all(|of| tokens().all(|other| is_matched(of, other).unwrap_or(false)))
}

/// Returns the call that the caller of a deposit in proportion would have made in the pool with us
/// in it, whose proportion is another.
///
/// A pair keeps what is out of proportion for nothing, and Balancer v1 takes nothing else: there it
/// is as much of the recorded deposit as fits. Other pools take the amounts as they are.
fn in_proportion(call: ShareCall, pool: &Pool) -> ShareCall {
    let ShareCall::Deposit(recorded) = &call else { return call };
    let taken = if let Pool::BalancerV1(pool) = pool {
        pool.largest_join(recorded).map(|join| join.amounts)
    } else {
        at_a_router(pool, recorded)
    };
    taken.map_or(call, |taken| ShareCall::Deposit(Box::new(taken)))
}

/// Returns what a router puts into a pair of an offer: all of one token, and of the other what the
/// reserves are in proportion to, rounded down; `None` in pools of other kinds, and where that is
/// nothing.
///
/// Source: v2-periphery 1.1.0 `UniswapV2Router02._addLiquidity`, as in Solidly's and Aerodrome's.
fn at_a_router(pool: &Pool, offered: &TokenAmounts) -> Option<TokenAmounts> {
    let (offered, (_, reserves)) = (offered.two()?, held(pool).ok()?);
    let with = |all: Side| {
        let (all_of, other) = (offered.get(all), all.other());
        let beside = mul_div(all_of.0, reserves.get(other).0, reserves.get(all).0)?;
        let taken = Amounts::of(other, Amount(beside)).checked_add(Amounts::of(all, all_of))?;
        let fits = Amount(beside) <= offered.get(other) && !beside.is_zero();
        fits.then_some(TokenAmounts::from(taken))
    };
    with(Side::Token0).or_else(|| with(Side::Token1))
}

/// Returns the trade that a recorded swap of a pair was, asked of a router: with the input fixed or
/// the output. `None` for other events, and for swaps that fixed both, of one token or two.
///
/// A pair's own log says what went in and out and not what was asked for; in a pool with us in it
/// the same input gives more, as it would have at a router.
pub(super) fn routed(history: &Pool, event: &ShareEvent, now: Timestamp) -> Option<Trade> {
    let ShareEvent::PairSwap { paid, taken } = event else { return None };
    let input = if paid.amount1.is_zero() { Side::Token0 } else { Side::Token1 };
    let output = input.other();
    let (paid_in, taken_out) = (paid.get(input), taken.get(output));
    if !paid.get(output).is_zero() || !taken.get(input).is_zero() {
        return None;
    }
    let trade = |amount| Trade { pair: input.into_other(), amount };
    let is_it = |trade: &Trade| {
        let quote = history.quote(trade, now);
        quote.is_ok_and(|quote| (quote.amount_in, quote.amount_out) == (paid_in, taken_out))
    };
    let ways = [SwapAmount::ExactIn(paid_in), SwapAmount::ExactOut(taken_out)];
    ways.map(trade).into_iter().find(is_it)
}
