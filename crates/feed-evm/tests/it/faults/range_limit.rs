//! A node that answers for few blocks or few logs at once.

use std::sync::{Arc, Mutex};

use super::{beside, named_when_alone, one_at_a_time};
use crate::node::chain::Chain;
use crate::node::http::{Asked, Fault};
use crate::node::run;

fn blocks(asked: &Asked<'_>) -> Option<(u64, u64)> {
    let number = |name: &str| {
        u64::from_str_radix(asked.params[0][name].as_str()?.strip_prefix("0x")?, 16).ok()
    };
    Some((number("fromBlock")?, number("toBlock")?))
}

async fn whole(faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static) {
    let (sink, done, truth) = beside(false, one_at_a_time(), faults).await;
    done.unwrap();
    assert_eq!(sink.lines(), truth);
    assert!(sink.gaps().is_empty());
}

#[test]
fn few_blocks_at_once() {
    run(whole(|asked| match blocks(asked) {
        Some((from, to)) if to - from >= 7 => {
            Fault::Error(-32_000, "exceed maximum block range: 7".to_owned())
        }
        _ => Fault::None,
    }));
}

#[test]
fn few_logs_at_once() {
    let chain = Chain::of(100);
    run(whole(move |asked| match blocks(asked) {
        Some((from, to)) if chain.truth(from, to).len() as u64 - (to - from + 1) > 5 => {
            Fault::Error(-32_005, "query returned more than 5 results".to_owned())
        }
        _ => Fault::None,
    }));
}

#[test]
fn the_range_it_names_is_what_it_is_asked_for_next() {
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let seen = ranges.clone();
    run(whole(move |asked| {
        let Some((from, to)) = blocks(asked) else { return Fault::None };
        seen.lock().unwrap().push((from, to));
        if to - from < 13 {
            return Fault::None;
        }
        let less = from + 12;
        let words = format!("this block range should work: [{from:#x}, {less:#x}]");
        Fault::Error(-32_602, format!("Log response size exceeded, {words}"))
    }));
    assert_eq!(ranges.lock().unwrap()[..3], [(5, 19), (5, 17), (18, 19)]);
}

#[test]
fn an_answer_that_is_too_long_is_asked_for_in_parts() {
    use tidemill_feed_evm::rpc::{EndpointOptions, Endpoints, OpenOptions};
    use tidemill_model::ChainId;

    use crate::node::chain::CHAIN;
    use crate::node::clock::TestClock;
    use crate::node::http::Node;
    use crate::node::{endpoint, fetch, policy};

    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(100)));
        let node = Node::good(&chain, &clock).await;
        let options = EndpointOptions { body_bytes: 4_000, batch: 64, ..Default::default() };
        let list = vec![endpoint(&node, options, &clock)];
        let open = OpenOptions { chain: ChainId(CHAIN), lag_blocks: 5, head_age: None };
        let opened = Endpoints::open(list, policy(), clock.clone(), open).await.unwrap();
        let (sink, done) = fetch(&opened.endpoints, (5, 94), one_at_a_time()).await;
        done.unwrap();
        assert_eq!(sink.lines(), chain.lock().unwrap().truth(5, 94));
    });
}

/// Batches are refused in many words; what counts is that fewer are tried.
#[test]
fn a_node_without_batches_is_asked_one_by_one() {
    run(whole(|asked| match asked.parts {
        1 => Fault::None,
        _ => Fault::Error(-32_000, "batch size too large".to_owned()),
    }));
}

#[test]
fn one_block_that_is_too_much_is_named() {
    let named = run(named_when_alone(|asked| match blocks(asked) {
        Some((from, to)) if (from..=to).contains(&40) => {
            Fault::Error(-32_005, "query returned more than 10000 results".to_owned())
        }
        _ => Fault::None,
    }));
    assert!(named.starts_with("the block has more logs than any node gives at once"), "{named}");
}
