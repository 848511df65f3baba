use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::oracle::Tracked;
use super::{
    MAX_FEE, MAX_FEE_FAR_FROM_PEG, MAX_PRICE, Oracles, Settings, StableSwapNg, holdings::Holdings,
};
use crate::StateError;
use crate::curve_math::{LEAST_A, MOST_A, Ramp};

/// All that determines what a pool does. Amounts are raw units of each coin, fees parts of 10^10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwapNgState {
    /// 0 plain, 1 with a rate oracle, 2 rebasing, 3 ERC-4626; one for each of 2 to 8 coins.
    pub asset_types: Vec<u8>,
    /// What the contract's `stored_rates` returns: 10^(36 - decimals), times the rate of an oracle
    /// or vault. Above zero.
    pub stored_rates: TokenAmounts,
    /// What the tokens say the pool has (`balanceOf`).
    pub token_balances: TokenAmounts,
    /// What the pool knows of; nothing depends on it where a coin rebases.
    pub stored_balances: TokenAmounts,
    /// The administrators' part of the fees, not yet taken.
    pub admin_balances: TokenAmounts,
    /// All shares, 18 decimals.
    pub total_supply: Amount,
    /// Amplification in hundredths at the start of the ramp.
    pub initial_a: u64,
    /// Amplification in hundredths at its end, and after.
    pub future_a: u64,
    /// When the ramp starts.
    pub initial_a_time: Timestamp,
    /// When it ends.
    pub future_a_time: Timestamp,
    /// Fee at the peg, at most one half.
    pub fee: u64,
    /// How many times the fee is, far from the peg; parts of 10^10.
    pub offpeg_fee_multiplier: U256,
    /// The administrators' part of the fees, at most one half.
    pub admin_fee: u64,
    /// Averaging window of prices, in seconds over the logarithm of 2.
    pub ma_exp_time: U256,
    /// Averaging window of the invariant.
    pub d_ma_time: U256,
    /// Last prices of all coins but the first in the first, times 10^18, at most two.
    pub last_prices: TokenAmounts,
    /// Their moving averages when they were last written.
    pub ema_prices: TokenAmounts,
    /// Last invariant, below 2^128.
    pub last_d: Amount,
    /// Its moving average when it was last written.
    pub ema_d: Amount,
    /// When prices were last written.
    pub ma_last_time_p: Timestamp,
    /// When the invariant was last written.
    pub ma_last_time_d: Timestamp,
}

impl StableSwapNg {
    /// Returns the pool of a state.
    ///
    /// Errors: the field that no pool of the kind can have.
    pub fn new(state: &StableSwapNgState) -> Result<Self, StateError> {
        let count = state.asset_types.len();
        if !(2..=TokenAmounts::MOST).contains(&count) {
            return Err(StateError::of("asset_types", "2 to 8 coins"));
        }
        if let Some(index) = state.asset_types.iter().position(|kind| *kind > 3) {
            return Err(StateError::at("asset_types", index, "0 to 3"));
        }
        let is_rebasing = state.asset_types.contains(&REBASING);
        check_coins(state, count, is_rebasing)?;
        check_settings(state)?;
        check_oracles(state, count)?;
        let mut asset_types = [0; TokenAmounts::MOST];
        for (kind, given) in asset_types.iter_mut().zip(&state.asset_types) {
            *kind = *given;
        }
        Ok(Self {
            asset_types,
            is_rebasing,
            rates: state.stored_rates,
            holdings: Holdings {
                tokens: state.token_balances,
                stored: state.stored_balances,
                admin: state.admin_balances,
            },
            total_supply: state.total_supply.0,
            ramp: Ramp {
                from: state.initial_a,
                to: state.future_a,
                starts: state.initial_a_time.0,
                ends: state.future_a_time.0,
            },
            settings: Settings {
                fee: state.fee,
                offpeg_fee_multiplier: state.offpeg_fee_multiplier,
                admin_fee: state.admin_fee,
                ma_exp_time: state.ma_exp_time,
                d_ma_time: state.d_ma_time,
            },
            oracles: Oracles {
                last_prices: state.last_prices,
                ema_prices: state.ema_prices,
                d: Tracked { last: state.last_d.0, average: state.ema_d.0 },
                prices_written: state.ma_last_time_p,
                d_written: state.ma_last_time_d,
            },
        })
    }

    /// Returns the state of the pool.
    pub fn state(&self) -> StableSwapNgState {
        let count = self.rates.len();
        StableSwapNgState {
            asset_types: self.asset_types.iter().take(count).copied().collect(),
            stored_rates: self.rates,
            token_balances: self.holdings.tokens,
            stored_balances: self.holdings.stored,
            admin_balances: self.holdings.admin,
            total_supply: Amount(self.total_supply),
            initial_a: self.ramp.from,
            future_a: self.ramp.to,
            initial_a_time: Timestamp(self.ramp.starts),
            future_a_time: Timestamp(self.ramp.ends),
            fee: self.settings.fee,
            offpeg_fee_multiplier: self.settings.offpeg_fee_multiplier,
            admin_fee: self.settings.admin_fee,
            ma_exp_time: self.settings.ma_exp_time,
            d_ma_time: self.settings.d_ma_time,
            last_prices: self.oracles.last_prices,
            ema_prices: self.oracles.ema_prices,
            last_d: Amount(self.oracles.d.last),
            ema_d: Amount(self.oracles.d.average),
            ma_last_time_p: self.oracles.prices_written,
            ma_last_time_d: self.oracles.d_written,
        }
    }
}

pub(super) const REBASING: u8 = 2;

fn check_coins(
    state: &StableSwapNgState,
    count: usize,
    is_rebasing: bool,
) -> Result<(), StateError> {
    let lists = [
        ("stored_rates", &state.stored_rates),
        ("token_balances", &state.token_balances),
        ("stored_balances", &state.stored_balances),
        ("admin_balances", &state.admin_balances),
    ];
    for (name, list) in lists {
        if list.len() != count {
            return Err(StateError::of(name, "as many as coins"));
        }
    }
    if let Some(index) = state.stored_rates.as_slice().iter().position(|rate| rate.is_zero()) {
        return Err(StateError::at("stored_rates", index, "above zero"));
    }
    if is_rebasing {
        return Ok(());
    }
    let (stored, admin) = (state.stored_balances.as_slice(), state.admin_balances.as_slice());
    if let Some(index) = stored.iter().zip(admin).position(|(stored, admin)| admin > stored) {
        return Err(StateError::at("admin_balances", index, "at most `stored_balances`"));
    }
    let tokens = state.token_balances.as_slice();
    if let Some(index) = stored.iter().zip(tokens).position(|(stored, tokens)| stored > tokens) {
        return Err(StateError::at("stored_balances", index, "at most `token_balances`"));
    }
    Ok(())
}

fn check_settings(state: &StableSwapNgState) -> Result<(), StateError> {
    for (name, a) in [("initial_a", state.initial_a), ("future_a", state.future_a)] {
        if !(LEAST_A..=MOST_A).contains(&a) {
            return Err(StateError::of(name, "100 to 99999900"));
        }
    }
    if state.future_a_time < state.initial_a_time {
        return Err(StateError::of("future_a_time", "not before `initial_a_time`"));
    }
    for (name, fee) in [("fee", state.fee), ("admin_fee", state.admin_fee)] {
        if fee > MAX_FEE {
            return Err(StateError::of(name, "0 to 5000000000"));
        }
    }
    let far = state.offpeg_fee_multiplier.checked_mul(U256::from(state.fee));
    if far.is_none_or(|far| far > MAX_FEE_FAR_FROM_PEG) {
        let allowed = "times `fee` at most 50000000000000000000";
        return Err(StateError::of("offpeg_fee_multiplier", allowed));
    }
    for (name, window) in [("ma_exp_time", state.ma_exp_time), ("d_ma_time", state.d_ma_time)] {
        if window.is_zero() {
            return Err(StateError::of(name, "above zero"));
        }
    }
    Ok(())
}

fn check_oracles(state: &StableSwapNgState, count: usize) -> Result<(), StateError> {
    let lists = [("last_prices", &state.last_prices), ("ema_prices", &state.ema_prices)];
    for (name, list) in lists {
        if list.len().checked_add(1) != Some(count) {
            return Err(StateError::of(name, "one less than coins"));
        }
        if let Some(index) = list.as_slice().iter().position(|price| price.0 > MAX_PRICE) {
            return Err(StateError::at(name, index, "0 to 2000000000000000000"));
        }
    }
    for (name, value) in [("last_d", state.last_d), ("ema_d", state.ema_d)] {
        if value.0.bit_len() > 128 {
            return Err(StateError::of(name, "below 2^128"));
        }
    }
    Ok(())
}
