//! Minting, votes, locks and questions.

use tidemill_rewards::gauge_controller::{NewGauge, VoteFor};
use tidemill_rewards::{Account, WEEK};
use tidemill_testkit::{Address, Call};
use tidemill_units::{Amount, Timestamp, U256};

use super::{Answer, Effect, Transaction, World, account, compare_answers, words};
use crate::tally::Tally;

impl World {
    /// Mostly a gauge that is there, sometimes an address that is none, which the controller may
    /// know all the same.
    fn some_gauge(&mut self) -> Address {
        if self.random.once_in(24) { Address::repeat_byte(0xee) } else { self.gauge() }
    }

    fn weight(&mut self) -> U256 {
        let bits = match self.random.below(60) {
            0 => 256,
            1..4 => 130,
            4..8 => 0,
            8..30 => 60,
            _ => 90,
        };
        self.random.wide(bits)
    }

    /// An operation of the minter: what it mints is the account's.
    fn minting(
        &mut self,
        name: &str,
        (caller, who, call): (Address, Address, Call),
        tally: &mut Tally,
        operation: impl FnOnce(
            &mut tidemill_rewards::BalancerGauges,
        )
            -> Result<Amount, tidemill_rewards::balancer_gauge::BalancerGaugeError>,
    ) {
        let token = self.oracle.token;
        let mut minted = Amount::ZERO;
        let is_silent = name.contains('_');
        let transaction = Transaction { from: caller, to: self.oracle.minter, call };
        self.run(name, transaction, tally, |model| {
            minted = operation(model)?;
            let taken = Some((token, who, minted.0.wrapping_neg()));
            let words = if is_silent { Vec::new() } else { vec![minted.0] };
            Ok(Effect { words, taken, ..Effect::default() })
        });
        if !minted.is_zero() {
            tally.count("something minted");
        }
    }

    pub(super) fn mint(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.some_gauge(), self.actor());
        self.last = format!("from {gauge} by {who}");
        let call = Call::new("mint(address)", 1).address(gauge);
        let at = self.now.at;
        self.minting("mint", (who, who, call), tally, |model| {
            model.mint(account(who), account(gauge), at)
        });
    }

    fn some_gauges(&mut self) -> Vec<Address> {
        let count = self.random.below(9);
        (0..count)
            .map(|_| if self.random.once_in(4) { self.some_gauge() } else { self.gauge() })
            .collect()
    }

    pub(super) fn mint_many(&mut self, tally: &mut Tally) {
        let (who, gauges) = (self.actor(), self.some_gauges());
        self.last = format!("from {gauges:?} by {who}");
        let accounts: Vec<Account> = gauges.iter().map(|gauge| account(*gauge)).collect();
        let at = self.now.at;
        if self.random.once_in(2) {
            let call = gauge_list(Call::new("mintMany(address[])", 1), &gauges);
            self.minting("mintMany", (who, who, call), tally, |model| {
                model.mint_many(account(who), &accounts, at)
            });
        } else {
            let call = Call::new("mint_many(address[8])", 8);
            let call = gauges.iter().fold(call, |call, gauge| call.address(*gauge));
            let call = (gauges.len()..8).fold(call, |call, _| call.address(Address::ZERO));
            self.minting("mint_many", (who, who, call), tally, |model| {
                model.mint_each(account(who), &accounts, at)
            });
        }
    }

    pub(super) fn mint_for(&mut self, tally: &mut Tally) {
        let (gauge, caller, who) = (self.some_gauge(), self.actor(), self.actor());
        let at = self.now.at;
        self.last = format!("from {gauge} by {caller} for {who}");
        match self.random.below(3) {
            0 => {
                let call = Call::new("mintFor(address,address)", 2).address(gauge).address(who);
                self.minting("mintFor", (caller, who, call), tally, |model| {
                    model.mint_for(account(caller), &[account(gauge)], account(who), at)
                });
            }
            1 => {
                let gauges = self.some_gauges();
                let accounts: Vec<Account> = gauges.iter().map(|gauge| account(*gauge)).collect();
                // The list is the first of two arguments, so its place comes before the account.
                let call = Call::new("mintManyFor(address[],address)", 2);
                let call = gauge_list(call, &gauges).address(who);
                self.minting("mintManyFor", (caller, who, call), tally, |model| {
                    model.mint_for(account(caller), &accounts, account(who), at)
                });
            }
            _ => {
                let may = self.model.minter().may_mint_for(account(caller), account(who));
                let name = if may { "mint_for" } else { "mint_for without leave" };
                let call = Call::new("mint_for(address,address)", 2).address(gauge).address(who);
                self.minting(name, (caller, who, call), tally, |model| {
                    model.mint_where_allowed(account(caller), account(gauge), account(who), at)
                });
            }
        }
    }

    pub(super) fn allow_minting(&mut self, tally: &mut Tally) {
        let (who, caller) = (self.actor(), self.actor());
        self.last = format!("of {caller} for {who}");
        let toggles = self.random.once_in(2);
        let is_allowed = self.random.once_in(2);
        let (name, call) = if toggles {
            ("toggle_approve_mint", Call::new("toggle_approve_mint(address)", 1).address(caller))
        } else {
            let call = Call::new("setMinterApproval(address,bool)", 2).address(caller);
            ("setMinterApproval", call.word(U256::from(u8::from(is_allowed))))
        };
        let transaction = Transaction { from: who, to: self.oracle.minter, call };
        self.run(name, transaction, tally, |model| {
            if toggles {
                model.toggle_approve_mint(account(who), account(caller));
            } else {
                model.set_minter_approval(account(who), account(caller), is_allowed);
            }
            Ok(Effect::default())
        });
    }

    pub(super) fn vote(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.some_gauge(), self.actor());
        let weight = match self.random.below(8) {
            0 => U256::from(10_000 + self.random.below(2)),
            1 => U256::ZERO,
            _ => U256::from(self.random.below(5_000)),
        };
        self.last = format!("of {weight} for {gauge} by {who}");
        let call = Call::new("vote_for_gauge_weights(address,uint256)", 2);
        let call = call.address(gauge).word(weight);
        let vote = VoteFor { gauge: account(gauge), weight };
        let at = self.now.at;
        let transaction = Transaction { from: who, to: self.oracle.controller, call };
        self.run("vote_for_gauge_weights", transaction, tally, |model| {
            model.vote_for_gauge_weights(account(who), vote, at)?;
            Ok(Effect::default())
        });
    }

    pub(super) fn checkpoint_gauge(&mut self, tally: &mut Tally) {
        let gauge = self.some_gauge();
        self.last = format!("of {gauge}");
        let at = self.now.at;
        let call = Call::new("checkpoint_gauge(address)", 1).address(gauge);
        let transaction = Transaction { from: self.actor(), to: self.oracle.controller, call };
        self.run("checkpoint_gauge", transaction, tally, |model| {
            model.controller.checkpoint_gauge(account(gauge), at)?;
            Ok(Effect::default())
        });
    }

    pub(super) fn add_type(&mut self, tally: &mut Tally) {
        let (admin, weight) = (self.oracle.admin, self.weight());
        self.last = format!("of {weight}");
        let call = Call::new("add_type(string,uint256)", 2).bytes(b"").word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        self.run("add_type", transaction, tally, |model| {
            model.controller.add_type(account(admin), weight, at)?;
            Ok(Effect::default())
        });
    }

    pub(super) fn add_gauge(&mut self, tally: &mut Tally) {
        let (admin, gauge, weight) = (self.admin(), self.some_gauge(), self.weight());
        let gauge_type = self.random.below(self.model.controller.type_count() + 1);
        self.last = format!("{gauge} of type {gauge_type} and {weight} by {admin}");
        let call = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
        let call = call.word(U256::from(gauge_type)).word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        self.run("add_gauge", transaction, tally, |model| {
            let gauge = NewGauge { account: account(gauge), gauge_type, weight };
            model.controller.add_gauge(account(admin), gauge, at)?;
            Ok(Effect::default())
        });
    }

    pub(super) fn change_weight(&mut self, tally: &mut Tally) {
        let (admin, weight, at) = (self.admin(), self.weight(), self.now.at);
        let to = self.oracle.controller;
        if self.random.once_in(2) {
            let id = self.random.below(self.model.controller.type_count() + 2);
            self.last = format!("of {id} to {weight} by {admin}");
            let call = Call::new("change_type_weight(int128,uint256)", 2);
            let call = call.word(U256::from(id)).word(weight);
            let transaction = Transaction { from: admin, to, call };
            self.run("change_type_weight", transaction, tally, |model| {
                model.controller.change_type_weight(account(admin), id, weight, at)?;
                Ok(Effect::default())
            });
        } else {
            let gauge = self.some_gauge();
            self.last = format!("of {gauge} to {weight} by {admin}");
            let call = Call::new("change_gauge_weight(address,uint256)", 2);
            let call = call.address(gauge).word(weight);
            let transaction = Transaction { from: admin, to, call };
            self.run("change_gauge_weight", transaction, tally, |model| {
                let controller = &mut model.controller;
                controller.change_gauge_weight(account(admin), account(gauge), weight, at)?;
                Ok(Effect::default())
            });
        }
    }

    /// Mostly an actor without a lock, or with one that has ended.
    fn locker(&mut self, has_ended: bool) -> Address {
        for _ in 0..3 {
            let who = self.actor();
            let locked = self.model.escrow.locked(account(who));
            let fits = if has_ended { locked.end <= self.now.at } else { locked.amount == 0 };
            if fits && (locked.amount != 0) == has_ended {
                return who;
            }
        }
        self.actor()
    }

    pub(super) fn create_lock(&mut self, tally: &mut Tally) {
        let (who, value) = (self.locker(false), self.random.wide(80));
        let weeks = if self.random.once_in(4) { self.random.below(51) } else { 51 };
        let until = Timestamp(self.now.at.0 + WEEK + weeks * WEEK);
        self.last = format!("of {value} until {until:?} by {who}");
        let call = Call::new("create_lock(uint256,uint256)", 2).word(value);
        let call = call.word(U256::from(until.0));
        let (now, token) = (self.now, self.oracle.pool_token);
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        self.run("create_lock", transaction, tally, |model| {
            model.escrow.create_lock(account(who), Amount(value), until, now)?;
            Ok(Effect { taken: Some((token, who, value)), ..Effect::default() })
        });
    }

    pub(super) fn increase_amount(&mut self, tally: &mut Tally) {
        let (who, value) = (self.actor(), self.random.wide(80));
        self.last = format!("of {value} by {who}");
        let call = Call::new("increase_amount(uint256)", 1).word(value);
        let (now, token) = (self.now, self.oracle.pool_token);
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        self.run("increase_amount", transaction, tally, |model| {
            model.escrow.increase_amount(account(who), Amount(value), now)?;
            Ok(Effect { taken: Some((token, who, value)), ..Effect::default() })
        });
    }

    pub(super) fn withdraw_lock(&mut self, tally: &mut Tally) {
        let who = self.locker(true);
        self.last = format!("by {who}");
        let call = Call::new("withdraw()", 0);
        let (now, token) = (self.now, self.oracle.pool_token);
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        self.run("withdraw the lock", transaction, tally, |model| {
            let paid = model.escrow.withdraw(account(who), now)?;
            let taken = Some((token, who, paid.0.wrapping_neg()));
            Ok(Effect { taken, ..Effect::default() })
        });
    }

    pub(super) fn update_mining_parameters(&mut self, tally: &mut Tally) {
        self.last.clear();
        let at = self.now.at;
        let call = Call::new("update_mining_parameters()", 0);
        let transaction = Transaction { from: self.actor(), to: self.oracle.token_admin, call };
        self.run("update_mining_parameters", transaction, tally, |model| {
            model.token_admin.update_mining_parameters(at)?;
            Ok(words(Vec::new()))
        });
    }

    /// Asks a question of both sides.
    pub(super) fn look(&mut self, tally: &mut Tally) {
        let (gauge, who, other, at) = (self.gauge(), self.actor(), self.actor(), self.now.at);
        let past = at.0.saturating_sub(self.random.below(60 * WEEK)) + self.random.below(3 * WEEK);
        let tokens = self.tokens.clone();
        let token = self.random.pick(&tokens);
        let model = self.model.gauge(account(gauge)).unwrap();
        let word = |amount: Amount| vec![amount.0];
        let (name, call, model): (_, _, Answer) = match self.random.below(8) {
            0..2 => {
                let call = Call::new("claimable_tokens(address)", 1).address(who);
                let model = self.model.claimable(account(gauge), account(who), at);
                ("claimable", call, model.map(word))
            }
            2..4 => {
                let call = Call::new("getCappedRelativeWeight(uint256)", 1);
                let share = model.capped_relative_weight(&self.model.controller, Timestamp(past));
                let call = call.word(U256::from(past));
                ("getCappedRelativeWeight", call, share.map(|share| vec![share]))
            }
            4 => {
                let call = Call::new("allowance(address,address)", 2).address(who).address(other);
                let allowed = model.allowance(account(who), account(other));
                ("allowance", call, Ok(vec![allowed.0]))
            }
            _ => {
                let call = Call::new("claimable_reward(address,address)", 2);
                let claimable = model.claimable_reward(account(who), account(token), at);
                ("claimable_reward", call.address(who).address(token), claimable.map(word))
            }
        };
        match &model {
            Ok(_) => tally.count(name),
            Err(error) => tally.revert(name, &format!("{error:?}")),
        }
        let real = self.oracle.evm.view(gauge, call).unwrap().map(|answer| answer.words());
        let context = format!("{name} of {gauge}, {who}, {token}, {past} (world {})", self.seed);
        compare_answers(model, &real, &context);
        self.compare(&context);
    }
}

fn gauge_list(call: Call, gauges: &[Address]) -> Call {
    let list: Vec<U256> =
        gauges.iter().map(|gauge| tidemill_testkit::address_word(*gauge)).collect();
    call.array(&list)
}
