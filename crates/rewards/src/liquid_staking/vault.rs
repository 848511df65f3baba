use std::collections::BTreeMap;

use tidemill_units::{Amount, U256, mul_div, mul_div_rounding_up};

use super::{LiquidError, credit, set};
use crate::Account;

/// A token whose rate an oracle sets: minting and burning leave the rate as it is until the next
/// report.
///
/// Source: Rocket Pool `RocketTokenRETH.sol` (solidity 0.7 with its SafeMath), the deposit pool's
/// fee included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateToken {
    /// The network's ether at the last report.
    pub reported_balance: Amount,
    /// The token's supply at the last report.
    pub reported_supply: Amount,
    /// The part of a deposit that is kept for all, in parts of 10^18.
    pub deposit_fee: U256,
    /// Ether that burning can be paid from.
    pub collateral: Amount,
    /// Tokens by holder, none of them zero.
    pub tokens: BTreeMap<Account, Amount>,
}

/// Shares of a vault of one asset, with virtual shares against the first depositor's attack.
///
/// Every conversion rounds to the vault's favour: deposits and redemptions down, mints and
/// withdrawals up.
///
/// Source: OpenZeppelin Contracts 5.0 `ERC4626.sol`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    /// What the vault holds, gifts included (`totalAssets`).
    pub assets: Amount,
    /// Shares by holder, none of them zero.
    pub shares: BTreeMap<Account, Amount>,
    /// Decimals that a share has more than the asset; at most 77.
    pub decimals_offset: u8,
}

const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

impl RateToken {
    /// Returns what tokens are worth at the last report, rounded down (`getEthValue`).
    ///
    /// Errors: `MulOverflow`.
    pub fn value(&self, tokens: Amount) -> Result<Amount, LiquidError> {
        if self.reported_supply.is_zero() {
            return Ok(tokens);
        }
        let product = tokens.0.checked_mul(self.reported_balance.0);
        let product = product.ok_or(LiquidError::MulOverflow)?;
        Ok(Amount(product.checked_div(self.reported_supply.0).unwrap_or_default()))
    }

    /// Returns the tokens that an amount is worth, rounded down (`getRethValue`).
    ///
    /// Errors: `NoNetworkBalance`, `MulOverflow`.
    pub fn tokens_for(&self, amount: Amount) -> Result<Amount, LiquidError> {
        if self.reported_supply.is_zero() {
            return Ok(amount);
        }
        if self.reported_balance.is_zero() {
            return Err(LiquidError::NoNetworkBalance);
        }
        let product = amount.0.checked_mul(self.reported_supply.0);
        let product = product.ok_or(LiquidError::MulOverflow)?;
        Ok(Amount(product.checked_div(self.reported_balance.0).unwrap_or_default()))
    }

    /// Deposits an amount, which the holder pays; returns the tokens minted for it, less the fee.
    ///
    /// Errors: `MulOverflow`, `AddOverflow`, `SubUnderflow`, `NoNetworkBalance`, `InvalidMint`.
    /// Source: `RocketDepositPool.deposit`, `RocketTokenRETH.mint`.
    pub fn deposit(&mut self, holder: Account, amount: Amount) -> Result<Amount, LiquidError> {
        let fee = amount.0.checked_mul(self.deposit_fee).ok_or(LiquidError::MulOverflow)?;
        let fee = Amount(fee.checked_div(ONE).unwrap_or_default());
        let net = amount.checked_sub(fee).ok_or(LiquidError::SubUnderflow)?;
        let minted = self.tokens_for(net)?;
        if minted.is_zero() {
            return Err(LiquidError::InvalidMint);
        }
        total(&self.tokens)
            .and_then(|all| all.checked_add(minted))
            .ok_or(LiquidError::AddOverflow)?;
        let collateral = self.collateral.checked_add(amount);
        self.collateral = collateral.ok_or(LiquidError::AddOverflow)?;
        credit(&mut self.tokens, holder, minted);
        Ok(minted)
    }

    /// Burns tokens; returns the ether paid for them, rounded down.
    ///
    /// Errors: `InvalidBurn`, `BalanceExceeded`, `MulOverflow`, `InsufficientCollateral`.
    /// Source: `RocketTokenRETH.burn`.
    pub fn burn(&mut self, holder: Account, tokens: Amount) -> Result<Amount, LiquidError> {
        if tokens.is_zero() {
            return Err(LiquidError::InvalidBurn);
        }
        let held = self.tokens.get(&holder).copied().unwrap_or_default();
        let left = held.checked_sub(tokens).ok_or(LiquidError::BalanceExceeded)?;
        let paid = self.value(tokens)?;
        let collateral = self.collateral.checked_sub(paid);
        self.collateral = collateral.ok_or(LiquidError::InsufficientCollateral)?;
        set(&mut self.tokens, holder, left);
        Ok(paid)
    }

    /// Takes up the balances of a report. Source: `RocketNetworkBalances`.
    pub fn report(&mut self, balance: Amount, supply: Amount) {
        self.reported_balance = balance;
        self.reported_supply = supply;
    }
}

impl Vault {
    /// Returns all shares, or `None` past 2^256 - 1, which only a state made by hand can have.
    pub fn total_shares(&self) -> Option<Amount> {
        total(&self.shares)
    }

    /// Returns the shares that assets give, rounded down (`convertToShares`).
    ///
    /// Errors: `PanicOverflow`.
    pub fn convert_to_shares(&self, assets: Amount) -> Result<Amount, LiquidError> {
        self.to_shares(assets, mul_div)
    }

    /// Returns the assets that shares give, rounded down (`convertToAssets`).
    ///
    /// Errors: `PanicOverflow`.
    pub fn convert_to_assets(&self, shares: Amount) -> Result<Amount, LiquidError> {
        self.to_assets(shares, mul_div)
    }

    /// Deposits assets, which the holder pays; returns the shares, rounded down, even none.
    ///
    /// Errors: `PanicOverflow`. Source: `deposit`.
    pub fn deposit(&mut self, holder: Account, assets: Amount) -> Result<Amount, LiquidError> {
        let shares = self.convert_to_shares(assets)?;
        self.take(holder, assets, shares)?;
        Ok(shares)
    }

    /// Mints shares; returns the assets that the holder pays, rounded up.
    ///
    /// Errors: `PanicOverflow`. Source: `mint`.
    pub fn mint(&mut self, holder: Account, shares: Amount) -> Result<Amount, LiquidError> {
        let assets = self.to_assets(shares, mul_div_rounding_up)?;
        self.take(holder, assets, shares)?;
        Ok(assets)
    }

    /// Pays assets out; returns the shares it costs the owner, rounded up.
    ///
    /// Errors: `ExceededMaxWithdraw`, `PanicOverflow`. Source: `withdraw`, `maxWithdraw`.
    pub fn withdraw(&mut self, owner: Account, assets: Amount) -> Result<Amount, LiquidError> {
        if assets > self.convert_to_assets(self.held(owner))? {
            return Err(LiquidError::ExceededMaxWithdraw);
        }
        let shares = self.to_shares(assets, mul_div_rounding_up)?;
        self.give(owner, assets, shares)?;
        Ok(shares)
    }

    /// Redeems shares; returns the assets paid for them, rounded down.
    ///
    /// Errors: `ExceededMaxRedeem`, `PanicOverflow`. Source: `redeem`, `maxRedeem`.
    pub fn redeem(&mut self, owner: Account, shares: Amount) -> Result<Amount, LiquidError> {
        if shares > self.held(owner) {
            return Err(LiquidError::ExceededMaxRedeem);
        }
        let assets = self.convert_to_assets(shares)?;
        self.give(owner, assets, shares)?;
        Ok(assets)
    }

    /// Takes in assets without shares: rewards, or a gift.
    ///
    /// Errors: `PanicOverflow`.
    pub fn give_assets(&mut self, assets: Amount) -> Result<(), LiquidError> {
        let assets = self.assets.checked_add(assets);
        self.assets = assets.ok_or(LiquidError::PanicOverflow)?;
        Ok(())
    }

    fn held(&self, owner: Account) -> Amount {
        self.shares.get(&owner).copied().unwrap_or_default()
    }

    fn to_shares(&self, assets: Amount, divide: MulDiv) -> Result<Amount, LiquidError> {
        let (shares, all) = self.virtual_totals()?;
        divide(assets.0, shares, all).map(Amount).ok_or(LiquidError::PanicOverflow)
    }

    fn to_assets(&self, shares: Amount, divide: MulDiv) -> Result<Amount, LiquidError> {
        let (all_shares, all) = self.virtual_totals()?;
        divide(shares.0, all, all_shares).map(Amount).ok_or(LiquidError::PanicOverflow)
    }

    fn virtual_totals(&self) -> Result<(U256, U256), LiquidError> {
        let ten = U256::from_limbs([10, 0, 0, 0]);
        let offset = ten.checked_pow(U256::from_limbs([u64::from(self.decimals_offset), 0, 0, 0]));
        let shares = offset.and_then(|offset| self.total_shares()?.0.checked_add(offset));
        let assets = self.assets.0.checked_add(U256::ONE);
        shares.zip(assets).ok_or(LiquidError::PanicOverflow)
    }

    fn take(&mut self, holder: Account, assets: Amount, shares: Amount) -> Result<(), LiquidError> {
        let all = self.total_shares().and_then(|all| all.checked_add(shares));
        all.ok_or(LiquidError::PanicOverflow)?;
        self.give_assets(assets)?;
        credit(&mut self.shares, holder, shares);
        Ok(())
    }

    fn give(&mut self, owner: Account, assets: Amount, shares: Amount) -> Result<(), LiquidError> {
        let left = self.held(owner).checked_sub(shares);
        let left = left.ok_or(LiquidError::ExceededMaxRedeem)?;
        let rest = self.assets.checked_sub(assets);
        self.assets = rest.ok_or(LiquidError::PanicOverflow)?;
        set(&mut self.shares, owner, left);
        Ok(())
    }
}

type MulDiv = fn(U256, U256, U256) -> Option<U256>;

fn total(of: &BTreeMap<Account, Amount>) -> Option<Amount> {
    of.values().try_fold(Amount::ZERO, |sum, each| sum.checked_add(*each))
}
