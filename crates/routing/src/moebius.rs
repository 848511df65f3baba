/// What a stretch of constant liquidity pays for an input `d`: `rate * d / (1 + slippage * d)`.
///
/// A fraction over its constant term: products of raw reserves would leave the range of `f64`.
/// Source: Angeris et al. 2019 (arXiv 1911.03380), with hops in a row composed as Moebius maps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moebius {
    /// The price at the margin, after the fee.
    pub(crate) rate: f64,
    /// How fast it worsens.
    pub(crate) slippage: f64,
}

impl Moebius {
    pub(crate) const IDENTITY: Self = Self { rate: 1.0, slippage: 0.0 };

    /// Returns what comes out.
    pub(crate) fn output(self, input: f64) -> f64 {
        self.rate * input / (1.0 + self.slippage * input)
    }

    /// Returns the input that gives an output; without end where none does.
    pub(crate) fn input(self, output: f64) -> f64 {
        let left = self.rate - self.slippage * output;
        if left > 0.0 { output / left } else { f64::INFINITY }
    }

    /// Returns what is left of it once so much was paid in.
    pub(crate) fn after(self, input: f64) -> Self {
        let moved = 1.0 + self.slippage * input;
        Self { rate: self.rate / (moved * moved), slippage: self.slippage / moved }
    }

    /// Returns this one with another behind it.
    pub(crate) fn then(self, next: Self) -> Self {
        let slippage = self.slippage + self.rate * next.slippage;
        Self { rate: self.rate * next.rate, slippage }
    }

    /// Returns the input that earns the most in its own units: nothing where every input loses,
    /// without end where the price does not worsen.
    pub(crate) fn best(self) -> f64 {
        let reach = self.rate.sqrt() - 1.0;
        if reach > 0.0 { reach / self.slippage } else { 0.0 }
    }
}

/// A stretch of constant liquidity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) map: Moebius,
    /// How much can be paid in before it ends, fee included.
    pub(crate) capacity: f64,
}
