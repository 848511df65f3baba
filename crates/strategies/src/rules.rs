//! Strategies that are written in TOML, with rhai's expressions over named values.
//!
//! A file is read and checked once, with every mistake shown in its line. Of rhai, its grammar of
//! expressions is used and nothing that runs: what was read becomes a tree of numbers and claims
//! with fixed types and places, which has as many steps as it has parts, no loops, no texts and no
//! memory of its own. `docs/rules.md` says what can be written.

mod act;
mod compile;
mod config;
mod expression;
mod file;
mod places;
mod plan;
mod program;
mod scale;
mod scene;
mod signals;
mod source;
mod values;

use tidemill_model::Intent;
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::Timestamp;

pub use config::RulesConfig;
pub use scale::QuoteScale;
pub use source::RulesError;

pub(crate) use program::Program;

use act::{act, leave};
use places::Places;
use plan::{Plan, Planner};
use program::Action;
use scene::{Scene, Start};
use signals::Signals;

/// Hypothesis: that of its file.
///
/// Asks the rules in their order and does what the first says that has something to do. Waits while
/// an order has no known end. Stops for good where an expression has no value that can be used.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    program: Program,
    scale: QuoteScale,
    signals: Signals,
    places: Places,
    start: Option<Start>,
    acted_at: Option<Timestamp>,
    /// When each rule last acted.
    rules_acted_at: Vec<Option<Timestamp>>,
    fault: Option<StrategyFault>,
}

impl Rules {
    pub(crate) fn new(program: Program, scale: QuoteScale) -> Self {
        Self {
            signals: Signals::new(&program.signals),
            places: Places::new(program.places),
            rules_acted_at: vec![None; program.rules.len()],
            program,
            scale,
            start: None,
            acted_at: None,
            fault: None,
        }
    }

    /// Returns what is to be done, by which rule.
    ///
    /// Errors: an expression without a value that can be used.
    fn next(&mut self, view: &View<'_>, start: Start) -> Result<Option<Intent>, RulesError> {
        if let Some(intent) = self.reopen(view, start)? {
            return Ok(intent);
        }
        for index in 0..self.program.rules.len() {
            let Some(plan) = self.plan_of(index, view, start)? else { continue };
            let place = self.program.rules[index].place;
            if let Some(intent) = act(&plan, index, self.places.get_mut(place), view) {
                self.rules_acted_at[index] = Some(view.now());
                self.places.ask(place);
                return Ok(Some(intent));
            }
        }
        Ok(None)
    }

    /// What a rule plans, if it is its turn.
    fn plan_of(
        &self,
        index: usize,
        view: &View<'_>,
        start: Start,
    ) -> Result<Option<Plan>, RulesError> {
        let rule = &self.program.rules[index];
        let source = &self.program.source;
        let scene = self.scene(rule.place, view, start);
        if let (Some(every), Some(last)) = (&rule.every_minutes, self.rules_acted_at[index]) {
            let minutes = every.within((0.0, 525_600.0), &scene, source)?;
            let passed = view.now().seconds_since(last) as f64 / 60.0;
            if minutes.is_none_or(|minutes| passed < minutes) {
                return Ok(None);
            }
        }
        if rule.when.holds(&scene, source)? != Some(true) {
            return Ok(None);
        }
        Planner { scene: &scene, source }.plan(&rule.action)
    }

    /// What is left of a move that has begun; the outer `None` where there is none.
    fn reopen(
        &mut self,
        view: &View<'_>,
        start: Start,
    ) -> Result<Option<Option<Intent>>, RulesError> {
        let reopening = |(place, state): (usize, &places::Place)| Some((place, state.reopening?));
        let Some((place, (rule, closed))) = self.places.iter().find_map(reopening) else {
            return Ok(None);
        };
        match self.places.get(place).open {
            Some(open) if open.id == closed => {
                return Ok(Some(leave(closed, self.places.get_mut(place))));
            }
            Some(_) => {
                self.places.get_mut(place).reopening = None;
                return Ok(None);
            }
            None => {}
        }
        let Action::Recentre(opening) = &self.program.rules[rule].action else { return Ok(None) };
        let scene = self.scene(place, view, start);
        let planner = Planner { scene: &scene, source: &self.program.source };
        let Some(plan) = planner.opening(opening)?.map(Plan::Open) else { return Ok(Some(None)) };
        self.places.ask(place);
        Ok(Some(act(&plan, rule, self.places.get_mut(place), view)))
    }

    fn scene<'a>(&'a self, place: usize, view: &'a View<'a>, start: Start) -> Scene<'a> {
        Scene {
            view,
            scale: self.scale,
            signals: &self.signals,
            place: self.places.get(place),
            start,
            acted_at: self.acted_at,
        }
    }
}

impl Strategy for Rules {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        // A pool has a price first; a run without one has nothing to wait for.
        let is_ready = view.pool_id().is_none() || view.pool().is_some() || view.shares().is_some();
        if self.fault.is_some() || !is_ready {
            return Vec::new();
        }
        self.signals.update(view, self.scale);
        self.places.update(view, self.scale);
        if view.is_waiting() {
            return Vec::new();
        }
        let start = *self.start.get_or_insert_with(|| Start {
            at: view.now(),
            tick: view.pool().map(|pool| pool.tick()),
            price: self.scale.price(view),
        });
        match self.next(view, start) {
            Ok(None) => Vec::new(),
            Ok(Some(intent)) => {
                self.acted_at = Some(view.now());
                vec![intent]
            }
            Err(error) => {
                self.fault = Some(error.into_fault());
                Vec::new()
            }
        }
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.fault.as_ref()
    }
}

#[cfg(test)]
mod tests;
