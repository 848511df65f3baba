//! Writes the page of a made-up tear sheet to the path given, and prints its terminal table.
//!
//! For looking at the layout: `cargo run --example sample_page -- page.html [COLUMNS]`.

mod synthetic;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: sample_page PAGE.html [COLUMNS]")?;
    let columns = arguments.next().map_or(Ok(120), |text| text.parse())?;
    let sheet = synthetic::tear_sheet();
    std::fs::write(&path, tidemill_report::render_page(&sheet))?;
    print!("{}", tidemill_report::render_table(&sheet, columns));
    Ok(())
}
