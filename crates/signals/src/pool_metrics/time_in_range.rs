use tidemill_units::{InstantUs, Tick, TickRange};

/// How long liquidity was active, and how often its price left the range and came back.
///
/// A pool's tick stays where a swap left it until the next one: between two updates the first one's
/// tick holds. Integers until a fraction is asked for, so that it is exact however long the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeInRange {
    range: TickRange,
    now: InstantUs,
    tick: Tick,
    inside_us: u64,
    total_us: u64,
    exits: u64,
    entries: u64,
}

impl TimeInRange {
    /// Returns a meter that begins at a time, with the pool at a tick.
    pub const fn new(range: TickRange, at: InstantUs, tick: Tick) -> Self {
        Self { range, now: at, tick, inside_us: 0, total_us: 0, exits: 0, entries: 0 }
    }

    /// Takes in the pool's tick from a time on; the time alone passes with the tick as it was.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn update(&mut self, at: InstantUs, tick: Tick) {
        self.pass_to(at);
        let (was_inside, is_inside) = (self.is_inside(), self.range.contains(tick));
        self.exits += u64::from(was_inside && !is_inside);
        self.entries += u64::from(!was_inside && is_inside);
        self.tick = tick;
    }

    /// Moves the liquidity to another range at a time; neither an exit nor an entry.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn replace_range(&mut self, at: InstantUs, range: TickRange) {
        self.pass_to(at);
        self.range = range;
    }

    fn pass_to(&mut self, at: InstantUs) {
        assert!(at >= self.now, "time goes back from {} to {at} us", self.now);
        let passed = at.0.abs_diff(self.now.0);
        self.total_us += passed;
        self.inside_us += if self.is_inside() { passed } else { 0 };
        self.now = at;
    }

    /// Whether it is active now.
    pub fn is_inside(&self) -> bool {
        self.range.contains(self.tick)
    }

    /// Returns how much of the time it was active, 0 to 1; `None` before any has passed.
    pub fn fraction(&self) -> Option<f64> {
        (self.total_us > 0).then(|| self.inside_us as f64 / self.total_us as f64)
    }

    /// Returns the time it was active, in microseconds.
    pub const fn inside_us(&self) -> u64 {
        self.inside_us
    }

    /// Returns the time that has passed, in microseconds.
    pub const fn total_us(&self) -> u64 {
        self.total_us
    }

    /// Returns how often an update took the price out of the range.
    pub const fn exits(&self) -> u64 {
        self.exits
    }

    /// Returns how often an update took the price into the range.
    pub const fn entries(&self) -> u64 {
        self.entries
    }
}
