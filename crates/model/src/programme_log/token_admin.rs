use tidemill_units::Amount;

/// What happened to the schedule of BAL, in whichever call.
///
/// Source: `BalancerTokenAdmin.sol` of v2-deployments 20220325-balancer-token-admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAdminLog {
    /// `MiningParametersUpdated`: an epoch began, by itself or in the course of a mint or of a
    /// gauge's checkpoint.
    MiningParametersUpdated {
        /// Units per second of the new epoch.
        rate: Amount,
        /// All there may be at its start.
        supply: Amount,
    },
}

impl TokenAdminLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::MiningParametersUpdated { .. } => "mining_parameters_updated",
        }
    }
}
