//! Votes: when they lock, vote, claim, sell and leave, and how they divide.

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{
    AerodromeVotes, ControllerVotes, Footprint, GaugeTerms, Market, VotingMarket, VotingService,
};
use tidemill_model::{
    AssetId, Event, EventBody, PriceEvent, QuotePrice, Reward, Sequence, VotingId,
};
use tidemill_rewards::WEEK;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_units::{Amount, Amounts, Gas, GasPrice, Side, Timestamp};

use super::Desk;
use super::synthetic_tape::{
    FIRST_TIME, POOL, SyntheticTape, TICK_SPACING, chain_event, full_range,
};
use crate::{
    ClaimRule, PoolFacts, Proceeds, Services, StrategyConfig, StrategyKind, Vote, VoteGas,
    VoteSetup,
};

const BRIBE: AssetId = AssetId(3);
/// The first end of an epoch, 92,800 seconds after the first event.
const WEEK_1: u64 = FIRST_TIME + 92_800;
/// A thousand units a second of a lock of four years.
const LOCKED: u64 = 126_144_000_000;
/// A quarter of what the lock weighs when it votes at the twentieth hour, eight weeks and 20,800
/// seconds before its end.
const QUARTER: u64 = 1_214_800_000;
const BLOCKS_AN_HOUR: u64 = 300;

fn gauge(others: u64, bribe: u64) -> GaugeTerms {
    let every_epoch = vec![Reward { asset: BRIBE, amount: Amount::from_u64(bribe) }];
    GaugeTerms { others: Amount::from_u64(others), every_epoch, ..GaugeTerms::default() }
}

/// The strategy as it is without parameters, but for nine weeks of lock.
fn vote() -> StrategyKind {
    StrategyKind::Vote(Vote { lock_weeks: Some(9), ..Vote::default() })
}

/// A strategy whose orders are executed before the next event; there is one every hour.
struct Voter {
    desk: Desk,
    tape: SyntheticTape,
}

impl Voter {
    fn new(kind: StrategyKind, service: VotingService, vote_gas: u64) -> Self {
        let mut tape = SyntheticTape::at_tick(0);
        tape.mint(0, full_range(), 33_000_000);
        for _ in 0..24 * 7 * 5 {
            tape.skip_blocks(BLOCKS_AN_HOUR);
            tape.flash(Amounts::ZERO);
        }
        let mut market = Market::new(Footprint::ReExecuted);
        market.add_pool(tape.tape()).expect("a tape");
        let voting = VotingMarket::new(POOL, (Side::Token1.index(), 2), service);
        market.add_voting(voting).expect("the pool is there");
        let (token0, token1, native) = (AssetId(0), AssetId(1), AssetId(2));
        let funds = [(token0, Amount::ZERO), (token1, Amount::from_u64(LOCKED))];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, PoolAssets::of_two(token0, token1, native));
        let setup = VoteSetup {
            voting: VotingId(0),
            token: Side::Token1.index(),
            longest_weeks: 208,
            gas: VoteGas {
                vote: Gas(vote_gas),
                claim: Gas(50),
                sell: Gas(150),
                fallback_price: GasPrice(1),
            },
        };
        let config = StrategyConfig::of(kind);
        let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
        let services = Services { vote: Some(setup), ..Services::default() };
        let strategy = config.build(facts, services).expect("parameters within their ranges");
        let mut desk = Desk { strategy, market, ledger, sequence: 1, asked: Vec::new() };
        let now = Timestamp(FIRST_TIME);
        let price = QuotePrice { quote: Amount::from_u64(1), of: Amount::from_u64(1) };
        let body = EventBody::Price(PriceEvent { asset: BRIBE, price });
        let event = Event::at(Sequence(1), now, body);
        desk.market.apply(&event).expect("a price");
        Self { desk, tape }
    }

    /// What was asked for over so many hours, each with its hour.
    fn go(mut self, hours: usize) -> Vec<String> {
        for recorded in &self.tape.tape().events[..hours] {
            self.desk.settle();
            self.desk.sequence += 1;
            let event = chain_event(self.desk.sequence, recorded);
            self.desk.market.apply(&event).expect("it reproduces");
            self.desk.decide();
        }
        let asked = self.desk.asked.iter().map(|line| {
            let (block, what) = line.split_once(": ").expect("a block");
            let hour = block.parse::<u64>().expect("a number") / BLOCKS_AN_HOUR;
            format!("{hour} {}", what.split(" TokenAmounts").next().unwrap_or(what))
        });
        asked.collect()
    }
}

fn aerodrome(gauges: Vec<GaugeTerms>) -> VotingService {
    let votes = AerodromeVotes::new(gauges, Timestamp(FIRST_TIME)).expect("terms");
    VotingService::Aerodrome(Box::new(votes))
}

fn curve(gauges: Vec<GaugeTerms>) -> VotingService {
    let start = Timestamp(FIRST_TIME);
    let votes = ControllerVotes::new(EscrowParameters::CURVE, gauges, start).expect("terms");
    VotingService::Controller(Box::new(votes))
}

/// Two gauges of equal bribes, one with four times the votes of the other: with as many votes as
/// the larger, `2/3 * 9 - 4 = 2` and `1/3 * 9 - 1 = 2` quarters go to each.
fn two(bribe: u64) -> Vec<GaugeTerms> {
    vec![gauge(4 * QUARTER, bribe), gauge(QUARTER, bribe)]
}

#[test]
fn votes_are_divided_by_the_closed_form_some_hours_before_the_epochs_end() {
    for service in [aerodrome(two(1_000)), curve(two(1_000))] {
        let asked = Voter::new(vote(), service, 10).go(25);
        let half = if asked.get(1).is_some_and(|line| line.contains("5000")) { 5_000 } else { 0 };
        // Curve counts what the lock weighs at the week's beginning, half a per cent less.
        assert!(asked[0].starts_with("0 lock"), "{asked:?}");
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(asked[1].starts_with("20 vote 0:"), "{asked:?}");
        let first: u64 = asked[1]
            .strip_prefix("20 vote 0:")
            .and_then(|line| line.split(' ').next())
            .and_then(|points| points.parse().ok())
            .expect("points");
        assert!(half == 5_000 || (4_970..5_000).contains(&first), "{first}");
    }
}

#[test]
fn a_gauge_is_worth_a_vote_that_pays_more_than_its_gas() {
    // The smaller alone gives 4/5 of a bribe, both give 1/3 + 2/3: the second adds 200 of 1,000.
    let asked = |gas| Voter::new(vote(), aerodrome(two(1_000)), gas).go(25)[1..].to_vec();
    assert_eq!(asked(199), ["20 vote 0:5000 1:5000"]);
    assert_eq!(asked(201), ["20 vote 1:10000"]);
    assert_eq!(asked(799), ["20 vote 1:10000"]);
    assert_eq!(asked(801), [""; 0], "none is");
}

#[test]
fn a_gauge_that_nobody_votes_for_gets_little() {
    let gauges = vec![gauge(0, 1_000_000), gauge(4 * QUARTER, 1_000_000)];
    let asked = Voter::new(vote(), aerodrome(gauges), 10).go(25);
    // Taken for one basis point of our votes: sqrt(1/10,000) = 1/100 of the other's root, so it
    // gets (1/101) * 20,001 - 1 = 197 basis points.
    assert_eq!(asked[1], "20 vote 0:197 1:9803");
}

#[test]
fn claims_break_even_to_the_unit() {
    // A claim and a sale cost 200, and 2 * 200 * 126,144,000,000 has the root 7,103,351.3. Of each
    // bribe a third and two thirds are earned.
    let asked = |bribe| Voter::new(vote(), aerodrome(two(bribe)), 10).go(40);
    let claimed = |asked: &[String]| asked.iter().any(|line| line.contains("claim"));
    assert!(!claimed(&asked(7_103_349)));
    let asked = asked(7_103_352);
    // The epoch ends 25.8 hours after the first event.
    assert_eq!(asked[2..], ["26 claim bribes in 3", "26 sell 7103352"], "{asked:?}");
}

#[test]
fn a_short_lock_is_extended_or_left_behind() {
    let leaving = Vote { claim: ClaimRule::Never, lock_weeks: Some(2), ..Vote::default() };
    let kind = StrategyKind::Vote(leaving.clone());
    let asked = Voter::new(kind, aerodrome(two(10_000_000)), 10).go(400);
    let end = WEEK_1 + WEEK;
    assert!(asked[0].ends_with(&format!("until {end}")) || asked[0].starts_with("0 lock"));
    let what: Vec<_> = asked[1..].iter().map(|line| line.split(' ').collect::<Vec<_>>()).collect();
    let told: Vec<_> = what.iter().map(|words| (words[0], words[1])).collect();
    // Votes 6 hours before either epoch's end; claims at the end of the lock, whatever the rule
    // says, then sells; the votes of Aerodrome can be taken back after the first hour.
    assert_eq!(
        told,
        [("20", "vote"), ("188", "vote"), ("194", "claim"), ("194", "sell"), ("195", "close")]
    );
    let staying = Vote { extend: true, proceeds: Proceeds::Hold, ..leaving };
    let asked = Voter::new(StrategyKind::Vote(staying), aerodrome(two(10_000_000)), 10).go(400);
    let told: Vec<_> = asked[1..]
        .iter()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    // Locked until the second end, made a week longer before the second vote and so on.
    assert_eq!(told, ["20 vote", "188 extend", "188 vote", "356 extend", "356 vote"]);
}

#[test]
fn a_controller_is_asked_every_other_week() {
    let asked = Voter::new(vote(), curve(two(1_000)), 10).go(700);
    let hours: Vec<_> = asked[1..].iter().filter_map(|line| line.split(' ').next()).collect();
    // Ten days have to pass: the next window is two weeks, 336 hours, later.
    assert_eq!(hours, ["20", "356", "692"], "{asked:?}");
}
