//! The best trade around a cycle of constant-product pools, in closed form.
//!
//! A hop maps an input to `a d / (1 + c d)`; hops in a row do too, so a cycle of any length has one
//! best input. Real numbers: before acting on it, the same trade must be done again in integers.
//! Source: Angeris et al. 2019 (arXiv 1911.03380), with the composition of the hops as Moebius
//! maps.

/// One pool, seen by a trader who pays in one of its tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantProductHop {
    /// Reserve of the token paid in, positive.
    pub reserve_in: f64,
    /// Reserve of the token taken out, positive.
    pub reserve_out: f64,
    /// What the fee leaves of an input, above 0 to 1: 0.997 for 30 basis points.
    pub kept: f64,
}

/// A trade around a cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CycleTrade {
    /// How much goes into the first hop.
    pub input: f64,
    /// How much more than that comes out of the last.
    pub profit: f64,
}

/// `rate * d / (1 + slippage * d)`. Kept as a fraction over its constant term: products of reserves
/// would leave the range of `f64` within a few hops of raw token units.
#[derive(Clone, Copy, Debug)]
struct Moebius {
    rate: f64,
    slippage: f64,
}

impl Moebius {
    const IDENTITY: Self = Self { rate: 1.0, slippage: 0.0 };

    fn then(self, hop: &ConstantProductHop) -> Self {
        let rate = hop.kept * hop.reserve_out / hop.reserve_in;
        let slippage = hop.kept / hop.reserve_in;
        Self { rate: self.rate * rate, slippage: self.slippage + self.rate * slippage }
    }
}

/// Returns the most profitable trade through hops that end in the token they begin with, or `None`
/// where every trade loses.
///
/// Units: both results in the token of the first hop's input, in the units of its reserve.
pub fn best_cycle_trade(hops: &[ConstantProductHop]) -> Option<CycleTrade> {
    let cycle = hops.iter().fold(Moebius::IDENTITY, Moebius::then);
    let gain = cycle.rate.sqrt() - 1.0;
    (gain > 0.0)
        .then(|| CycleTrade { input: gain / cycle.slippage, profit: gain * gain / cycle.slippage })
}

/// Returns the trade that takes a pool to a market price, the market being deep: `None` where every
/// trade loses.
///
/// Shape: `price` is the market's, input tokens per output token. Units: both in the input token,
/// the output being sold at the market.
pub fn best_trade_to_price(hop: &ConstantProductHop, price: f64) -> Option<CycleTrade> {
    let ConstantProductHop { reserve_in, reserve_out, kept } = *hop;
    let reach = (kept * price * reserve_out / reserve_in).sqrt() - 1.0;
    let input = reach * reserve_in / kept;
    let output = reserve_out * reach / (1.0 + reach);
    (reach > 0.0).then_some(CycleTrade { input, profit: output * price - input })
}
