//! Tapes of Curve's pools with everything that their logs tell: replayed, backtested, and with a
//! number that is wrong.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out the variants that it is about"
)]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tidemill_amm::Pool;
use tidemill_amm::crypto_swap::CryptoGeneration;
use tidemill_amm::stable_swap_meta::MetaExchange;
use tidemill_model::{PoolEvent, ShareEvent};
use tidemill_store::{PoolState, ShareTape, write_share_tape};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use crate::run::tidemill;
use crate::synthetic_curve::{crypto, metapool, three_coins};
use crate::synthetic_meta_ng::{Under, metapool_ng};
use crate::synthetic_shares::SyntheticShares;

fn write(folder: &Path, tape: &SyntheticShares) {
    let SyntheticShares { header, start, events, .. } = tape.clone();
    let tape = ShareTape { header, start, events };
    write_share_tape(&folder.join("tape.parquet"), &tape).unwrap();
}

fn tapes() -> [(SyntheticShares, &'static str); 5] {
    [
        (three_coins(11, 400), "DAI/USDC/USDT stable_swap"),
        (metapool(12, 400), "FRAX/3Crv stable_swap_meta"),
        (crypto(CryptoGeneration::TricryptoNg, 13, 400), "USDC/WBTC/WETH crypto_swap"),
        (metapool_ng(Under::TwoCoins, 15, 400), "TUSD/baseLP stable_swap_meta_ng"),
        (metapool_ng(Under::Ng, 16, 400), "TUSD/baseLP stable_swap_meta_ng"),
    ]
}

#[test]
fn tapes_of_curve_pools_replay_to_the_pool_that_was_left() {
    let work = TempDir::new().unwrap();
    for (tape, name) in tapes() {
        write(work.path(), &tape);
        let json = tidemill(work.path(), &["replay", "tape.parquet", "--json"]).json();
        assert_eq!((&json["events"], &json["mismatches"]), (&400.into(), &0.into()), "{name}");
        assert!(json["swaps"].as_u64().unwrap() > 100, "{name}: {json}");
        let left = tape.pool.shares().unwrap();
        let balances = left.balances();
        let texts = balances.as_slice().iter().map(Amount::to_string).map(Value::from);
        assert_eq!(json["balances"], Value::from(texts.collect::<Vec<_>>()), "{name}");
        assert_eq!(json["total_shares"], left.total_shares().to_string(), "{name}");
        let price = left.virtual_price(tape.events.last().unwrap().time).unwrap();
        assert_eq!(json["virtual_price"], price.to_string(), "{name}");
    }
}

#[test]
fn backtests_run_on_tapes_of_curve_pools() {
    let work = TempDir::new().unwrap();
    for (tape, name) in tapes() {
        write(work.path(), &tape);
        for footprint in ["price-taker", "re-executed"] {
            let config = format!(
                "tape = \"tape.parquet\"\nfootprint = \"{footprint}\"\ndeposit_quote = \
                 \"20000\"\nnative_price_quote = \"2000\"\n"
            );
            fs::write(work.path().join("run.toml"), config).unwrap();
            let json = tidemill(work.path(), &["backtest", "run.toml", "--json"]).json();
            assert_eq!(json["pool"], name);
            let strategies = json["strategies"].as_array().unwrap();
            let names: Vec<_> =
                strategies.iter().map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(names, ["hold", "full_range"]);
            let of =
                |field: &str| -> i128 { strategies[1][field].as_str().unwrap().parse().unwrap() };
            let parts = of("fees_quote") - of("il_quote") - of("swap_cost_quote") - of("gas_quote");
            assert_eq!(parts, of("net_quote"), "{name} {footprint}");
            assert!(of("fees_quote") > 0, "{name} {footprint}: {json}");
        }
    }
}

/// The logs of one exchange of underlying coins as both contracts write them: two rows, the second
/// with the base pool's shares where the coins went in.
#[test]
fn the_logs_of_a_metapool_and_its_base_pool_replay_as_they_are() {
    let work = TempDir::new().unwrap();
    let tape = metapool(14, 1);
    let state = PoolState {
        tokens: tape.header.tokens.clone(),
        base_tokens: tape.header.base_tokens.clone(),
        pool: tape.start.clone(),
    };
    let description = format!(
        "{{\"chain_id\": 1, \"pool\": \"{}\", \"state_after_block\": 100, \"state\": {}}}",
        tape.header.pool,
        state.to_json().unwrap()
    );
    let Pool::StableSwapMeta(mut pool) = tape.start else { panic!("a metapool") };
    let at = Timestamp(1_700_000_003);
    let amount_in = Amount::from_u64(5_000_000_000);
    let none = Amount::ZERO;
    let deposit = pool.base().clone().add_liquidity_logged(
        &TokenAmounts::new(&[none, amount_in, none]).unwrap(),
        none,
        at,
    );
    let minted = deposit.unwrap();
    let pair = TokenPair { input: TokenIndex(2), output: TokenIndex(0) };
    let exchange = MetaExchange { pair, amount_in, minimum_out: none };
    let amount_out = pool.exchange_underlying(exchange, at).unwrap();
    let fees: Vec<_> = minted.fees.as_slice().iter().map(Amount::to_string).collect();
    let rows = format!(
        "kind,time_utc,block,log_index,token_in,amount_in,token_out,amount_out,amounts_in,fees,\
         invariant\nbase_deposit,2023-11-14 22:13:23,101,5,,,,,0;{amount_in};0,{},{}\n\
         swap_underlying,2023-11-14 22:13:23,101,9,2,{},0,{amount_out},,,\n",
        fees.join(";"),
        minted.invariant,
        minted.shares,
    );
    let folder = work.path().join("meta");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("pool.json"), description).unwrap();
    fs::write(folder.join("events.csv"), &rows).unwrap();
    let json = tidemill(work.path(), &["replay", "meta", "--json"]).json();
    assert_eq!((&json["events"], &json["mismatches"]), (&1.into(), &0.into()), "{json}");
    let left: Vec<_> = pool.balances().as_slice().iter().map(Amount::to_string).collect();
    assert_eq!(json["balances"], Value::from(left));
    let wrong = rows.replace(&minted.invariant.to_string(), "1");
    fs::write(folder.join("events.csv"), wrong).unwrap();
    let said = tidemill(work.path(), &["replay", "meta"]);
    assert!(said.refusal(1).contains("the swap_underlying gives base.invariant "), "{said:?}");
}

/// The first row from the middle that is of this kind, with one number one too high.
fn corrupt(tape: &SyntheticShares, kind: &str) -> (SyntheticShares, String) {
    let mut tape = tape.clone();
    let rows = tape.events.iter_mut().skip(100);
    let row = rows.into_iter().find(|row| row.event.kind() == kind).unwrap();
    let place = format!("block {}, log index {}", row.block.0, row.log_index.0);
    let PoolEvent::Shares(event) = &mut row.event else { panic!("an event of shares") };
    let event = if let ShareEvent::Base(inner) = event { inner.as_mut() } else { event };
    let amount = match event {
        ShareEvent::Swap { amount_out, .. } | ShareEvent::SwapUnderlying { amount_out, .. } => {
            amount_out
        }
        ShareEvent::Deposit(change) => change.invariant.as_mut().unwrap(),
        ShareEvent::ClaimAdminFees(amounts) => &mut amounts.as_mut_slice()[1],
        ShareEvent::ClaimAdminShares(shares) => shares,
        _ => panic!("no kind that this changes: {kind}"),
    };
    *amount = amount.checked_add(Amount::from_u64(1)).unwrap();
    (tape, place)
}

#[test]
fn a_wrong_number_on_a_tape_of_a_curve_pool_is_named() {
    let work = TempDir::new().unwrap();
    let [(plain, _), (meta, _), (crypto, _), (two, _), (younger, _)] = tapes();
    for (tape, kind, field) in [
        (&plain, "swap", "amount_out"),
        (&plain, "deposit", "invariant"),
        (&meta, "base_swap", "amount_out"),
        (&meta, "base_deposit", "invariant"),
        (&meta, "swap_underlying", "amount_out"),
        (&meta, "claim_admin_fees", "amounts_out[1]"),
        (&crypto, "claim_admin_shares", "shares"),
        (&two, "base_deposit", "invariant"),
        (&younger, "base_deposit", "invariant"),
        (&younger, "swap_underlying", "amount_out"),
    ] {
        let (wrong, place) = corrupt(tape, kind);
        write(work.path(), &wrong);
        let ran = tidemill(work.path(), &["replay", "tape.parquet"]);
        let said = ran.refusal(1);
        let expected = format!("the {kind} gives {field} ");
        assert!(said.contains(&expected) && said.contains(&place), "{said}");
    }
}
