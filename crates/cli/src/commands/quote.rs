use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;
use tidemill_amm::{Pool, PoolError, PriceRatio, Quote, SwapAmount, Trade};
use tidemill_model::Token;
use tidemill_store::{MAX_POOL_STATE_BYTES, PoolState};
use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "Examples:
  tidemill quote pool.json --in USDC --out WETH --amount 1000000000
  tidemill quote pool.json --in USDC --out WETH --amount 1000000000000000000 --exact-out --json

The state of a pool is one JSON file, of any kind of pool: docs/pool-state.md. Amounts are raw
units. Of a metapool the coins of its base pool can be named too, where the state tells what they
are called. Taken out is what the contract's own quote function answers; where a swap made now would
pay something else, that is said too. The price after is that of the next unit, without the fee, in
whole tokens.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The pool's state; - is standard input
    #[arg(value_name = "STATE.json")]
    state: PathBuf,
    /// The token paid in, by its symbol or address
    #[arg(long = "in", value_name = "TOKEN")]
    input: String,
    /// The token taken out, by its symbol or address
    #[arg(long = "out", value_name = "TOKEN")]
    output: String,
    /// How much is paid in, in raw units; with --exact-out, how much is taken out
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    amount: String,
    /// Fix what is taken out
    #[arg(long)]
    exact_out: bool,
    /// When, in seconds since 1970; now without it. Matters while an amplification moves
    #[arg(long, value_name = "UNIX_TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Decimal strings. The price is in whole tokens of the output per whole token of the input.
#[derive(Serialize)]
struct Json<'a> {
    amount_in: String,
    amount_out: String,
    amount_paid_out: String,
    fee: String,
    fee_token: &'a str,
    price_after: Option<String>,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let amount: Amount = parse("--amount", &self.amount)?;
        let at = self.time()?;
        let file = if self.is_stdin() { "-".to_owned() } else { self.state.display().to_string() };
        let PoolState { mut tokens, base_tokens, mut pool } = self.read(&file)?;
        // The base pool's coins are counted behind the metapool's own.
        let pool_tokens = tokens.len();
        tokens.extend(base_tokens);
        let find = |option, text| find(&tokens, option, text);
        let pair =
            TokenPair { input: find("--in", &self.input)?, output: find("--out", &self.output)? };
        if pair.input == pair.output {
            return Err(Failure::input(format!(
                "--out: `{}` is the token paid in; a trade is between two",
                self.output
            )));
        }
        let amount =
            if self.exact_out { SwapAmount::ExactOut(amount) } else { SwapAmount::ExactIn(amount) };
        let refused = |error: PoolError| {
            let is_below = |token: TokenIndex| token.place() >= pool_tokens;
            let is_share_of_base = is_below(pair.input) != is_below(pair.output);
            if error == PoolError::NoSuchPair && is_share_of_base {
                let why = "shares of the base pool against its own coins are a deposit or a \
                           withdrawal there, not a trade";
                return Failure::input(format!("{file}: {why}"));
            }
            Failure::input(format!("{file}: the pool refuses the trade: {error}"))
        };
        let trade = Trade { pair, amount };
        let Traded { promised, quote, price } = traded(&mut pool, trade, at).map_err(refused)?;
        let [input, output, fee_token] =
            [pair.input, pair.output, quote.fee.token].map(|token| tokens.get(token.place()));
        let (Some(input), Some(output), Some(fee_token)) = (input, output, fee_token) else {
            return Err(refused(PoolError::NoSuchPair));
        };
        let price = price.map(|price| price.to_decimal_string(input.decimals, output.decimals));
        if self.json {
            return output::print_json(&Json {
                amount_in: quote.amount_in.to_string(),
                amount_out: promised.to_string(),
                amount_paid_out: quote.amount_out.to_string(),
                fee: quote.fee.amount.to_string(),
                fee_token: &fee_token.symbol,
                price_after: price,
            });
        }
        print([input, output, fee_token], promised, &quote, price)
    }

    fn is_stdin(&self) -> bool {
        self.state == Path::new("-")
    }

    fn read(&self, file: &str) -> Result<PoolState, Failure> {
        if !self.is_stdin() {
            return PoolState::read(&self.state).map_err(Failure::input);
        }
        let mut bytes = Vec::new();
        let mut limited = std::io::stdin().lock().take(MAX_POOL_STATE_BYTES + 1);
        limited
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::input(format!("standard input: {error}")))?;
        if bytes.len() as u64 > MAX_POOL_STATE_BYTES {
            return Err(Failure::input(format!("-: is larger than {MAX_POOL_STATE_BYTES} bytes")));
        }
        PoolState::from_json(file, &bytes).map_err(Failure::input)
    }

    fn time(&self) -> Result<Timestamp, Failure> {
        let Some(text) = &self.at else {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            return Ok(Timestamp(since.map_or(0, |since| since.as_secs())));
        };
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = if is_digits { text.parse().ok() } else { None };
        let expected = "expected seconds since 1970, 0 to 2^64 - 1";
        seconds
            .map(Timestamp)
            .ok_or_else(|| Failure::input(format!("--at: `{text}` is not allowed; {expected}")))
    }
}

/// A trade as it was promised and made.
struct Traded {
    promised: Amount,
    quote: Quote,
    /// A pool can be left without a price: one whose liquidity was all taken.
    price: Option<PriceRatio>,
}

/// Asks for a trade and makes it; with a coin of a metapool's base pool it goes through both.
fn traded(pool: &mut Pool, trade: Trade, at: Timestamp) -> Result<Traded, PoolError> {
    let pair = trade.pair;
    let is_own = |token: TokenIndex| token.place() < pool.token_count();
    let is_own = is_own(pair.input) && is_own(pair.output);
    if !is_own && let Some(pool) = pool.metapool_mut() {
        let contract = pool.contract_quote_underlying(&trade, at)?;
        let quote = pool.swap_underlying(&trade, at)?;
        let price = pool.spot_price_underlying(pair, at).ok();
        return Ok(Traded { promised: contract.amount_out, quote, price });
    }
    let contract = pool.contract_quote(&trade, at)?;
    let quote = pool.swap(&quoted(trade, &contract), at)?;
    let price = pool.spot_price(pair, at).ok();
    Ok(Traded { promised: contract.amount_out, quote, price })
}

/// Returns the trade that was quoted: where an output is not there whole, the input that buys what
/// there is.
fn quoted(trade: Trade, contract: &Quote) -> Trade {
    let amount = match trade.amount {
        SwapAmount::ExactOut(wanted) if wanted > contract.amount_out => {
            SwapAmount::ExactIn(contract.amount_in)
        }
        amount @ (SwapAmount::ExactOut(_) | SwapAmount::ExactIn(_)) => amount,
    };
    Trade { amount, ..trade }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    option: &str,
    text: &str,
) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::input(format!("{option}: {error}")))
}

/// Finds a token by its symbol, in just these letters, or by its address.
fn find(tokens: &[Token], option: &str, text: &str) -> Result<TokenIndex, Failure> {
    let address = text.parse().ok();
    let is_meant =
        |token: &Token| token.symbol == text || (address.is_some() && token.address == address);
    let found: Vec<u8> =
        (0..).zip(tokens).filter(|(_, token)| is_meant(token)).map(|(index, _)| index).collect();
    match found.as_slice() {
        [index] => Ok(TokenIndex(*index)),
        [] => {
            let symbols: Vec<&str> = tokens.iter().map(|token| token.symbol.as_str()).collect();
            let known = symbols.join(", ");
            let clipped: String = text.chars().take(80).collect();
            let shown = clipped.escape_debug();
            Err(Failure::input(format!("{option}: the pool has no `{shown}`; it has {known}")))
        }
        _ => Err(Failure::input(format!(
            "{option}: {} of the pool's tokens are called `{text}`; name one by its address",
            found.len()
        ))),
    }
}

fn print(
    tokens: [&Token; 3],
    promised: Amount,
    quote: &Quote,
    price: Option<String>,
) -> Result<(), Failure> {
    let [input, output, fee_token] = tokens;
    let whole = |amount: Amount, token: &Token| {
        format!("{} {}", amount.to_decimal_string(token.decimals), token.symbol)
    };
    let price = price.map(|price| format!("{price} {} per {}", output.symbol, input.symbol));
    let mut rows =
        vec![("paid in", whole(quote.amount_in, input)), ("taken out", whole(promised, output))];
    if quote.amount_out != promised {
        rows.push(("a swap pays out", whole(quote.amount_out, output)));
    }
    rows.push(("fee", whole(quote.fee.amount, fee_token)));
    rows.push(("price after", price.unwrap_or_else(|| "none".to_owned())));
    output::print_rows(&rows)
}
