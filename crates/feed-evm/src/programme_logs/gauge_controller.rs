use tidemill_model::{Address, GaugeControllerLog};
use tidemill_units::U256;

use super::{ProgrammeTransaction, TransactionCall};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    TypeWeight,
    Type,
    Gauge,
    GaugeWeight,
    Vote,
    Pass,
}

/// Events of `GaugeController.vy` (curve-dao-contracts; v2-deployments 20220325-gauge-controller).
const EVENTS: [Declared<Kind>; 7] = [
    event(Kind::TypeWeight, "NewTypeWeight(int128,uint256,uint256,uint256)"),
    event(Kind::Type, "AddType(string,int128)"),
    event(Kind::Gauge, "NewGauge(address,int128,uint256)"),
    event(Kind::GaugeWeight, "NewGaugeWeight(address,uint256,uint256,uint256)"),
    event(Kind::Vote, "VoteForGauge(uint256,address,address,uint256)"),
    event(Kind::Pass, "CommitOwnership(address)"),
    event(Kind::Pass, "ApplyOwnership(address)"),
];

/// Reads a controller's logs. A new type's weight stands before the type.
#[derive(Debug)]
pub(super) struct Controller {
    pub(super) controller: Address,
    events: EventTable<Kind>,
}

/// A type's weight that no new type has been found for.
pub(super) type TypeWeight<'a> = Option<(&'a RawLog, u64, [U256; 2])>;

impl Controller {
    pub(super) fn new(controller: Address) -> Self {
        Self { controller, events: EventTable::new("gauge controller", &EVENTS, 0) }
    }

    pub(super) fn read<'a>(
        &self,
        log: &'a RawLog,
        waiting: &mut TypeWeight<'a>,
    ) -> Result<Option<GaugeControllerLog>, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        Ok(Some(match kind {
            Kind::TypeWeight => {
                *waiting = Some((log, fields.small(0)?, [fields.word(2)?, fields.word(3)?]));
                return Ok(None);
            }
            Kind::Type => {
                let Some((_, _, [weight, _])) = waiting.take() else {
                    return Err(fields.unplaced("no log of the type's weight stands before it"));
                };
                GaugeControllerLog::AddType { type_id: fields.small(1)?, weight }
            }
            Kind::Gauge => GaugeControllerLog::NewGauge {
                addr: fields.address(0)?,
                gauge_type: fields.small(1)?,
                weight: fields.word(2)?,
            },
            Kind::GaugeWeight => GaugeControllerLog::NewGaugeWeight {
                gauge_address: fields.address(0)?,
                weight: fields.word(2)?,
                total_weight: fields.word(3)?,
            },
            Kind::Vote => GaugeControllerLog::VoteForGauge {
                user: fields.address(1)?,
                gauge_addr: fields.address(2)?,
                weight: fields.word(3)?,
            },
            Kind::Pass => return Ok(None),
        }))
    }

    /// Returns a weight that was set by itself, at its log.
    pub(super) fn alone(waiting: TypeWeight<'_>) -> Option<(&RawLog, GaugeControllerLog)> {
        let (log, type_id, [weight, total_weight]) = waiting?;
        Some((log, GaugeControllerLog::NewTypeWeight { type_id, weight, total_weight }))
    }

    /// Returns what a call that the controller logs nothing of does.
    pub(super) fn called<'a>(
        &self,
        transaction: &ProgrammeTransaction<'a>,
    ) -> Option<(&'a TransactionCall, GaugeControllerLog)> {
        let call = transaction.call.filter(|call| call.to == self.controller)?;
        if call.is("add_type(string,uint256)") && call.word(1) == Some(U256::ZERO) {
            return Some((call, GaugeControllerLog::TypeAdded {}));
        }
        if call.is("checkpoint()") {
            return Some((call, GaugeControllerLog::Checkpointed {}));
        }
        let is_of_gauge = call.is("checkpoint_gauge(address)")
            || call.is("gauge_relative_weight_write(address,uint256)")
            || call.is("gauge_relative_weight_write(address)");
        let addr = call.address(0).filter(|_| is_of_gauge)?;
        Some((call, GaugeControllerLog::GaugeCheckpointed { addr }))
    }
}
