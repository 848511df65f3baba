use std::collections::BTreeSet;

use tidemill_ledger::{Account, Ledger};
use tidemill_market::{AssetPrices, Market, Valuation};
use tidemill_model::{Intent, Placement, PoolId, Reward};
use tidemill_units::{Amount, SignedAmount, TokenAmounts};

use crate::Refusal;

/// What everything of ours is worth, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equity {
    /// Tokens at hand, reward tokens included.
    pub wallet: Amount,
    /// Positions, with the fees and rewards they have earned.
    pub positions: Amount,
    /// Accounts at exchanges: cash, and what contracts have gained or lost.
    pub exchanges: SignedAmount,
    /// Gas paid so far, at today's price.
    pub gas: Amount,
}

impl Equity {
    /// Values what is ours.
    ///
    /// A reward token without a price counts nothing.
    ///
    /// Errors: [`Refusal::NoPrice`], also for a token of another pool that has none in a token of
    /// the valuation's pool; [`Refusal::NotOpen`] for a position that the market lacks.
    pub fn of(valuation: &Valuation, market: &Market, ledger: &Ledger) -> Result<Self, Refusal> {
        let prices = prices_of(valuation, market, ledger)?;
        let mut positions = Amount::ZERO;
        for (id, open) in ledger.positions() {
            let worth = market.worth(id).ok_or(Refusal::NotOpen(id))?;
            let both = worth.principal.checked_add(&worth.fees).ok_or(Refusal::NoPrice)?;
            let value = prices.tokens(open.pool, &both).ok_or(Refusal::NoPrice)?;
            let reward = market
                .reward(id)
                .map_or(Some(Amount::ZERO), |reward| market.value_of_reward(reward));
            let mut value = value.checked_add(reward.ok_or(Refusal::NoPrice)?);
            for bribe in market.bribes(id) {
                let worth = market.value_of_reward(bribe).ok_or(Refusal::NoPrice)?;
                value = value.and_then(|value| value.checked_add(worth));
            }
            positions =
                value.and_then(|value| positions.checked_add(value)).ok_or(Refusal::NoPrice)?;
        }
        Ok(Self {
            wallet: wallet(&prices, market, ledger)?,
            positions,
            exchanges: at_exchanges(&prices, ledger)?,
            gas: gas_paid(valuation, market, ledger)?,
        })
    }

    /// Returns what is there, gas apart; nothing where accounts at exchanges owe more than all
    /// else is worth. `None` past 2^255 - 1.
    pub fn held(&self) -> Option<Amount> {
        let on_chain = SignedAmount::positive(self.wallet.checked_add(self.positions)?)?;
        let held = on_chain.checked_add(self.exchanges)?;
        Some(if held.is_negative() { Amount::ZERO } else { held.magnitude() })
    }

    /// Returns how far all that is there less gas is below `start`; zero where it is above. `None`
    /// past 2^255 - 1.
    pub fn loss_from(&self, start: Amount) -> Option<Amount> {
        let owed = start.checked_add(self.gas)?;
        Some(owed.checked_sub(self.held()?).unwrap_or(Amount::ZERO))
    }
}

/// Returns what assets are worth now.
///
/// Errors: [`Refusal::NoPrice`] before the valuation's pool has a price.
pub(crate) fn prices_of<'a>(
    valuation: &Valuation,
    market: &'a Market,
    ledger: &'a Ledger,
) -> Result<AssetPrices<'a>, Refusal> {
    let pools = ledger.pools().map(|(id, assets)| (id, assets.tokens()));
    AssetPrices::new(market, *valuation, pools).ok_or(Refusal::NoPrice)
}

/// What the pools' tokens and reward tokens in the wallet are worth.
fn wallet(prices: &AssetPrices<'_>, market: &Market, ledger: &Ledger) -> Result<Amount, Refusal> {
    let tokens: BTreeSet<_> =
        ledger.pools().flat_map(|(_, assets)| assets.tokens()).copied().collect();
    let at_hand = tokens.iter().map(|asset| (*asset, ledger.wallet(*asset)));
    let at_hand = at_hand.filter(|(_, amount)| !amount.is_zero());
    let mut worth = Amount::ZERO;
    for (asset, amount) in at_hand {
        let value = prices.value(asset, amount).ok_or(Refusal::NoPrice)?;
        worth = worth.checked_add(value).ok_or(Refusal::NoPrice)?;
    }
    for asset in market.reward_assets().filter(|asset| !tokens.contains(asset)) {
        let reward = Reward { asset, amount: ledger.wallet(asset) };
        let value = market.value_of_reward(reward).ok_or(Refusal::NoPrice)?;
        worth = worth.checked_add(value).ok_or(Refusal::NoPrice)?;
    }
    Ok(worth)
}

/// What all accounts at exchanges are worth.
fn at_exchanges(prices: &AssetPrices<'_>, ledger: &Ledger) -> Result<SignedAmount, Refusal> {
    let mut balances = ledger.exchange_balances();
    let total = balances.try_fold(SignedAmount::ZERO, |sum, (_, asset, balance)| {
        sum.checked_add(prices.balance(asset, balance)?)
    });
    total.ok_or(Refusal::NoPrice)
}

/// The coins that gas was paid in, at the valuation's price of its own chain's.
fn gas_paid(valuation: &Valuation, market: &Market, ledger: &Ledger) -> Result<Amount, Refusal> {
    let coins: BTreeSet<_> = ledger.pools().map(|(_, assets)| assets.native).collect();
    let paid = coins.iter().try_fold(Amount::ZERO, |sum, coin| {
        sum.checked_add(ledger.balance(Account::Gas, *coin).magnitude())
    });
    paid.and_then(|paid| valuation.gas_value(market, paid)).ok_or(Refusal::NoPrice)
}

/// Returns what openings on their way may put into pools.
pub(crate) fn on_its_way(
    valuation: &Valuation,
    market: &Market,
    ledger: &Ledger,
) -> Option<Amount> {
    let prices = prices_of(valuation, market, ledger).ok()?;
    openings(ledger).try_fold(Amount::ZERO, |sum, (pool, _, desired)| {
        sum.checked_add(prices.tokens(pool, desired)?)
    })
}

/// Returns the openings on their way: where to, and the most that each may put in.
pub(crate) fn openings(
    ledger: &Ledger,
) -> impl Iterator<Item = (PoolId, Placement, &TokenAmounts)> {
    ledger.in_flight().filter_map(|order| match &order.intent {
        Intent::Open { pool, placement, desired } => Some((*pool, *placement, desired)),
        Intent::Close { .. }
        | Intent::Swap { .. }
        | Intent::Arbitrage { .. }
        | Intent::Stake { .. }
        | Intent::Claim { .. }
        | Intent::Unstake { .. }
        | Intent::Compound { .. }
        | Intent::Vote { .. }
        | Intent::Extend { .. }
        | Intent::ClaimBribes { .. }
        | Intent::Trade { .. }
        | Intent::Sell { .. } => None,
    })
}
