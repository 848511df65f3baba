use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tidemill_model::{
    Address, ChainId, PoolBuild, PoolHeader, PoolStart, Token, WindowStart, WindowState,
};
use tidemill_units::{Amount, BlockNumber, FeePips, Liquidity, RelativeTolerance, SqrtPrice, Tick};

use crate::build_pool_json::{build_pool_json_text, described_build, read_build_pool_json};
use crate::csv_rows::whole;
use crate::error::clip;
use crate::importer::file_error;
use crate::tick_band::tick_holds_price;
use crate::{Fault, FormatFault, TapeError};

/// The fields that describe a snapshot: all of them are there, or none.
pub(crate) const STATE_FIELDS: [&str; 4] =
    ["state_after_block", "sqrt_price_x96", "tick", "liquidity"];

/// The field that says that a tape has no tick map.
pub(crate) const TICK_MAP_FIELD: &str = "tick_map";

const FEE_PROTOCOL_FIELDS: [&str; 2] = ["fee_protocol0", "fee_protocol1"];

const KIND: &str = "uniswap_v3";
const KINDS: &str = "one of uniswap_v3, pancake_v3, slipstream, uniswap_v4";

/// The fields as their JSON text, so that no number passes through a float.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolJson<'a> {
    #[serde(borrow)]
    chain_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pool: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    token0: Option<TokenJson<'a>>,
    #[serde(borrow)]
    token1: Option<TokenJson<'a>>,
    #[serde(borrow)]
    fee_pips: Option<&'a RawValue>,
    #[serde(borrow)]
    tick_spacing: Option<&'a RawValue>,
    #[serde(borrow)]
    state_after_block: Option<&'a RawValue>,
    #[serde(borrow)]
    sqrt_price_x96: Option<&'a RawValue>,
    #[serde(borrow)]
    tick: Option<&'a RawValue>,
    #[serde(borrow)]
    liquidity: Option<&'a RawValue>,
    #[serde(borrow)]
    tick_map: Option<&'a RawValue>,
    #[serde(borrow)]
    fee_protocol0: Option<&'a RawValue>,
    #[serde(borrow)]
    fee_protocol1: Option<&'a RawValue>,
    #[serde(borrow)]
    amount_relative_tolerance: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenJson<'a> {
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    decimals: Option<&'a RawValue>,
    #[serde(borrow)]
    address: Option<&'a RawValue>,
}

/// A field's path and what is wrong with it.
type FieldFault = (String, Fault);

/// Reads and checks a `pool.json`, or the same text from a tape's metadata.
///
/// # Errors
///
/// [`TapeError::File`] for text that is not such a JSON object (unknown and repeated fields
/// included, with line and column), [`TapeError::Field`] for a field that is missing or wrong.
pub(crate) fn read_pool_json(file: &str, bytes: &[u8]) -> Result<PoolHeader, TapeError> {
    if let Some(build) = described_build(bytes) {
        return read_build_pool_json(file, bytes, build);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| file_error(file, FormatFault::NotUtf8))?;
    let json: PoolJson<'_> = serde_json::from_str(text)
        .map_err(|error| file_error(file, FormatFault::Json(error.to_string())))?;
    let header = read_header(&json);
    header.map_err(|(field, fault)| {
        let fault = Box::new(fault);
        TapeError::Field { file: file.to_owned(), field, fault }
    })
}

fn read_header(json: &PoolJson<'_>) -> Result<PoolHeader, FieldFault> {
    const FEE: &str = "hundredths of a basis point, 1 to 999999";
    const SPACING: &str = "a tick spacing, 1 to 16383";
    let chain_id = field("chain_id", json.chain_id, |text| {
        whole(text, "an EIP-155 chain id, 0 to 2^64 - 1").map(ChainId)
    })?;
    let pool = field("pool", json.pool, parse::<Address>)?;
    field("kind", json.kind, |text| match text {
        KIND => Ok(()),
        other => Err(Fault::Value { found: clip(other), expected: KINDS }),
    })?;
    let token0 = read_token("token0", json.token0.as_ref())?;
    let token1 = read_token("token1", json.token1.as_ref())?;
    check_token_order(&token0, &token1)?;
    let fee = field("fee_pips", json.fee_pips, |text| within(text, 1..=999_999, FEE))?;
    let tick_spacing =
        field("tick_spacing", json.tick_spacing, |text| within(text, 1..=16_383, SPACING))?;
    let tolerance = json.amount_relative_tolerance;
    let amount_tolerance = match tolerance {
        None => RelativeTolerance::EXACT,
        Some(_) => field("amount_relative_tolerance", tolerance, parse)?,
    };
    let start = read_start(json)?;
    Ok(PoolHeader {
        chain_id,
        pool,
        build: PoolBuild::UniswapV3,
        token0,
        token1,
        fee: FeePips(fee),
        tick_spacing,
        start,
        amount_tolerance,
    })
}

fn read_start(json: &PoolJson<'_>) -> Result<PoolStart, FieldFault> {
    let shares = [json.fee_protocol0, json.fee_protocol1];
    if json.tick_map.is_some() {
        field(TICK_MAP_FIELD, json.tick_map, |text| match text {
            "unknown" => Ok(()),
            other => {
                Err(Fault::Value { found: clip(other), expected: "unknown, or no such field" })
            }
        })?;
        let [field0, field1] = FEE_PROTOCOL_FIELDS;
        let [json0, json1] = shares;
        let fee_protocol = [read_fee_protocol(field0, json0)?, read_fee_protocol(field1, json1)?];
        let state = read_state(json)?;
        return Ok(PoolStart::Window(WindowStart { fee_protocol, state }));
    }
    for (name, raw) in FEE_PROTOCOL_FIELDS.into_iter().zip(shares) {
        if let Some(raw) = raw {
            let expected = "left out: it goes with \"tick_map\": \"unknown\"";
            return Err((name.to_owned(), Fault::Value { found: clip(raw.get()), expected }));
        }
    }
    Ok(read_state(json)?.map_or(PoolStart::Creation, |state| {
        let WindowState { block, sqrt_price, tick, liquidity } = state;
        PoolStart::Snapshot { block, sqrt_price, tick, liquidity }
    }))
}

/// One n-th of a token's fees goes to the protocol.
fn read_fee_protocol(name: &str, raw: Option<&RawValue>) -> Result<u8, FieldFault> {
    const SHARE: &str = "0 for none, or 4 to 10: one n-th of the fees goes to the protocol";
    field(name, raw, |text| {
        let share = whole(text, SHARE)?;
        if matches!(share, 0 | 4..=10) {
            return Ok(share);
        }
        Err(Fault::Value { found: clip(text), expected: SHARE })
    })
}

/// Reads the state at the start: all of its fields, or none.
fn read_state(json: &PoolJson<'_>) -> Result<Option<WindowState>, FieldFault> {
    let state = [json.state_after_block, json.sqrt_price_x96, json.tick, json.liquidity];
    if state.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [block_field, price_field, tick_field, liquidity_field] = STATE_FIELDS;
    let block = field(block_field, json.state_after_block, |text| {
        whole(text, "a block number, 0 to 2^64 - 1").map(BlockNumber)
    })?;
    let sqrt_price: SqrtPrice = field(price_field, json.sqrt_price_x96, parse)?;
    let tick: Tick = field(tick_field, json.tick, parse)?;
    let liquidity: Liquidity = field(liquidity_field, json.liquidity, parse)?;
    if !sqrt_price.is_valid() || !tick_holds_price(tick, sqrt_price) {
        let sqrt_price_x96 = sqrt_price.to_string();
        return Err((tick_field.to_owned(), Fault::TickOffPrice { tick, sqrt_price_x96 }));
    }
    Ok(Some(WindowState { block, sqrt_price, tick, liquidity }))
}

fn read_token(name: &str, json: Option<&TokenJson<'_>>) -> Result<Token, FieldFault> {
    const DECIMALS: &str = "decimals, 0 to 38";
    let path = |field: &str| format!("{name}.{field}");
    let json = json.ok_or_else(|| (name.to_owned(), Fault::AbsentField))?;
    let symbol = field(&path("symbol"), json.symbol, |text| {
        let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
        if is_plain && (1..=32).contains(&text.chars().count()) {
            return Ok(text.to_owned());
        }
        let expected = "1 to 32 characters, none of them a control character, no space around";
        Err(Fault::Value { found: clip(&text.escape_debug().to_string()), expected })
    })?;
    let decimals = field(&path("decimals"), json.decimals, |text| {
        within(text, 0..=Token::MAX_DECIMALS, DECIMALS)
    })?;
    let address = match json.address {
        None => None,
        Some(_) => Some(field(&path("address"), json.address, parse::<Address>)?),
    };
    Ok(Token { symbol, decimals, address })
}

pub(crate) fn check_token_order(token0: &Token, token1: &Token) -> Result<(), FieldFault> {
    match (token0.address, token1.address) {
        (Some(low), Some(high)) if low >= high => {
            let expected = "an address above token0's";
            Err(("token1.address".to_owned(), Fault::Value { found: high.to_string(), expected }))
        }
        _ => Ok(()),
    }
}

/// Reads one field: a JSON text without its quotes, anything else as it stands.
fn field<T>(
    name: &str,
    raw: Option<&RawValue>,
    read: impl FnOnce(&str) -> Result<T, Fault>,
) -> Result<T, FieldFault> {
    let read_raw = |raw: &RawValue| {
        if raw.get().starts_with('"') {
            let unquoted: String = serde_json::from_str(raw.get())
                .map_err(|error| Fault::Format(FormatFault::Json(error.to_string())))?;
            return read(&unquoted);
        }
        read(raw.get())
    };
    raw.ok_or(Fault::AbsentField).and_then(read_raw).map_err(|fault| (name.to_owned(), fault))
}

fn parse<T>(text: &str) -> Result<T, Fault>
where
    T: FromStr<Err: Into<Fault>>,
{
    text.parse().map_err(Into::into)
}

fn within<T: FromStr + PartialOrd>(
    text: &str,
    range: std::ops::RangeInclusive<T>,
    expected: &'static str,
) -> Result<T, Fault> {
    let value = whole(text, expected)?;
    if !range.contains(&value) {
        return Err(Fault::Value { found: clip(text), expected });
    }
    Ok(value)
}

#[derive(Serialize)]
struct PoolText<'a> {
    chain_id: u64,
    pool: String,
    kind: &'a str,
    token0: TokenText<'a>,
    token1: TokenText<'a>,
    fee_pips: u32,
    tick_spacing: i32,
    #[serde(flatten)]
    state: Option<StateText>,
    #[serde(flatten)]
    window: Option<WindowText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_relative_tolerance: Option<String>,
}

#[derive(Serialize)]
struct TokenText<'a> {
    symbol: &'a str,
    decimals: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

#[derive(Serialize)]
struct StateText {
    state_after_block: u64,
    sqrt_price_x96: String,
    tick: i32,
    liquidity: String,
}

#[derive(Serialize)]
struct WindowText {
    tick_map: &'static str,
    fee_protocol0: u8,
    fee_protocol1: u8,
}

/// Writes a pool's description so that [`read_pool_json`] gives it back.
pub(crate) fn pool_json_text(header: &PoolHeader) -> Result<String, FormatFault> {
    if header.build != PoolBuild::UniswapV3 {
        return build_pool_json_text(header);
    }
    let (state, window) = match header.start {
        PoolStart::Creation => (None, None),
        PoolStart::Snapshot { block, sqrt_price, tick, liquidity } => {
            (Some(WindowState { block, sqrt_price, tick, liquidity }), None)
        }
        PoolStart::Window(WindowStart { fee_protocol: [fee_protocol0, fee_protocol1], state }) => {
            (state, Some(WindowText { tick_map: "unknown", fee_protocol0, fee_protocol1 }))
        }
    };
    let state = state.map(|WindowState { block, sqrt_price, tick, liquidity }| StateText {
        state_after_block: block.0,
        sqrt_price_x96: sqrt_price.to_string(),
        tick: tick.0,
        liquidity: liquidity.to_string(),
    });
    let tolerance = header.amount_tolerance;
    let text = PoolText {
        chain_id: header.chain_id.0,
        pool: header.pool.to_string(),
        kind: KIND,
        token0: token_text(&header.token0),
        token1: token_text(&header.token1),
        fee_pips: header.fee.0,
        tick_spacing: header.tick_spacing,
        state,
        window,
        amount_relative_tolerance: (!tolerance.is_exact()).then(|| tolerance_text(tolerance)),
    };
    serde_json::to_string(&text).map_err(|error| FormatFault::Json(error.to_string()))
}

fn token_text(token: &Token) -> TokenText<'_> {
    TokenText {
        symbol: &token.symbol,
        decimals: token.decimals,
        address: token.address.map(|address| address.to_string()),
    }
}

/// Writes a tolerance exactly, as a whole number and a power of ten: `1e-9`, `25e-13`, `0`.
pub(crate) fn tolerance_text(tolerance: RelativeTolerance) -> String {
    // Tolerances are whole parts of 10^18, so the allowance of that amount is exact.
    let parts = tolerance.allowance(Amount::from_u64(1_000_000_000_000_000_000)).to_string();
    let significant = parts.trim_end_matches('0');
    let zeros = parts.len().saturating_sub(significant.len());
    match 18_usize.saturating_sub(zeros) {
        _ if significant.is_empty() => "0".to_owned(),
        places => format!("{significant}e-{places}"),
    }
}
