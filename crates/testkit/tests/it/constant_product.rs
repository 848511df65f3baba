//! The v2 pair.

mod logs;

use tidemill_amm::constant_product::{
    Holder, Pair, PairError, PairParameters, PairSwap, Recipient, TradeReserves,
};
use tidemill_testkit::{
    Address, Answer, Artifacts, Call, Outcome, PairBuild, PairOracle, PairSlot, PairSwapCall,
    Random, Revert, SlotChange,
};
use tidemill_units::{Amount, Amounts, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 400;
const FEE_RECIPIENTS: [Address; 2] = [Address::repeat_byte(0xfe), Address::repeat_byte(0xff)];

#[test]
fn pair_equals_the_contract_first_half() {
    check_sequences(&Suite { name: "v2 pair, first half", part: 1, ..UNISWAP });
}

#[test]
fn pair_equals_the_contract_second_half() {
    check_sequences(&Suite { name: "v2 pair, second half", part: 2, ..UNISWAP });
}

const UNISWAP: Suite = Suite {
    name: "v2 pair",
    part: 0,
    build: PairBuild::Uniswap,
    parameters: PairParameters::UNISWAP,
    fee: [3, 1000],
    prefix: "UniswapV2",
};

/// What one test of a build is about.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// A number of its own among the tests, to start the generator from.
    pub(crate) part: u64,
    pub(crate) build: PairBuild,
    pub(crate) parameters: PairParameters,
    /// The fee as its source writes it: so many of so many.
    pub(crate) fee: [u64; 2],
    /// What its reasons start with where Uniswap's start with `UniswapV2`.
    pub(crate) prefix: &'static str,
}

pub(crate) fn check_sequences(suite: &Suite) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: suite.name,
        stream: suite.part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "steps of one or more operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(suite, &artifacts, seed);
        for index in 0..most {
            world.step(tally);
            if index % 64 == 0 || index + 1 == most {
                world.compare_getters();
            }
        }
        most
    });
}

const OPERATIONS: [&str; 10] = [
    "give",
    "mint",
    "burn",
    "swap",
    "swap at equality",
    "flash swap",
    "skim",
    "sync",
    "transfer",
    "set fee to",
];
/// All of `PairError` but `AddOverflow`: shares never exceed the root of the product, 2^112.
const REVERTS: [&str; 17] = [
    "give: balance overflow",
    "mint: UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED",
    "mint: UniswapV2: OVERFLOW",
    "mint: ds-math-sub-underflow",
    "mint: ds-math-mul-overflow",
    "burn: UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED",
    "burn: <invalid opcode>",
    "burn: ds-math-mul-overflow",
    "swap: UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT",
    "swap: UniswapV2: INSUFFICIENT_LIQUIDITY",
    "swap: UniswapV2: INSUFFICIENT_INPUT_AMOUNT",
    "swap: UniswapV2: INVALID_TO",
    "swap: UniswapV2: K",
    "swap: UniswapV2: OVERFLOW",
    "swap: ds-math-mul-overflow",
    "sync: UniswapV2: OVERFLOW",
    "transfer: ds-math-sub-underflow",
];

/// The model and the contract, side by side.
struct World {
    model: Pair,
    oracle: PairOracle,
    random: Random,
    seed: u64,
    now: u64,
    holders: Vec<(Holder, Address, U256)>,
    /// Bits of the amounts that this world mostly deals in, for each token.
    scale: [u64; 2],
    last: String,
    parameters: PairParameters,
    fee: [U256; 2],
    prefix: &'static str,
}

impl World {
    fn new(suite: &Suite, artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let oracle = PairOracle::of(suite.build, artifacts, 3).unwrap();
        let holders = [Address::ZERO, oracle.pair].into_iter().chain(oracle.actors.clone());
        let holders = holders.chain(FEE_RECIPIENTS);
        let holders = holders
            .map(|address| (holder(&oracle, address), address, PairOracle::shares_slot(address)))
            .collect();
        let scale = [8 + random.below(106), 8 + random.below(106)];
        let now =
            random.pick(&[1, 1_600_000_000, (1 << 32) - 300, random.clone().next_u64() >> 20]);
        let mut world = Self {
            model: Pair::empty(suite.parameters),
            oracle,
            random,
            seed,
            now,
            holders,
            scale,
            last: String::new(),
            parameters: suite.parameters,
            fee: suite.fee.map(U256::from),
            prefix: suite.prefix,
        };
        world.oracle.evm.set_timestamp(U256::from(now));
        world
    }

    fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        match self.random.below(100) {
            0..20 => self.give(tally),
            20..33 => self.mint(tally),
            33..45 => self.burn(tally),
            45..81 => self.swap(tally),
            81..86 => self.skim(tally),
            86..91 => self.sync(tally),
            91..98 => self.transfer(tally),
            _ => self.set_fee_to(tally),
        }
    }

    fn pass_time(&mut self) {
        let seconds = match self.random.below(16) {
            0..6 => 0,
            6..14 => self.random.below(1_000),
            14 => self.random.below(1 << 32),
            _ => self.random.pick(&[1, (1 << 32) - 1, 1 << 32, (1 << 32) + 1]),
        };
        self.now += seconds;
        self.oracle.evm.set_timestamp(U256::from(self.now));
    }

    fn amount(&mut self, token: usize) -> Amount {
        let held = words(self.model.holdings())[token];
        if held.bit_len() > 200 && self.random.once_in(3) {
            return Amount::MAX;
        }
        let bits = match self.random.below(400) {
            0..3 => 256,
            3..5 => 130,
            5..20 => 112,
            _ => self.scale[token],
        };
        // Balances this large overflow products, then sums, until the surplus is skimmed.
        if bits == 256 && self.random.once_in(2) {
            return Amount(U256::MAX >> self.random.below(14) as usize);
        }
        Amount(self.random.wide(bits))
    }

    fn amounts(&mut self) -> Amounts {
        Amounts { amount0: self.amount(0), amount1: self.amount(1) }
    }

    /// A deposit near the pair's own proportion, so that most of it becomes shares.
    fn proportional(&mut self) -> Amounts {
        let Amounts { amount0, amount1 } = self.model.reserves().amounts;
        let part = self.random.wide(30).max(U256::ONE);
        let of = |reserve: Amount| Amount((reserve.0 >> 28_usize).saturating_mul(part) + part);
        Amounts { amount0: of(amount0), amount1: of(amount1) }
    }

    fn give(&mut self, tally: &mut Tally) {
        let proportional = self.random.once_in(2);
        let amounts = if proportional { self.proportional() } else { self.amounts() };
        self.give_amounts(amounts, tally);
    }

    fn give_amounts(&mut self, amounts: Amounts, tally: &mut Tally) {
        self.last = format!("give {amounts:?}");
        // Token by token, since the contract keeps the first where the second overflows.
        let mut result = Ok(());
        for single in [
            Amounts { amount0: amounts.amount0, ..Amounts::ZERO },
            Amounts { amount1: amounts.amount1, ..Amounts::ZERO },
        ] {
            result = result.and_then(|()| self.model.give(single));
        }
        let real = self.oracle.give(words(amounts)).unwrap();
        let real =
            Outcome { result: real.map(|()| Answer::default()), changes: Vec::new(), gas: 0 };
        self.check("give", result.map(|()| Vec::new()), real, tally);
    }

    fn holder(&mut self) -> (Holder, Address) {
        let index = self.random.below(self.holders.len() as u64) as usize;
        (self.holders[index].0, self.holders[index].1)
    }

    fn recipient(&mut self) -> (Recipient, Address) {
        match self.random.below(24) {
            0 => (Recipient::Pair, self.oracle.pair),
            1 => (Recipient::TokenContract, self.oracle.tokens[0]),
            2 => (Recipient::TokenContract, self.oracle.tokens[1]),
            _ => (Recipient::Outside, self.oracle.actors[1]),
        }
    }

    fn mint(&mut self, tally: &mut Tally) {
        if self.random.once_in(2) {
            self.give(tally);
        }
        let (holder, address) = self.holder();
        self.last = format!("mint to {address}");
        let result = self.model.mint(holder, Timestamp(self.now));
        let real = self.oracle.mint(address).unwrap();
        self.check("mint", result.map(|shares| vec![shares.0]), real, tally);
    }

    fn burn(&mut self, tally: &mut Tally) {
        if !self.random.once_in(4) {
            self.transfer_to(Holder::Pair, self.oracle.pair, tally);
        }
        let (recipient, address) = self.recipient();
        self.last = format!("burn to {address}");
        let result = self.model.burn(recipient, Timestamp(self.now));
        let real = self.oracle.burn(address).unwrap();
        self.check("burn", result.map(|paid| words(paid).to_vec()), real, tally);
    }

    fn transfer(&mut self, tally: &mut Tally) {
        let (to, address) = self.holder();
        self.transfer_to(to, address, tally);
    }

    fn transfer_to(&mut self, to: Holder, address: Address, tally: &mut Tally) {
        let (from, sender) = self.holder();
        let held = self.model.shares_of(from).0;
        let shares = match self.random.below(8) {
            0 => held,
            1 => held.saturating_add(U256::ONE),
            2 => self.random.wide(256),
            _ => self.random.up_to(held),
        };
        self.last = format!("transfer {shares} from {sender} to {address}");
        let result = self.model.transfer(from, to, Amount(shares));
        let real = self.oracle.transfer(sender, address, shares).unwrap();
        self.check("transfer", result.map(|()| vec![U256::ONE]), real, tally);
    }

    fn swap(&mut self, tally: &mut Tally) {
        let (out, paid) =
            if self.random.once_in(10) { self.trade_to_equality(tally) } else { self.trade() };
        let (mut to, mut address) = self.recipient();
        let is_flash = paid != Amounts::ZERO || self.random.once_in(4);
        if is_flash && to == Recipient::Pair {
            // The pair itself answers no callback, so its calls carry none.
            (to, address) = (Recipient::Outside, self.oracle.actors[1]);
        }
        let swap = PairSwap { out, to, paid };
        self.last = format!("{swap:?}");
        let result = self.model.swap(swap, Timestamp(self.now));
        let paid = is_flash.then(|| words(paid));
        let call = PairSwapCall { out: words(out), to: address, paid, reenter: None };
        let real = self.oracle.swap(&call).unwrap();
        if result.is_ok() && !out.amount0.is_zero() && !out.amount1.is_zero() {
            tally.count("flash swap");
        }
        self.check("swap", result.map(|_| Vec::new()), real, tally);
    }

    /// Outputs and what is paid for them: mostly exactly enough or one too little.
    fn trade(&mut self) -> (Amounts, Amounts) {
        let reserves = self.model.reserves().amounts;
        match self.random.below(16) {
            0 => return (self.amounts(), self.amounts()),
            1 => return (Amounts::ZERO, self.amounts()),
            2 => {
                let out0 = Amount(self.random.up_to(reserves.amount0.0));
                let out1 = Amount(self.random.up_to(reserves.amount1.0));
                let out = Amounts { amount0: out0, amount1: out1 };
                return (out, self.flash_payment(out));
            }
            3 => {
                // What was given before the call pays for it.
                let out0 = Amount(self.random.wide(self.scale[0]));
                return (Amounts { amount0: out0, ..Amounts::ZERO }, Amounts::ZERO);
            }
            _ => {}
        }
        let zero_for_one = self.random.once_in(2);
        let (input, output) = if zero_for_one {
            (reserves.amount0, reserves.amount1)
        } else {
            (reserves.amount1, reserves.amount0)
        };
        let side = TradeReserves { input, output };
        let (paid, out) = if self.random.once_in(2) {
            let paid = self.amount(usize::from(!zero_for_one));
            (paid, self.parameters.fee.amount_out(paid, side).unwrap_or(paid))
        } else {
            let out = Amount(self.random.up_to(output.0));
            (self.parameters.fee.amount_in(out, side).unwrap_or(out), out)
        };
        let (out, paid) = (self.nudge(out), self.nudge(paid));
        if zero_for_one {
            (
                Amounts { amount0: Amount::ZERO, amount1: out },
                Amounts { amount0: paid, amount1: Amount::ZERO },
            )
        } else {
            (
                Amounts { amount0: out, amount1: Amount::ZERO },
                Amounts { amount0: Amount::ZERO, amount1: paid },
            )
        }
    }

    /// Half of token1 for what leaves the product exactly as it was: with reserves `997 m` and
    /// `2 n`, paying `1000 m` for `n`, at a fee of 3 in 1000.
    fn trade_to_equality(&mut self, tally: &mut Tally) -> (Amounts, Amounts) {
        let held = self.model.holdings();
        let [fee, scale] = self.fee;
        let pad = |held: Amount, multiple: U256| Amount((multiple - held.0 % multiple) % multiple);
        let padding = Amounts {
            amount0: pad(held.amount0, scale - fee),
            amount1: pad(held.amount1, U256::from(2)),
        };
        self.give_amounts(padding, tally);
        self.sync(tally);
        let Amounts { amount0, amount1 } = self.model.reserves().amounts;
        let paid = amount0.0 / (scale - fee) * scale;
        let out = self.nudge(Amount(amount1.0 >> 1_usize));
        tally.count("swap at equality");
        (
            Amounts { amount1: out, ..Amounts::ZERO },
            Amounts { amount0: Amount(paid), ..Amounts::ZERO },
        )
    }

    /// The loan with the fee, rounded up: enough, and with luck just so.
    fn flash_payment(&mut self, out: Amounts) -> Amounts {
        let [fee, scale] = self.fee;
        let with_fee = |loan: Amount| Amount((loan.0 * scale).div_ceil(scale - fee));
        let paid = Amounts { amount0: with_fee(out.amount0), amount1: with_fee(out.amount1) };
        Amounts { amount0: self.nudge(paid.amount0), amount1: self.nudge(paid.amount1) }
    }

    fn nudge(&mut self, amount: Amount) -> Amount {
        match self.random.below(6) {
            0 => Amount(amount.0.saturating_sub(U256::ONE)),
            1 => Amount(amount.0.saturating_add(U256::ONE)),
            _ => amount,
        }
    }

    fn skim(&mut self, tally: &mut Tally) {
        let (recipient, address) = self.recipient();
        self.last = format!("skim to {address}");
        let result = self.model.skim(recipient);
        let real = self.oracle.skim(address).unwrap();
        self.check("skim", result.map(|_| Vec::new()), real, tally);
    }

    fn sync(&mut self, tally: &mut Tally) {
        // A holding too large for the reserves stops everything but skim.
        "sync".clone_into(&mut self.last);
        let result = self.model.sync(Timestamp(self.now));
        let real = self.oracle.sync().unwrap();
        self.check("sync", result.map(|()| Vec::new()), real, tally);
    }

    fn set_fee_to(&mut self, tally: &mut Tally) {
        let choices = [Address::ZERO, FEE_RECIPIENTS[0], FEE_RECIPIENTS[1]];
        let fee_to = self.random.pick(&choices);
        self.last = format!("set fee to {fee_to}");
        self.model.set_fee_to((fee_to != Address::ZERO).then_some(fee_to.0.0));
        self.oracle.set_fee_to(fee_to).unwrap();
        tally.count("set fee to");
        self.compare_storage();
    }

    fn check(
        &self,
        operation: &str,
        model: Result<Vec<U256>, PairError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        assert_eq!(self.unknown(&real.changes), None, "changed, {}", context());
        match &model {
            Ok(_) => tally.count(operation),
            Err(_) => {
                let reason = real.result.as_ref().err().map_or("<none>", Revert::reason);
                tally.revert(operation, &reason.replace(self.prefix, "UniswapV2"));
            }
        }
        let real = real.result.map(|answer| answer.words());
        let model = model.map_err(|error| expected(error, self.prefix));
        assert_eq!(model, real, "model and contract, {}", context());
        self.compare_storage();
    }

    /// Says which change of the contract nothing in the model stands for.
    fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        let is_known = |slot: &U256| {
            *slot <= U256::from(PairSlot::Unlocked as u64)
                || self.holders.iter().any(|(_, _, known)| known == slot)
        };
        changes.iter().copied().find(|change| !is_known(&change.slot))
    }

    fn compare_storage(&self) {
        let reserves = self.model.reserves();
        let packed = reserves.amounts.amount0.0
            | reserves.amounts.amount1.0 << 112
            | U256::from(reserves.updated_at) << 224;
        let expected = [
            (PairSlot::TotalSupply, self.model.total_supply().0),
            (PairSlot::Reserves, packed),
            (PairSlot::Price0Cumulative, reserves.price0_cumulative),
            (PairSlot::Price1Cumulative, reserves.price1_cumulative),
            (PairSlot::KLast, self.model.k_last()),
            (PairSlot::Unlocked, U256::ONE),
        ];
        for (slot, word) in expected {
            let real = self.oracle.slot(slot);
            assert_eq!(word, real, "{slot:?} after {} (world {})", self.last, self.seed);
        }
        for (holder, address, slot) in &self.holders {
            let real = self.oracle.evm.storage(self.oracle.pair, *slot);
            let held = self.model.shares_of(*holder).0;
            assert_eq!(held, real, "shares of {address} after {}", self.last);
        }
        let holdings = words(self.model.holdings());
        assert_eq!(holdings, self.oracle.holdings(), "holdings after {}", self.last);
    }

    fn compare_getters(&mut self) {
        let state = self.model.state();
        assert_eq!(Pair::new(&state).as_ref(), Ok(&self.model), "the state is all there is");
        let occupied = self.oracle.evm.occupied_slots(self.oracle.pair);
        assert_eq!(self.unknown(&occupied), None, "occupied, after {}", self.last);
        let reserves = *self.model.reserves();
        let expected = [
            ("totalSupply()", vec![self.model.total_supply().0]),
            (
                "getReserves()",
                vec![
                    reserves.amounts.amount0.0,
                    reserves.amounts.amount1.0,
                    U256::from(reserves.updated_at),
                ],
            ),
            ("price0CumulativeLast()", vec![reserves.price0_cumulative]),
            ("price1CumulativeLast()", vec![reserves.price1_cumulative]),
            ("kLast()", vec![self.model.k_last()]),
        ];
        for (getter, words) in expected {
            let real = self.oracle.view(getter, Call::new(getter, 0)).unwrap().words();
            assert_eq!(words, real, "{getter} after {} (world {})", self.last, self.seed);
        }
        for (holder, address, _) in self.holders.clone() {
            let call = Call::new("balanceOf(address)", 1).address(address);
            let real = self.oracle.view("balanceOf", call).unwrap().words();
            assert_eq!(vec![self.model.shares_of(holder).0], real, "balanceOf {address}");
        }
    }
}

/// How the contract fails where the model gives this error.
fn expected(error: PairError, prefix: &str) -> Revert {
    match error.reason() {
        Some(reason) => Revert::Reason(reason.replace("UniswapV2", prefix)),
        None if error == PairError::TokenOverflow => Revert::Reason("balance overflow".to_owned()),
        None => Revert::InvalidOpcode,
    }
}

fn holder(oracle: &PairOracle, address: Address) -> Holder {
    if address == Address::ZERO {
        Holder::Zero
    } else if address == oracle.pair {
        Holder::Pair
    } else {
        Holder::Account(address.0.0)
    }
}

fn words(amounts: Amounts) -> [U256; 2] {
    [amounts.amount0.0, amounts.amount1.0]
}
