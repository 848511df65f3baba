use tidemill_model::{AssetId, FeedId, Instrument, InstrumentId, QuotePrice};
use tidemill_units::{Amount, Decimal, InstantUs, U256};

use crate::{Feed, FeedHealth, Feeds};

/// An instrument of an exchange, and the feeds that say what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentMarket {
    /// What strategies and reports call it.
    pub name: String,
    /// What it trades, and where.
    pub instrument: Instrument,
    /// Decimals of the base asset: how many raw units the feeds' unit of it has.
    pub base_decimals: u8,
    /// Decimals of the quote asset.
    pub quote_decimals: u8,
    /// What is traded at: quotes, trades, candles, marks, or swaps of a pool.
    pub prices: FeedId,
    /// What a contract is valued at; [`prices`](Self::prices) without.
    pub marks: Option<FeedId>,
    /// What its two sides pay each other; none where the run knows of none.
    pub funding: Option<FeedId>,
}

/// A price for each side of a trade, in raw quote units for raw units of the base asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoSided {
    /// What a seller gets.
    pub bid: QuotePrice,
    /// What a buyer pays.
    pub ask: QuotePrice,
}

impl InstrumentMarket {
    /// Returns a price of the feeds, whole quote units for a whole unit of the base asset, in raw
    /// units; `None` for one that is not above zero, and past what fits.
    pub fn raw_price(&self, price: Decimal) -> Option<QuotePrice> {
        let whole = u128::try_from(price.raw()).ok().filter(|raw| *raw > 0)?;
        let power = |decimals: u8| U256::from(10_u8).checked_pow(U256::from(decimals));
        let quote = U256::from(whole).checked_mul(power(self.quote_decimals)?)?;
        let of = power(Decimal::PLACES.checked_add(self.base_decimals)?)?;
        Some(QuotePrice { quote: Amount(quote), of: Amount(of) })
    }

    /// Returns what a contract is valued at; of anything else what it was last traded at. `None`
    /// before its feed said anything.
    pub fn mark(&self, feeds: &Feeds) -> Option<QuotePrice> {
        let feed = feeds.get(self.marks.unwrap_or(self.prices))?;
        self.raw_price(feed.last_price()?.value)
    }

    /// Returns when the older of the prices that it is traded and valued at was seen; `None` before
    /// both were, and while one of their feeds has a gap.
    pub fn priced_at(&self, feeds: &Feeds) -> Option<InstantUs> {
        let seen_at = |feed: FeedId| {
            let feed = feeds.get(feed).filter(|feed| feed.health() == FeedHealth::Whole)?;
            feed.last_price().map(|known| known.seen_at)
        };
        Some(seen_at(self.prices)?.min(seen_at(self.marks.unwrap_or(self.prices))?))
    }

    /// Returns what can be traded at: bid and ask where the feed tells them, else the last price
    /// for both sides. `None` before its feed said anything.
    pub fn two_sided(&self, feeds: &Feeds) -> Option<TwoSided> {
        let feed = feeds.get(self.prices)?;
        if let Some(quote) = feed.quote() {
            let bid = self.raw_price(quote.value.bid.price)?;
            let ask = self.raw_price(quote.value.ask.price)?;
            return Some(TwoSided { bid, ask });
        }
        let last = self.raw_price(Feed::last_price(feed)?.value)?;
        Some(TwoSided { bid: last, ask: last })
    }
}

/// The instruments of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruments(Vec<InstrumentMarket>);

impl Instruments {
    /// Adds one. `None` past what can be numbered.
    pub(crate) fn add(&mut self, instrument: InstrumentMarket) -> Option<InstrumentId> {
        let id = u16::try_from(self.0.len()).ok().map(InstrumentId)?;
        self.0.push(instrument);
        Some(id)
    }

    /// Returns one by its number.
    pub fn get(&self, id: InstrumentId) -> Option<&InstrumentMarket> {
        self.0.get(usize::from(id.0))
    }

    /// Returns the number of the one that is called so.
    pub fn find(&self, name: &str) -> Option<InstrumentId> {
        self.iter().find(|(_, found)| found.name == name).map(|(id, _)| id)
    }

    /// Returns all, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (InstrumentId, &InstrumentMarket)> {
        (0..).map(InstrumentId).zip(&self.0)
    }

    /// Returns the instrument that an asset is the contract of; `None` where it is none's.
    pub fn of_contract(&self, asset: AssetId) -> Option<&InstrumentMarket> {
        self.0
            .iter()
            .find(|found| found.instrument.kind.is_contract() && found.instrument.base == asset)
    }

    /// Returns the instruments that trade an asset itself, in the order in which they were added.
    pub fn of_token(&self, asset: AssetId) -> impl Iterator<Item = &InstrumentMarket> {
        self.0
            .iter()
            .filter(move |it| !it.instrument.kind.is_contract() && it.instrument.base == asset)
    }
}
