use tidemill_model::Address;
use tidemill_rewards::gauge_controller::{GaugeController, NewGauge};
use tidemill_units::{Timestamp, U256};

use super::mismatch::Comparison;
use super::{ProgrammeMismatch, account};

/// What a gauge controller logs of calls that need no escrow, in whichever system it is.
pub(super) enum ControllerLog {
    AddType { type_id: u64, weight: U256 },
    TypeAdded,
    NewTypeWeight { type_id: u64, weight: U256, total_weight: U256 },
    NewGauge { addr: Address, gauge_type: u64, weight: U256 },
    NewGaugeWeight { gauge_address: Address, weight: U256, total_weight: U256 },
    Checkpointed,
    GaugeCheckpointed { addr: Address },
}

/// Makes the call behind a log, as the administrator where only that may.
pub(super) fn apply(
    controller: &mut GaugeController,
    log: &ControllerLog,
    at: Timestamp,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let admin = controller.admin();
    match *log {
        ControllerLog::AddType { type_id, weight } => {
            with.value("type_id", controller.type_count(), type_id)?;
            controller.add_type(admin, weight, at).map(drop)
        }
        ControllerLog::TypeAdded => controller.add_type(admin, U256::ZERO, at).map(drop),
        ControllerLog::NewTypeWeight { type_id, weight, total_weight } => {
            let changed = controller.change_type_weight(admin, type_id, weight, at);
            changed.map_err(with.reverts())?;
            return with.value("total_weight", controller.total_weight(), total_weight);
        }
        ControllerLog::NewGauge { addr, gauge_type, weight } => {
            let gauge = NewGauge { account: account(addr), gauge_type, weight };
            controller.add_gauge(admin, gauge, at)
        }
        ControllerLog::NewGaugeWeight { gauge_address, weight, total_weight } => {
            let gauge = account(gauge_address);
            let changed = controller.change_gauge_weight(admin, gauge, weight, at);
            changed.map_err(with.reverts())?;
            return with.value("total_weight", controller.total_weight(), total_weight);
        }
        ControllerLog::Checkpointed => controller.checkpoint(at),
        ControllerLog::GaugeCheckpointed { addr } => controller.checkpoint_gauge(account(addr), at),
    }
    .map_err(with.reverts())
}
