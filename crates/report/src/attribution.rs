//! Where every unit went: fees, impermanent loss, swap cost and gas, which add up to the net
//! result.
//!
//! What we own is followed from action to action, at the price of the moment before each action.
//! Between two actions only the price moves, and what holding the deposit gained more than our
//! tokens did is impermanent loss. At an action the price stands still, and the change of value is
//! what the action gave or took. All values are whole raw quote units, so nothing is lost to
//! rounding and the parts add up exactly.
//!
//! The net result does not come from these parts. It is what ledger and market have at the end,
//! less the deposit; and deposit, gas and collected fees have to be those of the ledger's own
//! accounts.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Rounding, amounts_for_liquidity};
use tidemill_ledger::{Account, Ledger, PoolAssets};
use tidemill_market::{Market, Valuation};
use tidemill_model::{AssetId, Outcome, OutcomeKind, PositionId};
use tidemill_units::{Amount, Amounts, Liquidity, Side, SignedAmount, SqrtPrice, TickRange};

use crate::Identity;

/// Why the account of a run cannot be drawn up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributionError {
    /// A value past 2^255 raw units, or a position that nobody opened.
    #[error("a value of the attribution leaves its range")]
    OutOfRange,
    /// The ledger's account of something is not what the outcomes say.
    #[error("the ledger's {0} are not those of the outcomes")]
    Books(&'static str),
}

/// The running account of one strategy, in raw quote units.
#[derive(Clone, Debug)]
pub struct Attribution {
    valuation: Valuation,
    hold: Amounts,
    wallet: Amounts,
    positions: BTreeMap<PositionId, (TickRange, Liquidity)>,
    /// What our tokens and the deposit were worth after the last action.
    last: Option<Marks>,
    fees: SignedAmount,
    il: SignedAmount,
    swap_cost: SignedAmount,
    gas: SignedAmount,
    /// What the outcomes add up to, to be compared with the ledger's accounts.
    gas_wei: Amount,
    fees_collected: Amounts,
}

#[derive(Clone, Copy, Debug)]
struct Marks {
    ours: SignedAmount,
    hold: SignedAmount,
}

/// What a run ended with, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The parts, and the net result that ledger and market give.
    pub identity: Identity,
    /// What everything is worth at the end, gas deducted.
    pub final_value: SignedAmount,
    /// What the deposit would be worth at the end.
    pub hold_value: SignedAmount,
}

type Result<T> = std::result::Result<T, AttributionError>;

impl Attribution {
    /// Returns the account of a deposit that nothing has happened to yet.
    pub fn new(valuation: Valuation, deposit: Amounts) -> Self {
        let zero = SignedAmount::ZERO;
        Self {
            valuation,
            hold: deposit,
            wallet: deposit,
            positions: BTreeMap::new(),
            last: None,
            fees: zero,
            il: zero,
            swap_cost: zero,
            gas: zero,
            gas_wei: Amount::ZERO,
            fees_collected: Amounts::ZERO,
        }
    }

    /// Returns what wei cost at a price.
    ///
    /// Errors: [`AttributionError`].
    pub fn gas_value(&self, price: SqrtPrice, wei: Amount) -> Result<SignedAmount> {
        let value = self.valuation.native_at(price, wei).ok_or(AttributionError::OutOfRange)?;
        SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
    }

    fn value(&self, price: SqrtPrice, amounts: Amounts) -> Result<SignedAmount> {
        let value = self.valuation.value_at(price, amounts).ok_or(AttributionError::OutOfRange)?;
        SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
    }

    /// What our tokens are worth, at hand and in positions, uncollected fees apart.
    fn ours(&self, price: SqrtPrice) -> Result<SignedAmount> {
        let mut held = self.wallet;
        for (range, liquidity) in self.positions.values() {
            let content = amounts_for_liquidity(price, *range, *liquidity, Rounding::Down);
            held = held
                .checked_add(content.map_err(|_| AttributionError::OutOfRange)?)
                .ok_or(AttributionError::OutOfRange)?;
        }
        self.value(price, held)
    }

    /// Books what the price did to us and to the deposit since the last action.
    fn mark(&mut self, price: SqrtPrice) -> Result<Marks> {
        let now = Marks { ours: self.ours(price)?, hold: self.value(price, self.hold)? };
        if let Some(last) = self.last {
            let hold_gain = difference(now.hold, last.hold)?;
            let our_gain = difference(now.ours, last.ours)?;
            self.il = sum(self.il, difference(hold_gain, our_gain)?)?;
        }
        self.last = Some(now);
        Ok(now)
    }

    /// Takes in an outcome; `price` is the pool's before the outcome is applied to it.
    ///
    /// Errors: [`AttributionError`].
    pub fn observe(&mut self, outcome: &Outcome, price: SqrtPrice) -> Result<()> {
        let before = self.mark(price)?;
        let cost = outcome.gas.cost().ok_or(AttributionError::OutOfRange)?;
        self.gas = sum(self.gas, self.gas_value(price, cost)?)?;
        self.gas_wei = self.gas_wei.checked_add(cost).ok_or(AttributionError::OutOfRange)?;
        match outcome.kind {
            OutcomeKind::Opened { position, range, liquidity, deposited, .. } => {
                self.wallet =
                    self.wallet.checked_sub(deposited).ok_or(AttributionError::OutOfRange)?;
                self.positions.insert(position, (range, liquidity));
                // Deposits are rounded up and contents down: a unit or two stay with the pool.
                let lost = difference(before.ours, self.ours(price)?)?;
                self.il = sum(self.il, lost)?;
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                self.positions.remove(&position).ok_or(AttributionError::OutOfRange)?;
                self.wallet =
                    self.wallet.checked_add(withdrawn).ok_or(AttributionError::OutOfRange)?;
                self.fees_collected =
                    self.fees_collected.checked_add(fees).ok_or(AttributionError::OutOfRange)?;
                let principal = self.ours(price)?;
                self.il = sum(self.il, difference(before.ours, principal)?)?;
                self.wallet = self.wallet.checked_add(fees).ok_or(AttributionError::OutOfRange)?;
                self.fees = sum(self.fees, difference(self.ours(price)?, principal)?)?;
            }
            OutcomeKind::Swapped { input, amount_in, amount_out, .. } => {
                let paid = Amounts::of(input, amount_in);
                let received = Amounts::of(input.other(), amount_out);
                let rest = self.wallet.checked_sub(paid).ok_or(AttributionError::OutOfRange)?;
                self.wallet = rest.checked_add(received).ok_or(AttributionError::OutOfRange)?;
                let lost = difference(before.ours, self.ours(price)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
            }
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
        self.last = Some(Marks { ours: self.ours(price)?, ..before });
        Ok(())
    }

    /// Closes the account at the last price: fees not collected yet are earned, and the net result
    /// is taken from what ledger and market say is there.
    ///
    /// Errors: [`AttributionError`].
    pub fn settle(&self, market: &Market, ledger: &Ledger) -> Result<Settlement> {
        let mut end = self.clone();
        let price = self.valuation.price(market).ok_or(AttributionError::OutOfRange)?;
        let marks = end.mark(price)?;
        let assets = ledger.assets(self.valuation.pool).ok_or(AttributionError::OutOfRange)?;
        self.check_books(ledger, assets)?;
        let mut held = Amounts {
            amount0: ledger.wallet(assets.token0),
            amount1: ledger.wallet(assets.token1),
        };
        let mut uncollected = Amounts::ZERO;
        for (id, _) in ledger.positions() {
            let worth = market.own(id).and_then(|(pool, own)| pool.worth(own.id));
            let worth = worth.ok_or(AttributionError::OutOfRange)?;
            held = held.checked_add(worth.principal).ok_or(AttributionError::OutOfRange)?;
            uncollected =
                uncollected.checked_add(worth.fees).ok_or(AttributionError::OutOfRange)?;
        }
        let with_fees =
            self.value(price, held.checked_add(uncollected).ok_or(AttributionError::OutOfRange)?)?;
        let fees = sum(end.fees, difference(with_fees, self.value(price, held)?)?)?;
        let final_value = difference(with_fees, end.gas)?;
        let net = difference(final_value, marks.hold)?;
        let parts = difference(fees, end.il).and_then(|rest| difference(rest, end.swap_cost));
        let parts = parts.and_then(|rest| difference(rest, end.gas))?;
        let identity = Identity {
            fees,
            il: end.il,
            swap_cost: end.swap_cost,
            gas: end.gas,
            net,
            reported_difference: difference(parts, net)?,
        };
        Ok(Settlement { identity, final_value, hold_value: marks.hold })
    }

    /// What net and its parts have in common must not come from here alone: deposit, gas and fees
    /// collected are the ledger's, asset by asset.
    fn check_books(&self, ledger: &Ledger, assets: &PoolAssets) -> Result<()> {
        let is = |account: Account, asset: AssetId, amount: Amount, is_source: bool| {
            let balance = ledger.balance(account, asset);
            balance.magnitude() == amount
                && (amount.is_zero() || balance.is_negative() == is_source)
        };
        for side in [Side::Token0, Side::Token1] {
            let asset = assets.token(side);
            if !is(Account::Capital, asset, self.hold.get(side), true) {
                return Err(AttributionError::Books("deposits"));
            }
            if !is(Account::FeesEarned, asset, self.fees_collected.get(side), true) {
                return Err(AttributionError::Books("fees"));
            }
        }
        if !is(Account::Gas, assets.native, self.gas_wei, false) {
            return Err(AttributionError::Books("gas costs"));
        }
        Ok(())
    }
}

fn sum(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_add(other).ok_or(AttributionError::OutOfRange)
}

fn difference(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_sub(other).ok_or(AttributionError::OutOfRange)
}
