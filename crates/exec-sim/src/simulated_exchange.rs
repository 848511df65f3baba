use std::collections::{BTreeMap, VecDeque};

use tidemill_market::{InstrumentMarket, Market};
use tidemill_model::{
    AccountEvent, AssetId, FeedId, Funding, InstrumentId, InstrumentKind, Intent, OutcomeKind,
    QuotePrice, Rejection, TradeSide, VenueId,
};
use tidemill_units::{
    Amount, Bps, Decimal, InstantUs, SignedAmount, U256, mul_div, mul_div_rounding_up,
};

use crate::models::exchange::{ExchangeModel, TradedVolume, scaled_up};

/// An account of ours at an exchange, as the exchange keeps it.
///
/// Cash is in the exchange's one quote asset, and is what contracts are carried by. What is said of
/// an instrument's price, mark and funding comes from the feeds of the market.
#[derive(Clone, Debug)]
pub struct SimulatedExchange {
    venue: VenueId,
    quote: AssetId,
    model: ExchangeModel,
    cash: SignedAmount,
    held: BTreeMap<AssetId, SignedAmount>,
    volume: TradedVolume,
    /// What it did to the account and has not told yet.
    untold: VecDeque<AccountEvent>,
}

/// A trade, as an intent asks for it.
#[derive(Clone, Copy)]
struct Asked {
    instrument: InstrumentId,
    side: TradeSide,
    quantity: Amount,
    limit: Amount,
}

impl SimulatedExchange {
    /// Returns an account that holds these assets; of its quote asset that is its cash. `None` past
    /// 2^255 - 1.
    pub fn new(
        venue: VenueId,
        quote: AssetId,
        model: ExchangeModel,
        deposit: &[(AssetId, Amount)],
    ) -> Option<Self> {
        let (cash, held) = (SignedAmount::ZERO, BTreeMap::new());
        let (volume, untold) = (TradedVolume::default(), VecDeque::new());
        let mut account = Self { venue, quote, model, cash, held, volume, untold };
        for (asset, amount) in deposit {
            let amount = SignedAmount::positive(*amount)?;
            let balance = account.balance_mut(*asset);
            *balance = balance.checked_add(amount)?;
        }
        Some(account)
    }

    /// Returns which exchange it is.
    pub fn venue(&self) -> VenueId {
        self.venue
    }

    /// Returns when an order that was decided then is executed.
    pub(crate) fn due(&self, decided: InstantUs) -> InstantUs {
        self.model.latency.after(decided)
    }

    /// Returns what it did to the account and has not told yet, the oldest first.
    pub(crate) fn tell(&mut self) -> Option<AccountEvent> {
        self.untold.pop_front()
    }

    /// Returns when the option ends that ends first of those that are held and have a price to be
    /// settled at; `None` where none is held.
    pub(crate) fn next_expiry(&self, market: &Market) -> Option<InstantUs> {
        self.ending(market).map(|ending| ending.expiry)
    }

    /// Settles the option that ends first, and returns what that was; `None` where none is held.
    pub(crate) fn settle_option(&mut self, market: &Market) -> Option<AccountEvent> {
        let Ending { instrument, base, quantity, amount, .. } = self.ending(market)?;
        let (side, fee) = (TradeSide::Sell, Amount::ZERO);
        self.settle(&Settled { base, side, quantity, amount, fee })?;
        Some(AccountEvent::Settled { instrument, quantity, amount })
    }

    fn ending(&self, market: &Market) -> Option<Ending> {
        if self.held.is_empty() {
            return None;
        }
        let options = market.instruments().iter().filter_map(|(instrument, found)| {
            let base = found.instrument.base;
            let expiry = found.instrument.kind.option()?.expiry;
            let quantity = self.held_of(base).magnitude();
            if found.instrument.venue != self.venue || quantity.is_zero() {
                return None;
            }
            let amount = found.payoff(quantity, market.feeds())?;
            Some(Ending { instrument, base, expiry, quantity, amount })
        });
        options.min_by_key(|ending| ending.expiry)
    }

    fn balance_mut(&mut self, asset: AssetId) -> &mut SignedAmount {
        if asset == self.quote { &mut self.cash } else { self.held.entry(asset).or_default() }
    }

    fn held_of(&self, asset: AssetId) -> SignedAmount {
        self.held.get(&asset).copied().unwrap_or(SignedAmount::ZERO)
    }

    /// Executes a trade, or says why not; nothing has changed then.
    pub(crate) fn execute(
        &mut self,
        intent: &Intent,
        market: &Market,
        now: InstantUs,
    ) -> OutcomeKind {
        let Intent::Trade { instrument, side, quantity, limit } = *intent else {
            return OutcomeKind::Rejected(Rejection::NoMarket);
        };
        let asked = Asked { instrument, side, quantity, limit };
        self.fill(&asked, market, now).unwrap_or_else(OutcomeKind::Rejected)
    }

    fn fill(
        &mut self,
        asked: &Asked,
        market: &Market,
        now: InstantUs,
    ) -> Result<OutcomeKind, Rejection> {
        let Asked { instrument: id, side, quantity, limit } = *asked;
        let found = market.instruments().get(id).filter(|it| it.instrument.venue == self.venue);
        let found = found.ok_or(Rejection::NoMarket)?;
        let prices = found.two_sided(market.feeds()).ok_or(Rejection::NoMarket)?;
        let amount = self.model.amount(prices, (side, quantity)).ok_or(Rejection::BadQuantity)?;
        let is_within = match side {
            TradeSide::Buy => amount <= limit,
            TradeSide::Sell => amount >= limit,
        };
        if !is_within {
            return Err(Rejection::PriceMoved);
        }
        let terms = &found.instrument;
        if terms.kind.option().is_some_and(|option| option.has_ended(now)) {
            return Err(Rejection::NoMarket);
        }
        let held = self.held_of(terms.base);
        let change = side.signed(quantity).ok_or(Rejection::BadQuantity)?;
        let after = held.checked_add(change).ok_or(Rejection::BadQuantity)?;
        let closes = terms.kind.is_contract() && after.is_zero();
        let is_whole = quantity.0.checked_rem(terms.step.0) == Some(U256::ZERO);
        if quantity.is_zero() || !is_whole || (amount < terms.least_value && !closes) {
            return Err(Rejection::BadQuantity);
        }
        let volume = self.volume.at(now);
        let commission = self.model.commission(amount, volume).ok_or(Rejection::BadQuantity)?;
        let mut settled = self.clone();
        let traded = Settled { base: terms.base, side, quantity, amount, fee: commission };
        settled.settle(&traded).ok_or(Rejection::BadQuantity)?;
        let grows =
            after.magnitude() > held.magnitude() || after.is_negative() != held.is_negative();
        let is_carried = match terms.kind {
            InstrumentKind::Spot => !after.is_negative() && !settled.cash.is_negative(),
            InstrumentKind::Perpetual => !grows || settled.is_carried(market, |it| it.initial),
            InstrumentKind::Option(_) => {
                let is_paid = !after.is_negative() && !settled.cash.is_negative();
                is_paid && (!grows || settled.is_carried(market, |it| it.initial))
            }
        };
        if !is_carried {
            return Err(Rejection::InsufficientMargin);
        }
        settled.volume.add(now, amount);
        *self = settled;
        Ok(OutcomeKind::Traded { instrument: id, side, quantity, amount, commission })
    }

    /// Moves what a trade moves. `None` past 2^255 - 1.
    fn settle(&mut self, traded: &Settled) -> Option<()> {
        let Settled { base, side, quantity, amount, fee } = *traded;
        let change = side.signed(quantity)?;
        let held = self.held.entry(base).or_default();
        *held = held.checked_add(change)?;
        if held.is_zero() {
            self.held.remove(&base);
        }
        let paid = side.opposite().signed(amount)?;
        let cash = self.cash.checked_add(paid)?;
        self.cash = cash.checked_sub(SignedAmount::positive(fee)?)?;
        Some(())
    }

    /// The contracts that are carried by margin, with their marks; `None` while one has no price.
    fn contracts<'a>(&self, market: &'a Market) -> Option<Vec<Held<'a>>> {
        let ours = market.instruments().iter().filter_map(|(id, found)| {
            let is_ours =
                found.instrument.venue == self.venue && found.instrument.kind.is_margined();
            let held = self.held_of(found.instrument.base);
            (is_ours && !held.is_zero()).then_some((id, found, held))
        });
        ours.map(|(id, found, held)| {
            let mark = found.mark(market.feeds())?;
            Some(Held { id, found, held, mark })
        })
        .collect()
    }

    /// Cash, and what contracts are worth. `None` while one has no price.
    fn equity(&self, contracts: &[Held<'_>]) -> Option<SignedAmount> {
        contracts.iter().try_fold(self.cash, |sum, held| sum.checked_add(held.value()?))
    }

    /// Whether the account is worth the part of its contracts that has to be there; not while one
    /// has no price.
    fn is_carried(&self, market: &Market, part: impl Fn(&tidemill_model::Margin) -> Bps) -> bool {
        let carried = self.contracts(market).and_then(|contracts| {
            let equity = self.equity(&contracts)?;
            let needed = contracts.iter().try_fold(Amount::ZERO, |sum, held| {
                sum.checked_add(held.margin(part(&held.found.instrument.margin))?)
            });
            Some(equity >= SignedAmount::positive(needed?)?)
        });
        carried.unwrap_or(false)
    }

    /// Takes in what a feed said: funding is paid on what is held, and what the account cannot
    /// carry any more is closed. To be called when the market has taken it in.
    pub(crate) fn follow(&mut self, said: Option<(FeedId, Funding)>, market: &Market) {
        if self.held.is_empty() {
            return;
        }
        if let Some((feed, funding)) = said {
            self.pay_funding(feed, &funding, market);
        }
        self.liquidate(market);
    }

    fn pay_funding(&mut self, feed: FeedId, funding: &Funding, market: &Market) {
        let Some(contracts) = self.contracts(market) else { return };
        for held in contracts.iter().filter(|held| held.found.funding == Some(feed)) {
            let mark = funding.mark_price.and_then(|mark| held.found.raw_price(mark));
            let mark = mark.unwrap_or(held.mark);
            let Some(received) = funding_on(held.held, mark, funding.rate) else { continue };
            let Some(cash) = self.cash.checked_add(received) else { continue };
            if !received.is_zero() {
                self.cash = cash;
                let event = AccountEvent::Funding { instrument: held.id, received };
                self.untold.push_back(event);
            }
        }
    }

    /// Closes all contracts at their marks once the account is worth less than their maintenance
    /// margin. It loses no more than it has: what it cannot pay, whoever takes the contracts over
    /// bears.
    fn liquidate(&mut self, market: &Market) {
        let Some(mut contracts) = self.contracts(market) else { return };
        if contracts.is_empty() || self.is_carried(market, |it| it.maintenance) {
            return;
        }
        let Some(equity) = self.equity(&contracts) else { return };
        // Those that are sold can bring any amount, those that are bought can only cost nothing.
        contracts.sort_by_key(|held| held.held.is_negative());
        let mut purse = Purse::of(equity);
        for held in contracts {
            let Some(event) = self.close(&held, &mut purse) else { continue };
            self.untold.push_back(event);
        }
    }

    fn close(&mut self, held: &Held<'_>, purse: &mut Purse) -> Option<AccountEvent> {
        let quantity = held.held.magnitude();
        let worth = held.value()?.magnitude();
        let (side, amount) = if held.held.is_negative() {
            let borne = purse.deficit.min(worth);
            purse.deficit = purse.deficit.checked_sub(borne)?;
            (TradeSide::Buy, worth.checked_sub(borne)?)
        } else {
            let borne = std::mem::take(&mut purse.deficit);
            (TradeSide::Sell, worth.checked_add(borne)?)
        };
        let fee = scaled_up(amount, self.model.liquidation_fee.0)?.min(purse.left);
        purse.left = purse.left.checked_sub(fee)?;
        let base = held.found.instrument.base;
        self.settle(&Settled { base, side, quantity, amount, fee })?;
        Some(AccountEvent::Liquidated { instrument: held.id, side, quantity, amount, fee })
    }
}

/// What an account has left when it is closed, or lacks.
struct Purse {
    left: Amount,
    deficit: Amount,
}

impl Purse {
    fn of(equity: SignedAmount) -> Self {
        let (left, deficit) = if equity.is_negative() {
            (Amount::ZERO, equity.magnitude())
        } else {
            (equity.magnitude(), Amount::ZERO)
        };
        Self { left, deficit }
    }
}

/// What a trade moves.
struct Settled {
    base: AssetId,
    side: TradeSide,
    quantity: Amount,
    amount: Amount,
    fee: Amount,
}

/// An option that is held, and what it would pay now.
struct Ending {
    instrument: InstrumentId,
    base: AssetId,
    expiry: InstantUs,
    quantity: Amount,
    amount: Amount,
}

/// A contract that is held.
struct Held<'a> {
    id: InstrumentId,
    found: &'a InstrumentMarket,
    held: SignedAmount,
    mark: QuotePrice,
}

impl Held<'_> {
    /// What it is worth: long rounded down, short rounded up.
    fn value(&self) -> Option<SignedAmount> {
        let amount = self.held.magnitude();
        if self.held.is_negative() {
            return SignedAmount::negative(self.mark.in_quote_rounding_up(amount)?);
        }
        SignedAmount::positive(self.mark.in_quote(amount)?)
    }

    /// A part of what it is worth, rounded up.
    fn margin(&self, part: Bps) -> Option<Amount> {
        let notional = self.mark.in_quote_rounding_up(self.held.magnitude())?;
        mul_div_rounding_up(notional.0, U256::from(part.0), U256::from(Bps::ONE.0)).map(Amount)
    }
}

/// What who holds a perpetual future receives of a funding payment: the long side pays a rate above
/// zero, the short side one below. What is paid is rounded up, what is received down.
fn funding_on(held: SignedAmount, mark: QuotePrice, rate: Decimal) -> Option<SignedAmount> {
    let pays = held.is_negative() == rate.is_negative();
    let share = U256::from(rate.raw().unsigned_abs());
    let one = U256::from(Decimal::ONE.raw().unsigned_abs());
    let quantity = held.magnitude();
    if pays {
        let notional = mark.in_quote_rounding_up(quantity)?;
        let paid = mul_div_rounding_up(notional.0, share, one).map(Amount)?;
        return SignedAmount::negative(paid);
    }
    let notional = mark.in_quote(quantity)?;
    let received = mul_div(notional.0, share, one).map(Amount)?;
    SignedAmount::positive(received)
}
