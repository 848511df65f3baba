use tidemill_model::{AddressError, Bytes32Error};
use tidemill_units::{Amount, Liquidity, ParseError, Tick, TickRange};

use crate::OtherColumn;
use crate::limits::{MAX_LINE_BYTES, MAX_ROWS};

/// What is wrong with a file, a field or a row of a tape; says what was found and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A text is not the number it must be.
    #[error(transparent)]
    Number(#[from] ParseError),
    /// A text is not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A text is not thirty-two bytes.
    #[error(transparent)]
    Bytes32(#[from] Bytes32Error),
    /// A value of the wrong kind or out of its range.
    #[error("`{found}` is not allowed; expected {expected}")]
    Value {
        /// The value, cut to 80 characters.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A value that a row kind needs is not there.
    #[error("is empty; {kind} rows need it")]
    Missing {
        /// The row's kind.
        kind: &'static str,
    },
    /// A value that a row kind does not have is there.
    #[error("is `{found}`; {kind} rows leave it empty")]
    NotEmpty {
        /// The row's kind.
        kind: &'static str,
        /// The value, cut to 80 characters.
        found: String,
    },
    /// A row kind that tapes do not have.
    #[error("`{found}` is no kind of event; expected {expected}")]
    UnknownKind {
        /// The kind, cut to 80 characters.
        found: String,
        /// The kinds that such a pool's tapes have.
        expected: &'static str,
    },
    /// The same log twice.
    #[error("duplicate: block {block}, log index {log_index} is also the row before")]
    DuplicateEvent {
        /// Its block.
        block: u64,
        /// Its log index.
        log_index: u32,
    },
    /// A log before its predecessor.
    #[error(
        "unsorted: block {}, log index {} comes after block {}, log index {}; rows must ascend \
         by block, then log index", found.0, found.1, after.0, after.1
    )]
    UnsortedEvent {
        /// Block and log index of the row.
        found: (u64, u32),
        /// Block and log index of the row before.
        after: (u64, u32),
    },
    /// A block's time that contradicts the rows before.
    #[error("{found} is before {after}, the time of the row before; time must not go back")]
    TimeGoesBack {
        /// The time.
        found: String,
        /// The time of the row before.
        after: String,
    },
    /// Two times for one block.
    #[error("{found} differs from {other}, the time of the row before in the same block {block}")]
    TwoTimes {
        /// The time.
        found: String,
        /// The time of the row before.
        other: String,
        /// The block.
        block: u64,
    },
    /// An event that the snapshot already contains.
    #[error("block {found} is not after block {snapshot}, the end of which the tape starts from")]
    BeforeSnapshot {
        /// The event's block.
        found: u64,
        /// The snapshot's block.
        snapshot: u64,
    },
    /// The first event is not the pool's creation and there is no snapshot.
    #[error("`{found}`: a tape without initial positions must begin with initialize")]
    NotInitialized {
        /// The kind found.
        found: &'static str,
    },
    /// A second creation.
    #[error("a pool is initialized once, by the first row of a tape without initial positions")]
    InitializedTwice,
    /// A tick that cannot be initialized.
    #[error("tick {tick} is not a multiple of the tick spacing {tick_spacing}")]
    OffSpacing {
        /// The tick.
        tick: Tick,
        /// The pool's spacing.
        tick_spacing: i32,
    },
    /// A range that is empty or upside down.
    #[error("{} is not above tick_lower {}", .0.upper, .0.lower)]
    EmptyRange(TickRange),
    /// The same initial range twice.
    #[error("duplicate: range {0} is also the row before; each range has one row, owners summed")]
    DuplicatePosition(TickRange),
    /// An initial range before its predecessor.
    #[error(
        "unsorted: range {found} comes after {after}; rows must ascend by tick_lower, then \
         tick_upper"
    )]
    UnsortedPosition {
        /// The range.
        found: TickRange,
        /// The range of the row before.
        after: TickRange,
    },
    /// An initial position on a tape that starts at creation, or behind an event.
    #[error("initial_position rows stand before all events, on a tape that starts from a snapshot")]
    MisplacedPosition,
    /// The initial positions do not make up the recorded liquidity.
    #[error(
        "the tick map is incomplete: the positions in range at tick {tick} sum to {sum}, but the \
         pool's recorded liquidity is {recorded}"
    )]
    IncompleteTickMap {
        /// The pool's tick.
        tick: Tick,
        /// The sum of the positions in range, 2^256 - 1 where it overflows.
        sum: Amount,
        /// The recorded liquidity.
        recorded: Liquidity,
    },
    /// More of an initial position is staked than there is.
    #[error("{staked} is above the position's liquidity {liquidity}")]
    StakedAbove {
        /// What is staked.
        staked: Liquidity,
        /// What there is.
        liquidity: Liquidity,
    },
    /// The initial positions do not make up the recorded staked liquidity.
    #[error(
        "the tick map is incomplete: what is staked in range at tick {tick} sums to {sum}, but the \
         pool's recorded staked_liquidity is {recorded}"
    )]
    IncompleteStakes {
        /// The pool's tick.
        tick: Tick,
        /// The sum of the stakes in range, 2^256 - 1 where it overflows.
        sum: Amount,
        /// The recorded staked liquidity.
        recorded: Liquidity,
    },
    /// Both or neither of two columns must be there.
    #[error("is empty; it is there wherever {with} is")]
    MissingWith {
        /// The other column.
        with: &'static str,
    },
    /// A tick that is not the one of its price.
    #[error("tick {tick} does not contain sqrt_price_x96 {sqrt_price_x96}")]
    TickOffPrice {
        /// The tick.
        tick: Tick,
        /// The price, Q64.96.
        sqrt_price_x96: String,
    },
    /// Both amounts of a swap go the same way.
    #[error("{found} has the sign of amount0; a swap pays one token in and the other out")]
    OneWaySwap {
        /// `amount1`.
        found: String,
    },
    /// A field that must be there is not.
    #[error("is missing")]
    AbsentField,
    /// A field that is not defined.
    #[error("is unknown")]
    UnknownField,
    /// The same field twice.
    #[error("is there twice")]
    FieldTwice,
    /// A swap on a tape without a tick map that does not say the state it left.
    #[error("is empty; without a tick map, each swap says its price, liquidity and tick")]
    MissingWithoutTickMap,
    /// Positions on a tape that says it has none.
    #[error("is there, but so are initial positions, which are the tick map")]
    PositionsWithoutTickMap,
    /// A snapshot without its positions.
    #[error(
        "is there, but the folder has no initial_positions.csv or initial_positions.csv.gz; where \
         nobody knows them, `\"tick_map\": \"unknown\"` says so"
    )]
    StateWithoutPositions,
    /// Positions without their snapshot.
    #[error(
        "is missing; a folder with initial positions needs it, sqrt_price_x96, tick, liquidity"
    )]
    PositionsWithoutState,
    /// No event at all.
    #[error("has no event; a tape has at least one")]
    NoEvents,
    /// More rows than can be held.
    #[error("more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Text that is not CSV of the expected form, or a Parquet file that is not a tape.
    #[error(transparent)]
    Format(#[from] FormatFault),
}

/// How a file departs from the expected form, before anything in it has a meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// Nothing in it.
    #[error("is empty; expected a header row")]
    Empty,
    /// A column that is not defined.
    #[error("unknown column `{0}`; see docs/tape-format.md for the columns")]
    UnknownColumn(String),
    /// The same column twice.
    #[error("column {0} is there twice")]
    DuplicateColumn(&'static str),
    /// A column that every file needs.
    #[error("column {0} is missing")]
    MissingColumn(&'static str),
    /// A row that ends too early.
    #[error("the row has {found} fields; the header has {expected}")]
    FieldCount {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A double quote; no value needs one.
    #[error("contains a quote character; write values plain, without quotes")]
    Quote,
    /// A NUL byte.
    #[error("contains a NUL byte")]
    Nul,
    /// Not UTF-8.
    #[error("is not UTF-8 text")]
    NotUtf8,
    /// A line past the limit.
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    LongLine,
    /// A line of a programme's tape past its limit.
    #[error("is longer than {limit} bytes")]
    LineOver {
        /// The limit.
        limit: u64,
    },
    /// The last line of a programme's tape has no end.
    #[error("is cut short: the file ends within the line")]
    LineCutShort,
    /// A programme's tape without a seal.
    #[error("is missing: a tape ends with its seal, and this one is cut short before it")]
    NoSeal,
    /// Lines after the seal of a programme's tape.
    #[error("stands after the seal, which is the last line of a tape")]
    AfterSeal,
    /// A file past the limit.
    #[error("is larger than {limit} bytes")]
    LargeFile {
        /// The limit.
        limit: u64,
    },
    /// The end of compressed data is missing.
    #[error("the gzip data is cut short")]
    GzipCutShort,
    /// Compressed data that is damaged, or bytes behind its end.
    #[error("not gzip data, damaged, or followed by other bytes ({0})")]
    Gzip(String),
    /// Not JSON of the expected form.
    #[error("{0}")]
    Json(String),
    /// Two files for one thing.
    #[error("{0} is there as well; keep one of the two")]
    TwoFiles(&'static str),
    /// Positions of a pool that has none.
    #[error("is there, but a pool of shares has no positions")]
    NoPositions,
    /// A file that must be there is not.
    #[error("is missing")]
    NoFile,
    /// Neither a folder to import nor a tape.
    #[error("is not a folder")]
    NotAFolder,
    /// Not the start and end of a Parquet file.
    #[error("is not a Parquet file, or cut short: it does not {0} with PAR1")]
    NotParquet(&'static str),
    /// A Parquet file that no tape writer sealed.
    #[error("is a Parquet file but not a tape: its metadata has no {}", crate::seal::SEAL_KEY)]
    NotATape,
    /// Bytes differ from those that were written.
    #[error("is damaged: its bytes hash to {found}, but it was written with {recorded}")]
    Damaged {
        /// The hash of the bytes.
        found: String,
        /// The hash in the metadata.
        recorded: String,
    },
    /// A tape of another version.
    #[error("format version `{found}`; this program reads version {expected}")]
    Version {
        /// The version.
        found: String,
        /// The version read here.
        expected: &'static str,
    },
    /// A metadata key missing, twice or unknown.
    #[error("metadata key `{key}` {problem}")]
    MetadataKey {
        /// The key.
        key: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A Parquet column of another name or type.
    #[error(transparent)]
    Column(#[from] OtherColumn),
    /// A tape whose file, read back, is another tape.
    #[error("the file does not read back as the tape that was written")]
    NotReadBack,
    /// Parquet that its decoder refused.
    #[error("cannot be decoded as Parquet: {0}")]
    Parquet(String),
}
