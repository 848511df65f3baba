//! A rules file as TOML has it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use toml::Spanned;

/// A rules file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileConfig {
    pub(super) hypothesis: Spanned<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<Spanned<String>, Spanned<f64>>,
    #[serde(default)]
    pub(super) signals: BTreeMap<Spanned<String>, Spanned<SignalConfig>>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RuleConfig>>,
}

/// A signal: what it is, what it follows, and how long.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalConfig {
    pub(super) kind: Spanned<String>,
    pub(super) feed: Option<Spanned<String>>,
    pub(super) instrument: Option<Spanned<String>>,
    pub(super) interval: Option<Spanned<String>>,
    pub(super) every_minutes: Option<Spanned<u64>>,
    pub(super) half_life_hours: Option<Spanned<f64>>,
    pub(super) length: Option<Spanned<u64>>,
    pub(super) deviations: Option<Spanned<f64>>,
    pub(super) fast: Option<Spanned<u64>>,
    pub(super) slow: Option<Spanned<u64>>,
    pub(super) smoothing: Option<Spanned<u64>>,
}

/// A rule: when it acts, what it does then, and with what.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleConfig {
    pub(super) when: Spanned<Written>,
    #[serde(rename = "do")]
    pub(super) action: Spanned<String>,
    pub(super) position: Option<Spanned<String>>,
    pub(super) every_minutes: Option<Spanned<Written>>,
    pub(super) half_width_ticks: Option<Spanned<Written>>,
    pub(super) width_bps: Option<Spanned<Written>>,
    pub(super) centre_tick: Option<Spanned<Written>>,
    pub(super) lower_tick: Option<Spanned<Written>>,
    pub(super) upper_tick: Option<Spanned<Written>>,
    pub(super) lower_price: Option<Spanned<Written>>,
    pub(super) upper_price: Option<Spanned<Written>>,
    pub(super) part_bps: Option<Spanned<Written>>,
    pub(super) balance: Option<Spanned<bool>>,
    pub(super) sell_quote: Option<Spanned<Written>>,
    pub(super) sell_base: Option<Spanned<Written>>,
    pub(super) instrument: Option<Spanned<String>>,
    pub(super) quantity: Option<Spanned<Written>>,
    pub(super) max_slippage_bps: Option<Spanned<Written>>,
}

/// An expression: its text, or a value written without quotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    Text(String),
    Number(f64),
    Truth(bool),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl Visitor<'_> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an expression in quotes, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Written, E> {
        Ok(Written::Truth(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Written, E> {
        if value.unsigned_abs() > 1 << 53 {
            return Err(E::custom(format!(
                "{value} is not exact as a number; 2^53 is the largest"
            )));
        }
        Ok(Written::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Written, E> {
        if !value.is_finite() {
            return Err(E::custom(format!("{value} is no number that a rule can use")));
        }
        Ok(Written::Number(value))
    }
}
