use std::fmt;

use tidemill_market::{ConcentratedMarket, Moment, PoolMarket, SharePoolMarket};
use tidemill_model::{AssetId, Intent, OrderKey, Placement, PoolId, PositionId};
use tidemill_units::{
    Amount, Bps, FeeGrowth, TickRange, Timestamp, TokenAmounts, U256, mul_div, mul_div_rounding_up,
};

use crate::decision_book::{Action, DecisionBook, Growth};
use crate::scene::Scene;
use crate::{Minutes, Refusal};

/// What a rebalance, a claim and compounding have to bring to be approved: their cost times a
/// margin.
///
/// What each is expected to bring, in raw quote units at the prices of the approval:
///
/// * *rebalance*, an opening in a pool where a position was closed since the last one: the fees of
///   the time just past, as long as the horizon, paid once more. In a concentrated pool that is the
///   order's liquidity times the growth of fees while the price was in its range, looked at 1,440
///   times in the horizon, or once a minute where that is less often; in a pool of shares, its
///   deposit times the growth of the virtual price. Where less of the past is known, as much more
///   of it. The position that was closed is gone, so that what it would have earned is no part of
///   it; nor are rewards. It costs gas for closing and opening, and what the swaps between them
///   lost to fee and impact with their gas;
/// * *claim*: what is claimed. It costs gas;
/// * *compounding*: what the amount itself earns over the horizon at the rate at which the stake
///   has earned it. It costs gas.
///
/// Gas is that of the last such order of ours, or the most of any where there was none yet. Closing
/// is never refused, so that a rebalance that is not worthwhile ends outside of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakEven {
    /// The gain is to be at least so many times the cost, in basis points.
    pub margin: Bps,
    /// Over how long gains are counted, and for how long the past is looked at.
    pub horizon: Minutes,
}

/// What is decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Opening again where something was closed.
    Rebalance,
    /// Being paid rewards.
    Claim,
    /// Staking what was earned.
    Compound,
}

impl DecisionKind {
    /// All there are.
    pub(crate) const ALL: [Self; 3] = [Self::Rebalance, Self::Claim, Self::Compound];

    /// Returns the name that reports and saved states use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rebalance => "rebalance",
            Self::Claim => "claim",
            Self::Compound => "compound",
        }
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What an order is expected to bring and cost, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prediction {
    pub(crate) kind: DecisionKind,
    pub(crate) pool: PoolId,
    pub(crate) position: PositionId,
    pub(crate) gain: Amount,
    pub(crate) cost: Amount,
}

impl BreakEven {
    /// Refuses what brings less than its cost times the margin.
    pub(crate) fn check(&self, prediction: &Prediction) -> Result<(), Refusal> {
        let Prediction { kind, gain, cost, .. } = *prediction;
        let margin = U256::from(self.margin.0);
        let least = mul_div_rounding_up(cost.0, margin, U256::from(Bps::ONE.0)).map(Amount);
        let least = least.ok_or(Refusal::NoPrice)?;
        if gain >= least { Ok(()) } else { Err(Refusal::NotWorthwhile { kind, gain, least }) }
    }

    /// Predicts what an order brings and costs; `None` where it is none of those that are held to
    /// it.
    ///
    /// Errors: [`Refusal::NoPrice`], [`Refusal::NotOpen`].
    pub(crate) fn predict(
        &self,
        book: &DecisionBook,
        scene: &Scene<'_>,
        (key, intent): (OrderKey, &Intent),
    ) -> Result<Option<Prediction>, Refusal> {
        match *intent {
            Intent::Open { pool, placement, desired } => {
                let Some(interim) = book.closed.get(&pool) else { return Ok(None) };
                let gain = self.fees(book, scene, pool, (placement, &desired));
                let swaps = book.gas_of(Action::Swap).0.checked_mul(U256::from(interim.swaps));
                let gas = [book.gas_of(Action::Close), book.gas_of(Action::Open)];
                let gas = gas.iter().try_fold(swaps.map(Amount).unwrap_or_default(), |sum, gas| {
                    sum.checked_add(*gas)
                });
                let gas = gas.and_then(|wei| scene.value_of_gas(wei));
                let cost = gas.and_then(|gas| gas.checked_add(interim.swap_cost));
                let (kind, position) = (DecisionKind::Rebalance, PositionId(key));
                Ok(Some(prediction(kind, (pool, position), gain, cost)?))
            }
            Intent::Claim { position } => {
                let reward = scene.market.reward(position);
                let gain = match reward {
                    Some(reward) => scene.market.value_of_reward(reward),
                    None => Some(Amount::ZERO),
                };
                self.of_position(book, scene, (DecisionKind::Claim, position), gain)
            }
            Intent::ClaimBribes { position, token } => {
                let gain = bribe_value(scene, position, token);
                self.of_position(book, scene, (DecisionKind::Claim, position), gain)
            }
            Intent::Compound { position } => {
                let gain = self.compounded(book, scene, position);
                self.of_position(book, scene, (DecisionKind::Compound, position), gain)
            }
            Intent::Close { .. }
            | Intent::Swap { .. }
            | Intent::Arbitrage { .. }
            | Intent::Stake { .. }
            | Intent::Unstake { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. } => Ok(None),
        }
    }

    fn of_position(
        &self,
        book: &DecisionBook,
        scene: &Scene<'_>,
        (kind, position): (DecisionKind, PositionId),
        gain: Option<Amount>,
    ) -> Result<Option<Prediction>, Refusal> {
        let open = scene.ledger.position(position).ok_or(Refusal::NotOpen(position))?;
        let action = match kind {
            DecisionKind::Claim => Action::Claim,
            DecisionKind::Compound => Action::Compound,
            DecisionKind::Rebalance => Action::Open,
        };
        let cost = scene.value_of_gas(book.gas_of(action));
        prediction(kind, (open.pool, position), gain, cost).map(Some)
    }

    /// What the past would have paid an opening; `None` past 2^256 - 1 or without a price.
    fn fees(
        &self,
        book: &DecisionBook,
        scene: &Scene<'_>,
        pool: PoolId,
        (placement, desired): (Placement, &TokenAmounts),
    ) -> Option<Amount> {
        let past = Past::of(book, pool)?;
        let value = match (scene.market.pool(pool)?, placement) {
            (PoolMarket::Concentrated(market), Placement::Range(range)) => {
                let paid = past.paid_in_range(market, range, desired)?;
                scene.value_in(pool, &paid).ok()?
            }
            (PoolMarket::Shares(market), Placement::Shares) => {
                let deposit = deposit_value(scene, market, (pool, desired))?;
                past.grown(deposit)?
            }
            (PoolMarket::Concentrated(_), Placement::Shares)
            | (PoolMarket::Shares(_), Placement::Range(_))
            | (_, Placement::Stake(_) | Placement::Lock { .. }) => Amount::ZERO,
        };
        past.over(value, self.horizon)
    }

    /// What the amount that is compounded will earn: it, times itself over what is staked without
    /// it, for as much longer as the horizon is than it took to be earned.
    fn compounded(&self, book: &DecisionBook, scene: &Scene<'_>, id: PositionId) -> Option<Amount> {
        let pool = scene.ledger.position(id)?.pool;
        let now = scene.market.now();
        let Some((earned, staked)) = earned_and_staked(scene, id) else {
            return Some(Amount::ZERO);
        };
        let since = book.compounded_at.get(&id).copied().unwrap_or(now);
        let extra = mul_div(earned.0, earned.0, staked.0)?;
        let seconds = now.seconds_since(since).max(1);
        let extra = mul_div(extra, U256::from(self.horizon.seconds()), U256::from(seconds))?;
        value_of_stake(scene, (pool, id), Amount(extra))
    }
}

fn prediction(
    kind: DecisionKind,
    (pool, position): (PoolId, PositionId),
    gain: Option<Amount>,
    cost: Option<Amount>,
) -> Result<Prediction, Refusal> {
    let (gain, cost) = gain.zip(cost).ok_or(Refusal::NoPrice)?;
    Ok(Prediction { kind, pool, position, gain, cost })
}

fn bribe_value(scene: &Scene<'_>, id: PositionId, token: AssetId) -> Option<Amount> {
    let mut bribes = scene.market.bribes(id);
    match bribes.find(|bribe| bribe.asset == token) {
        Some(bribe) => scene.market.value_of_reward(bribe),
        None => Some(Amount::ZERO),
    }
}

/// Returns what a stake has earned and not staked yet, and what is staked, in its token's raw
/// units; `None` where nothing can be compounded.
pub(crate) fn earned_and_staked(scene: &Scene<'_>, id: PositionId) -> Option<(Amount, Amount)> {
    let at = Moment { at: scene.market.now(), block: scene.market.block() };
    let earned = scene.market.quote_compounding(id, at)?;
    let worth = scene.market.worth(id)?;
    let token = scene.market.staking_of(id)?.token();
    let all = worth.principal.checked_add(&worth.fees)?.get(token)?;
    let staked = all.checked_sub(earned).filter(|staked| !staked.is_zero())?;
    Some((earned, staked))
}

/// Returns what an amount of a stake's token is worth.
pub(crate) fn value_of_stake(
    scene: &Scene<'_>,
    (pool, id): (PoolId, PositionId),
    amount: Amount,
) -> Option<Amount> {
    let token = scene.market.staking_of(id)?.token();
    scene.value_of(scene.ledger.assets(pool)?.token(token)?, amount)
}

fn deposit_value(
    scene: &Scene<'_>,
    market: &SharePoolMarket,
    (pool, desired): (PoolId, &TokenAmounts),
) -> Option<Amount> {
    match market.quote_own_deposit(desired, scene.market.now()).ok()? {
        Some(quoted) => scene.value_in(pool, &quoted.deposited).ok(),
        None => Some(Amount::ZERO),
    }
}

/// What is remembered of a pool's fees.
struct Past<'a> {
    growth: &'a std::collections::VecDeque<Growth>,
    seconds: u64,
}

impl<'a> Past<'a> {
    fn of(book: &'a DecisionBook, pool: PoolId) -> Option<Self> {
        let growth = book.growth.get(&pool)?;
        let (first, last) = (growth.front()?, growth.back()?);
        Some(Self { growth, seconds: last.at.seconds_since(first.at) })
    }

    /// What an opening would have been paid while the price was in its range.
    fn paid_in_range(
        &self,
        market: &ConcentratedMarket,
        range: TickRange,
        desired: &TokenAmounts,
    ) -> Option<TokenAmounts> {
        let liquidity = market.pool().liquidity_for(range, desired.two()?).ok()?;
        let is_inside = |growth: &Growth| growth.tick.is_some_and(|tick| range.contains(tick));
        let mut inside = [FeeGrowth::ZERO; 2];
        for (before, after) in self.growth.iter().zip(self.growth.iter().skip(1)) {
            if is_inside(before) && is_inside(after) {
                let grown = after.fees.iter().zip(before.fees);
                for (sum, (after, before)) in inside.iter_mut().zip(grown) {
                    *sum = sum.wrapping_add(after.wrapping_sub(before));
                }
            }
        }
        let [paid0, paid1] = inside.map(|growth| growth.earned_by(liquidity).map(Amount));
        Some(TokenAmounts::from_array([paid0?, paid1?]))
    }

    /// What a deposit in shares would have earned.
    fn grown(&self, deposit: Amount) -> Option<Amount> {
        let price = |growth: &Growth| growth.fees.first().map(|price| price.0);
        let (first, last) = (price(self.growth.front()?)?, price(self.growth.back()?)?);
        let grown = last.saturating_sub(first);
        mul_div(deposit.0, grown, first).map(Amount)
    }

    /// Scales what so much time has paid to another time; of no time at all nothing is known.
    fn over(&self, value: Amount, time: Minutes) -> Option<Amount> {
        if self.seconds == 0 {
            return Some(Amount::ZERO);
        }
        mul_div(value.0, U256::from(time.seconds()), U256::from(self.seconds)).map(Amount)
    }
}

/// Returns how a pool's fees stand; `None` before it has a price.
pub(crate) fn growth_of(market: &PoolMarket, at: Timestamp) -> Option<Growth> {
    match market {
        PoolMarket::Concentrated(pool) => {
            let pool = pool.pool();
            let tick = pool.is_initialized().then(|| pool.tick())?;
            Some(Growth { at, tick: Some(tick), fees: pool.fee_growth_global() })
        }
        PoolMarket::Shares(pool) => {
            let price = pool.pool().shares()?.virtual_price(at).ok()?;
            Some(Growth { at, tick: None, fees: [FeeGrowth(price.0), FeeGrowth::ZERO] })
        }
    }
}
