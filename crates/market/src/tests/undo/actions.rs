use tidemill_amm::concentrated::{SwapAmount, SwapRequest};
use tidemill_model::{
    AssetId, Ballot, Choice, GaugeNumber, Holding, OutcomeKind, PositionId, ProgrammeId, Rejection,
    StakingId, VotingId,
};
use tidemill_units::{Amount, Bps, Liquidity, Side, Timestamp, TokenAmounts, TokenIndex, U256};

use super::super::seeded::Seeded;
use super::super::synthetic_shares::pair;
use super::super::synthetic_tape::{POOL, range};
use crate::{ConcentratedMarket, Market, Moment, OwnDeposit, PoolMarket, SharePoolMarket};

pub(super) const REWARD: AssetId = AssetId(7);
const PROGRAMME: ProgrammeId = ProgrammeId(0);
const WEEK: u64 = 604_800;

/// What we do next, and what comes of it; `None` where nothing.
pub(super) fn action(market: &Market, random: &mut Seeded, id: PositionId) -> Option<OutcomeKind> {
    let ours = open_ones(market);
    let index = random.below(u64::try_from(ours.len()).expect("few").max(1));
    let some = ours.get(usize::try_from(index).expect("few")).copied();
    match random.below(8) {
        0..3 => open(market, random, id),
        3 => swap(market, random),
        4 => close(market, some?),
        5 => in_programme(market, some?, random),
        6 => serve(market, random, id),
        _ => Some(OutcomeKind::Rejected(Rejection::PoolReverted)),
    }
}

fn moment(market: &Market) -> Moment {
    Moment { at: market.now(), block: market.block() }
}

fn open_ones(market: &Market) -> Vec<PositionId> {
    match market.pool(POOL).expect("a pool") {
        PoolMarket::Concentrated(pool) => pool.own().map(|own| own.id).collect(),
        PoolMarket::Shares(pool) => pool.own().map(|own| own.id).collect(),
    }
}

fn open(market: &Market, random: &mut Seeded, position: PositionId) -> Option<OutcomeKind> {
    let (holding, deposited) = match market.pool(POOL)? {
        PoolMarket::Concentrated(pool) => open_range(pool, random)?,
        PoolMarket::Shares(pool) => open_shares(pool, market.now(), random)?,
    };
    Some(OutcomeKind::Opened { position, pool: POOL, holding, deposited })
}

fn open_range(pool: &ConcentratedMarket, random: &mut Seeded) -> Option<(Holding, TokenAmounts)> {
    if !pool.pool().is_initialized() {
        return None;
    }
    let lower = random.between(-9, 8) * 60;
    let range = range(lower, lower + 60 * random.between(1, 9));
    let liquidity = Liquidity(1_000_000 + random.wide(80));
    let cost = pool.quote_own(range, liquidity).ok()?;
    Some((Holding::Range { range, liquidity }, cost.into()))
}

fn open_shares(
    pool: &SharePoolMarket,
    now: Timestamp,
    random: &mut Seeded,
) -> Option<(Holding, TokenAmounts)> {
    let part = U256::from(100 + random.below(900));
    let mut desired = pool.pool().shares()?.balances();
    for amount in desired.as_mut_slice() {
        *amount = Amount(amount.0 / part);
    }
    let OwnDeposit { deposited, shares } = pool.quote_own_deposit(&desired, now).ok()??;
    Some((Holding::Shares(shares), deposited))
}

fn swap(market: &Market, random: &mut Seeded) -> Option<OutcomeKind> {
    match market.pool(POOL)? {
        PoolMarket::Concentrated(pool) => {
            let input = if pool.pool().tick().0 > 0 { Side::Token0 } else { Side::Token1 };
            let amount_in = Amount::from_u128(1 + random.wide(66));
            let staged = pool.stage_own_swap(input, amount_in).ok()?;
            let request =
                SwapRequest { input, amount: SwapAmount::ExactIn(amount_in), price_limit: None };
            let amounts = pool.pool().clone().swap(request, market.now()).ok()?.amounts;
            assert_eq!(staged.result().amounts, amounts);
            let amount_out = amounts.get(input.other()).magnitude();
            let is_whole = amounts.get(input).magnitude() == amount_in;
            let pair = input.into_other();
            is_whole.then_some(OutcomeKind::Swapped { pool: POOL, pair, amount_in, amount_out })
        }
        PoolMarket::Shares(pool) => {
            let balance = pool.pool().shares()?.balances().get(TokenIndex(0))?;
            let amount_in = Amount(balance.0 / U256::from(1_000 + random.below(9_000)));
            let pair = pair(0, 1);
            let quote = pool.quote_own_swap(pair, amount_in, market.now()).ok()?;
            let amount_out = quote.amount_out;
            (quote.amount_in == amount_in).then_some(OutcomeKind::Swapped {
                pool: POOL,
                pair,
                amount_in,
                amount_out,
            })
        }
    }
}

fn close(market: &Market, position: PositionId) -> Option<OutcomeKind> {
    let is_free = market.programme_of(position).is_none();
    let worth = market.worth(position).filter(|_| is_free)?;
    Some(OutcomeKind::Closed { position, withdrawn: worth.principal, fees: worth.fees })
}

fn in_programme(market: &Market, id: PositionId, random: &mut Seeded) -> Option<OutcomeKind> {
    market.programme(PROGRAMME)?;
    let (position, at) = (id, moment(market));
    if market.programme_of(id).is_none() {
        let fees = market.quote_stake(id, PROGRAMME, at)?;
        return Some(OutcomeKind::Staked { position, programme: PROGRAMME, fees });
    }
    if random.once_in(2) {
        let reward = market.quote_claim(id, at)?;
        return Some(OutcomeKind::Claimed { position, reward });
    }
    let reward = market.quote_unstake(id, at)?;
    Some(OutcomeKind::Unstaked { position, reward })
}

/// Stakes and locks, and what becomes of them.
fn serve(market: &Market, random: &mut Seeded, id: PositionId) -> Option<OutcomeKind> {
    let at = moment(market);
    let which = u16::try_from(random.below(2)).expect("two");
    let (staking, voting) = (StakingId(which), VotingId(which));
    market.staking(staking)?;
    let amount = Amount::from_u128(1_000_000_000_000 + random.wide(60));
    let deposited = TokenAmounts::of(2, Side::Token1.index(), amount)?;
    let held = (0..id.0.sequence.0).map(key);
    let mine: Vec<_> = held
        .filter(|id| market.staking_of(*id).is_some() || market.voting_of(*id).is_some())
        .collect();
    let index = random.below(u64::try_from(mine.len()).expect("few").max(1));
    let position = mine.get(usize::try_from(index).expect("few")).copied();
    match (random.below(5), position) {
        (0, _) => {
            let shares = market.quote_staking(staking, &deposited, at)?;
            let holding = Holding::Stake { staking, shares };
            Some(OutcomeKind::Opened { position: id, pool: POOL, holding, deposited })
        }
        (1, _) => {
            let until = Timestamp((market.now().0 / WEEK + 2 + random.below(100)) * WEEK);
            let is_locked = market.quote_lock(voting, (&deposited, until), at);
            let holding = Holding::Lock { voting, until };
            is_locked.then_some(OutcomeKind::Opened {
                position: id,
                pool: POOL,
                holding,
                deposited,
            })
        }
        (_, Some(position)) if market.staking_of(position).is_some() => {
            if let Some(amount) = market.quote_compounding(position, at).filter(|_| which == 0) {
                return Some(OutcomeKind::Compounded { position, amount });
            }
            let ready_at = market.quote_unbonding(position, at)?;
            Some(OutcomeKind::Unbonding { position, ready_at })
        }
        (_, Some(position)) => {
            let choice = Choice { gauge: GaugeNumber(which), part: Bps(10_000) };
            let ballot = Ballot::new(&[choice])?;
            market
                .quote_vote(position, &ballot, at)
                .then_some(OutcomeKind::Voted { position, ballot })
        }
        (_, None) => None,
    }
}

fn key(sequence: u64) -> PositionId {
    let sequence = tidemill_model::Sequence(sequence);
    PositionId(tidemill_model::OrderKey { sequence, intent: 0 })
}
