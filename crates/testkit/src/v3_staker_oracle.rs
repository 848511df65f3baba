use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::world::{ADMIN, mapping_slot};
use crate::{
    Answer, Artifacts, Call, OracleError, Outcome, PoolOracle, PoolParameters, PositionManager,
    Revert, address_word, archived_code,
};

/// The real `UniswapV3Staker` over a real v3 factory, pool and position manager, with two tokens to
/// pay rewards in, all on one chain.
pub struct V3StakerOracle {
    /// The pool, and the chain.
    pub pool: PoolOracle,
    /// The position manager.
    pub manager: PositionManager,
    /// The staker, whose changes each [`Outcome`] tells.
    pub staker: Address,
    /// The reward tokens.
    pub reward_tokens: [Address; 2],
}

/// What the staker is constructed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakerBounds {
    /// How far ahead an incentive may start.
    pub lead_time_seconds: u64,
    /// How long an incentive may last.
    pub duration_seconds: u64,
}

/// An incentive's key in the contract's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IncentiveWords(pub [U256; 5]);

/// Slots of `UniswapV3Staker` (v3-staker 1.0.2), in the order its declarations give them.
pub struct StakerSlot;

impl StakerSlot {
    /// Returns the first of an incentive's two slots.
    pub fn incentive(key: IncentiveWords) -> U256 {
        mapping_slot(key.id(), 0)
    }

    /// Returns a deposit's slot.
    pub fn deposit(token_id: U256) -> U256 {
        mapping_slot(token_id, 1)
    }

    /// Returns the first of a stake's two slots.
    pub fn stake(token_id: U256, key: IncentiveWords) -> U256 {
        nested(key.id(), mapping_slot(token_id, 2))
    }

    /// Returns the slot of what an account can claim.
    pub fn reward(token: Address, owner: Address) -> U256 {
        nested(address_word(owner), mapping_slot(address_word(token), 3))
    }
}

/// Returns the slot of a value in a mapping that is itself in this slot.
fn nested(key: U256, slot: U256) -> U256 {
    let words = [key.to_be_bytes::<32>(), slot.to_be_bytes::<32>()];
    keccak256(words.concat()).into()
}

impl IncentiveWords {
    /// Returns what the contract names the incentive by, the hash of its key.
    pub fn id(&self) -> U256 {
        keccak256(self.encode()).into()
    }

    /// Returns the key as `abi.encode` lays it out, which is also what staking on arrival takes.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_be_bytes::<32>()).collect()
    }

    fn append(self, call: Call) -> Call {
        self.0.into_iter().fold(call, Call::word)
    }
}

/// Returns `abi.encode` of a list of keys, which is what staking in several on arrival takes.
pub fn encode_incentives(keys: &[IncentiveWords]) -> Vec<u8> {
    let mut data = Vec::new();
    for word in [U256::from(32), U256::from(keys.len())] {
        data.extend_from_slice(&word.to_be_bytes::<32>());
    }
    data.extend(keys.iter().flat_map(IncentiveWords::encode));
    data
}

impl V3StakerOracle {
    /// Deploys everything, with two trading actors; the pool has no price yet.
    ///
    /// Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        parameters: PoolParameters,
        bounds: StakerBounds,
    ) -> Result<Self, OracleError> {
        let mut pool = PoolOracle::new(artifacts, parameters, 2)?;
        let manager = PositionManager::deploy(&mut pool, artifacts)?;
        let code = archived_code(
            "@uniswap/v3-staker@1.0.2/contracts/UniswapV3Staker.sol/UniswapV3Staker.json",
        )?;
        let arguments = Call::bare(4).address(pool.factory).address(manager.address);
        let arguments = arguments.word(U256::from(bounds.lead_time_seconds));
        let arguments = arguments.word(U256::from(bounds.duration_seconds));
        let code = [code.as_ref(), &arguments.encode()].concat();
        let staker = pool.evm.deploy(ADMIN, code.into())?;
        let mut token = || pool.evm.deploy(ADMIN, artifacts.token.clone());
        let reward_tokens = [token()?, token()?];
        pool.evm.watch(staker);
        Ok(Self { pool, manager, staker, reward_tokens })
    }

    /// Calls `createIncentive`; the sender pays the reward.
    pub fn create_incentive(
        &mut self,
        sender: Address,
        key: IncentiveWords,
        reward: U256,
    ) -> Result<Outcome, OracleError> {
        let signature = "createIncentive((address,address,uint256,uint256,address),uint256)";
        self.send(sender, key.append(Call::new(signature, 6)).word(reward))
    }

    /// Calls `endIncentive`; answers the refund.
    pub fn end_incentive(
        &mut self,
        sender: Address,
        key: IncentiveWords,
    ) -> Result<Outcome, OracleError> {
        let signature = "endIncentive((address,address,uint256,uint256,address))";
        self.send(sender, key.append(Call::new(signature, 5)))
    }

    /// Calls the position manager's `safeTransferFrom` with the staker as receiver.
    pub fn deposit(
        &mut self,
        sender: Address,
        owner: Address,
        token_id: U256,
        data: &[u8],
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("safeTransferFrom(address,address,uint256,bytes)", 4);
        let call = call.address(owner).address(self.staker).word(token_id).bytes(data);
        self.pool.evm.send(sender, self.manager.address, call)
    }

    /// Calls the position manager's `transferFrom` with the staker as receiver, which does not tell
    /// the staker.
    pub fn send_without_notice(
        &mut self,
        owner: Address,
        token_id: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("transferFrom(address,address,uint256)", 3);
        let call = call.address(owner).address(self.staker).word(token_id);
        self.pool.evm.send(owner, self.manager.address, call)
    }

    /// Calls `onERC721Received` as if the sender were a contract of tokens.
    pub fn pretend_deposit(
        &mut self,
        sender: Address,
        token_id: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("onERC721Received(address,address,uint256,bytes)", 4);
        let call = call.address(sender).address(sender).word(token_id).bytes(&[]);
        self.send(sender, call)
    }

    /// Calls `transferDeposit`.
    pub fn transfer_deposit(
        &mut self,
        sender: Address,
        token_id: U256,
        to: Address,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("transferDeposit(uint256,address)", 2);
        self.send(sender, call.word(token_id).address(to))
    }

    /// Calls `withdrawToken`, without data for the receiver.
    pub fn withdraw(
        &mut self,
        sender: Address,
        token_id: U256,
        to: Address,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("withdrawToken(uint256,address,bytes)", 3);
        self.send(sender, call.word(token_id).address(to).bytes(&[]))
    }

    /// Calls `stakeToken`.
    pub fn stake(
        &mut self,
        sender: Address,
        key: IncentiveWords,
        token_id: U256,
    ) -> Result<Outcome, OracleError> {
        let signature = "stakeToken((address,address,uint256,uint256,address),uint256)";
        self.send(sender, key.append(Call::new(signature, 6)).word(token_id))
    }

    /// Calls `unstakeToken`.
    pub fn unstake(
        &mut self,
        sender: Address,
        key: IncentiveWords,
        token_id: U256,
    ) -> Result<Outcome, OracleError> {
        let signature = "unstakeToken((address,address,uint256,uint256,address),uint256)";
        self.send(sender, key.append(Call::new(signature, 6)).word(token_id))
    }

    /// Calls `claimReward`; answers what was paid.
    pub fn claim(
        &mut self,
        sender: Address,
        token: Address,
        to: Address,
        requested: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("claimReward(address,address,uint256)", 3);
        self.send(sender, call.address(token).address(to).word(requested))
    }

    /// Calls `getRewardInfo`; answers reward and seconds inside.
    pub fn reward_info(
        &mut self,
        key: IncentiveWords,
        token_id: U256,
    ) -> Result<Result<Answer, Revert>, OracleError> {
        let signature = "getRewardInfo((address,address,uint256,uint256,address),uint256)";
        self.view(key.append(Call::new(signature, 6)).word(token_id))
    }

    /// Calls a view function of the staker.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.pool.evm.view(self.staker, call)
    }

    /// Returns a word of the staker's storage.
    pub fn slot(&self, slot: U256) -> U256 {
        self.pool.evm.storage(self.staker, slot)
    }

    /// Makes reward tokens for an account.
    pub fn endow(
        &mut self,
        token: Address,
        account: Address,
        amount: U256,
    ) -> Result<(), OracleError> {
        let call = Call::new("mint(address,uint256)", 2).address(account).word(amount);
        self.pool.evm.set_up(ADMIN, token, "Token.mint", call).map(drop)
    }

    fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.pool.evm.send(from, self.staker, call)
    }
}
