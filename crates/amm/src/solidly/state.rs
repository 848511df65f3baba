use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, Timestamp, U256};

use super::curve::Curve;
use super::{SolidlyBuild, SolidlyHolder, SolidlyPool, SolidlyReserves};
use crate::StateError;
use crate::constant_product::Holder;

/// The largest fee a factory sets, 3 % (`MAX_FEE`).
pub(super) const LARGEST_FEE: u32 = 300;
/// The most decimals whose power of ten fits 256 bits.
const MOST_DECIMALS: u8 = 77;

/// Everything that determines what a pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolidlyState {
    /// Whose contract it is.
    pub build: SolidlyBuild,
    /// Whether the curve is `x^3 y + y^3 x`, not `x y`.
    pub is_stable: bool,
    /// The fee on the input, in ten-thousandths; at most 300.
    pub fee: u32,
    /// Decimals of token0; at most 77.
    pub decimals0: u8,
    /// Decimals of token1; at most 77.
    pub decimals1: u8,
    /// What the pool trades with of token0.
    pub reserve0: Amount,
    /// What the pool trades with of token1.
    pub reserve1: Amount,
    /// What the pool really has of token0, its reserve or more.
    pub balance0: Amount,
    /// What the pool really has of token1, its reserve or more.
    pub balance1: Amount,
    /// When the reserves were last written.
    pub block_timestamp_last: Timestamp,
    /// Sum of reserve0 times seconds.
    pub reserve0_cumulative_last: U256,
    /// Sum of reserve1 times seconds.
    pub reserve1_cumulative_last: U256,
    /// Fees of token0 per share since the pool's start, with 18 decimals.
    pub index0: U256,
    /// Fees of token1 per share since the pool's start, with 18 decimals.
    pub index1: U256,
    /// Fees of token0 set apart and not claimed yet (the balance of `PoolFees`).
    pub fees0: Amount,
    /// Fees of token1 set apart and not claimed yet.
    pub fees1: Amount,
    /// The holder of the shares that are locked at the first deposit.
    pub locked: SolidlyHolder,
    /// The pool itself, whose shares were sent to be burned.
    pub unburned: SolidlyHolder,
    /// Everybody who is not told apart, as if they were one.
    pub others: SolidlyHolder,
    /// The holders that are told apart.
    pub accounts: BTreeMap<[u8; 20], SolidlyHolder>,
}

impl SolidlyPool {
    /// Returns the pool in this state.
    ///
    /// Errors: the field that no pool can have.
    pub fn new(state: &SolidlyState) -> Result<Self, StateError> {
        if state.fee > LARGEST_FEE {
            return Err(StateError::of("fee", "0 to 300"));
        }
        let curve = Curve {
            build: state.build,
            is_stable: state.is_stable,
            unit0: unit(state.decimals0).ok_or(StateError::of("decimals0", "0 to 77"))?,
            unit1: unit(state.decimals1).ok_or(StateError::of("decimals1", "0 to 77"))?,
        };
        for (name, balance, reserve) in [
            ("balance0", state.balance0, state.reserve0),
            ("balance1", state.balance1, state.reserve1),
        ] {
            if balance < reserve {
                return Err(StateError::of(name, "the reserve or more"));
            }
        }
        let (holders, total_supply) = holders(state)?;
        Ok(Self {
            curve,
            decimals: [state.decimals0, state.decimals1],
            fee: state.fee,
            reserves: SolidlyReserves {
                amounts: Amounts { amount0: state.reserve0, amount1: state.reserve1 },
                updated_at: state.block_timestamp_last,
                reserve0_cumulative: state.reserve0_cumulative_last,
                reserve1_cumulative: state.reserve1_cumulative_last,
            },
            holdings: Amounts { amount0: state.balance0, amount1: state.balance1 },
            indexes: [state.index0, state.index1],
            fees: Amounts { amount0: state.fees0, amount1: state.fees1 },
            total_supply,
            holders,
        })
    }

    /// Returns everything that determines what the pool does.
    pub fn state(&self) -> SolidlyState {
        let accounts = self.holders.iter().filter_map(|(holder, record)| match holder {
            Holder::Account(account) => Some((*account, *record)),
            Holder::Zero | Holder::Pair | Holder::Others => None,
        });
        SolidlyState {
            build: self.curve.build,
            is_stable: self.curve.is_stable,
            fee: self.fee,
            decimals0: self.decimals[0],
            decimals1: self.decimals[1],
            reserve0: self.reserves.amounts.amount0,
            reserve1: self.reserves.amounts.amount1,
            balance0: self.holdings.amount0,
            balance1: self.holdings.amount1,
            block_timestamp_last: self.reserves.updated_at,
            reserve0_cumulative_last: self.reserves.reserve0_cumulative,
            reserve1_cumulative_last: self.reserves.reserve1_cumulative,
            index0: self.indexes[0],
            index1: self.indexes[1],
            fees0: self.fees.amount0,
            fees1: self.fees.amount1,
            locked: self.holder(Holder::Zero),
            unburned: self.holder(Holder::Pair),
            others: self.holder(Holder::Others),
            accounts: accounts.collect(),
        }
    }

    /// Returns an empty pool, as a factory creates it.
    ///
    /// Errors: `fee`, `decimals0`, `decimals1`, as [`new`](Self::new).
    pub fn empty(
        build: SolidlyBuild,
        is_stable: bool,
        fee: u32,
        [decimals0, decimals1]: [u8; 2],
    ) -> Result<Self, StateError> {
        Self::new(&SolidlyState {
            build,
            is_stable,
            fee,
            decimals0,
            decimals1,
            reserve0: Amount::ZERO,
            reserve1: Amount::ZERO,
            balance0: Amount::ZERO,
            balance1: Amount::ZERO,
            block_timestamp_last: Timestamp(0),
            reserve0_cumulative_last: U256::ZERO,
            reserve1_cumulative_last: U256::ZERO,
            index0: U256::ZERO,
            index1: U256::ZERO,
            fees0: Amount::ZERO,
            fees1: Amount::ZERO,
            locked: SolidlyHolder::default(),
            unburned: SolidlyHolder::default(),
            others: SolidlyHolder::default(),
            accounts: BTreeMap::new(),
        })
    }
}

fn unit(decimals: u8) -> Option<U256> {
    if decimals > MOST_DECIMALS {
        return None;
    }
    U256::from(10_u8).checked_pow(U256::from(decimals))
}

/// All holders, and what they hold together.
fn holders(state: &SolidlyState) -> Result<(BTreeMap<Holder, SolidlyHolder>, Amount), StateError> {
    let single = [
        ("locked", Holder::Zero, state.locked),
        ("unburned", Holder::Pair, state.unburned),
        ("others", Holder::Others, state.others),
    ];
    let accounts = state.accounts.iter();
    let accounts = accounts.map(|(account, held)| ("accounts", Holder::Account(*account), *held));
    let mut holders = BTreeMap::new();
    let mut total = Amount::ZERO;
    for (name, holder, record) in single.into_iter().chain(accounts) {
        if record.supply_index0 > state.index0 || record.supply_index1 > state.index1 {
            return Err(StateError::of(name, "indexes no larger than the pool's"));
        }
        let sum = total.checked_add(record.shares);
        total = sum.ok_or(StateError::of(name, "shares that add up to no more than 2^256 - 1"))?;
        if record != SolidlyHolder::default() {
            holders.insert(holder, record);
        }
    }
    Ok((holders, total))
}
