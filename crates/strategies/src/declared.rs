use std::fmt;

use tidemill_strategy::Strategy;

use crate::BuildError;
use crate::registry::{FeedNeed, PoolFacts, Services};

/// What the registry asks of the parameters of a strategy.
///
/// Its `Debug` is part of the digest of every run.
pub(crate) trait Declared: fmt::Debug {
    /// Returns the name of the kind, as `kind` writes it.
    fn name(&self) -> &'static str;

    /// Returns the hypothesis in a line.
    fn summary(&self) -> &'static str;

    /// Returns parameter and value, for the report.
    fn parameters(&self) -> Vec<(String, String)>;

    /// Returns how many positions that provide liquidity it keeps open at most; none where it
    /// provides nothing.
    fn most_positions(&self) -> u32;

    /// Returns the feeds and candles that it follows by its parameters; none without.
    ///
    /// Errors: those of [`build`](Self::build) for rules.
    fn own_needs(&self) -> Result<Vec<FeedNeed>, BuildError> {
        Ok(Vec::new())
    }

    /// Whether it cannot run without a pool; of rules, what they read and do says it.
    fn needs_pool(&self) -> bool {
        true
    }

    /// Checks the parameters and builds the strategy.
    ///
    /// Errors: see [`BuildError`]; the first parameter outside its range.
    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError>;
}

/// Where a strategy is to run.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The pool; none in a run without one.
    pub(crate) pool: Option<PoolFacts>,
    /// What it may use besides.
    pub(crate) services: Services,
}

impl Site {
    /// Returns the pool.
    ///
    /// Errors: [`BuildError::NeedsPool`] without one.
    pub(crate) fn pool(&self, strategy: &'static str) -> Result<PoolFacts, BuildError> {
        self.pool.ok_or(BuildError::NeedsPool { strategy })
    }

    /// Returns the spacing of the ticks that ranges may end on.
    ///
    /// Errors: [`BuildError::NeedsRanges`] in a pool of shares, [`BuildError::NeedsPool`] without
    /// any.
    pub(crate) fn tick_spacing(&self, strategy: &'static str) -> Result<i32, BuildError> {
        match self.pool(strategy)? {
            PoolFacts::Concentrated { tick_spacing } => Ok(tick_spacing),
            PoolFacts::Shares { kind } => Err(BuildError::NeedsRanges { strategy, pool: kind }),
        }
    }

    /// Checks that the pool has ticks.
    ///
    /// Errors: [`BuildError::NeedsTicks`] in a pool of shares, [`BuildError::NeedsPool`] without
    /// any.
    pub(crate) fn needs_ticks(&self, strategy: &'static str) -> Result<(), BuildError> {
        match self.pool(strategy)? {
            PoolFacts::Concentrated { .. } => Ok(()),
            PoolFacts::Shares { kind } => Err(BuildError::NeedsTicks { strategy, pool: kind }),
        }
    }
}

/// Returns a row of the report.
pub(crate) fn row(name: &str, value: &dyn ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// Half of all ticks: the widest half of a range that can be asked for.
pub(crate) const MAX_HALF_WIDTH: i32 = 443_636;
