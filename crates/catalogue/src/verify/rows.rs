//! What is checked of the rows of each dataset.

use tidemill_model::{
    BestQuote, BuildEvent, Candle, Funding, MarkPrice, PoolEvent, TapeEvent, Trade,
};
use tidemill_units::{Decimal, InstantUs};

use crate::verify::checks::{Clock, Findings, Numbers, Outliers, Spacing, Tally};
use crate::verify::{Check, Severity};
use crate::{Block, Coverage, PoolBar, PoolSnapshot, Record, Seen, SeriesValue, Source};

/// A row that can be checked.
pub(crate) trait Verified: Record {
    /// What its checks remember.
    type Checks: RowChecks<Self>;
}

/// Checks that see each row of a source once, in order.
pub(crate) trait RowChecks<R> {
    fn of(source: &Source) -> Self;
    fn row(&mut self, place: i64, row: &R);
    fn end_partition(&mut self) {}
    fn tell(&self, findings: &mut Findings, coverage: &Coverage);
}

/// Returns a decimal as a statistic takes it.
#[expect(clippy::as_conversions, reason = "a statistic of prices, not a price")]
fn statistic(value: Decimal) -> f64 {
    value.raw() as f64 / 1e18
}

pub(crate) struct CandleChecks {
    spacing: Option<Spacing>,
    outliers: Outliers,
    high: Tally,
    low: Tally,
    volume: Tally,
    price: Tally,
}

impl Verified for Candle {
    type Checks = CandleChecks;
}

impl RowChecks<Candle> for CandleChecks {
    fn of(source: &Source) -> Self {
        let spacing = source.interval().map(|interval| Spacing::new(interval.us()));
        let [high, low, volume, price] = Default::default();
        Self { spacing, outliers: Outliers::new(), high, low, volume, price }
    }

    fn row(&mut self, place: i64, row: &Candle) {
        if let Some(spacing) = &mut self.spacing {
            spacing.row(place);
        }
        self.outliers.price(place, statistic(row.close));
        if row.high < row.open.max(row.close) {
            self.high.add(place);
        }
        if row.low > row.open.min(row.close) {
            self.low.add(place);
        }
        if row.volume.is_negative() {
            self.volume.add(place);
        }
        let prices = [row.open, row.high, row.low, row.close];
        if prices.into_iter().any(|price| price <= Decimal::ZERO) {
            self.price.add(place);
        }
    }

    fn end_partition(&mut self) {
        self.outliers.end_partition();
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        if let Some(spacing) = &self.spacing {
            spacing.tell(findings, coverage);
        }
        let kind = (Severity::Error, Check::Consistency);
        self.high.tell(findings, kind, "open or close above high", "open, close <= high");
        self.low.tell(findings, kind, "open or close below low", "low <= open, close");
        self.volume.tell(findings, kind, "volume below zero", "volume >= 0");
        self.price.tell(findings, kind, "a price that is not above zero", "prices above zero");
        self.outliers.tell(findings);
    }
}

pub(crate) struct BarChecks {
    spacing: Option<Spacing>,
    trading: u64,
    outside: Tally,
    upside_down: Tally,
    no_fee_base: Tally,
}

impl Verified for PoolBar {
    type Checks = BarChecks;
}

impl RowChecks<PoolBar> for BarChecks {
    fn of(source: &Source) -> Self {
        let spacing = source.interval().map(|interval| Spacing::new(interval.us()));
        let [outside, upside_down, no_fee_base] = Default::default();
        Self { spacing, trading: 0, outside, upside_down, no_fee_base }
    }

    fn row(&mut self, place: i64, row: &PoolBar) {
        if let Some(spacing) = &mut self.spacing {
            spacing.row(place);
        }
        let has_paid = !row.paid_in.amount0.is_zero() || !row.paid_in.amount1.is_zero();
        if row.low > row.high {
            self.upside_down.add(place);
        }
        if !has_paid {
            if row.net.iter().any(|net| !net.is_zero()) {
                self.no_fee_base.add(place);
            }
            return;
        }
        self.trading += 1;
        let is_out = |tick| tick < row.low || tick > row.high;
        if is_out(row.open) || is_out(row.close) {
            self.outside.add(place);
        }
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        if let Some(spacing) = &self.spacing {
            spacing.tell(findings, coverage);
        }
        let permille = self.outside.count.saturating_mul(1000) / self.trading.max(1);
        let what = format!(
            "open or close outside low to high, in {}.{} % of {} intervals with trades",
            permille / 10,
            permille % 10,
            self.trading
        );
        let kind = (Severity::Warning, Check::Consistency);
        self.outside.tell(findings, kind, &what, "low <= open, close <= high");
        self.upside_down.tell(findings, kind, "low above high", "low <= high");
        let kind = (Severity::Warning, Check::MissingFees);
        let allowed = "amounts paid in wherever amounts moved";
        self.no_fee_base.tell(findings, kind, "amounts moved but none was paid in", allowed);
    }
}

pub(crate) struct TradeChecks {
    ids: Numbers,
    clock: Clock,
    outliers: Outliers,
    quantity: Tally,
}

impl Verified for Seen<Trade> {
    type Checks = TradeChecks;
}

impl RowChecks<Seen<Trade>> for TradeChecks {
    fn of(_: &Source) -> Self {
        let (ids, clock) = (Numbers::default(), Clock::default());
        Self { ids, clock, outliers: Outliers::new(), quantity: Tally::default() }
    }

    fn row(&mut self, place: i64, row: &Seen<Trade>) {
        self.ids.row(place, place);
        let at = row.sent.time.0;
        self.clock.row(at, Some(row.sent.time), row.seen_at);
        self.outliers.price(at, statistic(row.sent.price));
        if row.sent.quantity <= Decimal::ZERO {
            self.quantity.add(at);
        }
    }

    fn end_partition(&mut self) {
        self.outliers.end_partition();
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        self.ids.tell(findings, "ids");
        self.clock.tell(findings);
        self.outliers.tell(findings);
        let kind = (Severity::Error, Check::Consistency);
        self.quantity.tell(findings, kind, "a quantity not above zero", "quantities above zero");
    }
}

#[derive(Default)]
pub(crate) struct QuoteChecks {
    clock: Clock,
    crossed: Tally,
}

impl Verified for Seen<BestQuote> {
    type Checks = QuoteChecks;
}

impl RowChecks<Seen<BestQuote>> for QuoteChecks {
    fn of(_: &Source) -> Self {
        Self::default()
    }

    fn row(&mut self, _: i64, row: &Seen<BestQuote>) {
        let at = row.time().map_or(0, |time| time.0);
        self.clock.row(at, row.sent.time, row.seen_at);
        if row.sent.bid.price >= row.sent.ask.price {
            self.crossed.add(at);
        }
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        self.clock.tell(findings);
        let kind = (Severity::Error, Check::Consistency);
        self.crossed.tell(findings, kind, "the bid is at or above the ask", "bid below ask");
    }
}

#[derive(Default)]
pub(crate) struct NoChecks;

impl Verified for Funding {
    type Checks = NoChecks;
}

impl RowChecks<Funding> for NoChecks {
    fn of(_: &Source) -> Self {
        Self
    }

    fn row(&mut self, _: i64, _: &Funding) {}

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
    }
}

pub(crate) struct MarkChecks(Outliers, Tally);

impl Verified for MarkPrice {
    type Checks = MarkChecks;
}

impl RowChecks<MarkPrice> for MarkChecks {
    fn of(_: &Source) -> Self {
        Self(Outliers::new(), Tally::default())
    }

    fn row(&mut self, place: i64, row: &MarkPrice) {
        self.0.price(place, statistic(row.mark));
        if row.mark <= Decimal::ZERO {
            self.1.add(place);
        }
    }

    fn end_partition(&mut self) {
        self.0.end_partition();
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        self.0.tell(findings);
        let kind = (Severity::Error, Check::Consistency);
        self.1.tell(findings, kind, "a mark that is not above zero", "marks above zero");
    }
}

#[derive(Default)]
pub(crate) struct SeriesChecks {
    early: Tally,
}

impl Verified for SeriesValue {
    type Checks = SeriesChecks;
}

impl RowChecks<SeriesValue> for SeriesChecks {
    fn of(_: &Source) -> Self {
        Self::default()
    }

    fn row(&mut self, place: i64, row: &SeriesValue) {
        if row.observation.published_at < row.observation.time {
            self.early.add(place);
        }
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        let kind = (Severity::Warning, Check::Clock);
        let allowed = "published_at at or after time";
        self.early.tell(findings, kind, "published before its time", allowed);
    }
}

#[derive(Default)]
pub(crate) struct BlockChecks {
    numbers: Numbers,
    clock: Clock,
    no_fee: Tally,
    broken: Tally,
    last: Option<Block>,
}

impl Verified for Block {
    type Checks = BlockChecks;
}

impl RowChecks<Block> for BlockChecks {
    fn of(_: &Source) -> Self {
        Self::default()
    }

    fn row(&mut self, place: i64, row: &Block) {
        self.numbers.row(place, place);
        self.clock.row(place, row.time, None);
        if row.base_fee.is_none() && row.gas_price.is_none() {
            self.no_fee.add(place);
        }
        if let Some(last) = self.last.replace(*row)
            && last.number.0.checked_add(1) == Some(row.number.0)
            && let (Some(hash), Some(parent)) = (last.hash, row.parent_hash)
            && hash != parent
        {
            self.broken.add(place);
        }
    }

    fn tell(&self, findings: &mut Findings, _: &Coverage) {
        self.numbers.tell(findings, "blocks");
        self.clock.tell(findings);
        let kind = (Severity::Note, Check::MissingFees);
        let allowed = "a base fee or a gas price in each block";
        self.no_fee.tell(findings, kind, "neither a base fee nor a gas price", allowed);
        let kind = (Severity::Error, Check::Consistency);
        let allowed = "the hash of the block before";
        self.broken.tell(findings, kind, "the parent hash is another block's", allowed);
    }
}

#[derive(Default)]
pub(crate) struct SnapshotChecks {
    clock: Clock,
}

impl Verified for PoolSnapshot {
    type Checks = SnapshotChecks;
}

impl RowChecks<PoolSnapshot> for SnapshotChecks {
    fn of(_: &Source) -> Self {
        Self::default()
    }

    fn row(&mut self, place: i64, row: &PoolSnapshot) {
        self.clock.row(place, Some(row.time), None);
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        self.clock.tell(findings);
        tell_gaps(findings, coverage);
    }
}

pub(crate) struct EventChecks {
    clock: Clock,
    outliers: Outliers,
    swaps: u64,
    no_gas: Tally,
    no_price: Tally,
    no_fee: Tally,
}

impl Verified for TapeEvent {
    type Checks = EventChecks;
}

impl RowChecks<TapeEvent> for EventChecks {
    fn of(_: &Source) -> Self {
        let [no_gas, no_price, no_fee] = Default::default();
        let (clock, outliers) = (Clock::default(), Outliers::new());
        Self { clock, outliers, swaps: 0, no_gas, no_price, no_fee }
    }

    fn row(&mut self, place: i64, row: &TapeEvent) {
        self.clock.row(place, InstantUs::from_timestamp(row.time), None);
        if row.gas_price.is_none() {
            self.no_gas.add(place);
        }
        let Some((_, after)) = row.event.swap() else { return };
        self.swaps += 1;
        match after.sqrt_price {
            None => self.no_price.add(place),
            Some(price) => {
                let root = root_of(price);
                self.outliers.price(place, root * root);
            }
        }
        if let PoolEvent::Build(build) = &row.event
            && matches!(**build, BuildEvent::ManagedSwap { fee: None, .. })
        {
            self.no_fee.add(place);
        }
    }

    fn end_partition(&mut self) {
        self.outliers.end_partition();
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        self.clock.tell(findings);
        self.outliers.tell(findings);
        let kind = (Severity::Note, Check::MissingFees);
        self.no_gas.tell(findings, kind, "no gas price", "what each transaction paid for gas");
        let kind = (Severity::Warning, Check::MissingFees);
        self.no_fee.tell(findings, kind, "a swap without its fee", "the fee of each v4 swap");
        let kind = (Severity::Note, Check::Consistency);
        self.no_price.tell(findings, kind, "a swap without the price after", "prices after swaps");
    }
}

/// Returns the root of a price as a statistic takes it, without decimals.
pub(crate) fn root_of(price: tidemill_units::SqrtPrice) -> f64 {
    price.to_string().parse::<f64>().unwrap_or(0.0) / 2_f64.powi(96)
}

/// Tells of the holes that the manifest names.
pub(super) fn tell_gaps(findings: &mut Findings, coverage: &Coverage) {
    for gap in coverage.gaps() {
        let place = findings.place(gap.from);
        let what = format!("nothing up to {} ({})", findings.place(gap.to), gap.cause);
        findings.add((Severity::Warning, Check::Gap), place, what, "no gap", 1);
    }
    let spans = coverage.spans();
    for pair in spans.windows(2) {
        let [one, other] = pair else { continue };
        let named = coverage.gaps().iter().any(|gap| gap.from <= one.to && other.from <= gap.to);
        if !named {
            let place = findings.place(one.to);
            let what = format!("not asked for up to {}", findings.place(other.from));
            findings.add((Severity::Warning, Check::Gap), place, what, "one interval", 1);
        }
    }
}
