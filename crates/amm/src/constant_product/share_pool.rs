use tidemill_units::{
    Amount, Amounts, Side, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div, sqrt,
};

use super::{Holder, Pair, PairSwap, QuoteError, Recipient, TradeReserves, quotient};
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

const WAD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Deposits and withdrawals are those of [`Holder::Others`]: shares of holders that are told apart
/// are transferred and burned by the pair's own methods.
impl SharePool for Pair {
    /// Returns the reserves, without what was given since: anybody may take that.
    fn balances(&self) -> TokenAmounts {
        token_amounts(self.reserves.amounts)
    }

    fn total_shares(&self) -> Amount {
        self.total_supply
    }

    /// Quotes by the library's formulas; an input that takes a reserve past 2^112 - 1 still has
    /// its quote, and the swap is then refused. The fee is rounded down.
    fn quote(&self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        let (input, output) = sides(trade.pair)?;
        let amounts = self.reserves.amounts;
        let reserves = TradeReserves { input: amounts.get(input), output: amounts.get(output) };
        let fee = self.parameters.fee;
        let (amount_in, amount_out) = match trade.amount {
            SwapAmount::ExactIn(given) => (given, fee.amount_out(given, reserves)?),
            SwapAmount::ExactOut(wanted) => (fee.amount_in(wanted, reserves)?, wanted),
        };
        let taken = mul_div(amount_in.0, fee.taken(), fee.scale()).ok_or(QuoteError::Overflow)?;
        let fee = SwapFee { token: trade.pair.input, amount: Amount(taken) };
        Ok(Quote { amount_in, amount_out, fee })
    }

    /// Pays the quoted input and takes the quoted output, as a router does. What was given to the
    /// pair before counts as paid too, as in the contract.
    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        let (input, output) = sides(trade.pair)?;
        let out = Amounts::of(output, quote.amount_out);
        let paid = Amounts::of(input, quote.amount_in);
        Pair::swap(self, PairSwap { out, to: Recipient::Outside, paid }, at)?;
        Ok(quote)
    }

    /// Gives the pair all of the amounts and mints for them, the lesser of the two proportions:
    /// what one token has too much becomes everybody's.
    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        let &[amount0, amount1] = amounts.as_slice() else {
            return Err(PoolError::WrongTokenCount);
        };
        let before = self.holdings;
        self.give(Amounts { amount0, amount1 })?;
        let minted = self.mint(Holder::Others, at);
        if minted.is_err() {
            self.holdings = before;
        }
        Ok(minted?)
    }

    /// Sends shares to the pair and burns them, with any that were there before.
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        self.transfer(Holder::Others, Holder::Pair, shares)?;
        let paid = self.burn(Recipient::Outside, at);
        if paid.is_err() {
            self.transfer(Holder::Pair, Holder::Others, shares)?;
        }
        Ok(token_amounts(paid?))
    }

    fn spot_price(&self, pair: TokenPair, _at: Timestamp) -> Result<PriceRatio, PoolError> {
        let (input, output) = sides(pair)?;
        let (input, output) = (self.reserves.amounts.get(input), self.reserves.amounts.get(output));
        if input.is_zero() || output.is_zero() {
            return Err(QuoteError::InsufficientLiquidity.into());
        }
        Ok(PriceRatio { output: output.0, input: input.0 })
    }

    /// Returns the root of the product of the reserves, per share, times 10^18, rounded down. The
    /// shares that the protocol has coming are not in the supply yet.
    ///
    /// Errors: `DivisionByZero` where there are no shares.
    fn virtual_price(&self, _at: Timestamp) -> Result<Amount, PoolError> {
        // The root is below 2^112, so the product fits.
        let root = sqrt(self.reserves.product()).wrapping_mul(WAD);
        Ok(quotient(root, self.total_supply.0).map(Amount)?)
    }
}

fn token_amounts(amounts: Amounts) -> TokenAmounts {
    TokenAmounts::from_array([amounts.amount0, amounts.amount1])
}

fn sides(pair: TokenPair) -> Result<(Side, Side), PoolError> {
    match pair {
        TokenPair { input: TokenIndex(0), output: TokenIndex(1) } => {
            Ok((Side::Token0, Side::Token1))
        }
        TokenPair { input: TokenIndex(1), output: TokenIndex(0) } => {
            Ok((Side::Token1, Side::Token0))
        }
        TokenPair { .. } => Err(PoolError::NoSuchPair),
    }
}
