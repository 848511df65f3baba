//! StakingRewards: from one snapshot, its logs lead to the other, and to what everybody earned.

use tidemill_feed_evm::RawLog;
use tidemill_feed_evm::snapshot::{
    BlockChoice, StakingProgramme, read_at_block, staking_rewards_state,
};
use tidemill_market::{FoldedProgramme, Moment, NoPools, ProgrammeFold};
use tidemill_model::{Address, ProgrammeLog, StakingRewardsLog};
use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsBuild, StakingRewardsState};
use tidemill_testkit::Call;
use tidemill_testkit::anvil::AnvilDriver;
use tidemill_units::{Amount, U256};

use super::node_reader::NodeReader;
use super::{of_evm, start, wait};

const SEED: u64 = 0x5eed_0005;

/// The four events of the contract (`IStakingRewards` of liquidity-staker 1.0.2).
fn read(log: &RawLog) -> Option<ProgrammeLog> {
    let is = |signature: &str| log.topics[0].0 == revm::primitives::keccak256(signature).0;
    let word = || Amount(U256::from_be_slice(&log.data));
    let user = || Address(<[u8; 20]>::try_from(&log.topics[1].0[12..]).unwrap());
    let log = if is("Staked(address,uint256)") {
        StakingRewardsLog::Staked { user: user(), amount: word() }
    } else if is("Withdrawn(address,uint256)") {
        StakingRewardsLog::Withdrawn { user: user(), amount: word() }
    } else if is("RewardPaid(address,uint256)") {
        StakingRewardsLog::RewardPaid { user: user(), reward: word() }
    } else if is("RewardAdded(uint256)") {
        StakingRewardsLog::RewardAdded { reward: word() }
    } else {
        return None;
    };
    Some(ProgrammeLog::StakingRewards(log))
}

#[test]
fn logs_replayed_are_what_everybody_earned() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED);
    driver.act(60).unwrap();
    let reader = NodeReader::new(&driver.world.chain.node);
    let programme = StakingProgramme {
        address: of_evm(driver.world.rewards.address),
        build: StakingRewardsBuild::Uniswap,
        stakers: driver.world.users.iter().map(|user| of_evm(*user)).collect(),
    };
    let snapshot = || {
        let read = read_at_block(&reader, BlockChoice::Latest, 1, async |at| {
            staking_rewards_state(at, &programme).await
        });
        wait(read).unwrap()
    };
    let (first_block, first) = snapshot();
    driver.act(900).unwrap();
    let (last_block, last) = snapshot();
    let mut fold = ProgrammeFold::new(StakingRewards::new(&first).unwrap());
    let (mut folded, mut paid) = (0, 0);
    for log in reader.logs(&[driver.world.rewards.address]) {
        if log.place.block <= first_block.number {
            continue;
        }
        let now = Moment { at: log.time.unwrap(), block: log.place.block };
        let log = read(&log).unwrap();
        paid += usize::from(matches!(
            log,
            ProgrammeLog::StakingRewards(StakingRewardsLog::RewardPaid { .. })
        ));
        fold.apply(&log, now, &NoPools).unwrap();
        folded += 1;
    }
    println!("seed {SEED:#x}: {folded} logs, {paid} of them payments");
    assert!(folded > 20 && paid > 1);
    let FoldedProgramme::StakingRewards(model) = fold.programme() else { panic!() };
    let known = |state: &StakingRewardsState| {
        let mut state = state.clone();
        // Who never staked is no staker of the model's.
        state.stakers.retain(|staker| !staker.reward_per_token_paid.is_zero());
        state
    };
    assert_eq!(known(&model.state()), known(&last));
    for user in driver.world.users.clone() {
        let earned = Call::new("earned(address)", 1).address(user);
        let earned = driver.world.chain.ask(driver.world.rewards.address, earned).unwrap();
        let account = Account(of_evm(user).0);
        assert_eq!(model.earned(account, last_block.time).unwrap(), Amount(earned));
    }
}

#[test]
fn a_staker_left_out_is_noticed() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED);
    driver.act(100).unwrap();
    let reader = NodeReader::new(&driver.world.chain.node);
    let address = of_evm(driver.world.rewards.address);
    let build = StakingRewardsBuild::Uniswap;
    let programme = StakingProgramme { address, build, stakers: Vec::new() };
    let read = read_at_block(&reader, BlockChoice::Latest, 1, async |at| {
        staking_rewards_state(at, &programme).await
    });
    let error = wait(read).unwrap_err().to_string();
    assert!(error.contains("sum of stakes"), "{error}");
}
