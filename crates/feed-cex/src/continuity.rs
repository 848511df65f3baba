use tidemill_model::{Candle, Interval};

/// Whether the numbers of a series follow each other.
///
/// Numbers of trades rise by one, opening times of candles by their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuity {
    next: Option<u64>,
    step: u64,
}

/// Where a number stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the first, or follows the last.
    Next,
    /// It is not behind the last: it came before, or too late.
    Old,
    /// Some are missing before it.
    Hole(Missing),
}

/// What is missing of a series: from `expected` up to, not including, `found`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The first that is missing.
    pub expected: u64,
    /// The first that is there again.
    pub found: u64,
}

impl Continuity {
    /// Returns a series whose numbers rise by one.
    pub fn by_one() -> Self {
        Self { next: None, step: 1 }
    }

    /// Returns a series of opening times.
    pub fn of_candles(interval: Interval) -> Self {
        Self { next: None, step: u64::try_from(interval.us()).unwrap_or(1) }
    }

    /// Returns the same series, with what has to be next.
    pub fn from(self, next: u64) -> Self {
        Self { next: Some(next), ..self }
    }

    /// Returns what has to be next; `None` before the first.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Takes the next number. Behind a hole it goes on from what was found.
    pub fn take(&mut self, number: u64) -> Place {
        let place = self.place(number);
        match place {
            Place::Old => {}
            Place::Next | Place::Hole(_) => self.next = number.checked_add(self.step),
        }
        place
    }

    /// Takes the next candle by its opening time.
    pub fn take_candle(&mut self, candle: &Candle) -> Place {
        // A venue's times are positive, as the parsers see to.
        self.take(u64::try_from(candle.open_time.0).unwrap_or(0))
    }

    /// Says where a number stands, and takes it not.
    pub fn place(&self, number: u64) -> Place {
        match self.next {
            None => Place::Next,
            Some(next) if number == next => Place::Next,
            Some(next) if number < next => Place::Old,
            Some(expected) => Place::Hole(Missing { expected, found: number }),
        }
    }

    /// Forgets what was: the next number is the first again.
    pub fn reset(&mut self) {
        self.next = None;
    }
}
