use bytes::Bytes;
use tidemill_model::Tape;

use crate::{TapeError, decode_tape};

/// How errors and reports name the sample.
pub const SAMPLE_NAME: &str = "univ3-usdc-weth-500-2024-12-week.parquet";

/// The sample's file: a week of the Uniswap v3 USDC/WETH 0.05 % pool on Ethereum.
///
/// Its provenance is told in the README beside it in this crate's `sample` folder.
pub const SAMPLE_BYTES: &[u8] =
    include_bytes!("../sample/univ3-usdc-weth-500-2024-12-week.parquet");

/// Returns the embedded sample, decoded.
///
/// # Errors
///
/// None, unless the program itself is damaged: what [`decode_tape`] says of its bytes.
pub fn sample() -> Result<Tape, TapeError> {
    decode_tape(Bytes::from_static(SAMPLE_BYTES), SAMPLE_NAME)
}
