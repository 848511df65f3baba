use tidemill_units::U256;

use crate::Address;

/// What happened to a gauge controller, Curve's or Balancer's, in the system that it is part of.
///
/// Source: `GaugeController.vy` of curve-dao-contracts and of v2-deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeControllerLog {
    /// `VoteForGauge`.
    VoteForGauge {
        /// Who voted.
        user: Address,
        /// For what.
        gauge_addr: Address,
        /// With how much of the voting power, in 10,000ths.
        weight: U256,
    },
    /// `AddType`, with the weight of the `NewTypeWeight` before it.
    AddType {
        /// The type's number.
        type_id: u64,
        /// Its weight, not zero.
        weight: U256,
    },
    /// From a call trace: `add_type` without a weight, which logs nothing.
    TypeAdded {},
    /// `NewTypeWeight` by itself.
    NewTypeWeight {
        /// The type's number.
        type_id: u64,
        /// Its new weight.
        weight: U256,
        /// The sum of all weights.
        total_weight: U256,
    },
    /// `NewGauge`.
    NewGauge {
        /// The gauge.
        addr: Address,
        /// Its type.
        gauge_type: u64,
        /// Its weight.
        weight: U256,
    },
    /// `NewGaugeWeight`.
    NewGaugeWeight {
        /// The gauge.
        gauge_address: Address,
        /// Its new weight.
        weight: U256,
        /// The sum of all weights.
        total_weight: U256,
    },
    /// From a call trace: `checkpoint`.
    Checkpointed {},
    /// From a call trace: `checkpoint_gauge` or `gauge_relative_weight_write`, which write the
    /// same.
    GaugeCheckpointed {
        /// The gauge.
        addr: Address,
    },
}

impl GaugeControllerLog {
    /// Returns the event's name as the tapes of a system write it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::VoteForGauge { .. } => "vote_for_gauge",
            Self::AddType { .. } => "add_type",
            Self::TypeAdded {} => "type_added",
            Self::NewTypeWeight { .. } => "new_type_weight",
            Self::NewGauge { .. } => "new_gauge",
            Self::NewGaugeWeight { .. } => "new_gauge_weight",
            Self::Checkpointed {} => "controller_checkpointed",
            Self::GaugeCheckpointed { .. } => "controller_gauge_checkpointed",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(self, Self::TypeAdded {} | Self::Checkpointed {} | Self::GaugeCheckpointed { .. })
    }
}
