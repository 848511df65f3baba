//! What large orders cost, and what others can take from them: price impact, sandwiches, schedules.

use crate::arbitrage::ConstantProductHop;

/// How far the price of a swap is from the price before it, as parts of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceImpact {
    /// Against an input without the fee: what moving the price alone costs.
    pub without_fee: f64,
    /// Against the whole input.
    pub with_fee: f64,
}

/// What a sandwich around one swap can take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sandwich {
    /// The most that can go in before it, so that it still gets its least output.
    pub front_run: f64,
    /// What that earns, in the token paid in, before gas; negative where the fees eat it.
    pub profit: f64,
}

impl ConstantProductHop {
    /// Returns what an input gets.
    pub fn output(&self, input: f64) -> f64 {
        let kept = self.kept * input;
        kept * self.reserve_out / (self.reserve_in + kept)
    }

    /// Returns the impact of an input.
    pub fn price_impact(&self, input: f64) -> PriceImpact {
        let spot = self.reserve_out / self.reserve_in;
        let price = self.output(input) / input;
        PriceImpact { without_fee: 1.0 - price / self.kept / spot, with_fee: 1.0 - price / spot }
    }

    /// Returns the largest sandwich around a swap that takes no less than `1 - tolerance` of its
    /// quote. Its profit grows with its size in practice, up to that bound.
    ///
    /// The front-run solves `(X + g a)(X + a + g v) = g v X Y / least`, quadratic in `a`; the pool
    /// keeps whole inputs, as Uniswap v2 does.
    pub fn sandwich(&self, input: f64, tolerance: f64) -> Sandwich {
        let Self { reserve_in, reserve_out, kept } = *self;
        let least = (1.0 - tolerance) * self.output(input);
        let linear = reserve_in * (1.0 + kept) + kept * kept * input;
        let constant = reserve_in * (reserve_in + kept * input)
            - kept * input * reserve_in * reserve_out / least;
        let root = (linear * linear - 4.0 * kept * constant).sqrt();
        let front_run = (root - linear) / (2.0 * kept);
        let bought = self.output(front_run);
        let before = self.after(front_run);
        let behind = before.after(input).turned();
        Sandwich { front_run, profit: behind.output(bought) - front_run }
    }

    /// Returns the largest input that no sandwich of any size earns from, whatever its tolerance:
    /// where `g^2 (X + v)(X + g v) = X^2`; about the fee's part of the reserve.
    pub fn safe_from_sandwiches(&self) -> f64 {
        let Self { reserve_in, kept, .. } = *self;
        // In shares of the reserve, `g^3 v^2 + g^2 (1 + g) v + g^2 - 1 = 0`.
        let square = kept * kept;
        let linear = square * (1.0 + kept);
        let root = (linear * linear - 4.0 * square * kept * (square - 1.0)).sqrt();
        reserve_in * (root - linear) / (2.0 * square * kept)
    }

    fn after(&self, input: f64) -> Self {
        let output = self.output(input);
        Self {
            reserve_in: self.reserve_in + input,
            reserve_out: self.reserve_out - output,
            ..*self
        }
    }

    fn turned(&self) -> Self {
        Self { reserve_in: self.reserve_out, reserve_out: self.reserve_in, ..*self }
    }
}

/// A large order cut into equal times, its impact against its risk.
///
/// Source: Almgren and Chriss 2000, "Optimal execution of portfolio transactions", linear impact;
/// the temporary impact is corrected for the steps' length, as theirs is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimalExecution {
    /// What there is to sell.
    pub quantity: f64,
    /// In how many steps.
    pub steps: u32,
    /// How long a step is.
    pub step: f64,
    /// The deviation of the price per square root of time, in money.
    pub sigma: f64,
    /// The fixed cost of a unit: half of the spread, and fees.
    pub fixed_cost: f64,
    /// How far selling a unit moves the price for good.
    pub permanent_impact: f64,
    /// How far selling a unit per unit of time moves the price meanwhile.
    pub temporary_impact: f64,
    /// How much a unit of variance weighs against a unit of expected cost; zero sells evenly.
    pub risk_aversion: f64,
}

impl OptimalExecution {
    /// Returns what is sold in each step.
    pub fn sales(&self) -> Vec<f64> {
        let held = self.held();
        held.windows(2).map(|pair| pair[0] - pair[1]).collect()
    }

    /// Returns how urgent it is: the rate at which what is held falls off, per unit of time.
    pub fn urgency(&self) -> f64 {
        let square = self.risk_aversion * self.sigma * self.sigma / self.net_temporary_impact();
        libm::acosh(1.0 + square * self.step * self.step / 2.0) / self.step
    }

    /// Returns the expected cost and the deviation of the cost.
    pub fn cost(&self) -> [f64; 2] {
        let squares: f64 = self.sales().into_iter().map(|sale| sale * sale).sum();
        let expected = self.permanent_impact * self.quantity * self.quantity / 2.0
            + self.fixed_cost * self.quantity
            + self.net_temporary_impact() / self.step * squares;
        let held: f64 = self.held().into_iter().skip(1).map(|held| held * held).sum();
        [expected, self.sigma * (self.step * held).sqrt()]
    }

    /// What is held at the start and after each step.
    fn held(&self) -> Vec<f64> {
        let urgency = self.urgency();
        let whole = f64::from(self.steps);
        (0..=self.steps)
            .map(|number| {
                let left = whole - f64::from(number);
                let share = if urgency > 0.0 {
                    libm::sinh(urgency * left * self.step) / libm::sinh(urgency * whole * self.step)
                } else {
                    left / whole
                };
                self.quantity * share
            })
            .collect()
    }

    fn net_temporary_impact(&self) -> f64 {
        self.temporary_impact - self.permanent_impact * self.step / 2.0
    }
}
