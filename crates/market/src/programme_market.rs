mod master_chef;
mod staking_rewards;
mod v3_staker;

use std::collections::BTreeSet;

use tidemill_model::{AssetId, Holding, PoolId, PositionId, Reward};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, U256};

use crate::PoolMarket;

pub use master_chef::ChefFarm;
pub use v3_staker::V3Incentive;

/// A reward programme for the providers of one pool, and our positions in it.
#[derive(Clone, Debug)]
pub struct ProgrammeMarket {
    pool: PoolId,
    reward: AssetId,
    programme: Programme,
    staked: BTreeSet<PositionId>,
}

/// The programmes that a position of ours can be put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programme {
    /// An incentive of Uniswap's v3-staker, for positions of a concentrated pool.
    V3Staker(Box<V3Incentive>),
    /// Synthetix's contract, for shares of a pool.
    StakingRewards(Box<tidemill_rewards::staking_rewards::StakingRewards>),
    /// A pool of SushiSwap's MasterChef, for shares of a pool.
    MasterChef(Box<ChefFarm>),
}

/// One of our positions, as a programme sees it.
///
/// Each is an account of its own, so that what two of them earn is told apart; where a contract
/// rounds once for each account, two positions are rounded twice.
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
    fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()>;

    /// Pays what a position has earned, and keeps it.
    fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;

    /// Pays what a position has earned, and gives it back.
    fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;

    /// What a position would be paid if it left now.
    fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Amount>;
}

impl Programme {
    /// Returns its name among the kinds of programmes.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::V3Staker(_) => tidemill_rewards::v3_staker::FACTS.name,
            Self::StakingRewards(_) => tidemill_rewards::staking_rewards::FACTS.name,
            Self::MasterChef(_) => tidemill_rewards::master_chef::FACTS.name,
        }
    }

    fn staking(&self) -> &dyn Staking {
        match self {
            Self::V3Staker(programme) => programme.as_ref(),
            Self::StakingRewards(programme) => programme.as_ref(),
            Self::MasterChef(programme) => programme.as_ref(),
        }
    }

    fn staking_mut(&mut self) -> &mut dyn Staking {
        match self {
            Self::V3Staker(programme) => programme.as_mut(),
            Self::StakingRewards(programme) => programme.as_mut(),
            Self::MasterChef(programme) => programme.as_mut(),
        }
    }
}

impl Staker {
    /// Returns the position as an account that nobody has the key of.
    fn account(&self) -> Account {
        let order = self.id.0;
        let sequence = order.sequence.0.to_be_bytes().into_iter();
        let mut address = [0xff; 20];
        let bytes = sequence.chain(order.intent.to_be_bytes());
        for (place, byte) in address.iter_mut().rev().zip(bytes.rev()) {
            *place = byte;
        }
        Account(address)
    }

    fn shares(&self) -> Option<Amount> {
        match self.holding {
            Holding::Shares(shares) => Some(shares),
            Holding::Range { .. } => None,
        }
    }
}

impl ProgrammeMarket {
    /// Returns a programme for the providers of a pool, without any position of ours.
    pub fn new(pool: PoolId, reward: AssetId, programme: Programme) -> Self {
        Self { pool, reward, programme, staked: BTreeSet::new() }
    }

    /// Returns the pool whose providers it pays.
    pub fn pool(&self) -> PoolId {
        self.pool
    }

    /// Returns the token that it pays.
    pub fn reward(&self) -> AssetId {
        self.reward
    }

    /// Returns the programme itself.
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// Whether it has begun, as far as it has a beginning, and not ended.
    pub fn is_running(&self, now: Timestamp) -> bool {
        match &self.programme {
            Programme::V3Staker(incentive) => {
                incentive.key.start_time <= now && now < incentive.key.end_time
            }
            Programme::StakingRewards(programme) => U256::from(now.0) < programme.period_finish(),
            Programme::MasterChef(_) => true,
        }
    }

    /// Returns our staked positions.
    pub fn staked(&self) -> impl Iterator<Item = PositionId> {
        self.staked.iter().copied()
    }

    /// Whether a position of ours is staked here.
    pub fn holds(&self, id: PositionId) -> bool {
        self.staked.contains(&id)
    }

    /// Returns what a position of ours would be paid if it left now; `None` where it is not here
    /// or could not leave.
    pub(crate) fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        let amount = self.holds(staker.id).then(|| self.programme.staking())?;
        let amount = amount.earned(staker, scene)?;
        Some(Reward { asset: self.reward, amount })
    }

    pub(crate) fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        if self.holds(staker.id) {
            return None;
        }
        self.programme.staking_mut().stake(staker, scene)?;
        self.staked.insert(staker.id);
        Some(())
    }

    pub(crate) fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        let programme = self.holds(staker.id).then(|| self.programme.staking_mut())?;
        let amount = programme.claim(staker, scene)?;
        Some(Reward { asset: self.reward, amount })
    }

    pub(crate) fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Reward> {
        let programme = self.holds(staker.id).then(|| self.programme.staking_mut())?;
        let amount = programme.unstake(staker, scene)?;
        self.staked.remove(&staker.id);
        Some(Reward { asset: self.reward, amount })
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
}

impl<'a> Scene<'a> {
    pub(crate) fn new(pool: &'a PoolMarket, at: Moment) -> Self {
        Self { pool, at }
    }
}
