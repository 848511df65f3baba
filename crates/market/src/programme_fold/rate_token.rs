use std::collections::BTreeMap;

use tidemill_model::RateTokenLog;
use tidemill_rewards::Account;
use tidemill_rewards::liquid_staking::{LiquidError, RateToken};
use tidemill_units::Amount;

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, total};

/// Makes the call behind a log, and compares what it minted or paid.
pub(super) fn apply(
    model: &mut RateToken,
    log: &RateTokenLog,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let reverts = with.reverts::<LiquidError>();
    match *log {
        RateTokenLog::TokensMinted { to, deposited, amount } => {
            let minted = model.deposit(account(to), deposited).map_err(reverts)?;
            with.value("amount", minted, amount)?;
        }
        RateTokenLog::TokensBurned { from, amount, eth_amount } => {
            let paid = model.burn(account(from), amount).map_err(reverts)?;
            with.value("eth_amount", paid, eth_amount)?;
            return Ok(Some(Paid { token: None, amount: paid }));
        }
        RateTokenLog::Transfer { from, to, value } => {
            move_held(&mut model.tokens, [account(from), account(to)], value).map_err(reverts)?;
        }
        RateTokenLog::BalancesUpdated { total_eth, reth_supply } => {
            model.report(total_eth, reth_supply);
        }
        RateTokenLog::EtherDeposited { amount } => {
            let collateral = model.collateral.checked_add(amount);
            model.collateral = collateral.ok_or(LiquidError::AddOverflow).map_err(reverts)?;
        }
        RateTokenLog::DepositAssigned { amount } => {
            let left = model.collateral.checked_sub(amount);
            model.collateral = left.ok_or(LiquidError::InsufficientCollateral).map_err(reverts)?;
        }
    }
    Ok(None)
}

/// Moves a plain token's units, of which no holder is listed with none.
pub(super) fn move_held(
    held: &mut BTreeMap<Account, Amount>,
    [from, to]: [Account; 2],
    value: Amount,
) -> Result<(), LiquidError> {
    let of = |held: &BTreeMap<Account, Amount>, who| held.get(&who).copied().unwrap_or_default();
    let left = of(held, from).checked_sub(value).ok_or(LiquidError::BalanceExceeded)?;
    held.insert(from, left);
    let more = of(held, to).checked_add(value).ok_or(LiquidError::AddOverflow)?;
    held.insert(to, more);
    held.retain(|_, amount| !amount.is_zero());
    Ok(())
}

/// What all tokens are worth at the last report; nothing where that passes 2^256 - 1.
pub(super) fn staked(model: &RateToken) -> Vec<TokenTotal> {
    let tokens = total(model.tokens.values().copied());
    vec![TokenTotal { token: None, amount: model.value(tokens).unwrap_or_default() }]
}
