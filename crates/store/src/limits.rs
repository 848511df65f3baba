/// The most rows, events and initial positions together, that a tape may have.
pub const MAX_ROWS: u64 = 50_000_000;

/// The longest line of a CSV file in bytes, and so the longest field.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// The longest `pool.json` in bytes.
pub const MAX_POOL_JSON_BYTES: u64 = 1 << 20;

/// The largest Parquet file in bytes; it is read into memory whole to check its seal.
pub const MAX_TAPE_BYTES: u64 = 8 << 30;

/// The longest state of a pool in bytes.
pub const MAX_POOL_STATE_BYTES: u64 = 1 << 24;

/// The longest state of a reward programme in bytes.
pub const MAX_PROGRAMME_STATE_BYTES: u64 = 1 << 26;
