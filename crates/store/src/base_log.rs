//! An exchange of underlying coins whose base pool's log has a row of its own: one call in two.

use tidemill_model::{BaseLog, LiquidityChange, PoolEvent, ShareEvent, TapeEvent};
use tidemill_units::{Amount, TokenIndex, TokenPair};

/// Joins an exchange of underlying coins with the row before it, where that is what the base pool
/// logged of the same call: in one block, nothing between them, and the amounts are the exchange's.
/// The base pool's log is the first of the two. `None` where the row before is something else.
///
/// Of a base coin the factory's log has not what was paid in but the base pool's shares that it
/// was turned into (`dx` in `MetaUSD.exchange_underlying`); the joined event has the coins.
pub(crate) fn joined(before: &TapeEvent, exchange: &TapeEvent) -> Option<TapeEvent> {
    let PoolEvent::Shares(ShareEvent::Base(logged)) = &before.event else { return None };
    let PoolEvent::Shares(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base: None }) =
        &exchange.event
    else {
        return None;
    };
    let (amount_in, log) = log_of(logged, *pair, [*amount_in, *amount_out])?;
    if (before.block, before.time) != (exchange.block, exchange.time) {
        return None;
    }
    let (pair, amount_out) = (*pair, *amount_out);
    let base = Some(Box::new(log));
    let event = ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base };
    Some(TapeEvent {
        log_index: before.log_index,
        gas_used: exchange.gas_used.or(before.gas_used),
        gas_price: exchange.gas_price.or(before.gas_price),
        event: PoolEvent::Shares(event),
        ..*exchange
    })
}

/// What was paid in and what a log of the base pool says of this exchange, if it is of it.
fn log_of(
    logged: &ShareEvent,
    pair: TokenPair,
    [amount_in, amount_out]: [Amount; 2],
) -> Option<(Amount, BaseLog)> {
    let below = |token: TokenIndex| token.0.checked_sub(1).map(TokenIndex);
    let (input, output) = (below(pair.input), below(pair.output));
    if let ShareEvent::Swap { pair, amount_in: paid, amount_out: taken } = logged {
        let is_it = (Some(pair.input), Some(pair.output)) == (input, output)
            && (*paid, *taken) == (amount_in, amount_out);
        // No shares are minted or burned, which tells that this log was there.
        let log = BaseLog { shares: Some(Amount::ZERO), ..BaseLog::default() };
        return is_it.then_some((amount_in, log));
    }
    if let ShareEvent::Deposit(change) = logged {
        let LiquidityChange { amounts, shares, fees, invariant, total_shares } = **change;
        let paid = input.filter(|_| output.is_none()).and_then(|input| amounts.get(input))?;
        let is_alone =
            |(coin, amount): (TokenIndex, Amount)| Some(coin) == input || amount.is_zero();
        // Where the row has no shares, those of the exchange's log are taken for them.
        let shares = if amount_in == paid { shares } else { shares.or(Some(amount_in)) };
        let is_amount = amount_in == paid || shares == Some(amount_in);
        let log = BaseLog { shares, fees, invariant, total_shares };
        return (is_amount && amounts.iter().all(is_alone)).then_some((paid, log));
    }
    if let ShareEvent::WithdrawOne { token, shares, amount } = logged {
        let is_token = token.is_none_or(|token| Some(token) == output);
        let is_it = input.is_none() && output.is_some() && is_token && *amount == amount_out;
        let log = BaseLog { shares: Some(*shares), ..BaseLog::default() };
        return is_it.then_some((amount_in, log));
    }
    None
}
