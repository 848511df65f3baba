use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use super::checked::{
    Checked, FEE_UNIT, ONE, WAD, ZERO, difference, fee_of, machine_quotient, product, quotient,
    small, sum, times_over, wad_of,
};
use super::maths::COARSE;
use super::newton::Shape;
use super::tweak::Tweak;
use super::{CryptoGeneration, CryptoSwap, CryptoSwapError};
use crate::PoolError;

/// What taking liquidity out in one coin comes to.
#[derive(Clone, Copy, Debug)]
struct OneCoin {
    amount_out: U256,
    d: U256,
    xp: [U256; 3],
    /// D's fall before the fee, and D before.
    burned: U256,
    before: U256,
}

/// An amount of one coin, and the part of all others that it stands against.
#[derive(Clone, Copy, Debug)]
struct AgainstOthers {
    coin: usize,
    amount: U256,
    part: U256,
    whole: U256,
    balances: [U256; 3],
}

/// Whether a withdrawal from tricrypto-ng takes the administrators' part first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimFirst {
    /// As its call does by default.
    Yes,
    /// As it can be told, for emergencies.
    No,
}

impl CryptoSwap {
    /// Adds coins and returns the shares minted, rounded down, less the fee for being unequal.
    ///
    /// Errors: `WrongTokenCount`; `NothingAdded`, `NothingMinted`; as `exchange` from the maths on.
    /// Source: `add_liquidity`, with no least shares.
    pub fn add_liquidity(
        &mut self,
        amounts: &TokenAmounts,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let amounts = self.values(amounts)?;
        let mut next = *self;
        let minted = next.add_in_place(&amounts, at.0)?;
        *self = next;
        Ok(Amount(minted))
    }

    /// Burns shares for their part of every coin, rounded down and one share short.
    ///
    /// Where the last shares of the ng generation go, all coins go too; the older pools keep a dust
    /// and a D, and can never be refilled. `claim` matters to tricrypto-ng alone.
    /// Errors: `TooManyShares`; `Overflow` of nothing; of a claim, the maths' own.
    /// Source: `remove_liquidity`, with no least amounts.
    pub fn remove_liquidity(
        &mut self,
        shares: Amount,
        claim: ClaimFirst,
        at: Timestamp,
    ) -> Result<TokenAmounts, CryptoSwapError> {
        let mut next = *self;
        let paid = next.remove_in_place(shares.0, claim, at.0)?;
        *self = next;
        Ok(self.amounts(&paid))
    }

    /// Burns shares for one coin and returns how much, rounded down, less half the fee.
    ///
    /// Errors: `NoSuchCoin`, `TooManyShares`; as `exchange` from the maths on.
    /// Source: `remove_liquidity_one_coin`, with no least amount.
    pub fn remove_liquidity_one_coin(
        &mut self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, CryptoSwapError> {
        let mut next = *self;
        let paid = next.remove_one_in_place(shares.0, coin, at.0)?;
        *self = next;
        Ok(Amount(paid))
    }

    /// Returns what [`remove_liquidity_one_coin`](Self::remove_liquidity_one_coin) would give, but
    /// for what the ng generation claims first.
    ///
    /// Errors: as that. Source: `calc_withdraw_one_coin` of the pools themselves.
    pub fn calc_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, CryptoSwapError> {
        let shape = self.shape(at.0)?;
        // The older pools' quote computes D anew, ramp or no ramp.
        let is_new = match self.generation {
            CryptoGeneration::TwoCrypto(_) | CryptoGeneration::Tricrypto2 => true,
            CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => {
                self.is_ramping(at.0)
            }
        };
        let place = self.check_one_coin(shares.0, coin)?;
        Ok(Amount(self.one_coin(&shape, shares.0, place, is_new)?.amount_out))
    }

    /// Returns the shares that adding amounts would mint or, with `is_deposit` unset, taking them
    /// would burn, less the fee in both cases, as the contract has it.
    ///
    /// Errors: `WrongTokenCount`; `NoSuchCall` for taking from a pool of two; the maths' own.
    /// Source: `calc_token_amount`; of three coins in their views contracts.
    pub fn calc_token_amount(
        &self,
        amounts: &TokenAmounts,
        is_deposit: bool,
        at: Timestamp,
    ) -> Result<Amount, PoolError> {
        let amounts = self.values(amounts)?;
        Ok(Amount(self.token_amount(&amounts, is_deposit, at.0)?))
    }

    /// Takes the administrators' part of the profit in new shares. Anyone may call it.
    ///
    /// Errors: `NoSuchCall` of twocrypto-ng, which claims before withdrawals in one coin; those of
    /// the maths. Source: `claim_admin_fees`.
    pub fn claim_admin_fees(&mut self, at: Timestamp) -> Result<(), CryptoSwapError> {
        if matches!(self.generation, CryptoGeneration::TwocryptoNg(_)) {
            return Err(CryptoSwapError::NoSuchCall);
        }
        let mut next = *self;
        next.claim(at.0)?;
        *self = next;
        Ok(())
    }

    /// Gives the pool coins, as a plain transfer to it: its own from the next claim on, or, in
    /// twocrypto-ng, whoever's calls `exchange_received`.
    ///
    /// Errors: `WrongTokenCount`, `Overflow`.
    pub fn give(&mut self, amounts: &TokenAmounts) -> Result<(), PoolError> {
        let amounts = self.values(amounts)?;
        let mut holdings = self.holdings;
        for (held, amount) in holdings.iter_mut().zip(amounts) {
            *held = sum(*held, amount)?;
        }
        self.holdings = holdings;
        Ok(())
    }

    fn values(&self, amounts: &TokenAmounts) -> Result<[U256; 3], PoolError> {
        if amounts.len() != self.generation.coins() {
            return Err(PoolError::WrongTokenCount);
        }
        let mut values = [ZERO; 3];
        for (value, amount) in values.iter_mut().zip(amounts.as_slice()) {
            *value = amount.0;
        }
        Ok(values)
    }

    fn add_in_place(&mut self, amounts: &[U256; 3], at: u64) -> Checked {
        let shape = self.shape(at)?;
        self.check_added(amounts)?;
        let old = self.balances;
        for (coin, amount) in amounts.iter().enumerate() {
            self.receive(coin, *amount)?;
        }
        let xp = self.scaled(&self.balances)?;
        let xp_old = self.scaled(&old)?;
        let mut added = [ZERO; 3];
        for (coin, added) in added.iter_mut().enumerate() {
            *added = difference(xp[coin], xp_old[coin])?;
        }
        let old_d =
            if self.is_ramping(at) { self.invariant_of(&shape, xp_old, ZERO)? } else { self.d };
        self.note_ramp_end(at);
        let d = self.invariant_of(&shape, xp, ZERO)?;
        if old_d.is_zero() {
            return self.first_shares(d, at);
        }
        let supply = self.total_supply;
        let gross = difference(times_over(supply, d, old_d)?, supply)?;
        if gross.is_zero() {
            return Err(CryptoSwapError::NothingMinted);
        }
        let fee = fee_of(self.liquidity_fee(&added, &xp)?, gross)?;
        let fee = sum(fee, ONE)?;
        let minted = difference(gross, fee)?;
        self.total_supply = sum(supply, minted)?;
        self.note_deposit_fee(fee)?;
        let seen = self.price_of_deposit(amounts, minted)?;
        self.tweak_price(&Tweak { shape, xp, d: Some(d), k0: ZERO, seen }, at)?;
        self.claim_with_shares(at)?;
        Ok(minted)
    }

    fn check_added(&self, amounts: &[U256; 3]) -> Checked<()> {
        let is_nothing = if self.generation.is_ng() {
            sum(sum(amounts[0], amounts[1])?, amounts[2])?.is_zero()
        } else {
            amounts.iter().all(|amount| amount.is_zero())
        };
        if is_nothing { Err(CryptoSwapError::NothingAdded) } else { Ok(()) }
    }

    /// The first deposit: a share is worth one of D at the price scale.
    fn first_shares(&mut self, d: U256, at: u64) -> Checked {
        let minted = self.worth(d, &self.price_scale)?;
        if minted.is_zero() {
            return Err(CryptoSwapError::NothingMinted);
        }
        self.d = d;
        self.virtual_price = WAD;
        self.xcp_profit = WAD;
        self.total_supply = sum(self.total_supply, minted)?;
        if self.generation.is_ng() {
            self.xcp_profit_a = WAD;
        }
        self.claim_with_shares(at)?;
        Ok(minted)
    }

    /// The price that a deposit of one coin is made at: what it buys of the others.
    fn price_of_deposit(&self, amounts: &[U256; 3], minted: U256) -> Checked<(usize, U256)> {
        let mut given = amounts.iter().enumerate().filter(|(_, amount)| !amount.is_zero());
        let (only, next) = (given.next(), given.next());
        let (Some((coin, amount)), None) = (only, next) else { return Ok((0, ZERO)) };
        if minted <= COARSE {
            return Ok((coin, ZERO));
        }
        self.price_against_others(&AgainstOthers {
            coin,
            amount: *amount,
            part: minted,
            whole: self.total_supply,
            balances: self.balances,
        })
    }

    /// The price at which one coin's amount stands against `part` of `whole` of the others, and of
    /// which coin; the ng generation takes its prices elsewhere.
    fn price_against_others(&self, one: &AgainstOthers) -> Checked<(usize, U256)> {
        let AgainstOthers { coin, amount, part, whole, balances } = *one;
        let of_three = match self.generation {
            CryptoGeneration::TwoCrypto(_) => false,
            CryptoGeneration::Tricrypto2 => true,
            CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => {
                return Ok((coin, ZERO));
            }
        };
        let mut others = ZERO;
        for other in (0..self.generation.coins()).filter(|other| *other != coin) {
            let held = match other.checked_sub(1).filter(|_| of_three) {
                None => product(balances[other], self.precisions[other])?,
                Some(place) => {
                    let value = product(balances[other], self.last_prices[place])?;
                    wad_of(value, self.precisions[other])?
                }
            };
            others = sum(others, held)?;
        }
        let others = times_over(others, part, whole)?;
        let own = product(product(part, balances[coin])?, self.precisions[coin])?;
        let excess = difference(product(amount, self.precisions[coin])?, quotient(own, whole)?)?;
        let price = times_over(others, WAD, excess)?;
        // Of two coins the price is always the second's in the first.
        if of_three || coin == 1 {
            return Ok((coin, price));
        }
        Ok((1, quotient(product(WAD, WAD)?, price)?))
    }

    fn remove_in_place(&mut self, shares: U256, claim: ClaimFirst, at: u64) -> Checked<[U256; 3]> {
        let balances = self.balances;
        if claim == ClaimFirst::Yes {
            self.claim_with_shares(at)?;
        }
        let supply = self.total_supply;
        self.burn(shares)?;
        if self.generation.is_ng() && shares == supply {
            for (held, paid) in self.holdings.iter_mut().zip(balances) {
                *held = difference(*held, paid)?;
            }
            self.balances = [ZERO; 3];
            self.d = difference(self.d, machine_quotient(product(self.d, shares)?, supply))?;
            return Ok(balances);
        }
        let counted = difference(shares, ONE)?;
        let mut paid = [ZERO; 3];
        for (coin, paid) in paid.iter_mut().enumerate() {
            *paid = times_over(balances[coin], counted, supply)?;
            // The contract goes on from the balances before its claim, which so lets go of gifts.
            self.balances[coin] = difference(balances[coin], *paid)?;
            self.holdings[coin] = difference(self.holdings[coin], *paid)?;
        }
        self.d = difference(self.d, times_over(self.d, counted, supply)?)?;
        Ok(paid)
    }

    fn burn(&mut self, shares: U256) -> Checked<()> {
        let left = self.total_supply.checked_sub(shares);
        self.total_supply = left.ok_or(CryptoSwapError::TooManyShares)?;
        Ok(())
    }

    fn check_one_coin(&self, shares: U256, coin: TokenIndex) -> Checked<usize> {
        if shares > self.total_supply {
            return Err(CryptoSwapError::TooManyShares);
        }
        self.coin(coin)
    }

    fn remove_one_in_place(&mut self, shares: U256, coin: TokenIndex, at: u64) -> Checked {
        let shape = self.shape(at)?;
        self.claim_with_one_coin(at)?;
        let place = self.check_one_coin(shares, coin)?;
        let balances = self.balances;
        let one = self.one_coin(&shape, shares, place, self.is_ramping(at))?;
        let seen = if one.amount_out <= COARSE || shares <= COARSE {
            (place, ZERO)
        } else {
            self.price_against_others(&AgainstOthers {
                coin: place,
                amount: one.amount_out,
                part: one.burned,
                whole: one.before,
                balances,
            })?
        };
        // Even without a ramp, which then hides a loss from the check that follows.
        if !self.generation.is_ng() && at >= self.future_time {
            self.future_time = 1;
        }
        self.pay(place, one.amount_out)?;
        self.burn(shares)?;
        self.tweak_price(&Tweak { shape, xp: one.xp, d: Some(one.d), k0: ZERO, seen }, at)?;
        Ok(one.amount_out)
    }

    fn one_coin(&self, shape: &Shape, shares: U256, coin: usize, is_new: bool) -> Checked<OneCoin> {
        let supply = self.total_supply;
        let mut xp = self.scaled(&self.balances)?;
        let unit = match coin.checked_sub(1) {
            None => product(WAD, self.precisions[0])?,
            Some(_) => self.unit_value(coin)?,
        };
        let before = if is_new { self.invariant_of(shape, xp, ZERO)? } else { self.d };
        let is_ng = self.generation.is_ng();
        let fee = if is_ng { self.fee_after(&xp, shares, coin)? } else { self.fee_at(&xp)? };
        let burned = times_over(shares, before, supply)?;
        let kept = fee_of(fee, burned)?.wrapping_shr(1);
        let kept = sum(kept, ONE)?;
        if is_ng {
            // Its event's approximate fee, which can overflow or divide by nothing.
            times_over(product(self.count(), kept)?, self.balances[coin], before)?;
        }
        let d = difference(before, difference(burned, kept)?)?;
        let left = self.solve(shape, &xp, d, coin)?.balance;
        let amount_out = times_over(difference(xp[coin], left)?, WAD, unit)?;
        xp[coin] = left;
        Ok(OneCoin { amount_out, d, xp, burned, before })
    }

    /// The ng generation takes the fee where the balances would roughly end, or all of `out_fee`.
    fn fee_after(&self, xp: &[U256; 3], shares: U256, coin: usize) -> Checked {
        let fall = times_over(product(xp[coin], self.count())?, shares, self.total_supply)?;
        if fall >= xp[coin] {
            return Ok(small(self.parameters.out_fee));
        }
        let mut rough = *xp;
        rough[coin] = difference(rough[coin], fall)?;
        self.fee_at(&rough)
    }

    fn token_amount(&self, amounts: &[U256; 3], is_deposit: bool, at: u64) -> Checked {
        let shape = self.shape(at)?;
        let is_two = matches!(self.generation, CryptoGeneration::TwoCrypto(_));
        if is_two && !is_deposit {
            return Err(CryptoSwapError::NoSuchCall);
        }
        let before = match self.generation {
            CryptoGeneration::Tricrypto2 => self.d,
            CryptoGeneration::TwoCrypto(_)
            | CryptoGeneration::TricryptoNg
            | CryptoGeneration::TwocryptoNg(_) => self.invariant_now(&shape, at)?,
        };
        let scaled_amounts = self.scaled(amounts)?;
        let xp = if is_two {
            // Scaled apart and then added, which rounds otherwise than in the deposit itself.
            let xp = self.scaled(&self.balances)?;
            [sum(xp[0], scaled_amounts[0])?, sum(xp[1], scaled_amounts[1])?, ZERO]
        } else {
            let mut balances = self.balances;
            for (balance, amount) in balances.iter_mut().zip(amounts) {
                *balance = if is_deposit {
                    sum(*balance, *amount)?
                } else {
                    difference(*balance, *amount)?
                };
            }
            self.scaled(&balances)?
        };
        let d = self.invariant_of(&shape, xp, ZERO)?;
        let then = times_over(self.total_supply, d, before)?;
        let moved = if is_deposit {
            difference(then, self.total_supply)?
        } else {
            difference(self.total_supply, then)?
        };
        let fee = product(self.liquidity_fee(&scaled_amounts, &xp)?, moved)?;
        difference(moved, sum(fee.wrapping_div(FEE_UNIT), ONE)?)
    }
}
