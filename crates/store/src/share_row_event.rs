//! What a row of a tape of shares says happened, and back.

use tidemill_model::{LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use crate::Fault;
use crate::csv_rows::whole;
use crate::error::{RowFault, clip};
use crate::share_row::{ShareColumn, ShareRow};

const KINDS: &str = "one of swap, swap_underlying, pair_swap, deposit, withdraw, \
     withdraw_imbalance, withdraw_one, gift, skim, sync, claim_fees, claim_admin_fees, ramp, \
     stop_ramp, set_parameters";
const TOKEN: &str = "a token by its place in the pool, counted from 0";
const LIST: &str = "an amount of each of the pool's tokens, parted by semicolons";
const PARAMETERS: &str = "names and whole numbers that this kind has, as name=1;name=2";

/// Which columns a kind may fill.
const SWAP: &[ShareColumn] =
    &[ShareColumn::TokenIn, ShareColumn::AmountIn, ShareColumn::TokenOut, ShareColumn::AmountOut];
const PAIR_SWAP: &[ShareColumn] = &[ShareColumn::AmountsIn, ShareColumn::AmountsOut];
const DEPOSIT: &[ShareColumn] = &[
    ShareColumn::AmountsIn,
    ShareColumn::Shares,
    ShareColumn::Fees,
    ShareColumn::Invariant,
    ShareColumn::TotalShares,
];
const WITHDRAW: &[ShareColumn] = &[
    ShareColumn::AmountsOut,
    ShareColumn::Shares,
    ShareColumn::Fees,
    ShareColumn::Invariant,
    ShareColumn::TotalShares,
];
const WITHDRAW_ONE: &[ShareColumn] =
    &[ShareColumn::TokenOut, ShareColumn::AmountOut, ShareColumn::Shares];
const PAID_IN: &[ShareColumn] = &[ShareColumn::AmountsIn];
const TAKEN_OUT: &[ShareColumn] = &[ShareColumn::AmountsOut];
const BALANCES: &[ShareColumn] = &[ShareColumn::Balances];
const NAMED: &[ShareColumn] = &[ShareColumn::Parameters];

/// A row under the rules of its kind.
struct KindRow<'a> {
    row: &'a ShareRow<'a>,
    kind: &'static str,
    tokens: usize,
}

/// Reads what a row says happened, in a pool of this many tokens.
///
/// # Errors
///
/// An unknown kind, a column that the kind leaves empty, or else the first that is missing or
/// wrong.
pub(crate) fn read_share_event(row: &ShareRow<'_>, tokens: usize) -> Result<ShareEvent, RowFault> {
    let of = |kind, allowed| KindRow::new(row, kind, tokens, allowed);
    Ok(match row.kind {
        "swap" => of("swap", SWAP)?.swap()?,
        "swap_underlying" => of("swap_underlying", SWAP)?.swap_underlying()?,
        "pair_swap" => of("pair_swap", PAIR_SWAP)?.pair_swap()?,
        "deposit" => ShareEvent::Deposit(of("deposit", DEPOSIT)?.change(ShareColumn::AmountsIn)?),
        "withdraw" => {
            ShareEvent::Withdraw(of("withdraw", WITHDRAW)?.change(ShareColumn::AmountsOut)?)
        }
        "withdraw_imbalance" => {
            let row = of("withdraw_imbalance", WITHDRAW)?;
            ShareEvent::WithdrawImbalance(row.change(ShareColumn::AmountsOut)?)
        }
        "withdraw_one" => of("withdraw_one", WITHDRAW_ONE)?.withdraw_one()?,
        "gift" => ShareEvent::Gift(of("gift", PAID_IN)?.list(ShareColumn::AmountsIn)?),
        "skim" => ShareEvent::Skim(of("skim", TAKEN_OUT)?.list(ShareColumn::AmountsOut)?),
        "sync" => ShareEvent::Sync(of("sync", BALANCES)?.list(ShareColumn::Balances)?),
        "claim_fees" => {
            ShareEvent::ClaimFees(of("claim_fees", TAKEN_OUT)?.list(ShareColumn::AmountsOut)?)
        }
        "claim_admin_fees" => {
            let row = of("claim_admin_fees", TAKEN_OUT)?;
            ShareEvent::ClaimAdminFees(row.list(ShareColumn::AmountsOut)?)
        }
        "ramp" => of("ramp", NAMED)?.ramp()?,
        "stop_ramp" => of("stop_ramp", &[]).map(|_| ShareEvent::StopRamp)?,
        "set_parameters" => of("set_parameters", NAMED)?.set_parameters()?,
        other => {
            let fault = Fault::Value { found: clip(other), expected: KINDS };
            return Err(ShareColumn::Kind.fault(fault));
        }
    })
}

impl<'a> KindRow<'a> {
    fn new(
        row: &'a ShareRow<'a>,
        kind: &'static str,
        tokens: usize,
        allowed: &[ShareColumn],
    ) -> Result<Self, RowFault> {
        for column in ShareColumn::SELECTIVE {
            if let Some(found) = row.text(column).filter(|_| !allowed.contains(&column)) {
                return Err(column.fault(Fault::NotEmpty { kind, found: clip(found) }));
            }
        }
        Ok(Self { row, kind, tokens })
    }

    fn need(&self, column: ShareColumn) -> Result<&'a str, RowFault> {
        let missing = || column.fault(Fault::Missing { kind: self.kind });
        self.row.text(column).ok_or_else(missing)
    }

    fn amount(&self, column: ShareColumn) -> Result<Amount, RowFault> {
        read_amount(column, self.need(column)?)
    }

    fn optional_amount(&self, column: ShareColumn) -> Result<Option<Amount>, RowFault> {
        self.row.text(column).map(|text| read_amount(column, text)).transpose()
    }

    /// Reads a token; those of a metapool's base pool are counted behind its own.
    fn token(&self, column: ShareColumn, count: usize) -> Result<TokenIndex, RowFault> {
        let text = self.need(column)?;
        let index = whole::<u8>(text, TOKEN).map_err(|fault| column.fault(fault))?;
        if usize::from(index) < count {
            return Ok(TokenIndex(index));
        }
        Err(column.fault(Fault::Value { found: clip(text), expected: TOKEN }))
    }

    fn pair(&self, count: usize) -> Result<TokenPair, RowFault> {
        let input = self.token(ShareColumn::TokenIn, count)?;
        let output = self.token(ShareColumn::TokenOut, count)?;
        if input == output {
            let expected = "a token other than token_in";
            let found = output.0.to_string();
            return Err(ShareColumn::TokenOut.fault(Fault::Value { found, expected }));
        }
        Ok(TokenPair { input, output })
    }

    fn swap(&self) -> Result<ShareEvent, RowFault> {
        Ok(ShareEvent::Swap {
            pair: self.pair(self.tokens)?,
            amount_in: self.amount(ShareColumn::AmountIn)?,
            amount_out: self.amount(ShareColumn::AmountOut)?,
        })
    }

    fn swap_underlying(&self) -> Result<ShareEvent, RowFault> {
        Ok(ShareEvent::SwapUnderlying {
            pair: self.pair(TokenAmounts::MOST)?,
            amount_in: self.amount(ShareColumn::AmountIn)?,
            amount_out: self.amount(ShareColumn::AmountOut)?,
        })
    }

    fn pair_swap(&self) -> Result<ShareEvent, RowFault> {
        if self.tokens != 2 {
            let expected = "a kind that pools of more than two tokens have";
            let found = self.kind.to_owned();
            return Err(ShareColumn::Kind.fault(Fault::Value { found, expected }));
        }
        let of = |column| {
            let list = self.list(column)?;
            let [amount0, amount1] = [0, 1].map(|at| list.get(TokenIndex(at)).unwrap_or_default());
            Ok(Amounts { amount0, amount1 })
        };
        let (paid, taken) = (of(ShareColumn::AmountsIn)?, of(ShareColumn::AmountsOut)?);
        Ok(ShareEvent::PairSwap { paid, taken })
    }

    fn withdraw_one(&self) -> Result<ShareEvent, RowFault> {
        let column = ShareColumn::TokenOut;
        let token = self.row.text(column).map(|_| self.token(column, self.tokens));
        Ok(ShareEvent::WithdrawOne {
            token: token.transpose()?,
            shares: self.amount(ShareColumn::Shares)?,
            amount: self.amount(ShareColumn::AmountOut)?,
        })
    }

    fn change(&self, amounts: ShareColumn) -> Result<Box<LiquidityChange>, RowFault> {
        let fees = self.row.text(ShareColumn::Fees).map(|_| self.list(ShareColumn::Fees));
        Ok(Box::new(LiquidityChange {
            amounts: *self.list(amounts)?,
            shares: self.optional_amount(ShareColumn::Shares)?,
            fees: fees.transpose()?.map(|fees| *fees),
            invariant: self.optional_amount(ShareColumn::Invariant)?,
            total_shares: self.optional_amount(ShareColumn::TotalShares)?,
        }))
    }

    fn list(&self, column: ShareColumn) -> Result<Box<TokenAmounts>, RowFault> {
        let text = self.need(column)?;
        let amounts: Result<Vec<Amount>, RowFault> =
            text.split(';').map(|amount| read_amount(column, amount)).collect();
        let amounts = amounts?;
        let list = TokenAmounts::new(&amounts).filter(|list| list.len() == self.tokens);
        let wrong = || column.fault(Fault::Value { found: clip(text), expected: LIST });
        list.map(Box::new).ok_or_else(wrong)
    }

    /// Hands names and numbers to `set`, which says whether it knows the name.
    fn parameters(&self, mut set: impl FnMut(&str, Amount) -> bool) -> Result<(), RowFault> {
        let column = ShareColumn::Parameters;
        let text = self.need(column)?;
        let wrong = || column.fault(Fault::Value { found: clip(text), expected: PARAMETERS });
        let mut seen = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let is_new = !seen.contains(&name);
            seen.push(name);
            if !is_new || !set(name, value.parse().map_err(|_| wrong())?) {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn ramp(&self) -> Result<ShareEvent, RowFault> {
        let (mut amplification, mut gamma, mut ends_at) = (None, None, None);
        self.parameters(|name, value| {
            match name {
                "amplification" => amplification = Some(value),
                "gamma" => gamma = Some(value),
                "ends_at" => {
                    ends_at = u64::try_from(value.0).ok().map(Timestamp);
                    return ends_at.is_some();
                }
                _ => return false,
            }
            true
        })?;
        let (Some(amplification), Some(ends_at)) = (amplification, ends_at) else {
            let found = clip(self.need(ShareColumn::Parameters)?);
            let expected = "amplification=1;ends_at=2, and gamma in crypto pools";
            return Err(ShareColumn::Parameters.fault(Fault::Value { found, expected }));
        };
        Ok(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma, ends_at })))
    }

    fn set_parameters(&self) -> Result<ShareEvent, RowFault> {
        let mut change = ParameterChange::default();
        self.parameters(|name, value| {
            if name == "protocol_fee_on" {
                change.protocol_fee_on = match u8::try_from(value.0) {
                    Ok(0) => Some(false),
                    Ok(1) => Some(true),
                    Ok(_) | Err(_) => return false,
                };
                return true;
            }
            let place = amounts_of(&mut change).into_iter().find(|(known, _)| *known == name);
            place.map(|(_, place)| *place = Some(value)).is_some()
        })?;
        Ok(ShareEvent::SetParameters(Box::new(change)))
    }
}

fn read_amount(column: ShareColumn, text: &str) -> Result<Amount, RowFault> {
    text.parse().map_err(|error| column.fault(Fault::Number(error)))
}

/// The parameters that are numbers, by the names that tapes use.
fn amounts_of(change: &mut ParameterChange) -> [(&'static str, &mut Option<Amount>); 9] {
    [
        ("fee", &mut change.fee),
        ("admin_fee", &mut change.admin_fee),
        ("offpeg_fee_multiplier", &mut change.offpeg_fee_multiplier),
        ("mid_fee", &mut change.mid_fee),
        ("out_fee", &mut change.out_fee),
        ("fee_gamma", &mut change.fee_gamma),
        ("allowed_extra_profit", &mut change.allowed_extra_profit),
        ("adjustment_step", &mut change.adjustment_step),
        ("moving_average_time", &mut change.moving_average_time),
    ]
}

/// The texts of an event's selective columns, in their order.
pub(crate) type Texts = [Option<String>; ShareColumn::TEXTS];

/// Writes what an event fills of the selective columns.
pub(crate) fn texts_of(event: &ShareEvent) -> Texts {
    let mut texts = Texts::default();
    let mut put = |column: ShareColumn, text: String| {
        if let Some(place) = column.text_place().and_then(|place| texts.get_mut(place)) {
            *place = Some(text);
        }
    };
    match event {
        ShareEvent::Swap { pair, amount_in, amount_out }
        | ShareEvent::SwapUnderlying { pair, amount_in, amount_out } => {
            put(ShareColumn::TokenIn, pair.input.0.to_string());
            put(ShareColumn::AmountIn, amount_in.to_string());
            put(ShareColumn::TokenOut, pair.output.0.to_string());
            put(ShareColumn::AmountOut, amount_out.to_string());
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
    }
    texts
}

fn put_change(
    put: &mut impl FnMut(ShareColumn, String),
    amounts: ShareColumn,
    change: &LiquidityChange,
) {
    put(amounts, list_text(&change.amounts));
    for (column, amount) in [
        (ShareColumn::Shares, change.shares),
        (ShareColumn::Invariant, change.invariant),
        (ShareColumn::TotalShares, change.total_shares),
    ] {
        if let Some(amount) = amount {
            put(column, amount.to_string());
        }
    }
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
