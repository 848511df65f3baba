use tidemill_strategy::View;
use tidemill_units::BlockNumber;

/// What the price of an interval was, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TickCandle {
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
}

/// Builds candles from a pool's own ticks.
///
/// An interval begins at a multiple of its length, and is closed by the first event that is none of
/// it. One without an event is flat at the close before it; of those at most a hundred are made in
/// a row. A block that is taken back takes the interval so far along, and no closed candle.
#[derive(Clone, Debug)]
pub(crate) struct TickCandles {
    seconds: u64,
    open: Option<Draft>,
}

#[derive(Clone, Copy, Debug)]
struct Draft {
    /// Which interval since the epoch.
    number: u64,
    candle: TickCandle,
    /// The block of the latest event in it.
    block: BlockNumber,
}

const MOST_FLAT: u64 = 100;

impl TickCandles {
    /// Returns a builder of candles of so many seconds, which are not zero.
    pub(crate) fn new(seconds: u64) -> Self {
        Self { seconds, open: None }
    }

    /// Takes in the pool's price, and gives out each candle that is closed by that.
    pub(crate) fn look(&mut self, view: &View<'_>, mut take: impl FnMut(TickCandle)) {
        let Some(pool) = view.pool() else { return };
        let tick = f64::from(pool.tick().0);
        let number = view.now().0.checked_div(self.seconds).unwrap_or(0);
        let flat = |price: f64| TickCandle { high: price, low: price, close: price };
        let stands =
            |open: &Draft| view.reverted_from().is_none_or(|reverted| open.block < reverted);
        let new = Draft { number, candle: flat(tick), block: view.block() };
        let Some(open) = self.open.filter(stands) else {
            self.open = Some(new);
            return;
        };
        if number <= open.number {
            let TickCandle { high, low, .. } = open.candle;
            let candle = TickCandle { high: high.max(tick), low: low.min(tick), close: tick };
            self.open = Some(Draft { candle, block: new.block, ..open });
            return;
        }
        take(open.candle);
        let empty = number.saturating_sub(open.number).saturating_sub(1).min(MOST_FLAT);
        (0..empty).for_each(|_| take(flat(open.candle.close)));
        self.open = Some(new);
    }
}
