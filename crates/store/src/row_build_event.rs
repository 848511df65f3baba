//! The rows of tapes of PancakeSwap v3, Slipstream and Uniswap v4 pools.

use tidemill_amm::concentrated::Build;
use tidemill_model::{BuildEvent, Bytes32, PoolBuild, PoolEvent, PoolHeader};
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, SignedAmount, SignedAmounts, SignedLiquidity, U256,
};

use crate::Fault;
use crate::error::RowFault;
use crate::row::{Column, Row};
use crate::row_event::{
    AMOUNTS, COLLECT, COLLECTED, INITIALIZE, KindRow, POSITION, SWAP, unknown_kind, value_fault,
};

const PANCAKE_SHARE: &str = "0 for none, or 10,000ths from 1000 to 4000";
const PROTOCOL_FEE: &str = "a protocol fee in pips, 0 to 1000";
const PROTOCOL_PART: &str = "an amount of at most 2^128 - 1";
const SLIPSTREAM_FEE: &str = "a fee in pips, 0 to 100000";
const ANY_FEE: &str = "a fee in pips, 0 to 1000000";
const SIGNED: &str = "liquidity with its sign, -2^127 to 2^127 - 1";
const INT128: &str = "an amount from -2^127 to 2^127 - 1";
const DONATED: &str = "an amount of at most 2^127 - 1";

/// What may stand beside [`SWAP`]'s columns.
const PROTOCOL_FEES: [Column; 2] = [Column::ProtocolFee0, Column::ProtocolFee1];
const FEE: [Column; 1] = [Column::Fee];
const STAKE: [Column; 3] = [Column::Liquidity, Column::TickLower, Column::TickUpper];
const MODIFY: [Column; 5] =
    [Column::Liquidity, Column::TickLower, Column::TickUpper, Column::Owner, Column::Salt];

/// 2^127, the size of the least `int128`.
const LEAST: U256 = U256::from_limbs([0, 1 << 63, 0, 0]);

/// Reads what an event row says happened in a pool of another build than Uniswap v3.
///
/// # Errors
///
/// As [`crate::row_event::read_event`].
pub(crate) fn read_build_event(row: &Row<'_>, header: &PoolHeader) -> Result<PoolEvent, RowFault> {
    let spacing = header.tick_spacing;
    let common = |kind, allowed: &[Column]| BuildRow::new(row, kind, spacing, (allowed, &[]));
    if !matches!(header.build, PoolBuild::UniswapV4 { .. }) {
        match row.kind {
            "mint" => return common("mint", &POSITION)?.0.mint(),
            "burn" => return common("burn", &POSITION)?.0.burn(),
            "collect" => return common("collect", &COLLECT)?.0.collect(),
            "flash" => {
                let paid = common("flash", &AMOUNTS)?.0.amounts()?;
                return Ok(PoolEvent::Flash { paid });
            }
            _ => {}
        }
    }
    if row.kind == "initialize" {
        return common("initialize", &INITIALIZE)?.0.initialize();
    }
    match header.build {
        PoolBuild::UniswapV3 => Err(unknown_kind(row.kind, &header.build)),
        PoolBuild::PancakeV3 { .. } => pancake(row, header),
        PoolBuild::Slipstream { .. } => slipstream(row, header),
        PoolBuild::UniswapV4 { .. } => managed(row, header),
    }
}

fn pancake(row: &Row<'_>, header: &PoolHeader) -> Result<PoolEvent, RowFault> {
    let as_kind = |kind, allowed| BuildRow::new(row, kind, header.tick_spacing, allowed);
    let build = match row.kind {
        "swap" => {
            let row = as_kind("swap", (&SWAP, &PROTOCOL_FEES))?;
            let (amounts, after) = (row.0.signed_amounts()?, row.0.after()?);
            BuildEvent::PancakeSwap { amounts, after, protocol_fees: row.protocol_fees()? }
        }
        "set_fee_protocol" => {
            let row = as_kind("set_fee_protocol", (&AMOUNTS, &[]))?;
            BuildEvent::SetFeeProtocol(row.shares(Build::PancakeV3, PANCAKE_SHARE)?)
        }
        "collect_protocol" => {
            let row = as_kind("collect_protocol", (&AMOUNTS, &[]))?;
            BuildEvent::CollectProtocol(row.amounts_below(U256::from(u128::MAX), COLLECTED)?)
        }
        other => return Err(unknown_kind(other, &header.build)),
    };
    Ok(PoolEvent::Build(Box::new(build)))
}

fn slipstream(row: &Row<'_>, header: &PoolHeader) -> Result<PoolEvent, RowFault> {
    let as_kind = |kind, allowed| BuildRow::new(row, kind, header.tick_spacing, allowed);
    let build = match row.kind {
        "swap" => {
            let row = as_kind("swap", (&SWAP, &[]))?.0;
            let (amounts, after) = (row.signed_amounts()?, row.after()?);
            return Ok(PoolEvent::Swap { amounts, after });
        }
        "stake" => as_kind("stake", (&STAKE, &[]))?.stake(true)?,
        "change_stake" => as_kind("change_stake", (&STAKE, &[]))?.stake(false)?,
        "collect_fees" => {
            let row = as_kind("collect_fees", (&AMOUNTS, &[]))?;
            BuildEvent::CollectFees(row.amounts_below(U256::from(u128::MAX), COLLECTED)?)
        }
        "set_fee" => {
            let row = as_kind("set_fee", (&[], &FEE))?;
            BuildEvent::SetFee(row.needed_fee(100_000, SLIPSTREAM_FEE)?)
        }
        "set_unstaked_fee" => {
            let row = as_kind("set_unstaked_fee", (&[], &FEE))?;
            BuildEvent::SetUnstakedFee(row.needed_fee(1_000_000, ANY_FEE)?)
        }
        other => return Err(unknown_kind(other, &header.build)),
    };
    Ok(PoolEvent::Build(Box::new(build)))
}

fn managed(row: &Row<'_>, header: &PoolHeader) -> Result<PoolEvent, RowFault> {
    let as_kind = |kind, allowed| BuildRow::new(row, kind, header.tick_spacing, allowed);
    let build = match row.kind {
        "swap" => {
            let row = as_kind("swap", (&SWAP, &FEE))?;
            let (amounts, after) = (row.swapper_amounts()?, row.0.after()?);
            BuildEvent::ManagedSwap { amounts, after, fee: row.fee(1_000_000, ANY_FEE)? }
        }
        "modify_liquidity" => as_kind("modify_liquidity", (&MODIFY, &[]))?.modify_liquidity()?,
        "donate" => {
            let row = as_kind("donate", (&AMOUNTS, &[]))?;
            let most = LEAST.saturating_sub(U256::ONE);
            BuildEvent::Donate(row.amounts_below(most, DONATED)?)
        }
        "protocol_fee_updated" => {
            let row = as_kind("protocol_fee_updated", (&AMOUNTS, &[]))?;
            BuildEvent::ProtocolFeeUpdated(row.shares(Build::UniswapV4, PROTOCOL_FEE)?)
        }
        other => return Err(unknown_kind(other, &header.build)),
    };
    Ok(PoolEvent::Build(Box::new(build)))
}

/// Reads how much of an initial position is staked.
///
/// # Errors
///
/// That it is not said for Slipstream, said for another build, no number, or more than there is.
pub(crate) fn read_staked(
    row: &KindRow<'_>,
    header: &PoolHeader,
    liquidity: Liquidity,
) -> Result<Liquidity, RowFault> {
    if !matches!(header.build, PoolBuild::Slipstream { .. }) {
        Column::OF_BUILDS.into_iter().try_for_each(|column| row.refuse(column))?;
        return Ok(Liquidity::ZERO);
    }
    let others = Column::OF_BUILDS.into_iter().filter(|column| *column != Column::Staked);
    others.into_iter().try_for_each(|column| row.refuse(column))?;
    let staked: Liquidity = row.number(Column::Staked, row.row.staked)?;
    if staked > liquidity {
        return Err(Column::Staked.fault(Fault::StakedAbove { staked, liquidity }));
    }
    Ok(staked)
}

/// A row with the columns that only these builds have.
struct BuildRow<'a>(KindRow<'a>);

impl<'a> BuildRow<'a> {
    fn new(
        row: &'a Row<'a>,
        kind: &'static str,
        tick_spacing: i32,
        (allowed, of_builds): (&[Column], &[Column]),
    ) -> Result<Self, RowFault> {
        // The salt stands with the common columns of its kind.
        let row = KindRow::new(row, kind, tick_spacing, allowed)?;
        for column in Column::OF_BUILDS {
            if !allowed.contains(&column) && !of_builds.contains(&column) {
                row.refuse(column)?;
            }
        }
        Ok(Self(row))
    }

    fn amounts_below(&self, most: U256, expected: &'static str) -> Result<Amounts, RowFault> {
        let amounts = self.0.amounts()?;
        for (column, amount) in
            [(Column::Amount0, amounts.amount0), (Column::Amount1, amounts.amount1)]
        {
            if amount.0 > most {
                return Err(value_fault(column, &amount.to_string(), expected));
            }
        }
        Ok(amounts)
    }

    fn shares(&self, build: Build, expected: &'static str) -> Result<[u16; 2], RowFault> {
        let Amounts { amount0, amount1 } = self.0.amounts()?;
        let read = |column, amount: Amount| {
            let share = u16::try_from(amount.0).ok();
            let share = share.filter(|share| build.accepts_shares([*share, 0]));
            share.ok_or_else(|| value_fault(column, &amount.to_string(), expected))
        };
        Ok([read(Column::Amount0, amount0)?, read(Column::Amount1, amount1)?])
    }

    /// Both are there or none.
    fn protocol_fees(&self) -> Result<Option<[u128; 2]>, RowFault> {
        let [column0, column1] = PROTOCOL_FEES;
        let without =
            |column: Column, with: Column| column.fault(Fault::MissingWith { with: with.name() });
        let read = |column: Column, text: &str| {
            let amount: Amount =
                text.parse().map_err(|error| column.fault(Fault::Number(error)))?;
            let wrong = |_| value_fault(column, text, PROTOCOL_PART);
            u128::try_from(amount.0).map_err(wrong)
        };
        match (self.0.row.protocol_fee0, self.0.row.protocol_fee1) {
            (None, None) => Ok(None),
            (Some(fee0), Some(fee1)) => Ok(Some([read(column0, fee0)?, read(column1, fee1)?])),
            (None, Some(_)) => Err(without(column0, column1)),
            (Some(_), None) => Err(without(column1, column0)),
        }
    }

    fn fee(&self, most: u32, expected: &'static str) -> Result<Option<FeePips>, RowFault> {
        let Some(fee) = self.0.row.fee else { return Ok(None) };
        if fee > most {
            return Err(value_fault(Column::Fee, &fee.to_string(), expected));
        }
        Ok(Some(FeePips(fee)))
    }

    fn needed_fee(&self, most: u32, expected: &'static str) -> Result<FeePips, RowFault> {
        self.0.need(Column::Fee, self.fee(most, expected)?)
    }

    /// Reads the amounts of a v4 log, which are the swapper's, as the pool's.
    fn swapper_amounts(&self) -> Result<SignedAmounts, RowFault> {
        let SignedAmounts { amount0, amount1 } = self.0.signed_amounts()?;
        let read = |column, amount: SignedAmount| {
            let size = amount.magnitude().0;
            let fits = if amount.is_negative() { size <= LEAST } else { size < LEAST };
            let opposite = amount.checked_neg().filter(|_| fits);
            opposite.ok_or_else(|| value_fault(column, &amount.to_string(), INT128))
        };
        Ok(SignedAmounts {
            amount0: read(Column::Amount0, amount0)?,
            amount1: read(Column::Amount1, amount1)?,
        })
    }

    fn delta(&self) -> Result<SignedLiquidity, RowFault> {
        let text = self.0.need(Column::Liquidity, self.0.row.liquidity)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let delta = if is_plain { text.parse().ok() } else { None };
        let delta = delta.map(SignedLiquidity);
        delta.ok_or_else(|| value_fault(Column::Liquidity, text, SIGNED))
    }

    fn stake(&self, moves_position: bool) -> Result<BuildEvent, RowFault> {
        let (delta, range) = (self.delta()?, self.0.range()?);
        Ok(BuildEvent::Stake { range, delta, moves_position })
    }

    fn modify_liquidity(&self) -> Result<BuildEvent, RowFault> {
        let (delta, range, owner) = (self.delta()?, self.0.range()?, self.0.owner()?);
        let salt: Option<Bytes32> = self
            .0
            .row
            .salt
            .map(str::parse)
            .transpose()
            .map_err(|error| Column::Salt.fault(Fault::Bytes32(error)))?;
        let without =
            |column: Column, with: Column| column.fault(Fault::MissingWith { with: with.name() });
        let owner = match (owner, salt) {
            (None, None) => None,
            (Some(owner), Some(salt)) => Some((owner, salt)),
            (None, Some(_)) => return Err(without(Column::Owner, Column::Salt)),
            (Some(_), None) => return Err(without(Column::Salt, Column::Owner)),
        };
        Ok(BuildEvent::ModifyLiquidity { owner, range, delta })
    }
}
