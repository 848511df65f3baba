//! The state of a vote escrow, Curve's or Balancer's.

use tidemill_rewards::vote_escrow::{EscrowPoint, LockedBalance, LockerState, VoteEscrowState};
use tidemill_rewards::{StateError, VoteEscrow};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(VoteEscrowState { maximum_lock, searches_past, history, slope_changes, lockers });
record!(LockerState { account, locked, points });
record!(LockedBalance { amount, end });
record!(EscrowPoint { bias, slope, at, block });

impl Resumable for VoteEscrowState {
    type Programme = VoteEscrow;
    type Refused = StateError;

    fn resume(&self) -> Result<VoteEscrow, StateError> {
        VoteEscrow::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        let refusal = Refusal::from(*error);
        if error.field.name != "points" {
            return refusal;
        }
        // The escrow says which point, not whose: each locker is asked about alone.
        let is_theirs = |locker: &LockerState| {
            let alone = Self {
                history: vec![EscrowPoint::default()],
                slope_changes: Vec::new(),
                lockers: vec![locker.clone()],
                ..*self
            };
            VoteEscrow::new(&alone).is_err_and(|refused| refused == *error)
        };
        let index = self.lockers.iter().position(is_theirs).unwrap_or_default();
        refusal.within_item("lockers", index)
    }
}
