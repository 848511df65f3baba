use tidemill_model::AssetId;
use tidemill_units::Side;

/// Which assets a pool's tokens and the gas of its chain are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolAssets {
    /// The token with the lower address.
    pub token0: AssetId,
    /// The token with the higher address.
    pub token1: AssetId,
    /// The coin that gas is paid in, kept apart from the pool's tokens even where one of them wraps
    /// it: gas is paid from outside the deposit.
    pub native: AssetId,
}

impl PoolAssets {
    /// Returns one of the pool's tokens.
    pub const fn token(&self, side: Side) -> AssetId {
        match side {
            Side::Token0 => self.token0,
            Side::Token1 => self.token1,
        }
    }
}
