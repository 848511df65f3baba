//! A node that sends logs out of order, or twice.

use serde_json::Value;

use super::{beside, hidden_by_a_good_node, named_when_alone, one_at_a_time};
use crate::node::http::{Asked, Fault};
use crate::node::run;

fn edit(asked: &Asked<'_>, edit: fn(&mut Value)) -> Fault {
    if asked.method == "eth_getLogs" { Fault::Edit(edit) } else { Fault::None }
}

/// Order is in the logs themselves, so nothing is lost.
#[test]
fn order_is_restored() {
    run(async {
        let faults = |asked: &Asked<'_>| edit(asked, |logs| logs.as_array_mut().unwrap().reverse());
        let (sink, done, truth) = beside(false, one_at_a_time(), faults).await;
        done.unwrap();
        assert_eq!(sink.lines(), truth);
    });
}

fn double(logs: &mut Value) {
    let logs = logs.as_array_mut().unwrap();
    let again = logs.first().cloned();
    logs.extend(again);
}

#[test]
fn a_log_there_twice_is_asked_for_elsewhere_or_named() {
    run(hidden_by_a_good_node(|asked| edit(asked, double)));
    let named = run(named_when_alone(|asked| edit(asked, double)));
    assert!(named.contains("two logs at block"), "{named}");
}
