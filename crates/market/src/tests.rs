#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out the variants that it is about"
)]

#[path = "../tests/support/seeded.rs"]
pub(crate) mod seeded;
#[path = "../tests/support/synthetic_builds.rs"]
mod synthetic_builds;
#[path = "../tests/support/synthetic_curve.rs"]
mod synthetic_curve;
#[path = "../tests/support/synthetic_meta_ng.rs"]
mod synthetic_meta_ng;
#[path = "../tests/support/synthetic_shares.rs"]
mod synthetic_shares;
#[path = "../tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod asset_prices;
mod boosted_gauges;
mod builds;
mod candles;
mod curve_tapes;
mod feeds;
mod fees_apart;
mod fees_inside;
mod footprints;
mod gauge_farming;
mod lent_swaps;
mod merkl_farming;
mod mismatches;
mod observed;
mod positions;
mod programmes;
mod random_pool;
mod series;
mod share_fold_kinds;
mod share_folds;
mod shares;
mod staking;
mod starts;
mod swap_holdings;
mod undo;
mod valuation;
mod voting;
mod world;

use tidemill_model::{
    GasPaid, Holding, OrderKey, Outcome, OutcomeKind, PositionId, Sequence, Tape, TapeEvent,
};
use tidemill_units::{Amounts, BlockNumber, Liquidity, TickRange, Timestamp};

use crate::{ConcentratedMarket, Footprint, Market, MarketError};
use synthetic_tape::{POOL, chain_event, outcome_event};

/// A market that takes in recorded events and outcomes of ours, each as the next event of one log.
struct Log {
    market: Market,
    sequence: u64,
}

impl Log {
    fn new(tape: &Tape, footprint: Footprint) -> Self {
        let mut market = Market::new(footprint);
        assert_eq!(market.add_pool(tape), Ok(POOL));
        Self { market, sequence: 0 }
    }

    fn pool(&self) -> &ConcentratedMarket {
        let pool = self.market.pool(POOL).expect("the pool was added");
        pool.concentrated().expect("a concentrated pool")
    }

    fn next_key(&self) -> OrderKey {
        OrderKey { sequence: Sequence(self.sequence), intent: 0 }
    }

    fn record(&mut self, recorded: &TapeEvent) -> Result<(), MarketError> {
        self.sequence += 1;
        self.market.apply(&chain_event(self.sequence, recorded))
    }

    fn record_all(&mut self, events: &[TapeEvent]) {
        for event in events {
            assert_eq!(self.record(event), Ok(()));
        }
    }

    /// Brings an outcome in, right after what was recorded.
    fn outcome(&mut self, kind: OutcomeKind) -> Result<(), MarketError> {
        self.outcome_in(self.market.block(), self.market.now(), kind)
    }

    fn outcome_in(
        &mut self,
        block: BlockNumber,
        time: Timestamp,
        kind: OutcomeKind,
    ) -> Result<(), MarketError> {
        let outcome = Outcome { order: self.next_key(), block, gas: GasPaid::default(), kind };
        self.sequence += 1;
        self.market.apply(&outcome_event(self.sequence, time, outcome))
    }

    fn open(&mut self, range: TickRange, liquidity: u128, deposited: Amounts) -> PositionId {
        let position = PositionId(self.next_key());
        let liquidity = Liquidity(liquidity);
        let opened = OutcomeKind::Opened {
            position,
            pool: POOL,
            holding: Holding::Range { range, liquidity },
            deposited: deposited.into(),
        };
        assert_eq!(self.outcome(opened), Ok(()));
        position
    }

    /// Closes a position for what it is worth; returns that and its fees.
    fn close(&mut self, position: PositionId) -> (Amounts, Amounts) {
        let worth = self.pool().worth(position).expect("an open position");
        let (withdrawn, fees) = (worth.principal, worth.fees);
        assert_eq!(
            self.outcome(OutcomeKind::Closed {
                position,
                withdrawn: withdrawn.into(),
                fees: fees.into()
            }),
            Ok(())
        );
        (withdrawn, fees)
    }
}
