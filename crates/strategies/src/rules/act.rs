use tidemill_model::{Intent, Placement, PositionId};
use tidemill_strategy::View;
use tidemill_units::{Amount, Amounts, Bps, Side, TickRange, TokenAmounts};

use super::places::{Place, Swapped};
use super::plan::{OpenPlan, Plan};
use crate::balance::{Balance, Readiness};
use crate::number::part;
use crate::sale::sale;
use crate::trade_limit::trade_limit;

/// Returns what a plan asks for; nothing where there is nothing to do: opening where something is
/// open, closing where nothing is.
pub(super) fn act(plan: &Plan, rule: usize, place: &mut Place, view: &View<'_>) -> Option<Intent> {
    let open = place.open.map(|open| (open.id, open.is_staked));
    match (*plan, open) {
        (Plan::Open(plan) | Plan::Recentre(plan), None) => enter(&plan, place, view),
        (Plan::Recentre(_), Some((position, _))) => {
            place.reopening = Some((rule, position));
            leave(position, place)
        }
        (Plan::Close, Some((position, _))) => leave(position, place),
        (Plan::Swap { input, amount_in, max_slippage }, _) => {
            let pool = view.pool().filter(|_| !amount_in.is_zero())?;
            let balance = Balance { max_slippage, ..Balance::default() };
            let min_amount_out = balance.least_out(pool, input, amount_in)?;
            let pair = input.into_other();
            Some(Intent::Swap { pool: view.pool_id()?, pair, amount_in, min_amount_out })
        }
        (Plan::Trade { instrument, side, quantity, max_slippage }, _) => {
            let quantity = Some(quantity).filter(|quantity| !quantity.is_zero())?;
            let limit = trade_limit(view.mark(instrument)?, side, quantity, max_slippage)?;
            Some(Intent::Trade { instrument, side, quantity, limit })
        }
        (Plan::Stake, Some((position, false))) => {
            let could = |programme: &_| {
                view.is_running(*programme) && view.could_stake(position, *programme)
            };
            let programme = view.programmes().find(could)?;
            Some(Intent::Stake { position, programme })
        }
        (Plan::Unstake, Some((position, true))) => Some(Intent::Unstake { position }),
        (Plan::Claim, Some((position, true))) => Some(Intent::Claim { position }),
        (Plan::SellRewards { max_cost }, _) => {
            view.rewards_at_hand().find_map(|reward| sale(view, reward, max_cost))
        }
        (Plan::Open(_), Some(_))
        | (Plan::Close, None)
        | (Plan::Stake, None | Some((_, true)))
        | (Plan::Unstake | Plan::Claim, None | Some((_, false))) => None,
    }
}

/// Asks for a position to be closed, and forgets what it was around: whether it then was closed is
/// for the next look to find out.
pub(super) fn leave(position: PositionId, place: &mut Place) -> Option<Intent> {
    place.centre = None;
    Some(Intent::Close { position })
}

/// The next intent on the way to a position: the swap that it takes, or opening it.
///
/// One swap is enough: it moves the price and with it the ratio, and to follow that with another
/// swap, and so on, would cost more than what stays behind.
fn enter(plan: &OpenPlan, place: &mut Place, view: &View<'_>) -> Option<Intent> {
    if view.shares().is_some() {
        return deposit(plan, view);
    }
    let pool = view.pool()?;
    let range = match plan.target {
        Some(target) => target.range,
        None => TickRange::full(pool.tick_spacing())?,
    };
    place.centre = Some(plan.target.map_or(pool.tick(), |target| target.centre));
    let wallet = view.available()?.two().filter(|wallet| !wallet.is_zero())?;
    // A wallet that did not change is that of a swap that was refused.
    let swapped = place.swapped.take().filter(|swapped| swapped.wallet != wallet);
    let desired = match swapped {
        Some(swapped) => after_swap(&swapped, wallet),
        None => part_of_two(wallet, plan.part)?,
    };
    let pool_id = view.pool_id()?;
    let balance = Balance { max_slippage: plan.max_slippage, ..Balance::default() };
    let readiness = if swapped.is_some() || !plan.balances {
        Readiness::Ready
    } else {
        balance.swap(pool, pool_id, range, desired)
    };
    match readiness {
        Readiness::Ready => {
            let placement = Placement::Range(range);
            let desired = Some(desired).filter(|desired| !desired.is_zero())?.into();
            Some(Intent::Open { pool: pool_id, placement, desired })
        }
        Readiness::After(swap) => {
            place.swapped = Some(Swapped { wallet, part: desired });
            Some(swap)
        }
        Readiness::NotNow => None,
    }
}

/// What a pool of shares takes of the part of the wallet; the rest stays.
fn deposit(plan: &OpenPlan, view: &View<'_>) -> Option<Intent> {
    let wallet = view.available()?;
    let parts: Option<Vec<Amount>> =
        wallet.as_slice().iter().map(|amount| part(*amount, plan.part)).collect();
    let desired = TokenAmounts::new(&parts?).filter(|desired| !desired.is_zero())?;
    Some(Intent::Open { pool: view.pool_id()?, placement: Placement::Shares, desired })
}

/// What the part that was meant for a position has become by a swap: what the wallet has less or
/// more than before is of that part.
fn after_swap(swapped: &Swapped, wallet: Amounts) -> Amounts {
    let [amount0, amount1] = [Side::Token0, Side::Token1].map(|side| {
        let (part, before, now) =
            (swapped.part.get(side), swapped.wallet.get(side), wallet.get(side));
        let kept = before.checked_sub(part).unwrap_or(Amount::ZERO);
        now.checked_sub(kept).unwrap_or(Amount::ZERO)
    });
    Amounts { amount0, amount1 }
}

fn part_of_two(wallet: Amounts, bps: Bps) -> Option<Amounts> {
    let [amount0, amount1] = [wallet.amount0, wallet.amount1].map(|amount| part(amount, bps));
    Some(Amounts { amount0: amount0?, amount1: amount1? })
}
