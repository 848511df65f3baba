use tidemill_units::{Amount, Timestamp, TokenPair, U256};

use super::checked::{
    Checked, ONE, WAD, ZERO, difference, fee_of, product, quotient, sum, times_over, wad_of,
};
use super::maths::COARSE;
use super::newton::Shape;
use super::tweak::Tweak;
use super::{CryptoGeneration, CryptoSwap, CryptoSwapError};
use crate::{Quote, SwapFee};

/// What a swap comes to before anything is moved.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    shape: Shape,
    d: U256,
    /// Scaled balances with the input in and the output, without its fee, out.
    xp: [U256; 3],
    k0: U256,
    amount_out: U256,
    fee: U256,
}

impl CryptoSwap {
    /// Swaps an exact input; the fee is kept in the output coin.
    ///
    /// Amounts are raw; the output is rounded down twice and less one of 10^-18, the fee down.
    /// Errors: `NoSuchCoin`, `NothingPaidIn`; `Loss` where the fee does not pay for the rounding;
    /// the `Unsafe...`, `DidNotConverge` and `EmptyPool` of the maths; `Overflow`,
    /// `PriceTooLarge`. Source: `exchange`, with no least output.
    pub fn exchange(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Quote, CryptoSwapError> {
        let mut next = *self;
        let quote = next.exchange_in_place(pair, amount_in.0, at.0)?;
        *self = next;
        Ok(quote)
    }

    /// Swaps what was [given](Self::give) of a coin, all of it; it must come to an amount.
    ///
    /// Amounts are as in `exchange`; the quote says how much was there.
    /// Errors: `NoSuchCall` but in twocrypto-ng, `NotGiven`; as `exchange`.
    /// Source: `exchange_received`, with no least output.
    pub fn exchange_received(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Quote, CryptoSwapError> {
        if !matches!(self.generation, CryptoGeneration::TwocryptoNg(_)) {
            return Err(CryptoSwapError::NoSuchCall);
        }
        let (i, _) = self.places(pair)?;
        let given = difference(self.holdings[i], self.balances[i])?;
        if given < amount_in.0 {
            return Err(CryptoSwapError::NotGiven);
        }
        let mut next = *self;
        next.holdings[i] = self.balances[i];
        let quote = next.exchange_in_place(pair, given, at.0)?;
        *self = next;
        Ok(quote)
    }

    /// Returns what [`exchange`](Self::exchange) would give, so long as the pool's value per share
    /// does not fall by it: that it checks only when it is done.
    ///
    /// Errors: as `exchange`, without those of what follows the output.
    pub fn quote_exchange(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Quote, CryptoSwapError> {
        let (i, j) = self.places(pair)?;
        let outcome = self.outcome(i, j, amount_in.0, at.0)?;
        Ok(quote_of(pair, amount_in, &outcome))
    }

    /// Returns what the contract's own quote gives. In tricrypto2 it forgets that D moves with a
    /// ramp; in two-crypto it quotes an input of nothing too, which then fails for want of one wei.
    ///
    /// Errors: as [`quote_exchange`](Self::quote_exchange).
    /// Source: `get_dy`; of the ng generation `CurveCryptoViews3Optimized.vy` and
    /// `CurveCryptoViews2Optimized.vy`.
    pub fn get_dy(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, CryptoSwapError> {
        let (i, j) = self.places(pair)?;
        if amount_in.is_zero() && !matches!(self.generation, CryptoGeneration::TwoCrypto(_)) {
            return Err(CryptoSwapError::NothingPaidIn);
        }
        let shape = self.shape(at.0)?;
        let d = match self.generation {
            CryptoGeneration::Tricrypto2 => self.d,
            CryptoGeneration::TwoCrypto(_)
            | CryptoGeneration::TricryptoNg
            | CryptoGeneration::TwocryptoNg(_) => self.invariant_now(&shape, at.0)?,
        };
        Ok(Amount(self.answer(&shape, d, (i, j), amount_in.0)?.amount_out))
    }

    /// Returns about what must be paid in for an output; never exactly.
    ///
    /// Errors: `NoSuchCall` before the ng generation; else as [`get_dy`](Self::get_dy).
    /// Source: `get_dx` of its views contracts: five rounds of adding the fee.
    pub fn get_dx(
        &self,
        pair: TokenPair,
        amount_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, CryptoSwapError> {
        if !self.generation.is_ng() {
            return Err(CryptoSwapError::NoSuchCall);
        }
        let (i, j) = self.places(pair)?;
        let shape = self.shape(at.0)?;
        let mut with_fee = amount_out.0;
        let mut amount_in = ZERO;
        for _ in 0..5 {
            if with_fee.is_zero() {
                return Err(CryptoSwapError::NothingPaidIn);
            }
            let d = self.invariant_now(&shape, at.0)?;
            let mut balances = self.balances;
            balances[j] = difference(balances[j], with_fee)?;
            let mut xp = self.scaled(&balances)?;
            let found = self.solve(&shape, &xp, d, i)?.balance;
            amount_in = self.unscaled(difference(found, xp[i])?, i)?;
            xp[i] = found;
            let fee = fee_of(self.fee_at(&xp)?, with_fee)?;
            with_fee = sum(sum(amount_out.0, fee)?, ONE)?;
        }
        Ok(Amount(amount_in))
    }

    /// Returns the fee at the present balances, in 10^-10. Source: `fee`.
    ///
    /// Errors: `Overflow`, also of an empty pool.
    pub fn fee(&self) -> Result<U256, CryptoSwapError> {
        self.fee_at(&self.scaled(&self.balances)?)
    }

    pub(super) fn places(&self, pair: TokenPair) -> Checked<(usize, usize)> {
        let (i, j) = (self.coin(pair.input)?, self.coin(pair.output)?);
        if i == j { Err(CryptoSwapError::NoSuchCoin) } else { Ok((i, j)) }
    }

    /// Whether D must be computed anew because A or gamma may have moved since it was.
    pub(super) fn is_ramping(&self, at: u64) -> bool {
        self.future_time > if self.generation.is_ng() { at } else { 0 }
    }

    /// D as operations take it to be.
    pub(super) fn invariant_now(&self, shape: &Shape, at: u64) -> Checked {
        if self.is_ramping(at) {
            self.invariant_of(shape, self.scaled(&self.balances)?, ZERO)
        } else {
            Ok(self.d)
        }
    }

    /// A scaled amount in a coin's own units, rounded down.
    pub(super) fn unscaled(&self, amount: U256, coin: usize) -> Checked {
        let amount = match coin.checked_sub(1) {
            None => amount,
            Some(place) => times_over(amount, WAD, self.price_scale[place])?,
        };
        quotient(amount, self.precisions[coin])
    }

    fn outcome(&self, i: usize, j: usize, amount_in: U256, at: u64) -> Checked<Outcome> {
        if amount_in.is_zero() {
            return Err(CryptoSwapError::NothingPaidIn);
        }
        let shape = self.shape(at)?;
        if self.is_ramping(at) {
            // The contract comes to grief over an absurd input before it computes D anew.
            let mut balances = self.balances;
            balances[i] = sum(balances[i], amount_in)?;
            self.scaled(&balances)?;
        }
        let d = self.invariant_now(&shape, at)?;
        self.answer(&shape, d, (i, j), amount_in)
    }

    fn answer(
        &self,
        shape: &Shape,
        d: U256,
        (i, j): (usize, usize),
        amount_in: U256,
    ) -> Checked<Outcome> {
        let mut balances = self.balances;
        balances[i] = sum(balances[i], amount_in)?;
        let mut xp = self.scaled(&balances)?;
        let solution = self.solve(shape, &xp, d, j)?;
        let scaled = difference(difference(xp[j], solution.balance)?, ONE)?;
        xp[j] = solution.balance;
        let gross = self.unscaled(scaled, j)?;
        let fee = fee_of(self.fee_at(&xp)?, gross)?;
        let amount_out = difference(gross, fee)?;
        Ok(Outcome { shape: *shape, d, xp, k0: solution.k0, amount_out, fee })
    }

    fn exchange_in_place(&mut self, pair: TokenPair, amount_in: U256, at: u64) -> Checked<Quote> {
        let (i, j) = self.places(pair)?;
        let outcome = self.outcome(i, j, amount_in, at)?;
        self.d = outcome.d;
        self.note_ramp_end(at);
        self.receive(i, amount_in)?;
        self.pay(j, outcome.amount_out)?;
        let mut xp = outcome.xp;
        let left = product(self.balances[j], self.precisions[j])?;
        xp[j] = match j.checked_sub(1) {
            None => left,
            Some(place) => wad_of(left, self.price_scale[place])?,
        };
        let seen = self.seen_price(i, j, amount_in, outcome.amount_out)?;
        let tweak = Tweak { shape: outcome.shape, xp, d: None, k0: outcome.k0, seen };
        self.tweak_price(&tweak, at)?;
        Ok(quote_of(pair, Amount(amount_in), &outcome))
    }

    /// In the first generations the first operation after a ramp's end marks it.
    pub(super) fn note_ramp_end(&mut self, at: u64) {
        if !self.generation.is_ng() && self.future_time > 0 && at >= self.future_time {
            self.future_time = 1;
        }
    }

    pub(super) fn receive(&mut self, coin: usize, amount: U256) -> Checked<()> {
        self.balances[coin] = sum(self.balances[coin], amount)?;
        self.holdings[coin] = sum(self.holdings[coin], amount)?;
        Ok(())
    }

    pub(super) fn pay(&mut self, coin: usize, amount: U256) -> Checked<()> {
        self.balances[coin] = difference(self.balances[coin], amount)?;
        self.holdings[coin] = difference(self.holdings[coin], amount)?;
        Ok(())
    }

    /// The price that a swap was made at, and of which coin; none of amounts too coarse for it.
    fn seen_price(&self, i: usize, j: usize, paid: U256, got: U256) -> Checked<(usize, U256)> {
        if self.generation.is_ng() || paid <= COARSE || got <= COARSE {
            return Ok((j, ZERO));
        }
        let paid = product(paid, self.precisions[i])?;
        let got = product(got, self.precisions[j])?;
        match i.checked_sub(1) {
            None => Ok((j, times_over(paid, WAD, got)?)),
            Some(_) if j == 0 => Ok((i, times_over(got, WAD, paid)?)),
            Some(place) => Ok((j, times_over(self.last_prices[place], paid, got)?)),
        }
    }
}

fn quote_of(pair: TokenPair, amount_in: Amount, outcome: &Outcome) -> Quote {
    Quote {
        amount_in,
        amount_out: Amount(outcome.amount_out),
        fee: SwapFee { token: pair.output, amount: Amount(outcome.fee) },
    }
}
