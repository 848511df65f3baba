use tidemill_amm::concentrated::{Pool, Rounding, SwapAmount, SwapRequest};
use tidemill_model::{Intent, PoolId};
use tidemill_units::{Amount, Amounts, Bps, Liquidity, Side, SqrtPrice, TickRange, U256, mul_div};

/// How a wallet is brought to the ratio that a range takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    /// The scarcer token may fall short of what the range takes by this share: so much of the
    /// wallet stays behind.
    pub(crate) least_swap: Bps,
    /// How much less than quoted a swap may give.
    pub(crate) max_slippage: Bps,
}

impl Default for Balance {
    fn default() -> Self {
        Self { least_swap: Bps(200), max_slippage: Bps(50) }
    }
}

/// Whether a wallet has the ratio that a range takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "asked for now and then, and plain data is easier to copy"
)]
pub(crate) enum Readiness {
    /// Near enough, or nothing can be said.
    Ready,
    /// After this swap.
    After(Intent),
    /// The pool is too shallow for the swap that it takes.
    NotNow,
}

/// Enough liquidity for its amounts to have many digits, little enough for them to fit.
const PROBE: Liquidity = Liquidity(1 << 100);

impl Balance {
    /// Returns the swap that the wallet needs before it can go into the range, if any.
    ///
    /// The fee of the swap itself is not solved for: it leaves less than a thousandth behind.
    pub(crate) fn swap(
        &self,
        pool: &Pool,
        id: PoolId,
        range: TickRange,
        wallet: Amounts,
    ) -> Readiness {
        let wanted = pool.amounts_of(range, PROBE, Rounding::Up).ok();
        wanted.map_or(Readiness::Ready, |wanted| self.swap_to(pool, id, wanted, wallet))
    }

    /// Returns the swap that the wallet needs to have its tokens in the proportion of these
    /// amounts, if any.
    pub(crate) fn swap_to(
        &self,
        pool: &Pool,
        id: PoolId,
        wanted: Amounts,
        wallet: Amounts,
    ) -> Readiness {
        let price = pool.sqrt_price();
        let target = Target::of(price, wanted);
        let Some(found) = target.and_then(|target| OffTarget::of(price, target, wallet)) else {
            return Readiness::Ready;
        };
        let is_near = share(found.scarce, self.least_swap.0, Bps::ONE.0)
            .is_none_or(|allowed| found.excess <= allowed);
        if is_near {
            return Readiness::Ready;
        }
        let amount_in = in_token(price, found.side, found.excess);
        self.trade(pool, id, found.side, amount_in.map(|amount| amount.min(wallet.get(found.side))))
    }

    /// Returns the swap that brings a part of the wallet's value into token0, if it is off by more
    /// than so much of the wallet.
    pub(crate) fn swap_to_part(
        &self,
        pool: &Pool,
        id: PoolId,
        (part0, most_off): (Bps, Bps),
        wallet: Amounts,
    ) -> Readiness {
        let price = pool.sqrt_price();
        let [part, whole] = [part0, Bps::ONE].map(|part| U256::from(part.0));
        let Some(found) = OffTarget::of(price, Target { part, whole }, wallet) else {
            return Readiness::Ready;
        };
        let is_near = share(found.whole, most_off.0, Bps::ONE.0)
            .is_none_or(|allowed| found.excess <= allowed);
        if is_near {
            return Readiness::Ready;
        }
        let held = wallet.get(found.side);
        // What is to be nothing is sold to the last unit.
        let amount_in = if found.scarce == found.whole {
            Some(held)
        } else {
            in_token(price, found.side, found.excess).map(|amount| amount.min(held))
        };
        self.trade(pool, id, found.side, amount_in)
    }

    /// The swap of so much; none is needed where that is nothing or cannot be said.
    fn trade(&self, pool: &Pool, id: PoolId, input: Side, amount_in: Option<Amount>) -> Readiness {
        let Some(amount_in) = amount_in.filter(|amount| !amount.is_zero()) else {
            return Readiness::Ready;
        };
        let least = self.least_out(pool, input, amount_in);
        least.map_or(Readiness::NotNow, |min_amount_out| {
            let pair = input.into_other();
            Readiness::After(Intent::Swap { pool: id, pair, amount_in, min_amount_out })
        })
    }

    /// Returns the least that a swap is to give; `None` where the pool cannot take all of it.
    pub(crate) fn least_out(&self, pool: &Pool, input: Side, amount_in: Amount) -> Option<Amount> {
        let request =
            SwapRequest { input, amount: SwapAmount::ExactIn(amount_in), price_limit: None };
        let quoted = pool.stage_swap(request, &mut ()).ok()?.result().amounts;
        let kept = Bps::ONE.0.checked_sub(self.max_slippage.0)?;
        let least = share(quoted.get(input.other()).magnitude(), kept, Bps::ONE.0)?;
        (quoted.get(input).magnitude() == amount_in).then_some(least)
    }
}

/// What part of a wallet's value is to be token0.
#[derive(Clone, Copy, Debug)]
struct Target {
    part: U256,
    whole: U256,
}

impl Target {
    fn of(price: SqrtPrice, wanted: Amounts) -> Option<Self> {
        let part = price.convert(wanted.amount0, Side::Token0)?;
        let whole = part.checked_add(wanted.amount1)?;
        Some(Self { part: part.0, whole: whole.0 })
    }
}

/// A wallet with too much of one token; values are in token1.
#[derive(Clone, Copy, Debug)]
struct OffTarget {
    side: Side,
    excess: Amount,
    /// What there is to be of the other token.
    scarce: Amount,
    whole: Amount,
}

impl OffTarget {
    /// `None` where nothing can be said.
    fn of(price: SqrtPrice, target: Target, wallet: Amounts) -> Option<Self> {
        let held0 = price.convert(wallet.amount0, Side::Token0)?;
        let whole = held0.checked_add(wallet.amount1)?;
        let target0 = Amount(mul_div(whole.0, target.part, target.whole)?);
        let (side, excess, scarce) = match held0.checked_sub(target0) {
            Some(excess) => (Side::Token0, excess, whole.checked_sub(target0)?),
            None => (Side::Token1, target0.checked_sub(held0)?, target0),
        };
        Some(Self { side, excess, scarce, whole })
    }
}

/// Turns a value in token1 into an amount of one of the tokens.
fn in_token(price: SqrtPrice, side: Side, value: Amount) -> Option<Amount> {
    match side {
        Side::Token0 => price.convert(value, Side::Token1),
        Side::Token1 => Some(value),
    }
}

fn share(amount: Amount, part: u32, whole: u32) -> Option<Amount> {
    mul_div(amount.0, U256::from(part), U256::from(whole)).map(Amount)
}
