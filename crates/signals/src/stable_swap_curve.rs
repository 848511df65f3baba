use crate::PriceMove;

/// Halvings after which an interval of `f64` has no point left inside.
const BISECTIONS: u32 = 64;
/// Halvings of the scarce coin before giving up: by then it is below 1e-60 of the pool.
const BRACKETINGS: u32 = 200;

/// The reserves of a two-coin StableSwap pool as a function of the market price, without fees.
///
/// Prices are coin1 per coin0. Source: Egorov 2019 (StableSwap), with the amplification in the
/// convention of Curve's contracts: `Ann (x + y) + D = Ann D + D^3 / (4 x y)`, `Ann = 2 A`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StableSwapCurve {
    /// The contract's `A`, positive.
    pub amplification: f64,
    /// The contract's `D`, the sum of the reserves at the peg, positive.
    pub invariant: f64,
}

/// What a two-coin pool holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reserves {
    /// Of the first coin.
    pub coin0: f64,
    /// Of the second coin, in which prices are.
    pub coin1: f64,
}

impl Reserves {
    fn value(self, price: f64) -> f64 {
        self.coin0 * price + self.coin1
    }
}

impl StableSwapCurve {
    /// Returns the reserves at which the marginal price is this one, or `None` where the price is
    /// not positive and finite or so extreme that no `f64` reserve has it.
    pub fn reserves_at(&self, price: f64) -> Option<Reserves> {
        if !(price > 0.0 && price.is_finite()) {
            return None;
        }
        // The curve is symmetric: solve for the scarce coin, and name the coins afterwards.
        let scarce = self.scarce_share(if price >= 1.0 { price } else { 1.0 / price })?;
        let (scarce, plenty) = (scarce * self.invariant, self.other_share(scarce) * self.invariant);
        Some(if price >= 1.0 {
            Reserves { coin0: scarce, coin1: plenty }
        } else {
            Reserves { coin0: plenty, coin1: scarce }
        })
    }

    /// Returns the impermanent loss of a move, a fraction of the held value in coin1 and at most
    /// zero, or `None` where a price has no reserves.
    pub fn impermanent_loss(&self, prices: PriceMove) -> Option<f64> {
        let held = self.reserves_at(prices.from)?;
        let now = self.reserves_at(prices.to)?;
        Some(now.value(prices.to) / held.value(prices.to) - 1.0)
    }

    /// The share of the invariant that is left of the coin whose price is at least one.
    fn scarce_share(&self, price: f64) -> Option<f64> {
        let mut high = 0.5;
        let mut low = high;
        let mut is_bracketed = false;
        for _ in 0..BRACKETINGS {
            is_bracketed = self.price_of(low) >= price;
            if is_bracketed {
                break;
            }
            high = low;
            low /= 2.0;
        }
        if !is_bracketed {
            return None;
        }
        for _ in 0..BISECTIONS {
            let middle = (low + high) / 2.0;
            if self.price_of(middle) >= price { low = middle } else { high = middle }
        }
        Some(low)
    }

    fn price_of(&self, share: f64) -> f64 {
        let ann = 2.0 * self.amplification;
        let other = self.other_share(share);
        let curvature = 1.0 / (4.0 * share * other);
        (ann + curvature / share) / (ann + curvature / other)
    }

    /// The positive root of `Ann v^2 + (Ann u + 1 - Ann) v = 1 / (4 u)`, in whichever of its two
    /// forms does not cancel.
    fn other_share(&self, share: f64) -> f64 {
        let ann = 2.0 * self.amplification;
        let linear = ann * share + 1.0 - ann;
        let root = (linear * linear + ann / share).sqrt();
        if linear <= 0.0 {
            (root - linear) / (2.0 * ann)
        } else {
            1.0 / (2.0 * share * (root + linear))
        }
    }
}
