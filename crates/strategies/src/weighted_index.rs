use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Bps, TokenAmounts, TokenIndex, TokenPair, U256, mul_div};

use crate::declared::{Declared, Site, row};
use crate::full_range::deposit;
use crate::patience::Patience;
use crate::registry::PoolFacts;
use crate::{BuildError, bounded};

/// Hypothesis: a weighted pool is an index fund that is paid for rebalancing: traders bring its
/// tokens back to their weights, and pay a fee for it where a fund pays one.
///
/// Brings the wallet to the proportion that the pool takes, by swaps in the pool itself while a
/// token is off by more than `least_swap_bps` of the wallet, deposits, and holds the shares. Never
/// stops. Of a pool of weights only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeightedIndex {
    /// How far off a token may be without a swap, 1 to 10000 basis points of the wallet.
    pub least_swap_bps: u32,
    /// How much less than quoted a swap may give, 1 to 10000 basis points.
    pub max_slippage_bps: u32,
}

impl Default for WeightedIndex {
    fn default() -> Self {
        Self { least_swap_bps: 200, max_slippage_bps: 50 }
    }
}

/// The names that pools of weights have in state files.
const WEIGHTED: [&str; 2] = ["weighted", "balancer_v1"];

impl Declared for WeightedIndex {
    fn name(&self) -> &'static str {
        "weighted_index"
    }

    fn summary(&self) -> &'static str {
        "Holds shares of a pool of weights: an index that is paid for being rebalanced."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![
            row("least_swap_bps", &self.least_swap_bps),
            row("max_slippage_bps", &self.max_slippage_bps),
        ]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let kind = match site.pool(self.name())? {
            PoolFacts::Concentrated { .. } => "concentrated",
            PoolFacts::Shares { kind } => kind,
        };
        if !WEIGHTED.contains(&kind) {
            return Err(BuildError::NeedsWeights { strategy: self.name(), pool: kind });
        }
        let part = |name, part| bounded(name, part, (1, Bps::ONE.0)).map(Bps);
        Ok(Box::new(WeightedIndexDecider {
            patience: Patience::default(),
            least_swap: part("least_swap_bps", self.least_swap_bps)?,
            max_slippage: part("max_slippage_bps", self.max_slippage_bps)?,
        }))
    }
}

#[derive(Clone, Copy, Debug)]
struct WeightedIndexDecider {
    patience: Patience,
    least_swap: Bps,
    max_slippage: Bps,
}

/// A token, and by how much of the quote token it is off.
type Off = (TokenIndex, Amount);

/// The token that there is most too much of, and the one that there is most too little of.
fn furthest(view: &View<'_>, wallet: &TokenAmounts) -> Option<[Off; 2]> {
    let balances = view.shares()?.pool().shares()?.balances();
    let value = |amounts: &TokenAmounts| -> Option<Vec<Amount>> {
        amounts.iter().map(|(token, amount)| view.token_value(amount, token)).collect()
    };
    let (held, wanted) = (value(wallet)?, value(&balances)?);
    let sum = |values: &[Amount]| {
        values.iter().try_fold(Amount::ZERO, |sum, value| sum.checked_add(*value))
    };
    let (all, whole) = (sum(&held)?, sum(&wanted)?);
    let nothing = (TokenIndex(0), Amount::ZERO);
    let (mut most, mut least) = (nothing, nothing);
    for ((token, held), wanted) in (0..).map(TokenIndex).zip(held).zip(wanted) {
        let target = Amount(mul_div(all.0, wanted.0, whole.0)?);
        let off = Amount(held.0.abs_diff(target.0));
        let furthest = if held > target { &mut most } else { &mut least };
        if off > furthest.1 {
            *furthest = (token, off);
        }
    }
    Some([most, least])
}

impl WeightedIndexDecider {
    /// The swap of what there is too much of for what is short, if it is worth one.
    fn swap(&self, view: &View<'_>, wallet: &TokenAmounts) -> Option<Intent> {
        let [(input, excess), (output, short)] = furthest(view, wallet)?;
        let mut all = Amount::ZERO;
        for (token, amount) in wallet.iter() {
            all = all.checked_add(view.token_value(amount, token)?)?;
        }
        let moved = excess.min(short);
        let part = |of: Amount, part: u32| {
            mul_div(of.0, U256::from(part), U256::from(Bps::ONE.0)).map(Amount)
        };
        if input == output || moved <= part(all, self.least_swap.0)? {
            return None;
        }
        let held = wallet.get(input)?;
        let amount_in = Amount(mul_div(held.0, moved.0, view.token_value(held, input)?.0)?);
        let pair = TokenPair { input, output };
        let quote = view.shares()?.quote_own_swap(pair, amount_in, view.now()).ok()?;
        let kept = Bps::ONE.0.checked_sub(self.max_slippage.0)?;
        let min_amount_out = part(quote.amount_out, kept)?;
        Some(Intent::Swap { pool: view.pool_id()?, pair, amount_in, min_amount_out })
    }
}

impl Strategy for WeightedIndexDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() || view.positions().next().is_some() {
            return Vec::new();
        }
        let Some(wallet) = self.patience.wallet(view) else { return Vec::new() };
        let swap = self.swap(view, &wallet);
        let asked = swap.map_or_else(|| deposit(view), |swap| vec![swap]);
        self.patience.note(view, wallet, !asked.is_empty());
        asked
    }
}
