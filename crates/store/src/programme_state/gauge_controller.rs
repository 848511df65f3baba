//! The state of a gauge controller, Curve's or Balancer's.

use tidemill_rewards::StateError;
use tidemill_rewards::gauge_controller::{
    GaugeController, GaugeControllerState, GaugeVote, GaugeVoteState, GaugeVoterState,
    GaugeWeightState, LineState, StepsState, TypeWeightState, WeightPoint,
};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(GaugeControllerState { admin, type_count, gauges, types, total, voters });
record!(GaugeWeightState { account, gauge_type, weight });
record!(TypeWeightState { type_id, sum, weight });
record!(LineState { points, slope_changes, filled_to });
record!(WeightPoint { bias, slope });
record!(StepsState { values, filled_to });
record!(GaugeVoterState { account, votes });
record!(GaugeVoteState { gauge, vote });
record!(GaugeVote { slope, power, end, voted_at });

impl Resumable for GaugeControllerState {
    type Programme = GaugeController;
    type Refused = StateError;

    fn resume(&self) -> Result<GaugeController, StateError> {
        GaugeController::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        let refusal = Refusal::from(*error);
        if matches!(error.field.name, "gauges" | "types" | "voters") {
            return refusal;
        }
        // The controller says what is wrong in a weight, not in whose: each is asked about alone,
        // as the sum of a type.
        let is_line = |sum: &LineState| is_refused(error, sum.clone(), StepsState::default());
        let is_steps =
            |weight: &StepsState| is_refused(error, LineState::default(), weight.clone());
        if let Some(index) = self.gauges.iter().position(|gauge| is_line(&gauge.weight)) {
            return refusal.within("weight").within_item("gauges", index);
        }
        for (index, of) in self.types.iter().enumerate() {
            let part = match (is_line(&of.sum), is_steps(&of.weight)) {
                (true, _) => "sum",
                (false, true) => "weight",
                (false, false) => continue,
            };
            return refusal.within(part).within_item("types", index);
        }
        refusal.within("total")
    }
}

fn is_refused(error: &StateError, sum: LineState, weight: StepsState) -> bool {
    let alone = GaugeControllerState {
        admin: Default::default(),
        type_count: 1,
        gauges: Vec::new(),
        types: vec![TypeWeightState { type_id: 0, sum, weight }],
        total: StepsState::default(),
        voters: Vec::new(),
    };
    GaugeController::new(&alone).is_err_and(|refused| refused == *error)
}
