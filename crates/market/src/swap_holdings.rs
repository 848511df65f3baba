//! What a Merkl campaign has to know of every swap of its pool: what the swap paid each position,
//! and what each holds after it.

use tidemill_amm::concentrated::{Pool, Rounding};
use tidemill_model::{BuildEvent, PoolEvent};
use tidemill_rewards::Account;
use tidemill_rewards::merkl::{Holding, Merkl, MerklError};
use tidemill_units::{
    Amount, FeeGrowth, Liquidity, SqrtPrice, Tick, TickRange, Timestamp, U256, mul_div,
};

/// All positions of a concentrated pool before a swap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SwapHoldings {
    before: Vec<(HeldPosition, [FeeGrowth; 2])>,
    tick: Tick,
}

/// A position of a concentrated pool, and to whom a campaign pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPosition {
    /// To whom.
    pub account: Account,
    /// Its ticks.
    pub range: TickRange,
    /// Its liquidity.
    pub liquidity: Liquidity,
}

/// Parts of a raw unit of token1 that fees are counted in: a swap pays a small position less than
/// a whole one.
const FEE_PARTS: U256 = U256::from_limbs([0, 1, 0, 0]);
const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);

impl SwapHoldings {
    /// Takes note of all positions that have liquidity, each its owner's at the pool.
    pub fn before(pool: &Pool) -> Self {
        let held =
            |owner, range, liquidity| HeldPosition { account: Account(owner), range, liquidity };
        let positions = pool.positions();
        let positions =
            positions.map(|(key, position)| held(key.owner.0, key.range, position.liquidity));
        let salted = pool.salted_positions();
        let salted = salted.map(|(key, position)| held(key.owner.0, key.range, position.liquidity));
        let positions = positions.chain(salted).filter(|held| !held.liquidity.is_zero());
        let before = positions.map(|held| (held, pool.fee_growth_inside(held.range)));
        Self { before: before.collect(), tick: pool.tick() }
    }

    /// Goes on to the next swap where this was the only change of the pool: fees grow only in
    /// ranges that the price was in.
    pub fn advance(&mut self, pool: &Pool) {
        let lowest = self.tick.min(pool.tick());
        let highest = self.tick.max(pool.tick());
        for (held, growth) in &mut self.before {
            if held.range.lower <= highest && lowest < held.range.upper {
                *growth = pool.fee_growth_inside(held.range);
            }
        }
        self.tick = pool.tick();
    }

    /// Returns what the swap paid each position, and what each holds in the pool after it. The
    /// pool's liquidity is as it was before.
    ///
    /// Errors: those of [`holding_after`].
    pub fn after(&self, pool: &Pool) -> Result<Vec<Holding>, MerklError> {
        self.after_where(pool, |_| true)
    }

    /// As [`after`](Self::after), of some of the positions only. Errors as there.
    pub(crate) fn after_where(
        &self,
        pool: &Pool,
        counts: impl Fn(TickRange) -> bool,
    ) -> Result<Vec<Holding>, MerklError> {
        let counted = self.before.iter().filter(|(held, _)| counts(held.range));
        let holdings = counted.map(|(held, [before0, before1])| {
            let [after0, after1] = pool.fee_growth_inside(held.range);
            let growth = [after0.wrapping_sub(*before0), after1.wrapping_sub(*before1)];
            holding_after(*held, growth, pool)
        });
        holdings.collect()
    }
}

/// Returns what a swap paid a position, of whose range fees grew so much by it, and what it holds
/// in the pool after the swap, rounded down.
///
/// Fees are in parts of 2^-64 of a raw unit of token1, those in token0 at the price after the swap,
/// rounded down. In which unit Merkl's own program counts is not public; what a campaign pays
/// depends on it where swaps of both directions are in one interval.
///
/// Errors: [`MerklError::SumOverflow`] for fees past 2^256 - 1 and for amounts that no pool has.
pub fn holding_after(
    held: HeldPosition,
    growth: [FeeGrowth; 2],
    pool: &Pool,
) -> Result<Holding, MerklError> {
    let HeldPosition { account, range, liquidity } = held;
    let fees = fees_of(growth, liquidity, pool.sqrt_price()).ok_or(MerklError::SumOverflow)?;
    let amounts = pool.amounts_of(range, liquidity, Rounding::Down);
    let amounts = amounts.map_err(|_| MerklError::SumOverflow)?;
    Ok(Holding {
        account,
        fees: Amount(fees),
        amount0: amounts.amount0,
        amount1: amounts.amount1,
        is_in_range: range.contains(pool.tick()),
    })
}

/// Shows a campaign a swap; one before its start or from its end on is none of its.
///
/// Errors: those of [`Merkl::observe`].
pub fn observe_swap(
    campaign: &mut Merkl,
    holdings: &[Holding],
    at: Timestamp,
) -> Result<(), MerklError> {
    match campaign.observe(holdings, at) {
        Err(MerklError::OutsideCampaign) => Ok(()),
        observed => observed,
    }
}

/// Whether an event of a pool is a swap, whatever the build writes of it.
pub fn is_swap(event: &PoolEvent) -> bool {
    match event {
        PoolEvent::Swap { .. } => true,
        PoolEvent::Build(build) => {
            matches!(**build, BuildEvent::PancakeSwap { .. } | BuildEvent::ManagedSwap { .. })
        }
        PoolEvent::Initialize { .. }
        | PoolEvent::Mint { .. }
        | PoolEvent::Burn { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_) => false,
    }
}

fn fees_of(growth: [FeeGrowth; 2], liquidity: Liquidity, price: SqrtPrice) -> Option<U256> {
    let earned = |growth: FeeGrowth| mul_div(growth.0, U256::from(liquidity.0), FEE_PARTS);
    let [growth0, growth1] = growth;
    let root = price.to_x96();
    let in_token1 = mul_div(mul_div(earned(growth0)?, root, Q96)?, root, Q96)?;
    in_token1.checked_add(earned(growth1)?)
}
