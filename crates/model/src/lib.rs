//! The vocabulary of Tidemill: ids, tokens, events, intents, orders and outcomes, as plain data.
//!
//! Stands on `units` and knows no pool maths, file, clock or venue. An [`Event`] is the only thing
//! that changes anything: the market and the ledger are both folds of one ordered log of them.
//!
//! ```
//! use tidemill_model::{Address, Token};
//!
//! let pool: Address = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640".parse()?;
//! assert_eq!(pool.to_string(), "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640");
//! let token = Token { symbol: "USDC".into(), decimals: 6, address: None };
//! assert!(token.is_usd_stable());
//! # Ok::<(), tidemill_model::AddressError>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod address;
mod ballot;
mod block_event;
mod book;
mod build_event;
mod bytes32;
mod event;
mod feed;
mod instrument;
mod intent;
mod market_data;
mod option_contract;
mod outcome;
mod pool_build;
mod pool_event;
mod price_event;
mod programme_event;
mod programme_log;
mod share_event;
mod tape;
mod token;

pub use address::{Address, AddressError};
pub use ballot::{Ballot, Choice, GaugeNumber};
pub use block_event::{MinedBlock, ReorgDepth, RevertedBlock};
pub use book::{Book, BookFault, BookWindow};
pub use build_event::BuildEvent;
pub use bytes32::{Bytes32, Bytes32Error};
pub use event::{ChainEvent, Event, EventBody, PoolId, Sequence};
pub use feed::{FeedChange, FeedData, FeedEvent, FeedId, FeedItem, GapCause, Latency};
pub use instrument::{
    AccountEvent, Instrument, InstrumentId, InstrumentKind, Margin, TradeSide, VenueId,
};
pub use intent::{Intent, Order, OrderKey, Placement, PoolPair, PositionId, StakingId, VotingId};
pub use market_data::{
    BestQuote, BookLevel, BookSnapshot, BookUpdate, Candle, Funding, Interval, MarkPrice,
    Observation, Taker, Trade,
};
pub use option_contract::{OptionContract, OptionKind};
pub use outcome::{GasPaid, Holding, Outcome, OutcomeKind, Rejection, Reward};
pub use pool_build::PoolBuild;
pub use pool_event::{PoolEvent, RecordedAfter};
pub use price_event::{PriceEvent, QuotePrice};
pub use programme_event::{ProgrammeEvent, ProgrammeHeader, ProgrammeId, ProgrammeTapeEvent};
pub use programme_log::{
    AerodromeChoice, AerodromeGaugeLog, AerodromeLog, AerodromeVote, BalancerGaugesLog,
    ConcentratedGaugeLog, CumulativeClaimLog, CurveGaugesLog, FeeCheckpoint, FeeClaim,
    FeeDistributionLog, FeePayment, GaugeControllerLog, GaugeMint, GaugePayment, LiquidStakingLog,
    MasterChefLog, MerklLog, MerkleClaimLog, ProgrammeKind, ProgrammeLog, RateTokenLog,
    StakingRewardsLog, TokenAdminLog, V3StakerLog, ValidatorStakingLog, VaultLog, VoteEscrowLog,
};
pub use share_event::{
    BaseLog, LiquidityChange, ParameterChange, Ramp, ShareEvent, SharePoolHeader,
};
pub use tape::{InitialPosition, PoolHeader, PoolStart, Tape, TapeEvent, WindowStart, WindowState};
pub use token::{AssetId, ChainId, Token};

#[cfg(test)]
mod tests;
