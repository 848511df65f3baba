use tidemill_units::{Amount, Timestamp, TokenAmounts};

use super::{Generation, MAX_A, MAX_FEE, MOST_COINS, StableSwap};
use crate::StateError;

/// Everything that determines what a pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapState {
    /// The generation, and so the rounding.
    pub generation: Generation,
    /// What belongs to the providers, in raw units; two to four coins.
    pub balances: TokenAmounts,
    /// What one raw unit of each coin counts for (`PRECISION_MUL`): 10^(18 - decimals), 1 to 10^18.
    pub precisions: Vec<u64>,
    /// What the pool holds beyond its balances, in raw units.
    pub admin_balances: TokenAmounts,
    /// All shares.
    pub total_supply: Amount,
    /// The amplification that the ramp starts from, times n^(n-1), in hundredths in the third
    /// generation. In the first, which knows no ramp, the one in force (`A`).
    pub initial_a: u64,
    /// The amplification that the ramp leads to; in the first generation, the one that waits.
    pub future_a: u64,
    /// When the ramp started; zero in the first generation.
    pub initial_a_time: Timestamp,
    /// When the ramp ends; zero in the first generation.
    pub future_a_time: Timestamp,
    /// The fee of exchanges, in 10^-10.
    pub fee: u64,
    /// The administrator's part of the fees, in 10^-10.
    pub admin_fee: u64,
    /// The fee that waits, or the last that waited.
    pub future_fee: u64,
    /// The administrator's part that waits, or the last that waited.
    pub future_admin_fee: u64,
    /// When what waits can be applied; zero where nothing waits.
    pub admin_actions_deadline: Timestamp,
    /// Whether only proportional withdrawals work.
    pub is_killed: bool,
    /// Until when the pool can be killed.
    pub kill_deadline: Timestamp,
}

const MOST_PRECISION: u64 = 1_000_000_000_000_000_000;

impl StableSwap {
    /// Returns the pool in this state.
    ///
    /// Errors: the first field outside the contract's own bounds.
    pub fn new(state: &StableSwapState) -> Result<Self, StateError> {
        let count = state.balances.len();
        if !(2..=MOST_COINS).contains(&count) {
            return Err(StateError::of("balances", "2 to 4 coins"));
        }
        if state.precisions.len() != count {
            return Err(StateError::of("precisions", "one for each balance"));
        }
        if state.admin_balances.len() != count {
            return Err(StateError::of("admin_balances", "one for each balance"));
        }
        let mut precisions = [1; MOST_COINS];
        for (index, (place, precision)) in precisions.iter_mut().zip(&state.precisions).enumerate()
        {
            if !(1..=MOST_PRECISION).contains(precision) {
                return Err(StateError::at("precisions", index, "1 to 10^18"));
            }
            *place = *precision;
        }
        let pairs = state.balances.as_slice().iter().zip(state.admin_balances.as_slice());
        if let Some(index) = pairs.into_iter().position(|(a, b)| a.checked_add(*b).is_none()) {
            let allowed = "at most 2^256 - 1 together with the balance";
            return Err(StateError::at("admin_balances", index, allowed));
        }
        let holdings = state.balances.checked_add(&state.admin_balances);
        state.check_amplification()?;
        state.check_fees()?;
        Ok(Self {
            generation: state.generation,
            precisions,
            balances: state.balances,
            holdings: holdings.unwrap_or(state.balances),
            total_supply: state.total_supply.0,
            initial_a: state.initial_a,
            future_a: state.future_a,
            initial_a_time: state.initial_a_time,
            future_a_time: state.future_a_time,
            fee: state.fee,
            admin_fee: state.admin_fee,
            future_fee: state.future_fee,
            future_admin_fee: state.future_admin_fee,
            admin_actions_deadline: state.admin_actions_deadline,
            is_killed: state.is_killed,
            kill_deadline: state.kill_deadline,
        })
    }

    /// Returns the state.
    pub fn state(&self) -> StableSwapState {
        let precisions = self.precisions.iter().take(self.count()).copied().collect();
        StableSwapState {
            generation: self.generation,
            balances: self.balances,
            precisions,
            admin_balances: self.admin_balances(),
            total_supply: Amount(self.total_supply),
            initial_a: self.initial_a,
            future_a: self.future_a,
            initial_a_time: self.initial_a_time,
            future_a_time: self.future_a_time,
            fee: self.fee,
            admin_fee: self.admin_fee,
            future_fee: self.future_fee,
            future_admin_fee: self.future_admin_fee,
            admin_actions_deadline: self.admin_actions_deadline,
            is_killed: self.is_killed,
            kill_deadline: self.kill_deadline,
        }
    }
}

impl StableSwapState {
    fn check_amplification(&self) -> Result<(), StateError> {
        let (bounds, allowed) = match self.generation {
            // The constructor sets no bound; what is committed may be anything up to this.
            Generation::V0 => (0..=MAX_A, "0 to 1000000"),
            Generation::V1 => (1..=999_999, "1 to 999999"),
            Generation::V2 => (100..=99_999_900, "100 to 99999900"),
        };
        if !bounds.contains(&self.initial_a) {
            return Err(StateError::of("initial_a", allowed));
        }
        if !bounds.contains(&self.future_a) {
            return Err(StateError::of("future_a", allowed));
        }
        if self.generation == Generation::V0 {
            let allowed = "0 in the first generation, which knows no ramp";
            if self.initial_a_time != Timestamp(0) {
                return Err(StateError::of("initial_a_time", allowed));
            }
            if self.future_a_time != Timestamp(0) {
                return Err(StateError::of("future_a_time", allowed));
            }
        }
        if self.future_a_time < self.initial_a_time {
            return Err(StateError::of("future_a_time", "not before initial_a_time"));
        }
        Ok(())
    }

    fn check_fees(&self) -> Result<(), StateError> {
        let allowed = "0 to 5000000000";
        if self.fee > MAX_FEE {
            return Err(StateError::of("fee", allowed));
        }
        if self.future_fee > MAX_FEE {
            return Err(StateError::of("future_fee", allowed));
        }
        let most = self.generation.max_admin_fee();
        let allowed = match self.generation {
            Generation::V0 => allowed,
            Generation::V1 | Generation::V2 => "0 to 10000000000",
        };
        if self.admin_fee > most {
            return Err(StateError::of("admin_fee", allowed));
        }
        if self.future_admin_fee > most {
            return Err(StateError::of("future_admin_fee", allowed));
        }
        Ok(())
    }
}
