use std::collections::VecDeque;

use tidemill_model::{Bytes32, ChainId, MinedBlock, RevertedBlock};
use tidemill_units::BlockNumber;

use crate::BlockError;

/// The newest blocks of a chain, from those that were told and those that something happened in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownBlocks {
    /// The newest that stays: what the oldest of the others stands on.
    settled: Option<KnownBlock>,
    /// Those that may be taken back, ascending.
    recent: VecDeque<KnownBlock>,
}

/// A block that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownBlock {
    number: BlockNumber,
    /// None where only something that happened in it was told.
    hash: Option<Bytes32>,
}

impl KnownBlocks {
    fn newest(&self) -> Option<&KnownBlock> {
        self.recent.back().or(self.settled.as_ref())
    }

    /// Whether a block stays for good.
    pub(super) fn is_settled(&self, number: BlockNumber) -> bool {
        self.settled.is_some_and(|settled| number <= settled.number)
    }

    /// Checks that a log of a block comes in its turn: after the block itself, where blocks are
    /// told.
    pub(super) fn check_order(
        &self,
        chain: ChainId,
        number: BlockNumber,
    ) -> Result<(), BlockError> {
        let Some(&KnownBlock { number: newest, hash }) = self.newest() else { return Ok(()) };
        if number < newest {
            return Err(BlockError::OutOfOrder { chain, newest, number });
        }
        if number > newest && hash.is_some() {
            return Err(BlockError::Untold { chain, newest, number });
        }
        Ok(())
    }

    /// Checks that a new block stands on the newest, as far as hashes are known: from the first
    /// block that was told by its hash on, each has to be.
    pub(super) fn check_mined(&self, mined: &MinedBlock) -> Result<(), BlockError> {
        let MinedBlock { chain, number, parent, .. } = *mined;
        let Some(&KnownBlock { number: newest, hash }) = self.newest() else { return Ok(()) };
        if number < newest || (number == newest && hash.is_some()) {
            return Err(BlockError::OutOfOrder { chain, newest, number });
        }
        let before = if number == newest { self.before_newest() } else { Some((newest, hash)) };
        let Some((before, Some(known))) = before else { return Ok(()) };
        if before.0.checked_add(1) != Some(number.0) {
            return Err(BlockError::Missing { chain, newest: before, number });
        }
        if known != parent {
            return Err(BlockError::OtherParent { chain, number, parent, known });
        }
        Ok(())
    }

    fn before_newest(&self) -> Option<(BlockNumber, Option<Bytes32>)> {
        let before = self.recent.iter().rev().nth(1);
        let settled = self.settled.as_ref().filter(|_| !self.recent.is_empty());
        before.or(settled).map(|block| (block.number, block.hash))
    }

    /// Takes note of a block, which was checked.
    pub(super) fn note(&mut self, number: BlockNumber, hash: Option<Bytes32>) {
        if let Some(settled) = self.settled.as_mut().filter(|settled| number <= settled.number) {
            if settled.number == number {
                settled.hash = settled.hash.or(hash);
            }
            return;
        }
        // All but receipts that come late are of the newest block or of one after it.
        match self.recent.binary_search_by_key(&number, |block| block.number) {
            Ok(place) => {
                if let Some(block) = self.recent.get_mut(place) {
                    block.hash = block.hash.or(hash);
                }
            }
            Err(place) => self.recent.insert(place, KnownBlock { number, hash }),
        }
    }

    /// Lets the oldest blocks stay for good: those that are old enough beside the newest.
    pub(super) fn settle(&mut self, is_old: impl Fn(BlockNumber, BlockNumber) -> bool) {
        let Some(newest) = self.newest().map(|newest| newest.number) else { return };
        while let Some(oldest) = self.recent.front().filter(|block| is_old(block.number, newest)) {
            self.settled = Some(*oldest);
            self.recent.pop_front();
        }
    }

    /// Checks that a block can be taken back.
    pub(super) fn check_reverted(&self, reverted: &RevertedBlock) -> Result<(), BlockError> {
        let reverted = *reverted;
        if let Some(settled) = self.settled.filter(|settled| reverted.number <= settled.number) {
            return Err(BlockError::TooDeep { reverted, settled: settled.number });
        }
        let newest = *self.recent.back().ok_or(BlockError::UnknownBlock { reverted })?;
        if newest.number != reverted.number {
            let is_known = self.recent.iter().any(|block| block.number == reverted.number);
            return Err(if is_known {
                BlockError::NotNewest { reverted, newest: newest.number }
            } else {
                BlockError::UnknownBlock { reverted }
            });
        }
        match (newest.hash, reverted.hash) {
            (Some(known), Some(told)) if known != told => {
                Err(BlockError::OtherHash { reverted, known, told })
            }
            _ => Ok(()),
        }
    }

    /// Takes the newest block back, which was checked.
    pub(super) fn forget_newest(&mut self) {
        self.recent.pop_back();
    }
}
