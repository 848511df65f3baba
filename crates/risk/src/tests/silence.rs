//! Nothing that adds exposure passes once a feed or a pool has been silent for too long.

use tidemill_market::{FeedContents, FeedTerms};
use tidemill_model::{
    Event, EventBody, FeedData, FeedId, FeedItem, Funding, Intent, Latency, Sequence,
};
use tidemill_units::{Decimal, InstantUs, Side};

use super::guarded::{Guarded, minutes};
use super::synthetic_tape::POOL;
use super::{VALUATION, loose, open, swap};
use crate::{Refusal, Risk, Safeguards};

const FEED: FeedId = FeedId(0);

fn hear(guarded: &mut Guarded, seconds_later: i64) {
    let desk = &mut guarded.desk;
    desk.sequence += 1;
    let at = InstantUs(desk.market.seen_at().0 + seconds_later * 1_000_000);
    let item =
        FeedItem::Funding(Funding { time: InstantUs(0), rate: Decimal::ZERO, mark_price: None });
    let body = EventBody::Data(Box::new(FeedData { feed: FEED, item }));
    let event = Event { sequence: Sequence(desk.sequence), happened_at: at, seen_at: at, body };
    desk.market.apply(&event).expect("a feed of this market");
    desk.risk.observe(&event, &desk.market, &desk.ledger);
}

fn guarded() -> Guarded {
    let safeguards = Safeguards { max_silence: Some(minutes(5)), ..Safeguards::default() };
    let mut guarded = Guarded::new(safeguards.clone());
    let terms = FeedTerms {
        name: "one".to_owned(),
        contents: FeedContents::Funding,
        latency: Latency::ZERO,
    };
    assert_eq!(guarded.desk.market.feeds_mut().add(terms), Ok(FEED));
    let risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards);
    guarded.desk.risk = risk.with_feeds(vec![FEED]);
    hear(&mut guarded, 0);
    guarded
}

#[test]
fn a_silent_pool_is_left_alone_and_a_position_in_it_is_not_locked_in() {
    let mut guarded = guarded();
    let position = guarded.open(1_000, 1_000);
    hear(&mut guarded, 300);
    guarded.check(open(10, 10), Ok(()));
    hear(&mut guarded, 1);
    let (silent_minutes, limit_minutes) = (6, 5);
    let refused = Err(Refusal::PoolSilent { pool: POOL, silent_minutes, limit_minutes });
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token0, 10), refused);
    let order = guarded.desk.order(Intent::Close { position });
    assert!(guarded.desk.risk.reduce(order, &guarded.desk.ledger).is_ok());
    guarded.close(position);
    guarded.wait(6);
    hear(&mut guarded, 0);
    guarded.check(open(10, 10), Ok(()));
}

#[test]
fn a_silent_feed_is_not_relied_on() {
    let mut guarded = guarded();
    guarded.wait(5);
    guarded.check(open(10, 10), Ok(()));
    guarded.tape.skip_blocks(1);
    guarded.wait(0);
    let (silent_minutes, limit_minutes) = (6, 5);
    let refused = Err(Refusal::FeedSilent { feed: FEED, silent_minutes, limit_minutes });
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token0, 10), refused);
    hear(&mut guarded, 0);
    guarded.check(open(10, 10), Ok(()));
}

#[test]
fn what_never_spoke_is_silent_for_good() {
    use crate::staleness::{check_feed, check_pool};
    let now = InstantUs(i64::MAX);
    let silent = |heard_at| (heard_at, now);
    assert!(check_feed(minutes(u32::MAX - 1), FEED, silent(None)).is_err());
    assert!(check_pool(minutes(u32::MAX - 1), POOL, silent(None)).is_err());
    assert_eq!(check_pool(minutes(1), POOL, (Some(now), InstantUs(0))), Ok(()), "just now");
}
