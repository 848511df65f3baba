use tidemill_units::{Amount, U256};

use super::num::ONE;
use super::set_up::{LARGEST_FEE, LARGEST_WEIGHT, MOST_TOKENS, SMALLEST_FEE};
use super::{BPool, BPoolError};
use crate::StateError;

/// Everything that determines what a pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BPoolState {
    /// The tokens, in the pool's order; at most 8, and at least 2 once it is finalized.
    pub tokens: Vec<BPoolToken>,
    /// The fee on the input of a swap, with 18 decimals; a millionth to a tenth.
    pub swap_fee: U256,
    /// Whether anybody may swap; always, once the pool is finalized.
    pub is_public_swap: bool,
    /// Whether shares exist and the set-up can no longer change.
    pub is_finalized: bool,
    /// All shares; none before the pool is finalized.
    pub total_supply: Amount,
}

/// A token of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BPoolToken {
    /// What the pool trades with.
    pub balance: Amount,
    /// What the pool really has: its balance and what was given to it since, until a
    /// [`gulp`](BPool::gulp).
    pub held: Amount,
    /// The weight, with 18 decimals; 1 to 50, all together at most 50.
    pub denormalized_weight: U256,
}

impl BPool {
    /// Returns the pool in this state.
    ///
    /// Errors: the field that no pool can have.
    pub fn new(state: &BPoolState) -> Result<Self, StateError> {
        let count = state.tokens.len();
        if count > MOST_TOKENS || (state.is_finalized && count < 2) {
            return Err(StateError::of("tokens", "2 to 8 tokens, or fewer before finalization"));
        }
        let mut total_weight = U256::ZERO;
        for (index, token) in state.tokens.iter().enumerate() {
            let weight = token.denormalized_weight;
            if weight < ONE || weight > LARGEST_WEIGHT {
                return Err(StateError::at("denormalized_weight", index, "10^18 to 50 * 10^18"));
            }
            total_weight = total_weight.wrapping_add(weight);
            if total_weight > LARGEST_WEIGHT {
                let allowed = "weights that add up to no more than 50 * 10^18";
                return Err(StateError::at("denormalized_weight", index, allowed));
            }
            if token.held < token.balance {
                return Err(StateError::at("held", index, "the balance or more"));
            }
        }
        if state.swap_fee < SMALLEST_FEE || state.swap_fee > LARGEST_FEE {
            return Err(StateError::of("swap_fee", "10^12 to 10^17"));
        }
        if state.is_finalized && !state.is_public_swap {
            return Err(StateError::of("is_public_swap", "true once the pool is finalized"));
        }
        if !state.is_finalized && !state.total_supply.is_zero() {
            return Err(StateError::of("total_supply", "0 before the pool is finalized"));
        }
        Ok(Self {
            tokens: state.tokens.clone(),
            total_weight,
            swap_fee: state.swap_fee,
            is_public_swap: state.is_public_swap,
            is_finalized: state.is_finalized,
            total_supply: state.total_supply,
        })
    }

    /// Returns everything that determines what the pool does.
    pub fn state(&self) -> BPoolState {
        BPoolState {
            tokens: self.tokens.clone(),
            swap_fee: self.swap_fee,
            is_public_swap: self.is_public_swap,
            is_finalized: self.is_finalized,
            total_supply: self.total_supply,
        }
    }
}

impl Default for BPool {
    /// Returns a pool as its factory creates it: without tokens, at the smallest fee.
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            total_weight: U256::ZERO,
            swap_fee: SMALLEST_FEE,
            is_public_swap: false,
            is_finalized: false,
            total_supply: Amount::ZERO,
        }
    }
}

/// What a token's weight must be.
pub(super) fn check_weight(weight: U256) -> Result<(), BPoolError> {
    if weight < ONE {
        Err(BPoolError::MinWeight)
    } else if weight > LARGEST_WEIGHT {
        Err(BPoolError::MaxWeight)
    } else {
        Ok(())
    }
}
