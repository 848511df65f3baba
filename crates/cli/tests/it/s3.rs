//! The data commands over an object store: what they do with a folder, and what they refuse.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::run::{Ran, command, content};
use crate::s3_server::{Fault, KEY_ID, S3Server, SECRET};

const PLACE: &str = "s3://recorded/desk";
const MARKET: &str = "candles/source=binance/symbol=ETHUSDT/interval=1h";

/// Runs the command with the environment that a user of the server has, but for some of it.
fn tidemill(folder: &Path, server: &S3Server, arguments: &[&str], other: &[(&str, &str)]) -> Ran {
    let mut command = command(folder, arguments);
    command.envs(server.environment()).env("AWS_MAX_ATTEMPTS", "2").env_remove("AWS_PROFILE");
    for (name, value) in other {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    let ran = Ran { code, stdout: text(output.stdout), stderr: text(output.stderr) };
    for secret in [KEY_ID, SECRET, "wr0ng"] {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{ran:?}");
    }
    ran
}

/// A table of three days of hours from 2024-01-01 on.
fn hours() -> String {
    let mut table = "open_time,open,high,low,close,volume,quote_volume,trades\n".to_owned();
    for hour in 0..72 {
        let time = 1_704_067_200_000_u64 + hour * 3_600_000;
        let price = 2_000 + hour % 7;
        writeln!(table, "{time},{price},{price}.5,{price},{price}.25,3,6000,9").unwrap();
    }
    table
}

const LAYOUT: &str = r#"{"into": "candles/source=binance/symbol={symbol}/interval=1h", "time":
    "milliseconds", "columns": {"open_time": "open_time", "open": "open", "high": "high", "low":
    "low", "close": "close", "volume": "volume", "quote_volume": "quote_volume", "trades":
    "trades"}}"#;

const IMPORT: [&str; 7] =
    ["data", "import", "hours.csv", "--layout", "layout.json", "--set", "symbol=ETHUSDT"];

const COUNT: &str = "SELECT count(*) AS n, max(high) AS h FROM candles('binance', 'ETHUSDT', '1h')";

/// A folder with the table, and a server that has it.
fn imported() -> (tempfile::TempDir, S3Server) {
    let (place, server) = (tempfile::tempdir().unwrap(), S3Server::start(true));
    std::fs::write(place.path().join("hours.csv"), hours()).unwrap();
    std::fs::write(place.path().join("layout.json"), LAYOUT).unwrap();
    let import = [IMPORT.as_slice(), &["--data", PLACE]].concat();
    tidemill(place.path(), &server, &import, &[]).good();
    (place, server)
}

#[test]
fn every_data_command_does_with_a_bucket_what_it_does_with_a_folder() {
    let (place, server) = imported();
    let run = |data: &str, arguments: &[&str]| {
        let arguments = [arguments, &["--data", data]].concat();
        tidemill(place.path(), &server, &arguments, &[])
    };
    run("folder", &IMPORT).good();
    let mut objects = content(&server.folder("desk"));
    assert!(objects.remove(".tidemill-writers").is_some());
    assert_eq!(objects, content(&place.path().join("folder")));
    // Doing it again changes nothing.
    let again = run(PLACE, &[IMPORT.as_slice(), &["--json"]].concat()).json();
    assert_eq!(again["sources"][0]["duplicates"], json!(72));
    for arguments in [
        &["data", "ls", "--json"][..],
        &["data", "verify", "--json"],
        &["data", "sql", COUNT, "--json"],
        &["data", "sql", "SELECT count(*), sum(close) FROM candles", "--format", "csv"],
        &["data", "sql", "SELECT * FROM candles WHERE period = '2024' LIMIT 9", "--json"],
    ] {
        let (there, here) = (run(PLACE, arguments), run("folder", arguments));
        assert_eq!(there.good(), here.good(), "{arguments:?}");
    }
    run(PLACE, &["data", "export", MARKET, "--out", "there.csv"]).good();
    run("folder", &["data", "export", MARKET, "--out", "here.csv"]).good();
    let read = |name| std::fs::read(place.path().join(name)).unwrap();
    assert!(read("there.csv") == read("here.csv") && read("there.csv").len() > 1_000);
    // An object that no manifest names changes no answer.
    let answer = run(PLACE, &["data", "sql", COUNT, "--json"]).json();
    assert_eq!(answer, json!({ "n": 72, "h": 2_006.5 }));
    let period = server.folder("desk").join(MARKET).join("period=2024");
    let file = std::fs::read_dir(&period).unwrap().next().unwrap().unwrap().path();
    std::fs::copy(file, period.join("part-stray.parquet")).unwrap();
    assert_eq!(run(PLACE, &["data", "sql", COUNT, "--json"]).json(), answer);
    let rows = "SELECT count(close) AS n FROM candles";
    assert_eq!(run(PLACE, &["data", "sql", rows, "--json"]).json(), json!({ "n": 72 }));
    let verified = run(PLACE, &["data", "verify", "--json"]).json().to_string();
    assert!(verified.contains("part-stray.parquet"), "{verified}");
}

#[test]
fn what_keeps_a_store_from_answering_is_told_in_one_line_without_a_secret() {
    let (place, server) = imported();
    let before = content(&server.folder(""));
    let key = place.path().join("key");
    std::fs::write(&key, "[default]\naws_access_key_id=a\naws_secret_access_key=wr0ng\n").unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, readable).unwrap();
    let file = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SHARED_CREDENTIALS_FILE", key.to_str().unwrap()),
    ];
    /// The folder, variables beside those that are right, and what is said.
    type Wrong<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let wrong: [Wrong<'_>; 8] = [
        (PLACE, &[("AWS_SECRET_ACCESS_KEY", "wr0ng")], "access is denied"),
        (PLACE, &[("AWS_ACCESS_KEY_ID", "wr0ng")], "access is denied"),
        (PLACE, &file[..2], "no credentials in the environment"),
        (PLACE, &file, "the file's mode is 0644; allowed is 0600"),
        (PLACE, &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], "does not answer; try again later"),
        (PLACE, &[("AWS_ALLOW_HTTP", "")], "AWS_ALLOW_HTTP=true"),
        ("s3://nowhere/desk", &[], "there is no such bucket"),
        ("s3://wr0ng:wr0ng@recorded/desk", &[], "credentials are not part of it"),
    ];
    for (data, other, says) in wrong {
        for arguments in [&["data", "ls"][..], &["data", "sql", COUNT], &IMPORT] {
            // This server makes a bucket at the first put.
            if data == "s3://nowhere/desk" && arguments.contains(&"import") {
                continue;
            }
            let arguments = [arguments, &["--data", data]].concat();
            let ran = tidemill(place.path(), &server, &arguments, other);
            assert!(ran.refusal(2).contains(says), "{arguments:?} {other:?}: {}", ran.stderr);
        }
    }
    assert_eq!(content(&server.folder("")), before);
}

#[test]
fn a_store_that_is_busy_or_breaks_off_costs_an_error_and_never_a_row() {
    let (place, server) = imported();
    let run = |arguments: &[&str]| {
        let arguments = [arguments, &["--data", PLACE]].concat();
        tidemill(place.path(), &server, &arguments, &[])
    };
    // Every request is put off once.
    let mut seen = BTreeSet::new();
    server.plan(move |asked| match seen.insert(asked.path.clone()) {
        true => Fault::Refuse(503),
        false => Fault::None,
    });
    assert_eq!(run(&["data", "sql", COUNT, "--json"]).json()["n"], json!(72));
    server.plan(|_| Fault::Refuse(503));
    assert!(run(&["data", "ls"]).refusal(2).contains("SlowDown"));
    let table = "SELECT count(close), sum(high) FROM candles";
    for fault in [Fault::Truncated, Fault::Shortened, Fault::DoneAndCut, Fault::Refuse(500)] {
        server.plan(move |asked| match asked.path.contains(".parquet") {
            true => fault,
            false => Fault::None,
        });
        for sql in [COUNT, table] {
            let ran = run(&["data", "sql", sql, "--format", "csv", "--out", "out.csv"]);
            assert_eq!(ran.code, 2, "{fault:?} {sql}: {ran:?}");
            assert!(!place.path().join("out.csv").exists());
        }
        let ran = run(&["data", "export", MARKET, "--out", "out.csv"]);
        assert_eq!(ran.code, 2, "{fault:?}: {ran:?}");
        assert!(!place.path().join("out.csv").exists());
    }
}
