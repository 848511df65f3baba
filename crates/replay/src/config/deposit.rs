//! What each strategy starts with.

use std::collections::BTreeMap;

use tidemill_configuration::KeyPath;
use tidemill_market::{NativeValue, PoolPrices, PoolValuation};
use tidemill_model::Token;
use tidemill_units::{Amount, Amounts, TokenAmounts, TokenIndex, U256, mul_div};

use super::{BacktestConfig, POOL, alternatives, not_allowed, whole};
use crate::ConfigError;
use crate::run_tape::StartState;

impl BacktestConfig {
    /// What each strategy starts with, and its value.
    pub(super) fn deposit(
        &self,
        tokens: &[&Token],
        quote: TokenIndex,
        start: &StartState,
    ) -> Result<Deposit, ConfigError> {
        if let Some(by_name) = &self.deposit {
            return self.named_deposit(by_name, tokens, (quote, start));
        }
        let text = self.deposit_quote.as_deref().unwrap_or("1000000");
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let value = whole("deposit_quote", text, decimals)?;
        let amounts = split(value, quote, start).filter(is_tradable);
        let amounts = amounts.ok_or_else(|| {
            let allowed = "an amount that gives 1 to 2^128 - 1 raw units of each token";
            not_allowed("deposit_quote", &text, allowed)
        })?;
        Ok(Deposit { amounts, value })
    }

    fn named_deposit(
        &self,
        by_name: &BTreeMap<String, String>,
        tokens: &[&Token],
        (quote, start): (TokenIndex, &StartState),
    ) -> Result<Deposit, ConfigError> {
        if self.deposit_quote.is_some() {
            let allowed = "one of deposit and deposit_quote";
            return Err(not_allowed("deposit", &"given beside deposit_quote", allowed));
        }
        let mut amounts = Vec::new();
        for token in tokens {
            let text = by_name.get(&token.symbol).map_or("0", String::as_str);
            let amount = whole("deposit", text, token.decimals);
            amounts.push(amount.map_err(|error| error.at(of_token(&token.symbol)))?);
        }
        let is_token = |name: &&String| tokens.iter().any(|token| token.symbol == **name);
        if let Some(other) = by_name.keys().find(|name| !is_token(name)) {
            return Err(not_allowed("deposit", other, &alternatives(tokens)).at(of_token(other)));
        }
        let amounts = TokenAmounts::new(&amounts).filter(is_ownable);
        let valuation = PoolValuation { pool: POOL, quote, native: NativeValue::Token(quote) };
        let both = amounts.and_then(|amounts| {
            let value = valuation.value_at(&start.prices, &amounts)?;
            (!value.is_zero()).then_some(Deposit { amounts, value })
        });
        let allowed = "something of at least one token, and at most 2^128 - 1 raw units of each";
        both.ok_or_else(|| not_allowed("deposit", &"too little or too much", allowed))
    }
}

fn of_token(symbol: &str) -> KeyPath {
    KeyPath::of("deposit").key(symbol)
}

/// What a strategy starts with.
pub(super) struct Deposit {
    pub(super) amounts: TokenAmounts,
    /// In raw units of the quote token.
    pub(super) value: Amount,
}

/// Whether there is something of each token, and no more than a pool can pay out at once.
fn is_tradable(amounts: &TokenAmounts) -> bool {
    is_ownable(amounts) && amounts.as_slice().iter().all(|amount| !amount.is_zero())
}

fn is_ownable(amounts: &TokenAmounts) -> bool {
    amounts.as_slice().iter().all(|amount| *amount <= Amount::from_u128(u128::MAX))
}

/// Puts half of the deposit into the other token; in a pool of shares, as much into each token as
/// the pool's own proportion has, rounded down.
fn split(deposit: Amount, quote: TokenIndex, start: &StartState) -> Option<TokenAmounts> {
    let Some(balances) = start.balances else {
        let PoolPrices::Concentrated(price) = start.prices else { return None };
        let quote = quote.side()?;
        let half = Amount(deposit.0.checked_div(U256::from(2_u8))?);
        let kept = deposit.checked_sub(half)?;
        let base = price.convert(half, quote)?;
        let amounts = Amounts::of(quote, kept).checked_add(Amounts::of(quote.other(), base))?;
        return Some(amounts.into());
    };
    let valuation = PoolValuation { pool: POOL, quote, native: NativeValue::Token(quote) };
    let whole = valuation.value_at(&start.prices, &balances)?;
    let mut amounts = balances;
    for amount in amounts.as_mut_slice() {
        *amount = Amount(mul_div(amount.0, deposit.0, whole.0)?);
    }
    Some(amounts)
}
