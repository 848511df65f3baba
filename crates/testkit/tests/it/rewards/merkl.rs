//! Merkl's campaigns beside a second model, which keeps every swap as it came and computes each
//! interval from them in big integers.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use tidemill_model::{MerklLog, ProgrammeLog};
use tidemill_rewards::Account;
use tidemill_rewards::merkl::{
    CampaignRequest, CreatorRules, Holding, Merkl, MerklError, MerklState, MerklTerms, MerklWeights,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, U256};

use crate::rewards::programme_tapes::{Written, of_account};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS: [&str; 8] = [
    "create",
    "observe",
    "settle",
    "settle an empty interval",
    "settle past the end",
    "settle with dust",
    "set boost",
    "set boost supply",
];
const REVERTS: [&str; 14] = [
    "create: DurationBelowHour",
    "create: TokenNotWhitelisted",
    "create: RewardTooLow",
    "create: WeightsNotWhole",
    "create: BoostBelowOne",
    "create: FeeOutOfBounds",
    "create: AlreadyOver",
    "create: AmountOverflow",
    "observe: OutsideCampaign",
    "observe: TimeRunsBackwards",
    "observe: SumOverflow",
    "settle: TimeRunsBackwards",
    "set boost: NoBoost",
    "set boost supply: NoBoost",
];

#[test]
fn merkl_campaign_equals_the_second_model() {
    let worlds = Worlds {
        name: "merkl campaign",
        stream: 503,
        tests: 1,
        most_in_one: 200,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, World::live);
}

fn big(amount: Amount) -> BigUint {
    BigUint::from_bytes_be(&amount.0.to_be_bytes::<32>())
}

fn power(base: u32, exponent: u32) -> BigUint {
    BigUint::from(base).pow(exponent)
}

/// The second model.
pub(super) struct Naive {
    terms: MerklTerms,
    amount: BigUint,
    now: u64,
    due: BigUint,
    swaps: Vec<Vec<Holding>>,
    boosts: BTreeMap<Account, BigUint>,
    supply: BigUint,
    earned: BTreeMap<Account, BigUint>,
    undistributed: BigUint,
}

impl Naive {
    pub(super) fn create(
        terms: &MerklTerms,
        rules: &CreatorRules,
        now: u64,
    ) -> Result<Self, MerklError> {
        let (amount, duration) = (big(terms.amount), BigUint::from(terms.duration_seconds));
        let hour = BigUint::from(3600_u32);
        if duration < hour {
            return Err(MerklError::DurationBelowHour);
        }
        let least = big(rules.reward_token_min_amount);
        if least == BigUint::default() {
            return Err(MerklError::TokenNotWhitelisted);
        }
        let hourly = amount.clone() * hour;
        if hourly >= power(2, 256) {
            return Err(MerklError::AmountOverflow);
        }
        if hourly / &duration < least {
            return Err(MerklError::RewardTooLow);
        }
        let one = power(10, 9);
        let rebate = big(Amount(rules.fee_rebate));
        let fees = [rules.default_fees, rules.campaign_specific_fees].map(BigUint::from);
        if fees.iter().any(|fee| *fee >= one) || rebate > one {
            return Err(MerklError::FeeOutOfBounds);
        }
        let [default, specific] = fees;
        let base = if specific == BigUint::from(1_u8) {
            BigUint::default()
        } else if specific == BigUint::default() {
            default
        } else {
            specific
        };
        let fee = base * (&one - rebate) / &one;
        let product = amount.clone() * (&one - &fee);
        if fee != BigUint::default() && product >= power(2, 256) {
            return Err(MerklError::AmountOverflow);
        }
        let MerklWeights { fees, amount0, amount1 } = terms.weights;
        if u64::from(fees) + u64::from(amount0) + u64::from(amount1) != 10_000 {
            return Err(MerklError::WeightsNotWhole);
        }
        if matches!(terms.boosted_reward, Some(0..10_000)) {
            return Err(MerklError::BoostBelowOne);
        }
        let end = u128::from(terms.start.0) + u128::from(terms.duration_seconds);
        if end > u128::from(u64::MAX) {
            return Err(MerklError::AmountOverflow);
        }
        if end <= u128::from(now) {
            return Err(MerklError::AlreadyOver);
        }
        let (due, swaps, boosts, supply, earned, undistributed) = Default::default();
        let (terms, amount) = (*terms, product / one);
        Ok(Self { terms, amount, now: 0, due, swaps, boosts, supply, earned, undistributed })
    }

    pub(super) fn observe(&mut self, holdings: &[Holding], at: u64) -> Result<(), MerklError> {
        if at < self.now {
            return Err(MerklError::TimeRunsBackwards);
        }
        let end = self.terms.start.0 + self.terms.duration_seconds;
        if !(self.terms.start.0..end).contains(&at) {
            return Err(MerklError::OutsideCampaign);
        }
        let is_counted =
            |holding: &&Holding| holding.is_in_range || self.terms.is_out_of_range_incentivized;
        let counted: Vec<_> = holdings.iter().filter(is_counted).copied().collect();
        self.swaps.push(counted);
        if self.sums(None).iter().any(|sum| *sum >= power(2, 256)) {
            self.swaps.pop();
            return Err(MerklError::SumOverflow);
        }
        self.now = at;
        Ok(())
    }

    /// Fees, token0 and token1 of one account, or of all.
    fn sums(&self, of: Option<Account>) -> [BigUint; 3] {
        let holdings = || {
            let all = self.swaps.iter().flatten();
            all.filter(move |holding| of.is_none_or(|account| account == holding.account))
        };
        [
            holdings().map(|holding| big(holding.fees)).sum(),
            holdings().map(|holding| big(holding.amount0)).sum(),
            holdings().map(|holding| big(holding.amount1)).sum(),
        ]
    }

    fn score(&self, account: Account) -> BigUint {
        let zero = BigUint::default();
        let MerklWeights { fees, amount0, amount1 } = self.terms.weights;
        let (part, whole) = (self.sums(Some(account)), self.sums(None));
        let mut score = zero.clone();
        for (weight, (part, whole)) in [fees, amount0, amount1].iter().zip(part.iter().zip(&whole))
        {
            if *whole != zero {
                score += BigUint::from(*weight) * power(10, 14) * part / whole;
            }
        }
        let Some(boost) = self.terms.boosted_reward else { return score };
        if self.supply == zero {
            return score;
        }
        let held = self.boosts.get(&account).cloned().unwrap_or_default();
        let more = BigUint::from(boost - 10_000) * power(10, 14) * held / &self.supply;
        (&score + more).min(score * BigUint::from(boost) / power(10, 4))
    }

    pub(super) fn settle(&mut self, at: u64) -> Result<BTreeMap<Account, BigUint>, MerklError> {
        if at < self.now {
            return Err(MerklError::TimeRunsBackwards);
        }
        let elapsed = at.saturating_sub(self.terms.start.0).min(self.terms.duration_seconds);
        let duration = BigUint::from(self.terms.duration_seconds);
        let due = &self.amount * BigUint::from(elapsed) / duration;
        let interval = &due - &self.due;
        let mut scores = BTreeMap::new();
        for holding in self.swaps.iter().flatten() {
            scores.entry(holding.account).or_insert_with(|| self.score(holding.account));
        }
        let total: BigUint = scores.values().sum();
        let mut paid = BTreeMap::new();
        for (account, score) in scores {
            if total == BigUint::default() {
                continue;
            }
            let reward = &interval * score / &total;
            if &reward * power(10, 7) > interval {
                *self.earned.entry(account).or_default() += &reward;
                paid.insert(account, reward);
            }
        }
        self.undistributed += interval - paid.values().sum::<BigUint>();
        self.due = due;
        self.swaps.clear();
        self.now = at;
        Ok(paid)
    }
}

pub(super) struct World {
    pub(super) model: Merkl,
    naive: Naive,
    /// What the second model says of settlements and boosts.
    pub(super) written: Vec<Written>,
    /// Swaps, each after so many of those.
    pub(super) swaps: Vec<(usize, u64, Vec<Holding>)>,
    random: Random,
    now: u64,
    scale: [u64; 3],
    last: String,
}

impl World {
    fn live(seed: u64, most: u64, tally: &mut Tally) -> u64 {
        Self::lived(seed, most, tally).1
    }

    /// A world after so many operations, if there was any; and how many there were.
    pub(super) fn lived(
        seed: u64,
        most: u64,
        tally: &mut Tally,
    ) -> (Option<(MerklState, Self)>, u64) {
        let mut random = Random::new(seed);
        let mut done = 0;
        let (model, naive) = loop {
            done += 1;
            if let Some(created) = create(&mut random, tally) {
                break created;
            }
            if done == most {
                return (None, done);
            }
        };
        let scale = [80, 120, 60].map(|bits| 1 + random.below(bits));
        let now = model.terms().start.0.saturating_sub(random.below(3));
        let (written, swaps, last) = Default::default();
        let mut world = Self { model, naive, written, swaps, random, now, scale, last };
        let start = world.model.state();
        for _ in done..most {
            world.step(tally);
        }
        (Some((start, world)), most)
    }

    fn step(&mut self, tally: &mut Tally) {
        let duration = self.naive.terms.duration_seconds;
        match self.random.below(12) {
            0..5 => {}
            5..9 => self.now += self.random.below(13),
            9..11 => self.now += self.random.below(3600),
            _ => self.now += self.random.below(duration / 12),
        }
        let at = if self.random.once_in(40) { self.now.saturating_sub(7) } else { self.now };
        match self.random.below(20) {
            0..12 => self.observe(at, tally),
            12..17 => self.settle(at, tally),
            17 => {
                let supply = Amount(self.random.wide(90));
                let result = self.model.set_boost_supply(supply);
                assert_eq!(result.is_ok(), self.naive.terms.boosted_reward.is_some());
                if result.is_ok() {
                    self.naive.supply = big(supply);
                    self.write(MerklLog::BoostSupplySet { supply });
                }
                self.count("set boost supply", result, tally);
            }
            _ => {
                let (account, boost) = (self.account(), Amount(self.random.wide(90)));
                let result = self.model.set_boost(account, boost);
                assert_eq!(result.is_ok(), self.naive.terms.boosted_reward.is_some());
                if result.is_ok() {
                    self.naive.boosts.insert(account, big(boost));
                    self.write(MerklLog::BoostSet { account: of_account(account), boost });
                }
                self.count("set boost", result, tally);
            }
        }
        self.compare();
    }

    /// Takes a log down, at the time of the latest operation that counted.
    fn write(&mut self, log: MerklLog) {
        self.written.push((None, self.naive.now, ProgrammeLog::Merkl(log)));
    }

    fn account(&mut self) -> Account {
        Account([self.random.below(6) as u8; 20])
    }

    fn observe(&mut self, at: u64, tally: &mut Tally) {
        let count = self.random.below(7);
        let mut holdings = Vec::new();
        for _ in 0..count {
            let [fees, amount0, amount1] = self.scale.map(|bits| Amount(self.random.wide(bits)));
            let fees = if self.random.once_in(200) { Amount::MAX } else { fees };
            let (account, is_in_range) = (self.account(), !self.random.once_in(4));
            holdings.push(Holding { account, fees, amount0, amount1, is_in_range });
        }
        self.last = format!("observe {holdings:?} at {at}");
        let model = self.model.observe(&holdings, Timestamp(at));
        let naive = self.naive.observe(&holdings, at);
        assert_eq!(model, naive, "{}", self.last);
        if naive.is_ok() || naive == Err(MerklError::OutsideCampaign) {
            self.swaps.push((self.written.len(), at, holdings));
        }
        self.count("observe", model, tally);
    }

    fn settle(&mut self, at: u64, tally: &mut Tally) {
        self.last = format!("settle at {at}");
        let accounts = self.naive.swaps.iter().flatten().map(|holding| holding.account);
        let accounts: std::collections::BTreeSet<_> = accounts.collect();
        let model = self.model.settle(Timestamp(at));
        let paid = model.clone().map(|rewards| {
            let rewards = rewards.into_iter();
            rewards.map(|reward| (reward.account, big(reward.amount))).collect::<BTreeMap<_, _>>()
        });
        let naive = self.naive.settle(at);
        assert_eq!(paid, naive, "{}", self.last);
        if let Ok(rewards) = naive {
            let small = |amount: &BigUint| Amount(U256::from_be_slice(&amount.to_bytes_be()));
            let rewards = rewards.iter().map(|(to, amount)| (of_account(*to), small(amount)));
            self.write(MerklLog::Settled { rewards: rewards.collect() });
        }
        if let Ok(paid) = &paid {
            let cases = [
                ("settle an empty interval", accounts.is_empty()),
                ("settle past the end", Timestamp(at) > self.model.period_finish()),
                ("settle with dust", !paid.is_empty() && paid.len() < accounts.len()),
            ];
            cases.iter().filter(|case| case.1).for_each(|case| tally.count(case.0));
        }
        self.count("settle", model.map(|_| ()), tally);
    }

    fn count(&self, operation: &str, result: Result<(), MerklError>, tally: &mut Tally) {
        match result {
            Ok(()) => tally.count(operation),
            Err(error) => tally.revert(operation, &format!("{error:?}")),
        }
    }

    fn compare(&self) {
        let state = self.model.state();
        assert_eq!(Merkl::new(&state).as_ref(), Ok(&self.model), "{}", self.last);
        assert_eq!(big(state.allotted), self.naive.due, "{}", self.last);
        assert_eq!(big(state.undistributed), self.naive.undistributed, "{}", self.last);
        assert_eq!(big(state.boost_supply), self.naive.supply, "{}", self.last);
        for of in &state.accounts {
            let sums = [of.fees, of.amount0, of.amount1].map(big);
            assert_eq!(sums, self.naive.sums(Some(of.account)), "{}", self.last);
            let earned = self.naive.earned.get(&of.account).cloned().unwrap_or_default();
            assert_eq!(big(of.earned), earned, "{}", self.last);
            let boost = self.naive.boosts.get(&of.account).cloned().unwrap_or_default();
            assert_eq!(big(of.boost), boost, "{}", self.last);
        }
        let rewards = self.model.rewards().into_iter();
        let rewards: BTreeMap<_, _> =
            rewards.map(|reward| (reward.account, big(reward.amount))).collect();
        let mut earned = self.naive.earned.clone();
        earned.retain(|_, amount| *amount != BigUint::default());
        assert_eq!(rewards, earned, "{}", self.last);
    }
}

/// A campaign of wide or narrow terms, sometimes out of the contract's bounds.
fn create(random: &mut Random, tally: &mut Tally) -> Option<(Merkl, Naive)> {
    let fees = random.below(10_001) as u32;
    let amount0 = random.below(u64::from(10_001 - fees)) as u32;
    let mut terms = MerklTerms {
        amount: Amount(random.wide(160)),
        start: Timestamp(random.pick(&[0, 1_000_000, 1_700_000_000])),
        duration_seconds: 3600 + random.below(1_000_000),
        weights: MerklWeights { fees, amount0, amount1: 10_000 - fees - amount0 },
        is_out_of_range_incentivized: random.once_in(2),
        boosted_reward: random.pick(&[None, Some(10_000), Some(25_000), Some(u32::MAX)]),
    };
    let mut rules = CreatorRules {
        default_fees: random.pick(&[0, 1, 30_000_000, 999_999_999]),
        campaign_specific_fees: random.pick(&[0, 1, 2, 500_000_000]),
        fee_rebate: random.pick(&[U256::ZERO, U256::from(1_000_000_000), U256::from(7)]),
        reward_token_min_amount: Amount(random.wide(20)),
    };
    match random.below(16) {
        0 => terms.amount = Amount(U256::MAX >> random.below(20) as usize),
        1 => terms.duration_seconds = random.below(3600),
        2 => terms.weights.amount1 ^= 1,
        3 => terms.boosted_reward = Some(9_999),
        4 => terms.start = Timestamp(u64::MAX - 3600),
        5 => rules.default_fees = 1_000_000_000,
        6 => rules.fee_rebate = random.wide(256),
        _ => {}
    }
    let now = terms.start.0.saturating_add(random.below(1_000_000) / 2);
    let model = CampaignRequest { terms }.create(&rules, Timestamp(now));
    let naive = Naive::create(&terms, &rules, now);
    assert_eq!(model.as_ref().err(), naive.as_ref().err(), "{terms:?} {rules:?} at {now}");
    match (model, naive) {
        (Ok(model), Ok(naive)) => {
            assert_eq!(big(model.terms().amount), naive.amount, "{terms:?} {rules:?}");
            tally.count("create");
            Some((model, naive))
        }
        (Err(error), _) | (_, Err(error)) => {
            tally.revert("create", &format!("{error:?}"));
            None
        }
    }
}
