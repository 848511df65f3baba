//! Where a world's random times, keys and amounts come from.

use tidemill_rewards::v3_staker::IncentiveKey;
use tidemill_testkit::Address;
use tidemill_units::{Tick, TickRange, Timestamp, U256};

use super::{Issued, World, account};

impl World {
    pub(super) fn pass_time(&mut self) {
        let seconds = match self.random.below(160) {
            0..80 => 0,
            80..125 => self.random.below(60),
            125..145 => self.random.below(900),
            145..150 => self.random.below(20_000),
            150 => self.random.below(1 << 25),
            151 if self.random.once_in(8) => {
                self.random.pick(&[1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1])
            }
            _ => self.until_a_bound(),
        };
        self.now += seconds;
        self.oracle.pool.evm.set_timestamp(U256::from(self.now));
    }

    /// Seconds until an incentive starts or ends, or one beside.
    fn until_a_bound(&mut self) -> u64 {
        let Some(key) = self.old_key() else { return 1 };
        let bound = if self.now < key.start_time.0 { key.start_time } else { key.end_time };
        let ahead = bound.0.saturating_sub(self.now);
        match self.random.below(4) {
            0 => ahead,
            1 => ahead.saturating_sub(1),
            2 if ahead > 0 => ahead + 1,
            _ => ahead / 2,
        }
    }

    pub(super) fn user(&mut self) -> Address {
        self.random.pick(&self.users)
    }

    pub(super) fn old_key(&mut self) -> Option<IncentiveKey> {
        let count = self.keys.len() as u64;
        (count > 0).then(|| {
            // The latest are the liveliest.
            let back = self.random.below(count).min(self.random.below(count));
            self.keys[(count - 1 - back) as usize]
        })
    }

    /// A key that exists, if there is one.
    pub(super) fn any_key(&mut self) -> IncentiveKey {
        match self.old_key() {
            Some(key) if !self.random.once_in(24) => key,
            _ => self.new_key(),
        }
    }

    fn live_keys(&self) -> Vec<IncentiveKey> {
        let now = self.timestamp();
        let live = self.keys.iter().filter(|key| key.start_time <= now && now < key.end_time);
        live.copied().collect()
    }

    pub(super) fn is_nothing_live(&self) -> bool {
        self.live_keys().is_empty()
    }

    /// A key that can be staked in now, if there is one; any now and then.
    pub(super) fn live_key(&mut self) -> IncentiveKey {
        let live = self.live_keys();
        if live.is_empty() || self.random.once_in(6) {
            self.any_key()
        } else {
            self.random.pick(&live)
        }
    }

    pub(super) fn new_key(&mut self) -> IncentiveKey {
        let most = self.bounds.lead_time_seconds;
        let ahead = match self.random.below(16) {
            0 => most,
            1 => most + 1,
            2..8 => 0,
            _ => self.random.below(most.min(3_000) + 1),
        };
        let start = if self.random.once_in(24) { self.now - 1 } else { self.now + ahead };
        let most = self.bounds.duration_seconds;
        let duration = match self.random.below(20) {
            0 => 0,
            1 => 1,
            2 => most,
            3 => most + 1,
            4..10 => self.random.below(200_000.min(most)) + 1,
            _ => self.random.below(5_000.min(most)) + 1,
        };
        let [token0, token1] = self.oracle.reward_tokens;
        let reward_token = match self.random.below(24) {
            0 => Address::repeat_byte(0x99),
            1..16 => token0,
            _ => token1,
        };
        let pool = if self.random.once_in(12) { token0 } else { self.oracle.pool.pool };
        let refundee = if self.random.once_in(12) { self.oracle.staker } else { self.user() };
        IncentiveKey {
            reward_token: account(reward_token),
            pool: account(pool),
            start_time: Timestamp(start),
            end_time: Timestamp(start + duration),
            refundee: account(refundee),
        }
    }

    pub(super) fn reward(&mut self) -> U256 {
        match self.random.below(16) {
            0 => U256::from(self.random.below(3)),
            1 => U256::from(self.random.below(2_000)),
            2..7 if self.is_huge => self.random.pick(&[U256::MAX, U256::ONE << 255]),
            7 => self.random.wide(200),
            _ => self.random.wide(90) + U256::ONE,
        }
    }

    /// A position by its number, sometimes of none.
    pub(super) fn token_id(&mut self) -> u64 {
        self.random.below(self.tokens.len() as u64) + 1
    }

    /// A position that is deposited, or another now and then.
    pub(super) fn deposited(&mut self) -> u64 {
        let staker = self.oracle.staker;
        self.token_where(|issued| issued.owner == staker)
    }

    /// A position that somebody has at home, or another now and then.
    pub(super) fn at_home(&mut self) -> u64 {
        let staker = self.oracle.staker;
        self.token_where(|issued| issued.owner != staker)
    }

    fn token_where(&mut self, is_so: impl Fn(&Issued) -> bool) -> u64 {
        let ids: Vec<u64> =
            (1..).zip(&self.tokens).filter(|(_, it)| is_so(it)).map(|(id, _)| id).collect();
        if ids.is_empty() || self.random.once_in(16) {
            self.token_id()
        } else {
            self.random.pick(&ids)
        }
    }

    /// Who owns a deposit, or somebody else now and then.
    pub(super) fn owner_or_other(&mut self, token_id: u64) -> Address {
        let owner = self.staker.owner(super::positions::id(token_id)).map(super::address);
        match owner {
            Some(owner) if !self.random.once_in(12) => owner,
            _ => self.user(),
        }
    }

    pub(super) fn range(&mut self) -> TickRange {
        let count = self.ticks.len() as u64;
        let lower = self.random.below(count - 1);
        let upper = lower + 1 + self.random.below(count - 1 - lower);
        let [lower, upper] = [lower, upper].map(|index| Tick(self.ticks[index as usize]));
        TickRange { lower, upper }
    }

    pub(super) fn pool_amount(&mut self) -> U256 {
        let bits = self.amount_bits;
        if self.random.once_in(12) {
            self.random.wide(bits + 8)
        } else {
            self.random.wide(bits) + U256::ONE
        }
    }
}
