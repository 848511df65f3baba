use tidemill_units::{Liquidity, SignedLiquidity, Tick, TickRange};

use super::{Depth, DepthError, LiquidityProfile, TickLiquidity};

/// The depth of a pool as positions come and go and its price moves.
///
/// Remembers one number for each tick at which a position begins or ends; a pool has no more of
/// them than its spacing allows. Liquidity is summed in integers, so that the profile is always
/// that of the positions there are, in whatever order they came.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthMeter {
    sqrt_price: f64,
    tick: Tick,
    liquidity: Liquidity,
    /// In rising order, none of them zero.
    ticks: Vec<TickLiquidity>,
}

impl DepthMeter {
    /// Returns a pool without liquidity at a root price, token1 per token0 in raw units, and at the
    /// tick the pool says it is at.
    pub const fn new(sqrt_price: f64, tick: Tick) -> Self {
        Self { sqrt_price, tick, liquidity: Liquidity::ZERO, ticks: Vec::new() }
    }

    /// Takes in liquidity that was added to a range, or taken from it.
    ///
    /// # Errors
    /// [`DepthError::Order`] for a range that ends before it begins, [`DepthError::Negative`] where
    /// more would leave than is active, [`DepthError::TooMuch`] past what a pool can hold; the
    /// meter is then as it was.
    pub fn liquidity_changed(
        &mut self,
        range: TickRange,
        change: SignedLiquidity,
    ) -> Result<(), DepthError> {
        let TickRange { lower, upper } = range;
        if lower >= upper {
            return Err(DepthError::Order(upper));
        }
        let mut liquidity = self.liquidity;
        if range.contains(self.tick) {
            liquidity = liquidity.checked_add_signed(change).ok_or(DepthError::Negative(lower))?;
        }
        let taken = change.0.checked_neg().ok_or(DepthError::TooMuch(upper))?;
        let below = self.net_with(lower, change.0)?;
        let above = self.net_with(upper, taken)?;
        self.set_net(lower, below);
        self.set_net(upper, above);
        self.liquidity = liquidity;
        Ok(())
    }

    /// Takes in where a swap left the price: its root and the pool's tick.
    ///
    /// # Errors
    /// [`DepthError::Negative`] where more liquidity would leave on the way than is active; the
    /// meter is then as it was.
    pub fn moved(&mut self, sqrt_price: f64, tick: Tick) -> Result<(), DepthError> {
        let (from, to) = (self.place_above(self.tick), self.place_above(tick));
        let step = |liquidity: Liquidity, it: &TickLiquidity, net: i128| {
            liquidity.checked_add_signed(SignedLiquidity(net)).ok_or(DepthError::Negative(it.tick))
        };
        self.liquidity = if from <= to {
            let mut crossed = self.ticks[from..to].iter();
            crossed.try_fold(self.liquidity, |sum, it| step(sum, it, it.net.0))?
        } else {
            let mut crossed = self.ticks[to..from].iter().rev();
            crossed.try_fold(self.liquidity, |sum, it| step(sum, it, it.net.0.saturating_neg()))?
        };
        (self.sqrt_price, self.tick) = (sqrt_price, tick);
        Ok(())
    }

    /// Returns the profile of the liquidity there is.
    pub fn profile(&self) -> LiquidityProfile<'_> {
        LiquidityProfile {
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            liquidity: self.liquidity,
            ticks: &self.ticks,
        }
    }

    /// Returns the depth within a share of the price.
    ///
    /// # Errors
    /// As [`LiquidityProfile::depth`].
    pub fn depth(&self, share: f64) -> Result<Depth, DepthError> {
        self.profile().depth(share)
    }

    fn place_above(&self, tick: Tick) -> usize {
        self.ticks.partition_point(|it| it.tick <= tick)
    }

    /// What the net liquidity of a tick is after a change.
    fn net_with(&self, tick: Tick, change: i128) -> Result<i128, DepthError> {
        let place = self.ticks.binary_search_by_key(&tick, |it| it.tick);
        let net = place.map_or(0, |place| self.ticks[place].net.0);
        net.checked_add(change).ok_or(DepthError::TooMuch(tick))
    }

    fn set_net(&mut self, tick: Tick, net: i128) {
        let net = SignedLiquidity(net);
        match self.ticks.binary_search_by_key(&tick, |it| it.tick) {
            Ok(place) if net.0 == 0 => drop(self.ticks.remove(place)),
            Ok(place) => self.ticks[place].net = net,
            Err(_) if net.0 == 0 => {}
            Err(place) => self.ticks.insert(place, TickLiquidity { tick, net }),
        }
    }
}
