//! The v3-staker over a pool whose price wanders, beside the real staker over the real pool.

mod compare;
mod gas;
mod generate;
mod incentives;
mod positions;
mod scenes;

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Pool, sqrt_price_at_tick};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    IncentiveKey, ManagedPosition, PoolReader, TokenId, V3Staker, V3StakerError, V3StakerState,
};
use tidemill_testkit::{
    Address, Artifacts, IncentiveWords, Outcome, PoolParameters, Random, Revert, StakerBounds,
    V3StakerOracle, address_word,
};
use tidemill_units::{FeePips, Liquidity, Tick, TickRange, Timestamp, U256};

use self::compare::Slots;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const WORLDS: Worlds = Worlds {
    name: "v3-staker, first half",
    stream: 403,
    tests: 2,
    most_in_one: 400,
    unit: "operations",
};

#[test]
fn staker_equals_the_contract_first_half() {
    run(&WORLDS);
}

#[test]
fn staker_equals_the_contract_second_half() {
    run(&Worlds { name: "v3-staker, second half", stream: 404, ..WORLDS });
}

/// What a run of full length must have done.
const OPERATIONS: [&str; 18] = [
    "create incentive",
    "top up incentive",
    "end incentive",
    "deposit",
    "deposit and stake",
    "deposit and stake in several",
    "transfer deposit",
    "withdraw",
    "stake",
    "unstake",
    "unstake after the end",
    "unstake by a stranger",
    "unstake for a reward",
    "claim",
    "claim of a part",
    "reward info",
    "swap over a range's end",
    "stake of more than 2^96",
];

const REVERTS: [&str; 33] = [
    "create incentive: UniswapV3Staker::createIncentive: reward must be positive",
    "create incentive: UniswapV3Staker::createIncentive: start time must be now or in the future",
    "create incentive: UniswapV3Staker::createIncentive: start time too far into future",
    "create incentive: UniswapV3Staker::createIncentive: start time must be before end time",
    "create incentive: UniswapV3Staker::createIncentive: incentive duration is too long",
    "create incentive: TransferHelperExtended::safeTransferFrom: call to non-contract",
    "create incentive: STF",
    "end incentive: UniswapV3Staker::endIncentive: cannot end incentive before end time",
    "end incentive: UniswapV3Staker::endIncentive: no refund available",
    "end incentive: UniswapV3Staker::endIncentive: cannot end incentive while deposits are staked",
    "deposit: ERC721: transfer caller is not owner nor approved",
    "deposit: UniswapV3Staker::onERC721Received: not a univ3 nft",
    "deposit: UniswapV3Staker::stakeToken: incentive not started",
    "deposit: UniswapV3Staker::stakeToken: incentive ended",
    "deposit: UniswapV3Staker::stakeToken: non-existent incentive",
    "deposit: UniswapV3Staker::stakeToken: token already staked",
    "transfer deposit: UniswapV3Staker::transferDeposit: invalid transfer recipient",
    "transfer deposit: UniswapV3Staker::transferDeposit: can only be called by deposit owner",
    "withdraw: UniswapV3Staker::withdrawToken: cannot withdraw to staker",
    "withdraw: UniswapV3Staker::withdrawToken: cannot withdraw token while staked",
    "withdraw: UniswapV3Staker::withdrawToken: only owner can withdraw token",
    "withdraw: ERC721: transfer to the zero address",
    "withdraw: ERC721: transfer to non ERC721Receiver implementer",
    "stake: UniswapV3Staker::stakeToken: only owner can stake token",
    "stake: UniswapV3Staker::stakeToken: token already staked",
    "stake: UniswapV3Staker::stakeToken: token pool is not the incentive pool",
    "stake: UniswapV3Staker::stakeToken: cannot stake token with 0 liquidity",
    "unstake: UniswapV3Staker::unstakeToken: only owner can withdraw token before incentive end \
     time",
    "unstake: UniswapV3Staker::unstakeToken: stake does not exist",
    "claim: TransferHelperExtended::safeTransfer: call to non-contract",
    "claim: ST",
    "end incentive: ST",
    "reward info: UniswapV3Staker::getRewardInfo: stake does not exist",
];

fn run(worlds: &Worlds) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        for _ in 0..most {
            world.step(tally);
        }
        world.compare_everything();
        most
    });
}

/// A position that the manager has issued.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    owner: Address,
    pub(super) range: TickRange,
    liquidity: u128,
}

/// Model and contracts side by side.
pub(super) struct World {
    pub(super) oracle: V3StakerOracle,
    pub(super) pool: Pool,
    pub(super) staker: V3Staker,
    bounds: StakerBounds,
    /// Token ids from one.
    pub(super) tokens: Vec<Issued>,
    keys: Vec<IncentiveKey>,
    /// What the reward tokens' holders have.
    balances: BTreeMap<(Address, Address), U256>,
    pub(super) users: [Address; 4],
    ticks: Vec<i32>,
    /// About how many bits amounts of the pool's tokens have.
    amount_bits: u64,
    /// Rewards may pass what all tokens together are.
    is_huge: bool,
    slots: Slots,
    random: Random,
    seed: u64,
    steps: u64,
    pub(super) now: u64,
    last: String,
}

/// What the staker asks the pool and the manager for, answered by the models.
struct Reader<'a> {
    pool: &'a Pool,
    address: Account,
    tokens: &'a [Issued],
    now: Timestamp,
}

impl PoolReader for Reader<'_> {
    fn position(&self, TokenId(id): TokenId) -> Option<ManagedPosition> {
        let index = usize::try_from(id).ok()?.checked_sub(1)?;
        let Issued { range, liquidity, .. } = *self.tokens.get(index)?;
        Some(ManagedPosition { pool: self.address, range, liquidity: Liquidity(liquidity) })
    }

    fn seconds_per_liquidity_inside(&self, pool: Account, range: TickRange) -> Option<U256> {
        assert_eq!(pool, self.address, "no other pool is ever staked in");
        let inside = self.pool.snapshot_cumulatives_inside(self.now, range).ok()?;
        Some(inside.seconds_per_liquidity)
    }
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}

fn address(account: Account) -> Address {
    Address::from(account.0)
}

fn words(key: &IncentiveKey) -> IncentiveWords {
    let address = |account: Account| address_word(address(account));
    IncentiveWords([
        address(key.reward_token),
        address(key.pool),
        U256::from(key.start_time.0),
        U256::from(key.end_time.0),
        address(key.refundee),
    ])
}

fn reason(text: &str) -> Revert {
    Revert::Reason(text.to_owned())
}

/// How the contract reverts where the model gives this error.
fn revert_of(error: V3StakerError) -> Revert {
    match (error.reason(), error) {
        (Some(text), _) => reason(text),
        (None, V3StakerError::BeforeStart) => Revert::InvalidOpcode,
        (None, _) => Revert::Empty,
    }
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (fee, tick_spacing) = random.pick(&[(500, 10), (3_000, 60), (10_000, 200)]);
        let bounds = StakerBounds {
            lead_time_seconds: random.pick(&[2_592_000, 2_592_000, 0, 100, 1 << 33]),
            duration_seconds: random.pick(&[63_072_000, 63_072_000, 1_000, 1 << 34]),
        };
        let parameters = PoolParameters { fee, tick_spacing };
        let mut oracle = V3StakerOracle::new(artifacts, parameters, bounds).unwrap();
        let mut pool = Pool::new(FeePips(fee), tick_spacing).unwrap();
        let staker = V3Staker::new(&V3StakerState {
            staker: account(oracle.staker),
            position_manager: account(oracle.manager.address),
            max_incentive_start_lead_time_seconds: bounds.lead_time_seconds,
            max_incentive_duration_seconds: bounds.duration_seconds,
            ..V3StakerState::default()
        })
        .unwrap();
        let home = random.between(-900, 900) * tick_spacing;
        let steps = [-60, -12, -4, -2, -1, 0, 1, 2, 4, 12, 60];
        let ticks: Vec<i32> = steps.iter().map(|step| home + step * tick_spacing).collect();
        let now = random.pick(&[1, 1_600_000_000, (1 << 32) - 5_000]);
        oracle.pool.evm.set_timestamp(U256::from(now));
        let price = sqrt_price_at_tick(Tick(home)).unwrap();
        pool.initialize(price, Timestamp(now)).unwrap();
        oracle.pool.initialize(price.to_x96()).unwrap().result.unwrap();
        let users = [0x11, 0x22, 0x33, 0x44].map(Address::repeat_byte);
        let is_huge = random.once_in(3);
        let mut world = Self {
            oracle,
            pool,
            staker,
            bounds,
            tokens: Vec::new(),
            keys: Vec::new(),
            balances: BTreeMap::new(),
            users,
            ticks,
            amount_bits: 4 + random.below(100),
            is_huge,
            slots: Slots::default(),
            random,
            seed,
            steps: 0,
            now,
            last: String::new(),
        };
        world.endow();
        world
    }

    /// Gives everybody of the pool's tokens, and all but the last of the reward tokens too.
    fn endow(&mut self) {
        for (index, user) in (0..).zip(self.users) {
            self.oracle.pool.endow(user, [U256::ONE << 254; 2]).unwrap();
            let amount = match index {
                0 if self.is_huge => U256::MAX,
                1 if self.is_huge => U256::MAX - U256::ONE,
                3 => U256::from(1_000),
                _ => U256::ONE << 220,
            };
            for token in self.oracle.reward_tokens {
                self.oracle.endow(token, user, amount).unwrap();
                self.balances.insert((token, user), amount);
            }
        }
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn context(&self) -> String {
        format!("after {} (step {} of world {})", self.last, self.steps, self.seed)
    }

    /// A world whose transactions are written down, but for the pool's first price.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64) -> Self {
        let mut world = Self::new(artifacts, seed);
        world.oracle.pool.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        self.steps += 1;
        match self.random.below(100) {
            0..16 => self.swap(tally),
            16..20 => self.mint(tally),
            20..23 => self.increase(tally),
            23..25 => self.decrease(tally),
            25..33 => self.create_incentive(tally),
            33..38 => self.end_incentive(tally),
            38..50 => self.deposit(tally),
            50..53 => self.transfer_deposit(tally),
            53..58 => self.withdraw(tally),
            58..74 => self.stake(tally),
            74..88 => self.unstake(tally),
            88..94 => self.claim(tally),
            94 => self.pretend_deposit(tally),
            _ => self.reward_info(tally),
        }
        self.compare();
    }

    /// Does something to the staker alone, and nothing where it refuses.
    fn on_staker<T>(
        &mut self,
        operation: impl FnOnce(&mut V3Staker, Timestamp, &Reader<'_>) -> Result<T, V3StakerError>,
    ) -> Result<T, Revert> {
        let now = self.timestamp();
        let address = account(self.oracle.pool.pool);
        let Self { pool, tokens, staker, .. } = self;
        let reader = Reader { pool, address, tokens, now };
        operation(staker, now, &reader).map_err(revert_of)
    }

    fn check(
        &mut self,
        operation: &str,
        expected: Result<Vec<U256>, Revert>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        self.slots.note(&self.staker);
        if let Some(change) = self.slots.unknown(&real.changes) {
            panic!("the contract changed {change:?}, {}", self.context());
        }
        let real = real.result.map(|answer| answer.words());
        assert_eq!(expected, real, "{operation}: model and contract, {}", self.context());
        match expected {
            Ok(_) => tally.count(operation),
            Err(revert) => tally.revert(operation, revert.reason()),
        }
    }
}
