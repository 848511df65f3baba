//! Orders for voting services: what is refused, and that bribes and the way out stay open.

use tidemill_market::{ControllerVotes, GaugeTerms, VotingMarket, VotingService};
use tidemill_model::{
    AssetId, Ballot, Choice, Event, EventBody, GaugeNumber, Intent, OrderKey, OutcomeKind,
    Placement, PoolId, PositionId, PriceEvent, QuotePrice, Reward, Sequence, VotingId,
};
use tidemill_rewards::WEEK;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_units::{Amount, Bps, Side, Timestamp, TokenAmounts};

use super::synthetic_tape::POOL;
use super::{Desk, loose, loss, open};
use crate::{Equity, Limits, Refusal, Risk};

const BRIBES: [AssetId; 2] = [AssetId(3), AssetId(4)];
const VOTING: VotingId = VotingId(0);

/// A desk beside a service whose one gauge is paid for in two tokens.
fn desk(limits: Limits) -> Desk {
    let mut desk = Desk::new(limits);
    let reward = |asset| Reward { asset, amount: Amount::from_u64(1_000) };
    let every_epoch = BRIBES.map(reward).to_vec();
    let gauge = GaugeTerms { every_epoch, ..GaugeTerms::default() };
    let now = desk.market.now();
    let votes = ControllerVotes::new(EscrowParameters::CURVE, vec![gauge], now).expect("terms");
    let service = VotingService::Controller(Box::new(votes));
    let voting = VotingMarket::new(POOL, (Side::Token1.index(), 2), service);
    desk.market.add_voting(voting).expect("the pool is there");
    desk
}

fn until(desk: &Desk) -> Timestamp {
    Timestamp((desk.market.now().0 / WEEK + 100) * WEEK)
}

fn lock(desk: &Desk, voting: VotingId, amount: u64) -> Intent {
    let desired = TokenAmounts::of(2, Side::Token1.index(), Amount::from_u64(amount));
    let placement = Placement::Lock { voting, until: until(desk) };
    Intent::Open { pool: POOL, placement, desired: desired.expect("two") }
}

fn locked(desk: &mut Desk) -> PositionId {
    let order = desk.ask(lock(desk, VOTING, 100_000)).expect("within the limits");
    assert!(matches!(desk.settle(order), OutcomeKind::Opened { .. }));
    PositionId(order.key)
}

/// A desk with a lock of a hundred thousand.
pub(super) fn with_a_lock() -> (Desk, PositionId) {
    let mut desk = desk(loose());
    let position = locked(&mut desk);
    (desk, position)
}

/// Lets time go on until a lock can be withdrawn.
pub(super) fn let_it_end(desk: &mut Desk, position: PositionId) {
    let end = desk.market.voting_of(position).and_then(|voting| voting.until(position));
    let price = QuotePrice { quote: Amount::ZERO, of: Amount::from_u64(1) };
    let body = EventBody::Price(PriceEvent { asset: BRIBES[0], price });
    desk.sequence += 1;
    let event = Event::at(Sequence(desk.sequence), end.expect("a lock"), body);
    desk.market.apply(&event).expect("a price");
    assert!(desk.market.can_unlock(position));
}

fn vote(position: PositionId) -> Intent {
    let choice = Choice { gauge: GaugeNumber(0), part: Bps(10_000) };
    Intent::Vote { position, ballot: Ballot::new(&[choice]).expect("a ballot") }
}

#[test]
fn a_lock_is_an_opening_at_a_service_of_its_pool() {
    let mut desk = desk(loose());
    let elsewhere = lock(&desk, VotingId(1), 1);
    assert_eq!(desk.ask(elsewhere), Err(Refusal::NoProgramme));
    let Intent::Open { placement, desired, .. } = lock(&desk, VOTING, 1) else { panic!("open") };
    let other = Intent::Open { pool: PoolId(1), placement, desired };
    assert_eq!(desk.ask(other), Err(Refusal::NoPrice));
    let nothing = lock(&desk, VOTING, 0);
    assert_eq!(desk.ask(nothing), Err(Refusal::ZeroAmount));
    let position = locked(&mut desk);
    let equity = Equity::of(desk.risk.valuation(), &desk.market, &desk.ledger).expect("a price");
    assert_eq!(equity.positions, Amount::from_u64(100_000), "the tokens in it");
    assert!(desk.ledger.position(position).is_some());
}

#[test]
fn only_a_lock_votes_and_is_paid_for_it() {
    let mut desk = desk(Limits { max_positions: 2, ..loose() });
    let range = desk.open_position(100_000, 100_000);
    let unknown = PositionId(OrderKey { sequence: Sequence(99), intent: 7 });
    let until = until(&desk);
    let intents = |position| {
        let token = BRIBES[0];
        [
            vote(position),
            Intent::Extend { position, until },
            Intent::ClaimBribes { position, token },
        ]
    };
    for intent in intents(range) {
        assert_eq!(desk.ask(intent), Err(Refusal::NotLocked(range)), "{intent:?}");
    }
    for intent in intents(unknown) {
        assert_eq!(desk.ask(intent), Err(Refusal::NotOpen(unknown)), "{intent:?}");
    }
}

#[test]
fn each_token_is_claimed_beside_the_others_whatever_the_limits_say() {
    let mut desk = desk(loose());
    let position = locked(&mut desk);
    let none = Limits { max_positions: 0, max_exposure_quote: Amount::ZERO, max_loss: loss(1) };
    desk.risk = Risk::new(none, *desk.risk.valuation());
    desk.burn_gas(500_000);
    assert!(desk.ask(open(10, 10)).is_err());
    let claim = |token| Intent::ClaimBribes { position, token };
    let first = desk.ask(claim(BRIBES[0])).expect("a lock's");
    assert_eq!(desk.ask(claim(BRIBES[0])), Err(Refusal::NotOpen(position)), "on its way");
    let second = desk.ask(claim(BRIBES[1])).expect("another token");
    assert_eq!(desk.ask(vote(position)), Err(Refusal::NotOpen(position)), "busy");
    for order in [first, second] {
        assert!(matches!(desk.settle(order), OutcomeKind::Claimed { .. }));
    }
    let voted = desk.ask(vote(position)).expect("a vote is no exposure");
    assert!(matches!(desk.settle(voted), OutcomeKind::Voted { .. }));
    let close = desk.order(Intent::Close { position });
    assert!(desk.risk.reduce(close, &desk.ledger).is_ok());
    let order = desk.ask(close.intent).expect("the way out");
    assert!(matches!(desk.settle(order), OutcomeKind::Rejected(_)), "the lock has not ended");
}
