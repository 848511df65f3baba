use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::amplification::{LARGEST, Ramp, SMALLEST};
use super::protocol_fee::INVARIANT_BITS;
use super::rates::{RATE_BITS, TIME_BITS, TokenRate, scale};
use super::{ComposableStable, MINIMUM_SHARES, MOST_TOKENS};
use crate::StateError;
use crate::balancer_fixed_point::ONE;

/// Balances in the vault have this many bits.
pub(super) const BALANCE_BITS: usize = 112;
/// 0.0001 % and 10 %, with 18 decimals.
pub(super) const SMALLEST_SWAP_FEE: U256 = U256::from_limbs([1_000_000_000_000, 0, 0, 0]);
pub(super) const LARGEST_SWAP_FEE: U256 = U256::from_limbs([100_000_000_000_000_000, 0, 0, 0]);
/// 50 %, with 18 decimals, the most that the protocol may take of swap fees.
const LARGEST_PROTOCOL_SWAP_FEE: U256 = U256::from_limbs([500_000_000_000_000_000, 0, 0, 0]);
const MOST_DECIMALS: u8 = 18;

/// Which of the deployed contracts a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComposableStableBuild {
    /// `ComposableStablePool` of `20220906-composable-stable-pool`.
    September2022,
    /// `ComposableStablePool` of `20221122-composable-stable-pool-v2`.
    November2022,
}

/// Everything that determines what a composable stable pool does. Lists are token by token, without
/// the shares, which the vault counts among the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposableStableState {
    /// Which contract it is.
    pub build: ComposableStableBuild,
    /// What the vault holds for it in raw units; each below 2^112, and 2 to 5.
    pub balances: Vec<Amount>,
    /// The tokens' decimals, 0 to 18.
    pub decimals: Vec<u8>,
    /// The tokens' rates, where they have a provider.
    pub rates: Vec<Option<TokenRate>>,
    /// The swap fee with 18 decimals: 0.0001 % to 10 %.
    pub swap_fee: U256,
    /// The amplification from which the last ramp started, times 1000: 1000 to 5,000,000.
    pub amplification_start: u64,
    /// The one at which it ends, times 1000: 1000 to 5,000,000. Without a ramp both are the same.
    pub amplification_end: u64,
    /// When the ramp started.
    pub amplification_start_time: Timestamp,
    /// When it ends, not before it started.
    pub amplification_end_time: Timestamp,
    /// All shares there are, those in the vault included: zero before the first join.
    pub total_supply: Amount,
    /// The shares that the vault holds for the pool, below 2^112: all but the locked 10^6 at most.
    pub vault_shares: Amount,
    /// The invariant after the last join or exit, with 18 decimals, below 2^233.
    pub last_invariant: U256,
    /// The amplification of that time, times 1000: 1000 to 5,000,000, or zero before the first
    /// join.
    pub last_amplification: u64,
    /// The protocol's part of swap fees with 18 decimals, at most 50 %, as the pool looked it up
    /// last.
    pub protocol_swap_fee: U256,
    /// The protocol's part of the growth of rates with 18 decimals, at most 100 %, as the pool
    /// looked it up last.
    pub protocol_yield_fee: U256,
    /// Whether it is in recovery mode.
    pub in_recovery_mode: bool,
}

impl ComposableStable {
    /// Returns the pool that a state describes.
    ///
    /// Errors: the field that no such pool can have.
    pub fn new(state: &ComposableStableState) -> Result<Self, StateError> {
        check_tokens(state)?;
        for (index, rate) in state.rates.iter().enumerate() {
            if let Some(rate) = rate {
                check_rate(index, rate)?;
            }
        }
        check_amplification(state)?;
        check_fees(state)?;
        check_shares(state)?;
        let balances = TokenAmounts::new(&state.balances);
        let balances = balances.ok_or(StateError::of("balances", "2 to 5 tokens"))?;
        let mut decimals = [MOST_DECIMALS; MOST_TOKENS];
        let mut rates = [None; MOST_TOKENS];
        fill(&mut decimals, &state.decimals);
        fill(&mut rates, &state.rates);
        Ok(Self {
            build: state.build,
            balances,
            decimals,
            scales: decimals.map(scale),
            rates,
            swap_fee: state.swap_fee,
            ramp: Ramp {
                start: state.amplification_start,
                end: state.amplification_end,
                start_time: state.amplification_start_time,
                end_time: state.amplification_end_time,
            },
            total_supply: state.total_supply,
            vault_shares: state.vault_shares,
            last_invariant: state.last_invariant,
            last_amplification: state.last_amplification,
            protocol_swap_fee: state.protocol_swap_fee,
            protocol_yield_fee: state.protocol_yield_fee,
            in_recovery_mode: state.in_recovery_mode,
        })
    }

    /// Returns the state as it is now.
    pub fn state(&self) -> ComposableStableState {
        let count = self.count();
        ComposableStableState {
            build: self.build,
            balances: self.balances.as_slice().to_vec(),
            decimals: self.decimals.iter().copied().take(count).collect(),
            rates: self.rates.iter().copied().take(count).collect(),
            swap_fee: self.swap_fee,
            amplification_start: self.ramp.start,
            amplification_end: self.ramp.end,
            amplification_start_time: self.ramp.start_time,
            amplification_end_time: self.ramp.end_time,
            total_supply: self.total_supply,
            vault_shares: self.vault_shares,
            last_invariant: self.last_invariant,
            last_amplification: self.last_amplification,
            protocol_swap_fee: self.protocol_swap_fee,
            protocol_yield_fee: self.protocol_yield_fee,
            in_recovery_mode: self.in_recovery_mode,
        }
    }
}

/// Whether the protocol can take such parts of swap fees and of the growth of rates.
pub(super) fn are_protocol_fees(swap_fee: U256, yield_fee: U256) -> bool {
    swap_fee <= LARGEST_PROTOCOL_SWAP_FEE && yield_fee <= ONE
}

fn fill<T: Copy>(places: &mut [T], values: &[T]) {
    for (place, value) in places.iter_mut().zip(values) {
        *place = *value;
    }
}

fn check_tokens(state: &ComposableStableState) -> Result<(), StateError> {
    let count = state.balances.len();
    if !(2..=MOST_TOKENS).contains(&count) {
        return Err(StateError::of("balances", "2 to 5 tokens"));
    }
    for (name, length) in [("decimals", state.decimals.len()), ("rates", state.rates.len())] {
        if length != count {
            return Err(StateError::of(name, "one for each balance"));
        }
    }
    for (index, balance) in state.balances.iter().enumerate() {
        if balance.0.bit_len() > BALANCE_BITS {
            return Err(StateError::at("balances", index, "0 to 2^112 - 1"));
        }
    }
    for (index, decimals) in state.decimals.iter().enumerate() {
        if *decimals > MOST_DECIMALS {
            return Err(StateError::at("decimals", index, "0 to 18"));
        }
    }
    Ok(())
}

fn check_rate(index: usize, rate: &TokenRate) -> Result<(), StateError> {
    if rate.current.bit_len() > RATE_BITS {
        return Err(StateError::at("rates", index, "current: 0 to 2^96 - 1"));
    }
    if rate.old.bit_len() > RATE_BITS {
        return Err(StateError::at("rates", index, "old: 0 to 2^96 - 1"));
    }
    if rate.duration >> TIME_BITS != 0 {
        return Err(StateError::at("rates", index, "duration: 0 to 2^32 - 1"));
    }
    // A word of zeros is no rate to the contract, which only the time keeps it from being.
    if rate.expires.0 == 0 || rate.expires.0 >> TIME_BITS != 0 {
        return Err(StateError::at("rates", index, "expires: 1 to 2^32 - 1"));
    }
    Ok(())
}

fn check_amplification(state: &ComposableStableState) -> Result<(), StateError> {
    const ALLOWED: &str = "1000 to 5000000 (1 to 5000, times 1000)";
    let values = [
        ("amplification_start", state.amplification_start),
        ("amplification_end", state.amplification_end),
    ];
    for (name, value) in values {
        if !(SMALLEST..=LARGEST).contains(&value) {
            return Err(StateError::of(name, ALLOWED));
        }
    }
    if state.amplification_end_time < state.amplification_start_time {
        return Err(StateError::of("amplification_end_time", "not before the ramp started"));
    }
    // Recovery mode turned off before the first join stores an amplification too.
    let last = state.last_amplification;
    let is_unset = last == 0 && state.total_supply.is_zero();
    if !is_unset && !(SMALLEST..=LARGEST).contains(&last) {
        return Err(StateError::of("last_amplification", ALLOWED));
    }
    Ok(())
}

fn check_fees(state: &ComposableStableState) -> Result<(), StateError> {
    if !(SMALLEST_SWAP_FEE..=LARGEST_SWAP_FEE).contains(&state.swap_fee) {
        return Err(StateError::of("swap_fee", "10^12 to 10^17 (0.0001 % to 10 %)"));
    }
    if state.protocol_swap_fee > LARGEST_PROTOCOL_SWAP_FEE {
        return Err(StateError::of("protocol_swap_fee", "0 to 5 * 10^17 (50 %)"));
    }
    if state.protocol_yield_fee > ONE {
        return Err(StateError::of("protocol_yield_fee", "0 to 10^18 (100 %)"));
    }
    Ok(())
}

fn check_shares(state: &ComposableStableState) -> Result<(), StateError> {
    if state.vault_shares.0.bit_len() > BALANCE_BITS {
        return Err(StateError::of("vault_shares", "0 to 2^112 - 1"));
    }
    if state.last_invariant.bit_len() > INVARIANT_BITS {
        return Err(StateError::of("last_invariant", "0 to 2^233 - 1"));
    }
    if state.total_supply.is_zero() {
        if !state.vault_shares.is_zero() {
            return Err(StateError::of("vault_shares", "0 before there are shares"));
        }
        if let Some(index) = state.balances.iter().position(|balance| !balance.is_zero()) {
            return Err(StateError::at("balances", index, "0 before there are shares"));
        }
        if !state.last_invariant.is_zero() {
            return Err(StateError::of("last_invariant", "0 before there are shares"));
        }
        return Ok(());
    }
    match state.total_supply.checked_sub(state.vault_shares) {
        Some(outside) if outside >= MINIMUM_SHARES => Ok(()),
        Some(_) | None => Err(StateError::of("total_supply", "vault_shares and 10^6 or more")),
    }
}
