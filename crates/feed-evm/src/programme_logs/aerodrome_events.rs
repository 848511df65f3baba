use crate::event_table::{Declared, event};

/// What Aerodrome's contracts write. One table serves them all: no two write an event of the same
/// name and fields for different things, but for the rewards, whose addresses tell them apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Transfer,
    Deposit,
    Withdraw,
    Supply,
    Merge,
    Split,
    LockPermanent,
    UnlockPermanent,
    CreateManaged,
    DepositManaged,
    WithdrawManaged,
    GaugeCreated,
    GaugeKilled,
    GaugeRevived,
    Voted,
    Abstained,
    DistributeReward,
    WhitelistToken,
    WhitelistNft,
    Mint,
    Nudge,
    CheckpointToken,
    Claimed,
    RewardNotify,
    RewardClaim,
    GaugeDeposit,
    GaugeWithdraw,
    GaugeFees,
    GaugeNotify,
    GaugeClaim,
    TokenTransfer,
    Pass,
}

/// `VotingEscrow` (aerodrome-finance/contracts at d5e48b3b).
pub(super) const ESCROW: [Declared<Kind>; 19] = [
    event(Kind::Transfer, "Transfer(address indexed,address indexed,uint256 indexed)"),
    event(
        Kind::Deposit,
        "Deposit(address indexed,uint256 indexed,uint8 indexed,uint256,uint256,uint256)",
    ),
    event(Kind::Withdraw, "Withdraw(address indexed,uint256 indexed,uint256,uint256)"),
    event(Kind::Supply, "Supply(uint256,uint256)"),
    event(
        Kind::Merge,
        "Merge(address indexed,uint256 indexed,uint256 indexed,uint256,uint256,uint256,uint256,\
         uint256)",
    ),
    event(
        Kind::Split,
        "Split(uint256 indexed,uint256 indexed,uint256 indexed,address,uint256,uint256,uint256,\
         uint256)",
    ),
    event(Kind::LockPermanent, "LockPermanent(address indexed,uint256 indexed,uint256,uint256)"),
    event(
        Kind::UnlockPermanent,
        "UnlockPermanent(address indexed,uint256 indexed,uint256,uint256)",
    ),
    event(
        Kind::CreateManaged,
        "CreateManaged(address indexed,uint256 indexed,address indexed,address,address)",
    ),
    event(
        Kind::DepositManaged,
        "DepositManaged(address indexed,uint256 indexed,uint256 indexed,uint256,uint256)",
    ),
    event(
        Kind::WithdrawManaged,
        "WithdrawManaged(address indexed,uint256 indexed,uint256 indexed,uint256,uint256)",
    ),
    event(Kind::Pass, "SetAllowedManager(address indexed)"),
    event(Kind::Pass, "Approval(address indexed,address indexed,uint256 indexed)"),
    event(Kind::Pass, "ApprovalForAll(address indexed,address indexed,bool)"),
    event(Kind::Pass, "MetadataUpdate(uint256)"),
    event(Kind::Pass, "BatchMetadataUpdate(uint256,uint256)"),
    event(Kind::Pass, "DelegateChanged(address indexed,uint256 indexed,uint256 indexed)"),
    event(Kind::Pass, "DelegateVotesChanged(address indexed,uint256,uint256)"),
    event(Kind::Pass, "DelegateVotesChanged(uint256 indexed,uint256,uint256)"),
];

/// `Voter`.
pub(super) const VOTER: [Declared<Kind>; 9] = [
    event(
        Kind::GaugeCreated,
        "GaugeCreated(address indexed,address indexed,address indexed,address,address,address,\
         address,address)",
    ),
    event(Kind::GaugeKilled, "GaugeKilled(address indexed)"),
    event(Kind::GaugeRevived, "GaugeRevived(address indexed)"),
    event(
        Kind::Voted,
        "Voted(address indexed,address indexed,uint256 indexed,uint256,uint256,uint256)",
    ),
    event(
        Kind::Abstained,
        "Abstained(address indexed,address indexed,uint256 indexed,uint256,uint256,uint256)",
    ),
    event(Kind::Pass, "NotifyReward(address indexed,address indexed,uint256)"),
    event(Kind::DistributeReward, "DistributeReward(address indexed,address indexed,uint256)"),
    event(Kind::WhitelistToken, "WhitelistToken(address indexed,address indexed,bool indexed)"),
    event(Kind::WhitelistNft, "WhitelistNFT(address indexed,uint256 indexed,bool indexed)"),
];

/// `Minter`.
pub(super) const MINTER: [Declared<Kind>; 3] = [
    event(Kind::Mint, "Mint(address indexed,uint256,uint256,bool indexed)"),
    event(Kind::Nudge, "Nudge(uint256 indexed,uint256,uint256)"),
    event(Kind::Pass, "AcceptTeam(address indexed)"),
];

/// `RewardsDistributor`.
pub(super) const DISTRIBUTOR: [Declared<Kind>; 2] = [
    event(Kind::CheckpointToken, "CheckpointToken(uint256,uint256)"),
    event(Kind::Claimed, "Claimed(uint256 indexed,uint256 indexed,uint256 indexed,uint256)"),
];

/// `Reward`, of fees, bribes and managed locks.
pub(super) const REWARD: [Declared<Kind>; 4] = [
    event(
        Kind::RewardNotify,
        "NotifyReward(address indexed,address indexed,uint256 indexed,uint256)",
    ),
    event(Kind::RewardClaim, "ClaimRewards(address indexed,address indexed,uint256)"),
    event(Kind::Pass, "Deposit(address indexed,uint256 indexed,uint256)"),
    event(Kind::Pass, "Withdraw(address indexed,uint256 indexed,uint256)"),
];

/// `Gauge`.
pub(super) const GAUGE: [Declared<Kind>; 5] = [
    event(Kind::GaugeDeposit, "Deposit(address indexed,address indexed,uint256)"),
    event(Kind::GaugeWithdraw, "Withdraw(address indexed,uint256)"),
    event(Kind::GaugeFees, "ClaimFees(address indexed,uint256,uint256)"),
    event(Kind::GaugeNotify, "NotifyReward(address indexed,uint256)"),
    event(Kind::GaugeClaim, "ClaimRewards(address indexed,uint256)"),
];

/// The token that is locked.
pub(super) const TOKEN: [Declared<Kind>; 1] =
    [event(Kind::TokenTransfer, "Transfer(address indexed,address indexed,uint256)")];
