use std::collections::{BTreeMap, VecDeque};

use tidemill_model::{Holding, OrderKey, Outcome, OutcomeKind, PoolId, PositionId, Reward};
use tidemill_units::{Amount, FeeGrowth, Tick, Timestamp, U256, mul_div};

use crate::break_even::{Prediction, earned_and_staked, growth_of, value_of_stake};
use crate::scene::Scene;
use crate::{BreakEven, DecisionKind, Minutes};

/// A rebalance, claim or compounding that was approved: what was expected of it, and what it
/// brought. Values are in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The order.
    pub order: OrderKey,
    /// What was decided.
    pub kind: DecisionKind,
    /// Its pool.
    pub pool: PoolId,
    /// The position; of a rebalance, the new one.
    pub position: PositionId,
    /// When it was approved.
    pub at: Timestamp,
    /// What it was expected to bring over the horizon.
    pub predicted_gain: Amount,
    /// What it was expected to cost.
    pub predicted_cost: Amount,
    /// What it has brought; none while the horizon is not over, and where it cannot be told.
    pub realised: Option<Realised>,
}

/// What a decision has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realised {
    /// Of a rebalance, the fees of the new position; of a claim, what was paid; of compounding,
    /// what the amount has earned itself. In raw quote units at the prices of that moment.
    pub gain: Amount,
    /// How long after the approval that was: the horizon, or less where the position was closed or
    /// compounded again before.
    pub after_seconds: u64,
}

/// Decisions, and what it takes to make and to judge them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DecisionBook {
    /// Bound: the latest 4,096.
    pub(crate) decisions: VecDeque<Decision>,
    /// Those that wait to be judged. Bound: orders in flight and open positions.
    pub(crate) pending: BTreeMap<OrderKey, Pending>,
    /// Wei that the last order of each kind cost.
    pub(crate) gas: BTreeMap<Action, Amount>,
    /// Pools where a position was closed and none opened since.
    pub(crate) closed: BTreeMap<PoolId, Interim>,
    /// Bound: 1,442 for each pool.
    pub(crate) growth: BTreeMap<PoolId, VecDeque<Growth>>,
    /// When each stake was made or last compounded.
    pub(crate) compounded_at: BTreeMap<PositionId, Timestamp>,
}

/// What a decision that waits to be judged has brought so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Fees that were paid out already, in raw quote units.
    pub(crate) paid: Amount,
    /// How much was compounded, in the token's raw units; zero before it was.
    pub(crate) compounded: Amount,
}

/// What orders cost gas for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    Open,
    Close,
    Swap,
    Claim,
    Compound,
}

impl Action {
    pub(crate) const ALL: [Self; 5] =
        [Self::Open, Self::Close, Self::Swap, Self::Claim, Self::Compound];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Swap => "swap",
            Self::Claim => "claim",
            Self::Compound => "compound",
        }
    }
}

/// What was done in a pool since a position was closed there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interim {
    pub(crate) swaps: u32,
    /// What they lost to fee and impact, in raw quote units.
    pub(crate) swap_cost: Amount,
}

/// How a pool's fees stood at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) at: Timestamp,
    /// None in a pool of shares.
    pub(crate) tick: Option<Tick>,
    /// Fees per liquidity; in a pool of shares, its virtual price.
    pub(crate) fees: [FeeGrowth; 2],
}

const MOST_DECISIONS: usize = 4_096;
const LOOKS: u64 = 1_440;

impl DecisionBook {
    /// Returns the wei that the last order of a kind cost, or the most that any kind did.
    pub(crate) fn gas_of(&self, action: Action) -> Amount {
        let any = || self.gas.values().copied().max().unwrap_or_default();
        self.gas.get(&action).copied().unwrap_or_else(any)
    }

    /// Writes down what was expected of an order that was approved.
    pub(crate) fn note(&mut self, order: OrderKey, prediction: &Prediction, at: Timestamp) {
        let Prediction { kind, pool, position, gain, cost } = *prediction;
        if self.decisions.len() >= MOST_DECISIONS
            && let Some(oldest) = self.decisions.pop_front()
        {
            self.pending.remove(&oldest.order);
        }
        let (predicted_gain, predicted_cost, realised) = (gain, cost, None);
        self.decisions.push_back(Decision {
            order,
            kind,
            pool,
            position,
            at,
            predicted_gain,
            predicted_cost,
            realised,
        });
        self.pending.insert(order, Pending::default());
    }

    /// Takes note of a close that was approved: what is opened there next is a rebalance.
    pub(crate) fn note_close(&mut self, pool: PoolId) {
        self.closed.entry(pool).or_default();
    }

    /// Takes note of what a swap will lose that was approved.
    pub(crate) fn note_swap(&mut self, pool: PoolId, cost: Amount) {
        if let Some(interim) = self.closed.get_mut(&pool) {
            interim.swaps = interim.swaps.saturating_add(1);
            interim.swap_cost = interim.swap_cost.checked_add(cost).unwrap_or(Amount::MAX);
        }
    }

    /// Looks at the fees of every pool, unless that was done a short while ago.
    pub(crate) fn look(&mut self, scene: &Scene<'_>, horizon: Minutes) {
        let now = scene.market.now();
        let apart = horizon.seconds().checked_div(LOOKS).unwrap_or(0).max(60);
        for (id, _) in scene.market.chains() {
            let past = self.growth.entry(id).or_default();
            if past.back().is_some_and(|last| now.seconds_since(last.at) < apart) {
                continue;
            }
            past.extend(scene.market.pool(id).and_then(|pool| growth_of(pool, now)));
            let is_old = |growth: &Growth| now.seconds_since(growth.at) >= horizon.seconds();
            while past.get(1).is_some_and(is_old) {
                past.pop_front();
            }
        }
    }

    /// Takes note of how an order ended.
    pub(crate) fn note_outcome(&mut self, scene: &Scene<'_>, outcome: &Outcome) {
        let now = scene.market.now();
        let paid = outcome.gas.cost().unwrap_or(Amount::MAX);
        match outcome.kind {
            OutcomeKind::Opened { position, pool, holding, .. } => {
                self.gas.insert(Action::Open, paid);
                match holding {
                    Holding::Range { .. } | Holding::Shares(_) => {
                        self.closed.remove(&pool);
                    }
                    Holding::Stake { .. } => {
                        self.compounded_at.insert(position, now);
                    }
                    Holding::Lock { .. } => {}
                }
            }
            OutcomeKind::Closed { position, fees, .. } => {
                self.gas.insert(Action::Close, paid);
                self.compounded_at.remove(&position);
                self.judge_all(position, now, |decision, pending| match decision.kind {
                    DecisionKind::Rebalance => {
                        let fees = scene.value_in(decision.pool, &fees).ok()?;
                        fees.checked_add(pending.paid)
                    }
                    DecisionKind::Claim | DecisionKind::Compound => None,
                });
                self.drop_pending(position);
            }
            OutcomeKind::Swapped { .. } => {
                self.gas.insert(Action::Swap, paid);
            }
            OutcomeKind::Staked { position, fees, .. } => {
                self.note_paid(scene, position, &fees);
            }
            OutcomeKind::Claimed { reward, .. } => {
                self.gas.insert(Action::Claim, paid);
                self.judge_claim(scene, outcome.order, reward);
            }
            OutcomeKind::Compounded { position, amount } => {
                self.gas.insert(Action::Compound, paid);
                self.note_compounded(scene, outcome.order, (position, amount));
            }
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => {
                // What was not done has neither gain nor cost.
                if self.pending.remove(&outcome.order).is_some() {
                    self.decisions.retain(|decision| decision.order != outcome.order);
                }
            }
            OutcomeKind::Unstaked { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Sold { .. } => {}
        }
    }

    fn note_paid(
        &mut self,
        scene: &Scene<'_>,
        id: PositionId,
        fees: &tidemill_units::TokenAmounts,
    ) {
        for decision in self.decisions.iter().filter(|decision| decision.position == id) {
            let Some(pending) = self.pending.get_mut(&decision.order) else { continue };
            let value = scene.value_in(decision.pool, fees).unwrap_or_default();
            pending.paid = pending.paid.checked_add(value).unwrap_or(Amount::MAX);
        }
    }

    fn judge_claim(&mut self, scene: &Scene<'_>, order: OrderKey, reward: Reward) {
        let gain = scene.market.value_of_reward(reward);
        self.judge(order, scene.market.now(), gain);
    }

    /// What was compounded before has earned its part of what is compounded now.
    fn note_compounded(
        &mut self,
        scene: &Scene<'_>,
        order: OrderKey,
        (id, amount): (PositionId, Amount),
    ) {
        let now = scene.market.now();
        let all = scene.market.worth(id).zip(scene.market.staking_of(id));
        let all = all.and_then(|(worth, staking)| {
            worth.principal.checked_add(&worth.fees)?.get(staking.token())
        });
        let staked = all.and_then(|all| all.checked_sub(amount));
        self.judge_all(id, now, |decision, pending| {
            if decision.order == order || pending.compounded.is_zero() {
                return None;
            }
            let earned = mul_div(pending.compounded.0, amount.0, staked?.0)?;
            value_of_stake(scene, (decision.pool, id), Amount(earned))
        });
        if let Some(pending) = self.pending.get_mut(&order) {
            pending.compounded = amount;
        }
        self.compounded_at.insert(id, now);
    }

    /// Judges what the horizon is over of.
    pub(crate) fn judge_due(&mut self, scene: &Scene<'_>, rule: &BreakEven) {
        if self.pending.is_empty() {
            return;
        }
        let now = scene.market.now();
        let is_due = |at: Timestamp| now.seconds_since(at) >= rule.horizon.seconds();
        let waiting = self.decisions.iter().filter(|decision| is_due(decision.at));
        let due: Vec<_> = waiting
            .filter_map(|decision| {
                let pending = self.pending.get(&decision.order)?;
                Some((decision.order, gain_so_far(scene, decision, pending)))
            })
            .collect();
        for (order, gain) in due {
            self.judge(order, now, gain);
        }
    }

    fn judge_all(
        &mut self,
        id: PositionId,
        now: Timestamp,
        gain: impl Fn(&Decision, &Pending) -> Option<Amount>,
    ) {
        let about = self.decisions.iter().filter(|decision| decision.position == id);
        let judged: Vec<_> = about
            .filter_map(|decision| {
                let pending = self.pending.get(&decision.order)?;
                Some((decision.order, gain(decision, pending)?))
            })
            .collect();
        for (order, gain) in judged {
            self.judge(order, now, Some(gain));
        }
    }

    fn drop_pending(&mut self, id: PositionId) {
        let Self { decisions, pending, .. } = self;
        for decision in decisions.iter().filter(|decision| decision.position == id) {
            pending.remove(&decision.order);
        }
    }

    fn judge(&mut self, order: OrderKey, now: Timestamp, gain: Option<Amount>) {
        let Some(gain) = gain.filter(|_| self.pending.contains_key(&order)) else { return };
        self.pending.remove(&order);
        if let Some(found) = self.decisions.iter_mut().find(|decision| decision.order == order) {
            let after_seconds = now.seconds_since(found.at);
            found.realised = Some(Realised { gain, after_seconds });
        }
    }
}

/// What a decision has brought up to now; `None` where that cannot be told yet.
fn gain_so_far(scene: &Scene<'_>, decision: &Decision, pending: &Pending) -> Option<Amount> {
    let (pool, id) = (decision.pool, decision.position);
    match decision.kind {
        DecisionKind::Rebalance => {
            let fees = scene.value_in(pool, &scene.market.worth(id)?.fees).ok()?;
            fees.checked_add(pending.paid)
        }
        DecisionKind::Claim => None,
        DecisionKind::Compound => {
            let (earned, staked) = earned_and_staked(scene, id)?;
            let part: U256 = mul_div(pending.compounded.0, earned.0, staked.0)?;
            value_of_stake(scene, (pool, id), Amount(part))
        }
    }
}
