#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each contract writes some of the system's events, and its table has no others"
)]

use std::collections::{BTreeMap, BTreeSet};

use tidemill_model::{Address, AerodromeLog, AerodromeVote, ProgrammeLog};
use tidemill_units::{Amount, Timestamp};

use super::aerodrome_calls;
use super::aerodrome_events::{DISTRIBUTOR, ESCROW, GAUGE, Kind, MINTER, REWARD, TOKEN, VOTER};
use super::contracts::AerodromeContracts;
use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{EventTable, Fields};
use crate::{DecodeError, DecodeFault, RawLog};

/// Which of the system's contracts an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Token,
    Escrow,
    Voter,
    Minter,
    Distributor,
    Gauge(u32),
    Fees(u32),
    Bribe(u32),
    /// What a managed lock earns for those locked in it: a managed deposit or withdrawal tells it.
    Locked,
    /// What its manager pays out.
    Free(u64),
}

/// Reads the logs of the escrow, voter, minter, distributor, gauges and rewards. What a vote asked
/// for, and for which lock a reward was claimed, is in the call alone.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: AerodromeContracts,
    roles: BTreeMap<Address, Role>,
    pools: BTreeMap<Address, u32>,
    tables: Tables,
}

#[derive(Debug)]
struct Tables {
    escrow: EventTable<Kind>,
    voter: EventTable<Kind>,
    minter: EventTable<Kind>,
    distributor: EventTable<Kind>,
    reward: EventTable<Kind>,
    gauge: EventTable<Kind>,
    token: EventTable<Kind>,
}

/// What stands before the log that it belongs to, and what has been told of the transaction.
#[derive(Default)]
pub(super) struct Before<'a> {
    /// A new lock and whose it is.
    owner: Option<(u64, Address)>,
    /// A deposit or withdrawal before the `Supply`.
    lock: Option<(&'a RawLog, AerodromeLog)>,
    /// A lock that was made to be managed, before it is said to be: its deposit is no event.
    made: Option<(&'a RawLog, AerodromeLog)>,
    /// Rebases that were claimed, which are locked next.
    rebase: Option<(u64, Amount)>,
    /// `Abstained` and `Voted` of each lock, in their order.
    pub(super) votes: Vec<Votes<'a>>,
    /// A managed deposit or withdrawal, before the votes of the managed lock.
    managed: Vec<(&'a RawLog, AerodromeLog)>,
    /// `NotifyReward` of a gauge, before what the voter handed it.
    notified: Option<(&'a RawLog, u32, Amount)>,
    claimed: [Amount; 2],
    fees: [Amount; 2],
    team: Amount,
    tokens: Amount,
    /// Gauges that were handed their emission, those that paid, and locks whose rebases were.
    pub(super) distributed: BTreeSet<u32>,
    pub(super) paid: BTreeSet<u32>,
    pub(super) rebased: BTreeSet<u64>,
}

/// All votes of one lock that a transaction takes back and casts.
pub(super) struct Votes<'a> {
    pub(super) log: &'a RawLog,
    pub(super) token_id: u64,
    pub(super) abstained: Vec<AerodromeVote>,
    pub(super) voted: Vec<AerodromeVote>,
}

pub(super) fn push(all: &mut Told, at: &RawLog, log: AerodromeLog) {
    all.push(at, ProgrammeLog::Aerodrome(log));
}

impl<'a> Before<'a> {
    /// A gauge was notified by the team, without a distribution.
    fn by_team(&mut self, all: &mut Told) {
        if let Some((log, gauge, amount)) = self.notified.take() {
            push(all, log, AerodromeLog::GaugeNotifyReward { gauge, amount });
        }
    }

    fn made(&mut self, all: &mut Told) {
        if let Some((log, told)) = self.made.take() {
            push(all, log, told);
        }
    }

    fn vote(&mut self, log: &'a RawLog, token_id: u64, is_new: bool, vote: AerodromeVote) {
        let votes = match self.votes.iter_mut().find(|votes| votes.token_id == token_id) {
            Some(votes) => votes,
            None => {
                let (abstained, voted) = (Vec::new(), Vec::new());
                self.votes.push(Votes { log, token_id, abstained, voted });
                let Some(votes) = self.votes.last_mut() else { return };
                votes
            }
        };
        let list = if is_new { &mut votes.voted } else { &mut votes.abstained };
        list.push(vote);
    }

    /// Gives the managed locks' votes to what made them be cast again.
    fn settle_managed(&mut self, all: &mut Told) {
        for (log, mut told) in std::mem::take(&mut self.managed) {
            if let AerodromeLog::DepositManaged { m_token_id, abstained, voted, .. }
            | AerodromeLog::WithdrawManaged { m_token_id, abstained, voted, .. } = &mut told
                && let Some(place) =
                    self.votes.iter().position(|votes| votes.token_id == *m_token_id)
            {
                let votes = self.votes.remove(place);
                (*abstained, *voted) = (votes.abstained, votes.voted);
            }
            push(all, log, told);
        }
    }
}

impl Reader {
    pub(super) fn new(contracts: &AerodromeContracts) -> Self {
        let mut roles = BTreeMap::new();
        let mut pools = BTreeMap::new();
        for (place, gauge) in (0_u32..).zip(&contracts.gauges) {
            pools.insert(gauge.pool, place);
            roles.insert(gauge.gauge, Role::Gauge(place));
            roles.insert(gauge.fees_reward, Role::Fees(place));
            roles.insert(gauge.bribe_reward, Role::Bribe(place));
        }
        for managed in &contracts.managed {
            roles.insert(managed.locked_reward, Role::Locked);
            roles.insert(managed.free_reward, Role::Free(managed.m_token_id));
        }
        roles.insert(contracts.token, Role::Token);
        roles.insert(contracts.escrow, Role::Escrow);
        roles.insert(contracts.voter, Role::Voter);
        roles.insert(contracts.minter, Role::Minter);
        roles.insert(contracts.distributor, Role::Distributor);
        let tables = Tables {
            escrow: EventTable::new("Aerodrome escrow", &ESCROW, 0),
            voter: EventTable::new("Aerodrome voter", &VOTER, 0),
            minter: EventTable::new("Aerodrome minter", &MINTER, 0),
            distributor: EventTable::new("rebase distributor", &DISTRIBUTOR, 0),
            reward: EventTable::new("voting reward", &REWARD, 0),
            gauge: EventTable::new("Aerodrome gauge", &GAUGE, 0),
            token: EventTable::new("locked token", &TOKEN, 0),
        };
        Self { contracts: contracts.clone(), roles, pools, tables }
    }

    pub(super) fn role(&self, address: Address) -> Option<Role> {
        self.roles.get(&address).copied()
    }

    pub(super) fn gauge_of_pool(&self, pool: Address) -> Option<u32> {
        self.pools.get(&pool).copied()
    }

    pub(super) fn gauge_count(&self) -> u32 {
        u32::try_from(self.contracts.gauges.len()).unwrap_or(u32::MAX)
    }

    fn is_elsewhere(&self, gauge: u32) -> bool {
        let gauge = usize::try_from(gauge).ok().and_then(|at| self.contracts.gauges.get(at));
        gauge.is_some_and(|gauge| gauge.is_elsewhere)
    }

    fn tokens_of(&self, gauge: u32) -> Option<[Address; 2]> {
        usize::try_from(gauge).ok().and_then(|at| self.contracts.gauges.get(at))?.tokens
    }

    /// A gauge by a field that names it.
    fn named(&self, fields: &Fields<'_>, address: Address) -> Result<u32, DecodeFault> {
        match self.role(address) {
            Some(Role::Gauge(gauge)) => Ok(gauge),
            Some(_) | None => Err(fields.value("gauge", &address, "one of the voter's gauges")),
        }
    }

    fn of_escrow<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.tables.escrow.read(log)?;
        if !matches!(kind, Kind::CreateManaged | Kind::Supply | Kind::Pass) {
            before.made(all);
        }
        if let Some((_, waiting)) = &before.lock
            && !matches!(kind, Kind::Supply | Kind::Pass)
        {
            let detail = "no log of the supply follows what was locked or withdrawn";
            return Err(DecodeFault::Unplaced { event: event_of(waiting), detail });
        }
        let told = match kind {
            Kind::Transfer => {
                let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
                let token_id = fields.topic_small(2)?;
                if from == Address::default() {
                    before.owner = Some((token_id, to));
                    return Ok(());
                }
                if to == Address::default() {
                    return Ok(());
                }
                AerodromeLog::Transfer { from, to, token_id }
            }
            Kind::Deposit => {
                let deposit = deposited(&fields, before.owner.take())?;
                before.lock = Some((log, deposit));
                return Ok(());
            }
            Kind::Withdraw => {
                let (token_id, value) = (fields.topic_small(1)?, fields.amount(0)?);
                let supply = Amount::ZERO;
                before.lock = Some((log, AerodromeLog::Withdraw { token_id, value, supply }));
                return Ok(());
            }
            Kind::Supply => return supplied(&fields, before, all),
            Kind::CreateManaged => {
                let (to, m_token_id) = (fields.topic_address(0)?, fields.topic_small(1)?);
                let made = before.made.take_if(|(_, told)| token_of(told) == Some(m_token_id));
                if made.is_none() {
                    before.made(all);
                }
                AerodromeLog::CreateManaged { to, m_token_id }
            }
            Kind::DepositManaged | Kind::WithdrawManaged => {
                let managed = managed(kind, &fields)?;
                before.managed.push((log, managed));
                return Ok(());
            }
            _ => match changed(kind, &fields)? {
                Some(told) => told,
                None => return Ok(()),
            },
        };
        push(all, log, told);
        Ok(())
    }

    fn of_voter<'a>(
        &self,
        log: &'a RawLog,
        before: &mut Before<'a>,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.tables.voter.read(log)?;
        let told = match kind {
            Kind::Voted | Kind::Abstained => {
                let pool = fields.topic_address(1)?;
                let gauge = self.gauge_of_pool(pool);
                let gauge =
                    gauge.ok_or_else(|| fields.value("pool", &pool, "one of the voter's pools"))?;
                let (weight, total_weight) = (fields.amount(0)?, fields.amount(1)?);
                let vote = AerodromeVote { gauge, weight, total_weight };
                let is_new = matches!(kind, Kind::Voted);
                before.vote(log, fields.topic_small(2)?, is_new, vote);
                return Ok(());
            }
            Kind::GaugeCreated => {
                let gauge = self.named(&fields, fields.address(3)?)?;
                let is_elsewhere = self.is_elsewhere(gauge);
                AerodromeLog::GaugeCreated { gauge, tokens: self.tokens_of(gauge), is_elsewhere }
            }
            Kind::GaugeKilled => {
                AerodromeLog::GaugeKilled { gauge: self.named(&fields, fields.topic_address(0)?)? }
            }
            Kind::GaugeRevived => {
                AerodromeLog::GaugeRevived { gauge: self.named(&fields, fields.topic_address(0)?)? }
            }
            Kind::WhitelistToken => {
                let (token, is_allowed) = (fields.topic_address(1)?, !fields.topic(2)?.is_zero());
                AerodromeLog::WhitelistToken { token, is_allowed }
            }
            Kind::WhitelistNft => {
                let (token_id, is_allowed) = (fields.topic_small(1)?, !fields.topic(2)?.is_zero());
                AerodromeLog::WhitelistNft { token_id, is_allowed }
            }
            Kind::DistributeReward => self.distributed(&fields, before, transaction)?,
            _ => return Ok(()),
        };
        push(all, log, told);
        Ok(())
    }

    fn distributed(
        &self,
        fields: &Fields<'_>,
        before: &mut Before<'_>,
        transaction: &ProgrammeTransaction<'_>,
    ) -> Result<AerodromeLog, DecodeFault> {
        let address = fields.topic_address(1)?;
        let gauge = self.named(fields, address)?;
        let amount = fields.amount(0)?;
        before.distributed.insert(gauge);
        let is_elsewhere = self.is_elsewhere(gauge);
        let left = if is_elsewhere { (transaction.left_of)(address) } else { None };
        if is_elsewhere && left.is_none() {
            return Err(fields.unplaced("what the gauge still had to emit is for it to answer"));
        }
        let [claimed0, claimed1] = std::mem::take(&mut before.claimed);
        let [fees0, fees1] = std::mem::take(&mut before.fees);
        before.notified = before.notified.filter(|(_, notified, _)| *notified != gauge);
        Ok(AerodromeLog::DistributeReward { gauge, amount, claimed0, claimed1, fees0, fees1, left })
    }

    fn of_minter(
        &self,
        log: &RawLog,
        before: &mut Before<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.tables.minter.read(log)?;
        let told = match kind {
            Kind::Mint => AerodromeLog::Mint {
                weekly: fields.amount(0)?,
                circulating_supply: fields.amount(1)?,
                is_tail: !fields.topic(1)?.is_zero(),
                tokens: std::mem::take(&mut before.tokens),
                team: std::mem::take(&mut before.team),
            },
            Kind::Nudge => {
                let rate = |index| {
                    let rate = fields.small(index)?;
                    let allowed = "below 2^16";
                    u16::try_from(rate).map_err(|_| fields.value("rate", &rate, allowed))
                };
                let period = Timestamp(fields.topic_small(0)?);
                AerodromeLog::Nudge { period, old_rate: rate(0)?, new_rate: rate(1)? }
            }
            _ => return Ok(()),
        };
        push(all, log, told);
        Ok(())
    }

    fn of_distributor(
        &self,
        log: &RawLog,
        before: &mut Before<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.tables.distributor.read(log)?;
        if matches!(kind, Kind::CheckpointToken) {
            before.tokens = fields.amount(1)?;
            return Ok(());
        }
        let (token_id, amount) = (fields.topic_small(0)?, fields.amount(0)?);
        let [epoch_start, epoch_end] = [fields.topic_small(1)?, fields.topic_small(2)?];
        let (epoch_start, epoch_end) = (Timestamp(epoch_start), Timestamp(epoch_end));
        before.rebase = Some((token_id, amount));
        before.rebased.insert(token_id);
        push(all, log, AerodromeLog::Claimed { token_id, epoch_start, epoch_end, amount });
        Ok(())
    }

    fn of_gauge<'a>(
        &self,
        log: &'a RawLog,
        gauge: u32,
        before: &mut Before<'a>,
        all: &mut Told,
    ) -> Result<(), DecodeFault> {
        // What happens in a gauge that is kept elsewhere is on a tape of its own.
        if self.is_elsewhere(gauge) {
            return Ok(());
        }
        let (kind, fields) = self.tables.gauge.read(log)?;
        let told = match kind {
            Kind::GaugeDeposit => {
                let to = fields.topic_address(1)?;
                AerodromeLog::GaugeDeposit { gauge, to, amount: fields.amount(0)? }
            }
            Kind::GaugeWithdraw => {
                let from = fields.topic_address(0)?;
                AerodromeLog::GaugeWithdraw { gauge, from, amount: fields.amount(0)? }
            }
            Kind::GaugeClaim => {
                before.paid.insert(gauge);
                let from = fields.topic_address(0)?;
                AerodromeLog::GaugeClaimRewards { gauge, from, amount: fields.amount(0)? }
            }
            Kind::GaugeFees => {
                before.claimed = [fields.amount(0)?, fields.amount(1)?];
                return Ok(());
            }
            _ => {
                before.by_team(all);
                before.notified = Some((log, gauge, fields.amount(0)?));
                return Ok(());
            }
        };
        push(all, log, told);
        Ok(())
    }

    fn of_reward(
        &self,
        log: &RawLog,
        role: Role,
        before: &mut Before<'_>,
        lock: Option<u64>,
    ) -> Result<Option<AerodromeLog>, DecodeFault> {
        let (kind, fields) = self.tables.reward.read(log)?;
        Ok(match (kind, role) {
            (Kind::RewardNotify, role) => self.notified(&fields, role, before)?,
            (Kind::RewardClaim, Role::Fees(_) | Role::Bribe(_) | Role::Free(_)) => {
                let detail = "the lock that it was claimed for is in the call alone";
                let token_id = lock.ok_or_else(|| fields.unplaced(detail))?;
                Some(claimed(&fields, role, token_id)?)
            }
            (_, _) => None,
        })
    }

    fn notified(
        &self,
        fields: &Fields<'_>,
        role: Role,
        before: &mut Before<'_>,
    ) -> Result<Option<AerodromeLog>, DecodeFault> {
        let (reward, amount) = (fields.topic_address(1)?, fields.amount(0)?);
        let epoch = Timestamp(fields.topic_small(2)?);
        Ok(match role {
            Role::Fees(gauge) if self.is_elsewhere(gauge) => {
                Some(AerodromeLog::FeesNotifyReward { gauge, reward, epoch, amount })
            }
            Role::Fees(gauge) => {
                let tokens = self.tokens_of(gauge).into_iter().flatten();
                let sides = before.fees.iter_mut().zip(tokens);
                sides.filter(|(_, token)| *token == reward).for_each(|(fees, _)| *fees = amount);
                None
            }
            Role::Bribe(gauge) => {
                Some(AerodromeLog::BribeNotifyReward { gauge, reward, epoch, amount })
            }
            Role::Free(m_token_id) => {
                Some(AerodromeLog::FreeNotifyReward { m_token_id, reward, epoch, amount })
            }
            Role::Token | Role::Escrow | Role::Voter | Role::Minter => None,
            Role::Distributor | Role::Gauge(_) | Role::Locked => None,
        })
    }

    /// What the minter pays to anybody but the voter and the distributor is the team's.
    fn of_token(&self, log: &RawLog, before: &mut Before<'_>) -> Result<(), DecodeFault> {
        let (Kind::TokenTransfer, fields) = (match self.tables.token.read(log) {
            Ok(read) => read,
            Err(DecodeFault::UnknownEvent { .. } | DecodeFault::NoTopic) => return Ok(()),
            Err(fault) => return Err(fault),
        }) else {
            return Ok(());
        };
        let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
        let AerodromeContracts { minter, voter, distributor, .. } = self.contracts;
        if from == minter && ![voter, distributor].contains(&to) {
            before.team = fields.amount(0)?;
        }
        Ok(())
    }
}

/// A lock that is added to, before the supply is known.
fn deposited(
    fields: &Fields<'_>,
    owner: Option<(u64, Address)>,
) -> Result<AerodromeLog, DecodeFault> {
    let (token_id, deposit_type) = (fields.topic_small(1)?, fields.topic_small(2)?);
    let (value, locktime) = (fields.amount(0)?, fields.time(1)?);
    let owner = owner.filter(|(made, _)| *made == token_id).map(|(_, owner)| owner);
    let supply = Amount::ZERO;
    Ok(AerodromeLog::Deposit { token_id, deposit_type, value, locktime, owner, supply })
}

/// Completes what stands before the supply. That rebases are locked with what earned them is part
/// of their claim.
fn supplied(
    fields: &Fields<'_>,
    before: &mut Before<'_>,
    all: &mut Told,
) -> Result<(), DecodeFault> {
    let after = fields.amount(1)?;
    let Some((log, mut told)) = before.lock.take() else {
        return Err(fields.unplaced("nothing that was locked or withdrawn stands before it"));
    };
    if let AerodromeLog::Deposit { supply, .. } | AerodromeLog::Withdraw { supply, .. } = &mut told
    {
        *supply = after;
    }
    if let AerodromeLog::Deposit { token_id, deposit_type: 0, value, .. } = &told
        && before.rebase.take_if(|rebase| *rebase == (*token_id, *value)).is_some()
    {
        return Ok(());
    }
    if let AerodromeLog::Deposit { deposit_type: 1, value, .. } = &told
        && value.is_zero()
    {
        // Only a lock that will be managed begins with nothing.
        before.made = Some((log, told));
        return Ok(());
    }
    push(all, log, told);
    Ok(())
}

fn managed(kind: Kind, fields: &Fields<'_>) -> Result<AerodromeLog, DecodeFault> {
    let (token_id, m_token_id) = (fields.topic_small(1)?, fields.topic_small(2)?);
    let weight = fields.amount(0)?;
    let (abstained, voted) = (Vec::new(), Vec::new());
    Ok(if matches!(kind, Kind::DepositManaged) {
        AerodromeLog::DepositManaged { token_id, m_token_id, weight, abstained, voted }
    } else {
        AerodromeLog::WithdrawManaged { token_id, m_token_id, weight, abstained, voted }
    })
}

/// What one log of the escrow says by itself.
fn changed(kind: Kind, fields: &Fields<'_>) -> Result<Option<AerodromeLog>, DecodeFault> {
    Ok(Some(match kind {
        Kind::Merge => AerodromeLog::Merge {
            from: fields.topic_small(1)?,
            to: fields.topic_small(2)?,
            amount_from: fields.amount(0)?,
            amount_to: fields.amount(1)?,
            amount_final: fields.amount(2)?,
            locktime: fields.time(3)?,
        },
        Kind::Split => AerodromeLog::Split {
            from: fields.topic_small(0)?,
            token_id1: fields.topic_small(1)?,
            token_id2: fields.topic_small(2)?,
            split_amount1: fields.amount(1)?,
            split_amount2: fields.amount(2)?,
            locktime: fields.time(3)?,
        },
        Kind::LockPermanent => {
            let (token_id, amount) = (fields.topic_small(1)?, fields.amount(0)?);
            AerodromeLog::LockPermanent { token_id, amount }
        }
        Kind::UnlockPermanent => {
            let (token_id, amount) = (fields.topic_small(1)?, fields.amount(0)?);
            AerodromeLog::UnlockPermanent { token_id, amount }
        }
        _ => return Ok(None),
    }))
}

fn claimed(fields: &Fields<'_>, role: Role, token_id: u64) -> Result<AerodromeLog, DecodeFault> {
    let (from, reward) = (fields.topic_address(0)?, fields.topic_address(1)?);
    let amount = fields.amount(0)?;
    Ok(match role {
        Role::Free(m_token_id) => {
            AerodromeLog::FreeClaimRewards { m_token_id, token_id, from, reward, amount }
        }
        Role::Bribe(gauge) => {
            AerodromeLog::BribeClaimRewards { gauge, token_id, from, reward, amount }
        }
        Role::Fees(gauge) => {
            AerodromeLog::FeesClaimRewards { gauge, token_id, from, reward, amount }
        }
        Role::Token | Role::Escrow | Role::Voter | Role::Minter => {
            return Err(fields.unplaced("it is of no reward"));
        }
        Role::Distributor | Role::Gauge(_) | Role::Locked => {
            return Err(fields.unplaced("it is of no reward"));
        }
    })
}

/// The lock that was added to.
fn token_of(told: &AerodromeLog) -> Option<u64> {
    if let AerodromeLog::Deposit { token_id, .. } = told { Some(*token_id) } else { None }
}

fn event_of(told: &AerodromeLog) -> &'static str {
    if matches!(told, AerodromeLog::Withdraw { .. }) { "Withdraw" } else { "Deposit" }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut before = Before::default();
        let lock = transaction.call.and_then(|call| aerodrome_calls::claimed_for(self, call));
        for log in transaction.logs {
            let Some(role) = log.address.and_then(|address| self.role(address)) else { continue };
            let told = match role {
                Role::Token => self.of_token(log, &mut before),
                Role::Escrow => self.of_escrow(log, &mut before, all),
                Role::Voter => self.of_voter(log, &mut before, transaction, all),
                Role::Minter => self.of_minter(log, &mut before, all),
                Role::Distributor => self.of_distributor(log, &mut before, all),
                Role::Gauge(gauge) => self.of_gauge(log, gauge, &mut before, all),
                Role::Fees(_) | Role::Bribe(_) | Role::Locked | Role::Free(_) => {
                    let told = self.of_reward(log, role, &mut before, lock);
                    told.map(|told| told.into_iter().for_each(|told| push(all, log, told)))
                }
            };
            told.map_err(at(log))?;
        }
        before.by_team(all);
        before.made(all);
        before.settle_managed(all);
        if let Some((log, told)) = &before.lock {
            let detail = "no log of the supply follows";
            return Err(at(log)(DecodeFault::Unplaced { event: event_of(told), detail }));
        }
        aerodrome_calls::called(self, transaction.call, &before, all)
    }
}
