//! Synthetix's build beside a model of plain big integers, written from the contract's source as
//! a specification: every account in one map, every operation on a copy that is kept if it ends.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsError, StakingRewardsState};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn synthetix_staking_rewards_equal_the_naive_model() {
    let worlds = Worlds {
        name: "StakingRewards of Synthetix",
        stream: 402,
        tests: 1,
        most_in_one: 500,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const OPERATIONS: [&str; 9] = [
    "stake",
    "withdraw",
    "getReward",
    "exit",
    "notifyRewardAmount",
    "setRewardsDuration",
    "setPaused",
    "recoverERC20",
    "setRewardsDistribution",
];
const REVERTS: [&str; 15] = [
    "stake: Cannot stake 0",
    "stake: This action cannot be performed while the contract is paused",
    "stake: SafeMath: multiplication overflow",
    "withdraw: Cannot withdraw 0",
    "withdraw: SafeMath: subtraction overflow",
    "withdraw: SafeERC20: low-level call failed",
    "getReward: SafeERC20: low-level call failed",
    "notifyRewardAmount: Provided reward too high",
    "notifyRewardAmount: SafeMath: addition overflow",
    "notifyRewardAmount: SafeMath: division by zero",
    "setRewardsDuration: Previous rewards period must be complete before changing the duration \
     for the new period",
    "setRewardsDuration: Only the contract owner may perform this action",
    "setPaused: Only the contract owner may perform this action",
    "recoverERC20: Cannot withdraw the staking token",
    "recoverERC20: SafeERC20: low-level call failed",
];

type Refusal = &'static str;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct NaiveStaker {
    balance: BigUint,
    paid: BigUint,
    rewards: BigUint,
}

#[derive(Clone, Debug)]
struct Naive {
    owner: u8,
    distribution: u8,
    one_token: bool,
    paused: bool,
    duration: BigUint,
    finish: BigUint,
    rate: BigUint,
    updated: BigUint,
    per_token: BigUint,
    supply: BigUint,
    held: BigUint,
    stakers: BTreeMap<u8, NaiveStaker>,
}

/// What is asked of either model.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Stake(U256),
    Withdraw(U256),
    GetReward,
    Exit,
    Notify(U256),
    SetDuration(U256),
    SetPaused(bool),
    Recover(U256),
    SetDistribution(u8),
}

impl Naive {
    /// Does it as `who`; returns what is paid of staking and reward token.
    fn make(&mut self, who: u8, operation: Operation, now: u64) -> Result<[BigUint; 2], Refusal> {
        let mut after = self.clone();
        let paid = after.try_to(who, operation, &BigUint::from(now))?;
        *self = after;
        Ok(paid)
    }

    fn try_to(
        &mut self,
        who: u8,
        operation: Operation,
        now: &BigUint,
    ) -> Result<[BigUint; 2], Refusal> {
        let zero = BigUint::default;
        match operation {
            Operation::Stake(amount) => {
                let amount = big(amount);
                require(
                    !self.paused,
                    "This action cannot be performed while the contract is paused",
                )?;
                self.update(Some(who), now)?;
                require(amount > zero(), "Cannot stake 0")?;
                self.supply = word(&self.supply + &amount, ADD)?;
                let staker = self.stakers.entry(who).or_default();
                staker.balance += &amount;
                if self.one_token {
                    self.held += &amount;
                }
            }
            Operation::Withdraw(amount) => {
                let amount = big(amount);
                self.update(Some(who), now)?;
                self.take(who, &amount)?;
                return Ok([amount, zero()]);
            }
            Operation::GetReward => {
                self.update(Some(who), now)?;
                return Ok([zero(), self.claim(who)?]);
            }
            Operation::Exit => {
                let balance = self.stakers.get(&who).cloned().unwrap_or_default().balance;
                self.update(Some(who), now)?;
                self.take(who, &balance)?;
                return Ok([balance, self.claim(who)?]);
            }
            Operation::Notify(reward) => self.notify(who, &big(reward), now)?,
            Operation::SetDuration(duration) => {
                self.only_owner(who)?;
                require(
                    *now > self.finish,
                    "Previous rewards period must be complete before changing the duration for \
                     the new period",
                )?;
                self.duration = big(duration);
            }
            Operation::SetPaused(paused) => {
                self.only_owner(who)?;
                self.paused = paused;
            }
            Operation::Recover(amount) => {
                self.only_owner(who)?;
                require(!self.one_token, "Cannot withdraw the staking token")?;
                self.pay(&big(amount))?;
            }
            Operation::SetDistribution(distribution) => {
                self.only_owner(who)?;
                self.distribution = distribution;
            }
        }
        Ok([zero(), zero()])
    }

    fn applicable(&self, now: &BigUint) -> BigUint {
        now.min(&self.finish).clone()
    }

    fn per_token_at(&self, now: &BigUint) -> Result<BigUint, Refusal> {
        if self.supply == BigUint::default() {
            return Ok(self.per_token.clone());
        }
        let elapsed = self.applicable(now) - &self.updated;
        let streamed = word(word(elapsed * &self.rate, MUL)? * unit(), MUL)?;
        word(&self.per_token + streamed / &self.supply, ADD)
    }

    fn earned(&self, who: u8, now: &BigUint) -> Result<BigUint, Refusal> {
        let staker = self.stakers.get(&who).cloned().unwrap_or_default();
        let owed = word(staker.balance * (self.per_token_at(now)? - staker.paid), MUL)?;
        word(owed / unit() + staker.rewards, ADD)
    }

    fn update(&mut self, who: Option<u8>, now: &BigUint) -> Result<(), Refusal> {
        self.per_token = self.per_token_at(now)?;
        self.updated = self.applicable(now);
        if let Some(who) = who {
            let earned = self.earned(who, now)?;
            let staker = self.stakers.entry(who).or_default();
            staker.rewards = earned;
            staker.paid = self.per_token.clone();
        }
        Ok(())
    }

    fn take(&mut self, who: u8, amount: &BigUint) -> Result<(), Refusal> {
        require(*amount > BigUint::default(), "Cannot withdraw 0")?;
        require(self.supply >= *amount, "SafeMath: subtraction overflow")?;
        self.supply -= amount;
        let staker = self.stakers.entry(who).or_default();
        require(staker.balance >= *amount, "SafeMath: subtraction overflow")?;
        staker.balance -= amount;
        if self.one_token { self.pay(amount) } else { Ok(()) }
    }

    fn claim(&mut self, who: u8) -> Result<BigUint, Refusal> {
        let reward = std::mem::take(&mut self.stakers.entry(who).or_default().rewards);
        self.pay(&reward)?;
        Ok(reward)
    }

    fn pay(&mut self, amount: &BigUint) -> Result<(), Refusal> {
        require(self.held >= *amount, "SafeERC20: low-level call failed")?;
        self.held -= amount;
        Ok(())
    }

    fn notify(&mut self, who: u8, reward: &BigUint, now: &BigUint) -> Result<(), Refusal> {
        require(who == self.distribution, "Caller is not RewardsDistribution contract")?;
        self.update(None, now)?;
        let spread = if *now >= self.finish {
            reward.clone()
        } else {
            let leftover = word((&self.finish - now) * &self.rate, MUL)?;
            word(reward + leftover, ADD)?
        };
        require(self.duration > BigUint::default(), "SafeMath: division by zero")?;
        self.rate = spread / &self.duration;
        require(self.rate <= &self.held / &self.duration, "Provided reward too high")?;
        self.updated = now.clone();
        self.finish = word(now + &self.duration, ADD)?;
        Ok(())
    }

    fn only_owner(&self, who: u8) -> Result<(), Refusal> {
        require(who == self.owner, "Only the contract owner may perform this action")
    }
}

const ADD: Refusal = "SafeMath: addition overflow";
const MUL: Refusal = "SafeMath: multiplication overflow";

fn require(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}

fn word(number: BigUint, refusal: Refusal) -> Result<BigUint, Refusal> {
    require(number.bits() <= 256, refusal)?;
    Ok(number)
}

fn unit() -> BigUint {
    BigUint::from(10_u64).pow(18)
}

fn big(word: U256) -> BigUint {
    BigUint::from_bytes_le(&word.to_le_bytes::<32>())
}

const OWNER: u8 = 8;
const DISTRIBUTION: u8 = 9;

struct World {
    ours: StakingRewards,
    naive: Naive,
    random: Random,
    seed: u64,
    now: u64,
    scale: [u64; 2],
}

fn who(index: u8) -> Account {
    Account([index; 20])
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let one_token = random.once_in(3);
        let state = StakingRewardsState {
            reward_is_staked: one_token,
            ..StakingRewardsState::synthetix(who(OWNER), who(DISTRIBUTION))
        };
        let zero = BigUint::default;
        let naive = Naive {
            owner: OWNER,
            distribution: DISTRIBUTION,
            one_token,
            paused: false,
            duration: BigUint::from(7_u32 * 86_400),
            finish: zero(),
            rate: zero(),
            updated: zero(),
            per_token: zero(),
            supply: zero(),
            held: zero(),
            stakers: BTreeMap::new(),
        };
        let scale = [1 + random.below(100), 1 + random.below(110)];
        let now = random.pick(&[0, 1, 1_600_000_000]);
        Self { ours: StakingRewards::new(&state).unwrap(), naive, random, seed, now, scale }
    }

    fn amount(&mut self, kind: usize) -> U256 {
        match self.random.below(160) {
            0 => self.random.wide(256),
            1..8 => U256::ZERO,
            8..16 => U256::ONE,
            _ => self.random.wide(self.scale[kind]),
        }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.now += match self.random.below(10) {
            0..3 => 0,
            3..7 => self.random.below(5_000),
            7 => self.random.below(3 * 86_400),
            8 => self.random.below(30 * 86_400),
            _ => {
                let finish = u64::try_from(self.ours.period_finish()).unwrap_or(0);
                finish.saturating_sub(self.now) + self.random.below(2)
            }
        };
        let staker = 1 + self.random.below(4) as u8;
        let stranger = self.random.once_in(10);
        let owner = if stranger { staker } else { OWNER };
        let distribution = if stranger { staker } else { self.naive.distribution };
        let staked = self.ours.balance_of(who(staker)).0;
        let (name, who, operation) = match self.random.below(100) {
            0..25 => ("stake", staker, Operation::Stake(self.amount(0))),
            25..42 => {
                let amount = match self.random.below(8) {
                    0 => self.amount(0),
                    1..4 => staked,
                    _ => self.random.up_to(staked),
                };
                ("withdraw", staker, Operation::Withdraw(amount))
            }
            42..60 => ("getReward", staker, Operation::GetReward),
            60..66 => ("exit", staker, Operation::Exit),
            66..84 => {
                let reward = self.amount(1);
                let is_funded = !self.random.once_in(3);
                if is_funded && self.ours.fund(Amount(reward)).is_ok() {
                    self.naive.held += big(reward);
                }
                let reward = if self.random.once_in(60) { U256::MAX } else { reward };
                ("notifyRewardAmount", distribution, Operation::Notify(reward))
            }
            84..89 => {
                let duration = match self.random.below(30) {
                    0 => self.random.wide(256),
                    1 => U256::ZERO,
                    _ => U256::from(1 + self.random.below(30 * 86_400)),
                };
                ("setRewardsDuration", owner, Operation::SetDuration(duration))
            }
            89..93 => {
                let paused = self.random.once_in(3);
                ("setPaused", owner, Operation::SetPaused(paused))
            }
            93..97 => ("recoverERC20", owner, Operation::Recover(self.amount(1))),
            _ => {
                let distribution = self.random.pick(&[DISTRIBUTION, 1]);
                ("setRewardsDistribution", owner, Operation::SetDistribution(distribution))
            }
        };
        self.compare(name, who, operation, tally);
    }

    fn make(&mut self, by: u8, operation: Operation) -> Result<[Amount; 2], StakingRewardsError> {
        let (ours, at, by) = (&mut self.ours, Timestamp(self.now), who(by));
        let zero = Amount::ZERO;
        let nothing = |()| [zero, zero];
        match operation {
            Operation::Stake(amount) => ours.stake(by, Amount(amount), at).map(nothing),
            Operation::Withdraw(amount) => {
                ours.withdraw(by, Amount(amount), at).map(|()| [Amount(amount), zero])
            }
            Operation::GetReward => ours.get_reward(by, at).map(|reward| [zero, reward]),
            Operation::Exit => ours.exit(by, at).map(|exit| [exit.withdrawn, exit.reward]),
            Operation::Notify(reward) => {
                ours.notify_reward_amount(by, Amount(reward), at).map(nothing)
            }
            Operation::SetDuration(duration) => {
                ours.set_rewards_duration(by, duration, at).map(nothing)
            }
            Operation::SetPaused(paused) => ours.set_paused(by, paused).map(nothing),
            Operation::Recover(amount) => {
                ours.recover_reward_token(by, Amount(amount)).map(nothing)
            }
            Operation::SetDistribution(distribution) => {
                ours.set_rewards_distribution(by, who(distribution)).map(nothing)
            }
        }
    }

    fn compare(&mut self, name: &str, by: u8, operation: Operation, tally: &mut Tally) {
        let context = format!("{operation:?} by {by} at {} (world {})", self.now, self.seed);
        let before = self.ours.clone();
        let ours = self.make(by, operation);
        if ours == Err(StakingRewardsError::TokenOverflow) {
            return;
        }
        if ours.is_err() {
            assert_eq!(before, self.ours, "a refusal changes nothing: {context}");
        }
        let ours = ours.map(|paid| paid.map(|amount| big(amount.0)));
        let naive = self.naive.make(by, operation, self.now);
        match &naive {
            Ok(_) => tally.count(name),
            Err(refusal) => tally.revert(name, refusal),
        }
        let reason = |error: StakingRewardsError| error.reason().unwrap_or_default();
        assert_eq!(ours.map_err(reason), naive, "{context}");
        let state = self.ours.state();
        let (ours, naive) = (&self.ours, &self.naive);
        let pairs = [
            ("duration", state.rewards_duration, &naive.duration),
            ("finish", state.period_finish, &naive.finish),
            ("rate", state.reward_rate.0, &naive.rate),
            ("updated", U256::from(state.last_update_time.0), &naive.updated),
            ("per token", state.reward_per_token_stored, &naive.per_token),
            ("supply", ours.total_supply().0, &naive.supply),
            ("held", state.reward_balance.0, &naive.held),
        ];
        for (field, ours, naive) in pairs {
            assert_eq!(big(ours), *naive, "{field} after {context}");
        }
        assert_eq!(state.is_paused, naive.paused, "{context}");
        for staker in &state.stakers {
            let other = naive.stakers.get(&staker.account.0[0]).cloned().unwrap_or_default();
            let one = NaiveStaker {
                balance: big(staker.balance.0),
                paid: big(staker.reward_per_token_paid),
                rewards: big(staker.rewards.0),
            };
            assert_eq!(one, other, "{} after {context}", staker.account);
            let earned = ours.earned(staker.account, Timestamp(self.now));
            let naive = naive.earned(staker.account.0[0], &BigUint::from(self.now));
            assert_eq!(earned.map(|word| big(word.0)).map_err(reason), naive, "{context}");
        }
    }
}
