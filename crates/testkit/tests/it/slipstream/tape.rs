//! A tape of Slipstream as its logs would say what the naive model does: replaying it reproduces
//! every event, and ends in the model's own state.

use num_bigint::BigUint as Nat;
use tidemill_amm::concentrated::sqrt_price_at_tick;
use tidemill_model::{Address, BuildEvent, PoolBuild, PoolEvent, RecordedAfter};
use tidemill_testkit::Random;
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, SignedAmount, SignedAmounts, SignedLiquidity, SqrtPrice,
    Tick, U256,
};

use super::naive::{GAUGE, Key, NFT, NaivePool, nat_of};
use super::{compare_pools, range_of};
use crate::recorded_tapes::Recorder;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

/// Who holds the position over all ticks that is never taken out: swaps always find liquidity.
const KEEPER: u8 = 3;

#[test]
fn a_tape_of_the_naive_slipstream_pool_replays_to_its_state() {
    let worlds = Worlds {
        name: "Slipstream tape",
        stream: 702,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let operations = [
        "replayed initialize",
        "replayed mint",
        "replayed burn",
        "replayed collect",
        "replayed swap",
        "replayed flash",
        "replayed stake",
        "replayed change_stake",
        "replayed collect_fees",
        "replayed set_fee",
        "replayed set_unstaked_fee",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = TapeWorld::new(seed);
        for _ in 0..most {
            world.step();
        }
        world.compare(tally, seed);
        most
    });
}

struct TapeWorld {
    naive: NaivePool,
    recorder: Recorder,
    random: Random,
    home: i32,
    bits: u64,
    seconds: u32,
}

fn address(name: u8) -> Address {
    Address([name; 20])
}

fn amount_of(value: &Nat) -> Amount {
    value.to_string().parse().unwrap()
}

fn amounts_of(amounts: &[Nat; 2]) -> Amounts {
    Amounts { amount0: amount_of(&amounts[0]), amount1: amount_of(&amounts[1]) }
}

impl TapeWorld {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let fee = random.pick(&[0, 1, 100, 500, 3_000, 10_000, 100_000]);
        let unstaked_fee = random.pick(&[0, 1, 100_000, 500_000, 1_000_000]);
        let spacing = random.pick(&[1, 50, 100, 200, 2_000, 7]);
        let home = random.between(-100_000, 100_000);
        let bits = 70 + random.below(20);
        let build = PoolBuild::Slipstream {
            unstaked_fee: FeePips(unstaked_fee),
            gauge: address(GAUGE),
            position_manager: address(NFT),
            staked_liquidity: Liquidity(0),
        };
        let mut recorder = Recorder::new(build, FeePips(fee), spacing);
        let most = Tick::MAX.0.div_euclid(spacing);
        let mut naive = NaivePool {
            fee,
            unstaked_fee,
            spacing,
            most: u128::MAX / (2 * u128::from(most.unsigned_abs()) + 1),
            ..NaivePool::default()
        };
        let seconds = recorder.pass(0).0 as u32;
        let price = sqrt_price_at_tick(Tick(home)).unwrap();
        naive.start(nat_of(price.to_x96()), seconds);
        recorder.record(PoolEvent::Initialize { sqrt_price: price, tick: Some(Tick(home)) });
        let mut world = Self { naive, recorder, random, home, bits, seconds };
        let ends = most * spacing;
        assert!(world.mint((KEEPER, -ends, ends), 1 << 64));
        world
    }

    /// Makes a random call; one that reverts leaves no log.
    fn step(&mut self) {
        self.seconds = self.recorder.pass(self.random.below(40)).0 as u32;
        match self.random.below(100) {
            0..20 => {
                let (key, liquidity) = (self.key(), self.liquidity());
                self.mint(key, liquidity);
            }
            20..32 => self.burn(),
            32..46 => self.stake(),
            46..54 => self.gauge_changes(),
            54..86 => self.swap(),
            86..90 => self.flash(),
            90..93 => self.set_fees(),
            _ => {
                let paid = self.naive.collect_gauge_fees();
                self.build_event(BuildEvent::CollectFees(amounts_of(&paid)));
            }
        }
    }

    fn build_event(&mut self, event: BuildEvent) {
        self.recorder.record(PoolEvent::Build(Box::new(event)));
    }

    fn tick(&mut self) -> i32 {
        let steps = self.random.pick(&[-50, -9, -3, -1, 0, 1, 2, 7, 40]);
        (self.home.div_euclid(self.naive.spacing) + steps) * self.naive.spacing
    }

    fn key(&mut self) -> Key {
        let (one, other) = (self.tick(), self.tick());
        let upper = if one == other { one + self.naive.spacing } else { one.max(other) };
        (self.random.pick(&[NFT, NFT, 4]), one.min(other), upper)
    }

    fn old_key(&mut self, owners: &[u8]) -> Option<(Key, u128)> {
        let positions = self.naive.positions.iter();
        let held = positions.map(|(key, position)| (*key, position.liquidity));
        let ours: Vec<_> =
            held.filter(|(key, held)| owners.contains(&key.0) && *held > 0).collect();
        (!ours.is_empty()).then(|| ours[self.random.below(ours.len() as u64) as usize])
    }

    fn liquidity(&mut self) -> u128 {
        self.random.wide(self.bits).to::<u128>().max(1 << 60)
    }

    fn amount(&mut self) -> U256 {
        let bits = self.bits - self.random.below(20);
        self.random.wide(bits).max(U256::from(1_u64 << 40))
    }

    fn mint(&mut self, key: Key, liquidity: u128) -> bool {
        let Ok(amounts) = self.naive.modify(key, liquidity as i128, self.seconds) else {
            return false;
        };
        self.recorder.record(PoolEvent::Mint {
            owner: Some(address(key.0)),
            range: range_of((key.1, key.2)),
            liquidity: Liquidity(liquidity),
            amounts: amounts_of(&amounts),
        });
        true
    }

    /// Takes liquidity out of a position, and is paid all that it is owed, or some.
    fn burn_of(&mut self, key: Key, liquidity: u128) {
        let Ok(amounts) = self.naive.modify(key, -(liquidity as i128), self.seconds) else {
            return;
        };
        self.naive.credit(key, &amounts);
        let (owner, range) = (Some(address(key.0)), range_of((key.1, key.2)));
        let (liquidity, amounts) = (Liquidity(liquidity), amounts_of(&amounts));
        self.recorder.record(PoolEvent::Burn { owner, range, liquidity, amounts });
        let most = self.random.wide(100).to::<u128>();
        let paid = self.naive.collect(key, [most, u128::MAX]);
        let amounts = amounts_of(&paid);
        self.recorder.record(PoolEvent::Collect { owner, range, amounts });
    }

    fn burn(&mut self) {
        let Some((key, held)) = self.old_key(&[NFT, 4]) else { return };
        let all = self.random.once_in(3);
        let part = self.random.up_to(U256::from(held)).to::<u128>();
        self.burn_of(key, if all { held } else { part });
    }

    fn stake(&mut self) {
        let unstakes = self.random.once_in(3);
        let Some((key, held)) = self.old_key(&[if unstakes { GAUGE } else { NFT }]) else {
            return;
        };
        let all = self.random.once_in(2);
        let part = self.random.up_to(U256::from(held)).to::<u128>().max(1);
        let size = if all { held } else { part } as i128;
        self.stakes(key, if unstakes { -size } else { size }, true);
    }

    fn stakes(&mut self, (_, lower, upper): Key, delta: i128, moves_position: bool) {
        if self.naive.stake((lower, upper), delta, moves_position).is_ok() {
            let (range, delta) = (range_of((lower, upper)), SignedLiquidity(delta));
            self.build_event(BuildEvent::Stake { range, delta, moves_position });
        }
    }

    /// The gauge's position grows, or shrinks, as the position manager does it for a staked one.
    fn gauge_changes(&mut self) {
        let Some((key, held)) = self.old_key(&[GAUGE]) else { return };
        if self.random.once_in(2) {
            let liquidity = self.liquidity();
            if self.mint(key, liquidity) {
                self.stakes(key, liquidity as i128, false);
            }
        } else {
            let part = self.random.up_to(U256::from(held)).to::<u128>().max(1);
            self.stakes(key, -(part as i128), false);
            self.burn_of(key, part);
        }
    }

    fn swap(&mut self) {
        let offset = self.random.below(self.naive.spacing as u64 + 1) as i32;
        let tick = self.tick() + offset;
        let limit = nat_of(sqrt_price_at_tick(Tick(tick)).unwrap().to_x96());
        let down = limit < self.naive.price;
        let (amount, exact_in) = (nat_of(self.amount()), self.random.once_in(2));
        let swapped = self.naive.swap(down, (&amount, exact_in), &limit, self.seconds);
        let Ok(sizes) = swapped else { return };
        let [size0, size1] = sizes.map(|size| amount_of(&size));
        let (into, out) = (SignedAmount::positive, SignedAmount::negative);
        let (amount0, amount1) =
            if down { (into(size0), out(size1)) } else { (out(size0), into(size1)) };
        let amounts = SignedAmounts { amount0: amount0.unwrap(), amount1: amount1.unwrap() };
        let after = RecordedAfter {
            sqrt_price: SqrtPrice::from_x96(amount_of(&self.naive.price).0),
            liquidity: Some(Liquidity(self.naive.liquidity)),
            tick: Some(Tick(self.naive.tick)),
        };
        self.recorder.record(PoolEvent::Swap { amounts, after });
    }

    fn flash(&mut self) {
        let paid = [self.amount(), self.amount()].map(nat_of);
        if self.naive.flash(&[Nat::default(), Nat::default()], &paid).is_ok() {
            self.recorder.record(PoolEvent::Flash { paid: amounts_of(&paid) });
        }
    }

    fn set_fees(&mut self) {
        if self.random.once_in(2) {
            self.naive.fee = self.random.below(100_001) as u32;
            self.build_event(BuildEvent::SetFee(FeePips(self.naive.fee)));
        } else {
            self.naive.unstaked_fee = self.random.below(1_000_001) as u32;
            self.build_event(BuildEvent::SetUnstakedFee(FeePips(self.naive.unstaked_fee)));
        }
    }

    fn compare(&self, tally: &mut Tally, seed: u64) {
        let context = format!("world {seed}");
        let pool = self.recorder.replayed(tally, &context);
        compare_pools(&pool, &self.naive, &context);
    }
}
