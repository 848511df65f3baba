//! A recorded stretch of Ethereum, 4 and 5 January 2024. It has the gas used of each block and the
//! least price that a transaction of it paid: the base fee, where one paid no tip. It has neither
//! base fees nor gas limits; blocks were built to a limit of 30,000,000 then.

use std::path::Path;

use crate::chain_fees::{BaseFeeRule, BlockGas};
use crate::{Gas, GasPrice};

const LIMIT: Gas = Gas(30_000_000);

struct Block {
    number: u64,
    used: Gas,
    least_price: GasPrice,
}

/// The blocks, in their order; `None`, said aloud, where the recorded data is not there.
fn blocks() -> Option<Vec<Block>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TIDEMILL_DATA").map_or_else(beside, Into::into);
    let path = folder.join("gas-mainnet-2024-01/block_tx_gas_stats.csv");
    if !path.exists() {
        println!("skipped: no recorded data at {}", path.display());
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let mut rows = text.lines().map(|row| row.split(',').collect::<Vec<&str>>());
    let header = rows.next().unwrap();
    let place = |name| header.iter().position(|column| *column == name).unwrap();
    let [number, used, price] = ["block_number", "gas_used", "gas_price_min_wei"].map(place);
    let block = |row: Vec<&str>| Block {
        number: row[number].parse().unwrap(),
        used: Gas(row[used].parse().unwrap()),
        least_price: GasPrice(row[price].parse().unwrap()),
    };
    Some(rows.map(block).collect())
}

fn next(base_fee: GasPrice, block: &Block) -> GasPrice {
    let block = BlockGas { limit: LIMIT, used: block.used };
    BaseFeeRule::ETHEREUM.next(base_fee, block).unwrap()
}

/// From a block to the next one, to the wei, in all but the pairs of which a block has no
/// transaction without a tip, or another limit.
#[test]
fn base_fees_of_recorded_blocks_follow_from_their_parents() {
    let Some(blocks) = blocks() else { return };
    let pairs = blocks.windows(2).filter(|pair| pair[0].number + 1 == pair[1].number);
    let (mut seen, mut exact) = (0, 0);
    for pair in pairs {
        seen += 1;
        exact += u32::from(next(pair[0].least_price, &pair[0]) == pair[1].least_price);
    }
    assert_eq!((seen, exact), (1_033, 831));
}

/// Followed from the first pair of a stretch on that agrees, no block has a transaction that pays
/// less than the base fee comes to, which none may.
#[test]
fn no_recorded_block_has_a_price_below_its_base_fee() {
    let Some(blocks) = blocks() else { return };
    let (mut followed, mut equal) = (0, 0);
    let mut base_fee = None;
    for (place, block) in blocks.iter().enumerate() {
        let after = blocks.get(place + 1).filter(|after| after.number == block.number + 1);
        if base_fee.is_none()
            && after.is_some_and(|it| it.least_price == next(block.least_price, block))
        {
            base_fee = Some(block.least_price);
        }
        if let Some(fee) = base_fee {
            followed += 1;
            equal += u32::from(fee == block.least_price);
            assert!(fee <= block.least_price, "block {}", block.number);
        }
        base_fee = after.and(base_fee.map(|fee| next(fee, block)));
    }
    assert_eq!((followed, equal), (1_038, 560));
}
