use std::collections::{BTreeMap, VecDeque};

use tidemill_units::{Amount, Tick, TickRange, Timestamp, U256};

use crate::EpochEmission;

const WEEK: u64 = 7 * 24 * 3_600;

/// A count of who earned what, without any growth per unit of liquidity: what is emitted between
/// two moments is divided among those who are staked in range.
#[derive(Default)]
pub(super) struct Counted {
    upcoming: VecDeque<EpochEmission>,
    pub(super) ours: BTreeMap<u64, Counting>,
    /// Staked liquidity of others by range.
    pub(super) others: BTreeMap<TickRange, i128>,
    rate: U256,
    reserve: U256,
    rollover: U256,
    finish: u64,
    last: u64,
}

pub(super) struct Counting {
    pub(super) range: TickRange,
    pub(super) liquidity: u128,
    /// In units of 2^-64.
    earned: U256,
}

impl Counted {
    pub(super) fn new(upcoming: VecDeque<EpochEmission>) -> Self {
        Self { upcoming, ..Self::default() }
    }

    /// Lets time pass with the price at a tick.
    pub(super) fn pass(&mut self, tick: Tick, now: Timestamp) {
        while let Some(EpochEmission { at, amount }) =
            self.upcoming.front().copied().filter(|next| next.at <= now)
        {
            self.upcoming.pop_front();
            self.emit(tick, at.0);
            assert!(at.0 >= self.finish, "no emission is topped up here");
            let end = (at.0 / WEEK + 1) * WEEK;
            self.reserve = amount.0 + std::mem::take(&mut self.rollover);
            self.rate = self.reserve / U256::from(end - at.0);
            self.finish = end;
        }
        self.emit(tick, now.0);
    }

    fn emit(&mut self, tick: Tick, now: u64) {
        let emitted = (self.rate * U256::from(now - self.last)).min(self.reserve);
        self.last = now;
        self.reserve -= emitted;
        let in_range = |range: &TickRange| range.lower <= tick && tick < range.upper;
        let ours = self.ours.values().filter(|ours| in_range(&ours.range));
        let others = self.others.iter().filter(|(range, _)| in_range(range));
        let staked = ours.map(|ours| ours.liquidity).sum::<u128>()
            + others.map(|(_, liquidity)| u128::try_from(*liquidity).unwrap()).sum::<u128>();
        if staked == 0 {
            self.rollover += emitted;
            return;
        }
        for ours in self.ours.values_mut().filter(|ours| in_range(&ours.range)) {
            let part = (emitted * U256::from(ours.liquidity)) << 64;
            ours.earned += part / U256::from(staked);
        }
    }

    pub(super) fn stake(&mut self, number: u64, range: TickRange, liquidity: u128) {
        let earned = U256::ZERO;
        assert!(self.ours.insert(number, Counting { range, liquidity, earned }).is_none());
    }

    /// Takes what has been earned, and compares it with what was paid: the contract's roundings
    /// keep less than a unit of each payment.
    pub(super) fn take(&mut self, number: u64, paid: Amount) {
        let earned = &mut self.ours.get_mut(&number).unwrap().earned;
        let earned: U256 = std::mem::take(earned) >> 64;
        let kept = earned.checked_sub(paid.0).expect("no more is paid than was earned");
        assert!(kept <= U256::ONE, "{earned} earned, {paid} paid");
    }
}
