use tidemill_model::{Address, ProgrammeLog, RateTokenLog};
use tidemill_units::Amount;

use super::{ProgrammeTransaction, Told, at};
use crate::event_table::{Declared, EventTable, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Minted,
    Burned,
    Ether,
    Transfer,
    Received,
    Assigned,
    /// `BalancesUpdated`, with the places of all ether and of the token's supply.
    Balances([usize; 2]),
    Pass,
}

/// Events of `RocketTokenRETH`, `RocketDepositPool` and `RocketNetworkBalances`
/// (rocket-pool/rocketpool; the balances' event got a slot's time and an index later).
const EVENTS: [Declared<Kind>; 11] = [
    event(Kind::Minted, "TokensMinted(address indexed,uint256,uint256,uint256)"),
    event(Kind::Burned, "TokensBurned(address indexed,uint256,uint256,uint256)"),
    event(Kind::Ether, "EtherDeposited(address indexed,uint256,uint256)"),
    event(Kind::Transfer, "Transfer(address indexed,address indexed,uint256)"),
    event(Kind::Pass, "Approval(address indexed,address indexed,uint256)"),
    event(Kind::Received, "DepositReceived(address indexed,uint256,uint256)"),
    event(Kind::Assigned, "DepositAssigned(address indexed,uint256,uint256)"),
    event(Kind::Balances([1, 3]), "BalancesUpdated(uint256,uint256,uint256,uint256,uint256)"),
    event(
        Kind::Balances([1, 3]),
        "BalancesUpdated(uint256 indexed,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(Kind::Pass, "BalancesSubmitted(address indexed,uint256,uint256,uint256,uint256,uint256)"),
    event(
        Kind::Pass,
        "BalancesSubmitted(address indexed,uint256,uint256,uint256,uint256,uint256,uint256)",
    ),
];

/// Reads the logs of rETH and of where it learns its rate. What was deposited stands in the deposit
/// pool's log before the new tokens'.
#[derive(Debug)]
pub(super) struct Reader {
    contracts: [Address; 3],
    events: EventTable<Kind>,
}

impl Reader {
    pub(super) fn new(token: Address, deposit_pool: Address, balances: Address) -> Self {
        let contracts = [token, deposit_pool, balances];
        Self { contracts, events: EventTable::new("rETH", &EVENTS, 0) }
    }

    fn own(
        &self,
        log: &RawLog,
        received: &mut Option<Amount>,
    ) -> Result<Option<RateTokenLog>, DecodeFault> {
        let (kind, fields) = match self.events.read(log) {
            Ok(read) => read,
            // The deposit pool and the balances log much that is not about the token.
            Err(DecodeFault::UnknownEvent { .. }) if log.address != Some(self.contracts[0]) => {
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        Ok(Some(match kind {
            Kind::Received => {
                *received = Some(fields.amount(0)?);
                return Ok(None);
            }
            Kind::Minted => {
                let deposited = received.take();
                let deposited = deposited
                    .ok_or_else(|| fields.unplaced("no log of the deposit stands before it"))?;
                let to = fields.topic_address(0)?;
                RateTokenLog::TokensMinted { to, deposited, amount: fields.amount(0)? }
            }
            Kind::Burned => RateTokenLog::TokensBurned {
                from: fields.topic_address(0)?,
                amount: fields.amount(0)?,
                eth_amount: fields.amount(1)?,
            },
            Kind::Ether => RateTokenLog::EtherDeposited { amount: fields.amount(0)? },
            Kind::Assigned => RateTokenLog::DepositAssigned { amount: fields.amount(0)? },
            Kind::Transfer => {
                let (from, to) = (fields.topic_address(0)?, fields.topic_address(1)?);
                if [from, to].contains(&Address::default()) {
                    return Ok(None);
                }
                RateTokenLog::Transfer { from, to, value: fields.amount(0)? }
            }
            Kind::Balances([total, supply]) => RateTokenLog::BalancesUpdated {
                total_eth: fields.amount(total)?,
                reth_supply: fields.amount(supply)?,
            },
            Kind::Pass => return Ok(None),
        }))
    }
}

impl super::Reader for Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError> {
        let mut received = None;
        for log in transaction.logs {
            if !log.address.is_some_and(|address| self.contracts.contains(&address)) {
                continue;
            }
            if let Some(told) = self.own(log, &mut received).map_err(at(log))? {
                all.push(log, ProgrammeLog::RateToken(told));
            }
        }
        Ok(())
    }
}
