//! What feeds from outside the chain say, in the digest.

use tidemill_model::{FeedChange, FeedData, FeedEvent, FeedItem, GapCause, Taker};
use tidemill_units::{Decimal, InstantUs};

use super::Digest;

impl Digest {
    pub(super) fn data(&mut self, data: &FeedData) {
        self.buffer.extend_from_slice(&data.feed.0.to_le_bytes());
        match data.item {
            FeedItem::Candle { interval, candle } => {
                self.tag(0);
                self.i64(interval.us());
                self.i64(candle.open_time.0);
                let prices = [candle.open, candle.high, candle.low, candle.close, candle.volume];
                prices.into_iter().for_each(|price| self.decimal(price));
                self.optional(candle.quote_volume, Self::decimal);
                self.optional(candle.trades, Self::u64);
            }
            FeedItem::Trade(trade) => {
                self.tag(1);
                self.u64(trade.id);
                self.i64(trade.time.0);
                self.decimal(trade.price);
                self.decimal(trade.quantity);
                self.tag(match trade.taker {
                    Taker::Buyer => 0,
                    Taker::Seller => 1,
                });
            }
            FeedItem::Quote(quote) => {
                self.tag(2);
                self.u64(quote.update_id);
                self.optional(quote.time, Self::instant);
                for level in [quote.bid, quote.ask] {
                    self.decimal(level.price);
                    self.decimal(level.quantity);
                }
            }
            FeedItem::Funding(funding) => {
                self.tag(3);
                self.i64(funding.time.0);
                self.decimal(funding.rate);
                self.optional(funding.mark_price, Self::decimal);
            }
            FeedItem::Mark(mark) => {
                self.tag(4);
                self.i64(mark.time.0);
                self.decimal(mark.mark);
                self.optional(mark.index, Self::decimal);
                self.optional(mark.expected_funding, Self::decimal);
            }
            FeedItem::Observation(observation) => {
                self.tag(5);
                self.i64(observation.time.0);
                self.i64(observation.published_at.0);
                self.decimal(observation.value);
            }
        }
    }

    pub(super) fn feed(&mut self, event: &FeedEvent) {
        self.buffer.extend_from_slice(&event.feed.0.to_le_bytes());
        match event.change {
            FeedChange::Gap { since, cause } => {
                self.tag(0);
                self.i64(since.0);
                self.tag(match cause {
                    GapCause::NotBegun => 0,
                    GapCause::Disconnected => 1,
                    GapCause::OutOfSequence => 2,
                    GapCause::NotRecorded => 3,
                    GapCause::Ended => 4,
                    GapCause::Silent => 5,
                    GapCause::Impossible => 6,
                });
            }
            FeedChange::Restored => self.tag(1),
        }
    }

    fn decimal(&mut self, value: Decimal) {
        self.buffer.extend_from_slice(&value.raw().to_le_bytes());
    }

    fn instant(&mut self, at: InstantUs) {
        self.i64(at.0);
    }
}
