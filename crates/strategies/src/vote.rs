use serde::{Deserialize, Serialize};
use tidemill_model::{
    Ballot, Choice, GaugeNumber, Intent, Placement, PositionId, Reward, VotingId,
};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{
    Amount, Bps, Gas, GasPrice, Timestamp, TokenAmounts, TokenIndex, U256, mul_div,
};

use crate::allocation::votes::{Gauge, VoteAllocation, allocate_votes, in_basis_points};
use crate::declared::{Declared, Site, row};
use crate::farm::{ClaimRule, Proceeds, claim_hours};
use crate::number::to_f64;
use crate::sale::sale;
use crate::{BuildError, ParameterError, bounded};

/// Where a token is locked for votes, and what that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteSetup {
    /// The service.
    pub voting: VotingId,
    /// Which of the pool's tokens it locks.
    pub token: TokenIndex,
    /// Whole weeks of the longest lock.
    pub longest_weeks: u64,
    /// What its calls cost.
    pub gas: VoteGas,
}

/// What voting and being paid for it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoteGas {
    /// A vote, for each of its gauges.
    pub vote: Gas,
    /// A claim in one token.
    pub claim: Gas,
    /// Selling what was claimed.
    pub sell: Gas,
    /// The price of gas while none was recorded.
    pub fallback_price: GasPrice,
}

/// The parameters, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VoteRules {
    lock_part: Bps,
    lock_weeks: u64,
    most_gauges: usize,
    seconds_before_end: u64,
    extends: bool,
    claim: ClaimRule,
    claim_seconds: u64,
    proceeds: Proceeds,
    max_sale_cost: Bps,
}

/// Hypothesis: bribes for votes pay more than what locking a token gives up.
///
/// Locks a part of one token for some weeks. In each epoch, some hours before its end, it divides
/// its votes by the closed form with dilution among the gauges: by what their voters of this epoch
/// will share, at today's prices, and others' votes when the last epoch ended. Takes as many gauges
/// as leave most after the gas of their votes, and does not vote where none does. Claims by its
/// rule what is worth more than its own gas, sells it or keeps it, and withdraws the lock when it
/// has ended. Stops then. An order that was refused is tried again after an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vote {
    /// The service, by its name in the configuration; the first one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voting: Option<String>,
    /// What part of the token is locked, 1 to 10000 basis points.
    pub lock_bps: u32,
    /// How long, in weeks, 1 to the longest that the service allows; that without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_weeks: Option<u64>,
    /// The most gauges to vote for, 1 to 30.
    pub most_gauges: u64,
    /// Hours before the end of an epoch from which on it votes, 2 to 166.
    pub vote_hours_before_end: u64,
    /// Whether the lock is made as long as it was before each vote.
    pub extend: bool,
    /// When bribes are claimed.
    pub claim: ClaimRule,
    /// Hours between two claims under `every`, 1 to 8760; 24 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_every_hours: Option<u64>,
    /// What becomes of claimed bribes, sold or held.
    pub proceeds: Proceeds,
    /// The most that a sale may cost, 1 to 10000 basis points of the price.
    pub max_sale_cost_bps: u32,
}

impl Default for Vote {
    fn default() -> Self {
        Self {
            voting: None,
            lock_bps: 10_000,
            lock_weeks: None,
            most_gauges: 10,
            vote_hours_before_end: 6,
            extend: false,
            claim: ClaimRule::default(),
            claim_every_hours: None,
            proceeds: Proceeds::Sell,
            max_sale_cost_bps: 200,
        }
    }
}

impl Declared for Vote {
    fn name(&self) -> &'static str {
        "vote"
    }

    fn summary(&self) -> &'static str {
        "Locks one of the tokens, votes where bribes pay most, and holds the rest."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        rows.extend(self.voting.as_ref().map(|voting| row("voting", voting)));
        rows.push(row("lock_bps", &self.lock_bps));
        rows.extend(self.lock_weeks.map(|weeks| row("lock_weeks", &weeks)));
        rows.push(row("most_gauges", &self.most_gauges));
        rows.push(row("vote_hours_before_end", &self.vote_hours_before_end));
        rows.push(row("extend", &self.extend));
        rows.push(row("claim", &self.claim.name()));
        rows.extend(self.claim_every_hours.map(|hours| row("claim_every_hours", &hours)));
        rows.push(row("proceeds", &self.proceeds.name()));
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let setup = site.services.vote.ok_or(BuildError::NowhereToVote)?;
        let most_gauges = bounded("most_gauges", self.most_gauges, (1, 30))?;
        let hours = bounded("vote_hours_before_end", self.vote_hours_before_end, (2, 166))?;
        let weeks = self.lock_weeks.unwrap_or(setup.longest_weeks);
        let claim_hours = claim_hours("claim_every_hours", self.claim_every_hours, self.claim)?;
        if self.proceeds == Proceeds::Compound {
            let (value, allowed) = (self.proceeds.name().to_owned(), "sell or hold".to_owned());
            return Err(ParameterError { name: "proceeds", value, allowed }.into());
        }
        let max_sale_cost = bounded("max_sale_cost_bps", self.max_sale_cost_bps, (1, 10_000));
        let rules = VoteRules {
            lock_part: Bps(bounded("lock_bps", self.lock_bps, (1, 10_000))?),
            lock_weeks: bounded("lock_weeks", weeks, (1, setup.longest_weeks))?,
            most_gauges: usize::try_from(most_gauges).unwrap_or(usize::MAX),
            seconds_before_end: hours.saturating_mul(3_600),
            extends: self.extend,
            claim: self.claim,
            claim_seconds: claim_hours.saturating_mul(3_600),
            proceeds: self.proceeds,
            max_sale_cost: Bps(max_sale_cost?),
        };
        Ok(Box::new(VoteDecider::new(setup, rules)))
    }
}

#[derive(Clone, Copy, Debug)]
struct VoteDecider {
    setup: VoteSetup,
    rules: VoteRules,
    /// The last claim, or the lock.
    claimed_at: Option<Timestamp>,
    has_left: bool,
    /// What was asked for last, and when.
    tried: Option<(Timestamp, Attempt)>,
    /// When nothing was found to do.
    idle_since: Option<Timestamp>,
}

/// What may be refused, and is not to be asked for at every event then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Lock,
    Extend,
    Vote,
    Claim,
    Sell,
    Close,
}

const RETRY_SECONDS: u64 = 3_600;
const LOOK_SECONDS: u64 = 600;
const WEEK: u64 = 604_800;

impl VoteDecider {
    fn new(setup: VoteSetup, rules: VoteRules) -> Self {
        Self { setup, rules, claimed_at: None, has_left: false, tried: None, idle_since: None }
    }

    fn ask(&mut self, attempt: Attempt, intents: Vec<Intent>, now: Timestamp) -> Vec<Intent> {
        let was_refused = self
            .tried
            .is_some_and(|(at, tried)| tried == attempt && now.seconds_since(at) < RETRY_SECONDS);
        if was_refused || intents.is_empty() {
            return Vec::new();
        }
        self.tried = Some((now, attempt));
        intents
    }

    /// When a lock of the chosen length would end.
    fn end_from(&self, now: Timestamp) -> Timestamp {
        let end = now.0.saturating_add(self.rules.lock_weeks.saturating_mul(WEEK));
        Timestamp(end - end % WEEK)
    }

    fn lock(&self, view: &View<'_>) -> Option<Intent> {
        let available = view.available()?;
        let all = available.get(self.setup.token)?;
        let part = mul_div(all.0, U256::from(self.rules.lock_part.0), U256::from(Bps::ONE.0))?;
        let amount = Some(Amount(part)).filter(|amount| !amount.is_zero())?;
        let desired = TokenAmounts::of(available.len(), self.setup.token, amount)?;
        let (voting, until) = (self.setup.voting, self.end_from(view.now()));
        let placement = Placement::Lock { voting, until };
        Some(Intent::Open { pool: view.pool_id()?, placement, desired })
    }

    /// Whether the lock can vote, and the epoch is about to end.
    fn is_about_to_vote(&self, view: &View<'_>, position: PositionId) -> bool {
        let now = view.now();
        let left = WEEK - now.0 % WEEK;
        left <= self.rules.seconds_before_end
            && view.votes_from(position).is_some_and(|from| from <= now)
    }

    fn extend(&self, view: &View<'_>, position: PositionId) -> Option<Intent> {
        let until = Some(self.end_from(view.now())).filter(|_| self.rules.extends)?;
        (until > view.until(position)?).then_some(Intent::Extend { position, until })
    }

    fn vote(&self, view: &View<'_>, position: PositionId) -> Option<Intent> {
        let power = to_f64(view.voting_power(position)?);
        let mut gauges = Vec::new();
        for known in view.known_gauges(self.setup.voting)? {
            let bribes = known.bribes.into_iter().filter_map(|bribe| view.reward_value(bribe));
            let reward = bribes.map(to_f64).sum();
            // Where nobody votes somebody else will, who can be expected to see as much: taken for
            // one basis point of our own votes.
            let others = to_f64(known.others).max(power / 10_000.0);
            gauges.push(Gauge::uncapped(reward, others));
        }
        let VoteGas { vote, fallback_price, .. } = self.setup.gas;
        let gas = to_f64(view.gas_value(vote, fallback_price)?);
        let best = best_division(&gauges, power, self.rules.most_gauges, gas)?;
        let parts = in_basis_points(&best).ok()?;
        let choices = (0..).zip(parts).filter(|(_, part)| *part > 0).map(|(gauge, part)| Choice {
            gauge: GaugeNumber(gauge),
            part: Bps(u32::try_from(part).unwrap_or(u32::MAX)),
        });
        let ballot = Ballot::new(&choices.collect::<Vec<_>>())?;
        Some(Intent::Vote { position, ballot })
    }

    /// What one token's claim costs, with its sale if it is sold.
    fn claim_cost(&self, view: &View<'_>) -> Option<Amount> {
        let VoteGas { claim, sell, fallback_price, .. } = self.setup.gas;
        let gas = match self.rules.proceeds {
            Proceeds::Hold => claim,
            Proceeds::Sell | Proceeds::Compound => Gas(claim.0.saturating_add(sell.0)),
        };
        view.gas_value(gas, fallback_price)
    }

    /// The claims of all that is worth more than its own gas, if the rule or the lock's end says
    /// so.
    fn claims(&self, view: &View<'_>, position: PositionId, has_ended: bool) -> Vec<Intent> {
        let Some(cost) = self.claim_cost(view) else { return Vec::new() };
        let mut gathered = Amount::ZERO;
        let mut claims = Vec::new();
        for bribe in view.bribes(position) {
            let value = view.reward_value(bribe).filter(|value| *value > cost);
            let Some(sum) = value.and_then(|value| gathered.checked_add(value)) else { continue };
            gathered = sum;
            claims.push(Intent::ClaimBribes { position, token: bribe.asset });
        }
        let is_due = has_ended
            || match self.rules.claim {
                ClaimRule::Never => false,
                ClaimRule::Every => self
                    .claimed_at
                    .is_none_or(|at| view.now().seconds_since(at) >= self.rules.claim_seconds),
                ClaimRule::BreakEven => {
                    let cost = cost.0.checked_mul(U256::from(claims.len()));
                    let capital = view.position_value(position);
                    let twice = cost.zip(capital).and_then(|(cost, capital)| {
                        cost.checked_mul(U256::from(2_u8))?.checked_mul(capital.0)
                    });
                    let square = gathered.0.checked_mul(gathered.0);
                    square.zip(twice).is_some_and(|(square, twice)| square >= twice)
                }
            };
        if is_due { claims } else { Vec::new() }
    }

    fn sales(&self, view: &View<'_>) -> Vec<Intent> {
        if self.rules.proceeds == Proceeds::Hold {
            return Vec::new();
        }
        let VoteGas { sell, fallback_price, .. } = self.setup.gas;
        let Some(cost) = view.gas_value(sell, fallback_price) else { return Vec::new() };
        let is_worth = |reward: &Reward| view.reward_value(*reward).is_some_and(|v| v > cost);
        let worth = view.rewards_at_hand().filter(is_worth);
        worth.filter_map(|reward| sale(view, reward, self.rules.max_sale_cost)).collect()
    }

    /// Looks every ten minutes whether there is something to do, and again after each order.
    fn tend(&mut self, view: &View<'_>, position: PositionId) -> Vec<Intent> {
        let now = view.now();
        if self.idle_since.is_some_and(|at| now.seconds_since(at) < LOOK_SECONDS) {
            return Vec::new();
        }
        let wanted = self.wanted(view, position);
        self.idle_since = wanted.is_empty().then_some(now);
        wanted
    }

    fn wanted(&mut self, view: &View<'_>, position: PositionId) -> Vec<Intent> {
        let now = view.now();
        self.claimed_at.get_or_insert(now);
        let has_ended = view.until(position).is_some_and(|until| until <= now);
        if !has_ended && self.is_about_to_vote(view, position) {
            let extended = self.extend(view, position).into_iter().collect();
            let extended = self.ask(Attempt::Extend, extended, now);
            if !extended.is_empty() {
                return extended;
            }
            let voted = self.vote(view, position).into_iter().collect();
            let voted = self.ask(Attempt::Vote, voted, now);
            if !voted.is_empty() {
                return voted;
            }
        }
        let claims = self.claims(view, position, has_ended);
        let claims = self.ask(Attempt::Claim, claims, now);
        if !claims.is_empty() {
            self.claimed_at = Some(now);
            return claims;
        }
        if !has_ended || !view.can_unlock(position) {
            return Vec::new();
        }
        self.has_left = true;
        self.ask(Attempt::Close, vec![Intent::Close { position }], now)
    }
}

impl Strategy for VoteDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() {
            return Vec::new();
        }
        let now = view.now();
        let sales = self.ask(Attempt::Sell, self.sales(view), now);
        if !sales.is_empty() {
            return sales;
        }
        match view.positions().next().map(|(id, _)| id) {
            Some(position) => self.tend(view, position),
            None if self.has_left => Vec::new(),
            None => {
                let lock = self.lock(view).into_iter().collect();
                self.ask(Attempt::Lock, lock, now)
            }
        }
    }
}

/// The division over at most so many gauges that leaves most after the gas of each; `None` where
/// none leaves anything.
fn best_division(
    gauges: &[Gauge],
    power: f64,
    most_gauges: usize,
    gas: f64,
) -> Option<VoteAllocation> {
    let mut best: Option<(f64, VoteAllocation)> = None;
    for most in 1..=most_gauges {
        let division = allocate_votes(gauges, power, most).ok()?;
        let used = division.votes.iter().filter(|votes| **votes > 0.0).count();
        let left = division.value - gas * used as f64;
        if left > best.as_ref().map_or(0.0, |(left, _)| *left) {
            best = Some((left, division));
        }
        if used < most {
            // More gauges would not be used either.
            break;
        }
    }
    best.map(|(_, division)| division)
}
