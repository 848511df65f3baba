use tidemill_rewards::WEEK;
use tidemill_rewards::balancer_gauge::{
    BalancerDeposit, BalancerWithdrawal, RewardClaimFor, StakeTransfer,
};
use tidemill_testkit::{Address, Call};
use tidemill_units::{Amount, U256};

use super::{ACTORS, Effect, MOST_GAUGES, Transaction, World, account, address, words};
use crate::tally::Tally;

pub(super) const OPERATIONS: [&str; 48] = [
    "deposit",
    "deposit for another",
    "withdraw",
    "user_checkpoint",
    "claimable_tokens",
    "claimable",
    "kick",
    "transfer",
    "transfer to oneself",
    "transferFrom",
    "transferFrom by the vault",
    "approve",
    "increaseAllowance",
    "decreaseAllowance",
    "claim_rewards",
    "claim_rewards to another",
    "set_rewards_receiver",
    "add_reward",
    "deposit_reward_token",
    "set_reward_distributor",
    "a gift to the gauge",
    "killGauge",
    "unkillGauge",
    "setRelativeWeightCap",
    "mint",
    "mintMany",
    "mint_many",
    "mintFor",
    "mintManyFor",
    "mint_for",
    "mint_for without leave",
    "setMinterApproval",
    "toggle_approve_mint",
    "vote_for_gauge_weights",
    "checkpoint_gauge",
    "add_type",
    "add_gauge",
    "change_type_weight",
    "change_gauge_weight",
    "create_lock",
    "increase_amount",
    "withdraw the lock",
    "update_mining_parameters",
    "getCappedRelativeWeight",
    "claimable_reward",
    "allowance",
    "something minted",
    "more than 500 weeks at once",
];
pub(super) const REVERTS: [&str; 30] = [
    "deploy_gauge: CapTooLarge",
    "deposit: Overflow",
    "withdraw: Underflow",
    "user_checkpoint: Unauthorized",
    "kick: KickNotAllowed",
    "kick: KickNotNeeded",
    "transfer: Underflow",
    "transferFrom: Underflow",
    "increaseAllowance: Overflow",
    "decreaseAllowance: Underflow",
    "claim_rewards to another: CannotRedirect",
    "claim_rewards: TokenRefuses",
    "claim_rewards: Overflow",
    "add_reward: NotAdmin",
    "add_reward: KnownReward",
    "add_reward: TooManyRewards",
    "add_reward: ZeroDistributor",
    "set_reward_distributor: NotDistributor",
    "set_reward_distributor: UnknownReward",
    "set_reward_distributor: ZeroDistributor",
    "deposit_reward_token: NotDistributor",
    "deposit_reward_token: Overflow",
    "killGauge: NotAdmin",
    "setRelativeWeightCap: NotAdmin",
    "setRelativeWeightCap: CapTooLarge",
    "mint: Controller(UnknownGauge)",
    "mintMany: Controller(UnknownGauge)",
    "mint_many: Controller(UnknownGauge)",
    "mintFor: MintNotAllowed",
    "mintManyFor: MintNotAllowed",
];

impl World {
    pub(in crate::rewards) fn step(&mut self, tally: &mut Tally) {
        self.pass_time(tally);
        match self.random.below(100) {
            0..13 => self.deposit(tally),
            13..20 => self.withdraw(tally),
            20..25 => self.user_checkpoint(tally),
            25..27 => self.claimable_tokens(tally),
            27..31 => self.kick(tally),
            31..36 => self.transfer(tally),
            36..39 => self.transfer_from(tally),
            39..42 => self.allow(tally),
            42..48 => self.claim_rewards(tally),
            48..50 => self.set_rewards_receiver(tally),
            50..54 => self.add_reward(tally),
            54..60 => self.deposit_reward_token(tally),
            60 => self.set_reward_distributor(tally),
            61 => self.give(tally),
            62..64 => self.set_killed(tally),
            64 => self.set_relative_weight_cap(tally),
            65..69 => self.mint(tally),
            69..72 => self.mint_many(tally),
            72..75 => self.mint_for(tally),
            75..77 => self.allow_minting(tally),
            77..83 => self.vote(tally),
            83..85 => self.checkpoint_gauge(tally),
            85 => self.change_weight(tally),
            86 if self.random.once_in(4) => self.add_type(tally),
            87 => self.add_gauge(tally),
            88..91 => self.create_lock(tally),
            91 => self.increase_amount(tally),
            92..94 => self.withdraw_lock(tally),
            94 => self.update_mining_parameters(tally),
            95 if self.random.once_in(4) && self.gauges.len() < MOST_GAUGES => {
                self.deploy_gauge(tally);
            }
            _ => self.look(tally),
        }
    }

    pub(super) fn actor(&mut self) -> Address {
        address(self.random.below(u64::from(ACTORS)) as u8)
    }

    /// Mostly an actor, sometimes the zero address or the vault.
    fn anybody(&mut self) -> Address {
        match self.random.below(24) {
            0 => Address::ZERO,
            1 => self.oracle.vault,
            _ => self.actor(),
        }
    }

    pub(super) fn gauge(&mut self) -> Address {
        let gauges = self.gauges.clone();
        self.random.pick(&gauges)
    }

    pub(super) fn admin(&mut self) -> Address {
        if self.random.once_in(12) { self.actor() } else { self.oracle.admin }
    }

    /// Mostly a token that is a reward of the gauge.
    fn reward(&mut self, gauge: Address) -> Address {
        let rewards = self.model.gauge(account(gauge)).unwrap().rewards();
        let mut tokens: Vec<_> = rewards.iter().map(|reward| reward.token).collect();
        if tokens.is_empty() || self.random.once_in(16) {
            tokens = self.tokens.iter().map(|token| account(*token)).collect();
        }
        Address::from(self.random.pick(&tokens).0)
    }

    /// Part of what an account has, all of it, or one more.
    fn part(&mut self, all: U256) -> U256 {
        match self.random.below(8) {
            0 => all,
            1 => all.saturating_add(U256::ONE),
            2 => U256::ZERO,
            _ => self.random.up_to(all),
        }
    }

    fn balance(&self, gauge: Address, who: Address) -> U256 {
        self.model.gauge(account(gauge)).unwrap().stake_of(account(who)).balance
    }

    fn deposit(&mut self, tally: &mut Tally) {
        let (gauge, caller) = (self.gauge(), self.actor());
        let recipient = if self.random.once_in(4) { self.anybody() } else { caller };
        let bits = match self.random.below(80) {
            0 => 244,
            1..4 => 0,
            _ => self.scale,
        };
        let (value, claims) = (self.random.wide(bits), self.random.once_in(3));
        self.last = format!("of {value} in {gauge} by {caller} for {recipient}, {claims}");
        let name = if caller == recipient { "deposit" } else { "deposit for another" };
        let call = Call::new("deposit(uint256,address,bool)", 3).word(value).address(recipient);
        let call = call.word(U256::from(u8::from(claims)));
        let (at, token) = (self.now.at, self.oracle.pool_token);
        let recipient = account(recipient);
        let deposit = BalancerDeposit { recipient, value: Amount(value), claims };
        self.run(name, Transaction { from: caller, to: gauge, call }, tally, |model| {
            let payments = model.deposit(account(gauge), deposit, at)?;
            Ok(Effect { payments, taken: Some((token, caller, value)), ..Effect::default() })
        });
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.actor());
        let balance = self.balance(gauge, who);
        let (value, claims) = (self.part(balance), self.random.once_in(3));
        self.last = format!("of {value} from {gauge} by {who}, {claims}");
        let call = Call::new("withdraw(uint256,bool)", 2).word(value);
        let call = call.word(U256::from(u8::from(claims)));
        let (at, token) = (self.now.at, self.oracle.pool_token);
        let (account_of, amount) = (account(who), Amount(value));
        let withdrawal = BalancerWithdrawal { account: account_of, value: amount, claims };
        let transaction = Transaction { from: who, to: gauge, call };
        self.run("withdraw", transaction, tally, |model| {
            let payments = model.withdraw(account(gauge), withdrawal, at)?;
            let taken = Some((token, who, value.wrapping_neg()));
            Ok(Effect { payments, taken, ..Effect::default() })
        });
    }

    fn user_checkpoint(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.actor());
        let caller = if self.random.once_in(8) { self.actor() } else { who };
        self.last = format!("of {who} in {gauge} by {caller}");
        let call = Call::new("user_checkpoint(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: caller, to: gauge, call };
        self.run("user_checkpoint", transaction, tally, |model| {
            model.user_checkpoint(account(caller), account(gauge), account(who), at)?;
            Ok(words(vec![U256::ONE]))
        });
    }

    fn claimable_tokens(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.anybody());
        self.last = format!("of {who} in {gauge}");
        let call = Call::new("claimable_tokens(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: self.actor(), to: gauge, call };
        self.run("claimable_tokens", transaction, tally, |model| {
            let claimable = model.claimable_tokens(account(gauge), account(who), at)?;
            Ok(words(vec![claimable.0]))
        });
    }

    fn kick(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.actor());
        self.last = format!("of {who} in {gauge}");
        let call = Call::new("kick(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: self.actor(), to: gauge, call };
        self.run("kick", transaction, tally, |model| {
            model.kick(account(gauge), account(who), at)?;
            Ok(Effect::default())
        });
    }

    fn transfer(&mut self, tally: &mut Tally) {
        let (gauge, from, to) = (self.gauge(), self.actor(), self.anybody());
        let balance = self.balance(gauge, from);
        let value = self.part(balance);
        self.last = format!("of {value} in {gauge} from {from} to {to}");
        let name = if from == to { "transfer to oneself" } else { "transfer" };
        let call = Call::new("transfer(address,uint256)", 2).address(to).word(value);
        let at = self.now.at;
        let transfer = StakeTransfer { from: account(from), to: account(to), value: Amount(value) };
        self.run(name, Transaction { from, to: gauge, call }, tally, |model| {
            model.transfer(account(gauge), transfer, at)?;
            Ok(words(vec![U256::ONE]))
        });
    }

    fn transfer_from(&mut self, tally: &mut Tally) {
        let (gauge, from, to) = (self.gauge(), self.actor(), self.anybody());
        let vault = self.oracle.vault;
        let spender = if self.random.once_in(4) { vault } else { self.actor() };
        let allowed = self.model.gauge(account(gauge)).unwrap();
        let allowed = allowed.allowance(account(from), account(spender)).0;
        let balance = self.balance(gauge, from);
        let all = if self.random.once_in(8) { allowed } else { balance.min(allowed) };
        let value = self.part(all);
        self.last = format!("of {value} in {gauge} from {from} to {to} by {spender}");
        let name = if spender == vault { "transferFrom by the vault" } else { "transferFrom" };
        let call = Call::new("transferFrom(address,address,uint256)", 3).address(from).address(to);
        let call = call.word(value);
        let at = self.now.at;
        let transfer = StakeTransfer { from: account(from), to: account(to), value: Amount(value) };
        self.run(name, Transaction { from: spender, to: gauge, call }, tally, |model| {
            model.transfer_from(account(spender), account(gauge), transfer, at)?;
            Ok(words(vec![U256::ONE]))
        });
    }

    fn allow(&mut self, tally: &mut Tally) {
        let (gauge, owner, spender) = (self.gauge(), self.actor(), self.anybody());
        let names = ["approve", "approve", "increaseAllowance", "decreaseAllowance"];
        let name = self.random.pick(&names);
        let allowed = self.model.gauge(account(gauge)).unwrap();
        let allowed = allowed.allowance(account(owner), account(spender)).0;
        let value = match self.random.below(8) {
            0 => U256::MAX,
            1 => U256::MAX - allowed,
            2..4 => self.part(allowed),
            _ => self.random.wide(self.scale),
        };
        self.last = format!("of {value} in {gauge} by {owner} for {spender}");
        let call = Call::new(&format!("{name}(address,uint256)"), 2).address(spender).word(value);
        self.run(name, Transaction { from: owner, to: gauge, call }, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            let (owner, spender, value) = (account(owner), account(spender), Amount(value));
            match name {
                "approve" => gauge.approve(owner, spender, value),
                "increaseAllowance" => gauge.increase_allowance(owner, spender, value)?,
                _ => gauge.decrease_allowance(owner, spender, value)?,
            }
            Ok(words(vec![U256::ONE]))
        });
    }

    fn claim_rewards(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.anybody());
        let caller = if self.random.once_in(4) { self.actor() } else { who };
        let receiver = match self.random.below(8) {
            0 => gauge,
            1 | 2 => self.actor(),
            _ => Address::ZERO,
        };
        self.last = format!("of {who} in {gauge} by {caller} to {receiver}");
        let is_named = receiver != Address::ZERO;
        let name = if is_named { "claim_rewards to another" } else { "claim_rewards" };
        let call = Call::new("claim_rewards(address,address)", 2).address(who).address(receiver);
        let at = self.now.at;
        let claim = RewardClaimFor { account: account(who), receiver: account(receiver) };
        self.run(name, Transaction { from: caller, to: gauge, call }, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            let payments = gauge.claim_rewards(account(caller), claim, at)?;
            Ok(Effect { payments, ..Effect::default() })
        });
    }

    fn set_rewards_receiver(&mut self, tally: &mut Tally) {
        let (gauge, who, receiver) = (self.gauge(), self.actor(), self.anybody());
        self.last = format!("of {who} in {gauge} to {receiver}");
        let call = Call::new("set_rewards_receiver(address)", 1).address(receiver);
        let transaction = Transaction { from: who, to: gauge, call };
        self.run("set_rewards_receiver", transaction, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            gauge.set_rewards_receiver(account(who), account(receiver));
            Ok(Effect::default())
        });
    }

    pub(super) fn add_reward(&mut self, tally: &mut Tally) {
        let (gauge, admin, distributor) = (self.gauge(), self.admin(), self.anybody());
        let tokens = self.tokens.clone();
        let token = self.random.pick(&tokens);
        self.last = format!("{token} of {distributor} to {gauge} by {admin}");
        let call = Call::new("add_reward(address,address)", 2).address(token).address(distributor);
        self.run("add_reward", Transaction { from: admin, to: gauge, call }, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            gauge.add_reward(account(admin), account(token), account(distributor))?;
            Ok(Effect::default())
        });
    }

    /// Makes tokens for whoever is to pay them; of the pool's own everybody has enough.
    fn make(&mut self, token: Address, who: Address, amount: U256) {
        if token != self.oracle.pool_token {
            let call = Call::new("mint(address,uint256)", 2).address(who).word(amount);
            if self.oracle.evm.send(who, token, call).unwrap().result.is_ok() {
                self.gain(token, who, amount);
            }
        }
    }

    fn deposit_reward_token(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        let token = self.reward(gauge);
        let rewards = self.model.gauge(account(gauge)).unwrap().rewards();
        let stream = rewards.iter().find(|stream| stream.token == account(token));
        let distributor = stream.map(|stream| Address::from(stream.distributor.0));
        let by_another = self.random.once_in(12);
        let mut caller = distributor.filter(|_| !by_another).unwrap_or_else(|| self.actor());
        if caller == self.oracle.vault {
            caller = self.oracle.admin;
        }
        let amount = match self.random.below(60) {
            0 if token != self.oracle.pool_token => self.random.wide(255),
            _ if self.is_rich => self.random.wide(195),
            1..5 => self.random.wide(200),
            5..12 => U256::from(WEEK) * U256::from(self.random.below(100)),
            12..16 => U256::ZERO,
            _ => self.random.wide(90),
        };
        self.make(token, caller, amount);
        self.last = format!("of {amount} of {token} to {gauge} by {caller}");
        let call = Call::new("deposit_reward_token(address,uint256)", 2);
        let call = call.address(token).word(amount);
        let at = self.now.at;
        let transaction = Transaction { from: caller, to: gauge, call };
        self.run("deposit_reward_token", transaction, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            let (caller_of, amount_of) = (account(caller), Amount(amount));
            gauge.deposit_reward_token(caller_of, account(token), amount_of, at)?;
            Ok(Effect { taken: Some((token, caller, amount)), ..Effect::default() })
        });
    }

    fn set_reward_distributor(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        let (token, admin, distributor) = (self.reward(gauge), self.admin(), self.anybody());
        self.last = format!("of {token} in {gauge} to {distributor} by {admin}");
        let call = Call::new("set_reward_distributor(address,address)", 2);
        let call = call.address(token).address(distributor);
        let transaction = Transaction { from: admin, to: gauge, call };
        self.run("set_reward_distributor", transaction, tally, |model| {
            let gauge = model.gauge_mut(account(gauge))?;
            let (token, distributor) = (account(token), account(distributor));
            gauge.set_reward_distributor(account(admin), token, distributor)?;
            Ok(Effect::default())
        });
    }

    /// Sends a token to the gauge's address, past all of its functions.
    fn give(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.actor());
        let (token, amount) = (self.reward(gauge), self.random.wide(90));
        self.make(token, who, amount);
        self.last = format!("of {amount} of {token} to {gauge} by {who}");
        let call = Call::new("transfer(address,uint256)", 2).address(gauge).word(amount);
        let transaction = Transaction { from: who, to: token, call };
        self.run("a gift to the gauge", transaction, tally, |model| {
            model.gauge_mut(account(gauge))?.receive(account(token), Amount(amount))?;
            let taken = Some((token, who, amount));
            Ok(Effect { words: vec![U256::ONE], taken, ..Effect::default() })
        });
    }

    fn set_killed(&mut self, tally: &mut Tally) {
        let (gauge, admin, is_killed) = (self.gauge(), self.admin(), self.random.once_in(2));
        self.last = format!("{gauge} by {admin}");
        let name = if is_killed { "killGauge" } else { "unkillGauge" };
        let call = Call::new(&format!("{name}()"), 0);
        self.run(name, Transaction { from: admin, to: gauge, call }, tally, |model| {
            model.gauge_mut(account(gauge))?.set_killed(account(admin), is_killed)?;
            Ok(Effect::default())
        });
    }

    fn set_relative_weight_cap(&mut self, tally: &mut Tally) {
        let (gauge, admin, cap) = (self.gauge(), self.admin(), self.cap());
        self.last = format!("of {gauge} to {cap} by {admin}");
        let call = Call::new("setRelativeWeightCap(uint256)", 1).word(cap);
        let transaction = Transaction { from: admin, to: gauge, call };
        self.run("setRelativeWeightCap", transaction, tally, |model| {
            model.gauge_mut(account(gauge))?.set_relative_weight_cap(account(admin), cap)?;
            Ok(Effect::default())
        });
    }
}
