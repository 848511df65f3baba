//! A tape of a pool of shares as a folder for the importer.

use std::fs;
use std::path::Path;

use tidemill_model::{PoolEvent, ShareEvent, TapeEvent};
use tidemill_store::{PoolState, ShareTape};
use tidemill_units::TokenAmounts;

const HEADER: &str = "kind,time_utc,block,log_index,token_in,amount_in,token_out,amount_out,\
    amounts_in,amounts_out,shares,balances";

/// Writes the tape as `pool.json` and `events.csv`.
pub(crate) fn write_folder(tape: &ShareTape, path: &Path) {
    let header = &tape.header;
    let state = PoolState {
        tokens: header.tokens.clone(),
        base_tokens: Vec::new(),
        pool: tape.start.clone(),
    };
    let description = format!(
        "{{\"chain_id\": {}, \"pool\": \"{}\", \"state_after_block\": {}, \"state\": {}}}",
        header.chain_id,
        header.pool,
        header.state_after_block,
        state.to_json().unwrap()
    );
    let rows: Vec<String> = tape.events.iter().map(row).collect();
    fs::create_dir_all(path).unwrap();
    fs::write(path.join("pool.json"), description).unwrap();
    fs::write(path.join("events.csv"), format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
}

fn row(recorded: &TapeEvent) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(recorded.time.0).unwrap()).unwrap();
    let time = time.strftime("%Y-%m-%d %H:%M:%S");
    let PoolEvent::Shares(event) = &recorded.event else { panic!("an event of shares") };
    let fields = match event {
        ShareEvent::Swap { pair, amount_in, amount_out } => {
            format!("{},{amount_in},{},{amount_out},,,,", pair.input.0, pair.output.0)
        }
        ShareEvent::PairSwap { paid, taken } => {
            let (paid, taken) = (list(&(*paid).into()), list(&(*taken).into()));
            format!(",,,,{paid},{taken},,")
        }
        ShareEvent::Deposit(change) => {
            format!(",,,,{},,{},", list(&change.amounts), change.shares.unwrap())
        }
        ShareEvent::Withdraw(change) => {
            format!(",,,,,{},{},", list(&change.amounts), change.shares.unwrap())
        }
        ShareEvent::Sync(balances) => format!(",,,,,,,{}", list(balances)),
        ShareEvent::ClaimFees(amounts) => format!(",,,,,{},,", list(amounts)),
        ShareEvent::SwapUnderlying { .. }
        | ShareEvent::WithdrawImbalance(_)
        | ShareEvent::WithdrawOne { .. }
        | ShareEvent::Gift(_)
        | ShareEvent::Skim(_)
        | ShareEvent::ClaimAdminFees(_)
        | ShareEvent::ClaimAdminShares(_)
        | ShareEvent::Claiming { .. }
        | ShareEvent::Base(_)
        | ShareEvent::Ramp(_)
        | ShareEvent::StopRamp
        | ShareEvent::SetParameters(_) => panic!("no tape of these tests has {event:?}"),
    };
    let kind = event.kind();
    format!("{kind},{time},{},{},{fields}", recorded.block, recorded.log_index)
}

/// An amount of each token, as tapes part them.
fn list(amounts: &TokenAmounts) -> String {
    let amounts: Vec<_> = amounts.as_slice().iter().map(ToString::to_string).collect();
    amounts.join(";")
}
