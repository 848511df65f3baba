use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tidemill_model::{
    AssetId, Event, EventBody, Intent, Order, OrderKey, Outcome, OutcomeKind, PoolId, PositionId,
    Sequence,
};
use tidemill_units::{Amount, Amounts, Liquidity, Side, SignedAmount, TickRange};

use crate::{Account, Leg, PoolAssets, Posting};

/// Ours: balances, open positions, orders in flight, and the journal that they follow from.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pools: BTreeMap<PoolId, PoolAssets>,
    balances: BTreeMap<(Account, AssetId), SignedAmount>,
    positions: BTreeMap<PositionId, OpenPosition>,
    in_flight: BTreeMap<OrderKey, Order>,
    journal: Vec<Posting>,
}

/// A position that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPosition {
    /// Its pool.
    pub pool: PoolId,
    /// Its ticks.
    pub range: TickRange,
    /// Its liquidity.
    pub liquidity: Liquidity,
    /// What was paid in.
    pub deposited: Amounts,
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
    /// An outcome that the order cannot have had: of another action, pool, range or position, or
    /// beyond the amounts that it allowed.
    #[error("the outcome of order {0} is not one that it can have")]
    WrongOutcome(OrderKey),
    /// A pool whose assets were never named.
    #[error("the assets of pool {} are not known", .0.0)]
    UnknownPool(PoolId),
    /// Legs that do not add up to zero.
    #[error("the legs of a posting do not add up to zero for asset {}", .0.0)]
    Unbalanced(AssetId),
    /// A balance outside `int256`.
    #[error("a balance leaves its range")]
    OutOfRange,
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
        ledger.post(Posting { sequence: Sequence(0), order: None, legs })?;
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

    /// Returns the balance of an account.
    pub fn balance(&self, account: Account, asset: AssetId) -> SignedAmount {
        self.balances.get(&(account, asset)).copied().unwrap_or(SignedAmount::ZERO)
    }

    /// Returns what the wallet holds of a token. Only the native coin can be overdrawn, by gas: how
    /// much was paid stands on [`Account::Gas`], and what is at hand is zero then.
    pub fn wallet(&self, asset: AssetId) -> Amount {
        let balance = self.balance(Account::Wallet, asset);
        if balance.is_negative() { Amount::ZERO } else { balance.magnitude() }
    }

    /// Returns what the wallet holds beyond what orders in flight may take.
    pub fn available(&self, asset: AssetId) -> Amount {
        let reserved = self.in_flight.values().map(|order| self.reserved_by(order, asset));
        reserved.fold(self.wallet(asset), |rest, reserved| {
            rest.checked_sub(reserved).unwrap_or(Amount::ZERO)
        })
    }

    fn reserved_by(&self, order: &Order, asset: AssetId) -> Amount {
        let spends = |pool: PoolId, side: Side, amount: Amount| {
            let of_pool = self.pools.get(&pool);
            if of_pool.is_some_and(|assets| assets.token(side) == asset) {
                amount
            } else {
                Amount::ZERO
            }
        };
        match order.intent {
            Intent::Open { pool, desired, .. } => {
                let token0 = spends(pool, Side::Token0, desired.amount0);
                let token1 = spends(pool, Side::Token1, desired.amount1);
                token0.checked_add(token1).unwrap_or(Amount::MAX)
            }
            Intent::Swap { pool, input, amount_in, .. } => spends(pool, input, amount_in),
            Intent::Close { .. } => Amount::ZERO,
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
        self.in_flight.values()
    }

    /// Returns all postings.
    pub fn journal(&self) -> &[Posting] {
        &self.journal
    }

    /// Books an approved order as in flight.
    ///
    /// Errors: [`LedgerError::AlreadyInFlight`]; the ledger is as it was.
    pub fn book(&mut self, order: Order) -> Result<(), LedgerError> {
        match self.in_flight.entry(order.key) {
            Entry::Vacant(free) => {
                free.insert(order);
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
            EventBody::Chain(_) => Ok(()),
            EventBody::Outcome(outcome) => self.apply_outcome(event.sequence, outcome),
        }
    }

    fn apply_outcome(&mut self, sequence: Sequence, outcome: &Outcome) -> Result<(), LedgerError> {
        let order = self.in_flight.get(&outcome.order).copied();
        let order = order.ok_or(LedgerError::NotInFlight(outcome.order))?;
        if !can_end_as(&order, &outcome.kind) {
            return Err(LedgerError::WrongOutcome(order.key));
        }
        let mut legs = self.legs_of(&outcome.kind)?;
        legs.extend(self.gas_legs(&order, outcome)?);
        self.post(Posting { sequence, order: Some(outcome.order), legs })?;
        self.in_flight.remove(&outcome.order);
        match outcome.kind {
            OutcomeKind::Opened { position, pool, range, liquidity, deposited } => {
                let opened = OpenPosition { pool, range, liquidity, deposited };
                self.positions.insert(position, opened);
            }
            OutcomeKind::Closed { position, .. } => {
                self.positions.remove(&position);
            }
            OutcomeKind::Swapped { .. } | OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
        Ok(())
    }

    fn legs_of(&self, kind: &OutcomeKind) -> Result<Vec<Leg>, LedgerError> {
        let mut legs = Vec::new();
        match *kind {
            OutcomeKind::Opened { position, pool, deposited, .. } => {
                let into = Account::Position(position);
                self.transfer_both(&mut legs, pool, (Account::Wallet, into), deposited)?;
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                let open = self.positions.get(&position).ok_or(LedgerError::NotOpen(position))?;
                let from = Account::Position(position);
                self.transfer_both(
                    &mut legs,
                    open.pool,
                    (from, Account::Divergence),
                    open.deposited,
                )?;
                let back = (Account::Divergence, Account::Wallet);
                self.transfer_both(&mut legs, open.pool, back, withdrawn)?;
                let earned = (Account::FeesEarned, Account::Wallet);
                self.transfer_both(&mut legs, open.pool, earned, fees)?;
            }
            OutcomeKind::Swapped { pool, input, amount_in, amount_out } => {
                let paid = Amounts::of(input, amount_in);
                self.transfer_both(&mut legs, pool, (Account::Wallet, Account::Swaps), paid)?;
                let received = Amounts::of(input.other(), amount_out);
                self.transfer_both(&mut legs, pool, (Account::Swaps, Account::Wallet), received)?;
            }
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
        Ok(legs)
    }

    fn transfer_both(
        &self,
        legs: &mut Vec<Leg>,
        pool: PoolId,
        (from, to): (Account, Account),
        amounts: Amounts,
    ) -> Result<(), LedgerError> {
        let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        for side in [Side::Token0, Side::Token1] {
            legs.extend(transfer(from, to, assets.token(side), amounts.get(side))?);
        }
        Ok(())
    }

    fn gas_legs(&self, order: &Order, outcome: &Outcome) -> Result<[Leg; 2], LedgerError> {
        let pool = match order.intent {
            Intent::Open { pool, .. } | Intent::Swap { pool, .. } => pool,
            Intent::Close { position } => {
                self.positions.get(&position).ok_or(LedgerError::NotOpen(position))?.pool
            }
        };
        let assets = self.pools.get(&pool).ok_or(LedgerError::UnknownPool(pool))?;
        let cost = outcome.gas.cost().ok_or(LedgerError::OutOfRange)?;
        transfer(Account::Wallet, Account::Gas, assets.native, cost)
    }

    /// Adds a posting to the journal if its legs add up.
    fn post(&mut self, posting: Posting) -> Result<(), LedgerError> {
        let mut sums = BTreeMap::<AssetId, SignedAmount>::new();
        let mut changed = BTreeMap::new();
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
        self.balances.extend(changed);
        self.journal.push(posting);
        Ok(())
    }
}

/// Whether an order, as it was approved and reserved for, can have this end.
fn can_end_as(order: &Order, kind: &OutcomeKind) -> bool {
    match (order.intent, *kind) {
        (
            Intent::Open { pool: asked_pool, range: asked_range, desired },
            OutcomeKind::Opened { position, pool, range, deposited, .. },
        ) => {
            position == PositionId(order.key)
                && (pool, range) == (asked_pool, asked_range)
                && desired.checked_sub(deposited).is_some()
        }
        (Intent::Close { position: asked }, OutcomeKind::Closed { position, .. }) => {
            position == asked
        }
        (
            Intent::Swap { pool: asked_pool, input: asked_input, amount_in: asked, min_amount_out },
            OutcomeKind::Swapped { pool, input, amount_in, amount_out },
        ) => {
            (pool, input, amount_in) == (asked_pool, asked_input, asked)
                && amount_out >= min_amount_out
        }
        (_, OutcomeKind::Rejected(_) | OutcomeKind::Expired) => true,
        (
            _,
            OutcomeKind::Opened { .. } | OutcomeKind::Closed { .. } | OutcomeKind::Swapped { .. },
        ) => false,
    }
}

fn transfer(
    from: Account,
    to: Account,
    asset: AssetId,
    amount: Amount,
) -> Result<[Leg; 2], LedgerError> {
    let given = SignedAmount::negative(amount).ok_or(LedgerError::OutOfRange)?;
    let taken = SignedAmount::positive(amount).ok_or(LedgerError::OutOfRange)?;
    Ok([Leg { account: from, asset, amount: given }, Leg { account: to, asset, amount: taken }])
}
