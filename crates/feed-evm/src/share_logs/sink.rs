use std::collections::BTreeMap;

use tidemill_model::{Address, ShareEvent};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, U256};

use super::ShareLog;
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

/// Where a transaction's events go.
pub(super) struct Sink<'a> {
    events: Vec<ShareLog>,
    irrelevant: &'a mut BTreeMap<&'static str, u64>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(irrelevant: &'a mut BTreeMap<&'static str, u64>) -> Self {
        Self { events: Vec::new(), irrelevant }
    }

    /// Adds an event at the place of a log.
    pub(super) fn push(&mut self, at: &RawLog, event: ShareEvent) {
        self.events.push(ShareLog { place: at.place, time: at.time, event });
    }

    /// Counts a log that says nothing that a tape has.
    pub(super) fn pass(&mut self, event: &'static str) {
        let count = self.irrelevant.entry(event).or_insert(0);
        *count = count.saturating_add(1);
    }

    /// Returns the events by their places.
    pub(super) fn into_events(mut self) -> Vec<ShareLog> {
        self.events.sort_by_key(|event| event.place);
        self.events
    }
}

/// Puts a fault at a log.
pub(super) fn at(log: &RawLog) -> impl FnOnce(DecodeFault) -> DecodeError + Copy {
    let place = log.place;
    move |fault| DecodeError { place, fault }
}

/// What a share token or a pool's token writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum TokenKind {
    Transfer,
    Approval,
    Other,
}

/// `Transfer` and `Approval` of ERC-20, which Vyper and Solidity write alike.
pub(super) const TRANSFER: &str = "Transfer(address indexed,address indexed,uint256)";
pub(super) const APPROVAL: &str = "Approval(address indexed,address indexed,uint256)";
const TOKEN_EVENTS: [Declared<TokenKind>; 5] = [
    event(TokenKind::Transfer, TRANSFER),
    event(TokenKind::Approval, APPROVAL),
    event(TokenKind::Other, "SetMinter(address)"),
    event(TokenKind::Other, "SetName(string,string,address,uint256)"),
    event(TokenKind::Other, "OwnershipTransferred(address indexed,address indexed)"),
];

/// A transfer of a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) amount: Amount,
}

impl Transfer {
    pub(super) fn of(fields: &Fields<'_>) -> Result<Self, DecodeFault> {
        let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
        Ok(Self { from, to, amount: fields.amount(0)? })
    }

    /// Whether shares were made.
    pub(super) fn is_mint(&self) -> bool {
        self.from == Address::default()
    }

    /// Whether shares were burned.
    pub(super) fn is_burn(&self) -> bool {
        self.to == Address::default() && !self.is_mint()
    }
}

/// The events of a token.
#[derive(Debug)]
pub(super) struct TokenEvents(EventTable<TokenKind>);

impl TokenEvents {
    pub(super) fn new() -> Self {
        Self(EventTable::new("share token", &TOKEN_EVENTS, 0))
    }

    /// Reads a log of the pool's share token: all of its events are known.
    pub(super) fn of_shares(
        &self,
        log: &RawLog,
        sink: &mut Sink<'_>,
    ) -> Result<Option<Transfer>, DecodeFault> {
        let (kind, fields) = self.0.read(log)?;
        match kind {
            TokenKind::Transfer => Transfer::of(&fields).map(Some),
            TokenKind::Approval | TokenKind::Other => {
                sink.pass(fields.event());
                Ok(None)
            }
        }
    }

    /// Reads a log of any token, of which only transfers matter here.
    pub(super) fn of_token(&self, log: &RawLog) -> Result<Option<Transfer>, DecodeFault> {
        match self.0.read(log) {
            Ok((TokenKind::Transfer, fields)) => Transfer::of(&fields).map(Some),
            Ok((TokenKind::Approval | TokenKind::Other, _))
            | Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// Tokens that went into a pool and out of it, by their own logs.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) into: TokenAmounts,
    pub(super) out: TokenAmounts,
    /// The places of the last transfer of each.
    pub(super) last: [Option<usize>; 2],
}

impl Flow {
    pub(super) fn none(count: usize) -> Self {
        let zero = zero(count);
        Self { into: zero, out: zero, last: [None; 2] }
    }

    /// Counts a transfer, if it is the pool's; `index` is that of its log.
    pub(super) fn count(
        &mut self,
        pool: Address,
        token: TokenIndex,
        transfer: &Transfer,
        index: usize,
    ) {
        if transfer.to == pool && transfer.from != pool {
            add(&mut self.into, token, transfer.amount);
            self.last[0] = Some(index);
        }
        if transfer.from == pool && transfer.to != pool {
            add(&mut self.out, token, transfer.amount);
            self.last[1] = Some(index);
        }
    }
}

/// Adds to one token's amount; past 2^256 - 1 it stays there.
pub(super) fn add(amounts: &mut TokenAmounts, token: TokenIndex, amount: Amount) {
    if let Some(sum) = amounts.as_mut_slice().get_mut(token.place()) {
        *sum = sum.checked_add(amount).unwrap_or(Amount(U256::MAX));
    }
}

/// Nothing of so many tokens; of as many as there can be where that is too many.
pub(super) fn zero(count: usize) -> TokenAmounts {
    let most = count.clamp(1, TokenAmounts::MOST);
    TokenAmounts::zero(most).unwrap_or_else(|| TokenAmounts::from_array([Amount::ZERO]))
}

/// What is in one list beyond another, token by token.
pub(super) fn beyond(one: &TokenAmounts, other: &TokenAmounts) -> TokenAmounts {
    let mut result = *one;
    for (amount, less) in result.as_mut_slice().iter_mut().zip(other.as_slice()) {
        *amount = amount.checked_sub(*less).unwrap_or_default();
    }
    result
}
