use tidemill_model::{Address, Bytes32, CumulativeClaimLog, ProgrammeLog};
use tidemill_units::Amount;

use super::token_transfers::{TokenTransfers, Transfer};
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Claimed,
    Tree,
    Disputed,
    Resolved,
    Revoked,
    Operator,
    Trusted,
    Amount,
    Token,
    Period,
    Epoch,
    Unplaced(&'static str),
    Pass,
}

const RECIPIENT: &str = "tapes have no event for a recipient of choice";
const MAIN: &str = "tapes have no event for who may claim for everybody";
const RECOVERED: &str = "tapes have no event for tokens that were taken back";

/// Events of `Distributor` (AngleProtocol/merkl-contracts at 005348eb) and of its proxy.
const EVENTS: [Declared<Kind>; 21] = [
    event(Kind::Claimed, "Claimed(address indexed,address indexed,uint256)"),
    event(Kind::Tree, "TreeUpdated(bytes32,bytes32,uint48)"),
    event(Kind::Disputed, "Disputed(string)"),
    event(Kind::Resolved, "DisputeResolved(bool)"),
    event(Kind::Revoked, "Revoked()"),
    event(Kind::Operator, "OperatorToggled(address indexed,address indexed,bool)"),
    event(Kind::Trusted, "TrustedToggled(address indexed,bool)"),
    event(Kind::Amount, "DisputeAmountUpdated(uint256)"),
    event(Kind::Token, "DisputeTokenUpdated(address indexed)"),
    event(Kind::Period, "DisputePeriodUpdated(uint48)"),
    event(Kind::Epoch, "EpochDurationUpdated(uint32)"),
    event(
        Kind::Unplaced(RECIPIENT),
        "ClaimRecipientUpdated(address indexed,address indexed,address indexed)",
    ),
    event(Kind::Unplaced(MAIN), "MainOperatorStatusUpdated(address indexed,address indexed,bool)"),
    event(Kind::Unplaced(MAIN), "OperatorClaimingToggled(address indexed,bool)"),
    event(Kind::Unplaced(RECOVERED), "Recovered(address indexed,address indexed,uint256)"),
    event(Kind::Pass, "UpgradeabilityRevoked()"),
    event(Kind::Pass, "Initialized(uint8)"),
    event(Kind::Pass, "Initialized(uint64)"),
    event(Kind::Pass, "Upgraded(address indexed)"),
    event(Kind::Pass, "AdminChanged(address,address)"),
    event(Kind::Pass, "BeaconUpgraded(address indexed)"),
];

/// Reads a distributor's logs, and transfers to it and from it. What a claim's leaf and proof were
/// is in the call alone; who disputed paid the deposit, which is transferred even where it is
/// nothing.
#[derive(Debug)]
pub(super) struct Reader {
    distributor: Address,
    events: EventTable<Kind>,
    transfers: TokenTransfers,
}

/// A leaf of a claim, by the call's arguments.
struct Leaf {
    user: Address,
    token: Address,
    cumulative: Amount,
    merkle_proof: Vec<Bytes32>,
    caller: Address,
}

/// What stands before the log that it belongs to.
#[derive(Default)]
struct Before<'a> {
    /// Transfers to the distributor, that of a deposit among them.
    arrived: Vec<(&'a RawLog, Transfer)>,
    /// The last transfer from it.
    paid: Option<Transfer>,
    /// `Revoked`, before the tree that it brings back.
    revoked: Option<&'a RawLog>,
    /// The tree that was brought back, until it is known whether a dispute's end did so.
    restored: Option<(&'a RawLog, Bytes32)>,
}

impl<'a> Before<'a> {
    /// A tree was brought back by a call of its own.
    fn revoked(&mut self, all: &mut Told) {
        if let Some((log, merkle_root)) = self.restored.take() {
            push(all, log, CumulativeClaimLog::Revoked { merkle_root });
        }
    }

    fn funded(&mut self, all: &mut Told) {
        for (log, Transfer { amount, .. }) in self.arrived.drain(..) {
            let token = log.address.unwrap_or_default();
            push(all, log, CumulativeClaimLog::Funded { token, amount });
        }
    }
}

fn push(all: &mut Told, at: &RawLog, log: CumulativeClaimLog) {
    all.push(at, ProgrammeLog::CumulativeClaim(log));
}

impl Reader {
    pub(super) fn new(distributor: Address) -> Self {
        let events = EventTable::new("Merkl distributor", &EVENTS, 0);
        Self { distributor, events, transfers: TokenTransfers::new() }
    }

    fn own<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        leaves: &mut impl Iterator<Item = Leaf>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.events.read(log)?;
        if !matches!(kind, Kind::Tree | Kind::Resolved) {
            before.revoked(all);
        }
        if !matches!(kind, Kind::Disputed) {
            before.funded(all);
        }
        let told = match kind {
            Kind::Claimed => claimed(&fields, leaves.next())?,
            Kind::Tree if before.revoked.is_some() => {
                let root = Bytes32(fields.word(0)?.to_be_bytes());
                before.restored = before.revoked.take().map(|log| (log, root));
                return Ok(());
            }
            Kind::Tree => {
                before.revoked(all);
                let merkle_root = Bytes32(fields.word(0)?.to_be_bytes());
                let end_of_dispute_period = fields.time(2)?;
                CumulativeClaimLog::TreeUpdated { merkle_root, end_of_dispute_period }
            }
            Kind::Disputed => {
                let Some((_, deposit)) = before.arrived.pop() else {
                    return Err(fields.unplaced("no transfer of the deposit stands before it"));
                };
                before.funded(all);
                CumulativeClaimLog::Disputed { disputer: deposit.from }
            }
            Kind::Resolved => {
                let Some(Transfer { to, amount, .. }) = before.paid.take() else {
                    return Err(fields.unplaced("no transfer of the deposit stands before it"));
                };
                before.restored = None;
                CumulativeClaimLog::DisputeResolved { valid: fields.flag(0)?, to, amount }
            }
            Kind::Revoked => {
                before.revoked = Some(log);
                return Ok(());
            }
            Kind::Operator | Kind::Trusted | Kind::Amount => set(kind, &fields)?,
            Kind::Token | Kind::Period | Kind::Epoch => set(kind, &fields)?,
            Kind::Unplaced(detail) => return Err(fields.unplaced(detail)),
            Kind::Pass => return Ok(()),
        };
        push(all, log, told);
        Ok(())
    }

    /// The leaves of a claim, in the order of its logs.
    fn leaves(&self, call: &TransactionCall) -> Option<Vec<Leaf>> {
        let is_claim = call.is("claim(address[],address[],uint256[],bytes32[][])")
            || call.is(
                "claimWithRecipient(address[],address[],uint256[],bytes32[][],address[],bytes[])",
            );
        if call.to != self.distributor || !is_claim {
            return None;
        }
        let (users, tokens) = (call.addresses(0)?, call.addresses(1)?);
        let (amounts, proofs) = (call.list(2)?, call.hash_lists(3)?);
        let named = users.into_iter().zip(tokens).zip(amounts).zip(proofs);
        let leaf = |(((user, token), amount), merkle_proof): (_, Vec<Bytes32>)| {
            let cumulative = Amount(amount);
            Leaf { user, token, cumulative, merkle_proof, caller: call.from }
        };
        Some(named.map(leaf).collect())
    }
}

/// What was set for the time from now on.
fn set(kind: Kind, fields: &Fields<'_>) -> Result<CumulativeClaimLog, DecodeFault> {
    Ok(match kind {
        Kind::Operator => CumulativeClaimLog::OperatorToggled {
            user: fields.topic_address(0)?,
            operator: fields.topic_address(1)?,
            is_whitelisted: fields.flag(0)?,
        },
        Kind::Trusted => {
            let (eoa, trust) = (fields.topic_address(0)?, fields.flag(0)?);
            CumulativeClaimLog::TrustedToggled { eoa, trust }
        }
        Kind::Amount => {
            CumulativeClaimLog::DisputeAmountUpdated { dispute_amount: fields.amount(0)? }
        }
        Kind::Token => {
            let dispute_token = fields.topic_address(0)?;
            CumulativeClaimLog::DisputeTokenUpdated { dispute_token }
        }
        Kind::Period => {
            CumulativeClaimLog::DisputePeriodUpdated { dispute_period: fields.small(0)? }
        }
        Kind::Epoch => {
            let new_epoch_duration = fields.small(0)?;
            CumulativeClaimLog::EpochDurationUpdated { new_epoch_duration }
        }
        Kind::Claimed | Kind::Tree | Kind::Disputed | Kind::Resolved | Kind::Revoked => {
            return Err(fields.unplaced("it sets nothing"));
        }
        Kind::Unplaced(_) | Kind::Pass => return Err(fields.unplaced("it sets nothing")),
    })
}

fn claimed(fields: &Fields<'_>, leaf: Option<Leaf>) -> Result<CumulativeClaimLog, DecodeFault> {
    let (user, token) = (fields.topic_address(0)?, fields.topic_address(1)?);
    let leaf = leaf.filter(|leaf| (leaf.user, leaf.token) == (user, token));
    let Some(Leaf { cumulative, merkle_proof, caller, .. }) = leaf else {
        return Err(fields.unplaced("the leaf, its proof and who called are in the call alone"));
    };
    let amount = fields.amount(0)?;
    Ok(CumulativeClaimLog::Claimed { user, token, amount, cumulative, merkle_proof, caller })
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut before = Before::default();
        let leaves = transaction.call.and_then(|call| self.leaves(call)).unwrap_or_default();
        let mut leaves = leaves.into_iter();
        for log in transaction.logs {
            if log.address == Some(self.distributor) {
                self.own(log, &mut before, &mut leaves, all).map_err(at(log))?;
            } else if log.address.is_some()
                // Of a contract that is no token it may be anything.
                && let Ok(Some(transfer)) = self.transfers.read(log)
            {
                if transfer.to == self.distributor {
                    before.arrived.push((log, transfer));
                } else if transfer.from == self.distributor {
                    before.paid = Some(transfer);
                }
            }
        }
        if let Some(log) = before.revoked {
            let detail = "no tree follows it";
            return Err(at(log)(DecodeFault::Unplaced { event: "Revoked", detail }));
        }
        before.revoked(all);
        before.funded(all);
        Ok(())
    }
}
