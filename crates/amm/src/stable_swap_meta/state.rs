use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{BASE_COINS, BeforeFactory, COINS, StableSwapMeta, StableSwapMetaError, both};
use crate::StateError;
use crate::curve_math::{LEAST_A, MOST_A, Ramp};
use crate::stable_swap::{Generation, MAX_FEE, StableSwap, StableSwapState};

/// Everything that determines what a metapool does. Lists are of two: the meta coin and the base
/// pool's shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapMetaState {
    /// The base pool: three coins, second generation, as the 3pool is.
    pub base: StableSwapState,
    /// What the metapools before the factory have beyond; none in the factory's. Such a pool keeps
    /// no previous or cumulative balances: those three fields are zero.
    pub before_factory: Option<BeforeFactory>,
    /// 10^(36 - decimals) of the meta coin.
    pub rate_multiplier: U256,
    /// What belongs to the providers, in raw units.
    pub balances: TokenAmounts,
    /// What the pool holds beyond its balances.
    pub admin_balances: TokenAmounts,
    /// All shares.
    pub total_supply: Amount,
    /// Amplification in hundredths at the start of the ramp.
    pub initial_a: u64,
    /// Amplification in hundredths at its end, and after.
    pub future_a: u64,
    /// When the ramp starts.
    pub initial_a_time: Timestamp,
    /// When it ends.
    pub future_a_time: Timestamp,
    /// The fee of exchanges, in 10^-10; the factory's never changes.
    pub fee: u64,
    /// Balances as they were before the block that last changed them.
    pub previous_balances: TokenAmounts,
    /// Sums of balances times seconds.
    pub price_cumulative_last: TokenAmounts,
    /// When these two were last written; zero in a new pool.
    pub block_timestamp_last: Timestamp,
}

impl StableSwapMeta {
    /// Returns the pool in this state.
    ///
    /// Errors: the first field outside the contract's own bounds; those of the base pool's state
    /// are named as within `base`.
    pub fn new(state: &StableSwapMetaState) -> Result<Self, StateError> {
        let base = StableSwap::new(&state.base).map_err(|error| error.inside("base"))?;
        if state.base.generation != Generation::V1 || state.base.balances.len() != BASE_COINS {
            return Err(StateError::of("base", "three coins, second generation"));
        }
        if !is_power_of_ten(state.rate_multiplier) {
            return Err(StateError::of("rate_multiplier", "10^18 to 10^36, a power of ten"));
        }
        for (name, a) in [("initial_a", state.initial_a), ("future_a", state.future_a)] {
            if !(LEAST_A..=MOST_A).contains(&a) {
                return Err(StateError::of(name, "100 to 99999900"));
            }
        }
        if state.future_a_time < state.initial_a_time {
            return Err(StateError::of("future_a_time", "not before `initial_a_time`"));
        }
        if state.fee > MAX_FEE {
            return Err(StateError::of("fee", "0 to 5000000000"));
        }
        check_before_factory(state)?;
        let two = |name, list: &TokenAmounts| {
            both(list).map_err(|_: StableSwapMetaError| StateError::of(name, "two amounts"))
        };
        let balances = two("balances", &state.balances)?;
        two("admin_balances", &state.admin_balances)?;
        let holdings = state.balances.checked_add(&state.admin_balances);
        let holdings = holdings.and_then(|holdings| both(&holdings).ok());
        let holdings =
            holdings.ok_or(StateError::of("admin_balances", "with `balances` below 2^256"))?;
        Ok(Self {
            base,
            before_factory: state.before_factory,
            rate_multiplier: state.rate_multiplier,
            balances,
            holdings,
            total_supply: state.total_supply.0,
            fee: U256::from(state.fee),
            ramp: Ramp {
                from: state.initial_a,
                to: state.future_a,
                starts: state.initial_a_time.0,
                ends: state.future_a_time.0,
            },
            previous_balances: two("previous_balances", &state.previous_balances)?,
            price_cumulative_last: two("price_cumulative_last", &state.price_cumulative_last)?,
            block_timestamp_last: state.block_timestamp_last.0,
            nothing: TokenAmounts::zero(COINS).ok_or(StateError::of("balances", "two amounts"))?,
        })
    }

    /// Returns the state of the pool.
    pub fn state(&self) -> StableSwapMetaState {
        StableSwapMetaState {
            base: self.base.state(),
            before_factory: self.before_factory,
            rate_multiplier: self.rate_multiplier,
            balances: self.balances(),
            admin_balances: self.admin_balances(),
            total_supply: Amount(self.total_supply),
            initial_a: self.ramp.from,
            future_a: self.ramp.to,
            initial_a_time: Timestamp(self.ramp.starts),
            future_a_time: Timestamp(self.ramp.ends),
            fee: u64::try_from(self.fee).unwrap_or(u64::MAX),
            previous_balances: self.listed(&self.previous_balances),
            price_cumulative_last: self.listed(&self.price_cumulative_last),
            block_timestamp_last: Timestamp(self.block_timestamp_last),
        }
    }
}

fn check_before_factory(state: &StableSwapMetaState) -> Result<(), StateError> {
    let Some(kept) = &state.before_factory else { return Ok(()) };
    if kept.admin_fee > Generation::V1.max_admin_fee() {
        return Err(StateError::of("before_factory.admin_fee", "0 to 10000000000"));
    }
    let allowed = "zero before the factory";
    for (name, list) in [
        ("previous_balances", &state.previous_balances),
        ("price_cumulative_last", &state.price_cumulative_last),
    ] {
        if !list.is_zero() {
            return Err(StateError::of(name, allowed));
        }
    }
    if state.block_timestamp_last != Timestamp(0) {
        return Err(StateError::of("block_timestamp_last", allowed));
    }
    Ok(())
}

/// Whether a rate is 10^18 to 10^36.
fn is_power_of_ten(rate: U256) -> bool {
    let ten = U256::from(10);
    (18..=36_u64).any(|power| ten.wrapping_pow(U256::from(power)) == rate)
}
