//! What a row of a tape of shares says happened.

use tidemill_amm::Pool;
use tidemill_model::{BaseLog, LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use crate::Fault;
use crate::csv_rows::whole;
use crate::error::{RowFault, clip};
use crate::share_row::{ShareColumn, ShareRow};

const KINDS: &str = "one of swap, swap_underlying, pair_swap, deposit, withdraw, \
     withdraw_imbalance, withdraw_one, gift, skim, sync, claim_fees, claim_admin_fees, \
     claim_admin_shares, ramp, stop_ramp, set_parameters, or what a metapool's base pool has of \
     these, as base_swap";
const TOKEN: &str = "a token by its place in the pool, counted from 0";
const LIST: &str = "an amount of each of the pool's tokens, parted by semicolons";
const BASE_LIST: &str = "an amount of each of the base pool's tokens, parted by semicolons";
const PARAMETERS: &str = "names and whole numbers that this kind has, as name=1;name=2";

/// The kinds of a metapool's base pool, and what they are called in a tape of its own.
const BASE_KINDS: [(&str, &str); 10] = [
    ("base_swap", "swap"),
    ("base_deposit", "deposit"),
    ("base_withdraw", "withdraw"),
    ("base_withdraw_imbalance", "withdraw_imbalance"),
    ("base_withdraw_one", "withdraw_one"),
    ("base_gift", "gift"),
    ("base_claim_admin_fees", "claim_admin_fees"),
    ("base_ramp", "ramp"),
    ("base_stop_ramp", "stop_ramp"),
    ("base_set_parameters", "set_parameters"),
];
/// The name that a row of parameters has for the administrator's new shares, which any call to a
/// crypto pool can mint on its way.
pub(crate) const ADMIN_SHARES: &str = "admin_shares";

/// Which columns a kind may fill.
const SWAP: &[ShareColumn] = &[
    ShareColumn::TokenIn,
    ShareColumn::AmountIn,
    ShareColumn::TokenOut,
    ShareColumn::AmountOut,
    ShareColumn::Parameters,
];
const SWAP_UNDERLYING: &[ShareColumn] = &[
    ShareColumn::TokenIn,
    ShareColumn::AmountIn,
    ShareColumn::TokenOut,
    ShareColumn::AmountOut,
    ShareColumn::Shares,
    ShareColumn::Fees,
    ShareColumn::Invariant,
    ShareColumn::TotalShares,
];
const PAIR_SWAP: &[ShareColumn] = &[ShareColumn::AmountsIn, ShareColumn::AmountsOut];
const DEPOSIT: &[ShareColumn] = &[
    ShareColumn::AmountsIn,
    ShareColumn::Shares,
    ShareColumn::Fees,
    ShareColumn::Invariant,
    ShareColumn::TotalShares,
    ShareColumn::Parameters,
];
const WITHDRAW: &[ShareColumn] = &[
    ShareColumn::AmountsOut,
    ShareColumn::Shares,
    ShareColumn::Fees,
    ShareColumn::Invariant,
    ShareColumn::TotalShares,
    ShareColumn::Parameters,
];
const WITHDRAW_ONE: &[ShareColumn] =
    &[ShareColumn::TokenOut, ShareColumn::AmountOut, ShareColumn::Shares, ShareColumn::Parameters];
const MINTED: &[ShareColumn] = &[ShareColumn::Shares];
const PAID_IN: &[ShareColumn] = &[ShareColumn::AmountsIn];
const TAKEN_OUT: &[ShareColumn] = &[ShareColumn::AmountsOut];
const BALANCES: &[ShareColumn] = &[ShareColumn::Balances];
const NAMED: &[ShareColumn] = &[ShareColumn::Parameters];

/// How many tokens the pool of a tape has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    tokens: usize,
    /// Whether a token can be swapped for itself, as the contract of Balancer v1 lets it.
    for_itself: bool,
    /// Those of a metapool's base pool.
    base: Option<usize>,
}

impl Counts {
    /// Counts the tokens of a pool.
    pub(crate) fn of(pool: &Pool) -> Self {
        let base = match pool {
            Pool::StableSwapMeta(pool) => Some(pool.base().balances().len()),
            Pool::StableSwapMetaNg(pool) => Some(pool.base().count()),
            Pool::Concentrated(_)
            | Pool::ConstantProduct(_)
            | Pool::Solidly(_)
            | Pool::StableSwap(_)
            | Pool::StableSwapNg(_)
            | Pool::CryptoSwap(_)
            | Pool::BalancerV1(_)
            | Pool::Weighted(_)
            | Pool::ComposableStable(_) => None,
        };
        let for_itself = matches!(pool, Pool::BalancerV1(_));
        Self { tokens: pool.token_count(), base, for_itself }
    }
}

/// A row under the rules of its kind.
struct KindRow<'a> {
    row: &'a ShareRow<'a>,
    /// As the row has it.
    kind: &'static str,
    counts: Counts,
}

/// Reads what a row says happened, in a pool of so many tokens.
///
/// # Errors
///
/// An unknown kind, a column that the kind leaves empty, or else the first that is missing or
/// wrong.
pub(crate) fn read_share_event(row: &ShareRow<'_>, counts: Counts) -> Result<ShareEvent, RowFault> {
    let Some((name, plain)) = BASE_KINDS.iter().find(|(name, _)| *name == row.kind) else {
        return read_event(row, row.kind, counts, None);
    };
    let Some(tokens) = counts.base else {
        let expected = "a kind of this pool's own: it stands on no base pool";
        let fault = Fault::Value { found: clip(row.kind), expected };
        return Err(ShareColumn::Kind.fault(fault));
    };
    let event =
        read_event(row, plain, Counts { tokens, base: None, for_itself: false }, Some(name))?;
    Ok(ShareEvent::Base(Box::new(event)))
}

/// Reads a row as one of a kind; `shown` is how errors call it where that is something else.
fn read_event(
    row: &ShareRow<'_>,
    kind: &str,
    counts: Counts,
    shown: Option<&'static str>,
) -> Result<ShareEvent, RowFault> {
    let of = |kind, allowed| KindRow::new(row, shown.unwrap_or(kind), counts, allowed);
    Ok(match kind {
        "swap" => of("swap", SWAP)?.swap()?,
        "swap_underlying" => of("swap_underlying", SWAP_UNDERLYING)?.swap_underlying()?,
        "pair_swap" => of("pair_swap", PAIR_SWAP)?.pair_swap()?,
        "deposit" => of("deposit", DEPOSIT)?.deposit()?,
        "withdraw" => of("withdraw", WITHDRAW)?.withdraw(ShareEvent::Withdraw)?,
        "withdraw_imbalance" => {
            of("withdraw_imbalance", WITHDRAW)?.withdraw(ShareEvent::WithdrawImbalance)?
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
        "claim_admin_shares" => {
            let row = of("claim_admin_shares", MINTED)?;
            ShareEvent::ClaimAdminShares(row.amount(ShareColumn::Shares)?)
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

/// Adds what the administrator took on the call's way.
fn with_claim(event: ShareEvent, admin_shares: Option<Amount>) -> ShareEvent {
    match admin_shares {
        Some(admin_shares) => ShareEvent::Claiming { event: Box::new(event), admin_shares },
        None => event,
    }
}

impl<'a> KindRow<'a> {
    fn new(
        row: &'a ShareRow<'a>,
        kind: &'static str,
        counts: Counts,
        allowed: &[ShareColumn],
    ) -> Result<Self, RowFault> {
        for column in ShareColumn::SELECTIVE {
            if let Some(found) = row.text(column).filter(|_| !allowed.contains(&column)) {
                return Err(column.fault(Fault::NotEmpty { kind, found: clip(found) }));
            }
        }
        Ok(Self { row, kind, counts })
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
        if input == output && !self.counts.for_itself {
            let expected = "a token other than token_in";
            let found = output.0.to_string();
            return Err(ShareColumn::TokenOut.fault(Fault::Value { found, expected }));
        }
        Ok(TokenPair { input, output })
    }

    fn swap(&self) -> Result<ShareEvent, RowFault> {
        let event = ShareEvent::Swap {
            pair: self.pair(self.counts.tokens)?,
            amount_in: self.amount(ShareColumn::AmountIn)?,
            amount_out: self.amount(ShareColumn::AmountOut)?,
        };
        Ok(with_claim(event, self.admin_shares()?))
    }

    /// Reads an exchange of underlying coins: the metapool's own coin, then the base pool's.
    fn swap_underlying(&self) -> Result<ShareEvent, RowFault> {
        let base = self.counts.base;
        let coins = base.map_or(TokenAmounts::MOST, |base| base.saturating_add(1));
        let fees = self.optional_list(ShareColumn::Fees, base.unwrap_or(self.counts.tokens))?;
        let log = BaseLog {
            shares: self.optional_amount(ShareColumn::Shares)?,
            fees,
            invariant: self.optional_amount(ShareColumn::Invariant)?,
            total_shares: self.optional_amount(ShareColumn::TotalShares)?,
        };
        Ok(ShareEvent::SwapUnderlying {
            pair: self.pair(coins)?,
            amount_in: self.amount(ShareColumn::AmountIn)?,
            amount_out: self.amount(ShareColumn::AmountOut)?,
            base: (log != BaseLog::default()).then(|| Box::new(log)),
        })
    }

    fn deposit(&self) -> Result<ShareEvent, RowFault> {
        let event = ShareEvent::Deposit(self.change(ShareColumn::AmountsIn)?);
        Ok(with_claim(event, self.admin_shares()?))
    }

    fn withdraw(
        &self,
        of: impl FnOnce(Box<LiquidityChange>) -> ShareEvent,
    ) -> Result<ShareEvent, RowFault> {
        let event = of(self.change(ShareColumn::AmountsOut)?);
        Ok(with_claim(event, self.admin_shares()?))
    }

    /// Reads what the administrator took on the call's way, the only parameter of such a row.
    fn admin_shares(&self) -> Result<Option<Amount>, RowFault> {
        if self.row.text(ShareColumn::Parameters).is_none() {
            return Ok(None);
        }
        let mut admin_shares = None;
        self.parameters(|name, value| {
            admin_shares = Some(value);
            name == ADMIN_SHARES
        })?;
        Ok(admin_shares)
    }

    fn pair_swap(&self) -> Result<ShareEvent, RowFault> {
        if self.counts.tokens != 2 {
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
        let token = self.row.text(column).map(|_| self.token(column, self.counts.tokens));
        let event = ShareEvent::WithdrawOne {
            token: token.transpose()?,
            shares: self.amount(ShareColumn::Shares)?,
            amount: self.amount(ShareColumn::AmountOut)?,
        };
        Ok(with_claim(event, self.admin_shares()?))
    }

    fn change(&self, amounts: ShareColumn) -> Result<Box<LiquidityChange>, RowFault> {
        let fees = self.optional_list(ShareColumn::Fees, self.counts.tokens)?;
        Ok(Box::new(LiquidityChange {
            amounts: *self.list(amounts)?,
            shares: self.optional_amount(ShareColumn::Shares)?,
            fees,
            invariant: self.optional_amount(ShareColumn::Invariant)?,
            total_shares: self.optional_amount(ShareColumn::TotalShares)?,
        }))
    }

    fn list(&self, column: ShareColumn) -> Result<Box<TokenAmounts>, RowFault> {
        self.list_of(column, self.need(column)?, self.counts.tokens).map(Box::new)
    }

    fn optional_list(
        &self,
        column: ShareColumn,
        count: usize,
    ) -> Result<Option<TokenAmounts>, RowFault> {
        self.row.text(column).map(|text| self.list_of(column, text, count)).transpose()
    }

    fn list_of(
        &self,
        column: ShareColumn,
        text: &str,
        count: usize,
    ) -> Result<TokenAmounts, RowFault> {
        let amounts: Result<Vec<Amount>, RowFault> =
            text.split(';').map(|amount| read_amount(column, amount)).collect();
        let amounts = amounts?;
        let list = TokenAmounts::new(&amounts).filter(|list| list.len() == count);
        let wrong = || {
            let is_base = self.kind.starts_with("base_") || self.counts.base == Some(count);
            let expected = if is_base { BASE_LIST } else { LIST };
            column.fault(Fault::Value { found: clip(text), expected })
        };
        list.ok_or_else(wrong)
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
        let mut admin_shares = None;
        self.parameters(|name, value| {
            if name == ADMIN_SHARES {
                admin_shares = Some(value);
                return true;
            }
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
        Ok(with_claim(ShareEvent::SetParameters(Box::new(change)), admin_shares))
    }
}

fn read_amount(column: ShareColumn, text: &str) -> Result<Amount, RowFault> {
    text.parse().map_err(|error| column.fault(Fault::Number(error)))
}

/// The parameters that are numbers, by the names that tapes use.
pub(crate) fn amounts_of(
    change: &mut ParameterChange,
) -> [(&'static str, &mut Option<Amount>); 10] {
    [
        ("fee", &mut change.fee),
        ("admin_fee", &mut change.admin_fee),
        ("amplification", &mut change.amplification),
        ("offpeg_fee_multiplier", &mut change.offpeg_fee_multiplier),
        ("mid_fee", &mut change.mid_fee),
        ("out_fee", &mut change.out_fee),
        ("fee_gamma", &mut change.fee_gamma),
        ("allowed_extra_profit", &mut change.allowed_extra_profit),
        ("adjustment_step", &mut change.adjustment_step),
        ("moving_average_time", &mut change.moving_average_time),
    ]
}
