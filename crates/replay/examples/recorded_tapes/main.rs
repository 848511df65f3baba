//! Writes the recorded data sets that are whole histories of a pool, but not in our columns, as
//! tapes: `cargo run -p tidemill-replay --example recorded_tapes -- FOLDER`.
//!
//! The data sets are looked for where `TIDEMILL_DATA` says, else in `../shared/data` beside the
//! workspace; one that is not there is left out, and said to be.
#![allow(clippy::unwrap_used, reason = "what the shared readers do with a file that is not right")]

#[path = "../../../store/tests/support/genesis.rs"]
mod genesis;
#[path = "../../../store/tests/support/recorded_balancer_v1.rs"]
mod recorded_balancer_v1;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod tapes;

use std::error::Error;
use std::path::Path;

use tidemill_store::write_atomically;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args_os().nth(1).ok_or("usage: recorded_tapes FOLDER")?;
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let tapes = tapes::recorded()?;
    for (name, bytes) in &tapes {
        let file = out.join(name);
        write_atomically(&file, bytes)?;
        println!("{}", file.display());
    }
    if tapes.is_empty() {
        let place = recorded_data::data_folder();
        println!("nothing written: none of the data sets is in {}", place.display());
    }
    Ok(())
}
