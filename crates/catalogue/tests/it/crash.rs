//! Stopped at any operation, whether it was still done or not, and done again from the beginning,
//! the folder is the one of an undisturbed run, byte for byte.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tidemill_catalogue::{Catalogue, CatalogueError, Range, SeriesInfo, SeriesValue, Source};
use tidemill_model::{Candle, Observation};
use tidemill_units::InstantUs;

use crate::faulty_store::FaultyStore;
use crate::rows::{START_US, answered, block_on, candles, decimal, minutes};

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
async fn fetch(data: &Catalogue) -> Result<(), CatalogueError> {
    let mut writer = data.writer::<Candle>(&minutes(), ()).await?;
    for (from, to) in [(0, 1500), (1500, 2000), (1990, 3000)] {
        let asked = answered(from, to).spans[0];
        if writer.manifest().coverage.missing(asked).is_empty() {
            continue;
        }
        writer.append(candles(from..to), &answered(from, to)).await?;
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

fn over(folder: &FilePath, operations: usize, loses_answer: bool) -> (Catalogue, Arc<FaultyStore>) {
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder).unwrap());
    let faulty = Arc::new(FaultyStore::new(store, operations, loses_answer));
    (Catalogue::over(faulty.clone(), Path::default(), "test"), faulty)
}

#[test]
fn stopped_at_any_operation_and_done_again_the_folder_is_the_same() {
    let undisturbed = tempfile::tempdir().unwrap();
    block_on(fetch(&over(undisturbed.path(), usize::MAX, false).0)).unwrap();
    let expected = bytes_of(undisturbed.path());
    let names: Vec<_> = expected.keys().collect();
    assert_eq!(names.len(), 7, "three days, a year, two manifests, a description: {names:?}");
    for loses_answer in [false, true] {
        for operations in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let (data, store) = over(folder.path(), operations, loses_answer);
            let stopped = block_on(fetch(&data));
            assert_eq!(stopped.is_err(), !store.held(), "operation {operations}");
            // What readers see at any time is whole.
            let (data, _) = over(folder.path(), usize::MAX, false);
            let seen = block_on(async {
                let rows = data.read::<Candle>(&minutes(), Range::All).await;
                match rows {
                    Err(CatalogueError::NoSource { .. }) => Vec::new(),
                    rows => rows.unwrap().collect().await.unwrap(),
                }
            });
            assert!(matches!(seen.len(), 0 | 1500 | 2000 | 3000), "{}", seen.len());
            block_on(fetch(&data)).unwrap();
            assert_eq!(bytes_of(folder.path()), expected, "operation {operations}");
            if stopped.is_ok() {
                assert!(operations > 20, "only {operations} operations");
                break;
            }
        }
    }
}
