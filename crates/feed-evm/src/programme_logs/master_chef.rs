use tidemill_model::{Address, MasterChefLog, ProgrammeLog};
use tidemill_units::{Amount, U256};

use super::token_transfers::{TokenTransfers, Transfer};
use super::{ProgrammeTransaction, Told, TransactionCall, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Deposit,
    Withdraw,
    Emergency,
    Pass,
}

/// Events of `MasterChef` (SushiSwap's, at its first deployment).
const EVENTS: [Declared<Kind>; 4] = [
    event(Kind::Deposit, "Deposit(address indexed,uint256 indexed,uint256)"),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256 indexed,uint256)"),
    event(Kind::Emergency, "EmergencyWithdraw(address indexed,uint256 indexed,uint256)"),
    event(Kind::Pass, "OwnershipTransferred(address indexed,address indexed)"),
];

/// Reads a chef's logs, and the reward token's transfers before each: what was minted for the
/// update, and what was paid.
#[derive(Debug)]
pub(super) struct Reader {
    chef: Address,
    reward_token: Address,
    tokens: Vec<Address>,
    events: EventTable<Kind>,
    transfers: TokenTransfers,
}

/// Transfers since the last of the chef's logs.
#[derive(Default)]
struct Before<'a> {
    rewards: Vec<Transfer>,
    arrived: Vec<(&'a RawLog, Address, Amount)>,
}

impl Before<'_> {
    fn minted(&self) -> Amount {
        let minted = self.rewards.iter().filter(|it| it.from == Address::default());
        let sum = minted.fold(U256::ZERO, |sum, it| sum.saturating_add(it.amount.0));
        Amount(sum)
    }

    fn paid(&self, chef: Address, user: Address) -> Amount {
        let paid = self.rewards.iter().find(|it| it.from == chef && it.to == user);
        paid.map_or(Amount::ZERO, |it| it.amount)
    }
}

impl Reader {
    pub(super) fn new(chef: Address, reward_token: Address, tokens: Vec<Address>) -> Self {
        let (events, transfers) =
            (EventTable::new("MasterChef", &EVENTS, 0), TokenTransfers::new());
        Self { chef, reward_token, tokens, events, transfers }
    }

    fn transferred<'a>(&self, log: &'a RawLog, before: &mut Before<'a>) -> Result<(), DecodeError> {
        let Some(token) = log.address else { return Ok(()) };
        let is_reward = token == self.reward_token;
        if !is_reward && !self.tokens.contains(&token) {
            return Ok(());
        }
        let Some(transfer) = self.transfers.read(log).map_err(at(log))? else { return Ok(()) };
        if is_reward {
            before.rewards.push(transfer);
        }
        let is_minted = is_reward && transfer.from == Address::default();
        if transfer.to == self.chef && transfer.from != self.chef && !is_minted {
            before.arrived.push((log, token, transfer.amount));
        }
        Ok(())
    }

    fn own(&self, log: &RawLog, before: &Before<'_>, all: &mut Told) -> Result<(), DecodeError> {
        let (kind, fields) = self.events.read(log).map_err(at(log))?;
        if matches!(kind, Kind::Pass) {
            return Ok(());
        }
        let user = fields.topic_address(0).map_err(at(log))?;
        let pid = fields.topic_small(1).map_err(at(log))?;
        let amount = fields.amount(0).map_err(at(log))?;
        let (paid, minted) = (before.paid(self.chef, user), before.minted());
        let told = match kind {
            Kind::Deposit => MasterChefLog::Deposit { user, pid, amount, paid, minted },
            Kind::Withdraw => MasterChefLog::Withdraw { user, pid, amount, paid, minted },
            Kind::Emergency | Kind::Pass => MasterChefLog::EmergencyWithdraw { user, pid, amount },
        };
        // What arrived for a deposit is its own; anything else was given.
        let is_deposit = matches!(kind, Kind::Deposit);
        let own =
            before.arrived.iter().rposition(|(_, _, arrived)| is_deposit && *arrived == amount);
        given(all, before, own);
        all.push(log, ProgrammeLog::MasterChef(told));
        Ok(())
    }
}

/// Tells of tokens that arrived, but for one that is a deposit's.
fn given(all: &mut Told, before: &Before<'_>, own: Option<usize>) {
    for (place, (log, token, amount)) in before.arrived.iter().enumerate() {
        if Some(place) != own {
            let given = MasterChefLog::Given { token: *token, amount: *amount };
            all.push(log, ProgrammeLog::MasterChef(given));
        }
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut before = Before::default();
        let mut is_silent = true;
        for log in transaction.logs {
            if log.address == Some(self.chef) {
                is_silent = false;
                self.own(log, &before, all)?;
                before = Before::default();
            } else {
                self.transferred(log, &mut before)?;
            }
        }
        given(all, &before, None);
        if let Some(call) = transaction.call.filter(|call| call.to == self.chef && is_silent)
            && let Some(log) = of_call(call, before.minted())
        {
            all.call(call, ProgrammeLog::MasterChef(log));
        }
        Ok(())
    }
}

/// A call that the chef logs nothing of.
fn of_call(call: &TransactionCall, minted: Amount) -> Option<MasterChefLog> {
    let is_set = |index| call.word(index).map(|word| !word.is_zero());
    if call.is("add(uint256,address,bool)") {
        let (lp_token, alloc_point) = (call.address(1)?, call.word(0)?);
        return Some(MasterChefLog::PoolAdded {
            lp_token,
            alloc_point,
            with_update: is_set(2)?,
            minted,
        });
    }
    if call.is("set(uint256,uint256,bool)") {
        let (pid, alloc_point, with_update) = (call.small(0)?, call.word(1)?, is_set(2)?);
        return Some(MasterChefLog::PoolSet { pid, alloc_point, with_update, minted });
    }
    if call.is("updatePool(uint256)") {
        return Some(MasterChefLog::PoolUpdated { pid: call.small(0)?, minted });
    }
    if call.is("massUpdatePools()") {
        return Some(MasterChefLog::PoolsUpdated { minted });
    }
    if call.is("dev(address)") {
        return Some(MasterChefLog::DevSet { dev: call.address(0)? });
    }
    None
}
