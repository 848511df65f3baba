use tidemill_units::InstantUs;

/// How far a pool's price is from the market's, now and on average.
///
/// Shape: both prices of one orientation. Units: basis points of the market's price; positive where
/// the pool is dearer. The averages weigh each distance by how long it lasted, from when both
/// prices are known on. A pool is left alone by arbitrage inside its fee, so a distance of up to
/// that is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoolSpread {
    pool: Option<f64>,
    market: Option<f64>,
    now: Option<InstantUs>,
    /// Basis points times microseconds.
    sum: f64,
    absolute_sum: f64,
    /// Microseconds.
    time: f64,
}

impl PoolSpread {
    /// Takes in the pool's price from a time on.
    ///
    /// # Panics
    /// Unless the price is positive and finite, and the time not before the last one.
    pub fn pool(&mut self, at: InstantUs, price: f64) {
        self.pass_to(at);
        self.pool = Some(checked(price));
    }

    /// Takes in the market's price from a time on: the middle of bid and ask.
    ///
    /// # Panics
    /// As [`pool`](Self::pool).
    pub fn market(&mut self, at: InstantUs, price: f64) {
        self.pass_to(at);
        self.market = Some(checked(price));
    }

    /// Lets the time pass with both prices as they are.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn pass_to(&mut self, at: InstantUs) {
        let Some(before) = self.now.replace(at) else { return };
        assert!(at >= before, "time goes back from {before} to {at} us");
        let Some(spread) = self.basis_points() else { return };
        let passed = at.0.abs_diff(before.0) as f64;
        self.sum += spread * passed;
        self.absolute_sum += spread.abs() * passed;
        self.time += passed;
    }

    /// Returns the distance now, `10,000 (pool - market) / market`; `None` before both are known.
    pub fn basis_points(&self) -> Option<f64> {
        let (pool, market) = self.pool.zip(self.market)?;
        Some((pool - market) / market * 10_000.0)
    }

    /// Returns the mean distance, to either side making up for the other; `None` before any time
    /// has passed with both known.
    pub fn mean_basis_points(&self) -> Option<f64> {
        (self.time > 0.0).then(|| self.sum / self.time)
    }

    /// Returns the mean size of the distance; `None` as the mean.
    pub fn mean_absolute_basis_points(&self) -> Option<f64> {
        (self.time > 0.0).then(|| self.absolute_sum / self.time)
    }
}

fn checked(price: f64) -> f64 {
    assert!(price > 0.0 && price.is_finite(), "price {price} must be positive");
    price
}
