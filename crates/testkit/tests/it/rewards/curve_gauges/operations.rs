use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::gauge_controller::{NewGauge, VoteFor};
use tidemill_rewards::{Account, WEEK};
use tidemill_testkit::{Address, Call, VyperSlot};
use tidemill_units::{Amount, Timestamp, U256};

use super::{ACTORS, Transaction, World, account, address, expected, token, word};
use crate::tally::Tally;

pub(super) const OPERATIONS: [&str; 32] = [
    "deposit",
    "deposit for another",
    "withdraw",
    "user_checkpoint",
    "claimable_tokens",
    "claimable",
    "kick",
    "set_approve_deposit",
    "mint",
    "mint_many",
    "mint_for",
    "mint_for without leave",
    "toggle_approve_mint",
    "vote_for_gauge_weights",
    "checkpoint",
    "checkpoint_gauge",
    "gauge_relative_weight_write",
    "gauge_relative_weight",
    "add_type",
    "add_gauge",
    "change_type_weight",
    "change_gauge_weight",
    "create_lock",
    "increase_amount",
    "increase_unlock_time",
    "withdraw the lock",
    "update_mining_parameters",
    "start_epoch_time_write",
    "future_epoch_time_write",
    "burn",
    "mintable_in_timeframe",
    "more than 500 weeks at once",
];
pub(super) const REVERTS: [&str; 26] = [
    "deposit for another: NotApproved",
    "withdraw: Underflow",
    "user_checkpoint: Unauthorized",
    "kick: KickNotAllowed",
    "kick: KickNotNeeded",
    "mint: Controller(UnknownGauge)",
    "mint_many: Controller(UnknownGauge)",
    "vote_for_gauge_weights: Controller(LockTooShort)",
    "vote_for_gauge_weights: Controller(TooMuch)",
    "vote_for_gauge_weights: Controller(TooOften)",
    "vote_for_gauge_weights: Controller(UnknownGaugeVote)",
    "vote_for_gauge_weights: Controller(PowerUsed)",
    "checkpoint: Controller(Underflow)",
    "add_type: Controller(NotAdmin)",
    "add_gauge: Controller(NotAdmin)",
    "add_gauge: Controller(UnknownType)",
    "add_gauge: Controller(KnownGauge)",
    "change_type_weight: Controller(NotAdmin)",
    "change_gauge_weight: Controller(NotAdmin)",
    "change_gauge_weight: Controller(UnknownGauge)",
    "update_mining_parameters: Token(TooSoon)",
    "burn: Token(Underflow)",
    "mintable_in_timeframe: Token(StartAfterEnd)",
    "mintable_in_timeframe: Token(TooFar)",
    "mintable_in_timeframe: Token(BeforeFirstEpoch)",
    "mint: UnknownGauge",
];

impl World {
    pub(in crate::rewards) fn step(&mut self, tally: &mut Tally) {
        self.pass_time(tally);
        match self.random.below(64) {
            0..9 => self.deposit(tally),
            9..14 => self.withdraw(tally),
            14..19 => self.user_checkpoint(tally),
            19..21 => self.claimable_tokens(tally),
            21..25 => self.kick(tally),
            25..27 => self.set_approve_deposit(tally),
            27..31 => self.mint(tally),
            31..33 => self.mint_many(tally),
            33..35 => self.mint_for(tally),
            35 => self.toggle_approve_mint(tally),
            36..43 => self.vote(tally),
            43 => self.checkpoint(tally),
            44..46 => self.checkpoint_gauge(tally),
            46 => self.relative_weight_write(tally),
            47 if self.random.once_in(4) => self.add_type(tally),
            48 if self.random.once_in(2) => self.add_gauge(tally),
            49 => self.change_type_weight(tally),
            50 => self.change_gauge_weight(tally),
            51..54 => self.create_lock(tally),
            54 => self.increase_amount(tally),
            55 => self.increase_unlock_time(tally),
            56..58 => self.withdraw_lock(tally),
            58 => self.update_mining_parameters(tally),
            59 => self.epoch_time_write(tally),
            60 => self.burn(tally),
            61 if self.random.once_in(4) && self.oracle.gauges.len() < 5 => {
                self.deploy_gauge(tally);
            }
            _ => self.look(tally),
        }
    }

    fn actor(&mut self) -> Address {
        address(self.random.below(u64::from(ACTORS)) as u8)
    }

    /// Mostly a gauge that is there, sometimes an address that is none.
    fn gauge(&mut self) -> Address {
        if self.random.once_in(40) { Address::repeat_byte(0xee) } else { self.real_gauge() }
    }

    fn real_gauge(&mut self) -> Address {
        let gauges = self.oracle.gauges.clone();
        self.random.pick(&gauges)
    }

    fn admin(&mut self) -> Address {
        if self.random.once_in(12) { self.actor() } else { self.oracle.admin }
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

    fn deposit(&mut self, tally: &mut Tally) {
        let (gauge, caller) = (self.real_gauge(), self.actor());
        let recipient = if self.random.once_in(4) { self.actor() } else { caller };
        let bits = match self.random.below(60) {
            0 => 244,
            1..4 => 0,
            _ => self.scale,
        };
        let value = self.random.wide(bits);
        let place = self.oracle.gauges.iter().position(|known| *known == gauge).unwrap();
        let call = Call::new("mint(address,uint256)", 2).address(caller).word(value);
        let pool_token = self.oracle.pool_tokens[place];
        self.oracle.evm.set_up(caller, pool_token, "mint", call).unwrap();
        self.last = format!("of {value} in {gauge} by {caller} for {recipient}");
        let name = if caller == recipient { "deposit" } else { "deposit for another" };
        let call = Call::new("deposit(uint256,address)", 2).word(value).address(recipient);
        let at = self.now.at;
        let deposit = GaugeDeposit {
            gauge: account(gauge),
            recipient: account(recipient),
            value: Amount(value),
        };
        let _ = self.run(name, Transaction { from: caller, to: gauge, call }, tally, |model| {
            model.deposit(account(caller), deposit, at).map(|()| Vec::new())
        });
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.real_gauge(), self.actor());
        let balance = self.model.gauge(account(gauge)).unwrap().stake_of(account(who)).balance;
        let value = match self.random.below(8) {
            0 => balance,
            1 => balance.saturating_add(U256::ONE),
            2 => U256::ZERO,
            _ => self.random.up_to(balance),
        };
        self.last = format!("of {value} from {gauge} by {who}");
        let call = Call::new("withdraw(uint256)", 1).word(value);
        let at = self.now.at;
        let transaction = Transaction { from: who, to: gauge, call };
        let _ = self.run("withdraw", transaction, tally, |model| {
            model.withdraw(account(who), account(gauge), Amount(value), at).map(|()| Vec::new())
        });
    }

    fn user_checkpoint(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.real_gauge(), self.actor());
        let caller = if self.random.once_in(8) { self.actor() } else { who };
        self.last = format!("of {who} in {gauge} by {caller}");
        let call = Call::new("user_checkpoint(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: caller, to: gauge, call };
        let _ = self.run("user_checkpoint", transaction, tally, |model| {
            let done = model.user_checkpoint(account(caller), account(gauge), account(who), at);
            done.map(|()| vec![U256::ONE])
        });
    }

    fn claimable_tokens(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.real_gauge(), self.actor());
        self.last = format!("of {who} in {gauge}");
        let call = Call::new("claimable_tokens(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: self.actor(), to: gauge, call };
        let _ = self.run("claimable_tokens", transaction, tally, |model| {
            word(model.claimable_tokens(account(gauge), account(who), at))
        });
    }

    fn kick(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.real_gauge(), self.actor());
        self.last = format!("of {who} in {gauge}");
        let call = Call::new("kick(address)", 1).address(who);
        let at = self.now.at;
        let transaction = Transaction { from: self.actor(), to: gauge, call };
        let _ = self.run("kick", transaction, tally, |model| {
            model.kick(account(gauge), account(who), at).map(|()| Vec::new())
        });
    }

    fn set_approve_deposit(&mut self, tally: &mut Tally) {
        let (gauge, recipient, caller) = (self.real_gauge(), self.actor(), self.actor());
        let is_allowed = !self.random.once_in(4);
        self.last = format!("of {caller} for {recipient} in {gauge}: {is_allowed}");
        let call = Call::new("set_approve_deposit(address,bool)", 2).address(caller);
        let call = call.word(U256::from(u8::from(is_allowed)));
        let transaction = Transaction { from: recipient, to: gauge, call };
        let _ = self.run("set_approve_deposit", transaction, tally, |model| {
            let (recipient, caller) = (account(recipient), account(caller));
            let done = model.set_approve_deposit(recipient, account(gauge), caller, is_allowed);
            done.map(|()| Vec::new())
        });
    }

    /// What an account has of the token.
    fn holding(&self, who: Address) -> U256 {
        let slot = VyperSlot::variable(3).account(who);
        self.oracle.evm.storage(self.oracle.token, slot.0)
    }

    fn check_minted(&self, who: Address, before: U256, minted: Amount) {
        assert_eq!(before + minted.0, self.holding(who), "minted {} ({})", self.last, self.seed);
    }

    fn mint(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.actor());
        self.last = format!("from {gauge} by {who}");
        let call = Call::new("mint(address)", 1).address(gauge);
        let (at, before) = (self.now.at, self.holding(who));
        let mut minted = Amount::ZERO;
        let transaction = Transaction { from: who, to: self.oracle.minter, call };
        let _ = self.run("mint", transaction, tally, |model| {
            minted = model.mint(account(who), account(gauge), at)?;
            Ok(Vec::new())
        });
        if !minted.is_zero() {
            tally.count("something minted");
        }
        self.check_minted(who, before, minted);
    }

    fn mint_many(&mut self, tally: &mut Tally) {
        let who = self.actor();
        let count = self.random.below(9) as usize;
        let gauges: Vec<Address> = (0..count)
            .map(|_| if self.random.once_in(4) { self.gauge() } else { self.real_gauge() })
            .collect();
        self.last = format!("from {gauges:?} by {who}");
        let call = gauges
            .iter()
            .fold(Call::new("mint_many(address[8])", 8), |call, gauge| call.address(*gauge));
        let call = (count..8).fold(call, |call, _| call.address(Address::ZERO));
        let accounts: Vec<Account> = gauges.iter().map(|gauge| account(*gauge)).collect();
        let (at, before) = (self.now.at, self.holding(who));
        let mut minted = Amount::ZERO;
        let transaction = Transaction { from: who, to: self.oracle.minter, call };
        let _ = self.run("mint_many", transaction, tally, |model| {
            minted = model.mint_many(account(who), &accounts, at)?;
            Ok(Vec::new())
        });
        self.check_minted(who, before, minted);
    }

    fn mint_for(&mut self, tally: &mut Tally) {
        let (gauge, caller, who) = (self.gauge(), self.actor(), self.actor());
        self.last = format!("from {gauge} by {caller} for {who}");
        let may = self.model.minter().may_mint_for(account(caller), account(who));
        let name = if may { "mint_for" } else { "mint_for without leave" };
        let call = Call::new("mint_for(address,address)", 2).address(gauge).address(who);
        let (at, before) = (self.now.at, self.holding(who));
        let mut minted = Amount::ZERO;
        let transaction = Transaction { from: caller, to: self.oracle.minter, call };
        let _ = self.run(name, transaction, tally, |model| {
            minted = model.mint_for(account(caller), account(gauge), account(who), at)?;
            Ok(Vec::new())
        });
        self.check_minted(who, before, minted);
    }

    fn toggle_approve_mint(&mut self, tally: &mut Tally) {
        let (who, caller) = (self.actor(), self.actor());
        self.last = format!("of {caller} by {who}");
        let call = Call::new("toggle_approve_mint(address)", 1).address(caller);
        let transaction = Transaction { from: who, to: self.oracle.minter, call };
        let _ = self.run("toggle_approve_mint", transaction, tally, |model| {
            model.toggle_approve_mint(account(who), account(caller));
            Ok(Vec::new())
        });
    }

    /// Mostly somebody who has a lock that lasts.
    fn voter(&mut self) -> Address {
        let who = self.actor();
        let soon = Timestamp(self.now.at.0 + WEEK);
        let lasts = |who: &Address| self.model.escrow.locked(account(*who)).end > soon;
        if lasts(&who) || self.random.clone().once_in(3) {
            return who;
        }
        (0..ACTORS).map(address).find(lasts).unwrap_or(who)
    }

    fn vote(&mut self, tally: &mut Tally) {
        let (gauge, who) = (self.gauge(), self.voter());
        let weight = match self.random.below(20) {
            0 => self.random.wide(256),
            1 => U256::from(10_001),
            2..5 => U256::ZERO,
            5..8 => U256::from(10_000 - self.model.controller.power_used(account(who))),
            8 => U256::from(10_001 - self.model.controller.power_used(account(who))),
            _ => U256::from(self.random.below(5000)),
        };
        self.last = format!("of {weight} for {gauge} by {who}");
        let call = Call::new("vote_for_gauge_weights(address,uint256)", 2);
        let call = call.address(gauge).word(weight);
        let vote = VoteFor { gauge: account(gauge), weight };
        let at = self.now.at;
        let transaction = Transaction { from: who, to: self.oracle.controller, call };
        let _ = self.run("vote_for_gauge_weights", transaction, tally, |model| {
            model.vote_for_gauge_weights(account(who), vote, at).map(|()| Vec::new())
        });
    }

    fn checkpoint(&mut self, tally: &mut Tally) {
        self.last.clear();
        let at = self.now.at;
        let call = Call::new("checkpoint()", 0);
        let transaction = Transaction { from: self.actor(), to: self.oracle.controller, call };
        let _ = self.run("checkpoint", transaction, tally, |model| {
            model.controller.checkpoint(at)?;
            Ok(Vec::new())
        });
    }

    fn checkpoint_gauge(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        self.last = format!("of {gauge}");
        let at = self.now.at;
        let call = Call::new("checkpoint_gauge(address)", 1).address(gauge);
        let transaction = Transaction { from: self.actor(), to: self.oracle.controller, call };
        let _ = self.run("checkpoint_gauge", transaction, tally, |model| {
            model.controller.checkpoint_gauge(account(gauge), at)?;
            Ok(Vec::new())
        });
    }

    fn some_time(&mut self) -> u64 {
        self.now.at.0.saturating_sub(self.random.below(60 * WEEK)) + self.random.below(3 * WEEK)
    }

    fn relative_weight_write(&mut self, tally: &mut Tally) {
        let (gauge, of) = (self.gauge(), self.some_time());
        self.last = format!("of {gauge} at {of}");
        let call = Call::new("gauge_relative_weight_write(address,uint256)", 2);
        let call = call.address(gauge).word(U256::from(of));
        let at = self.now.at;
        let transaction = Transaction { from: self.actor(), to: self.oracle.controller, call };
        let _ = self.run("gauge_relative_weight_write", transaction, tally, |model| {
            let controller = &mut model.controller;
            let share =
                controller.gauge_relative_weight_write(account(gauge), Timestamp(of), at)?;
            Ok(vec![share])
        });
    }

    pub(super) fn add_type(&mut self, tally: &mut Tally) {
        let (admin, weight) = (self.admin(), self.weight());
        self.last = format!("of {weight} by {admin}");
        let call = Call::new("add_type(string,uint256)", 2).bytes(b"").word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        let _ = self.run("add_type", transaction, tally, |model| {
            model.controller.add_type(account(admin), weight, at)?;
            Ok(Vec::new())
        });
    }

    pub(super) fn deploy_gauge(&mut self, tally: &mut Tally) {
        let gauge = self.oracle.deploy_gauge().unwrap();
        self.model.deploy_gauge(account(gauge), self.now.at).unwrap();
        tally.count("deploy_gauge");
        self.compare("after a new gauge");
    }

    pub(super) fn add_gauge(&mut self, tally: &mut Tally) {
        let (admin, gauge, weight) = (self.admin(), self.gauge(), self.weight());
        let types = self.model.controller.type_count();
        let gauge_type = if self.random.once_in(12) { types } else { self.random.below(types + 1) };
        self.last = format!("{gauge} of type {gauge_type} and {weight} by {admin}");
        let call = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
        let call = call.word(U256::from(gauge_type)).word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        let _ = self.run("add_gauge", transaction, tally, |model| {
            let gauge = NewGauge { account: account(gauge), gauge_type, weight };
            model.controller.add_gauge(account(admin), gauge, at)?;
            Ok(Vec::new())
        });
    }

    fn change_type_weight(&mut self, tally: &mut Tally) {
        let (admin, weight) = (self.admin(), self.weight());
        let room = self.model.controller.type_count() + 2;
        let far = self.random.pick(&[999_999_999, 1_000_000_000, u64::MAX >> 1]);
        let id = if self.random.once_in(30) { far } else { self.random.below(room) };
        self.last = format!("of {id} to {weight} by {admin}");
        let call = Call::new("change_type_weight(int128,uint256)", 2);
        let call = call.word(U256::from(id)).word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        let _ = self.run("change_type_weight", transaction, tally, |model| {
            model.controller.change_type_weight(account(admin), id, weight, at)?;
            Ok(Vec::new())
        });
    }

    fn change_gauge_weight(&mut self, tally: &mut Tally) {
        let (admin, gauge, weight) = (self.admin(), self.gauge(), self.weight());
        self.last = format!("of {gauge} to {weight} by {admin}");
        let call = Call::new("change_gauge_weight(address,uint256)", 2);
        let call = call.address(gauge).word(weight);
        let at = self.now.at;
        let transaction = Transaction { from: admin, to: self.oracle.controller, call };
        let _ = self.run("change_gauge_weight", transaction, tally, |model| {
            model.controller.change_gauge_weight(account(admin), account(gauge), weight, at)?;
            Ok(Vec::new())
        });
    }

    fn unlock_time(&mut self) -> Timestamp {
        Timestamp(self.now.at.0 + WEEK + self.random.below(26 * WEEK) * 2)
    }

    pub(super) fn create_lock(&mut self, tally: &mut Tally) {
        let (who, value, until) = (self.actor(), self.random.wide(80), self.unlock_time());
        self.last = format!("of {value} until {until:?} by {who}");
        let call = Call::new("create_lock(uint256,uint256)", 2).word(value);
        let call = call.word(U256::from(until.0));
        let now = self.now;
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        let _ = self.run("create_lock", transaction, tally, |model| {
            model.escrow.create_lock(account(who), Amount(value), until, now)?;
            Ok(Vec::new())
        });
    }

    fn increase_amount(&mut self, tally: &mut Tally) {
        let (who, value) = (self.actor(), self.random.wide(80));
        self.last = format!("of {value} by {who}");
        let call = Call::new("increase_amount(uint256)", 1).word(value);
        let now = self.now;
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        let _ = self.run("increase_amount", transaction, tally, |model| {
            model.escrow.increase_amount(account(who), Amount(value), now)?;
            Ok(Vec::new())
        });
    }

    fn increase_unlock_time(&mut self, tally: &mut Tally) {
        let (who, until) = (self.actor(), self.unlock_time());
        self.last = format!("to {until:?} by {who}");
        let call = Call::new("increase_unlock_time(uint256)", 1).word(U256::from(until.0));
        let now = self.now;
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        let _ = self.run("increase_unlock_time", transaction, tally, |model| {
            model.escrow.increase_unlock_time(account(who), until, now)?;
            Ok(Vec::new())
        });
    }

    fn withdraw_lock(&mut self, tally: &mut Tally) {
        let who = self.actor();
        self.last = format!("by {who}");
        let call = Call::new("withdraw()", 0);
        let now = self.now;
        let transaction = Transaction { from: who, to: self.oracle.escrow, call };
        let _ = self.run("withdraw the lock", transaction, tally, |model| {
            model.escrow.withdraw(account(who), now)?;
            Ok(Vec::new())
        });
    }

    pub(super) fn update_mining_parameters(&mut self, tally: &mut Tally) {
        self.last.clear();
        let at = self.now.at;
        let call = Call::new("update_mining_parameters()", 0);
        let transaction = Transaction { from: self.actor(), to: self.oracle.token, call };
        let _ = self.run("update_mining_parameters", transaction, tally, |model| {
            token(model.token.update_mining_parameters(at).map(|()| Vec::new()))
        });
    }

    fn epoch_time_write(&mut self, tally: &mut Tally) {
        self.last.clear();
        let at = self.now.at;
        let is_future = self.random.once_in(2);
        let name = if is_future { "future_epoch_time_write" } else { "start_epoch_time_write" };
        let call = Call::new(&format!("{name}()"), 0);
        let transaction = Transaction { from: self.actor(), to: self.oracle.token, call };
        let _ = self.run(name, transaction, tally, |model| {
            let answer = if is_future {
                model.token.future_epoch_time_write(at)
            } else {
                model.token.start_epoch_time_write(at)
            };
            token(answer.map(|at| vec![U256::from(at.0)]))
        });
    }

    fn burn(&mut self, tally: &mut Tally) {
        let who = self.actor();
        let held = self.holding(who);
        // More than there is at all: the token's own balances are not modelled.
        let value = if self.random.once_in(8) { U256::MAX } else { self.random.up_to(held >> 20) };
        self.last = format!("of {value} by {who}");
        let call = Call::new("burn(uint256)", 1).word(value);
        let transaction = Transaction { from: who, to: self.oracle.token, call };
        let _ = self.run("burn", transaction, tally, |model| {
            token(model.token.burn(Amount(value)).map(|()| vec![U256::ONE]))
        });
    }

    /// Asks a question of both sides.
    fn look(&mut self, tally: &mut Tally) {
        let (gauge, who, at) = (self.real_gauge(), self.actor(), self.now.at);
        let (start, end) = (self.some_time(), self.some_time() + self.random.below(2) * 30_000_000);
        let (name, contract, call, model) = match self.random.below(8) {
            0..3 => (
                "claimable",
                gauge,
                Call::new("claimable_tokens(address)", 1).address(who),
                word(self.model.claimable(account(gauge), account(who), at)),
            ),
            3..5 => (
                "gauge_relative_weight",
                self.oracle.controller,
                Call::new("gauge_relative_weight(address,uint256)", 2)
                    .address(gauge)
                    .word(U256::from(start)),
                self.model
                    .controller
                    .gauge_relative_weight(account(gauge), Timestamp(start))
                    .map(|share| vec![share])
                    .map_err(Into::into),
            ),
            5..7 => (
                "mintable_in_timeframe",
                self.oracle.token,
                Call::new("mintable_in_timeframe(uint256,uint256)", 2)
                    .word(U256::from(start))
                    .word(U256::from(end)),
                word(
                    self.model
                        .token
                        .mintable_in_timeframe(Timestamp(start), Timestamp(end))
                        .map_err(Into::into),
                ),
            ),
            _ => (
                "available_supply",
                self.oracle.token,
                Call::new("available_supply()", 0),
                word(self.model.token.available_supply(at).map_err(Into::into)),
            ),
        };
        match &model {
            Ok(_) => tally.count(name),
            Err(error) => tally.revert(name, &format!("{error:?}")),
        }
        let real = self.oracle.evm.view(contract, call).unwrap().map(|answer| answer.words());
        let context = format!("{name} of {gauge}, {who}, {start} to {end} (world {})", self.seed);
        assert_eq!(model.map_err(expected), real, "{context}");
        self.compare(&context);
    }
}
