//! Merkl's reward snapshots on mainnet, June 2023, and the roots that its distributor was given.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::{CumulativeReward, MerkleTree};
use tidemill_units::{Amount, U256};

use crate::recorded_data::{recorded, recorded_json};

/// What one campaign has paid so far, in the order of the file.
struct Campaign {
    token: Account,
    holders: Vec<(Account, U256)>,
}

#[test]
fn recorded_snapshots_give_the_roots_on_the_chain() {
    let folder = "rewards-merkl-mainnet-2023-06";
    let Some(file) = recorded(&format!("{folder}/snapshots.jsonl.gz")) else { return };
    let Some(roots) = recorded_json(&format!("{folder}/root_to_epoch.json")) else { return };
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let mut reproduced = 0;
    for line in text.lines() {
        let snapshot: Value = serde_json::from_str(line).unwrap();
        let epoch = snapshot["lastUpdateEpoch"].to_string();
        let campaigns = campaigns(line);
        check_reading(&campaigns, &snapshot);
        let root = tree(&campaigns).root().to_string();
        assert_eq!(roots[&root].as_str(), Some(epoch.as_str()), "{root}");
        reproduced += 1;
    }
    assert_eq!(reproduced, 20, "all snapshots");
}

/// A leaf for every user and token, by the order in which they come first.
fn tree(campaigns: &[Campaign]) -> MerkleTree {
    let (mut users, mut tokens) = (Vec::new(), Vec::new());
    for campaign in campaigns {
        if !tokens.contains(&campaign.token) {
            tokens.push(campaign.token);
        }
        for (user, _) in &campaign.holders {
            if !users.contains(user) {
                users.push(*user);
            }
        }
    }
    let earned = |user, token| {
        let campaigns = campaigns.iter().filter(|campaign| campaign.token == token);
        let holders = campaigns.flat_map(|campaign| &campaign.holders);
        holders.filter(|(holder, _)| *holder == user).map(|(_, amount)| *amount).sum()
    };
    let leaves = users.iter().flat_map(|user| tokens.iter().map(|token| (*user, *token)));
    let leaves = leaves.map(|(user, token)| {
        CumulativeReward { user, token, amount: Amount(earned(user, token)) }.leaf()
    });
    MerkleTree::in_order(leaves.collect()).unwrap()
}

/// Reads campaigns and holders from the text itself, since the order counts and a parsed object
/// has lost it: each holder is `"0x…":{"amount":"…`, and the token comes after the holders.
fn campaigns(line: &str) -> Vec<Campaign> {
    let (mut campaigns, mut holders) = (Vec::new(), Vec::new());
    let mut user = None;
    for part in line.split("\":{\"amount\":\"") {
        if let Some(user) = user {
            let digits = part.split('"').next().unwrap();
            holders.push((user, digits.parse::<Amount>().unwrap().0));
        }
        for token in part.split("\"token\":\"").skip(1) {
            let holders = std::mem::take(&mut holders);
            campaigns.push(Campaign { token: account(&token[..42]), holders });
        }
        user = part.rsplit('"').next().filter(|text| text.len() == 42).map(account);
    }
    campaigns
}

/// Checks that the reading by hand missed nothing of the JSON.
fn check_reading(campaigns: &[Campaign], snapshot: &Value) {
    let rewards = snapshot["rewards"].as_object().unwrap();
    assert_eq!(campaigns.len(), rewards.len());
    let holders = |campaign: &Value| campaign["holders"].as_object().unwrap().len();
    let expected: usize = rewards.values().map(holders).sum();
    assert_eq!(campaigns.iter().map(|campaign| campaign.holders.len()).sum::<usize>(), expected);
}

fn account(text: &str) -> Account {
    let digits = text.strip_prefix("0x").unwrap();
    let mut bytes = [0; 20];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap();
    }
    Account(bytes)
}
