mod others;
mod ours;
mod staking;

use std::collections::BTreeMap;

use tidemill_amm::{Pool, PoolError, PriceRatio, Quote, SharePool, SwapAmount, Trade};
use tidemill_model::{ChainEvent, PoolEvent, PositionId, ShareEvent, SharePoolHeader};
use tidemill_units::{
    Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div, mul_div_rounding_up,
};

use crate::{
    Footprint, MarketError, Mismatch, OwnWorth, PoolPrices, ReplayCounts, ShareCall, SwapKind, fold,
};
use others::{Before, routed};

/// One pool of shares: its recorded history executed again, and ourselves in it.
///
/// *Price-taker*: our shares are those of the recorded pool as if they had been minted outside it.
/// They are worth their part of its balances, and leave it alone: the pool's own shares keep all
/// its fees, and ours are paid as much for each again. Too much by our shares over all of them at
/// most, for as much deeper would the pool have been. A withdrawal's own fees, where a kind has
/// any, and the protocol's shares that a withdrawal would mint first are not taken off.
///
/// *Re-executed*: deposits, withdrawals and swaps of ours are real calls to a copy of the pool, in
/// which every recorded call is made again: a deposit in proportion in the proportion of that
/// copy, a withdrawal of as many shares, or of all that others have there, and a claim of fees of
/// the same part of what others have coming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharePoolMarket {
    header: SharePoolHeader,
    footprint: Footprint,
    /// As recorded, without us.
    history: Pool,
    /// With us, from our first order on; re-executed only.
    with_us: Option<Box<Pool>>,
    own: BTreeMap<PositionId, OwnShares>,
    counts: ReplayCounts,
    /// How many times the pool as we meet it has changed.
    changes: u64,
}

/// A position of ours in a pool of shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnShares {
    /// Its identity.
    pub id: PositionId,
    /// How many.
    pub shares: Amount,
    /// The pool's virtual price right after it was opened.
    pub virtual_price_at_open: Amount,
    /// What each share of all time had been paid apart from the reserves when it was opened, in
    /// 10^-18 of each token: Solidly's pools alone keep fees so.
    pub fee_indexes_at_open: [U256; 2],
    /// Whether they are in the pool's gauge, which is paid the fees that are kept apart then.
    pub(crate) is_staked: bool,
    /// The least number of others' shares while swaps went through; price-taker only.
    pub least_shares_beside: Option<Amount>,
}

/// A deposit of ours as the pool would take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnDeposit {
    /// Paid in.
    pub deposited: TokenAmounts,
    /// Shares for it.
    pub shares: Amount,
}

impl SharePoolMarket {
    /// Returns the pool at the start of its tape.
    ///
    /// Errors: [`MarketError::NotShares`] for a concentrated pool, and for a number of tokens that
    /// is not the header's.
    pub fn new(
        header: &SharePoolHeader,
        start: &Pool,
        footprint: Footprint,
    ) -> Result<Self, MarketError> {
        let count = start.shares().map(|pool| pool.balances().len());
        if count != Some(header.tokens.len()) {
            return Err(MarketError::NotShares);
        }
        Ok(Self {
            header: header.clone(),
            footprint,
            history: start.clone(),
            with_us: None,
            own: BTreeMap::new(),
            counts: ReplayCounts::default(),
            changes: 0,
        })
    }

    /// Returns what the tape says of the pool.
    pub fn header(&self) -> &SharePoolHeader {
        &self.header
    }

    /// Returns the pool as we meet it: with ourselves in it where the footprint says so.
    pub fn pool(&self) -> &Pool {
        self.with_us.as_deref().unwrap_or(&self.history)
    }

    /// Returns the pool as recorded, without us.
    pub fn history(&self) -> &Pool {
        &self.history
    }

    /// Returns which model of our own footprint holds.
    pub fn footprint(&self) -> Footprint {
        self.footprint
    }

    /// Returns how many events were reproduced, by kind.
    pub fn counts(&self) -> &ReplayCounts {
        &self.counts
    }

    /// Returns our open positions.
    pub fn own(&self) -> impl Iterator<Item = &OwnShares> {
        self.own.values()
    }

    /// Returns one of our open positions.
    pub fn position(&self, id: PositionId) -> Option<&OwnShares> {
        self.own.get(&id)
    }

    /// Returns how many times the pool as we meet it has changed: while it stays, so do prices,
    /// but for what time alone does.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Returns what each token is worth in one of them; `None` before the pool has prices.
    pub fn prices(&self, quote: TokenIndex, now: Timestamp) -> Option<PoolPrices> {
        let pool = self.shares()?;
        let tokens = pool.balances();
        tokens.get(quote)?;
        let one = PriceRatio { output: U256::ONE, input: U256::ONE };
        let price = |input| {
            if input == quote {
                return Some(one);
            }
            let price = pool.spot_price(TokenPair { input, output: quote }, now).ok()?;
            (!price.input.is_zero()).then_some(price)
        };
        let prices: Option<Vec<_>> = tokens.iter().map(|(token, _)| price(token)).collect();
        prices.map(PoolPrices::Shares)
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open, or the pool would refuse.
    ///
    /// What it is paid is split by the growth of the pool's virtual price since it was opened: the
    /// principal is `paid * virtual price then / virtual price now`, each token rounded down, and
    /// fees are the rest, so that the two add up to the unit; fees that a Solidly pool keeps apart
    /// come on top. Invariants of all these pools are
    /// homogeneous of degree one in the balances: fees scale the whole pool up by the growth of
    /// the invariant per share, and without them the same prices would have left as much less of
    /// each token. Where the virtual price fell (a crypto pool that moved its price scale, say)
    /// there are no fees, and the loss is the principal's.
    ///
    /// Source: the growth of `get_virtual_price` as a provider's earnings, curve-contract
    /// `StableSwap.vy`; for v2 the root of the product of the reserves per share, v2-core 1.0.1
    /// `UniswapV2Pair._mintFee`.
    pub fn worth(&self, id: PositionId, now: Timestamp) -> Option<OwnWorth> {
        let own = self.own.get(&id)?;
        let (paid, apart) = match self.footprint {
            Footprint::PriceTaker => {
                let apart = own.fees_apart(fee_indexes(self.pool()), self.header.tokens.len())?;
                (part_of(self.shares()?, own.shares)?, apart)
            }
            Footprint::ReExecuted => {
                let mut pool = self.pool().clone();
                if own.is_staked {
                    ours::unstake(&mut pool, id, own.shares).ok()?;
                }
                let paid = ours::withdraw(&mut pool, id, own.shares, now).ok()?;
                (paid.tokens, paid.fees_apart)
            }
        };
        let now_price = self.shares()?.virtual_price(now).ok()?;
        let worth = own.split(&paid, now_price)?;
        Some(OwnWorth { fees: worth.fees.checked_add(&apart)?, ..worth })
    }

    /// Works out a deposit of at most these amounts, in proportion to what the pool holds; `None`
    /// where they are too little for any shares, or the pool holds none.
    ///
    /// Errors: those of the pool.
    pub fn quote_own_deposit(
        &self,
        desired: &TokenAmounts,
        now: Timestamp,
    ) -> Result<Option<OwnDeposit>, PoolError> {
        let pool = self.shares().ok_or(PoolError::WrongTokenCount)?;
        let Some(proportional) = proportional(pool, desired) else { return Ok(None) };
        match self.footprint {
            Footprint::PriceTaker => Ok(Some(proportional)),
            Footprint::ReExecuted => {
                let Some(deposited) = taken_of(self.pool(), desired, &proportional.deposited)
                else {
                    return Ok(None);
                };
                let mut pool = self.pool().clone();
                let pool = pool.shares_mut().ok_or(PoolError::WrongTokenCount)?;
                let shares = pool.deposit(&deposited, now)?;
                Ok(Some(OwnDeposit { deposited, shares }))
            }
        }
    }

    /// Works out a swap of ours of an exact input against the pool as it is.
    ///
    /// Errors: those of the pool.
    pub fn quote_own_swap(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        now: Timestamp,
    ) -> Result<Quote, PoolError> {
        self.pool().quote(&Trade { pair, amount: SwapAmount::ExactIn(amount_in) }, now)
    }

    /// Executes a recorded event again, in the history and, if we are in it, in the pool with us.
    pub(crate) fn apply(&mut self, chain: &ChainEvent, now: Timestamp) -> Result<(), MarketError> {
        let mismatch = |mismatch| MarketError::Mismatch {
            block: chain.block,
            log_index: chain.log_index,
            mismatch,
        };
        let PoolEvent::Shares(event) = &chain.event else {
            return Err(mismatch(Mismatch::OtherPool { kind: chain.event.kind() }));
        };
        let routed = routed(&self.history, event, now);
        let before =
            self.with_us.is_some().then(|| Before::of(&self.history, event.without_claim()));
        let reproduced = fold(&mut self.history, event, now, self.header.amount_tolerance)
            .map_err(|error| mismatch(Mismatch::Shares(Box::new(error))))?;
        let call = routed.map_or(reproduced.call, ShareCall::Swap);
        self.count(event.without_claim(), &call);
        if let Some((pool, before)) = self.with_us.as_deref_mut().zip(before) {
            let ours = self.own.values().map(|own| own.shares);
            let ours = ours.fold(Amount::ZERO, |sum, own| sum.checked_add(own).unwrap_or(sum));
            if before.make(call, pool, ours, now).is_err() {
                let reverted = self.counts.reverted_with_us.saturating_add(1);
                self.counts.reverted_with_us = reverted;
            }
        }
        self.changes = self.changes.saturating_add(1);
        Ok(())
    }
}

/// Changes that only `Market` makes.
impl SharePoolMarket {
    fn shares(&self) -> Option<&dyn SharePool> {
        self.pool().shares()
    }

    fn count(&mut self, event: &ShareEvent, call: &ShareCall) {
        self.counts.events = self.counts.events.saturating_add(1);
        if let Some(kind) = swap_kind(event, call) {
            self.counts.count_swap(kind);
            self.note_beside();
        } else if changes_liquidity(event) {
            self.counts.liquidity_changes = self.counts.liquidity_changes.saturating_add(1);
        }
    }

    fn note_beside(&mut self) {
        let Some(total) = self.history.shares().map(SharePool::total_shares) else { return };
        for own in self.own.values_mut() {
            let least = own.least_shares_beside.map_or(total, |least| least.min(total));
            own.least_shares_beside = Some(least);
        }
    }

    /// Puts a position of ours where the footprint keeps it; `None` where the pool does not give
    /// these shares for this deposit.
    pub(crate) fn open_own(
        &mut self,
        id: PositionId,
        opened: &OwnDeposit,
        now: Timestamp,
    ) -> Option<()> {
        match self.footprint {
            Footprint::PriceTaker => {
                let cost = cost_of(self.shares()?, opened.shares)?;
                (cost == opened.deposited).then_some(())?;
            }
            Footprint::ReExecuted => {
                let pool = self.pool_with_us();
                let shares = ours::deposit(pool, id, &opened.deposited, now).ok()?;
                (shares == opened.shares).then_some(())?;
            }
        }
        let virtual_price_at_open = self.shares()?.virtual_price(now).ok()?;
        let shares = opened.shares;
        let fee_indexes_at_open = fee_indexes(self.pool());
        let own = OwnShares {
            id,
            shares,
            virtual_price_at_open,
            fee_indexes_at_open,
            is_staked: false,
            least_shares_beside: None,
        };
        self.own.insert(id, own);
        self.changes = self.changes.saturating_add(1);
        Some(())
    }

    /// Takes a position of ours out; returns what it was paid, or `None` where it is not open.
    pub(crate) fn close_own(&mut self, id: PositionId, now: Timestamp) -> Option<OwnWorth> {
        let worth = self.worth(id, now)?;
        let own = self.own.remove(&id)?;
        if self.footprint == Footprint::ReExecuted {
            ours::withdraw(self.pool_with_us(), id, own.shares, now).ok()?;
        }
        self.changes = self.changes.saturating_add(1);
        Some(worth)
    }

    /// Makes a swap of ours; returns what came out, or `None` where the pool refuses it.
    pub(crate) fn swap_own(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        now: Timestamp,
    ) -> Option<Amount> {
        let trade = Trade { pair, amount: SwapAmount::ExactIn(amount_in) };
        let quote = match self.footprint {
            Footprint::PriceTaker => self.pool().quote(&trade, now),
            Footprint::ReExecuted => self.pool_with_us().swap(&trade, now),
        };
        self.changes = self.changes.saturating_add(1);
        quote.ok().filter(|quote| quote.amount_in == amount_in).map(|quote| quote.amount_out)
    }

    fn pool_with_us(&mut self) -> &mut Pool {
        self.with_us.get_or_insert_with(|| Box::new(self.history.clone()))
    }
}

impl OwnShares {
    fn split(&self, paid: &TokenAmounts, virtual_price: Amount) -> Option<OwnWorth> {
        let (at_open, now) = (self.virtual_price_at_open, virtual_price);
        let mut principal = *paid;
        if at_open < now {
            for amount in principal.as_mut_slice() {
                *amount = Amount(mul_div(amount.0, at_open.0, now.0)?);
            }
        }
        let fees = paid.checked_sub(&principal)?;
        Some(OwnWorth { principal, fees })
    }

    /// Returns the fees that a pool keeps apart from its reserves until they are claimed: shares
    /// times the growth of the index, rounded down (Solidly `_updateFor`).
    fn fees_apart(&self, indexes: [U256; 2], count: usize) -> Option<TokenAmounts> {
        let mut fees = TokenAmounts::zero(count)?;
        if self.is_staked {
            return Some(fees);
        }
        let grown = indexes.iter().zip(self.fee_indexes_at_open);
        for (fee, (now, at_open)) in fees.as_mut_slice().iter_mut().zip(grown) {
            let growth = now.checked_sub(at_open)?;
            *fee = Amount(mul_div(self.shares.0, growth, WAD)?);
        }
        Some(fees)
    }
}

/// Returns what each share of all time was paid apart from the reserves; zero in pools that add
/// their fees to them.
fn fee_indexes(pool: &Pool) -> [U256; 2] {
    if let Pool::Solidly(pool) = pool { pool.indexes() } else { [U256::ZERO; 2] }
}

const WAD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Returns the part of the pool's balances that so many shares stand for, rounded down.
fn part_of(pool: &dyn SharePool, shares: Amount) -> Option<TokenAmounts> {
    let total = pool.total_shares();
    let mut amounts = pool.balances();
    for amount in amounts.as_mut_slice() {
        *amount = Amount(mul_div(amount.0, shares.0, total.0)?);
    }
    Some(amounts)
}

/// Returns the part of the pool's balances that so many shares stand for, rounded up.
fn cost_of(pool: &dyn SharePool, shares: Amount) -> Option<TokenAmounts> {
    let total = pool.total_shares();
    let mut amounts = pool.balances();
    for amount in amounts.as_mut_slice() {
        *amount = Amount(mul_div_rounding_up(amount.0, shares.0, total.0)?);
    }
    Some(amounts)
}

/// Returns the most shares that these amounts are worth, and what they cost: no more of any token
/// than there is. `None` for none.
fn proportional(pool: &dyn SharePool, desired: &TokenAmounts) -> Option<OwnDeposit> {
    let total = pool.total_shares();
    let (balances, mut shares) = (pool.balances(), None::<U256>);
    if balances.len() != desired.len() {
        return None;
    }
    for (balance, desired) in balances.as_slice().iter().zip(desired.as_slice()) {
        if !balance.is_zero() {
            let most = mul_div(desired.0, total.0, balance.0)?;
            shares = Some(shares.map_or(most, |least| least.min(most)));
        }
    }
    let shares = Amount(shares.filter(|shares| !shares.is_zero())?);
    Some(OwnDeposit { deposited: cost_of(pool, shares)?, shares })
}

/// Returns what the pool takes of an offer: its proportion, or what its own rounding makes of it
/// where the contract takes nothing else (Balancer v1 `joinPool`).
fn taken_of(
    pool: &Pool,
    desired: &TokenAmounts,
    proportional: &TokenAmounts,
) -> Option<TokenAmounts> {
    let Pool::BalancerV1(pool) = pool else { return Some(*proportional) };
    pool.largest_join(desired).map(|join| join.amounts)
}

/// Returns what a recorded swap had fixed; `None` where the event is no swap.
fn swap_kind(event: &ShareEvent, call: &ShareCall) -> Option<SwapKind> {
    if !matches!(
        event,
        ShareEvent::Swap { .. } | ShareEvent::SwapUnderlying { .. } | ShareEvent::PairSwap { .. }
    ) {
        return None;
    }
    let is_exact_in = matches!(
        call,
        ShareCall::SwapUnderlying(..)
            | ShareCall::Swap(Trade { amount: SwapAmount::ExactIn(_), .. })
    );
    Some(if is_exact_in { SwapKind::ExactIn } else { SwapKind::ExactOut })
}

fn changes_liquidity(event: &ShareEvent) -> bool {
    matches!(
        event,
        ShareEvent::Deposit(_)
            | ShareEvent::Withdraw(_)
            | ShareEvent::WithdrawImbalance(_)
            | ShareEvent::WithdrawOne { .. }
    )
}
