//! Who is paid what of a budget: a cast of providers beside the recorded flow, each programme's
//! accrual by its own model, to the unit.

mod aerodrome_gauge;
mod book;
mod boosted_gauge;
mod by_value;
mod epochs;
mod fees_and_holdings;
mod master_chef;
mod range_run;
mod share_run;
mod slipstream_gauge;
mod staking_rewards;
mod v3_staker;

use tidemill_rewards::{Account, WEEK};
use tidemill_units::{Amount, Liquidity, Side, TickRange, Timestamp};

use crate::config::Plan;
use crate::depth::DepthError;
use crate::flow::Flow;
use crate::programme::{Programme, Rule};
use crate::recording::{History, Recording};

pub(crate) use book::Tally;

/// Who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// The recorded providers.
    Present,
    /// Those who come and follow the price.
    Added,
    /// Those who come and are at every price.
    Wide,
    /// Those who come and wait out of range.
    Parked,
    /// Those who are there for a large swap.
    JustInTime,
    /// Those who come and go within a block.
    SameBlock,
}

impl Group {
    pub(crate) const ALL: [Self; 6] =
        [Self::Present, Self::Added, Self::Wide, Self::Parked, Self::JustInTime, Self::SameBlock];

    /// Returns a number that tells the group from the others, the recorded providers' zero.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Present => 0,
            Self::Added => 1,
            Self::Wide => 2,
            Self::Parked => 3,
            Self::JustInTime => 4,
            Self::SameBlock => 5,
        }
    }

    /// Returns the group's account at a programme.
    pub(crate) const fn account(self) -> Account {
        Account([0xa0 + self.number(); 20])
    }

    /// Whether it is told apart by whether it is in range: those who are there, and those who
    /// follow the price, which a copy of what is there need not be.
    pub(crate) const fn may_be_idle(self) -> bool {
        matches!(self, Self::Present | Self::Added)
    }

    /// Returns the account that holds what it has out of range, where a programme can tell.
    pub(crate) const fn idle_account(self) -> Account {
        if self.may_be_idle() { Account([0xb0 + self.number(); 20]) } else { self.account() }
    }
}

/// What became of a budget, raw units of the reward token.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Capture {
    /// What each group was paid.
    pub(crate) paid: Vec<(Group, Amount)>,
    /// What the programme's makers took: Merkl's fee, MasterChef's tenth.
    pub(crate) makers: Amount,
    /// What of it the payer has back or never minted.
    pub(crate) returned: Amount,
    /// What nobody was paid and is stranded, as the programme's own books have it.
    pub(crate) rest: Amount,
    /// What of their part those who are there and those who follow the price were paid while they
    /// were out of range, rounded down.
    pub(crate) idle: Vec<(Group, Amount)>,
    /// Recorded calls that the pool with the cast in it refused.
    pub(crate) refused_calls: u64,
}

impl Capture {
    /// Returns a group's part.
    pub(crate) fn of(&self, group: Group) -> Amount {
        sum_of(&self.paid, group)
    }

    /// Returns what of a group's part was paid while it was out of range; never more than all.
    pub(crate) fn idle_of(&self, group: Group) -> Amount {
        sum_of(&self.idle, group).min(self.of(group))
    }

    /// Returns all of it; `None` past 2^256 - 1.
    fn sum(&self) -> Option<Amount> {
        let paid = self.paid.iter().try_fold(Amount::ZERO, |sum, (_, paid)| sum.checked_add(*paid));
        paid?.checked_add(self.makers)?.checked_add(self.returned)?.checked_add(self.rest)
    }
}

fn sum_of(amounts: &[(Group, Amount)], group: Group) -> Amount {
    let amounts = amounts.iter().filter(|(of, _)| *of == group);
    amounts.fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount).unwrap_or(sum))
}

/// Why a budget could not be shared out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The programme refuses.
    #[error("programme `{programme}` refuses: {reason}")]
    Programme {
        /// Which.
        programme: String,
        /// Why.
        reason: String,
    },
    /// The pool refuses the cast's capital.
    #[error(transparent)]
    Pool(#[from] DepthError),
    /// The programme's books do not come to the budget.
    #[error("programme `{programme}` accounts for {counted} of a budget of {budget}")]
    Books {
        /// Which.
        programme: String,
        /// What its books come to.
        counted: Amount,
        /// The budget.
        budget: Amount,
    },
}

/// A stake in a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stake {
    /// Its number; none is given out twice.
    pub(crate) id: u64,
    /// Whose it is.
    pub(crate) group: Group,
    /// Where it is.
    pub(crate) range: TickRange,
    /// How much of it is staked.
    pub(crate) liquidity: Liquidity,
    /// What that is worth when it is staked, raw units of the quote token.
    pub(crate) value: Amount,
}

/// What a programme sees of a concentrated pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) pool: &'a tidemill_amm::concentrated::Pool,
    pub(crate) at: Timestamp,
}

/// A programme for positions in ranges.
pub(crate) trait RangeProgramme {
    /// Comes to a moment, before anything happens at it.
    fn advance(&mut self, _: Seen<'_>) -> Result<(), String> {
        Ok(())
    }

    /// Stakes, after the liquidity was added to the pool.
    fn enter(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String>;

    /// Ends a stake, before its liquidity is taken from the pool.
    fn leave(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String>;

    /// Whether it asks what a swap paid whom, and who holds what.
    fn counts_fees(&self) -> bool {
        false
    }

    /// Takes note of a swap: of its ticks, before and after each step, and of what it paid whom.
    fn swapped(&mut self, _: &Tally, _: Seen<'_>) -> Result<(), String> {
        Ok(())
    }

    /// Ends the campaign; all stakes have been ended.
    fn finish(&mut self, seen: Seen<'_>) -> Result<Capture, String>;
}

/// When a campaign runs; time on the tape stands for as much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    first: Timestamp,
    recorded_seconds: u64,
    /// The beginning of a week, at which epochs of all programmes begin.
    pub(crate) start: Timestamp,
    pub(crate) seconds: u64,
}

impl Clock {
    pub(crate) fn of(recording: &Recording, seconds: u64) -> Self {
        let about = &recording.about;
        let weeks = about.last.0.div_ceil(WEEK).saturating_add(1);
        Self {
            first: about.first,
            recorded_seconds: about.last.seconds_since(about.first).max(1),
            start: Timestamp(weeks.saturating_mul(WEEK)),
            seconds,
        }
    }

    /// Returns the moment of the campaign that a moment of the tape stands for, rounded down.
    pub(crate) fn at(&self, recorded: Timestamp) -> Timestamp {
        let elapsed = u128::from(recorded.seconds_since(self.first)) * u128::from(self.seconds);
        let elapsed = u64::try_from(elapsed / u128::from(self.recorded_seconds));
        Timestamp(self.start.0.saturating_add(elapsed.unwrap_or(u64::MAX)))
    }

    pub(crate) fn end(&self) -> Timestamp {
        Timestamp(self.start.0.saturating_add(self.seconds))
    }
}

/// What is to be shared out, and among whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Campaign<'a> {
    pub(crate) recording: &'a Recording,
    pub(crate) plan: &'a Plan,
    pub(crate) flow: &'a Flow,
    pub(crate) budget: Amount,
    /// Capital that has come, raw units of the quote token.
    pub(crate) added: f64,
    /// What of it is staked.
    pub(crate) staked: f64,
}

impl Campaign<'_> {
    pub(crate) fn side(&self) -> Side {
        self.plan.quote.side().unwrap_or(Side::Token1)
    }

    /// Returns what part of the capital that came is staked.
    pub(crate) fn staked_part(&self) -> f64 {
        if self.added > 0.0 { (self.staked / self.added).min(1.0) } else { 1.0 }
    }
}

/// Shares a budget out over the recorded flow.
///
/// Errors: [`CaptureError`].
pub(crate) fn capture(
    campaign: Campaign<'_>,
    programme: &Programme,
) -> Result<Capture, CaptureError> {
    if campaign.budget.is_zero() {
        return Ok(Capture::default());
    }
    let clock = Clock::of(campaign.recording, campaign.plan.duration_seconds);
    let captured = match &campaign.recording.history {
        History::Ranges(ranges) => {
            let rule = range_programme(&programme.rule, &campaign, clock)?;
            range_run::run(campaign, ranges, clock, rule)
        }
        History::Shares(shares) => share_run::run(campaign, shares, clock, &programme.rule),
    };
    let captured = captured.map_err(|error| match error {
        RunError::Programme(reason) => {
            CaptureError::Programme { programme: programme.name.clone(), reason }
        }
        RunError::Pool(error) => CaptureError::Pool(error),
    })?;
    match captured.sum() {
        Some(counted) if counted == campaign.budget => Ok(captured),
        counted => Err(CaptureError::Books {
            programme: programme.name.clone(),
            counted: counted.unwrap_or_default(),
            budget: campaign.budget,
        }),
    }
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunError {
    Programme(String),
    Pool(DepthError),
}

impl From<String> for RunError {
    fn from(reason: String) -> Self {
        Self::Programme(reason)
    }
}

impl From<DepthError> for RunError {
    fn from(error: DepthError) -> Self {
        Self::Pool(error)
    }
}

impl From<tidemill_amm::concentrated::PoolError> for RunError {
    fn from(error: tidemill_amm::concentrated::PoolError) -> Self {
        Self::Pool(error.into())
    }
}

fn range_programme(
    rule: &Rule,
    campaign: &Campaign<'_>,
    clock: Clock,
) -> Result<Box<dyn RangeProgramme>, CaptureError> {
    let budget = campaign.budget;
    let made: Result<Box<dyn RangeProgramme>, String> = match rule {
        Rule::V3Staker => {
            let lead = campaign.plan.lead_seconds;
            v3_staker::Staked::new(budget, lead, clock).map(|made| Box::new(made) as _)
        }
        Rule::SlipstreamGauge => Ok(Box::new(slipstream_gauge::Gauged::new(budget, clock))),
        Rule::Merkl { .. } => {
            fees_and_holdings::Scored::new(rule, campaign, clock).map(|made| Box::new(made) as _)
        }
        Rule::StakingRewards
        | Rule::MasterChef { .. }
        | Rule::BoostedGauge { .. }
        | Rule::AerodromeGauge => {
            by_value::ByValue::new(budget, clock).map(|made| Box::new(made) as _)
        }
    };
    made.map_err(|reason| CaptureError::Programme { programme: rule.kind().to_owned(), reason })
}

#[cfg(test)]
pub(crate) mod tests;
