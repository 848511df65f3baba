//! Oracles for tests: the real contracts' bytecode, run in process beside our models.
//!
//! [`PairOracle`] is a v2 pair or a fork of it, [`PoolOracle`] a v3 pool of Uniswap or PancakeSwap,
//! [`ManagerOracle`] a v4 pool, [`PositionManager`] the position manager of v3-periphery,
//! [`VaultOracle`] and [`ComposableOracle`] are Balancer's vault with its pools, [`BPoolOracle`] is
//! Balancer v1 and [`CurveOracle`] Curve's sUSD pool, each in a world of its own on [`Evm`]: no
//! network, no node. The bytecode comes from the package registry by the lock file and the hashes
//! in `contracts/` and is never committed; `sh contracts/fetch.sh` fetches it, and checks of the
//! init code hashes prove v2's pair and v3's pool to be the deployed ones. A dev-dependency
//! only. It deliberately knows nothing of our pool
//! models: it speaks in words and addresses, and the comparison is in `tests/it`.
//!
//! There, random operations go to model and contract alike. After each, the contract's storage is
//! compared word by word with the model laid out in the same slots, every slot that the transaction
//! changed must be one of those, and the answer, or the reason of the revert, must be the same;
//! regularly the public getters are asked too. A run of any length, from any seed:
//!
//! ```text
//! TIDEMILL_OPERATIONS=10000000 TIDEMILL_SEED=7 cargo nextest run --profile long \
//!     -p tidemill-testkit --no-capture
//! ```
//!
//! The default is 100,000 operations on each kind of pool, from a fixed seed; the seed and what was
//! done are printed at the end.
//!
//! ```
//! use tidemill_testkit::{Artifacts, OracleError, PairOracle};
//! use tidemill_units::U256;
//!
//! let artifacts = Artifacts::load()?;
//! let mut oracle = PairOracle::new(&artifacts, 1)?;
//! let deposit = [U256::from(4_000_000), U256::from(1_000_000)];
//! assert_eq!(oracle.give(deposit)?, Ok(()));
//! let minted = oracle.mint(oracle.actors[0])?.result.map(|answer| answer.words());
//! assert_eq!(minted, Ok(vec![U256::from(2_000_000 - 1_000)]));
//! # Ok::<(), OracleError>(())
//! ```

mod abi;
pub mod anvil;
mod artifacts;
mod balancer_gauge_oracle;
mod bpool_oracle;
mod composable_oracle;
mod curve_gauges_oracle;
mod curve_oracle;
mod error;
mod evm;
mod fee_oracle;
mod master_chef_oracle;
mod merkle_oracle;
mod pair_oracle;
mod pool_oracle;
mod position_manager;
mod random;
mod revert;
mod staking_rewards_oracle;
mod v3_staker_oracle;
mod v4_oracle;
mod vault_oracle;
mod world;

pub use abi::{Answer, Call, address_word, int_word};
pub use artifacts::{Artifacts, archived_code, built_code};
pub use balancer_gauge_oracle::BalancerGaugeOracle;
pub use bpool_oracle::{BPoolOracle, BPoolSlot};
pub use composable_oracle::{ComposableContract, ComposableOracle, ComposableParameters};
pub use curve_gauges_oracle::{CurveGaugesOracle, VyperSlot};
pub use curve_oracle::{CurveOracle, CurveParameters, CurveSlot, Words4};
pub use error::OracleError;
pub use evm::{ContractLog, Evm, Outcome, SlotChange, Transaction};
pub use fee_oracle::FeeOracle;
pub use master_chef_oracle::{ChefParameters, ChefSlot, MasterChefOracle};
pub use merkle_oracle::{DropClaimCall, MerkleOracle};
pub use pair_oracle::{PairBuild, PairOracle, PairSlot, PairSwapCall};
pub use pool_oracle::{
    Adjustment, PoolBuild, PoolOracle, PoolParameters, PoolSlot, PoolSwapCall, PositionId,
};
pub use position_manager::{MintCall, PositionManager};
pub use random::{Random, Run};
pub use revert::Revert;
pub use revm::primitives::Address;
pub use staking_rewards_oracle::{StakingRewardsCode, StakingRewardsOracle, StakingRewardsSlot};
pub use v3_staker_oracle::{
    IncentiveWords, StakerBounds, StakerSlot, V3StakerOracle, encode_incentives,
};
pub use v4_oracle::{LiquidityCall, ManagerOracle, ManagerSwapCall};
pub use vault_oracle::{VaultOracle, VaultPool, WeightedContract};
pub use world::{Words2, mapping_slot};
