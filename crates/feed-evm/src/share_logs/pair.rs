use tidemill_model::{Address, LiquidityChange, ShareEvent};
use tidemill_units::{Amount, Amounts, TokenAmounts, TokenIndex};

use super::ShareContracts;
use super::sink::{APPROVAL, Flow, Sink, TRANSFER, TokenEvents, Transfer, add, at, beyond, zero};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Swap,
    Sync,
    Mint,
    Burn,
    Claim,
    Transfer,
    Pass,
}

/// Events of `UniswapV2Pair` (v2-core 1.0.1; SushiSwap's and PancakeSwap's first are the same), of
/// `BaseV1Pair` (Solidly) and of `Pool` (Velodrome v2, Aerodrome).
const EVENTS: [Declared<Kind>; 14] = [
    event(Kind::Swap, "Swap(address indexed,uint256,uint256,uint256,uint256,address indexed)"),
    event(Kind::Swap, "Swap(address indexed,address indexed,uint256,uint256,uint256,uint256)"),
    event(Kind::Sync, "Sync(uint112,uint112)"),
    event(Kind::Sync, "Sync(uint256,uint256)"),
    event(Kind::Mint, "Mint(address indexed,uint256,uint256)"),
    event(Kind::Burn, "Burn(address indexed,uint256,uint256,address indexed)"),
    event(Kind::Burn, "Burn(address indexed,address indexed,uint256,uint256)"),
    event(Kind::Claim, "Claim(address indexed,address indexed,uint256,uint256)"),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Pass, "Fees(address indexed,uint256,uint256)"),
    event(Kind::Pass, APPROVAL),
    event(Kind::Pass, "Initialized(uint8)"),
    event(Kind::Pass, "Initialized(uint64)"),
    event(Kind::Pass, "EIP712DomainChanged()"),
];

/// Reads a pair's logs. Reserves follow every call in a `Sync` right before the call's own log; one
/// without such a log after it is a `sync`.
#[derive(Debug)]
pub(super) struct PairReader {
    events: EventTable<Kind>,
    tokens: TokenEvents,
    /// The reserves by the last `Sync`, once there was one.
    reserves: Option<TokenAmounts>,
    /// What was given since, beyond what was skimmed, as far as it had events.
    given: TokenAmounts,
}

/// What stands before the log that it belongs to.
struct Before<'a> {
    first: Option<&'a RawLog>,
    minted: Option<Amount>,
    burned: Option<Amount>,
    sync: Option<(&'a RawLog, TokenAmounts)>,
    flow: Flow,
}

impl Default for PairReader {
    fn default() -> Self {
        Self {
            events: EventTable::new("pair", &EVENTS, 2),
            tokens: TokenEvents::new(),
            reserves: None,
            given: zero(2),
        }
    }
}

impl PairReader {
    pub(super) fn begin(&mut self, reserves: TokenAmounts, given: TokenAmounts) {
        (self.reserves, self.given) = (Some(reserves), given);
    }

    pub(super) fn transaction(
        &mut self,
        contracts: &ShareContracts,
        logs: &[RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        let ShareContracts::Pair { pair, tokens } = contracts else { return Ok(()) };
        let mut before = Before::nothing();
        for (index, log) in logs.iter().enumerate() {
            if log.address.is_none_or(|address| address == *pair) {
                self.own(log, *pair, &mut before, sink).map_err(at(log))?;
                continue;
            }
            let token = u8::from(log.address != tokens.first().copied());
            if let Some(transfer) = self.tokens.of_token(log).map_err(at(log))? {
                before.flow.count(*pair, TokenIndex(token), &transfer, index);
            }
        }
        self.sync_alone(&mut before, sink);
        self.flowed(&before.flow, logs, sink);
        Ok(())
    }

    fn own<'a>(
        &mut self,
        log: &'a RawLog,
        pair: Address,
        before: &mut Before<'a>,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        if !matches!(kind, Kind::Swap | Kind::Mint | Kind::Burn) {
            self.sync_alone(before, sink);
        }
        match kind {
            Kind::Swap => {
                let paid = pair_of(&fields, 0)?;
                let event = ShareEvent::PairSwap { paid, taken: pair_of(&fields, 2)? };
                sink.push(before.place(log), event);
                self.synced(before);
            }
            Kind::Mint => {
                let change = change(fields.amounts(0, 2)?, before.minted);
                sink.push(before.place(log), ShareEvent::Deposit(Box::new(change)));
                self.synced(before);
            }
            Kind::Burn if fields.topic_address(1)? == pair => {
                return Err(fields.unplaced("what was withdrawn went to the pair itself"));
            }
            Kind::Burn => self.burn(log, &fields, before, sink)?,
            Kind::Sync => {
                before.first.get_or_insert(log);
                before.sync = Some((log, fields.amounts(0, 2)?));
            }
            Kind::Claim => {
                let paid = fields.amounts(0, 2)?;
                sink.push(log, ShareEvent::ClaimFees(Box::new(paid)));
            }
            Kind::Transfer => {
                let transfer = Transfer::of(&fields)?;
                if transfer.is_mint() || transfer.is_burn() {
                    before.first.get_or_insert(log);
                    let amount = Some(transfer.amount);
                    let of =
                        if transfer.is_mint() { &mut before.minted } else { &mut before.burned };
                    *of = amount;
                }
            }
            Kind::Pass => {
                if fields.event() == "Fees" {
                    before.first.get_or_insert(log);
                }
                sink.pass(fields.event());
            }
        }
        Ok(())
    }

    /// What was given to a pair before a withdrawal is paid out with it, though no log says so: the
    /// reserves afterwards and what was paid tell.
    fn burn<'a>(
        &mut self,
        log: &'a RawLog,
        fields: &Fields<'_>,
        before: &mut Before<'a>,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let paid = fields.amounts(0, 2)?;
        let shares = before.burned;
        if shares.is_none() {
            return Err(fields.unplaced("no log before it says which shares were burned"));
        }
        let change = change(paid, shares);
        let mut place = before.place(log);
        if let (Some((sync, left)), Some(reserves)) = (&before.sync, &self.reserves) {
            let held = left.checked_add(&paid);
            let held = held.ok_or_else(|| fields.value("amount", &"more than 2^256", "less"))?;
            let gift = beyond(&beyond(&held, reserves), &self.given);
            if !gift.is_zero() && place.place != sync.place {
                sink.push(place, ShareEvent::Gift(Box::new(gift)));
                place = sync;
            }
        }
        sink.push(place, ShareEvent::Withdraw(Box::new(change)));
        self.synced(before);
        Ok(())
    }

    /// The reserves are what the pair holds; what led to that has been told.
    fn synced(&mut self, before: &mut Before<'_>) {
        if let Some((_, reserves)) = before.sync.take() {
            self.reserves = Some(reserves);
        }
        self.given = zero(2);
        *before = Before::nothing();
    }

    /// A `Sync` that no call's log follows.
    fn sync_alone(&mut self, before: &mut Before<'_>, sink: &mut Sink<'_>) {
        let Some((log, reserves)) = before.sync.take() else { return };
        sink.push(log, ShareEvent::Sync(Box::new(reserves)));
        self.reserves = Some(reserves);
        self.given = zero(2);
        *before = Before::nothing();
    }

    /// Transfers of the tokens that no call of the pair has accounted for.
    fn flowed(&mut self, flow: &Flow, logs: &[RawLog], sink: &mut Sink<'_>) {
        let [into, out] = flow.last.map(|index| index.and_then(|index| logs.get(index)));
        if let Some(log) = into.filter(|_| !flow.into.is_zero()) {
            sink.push(log, ShareEvent::Gift(Box::new(flow.into)));
            for (token, amount) in flow.into.iter() {
                add(&mut self.given, token, amount);
            }
        }
        if let Some(log) = out.filter(|_| !flow.out.is_zero()) {
            sink.push(log, ShareEvent::Skim(Box::new(flow.out)));
            self.given = beyond(&self.given, &flow.out);
        }
    }
}

impl<'a> Before<'a> {
    fn nothing() -> Self {
        Self { first: None, minted: None, burned: None, sync: None, flow: Flow::none(2) }
    }

    /// The first log of the call that this one ends.
    fn place(&self, log: &'a RawLog) -> &'a RawLog {
        self.first.unwrap_or(log)
    }
}

fn change(amounts: TokenAmounts, shares: Option<Amount>) -> LiquidityChange {
    LiquidityChange { amounts, shares, fees: None, invariant: None, total_shares: None }
}

fn pair_of(fields: &Fields<'_>, first: usize) -> Result<Amounts, DecodeFault> {
    let second = first.saturating_add(1);
    Ok(Amounts { amount0: fields.amount(first)?, amount1: fields.amount(second)? })
}
