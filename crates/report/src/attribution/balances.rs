use std::collections::BTreeMap;

use tidemill_ledger::PoolAssets;
use tidemill_market::AssetPrices;
use tidemill_model::AssetId;
use tidemill_units::{Amount, SignedAmount, TokenAmounts};

use super::{AttributionError, Result, sum};

/// How much of each asset there is; below zero what is owed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Balances(BTreeMap<AssetId, SignedAmount>);

impl Balances {
    /// Adds to what there is of an asset.
    pub(super) fn add(&mut self, asset: AssetId, change: SignedAmount) -> Result<()> {
        let balance = self.0.entry(asset).or_default();
        *balance = sum(*balance, change)?;
        if balance.is_zero() {
            self.0.remove(&asset);
        }
        Ok(())
    }

    /// Adds so much of an asset.
    pub(super) fn receive(&mut self, asset: AssetId, amount: Amount) -> Result<()> {
        self.add(asset, SignedAmount::positive(amount).ok_or(AttributionError::OutOfRange)?)
    }

    /// Takes so much of an asset away.
    pub(super) fn pay(&mut self, asset: AssetId, amount: Amount) -> Result<()> {
        self.add(asset, SignedAmount::negative(amount).ok_or(AttributionError::OutOfRange)?)
    }

    /// Adds amounts of a pool's tokens.
    pub(super) fn receive_all(
        &mut self,
        assets: &PoolAssets,
        amounts: &TokenAmounts,
    ) -> Result<()> {
        for (token, amount) in amounts.iter() {
            self.receive(assets.token(token).ok_or(AttributionError::OutOfRange)?, amount)?;
        }
        Ok(())
    }

    /// Takes amounts of a pool's tokens away.
    pub(super) fn pay_all(&mut self, assets: &PoolAssets, amounts: &TokenAmounts) -> Result<()> {
        for (token, amount) in amounts.iter() {
            self.pay(assets.token(token).ok_or(AttributionError::OutOfRange)?, amount)?;
        }
        Ok(())
    }

    /// Adds all of others'.
    pub(super) fn extend(&mut self, others: &Self) -> Result<()> {
        others.iter().try_for_each(|(asset, balance)| self.add(asset, balance))
    }

    /// Returns what there is of an asset.
    pub(super) fn get(&self, asset: AssetId) -> SignedAmount {
        self.0.get(&asset).copied().unwrap_or(SignedAmount::ZERO)
    }

    /// Returns what there is that is not nothing, in the order of the assets.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AssetId, SignedAmount)> {
        self.0.iter().map(|(asset, balance)| (*asset, *balance))
    }

    /// Whether there is nothing of anything.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what all is worth, in raw quote units: of each asset what is owned rounded down,
    /// what is owed rounded up.
    pub(super) fn value(&self, prices: &AssetPrices<'_>) -> Result<SignedAmount> {
        self.iter().try_fold(SignedAmount::ZERO, |total, (asset, balance)| {
            sum(total, prices.balance(asset, balance).ok_or(AttributionError::OutOfRange)?)
        })
    }
}
