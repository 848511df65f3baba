//! Locks and votes: what they are paid, by hand and by a second model, and what is refused.

use std::collections::BTreeMap;

use tidemill_model::{
    AssetId, Ballot, Choice, GaugeNumber, Holding, OutcomeKind, PositionId, Reward, VotingId,
};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Moment, WEEK};
use tidemill_units::{Amount, BlockNumber, Bps, Side, Timestamp, TokenAmounts, U256};

use super::Log;
use super::seeded::Seeded;
use super::synthetic_tape::{FIRST_TIME, POOL, SyntheticTape};
use crate::{
    AerodromeVotes, ControllerVotes, Footprint, GaugeTerms, MarketError, OwnWorth, VotingMarket,
    VotingService,
};

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
const VOTING: VotingId = VotingId(0);
const BRIBE: AssetId = AssetId(3);
const OTHER_BRIBE: AssetId = AssetId(4);
/// The week before the tape's first event, and the first one within the test.
const WEEK_0: u64 = FIRST_TIME - 512_000;
const WEEK_1: u64 = WEEK_0 + WEEK;
/// Four years in seconds: of so many units a lock loses one a second.
const FOUR_YEARS: u64 = 126_144_000;

fn units(amount: u64) -> Amount {
    Amount::from_u64(amount)
}

fn token1(amount: Amount) -> TokenAmounts {
    TokenAmounts::of(2, Side::Token1.index(), amount).expect("a pool of two")
}

fn gauge(others: u64, bribe: u64) -> GaugeTerms {
    let every_epoch = vec![Reward { asset: BRIBE, amount: units(bribe) }];
    GaugeTerms { others: units(others), every_epoch, ..GaugeTerms::default() }
}

fn ballot(parts: &[(u16, u32)]) -> Ballot {
    let choice =
        |(gauge, part): &(u16, u32)| Choice { gauge: GaugeNumber(*gauge), part: Bps(*part) };
    Ballot::new(&parts.iter().map(choice).collect::<Vec<_>>()).expect("a ballot")
}

fn controller(gauges: Vec<GaugeTerms>) -> VotingService {
    let start = Timestamp(FIRST_TIME);
    let votes = ControllerVotes::new(EscrowParameters::CURVE, gauges, start).expect("terms");
    VotingService::Controller(Box::new(votes))
}

fn aerodrome(gauges: Vec<GaugeTerms>) -> VotingService {
    let votes = AerodromeVotes::new(gauges, Timestamp(FIRST_TIME)).expect("terms");
    VotingService::Aerodrome(Box::new(votes))
}

/// A market at the end of its tape with one voting service.
struct Desk {
    log: Log,
}

impl Desk {
    fn new(service: VotingService) -> Self {
        let synthetic = SyntheticTape::deep_at_tick(0);
        let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
        let voting = VotingMarket::new(POOL, (Side::Token1.index(), 2), service);
        assert_eq!(log.market.add_voting(voting), Ok(VOTING));
        log.record_all(&synthetic.tape().events);
        Self { log }
    }

    fn at(&self, second: u64) -> Moment {
        Moment { at: Timestamp(second), block: BlockNumber(self.log.market.block().0 + 1) }
    }

    fn outcome(&mut self, second: u64, kind: OutcomeKind) -> Result<(), MarketError> {
        let block = BlockNumber(self.log.market.block().0 + 1);
        self.log.outcome_in(block, Timestamp(second), kind)
    }

    fn opened(&self, amount: Amount, until: u64) -> (PositionId, OutcomeKind) {
        let position = PositionId(self.log.next_key());
        let holding = Holding::Lock { voting: VOTING, until: Timestamp(until) };
        let deposited = token1(amount);
        (position, OutcomeKind::Opened { position, pool: POOL, holding, deposited })
    }

    /// Locks now, which is the end of the tape.
    fn lock(&mut self, amount: u64, until: u64) -> PositionId {
        let (amount, now) = (units(amount), self.log.market.now().0);
        let lock = (&token1(amount), Timestamp(until));
        assert!(self.log.market.quote_lock(VOTING, lock, self.at(now)));
        let (position, opened) = self.opened(amount, until);
        assert_eq!(self.outcome(now, opened), Ok(()));
        position
    }

    fn can_vote(&self, position: PositionId, parts: &[(u16, u32)], second: u64) -> bool {
        self.log.market.quote_vote(position, &ballot(parts), self.at(second))
    }

    fn vote(&mut self, position: PositionId, parts: &[(u16, u32)], second: u64) {
        assert!(self.can_vote(position, parts, second), "{parts:?} at {second}");
        let ballot = ballot(parts);
        assert_eq!(self.outcome(second, OutcomeKind::Voted { position, ballot }), Ok(()));
    }

    /// Lets time pass by an outcome that changes nothing.
    fn wait(&mut self, second: u64) {
        assert_eq!(self.outcome(second, OutcomeKind::Expired), Ok(()));
    }

    fn earned(&self, position: PositionId) -> Vec<(u16, u64)> {
        let bribes = self.log.market.bribes(position);
        bribes.map(|Reward { asset, amount }| (asset.0, amount.0.to::<u64>())).collect()
    }

    fn claim(&mut self, position: PositionId, token: AssetId, second: u64) -> Amount {
        let reward = self.log.market.quote_bribes(position, token, self.at(second));
        let reward = reward.expect("a lock's bribes");
        assert_eq!(self.outcome(second, OutcomeKind::Claimed { position, reward }), Ok(()));
        reward.amount
    }
}

#[test]
fn bounties_are_divided_by_what_votes_weigh_at_the_next_weeks_beginning() {
    // Ten weeks from week 1 on, a thousand units a second: a quarter of the votes for the first
    // gauge loses 250 a second. 250 * 10 * 604,800 = 1,512,000,000, others have thrice that; the
    // rest weighs 4,536,000,000, and others have as much.
    let gauges = vec![gauge(4_536_000_000, 1_001), gauge(4_536_000_000, 7)];
    let mut desk = Desk::new(controller(gauges));
    let position = desk.lock(1_000 * FOUR_YEARS, WEEK_1 + 10 * WEEK);
    let worth = desk.log.market.worth(position);
    let principal = token1(units(1_000 * FOUR_YEARS));
    assert_eq!(worth, Some(OwnWorth { principal, fees: token1(Amount::ZERO) }));
    desk.vote(position, &[(0, 2_500), (1, 7_500)], WEEK_1 - HOUR);
    desk.wait(WEEK_1 - 1);
    assert_eq!(desk.earned(position), [], "the epoch is not over");
    desk.wait(WEEK_1);
    // 1,001 / 4 and 7 / 2, each rounded down.
    assert_eq!(desk.earned(position), [(BRIBE.0, 250 + 3)]);
    // Without another vote nine weeks are left: 9 / 39 of 1,001, and 27 / 57 of 7.
    desk.wait(WEEK_1 + WEEK);
    assert_eq!(desk.earned(position), [(BRIBE.0, 253 + 231 + 3)]);
    assert_eq!(desk.claim(position, BRIBE, WEEK_1 + WEEK), units(487));
    assert_eq!(desk.earned(position), [], "paid once");
    assert_eq!(desk.log.market.worth(position), worth, "and the lock is what it was");
}

#[test]
fn only_the_vote_at_an_epochs_end_earns_aerodromes_bribes() {
    // Two hours before the end nine weeks and two hours are left of a thousand units a second:
    // 5,450,400,000, a quarter of which is 1,362,600,000.
    let gauges = vec![gauge(4_087_800_000, 1_001), gauge(4_087_800_000, 7)];
    let mut desk = Desk::new(aerodrome(gauges));
    let position = desk.lock(1_000 * FOUR_YEARS, WEEK_1 + 9 * WEEK);
    assert_eq!(
        desk.log
            .market
            .voting(VOTING)
            .and_then(|voting| { voting.power(position, desk.at(WEEK_1 - 2 * HOUR)) }),
        Some(units(5_450_400_000))
    );
    desk.vote(position, &[(0, 2_500), (1, 7_500)], WEEK_1 - 2 * HOUR);
    desk.wait(WEEK_1 - 1);
    assert_eq!(desk.earned(position), [], "the epoch is not over");
    desk.wait(WEEK_1);
    assert_eq!(desk.earned(position), [(BRIBE.0, 250 + 3)]);
    // The votes stay as they were cast; taken elsewhere before the end, they earn there alone.
    desk.vote(position, &[(1, 1)], WEEK_1 + DAY);
    desk.wait(WEEK_1 + WEEK);
    // All of 1,000 * (9 * 604,800 - 86,400), beside others' 4,087,800,000: 4 of 7 in the second.
    assert_eq!(desk.earned(position), [(BRIBE.0, 253 + 3)], "5,356,800,000 of 9,444,600,000");
    desk.wait(WEEK_1 + 2 * WEEK);
    assert_eq!(desk.earned(position), [(BRIBE.0, 253 + 3 + 3)], "without a vote as before");
    assert_eq!(desk.claim(position, BRIBE, WEEK_1 + 2 * WEEK), units(259));
    assert_eq!(desk.earned(position), []);
}

#[test]
fn a_controller_lets_a_gauge_be_voted_for_every_ten_days() {
    let mut desk = Desk::new(controller(vec![gauge(1, 1), gauge(1, 1), gauge(1, 1)]));
    let position = desk.lock(1_000 * FOUR_YEARS, WEEK_1 + 8 * WEEK);
    let voted = WEEK_1 - DAY;
    desk.vote(position, &[(0, 10_000)], voted);
    let from = |desk: &Desk| desk.log.market.votes_from(position);
    assert_eq!(from(&desk), Some(Timestamp(voted + 10 * DAY)));
    assert!(!desk.can_vote(position, &[(0, 1)], voted + 10 * DAY - 1));
    assert!(!desk.can_vote(position, &[(1, 10_000)], voted + 10 * DAY - 1), "the first has all");
    assert!(desk.can_vote(position, &[(1, 10_000)], voted + 10 * DAY), "taken back, then given");
    desk.vote(position, &[(1, 5_000), (2, 5_000)], voted + 10 * DAY);
    assert!(!desk.can_vote(position, &[(3, 1)], voted + 30 * DAY), "no such gauge");
    // The lock has to end after the beginning of next week.
    assert!(desk.can_vote(position, &[(0, 10_000)], WEEK_1 + 7 * WEEK - 1));
    assert!(!desk.can_vote(position, &[(0, 10_000)], WEEK_1 + 7 * WEEK));
}

#[test]
fn aerodrome_lets_a_lock_vote_once_an_epoch_outside_its_first_and_last_hour() {
    let mut desk = Desk::new(aerodrome(vec![gauge(1, 1), gauge(1, 1)]));
    let position = desk.lock(1_000 * FOUR_YEARS, WEEK_1 + 8 * WEEK);
    assert!(!desk.can_vote(position, &[(0, 1)], WEEK_1 - HOUR + 1), "the last hour");
    assert!(desk.can_vote(position, &[(0, 1)], WEEK_1 - HOUR));
    assert!(!desk.can_vote(position, &[(0, 1)], WEEK_1 + HOUR), "the first hour");
    assert!(desk.can_vote(position, &[(0, 1)], WEEK_1 + HOUR + 1));
    let voting = |desk: &Desk, second| {
        let voting = desk.log.market.voting(VOTING).expect("added");
        voting.votes_from(position, desk.at(second)).map(|from| from.0)
    };
    assert_eq!(voting(&desk, WEEK_1 - HOUR + 1), Some(WEEK_1 + HOUR + 1));
    assert_eq!(voting(&desk, WEEK_1 + 5), Some(WEEK_1 + HOUR + 1));
    desk.vote(position, &[(0, 1)], WEEK_1 + DAY);
    assert!(!desk.can_vote(position, &[(1, 1)], WEEK_1 + 2 * DAY), "once an epoch");
    assert_eq!(voting(&desk, WEEK_1 + 2 * DAY), Some(WEEK_1 + WEEK + HOUR + 1));
    assert!(!desk.can_vote(position, &[(2, 1)], WEEK_1 + WEEK + DAY), "no such gauge");
}

#[test]
fn a_lock_is_withdrawn_when_it_has_ended() {
    let until = WEEK_1 + 2 * WEEK;
    // In Aerodrome a lock that has voted is free after the first hour only: votes go first.
    for (service, from) in
        [(controller(vec![gauge(5, 10)]), until), (aerodrome(vec![gauge(5, 10)]), until + HOUR + 1)]
    {
        let mut desk = Desk::new(service);
        let amount = 1_000 * FOUR_YEARS;
        let position = desk.lock(amount, until);
        desk.vote(position, &[(0, 10_000)], WEEK_1 - 2 * HOUR);
        let free = |desk: &Desk, second| desk.log.market.quote_unlocked(position, desk.at(second));
        assert_eq!(free(&desk, from - 1), None);
        let paid = free(&desk, from).expect("it has ended");
        assert_eq!(paid.principal, token1(units(amount)));
        let (withdrawn, fees) = (paid.principal, paid.fees);
        let closed = OutcomeKind::Closed { position, withdrawn, fees };
        assert_eq!(desk.outcome(from, closed), Ok(()));
        assert_eq!(desk.log.market.worth(position), None);
        assert_eq!(desk.earned(position), [], "what was not claimed is lost");
    }
}

#[test]
fn an_extension_gives_back_the_weight_that_has_decayed() {
    for service in [controller(vec![gauge(5, 10)]), aerodrome(vec![gauge(5, 10)])] {
        let mut desk = Desk::new(service);
        let until = WEEK_1 + 4 * WEEK;
        let position = desk.lock(1_000 * FOUR_YEARS, until);
        let can = |desk: &Desk, until| {
            desk.log.market.quote_extension(position, Timestamp(until), desk.at(WEEK_1))
        };
        assert!(!can(&desk, until), "no later");
        assert!(!can(&desk, until + 1), "not the beginning of a week");
        assert!(!can(&desk, WEEK_1 + 209 * WEEK), "beyond four years");
        assert!(can(&desk, WEEK_1 + 208 * WEEK));
        let until = Timestamp(until + WEEK);
        assert_eq!(desk.outcome(WEEK_1, OutcomeKind::Extended { position, until }), Ok(()));
        let voting = desk.log.market.voting_of(position).expect("locked");
        assert_eq!(voting.until(position), Some(until));
    }
}

/// Bribes by gauge and epoch, and votes by gauge and epoch, at random.
fn random_gauges(random: &mut Seeded) -> Vec<GaugeTerms> {
    let count = random.below(4) + 1;
    let mut gauges = Vec::new();
    for _ in 0..count {
        let mut terms = gauge(random.below(10_000_000_000), random.below(1_000_000));
        for week in 0..6 {
            let epoch = Timestamp(WEEK_0 + week * WEEK);
            if random.once_in(2) {
                terms.others_by_epoch.insert(epoch, units(random.below(10_000_000_000)));
            }
            if random.once_in(2) {
                let asset = if random.once_in(2) { BRIBE } else { OTHER_BRIBE };
                let amount = units(random.below(1_000_000));
                terms.bribes.entry(epoch).or_default().push(Reward { asset, amount });
            }
        }
        gauges.push(terms);
    }
    gauges
}

/// Parts of at most all votes, one for each gauge, perhaps nothing.
fn random_parts(random: &mut Seeded, gauges: usize) -> Vec<(u16, u32)> {
    let mut left = 10_000_u64;
    let mut parts = Vec::new();
    for gauge in 0..gauges {
        let part = random.below(left + 1);
        left -= part;
        if part > 0 {
            parts.push((u16::try_from(gauge).expect("few"), u32::try_from(part).expect("bps")));
        }
    }
    parts
}

/// What the votes of one lock are paid, counted once more: `weights` are those at the end of an
/// epoch.
fn pay(
    gauges: &[GaugeTerms],
    epoch: u64,
    weights: &BTreeMap<usize, u128>,
    paid: &mut BTreeMap<AssetId, u128>,
) {
    for (gauge, weight) in weights {
        let terms = &gauges[*gauge];
        let last = terms.others_by_epoch.range(..=Timestamp(epoch)).next_back();
        let others = last.map_or(terms.others, |(_, votes)| *votes).0.to::<u128>();
        let posted = terms.bribes.get(&Timestamp(epoch)).into_iter().flatten();
        // Aerodrome adds up what one token is posted with, and bounties are divided one by one.
        for reward in terms.every_epoch.iter().chain(posted) {
            let share = reward.amount.0.to::<u128>() * weight / (others + weight).max(1);
            *paid.entry(reward.asset).or_default() += share;
        }
    }
}

fn check_controller(seed: u64) {
    let mut random = Seeded(seed);
    let gauges = random_gauges(&mut random);
    let mut desk = Desk::new(controller(gauges.clone()));
    let weeks = random.below(6) + 2;
    let slope = random.below(2_000) + 10_000;
    let until = WEEK_1 + weeks * WEEK;
    let position = desk.lock(slope * FOUR_YEARS + random.below(FOUR_YEARS), until);
    let (mut votes, mut paid) = (BTreeMap::<usize, u128>::new(), BTreeMap::new());
    for week in 0..8 {
        let end = WEEK_1 + week * WEEK;
        let (parts, second) =
            (random_parts(&mut random, gauges.len()), end - random.below(HOUR) - 1);
        let is_free = desk.log.market.votes_from(position).is_some_and(|from| from.0 <= second);
        if !parts.is_empty() && is_free && until > end {
            desk.vote(position, &parts, second);
            let slopes = parts.iter().map(|(gauge, part)| {
                (usize::from(*gauge), u128::from(slope) * u128::from(*part) / 10_000)
            });
            votes = slopes.collect();
        }
        desk.wait(end);
        let left = u128::from(until.saturating_sub(end));
        let weights = votes.iter().map(|(gauge, slope)| (*gauge, slope * left)).collect();
        pay(&gauges, end - WEEK, &weights, &mut paid);
        let expected: Vec<_> = paid
            .iter()
            .filter(|(_, amount)| **amount > 0)
            .map(|(asset, amount)| (asset.0, u64::try_from(*amount).expect("small")))
            .collect();
        assert_eq!(desk.earned(position), expected, "seed {seed}, week {week}");
    }
    let voting = desk.log.market.voting(VOTING).expect("added");
    assert_eq!(voting.refused_steps(), 0, "seed {seed}");
}

#[test]
fn random_bounties_are_those_of_a_second_model() {
    for seed in 0..300 {
        check_controller(seed);
    }
}

fn check_aerodrome(seed: u64) {
    let mut random = Seeded(seed);
    let mut gauges = random_gauges(&mut random);
    for terms in &mut gauges {
        // One row of a token and epoch, so that there is one division.
        for rewards in terms.bribes.values_mut() {
            rewards.iter_mut().for_each(|reward| reward.asset = OTHER_BRIBE);
        }
    }
    let mut desk = Desk::new(aerodrome(gauges.clone()));
    let slope = random.below(2_000) + 10_000;
    let until = WEEK_1 + (random.below(6) + 2) * WEEK;
    let position = desk.lock(slope * FOUR_YEARS + random.below(FOUR_YEARS), until);
    let (mut votes, mut paid) = (BTreeMap::<usize, u128>::new(), BTreeMap::new());
    for week in 0..8 {
        let end = WEEK_1 + week * WEEK;
        let second = end - HOUR - random.below(DAY);
        let parts = random_parts(&mut random, gauges.len());
        if !parts.is_empty() && second < until && random.once_in(2) {
            desk.vote(position, &parts, second);
            let power = u128::from(slope) * u128::from(until - second);
            let all: u32 = parts.iter().map(|(_, part)| part).sum();
            let part = |part: u32| power * u128::from(part) / u128::from(all);
            votes = parts.iter().map(|(at, bps)| (usize::from(*at), part(*bps))).collect();
        }
        desk.wait(end);
        pay(&gauges, end - WEEK, &votes, &mut paid);
        let expected: Vec<_> = paid
            .iter()
            .filter(|(_, amount)| **amount > 0)
            .map(|(asset, amount)| (asset.0, u64::try_from(*amount).expect("small")))
            .collect();
        assert_eq!(desk.earned(position), expected, "seed {seed}, week {week}");
        if random.once_in(3) {
            let total = desk.claim(position, BRIBE, end);
            assert_eq!(total.0, U256::from(paid.remove(&BRIBE).unwrap_or(0)), "seed {seed}");
        }
    }
    let voting = desk.log.market.voting(VOTING).expect("added");
    assert_eq!(voting.refused_steps(), 0, "seed {seed}");
}

#[test]
fn random_bribes_of_aerodrome_are_those_of_a_second_model() {
    for seed in 0..300 {
        check_aerodrome(seed);
    }
}

#[test]
fn what_is_known_of_a_gauge_is_of_the_past() {
    let mut terms = gauge(100, 7);
    terms.others_by_epoch.insert(Timestamp(WEEK_0), units(200));
    terms.others_by_epoch.insert(Timestamp(WEEK_1), units(300));
    let posted = Reward { asset: OTHER_BRIBE, amount: units(9) };
    terms.bribes.insert(Timestamp(WEEK_1), vec![posted]);
    let desk = Desk::new(controller(vec![terms]));
    let voting = desk.log.market.voting(VOTING).expect("added");
    let known = |second| voting.known(0, Timestamp(second)).expect("a gauge");
    let always = Reward { asset: BRIBE, amount: units(7) };
    assert_eq!((known(FIRST_TIME).others, known(FIRST_TIME).bribes), (units(100), vec![always]));
    assert_eq!(known(WEEK_1 - 1).others, units(100), "the epoch's own votes come at its end");
    assert_eq!((known(WEEK_1).others, known(WEEK_1).bribes), (units(200), vec![always, posted]));
    assert_eq!(known(WEEK_1 + WEEK).others, units(300));
    assert_eq!(voting.known(1, Timestamp(WEEK_1)), None);
    assert_eq!(voting.assets().collect::<Vec<_>>(), [BRIBE, OTHER_BRIBE]);
}

#[test]
fn what_does_not_reproduce_is_an_error() {
    let services = || [controller(vec![gauge(5, 10)]), aerodrome(vec![gauge(5, 10)])];
    for service in services() {
        let start = |service: &VotingService| {
            let mut desk = Desk::new(service.clone());
            let position = desk.lock(1_000 * FOUR_YEARS, WEEK_1 + 4 * WEEK);
            (desk, position)
        };
        let wrong = |service: &VotingService, kind: &dyn Fn(PositionId) -> OutcomeKind| {
            let (mut desk, position) = start(service);
            let failed = desk.outcome(WEEK_1, kind(position));
            assert!(matches!(failed, Err(MarketError::Outcome { .. })), "{failed:?}");
        };
        let reward = Reward { asset: BRIBE, amount: units(1) };
        wrong(&service, &|position| OutcomeKind::Claimed { position, reward });
        let unknown = Reward { asset: AssetId(9), amount: Amount::ZERO };
        wrong(&service, &|position| OutcomeKind::Claimed { position, reward: unknown });
        let ballot = ballot(&[(1, 5)]);
        wrong(&service, &|position| OutcomeKind::Voted { position, ballot });
        let until = Timestamp(WEEK_1 + WEEK);
        wrong(&service, &|position| OutcomeKind::Extended { position, until });
        let (withdrawn, fees) = (token1(units(1_000 * FOUR_YEARS)), token1(Amount::ZERO));
        wrong(&service, &|position| OutcomeKind::Closed { position, withdrawn, fees });
    }
    for service in services() {
        let desk = Desk::new(service);
        let quote = |deposited: &TokenAmounts, until: u64| {
            let lock = (deposited, Timestamp(until));
            desk.log.market.quote_lock(VOTING, lock, desk.at(WEEK_1))
        };
        assert!(quote(&token1(units(FOUR_YEARS)), WEEK_1 + WEEK));
        assert!(!quote(&token1(units(FOUR_YEARS)), WEEK_1 + WEEK + 1), "no week's beginning");
        assert!(!quote(&token1(units(FOUR_YEARS)), WEEK_1), "in the past");
        assert!(!quote(&token1(Amount::ZERO), WEEK_1 + WEEK), "nothing");
        let both = TokenAmounts::from_array([units(1), units(1)]);
        assert!(!quote(&both, WEEK_1 + WEEK), "another token");
        let lock = (&token1(units(FOUR_YEARS)), Timestamp(WEEK_1 + WEEK));
        assert!(!desk.log.market.quote_lock(VotingId(1), lock, desk.at(WEEK_1)));
    }
}

#[test]
fn votes_that_no_contract_counts_make_no_service() {
    let start = Timestamp(FIRST_TIME);
    let most = GaugeTerms { others: Amount::MAX, ..GaugeTerms::default() };
    assert!(ControllerVotes::new(EscrowParameters::CURVE, vec![most.clone()], start).is_none());
    assert!(AerodromeVotes::new(vec![most], start).is_none());
}
