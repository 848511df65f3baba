//! The state of a pool of any kind as a JSON file; fields are in `docs/pool-state.md`.

mod balancer_v1;
mod composable_stable;
mod concentrated;
mod constant_product;
mod crypto_swap;
mod fields;
mod solidly;
mod stable_swap;
mod stable_swap_meta;
mod stable_swap_meta_ng;
mod stable_swap_ng;
mod weighted;
mod write;

use serde_json::value::RawValue;
use tidemill_amm::concentrated::Build;
use tidemill_amm::{Pool, StateError};
use tidemill_model::{Address, Token};

pub(crate) use fields::{FieldFault, Fields, Value};
pub(crate) use write::{Json, Object, address, integer};

use crate::importer::{file_error, read_limited};
use crate::limits::MAX_POOL_STATE_BYTES;
use crate::{Fault, FormatFault, TapeError};

/// A pool with what its tokens are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// Its tokens, in the pool's order.
    pub tokens: Vec<Token>,
    /// The tokens of a metapool's base pool, in that pool's order, where the state tells them; else
    /// none.
    pub base_tokens: Vec<Token>,
    /// The pool.
    pub pool: Pool,
}

impl PoolState {
    /// Reads a state file.
    ///
    /// # Errors
    ///
    /// As [`PoolState::from_json`], and [`TapeError::Read`] where the system cannot read it.
    pub fn read(path: &std::path::Path) -> Result<Self, TapeError> {
        let bytes = read_limited(path, MAX_POOL_STATE_BYTES)?;
        Self::from_json(&path.display().to_string(), &bytes)
    }

    /// Reads the text of a state file; `file` is how errors name it.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] for bytes that are no JSON, and [`TapeError::Field`] for a field that
    /// is missing, unknown, there twice, of the wrong type or outside the contract's own bounds.
    pub fn from_json(file: &str, bytes: &[u8]) -> Result<Self, TapeError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text =
            std::str::from_utf8(bytes).map_err(|_| file_error(file, FormatFault::NotUtf8))?;
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|error| file_error(file, FormatFault::Json(error.to_string())))?;
        read_state(&Value::whole(raw)).map_err(|(field, fault)| {
            let fault = Box::new(fault);
            if field.is_empty() {
                TapeError::File { file: file.to_owned(), fault }
            } else {
                TapeError::Field { file: file.to_owned(), field, fault }
            }
        })
    }

    /// Returns the text of a state file that reads back as this; integers are strings of digits.
    ///
    /// # Errors
    ///
    /// None that can occur; the JSON library has the type.
    pub fn to_json(&self) -> Result<String, FormatFault> {
        let text = serde_json::to_string_pretty(&self.json());
        text.map(|text| text + "\n").map_err(|error| FormatFault::Json(error.to_string()))
    }

    pub(crate) fn json(&self) -> Object {
        let mut fields = Object::default();
        fields.put("kind", Json::Text(self.pool.kind().to_owned()));
        fields.put("tokens", Json::List(self.tokens.iter().map(token_json).collect()));
        match &self.pool {
            Pool::Concentrated(pool) => concentrated::write(pool, &mut fields),
            Pool::ConstantProduct(pool) => constant_product::write(pool, &mut fields),
            Pool::Solidly(pool) => solidly::write(pool, &mut fields),
            Pool::StableSwap(pool) => stable_swap::write(pool, &mut fields),
            Pool::StableSwapMeta(pool) => {
                stable_swap_meta::write(pool, &self.base_tokens, &mut fields);
            }
            Pool::StableSwapMetaNg(pool) => {
                stable_swap_meta_ng::write(pool, &self.base_tokens, &mut fields);
            }
            Pool::StableSwapNg(pool) => stable_swap_ng::write(pool, &mut fields),
            Pool::CryptoSwap(pool) => crypto_swap::write(pool, &mut fields),
            Pool::BalancerV1(pool) => balancer_v1::write(pool, &mut fields),
            Pool::Weighted(pool) => weighted::write(pool, &mut fields),
            Pool::ComposableStable(pool) => composable_stable::write(pool, &mut fields),
        }
        fields
    }
}

/// Why the fields of a kind are no state: a field by itself, or what the kind says of them all.
enum StateFault {
    Field(FieldFault),
    Refused(StateError),
}

impl From<FieldFault> for StateFault {
    fn from(fault: FieldFault) -> Self {
        Self::Field(fault)
    }
}

fn refused(error: StateError) -> StateFault {
    StateFault::Refused(error)
}

/// Reads a state that is part of a file, or the whole of one.
pub(crate) fn read_state(value: &Value<'_>) -> Result<PoolState, FieldFault> {
    let mut fields = Fields::of(value)?;
    let kind = fields.take("kind")?;
    let tokens_field = fields.take("tokens")?;
    let tokens = read_tokens(&tokens_field)?;
    let mut base_tokens = Vec::new();
    let name = kind.string(KINDS)?;
    let pool = match name.as_str() {
        "constant_product" => boxed(constant_product::read(&mut fields), Pool::ConstantProduct),
        "solidly" => boxed(solidly::read(&mut fields), Pool::Solidly),
        "stable_swap" => boxed(stable_swap::read(&mut fields), Pool::StableSwap),
        "stable_swap_meta" => {
            let pool = stable_swap_meta::read(&mut fields, &mut base_tokens);
            boxed(pool, Pool::StableSwapMeta)
        }
        "stable_swap_meta_ng" => {
            let pool = stable_swap_meta_ng::read(&mut fields, &mut base_tokens);
            boxed(pool, Pool::StableSwapMetaNg)
        }
        "stable_swap_ng" => boxed(stable_swap_ng::read(&mut fields), Pool::StableSwapNg),
        "crypto_swap" => boxed(crypto_swap::read(&mut fields), Pool::CryptoSwap),
        "balancer_v1" => boxed(balancer_v1::read(&mut fields), Pool::BalancerV1),
        "weighted" => boxed(weighted::read(&mut fields), Pool::Weighted),
        "composable_stable" => boxed(composable_stable::read(&mut fields), Pool::ComposableStable),
        name => {
            let build = Build::from_name(name).ok_or_else(|| kind.fault(KINDS))?;
            boxed(concentrated::read(&mut fields, build), Pool::Concentrated)
        }
    };
    let pool = pool.map_err(|fault| match fault {
        StateFault::Field(fault) => fault,
        StateFault::Refused(error) => at_field(value, &error),
    })?;
    fields.finish()?;
    if tokens.len() != pool.token_count() {
        return Err(tokens_field.fault("one token for each of the pool's balances"));
    }
    Ok(PoolState { tokens, base_tokens, pool })
}

/// The kinds there are, for messages.
const KINDS: &str = "one of uniswap_v3, pancake_v3, slipstream, uniswap_v4, \
     constant_product, solidly, balancer_v1, weighted, composable_stable, stable_swap, \
     stable_swap_meta, stable_swap_ng, stable_swap_meta_ng, crypto_swap";

fn boxed<T>(
    pool: Result<T, StateFault>,
    of: impl FnOnce(Box<T>) -> Pool,
) -> Result<Pool, StateFault> {
    pool.map(Box::new).map(of)
}

/// Finds the field that a kind refused and says what stands there.
fn at_field<'a>(state: &Value<'a>, error: &StateError) -> FieldFault {
    let StateError { field, allowed } = *error;
    let mut names = field.name.split('.');
    let inside = |value: &Value<'a>, name: &str| -> Option<Value<'a>> {
        Fields::of(value).ok()?.take_optional(name)
    };
    let part = field.within.map_or_else(|| Some(state.clone()), |part| inside(state, part));
    let mut found = part.zip(names.next()).and_then(|(part, name)| inside(&part, name));
    if let Some(index) = field.index {
        let item = |list: Value<'a>| -> Option<Value<'a>> {
            list.list("a list").ok()?.into_iter().nth(index)
        };
        found = found.and_then(item);
    }
    for name in names {
        found = found.and_then(|value| inside(&value, name));
    }
    match found {
        Some(value) => value.fault(allowed),
        // The kind speaks of a place that is not there: of a list that is too short, say.
        None => {
            let name = field.to_string().replace('`', "");
            let is_part = !state.path().is_empty();
            let path = if is_part { format!("{}.{name}", state.path()) } else { name };
            (path, Fault::Value { found: "nothing".to_owned(), expected: allowed })
        }
    }
}

fn read_tokens(value: &Value<'_>) -> Result<Vec<Token>, FieldFault> {
    const EXPECTED: &str = "a list of 2 to 8 tokens";
    let list = value.list(EXPECTED)?;
    if !(2..=8).contains(&list.len()) {
        return Err(value.fault(EXPECTED));
    }
    let tokens = list.iter().map(read_token).collect::<Result<Vec<_>, _>>()?;
    for (at, item) in list.iter().enumerate() {
        let address = |token: &Token| token.address;
        let before = tokens.get(..at).unwrap_or_default().iter().filter_map(address);
        let own = tokens.get(at).and_then(address);
        if own.is_some_and(|own| before.into_iter().any(|other: Address| other == own)) {
            return Err(item.fault("an address that no other token has"));
        }
    }
    Ok(tokens)
}

/// Reads a token: symbol, decimals, and perhaps an address.
pub(crate) fn read_token(value: &Value<'_>) -> Result<Token, FieldFault> {
    const SYMBOL: &str = "1 to 32 characters, none a control character, no space around";
    const DECIMALS: &str = "decimals, 0 to 38";
    let mut fields = Fields::of(value)?;
    let symbol_field = fields.take("symbol")?;
    let symbol = symbol_field.string(SYMBOL)?;
    let is_plain = !symbol.chars().any(char::is_control) && symbol.trim() == symbol;
    if !is_plain || !(1..=32).contains(&symbol.chars().count()) {
        return Err(symbol_field.fault(SYMBOL));
    }
    let decimals_field = fields.take("decimals")?;
    let decimals: u8 = decimals_field.unsigned(DECIMALS)?;
    if decimals > Token::MAX_DECIMALS {
        return Err(decimals_field.fault(DECIMALS));
    }
    let address = fields.take_optional("address");
    let address = address.map(|value| value.address()).transpose()?;
    fields.finish()?;
    Ok(Token { symbol, decimals, address })
}

pub(crate) fn token_json(token: &Token) -> Json {
    let mut fields = Object::default();
    fields.put("symbol", Json::Text(token.symbol.clone()));
    fields.put("decimals", Json::Small(token.decimals));
    if let Some(address) = token.address {
        fields.put("address", write::address(address));
    }
    Json::Object(fields)
}
