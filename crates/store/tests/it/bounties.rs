use std::collections::BTreeMap;
use std::io::BufReader;

use flate2::read::GzDecoder;
use tidemill_store::{BountyError, BountyFault, read_bounties, read_bounties_file, total_bounties};
use tidemill_units::{Amount, Timestamp};

use crate::recorded_data::recorded;

const HEADER: &str = "epoch_unix,protocol,gauge_name,gauge_address,reward_token,\
                      reward_token_address,reward_amount,reward_sd_value,share_pct_of_protocol";
const ROW: &str = "604800,curve,ETH+frxETH,0x2932a86df44Fe8D2A706d8e9c5d51c24883423F5,FXS,\
                   0x3432B6A60D23Ca0dFCa7761B7ab56459D9C964D0,89.950471,582.900536,0.33";

/// The sums are those of Python's decimal numbers over the same file.
#[test]
fn recorded_bounties_add_up_by_gauge_and_week() {
    let Some(file) = recorded("rewards-stakedao-bounties/gauge_rewards.csv.gz") else { return };
    let text = BufReader::new(GzDecoder::new(std::fs::File::open(&file).unwrap()));
    let bounties = read_bounties("gauge_rewards.csv.gz", text).unwrap();
    assert_eq!(read_bounties_file(&file).unwrap(), bounties);
    assert_eq!(bounties.len(), 5_750);
    let totals = total_bounties(&bounties).unwrap();
    assert_eq!(totals.len(), 4_811, "weeks of gauges");
    let weeks: std::collections::BTreeSet<_> = totals.keys().map(|week| week.epoch).collect();
    assert_eq!(weeks.len(), 70);
    let (mut values, mut amounts) = (BTreeMap::new(), BTreeMap::new());
    for (week, total) in &totals {
        let value: &mut Amount = values.entry(week.protocol.as_str()).or_default();
        *value = value.checked_add(total.sd_value).unwrap();
        for (token, amount) in &total.amounts {
            let sum: &mut Amount = amounts.entry(*token).or_default();
            *sum = sum.checked_add(*amount).unwrap();
        }
    }
    let values: Vec<_> = values.iter().map(|(name, sum)| (*name, sum.to_string())).collect();
    let expected = [
        ("balancer", "86782380868000000000000"),
        ("cake", "88920102600000000000000"),
        ("curve", "13880624948026999998100000"),
        ("cvx", "0"),
        ("frax", "16860921807000000000000"),
        ("fxn", "3974782035990000000000"),
        ("pendle", "136318591590000000000000"),
        ("spectra", "2803599214610000000000000"),
    ];
    assert_eq!(values, expected.map(|(name, sum)| (name, sum.to_owned())));
    assert_eq!(amounts.len(), 71, "tokens");
    let all = amounts.values().try_fold(Amount::ZERO, |sum, amount| sum.checked_add(*amount));
    assert_eq!(all.unwrap().to_string(), "1295554654945219300063117665461979262932738708");
    let largest = totals.iter().max_by_key(|(_, total)| total.sd_value).unwrap();
    assert_eq!(largest.0.epoch, Timestamp(1_750_896_000));
    assert_eq!(largest.0.gauge.unwrap()[..2], [0x15, 0x65]);
    assert_eq!(largest.1.sd_value.to_string(), "114757856015000000000000");
    assert_eq!(totals.values().map(|total| total.rows).max(), Some(5));
}

#[test]
fn a_bounty_keeps_all_its_digits() {
    let text = format!("{HEADER}\n{ROW}\r\n");
    let bounties = read_bounties("b.csv", text.as_bytes()).unwrap();
    assert_eq!(bounties[0].reward_amount.to_string(), "89950471000000000000");
    assert_eq!(bounties[0].epoch, Timestamp(604_800));
    assert_eq!(bounties[0].gauge.unwrap()[0], 0x29);
}

#[test]
fn bad_bounties_are_named_by_row_and_column() {
    let cases = [
        ("604800", "604801", "epoch_unix"),
        ("604800", "+604800", "epoch_unix"),
        ("curve", "", "protocol"),
        ("0x2932", "0x29", "gauge_address"),
        ("0x3432B6", "0x3432G6", "reward_token_address"),
        ("FXS", "", "reward_token"),
        ("89.950471", "-89.950471", "reward_amount"),
        ("89.950471", "1e3", "reward_amount"),
        ("582.900536", "0.1234567890123456789", "reward_sd_value"),
        ("0.33", "0.33%", "share_pct_of_protocol"),
        (",0.33", "", "reward_sd_value"),
        ("0.33", "0.33,", "share_pct_of_protocol"),
    ];
    for (from, to, expected) in cases {
        let text = format!("{HEADER}\n{ROW}\n{}\n", ROW.replacen(from, to, 1));
        match read_bounties("b.csv", text.as_bytes()) {
            Err(BountyError::Row { file, row, column, .. }) => {
                assert_eq!((file.as_str(), row, column), ("b.csv", 2, expected), "{to}");
            }
            other => panic!("{to}: {other:?}"),
        }
    }
    let short = format!("{HEADER}\nx\n");
    let Err(BountyError::Row { fault, .. }) = read_bounties("b.csv", short.as_bytes()) else {
        panic!("one field is no row");
    };
    assert_eq!(fault, BountyFault::FieldCount { found: 1 });
    let headless = read_bounties("b.csv", ROW.as_bytes());
    assert!(matches!(headless, Err(BountyError::Header { .. })));
    assert!(matches!(read_bounties("b.csv", &b""[..]), Err(BountyError::Header { .. })));
}
