//! Trades at exchanges.

use tidemill_ledger::{Account, Ledger};
use tidemill_market::Market;
use tidemill_model::{
    Instrument, InstrumentId, InstrumentKind, Intent, QuotePrice, TradeSide, VenueId,
};
use tidemill_units::{Amount, Bps, SignedAmount, U256, mul_div_rounding_up};

use crate::Refusal;

/// A trade that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) instrument: InstrumentId,
    pub(crate) side: TradeSide,
    pub(crate) quantity: Amount,
    pub(crate) limit: Amount,
}

impl Wanted {
    /// Returns the trade that an intent asks for; `None` for every other intent.
    pub(crate) fn of(intent: &Intent) -> Option<Self> {
        let Intent::Trade { instrument, side, quantity, limit } = *intent else { return None };
        Some(Self { instrument, side, quantity, limit })
    }

    /// Whether all that it can do, whatever is on its way, is to bring a contract nearer to none.
    pub(crate) fn reduces(&self, ledger: &Ledger) -> bool {
        let Some(instrument) = ledger.instrument(self.instrument) else { return false };
        let held = ledger.held(self.instrument);
        let closes = match self.side {
            TradeSide::Buy => held.is_negative(),
            TradeSide::Sell => !held.is_negative(),
        };
        let on_its_way = ledger.in_flight().filter_map(Self::in_flight);
        let mut same = on_its_way.filter(|other| other.instrument == self.instrument);
        let all = same.try_fold(self.quantity, |sum, other| sum.checked_add(other.quantity));
        let is_small = all.is_some_and(|all| all <= held.magnitude());
        instrument.kind.is_contract() && closes && is_small && !self.quantity.is_zero()
    }

    fn in_flight(order: &tidemill_model::Order) -> Option<Self> {
        Self::of(&order.intent)
    }
}

/// Returns the trades that close every contract that is held, at any price; none of a contract that
/// another trade on its way is about.
pub fn contracts_out(ledger: &Ledger) -> Vec<Intent> {
    let contracts = ledger.instruments().filter(|(_, it)| it.kind.is_contract());
    let closing = contracts.filter_map(|(instrument, _)| {
        let held = ledger.held(instrument);
        let mut on_their_way = ledger.in_flight().filter_map(Wanted::in_flight);
        let is_traded = on_their_way.any(|other| other.instrument == instrument);
        let (side, limit) = if held.is_negative() {
            (TradeSide::Buy, Amount::MAX)
        } else {
            (TradeSide::Sell, Amount::ZERO)
        };
        let quantity = held.magnitude();
        let is_open = !held.is_zero() && !is_traded;
        is_open.then_some(Intent::Trade { instrument, side, quantity, limit })
    });
    closing.collect()
}

/// Checks a trade that may add exposure.
pub(crate) fn check_trade(
    wanted: &Wanted,
    market: &Market,
    ledger: &Ledger,
) -> Result<(), Refusal> {
    let instrument = ledger.instrument(wanted.instrument).ok_or(Refusal::NoInstrument)?;
    let step = instrument.step.0;
    let rest = wanted.quantity.0.checked_rem(step);
    if wanted.quantity.is_zero() || rest != Some(U256::ZERO) {
        return Err(Refusal::BadQuantity { quantity: wanted.quantity, step: instrument.step });
    }
    let mark = market.mark(wanted.instrument).ok_or(Refusal::NoPrice)?;
    let value = mark.in_quote(wanted.quantity).ok_or(Refusal::NoPrice)?;
    if value < instrument.least_value {
        return Err(Refusal::TooSmall { value, least: instrument.least_value });
    }
    match instrument.kind {
        InstrumentKind::Spot => check_cash(wanted, instrument, ledger),
        InstrumentKind::Perpetual => check_margin(wanted, instrument, market, ledger),
        InstrumentKind::Option(contract) => {
            if contract.has_ended(market.seen_at()) {
                return Err(Refusal::OptionEnded);
            }
            check_held(wanted, ledger)?;
            check_cash(wanted, instrument, ledger)?;
            check_margin(wanted, instrument, market, ledger)
        }
    }
}

/// An option is sold as far as it is held, beside what other orders on their way sell of it.
fn check_held(wanted: &Wanted, ledger: &Ledger) -> Result<(), Refusal> {
    let sells = |trade: &Wanted| match trade.side {
        TradeSide::Buy => None,
        TradeSide::Sell => Some(trade.quantity),
    };
    let Some(quantity) = sells(wanted) else { return Ok(()) };
    let held = ledger.held(wanted.instrument);
    let held = if held.is_negative() { Amount::ZERO } else { held.magnitude() };
    let on_their_way = ledger.in_flight().filter_map(Wanted::in_flight);
    let others = on_their_way.filter(|other| other.instrument == wanted.instrument);
    let held = others
        .filter_map(|other| sells(&other))
        .fold(held, |rest, sold| rest.checked_sub(sold).unwrap_or(Amount::ZERO));
    if quantity <= held { Ok(()) } else { Err(Refusal::OptionNotHeld { held, wanted: quantity }) }
}

/// What a spot trade gives has to be there, beside what other trades on their way may give.
fn check_cash(wanted: &Wanted, instrument: &Instrument, ledger: &Ledger) -> Result<(), Refusal> {
    let given = |trade: &Wanted, instrument: &Instrument| match trade.side {
        TradeSide::Buy => (instrument.quote, trade.limit),
        TradeSide::Sell => (instrument.base, trade.quantity),
    };
    let (asset, needed) = given(wanted, instrument);
    let held = ledger.at_exchange(instrument.venue, asset);
    let mut available = if held.is_negative() { Amount::ZERO } else { held.magnitude() };
    for other in ledger.in_flight().filter_map(Wanted::in_flight) {
        let Some(of) = ledger.instrument(other.instrument) else { continue };
        let (gives, amount) = given(&other, of);
        if of.venue == instrument.venue && gives == asset {
            available = available.checked_sub(amount).unwrap_or(Amount::ZERO);
        }
    }
    if needed <= available {
        Ok(())
    } else {
        Err(Refusal::InsufficientBalance { available, wanted: needed })
    }
}

/// The account has to carry what it would hold after this and every other trade on its way.
fn check_margin(
    wanted: &Wanted,
    instrument: &Instrument,
    market: &Market,
    ledger: &Ledger,
) -> Result<(), Refusal> {
    let trades = ledger.in_flight().filter_map(Wanted::in_flight).chain([*wanted]);
    let trades: Vec<_> = trades.collect();
    let account = Account::Exchange(instrument.venue);
    let mut equity = ledger.balance(account, instrument.quote);
    // What options are bought with is no margin any more, and they are none.
    for trade in trades.iter().filter(|trade| trade.side == TradeSide::Buy) {
        let bought = ledger.instrument(trade.instrument);
        let is_option = bought.is_some_and(|it| it.venue == instrument.venue)
            && bought.is_some_and(|it| it.kind.option().is_some());
        if is_option {
            let paid = SignedAmount::positive(trade.limit).ok_or(Refusal::NoPrice)?;
            equity = equity.checked_sub(paid).ok_or(Refusal::NoPrice)?;
        }
    }
    let mut needed = Amount::ZERO;
    for (id, found) in margined_at(ledger, instrument.venue) {
        let mark = market.mark(id).ok_or(Refusal::NoPrice)?;
        let held = ledger.balance(account, found.base);
        let value = contract_value(mark, held).ok_or(Refusal::NoPrice)?;
        equity = equity.checked_add(value).ok_or(Refusal::NoPrice)?;
        // At worst all that goes one way is filled, and nothing of what goes the other.
        let largest = largest_held(held, trades.iter().filter(|trade| trade.instrument == id));
        let notional = largest.and_then(|held| mark.in_quote_rounding_up(held));
        let margin = notional.and_then(|notional| part(notional, found.margin.initial));
        needed = margin.and_then(|margin| needed.checked_add(margin)).ok_or(Refusal::NoPrice)?;
    }
    let equity = if equity.is_negative() { Amount::ZERO } else { equity.magnitude() };
    if needed <= equity { Ok(()) } else { Err(Refusal::TooLittleMargin { equity, needed }) }
}

fn margined_at(
    ledger: &Ledger,
    venue: VenueId,
) -> impl Iterator<Item = (InstrumentId, &Instrument)> {
    ledger.instruments().filter(move |(_, it)| it.venue == venue && it.kind.is_margined())
}

/// The most, long or short, that can be held once these trades have ended, each of them filled or
/// not.
fn largest_held<'a>(
    held: SignedAmount,
    trades: impl Iterator<Item = &'a Wanted>,
) -> Option<Amount> {
    let (mut most, mut least) = (held, held);
    for trade in trades {
        let change = trade.side.signed(trade.quantity)?;
        match trade.side {
            TradeSide::Buy => most = most.checked_add(change)?,
            TradeSide::Sell => least = least.checked_add(change)?,
        }
    }
    Some(most.magnitude().max(least.magnitude()))
}

fn part(amount: Amount, part: Bps) -> Option<Amount> {
    mul_div_rounding_up(amount.0, U256::from(part.0), U256::from(Bps::ONE.0)).map(Amount)
}

/// What is held of a contract, in its quote asset: long rounded down, short rounded up.
fn contract_value(mark: QuotePrice, held: SignedAmount) -> Option<SignedAmount> {
    if held.is_negative() {
        return SignedAmount::negative(mark.in_quote_rounding_up(held.magnitude())?);
    }
    SignedAmount::positive(mark.in_quote(held.magnitude())?)
}
