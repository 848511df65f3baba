use crate::{Gas, GasPrice, U256, mul_div};

/// What one blob uses of a block's blob gas (EIP-4844 `GAS_PER_BLOB`).
pub const GAS_PER_BLOB: Gas = Gas(131_072);

/// The least that a unit of blob gas costs, in wei (EIP-4844 `MIN_BASE_FEE_PER_BLOB_GAS`).
const MIN_BASE_FEE: u128 = 1;

/// How the base fee of blob gas follows from the blobs of the blocks before.
///
/// Source: EIP-4844, with the fields that EIP-7691, EIP-7892 and EIP-7918 change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobSchedule {
    /// Blobs in a block at which the fee stays where it is.
    pub target_blobs: u64,
    /// The most blobs a block may have.
    pub max_blobs: u64,
    /// Excess blob gas that multiplies the fee by e (`BASE_FEE_UPDATE_FRACTION`).
    pub update_fraction: u64,
    /// Gas at the base fee that a blob has to cost before the excess falls (EIP-7918
    /// `BLOB_BASE_COST`); zero before Osaka.
    pub base_cost: Gas,
}

/// The blob gas of a block's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobGas {
    /// What the blocks before it used beyond their targets, `excess_blob_gas`.
    pub excess: Gas,
    /// What its own blobs use, `blob_gas_used`.
    pub used: Gas,
}

impl BlobSchedule {
    /// Since Cancun, March 2024 (EIP-4844).
    pub const CANCUN: Self =
        Self { target_blobs: 3, max_blobs: 6, update_fraction: 3_338_477, base_cost: Gas(0) };
    /// Since Prague, May 2025 (EIP-7691).
    pub const PRAGUE: Self =
        Self { target_blobs: 6, max_blobs: 9, update_fraction: 5_007_716, base_cost: Gas(0) };
    /// Since Osaka, December 2025 (EIP-7918).
    pub const OSAKA: Self = Self { base_cost: Gas(8_192), ..Self::PRAGUE };
    /// Since the first change of blob parameters alone, December 2025 (EIP-7892).
    pub const BPO1: Self =
        Self { target_blobs: 10, max_blobs: 15, update_fraction: 8_346_193, ..Self::OSAKA };
    /// Since the second, January 2026.
    pub const BPO2: Self =
        Self { target_blobs: 14, max_blobs: 21, update_fraction: 11_684_671, ..Self::OSAKA };

    /// Returns the price of a unit of blob gas in a block of this excess.
    ///
    /// `None` where the update fraction is zero, and past 2^128 - 1.
    pub fn base_fee(self, excess: Gas) -> Option<GasPrice> {
        let fraction = u128::from(self.update_fraction);
        let fee = fake_exponential(MIN_BASE_FEE, u128::from(excess.0), fraction)?;
        u128::try_from(fee).ok().map(GasPrice)
    }

    /// Returns the excess of the block after one of this blob gas and this base fee of plain gas.
    ///
    /// The base fee counts only where a blob has a base cost. `None` past 2^64 - 1, and as
    /// [`base_fee`](Self::base_fee).
    pub fn next_excess(self, block: BlobGas, base_fee: GasPrice) -> Option<Gas> {
        let BlobGas { excess: Gas(excess), used: Gas(used) } = block;
        let target = self.target_blobs.checked_mul(GAS_PER_BLOB.0)?;
        let sum = excess.checked_add(used)?;
        if sum < target {
            return Some(Gas(0));
        }
        let price_of =
            |gas: Gas, price: GasPrice| U256::from(gas.0).checked_mul(U256::from(price.0));
        let reserve = price_of(self.base_cost, base_fee)?;
        let cost = price_of(GAS_PER_BLOB, self.base_fee(block.excess)?)?;
        if reserve > cost {
            let room = self.max_blobs.checked_sub(self.target_blobs)?;
            let grown = used.checked_mul(room)?.checked_div(self.max_blobs)?;
            return excess.checked_add(grown).map(Gas);
        }
        sum.checked_sub(target).map(Gas)
    }
}

/// Returns `factor * e^(numerator / denominator)` by its Taylor series, each term rounded down, and
/// the sum too. Source: EIP-4844, `fake_exponential`.
///
/// `None` where the denominator is zero, and where a term or the sum passes 2^256 - 1.
pub fn fake_exponential(factor: u128, numerator: u128, denominator: u128) -> Option<U256> {
    let (numerator, denominator) = (U256::from(numerator), U256::from(denominator));
    let mut term = U256::from(factor).checked_mul(denominator)?;
    let (mut sum, mut divisor) = (U256::ZERO, denominator);
    while !term.is_zero() {
        sum = sum.checked_add(term)?;
        term = mul_div(term, numerator, divisor)?;
        divisor = divisor.checked_add(denominator)?;
    }
    sum.checked_div(denominator)
}
