use alloy_primitives::keccak256;
use tidemill_model::{Address, LiquidityChange, ShareEvent};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, TokenPair};

use super::ShareContracts;
use super::sink::{APPROVAL, Sink, TRANSFER, Transfer, add, at, zero};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Swap,
    Join,
    Exit,
    Transfer,
    Approval,
}

/// Events of `BPool` and its `BToken` (set-protocol-v2 0.1.16), but for the anonymous `LOG_CALL`.
const EVENTS: [Declared<Kind>; 5] = [
    event(Kind::Swap, "LOG_SWAP(address indexed,address indexed,address indexed,uint256,uint256)"),
    event(Kind::Join, "LOG_JOIN(address indexed,address indexed,uint256)"),
    event(Kind::Exit, "LOG_EXIT(address indexed,address indexed,uint256)"),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Approval, APPROVAL),
];

/// Calls that `LOG_CALL` names by their selectors and that the other logs of the call tell, or that
/// change nothing that a tape has.
const TOLD: [&str; 9] = [
    "swapExactAmountIn(address,uint256,address,uint256,uint256)",
    "swapExactAmountOut(address,uint256,address,uint256,uint256)",
    "joinPool(uint256,uint256[])",
    "exitPool(uint256,uint256[])",
    "joinswapExternAmountIn(address,uint256,uint256)",
    "joinswapPoolAmountOut(address,uint256,uint256)",
    "exitswapPoolAmountIn(address,uint256,uint256)",
    "exitswapExternAmountOut(address,uint256,uint256)",
    "setController(address)",
];

/// Reads a pool's logs: a join logs each token and then its shares, an exit in one token too, and
/// an exit in all tokens its shares first.
#[derive(Debug)]
pub(super) struct BPoolReader {
    events: EventTable<Kind>,
    /// The selectors of [`TOLD`].
    told: Vec<[u8; 4]>,
}

/// A join or exit whose logs are still being read.
struct Change<'a> {
    is_join: bool,
    first: &'a RawLog,
    amounts: TokenAmounts,
    shares: Option<Amount>,
}

/// What stands before the log that it belongs to.
struct Before<'a> {
    /// Nothing of each token.
    amounts: TokenAmounts,
    pending: Option<Change<'a>>,
    /// Shares burned before their exit is logged, and where.
    burned: Option<(Amount, &'a RawLog)>,
    call: Option<&'a RawLog>,
}

impl BPoolReader {
    pub(super) fn new() -> Self {
        let selector = |signature: &&str| {
            let hash = keccak256(signature.as_bytes());
            hash.first_chunk::<4>().copied().unwrap_or_default()
        };
        let told = TOLD.iter().map(selector).collect();
        Self { events: EventTable::new("Balancer v1 pool", &EVENTS, 0), told }
    }

    pub(super) fn transaction(
        &self,
        contracts: &ShareContracts,
        logs: &[RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        let ShareContracts::BalancerV1 { pool, tokens } = contracts else { return Ok(()) };
        let mut before =
            Before { amounts: zero(tokens.len()), pending: None, burned: None, call: None };
        for log in logs {
            self.read(log, (*pool, tokens), &mut before, sink).map_err(at(log))?;
        }
        before.finish(sink)
    }

    fn read<'a>(
        &self,
        log: &'a RawLog,
        (pool, tokens): (Address, &[Address]),
        before: &mut Before<'a>,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        if is_call(log) {
            before.finish(sink).map_err(|error| error.fault)?;
            before.burned = None;
            before.call = Some(log);
            sink.pass("LOG_CALL");
            return self.is_told(log);
        }
        let (kind, fields) = self.events.read(log)?;
        let token = |index| place_of(&fields, tokens, index);
        match kind {
            Kind::Swap => {
                before.finish(sink).map_err(|error| error.fault)?;
                let pair = TokenPair { input: token(1)?, output: token(2)? };
                let (amount_in, amount_out) = (fields.amount(0)?, fields.amount(1)?);
                let place = before.call.take().unwrap_or(log);
                sink.push(place, ShareEvent::Swap { pair, amount_in, amount_out });
            }
            Kind::Join => before.moved(log, true, (token(1)?, fields.amount(0)?), sink)?,
            Kind::Exit => before.moved(log, false, (token(1)?, fields.amount(0)?), sink)?,
            Kind::Transfer => {
                let transfer = Transfer::of(&fields)?;
                if transfer.is_mint() {
                    before.minted(transfer.amount, sink)?;
                } else if transfer.is_burn() && transfer.from == pool {
                    before.burned(transfer.amount, log, sink)?;
                }
            }
            Kind::Approval => sink.pass(fields.event()),
        }
        Ok(())
    }
}

impl BPoolReader {
    /// Refuses the call of a controller before the pool was finalized, and `gulp`, which takes
    /// gifts in and says nothing of them.
    fn is_told(&self, log: &RawLog) -> Result<(), DecodeFault> {
        let selector = log.topics.first().and_then(|topic| topic.0.first_chunk::<4>());
        if selector.is_some_and(|selector| self.told.contains(selector)) {
            return Ok(());
        }
        let detail = "it is none of the calls that a tape has: the tape begins after `finalize`, \
                      and no log says what `gulp` took in";
        Err(DecodeFault::Unplaced { event: "LOG_CALL", detail })
    }
}

impl<'a> Before<'a> {
    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), DecodeError> {
        let Some(Change { is_join, first, amounts, shares }) = self.pending.take() else {
            return Ok(());
        };
        if shares.is_none() {
            let event = if is_join { "LOG_JOIN" } else { "LOG_EXIT" };
            let detail = "no log beside it says which shares were minted or burned";
            return Err(at(first)(DecodeFault::Unplaced { event, detail }));
        }
        let (fees, invariant, total_shares) = (None, None, None);
        let change = Box::new(LiquidityChange { amounts, shares, fees, invariant, total_shares });
        let event =
            if is_join { ShareEvent::Deposit(change) } else { ShareEvent::Withdraw(change) };
        sink.push(first, event);
        Ok(())
    }

    fn moved(
        &mut self,
        log: &'a RawLog,
        is_join: bool,
        (token, amount): (TokenIndex, Amount),
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.is_join == is_join) {
            add(&mut pending.amounts, token, amount);
            return Ok(());
        }
        self.finish(sink).map_err(|error| error.fault)?;
        let burned = if is_join { None } else { self.burned.take() };
        let first = self.call.take().or(burned.map(|(_, log)| log)).unwrap_or(log);
        let mut amounts = self.amounts;
        add(&mut amounts, token, amount);
        let shares = burned.map(|(shares, _)| shares);
        self.pending = Some(Change { is_join, first, amounts, shares });
        Ok(())
    }

    fn minted(&mut self, shares: Amount, sink: &mut Sink<'_>) -> Result<(), DecodeFault> {
        let pending = self.pending.as_mut().filter(|pending| pending.is_join);
        let Some(pending) = pending else {
            let detail = "shares are minted beside no LOG_JOIN: the tape begins after `finalize`";
            return Err(DecodeFault::Unplaced { event: "Transfer", detail });
        };
        pending.shares = Some(shares);
        self.finish(sink).map_err(|error| error.fault)
    }

    fn burned(
        &mut self,
        shares: Amount,
        log: &'a RawLog,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let waits = self.pending.as_ref().is_some_and(|pending| pending.shares.is_none());
        if !waits {
            self.finish(sink).map_err(|error| error.fault)?;
            self.burned = Some((shares, log));
            return Ok(());
        }
        if let Some(pending) = self.pending.as_mut() {
            pending.shares = Some(shares);
        }
        self.finish(sink).map_err(|error| error.fault)
    }
}

/// `LOG_CALL(bytes4 indexed sig, address indexed caller, bytes data)` is anonymous: its first topic
/// is a selector, and 28 zero bytes.
fn is_call(log: &RawLog) -> bool {
    let [selector, _caller] = log.topics.as_slice() else { return false };
    selector.0.iter().skip(4).all(|byte| *byte == 0)
}

fn place_of(
    fields: &Fields<'_>,
    tokens: &[Address],
    index: usize,
) -> Result<TokenIndex, DecodeFault> {
    let address = fields.topic_address(index)?;
    let place = tokens.iter().position(|token| *token == address);
    let place = place.and_then(|place| u8::try_from(place).ok()).map(TokenIndex);
    place.ok_or_else(|| fields.value("token", &address, "one of the pool's tokens"))
}
