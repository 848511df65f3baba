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
    for (place, strategy) in strategies.iter().enumerate() {
        let mut market = Market::new(tidemill_market::Footprint::PriceTaker);
        let equipped = equip(&mut market, feeds, strategy);
        equipped.map_err(|error| error.of_item("strategy", place))?;
    }
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
    for (place, feed) in feeds.iter().enumerate() {
        let added = market.feeds_mut().add(feed.terms.clone());
        let same = |_| ConfigError::SameFeed(feed.terms.name.clone()).of_item("feed", place);
        added.map_err(same)?;
    }
    let names: Vec<_> = feeds.iter().map(|feed| feed.terms.name.as_str()).collect();
    let mut needed = Vec::new();
    for (place, need) in needs.iter().enumerate() {
        let feed = subscribe(market, need, &names);
        let feed = feed.map_err(|error| error.of_item("strategy.needs", place))?;
        if !needed.contains(&feed) {
            needed.push(feed);
        }
    }
    Ok(needed)
}

fn subscribe(market: &mut Market, need: &FeedNeed, names: &[&str]) -> Result<FeedId, ConfigError> {
    let unknown = || not_allowed("strategy.needs.feed", &need.feed, &listed(names, "[[feed]]"));
    let feed = market.feeds().find(&need.feed).ok_or_else(unknown)?;
    let keep = need.keep.unwrap_or(DEFAULT_KEEP);
    let kept = usize::try_from(keep).ok().filter(|keep| *keep <= MAX_KEPT_CANDLES);
    let kept = kept.and_then(NonZeroUsize::new);
    let kept = kept.ok_or_else(|| not_allowed("strategy.needs.keep", &keep, "1 to 100000"))?;
    let Some(interval) = &need.interval else { return Ok(feed) };
    let interval: Interval = interval
        .parse()
        .map_err(|error| ConfigError::Number { key: "strategy.needs.interval", error })?;
    let subscribed = market.feeds_mut().subscribe(feed, interval, kept);
    subscribed.map_err(|error| wrong(&need.feed, &error))?;
    Ok(feed)
}

fn wrong(feed: &str, error: &FeedError) -> ConfigError {
    ConfigError::NeededFeed { feed: feed.to_owned(), error: error.clone() }
}
