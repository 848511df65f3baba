use std::collections::VecDeque;

use tidemill_model::{Candle, Interval};
use tidemill_units::{Decimal, InstantUs};

/// Builds candles of one interval from prices or from shorter candles, and keeps the latest.
///
/// A candle covers `start <= t < start + interval` and is closed once, by the first instant at
/// which nothing of it can be missing any more. An interval in which nothing was traded is a candle
/// too: flat at the close before it, without volume. Before the first price there are none.
///
/// Keeps no more than a fixed number of closed candles. Knows no feed and no clock: whoever owns it
/// says how far time has gone, by the feed's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandleBuilder {
    interval: Interval,
    /// The length of the candles it is built from; `None` where it is built from prices.
    inner: Option<Interval>,
    keep: usize,
    /// Where the interval begins that is open now; `None` before the first price.
    start: Option<InstantUs>,
    draft: Option<Draft>,
    /// The last draft that was closed, for flat candles.
    last: Option<Draft>,
    /// From when on the feed is known to be whole.
    whole_from: Option<InstantUs>,
    doubt: Option<Doubt>,
    late: Late,
    closed: VecDeque<KnownCandle>,
    count: u64,
}

/// A closed candle, and whether all of it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownCandle {
    /// It.
    pub candle: Candle,
    /// Whether the feed was there for all of its interval: not where it began or had a gap in it,
    /// where a part of it is missing, or where something of it came after it was closed.
    pub is_whole: bool,
}

/// A price, and what was traded at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// When, by the feed's clock.
    pub time: InstantUs,
    /// Quote units per base unit.
    pub price: Decimal,
    /// In base units; zero for a price at which nothing was traded.
    pub volume: Decimal,
    /// In quote units, where known exactly.
    pub quote_volume: Option<Decimal>,
    /// How many trades; `None` for a price that is none.
    pub trades: Option<u64>,
}

/// What came after the candle that it belongs to was closed; no candle has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// How many prices or shorter candles.
    pub count: u64,
    /// The time of the latest to come.
    pub last: Option<InstantUs>,
}

/// Why a candle cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CandleError {
    /// Candles do not add up to ones of this interval.
    #[error("candles of {inner} do not add up to candles of {wanted}")]
    NotMultiple {
        /// The length of those there are.
        inner: Interval,
        /// The length asked for.
        wanted: Interval,
    },
    /// A candle of another length than the feed's.
    #[error("a candle of {found} among candles of {expected}")]
    OtherInterval {
        /// The length of the feed's candles.
        expected: Interval,
        /// Its length.
        found: Interval,
    },
    /// A candle that does not begin where one of its length can.
    #[error("a candle begins at {0} us, which is no multiple of its interval")]
    NotAligned(InstantUs),
    /// Candles cannot be kept.
    #[error("{0} candles are to be kept; allowed is 1 to 100000")]
    Keep(usize),
    /// A sum or an instant passes what fits.
    #[error("a volume or a time passes what fits")]
    TooLarge,
}

/// The most closed candles that a builder keeps.
pub const MAX_KEPT_CANDLES: usize = 100_000;

/// The interval so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Draft {
    first_time: InstantUs,
    last_time: InstantUs,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    volume: Decimal,
    quote_volume: Option<Decimal>,
    trades: Option<u64>,
    /// Shorter candles in it, of which the last.
    parts: i64,
    last_part: Option<InstantUs>,
    has_broken_part: bool,
    /// Whether it has no price of its own time, but that of the close before.
    is_flat: bool,
}

/// A stretch in which the feed was not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubt {
    from: InstantUs,
    /// `None` while it lasts.
    until: Option<InstantUs>,
}

impl CandleBuilder {
    /// Returns a builder of candles from prices that keeps so many closed ones.
    ///
    /// Errors: [`CandleError::Keep`].
    pub fn of_prices(interval: Interval, keep: usize) -> Result<Self, CandleError> {
        if !(1..=MAX_KEPT_CANDLES).contains(&keep) {
            return Err(CandleError::Keep(keep));
        }
        Ok(Self {
            interval,
            inner: None,
            keep,
            start: None,
            draft: None,
            last: None,
            whole_from: None,
            doubt: None,
            late: Late::default(),
            closed: VecDeque::new(),
            count: 0,
        })
    }

    /// Returns a builder of candles from shorter ones, or from ones of the same length.
    ///
    /// Errors: [`CandleError::NotMultiple`], [`CandleError::Keep`].
    pub fn of_candles(
        interval: Interval,
        inner: Interval,
        keep: usize,
    ) -> Result<Self, CandleError> {
        if interval.us().checked_rem(inner.us()) != Some(0) {
            return Err(CandleError::NotMultiple { inner, wanted: interval });
        }
        Ok(Self { inner: Some(inner), ..Self::of_prices(interval, keep)? })
    }

    /// Says from when on the feed is known to be whole; the time of its first price without.
    #[must_use]
    pub fn whole_from(mut self, start: InstantUs) -> Self {
        self.whole_from = Some(start);
        self
    }

    /// Keeps this many closed candles from now on, if that is more than so far.
    pub(crate) fn keep_at_least(&mut self, keep: usize) {
        self.keep = self.keep.max(keep.min(MAX_KEPT_CANDLES));
    }

    /// Returns how long its candles are.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the closed candles that are kept, oldest first.
    pub fn closed(&self) -> impl DoubleEndedIterator<Item = &KnownCandle> + ExactSizeIterator {
        self.closed.iter()
    }

    /// Returns how many candles were closed, those that are no longer kept among them.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns what came too late for its candle.
    pub fn late(&self) -> Late {
        self.late
    }

    /// Returns the first instant, by the feed's clock, that closes the open candle; `None` before
    /// the first price.
    pub fn closes_at(&self) -> Option<InstantUs> {
        let end = self.interval.end_of(self.start?)?;
        // The last shorter candle is known at the boundary itself, and may be next.
        if self.inner.is_some() { end.checked_add_us(1) } else { Some(end) }
    }

    /// Closes every candle that nothing can be missing of, now that all has been seen that
    /// happened before `now` by the feed's clock.
    ///
    /// Errors: [`CandleError::TooLarge`].
    pub fn advance(&mut self, now: InstantUs) -> Result<(), CandleError> {
        while let Some(start) = self.start {
            if self.closes_at().is_none_or(|closes_at| now < closes_at) {
                return Ok(());
            }
            if self.draft.is_none() {
                self.skip_what_is_not_kept(start, now)?;
            }
            self.close_one()?;
        }
        Ok(())
    }

    /// Takes in a price.
    ///
    /// Errors: [`CandleError::TooLarge`].
    pub fn add_price(&mut self, point: &PricePoint) -> Result<(), CandleError> {
        self.begin(point.time)?;
        self.advance(point.time)?;
        if self.is_late(point.time) {
            return Ok(());
        }
        let new = Draft::of_point(point);
        self.draft = Some(match self.draft {
            None => new,
            Some(draft) => draft.joined(&new).ok_or(CandleError::TooLarge)?,
        });
        Ok(())
    }

    /// Takes in a closed candle of the length it is built from, and closes its own if that was the
    /// last of it.
    ///
    /// Errors: [`CandleError::OtherInterval`], [`CandleError::NotAligned`],
    /// [`CandleError::TooLarge`]; the builder is as it was.
    pub fn add_candle(&mut self, length: Interval, known: &KnownCandle) -> Result<(), CandleError> {
        let inner = self.inner.unwrap_or(length);
        if inner != length || self.inner.is_none() {
            let expected = self.inner.unwrap_or(self.interval);
            return Err(CandleError::OtherInterval { expected, found: length });
        }
        let open_time = known.candle.open_time;
        if inner.start_of(open_time) != Some(open_time) {
            return Err(CandleError::NotAligned(open_time));
        }
        let end = inner.end_of(open_time).ok_or(CandleError::TooLarge)?;
        self.begin(open_time)?;
        self.advance(open_time)?;
        let start = self.start.ok_or(CandleError::TooLarge)?;
        let is_after = self.interval.end_of(start).is_some_and(|end| open_time >= end);
        if is_after {
            // The clock stands at the boundary: what is open ends there without its last part.
            self.advance(open_time.checked_add_us(1).ok_or(CandleError::TooLarge)?)?;
        }
        if self.is_late(open_time) || self.is_repeated(open_time) {
            return Ok(());
        }
        let new = Draft::of_candle(known, self.is_flat(&known.candle), self.last_close());
        self.draft = Some(match self.draft {
            None => new,
            Some(draft) => draft.joined(&new).ok_or(CandleError::TooLarge)?,
        });
        if self.start.and_then(|start| self.interval.end_of(start)) == Some(end) {
            self.close_one()?;
        }
        Ok(())
    }

    /// Notes that the feed cannot vouch for what happened from then on. Candles that are built
    /// from shorter ones show by a missing part what is not known.
    pub fn doubt_from(&mut self, since: InstantUs) {
        if self.inner.is_some() {
            return;
        }
        let is_over = |doubt: &Doubt| doubt.until.is_some() && !self.touches_open(doubt);
        let before = self.doubt.filter(|doubt| !is_over(doubt)).map(|doubt| doubt.from);
        let from = before.map_or(since, |before| before.min(since));
        self.doubt = Some(Doubt { from, until: None });
        let interval = self.interval;
        for known in self.closed.iter_mut().rev() {
            let end = interval.end_of(known.candle.open_time);
            if end.is_some_and(|end| end <= since) {
                break;
            }
            known.is_whole = false;
        }
    }

    /// Notes that the feed is whole again from then on.
    pub fn trust_from(&mut self, until: InstantUs) {
        if let Some(doubt) = &mut self.doubt {
            doubt.until.get_or_insert(until);
        }
    }

    fn touches_open(&self, doubt: &Doubt) -> bool {
        let Some(start) = self.start else { return true };
        doubt.until.is_none_or(|until| until > start)
    }

    fn begin(&mut self, time: InstantUs) -> Result<(), CandleError> {
        if self.start.is_none() {
            self.start = Some(self.interval.start_of(time).ok_or(CandleError::TooLarge)?);
            self.whole_from.get_or_insert(time);
        }
        Ok(())
    }

    /// Counts what belongs to a closed candle, and marks that.
    fn is_late(&mut self, time: InstantUs) -> bool {
        if self.start.is_none_or(|start| time >= start) {
            return false;
        }
        self.late.count = self.late.count.saturating_add(1);
        self.late.last = Some(time);
        let start = self.interval.start_of(time);
        let mut newest_first = self.closed.iter_mut().rev();
        if let Some(known) = newest_first.find(|known| Some(known.candle.open_time) == start) {
            known.is_whole = false;
        }
        true
    }

    /// The same part again, or one from before it: the first to come stands.
    fn is_repeated(&mut self, open_time: InstantUs) -> bool {
        let last = self.draft.and_then(|draft| draft.last_part);
        if last.is_none_or(|last| open_time > last) {
            return false;
        }
        self.late.count = self.late.count.saturating_add(1);
        self.late.last = Some(open_time);
        true
    }

    fn last_close(&self) -> Option<Decimal> {
        self.draft.or(self.last).map(|draft| draft.close)
    }

    /// Whether a candle says no more than that nothing was traded.
    fn is_flat(&self, candle: &Candle) -> bool {
        let is_level = candle.high == candle.low && self.last_close() == Some(candle.close);
        match candle.trades {
            Some(trades) => trades == 0,
            None => candle.volume.is_zero() && is_level,
        }
    }

    /// Of a long silence only the candles that will be kept are made.
    fn skip_what_is_not_kept(
        &mut self,
        start: InstantUs,
        now: InstantUs,
    ) -> Result<(), CandleError> {
        let passed = now.us_since(start).and_then(|us| us.checked_div(self.interval.us()));
        let keep = i64::try_from(self.keep).unwrap_or(i64::MAX);
        let skipped = passed.and_then(|passed| passed.checked_sub(keep)?.checked_sub(1));
        let Some(skipped) = skipped.filter(|skipped| *skipped > 0) else { return Ok(()) };
        let by = self.interval.us().checked_mul(skipped).ok_or(CandleError::TooLarge)?;
        self.start = Some(start.checked_add_us(by).ok_or(CandleError::TooLarge)?);
        self.count = self.count.saturating_add(skipped.unsigned_abs());
        Ok(())
    }

    /// Closes the open interval, whatever is in it.
    fn close_one(&mut self) -> Result<(), CandleError> {
        let start = self.start.ok_or(CandleError::TooLarge)?;
        let end = self.interval.end_of(start).ok_or(CandleError::TooLarge)?;
        let draft = self.draft.take();
        let is_whole = self.is_whole(start, end, draft.as_ref());
        self.start = Some(end);
        let Some(shown) = draft.or(self.last.map(Draft::flat)) else { return Ok(()) };
        self.last = Some(shown);
        if self.closed.len() >= self.keep {
            self.closed.pop_front();
        }
        self.closed.push_back(KnownCandle { candle: shown.candle(start), is_whole });
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn is_whole(&self, start: InstantUs, end: InstantUs, draft: Option<&Draft>) -> bool {
        let has_begun = self.whole_from.is_some_and(|from| from <= start);
        let is_doubtful = self
            .doubt
            .is_some_and(|doubt| doubt.from < end && doubt.until.is_none_or(|until| until > start));
        let has_all_parts = self.inner.is_none_or(|inner| {
            let wanted = self.interval.us().checked_div(inner.us());
            draft.is_some_and(|draft| Some(draft.parts) == wanted && !draft.has_broken_part)
        });
        has_begun && !is_doubtful && has_all_parts
    }
}

impl Draft {
    fn of_point(point: &PricePoint) -> Self {
        let PricePoint { time, price, volume, quote_volume, trades } = *point;
        Self {
            first_time: time,
            last_time: time,
            open: price,
            high: price,
            low: price,
            close: price,
            volume,
            quote_volume,
            trades,
            parts: 0,
            last_part: None,
            has_broken_part: false,
            is_flat: false,
        }
    }

    /// A candle without trades has no prices of its own: it is flat where the last one closed.
    fn of_candle(known: &KnownCandle, is_flat: bool, last_close: Option<Decimal>) -> Self {
        let Candle { open_time, open, high, low, close, volume, quote_volume, trades } =
            known.candle;
        let level = last_close.filter(|_| is_flat);
        Self {
            first_time: open_time,
            last_time: open_time,
            open: level.unwrap_or(open),
            high: level.unwrap_or(high),
            low: level.unwrap_or(low),
            close: level.unwrap_or(close),
            volume,
            quote_volume,
            trades,
            parts: 1,
            last_part: Some(open_time),
            has_broken_part: !known.is_whole,
            is_flat,
        }
    }

    /// Returns both together; prices by their time, and those of one time as they came.
    fn joined(self, next: &Self) -> Option<Self> {
        let is_first = next.first_time < self.first_time;
        let is_last = next.last_time >= self.last_time;
        // One without prices of its own takes those of the other.
        let (mine, theirs) = match (self.is_flat, next.is_flat) {
            (true, false) => (next, next),
            (false, true) => (&self, &self),
            _ => (&self, next),
        };
        Some(Self {
            first_time: self.first_time.min(next.first_time),
            last_time: self.last_time.max(next.last_time),
            open: if is_first { theirs.open } else { mine.open },
            high: mine.high.max(theirs.high),
            low: mine.low.min(theirs.low),
            close: if is_last { theirs.close } else { mine.close },
            volume: self.volume.checked_add(next.volume)?,
            quote_volume: joined(self.quote_volume, next.quote_volume, Decimal::checked_add)?,
            trades: joined(self.trades, next.trades, u64::checked_add)?,
            parts: self.parts.checked_add(next.parts)?,
            last_part: self.last_part.max(next.last_part),
            has_broken_part: self.has_broken_part || next.has_broken_part,
            is_flat: self.is_flat && next.is_flat,
        })
    }

    /// Returns an interval in which nothing was traded, after this one.
    fn flat(self) -> Self {
        Self {
            open: self.close,
            high: self.close,
            low: self.close,
            volume: Decimal::ZERO,
            quote_volume: self.quote_volume.map(|_| Decimal::ZERO),
            trades: self.trades.map(|_| 0),
            parts: 0,
            last_part: None,
            is_flat: true,
            ..self
        }
    }

    fn candle(&self, open_time: InstantUs) -> Candle {
        let Self { open, high, low, close, volume, quote_volume, trades, .. } = *self;
        Candle { open_time, open, high, low, close, volume, quote_volume, trades }
    }
}

/// Adds what both tell: `Some(None)` where one of them does not tell it, `None` past what fits.
#[expect(clippy::option_option, reason = "not told and too large are two things")]
fn joined<T>(
    one: Option<T>,
    other: Option<T>,
    add: impl FnOnce(T, T) -> Option<T>,
) -> Option<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) => add(one, other).map(Some),
        _ => Some(None),
    }
}
