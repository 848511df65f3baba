use tidemill_ledger::{Account, Ledger};
use tidemill_market::{Market, Valuation};
use tidemill_model::{Intent, Reward};
use tidemill_units::{Amount, SignedAmount};

use crate::Refusal;
use crate::trade::worth_at_exchanges;

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
    /// Errors: [`Refusal::NoPrice`], [`Refusal::NotOpen`] for a position that the market lacks.
    pub fn of(valuation: &Valuation, market: &Market, ledger: &Ledger) -> Result<Self, Refusal> {
        let assets = ledger.assets(valuation.pool).ok_or(Refusal::NoPrice)?;
        let prices = valuation.prices(market).ok_or(Refusal::NoPrice)?;
        let wallet = ledger.wallet_of(assets).ok_or(Refusal::NoPrice)?;
        let wallet = valuation.value_at(&prices, &wallet).ok_or(Refusal::NoPrice)?;
        let wallet = wallet.checked_add(rewards_at_hand(market, ledger)?);
        let wallet = wallet.ok_or(Refusal::NoPrice)?;
        let mut positions = Amount::ZERO;
        for (id, open) in ledger.positions() {
            if open.pool != valuation.pool {
                // Another pool's tokens have no price here.
                return Err(Refusal::NoPrice);
            }
            let worth = market.worth(id).ok_or(Refusal::NotOpen(id))?;
            let both = worth.principal.checked_add(&worth.fees).ok_or(Refusal::NoPrice)?;
            let value = valuation.value_at(&prices, &both).ok_or(Refusal::NoPrice)?;
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
        let paid = ledger.balance(Account::Gas, assets.native).magnitude();
        let gas = valuation.native_at(&prices, paid).ok_or(Refusal::NoPrice)?;
        let exchanges = worth_at_exchanges(valuation, market, ledger)?;
        Ok(Self { wallet, positions, exchanges, gas })
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

/// What reward tokens in the wallet are worth.
fn rewards_at_hand(market: &Market, ledger: &Ledger) -> Result<Amount, Refusal> {
    market.reward_assets().try_fold(Amount::ZERO, |sum, asset| {
        let reward = Reward { asset, amount: ledger.wallet(asset) };
        let value = market.value_of_reward(reward).ok_or(Refusal::NoPrice)?;
        sum.checked_add(value).ok_or(Refusal::NoPrice)
    })
}

/// Returns what openings on their way may put into pools.
pub(crate) fn on_its_way(
    valuation: &Valuation,
    market: &Market,
    ledger: &Ledger,
) -> Option<Amount> {
    let prices = valuation.prices(market)?;
    ledger.in_flight().try_fold(Amount::ZERO, |sum, order| match order.intent {
        Intent::Open { desired, .. } => sum.checked_add(valuation.value_at(&prices, &desired)?),
        Intent::Close { .. }
        | Intent::Swap { .. }
        | Intent::Stake { .. }
        | Intent::Claim { .. }
        | Intent::Unstake { .. }
        | Intent::Compound { .. }
        | Intent::Vote { .. }
        | Intent::Extend { .. }
        | Intent::ClaimBribes { .. }
        | Intent::Trade { .. }
        | Intent::Sell { .. } => Some(sum),
    })
}
