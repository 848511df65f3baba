use serde::{Deserialize, Serialize};
use tidemill_model::{AssetId, Intent, PoolId, PoolPair};
use tidemill_routing::{BestTrade, Hop, best_trade};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{
    Amount, Bps, Gas, GasPrice, TokenIndex, TokenPair, U256, mul_div, mul_div_rounding_up,
};

use crate::declared::{Declared, Site, row};
use crate::number::{part, raw_units};
use crate::{BuildError, ParameterError, bounded};

/// Hypothesis: pools of one pair disagree by more than their fees now and then, and who swaps in
/// both in one transaction is paid for bringing them together.
///
/// At every event it works out, in integers, what buying in one pool and selling in the other would
/// bring, in both directions. Where that pays for both swap fees, for the gas of one transaction at
/// the latest price, for the builder's share of the rest, and `min_profit_quote` besides, it sends
/// both swaps as one order that is executed as a whole or reverts. Both begin and end in the token
/// that values are stated in, or in the first that the pools share. A gap is taken once: not again
/// in the same direction before it has closed, for the recorded pools do not know that we took it.
/// Holds no position. Never stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TwoPoolArbitrage {
    /// The two pools, by their names; the first two of the run without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pools: Option<[String; 2]>,
    /// The least that has to be left of a trade after fees, gas and tip, 0 to 1000000000 whole
    /// quote tokens.
    pub min_profit_quote: f64,
    /// The part of what is left after gas that is offered for a place in the block, 0 to 10000
    /// basis points.
    pub builder_share_bps: u32,
    /// The part of what the wallet holds of the token that one trade may take, 1 to 10000 basis
    /// points.
    pub max_wallet_bps: u32,
}

impl Default for TwoPoolArbitrage {
    fn default() -> Self {
        Self {
            pools: None,
            min_profit_quote: 1.0,
            builder_share_bps: 8_000,
            max_wallet_bps: 10_000,
        }
    }
}

/// What arbitrage between pools takes besides them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArbitrageSetup {
    /// All pools of the run, in their order.
    pub pools: Vec<ArbitragePool>,
    /// What a transaction takes by itself; it is in the gas of every swap.
    pub transaction: Gas,
    /// The price of gas where none is recorded.
    pub fallback_price: GasPrice,
}

/// A pool that an arbitrage can go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArbitragePool {
    /// What the configuration calls it.
    pub name: String,
    /// Its number.
    pub pool: PoolId,
    /// Its tokens.
    pub assets: Vec<AssetId>,
    /// What a swap in it takes.
    pub gas: SwapGas,
}

/// The gas of a swap, by the initialized ticks that it crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapGas {
    /// Over none.
    pub in_range: Gas,
    /// Over one.
    pub one_crossing: Gas,
    /// Over two; each further one adds the difference.
    pub two_crossings: Gas,
}

impl SwapGas {
    /// Returns the gas of a swap over so many ticks.
    pub fn over(&self, crossings: usize) -> Gas {
        match crossings {
            0 => self.in_range,
            1 => self.one_crossing,
            more => {
                let each = self.two_crossings.0.saturating_sub(self.one_crossing.0);
                let further = u64::try_from(more).unwrap_or(u64::MAX).saturating_sub(2);
                Gas(self.two_crossings.0.saturating_add(each.saturating_mul(further)))
            }
        }
    }
}

impl ArbitrageSetup {
    /// Returns the two pools of these names, or the first two.
    fn chosen(&self, names: Option<&[String; 2]>) -> Result<[&ArbitragePool; 2], BuildError> {
        let Some(names) = names else {
            let [first, second, ..] = self.pools.as_slice() else {
                return Err(BuildError::NoSecondPool);
            };
            return Ok([first, second]);
        };
        let found = names.each_ref().map(|name| self.pools.iter().find(|it| it.name == *name));
        match found {
            [Some(first), Some(second)] if first.pool != second.pool => Ok([first, second]),
            _ if self.pools.len() < 2 => Err(BuildError::NoSecondPool),
            _ => {
                let known: Vec<_> = self.pools.iter().map(|pool| pool.name.as_str()).collect();
                let allowed = format!("two of {}", known.join(", "));
                let value = names.join(", ");
                Err(ParameterError { name: "pools", value, allowed }.into())
            }
        }
    }
}

impl Declared for TwoPoolArbitrage {
    fn name(&self) -> &'static str {
        "two_pool_arbitrage"
    }

    fn summary(&self) -> &'static str {
        "Buys in one pool and sells in another, in one transaction, where it pays for itself."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("min_profit_quote", &self.min_profit_quote),
            row("builder_share_bps", &self.builder_share_bps),
            row("max_wallet_bps", &self.max_wallet_bps),
        ];
        rows.extend(self.pools.iter().map(|pools| row("pools", &pools.join(", "))));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let min_profit = bounded("min_profit_quote", self.min_profit_quote, (0.0, 1e9))?;
        let share = bounded("builder_share_bps", self.builder_share_bps, (0, Bps::ONE.0))?;
        let most = bounded("max_wallet_bps", self.max_wallet_bps, (1, Bps::ONE.0))?;
        let setup = site.services.arbitrage.as_ref().ok_or(BuildError::NoSecondPool)?;
        let pools = setup.chosen(self.pools.as_ref())?;
        let shared = pools[0].assets.iter().filter(|asset| pools[1].assets.contains(asset));
        if shared.count() < 2 {
            let [first, second] = pools.map(|pool| pool.name.clone());
            return Err(BuildError::NothingShared { first, second });
        }
        Ok(Box::new(TwoPoolArbitrageDecider {
            pools: pools.map(|pool| (pool.pool, pool.gas)),
            transaction: setup.transaction,
            fallback_price: setup.fallback_price,
            min_profit,
            builder_share: Bps(share),
            part: Bps(most),
            asked: None,
            taken: None,
        }))
    }
}

#[derive(Clone, Debug)]
struct TwoPoolArbitrageDecider {
    pools: [(PoolId, SwapGas); 2],
    transaction: Gas,
    fallback_price: GasPrice,
    /// In whole quote tokens.
    min_profit: f64,
    builder_share: Bps,
    part: Bps,
    asked: Option<Asked>,
    /// The gap that was taken and has not closed.
    taken: Option<Direction>,
}

/// An order that was sent.
#[derive(Clone, Copy, Debug)]
struct Asked {
    direction: Direction,
    /// What the wallet held of the token.
    held: Amount,
}

/// In which of the two pools is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Forth,
    Back,
}

/// A pool as it stands, and the way through it.
#[derive(Clone, Copy)]
struct Leg<'a> {
    hop: Hop<'a>,
    place: PoolPair,
    gas: SwapGas,
}

/// The token that a trade begins and ends in, and the one in between.
#[derive(Clone, Copy)]
struct Tokens {
    ours: AssetId,
    other: AssetId,
}

/// A trade that pays, and what is offered for its place.
struct Worth {
    trade: BestTrade,
    min_amount_out: Amount,
    tip: GasPrice,
}

impl TwoPoolArbitrageDecider {
    /// Returns the views of both pools.
    fn views<'a>(&self, view: &View<'a>) -> Option<[View<'a>; 2]> {
        let [(first, _), (second, _)] = self.pools;
        Some([view.of_pool(first)?, view.of_pool(second)?])
    }

    /// Takes note of how the last order ended: an arbitrage that was made left more of the token.
    fn settle(&mut self, held: Amount) {
        if let Some(asked) = self.asked.take()
            && held > asked.held
        {
            self.taken = Some(asked.direction);
        }
    }

    /// Returns the trade in a direction, if it pays for all that it costs.
    fn worth(&self, view: &View<'_>, legs: &[Leg<'_>; 2], most: Amount) -> Option<Worth> {
        let [there, back] = legs;
        let trade = best_trade(&[there.hop, back.hop], most)?;
        let gas = legs.iter().zip(&trade.crossings).map(|(leg, count)| leg.gas.over(*count).0);
        let gas = Gas(gas.sum::<u64>().saturating_sub(self.transaction.0));
        let cost = view.gas_value(gas, self.fallback_price)?;
        let gained =
            view.of_pool(there.place.pool)?.token_value(trade.profit, there.place.pair.input)?;
        let left = gained.checked_sub(cost)?;
        let offered = part(left, self.builder_share)?;
        let kept = left.checked_sub(offered)?;
        let least = self.least_profit(view)?;
        if kept < least || kept.is_zero() {
            return None;
        }
        // So much of the profit has to be there for the rest to be.
        let needed = cost.checked_add(offered)?.checked_add(least)?;
        let needed = mul_div_rounding_up(trade.profit.0, needed.0, gained.0)?.max(U256::ONE);
        let min_amount_out = trade.amount_in.checked_add(Amount(needed))?;
        let tip = self.tip(view, (offered, cost))?;
        Some(Worth { trade, min_amount_out, tip })
    }

    /// What is offered as so much on each unit of gas, in the proportion of the two costs.
    fn tip(&self, view: &View<'_>, (offered, cost): (Amount, Amount)) -> Option<GasPrice> {
        if cost.is_zero() {
            return Some(GasPrice(0));
        }
        let price = view.gas_price().unwrap_or(self.fallback_price);
        let tip = mul_div(U256::from(price.0), offered.0, cost.0)?;
        u128::try_from(tip).ok().map(GasPrice)
    }

    fn least_profit(&self, view: &View<'_>) -> Option<Amount> {
        let (pool, quote) = view.stated_in()?;
        let decimals = view.of_pool(pool)?.decimals(quote)?;
        // A threshold: what is lost past 2^53 is less than a part in 10^15.
        raw_units(self.min_profit, decimals)
    }

    fn look(&mut self, view: &View<'_>) -> Option<Intent> {
        let views = self.views(view)?;
        let tokens = Tokens::of(&views)?;
        let held = tokens.held(&views[0])?;
        self.settle(held);
        let [there, back] = [TokensWay::Out, TokensWay::Home];
        let most = part(held, self.part)?;
        for direction in [Direction::Forth, Direction::Back] {
            let [first, second] = match direction {
                Direction::Forth => [0, 1],
                Direction::Back => [1, 0],
            };
            let leg = |place: usize, way| {
                let (view, (_, gas)) = (views.get(place)?, self.pools.get(place)?);
                tokens.leg(view, *gas, way)
            };
            let legs = [leg(first, there)?, leg(second, back)?];
            let worth = self.worth(view, &legs, most);
            match worth {
                None if self.taken == Some(direction) => self.taken = None,
                Some(worth) if self.taken != Some(direction) => {
                    self.asked = Some(Asked { direction, held });
                    return Some(Intent::Arbitrage {
                        legs: legs.map(|leg| leg.place),
                        amount_in: worth.trade.amount_in,
                        min_amount_out: worth.min_amount_out,
                        tip: worth.tip,
                    });
                }
                None | Some(_) => {}
            }
        }
        None
    }
}

/// Which of its two tokens a leg pays in.
#[derive(Clone, Copy)]
enum TokensWay {
    Out,
    Home,
}

impl Tokens {
    /// The token that values are stated in comes first, if the pools share it.
    fn of(views: &[View<'_>; 2]) -> Option<Self> {
        let [first, second] = views;
        let shared = || {
            let places = (0..=u8::MAX).map(TokenIndex);
            let assets = places.map_while(|token| first.asset(token));
            assets.filter(|asset| second.token_of(*asset).is_some())
        };
        let (pool, quote) = first.stated_in()?;
        let stated = first.of_pool(pool).and_then(|view| view.asset(quote));
        let ours = shared().find(|asset| Some(*asset) == stated).or_else(|| shared().next())?;
        let other = shared().find(|asset| *asset != ours)?;
        Some(Self { ours, other })
    }

    /// What there is to trade with.
    fn held(&self, view: &View<'_>) -> Option<Amount> {
        view.available()?.get(view.token_of(self.ours)?)
    }

    fn leg<'a>(&self, view: &View<'a>, gas: SwapGas, way: TokensWay) -> Option<Leg<'a>> {
        let [ours, other] = [self.ours, self.other].map(|asset| view.token_of(asset));
        let pair = match way {
            TokensWay::Out => TokenPair { input: ours?, output: other? },
            TokensWay::Home => TokenPair { input: other?, output: ours? },
        };
        let hop = hop_through(view, pair)?;
        Some(Leg { hop, place: PoolPair { pool: view.pool_id()?, pair }, gas })
    }
}

/// Returns the way through the pool that is looked at; `None` before it has a price.
pub(crate) fn hop_through<'a>(view: &View<'a>, pair: TokenPair) -> Option<Hop<'a>> {
    match (view.pool(), view.shares()) {
        (Some(pool), _) => Some(Hop::concentrated(pool, pair.input_of_two()?)),
        (None, Some(shares)) => Some(Hop::through(shares.pool(), pair, view.now())),
        (None, None) => None,
    }
}

impl Strategy for TwoPoolArbitrageDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.reverted_from().is_some() {
            // What was taken in those blocks was not.
            (self.asked, self.taken) = (None, None);
        }
        if view.is_waiting() {
            return Vec::new();
        }
        self.look(view).into_iter().collect()
    }
}
