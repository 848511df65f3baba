use super::super::expression::{Number, Truth};
use super::super::signals::Follows;
use super::super::source::RulesError;
use super::super::values::instead;
use super::{Action, Argument, Expression, Program, Rule};

const ALLOWED: &str = "the run has no pool; allowed are parameters, signals of feeds and \
                       instruments, now_seconds, hour_of_day, day_of_week, minutes_since_start and \
                       minutes_since_action";

impl Program {
    /// Checks that nothing reads a pool or acts in one.
    ///
    /// Errors: the first that does, with its place.
    pub(crate) fn check_without_pool(&self) -> Result<(), RulesError> {
        for (signal, at) in self.signals.iter().zip(&self.signals_at) {
            if matches!(signal.follows, Follows::Pool { .. }) {
                let problem = "this follows the pool's price, and the run has no pool; allowed is \
                               what follows a feed or an instrument";
                return Err(self.source.mistake(at, problem.to_owned()));
            }
        }
        self.rules.iter().try_for_each(|rule| self.check_rule(rule))
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), RulesError> {
        let Action::Trade(trade) = &rule.action else {
            let problem = "this acts in a pool, and the run has none; allowed are buy and sell";
            return Err(self.source.mistake(&rule.at, problem.to_owned()));
        };
        self.check_read(&rule.when, Truth::reads_pool)?;
        let arguments = [Some(&trade.quantity), trade.max_slippage_bps.as_ref()];
        let arguments = arguments.into_iter().flatten().chain(&rule.every_minutes);
        arguments
            .into_iter()
            .try_for_each(|argument: &Argument| self.check_read(argument, Number::reads_pool))
    }

    fn check_read<T>(
        &self,
        expression: &Expression<T>,
        reads_pool: fn(&T) -> bool,
    ) -> Result<(), RulesError> {
        if reads_pool(&expression.tree) {
            let problem = format!("{}: this reads the pool, and {ALLOWED}", expression.key);
            return Err(self.source.mistake(&expression.origin.span, problem));
        }
        Ok(())
    }

    /// Checks that there is every instrument that is named.
    ///
    /// Errors: the first that is none of these names, with its place.
    pub(crate) fn check_instruments(&self, names: &[&str]) -> Result<(), RulesError> {
        let of_signals = self.signals.iter().filter_map(|signal| match &signal.follows {
            Follows::Instrument { name } => Some(name),
            Follows::Pool { .. } | Follows::Candles { .. } | Follows::Latest { .. } => None,
        });
        let of_rules = self.rules.iter().filter_map(|rule| match &rule.action {
            Action::Trade(trade) => Some(&trade.instrument),
            Action::Open(_)
            | Action::Recentre(_)
            | Action::Close
            | Action::Swap(_)
            | Action::Stake
            | Action::Unstake
            | Action::Claim
            | Action::SellRewards { .. } => None,
        });
        let mut all = of_signals.chain(of_rules);
        let Some(unknown) = all.find(|name| !names.contains(&name.get_ref().as_str())) else {
            return Ok(());
        };
        let name = unknown.get_ref();
        let problem = format!("there is no instrument `{name}`; {}", instead(name, names));
        Err(self.source.mistake(&unknown.span(), problem))
    }
}
