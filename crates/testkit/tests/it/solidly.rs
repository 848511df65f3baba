//! The Solidly and Aerodrome pools: recorded answers of the chain, and a naive model of the
//! contract in big integers, since no registry carries its bytecode.

mod naive;

use num_bigint::BigInt;
use serde_json::Value;
use tidemill_amm::constant_product::{Holder, PairSwap, Recipient};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyError, SolidlyHolder, SolidlyPool};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Amounts, Side, Timestamp, U256};

use self::naive::{Failure, Naive};
use crate::recorded_data::recorded;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 300;

#[test]
fn recorded_aerodrome_answers_are_equal() {
    let Some(states) = recorded("amm-quote-parity/aerodrome_v2_stable_state.json") else { return };
    let answers = states.with_file_name("aerodrome_v2_stable_get_amount_out.json");
    let text = |path| std::fs::read_to_string(path).unwrap();
    let (state, answers) = (text(states), text(answers));
    let fee = number_after(&state, "\"fee_raw\"").parse().unwrap();
    let mut pool = SolidlyPool::empty(SolidlyBuild::Velodrome2, true, fee, [18, 6]).unwrap();
    let amount0 = number_after(&state, "\"reserves_token0\"").parse().unwrap();
    let amount1 = number_after(&state, "\"reserves_token1\"").parse().unwrap();
    pool.give(Amounts { amount0, amount1 }).unwrap();
    pool.sync(Timestamp(1)).unwrap();
    let json: Value = serde_json::from_str(&answers).unwrap();
    let entries = json["entries"].as_object().unwrap();
    for key in entries.keys() {
        let parts: Vec<_> = key.split('|').collect();
        let input = match parts[2] {
            "DOLA->USDbC" => Side::Token0,
            "USDbC->DOLA" => Side::Token1,
            direction => panic!("direction {direction}"),
        };
        let given = parts[3].parse::<Amount>().unwrap();
        let answer = number_after(&answers, &format!("\"{key}\"")).parse().unwrap();
        assert_eq!(pool.amount_out(given, input), Ok(answer), "{key}");
    }
    assert_eq!(entries.len(), 26);
}

/// The digits that come next: the JSON reader would make floats of such numbers.
fn number_after<'a>(text: &'a str, marker: &str) -> &'a str {
    let rest = &text[text.find(marker).unwrap() + marker.len()..];
    let rest = &rest[rest.find(|letter: char| letter.is_ascii_digit()).unwrap()..];
    &rest[..rest.find(|letter: char| !letter.is_ascii_digit()).unwrap()]
}

#[test]
fn pools_equal_the_naive_model_velodrome() {
    check_sequences("Velodrome v2 pool", 1, SolidlyBuild::Velodrome2);
}

#[test]
fn pools_equal_the_naive_model_solidly() {
    check_sequences("Solidly pool", 2, SolidlyBuild::Solidly);
}

fn check_sequences(name: &'static str, part: u64, build: SolidlyBuild) {
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "steps of one or more operations",
    };
    let reverts: &[&str] = match build {
        SolidlyBuild::Velodrome2 => &REVERTS_VELODROME,
        SolidlyBuild::Solidly => &REVERTS_SOLIDLY,
    };
    let reached = Reached { operations: &OPERATIONS, reverts };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(build, seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const OPERATIONS: [&str; 9] =
    ["give", "mint", "burn", "swap", "skim", "sync", "transfer", "claim", "amount out"];
const REVERTS_VELODROME: [&str; 16] = [
    "mint: InsufficientLiquidityMinted",
    "mint: DepositsNotEqual",
    "mint: BelowMinimumK",
    "mint: 11",
    "burn: InsufficientLiquidityBurned",
    "burn: 12",
    "swap: InsufficientOutputAmount",
    "swap: InsufficientLiquidity",
    "swap: InsufficientInputAmount",
    "swap: K",
    "swap: 11",
    "transfer: ERC20: transfer amount exceeds balance",
    "swap: 12",
    "amount out: 11",
    "amount out: 12",
    "amount out: !y",
];
const REVERTS_SOLIDLY: [&str; 12] = [
    "mint: ILM",
    "mint: 11",
    "burn: ILB",
    "burn: 12",
    "swap: IOA",
    "swap: IL",
    "swap: IIA",
    "swap: K",
    "swap: 11",
    "transfer: 11",
    "amount out: 11",
    "amount out: 12",
];

const HOLDERS: [Holder; 5] = [
    Holder::Zero,
    Holder::Pair,
    Holder::Account([2; 20]),
    Holder::Account([3; 20]),
    Holder::Others,
];

/// The two models, side by side.
struct World {
    model: SolidlyPool,
    naive: Naive,
    random: Random,
    seed: u64,
    now: u64,
    build: SolidlyBuild,
    /// Bits of the amounts of each token.
    scale: [u64; 2],
    last: String,
}

fn big(value: U256) -> BigInt {
    BigInt::from_bytes_be(num_bigint::Sign::Plus, &value.to_be_bytes::<32>())
}

fn pair(amounts: Amounts) -> [BigInt; 2] {
    [big(amounts.amount0.0), big(amounts.amount1.0)]
}

impl World {
    fn new(build: SolidlyBuild, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let stable = !random.once_in(4);
        let velodrome = build == SolidlyBuild::Velodrome2;
        let fee = if velodrome { random.pick(&[0, 1, 5, 30, 100, 300]) } else { 1 };
        let decimals = [random.pick(&[18, 18, 6, 8, 2]), random.pick(&[18, 18, 6, 27])];
        let model = SolidlyPool::empty(build, stable, fee, decimals).unwrap();
        let unit = decimals.map(|decimals| BigInt::from(10).pow(u32::from(decimals)));
        let naive = Naive {
            velodrome,
            stable,
            fee,
            unit,
            reserve: Default::default(),
            balance: Default::default(),
            cumulative: Default::default(),
            last: 0,
            index: Default::default(),
            fees: Default::default(),
            supply: BigInt::default(),
            holders: Default::default(),
        };
        // Whole tokens of both, up to a billion, in the raw units of each.
        let whole = random.below(31);
        let bits = |decimals: u8| whole + u64::from(decimals) * 10 / 3 + 1;
        let scale = decimals.map(bits);
        let now = 1_600_000_000;
        Self { model, naive, random, seed, now, build, scale, last: String::new() }
    }

    fn step(&mut self, tally: &mut Tally) {
        if self.random.once_in(2) {
            self.now += self.random.below(10_000);
        }
        if self.random.once_in(500) {
            self.now += self.random.below(1 << 50);
        }
        if self.model.total_supply().is_zero() && !self.random.once_in(6) {
            return self.first_deposit(tally);
        }
        match self.random.below(100) {
            0..10 => self.give(tally),
            10..18 => self.mint(tally),
            18..26 => self.burn(tally),
            26..66 => self.swap(tally),
            66..68 => self.skim(tally),
            68..70 => self.sync(tally),
            70..78 => self.transfer(tally),
            78..86 => self.claim(tally),
            _ => self.amount_out(tally),
        }
    }

    fn amount(&mut self, token: usize) -> Amount {
        let bits = match self.random.below(200) {
            0 => 256,
            1 => 150,
            _ => self.scale[token],
        };
        Amount(self.random.wide(bits))
    }

    /// Mostly equal in value, as the second build's stable pools ask for it.
    fn first_deposit(&mut self, tally: &mut Tally) {
        let surplus = self.model.holdings();
        if surplus != Amounts::ZERO && self.random.once_in(2) {
            self.skim(tally);
        }
        let whole = U256::from(1 + self.random.below(1 << 30));
        let unit = |bytes: &BigInt| U256::from_be_slice(&bytes.to_bytes_be().1);
        let [unit0, unit1] = [unit(&self.naive.unit[0]), unit(&self.naive.unit[1])];
        let mut amounts =
            Amounts { amount0: Amount(whole * unit0), amount1: Amount(whole * unit1) };
        match self.random.below(8) {
            0 => amounts.amount0 = self.amount(0),
            1 => amounts.amount1 = Amount(amounts.amount1.0 + U256::ONE),
            2 => amounts = Amounts { amount0: self.amount(0), amount1: self.amount(1) },
            3 => {
                let small = U256::from(1 + self.random.below(4000));
                amounts = Amounts { amount0: Amount(small), amount1: Amount(small) };
            }
            _ => {}
        }
        self.give_amounts(amounts, tally);
        if self.random.once_in(20) {
            self.sync(tally);
        }
        self.mint(tally);
    }

    fn give(&mut self, tally: &mut Tally) {
        let mut amounts = Amounts { amount0: self.amount(0), amount1: self.amount(1) };
        if self.random.once_in(2) {
            let reserves = self.model.reserves().amounts;
            let part = U256::from(self.random.below(1 << 16));
            let of = |reserve: Amount| Amount((reserve.0 >> 18_usize).saturating_mul(part));
            amounts = Amounts { amount0: of(reserves.amount0), amount1: of(reserves.amount1) };
        }
        self.give_amounts(amounts, tally);
    }

    fn give_amounts(&mut self, amounts: Amounts, tally: &mut Tally) {
        self.last = format!("give {amounts:?}");
        if self.model.give(amounts).is_ok() {
            for (balance, amount) in self.naive.balance.iter_mut().zip(pair(amounts)) {
                *balance += amount;
            }
            tally.count("give");
        }
        self.compare();
    }

    fn holder(&mut self) -> (Holder, usize) {
        let index = self.random.below(HOLDERS.len() as u64) as usize;
        (HOLDERS[index], index)
    }

    fn recipient(&mut self) -> Recipient {
        if self.random.once_in(20) { Recipient::Pair } else { Recipient::Outside }
    }

    fn mint(&mut self, tally: &mut Tally) {
        let (holder, index) = self.holder();
        self.last = format!("mint to {holder:?}");
        let result = self.model.mint(holder, Timestamp(self.now));
        let naive = self.tried(|naive, now| naive.mint(index, now));
        self.check("mint", result.map(|shares| big(shares.0)), &naive, tally);
    }

    fn burn(&mut self, tally: &mut Tally) {
        if !self.random.once_in(5) {
            self.transfer_to(Holder::Pair, naive::POOL, tally);
        }
        let to = self.recipient();
        self.last = format!("burn to {to:?}");
        let result = self.model.burn(to, Timestamp(self.now));
        let naive = self.tried(|naive, now| naive.burn(to == Recipient::Outside, now));
        self.check("burn", result.map(pair), &naive, tally);
    }

    fn swap(&mut self, tally: &mut Tally) {
        let input = if self.random.once_in(2) { Side::Token0 } else { Side::Token1 };
        let token = usize::from(input == Side::Token1);
        let mut paid = self.amount(token);
        if self.random.once_in(2) {
            let reserve = self.model.reserves().amounts.get(input).0;
            let bits = reserve.bit_len() as u64;
            paid = Amount(self.random.wide(bits));
        }
        let reserve = self.model.reserves().amounts.get(input.other()).0;
        let quoted = self.model.amount_out(paid, input);
        let mut out = quoted.unwrap_or_else(|_| Amount(self.random.up_to(reserve)));
        match self.random.below(8) {
            0 => out = Amount(out.0.saturating_add(U256::ONE)),
            1 => paid = Amount(paid.0.saturating_sub(U256::ONE)),
            2 => out = Amount(self.random.up_to(reserve)),
            _ => {}
        }
        let mut amounts = Amounts::of(input.other(), out);
        if self.random.once_in(10) {
            amounts = amounts.checked_add(Amounts::of(input, Amount(paid.0 >> 3_usize))).unwrap();
        }
        let to = self.recipient();
        let swap = PairSwap { out: amounts, to, paid: Amounts::of(input, paid) };
        self.last = format!("{swap:?}");
        let result = self.model.swap(swap, Timestamp(self.now));
        if result == Err(SolidlyError::TokenOverflow) {
            return;
        }
        let (out, paid) = (pair(swap.out), pair(swap.paid));
        let outside = to == Recipient::Outside;
        let naive = self.tried(|naive, now| naive.swap(&out, outside, &paid, now));
        self.check("swap", result.map(pair), &naive, tally);
    }

    fn skim(&mut self, tally: &mut Tally) {
        let to = self.recipient();
        self.last = format!("skim to {to:?}");
        self.model.skim(to).unwrap();
        self.naive.skim(to == Recipient::Outside);
        tally.count("skim");
        self.compare();
    }

    fn sync(&mut self, tally: &mut Tally) {
        "sync".clone_into(&mut self.last);
        let result = self.model.sync(Timestamp(self.now));
        let naive = self.tried(|naive, now| naive.sync(now));
        self.check("sync", result, &naive, tally);
    }

    fn transfer(&mut self, tally: &mut Tally) {
        let (to, index) = self.holder();
        self.transfer_to(to, index, tally);
    }

    fn transfer_to(&mut self, to: Holder, index: usize, tally: &mut Tally) {
        let (from, sender) = self.holder();
        let held = self.model.holder(from).shares.0;
        let shares = match self.random.below(8) {
            0 => held,
            1 => held.saturating_add(U256::ONE),
            2 => self.random.wide(256),
            _ => self.random.up_to(held),
        };
        self.last = format!("transfer {shares} from {from:?} to {to:?}");
        let result = self.model.transfer(from, to, Amount(shares));
        let naive = self.tried(|naive, _| naive.transfer(sender, index, &big(shares)));
        self.check("transfer", result, &naive, tally);
    }

    fn claim(&mut self, tally: &mut Tally) {
        let (holder, index) = self.holder();
        self.last = format!("claim for {holder:?}");
        let claimable = self.model.claimable(holder);
        let result = self.model.claim_fees(holder);
        assert_eq!(claimable, result);
        let naive = self.tried(|naive, _| naive.claim(index));
        self.check("claim", result.map(pair), &naive, tally);
    }

    fn amount_out(&mut self, tally: &mut Tally) {
        let input = if self.random.once_in(2) { Side::Token0 } else { Side::Token1 };
        let token = usize::from(input == Side::Token1);
        let amount = self.amount(token);
        self.last = format!("amount out for {amount} of {input:?}");
        let result = self.model.amount_out(amount, input);
        let naive = self.naive.amount_out(&big(amount.0), token);
        self.check("amount out", result.map(|out| big(out.0)), &naive, tally);
    }

    /// Keeps what the naive model did only where it did not fail, as a chain does.
    fn tried<T>(
        &mut self,
        call: impl FnOnce(&mut Naive, u64) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut after = self.naive.clone();
        let result = call(&mut after, self.now)?;
        self.naive = after;
        Ok(result)
    }

    fn check<T: PartialEq + std::fmt::Debug>(
        &mut self,
        operation: &str,
        model: Result<T, SolidlyError>,
        naive: &Result<T, Failure>,
        tally: &mut Tally,
    ) {
        let build = self.build;
        let failure = |error: SolidlyError| {
            let panic = if error == SolidlyError::DivisionByZero { "12" } else { "11" };
            error.reason(build).unwrap_or(panic)
        };
        let model = model.map_err(failure);
        assert_eq!(&model, naive, "after {} (world {})", self.last, self.seed);
        match naive {
            Ok(_) => tally.count(operation),
            Err(reason) => tally.revert(operation, reason),
        }
        self.compare();
    }

    fn compare(&self) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        let (model, naive) = (&self.model, &self.naive);
        let reserves = model.reserves();
        assert_eq!(pair(reserves.amounts), naive.reserve, "reserves {}", context());
        assert_eq!(pair(model.holdings()), naive.balance, "holdings {}", context());
        assert_eq!(pair(model.fees()), naive.fees, "fees {}", context());
        assert_eq!(model.indexes().map(big), naive.index, "indexes {}", context());
        assert_eq!(big(model.total_supply().0), naive.supply, "supply {}", context());
        assert_eq!(reserves.updated_at, Timestamp(naive.last), "time {}", context());
        let sums = [reserves.reserve0_cumulative, reserves.reserve1_cumulative].map(big);
        assert_eq!(sums, naive.cumulative, "sums {}", context());
        for (index, holder) in HOLDERS.into_iter().enumerate() {
            let SolidlyHolder { shares, supply_index0, supply_index1, claimable0, claimable1 } =
                model.holder(holder);
            let record = naive::Holder {
                shares: big(shares.0),
                index: [supply_index0, supply_index1].map(big),
                claimable: [claimable0.0, claimable1.0].map(big),
            };
            let expected = naive.holders.get(&index).cloned().unwrap_or_default();
            assert_eq!(record, expected, "{holder:?} {}", context());
        }
        let state = model.state();
        assert_eq!(SolidlyPool::new(&state).map(|pool| pool.state()), Ok(state));
    }
}
