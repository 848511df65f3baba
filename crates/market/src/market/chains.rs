//! Which block of which chain an event is of.

use tidemill_model::{ChainId, Event, EventBody, Outcome, OutcomeKind, PoolId, PositionId};
use tidemill_units::BlockNumber;

use super::Market;
use crate::{BlockError, PoolMarket, StakingMarket, VotingMarket};

/// A block, by its chain and its height there.
pub(crate) type Place = (ChainId, BlockNumber);

impl Market {
    /// Returns the chain of each pool.
    pub fn chains(&self) -> impl Iterator<Item = (PoolId, ChainId)> {
        (0..).map(PoolId).zip(self.pools.iter().map(PoolMarket::chain))
    }

    /// Returns the chain of a pool.
    pub fn chain_of(&self, pool: PoolId) -> Option<ChainId> {
        self.pool(pool).map(PoolMarket::chain)
    }

    /// Returns the block that an event is of, in the market before it; `None` for what is of no
    /// block, and for a pool, programme or position that there is not.
    ///
    /// Errors: [`BlockError::NoChain`].
    pub(crate) fn place_of(&self, event: &Event) -> Result<Option<Place>, BlockError> {
        let place = |chain: Option<ChainId>, block| chain.map(|chain| (chain, block));
        match &event.body {
            EventBody::Chain(chain) => Ok(place(self.chain_of(chain.pool), chain.block)),
            EventBody::Programme(event) => {
                let pool = self.programme(event.programme).map(crate::ProgrammeMarket::pool);
                Ok(place(pool.and_then(|pool| self.chain_of(pool)), event.block))
            }
            EventBody::Outcome(outcome) => {
                Ok(place(self.chain_of_outcome(outcome)?, outcome.block))
            }
            EventBody::Block(mined) => Ok(Some((mined.chain, mined.number))),
            EventBody::Price(_)
            | EventBody::Account(_)
            | EventBody::Data(_)
            | EventBody::Feed(_)
            | EventBody::Reverted(_) => Ok(None),
        }
    }

    fn chain_of_outcome(&self, outcome: &Outcome) -> Result<Option<ChainId>, BlockError> {
        let pool = match outcome.kind {
            OutcomeKind::Opened { pool, .. }
            | OutcomeKind::Swapped { pool, .. }
            | OutcomeKind::Sold { pool, .. } => Some(pool),
            OutcomeKind::Arbitraged { legs: [first, _], .. } => Some(first.pool),
            OutcomeKind::Closed { position, .. }
            | OutcomeKind::Staked { position, .. }
            | OutcomeKind::Claimed { position, .. }
            | OutcomeKind::Unstaked { position, .. }
            | OutcomeKind::Unbonding { position, .. }
            | OutcomeKind::Compounded { position, .. }
            | OutcomeKind::Voted { position, .. }
            | OutcomeKind::Extended { position, .. } => self.pool_id_of(position),
            // An exchange is on no chain.
            _ if outcome.kind.is_of_exchange() => None,
            OutcomeKind::Rejected(_) => return self.only_chain(outcome).map(Some),
            // It never was in a block.
            OutcomeKind::Expired | OutcomeKind::Traded { .. } => None,
        };
        Ok(pool.and_then(|pool| self.chain_of(pool)))
    }

    fn pool_id_of(&self, position: PositionId) -> Option<PoolId> {
        let held = || (0..).map(PoolId).zip(&self.pools).find(|(_, pool)| pool.holds(position));
        let staked = self.staking_of(position).map(StakingMarket::pool);
        let locked = self.voting_of(position).map(VotingMarket::pool);
        staked.or(locked).or_else(|| held().map(|(id, _)| id))
    }

    /// A rejection does not say what was asked for; with one chain there is nothing to ask.
    fn only_chain(&self, outcome: &Outcome) -> Result<ChainId, BlockError> {
        let mut chains = self.pools.iter().map(PoolMarket::chain);
        let first = chains.next().filter(|first| chains.all(|other| other == *first));
        first.ok_or(BlockError::NoChain { order: outcome.order })
    }
}
