use tidemill_ledger::Ledger;
use tidemill_market::{FeedHealth, Market, PoolMarket, Valuation};
use tidemill_model::{
    AssetId, FeedId, GapCause, Intent, Order, Placement, PoolId, PoolPair, PositionId, ProgrammeId,
};
use tidemill_units::{Amount, TickRange, Timestamp, TokenAmounts};

use crate::exposure::{on_its_way, openings, prices_of};
use crate::scene::Scene;
use crate::trade::{Wanted, check_trade};
use crate::{Approved, Equity, Limits, Refusal, RiskState, Safeguards};

/// The limits of one run, and what it started with.
#[derive(Clone, Debug)]
pub struct Risk {
    limits: Limits,
    pub(crate) safeguards: Safeguards,
    /// Whether anything has to be followed from event to event.
    pub(crate) is_watching: bool,
    pub(crate) valuation: Valuation,
    /// The feeds that decisions depend on.
    feeds: Vec<FeedId>,
    pub(crate) state: RiskState,
    /// When contracts were last asked to be closed.
    pub(crate) contracts_left_at: Option<Timestamp>,
}

impl Risk {
    /// Returns the gate. Equity at the start is what everything is worth when the loss limit is
    /// looked at for the first time: at the first swap, or opening in a good range, that the wallet
    /// can pay for.
    pub fn new(limits: Limits, valuation: Valuation) -> Self {
        let (safeguards, state) = (Safeguards::default(), RiskState::default());
        let (feeds, is_watching) = (Vec::new(), false);
        let contracts_left_at = None;
        Self { limits, safeguards, is_watching, valuation, feeds, state, contracts_left_at }
    }

    /// Sets the limits that are off until they are set.
    #[must_use]
    pub fn with_safeguards(mut self, safeguards: Safeguards) -> Self {
        self.is_watching = safeguards.watch_events();
        self.safeguards = safeguards;
        self
    }

    /// Goes on from what risk remembered when a run was left off.
    #[must_use]
    pub fn with_state(mut self, state: RiskState) -> Self {
        self.state = state;
        self
    }

    /// Names the feeds that decisions depend on, beside those that tell of an order's own pool:
    /// while one of them has a gap, nothing passes that would add exposure.
    #[must_use]
    pub fn with_feeds(mut self, feeds: Vec<FeedId>) -> Self {
        self.feeds = feeds;
        self
    }

    /// Returns how values are stated.
    pub fn valuation(&self) -> &Valuation {
        &self.valuation
    }

    /// Approves an order if it passes every limit.
    ///
    /// They are looked at in one order, always the same: feeds with a gap, those and the pool that
    /// have been silent; stops and what cools down after one; what the order itself says, the
    /// wallet, the largest loss, the number of positions and the value in pools; then the
    /// [`Safeguards`]: assets, value in a pool, on a chain, at a venue and in all, net exposure and
    /// that to an asset, concentration, depth, share of the pool, slippage, deviation of the price,
    /// openings, swaps and gas in a day, and what it has to bring.
    ///
    /// Errors: the first limit that it does not pass.
    pub fn check(
        &mut self,
        order: Order,
        market: &Market,
        ledger: &Ledger,
    ) -> Result<Approved, Refusal> {
        self.check_feeds(&order.intent, market, ledger)?;
        let scene = Scene { valuation: &self.valuation, market, ledger };
        self.safeguards.check_stops(&self.state, &scene, &order.intent)?;
        let approved = self.check_order(order, market, ledger)?;
        let scene = Scene { valuation: &self.valuation, market, ledger };
        let passed = self.safeguards.check(&self.state, &scene, &order)?;
        self.state.note_approved(&self.safeguards, &scene, (&order, &passed));
        Ok(approved)
    }

    fn check_order(
        &mut self,
        order: Order,
        market: &Market,
        ledger: &Ledger,
    ) -> Result<Approved, Refusal> {
        match order.intent {
            Intent::Close { .. } | Intent::Unstake { .. } => self.reduce(order, ledger),
            Intent::Trade { .. } => self.check_own_trade(order, market, ledger),
            Intent::Arbitrage { .. } => self.check_arbitrage(order, market, ledger),
            Intent::Stake { position, programme } => {
                check_stake(market, ledger, position, programme)?;
                Ok(Approved::new(order))
            }
            // It moves what is ours already to the wallet.
            Intent::Claim { position } => {
                check_is_free(ledger, position)?;
                check_staked(ledger, position)?;
                Ok(Approved::new(order))
            }
            Intent::Compound { position } => {
                check_is_free(ledger, position)?;
                let staking = market.staking_of(position);
                staking.map(|_| Approved::new(order)).ok_or(Refusal::NotStaked(position))
            }
            Intent::Vote { position, .. } | Intent::Extend { position, .. } => {
                check_is_free(ledger, position)?;
                let voting = market.voting_of(position);
                voting.map(|_| Approved::new(order)).ok_or(Refusal::NotLocked(position))
            }
            // It moves what is ours already to the wallet, one token beside the other.
            Intent::ClaimBribes { position, .. } => {
                let is_asked = ledger.in_flight().any(|other| other.intent == order.intent);
                if ledger.position(position).is_none() || is_asked {
                    return Err(Refusal::NotOpen(position));
                }
                let voting = market.voting_of(position);
                voting.map(|_| Approved::new(order)).ok_or(Refusal::NotLocked(position))
            }
            Intent::Sell { pool, reward, into, amount_in, .. } => {
                let assets = ledger.assets(pool).ok_or(Refusal::NoPrice)?;
                // What a pool trades is swapped there.
                let is_sale = assets.token(into).is_some() && !assets.tokens().contains(&reward);
                if !is_sale {
                    return Err(Refusal::NoSuchPair);
                }
                check_sale(ledger, reward, amount_in)?;
                Ok(Approved::new(order))
            }
            Intent::Open { pool, placement, desired } => {
                check_placement(market, pool, placement)?;
                check_balances(ledger, pool, &desired)?;
                self.check_loss(market, ledger)?;
                self.check_positions(ledger)?;
                self.check_exposure(market, ledger, (pool, &desired))?;
                Ok(Approved::new(order))
            }
            Intent::Swap { pool, pair, amount_in, .. } => {
                let count = ledger.assets(pool).ok_or(Refusal::NoPrice)?.tokens().len();
                let wanted = TokenAmounts::of(count, pair.input, amount_in);
                let is_pair = pair.input != pair.output && pair.output.place() < count;
                let wanted = wanted.filter(|_| is_pair).ok_or(Refusal::NoSuchPair)?;
                check_balances(ledger, pool, &wanted)?;
                self.check_loss(market, ledger)?;
                Ok(Approved::new(order))
            }
        }
    }

    /// It comes back to the token that it begins with: two pools of one chain that trade the same
    /// two tokens, and more back than was paid in.
    fn check_arbitrage(
        &mut self,
        order: Order,
        market: &Market,
        ledger: &Ledger,
    ) -> Result<Approved, Refusal> {
        let Intent::Arbitrage { legs, amount_in, min_amount_out, .. } = order.intent else {
            return Err(Refusal::NoSuchPair);
        };
        let tokens = |leg: &PoolPair| {
            let assets = ledger.assets(leg.pool)?;
            Some((assets.token(leg.pair.input)?, assets.token(leg.pair.output)?))
        };
        let [first, second] = &legs;
        let is_round = tokens(first).zip(tokens(second)).is_some_and(|(there, back)| {
            there.0 != there.1 && there == (back.1, back.0) && first.pool != second.pool
        });
        let chain = |leg: &PoolPair| market.pool(leg.pool).map(PoolMarket::chain);
        if !is_round || chain(first).is_none() || chain(first) != chain(second) {
            return Err(Refusal::NoSuchPair);
        }
        if min_amount_out <= amount_in {
            return Err(Refusal::NothingGained { amount_in, least: min_amount_out });
        }
        let count = ledger.assets(first.pool).ok_or(Refusal::NoPrice)?.tokens().len();
        let wanted = TokenAmounts::of(count, first.pair.input, amount_in);
        check_balances(ledger, first.pool, &wanted.ok_or(Refusal::NoSuchPair)?)?;
        self.check_loss(market, ledger)?;
        Ok(Approved::new(order))
    }

    fn check_own_trade(
        &mut self,
        order: Order,
        market: &Market,
        ledger: &Ledger,
    ) -> Result<Approved, Refusal> {
        let wanted = Wanted::of(&order.intent).ok_or(Refusal::NoInstrument)?;
        if wanted.reduces(ledger) {
            return Ok(Approved::new(order));
        }
        check_trade(&wanted, market, ledger)?;
        self.check_loss(market, ledger)?;
        Ok(Approved::new(order))
    }

    /// Approves an order if all it can do is lower exposure, whatever the limits say.
    ///
    /// Errors: [`Refusal::NotReducing`], [`Refusal::NotOpen`].
    pub fn reduce(&self, order: Order, ledger: &Ledger) -> Result<Approved, Refusal> {
        if Wanted::of(&order.intent).is_some_and(|wanted| wanted.reduces(ledger)) {
            return Ok(Approved::new(order));
        }
        let (Intent::Close { position } | Intent::Unstake { position }) = order.intent else {
            return Err(Refusal::NotReducing);
        };
        let open = ledger.position(position).ok_or(Refusal::NotOpen(position))?;
        // Nothing but the same order keeps this one back: the way out stays open.
        if ledger.in_flight().any(|other| other.intent == order.intent) {
            return Err(Refusal::NotOpen(position));
        }
        match (order.intent, open.staked) {
            (Intent::Close { .. }, Some(_)) => return Err(Refusal::Staked(position)),
            (Intent::Unstake { .. }, None) => return Err(Refusal::NotStaked(position)),
            _ => {}
        }
        Ok(Approved::new(order))
    }

    /// What adds exposure, or ties up for longer what there is, needs feeds without a gap.
    fn check_feeds(
        &self,
        intent: &Intent,
        market: &Market,
        ledger: &Ledger,
    ) -> Result<(), Refusal> {
        let pools = match *intent {
            Intent::Trade { .. } if Wanted::of(intent).is_some_and(|it| it.reduces(ledger)) => {
                return Ok(());
            }
            Intent::Trade { instrument, .. } => {
                let found = market.instruments().get(instrument).ok_or(Refusal::NoInstrument)?;
                for feed in [Some(found.prices), found.marks].into_iter().flatten() {
                    refuse_gap(feed, market.feeds().get(feed).map(tidemill_market::Feed::health))?;
                }
                [None, None]
            }
            Intent::Open { pool, .. } | Intent::Swap { pool, .. } => [Some(pool), None],
            Intent::Arbitrage { legs, .. } => legs.map(|leg| Some(leg.pool)),
            Intent::Stake { position, .. }
            | Intent::Compound { position }
            | Intent::Extend { position, .. } => {
                [ledger.position(position).map(|open| open.pool), None]
            }
            Intent::Close { .. }
            | Intent::Unstake { .. }
            | Intent::Claim { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Vote { .. }
            | Intent::Sell { .. } => return Ok(()),
        };
        let pools = pools.into_iter().flatten();
        for (feed, health) in pools.clone().filter_map(|pool| market.gap_of_pool(pool)) {
            refuse_gap(feed, Some(health))?;
        }
        self.feeds.iter().try_for_each(|feed| {
            refuse_gap(*feed, market.feeds().get(*feed).map(tidemill_market::Feed::health))
        })?;
        let scene = Scene { valuation: &self.valuation, market, ledger };
        for pool in pools {
            self.safeguards.check_silence(&scene, Some(pool), &[])?;
        }
        self.safeguards.check_silence(&scene, None, &self.feeds)
    }

    fn check_positions(&self, ledger: &Ledger) -> Result<(), Refusal> {
        let count = ledger.positions().count().saturating_add(openings(ledger).count());
        let open = u32::try_from(count).unwrap_or(u32::MAX);
        let limit = self.limits.max_positions;
        if open < limit { Ok(()) } else { Err(Refusal::TooManyPositions { open, limit }) }
    }

    fn check_exposure(
        &self,
        market: &Market,
        ledger: &Ledger,
        (pool, desired): (PoolId, &TokenAmounts),
    ) -> Result<(), Refusal> {
        let held = Equity::of(&self.valuation, market, ledger)?.positions;
        let prices = prices_of(&self.valuation, market, ledger)?;
        let parts = [
            on_its_way(&self.valuation, market, ledger).ok_or(Refusal::NoPrice)?,
            prices.tokens(pool, desired).ok_or(Refusal::NoPrice)?,
        ];
        let exposure = parts.iter().try_fold(held, |sum, part| sum.checked_add(*part));
        let exposure = exposure.ok_or(Refusal::NoPrice)?;
        let limit = self.limits.max_exposure_quote;
        if exposure <= limit { Ok(()) } else { Err(Refusal::TooMuchExposure { exposure, limit }) }
    }

    /// Once the limit is passed it stays passed: a price that comes back does not reopen the door.
    fn check_loss(&mut self, market: &Market, ledger: &Ledger) -> Result<(), Refusal> {
        let equity = Equity::of(&self.valuation, market, ledger)?;
        let start = match self.state.start_equity {
            Some(start) => start,
            None => equity.held().ok_or(Refusal::NoPrice)?,
        };
        self.state.start_equity = Some(start);
        let loss = equity.loss_from(start).ok_or(Refusal::NoPrice)?;
        let worst = self.state.worst_loss.max(loss);
        self.state.worst_loss = worst;
        let limit = self.limits.max_loss.amount();
        if worst <= limit { Ok(()) } else { Err(Refusal::LossLimit { loss: worst, limit }) }
    }
}

/// Refuses a feed with a gap; one that is not there has said nothing.
fn refuse_gap(feed: FeedId, health: Option<FeedHealth>) -> Result<(), Refusal> {
    match health {
        Some(FeedHealth::Whole) => Ok(()),
        Some(FeedHealth::Gap { cause, .. }) => Err(Refusal::FeedGap { feed, cause }),
        None => Err(Refusal::FeedGap { feed, cause: GapCause::NotBegun }),
    }
}

/// Refuses a position that is not open, or that another order in flight is about.
fn check_is_free(ledger: &Ledger, position: PositionId) -> Result<(), Refusal> {
    let is_open = ledger.position(position).is_some();
    let is_busy = ledger.in_flight().any(|other| other.intent.position() == Some(position));
    if is_open && !is_busy { Ok(()) } else { Err(Refusal::NotOpen(position)) }
}

fn check_staked(ledger: &Ledger, position: PositionId) -> Result<(), Refusal> {
    let is_staked = ledger.position(position).is_some_and(|open| open.staked.is_some());
    if is_staked { Ok(()) } else { Err(Refusal::NotStaked(position)) }
}

/// Refuses to stake what is staked, or in a programme of another pool.
fn check_stake(
    market: &Market,
    ledger: &Ledger,
    position: PositionId,
    programme: ProgrammeId,
) -> Result<(), Refusal> {
    check_is_free(ledger, position)?;
    let open = ledger.position(position).ok_or(Refusal::NotOpen(position))?;
    if open.staked.is_some() {
        return Err(Refusal::Staked(position));
    }
    let programme = market.programme(programme).filter(|found| found.pool() == open.pool);
    programme.map(drop).ok_or(Refusal::NoProgramme)
}

fn check_sale(ledger: &Ledger, reward: AssetId, wanted: Amount) -> Result<(), Refusal> {
    if wanted.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    let available = ledger.available(reward);
    if wanted > available {
        return Err(Refusal::InsufficientBalance { available, wanted });
    }
    Ok(())
}

fn check_placement(market: &Market, pool: PoolId, placement: Placement) -> Result<(), Refusal> {
    match (market.pool(pool).ok_or(Refusal::NoPrice)?, placement) {
        (_, Placement::Stake(staking)) => {
            let staking = market.staking(staking).filter(|staking| staking.pool() == pool);
            staking.map(drop).ok_or(Refusal::NoProgramme)
        }
        (_, Placement::Lock { voting, .. }) => {
            let voting = market.voting(voting).filter(|voting| voting.pool() == pool);
            voting.map(drop).ok_or(Refusal::NoProgramme)
        }
        (PoolMarket::Concentrated(pool), Placement::Range(range)) => {
            check_range(range, pool.header().tick_spacing)
        }
        (PoolMarket::Shares(_), Placement::Shares) => Ok(()),
        (PoolMarket::Concentrated(_), Placement::Shares)
        | (PoolMarket::Shares(_), Placement::Range(_)) => Err(Refusal::BadPlacement),
    }
}

fn check_range(range: TickRange, spacing: i32) -> Result<(), Refusal> {
    let fits = range.lower < range.upper
        && [range.lower, range.upper]
            .iter()
            .all(|tick| tick.is_valid() && tick.is_multiple_of(spacing));
    if fits { Ok(()) } else { Err(Refusal::BadRange) }
}

fn check_balances(ledger: &Ledger, pool: PoolId, wanted: &TokenAmounts) -> Result<(), Refusal> {
    if wanted.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    let assets = ledger.assets(pool).ok_or(Refusal::NoPrice)?;
    if wanted.len() != assets.tokens().len() {
        return Err(Refusal::BadPlacement);
    }
    for (asset, wanted) in assets.tokens().iter().zip(wanted.as_slice()) {
        let (available, wanted) = (ledger.available(*asset), *wanted);
        if wanted > available {
            return Err(Refusal::InsufficientBalance { available, wanted });
        }
    }
    Ok(())
}
