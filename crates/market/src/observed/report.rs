use tidemill_units::{Amount, Amounts, BlockNumber, LogIndex, Side};

use super::ObservedFinding;

/// How a swap of a pool without a tick map was executed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SwapClass {
    /// To the unit, from the recorded state before it: the liquidity did not change on its way.
    Exact,
    /// To the unit, with liquidity that other swaps say was on its way.
    Inferred,
    /// Its fees lie between two values: liquidity on its way is not known, or whether a tick
    /// without net liquidity divided it.
    Bounded,
    /// Nothing can be said of its fees: it contradicts what was recorded before it.
    Unresolved,
}

impl SwapClass {
    /// All of them, from the best known to the least.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Inferred, Self::Bounded, Self::Unresolved];

    /// Returns the name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inferred => "inferred",
            Self::Bounded => "bounded",
            Self::Unresolved => "unresolved",
        }
    }
}

/// The swaps of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassTotals {
    /// How many.
    pub swaps: u64,
    /// What they paid in, fees included, by token.
    pub paid: Amounts,
    /// What of it was fees, the protocol's included; where they are not known to the unit, what
    /// was paid in times the rate.
    pub fees: Amounts,
}

/// Where something stands on a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The block.
    pub block: BlockNumber,
    /// The place in it.
    pub log_index: LogIndex,
}

/// How far a tape without a tick map was executed again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedReport {
    /// All events.
    pub events: u64,
    /// Swaps whose fees are known to the unit without the liquidity of any other swap.
    pub exact: ClassTotals,
    /// Swaps known to the unit by inference.
    pub inferred: ClassTotals,
    /// Swaps whose fees are bounded.
    pub bounded: ClassTotals,
    /// Swaps of which nothing can be said.
    pub unresolved: ClassTotals,
    /// Whether the first swap only said where the pool is; it is in none of the classes.
    pub is_opened_by_swap: bool,
    /// Mints and burns with liquidity.
    pub liquidity_changes: u64,
    /// Ticks whose net liquidity at the start follows from the record.
    pub ticks_inferred: u64,
    /// The first swap that is not known to the unit.
    pub first_bounded: Option<EventPlace>,
    /// The first swap of which nothing can be said.
    pub first_unresolved: Option<EventPlace>,
    /// The first of the places where the tape contradicts itself, at most
    /// [`ObservedReport::MOST_FINDINGS`].
    pub findings: Vec<ObservedFinding>,
    /// How many such places there are.
    pub findings_in_all: u64,
}

impl ObservedReport {
    /// How many findings are kept.
    pub const MOST_FINDINGS: usize = 100;

    /// Returns the swaps of a class.
    pub fn class(&self, class: SwapClass) -> &ClassTotals {
        match class {
            SwapClass::Exact => &self.exact,
            SwapClass::Inferred => &self.inferred,
            SwapClass::Bounded => &self.bounded,
            SwapClass::Unresolved => &self.unresolved,
        }
    }

    /// Returns the swaps of all classes.
    pub fn swaps(&self) -> u64 {
        let counts = SwapClass::ALL.map(|class| self.class(class).swaps);
        counts.into_iter().fold(0, u64::saturating_add)
    }

    pub(super) fn count_swap(&mut self, class: SwapClass, side: Side, paid: Amount, fee: Amount) {
        let totals = match class {
            SwapClass::Exact => &mut self.exact,
            SwapClass::Inferred => &mut self.inferred,
            SwapClass::Bounded => &mut self.bounded,
            SwapClass::Unresolved => &mut self.unresolved,
        };
        totals.swaps = totals.swaps.saturating_add(1);
        let add = |sum: Amounts, amount| sum.checked_add(Amounts::of(side, amount)).unwrap_or(sum);
        totals.paid = add(totals.paid, paid);
        totals.fees = add(totals.fees, fee);
    }

    pub(super) fn find(&mut self, finding: ObservedFinding) {
        self.findings_in_all = self.findings_in_all.saturating_add(1);
        if self.findings.len() < Self::MOST_FINDINGS {
            self.findings.push(finding);
        }
    }
}
