use tidemill_model::VaultLog;
use tidemill_rewards::liquid_staking::{LiquidError, Vault};

use super::mismatch::Comparison;
use super::rate_token::move_held;
use super::{Paid, ProgrammeMismatch, TokenTotal, account};

/// Makes the call behind a log. The events do not say which of two calls it was: the one whose
/// answer is what was recorded, else the one that is named by shares.
pub(super) fn apply(model: &mut Vault, log: &VaultLog) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let reverts = with.reverts::<LiquidError>();
    match *log {
        VaultLog::Deposit { owner, assets, shares } => {
            if model.convert_to_shares(assets) == Ok(shares) {
                model.deposit(account(owner), assets).map_err(reverts)?;
            } else {
                let paid = model.mint(account(owner), shares).map_err(reverts)?;
                with.value("assets", paid, assets)?;
            }
        }
        VaultLog::Withdraw { owner, assets, shares } => {
            if model.convert_to_assets(shares) == Ok(assets) {
                model.redeem(account(owner), shares).map_err(reverts)?;
            } else {
                let burned = model.withdraw(account(owner), assets).map_err(reverts)?;
                with.value("shares", burned, shares)?;
            }
            return Ok(Some(Paid { token: None, amount: assets }));
        }
        VaultLog::Transfer { from, to, value } => {
            move_held(&mut model.shares, [account(from), account(to)], value).map_err(reverts)?;
        }
        VaultLog::Given { amount } => model.give_assets(amount).map_err(reverts)?,
    }
    Ok(None)
}

pub(super) fn staked(model: &Vault) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.assets }]
}
