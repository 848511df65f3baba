use tidemill_amm::{Pool, PoolError, SharePool, SwapAmount, Trade};
use tidemill_model::{LiquidityChange, ShareEvent};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair};

/// A call to a pool of shares, as its caller made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareCall {
    /// A swap between two tokens.
    Swap(Trade),
    /// A deposit of exact amounts.
    Deposit(Box<TokenAmounts>),
    /// A withdrawal of a part of everything.
    Withdraw(Amount),
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

impl ShareCall {
    /// Returns the calls that could have left this record, the likeliest first; none where pools
    /// of this kind do not write it.
    pub(super) fn behind(event: &ShareEvent, _pool: &Pool, _at: Timestamp) -> Vec<Self> {
        match event {
            ShareEvent::Swap { pair, amount_in, amount_out } => {
                let trade = |amount| Self::Swap(Trade { pair: *pair, amount });
                [SwapAmount::ExactIn(*amount_in), SwapAmount::ExactOut(*amount_out)]
                    .map(trade)
                    .to_vec()
            }
            ShareEvent::Deposit(change) => vec![Self::Deposit(Box::new(change.amounts))],
            ShareEvent::Withdraw(change) => withdrawals(change),
            ShareEvent::SwapUnderlying { .. }
            | ShareEvent::PairSwap { .. }
            | ShareEvent::WithdrawImbalance(_)
            | ShareEvent::WithdrawOne { .. }
            | ShareEvent::Gift(_)
            | ShareEvent::Skim(_)
            | ShareEvent::Sync(_)
            | ShareEvent::ClaimFees(_)
            | ShareEvent::ClaimAdminFees(_)
            | ShareEvent::Ramp(_)
            | ShareEvent::StopRamp
            | ShareEvent::SetParameters(_) => Vec::new(),
        }
    }

    /// Makes the call.
    ///
    /// Errors: those of the pool; it is then as it was.
    pub fn make(&self, pool: &mut Pool, at: Timestamp) -> Result<Answer, PoolError> {
        match self {
            Self::Swap(trade) => {
                let quote = pool.swap(trade, at)?;
                let TokenPair { input, output } = trade.pair;
                let count = pool.token_count();
                let paid = TokenAmounts::of(count, input, quote.amount_in);
                let taken = TokenAmounts::of(count, output, quote.amount_out);
                Ok(Answer { paid, taken, ..Answer::default() })
            }
            Self::Deposit(amounts) => {
                let shares = of_shares(pool)?.deposit(amounts, at)?;
                Ok(Answer { paid: Some(**amounts), shares: Some(shares), ..Answer::default() })
            }
            Self::Withdraw(shares) => {
                let taken = of_shares(pool)?.withdraw(*shares, at)?;
                Ok(Answer { taken: Some(taken), shares: Some(*shares), ..Answer::default() })
            }
        }
    }
}

fn withdrawals(change: &LiquidityChange) -> Vec<ShareCall> {
    change.shares.map(ShareCall::Withdraw).into_iter().collect()
}

fn of_shares(pool: &mut Pool) -> Result<&mut dyn SharePool, PoolError> {
    pool.shares_mut().ok_or(PoolError::WrongTokenCount)
}
