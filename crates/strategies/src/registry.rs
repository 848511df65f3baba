use std::fmt;

use serde::{Deserialize, Serialize};
use tidemill_model::PoolId;
use tidemill_strategy::Strategy;

use crate::BuildError;
use crate::declared::{Declared, Site};
use crate::farm::{Farm, FarmConfig, FarmSetup};
use crate::filter::{Alarm, Filtered};
use crate::fixed_range::FixedRange;
use crate::full_range::FullRange;
use crate::hedge::{Hedge, HedgeConfig, HedgeSetup, required};
use crate::hold::Hold;
use crate::in_pool::InPool;
use crate::ladder::Ladder;
use crate::limit_range::LimitRange;
use crate::mean_reversion::MeanReversion;
use crate::optimal_width::OptimalWidth;
use crate::option_hedge::{OptionHedge, OptionHedgeConfig, OptionHedgeSetup};
use crate::pairs::{PairSetup, Pairs};
use crate::pool_exchange_arbitrage::{PoolExchangeArbitrage, PoolExchangeSetup};
use crate::ratio_allocation::RatioAllocation;
use crate::recentre::Recentre;
use crate::rules::{QuoteScale, RulesConfig};
use crate::size::Size;
use crate::stable_pair::StablePair;
use crate::stake::{Stake, StakeSetup};
use crate::threshold_buy::{ThresholdBuy, TradeSetup};
use crate::trend_filter::TrendFilter;
use crate::two_pool_arbitrage::{ArbitrageSetup, TwoPoolArbitrage};
use crate::volatility_filter::VolatilityFilter;
use crate::volatility_range::VolatilityRange;
use crate::vote::{Vote, VoteSetup};
use crate::weighted_index::WeightedIndex;

/// A strategy as a configuration writes it: a name of its own, and a kind with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyConfig {
    /// What the report calls it; the kind if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which of the run's pools it looks at, by its name; the first without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// How its positions are farmed, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub farm: Option<FarmConfig>,
    /// How its exposure is hedged, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<HedgeConfig>,
    /// How its positions are covered by options, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_hedge: Option<OptionHedgeConfig>,
    /// What part of the wallet it uses; all of it without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// What takes it out of the pool while there is a trend, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend_filter: Option<TrendFilter>,
    /// What takes it out of the pool while the price is too volatile, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volatility_filter: Option<VolatilityFilter>,
    /// The feeds that its decisions depend on, and the candles that it is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<FeedNeed>,
    /// What it does.
    #[serde(flatten)]
    pub kind: StrategyKind,
}

/// A feed that a strategy depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedNeed {
    /// The feed, by its name in the configuration.
    pub feed: String,
    /// The interval of the candles that are built from it, such as `15m`; none without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// How many closed candles are kept, 1 to 100000; 500 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
}

/// A pool of the run, as strategies that look at several know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSeat {
    /// What the configuration calls it; `main` the first.
    pub name: String,
    /// Its number.
    pub pool: PoolId,
    /// What of it strategies depend on.
    pub facts: PoolFacts,
}

/// What a strategy may use besides the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// The pool that it looks at; the first of the run without.
    pub pool: Option<PoolId>,
    /// All pools of the run, in their order.
    pub pools: Vec<PoolSeat>,
    /// The programme that it farms in.
    pub farm: Option<FarmSetup>,
    /// The service that it stakes at.
    pub stake: Option<StakeSetup>,
    /// The service that it locks a token at.
    pub vote: Option<VoteSetup>,
    /// The contract that it hedges with.
    pub hedge: Option<HedgeSetup>,
    /// The options that it covers its positions with.
    pub option_hedge: Option<OptionHedgeSetup>,
    /// The instruments that it trades as a pair.
    pub pair: Option<PairSetup>,
    /// What it trades at an exchange.
    pub trade: Option<TradeSetup>,
    /// What arbitrage between the run's pools takes.
    pub arbitrage: Option<ArbitrageSetup>,
    /// The contract that it trades the pool against.
    pub exchange: Option<PoolExchangeSetup>,
    /// How the pool's raw units become the numbers that rules are written in.
    pub scale: Option<QuoteScale>,
}

/// What of a pool strategies depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolFacts {
    /// A concentrated pool.
    Concentrated {
        /// Spacing of the ticks that a range may end on.
        tick_spacing: i32,
    },
    /// A pool of shares.
    Shares {
        /// Its kind, by its name in state files.
        kind: &'static str,
    },
}

/// The kinds of strategy and their parameters: the registry. One row is one variant, and its line
/// in `declared` and `every`; the rest stands in the kind's own file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is described where its parameters are")]
pub enum StrategyKind {
    Hold(Hold),
    FullRange(FullRange),
    FixedRange(FixedRange),
    Stake(Stake),
    Vote(Vote),
    Recentre(Recentre),
    VolatilityRange(VolatilityRange),
    OptimalWidth(OptimalWidth),
    Ladder(Ladder),
    LimitRange(LimitRange),
    StablePair(StablePair),
    WeightedIndex(WeightedIndex),
    RatioAllocation(RatioAllocation),
    MeanReversion(MeanReversion),
    Pairs(Pairs),
    ThresholdBuy(ThresholdBuy),
    TwoPoolArbitrage(TwoPoolArbitrage),
    PoolExchangeArbitrage(PoolExchangeArbitrage),
    Rules(RulesConfig),
}

impl StrategyConfig {
    /// Returns a strategy of that kind, with nothing around it.
    pub fn of(kind: StrategyKind) -> Self {
        Self {
            name: None,
            pool: None,
            farm: None,
            hedge: None,
            option_hedge: None,
            size: None,
            trend_filter: None,
            volatility_filter: None,
            needs: Vec::new(),
            kind,
        }
    }

    /// Returns what the report calls the strategy.
    pub fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let around = [
            ("sized", self.size.is_some()),
            ("filtered", self.trend_filter.is_some() || self.volatility_filter.is_some()),
            ("farmed", self.farm.is_some()),
            ("hedged", self.hedge.is_some()),
            ("covered", self.option_hedge.is_some()),
        ];
        let words = around.into_iter().filter_map(|(word, is_there)| is_there.then_some(word));
        let place = self.pool.iter().flat_map(|pool| ["in", pool]);
        let words = std::iter::once(self.kind.name()).chain(words).chain(place);
        words.collect::<Vec<_>>().join(" ")
    }

    /// Returns what the strategy does, in a line.
    pub fn summary(&self) -> String {
        let hypothesis = self.rules().and_then(RulesConfig::hypothesis);
        let mut summary = hypothesis.unwrap_or_else(|| self.kind.summary().to_owned());
        let mut add = |sentence: &str| {
            summary.push(' ');
            summary.push_str(sentence);
        };
        if self.size.is_some() {
            add("Uses a part of the wallet.");
        }
        if self.trend_filter.is_some() {
            add("Out of the pool while there is a trend.");
        }
        if self.volatility_filter.is_some() {
            add("Out of the pool while fees do not pay for the volatility.");
        }
        if let Some(farm) = &self.farm {
            add(&farm.summary());
        }
        if let Some(hedge) = &self.hedge {
            add(hedge.summary());
        }
        if let Some(cover) = &self.option_hedge {
            add(cover.summary());
        }
        summary
    }

    /// Returns its rules, if it is one of rules.
    pub fn rules(&self) -> Option<&RulesConfig> {
        if let StrategyKind::Rules(rules) = &self.kind { Some(rules) } else { None }
    }

    /// Adds the feeds and candles that it follows by its parameters to what it needs.
    ///
    /// Errors: those of [`StrategyKind::build`] for rules.
    pub fn add_own_needs(&mut self) -> Result<(), BuildError> {
        for need in self.kind.declared().own_needs()? {
            let same =
                |other: &FeedNeed| other.feed == need.feed && other.interval == need.interval;
            if !self.needs.iter().any(same) {
                self.needs.push(need);
            }
        }
        Ok(())
    }

    /// Returns how many positions that provide liquidity it keeps open at most.
    pub fn most_positions(&self) -> u32 {
        self.kind.declared().most_positions()
    }

    /// Returns what besides kind and farm decides, for digests; empty where nothing does.
    pub fn around(&self) -> String {
        let Self { size, trend_filter, volatility_filter, hedge, option_hedge, .. } = self;
        let mut text = String::new();
        if let Some(pool) = &self.pool {
            text.push_str(&format!(" in {pool:?}"));
        }
        let parts: [Option<&dyn fmt::Debug>; 5] = [
            size.as_ref().map(|size| size as &dyn fmt::Debug),
            trend_filter.as_ref().map(|filter| filter as &dyn fmt::Debug),
            volatility_filter.as_ref().map(|filter| filter as &dyn fmt::Debug),
            hedge.as_ref().map(|hedge| hedge as &dyn fmt::Debug),
            option_hedge.as_ref().map(|cover| cover as &dyn fmt::Debug),
        ];
        for part in parts.into_iter().flatten() {
            text.push_str(&format!(" {part:?}"));
        }
        text
    }

    /// Returns parameter and value, for the report.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = self.kind.parameters();
        rows.extend(self.pool.iter().map(|pool| ("pool".to_owned(), pool.clone())));
        let mut add = |table: &str, parameters: Vec<(&'static str, String)>| {
            let row = |(name, value)| (format!("{table}.{name}"), value);
            rows.extend(parameters.into_iter().map(row));
        };
        if let Some(size) = &self.size {
            add("size", size.parameters());
        }
        if let Some(filter) = &self.trend_filter {
            add("trend_filter", filter.parameters());
        }
        if let Some(filter) = &self.volatility_filter {
            add("volatility_filter", filter.parameters());
        }
        if let Some(cover) = &self.option_hedge {
            add("option_hedge", cover.parameters());
        }
        if let Some(farm) = &self.farm {
            let mut row = |name: &str, value: &dyn ToString| {
                rows.push((format!("farm.{name}"), value.to_string()));
            };
            if let Some(programme) = &farm.programme {
                row("programme", programme);
            }
            row("claim", &farm.claim.name());
            if let Some(hours) = farm.claim_every_hours {
                row("claim_every_hours", &hours);
            }
            row("proceeds", &farm.proceeds.name());
        }
        if let Some(hedge) = &self.hedge {
            let mut row = |name: &str, value: &dyn ToString| {
                rows.push((format!("hedge.{name}"), value.to_string()));
            };
            if let Some(instrument) = &hedge.instrument {
                row("instrument", instrument);
            }
            row("cover", &hedge.cover.name());
            for (name, value) in [
                ("ratio_bps", hedge.ratio_bps),
                ("band_bps", hedge.band_bps),
                ("every_seconds", hedge.every_seconds),
                ("max_slippage_bps", hedge.max_slippage_bps),
            ] {
                if let Some(value) = value {
                    row(name, &value);
                }
            }
        }
        rows
    }

    /// Builds the strategy for a pool, or for a run without one, with what the configuration puts
    /// around it: a size inside of the filters, and those inside of a farm.
    ///
    /// Errors: those of [`StrategyKind::build`]; [`BuildError::NeedsPool`] in a run without one;
    /// [`BuildError::NothingToFarm`] for a farm without
    /// a programme, or of a strategy that provides no liquidity, [`BuildError::FarmsOne`] of one
    /// that keeps several positions; [`BuildError::NothingToFilter`],
    /// [`BuildError::NothingToMeasure`]; [`BuildError::NowhereToStake`] for a stake without a
    /// service, [`BuildError::NowhereToVote`] for a vote without one,
    /// [`BuildError::NothingToHedgeWith`] for a hedge without a contract,
    /// [`BuildError::NothingToCoverWith`] for one without options, [`BuildError::TwoHedges`];
    /// [`BuildError::HedgesItsPair`] for one with a contract of the pair that it is around,
    /// [`BuildError::NothingToPair`] for a pair without two instruments.
    pub fn build(
        &self,
        pool: impl Into<Option<PoolFacts>>,
        services: Services,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        let pool = pool.into();
        self.check_pool(pool)?;
        if self.farm.is_some() && !self.kind.provides() {
            return Err(BuildError::NothingToFarm);
        }
        let (strategy, positions) = (self.kind.name(), self.most_positions());
        if self.farm.is_some() && positions > 1 {
            return Err(BuildError::FarmsOne { strategy, positions });
        }
        let site = Site { pool, services };
        let strategy = self.kind.declared().build(&site)?;
        let services = &site.services;
        let mut strategy = self.wrapped(strategy, pool)?;
        if let Some(farm) = &self.farm {
            let setup = services.farm.ok_or(BuildError::NothingToFarm)?;
            strategy = Box::new(Farm::new(strategy, farm, setup)?);
        }
        if let Some(hedge) = &self.hedge {
            let setup = required(services.hedge)?;
            let legs = services.pair.iter().flat_map(|pair| &pair.legs);
            if legs.into_iter().any(|leg| leg.instrument == setup.instrument) {
                return Err(BuildError::HedgesItsPair);
            }
            strategy = Box::new(Hedge::new(strategy, hedge, setup)?);
        }
        strategy = self.covered(strategy, pool, services.option_hedge)?;
        if let Some(pool) = services.pool {
            strategy = Box::new(InPool::new(strategy, pool));
        }
        Ok(strategy)
    }

    /// Puts an option hedge around a strategy, if it has one.
    fn covered(
        &self,
        strategy: Box<dyn Strategy>,
        pool: Option<PoolFacts>,
        setup: Option<OptionHedgeSetup>,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        let Some(cover) = &self.option_hedge else { return Ok(strategy) };
        if self.hedge.is_some() {
            return Err(BuildError::TwoHedges);
        }
        match pool {
            None => return Err(BuildError::NeedsPool { strategy: "option_hedge" }),
            Some(PoolFacts::Shares { kind }) => {
                return Err(BuildError::NothingToMeasure { what: "option_hedge", pool: kind });
            }
            Some(PoolFacts::Concentrated { .. }) => {}
        }
        let setup = crate::option_hedge::required(setup)?;
        Ok(Box::new(OptionHedge::new(strategy, cover, setup)?))
    }

    /// What provides, measures a pool or hedges what is in the wallet needs a pool.
    fn check_pool(&self, pool: Option<PoolFacts>) -> Result<(), BuildError> {
        let needing = if self.kind.declared().needs_pool() {
            Some(self.kind.name())
        } else {
            self.hedge.as_ref().map(|_| "hedge")
        };
        match needing.filter(|_| pool.is_none()) {
            Some(strategy) => Err(BuildError::NeedsPool { strategy }),
            None => Ok(()),
        }
    }

    /// Puts a size and filters around a strategy.
    fn wrapped(
        &self,
        mut strategy: Box<dyn Strategy>,
        pool: Option<PoolFacts>,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        let is_measured = |what: &'static str| match pool {
            _ if !self.kind.provides() => {
                Err(BuildError::NothingToFilter { strategy: self.kind.name() })
            }
            None => Err(BuildError::NeedsPool { strategy: what }),
            Some(PoolFacts::Concentrated { .. }) => Ok(()),
            Some(PoolFacts::Shares { kind }) => {
                Err(BuildError::NothingToMeasure { what, pool: kind })
            }
        };
        if let Some(size) = &self.size {
            is_measured("size")?;
            strategy = Box::new(size.build(strategy)?);
        }
        if let Some(filter) = &self.trend_filter {
            if filter.feed.is_none() || !self.kind.provides() {
                is_measured("trend_filter")?;
            }
            let alarm = Alarm::Trend(filter.build(&self.needs)?);
            strategy = Box::new(Filtered::new(strategy, alarm));
        }
        if let Some(filter) = &self.volatility_filter {
            is_measured("volatility_filter")?;
            let alarm = Alarm::Volatility(filter.build()?);
            strategy = Box::new(Filtered::new(strategy, alarm));
        }
        Ok(strategy)
    }
}

impl StrategyKind {
    fn declared(&self) -> &dyn Declared {
        match self {
            Self::Hold(kind) => kind,
            Self::FullRange(kind) => kind,
            Self::FixedRange(kind) => kind,
            Self::Stake(kind) => kind,
            Self::Vote(kind) => kind,
            Self::Recentre(kind) => kind,
            Self::VolatilityRange(kind) => kind,
            Self::OptimalWidth(kind) => kind,
            Self::Ladder(kind) => kind,
            Self::LimitRange(kind) => kind,
            Self::StablePair(kind) => kind,
            Self::WeightedIndex(kind) => kind,
            Self::RatioAllocation(kind) => kind,
            Self::MeanReversion(kind) => kind,
            Self::Pairs(kind) => kind,
            Self::ThresholdBuy(kind) => kind,
            Self::TwoPoolArbitrage(kind) => kind,
            Self::PoolExchangeArbitrage(kind) => kind,
            Self::Rules(kind) => kind,
        }
    }

    /// Returns one of every kind, with its defaults.
    pub fn every() -> Vec<Self> {
        vec![
            Self::Hold(Hold::default()),
            Self::FullRange(FullRange::default()),
            Self::FixedRange(FixedRange::default()),
            Self::Stake(Stake::default()),
            Self::Vote(Vote::default()),
            Self::Recentre(Recentre::default()),
            Self::VolatilityRange(VolatilityRange::default()),
            Self::OptimalWidth(OptimalWidth::default()),
            Self::Ladder(Ladder::default()),
            Self::LimitRange(LimitRange::default()),
            Self::StablePair(StablePair::default()),
            Self::WeightedIndex(WeightedIndex::default()),
            Self::RatioAllocation(RatioAllocation::default()),
            Self::MeanReversion(MeanReversion::default()),
            Self::Pairs(Pairs::default()),
            Self::ThresholdBuy(ThresholdBuy::example()),
            Self::TwoPoolArbitrage(TwoPoolArbitrage::default()),
            Self::PoolExchangeArbitrage(PoolExchangeArbitrage::default()),
            Self::Rules(RulesConfig::example()),
        ]
    }

    /// Returns those that run where nothing else is asked for: four in a concentrated pool, in one
    /// of shares the two that need no range, and without a pool the one that does nothing.
    pub fn defaults(pool: Option<PoolFacts>) -> Vec<Self> {
        match pool {
            None => vec![Self::Hold(Hold {})],
            Some(PoolFacts::Shares { .. }) => {
                vec![Self::Hold(Hold {}), Self::FullRange(FullRange {})]
            }
            Some(PoolFacts::Concentrated { .. }) => vec![
                Self::FullRange(FullRange {}),
                Self::FixedRange(FixedRange { half_width_ticks: 1_000 }),
                Self::Recentre(Recentre::default()),
                Self::VolatilityRange(VolatilityRange::default()),
            ],
        }
    }

    /// Returns the name of the kind.
    pub fn name(&self) -> &'static str {
        self.declared().name()
    }

    /// Returns the hypothesis in a line.
    pub fn summary(&self) -> &'static str {
        self.declared().summary()
    }

    /// Returns parameter and value, for the report.
    pub fn parameters(&self) -> Vec<(String, String)> {
        self.declared().parameters()
    }

    /// Whether it provides liquidity, so that there is something to farm.
    pub fn provides(&self) -> bool {
        self.declared().most_positions() > 0
    }

    /// Builds the strategy for a pool.
    ///
    /// Errors: [`BuildError::NeedsRanges`] for a strategy that places ranges in a pool of shares;
    /// [`BuildError::NowhereToStake`], [`BuildError::NowhereToVote`],
    /// [`BuildError::NothingToPair`]; the first parameter outside its range.
    pub fn build(&self, pool: PoolFacts) -> Result<Box<dyn Strategy>, BuildError> {
        self.declared().build(&Site { pool: Some(pool), services: Services::default() })
    }
}

/// As its parameters are: the form stands in the digests of all runs.
impl fmt::Debug for StrategyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.declared(), formatter)
    }
}
