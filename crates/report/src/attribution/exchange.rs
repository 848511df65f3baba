//! What is ours at exchanges: cash, contracts, and what they gained and cost.

use tidemill_ledger::{Account, Ledger};
use tidemill_market::{AssetPrices, Market};
use tidemill_model::{AccountEvent, Instrument, InstrumentId, InstrumentKind, TradeSide};
use tidemill_units::{Amount, SignedAmount};

use super::balances::Balances;
use super::{AttributionError, Result, difference, sum};

/// Tokens at exchanges, and contracts.
///
/// What contracts are paid with stays apart from the other cash: contracts and this cash together
/// are the hedge, and what they gain is its gain.
#[derive(Clone, Debug)]
pub(super) struct AtExchanges {
    /// Without what contracts were paid with.
    pub(super) tokens: Balances,
    /// What contracts brought less what they took.
    flows: Balances,
    contracts: Balances,
    /// To be compared with the ledger's accounts.
    commissions: Balances,
    funding: Balances,
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
    /// Returns accounts that hold these tokens.
    pub(super) fn new(tokens: Balances) -> Self {
        let none = Balances::default();
        let (flows, contracts) = (none.clone(), none.clone());
        Self { tokens, flows, contracts, commissions: none.clone(), funding: none }
    }

    /// Returns what contracts and the cash that they brought are worth beside these other tokens.
    pub(super) fn hedge(
        &self,
        others: &Balances,
        prices: &AssetPrices<'_>,
    ) -> Result<SignedAmount> {
        if self.flows.is_empty() && self.contracts.is_empty() {
            return Ok(SignedAmount::ZERO);
        }
        let mut all = others.clone();
        all.extend(&self.flows)?;
        let cash = difference(all.value(prices)?, others.value(prices)?)?;
        sum(cash, self.contracts.value(prices)?)
    }

    /// Takes in a trade. The commission is not paid by it yet.
    pub(super) fn trade(&mut self, traded: &Traded, market: &Market) -> Result<()> {
        let Instrument { kind, base, quote, .. } = instrument(market, traded.instrument)?;
        let wrong = AttributionError::OutOfRange;
        let taken = traded.side.signed(traded.quantity).ok_or(wrong)?;
        let paid = traded.side.opposite().signed(traded.amount).ok_or(wrong)?;
        match kind {
            InstrumentKind::Spot => {
                self.tokens.add(base, taken)?;
                self.tokens.add(quote, paid)
            }
            InstrumentKind::Perpetual | InstrumentKind::Option(_) => {
                self.contracts.add(base, taken)?;
                self.flows.add(quote, paid)
            }
        }
    }

    /// Pays the commission of a trade.
    pub(super) fn pay_commission(&mut self, traded: &Traded, market: &Market) -> Result<()> {
        let quote = instrument(market, traded.instrument)?.quote;
        self.commissions.receive(quote, traded.commission)?;
        self.tokens.pay(quote, traded.commission)
    }

    /// Takes in funding.
    pub(super) fn fund(
        &mut self,
        (id, received): (InstrumentId, SignedAmount),
        market: &Market,
    ) -> Result<()> {
        let quote = instrument(market, id)?.quote;
        self.funding.add(quote, received.checked_neg().ok_or(AttributionError::OutOfRange)?)?;
        self.tokens.add(quote, received)
    }

    /// Commissions, funding and all that is there have to be those of the ledger's accounts.
    pub(super) fn check_books(&self, ledger: &Ledger) -> Result<()> {
        let (mut commissions, mut funding) = (Balances::default(), Balances::default());
        for (account, asset, balance) in ledger.balances() {
            if account == Account::Commissions {
                commissions.add(asset, balance)?;
            }
            if account == Account::Funding {
                funding.add(asset, balance)?;
            }
        }
        if commissions != self.commissions {
            return Err(AttributionError::Books("commissions"));
        }
        if funding != self.funding {
            return Err(AttributionError::Books("funding payments"));
        }
        let mut all = self.tokens.clone();
        all.extend(&self.flows)?;
        all.extend(&self.contracts)?;
        if all == held_at(ledger)? { Ok(()) } else { Err(AttributionError::Books("exchanges")) }
    }
}

/// What the ledger says is at exchanges.
pub(super) fn held_at(ledger: &Ledger) -> Result<Balances> {
    let mut all = Balances::default();
    for (_, asset, balance) in ledger.exchange_balances() {
        all.add(asset, balance)?;
    }
    Ok(all)
}

/// The trade that an exchange closed a contract by; `None` where it did something else.
pub(super) fn liquidation(event: &AccountEvent) -> Option<Traded> {
    match *event {
        AccountEvent::Funding { .. } | AccountEvent::Settled { .. } => None,
        AccountEvent::Liquidated { instrument, side, quantity, amount, fee } => {
            Some(Traded { instrument, side, quantity, amount, commission: fee })
        }
    }
}

/// The exchange of an option that ended for what it paid; `None` where something else was done.
pub(super) fn settlement(event: &AccountEvent) -> Option<Traded> {
    match *event {
        AccountEvent::Funding { .. } | AccountEvent::Liquidated { .. } => None,
        AccountEvent::Settled { instrument, quantity, amount } => {
            let (side, commission) = (TradeSide::Sell, Amount::ZERO);
            Some(Traded { instrument, side, quantity, amount, commission })
        }
    }
}

fn instrument(market: &Market, id: InstrumentId) -> Result<Instrument> {
    let found = market.instruments().get(id).map(|found| found.instrument);
    found.ok_or(AttributionError::OutOfRange)
}
