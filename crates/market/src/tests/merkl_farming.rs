//! Our positions in a Merkl campaign: what it pays, by hand, and beside a naive recomputation over
//! every swap of random pools.

mod naive;

use tidemill_model::{AssetId, OutcomeKind, PositionId, ProgrammeId, Reward};
use tidemill_rewards::merkl::{Merkl, MerklState, MerklTerms, MerklWeights};
use tidemill_units::{Amount, Liquidity, Side, Timestamp, TokenAmounts};

use super::Log;
use super::random_pool::{extend, random_tape};
use super::seeded::Seeded;
use super::shares::FOOTPRINTS;
use super::synthetic_tape::{DEEP, POOL, SyntheticTape, range};
use crate::{Footprint, MarketError, MerklFold, MerklSchedule, Moment, ProgrammeMarket, Seat};
use naive::Naive;

const REWARD: AssetId = AssetId(7);
const CAMPAIGN: ProgrammeId = ProgrammeId(0);
const HOUR: u64 = 3_600;
const FEES_ONLY: MerklWeights = MerklWeights { fees: 10_000, amount0: 0, amount1: 0 };

/// A million an hour for a day.
fn terms(start: Timestamp, weights: MerklWeights) -> MerklTerms {
    MerklTerms {
        amount: Amount::from_u64(24_000_000),
        start,
        duration_seconds: 24 * HOUR,
        weights,
        ..MerklTerms::default()
    }
}

fn campaign(terms: MerklTerms, schedule: MerklSchedule) -> ProgrammeMarket {
    let campaign = Merkl::new(&MerklState::of(terms)).unwrap();
    let fold = MerklFold::new(campaign, schedule);
    ProgrammeMarket::new(POOL, REWARD, fold.into(), Seat::Merkl)
}

/// Settles every hour, and two more pass until it can be claimed.
const HOURLY: MerklSchedule = MerklSchedule { interval_seconds: HOUR, delay_seconds: 2 * HOUR };

impl Log {
    fn register(&mut self, position: PositionId) -> Result<(), MarketError> {
        let fees = TokenAmounts::zero(2).unwrap();
        self.outcome(OutcomeKind::Staked { position, programme: CAMPAIGN, fees })
    }

    fn due(&self, position: PositionId) -> Amount {
        let Reward { asset, amount } = self.market.reward(position).expect("registered");
        assert_eq!(asset, REWARD);
        amount
    }

    fn due_at(&self, position: PositionId, at: Timestamp) -> Amount {
        let moment = Moment { at, block: self.market.block() };
        self.market.reward_at(position, moment).expect("registered").amount
    }

    fn claim_all(&mut self, position: PositionId) -> Amount {
        let reward = Reward { asset: REWARD, amount: self.due(position) };
        assert_eq!(self.outcome(OutcomeKind::Claimed { position, reward }), Ok(()));
        reward.amount
    }

    fn leave(&mut self, position: PositionId) -> Amount {
        let moment = Moment { at: self.market.now(), block: self.market.block() };
        let reward = self.market.quote_unstake(position, moment).expect("registered");
        assert_eq!(self.outcome(OutcomeKind::Unstaked { position, reward }), Ok(()));
        reward.amount
    }
}

/// A deep pool with a swap to and fro each half hour, from its second event on.
fn half_hourly(count: u64) -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    for place in 0..count {
        tape.skip_blocks(150);
        let side = if place % 2 == 0 { Side::Token0 } else { Side::Token1 };
        tape.swap_in(side, DEEP / 10_000);
    }
    tape
}

fn opened(log: &mut Log, liquidity: u128) -> PositionId {
    let around = range(-600, 600);
    let cost = log.pool().quote_own(around, Liquidity(liquidity)).expect("a cost");
    log.open(around, liquidity, cost)
}

/// As much liquidity around the price as all others have: half of the fees, and so half of each
/// hour's million, to be had two hours after the hour.
#[test]
fn half_of_the_fees_earn_half_of_the_hour_two_hours_later() {
    for footprint in FOOTPRINTS {
        let tape = half_hourly(12);
        let events = &tape.tape().events;
        let mut log = Log::new(tape.tape(), footprint);
        log.record_all(&events[..2]);
        let start = log.market.now();
        let campaign = campaign(terms(start, FEES_ONLY), HOURLY);
        assert_eq!(log.market.add_programme(campaign), Ok(CAMPAIGN));
        let position = opened(&mut log, DEEP);
        assert_eq!(log.register(position), Ok(()));
        // The swaps of the first hour are at 30 minutes; that at 60 is the second hour's first.
        log.record_all(&events[2..7]);
        assert_eq!(log.market.now(), Timestamp(start.0 + 2 * HOUR + HOUR / 2));
        assert_eq!(log.due(position), Amount::ZERO, "two hours are settled, none can be claimed");
        let at = |hours: u64| Timestamp(start.0 + hours * HOUR);
        assert_eq!(log.due_at(position, Timestamp(at(3).0 - 1)), Amount::ZERO);
        let half = |hours: u64, found: Amount| {
            let most = hours * 500_000;
            let near = Amount::from_u64(most - 3)..=Amount::from_u64(most + 3);
            assert!(near.contains(&found), "{found} of {most}, {footprint:?}");
        };
        half(1, log.due_at(position, at(3)));
        half(2, log.due_at(position, at(4)));
        log.record_all(&events[7..8]);
        let paid = log.claim_all(position);
        half(1, paid);
        assert_eq!(log.due(position), Amount::ZERO);
        log.record_all(&events[8..10]);
        half(1, log.due(position));
        let fees = log.market.worth(position).unwrap().fees;
        assert!(!fees.is_zero(), "its fees stay its own");
        let last = log.leave(position);
        half(1, last);
        assert_eq!(log.market.worth(position).unwrap().fees, fees);
        log.close(position);
    }
}

#[test]
fn what_was_earned_outside_the_programme_and_by_what_is_closed_is_paid_too() {
    for footprint in FOOTPRINTS {
        let tape = half_hourly(14);
        let events = &tape.tape().events;
        let mut log = Log::new(tape.tape(), footprint);
        log.record_all(&events[..2]);
        let start = log.market.now();
        let campaign = campaign(terms(start, FEES_ONLY), HOURLY);
        assert_eq!(log.market.add_programme(campaign), Ok(CAMPAIGN));
        // Two hours of a position that never is in the programme, and then none is open.
        let first = opened(&mut log, DEEP);
        log.record_all(&events[2..6]);
        assert_eq!(log.market.reward(first), None);
        log.close(first);
        log.record_all(&events[6..12]);
        let second = opened(&mut log, DEEP);
        let third = opened(&mut log, DEEP);
        for position in [second, third] {
            assert_eq!(log.register(position), Ok(()));
        }
        let due = log.due(second);
        // Half of two hours. The swap at two hours falls into the third hour, and so does one that
        // the first position did not see. A price-taker's fees come on top of the swap's own: one
        // of three. Re-executed they are a part of them: a half of two.
        let third_hour = match footprint {
            Footprint::PriceTaker => 333_333,
            Footprint::ReExecuted => 250_000,
        };
        let off = due.0.abs_diff(Amount::from_u64(1_000_000 + third_hour).0);
        assert!(off < Amount::from_u64(100).0, "{due} {footprint:?}");
        assert_eq!(log.due(third), Amount::ZERO, "counted once");
        assert_eq!(log.leave(second), due);
        assert_eq!(log.due(third), Amount::ZERO);
        assert_eq!(log.leave(third), Amount::ZERO);
        assert_eq!(log.register(third), Ok(()));
    }
}

/// It runs on until its last settlement can be claimed, so that nothing of it is left behind.
#[test]
fn a_campaign_runs_until_its_last_settlement_can_be_claimed() {
    let tape = half_hourly(1);
    let mut log = Log::new(tape.tape(), Footprint::ReExecuted);
    log.record_all(&tape.tape().events);
    let start = Timestamp(log.market.now().0 + 100);
    // Seven hours each: the last interval is of three.
    let schedule = MerklSchedule { interval_seconds: 7 * HOUR, delay_seconds: 2 * HOUR };
    let programme = campaign(terms(start, FEES_ONLY), schedule);
    let last = Timestamp(start.0 + 26 * HOUR);
    let is_running = |at: u64| programme.is_running(Timestamp(at));
    assert!(!is_running(start.0 - 1) && is_running(start.0));
    assert!(is_running(last.0 - 1) && !is_running(last.0));
}

/// Random pools and orders: whatever we claim is what a recount of all swaps gives.
#[test]
fn a_campaign_pays_what_a_recount_of_every_swap_gives() {
    let mut random = Seeded(77);
    let (mut paid, mut claims) = ([0_u32; 2], 0);
    for round in 0..80 {
        let footprint = FOOTPRINTS[round % 2];
        let mut tape = random_tape(&mut random, 10);
        tape.skip_blocks(1);
        extend(&mut tape, &mut random, 80);
        let fees = u32::try_from(random.below(10_001)).unwrap();
        let amount0 = u32::try_from(random.below(u64::from(10_001 - fees))).unwrap();
        let weights = MerklWeights { fees, amount0, amount1: 10_000 - fees - amount0 };
        let mut terms = terms(Timestamp(tape.tape().events[5].time.0), weights);
        terms.duration_seconds = HOUR;
        terms.amount = Amount::from_u128(random.wide(90) + 1_000_000);
        terms.is_out_of_range_incentivized = random.once_in(2);
        let schedule = MerklSchedule { interval_seconds: 15, delay_seconds: 7 };
        let mut log = Log::new(tape.tape(), footprint);
        let mut naive = Naive::new(terms, schedule);
        assert_eq!(log.market.add_programme(campaign(terms, schedule)), Ok(CAMPAIGN));
        let mut open: Vec<PositionId> = Vec::new();
        for (place, event) in tape.tape().events.iter().enumerate() {
            naive.before(log.pool());
            log.record_all(std::slice::from_ref(event));
            naive.after(event, log.pool());
            if place > 3 && random.once_in(6) {
                let lower = random.between(-4, 3) * 120;
                let over = range(lower, lower + 120 * random.between(1, 3));
                let liquidity = 1 + random.wide(69);
                if let Ok(cost) = log.pool().quote_own(over, Liquidity(liquidity)) {
                    let position = log.open(over, liquidity, cost);
                    assert_eq!(log.register(position), Ok(()));
                    open.push(position);
                }
            }
            let Some(position) = open.first().copied() else { continue };
            let now = log.market.now();
            assert_eq!(log.due(position), naive.claimable(now), "{round} {place}");
            if random.once_in(4) {
                let amount = log.claim_all(position);
                naive.claimed += amount.0;
                claims += u32::from(!amount.is_zero());
                paid[round % 2] += u32::from(!amount.is_zero());
            }
            if random.once_in(10) {
                naive.claimed += log.leave(position).0;
                log.close(position);
                open.remove(0);
            }
        }
    }
    assert!(paid.iter().all(|count| *count > 5) && claims > 20, "{paid:?} {claims}");
}
