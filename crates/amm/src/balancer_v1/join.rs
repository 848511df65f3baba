use tidemill_units::{Amount, TokenAmounts, TokenIndex, U256, mul_div};

use super::num::{self, ONE};
use super::swap::{LARGEST_IN, LARGEST_OUT};
use super::{BPool, BPoolError, BPoolToken};

/// Shares and what they cost of each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The shares.
    pub shares: Amount,
    /// Of each token.
    pub amounts: TokenAmounts,
}

impl BPool {
    /// Mints shares for their part of every token, rounded half up; returns the parts.
    /// `max_amounts_in` has a limit for each token, in order; more are ignored.
    ///
    /// Errors: `NotFinalized`, `DivZero` where there are no shares, `MathApprox` where a part
    /// rounds to nothing, `LimitIn`, `MissingLimit`, `TokenOverflow`, overflows.
    /// Source: `BPool.joinPool`.
    pub fn join_pool(
        &mut self,
        shares: Amount,
        max_amounts_in: &[Amount],
    ) -> Result<TokenAmounts, BPoolError> {
        let ratio = self.ratio(shares)?;
        let (amounts, tokens) = self.parts(ratio, |index, amount, token| {
            let limit = max_amounts_in.get(index).ok_or(BPoolError::MissingLimit)?;
            if amount > limit.0 { Err(BPoolError::LimitIn) } else { token.paid_in(amount) }
        })?;
        self.total_supply = Amount(num::add(self.total_supply.0, shares.0)?);
        self.tokens = tokens;
        Ok(amounts)
    }

    /// Burns shares for their part of every token, rounded half up; returns the parts.
    /// `min_amounts_out` has a limit for each token, in order; more are ignored.
    ///
    /// Errors: `NotFinalized`, `DivZero` where there are no shares, `InsufficientBalance`,
    /// `MathApprox` where a part rounds to nothing, `LimitOut`, `MissingLimit`, overflows.
    /// Source: `BPool.exitPool`.
    pub fn exit_pool(
        &mut self,
        shares: Amount,
        min_amounts_out: &[Amount],
    ) -> Result<TokenAmounts, BPoolError> {
        let ratio = self.ratio(shares)?;
        let left = self.total_supply.checked_sub(shares);
        let left = left.ok_or(BPoolError::InsufficientBalance)?;
        let (amounts, tokens) = self.parts(ratio, |index, amount, token| {
            let limit = min_amounts_out.get(index).ok_or(BPoolError::MissingLimit)?;
            if amount < limit.0 { Err(BPoolError::LimitOut) } else { token.paid_out(amount) }
        })?;
        self.total_supply = left;
        self.tokens = tokens;
        Ok(amounts)
    }

    /// Mints shares for one token; returns how many, which may be none.
    ///
    /// Errors: `NotFinalized`, `NotBound`, `MaxInRatio`, `LimitOut`, `TokenOverflow`, and the
    /// arithmetic's own. Source: `BPool.joinswapExternAmountIn`.
    pub fn join_swap_extern_amount_in(
        &mut self,
        token: TokenIndex,
        amount_in: Amount,
        min_shares_out: Amount,
    ) -> Result<Amount, BPoolError> {
        let record = *self.joined(token)?;
        if amount_in.0 > num::mul(record.balance.0, LARGEST_IN)? {
            return Err(BPoolError::MaxInRatio);
        }
        let shares = self.single(token)?.shares_for_amount_in(amount_in.0)?;
        if shares < min_shares_out.0 {
            return Err(BPoolError::LimitOut);
        }
        self.mint(token, amount_in.0, shares)?;
        Ok(Amount(shares))
    }

    /// Mints exactly so many shares for one token; returns what they cost.
    ///
    /// Errors: `NotFinalized`, `NotBound`, `MathApprox` where they would be free, `LimitIn`,
    /// `MaxInRatio`, `TokenOverflow`, and the arithmetic's own, `BpowBaseTooHigh` where the shares
    /// would double the supply among them. Source: `BPool.joinswapPoolAmountOut`.
    pub fn join_swap_pool_amount_out(
        &mut self,
        token: TokenIndex,
        shares_out: Amount,
        max_amount_in: Amount,
    ) -> Result<Amount, BPoolError> {
        let record = *self.joined(token)?;
        let amount_in = self.single(token)?.amount_in_for_shares(shares_out.0)?;
        if amount_in.is_zero() {
            return Err(BPoolError::MathApprox);
        }
        if amount_in > max_amount_in.0 {
            return Err(BPoolError::LimitIn);
        }
        if amount_in > num::mul(record.balance.0, LARGEST_IN)? {
            return Err(BPoolError::MaxInRatio);
        }
        self.mint(token, amount_in, shares_out.0)?;
        Ok(Amount(amount_in))
    }

    /// Burns shares for one token; returns how much, which may be none.
    ///
    /// Errors: `NotFinalized`, `NotBound`, `LimitOut`, `MaxOutRatio`, and the arithmetic's own,
    /// `SubUnderflow` for more shares than there are among them.
    /// Source: `BPool.exitswapPoolAmountIn`.
    pub fn exit_swap_pool_amount_in(
        &mut self,
        token: TokenIndex,
        shares_in: Amount,
        min_amount_out: Amount,
    ) -> Result<Amount, BPoolError> {
        let record = *self.joined(token)?;
        let amount_out = self.single(token)?.amount_out_for_shares(shares_in.0)?;
        if amount_out < min_amount_out.0 {
            return Err(BPoolError::LimitOut);
        }
        if amount_out > num::mul(record.balance.0, LARGEST_OUT)? {
            return Err(BPoolError::MaxOutRatio);
        }
        self.burn(token, amount_out, shares_in)?;
        Ok(Amount(amount_out))
    }

    /// Burns as many shares as an exact amount of one token costs; returns how many.
    ///
    /// Errors: `NotFinalized`, `NotBound`, `MaxOutRatio`, `MathApprox` where it would be free,
    /// `LimitIn`, and the arithmetic's own. Source: `BPool.exitswapExternAmountOut`.
    pub fn exit_swap_extern_amount_out(
        &mut self,
        token: TokenIndex,
        amount_out: Amount,
        max_shares_in: Amount,
    ) -> Result<Amount, BPoolError> {
        let record = *self.joined(token)?;
        if amount_out.0 > num::mul(record.balance.0, LARGEST_OUT)? {
            return Err(BPoolError::MaxOutRatio);
        }
        let shares = Amount(self.single(token)?.shares_for_amount_out(amount_out.0)?);
        if shares.is_zero() {
            return Err(BPoolError::MathApprox);
        }
        if shares > max_shares_in {
            return Err(BPoolError::LimitIn);
        }
        self.burn(token, amount_out.0, shares)?;
        Ok(shares)
    }

    /// Returns the most shares that a [`join_pool`](Self::join_pool) mints for no more than these
    /// amounts, with what they cost; `None` where that is none, or the amounts are absurd.
    pub fn largest_join(&self, amounts: &TokenAmounts) -> Option<Join> {
        let half = ONE.wrapping_shr(1);
        // The largest ratio whose product with each balance, rounded half up, is in the amount.
        let mut ratio = U256::MAX;
        for (token, amount) in self.tokens.iter().zip(amounts.as_slice()) {
            // (amount + 1) * one - half - 1 over the balance.
            let above = amount.0.checked_add(U256::ONE)?.checked_mul(ONE)?;
            let above = above.checked_sub(half)?.checked_sub(U256::ONE)?;
            ratio = ratio.min(above.checked_div(token.balance.0)?);
        }
        // The most shares whose part of the supply, rounded half up, is that ratio.
        let supply = self.total_supply.0;
        let rest = supply.checked_sub(supply.wrapping_shr(1))?.checked_sub(U256::ONE)?;
        let whole = mul_div(ratio, supply, ONE)?;
        let fraction = mul_mod_one(ratio, supply)?.checked_add(rest)?.checked_div(ONE)?;
        let shares = Amount(whole.checked_add(fraction)?);
        let mut after = self.clone();
        let amounts = after.join_pool(shares, amounts.as_slice()).ok()?;
        Some(Join { shares, amounts })
    }

    /// The part of all shares that some are.
    fn ratio(&self, shares: Amount) -> Result<U256, BPoolError> {
        if !self.is_finalized {
            return Err(BPoolError::NotFinalized);
        }
        let ratio = num::div(shares.0, self.total_supply.0)?;
        if ratio.is_zero() { Err(BPoolError::MathApprox) } else { Ok(ratio) }
    }

    /// Every token after its part, `ratio` of it, was paid, with the parts.
    fn parts(
        &self,
        ratio: U256,
        pay: impl Fn(usize, U256, &BPoolToken) -> Result<BPoolToken, BPoolError>,
    ) -> Result<(TokenAmounts, Vec<BPoolToken>), BPoolError> {
        let mut tokens = self.tokens.clone();
        let mut amounts = TokenAmounts::zero(tokens.len()).ok_or(BPoolError::MinTokens)?;
        let parts = tokens.iter_mut().zip(amounts.as_mut_slice());
        for (index, (token, part)) in parts.enumerate() {
            let amount = num::mul(ratio, token.balance.0)?;
            if amount.is_zero() {
                return Err(BPoolError::MathApprox);
            }
            *token = pay(index, amount, token)?;
            *part = Amount(amount);
        }
        Ok((amounts, tokens))
    }

    fn joined(&self, token: TokenIndex) -> Result<&BPoolToken, BPoolError> {
        if self.is_finalized { self.token(token) } else { Err(BPoolError::NotFinalized) }
    }

    fn mint(&mut self, token: TokenIndex, amount: U256, shares: U256) -> Result<(), BPoolError> {
        let supply = num::add(self.total_supply.0, shares)?;
        *self.token_mut(token)? = self.token(token)?.paid_in(amount)?;
        self.total_supply = Amount(supply);
        Ok(())
    }

    fn burn(&mut self, token: TokenIndex, amount: U256, shares: Amount) -> Result<(), BPoolError> {
        let paid = self.token(token)?.paid_out(amount)?;
        let left = self.total_supply.checked_sub(shares);
        self.total_supply = left.ok_or(BPoolError::InsufficientBalance)?;
        *self.token_mut(token)? = paid;
        Ok(())
    }
}

/// What `a * b / one` leaves.
fn mul_mod_one(a: U256, b: U256) -> Option<U256> {
    let (a, b) = (a.checked_rem(ONE)?, b.checked_rem(ONE)?);
    a.checked_mul(b)?.checked_rem(ONE)
}
