use tidemill_market::{ConcentratedMarket, Market, Moment, OwnDeposit, OwnWorth, PoolMarket};
use tidemill_model::{
    Holding, Intent, Order, OutcomeKind, Placement, PoolId, PoolPair, PositionId, ProgrammeId,
    ProgrammeKind, Rejection, Reward,
};
use tidemill_units::{Amount, Amounts, Liquidity, TickRange, TokenAmounts, TokenIndex, TokenPair};

use crate::models::sale::SaleModel;

use crate::models::gas::{BackTouch, ShareContracts, Touch};

/// What decides the end of an order besides the market.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances {
    /// When it is executed.
    pub(crate) at: Moment,
    /// Whether the wallet has swapped before.
    pub(crate) has_swapped: bool,
    /// What reward tokens are sold for.
    pub(crate) sale: SaleModel,
}

/// What an order does to the market as it stands, and what it touches on the way.
pub(crate) struct Fill {
    pub(crate) kind: OutcomeKind,
    pub(crate) touch: Touch,
}

impl Fill {
    /// Works an order out without changing anything; the market makes the change when the outcome
    /// comes back to it as an event.
    pub(crate) fn of(order: &Order, market: &Market, circumstances: &Circumstances) -> Self {
        let Circumstances { at, has_swapped, sale } = *circumstances;
        let mut touch = Touch {
            ticks_in_use: 0,
            pool_is_empty: false,
            crossings: 0,
            has_swapped,
            back: None,
            shares_of: contracts_of_shares(order, market),
            programme: programme_of(order, market),
            is_stake: is_stake(order, market),
            is_lock: is_lock(order, market),
        };
        let kind = match order.intent {
            _ if touch.is_lock => of_lock(order, market, at),
            Intent::Vote { .. } | Intent::Extend { .. } | Intent::ClaimBribes { .. } => {
                Err(Rejection::ProgrammeReverted)
            }
            Intent::Open { pool, placement: Placement::Stake(staking), desired } => {
                let position = PositionId(order.key);
                let kept = market.quote_staking(staking, &desired, at);
                let opened = |shares| OutcomeKind::Opened {
                    position,
                    pool,
                    holding: Holding::Stake { staking, shares },
                    deposited: desired,
                };
                kept.map(opened).ok_or(Rejection::ProgrammeReverted)
            }
            Intent::Open { pool, placement, desired } => {
                let position = PositionId(order.key);
                let request = OpenRequest { pool, placement, desired };
                open(position, market, &request, &mut touch)
            }
            Intent::Close { position } if market.programme_of(position).is_some() => {
                Err(Rejection::WrongStake)
            }
            Intent::Close { position } if market.staking_of(position).is_some() => {
                ask_back(market, position, at)
            }
            Intent::Close { position } => Ok(close(market, position)),
            Intent::Compound { position } => {
                let amount = market.quote_compounding(position, at);
                let compounded = |amount| OutcomeKind::Compounded { position, amount };
                amount.map(compounded).ok_or(Rejection::ProgrammeReverted)
            }
            Intent::Stake { position, programme } => stake(market, position, programme, at),
            Intent::Claim { position } => {
                let reward = market.quote_claim(position, at);
                let claimed = |reward| OutcomeKind::Claimed { position, reward };
                reward.map(claimed).ok_or(refused(market, position))
            }
            Intent::Unstake { position } => {
                let reward = market.quote_unstake(position, at);
                let unstaked = |reward| OutcomeKind::Unstaked { position, reward };
                reward.map(unstaked).ok_or(refused(market, position))
            }
            Intent::Sell { pool, reward, into, amount_in, min_amount_out } => {
                let sold = Sale { pool, into, min_amount_out };
                sell(market, Reward { asset: reward, amount: amount_in }, &sold, sale)
            }
            // That is the exchange's to execute.
            Intent::Trade { .. } => Err(Rejection::NoMarket),
            Intent::Swap { pool, pair, amount_in, min_amount_out } => {
                let request = OwnSwap { pool, pair, amount_in, min_amount_out };
                swap_alone(market, &request, &mut touch)
            }
            Intent::Arbitrage { legs, amount_in, min_amount_out, .. } => {
                arbitrage(market, legs, (amount_in, min_amount_out), &mut touch)
            }
        };
        Self { kind: kind.unwrap_or_else(OutcomeKind::Rejected), touch }
    }
}

/// What becomes of an order for a voting service.
fn of_lock(order: &Order, market: &Market, at: Moment) -> Result<OutcomeKind, Rejection> {
    let reverted = Rejection::ProgrammeReverted;
    match order.intent {
        Intent::Open { pool, placement: Placement::Lock { voting, until }, desired } => {
            let is_locked = market.quote_lock(voting, (&desired, until), at);
            let (position, holding) = (PositionId(order.key), Holding::Lock { voting, until });
            let opened = OutcomeKind::Opened { position, pool, holding, deposited: desired };
            is_locked.then_some(opened).ok_or(reverted)
        }
        Intent::Close { position } => {
            let paid = market.quote_unlocked(position, at).ok_or(Rejection::StillLocked);
            paid.map(|paid| closed(position, &paid))
        }
        Intent::Vote { position, ballot } => {
            let is_cast = market.quote_vote(position, &ballot, at);
            is_cast.then_some(OutcomeKind::Voted { position, ballot }).ok_or(reverted)
        }
        Intent::Extend { position, until } => {
            let is_extended = market.quote_extension(position, until, at);
            is_extended.then_some(OutcomeKind::Extended { position, until }).ok_or(reverted)
        }
        Intent::ClaimBribes { position, token } => {
            let reward = market.quote_bribes(position, token, at);
            reward.map(|reward| OutcomeKind::Claimed { position, reward }).ok_or(reverted)
        }
        // A lock is in no reward programme, and earns nothing that could be locked as well.
        Intent::Claim { .. } | Intent::Stake { .. } | Intent::Unstake { .. } => {
            Err(Rejection::WrongStake)
        }
        Intent::Open { .. }
        | Intent::Compound { .. }
        | Intent::Swap { .. }
        | Intent::Arbitrage { .. }
        | Intent::Trade { .. }
        | Intent::Sell { .. } => Err(reverted),
    }
}

/// The contracts of the pool that an order is for, if it is one of shares.
fn contracts_of_shares(order: &Order, market: &Market) -> Option<ShareContracts> {
    let pool = match order.intent {
        Intent::Trade { .. } => return None,
        Intent::Open { pool, .. } | Intent::Swap { pool, .. } | Intent::Sell { pool, .. } => {
            market.pool(pool)?
        }
        Intent::Arbitrage { legs: [first, _], .. } => market.pool(first.pool)?,
        Intent::Close { position }
        | Intent::Stake { position, .. }
        | Intent::Claim { position }
        | Intent::Unstake { position }
        | Intent::Compound { position }
        | Intent::Vote { position, .. }
        | Intent::Extend { position, .. }
        | Intent::ClaimBribes { position, .. } => market.pool_of(position)?,
    };
    contracts_of(pool)
}

/// The contracts of a pool, if it is one of shares.
fn contracts_of(pool: &PoolMarket) -> Option<ShareContracts> {
    pool.shares().and_then(|pool| ShareContracts::of(pool.pool()))
}

/// Whether an order is for a staking service.
fn is_stake(order: &Order, market: &Market) -> bool {
    if let Intent::Open { placement, .. } = order.intent {
        return matches!(placement, Placement::Stake(_));
    }
    order.intent.position().is_some_and(|position| market.staking_of(position).is_some())
}

/// Whether an order is for a voting service.
fn is_lock(order: &Order, market: &Market) -> bool {
    if let Intent::Open { placement, .. } = order.intent {
        return matches!(placement, Placement::Lock { .. });
    }
    order.intent.position().is_some_and(|position| market.voting_of(position).is_some())
}

/// The kind of the programme that an order is for, if it is for one.
fn programme_of(order: &Order, market: &Market) -> Option<ProgrammeKind> {
    let programme = match order.intent {
        Intent::Stake { programme, .. } => programme,
        Intent::Claim { position } | Intent::Unstake { position } => {
            market.programme_of(position)?
        }
        Intent::Open { .. }
        | Intent::Close { .. }
        | Intent::Swap { .. }
        | Intent::Arbitrage { .. }
        | Intent::Sell { .. }
        | Intent::Compound { .. }
        | Intent::Vote { .. }
        | Intent::Extend { .. }
        | Intent::Trade { .. }
        | Intent::ClaimBribes { .. } => return None,
    };
    Some(market.programme(programme)?.kind())
}

/// Asks a stake back, or pays it once it can be had.
fn ask_back(market: &Market, position: PositionId, at: Moment) -> Result<OutcomeKind, Rejection> {
    if let Some(paid) = market.quote_unstaked(position, at) {
        return Ok(closed(position, &paid));
    }
    let ready_at = market.quote_unbonding(position, at);
    let unbonding = |ready_at| OutcomeKind::Unbonding { position, ready_at };
    ready_at.map(unbonding).ok_or(Rejection::StillUnbonding)
}

fn stake(
    market: &Market,
    position: PositionId,
    programme: ProgrammeId,
    at: Moment,
) -> Result<OutcomeKind, Rejection> {
    if market.programme_of(position).is_some() {
        return Err(Rejection::WrongStake);
    }
    let fees = market.quote_stake(position, programme, at).ok_or(Rejection::ProgrammeReverted)?;
    Ok(OutcomeKind::Staked { position, programme, fees })
}

/// Why a programme paid nothing.
fn refused(market: &Market, position: PositionId) -> Rejection {
    match market.programme_of(position) {
        Some(_) => Rejection::ProgrammeReverted,
        None => Rejection::WrongStake,
    }
}

/// What a sale of rewards asks for.
struct Sale {
    pool: PoolId,
    into: TokenIndex,
    min_amount_out: Amount,
}

fn sell(
    market: &Market,
    reward: Reward,
    asked: &Sale,
    model: SaleModel,
) -> Result<OutcomeKind, Rejection> {
    let Sale { pool, into, min_amount_out } = *asked;
    let price = market.price_of(reward.asset).ok_or(Rejection::InsufficientDepth)?;
    let amount_out = model.received(price, reward.amount).ok_or(Rejection::InsufficientDepth)?;
    if amount_out < min_amount_out {
        return Err(Rejection::TooLittleReceived);
    }
    Ok(OutcomeKind::Sold { pool, reward, into, amount_out })
}

/// What a swap asks for.
struct OwnSwap {
    pool: PoolId,
    pair: TokenPair,
    amount_in: Amount,
    min_amount_out: Amount,
}

/// What a swap gives. The ticks that it crosses are told where it is rejected, too: a call that
/// reverts pays for them.
fn swap(market: &Market, request: &OwnSwap, crossings: &mut usize) -> Result<Amount, Rejection> {
    let OwnSwap { pool: id, pair, amount_in, min_amount_out } = *request;
    let amount_out = match market.pool(id).ok_or(Rejection::PoolReverted)? {
        PoolMarket::Concentrated(pool) => {
            let input = pair.input_of_two().ok_or(Rejection::PoolReverted)?;
            let staged = pool.stage_own_swap(input, amount_in);
            let staged = staged.map_err(|_| Rejection::PoolReverted)?;
            let amounts = staged.result().amounts;
            *crossings = staged.result().crossings;
            if amounts.get(input).magnitude() != amount_in {
                return Err(Rejection::InsufficientDepth);
            }
            amounts.get(input.other()).magnitude()
        }
        PoolMarket::Shares(pool) => {
            let quote = pool.quote_own_swap(pair, amount_in, market.now());
            let quote = quote.map_err(|_| Rejection::PoolReverted)?;
            if quote.amount_in != amount_in {
                return Err(Rejection::InsufficientDepth);
            }
            quote.amount_out
        }
    };
    if amount_out < min_amount_out {
        return Err(Rejection::TooLittleReceived);
    }
    Ok(amount_out)
}

fn swap_alone(
    market: &Market,
    request: &OwnSwap,
    touch: &mut Touch,
) -> Result<OutcomeKind, Rejection> {
    let amount_out = swap(market, request, &mut touch.crossings)?;
    let OwnSwap { pool, pair, amount_in, .. } = *request;
    Ok(OutcomeKind::Swapped { pool, pair, amount_in, amount_out })
}

/// A swap and the one back: neither is made where both together give less than is accepted.
fn arbitrage(
    market: &Market,
    legs: [PoolPair; 2],
    (amount_in, min_amount_out): (Amount, Amount),
    touch: &mut Touch,
) -> Result<OutcomeKind, Rejection> {
    let [PoolPair { pool, pair }, second] = legs;
    let request = OwnSwap { pool, pair, amount_in, min_amount_out: Amount::ZERO };
    let shares_of = market.pool(second.pool).and_then(contracts_of);
    touch.back = Some(BackTouch { crossings: 0, shares_of });
    let between = swap(market, &request, &mut touch.crossings)?;
    let PoolPair { pool, pair } = second;
    let request = OwnSwap { pool, pair, amount_in: between, min_amount_out };
    let mut crossings = 0;
    let amount_out = swap(market, &request, &mut crossings)?;
    if let Some(touched) = touch.back.as_mut() {
        touched.crossings = crossings;
    }
    Ok(OutcomeKind::Arbitraged { legs, amount_in, between, amount_out })
}

fn close(market: &Market, position: PositionId) -> OutcomeKind {
    match market.worth(position) {
        Some(worth) => closed(position, &worth),
        None => OutcomeKind::Rejected(Rejection::UnknownPosition),
    }
}

fn closed(position: PositionId, paid: &OwnWorth) -> OutcomeKind {
    OutcomeKind::Closed { position, withdrawn: paid.principal, fees: paid.fees }
}

/// What an opening asks for.
struct OpenRequest {
    pool: PoolId,
    placement: Placement,
    desired: TokenAmounts,
}

fn open(
    position: PositionId,
    market: &Market,
    request: &OpenRequest,
    touch: &mut Touch,
) -> Result<OutcomeKind, Rejection> {
    let OpenRequest { pool: id, placement, desired } = *request;
    let (holding, deposited) = match (market.pool(id).ok_or(Rejection::PoolReverted)?, placement) {
        (PoolMarket::Concentrated(pool), Placement::Range(range)) => {
            touch_ticks(pool, range, touch);
            let desired = desired.two().ok_or(Rejection::PoolReverted)?;
            let (liquidity, deposited) = range_deposit(pool, range, desired)?;
            (Holding::Range { range, liquidity }, deposited.into())
        }
        (PoolMarket::Shares(pool), Placement::Shares) => {
            let deposit = pool.quote_own_deposit(&desired, market.now());
            let deposit = deposit.map_err(|_| Rejection::PoolReverted)?;
            let OwnDeposit { deposited, shares } = deposit.ok_or(Rejection::NoLiquidity)?;
            (Holding::Shares(shares), deposited)
        }
        (PoolMarket::Concentrated(_), Placement::Shares)
        | (PoolMarket::Shares(_), Placement::Range(_))
        | (_, Placement::Stake(_) | Placement::Lock { .. }) => {
            return Err(Rejection::PoolReverted);
        }
    };
    if desired.checked_sub(&deposited).is_none() {
        // Liquidity is rounded down and its price up: by a unit it can pass what was offered.
        return Err(Rejection::InsufficientBalance);
    }
    Ok(OutcomeKind::Opened { position, pool: id, holding, deposited })
}

fn touch_ticks(pool: &ConcentratedMarket, range: TickRange, touch: &mut Touch) {
    let ticks = [range.lower, range.upper];
    let used = ticks.iter().filter(|tick| pool.pool().tick_info(**tick).is_some());
    touch.ticks_in_use = used.count();
    touch.pool_is_empty = pool.pool().ticks().next().is_none();
}

/// The most liquidity that amounts are worth in a range, and what it costs.
fn range_deposit(
    pool: &ConcentratedMarket,
    range: TickRange,
    desired: Amounts,
) -> Result<(Liquidity, Amounts), Rejection> {
    let liquidity = pool.pool().liquidity_for(range, desired);
    let liquidity = liquidity.map_err(|_| Rejection::PoolReverted)?;
    if liquidity.is_zero() {
        return Err(Rejection::NoLiquidity);
    }
    let deposited = pool.quote_own(range, liquidity);
    deposited.map(|deposited| (liquidity, deposited)).map_err(|_| Rejection::PoolReverted)
}
