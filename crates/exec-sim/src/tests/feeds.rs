//! Feeds beside the chain: the order in which they are seen, and orders decided on them.

use tidemill_market::{FeedContents, FeedTerms};
use tidemill_model::{Event, EventBody, FeedData, FeedId, FeedItem, Funding, Latency, Tape};
use tidemill_units::{Decimal, InstantUs, Side, Timestamp};

use super::synthetic_tape::{FIRST_TIME, SyntheticTape, range};
use super::{Session, is_done, swap};
use crate::{FeedFault, FeedStream, SeenItem, SimulationError};
use tidemill_exec::World;
use tidemill_market::Footprint;

fn second(second: u64) -> i64 {
    InstantUs::at_second(Timestamp(FIRST_TIME + second)).0
}

fn funding(seen_at: i64) -> Result<SeenItem, FeedFault> {
    let happened_at = InstantUs(seen_at - 5);
    let item =
        FeedItem::Funding(Funding { time: happened_at, rate: Decimal::ONE, mark_price: None });
    let body = EventBody::Data(Box::new(FeedData { feed: FeedId(0), item }));
    Ok(SeenItem { happened_at, seen_at: InstantUs(seen_at), body })
}

/// Blocks at 0, 12, 24 and 1,200 seconds.
fn tape() -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    for blocks in [1, 1, 98] {
        synthetic.skip_blocks(blocks);
        synthetic.mint(1, range(-60, 60), 1_000);
    }
    synthetic
}

fn session<'a>(tape: &'a Tape, seen: &[i64], latency: Latency, delay: u64) -> Session<'a> {
    let mut session = Session::new(tape, Footprint::PriceTaker, delay);
    let (name, contents) = (String::from("funding"), FeedContents::Funding);
    session
        .market
        .feeds_mut()
        .add(FeedTerms { name, contents, latency: Latency::ZERO })
        .expect("the first");
    let items: Vec<_> = seen.iter().copied().map(funding).collect();
    session.world = session.world.with_feeds(FeedStream::new(items.into_iter()), latency);
    session
}

fn is_of_feed(event: &Event) -> bool {
    matches!(event.body, EventBody::Data(_))
}

#[test]
fn everything_comes_in_the_order_in_which_it_is_seen_and_the_chain_first() {
    let synthetic = tape();
    let seen = [-3, second(12) + 2_000_000, second(12) + 2_000_001, second(1_200), second(9_999)];
    let latency = Latency::from_millis(2_000);
    let mut session = session(synthetic.tape(), &seen, latency, 1);
    session.finish();
    let log = &session.log;
    assert!(log.is_sorted_by_key(|event| event.seen_at));
    assert!(log.is_sorted_by(|one, next| one.sequence.0 + 1 == next.sequence.0));
    for event in log {
        let latency = if is_of_feed(event) { 5 } else { 2_000_000 };
        assert_eq!(event.seen_at.0, event.happened_at.0 + latency, "{event:?}");
    }
    let kinds: String = log.iter().map(|event| if is_of_feed(event) { 'f' } else { 'c' }).collect();
    // The block of second 12 is seen at 14: at the same instant the chain comes first. What is
    // seen after the last block is left out.
    assert_eq!(kinds, "fcccffcfc");
}

/// Ten minutes into a silence of the chain, an order goes to a block of that time and no earlier.
#[test]
fn an_order_decided_on_a_feed_is_executed_after_it_was_decided() {
    let synthetic = tape();
    for (decided, delay, block, end) in [
        (600, 1, 51, 612),
        (600, 0, 50, 600),
        (25, 1, 3, 36),
        // The last silent block before the next recorded one; one later is that block itself.
        (1_199, 0, 99, 1_199),
        (1_199, 1, 100, 1_200),
    ] {
        let seen = [second(decided)];
        let mut session = session(synthetic.tape(), &seen, Latency::ZERO, delay);
        while !session.next().as_ref().is_some_and(is_of_feed) {}
        session.send(swap(Side::Token0, 1_000, 0));
        let outcome = session.outcome();
        assert!(is_done(&outcome.kind), "{outcome:?}");
        let last = session.log.last().expect("the outcome");
        let first_block = synthetic.tape().events[0].block.0;
        let found = (outcome.block.0 - first_block, last.second().0 - FIRST_TIME);
        assert_eq!(found, (block, end), "decided at {decided} with a delay of {delay}");
        session.finish();
        assert!(session.log.is_sorted_by_key(|event| event.seen_at));
    }
}

#[test]
fn a_feed_that_breaks_ends_the_run_with_its_name() {
    let synthetic = tape();
    let mut session = session(synthetic.tape(), &[], Latency::ZERO, 1);
    let fault = FeedFault { feed: String::from("x"), reason: String::from("row 7") };
    let items = [Err(fault.clone())].into_iter();
    session.world = session.world.with_feeds(FeedStream::new(items), Latency::ZERO);
    let found = session.world.next(&session.market);
    assert_eq!(found, Err(SimulationError::Feed(fault)));
    assert_eq!(found.expect_err("broken").to_string(), "feed `x`: row 7");
}
