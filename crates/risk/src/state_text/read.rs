use std::collections::VecDeque;
use std::str::{FromStr, Split};

use tidemill_model::{OrderKey, PoolId, PositionId, Sequence};
use tidemill_units::{Amount, FeeGrowth, Tick, Timestamp};

use crate::decision_book::{Action, Decision, Growth, Interim, Pending, Realised};
use crate::mean_tick::{MeanTick, Observation};
use crate::range_timer::RangeClock;
use crate::state::PositionWatch;
use crate::stops::Mark;
use crate::{DecisionKind, RiskState, StopCause};

/// The fields of a line, one space apart. `None` is a field that is not there or is no such thing.
pub(super) struct Reader<'a>(Split<'a, char>);

impl<'a> Reader<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line.split(' '))
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.0.next().is_none()
    }

    /// The next field, written as it would be written again.
    fn plain<T: FromStr + ToString>(text: &str) -> Option<T> {
        let value: T = text.parse().ok()?;
        (value.to_string() == text).then_some(value)
    }

    fn next<T: FromStr + ToString>(&mut self) -> Option<T> {
        Self::plain(self.0.next()?)
    }

    fn maybe<T: FromStr + ToString>(&mut self) -> Option<Option<T>> {
        match self.0.next()? {
            "-" => Some(None),
            text => Self::plain(text).map(Some),
        }
    }

    fn named<T: Copy>(&mut self, all: &[T], name: impl Fn(T) -> &'static str) -> Option<T> {
        let text = self.0.next()?;
        all.iter().copied().find(|one| name(*one) == text)
    }

    fn cause(&mut self) -> Option<Option<StopCause>> {
        match self.0.next()? {
            "-" => Some(None),
            text => Some(Some(StopCause::ALL.into_iter().find(|cause| cause.name() == text)?)),
        }
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.next().map(Timestamp)
    }

    fn maybe_time(&mut self) -> Option<Option<Timestamp>> {
        Some(self.maybe()?.map(Timestamp))
    }

    fn pool(&mut self) -> Option<PoolId> {
        self.next().map(PoolId)
    }

    fn key(&mut self) -> Option<OrderKey> {
        let sequence = Sequence(self.next()?);
        Some(OrderKey { sequence, intent: self.next()? })
    }

    fn position(&mut self) -> Option<PositionId> {
        self.key().map(PositionId)
    }

    fn amount(&mut self) -> Option<Amount> {
        self.next()
    }

    fn watch(&mut self) -> Option<PositionWatch> {
        let paid = self.amount()?;
        let (start, high) = (self.maybe()?, self.maybe()?);
        let mark = match (start, high) {
            (Some(start), Some(high)) => Some(Mark { start, high }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        let (out_since, back_since) = (self.maybe_time()?, self.maybe_time()?);
        let clock = RangeClock { out_since, back_since };
        let exit = self.cause()?;
        let (unstaking_at, closing_at) = (self.maybe_time()?, self.maybe_time()?);
        Some(PositionWatch { mark, paid, clock, exit, unstaking_at, closing_at })
    }

    fn decision(&mut self) -> Option<Decision> {
        Some(Decision {
            order: self.key()?,
            kind: self.named(&DecisionKind::ALL, DecisionKind::name)?,
            pool: self.pool()?,
            position: self.position()?,
            at: self.time()?,
            predicted_gain: self.amount()?,
            predicted_cost: self.amount()?,
            realised: match (self.maybe()?, self.maybe()?) {
                (Some(gain), Some(after_seconds)) => Some(Realised { gain, after_seconds }),
                (None, None) => None,
                (Some(_), None) | (None, Some(_)) => return None,
            },
        })
    }
}

impl RiskState {
    /// Takes in one line; `None` where it is none of a state.
    pub(super) fn read(&mut self, fields: &mut Reader<'_>) -> Option<()> {
        match fields.0.next()? {
            "loss" => {
                self.start_equity = fields.maybe()?;
                self.worst_loss = fields.amount()?;
            }
            "portfolio" => {
                let (start, high) = (fields.amount()?, fields.amount()?);
                self.portfolio = Some(Mark { start, high });
            }
            "stopped" => self.stopped = Some(fields.cause()??),
            "position" => {
                self.positions.insert(fields.position()?, fields.watch()?);
            }
            "cool" => {
                self.cool_until.insert(fields.pool()?, fields.time()?);
            }
            "opening" => self.used.openings.push_back(fields.time()?),
            "swapped" => self.used.swaps.push_back((fields.time()?, fields.amount()?)),
            "gas" => self.used.gas.push_back((fields.time()?, fields.amount()?)),
            "mean" => {
                let key = (fields.pool()?, fields.next()?);
                let (observations, tick) = (VecDeque::new(), Tick(fields.next()?));
                self.means.insert(key, MeanTick { observations, tick });
            }
            "tick" => {
                let mean = self.means.get_mut(&(fields.pool()?, fields.next()?))?;
                let (at, cumulative) = (fields.time()?, fields.next()?);
                mean.observations.push_back(Observation { at, cumulative });
            }
            other => return self.read_of_book(other, fields),
        }
        Some(())
    }

    fn read_of_book(&mut self, what: &str, fields: &mut Reader<'_>) -> Option<()> {
        let book = &mut self.book;
        match what {
            "cost" => {
                let action = fields.named(&Action::ALL, Action::name)?;
                book.gas.insert(action, fields.amount()?);
            }
            "closed" => {
                let pool = fields.pool()?;
                let (swaps, swap_cost) = (fields.next()?, fields.amount()?);
                book.closed.insert(pool, Interim { swaps, swap_cost });
            }
            "growth" => {
                let past = book.growth.entry(fields.pool()?).or_default();
                let (at, tick) = (fields.time()?, fields.maybe()?.map(Tick));
                let fees = [fields.amount()?, fields.amount()?].map(|fees| FeeGrowth(fees.0));
                past.push_back(Growth { at, tick, fees });
            }
            "compounded" => {
                book.compounded_at.insert(fields.position()?, fields.time()?);
            }
            "decision" => book.decisions.push_back(fields.decision()?),
            "pending" => {
                let order = fields.key()?;
                let (paid, compounded) = (fields.amount()?, fields.amount()?);
                book.pending.insert(order, Pending { paid, compounded });
            }
            _ => return None,
        }
        Some(())
    }
}
