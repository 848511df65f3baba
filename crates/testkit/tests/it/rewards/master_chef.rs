//! SushiSwap's MasterChef beside its own source, compiled.

use tidemill_rewards::Account;
use tidemill_rewards::master_chef::{
    Allocation, FACTS, MasterChef, MasterChefError, MasterChefState,
};
use tidemill_testkit::{
    Address, Artifacts, Call, ChefParameters, ChefSlot, MasterChefOracle, Outcome, Random, Revert,
    SlotChange, address_word,
};
use tidemill_units::{Amount, BlockNumber, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn master_chef_equals_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds =
        Worlds { name: "MasterChef", stream: 403, tests: 1, most_in_one: 500, unit: "operations" };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        for index in 0..most {
            world.step(tally);
            if index % 32 == 0 || index + 1 == most {
                world.compare_views(tally);
            }
        }
        most
    });
}

const OPERATIONS: [&str; 14] = [
    "add",
    "set",
    "massUpdatePools",
    "updatePool",
    "deposit",
    "withdraw",
    "emergencyWithdraw",
    "dev",
    "give",
    "deposit, something paid",
    "withdraw, something paid",
    "less paid than was owed",
    "a token has two pools",
    "the reward token is staked",
];
const REVERTS: [&str; 20] = [
    "add: Ownable: caller is not the owner",
    "add: SafeMath: addition overflow",
    "set: Ownable: caller is not the owner",
    "set: SafeMath: addition overflow",
    "set: SafeMath: division by zero",
    "set: <invalid opcode>",
    "massUpdatePools: SafeMath: division by zero",
    "massUpdatePools: SafeMath: multiplication overflow",
    "updatePool: <invalid opcode>",
    "updatePool: SafeMath: division by zero",
    "updatePool: SafeMath: addition overflow",
    "updatePool: ERC20: mint to the zero address",
    "deposit: <invalid opcode>",
    "deposit: SafeMath: division by zero",
    "deposit: SafeMath: multiplication overflow",
    "withdraw: withdraw: not good",
    "withdraw: SafeMath: multiplication overflow",
    "withdraw: ERC20: mint to the zero address",
    "dev: dev: wut?",
    "pendingSushi: SafeMath: division by zero",
];
const MOST_POOLS: usize = 5;
/// One that is never there, to ask for.
const POOL_NUMBERS: usize = MOST_POOLS + 1;

/// The model and the contract, side by side.
pub(super) struct World {
    pub(super) model: MasterChef,
    pub(super) oracle: MasterChefOracle,
    random: Random,
    seed: u64,
    block: u64,
    time: u64,
    /// By pool and staker: where the contract keeps what is theirs.
    user_slots: Vec<(usize, Address, [U256; 2])>,
    pool_slots: Vec<[U256; 4]>,
    /// Bits of the stakes that this world mostly deals in.
    scale: u64,
    /// Whether it deals in a few units only, and nothing else is ever left with the chef: then
    /// what rounding gives one staker is missing for another.
    is_dusty: bool,
    last: String,
}

/// What the model says that a staker was paid of the reward token.
struct Payment {
    to: Address,
    /// What it would have without.
    before: U256,
    paid: Amount,
    /// What the view said just before.
    owed: Result<Amount, MasterChefError>,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let block = random.pick(&[0, 1, 10_750_000, 1 << 33]);
        let beside = |random: &mut Random| block + random.below(200);
        let is_dusty = random.once_in(6);
        let parameters = ChefParameters {
            sushi_per_block: match random.below(10) {
                _ if is_dusty => U256::from(1 + random.below(9)),
                0 => random.wide(256),
                1 => U256::ZERO,
                _ => random.wide(90),
            },
            start_block: beside(&mut random),
            bonus_end_block: random.pick(&[0, block + 100, block + 5_000, u64::MAX]),
            given: if !is_dusty && random.once_in(12) {
                U256::MAX >> 2_usize
            } else {
                random.wide(100)
            },
        };
        let mut oracle = MasterChefOracle::new(artifacts, 4, parameters).unwrap();
        oracle.evm.set_block_number(block);
        let state = MasterChefState {
            address: account(oracle.chef),
            owner: account(oracle.owner),
            dev: account(oracle.owner),
            sushi_token: account(oracle.sushi),
            sushi_per_block: Amount(parameters.sushi_per_block),
            start_block: BlockNumber(parameters.start_block),
            bonus_end_block: BlockNumber(parameters.bonus_end_block),
            sushi_supply: Amount(parameters.given * U256::from(4)),
            sushi_balance: Amount::ZERO,
            lp_balances: Vec::new(),
            pools: Vec::new(),
            users: Vec::new(),
        };
        let stakers = oracle.stakers.clone();
        let user_slots = (0..POOL_NUMBERS)
            .flat_map(|pool| stakers.iter().map(move |staker| (pool, *staker)))
            .map(|(pool, staker)| (pool, staker, MasterChefOracle::user_slots(pool, staker)));
        Self {
            model: MasterChef::new(&state).unwrap(),
            user_slots: user_slots.collect(),
            pool_slots: (0..POOL_NUMBERS).map(MasterChefOracle::pool_slots).collect(),
            oracle,
            scale: if is_dusty { 4 } else { 1 + random.below(110) },
            is_dusty,
            random,
            seed,
            block,
            time: 1_600_000_000,
            last: String::new(),
        }
    }

    /// A world whose transactions are written down, all of them behind the first block.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64) -> Self {
        let mut world = Self::new(artifacts, seed);
        world.block += 1;
        world.oracle.evm.set_block_number(world.block);
        world.oracle.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        if self.model.pools().is_empty() {
            return self.add(tally);
        }
        match self.random.below(100) {
            0..2 if self.model.pools().len() < self.most_pools() => self.add(tally),
            2..7 => self.set(tally),
            7..11 => self.mass_update(tally),
            11..18 => self.update(tally),
            18..50 => self.deposit(tally),
            50..82 => self.withdraw(tally),
            82.. if self.is_dusty => self.deposit(tally),
            82..86 => self.emergency(tally),
            86..90 => self.dev(tally),
            _ => self.give(tally),
        }
    }

    fn most_pools(&self) -> usize {
        if self.is_dusty { 2 } else { MOST_POOLS }
    }

    /// Blocks and time jump apart: the contract must not look at the clock.
    fn pass_time(&mut self) {
        self.block += match self.random.below(12) {
            0..4 => 0,
            4..8 => 1,
            8..10 => self.random.below(100),
            10 => self.random.below(3_000_000),
            _ => self.random.below(7_000),
        };
        self.time += self.random.wide(30).to::<u64>();
        self.oracle.evm.set_block_number(self.block);
        self.oracle.evm.set_timestamp(U256::from(self.time));
    }

    fn at(&self) -> BlockNumber {
        BlockNumber(self.block)
    }

    fn amount(&mut self) -> U256 {
        match self.random.below(100) {
            0 if !self.is_dusty => self.random.wide(256),
            1..6 => U256::ZERO,
            6..14 => U256::ONE,
            _ => self.random.wide(self.scale),
        }
    }

    fn staker(&mut self) -> Address {
        let stakers = self.oracle.stakers.clone();
        self.random.pick(&stakers)
    }

    /// A pool's number, sometimes of none, and its token.
    fn pool(&mut self) -> (usize, Address) {
        let pools = self.model.pools();
        let pool = if self.random.once_in(40) {
            pools.len()
        } else {
            self.random.below(pools.len() as u64) as usize
        };
        let token =
            pools.get(pool).map_or(self.oracle.lp_tokens[0], |pool| Address::from(pool.lp_token.0));
        (pool, token)
    }

    fn allocation(&mut self) -> Allocation {
        let alloc_point = match self.random.below(24) {
            0 => self.random.wide(256),
            1..4 => U256::ZERO,
            _ => U256::from(self.random.below(100)),
        };
        Allocation { alloc_point, with_update: self.random.once_in(2) }
    }

    fn owner(&mut self) -> Address {
        if self.random.once_in(12) { self.oracle.stakers[0] } else { self.oracle.owner }
    }

    fn add(&mut self, tally: &mut Tally) {
        let (caller, allocation) = (self.owner(), self.allocation());
        let [lp0, lp1] = self.oracle.lp_tokens;
        let token = if self.is_dusty && self.model.pools().len() < 2 {
            self.oracle.lp_tokens[self.model.pools().len()]
        } else {
            self.random.pick(&[lp0, lp0, lp1, self.oracle.sushi])
        };
        self.last = format!("add {token} by {caller}, {allocation:?} at {}", self.block);
        let known = account(token);
        let is_second = self.model.pools().iter().any(|pool| pool.lp_token == known);
        let result = self.model.add(account(caller), known, allocation, self.at());
        let call = Call::new("add(uint256,address,bool)", 3).word(allocation.alloc_point);
        let call = call.address(token).word(U256::from(allocation.with_update));
        let real = self.oracle.send(caller, call).unwrap();
        if result.is_ok() && is_second {
            tally.count("a token has two pools");
        }
        self.check("add", result.map(|_| ()), real, tally);
    }

    fn set(&mut self, tally: &mut Tally) {
        let (caller, (pool, _)) = (self.owner(), self.pool());
        let allocation = self.allocation();
        self.last = format!("set {pool} by {caller}, {allocation:?} at {}", self.block);
        let result = self.model.set(account(caller), pool, allocation, self.at());
        let call = Call::new("set(uint256,uint256,bool)", 3).word(U256::from(pool));
        let call = call.word(allocation.alloc_point).word(U256::from(allocation.with_update));
        let real = self.oracle.send(caller, call).unwrap();
        self.check("set", result, real, tally);
    }

    fn mass_update(&mut self, tally: &mut Tally) {
        self.last = format!("mass update at {}", self.block);
        let result = self.model.mass_update_pools(self.at());
        let from = self.staker();
        let real = self.oracle.send(from, Call::new("massUpdatePools()", 0)).unwrap();
        self.check("massUpdatePools", result, real, tally);
    }

    fn update(&mut self, tally: &mut Tally) {
        let (pool, _) = self.pool();
        self.last = format!("update {pool} at {}", self.block);
        let result = self.model.update_pool(pool, self.at());
        let from = self.staker();
        let call = Call::new("updatePool(uint256)", 1).word(U256::from(pool));
        let real = self.oracle.send(from, call).unwrap();
        self.check("updatePool", result, real, tally);
    }

    fn deposit(&mut self, tally: &mut Tally) {
        let (from, (pool, token), mut amount) = (self.staker(), self.pool(), self.amount());
        if token == self.oracle.sushi {
            amount = amount.min(self.oracle.balance(token, from));
            tally.count("the reward token is staked");
        } else {
            // The mock token wraps where a real one could not come: stay within a supply.
            amount = amount.min(U256::MAX - self.oracle.balance(token, self.oracle.chef));
        }
        self.last = format!("deposit {amount} of {from} into {pool} at {}", self.block);
        let owed = self.model.pending_sushi(pool, account(from), self.at());
        let result = self.model.deposit(account(from), pool, Amount(amount), self.at());
        let before = self.oracle.balance(self.oracle.sushi, from);
        let real = self.oracle.deposit(from, pool, token, amount).unwrap();
        let staked = if token == self.oracle.sushi { amount } else { U256::ZERO };
        if let Ok(paid) = result {
            let before = before.wrapping_sub(staked);
            self.check_paid(&Payment { to: from, before, paid, owed }, "deposit", tally);
        }
        self.check("deposit", result.map(|_| ()), real, tally);
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let (from, (pool, token)) = (self.staker(), self.pool());
        let staked = self.model.user(pool, account(from)).amount.0;
        let amount = match self.random.below(10) {
            0 => self.amount(),
            1 => staked.saturating_add(U256::ONE),
            2..5 => staked,
            5 => U256::ZERO,
            _ => self.random.up_to(staked),
        };
        self.last = format!("withdraw {amount} of {from} from {pool} at {}", self.block);
        let owed = self.model.pending_sushi(pool, account(from), self.at());
        let result = self.model.withdraw(account(from), pool, Amount(amount), self.at());
        let before = self.oracle.balance(self.oracle.sushi, from);
        let before_lp = self.oracle.balance(token, from);
        let call = Call::new("withdraw(uint256,uint256)", 2).word(U256::from(pool)).word(amount);
        let real = self.oracle.send(from, call).unwrap();
        if let Ok(paid) = result {
            let is_sushi = token == self.oracle.sushi;
            let back = if is_sushi { amount } else { U256::ZERO };
            let before = before.wrapping_add(back);
            self.check_paid(&Payment { to: from, before, paid, owed }, "withdraw", tally);
            let back = self.oracle.balance(token, from).wrapping_sub(before_lp);
            assert!(is_sushi || back == amount, "{}", self.last);
        }
        self.check("withdraw", result.map(|_| ()), real, tally);
    }

    fn check_paid(&self, payment: &Payment, operation: &str, tally: &mut Tally) {
        let Payment { to, before, paid, owed } = *payment;
        let real = self.oracle.balance(self.oracle.sushi, to).wrapping_sub(before);
        assert_eq!(paid.0, real, "paid, {} (world {})", self.last, self.seed);
        if !paid.is_zero() {
            tally.count(&format!("{operation}, something paid"));
        }
        if owed.is_ok_and(|owed| paid < owed) {
            tally.count("less paid than was owed");
        }
    }

    fn emergency(&mut self, tally: &mut Tally) {
        let (from, (pool, token)) = (self.staker(), self.pool());
        self.last = format!("emergency of {from} from {pool} at {}", self.block);
        let result = self.model.emergency_withdraw(account(from), pool);
        let before = self.oracle.balance(token, from);
        let call = Call::new("emergencyWithdraw(uint256)", 1).word(U256::from(pool));
        let real = self.oracle.send(from, call).unwrap();
        if let Ok(amount) = result {
            let back = self.oracle.balance(token, from).wrapping_sub(before);
            assert_eq!(amount.0, back, "{} (world {})", self.last, self.seed);
        }
        self.check("emergencyWithdraw", result.map(|_| ()), real, tally);
    }

    fn dev(&mut self, tally: &mut Tally) {
        let stranger = self.random.once_in(6);
        let caller = if stranger { self.staker() } else { Address::from(self.model.dev().0) };
        let (owner, chef) = (self.oracle.owner, self.oracle.chef);
        let dev =
            self.random.pick(&[owner, owner, chef, Address::repeat_byte(0xde), Address::ZERO]);
        self.last = format!("dev {dev} by {caller}");
        let result = self.model.set_dev(account(caller), account(dev));
        let call = Call::new("dev(address)", 1).address(dev);
        let real = self.oracle.send(caller, call).unwrap();
        self.check("dev", result, real, tally);
    }

    fn give(&mut self, tally: &mut Tally) {
        let [lp0, lp1] = self.oracle.lp_tokens;
        let token = self.random.pick(&[lp0, lp1, self.oracle.sushi]);
        let mut amount = self.amount();
        if token == self.oracle.sushi {
            amount = amount.min(self.oracle.balance(token, self.oracle.stakers[0]));
        }
        self.last = format!("give {amount} of {token}");
        let result = self.model.give(account(token), Amount(amount));
        let mut real = self.oracle.give(token, amount).unwrap();
        real.changes.clear();
        self.check("give", result, real, tally);
    }

    fn check(
        &self,
        operation: &str,
        model: Result<(), MasterChefError>,
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
        let real = real.result.map(|_| ());
        assert_eq!(model.map_err(expected), real, "model and contract, {}", context());
        self.compare_storage();
    }

    /// Says which change of the contract nothing in the model stands for.
    fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        let is_known = |slot: &U256| {
            *slot <= U256::from(ChefSlot::TotalAllocPoint as u64)
                || self.pool_slots.iter().any(|known| known.contains(slot))
                || self.user_slots.iter().any(|(_, _, known)| known.contains(slot))
        };
        changes.iter().copied().find(|change| !is_known(&change.slot))
    }

    pub(super) fn compare_storage(&self) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        let words = |slots: &[U256]| -> Vec<U256> {
            slots.iter().map(|slot| self.oracle.evm.storage(self.oracle.chef, *slot)).collect()
        };
        let pools = self.model.pools();
        let expected = [
            (ChefSlot::Dev, address_word(Address::from(self.model.dev().0))),
            (ChefSlot::Pools, U256::from(pools.len())),
            (ChefSlot::TotalAllocPoint, self.model.total_alloc_point()),
        ];
        for (slot, word) in expected {
            assert_eq!(word, self.oracle.slot(slot), "{slot:?} {}", context());
        }
        for (pool, slots) in pools.iter().zip(&self.pool_slots) {
            let expected = vec![
                address_word(Address::from(pool.lp_token.0)),
                pool.alloc_point,
                U256::from(pool.last_reward_block.0),
                pool.acc_sushi_per_share,
            ];
            assert_eq!(expected, words(slots), "a pool {}", context());
        }
        for (pool, staker, slots) in &self.user_slots {
            let user = self.model.user(*pool, account(*staker));
            let expected = vec![user.amount.0, user.reward_debt];
            assert_eq!(expected, words(slots), "{staker} in {pool} {}", context());
        }
        let [lp0, lp1] = self.oracle.lp_tokens;
        for token in [lp0, lp1, self.oracle.sushi] {
            let held = self.oracle.balance(token, self.oracle.chef);
            assert_eq!(self.model.balance_of(account(token)).0, held, "{token} {}", context());
        }
        assert_eq!(self.model.sushi_supply().0, self.oracle.supply(), "supply {}", context());
    }

    pub(super) fn compare_views(&mut self, tally: &mut Tally) {
        let state = self.model.state();
        let again = MasterChef::new(&state);
        assert_eq!(again.as_ref(), Ok(&self.model), "the state is all there is");
        for pool in 0..=self.model.pools().len().min(MOST_POOLS) {
            for staker in self.oracle.stakers.clone() {
                let model = self.model.pending_sushi(pool, account(staker), self.at());
                let call = Call::new("pendingSushi(uint256,address)", 2);
                let call = call.word(U256::from(pool)).address(staker);
                let real = self.oracle.view(call).unwrap().map(|answer| answer.words());
                if let Err(revert) = &real {
                    tally.revert("pendingSushi", revert.reason());
                }
                let model = model.map(|pending| vec![pending.0]).map_err(expected);
                assert_eq!(model, real, "{staker} in {pool} after {}", self.last);
            }
        }
    }
}

/// How the contract fails where the model gives this error.
fn expected(error: MasterChefError) -> Revert {
    match (error.reason(), error) {
        (Some(reason), _) => Revert::Reason(reason.to_owned()),
        (None, MasterChefError::TokenOverflow) => Revert::Reason("balance overflow".to_owned()),
        (None, MasterChefError::TokenShort) => {
            Revert::Reason("ERC20: transfer amount exceeds balance".to_owned())
        }
        (None, _) => Revert::InvalidOpcode,
    }
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}

#[test]
fn master_chef_gas() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let whole = U256::from(10_u64.pow(18));
    let parameters = ChefParameters {
        sushi_per_block: U256::from(40) * whole,
        start_block: 0,
        bonus_end_block: 0,
        given: U256::ZERO,
    };
    let mut oracle = MasterChefOracle::new(&artifacts, 2, parameters).unwrap();
    let [alice, bob] = [oracle.stakers[0], oracle.stakers[1]];
    let lp = oracle.lp_tokens[0];
    oracle.evm.set_block_number(100);
    let add = Call::new("add(uint256,address,bool)", 3).word(U256::from(30));
    let add = add.address(lp).word(U256::ONE);
    let owner = oracle.owner;
    let mut measured = vec![oracle.send(owner, add).unwrap().gas];
    for (staker, block) in [(alice, 110), (bob, 120), (alice, 130), (alice, 140)] {
        oracle.evm.set_block_number(block);
        measured.push(oracle.deposit(staker, 0, lp, whole).unwrap().gas);
    }
    oracle.evm.set_block_number(150);
    measured.push(oracle.deposit(alice, 0, lp, U256::ZERO).unwrap().gas);
    oracle.evm.set_block_number(160);
    let withdraw = Call::new("withdraw(uint256,uint256)", 2).word(U256::ZERO).word(whole);
    measured.push(oracle.send(alice, withdraw).unwrap().gas);
    let emergency = Call::new("emergencyWithdraw(uint256)", 1).word(U256::ZERO);
    measured.push(oracle.send(bob, emergency).unwrap().gas);
    let facts: Vec<_> = FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(facts, measured);
}
