use tidemill_amm::solidly::{SolidlyBuild, SolidlyHolder, SolidlyState};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, U256};

use super::{SolidlyContract, SolidlyFee, solidly_state};
use crate::snapshot::abi::address_word;
use crate::snapshot::scripted::{Scripted, contract, word};
use crate::snapshot::{AnswerFault, SnapshotError};

const ONE: u64 = 1_000_000_000_000_000_000;

fn amount(number: u64) -> Amount {
    Amount(word(number))
}

fn holder(shares: u64, index: u64, claimable: u64) -> SolidlyHolder {
    SolidlyHolder {
        shares: amount(shares),
        supply_index0: word(index),
        supply_index1: word(index / 2),
        claimable0: amount(claimable),
        claimable1: amount(claimable + 1),
    }
}

fn tell_holder(chain: &mut Scripted, pool: Address, account: Address, holder: &SolidlyHolder) {
    let of = [address_word(account)];
    chain.tell_of(pool, "balanceOf(address)", &of, &[holder.shares.0]);
    chain.tell_of(pool, "supplyIndex0(address)", &of, &[holder.supply_index0]);
    chain.tell_of(pool, "supplyIndex1(address)", &of, &[holder.supply_index1]);
    chain.tell_of(pool, "claimable0(address)", &of, &[holder.claimable0.0]);
    chain.tell_of(pool, "claimable1(address)", &of, &[holder.claimable1.0]);
}

/// A pool that answers as its build does (`Pool.sol` of aerodrome-finance/contracts, and
/// `BaseV1-core.sol`).
fn chain(fee: SolidlyFee) -> Scripted {
    let (pool, token0, token1, fees, factory) =
        (contract(1), contract(2), contract(3), contract(4), contract(5));
    let mut chain = Scripted::new(1_700_000_000);
    let units = [word(ONE), word(1_000_000)];
    let metadata = [
        units[0],
        units[1],
        word(700),
        word(800),
        word(1),
        address_word(token0),
        address_word(token1),
    ];
    chain.tell(pool, "metadata()", &metadata);
    chain.tell(pool, "getReserves()", &[word(700), word(800), word(1_699_999_999)]);
    chain.tell(pool, "reserve0CumulativeLast()", &[word(11)]);
    chain.tell(pool, "reserve1CumulativeLast()", &[word(12)]);
    chain.tell(pool, "index0()", &[word(4 * ONE)]);
    chain.tell(pool, "index1()", &[word(2 * ONE)]);
    chain.tell(pool, "totalSupply()", &[word(1_000 + 5 + 30 + 100)]);
    let own = [address_word(pool)];
    chain.tell_of(token0, "balanceOf(address)", &own, &[word(701)]);
    chain.tell_of(token1, "balanceOf(address)", &own, &[word(800)]);
    let locked = match fee {
        SolidlyFee::Solidly(_) => {
            chain.tell(pool, "fees()", &[address_word(fees)]);
            contract(0)
        }
        SolidlyFee::Velodrome2 => {
            chain.tell(pool, "poolFees()", &[address_word(fees)]);
            chain.tell(pool, "factory()", &[address_word(factory)]);
            let of = [address_word(pool), word(1)];
            chain.tell_of(factory, "getFee(address,bool)", &of, &[word(5)]);
            super::ONE
        }
    };
    let own = [address_word(fees)];
    chain.tell_of(token0, "balanceOf(address)", &own, &[word(9_000)]);
    chain.tell_of(token1, "balanceOf(address)", &own, &[word(8_000)]);
    tell_holder(&mut chain, pool, locked, &holder(1_000, 0, 0));
    tell_holder(&mut chain, pool, pool, &holder(5, 4 * ONE, 0));
    tell_holder(&mut chain, pool, contract(9), &holder(30, 2 * ONE, 7));
    tell_holder(&mut chain, pool, contract(8), &SolidlyHolder::default());
    chain
}

fn read(
    chain: &Scripted,
    fee: SolidlyFee,
    accounts: &[Address],
) -> Result<SolidlyState, SnapshotError> {
    let pool = SolidlyContract { address: contract(1), fee, accounts: accounts.to_vec() };
    chain.read(async |at| solidly_state(at, &pool).await)
}

#[test]
fn both_builds_are_read() {
    for fee in [SolidlyFee::Solidly(1), SolidlyFee::Velodrome2] {
        let chain = chain(fee);
        let state = read(&chain, fee, &[contract(9), contract(8), contract(9)]).unwrap();
        let (build, fee) = match fee {
            SolidlyFee::Solidly(fee) => (SolidlyBuild::Solidly, fee),
            SolidlyFee::Velodrome2 => (SolidlyBuild::Velodrome2, 5),
        };
        // What is left of the fees: the locked shares have 4 and 2 a share coming, the named
        // holder 2 and 1 beside what it has.
        let others = SolidlyHolder {
            shares: amount(100),
            supply_index0: word(4 * ONE),
            supply_index1: word(2 * ONE),
            claimable0: amount(9_000 - 4 * 1_000 - (2 * 30 + 7)),
            claimable1: amount(8_000 - (2 * 1_000 + 1) - (30 + 8) - 1),
        };
        let expected = SolidlyState {
            build,
            is_stable: true,
            fee,
            decimals0: 18,
            decimals1: 6,
            reserve0: amount(700),
            reserve1: amount(800),
            balance0: amount(701),
            balance1: amount(800),
            block_timestamp_last: Timestamp(1_699_999_999),
            reserve0_cumulative_last: word(11),
            reserve1_cumulative_last: word(12),
            index0: word(4 * ONE),
            index1: word(2 * ONE),
            fees0: amount(9_000),
            fees1: amount(8_000),
            locked: holder(1_000, 0, 0),
            unburned: holder(5, 4 * ONE, 0),
            others,
            accounts: [(contract(9).0, holder(30, 2 * ONE, 7))].into(),
        };
        assert_eq!(state, expected);
        assert_eq!(chain.unasked(), 0);
    }
}

#[test]
fn holders_who_have_more_than_there_is_are_refused() {
    let fee = SolidlyFee::Velodrome2;
    let mut few = chain(fee);
    few.tell(contract(1), "totalSupply()", &[word(1_034)]);
    let refused = |chain: &Scripted| match read(chain, fee, &[contract(9)]) {
        Err(SnapshotError::Answer { call, fault: AnswerFault::Value { what, .. }, .. }) => {
            (call, what)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&few), ("totalSupply()", "number of shares"));
    let mut poor = chain(fee);
    poor.tell_of(contract(2), "balanceOf(address)", &[address_word(contract(4))], &[word(4_000)]);
    assert_eq!(refused(&poor), ("totalSupply()", "number of shares"));
    let mut odd = chain(fee);
    let tokens = [address_word(contract(2)), address_word(contract(3))];
    let words = [word(3), word(1), word(7), word(7), word(1), tokens[0], tokens[1]];
    odd.tell(contract(1), "metadata()", &words);
    assert_eq!(refused(&odd).0, "metadata()");
}

#[test]
fn a_pair_of_another_fork_is_refused() {
    let mut other = chain(SolidlyFee::Velodrome2);
    other.forget(contract(1), "poolFees()", &[]);
    let error = read(&other, SolidlyFee::Velodrome2, &[]).unwrap_err();
    assert!(matches!(error, SnapshotError::Reverted { call: "poolFees()", .. }), "{error}");
    let mut high = chain(SolidlyFee::Velodrome2);
    let of = [address_word(contract(1)), U256::ONE];
    high.tell_of(contract(5), "getFee(address,bool)", &of, &[word(301)]);
    let error = read(&high, SolidlyFee::Velodrome2, &[]).unwrap_err();
    assert!(matches!(error, SnapshotError::State(_)), "{error}");
}
