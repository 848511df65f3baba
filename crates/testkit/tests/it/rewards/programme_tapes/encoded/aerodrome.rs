use num_bigint::BigInt;
use tidemill_feed_evm::{
    AerodromeContracts, AerodromeGaugeContracts, ManagedLockContracts, ProgrammeContracts,
};
use tidemill_model::{Address, AerodromeLog, ProgrammeLog};
use tidemill_units::U256;

use super::{Argument, Encoded, contract, number};
use crate::rewards::aerodrome::naive::Event;
use crate::rewards::aerodrome::{account, token};

const TOKEN: Address = Address([0xf0; 20]);
const ESCROW: Address = Address([0xf1; 20]);
const VOTER: Address = Address([0xf2; 20]);
const MINTER: Address = Address([0xf3; 20]);
const DISTRIBUTOR: Address = Address([0xf4; 20]);
const TEAM: Address = Address([0xf5; 20]);
const CALLER: Address = Address([0xf6; 20]);

const POOL: u8 = 1;
const GAUGE: u8 = 2;
/// The rewards of fees, bribes, and managed locks, by the first number of their events.
const REWARDS: [u8; 4] = [3, 4, 5, 6];

/// What the feed reads in the logs that a transaction's contracts would have written.
pub(in super::super) fn read(
    contracts: &ProgrammeContracts,
    events: &[Event],
) -> Vec<AerodromeLog> {
    let told = written(events).told(contracts).into_iter();
    told.map(|log| {
        let ProgrammeLog::Aerodrome(log) = log else { panic!("{log:?}") };
        log
    })
    .collect()
}

/// The system's contracts; each gauge's tokens are those that it was created with.
pub(in super::super) fn contracts<'a>(
    events: impl Iterator<Item = &'a Event>,
) -> ProgrammeContracts {
    let created = events.filter(|event| event.name == "GaugeCreated");
    let gauges = created.enumerate().map(|(place, Event { of, .. })| {
        assert_eq!(word(&of[0]), number(place as u64));
        let place = place as u64;
        AerodromeGaugeContracts {
            pool: contract(POOL, place),
            gauge: contract(GAUGE, place),
            fees_reward: contract(REWARDS[0], place),
            bribe_reward: contract(REWARDS[1], place),
            tokens: (small(&of[1]) == 1).then(|| [coin(&of[2]), coin(&of[3])]),
            is_elsewhere: false,
        }
    });
    let managed = (1..2_000).map(|m_token_id| ManagedLockContracts {
        m_token_id,
        locked_reward: contract(REWARDS[2], m_token_id),
        free_reward: contract(REWARDS[3], m_token_id),
    });
    ProgrammeContracts::Aerodrome(AerodromeContracts {
        token: TOKEN,
        escrow: ESCROW,
        voter: VOTER,
        minter: MINTER,
        distributor: DISTRIBUTOR,
        gauges: gauges.collect(),
        managed: managed.collect(),
    })
}

fn word(value: &BigInt) -> U256 {
    U256::from_le_slice(&value.to_bytes_le().1)
}

fn small(value: &BigInt) -> u64 {
    word(value).to()
}

fn coin(value: &BigInt) -> Address {
    Address(token(small(value)).0)
}

fn who(value: &BigInt) -> Address {
    let number = small(value);
    if number == 0 { Address::default() } else { Address(account(number).0) }
}

fn written(events: &[Event]) -> Encoded {
    let mut to = Encoded::default();
    let mut updated = Vec::new();
    let mut claimed = Vec::new();
    for Event { name, of } in events {
        match *name {
            "call updateFor" => updated.push(super::of(contract(GAUGE, small(&of[0])))),
            "Reward.ClaimRewards" => {
                claimed.push((small(&of[0]), small(&of[1]), small(&of[2])));
                reward(name, of, &mut to);
            }
            name if name.starts_with("call ") => call(name, of, &mut to),
            name if name.starts_with("Reward.") => reward(name, of, &mut to),
            name if escrow(name, of, &mut to) || voter(name, of, &mut to) => {}
            name => others(name, of, &mut to),
        }
    }
    if !updated.is_empty() {
        let is_distributed = events.iter().any(|event| event.name == "DistributeReward");
        let signature =
            if is_distributed { "distribute(address[])" } else { "updateFor(address[])" };
        to.call(CALLER, VOTER, signature, &[Argument::List(updated)]);
    }
    if let Some((kind, place, token_id)) = claimed.first().copied().filter(|_| to.call.is_none()) {
        claim((kind, place, token_id), &mut to);
    }
    to
}

fn claim((kind, place, token_id): (u64, u64, u64), to: &mut Encoded) {
    let list = || Argument::List(vec![number(1)]);
    let lists = || Argument::Lists(vec![vec![number(1)]]);
    let id = Argument::Word(number(token_id));
    match kind {
        0 => {
            let signature = "claimFees(address[],address[][],uint256)";
            to.call(CALLER, VOTER, signature, &[list(), lists(), id]);
        }
        1 => {
            let signature = "claimBribes(address[],address[][],uint256)";
            to.call(CALLER, VOTER, signature, &[list(), lists(), id]);
        }
        3 => {
            let signature = "getReward(uint256,address[])";
            to.call(CALLER, contract(REWARDS[3], place), signature, &[id, list()]);
        }
        _ => {}
    }
}

fn call(name: &str, of: &[BigInt], to: &mut Encoded) {
    let at = |index: usize| Argument::Word(word(&of[index]));
    let one = |account: &BigInt| Argument::Word(super::of(who(account)));
    match name {
        "call vote" => {
            let pairs = || of[1..].chunks(2);
            let pools = pairs().map(|pair| super::of(contract(POOL, small(&pair[0])))).collect();
            let weights = pairs().map(|pair| word(&pair[1])).collect();
            let arguments = [at(0), Argument::List(pools), Argument::List(weights)];
            to.call(CALLER, VOTER, "vote(uint256,address[],uint256[])", &arguments);
        }
        "call poke" => to.call(CALLER, VOTER, "poke(uint256)", &[at(0)]),
        "call reset" => to.call(CALLER, VOTER, "reset(uint256)", &[at(0)]),
        "call setMaxVotingNum" => to.call(CALLER, VOTER, "setMaxVotingNum(uint256)", &[at(0)]),
        "call setTeamRate" => to.call(CALLER, MINTER, "setTeamRate(uint256)", &[at(0)]),
        "call checkpoint" => to.call(CALLER, ESCROW, "checkpoint()", &[]),
        "call toggleSplit" => {
            to.call(CALLER, ESCROW, "toggleSplit(address,bool)", &[one(&of[0]), at(1)]);
        }
        "call setManagedState" => {
            to.call(CALLER, ESCROW, "setManagedState(uint256,bool)", &[at(0), at(1)]);
        }
        "call claim" => to.call(CALLER, DISTRIBUTOR, "claim(uint256)", &[at(0)]),
        "call getReward" => {
            let gauge = contract(GAUGE, small(&of[0]));
            to.call(CALLER, gauge, "getReward(address)", &[one(&of[1])]);
        }
        // The gauge's, of a side whose token the reward's log names.
        "call notifyRewardAmount" => {}
        name => panic!("an unknown {name}"),
    }
}

fn reward(name: &str, of: &[BigInt], to: &mut Encoded) {
    let address = contract(REWARDS[small(&of[0]) as usize], small(&of[1]));
    if name == "Reward.ClaimRewards" {
        let indexed = [super::of(who(&of[3])), super::of(coin(&of[4]))];
        to.log(address, "ClaimRewards(address,address,uint256)", &indexed, &[word(&of[5])]);
    } else {
        let from = super::of(contract(GAUGE, small(&of[1])));
        let indexed = [from, super::of(coin(&of[2])), word(&of[3])];
        let signature = "NotifyReward(address,address,uint256,uint256)";
        to.log(address, signature, &indexed, &[word(&of[4])]);
    }
}

fn escrow(name: &str, of: &[BigInt], to: &mut Encoded) -> bool {
    let w = |index: usize| word(&of[index]);
    let (time, caller) = (number(1_700_000_000), super::of(CALLER));
    let ends = |index: usize| super::of(who(&of[index]));
    match name {
        "Transfer" => {
            let indexed = [ends(0), ends(1), w(2)];
            to.log(ESCROW, "Transfer(address,address,uint256)", &indexed, &[]);
        }
        "Deposit" => {
            let signature = "Deposit(address,uint256,uint8,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0), w(1)], &[w(2), w(3), time]);
        }
        "Withdraw" => {
            let signature = "Withdraw(address,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0)], &[w(1), time]);
        }
        "Supply" => to.log(ESCROW, "Supply(uint256,uint256)", &[], &[number(0), w(0)]),
        "Merge" => {
            let signature =
                "Merge(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0), w(1)], &[w(2), w(3), w(4), w(5), time]);
        }
        "Split" => {
            let signature =
                "Split(uint256,uint256,uint256,address,uint256,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[w(0), w(1), w(2)], &[caller, w(3), w(4), w(5), time]);
        }
        "LockPermanent" => {
            let signature = "LockPermanent(address,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0)], &[w(1), time]);
        }
        "UnlockPermanent" => {
            let signature = "UnlockPermanent(address,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0)], &[w(1), time]);
        }
        "CreateManaged" => {
            let rewards = [2, 3].map(|kind| super::of(contract(REWARDS[kind], small(&of[1]))));
            let signature = "CreateManaged(address,uint256,address,address,address)";
            to.log(ESCROW, signature, &[ends(0), w(1), caller], &rewards);
        }
        "DepositManaged" => {
            let signature = "DepositManaged(address,uint256,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0), w(1)], &[w(2), time]);
            to.log(ESCROW, "MetadataUpdate(uint256)", &[], &[w(0)]);
        }
        "WithdrawManaged" => {
            let signature = "WithdrawManaged(address,uint256,uint256,uint256,uint256)";
            to.log(ESCROW, signature, &[caller, w(0), w(1)], &[w(2), time]);
        }
        _ => return false,
    }
    true
}

fn voter(name: &str, of: &[BigInt], to: &mut Encoded) -> bool {
    let w = |index: usize| word(&of[index]);
    let (time, caller) = (number(1_700_000_000), super::of(CALLER));
    let gauge = || super::of(contract(GAUGE, small(&of[0])));
    match name {
        "Voted" | "Abstained" => {
            let signature = format!("{name}(address,address,uint256,uint256,uint256,uint256)");
            let pool = super::of(contract(POOL, small(&of[0])));
            to.log(VOTER, &signature, &[caller, pool, w(1)], &[w(2), w(3), time]);
        }
        "GaugeCreated" => {
            let parts = [POOL, REWARDS[1], REWARDS[0], GAUGE];
            let parts = parts.map(|kind| super::of(contract(kind, small(&of[0]))));
            let others = [parts[0], parts[1], parts[2], parts[3], caller];
            let signature =
                "GaugeCreated(address,address,address,address,address,address,address,address)";
            to.log(VOTER, signature, &[caller; 3], &others);
        }
        "GaugeKilled" => to.log(VOTER, "GaugeKilled(address)", &[gauge()], &[]),
        "GaugeRevived" => to.log(VOTER, "GaugeRevived(address)", &[gauge()], &[]),
        "DistributeReward" => {
            let signature = "DistributeReward(address,address,uint256)";
            to.log(VOTER, signature, &[caller, gauge()], &[w(1)]);
        }
        "WhitelistToken" => {
            let indexed = [caller, super::of(coin(&of[0])), w(1)];
            to.log(VOTER, "WhitelistToken(address,address,bool)", &indexed, &[]);
        }
        "WhitelistNFT" => {
            to.log(VOTER, "WhitelistNFT(address,uint256,bool)", &[caller, w(0), w(1)], &[]);
        }
        _ => return false,
    }
    true
}

fn others(name: &str, of: &[BigInt], to: &mut Encoded) {
    let w = |index: usize| word(&of[index]);
    let caller = super::of(CALLER);
    let gauge = || contract(GAUGE, small(&of[0]));
    let ends = |index: usize| super::of(who(&of[index]));
    match name {
        "team Transfer" => {
            to.transfer(TOKEN, MINTER, TEAM, tidemill_units::Amount(w(0)));
            to.transfer(TOKEN, MINTER, DISTRIBUTOR, tidemill_units::Amount(number(5)));
        }
        "CheckpointToken" => {
            to.log(DISTRIBUTOR, "CheckpointToken(uint256,uint256)", &[], &[number(1), w(0)]);
        }
        "Mint" => {
            let signature = "Mint(address,uint256,uint256,bool)";
            to.log(MINTER, signature, &[caller, w(2)], &[w(0), w(1)]);
        }
        "Nudge" => to.log(MINTER, "Nudge(uint256,uint256,uint256)", &[w(0)], &[w(1), w(2)]),
        "Claimed" => {
            let signature = "Claimed(uint256,uint256,uint256,uint256)";
            to.log(DISTRIBUTOR, signature, &[w(0), w(1), w(2)], &[w(3)]);
        }
        "ClaimFees" => {
            let signature = "ClaimFees(address,uint256,uint256)";
            to.log(gauge(), signature, &[caller], &[w(1), w(2)]);
        }
        "Gauge.Deposit" => {
            let signature = "Deposit(address,address,uint256)";
            to.log(gauge(), signature, &[caller, ends(1)], &[w(2)]);
        }
        "Gauge.Withdraw" => {
            to.log(gauge(), "Withdraw(address,uint256)", &[ends(1)], &[w(2)]);
        }
        "Gauge.ClaimRewards" => {
            to.log(gauge(), "ClaimRewards(address,uint256)", &[ends(1)], &[w(2)]);
        }
        "Gauge.NotifyReward" => {
            to.log(gauge(), "NotifyReward(address,uint256)", &[caller], &[w(1)]);
        }
        name => panic!("an unknown {name}"),
    }
}
