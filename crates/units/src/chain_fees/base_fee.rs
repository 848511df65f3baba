use crate::{Gas, GasPrice, U256, mul_div};

/// How the base fee of a block follows from the block before it.
///
/// Source: EIP-1559, `validate_block`, with `ELASTICITY_MULTIPLIER` and
/// `BASE_FEE_MAX_CHANGE_DENOMINATOR` as fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseFeeRule {
    /// How many times its target a block may use: the target is the limit divided by this, rounded
    /// down.
    pub elasticity: u64,
    /// The base fee changes by at most itself over this for a block of no gas, and by
    /// `elasticity - 1` times that for a full one.
    pub max_change_denominator: u64,
}

/// What a block could use, and what it did use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockGas {
    /// The limit of its header.
    pub limit: Gas,
    /// The gas used of its header.
    pub used: Gas,
}

impl BaseFeeRule {
    /// Ethereum since London, and all chains that took the rule as it is.
    pub const ETHEREUM: Self = Self { elasticity: 2, max_change_denominator: 8 };
    /// The OP stack from Bedrock to Canyon (op-geth `params/config.go`, OP Mainnet).
    pub const OP_BEDROCK: Self = Self { elasticity: 6, max_change_denominator: 50 };
    /// The OP stack since Canyon; since Holocene a chain may set both in its headers.
    pub const OP_CANYON: Self = Self { elasticity: 6, max_change_denominator: 250 };

    /// Returns the base fee after a block of this base fee.
    ///
    /// Two divisions in a row, both rounded down, give the change; a rise is at least one wei, a
    /// fall may be none. `None` where the target or the denominator is zero, and past 2^128 - 1.
    pub fn next(self, base_fee: GasPrice, block: BlockGas) -> Option<GasPrice> {
        let target = block.limit.0.checked_div(self.elasticity).filter(|target| *target > 0)?;
        let change = |off: u64| -> Option<u128> {
            let of_target = mul_div(U256::from(base_fee.0), U256::from(off), U256::from(target))?;
            let change = of_target.checked_div(U256::from(self.max_change_denominator))?;
            u128::try_from(change).ok()
        };
        let used = block.used.0;
        let next = if used > target {
            base_fee.0.checked_add(change(used.checked_sub(target)?)?.max(1))
        } else {
            base_fee.0.checked_sub(change(target.checked_sub(used)?)?)
        };
        next.map(GasPrice)
    }

    /// Returns the highest base fee that can be after so many blocks of a gas limit: that of full
    /// ones.
    ///
    /// With a tip added, what a transaction has to offer to stay valid for as long. Real numbers
    /// say `base_fee * 1.125^blocks` for Ethereum, which is at most a few wei more. `None` as
    /// [`next`](Self::next).
    pub fn highest_after(self, base_fee: GasPrice, limit: Gas, blocks: u32) -> Option<GasPrice> {
        let full = BlockGas { limit, used: limit };
        let mut highest = base_fee;
        for _ in 0..blocks {
            let next = self.next(highest, full)?;
            // Where full blocks are on target they stay there.
            if next == highest {
                break;
            }
            highest = next;
        }
        Some(highest)
    }
}
