//! The contracts beside a run: a market that takes in the journal, and every call of it sent.

use tidemill_market::{FoldedProgramme, Market, ProgrammeMarket, Seat};
use tidemill_model::{
    Event, Holding, Outcome, OutcomeKind, PoolId, PositionId, ProgrammeId, Reward,
};
use tidemill_replay::Setup;
use tidemill_rewards::Account;
use tidemill_store::ShareTape;
use tidemill_units::{Amount, U256};

use super::contracts::Contracts;

const POOL: PoolId = PoolId(0);
const GAUGE: ProgrammeId = ProgrammeId(0);

/// How often which answer of ours was one of the contracts'.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compared {
    pub(super) staked: u64,
    pub(super) claimed: u64,
    pub(super) unstaked: u64,
    /// What could be minted, asked for between the calls.
    pub(super) asked: u64,
    /// Raw units of the token that were paid.
    pub(super) rewards: U256,
}

pub(super) struct Mirror {
    market: Market,
    contracts: Contracts,
    /// The gauge in the model's eyes.
    gauge: Account,
    opened: Vec<(PositionId, Amount)>,
    compared: Compared,
}

impl Mirror {
    /// Pool and gauge on both sides, as the run has them before the first event.
    pub(super) fn new(tape: &ShareTape, setup: &Setup, mut contracts: Contracts) -> Self {
        let [reward] = setup.rewards.as_slice() else { panic!("one programme") };
        let (Seat::CurveGauge(seat) | Seat::BalancerGauge(seat)) = reward.seat else {
            panic!("a gauge")
        };
        let first = tape.events[0].time;
        let mut market = Market::new(setup.footprint);
        assert_eq!(market.add_share_pool(&tape.header, &tape.start, first), Ok(POOL));
        let (asset, start) = (reward.asset, reward.start.clone());
        let programme = ProgrammeMarket::new(POOL, asset, start, reward.seat);
        assert_eq!(market.add_programme(programme), Ok(GAUGE));
        let (gauge, compared) = (seat.gauge, Compared::default());
        let opened = Vec::new();
        let others = staked(market.programme(GAUGE).unwrap(), gauge);
        contracts.stake_of_others(others);
        Self { market, contracts, gauge, opened, compared }
    }

    /// What happened without us.
    pub(super) fn recorded(&mut self, event: &Event) {
        self.market.apply(event).unwrap();
        self.compare();
    }

    /// Sends what we did; the answers are the outcome's.
    pub(super) fn outcome(&mut self, event: &Event, outcome: &Outcome) {
        self.contracts.set_time(event.second());
        match outcome.kind {
            OutcomeKind::Opened { position, holding: Holding::Shares(shares), .. } => {
                self.opened.push((position, shares));
            }
            OutcomeKind::Staked { position, .. } => {
                let shares = self.shares(position);
                self.contracts.stake(shares, event.second());
                self.compared.staked += 1;
            }
            OutcomeKind::Claimed { reward, .. } => {
                self.pay(reward);
                self.compared.claimed += 1;
            }
            OutcomeKind::Unstaked { position, reward } => {
                self.pay(reward);
                let shares = self.shares(position);
                self.contracts.withdraw(shares);
                self.compared.unstaked += 1;
            }
            OutcomeKind::Opened { .. } => panic!("a pool of shares"),
            OutcomeKind::Voted { .. } | OutcomeKind::Extended { .. } => panic!("nobody votes"),
            OutcomeKind::Closed { .. }
            | OutcomeKind::Swapped { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Sold { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => {}
        }
        self.market.apply(event).unwrap();
        self.compare();
    }

    fn shares(&self, position: PositionId) -> Amount {
        self.opened.iter().find(|(id, _)| *id == position).unwrap().1
    }

    fn pay(&mut self, reward: Reward) {
        assert_eq!(self.contracts.mint(), reward.amount.0);
        self.compared.rewards += reward.amount.0;
    }

    /// What we could mint now, and the boosts.
    fn compare(&mut self) {
        self.contracts.set_time(self.market.now());
        let programme = self.market.programme(GAUGE).unwrap();
        let found = works(programme.programme(), self.gauge);
        assert_eq!(self.contracts.works(), found);
        let Some(position) = programme.staked().next() else { return };
        let reward = self.market.reward(position).unwrap();
        assert_eq!(self.contracts.claimable(), reward.amount.0);
        self.compared.asked += 1;
    }

    /// The tokens that the farmer holds in the end are what the run was paid.
    pub(super) fn finish(mut self) -> Compared {
        assert_eq!(self.contracts.minted(), self.compared.rewards);
        self.compared
    }
}

/// All that is staked.
#[expect(clippy::wildcard_enum_match_arm, reason = "only gauges are farmed here")]
fn staked(programme: &ProgrammeMarket, gauge: Account) -> Amount {
    Amount(match programme.programme() {
        FoldedProgramme::CurveGauges(model) => model.gauge(gauge).unwrap().period().total_supply,
        FoldedProgramme::BalancerGauges(model) => model.gauge(gauge).unwrap().period().total_supply,
        other => panic!("{other:?}"),
    })
}

/// Our stake, what of it works, and what of all works.
#[expect(clippy::wildcard_enum_match_arm, reason = "only gauges are farmed here")]
fn works(programme: &FoldedProgramme, gauge: Account) -> [U256; 3] {
    // The account that all of ours are, as `tidemill-market` writes it.
    let ours = Account([0xfe; 20]);
    let (stake, period) = match programme {
        FoldedProgramme::CurveGauges(model) => {
            let gauge = model.gauge(gauge).unwrap();
            (gauge.stake_of(ours), gauge.period())
        }
        FoldedProgramme::BalancerGauges(model) => {
            let gauge = model.gauge(gauge).unwrap();
            (gauge.stake_of(ours), gauge.period())
        }
        other => panic!("{other:?}"),
    };
    [stake.balance, stake.working_balance, period.working_supply]
}
