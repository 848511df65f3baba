//! Claims against Merkle roots: those of a tree are proven, every other one is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{example_programme, refused, tidemill};

const ROOT: &str = "0x8ed00b9a690fa13fd7454345df2ecc4e9b5d12fad0a9eee83fef533ffec7d848";
const ALICE: &str = "0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const BOB: &str = "0xb0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";
const TOKEN: &str = "0xaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae";
const ALICES_PROOF: &str = "0x28043c823bdb60c128d1e00b7752a468858d085f0302cc3c857d9075ddb27cf5";
const BOBS_PROOF: &str = "0x0180eda9654c5e8bb3b2928dc3cb86d95a5e93fc1b48c696dac12050243f4578,\
    0x37f1eb3b99dd230fee218e4e573b509902b8d8d662906a2dd4bc676ffc7922a7";
const NINE_HUNDRED: &str = "900000000000000000000";

fn cumulative<'a>(
    root: &'a str,
    account: &'a str,
    amount: &'a str,
    proof: &'a str,
) -> Vec<&'a str> {
    let of = ["--account", account, "--token", TOKEN, "--amount", amount, "--proof", proof];
    [&["claim", root], of.as_slice()].concat()
}

#[test]
fn a_claim_of_merkls_is_proven() {
    let here = Path::new(".");
    let run = cumulative(ROOT, ALICE, NINE_HUNDRED, ALICES_PROOF);
    let proven = tidemill(here, &[run.as_slice(), &["--json"]].concat()).json();
    assert_eq!(proven["kind"], "cumulative_claim");
    assert_eq!(proven["root"], ROOT);
    assert_eq!(proven["pays"], Value::Null, "a root does not know what was claimed");
    let printed = tidemill(here, &run).good();
    assert!(printed.contains(ROOT) && !printed.contains("pays"), "{printed}");
    let bobs = BOBS_PROOF.replace(',', " , ");
    tidemill(here, &cumulative(ROOT, BOB, "300000000000000000000", &bobs)).good();
}

/// All that the example's tree says of Alice was claimed; of Bob nothing was.
#[test]
fn a_state_says_what_is_left_to_be_paid() {
    let state = example_programme("cumulative_claim").display().to_string();
    let pays = |account, amount, proof, at| {
        let run = cumulative(&state, account, amount, proof);
        let run = [run.as_slice(), &["--json", "--at", at]].concat();
        tidemill(Path::new("."), &run).json()["pays"].clone()
    };
    assert_eq!(pays(ALICE, NINE_HUNDRED, ALICES_PROOF, "1700200000"), "0");
    let bobs = "300000000000000000000";
    assert_eq!(pays(BOB, bobs, BOBS_PROOF, "1700200000"), bobs);
    let early = cumulative(&state, BOB, bobs, BOBS_PROOF);
    let early = [early.as_slice(), &["--at", "1700099999"]].concat();
    // The tree is not in force before its dispute period is over, and none was before it.
    let said = refused(Path::new("."), &early);
    assert!(said.ends_with("cumulative_claim.json: no tree is in force"), "{said}");
    let less = cumulative(&state, ALICE, "899999999999999999999", ALICES_PROOF);
    let said = refused(Path::new("."), &less);
    assert!(said.starts_with("--proof: "), "another leaf: {said}");
}

const DROP_PROOF: &str = "0x8085225fa8ecd92ac91d6543d45b61c19028c1e642b21e375becf2b64adea726,\
    0xb0e3f423fca36d6d38c3cb6cefab02cd2a6e1597158a0814b6f7d5c6f1428386";

fn drop<'a>(root: &'a str, index: &'a str, account: &'a str, proof: &'a str) -> Vec<&'a str> {
    let amount = if index == "1" { "250000000000000000000" } else { "400000000000000000000" };
    let of = ["--account", account, "--index", index, "--amount", amount, "--proof", proof];
    [&["claim", root], of.as_slice()].concat()
}

#[test]
fn a_drop_is_paid_once() {
    let state = example_programme("merkle_claim").display().to_string();
    let here = Path::new(".");
    let run = drop(&state, "0", ALICE, DROP_PROOF);
    let proven = tidemill(here, &[run.as_slice(), &["--json"]].concat()).json();
    assert_eq!(
        (&proven["kind"], &proven["pays"]),
        (&"merkle_claim".into(), &"400000000000000000000".into())
    );
    let root = proven["root"].as_str().unwrap();
    tidemill(here, &drop(root, "0", ALICE, DROP_PROOF)).good();
    let bobs = "0x8f6151dbb6f19d3c3ba32bc1dfe73f3c2d25f2186aa1e2ff2b28f0276a5e1a55";
    tidemill(here, &drop(root, "1", BOB, bobs)).good();
    let again = refused(here, &drop(&state, "1", BOB, bobs));
    assert_eq!(again, "--index: the drop of this index was claimed before");
    let place = tempfile::tempdir().unwrap();
    let poor = fs::read_to_string(&state).unwrap().replace("500000000000000000000", "1");
    fs::write(place.path().join("poor.json"), poor).unwrap();
    let poor = refused(place.path(), &drop("poor.json", "0", ALICE, DROP_PROOF));
    assert_eq!(poor, "poor.json: the distributor holds less than the drop");
}

#[test]
fn a_tree_of_one_leaf_needs_no_proof() {
    let run = |root| {
        let of = ["--account", ALICE, "--token", TOKEN, "--amount", "5"];
        [&["claim", root], of.as_slice()].concat()
    };
    let said = refused(Path::new("."), &run(ROOT));
    let leaf = said.split("from the leaf ").nth(1).unwrap().split(' ').next().unwrap();
    tidemill(Path::new("."), &run(leaf)).good();
}

#[test]
fn a_bad_proof_is_refused_with_what_it_leads_to() {
    let here = Path::new(".");
    let said = refused(here, &cumulative(ROOT, ALICE, "900000000000000000001", ALICES_PROOF));
    let start = "--proof: the proof does not lead to the root in force: from the leaf 0x";
    assert!(said.starts_with(start) && said.ends_with(&format!("not {ROOT}")), "{said}");
    let others = [
        cumulative(ROOT, BOB, NINE_HUNDRED, ALICES_PROOF),
        cumulative(ROOT, ALICE, NINE_HUNDRED, BOBS_PROOF),
        cumulative(ROOT, ALICE, NINE_HUNDRED, ""),
        drop(ROOT, "0", ALICE, ALICES_PROOF),
    ];
    for run in others {
        let said = refused(here, &run);
        assert!(said.starts_with("--proof: the proof does not lead to the root"), "{said}");
    }
}

/// A root may promise more than the contract can note.
#[test]
fn an_amount_too_wide_is_refused() {
    let wide = "411376139330301510538742295639337626245683966408394965837152256";
    let of = ["--account", ALICE, "--token", TOKEN, "--amount", wide];
    let run = |root| [&["claim", root], of.as_slice()].concat();
    let said = refused(Path::new("."), &run(ROOT));
    let leaf = said.split("from the leaf ").nth(1).unwrap().split(' ').next().unwrap();
    let said = refused(Path::new("."), &run(leaf));
    assert_eq!(said, "--amount: the cumulative amount passes 2^208 - 1");
}

#[test]
fn mistakes_are_named() {
    let place = tempfile::tempdir().unwrap();
    fs::copy(example_programme("vault"), place.path().join("vault.json")).unwrap();
    fs::copy(example_programme("merkle_claim"), place.path().join("drop.json")).unwrap();
    fs::copy(example_programme("cumulative_claim"), place.path().join("tree.json")).unwrap();
    let said = |root, account, amount, proof| {
        refused(place.path(), &cumulative(root, account, amount, proof))
    };
    let digits = "expected 0x and 64 hexadecimal digits";
    assert_eq!(said("0x12", ALICE, "1", ""), format!("ROOT: `0x12` is not allowed; {digits}"));
    assert_eq!(said(ROOT, ALICE, "1", "0x"), format!("--proof: `0x` is not allowed; {digits}"));
    assert_eq!(said(ROOT, ALICE, "1", "0x,"), format!("--proof: `0x` is not allowed; {digits}"));
    assert!(said(ROOT, "0x1", "1", "").starts_with("--account: `0x1` is not an address"));
    assert!(said(ROOT, ALICE, "1.5", "").starts_with("--amount: "));
    assert!(said(ROOT, ALICE, "-1", "").starts_with("--amount: "));
    let zeros = format!("0x{}", "0".repeat(64));
    assert_eq!(said(&zeros, ALICE, "1", ""), format!("{zeros}: no tree is in force"));
    let said = said("vault.json", ALICE, "1", "");
    let expected = "expected a merkle_claim or a cumulative_claim";
    assert_eq!(said, format!("vault.json: a vault has no Merkle root; {expected}"));
    let other = refused(place.path(), &cumulative("drop.json", ALICE, "1", ""));
    assert_eq!(other, "--token: is not of a merkle_claim, which drop.json is");
    let other = refused(place.path(), &drop("tree.json", "0", ALICE, ""));
    assert_eq!(other, "--index: is not of a cumulative_claim, which tree.json is");
    let absent = refused(place.path(), &drop("none.json", "0", ALICE, ""));
    assert!(absent.starts_with("none.json: cannot be read"), "{absent}");
    let late = [drop(ROOT, "0", ALICE, "").as_slice(), &["--token", TOKEN]].concat();
    assert_eq!(tidemill(place.path(), &late).code, 2);
    let neither = ["claim", ROOT, "--account", ALICE, "--amount", "1"];
    assert_eq!(tidemill(place.path(), &neither).code, 2);
    let at = drop("drop.json", "0", ALICE, DROP_PROOF);
    let at = refused(place.path(), &[at.as_slice(), &["--at", "-1"]].concat());
    assert!(at.starts_with("--at: `-1` is not allowed"), "{at}");
    let at = cumulative("tree.json", ALICE, "1", "");
    let at = refused(place.path(), &[at.as_slice(), &["--at", "soon"]].concat());
    assert!(at.starts_with("--at: `soon` is not allowed"), "{at}");
}
