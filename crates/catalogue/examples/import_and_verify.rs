//! Times an import and its verification: `import_and_verify FILE LAYOUT DIR [NAME=VALUE]…`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use tidemill_catalogue::Catalogue;
use tidemill_catalogue::import::{Import, Preset};
use tidemill_catalogue::verify::Verify;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, layout, folder, settings @ ..] = arguments.as_slice() else {
        return Err("FILE LAYOUT DIR [NAME=VALUE]…".into());
    };
    let settings: BTreeMap<String, String> = settings
        .iter()
        .filter_map(|set| set.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let layout = Preset::layout(layout)?;
    let data = Catalogue::create(folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let begun = Instant::now();
    let import = Import { file: Path::new(file), layout: &layout, settings: &settings };
    let report = runtime.block_on(import.run(&data, &mut |_| {}))?;
    println!("imported {} rows in {:?}", report.rows, begun.elapsed());
    for done in &report.sources {
        let begun = Instant::now();
        let verify = Verify { data: &data, source: &done.source, against: None };
        let checked = runtime.block_on(verify.run(&mut |_| {}))?;
        println!("verified {} rows in {:?}", checked.rows, begun.elapsed());
        for finding in &checked.findings {
            println!("{} {}: {}", finding.severity, finding.place, finding.what);
        }
    }
    Ok(())
}
