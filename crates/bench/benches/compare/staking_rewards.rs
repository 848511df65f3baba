//! W11: a year of StakingRewards for 10,000 stakers, every one credited every hour.

use std::hint::black_box;

use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_units::{Amount, Timestamp, U256};

use crate::harness::{Contestant, Row, Target};
use crate::inputs::Random;

const STAKERS: u32 = 10_000;
const HOURS: u64 = 365 * 24;
const HOUR: u64 = 3_600;
/// When the first reward is notified.
const START: u64 = 1_700_000_000;
const GIVER: Account = Account([9; 20]);

pub(crate) fn year_of_hours() -> Result<Row, String> {
    let programme = programme().map_err(|error| error.to_string())?;
    compare(&programme)?;
    let run = move |iterations| {
        for _ in 0..iterations {
            let mut programme = programme.clone();
            for hour in 1..=HOURS {
                let at = Timestamp(START + hour * HOUR);
                black_box(programme.checkpoint_all(black_box(at))).ok();
            }
            black_box(&programme);
        }
    };
    Ok(Row {
        title: "StakingRewards, a staker credited".to_owned(),
        // The year in a second.
        target: Target::PerSecond((HOURS * u64::from(STAKERS)) as f64),
        operations: HOURS * u64::from(STAKERS),
        contestants: vec![(Contestant::Tidemill, Box::new(run))],
        notes: vec!["a year of hours for 10,000 stakers is 87.6 million".to_owned()],
    })
}

/// Stakes of a millionth to a million whole tokens, and a reward that lasts the whole year.
fn programme() -> Result<StakingRewards, Box<dyn std::error::Error>> {
    let owner = Account([8; 20]);
    let state = StakingRewardsState {
        rewards_duration: U256::from(HOURS * HOUR),
        ..StakingRewardsState::synthetix(owner, GIVER)
    };
    let mut programme = StakingRewards::new(&state)?;
    let mut random = Random::seeded(11);
    for index in 0..STAKERS {
        let mut account = [0; 20];
        account[..4].copy_from_slice(&random.below(u32::MAX).to_be_bytes());
        account[16..].copy_from_slice(&(index + 1).to_be_bytes());
        let stake = random.of_bits(80) >> random.below(40);
        programme.stake(Account(account), Amount(stake.max(U256::ONE)), Timestamp(START))?;
    }
    let reward = Amount(U256::from(10_000_000) * U256::from(10_u64.pow(18)));
    programme.fund(reward)?;
    programme.notify_reward_amount(GIVER, reward, Timestamp(START))?;
    Ok(programme)
}

/// A day of checkpoints of all credits what as many of each staker alone do.
fn compare(programme: &StakingRewards) -> Result<(), String> {
    let mut all = programme.clone();
    let accounts: Vec<_> = all.state().stakers.iter().map(|staker| staker.account).collect();
    let mut earned = vec![U256::ZERO; accounts.len()];
    let mut each = programme.clone();
    for hour in 1..=24 {
        let at = Timestamp(START + hour * HOUR);
        all.checkpoint_all(at).map_err(|error| error.to_string())?;
        for (account, earned) in accounts.iter().zip(&mut earned) {
            let reward = each.get_reward(*account, at).map_err(|error| error.to_string())?;
            *earned += reward.0;
        }
    }
    let credited = all.state().stakers;
    let agree = credited.iter().zip(&earned).all(|(staker, earned)| staker.rewards.0 == *earned);
    if agree { Ok(()) } else { Err("all at once and each alone differ".to_owned()) }
}
