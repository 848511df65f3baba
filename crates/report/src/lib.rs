//! Tear sheets: what each strategy earned, lost and paid against holding its deposit.
//!
//! A [`TearSheet`] is plain data: everything one report shows, filled in by whoever ran the
//! strategies. From it come [`render_page`], one HTML file that opens offline, [`render_table`],
//! the same comparison for a terminal, and [`render_run_chart`], one run as a picture. Money stays
//! in raw integers until it is printed; floats are only for ratios and for the points of charts.
//!
//! This crate does not know how a run is made, where its data came from or where the output is
//! written: it reads no file and no clock.
//!
//! ```
//! use tidemill_report::Identity;
//! use tidemill_units::SignedAmount;
//!
//! let raw = SignedAmount::from_i128;
//! let identity = Identity {
//!     fees: raw(1_250_000),
//!     rewards: raw(75_000),
//!     il: raw(400_000),
//!     swap_cost: raw(50_000),
//!     funding: raw(0),
//!     hedge: raw(0),
//!     gas: raw(300_000),
//!     net: raw(575_000),
//!     reported_difference: SignedAmount::ZERO,
//! };
//! assert!(identity.holds(), "fees + rewards - IL - swap cost - gas = net");
//! assert!(!Identity { net: raw(575_001), ..identity }.holds());
//! ```

mod attribution;
mod campaign_page;
mod campaign_rows;
mod campaign_sheet;
mod campaign_table;
mod comparison;
mod format;
mod identity;
mod lvr;
mod page;
mod price;
mod raw_units;
mod recorder;
mod run_chart;
mod table;
mod tear_sheet;
mod terms;

pub use attribution::{Attribution, AttributionError, Settlement, Start};
pub use campaign_page::render_campaign_page;
pub use campaign_sheet::{
    CampaignBefore, CampaignCapture, CampaignOutcome, CampaignPool, CampaignProvenance,
    CampaignReward, CampaignSheet, CampaignTerms, CampaignYields, DepthAt, DepthSides,
    ProgrammeOutcomes, Retained, TradeImpact,
};
pub use campaign_table::render_campaign_table;
pub use identity::Identity;
pub use page::render_page;
pub use price::PriceScale;
pub use recorder::{Recorder, RunRecord};
pub use run_chart::{RunChart, render_run_chart};
pub use table::render_table;
pub use tear_sheet::{
    ActionRow, DecisionRow, ExchangeSheet, Footprint, LockedTokens, OnChain, OtherPoolSheet,
    PoolHeader, PricePoint, ProgrammeSheet, Provenance, Provision, RangeSpan, RealisedGain,
    StoppedAt, StrategySheet, TearSheet, ValuePoint,
};

#[cfg(test)]
extern crate self as tidemill_report;
#[cfg(test)]
#[path = "../examples/sample_page/synthetic.rs"]
mod synthetic;
