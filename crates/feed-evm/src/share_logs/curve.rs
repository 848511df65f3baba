use tidemill_model::{Address, LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, TokenPair};

use super::curve_events::{
    CRYPTO, CRYPTO_NG, FeeFields, Kind, List, OneFields, STABLE_SWAP, STABLE_SWAP_NG,
};
use super::sink::{Flow, Sink, TokenEvents, Transfer, add, at, beyond, zero};
use super::{CurveContracts, CurveLogs};
use crate::event_table::{EventTable, Fields};
use crate::{DecodeError, DecodeFault, RawLog};

/// Reads the logs of a pool of Curve by itself.
#[derive(Debug)]
pub(super) struct CurveReader {
    pool: CurvePool,
}

/// A pool of Curve, by itself, or of a metapool and its base pool one.
#[derive(Debug)]
pub(super) struct CurvePool {
    pub(super) contracts: CurveContracts,
    events: EventTable<Kind>,
    tokens: TokenEvents,
    /// How many coins an exchange of underlying ones counts.
    underlying: usize,
}

/// What the logs of one call say.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The place of its own log among the transaction's.
    pub(super) index: usize,
    /// Its first log.
    pub(super) first: &'a RawLog,
    /// Who called.
    pub(super) actor: Address,
    pub(super) event: ShareEvent,
    /// All shares afterwards, where the event has no place for it.
    pub(super) total: Option<Amount>,
}

/// What stands before the log that it belongs to, and what has been told.
struct Reading<'a> {
    told: Vec<Told<'a>>,
    first: Option<&'a RawLog>,
    minted: Vec<Amount>,
    burned: Option<Amount>,
    /// Shares for the administrator whose call is still to come, and their log.
    claimed: Option<(Amount, &'a RawLog, usize)>,
    flow: Flow,
    /// Whether coins went that events do not tell of one by one.
    is_flow_known: bool,
}

impl CurveReader {
    pub(super) fn new(contracts: &CurveContracts) -> Self {
        Self { pool: CurvePool::new(contracts, contracts.coins.len()) }
    }

    pub(super) fn transaction(
        &self,
        logs: &[RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        for told in self.pool.transaction(logs, sink)? {
            sink.push(told.first, told.event);
        }
        Ok(())
    }
}

impl CurvePool {
    pub(super) fn new(contracts: &CurveContracts, underlying: usize) -> Self {
        let coins = contracts.coins.len();
        let events = match contracts.logs {
            CurveLogs::StableSwap => EventTable::new("Curve StableSwap pool", &STABLE_SWAP, coins),
            CurveLogs::StableSwapNg => {
                EventTable::new("Curve stableswap-ng pool", &STABLE_SWAP_NG, coins)
            }
            CurveLogs::Crypto => EventTable::new("Curve crypto pool", &CRYPTO, coins),
            CurveLogs::CryptoNg => EventTable::new("Curve crypto-ng pool", &CRYPTO_NG, coins),
        };
        let (contracts, tokens) = (contracts.clone(), TokenEvents::new());
        Self { contracts, events, tokens, underlying }
    }

    /// Reads a transaction's logs, those of other contracts passed over.
    pub(super) fn transaction<'a>(
        &self,
        logs: &'a [RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<Vec<Told<'a>>, DecodeError> {
        let mut reading = Reading {
            told: Vec::new(),
            first: None,
            minted: Vec::new(),
            burned: None,
            claimed: None,
            flow: Flow::none(self.contracts.coins.len()),
            is_flow_known: true,
        };
        for (index, log) in logs.iter().enumerate() {
            self.read(log, index, &mut reading, sink).map_err(at(log))?;
        }
        if let Some((shares, first, index)) = reading.claimed.take() {
            let event = ShareEvent::ClaimAdminShares(shares);
            let actor = Address::default();
            reading.told.push(Told { index, first, actor, event, total: None });
        }
        self.flowed(&mut reading, logs);
        Ok(reading.told)
    }

    fn read<'a>(
        &self,
        log: &'a RawLog,
        index: usize,
        reading: &mut Reading<'a>,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let CurveContracts { pool, shares, coins, .. } = &self.contracts;
        let address = log.address.unwrap_or(*pool);
        if address == *pool {
            let (kind, fields) = self.events.read(log)?;
            if kind == Kind::Transfer {
                reading.shares(log, &Transfer::of(&fields)?);
                return Ok(());
            }
            return self.own((kind, &fields), (log, index), reading, sink);
        }
        if address == *shares
            && let Some(transfer) = self.tokens.of_shares(log, sink)?
        {
            reading.shares(log, &transfer);
        }
        let coin = coins.iter().position(|coin| *coin == address);
        if let Some(coin) = coin.and_then(|coin| u8::try_from(coin).ok())
            && let Some(transfer) = self.tokens.of_token(log)?
        {
            reading.flow.count(*pool, TokenIndex(coin), &transfer, index);
        }
        Ok(())
    }

    fn own<'a>(
        &self,
        (kind, fields): (Kind, &Fields<'_>),
        (log, index): (&'a RawLog, usize),
        reading: &mut Reading<'a>,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let mut total = None;
        let event = match kind {
            Kind::Exchange => self.exchange(fields, self.contracts.coins.len())?,
            Kind::ExchangeUnderlying => self.underlying(fields, reading)?,
            Kind::Add(list) => {
                let shares = reading.minted.first().copied();
                ShareEvent::Deposit(Box::new(self.change(fields, list, shares)?))
            }
            Kind::Remove(list) => {
                let shares = reading.burned;
                if shares.is_none() {
                    return Err(fields.unplaced("no log before it says which shares were burned"));
                }
                ShareEvent::Withdraw(Box::new(self.balanced(fields, list, shares)?))
            }
            Kind::Imbalance(list) => {
                let change = self.change(fields, list, reading.burned)?;
                ShareEvent::WithdrawImbalance(Box::new(change))
            }
            Kind::One(places) => {
                total = places.total.map(|word| fields.amount(word)).transpose()?;
                self.one(fields, places)?
            }
            Kind::Fee(places) => fees(fields, places)?,
            Kind::CryptoParameters(has_admin_fee) => crypto_parameters(fields, has_admin_fee)?,
            Kind::MovingAverage => {
                let moving_average_time = Some(fields.amount(0)?);
                let change = ParameterChange { moving_average_time, ..ParameterChange::default() };
                ShareEvent::SetParameters(Box::new(change))
            }
            Kind::Ramp => ramp([1, 3], None, fields)?,
            Kind::RampGamma => ramp([1, 5], Some(3), fields)?,
            Kind::StopRamp => ShareEvent::StopRamp,
            Kind::ClaimShares => {
                reading.claims(fields.amount(0)?, (log, index), self.contracts.logs);
                return Ok(());
            }
            Kind::ClaimCoins => {
                reading.is_flow_known = false;
                sink.pass(fields.event());
                return Ok(());
            }
            Kind::Transfer | Kind::Pass => {
                sink.pass(fields.event());
                return Ok(());
            }
        };
        // Whose call it was is the only indexed field of those that have one.
        let actor = fields.topic_address(0).unwrap_or_default();
        let first = reading.first.unwrap_or(log);
        reading.push(Told { index, first, actor, event, total });
        Ok(())
    }

    fn exchange(&self, fields: &Fields<'_>, coins: usize) -> Result<ShareEvent, DecodeFault> {
        let pair = TokenPair { input: fields.token(0, coins)?, output: fields.token(2, coins)? };
        let (amount_in, amount_out) = (fields.amount(1)?, fields.amount(3)?);
        Ok(ShareEvent::Swap { pair, amount_in, amount_out })
    }

    /// Of a pool without a base pool, the underlying coins are its own.
    fn underlying(
        &self,
        fields: &Fields<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<ShareEvent, DecodeFault> {
        let event = self.exchange(fields, self.underlying)?;
        if self.underlying == self.contracts.coins.len() {
            return Ok(event);
        }
        reading.is_flow_known = false;
        let ShareEvent::Swap { pair, amount_in, amount_out } = event else { return Ok(event) };
        Ok(ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base: None })
    }

    /// Amounts, fees, invariant and all shares, as most logs of deposits have them.
    fn change(
        &self,
        fields: &Fields<'_>,
        list: List,
        shares: Option<Amount>,
    ) -> Result<LiquidityChange, DecodeFault> {
        let coins = self.contracts.coins.len();
        let twice = coins.saturating_mul(2);
        let [amounts, fees, invariant, total] = match list {
            List::Fixed => {
                let (amounts, fees) = (fields.amounts(0, coins)?, fields.amounts(coins, coins)?);
                let (invariant, total) =
                    (fields.amount(twice)?, fields.amount(twice.saturating_add(1))?);
                return Ok(LiquidityChange {
                    amounts,
                    shares,
                    fees: Some(fees),
                    invariant: Some(invariant),
                    total_shares: Some(total),
                });
            }
            List::Crypto => {
                let total = fields.amount(coins.saturating_add(1))?;
                return Ok(LiquidityChange {
                    amounts: fields.amounts(0, coins)?,
                    shares,
                    fees: None,
                    invariant: None,
                    total_shares: Some(total),
                });
            }
            List::Dynamic => [0, 1, 2, 3],
        };
        Ok(LiquidityChange {
            amounts: self.list(fields, amounts)?,
            shares,
            fees: Some(self.list(fields, fees)?),
            invariant: Some(fields.amount(invariant)?),
            total_shares: Some(fields.amount(total)?),
        })
    }

    /// As [`change`](Self::change) of a withdrawal in proportion, which has no fees and says no
    /// invariant.
    fn balanced(
        &self,
        fields: &Fields<'_>,
        list: List,
        shares: Option<Amount>,
    ) -> Result<LiquidityChange, DecodeFault> {
        let coins = self.contracts.coins.len();
        let (amounts, total) = match list {
            List::Fixed => (fields.amounts(0, coins)?, coins.saturating_mul(2)),
            List::Crypto => (fields.amounts(0, coins)?, coins),
            List::Dynamic => (self.list(fields, 0)?, 2),
        };
        let total_shares = Some(fields.amount(total)?);
        Ok(LiquidityChange { amounts, shares, fees: None, invariant: None, total_shares })
    }

    fn list(&self, fields: &Fields<'_>, index: usize) -> Result<TokenAmounts, DecodeFault> {
        let coins = self.contracts.coins.len();
        let words = fields.list(index)?;
        let amounts: Vec<_> = words.into_iter().map(Amount).collect();
        let whole = TokenAmounts::new(&amounts).filter(|_| amounts.len() == coins);
        whole.ok_or_else(|| fields.value("token_amounts", &amounts.len(), "one for each coin"))
    }

    fn one(&self, fields: &Fields<'_>, places: OneFields) -> Result<ShareEvent, DecodeFault> {
        let coins = self.contracts.coins.len();
        let token = places.token.map(|word| fields.token(word, coins)).transpose()?;
        let (shares, amount) = (fields.amount(places.shares)?, fields.amount(places.amount)?);
        Ok(ShareEvent::WithdrawOne { token, shares, amount })
    }

    /// Coins that went in or out by calls that the pool logs nothing of, where the coins' logs are
    /// there.
    fn flowed<'a>(&self, reading: &mut Reading<'a>, logs: &'a [RawLog]) {
        if !reading.is_flow_known {
            return;
        }
        let mut known = Flow::none(self.contracts.coins.len());
        for told in &reading.told {
            count(&mut known, &told.event);
        }
        let [into, out] =
            [beyond(&reading.flow.into, &known.into), beyond(&reading.flow.out, &known.out)];
        let mut push = |index: Option<usize>, event: ShareEvent| {
            if let Some((index, first)) = index.and_then(|at| Some((at, logs.get(at)?))) {
                let actor = Address::default();
                reading.told.push(Told { index, first, actor, event, total: None });
            }
        };
        let [last_in, last_out] = reading.flow.last;
        if !into.is_zero() {
            push(last_in, ShareEvent::Gift(Box::new(into)));
        }
        if !out.is_zero() {
            push(last_out, ShareEvent::ClaimAdminFees(Box::new(out)));
        }
    }
}

impl<'a> Reading<'a> {
    fn shares(&mut self, log: &'a RawLog, transfer: &Transfer) {
        if transfer.is_mint() {
            self.first.get_or_insert(log);
            self.minted.push(transfer.amount);
        } else if transfer.is_burn() {
            self.first.get_or_insert(log);
            self.burned = Some(transfer.amount);
        }
    }

    /// The administrator's new shares. tricrypto-ng makes them after a deposit, all others before
    /// the log of the call that they belong to.
    fn claims(&mut self, shares: Amount, (log, index): (&'a RawLog, usize), logs: CurveLogs) {
        if self.minted.last() == Some(&shares) {
            self.minted.pop();
        }
        let first = self.first.unwrap_or(log);
        let last = self.told.last_mut();
        if let Some(last) = last.filter(|last| {
            logs == CurveLogs::CryptoNg && matches!(last.event, ShareEvent::Deposit(_))
        }) {
            claim(&mut last.event, shares);
            self.first = None;
            return;
        }
        self.claimed = Some((shares, first, index));
    }

    fn push(&mut self, mut told: Told<'a>) {
        if let Some((shares, first, index)) = self.claimed.take() {
            if can_claim(&told.event) {
                claim(&mut told.event, shares);
            } else {
                let event = ShareEvent::ClaimAdminShares(shares);
                let actor = Address::default();
                self.told.push(Told { index, first, actor, event, total: None });
            }
        }
        self.told.push(told);
        self.first = None;
        self.minted.clear();
        self.burned = None;
    }
}

fn can_claim(event: &ShareEvent) -> bool {
    matches!(
        event,
        ShareEvent::Swap { .. }
            | ShareEvent::Deposit(_)
            | ShareEvent::Withdraw(_)
            | ShareEvent::WithdrawOne { .. }
            | ShareEvent::SetParameters(_)
    )
}

fn claim(event: &mut ShareEvent, admin_shares: Amount) {
    let inner = std::mem::replace(event, ShareEvent::StopRamp);
    *event = ShareEvent::Claiming { event: Box::new(inner), admin_shares };
}

/// What an event says went in and out.
fn count(flow: &mut Flow, event: &ShareEvent) {
    let all = |amounts: &mut TokenAmounts, of: &TokenAmounts| {
        of.iter().for_each(|(token, amount)| add(amounts, token, amount));
    };
    let event = event.without_claim();
    if let ShareEvent::Swap { pair, amount_in, amount_out } = event {
        add(&mut flow.into, pair.input, *amount_in);
        add(&mut flow.out, pair.output, *amount_out);
    }
    if let ShareEvent::Deposit(change) = event {
        all(&mut flow.into, &change.amounts);
    }
    if let ShareEvent::Withdraw(change) | ShareEvent::WithdrawImbalance(change) = event {
        all(&mut flow.out, &change.amounts);
    }
    if let ShareEvent::WithdrawOne { token, amount, .. } = event {
        match token {
            Some(token) => add(&mut flow.out, *token, *amount),
            // Which coin it was is not said: that much of any is accounted for.
            None => all(&mut flow.out, &of_each(flow.into.len(), *amount)),
        }
    }
}

fn of_each(count: usize, amount: Amount) -> TokenAmounts {
    let mut amounts = zero(count);
    amounts.as_mut_slice().fill(amount);
    amounts
}

fn ramp(
    [amplification, ends_at]: [usize; 2],
    gamma: Option<usize>,
    fields: &Fields<'_>,
) -> Result<ShareEvent, DecodeFault> {
    Ok(ShareEvent::Ramp(Box::new(Ramp {
        amplification: fields.amount(amplification)?,
        gamma: gamma.map(|word| fields.amount(word)).transpose()?,
        ends_at: fields.time(ends_at)?,
    })))
}

fn fees(fields: &Fields<'_>, places: FeeFields) -> Result<ShareEvent, DecodeFault> {
    let none = ParameterChange::default();
    let word = |index| fields.amount(index).map(Some);
    let change = match places {
        FeeFields::Both => ParameterChange { fee: word(0)?, admin_fee: word(1)?, ..none },
        FeeFields::WithAmplification => {
            ParameterChange { amplification: word(0)?, fee: word(1)?, admin_fee: word(2)?, ..none }
        }
        FeeFields::OffPeg => {
            ParameterChange { fee: word(0)?, offpeg_fee_multiplier: word(1)?, ..none }
        }
        FeeFields::Alone => ParameterChange { fee: word(0)?, ..none },
    };
    Ok(ShareEvent::SetParameters(Box::new(change)))
}

fn crypto_parameters(fields: &Fields<'_>, has_admin_fee: bool) -> Result<ShareEvent, DecodeFault> {
    let first = usize::from(has_admin_fee);
    let word = |index: usize| fields.amount(first.saturating_add(index)).map(Some);
    Ok(ShareEvent::SetParameters(Box::new(ParameterChange {
        admin_fee: if has_admin_fee { Some(fields.amount(0)?) } else { None },
        mid_fee: word(0)?,
        out_fee: word(1)?,
        fee_gamma: word(2)?,
        allowed_extra_profit: word(3)?,
        adjustment_step: word(4)?,
        moving_average_time: word(5)?,
        ..ParameterChange::default()
    })))
}
