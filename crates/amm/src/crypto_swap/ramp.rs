use tidemill_units::{Timestamp, U256};

use super::checked::{Checked, WAD, product, quotient, small};
use super::newton::Shape;
use super::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapError, CryptoSwapParameters, TwocryptoNgBuild,
};

const MIN_RAMP_TIME: u64 = 86_400;
/// Half a basis point: a pool may be made with less, but not changed to it.
const MIN_FEE: u64 = 500_000;
const MAX_FEE_GAMMA: u64 = 1_000_000_000_000_000_000;

impl CryptoSwap {
    /// Starts to move A and gamma linearly towards others.
    ///
    /// Errors: `RampTooSoon` within a day of the last ramp's start, in twocrypto-ng v2.1.0
    /// `RampUnderway` until the second after its end instead; `RampTooShort` for one of less
    /// than a day, `RampOutOfBounds` past the bounds or a factor of ten; `Overflow`.
    /// Source: `ramp_A_gamma`, called by the administrator.
    pub fn ramp_a_gamma(
        &mut self,
        future: AGamma,
        future_time: Timestamp,
        at: Timestamp,
    ) -> Result<(), CryptoSwapError> {
        let (now, end) = (u128::from(at.0), u128::from(future_time.0));
        let day = u128::from(MIN_RAMP_TIME);
        if self.generation == CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0) {
            if at.0 <= self.future_time {
                return Err(CryptoSwapError::RampUnderway);
            }
        } else if now < u128::from(self.initial_time).saturating_add(day) {
            return Err(CryptoSwapError::RampTooSoon);
        }
        if end < now.saturating_add(day) {
            return Err(CryptoSwapError::RampTooShort);
        }
        let shape = self.shape(at.0)?;
        let limits = self.generation.ramp_limits();
        let is_within = |value: u64, (low, high): (u64, u64)| value >= low && value <= high;
        if !is_within(future.a, limits.a) || !is_within(future.gamma, limits.gamma) {
            return Err(CryptoSwapError::RampOutOfBounds);
        }
        check_change(future.a, shape.a)?;
        check_change(future.gamma, shape.gamma)?;
        self.initial = whole(&shape)?;
        self.initial_time = at.0;
        self.future = future;
        self.future_time = future_time.0;
        Ok(())
    }

    /// Stops a ramp where it is.
    ///
    /// Errors: `Overflow`. Source: `stop_ramp_A_gamma`, called by the administrator.
    pub fn stop_ramp_a_gamma(&mut self, at: Timestamp) -> Result<(), CryptoSwapError> {
        let current = whole(&self.shape(at.0)?)?;
        self.initial = current;
        self.future = current;
        self.initial_time = at.0;
        self.future_time = at.0;
        Ok(())
    }

    /// Sets what administrators may set, as it stands after their three days of waiting.
    ///
    /// Errors: `ParametersOutOfBounds`; in two-crypto and tricrypto2 those of a claim, which comes
    /// first where the administrators' part changes. Source: `apply_new_parameters`.
    pub fn apply_parameters(
        &mut self,
        parameters: &CryptoSwapParameters,
        at: Timestamp,
    ) -> Result<(), CryptoSwapError> {
        let old = &self.parameters;
        let is_kept = parameters.out_fee == old.out_fee || parameters.out_fee >= MIN_FEE;
        let is_narrow =
            parameters.fee_gamma == old.fee_gamma || parameters.fee_gamma < MAX_FEE_GAMMA;
        if parameters.check(self.generation).is_err() || !is_kept || !is_narrow {
            return Err(CryptoSwapError::ParametersOutOfBounds);
        }
        let mut next = *self;
        if next.parameters.admin_fee != parameters.admin_fee {
            next.claim(at.0)?;
        }
        next.parameters = *parameters;
        *self = next;
        Ok(())
    }

    /// Returns amplification and gamma now. Source: `A`, `gamma`.
    ///
    /// Errors: `Overflow` before the ramp's beginning.
    pub fn a_gamma(&self, at: Timestamp) -> Result<AGamma, CryptoSwapError> {
        whole(&self.shape(at.0)?)
    }
}

/// Between two numbers that fit their type, each of these does.
fn whole(shape: &Shape) -> Checked<AGamma> {
    let narrow = |value: U256| u64::try_from(value).map_err(|_| CryptoSwapError::Overflow);
    Ok(AGamma { a: narrow(shape.a)?, gamma: narrow(shape.gamma)? })
}

fn check_change(to: u64, from: U256) -> Checked<()> {
    let ratio = quotient(product(WAD, small(to))?, from)?;
    if ratio > WAD.wrapping_mul(small(10)) || ratio < WAD.wrapping_div(small(10)) {
        Err(CryptoSwapError::RampOutOfBounds)
    } else {
        Ok(())
    }
}
