//! A source has one writer: what it has put and not named is no one else's to remove.

use tidemill_catalogue::{Catalogue, CatalogueError, Range, Source};
use tidemill_model::Candle;

use crate::crash::bytes_of;
use crate::imports::new_data;
use crate::rows::{answered, block_on, candle, candles, minutes};
use crate::s3::{objects, open};
use crate::s3_server::S3Server;

async fn rows(data: &Catalogue) -> Vec<Candle> {
    match data.read::<Candle>(&minutes(), Range::All).await {
        Err(CatalogueError::NoSource { .. }) => Vec::new(),
        rows => rows.unwrap().collect().await.unwrap(),
    }
}

#[test]
fn a_folders_source_has_one_writer_and_a_second_is_told_who_has_it() {
    let (folder, data) = new_data();
    let place = folder.path().display().to_string();
    block_on(async {
        let mut one = data.writer(&minutes(), ()).await.unwrap();
        one.append(candles(0..10), &answered(0, 10)).await.unwrap();
        one.stage(candles(10..20), &answered(10, 20)).await.unwrap();
        let again = Catalogue::open(&place).unwrap();
        let error = again.writer::<Candle>(&minutes(), ()).await.err().unwrap();
        let CatalogueError::BeingWritten { place: said, by } = &error else { panic!("{error}") };
        assert_eq!(*said, format!("{place}/{}", minutes()));
        assert!(by.starts_with(&format!("process {} (it-", std::process::id())), "{by}");
        // Who reads, and who writes something else, is not hindered.
        assert_eq!(rows(&again).await, candles(0..10));
        let other: Source = "candles/source=binance/symbol=BTCUSDT/interval=1m".parse().unwrap();
        let mut beside = again.writer(&other, ()).await.unwrap();
        beside.append(candles(0..1), &answered(0, 1)).await.unwrap();
        one.commit().await.unwrap();
        drop(one);
        let mut next = again.writer(&minutes(), ()).await.unwrap();
        next.append(candles(20..30), &answered(20, 30)).await.unwrap();
        assert_eq!(rows(&data).await, candles(0..30));
    });
    let files = bytes_of(folder.path());
    assert!(files.keys().all(|file| !file.contains("writer")), "{:?}", files.keys());
}

#[test]
fn a_lock_file_that_nobody_holds_is_no_lock_and_an_unused_writer_leaves_nothing() {
    let (folder, data) = new_data();
    drop(block_on(data.writer::<Candle>(&minutes(), ())).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // As a process that was killed leaves it.
    let source = folder.path().join(minutes().to_string());
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(source.join("writer.lock"), "process 1 (gone) since 2024-01-05\n").unwrap();
    let writer = block_on(data.writer::<Candle>(&minutes(), ())).unwrap();
    let error = block_on(data.writer::<Candle>(&minutes(), ())).err().unwrap().to_string();
    assert!(!error.contains("gone") && error.contains("try again"), "{error}");
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_staged_is_recorded_at_once_or_not_at_all() {
    let (folder, data) = new_data();
    let server = S3Server::start(true);
    let in_store = open(&server, "data");
    let files = [&|| bytes_of(folder.path()), &|| objects(&server, "data")]
        as [&dyn Fn() -> std::collections::BTreeMap<String, Vec<u8>>; 2];
    for (data, files) in [&data, &in_store].into_iter().zip(files) {
        block_on(async {
            let mut writer = data.writer(&minutes(), ()).await.unwrap();
            writer.append(candles(0..10), &answered(0, 10)).await.unwrap();
            drop(writer);
            let before = files();
            let mut writer = data.writer(&minutes(), ()).await.unwrap();
            writer.stage(candles(10..1500), &answered(10, 1500)).await.unwrap();
            let again = writer.stage(candles(1490..1600), &answered(1490, 1600)).await.unwrap();
            assert_eq!((again.rows, again.duplicates), (100, 10));
            let other = Candle { volume: candle(1).close, ..candle(1550) };
            let error = writer.stage(vec![other], &answered(0, 1600)).await.unwrap_err();
            assert!(matches!(error, CatalogueError::Conflict { .. }), "{error}");
            assert_eq!(rows(data).await, candles(0..10));
            assert_eq!(writer.staged().coverage.spans(), answered(0, 1600).spans);
            assert_eq!(writer.manifest().coverage.spans(), answered(0, 10).spans);
            writer.discard().await.unwrap();
            assert_eq!(files(), before);
            let mut writer = data.writer(&minutes(), ()).await.unwrap();
            writer.stage(candles(10..20), &answered(10, 20)).await.unwrap();
            writer.commit().await.unwrap();
            assert_eq!(rows(data).await, candles(0..20));
        });
    }
}

/// The first has put files that no manifest names when the second begins, and removes them.
#[test]
fn in_an_object_store_the_writer_that_began_last_goes_on_and_the_other_names_nothing() {
    let server = S3Server::start(true);
    block_on(async {
        let (one, other) = (open(&server, "data"), open(&server, "data"));
        let mut first = one.writer(&minutes(), ()).await.unwrap();
        first.append(candles(0..10), &answered(0, 10)).await.unwrap();
        first.stage(candles(10..20), &answered(10, 20)).await.unwrap();
        let put = objects(&server, "data").len();
        let mut second = other.writer(&minutes(), ()).await.unwrap();
        assert_eq!(objects(&server, "data").len(), put - 1, "what was staged is gone");
        let error = first.commit().await.unwrap_err();
        assert!(matches!(error, CatalogueError::ChangedMeanwhile { .. }), "{error}");
        // What it would take back is gone, and nothing else.
        first.discard().await.unwrap();
        second.append(candles(10..15), &answered(10, 15)).await.unwrap();
        assert_eq!(rows(&one).await, candles(0..15));
        // The manifest is what it was, though the second one has written its mark meanwhile.
        let mut first = one.writer(&minutes(), ()).await.unwrap();
        first.stage(candles(15..20), &answered(15, 20)).await.unwrap();
        let manifest = other.manifest(&minutes()).await.unwrap();
        drop(other.writer::<Candle>(&minutes(), ()).await.unwrap());
        assert_eq!(other.manifest(&minutes()).await.unwrap().files, manifest.files);
        let error = first.commit().await.unwrap_err();
        assert!(matches!(error, CatalogueError::ChangedMeanwhile { .. }), "{error}");
        assert_eq!(rows(&one).await, candles(0..15));
    });
}

/// Two that begin a pool at once with two descriptions: one of them is told.
#[test]
fn in_an_object_store_a_description_is_never_written_over() {
    use tidemill_catalogue::{SeriesInfo, SeriesValue};
    use tidemill_model::Observation;
    use tidemill_units::InstantUs;

    let server = S3Server::start(true);
    let source: Source = "series/source=a/name=b".parse().unwrap();
    let info = |unit: &str| SeriesInfo { unit: unit.to_owned() };
    let time = InstantUs(crate::rows::START_US);
    let value = Observation { time, published_at: time, value: candle(0).close };
    block_on(async {
        let data = open(&server, "data");
        let mut one = data.writer::<SeriesValue>(&source, info("USD")).await.unwrap();
        let mut other = data.writer::<SeriesValue>(&source, info("EUR")).await.unwrap();
        one.append(vec![value.into()], &answered(0, 1)).await.unwrap();
        let error = other.append(vec![value.into()], &answered(0, 1)).await.unwrap_err();
        assert!(matches!(error, CatalogueError::OtherFrame { .. }), "{error}");
        assert_eq!(data.frame::<SeriesValue>(&source).await.unwrap(), info("USD"));
    });
}
