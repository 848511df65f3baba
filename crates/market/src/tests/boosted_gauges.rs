//! Our shares in gauges of Curve's and Balancer's: what a gauge pays, by hand.

use tidemill_model::{AssetId, OutcomeKind, PositionId, ProgrammeId, Reward};
use tidemill_rewards::balancer_gauge::{BalancerDeposit, GaugeIdentity};
use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::gauge_controller::{GaugeController, NewGauge};
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, BalancerGauges, CurveGauges, Moment, VoteEscrow, WEEK};
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::Log;
use super::shares::{FOOTPRINTS, ShareLog, desired};
use super::synthetic_shares::SyntheticShares;
use super::synthetic_tape::{POOL, SyntheticTape, range};
use crate::programme_market::OURS;
use crate::{FoldedProgramme, Footprint, GaugeSeat, MarketError, ProgrammeMarket, Seat};

const REWARD: AssetId = AssetId(7);
const FIRST: ProgrammeId = ProgrammeId(0);
const ADMIN: Account = Account([0xad; 20]);
const OTHERS: Account = Account([7; 20]);
const GAUGE: Account = Account([0x6a; 20]);
const ONE: u128 = 1_000_000_000_000_000_000;
/// Raw units a second, all for the gauge.
const RATE: u64 = 1_000_000;
/// What others lock: three times what we do.
const OTHERS_LOCKED: u128 = 3_000_000 * ONE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Curve,
    Balancer,
}

const KINDS: [Kind; 2] = [Kind::Curve, Kind::Balancer];

fn seat(kind: Kind, gauge: Account, locked: u128) -> Seat {
    let seat = GaugeSeat { gauge, locked: Amount::from_u128(locked) };
    match kind {
        Kind::Curve => Seat::CurveGauge(seat),
        Kind::Balancer => Seat::BalancerGauge(seat),
    }
}

/// A gauge with all of the emission, beside others' stake that nothing boosts.
fn start(kind: Kind, others: Amount, now: Moment) -> FoldedProgramme {
    let created = Moment { at: Timestamp(now.at.0 - 4 * WEEK), block: now.block };
    let parameters = match kind {
        Kind::Curve => EscrowParameters::CURVE,
        Kind::Balancer => EscrowParameters::BALANCER,
    };
    let mut escrow = VoteEscrow::deployed(parameters, created);
    let until = Timestamp(now.at.0 + parameters.maximum_lock);
    let locked = Amount::from_u128(OTHERS_LOCKED);
    escrow.create_lock(Account([8; 20]), locked, until, now).unwrap();
    let mut controller = GaugeController::deployed(ADMIN, created.at);
    controller.add_type(ADMIN, U256::from(ONE), created.at).unwrap();
    let gauge = NewGauge { account: GAUGE, gauge_type: 0, weight: U256::from(ONE) };
    controller.add_gauge(ADMIN, gauge, created.at).unwrap();
    let (rate, start_epoch_time) = (U256::from(RATE), now.at);
    match kind {
        Kind::Curve => {
            let token = CrvEmission {
                mining_epoch: 0,
                start_epoch_time,
                rate,
                start_epoch_supply: U256::ZERO,
                total_supply: Amount::ZERO,
            };
            let mut system = CurveGauges::deployed(token, escrow, controller);
            system.deploy_gauge(GAUGE, created.at).unwrap();
            let deposit = GaugeDeposit { gauge: GAUGE, recipient: OTHERS, value: others };
            system.deposit(OTHERS, deposit, now.at).unwrap();
            system.into()
        }
        Kind::Balancer => {
            let token = TokenAdmin { start_epoch_time, rate, ..TokenAdmin::default() };
            let mut system = BalancerGauges::deployed(token, Amount::ZERO, escrow, controller);
            let account = |byte| Account([byte; 20]);
            let (pool_token, vault) = (account(1), account(2));
            let identity = GaugeIdentity { account: GAUGE, pool_token, admin: ADMIN, vault };
            system.deploy_gauge(identity, U256::from(ONE), created.at).unwrap();
            let deposit = BalancerDeposit { recipient: OTHERS, value: others, claims: false };
            system.deposit(GAUGE, deposit, now.at).unwrap();
            system.into()
        }
    }
}

fn nothing() -> TokenAmounts {
    TokenAmounts::zero(2).unwrap()
}

fn times(shares: Amount, count: u64) -> Amount {
    Amount(shares.0 * U256::from(count))
}

/// What works of a stake without a boost.
fn working(shares: Amount) -> U256 {
    shares.0 * U256::from(40) / U256::from(100)
}

/// What an interval pays a part of what works: first for each unit that works, with 18 digits.
fn earned(seconds: u64, ours: U256, all: U256) -> Amount {
    let one = U256::from(ONE);
    let integral = U256::from(RATE) * one * U256::from(seconds) / all;
    Amount(ours * integral / one)
}

/// A market of a pair with deposits of ours that are a hundredth of the pool each, and an event
/// every twelve seconds.
fn ready(kind: Kind, footprint: Footprint, locked: u128) -> Ready {
    let mut tape = SyntheticShares::pair();
    for _ in 0..60 {
        assert!(tape.swap(0, 1, 1_000_000).is_some());
        tape.skip_blocks(1);
    }
    let mut log = ShareLog::new(&tape, footprint);
    log.record(&tape, 0..1);
    let (position, deposit) = log.open(&desired(&tape, 100));
    let now = Moment { at: log.market.now(), block: log.market.block() };
    let start = start(kind, times(deposit.shares, 3), now);
    let seat = seat(kind, GAUGE, locked);
    let programme = ProgrammeMarket::new(POOL, REWARD, start, seat);
    assert_eq!(log.market.add_programme(programme), Ok(FIRST));
    Ready { log, tape, position, shares: deposit.shares }
}

struct Ready {
    log: ShareLog,
    tape: SyntheticShares,
    position: PositionId,
    shares: Amount,
}

impl Ready {
    fn stake(&mut self, position: PositionId) {
        let staked = OutcomeKind::Staked { position, programme: FIRST, fees: nothing() };
        assert_eq!(self.log.outcome(staked), Ok(()));
    }

    fn owed(&self, position: PositionId) -> Amount {
        let Reward { asset, amount } = self.log.market.reward(position).expect("staked");
        assert_eq!(asset, REWARD);
        amount
    }

    fn claim(&mut self, position: PositionId, amount: Amount) {
        let claimed = OutcomeKind::Claimed { position, reward: Reward { asset: REWARD, amount } };
        assert_eq!(self.log.outcome(claimed), Ok(()));
    }

    fn unstake(&mut self, position: PositionId, amount: Amount) {
        let unstaked = OutcomeKind::Unstaked { position, reward: Reward { asset: REWARD, amount } };
        assert_eq!(self.log.outcome(unstaked), Ok(()));
    }
}

#[test]
fn a_gauge_without_votes_pays_by_what_is_staked() {
    for kind in KINDS {
        for footprint in FOOTPRINTS {
            let mut ready = ready(kind, footprint, 0);
            let (position, shares) = (ready.position, ready.shares);
            assert!(ready.log.market.could_stake(position, FIRST));
            ready.stake(position);
            assert_eq!(ready.owed(position), Amount::ZERO);
            // 120 seconds at a million each, of which a quarter is ours.
            ready.log.record(&ready.tape, 1..11);
            let (ours, others) = (working(shares), working(times(shares, 3)));
            let due = earned(120, ours, ours + others);
            let quarter = U256::from(30_000_000);
            assert!(due.0 <= quarter && due.0 + U256::from(2) > quarter, "{due}");
            assert_eq!(ready.owed(position), due);
            ready.claim(position, due);
            assert_eq!(ready.owed(position), Amount::ZERO);
            // A minute more: each checkpoint rounds for itself.
            ready.log.record(&ready.tape, 11..16);
            let more = ready.owed(position);
            assert!(more.0.abs_diff(U256::from(15_000_000)) <= U256::from(2), "{more}");
            let before = ready.log.market.worth(position).unwrap();
            ready.unstake(position, more);
            assert_eq!(ready.log.market.programme_of(position), None);
            assert_eq!(ready.log.close(position), before, "its fees were its own all the while");
        }
    }
}

/// With a quarter of the stake and a quarter of the votes all of it works: 0.4 and 0.6 times a
/// quarter over a quarter. Of others' only 0.4 does: 1 / (1 + 3 * 0.4) of the emission is ours.
#[test]
fn our_lock_boosts_us_as_far_as_it_can() {
    for kind in KINDS {
        let mut ready = ready(kind, Footprint::ReExecuted, OTHERS_LOCKED / 3);
        let (position, shares) = (ready.position, ready.shares);
        ready.stake(position);
        ready.log.record(&ready.tape, 1..11);
        let due = ready.owed(position);
        let (whole, all) = (shares.0, shares.0 + working(times(shares, 3)));
        let most = earned(120, whole, all);
        assert!(most.0 >= due.0 && most.0 - due.0 <= U256::from(3), "{due} {most}");
        assert!(due.0.abs_diff(U256::from(54_545_454)) <= U256::from(3), "{due}");
        // Locked once, for as long as can be, however often we stake.
        let programme = |ready: &Ready| ready.log.market.programme(FIRST).unwrap().clone();
        let lock = |ready: &Ready| match programme(ready).programme() {
            FoldedProgramme::CurveGauges(model) => model.escrow.locked(OURS),
            FoldedProgramme::BalancerGauges(model) => model.escrow.locked(OURS),
            other => panic!("{other:?}"),
        };
        let locked = lock(&ready);
        assert_eq!(u128::try_from(locked.amount), Ok(OTHERS_LOCKED / 3));
        ready.unstake(position, due);
        ready.stake(position);
        assert_eq!(lock(&ready), locked);
        let history = programme(&ready).history().programme().clone();
        let is_locked = match &history {
            FoldedProgramme::CurveGauges(model) => model.escrow.locked(OURS).amount,
            FoldedProgramme::BalancerGauges(model) => model.escrow.locked(OURS).amount,
            other => panic!("{other:?}"),
        };
        assert_eq!(is_locked, 0, "the history is without us");
    }
}

#[test]
fn positions_of_one_account_are_paid_together_and_counted_once() {
    for kind in KINDS {
        let mut ready = ready(kind, Footprint::ReExecuted, 0);
        let one = ready.position;
        let (other, _) = ready.log.open(&desired(&ready.tape, 100));
        ready.stake(one);
        ready.stake(other);
        ready.log.record(&ready.tape, 1..11);
        let all = ready.owed(one);
        // Two of five parts, about.
        assert!(all > Amount::from_u64(47_000_000) && all < Amount::from_u64(49_000_000), "{all}");
        assert_eq!(ready.owed(other), Amount::ZERO);
        ready.claim(other, all);
        assert_eq!(ready.owed(one), Amount::ZERO);
        ready.log.record(&ready.tape, 11..12);
        let due = ready.owed(one);
        ready.unstake(one, due);
        ready.log.record(&ready.tape, 12..13);
        assert!(!ready.owed(other).is_zero(), "the first of those that are left");
        ready.log.close(one);
        let due = ready.owed(other);
        ready.unstake(other, due);
        ready.log.close(other);
    }
}

#[test]
fn a_gauge_that_is_not_there_and_a_range_are_refused() {
    for kind in KINDS {
        let mut ready = ready(kind, Footprint::ReExecuted, 0);
        let now = Moment { at: ready.log.market.now(), block: ready.log.market.block() };
        let unknown = seat(kind, Account([9; 20]), 0);
        let start = start(kind, ready.shares, now);
        let programme = ProgrammeMarket::new(POOL, REWARD, start.clone(), unknown);
        let second = ready.log.market.add_programme(programme).unwrap();
        assert!(!ready.log.market.could_stake(ready.position, second));
        let (position, fees) = (ready.position, nothing());
        let staked = OutcomeKind::Staked { position, programme: second, fees };
        assert!(matches!(ready.log.outcome(staked), Err(MarketError::Outcome { .. })));

        let tape = SyntheticTape::deep_at_tick(0);
        let mut log = Log::new(tape.tape(), Footprint::ReExecuted);
        log.record_all(&tape.tape().events);
        let around = range(-600, 600);
        let liquidity = tidemill_units::Liquidity(1_000_000);
        let cost = log.pool().quote_own(around, liquidity).unwrap();
        let position = log.open(around, liquidity.0, cost);
        let programme = ProgrammeMarket::new(POOL, REWARD, start, seat(kind, GAUGE, 0));
        assert_eq!(log.market.add_programme(programme), Ok(FIRST));
        assert!(!log.market.could_stake(position, FIRST));
    }
}
