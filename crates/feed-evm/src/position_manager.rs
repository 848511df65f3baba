use std::collections::BTreeMap;

use tidemill_model::{Address, PoolBuild, PoolEvent};
use tidemill_units::{Amount, Amounts, Liquidity, TickRange, U256};

use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, Decoded, LogPlace, RawLog, decode_pool_log};

/// What a log of v3's position manager says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagerLog {
    /// `IncreaseLiquidity`: liquidity was added to a position.
    Increase(ManagedLiquidity),
    /// `DecreaseLiquidity`: liquidity was removed, and its tokens are owed.
    Decrease(ManagedLiquidity),
    /// `Collect`: tokens owed were asked for. The pool pays what it has, which can be a few units
    /// less.
    Collect {
        /// The position's number.
        token_id: U256,
        /// Who was paid.
        recipient: Address,
        /// How much was asked for.
        amounts: Amounts,
    },
    /// `Transfer`: from the zero address a new position, to it one that is no more.
    Transfer {
        /// The position's number.
        token_id: U256,
        /// Whose it was.
        from: Address,
        /// Whose it is.
        to: Address,
    },
    /// `Approval` and `ApprovalForAll`, which change no position.
    Irrelevant(&'static str),
}

/// A change of a position's liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedLiquidity {
    /// The position's number.
    pub token_id: U256,
    /// How much of it.
    pub liquidity: Liquidity,
    /// Tokens paid in, or owed for it.
    pub amounts: Amounts,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Increase,
    Decrease,
    Collect,
    Transfer,
    Pass,
}

/// Events of `NonfungiblePositionManager` (v3-periphery 1.4.4).
const EVENTS: [Declared<Kind>; 6] = [
    event(Kind::Increase, "IncreaseLiquidity(uint256 indexed,uint128,uint256,uint256)"),
    event(Kind::Decrease, "DecreaseLiquidity(uint256 indexed,uint128,uint256,uint256)"),
    event(Kind::Collect, "Collect(uint256 indexed,address,uint256,uint256)"),
    event(Kind::Transfer, "Transfer(address indexed,address indexed,uint256 indexed)"),
    event(Kind::Pass, "Approval(address indexed,address indexed,uint256 indexed)"),
    event(Kind::Pass, "ApprovalForAll(address indexed,address indexed,bool)"),
];

/// A pool's event that a position of the manager's was changed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedEvent {
    /// The position's number.
    pub token_id: U256,
    /// Where the pool's log stands.
    pub place: LogPlace,
    /// What happened: a mint, a burn or a collect.
    pub event: PoolEvent,
}

/// Joins the logs of a pool and of v3's position manager, which knows all pools: which number each
/// change of the manager's liquidity in the pool is of.
///
/// The manager writes its log after the pool's, in one transaction, with the same liquidity and
/// amounts; a manager's log with none before it is about another pool. Give it the logs of one
/// transaction at a time.
#[derive(Debug)]
pub struct ManagedLogs {
    manager: Address,
    build: PoolBuild,
    events: EventTable<Kind>,
    /// The range of each position met, for as long as it has liquidity.
    ranges: BTreeMap<U256, (TickRange, u128)>,
}

/// A change of the manager's in the pool that no log of the manager's has been found for yet.
struct Waiting {
    place: LogPlace,
    range: TickRange,
    event: PoolEvent,
}

impl ManagedLogs {
    /// Begins to join the logs of a pool.
    pub fn new(manager: Address, build: PoolBuild) -> Self {
        let events = EventTable::new("position manager", &EVENTS, 0);
        Self { manager, build, events, ranges: BTreeMap::new() }
    }

    /// Returns what a log of the manager says.
    ///
    /// Errors: a log that it does not write.
    pub fn decode(&self, log: &RawLog) -> Result<ManagerLog, DecodeError> {
        self.read(log).map_err(|fault| DecodeError { place: log.place, fault })
    }

    /// Joins the logs of one transaction, each list in the order of the chain.
    ///
    /// A burn of nothing, with which the manager brings fees up to date, is no change of a position
    /// and left out.
    ///
    /// Errors: logs that their contracts do not write; a change of the manager's in the pool that
    /// no log of the manager's tells of; a position that has another range than before.
    pub fn join(
        &mut self,
        pool: &[RawLog],
        manager: &[RawLog],
    ) -> Result<Vec<ManagedEvent>, DecodeError> {
        let mut waiting = Vec::new();
        for log in pool {
            waiting.extend(self.waiting(log)?);
        }
        let mut joined = Vec::new();
        for log in manager {
            let read = self.decode(log)?;
            let token_id = match read {
                ManagerLog::Increase(change) | ManagerLog::Decrease(change) => change.token_id,
                ManagerLog::Collect { token_id, .. } => token_id,
                ManagerLog::Transfer { .. } | ManagerLog::Irrelevant(_) => continue,
            };
            let found = waiting.iter().rposition(|waiting: &Waiting| {
                waiting.place < log.place && is_told_by(&waiting.event, &read)
            });
            let Some(found) = found else { continue };
            let Waiting { place, range, event } = waiting.remove(found);
            self.is_in_range(token_id, range, &read)
                .map_err(|fault| DecodeError { place: log.place, fault })?;
            joined.push(ManagedEvent { token_id, place, event });
        }
        if let Some(left) = waiting.first() {
            let fault = DecodeFault::Unplaced {
                event: left.event.kind(),
                detail: "it is of the position manager, and no log of the manager's tells of it",
            };
            return Err(DecodeError { place: left.place, fault });
        }
        joined.sort_by_key(|event| event.place);
        Ok(joined)
    }

    fn waiting(&self, log: &RawLog) -> Result<Option<Waiting>, DecodeError> {
        let Decoded::Event(event) = decode_pool_log(&self.build, log)? else { return Ok(None) };
        let (owner, range, liquidity) = match &event {
            PoolEvent::Mint { owner, range, liquidity, .. }
            | PoolEvent::Burn { owner, range, liquidity, .. } => (*owner, *range, *liquidity),
            // How much liquidity there is makes no difference to what is collected.
            PoolEvent::Collect { owner, range, .. } => (*owner, *range, Liquidity(1)),
            PoolEvent::Initialize { .. }
            | PoolEvent::Swap { .. }
            | PoolEvent::Flash { .. }
            | PoolEvent::SetFeeProtocol { .. }
            | PoolEvent::Shares(_)
            | PoolEvent::Build(_) => return Ok(None),
        };
        let is_change = owner == Some(self.manager) && liquidity != Liquidity(0);
        Ok(is_change.then_some(Waiting { place: log.place, range, event }))
    }

    /// A position's range never changes. It is kept while there is liquidity, so that memory is
    /// bounded by the positions that are open.
    fn is_in_range(
        &mut self,
        token_id: U256,
        range: TickRange,
        read: &ManagerLog,
    ) -> Result<(), DecodeFault> {
        let known = self.ranges.get(&token_id).copied();
        if known.is_some_and(|(before, _)| before != range) {
            return Err(DecodeFault::Value {
                event: "position",
                field: "range",
                found: format!("{} to {}", range.lower, range.upper),
                allowed: "the range it had before",
            });
        }
        let held = known.map_or(0, |(_, held)| held);
        let held = match read {
            ManagerLog::Increase(change) => held.saturating_add(change.liquidity.0),
            ManagerLog::Decrease(change) => held.saturating_sub(change.liquidity.0),
            ManagerLog::Collect { .. }
            | ManagerLog::Transfer { .. }
            | ManagerLog::Irrelevant(_) => held,
        };
        if held == 0 {
            self.ranges.remove(&token_id);
        } else {
            self.ranges.insert(token_id, (range, held));
        }
        Ok(())
    }

    fn read(&self, log: &RawLog) -> Result<ManagerLog, DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        Ok(match kind {
            Kind::Increase => ManagerLog::Increase(liquidity(&fields)?),
            Kind::Decrease => ManagerLog::Decrease(liquidity(&fields)?),
            Kind::Collect => ManagerLog::Collect {
                token_id: fields.topic(0)?,
                recipient: fields.address(0)?,
                amounts: amounts(&fields)?,
            },
            Kind::Transfer => ManagerLog::Transfer {
                token_id: fields.topic(2)?,
                from: fields.topic_address(0)?,
                to: fields.topic_address(1)?,
            },
            Kind::Pass => ManagerLog::Irrelevant(fields.event()),
        })
    }
}

fn liquidity(fields: &Fields<'_>) -> Result<ManagedLiquidity, DecodeFault> {
    let liquidity = Liquidity(fields.wide(0)?);
    Ok(ManagedLiquidity { token_id: fields.topic(0)?, liquidity, amounts: amounts(fields)? })
}

fn amounts(fields: &Fields<'_>) -> Result<Amounts, DecodeFault> {
    Ok(Amounts { amount0: fields.amount(1)?, amount1: fields.amount(2)? })
}

/// Whether a log of the manager's is about a change of the pool's.
fn is_told_by(event: &PoolEvent, log: &ManagerLog) -> bool {
    let is_same = |liquidity: Liquidity, amounts: Amounts, of: &ManagedLiquidity| {
        liquidity == of.liquidity && amounts == of.amounts
    };
    if let (PoolEvent::Mint { liquidity, amounts, .. }, ManagerLog::Increase(of)) = (event, log) {
        return is_same(*liquidity, *amounts, of);
    }
    if let (PoolEvent::Burn { liquidity, amounts, .. }, ManagerLog::Decrease(of)) = (event, log) {
        return is_same(*liquidity, *amounts, of);
    }
    let (PoolEvent::Collect { amounts: paid, .. }, ManagerLog::Collect { amounts, .. }) =
        (event, log)
    else {
        return false;
    };
    let is_enough = |asked: Amount, paid: Amount| paid <= asked;
    is_enough(amounts.amount0, paid.amount0) && is_enough(amounts.amount1, paid.amount1)
}
