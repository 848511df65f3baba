use tidemill_market::PoolMarket;
use tidemill_model::PoolId;
use tidemill_units::{Amount, Bps, TokenPair};

use crate::Refusal;
use crate::scene::{Scene, part_bps};

/// A swap of ours as the pool would make it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Simulated {
    /// What the price of the moment would give, without fee or impact, rounded up.
    pub(crate) at_spot: Amount,
    /// What the pool would give; nothing where it cannot take the whole input.
    pub(crate) amount_out: Amount,
}

impl Simulated {
    /// Returns what fee and impact take of it, in the token that comes out.
    pub(crate) fn lost(&self) -> Amount {
        self.at_spot.checked_sub(self.amount_out).unwrap_or(Amount::ZERO)
    }
}

/// Refuses a swap that would give too little for the price: fee and impact together, rounded up, as
/// a part of what the price alone would give.
///
/// It holds in the market in which the swap is approved. What becomes of it in a later block is
/// bounded by the least that the order itself accepts.
pub(crate) fn check_slippage(limit: Bps, simulated: &Simulated) -> Result<(), Refusal> {
    let lost = simulated.lost();
    let lost_bps = if lost.is_zero() { 0 } else { part_bps(lost, simulated.at_spot) };
    if lost_bps <= limit.0 {
        Ok(())
    } else {
        Err(Refusal::TooMuchSlippage { lost_bps, limit_bps: limit.0 })
    }
}

/// Works a swap out without changing anything; `None` without a price.
pub(crate) fn simulate(
    scene: &Scene<'_>,
    pool: PoolId,
    pair: TokenPair,
    amount_in: Amount,
) -> Option<Simulated> {
    let at_spot = scene.at_spot(pool, pair, amount_in)?;
    let out = match scene.market.pool(pool)? {
        PoolMarket::Concentrated(pool) => {
            let input = pair.input_of_two()?;
            let staged = pool.stage_own_swap(input, amount_in).ok();
            let amounts = staged.map(|staged| staged.result().amounts);
            let whole = amounts.filter(|amounts| amounts.get(input).magnitude() == amount_in);
            whole.map(|amounts| amounts.get(input.other()).magnitude())
        }
        PoolMarket::Shares(pool) => {
            let quote = pool.quote_own_swap(pair, amount_in, scene.market.now()).ok();
            quote.filter(|quote| quote.amount_in == amount_in).map(|quote| quote.amount_out)
        }
    };
    Some(Simulated { at_spot, amount_out: out.unwrap_or(Amount::ZERO) })
}
