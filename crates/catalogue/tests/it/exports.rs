//! What is written out says what is recorded.

use std::collections::BTreeMap;

use tidemill_catalogue::import::{Import, Layout};
use tidemill_catalogue::{ExportForm, Range, Span};
use tidemill_model::Candle;

use crate::imports::new_data;
use crate::rows::{MINUTE_US, START_US, answered, block_on, candles, minutes};

const COPY: &str = r#"{"into": "candles/source=copy/symbol=ETHUSDT/interval=1m", "columns": {
    "open_time": "open_time", "open": "open", "high": "high", "low": "low", "close": "close",
    "volume": "volume", "quote_volume": "quote_volume", "trades": "trades"}}"#;

#[test]
fn every_form_is_imported_again_as_the_same_rows() {
    let (folder, data) = new_data();
    let mut writer = block_on(data.writer(&minutes(), ())).unwrap();
    block_on(writer.append(candles(0..9000), &answered(0, 9000))).unwrap();
    let range = Span::new(START_US + 100 * MINUTE_US, START_US + 8900 * MINUTE_US).unwrap();
    let layout = Layout::read("copy.json", COPY).unwrap();
    for (name, form) in [
        ("out.csv", ExportForm::Csv),
        ("out.jsonl", ExportForm::JsonLines),
        ("out.parquet", ExportForm::Parquet),
    ] {
        let file = folder.path().join(name);
        let mut out = std::fs::File::create(&file).unwrap();
        let range = Range::Time(range);
        assert_eq!(block_on(data.export(&minutes(), range, form, &mut out)).unwrap(), 8800);
        let (_copy_folder, copy) = new_data();
        let settings = BTreeMap::new();
        let import = Import { file: &file, layout: &layout, settings: &settings };
        let report = block_on(import.run(&copy, &mut |_| {})).unwrap();
        let source = &report.sources[0].source;
        let rows = block_on(async {
            copy.read::<Candle>(source, Range::All).await.unwrap().collect().await.unwrap()
        });
        assert_eq!(rows, candles(100..8900), "{name}");
    }
    let text = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    let first = r#"{"open_time":"2024-01-05T01:40:00Z","open":"2001.000000000000000000","#;
    assert!(text.starts_with(first), "{}", text.lines().next().unwrap());
}
