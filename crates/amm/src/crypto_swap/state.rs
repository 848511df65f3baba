use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::checked::{Checked, product, small};
use super::{CryptoGeneration, CryptoSwap, CryptoSwapError};
use crate::StateError;

/// Amplification and gamma, at one end of a ramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AGamma {
    /// Amplification times N^N times 10^4.
    pub a: u64,
    /// Width of the flat middle, in 10^-18.
    pub gamma: u64,
}

/// What a pool's administrators set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoSwapParameters {
    /// Fee at perfect balance, in 10^-10.
    pub mid_fee: u64,
    /// Fee far from balance, in 10^-10; not below `mid_fee`.
    pub out_fee: u64,
    /// How fast the one turns into the other, in 10^-18.
    pub fee_gamma: u64,
    /// The administrators' part of the profit, in 10^-10; 5 * 10^9 in the ng generation.
    pub admin_fee: u64,
    /// Profit per share beyond which the price scale may move, in 10^-18.
    pub allowed_extra_profit: u64,
    /// How far it moves at least, in 10^-18.
    pub adjustment_step: u64,
    /// The price oracle's memory in seconds: its half-life in the first generations, that over
    /// ln 2 in the ng generation (`ma_half_time`, `ma_exp_time`).
    pub ma_time: u64,
}

/// All that determines what a pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CryptoSwapState {
    /// Its contracts.
    pub generation: CryptoGeneration,
    /// Each coin's decimals, at most 18.
    pub decimals: Vec<u8>,
    /// What the pool trades with.
    pub balances: TokenAmounts,
    /// What it really has: those, and what was given to it since it last looked. It makes gifts
    /// its own whenever it takes the administrators' part; twocrypto-ng only by
    /// `exchange_received`.
    pub holdings: TokenAmounts,
    /// All shares.
    pub total_supply: Amount,
    /// Where the ramp begins, or began.
    pub initial_a_gamma: AGamma,
    /// When.
    pub initial_a_gamma_time: Timestamp,
    /// Where it ends, or ended.
    pub future_a_gamma: AGamma,
    /// When. In the first two generations 0 is no ramp, and 1 one that the last operation saw end.
    pub future_a_gamma_time: Timestamp,
    /// What administrators set.
    pub parameters: CryptoSwapParameters,
    /// Price of each coin but the first in the first, in 10^-18, around which the pool is flat.
    pub price_scale: Vec<U256>,
    /// Moving average of those prices, as last written.
    pub price_oracle: Vec<U256>,
    /// Those of the last operation.
    pub last_prices: Vec<U256>,
    /// When the average was last written.
    pub last_prices_timestamp: Timestamp,
    /// The invariant D.
    pub invariant: U256,
    /// Growth of the invariant per share, losses to moving the price scale not counted, in 10^-18.
    pub xcp_profit: U256,
    /// The same at the last claim of the administrators.
    pub xcp_profit_a: U256,
    /// Growth of the invariant per share, in 10^-18, as last written.
    pub virtual_price: U256,
    /// Whether the price scale is on its way; always false in the ng generation.
    pub not_adjusted: bool,
    /// Whether someone is named to get the administrators' part; in tricrypto2 always.
    pub has_fee_receiver: bool,
    /// When twocrypto-ng last claimed its administrators' part; in the others 0.
    pub last_admin_fee_claim_timestamp: Timestamp,
    /// Shares that twocrypto-ng owes its administrators from deposits' fees; in the others 0.
    pub admin_lp_virtual_balance: Amount,
}

const MAX_FEE: u64 = 10_000_000_000;
const E18: u64 = 1_000_000_000_000_000_000;
/// Prices of three coins share a word.
pub(super) const MAX_PACKED: U256 = U256::from_limbs([u64::MAX, u64::MAX, 0, 0]);
/// The second generation's `ADMIN_FEE`, a constant.
pub(super) const NG_ADMIN_FEE: u64 = 5_000_000_000;

impl CryptoSwapParameters {
    /// Checks them as the contract's `commit_new_parameters` and its factory do.
    pub(super) fn check(&self, generation: CryptoGeneration) -> Result<(), StateError> {
        let within = |value: u64, low: u64, high: u64, name, allowed| {
            if value < low || value > high { Err(StateError::of(name, allowed)) } else { Ok(()) }
        };
        within(self.out_fee, 0, MAX_FEE, "out_fee", "0 to 10000000000")?;
        within(self.mid_fee, 0, self.out_fee, "mid_fee", "0 to out_fee")?;
        within(self.fee_gamma, 1, E18, "fee_gamma", "1 to 10^18")?;
        within(self.allowed_extra_profit, 0, E18, "allowed_extra_profit", "0 to 10^18")?;
        within(self.adjustment_step, 0, E18, "adjustment_step", "0 to 10^18")?;
        match generation {
            CryptoGeneration::TwoCrypto(_) | CryptoGeneration::Tricrypto2 => {
                within(self.admin_fee, 0, MAX_FEE, "admin_fee", "0 to 10000000000")?;
                within(self.ma_time, 1, 604_799, "ma_time", "1 to 604799")
            }
            CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => {
                let only = "5000000000 in the ng generation";
                within(self.admin_fee, NG_ADMIN_FEE, NG_ADMIN_FEE, "admin_fee", only)?;
                within(self.ma_time, 87, 872_541, "ma_time", "87 to 872541")
            }
        }
    }
}

impl CryptoSwap {
    /// Returns a pool in a state.
    ///
    /// Errors: names the first field that no pool of the generation can have so.
    pub fn new(state: &CryptoSwapState) -> Result<Self, StateError> {
        let generation = state.generation;
        let count = generation.coins();
        check_lengths(state, count)?;
        let mut precisions = [U256::ONE; 3];
        for (index, decimals) in state.decimals.iter().enumerate() {
            let missing = 18_u8.checked_sub(*decimals);
            let missing = missing.ok_or(StateError::at("decimals", index, "0 to 18"))?;
            if let Some(precision) = precisions.get_mut(index) {
                *precision = small(10).wrapping_pow(U256::from(missing));
            }
        }
        for (token, balance) in state.balances.iter() {
            if state.holdings.get(token).is_none_or(|held| held < balance) {
                return Err(StateError::at("holdings", token.place(), "not below the balance"));
            }
        }
        check_shape(&state.initial_a_gamma, generation, true)?;
        check_shape(&state.future_a_gamma, generation, false)?;
        state.parameters.check(generation)?;
        if generation.is_ng() && state.not_adjusted {
            return Err(StateError::of("not_adjusted", "false in the ng generation"));
        }
        if generation == CryptoGeneration::Tricrypto2 && !state.has_fee_receiver {
            return Err(StateError::of("has_fee_receiver", "true in tricrypto2"));
        }
        check_admin(state)?;
        Ok(Self {
            generation,
            none: TokenAmounts::zero(count).ok_or(StateError::of("balances", "2 or 3"))?,
            precisions,
            balances: array(&state.balances),
            holdings: array(&state.holdings),
            total_supply: state.total_supply.0,
            initial: state.initial_a_gamma,
            initial_time: state.initial_a_gamma_time.0,
            future: state.future_a_gamma,
            future_time: state.future_a_gamma_time.0,
            parameters: state.parameters,
            price_scale: prices(&state.price_scale, generation, "price_scale", U256::ONE)?,
            price_oracle: prices(&state.price_oracle, generation, "price_oracle", U256::ZERO)?,
            last_prices: prices(&state.last_prices, generation, "last_prices", U256::ZERO)?,
            last_prices_time: state.last_prices_timestamp.0,
            d: state.invariant,
            xcp_profit: state.xcp_profit,
            xcp_profit_a: state.xcp_profit_a,
            virtual_price: state.virtual_price,
            not_adjusted: state.not_adjusted,
            has_fee_receiver: state.has_fee_receiver,
            last_claim: state.last_admin_fee_claim_timestamp.0,
            admin_shares: state.admin_lp_virtual_balance.0,
        })
    }

    /// Returns all that determines what the pool does.
    pub fn state(&self) -> CryptoSwapState {
        let decimals = self.precisions.iter().take(self.generation.coins());
        let decimals = decimals.map(|precision| {
            (0..18_u8)
                .find(|places| small(10).wrapping_pow(U256::from(*places)) == *precision)
                .map_or(0, |missing| 18_u8.saturating_sub(missing))
        });
        let prices = |prices: &[U256; 2]| {
            prices.iter().take(self.generation.coins().saturating_sub(1)).copied().collect()
        };
        CryptoSwapState {
            generation: self.generation,
            decimals: decimals.collect(),
            balances: self.amounts(&self.balances),
            holdings: self.amounts(&self.holdings),
            total_supply: Amount(self.total_supply),
            initial_a_gamma: self.initial,
            initial_a_gamma_time: Timestamp(self.initial_time),
            future_a_gamma: self.future,
            future_a_gamma_time: Timestamp(self.future_time),
            parameters: self.parameters,
            price_scale: prices(&self.price_scale),
            price_oracle: prices(&self.price_oracle),
            last_prices: prices(&self.last_prices),
            last_prices_timestamp: Timestamp(self.last_prices_time),
            invariant: self.d,
            xcp_profit: self.xcp_profit,
            xcp_profit_a: self.xcp_profit_a,
            virtual_price: self.virtual_price,
            not_adjusted: self.not_adjusted,
            has_fee_receiver: self.has_fee_receiver,
            last_admin_fee_claim_timestamp: Timestamp(self.last_claim),
            admin_lp_virtual_balance: Amount(self.admin_shares),
        }
    }

    /// As many of the three as the pool has coins.
    pub(super) fn amounts(&self, values: &[U256; 3]) -> TokenAmounts {
        let mut amounts = self.none;
        for (amount, value) in amounts.as_mut_slice().iter_mut().zip(values) {
            *amount = Amount(*value);
        }
        amounts
    }

    /// One of a coin's smallest units, in 10^-18 of the first coin, times 10^18.
    pub(super) fn unit_value(&self, coin: usize) -> Checked {
        let precision = self.precisions.get(coin).ok_or(CryptoSwapError::NoSuchCoin)?;
        match coin.checked_sub(1).and_then(|place| self.price_scale.get(place)) {
            None => Ok(*precision),
            Some(price) => product(*price, *precision),
        }
    }
}

fn check_admin(state: &CryptoSwapState) -> Result<(), StateError> {
    if matches!(state.generation, CryptoGeneration::TwocryptoNg(_)) {
        return Ok(());
    }
    let only = "0 but in twocrypto-ng";
    if state.last_admin_fee_claim_timestamp != Timestamp(0) {
        return Err(StateError::of("last_admin_fee_claim_timestamp", only));
    }
    if !state.admin_lp_virtual_balance.is_zero() {
        return Err(StateError::of("admin_lp_virtual_balance", only));
    }
    Ok(())
}

fn check_lengths(state: &CryptoSwapState, count: usize) -> Result<(), StateError> {
    let prices = count.saturating_sub(1);
    for (name, length, wanted) in [
        ("decimals", state.decimals.len(), count),
        ("balances", state.balances.len(), count),
        ("holdings", state.holdings.len(), count),
        ("price_scale", state.price_scale.len(), prices),
        ("price_oracle", state.price_oracle.len(), prices),
        ("last_prices", state.last_prices.len(), prices),
    ] {
        if length != wanted {
            return Err(StateError::of(name, "one for each coin, of prices one fewer"));
        }
    }
    Ok(())
}

fn check_shape(
    shape: &AGamma,
    generation: CryptoGeneration,
    is_initial: bool,
) -> Result<(), StateError> {
    let (a, gamma) = if is_initial {
        ("initial_a_gamma.a", "initial_a_gamma.gamma")
    } else {
        ("future_a_gamma.a", "future_a_gamma.gamma")
    };
    let (limits, ramps) = (generation.limits(), generation.ramp_limits());
    let least = limits.a.0.min(ramps.a.0);
    let most = limits.a.1.max(ramps.a.1);
    let (a_bounds, gamma_bounds) = generation.shape_bounds();
    if shape.a < least || shape.a > most {
        return Err(StateError::of(a, a_bounds));
    }
    if shape.gamma < limits.gamma.0 || shape.gamma > limits.gamma.1.max(ramps.gamma.1) {
        return Err(StateError::of(gamma, gamma_bounds));
    }
    Ok(())
}

fn prices(
    values: &[U256],
    generation: CryptoGeneration,
    name: &'static str,
    least: U256,
) -> Result<[U256; 2], StateError> {
    let mut prices = [U256::ONE; 2];
    for (index, (value, place)) in values.iter().zip(&mut prices).enumerate() {
        let fits = generation.coins() == 2 || *value < MAX_PACKED;
        if !fits || *value < least {
            let allowed = "a price above 0; of three coins below 2^128 - 1";
            return Err(StateError::at(name, index, allowed));
        }
        *place = *value;
    }
    Ok(prices)
}

fn array(amounts: &TokenAmounts) -> [U256; 3] {
    let mut values = [U256::ZERO; 3];
    for (value, amount) in values.iter_mut().zip(amounts.as_slice()) {
        *value = amount.0;
    }
    values
}
