use tidemill_units::{Amount, Timestamp, TokenPair, U256};

use super::{Generation, Scaled, StableSwap, StableSwapError, paid_in, scale, unscale};
use crate::curve_math::{difference, fee_of, get_d, get_y, product, sum};

/// An exchange as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Which coins.
    pub pair: TokenPair,
    /// What is paid in, in raw units.
    pub amount_in: Amount,
    /// What has to come out at least (`min_dy`).
    pub minimum_out: Amount,
}

/// The pool as exchanges see it, until something changes.
#[derive(Clone, Copy)]
pub(super) struct Market {
    pub(super) amplification: u64,
    pub(super) scaled: Scaled,
    pub(super) invariant: U256,
}

/// What an exchange does.
pub(super) struct Settlement {
    /// What comes out, in raw units.
    pub(super) paid: U256,
    /// What more would come out without the fee.
    pub(super) fee: U256,
    input_balance: U256,
    output_balance: U256,
}

/// The output of an exchange before its fee, in scaled units.
struct Output {
    /// The output.
    given: U256,
    /// The scaled balance that it leaves.
    left: U256,
    /// The scaled balance of the input, with what is paid in.
    input: U256,
}

impl StableSwap {
    /// Returns what the contract's view says an exchange gives, in raw units.
    ///
    /// In the first two generations that is not always what the exchange itself then gives: there
    /// the fee is taken from the scaled amount, here from the raw one. Nor does it ask whether the
    /// pool is killed. Errors: `NoSuchCoin`; `Overflow`, `Underflow`, `DivisionByZero` and
    /// `NotConverged` as the loops have them. Source: `get_dy`.
    pub fn get_dy(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        let added = scale(amount_in.0, self.precision(pair.input.place())?)?;
        self.view_output(pair, added, at)
    }

    /// Returns the same as [`get_dy`](Self::get_dy) for plain coins, but does not overflow as
    /// early.
    ///
    /// Errors: as `get_dy`; `NotInGeneration` for the third. Source: `get_dy_underlying`.
    pub fn get_dy_underlying(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        if self.generation == Generation::V2 {
            return Err(StableSwapError::NotInGeneration);
        }
        let precision = self.precision(pair.input.place())?;
        self.view_output(pair, product(amount_in.0, U256::from(precision))?, at)
    }

    /// Exchanges one coin for another and returns what comes out.
    ///
    /// What comes out is rounded down, in the providers' favour; of the fee a part stays in the
    /// balances and the administrator's is taken out of them. Errors: `Killed`;
    /// `ExchangeBelowMinimum`; `TokenOverflow`; else as `get_dy`.
    /// Source: `exchange`; `exchange_underlying` does the same for plain coins.
    pub fn exchange(
        &mut self,
        exchange: Exchange,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        let settled = self.settle(&self.market(at)?, exchange.pair, exchange.amount_in)?;
        if settled.paid < exchange.minimum_out.0 {
            return Err(StableSwapError::ExchangeBelowMinimum);
        }
        self.take(exchange, &settled)?;
        Ok(Amount(settled.paid))
    }

    /// Returns what exchanges depend on.
    #[inline(always)]
    pub(super) fn market(&self, at: Timestamp) -> Result<Market, StableSwapError> {
        let amplification = self.amplification(at)?;
        let scaled = self.scale_all(&self.balances)?;
        let invariant = get_d(self.generation.rounding(), amplification, scaled.as_slice())?;
        Ok(Market { amplification, scaled, invariant })
    }

    /// Returns what an exchange does.
    pub(super) fn settle(
        &self,
        market: &Market,
        pair: TokenPair,
        amount_in: Amount,
    ) -> Result<Settlement, StableSwapError> {
        if self.is_killed {
            return Err(StableSwapError::Killed);
        }
        let (input, output) = (pair.input.place(), pair.output.place());
        let precision = self.precision(output)?;
        let added = scale(amount_in.0, self.precision(input)?)?;
        let Output { given, left, input: filled } = self.output(*market, pair, added)?;
        let fee = fee_of(given, self.fee)?;
        let admin_fee = fee_of(fee, self.admin_fee)?;
        let paid = unscale(difference(given, fee)?, precision)?;
        let (input_balance, output_balance) = match self.generation {
            Generation::V0 => {
                let kept = sum(left, difference(fee, admin_fee)?)?;
                let input_balance = unscale(filled, self.precision(input)?)?;
                (input_balance, unscale(kept, precision)?)
            }
            Generation::V1 | Generation::V2 => {
                let taken = sum(paid, unscale(admin_fee, precision)?)?;
                let input_balance = sum(self.balance(input)?, amount_in.0)?;
                (input_balance, difference(self.balance(output)?, taken)?)
            }
        };
        let fee = difference(unscale(given, precision)?, paid)?;
        Ok(Settlement { paid, fee, input_balance, output_balance })
    }

    /// Writes what an exchange did.
    fn take(&mut self, exchange: Exchange, settled: &Settlement) -> Result<(), StableSwapError> {
        let places = [exchange.pair.input.place(), exchange.pair.output.place()];
        let mut holdings = self.holdings;
        let [input, output] = holdings
            .as_mut_slice()
            .get_disjoint_mut(places)
            .map_err(|_| StableSwapError::NoSuchCoin)?;
        input.0 = paid_in(input.0, exchange.amount_in.0)?;
        output.0 = difference(output.0, settled.paid)?;
        let mut balances = self.balances;
        let [input, output] = balances
            .as_mut_slice()
            .get_disjoint_mut(places)
            .map_err(|_| StableSwapError::NoSuchCoin)?;
        input.0 = settled.input_balance;
        output.0 = settled.output_balance;
        self.holdings = holdings;
        self.balances = balances;
        Ok(())
    }

    #[inline(always)]
    fn view_output(
        &self,
        pair: TokenPair,
        added: U256,
        at: Timestamp,
    ) -> Result<Amount, StableSwapError> {
        let precision = self.precision(pair.output.place())?;
        let given = self.output(self.market(at)?, pair, added)?.given;
        let after = |amount: U256| -> Result<U256, StableSwapError> {
            Ok(difference(amount, fee_of(amount, self.fee)?)?)
        };
        let view = match self.generation {
            Generation::V0 | Generation::V1 => after(unscale(given, precision)?)?,
            Generation::V2 => unscale(after(given)?, precision)?,
        };
        Ok(Amount(view))
    }

    #[inline(always)]
    fn output(
        &self,
        mut market: Market,
        pair: TokenPair,
        added: U256,
    ) -> Result<Output, StableSwapError> {
        let (input, output) = (pair.input.place(), pair.output.place());
        if input == output {
            return Err(StableSwapError::NoSuchCoin);
        }
        let before = market.scaled.get(output)?;
        let filled = sum(market.scaled.get(input)?, added)?;
        market.scaled.set(input, filled);
        let Market { amplification, scaled, invariant } = &market;
        let rounding = self.generation.rounding();
        let left = get_y(rounding, *amplification, *invariant, scaled.as_slice(), output)?;
        let given = difference(before, left)?;
        let given = difference(given, U256::from(self.generation.kept_back()))?;
        Ok(Output { given, left, input: filled })
    }
}
