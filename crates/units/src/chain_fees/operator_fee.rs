use crate::{Amount, Gas, U256, mul_div};

/// What a chain of the OP stack charges beside gas and data since Isthmus (May 2025), for its
/// operator; nothing on many chains.
///
/// Source: the OP stack specification's page on operator fees, and op-revm `src/l1block.rs` at
/// commit 04e47137 (`operator_fee_charge_inner`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorFee {
    /// `gas * scalar / 10^6 + constant`.
    Isthmus(OperatorFeeScalars),
    /// `gas * scalar * 100 + constant`.
    Jovian(OperatorFeeScalars),
}

/// The numbers of a chain that its operator fee follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorFeeScalars {
    /// What a unit of gas costs, in the unit that the fork gives it, `L1Block.operatorFeeScalar`.
    pub scalar: u32,
    /// What each transaction costs, in wei, `L1Block.operatorFeeConstant`.
    pub constant: u64,
}

impl OperatorFee {
    /// Returns the fee of so much gas, in wei, rounded down (the sender keeps the part).
    pub fn fee(self, gas: Gas) -> Amount {
        let (Self::Isthmus(chain) | Self::Jovian(chain)) = self;
        let (multiple, divisor) = match self {
            Self::Isthmus(_) => (1, 1_000_000),
            Self::Jovian(_) => (100, 1),
        };
        // At most 2^103: neither the products nor the sum can leave the integers.
        let price = U256::from(chain.scalar).wrapping_mul(U256::from(multiple));
        let by_gas = mul_div(U256::from(gas.0), price, U256::from(divisor)).unwrap_or(U256::MAX);
        Amount(by_gas.saturating_add(U256::from(chain.constant)))
    }
}
