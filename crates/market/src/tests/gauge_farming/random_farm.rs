use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Build, SwapAmount, SwapRequest};
use tidemill_model::{BuildEvent, Holding, OutcomeKind, PoolEvent, PositionId, TapeEvent};
use tidemill_rewards::aerodrome::{ConcentratedGauge, ConcentratedGaugeState, epoch_next};
use tidemill_units::{
    Amount, Amounts, Liquidity, Side, TickRange, Timestamp, TokenAmounts, TokenPair,
};

use super::by_hand::ByHand;
use super::counted::Counted;
use super::{DEEP, GAUGE_PROGRAMME};
use crate::tests::Log;
use crate::tests::seeded::Seeded;
use crate::tests::synthetic_builds::{MANAGER, SyntheticBuild, range};
use crate::tests::synthetic_tape::POOL;
use crate::{EpochEmission, FoldedProgramme};

/// Where others have liquidity, and where we have; none twice.
const OTHERS: [(i32, i32); 3] = [(-887_220, 887_220), (-1_200, 1_200), (-300, 360)];
const OURS: [(i32, i32); 6] =
    [(-600, 600), (-120, 240), (0, 180), (-900, -60), (60, 1_500), (-60, 60)];

/// Others trade, provide and stake; a round of hours or of one block.
fn market_of(random: &mut Seeded, rounds: u32) -> SyntheticBuild {
    let mut made = SyntheticBuild::new(Build::Slipstream);
    let mut held = [DEEP, 0, 0];
    let mut staked = [0_u128; 3];
    for _ in 0..rounds {
        let blocks = if random.once_in(3) { 3_000 } else { 40 };
        made.skip_blocks(1 + random.below(blocks));
        for _ in 0..=random.below(3) {
            let place = random.below(3) as usize;
            let (lower, upper) = OTHERS[place];
            let place_range = range(lower, upper);
            let free = held[place] - staked[place];
            let part = |random: &mut Seeded, of: u128| of / 8 * u128::from(random.below(9));
            match random.below(8) {
                0 => {
                    let added = DEEP / 10 * u128::from(random.below(8) + 1);
                    made.add(MANAGER, place_range, added);
                    held[place] += added;
                }
                1 if place > 0 && free > 0 => {
                    let removed = if random.once_in(2) { free } else { free / 2 + 1 };
                    made.remove(MANAGER, place_range, removed);
                    held[place] -= removed;
                }
                2 | 3 => {
                    let more = part(random, free);
                    if more > 0 {
                        made.stake(place_range, more as i128);
                        staked[place] += more;
                    }
                }
                4 => {
                    let less = if random.once_in(2) { staked[place] } else { staked[place] / 3 };
                    if less > 0 {
                        made.stake(place_range, -(less as i128));
                        staked[place] -= less;
                    }
                }
                _ => {
                    let tick = made.pool.tick().0;
                    let side =
                        if random.between(-900, 900) < tick { Side::Token0 } else { Side::Token1 };
                    let size = DEEP / 1_000 * u128::from(random.below(60) + 1);
                    made.swap(side, SwapAmount::ExactIn(Amount::from_u128(size)));
                }
            }
        }
    }
    made
}

/// What we have in a range.
#[derive(Clone, Copy)]
struct Slot {
    position: PositionId,
    liquidity: u128,
    is_staked: bool,
}

struct Farm {
    log: Log,
    hand: ByHand,
    counted: Counted,
    slots: BTreeMap<u64, Slot>,
    counts: BTreeMap<&'static str, u64>,
}

fn range_of(number: u64) -> TickRange {
    let (lower, upper) = OURS[number as usize];
    range(lower, upper)
}

impl Farm {
    fn new(made: &SyntheticBuild, emissions: &[EpochEmission]) -> Self {
        let upcoming: std::collections::VecDeque<_> = emissions.iter().copied().collect();
        let log = Log::with_gauge(made, emissions);
        let pool = log.pool().history().clone();
        let gauge = ConcentratedGauge::default();
        let hand = ByHand { pool, gauge, upcoming: upcoming.clone() };
        let counted = Counted::new(upcoming);
        Self { log, hand, counted, slots: BTreeMap::new(), counts: BTreeMap::new() }
    }

    fn record(&mut self, recorded: &TapeEvent) {
        self.counted.pass(self.hand.pool.tick(), recorded.time);
        self.log.record_all(std::slice::from_ref(recorded));
        let unused = SwapRequest {
            input: Side::Token0,
            amount: SwapAmount::ExactIn(Amount::ZERO),
            price_limit: None,
        };
        let request = self.log.pool().last_request().unwrap_or(unused);
        self.hand.record(&recorded.event, request, recorded.time);
        if let PoolEvent::Build(build) = &recorded.event
            && let BuildEvent::Stake { range, delta, .. } = **build
        {
            *self.counted.others.entry(range).or_default() += delta.0;
        }
    }

    fn act(&mut self, random: &mut Seeded, now: Timestamp) {
        self.counted.pass(self.hand.pool.tick(), now);
        let number = random.below(OURS.len() as u64);
        let block = self.log.market.block();
        let did = match self.slots.get(&number).copied() {
            None => {
                let liquidity = DEEP / 20 * u128::from(random.below(20) + 1);
                let deposited = self.hand.open(range_of(number), liquidity, now).into();
                let position = PositionId(self.log.next_key());
                let holding =
                    Holding::Range { range: range_of(number), liquidity: Liquidity(liquidity) };
                let opened = OutcomeKind::Opened { position, pool: POOL, holding, deposited };
                assert_eq!(self.log.outcome_in(block, now, opened), Ok(()));
                self.slots.insert(number, Slot { position, liquidity, is_staked: false });
                "open"
            }
            Some(slot) if !slot.is_staked && random.once_in(3) => {
                let worth = self.log.pool().worth(slot.position).unwrap();
                let expected = self.hand.close(range_of(number), now);
                assert_eq!((worth.principal, worth.fees), expected);
                let closed = OutcomeKind::Closed {
                    position: slot.position,
                    withdrawn: worth.principal.into(),
                    fees: worth.fees.into(),
                };
                assert_eq!(self.log.outcome_in(block, now, closed), Ok(()));
                self.slots.remove(&number);
                "close"
            }
            Some(slot) if !slot.is_staked => {
                let fees = self.hand.stake(number, range_of(number), now);
                assert_eq!(self.log.stake_at(slot.position, now), TokenAmounts::from(fees));
                self.counted.stake(number, range_of(number), slot.liquidity);
                self.slots.insert(number, Slot { is_staked: true, ..slot });
                if fees == Amounts::ZERO { "stake" } else { "stake with fees" }
            }
            Some(slot) if random.once_in(3) => {
                let paid = self.log.unstake_at(slot.position, now);
                assert_eq!(paid, self.hand.unstake(number, range_of(number), now));
                self.counted.take(number, paid);
                self.counted.ours.remove(&number);
                self.slots.insert(number, Slot { is_staked: false, ..slot });
                if paid.is_zero() { "unstake" } else { "unstake with rewards" }
            }
            Some(slot) => {
                let owed =
                    self.log.market.reward_at(slot.position, crate::Moment { at: now, block });
                let paid = self.log.claim_at(slot.position, now);
                assert_eq!(owed.unwrap().amount, paid);
                assert_eq!(paid, self.hand.claim(number, now));
                self.counted.take(number, paid);
                if paid.is_zero() { "claim" } else { "claim with rewards" }
            }
        };
        *self.counts.entry(did).or_default() += 1;
    }

    fn swap(&mut self, random: &mut Seeded, now: Timestamp) {
        self.counted.pass(self.hand.pool.tick(), now);
        let input = if self.hand.pool.tick().0 > 0 { Side::Token0 } else { Side::Token1 };
        let pair = TokenPair { input: input.index(), output: input.other().index() };
        let amount_in = Amount::from_u128(DEEP / 500 * u128::from(random.below(10) + 1));
        let amount = SwapAmount::ExactIn(amount_in);
        let amounts = self.hand.swap(SwapRequest { input, amount, price_limit: None }, now);
        let amount_out = amounts.unwrap().get(input.other()).magnitude();
        let swapped = OutcomeKind::Swapped { pool: POOL, pair, amount_in, amount_out };
        assert_eq!(self.log.outcome_in(self.log.market.block(), now, swapped), Ok(()));
        *self.counts.entry("swap").or_default() += 1;
    }

    fn check(&self) {
        let (ours, hand) = (self.log.pool().pool(), &self.hand.pool);
        assert_eq!(ours.sqrt_price(), hand.sqrt_price());
        assert_eq!(ours.tick(), hand.tick());
        assert_eq!(ours.liquidity(), hand.liquidity());
        assert_eq!(ours.staked_liquidity(), hand.staked_liquidity());
        assert_eq!(ours.fee_growth_global(), hand.fee_growth_global());
        assert_eq!(ours.gauge_fees(), hand.gauge_fees());
        let programme = self.log.market.programme(GAUGE_PROGRAMME).unwrap().programme();
        let FoldedProgramme::ConcentratedGauge(fold) = programme else { unreachable!("added") };
        // The two number positions differently.
        let [of_market, by_hand] = [fold.gauge(), &self.hand.gauge]
            .map(|gauge| ConcentratedGaugeState { positions: Vec::new(), ..gauge.state() });
        assert_eq!(of_market, by_hand);
        for slot in self.slots.values().filter(|slot| slot.is_staked) {
            assert_eq!(self.log.pool().worth(slot.position).unwrap().fees, Amounts::ZERO);
            let programme = self.log.market.programme_of(slot.position);
            assert_eq!(programme, Some(GAUGE_PROGRAMME));
        }
    }
}

fn farmed(seed: u64) -> BTreeMap<&'static str, u64> {
    let mut random = Seeded(seed);
    let made = market_of(&mut random, 250);
    let first = made.tape.events[0].time;
    let last = made.tape.events.last().unwrap().time;
    let starts =
        std::iter::successors(Some(Timestamp(first.0 + 5_000)), |at| Some(epoch_next(*at)));
    let starts = starts.take_while(|at| *at < last);
    let amount = |random: &mut Seeded| Amount::from_u128(1 + random.wide(90) + 10_000_000);
    let emissions: Vec<_> =
        starts.map(|at| EpochEmission { at, amount: amount(&mut random) }).collect();
    let mut farm = Farm::new(&made, &emissions);
    let events = &made.tape.events;
    for (place, recorded) in events.iter().enumerate() {
        farm.record(recorded);
        let next = events.get(place + 1).map_or(recorded.time.0 + 50_000, |next| next.time.0);
        let mut now = recorded.time.0;
        for _ in 0..random.below(3) {
            now += random.below(next - now + 1);
            if random.once_in(8) {
                farm.swap(&mut random, Timestamp(now));
            } else {
                farm.act(&mut random, Timestamp(now));
            }
        }
        farm.check();
    }
    assert!(emissions.len() > 2 && farm.log.pool().counts().reverted_with_us == 0);
    farm.counts
}

#[test]
fn random_farming_equals_pool_and_gauge_by_hand_and_a_count_by_the_second() {
    let mut counts = BTreeMap::<_, u64>::new();
    for seed in 0..12 {
        for (what, count) in farmed(seed) {
            *counts.entry(what).or_default() += count;
        }
    }
    for what in ["close", "stake with fees", "unstake with rewards", "claim with rewards", "swap"] {
        assert!(counts.get(what).is_some_and(|count| *count > 100), "{what}: {counts:?}");
    }
}
