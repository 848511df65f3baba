use std::collections::BTreeMap;

use toml::Spanned;

use super::super::compile::{Compiler, Name};
use super::super::file::FileConfig;
use super::super::source::{RulesError, Source};
use super::super::values::{instead, is_taken};
use super::Program;
use super::signal_terms::signal_terms;

/// The most bytes of a rules file.
const MOST_BYTES: usize = 65_536;
/// The most rules, signals and parameters of a file, each.
const MOST: usize = 64;

impl Program {
    /// Reads a rules file, which messages call `name`, with the parameters that are set elsewhere
    /// in place of the file's own.
    ///
    /// Errors: the first mistake, with its place.
    pub(crate) fn read(
        name: &str,
        text: &str,
        set: &BTreeMap<String, f64>,
    ) -> Result<Self, RulesError> {
        let source = Source::new(name, text);
        if text.len() > MOST_BYTES {
            let problem = format!("the file has {} bytes; allowed are {MOST_BYTES}", text.len());
            return Err(source.mistake(&(0..0), problem));
        }
        let file: FileConfig = toml::from_str(text).map_err(|error| {
            let problem = error.message().trim_end().to_owned();
            source.mistake(&error.span().unwrap_or(0..0), problem)
        })?;
        let reader = Reader { source: &source, compiler: Compiler::new(), places: Vec::new() };
        reader.program(file, set)
    }
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) compiler: Compiler,
    /// The names of positions, in the order in which rules first use them.
    pub(super) places: Vec<String>,
}

impl Reader<'_> {
    fn program(
        mut self,
        file: FileConfig,
        set: &BTreeMap<String, f64>,
    ) -> Result<Program, RulesError> {
        let span = file.hypothesis.span();
        let hypothesis = file.hypothesis.into_inner();
        let is_a_line = !hypothesis.trim().is_empty() && !hypothesis.chars().any(char::is_control);
        if !is_a_line || hypothesis.chars().count() > 200 {
            let problem = "hypothesis is no line; allowed are 1 to 200 characters, none of them a \
                           control character";
            return Err(self.source.mistake(&span, problem.to_owned()));
        }
        let parameters = self.parameters(&file.parameters, set)?;
        let signals = file.signals;
        self.at_most(signals.len(), "signals")?;
        let (mut terms, mut signals_at) = (Vec::new(), Vec::new());
        let mut slots = 0;
        for (name, signal) in signals {
            signals_at.push(signal.span());
            let signal = signal_terms(self.source, signal)?;
            let outputs = signal.estimate.outputs();
            for (slot, output) in (slots..).zip(outputs) {
                let output = format!("{}{output}", name.get_ref());
                self.declare(&name, &output, Name::Signal(slot))?;
            }
            slots += outputs.len();
            terms.push(signal);
        }
        self.at_most(file.rule.len(), "rules")?;
        let rules = file.rule.into_iter().map(|rule| self.rule(rule));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        Ok(Program {
            source: self.source.clone(),
            hypothesis,
            parameters,
            signals: terms,
            signals_at,
            places: self.places.len().max(1),
            rules,
        })
    }

    fn at_most(&self, count: usize, what: &str) -> Result<(), RulesError> {
        if count > MOST {
            let problem = format!("there are {count} {what}; allowed are {MOST}");
            return Err(self.source.mistake(&(0..0), problem));
        }
        Ok(())
    }

    fn parameters(
        &mut self,
        own: &BTreeMap<Spanned<String>, Spanned<f64>>,
        set: &BTreeMap<String, f64>,
    ) -> Result<Vec<(String, f64)>, RulesError> {
        self.at_most(own.len(), "parameters")?;
        let names: Vec<&str> = own.keys().map(|name| name.get_ref().as_str()).collect();
        if let Some(unknown) = set.keys().find(|name| !names.contains(&name.as_str())) {
            let problem = format!(
                "the configuration sets `{unknown}`, which is no parameter of this file; {}",
                instead(unknown, &names)
            );
            return Err(self.source.mistake(&(0..0), problem));
        }
        let mut parameters = Vec::new();
        for (name, value) in own {
            let given = set.get(name.get_ref()).copied().unwrap_or(*value.get_ref());
            if !given.is_finite() {
                let problem = format!("{} is {given}; a number is needed", name.get_ref());
                return Err(self.source.mistake(&value.span(), problem));
            }
            self.declare(name, name.get_ref(), Name::Parameter(given))?;
            parameters.push((name.get_ref().clone(), given));
        }
        Ok(parameters)
    }

    fn declare(
        &mut self,
        written: &Spanned<String>,
        name: &str,
        stands_for: Name,
    ) -> Result<(), RulesError> {
        let wrong = |problem: String| Err(self.source.mistake(&written.span(), problem));
        if !self.compiler.is_name(name) {
            return wrong(format!(
                "`{name}` cannot be a name; allowed are 1 to 40 small letters, digits and `_`, \
                 beginning with a letter, and no word of the language"
            ));
        }
        if is_taken(name) || self.compiler.has(name) {
            return wrong(format!("`{name}` means something already; choose another name"));
        }
        self.compiler.name(name, stands_for);
        Ok(())
    }
}
