//! Orders for reward programmes and sales of what they pay, and prices from outside.

use tidemill_market::{Footprint, ProgrammeMarket, Seat};
use tidemill_model::{
    AssetId, EventBody, GasPaid, Intent, Outcome, OutcomeKind, PositionId, PriceEvent, ProgrammeId,
    QuotePrice, Rejection, Reward, Tape,
};
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_rewards::{
    Account, KindFacts, balancer_gauge, curve_gauge, master_chef, merkle_claim, staking_rewards,
    v3_staker,
};
use tidemill_units::{Amount, Amounts, Bps, Gas, Side, Timestamp, TokenAmounts};

use super::synthetic_tape::{POOL, SyntheticTape, full_range, range};
use super::{Session, open};
use crate::{GasModel, Inclusion, Models, SaleModel, SimulatedWorld, TimedPrice};

const REWARD: AssetId = AssetId(3);
const FIRST: ProgrammeId = ProgrammeId(0);

/// Others' liquidity at a price of one, and something that happens each block.
fn quiet(blocks: usize) -> SyntheticTape {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 1_000_000_000);
    for _ in 0..blocks {
        tape.skip_blocks(1);
        tape.flash(Amounts::ZERO);
    }
    tape
}

fn priced(time: Timestamp, quote: u64) -> TimedPrice {
    let price = QuotePrice { quote: Amount::from_u64(quote), of: Amount::from_u64(7) };
    TimedPrice { time, price: PriceEvent { asset: REWARD, price } }
}

/// A session with an incentive for the tape's first so many seconds.
fn session<'a>(tape: &'a Tape, prices: &'a [TimedPrice], seconds: u64) -> Session<'a> {
    let mut session = Session::new(tape, Footprint::ReExecuted, 1);
    let models = Models { inclusion: Inclusion { delay_blocks: 1 }, ..Models::default() };
    session.world = SimulatedWorld::new(POOL, &tape.events, models).with_prices(prices);
    let first = tape.events[0].time;
    let key = IncentiveKey {
        reward_token: Account([2; 20]),
        pool: Account(tape.header.pool.0),
        start_time: first,
        end_time: Timestamp(first.0 + seconds),
        refundee: Account([5; 20]),
    };
    let mut staker = V3Staker::new(&V3StakerState::default()).expect("a new staker");
    let budget = Amount::from_u64(1_000_000_000);
    staker.create_incentive(key, budget, first).expect("within bounds");
    let programme = ProgrammeMarket::new(POOL, REWARD, staker.into(), Seat::V3Staker(key));
    session.market.add_programme(programme).expect("the pool is there");
    session
}

fn done(session: &mut Session<'_>, intent: Intent) -> Outcome {
    session.send(intent);
    session.outcome()
}

fn opened(session: &mut Session<'_>) -> PositionId {
    let outcome = done(session, open(range(-60, 60), 1_000_000, 1_000_000));
    assert!(matches!(outcome.kind, OutcomeKind::Opened { .. }), "{outcome:?}");
    PositionId(outcome.order)
}

fn sell(amount_in: Amount, min_amount_out: Amount) -> Intent {
    let into = Side::Token1.index();
    Intent::Sell { pool: POOL, reward: REWARD, into, amount_in, min_amount_out }
}

fn gas(outcome: &Outcome) -> Gas {
    let GasPaid { gas, .. } = outcome.gas;
    gas
}

/// What a round pays is what the market says at that moment, and what it costs is the model's.
#[test]
fn a_position_is_staked_paid_taken_out_and_its_reward_sold() {
    let synthetic = quiet(40);
    let prices = [priced(synthetic.tape().events[0].time, 20)];
    let mut session = session(synthetic.tape(), &prices, 100_000);
    session.skip(5);
    let position = opened(&mut session);
    let staked = done(&mut session, Intent::Stake { position, programme: FIRST });
    let fees = TokenAmounts::zero(2).expect("two");
    assert_eq!(staked.kind, OutcomeKind::Staked { position, programme: FIRST, fees });
    assert_eq!(gas(&staked), Gas(228_400));
    session.skip(6);
    let claimed = done(&mut session, Intent::Claim { position });
    let OutcomeKind::Claimed { reward: Reward { asset, amount }, .. } = claimed.kind else {
        panic!("{claimed:?}")
    };
    assert_eq!(asset, REWARD);
    assert!(!amount.is_zero() && session.ledger.wallet(REWARD) == amount);
    assert_eq!(gas(&claimed), Gas(201_600));
    // At 20 for 7, less 30 basis points, rounded down twice.
    let value = amount.0 * tidemill_units::U256::from(20) / tidemill_units::U256::from(7);
    let out =
        Amount(value * tidemill_units::U256::from(9_970) / tidemill_units::U256::from(10_000));
    let more = out.checked_add(Amount::from_u64(1)).expect("small");
    let refused = done(&mut session, sell(amount, more));
    assert_eq!(refused.kind, OutcomeKind::Rejected(Rejection::TooLittleReceived));
    assert_eq!(session.ledger.wallet(REWARD), amount, "nothing changed but the gas");
    let sold = done(&mut session, sell(amount, out));
    let OutcomeKind::Sold { reward, amount_out, .. } = sold.kind else { panic!("{sold:?}") };
    assert_eq!((reward.amount, amount_out), (amount, out));
    assert!(session.ledger.wallet(REWARD).is_zero());
    // The wallet's first swap costs more than its later ones.
    assert_eq!((gas(&refused), gas(&sold)), (Gas(134_000), Gas(134_000)));
    let closed = done(&mut session, Intent::Unstake { position });
    assert!(matches!(closed.kind, OutcomeKind::Unstaked { .. }), "{closed:?}");
    assert_eq!(gas(&closed), Gas(217_600));
    let reward = session.ledger.wallet(REWARD);
    assert_eq!(gas(&done(&mut session, sell(reward, Amount::ZERO))), Gas(117_000));
    assert!(matches!(
        done(&mut session, Intent::Close { position }).kind,
        OutcomeKind::Closed { .. }
    ));
    session.finish();
}

#[test]
fn what_the_chain_refuses_has_a_reason_and_costs_its_gas() {
    let synthetic = quiet(40);
    let mut session = session(synthetic.tape(), &[], 120);
    session.skip(3);
    let position = opened(&mut session);
    // Both are approved before the first has an end.
    session.send(Intent::Stake { position, programme: FIRST });
    session.send(Intent::Close { position });
    let [staked, closed] = [session.outcome(), session.outcome()];
    assert!(matches!(staked.kind, OutcomeKind::Staked { .. }), "{staked:?}");
    assert_eq!(closed.kind, OutcomeKind::Rejected(Rejection::WrongStake));
    assert!(gas(&closed) > Gas(0));
    session.send(Intent::Claim { position });
    session.send(Intent::Unstake { position });
    let [claimed, unstaked] = [session.outcome(), session.outcome()];
    assert!(matches!(claimed.kind, OutcomeKind::Claimed { .. }), "{claimed:?}");
    assert!(matches!(unstaked.kind, OutcomeKind::Unstaked { .. }), "{unstaked:?}");
    // Without a price nobody buys.
    let reward = session.ledger.wallet(REWARD);
    assert!(!reward.is_zero());
    let unpriced = done(&mut session, sell(reward, Amount::ZERO));
    assert_eq!(unpriced.kind, OutcomeKind::Rejected(Rejection::InsufficientDepth));
    // The incentive has ended by now, and takes nobody.
    session.skip(10);
    let late = done(&mut session, Intent::Stake { position, programme: FIRST });
    assert_eq!(late.kind, OutcomeKind::Rejected(Rejection::ProgrammeReverted));
    assert_eq!(gas(&late), Gas(228_400));
    session.finish();
}

#[test]
fn a_claim_that_the_ended_programme_refuses_leaves_the_stake() {
    let synthetic = quiet(40);
    let mut session = session(synthetic.tape(), &[], 120);
    session.skip(3);
    let position = opened(&mut session);
    done(&mut session, Intent::Stake { position, programme: FIRST });
    session.skip(12);
    let refused = done(&mut session, Intent::Claim { position });
    assert_eq!(refused.kind, OutcomeKind::Rejected(Rejection::ProgrammeReverted));
    assert_eq!(session.market.programme_of(position), Some(FIRST));
    let unstaked = done(&mut session, Intent::Unstake { position });
    assert!(matches!(unstaked.kind, OutcomeKind::Unstaked { .. }), "{unstaked:?}");
    session.finish();
}

/// Prices come in order among everything else, before what is as old, and end with the tape.
#[test]
fn prices_are_merged_in_order_of_time() {
    let synthetic = quiet(6);
    let events = &synthetic.tape().events;
    let (first, last) = (events[0].time, events[events.len() - 1].time);
    let prices = [
        priced(first, 1),
        priced(Timestamp(first.0 + 12), 2),
        priced(Timestamp(first.0 + 13), 3),
        priced(Timestamp(first.0 + 13), 4),
        priced(last, 5),
        priced(Timestamp(last.0 + 1), 6),
    ];
    let mut session = session(synthetic.tape(), &prices, 100);
    let mut found = Vec::new();
    let mut before = Timestamp(0);
    // An order at every recorded event, so that outcomes are among them.
    while let Some(event) = session.next() {
        assert!(event.second() >= before, "back in time: {event:?}");
        before = event.second();
        match event.body.clone() {
            EventBody::Price(price) => found.push((event.second(), price.price.quote)),
            EventBody::Chain(chain) => {
                let is_on_time = prices.iter().all(|priced| {
                    let is_old = priced.time <= event.second();
                    is_old == found.iter().any(|(_, quote)| *quote == priced.price.price.quote)
                });
                assert!(is_on_time, "{chain:?} after {found:?}");
                session.send(open(range(-60, 60), 1_000, 1_000));
            }
            EventBody::Outcome(_)
            | EventBody::Programme(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_) => {}
            EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => {}
        }
    }
    let expected: Vec<_> =
        prices[..5].iter().map(|priced| (priced.time, priced.price.price.quote)).collect();
    assert_eq!(found, expected, "the last is known only after the tape, whose last order expires");
}

#[test]
fn a_sale_is_rounded_down_and_takes_its_part() {
    let price = QuotePrice { quote: Amount::from_u64(10), of: Amount::from_u64(3) };
    let received = |bps: u32, amount: u64| {
        SaleModel { cost: Bps(bps) }.received(price, Amount::from_u64(amount))
    };
    // 10 for 3 is 3333 for 1000; of that 0.3 % are 9.999, so 3323.001 are left.
    for (bps, amount, out) in
        [(0, 1_000, 3_333), (30, 1_000, 3_323), (10_000, 1_000, 0), (1, 3, 9), (0, 1, 3), (0, 0, 0)]
    {
        assert_eq!(received(bps, amount), Some(Amount::from_u64(out)), "{bps} {amount}");
    }
    let most = SaleModel { cost: Bps(0) }.received(price, Amount::MAX);
    assert_eq!(most, None, "past 2^256 - 1");
}

/// Every figure is the sum of the measured calls that it takes, rounded to hundreds.
#[test]
fn gas_is_the_sum_of_the_measured_calls() {
    let of = |facts: &KindFacts, calls: &[&str]| {
        let figure = |call: &&str| {
            let found = facts.gas.iter().find(|figure| figure.call == *call);
            found.unwrap_or_else(|| panic!("{call}")).gas
        };
        let sum: u64 = calls.iter().map(figure).sum();
        Gas((sum + 50) / 100 * 100)
    };
    let model = GasModel::default();
    let (v3, synthetix, chef) = (v3_staker::FACTS, staking_rewards::FACTS, master_chef::FACTS);
    let (curve, balancer) = (curve_gauge::FACTS, balancer_gauge::FACTS);
    let mint = "mint, a week later";
    let (unstake, claim) = ("unstakeToken, more", "claimReward");
    let again = "stakeToken, first of the deposit";
    let sums = [
        (
            model.v3_staker.stake,
            of(&v3, &["safeTransferFrom of the manager, staked in one incentive"]),
        ),
        (model.v3_staker.claim, of(&v3, &[unstake, claim, again])),
        (model.v3_staker.unstake, of(&v3, &[unstake, claim, "withdrawToken"])),
        (model.staking_rewards.stake, of(&synthetix, &["stake, first of another"])),
        (model.staking_rewards.claim, of(&synthetix, &["getReward"])),
        (model.staking_rewards.unstake, of(&synthetix, &["exit"])),
        (model.master_chef.stake, of(&chef, &["deposit, first of another, the first to mint"])),
        (model.master_chef.claim, of(&chef, &["deposit of nothing, to claim"])),
        (model.master_chef.unstake, of(&chef, &["withdraw, part"])),
        (model.curve_gauge.stake, of(&curve, &["deposit, a week later"])),
        (model.curve_gauge.claim, of(&curve, &[mint])),
        (model.curve_gauge.unstake, of(&curve, &[mint, "withdraw of everything, a week later"])),
        (
            model.balancer_gauge.stake,
            of(&balancer, &["deposit, two weeks later, with a reward token"]),
        ),
        (model.balancer_gauge.claim, of(&balancer, &[mint])),
        (model.balancer_gauge.unstake, of(&balancer, &[mint, "withdraw, a week later"])),
        (
            model.merkl.claim,
            of(&merkle_claim::FACTS, &["claim, first of its word of indices, tree of 256"]),
        ),
        (model.merkl.unstake, model.merkl.claim),
        (model.merkl.stake, Gas(0)),
    ];
    for (modelled, measured) in sums {
        assert_eq!(modelled, measured);
    }
}
