use tidemill_amm::concentrated::{self, StepObserver, StepResult, SwapRequest, SwapStep};
use tidemill_amm::{Pool, PriceRatio, SwapAmount, Trade};
use tidemill_units::{Amount, FeePips, Side, Timestamp, TokenPair};

use crate::moebius::{Moebius, Piece};
use crate::number::{real, real_price};

/// One swap of a route: a pool as it stands, or a price, and the way through it.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a>(Kind<'a>);

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    Concentrated { pool: &'a concentrated::Pool, input: Side },
    Pool { pool: &'a Pool, pair: TokenPair, at: Timestamp },
    Price(PriceRatio),
}

/// What a hop pays for an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HopQuote {
    /// What comes out, in raw units, rounded as the pool does it.
    pub amount_out: Amount,
    /// How many initialized ticks are crossed on the way; none but in a concentrated pool.
    pub crossings: usize,
}

impl<'a> Hop<'a> {
    /// Returns the way through a concentrated pool.
    pub const fn concentrated(pool: &'a concentrated::Pool, input: Side) -> Self {
        Self(Kind::Concentrated { pool, input })
    }

    /// Returns the way through a pool of any kind; a concentrated one that does not have the pair
    /// pays nothing.
    pub fn through(pool: &'a Pool, pair: TokenPair, at: Timestamp) -> Self {
        match (pool, pair.input_of_two()) {
            (Pool::Concentrated(pool), Some(input)) => Self::concentrated(pool, input),
            _ => Self(Kind::Pool { pool, pair, at }),
        }
    }

    /// Returns a trade of any size at one price: of an exchange that is deep.
    pub const fn at_price(price: PriceRatio) -> Self {
        Self(Kind::Price(price))
    }

    /// Returns what it pays for an input; `None` where it cannot take all of it, and for nothing.
    pub fn quote(&self, amount_in: Amount) -> Option<HopQuote> {
        if amount_in.is_zero() {
            return None;
        }
        let amount = SwapAmount::ExactIn(amount_in);
        match self.0 {
            Kind::Concentrated { pool, input } => {
                let request = SwapRequest { input, amount, price_limit: None };
                let staged = pool.stage_swap(request, &mut ()).ok()?;
                let result = staged.result();
                let amount_out = result.amounts.get(input.other()).magnitude();
                let is_whole = result.amounts.get(input).magnitude() == amount_in;
                is_whole.then_some(HopQuote { amount_out, crossings: result.crossings })
            }
            Kind::Pool { pool, pair, at } => {
                let quote = pool.quote(&Trade { pair, amount }, at).ok()?;
                let amount_out = quote.amount_out;
                (quote.amount_in == amount_in).then_some(HopQuote { amount_out, crossings: 0 })
            }
            Kind::Price(price) => {
                let amount_out = price.convert(amount_in)?;
                Some(HopQuote { amount_out, crossings: 0 })
            }
        }
    }

    /// Returns the price at the margin, raw units out per unit in, after the fee where the kind
    /// names one and before it where not: never less than any input is paid. `None` without one.
    pub fn best_rate(&self) -> Option<f64> {
        match self.0 {
            Kind::Concentrated { pool, input } => {
                let root = real_price(pool.sqrt_price());
                let price = match input {
                    Side::Token0 => root * root,
                    Side::Token1 => (root * root).recip(),
                };
                (root > 0.0).then(|| kept(pool.fee()) * price)
            }
            Kind::Pool { pool: Pool::ConstantProduct(_), .. } => {
                self.pieces(Amount::MAX)?.first().map(|piece| piece.map.rate)
            }
            Kind::Pool { pool, pair, at } => {
                let price = pool.spot_price(pair, at).ok()?;
                Some(real(price.output) / real(price.input))
            }
            Kind::Price(price) => Some(real(price.output) / real(price.input)),
        }
    }

    /// Returns the stretches of constant liquidity that an input goes through, in their order;
    /// `None` for a pool that is not made of such.
    pub(crate) fn pieces(&self, most: Amount) -> Option<Vec<Piece>> {
        match self.0 {
            Kind::Concentrated { pool, input } => {
                let amount = SwapAmount::ExactIn(most);
                let request = SwapRequest { input, amount, price_limit: None };
                let (kept, pieces) = (kept(pool.fee()), Vec::new());
                let mut stretches = Stretches { kept, paid: 0.0, pieces };
                pool.stage_swap(request, &mut stretches).ok()?;
                Some(stretches.pieces)
            }
            Kind::Pool { pool: Pool::ConstantProduct(pair), pair: way, .. } => {
                let (input, reserves) = (way.input_of_two()?, pair.reserves().amounts);
                let [paid, taken] = [input, input.other()].map(|side| real(reserves.get(side).0));
                let kept = 1.0 - f64::from(pair.parameters().fee.bps().0) / 1e4;
                let map = Moebius { rate: kept * taken / paid, slippage: kept / paid };
                Some(vec![Piece { map, capacity: f64::INFINITY }])
            }
            Kind::Pool { .. } => None,
            Kind::Price(price) => {
                let rate = real(price.output) / real(price.input);
                let map = Moebius { rate, slippage: 0.0 };
                Some(vec![Piece { map, capacity: f64::INFINITY }])
            }
        }
    }
}

/// What a fee leaves of an input.
fn kept(fee: FeePips) -> f64 {
    1.0 - f64::from(fee.0) / f64::from(FeePips::ONE.0)
}

/// The steps of a swap as swaps of virtual reserves, `L / sqrt P` of token0 and `L sqrt P` of
/// token1.
struct Stretches {
    kept: f64,
    /// What the step under way takes, fee included: exact, where the difference of two prices that
    /// are near each other would not be.
    paid: f64,
    pieces: Vec<Piece>,
}

impl StepObserver for Stretches {
    fn step(&mut self, step: SwapStep) {
        let (liquidity, price) = (step.liquidity.0 as f64, real_price(step.sqrt_price[0]));
        let (paid, taken) = match step.input {
            Side::Token0 => (liquidity / price, liquidity * price),
            Side::Token1 => (liquidity * price, liquidity / price),
        };
        // An idle step takes nothing.
        if self.paid > 0.0 && paid > 0.0 {
            let map = Moebius { rate: self.kept * taken / paid, slippage: self.kept / paid };
            self.pieces.push(Piece { map, capacity: self.paid });
        }
    }

    fn paid(&mut self, step: &StepResult) {
        self.paid = real(step.amount_in.0) + real(step.fee.0);
    }
}
