//! Rows for code that does not wait: the same rows, or an error, and never less in silence.

use std::sync::Arc;

use object_store::path::Path;
use tidemill_catalogue::{Catalogue, CatalogueError, Range, Source};
use tidemill_model::{Candle, Funding};

use crate::faulty_store::FaultyStore;
use crate::rows::{answered, block_on, candles, minutes};

/// Three days of minutes, a file each.
fn three_days() -> (tempfile::TempDir, Catalogue, Vec<Candle>) {
    let folder = tempfile::tempdir().unwrap();
    let data = Catalogue::create(&folder.path().display().to_string()).unwrap();
    let rows = candles(0..3 * 1_440);
    block_on(async {
        let mut writer = data.writer(&minutes(), ()).await.unwrap();
        writer.append(rows.clone(), &answered(0, 3 * 1_440)).await.unwrap();
        writer.compact().await.unwrap();
    });
    (folder, data, rows)
}

#[test]
fn rows_come_in_order_also_within_another_runtime() {
    let (_folder, data, rows) = three_days();
    let read = || -> Vec<Candle> {
        let ahead = data.read_ahead::<Candle>(&minutes(), Range::All).unwrap();
        assert_eq!(ahead.manifest().rows(), 4_320);
        ahead.map(Result::unwrap).collect()
    };
    assert_eq!(read(), rows);
    block_on(async {
        assert_eq!(read(), rows, "who waits for a runtime may not wait for another one in it");
        assert_eq!(data.sources_now().unwrap(), [minutes()]);
    });
    // Whoever stops reading leaves nothing behind that would hold the process up.
    for taken in [0, 1, 4_319] {
        let mut ahead = data.read_ahead::<Candle>(&minutes(), Range::All).unwrap();
        assert_eq!(ahead.by_ref().take(taken).count(), taken);
    }
}

#[test]
fn what_is_not_there_is_an_error_at_once() {
    let (_folder, data, _) = three_days();
    let source: Source = "funding/source=binance/symbol=ETHUSDT".parse().unwrap();
    let refused = data.read_ahead::<Funding>(&source, Range::All).err().unwrap();
    assert!(matches!(refused, CatalogueError::NoSource { .. }), "{refused}");
    let refused = data.read_ahead::<Funding>(&minutes(), Range::All).err().unwrap();
    assert!(matches!(refused, CatalogueError::Name { .. }), "{refused}");
}

#[test]
fn a_store_that_stops_is_an_error_wherever_it_does() {
    let (_folder, data, rows) = three_days();
    let (inner, root) = data.store();
    let (mut failed, mut whole) = (0, 0);
    for operations in 1..12 {
        let store = Arc::new(FaultyStore::new(Arc::clone(&inner), operations, false));
        let faulty = Catalogue::over(store, Path::from(root.as_ref()), "the store");
        let Ok(ahead) = faulty.read_ahead::<Candle>(&minutes(), Range::All) else {
            failed += 1;
            continue;
        };
        let read: Result<Vec<Candle>, CatalogueError> = ahead.collect();
        match read {
            Ok(read) => {
                assert_eq!(read, rows, "after {operations} operations");
                whole += 1;
            }
            Err(error) => {
                assert!(matches!(error, CatalogueError::Store { .. }), "{error}");
                failed += 1;
            }
        }
    }
    assert!(failed >= 4 && whole >= 1, "{failed} failed, {whole} did not");
}
