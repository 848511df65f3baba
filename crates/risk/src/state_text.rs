//! The state of risk as text: one line for each thing that is remembered, and all fields of it.

mod read;

use std::fmt::{self, Display, Write as _};

use tidemill_model::{OrderKey, PositionId};
use tidemill_units::Timestamp;

use crate::RiskState;
use read::Reader;

/// What the first line says.
const HEADER: &str = "tidemill-risk-state 1";

/// Why a text is no state of risk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateTextError {
    /// It begins with something else.
    #[error("the first line is not `{HEADER}`")]
    Header,
    /// A line that says nothing known, or says too little or too much.
    #[error("line {line}: `{text}` is not allowed there")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
}

/// A field that may have nothing in it.
struct Maybe<T>(Option<T>);

impl<T: Display> Display for Maybe<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(formatter),
            None => formatter.write_str("-"),
        }
    }
}

fn seconds(time: Timestamp) -> u64 {
    time.0
}

struct Key(OrderKey);

impl Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.0.sequence.0, self.0.intent)
    }
}

impl RiskState {
    /// Returns the state as text that [`from_text`](Self::from_text) reads.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string never fails.
        let _ = self.write(&mut text);
        text
    }

    /// Reads a state.
    ///
    /// Errors: [`StateTextError`], which names the line.
    pub fn from_text(text: &str) -> Result<Self, StateTextError> {
        let mut lines = (1..).zip(text.lines());
        if lines.next().is_none_or(|(_, first)| first != HEADER) {
            return Err(StateTextError::Header);
        }
        let mut state = Self::default();
        for (line, text) in lines {
            let wrong = || StateTextError::Line { line, text: text.to_owned() };
            let mut fields = Reader::of(text);
            let is_read = state.read(&mut fields).is_some() && fields.is_at_end();
            is_read.then_some(()).ok_or_else(wrong)?;
        }
        Ok(state)
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "{HEADER}")?;
        writeln!(text, "loss {} {}", Maybe(self.start_equity), self.worst_loss)?;
        if let Some(mark) = self.portfolio {
            writeln!(text, "portfolio {} {}", mark.start, mark.high)?;
        }
        if let Some(cause) = self.stopped {
            writeln!(text, "stopped {cause}")?;
        }
        for (PositionId(key), watch) in &self.positions {
            let mark = watch.mark;
            writeln!(
                text,
                "position {} {} {} {} {} {} {} {} {}",
                Key(*key),
                watch.paid,
                Maybe(mark.map(|mark| mark.start)),
                Maybe(mark.map(|mark| mark.high)),
                Maybe(watch.clock.out_since.map(seconds)),
                Maybe(watch.clock.back_since.map(seconds)),
                Maybe(watch.exit),
                Maybe(watch.unstaking_at.map(seconds)),
                Maybe(watch.closing_at.map(seconds)),
            )?;
        }
        for (pool, until) in &self.cool_until {
            writeln!(text, "cool {} {}", pool.0, until.0)?;
        }
        self.write_used(text)?;
        self.write_means(text)?;
        self.write_book(text)
    }

    fn write_used(&self, text: &mut String) -> fmt::Result {
        for at in &self.used.openings {
            writeln!(text, "opening {}", at.0)?;
        }
        for (at, value) in &self.used.swaps {
            writeln!(text, "swapped {} {value}", at.0)?;
        }
        for (at, wei) in &self.used.gas {
            writeln!(text, "gas {} {wei}", at.0)?;
        }
        Ok(())
    }

    fn write_means(&self, text: &mut String) -> fmt::Result {
        for ((pool, token), mean) in &self.means {
            writeln!(text, "mean {} {token} {}", pool.0, mean.tick)?;
            for one in &mean.observations {
                writeln!(text, "tick {} {token} {} {}", pool.0, one.at.0, one.cumulative)?;
            }
        }
        Ok(())
    }

    fn write_book(&self, text: &mut String) -> fmt::Result {
        let book = &self.book;
        for (action, wei) in &book.gas {
            writeln!(text, "cost {} {wei}", action.name())?;
        }
        for (pool, interim) in &book.closed {
            writeln!(text, "closed {} {} {}", pool.0, interim.swaps, interim.swap_cost)?;
        }
        for (pool, past) in &book.growth {
            for one in past {
                let (tick, [fees0, fees1]) = (Maybe(one.tick), one.fees);
                writeln!(text, "growth {} {} {tick} {} {}", pool.0, one.at.0, fees0.0, fees1.0)?;
            }
        }
        for (PositionId(key), at) in &book.compounded_at {
            writeln!(text, "compounded {} {}", Key(*key), at.0)?;
        }
        for one in &book.decisions {
            writeln!(
                text,
                "decision {} {} {} {} {} {} {} {} {}",
                Key(one.order),
                one.kind,
                one.pool.0,
                Key(one.position.0),
                one.at.0,
                one.predicted_gain,
                one.predicted_cost,
                Maybe(one.realised.map(|realised| realised.gain)),
                Maybe(one.realised.map(|realised| realised.after_seconds)),
            )?;
        }
        for (key, pending) in &book.pending {
            writeln!(text, "pending {} {} {}", Key(*key), pending.paid, pending.compounded)?;
        }
        Ok(())
    }
}
