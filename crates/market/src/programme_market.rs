mod aerodrome_gauge;
mod balancer_gauge;
mod concentrated_gauge;
mod curve_gauge;
mod gauge_seat;
mod master_chef;
mod merkl;
mod staking_rewards;
mod v3_staker;

use std::collections::BTreeSet;

use tidemill_model::{
    Address, AssetId, Holding, PoolId, PositionId, ProgrammeKind, ProgrammeLog, Reward,
};
use tidemill_rewards::aerodrome::PoolNow;
use tidemill_rewards::v3_staker::IncentiveKey;
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, TickRange, Timestamp, U256};

use crate::gauge_trail::{BeforeChange, PoolChange, PoolMove, now_of};
use crate::own_account::own_account;
use crate::{
    ConcentratedMarket, FoldedProgramme, Footprint, PoolMarket, ProgrammeError, ProgrammeFold,
    ProgrammeMismatch, ProgrammePools,
};

pub use gauge_seat::GaugeSeat;

pub(crate) use gauge_seat::OURS;

/// A reward programme for the providers of one pool: its recorded history executed again, and our
/// positions in it.
///
/// Whatever the footprint in the pool, we are in the programme itself: from our first stake on
/// there is a second copy of it with us inside, in which every recorded call is made again. There
/// others are paid what their stakes beside ours earn, not what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeMarket {
    pool: PoolId,
    reward: AssetId,
    seat: Seat,
    /// As recorded, without us.
    history: ProgrammeFold,
    /// With us, from our first stake on.
    with_us: Option<Box<ProgrammeFold>>,
    /// Recorded calls that the programme with us refused.
    reverted_with_us: u64,
    staked: BTreeSet<PositionId>,
}

/// Where in a programme a position of ours is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// An incentive of Uniswap's v3-staker, for positions of a concentrated pool. Its pool is
    /// whatever address the run's pool has in the staker's eyes.
    V3Staker(IncentiveKey),
    /// The only one of a StakingRewards, for shares of a pool.
    StakingRewards,
    /// A pool of SushiSwap's MasterChef, by its number, for shares of a pool.
    MasterChef(usize),
    /// The gauge of a Slipstream pool, re-executed, for its positions; their fees are the gauge's
    /// while they are in it.
    ConcentratedGauge,
    /// Aerodrome's gauge of a Solidly pool, for its shares; the fees that the pool sets apart for
    /// them are the gauge's while they are in it.
    AerodromeGauge,
    /// A gauge of Curve's, for shares of a pool.
    CurveGauge(GaugeSeat),
    /// A gauge of Balancer's, for shares of a pool: the BAL that it pays, and none of the reward
    /// tokens that it may stream besides.
    BalancerGauge(GaugeSeat),
    /// A Merkl campaign for a concentrated pool. Every position of ours counts while it is open,
    /// in the programme or not; those in it claim for all.
    Merkl,
}

/// One of our positions, as a programme sees it.
///
/// Each is an account of its own, so that what two of them earn is told apart; where a contract
/// rounds once for each account, two positions are rounded twice. Where one account's lock boosts
/// it, or it is paid for positions that it has closed, all are one account's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staker {
    id: PositionId,
    holding: Holding,
}

/// Where and when something happens to a programme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    pool: &'a PoolMarket,
    at: Moment,
}

/// What a programme does for a position of ours. `None` is a revert, and changes nothing.
trait Staking {
    /// Takes a position in.
    fn put_in(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()>;

    /// Pays what a position has earned, and keeps it.
    fn pay(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;

    /// Pays what a position has earned, and gives it back.
    fn take_out(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;

    /// What a position would be paid if it left now.
    fn owed(&self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;
}

/// The pool that a programme reads, with us in it.
struct PoolWithUs<'a>(&'a PoolMarket);

impl ProgrammePools for PoolWithUs<'_> {
    fn seconds_per_liquidity_inside(
        &self,
        pool: Address,
        range: TickRange,
        at: Timestamp,
    ) -> Option<U256> {
        let market = self.0.concentrated().filter(|market| market.header().pool == pool)?;
        let inside = market.pool().snapshot_cumulatives_inside(at, range).ok()?;
        Some(inside.seconds_per_liquidity)
    }

    fn now(&self) -> Option<PoolNow> {
        self.0.concentrated().map(|market| now_of(market.pool()))
    }
}

/// The pool that a programme reads, as it was recorded.
struct PoolAsRecorded<'a>(&'a PoolMarket);

impl ProgrammePools for PoolAsRecorded<'_> {
    fn seconds_per_liquidity_inside(
        &self,
        pool: Address,
        range: TickRange,
        at: Timestamp,
    ) -> Option<U256> {
        let market = self.0.concentrated()?;
        ProgrammePools::seconds_per_liquidity_inside(market, pool, range, at)
    }

    fn now(&self) -> Option<PoolNow> {
        self.0.concentrated().and_then(ProgrammePools::now)
    }
}

impl Seat {
    /// Returns whose seat it is.
    pub const fn kind(&self) -> ProgrammeKind {
        match self {
            Self::V3Staker(_) => ProgrammeKind::V3Staker,
            Self::StakingRewards => ProgrammeKind::StakingRewards,
            Self::MasterChef(_) => ProgrammeKind::MasterChef,
            Self::ConcentratedGauge => ProgrammeKind::ConcentratedGauge,
            Self::AerodromeGauge => ProgrammeKind::AerodromeGauge,
            Self::CurveGauge(_) => ProgrammeKind::CurveGauges,
            Self::BalancerGauge(_) => ProgrammeKind::BalancerGauges,
            Self::Merkl => ProgrammeKind::Merkl,
        }
    }

    /// Whether all positions of ours are one account's, so that each is paid what all have earned.
    const fn is_one_account(&self) -> bool {
        matches!(self, Self::CurveGauge(_) | Self::BalancerGauge(_) | Self::Merkl)
    }

    /// Whether what a position earns in fees is the programme's while it is in it.
    pub(crate) const fn takes_fees(&self) -> bool {
        matches!(self, Self::ConcentratedGauge | Self::AerodromeGauge)
    }
}

impl Staker {
    pub(crate) fn new(id: PositionId, pool: &PoolMarket) -> Option<Self> {
        let holding = match pool {
            PoolMarket::Concentrated(pool) => {
                let own = pool.own().find(|own| own.id == id)?;
                Holding::Range { range: own.range, liquidity: own.liquidity }
            }
            PoolMarket::Shares(pool) => Holding::Shares(pool.position(id)?.shares),
        };
        Some(Self { id, holding })
    }

    /// Returns the position as an account that nobody has the key of.
    fn account(&self) -> Account {
        Account(own_account(self.id))
    }

    fn shares(&self) -> Option<Amount> {
        match self.holding {
            Holding::Shares(shares) => Some(shares),
            Holding::Range { .. } | Holding::Stake { .. } | Holding::Lock { .. } => None,
        }
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn new(pool: &'a PoolMarket, at: Moment) -> Self {
        Self { pool, at }
    }
}

impl ProgrammeMarket {
    /// Returns a programme for the providers of a pool, without any position of ours.
    pub fn new(pool: PoolId, reward: AssetId, start: FoldedProgramme, seat: Seat) -> Self {
        Self {
            pool,
            reward,
            seat,
            history: ProgrammeFold::new(start),
            with_us: None,
            reverted_with_us: 0,
            staked: BTreeSet::new(),
        }
    }

    /// Returns the pool whose providers it pays.
    pub fn pool(&self) -> PoolId {
        self.pool
    }

    /// Returns the token that it pays.
    pub fn reward(&self) -> AssetId {
        self.reward
    }

    /// Returns which kind of programme it is.
    pub fn kind(&self) -> ProgrammeKind {
        self.seat.kind()
    }

    /// Returns the programme as it was recorded, without us.
    pub fn history(&self) -> &ProgrammeFold {
        &self.history
    }

    /// Returns the programme as we meet it: with our positions in it once there was one.
    pub fn programme(&self) -> &FoldedProgramme {
        self.with_us.as_deref().unwrap_or(&self.history).programme()
    }

    /// Returns how many recorded calls the programme with us refused; they were left out there.
    pub fn reverted_with_us(&self) -> u64 {
        self.reverted_with_us
    }

    /// Whether positions earn anything at a time: whether it has begun, as far as it has a
    /// beginning, and not ended.
    pub fn is_running(&self, now: Timestamp) -> bool {
        match (self.programme(), self.seat) {
            (_, Seat::V3Staker(key)) => key.start_time <= now && now < key.end_time,
            (FoldedProgramme::StakingRewards(programme), _) => {
                U256::from(now.0) < programme.period_finish()
            }
            (FoldedProgramme::ConcentratedGauge(fold), _) => fold.is_running(now),
            (FoldedProgramme::AerodromeGauge(fold), _) => fold.is_running(now),
            (FoldedProgramme::Merkl(fold), _) => fold.is_running(now),
            _ => true,
        }
    }

    /// Whether it takes the fees of the positions that are in it.
    pub(crate) fn takes_fees(&self) -> bool {
        self.seat.takes_fees()
    }

    /// Whether every change of its pool matters to it.
    pub(crate) fn follows(&self, pool: PoolId) -> bool {
        let follows = matches!(
            self.programme(),
            FoldedProgramme::ConcentratedGauge(_) | FoldedProgramme::Merkl(_)
        );
        self.pool == pool && follows
    }

    /// Whether it is to be shown all positions of its pool at a swap.
    pub(crate) fn scores(&self, pool: PoolId, now: Timestamp) -> bool {
        let FoldedProgramme::Merkl(fold) = self.programme() else { return false };
        self.pool == pool && fold.counts_swaps(now)
    }

    /// Follows a change of its pool, in the history and in the pool with us.
    ///
    /// Errors: those of the gauge, which could emit no more, and of the campaign, whose sums could
    /// be no greater.
    pub(crate) fn follow(
        &mut self,
        (before, kind): (&BeforeChange, PoolMove),
        after: &ConcentratedMarket,
        now: Timestamp,
    ) -> Result<(), ProgrammeError> {
        // A campaign counts a price-taker's positions too.
        let is_beside = self.seat == Seat::Merkl && after.own().next().is_some();
        let is_ours = after.with_us().is_some() || is_beside;
        if is_ours && self.with_us.is_none() {
            // From here on prices may differ with us in the pool, staked or not.
            self.with_us = Some(Box::new(self.history.clone()));
        }
        self.follow_history((before, kind), after, now)?;
        let with_us = self.with_us.as_deref_mut().map(ProgrammeFold::programme_mut);
        if let Some(FoldedProgramme::Merkl(fold)) = with_us {
            merkl::follow_with_us(fold, (before, kind), after, now)?;
        } else if let (Some(FoldedProgramme::ConcentratedGauge(fold)), Some(pool)) =
            (with_us, after.with_us())
        {
            fold.follow(before.with_us(kind, after), pool, now)?;
        }
        Ok(())
    }

    fn follow_history(
        &mut self,
        (before, kind): (&BeforeChange, PoolMove),
        after: &ConcentratedMarket,
        now: Timestamp,
    ) -> Result<(), ProgrammeError> {
        let history = self.history.programme_mut();
        if let FoldedProgramme::Merkl(fold) = history {
            merkl::follow_history(fold, (before, kind), after, now)?;
        } else if let FoldedProgramme::ConcentratedGauge(fold) = history {
            let change = PoolChange { before: before.history, kind };
            fold.follow(change, after.history(), now)?;
        }
        Ok(())
    }

    /// Returns our staked positions.
    pub fn staked(&self) -> impl Iterator<Item = PositionId> {
        self.staked.iter().copied()
    }

    /// Whether a position of ours is staked here.
    pub fn holds(&self, id: PositionId) -> bool {
        self.staked.contains(&id)
    }

    /// Executes a recorded log again, in the history and, if we are in it, in the programme with
    /// us.
    pub(crate) fn apply(
        &mut self,
        log: &ProgrammeLog,
        scene: Scene<'_>,
    ) -> Result<(), ProgrammeMismatch> {
        self.history.apply(log, scene.at, &PoolAsRecorded(scene.pool))?;
        if let Some(with_us) = self.with_us.as_deref_mut() {
            // What others are paid differs with us inside, and a call that reverts there would
            // have reverted on the chain.
            match with_us.apply(log, scene.at, &PoolWithUs(scene.pool)) {
                Ok(()) | Err(ProgrammeMismatch::Value { .. }) => {}
                Err(_) => self.reverted_with_us = self.reverted_with_us.saturating_add(1),
            }
        }
        Ok(())
    }

    /// Returns what a position of ours would be paid if it left now; `None` where it is not here
    /// or could not leave.
    pub(crate) fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        if !self.holds(staker.id) {
            return None;
        }
        let asset = self.reward;
        if self.seat.is_one_account() && self.staked.first() != Some(&staker.id) {
            // What all have earned is counted once.
            return Some(Reward { asset, amount: Amount::ZERO });
        }
        let owed = self.staking()?.owed(self.seat, staker, scene);
        owed.map(|amount| Reward { asset, amount })
    }

    /// Whether the seat is one of the programme's.
    fn has_seat(&self) -> bool {
        self.history.programme().kind() == self.seat.kind()
    }

    /// The programme as we meet it, if it is one that the seat is of.
    fn staking(&self) -> Option<&dyn Staking> {
        match self.programme() {
            _ if !self.has_seat() => None,
            FoldedProgramme::V3Staker(fold) => Some(fold.staker()),
            FoldedProgramme::StakingRewards(programme) => Some(programme.as_ref()),
            FoldedProgramme::MasterChef(chef) => Some(chef.as_ref()),
            FoldedProgramme::ConcentratedGauge(fold) => Some(fold.as_ref()),
            FoldedProgramme::AerodromeGauge(fold) => Some(fold.as_ref()),
            FoldedProgramme::CurveGauges(model) => Some(model.as_ref()),
            FoldedProgramme::BalancerGauges(model) => Some(model.as_ref()),
            FoldedProgramme::Merkl(fold) => Some(fold.as_ref()),
            FoldedProgramme::VoteEscrow(_)
            | FoldedProgramme::FeeDistribution(_)
            | FoldedProgramme::TokenAdmin(_)
            | FoldedProgramme::Aerodrome(_)
            | FoldedProgramme::MerkleClaim(_)
            | FoldedProgramme::CumulativeClaim(_)
            | FoldedProgramme::LiquidStaking(_)
            | FoldedProgramme::RateToken(_)
            | FoldedProgramme::Vault(_)
            | FoldedProgramme::ValidatorStaking(_) => None,
        }
    }

    /// The programme with us, which begins as the history has left it, if it is one that the seat
    /// is of.
    fn staking_with_us(&mut self) -> Option<&mut dyn Staking> {
        if !self.has_seat() {
            return None;
        }
        let history = &self.history;
        let with_us = self.with_us.get_or_insert_with(|| Box::new(history.clone()));
        match with_us.programme_mut() {
            FoldedProgramme::V3Staker(fold) => Some(fold.staker_mut()),
            FoldedProgramme::StakingRewards(programme) => Some(programme.as_mut()),
            FoldedProgramme::MasterChef(chef) => Some(chef.as_mut()),
            FoldedProgramme::ConcentratedGauge(fold) => Some(fold.as_mut()),
            FoldedProgramme::AerodromeGauge(fold) => Some(fold.as_mut()),
            FoldedProgramme::CurveGauges(model) => Some(model.as_mut()),
            FoldedProgramme::BalancerGauges(model) => Some(model.as_mut()),
            FoldedProgramme::Merkl(fold) => Some(fold.as_mut()),
            FoldedProgramme::VoteEscrow(_)
            | FoldedProgramme::FeeDistribution(_)
            | FoldedProgramme::TokenAdmin(_)
            | FoldedProgramme::Aerodrome(_)
            | FoldedProgramme::MerkleClaim(_)
            | FoldedProgramme::CumulativeClaim(_)
            | FoldedProgramme::LiquidStaking(_)
            | FoldedProgramme::RateToken(_)
            | FoldedProgramme::Vault(_)
            | FoldedProgramme::ValidatorStaking(_) => None,
        }
    }

    pub(crate) fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        if self.holds(staker.id) || is_unpayable(self.seat, scene.pool) {
            return None;
        }
        let seat = self.seat;
        self.staking_with_us()?.put_in(seat, staker, scene)?;
        self.staked.insert(staker.id);
        Some(())
    }

    pub(crate) fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        let (asset, seat) = (self.reward, self.seat);
        if !self.holds(staker.id) {
            return None;
        }
        let paid = self.staking_with_us()?.pay(seat, staker, scene);
        paid.map(|amount| Reward { asset, amount })
    }

    pub(crate) fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        let (asset, seat) = (self.reward, self.seat);
        if !self.holds(staker.id) {
            return None;
        }
        let amount = self.staking_with_us()?.take_out(seat, staker, scene)?;
        self.staked.remove(&staker.id);
        Some(Reward { asset, amount })
    }
}

/// Whether a programme could not pay us rightly: a v3-staker divides by the pool's own seconds,
/// which without our liquidity in the pool add up to more than have passed; and a gauge by staked
/// liquidity in the pool.
fn is_unpayable(seat: Seat, pool: &PoolMarket) -> bool {
    matches!(seat, Seat::V3Staker(_) | Seat::ConcentratedGauge)
        && pool.footprint() == Footprint::PriceTaker
}
