use crate::{Amount, Gas, GasPrice, U256, mul_div};

/// Calldata units of a byte: Arbitrum counts in the gas of calldata that is not zero.
const UNITS_PER_BYTE: u64 = 16;
/// Units that a gas estimate adds, for a transaction that is not signed yet.
const PADDING_UNITS: u64 = 256;
/// What an estimate multiplies the units by then, in basis points.
const UNITS_PADDING_BPS: u64 = 10_100;
/// What an estimate multiplies the cost by, in basis points: the price of data may rise.
const COST_PADDING_BPS: u64 = 11_000;
const ALL_BPS: u64 = 10_000;

/// What Arbitrum (Nitro) charges for the data of a transaction, as part of its gas.
///
/// Modelled is the charge: the compressed size at the price of a unit, bought as gas at the base
/// fee, both as the chain has them at the time. Not modelled: the compression, Brotli, whose result
/// the caller brings; how ArbOS moves the price of a unit with what batches really cost; the base
/// fee, which follows a backlog of gas and not EIP-1559. Tips are not paid.
///
/// Source: OffchainLabs/nitro, `arbos/l1pricing/l1pricing.go` at commit 001ae317 (`GetPosterInfo`,
/// `PosterDataCost`) and `arbos/tx_processor.go` at commit 0002cddf (`GetPosterGas`,
/// `GasChargingHook`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArbitrumData {
    /// The price of a unit of calldata, `ArbGasInfo.getL1BaseFeeEstimate`.
    pub price_per_unit: GasPrice,
    /// The base fee of the block, above zero.
    pub base_fee: GasPrice,
}

/// The part of a transaction that pays for its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArbitrumPosting {
    /// Gas that it takes of the transaction's limit, `gasUsedForL1` of the receipt.
    pub gas: Gas,
    /// What that gas costs at the base fee, in wei.
    pub fee: Amount,
}

impl ArbitrumData {
    /// Returns what a transaction of so many compressed bytes is charged.
    ///
    /// The gas is rounded down, so that less than a unit of gas is given away. `None` where the
    /// base fee is zero, for then nothing is charged at all, and past what the types hold.
    pub fn posting(self, compressed_bytes: u64) -> Option<ArbitrumPosting> {
        let units = compressed_bytes.checked_mul(UNITS_PER_BYTE)?;
        let cost = U256::from(self.price_per_unit.0).checked_mul(U256::from(units))?;
        let gas = gas_for(cost, U256::from(self.base_fee.0))?;
        let fee = U256::from(gas.0).checked_mul(U256::from(self.base_fee.0))?;
        Some(ArbitrumPosting { gas, fee: Amount(fee) })
    }

    /// Returns the gas for data that a node's `eth_estimateGas` adds, which is more than will be
    /// charged: for a larger transaction, a higher price, and a base fee an eighth lower, though
    /// not below the chain's least one. `None` as [`posting`](Self::posting).
    pub fn estimated_gas(self, compressed_bytes: u64, least_base_fee: GasPrice) -> Option<Gas> {
        let units = compressed_bytes.checked_mul(UNITS_PER_BYTE)?.checked_add(PADDING_UNITS)?;
        let padded = |value: U256, bps: u64| mul_div(value, U256::from(bps), U256::from(ALL_BPS));
        let units = padded(U256::from(units), UNITS_PADDING_BPS)?;
        let cost = padded(units.checked_mul(U256::from(self.price_per_unit.0))?, COST_PADDING_BPS)?;
        let lower = mul_div(U256::from(self.base_fee.0), U256::from(7), U256::from(8))?;
        gas_for(cost, lower.max(U256::from(least_base_fee.0)))
    }
}

/// As much gas as the cost buys, rounded down; ArbOS takes the largest there is for more.
fn gas_for(cost: U256, base_fee: U256) -> Option<Gas> {
    cost.checked_div(base_fee).map(|gas| Gas(u64::try_from(gas).unwrap_or(u64::MAX)))
}
