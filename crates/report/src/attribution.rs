//! Where every unit went: fees, rewards, impermanent loss, swap cost and gas, which add up to the
//! net result.
//!
//! What we own is followed from action to action, at the price of the moment before each action.
//! Between two actions only the price moves, and what holding the deposit gained more than our
//! tokens did is impermanent loss. At an action the price stands still, and the change of value is
//! what the action gave or took. All values are whole raw quote units, so nothing is lost to
//! rounding and the parts add up exactly.
//!
//! What a staked token of the pool earns is a reward too, at its price when it comes back. Reward
//! tokens are no part of what is held against the deposit. They are worth their price when
//! they are sold, before what the sale costs, or at the end: what their price did between claim and
//! sale is part of the rewards.
//!
//! Contracts of exchanges and the cash that they were paid with are the hedge: what both together
//! gain between two actions is its gain. What a trade gave less than it took at the mark price, and
//! what the exchange took for it, is swap cost; what was paid as funding stands for itself.
//!
//! The net result does not come from these parts. It is what ledger and market have at the end,
//! less the deposit; and deposit, gas, collected fees and claimed rewards have to be those of the
//! ledger's own accounts.

mod exchange;

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Rounding, amounts_for_liquidity};
use tidemill_ledger::{Account, Ledger, PoolAssets};
use tidemill_market::{Market, PoolPrices, Valuation};
use tidemill_model::{
    AccountEvent, AssetId, Holding, Outcome, OutcomeKind, PositionId, RevertedBlock, Reward,
};
use tidemill_units::{Amount, Liquidity, SignedAmount, TickRange, TokenAmounts};

use self::exchange::{AtExchanges, Holdings, Traded, liquidation};
use crate::Identity;

/// Why the account of a run cannot be drawn up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributionError {
    /// A value past 2^255 raw units, or a position that nobody opened.
    #[error("a value of the attribution leaves its range")]
    OutOfRange,
    /// A staked position that could not leave its programme: what it has earned is not known.
    #[error("a staked position cannot leave its programme: what it has earned is not known")]
    Unclaimable,
    /// The ledger's account of something is not what the outcomes say.
    #[error("the ledger's {0} are not those of the outcomes")]
    Books(&'static str),
    /// A block was taken back: what was counted of it cannot be.
    #[error("{0} was reverted, and an account of a run cannot follow that")]
    Reverted(RevertedBlock),
}

/// The running account of one strategy, in raw quote units.
#[derive(Clone, Debug)]
pub struct Attribution {
    valuation: Valuation,
    assets: PoolAssets,
    /// All that was there at the start, at exchanges too.
    hold: TokenAmounts,
    wallet: TokenAmounts,
    at_exchanges: AtExchanges,
    positions: BTreeMap<PositionId, Content>,
    /// What our tokens and the deposit were worth after the last action.
    last: Option<Marks>,
    fees: SignedAmount,
    /// Of the rewards that were sold.
    rewards: SignedAmount,
    il: SignedAmount,
    swap_cost: SignedAmount,
    /// Part of the swap cost.
    commission: SignedAmount,
    gas: SignedAmount,
    funding: SignedAmount,
    hedge: SignedAmount,
    /// What the outcomes add up to, to be compared with the ledger's accounts.
    gas_wei: Amount,
    fees_collected: TokenAmounts,
    /// What stakes of the pool's own tokens earned.
    stakes_collected: TokenAmounts,
    claimed: BTreeMap<AssetId, Amount>,
    sold: BTreeMap<AssetId, Amount>,
}

/// What an open position holds, uncollected fees apart.
#[derive(Clone, Debug)]
enum Content {
    /// What liquidity in a range holds follows from the price.
    Range(TickRange, Liquidity),
    /// What shares stand for, as the market said at the last mark, or what was paid for them.
    Shares(Box<TokenAmounts>),
    /// What is left of the tokens that were staked or locked; what they earn are rewards.
    Stake(Box<TokenAmounts>),
}

#[derive(Clone, Copy, Debug)]
struct Marks {
    /// Our tokens, wherever they are, what contracts brought apart.
    ours: SignedAmount,
    hold: SignedAmount,
    /// Contracts, and what they brought.
    hedge: SignedAmount,
}

/// What each strategy starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// On the chain.
    pub deposit: TokenAmounts,
    /// At exchanges, all of them together.
    pub at_exchanges: TokenAmounts,
}

/// What a run ended with, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The parts, and the net result that ledger and market give.
    pub identity: Identity,
    /// What exchanges took for trades and liquidations; part of the swap cost.
    pub commission: SignedAmount,
    /// What everything is worth at the end, gas deducted.
    pub final_value: SignedAmount,
    /// What the deposit would be worth at the end.
    pub hold_value: SignedAmount,
}

type Result<T> = std::result::Result<T, AttributionError>;

impl Attribution {
    /// Returns the account of a deposit that nothing has happened to yet.
    ///
    /// Errors: [`AttributionError::OutOfRange`].
    pub fn new(valuation: Valuation, assets: PoolAssets, start: Start) -> Result<Self> {
        let zero = SignedAmount::ZERO;
        let none = no_amounts(&start.deposit);
        Ok(Self {
            valuation,
            assets,
            hold: add(start.deposit, &start.at_exchanges)?,
            wallet: start.deposit,
            at_exchanges: AtExchanges::new(&start.at_exchanges)?,
            positions: BTreeMap::new(),
            last: None,
            fees: zero,
            rewards: zero,
            il: zero,
            swap_cost: zero,
            commission: zero,
            gas: zero,
            funding: zero,
            hedge: zero,
            gas_wei: Amount::ZERO,
            fees_collected: none,
            stakes_collected: none,
            claimed: BTreeMap::new(),
            sold: BTreeMap::new(),
        })
    }

    /// Returns what wei cost at these prices.
    ///
    /// Errors: [`AttributionError`].
    pub fn gas_value(&self, prices: &PoolPrices, wei: Amount) -> Result<SignedAmount> {
        let value = self.valuation.native_at(prices, wei).ok_or(AttributionError::OutOfRange)?;
        SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
    }

    fn value(&self, prices: &PoolPrices, amounts: &TokenAmounts) -> Result<SignedAmount> {
        let value = self.valuation.value_at(prices, amounts).ok_or(AttributionError::OutOfRange)?;
        SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
    }

    /// What our tokens are worth, at hand, in positions and at exchanges, uncollected fees and what
    /// contracts brought apart.
    fn ours(&self, prices: &PoolPrices) -> Result<SignedAmount> {
        self.value_with(prices, &self.held(prices)?, false)
    }

    /// What amounts of the pool's tokens and those at exchanges are worth together, what contracts
    /// brought among them or not.
    fn value_with(
        &self,
        prices: &PoolPrices,
        held: &TokenAmounts,
        with_flows: bool,
    ) -> Result<SignedAmount> {
        held.iter().try_fold(SignedAmount::ZERO, |total, (token, amount)| {
            let amount = SignedAmount::positive(amount).ok_or(AttributionError::OutOfRange)?;
            let balance = sum(amount, self.at_exchanges.token(token, with_flows)?)?;
            let worth = self.valuation.balance_at(prices, token, balance);
            sum(total, worth.ok_or(AttributionError::OutOfRange)?)
        })
    }

    /// What contracts and the cash that they brought are worth.
    fn hedged(&self, prices: &PoolPrices, market: &Market) -> Result<SignedAmount> {
        if !self.at_exchanges.has_contracts() {
            return Ok(SignedAmount::ZERO);
        }
        let held = self.held(prices)?;
        let all = self.value_with(prices, &held, true)?;
        let cash = difference(all, self.value_with(prices, &held, false)?)?;
        let of = (prices, market);
        sum(cash, self.at_exchanges.contracts_value(&self.valuation, of, &self.assets)?)
    }

    /// Our tokens at hand and in positions.
    fn held(&self, prices: &PoolPrices) -> Result<TokenAmounts> {
        let mut held = self.wallet;
        for content in self.positions.values() {
            let content = match (content, prices) {
                (Content::Range(range, liquidity), PoolPrices::Concentrated(price)) => {
                    amounts_for_liquidity(*price, *range, *liquidity, Rounding::Down)
                        .map_err(|_| AttributionError::OutOfRange)?
                        .into()
                }
                (Content::Range(..), PoolPrices::Shares(_)) => {
                    return Err(AttributionError::OutOfRange);
                }
                (Content::Shares(content) | Content::Stake(content), _) => **content,
            };
            held = add(held, &content)?;
        }
        Ok(held)
    }

    /// Books what the price did to us and to the deposit since the last action.
    fn mark(&mut self, prices: &PoolPrices, market: &Market) -> Result<Marks> {
        for (id, content) in &mut self.positions {
            if let Content::Shares(content) | Content::Stake(content) = content {
                **content = market.worth(*id).ok_or(AttributionError::OutOfRange)?.principal;
            }
        }
        let now = Marks {
            ours: self.ours(prices)?,
            hold: self.value(prices, &self.hold)?,
            hedge: self.hedged(prices, market)?,
        };
        if let Some(last) = self.last {
            let hold_gain = difference(now.hold, last.hold)?;
            let our_gain = difference(now.ours, last.ours)?;
            self.il = sum(self.il, difference(hold_gain, our_gain)?)?;
            self.hedge = sum(self.hedge, difference(now.hedge, last.hedge)?)?;
        }
        self.last = Some(now);
        Ok(now)
    }

    /// Takes in an outcome; `market` is what it was before the outcome is applied to it.
    ///
    /// Errors: [`AttributionError`].
    pub fn observe(&mut self, outcome: &Outcome, market: &Market) -> Result<()> {
        let prices = &self.valuation.prices(market).ok_or(AttributionError::OutOfRange)?;
        let before = self.mark(prices, market)?;
        let cost = outcome.gas.cost().ok_or(AttributionError::OutOfRange)?;
        self.gas = sum(self.gas, self.gas_value(prices, cost)?)?;
        self.gas_wei = self.gas_wei.checked_add(cost).ok_or(AttributionError::OutOfRange)?;
        match outcome.kind {
            OutcomeKind::Opened { position, holding, deposited, .. } => {
                self.wallet = subtract(self.wallet, &deposited)?;
                let content = match holding {
                    Holding::Range { range, liquidity } => Content::Range(range, liquidity),
                    // The market says at the next mark what they stand for: a little less.
                    Holding::Shares(_) => Content::Shares(Box::new(deposited)),
                    Holding::Stake { .. } | Holding::Lock { .. } => {
                        Content::Stake(Box::new(deposited))
                    }
                };
                self.positions.insert(position, content);
                // Deposits are rounded up and contents down: a unit or two stay with the pool.
                let lost = difference(before.ours, self.ours(prices)?)?;
                self.il = sum(self.il, lost)?;
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                let content = self.positions.remove(&position);
                let content = content.ok_or(AttributionError::OutOfRange)?;
                self.wallet = add(self.wallet, &withdrawn)?;
                let principal = self.ours(prices)?;
                self.il = sum(self.il, difference(before.ours, principal)?)?;
                match content {
                    Content::Range(..) | Content::Shares(_) => self.collect(prices, &fees)?,
                    Content::Stake(_) => self.collect_staked(prices, &fees)?,
                }
            }
            OutcomeKind::Staked { fees, .. } => self.collect(prices, &fees)?,
            // What is asked back, or earned and staked on, stays with the service.
            OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. } => {}
            OutcomeKind::Claimed { reward, .. } | OutcomeKind::Unstaked { reward, .. } => {
                count(&mut self.claimed, reward)?;
            }
            OutcomeKind::Sold { reward, into, amount_out, .. } => {
                count(&mut self.sold, reward)?;
                let received = TokenAmounts::of(self.wallet.len(), into, amount_out);
                let received = received.ok_or(AttributionError::OutOfRange)?;
                self.wallet = add(self.wallet, &received)?;
                let worth = reward_value(market, reward)?;
                self.rewards = sum(self.rewards, worth)?;
                let lost = difference(worth, difference(self.ours(prices)?, before.ours)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
            }
            OutcomeKind::Swapped { pair, amount_in, amount_out, .. } => {
                let only = |token, amount| TokenAmounts::of(self.wallet.len(), token, amount);
                let paid = only(pair.input, amount_in).ok_or(AttributionError::OutOfRange)?;
                let received = only(pair.output, amount_out).ok_or(AttributionError::OutOfRange)?;
                self.wallet = add(subtract(self.wallet, &paid)?, &received)?;
                let lost = difference(before.ours, self.ours(prices)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
            }
            OutcomeKind::Traded { instrument, side, quantity, amount, commission } => {
                let traded = Traded { instrument, side, quantity, amount, commission };
                self.trade(&traded, (prices, market), before)?;
            }
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
        self.remark(prices, market, before)
    }

    /// Takes in what an exchange did to an account of ours; `market` is what it was before the
    /// event is applied to it.
    ///
    /// Errors: [`AttributionError`].
    pub fn observe_account(&mut self, event: &AccountEvent, market: &Market) -> Result<()> {
        let prices = &self.valuation.prices(market).ok_or(AttributionError::OutOfRange)?;
        let before = self.mark(prices, market)?;
        if let Some(traded) = liquidation(event) {
            self.trade(&traded, (prices, market), before)?;
        } else if let AccountEvent::Funding { instrument, received } = *event {
            self.at_exchanges.fund((instrument, received), market, &self.assets)?;
            let paid = difference(before.ours, self.ours(prices)?)?;
            self.funding = sum(self.funding, paid)?;
        }
        self.remark(prices, market, before)
    }

    /// Books what a trade gave less than it took, at the mark price, and its commission.
    fn trade(
        &mut self,
        traded: &Traded,
        (prices, market): (&PoolPrices, &Market),
        before: Marks,
    ) -> Result<()> {
        self.at_exchanges.trade(traded, market, &self.assets)?;
        let between = self.ours(prices)?;
        let lost = difference(before.ours, between)?;
        let lost = sum(lost, difference(before.hedge, self.hedged(prices, market)?)?)?;
        self.at_exchanges.pay_commission(traded, market, &self.assets)?;
        let commission = difference(between, self.ours(prices)?)?;
        self.commission = sum(self.commission, commission)?;
        self.swap_cost = sum(sum(self.swap_cost, lost)?, commission)?;
        Ok(())
    }

    /// Takes note of what there is after an action, at the price that it found.
    fn remark(&mut self, prices: &PoolPrices, market: &Market, before: Marks) -> Result<()> {
        let (ours, hedge) = (self.ours(prices)?, self.hedged(prices, market)?);
        self.last = Some(Marks { ours, hedge, ..before });
        Ok(())
    }

    /// Books fees that come to the wallet, at what they are worth now.
    fn collect(&mut self, prices: &PoolPrices, fees: &TokenAmounts) -> Result<()> {
        self.fees_collected = add(self.fees_collected, fees)?;
        self.fees = sum(self.fees, self.receive(prices, fees)?)?;
        Ok(())
    }

    /// Books what a stake earned, when it comes to the wallet.
    fn collect_staked(&mut self, prices: &PoolPrices, earned: &TokenAmounts) -> Result<()> {
        self.stakes_collected = add(self.stakes_collected, earned)?;
        self.rewards = sum(self.rewards, self.receive(prices, earned)?)?;
        Ok(())
    }

    /// Adds amounts to the wallet; returns by how much all that is ours is worth more.
    fn receive(&mut self, prices: &PoolPrices, amounts: &TokenAmounts) -> Result<SignedAmount> {
        let before = self.ours(prices)?;
        self.wallet = add(self.wallet, amounts)?;
        difference(self.ours(prices)?, before)
    }

    /// What rewards are worth that are at hand or can be claimed, as ledger and market say.
    fn rewards_left(&self, market: &Market, ledger: &Ledger) -> Result<SignedAmount> {
        let mut worth = SignedAmount::ZERO;
        for asset in market.reward_assets() {
            let reward = Reward { asset, amount: ledger.wallet(asset) };
            worth = sum(worth, reward_value(market, reward)?)?;
        }
        for (id, position) in ledger.positions() {
            if position.staked.is_some() {
                let reward = market.reward(id).ok_or(AttributionError::Unclaimable)?;
                worth = sum(worth, reward_value(market, reward)?)?;
            }
            for bribe in market.bribes(id) {
                worth = sum(worth, reward_value(market, bribe)?)?;
            }
        }
        Ok(worth)
    }

    /// Closes the account at the last price: fees not collected and rewards not claimed yet are
    /// earned, and the net result is taken from what ledger and market say is there.
    ///
    /// Errors: [`AttributionError`].
    pub fn settle(&self, market: &Market, ledger: &Ledger) -> Result<Settlement> {
        let mut end = self.clone();
        let prices = &self.valuation.prices(market).ok_or(AttributionError::OutOfRange)?;
        let marks = end.mark(prices, market)?;
        let assets = ledger.assets(self.valuation.pool).ok_or(AttributionError::OutOfRange)?;
        self.check_books(ledger, assets)?;
        let mut held = ledger.wallet_of(assets).ok_or(AttributionError::OutOfRange)?;
        let (mut fees, mut staked) = (no_amounts(&held), no_amounts(&held));
        for (id, position) in ledger.positions() {
            let worth = market.worth(id).ok_or(AttributionError::OutOfRange)?;
            held = add(held, &worth.principal)?;
            match position.holding {
                Holding::Range { .. } | Holding::Shares(_) => fees = add(fees, &worth.fees)?,
                Holding::Stake { .. } | Holding::Lock { .. } => {
                    staked = add(staked, &worth.fees)?;
                }
            }
        }
        let ledger_holds = Holdings::at_exchanges(ledger, assets)?;
        let value = |tokens: &TokenAmounts| ledger_holds.value(&self.valuation, prices, tokens);
        let contracts = ledger_holds.contracts_value(&self.valuation, (prices, market), assets)?;
        let with_fees = add(held, &fees)?;
        let all = value(&add(with_fees, &staked)?)?;
        let with_fees = value(&with_fees)?;
        let fees = sum(end.fees, difference(with_fees, value(&held)?)?)?;
        let staked = difference(all, with_fees)?;
        let rewards_left = sum(self.rewards_left(market, ledger)?, staked)?;
        let on_hand = sum(sum(with_fees, contracts)?, rewards_left)?;
        let final_value = difference(on_hand, end.gas)?;
        let net = difference(final_value, marks.hold)?;
        let rewards = sum(end.rewards, rewards_left)?;
        let parts = sum(fees, rewards).and_then(|earned| difference(earned, end.il));
        let parts = parts.and_then(|rest| difference(rest, end.swap_cost));
        let parts = parts.and_then(|rest| difference(rest, end.gas));
        let parts = parts.and_then(|rest| difference(rest, end.funding));
        let parts = parts.and_then(|rest| sum(rest, end.hedge))?;
        let identity = Identity {
            fees,
            rewards,
            il: end.il,
            swap_cost: end.swap_cost,
            gas: end.gas,
            funding: end.funding,
            hedge: end.hedge,
            net,
            reported_difference: difference(parts, net)?,
        };
        let (commission, hold_value) = (end.commission, marks.hold);
        Ok(Settlement { identity, commission, final_value, hold_value })
    }

    /// What net and its parts have in common must not come from here alone: deposit, gas, fees
    /// collected and rewards claimed and left are the ledger's, asset by asset.
    fn check_books(&self, ledger: &Ledger, assets: &PoolAssets) -> Result<()> {
        let is = |account: Account, asset: AssetId, amount: Amount, is_source: bool| {
            let balance = ledger.balance(account, asset);
            balance.magnitude() == amount
                && (amount.is_zero() || balance.is_negative() == is_source)
        };
        let collected = self.fees_collected.as_slice();
        let amounts = self.hold.as_slice().iter().zip(collected);
        for (asset, (deposited, collected)) in assets.tokens().iter().zip(amounts) {
            if !is(Account::Capital, *asset, *deposited, true) {
                return Err(AttributionError::Books("deposits"));
            }
            if !is(Account::FeesEarned, *asset, *collected, true) {
                return Err(AttributionError::Books("fees"));
            }
        }
        for (asset, earned) in assets.tokens().iter().zip(self.stakes_collected.as_slice()) {
            if !is(Account::RewardsEarned, *asset, *earned, true) {
                return Err(AttributionError::Books("rewards of stakes"));
            }
        }
        for (asset, claimed) in &self.claimed {
            let sold = self.sold.get(asset).copied().unwrap_or(Amount::ZERO);
            let left = claimed.checked_sub(sold).ok_or(AttributionError::Books("rewards"))?;
            if !is(Account::RewardsEarned, *asset, *claimed, true) || ledger.wallet(*asset) != left
            {
                return Err(AttributionError::Books("rewards"));
            }
        }
        if !is(Account::Gas, assets.native, self.gas_wei, false) {
            return Err(AttributionError::Books("gas costs"));
        }
        self.at_exchanges.check_books(ledger, assets)
    }
}

/// As many amounts, all zero.
fn no_amounts(like: &TokenAmounts) -> TokenAmounts {
    let mut none = *like;
    none.as_mut_slice().fill(Amount::ZERO);
    none
}

/// What a reward is worth now; nothing is a reward of an unknown price.
fn reward_value(market: &Market, reward: Reward) -> Result<SignedAmount> {
    let value = market.value_of_reward(reward).ok_or(AttributionError::OutOfRange)?;
    SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
}

fn count(totals: &mut BTreeMap<AssetId, Amount>, reward: Reward) -> Result<()> {
    let total = totals.entry(reward.asset).or_default();
    *total = total.checked_add(reward.amount).ok_or(AttributionError::OutOfRange)?;
    Ok(())
}

fn add(one: TokenAmounts, other: &TokenAmounts) -> Result<TokenAmounts> {
    one.checked_add(other).ok_or(AttributionError::OutOfRange)
}

fn subtract(one: TokenAmounts, other: &TokenAmounts) -> Result<TokenAmounts> {
    one.checked_sub(other).ok_or(AttributionError::OutOfRange)
}

fn sum(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_add(other).ok_or(AttributionError::OutOfRange)
}

fn difference(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_sub(other).ok_or(AttributionError::OutOfRange)
}

#[cfg(test)]
mod tests;
