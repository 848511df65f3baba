/// What one swap changes in a pool's inventory, its fee included; positive is paid into the pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InventoryChange {
    /// Of token0.
    pub token0: f64,
    /// Of token1, the quote.
    pub token1: f64,
}

/// Adds up what a pool's swaps were worth to it at a later price: about fees minus LVR.
///
/// Shape: one meter per horizon (0 s, 5 s, 1 min, 5 min, 1 h are usual). The later price must come
/// from outside the pool, and swaps of one block share it. Units: token1. Source: the markout of
/// market making, as in Milionis et al. 2022 (arXiv 2208.06046), section on empirical analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MarkoutMeter {
    total: f64,
    volume: f64,
}

impl InventoryChange {
    /// Returns what the change is worth at a price, token1 per token0: `token0 * price + token1`.
    pub fn markout(&self, later_price: f64) -> f64 {
        self.token0 * later_price + self.token1
    }
}

impl MarkoutMeter {
    /// Adds one swap at the price its horizon later, token1 per token0.
    pub fn add(&mut self, change: InventoryChange, later_price: f64) {
        self.total += change.markout(later_price);
        self.volume += change.token1.abs();
    }

    /// Returns the markout so far, in token1.
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// Returns the token1 traded so far, either way.
    pub const fn volume(&self) -> f64 {
        self.volume
    }

    /// Returns the markout in hundredths of a per cent of the volume, or `None` without volume.
    pub fn basis_points(&self) -> Option<f64> {
        (self.volume > 0.0).then(|| self.total / self.volume * 10_000.0)
    }
}
