//! The data folder in an object store: the same files as on a disk, whatever the store does.

use std::collections::BTreeMap;

use tidemill_catalogue::verify::Verify;
use tidemill_catalogue::{
    Catalogue, CatalogueError, ExportForm, FileFault, Range, S3Settings, Span, StoreFault,
};
use tidemill_model::Candle;

use crate::crash::{bytes_of, fetch, fetch_every};
use crate::rows::{MINUTE_US, START_US, answered, block_on, candles, minutes};
use crate::s3_server::{Asked, BUCKET, Fault, KEY_ID, S3Server, SECRET};

/// Settings as a user has them, with some variables set otherwise.
fn settings(server: &S3Server, other: &[(&'static str, &str)]) -> S3Settings {
    let mut environment: BTreeMap<_, _> = server.environment();
    environment.extend(other.iter().map(|(name, value)| (*name, (*value).to_owned())));
    S3Settings::read(&|name| environment.get(name).cloned()).unwrap()
}

/// A prefix of a server's bucket.
pub(crate) fn open(server: &S3Server, prefix: &str) -> Catalogue {
    let settings = settings(server, &[("AWS_MAX_ATTEMPTS", "3")]);
    Catalogue::open_s3(&format!("s3://{BUCKET}/{prefix}"), &settings).unwrap()
}

/// The objects below a prefix, but for the one that writers ask with.
pub(crate) fn objects(server: &S3Server, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    let mut objects = bytes_of(&server.folder(prefix));
    objects.remove(".tidemill-writers");
    objects
}

fn undisturbed(every: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let data = Catalogue::create(&folder.path().display().to_string()).unwrap();
    block_on(fetch_every(every, &data)).unwrap();
    bytes_of(folder.path())
}

async fn rows(data: &Catalogue, range: Range) -> Result<Vec<Candle>, CatalogueError> {
    data.read::<Candle>(&minutes(), range).await?.collect().await
}

/// What must never be in a text that a user sees or passes on.
fn assert_redacted(error: &CatalogueError) {
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(SECRET) && !text.contains(KEY_ID), "{text}");
    }
}

#[test]
fn what_is_written_there_is_what_is_written_to_a_disk() {
    let (server, on_disk) = (S3Server::start(true), undisturbed(1));
    block_on(async {
        let data = open(&server, "desk/data");
        fetch(&data).await.unwrap();
        assert_eq!(objects(&server, "desk/data"), on_disk);
        let sources = data.sources().await.unwrap();
        let manifests = data.manifests().await.unwrap();
        let of: Vec<_> = manifests.iter().map(|manifest| manifest.source.clone()).collect();
        assert_eq!((sources.len(), of), (2, sources.clone()));
        assert_eq!(rows(&data, Range::All).await.unwrap(), candles(0..3000));
        let at = |minute| START_US + minute * MINUTE_US;
        let range = Range::Time(Span::new(at(1400), at(1500)).unwrap());
        assert_eq!(rows(&data, range).await.unwrap(), candles(1400..1500));
        for source in &sources {
            let verify = Verify { data: &data, source, against: None };
            let report = verify.run(&mut |_| {}).await.unwrap();
            let files: Vec<_> = report.findings.iter().filter(|found| found.count > 1).collect();
            assert!(files.is_empty(), "{files:#?}");
        }
        let mut csv = Vec::new();
        let count = data.export(&minutes(), Range::All, ExportForm::Csv, &mut csv).await;
        assert_eq!(
            (count.unwrap(), csv.iter().filter(|byte| **byte == b'\n').count()),
            (3000, 3001)
        );
        // What lies beside the prefix is another's.
        assert!(open(&server, "desk").sources().await.unwrap().is_empty());
    });
}

#[test]
fn of_two_writers_there_the_slower_one_finds_out() {
    let server = S3Server::start(true);
    block_on(async {
        let (one, other) = (open(&server, "data"), open(&server, "data"));
        let mut first = one.writer(&minutes(), ()).await.unwrap();
        let mut late = other.writer(&minutes(), ()).await.unwrap();
        first.append(candles(0..10), &answered(0, 10)).await.unwrap();
        let error = late.append(candles(10..20), &answered(10, 20)).await.unwrap_err();
        assert!(matches!(error, CatalogueError::ChangedMeanwhile { .. }), "{error}");
        let mut late = other.writer(&minutes(), ()).await.unwrap();
        first.append(candles(20..30), &answered(20, 30)).await.unwrap();
        let error = late.append(candles(10..20), &answered(10, 20)).await.unwrap_err();
        assert!(matches!(error, CatalogueError::ChangedMeanwhile { .. }), "{error}");
        assert_eq!(rows(&one, Range::All).await.unwrap(), candles((0..10).chain(20..30)));
    });
}

#[test]
fn a_store_that_cannot_keep_writers_apart_is_read_and_not_written() {
    let server = S3Server::start(false);
    let anyone =
        [("AWS_SKIP_SIGNATURE", "true"), ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let settings = settings(&server, &anyone);
    let open = || Catalogue::open_s3("s3://recorded/data/", &settings).unwrap();
    block_on(async {
        fetch(&open()).await.unwrap();
        let before = objects(&server, "data");
        for method in ["PUT of a new one", "PUT"] {
            server.plan(|_| Fault::Unconditional);
            let error = open().writer::<Candle>(&minutes(), ()).await.err().unwrap();
            assert!(
                matches!(error, CatalogueError::WritersNotKeptApart { .. }),
                "{method}: {error}"
            );
            std::fs::remove_file(server.folder("data/.tidemill-writers")).unwrap();
        }
        assert_eq!(objects(&server, "data"), before);
        assert_eq!(rows(&open(), Range::All).await.unwrap(), candles(0..3000));
    });
}

/// The law: whatever becomes of any one request, the work is done and right, or ends in an error
/// and is right when it is done again. Returns of how many requests how many ended it.
fn check(fault: Fault) -> (usize, usize) {
    let server = S3Server::start(true);
    let expected = undisturbed(60);
    block_on(async {
        fetch_every(60, &open(&server, "all")).await.unwrap();
        let count = server.asked().len();
        let mut failed = 0;
        for at in 0..count {
            let prefix = at.to_string();
            server.plan(move |asked| if asked.number == at { fault } else { Fault::None });
            if let Err(error) = fetch_every(60, &open(&server, &prefix)).await {
                assert_redacted(&error);
                failed += 1;
                server.plan(|_| Fault::None);
                fetch_every(60, &open(&server, &prefix)).await.unwrap();
            }
            assert_eq!(objects(&server, &prefix), expected, "{fault:?} at request {at}");
        }
        (failed, count)
    })
}

#[test]
fn what_the_store_puts_off_is_asked_for_again_and_nothing_is_lost() {
    let (failed, count) = check(Fault::Refuse(503));
    assert!(failed == 0 && count > 20, "{failed} of {count}");
}

#[test]
fn what_was_done_and_not_answered_is_found_again_and_nothing_is_lost() {
    let (failed, count) = check(Fault::DoneBut(500));
    assert_eq!((failed, count > 20), (0, true), "of {count}");
    let (failed, count) = check(Fault::DoneAndCut);
    assert!(failed < count, "{failed} of {count}");
}

#[test]
fn answers_that_break_off_are_errors_or_asked_for_again_and_nothing_is_lost() {
    for fault in [Fault::Truncated, Fault::Shortened] {
        let (failed, count) = check(fault);
        assert!(failed < count, "{fault:?}: {failed} of {count}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error_that_says_why() {
    let server = S3Server::start(true);
    let is_file = |asked: &Asked| asked.path.contains(".parquet");
    block_on(async {
        fetch(&open(&server, "data")).await.unwrap();
        let data = open(&server, "data");
        // As often as allowed, and no more.
        server.plan(|_| Fault::Refuse(503));
        let error = data.manifests().await.unwrap_err();
        assert_redacted(&error);
        let CatalogueError::Store { fault: StoreFault::Unavailable(text), .. } = &error else {
            panic!("{error}");
        };
        assert!(text.contains("SlowDown") && text.contains("after 2 retries"), "{text}");
        assert_eq!(text.lines().count(), 1);
        for fault in [Fault::Truncated, Fault::DoneAndCut] {
            server.plan(move |asked| if is_file(asked) { fault } else { Fault::None });
            let error = rows(&data, Range::All).await.unwrap_err();
            let is_typed =
                matches!(error, CatalogueError::Store { fault: StoreFault::Unavailable(_), .. });
            assert!(is_typed, "{fault:?}: {error}");
        }
        server.plan(move |asked| if is_file(asked) { Fault::Shortened } else { Fault::None });
        let error = rows(&data, Range::All).await.unwrap_err();
        let CatalogueError::File { fault, .. } = &error else { panic!("{error}") };
        assert!(matches!(fault, FileFault::Differs { .. } | FileFault::Damaged { .. }), "{error}");
        server.plan(|_| Fault::Shortened);
        assert!(data.manifest(&minutes()).await.is_err());
        assert!(data.manifests().await.is_err());
    });
}

#[test]
fn who_may_not_and_what_is_not_there_are_told_apart() {
    let server = S3Server::start(true);
    let with = |bucket: &str, other: &[(&'static str, &str)]| {
        Catalogue::open_s3(&format!("s3://{bucket}/data"), &settings(&server, other)).unwrap()
    };
    block_on(async {
        for other in [("AWS_SECRET_ACCESS_KEY", "wr0ngs3cret"), ("AWS_ACCESS_KEY_ID", "AKIDWR0NG")]
        {
            let data = with(BUCKET, &[other]);
            for error in errors(&data).await {
                assert_redacted(&error);
                assert!(!error.to_string().contains(other.1), "{error}");
                let CatalogueError::Store { fault: StoreFault::Denied(_), .. } = &error else {
                    panic!("{error}");
                };
            }
            assert!(!format!("{data:?}").contains(other.1));
        }
        // This server answers a get as if just the object were not there, and makes the bucket at
        // a put; a list is what every command but these begins with.
        let data = with("no-such-bucket", &[]);
        for error in [data.sources().await.unwrap_err(), data.manifests().await.unwrap_err()] {
            let CatalogueError::Store { fault: StoreFault::NoBucket(_), .. } = &error else {
                panic!("{error}");
            };
        }
        // Nothing listens there any more.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{gone}");
        let data = with(BUCKET, &[("AWS_ENDPOINT_URL", &url), ("AWS_MAX_ATTEMPTS", "2")]);
        for error in errors(&data).await {
            let CatalogueError::Store { fault: StoreFault::Unavailable(_), .. } = &error else {
                panic!("{error}");
            };
        }
    });
    let settings = settings(&server, &[]);
    for location in ["s3://", "s3:///data", "s3://key:s3cr3t@bucket/data", "s3://b/a//b", "data"] {
        let error = Catalogue::open_s3(location, &settings).unwrap_err();
        assert!(matches!(error, CatalogueError::Location { .. }), "{location}: {error}");
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}

/// What each way in says.
async fn errors(data: &Catalogue) -> [CatalogueError; 5] {
    [
        data.sources().await.unwrap_err(),
        data.manifests().await.unwrap_err(),
        data.manifest(&minutes()).await.unwrap_err(),
        rows(data, Range::All).await.unwrap_err(),
        data.writer::<Candle>(&minutes(), ()).await.err().unwrap(),
    ]
}
