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
        let Some((input, amount_in)) = self.excess(pool, range, wallet) else {
            return Readiness::Ready;
        };
        let least = self.least_out(pool, input, amount_in);
        least.map_or(Readiness::NotNow, |min_amount_out| {
            let pair = input.into_other();
            Readiness::After(Intent::Swap { pool: id, pair, amount_in, min_amount_out })
        })
    }

    /// Returns the least that a swap is to give; `None` where the pool cannot take all of it.
    fn least_out(&self, pool: &Pool, input: Side, amount_in: Amount) -> Option<Amount> {
        let request =
            SwapRequest { input, amount: SwapAmount::ExactIn(amount_in), price_limit: None };
        let quoted = pool.stage_swap(request, &mut ()).ok()?.result().amounts;
        let kept = Bps::ONE.0.checked_sub(self.max_slippage.0)?;
        let least = share(quoted.get(input.other()).magnitude(), kept, Bps::ONE.0)?;
        (quoted.get(input).magnitude() == amount_in).then_some(least)
    }

    /// Returns which token there is too much of, and how much of it is to be swapped.
    fn excess(&self, pool: &Pool, range: TickRange, wallet: Amounts) -> Option<(Side, Amount)> {
        let price = pool.sqrt_price();
        let wanted = pool.amounts_of(range, PROBE, Rounding::Up).ok()?;
        let wanted0 = price.convert(wanted.amount0, Side::Token0)?;
        let wanted_all = wanted0.checked_add(wanted.amount1)?;
        let held0 = price.convert(wallet.amount0, Side::Token0)?;
        let held_all = held0.checked_add(wallet.amount1)?;
        let target0 = Amount(mul_div(held_all.0, wanted0.0, wanted_all.0)?);
        let (side, excess, scarce) = match held0.checked_sub(target0) {
            Some(excess) => (Side::Token0, excess, held_all.checked_sub(target0)?),
            None => (Side::Token1, target0.checked_sub(held0)?, target0),
        };
        if excess <= share(scarce, self.least_swap.0, Bps::ONE.0)? {
            return None;
        }
        let amount_in = in_token(price, side, excess)?.min(wallet.get(side));
        (!amount_in.is_zero()).then_some((side, amount_in))
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
