use super::sink::{APPROVAL, TRANSFER};
use crate::event_table::{Declared, event};

/// What a log of one of Curve's pools says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Exchange,
    ExchangeUnderlying,
    /// A deposit, of a list of so many or of any length.
    Add(List),
    Remove(List),
    Imbalance(List),
    /// A withdrawal in one coin, and in which fields it has what.
    One(OneFields),
    Fee(FeeFields),
    Ramp,
    RampGamma,
    StopRamp,
    MovingAverage,
    /// What a crypto pool's parameters are, from the administrators' part on or without it.
    CryptoParameters(bool),
    /// The administrators' part in shares.
    ClaimShares,
    /// The administrators' part in coins, which a replay makes again.
    ClaimCoins,
    Transfer,
    Pass,
}

/// How a log has the amount of each coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// As many words as there are coins, fees and invariant after them.
    Fixed,
    /// Lists of any length, the same after them.
    Dynamic,
    /// As many words as there are coins; one fee after them, in shares.
    Crypto,
}

/// Which words of a `RemoveLiquidityOne` are what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OneFields {
    pub(super) token: Option<usize>,
    pub(super) shares: usize,
    pub(super) amount: usize,
    pub(super) total: Option<usize>,
}

/// Which words of a log of new fees are what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeeFields {
    /// `fee`, `admin_fee`.
    Both,
    /// `A`, `fee`, `admin_fee`.
    WithAmplification,
    /// `fee`, `offpeg_fee_multiplier`.
    OffPeg,
    /// `fee` alone.
    Alone,
}

const OWNER: &str = "CommitNewAdmin(uint256 indexed,address indexed)";
const NEW_OWNER: &str = "NewAdmin(address indexed)";
const EXCHANGE: &str = "TokenExchange(address indexed,int128,uint256,int128,uint256)";
const UNDERLYING: &str = "TokenExchangeUnderlying(address indexed,int128,uint256,int128,uint256)";
const RAMP: &str = "RampA(uint256,uint256,uint256,uint256)";
const STOP: &str = "StopRampA(uint256,uint256)";
const NO_TOTAL: OneFields = OneFields { token: None, shares: 0, amount: 1, total: None };

/// Events of `StableSwapSUSD.vy`, `StableSwap3Pool.vy`, `SwapTemplateBase.vy`, `MetaUSD.vy` and
/// the metapools before the factory.
pub(super) const STABLE_SWAP: [Declared<Kind>; 21] = [
    event(Kind::Exchange, EXCHANGE),
    event(Kind::ExchangeUnderlying, UNDERLYING),
    event(
        Kind::Add(List::Fixed),
        "AddLiquidity(address indexed,uint256[#],uint256[#],uint256,uint256)",
    ),
    event(
        Kind::Remove(List::Fixed),
        "RemoveLiquidity(address indexed,uint256[#],uint256[#],uint256)",
    ),
    event(
        Kind::Imbalance(List::Fixed),
        "RemoveLiquidityImbalance(address indexed,uint256[#],uint256[#],uint256,uint256)",
    ),
    event(Kind::One(NO_TOTAL), "RemoveLiquidityOne(address indexed,uint256,uint256)"),
    event(
        Kind::One(OneFields { total: Some(2), ..NO_TOTAL }),
        "RemoveLiquidityOne(address indexed,uint256,uint256,uint256)",
    ),
    event(Kind::Pass, OWNER),
    event(Kind::Pass, NEW_OWNER),
    event(Kind::Pass, "CommitNewFee(uint256 indexed,uint256,uint256)"),
    event(Kind::Fee(FeeFields::Both), "NewFee(uint256,uint256)"),
    event(Kind::Pass, "CommitNewParameters(uint256 indexed,uint256,uint256,uint256)"),
    event(Kind::Fee(FeeFields::WithAmplification), "NewParameters(uint256,uint256,uint256)"),
    event(Kind::Pass, "CommitNewFee(uint256)"),
    event(Kind::Fee(FeeFields::Alone), "ApplyNewFee(uint256)"),
    event(Kind::Ramp, RAMP),
    event(Kind::StopRamp, STOP),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Pass, APPROVAL),
    event(Kind::Pass, "CommitNewAdmin(uint256 indexed,address)"),
    event(Kind::Pass, "NewAdmin(address)"),
];

/// Events of `CurveStableSwapNG.vy` and `CurveStableSwapMetaNG.vy` v7.0.0.
pub(super) const STABLE_SWAP_NG: [Declared<Kind>; 12] = [
    event(Kind::Exchange, EXCHANGE),
    event(Kind::ExchangeUnderlying, UNDERLYING),
    event(
        Kind::Add(List::Dynamic),
        "AddLiquidity(address indexed,uint256[],uint256[],uint256,uint256)",
    ),
    event(
        Kind::Remove(List::Dynamic),
        "RemoveLiquidity(address indexed,uint256[],uint256[],uint256)",
    ),
    event(
        Kind::Imbalance(List::Dynamic),
        "RemoveLiquidityImbalance(address indexed,uint256[],uint256[],uint256,uint256)",
    ),
    event(
        Kind::One(OneFields { token: Some(0), shares: 1, amount: 2, total: Some(3) }),
        "RemoveLiquidityOne(address indexed,int128,uint256,uint256,uint256)",
    ),
    event(Kind::Fee(FeeFields::OffPeg), "ApplyNewFee(uint256,uint256)"),
    event(Kind::MovingAverage, "SetNewMATime(uint256,uint256)"),
    event(Kind::Ramp, RAMP),
    event(Kind::StopRamp, STOP),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Pass, APPROVAL),
];

const CRYPTO_ONE: OneFields = OneFields { token: Some(1), shares: 0, amount: 2, total: None };

/// Events of the two-crypto pools and of tricrypto2.
pub(super) const CRYPTO: [Declared<Kind>; 13] = [
    event(Kind::Exchange, "TokenExchange(address indexed,uint256,uint256,uint256,uint256)"),
    event(Kind::Add(List::Crypto), "AddLiquidity(address indexed,uint256[#],uint256,uint256)"),
    event(Kind::Remove(List::Crypto), "RemoveLiquidity(address indexed,uint256[#],uint256)"),
    event(Kind::One(CRYPTO_ONE), "RemoveLiquidityOne(address indexed,uint256,uint256,uint256)"),
    event(Kind::Pass, OWNER),
    event(Kind::Pass, NEW_OWNER),
    event(
        Kind::Pass,
        "CommitNewParameters(uint256 indexed,uint256,uint256,uint256,uint256,uint256,uint256,\
         uint256)",
    ),
    event(
        Kind::CryptoParameters(true),
        "NewParameters(uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(Kind::RampGamma, "RampAgamma(uint256,uint256,uint256,uint256,uint256,uint256)"),
    event(Kind::StopRamp, "StopRampA(uint256,uint256,uint256)"),
    event(Kind::ClaimShares, "ClaimAdminFee(address indexed,uint256)"),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Pass, APPROVAL),
];

/// Events of `CurveTricryptoOptimizedWETH.vy` and `CurveTwocryptoOptimized.vy`.
pub(super) const CRYPTO_NG: [Declared<Kind>; 12] = [
    event(
        Kind::Exchange,
        "TokenExchange(address indexed,uint256,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(
        Kind::Add(List::Crypto),
        "AddLiquidity(address indexed,uint256[#],uint256,uint256,uint256)",
    ),
    event(Kind::Remove(List::Crypto), "RemoveLiquidity(address indexed,uint256[#],uint256)"),
    event(
        Kind::One(CRYPTO_ONE),
        "RemoveLiquidityOne(address indexed,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(
        Kind::Pass,
        "CommitNewParameters(uint256 indexed,uint256,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(
        Kind::CryptoParameters(false),
        "NewParameters(uint256,uint256,uint256,uint256,uint256,uint256)",
    ),
    event(Kind::RampGamma, "RampAgamma(uint256,uint256,uint256,uint256,uint256,uint256)"),
    event(Kind::StopRamp, "StopRampA(uint256,uint256,uint256)"),
    event(Kind::ClaimShares, "ClaimAdminFee(address indexed,uint256)"),
    event(Kind::ClaimCoins, "ClaimAdminFee(address indexed,uint256[2])"),
    event(Kind::Transfer, TRANSFER),
    event(Kind::Pass, APPROVAL),
];
