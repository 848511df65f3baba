use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_signals::sizing::{kelly_continuous, volatility_target};
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{Amount, Bps, TokenAmounts, U256, mul_div};

use crate::pool_meter::PoolMeter;
use crate::{BuildError, ParameterError, bounded};

/// What part of the wallet a strategy puts to work; the rest is held as it is.
///
/// `fixed` takes `part_bps`. `volatility_target` takes `target_sigma_daily` over the volatility of
/// the pool's price. `kelly` takes `kelly_fraction` of Kelly's fraction of liquidity over all
/// prices: it grows by its fee rate less its loss versus rebalancing, an eighth of the variance,
/// and is half as volatile as the price; nothing where that is a loss. The last two measure the
/// pool and put in nothing before `warm_up_hours`. At most everything is put in. The part is that
/// of the moment at which a position is entered; it stays until the position is closed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Size {
    /// How the part is found.
    pub rule: SizeRule,
    /// The part, 1 to 10000 basis points; only of `fixed`, 5000 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_bps: Option<u32>,
    /// Deviation of a day's return that is aimed at, 0.0001 to 1; only of `volatility_target`, 0.02
    /// without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_sigma_daily: Option<f64>,
    /// What part of Kelly's fraction is taken, 0.01 to 1; only of `kelly`, 0.5 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kelly_fraction: Option<f64>,
    /// Age at which a sample counts half, 0.1 to 8760 hours.
    pub half_life_hours: f64,
    /// Between two samples, 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// How long is measured before the first position, 0.1 to 8760 hours.
    pub warm_up_hours: f64,
}

/// How the part of a wallet that is put to work is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeRule {
    /// It is always the same.
    #[default]
    Fixed,
    /// So that the price's volatility comes to a target.
    VolatilityTarget,
    /// By what is expected to be earned over its variance.
    Kelly,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            rule: SizeRule::default(),
            part_bps: None,
            target_sigma_daily: None,
            kelly_fraction: None,
            half_life_hours: 24.0,
            sample_minutes: 5,
            warm_up_hours: 6.0,
        }
    }
}

/// The rule, checked.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Fixed(Bps),
    VolatilityTarget(f64),
    Kelly(f64),
}

impl SizeRule {
    const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::VolatilityTarget => "volatility_target",
            Self::Kelly => "kelly",
        }
    }
}

impl Size {
    /// Returns parameter and value, for the report.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("rule", self.rule.name().to_owned())];
        rows.extend(self.part_bps.map(|part| ("part_bps", part.to_string())));
        let target = self.target_sigma_daily;
        rows.extend(target.map(|target| ("target_sigma_daily", target.to_string())));
        rows.extend(self.kelly_fraction.map(|part| ("kelly_fraction", part.to_string())));
        if self.rule != SizeRule::Fixed {
            rows.push(("half_life_hours", self.half_life_hours.to_string()));
            rows.push(("sample_minutes", self.sample_minutes.to_string()));
            rows.push(("warm_up_hours", self.warm_up_hours.to_string()));
        }
        rows
    }

    /// Checks the parameters and puts the strategy on its part of the wallet.
    ///
    /// Errors: the first parameter outside its range.
    pub(crate) fn build(&self, inner: Box<dyn Strategy>) -> Result<SizedStrategy, BuildError> {
        self.check_own()?;
        let rule = match self.rule {
            SizeRule::Fixed => {
                let part = self.part_bps.unwrap_or(5_000);
                Rule::Fixed(Bps(bounded("size.part_bps", part, (1, Bps::ONE.0))?))
            }
            SizeRule::VolatilityTarget => {
                let target = self.target_sigma_daily.unwrap_or(0.02);
                let target = bounded("size.target_sigma_daily", target, (0.0001, 1.0))?;
                Rule::VolatilityTarget(target)
            }
            SizeRule::Kelly => {
                let part = self.kelly_fraction.unwrap_or(0.5);
                Rule::Kelly(bounded("size.kelly_fraction", part, (0.01, 1.0))?)
            }
        };
        bounded("size.half_life_hours", self.half_life_hours, (0.1, 8_760.0))?;
        bounded("size.sample_minutes", self.sample_minutes, (1, 1_440))?;
        bounded("size.warm_up_hours", self.warm_up_hours, (0.1, 8_760.0))?;
        let meter = PoolMeter::new(self.sample_minutes, self.half_life_hours);
        let warm_up_seconds = self.warm_up_hours * 3_600.0;
        Ok(SizedStrategy { inner, rule, meter, warm_up_seconds, kept: None })
    }

    /// Refuses the parameter of another rule.
    fn check_own(&self) -> Result<(), BuildError> {
        let given = [
            (SizeRule::Fixed, "size.part_bps", self.part_bps.map(|part| part.to_string())),
            (
                SizeRule::VolatilityTarget,
                "size.target_sigma_daily",
                self.target_sigma_daily.map(|target| target.to_string()),
            ),
            (
                SizeRule::Kelly,
                "size.kelly_fraction",
                self.kelly_fraction.map(|part| part.to_string()),
            ),
        ];
        for (rule, name, value) in given {
            if let Some(value) = value.filter(|_| rule != self.rule) {
                let allowed = format!("left out unless rule is `{}`", rule.name());
                return Err(ParameterError { name, value, allowed }.into());
            }
        }
        Ok(())
    }
}

/// A strategy that sees a part of the wallet.
pub(crate) struct SizedStrategy {
    inner: Box<dyn Strategy>,
    rule: Rule,
    meter: PoolMeter,
    warm_up_seconds: f64,
    kept: Option<Kept>,
}

/// What of a wallet is not put in.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// The wallet that it was worked out for.
    wallet: TokenAmounts,
    amounts: TokenAmounts,
    /// Whether a position was open since.
    was_in: bool,
}

impl SizedStrategy {
    /// The part that is to be put in now.
    fn part(&self) -> Bps {
        let measured = self.meter.measured_seconds() as f64 >= self.warm_up_seconds;
        let known = self.meter.sigma_daily().zip(self.meter.fee_rate_daily());
        let part = match (self.rule, known.filter(|_| measured)) {
            (Rule::Fixed(part), _) => return part,
            (Rule::VolatilityTarget(_) | Rule::Kelly(_), None) => 0.0,
            (Rule::VolatilityTarget(target), Some((sigma, _))) => {
                volatility_target(target, sigma, 1.0)
            }
            (Rule::Kelly(_), Some((sigma, _))) if sigma <= 0.0 => 0.0,
            (Rule::Kelly(fraction), Some((sigma, fee_rate))) => {
                let growth = fee_rate - sigma * sigma / 8.0;
                fraction * kelly_continuous(growth, 0.0, sigma / 2.0)
            }
        };
        // Between nothing and everything, so the conversion is exact up to the fraction.
        Bps((part.clamp(0.0, 1.0) * f64::from(Bps::ONE.0)) as u32)
    }

    /// What is kept of a wallet, anew where nothing was put in since that was last worked out.
    fn keep(&mut self, view: &View<'_>, has_sampled: bool) -> Option<TokenAmounts> {
        let is_in = view.positions().next().is_some();
        if let Some(kept) = &mut self.kept {
            kept.was_in |= is_in;
        }
        if is_in || view.is_waiting() {
            return self.kept.map(|kept| kept.amounts);
        }
        let wallet = view.available()?;
        let stands = |kept: &Kept| {
            // A wallet that changed without a position is on its way into one.
            !kept.was_in && (kept.wallet != wallet || !has_sampled)
        };
        if let Some(kept) = self.kept.filter(stands) {
            return Some(kept.amounts);
        }
        let rest = Bps::ONE.0.checked_sub(self.part().0)?;
        let mut amounts = wallet;
        for amount in amounts.as_mut_slice() {
            let part = mul_div(amount.0, U256::from(rest), U256::from(Bps::ONE.0))?;
            *amount = Amount(part);
        }
        self.kept = Some(Kept { wallet, amounts, was_in: false });
        Some(amounts)
    }
}

impl Strategy for SizedStrategy {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let has_sampled = view.pool().is_some_and(|pool| self.meter.look(view, pool));
        match self.keep(view, has_sampled) {
            Some(kept) => self.inner.decide(&view.with_reserve(kept)),
            None => self.inner.decide(view),
        }
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}
