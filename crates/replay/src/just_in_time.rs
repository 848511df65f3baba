use std::collections::VecDeque;

use tidemill_amm::concentrated::{Build, Pool, Rounding, SwapAmount, SwapRequest};
use tidemill_market::{
    Footprint, JustInTime, Market, MarketError, PoolMarket, PoolPrices, PoolValuation, just_in_time,
};
use tidemill_model::{PoolId, Tape, TapeEvent};
use tidemill_units::{
    Amount, Amounts, BlockNumber, Bps, Gas, GasPrice, Liquidity, LogIndex, Side, SignedAmount,
    Tick, TickRange, U256, mul_div, mul_div_rounding_up,
};

use crate::missing_prices::with_prices;
use crate::replay_tape::chain_event;

/// On what terms liquidity is provided just in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JustInTimeTerms {
    /// How values are stated.
    pub valuation: PoolValuation,
    /// The most that the liquidity for one swap may cost at the price before it, raw quote units.
    pub capital: Amount,
    /// The least that a swap has to pay in, at the price before it, to be looked at.
    pub least: Amount,
    /// What minting, burning and collecting take.
    pub gas: Gas,
    /// The price of gas while the tape names none.
    pub fallback_price: GasPrice,
    /// What part of what fees leave over gas the block's builder is paid.
    pub bid: Bps,
    /// What came back for what was put in is valued at the recorded price at the end of the block
    /// that is so many after the swap's.
    pub markout_blocks: u64,
    /// Whether what loses by that price is taken never to have been done.
    pub hindsight: bool,
}

/// A swap that liquidity was provided for, and what it came to in raw quote units: at the price
/// before the swap, inventory apart.
///
/// `net = fees + inventory - gas - bid`. Fees are more than gas; inventory may be below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedSwap {
    /// The block.
    pub block: BlockNumber,
    /// The swap's place in it.
    pub log_index: LogIndex,
    /// The call that it was taken to be.
    pub request: SwapRequest,
    /// From the tick before it to that after it on record, widened to the pool's spacing.
    pub range: TickRange,
    /// The liquidity.
    pub liquidity: Liquidity,
    /// What was paid and received, token by token.
    pub paid: JustInTime,
    /// What the swap pays in, at the price before it.
    pub volume: Amount,
    /// What the liquidity cost, at the price before the swap.
    pub capital: Amount,
    /// What the fees are worth.
    pub fees: SignedAmount,
    /// What came back less what was put in, fees apart, at the price of the markout.
    pub inventory: SignedAmount,
    /// What gas cost, rounded up.
    pub gas: SignedAmount,
    /// What the builder is paid, rounded up.
    pub bid: SignedAmount,
    /// What is left.
    pub net: SignedAmount,
}

/// What just-in-time liquidity would have earned on a tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JustInTimeReport {
    /// Swaps on the tape.
    pub swaps: u64,
    /// Those of them that pay in enough to be looked at.
    pub looked_at: u64,
    /// Those of them that liquidity was provided for, in the order of the tape.
    pub served: Vec<ServedSwap>,
}

/// Provides liquidity for every recorded swap whose fees are worth more than the gas, each by
/// itself, knowing the swap before it happens.
///
/// Each swap is executed again in the recorded pool with the liquidity in it; the tape goes on as
/// it was recorded. A swap to a price is taken to pay in what it paid on record, up to that price:
/// more liquidity would otherwise make it as large as anybody wants.
///
/// Errors: those of a tape that does not reproduce.
pub fn serve_just_in_time(
    tape: &Tape,
    terms: &JustInTimeTerms,
    mut progress: impl FnMut(u64),
) -> Result<JustInTimeReport, MarketError> {
    let tape = &*with_prices(tape)?;
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = market.add_pool(tape)?;
    let mut desk = Desk { terms, waiting: VecDeque::new(), report: JustInTimeReport::default() };
    for (recorded, number) in tape.events.iter().zip(1_u64..) {
        desk.settle(&market, Some(recorded.block));
        let is_large = desk.is_large(&market, recorded);
        desk.report.looked_at += u64::from(is_large);
        let before = of(&market, pool)
            .filter(|before| is_large && desk.can_pay(before, &market, recorded))
            .cloned();
        market.apply(&chain_event(pool, number, recorded))?;
        desk.report.swaps += u64::from(recorded.event.swap().is_some());
        if let Some(before) = before {
            desk.serve(&before, &market, recorded);
        }
        if number.is_multiple_of(1_024) {
            progress(number);
        }
    }
    desk.settle(&market, None);
    Ok(desk.report)
}

fn of(market: &Market, pool: PoolId) -> Option<&Pool> {
    market.pool(pool).and_then(PoolMarket::concentrated).map(|pool| pool.history())
}

struct Desk<'a> {
    terms: &'a JustInTimeTerms,
    /// What was provided and is not valued yet, the oldest first.
    waiting: VecDeque<Waiting>,
    report: JustInTimeReport,
}

/// Liquidity that was provided, before it is known what that is worth.
struct Waiting {
    block: BlockNumber,
    log_index: LogIndex,
    request: SwapRequest,
    range: TickRange,
    liquidity: Liquidity,
    paid: JustInTime,
    volume: Amount,
    capital: Amount,
    fees: SignedAmount,
    gas: SignedAmount,
    bid: SignedAmount,
}

impl Desk<'_> {
    /// What a recorded swap pays in, at the price before it; `None` of anything else.
    fn volume(&self, prices: &PoolPrices, recorded: &TapeEvent) -> Option<Amount> {
        let (amounts, _) = recorded.event.swap()?;
        let input = [Side::Token0, Side::Token1].into_iter().find(|side| {
            let amount = amounts.get(*side);
            !amount.is_negative() && !amount.is_zero()
        })?;
        let amount = amounts.get(input).magnitude();
        prices.in_quote(amount, input.index(), self.terms.valuation.quote)
    }

    fn is_large(&self, market: &Market, recorded: &TapeEvent) -> bool {
        let prices = self.terms.valuation.prices(market);
        let volume = prices.and_then(|prices| self.volume(&prices, recorded));
        volume.is_some_and(|volume| volume >= self.terms.least)
    }

    /// Whether all of a swap's fee could be worth more than the gas: a copy of the pool is dear,
    /// and most swaps need none. Where each swap may have a fee of its own, any could.
    fn can_pay(&self, before: &Pool, market: &Market, recorded: &TapeEvent) -> bool {
        match before.build() {
            Build::UniswapV3 | Build::PancakeV3 => {}
            Build::Slipstream | Build::UniswapV4 => return true,
        }
        let prices = PoolPrices::Concentrated(before.sqrt_price());
        // No dearer than what will be the block's price once the swap is applied.
        let gas_price = [recorded.gas_price, market.gas_price()].into_iter().flatten().min();
        let worth = self.volume(&prices, recorded).and_then(|volume| {
            let (fee, whole) = (U256::from(before.fee().0), U256::from(1_000_000_u32));
            // A unit for each of the roundings between what is paid in and what a fee is worth.
            mul_div_rounding_up(volume.0, fee, whole)?.checked_add(U256::from(2_u8))
        });
        worth.zip(self.gas(&prices, gas_price)).is_some_and(|(worth, gas)| worth > gas.0)
    }

    /// What minting, burning and collecting cost.
    fn gas(&self, prices: &PoolPrices, gas_price: Option<GasPrice>) -> Option<Amount> {
        let gas_price = gas_price.unwrap_or(self.terms.fallback_price);
        let wei = U256::from(gas_price.0).checked_mul(U256::from(self.terms.gas.0))?;
        self.terms.valuation.native_at(prices, Amount(wei))
    }

    /// Provides for a swap that is applied by now, in the pool as it was before it.
    fn serve(&mut self, before: &Pool, market: &Market, recorded: &TapeEvent) {
        let waiting = self.provided(before, market, recorded);
        self.waiting.extend(waiting);
    }

    fn provided(&self, before: &Pool, market: &Market, recorded: &TapeEvent) -> Option<Waiting> {
        let pool = market.pool(self.terms.valuation.pool)?.concentrated()?;
        let request = bounded(pool.last_request()?, recorded)?;
        let range = range_over(before, [before.tick(), pool.history().tick()])?;
        let prices = PoolPrices::Concentrated(before.sqrt_price());
        let liquidity = self.affordable(before, &prices, range)?;
        let paid = just_in_time(before, (range, liquidity), request, recorded.time).ok()?;
        let valuation = &self.terms.valuation;
        let fees = valuation.value_at(&prices, &paid.fees.into())?;
        let gas = self.gas(&prices, market.gas_price())?;
        let left = fees.checked_sub(gas).filter(|left| !left.is_zero())?;
        Some(Waiting {
            block: recorded.block,
            log_index: recorded.log_index,
            request,
            range,
            liquidity,
            paid,
            volume: self.volume(&prices, recorded)?,
            capital: valuation.value_at(&prices, &paid.deposited.into())?,
            fees: SignedAmount::positive(fees)?,
            gas: SignedAmount::positive(gas)?,
            bid: SignedAmount::positive(self.bid(left)?)?,
        })
    }

    /// The most liquidity that the capital buys, and the ticks take.
    fn affordable(&self, pool: &Pool, prices: &PoolPrices, range: TickRange) -> Option<Liquidity> {
        let unit = Liquidity(1 << 96);
        let cost = pool.amounts_of(range, unit, Rounding::Up).ok()?;
        let cost = self.terms.valuation.value_at(prices, &cost.into())?;
        let most = mul_div(self.terms.capital.0, U256::from(unit.0), cost.0)?;
        let room = [range.lower, range.upper].map(|tick| {
            let taken = pool.tick_info(tick).map_or(0, |info| info.liquidity_gross.0);
            pool.max_liquidity_per_tick().0.saturating_sub(taken)
        });
        let room = room[0].min(room[1]);
        let liquidity = u128::try_from(most).unwrap_or(u128::MAX).min(room);
        Some(Liquidity(liquidity)).filter(|liquidity| !liquidity.is_zero())
    }

    /// Values what is due before a block, or all there is; with hindsight, keeps what paid.
    fn settle(&mut self, market: &Market, before: Option<BlockNumber>) {
        let wait = self.terms.markout_blocks;
        let is_due = |waiting: &Waiting| {
            before.is_none_or(|before| before.0 > waiting.block.0.saturating_add(wait))
        };
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| is_due(waiting)) {
            let prices = self.terms.valuation.prices(market);
            let valued = prices.and_then(|prices| self.valued(&waiting, &prices));
            let is_kept =
                |served: &ServedSwap| !self.terms.hindsight || served.net > SignedAmount::ZERO;
            self.report.served.extend(valued.filter(is_kept));
        }
    }

    fn valued(&self, waiting: &Waiting, prices: &PoolPrices) -> Option<ServedSwap> {
        let valuation = &self.terms.valuation;
        let JustInTime { deposited, withdrawn, .. } = waiting.paid;
        let inventory = [Side::Token0, Side::Token1].into_iter().try_fold(
            SignedAmount::ZERO,
            |sum, side| {
                let gained = change(deposited, withdrawn, side)?;
                sum.checked_add(valuation.balance_at(prices, side.index(), gained)?)
            },
        )?;
        let &Waiting { block, log_index, request, range, liquidity, paid, volume, capital, .. } =
            waiting;
        let &Waiting { fees, gas, bid, .. } = waiting;
        let net = fees.checked_add(inventory)?.checked_sub(gas)?.checked_sub(bid)?;
        Some(ServedSwap {
            block,
            log_index,
            request,
            range,
            liquidity,
            paid,
            volume,
            capital,
            fees,
            inventory,
            gas,
            bid,
            net,
        })
    }

    fn bid(&self, left: Amount) -> Option<Amount> {
        let one = U256::from(Bps::ONE.0);
        mul_div_rounding_up(left.0, U256::from(self.terms.bid.0), one).map(Amount)
    }
}

/// What came back of a token less what was put in.
fn change(deposited: Amounts, withdrawn: Amounts, side: Side) -> Option<SignedAmount> {
    let back = SignedAmount::positive(withdrawn.get(side))?;
    back.checked_sub(SignedAmount::positive(deposited.get(side))?)
}

/// A swap to a price pays in no more than on record.
fn bounded(request: SwapRequest, recorded: &TapeEvent) -> Option<SwapRequest> {
    if request.price_limit.is_none() {
        return Some(request);
    }
    let (amounts, _) = recorded.event.swap()?;
    let amount = SwapAmount::ExactIn(amounts.get(request.input).magnitude());
    Some(SwapRequest { amount, ..request })
}

/// The narrowest range that has both ticks in it.
fn range_over(pool: &Pool, ticks: [Tick; 2]) -> Option<TickRange> {
    let [one, other] = ticks.map(|tick| tick.floor_to(pool.tick_spacing()));
    let (lower, last) = (one?.min(other?), one?.max(other?));
    let upper = Tick(last.0.checked_add(pool.tick_spacing())?);
    (lower >= Tick::MIN && upper <= Tick::MAX).then_some(TickRange { lower, upper })
}

impl JustInTimeReport {
    /// Returns a sum over the swaps that were provided for.
    pub fn total(&self, of: fn(&ServedSwap) -> SignedAmount) -> Option<SignedAmount> {
        self.served.iter().try_fold(SignedAmount::ZERO, |sum, served| sum.checked_add(of(served)))
    }

    /// Returns what those swaps paid in, at the prices before them.
    pub fn volume(&self) -> Option<Amount> {
        self.served.iter().try_fold(Amount::ZERO, |sum, served| sum.checked_add(served.volume))
    }

    /// Returns the most that the liquidity for one of them cost.
    pub fn most_capital(&self) -> Amount {
        self.served.iter().map(|served| served.capital).max().unwrap_or(Amount::ZERO)
    }
}
