//! A node that answers 429.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{hidden_by_a_good_node, in_backfill, named_when_alone};
use crate::node::chain::Chain;
use crate::node::clock::TestClock;
use crate::node::http::{Fault, Node};
use crate::node::{fetch, open, options, run};

#[test]
fn another_node_answers() {
    run(hidden_by_a_good_node(|asked| {
        if in_backfill(asked) { Fault::Status(429, None) } else { Fault::None }
    }));
    run(hidden_by_a_good_node(|asked| {
        if in_backfill(asked) { Fault::Status(429, Some("3600")) } else { Fault::None }
    }));
}

#[test]
fn alone_it_is_named() {
    let named = run(named_when_alone(|asked| match asked.method {
        "eth_getLogs" => Fault::Status(429, Some("3600")),
        _ => Fault::None,
    }));
    assert!(named.contains("HTTP status 429, to be asked again after 3600s"), "{named}");
}

#[test]
fn it_is_left_alone_as_long_as_it_says() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(100)));
        let mut refused = false;
        let node = Node::start(&chain, &clock, move |asked| {
            let first = in_backfill(asked) && !std::mem::replace(&mut refused, in_backfill(asked));
            if first { Fault::Status(429, Some("7")) } else { Fault::None }
        });
        let endpoints = open(&[&node.await], &clock).await;
        let (sink, done) = fetch(&endpoints, (5, 94), options()).await;
        done.unwrap();
        assert_eq!(sink.lines(), chain.lock().unwrap().truth(5, 94));
        assert!(clock.waits().contains(&Duration::from_secs(7)), "{:?}", clock.waits());
    });
}

#[test]
fn one_that_wants_too_long_is_left_for_the_next() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(100)));
        let bad = Node::start(&chain, &clock, |asked| {
            if in_backfill(asked) { Fault::Status(429, Some("121")) } else { Fault::None }
        });
        let (bad, good) = (bad.await, Node::good(&chain, &clock).await);
        let endpoints = open(&[&bad, &good], &clock).await;
        let (sink, done) = fetch(&endpoints, (5, 94), options()).await;
        done.unwrap();
        assert_eq!(sink.lines(), chain.lock().unwrap().truth(5, 94));
        let longest = clock.waits().into_iter().max().unwrap_or_default();
        assert!(longest < Duration::from_secs(121), "{longest:?}");
    });
}
