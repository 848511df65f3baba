//! Orders for voting services: what comes of them, and what they cost.

use tidemill_market::{AerodromeVotes, Footprint, GaugeTerms, VotingMarket, VotingService};
use tidemill_model::{
    AssetId, Ballot, Choice, GaugeNumber, Holding, Intent, Outcome, OutcomeKind, Placement,
    Rejection, Reward, Tape, VotingId,
};
use tidemill_rewards::{KindFacts, WEEK, gauge_controller, merkle_claim, vote_escrow};
use tidemill_units::{Amount, Amounts, Bps, Gas, Side, Timestamp, TokenAmounts};

use super::Session;
use super::synthetic_tape::{POOL, SyntheticTape, full_range};
use crate::GasModel;

const BRIBE: AssetId = AssetId(3);
const VOTING: VotingId = VotingId(0);

/// Something that happens each hour.
fn quiet(hours: usize) -> SyntheticTape {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 1_000_000_000);
    for _ in 0..hours {
        tape.skip_blocks(300);
        tape.flash(Amounts::ZERO);
    }
    tape
}

/// A session with two gauges of one bribe that nobody else votes for.
fn session(tape: &Tape) -> Session<'_> {
    let mut session = Session::new(tape, Footprint::ReExecuted, 1);
    let reward = Reward { asset: BRIBE, amount: Amount::from_u64(1_000) };
    let gauge = GaugeTerms { every_epoch: vec![reward], ..GaugeTerms::default() };
    let votes = AerodromeVotes::new(vec![gauge.clone(), gauge], tape.events[0].time);
    let service = VotingService::Aerodrome(Box::new(votes.expect("terms")));
    let voting = VotingMarket::new(POOL, (Side::Token1.index(), 2), service);
    session.market.add_voting(voting).expect("the pool is there");
    session
}

fn done(session: &mut Session<'_>, intent: Intent) -> (OutcomeKind, Gas) {
    session.send(intent);
    let Outcome { kind, gas, .. } = session.outcome();
    (kind, gas.gas)
}

fn ballot(parts: &[(u16, u32)]) -> Ballot {
    let choice =
        |(gauge, part): &(u16, u32)| Choice { gauge: GaugeNumber(*gauge), part: Bps(*part) };
    Ballot::new(&parts.iter().map(choice).collect::<Vec<_>>()).expect("a ballot")
}

#[test]
fn a_token_is_locked_votes_is_paid_and_comes_back_at_the_end() {
    let synthetic = quiet(24 * 20);
    let tape = synthetic.tape();
    let mut session = session(tape);
    session.skip(3);
    let end = |weeks| Timestamp((tape.events[0].time.0 / WEEK + weeks) * WEEK);
    let amount = Amount::from_u64(200_000_000);
    let deposited = TokenAmounts::of(2, Side::Token1.index(), amount).expect("two");
    let open = |until| {
        let placement = Placement::Lock { voting: VOTING, until };
        Intent::Open { pool: POOL, placement, desired: deposited }
    };
    let past = done(&mut session, open(end(0)));
    assert_eq!(past, (OutcomeKind::Rejected(Rejection::ProgrammeReverted), Gas(380_900)));
    let (kind, gas) = done(&mut session, open(end(2)));
    let OutcomeKind::Opened { position, holding, .. } = kind else { panic!("{kind:?}") };
    assert_eq!((holding, gas), (Holding::Lock { voting: VOTING, until: end(2) }, Gas(380_900)));
    let two = ballot(&[(0, 5_000), (1, 5_000)]);
    let voted = done(&mut session, Intent::Vote { position, ballot: two });
    assert_eq!(voted, (OutcomeKind::Voted { position, ballot: two }, Gas(708_800)), "a gauge each");
    let again = done(&mut session, Intent::Vote { position, ballot: ballot(&[(0, 1)]) });
    assert_eq!(again, (OutcomeKind::Rejected(Rejection::ProgrammeReverted), Gas(354_400)));
    let until = end(3);
    let extended = done(&mut session, Intent::Extend { position, until });
    assert_eq!(extended, (OutcomeKind::Extended { position, until }, Gas(264_900)));
    let holding = session.ledger.position(position).map(|open| open.holding);
    assert_eq!(holding, Some(Holding::Lock { voting: VOTING, until }), "and in the books");
    let early = done(&mut session, Intent::Close { position });
    assert_eq!(early, (OutcomeKind::Rejected(Rejection::StillLocked), Gas(264_900)));
    let wrong = done(&mut session, Intent::ClaimBribes { position, token: AssetId(9) });
    assert_eq!(wrong.0, OutcomeKind::Rejected(Rejection::ProgrammeReverted));
    // Two epochs of two gauges that nobody else votes for: all of four bribes.
    while session.market.now() < Timestamp(end(2).0) {
        session.skip(1);
    }
    let (kind, gas) = done(&mut session, Intent::ClaimBribes { position, token: BRIBE });
    let reward = Reward { asset: BRIBE, amount: Amount::from_u64(4_000) };
    assert_eq!((kind, gas), (OutcomeKind::Claimed { position, reward }, Gas(84_300)));
    assert_eq!(session.ledger.wallet(BRIBE), reward.amount);
    while session.market.now() < Timestamp(end(3).0 + 3_600) {
        session.skip(1);
    }
    let (kind, _) = done(&mut session, Intent::Close { position });
    let OutcomeKind::Closed { withdrawn, fees, .. } = kind else { panic!("{kind:?}") };
    assert_eq!((withdrawn, fees.is_zero()), (deposited, true));
    assert!(session.ledger.position(position).is_none());
    session.finish();
}

#[test]
fn gas_is_that_of_the_measured_calls() {
    let gas = GasModel::default().voting;
    let figure = |facts: &KindFacts, call: &str| {
        let found = facts.gas.iter().find(|figure| figure.call.starts_with(call));
        found.unwrap_or_else(|| panic!("{call} is not in the facts")).gas
    };
    let near = |gas: Gas, figure: u64| gas == Gas((figure + 50) / 100 * 100);
    assert!(near(gas.lock, figure(&vote_escrow::FACTS, "create_lock, the first")));
    assert!(near(gas.change, figure(&vote_escrow::FACTS, "increase_amount")));
    assert!(near(gas.vote, figure(&gauge_controller::FACTS, "vote_for_gauge_weights")));
    assert!(near(gas.claim, figure(&merkle_claim::FACTS, "claim, first of its word")));
}
