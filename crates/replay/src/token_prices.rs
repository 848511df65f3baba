//! Prices of tokens that the run's pool does not trade.

use tidemill_exec_sim::TimedPrice;
use tidemill_model::{AssetId, PriceEvent, QuotePrice};
use tidemill_store::{PricedAt, time_text};
use tidemill_units::Timestamp;

use crate::ConfigError;
use crate::config::{not_allowed, whole};

/// What a configuration says of a token's price, and under which keys.
pub(crate) struct TokenPrices<'a> {
    pub(crate) keys: PriceKeys,
    /// One price, in whole quote tokens.
    pub(crate) price_quote: Option<&'a str>,
    /// Whether a file is named, and what it says.
    pub(crate) names_file: bool,
    pub(crate) series: Option<&'a [PricedAt]>,
    pub(crate) decimals: u8,
}

/// The keys, for errors.
pub(crate) struct PriceKeys {
    pub(crate) price_quote: &'static str,
    pub(crate) prices: &'static str,
    pub(crate) decimals: &'static str,
}

impl TokenPrices<'_> {
    /// Returns the prices that hold from the tape's first event on.
    ///
    /// Errors: [`ConfigError::NotAllowed`] without a price by then.
    pub(crate) fn timed(
        &self,
        asset: AssetId,
        first: Timestamp,
        quote_decimals: u8,
    ) -> Result<Vec<TimedPrice>, ConfigError> {
        let PriceKeys { price_quote, prices, decimals } = self.keys;
        let series = match (self.price_quote, self.names_file, self.series) {
            (Some(text), false, _) => {
                let price = whole(price_quote, text, quote_decimals)?;
                vec![PricedAt { time: first, price }]
            }
            (None, true, Some(series)) => series.to_vec(),
            _ => {
                let allowed = "one of price_quote and prices: a reward without a price is worth \
                               nothing that could be reported";
                let found = if self.names_file { "given beside prices" } else { "missing" };
                return Err(not_allowed(price_quote, &found, allowed));
            }
        };
        let begun = series.partition_point(|priced| priced.time <= first);
        if begun == 0 {
            let allowed = format!("a price at {} or before", time_text(first));
            let found = series.first().map_or_else(String::new, |priced| time_text(priced.time));
            return Err(not_allowed(prices, &found, &allowed));
        }
        let timed = |priced: &PricedAt| {
            let price = QuotePrice::of_whole(priced.price, self.decimals);
            let price = price.ok_or_else(|| not_allowed(decimals, &self.decimals, "0 to 77"))?;
            let price = PriceEvent { asset, price };
            Ok(TimedPrice { time: priced.time.max(first), price })
        };
        series.iter().skip(begun.saturating_sub(1)).map(timed).collect()
    }
}
