#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call that some kinds know is refused by all others, those to come included"
)]

use tidemill_amm::composable_stable::{ComposableStableExit, ComposableStableJoin};
use tidemill_amm::stable_swap::LiquidityLog;
use tidemill_amm::stable_swap_meta::MetaExchange;
use tidemill_amm::stable_swap_meta_ng::UnderlyingExchange;
use tidemill_amm::stable_swap_ng::{SharesBurned, SharesMinted};
use tidemill_amm::weighted::{WeightedExit, WeightedJoin};
use tidemill_amm::{Pool, PoolError, SharePool, SwapAmount, Trade, stable_swap};
use tidemill_model::{LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use super::{administration, balancer, base, pair};

/// A call to a pool of shares, as its caller made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareCall {
    /// A swap between two tokens.
    Swap(Trade),
    /// An exchange of an exact amount of an underlying coin (metapools).
    SwapUnderlying(TokenPair, Amount),
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
    /// A withdrawal of a part of everything in recovery mode (Balancer v2's composable pools).
    WithdrawInRecovery(Amount),
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
    /// A provider is paid these fees, which a pair keeps beside its reserves (Solidly).
    ClaimFees(Box<TokenAmounts>),
    /// The administrator's fees are paid out, or taken in new shares (Curve's crypto pools).
    ClaimAdminFees,
    /// Somebody else's call to the base pool of a metapool.
    Base(Box<ShareCall>),
    /// The amplification begins to move.
    Ramp(Box<Ramp>),
    /// The amplification stays where it is.
    StopRamp,
    /// Parameters are set.
    SetParameters(Box<ParameterChange>),
}

/// What came of trying a call.
pub(super) struct Tried {
    pub(super) answer: Answer,
    /// The pool afterwards; none where the answer is known without making the call.
    pub(super) after: Option<Pool>,
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

    /// With the fees and the invariant that Curve's logs have.
    fn logged(self, log: &LiquidityLog) -> Self {
        Self { fees: Some(log.fees), invariant: Some(log.invariant), ..self }
    }
}

impl ShareCall {
    /// Returns the calls that could have left this record, the likeliest first; none where pools
    /// of this kind do not write it.
    pub(super) fn behind(event: &ShareEvent, pool: &Pool) -> Vec<Self> {
        let is_pair = pair::is_pair(pool);
        let is_meta = matches!(pool, Pool::StableSwapMeta(_) | Pool::StableSwapMetaNg(_));
        let is_ng = matches!(pool, Pool::StableSwapNg(_) | Pool::StableSwapMetaNg(_));
        let has_exact = is_meta || is_ng || matches!(pool, Pool::StableSwap(_));
        let is_crypto = matches!(pool, Pool::CryptoSwap(_));
        let can_ramp = administration::can_ramp(pool);
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
            ShareEvent::WithdrawOne { token, shares, .. } if has_exact || is_crypto => {
                let count = u8::try_from(pool.token_count()).unwrap_or_default();
                let known = token.map(|token| vec![token]);
                let tokens = known.unwrap_or_else(|| (0..count).map(TokenIndex).collect());
                tokens.into_iter().map(|token| Self::WithdrawOne(token, *shares)).collect()
            }
            ShareEvent::Gift(amounts) => {
                only(is_pair || has_exact || is_crypto, Self::Give(amounts.clone()))
            }
            ShareEvent::Skim(_) => only(is_pair, Self::Skim),
            ShareEvent::Sync(balances) => only(is_pair, Self::Sync(balances.clone())),
            ShareEvent::ClaimAdminFees(_) => only(has_exact, Self::ClaimAdminFees),
            ShareEvent::ClaimAdminShares(_) => only(is_crypto, Self::ClaimAdminFees),
            ShareEvent::Ramp(ramp) => only(can_ramp, Self::Ramp(ramp.clone())),
            ShareEvent::StopRamp => only(can_ramp, Self::StopRamp),
            ShareEvent::SetParameters(change) => {
                let is_known = administration::can_set_parameters(pool);
                only(is_known, Self::SetParameters(change.clone()))
            }
            ShareEvent::SwapUnderlying { pair, amount_in, .. } => {
                only(is_meta, Self::SwapUnderlying(*pair, *amount_in))
            }
            ShareEvent::ClaimFees(amounts) => {
                only(matches!(pool, Pool::Solidly(_)), Self::ClaimFees(amounts.clone()))
            }
            ShareEvent::WithdrawOne { .. } | ShareEvent::Claiming { .. } | ShareEvent::Base(_) => {
                Vec::new()
            }
        }
    }

    /// Tries the call. What a pair's swap will say is foretold; all others are made on a copy: a
    /// copy is small, and to ask for a quote first would be to work out twice what mostly agrees.
    ///
    /// Errors: those of the pool.
    pub(super) fn try_on(&self, pool: &Pool, at: Timestamp) -> Result<Tried, PoolError> {
        if let Self::PairSwap { paid, taken } = self {
            return Ok(Tried { answer: pair::foretell(pool, *paid, *taken)?, after: None });
        }
        let mut after = pool.clone();
        let answer = self.make(&mut after, at)?;
        Ok(Tried { answer, after: Some(after) })
    }

    /// Makes the call.
    ///
    /// Errors: those of the pool; it is then not to be used any more, but for a pair's swap, which
    /// leaves it as it was.
    pub fn make(&self, pool: &mut Pool, at: Timestamp) -> Result<Answer, PoolError> {
        let silent = Answer::default();
        match self {
            Self::Swap(trade) => balancer::swap(pool, trade, at),
            Self::SwapUnderlying(pair, amount_in) => swap_underlying(pool, *pair, *amount_in, at),
            Self::PairSwap { paid, taken } => pair::swap(pool, *paid, *taken, at),
            Self::Deposit(amounts) => deposit(pool, amounts, at),
            Self::DepositForShares(shares) => deposit_for_shares(pool, *shares, at),
            Self::DepositOne(token, amount) => deposit_one(pool, *token, *amount),
            Self::DepositOneForShares(token, shares) => {
                deposit_one_for_shares(pool, *token, *shares, at)
            }
            Self::Withdraw(shares) => withdraw(pool, *shares, at),
            Self::WithdrawInRecovery(shares) => balancer::withdraw_in_recovery(pool, *shares, at),
            Self::WithdrawExact(amounts) => withdraw_exact(pool, amounts, at),
            Self::WithdrawOne(token, shares) => withdraw_one(pool, *token, *shares, at),
            Self::WithdrawOneExact(token, amount) => withdraw_one_exact(pool, *token, *amount),
            Self::Give(amounts) => give(pool, amounts),
            Self::Skim => pair::skim(pool),
            Self::Sync(balances) => pair::sync(pool, balances, at),
            Self::ClaimFees(amounts) => pair::claim_fees(pool, amounts),
            Self::ClaimAdminFees => administration::claim(pool, at),
            Self::Base(call) => base::make(pool, call, at),
            Self::Ramp(ramp) => administration::start_ramp(pool, ramp, at).map(|()| silent),
            Self::StopRamp => administration::stop_ramp(pool, at).map(|()| silent),
            Self::SetParameters(change) => {
                administration::set_parameters(pool, change, at).map(|()| silent)
            }
        }
    }
}

/// The only token of which there is any, of several.
pub(super) fn only_token(amounts: &TokenAmounts) -> Option<(TokenIndex, Amount)> {
    let mut there = amounts.iter().filter(|(_, amount)| !amount.is_zero());
    let first = there.next()?;
    there.next().is_none().then_some(first)
}

/// Balancer's second vault.
fn is_v2(pool: &Pool) -> bool {
    matches!(pool, Pool::Weighted(_) | Pool::ComposableStable(_))
}

fn deposits(change: &LiquidityChange, pool: &Pool) -> Vec<ShareCall> {
    let exact = ShareCall::Deposit(Box::new(change.amounts));
    let is_v1 = matches!(pool, Pool::BalancerV1(_));
    if !is_v1 && !is_v2(pool) {
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
        calls.extend(balancer::deposits_of_nothing(change));
    }
    calls
}

fn withdrawals(change: &LiquidityChange, pool: &Pool) -> Vec<ShareCall> {
    if is_v2(pool) {
        return balancer::withdrawals(change, pool);
    }
    let mut calls = Vec::new();
    let is_v1 = matches!(pool, Pool::BalancerV1(_));
    if let Some((token, amount)) = only_token(&change.amounts).filter(|_| is_v1) {
        calls.extend(change.shares.map(|shares| ShareCall::WithdrawOne(token, shares)));
        calls.push(ShareCall::WithdrawOneExact(token, amount));
    }
    calls.extend(change.shares.map(ShareCall::Withdraw));
    calls
}

fn withdraw(pool: &mut Pool, shares: Amount, at: Timestamp) -> Result<Answer, PoolError> {
    let taken = match pool {
        Pool::ConstantProduct(pair) => pair::withdraw(pair, shares, at)?,
        _ => of_shares(pool)?.withdraw(shares, at)?,
    };
    Ok(Answer::taken(taken, shares))
}

/// The metapool's own coin comes first, those of the base pool after it.
fn swap_underlying(
    pool: &mut Pool,
    pair: TokenPair,
    amount_in: Amount,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let amount_out = match pool {
        Pool::StableSwapMeta(pool) => {
            let exchange = MetaExchange { pair, amount_in, minimum_out: Amount::ZERO };
            pool.exchange_underlying(exchange, at)?
        }
        Pool::StableSwapMetaNg(pool) => {
            let exchange = UnderlyingExchange { pair, amount_in, least_out: Amount::ZERO };
            pool.exchange_underlying(&exchange, at)?
        }
        _ => return Err(PoolError::WrongTokenCount),
    };
    let paid = TokenAmounts::of(TokenAmounts::MOST, pair.input, amount_in);
    let taken = TokenAmounts::of(TokenAmounts::MOST, pair.output, amount_out);
    Ok(Answer { paid, taken, ..Answer::default() })
}

/// What stableswap-ng logs of a deposit.
fn minted(minted: &SharesMinted) -> LiquidityLog {
    let SharesMinted { shares, fees, invariant } = *minted;
    LiquidityLog { shares, fees, invariant }
}

/// What stableswap-ng logs of a withdrawal of chosen amounts.
fn burned(burned: &SharesBurned) -> LiquidityLog {
    let SharesBurned { shares, fees, invariant } = *burned;
    LiquidityLog { shares, fees, invariant }
}

fn deposit(pool: &mut Pool, amounts: &TokenAmounts, at: Timestamp) -> Result<Answer, PoolError> {
    let least = Amount::ZERO;
    let log = match pool {
        Pool::StableSwap(pool) => pool.add_liquidity_logged(amounts, least, at)?,
        Pool::StableSwapMeta(pool) => pool.add_liquidity_logged(amounts, least, at)?,
        Pool::StableSwapNg(pool) => minted(&pool.add_liquidity(amounts, least, at)?),
        Pool::StableSwapMetaNg(pool) => minted(&pool.add_liquidity(amounts, least, at)?),
        Pool::ConstantProduct(_) | Pool::Solidly(_) => {
            return Ok(Answer::paid(*amounts, pair::deposit(pool, amounts, at)?));
        }
        _ => return Ok(Answer::paid(*amounts, of_shares(pool)?.deposit(amounts, at)?)),
    };
    Ok(Answer::paid(*amounts, log.shares).logged(&log))
}

fn of_shares(pool: &mut Pool) -> Result<&mut dyn SharePool, PoolError> {
    pool.shares_mut().ok_or(PoolError::WrongTokenCount)
}

fn one(count: usize, token: TokenIndex, amount: Amount) -> Result<TokenAmounts, PoolError> {
    TokenAmounts::of(count, token, amount).ok_or(PoolError::WrongTokenCount)
}

/// Routers set the limits of these calls; what happened passed them.
const NO_LIMITS: [Amount; TokenAmounts::MOST] = [Amount::MAX; TokenAmounts::MOST];

fn deposit_for_shares(pool: &mut Pool, shares: Amount, at: Timestamp) -> Result<Answer, PoolError> {
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
        Pool::ComposableStable(pool) => {
            let change = pool.join(&ComposableStableJoin::AllTokens { shares }, at)?;
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
    at: Timestamp,
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
        Pool::ComposableStable(pool) => {
            let change = pool.join(&ComposableStableJoin::OneToken { token, shares }, at)?;
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
    let most_shares = Amount::MAX;
    let log = match pool {
        Pool::StableSwap(pool) => {
            pool.remove_liquidity_imbalance_logged(amounts, most_shares, at)?
        }
        Pool::StableSwapMeta(pool) => {
            pool.remove_liquidity_imbalance_logged(amounts, most_shares, at)?
        }
        Pool::StableSwapNg(pool) => {
            burned(&pool.remove_liquidity_imbalance(amounts, most_shares, at)?)
        }
        Pool::StableSwapMetaNg(pool) => {
            burned(&pool.remove_liquidity_imbalance(amounts, most_shares, at)?)
        }
        Pool::Weighted(pool) => {
            let exit = WeightedExit::ExactTokens { amounts: *amounts, most_shares };
            let change = pool.exit(&exit)?;
            return Ok(Answer::taken(change.amounts, change.shares));
        }
        Pool::ComposableStable(pool) => {
            let exit = ComposableStableExit::ExactTokens { amounts: *amounts, most_shares };
            let change = pool.exit(&exit, at)?;
            return Ok(Answer::taken(change.amounts, change.shares));
        }
        _ => return Err(PoolError::WrongTokenCount),
    };
    Ok(Answer::taken(*amounts, log.shares).logged(&log))
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
        Pool::StableSwapMetaNg(pool) => {
            pool.remove_liquidity_one_coin(shares, token, least, at)?.amount
        }
        Pool::CryptoSwap(pool) => pool.remove_liquidity_one_coin(shares, token, at)?,
        Pool::BalancerV1(pool) => pool.exit_swap_pool_amount_in(token, shares, least)?,
        Pool::Weighted(pool) => {
            let change = pool.exit(&WeightedExit::OneToken { shares, token })?;
            return Ok(Answer::taken(change.amounts, change.shares));
        }
        Pool::ComposableStable(pool) => {
            let change = pool.exit(&ComposableStableExit::OneToken { shares, token }, at)?;
            return Ok(Answer::taken(change.amounts, change.shares));
        }
        Pool::Concentrated(_) | Pool::ConstantProduct(_) | Pool::Solidly(_) => {
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
        Pool::StableSwap(pool) => pool.give(amounts)?,
        Pool::StableSwapMeta(pool) => pool.give(amounts)?,
        Pool::StableSwapMetaNg(pool) => pool.give(amounts)?,
        Pool::StableSwapNg(pool) => pool.give(amounts)?,
        Pool::CryptoSwap(pool) => pool.give(amounts)?,
        _ => pair::give(pool, pair::amounts(amounts)?)?,
    }
    Ok(Answer { paid: Some(*amounts), ..Answer::default() })
}
