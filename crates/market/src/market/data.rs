//! What feeds say, and the swaps of pools as one of them.

use tidemill_model::{ChainEvent, Event, EventBody, PoolId};
use tidemill_units::InstantUs;

use super::Market;
use crate::swap_prices::Moved;
use crate::{FeedContents, FeedHealth, MarketError};

impl Market {
    /// Moves the feeds on, and nothing else: the clock of the chain stands still.
    pub(super) fn apply_feed(&mut self, event: &Event) -> Result<(), MarketError> {
        match &event.body {
            EventBody::Data(data) => {
                self.feeds.apply_data(data, (event.happened_at, event.seen_at))?;
            }
            EventBody::Feed(change) => self.feeds.apply_change(change, event.seen_at)?,
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_)
            | EventBody::Account(_)
            | EventBody::Outcome(_) => {}
        }
        Ok(())
    }

    /// Shows a swap to the feeds that want the prices of its pool.
    #[inline]
    pub(super) fn note_swap(
        &mut self,
        chain: &ChainEvent,
        at: InstantUs,
    ) -> Result<(), MarketError> {
        if !self.feeds.wants_swaps() {
            return Ok(());
        }
        for (feed, prices) in self.feeds.wanted_of(chain.pool) {
            let Some(moved) = Moved::by(&chain.event, &prices) else { continue };
            let pool = self.pool(chain.pool).ok_or(MarketError::UnknownPool(chain.pool))?;
            let point = moved.at(&prices, pool, (at, self.now));
            self.feeds.apply_swap(feed, point, self.seen_at)?;
        }
        Ok(())
    }

    /// Returns when the latest log of a pool was seen; `None` before the first.
    pub fn heard_of(&self, pool: PoolId) -> Option<InstantUs> {
        self.heard_of.get(usize::from(pool.0)).copied().flatten()
    }

    #[inline]
    pub(super) fn note_heard(&mut self, pool: PoolId, seen_at: InstantUs) {
        if let Some(heard_at) = self.heard_of.get_mut(usize::from(pool.0)) {
            *heard_at = Some(seen_at);
        }
    }

    /// Returns the first feed with a gap among those that tell of a pool; `None` where there is
    /// none.
    pub fn gap_of_pool(&self, pool: PoolId) -> Option<(tidemill_model::FeedId, FeedHealth)> {
        let of_pool = self.feeds.iter().filter(|(_, feed)| match &feed.terms().contents {
            FeedContents::Swaps(prices) => prices.pool == pool,
            FeedContents::Candles(_)
            | FeedContents::Trades
            | FeedContents::Quotes
            | FeedContents::Funding
            | FeedContents::Marks
            | FeedContents::Series { .. } => false,
        });
        let mut health = of_pool.map(|(id, feed)| (id, feed.health()));
        health.find(|(_, health)| *health != FeedHealth::Whole)
    }
}
