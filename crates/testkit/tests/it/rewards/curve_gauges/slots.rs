use std::collections::{HashMap, HashSet};

use tidemill_rewards::Account;
use tidemill_rewards::gauge_controller::LineState;
use tidemill_rewards::vote_escrow::EscrowPoint;
use tidemill_testkit::{Address, VyperSlot, address_word, mapping_slot};
use tidemill_units::{Timestamp, U256};

use super::{ACTORS, World, account, address};

/// Slots of mappings and lists, which take a hash each to find.
#[derive(Default)]
pub(super) struct Slots {
    keys: HashMap<(U256, U256), U256>,
    lists: HashMap<U256, U256>,
}

type Words = Vec<(U256, U256)>;

impl Slots {
    fn key(&mut self, slot: U256, key: U256) -> U256 {
        *self.keys.entry((slot, key)).or_insert_with(|| VyperSlot(slot).key(key).0)
    }

    fn two(&mut self, variable: u64, first: U256, second: U256) -> U256 {
        let slot = self.key(U256::from(variable), first);
        self.key(slot, second)
    }

    fn list(&mut self, slot: U256) -> U256 {
        let first = || VyperSlot(slot).hashed_member(U256::ZERO).0;
        *self.lists.entry(slot).or_insert_with(first)
    }

    fn line(
        &mut self,
        words: &mut Words,
        [points, changes]: [u64; 2],
        key: U256,
        line: &LineState,
    ) {
        for (week, point) in &line.points {
            let slot = self.two(points, key, time(*week));
            let first = self.list(slot);
            words.push((first, point.bias));
            words.push((first.wrapping_add(U256::ONE), point.slope));
        }
        for (week, change) in &line.slope_changes {
            words.push((self.two(changes, key, time(*week)), *change));
        }
    }
}

impl World {
    /// Compares what an operation leaves behind: the current values of all contracts.
    pub(super) fn compare(&mut self, context: &str) {
        self.check_words("token", self.oracle.token, &self.token_words(), context);
        let words = self.minter_words();
        self.check_words("minter", self.oracle.minter, &words, context);
        for index in 0..self.oracle.gauges.len() {
            let words = self.gauge_words(index);
            self.check_words("gauge", self.oracle.gauges[index], &words, context);
            let slot = mapping_slot(word(self.oracle.gauges[index]), 0);
            let held = self.oracle.evm.storage(self.oracle.pool_tokens[index], slot);
            let gauge = self.model.gauge(account(self.oracle.gauges[index])).unwrap();
            assert_eq!(gauge.period().total_supply, held, "staked {context}");
        }
        self.compare_controller(context);
        self.compare_escrow(context);
    }

    fn check_words(&self, name: &str, contract: Address, words: &Words, context: &str) {
        for (slot, word) in words {
            let real = self.oracle.evm.storage(contract, *slot);
            assert_eq!(*word, real, "{name} slot {slot:#x} {context}");
        }
    }

    fn token_words(&self) -> Words {
        let token = &self.model.token;
        let epoch = U256::from(token.mining_epoch.unsigned_abs());
        let epoch = if token.mining_epoch < 0 { epoch.wrapping_neg() } else { epoch };
        vec![
            (U256::from(5), token.total_supply.0),
            (U256::from(8), epoch),
            (U256::from(9), time(token.start_epoch_time)),
            (U256::from(10), token.rate),
            (U256::from(11), token.start_epoch_supply),
        ]
    }

    fn minter_words(&mut self) -> Words {
        let mut words = Vec::new();
        for actor in 0..ACTORS {
            let who = word(address(actor));
            for index in 0..self.oracle.gauges.len() {
                let gauge = self.oracle.gauges[index];
                let minted = self.model.minter().minted(account(address(actor)), account(gauge));
                words.push((self.slots.two(2, who, word(gauge)), minted.0));
            }
            for other in 0..ACTORS {
                let (caller, of) = (account(address(other)), account(address(actor)));
                let allowed = self.model.minter().may_mint_for(caller, of);
                let slot = self.slots.two(3, word(address(other)), who);
                words.push((slot, U256::from(u8::from(allowed))));
            }
        }
        words
    }

    fn gauge_words(&mut self, index: usize) -> Words {
        let gauge = self.model.gauge(account(self.oracle.gauges[index])).unwrap();
        let period = *gauge.period();
        let number = U256::from(period.period);
        let times = self.slots.list(U256::from(12));
        let integrals = self.slots.list(U256::from(13));
        let mut words = vec![
            (U256::from(6), period.total_supply),
            (U256::from(7), time(period.future_epoch_time)),
            (U256::from(10), period.working_supply),
            (U256::from(11), number),
            (times.wrapping_add(number), time(period.at)),
            (integrals.wrapping_add(number), period.integrate_inv_supply),
            (U256::from(17), period.inflation_rate),
        ];
        for actor in 0..ACTORS {
            let stake = gauge.stake_of(account(address(actor)));
            let members = [
                (5, stake.balance),
                (9, stake.working_balance),
                (14, stake.integrate_inv_supply_of),
                (15, time(stake.integrate_checkpoint_of)),
                (16, stake.integrate_fraction),
            ];
            for (variable, value) in members {
                let slot = self.slots.key(U256::from(variable), word(address(actor)));
                words.push((slot, value));
            }
            for other in 0..ACTORS {
                let (caller, recipient) = (address(other), address(actor));
                let allowed = gauge.may_deposit_for(account(caller), account(recipient));
                let slot = self.slots.two(8, word(caller), word(recipient));
                words.push((slot, U256::from(u8::from(allowed))));
            }
        }
        words
    }

    /// The newest weights; all of them are compared now and then.
    fn compare_controller(&mut self, context: &str) {
        let (controller, contract) = (&self.model.controller, self.oracle.controller);
        let evm = &self.oracle.evm;
        let read = |slot: U256| evm.storage(contract, slot);
        for gauge in controller.gauges() {
            let key = word(Address::from(gauge.0));
            let week = read(self.slots.key(U256::from(14), key));
            let point = self.slots.two(12, key, week);
            let bias = read(self.slots.list(point));
            assert_eq!(controller.gauge_weight(gauge), bias, "gauge weight {context}");
        }
        for id in 0..controller.type_count() {
            let id_word = U256::from(id);
            let week = read(self.slots.list(U256::from(17)).wrapping_add(id_word));
            let point = self.slots.two(15, id_word, week);
            let bias = read(self.slots.list(point));
            assert_eq!(controller.type_sum(id), bias, "sum of type {id} {context}");
            let week = read(self.slots.list(U256::from(21)).wrapping_add(id_word));
            let weight = read(self.slots.two(20, id_word, week));
            assert_eq!(controller.type_weight(id), weight, "weight of type {id} {context}");
        }
        let total = read(self.slots.key(U256::from(18), read(U256::from(19))));
        assert_eq!(controller.total_weight(), total, "total weight {context}");
        for actor in 0..ACTORS {
            let used = read(self.slots.key(U256::from(10), word(address(actor))));
            let model = controller.power_used(account(address(actor)));
            assert_eq!(U256::from(model), used, "power used {context}");
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

    /// Compares all of the controller's storage, and checks that the state carries all there is.
    pub(in crate::rewards) fn compare_all(&mut self) {
        let context = format!("after {} (world {})", self.last, self.seed);
        let state = self.model.state();
        let again = tidemill_rewards::CurveGauges::new(&state);
        assert_eq!(again.as_ref(), Ok(&self.model), "the state is all there is, {context}");
        let slots = &mut self.slots;
        let mut words = vec![
            (U256::ZERO, word(self.oracle.admin)),
            (U256::from(2), word(self.oracle.token)),
            (U256::from(3), word(self.oracle.escrow)),
            (U256::from(4), U256::from(state.controller.type_count)),
            (U256::from(5), U256::from(state.controller.gauges.len())),
            (U256::from(19), time(state.controller.total.filled_to)),
        ];
        for (index, gauge) in state.controller.gauges.iter().enumerate() {
            let key = account_word(gauge.account);
            let slot = slots.list(U256::from(7)).wrapping_add(U256::from(index));
            words.push((slot, key));
            words.push((slots.key(U256::from(8), key), U256::from(gauge.gauge_type + 1)));
            slots.line(&mut words, [12, 13], key, &gauge.weight);
            words.push((slots.key(U256::from(14), key), time(gauge.weight.filled_to)));
        }
        for kind in &state.controller.types {
            let key = U256::from(kind.type_id);
            slots.line(&mut words, [15, 16], key, &kind.sum);
            let slot = slots.list(U256::from(17)).wrapping_add(key);
            words.push((slot, time(kind.sum.filled_to)));
            for (week, weight) in &kind.weight.values {
                words.push((slots.two(20, key, time(*week)), *weight));
            }
            let slot = slots.list(U256::from(21)).wrapping_add(key);
            words.push((slot, time(kind.weight.filled_to)));
        }
        for (week, total) in &state.controller.total.values {
            words.push((slots.key(U256::from(18), time(*week)), *total));
        }
        for voter in &state.controller.voters {
            let key = account_word(voter.account);
            let power: u64 = voter.votes.iter().map(|vote| vote.vote.power).sum();
            words.push((slots.key(U256::from(10), key), U256::from(power)));
            for vote in &voter.votes {
                let gauge = account_word(vote.gauge);
                let slot = slots.two(9, key, gauge);
                let first = slots.list(slot);
                let vote = vote.vote;
                let members = [vote.slope, U256::from(vote.power), time(vote.end)];
                for (member, value) in members.into_iter().enumerate() {
                    words.push((first.wrapping_add(U256::from(member)), value));
                }
                words.push((slots.two(11, key, gauge), time(vote.voted_at)));
            }
        }
        words.retain(|(_, value)| !value.is_zero());
        words.sort_unstable();
        let real = self.oracle.evm.occupied_slots(self.oracle.controller);
        let mut real: Words = real.iter().map(|slot| (slot.slot, slot.word)).collect();
        real.sort_unstable();
        assert_eq!(words, real, "all of the controller, {context}");
        self.find_unknown(&context);
    }

    /// Checks that gauges and minter keep nothing that is not compared after each operation; of
    /// the lists of past periods, what was compared when it was the last.
    fn find_unknown(&mut self, context: &str) {
        let mut known = self.minter_words();
        known.extend((0..2).map(|constant| (U256::from(constant), U256::ZERO)));
        self.check_known(self.oracle.minter, &known, context);
        for index in 0..self.oracle.gauges.len() {
            let mut known = self.gauge_words(index);
            known.extend((0..5).map(|constant| (U256::from(constant), U256::ZERO)));
            let gauge = self.model.gauge(account(self.oracle.gauges[index])).unwrap();
            for list in [12, 13] {
                let first = self.slots.list(U256::from(list));
                let past = (0..gauge.period().period).map(U256::from);
                known.extend(past.map(|period| (first.wrapping_add(period), U256::ZERO)));
            }
            self.check_known(self.oracle.gauges[index], &known, context);
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
