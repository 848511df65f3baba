//! The state of Curve's gauges as one system: token, escrow, controller, minter and gauges.

use tidemill_rewards::curve_gauges::{CurveGaugesState, MintedState, Minter, MinterState};
use tidemill_rewards::{CurveGauges, StateError};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(CurveGaugesState { token, escrow, controller, minter, gauges });
record!(MinterState { minted, allowed });
record!(MintedState { account, gauge, amount });

impl Resumable for CurveGaugesState {
    type Programme = CurveGauges;
    type Refused = StateError;

    fn resume(&self) -> Result<CurveGauges, StateError> {
        CurveGauges::new(self)
    }

    /// The system gives its parts' errors on without saying whose they are: the parts are asked in
    /// its order.
    fn refusal(&self, error: &StateError) -> Refusal {
        let mut before = None;
        for (index, gauge) in self.gauges.iter().enumerate() {
            if before.replace(gauge.account) >= Some(gauge.account) {
                return (*error).into();
            }
            if let Err(refused) = gauge.resume() {
                return gauge.refusal(&refused).within_item("gauges", index);
            }
        }
        let part = if self.token.checked().is_err() {
            "token"
        } else if let Err(refused) = self.escrow.resume() {
            return self.escrow.refusal(&refused).within("escrow");
        } else if let Err(refused) = self.controller.resume() {
            return self.controller.refusal(&refused).within("controller");
        } else if Minter::new(&self.minter).is_err() {
            "minter"
        } else {
            return (*error).into();
        };
        Refusal::from(*error).within(part)
    }
}
