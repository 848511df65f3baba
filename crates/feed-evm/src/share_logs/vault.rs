use tidemill_model::{Address, Bytes32, LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenIndex, TokenPair, U256};

use super::ShareContracts;
use super::sink::{APPROVAL, Sink, TRANSFER, Transfer, at};
use crate::event_table::{Declared, EventTable, Fields, event};
use crate::{DecodeError, DecodeFault, RawLog};

#[derive(Clone, Copy, Debug)]
enum VaultKind {
    Swap,
    BalanceChanged,
    Managed,
    Pass,
}

/// Events of `IVault` (v2-deployments 3.2.0, 20210418-vault).
const VAULT_EVENTS: [Declared<VaultKind>; 13] = [
    event(VaultKind::Swap, "Swap(bytes32 indexed,address indexed,address indexed,uint256,uint256)"),
    event(
        VaultKind::BalanceChanged,
        "PoolBalanceChanged(bytes32 indexed,address indexed,address[],int256[],uint256[])",
    ),
    event(
        VaultKind::Managed,
        "PoolBalanceManaged(bytes32 indexed,address indexed,address indexed,int256,int256)",
    ),
    event(VaultKind::Pass, "PoolRegistered(bytes32 indexed,address indexed,uint8)"),
    event(VaultKind::Pass, "TokensRegistered(bytes32 indexed,address[],address[])"),
    event(VaultKind::Managed, "TokensDeregistered(bytes32 indexed,address[])"),
    event(VaultKind::Pass, "InternalBalanceChanged(address indexed,address indexed,int256)"),
    event(
        VaultKind::Pass,
        "ExternalBalanceTransfer(address indexed,address indexed,address,uint256)",
    ),
    event(VaultKind::Pass, "FlashLoan(address indexed,address indexed,uint256,uint256)"),
    event(VaultKind::Pass, "RelayerApprovalChanged(address indexed,address indexed,bool)"),
    event(VaultKind::Pass, "AuthorizerChanged(address indexed)"),
    event(VaultKind::Pass, "PausedStateChanged(bool)"),
    event(VaultKind::Pass, "WithdrawalFeeChanged(uint256)"),
];

#[derive(Clone, Copy, Debug)]
enum PoolKind {
    Transfer,
    SwapFee,
    AmpStarted,
    AmpStopped,
    Unplaced(&'static str),
    Pass,
}

const RATES: &str = "tapes have no event for a rate or what the protocol takes of it";
const PROTOCOL: &str = "tapes have no event for another percentage of the protocol's";
const RECOVERY: &str = "tapes have no event for recovery mode or a pause";

/// Events of `WeightedPool`, `WeightedPool2Tokens` and `ComposableStablePool` (v2-deployments).
const POOL_EVENTS: [Declared<PoolKind>; 12] = [
    event(PoolKind::Transfer, TRANSFER),
    event(PoolKind::Pass, APPROVAL),
    event(PoolKind::SwapFee, "SwapFeePercentageChanged(uint256)"),
    event(PoolKind::AmpStarted, "AmpUpdateStarted(uint256,uint256,uint256,uint256)"),
    event(PoolKind::AmpStopped, "AmpUpdateStopped(uint256)"),
    event(
        PoolKind::Unplaced(PROTOCOL),
        "ProtocolFeePercentageCacheUpdated(uint256 indexed,uint256)",
    ),
    event(PoolKind::Unplaced(RATES), "TokenRateCacheUpdated(uint256 indexed,uint256)"),
    event(
        PoolKind::Unplaced(RATES),
        "TokenRateProviderSet(uint256 indexed,address indexed,uint256)",
    ),
    event(PoolKind::Unplaced(RECOVERY), "RecoveryModeStateChanged(bool)"),
    event(PoolKind::Unplaced(RECOVERY), "PausedStateChanged(bool)"),
    event(PoolKind::Pass, "OracleEnabledChanged(bool)"),
    event(PoolKind::Pass, "TargetsSet(address indexed,uint256,uint256)"),
];

/// Reads the vault's and a pool's logs.
#[derive(Debug)]
pub(super) struct VaultReader {
    vault: EventTable<VaultKind>,
    pool: EventTable<PoolKind>,
}

/// Shares minted or burned before the vault says what for. The last of a join's is the provider's;
/// what the protocol and the locked minimum are minted stands before, and all of an exit's is the
/// protocol's.
#[derive(Default)]
struct Shares {
    minted: Vec<Amount>,
    burned: Option<Amount>,
}

impl Shares {
    fn minted_last(&self) -> Option<Amount> {
        self.minted.last().copied()
    }

    /// All but the provider's.
    fn others(&self, is_join: bool) -> Amount {
        let count = self.minted.len().saturating_sub(usize::from(is_join));
        let each = self.minted.iter().take(count);
        each.fold(Amount::ZERO, |sum, one| sum.checked_add(*one).unwrap_or(Amount(U256::MAX)))
    }
}

/// Which pool is meant.
#[derive(Clone, Copy)]
struct Meant<'a> {
    pool: Address,
    pool_id: Bytes32,
    tokens: &'a [Address],
}

impl Default for VaultReader {
    fn default() -> Self {
        Self {
            vault: EventTable::new("Balancer v2 vault", &VAULT_EVENTS, 0),
            pool: EventTable::new("Balancer v2 pool", &POOL_EVENTS, 0),
        }
    }
}

impl VaultReader {
    pub(super) fn transaction(
        &self,
        contracts: &ShareContracts,
        logs: &[RawLog],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        let ShareContracts::Vault { pool, pool_id, tokens, .. } = contracts else { return Ok(()) };
        let meant = Meant { pool: *pool, pool_id: *pool_id, tokens };
        let mut shares = Shares::default();
        for log in logs {
            if log.address == Some(*pool) {
                self.of_pool(log, &mut shares, sink).map_err(at(log))?;
            } else {
                self.of_vault(log, meant, &mut shares, sink).map_err(at(log))?;
            }
        }
        Ok(())
    }

    fn of_pool(
        &self,
        log: &RawLog,
        shares: &mut Shares,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.pool.read(log)?;
        match kind {
            PoolKind::Transfer => {
                let transfer = Transfer::of(&fields)?;
                if transfer.is_mint() {
                    shares.minted.push(transfer.amount);
                } else if transfer.is_burn() {
                    shares.burned = Some(transfer.amount);
                }
            }
            PoolKind::SwapFee => {
                let fee = Some(fields.amount(0)?);
                let change = ParameterChange { fee, ..ParameterChange::default() };
                sink.push(log, ShareEvent::SetParameters(Box::new(change)));
            }
            PoolKind::AmpStarted => {
                let (amplification, ends_at) = (fields.amount(1)?, fields.time(3)?);
                let ramp = Ramp { amplification, gamma: None, ends_at };
                sink.push(log, ShareEvent::Ramp(Box::new(ramp)));
            }
            PoolKind::AmpStopped => sink.push(log, ShareEvent::StopRamp),
            PoolKind::Unplaced(detail) => return Err(fields.unplaced(detail)),
            PoolKind::Pass => sink.pass(fields.event()),
        }
        Ok(())
    }

    fn of_vault(
        &self,
        log: &RawLog,
        meant: Meant<'_>,
        shares: &mut Shares,
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeFault> {
        let (kind, fields) = self.vault.read(log)?;
        if matches!(kind, VaultKind::Pass) {
            sink.pass(fields.event());
            return Ok(());
        }
        if fields.topic_bytes(0)? != meant.pool_id {
            sink.pass("of another pool");
            return Ok(());
        }
        let shares = std::mem::take(shares);
        match kind {
            VaultKind::Swap => {
                let pair = TokenPair {
                    input: token(&fields, 1, meant)?,
                    output: token(&fields, 2, meant)?,
                };
                let (amount_in, amount_out) = (fields.amount(0)?, fields.amount(1)?);
                sink.push(log, ShareEvent::Swap { pair, amount_in, amount_out });
            }
            VaultKind::BalanceChanged => {
                sink.push(log, changed(&fields, meant, &shares)?);
            }
            VaultKind::Managed => {
                return Err(
                    fields.unplaced("all of a pool's balances are taken to be in the vault")
                );
            }
            VaultKind::Pass => {}
        }
        Ok(())
    }
}

fn token(fields: &Fields<'_>, index: usize, meant: Meant<'_>) -> Result<TokenIndex, DecodeFault> {
    let address = fields.topic_address(index)?;
    if address == meant.pool {
        return Err(fields.unplaced("tapes have no event for a swap of the pool's own shares"));
    }
    let place = meant.tokens.iter().position(|token| *token == address);
    let place = place.and_then(|place| u8::try_from(place).ok()).map(TokenIndex);
    place.ok_or_else(|| fields.value("token", &address, "one of the pool's tokens"))
}

/// A join or an exit: amounts of one sign, the pool's own shares among them left out.
fn changed(
    fields: &Fields<'_>,
    meant: Meant<'_>,
    shares: &Shares,
) -> Result<ShareEvent, DecodeFault> {
    let (tokens, deltas, taken) = (fields.list(0)?, fields.list(1)?, fields.list(2)?);
    if tokens.len() != deltas.len() || tokens.len() != taken.len() {
        return Err(fields.value("deltas", &deltas.len(), "as many as there are tokens"));
    }
    let mut expected = meant.tokens.iter();
    let (mut amounts, mut fees) = (Vec::new(), Vec::new());
    let [mut any_in, mut any_out] = [false; 2];
    for ((token, delta), fee) in tokens.into_iter().zip(deltas).zip(taken) {
        let token = address(token);
        if token == meant.pool {
            continue;
        }
        if expected.next() != Some(&token) {
            return Err(fields.value("tokens", &token, "the pool's tokens in the vault's order"));
        }
        let delta = SignedAmount::from_twos_complement(delta);
        any_in |= !delta.is_negative() && !delta.is_zero();
        any_out |= delta.is_negative();
        amounts.push(delta.magnitude());
        fees.push(Amount(fee));
    }
    let list = |amounts: &[Amount]| {
        let whole = TokenAmounts::new(amounts).filter(|_| amounts.len() == meant.tokens.len());
        whole.ok_or_else(|| fields.value("tokens", &amounts.len(), "all tokens of the pool"))
    };
    let (amounts, fees) = (list(&amounts)?, list(&fees)?);
    let change = |shares| {
        let (fees, invariant, total_shares) = (Some(fees), None, None);
        Box::new(LiquidityChange { amounts, shares, fees, invariant, total_shares })
    };
    let is_join = any_in || !any_out && shares.burned.is_none();
    let event = match (any_in, any_out) {
        (true, true) => return Err(fields.unplaced("tokens went in and out at once")),
        _ if is_join => ShareEvent::Deposit(change(shares.minted_last())),
        (true | false, _) => ShareEvent::Withdraw(change(shares.burned)),
    };
    let admin_shares = shares.others(is_join);
    // Where no token moved, what the protocol was minted tells which call it was.
    if admin_shares.is_zero() && (any_in || any_out) {
        return Ok(event);
    }
    Ok(ShareEvent::Claiming { event: Box::new(event), admin_shares })
}

fn address(word: U256) -> Address {
    let bytes: [u8; 32] = word.to_be_bytes();
    Address(bytes.last_chunk().copied().unwrap_or_default())
}
