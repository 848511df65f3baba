//! Feeds with a gap: nothing that adds exposure passes, and the way out stays open.

use tidemill_market::{FeedContents, FeedTerms, SwapPrices};
use tidemill_model::{
    Event, EventBody, FeedChange, FeedData, FeedEvent, FeedId, FeedItem, Funding, GapCause, Intent,
    Latency, Sequence,
};
use tidemill_units::{Decimal, InstantUs, Side, TokenIndex};

use super::{Desk, POOL, loose, open, swap};
use crate::{Refusal, Risk};

const NEEDED: FeedId = FeedId(0);
const OTHER: FeedId = FeedId(1);
const OF_POOL: FeedId = FeedId(2);

/// A desk that depends on the first of two feeds, beside one of its pool.
fn desk() -> Desk {
    let mut desk = Desk::new(loose());
    let [base, quote] = [0, 1].map(|token| (TokenIndex(token), 18));
    let of_pool = FeedContents::Swaps(SwapPrices { pool: POOL, base, quote });
    let contents = [FeedContents::Funding, FeedContents::Funding, of_pool];
    for (name, contents) in ["needed", "other", "pool"].into_iter().zip(contents) {
        let terms = FeedTerms { name: name.to_owned(), contents, latency: Latency::ZERO };
        desk.market.feeds_mut().add(terms).expect("a new name");
    }
    let valuation = *desk.risk.valuation();
    desk.risk = Risk::new(loose(), valuation).with_feeds(vec![NEEDED]);
    desk
}

fn hear(desk: &mut Desk, body: EventBody) {
    desk.sequence += 1;
    let at = desk.market.seen_at();
    let sequence = Sequence(desk.sequence);
    let event = Event { sequence, happened_at: at, seen_at: at, body };
    desk.market.apply(&event).expect("a feed of this market");
}

fn speak(desk: &mut Desk, feed: FeedId) {
    let funding = Funding { time: InstantUs(0), rate: Decimal::ZERO, mark_price: None };
    let item = FeedItem::Funding(funding);
    hear(desk, EventBody::Data(Box::new(FeedData { feed, item })));
}

fn change(desk: &mut Desk, feed: FeedId, change: FeedChange) {
    hear(desk, EventBody::Feed(FeedEvent { feed, change }));
}

fn gap(cause: GapCause) -> FeedChange {
    FeedChange::Gap { since: InstantUs(0), cause }
}

#[test]
fn what_adds_exposure_waits_for_the_feeds_that_it_depends_on() {
    let mut desk = desk();
    let adding = [open(10, 10), swap(Side::Token0, 10)];
    let refused = |desk: &mut Desk, feed, cause| {
        for intent in adding {
            assert_eq!(desk.ask(intent), Err(Refusal::FeedGap { feed, cause }));
        }
    };
    refused(&mut desk, NEEDED, GapCause::NotBegun);
    speak(&mut desk, NEEDED);
    let position = desk.open_position(1_000, 1_000);
    for (feed, cause) in [(NEEDED, GapCause::Disconnected), (OF_POOL, GapCause::Silent)] {
        change(&mut desk, feed, gap(cause));
        refused(&mut desk, feed, cause);
        change(&mut desk, feed, FeedChange::Restored);
        for intent in adding {
            assert!(desk.ask(intent).is_ok(), "{intent:?}");
        }
    }
    // Nobody depends on the other feed, which has said nothing yet.
    assert!(desk.market.feeds().get(OTHER).is_some());
    change(&mut desk, NEEDED, gap(GapCause::Ended));
    assert!(desk.ask(Intent::Close { position }).is_ok(), "the way out stays open");
    let order = desk.order(Intent::Close { position });
    let busy = desk.risk.reduce(order, &desk.ledger).map(drop);
    assert_eq!(busy, Err(Refusal::NotOpen(position)), "by the other entrance, too: it is asked");
}

#[test]
fn a_feed_that_is_not_there_has_said_nothing() {
    let mut desk = Desk::new(loose());
    let valuation = *desk.risk.valuation();
    desk.risk = Risk::new(loose(), valuation).with_feeds(vec![FeedId(5)]);
    let refused = desk.ask(open(10, 10)).expect_err("nothing is known");
    assert_eq!(refused, Refusal::FeedGap { feed: FeedId(5), cause: GapCause::NotBegun });
    assert_eq!(refused.to_string(), "feed 5 has a gap: it has said nothing yet");
}
