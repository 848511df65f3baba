//! A node whose answers are cut off, or no JSON.

use super::{hidden_by_a_good_node, in_backfill, named_when_alone};
use crate::node::http::Fault;
use crate::node::run;

#[test]
fn another_node_answers() {
    for fault in [|| Fault::Truncate, || Fault::Close, || Fault::NotJson] {
        run(hidden_by_a_good_node(
            move |asked| {
                if in_backfill(asked) { fault() } else { Fault::None }
            },
        ));
    }
}

#[test]
fn alone_it_is_named() {
    let logs = |fault: fn() -> Fault| {
        run(named_when_alone(move |asked| match asked.method {
            "eth_getLogs" => fault(),
            _ => Fault::None,
        }))
    };
    let named = logs(|| Fault::Truncate);
    assert!(named.contains("the answer ended early"), "{named}");
    let named = logs(|| Fault::NotJson);
    assert!(named.contains("the answer is no JSON"), "{named}");
}
