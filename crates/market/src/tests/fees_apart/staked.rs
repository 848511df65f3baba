//! Shares of Solidly's pools in Aerodrome's gauge: beside the market run a pool and a gauge by
//! hand, and a count of the rewards by the second.

use tidemill_model::{AssetId, OutcomeKind, PositionId, ProgrammeId};
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::Gauge;

use super::*;
use crate::tests::shares::ShareLog;
use crate::tests::synthetic_shares::POOL;
use crate::{AerodromeGaugeFold, EpochEmission, Moment, ProgrammeMarket, Seat};

const GAUGE: Holder = Holder::Account([9; 20]);
const PROGRAMME: ProgrammeId = ProgrammeId(0);
const WEEK: u64 = 604_800;
const OTHERS: Account = Account([7; 20]);
const OURS: [Account; 2] = [Account([1; 20]), Account([2; 20])];

fn gauge_with(others: Amount, at: Timestamp) -> Gauge {
    let mut gauge = Gauge::default();
    if !others.is_zero() {
        gauge.deposit(OTHERS, others, at).unwrap();
    }
    gauge
}

fn log_with(tape: &SyntheticShares, footprint: Footprint, start: AerodromeGaugeFold) -> ShareLog {
    let mut log = ShareLog::new(tape, footprint);
    let programme = ProgrammeMarket::new(POOL, AssetId(9), start.into(), Seat::AerodromeGauge);
    assert_eq!(log.market.add_programme(programme), Ok(PROGRAMME));
    log
}

impl ShareLog {
    fn moment(&self) -> Moment {
        Moment { at: self.market.now(), block: self.market.block() }
    }

    fn stake(&mut self, position: PositionId) -> TokenAmounts {
        let fees = self.market.quote_stake(position, PROGRAMME, self.moment()).expect("a stake");
        let staked = OutcomeKind::Staked { position, programme: PROGRAMME, fees };
        assert_eq!(self.outcome(staked), Ok(()));
        fees
    }

    fn claim(&mut self, position: PositionId) -> Amount {
        let owed = self.market.reward(position).expect("staked");
        let reward = self.market.quote_claim(position, self.moment()).expect("a claim");
        assert_eq!(owed, reward);
        assert_eq!(self.outcome(OutcomeKind::Claimed { position, reward }), Ok(()));
        reward.amount
    }

    fn unstake(&mut self, position: PositionId) -> Amount {
        let reward = self.market.quote_unstake(position, self.moment()).expect("an unstake");
        assert_eq!(self.outcome(OutcomeKind::Unstaked { position, reward }), Ok(()));
        reward.amount
    }
}

/// A thousand units a second from an instant to the epoch's end.
fn thousand_a_second(at: Timestamp) -> EpochEmission {
    EpochEmission { at, amount: Amount::from_u64(1_000 * (WEEK - at.0 % WEEK)) }
}

/// More than a thousand of USDC's raw units, or as much WETH.
fn is_more_than_dust(fees: &TokenAmounts) -> bool {
    let most = [1_000, 1_000_000_000_000].map(Amount::from_u64);
    fees.as_slice().iter().zip(most).any(|(fee, most)| *fee > most)
}

#[test]
fn staked_shares_earn_the_emission_and_no_fees() {
    for footprint in FOOTPRINTS {
        let mut tape = SyntheticShares::fees_apart();
        let total = solidly(&tape.pool).total_supply();
        let start = tape.now();
        let gauge = gauge_with(total, start);
        let fold = AerodromeGaugeFold::new(gauge, [thousand_a_second(start)]);
        let mut log = log_with(&tape, footprint, fold);
        let (position, deposit) = log.open(&desired(&tape, 1));
        assert_eq!(deposit.shares, total, "as many as others have staked");
        let mut random = Seeded(5);
        let mut round = |log: &mut ShareLog| {
            let first = tape.events.len();
            tape.skip_blocks(10);
            swap(&mut tape, &mut random);
            log.record(&tape, first..tape.events.len());
        };
        round(&mut log);
        let before = log.market.worth(position).unwrap();
        let fees = log.stake(position);
        assert!(is_more_than_dust(&fees));
        let after = log.market.worth(position).unwrap();
        assert_eq!(after.principal, before.principal);
        assert_eq!(after.fees.checked_add(&fees), Some(before.fees), "its fees are paid first");
        round(&mut log);
        // What the reserves round in all shares' favour, to 10^-12, is no fee that is set apart.
        let dust = log.market.worth(position).unwrap().fees;
        assert!(!is_more_than_dust(&dust), "{dust:?}");
        // 120 s of 1000 units, by halves, a unit of which is rounded away.
        let paid = log.unstake(position).0;
        assert!(U256::from(60_000) - paid <= U256::ONE, "{paid}");
        assert_eq!(log.market.worth(position).unwrap().fees, dust);
        round(&mut log);
        let earned = log.market.worth(position).unwrap().fees;
        assert!(is_more_than_dust(&earned), "{earned:?}");
        assert_eq!(log.market.reward(position), None);
    }
}

#[test]
fn pools_that_keep_no_fees_apart_have_no_such_gauge() {
    for footprint in FOOTPRINTS {
        let tape = SyntheticShares::pair();
        let fold = AerodromeGaugeFold::new(Gauge::default(), [thousand_a_second(tape.now())]);
        let mut log = log_with(&tape, footprint, fold);
        let (position, _) = log.open(&desired(&tape, 10));
        assert_eq!(log.market.quote_stake(position, PROGRAMME, log.moment()), None);
        assert!(!log.market.could_stake(position, PROGRAMME));
    }
}

/// The gauge by hand, and the count: what is emitted between two moments is divided among those
/// who are staked.
struct Beside {
    gauge: Gauge,
    upcoming: Vec<EpochEmission>,
    others: U256,
    staked: [U256; 2],
    /// In units of 2^-64.
    earned: [U256; 2],
    /// How often a rounding of the gauge's may have kept something.
    roundings: u64,
    rate: U256,
    finish: u64,
    last: u64,
}

impl Beside {
    fn new(gauge: Gauge, upcoming: Vec<EpochEmission>, others: Amount, start: Timestamp) -> Self {
        let (others, last, zero) = (others.0, start.0, U256::ZERO);
        let [staked, earned] = [[zero; 2]; 2];
        let (roundings, rate, finish) = (0, zero, 0);
        Self { gauge, upcoming, others, staked, earned, roundings, rate, finish, last }
    }

    fn count(&mut self, now: u64) {
        let until = now.min(self.finish);
        let emitted = self.rate * U256::from(until.saturating_sub(self.last));
        self.last = now;
        let supply = self.others + self.staked[0] + self.staked[1];
        for (earned, staked) in self.earned.iter_mut().zip(self.staked) {
            if !staked.is_zero() {
                *earned += ((emitted * staked) << 64) / supply;
            }
        }
        self.roundings += 1;
    }

    fn pass(&mut self, now: Timestamp) {
        while self.upcoming.first().is_some_and(|next| next.at <= now) {
            let EpochEmission { at, amount } = self.upcoming.remove(0);
            self.gauge.notify(amount, at).unwrap();
            self.count(at.0);
            let end = (at.0 / WEEK + 1) * WEEK;
            let left = self.rate * U256::from(self.finish.saturating_sub(at.0));
            self.rate = (amount.0 + left) / U256::from(end - at.0);
            self.finish = end;
        }
        self.count(now.0);
    }

    fn take(&mut self, place: usize, paid: Amount) {
        let earned: U256 = std::mem::take(&mut self.earned[place]) >> 64;
        let wad = U256::from(1_000_000_000_000_000_000_u64);
        let each = self.staked[place] / wad + U256::ONE;
        let kept = earned.checked_sub(paid.0).expect("no more is paid than was earned");
        assert!(kept <= each * U256::from(self.roundings + 1), "{earned} earned, {paid} paid");
    }
}

/// Returns how often rewards were paid, fees were paid, and positions closed.
fn farmed(mut tape: SyntheticShares, seed: u64) -> [usize; 3] {
    let [mut paid_rewards, mut paid_fees, mut closed] = [0; 3];
    let mut random = Seeded(seed);
    let first = solidly(&tape.pool).clone();
    let start = tape.now();
    extend(&mut tape, &mut random, 60);
    let others = Amount(first.total_supply().0 / U256::from(1 + random.below(4)));
    let upcoming: Vec<_> = [40, 300]
        .map(|later| {
            let amount = Amount::from_u64(WEEK + random.below(1 << 60));
            EpochEmission { at: Timestamp(start.0 + later), amount }
        })
        .into();
    let gauge = gauge_with(others, start);
    let fold = AerodromeGaugeFold::new(gauge.clone(), upcoming.clone());
    let mut log = log_with(&tape, Footprint::ReExecuted, fold);
    let mut second = Second { pool: first.clone(), history: first };
    let mut beside = Beside::new(gauge, upcoming, others, start);
    let mut open: [Option<(PositionId, Amount)>; 2] = [None; 2];
    for (index, recorded) in tape.events.iter().enumerate() {
        let PoolEvent::Shares(event) = &recorded.event else { panic!("shares") };
        log.record(&tape, index..index + 1);
        second.again(event, recorded.time);
        second.history = solidly(log.pool().history()).clone();
        let now = log.market.now();
        beside.pass(now);
        let place = usize::from(random.once_in(2));
        let (who, account) = (US[place], OURS[place]);
        match open[place] {
            None => {
                let (position, deposit) = log.open(&desired(&tape, 2 + random.below(50)));
                assert_eq!(second.open(who, &deposit.deposited, now), deposit.shares);
                open[place] = Some((position, deposit.shares));
            }
            Some(one) if beside.staked[place].is_zero() && random.once_in(4) => {
                closed += check_close(&mut log, &mut second, (one.0, who)) + 1;
                open[place] = None;
            }
            Some((position, shares)) if beside.staked[place].is_zero() => {
                let fees = log.stake(position);
                let claimed = second.pool.claim_fees(who).unwrap();
                second.pool.transfer(who, GAUGE, shares).unwrap();
                assert_eq!(fees, TokenAmounts::from(claimed));
                beside.gauge.deposit(account, shares, now).unwrap();
                beside.staked[place] = shares.0;
                paid_fees += usize::from(claimed != Amounts::ZERO);
            }
            Some((position, shares)) if random.once_in(3) => {
                let paid = log.unstake(position);
                assert_eq!(paid, beside.gauge.claim(account, now).unwrap());
                beside.gauge.withdraw(account, shares, now).unwrap();
                second.pool.transfer(GAUGE, who, shares).unwrap();
                beside.take(place, paid);
                beside.staked[place] = U256::ZERO;
                paid_rewards += usize::from(!paid.is_zero());
            }
            Some((position, _)) => {
                let paid = log.claim(position);
                assert_eq!(paid, beside.gauge.claim(account, now).unwrap());
                beside.take(place, paid);
                paid_rewards += usize::from(!paid.is_zero());
            }
        }
        second.check(&log);
    }
    [paid_rewards, paid_fees, closed]
}

#[test]
fn random_farming_of_shares_equals_pool_and_gauge_by_hand_and_a_count_by_the_second() {
    let mut counts = [0; 3];
    for seed in 0..30 {
        for tape in pools() {
            for (sum, count) in counts.iter_mut().zip(farmed(tape, seed)) {
                *sum += count;
            }
        }
    }
    let [paid_rewards, paid_fees, closed] = counts;
    assert!(paid_rewards > 1_000 && paid_fees > 300 && closed > 300, "{counts:?}");
}
