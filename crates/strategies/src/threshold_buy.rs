use serde::{Deserialize, Serialize};
use tidemill_model::{FeedId, InstrumentId, Intent, Interval, TradeSide};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Bps, Decimal, SignedAmount, U256};

use crate::declared::{Declared, Site, row};
use crate::trade_limit::trade_limit;
use crate::{BuildError, FeedNeed, ParameterError, bounded};

/// Hypothesis: what has fallen under a price comes back above it.
///
/// The classic rule that takes liquidity. Each time that a candle of `feed` is closed, from the
/// `window`th on, and its close is below `below`, it buys `quantity` of `instrument` at the market;
/// no more once `max_total` would be passed. It never sells, and waits while an order of its is on
/// its way. Without `max_total` it stops when the cash is spent: what cannot be paid is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdBuy {
    /// What is bought, by its name in the configuration; the first instrument without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The feed whose candles count.
    pub feed: String,
    /// How long a candle is; `1m` without.
    #[serde(default = "minute")]
    pub interval: String,
    /// The price that a close has to be below, in whole quote tokens for a whole base token.
    pub below: String,
    /// What is bought at a time, in whole base tokens: a multiple of the instrument's step.
    pub quantity: String,
    /// Closed candles before it acts, 1 to 100000; 100 without.
    #[serde(default = "hundred")]
    pub window: u64,
    /// The most that is held of it, in whole base tokens; as much as the cash buys without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total: Option<String>,
    /// How much worse than the mark a trade may be, 1 to 1000 basis points; 50 without.
    #[serde(default = "fifty")]
    pub max_slippage_bps: u32,
}

/// What a strategy trades at an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeSetup {
    /// It.
    pub instrument: InstrumentId,
    /// Quantities are multiples of this.
    pub step: Amount,
    /// Decimals of what is traded.
    pub base_decimals: u8,
}

fn minute() -> String {
    "1m".to_owned()
}

const fn hundred() -> u64 {
    100
}

const fn fifty() -> u32 {
    50
}

impl ThresholdBuy {
    /// Returns one of the form that the documentation shows.
    pub(crate) fn example() -> Self {
        Self {
            instrument: None,
            feed: "btcusdt".to_owned(),
            interval: minute(),
            below: "20000".to_owned(),
            quantity: "0.01".to_owned(),
            window: hundred(),
            max_total: None,
            max_slippage_bps: fifty(),
        }
    }

    /// Returns the candles that it is shown.
    pub(crate) fn needs(&self) -> FeedNeed {
        FeedNeed { feed: self.feed.clone(), interval: Some(self.interval.clone()), keep: None }
    }

    fn decider(&self, setup: TradeSetup) -> Result<ThresholdDecider, ParameterError> {
        let below: Option<Decimal> = self.below.parse().ok();
        let below = below.filter(|below| below.raw() > 0);
        let below = below.ok_or_else(|| wrong("below", &self.below, "a price above zero"))?;
        let interval: Result<Interval, _> = self.interval.parse();
        let interval = interval
            .map_err(|_| wrong("interval", &self.interval, "a length of candles, such as 1m"))?;
        let quantity = whole_steps(setup, "quantity", &self.quantity)?;
        let most = self.max_total.as_deref();
        let most = most.map(|most| whole_steps(setup, "max_total", most)).transpose()?;
        if let Some(text) = self.max_total.as_deref().filter(|_| most < Some(quantity)) {
            return Err(wrong("max_total", text, "at least quantity"));
        }
        Ok(ThresholdDecider {
            setup,
            feed: self.feed.clone(),
            id: None,
            interval,
            below,
            quantity,
            window: bounded("window", self.window, (1, 100_000))?,
            most,
            max_slippage: Bps(bounded("max_slippage_bps", self.max_slippage_bps, (1, 1_000))?),
            seen: 0,
        })
    }
}

fn wrong(name: &'static str, value: &str, allowed: &str) -> ParameterError {
    ParameterError { name, value: value.to_owned(), allowed: allowed.to_owned() }
}

/// Reads a quantity that an exchange takes.
fn whole_steps(
    setup: TradeSetup,
    name: &'static str,
    text: &str,
) -> Result<Amount, ParameterError> {
    let amount = Amount::from_decimal_str(text, setup.base_decimals).ok();
    let is_whole = |amount: &Amount| amount.0.checked_rem(setup.step.0) == Some(U256::ZERO);
    let amount = amount.filter(|amount| !amount.is_zero()).filter(is_whole);
    amount.ok_or_else(|| {
        let step = setup.step.to_decimal_string(setup.base_decimals);
        wrong(name, text, &format!("a multiple of the instrument's step, {step}"))
    })
}

impl Declared for ThresholdBuy {
    fn name(&self) -> &'static str {
        "threshold_buy"
    }

    fn summary(&self) -> &'static str {
        "Buys a fixed size each time that a candle closes below a price."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let instrument = self.instrument.iter().map(|name| row("instrument", name));
        let most = self.max_total.iter().map(|most| row("max_total", most));
        let rows = [
            row("feed", &self.feed),
            row("interval", &self.interval),
            row("below", &self.below),
            row("quantity", &self.quantity),
            row("window", &self.window),
        ];
        let slippage = [row("max_slippage_bps", &self.max_slippage_bps)];
        instrument.chain(rows).chain(most).chain(slippage).collect()
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn own_needs(&self) -> Result<Vec<FeedNeed>, BuildError> {
        Ok(vec![self.needs()])
    }

    fn needs_pool(&self) -> bool {
        false
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let setup = site.services.trade.ok_or(BuildError::NothingToTrade)?;
        Ok(Box::new(self.decider(setup)?))
    }
}

/// Buys below a price.
#[derive(Clone, Debug)]
struct ThresholdDecider {
    setup: TradeSetup,
    feed: String,
    /// The feed, once it was found.
    id: Option<FeedId>,
    interval: Interval,
    below: Decimal,
    quantity: Amount,
    window: u64,
    most: Option<Amount>,
    max_slippage: Bps,
    /// How many candles were closed when it last looked.
    seen: u64,
}

impl ThresholdDecider {
    /// The close of a candle that was not looked at yet, if it is time to act on one.
    fn new_close(&mut self, view: &View<'_>) -> Option<Decimal> {
        if self.id.is_none() {
            self.id = view.feed(&self.feed);
        }
        let feed = self.id?;
        let count = view.candle_count(feed, self.interval)?;
        if count == self.seen {
            return None;
        }
        self.seen = count;
        let mut last = view.candles(feed, self.interval, 1)?;
        last.next().map(|known| known.candle.close).filter(|_| count >= self.window)
    }

    fn purchase(&self, view: &View<'_>) -> Option<Intent> {
        let TradeSetup { instrument, .. } = self.setup;
        if let Some(most) = self.most {
            let held = view.held(instrument).checked_add(SignedAmount::positive(self.quantity)?)?;
            if held > SignedAmount::positive(most)? {
                return None;
            }
        }
        let (side, quantity) = (TradeSide::Buy, self.quantity);
        let limit = trade_limit(view.mark(instrument)?, side, quantity, self.max_slippage)?;
        Some(Intent::Trade { instrument, side, quantity, limit })
    }
}

impl Strategy for ThresholdDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() {
            return Vec::new();
        }
        let close = self.new_close(view).filter(|close| *close < self.below);
        close.and_then(|_| self.purchase(view)).into_iter().collect()
    }
}
