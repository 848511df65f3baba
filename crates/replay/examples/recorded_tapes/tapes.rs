//! The tapes themselves; a test takes this file in with `#[path]`, beside what it uses.

use std::error::Error;

use tidemill_replay::cut_tape;
use tidemill_store::{AnyTape, encode_share_tape, encode_tape, import_folder};
use tidemill_units::{InstantUs, Timestamp};

use crate::genesis::{wbtc, write_folder};
use crate::recorded_balancer_v1;
use crate::recorded_data::data_folder;

/// WBTC/WETH 0.3 % from 2021-05-06 00:00 UTC: a day and a half after its creation, when its
/// liquidity is more than what one strategy brings.
const WBTC_FROM: Timestamp = Timestamp(1_620_259_200);

/// The end of the nine days in which bitcoin lost a quarter of its price in ether, 2021-05-15 00:00
/// UTC.
const WBTC_FALLS_UNTIL: Timestamp = Timestamp(1_621_036_800);

/// The end of the Balancer pool's quiet weeks, 2020-12-24 00:00 UTC: ether was back at the price of
/// the pool's creation, and doubled from there on.
const BALANCER_UNTIL: Timestamp = Timestamp(1_608_768_000);

/// A file's name and its bytes.
pub(crate) type NamedTape = (&'static str, Vec<u8>);

/// Returns the name and the bytes of each tape whose data set is there.
///
/// # Errors
///
/// Where a data set cannot be read as a tape.
pub(crate) fn recorded() -> Result<Vec<NamedTape>, Box<dyn Error>> {
    let mut tapes = Vec::new();
    if let Some(folder) = wbtc(&data_folder()) {
        let place = tempfile::tempdir()?;
        write_folder(&folder, place.path());
        let whole = AnyTape::Concentrated(import_folder(place.path())?);
        let later = cut_tape(whole, InstantUs::at_second(WBTC_FROM))?;
        if let AnyTape::Concentrated(mut falls) = later.clone() {
            falls.events.retain(|event| event.time < WBTC_FALLS_UNTIL);
            tapes.push(("wbtc-weth-3000-falls.parquet", AnyTape::Concentrated(falls)));
        }
        tapes.push(("wbtc-weth-3000.parquet", later));
    }
    if let Some((tape, _)) = recorded_balancer_v1::tape() {
        let mut quiet = tape.clone();
        quiet.events.retain(|event| event.time < BALANCER_UNTIL);
        tapes.push(("balancer-v1-dai-weth.parquet", AnyTape::Shares(tape)));
        tapes.push(("balancer-v1-dai-weth-quiet.parquet", AnyTape::Shares(quiet)));
    }
    let encoded = tapes.into_iter().map(|(name, tape)| {
        let bytes = match &tape {
            AnyTape::Concentrated(tape) => encode_tape(tape, name)?,
            AnyTape::Shares(tape) => encode_share_tape(tape, name)?,
        };
        Ok((name, bytes))
    });
    encoded.collect()
}
