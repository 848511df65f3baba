//! Slipstream's staked liquidity and its gauge's fees (`CLPool.sol`, `Position.sol` and `Tick.sol`
//! of velodrome-finance/slipstream at commit 140a9fe, December 2023).

use std::collections::BTreeMap;

use tidemill_units::{
    Amount, Amounts, FeeGrowth, FeePips, Liquidity, SignedLiquidity, Tick, TickRange, U256,
    mul_div_rounding_up,
};

use super::pool::ParametersError;
use super::rules::Fork;
use super::sqrt_price_math::growth_per_liquidity;
use super::tick_table::add_delta;
use super::{Build, Owner, Pool, PoolError, PositionKey};

/// What a Slipstream pool is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlipstreamParameters {
    /// The swap fee, at most 100,000 pips; the factory's fee module may change it.
    pub fee: FeePips,
    /// What the gauge takes of the fees of liquidity that is not staked; the factory's default is
    /// 100,000 pips.
    pub unstaked_fee: FeePips,
    /// What names the pool beside its tokens.
    pub tick_spacing: i32,
    /// Whose positions are staked and earn no fees.
    pub gauge: Owner,
    /// From whose positions liquidity is staked.
    pub position_manager: Owner,
}

/// What a Slipstream pool keeps beyond a v3 pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Staking {
    pub(super) unstaked_fee: FeePips,
    pub(super) gauge: Owner,
    pub(super) position_manager: Owner,
    /// Staked liquidity in range.
    pub(super) liquidity: Liquidity,
    /// Staked liquidity that begins or ends at a tick, where it is not zero.
    pub(super) nets: BTreeMap<Tick, SignedLiquidity>,
}

/// Who gets what of a fee.
#[derive(Clone, Copy, Debug)]
pub(super) struct FeeSplit {
    /// Of the liquidity that is not staked.
    pub(super) growth: FeeGrowth,
    pub(super) gauge: Amount,
}

const PER_MILLION: U256 = U256::from_limbs([1_000_000, 0, 0, 0]);

impl Staking {
    pub(super) fn net_at(&self, tick: Tick) -> SignedLiquidity {
        self.nets.get(&tick).copied().unwrap_or_default()
    }

    /// Divides a fee (`calculateFees`); `liquidity` is not zero. Both roundings are the gauge's.
    ///
    /// Errors: [`PoolError::OutOfRange`] where more is staked than there is, which no gauge does.
    pub(super) fn split(
        &self,
        fee: Amount,
        liquidity: Liquidity,
        staked: Liquidity,
    ) -> Result<FeeSplit, PoolError> {
        if liquidity == staked {
            return Ok(FeeSplit { growth: FeeGrowth::ZERO, gauge: fee });
        }
        let unstaked = liquidity.0.checked_sub(staked.0).ok_or(PoolError::OutOfRange)?;
        let part = |amount: Amount, share: U256, whole: U256| {
            mul_div_rounding_up(amount.0, share, whole).map(Amount).ok_or(PoolError::OutOfRange)
        };
        let of_staked = part(fee, U256::from(staked.0), U256::from(liquidity.0))?;
        let rest = fee.checked_sub(of_staked).ok_or(PoolError::OutOfRange)?;
        let levied = part(rest, U256::from(self.unstaked_fee.0), PER_MILLION)?;
        let left = rest.checked_sub(levied).ok_or(PoolError::OutOfRange)?;
        let growth = growth_per_liquidity(left, Liquidity(unstaked));
        Ok(FeeSplit {
            growth: FeeGrowth(growth.ok_or(PoolError::OutOfRange)?),
            gauge: of_staked.checked_add(levied).ok_or(PoolError::OutOfRange)?,
        })
    }
}

impl Pool {
    /// Returns a Slipstream pool that waits for its first price.
    ///
    /// Errors: [`ParametersError`] for a fee above 100,000 pips, an unstaked fee above 1,000,000
    /// or a tick spacing outside 1 to 16383.
    pub fn slipstream(parameters: SlipstreamParameters) -> Result<Self, ParametersError> {
        let SlipstreamParameters { fee, unstaked_fee, tick_spacing, gauge, position_manager } =
            parameters;
        check_unstaked_fee(unstaked_fee)?;
        let staking = Staking {
            unstaked_fee,
            gauge,
            position_manager,
            liquidity: Liquidity::ZERO,
            nets: BTreeMap::new(),
        };
        Self::of(Fork::Slipstream(Box::new(staking)), fee, tick_spacing)
    }

    /// Changes the swap fee, as the factory's fee module may at any time.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for Slipstream, [`PoolError::BadFee`] above 100,000
    /// pips.
    pub fn set_fee(&mut self, fee: FeePips) -> Result<(), PoolError> {
        self.staking()?;
        self.fee = Build::Slipstream.fee_rule(fee).map_err(|_| PoolError::BadFee)?;
        self.touch();
        Ok(())
    }

    /// Changes what the gauge takes of the fees of liquidity that is not staked.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for Slipstream, [`PoolError::BadFee`] above 1,000,000
    /// pips.
    pub fn set_unstaked_fee(&mut self, fee: FeePips) -> Result<(), PoolError> {
        self.staking()?;
        check_unstaked_fee(fee).map_err(|_| PoolError::BadFee)?;
        self.staking_mut()?.unstaked_fee = fee;
        self.touch();
        Ok(())
    }

    /// Stakes liquidity of a range, or takes it back where `delta` is negative (`CLPool.stake`).
    /// With `moves_position` it goes from the position manager's position to the gauge's; without,
    /// the gauge's position is minted or burned beside.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for Slipstream, [`PoolError::NotInitialized`],
    /// [`PoolError::LiquidityUnderflow`], [`PoolError::LiquidityOverflow`],
    /// [`PoolError::NoPosition`], [`PoolError::OutOfRange`].
    pub fn stake(
        &mut self,
        range: TickRange,
        delta: SignedLiquidity,
        moves_position: bool,
    ) -> Result<(), PoolError> {
        let staking = self.staking()?;
        self.require_initialized()?;
        let (gauge, manager) = (staking.gauge, staking.position_manager);
        let in_range =
            range.contains(self.tick).then(|| add_delta(staking.liquidity, delta)).transpose()?;
        let back = SignedLiquidity(delta.0.checked_neg().ok_or(PoolError::OutOfRange)?);
        let moved = if moves_position {
            let inside = self.fee_growth_inside(range);
            let (from, to) =
                (PositionKey { owner: manager, range }, PositionKey { owner: gauge, range });
            let left = self.position(&from).updated(back, inside)?;
            // One who is both stakes with himself.
            let before = if from == to { left } else { self.position(&to) };
            Some([(from, left), (to, before.updated_staked(delta, inside)?)])
        } else {
            None
        };
        let lower = self.changed_net(range.lower, delta)?;
        let upper = self.changed_net(range.upper, back)?;
        for (key, position) in moved.into_iter().flatten() {
            self.positions.insert(key, position);
        }
        let staking = self.staking_mut()?;
        for (tick, net) in [lower, upper].into_iter().flatten() {
            if net.0 == 0 {
                staking.nets.remove(&tick);
            } else {
                staking.nets.insert(tick, net);
            }
        }
        staking.liquidity = in_range.unwrap_or(staking.liquidity);
        self.touch();
        Ok(())
    }

    /// `Tick.updateStake`, of an initialized tick only.
    fn changed_net(
        &self,
        tick: Tick,
        delta: SignedLiquidity,
    ) -> Result<Option<(Tick, SignedLiquidity)>, PoolError> {
        if self.ticks.get(tick).is_none() {
            return Ok(None);
        }
        let net = self.staking()?.net_at(tick).0;
        let net = net.checked_add(delta.0).ok_or(PoolError::OutOfRange)?;
        Ok(Some((tick, SignedLiquidity(net))))
    }

    /// Pays the gauge its fees; one unit of each stays behind, as in the contract (`collectFees`).
    ///
    /// Errors: [`PoolError::NotInBuild`] but for Slipstream, [`PoolError::NotInitialized`].
    pub fn collect_gauge_fees(&mut self) -> Result<Amounts, PoolError> {
        self.staking()?;
        self.collect_owed([u128::MAX; 2])
    }

    /// Returns what the gauge may collect, token0 and token1; zero but for Slipstream.
    pub fn gauge_fees(&self) -> [u128; 2] {
        if self.staking().is_ok() { self.protocol_fees } else { [0; 2] }
    }

    /// Returns the staked liquidity in range; zero but for Slipstream.
    pub fn staked_liquidity(&self) -> Liquidity {
        self.staking().map_or(Liquidity::ZERO, |staking| staking.liquidity)
    }

    /// Returns the staked liquidity that begins at a tick less what ends there.
    pub fn staked_liquidity_net(&self, tick: Tick) -> SignedLiquidity {
        self.staking().map_or(SignedLiquidity(0), |staking| staking.net_at(tick))
    }

    /// Returns what the gauge takes of the fees of liquidity that is not staked; zero but for
    /// Slipstream.
    pub fn unstaked_fee(&self) -> FeePips {
        self.staking().map_or(FeePips(0), |staking| staking.unstaked_fee)
    }

    pub(super) fn staking(&self) -> Result<&Staking, PoolError> {
        match &self.fork {
            Fork::Slipstream(staking) => Ok(staking),
            Fork::UniswapV3 | Fork::PancakeV3 | Fork::UniswapV4(_) => Err(PoolError::NotInBuild),
        }
    }

    pub(super) fn staking_mut(&mut self) -> Result<&mut Staking, PoolError> {
        match &mut self.fork {
            Fork::Slipstream(staking) => Ok(staking),
            Fork::UniswapV3 | Fork::PancakeV3 | Fork::UniswapV4(_) => Err(PoolError::NotInBuild),
        }
    }
}

pub(super) fn check_unstaked_fee(fee: FeePips) -> Result<(), ParametersError> {
    let most = FeePips::ONE;
    if fee > most { Err(ParametersError::FeeAbove { fee, most }) } else { Ok(()) }
}
