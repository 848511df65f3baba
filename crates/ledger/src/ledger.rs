use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tidemill_model::{
    AssetId, ChainId, Event, EventBody, GasPaid, Holding, Instrument, InstrumentId, Intent, Order,
    OrderKey, Outcome, OutcomeKind, PoolId, PoolPair, PositionId, ProgrammeId, Reward, Sequence,
};
use tidemill_units::{Amount, BlockNumber, SignedAmount, Timestamp, TokenAmounts};

use crate::exchange::can_trade;
use crate::reversals::Reversals;
use crate::{Account, Leg, PoolAssets, Posting};

/// Ours: balances, open positions, orders in flight, and the journal that they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pools: BTreeMap<PoolId, PoolAssets>,
    pub(crate) instruments: BTreeMap<InstrumentId, Instrument>,
    balances: BTreeMap<(Account, AssetId), SignedAmount>,
    positions: BTreeMap<PositionId, OpenPosition>,
    in_flight: BTreeMap<OrderKey, InFlight>,
    journal: Vec<Posting>,
    /// None where no block can be taken back.
    pub(crate) reversals: Option<Box<Reversals>>,
}

/// An order whose end is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) order: Order,
    /// The pool that it is about, where that was known when it was booked: the position that it
    /// names may be gone by its end, when the block that opened it was taken back.
    pool: Option<PoolId>,
}

/// A position that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPosition {
    /// Its pool.
    pub pool: PoolId,
    /// What it is.
    pub holding: Holding,
    /// What was paid in.
    pub deposited: TokenAmounts,
    /// The reward programme that it is staked in.
    pub staked: Option<ProgrammeId>,
}

/// Why an event could not be posted: each is a log that contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// An outcome of an order that is not in flight.
    #[error("order {0} is not in flight")]
    NotInFlight(OrderKey),
    /// An order of a key that is in flight already.
    #[error("order {0} is in flight already")]
    AlreadyInFlight(OrderKey),
    /// A position that is not open.
    #[error("position {} is not open", .0.0)]
    NotOpen(PositionId),
    /// An outcome that the order cannot have had: of another action, pool, place or position, or
    /// beyond the amounts that it allowed.
    #[error("the outcome of order {0} is not one that it can have")]
    WrongOutcome(OrderKey),
    /// A pool whose assets were never named.
    #[error("the assets of pool {} are not known", .0.0)]
    UnknownPool(PoolId),
    /// An instrument that was never named.
    #[error("instrument {} is not known", .0.0)]
    UnknownInstrument(InstrumentId),
    /// An amount of a token that the pool does not have.
    #[error("pool {} has no such token", .0.0)]
    UnknownToken(PoolId),
    /// Legs that do not add up to zero.
    #[error("the legs of a posting do not add up to zero for asset {}", .0.0)]
    Unbalanced(AssetId),
    /// A balance outside `int256`.
    #[error("a balance leaves its range")]
    OutOfRange,
    /// A block is to be taken back from a ledger that keeps nothing to do so.
    #[error("nothing is kept to reverse the outcomes of a block with")]
    NothingKept,
    /// A block that is taken back before one above it, in which there are outcomes of ours.
    #[error("block {number} of chain {chain} was reverted before block {newest}, which has to go")]
    NotNewest {
        /// The chain.
        chain: ChainId,
        /// The block.
        number: BlockNumber,
        /// The newest block with outcomes of ours.
        newest: BlockNumber,
    },
    /// A block so old that its outcomes cannot be reversed.
    #[error("block {number} of chain {chain} was reverted, and outcomes up to {settled} stay")]
    TooDeep {
        /// The chain.
        chain: ChainId,
        /// The block.
        number: BlockNumber,
        /// The newest block whose outcomes stay.
        settled: BlockNumber,
    },
}

impl Ledger {
    /// Returns a ledger with an opening balance.
    ///
    /// Errors: [`LedgerError::OutOfRange`] for an amount past 2^255 - 1.
    pub fn funded(wallet: &[(AssetId, Amount)]) -> Result<Self, LedgerError> {
        let mut ledger = Self::default();
        let mut legs = Vec::new();
        for (asset, amount) in wallet {
            legs.extend(transfer(Account::Capital, Account::Wallet, *asset, *amount)?);
        }
        let (sequence, order, reverses) = (Sequence(0), None, None);
        ledger.post(vec![Posting { sequence, order, reverses, legs }])?;
        Ok(ledger)
    }

    /// Names the assets of a pool.
    pub fn add_pool(&mut self, pool: PoolId, assets: PoolAssets) {
        self.pools.insert(pool, assets);
    }

    /// Returns the assets of a pool.
    pub fn assets(&self, pool: PoolId) -> Option<&PoolAssets> {
        self.pools.get(&pool)
    }

    /// Returns the pools and their assets, in the order of their numbers.
    pub fn pools(&self) -> impl Iterator<Item = (PoolId, &PoolAssets)> {
        self.pools.iter().map(|(id, assets)| (*id, assets))
    }

    /// Returns the balance of an account.
    pub fn balance(&self, account: Account, asset: AssetId) -> SignedAmount {
        self.balances.get(&(account, asset)).copied().unwrap_or(SignedAmount::ZERO)
    }

    /// Returns every balance that is not zero.
    pub fn balances(&self) -> impl Iterator<Item = (Account, AssetId, SignedAmount)> {
        self.balances.iter().map(|((account, asset), balance)| (*account, *asset, *balance))
    }

    /// Returns what the wallet holds of a token. Only the native coin can be overdrawn, by gas: how
    /// much was paid stands on [`Account::Gas`], and what is at hand is zero then.
    pub fn wallet(&self, asset: AssetId) -> Amount {
        let balance = self.balance(Account::Wallet, asset);
        if balance.is_negative() { Amount::ZERO } else { balance.magnitude() }
    }

    /// Returns what the wallet holds of each of a pool's tokens. `None` never: a pool has tokens.
    pub fn wallet_of(&self, assets: &PoolAssets) -> Option<TokenAmounts> {
        self.each_token(assets, |asset| self.wallet(asset))
    }

    /// Returns what the wallet holds of each of a pool's tokens beyond what orders in flight may
    /// take. `None` never: a pool has tokens.
    pub fn available_of(&self, assets: &PoolAssets) -> Option<TokenAmounts> {
        self.each_token(assets, |asset| self.available(asset))
    }

    fn each_token(
        &self,
        assets: &PoolAssets,
        amount: impl Fn(AssetId) -> Amount,
    ) -> Option<TokenAmounts> {
        let mut amounts = TokenAmounts::zero(assets.tokens().len())?;
        for (held, asset) in amounts.as_mut_slice().iter_mut().zip(assets.tokens()) {
            *held = amount(*asset);
        }
        Some(amounts)
    }

    /// Returns what the wallet holds beyond what orders in flight may take.
    pub fn available(&self, asset: AssetId) -> Amount {
        let reserved = self.in_flight().map(|order| self.reserved_by(order, asset));
        reserved.fold(self.wallet(asset), |rest, reserved| {
            rest.checked_sub(reserved).unwrap_or(Amount::ZERO)
        })
    }

    fn reserved_by(&self, order: &Order, asset: AssetId) -> Amount {
        let is_asset = |pool: PoolId, token| {
            self.pools.get(&pool).and_then(|assets| assets.token(token)) == Some(asset)
        };
        match order.intent {
            Intent::Open { pool, desired, .. } => {
                let parts = desired.iter().filter(|(token, _)| is_asset(pool, *token));
                parts.fold(Amount::ZERO, |sum, (_, amount)| {
                    sum.checked_add(amount).unwrap_or(Amount::MAX)
                })
            }
            Intent::Swap { pool, pair, amount_in, .. } if is_asset(pool, pair.input) => amount_in,
            Intent::Arbitrage { legs: [PoolPair { pool, pair }, _], amount_in, .. }
                if is_asset(pool, pair.input) =>
            {
                amount_in
            }
            Intent::Sell { reward, amount_in, .. } if reward == asset => amount_in,
            Intent::Swap { .. }
            | Intent::Arbitrage { .. }
            | Intent::Sell { .. }
            | Intent::Close { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::Trade { .. }
            | Intent::ClaimBribes { .. } => Amount::ZERO,
        }
    }

    /// Returns the open positions in the order in which they were opened.
    pub fn positions(&self) -> impl Iterator<Item = (PositionId, &OpenPosition)> {
        self.positions.iter().map(|(id, position)| (*id, position))
    }

    /// Returns an open position.
    pub fn position(&self, id: PositionId) -> Option<&OpenPosition> {
        self.positions.get(&id)
    }

    /// Returns the orders whose end is not known yet.
    pub fn in_flight(&self) -> impl Iterator<Item = &Order> {
        self.in_flight.values().map(|flying| &flying.order)
    }

    /// Returns all postings.
    pub fn journal(&self) -> &[Posting] {
        &self.journal
    }

    /// Books an approved order as in flight.
    ///
    /// Errors: [`LedgerError::AlreadyInFlight`]; the ledger is as it was.
    pub fn book(&mut self, order: Order) -> Result<(), LedgerError> {
        let pool = self.pool_of(&order.intent).ok().flatten();
        match self.in_flight.entry(order.key) {
            Entry::Vacant(free) => {
                free.insert(InFlight { order, pool });
                Ok(())
            }
            Entry::Occupied(_) => Err(LedgerError::AlreadyInFlight(order.key)),
        }
    }

    /// Posts what an event changes of ours.
    ///
    /// Errors: see [`LedgerError`]; the ledger is as it was.
    #[inline]
    pub fn apply(&mut self, event: &Event) -> Result<(), LedgerError> {
        match &event.body {
            EventBody::Chain(_)
            | EventBody::Price(_)
            | EventBody::Programme(_)
            | EventBody::Block(_) => Ok(()),
            EventBody::Data(_) | EventBody::Feed(_) => Ok(()),
            EventBody::Outcome(outcome) => self.apply_outcome(event.sequence, outcome),
            EventBody::Account(account) => self.apply_account(event.sequence, account),
            EventBody::Reverted(reverted) => self.revert(event.sequence, reverted),
        }
    }

    fn apply_outcome(&mut self, sequence: Sequence, outcome: &Outcome) -> Result<(), LedgerError> {
        let flying = self.in_flight.get(&outcome.order).copied();
        let flying = flying.ok_or(LedgerError::NotInFlight(outcome.order))?;
        let InFlight { order, pool } = flying;
        if !can_end_as(&order, &outcome.kind) {
            return Err(LedgerError::WrongOutcome(order.key));
        }
        let pool = pool.map_or_else(|| self.pool_of(&order.intent), |pool| Ok(Some(pool)))?;
        let mut legs = self.legs_of(&outcome.kind)?;
        match pool {
            Some(pool) => legs.extend(self.gas_legs(pool, outcome)?),
            // An exchange is on no chain, and takes no gas.
            None if outcome.gas != GasPaid::default() => {
                return Err(LedgerError::WrongOutcome(order.key));
            }
            None => {}
        }
        let ending = self.ending(flying, pool, outcome)?;
        let (order, reverses) = (Some(outcome.order), None);
        self.post(vec![Posting { sequence, order, reverses, legs }])?;
        self.keep_ending(ending);
        self.in_flight.remove(&outcome.order);
        match outcome.kind {
            OutcomeKind::Opened { position, pool, holding, deposited } => {
                let opened = OpenPosition { pool, holding, deposited, staked: None };
                self.positions.insert(position, opened);
            }
            OutcomeKind::Closed { position, .. } => {
                self.positions.remove(&position);
            }
            OutcomeKind::Staked { position, programme, .. } => {
                self.mark_staked(position, Some(programme));
            }
            OutcomeKind::Unstaked { position, .. } => self.mark_staked(position, None),
            OutcomeKind::Extended { position, until } => self.mark_extended(position, until),
            OutcomeKind::Swapped { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Claimed { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Sold { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => {}
        }
        Ok(())
    }

    fn mark_extended(&mut self, id: PositionId, until: Timestamp) {
        if let Some(OpenPosition { holding: Holding::Lock { until: end, .. }, .. }) =
            self.positions.get_mut(&id)
        {
            *end = until;
        }
    }

    fn mark_staked(&mut self, id: PositionId, programme: Option<ProgrammeId>) {
        if let Some(position) = self.positions.get_mut(&id) {
            position.staked = programme;
        }
    }

    fn legs_of(&self, kind: &OutcomeKind) -> Result<Vec<Leg>, LedgerError> {
        let mut legs = Vec::new();
        match *kind {
            OutcomeKind::Opened { position, pool, deposited, .. } => {
                let into = Account::Position(position);
                self.transfer_all(&mut legs, pool, (Account::Wallet, into), &deposited)?;
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                let open = self.open(position)?;
                let out = (Account::Position(position), Account::Divergence);
                self.transfer_all(&mut legs, open.pool, out, &open.deposited)?;
                let back = (Account::Divergence, Account::Wallet);
                self.transfer_all(&mut legs, open.pool, back, &withdrawn)?;
                let of = match open.holding {
                    Holding::Range { .. } | Holding::Shares(_) => Account::FeesEarned,
                    Holding::Stake { .. } | Holding::Lock { .. } => Account::RewardsEarned,
                };
                self.transfer_all(&mut legs, open.pool, (of, Account::Wallet), &fees)?;
            }
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out } => {
                let swapped = PoolPair { pool, pair };
                legs.extend(self.legs_of_swap(swapped, (amount_in, amount_out))?);
            }
            OutcomeKind::Arbitraged { legs: [first, second], amount_in, between, amount_out } => {
                legs.extend(self.legs_of_swap(first, (amount_in, between))?);
                legs.extend(self.legs_of_swap(second, (between, amount_out))?);
            }
            OutcomeKind::Staked { position, fees, .. } => {
                let earned = (Account::FeesEarned, Account::Wallet);
                self.transfer_all(&mut legs, self.open(position)?.pool, earned, &fees)?;
            }
            OutcomeKind::Claimed { reward, .. } | OutcomeKind::Unstaked { reward, .. } => {
                let Reward { asset, amount } = reward;
                legs.extend(transfer(Account::RewardsEarned, Account::Wallet, asset, amount)?);
            }
            OutcomeKind::Sold { pool, reward, into, amount_out } => {
                let Reward { asset, amount } = reward;
                let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
                let received = assets.token(into).ok_or(LedgerError::UnknownToken(pool))?;
                legs.extend(transfer(Account::Wallet, Account::Swaps, asset, amount)?);
                legs.extend(transfer(Account::Swaps, Account::Wallet, received, amount_out)?);
            }
            OutcomeKind::Traded { .. } => legs.extend(self.legs_of_own_trade(kind)?),
            // What is asked back, earned and staked on, or locked stays where it is.
            OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => {}
        }
        Ok(legs)
    }

    fn legs_of_swap(
        &self,
        PoolPair { pool, pair }: PoolPair,
        (amount_in, amount_out): (Amount, Amount),
    ) -> Result<[Leg; 4], LedgerError> {
        let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        let token = |token| assets.token(token).ok_or(LedgerError::UnknownToken(pool));
        let (paid, received) = (token(pair.input)?, token(pair.output)?);
        let [given, taken] = transfer(Account::Wallet, Account::Swaps, paid, amount_in)?;
        let [sold, bought] = transfer(Account::Swaps, Account::Wallet, received, amount_out)?;
        Ok([given, taken, sold, bought])
    }

    fn open(&self, position: PositionId) -> Result<&OpenPosition, LedgerError> {
        self.positions.get(&position).ok_or(LedgerError::NotOpen(position))
    }

    fn transfer_all(
        &self,
        legs: &mut Vec<Leg>,
        pool: PoolId,
        (from, to): (Account, Account),
        amounts: &TokenAmounts,
    ) -> Result<(), LedgerError> {
        let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        for (token, amount) in amounts.iter() {
            let asset = assets.token(token).ok_or(LedgerError::UnknownToken(pool))?;
            legs.extend(transfer(from, to, asset, amount)?);
        }
        Ok(())
    }

    /// The pool that an intent is about; of a trade at an exchange none.
    fn pool_of(&self, intent: &Intent) -> Result<Option<PoolId>, LedgerError> {
        match *intent {
            Intent::Open { pool, .. } | Intent::Swap { pool, .. } | Intent::Sell { pool, .. } => {
                Ok(Some(pool))
            }
            // One transaction in two pools of one chain, whose coin pays its gas.
            Intent::Arbitrage { legs: [first, _], .. } => Ok(Some(first.pool)),
            Intent::Trade { .. } => Ok(None),
            Intent::Close { position }
            | Intent::Stake { position, .. }
            | Intent::Claim { position }
            | Intent::Unstake { position }
            | Intent::Compound { position }
            | Intent::Vote { position, .. }
            | Intent::Extend { position, .. }
            | Intent::ClaimBribes { position, .. } => Ok(Some(self.open(position)?.pool)),
        }
    }

    fn gas_legs(&self, pool: PoolId, outcome: &Outcome) -> Result<[Leg; 2], LedgerError> {
        let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        let cost = outcome.gas.cost().ok_or(LedgerError::OutOfRange)?;
        transfer(Account::Wallet, Account::Gas, assets.native, cost)
    }

    /// Puts an order back in flight, and its position back to how it was.
    pub(crate) fn put_back(
        &mut self,
        ended: InFlight,
        before: Option<(PositionId, Option<OpenPosition>)>,
    ) {
        self.in_flight.insert(ended.order.key, ended);
        match before {
            Some((id, Some(position))) => {
                self.positions.insert(id, position);
            }
            Some((id, None)) => {
                self.positions.remove(&id);
            }
            None => {}
        }
    }

    /// Adds postings to the journal if the legs of each add up: all of them or none.
    pub(crate) fn post(&mut self, postings: Vec<Posting>) -> Result<(), LedgerError> {
        let mut changed = BTreeMap::new();
        for posting in &postings {
            let mut sums = BTreeMap::<AssetId, SignedAmount>::new();
            for leg in posting.legs.iter().filter(|leg| !leg.amount.is_zero()) {
                let sum = sums.entry(leg.asset).or_default();
                *sum = sum.checked_add(leg.amount).ok_or(LedgerError::OutOfRange)?;
                let key = (leg.account, leg.asset);
                let balance =
                    changed.entry(key).or_insert_with(|| self.balance(leg.account, leg.asset));
                *balance = balance.checked_add(leg.amount).ok_or(LedgerError::OutOfRange)?;
            }
            if let Some((asset, _)) = sums.iter().find(|(_, sum)| !sum.is_zero()) {
                return Err(LedgerError::Unbalanced(*asset));
            }
        }
        for (key, balance) in changed {
            if balance.is_zero() {
                self.balances.remove(&key);
            } else {
                self.balances.insert(key, balance);
            }
        }
        self.journal.extend(postings);
        Ok(())
    }
}

/// Whether an order, as it was approved and reserved for, can have this end.
fn can_end_as(order: &Order, kind: &OutcomeKind) -> bool {
    match (order.intent, *kind) {
        (
            Intent::Open { pool: asked_pool, placement, desired },
            OutcomeKind::Opened { position, pool, holding, deposited },
        ) => {
            position == PositionId(order.key)
                && (pool, holding.placement()) == (asked_pool, placement)
                && desired.checked_sub(&deposited).is_some()
        }
        (
            Intent::Close { position: asked },
            OutcomeKind::Closed { position, .. } | OutcomeKind::Unbonding { position, .. },
        )
        | (Intent::Compound { position: asked }, OutcomeKind::Compounded { position, .. }) => {
            position == asked
        }
        (
            Intent::Swap { .. } | Intent::Arbitrage { .. },
            OutcomeKind::Swapped { .. } | OutcomeKind::Arbitraged { .. },
        ) => can_swap(order.intent, *kind),
        (
            Intent::Stake { position: asked, programme: asked_programme },
            OutcomeKind::Staked { position, programme, .. },
        ) => (position, programme) == (asked, asked_programme),
        (Intent::Claim { position: asked }, OutcomeKind::Claimed { position, .. })
        | (Intent::Unstake { position: asked }, OutcomeKind::Unstaked { position, .. }) => {
            position == asked
        }
        (
            Intent::ClaimBribes { .. } | Intent::Vote { .. } | Intent::Extend { .. },
            OutcomeKind::Claimed { .. } | OutcomeKind::Voted { .. } | OutcomeKind::Extended { .. },
        ) => can_lock_do(order.intent, *kind),
        (
            Intent::Sell {
                pool: asked_pool,
                reward: asset,
                into: asked_into,
                amount_in,
                min_amount_out,
            },
            OutcomeKind::Sold { pool, reward, into, amount_out },
        ) => {
            (pool, into) == (asked_pool, asked_into)
                && reward == Reward { asset, amount: amount_in }
                && amount_out >= min_amount_out
        }
        (Intent::Trade { .. }, OutcomeKind::Traded { .. }) => can_trade(&order.intent, kind),
        (_, OutcomeKind::Rejected(_) | OutcomeKind::Expired) => true,
        (
            _,
            OutcomeKind::Opened { .. }
            | OutcomeKind::Closed { .. }
            | OutcomeKind::Swapped { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Staked { .. }
            | OutcomeKind::Claimed { .. }
            | OutcomeKind::Unstaked { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Sold { .. },
        ) => false,
    }
}

/// Whether an order for one swap or two can have this end.
fn can_swap(intent: Intent, kind: OutcomeKind) -> bool {
    match (intent, kind) {
        (
            Intent::Swap { pool: asked_pool, pair: asked_pair, amount_in: asked, min_amount_out },
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out },
        ) => {
            (pool, pair, amount_in) == (asked_pool, asked_pair, asked)
                && amount_out >= min_amount_out
        }
        (
            Intent::Arbitrage { legs: asked_legs, amount_in: asked, min_amount_out, .. },
            OutcomeKind::Arbitraged { legs, amount_in, amount_out, .. },
        ) => (legs, amount_in) == (asked_legs, asked) && amount_out >= min_amount_out,
        _ => false,
    }
}

/// Whether an order for a lock can have this end.
fn can_lock_do(intent: Intent, kind: OutcomeKind) -> bool {
    match (intent, kind) {
        (
            Intent::ClaimBribes { position: asked, token },
            OutcomeKind::Claimed { position, reward },
        ) => (position, reward.asset) == (asked, token),
        (
            Intent::Vote { position: asked, ballot: asked_ballot },
            OutcomeKind::Voted { position, ballot },
        ) => (position, ballot) == (asked, asked_ballot),
        (
            Intent::Extend { position: asked, until: asked_until },
            OutcomeKind::Extended { position, until },
        ) => (position, until) == (asked, asked_until),
        _ => false,
    }
}

pub(crate) fn transfer(
    from: Account,
    to: Account,
    asset: AssetId,
    amount: Amount,
) -> Result<[Leg; 2], LedgerError> {
    let given = SignedAmount::negative(amount).ok_or(LedgerError::OutOfRange)?;
    let taken = SignedAmount::positive(amount).ok_or(LedgerError::OutOfRange)?;
    Ok([Leg { account: from, asset, amount: given }, Leg { account: to, asset, amount: taken }])
}
