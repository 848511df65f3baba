use tidemill_rewards::{Account, Moment, VoteEscrow};
use tidemill_units::{Amount, Timestamp};

/// The account that all positions of ours are of where a programme pays accounts, and what an
/// account has elsewhere counts: one that nobody has the key of.
pub(crate) const OURS: Account = Account([0xfe; 20]);

/// A gauge of Curve's or Balancer's, and what backs our boost there.
///
/// All positions of ours are one account's, as in a wallet: what they earn is paid together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeSeat {
    /// The gauge.
    pub gauge: Account,
    /// What we lock in the escrow when we first stake, for as long as it takes; raw units, zero for
    /// no lock and no boost. It is no part of a run's capital.
    pub locked: Amount,
}

/// Locks what backs our boost, unless it was locked before. `None` where the escrow refuses.
pub(super) fn lock_ours(escrow: &mut VoteEscrow, locked: Amount, now: Moment) -> Option<()> {
    if locked.is_zero() || escrow.locked(OURS).amount != 0 {
        return Some(());
    }
    let until = now.at.0.checked_add(escrow.parameters().maximum_lock)?;
    escrow.create_lock(OURS, locked, Timestamp(until), now).ok().map(drop)
}
