//! What no function tells, found in a contract's storage beside what functions do tell.
//!
//! A contract's variables stand one after the other as its source declares them; where the first
//! of them stands differs by compiler and build. So a private one is found by its public
//! neighbours: at the only place where all of these have the values that their functions answer.

use tidemill_model::Address;
use tidemill_units::U256;

use super::at_block::AtBlock;
use super::error::SnapshotError;

/// The most slots that are searched: more than any of the contracts uses for variables that are no
/// mappings.
const SEARCHED: u64 = 128;

/// The first words of a contract's storage.
pub(super) struct StorageWords {
    contract: Address,
    words: Vec<U256>,
}

/// A variable of several that stand one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// One whose value a function tells.
    Told(U256),
    /// One that is to be found, which is at most this.
    UpTo(U256),
}

impl StorageWords {
    /// Reads them: as many questions, in batches as the node allows.
    pub(super) async fn read(at: &AtBlock<'_>, contract: Address) -> Result<Self, SnapshotError> {
        let slots: Vec<U256> = (0..SEARCHED).map(U256::from).collect();
        Ok(Self { contract, words: at.storage_words(contract, &slots).await? })
    }

    /// Returns the only word that can be what is to be found.
    ///
    /// Errors: `Untold` where none can, or several that differ.
    pub(super) fn find_one(
        &self,
        what: &'static str,
        fits: impl Fn(U256) -> bool,
    ) -> Result<U256, SnapshotError> {
        let mut found = self.words.iter().copied().filter(|word| fits(*word));
        let first = found.next().filter(|first| found.all(|other| other == *first));
        first.ok_or(SnapshotError::Untold { contract: self.contract, what })
    }

    /// Returns the values of variables that stand one after the other.
    ///
    /// Errors: `Untold`, with what is missing, where they stand nowhere so, or may stand in two
    /// places that differ in what is to be found.
    pub(super) fn find(
        &self,
        what: &'static str,
        neighbours: &[Beside],
    ) -> Result<Vec<U256>, SnapshotError> {
        let fits = |words: &&[U256]| {
            words.iter().zip(neighbours).all(|(word, beside)| match beside {
                Beside::Told(value) => word == value,
                Beside::UpTo(most) => word <= most,
            })
        };
        let mut found = self.words.windows(neighbours.len().max(1)).filter(fits);
        let first = found.next();
        match first.filter(|first| found.all(|other| other == *first)) {
            Some(words) => Ok(words.to_vec()),
            None => Err(SnapshotError::Untold { contract: self.contract, what }),
        }
    }
}

#[cfg(test)]
mod tests;
