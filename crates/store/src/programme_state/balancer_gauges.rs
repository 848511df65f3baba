//! The state of Balancer's gauges as one system: emission, escrow, controller, minter and gauges.

use tidemill_rewards::balancer_gauges::BalancerGaugesState;
use tidemill_rewards::curve_gauges::Minter;
use tidemill_rewards::{BalancerGauges, StateError};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(BalancerGaugesState { token_admin, bal_supply, escrow, controller, minter, gauges });

impl Resumable for BalancerGaugesState {
    type Programme = BalancerGauges;
    type Refused = StateError;

    fn resume(&self) -> Result<BalancerGauges, StateError> {
        self.token_admin.resume()?;
        BalancerGauges::new(self)
    }

    /// The system gives its parts' errors on without saying whose they are: the parts are asked in
    /// its order.
    fn refusal(&self, error: &StateError) -> Refusal {
        if self.token_admin.resume().is_err() {
            return Refusal::from(*error).within("token_admin");
        }
        let mut before = None;
        for (index, gauge) in self.gauges.iter().enumerate() {
            let account = gauge.identity.account;
            if before.replace(account) >= Some(account) {
                return (*error).into();
            }
            if let Err(refused) = gauge.resume() {
                return gauge.refusal(&refused).within_item("gauges", index);
            }
        }
        if let Err(refused) = self.escrow.resume() {
            self.escrow.refusal(&refused).within("escrow")
        } else if let Err(refused) = self.controller.resume() {
            self.controller.refusal(&refused).within("controller")
        } else if Minter::new(&self.minter).is_err() {
            Refusal::from(*error).within("minter")
        } else {
            (*error).into()
        }
    }
}
