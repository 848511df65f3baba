//! Everything that is true of the world, as a fold of the event log: pools, time, gas price.
//!
//! Applying the same events always gives the same market. Every recorded pool event is executed
//! again and compared with the record; a difference is an error that names its block and log index.
//! What our own orders did to the pools is an event too, and there are two models of it
//! ([`Footprint`]). It knows no wallet, strategy, file or clock.
//!
//! ```
//! use tidemill_market::{NativeValue, PoolPrices, PoolValuation};
//! use tidemill_model::PoolId;
//! use tidemill_units::{Amount, SqrtPrice, TokenAmounts, TokenIndex, U256};
//!
//! // 9/4 token1 per token0, and the root of it as Q64.96.
//! let price = SqrtPrice::from_x96(U256::from(3) << 95).expect("below 2^160");
//! let prices = PoolPrices::Concentrated(price);
//! let native = NativeValue::Token(TokenIndex(0));
//! let in_token1 = PoolValuation { pool: PoolId(0), quote: TokenIndex(1), native };
//! let wallet = TokenAmounts::from_array([Amount::from_u64(5), Amount::from_u64(100)]);
//! assert_eq!(in_token1.value_at(&prices, &wallet), Some(Amount::from_u64(111)), "111.25, down");
//! let wei = Amount::from_u64(5);
//! assert_eq!(in_token1.native_at(&prices, wei), Some(Amount::from_u64(12)), "up");
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod asset_prices;
mod block_error;
mod build_fold;
mod candles;
mod concentrated_market;
mod error;
mod feeds;
mod footprint;
mod gauge_trail;
mod instruments;
mod just_in_time;
mod market;
mod observed;
mod option_payoff;
mod own_account;
mod own_position;
mod pool_market;
mod prices;
mod programme_fold;
mod programme_market;
mod resolve;
mod resolved_swaps;
mod series;
mod share_fold;
mod share_pool_market;
mod staking_market;
mod start;
mod swap_holdings;
mod swap_prices;
mod swap_scores;
mod undo_log;
mod valuation;
mod voting_market;

pub use asset_prices::AssetPrices;
pub use block_error::BlockError;
pub use candles::{CandleBuilder, CandleError, KnownCandle, Late, MAX_KEPT_CANDLES, PricePoint};
pub use concentrated_market::ConcentratedMarket;
pub use error::{MarketError, Mismatch};
pub use feeds::{Feed, FeedContents, FeedError, FeedHealth, FeedTerms, Feeds, Known, SwapPrices};
pub use footprint::{Dilution, Footprint, OwnLiquidity};
pub use instruments::{InstrumentMarket, Instruments, TwoSided};
pub use just_in_time::{JustInTime, just_in_time};
pub use market::{Market, OwnWorth};
pub use observed::{
    Certainty, ClassTotals, EventPlace, GrowthBounds, ObservedError, ObservedFault,
    ObservedFinding, ObservedPool, ObservedReport, Place, SwapClass,
};
pub use pool_market::PoolMarket;
pub use prices::PoolPrices;
pub use programme_fold::{
    AerodromeGaugeFold, ConcentratedGaugeFold, EpochEmission, FoldedProgramme, MerklFold,
    MerklSchedule, NoFold, NoPools, ProgrammeError, ProgrammeFold, ProgrammeMismatch,
    ProgrammePools, ProgrammeTotals, TokenTotal, V3StakerFold,
};
pub use programme_market::{GaugeSeat, ProgrammeMarket, Seat};
pub use resolve::{ReplayCounts, SwapKind};
pub use resolved_swaps::{ResolvedSwaps, SwapResolver};
pub use series::{KnownValue, MAX_KEPT_OBSERVATIONS, OutOfOrder, Series};
pub use share_fold::{Answer, Reproduced, ShareCall, ShareMismatch, fold};
pub use share_pool_market::{OwnDeposit, OwnShares, SharePoolMarket};
pub use staking_market::{
    LiquidService, LiquidTerms, SlashAt, StakingMarket, StakingService, ValidatorService,
    ValidatorTerms,
};
pub use swap_holdings::{HeldPosition, SwapHoldings, holding_after, is_swap, observe_swap};
pub use tidemill_rewards::Moment;
pub use undo_log::UndoLog;
pub use valuation::{NativeValue, PoolValuation, Valuation};
pub use voting_market::{
    AerodromeVotes, ControllerVotes, GaugeTerms, KnownGauge, VotingMarket, VotingService,
};

#[cfg(test)]
mod tests;
