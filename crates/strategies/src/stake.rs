use serde::{Deserialize, Serialize};
use tidemill_model::{Intent, Placement, PositionId, StakingId};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Timestamp, TokenAmounts, TokenIndex};

use crate::declared::{Declared, Site, row};
use crate::{BuildError, bounded};

/// Where a token is staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeSetup {
    /// The service.
    pub staking: StakingId,
    /// Which of the pool's tokens it stakes.
    pub token: TokenIndex,
    /// Whether what is earned is staked by itself.
    pub compounds_itself: bool,
}

/// Hypothesis: what a chain pays for staking a token beats what a pool pays for providing it, since
/// nothing is lost to those who trade against the pool.
///
/// Stakes all there is of one token, holds the rest. Parameters: `compound_every_days`, after which
/// what a validator paid is staked as well (liquid staking does it by itself), and
/// `leave_after_days`, after which everything is asked back and collected once it can be had. Stops
/// then. An order that was refused is tried again after an hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stake {
    /// The service, by its name in the configuration; the first one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staking: Option<String>,
    /// Days between two times that what was earned is staked as well, 0.01 to 365; never without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compound_every_days: Option<f64>,
    /// Days after which everything is asked back, 0 to 36500; never without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave_after_days: Option<f64>,
}

impl Declared for Stake {
    fn name(&self) -> &'static str {
        "stake"
    }

    fn summary(&self) -> &'static str {
        "Stakes one of the tokens and holds the rest."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        rows.extend(self.staking.as_ref().map(|staking| row("staking", staking)));
        rows.extend(self.compound_every_days.map(|days| row("compound_every_days", &days)));
        rows.extend(self.leave_after_days.map(|days| row("leave_after_days", &days)));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let seconds = |days: f64| (days * 86_400.0) as u64;
        let day = |name, days: Option<f64>, range| {
            days.map(|days| bounded(name, days, range)).transpose()
        };
        let compound = day("compound_every_days", self.compound_every_days, (0.01, 365.0))?;
        let leave = day("leave_after_days", self.leave_after_days, (0.0, 36_500.0))?;
        let setup = site.services.stake.ok_or(BuildError::NowhereToStake)?;
        if compound.is_some() && setup.compounds_itself {
            return Err(BuildError::CompoundsItself);
        }
        Ok(Box::new(StakeDecider::new(setup, compound.map(seconds), leave.map(seconds))))
    }
}

#[derive(Clone, Copy, Debug)]
struct StakeDecider {
    setup: StakeSetup,
    compound_seconds: Option<u64>,
    leave_seconds: Option<u64>,
    staked_at: Option<Timestamp>,
    compounded_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    has_left: bool,
}

const RETRY_SECONDS: u64 = 3_600;

impl StakeDecider {
    fn new(setup: StakeSetup, compound_seconds: Option<u64>, leave_seconds: Option<u64>) -> Self {
        Self {
            setup,
            compound_seconds,
            leave_seconds,
            staked_at: None,
            compounded_at: None,
            tried_at: None,
            has_left: false,
        }
    }

    fn enter(&self, view: &View<'_>) -> Option<Intent> {
        let available = view.available()?;
        let amount = available.get(self.setup.token).filter(|amount| !amount.is_zero())?;
        let desired = TokenAmounts::of(available.len(), self.setup.token, amount)?;
        let placement = Placement::Stake(self.setup.staking);
        Some(Intent::Open { pool: view.pool_id()?, placement, desired })
    }

    fn tend(&mut self, view: &View<'_>, position: PositionId) -> Option<Intent> {
        let now = view.now();
        let staked_at = *self.staked_at.get_or_insert(now);
        let has_passed = |since: Timestamp, seconds| now.seconds_since(since) >= seconds;
        if self.leave_seconds.is_some_and(|seconds| has_passed(staked_at, seconds)) {
            // Once asked back, it waits until it can be had.
            let is_ready = view.ready_at(position).is_none_or(|ready_at| ready_at <= now);
            self.has_left = true;
            return is_ready.then_some(Intent::Close { position });
        }
        let seconds = self.compound_seconds?;
        let since = self.compounded_at.unwrap_or(staked_at);
        if has_passed(since, seconds) {
            self.compounded_at = Some(now);
            return Some(Intent::Compound { position });
        }
        None
    }
}

impl Strategy for StakeDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() {
            return Vec::new();
        }
        let was_refused =
            self.tried_at.is_some_and(|at| view.now().seconds_since(at) < RETRY_SECONDS);
        let position = view.positions().next().map(|(id, _)| id);
        let intent = match position {
            _ if was_refused && position.is_none() => None,
            Some(position) => self.tend(view, position),
            None if self.has_left => None,
            None => self.enter(view),
        };
        if intent.is_some() {
            self.tried_at = Some(view.now());
        }
        intent.into_iter().collect()
    }
}
