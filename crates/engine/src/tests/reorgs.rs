//! Runs in which blocks are taken back, with orders of ours in them.

use std::collections::VecDeque;
use std::convert::Infallible;

use tidemill_exec::World;
use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{BlockError, Footprint, Market};
use tidemill_model::{
    AssetId, Bytes32, ChainId, Event, EventBody, MinedBlock, Order, OrderKey, ReorgDepth,
    RevertedBlock, Sequence, TapeEvent,
};
use tidemill_risk::Approved;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, BlockNumber, Side, Timestamp};

use super::immediate_fill::outcome_of;
use super::seeded::Seeded;
use super::strategies::{Idle, Restless};
use super::synthetic_tape::{SyntheticTape, chain_event, outcome_event, range};
use super::{DEPOSIT, engine};
use crate::{AuditWorld, DriveError, Engine, EngineError, Journal, drive};

const CHAIN: ChainId = ChainId(1);
const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];

/// A chain that is mined block by block and goes back now and then. Orders are executed at the end
/// of the block in which they came; one whose block was taken back is executed again.
struct ForkingVenue {
    random: Seeded,
    /// How often a reorganisation comes: once in so many blocks, on average. None for never.
    once_in: Option<u64>,
    blocks_left: u64,
    chain: SyntheticTape,
    /// The state before each block, with what was executed in it.
    mined: Vec<Mined>,
    /// What is told next.
    next: VecDeque<EventBody>,
    pending: Vec<Order>,
    /// Those that were approved, so that they can be executed again.
    approved: Vec<Order>,
    sequence: u64,
    reverted: usize,
    executed_again: usize,
}

struct Mined {
    before: SyntheticTape,
    number: u64,
    hash: Bytes32,
    executed: Vec<OrderKey>,
}

impl ForkingVenue {
    fn new(seed: u64, once_in: Option<u64>) -> Self {
        let chain = SyntheticTape::deep_at_tick(0);
        let first = &chain.tape().events;
        let next = first.iter().map(|recorded| chain_event(0, recorded).body).collect();
        Self {
            random: Seeded(seed),
            once_in,
            blocks_left: 120,
            chain,
            mined: Vec::new(),
            next,
            pending: Vec::new(),
            approved: Vec::new(),
            sequence: 0,
            reverted: 0,
            executed_again: 0,
        }
    }

    fn event(&mut self, body: EventBody) -> Event {
        self.sequence += 1;
        let (sequence, at) = (Sequence(self.sequence), self.chain.now());
        Event::at(sequence, at, body)
    }

    fn mine(&mut self) {
        let before = self.chain.clone();
        self.chain.skip_blocks(1);
        let from = self.chain.tape().events.len();
        let random = &mut self.random;
        for _ in 0..random.below(4) {
            let held = range(-120 * random.between(1, 3), 120 * random.between(1, 3));
            match random.below(4) {
                0 => drop(self.chain.mint(1, held, 1 + random.wide(70))),
                1 => self.chain.swap_to(random.between(-300, 300)),
                _ => {
                    let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
                    self.chain.swap_in(input, 1 + random.wide(60));
                }
            }
        }
        let number = (self.chain.now().0 - 1_700_000_000) / 12 + 1_000;
        let mut hash = [7; 32];
        hash[..8].copy_from_slice(&random.next().to_be_bytes());
        let hash = Bytes32(hash);
        let parent = self.mined.last().map_or(Bytes32([1; 32]), |last| last.hash);
        let block =
            MinedBlock { chain: CHAIN, number: BlockNumber(number), hash, parent, base_fee: None };
        self.next.push_back(EventBody::Block(block));
        let recorded: Vec<TapeEvent> = self.chain.tape().events[from..].to_vec();
        self.next.extend(recorded.iter().map(|recorded| chain_event(0, recorded).body));
        self.mined.push(Mined { before, number, hash, executed: Vec::new() });
        self.blocks_left -= 1;
    }

    /// Takes up to ten blocks back: the newest first.
    fn reorganise(&mut self) {
        for _ in 0..=self.random.below(10) {
            // The first stays, so that the next has one to stand on.
            let Some(mined) = self.mined.pop_if(|mined| mined.number > 1_001) else { return };
            let hash = Some(mined.hash).filter(|_| self.random.once_in(2));
            let number = BlockNumber(mined.number);
            let reverted = RevertedBlock { chain: CHAIN, number, hash };
            self.next.push_back(EventBody::Reverted(reverted));
            let again = self.approved.iter().filter(|order| mined.executed.contains(&order.key));
            self.executed_again += mined.executed.len();
            self.pending.extend(again);
            self.chain = mined.before;
            self.reverted += 1;
        }
    }
}

impl World for ForkingVenue {
    type Error = Infallible;

    fn next(&mut self, market: &Market) -> Result<Option<Event>, Infallible> {
        if let Some(body) = self.next.pop_front() {
            return Ok(Some(self.event(body)));
        }
        if !self.pending.is_empty() {
            // What was decided earlier comes first.
            self.pending.sort_by_key(|order| order.key);
            let order = self.pending.remove(0);
            if let Some(mined) = self.mined.last_mut() {
                mined.executed.push(order.key);
            }
            self.sequence += 1;
            let outcome = outcome_of(&order, market);
            return Ok(Some(outcome_event(self.sequence, self.chain.now(), outcome)));
        }
        if self.blocks_left == 0 {
            return Ok(None);
        }
        if self.once_in.is_some_and(|times| self.random.once_in(times)) {
            self.reorganise();
        }
        self.mine();
        self.next(market)
    }

    fn submit(&mut self, approved: Approved) {
        self.approved.push(*approved.order());
        self.pending.push(*approved.order());
    }
}

/// An engine at the start of a chain that can go back.
fn forking(footprint: Footprint, strategy: impl Strategy + 'static) -> Engine {
    let made = SyntheticTape::deep_at_tick(0);
    let mut engine = engine(made.tape(), footprint, strategy);
    engine.keep_undo(ReorgDepth::default());
    engine
}

fn run(seed: u64, footprint: Footprint) -> (Engine, Journal, ForkingVenue) {
    let mut engine = forking(footprint, Restless(Seeded(seed)));
    let mut venue = ForkingVenue::new(seed, Some(9));
    let mut journal = Journal::default();
    let driven = drive(&mut engine, &mut venue, |_, event, is_applied| {
        if is_applied {
            journal.events.push(event.clone());
        }
    });
    assert_eq!(driven, Ok(()), "seed {seed}");
    (engine, journal, venue)
}

/// What is left of a log once the blocks that were taken back are out of it.
fn left_of(journal: &Journal) -> Vec<Event> {
    let mut left = Vec::<Event>::new();
    for event in &journal.events {
        match &event.body {
            EventBody::Reverted(reverted) => {
                left.retain(|event| block_of(event) != reverted.number);
            }
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Outcome(_)
            | EventBody::Account(_)
            | EventBody::Data(_)
            | EventBody::Feed(_)
            | EventBody::Block(_) => left.push(event.clone()),
        }
    }
    left
}

fn block_of(event: &Event) -> BlockNumber {
    match &event.body {
        EventBody::Chain(chain) => chain.block,
        EventBody::Programme(event) => event.block,
        EventBody::Outcome(outcome) => outcome.block,
        EventBody::Block(mined) => mined.number,
        EventBody::Reverted(reverted) => reverted.number,
        EventBody::Price(_) | EventBody::Account(_) | EventBody::Data(_) | EventBody::Feed(_) => {
            panic!("of no block")
        }
    }
}

/// A ledger that was told only what is left, of all orders that were approved.
fn fresh_ledger(left: &[Event], approved: &[Order]) -> Ledger {
    let deposit = Amount::from_u128(DEPOSIT);
    let mut ledger =
        Ledger::funded(&[(AssetId(0), deposit), (AssetId(1), deposit)]).expect("small");
    let assets = PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2));
    ledger.add_pool(super::synthetic_tape::POOL, assets);
    let mut orders = approved.iter().peekable();
    for event in left {
        while let Some(order) = orders.next_if(|order| order.key.sequence < event.sequence) {
            ledger.book(*order).expect("new");
        }
        ledger.apply(event).expect("it did before");
    }
    orders.for_each(|order| ledger.book(*order).expect("new"));
    ledger
}

#[test]
fn after_any_reorganisations_all_is_as_if_only_the_last_chain_had_been() {
    let (mut reverted, mut again) = (0, 0);
    for seed in 0..30 {
        for footprint in FOOTPRINTS {
            let (engine, journal, venue) = run(seed, footprint);
            let left = left_of(&journal);
            let fresh = forking(footprint, Idle);
            let mut market = fresh.market().clone();
            for event in &left {
                market.apply(event).expect("it did before");
            }
            assert!(engine.market() == &market, "{footprint:?}, seed {seed}");
            let ledger = fresh_ledger(&left, &venue.approved);
            let standing = |ledger: &Ledger| {
                let balances: Vec<_> = ledger.balances().collect();
                let positions: Vec<_> = ledger.positions().map(|(id, open)| (id, *open)).collect();
                let in_flight: Vec<_> = ledger.in_flight().copied().collect();
                (balances, positions, in_flight)
            };
            assert_eq!(standing(engine.ledger()), standing(&ledger), "{footprint:?}, seed {seed}");
            reverted += venue.reverted;
            again += venue.executed_again;
            let postings = engine.ledger().journal().len();
            let reversals =
                engine.ledger().journal().iter().filter(|one| one.reverses.is_some()).count();
            assert_eq!(postings, ledger.journal().len() + 2 * reversals, "both are kept");
        }
    }
    assert!(reverted > 2_000 && again > 500, "{reverted} blocks, {again} orders");
}

#[test]
fn a_journal_with_reverts_gives_the_same_digest_and_state_again() {
    for seed in 0..12 {
        for footprint in FOOTPRINTS {
            let (first, journal, venue) = run(seed, footprint);
            assert!(venue.reverted > 0, "seed {seed}");
            let mut audit = forking(footprint, Restless(Seeded(seed)));
            let driven = drive(&mut audit, &mut AuditWorld::new(journal.clone()), |_, _, _| {});
            assert_eq!(driven, Ok(()), "seed {seed}");
            assert_eq!(audit.digest(), first.digest(), "{footprint:?}, seed {seed}");
            assert!(audit.market() == first.market() && audit.ledger() == first.ledger());
            assert_eq!(audit.refused(), first.refused());
            // The digest says that a block was taken back, not only what was left.
            let mut other = forking(footprint, Restless(Seeded(seed)));
            let left = Journal { events: left_of(&journal) };
            drive(&mut other, &mut AuditWorld::new(left), |_, _, _| {}).ok();
            assert_ne!(other.digest(), first.digest(), "{footprint:?}, seed {seed}");
        }
    }
}

#[test]
fn a_run_without_reverts_has_the_same_digest_with_an_undo_log_and_without() {
    for seed in 0..6 {
        let digests = [true, false].map(|undo| {
            let made = SyntheticTape::deep_at_tick(0);
            let strategy = Restless(Seeded(seed));
            let mut engine = engine(made.tape(), Footprint::ReExecuted, strategy);
            if undo {
                engine.keep_undo(ReorgDepth::default());
            }
            let driven = drive(&mut engine, &mut ForkingVenue::new(seed, None), |_, _, _| {});
            assert_eq!(driven, Ok(()));
            engine.digest()
        });
        assert_eq!(digests[0], digests[1], "seed {seed}");
    }
}

#[test]
fn without_an_undo_log_a_revert_ends_the_run() {
    let made = SyntheticTape::deep_at_tick(0);
    let mut engine = engine(made.tape(), Footprint::PriceTaker, Idle);
    let mut venue = ForkingVenue::new(3, None);
    venue.mine();
    venue.next.push_back(EventBody::Reverted(RevertedBlock {
        chain: CHAIN,
        number: BlockNumber(1_001),
        hash: None,
    }));
    let driven = drive(&mut engine, &mut venue, |_, _, _| {});
    let expected = EngineError::Market(BlockError::NothingKept.into());
    assert_eq!(driven, Err(DriveError::Engine(expected)));
}

/// Notes what it sees: the time, and from where on blocks were taken back.
struct Witness(std::sync::Arc<std::sync::Mutex<Vec<Seen>>>);

/// Block, time, lowest block taken back, orders in flight.
type Seen = (u64, Timestamp, Option<u64>, usize);

impl Strategy for Witness {
    fn decide(&mut self, view: &View<'_>) -> Vec<tidemill_model::Intent> {
        let reverted = view.reverted_from().map(|block| block.0);
        let seen = (view.block().0, view.now(), reverted, usize::from(view.is_waiting()));
        self.0.lock().expect("one thread").push(seen);
        Vec::new()
    }
}

#[test]
fn a_strategy_is_not_asked_at_a_revert_and_is_told_of_it_once_after() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut engine = forking(Footprint::PriceTaker, Witness(seen.clone()));
    let mut venue = ForkingVenue::new(5, None);
    let block = |number: u64, branch: u8| MinedBlock {
        chain: CHAIN,
        number: BlockNumber(number),
        hash: Bytes32([branch; 32]),
        parent: Bytes32([if number == 1_002 { 1 } else { branch }; 32]),
        base_fee: None,
    };
    let revert = |number: u64| {
        let number = BlockNumber(number);
        EventBody::Reverted(RevertedBlock { chain: CHAIN, number, hash: None })
    };
    let elsewhere = MinedBlock { chain: ChainId(2), ..block(9, 9) };
    let bodies = [
        EventBody::Block(block(1_001, 1)),
        EventBody::Block(block(1_002, 2)),
        EventBody::Block(block(1_003, 2)),
        revert(1_003),
        revert(1_002),
        EventBody::Block(block(1_002, 3)),
        EventBody::Block(block(1_003, 3)),
        EventBody::Block(elsewhere),
        EventBody::Reverted(RevertedBlock {
            chain: ChainId(2),
            number: BlockNumber(9),
            hash: None,
        }),
        EventBody::Block(block(1_004, 3)),
    ];
    for body in bodies {
        venue.chain.skip_blocks(1);
        let event = venue.event(body);
        assert!(engine.step(&event).expect("it follows").approved.is_empty());
    }
    let seen = seen.lock().expect("one thread");
    let blocks: Vec<_> = seen.iter().map(|seen| (seen.0, seen.2)).collect();
    let expected = [
        (1_001, None),
        (1_002, None),
        (1_003, None),
        (1_002, Some(1_002)),
        (1_003, None),
        (9, None),
        (1_004, None),
    ];
    assert_eq!(blocks, expected);
}
