//! What is ours and what it is worth, as the small values that limits are written over.
//!
//! Every price that a limit looks at comes from here.

use std::collections::BTreeMap;

use tidemill_ledger::{Account, Ledger, OpenPosition};
use tidemill_market::{Market, PoolMarket, Valuation};
use tidemill_model::{AssetId, ChainId, Intent, PoolId, PoolPair, PositionId, Reward};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, TokenPair};

use crate::exposure::{openings, prices_of};
use crate::{Equity, Refusal};

/// The world and the books at one moment, and how values are stated.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) valuation: &'a Valuation,
    pub(crate) market: &'a Market,
    pub(crate) ledger: &'a Ledger,
}

/// Where value is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) pool: PoolId,
    pub(crate) chain: ChainId,
    /// Whose contract the pool is.
    pub(crate) venue: &'static str,
}

/// Value that is in a place or on its way there, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) place: Place,
    pub(crate) value: Amount,
}

impl Scene<'_> {
    /// Returns what amounts of a pool's tokens are worth, in raw quote units, each token's part
    /// rounded down.
    ///
    /// Errors: [`Refusal::NoPrice`].
    pub(crate) fn value_in(&self, pool: PoolId, amounts: &TokenAmounts) -> Result<Amount, Refusal> {
        let assets = self.ledger.assets(pool).ok_or(Refusal::NoPrice)?;
        amounts.iter().filter(|(_, amount)| !amount.is_zero()).try_fold(
            Amount::ZERO,
            |sum, (token, amount)| {
                let asset = assets.token(token).ok_or(Refusal::NoPrice)?;
                let value = self.value_of(asset, amount).ok_or(Refusal::NoPrice)?;
                sum.checked_add(value).ok_or(Refusal::NoPrice)
            },
        )
    }

    /// Returns what an amount of an asset is worth, in raw quote units, rounded down; `None`
    /// without a price.
    pub(crate) fn value_of(&self, asset: AssetId, amount: Amount) -> Option<Amount> {
        let Some(pool) = self.valuation.pool() else {
            return prices_of(self.valuation, self.market, self.ledger).ok()?.value(asset, amount);
        };
        let tokens = self.ledger.assets(pool.pool)?.tokens();
        let place = tokens.iter().position(|token| *token == asset);
        let Some(token) = place.and_then(|place| u8::try_from(place).ok()) else {
            return self.market.price_of(asset)?.in_quote(amount);
        };
        let amounts = TokenAmounts::of(tokens.len(), TokenIndex(token), amount)?;
        pool.value_at(&pool.prices(self.market)?, &amounts)
    }

    /// Returns what wei are worth, in raw quote units, rounded up; `None` without a price.
    pub(crate) fn value_of_gas(&self, wei: Amount) -> Option<Amount> {
        self.valuation.gas_value(self.market, wei)
    }

    /// Returns the asset that values are stated in.
    pub(crate) fn quote(&self) -> Option<AssetId> {
        match self.valuation {
            Valuation::Pool(pool) => self.ledger.assets(pool.pool)?.token(pool.quote),
            Valuation::Exchanges(quote) => Some(*quote),
        }
    }

    /// Returns wallet and positions less gas, in raw quote units; zero where gas is more.
    ///
    /// Errors: those of [`Equity::of`].
    pub(crate) fn equity(&self) -> Result<Amount, Refusal> {
        let equity = Equity::of(self.valuation, self.market, self.ledger)?;
        let held = equity.held().ok_or(Refusal::NoPrice)?;
        Ok(held.checked_sub(equity.gas).unwrap_or(Amount::ZERO))
    }

    /// Returns what a position is worth with the fees, rewards and bribes that it has earned, in
    /// raw quote units.
    ///
    /// Errors: [`Refusal::NoPrice`], [`Refusal::NotOpen`].
    pub(crate) fn position_value(
        &self,
        id: PositionId,
        open: &OpenPosition,
    ) -> Result<Amount, Refusal> {
        let worth = self.market.worth(id).ok_or(Refusal::NotOpen(id))?;
        let both = worth.principal.checked_add(&worth.fees).ok_or(Refusal::NoPrice)?;
        let value = self.value_in(open.pool, &both)?;
        let rewards = self.market.reward(id).into_iter().chain(self.market.bribes(id));
        self.value_of_rewards(value, rewards)
    }

    fn value_of_rewards(
        &self,
        value: Amount,
        mut rewards: impl Iterator<Item = Reward>,
    ) -> Result<Amount, Refusal> {
        rewards.try_fold(value, |sum, reward| {
            let value = self.market.value_of_reward(reward).ok_or(Refusal::NoPrice)?;
            sum.checked_add(value).ok_or(Refusal::NoPrice)
        })
    }

    /// Returns where a pool is.
    ///
    /// Errors: [`Refusal::NoPrice`] for an unknown one.
    pub(crate) fn place(&self, pool: PoolId) -> Result<Place, Refusal> {
        let market = self.market.pool(pool).ok_or(Refusal::NoPrice)?;
        let venue = match market {
            PoolMarket::Concentrated(pool) => pool.header().build.name(),
            PoolMarket::Shares(pool) => pool.pool().kind(),
        };
        Ok(Place { pool, chain: market.chain(), venue })
    }

    /// Returns the value of every position, and the most that each opening on its way may add.
    ///
    /// Errors: [`Refusal::NoPrice`], [`Refusal::NotOpen`].
    pub(crate) fn placed(&self) -> Result<Vec<Placed>, Refusal> {
        let mut placed = Vec::new();
        for (id, open) in self.ledger.positions() {
            let value = self.position_value(id, open)?;
            placed.push(Placed { place: self.place(open.pool)?, value });
        }
        for (pool, _, desired) in openings(self.ledger) {
            let value = self.value_in(pool, desired)?;
            placed.push(Placed { place: self.place(pool)?, value });
        }
        Ok(placed)
    }

    /// Returns how much of each asset is ours: at hand, in positions with what they have earned in
    /// their pool's tokens, and what swaps and sales on their way would bring at today's price
    /// without fee or impact. What orders on their way may spend still counts.
    ///
    /// Errors: [`Refusal::NoPrice`], [`Refusal::NotOpen`].
    pub(crate) fn held(&self) -> Result<BTreeMap<AssetId, Amount>, Refusal> {
        let mut held = BTreeMap::new();
        for (account, asset, _) in self.ledger.balances() {
            if account == Account::Wallet {
                add(&mut held, asset, self.ledger.wallet(asset))?;
            }
        }
        for (id, open) in self.ledger.positions() {
            let worth = self.market.worth(id).ok_or(Refusal::NotOpen(id))?;
            let both = worth.principal.checked_add(&worth.fees).ok_or(Refusal::NoPrice)?;
            let assets = self.ledger.assets(open.pool).ok_or(Refusal::NoPrice)?;
            for (token, amount) in both.iter() {
                add(&mut held, assets.token(token).ok_or(Refusal::NoPrice)?, amount)?;
            }
        }
        for order in self.ledger.in_flight() {
            if let Some((asset, amount)) = self.arriving(&order.intent)? {
                add(&mut held, asset, amount)?;
            }
        }
        Ok(held)
    }

    /// Returns the most that an order brings into the wallet at today's price; `None` where it
    /// brings nothing that was not ours before.
    pub(crate) fn arriving(&self, intent: &Intent) -> Result<Option<(AssetId, Amount)>, Refusal> {
        let (pool, into, amount) = match *intent {
            Intent::Swap { pool, pair, amount_in, .. } => {
                let amount = self.at_spot(pool, pair, amount_in).ok_or(Refusal::NoPrice)?;
                (pool, pair.output, amount)
            }
            Intent::Sell { pool, reward, into, amount_in, .. } => {
                // Without a price nobody buys it.
                let Some(price) = self.market.price_of(reward) else { return Ok(None) };
                let value = price.in_quote(amount_in).ok_or(Refusal::NoPrice)?;
                let quote = self.valuation.pool().ok_or(Refusal::NoPrice)?.quote;
                let pair = TokenPair { input: quote, output: into };
                (pool, into, self.at_spot(pool, pair, value).ok_or(Refusal::NoPrice)?)
            }
            // It ends in the token that it begins with, and with more of it.
            Intent::Arbitrage { legs, amount_in, .. } => return self.back(legs, amount_in),
            Intent::Open { .. }
            | Intent::Close { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::Trade { .. }
            | Intent::ClaimBribes { .. } => return Ok(None),
        };
        let assets = self.ledger.assets(pool).ok_or(Refusal::NoPrice)?;
        Ok(Some((assets.token(into).ok_or(Refusal::NoPrice)?, amount)))
    }

    /// Returns what two swaps bring back beyond what they take, at today's prices.
    pub(crate) fn back(
        &self,
        legs: [PoolPair; 2],
        amount_in: Amount,
    ) -> Result<Option<(AssetId, Amount)>, Refusal> {
        let back = legs.iter().try_fold(amount_in, |amount, leg| {
            self.at_spot(leg.pool, leg.pair, amount).ok_or(Refusal::NoPrice)
        })?;
        let [PoolPair { pool, pair }, _] = legs;
        let assets = self.ledger.assets(pool).ok_or(Refusal::NoPrice)?;
        let asset = assets.token(pair.input).ok_or(Refusal::NoPrice)?;
        Ok(Some((asset, back.checked_sub(amount_in).unwrap_or(Amount::ZERO))))
    }

    /// Returns what an amount of one token of a pool is in another at the pool's price, without
    /// fee or impact, rounded up; `None` without a price.
    pub(crate) fn at_spot(&self, pool: PoolId, pair: TokenPair, amount: Amount) -> Option<Amount> {
        let prices = self.market.pool(pool)?.prices(pair.output, self.market.now())?;
        prices.in_quote_rounding_up(amount, pair.input, pair.output)
    }
}

fn add(held: &mut BTreeMap<AssetId, Amount>, asset: AssetId, more: Amount) -> Result<(), Refusal> {
    let sum = held.entry(asset).or_insert(Amount::ZERO);
    *sum = sum.checked_add(more).ok_or(Refusal::NoPrice)?;
    Ok(())
}

/// Returns a part of a whole in basis points, rounded up; the largest there is where it passes it,
/// and of nothing.
pub(crate) fn part_bps(part: Amount, whole: Amount) -> u32 {
    let ten_thousand = tidemill_units::U256::from(10_000_u32);
    let bps = tidemill_units::mul_div_rounding_up(part.0, ten_thousand, whole.0);
    bps.and_then(|bps| u32::try_from(bps).ok()).unwrap_or(u32::MAX)
}
