//! The history of a pool of shares: what its shares stood for and were paid.

use tidemill_market::{Market, MarketError, PoolMarket, PoolPrices, SharePoolMarket};
use tidemill_model::{
    Event, EventBody, GasPaid, Holding, OrderKey, Outcome, OutcomeKind, PoolId, PositionId,
    Sequence, TapeEvent,
};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex};

use crate::flow::{Interval, SAMPLE_SECONDS};
use crate::number::{from_amount, from_word};
use crate::recording::{apply, is_swap};

/// What a share stood for, sampled about every five minutes, and how many there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShareRecording {
    pub(crate) samples: Vec<ShareSample>,
    /// All shares at the start, and each time their number changed.
    pub(crate) supplies: Vec<(Timestamp, Amount)>,
}

/// What one share stood for.
#[derive(Clone, Debug)]
pub(crate) struct ShareSample {
    pub(crate) at: Timestamp,
    /// What each token is worth in token0, raw units.
    prices: Vec<f64>,
    /// What one share stands for, fees since the start left out; raw units of each token.
    principal: Vec<f64>,
    /// Fees that one share was paid since the start; raw units of each token.
    fees: Vec<f64>,
    shares: f64,
    swaps: u64,
}

#[cfg(test)]
impl ShareSample {
    pub(crate) fn at(at: Timestamp) -> Self {
        let none = Vec::new;
        Self { at, prices: none(), principal: none(), fees: none(), shares: 0.0, swaps: 0 }
    }
}

const ORDER: OrderKey = OrderKey { sequence: Sequence(0), intent: 0 };

impl ShareRecording {
    /// Executes the events, with shares of ours beside the recorded ones to be looked at.
    ///
    /// Errors: those of the market.
    pub(crate) fn fold(
        market: &mut Market,
        pool: PoolId,
        events: &[TapeEvent],
        progress: &dyn Fn(u64),
    ) -> Result<Self, MarketError> {
        let mut recording = Self::default();
        let Some(first) = events.first() else { return Ok(recording) };
        // The pool may have no price before its first event.
        let mut own = recording.open(market, pool, first.time)?;
        let (mut sampled_at, mut swaps) = (first.time, 0);
        recording.look(market, pool, (own, 0));
        for (recorded, done) in events.iter().zip(1..) {
            apply(market, pool, (done, recorded), progress)?;
            swaps += u64::from(is_swap(&recorded.event));
            if own.is_none() {
                own = recording.open(market, pool, recorded.time)?;
            }
            recording.count(market, pool, recorded.time);
            let is_due = recorded.time.seconds_since(sampled_at) >= SAMPLE_SECONDS;
            if is_due || done == events.len() as u64 {
                recording.look(market, pool, (own, std::mem::take(&mut swaps)));
                sampled_at = recorded.time;
            }
        }
        Ok(recording)
    }

    /// Opens a position as large as the pool; returns its shares, `None` where there is none yet.
    fn open(
        &mut self,
        market: &mut Market,
        pool: PoolId,
        now: Timestamp,
    ) -> Result<Option<Amount>, MarketError> {
        let Some(shares) = market.pool(pool).and_then(PoolMarket::shares) else { return Ok(None) };
        let balances = shares.history().shares().map(|pool| pool.balances());
        let quoted = balances.and_then(|balances| shares.quote_own_deposit(&balances, now).ok()?);
        let Some(deposit) = quoted else { return Ok(None) };
        let kind = OutcomeKind::Opened {
            position: PositionId(ORDER),
            pool,
            holding: Holding::Shares(deposit.shares),
            deposited: deposit.deposited,
        };
        let outcome =
            Outcome { order: ORDER, block: market.block(), gas: GasPaid::default(), kind };
        market.apply(&Event::at(Sequence(0), now, EventBody::Outcome(Box::new(outcome))))?;
        self.count(market, pool, now);
        Ok(Some(deposit.shares))
    }

    fn count(&mut self, market: &Market, pool: PoolId, now: Timestamp) {
        let shares = market.pool(pool).and_then(PoolMarket::shares).and_then(total_shares);
        let Some(shares) = shares else { return };
        if self.supplies.last().is_none_or(|(_, last)| *last != shares) {
            self.supplies.push((now, shares));
        }
    }

    fn look(&mut self, market: &Market, pool: PoolId, (own, swaps): (Option<Amount>, u64)) {
        let sample = || {
            let now = market.now();
            let market_pool = market.pool(pool)?;
            let own = from_amount(own?);
            let worth = market_pool.worth(PositionId(ORDER), now)?;
            let PoolPrices::Shares(prices) = market_pool.prices(TokenIndex(0), now)? else {
                return None;
            };
            let per_share = |amounts: &TokenAmounts| {
                amounts.iter().map(|(_, amount)| from_amount(amount) / own).collect()
            };
            let price =
                |ratio: &tidemill_amm::PriceRatio| from_word(ratio.output) / from_word(ratio.input);
            Some(ShareSample {
                at: now,
                prices: prices.iter().map(price).collect(),
                principal: per_share(&worth.principal),
                fees: per_share(&worth.fees),
                shares: from_amount(market_pool.shares().and_then(total_shares)?),
                swaps,
            })
        };
        self.samples.extend(sample());
    }

    /// Returns the pool's capital at the end and what happened between samples, in raw units of a
    /// token.
    pub(crate) fn intervals(&self, quote: TokenIndex) -> (f64, Vec<Interval>) {
        let value = |prices: &[f64], amounts: &[f64]| {
            let sum: f64 = prices.iter().zip(amounts).map(|(price, amount)| price * amount).sum();
            sum / prices.get(quote.place()).copied().unwrap_or(f64::NAN)
        };
        let capital_of = |sample: &ShareSample| {
            let share =
                value(&sample.prices, &sample.principal) + value(&sample.prices, &sample.fees);
            share * sample.shares
        };
        let capital = self.samples.last().map_or(0.0, capital_of);
        let mut intervals = Vec::new();
        for pair in self.samples.windows(2) {
            let [before, after] = pair else { continue };
            let paid: Vec<f64> =
                after.fees.iter().zip(&before.fees).map(|(after, before)| after - before).collect();
            let kept = value(&after.prices, &before.principal);
            let moved = value(&after.prices, &after.principal);
            intervals.push(Interval {
                seconds: after.at.seconds_since(before.at) as f64,
                fees: value(&after.prices, &paid).max(0.0) * after.shares,
                fee_liquidity: after.shares,
                liquidity: after.shares,
                per_capital: after.shares / capital_of(after),
                lvr_per_liquidity: kept - moved,
                capital_in_range: capital_of(after),
                in_range_part: 1.0,
                swaps: after.swaps as f64,
            });
        }
        (capital, intervals)
    }
}

fn total_shares(pool: &SharePoolMarket) -> Option<Amount> {
    Some(pool.history().shares()?.total_shares())
}
