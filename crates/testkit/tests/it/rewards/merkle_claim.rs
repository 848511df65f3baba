//! Claims against Merkle roots: Uniswap's distributor beside its bytecode, Merkl's beside a second
//! model, and the recorded roots.

pub(super) mod cumulative;
mod recorded;

use std::collections::BTreeMap;

use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::{
    FACTS, MerkleClaim, MerkleClaimError, MerkleClaimState, MerkleTree, Node, TokenDrop,
};
use tidemill_testkit::{Address, Artifacts, DropClaimCall, MerkleOracle, Outcome, Random, Revert};
use tidemill_units::{Amount, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS: [&str; 8] = [
    "fund",
    "claim",
    "claim of the only leaf",
    "claim past index 2^64",
    "claim for the distributor itself",
    "claim of nothing",
    "claim with a bent proof",
    "claim of another leaf's amount",
];
const REVERTS: [&str; 4] = [
    "fund: balance overflow",
    "claim: MerkleDistributor: Drop already claimed.",
    "claim: MerkleDistributor: Invalid proof.",
    "claim: balance too low",
];

#[test]
fn merkle_claim_equals_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "merkle distributor",
        stream: 501,
        tests: 1,
        most_in_one: 150,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        for index in 0..most {
            world.step(tally);
            if index % 64 == 0 || index + 1 == most {
                world.compare_everything();
            }
        }
        most
    });
}

#[test]
fn merkle_claim_gas_figures_are_those_of_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut measured = Vec::new();
    for leaves in [256_u64, 1] {
        let drops: Vec<_> = (0..leaves)
            .map(|index| TokenDrop {
                index: U256::from(index),
                account: Account([9; 20]),
                amount: Amount::from_u64(1_000_000_000),
            })
            .collect();
        let tree = MerkleTree::distinct(drops.iter().map(TokenDrop::leaf).collect()).unwrap();
        let mut oracle = MerkleOracle::new(&artifacts, word(tree.root())).unwrap();
        oracle.fund(U256::from(1_u64 << 40)).unwrap().unwrap();
        for drop in drops.iter().take(2) {
            let call = call(drop, &tree.proof(drop.leaf()).unwrap());
            let outcome = oracle.claim(Address::repeat_byte(9), &call).unwrap();
            outcome.result.unwrap();
            measured.push(outcome.gas);
        }
    }
    let listed: Vec<_> = FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(listed, measured);
}

pub(super) struct World {
    pub(super) model: MerkleClaim,
    pub(super) oracle: MerkleOracle,
    tree: MerkleTree,
    drops: Vec<TokenDrop>,
    /// What each account should hold.
    held: BTreeMap<Account, U256>,
    random: Random,
    seed: u64,
    scale: u64,
    last: String,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        // Every chain of this kind gives its distributor the same address.
        let address = account(MerkleOracle::new(artifacts, U256::ONE).unwrap().distributor);
        let scale = 1 + random.below(140);
        let drops = drops(&mut random, address, scale);
        let tree = MerkleTree::distinct(drops.iter().map(TokenDrop::leaf).collect()).unwrap();
        let oracle = MerkleOracle::new(artifacts, word(tree.root())).unwrap();
        assert_eq!(account(oracle.distributor), address);
        let state =
            MerkleClaimState { address, merkle_root: tree.root(), ..MerkleClaimState::default() };
        let model = MerkleClaim::new(&state).unwrap();
        let held = drops.iter().map(|drop| (drop.account, U256::ZERO)).collect();
        Self { model, oracle, tree, drops, held, random, seed, scale, last: String::new() }
    }

    /// A world whose transactions are written down.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64) -> Self {
        let mut world = Self::new(artifacts, seed);
        world.oracle.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        if self.random.below(8) == 0 {
            return self.fund(tally);
        }
        let place = self.random.below(self.drops.len() as u64) as usize;
        let mut drop = self.drops[place];
        let mut proof = self.tree.proof(drop.leaf()).unwrap();
        match self.random.below(16) {
            0..2 => {
                self.bend(&mut proof);
                tally.count("claim with a bent proof");
            }
            2 => drop.index ^= U256::ONE << self.random.below(256) as usize,
            3 => {
                drop.amount =
                    self.drops[self.random.below(self.drops.len() as u64) as usize].amount;
                tally.count("claim of another leaf's amount");
            }
            4 => drop.account = Account([self.random.below(8) as u8; 20]),
            5 => drop.amount = Amount(drop.amount.0 ^ U256::ONE),
            _ => {}
        }
        self.claim(&drop, &proof, tally);
    }

    /// Drops, adds, swaps or changes a sibling.
    fn bend(&mut self, proof: &mut Vec<Node>) {
        let place = self.random.below(proof.len().max(1) as u64) as usize;
        match self.random.below(5) {
            0 => {
                proof.pop();
            }
            1 => proof.push(self.tree.root()),
            2 => proof.reverse(),
            3 => proof.truncate(place),
            _ => {
                if let Some(node) = proof.get_mut(place) {
                    node.0[self.random.below(32) as usize] ^= 1;
                }
            }
        }
    }

    fn fund(&mut self, tally: &mut Tally) {
        let amount = match self.random.below(32) {
            0 => U256::MAX,
            _ => self.random.wide(self.scale + 4),
        };
        self.last = format!("fund {amount}");
        let model = self.model.fund(Amount(amount));
        let real = self.oracle.fund(amount).unwrap();
        let outcome =
            Outcome { result: real.map(|()| Default::default()), changes: vec![], gas: 0 };
        self.check("fund", model, outcome, tally);
    }

    fn claim(&mut self, drop: &TokenDrop, proof: &[Node], tally: &mut Tally) {
        self.last = format!("claim {drop:?} by {} nodes", proof.len());
        let model = self.model.claim(drop, proof);
        let from = Address::repeat_byte(self.random.below(8) as u8);
        let real = self.oracle.claim(from, &call(drop, proof)).unwrap();
        if model.is_ok() {
            let is_own = drop.account == self.model.state().address;
            let cases = [
                ("claim of the only leaf", self.drops.len() == 1),
                ("claim past index 2^64", drop.index.bit_len() > 64),
                ("claim for the distributor itself", is_own),
                ("claim of nothing", drop.amount.is_zero()),
            ];
            cases.iter().filter(|case| case.1).for_each(|case| tally.count(case.0));
            if !is_own {
                let held = self.held.entry(drop.account).or_default();
                *held = held.wrapping_add(drop.amount.0);
            }
            let real_word = MerkleOracle::word_slot(drop.index >> 8);
            let changed: Vec<_> = real.changes.iter().map(|change| change.slot).collect();
            assert_eq!(changed, [real_word], "changed, {}", self.last);
        }
        self.check("claim", model, real, tally);
        assert_eq!(
            self.oracle.is_claimed(drop.index).unwrap(),
            self.model.is_claimed(drop.index),
            "{}",
            self.last,
        );
        let held = self.held.get(&drop.account).copied();
        let paid = self.oracle.balance(Address::from(drop.account.0));
        if let Some(held) = held.filter(|_| drop.account != self.model.state().address) {
            assert_eq!(held, paid, "paid, after {} (world {})", self.last, self.seed);
        }
    }

    fn check(
        &self,
        operation: &str,
        model: Result<(), MerkleClaimError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let expected = model.map_err(|error| {
            let is_unfunded = error == MerkleClaimError::Unfunded;
            let token = if is_unfunded { "balance too low" } else { "balance overflow" };
            let reason = error.reason().unwrap_or(token);
            Revert::Reason(reason.to_owned())
        });
        let real = real.result.map(|answer| assert!(answer.0.is_empty()));
        assert_eq!(expected, real, "after {} (world {})", self.last, self.seed);
        match &expected {
            Ok(()) => tally.count(operation),
            Err(revert) => tally.revert(operation, revert.reason()),
        }
        let balance = self.oracle.balance(self.oracle.distributor);
        assert_eq!(self.model.balance().0, balance, "balance after {}", self.last);
    }

    pub(super) fn compare_everything(&mut self) {
        let state = self.model.state();
        assert_eq!(MerkleClaim::new(&state).as_ref(), Ok(&self.model), "the state is all there is");
        let words = state.claimed_bit_map.iter();
        let mut words: Vec<_> =
            words.map(|word| (MerkleOracle::word_slot(word.word), word.bits)).collect();
        words.sort();
        let occupied = self.oracle.evm.occupied_slots(self.oracle.distributor).into_iter();
        let mut occupied: Vec<_> = occupied.map(|change| (change.slot, change.word)).collect();
        occupied.sort();
        assert_eq!(words, occupied, "storage after {} (world {})", self.last, self.seed);
        for (account, held) in &self.held {
            if *account != state.address {
                assert_eq!(self.oracle.balance(Address::from(account.0)), *held);
            }
        }
    }
}

/// Leaves with indices in a row, far apart, or repeated.
fn drops(random: &mut Random, own: Account, scale: u64) -> Vec<TokenDrop> {
    let most = random.pick(&[1, 2, 3, 8, 100, 500]);
    let count = 1 + random.below(most);
    let first = random.wide(256) >> 1_usize;
    let spread = random.below(3);
    let accounts = 1 + random.below(7);
    let drop = |place: u64| {
        let index = match spread {
            0 => U256::from(place),
            1 => first + U256::from(place),
            _ => U256::from(random.below(count)) << random.below(240) as usize,
        };
        let account = match random.below(12) {
            0 => own,
            _ => Account([random.below(accounts) as u8; 20]),
        };
        let amount = if random.once_in(300) { U256::MAX } else { random.wide(scale) };
        TokenDrop { index, account, amount: Amount(amount) }
    };
    (0..count).map(drop).collect()
}

fn call(drop: &TokenDrop, proof: &[Node]) -> DropClaimCall {
    DropClaimCall {
        index: drop.index,
        account: Address::from(drop.account.0),
        amount: drop.amount.0,
        proof: proof.iter().copied().map(word).collect(),
    }
}

fn word(node: Node) -> U256 {
    U256::from_be_bytes(node.0)
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}
