//! The `[limits]` of a configuration.

use std::collections::BTreeMap;

use serde::Deserialize;
use tidemill_model::{AssetId, Token};
use tidemill_risk::{
    AssetLimit, BreakEven, Budget, DepthLimit, DeviationLimit, ExposureLimits, Fall, Limits,
    LossLimit, Minutes, RangeTimer, Safeguards, StopRule, ValueLimits,
};
use tidemill_units::{Amount, Bps, U256};

use super::{ConfigError, alternatives, not_allowed, whole};

/// Limits as a configuration writes them. Those without a default do not bind without a value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Positions open at the same time, 1 to 1000; 1 without one.
    pub max_positions: Option<u32>,
    /// Value in pools, in whole quote tokens; ten times the deposit without one.
    pub max_exposure_quote: Option<String>,
    /// Loss from the start beyond which nothing is opened, in whole quote tokens, above zero; the
    /// deposit without one.
    pub max_loss_quote: Option<String>,
    /// The most of a token, at hand and in positions, in whole tokens by symbol.
    #[serde(default)]
    pub max_asset: BTreeMap<String, String>,
    /// Value in one pool, in whole quote tokens.
    pub max_pool_quote: Option<String>,
    /// Value on one chain, in whole quote tokens.
    pub max_chain_quote: Option<String>,
    /// Value in the pools of one protocol, in whole quote tokens.
    pub max_venue_quote: Option<String>,
    /// Value in all pools, in whole quote tokens.
    pub max_gross_quote: Option<String>,
    /// Value of all that is not the quote token, in whole quote tokens.
    pub max_net_exposure_quote: Option<String>,
    /// Value of any one token that is not the quote token, in whole quote tokens.
    pub max_delta_quote: Option<String>,
    /// Part of equity in one pool, 1 to 10000 basis points.
    pub max_concentration_bps: Option<u32>,
    /// Value that others offer near the price, in whole quote tokens.
    pub min_depth_quote: Option<String>,
    /// How near that is, 1 to 887272 ticks; 100 without one.
    pub min_depth_within_ticks: Option<u32>,
    /// Our part of a pool's liquidity in range, 1 to 10000 basis points.
    pub max_pool_share_bps: Option<u32>,
    /// What fee and impact take of a swap, 1 to 10000 basis points.
    pub max_slippage_bps: Option<u32>,
    /// How far a price is from its mean, 1 to 10000 basis points.
    pub max_price_deviation_bps: Option<u32>,
    /// Over how long the mean is, 1 to 1440 minutes; 30 without one.
    pub price_mean_minutes: Option<u32>,
    /// How long a feed or the pool may say nothing, 1 to 10080 minutes.
    pub max_silence_minutes: Option<u32>,
    /// Openings in 24 hours, 1 to 10000.
    pub max_openings_per_day: Option<u32>,
    /// Value paid into swaps in 24 hours, in whole quote tokens.
    pub max_swap_quote_per_day: Option<String>,
    /// Gas paid in 24 hours, in whole quote tokens.
    pub max_gas_quote_per_day: Option<String>,
    /// How far equity may fall below the start, 1 to 9999 basis points of it.
    pub stop_loss_bps: Option<u32>,
    /// How far equity may fall below the most that it was, 1 to 9999 basis points of that.
    pub trailing_stop_bps: Option<u32>,
    /// As `stop_loss_bps`, of each position.
    pub position_stop_loss_bps: Option<u32>,
    /// As `trailing_stop_bps`, of each position.
    pub position_trailing_stop_bps: Option<u32>,
    /// For how long nothing is opened in a pool after a position was stopped there, 1 to 525600
    /// minutes.
    pub stop_cool_down_minutes: Option<u32>,
    /// For how long a position may be out of range, 1 to 525600 minutes.
    pub out_of_range_minutes: Option<u32>,
    /// How long a return into range has to last to count, 1 to 525600 minutes; any counts without
    /// one.
    pub back_in_range_minutes: Option<u32>,
    /// What a rebalance, a claim or compounding has to bring for its cost, 1 to 1000000 basis
    /// points.
    pub break_even_margin_bps: Option<u32>,
    /// Over how long it may bring it, 1 to 8760 hours; 24 without one.
    pub break_even_horizon_hours: Option<u32>,
}

const YEAR_MINUTES: u32 = 525_600;

impl LimitsConfig {
    /// The limits that are about pools and what is in them, and whether each is given.
    pub(super) fn pool_keys(&self) -> [(&'static str, bool); 26] {
        [
            ("limits.max_positions", self.max_positions.is_some()),
            ("limits.max_exposure_quote", self.max_exposure_quote.is_some()),
            ("limits.max_asset", !self.max_asset.is_empty()),
            ("limits.max_pool_quote", self.max_pool_quote.is_some()),
            ("limits.max_chain_quote", self.max_chain_quote.is_some()),
            ("limits.max_venue_quote", self.max_venue_quote.is_some()),
            ("limits.max_gross_quote", self.max_gross_quote.is_some()),
            ("limits.max_net_exposure_quote", self.max_net_exposure_quote.is_some()),
            ("limits.max_delta_quote", self.max_delta_quote.is_some()),
            ("limits.max_concentration_bps", self.max_concentration_bps.is_some()),
            ("limits.min_depth_quote", self.min_depth_quote.is_some()),
            ("limits.min_depth_within_ticks", self.min_depth_within_ticks.is_some()),
            ("limits.max_pool_share_bps", self.max_pool_share_bps.is_some()),
            ("limits.max_slippage_bps", self.max_slippage_bps.is_some()),
            ("limits.max_price_deviation_bps", self.max_price_deviation_bps.is_some()),
            ("limits.price_mean_minutes", self.price_mean_minutes.is_some()),
            ("limits.max_openings_per_day", self.max_openings_per_day.is_some()),
            ("limits.max_swap_quote_per_day", self.max_swap_quote_per_day.is_some()),
            ("limits.max_gas_quote_per_day", self.max_gas_quote_per_day.is_some()),
            ("limits.position_stop_loss_bps", self.position_stop_loss_bps.is_some()),
            ("limits.position_trailing_stop_bps", self.position_trailing_stop_bps.is_some()),
            ("limits.stop_cool_down_minutes", self.stop_cool_down_minutes.is_some()),
            ("limits.out_of_range_minutes", self.out_of_range_minutes.is_some()),
            ("limits.back_in_range_minutes", self.back_in_range_minutes.is_some()),
            ("limits.break_even_margin_bps", self.break_even_margin_bps.is_some()),
            ("limits.break_even_horizon_hours", self.break_even_horizon_hours.is_some()),
        ]
    }

    pub(super) fn resolve(&self, deposit: Amount, decimals: u8) -> Result<Limits, ConfigError> {
        let max_positions = self.max_positions.unwrap_or(1);
        if !(1..=1_000).contains(&max_positions) {
            return Err(not_allowed("limits.max_positions", &max_positions, "1 to 1000"));
        }
        let tenfold = deposit.0.saturating_mul(U256::from(10_u8));
        let max_exposure_quote = match self.max_exposure_quote.as_deref() {
            None => Amount(tenfold),
            Some(text) => whole("limits.max_exposure_quote", text, decimals)?,
        };
        let max_loss = match self.max_loss_quote.as_deref() {
            None => deposit,
            Some(text) => whole("limits.max_loss_quote", text, decimals)?,
        };
        let max_loss = LossLimit::new(max_loss).map_err(|_| {
            not_allowed("limits.max_loss_quote", &"0", "a loss, as an amount above zero")
        })?;
        Ok(Limits { max_positions, max_exposure_quote, max_loss })
    }

    /// Makes the limits definite that are off until they are set.
    pub(super) fn safeguards(
        &self,
        tokens: &[&Token],
        decimals: u8,
    ) -> Result<Safeguards, ConfigError> {
        let quote = |key, text: &Option<String>| {
            text.as_deref().map(|text| whole(key, text, decimals)).transpose()
        };
        let values = ValueLimits {
            pool: quote("limits.max_pool_quote", &self.max_pool_quote)?,
            chain: quote("limits.max_chain_quote", &self.max_chain_quote)?,
            venue: quote("limits.max_venue_quote", &self.max_venue_quote)?,
            gross: quote("limits.max_gross_quote", &self.max_gross_quote)?,
        };
        let exposures = ExposureLimits {
            net: quote("limits.max_net_exposure_quote", &self.max_net_exposure_quote)?,
            delta: quote("limits.max_delta_quote", &self.max_delta_quote)?,
        };
        let openings = self.max_openings_per_day;
        let budget = Budget {
            max_openings_per_day: number(("limits.max_openings_per_day", openings), 10_000)?,
            max_swap_quote_per_day: quote(
                "limits.max_swap_quote_per_day",
                &self.max_swap_quote_per_day,
            )?,
            max_gas_quote_per_day: quote(
                "limits.max_gas_quote_per_day",
                &self.max_gas_quote_per_day,
            )?,
        };
        let silence = ("limits.max_silence_minutes", self.max_silence_minutes);
        Ok(Safeguards {
            assets: self.assets(tokens)?,
            values,
            exposures,
            max_concentration: part("limits.max_concentration_bps", self.max_concentration_bps)?,
            depth: self.depth(decimals)?,
            max_pool_share: part("limits.max_pool_share_bps", self.max_pool_share_bps)?,
            max_slippage: part("limits.max_slippage_bps", self.max_slippage_bps)?,
            price_deviation: self.price_deviation()?,
            max_silence: number(silence, 10_080)?.and_then(Minutes::new),
            budget,
            portfolio_stop: StopRule {
                stop_loss: fall("limits.stop_loss_bps", self.stop_loss_bps)?,
                trailing: fall("limits.trailing_stop_bps", self.trailing_stop_bps)?,
            },
            position_stop: StopRule {
                stop_loss: fall("limits.position_stop_loss_bps", self.position_stop_loss_bps)?,
                trailing: fall(
                    "limits.position_trailing_stop_bps",
                    self.position_trailing_stop_bps,
                )?,
            },
            cool_down: self.cool_down()?,
            out_of_range: self.out_of_range()?,
            break_even: self.break_even()?,
        })
    }

    fn assets(&self, tokens: &[&Token]) -> Result<Vec<AssetLimit>, ConfigError> {
        let limit = |(symbol, text): (&String, &String)| {
            let found = (0..).zip(tokens).find(|(_, token)| token.symbol == *symbol);
            let (place, token) = found
                .ok_or_else(|| not_allowed("limits.max_asset", symbol, &alternatives(tokens)))?;
            let most = whole("limits.max_asset", text, token.decimals)?;
            Ok(AssetLimit { asset: AssetId(place), most })
        };
        self.max_asset.iter().map(limit).collect()
    }

    fn depth(&self, decimals: u8) -> Result<Option<DepthLimit>, ConfigError> {
        let ticks = ("limits.min_depth_within_ticks", self.min_depth_within_ticks);
        let Some(text) = self.min_depth_quote.as_deref() else {
            return alone(ticks, "limits.min_depth_quote");
        };
        let least = whole("limits.min_depth_quote", text, decimals)?;
        let within_ticks = number(ticks, 887_272)?.unwrap_or(100);
        Ok(Some(DepthLimit { least, within_ticks }))
    }

    fn price_deviation(&self) -> Result<Option<DeviationLimit>, ConfigError> {
        let minutes = ("limits.price_mean_minutes", self.price_mean_minutes);
        let most = part("limits.max_price_deviation_bps", self.max_price_deviation_bps)?;
        let Some(most) = most else {
            return alone(minutes, "limits.max_price_deviation_bps");
        };
        let over = Minutes::new(number(minutes, 1_440)?.unwrap_or(30));
        Ok(over.map(|over| DeviationLimit { most, over }))
    }

    fn cool_down(&self) -> Result<Option<Minutes>, ConfigError> {
        let minutes = ("limits.stop_cool_down_minutes", self.stop_cool_down_minutes);
        if self.position_stop_loss_bps.or(self.position_trailing_stop_bps).is_none() {
            let stops = "limits.position_stop_loss_bps or limits.position_trailing_stop_bps";
            return alone(minutes, stops);
        }
        Ok(number(minutes, YEAR_MINUTES)?.and_then(Minutes::new))
    }

    fn out_of_range(&self) -> Result<Option<RangeTimer>, ConfigError> {
        let back = ("limits.back_in_range_minutes", self.back_in_range_minutes);
        let out = ("limits.out_of_range_minutes", self.out_of_range_minutes);
        let Some(close_after) = number(out, YEAR_MINUTES)?.and_then(Minutes::new) else {
            return alone(back, "limits.out_of_range_minutes");
        };
        let reset_after = number(back, YEAR_MINUTES)?.and_then(Minutes::new);
        Ok(Some(RangeTimer { close_after, reset_after }))
    }

    fn break_even(&self) -> Result<Option<BreakEven>, ConfigError> {
        let hours = ("limits.break_even_horizon_hours", self.break_even_horizon_hours);
        let margin = ("limits.break_even_margin_bps", self.break_even_margin_bps);
        let Some(margin) = number(margin, 1_000_000)?.map(Bps) else {
            return alone(hours, "limits.break_even_margin_bps");
        };
        let hours = number(hours, 8_760)?.unwrap_or(24);
        let horizon = Minutes::new(hours.saturating_mul(60));
        Ok(horizon.map(|horizon| BreakEven { margin, horizon }))
    }
}

type Key = (&'static str, Option<u32>);

/// A number from 1 on.
fn number((key, value): Key, most: u32) -> Result<Option<u32>, ConfigError> {
    match value.filter(|value| !(1..=most).contains(value)) {
        Some(wrong) => Err(not_allowed(key, &wrong, &format!("1 to {most}"))),
        None => Ok(value),
    }
}

fn part(key: &'static str, value: Option<u32>) -> Result<Option<Bps>, ConfigError> {
    Ok(number((key, value), Bps::ONE.0)?.map(Bps))
}

fn fall(key: &'static str, value: Option<u32>) -> Result<Option<Fall>, ConfigError> {
    let fall = |bps| Fall::new(bps).ok_or_else(|| not_allowed(key, &bps, "1 to 9999"));
    value.map(fall).transpose()
}

/// What stands alone says nothing.
fn alone<T>((key, value): Key, beside: &str) -> Result<Option<T>, ConfigError> {
    match value {
        Some(value) => Err(not_allowed(key, &value, &format!("only beside {beside}"))),
        None => Ok(None),
    }
}
