use tidemill_model::{Intent, Placement, PositionId, StakingId};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Timestamp, TokenAmounts, TokenIndex};

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stake {
    setup: StakeSetup,
    compound_seconds: Option<u64>,
    leave_seconds: Option<u64>,
    staked_at: Option<Timestamp>,
    compounded_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    has_left: bool,
}

const RETRY_SECONDS: u64 = 3_600;

impl Stake {
    pub(crate) fn new(
        setup: StakeSetup,
        compound_seconds: Option<u64>,
        leave_seconds: Option<u64>,
    ) -> Self {
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
        Some(Intent::Open { pool: view.pool_id(), placement, desired })
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

impl Strategy for Stake {
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
