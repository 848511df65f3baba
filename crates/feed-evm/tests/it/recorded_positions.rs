//! A day of a pool's raw logs as a tape, and what the day's positions earned.

use std::collections::BTreeMap;

use tidemill_feed_evm::{
    DecodeFault, ManagedEvent, ManagedLogs, RawLog, TapeLog, open_log_file, tape_from_logs,
};
use tidemill_model::{
    Address, ChainId, PoolBuild, PoolEvent, PoolHeader, PoolStart, TapeEvent, Token,
};
use tidemill_units::{
    Amounts, BlockNumber, FeePips, Liquidity, LogIndex, RelativeTolerance, SqrtPrice, Tick,
    TickRange, U256,
};

use crate::recorded_data::recorded;

const SET: &str = "univ3-usdc-weth-500-2024-01-05";
const MANAGER: &str = "0xc36442b4a4522e871399cd717abdd847ab11fe88";

fn logs(name: &str) -> Option<Vec<RawLog>> {
    let file = recorded(SET)?.join(name);
    Some(open_log_file(&file).unwrap().map(Result::unwrap).collect())
}

fn header(block: u64) -> PoolHeader {
    let token = |symbol: &str, decimals| Token { symbol: symbol.into(), decimals, address: None };
    PoolHeader {
        chain_id: ChainId(1),
        pool: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640".parse().unwrap(),
        build: PoolBuild::UniswapV3,
        token0: token("USDC", 6),
        token1: token("WETH", 18),
        fee: FeePips(500),
        tick_spacing: 10,
        start: PoolStart::Snapshot {
            block: BlockNumber(block),
            sqrt_price: SqrtPrice::default(),
            tick: Tick(0),
            liquidity: Liquidity(0),
        },
        amount_tolerance: RelativeTolerance::EXACT,
    }
}

fn tape(logs: Vec<RawLog>) -> TapeLog {
    tape_from_logs(&header(18_937_381), logs).unwrap()
}

#[test]
fn a_recorded_day_is_a_tape_however_its_logs_come() {
    let Some(logs) = logs("pool_logs.csv.gz") else { return };
    let told = tape(logs.clone());
    assert_eq!(told.events.len(), 6_234);
    assert_eq!(told.counts.duplicates, 0);
    assert_eq!(told.events[0].time.0, 1_704_412_823);
    // Pages that overlap and come backwards within each say the same.
    let mut pages = Vec::new();
    for page in logs.chunks(500) {
        pages.extend(page.iter().rev().cloned());
        pages.extend(page.iter().take(20).cloned());
    }
    let again = tape(pages);
    assert_eq!(again.events, told.events);
    assert_eq!(again.counts.duplicates, 13 * 20);
    // A start that has the first block already is refused, and so is a log without a time.
    let error = tape_from_logs(&header(18_937_382), logs.clone()).unwrap_err();
    assert_eq!(error.fault, DecodeFault::BeforeStart { start: BlockNumber(18_937_382) });
    let timeless = logs.into_iter().map(|log| RawLog { time: None, ..log });
    let error = tape_from_logs(&header(18_937_381), timeless).unwrap_err();
    assert_eq!((error.fault, error.place.log_index), (DecodeFault::NoTime, LogIndex(169)));
}

type Key = (Address, TickRange);

#[derive(Debug, Default)]
struct Position {
    begins_with_mint: bool,
    liquidity: u128,
    minted: u128,
    burned: Amounts,
    collected: Amounts,
}

impl Position {
    fn apply(&mut self, event: &PoolEvent) {
        match event {
            PoolEvent::Mint { liquidity, .. } => {
                self.liquidity += liquidity.0;
                self.minted += liquidity.0;
            }
            PoolEvent::Burn { liquidity, amounts, .. } => {
                self.liquidity = self.liquidity.wrapping_sub(liquidity.0);
                self.burned = self.burned.checked_add(*amounts).unwrap();
            }
            PoolEvent::Collect { amounts, .. } => {
                self.collected = self.collected.checked_add(*amounts).unwrap();
            }
            other @ (PoolEvent::Initialize { .. }
            | PoolEvent::Flash { .. }
            | PoolEvent::SetFeeProtocol { .. }
            | PoolEvent::Shares(_)
            | PoolEvent::Build(_)
            | PoolEvent::Swap { .. }) => panic!("{other:?}"),
        }
    }

    fn fees(&self) -> Amounts {
        self.collected.checked_sub(self.burned).unwrap()
    }
}

fn key(event: &PoolEvent) -> Option<Key> {
    match event {
        PoolEvent::Mint { owner, range, .. }
        | PoolEvent::Burn { owner, range, .. }
        | PoolEvent::Collect { owner, range, .. } => Some((owner.unwrap(), *range)),
        PoolEvent::Swap { .. } => None,
        other @ (PoolEvent::Initialize { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_)
        | PoolEvent::Build(_)) => panic!("{other:?}"),
    }
}

fn positions(events: &[TapeEvent]) -> BTreeMap<(Address, i32, i32), Position> {
    let mut all = BTreeMap::<_, Position>::new();
    for recorded in events {
        let Some((owner, range)) = key(&recorded.event) else { continue };
        let place = (owner, range.lower.0, range.upper.0);
        let is_new = !all.contains_key(&place);
        let position = all.entry(place).or_default();
        position.begins_with_mint |= is_new && matches!(recorded.event, PoolEvent::Mint { .. });
        position.apply(&recorded.event);
    }
    all
}

#[test]
fn closed_positions_earned_what_was_recorded() {
    let Some(logs) = logs("pool_logs.csv.gz") else { return };
    let file = recorded(SET).unwrap().join("closed_positions.csv");
    let mut closed = positions(&tape(logs).events);
    closed.retain(|_, position| position.begins_with_mint && position.liquidity == 0);
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows = 0;
    for row in text.lines().skip(1) {
        let fields: Vec<_> = row.split(',').collect();
        let place =
            (fields[0].parse().unwrap(), fields[1].parse().unwrap(), fields[2].parse().unwrap());
        let position = closed.remove(&place).unwrap_or_else(|| panic!("{row}"));
        let amounts = |place: usize| Amounts {
            amount0: fields[place].parse().unwrap(),
            amount1: fields[place + 1].parse().unwrap(),
        };
        assert_eq!(position.minted.to_string(), fields[7], "{row}");
        assert_eq!(position.burned, amounts(8), "{row}");
        assert_eq!(position.collected, amounts(10), "{row}");
        assert_eq!(position.fees(), amounts(12), "{row}");
        rows += 1;
    }
    assert_eq!((rows, closed.len()), (26, 0));
}

/// The managers' logs by transaction, beside the pool's.
fn joined(pool: &[RawLog], manager: &[RawLog]) -> Vec<ManagedEvent> {
    let mut of_manager = BTreeMap::<_, Vec<RawLog>>::new();
    for log in manager {
        of_manager.entry(log.transaction.unwrap().0).or_default().push(log.clone());
    }
    let mut logs = ManagedLogs::new(MANAGER.parse().unwrap(), PoolBuild::UniswapV3);
    let mut all = Vec::new();
    for transaction in pool.chunk_by(|one, other| one.transaction == other.transaction) {
        let beside = of_manager.get(&transaction[0].transaction.unwrap().0);
        let beside = beside.map(Vec::as_slice).unwrap_or_default();
        all.extend(logs.join(transaction, beside).unwrap_or_else(|error| panic!("{error}")));
    }
    all
}

#[test]
fn every_change_of_the_managers_has_the_number_of_its_position() {
    let (Some(pool), Some(manager)) = (logs("pool_logs.csv.gz"), logs("nft_manager_logs.csv.gz"))
    else {
        return;
    };
    let joined = joined(&pool, &manager);
    let mut by_number = BTreeMap::<U256, Position>::new();
    let mut by_place = BTreeMap::<(i32, i32), Position>::new();
    let mut ranges = BTreeMap::new();
    for event in &joined {
        let (owner, range) = key(&event.event).unwrap();
        assert_eq!(owner.to_string(), MANAGER);
        assert_eq!(*ranges.entry(event.token_id).or_insert(range), range, "{event:?}");
        by_number.entry(event.token_id).or_default().apply(&event.event);
        by_place.entry((range.lower.0, range.upper.0)).or_default().apply(&event.event);
    }
    // Whatever the manager did in the pool is some position's: sums over numbers are the pool's.
    let mut of_pool = positions(&tape(pool.clone()).events);
    of_pool.retain(|(owner, ..), _| owner.to_string() == MANAGER);
    assert_eq!(of_pool.len(), by_place.len());
    for ((_, lower, upper), position) in of_pool {
        let told = &by_place[&(lower, upper)];
        assert_eq!(told.minted, position.minted);
        assert_eq!((told.burned, told.collected), (position.burned, position.collected));
    }
    let all_of_it = by_number.values().fold(0_u128, |sum, position| sum + position.minted);
    assert_eq!(all_of_it, by_place.values().fold(0, |sum, position| sum + position.minted));
    println!("{} changes of {} positions", joined.len(), by_number.len());
    // Without the manager's logs the same changes are refused with their place.
    let mut logs = ManagedLogs::new(MANAGER.parse().unwrap(), PoolBuild::UniswapV3);
    let first = joined[0].place;
    let alone = pool.iter().find(|log| log.place == first).unwrap();
    let error = logs.join(std::slice::from_ref(alone), &[]).unwrap_err();
    assert_eq!(error.place, first);
}
