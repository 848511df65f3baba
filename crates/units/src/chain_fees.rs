//! What chains charge for gas and for data, to the wei.
//!
//! The next base fee of EIP-1559, the blob base fee of EIP-4844, and what the OP stack and Arbitrum
//! charge for the data of a transaction. All of it follows from numbers of headers and system
//! contracts, which come in as arguments: nothing here knows which chain or block they are of. Each
//! rule rounds where its source rounds.
//!
//! ```
//! use tidemill_units::chain_fees::{BaseFeeRule, BlockGas};
//! use tidemill_units::{Gas, GasPrice};
//!
//! let full = BlockGas { limit: Gas(30_000_000), used: Gas(30_000_000) };
//! let next = BaseFeeRule::ETHEREUM.next(GasPrice(100_000_000_000), full);
//! assert_eq!(next, Some(GasPrice(112_500_000_000)));
//! ```

mod arbitrum;
mod base_fee;
mod blob_fee;
mod dynamic_fee;
mod fast_lz;
mod op_stack;
mod operator_fee;

pub use arbitrum::{ArbitrumData, ArbitrumPosting};
pub use base_fee::{BaseFeeRule, BlockGas};
pub use blob_fee::{BlobGas, BlobSchedule, GAS_PER_BLOB, fake_exponential};
pub use dynamic_fee::DynamicFee;
pub use fast_lz::fast_lz_length;
pub use op_stack::{BedrockData, L1FeeScalars, OpStackFee, RollupData};
pub use operator_fee::{OperatorFee, OperatorFeeScalars};

#[cfg(test)]
mod tests;
