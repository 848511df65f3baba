//! Stopped at any operation, whether it was still done or not, and done again from the beginning,
//! the folder is the one of an undisturbed run, byte for byte.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tidemill_catalogue::{Catalogue, CatalogueError, Range, SeriesInfo, SeriesValue, Source};
use tidemill_model::{Candle, Observation};
use tidemill_units::InstantUs;

use crate::faulty_store::FaultyStore;
use crate::rows::{START_US, answered, block_on, candles, decimal, minutes};
use crate::s3;
use crate::s3_server::S3Server;

/// Every file of a folder, by path.
pub(crate) fn bytes_of(folder: &FilePath) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

/// A fetch in three steps that asks the manifest where to go on, as a backfill does.
pub(crate) async fn fetch(data: &Catalogue) -> Result<(), CatalogueError> {
    fetch_every(1, data).await
}

/// The fetch with one minute of so many.
pub(crate) async fn fetch_every(every: usize, data: &Catalogue) -> Result<(), CatalogueError> {
    let mut writer = data.writer::<Candle>(&minutes(), ()).await?;
    for (from, to) in [(0, 1500), (1500, 2000), (1990, 3000)] {
        let asked = answered(from, to).spans[0];
        if writer.manifest().coverage.missing(asked).is_empty() {
            continue;
        }
        writer.append(candles((from..to).step_by(every)), &answered(from, to)).await?;
    }
    writer.compact().await?;
    let source: Source = "series/source=a/name=b".parse().unwrap();
    let info = SeriesInfo { unit: "USD".to_owned() };
    let mut writer = data.writer::<SeriesValue>(&source, info).await?;
    let time = InstantUs(START_US);
    let observation = Observation { time, published_at: time, value: decimal("1") };
    writer.append(vec![observation.into()], &answered(0, 1)).await?;
    Ok(())
}

/// A place of a data folder: a folder below this one, through a store that does so many operations
/// and loses the answer of the last one or not.
type Place<'a> = &'a dyn Fn(&str, usize, bool) -> (Catalogue, Arc<FaultyStore>);

fn faulty(store: Arc<dyn ObjectStore>, operations: usize, loses_answer: bool) -> Arc<FaultyStore> {
    Arc::new(FaultyStore::new(store, operations, loses_answer))
}

/// Does the fetch again and again, stopped one operation later each time.
fn check(place: Place<'_>, files: &dyn Fn(&str) -> BTreeMap<String, Vec<u8>>) {
    block_on(fetch(&place("undisturbed", usize::MAX, false).0)).unwrap();
    let expected = files("undisturbed");
    let names: Vec<_> = expected.keys().collect();
    assert_eq!(names.len(), 7, "three days, a year, two manifests, a description: {names:?}");
    for loses_answer in [false, true] {
        for operations in 1.. {
            let name = format!("{operations}-{loses_answer}");
            let (data, store) = place(&name, operations, loses_answer);
            let stopped = block_on(fetch(&data));
            assert_eq!(stopped.is_err(), !store.held(), "operation {operations}");
            // What readers see at any time is whole.
            let (data, _) = place(&name, usize::MAX, false);
            let seen = block_on(async {
                let rows = data.read::<Candle>(&minutes(), Range::All).await;
                match rows {
                    Err(CatalogueError::NoSource { .. }) => Vec::new(),
                    rows => rows.unwrap().collect().await.unwrap(),
                }
            });
            assert!(matches!(seen.len(), 0 | 1500 | 2000 | 3000), "{}", seen.len());
            block_on(fetch(&data)).unwrap();
            assert_eq!(files(&name), expected, "operation {operations}");
            if stopped.is_ok() {
                assert!(operations > 20, "only {operations} operations");
                break;
            }
        }
    }
}

#[test]
fn stopped_at_any_operation_and_done_again_the_folder_is_the_same() {
    let all = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let folder = all.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        (Arc::new(LocalFileSystem::new_with_prefix(&folder).unwrap()), folder)
    };
    let files = |name: &str| bytes_of(&all.path().join(name));
    check(
        &|name, operations, loses_answer| {
            let store = faulty(folder(name).0, operations, loses_answer);
            (Catalogue::over(store.clone(), Path::default(), "test"), store)
        },
        &files,
    );
    // Where files are synced before they are named, it may stop between the two.
    check(
        &|name, operations, loses_answer| {
            let (store, folder) = folder(&format!("synced-{name}"));
            let store = faulty(store, operations, loses_answer);
            (Catalogue::in_folder(store.clone(), folder, "test"), store)
        },
        &|name| files(&format!("synced-{name}")),
    );
}

#[test]
fn stopped_at_any_request_and_done_again_the_objects_are_the_same() {
    let server = S3Server::start(true);
    check(
        &|name, operations, loses_answer| {
            let (store, root) = s3::open(&server, name).store();
            let store = faulty(store, operations, loses_answer);
            (Catalogue::over(store.clone(), root, "test"), store)
        },
        &|name| s3::objects(&server, name),
    );
}

/// What a process leaves that is killed while it writes: the store hides such files, and other
/// processes name theirs otherwise, so that nothing ever writes over them.
#[test]
fn half_written_files_of_a_killed_process_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = Catalogue::open(folder.path().to_str().unwrap()).unwrap();
    block_on(fetch(&data)).unwrap();
    let truth = bytes_of(folder.path());
    let source = folder.path().join(minutes().to_string());
    let partition = std::fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path());
    let partition = partition.filter(|path| path.is_dir()).min().unwrap();
    let left = [
        source.join("manifest.json#1"),
        source.join("manifest.json.4711-0.unnamed"),
        source.join("manifest.json.4711-0.unnamed#1"),
        source.join("manifest.json.4712-3.unnamed#12"),
        partition.join("part-1-2-3.parquet#1"),
    ];
    for file in &left {
        std::fs::write(file, "half").unwrap();
    }
    let of_others = [source.join("notes.txt#1"), partition.join("mine.unnamed#x")];
    for file in &of_others {
        std::fs::write(file, "whole").unwrap();
    }
    drop(block_on(data.writer::<Candle>(&minutes(), ())).unwrap());
    for file in of_others {
        assert_eq!(std::fs::read(&file).unwrap(), b"whole", "{}", file.display());
        std::fs::remove_file(file).unwrap();
    }
    assert_eq!(bytes_of(folder.path()), truth);
}
