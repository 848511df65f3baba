use super::fast_lz_length;
use crate::{Amount, Gas, GasPrice, U256, mul_div};

/// Gas of a byte of calldata on Ethereum that is not zero (EIP-2028).
const GAS_PER_BYTE: u64 = 16;
/// Gas of a byte of calldata on Ethereum that is zero.
const GAS_PER_ZERO_BYTE: u64 = 4;
/// Bytes that stand for the signature, counted before Regolith only.
const SIGNATURE_BYTES: u64 = 68;
/// What scalars and estimated sizes are multiples of.
const ONE: u64 = 1_000_000;
/// `fastlzCoef` of the estimate, in millionths of a byte.
const FAST_LZ_COEFFICIENT: u64 = 836_500;
/// What the estimate subtracts, `-intercept`, in millionths of a byte.
const INTERCEPT: u64 = 42_585_600;
/// The least estimate, `minTransactionSize`, in millionths of a byte.
const LEAST_SIZE: u64 = 100_000_000;

/// What a chain of the OP stack charges for the data of a transaction, beside its gas.
///
/// Source: op-geth `core/types/rollup_cost.go` at commit 0054716b, and the OP stack specification's
/// pages on the L1 cost fees of Bedrock, Ecotone and Fjord, of which the last sets the least size
/// to 100 bytes. Deposits are not charged. Not here: the operator fee, which is
/// [`OperatorFee`](super::OperatorFee), and the first block of Ecotone, charged as one of Bedrock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpStackFee {
    /// By calldata gas, before March 2024.
    Bedrock(BedrockData),
    /// By calldata gas at the price of calldata and blobs, March to July 2024.
    Ecotone(L1FeeScalars),
    /// By an estimate of the compressed size, since July 2024.
    Fjord(L1FeeScalars),
}

/// What the fee before Ecotone follows from: `(data gas + overhead) * base fee * scalar / 10^6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BedrockData {
    /// The base fee of Ethereum, `L1Block.basefee`.
    pub l1_base_fee: GasPrice,
    /// Gas that is added to each transaction, `L1Block.l1FeeOverhead`.
    pub overhead: Gas,
    /// What the fee is multiplied by, in millionths, `L1Block.l1FeeScalar`.
    pub scalar: u64,
    /// Whether the chain is past Regolith: before it, the bytes of a signature were counted twice.
    pub is_regolith: bool,
}

/// What the fee since Ecotone follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L1FeeScalars {
    /// The base fee of Ethereum, `L1Block.basefee`.
    pub l1_base_fee: GasPrice,
    /// The base fee of its blob gas, `L1Block.blobBaseFee`.
    pub l1_blob_base_fee: GasPrice,
    /// What the first is multiplied by, in millionths, `L1Block.baseFeeScalar`.
    pub base_fee_scalar: u32,
    /// What the second is multiplied by, in millionths, `L1Block.blobBaseFeeScalar`.
    pub blob_base_fee_scalar: u32,
}

/// The data of a signed transaction, as the rollup posts it, counted in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollupData {
    /// How many are zero.
    pub zero_bytes: u64,
    /// How many are not.
    pub other_bytes: u64,
    /// How many are left of them all after FastLZ.
    pub fast_lz_bytes: u64,
}

impl RollupData {
    /// Counts the bytes of a signed transaction in its envelope (EIP-2718).
    pub fn of(transaction: &[u8]) -> Self {
        let count = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let zero = transaction.iter().filter(|byte| **byte == 0).count();
        Self {
            zero_bytes: count(zero),
            other_bytes: count(transaction.len().saturating_sub(zero)),
            fast_lz_bytes: count(fast_lz_length(transaction)),
        }
    }

    /// Returns what Ethereum would charge for it as calldata, or `None` past 2^64 - 1.
    pub fn calldata_gas(self) -> Option<Gas> {
        let zero = self.zero_bytes.checked_mul(GAS_PER_ZERO_BYTE)?;
        zero.checked_add(self.other_bytes.checked_mul(GAS_PER_BYTE)?).map(Gas)
    }

    /// Returns the size that Fjord takes a batch to grow by, in millionths of a byte:
    /// `max(100, 0.8365 * fast_lz_bytes - 42.5856)`; `None` past 2^64 - 1.
    pub fn estimated_size(self) -> Option<u64> {
        let grown = self.fast_lz_bytes.checked_mul(FAST_LZ_COEFFICIENT)?;
        Some(grown.saturating_sub(INTERCEPT).max(LEAST_SIZE))
    }
}

impl OpStackFee {
    /// Returns the fee in wei, rounded down (the sender keeps the part); `None` where it or a
    /// product on the way passes what its type holds.
    pub fn fee(self, data: RollupData) -> Option<Amount> {
        match self {
            Self::Bedrock(chain) => chain.fee(data),
            Self::Ecotone(chain) => {
                let calldata = U256::from(data.calldata_gas()?.0);
                let divisor = U256::from(ONE).checked_mul(U256::from(GAS_PER_BYTE))?;
                mul_div(chain.price_per_byte()?, calldata, divisor).map(Amount)
            }
            Self::Fjord(chain) => {
                let size = U256::from(data.estimated_size()?);
                let divisor = U256::from(ONE).checked_mul(U256::from(ONE))?;
                mul_div(chain.price_per_byte()?, size, divisor).map(Amount)
            }
        }
    }
}

impl BedrockData {
    fn fee(self, data: RollupData) -> Option<Amount> {
        let signature = if self.is_regolith { 0 } else { SIGNATURE_BYTES };
        let other_bytes = data.other_bytes.checked_add(signature)?;
        let gas = RollupData { other_bytes, ..data }.calldata_gas()?;
        let gas = U256::from(gas.0).checked_add(U256::from(self.overhead.0))?;
        let cost = gas.checked_mul(U256::from(self.l1_base_fee.0))?;
        mul_div(cost, U256::from(self.scalar), U256::from(ONE)).map(Amount)
    }
}

impl L1FeeScalars {
    /// `16 * base fee * its scalar + blob base fee * its scalar`: millionths of a wei per byte.
    fn price_per_byte(self) -> Option<U256> {
        let scaled =
            |price: GasPrice, scalar: u32| U256::from(price.0).checked_mul(U256::from(scalar));
        let calldata = scaled(self.l1_base_fee, self.base_fee_scalar)?;
        let blobs = scaled(self.l1_blob_base_fee, self.blob_base_fee_scalar)?;
        calldata.checked_mul(U256::from(GAS_PER_BYTE))?.checked_add(blobs)
    }
}
