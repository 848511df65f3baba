//! Our positions in the gauge of a Slipstream pool: to the unit what the bare pool and the bare
//! gauge pay when they are driven by hand, and what a count of rewards by the second gives.

mod by_hand;
mod counted;
mod random_farm;

use tidemill_amm::concentrated::{Build, SwapAmount};
use tidemill_model::{
    AssetId, OrderKey, OutcomeKind, PositionId, ProgrammeId, Reward, Sequence, TapeEvent,
};
use tidemill_rewards::aerodrome::{ConcentratedGauge, WEEK, epoch_next};
use tidemill_units::{
    Amount, BlockNumber, Liquidity, Side, Tick, TickRange, Timestamp, TokenAmounts,
};

use super::Log;
use super::synthetic_builds::{SyntheticBuild, range};
use super::synthetic_tape::{POOL, SyntheticTape};
use crate::{
    ConcentratedGaugeFold, EpochEmission, FoldedProgramme, Footprint, MarketError, Moment,
    ProgrammeMarket, Seat,
};

const GAUGE_PROGRAMME: ProgrammeId = ProgrammeId(0);
const REWARD: AssetId = AssetId(9);
const DEEP: u128 = 1_000_000_000_000_000_000_000_000;

fn gauge_of(emissions: &[EpochEmission]) -> ProgrammeMarket {
    let gauge = ConcentratedGauge::default();
    let start = ConcentratedGaugeFold::new(gauge, emissions.iter().copied());
    ProgrammeMarket::new(POOL, REWARD, start.into(), Seat::ConcentratedGauge)
}

impl Log {
    fn with_gauge(made: &SyntheticBuild, emissions: &[EpochEmission]) -> Self {
        let mut log = Self::new(&made.tape, Footprint::ReExecuted);
        assert_eq!(log.market.add_programme(gauge_of(emissions)), Ok(GAUGE_PROGRAMME));
        log
    }

    fn moment(&self) -> Moment {
        Moment { at: self.market.now(), block: self.market.block() }
    }

    /// Stakes a position at a time; returns the fees that it was paid.
    fn stake_at(&mut self, position: PositionId, at: Timestamp) -> TokenAmounts {
        let moment = Moment { at, block: self.market.block() };
        let fees = self.market.quote_stake(position, GAUGE_PROGRAMME, moment).expect("a stake");
        let staked = OutcomeKind::Staked { position, programme: GAUGE_PROGRAMME, fees };
        assert_eq!(self.outcome_in(moment.block, at, staked), Ok(()));
        fees
    }

    fn claim_at(&mut self, position: PositionId, at: Timestamp) -> Amount {
        let moment = Moment { at, block: self.market.block() };
        let reward = self.market.quote_claim(position, moment).expect("a claim");
        let claimed = OutcomeKind::Claimed { position, reward };
        assert_eq!(self.outcome_in(moment.block, at, claimed), Ok(()));
        reward.amount
    }

    fn unstake_at(&mut self, position: PositionId, at: Timestamp) -> Amount {
        let moment = Moment { at, block: self.market.block() };
        let reward = self.market.quote_unstake(position, moment).expect("an unstake");
        let unstaked = OutcomeKind::Unstaked { position, reward };
        assert_eq!(self.outcome_in(moment.block, at, unstaked), Ok(()));
        reward.amount
    }

    fn earned(&self, position: PositionId) -> Amount {
        self.market.reward(position).expect("a staked position").amount
    }

    fn opened_over(&mut self, range: TickRange, liquidity: u128) -> PositionId {
        let cost = self.pool().quote_own(range, Liquidity(liquidity)).expect("a mint");
        self.open(range, liquidity, cost)
    }
}

fn swap_in(made: &mut SyntheticBuild, input: Side, amount: u128) {
    made.swap(input, SwapAmount::ExactIn(Amount::from_u128(amount)));
}

/// 1000 units a second from an instant to the epoch's end.
fn thousand_a_second(at: Timestamp) -> EpochEmission {
    let seconds = epoch_next(at).seconds_since(at);
    EpochEmission { at, amount: Amount::from_u64(1_000 * seconds) }
}

/// The tape's events from a place on, as they have been recorded since.
fn rest(made: &SyntheticBuild, from: usize) -> &[TapeEvent] {
    &made.tape.events[from..]
}

#[test]
fn a_gauge_pays_by_staked_liquidity_while_the_price_is_in_range() {
    let mut made = SyntheticBuild::new(Build::Slipstream);
    let full = TickRange::full(60).unwrap();
    let began = made.now();
    let mut log = Log::with_gauge(&made, &[thousand_a_second(began)]);
    log.record_all(rest(&made, 0));
    let place = made.tape.events.len();
    let position = log.opened_over(range(-600, 600), DEEP / 4);
    assert_eq!(log.stake_at(position, began), TokenAmounts::zero(2).unwrap());

    // Ten blocks alone: 120 s of 1000 units, one of which the division keeps.
    made.skip_blocks(10);
    made.stake(full, i128::try_from(DEEP / 4 * 3).unwrap());
    let alone = made.now();
    // Ten blocks beside three times its liquidity: 120 s of 250 units.
    made.skip_blocks(10);
    swap_in(&mut made, Side::Token1, DEEP / 10);
    let left = made.now();
    // Out of its range, above 600: nothing.
    made.skip_blocks(100);
    swap_in(&mut made, Side::Token0, DEEP / 10);
    log.record_all(&rest(&made, place)[..1]);
    assert_eq!((log.market.now(), log.earned(position)), (alone, Amount::from_u64(119_999)));
    log.record_all(&rest(&made, place)[1..2]);
    assert_eq!(log.market.now(), left);
    assert!(log.pool().pool().tick() > Tick(600));
    assert_eq!(log.earned(position), Amount::from_u64(149_999));
    log.record_all(&rest(&made, place)[2..]);
    assert!(log.pool().pool().tick() < Tick(600));
    assert_eq!(log.earned(position), Amount::from_u64(149_999));
    let now = log.market.now();
    assert_eq!(log.claim_at(position, now), Amount::from_u64(149_999));
    assert_eq!(log.claim_at(position, Timestamp(now.0 + 4)), Amount::from_u64(999));
    assert_eq!(log.unstake_at(position, Timestamp(now.0 + 4)), Amount::ZERO);
}

#[test]
fn what_nobody_earned_is_added_to_the_next_epochs_emission() {
    let mut made = SyntheticBuild::new(Build::Slipstream);
    let first = made.now();
    let second = epoch_next(first);
    let amount = Amount::from_u64(WEEK * 500);
    let emissions = [thousand_a_second(first), EpochEmission { at: second, amount }];
    let mut log = Log::with_gauge(&made, &emissions);
    log.record_all(rest(&made, 0));
    let place = made.tape.events.len();
    let position = log.opened_over(range(-60_000, 60_000), DEEP);
    assert!(log.market.programme(GAUGE_PROGRAMME).unwrap().is_running(first));
    // The first epoch passes without anybody; in the second all that it gave is paid with 500
    // units a second.
    let since = Timestamp(second.0 + 1_000);
    assert_eq!(log.stake_at(position, since), TokenAmounts::zero(2).unwrap());
    let rolled = 1_000 * second.seconds_since(first);
    let rate = (WEEK * 500 + rolled) / WEEK;
    made.skip_blocks(second.seconds_since(first) / 12 + 1_000);
    swap_in(&mut made, Side::Token0, 1_000);
    log.record_all(rest(&made, place));
    let passed = log.market.now().seconds_since(since);
    assert_eq!(log.earned(position), Amount::from_u64(rate * passed - 1));
    let programme = log.market.programme(GAUGE_PROGRAMME).unwrap();
    let end = Timestamp(second.0 + WEEK);
    assert!(programme.is_running(Timestamp(end.0 - 1)) && !programme.is_running(end));
    // After its period the gauge goes on with what the division had left, and then has no more.
    let later = Timestamp(end.0 + WEEK);
    let before = WEEK * 500 + rolled - rate * 1_000;
    assert_eq!(log.unstake_at(position, later), Amount::from_u64(before - 1));
}

#[test]
fn a_staked_position_earns_no_fees_and_the_unstaked_ones_are_levied() {
    let mut made = SyntheticBuild::new(Build::Slipstream);
    let began = made.now();
    let mut log = Log::with_gauge(&made, &[thousand_a_second(began)]);
    log.record_all(rest(&made, 0));
    let wide = range(-6_000, 6_000);
    let [staked, free] = [0, 0].map(|_| log.opened_over(wide, DEEP));
    log.record_swap(&mut made, DEEP / 1_000);
    // A third each of the fee of 0.3 %, less the tenth that unstaked liquidity pays the gauge, and
    // rounded down.
    let each = log.market.worth(free).unwrap().fees;
    assert_eq!(each, log.market.worth(staked).unwrap().fees);
    let fee = DEEP / 1_000 * 3 / 1_000;
    assert_eq!(each.as_slice()[0], Amount::from_u128(fee / 3 * 9 / 10 - 1));
    let now = log.market.now();
    assert_eq!(log.stake_at(staked, now), each, "its fees are paid first");
    assert_eq!(log.market.worth(staked).unwrap().fees, TokenAmounts::zero(2).unwrap());
    let gauge_before = log.pool().pool().gauge_fees()[0];
    log.record_swap(&mut made, DEEP / 1_000);
    assert_eq!(log.market.worth(staked).unwrap().fees, TokenAmounts::zero(2).unwrap());
    let twice = log.market.worth(free).unwrap().fees.as_slice()[0];
    assert_eq!(twice, Amount::from_u128(fee / 3 * 9 / 10 * 2 - 1), "as if it were not staked");
    let of_gauge = log.pool().pool().gauge_fees()[0] - gauge_before;
    assert_eq!(of_gauge, fee / 3 + fee / 3 * 2 / 10, "the staked third, and the levy");
    let now = log.market.now();
    assert!(log.unstake_at(staked, now) > Amount::ZERO);
    assert_eq!(log.market.worth(staked).unwrap().fees, TokenAmounts::zero(2).unwrap());
    log.record_swap(&mut made, DEEP / 1_000);
    assert_eq!(log.market.worth(staked).unwrap().fees, each, "it earns again from here on");
    assert_eq!(log.close(staked).1, each.two().unwrap());
}

impl Log {
    fn record_swap(&mut self, made: &mut SyntheticBuild, amount: u128) {
        let place = made.tape.events.len();
        made.skip_blocks(1);
        swap_in(made, Side::Token0, amount);
        self.record_all(rest(made, place));
    }
}

#[test]
fn a_staked_position_cannot_be_closed_and_not_staked_twice() {
    let made = SyntheticBuild::new(Build::Slipstream);
    let began = made.now();
    let mut log = Log::with_gauge(&made, &[thousand_a_second(began)]);
    log.record_all(rest(&made, 0));
    let position = log.opened_over(range(-600, 600), DEEP);
    assert!(log.market.could_stake(position, GAUGE_PROGRAMME));
    assert_eq!(log.market.quote_unstake(position, log.moment()), None);
    log.stake_at(position, began);
    assert!(!log.market.could_stake(position, GAUGE_PROGRAMME));
    let worth = log.market.worth(position).unwrap();
    let order = log.next_key();
    let closed = OutcomeKind::Closed { position, withdrawn: worth.principal, fees: worth.fees };
    assert_eq!(log.outcome(closed), Err(MarketError::Outcome { order }));
}

#[test]
fn a_gauge_takes_only_positions_of_its_own_pool_re_executed() {
    let made = SyntheticBuild::new(Build::Slipstream);
    let emissions = [thousand_a_second(made.now())];
    let mut log = Log::new(&made.tape, Footprint::PriceTaker);
    log.market.add_programme(gauge_of(&emissions)).unwrap();
    log.record_all(rest(&made, 0));
    let position = log.opened_over(range(-600, 600), DEEP);
    assert_eq!(log.market.quote_stake(position, GAUGE_PROGRAMME, log.moment()), None);

    let other = SyntheticTape::deep_at_tick(0);
    let mut log = Log::new(other.tape(), Footprint::ReExecuted);
    log.market.add_programme(gauge_of(&emissions)).unwrap();
    log.record_all(&other.tape().events);
    let position = log.opened_over(range(-600, 600), DEEP / 1_000);
    assert_eq!(log.market.quote_stake(position, GAUGE_PROGRAMME, log.moment()), None);
    let programme = log.market.programme(GAUGE_PROGRAMME).unwrap();
    assert!(matches!(programme.programme(), FoldedProgramme::ConcentratedGauge(_)));
    let unknown = PositionId(OrderKey { sequence: Sequence(77), intent: 0 });
    assert_eq!(log.market.reward(unknown), None::<Reward>);
    assert_eq!(log.market.block(), BlockNumber(other.tape().events.last().unwrap().block.0));
}
