//! The state of a Curve liquidity gauge by itself.

use tidemill_rewards::StateError;
use tidemill_rewards::curve_gauge::{
    CurveGauge, CurveGaugeState, GaugePeriod, GaugeStake, GaugeStakeState,
};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(CurveGaugeState { account, created_at, period, stakes, approvals });
record!(GaugePeriod {
    period,
    at,
    integrate_inv_supply,
    inflation_rate,
    future_epoch_time,
    total_supply,
    working_supply,
});
record!(GaugeStakeState { account, stake });
record!(GaugeStake {
    balance,
    working_balance,
    integrate_inv_supply_of,
    integrate_checkpoint_of,
    integrate_fraction,
});

impl Resumable for CurveGaugeState {
    type Programme = CurveGauge;
    type Refused = StateError;

    fn resume(&self) -> Result<CurveGauge, StateError> {
        CurveGauge::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
