//! The description of a PancakeSwap v3, Slipstream or Uniswap v4 pool: that of a Uniswap v3 pool
//! with what only its build has.

use serde_json::value::RawValue;
use tidemill_amm::concentrated::Build;
use tidemill_model::{Bytes32, ChainId, PoolBuild, PoolHeader, PoolStart};
use tidemill_units::{BlockNumber, FeePips, Liquidity, RelativeTolerance, SqrtPrice, Tick};

use crate::importer::file_error;
use crate::pool_json::{STATE_FIELDS, check_token_order, tolerance_text};
use crate::pool_state::{FieldFault, Fields, Json, Object, Value, read_token, token_json};
use crate::tick_band::tick_holds_price;
use crate::{Fault, FormatFault, TapeError};

/// Returns which build a `pool.json` is of, if it is one of those that are read here.
pub(crate) fn described_build(bytes: &[u8]) -> Option<Build> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let raw: &RawValue = serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
    let kind = Value::whole(raw).peek("kind")?;
    let build = Build::from_name(&kind.string("").ok()?)?;
    (build != Build::UniswapV3).then_some(build)
}

/// Reads and checks such a `pool.json`, or the same text from a tape's metadata.
///
/// # Errors
///
/// [`TapeError::File`] for text that is no JSON object, [`TapeError::Field`] for a field that is
/// missing, unknown, there twice or wrong.
pub(crate) fn read_build_pool_json(
    file: &str,
    bytes: &[u8],
    build: Build,
) -> Result<PoolHeader, TapeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| file_error(file, FormatFault::NotUtf8))?;
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| file_error(file, FormatFault::Json(error.to_string())))?;
    read_fields(&Value::whole(raw), build).map_err(|(field, fault)| {
        let (file, fault) = (file.to_owned(), Box::new(fault));
        if field.is_empty() {
            TapeError::File { file, fault }
        } else {
            TapeError::Field { file, field, fault }
        }
    })
}

fn read_fields(value: &Value<'_>, build: Build) -> Result<PoolHeader, FieldFault> {
    const TOLERANCE: &str = "a relative tolerance such as 1e-9 or 0.000001, 0 to 0.01";
    let mut fields = Fields::of(value)?;
    let chain_id = fields.take("chain_id")?.u64().map(ChainId)?;
    let pool = fields.take("pool")?.address()?;
    fields.take("kind")?;
    let token0 = read_token(&fields.take("token0")?)?;
    let token1 = read_token(&fields.take("token1")?)?;
    check_token_order(&token0, &token1)?;
    let fee = read_fee(&fields.take("fee_pips")?, build)?;
    let tick_spacing = read_spacing(&fields.take("tick_spacing")?, build)?;
    let start = read_start(&mut fields)?;
    let build = read_build(&mut fields, build, &start)?;
    let amount_tolerance = match fields.take_optional("amount_relative_tolerance") {
        None => RelativeTolerance::EXACT,
        Some(value) => {
            let text = value.decimal(TOLERANCE)?;
            text.parse().map_err(|_| value.fault(TOLERANCE))?
        }
    };
    fields.finish()?;
    Ok(PoolHeader {
        chain_id,
        pool,
        build,
        token0,
        token1,
        fee,
        tick_spacing,
        start,
        amount_tolerance,
    })
}

fn read_fee(value: &Value<'_>, build: Build) -> Result<FeePips, FieldFault> {
    let (most, expected) = match build {
        Build::UniswapV3 | Build::PancakeV3 => (999_999, "a fee in pips, 0 to 999999"),
        Build::Slipstream => (100_000, "a fee in pips, 0 to 100000"),
        Build::UniswapV4 => {
            (1_000_000, "a fee in pips, 0 to 1000000, not dynamic: hooks are not modelled")
        }
    };
    fee_within(value, most, expected)
}

fn fee_within(value: &Value<'_>, most: u32, expected: &'static str) -> Result<FeePips, FieldFault> {
    let fee: u32 = value.unsigned(expected)?;
    if fee > most { Err(value.fault(expected)) } else { Ok(FeePips(fee)) }
}

fn read_spacing(value: &Value<'_>, build: Build) -> Result<i32, FieldFault> {
    let expected = match build {
        Build::UniswapV4 => "a tick spacing, 1 to 32767",
        Build::UniswapV3 | Build::PancakeV3 | Build::Slipstream => "a tick spacing, 1 to 16383",
    };
    let spacing: i32 = value.unsigned(expected)?;
    let is_allowed = (1..=build.most_tick_spacing()).contains(&spacing);
    if is_allowed { Ok(spacing) } else { Err(value.fault(expected)) }
}

fn read_liquidity(value: &Value<'_>) -> Result<Liquidity, FieldFault> {
    value.unsigned("liquidity, 0 to 2^128 - 1").map(Liquidity)
}

fn read_start(fields: &mut Fields<'_>) -> Result<PoolStart, FieldFault> {
    const PRICE: &str = "a square root price as Q64.96, 0 to 2^160 - 1";
    let found = STATE_FIELDS.map(|name| fields.take_optional(name));
    if found.iter().all(Option::is_none) {
        return Ok(PoolStart::Creation);
    }
    let [block_name, price_name, tick_name, liquidity_name] = STATE_FIELDS;
    let [block, sqrt_price, tick, liquidity] = found;
    let need = |name: &str, value: Option<_>| value.ok_or((name.to_owned(), Fault::AbsentField));
    let block = need(block_name, block)?.u64().map(BlockNumber)?;
    let price_field = need(price_name, sqrt_price)?;
    let sqrt_price =
        SqrtPrice::from_x96(price_field.u256()?).ok_or_else(|| price_field.fault(PRICE))?;
    let tick = Tick(need(tick_name, tick)?.signed("a tick, -887272 to 887272")?);
    let liquidity = read_liquidity(&need(liquidity_name, liquidity)?)?;
    if !sqrt_price.is_valid() || !tick_holds_price(tick, sqrt_price) {
        let sqrt_price_x96 = sqrt_price.to_string();
        return Err((tick_name.to_owned(), Fault::TickOffPrice { tick, sqrt_price_x96 }));
    }
    Ok(PoolStart::Snapshot { block, sqrt_price, tick, liquidity })
}

/// The protocol's shares are part of the state; from creation, the pool says them itself.
fn read_build(
    fields: &mut Fields<'_>,
    build: Build,
    start: &PoolStart,
) -> Result<PoolBuild, FieldFault> {
    let has_state = matches!(start, PoolStart::Snapshot { .. });
    let mut shares = |names: [&str; 2], expected: &'static str| {
        let mut found = [0; 2];
        for (name, found) in names.into_iter().zip(&mut found).filter(|_| has_state) {
            let value = fields.take(name)?;
            *found = value.unsigned(expected)?;
            if !build.accepts_shares([*found, 0]) {
                return Err(value.fault(expected));
            }
        }
        Ok(found)
    };
    Ok(match build {
        Build::UniswapV3 => PoolBuild::UniswapV3,
        Build::PancakeV3 => {
            let names = ["fee_protocol0", "fee_protocol1"];
            let fee_protocol = shares(names, "0 for none, or 10,000ths from 1000 to 4000")?;
            PoolBuild::PancakeV3 { fee_protocol }
        }
        Build::UniswapV4 => {
            let names = ["protocol_fee0", "protocol_fee1"];
            let protocol_fee = shares(names, "a protocol fee in pips, 0 to 1000")?;
            PoolBuild::UniswapV4 { pool_id: read_id(&fields.take("pool_id")?)?, protocol_fee }
        }
        Build::Slipstream => {
            let unstaked = fields.take("unstaked_fee_pips")?;
            let staked = if has_state { Some(fields.take("staked_liquidity")?) } else { None };
            PoolBuild::Slipstream {
                unstaked_fee: fee_within(&unstaked, 1_000_000, "a fee in pips, 0 to 1000000")?,
                gauge: fields.take("gauge")?.address()?,
                position_manager: fields.take("position_manager")?.address()?,
                staked_liquidity: match staked {
                    Some(value) => read_liquidity(&value)?,
                    None => Liquidity::ZERO,
                },
            }
        }
    })
}

fn read_id(value: &Value<'_>) -> Result<Bytes32, FieldFault> {
    const EXPECTED: &str = "a pool's id: 0x and 64 hexadecimal digits";
    value.string(EXPECTED)?.parse().map_err(|_| value.fault(EXPECTED))
}

/// Writes a pool's description so that [`read_build_pool_json`] gives it back.
pub(crate) fn build_pool_json_text(header: &PoolHeader) -> Result<String, FormatFault> {
    let mut fields = Object::default();
    fields.integer("chain_id", header.chain_id.0);
    fields.put("pool", Json::Text(header.pool.to_string()));
    fields.put("kind", Json::Text(header.build.name().to_owned()));
    if let PoolBuild::UniswapV4 { pool_id, .. } = header.build {
        fields.put("pool_id", Json::Text(pool_id.to_string()));
    }
    fields.put("token0", token_json(&header.token0));
    fields.put("token1", token_json(&header.token1));
    fields.integer("fee_pips", header.fee.0);
    fields.integer("tick_spacing", header.tick_spacing);
    if let PoolBuild::Slipstream { unstaked_fee, gauge, position_manager, .. } = header.build {
        fields.integer("unstaked_fee_pips", unstaked_fee.0);
        fields.put("gauge", Json::Text(gauge.to_string()));
        fields.put("position_manager", Json::Text(position_manager.to_string()));
    }
    if let PoolStart::Snapshot { block, sqrt_price, tick, liquidity } = header.start {
        fields.integer("state_after_block", block.0);
        fields.integer("sqrt_price_x96", sqrt_price);
        fields.integer("tick", tick);
        fields.integer("liquidity", liquidity);
        match header.build {
            PoolBuild::UniswapV3 => {}
            PoolBuild::PancakeV3 { fee_protocol: [share0, share1] } => {
                fields.integer("fee_protocol0", share0);
                fields.integer("fee_protocol1", share1);
            }
            PoolBuild::Slipstream { staked_liquidity, .. } => {
                fields.integer("staked_liquidity", staked_liquidity);
            }
            PoolBuild::UniswapV4 { protocol_fee: [fee0, fee1], .. } => {
                fields.integer("protocol_fee0", fee0);
                fields.integer("protocol_fee1", fee1);
            }
        }
    }
    if !header.amount_tolerance.is_exact() {
        let text = tolerance_text(header.amount_tolerance);
        fields.put("amount_relative_tolerance", Json::Text(text));
    }
    serde_json::to_string(&fields).map_err(|error| FormatFault::Json(error.to_string()))
}
