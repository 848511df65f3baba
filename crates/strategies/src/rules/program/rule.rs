use std::ops::Range;

use tidemill_model::TradeSide;
use toml::Spanned;

use super::super::compile::Mistake;
use super::super::expression::{Number, Truth};
use super::super::file::{RuleConfig, Written};
use super::super::source::{Origin, RulesError};
use super::super::values::instead;
use super::reader::Reader;
use super::{Action, Argument, Bounds, Expression, Half, Opening, Rule, Sold, Swap, Trade};

pub(in crate::rules) const ACTIONS: &[&str] = &[
    "open",
    "recentre",
    "close",
    "swap",
    "stake",
    "unstake",
    "claim",
    "sell_rewards",
    "buy",
    "sell",
];

impl Reader<'_> {
    pub(super) fn rule(&mut self, rule: Spanned<RuleConfig>) -> Result<Rule, RulesError> {
        let rule = rule.into_inner();
        let when = self.truth("when", &rule.when)?;
        let place = self.place(rule.position.as_ref())?;
        let every_minutes = self.argument("every_minutes", rule.every_minutes.as_ref())?;
        let action = self.action(&rule)?;
        Ok(Rule { when, place, every_minutes, action, at: rule.action.span() })
    }

    /// Rules that name no position have one of their own in common.
    fn place(&mut self, name: Option<&Spanned<String>>) -> Result<usize, RulesError> {
        let (name, span) = match name {
            None => ("", 0..0),
            Some(name) => (name.get_ref().as_str(), name.span()),
        };
        if !name.is_empty() && !self.compiler.is_name(name) {
            let problem = "a position's name has 1 to 40 small letters, digits and `_`, beginning \
                           with a letter";
            return Err(self.source.mistake(&span, problem.to_owned()));
        }
        let known = self.places.iter().position(|place| place == name);
        Ok(known.unwrap_or_else(|| {
            self.places.push(name.to_owned());
            self.places.len() - 1
        }))
    }

    fn action(&self, rule: &RuleConfig) -> Result<Action, RulesError> {
        let kind = rule.action.get_ref().as_str();
        let slippage = &["max_slippage_bps"];
        let allowed: &[&str] = match kind {
            "open" | "recentre" => OPENING,
            "swap" => &["sell_quote", "sell_base", "max_slippage_bps"],
            "sell_rewards" => slippage,
            "buy" | "sell" => TRADE,
            "close" | "stake" | "unstake" | "claim" => &[],
            unknown => {
                let problem =
                    format!("there is no action `{unknown}`; {}", instead(unknown, ACTIONS));
                return Err(self.source.mistake(&rule.action.span(), problem));
            }
        };
        for (key, span) in keys(rule) {
            if !allowed.contains(&key) {
                let besides = match allowed {
                    [] => "it takes nothing besides `when`, `do`, `position` and `every_minutes`"
                        .to_owned(),
                    some => format!("it takes {}", some.join(", ")),
                };
                let problem = format!("`{kind}` takes no `{key}`; {besides}");
                return Err(self.source.mistake(&span, problem));
            }
        }
        let max_slippage_bps = self.argument("max_slippage_bps", rule.max_slippage_bps.as_ref())?;
        Ok(match kind {
            "open" => Action::Open(self.opening(rule)?),
            "recentre" => Action::Recentre(self.opening(rule)?),
            "swap" => Action::Swap(self.swap(rule)?),
            "stake" => Action::Stake,
            "unstake" => Action::Unstake,
            "claim" => Action::Claim,
            "sell_rewards" => Action::SellRewards { max_slippage_bps },
            "buy" => Action::Trade(self.trade(TradeSide::Buy, rule)?),
            "sell" => Action::Trade(self.trade(TradeSide::Sell, rule)?),
            _ => Action::Close,
        })
    }

    fn opening(&self, rule: &RuleConfig) -> Result<Opening, RulesError> {
        Ok(Opening {
            bounds: self.bounds(rule)?,
            part_bps: self.argument("part_bps", rule.part_bps.as_ref())?,
            balances: rule.balance.as_ref().is_none_or(|balance| *balance.get_ref()),
            max_slippage_bps: self.argument("max_slippage_bps", rule.max_slippage_bps.as_ref())?,
        })
    }

    fn bounds(&self, rule: &RuleConfig) -> Result<Bounds, RulesError> {
        let half_ticks = self.argument("half_width_ticks", rule.half_width_ticks.as_ref())?;
        let width_bps = self.argument("width_bps", rule.width_bps.as_ref())?;
        let centre_tick = self.argument("centre_tick", rule.centre_tick.as_ref())?;
        let lower_tick = self.argument("lower_tick", rule.lower_tick.as_ref())?;
        let upper_tick = self.argument("upper_tick", rule.upper_tick.as_ref())?;
        let lower_price = self.argument("lower_price", rule.lower_price.as_ref())?;
        let upper_price = self.argument("upper_price", rule.upper_price.as_ref())?;
        let half = match (half_ticks, width_bps) {
            (Some(ticks), None) => Some(Half::Ticks(ticks)),
            (None, Some(width)) => Some(Half::WidthBps(width)),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(self.which_range(rule)),
        };
        let ticks = (lower_tick, upper_tick);
        let prices = (lower_price, upper_price);
        match (half, centre_tick, ticks, prices) {
            (None, None, (None, None), (None, None)) => Ok(Bounds::Full),
            (Some(half), centre_tick, (None, None), (None, None)) => {
                Ok(Bounds::Around { half, centre_tick })
            }
            (None, None, (Some(lower), Some(upper)), (None, None)) => {
                Ok(Bounds::Ticks { lower, upper })
            }
            (None, None, (None, None), (Some(lower), Some(upper))) => {
                Ok(Bounds::Prices { lower, upper })
            }
            _ => Err(self.which_range(rule)),
        }
    }

    fn which_range(&self, rule: &RuleConfig) -> RulesError {
        let problem = "these keys give no range; allowed are half_width_ticks or width_bps, with \
                       centre_tick or without; lower_tick and upper_tick; lower_price and \
                       upper_price; or none for all prices";
        self.source.mistake(&rule.action.span(), problem.to_owned())
    }

    fn swap(&self, rule: &RuleConfig) -> Result<Swap, RulesError> {
        let quote = self.argument("sell_quote", rule.sell_quote.as_ref())?;
        let base = self.argument("sell_base", rule.sell_base.as_ref())?;
        let (sells, amount) = match (quote, base) {
            (Some(amount), None) => (Sold::Quote, amount),
            (None, Some(amount)) => (Sold::Base, amount),
            (None, None) | (Some(_), Some(_)) => {
                let problem = "`swap` takes either sell_quote or sell_base";
                return Err(self.source.mistake(&rule.action.span(), problem.to_owned()));
            }
        };
        let max_slippage_bps = self.argument("max_slippage_bps", rule.max_slippage_bps.as_ref())?;
        Ok(Swap { sells, amount, max_slippage_bps })
    }

    fn trade(&self, side: TradeSide, rule: &RuleConfig) -> Result<Trade, RulesError> {
        let quantity = self.argument("quantity", rule.quantity.as_ref())?;
        let Some((instrument, quantity)) = rule.instrument.clone().zip(quantity) else {
            let name = side.name();
            let problem = format!("`{name}` needs instrument and quantity");
            return Err(self.source.mistake(&rule.action.span(), problem));
        };
        let max_slippage_bps = self.argument("max_slippage_bps", rule.max_slippage_bps.as_ref())?;
        Ok(Trade { side, instrument, quantity, max_slippage_bps })
    }

    fn argument(
        &self,
        key: &'static str,
        written: Option<&Spanned<Written>>,
    ) -> Result<Option<Argument>, RulesError> {
        let Some(written) = written else { return Ok(None) };
        let (text, tree) = match written.get_ref() {
            Written::Text(text) => (text.clone(), self.compiler.number(text)),
            Written::Number(value) => (value.to_string(), Ok(Number::Constant(*value))),
            Written::Truth(value) => {
                let text = value.to_string();
                let tree = self.compiler.number(&text);
                (text, tree)
            }
        };
        self.expression(key, text, written.span(), tree).map(Some)
    }

    fn truth(
        &self,
        key: &'static str,
        written: &Spanned<Written>,
    ) -> Result<Expression<Truth>, RulesError> {
        let (text, tree) = match written.get_ref() {
            Written::Text(text) => (text.clone(), self.compiler.truth(text)),
            Written::Number(value) => {
                let text = format!("{value:?}");
                let tree = self.compiler.truth(&text);
                (text, tree)
            }
            Written::Truth(value) => (value.to_string(), Ok(Truth::Constant(*value))),
        };
        self.expression(key, text, written.span(), tree)
    }

    fn expression<T>(
        &self,
        key: &'static str,
        text: String,
        span: Range<usize>,
        tree: Result<T, Mistake>,
    ) -> Result<Expression<T>, RulesError> {
        let origin = Origin::new(self.source, span, &text);
        match tree {
            Ok(tree) => Ok(Expression { tree, key, text, origin }),
            Err(Mistake { within, problem }) => {
                Err(self.source.mistake(&origin.place(&within), format!("{key}: {problem}")))
            }
        }
    }
}

pub(in crate::rules) const OPENING: &[&str] = &[
    "half_width_ticks",
    "width_bps",
    "centre_tick",
    "lower_tick",
    "upper_tick",
    "lower_price",
    "upper_price",
    "part_bps",
    "balance",
    "max_slippage_bps",
];

const TRADE: &[&str] = &["instrument", "quantity", "max_slippage_bps"];

/// The keys that a rule has and only some actions take, with their places.
fn keys(rule: &RuleConfig) -> Vec<(&'static str, Range<usize>)> {
    let written = [
        ("half_width_ticks", &rule.half_width_ticks),
        ("width_bps", &rule.width_bps),
        ("centre_tick", &rule.centre_tick),
        ("lower_tick", &rule.lower_tick),
        ("upper_tick", &rule.upper_tick),
        ("lower_price", &rule.lower_price),
        ("upper_price", &rule.upper_price),
        ("part_bps", &rule.part_bps),
        ("sell_quote", &rule.sell_quote),
        ("sell_base", &rule.sell_base),
        ("quantity", &rule.quantity),
        ("max_slippage_bps", &rule.max_slippage_bps),
    ];
    let written = written.into_iter();
    let mut keys: Vec<_> = written
        .filter_map(|(key, value)| value.as_ref().map(|value| (key, value.span())))
        .collect();
    keys.extend(rule.instrument.as_ref().map(|name| ("instrument", name.span())));
    keys.extend(rule.balance.as_ref().map(|balance| ("balance", balance.span())));
    keys
}
