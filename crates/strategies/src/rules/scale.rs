use tidemill_amm::concentrated::Pool;
use tidemill_signals::sqrt_price_to_f64;
use tidemill_strategy::View;
use tidemill_units::{Amount, Tick, TokenAmounts, TokenIndex};

use crate::number::{raw_units, ten_to, to_f64};
use crate::pool_meter::LOG_RETURN_PER_TICK;

/// How the raw units of a pool become whole tokens and a price, and back.
///
/// Numbers made with it are for comparing and for sizing; what is booked stays in raw units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteScale {
    /// The token that values are stated in.
    pub quote: TokenIndex,
    /// Its decimals.
    pub quote_decimals: u8,
    /// The other token and its decimals; none in a pool of more than two.
    pub base: Option<(TokenIndex, u8)>,
}

impl QuoteScale {
    /// Returns the scale of a pool whose tokens have these decimals, in its order.
    pub fn new(decimals: &[u8], quote: TokenIndex) -> Self {
        let quote_decimals = decimals.get(quote.place()).copied().unwrap_or(0);
        let base = match (decimals, quote.place()) {
            ([_, base], 0) => Some((TokenIndex(1), *base)),
            ([base, _], 1) => Some((TokenIndex(0), *base)),
            _ => None,
        };
        Self { quote, quote_decimals, base }
    }

    /// Returns whole quote tokens.
    pub(super) fn quote(self, amount: Amount) -> f64 {
        to_f64(amount) / ten_to(self.quote_decimals)
    }

    /// Returns whole tokens; `None` of a token that this is no scale of.
    pub(super) fn whole(self, token: TokenIndex, amount: Amount) -> Option<f64> {
        Some(to_f64(amount) / ten_to(self.decimals(token)?))
    }

    fn decimals(self, token: TokenIndex) -> Option<u8> {
        if token == self.quote {
            return Some(self.quote_decimals);
        }
        self.base.filter(|(base, _)| *base == token).map(|(_, decimals)| decimals)
    }

    /// Returns quote tokens for one base token; `None` before there is a price, and in a pool of
    /// more than two tokens.
    pub(super) fn price(self, view: &View<'_>) -> Option<f64> {
        match view.pool() {
            Some(pool) => self.price_of(pool),
            None => {
                let (base, decimals) = self.base?;
                let one = Amount::from_decimal_str("1", decimals).ok()?;
                let one = TokenAmounts::of(2, base, one)?;
                view.tokens_value(&one).map(|value| self.quote(value))
            }
        }
    }

    fn price_of(self, pool: &Pool) -> Option<f64> {
        let root = sqrt_price_to_f64(pool.sqrt_price());
        self.in_quote(root * root)
    }

    /// Returns the price of a tick.
    pub(super) fn price_at(self, tick: Tick) -> Option<f64> {
        self.in_quote(libm::exp(f64::from(tick.0) * LOG_RETURN_PER_TICK))
    }

    /// Turns a raw price, token1 per token0, into quote per base.
    fn in_quote(self, raw: f64) -> Option<f64> {
        let (_, base_decimals) = self.base?;
        let price = if self.quote == TokenIndex(1) { raw } else { 1.0 / raw };
        Some(price * ten_to(base_decimals) / ten_to(self.quote_decimals))
    }

    /// Returns where a price is among the ticks, mostly between two; `None` for what is no price.
    pub(super) fn tick_at(self, price: f64) -> Option<f64> {
        let (_, base_decimals) = self.base?;
        let raw = price * ten_to(self.quote_decimals) / ten_to(base_decimals);
        let ticks = libm::log(raw) / LOG_RETURN_PER_TICK;
        let ticks = if self.quote == TokenIndex(1) { ticks } else { -ticks };
        ticks.is_finite().then_some(ticks)
    }

    /// Returns raw units of a token for whole ones, rounded down; `None` for what is none.
    pub(super) fn raw(self, token: TokenIndex, whole: f64) -> Option<Amount> {
        raw_units(whole, self.decimals(token)?)
    }
}

/// Returns the raw units nearest to whole ones; `None` for what is no amount.
pub(super) fn nearest_raw(whole: f64, decimals: u8) -> Option<Amount> {
    let raw = libm::round(whole * ten_to(decimals));
    // Below 2^127, so that the conversion is exact.
    let is_amount = (0.0..1.7e38).contains(&raw);
    is_amount.then(|| Amount::from_u128(raw as u128))
}
