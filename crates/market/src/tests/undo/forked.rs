use tidemill_model::{
    Bytes32, ChainId, Event, EventBody, GasPaid, MinedBlock, OrderKey, Outcome, OutcomeKind,
    PositionId, PriceEvent, QuotePrice, ReorgDepth, RevertedBlock, Sequence,
};
use tidemill_units::{Amount, BlockNumber, GasPrice, Timestamp};

use super::super::seeded::Seeded;
use super::super::synthetic_tape::{POOL, chain_event};
use super::actions::{REWARD, action};
use super::growing::Mined;
use crate::{Market, MarketError, UndoLog};

/// A market whose blocks are taken back, and beside it what a market is told that never saw them.
pub(super) struct Forked {
    start: Market,
    pub(super) market: Market,
    pub(super) undo: UndoLog,
    /// What was told and not taken back, each with its block.
    log: Vec<(Option<BlockNumber>, Event)>,
    sequence: u64,
    is_told: bool,
    outcomes: usize,
    /// The hash of each block that is left.
    hashes: Vec<(BlockNumber, Bytes32)>,
}

impl Forked {
    pub(super) fn new(start: Market, depth: ReorgDepth, is_told: bool) -> Self {
        let (market, undo) = (start.clone(), UndoLog::new(&start, depth));
        let (log, hashes) = (Vec::new(), Vec::new());
        Self { start, market, undo, log, sequence: 0, is_told, outcomes: 0, hashes }
    }

    fn chain(&self) -> ChainId {
        self.market.chain_of(POOL).expect("a pool")
    }

    /// How many outcomes of ours were told, rejections apart.
    pub(super) fn outcomes(&self) -> usize {
        self.outcomes
    }

    pub(super) fn tell(&mut self, time: Timestamp, body: EventBody) -> Result<Event, MarketError> {
        self.sequence += 1;
        let sequence = Sequence(self.sequence);
        let event = Event::at(sequence, time, body);
        self.undo.apply(&mut self.market, &event).map(|()| event)
    }

    fn tell_next(&mut self, time: Timestamp, block: Option<BlockNumber>, body: EventBody) {
        let told = self.tell(time, body).expect("it follows");
        self.log.push((block, told));
    }

    /// Tells a block with all that is in it, and does something in it ourselves.
    pub(super) fn grow(&mut self, block: &Mined, random: &mut Seeded) {
        let Mined { number, time, events } = block;
        if random.once_in(6) {
            // The price of a token that no pool trades has nothing to do with any block.
            let quote = Amount::from_u64(1 + random.below(99));
            let price = QuotePrice { quote, of: Amount::from_u64(3) };
            self.tell_next(*time, None, EventBody::Price(PriceEvent { asset: REWARD, price }));
        }
        if self.is_told {
            let mined = self.mined(*number, random);
            self.tell_next(*time, Some(*number), mined);
        }
        for recorded in events {
            let EventBody::Chain(event) = chain_event(0, recorded).body else { panic!("recorded") };
            self.tell_next(*time, Some(*number), EventBody::Chain(event));
        }
        for _ in 0..random.below(3) {
            self.act(random);
        }
    }

    fn mined(&mut self, number: BlockNumber, random: &mut Seeded) -> EventBody {
        let parent = self.hashes.last().map_or(Bytes32::default(), |(_, hash)| *hash);
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.sequence.to_be_bytes());
        let hash = Bytes32(hash);
        self.hashes.push((number, hash));
        let base_fee = random.once_in(2).then(|| GasPrice(random.wide(30)));
        EventBody::Block(MinedBlock { chain: self.chain(), number, hash, parent, base_fee })
    }

    fn act(&mut self, random: &mut Seeded) {
        let order = OrderKey { sequence: Sequence(self.sequence), intent: 0 };
        let Some(kind) = action(&self.market, random, PositionId(order)) else { return };
        self.outcomes += usize::from(!matches!(kind, OutcomeKind::Rejected(_)));
        let (block, now) = (self.market.block(), self.market.now());
        let outcome = Outcome { order, block, gas: GasPaid::default(), kind };
        self.tell_next(now, Some(block), EventBody::Outcome(Box::new(outcome)));
    }

    /// Takes the newest block back.
    pub(super) fn revert(&mut self, number: BlockNumber) {
        let known = self.hashes.pop();
        if let Some((known, _)) = known {
            assert_eq!(known, number);
        }
        let hash = known.map(|(_, hash)| hash).filter(|_| number.0.is_multiple_of(2));
        let reverted = RevertedBlock { chain: self.chain(), number, hash };
        // When it was noticed is no time of the chain.
        let noticed = Timestamp(self.market.now().0 + 1_000_000_000);
        self.tell(noticed, EventBody::Reverted(reverted)).expect("the newest");
        self.log.retain(|(block, _)| *block != Some(number));
    }

    /// Compares with a market that was told only what is left.
    pub(super) fn check(&self, context: &str) {
        let mut fresh = self.start.clone();
        for (_, event) in &self.log {
            fresh.apply(event).expect("it reproduced before");
        }
        assert!(self.market == fresh, "not what is left of the chain, seed {context}");
        assert_eq!(self.market.now(), fresh.now(), "{context}");
        assert_eq!(self.market.block(), fresh.block(), "{context}");
    }
}
