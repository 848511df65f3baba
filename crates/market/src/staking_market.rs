mod liquid;
mod validator;

use std::collections::BTreeMap;

use tidemill_model::{PoolId, PositionId};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex};

use crate::OwnWorth;
use crate::own_account::own_account;

pub use liquid::{LiquidService, LiquidTerms};
pub use validator::{SlashAt, ValidatorService, ValidatorTerms};

/// Where a token of a pool is staked, and our stakes there.
///
/// It lives by its own clock: reports at a fixed interval bring rewards, and are made up to the
/// time of every event before the event itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakingMarket {
    pool: PoolId,
    token: TokenIndex,
    /// Tokens of the pool.
    tokens: usize,
    service: StakingService,
    interval: u64,
    next_report: Timestamp,
    /// Reports that the service refused: what they would have brought is lost.
    refused_reports: u64,
    own: BTreeMap<PositionId, OwnStake>,
}

/// Who stakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StakingService {
    /// A pool of staked ether with a rebasing token.
    Liquid(Box<LiquidService>),
    /// One validator of a proof-of-stake chain.
    Validator(Box<ValidatorService>),
}

/// A stake of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OwnStake {
    deposited: Amount,
    /// When what was asked back can be had, once it was.
    ready_at: Option<Timestamp>,
}

/// What a service does for an account. `None` is a revert, and changes nothing.
trait Stake {
    /// Takes tokens; returns what it keeps for them.
    fn stake(&mut self, account: Account, amount: Amount, at: Moment) -> Option<Amount>;

    /// What all that is staked and earned is worth, or what was asked back.
    fn worth(&self, account: Account, at: Moment) -> Option<Amount>;

    /// Asks everything back; returns when the waiting ends.
    fn unbond(&mut self, account: Account, at: Moment) -> Option<Timestamp>;

    /// Pays what was asked back.
    fn withdraw(&mut self, account: Account, at: Moment) -> Option<Amount>;

    /// Stakes what was earned as well; returns how much.
    fn compound(&mut self, account: Account, at: Moment) -> Option<Amount>;

    /// Brings the rewards of an interval.
    fn report(&mut self, seconds: u64, at: Moment) -> Option<()>;
}

impl StakingService {
    fn stake(&self) -> &dyn Stake {
        match self {
            Self::Liquid(service) => service.as_ref(),
            Self::Validator(service) => service.as_ref(),
        }
    }

    fn stake_mut(&mut self) -> &mut dyn Stake {
        match self {
            Self::Liquid(service) => service.as_mut(),
            Self::Validator(service) => service.as_mut(),
        }
    }
}

/// Returns a position as an account that nobody has the key of.
fn account(id: PositionId) -> Account {
    Account(own_account(id))
}

impl StakingMarket {
    /// Returns a service that stakes one of a pool's `tokens`, and reports every `interval` seconds
    /// from `start` on; never, where that is zero.
    pub fn new(
        pool: PoolId,
        (token, tokens): (TokenIndex, usize),
        service: StakingService,
        (start, interval): (Timestamp, u64),
    ) -> Self {
        Self {
            pool,
            token,
            tokens,
            service,
            interval,
            next_report: Timestamp(start.0.saturating_add(interval)),
            refused_reports: 0,
            own: BTreeMap::new(),
        }
    }

    /// Returns the pool whose token is staked.
    pub fn pool(&self) -> PoolId {
        self.pool
    }

    /// Returns which of the pool's tokens is staked.
    pub fn token(&self) -> TokenIndex {
        self.token
    }

    /// Returns the service.
    pub fn service(&self) -> &StakingService {
        &self.service
    }

    /// Returns how many reports the service refused.
    pub fn refused_reports(&self) -> u64 {
        self.refused_reports
    }

    /// Whether a stake of ours is here.
    pub fn holds(&self, id: PositionId) -> bool {
        self.own.contains_key(&id)
    }

    /// Returns when what was asked back of a stake can be had; `None` where nothing was.
    pub fn ready_at(&self, id: PositionId) -> Option<Timestamp> {
        self.own.get(&id)?.ready_at
    }

    /// Returns a copy at a later time, to try something on.
    pub(crate) fn at(&self, at: Moment) -> Self {
        let mut later = self.clone();
        later.advance(at);
        later
    }

    /// Makes the reports that are due.
    pub(crate) fn advance(&mut self, at: Moment) {
        while self.interval > 0 && self.next_report <= at.at {
            let now = Moment { at: self.next_report, ..at };
            if self.service.stake_mut().report(self.interval, now).is_none() {
                self.refused_reports = self.refused_reports.saturating_add(1);
            }
            self.next_report = Timestamp(self.next_report.0.saturating_add(self.interval));
        }
    }

    /// Returns what a stake is worth: what is left of the tokens paid in, and what was earned.
    pub fn worth(&self, id: PositionId, at: Moment) -> Option<OwnWorth> {
        let own = self.own.get(&id)?;
        let all = self.service.stake().worth(account(id), at)?;
        self.split(own, all)
    }

    fn split(&self, own: &OwnStake, all: Amount) -> Option<OwnWorth> {
        let principal = all.min(own.deposited);
        let earned = all.checked_sub(principal)?;
        let of = |amount| TokenAmounts::of(self.tokens, self.token, amount);
        Some(OwnWorth { principal: of(principal)?, fees: of(earned)? })
    }

    /// Returns how much of the token a deposit takes; `None` where it is of another token.
    fn amount_of(&self, deposited: &TokenAmounts) -> Option<Amount> {
        let amount = deposited.get(self.token)?;
        let is_only = TokenAmounts::of(deposited.len(), self.token, amount) == Some(*deposited);
        Some(amount).filter(|_| is_only && deposited.len() == self.tokens)
    }

    /// Stakes; returns what the service keeps for it.
    pub(crate) fn open(
        &mut self,
        id: PositionId,
        deposited: &TokenAmounts,
        at: Moment,
    ) -> Option<Amount> {
        let amount = self.amount_of(deposited)?;
        let shares = self.service.stake_mut().stake(account(id), amount, at)?;
        self.own.insert(id, OwnStake { deposited: amount, ready_at: None });
        Some(shares)
    }

    /// Asks a stake back; returns when it can be had.
    pub(crate) fn unbond(&mut self, id: PositionId, at: Moment) -> Option<Timestamp> {
        let own = self.own.get_mut(&id).filter(|own| own.ready_at.is_none())?;
        let ready_at = self.service.stake_mut().unbond(account(id), at)?;
        own.ready_at = Some(ready_at);
        Some(ready_at)
    }

    /// Takes out what was asked back.
    pub(crate) fn close(&mut self, id: PositionId, at: Moment) -> Option<OwnWorth> {
        let own = *self
            .own
            .get(&id)
            .filter(|own| own.ready_at.is_some_and(|at_last| at_last <= at.at))?;
        let paid = self.service.stake_mut().withdraw(account(id), at)?;
        self.own.remove(&id);
        self.split(&own, paid)
    }

    /// Stakes what a stake has earned as well; returns how much that was.
    pub(crate) fn compound(&mut self, id: PositionId, at: Moment) -> Option<Amount> {
        self.own.get(&id).filter(|own| own.ready_at.is_none())?;
        self.service.stake_mut().compound(account(id), at)
    }
}

/// Returns what an amount earns in so many seconds at a yearly rate in parts of a million, rounded
/// down; a year has 365 days.
fn earned(amount: Amount, yearly_ppm: u64, seconds: u64) -> Option<Amount> {
    const PER_YEAR: u64 = 1_000_000 * 31_536_000;
    let part =
        tidemill_units::U256::from(yearly_ppm).checked_mul(tidemill_units::U256::from(seconds))?;
    tidemill_units::mul_div(amount.0, part, tidemill_units::U256::from(PER_YEAR)).map(Amount)
}
