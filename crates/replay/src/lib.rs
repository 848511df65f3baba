//! Replays and backtests: a tape, the simulated venue, and an engine for each strategy.
//!
//! [`replay`] executes every recorded event again and compares; [`replay_observed`] does what can
//! be done without a tick map. [`follow_position`] prices one
//! position over a tape. [`cut_tape`] makes one begin later. [`backtest`] runs strategies and fills
//! a tear sheet; [`backtest_watched`] leaves one behind that loops. Many engines run in
//! one process and cannot affect each other. It knows no terminal and no command line.

mod backtest;
mod config;
mod cut_tape;
mod exchange_config;
mod feeds;
mod just_in_time;
mod missing_prices;
mod observed_replay;
mod position;
mod replay_programme;
mod replay_tape;
mod reward_config;
mod run;
mod run_source;
mod run_tape;
mod sheet;
mod staking_config;
mod token_prices;
mod voting_config;
mod watchdog;

pub use backtest::{
    Backtest, BacktestError, StrategyRun, audit, backtest, record_journal, record_journal_of,
};
pub use config::{
    BacktestConfig, ConfigError, LimitsConfig, PoolConfig, PoolSetup, Setup, TokenConfig,
};
pub use cut_tape::{CutError, cut_tape};
pub use exchange_config::{ExchangeConfig, ExchangeSetup, InstrumentConfig, TierConfig};
pub use feeds::{
    FeedConfig, FeedMerge, FeedOrigin, FeedRecord, FeedRecords, FeedSetup, FeedSource, FolderFeed,
    Watched,
};
pub use just_in_time::{JustInTimeReport, JustInTimeTerms, ServedSwap, serve_just_in_time};
pub use observed_replay::{ObservedReplay, replay_observed};
pub use position::{PositionError, PositionReport, PositionRequest, TapePoint, follow_position};
pub use replay_programme::{
    ProgrammeFinding, ProgrammeReplay, ProgrammeReplayError, replay_programme, start_programme,
};
pub use replay_tape::{ConcentratedEnd, ReplayEnd, ReplayReport, ShareEnd, replay};
pub use reward_config::{RewardConfig, RewardSetup};
pub use run_source::{OwnedSource, RunSource};
pub use run_tape::RunTape;
pub use sheet::tear_sheet;
pub use staking_config::{SlashConfig, StakingConfig, StakingSetup};
pub use voting_config::{BribeTokenConfig, VotedGaugeConfig, VotingConfig, VotingSetup};
pub use watchdog::{OwnStrategy, backtest_watched};
