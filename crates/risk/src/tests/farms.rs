//! Orders for reward programmes: what is refused, and that the way out stays open.

use tidemill_ledger::Ledger;
use tidemill_market::{Footprint, Market, ProgrammeMarket, Seat};
use tidemill_model::{
    AssetId, Event, EventBody, Intent, OrderKey, OutcomeKind, PoolId, PositionId, PriceEvent,
    ProgrammeId, QuotePrice, Sequence,
};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenIndex};

use super::seeded::Seeded;
use super::synthetic_tape::{POOL, SyntheticTape, chain_events};
use super::{ASSETS, DEPOSIT, Desk, VALUATION, loose, loss, open};
use crate::{Equity, Limits, Refusal, Risk, Safeguards};

const REWARD: AssetId = AssetId(3);
const FIRST: ProgrammeId = ProgrammeId(0);

/// A desk in a pool with an incentive that has run for two minutes of a thousand seconds; others'
/// liquidity is broad and thin, so that a stake earns some of it.
pub(super) fn farmed(limits: Limits) -> Desk {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, super::synthetic_tape::full_range(), 1_000_000_000);
    tape.skip_blocks(10);
    tape.flash(Amounts::ZERO);
    let mut market = Market::new(Footprint::ReExecuted);
    market.add_pool(tape.tape()).expect("a tape");
    let first = tape.tape().events[0].time;
    let key = IncentiveKey {
        reward_token: Account([2; 20]),
        pool: Account(tape.tape().header.pool.0),
        start_time: first,
        end_time: Timestamp(first.0 + 1_000),
        refundee: Account([5; 20]),
    };
    let mut staker = V3Staker::new(&V3StakerState::default()).expect("a new staker");
    staker.create_incentive(key, Amount::from_u64(1_000_000), first).expect("within bounds");
    let programme = ProgrammeMarket::new(POOL, REWARD, staker.into(), Seat::V3Staker(key));
    market.add_programme(programme).expect("the pool is there");
    let deposit = Amount::from_u128(DEPOSIT);
    let funds = [(ASSETS.tokens()[0], deposit), (ASSETS.tokens()[1], deposit), (REWARD, deposit)];
    let mut ledger = Ledger::funded(&funds).expect("small");
    ledger.add_pool(POOL, ASSETS);
    let mut desk = Desk { market, ledger, risk: Risk::new(limits, VALUATION), sequence: 0 };
    for event in chain_events(tape.tape()) {
        desk.market.apply(&event).expect("a tape that reproduces");
        desk.sequence = event.sequence.0;
    }
    desk
}

fn price(desk: &mut Desk, quote: u64) {
    let price = QuotePrice { quote: Amount::from_u64(quote), of: Amount::from_u64(1) };
    price_at(desk, 0, price);
}

pub(super) fn price_at(desk: &mut Desk, seconds_later: u64, price: QuotePrice) {
    desk.sequence += 1;
    let now = Timestamp(desk.market.now().0 + seconds_later);
    let body = EventBody::Price(PriceEvent { asset: REWARD, price });
    let event = Event::at(Sequence(desk.sequence), now, body);
    desk.market.apply(&event).expect("a price");
}

/// A staked position that has earned ten.
pub(super) fn staked_and_earning(safeguards: Safeguards) -> (Desk, PositionId) {
    let (mut desk, position) = staked(loose());
    desk.risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards);
    earn_ten(&mut desk, position);
    (desk, position)
}

/// A minute later, whatever was earned until then is worth ten.
pub(super) fn earn_ten(desk: &mut Desk, position: PositionId) {
    earn(desk, position, 10);
}

/// A minute later, whatever was earned until then is worth so much.
pub(super) fn earn(desk: &mut Desk, position: PositionId, worth: u64) {
    let nothing = QuotePrice { quote: Amount::ZERO, of: Amount::from_u64(1) };
    price_at(desk, 60, nothing);
    let earned = desk.market.reward(position).expect("staked").amount;
    price_at(desk, 0, QuotePrice { quote: Amount::from_u64(worth), of: earned });
}

pub(super) fn stake(position: PositionId) -> Intent {
    Intent::Stake { position, programme: FIRST }
}

pub(super) fn sell(amount_in: u128) -> Intent {
    let (amount_in, min_amount_out) = (Amount::from_u128(amount_in), Amount::ZERO);
    let into = Side::Token1.index();
    Intent::Sell { pool: POOL, reward: REWARD, into, amount_in, min_amount_out }
}

fn staked(limits: Limits) -> (Desk, PositionId) {
    let mut desk = farmed(limits);
    let position = desk.open_position(100_000, 100_000);
    let order = desk.ask(stake(position)).expect("open");
    assert!(matches!(desk.settle(order), OutcomeKind::Staked { .. }));
    (desk, position)
}

#[test]
fn only_an_open_position_is_staked_and_only_once_and_where_its_pool_is() {
    let mut desk = farmed(loose());
    let position = desk.open_position(100_000, 100_000);
    let unknown = PositionId(OrderKey { sequence: Sequence(99), intent: 7 });
    assert_eq!(desk.ask(stake(unknown)), Err(Refusal::NotOpen(unknown)));
    let elsewhere = Intent::Stake { position, programme: ProgrammeId(1) };
    assert_eq!(desk.ask(elsewhere), Err(Refusal::NoProgramme));
    for intent in [Intent::Claim { position }, Intent::Unstake { position }] {
        assert_eq!(desk.ask(intent), Err(Refusal::NotStaked(position)), "{intent:?}");
    }
    let order = desk.ask(stake(position)).expect("open");
    assert_eq!(desk.ask(stake(position)), Err(Refusal::NotOpen(position)), "on its way");
    desk.settle(order);
    assert_eq!(desk.ask(stake(position)), Err(Refusal::Staked(position)));
    assert_eq!(desk.ask(Intent::Close { position }), Err(Refusal::Staked(position)));
}

#[test]
fn a_claim_keeps_back_no_way_out() {
    let (mut desk, position) = staked(loose());
    let claim = desk.ask(Intent::Claim { position }).expect("staked");
    assert_eq!(desk.ask(Intent::Claim { position }), Err(Refusal::NotOpen(position)));
    // Unstaking is one order at a time, whatever else is on its way.
    let unstake = desk.ask(Intent::Unstake { position }).expect("the way out");
    let again = desk.ask(Intent::Unstake { position });
    assert_eq!(again, Err(Refusal::NotOpen(position)));
    assert!(matches!(desk.settle(claim), OutcomeKind::Claimed { .. }));
    assert!(matches!(desk.settle(unstake), OutcomeKind::Unstaked { .. }));
    assert_eq!(desk.ask(Intent::Unstake { position }), Err(Refusal::NotStaked(position)));
    let close = desk.ask(Intent::Close { position }).expect("unstaked");
    assert!(matches!(desk.settle(close), OutcomeKind::Closed { .. }));
}

#[test]
fn unstaking_and_closing_pass_whatever_the_limits_say_by_both_entrances() {
    let (mut desk, position) = staked(Limits { max_loss: loss(100), ..loose() });
    desk.burn_gas(500_000);
    assert!(matches!(desk.ask(open(10, 10)), Err(Refusal::LossLimit { .. })));
    let none = Limits { max_positions: 0, max_exposure_quote: Amount::ZERO, max_loss: loss(1) };
    desk.risk = Risk::new(none, *desk.risk.valuation());
    for intent in [stake(position), Intent::Claim { position }, sell(1)] {
        let order = desk.order(intent);
        let reduced = desk.risk.reduce(order, &desk.ledger).map(drop);
        assert_eq!(reduced, Err(Refusal::NotReducing), "{intent:?}");
    }
    // What is earned already is neither exposure nor loss.
    assert!(desk.ask(sell(1)).is_ok());
    let unstake = desk.order(Intent::Unstake { position });
    assert!(desk.risk.reduce(unstake, &desk.ledger).is_ok());
    let order = desk.ask(unstake.intent).expect("the way out");
    desk.settle(order);
    let close = desk.order(Intent::Close { position });
    assert!(desk.risk.reduce(close, &desk.ledger).is_ok());
    assert!(desk.ask(close.intent).is_ok());
}

#[test]
fn a_sale_is_of_reward_tokens_at_hand_for_a_token_of_the_pool() {
    let mut desk = farmed(loose());
    assert_eq!(desk.ask(sell(0)), Err(Refusal::ZeroAmount));
    let [available, wanted] = [DEPOSIT, DEPOSIT + 1].map(Amount::from_u128);
    let refused = Err(Refusal::InsufficientBalance { available, wanted });
    assert_eq!(desk.ask(sell(DEPOSIT + 1)), refused);
    let Intent::Sell { reward, into, amount_in, min_amount_out, .. } = sell(1) else { panic!() };
    let of = |pool, reward, into| Intent::Sell { pool, reward, into, amount_in, min_amount_out };
    assert_eq!(desk.ask(of(PoolId(1), reward, into)), Err(Refusal::NoPrice));
    assert_eq!(desk.ask(of(POOL, reward, TokenIndex(2))), Err(Refusal::NoSuchPair));
    assert_eq!(desk.ask(of(POOL, ASSETS.tokens()[0], into)), Err(Refusal::NoSuchPair));
    // What a sale on its way may take is not there for the next one.
    assert!(desk.ask(sell(DEPOSIT - 10)).is_ok());
    let [available, wanted] = [10, 11].map(Amount::from_u64);
    assert_eq!(desk.ask(sell(11)), Err(Refusal::InsufficientBalance { available, wanted }));
    assert!(desk.ask(sell(10)).is_ok());
}

#[test]
fn equity_counts_rewards_at_hand_and_rewards_earned() {
    let (mut desk, position) = staked(loose());
    let equity = |desk: &Desk| {
        Equity::of(desk.risk.valuation(), &desk.market, &desk.ledger).expect("a price")
    };
    let before = equity(&desk);
    let mut later = desk.market.now();
    later.0 += 60;
    let now = tidemill_market::Moment { at: later, block: desk.market.block() };
    let earned = desk.market.reward_at(position, now).expect("staked");
    assert!(!earned.amount.is_zero());
    // Without a price nothing counts; with one, the wallet's million counts at once.
    price(&mut desk, 3);
    let after = equity(&desk);
    assert_eq!(
        after.wallet,
        before.wallet.checked_add(Amount::from_u64(3_000_000)).expect("small")
    );
    let reward = desk.market.reward(position).expect("staked").amount;
    let worth = Amount(reward.0 * tidemill_units::U256::from(3));
    assert_eq!(after.positions, before.positions.checked_add(worth).expect("small"));
}

/// In whatever order things are asked for: the wallet never owes rewards, a position is staked in
/// one place at most, and every staked position can get out.
#[test]
fn the_way_out_is_open_at_any_time() {
    for seed in 0..100 {
        let mut random = Seeded(seed);
        let (mut desk, position) = staked(loose());
        let mut flying = Vec::new();
        for step in 0..60 {
            let intent = match random.below(5) {
                0 => stake(position),
                1 => Intent::Claim { position },
                2 => Intent::Unstake { position },
                3 => sell(u128::from(random.below(600_000))),
                _ => {
                    if let Some(order) = flying.pop() {
                        desk.settle(order);
                    }
                    continue;
                }
            };
            if let Ok(order) = desk.ask(intent) {
                flying.push(order);
            }
            let context = format!("seed {seed}, step {step}");
            let held = desk.ledger.position(position).expect("never closed here").staked;
            assert_eq!(held, desk.market.programme_of(position), "{context}");
            let rewards = desk.ledger.balance(tidemill_ledger::Account::Wallet, REWARD);
            assert!(!rewards.is_negative(), "{context}");
            let leaves =
                desk.ledger.in_flight().any(|order| order.intent == Intent::Unstake { position });
            if held.is_some() && !leaves {
                let order = desk.order(Intent::Unstake { position });
                assert!(desk.risk.reduce(order, &desk.ledger).is_ok(), "{context}");
            }
        }
    }
}
