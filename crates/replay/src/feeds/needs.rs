//! What strategies need of the feeds, declared before the run.

use std::num::NonZeroUsize;

use tidemill_market::{FeedError, MAX_KEPT_CANDLES, Market};
use tidemill_model::{FeedId, Interval};
use tidemill_strategies::{FeedNeed, StrategyConfig};

use super::FeedSetup;
use crate::ConfigError;
use crate::config::{listed, not_allowed};

const DEFAULT_KEEP: u32 = 500;

/// Checks that every strategy's feeds are there, and that its candles can be built.
///
/// Errors: [`ConfigError::SameFeed`], [`ConfigError::NotAllowed`], [`ConfigError::Feed`].
pub(crate) fn check_needs(
    feeds: &[FeedSetup],
    strategies: &[StrategyConfig],
) -> Result<(), ConfigError> {
    let mut market = Market::new(tidemill_market::Footprint::PriceTaker);
    strategies.iter().try_for_each(|strategy| {
        market = Market::new(tidemill_market::Footprint::PriceTaker);
        equip(&mut market, feeds, strategy).map(drop)
    })?;
    equip_with(&mut Market::new(tidemill_market::Footprint::PriceTaker), feeds, &[]).map(drop)
}

/// Adds the feeds of a run to its market, with the candles that a strategy needs; returns those
/// that it depends on.
///
/// Errors: as [`check_needs`].
pub(crate) fn equip(
    market: &mut Market,
    feeds: &[FeedSetup],
    strategy: &StrategyConfig,
) -> Result<Vec<FeedId>, ConfigError> {
    equip_with(market, feeds, &strategy.needs)
}

fn equip_with(
    market: &mut Market,
    feeds: &[FeedSetup],
    needs: &[FeedNeed],
) -> Result<Vec<FeedId>, ConfigError> {
    for feed in feeds {
        let added = market.feeds_mut().add(feed.terms.clone());
        added.map_err(|_| ConfigError::SameFeed(feed.terms.name.clone()))?;
    }
    let names: Vec<_> = feeds.iter().map(|feed| feed.terms.name.as_str()).collect();
    let mut needed = Vec::new();
    for need in needs {
        let unknown =
            || not_allowed("strategy.needs.feed", &need.feed, &listed(&names, "[[feed]]"));
        let feed = market.feeds().find(&need.feed).ok_or_else(unknown)?;
        if !needed.contains(&feed) {
            needed.push(feed);
        }
        let keep = need.keep.unwrap_or(DEFAULT_KEEP);
        let kept = usize::try_from(keep).ok().filter(|keep| *keep <= MAX_KEPT_CANDLES);
        let kept = kept.and_then(NonZeroUsize::new);
        let kept = kept.ok_or_else(|| not_allowed("strategy.needs.keep", &keep, "1 to 100000"))?;
        let Some(interval) = &need.interval else { continue };
        let interval: Interval = interval
            .parse()
            .map_err(|error| ConfigError::Number { key: "strategy.needs.interval", error })?;
        let subscribed = market.feeds_mut().subscribe(feed, interval, kept);
        subscribed.map_err(|error| wrong(&need.feed, &error))?;
    }
    Ok(needed)
}

fn wrong(feed: &str, error: &FeedError) -> ConfigError {
    ConfigError::NeededFeed { feed: feed.to_owned(), error: error.clone() }
}
