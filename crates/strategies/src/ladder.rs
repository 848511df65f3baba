mod rungs;

use serde::{Deserialize, Serialize};
use tidemill_model::{Holding, Intent, Placement, PositionId};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amounts, Tick, TickRange};

use crate::balance::{Balance, Readiness};
use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::patience::Patience;
use crate::{BuildError, bounded};
use rungs::{Rung, divided, rungs, wanted};

/// Hypothesis: the price is more likely near than far, so that capital spread over several ranges,
/// more of it in the near ones, earns more than one even range of the same width and leaves less
/// often than one narrow range.
///
/// Ranges side by side, each `rung_ticks` wide: `rungs_below` of them under the price and
/// `rungs_above` from the multiple of the tick spacing at or below it on. Their values weigh by
/// `weights`: all the same, `n, n - 1, ...` from the price outwards, or each `ratio` times the one
/// before. Moves when the price is a whole rung or more away from where the ladder was built:
/// `whole` closes all of it and builds it anew once the price has left it, `rung` closes only
/// those that the ladder around the present price does not have, and opens with what they paid
/// those that are missing. Never stops. Needs limits of as many positions as it has rungs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ladder {
    /// Ranges under the price, 0 to 50.
    pub rungs_below: u32,
    /// Ranges from the price on, 1 to 50.
    pub rungs_above: u32,
    /// From one end of a range to the other, the pool's tick spacing to 443636, rounded up to a
    /// multiple of it.
    pub rung_ticks: i32,
    /// How much is in each.
    pub weights: LadderWeights,
    /// What the next rung outwards has of the one before, 0.01 to 1; only of `geometric`, 0.5
    /// without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// How it follows the price.
    pub moves: LadderMove,
}

/// How the values of a ladder's rungs are to each other, from the price outwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderWeights {
    /// All the same.
    #[default]
    Uniform,
    /// As the rungs that are left on the side, this one included.
    Linear,
    /// Each so many times the one before.
    Geometric,
}

/// How a ladder follows the price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderMove {
    /// All of it, once the price has left it.
    #[default]
    Whole,
    /// Rung by rung.
    Rung,
}

impl LadderWeights {
    const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Linear => "linear",
            Self::Geometric => "geometric",
        }
    }
}

impl LadderMove {
    const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Rung => "rung",
        }
    }
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            rungs_below: 3,
            rungs_above: 3,
            rung_ticks: 300,
            weights: LadderWeights::default(),
            ratio: None,
            moves: LadderMove::default(),
        }
    }
}

impl Declared for Ladder {
    fn name(&self) -> &'static str {
        "ladder"
    }

    fn summary(&self) -> &'static str {
        "Several ranges side by side around the price, more in the near ones if asked."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("rungs_below", &self.rungs_below),
            row("rungs_above", &self.rungs_above),
            row("rung_ticks", &self.rung_ticks),
            row("weights", &self.weights.name()),
        ];
        rows.extend(self.ratio.map(|ratio| row("ratio", &ratio)));
        rows.push(row("moves", &self.moves.name()));
        rows
    }

    fn most_positions(&self) -> u32 {
        self.rungs_below.saturating_add(self.rungs_above)
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let spacing = site.tick_spacing(self.name())?;
        let below = bounded("rungs_below", self.rungs_below, (0, 50))?;
        let above = bounded("rungs_above", self.rungs_above, (1, 50))?;
        let ticks = bounded("rung_ticks", self.rung_ticks, (spacing, MAX_HALF_WIDTH))?;
        let ratio = bounded("ratio", self.ratio.unwrap_or(0.5), (0.01, 1.0))?;
        if self.ratio.is_some() && self.weights != LadderWeights::Geometric {
            let allowed = "left out unless weights is `geometric`".to_owned();
            let (name, value) = ("ratio", ratio.to_string());
            return Err(crate::ParameterError { name, value, allowed }.into());
        }
        let steps = ticks.div_euclid(spacing) + i32::from(ticks.rem_euclid(spacing) > 0);
        let rungs = rungs([below, above], self.weights, ratio);
        Ok(Box::new(LadderDecider {
            rungs,
            has_rungs_below: below > 0,
            width: steps.saturating_mul(spacing),
            moves: self.moves,
            patience: Patience::default(),
            base: None,
            swapped_from: None,
        }))
    }
}

#[derive(Clone, Debug)]
struct LadderDecider {
    rungs: Vec<Rung>,
    has_rungs_below: bool,
    width: i32,
    moves: LadderMove,
    patience: Patience,
    /// Where the first rung from the price on begins; `None` while there is no ladder.
    base: Option<Tick>,
    /// The wallet when its last swap was asked for.
    swapped_from: Option<Amounts>,
}

/// Our positions with a range.
fn ranged(view: &View<'_>) -> impl Iterator<Item = (PositionId, TickRange)> {
    view.positions().filter_map(|(id, position)| match position.holding {
        Holding::Range { range, .. } => Some((id, range)),
        Holding::Shares(_) | Holding::Stake { .. } | Holding::Lock { .. } => None,
    })
}

impl LadderDecider {
    /// Moves the base after the price, if that is far enough away.
    fn follow(&mut self, tick: Tick, spacing: i32) {
        let Some(base) = self.base else {
            self.base = tick.floor_to(spacing);
            return;
        };
        match self.moves {
            LadderMove::Whole => {
                if !self.covers(base, tick) {
                    self.base = tick.floor_to(spacing);
                }
            }
            LadderMove::Rung => {
                let moved = tick.0.saturating_sub(base.0).div_euclid(self.width);
                // In the first rung on either side it stays.
                let slack = i32::from(moved < 0 && self.has_rungs_below);
                let steps = moved.saturating_add(slack);
                self.base = Some(Tick(base.0.saturating_add(steps.saturating_mul(self.width))));
            }
        }
    }

    /// Whether a tick is in one of the rungs.
    fn covers(&self, base: Tick, tick: Tick) -> bool {
        self.rungs.iter().any(|rung| rung.range(base, self.width).contains(tick))
    }

    fn is_rung(&self, base: Tick, range: TickRange) -> bool {
        self.rungs.iter().any(|rung| rung.range(base, self.width) == range)
    }

    /// Opens the rungs that are missing, after a swap if it takes one.
    fn build(&mut self, view: &View<'_>, base: Tick) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        let is_missing = |range: TickRange| ranged(view).all(|(_, held)| held != range);
        let full = TickRange::full(pool.tick_spacing());
        let missing: Vec<_> = self
            .rungs
            .iter()
            .map(|rung| (rung.range(base, self.width), rung.weight))
            .filter(|(range, _)| {
                let fits = full.is_some_and(|f| f.lower <= range.lower && range.upper <= f.upper);
                fits && is_missing(*range)
            })
            .collect();
        if missing.is_empty() {
            return Vec::new();
        }
        let Some(all) = self.patience.wallet(view) else { return Vec::new() };
        let asked = all.two().map(|wallet| self.open(view, &missing, wallet)).unwrap_or_default();
        self.patience.note(view, all, !asked.is_empty());
        asked
    }

    fn open(
        &mut self,
        view: &View<'_>,
        missing: &[(TickRange, u32)],
        wallet: Amounts,
    ) -> Vec<Intent> {
        let Some((pool, id)) = view.pool().zip(view.pool_id()) else { return Vec::new() };
        let Some(wanted) = wanted(pool, missing) else { return Vec::new() };
        let has_swapped = self.swapped_from.take().is_some_and(|before| before != wallet);
        let whole = wanted.iter().try_fold(Amounts::ZERO, |sum, one| sum.checked_add(*one));
        let Some(whole) = whole else { return Vec::new() };
        let readiness = if has_swapped {
            Readiness::Ready
        } else {
            Balance::default().swap_to(pool, id, whole, wallet)
        };
        match readiness {
            Readiness::NotNow => Vec::new(),
            Readiness::After(swap) => {
                self.swapped_from = Some(wallet);
                vec![swap]
            }
            Readiness::Ready => {
                let parts = divided(wallet, &wanted, whole);
                let open = |((range, _), desired): (&(TickRange, u32), Amounts)| Intent::Open {
                    pool: id,
                    placement: Placement::Range(*range),
                    desired: desired.into(),
                };
                let parts = missing.iter().zip(parts).filter(|(_, desired)| !desired.is_zero());
                parts.map(open).collect()
            }
        }
    }
}

impl Strategy for LadderDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        if view.is_waiting() {
            return Vec::new();
        }
        let before = self.base;
        if ranged(view).next().is_none() && self.swapped_from.is_none() {
            // Nothing is there that would have to stay: it is built around the price as it is.
            self.base = None;
        }
        self.follow(pool.tick(), pool.tick_spacing());
        let Some(base) = self.base else { return Vec::new() };
        let has_moved = before != self.base;
        let is_over = |(id, range): (PositionId, TickRange)| {
            let stays =
                self.is_rung(base, range) && !(has_moved && self.moves == LadderMove::Whole);
            (!stays).then_some(Intent::Close { position: id })
        };
        let closing: Vec<_> = ranged(view).filter_map(is_over).collect();
        if !closing.is_empty() {
            // What was swapped was for another ladder.
            self.swapped_from = None;
            return closing;
        }
        self.build(view, base)
    }
}
