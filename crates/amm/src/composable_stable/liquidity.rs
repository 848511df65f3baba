use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::maths::{self, Terms};
use super::protocol_fee::{Due, store_invariant};
use super::rates::Rates;
use super::{
    ComposableStable, ComposableStableBuild, ComposableStableChange, ComposableStableError,
    ComposableStableExit, ComposableStableJoin, MINIMUM_SHARES, PREMINTED_SHARES, Rounding,
    ShareQuote, ShareTrade, Upscaled, grown, shrunk,
};
use crate::SwapAmount;
use crate::balancer_fixed_point::{add, sub};

/// What a join, an exit or a swap of shares is worked out from.
struct Basis {
    rates: Rates,
    factors: Upscaled,
    balances: Upscaled,
    due: Due,
    /// The shares outside the vault, the protocol's new ones included.
    supply: U256,
}

/// A join or exit as the pool's formulas give it, with 18 decimals.
struct Moved {
    amounts: Upscaled,
    shares: U256,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

impl ComposableStable {
    /// Adds tokens: amounts in rounded up, shares out down, so that the pool gains.
    ///
    /// Errors: `Uninitialized`, `UnhandledJoin`, `UnknownKind`, `WrongTokenCount`, `NoSuchToken`,
    /// `BelowMinimumShares`, `BelowWantedShares`, `RateOverflow`, `StorageOverflow`,
    /// `InvariantDidNotConverge`, `BalanceDidNotConverge`, `BalanceOverflow`, `Maths`.
    /// Source: `Vault.joinPool` with the pool's `onJoinPool`.
    pub fn join(
        &mut self,
        join: &ComposableStableJoin,
        at: Timestamp,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        let mut next = self.clone();
        let change = if self.total_supply.is_zero() {
            next.join_first(join, at)?
        } else {
            let basis = self.basis(at)?;
            let moved = self.joined(&basis, join)?;
            next.settle(&basis, &moved, Direction::In)?
        };
        *self = next;
        Ok(change)
    }

    /// Takes tokens out: amounts out rounded down, shares in up, so that the pool gains. The shares
    /// are taken to be one holder's, who can have all but the locked ones.
    ///
    /// Errors: `UnknownKind`, `WrongTokenCount`, `NoSuchToken`, `AboveMaximumShares`,
    /// `InsufficientShares`, `NotInRecoveryMode`, `RateOverflow`, `StorageOverflow`,
    /// `InvariantDidNotConverge`, `BalanceDidNotConverge`, `Maths`. Source: `Vault.exitPool` with
    /// the pool's `onExitPool`.
    pub fn exit(
        &mut self,
        exit: &ComposableStableExit,
        at: Timestamp,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        let mut next = self.clone();
        let change = if let ComposableStableExit::Recovery { shares } = exit {
            next.exit_in_recovery(*shares)?
        } else {
            let basis = self.basis(at)?;
            let moved = self.exited(&basis, exit)?;
            next.settle(&basis, &moved, Direction::Out)?
        };
        *self = next;
        Ok(change)
    }

    /// Swaps a token for shares or shares for a token: shares out of the vault or into it, as a
    /// join or exit with one token.
    ///
    /// Errors: `ZeroAmount`, `SharesNotHeld` for more shares in than one holder can have, and as
    /// [`join`](Self::join) and [`exit`](Self::exit). Source: `Vault.swap` with `_swapWithBpt`.
    pub fn swap_shares(
        &mut self,
        trade: &ShareTrade,
        at: Timestamp,
    ) -> Result<ShareQuote, ComposableStableError> {
        let mut next = self.clone();
        let quote = next.make_share_swap(trade, at)?;
        *self = next;
        Ok(quote)
    }

    /// Returns what a join would move; errors as [`join`](Self::join).
    pub fn quote_join(
        &self,
        join: &ComposableStableJoin,
        at: Timestamp,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        self.clone().join(join, at)
    }

    /// Returns what an exit would move; errors as [`exit`](Self::exit).
    pub fn quote_exit(
        &self,
        exit: &ComposableStableExit,
        at: Timestamp,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        self.clone().exit(exit, at)
    }

    /// Returns what a swap of shares would move; errors as [`swap_shares`](Self::swap_shares).
    pub fn quote_shares(
        &self,
        trade: &ShareTrade,
        at: Timestamp,
    ) -> Result<ShareQuote, ComposableStableError> {
        self.clone().make_share_swap(trade, at)
    }

    /// Source: `_onInitializePool`: as many shares outside the vault as the invariant, and the rest
    /// of 2^111 in it.
    fn join_first(
        &mut self,
        join: &ComposableStableJoin,
        at: Timestamp,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        self.rates = self.refreshed(at)?;
        let factors = self.factors(&self.rates)?;
        let amounts = match join {
            ComposableStableJoin::Initial { amounts } => amounts,
            ComposableStableJoin::AllTokens { .. } => {
                self.only_november()?;
                return Err(ComposableStableError::Uninitialized);
            }
            ComposableStableJoin::ExactTokens { .. } | ComposableStableJoin::OneToken { .. } => {
                return Err(ComposableStableError::Uninitialized);
            }
        };
        let upscaled = self.checked_upscaled(amounts, &factors)?;
        let amplification = self.amplification(at);
        let invariant = maths::invariant(amplification, self.live(&upscaled))?;
        let preminted = sub(PREMINTED_SHARES.0, invariant)?;
        store_invariant(invariant)?;
        if invariant < MINIMUM_SHARES.0 {
            return Err(ComposableStableError::BelowMinimumShares);
        }
        let amounts = self.downscaled(&upscaled, &factors, Rounding::Up)?;
        self.take_in(&amounts)?;
        self.vault_shares = grown(self.vault_shares, Amount(preminted))?;
        self.total_supply = PREMINTED_SHARES;
        self.rebase(invariant, amplification);
        let shares = Amount(invariant);
        Ok(ComposableStableChange { amounts, shares, protocol_shares: Amount::ZERO })
    }

    /// Source: `_doRecoveryModeExit`.
    fn exit_in_recovery(
        &mut self,
        shares: Amount,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        if !self.in_recovery_mode {
            return Err(ComposableStableError::NotInRecoveryMode);
        }
        let supply = self.virtual_supply();
        let mut raw = Upscaled::default();
        for (place, balance) in raw.iter_mut().zip(self.balances.as_slice()) {
            *place = balance.0;
        }
        let paid = maths::proportional_out(self.live(&raw), supply.0, shares.0)?;
        let mut amounts = self.balances;
        for (amount, paid) in amounts.as_mut_slice().iter_mut().zip(paid) {
            *amount = Amount(paid);
        }
        self.burn(shares, supply)?;
        self.pay_out(&amounts)?;
        Ok(ComposableStableChange { amounts, shares, protocol_shares: Amount::ZERO })
    }

    /// Source: `_beforeJoinExit`, after rates and balances are brought up to date.
    fn basis(&self, at: Timestamp) -> Result<Basis, ComposableStableError> {
        let rates = self.refreshed(at)?;
        let factors = self.factors(&rates)?;
        let balances = self.upscaled(&self.balances, &factors)?;
        self.basis_of(rates, factors, balances, at)
    }

    fn basis_of(
        &self,
        rates: Rates,
        factors: Upscaled,
        balances: Upscaled,
        at: Timestamp,
    ) -> Result<Basis, ComposableStableError> {
        let due = self.due(&rates, &balances, at)?;
        let supply = add(due.supply, due.shares)?;
        Ok(Basis { rates, factors, balances, due, supply })
    }

    fn terms<'a>(&self, basis: &'a Basis) -> Terms<'a> {
        Terms {
            amplification: basis.due.amplification,
            balances: maths::live(&basis.balances, self.count()),
            invariant: basis.due.invariant,
            supply: basis.supply,
            swap_fee: self.swap_fee,
        }
    }

    /// Source: `_doJoin`.
    fn joined(
        &self,
        basis: &Basis,
        join: &ComposableStableJoin,
    ) -> Result<Moved, ComposableStableError> {
        let terms = self.terms(basis);
        match join {
            ComposableStableJoin::Initial { .. } => Err(ComposableStableError::UnhandledJoin),
            ComposableStableJoin::ExactTokens { amounts, least_shares } => {
                let amounts = self.checked_upscaled(amounts, &basis.factors)?;
                let shares = terms.shares_out_given_tokens_in(&amounts)?;
                if shares < least_shares.0 {
                    return Err(ComposableStableError::BelowWantedShares);
                }
                Ok(Moved { amounts, shares })
            }
            ComposableStableJoin::OneToken { token, shares } => {
                let mut amounts = Upscaled::default();
                let place = self.place_of(&mut amounts, token.place())?;
                *place = terms.token_in_given_shares_out(token.place(), shares.0)?;
                Ok(Moved { amounts, shares: shares.0 })
            }
            ComposableStableJoin::AllTokens { shares } => {
                self.only_november()?;
                Ok(Moved { amounts: terms.proportional_in(shares.0)?, shares: shares.0 })
            }
        }
    }

    /// Source: `_doExit`.
    fn exited(
        &self,
        basis: &Basis,
        exit: &ComposableStableExit,
    ) -> Result<Moved, ComposableStableError> {
        let terms = self.terms(basis);
        match exit {
            ComposableStableExit::OneToken { shares, token } => {
                let mut amounts = Upscaled::default();
                let place = self.place_of(&mut amounts, token.place())?;
                *place = terms.token_out_given_shares_in(token.place(), shares.0)?;
                Ok(Moved { amounts, shares: shares.0 })
            }
            ComposableStableExit::ExactTokens { amounts, most_shares } => {
                let amounts = self.checked_upscaled(amounts, &basis.factors)?;
                let shares = terms.shares_in_given_tokens_out(&amounts)?;
                if shares > most_shares.0 {
                    return Err(ComposableStableError::AboveMaximumShares);
                }
                Ok(Moved { amounts, shares })
            }
            ComposableStableExit::AllTokens { shares } => {
                self.only_november()?;
                Ok(Moved { amounts: terms.proportional_out(shares.0)?, shares: shares.0 })
            }
            ComposableStableExit::Recovery { .. } => Err(ComposableStableError::UnknownKind),
        }
    }

    fn only_november(&self) -> Result<(), ComposableStableError> {
        match self.build {
            ComposableStableBuild::November2022 => Ok(()),
            ComposableStableBuild::September2022 => Err(ComposableStableError::UnknownKind),
        }
    }

    fn place_of<'a>(
        &self,
        amounts: &'a mut Upscaled,
        token: usize,
    ) -> Result<&'a mut U256, ComposableStableError> {
        let places = amounts.get_mut(..self.count()).unwrap_or_default();
        places.get_mut(token).ok_or(ComposableStableError::NoSuchToken)
    }

    /// Makes a join or exit that the formulas allow (`_onJoinExitPool` after them, `BasePool`, and
    /// the vault).
    fn settle(
        &mut self,
        basis: &Basis,
        moved: &Moved,
        direction: Direction,
    ) -> Result<ComposableStableChange, ComposableStableError> {
        let change = match direction {
            Direction::In => add,
            Direction::Out => sub,
        };
        let mut balances = basis.balances;
        for (balance, amount) in balances.iter_mut().zip(moved.amounts) {
            *balance = change(*balance, amount)?;
        }
        let held = self.virtual_supply();
        let supply = change(basis.supply, moved.shares)?;
        let protocol_shares = self.rebase_after(basis, &balances, supply)?;
        let shares = Amount(moved.shares);
        let amounts = match direction {
            Direction::In => {
                self.total_supply = Amount(add(self.total_supply.0, moved.shares)?);
                let amounts = self.downscaled(&moved.amounts, &basis.factors, Rounding::Up)?;
                self.take_in(&amounts)?;
                amounts
            }
            Direction::Out => {
                let amounts = self.downscaled(&moved.amounts, &basis.factors, Rounding::Down)?;
                self.burn(shares, held)?;
                self.pay_out(&amounts)?;
                amounts
            }
        };
        Ok(ComposableStableChange { amounts, shares, protocol_shares })
    }

    /// Mints what the protocol is due before and after, and counts anew from these balances.
    fn rebase_after(
        &mut self,
        basis: &Basis,
        balances: &Upscaled,
        supply: U256,
    ) -> Result<Amount, ComposableStableError> {
        let (due_after, invariant) = self.due_after(&basis.due, balances, supply)?;
        let protocol_shares = add(basis.due.shares, due_after)?;
        self.total_supply = Amount(add(self.total_supply.0, protocol_shares)?);
        self.rates = basis.rates;
        self.rebase(invariant, basis.due.amplification);
        Ok(Amount(protocol_shares))
    }

    fn make_share_swap(
        &mut self,
        trade: &ShareTrade,
        at: Timestamp,
    ) -> Result<ShareQuote, ComposableStableError> {
        let (ShareTrade::Buy { token, amount } | ShareTrade::Sell { token, amount }) = trade;
        let (SwapAmount::ExactIn(given) | SwapAmount::ExactOut(given)) = amount;
        if given.is_zero() {
            return Err(ComposableStableError::ZeroAmount);
        }
        let held = self.balances.get(*token).ok_or(ComposableStableError::NoSuchToken)?;
        let rates = self.refreshed(at)?;
        let factors = self.factors(&rates)?;
        let balances = self.upscaled(&self.balances, &factors)?;
        let factor = factors.get(token.place()).copied().unwrap_or_default();
        let is_token_given = matches!(
            trade,
            ShareTrade::Buy { amount: SwapAmount::ExactIn(_), .. }
                | ShareTrade::Sell { amount: SwapAmount::ExactOut(_), .. }
        );
        let given_factor = if is_token_given { factor } else { super::SHARE_FACTOR };
        let given_upscaled = super::upscale(given.0, given_factor)?;
        let basis = self.basis_of(rates, factors, balances, at)?;
        let (shares_held, vault_shares) = (self.virtual_supply(), self.vault_shares);
        let answer = self.share_swap_answer(&basis, trade, given_upscaled)?;
        let (amounts, shares) =
            if is_token_given { (given_upscaled, answer) } else { (answer, given_upscaled) };
        let mut after = basis.balances;
        let place = self.place_of(&mut after, token.place())?;
        let supply = match trade {
            ShareTrade::Buy { .. } => {
                *place = add(*place, amounts)?;
                add(basis.supply, shares)?
            }
            ShareTrade::Sell { .. } => {
                *place = sub(*place, amounts)?;
                sub(basis.supply, shares)?
            }
        };
        let protocol_shares = self.rebase_after(&basis, &after, supply)?;
        let answer_factor = if is_token_given { super::SHARE_FACTOR } else { factor };
        let (amount_in, amount_out) = match amount {
            SwapAmount::ExactIn(given) => {
                (*given, Amount(super::downscale(answer, answer_factor, Rounding::Down)?))
            }
            SwapAmount::ExactOut(given) => {
                (Amount(super::downscale(answer, answer_factor, Rounding::Up)?), *given)
            }
        };
        let (held, vault_shares) = match trade {
            ShareTrade::Buy { .. } => (grown(held, amount_in)?, shrunk(vault_shares, amount_out)?),
            ShareTrade::Sell { .. } => {
                let vault_shares = grown(vault_shares, amount_in)?;
                let held = shrunk(held, amount_out)?;
                if amount_in > spendable(shares_held) {
                    return Err(ComposableStableError::SharesNotHeld);
                }
                (held, vault_shares)
            }
        };
        self.vault_shares = vault_shares;
        if let Some(balance) = self.balances.as_mut_slice().get_mut(token.place()) {
            *balance = held;
        }
        Ok(ShareQuote { amount_in, amount_out, protocol_shares })
    }

    /// What a swap of shares answers for what it is given, with 18 decimals (`_doJoinSwap`,
    /// `_doExitSwap`).
    fn share_swap_answer(
        &self,
        basis: &Basis,
        trade: &ShareTrade,
        given: U256,
    ) -> Result<U256, ComposableStableError> {
        let terms = self.terms(basis);
        let alone = |token: usize| {
            let mut amounts = Upscaled::default();
            *self.place_of(&mut amounts, token)? = given;
            Ok::<_, ComposableStableError>(amounts)
        };
        match trade {
            ShareTrade::Buy { token, amount: SwapAmount::ExactIn(_) } => {
                terms.shares_out_given_tokens_in(&alone(token.place())?)
            }
            ShareTrade::Buy { token, amount: SwapAmount::ExactOut(_) } => {
                terms.token_in_given_shares_out(token.place(), given)
            }
            ShareTrade::Sell { token, amount: SwapAmount::ExactIn(_) } => {
                terms.token_out_given_shares_in(token.place(), given)
            }
            ShareTrade::Sell { token, amount: SwapAmount::ExactOut(_) } => {
                terms.shares_in_given_tokens_out(&alone(token.place())?)
            }
        }
    }

    fn take_in(&mut self, amounts: &TokenAmounts) -> Result<(), ComposableStableError> {
        for (held, amount) in self.balances.as_mut_slice().iter_mut().zip(amounts.as_slice()) {
            *held = grown(*held, *amount)?;
        }
        Ok(())
    }

    fn pay_out(&mut self, amounts: &TokenAmounts) -> Result<(), ComposableStableError> {
        for (held, amount) in self.balances.as_mut_slice().iter_mut().zip(amounts.as_slice()) {
            *held = shrunk(*held, *amount)?;
        }
        Ok(())
    }

    /// Burns shares of one holder, when there were so many outside the vault.
    fn burn(&mut self, shares: Amount, held: Amount) -> Result<(), ComposableStableError> {
        if shares > spendable(held) {
            return Err(ComposableStableError::InsufficientShares);
        }
        self.total_supply = shrunk(self.total_supply, shares)?;
        Ok(())
    }
}

/// The shares that one holder can have of those outside the vault.
fn spendable(shares: Amount) -> Amount {
    shares.checked_sub(MINIMUM_SHARES).unwrap_or_default()
}
