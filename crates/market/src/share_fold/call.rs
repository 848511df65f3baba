#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call that some kinds know is refused by all others, those to come included"
)]

use tidemill_amm::weighted::{WeightedExit, WeightedJoin};
use tidemill_amm::{Pool, PoolError, SharePool, SwapAmount, Trade, stable_swap};
use tidemill_model::{LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::pair;

/// A call to a pool of shares, as its caller made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareCall {
    /// A swap between two tokens.
    Swap(Trade),
    /// A pair's swap, in whatever came in and went out.
    PairSwap {
        /// What came in, gifts before it included.
        paid: Amounts,
        /// What went out.
        taken: Amounts,
    },
    /// A deposit of exact amounts, as the contract's usual call takes them.
    Deposit(Box<TokenAmounts>),
    /// A deposit in proportion for exact shares (Balancer).
    DepositForShares(Amount),
    /// A deposit of an exact amount of one token (Balancer v1).
    DepositOne(TokenIndex, Amount),
    /// A deposit of one token for exact shares (Balancer).
    DepositOneForShares(TokenIndex, Amount),
    /// A withdrawal of a part of everything.
    Withdraw(Amount),
    /// A withdrawal of exact amounts (Curve, Balancer v2).
    WithdrawExact(Box<TokenAmounts>),
    /// A withdrawal in one token for exact shares.
    WithdrawOne(TokenIndex, Amount),
    /// A withdrawal of an exact amount of one token (Balancer v1).
    WithdrawOneExact(TokenIndex, Amount),
    /// A plain transfer to the pool.
    Give(Box<TokenAmounts>),
    /// A pair pays out what it holds beyond its reserves.
    Skim,
    /// A pair takes what it holds, now these amounts, as its reserves.
    Sync(Box<TokenAmounts>),
    /// The administrator's fees are paid out.
    ClaimAdminFees,
    /// The amplification begins to move.
    Ramp(Box<Ramp>),
    /// The amplification stays where it is.
    StopRamp,
    /// Parameters are set.
    SetParameters(Box<ParameterChange>),
}

/// What a pool answered to a call, as far as its kind says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What was paid in.
    pub paid: Option<TokenAmounts>,
    /// What was taken out.
    pub taken: Option<TokenAmounts>,
    /// Shares minted or burned.
    pub shares: Option<Amount>,
    /// The fee of each token.
    pub fees: Option<TokenAmounts>,
    /// The invariant that the log has.
    pub invariant: Option<Amount>,
}

impl Answer {
    pub(super) fn paid(paid: TokenAmounts, shares: Amount) -> Self {
        Self { paid: Some(paid), shares: Some(shares), ..Self::default() }
    }

    pub(super) fn taken(taken: TokenAmounts, shares: Amount) -> Self {
        Self { taken: Some(taken), shares: Some(shares), ..Self::default() }
    }
}

impl ShareCall {
    /// Returns the calls that could have left this record, the likeliest first; none where pools
    /// of this kind do not write it.
    pub(super) fn behind(event: &ShareEvent, pool: &Pool) -> Vec<Self> {
        let is_pair = matches!(pool, Pool::ConstantProduct(_));
        let is_curve =
            matches!(pool, Pool::StableSwap(_) | Pool::StableSwapNg(_) | Pool::CryptoSwap(_));
        let has_exact = matches!(pool, Pool::StableSwap(_) | Pool::StableSwapNg(_));
        let only = |holds: bool, call: Self| if holds { vec![call] } else { Vec::new() };
        match event {
            ShareEvent::Swap { pair, amount_in, amount_out } => {
                let trade = |amount| Self::Swap(Trade { pair: *pair, amount });
                [SwapAmount::ExactIn(*amount_in), SwapAmount::ExactOut(*amount_out)]
                    .map(trade)
                    .to_vec()
            }
            ShareEvent::PairSwap { paid, taken } => {
                only(is_pair, Self::PairSwap { paid: *paid, taken: *taken })
            }
            ShareEvent::Deposit(change) => deposits(change, pool),
            ShareEvent::Withdraw(change) => withdrawals(change, pool),
            ShareEvent::WithdrawImbalance(change) => {
                only(has_exact, Self::WithdrawExact(Box::new(change.amounts)))
            }
            ShareEvent::WithdrawOne { token, shares, .. } if is_curve => {
                let count = u8::try_from(pool.token_count()).unwrap_or_default();
                let known = token.map(|token| vec![token]);
                let tokens = known.unwrap_or_else(|| (0..count).map(TokenIndex).collect());
                tokens.into_iter().map(|token| Self::WithdrawOne(token, *shares)).collect()
            }
            ShareEvent::Gift(amounts) => only(is_pair || has_exact, Self::Give(amounts.clone())),
            ShareEvent::Skim(_) => only(is_pair, Self::Skim),
            ShareEvent::Sync(balances) => only(is_pair, Self::Sync(balances.clone())),
            ShareEvent::ClaimAdminFees(_) => only(has_exact, Self::ClaimAdminFees),
            ShareEvent::Ramp(ramp) => only(has_exact, Self::Ramp(ramp.clone())),
            ShareEvent::StopRamp => only(has_exact, Self::StopRamp),
            ShareEvent::SetParameters(change) => {
                let is_known = is_pair || matches!(pool, Pool::StableSwapNg(_));
                only(is_known, Self::SetParameters(change.clone()))
            }
            ShareEvent::WithdrawOne { .. }
            | ShareEvent::SwapUnderlying { .. }
            | ShareEvent::ClaimFees(_) => Vec::new(),
        }
    }

    /// Makes the call.
    ///
    /// Errors: those of the pool; it is then not to be used any more.
    pub fn make(&self, pool: &mut Pool, at: Timestamp) -> Result<Answer, PoolError> {
        match self {
            Self::Swap(trade) => swap(pool, trade, at),
            Self::PairSwap { paid, taken } => pair::swap(pair::of(pool)?, *paid, *taken, at),
            Self::Deposit(amounts) => {
                let shares = match pool {
                    Pool::ConstantProduct(pool) => pair::deposit(pool, amounts, at)?,
                    _ => of_shares(pool)?.deposit(amounts, at)?,
                };
                Ok(Answer::paid(**amounts, shares))
            }
            Self::DepositForShares(shares) => deposit_for_shares(pool, *shares),
            Self::DepositOne(token, amount) => deposit_one(pool, *token, *amount),
            Self::DepositOneForShares(token, shares) => {
                deposit_one_for_shares(pool, *token, *shares)
            }
            Self::Withdraw(shares) => {
                Ok(Answer::taken(of_shares(pool)?.withdraw(*shares, at)?, *shares))
            }
            Self::WithdrawExact(amounts) => withdraw_exact(pool, amounts, at),
            Self::WithdrawOne(token, shares) => withdraw_one(pool, *token, *shares, at),
            Self::WithdrawOneExact(token, amount) => withdraw_one_exact(pool, *token, *amount),
            Self::Give(amounts) => give(pool, amounts),
            Self::Skim => pair::skim(pair::of(pool)?),
            Self::Sync(balances) => pair::sync(pair::of(pool)?, balances, at),
            Self::ClaimAdminFees => {
                let taken = match pool {
                    Pool::StableSwap(pool) => pool.withdraw_admin_fees(),
                    Pool::StableSwapNg(pool) => pool.withdraw_admin_fees()?,
                    _ => return Err(PoolError::WrongTokenCount),
                };
                Ok(Answer { taken: Some(taken), ..Answer::default() })
            }
            Self::Ramp(ramp) => start_ramp(pool, ramp, at),
            Self::StopRamp => {
                match pool {
                    Pool::StableSwap(pool) => pool.stop_ramp_a(at)?,
                    Pool::StableSwapNg(pool) => pool.stop_ramp_a(at)?,
                    _ => return Err(PoolError::WrongTokenCount),
                }
                Ok(Answer::default())
            }
            Self::SetParameters(change) => set_parameters(pool, change),
        }
    }
}

/// The only token of which there is any, of several.
fn only_token(amounts: &TokenAmounts) -> Option<(TokenIndex, Amount)> {
    let mut there = amounts.iter().filter(|(_, amount)| !amount.is_zero());
    let first = there.next()?;
    there.next().is_none().then_some(first)
}

fn deposits(change: &LiquidityChange, pool: &Pool) -> Vec<ShareCall> {
    let exact = ShareCall::Deposit(Box::new(change.amounts));
    let is_v1 = matches!(pool, Pool::BalancerV1(_));
    if !is_v1 && !matches!(pool, Pool::Weighted(_)) {
        return vec![exact];
    }
    let mut calls = Vec::new();
    if let Some((token, amount)) = only_token(&change.amounts) {
        if is_v1 {
            calls.push(ShareCall::DepositOne(token, amount));
        } else {
            calls.push(exact);
        }
        calls.extend(change.shares.map(|shares| ShareCall::DepositOneForShares(token, shares)));
        return calls;
    }
    if is_v1 {
        calls.extend(change.shares.map(ShareCall::DepositForShares));
        calls.push(exact);
    } else {
        calls.push(exact);
        calls.extend(change.shares.map(ShareCall::DepositForShares));
    }
    calls
}

fn withdrawals(change: &LiquidityChange, pool: &Pool) -> Vec<ShareCall> {
    let mut calls = Vec::new();
    let is_v1 = matches!(pool, Pool::BalancerV1(_));
    let is_weighted = matches!(pool, Pool::Weighted(_));
    if let Some((token, amount)) = only_token(&change.amounts).filter(|_| is_v1 || is_weighted) {
        calls.extend(change.shares.map(|shares| ShareCall::WithdrawOne(token, shares)));
        if is_v1 {
            calls.push(ShareCall::WithdrawOneExact(token, amount));
        }
    }
    calls.extend(change.shares.map(ShareCall::Withdraw));
    if is_weighted {
        calls.push(ShareCall::WithdrawExact(Box::new(change.amounts)));
    }
    calls
}

fn swap(pool: &mut Pool, trade: &Trade, at: Timestamp) -> Result<Answer, PoolError> {
    let quote = pool.swap(trade, at)?;
    let TokenPair { input, output } = trade.pair;
    let count = pool.token_count();
    let paid = TokenAmounts::of(count, input, quote.amount_in);
    let taken = TokenAmounts::of(count, output, quote.amount_out);
    Ok(Answer { paid, taken, ..Answer::default() })
}

fn of_shares(pool: &mut Pool) -> Result<&mut dyn SharePool, PoolError> {
    pool.shares_mut().ok_or(PoolError::WrongTokenCount)
}

fn one(count: usize, token: TokenIndex, amount: Amount) -> Result<TokenAmounts, PoolError> {
    TokenAmounts::of(count, token, amount).ok_or(PoolError::WrongTokenCount)
}

/// Routers set the limits of these calls; what happened passed them.
const NO_LIMITS: [Amount; TokenAmounts::MOST] = [Amount::MAX; TokenAmounts::MOST];

fn deposit_for_shares(pool: &mut Pool, shares: Amount) -> Result<Answer, PoolError> {
    let count = pool.token_count();
    match pool {
        Pool::BalancerV1(pool) => {
            let limits = NO_LIMITS.get(..count).unwrap_or_default();
            Ok(Answer::paid(pool.join_pool(shares, limits)?, shares))
        }
        Pool::Weighted(pool) => {
            let change = pool.join(&WeightedJoin::AllTokens { shares })?;
            Ok(Answer::paid(change.amounts, change.shares))
        }
        _ => Err(PoolError::WrongTokenCount),
    }
}

fn deposit_one(pool: &mut Pool, token: TokenIndex, amount: Amount) -> Result<Answer, PoolError> {
    let paid = one(pool.token_count(), token, amount)?;
    let Pool::BalancerV1(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    let shares = pool.join_swap_extern_amount_in(token, amount, Amount::ZERO)?;
    Ok(Answer::paid(paid, shares))
}

fn deposit_one_for_shares(
    pool: &mut Pool,
    token: TokenIndex,
    shares: Amount,
) -> Result<Answer, PoolError> {
    let count = pool.token_count();
    match pool {
        Pool::BalancerV1(pool) => {
            let amount = pool.join_swap_pool_amount_out(token, shares, Amount::MAX)?;
            Ok(Answer::paid(one(count, token, amount)?, shares))
        }
        Pool::Weighted(pool) => {
            let change = pool.join(&WeightedJoin::OneToken { token, shares })?;
            Ok(Answer::paid(change.amounts, change.shares))
        }
        _ => Err(PoolError::WrongTokenCount),
    }
}

fn withdraw_exact(
    pool: &mut Pool,
    amounts: &TokenAmounts,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let shares = match pool {
        Pool::StableSwap(pool) => pool.remove_liquidity_imbalance(amounts, Amount::MAX, at)?,
        Pool::StableSwapNg(pool) => {
            let burned = pool.remove_liquidity_imbalance(amounts, Amount::MAX, at)?;
            burned.shares
        }
        Pool::Weighted(pool) => {
            let most_shares = Amount::MAX;
            pool.exit(&WeightedExit::ExactTokens { amounts: *amounts, most_shares })?.shares
        }
        _ => return Err(PoolError::WrongTokenCount),
    };
    Ok(Answer::taken(*amounts, shares))
}

fn withdraw_one(
    pool: &mut Pool,
    token: TokenIndex,
    shares: Amount,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let count = pool.token_count();
    let least = Amount::ZERO;
    let mut burned = shares;
    let amount = match pool {
        Pool::StableSwap(pool) => {
            let withdrawal = stable_swap::OneCoin { shares, coin: token, minimum_out: least };
            let paid = pool.remove_liquidity_one_coin(withdrawal, at)?;
            burned = paid.burned;
            paid.amount
        }
        Pool::StableSwapNg(pool) => {
            pool.remove_liquidity_one_coin(shares, token, least, at)?.amount
        }
        Pool::StableSwapMeta(pool) => pool.remove_liquidity_one_coin(shares, token, least, at)?,
        Pool::CryptoSwap(pool) => pool.remove_liquidity_one_coin(shares, token, at)?,
        Pool::BalancerV1(pool) => pool.exit_swap_pool_amount_in(token, shares, least)?,
        Pool::Weighted(pool) => {
            let change = pool.exit(&WeightedExit::OneToken { shares, token })?;
            return Ok(Answer::taken(change.amounts, change.shares));
        }
        Pool::Concentrated(_)
        | Pool::ConstantProduct(_)
        | Pool::Solidly(_)
        | Pool::ComposableStable(_) => {
            return Err(PoolError::WrongTokenCount);
        }
    };
    Ok(Answer::taken(one(count, token, amount)?, burned))
}

fn withdraw_one_exact(
    pool: &mut Pool,
    token: TokenIndex,
    amount: Amount,
) -> Result<Answer, PoolError> {
    let taken = one(pool.token_count(), token, amount)?;
    let Pool::BalancerV1(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    let shares = pool.exit_swap_extern_amount_out(token, amount, Amount::MAX)?;
    Ok(Answer::taken(taken, shares))
}

fn give(pool: &mut Pool, amounts: &TokenAmounts) -> Result<Answer, PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => pool.give(pair::amounts(amounts)?)?,
        Pool::StableSwap(pool) => pool.give(amounts)?,
        Pool::StableSwapNg(pool) => pool.give(amounts)?,
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(Answer { paid: Some(*amounts), ..Answer::default() })
}

/// Starts a ramp. The call takes whole units, where the state and the log have hundredths.
fn start_ramp(pool: &mut Pool, ramp: &Ramp, at: Timestamp) -> Result<Answer, PoolError> {
    const HUNDRED: U256 = U256::from_limbs([100, 0, 0, 0]);
    let whole = |precision: U256| {
        let whole = ramp.amplification.0.checked_div(precision);
        whole.and_then(|whole| u64::try_from(whole).ok()).unwrap_or(u64::MAX)
    };
    match pool {
        Pool::StableSwap(pool) => {
            let precision = U256::from(pool.generation().amplification_precision());
            let future_a = whole(precision);
            pool.ramp_a(stable_swap::Ramp { future_a, future_time: ramp.ends_at }, at)?;
        }
        Pool::StableSwapNg(pool) => pool.ramp_a(whole(HUNDRED), ramp.ends_at, at)?,
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(Answer::default())
}

fn set_parameters(pool: &mut Pool, change: &ParameterChange) -> Result<Answer, PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => pair::set_protocol_fee(pool, change.protocol_fee_on),
        Pool::StableSwapNg(pool) => {
            let state = pool.state();
            let small = |amount: Amount| u64::try_from(amount.0).unwrap_or(u64::MAX);
            let fee = change.fee.map_or(state.fee, small);
            let multiplier = change.offpeg_fee_multiplier;
            let multiplier = multiplier.map_or(state.offpeg_fee_multiplier, |amount| amount.0);
            pool.set_new_fee(fee, multiplier)?;
            if let Some(admin_fee) = change.admin_fee {
                pool.set_new_admin_fee(small(admin_fee))?;
            }
        }
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(Answer::default())
}
