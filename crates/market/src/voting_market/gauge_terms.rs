use std::collections::BTreeMap;

use tidemill_model::{AssetId, Reward};
use tidemill_units::{Amount, Timestamp};

/// What is given of a gauge: how others vote for it, and what its voters share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GaugeTerms {
    /// What it is called.
    pub name: String,
    /// Others' votes at the ends of the epochs before the first of `others_by_epoch`, in raw units
    /// of the locked token.
    pub others: Amount,
    /// Others' votes at the end of an epoch, by its beginning, and of all epochs until the next.
    pub others_by_epoch: BTreeMap<Timestamp, Amount>,
    /// What is posted at the beginning of every epoch, for those whose votes count at its end.
    pub every_epoch: Vec<Reward>,
    /// What is posted besides, by the epoch's beginning.
    pub bribes: BTreeMap<Timestamp, Vec<Reward>>,
}

impl GaugeTerms {
    /// Returns others' votes at the end of the epoch that begins then.
    pub fn others_at(&self, epoch: Timestamp) -> Amount {
        let last = self.others_by_epoch.range(..=epoch).next_back();
        last.map_or(self.others, |(_, votes)| *votes)
    }

    /// Returns what those who vote at the end of the epoch that begins then share; a token can come
    /// more than once.
    pub fn bribes_of(&self, epoch: Timestamp) -> impl Iterator<Item = Reward> + '_ {
        let posted = self.bribes.get(&epoch).into_iter().flatten();
        self.every_epoch.iter().chain(posted).copied().filter(|reward| !reward.amount.is_zero())
    }

    /// Returns the tokens that it pays, perhaps more than once.
    pub(super) fn assets(&self) -> impl Iterator<Item = AssetId> + '_ {
        let posted = self.bribes.values().flatten();
        self.every_epoch.iter().chain(posted).map(|reward| reward.asset)
    }
}
