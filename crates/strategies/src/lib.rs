//! The strategies, one file each, and the registry that builds them from their parameters.
//!
//! Every parameter has its unit in its name and an allowed range that its error states. Ticks are
//! used for widths because they are exact: one tick is a price ratio of 1.0001, about a basis
//! point.
//!
//! ```
//! use tidemill_strategies::{FixedRange, PoolFacts, StrategyKind};
//!
//! let pool = PoolFacts::Concentrated { tick_spacing: 60 };
//! let fixed = |half_width_ticks| StrategyKind::FixedRange(FixedRange { half_width_ticks });
//! assert!(fixed(600).build(pool).is_ok());
//! let error = fixed(59).build(pool).err();
//! let message = error.map(|error| error.to_string());
//! assert_eq!(message.as_deref(), Some("half_width_ticks is 59; allowed is 60 to 443636"));
//! ```

pub mod allocation;
mod balance;
pub mod compounding;
mod declared;
mod farm;
mod filter;
mod fixed_range;
mod full_range;
mod hedge;
mod hold;
mod in_pool;
mod keeper;
mod ladder;
mod limit_range;
mod mean_reversion;
mod number;
mod optimal_width;
mod option_hedge;
mod pairs;
mod parameters;
mod patience;
mod pool_exchange_arbitrage;
mod pool_meter;
mod ratio_allocation;
mod recentre;
mod registry;
mod rules;
mod sale;
mod size;
mod stable_pair;
mod stake;
mod threshold_buy;
mod trade_limit;
mod trend_filter;
mod two_pool_arbitrage;
mod volatility_filter;
mod volatility_range;
mod vote;
mod weighted_index;

pub use farm::{ClaimRule, FarmConfig, FarmSetup, Proceeds, RoundGas};
pub use fixed_range::FixedRange;
pub use full_range::FullRange;
pub use hedge::{Cover, HedgeConfig, HedgeSetup};
pub use hold::Hold;
pub use ladder::{Ladder, LadderMove, LadderWeights};
pub use limit_range::{LimitRange, LimitSide, LimitThen};
pub use mean_reversion::{MeanReversion, ReversionModel};
pub use optimal_width::OptimalWidth;
pub use option_hedge::{OptionCover, OptionHedgeConfig, OptionHedgeSetup};
pub use pairs::{PairLeg, PairSetup, Pairs};
pub use parameters::{BuildError, ParameterError, bounded};
pub use pool_exchange_arbitrage::{PoolExchangeArbitrage, PoolExchangeSetup};
pub use ratio_allocation::{RatioAllocation, RatioRule};
pub use recentre::{Recentre, RecentreReset};
pub use registry::{FeedNeed, PoolFacts, PoolSeat, Services, StrategyConfig, StrategyKind};
pub use rules::{QuoteScale, RulesConfig, RulesError};
pub use size::{Size, SizeRule};
pub use stable_pair::StablePair;
pub use stake::{Stake, StakeSetup};
pub use threshold_buy::{ThresholdBuy, TradeSetup};
pub use trend_filter::{TrendFilter, TrendRule};
pub use two_pool_arbitrage::{ArbitragePool, ArbitrageSetup, SwapGas, TwoPoolArbitrage};
pub use volatility_filter::VolatilityFilter;
pub use volatility_range::VolatilityRange;
pub use vote::{Vote, VoteGas, VoteSetup};
pub use weighted_index::WeightedIndex;

#[cfg(test)]
mod tests;
