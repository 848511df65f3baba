//! What is ours at exchanges: cash, contracts, and what trading and holding them cost.

use tidemill_model::{
    AccountEvent, AssetId, Instrument, InstrumentId, Intent, OutcomeKind, Sequence, TradeSide,
    VenueId,
};
use tidemill_units::{Amount, SignedAmount};

use crate::ledger::transfer;
use crate::{Account, Ledger, LedgerError, Leg, Posting};

/// A trade that was made.
#[derive(Clone, Copy)]
struct Made {
    side: TradeSide,
    quantity: Amount,
    amount: Amount,
    commission: Amount,
}

impl Ledger {
    /// Names what an instrument trades, and where.
    pub fn add_instrument(&mut self, id: InstrumentId, instrument: Instrument) {
        self.instruments.insert(id, instrument);
    }

    /// Returns what an instrument trades, and where; `None` where it was never named.
    pub fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instruments.get(&id)
    }

    /// Returns the instruments, in the order of their numbers.
    pub fn instruments(&self) -> impl Iterator<Item = (InstrumentId, &Instrument)> {
        self.instruments.iter().map(|(id, instrument)| (*id, instrument))
    }

    /// Books what an account at an exchange starts with.
    ///
    /// Errors: [`LedgerError::OutOfRange`] for an amount past 2^255 - 1.
    pub fn fund_exchange(
        &mut self,
        venue: VenueId,
        asset: AssetId,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let legs = transfer(Account::Capital, Account::Exchange(venue), asset, amount)?.to_vec();
        let (sequence, order, reverses) = (Sequence(0), None, None);
        self.post(vec![Posting { sequence, order, reverses, legs }])
    }

    /// Returns what an account at an exchange holds of an asset; of a contract below zero where we
    /// are short.
    pub fn at_exchange(&self, venue: VenueId, asset: AssetId) -> SignedAmount {
        self.balance(Account::Exchange(venue), asset)
    }

    /// Returns what is held of an instrument's base asset: of a contract below zero where we are
    /// short. Nothing of an instrument that was never named.
    pub fn held(&self, id: InstrumentId) -> SignedAmount {
        let instrument = self.instrument(id);
        instrument.map_or(SignedAmount::ZERO, |it| self.at_exchange(it.venue, it.base))
    }

    /// Returns the accounts at exchanges and what they hold that is not nothing, in the order of
    /// venue and asset.
    pub fn exchange_balances(&self) -> impl Iterator<Item = (VenueId, AssetId, SignedAmount)> {
        self.balances().filter_map(|(account, asset, balance)| match account {
            Account::Exchange(venue) => Some((venue, asset, balance)),
            Account::Wallet
            | Account::Position(_)
            | Account::Capital
            | Account::FeesEarned
            | Account::RewardsEarned
            | Account::Divergence
            | Account::Swaps
            | Account::Gas
            | Account::Trades
            | Account::Commissions
            | Account::Funding => None,
        })
    }

    /// Posts what an exchange did to an account of ours without an order.
    pub(crate) fn apply_account(
        &mut self,
        sequence: Sequence,
        event: &AccountEvent,
    ) -> Result<(), LedgerError> {
        let legs = match *event {
            AccountEvent::Funding { instrument, received } => {
                let Instrument { venue, quote, .. } = *self.known(instrument)?;
                let amount = received.magnitude();
                let at = Account::Exchange(venue);
                let (from, to) = if received.is_negative() {
                    (at, Account::Funding)
                } else {
                    (Account::Funding, at)
                };
                transfer(from, to, quote, amount)?.to_vec()
            }
            AccountEvent::Liquidated { instrument, side, quantity, amount, fee } => {
                self.legs_of_trade(instrument, Made { side, quantity, amount, commission: fee })?
            }
            // The option is given back for what it pays.
            AccountEvent::Settled { instrument, quantity, amount } => {
                let (side, commission) = (TradeSide::Sell, Amount::ZERO);
                self.legs_of_trade(instrument, Made { side, quantity, amount, commission })?
            }
        };
        let (order, reverses) = (None, None);
        self.post(vec![Posting { sequence, order, reverses, legs }])
    }

    /// The legs of a trade of ours; none of another outcome.
    pub(crate) fn legs_of_own_trade(&self, kind: &OutcomeKind) -> Result<Vec<Leg>, LedgerError> {
        let OutcomeKind::Traded { instrument, side, quantity, amount, commission } = *kind else {
            return Ok(Vec::new());
        };
        self.legs_of_trade(instrument, Made { side, quantity, amount, commission })
    }

    fn legs_of_trade(&self, id: InstrumentId, made: Made) -> Result<Vec<Leg>, LedgerError> {
        let Made { side, quantity, amount, commission } = made;
        let Instrument { venue, base, quote, .. } = *self.known(id)?;
        let at = Account::Exchange(venue);
        let (taken, given) = match side {
            TradeSide::Buy => ((base, quantity), (quote, amount)),
            TradeSide::Sell => ((quote, amount), (base, quantity)),
        };
        let mut legs = transfer(Account::Trades, at, taken.0, taken.1)?.to_vec();
        legs.extend(transfer(at, Account::Trades, given.0, given.1)?);
        legs.extend(transfer(at, Account::Commissions, quote, commission)?);
        Ok(legs)
    }

    fn known(&self, id: InstrumentId) -> Result<&Instrument, LedgerError> {
        self.instrument(id).ok_or(LedgerError::UnknownInstrument(id))
    }
}

/// Whether an order for a trade can have this end.
pub(crate) fn can_trade(intent: &Intent, kind: &OutcomeKind) -> bool {
    let Intent::Trade { instrument: asked, side: asked_side, quantity: asked_quantity, limit } =
        *intent
    else {
        return false;
    };
    let OutcomeKind::Traded { instrument, side, quantity, amount, .. } = *kind else {
        return false;
    };
    let is_within = match side {
        TradeSide::Buy => amount <= limit,
        TradeSide::Sell => amount >= limit,
    };
    (instrument, side, quantity) == (asked, asked_side, asked_quantity) && is_within
}
