//! What a Merkl campaign is shown of a swap: every position of its pool, ours among them.

use std::collections::BTreeSet;

use tidemill_amm::concentrated::Pool;
use tidemill_rewards::Account;
use tidemill_rewards::merkl::{Holding, MerklError};
use tidemill_units::FeeGrowth;

use crate::programme_market::OURS;
use crate::{ConcentratedMarket, HeldPosition, SwapHoldings, holding_after};

/// All positions before a swap, in both copies of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoresBefore {
    history: SwapHoldings,
    /// Ours among them; none where we are not in the pool.
    with_us: Option<SwapHoldings>,
    /// Ours beside the history: a price-taker's.
    beside: Vec<(HeldPosition, [FeeGrowth; 2])>,
}

impl ScoresBefore {
    pub(crate) fn of(market: &ConcentratedMarket) -> Self {
        Self {
            history: SwapHoldings::before(market.history()),
            with_us: market.with_us().map(SwapHoldings::before),
            beside: beside(market),
        }
    }

    /// Goes on from a swap to the next, where nothing else comes between; `None` where we have come
    /// into the pool.
    pub(crate) fn advanced(mut self, market: &ConcentratedMarket) -> Option<Self> {
        self.history.advance(market.history());
        match (&mut self.with_us, market.with_us()) {
            (Some(before), Some(pool)) => before.advance(pool),
            (None, None) => {}
            _ => return None,
        }
        self.beside = beside(market);
        Some(self)
    }

    /// What is shown to a campaign as it was recorded; `everywhere` where positions out of range
    /// count.
    pub(crate) fn history_after(
        &self,
        market: &ConcentratedMarket,
        everywhere: bool,
    ) -> Result<Vec<Holding>, MerklError> {
        counted(&self.history, market.history(), everywhere)
    }

    /// What is shown to a campaign as we meet it: of a price-taker the recorded positions and
    /// beside them ours, which share the budget without having moved the pool.
    pub(crate) fn with_us_after(
        &self,
        market: &ConcentratedMarket,
        everywhere: bool,
    ) -> Result<Vec<Holding>, MerklError> {
        if let Some(pool) = market.with_us() {
            // Before our first order both copies were one.
            let before = self.with_us.as_ref().unwrap_or(&self.history);
            let ours: BTreeSet<_> = market.own_owners().map(Account).collect();
            let mut holdings = counted(before, pool, everywhere)?;
            for holding in holdings.iter_mut().filter(|held| ours.contains(&held.account)) {
                holding.account = OURS;
            }
            return Ok(holdings);
        }
        let mut holdings = self.history_after(market, everywhere)?;
        let after: Vec<_> = market.own_growth().map(|(_, growth)| growth).collect();
        for ((held, before), after) in self.beside.iter().zip(after) {
            let ([before0, before1], [after0, after1]) = (*before, after);
            let growth = [after0.wrapping_sub(before0), after1.wrapping_sub(before1)];
            holdings.push(holding_after(*held, growth, market.history())?);
        }
        Ok(holdings)
    }
}

/// A price-taker's own positions, and what their ranges have grown by.
fn beside(market: &ConcentratedMarket) -> Vec<(HeldPosition, [FeeGrowth; 2])> {
    let beside = market.own_growth().map(|(own, growth)| {
        let held = HeldPosition { account: OURS, range: own.range, liquidity: own.liquidity };
        (held, growth)
    });
    beside.collect()
}

/// What positions hold after a swap: those that a campaign leaves out need not be worked out.
fn counted(
    before: &SwapHoldings,
    pool: &Pool,
    everywhere: bool,
) -> Result<Vec<Holding>, MerklError> {
    let tick = pool.tick();
    before.after_where(pool, |range| everywhere || range.contains(tick))
}
