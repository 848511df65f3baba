//! The start of the embedded week as a folder for the importer.

use std::fmt::{Display, Write as _};
use std::fs;
use std::path::Path;

use tidemill_model::{PoolEvent, PoolStart, Tape, TapeEvent};
use tidemill_store::sample;

/// The texts of a folder.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) pool_json: String,
    pub(crate) positions: String,
    /// The rows of `events.csv`, without the header.
    pub(crate) rows: Vec<String>,
}

const HEADER: &str = "kind,time_utc,block,log_index,amount0,amount1,sqrt_price_x96_after,\
    liquidity,tick_lower,tick_upper,owner,gas_used,gas_price_wei";

/// The first events of the week, and all positions before them.
pub(crate) fn first_events(count: usize) -> Folder {
    let tape = sample().unwrap();
    let mut positions = "tick_lower,tick_upper,liquidity\n".to_owned();
    for position in &tape.initial_positions {
        let (lower, upper) = (position.range.lower, position.range.upper);
        writeln!(positions, "{lower},{upper},{}", position.liquidity).unwrap();
    }
    let rows = tape.events.iter().take(count).map(row).collect();
    Folder { pool_json: pool_json(&tape), positions, rows }
}

fn pool_json(tape: &Tape) -> String {
    let PoolStart::Snapshot { block, sqrt_price, tick, liquidity } = tape.header.start else {
        panic!("the week starts from a snapshot");
    };
    format!(
        r#"{{
 "chain_id": 1,
 "pool": "{}",
 "kind": "uniswap_v3",
 "token0": {{ "symbol": "USDC", "decimals": 6 }},
 "token1": {{ "symbol": "WETH", "decimals": 18 }},
 "fee_pips": 500,
 "tick_spacing": 10,
 "state_after_block": {block},
 "sqrt_price_x96": "{sqrt_price}",
 "tick": {tick},
 "liquidity": "{liquidity}"
}}"#,
        tape.header.pool
    )
}

fn text(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn row(recorded: &TapeEvent) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(recorded.time.0).unwrap()).unwrap();
    let time = time.strftime("%Y-%m-%d %H:%M:%S");
    let start = format!("{time},{},{}", recorded.block, recorded.log_index);
    let (kind, fields) = match recorded.event {
        PoolEvent::Swap { amounts, after } => {
            let (amount0, amount1) = (amounts.amount0, amounts.amount1);
            ("swap", format!("{amount0},{amount1},{},,,,", text(after.sqrt_price)))
        }
        PoolEvent::Mint { owner, range, liquidity, amounts }
        | PoolEvent::Burn { owner, range, liquidity, amounts } => {
            let (lower, upper, owner) = (range.lower, range.upper, text(owner));
            let (amount0, amount1) = (amounts.amount0, amounts.amount1);
            let fields = format!("{amount0},{amount1},,{liquidity},{lower},{upper},{owner}");
            (recorded.event.kind(), fields)
        }
        PoolEvent::Initialize { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_)
        | PoolEvent::Build(_) => panic!("the week has no {recorded:?}"),
    };
    format!("{kind},{start},{fields},{},{}", text(recorded.gas_used), text(recorded.gas_price))
}

impl Folder {
    /// Writes the folder under a name and returns it.
    pub(crate) fn write(&self, path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("pool.json"), &self.pool_json).unwrap();
        fs::write(path.join("initial_positions.csv"), &self.positions).unwrap();
        fs::write(path.join("events.csv"), self.events()).unwrap();
    }

    /// The text of `events.csv`.
    pub(crate) fn events(&self) -> String {
        format!("{HEADER}\n{}\n", self.rows.join("\n"))
    }

    /// The place of the first row of a kind.
    pub(crate) fn first(&self, kind: &str) -> usize {
        let starts = |row: &String| row.starts_with(&format!("{kind},"));
        self.rows.iter().position(starts).unwrap()
    }

    /// Replaces a field of a row and returns what was there.
    pub(crate) fn set(&mut self, row: usize, column: &str, value: &str) -> String {
        let place = HEADER.split(',').position(|name| name == column).unwrap();
        let mut fields: Vec<&str> = self.rows[row].split(',').collect();
        let old = fields[place].to_owned();
        fields[place] = value;
        self.rows[row] = fields.join(",");
        old
    }

    /// Returns a field of a row.
    pub(crate) fn get(&self, row: usize, column: &str) -> String {
        self.clone().set(row, column, "")
    }
}
