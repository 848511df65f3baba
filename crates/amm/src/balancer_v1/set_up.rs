use tidemill_units::{Amount, TokenIndex, U256};

use super::num;
use super::state::check_weight;
use super::{BPool, BPoolError, BPoolToken, INITIAL_SHARES};

/// A millionth (`MIN_FEE`).
pub(super) const SMALLEST_FEE: U256 = U256::from_limbs([1_000_000_000_000, 0, 0, 0]);
/// A tenth (`MAX_FEE`).
pub(super) const LARGEST_FEE: U256 = U256::from_limbs([100_000_000_000_000_000, 0, 0, 0]);
/// 50, of one token and of all together (`MAX_WEIGHT`, `MAX_TOTAL_WEIGHT`).
pub(super) const LARGEST_WEIGHT: U256 = U256::from_limbs([13_106_511_852_580_896_768, 2, 0, 0]);
/// `MAX_BOUND_TOKENS`.
pub(super) const MOST_TOKENS: usize = 8;
/// `MIN_BOUND_TOKENS`.
const FEWEST_TOKENS: usize = 2;
/// `MIN_BALANCE`.
const SMALLEST_BALANCE: Amount = Amount::from_u64(1_000_000);

/// What a token is bound with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What the pool trades with from now on; the difference to before changes hands.
    pub balance: Amount,
    /// The weight, with 18 decimals; 1 to 50, all together at most 50.
    pub denormalized_weight: U256,
}

impl BPool {
    /// Adds a token, the last in order, and pays its balance in. `already_held` is what the pool
    /// has of it by gifts from before.
    ///
    /// Errors: `IsFinalized`, `MaxTokens`, and those of [`rebind`](Self::rebind). A token that is
    /// bound already is the caller's to know. Source: `BPool.bind`.
    pub fn bind(&mut self, binding: Binding, already_held: Amount) -> Result<(), BPoolError> {
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        if self.tokens.len() >= MOST_TOKENS {
            return Err(BPoolError::MaxTokens);
        }
        let nothing = BPoolToken {
            balance: Amount::ZERO,
            held: already_held,
            denormalized_weight: U256::ZERO,
        };
        let (token, total_weight) = self.bound(&nothing, binding)?;
        self.tokens.push(token);
        self.total_weight = total_weight;
        Ok(())
    }

    /// Gives a token another balance and weight. The difference of the balance is paid in, or out.
    ///
    /// Errors: `NotBound`, `IsFinalized`, `MinWeight`, `MaxWeight`, `MinBalance`,
    /// `MaxTotalWeight`, `TokenOverflow`. Source: `BPool.rebind`.
    pub fn rebind(&mut self, token: TokenIndex, binding: Binding) -> Result<(), BPoolError> {
        let old = *self.token(token)?;
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        let (bound, total_weight) = self.bound(&old, binding)?;
        *self.token_mut(token)? = bound;
        self.total_weight = total_weight;
        Ok(())
    }

    /// Removes a token and pays its balance out; the last in order takes its place. Returns what
    /// it was: the pool keeps what it held beyond the balance.
    ///
    /// Errors: `NotBound`, `IsFinalized`. Source: `BPool.unbind`.
    pub fn unbind(&mut self, token: TokenIndex) -> Result<BPoolToken, BPoolError> {
        let old = *self.token(token)?;
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        self.total_weight = num::sub(self.total_weight, old.denormalized_weight)?;
        Ok(self.tokens.swap_remove(token.place()))
    }

    /// Sets the swap fee, with 18 decimals.
    ///
    /// Errors: `IsFinalized`, `MinFee`, `MaxFee`. Source: `BPool.setSwapFee`.
    pub fn set_swap_fee(&mut self, swap_fee: U256) -> Result<(), BPoolError> {
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        if swap_fee < SMALLEST_FEE {
            return Err(BPoolError::MinFee);
        }
        if swap_fee > LARGEST_FEE {
            return Err(BPoolError::MaxFee);
        }
        self.swap_fee = swap_fee;
        Ok(())
    }

    /// Switches swaps on or off.
    ///
    /// Errors: `IsFinalized`. Source: `BPool.setPublicSwap`.
    pub fn set_public_swap(&mut self, is_public: bool) -> Result<(), BPoolError> {
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        self.is_public_swap = is_public;
        Ok(())
    }

    /// Ends the set-up: mints the [`INITIAL_SHARES`] and opens swaps and joins to everybody.
    ///
    /// Errors: `IsFinalized`, `MinTokens`. Source: `BPool.finalize`.
    pub fn finalize(&mut self) -> Result<(), BPoolError> {
        if self.is_finalized {
            return Err(BPoolError::IsFinalized);
        }
        if self.tokens.len() < FEWEST_TOKENS {
            return Err(BPoolError::MinTokens);
        }
        self.is_finalized = true;
        self.is_public_swap = true;
        self.total_supply = INITIAL_SHARES;
        Ok(())
    }

    /// Gives the pool a token by a plain transfer, which it does not notice.
    ///
    /// Errors: `NotBound`, `TokenOverflow`.
    pub fn give(&mut self, token: TokenIndex, amount: Amount) -> Result<(), BPoolError> {
        let token = self.token_mut(token)?;
        token.held = token.held.checked_add(amount).ok_or(BPoolError::TokenOverflow)?;
        Ok(())
    }

    /// Makes all that the pool holds of a token its balance.
    ///
    /// Errors: `NotBound`. Source: `BPool.gulp`.
    pub fn gulp(&mut self, token: TokenIndex) -> Result<(), BPoolError> {
        let token = self.token_mut(token)?;
        token.balance = token.held;
        Ok(())
    }

    /// A token after a `rebind`, and the sum of the weights.
    fn bound(&self, old: &BPoolToken, binding: Binding) -> Result<(BPoolToken, U256), BPoolError> {
        let Binding { balance, denormalized_weight } = binding;
        check_weight(denormalized_weight)?;
        if balance < SMALLEST_BALANCE {
            return Err(BPoolError::MinBalance);
        }
        let others = num::sub(self.total_weight, old.denormalized_weight)?;
        let total_weight = num::add(others, denormalized_weight)?;
        if denormalized_weight > old.denormalized_weight && total_weight > LARGEST_WEIGHT {
            return Err(BPoolError::MaxTotalWeight);
        }
        let given = Amount(num::sub(old.held.0, old.balance.0)?);
        let held = balance.checked_add(given).ok_or(BPoolError::TokenOverflow)?;
        Ok((BPoolToken { balance, held, denormalized_weight }, total_weight))
    }
}
