use tidemill_model::{Address, ProgrammeLog, TokenAdminLog};

use super::{ProgrammeTransaction, Told, at};
use crate::DecodeError;
use crate::event_table::{Declared, EventTable, event};

/// The event of `BalancerTokenAdmin` (v2-deployments 20220325-balancer-token-admin).
const EVENTS: [Declared<()>; 1] = [event((), "MiningParametersUpdated(uint256,uint256)")];

#[derive(Debug)]
pub(super) struct Reader {
    admin: Address,
    events: EventTable<()>,
}

impl Reader {
    pub(super) fn new(admin: Address) -> Self {
        Self { admin, events: EventTable::new("Balancer token admin", &EVENTS, 0) }
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        for log in transaction.logs.iter().filter(|log| log.address == Some(self.admin)) {
            let ((), fields) = self.events.read(log).map_err(at(log))?;
            let rate = fields.amount(0).map_err(at(log))?;
            let supply = fields.amount(1).map_err(at(log))?;
            let told = TokenAdminLog::MiningParametersUpdated { rate, supply };
            all.push(log, ProgrammeLog::TokenAdmin(told));
        }
        Ok(())
    }
}
