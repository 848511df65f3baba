use tidemill_model::{Intent, QuotePrice, TradeSide};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, InstantUs, SignedAmount, U256, mul_div};

use super::samples::{Logarithms, Reading, Samples, Spread};
use super::{PairLeg, PairSetup, Terms};
use crate::number::to_f64;
use crate::trade_limit::trade_limit;

/// Trades a pair.
pub(super) struct PairsDecider {
    terms: Terms,
    setup: PairSetup,
    notional: Amount,
    samples: Samples,
    open: Option<OpenPair>,
    /// Whether a pair may be entered: not between giving one up and a score below the entry.
    is_armed: bool,
    /// When something was last asked for, and what was held of both then.
    asked: Option<(InstantUs, [SignedAmount; 2])>,
}

/// A pair that was asked for.
#[derive(Clone, Copy, Debug)]
struct OpenPair {
    spread: Spread,
    /// One where the first is short, minus one where it is long: what makes the score at which it
    /// was entered positive.
    sign: f64,
    wanted: [SignedAmount; 2],
    since: InstantUs,
    /// Whether both legs were there at some time.
    is_whole: bool,
    /// Whether a leg that was missing was asked for once more.
    is_mended: bool,
}

/// How a trade may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Price {
    /// Near the mark or not at all.
    Bounded,
    Any,
}

/// Between two times that the same is asked for.
const RETRY_US: i64 = 60_000_000;

impl PairsDecider {
    pub(super) fn new(terms: Terms, setup: PairSetup, notional: Amount) -> Self {
        Self {
            terms,
            setup,
            notional,
            samples: Samples::new(),
            open: None,
            is_armed: true,
            asked: None,
        }
    }

    /// The logarithms of both prices; `None` while one of them is old or not there.
    fn fresh(&self, view: &View<'_>) -> Option<Logarithms> {
        let now = view.seen_at();
        let logarithm = |leg: PairLeg| {
            let age = now.0.saturating_sub(view.priced_at(leg.instrument)?.0);
            let QuotePrice { quote, of } = view.mark(leg.instrument)?;
            let price = to_f64(quote) / to_f64(of);
            (age < self.terms.price_age_us && price > 0.0).then(|| libm::log(price))
        };
        let [first, second] = self.setup.legs;
        Some([logarithm(first)?, logarithm(second)?])
    }

    /// Takes a sample if it is time for one and both prices are there.
    fn look(&mut self, view: &View<'_>) -> Option<Reading> {
        let now = view.seen_at();
        if !self.samples.is_due(&self.terms, now) {
            return None;
        }
        let newest = self.fresh(view)?;
        let reading = self.samples.take(&self.terms, now, newest)?;
        self.is_armed |= reading.score.abs() < self.terms.entry;
        Some(reading)
    }

    fn enter(&mut self, view: &View<'_>, reading: &Reading) -> Option<Vec<Intent>> {
        let is_off = (self.terms.entry..self.terms.stop).contains(&reading.score.abs());
        if !(self.is_armed && is_off && reading.comes_back) {
            return None;
        }
        let quantities = self.quantities(view, reading.spread.slope())?;
        let is_dear = reading.score > 0.0;
        let wanted = [(quantities[0], is_dear), (quantities[1], !is_dear)];
        let wanted = wanted.map(|(quantity, is_sold)| {
            if is_sold {
                SignedAmount::negative(quantity)
            } else {
                SignedAmount::positive(quantity)
            }
        });
        let [Some(first), Some(second)] = wanted else { return None };
        let wanted = [first, second];
        // A spot cannot be sold short.
        let mut legs = self.setup.legs.iter().zip(wanted);
        if legs.any(|(leg, wanted)| !leg.is_contract && wanted.is_negative()) {
            return None;
        }
        let intents = self.trades(view, wanted, Price::Bounded)?;
        let (since, sign) = (view.seen_at(), if is_dear { 1.0 } else { -1.0 });
        let spread = reading.spread;
        self.open =
            Some(OpenPair { spread, sign, wanted, since, is_whole: false, is_mended: false });
        Some(intents)
    }

    /// How much of each leg a pair takes; `None` where the slope hedges nothing, and where a step
    /// is too much.
    fn quantities(&self, view: &View<'_>, slope: f64) -> Option<[Amount; 2]> {
        let [first, second] = self.setup.legs;
        let amount = worth(view.mark(first.instrument)?, self.notional, first.step)?;
        let value = view.mark(first.instrument)?.in_quote(amount)?;
        let millionths = slope * 1e6;
        // Beyond a thousand to one it is no pair; within, the conversion only cuts off a fraction.
        if !(1.0..=1e9).contains(&millionths) {
            return None;
        }
        let value = mul_div(value.0, U256::from(millionths as u64), U256::from(1_000_000_u32))?;
        let other = worth(view.mark(second.instrument)?, Amount(value), second.step)?;
        Some([amount, other])
    }

    /// The trades that change what is held of both legs by so much.
    fn trades(
        &self,
        view: &View<'_>,
        changes: [SignedAmount; 2],
        price: Price,
    ) -> Option<Vec<Intent>> {
        let changed = self.setup.legs.into_iter().zip(changes);
        let trades = changed.filter(|(_, change)| !change.is_zero()).map(|(leg, change)| {
            let (instrument, quantity) = (leg.instrument, change.magnitude());
            let side = if change.is_negative() { TradeSide::Sell } else { TradeSide::Buy };
            let limit = match (price, side) {
                (Price::Bounded, TradeSide::Buy | TradeSide::Sell) => {
                    let slippage = self.terms.max_slippage;
                    trade_limit(view.mark(instrument)?, side, quantity, slippage)?
                }
                (Price::Any, TradeSide::Buy) => Amount::MAX,
                (Price::Any, TradeSide::Sell) => Amount::ZERO,
            };
            Some(Intent::Trade { instrument, side, quantity, limit })
        });
        trades.collect()
    }

    /// Closes what is held of both legs; at once the first time, and not again for a while where
    /// nothing came of it.
    fn leave(&mut self, view: &View<'_>, held: [SignedAmount; 2], price: Price) -> Vec<Intent> {
        let now = view.seen_at();
        let is_early =
            |(at, before): (InstantUs, _)| before == held && now.0.saturating_sub(at.0) < RETRY_US;
        if self.asked.is_some_and(is_early) {
            return Vec::new();
        }
        self.asked = Some((now, held));
        let [Some(first), Some(second)] = held.map(SignedAmount::checked_neg) else {
            return Vec::new();
        };
        self.trades(view, [first, second], price).unwrap_or_default()
    }

    /// Looks after a pair that was asked for, with nothing on its way.
    fn tend(&mut self, view: &View<'_>, held: [SignedAmount; 2]) -> Vec<Intent> {
        let Some(mut open) = self.open.take() else { return Vec::new() };
        let score = self.fresh(view).map(|now| open.sign * open.spread.score(now));
        if held == open.wanted {
            open.is_whole = true;
            let is_over = view.seen_at().0.saturating_sub(open.since.0) >= self.terms.hold_us;
            let is_lost = is_over || score.is_some_and(|score| score >= self.terms.stop);
            if is_lost || score.is_some_and(|score| score <= self.terms.exit) {
                self.is_armed = !is_lost;
                return self.leave(view, held, Price::Bounded);
            }
            self.open = Some(open);
            return Vec::new();
        }
        if held.iter().all(|held| held.is_zero()) {
            // Refused on entry, or taken away by the exchange.
            self.is_armed = !open.is_whole;
            return Vec::new();
        }
        let is_wanted =
            score.is_some_and(|score| (self.terms.exit..self.terms.stop).contains(&score));
        if !open.is_whole && !open.is_mended && is_wanted {
            let missing = [0, 1].map(|leg: usize| open.wanted[leg].checked_sub(held[leg]));
            if let [Some(first), Some(second)] = missing
                && let Some(trades) = self.trades(view, [first, second], Price::Bounded)
            {
                self.open = Some(OpenPair { is_mended: true, ..open });
                return trades;
            }
        }
        self.is_armed = false;
        self.leave(view, held, Price::Any)
    }
}

/// How much is worth so much at a price, in whole steps, rounded down; `None` for nothing.
fn worth(price: QuotePrice, value: Amount, step: Amount) -> Option<Amount> {
    if price.quote.is_zero() {
        return None;
    }
    let amount = mul_div(value.0, price.of.0, price.quote.0)?;
    let steps = amount.checked_div(step.0)?;
    Some(Amount(steps.checked_mul(step.0)?)).filter(|amount| !amount.is_zero())
}

impl Strategy for PairsDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let reading = self.look(view);
        if view.is_waiting() {
            return Vec::new();
        }
        let held = self.setup.legs.map(|leg| view.held(leg.instrument));
        if self.open.is_some() {
            return self.tend(view, held);
        }
        if held.iter().any(|held| !held.is_zero()) {
            return self.leave(view, held, Price::Any);
        }
        self.asked = None;
        reading.and_then(|reading| self.enter(view, &reading)).unwrap_or_default()
    }
}
