//! What the safeguards say to an order.

use std::collections::BTreeMap;

use tidemill_model::{AssetId, FeedId, Intent, Order, Placement, PoolId, PoolPair};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenPair};

use crate::break_even::Prediction;
use crate::concentration::check_concentration;
use crate::depth::depth;
use crate::exposure_limits::Deltas;
use crate::pool_share::check_share;
use crate::price_deviation::{priced_pairs, spot};
use crate::scene::{Placed, Scene};
use crate::slippage::{Simulated, check_slippage, simulate};
use crate::trade::Wanted;
use crate::value_limits::sum;
use crate::{Refusal, RiskState, Safeguards, staleness};

/// What is known of an order that passed, to be written down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    prediction: Option<Prediction>,
    /// The value that a swap pays in, and what it loses, in raw quote units.
    swap: Option<(Amount, Amount)>,
}

impl Safeguards {
    /// Refuses what depends on something that has said nothing for too long: `pool` is the order's,
    /// where it has one, `feeds` are those that decisions depend on.
    pub(crate) fn check_silence(
        &self,
        scene: &Scene<'_>,
        pool: Option<PoolId>,
        feeds: &[FeedId],
    ) -> Result<(), Refusal> {
        let Some(limit) = self.max_silence else { return Ok(()) };
        let (market, now) = (scene.market, scene.market.seen_at());
        if let Some(pool) = pool {
            staleness::check_pool(limit, pool, (market.heard_of(pool), now))?;
        }
        feeds.iter().try_for_each(|feed| {
            let heard_at = market.feeds().get(*feed).and_then(tidemill_market::Feed::heard_at);
            staleness::check_feed(limit, *feed, (heard_at, now))
        })
    }

    /// Refuses what works against a stop. The way into the quote token stays open.
    pub(crate) fn check_stops(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        intent: &Intent,
    ) -> Result<(), Refusal> {
        let (adds, pool) = match *intent {
            Intent::Open { pool, .. } => (true, Some(pool)),
            Intent::Swap { pool, pair, .. } => {
                let assets = scene.ledger.assets(pool);
                let output = assets.and_then(|assets| assets.token(pair.output));
                (output != scene.quote(), None)
            }
            Intent::Stake { position, .. }
            | Intent::Compound { position }
            | Intent::Extend { position, .. } => {
                let cause = state.positions.get(&position).and_then(|watch| watch.exit);
                if let Some(cause) = cause {
                    return Err(Refusal::PositionStopped { position, cause });
                }
                (true, None)
            }
            // It leaves nothing behind that could not be in the wallet before, and costs gas.
            Intent::Arbitrage { .. } => (true, None),
            Intent::Trade { .. } => {
                (!Wanted::of(intent).is_some_and(|wanted| wanted.reduces(scene.ledger)), None)
            }
            Intent::Close { .. }
            | Intent::Unstake { .. }
            | Intent::Claim { .. }
            | Intent::Vote { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Sell { .. } => (false, None),
        };
        if let Some(cause) = state.stopped.filter(|_| adds) {
            return Err(Refusal::Stopped(cause));
        }
        let until = pool.and_then(|pool| Some((pool, *state.cool_until.get(&pool)?)));
        match until.filter(|(_, until)| scene.market.now() < *until) {
            Some((pool, until)) => Err(Refusal::CoolingDown { pool, until }),
            None => Ok(()),
        }
    }

    /// Refuses what passes a limit, in the order in which [`crate::Risk::check`] names them.
    pub(crate) fn check(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        order: &Order,
    ) -> Result<Passed, Refusal> {
        let mut passed = Passed::default();
        match order.intent {
            // An exchange has limits of its own, and takes no gas.
            Intent::Close { .. } | Intent::Unstake { .. } | Intent::Trade { .. } => {
                return Ok(passed);
            }
            Intent::Open { pool, placement, desired } => {
                self.check_opening(state, scene, pool, (placement, &desired))?;
            }
            Intent::Swap { pool, pair, amount_in, .. } => {
                passed.swap = self.check_swap(state, scene, pool, (pair, amount_in))?;
            }
            Intent::Arbitrage { legs, amount_in, .. } => {
                passed.swap = self.check_arbitrage(state, scene, (legs, amount_in))?;
            }
            Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Sell { .. } => {}
        }
        if self.budget.max_gas_quote_per_day.is_some() {
            let wei = state.used.gas_paid(scene.market.now());
            let paid = wei.and_then(|wei| scene.value_of_gas(wei)).ok_or(Refusal::NoPrice)?;
            self.budget.check_gas(paid)?;
        }
        if let Some(rule) = self.break_even {
            passed.prediction = rule.predict(&state.book, scene, (order.key, &order.intent))?;
            passed.prediction.map_or(Ok(()), |prediction| rule.check(&prediction))?;
        }
        Ok(passed)
    }

    fn check_opening(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        pool: PoolId,
        (placement, desired): (Placement, &TokenAmounts),
    ) -> Result<(), Refusal> {
        let assets = scene.ledger.assets(pool).ok_or(Refusal::NoPrice)?.tokens();
        if self.look_at_assets() {
            let held = scene.held()?;
            self.assets.iter().try_for_each(|limit| limit.check(&held))?;
        }
        if self.look_at_places() {
            self.check_places(scene, pool, desired)?;
        }
        if self.exposures.is_set() {
            let about: Vec<_> =
                assets.iter().copied().filter(|asset| Some(*asset) != scene.quote()).collect();
            self.exposures.check(None, &deltas(scene, &scene.held()?)?, &about)?;
        }
        if let Some(limit) = self.max_concentration {
            let placed = with_order(scene, pool, desired)?;
            let in_pool = sum(&placed, |place| place.pool == pool)?;
            check_concentration(limit, in_pool, scene.equity()?)?;
        }
        let is_in_pool = is_in_pool(placement);
        if let Some(limit) = self.depth.filter(|_| is_in_pool) {
            let market = scene.market.pool(pool).ok_or(Refusal::NoPrice)?;
            let quote = scene.valuation.pool().ok_or(Refusal::NoPrice)?.quote;
            let of = (quote, scene.market.now());
            let offered = depth(market, limit.within_ticks, of).ok_or(Refusal::NoPrice)?;
            limit.check(scene.value_in(pool, &offered)?)?;
        }
        if let Some(limit) = self.max_pool_share.filter(|_| is_in_pool) {
            check_share(limit, scene, pool, (placement, desired))?;
        }
        if is_in_pool {
            self.check_deviation(state, scene, pool)?;
        }
        self.budget.check_opening(&state.used, scene.market.now())
    }

    fn check_places(
        &self,
        scene: &Scene<'_>,
        pool: PoolId,
        desired: &TokenAmounts,
    ) -> Result<(), Refusal> {
        if !self.values.is_set() {
            return Ok(());
        }
        self.values.check(&with_order(scene, pool, desired)?, &scene.place(pool)?)
    }

    fn check_swap(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        pool: PoolId,
        (pair, amount_in): (TokenPair, Amount),
    ) -> Result<Option<(Amount, Amount)>, Refusal> {
        if self.look_at_assets() {
            self.check_assets_after(scene, pool, (pair, amount_in))?;
        }
        let needs_simulation = self.max_slippage.is_some() || self.break_even.is_some();
        let simulated = needs_simulation
            .then(|| simulate(scene, pool, pair, amount_in).ok_or(Refusal::NoPrice))
            .transpose()?;
        if let Some((limit, simulated)) = self.max_slippage.zip(simulated) {
            check_slippage(limit, &simulated)?;
        }
        self.check_deviation(state, scene, pool)?;
        if !self.budget.is_set() && self.break_even.is_none() {
            return Ok(None);
        }
        let count = scene.ledger.assets(pool).ok_or(Refusal::NoPrice)?.tokens().len();
        let value = |token, amount| {
            let amounts = TokenAmounts::of(count, token, amount).ok_or(Refusal::NoPrice)?;
            scene.value_in(pool, &amounts)
        };
        let paid_in = value(pair.input, amount_in)?;
        self.budget.check_swap(&state.used, scene.market.now(), paid_in)?;
        let lost = simulated.map_or(Amount::ZERO, |simulated: Simulated| simulated.lost());
        Ok(Some((paid_in, value(pair.output, lost)?)))
    }

    /// What it can bring counts against the limit of the token that it ends in, and what it pays
    /// in against the budget of swaps. Slippage is bounded by the order: it gains or does nothing.
    fn check_arbitrage(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        (legs, amount_in): ([PoolPair; 2], Amount),
    ) -> Result<Option<(Amount, Amount)>, Refusal> {
        let [PoolPair { pool, pair }, _] = legs;
        if self.look_at_assets() {
            let before = scene.held()?;
            let mut after = before.clone();
            if let Some((asset, brought)) = scene.back(legs, amount_in)? {
                let held = after.entry(asset).or_default();
                *held = held.checked_add(brought).ok_or(Refusal::NoPrice)?;
                let mut limits = self.assets.iter().filter(|limit| limit.asset == asset);
                limits.try_for_each(|limit| limit.check(&after))?;
                if self.exposures.is_set() {
                    let (before, after) = (deltas(scene, &before)?, deltas(scene, &after)?);
                    self.exposures.check(Some(&before), &after, &[asset])?;
                }
            }
        }
        legs.iter().try_for_each(|leg| self.check_deviation(state, scene, leg.pool))?;
        if !self.budget.is_set() {
            return Ok(None);
        }
        let count = scene.ledger.assets(pool).ok_or(Refusal::NoPrice)?.tokens().len();
        let paid_in = TokenAmounts::of(count, pair.input, amount_in).ok_or(Refusal::NoPrice)?;
        let paid_in = scene.value_in(pool, &paid_in)?;
        self.budget.check_swap(&state.used, scene.market.now(), paid_in)?;
        Ok(Some((paid_in, Amount::ZERO)))
    }

    /// A swap adds to what it brings, and takes from what it pays.
    fn check_assets_after(
        &self,
        scene: &Scene<'_>,
        pool: PoolId,
        (pair, amount_in): (TokenPair, Amount),
    ) -> Result<(), Refusal> {
        let assets = scene.ledger.assets(pool).ok_or(Refusal::NoPrice)?;
        let token = |token| assets.token(token).ok_or(Refusal::NoSuchPair);
        let (input, output) = (token(pair.input)?, token(pair.output)?);
        let arriving = scene.at_spot(pool, pair, amount_in).ok_or(Refusal::NoPrice)?;
        let before = scene.held()?;
        let mut after = before.clone();
        let brought = after.entry(output).or_default();
        *brought = brought.checked_add(arriving).ok_or(Refusal::NoPrice)?;
        let limits = self.assets.iter().filter(|limit| limit.asset == output);
        limits.into_iter().try_for_each(|limit| limit.check(&after))?;
        if !self.exposures.is_set() {
            return Ok(());
        }
        let paid = after.entry(input).or_default();
        *paid = paid.checked_sub(amount_in).unwrap_or(Amount::ZERO);
        let (before, after) = (deltas(scene, &before)?, deltas(scene, &after)?);
        self.exposures.check(Some(&before), &after, &[output])
    }

    fn check_deviation(
        &self,
        state: &RiskState,
        scene: &Scene<'_>,
        pool: PoolId,
    ) -> Result<(), Refusal> {
        let Some(limit) = self.price_deviation else { return Ok(()) };
        let market = scene.market.pool(pool).ok_or(Refusal::NoPrice)?;
        for pair in priced_pairs(market) {
            let spot = spot(scene, pool, pair).ok_or(Refusal::NoPrice)?;
            let mean = state.means.get(&(pool, pair.input.0));
            let mean = mean.and_then(|mean| mean.mean(scene.market.now(), limit.over));
            limit.check(pool, spot, mean)?;
        }
        Ok(())
    }
}

impl RiskState {
    /// Writes down what was approved.
    pub(crate) fn note_approved(
        &mut self,
        safeguards: &Safeguards,
        scene: &Scene<'_>,
        (order, passed): (&Order, &Passed),
    ) {
        let now = scene.market.now();
        if let Some(prediction) = &passed.prediction {
            self.book.note(order.key, prediction, now);
        }
        match order.intent {
            Intent::Open { .. } if safeguards.budget.max_openings_per_day.is_some() => {
                self.used.note_opening(now);
            }
            Intent::Swap { pool, .. } => {
                let Some((paid_in, lost)) = passed.swap else { return };
                if safeguards.budget.max_swap_quote_per_day.is_some() {
                    self.used.note_swap(now, paid_in);
                }
                self.book.note_swap(pool, lost);
            }
            Intent::Arbitrage { .. } => {
                let paid_in = passed.swap.map(|(paid_in, _)| paid_in);
                let is_kept = safeguards.budget.max_swap_quote_per_day.is_some();
                if let Some(paid_in) = paid_in.filter(|_| is_kept) {
                    self.used.note_swap(now, paid_in);
                }
            }
            Intent::Close { position } if safeguards.break_even.is_some() => {
                let open = scene.ledger.position(position);
                if let Some(open) = open.filter(|open| is_in_pool(open.holding.placement())) {
                    self.book.note_close(open.pool);
                }
            }
            Intent::Open { .. }
            | Intent::Close { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. } => {}
        }
    }
}

/// Whether a placement puts tokens into the pool itself.
fn is_in_pool(placement: Placement) -> bool {
    match placement {
        Placement::Range(_) | Placement::Shares => true,
        Placement::Stake(_) | Placement::Lock { .. } => false,
    }
}

/// Value in places with what an opening may add.
fn with_order(
    scene: &Scene<'_>,
    pool: PoolId,
    desired: &TokenAmounts,
) -> Result<Vec<Placed>, Refusal> {
    let mut placed = scene.placed()?;
    placed.push(Placed { place: scene.place(pool)?, value: scene.value_in(pool, desired)? });
    Ok(placed)
}

/// Returns the value of what is not the quote token; what has no price counts nothing.
fn deltas(scene: &Scene<'_>, held: &BTreeMap<AssetId, Amount>) -> Result<Deltas, Refusal> {
    let quote = scene.quote();
    let others = held.iter().filter(|(asset, _)| Some(**asset) != quote);
    others
        .map(|(asset, amount)| {
            let value = scene.value_of(*asset, *amount).unwrap_or_default();
            Ok((*asset, SignedAmount::positive(value).ok_or(Refusal::NoPrice)?))
        })
        .collect()
}
