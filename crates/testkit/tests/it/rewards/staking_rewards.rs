//! Both builds of StakingRewards beside their bytecode.

mod owner;

use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsError, StakingRewardsState};
use tidemill_testkit::{
    Address, Answer, Artifacts, Call, Outcome, Random, Revert, SlotChange, StakingRewardsCode,
    StakingRewardsOracle, StakingRewardsSlot,
};
use tidemill_units::{Amount, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn staking_rewards_equal_the_contract() {
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    run("StakingRewards of Uniswap", StakingRewardsCode::Uniswap, 401, &reached);
}

#[test]
fn synthetix_staking_rewards_equal_the_contract() {
    let operations = [&OPERATIONS[..], &owner::OPERATIONS].concat();
    let reverts = [&REVERTS[..], &owner::REVERTS].concat();
    let reached = Reached { operations: &operations, reverts: &reverts };
    run("StakingRewards of Synthetix", StakingRewardsCode::Synthetix, 402, &reached);
}

fn run(name: &'static str, build: StakingRewardsCode, stream: u64, reached: &Reached<'_>) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds { name, stream, tests: 1, most_in_one: 400, unit: "operations" };
    worlds.run(reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, build, seed);
        for index in 0..most {
            world.step(tally);
            if index % 32 == 0 || index + 1 == most {
                world.compare_getters(tally);
            }
        }
        most
    });
}

const OPERATIONS: [&str; 12] = [
    "fund",
    "stake",
    "withdraw",
    "getReward",
    "exit",
    "notifyRewardAmount",
    "time ran backwards",
    "stake and reward are one token",
    "getReward, something",
    "notifyRewardAmount, within a period",
    "notifyRewardAmount, unfunded",
    "checkpoint of all",
];
const REVERTS: [&str; 17] = [
    "fund: balance overflow",
    "stake: Cannot stake 0",
    "stake: SafeMath: addition overflow",
    "stake: SafeMath: multiplication overflow",
    "stake: SafeMath: subtraction overflow",
    "withdraw: Cannot withdraw 0",
    "withdraw: SafeMath: subtraction overflow",
    "withdraw: SafeMath: multiplication overflow",
    "withdraw: SafeERC20: low-level call failed",
    "getReward: SafeMath: multiplication overflow",
    "getReward: SafeERC20: low-level call failed",
    "exit: Cannot withdraw 0",
    "exit: SafeERC20: low-level call failed",
    "notifyRewardAmount: Provided reward too high",
    "notifyRewardAmount: Caller is not RewardsDistribution contract",
    "notifyRewardAmount: SafeMath: addition overflow",
    "earned: SafeMath: multiplication overflow",
];

/// The model and the contract, side by side.
pub(super) struct World {
    pub(super) model: StakingRewards,
    pub(super) oracle: StakingRewardsOracle,
    random: Random,
    seed: u64,
    now: u64,
    /// Whether time may also go back, which no chain's does.
    may_run_back: bool,
    reward_is_staked: bool,
    /// Everybody who may call, and where the contract keeps what they are credited with.
    accounts: Vec<(Address, [U256; 3])>,
    /// Bits of the stakes and of the rewards that this world mostly deals in.
    scale: [u64; 2],
    last: String,
}

impl World {
    fn new(artifacts: &Artifacts, build: StakingRewardsCode, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let reward_is_staked = random.once_in(4);
        let mut oracle = StakingRewardsOracle::new(artifacts, build, 4, reward_is_staked).unwrap();
        let others = [Address::ZERO, oracle.distribution, oracle.owner];
        let accounts = oracle.stakers.iter().copied().chain(others);
        let accounts = accounts.map(|each| (each, build.staker_slots(each)));
        let accounts = accounts.collect();
        let distribution = account(oracle.distribution);
        let state = match build {
            StakingRewardsCode::Uniswap => StakingRewardsState::uniswap(distribution),
            StakingRewardsCode::Synthetix => {
                StakingRewardsState::synthetix(account(oracle.owner), distribution)
            }
        };
        let state = StakingRewardsState { reward_is_staked, ..state };
        let model = StakingRewards::new(&state).unwrap();
        let scale = [1 + random.below(110), 1 + random.below(120)];
        let now = random.pick(&[0, 1, 1_600_000_000, 1 << 40]);
        oracle.evm.set_timestamp(U256::from(now));
        let last = String::new();
        let may_run_back = true;
        Self {
            model,
            oracle,
            random,
            seed,
            now,
            may_run_back,
            reward_is_staked,
            accounts,
            scale,
            last,
        }
    }

    /// A world whose transactions are written down.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64) -> Self {
        let mut world =
            Self { may_run_back: false, ..Self::new(artifacts, StakingRewardsCode::Uniswap, seed) };
        world.oracle.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time(tally);
        if self.reward_is_staked {
            tally.count("stake and reward are one token");
        }
        if self.oracle.build == StakingRewardsCode::Synthetix && self.random.once_in(8) {
            return self.step_of_owner(tally);
        }
        match self.random.below(100) {
            0..10 => self.fund(tally),
            10..36 => self.stake(tally),
            36..54 => self.withdraw(tally),
            54..74 => self.get_reward(tally),
            74..80 => self.exit(tally),
            80..98 => self.notify(tally),
            _ => self.checkpoint_all(tally),
        }
    }

    fn pass_time(&mut self, tally: &mut Tally) {
        const DAY: u64 = 86_400;
        let before = self.now;
        self.now = match self.random.below(40) {
            0..12 => self.now,
            12..24 => self.now + self.random.below(1_000),
            24..34 => self.now + self.random.below(30 * DAY),
            34 => self.now + self.random.below(3 * 365 * DAY),
            35 => self.now + self.random.pick(&[1, 60 * DAY - 1, 60 * DAY, 60 * DAY + 1]),
            36 | 37 => {
                // To the very end of the period, or a second beside it.
                let soon = U256::from(self.now + 10 * 365 * DAY);
                let finish = self.model.period_finish().min(soon).saturating_to::<u64>();
                let beside = finish.saturating_add(self.random.below(3)).saturating_sub(1);
                self.now.max(beside)
            }
            38 if self.may_run_back && self.random.once_in(10) => {
                self.now.saturating_sub(self.random.below(DAY))
            }
            _ => self.now + 12,
        };
        if self.now < before {
            tally.count("time ran backwards");
        }
        self.oracle.evm.set_timestamp(U256::from(self.now));
    }

    fn amount(&mut self, kind: usize) -> U256 {
        match self.random.below(400) {
            0 => self.random.wide(256),
            1 | 2 => U256::MAX >> self.random.below(90) as usize,
            3 if kind == 0 => U256::MAX,
            4..16 => U256::ZERO,
            16..40 => U256::ONE,
            _ => self.random.wide(self.scale[kind]),
        }
    }

    fn somebody(&mut self) -> Address {
        let most = if self.random.once_in(12) { self.accounts.len() } else { 4 };
        self.accounts[self.random.below(most as u64) as usize].0
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn fund(&mut self, tally: &mut Tally) {
        let amount = self.amount(1);
        self.fund_with(amount, tally);
    }

    fn fund_with(&mut self, amount: U256, tally: &mut Tally) {
        self.last = format!("fund {amount}");
        let result = self.model.fund(Amount(amount));
        let real = self.oracle.fund(amount).unwrap();
        let real =
            Outcome { result: real.map(|()| Answer::default()), changes: Vec::new(), gas: 0 };
        self.check("fund", result, real, tally);
    }

    fn stake(&mut self, tally: &mut Tally) {
        let (from, mut amount) = (self.somebody(), self.amount(0));
        if self.reward_is_staked {
            // The mock token wraps where a real one could not come: stay within a supply.
            let held = self.oracle.token_balance(self.oracle.staking_token, self.oracle.programme);
            amount = amount.min(U256::MAX - held);
        }
        self.last = format!("stake {amount} of {from} at {}", self.now);
        let result = self.model.stake(account(from), Amount(amount), self.at());
        let real = self.oracle.stake(from, amount).unwrap();
        self.check("stake", result, real, tally);
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let from = self.somebody();
        let staked = self.model.balance_of(account(from)).0;
        let amount = match self.random.below(10) {
            0 => self.amount(0),
            1 => staked.saturating_add(U256::ONE),
            2..5 => staked,
            _ => self.random.up_to(staked),
        };
        self.last = format!("withdraw {amount} of {from} at {}", self.now);
        let result = self.model.withdraw(account(from), Amount(amount), self.at());
        let before = self.balance(self.oracle.staking_token, from);
        let call = Call::new("withdraw(uint256)", 1).word(amount);
        let real = self.oracle.send(from, call).unwrap();
        if result.is_ok() {
            self.check_paid(self.oracle.staking_token, from, before, amount);
        }
        self.check("withdraw", result, real, tally);
    }

    fn get_reward(&mut self, tally: &mut Tally) {
        let from = self.somebody();
        self.last = format!("get reward of {from} at {}", self.now);
        let result = self.model.get_reward(account(from), self.at());
        let before = self.balance(self.oracle.reward_token, from);
        let real = self.oracle.send(from, Call::new("getReward()", 0)).unwrap();
        if let Ok(reward) = result {
            self.check_paid(self.oracle.reward_token, from, before, reward.0);
            if !reward.is_zero() {
                tally.count("getReward, something");
            }
        }
        self.check("getReward", result.map(|_| ()), real, tally);
    }

    fn exit(&mut self, tally: &mut Tally) {
        let from = self.somebody();
        self.last = format!("exit of {from} at {}", self.now);
        let result = self.model.exit(account(from), self.at());
        let before = self.balance(self.oracle.reward_token, from);
        let staked_before = self.balance(self.oracle.staking_token, from);
        let real = self.oracle.send(from, Call::new("exit()", 0)).unwrap();
        if let Ok(exit) = result {
            let (withdrawn, reward) = (exit.withdrawn.0, exit.reward.0);
            if self.reward_is_staked {
                let both = withdrawn.wrapping_add(reward);
                self.check_paid(self.oracle.reward_token, from, before, both);
            } else {
                self.check_paid(self.oracle.reward_token, from, before, reward);
                self.check_paid(self.oracle.staking_token, from, staked_before, withdrawn);
            }
        }
        self.check("exit", result.map(|_| ()), real, tally);
    }

    fn notify(&mut self, tally: &mut Tally) {
        let from = if self.random.once_in(12) { self.somebody() } else { self.distribution() };
        let held = self.model.reward_balance().0;
        let reward = match self.random.below(12) {
            0 => held,
            1 => held.saturating_add(self.model.rewards_duration()),
            2 => self.random.up_to(held),
            3 => U256::ZERO,
            4 if self.random.once_in(4) => U256::MAX,
            _ => {
                let reward = self.amount(1);
                if self.model.reward_balance().checked_add(Amount(reward)).is_some() {
                    self.fund_with(reward, tally);
                }
                reward
            }
        };
        self.last = format!("notify {reward} by {from} at {}", self.now);
        let is_within = U256::from(self.now) < self.model.period_finish();
        let is_funded = held != self.model.reward_balance().0;
        let result = self.model.notify_reward_amount(account(from), Amount(reward), self.at());
        let call = Call::new("notifyRewardAmount(uint256)", 1).word(reward);
        let real = self.oracle.send(from, call).unwrap();
        if result.is_ok() && is_within {
            tally.count("notifyRewardAmount, within a period");
        }
        if result.is_ok() && !is_funded {
            tally.count("notifyRewardAmount, unfunded");
        }
        self.check("notifyRewardAmount", result, real, tally);
    }

    /// Everybody claims in one second: the model first credits all at once, and must come out
    /// where the contract comes out by crediting each as it claims.
    fn checkpoint_all(&mut self, tally: &mut Tally) {
        self.last = format!("checkpoint of all at {}", self.now);
        let mut after = self.model.clone();
        let mut claimed = after.checkpoint_all(self.at());
        for (from, _) in &self.accounts {
            claimed =
                claimed.and_then(|()| after.get_reward(account(*from), self.at()).map(|_| ()));
        }
        if claimed.is_err() {
            return;
        }
        for (from, _) in self.accounts.clone() {
            let real = self.oracle.send(from, Call::new("getReward()", 0)).unwrap();
            assert!(real.result.is_ok(), "{}", self.last);
        }
        self.model = after;
        tally.count("checkpoint of all");
        self.compare_storage();
    }

    fn balance(&self, token: Address, of: Address) -> U256 {
        self.oracle.token_balance(token, of)
    }

    fn check_paid(&self, token: Address, to: Address, before: U256, amount: U256) {
        let paid = self.balance(token, to).wrapping_sub(before);
        assert_eq!(amount, paid, "paid, {} (world {})", self.last, self.seed);
    }

    fn check(
        &self,
        operation: &str,
        model: Result<(), StakingRewardsError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        assert_eq!(self.unknown(&real.changes), None, "changed, {}", context());
        match &model {
            Ok(()) => tally.count(operation),
            Err(_) => {
                let reason = real.result.as_ref().err().map_or("<none>", Revert::reason);
                tally.revert(operation, reason);
            }
        }
        let real = real.result.map(|answer| assert!(answer.0.is_empty(), "it answers nothing"));
        assert_eq!(model.map_err(expected), real, "model and contract, {}", context());
        self.compare_storage();
    }

    /// Says which change of the contract nothing in the model stands for.
    fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        let is_known = |slot: &U256| {
            *slot <= self.oracle.build.slot_of(StakingRewardsSlot::TotalSupply)
                || self.accounts.iter().any(|(_, known)| known.contains(slot))
        };
        changes.iter().copied().find(|change| !is_known(&change.slot))
    }

    pub(super) fn compare_storage(&self) {
        let state = self.model.state();
        let expected = [
            (StakingRewardsSlot::RewardsDistribution, word(state.rewards_distribution)),
            (StakingRewardsSlot::PeriodFinish, state.period_finish),
            (StakingRewardsSlot::RewardRate, state.reward_rate.0),
            (StakingRewardsSlot::RewardsDuration, state.rewards_duration),
            (StakingRewardsSlot::LastUpdateTime, U256::from(state.last_update_time.0)),
            (StakingRewardsSlot::RewardPerTokenStored, state.reward_per_token_stored),
            (StakingRewardsSlot::TotalSupply, self.model.total_supply().0),
        ];
        for (slot, word) in expected {
            let real = self.oracle.slot(slot);
            assert_eq!(word, real, "{slot:?} after {} (world {})", self.last, self.seed);
        }
        for (address, slots) in &self.accounts {
            let staker = state.stakers.iter().find(|each| each.account == account(*address));
            let staker = staker.copied().unwrap_or_default();
            let words = [staker.reward_per_token_paid, staker.rewards.0, staker.balance.0];
            let real = slots.map(|slot| self.oracle.evm.storage(self.oracle.programme, slot));
            assert_eq!(words, real, "{address} after {} (world {})", self.last, self.seed);
        }
        let held = self.balance(self.oracle.reward_token, self.oracle.programme);
        assert_eq!(state.reward_balance.0, held, "held after {}", self.last);
    }

    pub(super) fn compare_getters(&mut self, tally: &mut Tally) {
        let state = self.model.state();
        let again = StakingRewards::new(&state);
        assert_eq!(again.as_ref(), Ok(&self.model), "the state is all there is");
        let at = self.at();
        let views = [
            ("lastTimeRewardApplicable()", Ok(self.model.last_time_reward_applicable(at))),
            ("rewardPerToken()", self.model.reward_per_token(at)),
            ("getRewardForDuration()", self.model.reward_for_duration().map(|reward| reward.0)),
            ("totalSupply()", Ok(self.model.total_supply().0)),
            ("rewardRate()", Ok(self.model.reward_rate().0)),
            ("periodFinish()", Ok(self.model.period_finish())),
            ("rewardsDuration()", Ok(self.model.rewards_duration())),
        ];
        for (getter, model) in views {
            self.compare_view(getter, Call::new(getter, 0), model, tally);
        }
        for (address, _) in self.accounts.clone() {
            let earned = self.model.earned(account(address), at).map(|earned| earned.0);
            let call = Call::new("earned(address)", 1).address(address);
            self.compare_view("earned", call, earned, tally);
            let balance = Ok(self.model.balance_of(account(address)).0);
            let call = Call::new("balanceOf(address)", 1).address(address);
            self.compare_view("balanceOf", call, balance, tally);
        }
    }

    fn compare_view(
        &mut self,
        getter: &str,
        call: Call,
        model: Result<U256, StakingRewardsError>,
        tally: &mut Tally,
    ) {
        let real = self.oracle.view(call).unwrap().map(|answer| answer.words());
        if let Err(revert) = &real {
            tally.revert(getter, revert.reason());
        }
        let model = model.map(|word| vec![word]).map_err(expected);
        assert_eq!(model, real, "{getter} after {} (world {})", self.last, self.seed);
    }
}

/// How the contract fails where the model gives this error.
fn expected(error: StakingRewardsError) -> Revert {
    match error.reason() {
        Some(reason) => Revert::Reason(reason.to_owned()),
        None if error == StakingRewardsError::TokenOverflow => {
            Revert::Reason("balance overflow".to_owned())
        }
        None => Revert::Empty,
    }
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}

fn word(account: Account) -> U256 {
    U256::from_be_slice(&account.0)
}

#[test]
fn staking_rewards_gas() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut oracle =
        StakingRewardsOracle::new(&artifacts, StakingRewardsCode::Uniswap, 2, false).unwrap();
    let whole = U256::from(10_u64.pow(18));
    let amount = whole * U256::from(6_048_000);
    let [alice, bob] = [oracle.stakers[0], oracle.stakers[1]];
    oracle.evm.set_timestamp(U256::from(1_600_000_000));
    oracle.fund(amount).unwrap().unwrap();
    let notify = Call::new("notifyRewardAmount(uint256)", 1).word(amount);
    let distribution = oracle.distribution;
    let mut measured = vec![oracle.send(distribution, notify.clone()).unwrap().gas];
    for (staker, seconds) in [(alice, 0), (bob, 100), (alice, 200)] {
        oracle.evm.set_timestamp(U256::from(1_600_000_000 + seconds));
        measured.push(oracle.stake(staker, whole).unwrap().gas);
    }
    oracle.evm.set_timestamp(U256::from(1_600_000_300));
    measured.push(oracle.send(alice, Call::new("getReward()", 0)).unwrap().gas);
    oracle.evm.set_timestamp(U256::from(1_600_000_400));
    let withdraw = Call::new("withdraw(uint256)", 1).word(whole);
    measured.push(oracle.send(alice, withdraw).unwrap().gas);
    oracle.evm.set_timestamp(U256::from(1_600_000_500));
    measured.push(oracle.send(alice, Call::new("exit()", 0)).unwrap().gas);
    let facts: Vec<_> =
        tidemill_rewards::staking_rewards::FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(facts, measured);
}
