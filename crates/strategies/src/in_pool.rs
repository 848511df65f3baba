use tidemill_model::{Intent, PoolId};
use tidemill_strategy::{Strategy, StrategyFault, View};

/// A strategy that looks at another pool of the run than the one that values are stated in.
///
/// It does there what it would do anywhere: the pool of its view is that one.
pub(crate) struct InPool {
    inner: Box<dyn Strategy>,
    pool: PoolId,
}

impl InPool {
    pub(crate) fn new(inner: Box<dyn Strategy>, pool: PoolId) -> Self {
        Self { inner, pool }
    }
}

impl Strategy for InPool {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        view.of_pool(self.pool).map(|view| self.inner.decide(&view)).unwrap_or_default()
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}
