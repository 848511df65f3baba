//! Incentive design: what a reward budget brings, costs and leaves behind.
//!
//! Given a pool with its recorded flow, budgets and programmes, [`design`] says how much capital
//! comes, what it does to depth and price impact, who is paid what, and what remains afterwards.
//! Rewards are accrued by the programmes' own models, to the unit; how much capital comes is a
//! model with parameters, stated in `docs/campaign.md`. It knows no terminal and no file: a tape is
//! given to it, and it fills a sheet that `report` renders.
//!
//! ```
//! use tidemill_campaign::CampaignConfig;
//!
//! let config = CampaignConfig::from_toml("budgets = [\"1000\"]\n[schedule]\nduration_days = 7")?;
//! assert_eq!(config.schedule.duration_days, Some(7.0));
//! assert!(CampaignConfig::from_toml("budget = \"1000\"").is_err(), "an unknown key is refused");
//! # Ok::<(), tidemill_campaign::ConfigError>(())
//! ```

mod capture;
mod config;
mod depth;
mod design;
mod flow;
mod number;
mod position;
mod programme;
mod recording;
mod share_flow;
mod supply;

pub use capture::CaptureError;
pub use config::{
    CampaignConfig, Cast, CastConfig, ConfigError, MeasureConfig, Placement, Plan, RewardConfig,
    ScheduleConfig, Supply, SupplyConfig,
};
pub use depth::DepthError;
pub use design::{DesignError, design};
pub use programme::{GaugeFamily, Programme, ProgrammeConfig, Rule, Votes};
pub use recording::Recording;
