//! Tapes of Uniswap v3's kin: what both readers accept comes back unchanged, what not is named.

use tidemill_model::{PoolBuild, Tape};
use tidemill_store::{TapeError, TapeInfo, decode_tape, encode_tape};

use crate::raw_parquet::RawFile;
use crate::small_tape::{HEADER, POOL, import_bytes, pool_at_creation};
use crate::synthetic_builds::{KIN, SyntheticBuild};

const MORE: &str = ",salt,fee_pips,protocol_fee0,protocol_fee1";
const SALT: &str = "0x0000000000000000000000000000000000000000000000000000000000000007";
const OWNER: &str = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";
const FIRST: &str = "initialize,2024-12-01 00:00:11,101,1,,,79228162514264337593543950336,,,,,,,,0";

/// A `pool.json` from creation of one of the kinds, with its own fields.
fn pool(kind: &str) -> String {
    let own = match kind {
        "slipstream" => format!(
            ", \"unstaked_fee_pips\": 100000, \"gauge\": \"{OWNER}\", \
             \"position_manager\": \"{OWNER}\""
        ),
        "uniswap_v4" => format!(", \"pool_id\": \"{SALT}\""),
        _ => String::new(),
    };
    let text = pool_at_creation().replace("uniswap_v3", kind);
    format!("{}{own}}}", text.trim_end().trim_end_matches('}'))
}

fn import(kind: &str, rows: &[&str]) -> Result<Tape, TapeError> {
    let first = format!("{FIRST},,,,");
    let rows = [&[first.as_str()], rows].concat();
    let text = format!("{HEADER}{MORE}\n{}\n", rows.join("\n"));
    import_bytes(pool(kind).as_bytes(), text.as_bytes(), None)
}

/// A row of the second block: kind, `amount0` to `owner`, and what stands behind the gas.
fn row(kind: &str, cells: &str, last: &str) -> String {
    format!("{kind},2024-12-01 00:00:12,102,0,{cells},,,{last}")
}

#[track_caller]
fn good(kind: &str, name: &str, cells: &str, last: &str) {
    let tape = import(kind, &[&row(name, cells, last)]).unwrap();
    assert_eq!(tape.events[1].event.kind(), name);
    let bytes = encode_tape(&tape, "t.parquet").unwrap();
    assert_eq!(decode_tape(bytes.into(), "t.parquet").unwrap(), tape);
}

#[track_caller]
fn bad(kind: &str, (name, cells, last): (&str, &str, &str), expected: &str) {
    let row = row(name, cells, last);
    let error = import(kind, &[&row]).unwrap_err().to_string();
    assert_eq!(error, format!("events.csv: row 2, column {expected}"));
    let (raw, first) = (format!("{row},"), format!("{FIRST},,,,,"));
    let mut file = RawFile::with_header(
        &format!("{HEADER}{MORE},staked_liquidity"),
        &pool(kind),
        &[&first, &raw],
    );
    file.metadata[0].1 = Some("2".to_owned());
    let error = decode_tape(file.bytes().into(), "t.parquet").unwrap_err().to_string();
    assert_eq!(error, format!("t.parquet: row 2, column {expected}"));
}

#[test]
fn each_kind_of_row_is_read_and_comes_back() {
    let pancake = "pancake_v3";
    good(pancake, "swap", "-5,6,79228162514264337593543950336,,,,", "3000,0,,,0,1");
    good(pancake, "swap", "-5,6,,,,,", ",,,,,");
    good(pancake, "mint", &format!("1,2,,7,-10,10,{OWNER}"), ",,,,,");
    good(pancake, "burn", "1,2,,0,-10,10,", ",,,,,");
    good(pancake, "collect", "1,2,,,-10,10,", ",,,,,");
    good(pancake, "flash", "1,2,,,,,", ",,,,,");
    good(pancake, "set_fee_protocol", "0,4000,,,,,", ",,,,,");
    good(pancake, "collect_protocol", "340282366920938463463374607431768211455,2,,,,,", ",,,,,");
    let slipstream = "slipstream";
    good(slipstream, "swap", "-5,6,,,,,", ",,,,,");
    good(slipstream, "stake", ",,,170141183460469231731687303715884105727,-10,10,", ",,,,,");
    good(slipstream, "stake", ",,,-170141183460469231731687303715884105728,-10,10,", ",,,,,");
    good(slipstream, "change_stake", ",,,-1,-10,10,", ",,,,,");
    good(slipstream, "collect_fees", "1,2,,,,,", ",,,,,");
    good(slipstream, "set_fee", ",,,,,,", ",,,100000,,");
    good(slipstream, "set_unstaked_fee", ",,,,,,", ",,,1000000,,");
    let v4 = "uniswap_v4";
    good(v4, "swap", "170141183460469231731687303715884105727,-6,,,,,", ",,,1000000,,");
    good(v4, "swap", "0,-170141183460469231731687303715884105728,,,,,", "3000,0,,,,");
    good(v4, "modify_liquidity", &format!(",,,-7,-10,10,{OWNER}"), &format!(",,{SALT},,,"));
    good(v4, "modify_liquidity", ",,,0,-10,10,", ",,,,,");
    good(v4, "donate", "0,170141183460469231731687303715884105727,,,,,", ",,,,,");
    good(v4, "protocol_fee_updated", "0,1000,,,,,", ",,,,,");
}

#[test]
fn a_v4_swap_is_kept_with_the_pools_signs() {
    let tape = import("uniswap_v4", &[&row("swap", "-5,6,,,,,", ",,,500,,")]).unwrap();
    let (amounts, _) = tape.events[1].event.swap().unwrap();
    assert_eq!(
        (amounts.amount0.to_string(), amounts.amount1.to_string()),
        ("5".into(), "-6".into())
    );
}

#[test]
fn rows_of_pancake_that_break_a_rule_are_refused_by_both_readers() {
    let pancake = "pancake_v3";
    let share = "is not allowed; expected 0 for none, or 10,000ths from 1000 to 4000";
    for (found, column) in [("999", "amount0"), ("4001", "amount1"), ("65536", "amount0")] {
        let cells =
            if column == "amount0" { format!("{found},0,,,,,") } else { format!("0,{found},,,,,") };
        let expected = format!("{column}: `{found}` {share}");
        bad(pancake, ("set_fee_protocol", &cells, ",,,,,"), &expected);
    }
    bad(
        pancake,
        ("swap", "-5,6,,,,,", ",,,,1,"),
        "protocol_fee1: is empty; it is there wherever protocol_fee0 is",
    );
    bad(
        pancake,
        ("swap", "-5,6,,,,,", ",,,,0,340282366920938463463374607431768211456"),
        "protocol_fee1: `340282366920938463463374607431768211456` is not allowed; expected an \
         amount of at most 2^128 - 1",
    );
    bad(pancake, ("swap", "-5,6,,,,,", ",,,1,,"), "fee_pips: is `1`; swap rows leave it empty");
    let kinds = "one of initialize, swap, mint, burn, collect, flash, set_fee_protocol, \
                 collect_protocol";
    bad(
        pancake,
        ("donate", "1,2,,,,,", ",,,,,"),
        &format!("kind: `donate` is no kind of event; expected {kinds}"),
    );
}

#[test]
fn rows_of_slipstream_that_break_a_rule_are_refused_by_both_readers() {
    let slipstream = "slipstream";
    bad(slipstream, ("set_fee", ",,,,,,", ",,,,,"), "fee_pips: is empty; set_fee rows need it");
    bad(
        slipstream,
        ("set_fee", ",,,,,,", ",,,100001,,"),
        "fee_pips: `100001` is not allowed; expected a fee in pips, 0 to 100000",
    );
    let signed = "liquidity with its sign, -2^127 to 2^127 - 1";
    for found in ["170141183460469231731687303715884105728", "+1", "-", "1e3", "--1"] {
        let cells = format!(",,,{found},-10,10,");
        let expected = format!("liquidity: `{found}` is not allowed; expected {signed}");
        bad(slipstream, ("stake", &cells, ",,,,,"), &expected);
    }
    bad(
        slipstream,
        ("stake", ",,,1,-10,15,", ",,,,,"),
        "tick_upper: tick 15 is not a multiple of the tick spacing 10",
    );
    let kinds = "one of initialize, swap, mint, burn, collect, flash, stake, change_stake, \
                 collect_fees, set_fee, set_unstaked_fee";
    bad(
        slipstream,
        ("set_fee_protocol", "4,4,,,,,", ",,,,,"),
        &format!("kind: `set_fee_protocol` is no kind of event; expected {kinds}"),
    );
}

#[test]
fn rows_of_v4_that_break_a_rule_are_refused_by_both_readers() {
    let v4 = "uniswap_v4";
    let kinds = "one of initialize, swap, modify_liquidity, donate, protocol_fee_updated";
    bad(
        v4,
        ("mint", "1,2,,7,-10,10,", ",,,,,"),
        &format!("kind: `mint` is no kind of event; expected {kinds}"),
    );
    bad(
        v4,
        ("swap", "5,-170141183460469231731687303715884105729,,,,,", ",,,,,"),
        "amount1: `-170141183460469231731687303715884105729` is not allowed; expected an amount \
         from -2^127 to 2^127 - 1",
    );
    bad(
        v4,
        ("swap", "5,6,,,,,", ",,,,,"),
        "amount1: 6 has the sign of amount0; a swap pays one token in and the other out",
    );
    bad(
        v4,
        ("swap", "-5,6,,,,,", ",,,1000001,,"),
        "fee_pips: `1000001` is not allowed; expected a fee in pips, 0 to 1000000",
    );
    bad(
        v4,
        ("modify_liquidity", &format!(",,,1,-10,10,{OWNER}"), ",,,,,"),
        "salt: is empty; it is there wherever owner is",
    );
    bad(
        v4,
        ("modify_liquidity", ",,,1,-10,10,", &format!(",,{SALT},,,")),
        "owner: is empty; it is there wherever salt is",
    );
    bad(
        v4,
        ("modify_liquidity", &format!(",,,1,-10,10,{OWNER}"), ",,0x07,,,"),
        "salt: `0x07` is not `0x` and 64 hexadecimal digits",
    );
    bad(
        v4,
        ("protocol_fee_updated", "0,1001,,,,,", ",,,,,"),
        "amount1: `1001` is not allowed; expected a protocol fee in pips, 0 to 1000",
    );
    bad(
        v4,
        ("donate", "170141183460469231731687303715884105728,0,,,,,", ",,,,,"),
        "amount0: `170141183460469231731687303715884105728` is not allowed; expected an amount of \
         at most 2^127 - 1",
    );
}

#[test]
fn descriptions_have_the_fields_of_their_build_and_no_other() {
    let events = format!("{HEADER}\n{FIRST}\n");
    let said = |text: String| {
        let error = import_bytes(text.as_bytes(), events.as_bytes(), None).unwrap_err();
        error.to_string()
    };
    let changed = |kind: &str, from: &str, to: &str| {
        let text = pool(kind);
        assert!(text.contains(from), "{text}");
        said(text.replace(from, to))
    };
    let fee = "\"fee_pips\": 500";
    for (kind, from, to, expected) in [
        (
            "pancake_v3",
            fee,
            "\"fee_pips\": 1000000",
            "fee_pips: `1000000` is not allowed; \
          expected a fee in pips, 0 to 999999",
        ),
        (
            "slipstream",
            fee,
            "\"fee_pips\": 100001",
            "fee_pips: `100001` is not allowed; expected \
          a fee in pips, 0 to 100000",
        ),
        (
            "uniswap_v4",
            fee,
            "\"fee_pips\": 8388608",
            "fee_pips: `8388608` is not allowed; \
          expected a fee in pips, 0 to 1000000, not dynamic: hooks are not modelled",
        ),
        (
            "uniswap_v4",
            "\"tick_spacing\": 10",
            "\"tick_spacing\": 32768",
            "tick_spacing: `32768` \
          is not allowed; expected a tick spacing, 1 to 32767",
        ),
        (
            "pancake_v3",
            "\"tick_spacing\": 10",
            "\"tick_spacing\": 16384",
            "tick_spacing: `16384` \
          is not allowed; expected a tick spacing, 1 to 16383",
        ),
        ("pancake_v3", fee, "\"fee_pips\": 500, \"fee_protocol0\": 0", "fee_protocol0: is unknown"),
        ("uniswap_v4", fee, "\"fee_pips\": 500, \"hooks\": 0", "hooks: is unknown"),
        ("slipstream", "\"gauge\"", "\"gauges\"", "gauge: is missing"),
        (
            "slipstream",
            "100000, ",
            "1000001, ",
            "unstaked_fee_pips: `1000001` is not allowed; \
          expected a fee in pips, 0 to 1000000",
        ),
        (
            "uniswap_v4",
            SALT,
            "0x07",
            "pool_id: `\"0x07\"` is not allowed; expected a pool's id: 0x \
          and 64 hexadecimal digits",
        ),
        ("uniswap_v4", fee, "\"fee_pips\": 500, \"fee_pips\": 500", "fee_pips: is there twice"),
    ] {
        assert_eq!(changed(kind, from, to), format!("pool.json: field {expected}"), "{kind}");
    }
}

#[test]
fn the_protocols_shares_stand_with_the_state() {
    let state = POOL.replace("uniswap_v3", "pancake_v3");
    let positions = "tick_lower,tick_upper,liquidity\n-20,20,3000\n";
    let import = |pool: &str, positions: &str| {
        let swap = "swap,2024-12-01 00:00:11,101,1,-5,6,,,,,,,,,";
        let events = format!("{HEADER}\n{swap}\n");
        import_bytes(pool.as_bytes(), events.as_bytes(), Some(positions.as_bytes()))
    };
    let error = import(&state, positions).unwrap_err().to_string();
    assert_eq!(error, "pool.json: field fee_protocol0: is missing");
    let shares = "\"liquidity\": \"3000\", \"fee_protocol0\": 3200, \"fee_protocol1\": 0";
    let tape = import(&state.replace("\"liquidity\": \"3000\"", shares), positions).unwrap();
    assert_eq!(tape.header.build, PoolBuild::PancakeV3 { fee_protocol: [3_200, 0] });
}

#[test]
fn staked_positions_add_up_to_what_is_staked() {
    let state = pool("slipstream");
    let state = state.trim_end().trim_end_matches('}');
    let pool = format!(
        "{state}, \"state_after_block\": 100, \"sqrt_price_x96\": \
         \"79228162514264337593543950336\", \"tick\": 0, \"liquidity\": 3000, \
         \"staked_liquidity\": 1000}}"
    );
    let import = |rows: &str| {
        let events = format!("{HEADER}\nswap,2024-12-01 00:00:11,101,1,-5,6,,,,,,,,,\n");
        let positions = format!("tick_lower,tick_upper,liquidity,staked_liquidity\n{rows}");
        let tape = import_bytes(pool.as_bytes(), events.as_bytes(), Some(positions.as_bytes()))?;
        let bytes = encode_tape(&tape, "t.parquet")?;
        assert_eq!(decode_tape(bytes.into(), "t.parquet")?, tape);
        Ok::<_, TapeError>(tape)
    };
    let tape = import("-20,20,3000,1000\n30,40,5,5\n").unwrap();
    assert_eq!(tape.initial_positions[1].staked.0, 5);
    for (rows, expected) in [
        (
            "-20,20,3000,999\n",
            "initial_positions.csv: the tick map is incomplete: what is staked \
          in range at tick 0 sums to 999, but the pool's recorded staked_liquidity is 1000",
        ),
        (
            "-20,20,3000,3001\n",
            "initial_positions.csv: row 1, column staked_liquidity: 3001 is \
          above the position's liquidity 3000",
        ),
        (
            "-20,20,3000,\n",
            "initial_positions.csv: row 1, column staked_liquidity: is empty; \
          initial_position rows need it",
        ),
    ] {
        assert_eq!(import(rows).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_whole_tape_of_each_build_is_written_and_read() {
    for build in KIN {
        let early = SyntheticBuild::lively(build, 6);
        let made = SyntheticBuild::lively(build, 24);
        let mut later = early.clone();
        later.skip_blocks(1);
        later.of_its_own();
        for tape in [made.tape, later.since(&early)] {
            let bytes = encode_tape(&tape, "t.parquet").unwrap();
            let info = TapeInfo::of(&tape, &bytes);
            assert_eq!(info.pool.build.name(), build.name());
            let counts = &info.events;
            let of_v3 = counts.initialize + counts.swap + counts.mint + counts.burn;
            let of_v3 = of_v3 + counts.collect + counts.flash + counts.set_fee_protocol;
            assert_eq!(of_v3 + counts.of_builds.values().sum::<usize>(), counts.total);
            assert_eq!(encode_tape(&tape, "t.parquet").unwrap(), bytes, "always the same bytes");
            assert_eq!(decode_tape(bytes.into(), "t.parquet").unwrap(), tape);
        }
    }
}

/// The version and the kind of pool have to go together.
#[test]
fn a_version_of_another_form_is_refused() {
    let first = format!("{FIRST},,,,,");
    let header = format!("{HEADER}{MORE},staked_liquidity");
    let file = RawFile::with_header(&header, &pool("uniswap_v4"), &[&first]);
    let error = decode_tape(file.bytes().into(), "t.parquet").unwrap_err().to_string();
    assert_eq!(error, "t.parquet: format version `1`; this program reads version 2");
    let mut file = RawFile::new(&pool_at_creation(), &[FIRST]);
    file.metadata[0].1 = Some("2".to_owned());
    let error = decode_tape(file.bytes().into(), "t.parquet").unwrap_err().to_string();
    assert_eq!(error, "t.parquet: format version `2`; this program reads version 1");
}
