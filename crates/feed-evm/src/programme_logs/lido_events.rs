use crate::event_table::{Declared, event};

/// The events that a contract writes.
pub(super) trait Of: Copy + Sized + 'static {
    const EVENTS: &'static [Declared<Self>];
}

/// What the pool, which is the rebasing token, writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfPool {
    Submitted,
    Transfer,
    TransferShares,
    Unbuffered,
    Validators,
    Distributed,
    Burnt,
    Rebased,
    Pass,
}

const APPROVAL: &str = "Approval(address indexed,address indexed,uint256)";
const TRANSFER: &str = "Transfer(address indexed,address indexed,uint256)";

/// `Lido.sol` and `StETH.sol` (lidofinance/lido-dao v2.0.0), and what their bases write.
impl Of for OfPool {
    const EVENTS: &'static [Declared<Self>] = &[
        event(Self::Submitted, "Submitted(address indexed,uint256,address)"),
        event(Self::Transfer, TRANSFER),
        event(Self::TransferShares, "TransferShares(address indexed,address indexed,uint256)"),
        event(Self::Unbuffered, "Unbuffered(uint256)"),
        event(Self::Validators, "CLValidatorsUpdated(uint256 indexed,uint256,uint256)"),
        event(
            Self::Distributed,
            "ETHDistributed(uint256 indexed,uint256,uint256,uint256,uint256,uint256)",
        ),
        event(Self::Burnt, "SharesBurnt(address indexed,uint256,uint256,uint256)"),
        event(
            Self::Rebased,
            "TokenRebased(uint256 indexed,uint256,uint256,uint256,uint256,uint256,uint256)",
        ),
        event(Self::Pass, APPROVAL),
        event(Self::Pass, "DepositedValidatorsChanged(uint256)"),
        event(Self::Pass, "ELRewardsReceived(uint256)"),
        event(Self::Pass, "WithdrawalsReceived(uint256)"),
        event(Self::Pass, "LidoLocatorSet(address)"),
        event(Self::Pass, "StakingPaused()"),
        event(Self::Pass, "StakingResumed()"),
        event(Self::Pass, "StakingLimitSet(uint256,uint256)"),
        event(Self::Pass, "StakingLimitRemoved()"),
        event(Self::Pass, "Stopped()"),
        event(Self::Pass, "Resumed()"),
        event(Self::Pass, "EIP712StETHInitialized(address)"),
        event(Self::Pass, "ContractVersionSet(uint256)"),
        event(Self::Pass, "RecoverToVault(address indexed,address indexed,uint256)"),
        event(Self::Pass, "ScriptResult(address indexed,bytes,bytes,bytes)"),
    ];
}

/// What the wrapper writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfWrapper {
    Transfer,
    Pass,
}

/// `WstETH.sol` (lidofinance/lido-dao v2.0.0).
impl Of for OfWrapper {
    const EVENTS: &'static [Declared<Self>] =
        &[event(Self::Transfer, TRANSFER), event(Self::Pass, APPROVAL)];
}

/// What the queue writes, whose requests are tokens of their own.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfQueue {
    Requested,
    Finalized,
    Claimed,
    Transfer,
    Pass,
}

/// `WithdrawalQueueBase.sol`, `WithdrawalQueue.sol` and `WithdrawalQueueERC721.sol`
/// (lidofinance/lido-dao v2.0.0).
impl Of for OfQueue {
    const EVENTS: &'static [Declared<Self>] = &[
        event(
            Self::Requested,
            "WithdrawalRequested(uint256 indexed,address indexed,address indexed,uint256,uint256)",
        ),
        event(
            Self::Finalized,
            "WithdrawalsFinalized(uint256 indexed,uint256 indexed,uint256,uint256,uint256)",
        ),
        event(
            Self::Claimed,
            "WithdrawalClaimed(uint256 indexed,address indexed,address indexed,uint256)",
        ),
        event(Self::Transfer, "Transfer(address indexed,address indexed,uint256 indexed)"),
        event(Self::Pass, "Approval(address indexed,address indexed,uint256 indexed)"),
        event(Self::Pass, "ApprovalForAll(address indexed,address indexed,bool)"),
        event(Self::Pass, "BatchMetadataUpdate(uint256,uint256)"),
        event(Self::Pass, "BaseURISet(string)"),
        event(Self::Pass, "NftDescriptorAddressSet(address)"),
        event(Self::Pass, "InitializedV1(address)"),
        event(Self::Pass, "ContractVersionSet(uint256)"),
        event(Self::Pass, "BunkerModeEnabled(uint256)"),
        event(Self::Pass, "BunkerModeDisabled()"),
        event(Self::Pass, "Paused(uint256)"),
        event(Self::Pass, "Resumed()"),
        event(Self::Pass, "RoleGranted(bytes32 indexed,address indexed,address indexed)"),
        event(Self::Pass, "RoleRevoked(bytes32 indexed,address indexed,address indexed)"),
    ];
}

/// What the burner writes of requests.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfBurner {
    Requested,
}

/// `Burner.sol` (lidofinance/lido-dao v2.0.0).
impl Of for OfBurner {
    const EVENTS: &'static [Declared<Self>] = &[event(
        Self::Requested,
        "StETHBurnRequested(bool indexed,address indexed,uint256,uint256)",
    )];
}
