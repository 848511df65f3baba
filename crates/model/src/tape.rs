use tidemill_units::{
    BlockNumber, FeePips, Gas, GasPrice, Liquidity, LogIndex, RelativeTolerance, SqrtPrice, Tick,
    TickRange, Timestamp,
};

use crate::{Address, BuildEvent, ChainEvent, ChainId, PoolBuild, PoolEvent, PoolId, Token};

/// One pool's recorded history: where it starts and every event since, in chain order.
///
/// Events are strictly ascending by (block, log index). The start is [`PoolStart::Snapshot`], and
/// `initial_positions` is the complete liquidity at that block; or it is [`PoolStart::Creation`],
/// there are none, and the first event is `initialize`; or it is [`PoolStart::Window`], and there
/// are none because nobody knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// The pool.
    pub header: PoolHeader,
    /// All ranges with liquidity at the start, ascending by (lower, upper), each once.
    pub initial_positions: Vec<InitialPosition>,
    /// What happened.
    pub events: Vec<TapeEvent>,
}

impl Tape {
    /// Whether the tape names every owner from the pool's creation on, so that each position can be
    /// followed by itself. Otherwise all liquidity of a range is taken as one position.
    pub fn names_every_owner(&self) -> bool {
        self.header.start == PoolStart::Creation
            && self.events.iter().all(|recorded| match &recorded.event {
                PoolEvent::Mint { owner, .. }
                | PoolEvent::Burn { owner, .. }
                | PoolEvent::Collect { owner, .. } => owner.is_some(),
                PoolEvent::Build(event) => match &**event {
                    BuildEvent::ModifyLiquidity { owner, .. } => owner.is_some(),
                    BuildEvent::PancakeSwap { .. }
                    | BuildEvent::SetFeeProtocol(_)
                    | BuildEvent::CollectProtocol(_)
                    | BuildEvent::Stake { .. }
                    | BuildEvent::CollectFees(_)
                    | BuildEvent::SetFee(_)
                    | BuildEvent::SetUnstakedFee(_)
                    | BuildEvent::ManagedSwap { .. }
                    | BuildEvent::Donate(_)
                    | BuildEvent::ProtocolFeeUpdated(_) => true,
                },
                PoolEvent::Initialize { .. }
                | PoolEvent::Swap { .. }
                | PoolEvent::Flash { .. }
                | PoolEvent::SetFeeProtocol { .. }
                | PoolEvent::Shares(_) => true,
            })
    }
}

/// A pool's constants and where its tape starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolHeader {
    /// The chain.
    pub chain_id: ChainId,
    /// The pool's contract; of a v4 pool, the manager.
    pub pool: Address,
    /// Whose contract it is.
    pub build: PoolBuild,
    /// The token with the lower address.
    pub token0: Token,
    /// The token with the higher address.
    pub token1: Token,
    /// The swap fee at the start: 1 to 999,999 pips for Uniswap v3, from 0 and within its own
    /// bounds for each other build; a v4 pool's providers' alone.
    pub fee: FeePips,
    /// Ticks that may be initialized are multiples of this, 1 to 16383, or 32767 for v4.
    pub tick_spacing: i32,
    /// The state before the first event.
    pub start: PoolStart,
    /// How exact the recorded amounts are.
    pub amount_tolerance: RelativeTolerance,
}

/// The state of a pool before the first event of its tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolStart {
    /// The tape begins with the pool's `initialize`.
    Creation,
    /// The tape begins after a block, from a complete snapshot; fee growth counts from zero here.
    Snapshot {
        /// The last block whose effects are in the snapshot.
        block: BlockNumber,
        /// The price there.
        sqrt_price: SqrtPrice,
        /// The tick there.
        tick: Tick,
        /// The liquidity in range there.
        liquidity: Liquidity,
    },
    /// The tape begins anywhere, without a tick map; fee growth counts from zero here. Uniswap v3
    /// only.
    Window(WindowStart),
}

/// What is known of a pool where a tape without a tick map begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowStart {
    /// One n-th of each token's fees goes to the protocol; 0 is none.
    pub fee_protocol: [u8; 2],
    /// The state before the first event; without it, the first swap recorded says where the pool
    /// is, and what was paid in that swap counts for nothing.
    pub state: Option<WindowState>,
}

/// A pool's price and liquidity in range at the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowState {
    /// The last block whose effects are in it.
    pub block: BlockNumber,
    /// The price there.
    pub sqrt_price: SqrtPrice,
    /// The tick there.
    pub tick: Tick,
    /// The liquidity in range there.
    pub liquidity: Liquidity,
}

/// All the liquidity of one range at the start of a tape, whoever owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitialPosition {
    /// The range.
    pub range: TickRange,
    /// Its liquidity, above zero.
    pub liquidity: Liquidity,
    /// How much of it is staked at the gauge; zero but for Slipstream.
    pub staked: Liquidity,
}

impl TapeEvent {
    /// Returns the event as the log has it, in a pool of a run.
    pub fn in_pool(&self, pool: PoolId) -> ChainEvent {
        ChainEvent {
            pool,
            block: self.block,
            log_index: self.log_index,
            gas_price: self.gas_price,
            event: self.event.clone(),
        }
    }
}

/// One recorded event and where it stands on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeEvent {
    /// Its block.
    pub block: BlockNumber,
    /// Its place in the block.
    pub log_index: LogIndex,
    /// The block's time.
    pub time: Timestamp,
    /// Gas that the whole transaction used, where recorded.
    pub gas_used: Option<Gas>,
    /// What the transaction paid per gas, where recorded.
    pub gas_price: Option<GasPrice>,
    /// What happened.
    pub event: PoolEvent,
}
