use serde::{Deserialize, Serialize};
use tidemill_amm::PriceRatio;
use tidemill_model::{InstrumentId, Intent, QuotePrice, TradeSide};
use tidemill_routing::{BestTrade, Hop, best_trade, executed};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{
    Amount, Bps, FeePips, Gas, GasPrice, InstantUs, SignedAmount, Timestamp, TokenIndex, TokenPair,
    U256, mul_div,
};

use crate::declared::{Declared, Site, row};
use crate::number::{part, raw_units};
use crate::trade_limit::trade_limit;
use crate::two_pool_arbitrage::{SwapGas, hop_through};
use crate::{BuildError, ParameterError, bounded};

/// Hypothesis: a pool lags behind an exchange, and who trades the difference earns what its
/// providers lose, less the pool's fee.
///
/// At every event it compares the pool with a perpetual future, at bid or ask less half the spread
/// and the commission. Where swapping in the pool and trading the same against it at the exchange
/// pays for both, for the gas, `min_profit_quote` and `min_margin_bps` of what is traded, it swaps;
/// once the swap is made it trades at the exchange what the pool gave, and so undoes nothing that
/// did not happen. Between the two the price can move: that is the risk of the second leg, and what
/// it costs is booked with the trade. What is held in the pool's token and owed in the contract
/// stays until the gap turns over, up to `max_inventory_quote`, or is unwound after
/// `unwind_after_hours` without a trade. A gap is taken once: not again before it has closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolExchangeArbitrage {
    /// The contract, by its name; the first perpetual future on one of the pool's tokens without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The least that has to be left of a trade after all it costs, 0 to 1000000000 whole quote
    /// tokens.
    pub min_profit_quote: f64,
    /// The least part of what is traded that has to be left, for the risk of the second leg, 0 to
    /// 1000 basis points.
    pub min_margin_bps: u32,
    /// How much of the contract may be held or owed, 1 to 1000000000 whole quote tokens.
    pub max_inventory_quote: f64,
    /// How much worse than quoted a swap, and than the mark a trade at the exchange, may be, 1 to
    /// 1000 basis points.
    pub max_slippage_bps: u32,
    /// After how long without a trade both sides are closed, 1 to 8760 hours; never without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unwind_after_hours: Option<u32>,
}

impl Default for PoolExchangeArbitrage {
    fn default() -> Self {
        Self {
            instrument: None,
            min_profit_quote: 1.0,
            min_margin_bps: 1,
            max_inventory_quote: 100_000.0,
            max_slippage_bps: 20,
            unwind_after_hours: None,
        }
    }
}

/// The contract that a pool is traded against, and what trading costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolExchangeSetup {
    /// The contract.
    pub instrument: InstrumentId,
    /// The token of the pool that it follows; one raw unit of the contract is one of the token.
    pub base: TokenIndex,
    /// The token of the pool that the exchange is paid in.
    pub quote: TokenIndex,
    /// Quantities are multiples of this.
    pub step: Amount,
    /// What the exchange takes of a trade, before any volume.
    pub taker: FeePips,
    /// Half of the spread where the feed does not tell bid and ask apart.
    pub half_spread: FeePips,
    /// What a swap in the pool takes.
    pub gas: SwapGas,
    /// The price of gas where none is recorded.
    pub fallback_price: GasPrice,
}

impl Declared for PoolExchangeArbitrage {
    fn name(&self) -> &'static str {
        "pool_exchange_arbitrage"
    }

    fn summary(&self) -> &'static str {
        "Trades the pool against an exchange's contract where that pays for all it costs."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("min_profit_quote", &self.min_profit_quote),
            row("min_margin_bps", &self.min_margin_bps),
            row("max_inventory_quote", &self.max_inventory_quote),
            row("max_slippage_bps", &self.max_slippage_bps),
        ];
        rows.extend(self.instrument.iter().map(|name| row("instrument", name)));
        rows.extend(self.unwind_after_hours.map(|hours| row("unwind_after_hours", &hours)));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let min_profit = bounded("min_profit_quote", self.min_profit_quote, (0.0, 1e9))?;
        let margin = bounded("min_margin_bps", self.min_margin_bps, (0, 1_000))?;
        let most = bounded("max_inventory_quote", self.max_inventory_quote, (1.0, 1e9))?;
        let slippage = bounded("max_slippage_bps", self.max_slippage_bps, (1, 1_000))?;
        let hours: Result<_, ParameterError> = self
            .unwind_after_hours
            .map(|hours| bounded("unwind_after_hours", hours, (1, 8_760)))
            .transpose();
        let unwind_after = hours?.map(|hours| u64::from(hours).saturating_mul(3_600));
        let setup = site.services.exchange.ok_or(BuildError::NothingToTradeAgainst)?;
        Ok(Box::new(PoolExchangeArbitrageDecider {
            setup,
            min_profit,
            margin: Bps(margin),
            most,
            slippage: Bps(slippage),
            unwind_after,
            start: None,
            asked: None,
            taken: None,
            levelled: None,
            traded_at: None,
        }))
    }
}

#[derive(Clone, Debug)]
struct PoolExchangeArbitrageDecider {
    setup: PoolExchangeSetup,
    /// In whole quote tokens.
    min_profit: f64,
    margin: Bps,
    /// In whole quote tokens.
    most: f64,
    slippage: Bps,
    unwind_after: Option<u64>,
    /// What the wallet held of the base token at first: that is not ours to trade against.
    start: Option<Amount>,
    asked: Option<(Direction, Amount)>,
    /// The gap that was taken and has not closed.
    taken: Option<Direction>,
    /// When the exchange was last asked to level what.
    levelled: Option<(InstantUs, SignedAmount)>,
    traded_at: Option<Timestamp>,
}

/// What is done in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// It is cheap there: the base token is bought.
    Buy,
    /// It is dear there.
    Sell,
}

/// Prices at the exchange after its costs, as a rate of the token that is paid there.
struct Prices {
    mark: QuotePrice,
    sold: PriceRatio,
    bought: PriceRatio,
}

/// Whether what is held on the chain and the contract make up for each other.
enum Level {
    Even,
    /// They do not: the trade that would make them, unless the exchange was asked a moment ago.
    Off(Vec<Intent>),
}

/// An order that came to nothing is sent again after a minute.
const RETRY_US: i64 = 60_000_000;

/// Returns a trade whose first hop gives at most so much: the larger part of it that does, found
/// by proportion, each try a little below the one before, for a pool gives less the more it is
/// asked for.
fn within(hops: &[Hop<'_>; 2], mut trade: BestTrade, most: Amount) -> Option<BestTrade> {
    for _ in 0..16 {
        let given = trade.amounts.first().copied()?;
        if given <= most {
            return Some(trade);
        }
        let amount_in = mul_div(trade.amount_in.0, most.0, given.0)?;
        trade = executed(hops, Amount(amount_in))?;
    }
    None
}

/// What a pool's fee may leave of an unwinding swap, besides what its price may be worse by.
const LEFT_BY_FEE: Bps = Bps(9_900);

fn scaled(value: U256, pips: u32) -> Option<U256> {
    value.checked_mul(U256::from(pips))
}

impl PoolExchangeArbitrageDecider {
    /// Returns what trades at the exchange come to, half of its spread and its commission off.
    fn prices(&self, view: &View<'_>) -> Option<Prices> {
        let PoolExchangeSetup { instrument, taker, half_spread, .. } = self.setup;
        let (mark, sides) = (view.mark(instrument)?, view.two_sided(instrument)?);
        let spread = if sides.bid == sides.ask { half_spread.0 } else { 0 };
        let (one, cost) = (FeePips::ONE.0, spread.checked_add(taker.0)?);
        let sold = PriceRatio {
            output: scaled(sides.bid.quote.0, one.checked_sub(cost)?)?,
            input: scaled(sides.bid.of.0, one)?,
        };
        let bought = PriceRatio {
            output: scaled(sides.ask.of.0, one)?,
            input: scaled(sides.ask.quote.0, one.checked_add(cost)?)?,
        };
        let is_price = !sold.input.is_zero() && !bought.input.is_zero() && !mark.quote.is_zero();
        is_price.then_some(Prices { mark, sold, bought })
    }

    /// Returns what is held of the base token on the chain beyond the start.
    fn excess(&self, view: &View<'_>) -> Option<SignedAmount> {
        let held = view.wallet()?.get(self.setup.base)?;
        let start = SignedAmount::positive(self.start?)?;
        SignedAmount::positive(held)?.checked_sub(start)
    }

    /// Returns what makes the contract the opposite of what is held on the chain: `Even` where it
    /// is, by less than a step.
    fn level(&mut self, view: &View<'_>, prices: &Prices) -> Option<Level> {
        let PoolExchangeSetup { instrument, step, .. } = self.setup;
        let off = self.excess(view)?.checked_add(view.held(instrument))?;
        let steps = off.magnitude().0.checked_div(step.0)?;
        let quantity = Amount(steps.checked_mul(step.0)?);
        if quantity.is_zero() {
            self.levelled = None;
            return Some(Level::Even);
        }
        let now = view.seen_at();
        let is_early = |(at, what): (InstantUs, SignedAmount)| {
            what == off && now.0.saturating_sub(at.0) < RETRY_US
        };
        if self.levelled.is_some_and(is_early) {
            return Some(Level::Off(Vec::new()));
        }
        self.levelled = Some((now, off));
        let side = if off.is_negative() { TradeSide::Buy } else { TradeSide::Sell };
        let limit = trade_limit(prices.mark, side, quantity, self.slippage)?;
        Some(Level::Off(vec![Intent::Trade { instrument, side, quantity, limit }]))
    }

    /// Returns whole quote tokens in raw units.
    fn raw(&self, view: &View<'_>, whole: f64) -> Option<Amount> {
        // A threshold: what is lost past 2^53 is less than a part in 10^15.
        raw_units(whole, view.decimals(self.setup.quote)?)
    }

    /// Returns how much of the base token may be traded that way before the contract is at its
    /// limit.
    fn room(&self, view: &View<'_>, prices: &Prices, direction: Direction) -> Option<Amount> {
        let most = SignedAmount::positive(prices.mark.worth(self.raw(view, self.most)?)?)?;
        let held = view.held(self.setup.instrument);
        let room = match direction {
            Direction::Buy => most.checked_add(held)?,
            Direction::Sell => most.checked_sub(held)?,
        };
        Some(if room.is_negative() { Amount::ZERO } else { room.magnitude() })
    }

    fn pair(&self, direction: Direction) -> TokenPair {
        let PoolExchangeSetup { base, quote, .. } = self.setup;
        match direction {
            Direction::Buy => TokenPair { input: quote, output: base },
            Direction::Sell => TokenPair { input: base, output: quote },
        }
    }

    /// Returns the trade that earns the most in a direction, and what it earns in the quote token.
    fn best(
        &self,
        view: &View<'_>,
        prices: &Prices,
        direction: Direction,
    ) -> Option<(BestTrade, Amount)> {
        let pair = self.pair(direction);
        let pool = hop_through(view, pair)?;
        let room = self.room(view, prices, direction)?;
        let held = view.available()?.get(pair.input)?;
        let trade = match direction {
            Direction::Buy => {
                let hops = [pool, Hop::at_price(prices.sold)];
                within(&hops, best_trade(&hops, held)?, room)?
            }
            Direction::Sell => best_trade(&[pool, Hop::at_price(prices.bought)], held.min(room))?,
        };
        let gained = match direction {
            Direction::Buy => trade.profit,
            Direction::Sell => prices.mark.in_quote(trade.profit)?,
        };
        Some((trade, gained))
    }

    /// Returns the swap in a direction, if it pays for all that it costs.
    fn worth(&self, view: &View<'_>, prices: &Prices, direction: Direction) -> Option<Intent> {
        let (trade, gained) = self.best(view, prices, direction)?;
        let crossings = trade.crossings.first().copied()?;
        let gas: Gas = self.setup.gas.over(crossings);
        // Gas is stated in the run's quote token, and so is what was gained.
        let cost = view.gas_value(gas, self.setup.fallback_price)?;
        let gained = view.token_value(gained, self.setup.quote)?;
        let received = trade.amounts.first().copied()?;
        let traded = match direction {
            Direction::Buy => trade.amount_in,
            Direction::Sell => received,
        };
        let traded = view.token_value(traded, self.setup.quote)?;
        let least = view.token_value(self.raw(view, self.min_profit)?, self.setup.quote)?;
        let least = least.checked_add(part(traded, self.margin)?)?;
        if gained.checked_sub(cost)? < least {
            return None;
        }
        let kept = Bps(Bps::ONE.0.checked_sub(self.slippage.0)?);
        Some(Intent::Swap {
            pool: view.pool_id()?,
            pair: self.pair(direction),
            amount_in: trade.amount_in,
            min_amount_out: part(received, kept)?,
        })
    }

    fn opportunity(&mut self, view: &View<'_>, prices: &Prices) -> Option<Intent> {
        for direction in [Direction::Buy, Direction::Sell] {
            match self.worth(view, prices, direction) {
                None if self.taken == Some(direction) => self.taken = None,
                Some(swap) if self.taken != Some(direction) => {
                    self.asked = Some((direction, view.wallet()?.get(self.setup.base)?));
                    return Some(swap);
                }
                None | Some(_) => {}
            }
        }
        None
    }

    /// Returns the swap that brings the base token back to what it was, once nothing was traded
    /// for long.
    fn unwind(&mut self, view: &View<'_>, prices: &Prices) -> Option<Intent> {
        let after = self.unwind_after?;
        if view.now().seconds_since(self.traded_at?) < after {
            return None;
        }
        let excess = self.excess(view)?;
        if excess.magnitude() < self.setup.step {
            return None;
        }
        let kept = Bps(Bps::ONE.0.checked_sub(self.slippage.0)?);
        let (direction, amount_in, quoted) = if excess.is_negative() {
            let value = prices.mark.in_quote_rounding_up(excess.magnitude())?;
            (Direction::Buy, value, excess.magnitude())
        } else {
            (Direction::Sell, excess.magnitude(), prices.mark.in_quote(excess.magnitude())?)
        };
        let pair = self.pair(direction);
        let amount_in = amount_in.min(view.available()?.get(pair.input)?);
        if amount_in.is_zero() {
            return None;
        }
        // Whether it is made or not, the next one waits as long.
        self.traded_at = Some(view.now());
        let min_amount_out = part(part(quoted, kept)?, LEFT_BY_FEE)?;
        Some(Intent::Swap { pool: view.pool_id()?, pair, amount_in, min_amount_out })
    }

    /// Takes note of whether the last swap was made.
    fn settle(&mut self, view: &View<'_>) -> Option<()> {
        let held = view.wallet()?.get(self.setup.base)?;
        self.start.get_or_insert(held);
        if let Some((direction, before)) = self.asked.take()
            && held != before
        {
            self.taken = Some(direction);
            self.traded_at = Some(view.now());
        }
        Some(())
    }
}

impl Strategy for PoolExchangeArbitrageDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.reverted_from().is_some() {
            // What was taken in those blocks was not.
            (self.asked, self.taken) = (None, None);
        }
        if view.is_waiting() || self.settle(view).is_none() {
            return Vec::new();
        }
        let Some(prices) = self.prices(view) else { return Vec::new() };
        match self.level(view, &prices) {
            // Nothing is added to a leg that stands alone.
            Some(Level::Off(trade)) => trade,
            Some(Level::Even) => {
                let unwinding = self.unwind(view, &prices);
                let wanted = unwinding.or_else(|| self.opportunity(view, &prices));
                wanted.into_iter().collect()
            }
            None => Vec::new(),
        }
    }
}
