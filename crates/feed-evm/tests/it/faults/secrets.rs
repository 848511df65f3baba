//! No error says the key, even if the node says it back.

use super::{in_backfill, named_when_alone};
use crate::node::http::Fault;
use crate::node::run;

#[test]
fn no_error_holds_the_key() {
    let faults: [fn() -> Fault; 6] = [
        || Fault::Error(-32_000, "project a-key-never-to-be-shown is unauthorized".to_owned()),
        || Fault::Status(401, None),
        || Fault::Close,
        || Fault::Truncate,
        || Fault::NotJson,
        || Fault::Edit(|answer| *answer = "/v3/a-key-never-to-be-shown".into()),
    ];
    for fault in faults {
        let named = run(named_when_alone(
            move |asked| {
                if in_backfill(asked) { fault() } else { Fault::None }
            },
        ));
        assert!(named.contains("http://127.0.0.1:"), "{named}");
        assert!(!named.contains("a-key") && !named.contains("/v3"), "{named}");
    }
}
