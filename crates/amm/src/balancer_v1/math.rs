//! The pool's formulas, operation by operation: another order rounds otherwise.
//!
//! Source: `BMath.sol` of balancer-core, as compiled into `BPool` of set-protocol-v2 0.1.16.

use tidemill_units::U256;

use super::BPoolError;
use super::num::{ONE, add, div, mul, pow, sub};

/// Balance and denormalised weight of a token.
#[derive(Clone, Copy)]
pub(super) struct Side {
    pub(super) balance: U256,
    pub(super) weight: U256,
}

/// What a single-token join or exit depends on.
#[derive(Clone, Copy)]
pub(super) struct Single {
    pub(super) side: Side,
    pub(super) total_weight: U256,
    pub(super) supply: U256,
    pub(super) swap_fee: U256,
}

/// Input per output at the margin, the fee included (`calcSpotPrice`).
pub(super) fn spot_price(input: Side, output: Side, swap_fee: U256) -> Result<U256, BPoolError> {
    let numerator = div(input.balance, input.weight)?;
    let denominator = div(output.balance, output.weight)?;
    let ratio = div(numerator, denominator)?;
    mul(ratio, div(ONE, sub(ONE, swap_fee)?)?)
}

/// `calcOutGivenIn`.
pub(super) fn out_given_in(
    input: Side,
    output: Side,
    amount_in: U256,
    swap_fee: U256,
) -> Result<U256, BPoolError> {
    let weight_ratio = div(input.weight, output.weight)?;
    let kept = mul(amount_in, sub(ONE, swap_fee)?)?;
    let ratio = div(input.balance, add(input.balance, kept)?)?;
    let power = pow(ratio, weight_ratio)?;
    mul(output.balance, sub(ONE, power)?)
}

/// `calcInGivenOut`.
pub(super) fn in_given_out(
    input: Side,
    output: Side,
    amount_out: U256,
    swap_fee: U256,
) -> Result<U256, BPoolError> {
    let weight_ratio = div(output.weight, input.weight)?;
    let ratio = div(output.balance, sub(output.balance, amount_out)?)?;
    let growth = sub(pow(ratio, weight_ratio)?, ONE)?;
    let kept = sub(ONE, swap_fee)?;
    div(mul(input.balance, growth)?, kept)
}

impl Single {
    fn weight(&self) -> Result<U256, BPoolError> {
        div(self.side.weight, self.total_weight)
    }

    /// What a single-token amount keeps: the fee falls on the part that is swapped, by weight, for
    /// the other tokens.
    fn kept(&self, weight: U256) -> Result<U256, BPoolError> {
        let fee = mul(sub(ONE, weight)?, self.swap_fee)?;
        sub(ONE, fee)
    }

    /// `calcPoolOutGivenSingleIn`.
    pub(super) fn shares_for_amount_in(&self, amount_in: U256) -> Result<U256, BPoolError> {
        let weight = self.weight()?;
        let kept = mul(amount_in, self.kept(weight)?)?;
        let ratio = div(add(self.side.balance, kept)?, self.side.balance)?;
        let supply_ratio = pow(ratio, weight)?;
        sub(mul(supply_ratio, self.supply)?, self.supply)
    }

    /// `calcSingleInGivenPoolOut`.
    pub(super) fn amount_in_for_shares(&self, shares: U256) -> Result<U256, BPoolError> {
        let weight = self.weight()?;
        let supply_ratio = div(add(self.supply, shares)?, self.supply)?;
        let ratio = pow(supply_ratio, div(ONE, weight)?)?;
        let kept = sub(mul(ratio, self.side.balance)?, self.side.balance)?;
        div(kept, self.kept(weight)?)
    }

    /// `calcSingleOutGivenPoolIn`. The exit fee is zero, but its product can overflow.
    pub(super) fn amount_out_for_shares(&self, shares: U256) -> Result<U256, BPoolError> {
        let weight = self.weight()?;
        let burned = mul(shares, ONE)?;
        let supply_ratio = div(sub(self.supply, burned)?, self.supply)?;
        let ratio = pow(supply_ratio, div(ONE, weight)?)?;
        let before_fee = sub(self.side.balance, mul(ratio, self.side.balance)?)?;
        mul(before_fee, self.kept(weight)?)
    }

    /// `calcPoolInGivenSingleOut`.
    pub(super) fn shares_for_amount_out(&self, amount_out: U256) -> Result<U256, BPoolError> {
        let weight = self.weight()?;
        let before_fee = div(amount_out, self.kept(weight)?)?;
        let ratio = div(sub(self.side.balance, before_fee)?, self.side.balance)?;
        let supply_ratio = pow(ratio, weight)?;
        let burned = sub(self.supply, mul(supply_ratio, self.supply)?)?;
        div(burned, ONE)
    }
}
