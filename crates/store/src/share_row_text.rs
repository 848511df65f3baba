//! What an event of a pool of shares is in the columns of a row.

use tidemill_model::{BaseLog, LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, TokenAmounts, TokenPair};

use crate::share_row::ShareColumn;
use crate::share_row_event::{ADMIN_SHARES, amounts_of};

/// The texts of an event's selective columns, in their order.
pub(crate) type Texts = [Option<String>; ShareColumn::TEXTS];

/// Writes what an event fills of the selective columns.
pub(crate) fn texts_of(event: &ShareEvent) -> Texts {
    let mut texts = Texts::default();
    put_event(&mut texts, event);
    texts
}

fn place(texts: &mut Texts, column: ShareColumn) -> Option<&mut Option<String>> {
    column.text_place().and_then(|place| texts.get_mut(place))
}

fn put_event(texts: &mut Texts, event: &ShareEvent) {
    let mut put = |column: ShareColumn, text: String| {
        if let Some(place) = place(texts, column) {
            *place = Some(text);
        }
    };
    match event {
        ShareEvent::Swap { pair, amount_in, amount_out } => {
            put_trade(&mut put, *pair, [*amount_in, *amount_out]);
        }
        ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base } => {
            put_trade(&mut put, *pair, [*amount_in, *amount_out]);
            if let Some(log) = base {
                put_base_log(&mut put, log);
            }
        }
        ShareEvent::PairSwap { paid, taken } => {
            let of = |amounts: &Amounts| format!("{};{}", amounts.amount0, amounts.amount1);
            put(ShareColumn::AmountsIn, of(paid));
            put(ShareColumn::AmountsOut, of(taken));
        }
        ShareEvent::Deposit(change) => put_change(&mut put, ShareColumn::AmountsIn, change),
        ShareEvent::Withdraw(change) | ShareEvent::WithdrawImbalance(change) => {
            put_change(&mut put, ShareColumn::AmountsOut, change);
        }
        ShareEvent::WithdrawOne { token, shares, amount } => {
            if let Some(token) = token {
                put(ShareColumn::TokenOut, token.0.to_string());
            }
            put(ShareColumn::Shares, shares.to_string());
            put(ShareColumn::AmountOut, amount.to_string());
        }
        ShareEvent::Gift(amounts) => put(ShareColumn::AmountsIn, list_text(amounts)),
        ShareEvent::Skim(amounts)
        | ShareEvent::ClaimFees(amounts)
        | ShareEvent::ClaimAdminFees(amounts) => {
            put(ShareColumn::AmountsOut, list_text(amounts));
        }
        ShareEvent::Sync(balances) => put(ShareColumn::Balances, list_text(balances)),
        ShareEvent::Ramp(ramp) => put(ShareColumn::Parameters, ramp_text(ramp)),
        ShareEvent::StopRamp => {}
        ShareEvent::SetParameters(change) => put(ShareColumn::Parameters, change_text(change)),
        ShareEvent::ClaimAdminShares(shares) => put(ShareColumn::Shares, shares.to_string()),
        ShareEvent::Base(event) => put_event(texts, event),
        ShareEvent::Claiming { event, admin_shares } => {
            put_event(texts, event);
            if let Some(place) = place(texts, ShareColumn::Parameters) {
                let others = place.take().filter(|others| !others.is_empty());
                let others = others.map_or(String::new(), |others| format!("{others};"));
                *place = Some(format!("{others}{ADMIN_SHARES}={admin_shares}"));
            }
        }
    }
}

fn put_trade(
    put: &mut impl FnMut(ShareColumn, String),
    pair: TokenPair,
    [amount_in, amount_out]: [Amount; 2],
) {
    put(ShareColumn::TokenIn, pair.input.0.to_string());
    put(ShareColumn::AmountIn, amount_in.to_string());
    put(ShareColumn::TokenOut, pair.output.0.to_string());
    put(ShareColumn::AmountOut, amount_out.to_string());
}

fn put_base_log(put: &mut impl FnMut(ShareColumn, String), log: &BaseLog) {
    put_numbers(put, [log.shares, log.invariant, log.total_shares]);
    if let Some(fees) = &log.fees {
        put(ShareColumn::Fees, list_text(fees));
    }
}

fn put_numbers(
    put: &mut impl FnMut(ShareColumn, String),
    [shares, invariant, total_shares]: [Option<Amount>; 3],
) {
    for (column, amount) in [
        (ShareColumn::Shares, shares),
        (ShareColumn::Invariant, invariant),
        (ShareColumn::TotalShares, total_shares),
    ] {
        if let Some(amount) = amount {
            put(column, amount.to_string());
        }
    }
}

fn put_change(
    put: &mut impl FnMut(ShareColumn, String),
    amounts: ShareColumn,
    change: &LiquidityChange,
) {
    put(amounts, list_text(&change.amounts));
    put_numbers(put, [change.shares, change.invariant, change.total_shares]);
    if let Some(fees) = &change.fees {
        put(ShareColumn::Fees, list_text(fees));
    }
}

fn list_text(amounts: &TokenAmounts) -> String {
    let texts: Vec<String> = amounts.as_slice().iter().map(Amount::to_string).collect();
    texts.join(";")
}

fn ramp_text(ramp: &Ramp) -> String {
    let gamma = ramp.gamma.map_or(String::new(), |gamma| format!("gamma={gamma};"));
    format!("amplification={};{gamma}ends_at={}", ramp.amplification, ramp.ends_at.0)
}

fn change_text(change: &ParameterChange) -> String {
    let mut change = *change;
    let is_on = change.protocol_fee_on;
    let mut parts: Vec<String> = amounts_of(&mut change)
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
        .collect();
    parts.extend(is_on.map(|is_on| format!("protocol_fee_on={}", u8::from(is_on))));
    parts.join(";")
}
