//! The sweep: every programme over every budget.

use tidemill_model::ChainId;
use tidemill_report::{
    CampaignBefore, CampaignCapture, CampaignOutcome, CampaignPool, CampaignProvenance,
    CampaignReward, CampaignSheet, CampaignTerms, CampaignYields, DepthAt, ProgrammeOutcomes,
    Retained,
};
use tidemill_units::{Amount, TokenIndex, U256, mul_div};

use crate::capture::{Campaign, Capture, CaptureError, Group, capture};
use crate::config::{ConfigError, Placement, Plan};
use crate::depth::{DepthError, Looked, PART_ONE, part_of_capital};
use crate::flow::{Flow, measure};
use crate::number::{from_amount, to_amount};
use crate::programme::{Programme, Rule};
use crate::recording::{History, Recording};
use crate::supply::{Incentive, Market, SECONDS_PER_YEAR, Yields};

/// Why a campaign could not be designed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// The pool cannot be measured, or does not fit the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pool does not take the capital that would come.
    #[error(transparent)]
    Depth(#[from] DepthError),
    /// A budget could not be shared out.
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

const SECONDS_PER_DAY: f64 = 86_400.0;
/// A part of a budget below which a difference is not solved for again.
const WORTH_ANOTHER_LOOK: f64 = 0.001;
/// How often a budget is shared out at most until what comes and what it is paid agree.
const MOST_LOOKS: u32 = 5;
/// Points of a path after the campaign.
const PATH_POINTS: u32 = 48;

/// Designs a campaign; `progress` is told now and then how many outcomes are done.
///
/// Errors: [`DesignError`].
pub fn design(
    recording: &Recording,
    plan: &Plan,
    provenance: CampaignProvenance,
    progress: &dyn Fn(u64),
) -> Result<CampaignSheet, DesignError> {
    let flow = measure(recording, plan.quote, &plan.supply)?;
    let market = Market { flow: &flow, supply: &plan.supply };
    let need = market.need();
    if !(need > 0.0 && need.is_finite()) {
        let why = "shows no fees, so that it says nothing about what capital asks for: \
                   supply.required_return is needed";
        return Err(ConfigError::Unmeasurable(why).into());
    }
    let pool = recording.present().ok_or(ConfigError::Unmeasurable("has no pool at its end"))?;
    let present = Looked { pool, quote: plan.quote, now: recording.now() };
    let unpaid = Incentive { rule: &Rule::StakingRewards, a_year: 0.0, leak: 0.0 };
    let comes_unpaid = market.added(&unpaid);
    let without = present.with(comes_unpaid, flow.capital, &plan.supply)?;
    let sweep = Sweep { recording, plan, flow: &flow, market, present, without, comes_unpaid };
    let mut programmes = Vec::new();
    let mut done = 0;
    for programme in &plan.programmes {
        let mut outcomes = Vec::new();
        for budget in &plan.budgets {
            outcomes.push(sweep.outcome(programme, *budget)?);
            done += 1;
            progress(done);
        }
        programmes.push(ProgrammeOutcomes {
            name: programme.name.clone(),
            kind: programme.rule.kind().to_owned(),
            rule: programme.rule.summary().to_owned(),
            brings_from: sweep.brings_from(&programme.rule),
            outcomes: outcomes.iter().map(|(outcome, _)| outcome.clone()).collect(),
        });
    }
    Ok(CampaignSheet {
        pool: pool_of(recording, plan.quote),
        reward: CampaignReward {
            symbol: plan.reward_symbol.clone(),
            decimals: plan.reward_decimals,
            price_quote: plan.reward_price,
            duration_seconds: plan.duration_seconds,
        },
        terms: terms_of(plan),
        before: sweep.before(need, &unpaid),
        programmes,
        notes: notes(recording, &flow, plan, &market),
        provenance,
    })
}

/// What comes for a budget, and what becomes of it.
struct Solved {
    added: f64,
    yields: Yields,
    /// A year, raw units of the quote token.
    fees_to_voters: f64,
    captured: Capture,
}

struct Sweep<'a> {
    recording: &'a Recording,
    plan: &'a Plan,
    flow: &'a Flow,
    market: Market<'a>,
    present: Looked,
    without: Looked,
    comes_unpaid: f64,
}

impl Sweep<'_> {
    fn depth(&self, looked: &Looked) -> Vec<DepthAt> {
        let at = |by: &f64| DepthAt { percent: by * 100.0, depth: looked.depth(*by) };
        self.plan.depth_moves.iter().map(at).collect()
    }

    fn before(&self, need: f64, unpaid: &Incentive<'_>) -> CampaignBefore {
        let fees: f64 = self.flow.intervals.iter().map(|interval| interval.fees).sum();
        CampaignBefore {
            capital_quote: to_amount(self.flow.capital),
            comes_unpaid_quote: to_amount(self.comes_unpaid),
            fees_quote: to_amount(fees),
            yields: sheet_yields(&self.market.yields(self.comes_unpaid, unpaid)),
            need,
            depth: self.depth(&self.without),
            trade: self.without.impact(self.plan.trade),
        }
    }

    /// Solves for the capital that comes; and again while the programme, run over the recorded flow
    /// with that capital in it, pays it another part of the budget than the supply curve took for
    /// granted: others may be there for a moment, or ranges be left for a while.
    fn solve(
        &self,
        programme: &Programme,
        budget: Amount,
        a_year: f64,
    ) -> Result<Solved, DesignError> {
        let mut incentive = Incentive { rule: &programme.rule, a_year, leak: 0.0 };
        let mut looks = 1;
        loop {
            let added = self.market.added(&incentive);
            let staked = self.market.staked(added, &incentive);
            let campaign = Campaign {
                recording: self.recording,
                plan: self.plan,
                flow: self.flow,
                budget,
                added,
                staked,
            };
            let captured = capture(campaign, programme)?;
            let came = [Group::Added, Group::Wide].map(|group| from_amount(captured.of(group)));
            let predicted = self.market.part_of_budget(staked, &incentive) * from_amount(budget);
            let leak = 1.0 - came.into_iter().sum::<f64>() / predicted;
            let is_other = (leak - incentive.leak).abs() > WORTH_ANOTHER_LOOK;
            if is_other {
                // The returns shown are those of the exact run, whether or not it is looked again.
                incentive.leak = leak;
            }
            if !is_other || looks == MOST_LOOKS {
                let yields = self.market.yields(added, &incentive);
                let fees_to_voters = self.market.fees_to_voters(added, &incentive);
                return Ok(Solved { added, yields, fees_to_voters, captured });
            }
            looks += 1;
        }
    }

    fn outcome(
        &self,
        programme: &Programme,
        budget: Amount,
    ) -> Result<(CampaignOutcome, u64), DesignError> {
        let Self { plan, flow, .. } = self;
        let one = U256::from(10_u8).saturating_pow(U256::from(plan.reward_decimals));
        let budget_quote = mul_div(budget.0, plan.reward_price.0, one).map(Amount);
        let budget_quote = budget_quote.ok_or(DepthError::TooMuch)?;
        let seconds = plan.duration_seconds as f64;
        let a_year = from_amount(budget_quote) * SECONDS_PER_YEAR / seconds;
        let Solved { added, yields, fees_to_voters, captured } =
            self.solve(programme, budget, a_year)?;
        let looked = self.present.with(added, flow.capital, &plan.supply)?;
        let (depth, trade) = (self.depth(&looked), looked.impact(plan.trade));
        let came = (added - self.comes_unpaid).max(0.0);
        let kept = budget.checked_sub(captured.returned).unwrap_or_default();
        let spent_quote = mul_div(kept.0, plan.reward_price.0, one).map(Amount).unwrap_or_default();
        let spent = from_amount(spent_quote);
        let days = seconds / SECONDS_PER_DAY;
        let first = plan.depth_moves.first().copied().unwrap_or(0.01);
        let depth_before = from_amount(self.without.depth(first).both());
        let extra = depth.first().map_or(0.0, |at| from_amount(at.depth.both()) - depth_before);
        let saved = self.without.impact(plan.trade).zip(trade);
        let saved = saved.map_or(0.0, |(before, after)| before.impact_bps - after.impact_bps);
        let unit = 10_f64.powi(i32::from(plan.quote_decimals));
        let mut retained = Vec::new();
        for after in &plan.after_days {
            retained.push(self.retained(*after, (came, spent), (first, depth_before))?);
        }
        let outcome = CampaignOutcome {
            budget,
            budget_quote,
            spent_quote,
            added_quote: to_amount(came),
            yields: sheet_yields(&yields),
            depth,
            trade,
            cost_per_depth_day: (extra > 0.0 && spent > 0.0).then_some(spent / days / extra),
            cost_per_bp_day: (saved > 1e-9 && spent > 0.0).then_some(spent / unit / days / saved),
            fees_to_voters_quote: to_amount(fees_to_voters * seconds / SECONDS_PER_YEAR),
            capture: sheet_capture(&captured, self.comes_unpaid / added),
            retained,
            path: self.path(came, days),
        };
        Ok((outcome, captured.refused_calls))
    }

    /// Returns the least budget that brings anybody, raw units of the reward token, about.
    fn brings_from(&self, rule: &Rule) -> Option<Amount> {
        let plan = self.plan;
        let a_year = self.market.brings_from(self.comes_unpaid, rule)?;
        let quote = a_year * plan.duration_seconds as f64 / SECONDS_PER_YEAR;
        let one = 10_f64.powi(i32::from(plan.reward_decimals));
        Some(to_amount(quote / from_amount(plan.reward_price) * one))
    }

    /// What is left of what came, some days after the end.
    fn left(&self, came: f64, days: f64) -> f64 {
        came * libm::exp2(-days / self.plan.supply.half_life_days)
    }

    fn retained(
        &self,
        days: f64,
        (came, spent): (f64, f64),
        (first, depth_before): (f64, f64),
    ) -> Result<Retained, DesignError> {
        let left = self.left(came, days);
        let capital = self.comes_unpaid + left;
        let looked = self.present.with(capital, self.flow.capital, &self.plan.supply)?;
        let depth = looked.depth(first);
        let extra = from_amount(depth.both()) - depth_before;
        let cost_per_depth = (extra > 0.0 && spent > 0.0).then_some(spent / extra);
        let trade = looked.impact(self.plan.trade);
        Ok(Retained { days, capital_quote: to_amount(left), depth, trade, cost_per_depth })
    }

    /// Capital comes at once, stays as long as it is paid, and then leaves by halves.
    fn path(&self, came: f64, days: f64) -> Vec<(f64, f64)> {
        let last = self.plan.after_days.last().copied().unwrap_or(30.0).max(days);
        let mut path = vec![(0.0, came), (days, came)];
        for point in 1..=PATH_POINTS {
            let after = last * f64::from(point) / f64::from(PATH_POINTS);
            path.push((days + after, self.left(came, after)));
        }
        path
    }
}

fn sheet_yields(yields: &Yields) -> CampaignYields {
    let Yields { fees, rewards, lvr, costs } = *yields;
    CampaignYields { fees, rewards, lvr, costs, net: yields.net() }
}

/// Tells who was paid, with that part of what came which would have come unpaid among those who are
/// there: it is not there because of the budget.
fn sheet_capture(captured: &Capture, unpaid: f64) -> CampaignCapture {
    let unpaid = part_of_capital(unpaid.min(1.0)).unwrap_or_default();
    let [mut present, mut added, mut wide] = [Group::Present, Group::Added, Group::Wide]
        .map(|group| captured.of(group).checked_sub(captured.idle_of(group)).unwrap_or_default());
    for came in [&mut added, &mut wide] {
        let moved = mul_div(came.0, unpaid, PART_ONE).map(Amount).unwrap_or_default();
        *came = came.checked_sub(moved).unwrap_or_default();
        present = present.checked_add(moved).unwrap_or(present);
    }
    let idle = [Group::Present, Group::Added].map(|group| captured.idle_of(group));
    CampaignCapture {
        present,
        added,
        wide,
        out_of_range: idle[0].checked_add(idle[1]).unwrap_or_default(),
        parked: captured.of(Group::Parked),
        just_in_time: captured.of(Group::JustInTime),
        same_block: captured.of(Group::SameBlock),
        makers: captured.makers,
        returned: captured.returned,
        rest: captured.rest,
    }
}

fn pool_of(recording: &Recording, quote: TokenIndex) -> CampaignPool {
    let about = &recording.about;
    let base = if quote == TokenIndex(0) { 1 } else { 0 };
    let symbol = |place: usize| {
        about.tokens.get(place).map(|token| token.symbol.clone()).unwrap_or_default()
    };
    CampaignPool {
        name: about.name.clone(),
        chain: chain_name(about.chain_id),
        address: about.address.to_string(),
        quote_symbol: symbol(quote.place()),
        quote_decimals: about.tokens.get(quote.place()).map_or(0, |token| token.decimals),
        base_symbol: symbol(base),
        from_unix: about.first.0,
        to_unix: about.last.0,
        events: about.events,
        swaps: about.swaps,
        is_concentrated: recording.is_concentrated(),
    }
}

fn chain_name(id: ChainId) -> String {
    match id.0 {
        1 => String::from("Ethereum"),
        10 => String::from("Optimism"),
        137 => String::from("Polygon"),
        8_453 => String::from("Base"),
        42_161 => String::from("Arbitrum One"),
        _ => format!("chain {id}"),
    }
}

fn terms_of(plan: &Plan) -> CampaignTerms {
    let supply = &plan.supply;
    let placement = match supply.placement {
        Placement::Present => String::from("as the present liquidity is distributed"),
        Placement::Band(half_width) => {
            let percent = (half_width * 10_000.0).round() / 100.0;
            format!("within {percent} % of the price, moved along when the price leaves it")
        }
        Placement::Full => String::from("at every price"),
    };
    CampaignTerms {
        required_return: supply.required_return,
        epsilon: supply.epsilon.is_finite().then_some(supply.epsilon),
        cost_return: supply.cost_return,
        placement,
        volume_elasticity: supply.volume_elasticity,
        half_life_days: supply.half_life_days,
        trade_quote: plan.trade,
    }
}

fn notes(recording: &Recording, flow: &Flow, plan: &Plan, market: &Market<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let days = flow.seconds / SECONDS_PER_DAY;
    notes.push(format!(
        "Fees, volume and volatility are those of {days:.1} recorded days, taken for every day of \
         the campaign; a year is 365 such days."
    ));
    if market.lvr() > market.yields(0.0, &unpaid_incentive()).fees {
        notes.push(String::from(
            "On this record liquidity lost more to rebalancing than it was paid in fees: its net \
             return is below zero without rewards.",
        ));
    }
    if plan.supply.required_return.is_none() {
        notes.push(String::from(
            "No required return was given: the pool as recorded is taken to be at rest, and \
             capital comes until it is diluted back to what the first of it earned in fees.",
        ));
    }
    for left_out in &plan.left_out {
        notes.push(format!("Left out, as it does not fit: {left_out}."));
    }
    if let History::Ranges(ranges) = &recording.history
        && ranges.left_out > 0
    {
        notes.push(format!(
            "{} recorded events other than swaps and changes of liquidity are not made again \
             beside the cast.",
            ranges.left_out
        ));
    }
    notes
}

fn unpaid_incentive() -> Incentive<'static> {
    Incentive { rule: &Rule::StakingRewards, a_year: 0.0, leak: 0.0 }
}

#[cfg(test)]
mod tests;
