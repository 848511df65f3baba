//! Farms under stops and gates: whatever is asked for and however orders end, every position can
//! be taken out, and nothing that risk asks for by itself is anything but a way out.

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};
use tidemill_model::{Intent, Order, OutcomeKind, PositionId, QuotePrice, Rejection};
use tidemill_units::{Amount, Bps};

use super::farms::{farmed, price_at, sell, stake};
use super::guarded::minutes;
use super::{Desk, VALUATION, loose, open};
use crate::{BreakEven, Budget, Fall, Risk, Safeguards, StopRule};

fn safeguards() -> Safeguards {
    let rule = StopRule { stop_loss: Fall::new(1_500), trailing: Fall::new(1_000) };
    Safeguards {
        portfolio_stop: rule,
        position_stop: rule,
        cool_down: Some(minutes(2)),
        max_silence: Some(minutes(10)),
        budget: Budget {
            max_gas_quote_per_day: Some(Amount::from_u64(400_000)),
            ..Budget::default()
        },
        break_even: Some(BreakEven { margin: Bps(20_000), horizon: minutes(5) }),
        ..Safeguards::default()
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Open(u128),
    Stake,
    Claim,
    Unstake,
    Close,
    Sell(u128),
    Settle,
    Reject,
    Gas(u64),
    /// So many seconds later a reward token is worth so many thousandths.
    Price(u64, u64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (1_000_u128..200_000).prop_map(Deed::Open),
        4 => Just(Deed::Stake),
        2 => Just(Deed::Claim),
        2 => Just(Deed::Unstake),
        2 => Just(Deed::Close),
        1 => (0_u128..10_000).prop_map(Deed::Sell),
        6 => Just(Deed::Settle),
        2 => Just(Deed::Reject),
        1 => (0_u64..120_000).prop_map(Deed::Gas),
        3 => (0_u64..200, 0_u64..5_000).prop_map(|(later, price)| Deed::Price(later, price)),
    ];
    collection::vec(deed, 1..80)
}

struct Story {
    desk: Desk,
    flying: Vec<Order>,
}

type Told = Result<(), proptest::test_runner::TestCaseError>;

impl Story {
    fn begin() -> Self {
        let mut desk = farmed(loose());
        desk.risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards());
        Self { desk, flying: Vec::new() }
    }

    fn first(&self) -> Option<PositionId> {
        self.desk.ledger.positions().map(|(id, _)| id).next()
    }

    fn last(&self) -> Option<PositionId> {
        self.desk.ledger.positions().map(|(id, _)| id).last()
    }

    fn ask(&mut self, intent: Option<Intent>) {
        if let Some(Ok(order)) = intent.map(|intent| self.desk.ask(intent)) {
            self.flying.push(order);
        }
    }

    fn end(&mut self, order: Order, fails: bool) {
        let mut outcome = super::outcome_of(&order, &self.desk.market);
        // It may have been staked on the way.
        let is_staked = order.intent.position().and_then(|id| self.desk.market.programme_of(id));
        if fails {
            outcome.kind = OutcomeKind::Rejected(Rejection::ProgrammeReverted);
        } else if matches!(order.intent, Intent::Close { .. }) && is_staked.is_some() {
            outcome.kind = OutcomeKind::Rejected(Rejection::WrongStake);
        }
        self.desk.end(outcome);
    }

    fn happen(&mut self, deed: &Deed) -> Told {
        let (first, last) = (self.first(), self.last());
        match *deed {
            Deed::Open(each) => self.ask(Some(open(each, each))),
            Deed::Stake => self.ask(last.map(stake)),
            Deed::Claim => self.ask(first.map(|position| Intent::Claim { position })),
            Deed::Unstake => self.ask(first.map(|position| Intent::Unstake { position })),
            Deed::Close => self.ask(first.map(|position| Intent::Close { position })),
            Deed::Sell(amount) => self.ask(Some(sell(amount))),
            Deed::Settle | Deed::Reject if !self.flying.is_empty() => {
                let order = self.flying.remove(0);
                self.end(order, matches!(deed, Deed::Reject));
            }
            Deed::Settle | Deed::Reject => {}
            Deed::Gas(wei) => self.desk.burn_gas(wei),
            Deed::Price(later, price) => {
                let [quote, of] = [price, 1_000].map(Amount::from_u64);
                price_at(&mut self.desk, later, QuotePrice { quote, of });
            }
        }
        let exits = self.desk.risk.exits(&self.desk.market, &self.desk.ledger);
        for exit in exits {
            let order = self.desk.order(exit);
            let reduced = self.desk.risk.reduce(order, &self.desk.ledger);
            prop_assert!(reduced.is_ok(), "{:?}: {:?}", exit, reduced);
            self.desk.ledger.book(order).expect("a new order");
            self.flying.push(order);
        }
        self.check_ways_out()
    }

    /// The next step out of each position is approved, unless it is on its way.
    fn check_ways_out(&mut self) -> Told {
        let open: Vec<_> = self.desk.ledger.positions().map(|(id, open)| (id, *open)).collect();
        for (position, open) in open {
            let step = match open.staked {
                Some(_) => Intent::Unstake { position },
                None => Intent::Close { position },
            };
            if self.desk.ledger.in_flight().all(|order| order.intent != step) {
                let order = self.desk.order(step);
                prop_assert!(self.desk.risk.reduce(order, &self.desk.ledger).is_ok());
            }
        }
        Ok(())
    }

    fn leave(&mut self) -> Told {
        for order in std::mem::take(&mut self.flying) {
            self.end(order, true);
        }
        while let Some(position) = self.first() {
            let staked = self.desk.ledger.position(position).expect("open").staked;
            let step = match staked {
                Some(_) => Intent::Unstake { position },
                None => Intent::Close { position },
            };
            let order = self.desk.order(step);
            let reduced = self.desk.risk.reduce(order, &self.desk.ledger);
            prop_assert!(reduced.is_ok(), "{:?}", reduced);
            self.desk.ledger.book(order).expect("a new order");
            let outcome = super::outcome_of(&order, &self.desk.market);
            let is_done = !matches!(outcome.kind, OutcomeKind::Rejected(_));
            prop_assert!(is_done, "{:?}", outcome);
            self.desk.end(outcome);
        }
        prop_assert_eq!(self.desk.ledger.positions().count(), 0);
        Ok(())
    }
}

fn bounded() -> ProptestConfig {
    ProptestConfig { cases: 150, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(bounded())]

    #[test]
    fn every_position_can_be_taken_out_staked_or_not(deeds in deeds()) {
        let mut story = Story::begin();
        for deed in &deeds {
            story.happen(deed)?;
        }
        story.leave()?;
    }
}
