//! The state of an emission schedule.

use tidemill_rewards::emission::{
    Emission, EmissionClock, EmissionError, EmissionState, EmissionStep, Schedule,
};

use super::Resumable;
use super::refusal::{Refusal, culprit};
use super::value::{StateValue, one_of, record, tag, tagged, text};
use crate::pool_state::{FieldFault, Fields, Json, Value};

record!(EmissionState { clock, start, cap, schedule });
record!(EmissionStep { amount, length });

impl StateValue for EmissionClock {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        let all = [("seconds", Self::Seconds), ("blocks", Self::Blocks)];
        one_of(value, &all, "\"seconds\" or \"blocks\"")
    }

    fn write(&self) -> Json {
        text(match self {
            Self::Seconds => "seconds",
            Self::Blocks => "blocks",
        })
    }
}

impl StateValue for Schedule {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "\"constant\", \"linear\", \"halving\" or \"stepped\"";
        let mut fields = Fields::of(value)?;
        let (kind, name) = tag(&mut fields, EXPECTED)?;
        let schedule = match name.as_str() {
            "constant" => {
                Self::Constant { amount: fields.get("amount")?, interval: fields.get("interval")? }
            }
            "linear" => Self::Linear {
                first_rate: fields.get("first_rate")?,
                last_rate: fields.get("last_rate")?,
                length: fields.get("length")?,
            },
            "halving" => Self::Halving {
                first_amount: fields.get("first_amount")?,
                interval: fields.get("interval")?,
            },
            "stepped" => Self::Stepped { steps: fields.get("steps")? },
            _ => return Err(kind.fault(EXPECTED)),
        };
        fields.finish()?;
        Ok(schedule)
    }

    fn write(&self) -> Json {
        match self {
            Self::Constant { amount, interval } => {
                tagged("constant", [("amount", amount.write()), ("interval", interval.write())])
            }
            Self::Linear { first_rate, last_rate, length } => tagged(
                "linear",
                [
                    ("first_rate", first_rate.write()),
                    ("last_rate", last_rate.write()),
                    ("length", length.write()),
                ],
            ),
            Self::Halving { first_amount, interval } => tagged(
                "halving",
                [("first_amount", first_amount.write()), ("interval", interval.write())],
            ),
            Self::Stepped { steps } => tagged("stepped", [("steps", steps.write())]),
        }
    }
}

impl Resumable for EmissionState {
    type Programme = Emission;
    type Refused = EmissionError;

    fn resume(&self) -> Result<Emission, EmissionError> {
        Emission::new(self.clone())
    }

    fn refusal(&self, error: &EmissionError) -> Refusal {
        let step = |steps: &[EmissionStep], allowed| {
            let index = culprit(steps, error, |steps| {
                Emission::new(Self { schedule: Schedule::Stepped { steps }, ..self.clone() }).err()
            });
            Refusal::of("steps", allowed).item(index)
        };
        let refusal = match (error, &self.schedule) {
            (EmissionError::Length, Schedule::Stepped { steps }) => {
                step(steps, "1 or more").field("length")
            }
            (EmissionError::Steps, Schedule::Stepped { steps }) => {
                step(steps, "lengths whose sum is below 2^64").field("length")
            }
            (EmissionError::Length, _) => Refusal::of("length", "1 or more"),
            (EmissionError::Interval, _) => Refusal::of("interval", "1 or more"),
            (EmissionError::Steps | EmissionError::Amount | EmissionError::Backwards, _) => {
                return Refusal::of("schedule", "one that never releases more than 2^256 - 1");
            }
        };
        refusal.within("schedule")
    }
}
