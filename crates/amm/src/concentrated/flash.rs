//! Flash loans (v3-core 1.0.1 `UniswapV3Pool.flash`, and its kin's).

use tidemill_units::{Amount, Amounts, FeeGrowth, U256};

use super::position::wrap_128;
use super::rules::{Fork, PANCAKE_WHOLE};
use super::sqrt_price_math::growth_per_liquidity;
use super::{Pool, PoolError};

impl Pool {
    /// Returns the least that must be paid on top of a loan, rounded up.
    ///
    /// Errors: [`PoolError::OutOfRange`] where the fee passes 2^256 - 1.
    pub fn flash_fee(&self, loan: Amounts) -> Result<Amounts, PoolError> {
        let (amount0, amount1) = (self.fee.on_loan(loan.amount0)?, self.fee.on_loan(loan.amount1)?);
        Ok(Amounts { amount0, amount1 })
    }

    /// Books a flash loan that was paid back with `paid` on top; all of `paid` goes to the
    /// liquidity in range, less the protocol's share.
    ///
    /// Errors: [`PoolError::NotInBuild`] for v4, where a flash loan is a debt to the manager that
    /// no pool sees; [`PoolError::NotInitialized`], [`PoolError::NoLiquidityInRange`],
    /// [`PoolError::FlashUnderpaid0`], [`PoolError::FlashUnderpaid1`], [`PoolError::OutOfRange`].
    pub fn flash(&mut self, loan: Amounts, paid: Amounts) -> Result<(), PoolError> {
        if self.managed().is_ok() {
            return Err(PoolError::NotInBuild);
        }
        self.require_initialized()?;
        if self.liquidity.is_zero() {
            return Err(PoolError::NoLiquidityInRange);
        }
        let fee = self.flash_fee(loan)?;
        if paid.amount0 < fee.amount0 {
            return Err(PoolError::FlashUnderpaid0);
        }
        if paid.amount1 < fee.amount1 {
            return Err(PoolError::FlashUnderpaid1);
        }
        let [share0, share1] = self.protocol_shares;
        let (growth0, protocol0) = self.split(paid.amount0, share0)?;
        let (growth1, protocol1) = self.split(paid.amount1, share1)?;
        let [global0, global1] = &mut self.fee_growth_global;
        *global0 = global0.wrapping_add(growth0);
        *global1 = global1.wrapping_add(growth1);
        let [owed0, owed1] = &mut self.protocol_fees;
        *owed0 = owed0.wrapping_add(protocol0);
        *owed1 = owed1.wrapping_add(protocol1);
        self.touch();
        Ok(())
    }

    fn split(&self, paid: Amount, share: u16) -> Result<(FeeGrowth, u128), PoolError> {
        let protocol = match &self.fork {
            Fork::UniswapV3 | Fork::UniswapV4(_) => paid.0.checked_div(U256::from(share)),
            // The product wraps in the contract; the quotient is below what was paid even so.
            Fork::PancakeV3 => paid.0.wrapping_mul(U256::from(share)).checked_div(PANCAKE_WHOLE),
            Fork::Slipstream(staking) => {
                let split = staking.split(paid, self.liquidity, staking.liquidity)?;
                return Ok((split.growth, wrap_128(split.gauge.0)));
            }
        };
        let protocol = protocol.unwrap_or(U256::ZERO);
        let rest = Amount(paid.0.checked_sub(protocol).ok_or(PoolError::OutOfRange)?);
        let growth = growth_per_liquidity(rest, self.liquidity).ok_or(PoolError::OutOfRange)?;
        Ok((FeeGrowth(growth), wrap_128(protocol)))
    }
}
