use tidemill_units::{Amount, TokenAmounts, U256};

use super::{MINIMUM_SHARES, Weighted};
use crate::StateError;
use crate::balancer_fixed_point::ONE;

/// Balances in the vault have this many bits.
pub(super) const BALANCE_BITS: usize = 112;
/// 0.0001 % and 10 %, with 18 decimals.
pub(super) const SMALLEST_SWAP_FEE: U256 = U256::from_limbs([1_000_000_000_000, 0, 0, 0]);
pub(super) const LARGEST_SWAP_FEE: U256 = U256::from_limbs([100_000_000_000_000_000, 0, 0, 0]);
/// 1 %, with 18 decimals.
const SMALLEST_WEIGHT: U256 = U256::from_limbs([10_000_000_000_000_000, 0, 0, 0]);
/// 50 %, with 18 decimals, the most that the protocol may take of swap fees.
pub(super) const LARGEST_PROTOCOL_SWAP_FEE: U256 =
    U256::from_limbs([500_000_000_000_000_000, 0, 0, 0]);

const MOST_DECIMALS: u8 = 18;

/// Which of the deployed contracts a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightedBuild {
    /// `WeightedPool` and `WeightedPool2Tokens` of `20210418-weighted-pool`, which behave alike.
    April2021,
    /// `WeightedPool` of `20220908-weighted-pool-v2`.
    September2022,
}

/// Everything that determines what a weighted pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedState {
    /// Which contract it is.
    pub build: WeightedBuild,
    /// What the vault holds for it, token by token, in raw units; each below 2^112, and 2 to 8.
    pub balances: Vec<Amount>,
    /// The tokens' decimals, 0 to 18.
    pub decimals: Vec<u8>,
    /// The tokens' weights with 18 decimals: 1 % or more each, 100 % together.
    pub weights: Vec<U256>,
    /// What the tokens' rate providers answer, with 18 decimals, where they have one: none in the
    /// build of 2021.
    pub rates: Vec<Option<U256>>,
    /// The swap fee with 18 decimals: 0.0001 % to 10 %.
    pub swap_fee: U256,
    /// All shares there are: zero before the first join, and then at least the locked ones.
    pub total_supply: Amount,
    /// The invariant after the last join or exit, with 18 decimals.
    pub last_invariant: U256,
    /// The protocol's part of swap fees with 18 decimals, at most 50 %: what the vault would say in
    /// the build of 2021, what the pool looked up last in that of 2022.
    pub protocol_swap_fee: U256,
    /// The protocol's part of the growth of rates with 18 decimals, at most 100 %, as the pool
    /// looked it up last; zero in the build of 2021.
    pub protocol_yield_fee: U256,
    /// The highest product of rates to their weights, with 18 decimals; zero without rates.
    pub highest_rate_product: U256,
}

impl Weighted {
    /// Returns the pool that a state describes.
    ///
    /// Errors: the field that no such pool can have.
    pub fn new(state: &WeightedState) -> Result<Self, StateError> {
        check_tokens(state)?;
        check_fees(state)?;
        check_shares(state)?;
        let balances = TokenAmounts::new(&state.balances);
        let balances = balances.ok_or(StateError::of("balances", "2 to 8 tokens"))?;
        let mut scales = [U256::ONE; TokenAmounts::MOST];
        let mut decimals = [MOST_DECIMALS; TokenAmounts::MOST];
        let mut weights = [U256::ZERO; TokenAmounts::MOST];
        let mut rates = [None; TokenAmounts::MOST];
        fill(&mut decimals, &state.decimals);
        fill(&mut weights, &state.weights);
        fill(&mut rates, &state.rates);
        for (scale, decimals) in scales.iter_mut().zip(decimals) {
            let digits = U256::from(MOST_DECIMALS.saturating_sub(decimals));
            *scale = U256::from(10_u8).checked_pow(digits).unwrap_or(U256::ONE);
        }
        Ok(Self {
            build: state.build,
            balances,
            scales,
            decimals,
            weights,
            rates,
            swap_fee: state.swap_fee,
            total_supply: state.total_supply,
            last_invariant: state.last_invariant,
            protocol_swap_fee: state.protocol_swap_fee,
            protocol_yield_fee: state.protocol_yield_fee,
            highest_rate_product: state.highest_rate_product,
        })
    }

    /// Returns the state as it is now.
    pub fn state(&self) -> WeightedState {
        let count = self.count();
        WeightedState {
            build: self.build,
            balances: self.balances.as_slice().to_vec(),
            decimals: self.decimals.iter().copied().take(count).collect(),
            weights: self.weights.iter().copied().take(count).collect(),
            rates: self.rates.iter().copied().take(count).collect(),
            swap_fee: self.swap_fee,
            total_supply: self.total_supply,
            last_invariant: self.last_invariant,
            protocol_swap_fee: self.protocol_swap_fee,
            protocol_yield_fee: self.protocol_yield_fee,
            highest_rate_product: self.highest_rate_product,
        }
    }
}

fn fill<T: Copy>(places: &mut [T], values: &[T]) {
    for (place, value) in places.iter_mut().zip(values) {
        *place = *value;
    }
}

fn check_tokens(state: &WeightedState) -> Result<(), StateError> {
    let count = state.balances.len();
    if !(2..=TokenAmounts::MOST).contains(&count) {
        return Err(StateError::of("balances", "2 to 8 tokens"));
    }
    let lists = [
        ("decimals", state.decimals.len()),
        ("weights", state.weights.len()),
        ("rates", state.rates.len()),
    ];
    for (name, length) in lists {
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
    let mut sum = U256::ZERO;
    for (index, weight) in state.weights.iter().enumerate() {
        if *weight < SMALLEST_WEIGHT {
            return Err(StateError::at("weights", index, "10^16 (1 %) or more"));
        }
        sum = sum.saturating_add(*weight);
    }
    if sum != ONE {
        return Err(StateError::of("weights", "10^18 (100 %) together"));
    }
    Ok(())
}

fn check_fees(state: &WeightedState) -> Result<(), StateError> {
    if !(SMALLEST_SWAP_FEE..=LARGEST_SWAP_FEE).contains(&state.swap_fee) {
        return Err(StateError::of("swap_fee", "10^12 to 10^17 (0.0001 % to 10 %)"));
    }
    if state.protocol_swap_fee > LARGEST_PROTOCOL_SWAP_FEE {
        return Err(StateError::of("protocol_swap_fee", "0 to 5 * 10^17 (50 %)"));
    }
    if state.protocol_yield_fee > ONE {
        return Err(StateError::of("protocol_yield_fee", "0 to 10^18 (100 %)"));
    }
    match state.build {
        WeightedBuild::September2022 => {}
        WeightedBuild::April2021 => {
            if !state.protocol_yield_fee.is_zero() {
                return Err(StateError::of("protocol_yield_fee", "0 in this build"));
            }
            if let Some(index) = state.rates.iter().position(Option::is_some) {
                return Err(StateError::at("rates", index, "none in this build"));
            }
        }
    }
    let has_rates = state.rates.iter().any(Option::is_some);
    if !has_rates && !state.highest_rate_product.is_zero() {
        return Err(StateError::of("highest_rate_product", "0 without rates"));
    }
    Ok(())
}

fn check_shares(state: &WeightedState) -> Result<(), StateError> {
    if !state.total_supply.is_zero() && state.total_supply < MINIMUM_SHARES {
        return Err(StateError::of("total_supply", "0, or 10^6 or more"));
    }
    if state.total_supply.is_zero() {
        if let Some(index) = state.balances.iter().position(|balance| !balance.is_zero()) {
            return Err(StateError::at("balances", index, "0 before there are shares"));
        }
        if !state.last_invariant.is_zero() {
            return Err(StateError::of("last_invariant", "0 before there are shares"));
        }
    }
    Ok(())
}
