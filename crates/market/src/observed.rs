//! Pools whose tape has no tick map: what is recorded is trusted, executed again where it can be,
//! and bounded where it cannot.

mod bounds;
mod curve;
mod fault;
mod floor;
mod passage;
mod report;
mod unknown;

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{
    FeeRule, Rounding, amounts_for_liquidity, sqrt_price_at_tick, tick_at_sqrt_price,
};
use tidemill_model::{
    PoolBuild, PoolEvent, PoolHeader, PoolStart, RecordedAfter, Tape, TapeEvent, WindowState,
};
use tidemill_units::{Amount, Amounts, Liquidity, Side, SignedAmounts, SqrtPrice, Tick, TickRange};

pub use bounds::{Certainty, GrowthBounds};
pub use fault::{ObservedFault, ObservedFinding};
pub use report::{ClassTotals, EventPlace, ObservedReport, SwapClass};

use curve::{Bucket, Deltas, Epoch, bucket_of, infer, liquidity_change};
use passage::{Earned, Ending, Passage, Recorded, Stretch, Terms};

/// A Uniswap v3 pool as its recorded events say it was, with the growth of its fees to the unit or
/// between bounds.
///
/// Each swap says the price, tick and liquidity that it left. One that stays between two
/// neighbouring multiples of the tick spacing is executed again from that alone. One that goes on
/// needs the liquidity on its way: mints and burns on the tape are known, and what was there before
/// them never changes, so that every other swap that ended on the way, earlier or later, says it.
/// The whole tape is therefore read once before the first event is applied.
///
/// Memory: one entry for each tick and each stretch between ticks that the tape mentions.
#[derive(Clone, Debug)]
pub struct ObservedPool {
    header: PoolHeader,
    fee: FeeRule,
    fee_protocol: [u8; 2],
    /// In reverse, so that the next one is last.
    later: Vec<Epoch>,
    epoch: Epoch,
    deltas: Deltas,
    place: Option<Place>,
    global: [GrowthBounds; 2],
    inside: BTreeMap<Bucket, [GrowthBounds; 2]>,
    stretches: Vec<Stretch>,
    applied: usize,
    report: ObservedReport,
}

/// Where a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its price.
    pub sqrt_price: SqrtPrice,
    /// Its tick.
    pub tick: Tick,
    /// The liquidity in range.
    pub liquidity: Liquidity,
}

/// Why a tape cannot be read as one without a tick map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObservedError {
    /// A pool of another build.
    #[error("only the tapes of Uniswap v3 pools can be replayed as observed")]
    Build,
    /// Recorded amounts are rounded.
    #[error("amounts on this tape are rounded; only exact ones can be replayed as observed")]
    Rounded,
    /// A fee that no pool has.
    #[error("a fee of 1000000 pips or more")]
    Fee,
}

/// What one swap was found to be.
struct Passed {
    class: SwapClass,
    fault: Option<ObservedFault>,
    input: Side,
    paid: Amount,
    fee: Amount,
}

/// Buckets that a swap may pass at most; one that goes further is taken as unknown.
const MOST_STRETCHES: usize = 1 << 16;

impl ObservedPool {
    /// Returns the pool at the start of its tape, which may also be one with a tick map: that is
    /// left aside then.
    ///
    /// Errors: [`ObservedError`].
    pub fn new(tape: &Tape) -> Result<Self, ObservedError> {
        if tape.header.build != PoolBuild::UniswapV3 {
            return Err(ObservedError::Build);
        }
        if !tape.header.amount_tolerance.is_exact() {
            return Err(ObservedError::Rounded);
        }
        let fee = FeeRule::new(tape.header.fee).ok_or(ObservedError::Fee)?;
        let mut later = infer(tape);
        let ticks = later.iter().fold(0_u64, |sum, epoch| sum.saturating_add(epoch.ticks()));
        later.reverse();
        let epoch = later.pop().unwrap_or_default();
        let (fee_protocol, state) = match tape.header.start {
            PoolStart::Creation => ([0; 2], None),
            PoolStart::Snapshot { block, sqrt_price, tick, liquidity } => {
                ([0; 2], Some(WindowState { block, sqrt_price, tick, liquidity }))
            }
            PoolStart::Window(start) => (start.fee_protocol, start.state),
        };
        let mut pool = Self {
            header: tape.header.clone(),
            fee,
            fee_protocol,
            later,
            epoch,
            deltas: Deltas::default(),
            place: state.map(|WindowState { sqrt_price, tick, liquidity, .. }| Place {
                sqrt_price,
                tick,
                liquidity,
            }),
            global: [GrowthBounds::default(); 2],
            inside: BTreeMap::new(),
            stretches: Vec::new(),
            applied: 0,
            report: ObservedReport { ticks_inferred: ticks, ..ObservedReport::default() },
        };
        pool.look_at_place();
        Ok(pool)
    }

    /// Returns the pool's constants.
    pub fn header(&self) -> &PoolHeader {
        &self.header
    }

    /// Returns where the pool is; `None` before the first swap of a tape that does not say.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// Returns how far the events so far were executed again.
    pub fn report(&self) -> &ObservedReport {
        &self.report
    }

    /// Returns the growth of fees per liquidity since the tape's start, token0 and token1.
    pub fn fee_growth_global(&self) -> [GrowthBounds; 2] {
        self.global
    }

    /// Returns the growth of fees since the tape's start while the price was inside a range;
    /// between two events it grows by the difference of two calls ([`GrowthBounds::since`]).
    ///
    /// The ends of the range are multiples of the tick spacing. Where a step of a swap goes through
    /// an end that the pool has not initialized, its fees are divided in proportion to its input.
    pub fn fee_growth_inside(&self, range: TickRange) -> [GrowthBounds; 2] {
        let [lower, upper] = self.buckets(range);
        let mut sum = [GrowthBounds::default(); 2];
        if lower < upper {
            for growth in self.inside.range(lower..upper).map(|(_, growth)| growth) {
                let [sum0, sum1] = &mut sum;
                let [growth0, growth1] = growth;
                sum0.add(growth0);
                sum1.add(growth1);
            }
        }
        sum
    }

    /// Applies the next event of the tape. What does not fit is a finding of the report, and the
    /// pool goes on from what is recorded.
    pub fn apply(&mut self, recorded: &TapeEvent) {
        let fault = self.apply_event(recorded).err();
        if let Some(fault) = fault {
            let TapeEvent { block, log_index, .. } = *recorded;
            self.report.find(ObservedFinding { block, log_index, fault });
        }
        self.applied = self.applied.saturating_add(1);
        self.report.events = self.report.events.saturating_add(1);
    }

    fn apply_event(&mut self, recorded: &TapeEvent) -> Result<(), ObservedFault> {
        let event = &recorded.event;
        match *event {
            PoolEvent::Swap { amounts, after } => self.swap(recorded, amounts, after),
            PoolEvent::Mint { range, liquidity, amounts, .. } => {
                self.change(event)?;
                self.compare(event, (range, liquidity, Rounding::Up), amounts)
            }
            PoolEvent::Burn { range, liquidity, amounts, .. } => {
                let checked = self.compare(event, (range, liquidity, Rounding::Down), amounts);
                self.change(event).and(checked)
            }
            PoolEvent::Collect { .. } => Ok(()),
            PoolEvent::Flash { paid } => self.flash(event, paid),
            PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
                self.fee_protocol = [fee_protocol0, fee_protocol1];
                Ok(())
            }
            PoolEvent::Initialize { sqrt_price, tick } if self.applied == 0 => {
                let computed = tick_at_sqrt_price(sqrt_price).unwrap_or_default();
                let tick = tick.unwrap_or(computed);
                self.place = Some(Place { sqrt_price, tick, liquidity: Liquidity::ZERO });
                self.look_at_place();
                check_tick(tick, sqrt_price, None)
            }
            PoolEvent::Initialize { .. } | PoolEvent::Shares(_) | PoolEvent::Build(_) => {
                Err(ObservedFault::OtherPool { kind: event.kind() })
            }
        }
    }

    fn buckets(&self, range: TickRange) -> [Bucket; 2] {
        [range.lower, range.upper].map(|tick| bucket_of(tick, self.header.tick_spacing))
    }

    fn look_at_place(&mut self) {
        if let Some(place) = self.place {
            self.deltas.move_to(bucket_of(place.tick, self.header.tick_spacing));
        }
    }

    fn change(&mut self, event: &PoolEvent) -> Result<(), ObservedFault> {
        let Some((range, by)) = liquidity_change(event) else { return Ok(()) };
        self.report.liquidity_changes = self.report.liquidity_changes.saturating_add(1);
        self.deltas.change(self.buckets(range), by);
        let Some(place) = self.place.as_mut().filter(|place| range.contains(place.tick)) else {
            return Ok(());
        };
        let before = i128::try_from(place.liquidity.0).unwrap_or(i128::MAX);
        let left = before.saturating_add(by);
        place.liquidity = Liquidity(u128::try_from(left).unwrap_or(0));
        if left < 0 { Err(ObservedFault::NegativeLiquidity { left }) } else { Ok(()) }
    }

    fn compare(
        &self,
        event: &PoolEvent,
        (range, liquidity, rounding): (TickRange, Liquidity, Rounding),
        recorded: Amounts,
    ) -> Result<(), ObservedFault> {
        let kind = event.kind();
        let Some(place) = self.place else { return Ok(()) };
        let computed = amounts_for_liquidity(place.sqrt_price, range, liquidity, rounding)
            .map_err(|error| ObservedFault::Reverts { kind, error })?;
        for (side, field) in [(Side::Token0, "amount0"), (Side::Token1, "amount1")] {
            let (computed, recorded) = (computed.get(side), recorded.get(side));
            if computed != recorded {
                return Err(ObservedFault::Amount { kind, field, computed, recorded });
            }
        }
        Ok(())
    }

    fn terms(&self, input: Side) -> Terms {
        let [share0, share1] = self.fee_protocol;
        let protocol_share = match input {
            Side::Token0 => share0,
            Side::Token1 => share1,
        };
        Terms { fee: self.fee, protocol_share }
    }

    /// All of what was paid on top goes to the liquidity in range.
    fn flash(&mut self, event: &PoolEvent, paid: Amounts) -> Result<(), ObservedFault> {
        let Some(place) = self.place else { return Ok(()) };
        let impossible = ObservedFault::OtherPool { kind: event.kind() };
        if place.liquidity.is_zero() {
            return Err(impossible);
        }
        for side in [Side::Token0, Side::Token1] {
            let growth = self.terms(side).growth(paid.get(side), place.liquidity.0);
            let growth = GrowthBounds::exact(growth.ok_or(impossible.clone())?);
            let bucket = bucket_of(place.tick, self.header.tick_spacing);
            self.grow(side, &growth, [(bucket, growth)]);
        }
        Ok(())
    }

    fn grow(
        &mut self,
        side: Side,
        whole: &GrowthBounds,
        parts: impl IntoIterator<Item = (Bucket, GrowthBounds)>,
    ) {
        of_side(&mut self.global, side).add(whole);
        for (bucket, growth) in parts {
            of_side(self.inside.entry(bucket).or_default(), side).add(&growth);
        }
    }

    fn swap(
        &mut self,
        recorded: &TapeEvent,
        amounts: SignedAmounts,
        after: RecordedAfter,
    ) -> Result<(), ObservedFault> {
        let RecordedAfter { sqrt_price, liquidity, tick } = after;
        let recorded_place = sqrt_price.zip(liquidity).zip(tick);
        let ((sqrt_price, liquidity), tick) = recorded_place.ok_or(ObservedFault::NotRecorded)?;
        let to = Place { sqrt_price, tick, liquidity };
        let Some(from) = self.place.replace(to) else {
            self.report.is_opened_by_swap = true;
            self.look_at_place();
            return check_tick(tick, sqrt_price, None);
        };
        let passed = self.pass([from, to], amounts);
        self.report.count_swap(passed.class, passed.input, passed.paid, passed.fee);
        let TapeEvent { block, log_index, .. } = *recorded;
        let here = EventPlace { block, log_index };
        if passed.class >= SwapClass::Bounded {
            self.report.first_bounded.get_or_insert(here);
        }
        if passed.class == SwapClass::Unresolved {
            self.report.first_unresolved.get_or_insert(here);
        }
        passed.fault.map_or(Ok(()), Err)
    }

    fn pass(&mut self, [from, to]: [Place; 2], amounts: SignedAmounts) -> Passed {
        let input = input_of(amounts, [from.sqrt_price, to.sqrt_price]);
        let paid = amounts.get(input).magnitude();
        let received = amounts.get(input.other()).magnitude();
        let mut passed =
            Passed { class: SwapClass::Unresolved, fault: None, input, paid, fee: Amount::ZERO };
        let beyond = self.beyond(input, to);
        let recorded = Recorded { input, paid, received, after: to.sqrt_price, beyond };
        // First, so that the next epoch begins where it does whatever else is wrong.
        let checked = self
            .check_liquidity(to)
            .and_then(|()| check_tick(to.tick, to.sqrt_price, Some(input)))
            .and_then(|()| check_direction(input, [from.sqrt_price, to.sqrt_price]))
            .and_then(|()| self.earn(&recorded, [from, to], amounts));
        self.look_at_place();
        match checked {
            Ok((class, earned)) => {
                let parts = self.stretches.iter().map(|stretch| stretch.bucket);
                let parts: Vec<_> = parts.zip(earned.by_stretch).collect();
                self.grow(input, &earned.growth, parts);
                passed = Passed { class, fee: earned.fee, ..passed };
            }
            Err(fault) => {
                let nothing = GrowthBounds { unresolved: 1, ..GrowthBounds::default() };
                let bucket = bucket_of(to.tick, self.header.tick_spacing);
                for side in [Side::Token0, Side::Token1] {
                    self.grow(side, &nothing, [(bucket, nothing)]);
                }
                passed.fault = Some(fault);
            }
        }
        passed
    }

    /// Returns the price of the far end of the bucket where a swap ended, or where it ended just
    /// there, the price where all ticks end.
    fn beyond(&self, input: Side, to: Place) -> SqrtPrice {
        let bucket = bucket_of(to.tick, self.header.tick_spacing);
        let (end, limit) = match input {
            Side::Token0 => (bucket, SqrtPrice::MIN),
            Side::Token1 => (bucket.saturating_add(1), SqrtPrice::MAX),
        };
        let price = self.price_at(end).unwrap_or(limit);
        if price == to.sqrt_price { limit } else { price }
    }

    /// The price of a multiple of the tick spacing, or where ticks end.
    fn price_at(&self, multiple: Bucket) -> Option<SqrtPrice> {
        let tick = multiple.saturating_mul(self.header.tick_spacing);
        sqrt_price_at_tick(Tick(tick.clamp(Tick::MIN.0, Tick::MAX.0)))
    }

    /// Where the tape contradicts itself, begins anew with what is recorded here.
    fn check_liquidity(&mut self, to: Place) -> Result<(), ObservedFault> {
        if self.later.last().is_none_or(|next| next.from != self.applied) {
            return Ok(());
        }
        let bucket = bucket_of(to.tick, self.header.tick_spacing);
        self.deltas.move_to(bucket);
        let base = self.epoch.base(bucket).map_or(0, |[base, _]| base);
        let expected = base.saturating_add(self.deltas.here());
        self.epoch = self.later.pop().unwrap_or_default();
        self.deltas = Deltas::default();
        Err(ObservedFault::Liquidity { tick: to.tick, recorded: to.liquidity, expected })
    }

    fn earn(
        &mut self,
        recorded: &Recorded,
        places: [Place; 2],
        amounts: SignedAmounts,
    ) -> Result<(SwapClass, Earned), ObservedFault> {
        let [from, to] = places;
        let contradiction = || ObservedFault::Swap {
            amount0: amounts.amount0.to_string(),
            amount1: amounts.amount1.to_string(),
            before: from.sqrt_price,
        };
        self.lay_out(recorded, places).ok_or_else(contradiction)?;
        let is_even =
            self.stretches.iter().all(|stretch| stretch.liquidity == [from.liquidity.0; 2]);
        let terms = self.terms(recorded.input);
        if !self.is_known() {
            let stretches = &self.stretches;
            let passage = Passage { terms, recorded: *recorded, stretches };
            if passage.is_too_much() {
                return Err(contradiction());
            }
            if let Some((place, bounds)) = passage.narrow() {
                let [least, most] = bounds;
                if least > most {
                    return Err(contradiction());
                }
                self.narrow(place, bounds, to);
            }
        }
        let passage = Passage { terms, recorded: *recorded, stretches: &self.stretches };
        if !self.is_known() {
            let earned = passage.bound().ok_or_else(contradiction)?;
            return Ok((SwapClass::Bounded, earned));
        }
        match passage.execute() {
            Ok((earned, learnt)) => {
                for (tick, is_stop) in learnt {
                    if let Some(is_stop) = is_stop {
                        self.epoch.learn(tick, self.deltas.at_tick(tick), is_stop);
                    }
                }
                let class = match (earned.growth.certainty(), is_even) {
                    (Certainty::Exact, true) => SwapClass::Exact,
                    (Certainty::Exact, false) => SwapClass::Inferred,
                    (Certainty::Bounded | Certainty::Unresolved, _) => SwapClass::Bounded,
                };
                Ok((class, earned))
            }
            Err(passage::NotExecuted::TooManyReadings) => {
                let earned = passage.bound().ok_or_else(contradiction)?;
                Ok((SwapClass::Bounded, earned))
            }
            Err(passage::NotExecuted::Contradiction) => Err(contradiction()),
        }
    }

    fn is_known(&self) -> bool {
        let is_known = |stretch: &Stretch| {
            let [least, most] = stretch.liquidity;
            least == most
        };
        self.stretches.iter().all(is_known)
    }

    /// Takes over narrower bounds of the liquidity in one stretch.
    fn narrow(&mut self, place: usize, bounds: [u128; 2], to: Place) {
        let Some(stretch) = self.stretches.get_mut(place) else { return };
        stretch.liquidity = bounds;
        let bucket = stretch.bucket;
        let signed = bounds.map(|bound| i128::try_from(bound).unwrap_or(i128::MAX));
        self.deltas.move_to(bucket);
        let here = self.deltas.here();
        self.epoch.narrow(bucket, signed.map(|bound| bound.saturating_sub(here)));
        self.deltas.move_to(bucket_of(to.tick, self.header.tick_spacing));
        self.mark_changes();
    }

    /// Lays the swap's way out over buckets; `None` where the liquidity of one would be below
    /// zero, or there are more than [`MOST_STRETCHES`].
    fn lay_out(&mut self, recorded: &Recorded, [from, to]: [Place; 2]) -> Option<()> {
        let spacing = self.header.tick_spacing;
        let (first, last) = (bucket_of(from.tick, spacing), bucket_of(to.tick, spacing));
        self.stretches.clear();
        let (mut bucket, mut price) = (first, from.sqrt_price);
        loop {
            let is_last = bucket == last;
            let (end, next) = match recorded.input {
                Side::Token0 => (bucket, bucket.saturating_sub(1)),
                Side::Token1 => (bucket.saturating_add(1), bucket.saturating_add(1)),
            };
            let until = if is_last { to.sqrt_price } else { self.price_at(end)? };
            let liquidity = match (bucket == first, is_last) {
                (true, _) => [from.liquidity.0; 2],
                (false, true) => [to.liquidity.0; 2],
                (false, false) => self.liquidity_in(bucket)?,
            };
            let ending = if is_last { Ending::Stop } else { self.ending(end, recorded.input) };
            self.stretches.push(Stretch { bucket, from: price, to: until, liquidity, ending });
            if is_last {
                break;
            }
            if self.stretches.len() >= MOST_STRETCHES {
                return None;
            }
            (bucket, price) = (next, until);
        }
        self.mark_changes();
        // Both ends of a way within one bucket have the same liquidity.
        (first != last || from.liquidity == to.liquidity).then_some(())
    }

    /// Returns the liquidity of a bucket now, as far as it is known.
    fn liquidity_in(&mut self, bucket: Bucket) -> Option<[u128; 2]> {
        self.deltas.move_to(bucket);
        let delta = self.deltas.here();
        match self.epoch.base(bucket) {
            Some([least, most]) => {
                let most = u128::try_from(most.saturating_add(delta)).ok()?;
                Some([u128::try_from(least.saturating_add(delta)).unwrap_or(0), most])
            }
            None => {
                let least = self.epoch.floor(bucket).saturating_add(delta);
                Some([u128::try_from(least).unwrap_or(0), u128::MAX])
            }
        }
    }

    fn ending(&self, tick: Bucket, input: Side) -> Ending {
        // The contract looks for ticks a word of 256 at a time.
        let place = tick.checked_rem_euclid(256);
        let is_word_end = match input {
            Side::Token0 => place == Some(0),
            Side::Token1 => place == Some(255),
        };
        if is_word_end {
            return Ending::Stop;
        }
        match self.epoch.is_initialized(tick, self.deltas.at_tick(tick)) {
            Some(true) => Ending::Stop,
            Some(false) => Ending::Free,
            None => Ending::Open,
        }
    }

    /// Where the liquidity changes, there is an initialized tick.
    fn mark_changes(&mut self) {
        let next: Vec<_> = self.stretches.iter().skip(1).map(|next| next.liquidity).collect();
        for (stretch, next) in self.stretches.iter_mut().zip(next) {
            let ([least, most], [next_least, next_most]) = (stretch.liquidity, next);
            if most < next_least || next_most < least {
                stretch.ending = Ending::Stop;
            }
        }
    }
}

fn of_side(both: &mut [GrowthBounds; 2], side: Side) -> &mut GrowthBounds {
    let [of_token0, of_token1] = both;
    match side {
        Side::Token0 => of_token0,
        Side::Token1 => of_token1,
    }
}

/// Returns the token that a swap paid in. A swap of so little that nothing comes out has one zero:
/// what is positive was paid. Where nothing was paid, the price tells.
fn input_of(amounts: SignedAmounts, [before, after]: [SqrtPrice; 2]) -> Side {
    let SignedAmounts { amount0, amount1 } = amounts;
    let is_token1 = if amount0.is_zero() && amount1.is_zero() {
        after > before
    } else {
        amount0.is_negative() || (amount0.is_zero() && !amount1.is_negative())
    };
    if is_token1 { Side::Token1 } else { Side::Token0 }
}

fn check_direction(input: Side, [before, after]: [SqrtPrice; 2]) -> Result<(), ObservedFault> {
    let is_against = match input {
        Side::Token0 => after > before,
        Side::Token1 => after < before,
    };
    if is_against { Err(ObservedFault::AgainstPayment { before, after }) } else { Ok(()) }
}

/// A swap that stops on a tick from above leaves the pool one tick below it.
fn check_tick(tick: Tick, sqrt_price: SqrtPrice, input: Option<Side>) -> Result<(), ObservedFault> {
    let computed = tick_at_sqrt_price(sqrt_price);
    let is_below = || {
        let next = Tick(tick.0.saturating_add(1));
        input != Some(Side::Token1) && sqrt_price_at_tick(next) == Some(sqrt_price)
    };
    if computed == Some(tick) || is_below() {
        Ok(())
    } else {
        Err(ObservedFault::TickOffPrice { tick, sqrt_price })
    }
}
