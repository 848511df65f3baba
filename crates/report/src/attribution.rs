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
//! Tokens at exchanges are ours as those in the wallet are: what they gain less than the deposit is
//! impermanent loss, wherever they were bought, and what they gain more takes from it. So it is in
//! a run without a pool, where nothing else moves that term.
//!
//! Contracts of exchanges and the cash that they were paid with are the hedge: what both together
//! gain between two actions is its gain. What a trade gave less than it took at the mark price, and
//! what the exchange took for it, is swap cost; what was paid as funding stands for itself.
//!
//! The net result does not come from these parts. It is what ledger and market have at the end,
//! less the deposit; and deposit, gas, collected fees and claimed rewards have to be those of the
//! ledger's own accounts.

mod balances;
mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidemill_amm::concentrated::{Rounding, amounts_for_liquidity};
use tidemill_ledger::{Account, Ledger, PoolAssets};
use tidemill_market::{AssetPrices, Market, Valuation};
use tidemill_model::{
    AccountEvent, AssetId, Holding, Outcome, OutcomeKind, PoolId, PoolPair, PositionId,
    RevertedBlock, Reward,
};
use tidemill_units::{Amount, Liquidity, SignedAmount, TickRange, TokenAmounts};

use self::balances::Balances;
use self::exchange::{AtExchanges, Traded, held_at, liquidation, settlement};
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
    pools: Pools,
    /// All that was there at the start, at exchanges too.
    hold: Balances,
    wallet: Balances,
    at_exchanges: AtExchanges,
    positions: BTreeMap<PositionId, (PoolId, Content)>,
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
    fees_collected: Balances,
    /// What stakes of the pools' own tokens earned.
    stakes_collected: Balances,
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

/// The pools of a run and their assets.
#[derive(Clone, Debug)]
struct Pools(Arc<[(PoolId, PoolAssets)]>);

/// A market at one moment, and what assets are worth in it.
struct Scene<'a> {
    market: &'a Market,
    prices: AssetPrices<'a>,
}

#[derive(Clone, Copy, Debug)]
struct Marks {
    /// Our tokens, wherever they are, what contracts brought apart.
    ours: SignedAmount,
    hold: SignedAmount,
    /// Contracts, and what they brought.
    hedge: SignedAmount,
}

/// What a strategy starts with: so much of each asset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// On the chain.
    pub deposit: Vec<(AssetId, Amount)>,
    /// At exchanges, all of them together.
    pub at_exchanges: Vec<(AssetId, Amount)>,
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

impl Pools {
    fn assets(&self, pool: PoolId) -> Result<&PoolAssets> {
        let found = self.0.iter().find(|(id, _)| *id == pool);
        found.map(|(_, assets)| assets).ok_or(AttributionError::OutOfRange)
    }

    /// All tokens of all pools, each once.
    fn tokens(&self) -> Vec<AssetId> {
        let mut tokens: Vec<_> =
            self.0.iter().flat_map(|(_, assets)| assets.tokens()).copied().collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    fn scene<'a>(&'a self, valuation: Valuation, market: &'a Market) -> Result<Scene<'a>> {
        let pools = self.0.iter().map(|(id, assets)| (*id, assets.tokens()));
        let prices = AssetPrices::new(market, valuation, pools);
        Ok(Scene { market, prices: prices.ok_or(AttributionError::OutOfRange)? })
    }
}

impl Attribution {
    /// Returns the account of a start that nothing has happened to yet; `pools` says which assets
    /// the tokens of each pool are.
    ///
    /// Errors: [`AttributionError::OutOfRange`].
    pub fn new(
        valuation: Valuation,
        pools: &[(PoolId, PoolAssets)],
        start: &Start,
    ) -> Result<Self> {
        let zero = SignedAmount::ZERO;
        let none = Balances::default();
        let (mut wallet, mut at_exchanges) = (none.clone(), none.clone());
        for (asset, amount) in &start.deposit {
            wallet.receive(*asset, *amount)?;
        }
        for (asset, amount) in &start.at_exchanges {
            at_exchanges.receive(*asset, *amount)?;
        }
        let mut hold = wallet.clone();
        hold.extend(&at_exchanges)?;
        Ok(Self {
            valuation,
            pools: Pools(pools.into()),
            hold,
            wallet,
            at_exchanges: AtExchanges::new(at_exchanges),
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
            fees_collected: none.clone(),
            stakes_collected: none,
            claimed: BTreeMap::new(),
            sold: BTreeMap::new(),
        })
    }

    /// Returns what wei cost now.
    ///
    /// Errors: [`AttributionError`].
    pub fn gas_value(&self, market: &Market, wei: Amount) -> Result<SignedAmount> {
        let value = self.valuation.gas_value(market, wei).ok_or(AttributionError::OutOfRange)?;
        SignedAmount::positive(value).ok_or(AttributionError::OutOfRange)
    }

    /// Returns what all that was there at the start is worth now.
    ///
    /// Errors: [`AttributionError`].
    pub fn hold_value(&self, market: &Market) -> Result<SignedAmount> {
        self.hold.value(&self.pools.scene(self.valuation, market)?.prices)
    }

    /// Our tokens, at hand, in positions and at exchanges, uncollected fees and what contracts
    /// brought apart.
    fn held(&self, scene: &Scene<'_>) -> Result<Balances> {
        let mut held = self.wallet.clone();
        held.extend(&self.at_exchanges.tokens)?;
        for (pool, content) in self.positions.values() {
            let content = match content {
                Content::Range(range, liquidity) => {
                    let pool = scene.market.pool(*pool).and_then(|pool| pool.concentrated());
                    let pool = pool.ok_or(AttributionError::OutOfRange)?.pool();
                    amounts_for_liquidity(pool.sqrt_price(), *range, *liquidity, Rounding::Down)
                        .map_err(|_| AttributionError::OutOfRange)?
                        .into()
                }
                Content::Shares(content) | Content::Stake(content) => **content,
            };
            held.receive_all(self.pools.assets(*pool)?, &content)?;
        }
        Ok(held)
    }

    /// What they are worth.
    fn ours(&self, scene: &Scene<'_>) -> Result<SignedAmount> {
        self.held(scene)?.value(&scene.prices)
    }

    /// What contracts and the cash that they brought are worth.
    fn hedged(&self, scene: &Scene<'_>) -> Result<SignedAmount> {
        self.at_exchanges.hedge(&self.held(scene)?, &scene.prices)
    }

    /// Books what the price did to us and to the deposit since the last action.
    fn mark(&mut self, scene: &Scene<'_>) -> Result<Marks> {
        for (id, (_, content)) in &mut self.positions {
            if let Content::Shares(content) | Content::Stake(content) = content {
                let worth = scene.market.worth(*id).ok_or(AttributionError::OutOfRange)?;
                **content = worth.principal;
            }
        }
        let now = Marks {
            ours: self.ours(scene)?,
            hold: self.hold.value(&scene.prices)?,
            hedge: self.hedged(scene)?,
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
        let pools = self.pools.clone();
        let scene = &pools.scene(self.valuation, market)?;
        let before = self.mark(scene)?;
        let cost = outcome.gas.cost().ok_or(AttributionError::OutOfRange)?;
        self.gas = sum(self.gas, self.gas_value(market, cost)?)?;
        self.gas_wei = self.gas_wei.checked_add(cost).ok_or(AttributionError::OutOfRange)?;
        self.book(&outcome.kind, scene, before)?;
        self.remark(scene, before)
    }

    /// Books what an outcome moved.
    fn book(&mut self, kind: &OutcomeKind, scene: &Scene<'_>, before: Marks) -> Result<()> {
        match *kind {
            OutcomeKind::Opened { position, pool, holding, deposited } => {
                self.wallet.pay_all(self.pools.assets(pool)?, &deposited)?;
                self.positions.insert(position, (pool, Content::of(holding, deposited)));
                // Deposits are rounded up and contents down: a unit or two stay with the pool.
                let lost = difference(before.ours, self.ours(scene)?)?;
                self.il = sum(self.il, lost)?;
                Ok(())
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                let closed = self.positions.remove(&position);
                let (pool, content) = closed.ok_or(AttributionError::OutOfRange)?;
                self.wallet.receive_all(self.pools.assets(pool)?, &withdrawn)?;
                let principal = self.ours(scene)?;
                self.il = sum(self.il, difference(before.ours, principal)?)?;
                match content {
                    Content::Range(..) | Content::Shares(_) => self.collect(scene, (pool, &fees)),
                    Content::Stake(_) => self.collect_staked(scene, (pool, &fees)),
                }
            }
            OutcomeKind::Staked { position, fees, .. } => {
                let staked = self.positions.get(&position);
                let pool = staked.ok_or(AttributionError::OutOfRange)?.0;
                self.collect(scene, (pool, &fees))
            }
            OutcomeKind::Claimed { reward, .. } | OutcomeKind::Unstaked { reward, .. } => {
                count(&mut self.claimed, reward)
            }
            OutcomeKind::Sold { pool, reward, into, amount_out } => {
                count(&mut self.sold, reward)?;
                let into = self.pools.assets(pool)?.token(into);
                self.wallet.receive(into.ok_or(AttributionError::OutOfRange)?, amount_out)?;
                let worth = reward_value(scene.market, reward)?;
                self.rewards = sum(self.rewards, worth)?;
                let lost = difference(worth, difference(self.ours(scene)?, before.ours)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
                Ok(())
            }
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out } => {
                self.swap(PoolPair { pool, pair }, (amount_in, amount_out))?;
                let lost = difference(before.ours, self.ours(scene)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
                Ok(())
            }
            // What it gains is a cost of swaps below zero.
            OutcomeKind::Arbitraged { legs: [first, second], amount_in, between, amount_out } => {
                self.swap(first, (amount_in, between))?;
                self.swap(second, (between, amount_out))?;
                let lost = difference(before.ours, self.ours(scene)?)?;
                self.swap_cost = sum(self.swap_cost, lost)?;
                Ok(())
            }
            OutcomeKind::Traded { instrument, side, quantity, amount, commission } => {
                let traded = Traded { instrument, side, quantity, amount, commission };
                self.trade(&traded, scene, before)
            }
            // What is asked back, or earned and staked on, stays with the service.
            OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => Ok(()),
        }
    }

    fn swap(
        &mut self,
        PoolPair { pool, pair }: PoolPair,
        (amount_in, amount_out): (Amount, Amount),
    ) -> Result<()> {
        let assets = self.pools.assets(pool)?;
        let token = |token| assets.token(token).ok_or(AttributionError::OutOfRange);
        let (paid, received) = (token(pair.input)?, token(pair.output)?);
        self.wallet.pay(paid, amount_in)?;
        self.wallet.receive(received, amount_out)
    }

    /// Takes in what an exchange did to an account of ours; `market` is what it was before the
    /// event is applied to it.
    ///
    /// Errors: [`AttributionError`].
    pub fn observe_account(&mut self, event: &AccountEvent, market: &Market) -> Result<()> {
        let pools = self.pools.clone();
        let scene = &pools.scene(self.valuation, market)?;
        let before = self.mark(scene)?;
        if let Some(traded) = liquidation(event) {
            self.trade(&traded, scene, before)?;
        } else if let Some(settled) = settlement(event) {
            self.at_exchanges.trade(&settled, scene.market)?;
            // Nothing was traded: what it pays more or less than its last mark, it has gained.
            let gained = difference(self.hedged(scene)?, before.hedge)?;
            self.hedge = sum(self.hedge, gained)?;
        } else if let AccountEvent::Funding { instrument, received } = *event {
            self.at_exchanges.fund((instrument, received), market)?;
            let paid = difference(before.ours, self.ours(scene)?)?;
            self.funding = sum(self.funding, paid)?;
        }
        self.remark(scene, before)
    }

    /// Books what a trade gave less than it took, at the mark price, and its commission.
    fn trade(&mut self, traded: &Traded, scene: &Scene<'_>, before: Marks) -> Result<()> {
        self.at_exchanges.trade(traded, scene.market)?;
        let between = self.ours(scene)?;
        let lost = difference(before.ours, between)?;
        let lost = sum(lost, difference(before.hedge, self.hedged(scene)?)?)?;
        self.at_exchanges.pay_commission(traded, scene.market)?;
        let commission = difference(between, self.ours(scene)?)?;
        self.commission = sum(self.commission, commission)?;
        self.swap_cost = sum(sum(self.swap_cost, lost)?, commission)?;
        Ok(())
    }

    /// Takes note of what there is after an action, at the price that it found.
    fn remark(&mut self, scene: &Scene<'_>, before: Marks) -> Result<()> {
        let (ours, hedge) = (self.ours(scene)?, self.hedged(scene)?);
        self.last = Some(Marks { ours, hedge, ..before });
        Ok(())
    }

    /// Books fees that come to the wallet, at what they are worth now.
    fn collect(&mut self, scene: &Scene<'_>, fees: (PoolId, &TokenAmounts)) -> Result<()> {
        self.fees_collected.receive_all(self.pools.assets(fees.0)?, fees.1)?;
        self.fees = sum(self.fees, self.receive(scene, fees)?)?;
        Ok(())
    }

    /// Books what a stake earned, when it comes to the wallet.
    fn collect_staked(&mut self, scene: &Scene<'_>, earned: (PoolId, &TokenAmounts)) -> Result<()> {
        self.stakes_collected.receive_all(self.pools.assets(earned.0)?, earned.1)?;
        self.rewards = sum(self.rewards, self.receive(scene, earned)?)?;
        Ok(())
    }

    /// Adds amounts of a pool's tokens to the wallet; returns by how much all that is ours is worth
    /// more.
    fn receive(
        &mut self,
        scene: &Scene<'_>,
        (pool, amounts): (PoolId, &TokenAmounts),
    ) -> Result<SignedAmount> {
        let before = self.ours(scene)?;
        self.wallet.receive_all(self.pools.assets(pool)?, amounts)?;
        difference(self.ours(scene)?, before)
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
        let scene = &self.pools.scene(self.valuation, market)?;
        let marks = end.mark(scene)?;
        self.check_books(ledger)?;
        let Left { held, fees, staked } = self.left(market, ledger)?;
        let value = held.value(&scene.prices)?;
        let mut with_fees = held;
        with_fees.extend(&fees)?;
        let value_with_fees = with_fees.value(&scene.prices)?;
        let mut all = with_fees;
        all.extend(&staked)?;
        let staked = difference(all.value(&scene.prices)?, value_with_fees)?;
        let fees = sum(end.fees, difference(value_with_fees, value)?)?;
        let rewards_left = sum(self.rewards_left(market, ledger)?, staked)?;
        let final_value = difference(sum(value_with_fees, rewards_left)?, end.gas)?;
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

    /// What ledger and market say is there, gas and rewards of programmes apart.
    fn left(&self, market: &Market, ledger: &Ledger) -> Result<Left> {
        let none = Balances::default();
        let mut left = Left { held: held_at(ledger)?, fees: none.clone(), staked: none };
        for asset in self.pools.tokens() {
            left.held.receive(asset, ledger.wallet(asset))?;
        }
        for (id, position) in ledger.positions() {
            let assets = self.pools.assets(position.pool)?;
            let worth = market.worth(id).ok_or(AttributionError::OutOfRange)?;
            left.held.receive_all(assets, &worth.principal)?;
            match position.holding {
                Holding::Range { .. } | Holding::Shares(_) => {
                    left.fees.receive_all(assets, &worth.fees)?;
                }
                Holding::Stake { .. } | Holding::Lock { .. } => {
                    left.staked.receive_all(assets, &worth.fees)?;
                }
            }
        }
        Ok(left)
    }

    /// What net and its parts have in common must not come from here alone: deposit, gas, fees
    /// collected and rewards claimed and left are the ledger's, asset by asset.
    fn check_books(&self, ledger: &Ledger) -> Result<()> {
        let is = |account: Account, asset: AssetId, counted: SignedAmount| {
            ledger.balance(account, asset).checked_neg() == Some(counted)
        };
        let deposited: BTreeSet<_> = self
            .pools
            .tokens()
            .into_iter()
            .chain(self.hold.iter().map(|(asset, _)| asset))
            .collect();
        if deposited.iter().any(|asset| !is(Account::Capital, *asset, self.hold.get(*asset))) {
            return Err(AttributionError::Books("deposits"));
        }
        for asset in self.pools.tokens() {
            if !is(Account::FeesEarned, asset, self.fees_collected.get(asset)) {
                return Err(AttributionError::Books("fees"));
            }
            if !is(Account::RewardsEarned, asset, self.stakes_collected.get(asset)) {
                return Err(AttributionError::Books("rewards of stakes"));
            }
        }
        for (asset, claimed) in &self.claimed {
            let sold = self.sold.get(asset).copied().unwrap_or(Amount::ZERO);
            let left = claimed.checked_sub(sold).ok_or(AttributionError::Books("rewards"))?;
            let earned = SignedAmount::positive(*claimed).ok_or(AttributionError::OutOfRange)?;
            if !is(Account::RewardsEarned, *asset, earned) || ledger.wallet(*asset) != left {
                return Err(AttributionError::Books("rewards"));
            }
        }
        let paid = SignedAmount::positive(self.gas_wei).ok_or(AttributionError::OutOfRange)?;
        let booked = match self.valuation.pool() {
            Some(pool) => ledger.balance(Account::Gas, self.pools.assets(pool.pool)?.native),
            None => SignedAmount::ZERO,
        };
        if booked != paid {
            return Err(AttributionError::Books("gas costs"));
        }
        self.at_exchanges.check_books(ledger)
    }
}

/// What is there at the end.
struct Left {
    /// Tokens at hand, in positions and at exchanges, and contracts.
    held: Balances,
    /// Of positions, not collected.
    fees: Balances,
    /// What stakes of pools' tokens have earned.
    staked: Balances,
}

impl Content {
    fn of(holding: Holding, deposited: TokenAmounts) -> Self {
        match holding {
            Holding::Range { range, liquidity } => Self::Range(range, liquidity),
            // The market says at the next mark what they stand for: a little less.
            Holding::Shares(_) => Self::Shares(Box::new(deposited)),
            Holding::Stake { .. } | Holding::Lock { .. } => Self::Stake(Box::new(deposited)),
        }
    }
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

fn sum(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_add(other).ok_or(AttributionError::OutOfRange)
}

fn difference(one: SignedAmount, other: SignedAmount) -> Result<SignedAmount> {
    one.checked_sub(other).ok_or(AttributionError::OutOfRange)
}

#[cfg(test)]
mod tests;
