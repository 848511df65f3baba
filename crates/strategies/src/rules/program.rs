mod reader;
mod rule;
mod signal_terms;
mod without_pool;

#[cfg(test)]
pub(super) use rule::{ACTIONS, OPENING};
#[cfg(test)]
pub(super) use signal_terms::KINDS;

use std::ops::Range;

use tidemill_model::TradeSide;
use toml::Spanned;

use super::compile::token_of;
use super::expression::{Fault, Number, Readings, Truth};
use super::signals::{Follows, SignalTerms};
use super::source::{Origin, RulesError, Source};
use crate::FeedNeed;

/// A rules file that was read and checked.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(super) source: Source,
    pub(super) hypothesis: String,
    /// Names and values, those that the configuration sets included, in the order of the names.
    pub(super) parameters: Vec<(String, f64)>,
    pub(super) signals: Vec<SignalTerms>,
    /// Where each signal is written.
    pub(super) signals_at: Vec<Range<usize>>,
    /// How many positions the rules tell apart; at least one.
    pub(super) places: usize,
    pub(super) rules: Vec<Rule>,
}

/// A rule: when it acts, on which position, and what it does.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) when: Expression<Truth>,
    pub(super) place: usize,
    /// Minutes between two times that it acts.
    pub(super) every_minutes: Option<Argument>,
    pub(super) action: Action,
    /// Where its action is written.
    pub(super) at: Range<usize>,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Open(Opening),
    /// Closes, and opens anew.
    Recentre(Opening),
    Close,
    Swap(Swap),
    Trade(Trade),
    Stake,
    Unstake,
    Claim,
    SellRewards {
        max_slippage_bps: Option<Argument>,
    },
}

/// A position that is to be opened.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) bounds: Bounds,
    /// Basis points of the wallet; all of it without.
    pub(super) part_bps: Option<Argument>,
    /// Whether a swap first brings the wallet to the ratio that the range takes.
    pub(super) balances: bool,
    pub(super) max_slippage_bps: Option<Argument>,
}

/// Where a position is to be.
#[derive(Clone, Debug)]
pub(super) enum Bounds {
    /// At every price.
    Full,
    /// So far to either side of a tick, the present one without.
    Around {
        half: Half,
        centre_tick: Option<Argument>,
    },
    Ticks {
        lower: Argument,
        upper: Argument,
    },
    Prices {
        lower: Argument,
        upper: Argument,
    },
}

/// How far a range goes to either side.
#[derive(Clone, Debug)]
pub(super) enum Half {
    Ticks(Argument),
    /// Half of so many basis points of the price.
    WidthBps(Argument),
}

/// A swap of a fixed size.
#[derive(Clone, Debug)]
pub(super) struct Swap {
    pub(super) sells: Sold,
    pub(super) amount: Argument,
    pub(super) max_slippage_bps: Option<Argument>,
}

/// A trade of a fixed size at an exchange.
#[derive(Clone, Debug)]
pub(super) struct Trade {
    pub(super) side: TradeSide,
    /// The instrument, by its name in the configuration.
    pub(super) instrument: Spanned<String>,
    /// Whole base tokens.
    pub(super) quantity: Argument,
    pub(super) max_slippage_bps: Option<Argument>,
}

/// Which token a swap gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sold {
    Quote,
    Base,
}

/// An expression with the place that it has in its file.
#[derive(Clone, Debug)]
pub(super) struct Expression<T> {
    tree: T,
    key: &'static str,
    text: String,
    origin: Origin,
}

/// A number that a rule acts with.
pub(super) type Argument = Expression<Number>;

impl Program {
    /// Returns what the rules expect of the price or of others, in a line.
    pub(crate) fn hypothesis(&self) -> &str {
        &self.hypothesis
    }

    /// Returns the parameters and their values.
    pub(crate) fn parameters(&self) -> &[(String, f64)] {
        &self.parameters
    }

    /// Whether a rule opens positions.
    pub(crate) fn provides(&self) -> bool {
        self.openings().next().is_some()
    }

    /// Whether a rule does what only a concentrated pool can: a range, or a swap.
    pub(crate) fn needs_ticks(&self) -> bool {
        self.openings().any(|opening| !matches!(opening.bounds, Bounds::Full))
            || self.rules.iter().any(|rule| matches!(rule.action, Action::Swap(_)))
    }

    fn openings(&self) -> impl Iterator<Item = &Opening> {
        self.rules.iter().filter_map(|rule| match &rule.action {
            Action::Open(opening) | Action::Recentre(opening) => Some(opening),
            Action::Close
            | Action::Swap(_)
            | Action::Trade(_)
            | Action::Stake
            | Action::Unstake
            | Action::Claim
            | Action::SellRewards { .. } => None,
        })
    }

    /// Returns the feeds that the signals follow, and the candles that they take.
    pub(crate) fn needs(&self) -> Vec<FeedNeed> {
        let mut needs: Vec<FeedNeed> = Vec::new();
        for signal in &self.signals {
            let (feed, interval) = match &signal.follows {
                Follows::Pool { .. } | Follows::Instrument { .. } => continue,
                Follows::Candles { feed, interval } => (feed.clone(), Some(interval.to_string())),
                Follows::Latest { feed } => (feed.clone(), None),
            };
            let need = FeedNeed { feed, interval, keep: None };
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        needs
    }
}

impl Expression<Number> {
    /// Returns the value; `None` while it is not known.
    ///
    /// Errors: in a line, which expression has no value, and why.
    pub(super) fn value(
        &self,
        from: &impl Readings,
        source: &Source,
    ) -> Result<Option<f64>, RulesError> {
        self.tree.evaluate(from).map_err(|fault| self.faulty(fault, source))
    }

    /// Returns the value if it is within the range, both ends included.
    ///
    /// Errors: as [`value`](Self::value), and a value outside of it.
    pub(super) fn within(
        &self,
        (low, high): (f64, f64),
        from: &impl Readings,
        source: &Source,
    ) -> Result<Option<f64>, RulesError> {
        let value = self.value(from, source)?;
        match value.filter(|value| !(low..=high).contains(value)) {
            None => Ok(value),
            Some(outside) => {
                let problem = format!("{} is {outside}; allowed is {low} to {high}", self.key);
                Err(source.mistake(&self.origin.place(&(0..self.text.len())), problem))
            }
        }
    }
}

impl Expression<Truth> {
    /// Whether it is so; `None` while that is not known.
    ///
    /// Errors: as of a number.
    pub(super) fn holds(
        &self,
        from: &impl Readings,
        source: &Source,
    ) -> Result<Option<bool>, RulesError> {
        self.tree.evaluate(from).map_err(|fault| self.faulty(fault, source))
    }
}

impl<T> Expression<T> {
    fn faulty(&self, fault: Fault, source: &Source) -> RulesError {
        let within = token_of(&self.text, fault.at);
        let problem = format!("{} in `{}`", fault.kind.describe(), self.text);
        source.mistake(&self.origin.place(&within), problem)
    }

    /// Returns the key that it stands behind.
    pub(super) fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the mistake of an expression whose value can be nothing that is possible.
    pub(super) fn mistake(&self, problem: String, source: &Source) -> RulesError {
        source.mistake(&self.origin.place(&(0..self.text.len())), problem)
    }
}
