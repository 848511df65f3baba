//! Law: what is written is read back, as Parquet and, through the importer, as CSV.

use std::fmt::Write as _;

use tidemill_model::{InitialPosition, PoolEvent, PoolStart, Tape, TapeEvent};
use tidemill_store::{decode_tape, encode_tape};
use tidemill_units::Amounts;

use crate::seeded::Seeded;
use crate::small_tape::{HEADER, import_bytes};

const SEED: u64 = 0x7469_6465_6d69_6c6c;

#[test]
fn random_tapes_survive_parquet_and_csv() {
    println!("seed {SEED:#x}");
    for round in 0..60 {
        let tape = Seeded(SEED + round).tape();
        let file = encode_tape(&tape, "tape.parquet").unwrap();
        assert_eq!(encode_tape(&tape, "tape.parquet").unwrap(), file, "round {round}: bytes");
        assert_eq!(decode_tape(file.into(), "tape.parquet").unwrap(), tape, "round {round}");
        let is_snapshot = matches!(tape.header.start, PoolStart::Snapshot { .. });
        let positions = is_snapshot.then(|| positions_csv(&tape.initial_positions));
        let imported = import_bytes(
            pool_json(&tape).as_bytes(),
            events_csv(&tape.events).as_bytes(),
            positions.as_ref().map(String::as_bytes),
        );
        assert_eq!(imported.unwrap(), tape, "round {round}");
    }
}

/// Batches and row groups have ends; a tape longer than several of them comes back too.
#[test]
fn a_long_tape_survives() {
    let mut tape = Seeded(SEED).tape();
    let mut event = tape.events.last().unwrap().clone();
    for _ in 0..140_000 {
        event.block.0 += 1;
        tape.events.push(event.clone());
    }
    let file = encode_tape(&tape, "tape.parquet").unwrap();
    assert_eq!(decode_tape(file.into(), "tape.parquet").unwrap(), tape);
}

fn pool_json(tape: &Tape) -> String {
    let header = &tape.header;
    let token = |token: &tidemill_model::Token| {
        let address = token.address.map(|address| format!(",\"address\":\"{address}\""));
        let symbol = token.symbol.replace('"', "\\\"");
        let address = address.unwrap_or_default();
        format!("{{\"symbol\":\"{symbol}\",\"decimals\":{}{address}}}", token.decimals)
    };
    let state = match header.start {
        PoolStart::Creation => String::new(),
        PoolStart::Window(_) => panic!("no seeded tape lacks its tick map"),
        PoolStart::Snapshot { block, sqrt_price, tick, liquidity } => format!(
            ",\"state_after_block\":{block},\"sqrt_price_x96\":\"{sqrt_price}\",\"tick\":{tick},\
             \"liquidity\":{liquidity}"
        ),
    };
    // The type prints no text of its own; these are all that the generator makes.
    let tolerance = ["0", "1e-9", "0.01", "123e-18"]
        .into_iter()
        .find(|text| text.parse() == Ok(header.amount_tolerance))
        .unwrap();
    format!(
        "{{\"chain_id\":{},\"pool\":\"{}\",\"kind\":\"uniswap_v3\",\"token0\":{},\"token1\":{},\
         \"fee_pips\":{},\"tick_spacing\":{}{state},\"amount_relative_tolerance\":{tolerance}}}",
        header.chain_id,
        header.pool,
        token(&header.token0),
        token(&header.token1),
        header.fee,
        header.tick_spacing,
    )
}

fn positions_csv(positions: &[InitialPosition]) -> String {
    let mut text = "liquidity,tick_lower,tick_upper\n".to_owned();
    for InitialPosition { range, liquidity, .. } in positions {
        writeln!(text, "{liquidity},{},{}", range.lower, range.upper).unwrap();
    }
    text
}

fn events_csv(events: &[TapeEvent]) -> String {
    let mut text = format!("{HEADER}\n");
    for event in events {
        let time = jiff::Timestamp::from_second(i64::try_from(event.time.0).unwrap()).unwrap();
        let time = time.strftime("%Y-%m-%d %H:%M:%S");
        let (kind, block, log_index) = (event.event.kind(), event.block, event.log_index);
        let gas_used = option(event.gas_used);
        let gas_price = option(event.gas_price);
        let [what, after] = cells(&event.event);
        writeln!(text, "{kind},{time},{block},{log_index},{what},{gas_used},{gas_price},{after}")
            .unwrap();
    }
    text
}

fn option(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The columns from `amount0` to `owner`, and the two behind the gas.
fn cells(event: &PoolEvent) -> [String; 2] {
    let pair = |amounts: &Amounts| format!("{},{}", amounts.amount0, amounts.amount1);
    let no_after = ",".to_owned();
    match event {
        PoolEvent::Initialize { sqrt_price, tick } => {
            [format!(",,{sqrt_price},,,,"), format!(",{}", option(*tick))]
        }
        PoolEvent::Swap { amounts, after } => [
            format!("{},{},{},,,,", amounts.amount0, amounts.amount1, option(after.sqrt_price)),
            format!("{},{}", option(after.liquidity), option(after.tick)),
        ],
        PoolEvent::Mint { owner, range, liquidity, amounts }
        | PoolEvent::Burn { owner, range, liquidity, amounts } => {
            let ticks = format!("{},{}", range.lower, range.upper);
            [format!("{},,{liquidity},{ticks},{}", pair(amounts), option(*owner)), no_after]
        }
        PoolEvent::Collect { owner, range, amounts } => {
            let ticks = format!("{},{}", range.lower, range.upper);
            [format!("{},,,{ticks},{}", pair(amounts), option(*owner)), no_after]
        }
        PoolEvent::Flash { paid } => [format!("{},,,,,", pair(paid)), no_after],
        PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
            [format!("{fee_protocol0},{fee_protocol1},,,,,"), no_after]
        }
        PoolEvent::Shares(_) | PoolEvent::Build(_) => panic!("no event of Uniswap v3: {event:?}"),
    }
}
