//! What transactions cost.

use tidemill_amm::Pool;
use tidemill_model::{Intent, ProgrammeKind};
use tidemill_units::{Gas, GasPrice};

/// Gas per action, by first and later touch, measured on the real contracts: position manager and
/// router of Uniswap v3-periphery over plain ERC-20 tokens, anvil 1.7.1, receipts with refunds.
///
/// The price is what the cheapest recorded transaction of the latest block paid, priority fee
/// included, or `fallback_price` while the tape has named none.
///
/// Pools of shares: Uniswap v2 by its router, Balancer v2 by its vault and Curve's sUSD pool by
/// itself, from the same run. Kinds that were not measured pay the most of those three for each
/// action.
///
/// Unrealities: tokens with costlier transfers, failed attempts, approvals (46,500 once per token)
/// and the bidding for a place, but for the tip that an arbitrage names, are not in it; a rejected
/// order pays as if it had gone through. An arbitrage was not measured: it takes what its two swaps
/// take for a wallet that has swapped before, and the 21,000 of a transaction once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasModel {
    /// The first position in a pool without any.
    pub mint_first: Gas,
    /// A position with at least one tick that nobody uses yet.
    pub mint_new_ticks: Gas,
    /// A position on ticks that are in use.
    pub mint_same_ticks: Gas,
    /// Removing all liquidity of a position.
    pub decrease: Gas,
    /// Collecting into a wallet that held the tokens before, with the principal.
    pub collect: Gas,
    /// The first swap of a wallet.
    pub swap_first: Gas,
    /// A later swap in one tick range.
    pub swap: Gas,
    /// A swap over one initialized tick.
    pub swap_one_crossing: Gas,
    /// A swap over two; each further one adds the difference to this from the one before.
    pub swap_two_crossings: Gas,
    /// What a transaction takes by itself, whatever it does; it is in each of the figures.
    pub transaction: Gas,
    /// Uniswap v2 and its forks.
    pub pair: ShareGas,
    /// Balancer v2's weighted and stable pools.
    pub balancer_v2: ShareGas,
    /// Curve's StableSwap pools.
    pub stable_swap: ShareGas,
    /// Pools of shares of any other kind: not measured.
    pub other_shares: ShareGas,
    /// Uniswap's v3-staker.
    pub v3_staker: ProgrammeGas,
    /// Synthetix's StakingRewards.
    pub staking_rewards: ProgrammeGas,
    /// SushiSwap's MasterChef.
    pub master_chef: ProgrammeGas,
    /// Curve's gauge, a week after its last checkpoint; leaving takes a mint and a withdrawal.
    pub curve_gauge: ProgrammeGas,
    /// Balancer's gauge, likewise, with a reward token besides.
    pub balancer_gauge: ProgrammeGas,
    /// Merkl's distributor: not measured, the most that a claim by proof takes at Uniswap's. To be
    /// paid nobody stakes; leaving takes a claim.
    pub merkl: ProgrammeGas,
    /// Any call of a staking service: not measured, the most that a deposit in a pool of shares
    /// takes.
    pub staking: Gas,
    /// Locks and votes.
    pub voting: VotingGas,
    /// The price of gas where none is recorded.
    pub fallback_price: GasPrice,
}

/// Gas per action in a pool of shares, by a wallet that held the tokens before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareGas {
    /// A deposit of every token.
    pub deposit: Gas,
    /// A withdrawal of every token.
    pub withdraw: Gas,
    /// A swap.
    pub swap: Gas,
}

/// Gas per action in a reward programme: the sum of the calls that it takes, each a transaction.
///
/// Measured on the real contracts in revm; the page of reward programmes lists the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgrammeGas {
    /// Putting a position in.
    pub stake: Gas,
    /// Being paid, and staying.
    pub claim: Gas,
    /// Being paid, and leaving.
    pub unstake: Gas,
}

/// Gas per action at a voting service.
///
/// Creating a lock and a vote for one gauge were measured on Balancer's escrow and Curve's
/// controller in revm, each the first of its kind; a withdrawal and a lock made longer are taken to
/// cost what more tokens in a lock do. A claim in one token is one of a merkle-distributor, as
/// bounty markets pay by. Aerodrome's calls were not measured, and cost the same here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VotingGas {
    /// A new lock.
    pub lock: Gas,
    /// A lock made longer, or withdrawn.
    pub change: Gas,
    /// A vote, for each of its gauges.
    pub vote: Gas,
    /// A claim in one token.
    pub claim: Gas,
}

/// Contracts of pools of shares whose gas was measured, each a row of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareContracts {
    /// Uniswap v2 and its forks.
    Pair,
    /// Balancer v2's vault.
    BalancerV2,
    /// Curve's plain pools of the first generations.
    StableSwap,
    /// Those that were not measured.
    Other,
}

impl ShareContracts {
    /// Returns those of a pool; `None` for concentrated ones.
    pub fn of(pool: &Pool) -> Option<Self> {
        match pool {
            Pool::Concentrated(_) => None,
            Pool::ConstantProduct(_) => Some(Self::Pair),
            Pool::Weighted(_) | Pool::ComposableStable(_) => Some(Self::BalancerV2),
            Pool::StableSwap(_) => Some(Self::StableSwap),
            Pool::Solidly(_)
            | Pool::StableSwapMeta(_)
            | Pool::StableSwapMetaNg(_)
            | Pool::StableSwapNg(_)
            | Pool::CryptoSwap(_)
            | Pool::BalancerV1(_) => Some(Self::Other),
        }
    }
}

impl Default for GasModel {
    fn default() -> Self {
        Self {
            mint_first: Gas(614_000),
            mint_new_ticks: Gas(429_000),
            mint_same_ticks: Gas(322_000),
            decrease: Gas(115_000),
            collect: Gas(72_800),
            swap_first: Gas(134_000),
            swap: Gas(117_000),
            swap_one_crossing: Gas(174_000),
            swap_two_crossings: Gas(202_000),
            transaction: Gas(21_000),
            pair: ShareGas { deposit: Gas(121_000), withdraw: Gas(155_000), swap: Gas(93_600) },
            balancer_v2: ShareGas {
                deposit: Gas(176_000),
                withdraw: Gas(147_000),
                swap: Gas(103_700),
            },
            stable_swap: ShareGas {
                deposit: Gas(258_000),
                withdraw: Gas(146_000),
                swap: Gas(120_000),
            },
            other_shares: ShareGas {
                deposit: Gas(258_000),
                withdraw: Gas(155_000),
                swap: Gas(120_000),
            },
            v3_staker: ProgrammeGas {
                stake: Gas(228_400),
                claim: Gas(201_600),
                unstake: Gas(217_600),
            },
            staking_rewards: ProgrammeGas {
                stake: Gas(126_100),
                claim: Gas(88_500),
                unstake: Gas(95_500),
            },
            master_chef: ProgrammeGas {
                stake: Gas(207_400),
                claim: Gas(111_700),
                unstake: Gas(137_300),
            },
            curve_gauge: ProgrammeGas {
                stake: Gas(412_600),
                claim: Gas(411_800),
                unstake: Gas(794_500),
            },
            balancer_gauge: ProgrammeGas {
                stake: Gas(574_100),
                claim: Gas(419_900),
                unstake: Gas(787_500),
            },
            merkl: ProgrammeGas { stake: Gas(0), claim: Gas(84_300), unstake: Gas(84_300) },
            staking: Gas(258_000),
            voting: VotingGas {
                lock: Gas(380_900),
                change: Gas(264_900),
                vote: Gas(354_400),
                claim: Gas(84_300),
            },
            fallback_price: GasPrice(20_000_000_000),
        }
    }
}

/// What the cost of an action depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Ticks of the range that are in use already, 0 to 2.
    pub ticks_in_use: usize,
    /// Whether the pool has any position.
    pub pool_is_empty: bool,
    /// Initialized ticks that the swap crosses.
    pub crossings: usize,
    /// Whether the wallet has swapped before.
    pub has_swapped: bool,
    /// What the swap back touches, of an arbitrage.
    pub back: Option<BackTouch>,
    /// Which contracts' gas the pool's actions take, if it is one of shares.
    pub shares_of: Option<ShareContracts>,
    /// The kind of the reward programme, if the order is for one.
    pub programme: Option<ProgrammeKind>,
    /// Whether the order is for a staking service.
    pub is_stake: bool,
    /// Whether the order is for a voting service.
    pub is_lock: bool,
}

/// What the cost of the second swap of an arbitrage depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackTouch {
    /// Initialized ticks that it crosses.
    pub crossings: usize,
    /// Which contracts' gas it takes, if its pool is one of shares.
    pub shares_of: Option<ShareContracts>,
}

impl VotingGas {
    /// Returns the gas of an order for a voting service.
    fn of(&self, intent: &Intent) -> Gas {
        match intent {
            Intent::Open { .. } => self.lock,
            Intent::Vote { ballot, .. } => {
                let gauges = u64::try_from(ballot.choices().len()).unwrap_or(u64::MAX);
                Gas(self.vote.0.saturating_mul(gauges))
            }
            Intent::Claim { .. } | Intent::ClaimBribes { .. } => self.claim,
            Intent::Close { .. }
            | Intent::Extend { .. }
            | Intent::Swap { .. }
            | Intent::Arbitrage { .. }
            | Intent::Stake { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. } => self.change,
        }
    }
}

impl GasModel {
    /// Returns the gas of an order.
    pub fn gas(&self, intent: &Intent, touch: Touch) -> Gas {
        if touch.is_stake {
            return self.staking;
        }
        if touch.is_lock {
            return self.voting.of(intent);
        }
        match (touch.shares_of, intent) {
            (_, Intent::Compound { .. }) => self.staking,
            (_, Intent::Arbitrage { .. }) => {
                let there = BackTouch { crossings: touch.crossings, shares_of: touch.shares_of };
                let none = BackTouch { crossings: 0, shares_of: None };
                self.arbitrage([there, touch.back.unwrap_or(none)])
            }
            // An exchange takes none.
            (_, Intent::Trade { .. }) => Gas(0),
            (_, Intent::Vote { .. } | Intent::Extend { .. } | Intent::ClaimBribes { .. }) => {
                self.voting.of(intent)
            }
            (_, Intent::Stake { .. }) => self.staking(touch.programme).stake,
            (_, Intent::Claim { .. }) => self.staking(touch.programme).claim,
            (_, Intent::Unstake { .. }) => self.staking(touch.programme).unstake,
            // A sale goes through a pool like Uniswap's, whatever pool the run is about.
            (_, Intent::Sell { .. }) => self.swap_gas(Touch { crossings: 0, ..touch }),
            (Some(contracts), Intent::Open { .. }) => self.of_shares(contracts).deposit,
            (Some(contracts), Intent::Close { .. }) => self.of_shares(contracts).withdraw,
            (Some(contracts), Intent::Swap { .. }) => self.of_shares(contracts).swap,
            (None, intent) => self.of_ranges(intent, touch),
        }
    }

    /// Returns the gas of a kind of reward programme.
    pub const fn of_programme(&self, kind: ProgrammeKind) -> ProgrammeGas {
        match kind {
            // Slipstream's gauge was not measured, and takes what a v3-staker does. Positions of
            // ours are staked in none of the others: such an order reverts.
            ProgrammeKind::V3Staker
            | ProgrammeKind::ConcentratedGauge
            | ProgrammeKind::VoteEscrow
            | ProgrammeKind::FeeDistribution
            | ProgrammeKind::TokenAdmin
            | ProgrammeKind::Aerodrome
            | ProgrammeKind::MerkleClaim
            | ProgrammeKind::CumulativeClaim
            | ProgrammeKind::LiquidStaking
            | ProgrammeKind::RateToken
            | ProgrammeKind::Vault
            | ProgrammeKind::ValidatorStaking => self.v3_staker,
            ProgrammeKind::CurveGauges => self.curve_gauge,
            ProgrammeKind::BalancerGauges => self.balancer_gauge,
            ProgrammeKind::Merkl => self.merkl,
            ProgrammeKind::StakingRewards => self.staking_rewards,
            // Aerodrome's gauge of a pool of shares was not measured either, and takes what a chef
            // does, whose books are the most like its own.
            ProgrammeKind::MasterChef | ProgrammeKind::AerodromeGauge => self.master_chef,
        }
    }

    /// An order for a programme that is not there reverts at about the cost of one that is.
    fn staking(&self, kind: Option<ProgrammeKind>) -> ProgrammeGas {
        kind.map_or(self.v3_staker, |kind| self.of_programme(kind))
    }

    fn of_ranges(&self, intent: &Intent, touch: Touch) -> Gas {
        match intent {
            Intent::Open { .. } if touch.pool_is_empty => self.mint_first,
            Intent::Open { .. } if touch.ticks_in_use < 2 => self.mint_new_ticks,
            Intent::Open { .. } => self.mint_same_ticks,
            Intent::Close { .. } => Gas(self.decrease.0 + self.collect.0),
            Intent::Swap { .. }
            | Intent::Arbitrage { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::ClaimBribes { .. } => self.swap_gas(touch),
        }
    }

    /// Returns the gas of some contracts' pools of shares.
    pub fn of_shares(&self, contracts: ShareContracts) -> ShareGas {
        match contracts {
            ShareContracts::Pair => self.pair,
            ShareContracts::BalancerV2 => self.balancer_v2,
            ShareContracts::StableSwap => self.stable_swap,
            ShareContracts::Other => self.other_shares,
        }
    }

    /// Returns the gas of two swaps in one transaction.
    pub fn arbitrage(&self, legs: [BackTouch; 2]) -> Gas {
        let [there, back] = legs.map(|leg| match leg.shares_of {
            Some(contracts) => self.of_shares(contracts).swap,
            None => self.swap_over(leg.crossings),
        });
        Gas(there.0.saturating_add(back.0).saturating_sub(self.transaction.0))
    }

    fn swap_gas(&self, touch: Touch) -> Gas {
        if touch.crossings == 0 && !touch.has_swapped {
            return self.swap_first;
        }
        self.swap_over(touch.crossings)
    }

    /// Returns the gas of a later swap of a wallet over so many initialized ticks.
    pub fn swap_over(&self, crossings: usize) -> Gas {
        match crossings {
            0 => self.swap,
            1 => self.swap_one_crossing,
            more => {
                let each = self.swap_two_crossings.0.saturating_sub(self.swap_one_crossing.0);
                let further = u64::try_from(more).unwrap_or(u64::MAX).saturating_sub(2);
                Gas(self.swap_two_crossings.0.saturating_add(each.saturating_mul(further)))
            }
        }
    }
}
