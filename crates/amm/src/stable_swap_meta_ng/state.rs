use tidemill_units::Amount;

use super::{ADMIN_FEE, MetaNgBaseState, StableSwapMetaNg};
use crate::StateError;
use crate::curve_math::PRECISION;
use crate::stable_swap_ng::{StableSwapNg, StableSwapNgState};

/// Everything that determines what a metapool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapMetaNgState {
    /// The base pool: a stableswap-ng pool, or an older plain one of two or three coins.
    pub base: MetaNgBaseState,
    /// The pool itself: the coin and the base pool's shares. The shares are of asset type 0 and
    /// have a rate of 10^18, in whose place the contract puts the base pool's virtual price; the
    /// administrators' part of the fees is one half.
    pub own: StableSwapNgState,
}

impl StableSwapMetaNg {
    /// Returns the pool in this state.
    ///
    /// Errors: the first field outside the contract's own bounds; those of the base pool have
    /// their own names.
    pub fn new(state: &StableSwapMetaNgState) -> Result<Self, StateError> {
        let base = state.base.pool()?;
        if !state.base.is_taken() {
            return Err(StateError::of("base", "stableswap-ng, or `v1` or `v2` of 2 or 3 coins"));
        }
        let own = &state.own;
        match own.asset_types.as_slice() {
            [_, 0] => {}
            [_, _] => return Err(StateError::at("asset_types", 1, "0")),
            _ => return Err(StateError::of("asset_types", "two coins")),
        }
        let pool = StableSwapNg::new(own)?;
        if own.stored_rates.as_slice().get(1) != Some(&Amount(PRECISION)) {
            return Err(StateError::at("stored_rates", 1, "1000000000000000000"));
        }
        if own.admin_fee != ADMIN_FEE {
            return Err(StateError::of("admin_fee", "5000000000"));
        }
        Ok(Self { base, own: pool })
    }

    /// Returns the state of the pool.
    pub fn state(&self) -> StableSwapMetaNgState {
        StableSwapMetaNgState { base: self.base.state(), own: self.own.state() }
    }
}
