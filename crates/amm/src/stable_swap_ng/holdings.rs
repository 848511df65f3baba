use tidemill_units::{Amount, TokenAmounts, TokenIndex, U256};

use super::StableSwapNgError as Error;
use crate::curve_math::{difference, sum};

/// What the pool has, by the tokens' account and by its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holdings {
    pub(super) tokens: TokenAmounts,
    pub(super) stored: TokenAmounts,
    pub(super) admin: TokenAmounts,
}

impl Holdings {
    /// Returns what belongs to the providers (`_balances`).
    pub(super) fn balances(&self, is_rebasing: bool) -> Result<TokenAmounts, Error> {
        let held = if is_rebasing { &self.tokens } else { &self.stored };
        held.checked_sub(&self.admin).ok_or(Error::Underflow)
    }

    /// Takes tokens in; those of an exchange of what was received are there already, and all that
    /// the pool does not know of counts. Returns how many came in (`_transfer_in`).
    pub(super) fn take_in(
        &mut self,
        coin: TokenIndex,
        amount: U256,
        is_there_already: bool,
    ) -> Result<U256, Error> {
        if !is_there_already {
            if amount.is_zero() {
                return Err(Error::NoInput);
            }
            self.receive(coin, amount)?;
            return Ok(amount);
        }
        let stored = slot(&mut self.stored, coin)?;
        let received = difference(of(&self.tokens, coin)?, stored.0)?;
        if received < amount {
            return Err(Error::ReceivedTooLittle);
        }
        stored.0 = sum(stored.0, received)?;
        Ok(received)
    }

    /// Takes in tokens that the pool knows of, none perhaps: shares that a metapool's own deposit
    /// in its base pool minted.
    pub(super) fn receive(&mut self, coin: TokenIndex, amount: U256) -> Result<(), Error> {
        let tokens = slot(&mut self.tokens, coin)?;
        tokens.0 = tokens.0.checked_add(amount).ok_or(Error::TokenRefuses)?;
        let stored = slot(&mut self.stored, coin)?;
        stored.0 = sum(stored.0, amount)?;
        Ok(())
    }

    /// Gives up tokens that the pool knows of, as an exchange of underlying coins does: unlike
    /// [`pay_out`](Self::pay_out) it never looks at what the tokens say.
    pub(super) fn spend(&mut self, coin: TokenIndex, amount: U256) -> Result<(), Error> {
        let stored = slot(&mut self.stored, coin)?;
        stored.0 = difference(stored.0, amount)?;
        let tokens = slot(&mut self.tokens, coin)?;
        tokens.0 = tokens.0.checked_sub(amount).ok_or(Error::TokenRefuses)?;
        Ok(())
    }

    /// Pays tokens out (`_transfer_out`).
    pub(super) fn pay_out(
        &mut self,
        coin: TokenIndex,
        amount: U256,
        is_rebasing: bool,
    ) -> Result<(), Error> {
        let tokens = slot(&mut self.tokens, coin)?;
        let stored = slot(&mut self.stored, coin)?;
        let left = tokens.0.checked_sub(amount).ok_or(Error::TokenRefuses)?;
        stored.0 = if is_rebasing { left } else { difference(stored.0, amount)? };
        tokens.0 = left;
        Ok(())
    }

    /// Books a part of the fees as the administrators'.
    pub(super) fn book_admin_fee(&mut self, coin: TokenIndex, fee: U256) -> Result<(), Error> {
        let admin = slot(&mut self.admin, coin)?;
        admin.0 = sum(admin.0, fee)?;
        Ok(())
    }
}

/// Returns the amount of one coin, to be changed.
pub(super) fn slot(amounts: &mut TokenAmounts, coin: TokenIndex) -> Result<&mut Amount, Error> {
    amounts.as_mut_slice().get_mut(coin.place()).ok_or(Error::NoSuchCoin)
}

/// Returns the amount of one coin.
pub(super) fn of(amounts: &TokenAmounts, coin: TokenIndex) -> Result<U256, Error> {
    amounts.get(coin).map(|amount| amount.0).ok_or(Error::NoSuchCoin)
}
