use tidemill_units::Amount;

use crate::Address;

/// What happened to a Merkl campaign beside the swaps of its pool, which are on the pool's tape.
///
/// The campaign is computed off the chain: a settlement is a new tree of Merkl's distributor, and
/// what it adds to each account's leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MerklLog {
    /// An interval ended, by the `TreeUpdated` of Merkl's distributor.
    Settled {
        /// What the interval paid, ascending by account; from the published leaves of this tree and
        /// the one before.
        rewards: Vec<(Address, Amount)>,
    },
    /// From the boosting token: what an account has of it.
    BoostSet {
        /// Who.
        account: Address,
        /// How much, raw units.
        boost: Amount,
    },
    /// From the boosting token: its supply.
    BoostSupplySet {
        /// How much, raw units.
        supply: Amount,
    },
}

impl MerklLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Settled { .. } => "settled",
            Self::BoostSet { .. } => "boost_set",
            Self::BoostSupplySet { .. } => "boost_supply_set",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(self, Self::BoostSet { .. } | Self::BoostSupplySet { .. })
    }
}
