use tidemill_model::{BaseLog, ShareEvent};
use tidemill_units::{Amount, TokenIndex};

use super::CurveContracts;
use super::curve::{CurvePool, Told};
use super::sink::{Sink, at};
use crate::{DecodeError, DecodeFault, RawLog};

/// Reads the logs of a metapool and of its base pool. What the metapool itself did in the base pool
/// is part of its exchange of underlying coins; what others did there is theirs.
#[derive(Debug)]
pub(super) struct MetapoolReader {
    pool: CurvePool,
    base: CurvePool,
}

impl MetapoolReader {
    pub(super) fn new(pool: &CurveContracts, base: &CurveContracts) -> Self {
        let underlying = base.coins.len().saturating_add(1);
        let base = CurvePool::new(base, base.coins.len());
        Self { pool: CurvePool::new(pool, underlying), base }
    }

    pub(super) fn transaction(
        &self,
        logs: &[RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        let meta = self.pool.contracts.pool;
        let mut passages = Vec::new();
        for told in self.base.transaction(logs, sink)? {
            if told.actor == meta {
                passages.push(told);
            } else {
                sink.push(told.first, ShareEvent::Base(Box::new(told.event)));
            }
        }
        for told in self.pool.transaction(logs, sink)? {
            let mut told = told;
            let mut first = told.first;
            if let ShareEvent::SwapUnderlying { pair, amount_in, base, .. } = &mut told.event {
                let place = passages.iter().rposition(|passage| passage.index < told.index);
                if let Some(passage) = place.map(|place| passages.remove(place)) {
                    if let Some(amount) = paid(&passage, pair.input) {
                        *amount_in = amount;
                    }
                    *base = Some(Box::new(logged(&passage)));
                    first = earlier(first, passage.first);
                }
            }
            sink.push(first, told.event);
        }
        let Some(left) = passages.first() else { return Ok(()) };
        let detail = "the metapool did this in its base pool, and no exchange of underlying coins \
                      follows";
        Err(at(left.first)(DecodeFault::Unplaced { event: left.event.kind(), detail }))
    }
}

fn earlier<'a>(one: &'a RawLog, other: &'a RawLog) -> &'a RawLog {
    if other.place < one.place { other } else { one }
}

/// What a base coin was paid with: the factory's log has the base shares that it became instead.
fn paid(passage: &Told<'_>, input: TokenIndex) -> Option<Amount> {
    let ShareEvent::Deposit(change) = &passage.event else { return None };
    let coin = input.0.checked_sub(1).map(TokenIndex)?;
    change.amounts.get(coin)
}

fn logged(passage: &Told<'_>) -> BaseLog {
    if let ShareEvent::Deposit(change) = &passage.event {
        return BaseLog {
            shares: change.shares,
            fees: change.fees,
            invariant: change.invariant,
            total_shares: change.total_shares,
        };
    }
    if let ShareEvent::WithdrawOne { shares, .. } = &passage.event {
        let (shares, total_shares) = (Some(*shares), passage.total);
        return BaseLog { shares, total_shares, ..BaseLog::default() };
    }
    BaseLog::default()
}
