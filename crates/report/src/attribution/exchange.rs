//! What is ours at exchanges: cash, contracts, and what they gained and cost.

use std::collections::BTreeMap;

use tidemill_ledger::{Account, Ledger, PoolAssets};
use tidemill_market::{Market, PoolPrices, Valuation};
use tidemill_model::{AccountEvent, AssetId, Instrument, InstrumentId, InstrumentKind, TradeSide};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenIndex};

use super::{AttributionError, Result, sum};

/// The pool's tokens at exchanges, and contracts.
///
/// What contracts are paid with stays apart from the other cash: contracts and this cash together
/// are the hedge, and what they gain is its gain.
#[derive(Clone, Debug)]
pub(super) struct AtExchanges {
    /// Of each of the pool's tokens, what contracts were paid with apart.
    tokens: Vec<SignedAmount>,
    /// Of each of the pool's tokens, what contracts brought less what they took.
    flows: Vec<SignedAmount>,
    contracts: BTreeMap<AssetId, SignedAmount>,
    /// Of each of the pool's tokens, to be compared with the ledger's accounts.
    commissions: Vec<SignedAmount>,
    funding: Vec<SignedAmount>,
}

/// A trade, of an order of ours or by the exchange itself.
#[derive(Clone, Copy)]
pub(super) struct Traded {
    pub(super) instrument: InstrumentId,
    pub(super) side: TradeSide,
    pub(super) quantity: Amount,
    pub(super) amount: Amount,
    pub(super) commission: Amount,
}

impl AtExchanges {
    /// Returns accounts that hold these amounts of the pool's tokens.
    pub(super) fn new(deposit: &TokenAmounts) -> Result<Self> {
        let none = vec![SignedAmount::ZERO; deposit.len()];
        let held = deposit.as_slice().iter().map(|amount| SignedAmount::positive(*amount));
        let tokens: Option<Vec<_>> = held.collect();
        Ok(Self {
            tokens: tokens.ok_or(AttributionError::OutOfRange)?,
            flows: none.clone(),
            contracts: BTreeMap::new(),
            commissions: none.clone(),
            funding: none,
        })
    }

    /// Returns how much of a token there is, with what contracts brought or without.
    pub(super) fn token(&self, token: TokenIndex, with_flows: bool) -> Result<SignedAmount> {
        let of = |all: &[SignedAmount]| all.get(token.place()).copied();
        let held = of(&self.tokens).ok_or(AttributionError::OutOfRange)?;
        if !with_flows {
            return Ok(held);
        }
        sum(held, of(&self.flows).ok_or(AttributionError::OutOfRange)?)
    }

    /// Whether there is anything, or ever was.
    pub(super) fn has_contracts(&self) -> bool {
        !self.contracts.is_empty() || self.flows.iter().any(|flow| !flow.is_zero())
    }

    /// Returns what the contracts are worth.
    pub(super) fn contracts_value(
        &self,
        valuation: &Valuation,
        (prices, market): (&PoolPrices, &Market),
        assets: &PoolAssets,
    ) -> Result<SignedAmount> {
        self.contracts.iter().try_fold(SignedAmount::ZERO, |total, (asset, held)| {
            sum(total, contract_value(valuation, (prices, market), assets, (*asset, *held))?)
        })
    }

    /// Takes in a trade. The commission is not paid by it yet.
    pub(super) fn trade(
        &mut self,
        traded: &Traded,
        market: &Market,
        assets: &PoolAssets,
    ) -> Result<()> {
        let Instrument { kind, base, quote, .. } = instrument(market, traded.instrument)?;
        let wrong = AttributionError::OutOfRange;
        let taken = traded.side.signed(traded.quantity).ok_or(wrong)?;
        let paid = traded.side.opposite().signed(traded.amount).ok_or(wrong)?;
        let paid_in = assets.index_of(quote).ok_or(wrong)?;
        match kind {
            InstrumentKind::Spot => {
                add_to(&mut self.tokens, assets.index_of(base).ok_or(wrong)?, taken)?;
                add_to(&mut self.tokens, paid_in, paid)
            }
            InstrumentKind::Perpetual => {
                let held = self.contracts.entry(base).or_default();
                *held = sum(*held, taken)?;
                if held.is_zero() {
                    self.contracts.remove(&base);
                }
                add_to(&mut self.flows, paid_in, paid)
            }
        }
    }

    /// Pays the commission of a trade.
    pub(super) fn pay_commission(
        &mut self,
        traded: &Traded,
        market: &Market,
        assets: &PoolAssets,
    ) -> Result<()> {
        let wrong = AttributionError::OutOfRange;
        let quote = instrument(market, traded.instrument)?.quote;
        let paid_in = assets.index_of(quote).ok_or(wrong)?;
        let paid = SignedAmount::positive(traded.commission).ok_or(wrong)?;
        add_to(&mut self.commissions, paid_in, paid)?;
        add_to(&mut self.tokens, paid_in, paid.checked_neg().ok_or(wrong)?)
    }

    /// Takes in funding.
    pub(super) fn fund(
        &mut self,
        (id, received): (InstrumentId, SignedAmount),
        market: &Market,
        assets: &PoolAssets,
    ) -> Result<()> {
        let wrong = AttributionError::OutOfRange;
        let paid_in = assets.index_of(instrument(market, id)?.quote).ok_or(wrong)?;
        add_to(&mut self.funding, paid_in, received.checked_neg().ok_or(wrong)?)?;
        add_to(&mut self.tokens, paid_in, received)
    }

    /// Commissions, funding and contracts have to be those of the ledger's accounts.
    pub(super) fn check_books(&self, ledger: &Ledger, assets: &PoolAssets) -> Result<()> {
        for (place, asset) in assets.tokens().iter().enumerate() {
            let is = |account, all: &[SignedAmount]| {
                all.get(place).is_some_and(|counted| ledger.balance(account, *asset) == *counted)
            };
            if !is(Account::Commissions, &self.commissions) {
                return Err(AttributionError::Books("commissions"));
            }
            if !is(Account::Funding, &self.funding) {
                return Err(AttributionError::Books("funding payments"));
            }
        }
        let at_exchanges = ledger.exchange_balances();
        let contracts = at_exchanges.filter(|(_, asset, _)| assets.index_of(*asset).is_none());
        let mut held = BTreeMap::<AssetId, SignedAmount>::new();
        for (_, asset, balance) in contracts {
            let total = held.entry(asset).or_default();
            *total = sum(*total, balance)?;
        }
        if held == self.contracts { Ok(()) } else { Err(AttributionError::Books("contracts")) }
    }
}

/// What the ledger says is at exchanges.
pub(super) struct Holdings {
    tokens: Vec<SignedAmount>,
    contracts: Vec<(AssetId, SignedAmount)>,
}

impl Holdings {
    /// Returns what all accounts at exchanges hold together.
    pub(super) fn at_exchanges(ledger: &Ledger, assets: &PoolAssets) -> Result<Self> {
        let (mut tokens, mut contracts) = (vec![SignedAmount::ZERO; assets.tokens().len()], vec![]);
        for (_, asset, balance) in ledger.exchange_balances() {
            match assets.index_of(asset) {
                Some(token) => add_to(&mut tokens, token, balance)?,
                None => contracts.push((asset, balance)),
            }
        }
        Ok(Self { tokens, contracts })
    }

    /// Returns what the pool's tokens there and these are worth together.
    pub(super) fn value(
        &self,
        valuation: &Valuation,
        prices: &PoolPrices,
        tokens: &TokenAmounts,
    ) -> Result<SignedAmount> {
        let wrong = AttributionError::OutOfRange;
        tokens.iter().zip(&self.tokens).try_fold(SignedAmount::ZERO, |total, (ours, at)| {
            let (token, amount) = ours;
            let balance = sum(SignedAmount::positive(amount).ok_or(wrong)?, *at)?;
            sum(total, valuation.balance_at(prices, token, balance).ok_or(wrong)?)
        })
    }

    /// Returns what the contracts are worth.
    pub(super) fn contracts_value(
        &self,
        valuation: &Valuation,
        of: (&PoolPrices, &Market),
        assets: &PoolAssets,
    ) -> Result<SignedAmount> {
        self.contracts.iter().try_fold(SignedAmount::ZERO, |total, held| {
            sum(total, contract_value(valuation, of, assets, *held)?)
        })
    }
}

/// The trade that an exchange closed a contract by; `None` where it did something else.
pub(super) fn liquidation(event: &AccountEvent) -> Option<Traded> {
    match *event {
        AccountEvent::Funding { .. } => None,
        AccountEvent::Liquidated { instrument, side, quantity, amount, fee } => {
            Some(Traded { instrument, side, quantity, amount, commission: fee })
        }
    }
}

/// What is held of a contract is worth, in raw quote units.
fn contract_value(
    valuation: &Valuation,
    (prices, market): (&PoolPrices, &Market),
    assets: &PoolAssets,
    (asset, held): (AssetId, SignedAmount),
) -> Result<SignedAmount> {
    let contract = market.instruments().of_contract(asset);
    let value = contract.and_then(|contract| {
        let paid_in = assets.index_of(contract.instrument.quote)?;
        let mark = contract.mark(market.feeds())?;
        valuation.contract_at(prices, (mark, paid_in), held)
    });
    value.ok_or(AttributionError::OutOfRange)
}

fn instrument(market: &Market, id: InstrumentId) -> Result<Instrument> {
    let found = market.instruments().get(id).map(|found| found.instrument);
    found.ok_or(AttributionError::OutOfRange)
}

fn add_to(all: &mut [SignedAmount], token: TokenIndex, change: SignedAmount) -> Result<()> {
    let held = all.get_mut(token.place()).ok_or(AttributionError::OutOfRange)?;
    *held = sum(*held, change)?;
    Ok(())
}
