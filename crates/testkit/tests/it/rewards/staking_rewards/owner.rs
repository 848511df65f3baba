//! What only Synthetix's contract has: an owner, who may change a few things.

use tidemill_rewards::Account;
use tidemill_testkit::{Address, Call};
use tidemill_units::{Amount, U256};

use super::{World, account};
use crate::tally::Tally;

pub(super) const OPERATIONS: [&str; 4] =
    ["setRewardsDuration", "setPaused", "recoverERC20", "setRewardsDistribution"];
pub(super) const REVERTS: [&str; 10] = [
    "stake: This action cannot be performed while the contract is paused",
    "notifyRewardAmount: SafeMath: division by zero",
    "notifyRewardAmount: SafeMath: multiplication overflow",
    "setRewardsDuration: Previous rewards period must be complete before changing the duration \
     for the new period",
    "setRewardsDuration: Only the contract owner may perform this action",
    "setPaused: Only the contract owner may perform this action",
    "recoverERC20: Cannot withdraw the staking token",
    "recoverERC20: SafeERC20: low-level call failed",
    "recoverERC20: Only the contract owner may perform this action",
    "setRewardsDistribution: Only the contract owner may perform this action",
];

impl World {
    /// Who may notify rewards by now.
    pub(super) fn distribution(&self) -> Address {
        let Account(bytes) = self.model.state().rewards_distribution;
        Address::from(bytes)
    }

    /// The owner, or now and then somebody else, does what only the owner may.
    pub(super) fn step_of_owner(&mut self, tally: &mut Tally) {
        let from = if self.random.once_in(10) { self.somebody() } else { self.oracle.owner };
        match self.random.below(16) {
            0..6 => self.set_duration(from, tally),
            6..10 => self.set_paused(from, tally),
            10..14 => self.recover(from, tally),
            _ => self.set_distribution(from, tally),
        }
    }

    fn set_duration(&mut self, from: Address, tally: &mut Tally) {
        let duration = match self.random.below(30) {
            0 => self.random.wide(256),
            1 => U256::ZERO,
            _ => U256::from(1 + self.random.below(30 * 86_400)),
        };
        self.last = format!("set duration {duration} by {from} at {}", self.now);
        let result = self.model.set_rewards_duration(account(from), duration, self.at());
        let call = Call::new("setRewardsDuration(uint256)", 1).word(duration);
        let real = self.oracle.send(from, call).unwrap();
        self.check("setRewardsDuration", result, real, tally);
    }

    fn set_paused(&mut self, from: Address, tally: &mut Tally) {
        let is_paused = self.random.once_in(3);
        self.last = format!("set paused {is_paused} by {from}");
        let result = self.model.set_paused(account(from), is_paused);
        let call = Call::new("setPaused(bool)", 1).word(U256::from(is_paused));
        let real = self.oracle.send(from, call).unwrap();
        self.check("setPaused", result, real, tally);
        let real = self.oracle.view(Call::new("paused()", 0)).unwrap().unwrap().words();
        assert_eq!(vec![U256::from(self.model.state().is_paused)], real, "{}", self.last);
    }

    fn recover(&mut self, from: Address, tally: &mut Tally) {
        let (amount, token) = (self.amount(1), self.oracle.reward_token);
        self.last = format!("recover {amount} by {from}");
        let result = self.model.recover_reward_token(account(from), Amount(amount));
        let owner = self.oracle.owner;
        let before = self.balance(token, owner);
        let call = Call::new("recoverERC20(address,uint256)", 2).address(token).word(amount);
        let real = self.oracle.send(from, call).unwrap();
        if result.is_ok() {
            self.check_paid(token, owner, before, amount);
        }
        self.check("recoverERC20", result, real, tally);
    }

    fn set_distribution(&mut self, from: Address, tally: &mut Tally) {
        let to = self.random.pick(&[self.oracle.distribution, self.oracle.stakers[0]]);
        self.last = format!("set distribution {to} by {from}");
        let result = self.model.set_rewards_distribution(account(from), account(to));
        let call = Call::new("setRewardsDistribution(address)", 1).address(to);
        let real = self.oracle.send(from, call).unwrap();
        self.check("setRewardsDistribution", result, real, tally);
    }
}
