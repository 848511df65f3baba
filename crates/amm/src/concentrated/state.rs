//! A pool as a plain value, and what a trade in it would pay and give.

use std::collections::BTreeMap;

use tidemill_units::{
    Amount, FeeGrowth, FeePips, Liquidity, Side, SignedLiquidity, SqrtPrice, Tick, Timestamp,
    TokenIndex, TokenPair, U256, mul_div,
};

use super::managed::swap_fees;
use super::pool::{ParametersError, Snapshot, SnapshotError, TickLiquidity};
use super::swap_step::StepResult;
use super::{
    Build, Owner, Pool, SlipstreamParameters, StepObserver, SwapAmount, SwapRequest, SwapStep,
};
use crate::{PoolError, PriceRatio, Quote, StateError, SwapFee, Trade};

/// Everything that determines what trades in a pool do: no positions, and no observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentratedState {
    /// Whose contract it is.
    pub build: Build,
    /// The swap fee; a v4 pool's providers' alone.
    pub fee: FeePips,
    /// The spacing of the ticks that may be initialized.
    pub tick_spacing: i32,
    /// The square root of the price, Q64.96.
    pub sqrt_price: SqrtPrice,
    /// The tick: that of the price, or one below it where a swap stopped on a tick from above.
    pub tick: Tick,
    /// The liquidity in range.
    pub liquidity: Liquidity,
    /// The protocol's shares by token paid in, in the build's own unit; 0 for none.
    pub protocol_shares: [u16; 2],
    /// What the protocol, or Slipstream's gauge, may collect.
    pub protocol_fees: [u128; 2],
    /// Fee growth of the whole pool.
    pub fee_growth_global: [FeeGrowth; 2],
    /// The initialized ticks, ascending.
    pub ticks: Vec<TickState>,
    /// What the gauge takes of the fees of liquidity that is not staked; zero but for Slipstream.
    pub unstaked_fee: FeePips,
    /// The staked liquidity in range; zero but for Slipstream.
    pub staked_liquidity: Liquidity,
}

/// An initialized tick of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickState {
    /// The tick.
    pub tick: Tick,
    /// Of all positions that begin or end here.
    pub liquidity_gross: Liquidity,
    /// What begins here less what ends here.
    pub liquidity_net: SignedLiquidity,
    /// Fee growth on the side of the tick where the price is not. Zero where it is not known:
    /// trades do not depend on it.
    pub fee_growth_outside: [FeeGrowth; 2],
    /// Of staked liquidity, what begins here less what ends here; zero but for Slipstream.
    pub staked_liquidity_net: SignedLiquidity,
}

/// Adds up what a swap's steps take as fee.
#[derive(Default)]
struct FeeSum(Amount);

impl StepObserver for FeeSum {
    fn step(&mut self, _: SwapStep) {}

    fn paid(&mut self, step: &StepResult) {
        // What all steps take together is checked to fit; so does the fee in it.
        self.0 = self.0.checked_add(step.fee).unwrap_or(self.0);
    }
}

/// Powers of two that a square root price is squared over.
const Q64: U256 = U256::from_limbs([0, 1, 0, 0]);
const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);
const Q192: U256 = U256::from_limbs([0, 0, 0, 1]);

impl Pool {
    /// Returns a pool that goes on from a state; the oracle starts here. A Slipstream pool's gauge
    /// and position manager are addresses of zeros, since it has no positions.
    ///
    /// Errors: the field that no pool of the build can have, with what is allowed.
    pub fn from_state(state: &ConcentratedState, at: Timestamp) -> Result<Self, StateError> {
        let mut pool = Self::of_state(state)?;
        let entry = |entry: &TickState| TickLiquidity {
            tick: entry.tick,
            gross: entry.liquidity_gross,
            net: entry.liquidity_net,
        };
        let (sqrt_price, tick) = (state.sqrt_price, state.tick);
        let ticks = state.ticks.iter().map(entry).collect();
        let snapshot = Snapshot { sqrt_price, tick, ticks };
        pool.restore(&snapshot, at).map_err(|error| bad_snapshot(error, state))?;
        if pool.liquidity != state.liquidity {
            return Err(StateError::of("liquidity", "the sum of liquidity_net up to the tick"));
        }
        if !state.build.accepts_shares(state.protocol_shares) {
            return Err(StateError::of(
                "protocol_shares",
                match state.build {
                    Build::UniswapV3 => "0 or 4 to 10",
                    Build::PancakeV3 => "0 or 1000 to 4000",
                    Build::Slipstream => "0",
                    Build::UniswapV4 => "0 to 1000",
                },
            ));
        }
        pool.protocol_shares = state.protocol_shares;
        pool.protocol_fees = state.protocol_fees;
        pool.fee_growth_global = state.fee_growth_global;
        for entry in &state.ticks {
            pool.ticks.set_growth_outside(entry.tick, entry.fee_growth_outside);
        }
        if let Ok(managed) = pool.managed_mut() {
            managed.swap_fees =
                swap_fees(state.protocol_shares, state.fee).map_err(|error| bad_fee(&error))?;
        }
        pool.restore_stakes(state)?;
        Ok(pool)
    }

    fn of_state(state: &ConcentratedState) -> Result<Self, StateError> {
        let &ConcentratedState { fee, tick_spacing, unstaked_fee, .. } = state;
        super::staking::check_unstaked_fee(unstaked_fee)
            .map_err(|_| StateError::of("unstaked_fee", "0 to 1000000"))?;
        if state.build != Build::Slipstream && unstaked_fee.0 != 0 {
            return Err(StateError::of("unstaked_fee", "0, but in a Slipstream pool"));
        }
        match state.build {
            Build::UniswapV3 => Self::new(fee, tick_spacing),
            Build::PancakeV3 => Self::pancake_v3(fee, tick_spacing),
            Build::Slipstream => Self::slipstream(SlipstreamParameters {
                fee,
                unstaked_fee,
                tick_spacing,
                gauge: Owner::default(),
                position_manager: Owner::default(),
            }),
            Build::UniswapV4 => Self::uniswap_v4(fee, tick_spacing),
        }
        .map_err(|error| bad_fee(&error))
    }

    /// Staked liquidity is part of the whole: nowhere more than it, nor negative.
    fn restore_stakes(&mut self, state: &ConcentratedState) -> Result<(), StateError> {
        let bad = |index| {
            let allowed = "within the liquidity, adding up to zero; 0 but in a Slipstream pool";
            StateError::at("ticks.staked_liquidity_net", index, allowed)
        };
        let mut nets = BTreeMap::new();
        let (mut staked, mut whole, mut in_range) = (0_i128, 0_i128, 0_i128);
        for (index, entry) in state.ticks.iter().enumerate() {
            let net = entry.staked_liquidity_net;
            staked = staked.checked_add(net.0).ok_or(bad(index))?;
            whole = whole.checked_add(entry.liquidity_net.0).ok_or(bad(index))?;
            if !(0..=whole).contains(&staked) || net.magnitude() > entry.liquidity_gross {
                return Err(bad(index));
            }
            if entry.tick <= state.tick {
                in_range = staked;
            }
            if net.0 != 0 {
                nets.insert(entry.tick, net);
            }
        }
        let liquidity = Liquidity(in_range.unsigned_abs());
        if state.staked_liquidity != liquidity {
            let allowed = "the sum of staked_liquidity_net up to the tick";
            return Err(StateError::of("staked_liquidity", allowed));
        }
        if let Ok(staking) = self.staking_mut() {
            staking.liquidity = liquidity;
            staking.nets = nets;
        } else if !nets.is_empty() {
            return Err(bad(0));
        }
        Ok(())
    }

    /// Returns the state; of a pool without a price, one that [`Pool::from_state`] refuses.
    pub fn state(&self) -> ConcentratedState {
        let entry = |(tick, info): (Tick, &super::TickInfo)| TickState {
            tick,
            liquidity_gross: info.liquidity_gross,
            liquidity_net: info.liquidity_net,
            fee_growth_outside: info.fee_growth_outside,
            staked_liquidity_net: self.staked_liquidity_net(tick),
        };
        ConcentratedState {
            build: self.build(),
            fee: self.fee(),
            tick_spacing: self.tick_spacing,
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            liquidity: self.liquidity,
            protocol_shares: self.protocol_shares,
            protocol_fees: self.protocol_fees,
            fee_growth_global: self.fee_growth_global,
            ticks: self.ticks().map(entry).collect(),
            unstaked_fee: self.unstaked_fee(),
            staked_liquidity: self.staked_liquidity(),
        }
    }

    /// Returns what a trade without a price limit would pay and give. An input that the pool cannot
    /// take whole is taken as far as it goes: `amount_in` says how far.
    ///
    /// Errors: [`PoolError::NoSuchPair`]; [`PoolError::OutputOutOfReach`] where the pool has less
    /// than the exact output; those of [`Pool::swap`].
    pub fn quote(&self, trade: &Trade, _: Timestamp) -> Result<Quote, PoolError> {
        let (request, mut fees) = (self.request_of(trade)?, FeeSum::default());
        let staged = self.stage_swap(request, &mut fees)?;
        quote_of(trade, &staged.result().amounts, fees.0)
    }

    /// Returns what a quoter contract answers that may go to the end of all prices: as
    /// [`Pool::quote`], but of an exact output that is not there it quotes what there is. That of
    /// v4 refuses.
    ///
    /// Errors: as [`Pool::quote`]; [`PoolError::OutputOutOfReach`] also where there is nothing.
    /// Source: `Quoter.quoteExactOutputSingle` of v3-periphery 1.4.4, with a price limit.
    pub fn contract_quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at);
        if quote != Err(PoolError::OutputOutOfReach) || self.build() == Build::UniswapV4 {
            return quote;
        }
        let (request, mut fees) = (self.request_of(trade)?, FeeSum::default());
        let staged = self.stage_swap(request, &mut fees)?;
        let taken = staged.result().amounts.get(request.input.other()).magnitude();
        if taken.is_zero() {
            return quote;
        }
        let reachable = Trade { amount: SwapAmount::ExactOut(taken), ..*trade };
        quote_of(&reachable, &staged.result().amounts, fees.0)
    }

    /// Makes a trade without a price limit.
    ///
    /// Errors: as [`Pool::quote`].
    pub fn trade(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let (request, mut fees) = (self.request_of(trade)?, FeeSum::default());
        let staged = self.stage_swap(request, &mut fees)?;
        let quote = quote_of(trade, &staged.result().amounts, fees.0)?;
        self.commit_swap(&staged, at);
        Ok(quote)
    }

    fn request_of(&self, trade: &Trade) -> Result<SwapRequest, PoolError> {
        let input = side_in(trade.pair).ok_or(PoolError::NoSuchPair)?;
        Ok(SwapRequest { input, amount: trade.amount, price_limit: None })
    }

    /// Returns the price at the margin, without fees; the square of the pool's price, rounded down
    /// in its 320th bit where it passes 2^256.
    ///
    /// Errors: [`PoolError::NoSuchPair`]; that of a pool without a price.
    pub fn spot_price(&self, pair: TokenPair, _: Timestamp) -> Result<PriceRatio, PoolError> {
        let input = side_in(pair).ok_or(PoolError::NoSuchPair)?;
        self.require_initialized()?;
        let root = self.sqrt_price.to_x96();
        let (token1, token0) = match root.checked_mul(root) {
            Some(square) => (square, Q192),
            None => (mul_div(root, root, Q64).ok_or(super::PoolError::OutOfRange)?, Q128),
        };
        Ok(match input {
            Side::Token0 => PriceRatio { output: token1, input: token0 },
            Side::Token1 => PriceRatio { output: token0, input: token1 },
        })
    }
}

fn side_in(pair: TokenPair) -> Option<Side> {
    match (pair.input, pair.output) {
        (TokenIndex(0), TokenIndex(1)) => Some(Side::Token0),
        (TokenIndex(1), TokenIndex(0)) => Some(Side::Token1),
        _ => None,
    }
}

fn quote_of(
    trade: &Trade,
    amounts: &tidemill_units::SignedAmounts,
    fee: Amount,
) -> Result<Quote, PoolError> {
    let input = side_in(trade.pair).ok_or(PoolError::NoSuchPair)?;
    let amount_in = amounts.get(input).magnitude();
    let amount_out = amounts.get(input.other()).magnitude();
    if matches!(trade.amount, SwapAmount::ExactOut(wanted) if wanted > amount_out) {
        return Err(PoolError::OutputOutOfReach);
    }
    let fee = SwapFee { token: trade.pair.input, amount: fee };
    Ok(Quote { amount_in, amount_out, fee })
}

fn bad_fee(error: &ParametersError) -> StateError {
    match error {
        ParametersError::Fee(_) => StateError::of("fee", "below 1000000"),
        ParametersError::FeeAbove { most: FeePips::ONE, .. } => {
            StateError::of("fee", "0 to 1000000")
        }
        ParametersError::FeeAbove { .. } => StateError::of("fee", "0 to 100000"),
        ParametersError::DynamicFee => StateError::of("fee", "not dynamic: hooks are not modelled"),
        ParametersError::TickSpacing(_) => StateError::of("tick_spacing", "1 to 16383"),
        ParametersError::TickSpacingAbove { .. } => StateError::of("tick_spacing", "1 to 32767"),
    }
}

fn bad_snapshot(error: SnapshotError, state: &ConcentratedState) -> StateError {
    match error {
        SnapshotError::TickOfPrice { sqrt_price, .. }
            if sqrt_price < SqrtPrice::MIN || sqrt_price >= SqrtPrice::MAX =>
        {
            StateError::of("sqrt_price", "4295128739 to below the price of tick 887272")
        }
        SnapshotError::TickOfPrice { .. } => StateError::of("tick", "the tick of sqrt_price"),
        SnapshotError::BadTick(tick) => {
            let index = state.ticks.iter().rposition(|entry| entry.tick == tick).unwrap_or(0);
            let allowed = "ascending, on the spacing, in bounds, with possible liquidity";
            StateError::at("ticks", index, allowed)
        }
        SnapshotError::Unbalanced => {
            StateError::of("ticks", "liquidity_net that adds up to zero and never falls below it")
        }
    }
}
