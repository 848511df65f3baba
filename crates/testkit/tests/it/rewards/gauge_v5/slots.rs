use std::collections::{HashMap, HashSet};

use tidemill_rewards::gauge_controller::LineState;
use tidemill_rewards::vote_escrow::EscrowPoint;
use tidemill_rewards::{Account, BalancerGauges};
use tidemill_testkit::{Address, VyperSlot, address_word, mapping_slot};
use tidemill_units::{Timestamp, U256};

use super::{ACTORS, World, account, address};

/// Slots of mappings, which take a hash each to find.
#[derive(Default)]
pub(super) struct Slots {
    vyper: HashMap<(U256, U256), U256>,
    solc: HashMap<(U256, u64), U256>,
    nested: HashMap<(U256, U256), U256>,
}

type Words = Vec<(U256, U256)>;

/// Slots that a list of 10^29 words takes, as the compiler counts them: in floating point.
const LIST: u128 = 99_999_999_999_999_991_433_150_857_216;
const PERIOD_TIMES: u64 = 34;
/// First variable of the controller behind its list of gauges.
const CONTROLLER: u64 = 1_000_000_004;
/// First variable of the controller behind the list of its types' times.
const TOTALS: u64 = 2_000_000_013;

impl Slots {
    fn key(&mut self, slot: U256, key: U256) -> U256 {
        *self.vyper.entry((slot, key)).or_insert_with(|| VyperSlot(slot).key(key).0)
    }

    fn two(&mut self, variable: u64, first: U256, second: U256) -> U256 {
        let slot = self.key(U256::from(variable), first);
        self.key(slot, second)
    }

    fn solc(&mut self, key: U256, variable: u64) -> U256 {
        *self.solc.entry((key, variable)).or_insert_with(|| mapping_slot(key, variable))
    }

    /// The slot of a mapping's value inside another mapping's, as solc lays them out.
    fn nested(&mut self, outer: U256, key: U256) -> U256 {
        // Vyper hashes slot and key the other way round.
        *self.nested.entry((outer, key)).or_insert_with(|| VyperSlot(key).key(outer).0)
    }

    fn line(&mut self, words: &mut Words, first: u64, key: U256, line: &LineState) {
        for (week, point) in &line.points {
            let slot = self.two(first, key, time(*week));
            words.push((slot, point.bias));
            words.push((slot.wrapping_add(U256::ONE), point.slope));
        }
        for (week, change) in &line.slope_changes {
            words.push((self.two(first + 1, key, time(*week)), *change));
        }
    }
}

impl World {
    /// Compares what an operation leaves behind: the current values of all contracts.
    pub(in crate::rewards) fn compare(&mut self, context: &str) {
        let words = self.token_admin_words();
        self.check_words("token admin", self.oracle.token_admin, &words, context);
        let words = self.minter_words();
        self.check_words("minter", self.oracle.minter, &words, context);
        for index in 0..self.gauges.len() {
            let words = self.gauge_words(index);
            self.check_words("gauge", self.gauges[index], &words, context);
        }
        self.compare_tokens(context);
        self.compare_controller(context);
        self.compare_escrow(context);
    }

    fn check_words(&self, name: &str, contract: Address, words: &Words, context: &str) {
        for (slot, word) in words {
            let real = self.oracle.evm.storage(contract, *slot);
            assert_eq!(*word, real, "{name} slot {slot:#x} {context}");
        }
    }

    fn token_admin_words(&self) -> Words {
        let admin = &self.model.token_admin;
        vec![
            (U256::from(1), U256::from(admin.mining_epoch)),
            (U256::from(2), time(admin.start_epoch_time)),
            (U256::from(3), admin.start_epoch_supply.0),
            (U256::from(4), admin.rate),
        ]
    }

    fn minter_words(&mut self) -> Words {
        let mut words = Vec::new();
        let minter = self.model.minter();
        for actor in 0..ACTORS {
            let who = word(address(actor));
            let of_user = self.slots.solc(who, 1);
            for gauge in &self.gauges {
                let minted = minter.minted(account(address(actor)), account(*gauge));
                let slot = self.slots.nested(of_user, word(*gauge));
                words.push((slot, minted.0));
            }
            let of_minter = self.slots.solc(who, 2);
            for other in 0..ACTORS {
                let may = minter.may_mint_for(account(address(actor)), account(address(other)));
                let slot = self.slots.nested(of_minter, word(address(other)));
                words.push((slot, U256::from(u8::from(may))));
            }
        }
        words
    }

    fn gauge_words(&mut self, index: usize) -> Words {
        let gauge = self.model.gauge(account(self.gauges[index])).unwrap();
        let period = *gauge.period();
        let number = U256::from(period.period);
        let params = (time(period.future_epoch_time) << 216_usize) + period.inflation_rate;
        let times = U256::from(PERIOD_TIMES);
        let integrals = times + U256::from(LIST);
        let mut words = vec![
            (U256::from(2), period.total_supply),
            (U256::from(12), account_word(gauge.identity().pool_token)),
            (U256::from(13), U256::from(u8::from(gauge.is_killed()))),
            (U256::from(14), params),
            (U256::from(15), U256::from(gauge.rewards().len())),
            (U256::from(21), period.working_supply),
            (U256::from(25), number),
            (times + number, time(period.at)),
            (integrals + number, period.integrate_inv_supply),
            (integrals + U256::from(LIST), gauge.relative_weight_cap()),
        ];
        let slots = &mut self.slots;
        for (place, stream) in gauge.rewards().iter().enumerate() {
            words.push((U256::from(26 + place), account_word(stream.token)));
            let first = slots.key(U256::from(16), account_word(stream.token));
            let members = [
                account_word(stream.token),
                account_word(stream.distributor),
                time(stream.period_finish),
                stream.rate,
                time(stream.last_update),
                stream.integral,
            ];
            // The member that repeats the token is never written.
            for (member, value) in members.into_iter().enumerate().skip(1) {
                words.push((first.wrapping_add(U256::from(member)), value));
            }
        }
        for gone in gauge.rewards().len()..8 {
            words.push((U256::from(26 + gone), U256::ZERO));
        }
        let mut holders: Vec<Address> = (0..ACTORS).map(address).collect();
        holders.extend([Address::ZERO, self.oracle.vault]);
        for holder in &holders {
            let (who, key) = (account(*holder), word(*holder));
            let stake = gauge.stake_of(who);
            let members = [
                (1, stake.balance),
                (17, account_word(gauge.rewards_receiver(who))),
                (20, stake.working_balance),
                (22, stake.integrate_inv_supply_of),
                (23, time(stake.integrate_checkpoint_of)),
                (24, stake.integrate_fraction),
            ];
            for (variable, value) in members {
                words.push((slots.key(U256::from(variable), key), value));
            }
            for stream in gauge.rewards() {
                let claim = gauge.reward_claim_of(who, stream.token);
                let token = account_word(stream.token);
                words.push((slots.two(18, token, key), claim.integral_for));
                let both = claim.claimed.0 | (claim.claimable.0 << 128_usize);
                words.push((slots.two(19, key, token), both));
            }
        }
        words
    }

    /// What the gauges hold, and what everybody else was paid and has paid.
    fn compare_tokens(&mut self, context: &str) {
        for token in &self.tokens {
            let variable = u64::from(*token == self.oracle.pool_token);
            for gauge in &self.gauges {
                let slot = self.slots.solc(word(*gauge), variable);
                let real = self.oracle.evm.storage(*token, slot);
                let held = self.model.gauge(account(*gauge)).unwrap().held(account(*token));
                assert_eq!(held.0, real, "{gauge} holds of {token} {context}");
            }
        }
        for ((token, who), owned) in &self.owned {
            let has_supply = *token == self.oracle.pool_token || *token == self.oracle.token;
            let slot = self.slots.solc(word(*who), u64::from(has_supply));
            let real = self.oracle.evm.storage(*token, slot);
            assert_eq!(*owned, real, "{who} has of {token} {context}");
        }
        let supply = self.oracle.evm.storage(self.oracle.token, U256::from(3));
        assert_eq!(self.model.bal_supply.0, supply, "all BAL {context}");
    }

    /// The newest weights; all of them are compared now and then.
    fn compare_controller(&mut self, context: &str) {
        let (controller, contract) = (&self.model.controller, self.oracle.controller);
        let evm = &self.oracle.evm;
        let read = |slot: U256| evm.storage(contract, slot);
        for gauge in controller.gauges() {
            let key = account_word(gauge);
            let week = read(self.slots.key(U256::from(CONTROLLER + 6), key));
            let bias = read(self.slots.two(CONTROLLER + 4, key, week));
            assert_eq!(controller.gauge_weight(gauge), bias, "gauge weight {context}");
        }
        for id in 0..controller.type_count() {
            let key = U256::from(id);
            let week = read(U256::from(CONTROLLER + 9 + id));
            let bias = read(self.slots.two(CONTROLLER + 7, key, week));
            assert_eq!(controller.type_sum(id), bias, "sum of type {id} {context}");
            let week = read(U256::from(TOTALS + 3 + id));
            let weight = read(self.slots.two(TOTALS + 2, key, week));
            assert_eq!(controller.type_weight(id), weight, "weight of type {id} {context}");
        }
        let week = read(U256::from(TOTALS + 1));
        let total = read(self.slots.key(U256::from(TOTALS), week));
        assert_eq!(controller.total_weight(), total, "total weight {context}");
        for actor in 0..ACTORS {
            let slot = self.slots.key(U256::from(CONTROLLER + 2), word(address(actor)));
            let model = controller.power_used(account(address(actor)));
            assert_eq!(U256::from(model), read(slot), "power used {context}");
        }
    }

    fn compare_escrow(&mut self, context: &str) {
        let (escrow, contract) = (&self.model.escrow, self.oracle.escrow);
        let read = |slot: U256| self.oracle.evm.storage(contract, slot);
        assert_eq!(escrow.locked_supply().0, read(U256::ONE), "locked {context}");
        let epoch = escrow.history().len() - 1;
        assert_eq!(U256::from(epoch), read(U256::from(3)), "epoch {context}");
        let EscrowPoint { bias, slope, at, block } = escrow.history()[epoch];
        let words = [
            U256::from(bias.unsigned_abs()),
            U256::from(slope.unsigned_abs()),
            time(at),
            U256::from(block.0),
        ];
        for (member, value) in words.into_iter().enumerate() {
            let slot = U256::from(4 + 4 * epoch + member);
            assert_eq!(value, read(slot), "last point {context}");
        }
    }

    /// Compares all of the controller's storage, and checks that the state carries all there is and
    /// that gauges and minter keep nothing that is not compared.
    pub(in crate::rewards) fn compare_all(&mut self) {
        let context = format!("after {} (world {})", self.last, self.seed);
        let state = self.model.state();
        let again = BalancerGauges::new(&state);
        assert_eq!(again.as_ref(), Ok(&self.model), "the state is all there is, {context}");
        let slots = &mut self.slots;
        let mut words = vec![
            (U256::ONE, U256::from(state.controller.type_count)),
            (U256::from(2), U256::from(state.controller.gauges.len())),
            (U256::from(TOTALS + 1), time(state.controller.total.filled_to)),
        ];
        for (index, gauge) in state.controller.gauges.iter().enumerate() {
            let key = account_word(gauge.account);
            words.push((U256::from(4 + index), key));
            let kind = U256::from(gauge.gauge_type + 1);
            words.push((slots.key(U256::from(CONTROLLER), key), kind));
            slots.line(&mut words, CONTROLLER + 4, key, &gauge.weight);
            let filled = slots.key(U256::from(CONTROLLER + 6), key);
            words.push((filled, time(gauge.weight.filled_to)));
        }
        for kind in &state.controller.types {
            let key = U256::from(kind.type_id);
            slots.line(&mut words, CONTROLLER + 7, key, &kind.sum);
            words.push((U256::from(CONTROLLER + 9 + kind.type_id), time(kind.sum.filled_to)));
            for (week, weight) in &kind.weight.values {
                words.push((slots.two(TOTALS + 2, key, time(*week)), *weight));
            }
            words.push((U256::from(TOTALS + 3 + kind.type_id), time(kind.weight.filled_to)));
        }
        for (week, total) in &state.controller.total.values {
            words.push((slots.key(U256::from(TOTALS), time(*week)), *total));
        }
        for voter in &state.controller.voters {
            let key = account_word(voter.account);
            let power: u64 = voter.votes.iter().map(|vote| vote.vote.power).sum();
            words.push((slots.key(U256::from(CONTROLLER + 2), key), U256::from(power)));
            for vote in &voter.votes {
                let gauge = account_word(vote.gauge);
                let first = slots.two(CONTROLLER + 1, key, gauge);
                let vote = vote.vote;
                let members = [vote.slope, U256::from(vote.power), time(vote.end)];
                for (member, value) in members.into_iter().enumerate() {
                    words.push((first.wrapping_add(U256::from(member)), value));
                }
                words.push((slots.two(CONTROLLER + 3, key, gauge), time(vote.voted_at)));
            }
        }
        words.retain(|(_, value)| !value.is_zero());
        words.sort_unstable();
        let real = self.oracle.evm.occupied_slots(self.oracle.controller);
        let mut real: Words = real.iter().map(|slot| (slot.slot, slot.word)).collect();
        real.sort_unstable();
        assert_eq!(words, real, "all of the controller, {context}");
        self.compare_allowances(&context);
    }

    /// Compares allowances, and finds words of gauges and minter that nothing was compared with; of
    /// the lists of past periods, all were compared when they were the last.
    fn compare_allowances(&mut self, context: &str) {
        let mut known = self.minter_words();
        known.push((U256::ZERO, U256::ZERO));
        self.check_known(self.oracle.minter, &known, context);
        for index in 0..self.gauges.len() {
            let mut allowed = Vec::new();
            let state = self.model.gauge(account(self.gauges[index])).unwrap().state();
            for entry in state.allowances {
                let (owner, spender) = (account_word(entry.owner), account_word(entry.spender));
                allowed.push((self.slots.two(3, owner, spender), entry.amount.0));
            }
            self.check_words("allowance", self.gauges[index], &allowed, context);
            let mut known = self.gauge_words(index);
            known.extend(allowed);
            // The lock, the names and the domain, which no operation touches.
            known.extend((0..11).map(|constant| (U256::from(constant), U256::ZERO)));
            for list in [U256::from(PERIOD_TIMES), U256::from(PERIOD_TIMES) + U256::from(LIST)] {
                let past = (0..state.period.period).map(U256::from);
                known.extend(past.map(|period| (list + period, U256::ZERO)));
            }
            self.check_known(self.gauges[index], &known, context);
        }
    }

    fn check_known(&self, contract: Address, known: &Words, context: &str) {
        let known: HashSet<U256> = known.iter().map(|(slot, _)| *slot).collect();
        for occupied in self.oracle.evm.occupied_slots(contract) {
            assert!(known.contains(&occupied.slot), "unknown {occupied:?} of {contract} {context}");
        }
    }
}

fn time(at: Timestamp) -> U256 {
    U256::from(at.0)
}

fn word(address: Address) -> U256 {
    address_word(address)
}

fn account_word(account: Account) -> U256 {
    U256::from_be_slice(&account.0)
}
