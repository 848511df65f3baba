use std::collections::BTreeMap;

use tidemill_units::{Timestamp, U256};

use super::line::{Line, Steps};
use super::{Gauge, GaugeController, GaugeType, GaugeVote, VOTE_POWER, Voter, WeightPoint};
use crate::week::WEEK;
use crate::{Account, StateError};

/// Everything that determines what a controller does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeControllerState {
    /// Who may add types and gauges and set weights.
    pub admin: Account,
    /// Types that were added.
    pub type_count: u64,
    /// Gauges, in the order in which they were added; none twice.
    pub gauges: Vec<GaugeWeightState>,
    /// Types that have a weight or a sum; sorted, none twice.
    pub types: Vec<TypeWeightState>,
    /// Sums of gauges' weights times their types' weights.
    pub total: StepsState,
    /// Who has voted; sorted, nobody twice.
    pub voters: Vec<GaugeVoterState>,
}

/// A gauge of a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeWeightState {
    /// The gauge.
    pub account: Account,
    /// Its type, below `type_count`.
    pub gauge_type: u64,
    /// Its weight.
    pub weight: LineState,
}

/// A type of a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeWeightState {
    /// Its id.
    pub type_id: u64,
    /// The sum of its gauges' weights.
    pub sum: LineState,
    /// Its own weight.
    pub weight: StepsState,
}

/// A weight that falls, week by week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// Weights at beginnings of weeks; sorted, none twice.
    pub points: Vec<(Timestamp, WeightPoint)>,
    /// What the slope loses at beginnings of weeks; sorted, none twice.
    pub slope_changes: Vec<(Timestamp, U256)>,
    /// The week that points are filled in to; zero where none ever was.
    pub filled_to: Timestamp,
}

/// A weight that holds for whole weeks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepsState {
    /// Weights from beginnings of weeks on; sorted, none twice.
    pub values: Vec<(Timestamp, U256)>,
    /// The week that values are filled in to; zero where none ever was.
    pub filled_to: Timestamp,
}

/// An account that has voted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeVoterState {
    /// The account.
    pub account: Account,
    /// Its votes, of at most 10,000 basis points in all; sorted by gauge, none twice.
    pub votes: Vec<GaugeVoteState>,
}

/// A vote for one gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeVoteState {
    /// The gauge, one that was added.
    pub gauge: Account,
    /// The vote.
    pub vote: GaugeVote,
}

impl GaugeController {
    /// Returns the controller in this state.
    ///
    /// Errors: the field that no controller can have.
    pub fn new(state: &GaugeControllerState) -> Result<Self, StateError> {
        let mut gauges = Vec::new();
        let mut index = BTreeMap::new();
        for (place, gauge) in state.gauges.iter().enumerate() {
            if gauge.gauge_type >= state.type_count {
                return Err(StateError::at("gauges", place, "a type below type_count"));
            }
            if index.insert(gauge.account, place).is_some() {
                return Err(StateError::at("gauges", place, "no gauge twice"));
            }
            let (account, gauge_type) = (gauge.account, gauge.gauge_type);
            gauges.push(Gauge { account, gauge_type, line: line(&gauge.weight)? });
        }
        let mut types = BTreeMap::new();
        for (place, kind) in state.types.iter().enumerate() {
            if types.last_key_value().is_some_and(|(last, _)| *last >= kind.type_id) {
                return Err(StateError::at("types", place, "sorted, no type twice"));
            }
            let entry = GaugeType { sum: line(&kind.sum)?, weight: steps(&kind.weight)? };
            types.insert(kind.type_id, entry);
        }
        let mut voters = BTreeMap::new();
        for (place, voter) in state.voters.iter().enumerate() {
            if voters.last_key_value().is_some_and(|(last, _)| *last >= voter.account) {
                return Err(StateError::at("voters", place, "sorted, no account twice"));
            }
            let entry = self::voter(voter, &index);
            voters.insert(voter.account, entry.ok_or(StateError::at("voters", place, VOTES))?);
        }
        let total = steps(&state.total)?;
        Ok(Self {
            admin: state.admin,
            type_count: state.type_count,
            gauges,
            index,
            types,
            total,
            voters,
            journal: Vec::new(),
            depth: 0,
        })
    }

    /// Returns everything that determines what the controller does.
    pub fn state(&self) -> GaugeControllerState {
        let gauges = self.gauges.iter().map(|gauge| GaugeWeightState {
            account: gauge.account,
            gauge_type: gauge.gauge_type,
            weight: line_state(&gauge.line),
        });
        let types = self.types.iter().map(|(type_id, kind)| TypeWeightState {
            type_id: *type_id,
            sum: line_state(&kind.sum),
            weight: steps_state(&kind.weight),
        });
        let voters = self.voters.iter().map(|(account, voter)| {
            let votes = voter.votes.iter();
            let votes = votes.map(|(gauge, vote)| GaugeVoteState { gauge: *gauge, vote: *vote });
            GaugeVoterState { account: *account, votes: votes.collect() }
        });
        GaugeControllerState {
            admin: self.admin,
            type_count: self.type_count,
            gauges: gauges.collect(),
            types: types.collect(),
            total: steps_state(&self.total),
            voters: voters.collect(),
        }
    }
}

const VOTES: &str = "votes for gauges, sorted, none twice, of at most 10000 basis points in all";
const WEEKS: &str = "beginnings of weeks, sorted, none twice";

fn voter(state: &GaugeVoterState, gauges: &BTreeMap<Account, usize>) -> Option<Voter> {
    let mut voter = Voter::default();
    for GaugeVoteState { gauge, vote } in &state.votes {
        let last = voter.votes.last_key_value().map(|(last, _)| *last);
        if !gauges.contains_key(gauge) || last.is_some_and(|last| last >= *gauge) {
            return None;
        }
        voter.power = voter.power.checked_add(vote.power)?;
        voter.votes.insert(*gauge, *vote);
    }
    (voter.power <= VOTE_POWER).then_some(voter)
}

fn line(state: &LineState) -> Result<Line, StateError> {
    Ok(Line {
        points: by_week("points", &state.points)?,
        changes: by_week("slope_changes", &state.slope_changes)?,
        filled_to: week("filled_to", state.filled_to)?,
    })
}

fn steps(state: &StepsState) -> Result<Steps, StateError> {
    let values = by_week("values", &state.values)?;
    Ok(Steps { values, filled_to: week("filled_to", state.filled_to)? })
}

fn week(name: &'static str, at: Timestamp) -> Result<u64, StateError> {
    let is_week = at.0.checked_rem(WEEK) == Some(0);
    if is_week { Ok(at.0) } else { Err(StateError::of(name, "the beginning of a week")) }
}

fn by_week<T: Copy>(
    name: &'static str,
    cells: &[(Timestamp, T)],
) -> Result<BTreeMap<u64, T>, StateError> {
    let mut weeks = BTreeMap::new();
    for (index, (at, value)) in cells.iter().enumerate() {
        let last = weeks.last_key_value().map(|(last, _)| *last);
        if at.0.checked_rem(WEEK) != Some(0) || last.is_some_and(|last| last >= at.0) {
            return Err(StateError::at(name, index, WEEKS));
        }
        weeks.insert(at.0, *value);
    }
    Ok(weeks)
}

fn line_state(line: &Line) -> LineState {
    LineState {
        points: cells(&line.points),
        slope_changes: cells(&line.changes),
        filled_to: Timestamp(line.filled_to),
    }
}

fn steps_state(steps: &Steps) -> StepsState {
    StepsState { values: cells(&steps.values), filled_to: Timestamp(steps.filled_to) }
}

fn cells<T: Copy>(weeks: &BTreeMap<u64, T>) -> Vec<(Timestamp, T)> {
    weeks.iter().map(|(week, value)| (Timestamp(*week), *value)).collect()
}
