use revm::primitives::Address;
use tidemill_units::U256;

use crate::world::{ADMIN, deploy_actors, mapping_slot};
use crate::{
    Answer, Artifacts, Call, Evm, OracleError, Outcome, Revert, address_word, archived_code,
    built_code,
};

/// A real StakingRewards with its tokens and a few stakers, on a chain of their own. Who set it up
/// may notify rewards.
pub struct StakingRewardsOracle {
    /// The chain.
    pub evm: Evm,
    /// Which contract.
    pub build: StakingRewardsCode,
    /// The contract.
    pub programme: Address,
    /// What is staked.
    pub staking_token: Address,
    /// What is paid; perhaps the same token.
    pub reward_token: Address,
    /// Accounts that stake.
    pub stakers: Vec<Address>,
    /// Who may notify rewards.
    pub distribution: Address,
    /// Who owns Synthetix's contract.
    pub owner: Address,
}

/// Which contract, and so where it keeps what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakingRewardsCode {
    /// The bytecode of liquidity-staker 1.0.2.
    Uniswap,
    /// The source of synthetix 2.102.1, as solc 0.5.16 compiles it.
    Synthetix,
}

/// Slots of `StakingRewards`, in the order in which Uniswap's declarations give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakingRewardsSlot {
    /// `rewardsDistribution`.
    RewardsDistribution = 0,
    /// `periodFinish`.
    PeriodFinish = 4,
    /// `rewardRate`.
    RewardRate = 5,
    /// `rewardsDuration`.
    RewardsDuration = 6,
    /// `lastUpdateTime`.
    LastUpdateTime = 7,
    /// `rewardPerTokenStored`.
    RewardPerTokenStored = 8,
    /// `_totalSupply`.
    TotalSupply = 11,
}

/// Slots of the mappings `userRewardPerTokenPaid`, `rewards` and `_balances`, Uniswap's.
const PER_STAKER: [u64; 3] = [9, 10, 12];
/// Slot of the mapping `balanceOf`, in `Token.sol`.
const BALANCES: u64 = 0;
/// Who owns Synthetix's contract.
const OWNER: Address = Address::repeat_byte(0x0e);

impl StakingRewardsCode {
    /// How many slots Synthetix's contract has before one of Uniswap's: `owner` and
    /// `nominatedOwner` before all, and from `periodFinish` on `lastPauseTime`, too.
    fn slot(self, uniswap: u64) -> U256 {
        let more = match self {
            Self::Uniswap => 0,
            Self::Synthetix if uniswap < StakingRewardsSlot::PeriodFinish as u64 => 2,
            Self::Synthetix => 3,
        };
        U256::from(uniswap + more)
    }

    /// Returns the slot of a number.
    pub fn slot_of(self, slot: StakingRewardsSlot) -> U256 {
        self.slot(slot as u64)
    }

    /// Returns the slots that hold what a staker is credited with: `userRewardPerTokenPaid`,
    /// `rewards` and the stake.
    pub fn staker_slots(self, staker: Address) -> [U256; 3] {
        let slot = |uniswap| self.slot(uniswap).saturating_to();
        PER_STAKER.map(|uniswap| mapping_slot(address_word(staker), slot(uniswap)))
    }
}

impl StakingRewardsOracle {
    /// Deploys everything; with one token for stakes and rewards or with two. Errors are those of
    /// a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        build: StakingRewardsCode,
        stakers: usize,
        reward_is_staked: bool,
    ) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        let staking_token = evm.deploy(ADMIN, artifacts.token.clone())?;
        let reward_token = if reward_is_staked {
            staking_token
        } else {
            evm.deploy(ADMIN, artifacts.token.clone())?
        };
        let (code, constructor) = match build {
            StakingRewardsCode::Uniswap => (
                archived_code("@uniswap/liquidity-staker@1.0.2/StakingRewards.json")?,
                Call::bare(3),
            ),
            StakingRewardsCode::Synthetix => {
                (built_code("StakingRewards")?, Call::bare(4).address(OWNER))
            }
        };
        let constructor = constructor.address(ADMIN).address(reward_token).address(staking_token);
        let init_code = [code.as_ref(), &constructor.encode()].concat();
        let programme = evm.deploy(ADMIN, init_code.into())?;
        evm.watch(programme);
        let stakers = deploy_actors(&mut evm, artifacts, stakers)?;
        let (distribution, owner) = (ADMIN, OWNER);
        Ok(Self {
            evm,
            build,
            programme,
            staking_token,
            reward_token,
            stakers,
            distribution,
            owner,
        })
    }

    /// Makes reward tokens for the contract.
    pub fn fund(&mut self, amount: U256) -> Result<Result<(), Revert>, OracleError> {
        self.mint(self.reward_token, self.programme, amount)
    }

    /// Makes what a staker is about to stake, if need be, and calls `stake(amount)`.
    pub fn stake(&mut self, from: Address, amount: U256) -> Result<Outcome, OracleError> {
        let held = self.token_balance(self.staking_token, from);
        let missing = amount.saturating_sub(held);
        let made = self.mint(self.staking_token, from, missing)?;
        made.map_err(|revert| OracleError::SetUp { call: "mint", revert: revert.to_string() })?;
        self.send(from, Call::new("stake(uint256)", 1).word(amount))
    }

    /// Calls a function of the contract.
    pub fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(from, self.programme, call)
    }

    /// Calls a view function of the contract.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.programme, call)
    }

    /// Returns a word of the contract's storage.
    pub fn slot(&self, slot: StakingRewardsSlot) -> U256 {
        self.evm.storage(self.programme, self.build.slot_of(slot))
    }

    /// Returns what an account holds of a token, read from its storage.
    pub fn token_balance(&self, token: Address, account: Address) -> U256 {
        self.evm.storage(token, mapping_slot(address_word(account), BALANCES))
    }

    fn mint(
        &mut self,
        token: Address,
        to: Address,
        amount: U256,
    ) -> Result<Result<(), Revert>, OracleError> {
        let call = Call::new("mint(address,uint256)", 2).address(to).word(amount);
        Ok(self.evm.send(ADMIN, token, call)?.result.map(|_| ()))
    }
}
