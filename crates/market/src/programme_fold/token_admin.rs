use tidemill_model::TokenAdminLog;
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_units::{Amount, Timestamp};

use super::ProgrammeMismatch;
use super::mismatch::Comparison;

/// Begins the epoch that a log says has begun, and compares its rate and supply.
pub(super) fn apply(
    model: &mut TokenAdmin,
    log: &TokenAdminLog,
    at: Timestamp,
) -> Result<(), ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let TokenAdminLog::MiningParametersUpdated { rate, supply } = *log;
    model.update_mining_parameters(at).map_err(with.reverts())?;
    with.value("rate", Amount(model.rate), rate)?;
    with.value("supply", model.start_epoch_supply, supply)
}
