mod aerodrome;
mod controller;
mod gauge_terms;

use std::collections::BTreeMap;

use tidemill_model::{AssetId, Ballot, PoolId, PositionId, Reward};
use tidemill_rewards::aerodrome::epoch_start;
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex};

use crate::OwnWorth;
use crate::own_account::own_account;

pub use aerodrome::AerodromeVotes;
pub use controller::ControllerVotes;
pub use gauge_terms::GaugeTerms;

/// Where a token of a pool is locked for votes, and our locks there.
///
/// It lives by its own clock: epochs are weeks, and what happens at their ends is made up to the
/// time of every event before the event itself. Others' votes and bribes are given; ours come on
/// top, and dilute what others are paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotingMarket {
    pool: PoolId,
    token: TokenIndex,
    /// Tokens of the pool.
    tokens: usize,
    service: VotingService,
    /// What bribes are paid in, each once.
    assets: Vec<AssetId>,
    /// Steps of its own that the contracts refused: what they would have brought is lost.
    refused_steps: u64,
    own: BTreeMap<PositionId, OwnLock>,
}

/// Whose contracts count the votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VotingService {
    /// A vote escrow and a gauge controller, as Curve's and Balancer's, and a market of bounties.
    Controller(Box<ControllerVotes>),
    /// Aerodrome's escrow and voter with the bribes of every gauge.
    Aerodrome(Box<AerodromeVotes>),
}

/// A lock of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OwnLock {
    amount: Amount,
    until: Timestamp,
}

/// What the contracts do for an account. `None` is a revert, and changes nothing.
trait Votes {
    /// The gauges.
    fn gauges(&self) -> &[GaugeTerms];

    /// Locks tokens until the beginning of a week.
    fn lock(&mut self, account: Account, lock: (Amount, Timestamp), at: Moment) -> Option<()>;

    /// Makes a lock end later.
    fn extend(&mut self, account: Account, until: Timestamp, at: Moment) -> Option<()>;

    /// Divides all votes of an account, those it has cast before among them.
    fn vote(&mut self, account: Account, ballot: &Ballot, at: Moment) -> Option<()>;

    /// What the account's votes weigh at the end of the epoch if they are cast now.
    fn power(&self, account: Account, at: Moment) -> Option<Amount>;

    /// From when on the account can divide all of its votes anew.
    fn votes_from(&self, account: Account, at: Moment) -> Timestamp;

    /// Pays a lock back that has ended.
    fn withdraw(&mut self, account: Account, at: Moment) -> Option<Amount>;

    /// What the account could claim of a token.
    fn earned(&self, account: Account, token: AssetId, at: Moment) -> Option<Amount>;

    /// Pays what the account could claim of a token.
    fn claim(&mut self, account: Account, token: AssetId, at: Moment) -> Option<Amount>;

    /// When something happens next without anybody's doing.
    fn due(&self) -> Timestamp;

    /// Lets that happen; what is due afterwards is later.
    fn step(&mut self, at: Moment) -> Option<()>;
}

impl VotingService {
    fn votes(&self) -> &dyn Votes {
        match self {
            Self::Controller(service) => service.as_ref(),
            Self::Aerodrome(service) => service.as_ref(),
        }
    }

    fn votes_mut(&mut self) -> &mut dyn Votes {
        match self {
            Self::Controller(service) => service.as_mut(),
            Self::Aerodrome(service) => service.as_mut(),
        }
    }
}

/// Returns a position as an account that nobody has the key of.
fn account(id: PositionId) -> Account {
    Account(own_account(id))
}

impl VotingMarket {
    /// Returns a service that locks one of a pool's `tokens`.
    pub fn new(pool: PoolId, (token, tokens): (TokenIndex, usize), service: VotingService) -> Self {
        let mut assets: Vec<_> =
            service.votes().gauges().iter().flat_map(GaugeTerms::assets).collect();
        assets.sort_unstable();
        assets.dedup();
        Self { pool, token, tokens, service, assets, refused_steps: 0, own: BTreeMap::new() }
    }

    /// Returns the pool whose token is locked.
    pub fn pool(&self) -> PoolId {
        self.pool
    }

    /// Returns which of the pool's tokens is locked.
    pub fn token(&self) -> TokenIndex {
        self.token
    }

    /// Returns the service.
    pub fn service(&self) -> &VotingService {
        &self.service
    }

    /// Returns how many steps of its own the contracts refused.
    pub fn refused_steps(&self) -> u64 {
        self.refused_steps
    }

    /// Returns what bribes are paid in, each token once.
    pub fn assets(&self) -> impl Iterator<Item = AssetId> + '_ {
        self.assets.iter().copied()
    }

    /// Returns the gauges, by their numbers.
    pub fn gauges(&self) -> &[GaugeTerms] {
        self.service.votes().gauges()
    }

    /// Returns what everybody can know of a gauge: what its voters of this epoch will share, and
    /// what others' votes were when the last epoch ended. `None` for a gauge that is none.
    pub fn known(&self, gauge: usize, now: Timestamp) -> Option<KnownGauge> {
        let gauge = self.service.votes().gauges().get(gauge)?;
        let epoch = epoch_start(now);
        let last = Timestamp(epoch.0.saturating_sub(tidemill_rewards::WEEK));
        Some(KnownGauge { bribes: gauge.bribes_of(epoch).collect(), others: gauge.others_at(last) })
    }

    /// Whether a lock of ours is here.
    pub fn holds(&self, id: PositionId) -> bool {
        self.own.contains_key(&id)
    }

    /// Returns when a lock of ours ends.
    pub fn until(&self, id: PositionId) -> Option<Timestamp> {
        self.own.get(&id).map(|own| own.until)
    }

    /// Returns what a lock's votes weigh at the end of the epoch if they are cast at this moment,
    /// in raw units of the locked token; `None` where they weigh nothing.
    pub fn power(&self, id: PositionId, at: Moment) -> Option<Amount> {
        self.own.get(&id)?;
        self.service.votes().power(account(id), at).filter(|power| !power.is_zero())
    }

    /// Returns from when on a lock can divide all of its votes anew.
    pub fn votes_from(&self, id: PositionId, at: Moment) -> Option<Timestamp> {
        self.own.get(&id)?;
        Some(self.service.votes().votes_from(account(id), at))
    }

    /// Returns what a lock's votes have earned in a token and not been paid; `None` where no such
    /// lock is here.
    pub fn earned(&self, id: PositionId, token: AssetId, at: Moment) -> Option<Reward> {
        self.own.get(&id)?;
        let amount = self.service.votes().earned(account(id), token, at)?;
        Some(Reward { asset: token, amount })
    }

    /// Returns what a lock is worth: the tokens in it. What its votes earn is apart.
    pub fn worth(&self, id: PositionId) -> Option<OwnWorth> {
        let own = self.own.get(&id)?;
        let of = |amount| TokenAmounts::of(self.tokens, self.token, amount);
        Some(OwnWorth { principal: of(own.amount)?, fees: of(Amount::ZERO)? })
    }

    /// Returns a copy at a later time, to try something on.
    pub(crate) fn at(&self, at: Moment) -> Self {
        let mut later = self.clone();
        later.advance(at);
        later
    }

    /// Lets everything happen that is due.
    pub(crate) fn advance(&mut self, at: Moment) {
        let service = self.service.votes_mut();
        while service.due() <= at.at {
            let now = Moment { at: service.due(), ..at };
            if service.step(now).is_none() {
                self.refused_steps = self.refused_steps.saturating_add(1);
            }
        }
    }

    /// Locks a deposit of the one token until the beginning of a week.
    pub(crate) fn open(
        &mut self,
        id: PositionId,
        (deposited, until): (&TokenAmounts, Timestamp),
        at: Moment,
    ) -> Option<()> {
        let amount = deposited.get(self.token)?;
        let is_only = TokenAmounts::of(self.tokens, self.token, amount) == Some(*deposited);
        if !is_only || epoch_start(until) != until {
            return None;
        }
        self.service.votes_mut().lock(account(id), (amount, until), at)?;
        self.own.insert(id, OwnLock { amount, until });
        Some(())
    }

    /// Makes a lock end later, at the beginning of a week.
    pub(crate) fn extend(&mut self, id: PositionId, until: Timestamp, at: Moment) -> Option<()> {
        let own = self.own.get_mut(&id).filter(|_| epoch_start(until) == until)?;
        self.service.votes_mut().extend(account(id), until, at)?;
        own.until = until;
        Some(())
    }

    /// Divides a lock's votes.
    pub(crate) fn vote(&mut self, id: PositionId, ballot: &Ballot, at: Moment) -> Option<()> {
        self.own.get(&id)?;
        self.service.votes_mut().vote(account(id), ballot, at)
    }

    /// Pays what a lock's votes have earned in a token.
    pub(crate) fn claim(&mut self, id: PositionId, token: AssetId, at: Moment) -> Option<Reward> {
        self.own.get(&id).filter(|_| self.assets.contains(&token))?;
        let amount = self.service.votes_mut().claim(account(id), token, at)?;
        Some(Reward { asset: token, amount })
    }

    /// Withdraws a lock that has ended. What its votes have earned and nobody claimed is lost with
    /// it.
    pub(crate) fn close(&mut self, id: PositionId, at: Moment) -> Option<OwnWorth> {
        let worth = self.worth(id)?;
        let paid = self.service.votes_mut().withdraw(account(id), at)?;
        self.own.remove(&id);
        let principal = TokenAmounts::of(self.tokens, self.token, paid)?;
        Some(OwnWorth { principal, ..worth })
    }
}

/// What everybody can know of a gauge before an epoch is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownGauge {
    /// What those who vote for it will share at the epoch's end.
    pub bribes: Vec<Reward>,
    /// Others' votes when the epoch before ended, in raw units of the locked token.
    pub others: Amount,
}
