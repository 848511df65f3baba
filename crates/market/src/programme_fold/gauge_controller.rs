use tidemill_model::GaugeControllerLog;
use tidemill_rewards::VoteEscrow;
use tidemill_rewards::gauge_controller::{GaugeController, NewGauge, VoteFor, VotePower};
use tidemill_units::{Timestamp, U256};

use super::mismatch::Comparison;
use super::{ProgrammeMismatch, account};

/// Makes the call behind a log, as the administrator where only that may; votes are what the escrow
/// says.
pub(super) fn apply(
    (controller, escrow): (&mut GaugeController, &VoteEscrow),
    log: &GaugeControllerLog,
    at: Timestamp,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let admin = controller.admin();
    match *log {
        GaugeControllerLog::VoteForGauge { user, gauge_addr, weight } => {
            let (voter, vote) = (account(user), VoteFor { gauge: account(gauge_addr), weight });
            controller.vote_for_gauge_weights(voter, vote, VotePower::of(escrow, voter), at)
        }
        GaugeControllerLog::AddType { type_id, weight } => {
            with.value("type_id", controller.type_count(), type_id)?;
            controller.add_type(admin, weight, at).map(drop)
        }
        GaugeControllerLog::TypeAdded {} => controller.add_type(admin, U256::ZERO, at).map(drop),
        GaugeControllerLog::NewTypeWeight { type_id, weight, total_weight } => {
            let changed = controller.change_type_weight(admin, type_id, weight, at);
            changed.map_err(with.reverts())?;
            return with.value("total_weight", controller.total_weight(), total_weight);
        }
        GaugeControllerLog::NewGauge { addr, gauge_type, weight } => {
            let gauge = NewGauge { account: account(addr), gauge_type, weight };
            controller.add_gauge(admin, gauge, at)
        }
        GaugeControllerLog::NewGaugeWeight { gauge_address, weight, total_weight } => {
            let gauge = account(gauge_address);
            let changed = controller.change_gauge_weight(admin, gauge, weight, at);
            changed.map_err(with.reverts())?;
            return with.value("total_weight", controller.total_weight(), total_weight);
        }
        GaugeControllerLog::Checkpointed {} => controller.checkpoint(at),
        GaugeControllerLog::GaugeCheckpointed { addr } => {
            controller.checkpoint_gauge(account(addr), at)
        }
    }
    .map_err(with.reverts())
}
