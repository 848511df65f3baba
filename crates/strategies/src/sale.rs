use tidemill_model::{Intent, Reward};
use tidemill_strategy::View;
use tidemill_units::{Amount, Bps, U256, mul_div};

/// Returns the sale of a reward token for the quote token that costs at most such a part of its
/// price; `None` for what is worth nothing or has no price, which is not worth the gas.
pub(crate) fn sale(view: &View<'_>, reward: Reward, max_cost: Bps) -> Option<Intent> {
    let kept = Bps::ONE.0.saturating_sub(max_cost.0);
    let value = view.reward_value(reward)?;
    let least = mul_div(value.0, U256::from(kept), U256::from(Bps::ONE.0)).map(Amount);
    let min_amount_out = least.filter(|least| !least.is_zero())?;
    let Reward { asset: reward, amount: amount_in } = reward;
    let (pool, into) = view.stated_in()?;
    Some(Intent::Sell { pool, reward, into, amount_in, min_amount_out })
}
