use tidemill_units::{Amount, Decimal};

use crate::{Feeds, InstrumentMarket};

impl InstrumentMarket {
    /// Returns what so much of an option pays if it ends now, in raw quote units, rounded down: the
    /// difference between its strike and the last price of the feed that it is settled at, nothing
    /// where it is out of the money. `None` for what is no option, before its feed said anything,
    /// and past what fits.
    pub fn payoff(&self, quantity: Amount, feeds: &Feeds) -> Option<Amount> {
        let contract = self.instrument.kind.option()?;
        let price = feeds.get(contract.settlement)?.last_price()?.value;
        let intrinsic = contract.intrinsic(price)?;
        if intrinsic <= Decimal::ZERO {
            return Some(Amount::ZERO);
        }
        self.raw_price(intrinsic)?.in_quote(quantity)
    }
}
