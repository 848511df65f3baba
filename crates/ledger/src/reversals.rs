use std::collections::BTreeMap;

use tidemill_model::{
    ChainId, Outcome, OutcomeKind, PoolId, PositionId, ReorgDepth, RevertedBlock, Sequence,
};
use tidemill_units::BlockNumber;

use crate::ledger::InFlight;
use crate::{Ledger, LedgerError, OpenPosition, Posting};

/// Outcomes that may still be taken back with their blocks.
///
/// Bound: those of as many blocks of each chain as [`ReorgDepth`] says, counted from the chain's
/// newest outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reversals {
    depth: ReorgDepth,
    chains: BTreeMap<PoolId, ChainId>,
    /// In the order of the log.
    recent: Vec<Reversible>,
    /// The newest block of each chain whose outcomes stay for good.
    settled: BTreeMap<ChainId, BlockNumber>,
}

/// An outcome of ours, and what was before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reversible {
    chain: ChainId,
    block: BlockNumber,
    ended: InFlight,
    /// Where in the journal its posting is.
    posting: usize,
    /// The position that it is about, and how that stood.
    before: Option<(PositionId, Option<OpenPosition>)>,
}

/// An outcome that is about to be posted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending(Option<Reversible>);

impl Ledger {
    /// Keeps from here on what it takes to reverse the outcomes of blocks that are taken back;
    /// `chains` says which chain each pool is on. An order whose outcome is reversed is in flight
    /// again, since it may come into another block: its end is to be told again.
    pub fn keep_reversible(
        &mut self,
        depth: ReorgDepth,
        chains: impl IntoIterator<Item = (PoolId, ChainId)>,
    ) {
        let (chains, recent) = (chains.into_iter().collect(), Vec::new());
        let reversals = Reversals { depth, chains, recent, settled: BTreeMap::new() };
        self.reversals = Some(Box::new(reversals));
    }

    /// Takes note of how things stand before an outcome.
    pub(crate) fn ending(
        &self,
        ended: InFlight,
        pool: Option<PoolId>,
        outcome: &Outcome,
    ) -> Result<Ending, LedgerError> {
        let Some(reversals) = &self.reversals else { return Ok(Ending(None)) };
        let Some(pool) = pool.filter(|_| outcome.kind != OutcomeKind::Expired) else {
            // It never was in a block.
            return Ok(Ending(None));
        };
        let chain = *reversals.chains.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        let before = position_of(&outcome.kind).map(|id| (id, self.position(id).copied()));
        let (block, posting) = (outcome.block, self.journal().len());
        Ok(Ending(Some(Reversible { chain, block, ended, posting, before })))
    }

    /// Keeps an outcome that was posted.
    pub(crate) fn keep_ending(&mut self, Ending(ending): Ending) {
        if let Some((reversals, ending)) = self.reversals.as_deref_mut().zip(ending) {
            reversals.keep(ending);
        }
    }

    /// Reverses every outcome of a block, the newest first.
    pub(crate) fn revert(
        &mut self,
        sequence: Sequence,
        reverted: &RevertedBlock,
    ) -> Result<(), LedgerError> {
        let reversals = self.reversals.as_deref().ok_or(LedgerError::NothingKept)?;
        let gone = reversals.of(reverted)?;
        let mut postings = Vec::new();
        for reversible in &gone {
            let key = reversible.ended.order.key;
            if self.in_flight().any(|order| order.key == key) {
                return Err(LedgerError::AlreadyInFlight(key));
            }
            let posted = self.journal().get(reversible.posting);
            postings.push(reversed(posted.ok_or(LedgerError::OutOfRange)?, sequence)?);
        }
        self.post(postings)?;
        for Reversible { ended, before, .. } in gone {
            self.put_back(ended, before);
        }
        if let Some(reversals) = self.reversals.as_deref_mut() {
            reversals.forget(reverted);
        }
        Ok(())
    }
}

impl Reversals {
    fn keep(&mut self, ending: Reversible) {
        let Reversible { chain, block, .. } = ending;
        self.recent.push(ending);
        let of_chain = self.recent.iter().filter(|kept| kept.chain == chain);
        let newest = of_chain.map(|kept| kept.block).max().unwrap_or(block);
        let Self { depth, recent, settled, .. } = self;
        recent.retain(|kept| {
            let stays = kept.chain == chain && depth.is_settled(chain, kept.block, newest);
            if stays {
                let settled = settled.entry(chain).or_insert(kept.block);
                *settled = kept.block.max(*settled);
            }
            !stays
        });
    }

    /// The outcomes of a block, the newest first.
    fn of(&self, reverted: &RevertedBlock) -> Result<Vec<Reversible>, LedgerError> {
        let RevertedBlock { chain, number, .. } = *reverted;
        if let Some(settled) = self.settled.get(&chain).filter(|settled| number <= **settled) {
            return Err(LedgerError::TooDeep { chain, number, settled: *settled });
        }
        let of_chain = self.recent.iter().rev().filter(|kept| kept.chain == chain);
        let newest = of_chain.clone().map(|kept| kept.block).max();
        if let Some(newest) = newest.filter(|newest| number < *newest) {
            return Err(LedgerError::NotNewest { chain, number, newest });
        }
        Ok(of_chain.filter(|kept| kept.block == number).copied().collect())
    }

    fn forget(&mut self, reverted: &RevertedBlock) {
        let gone = (reverted.chain, reverted.number);
        self.recent.retain(|kept| (kept.chain, kept.block) != gone);
    }
}

/// The same the other way round.
fn reversed(posted: &Posting, sequence: Sequence) -> Result<Posting, LedgerError> {
    let mut legs = posted.legs.clone();
    for leg in &mut legs {
        leg.amount = leg.amount.checked_neg().ok_or(LedgerError::OutOfRange)?;
    }
    Ok(Posting { sequence, order: posted.order, reverses: Some(posted.sequence), legs })
}

fn position_of(kind: &OutcomeKind) -> Option<PositionId> {
    match *kind {
        OutcomeKind::Opened { position, .. }
        | OutcomeKind::Closed { position, .. }
        | OutcomeKind::Staked { position, .. }
        | OutcomeKind::Claimed { position, .. }
        | OutcomeKind::Unstaked { position, .. }
        | OutcomeKind::Unbonding { position, .. }
        | OutcomeKind::Compounded { position, .. }
        | OutcomeKind::Voted { position, .. }
        | OutcomeKind::Extended { position, .. } => Some(position),
        OutcomeKind::Swapped { .. }
        | OutcomeKind::Arbitraged { .. }
        | OutcomeKind::Sold { .. }
        | OutcomeKind::Traded { .. }
        | OutcomeKind::Rejected(_)
        | OutcomeKind::Expired => None,
    }
}
