//! Tapes of pools of shares: both forms give one tape, damage is noticed, and a wrong row is named.

use std::fs;
use std::path::Path;

use tidemill_store::{
    AnyTape, CsvSource, ImportSources, PoolState, ShareTape, TapeError, decode_any_tape,
    decode_tape, encode_share_tape, import_any_folder, import_shares, open_tape, write_share_tape,
};

use crate::raw_parquet::reseal;
use crate::seeded::Seeded;

const HEADER: &str = "kind,time_utc,block,log_index,token_in,amount_in,token_out,amount_out,\
    amounts_in,amounts_out,shares,fees,invariant,total_shares,balances,parameters,gas_used,\
    gas_price_wei";

/// One row of every kind that a pool of two tokens can have.
const ROWS: [&str; 15] = [
    "swap,2024-12-01 00:00:11,101,1,0,5,1,6,,,,,,,,,100000,7",
    "swap_underlying,2024-12-01 00:00:11,101,2,0,5,3,6,,,,,,,,,,",
    "pair_swap,2024-12-01 00:00:11,101,3,,,,,5;0,0;6,,,,,,,,",
    "deposit,2024-12-01 00:00:11,101,4,,,,,5;7,,12,0;1,13,14,,,,",
    "withdraw,2024-12-01 00:00:12,102,0,,,,,,5;7,12,,,,,,,",
    "withdraw_imbalance,2024-12-01 00:00:12,102,1,,,,,,5;0,12,1;1,13,14,,,,",
    "withdraw_one,2024-12-01 00:00:12,102,2,,,1,9,,,12,,,,,,,",
    "withdraw_one,2024-12-01 00:00:12,102,3,,,,9,,,12,,,,,,,",
    "gift,2024-12-01 00:00:12,102,4,,,,,5;0,,,,,,,,,",
    "skim,2024-12-01 00:00:12,102,5,,,,,,5;0,,,,,,,,",
    "sync,2024-12-01 00:00:12,102,6,,,,,,,,,,,50;60,,,",
    "claim_fees,2024-12-01 00:00:12,102,7,,,,,,5;0,,,,,,,,",
    "ramp,2024-12-01 00:00:12,102,8,,,,,,,,,,,,amplification=9;gamma=8;ends_at=1800000000,,",
    "stop_ramp,2024-12-01 00:00:12,102,9,,,,,,,,,,,,,,",
    "set_parameters,2024-12-01 00:00:13,103,0,,,,,,,,,,,,fee=3;mid_fee=4;protocol_fee_on=1,,",
];

fn state() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path.join("../../docs/pool-state/constant_product.json")).unwrap()
}

fn pool_json() -> String {
    let pool = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";
    format!(
        "{{\"chain_id\": 1, \"pool\": \"{pool}\", \"state_after_block\": \"100\", \
         \"amount_relative_tolerance\": 1e-9, \"state\": {}}}",
        state()
    )
}

fn import(pool: &str, rows: &[&str]) -> Result<ShareTape, TapeError> {
    let events = format!("{HEADER}\n{}\n", rows.join("\n"));
    let bytes: Box<&[u8]> = Box::new(events.as_bytes());
    import_shares(ImportSources {
        pool_file: "pool.json".to_owned(),
        pool_json: pool.as_bytes().to_vec(),
        events: CsvSource { file: "events.csv".to_owned(), bytes, is_gzip: false },
        initial_positions: None,
    })
}

fn tape() -> ShareTape {
    import(&pool_json(), &ROWS).unwrap()
}

#[test]
fn every_kind_is_read_and_comes_back_from_parquet() {
    let tape = tape();
    let kinds: Vec<&str> = tape.events.iter().map(|event| event.event.kind()).collect();
    let named: Vec<&str> = ROWS.iter().filter_map(|row| row.split(',').next()).collect();
    assert_eq!(kinds, named);
    assert_eq!(tape.start, PoolState::from_json("s", state().as_bytes()).unwrap().pool);
    let bytes = encode_share_tape(&tape, "t.parquet").unwrap();
    assert_eq!(bytes, encode_share_tape(&tape, "t.parquet").unwrap(), "the same bytes again");
    let read = decode_any_tape(bytes.clone().into(), "t.parquet").unwrap();
    assert_eq!(read, AnyTape::Shares(tape));
    let other = decode_tape(bytes.into(), "t.parquet").unwrap_err().to_string();
    assert_eq!(other, "t.parquet: format version `shares-1`; this program reads version 1");
}

#[test]
fn a_folder_and_a_file_are_one_tape() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("pool.json"), pool_json()).unwrap();
    let events = format!("{HEADER}\n{}\n", ROWS.join("\n"));
    fs::write(place.path().join("events.csv"), events).unwrap();
    let imported = import_any_folder(place.path()).unwrap();
    assert_eq!(imported, AnyTape::Shares(tape()));
    let file = place.path().join("t.parquet");
    write_share_tape(&file, &tape()).unwrap();
    assert_eq!(open_tape(&file).unwrap(), imported);
    assert_eq!(open_tape(place.path()).unwrap(), imported);
    fs::write(place.path().join("initial_positions.csv"), "tick_lower\n").unwrap();
    let said = import_any_folder(place.path()).unwrap_err().to_string();
    assert!(said.ends_with("is there, but a pool of shares has no positions"), "{said}");
}

/// Every byte counts, as in the other tapes; and under a seal that fits, whatever the bytes say is
/// a tape or a refusal.
#[test]
fn damage_is_noticed() {
    let whole = encode_share_tape(&tape(), "t.parquet").unwrap();
    let refused = |bytes: Vec<u8>| decode_any_tape(bytes.into(), "t.parquet").is_err();
    let mut random = Seeded(7);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << random.below(8);
        assert!(refused(bytes), "byte {at}");
        if at % 16 == 0 {
            assert!(refused(whole[..at].to_vec()), "cut at {at}");
        }
    }
    for _ in 0..2000 {
        let mut bytes = whole.clone();
        let at = usize::try_from(random.below(whole.len() as u64 - 1200)).unwrap();
        bytes[at] ^= 1 << random.below(8);
        reseal(&mut bytes);
        drop(decode_any_tape(bytes.into(), "t.parquet"));
    }
}

/// The documented metapool, as the pool of a tape.
fn metapool_json() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let meta = path.join("../../docs/pool-state/stable_swap_meta.json");
    pool_json().replace(&state(), &fs::read_to_string(meta).unwrap())
}

/// A row of every kind that a metapool has of its base pool, and those of calls that claim.
const BASE_ROWS: [&str; 18] = [
    "swap_underlying,2024-12-01 00:00:11,101,1,0,5,3,6,,,12,,,14,,,,",
    "swap_underlying,2024-12-01 00:00:11,101,2,2,5,0,6,,,12,1;0;1,13,14,,,,",
    "base_swap,2024-12-01 00:00:11,101,3,2,5,1,6,,,,,,,,,100000,7",
    "base_deposit,2024-12-01 00:00:11,101,4,,,,,5;7;0,,12,0;1;0,13,14,,,,",
    "base_withdraw,2024-12-01 00:00:12,102,0,,,,,,5;7;8,12,,,,,,,",
    "base_withdraw_imbalance,2024-12-01 00:00:12,102,1,,,,,,5;0;9,12,1;1;1,13,14,,,,",
    "base_withdraw_one,2024-12-01 00:00:12,102,2,,,2,9,,,12,,,,,,,",
    "base_gift,2024-12-01 00:00:12,102,4,,,,,5;0;1,,,,,,,,,",
    "base_claim_admin_fees,2024-12-01 00:00:12,102,5,,,,,,5;0;0,,,,,,,,",
    "base_ramp,2024-12-01 00:00:12,102,8,,,,,,,,,,,,amplification=9;ends_at=1800000000,,",
    "base_stop_ramp,2024-12-01 00:00:12,102,9,,,,,,,,,,,,,,",
    "base_set_parameters,2024-12-01 00:00:13,103,0,,,,,,,,,,,,fee=3;amplification=4,,",
    "claim_admin_shares,2024-12-01 00:00:13,103,1,,,,,,,12,,,,,,,",
    "swap,2024-12-01 00:00:13,103,2,0,5,1,6,,,,,,,,admin_shares=7,,",
    "deposit,2024-12-01 00:00:13,103,3,,,,,5;7,,12,0;1,13,14,,admin_shares=7,,",
    "withdraw,2024-12-01 00:00:13,103,4,,,,,,5;7,12,,,,,admin_shares=7,,",
    "withdraw_one,2024-12-01 00:00:13,103,5,,,1,9,,,12,,,,,admin_shares=7,,",
    "set_parameters,2024-12-01 00:00:13,103,6,,,,,,,,,,,,fee=3;admin_shares=7,,",
];

#[test]
fn rows_of_a_base_pool_and_of_claims_come_back_from_parquet() {
    let tape = import(&metapool_json(), &BASE_ROWS).unwrap();
    let kinds: Vec<&str> = tape.events.iter().map(|event| event.event.kind()).collect();
    let named: Vec<&str> = BASE_ROWS.iter().filter_map(|row| row.split(',').next()).collect();
    assert_eq!(kinds, named);
    let symbols: Vec<_> = tape.header.base_tokens.iter().map(|token| &*token.symbol).collect();
    assert_eq!(symbols, ["DAI", "USDC", "USDT"]);
    let bytes = encode_share_tape(&tape, "t.parquet").unwrap();
    let read = decode_any_tape(bytes.into(), "t.parquet").unwrap();
    assert_eq!(read, AnyTape::Shares(tape));
}

/// The logs of both contracts as a node gives them: the base pool's first, each in its own row.
#[test]
fn a_base_pools_log_of_an_exchange_and_the_exchange_are_one_call() {
    let events = |rows: &[&str]| import(&metapool_json(), rows).unwrap().events;
    let at = "2024-12-01 00:00:11,101";
    let row = |row: &str| row.replace("AT", at);
    let check = |logged: &str, exchanged: &str, joined: &str| {
        let [logged, exchanged, joined] = [logged, exchanged, joined].map(row);
        let apart = events(&[&logged, &exchanged]);
        assert_eq!(apart, events(&[&joined]), "{logged} {exchanged}");
        // In another block it is another call.
        let later = exchanged.replace("00:00:11,101", "00:00:12,102");
        assert_eq!(events(&[&logged, &later]).len(), 2);
        // Nor is it this one's with something between the two.
        let between = row("base_gift,AT,3,,,,,5;0;1,,,,,,,,,");
        let exchanged = exchanged.replace(&format!("{at},2"), &format!("{at},4"));
        assert_eq!(events(&[&logged, &between, &exchanged]).len(), 3);
    };
    check(
        "base_deposit,AT,1,,,,,0;7;0,,12,0;1;0,13,14,,,,",
        "swap_underlying,AT,2,2,7,0,6,,,,,,,,,500,9",
        "swap_underlying,AT,1,2,7,0,6,,,12,0;1;0,13,14,,,500,9",
    );
    // The factory's log has the shares that the coins were turned into.
    for shares in ["12", ""] {
        check(
            &format!("base_deposit,AT,1,,,,,0;7;0,,{shares},0;1;0,13,14,,,,"),
            "swap_underlying,AT,2,2,12,0,6,,,,,,,,,,",
            "swap_underlying,AT,1,2,7,0,6,,,12,0;1;0,13,14,,,,",
        );
    }
    check(
        "base_withdraw_one,AT,1,,,,9,,,12,,,,,,500,9",
        "swap_underlying,AT,2,0,5,3,9,,,,,,,,,,",
        "swap_underlying,AT,1,0,5,3,9,,,12,,,,,,500,9",
    );
    check(
        "base_swap,AT,1,2,5,1,6,,,,,,,,,,",
        "swap_underlying,AT,2,3,5,2,6,,,,,,,,,,",
        "swap_underlying,AT,1,3,5,2,6,,,0,,,,,,,",
    );
    for (logged, exchanged) in [
        ("base_deposit,AT,1,,,,,0;7;1,,12,,,,,,,", "swap_underlying,AT,2,2,7,0,6,,,,,,,,,,"),
        ("base_deposit,AT,1,,,,,0;7;0,,12,,,,,,,", "swap_underlying,AT,2,2,8,0,6,,,,,,,,,,"),
        ("base_deposit,AT,1,,,,,0;7;0,,12,,,,,,,", "swap_underlying,AT,2,2,7,1,6,,,,,,,,,,"),
        ("base_deposit,AT,1,,,,,0;7;0,,12,,,,,,,", "swap_underlying,AT,2,2,7,0,6,,,1,,,,,,,"),
        ("base_withdraw_one,AT,1,,,1,9,,,12,,,,,,,", "swap_underlying,AT,2,0,5,3,9,,,,,,,,,,"),
        ("base_withdraw_one,AT,1,,,2,8,,,12,,,,,,,", "swap_underlying,AT,2,0,5,3,9,,,,,,,,,,"),
        ("base_swap,AT,1,2,5,1,6,,,,,,,,,,", "swap_underlying,AT,2,3,5,2,7,,,,,,,,,,"),
        ("base_swap,AT,1,2,5,1,6,,,,,,,,,,", "swap_underlying,AT,2,2,5,1,6,,,,,,,,,,"),
        ("swap,AT,1,0,5,1,6,,,,,,,,,,", "swap_underlying,AT,2,0,5,1,6,,,,,,,,,,"),
    ] {
        let [logged, exchanged] = [logged, exchanged].map(row);
        assert_eq!(events(&[&logged, &exchanged]).len(), 2, "{logged} {exchanged}");
    }
}

#[test]
fn a_wrong_row_of_a_base_pool_is_named() {
    let at = "2024-12-01 00:00:11,101,1";
    let check = |row: &str, expected: &str| {
        let said = import(&metapool_json(), &[row]).unwrap_err().to_string();
        assert_eq!(said, format!("events.csv: row 1, column {expected}"), "{row}");
    };
    let token = "a token by its place in the pool, counted from 0";
    let list = "an amount of each of the base pool's tokens, parted by semicolons";
    let named = "names and whole numbers that this kind has, as name=1;name=2";
    check(
        &format!("base_swap,{at},3,5,1,6,,,,,,,,,,"),
        &format!("token_in: `3` is not allowed; expected {token}"),
    );
    check(
        &format!("base_swap,{at},1,,0,6,,,,,,,,,,"),
        "amount_in: is empty; base_swap rows need it",
    );
    check(
        &format!("base_stop_ramp,{at},1,,,,,,,,,,,,,"),
        "token_in: is `1`; base_stop_ramp rows leave it empty",
    );
    check(
        &format!("base_deposit,{at},,,,,5;7,,12,,,,,,,"),
        &format!("amounts_in: `5;7` is not allowed; expected {list}"),
    );
    check(
        &format!("swap_underlying,{at},1,5,0,6,,,12,0;1,13,14,,,,"),
        &format!("fees: `0;1` is not allowed; expected {list}"),
    );
    check(
        &format!("swap_underlying,{at},4,5,0,6,,,,,,,,,,"),
        &format!("token_in: `4` is not allowed; expected {token}"),
    );
    check(
        &format!("swap_underlying,{at},1,5,0,6,,,,,,,,admin_shares=1,,"),
        "parameters: is `admin_shares=1`; swap_underlying rows leave it empty",
    );
    for text in ["fee=1", "admin_shares", "admin_shares=1;admin_shares=2", "admin_shares=-1"] {
        check(
            &format!("swap,{at},1,5,0,6,,,,,,,,{text},,"),
            &format!("parameters: `{text}` is not allowed; expected {named}"),
        );
    }
    check(
        &format!("claim_admin_shares,{at},,,,,,,,,,,,,,"),
        "shares: is empty; claim_admin_shares rows need it",
    );
    for kind in ["base_skim", "base_swap_underlying", "base_base_swap", "base_", "base_mint"] {
        let said = import(&metapool_json(), &[&format!("{kind},{at},,,,,,,,,,,,,,")]).unwrap_err();
        let expected = format!("column kind: `{kind}` is not allowed; expected one of swap");
        assert!(said.to_string().contains(&expected), "{said}");
    }
    let alone = import(&pool_json(), &[BASE_ROWS[2]]).unwrap_err().to_string();
    let expected = "events.csv: row 1, column kind: `base_swap` is not allowed; expected a kind of \
                    this pool's own: it stands on no base pool";
    assert_eq!(alone, expected);
}

#[track_caller]
fn check(row: &str, expected: &str) {
    let said = import(&pool_json(), &[row]).unwrap_err().to_string();
    assert_eq!(said, format!("events.csv: row 1, column {expected}"), "{row}");
}

#[test]
fn a_wrong_row_is_named() {
    let at = "2024-12-01 00:00:11,101,1";
    let token = "a token by its place in the pool, counted from 0";
    check(
        &format!("swap,{at},2,5,1,6,,,,,,,,,,"),
        &format!("token_in: `2` is not allowed; expected {token}"),
    );
    check(
        &format!("swap,{at},1,5,1,6,,,,,,,,,,"),
        "token_out: `1` is not allowed; expected a token other than token_in",
    );
    check(&format!("swap,{at},1,,0,6,,,,,,,,,,"), "amount_in: is empty; swap rows need it");
    check(
        &format!("swap,{at},1,5,0,6,1;1,,,,,,,,,"),
        "amounts_in: is `1;1`; swap rows leave it empty",
    );
    let list = "an amount of each of the pool's tokens, parted by semicolons";
    check(
        &format!("gift,{at},,,,,1;2;3,,,,,,,,,"),
        &format!("amounts_in: `1;2;3` is not allowed; expected {list}"),
    );
    check(
        &format!("gift,{at},,,,,1;-2,,,,,,,,,"),
        "amounts_in: `-2` is not an amount in raw units, 0 to 2^256 - 1",
    );
    let named = "names and whole numbers that this kind has, as name=1;name=2";
    for text in ["fee", "fee=x", "size=1", "fee=1;fee=2", "protocol_fee_on=2"] {
        check(
            &format!("set_parameters,{at},,,,,,,,,,,,{text},,"),
            &format!("parameters: `{text}` is not allowed; expected {named}"),
        );
    }
    check(
        &format!("ramp,{at},,,,,,,,,,,,ends_at=1,,"),
        "parameters: `ends_at=1` is not allowed; expected amplification=1;ends_at=2, and gamma in \
         crypto pools",
    );
    let said = import(&pool_json(), &[&format!("mint,{at},,,,,,,,,,,,,,")]).unwrap_err();
    assert!(said.to_string().contains("column kind: `mint` is not allowed; expected one of swap"));
    check(
        "swap,2024-12-01 00:00:11,100,1,0,5,1,6,,,,,,,,,,",
        "block: block 100 is not after block 100, the end of which the tape starts from",
    );
    let twice = import(&pool_json(), &[ROWS[0], ROWS[0]]).unwrap_err().to_string();
    assert!(twice.starts_with("events.csv: row 2, column log_index: duplicate"), "{twice}");
    let none = import(&pool_json(), &[]).unwrap_err().to_string();
    assert!(none.starts_with("events.csv: "), "{none}");
}

#[test]
fn a_wrong_description_is_named() {
    let said = |from: &str, to: &str| {
        import(&pool_json().replace(from, to), &ROWS).unwrap_err().to_string()
    };
    assert_eq!(said("\"chain_id\": 1, ", ""), "pool.json: field chain_id: is missing");
    assert_eq!(
        said("\"chain_id\"", "\"chain\": 1, \"chain_id\""),
        "pool.json: field chain: is unknown"
    );
    assert_eq!(
        said("\"fee_scale\": \"1000\"", "\"fee_scale\": \"7\""),
        "pool.json: field state.fee_scale: `\"7\"` is not allowed; expected 1000 or 10000"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pool-state/uniswap_v3.json");
    let concentrated = fs::read_to_string(path).unwrap();
    let said = said(&state(), &concentrated);
    assert!(
        said.starts_with("pool.json: field state.kind: `\"uniswap_v3\"` is not allowed"),
        "{said}"
    );
}
