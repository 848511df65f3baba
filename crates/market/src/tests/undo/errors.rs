//! What cannot be taken back, or cannot be added: each is named, and nothing has changed.

use tidemill_model::{
    Bytes32, ChainId, EventBody, GasPaid, Holding, MinedBlock, OrderKey, Outcome, OutcomeKind,
    PositionId, Rejection, ReorgDepth, RevertedBlock, Sequence,
};
use tidemill_units::{BlockNumber, Liquidity, Side, Timestamp};

use super::super::synthetic_builds::SyntheticBuild;
use super::super::synthetic_tape::{POOL, SyntheticTape, chain_event, range};
use super::forked::Forked;
use crate::{BlockError, Footprint, Market, MarketError};

const CHAIN: ChainId = ChainId(1);

/// A chain of twelve blocks with a swap in each, from the one after 1,000 on.
struct Desk {
    made: SyntheticTape,
    forked: Forked,
}

impl Desk {
    fn new(depth: ReorgDepth) -> Self {
        let mut made = SyntheticTape::deep_at_tick(0);
        let mut market = Market::new(Footprint::PriceTaker);
        market.add_pool(made.tape()).expect("a tape");
        for recorded in &made.tape().events {
            market.apply(&chain_event(1, recorded)).expect("it reproduces");
        }
        for _ in 0..12 {
            made.skip_blocks(1);
            made.swap_in(Side::Token0, 1_000_000);
        }
        Self { made, forked: Forked::new(market, depth, true) }
    }

    fn mined(number: u64) -> MinedBlock {
        let [number, parent] = [number, number - 1];
        let hash = |number: u64| Bytes32([u8::try_from(number % 256).expect("a byte"); 32]);
        let (hash, parent) = (hash(number), hash(parent));
        let (chain, number) = (CHAIN, BlockNumber(number));
        MinedBlock { chain, number, hash, parent, base_fee: None }
    }

    fn block(&mut self, number: u64) -> Result<(), MarketError> {
        self.mine(Self::mined(number))
    }

    fn mine(&mut self, mined: MinedBlock) -> Result<(), MarketError> {
        self.forked.tell(Timestamp(mined.number.0), EventBody::Block(mined)).map(drop)
    }

    /// The swap of a block.
    fn swap(&mut self, number: u64) -> Result<(), MarketError> {
        let events = &self.made.tape().events;
        let found = events.iter().rfind(|event| event.block.0 == number).expect("recorded");
        let told = chain_event(0, found);
        self.forked.tell(told.second(), told.body).map(drop)
    }

    fn revert(&mut self, number: u64, hash: Option<Bytes32>) -> Result<(), MarketError> {
        let reverted = RevertedBlock { chain: CHAIN, number: BlockNumber(number), hash };
        self.forked.tell(Timestamp(9), EventBody::Reverted(reverted)).map(drop)
    }

    /// Asserts that something is refused, and that neither market nor log is any other for it.
    fn refused(&mut self, what: impl FnOnce(&mut Self) -> Result<(), MarketError>) -> String {
        let (market, undo) = (self.forked.market.clone(), self.forked.undo.clone());
        let Err(MarketError::Block(error)) = what(self) else { panic!("it was not refused") };
        assert!(self.forked.market == market, "the market is another: {error}");
        assert!(self.forked.undo == undo, "the log is another: {error}");
        error.to_string()
    }
}

#[test]
fn what_cannot_be_taken_back_is_named() {
    let mut desk = Desk::new(ReorgDepth::new(3));
    let unknown = desk.refused(|desk| desk.revert(1_001, None));
    assert_eq!(unknown, "block 1001 of chain 1 was reverted, and no such block is known");
    for number in 1_001..=1_006 {
        assert_eq!(desk.block(number), Ok(()));
        assert_eq!(desk.swap(number), Ok(()));
    }
    let unknown = desk.refused(|desk| desk.revert(1_007, None));
    assert_eq!(unknown, "block 1007 of chain 1 was reverted, and no such block is known");
    let order = desk.refused(|desk| desk.revert(1_005, None));
    let expected = "block 1005 of chain 1 was reverted, and the newest block is 1006: that has to \
                    go first";
    assert_eq!(order, expected);
    let other = desk.refused(|desk| desk.revert(1_006, Some(Bytes32([3; 32]))));
    let (told, known) = (Bytes32([3; 32]), Desk::mined(1_006).hash);
    let expected = format!(
        "block 1006 of chain 1 was reverted by the hash {told}, and the one known has {known}"
    );
    assert_eq!(other, expected);
    let another = RevertedBlock { chain: ChainId(2), number: BlockNumber(1_006), hash: None };
    let elsewhere =
        desk.refused(|desk| desk.forked.tell(Timestamp(9), EventBody::Reverted(another)).map(drop));
    assert_eq!(elsewhere, "block 1006 of chain 2 was reverted, and no such block is known");
    for number in [1_006, 1_005, 1_004] {
        assert_eq!(desk.revert(number, Some(Desk::mined(number).hash)), Ok(()));
    }
    let deep = desk.refused(|desk| desk.revert(1_003, None));
    let expected = "block 1003 of chain 1 was reverted, and nothing up to block 1003 can be taken \
                    back";
    assert_eq!(deep, expected);
    assert!(*desk.forked.undo.settled() == desk.forked.market, "nothing is left to be taken back");
    let other = desk.refused(|desk| {
        let mined = Desk::mined(1_004);
        desk.mine(MinedBlock { parent: Bytes32([7; 32]), ..mined })
    });
    assert!(other.starts_with("block 1004 of chain 1 stands on 0x0707"), "{other}");
    assert_eq!(desk.block(1_004), Ok(()), "it stands on the block that stayed");
}

#[test]
fn blocks_that_do_not_follow_are_named() {
    let mut desk = Desk::new(ReorgDepth::new(3));
    assert_eq!(desk.block(1_001), Ok(()));
    assert_eq!(desk.swap(1_001), Ok(()));
    let again = desk.refused(|desk| desk.block(1_001));
    let expected = "block 1001 of chain 1 follows block 1001, which was not reverted";
    assert_eq!(again, expected);
    let untold = desk.refused(|desk| desk.swap(1_002));
    let expected = "something happened in block 1002 of chain 1, and the newest that was told is \
                    1001";
    assert_eq!(untold, expected);
    let missing = desk.refused(|desk| desk.block(1_003));
    let expected = "block 1003 of chain 1 follows block 1001: those between are missing";
    assert_eq!(missing, expected);
    let mined = Desk::mined(1_002);
    let parent = Bytes32([0xab; 32]);
    let other = desk.refused(|desk| desk.mine(MinedBlock { parent, ..mined }));
    let known = mined.parent;
    let expected = format!(
        "block 1002 of chain 1 stands on {parent}, and the block known before it is {known}"
    );
    assert_eq!(other, expected);
    assert_eq!(desk.block(1_002), Ok(()));
    assert_eq!(desk.swap(1_002), Ok(()));
    let late = desk.refused(|desk| desk.swap(1_001));
    assert_eq!(late, "block 1001 of chain 1 follows block 1002, which was not reverted");
}

#[test]
fn a_market_without_an_undo_log_takes_nothing_back() {
    let mut market = Market::new(Footprint::PriceTaker);
    market.add_pool(SyntheticTape::deep_at_tick(0).tape()).expect("a tape");
    let before = market.clone();
    let reverted = RevertedBlock { chain: CHAIN, number: BlockNumber(1), hash: None };
    let mut event = chain_event(1, &SyntheticTape::deep_at_tick(0).tape().events[0]);
    event.body = EventBody::Reverted(reverted);
    assert_eq!(market.apply(&event), Err(BlockError::NothingKept.into()));
    assert!(market == before);
}

fn outcome(sequence: u64, block: u64, kind: OutcomeKind) -> EventBody {
    let order = OrderKey { sequence: Sequence(sequence), intent: 0 };
    let (block, gas) = (BlockNumber(block), GasPaid::default());
    EventBody::Outcome(Box::new(Outcome { order, block, gas, kind }))
}

/// What we are told late was worked out at prices that are no longer so: to go on would be wrong.
#[test]
fn an_outcome_of_a_block_that_stays_after_one_that_does_not_is_named() {
    let mut desk = Desk::new(ReorgDepth::new(9));
    for number in 1_001..=1_003 {
        assert_eq!(desk.block(number), Ok(()));
        assert_eq!(desk.swap(number), Ok(()));
    }
    let pool = desk.forked.market.pool(POOL).and_then(crate::PoolMarket::concentrated);
    let (range, liquidity) = (range(-60, 60), Liquidity(1_000_000_000_000_000_000_000_000));
    let cost = pool.expect("a pool").quote_own(range, liquidity).expect("a cost");
    let opened = OutcomeKind::Opened {
        position: PositionId(OrderKey { sequence: Sequence(5), intent: 0 }),
        pool: POOL,
        holding: Holding::Range { range, liquidity },
        deposited: cost.into(),
    };
    let now = desk.forked.market.now();
    assert!(desk.forked.tell(now, outcome(5, 1_002, opened)).is_ok(), "told late");
    let remains = desk.refused(|desk| desk.revert(1_003, None));
    let expected = "without block 1003 of chain 1 the rest of the log does not reproduce: the \
                    outcome of order 5-0 does not reproduce";
    assert_eq!(remains, expected);
}

#[test]
fn a_late_receipt_goes_with_its_own_block() {
    let mut desk = Desk::new(ReorgDepth::new(9));
    let rejected = OutcomeKind::Rejected(Rejection::PoolReverted);
    for number in 1_001..=1_003 {
        assert_eq!(desk.block(number), Ok(()));
    }
    let before = desk.forked.market.clone();
    assert!(desk.forked.tell(before.now(), outcome(1, 1_002, rejected)).is_ok());
    let none = |desk: &mut Desk, number| assert_eq!(desk.revert(number, None), Ok(()));
    none(&mut desk, 1_003);
    none(&mut desk, 1_002);
    assert_eq!(desk.forked.market.block(), BlockNumber(1_001));
    none(&mut desk, 1_001);
    assert!(desk.forked.market == *desk.forked.undo.settled());
}

/// Two pools on two chains, whose blocks are told in turn.
#[test]
fn each_chain_goes_back_by_itself() {
    let mut market = Market::new(Footprint::PriceTaker);
    let first = SyntheticTape::deep_at_tick(0);
    market.add_pool(first.tape()).expect("a tape");
    let other = SyntheticBuild::new(tidemill_amm::concentrated::Build::PancakeV3);
    let other_pool = market.add_pool(&other.tape).expect("a tape");
    let depth = ReorgDepth::new(2).with_chain(ChainId(8_453), 5);
    let mut forked = Forked::new(market.clone(), depth, true);
    let mut told = Vec::new();
    for number in 1..=4_u64 {
        for chain in [CHAIN, ChainId(8_453)] {
            let mined = MinedBlock { chain, ..Desk::mined(number) };
            let at = Timestamp(1_000 * number + chain.0 % 2);
            told.push((chain, number, forked.tell(at, EventBody::Block(mined)).expect("next")));
        }
    }
    assert_eq!(forked.market.chain_of(other_pool), Some(ChainId(8_453)));
    for number in [4, 3, 2] {
        let reverted =
            RevertedBlock { chain: ChainId(8_453), number: BlockNumber(number), hash: None };
        forked.tell(Timestamp(9), EventBody::Reverted(reverted)).expect("the newest of its chain");
        told.retain(|(chain, block, _)| (*chain, *block) != (reverted.chain, number));
        let mut fresh = market.clone();
        told.iter().for_each(|(_, _, event)| fresh.apply(event).expect("it did before"));
        assert!(forked.market == fresh, "without block {number}");
    }
    let reverted = RevertedBlock { chain: CHAIN, number: BlockNumber(2), hash: None };
    for number in [4, 3] {
        let reverted = RevertedBlock { number: BlockNumber(number), ..reverted };
        forked.tell(Timestamp(9), EventBody::Reverted(reverted)).expect("two deep");
    }
    let settled = BlockNumber(2);
    let deep = forked.tell(Timestamp(9), EventBody::Reverted(reverted)).map(drop);
    assert_eq!(deep, Err(BlockError::TooDeep { reverted, settled }.into()));
    let rejected = OutcomeKind::Rejected(Rejection::PoolReverted);
    let order = OrderKey { sequence: Sequence(3), intent: 0 };
    let unplaced = forked.tell(Timestamp(9), outcome(3, 5, rejected)).map(drop);
    assert_eq!(unplaced, Err(BlockError::NoChain { order }.into()));
}

#[test]
fn no_more_events_are_kept_than_allowed() {
    let mut desk = Desk::new(ReorgDepth::new(64));
    desk.forked.undo = desk.forked.undo.with_most_events(5);
    for number in 1_001..=1_006 {
        assert_eq!(desk.block(number), Ok(()));
        assert_eq!(desk.swap(number), Ok(()));
    }
    // Five events are the swap of block 1,004, which has settled with its block, and those of two.
    for number in [1_006, 1_005] {
        assert_eq!(desk.revert(number, None), Ok(()));
    }
    let deep = desk.refused(|desk| desk.revert(1_004, None));
    let expected = "block 1004 of chain 1 was reverted, and nothing up to block 1004 can be taken \
                    back";
    assert_eq!(deep, expected);
    assert_eq!(desk.forked.market.block(), BlockNumber(1_004));
}
