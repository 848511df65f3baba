//! Blocks and tokens asked of a real node, and what is said where that cannot be.

use serde_json::json;
use tidemill_testkit::anvil::AnvilDriver;

use crate::chain_runs::{VARIABLE, driven, run, told};
use crate::run::{content, tidemill};

const SEED: u64 = 0xb10c;

fn start() -> Option<(AnvilDriver, String)> {
    let driver = driven(SEED, 1)?;
    let url = driver.world.chain.node.http_url();
    Some((driver, url))
}

#[test]
fn blocks_are_kept_once_and_link_up() {
    let Some((mut driver, url)) = start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let head = driver.world.chain.head().unwrap();
    let last = (head - 2).to_string();
    let get = [
        "data",
        "get",
        "blocks",
        "--chain",
        "31337",
        "--url-env",
        VARIABLE,
        "--from-block",
        "1",
        "--to-block",
        &last,
        "--confirmations",
        "2",
        "--chunk-blocks",
        "10",
    ];
    let first = told(folder.path(), &url, &get);
    assert_eq!((&first["blocks"], &first["gaps"]), (&json!(head - 2), &json!(0)), "{first:#}");
    let kept = content(folder.path());
    let again = told(folder.path(), &url, &get);
    assert_eq!(again["blocks"], json!(0));
    assert!(content(folder.path()) == kept);
    let sql = "SELECT count(*) AS n, min(number) AS low, max(number) AS high, \
               sum(CASE WHEN gas_used > 0 THEN 1 ELSE 0 END) AS used FROM blocks";
    let answer = tidemill(folder.path(), &["data", "sql", sql, "--json"]).json();
    let counts = [&answer["n"], &answer["low"], &answer["high"]];
    assert_eq!(counts, [&json!(head - 2), &json!(1), &json!(head - 2)]);
    assert!(answer["used"].as_u64().unwrap() > 20, "{answer:#}");
    tidemill(folder.path(), &["data", "verify", "--fail-on", "error"]).good();
}

#[test]
fn a_token_says_what_it_is_or_is_refused() {
    let Some((driver, url)) = start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let world = &driver.world;
    let ask = |token: &dyn std::fmt::Display, nodes: usize| {
        let token = token.to_string();
        let words = ["data", "token", &token, "--chain", "31337", "--json"];
        let nodes = ["--url-env", VARIABLE].repeat(nodes);
        run(folder.path(), &url, &[&words[..], &nodes].concat())
    };
    let weth = ask(&world.weth, 2).json();
    assert_eq!((&weth["symbol"], &weth["decimals"]), (&json!("WETH"), &json!(18)));
    let old = ask(&world.old_token, 2).json();
    assert!(!old["symbol"].as_str().unwrap().is_empty(), "{old:#}");
    for (token, nodes, says) in [
        (world.weth, 1, "allowed are two or more"),
        (world.tokens[0], 2, "it does not tell its symbol"),
        (world.users[0], 2, "it does not tell its decimals"),
        (world.pool.address, 2, "it does not tell its decimals"),
    ] {
        let ran = ask(&token, nodes);
        assert!(ran.refusal(2).contains(says), "{}", ran.stderr);
    }
}

#[test]
fn what_nodes_cannot_be_asked_is_refused_and_keys_are_not_shown() {
    let Some((_driver, url)) = start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let get = "data get blocks --from-block 1 --to-block 3 --url-env";
    let get: Vec<&str> = get.split(' ').chain([VARIABLE]).collect();
    let keyed = format!("{}/v2/s3cr3tk3y", url.trim_end_matches('/'));
    let closed = "http://127.0.0.1:1/v2/s3cr3tk3y".to_owned();
    for (url, arguments, says) in [
        (&url, &["--chain", "1"][..], "31337"),
        (&url, &["--chain", "31337", "--to-block", "99999999"], "are not there yet"),
        (&url, &["--chain", "31337", "--agree", "--confirmations", "0"], "two or more to agree"),
        (&url, &["--chain", "31337", "--confirmations", "0", "--chunk-blocks", "0"], "is zero"),
        (&url, &["--chain", "31337", "--url-env", "NO_SUCH_NODE"], "NO_SUCH_NODE"),
        (&closed, &["--chain", "31337"], "127.0.0.1"),
        (&keyed, &["--chain", "1"], "no node can be used"),
    ] {
        let mut words = get.clone();
        if arguments.contains(&"--to-block") {
            words.retain(|word| !["--to-block", "3"].contains(word));
        }
        let ran = run(folder.path(), url, &[&words[..], arguments].concat());
        assert!(ran.refusal(2).contains(says), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("s3cr3tk3y"), "{}", ran.stderr);
    }
}
