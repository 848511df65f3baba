use tidemill_model::PositionId;
use tidemill_units::{Amount, FeeGrowth, Liquidity, TickRange};

/// What our own orders do to a recorded history that did not contain them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footprint {
    /// Nothing: history stays as it was. A position earns its liquidity times the growth of fees
    /// inside its range: exactly what one already in the tape earned, too much for a new one, since
    /// its own liquidity would have shared those fees.
    PriceTaker,
    /// Every recorded swap is executed again in the pool with us inside it: with the same input,
    /// the same output, or to the same price, as the original was called. Others' mints and burns
    /// keep their liquidity. Nobody reacts to us.
    ReExecuted,
}

impl Footprint {
    /// Returns the name that configurations and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceTaker => "price-taker",
            Self::ReExecuted => "re-executed",
        }
    }
}

/// How large a position of a price-taker is beside what it would have shared its fees with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dilution {
    /// Our liquidity or shares.
    pub ours: Amount,
    /// The least of others' that was there while swaps went through, above zero.
    pub beside: Amount,
}

/// A position of ours in a concentrated pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnLiquidity {
    /// Its identity.
    pub id: PositionId,
    /// Its ticks.
    pub range: TickRange,
    /// Its liquidity.
    pub liquidity: Liquidity,
    /// Fee growth inside the range when it was opened; price-taker only.
    pub(crate) growth_at_open: [FeeGrowth; 2],
    /// Whether it is staked at the pool's gauge, which is paid its fees then.
    pub(crate) is_staked: bool,
    /// The least liquidity of others, above zero, that paid fees in its range; price-taker only.
    pub least_liquidity_beside: Option<Liquidity>,
}
