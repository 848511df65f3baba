use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::artifacts::{built_code, pancake_pool_code};
use crate::world::{
    ADMIN, deploy_actors, deploy_tokens, give, holdings, mapping_slot, word_address,
};
use crate::{Answer, Artifacts, Call, Evm, OracleError, Outcome, Revert, Words2, int_word};

/// A real Uniswap v3 pool or PancakeSwap v3 pool: factory, pool, two tokens and a few actors on a
/// chain of their own.
pub struct PoolOracle {
    /// The chain.
    pub evm: Evm,
    /// The pool.
    pub pool: Address,
    /// Its two tokens, in its own order.
    pub tokens: [Address; 2],
    /// Contracts that trade, and pay in callbacks what the call's data says.
    pub actors: Vec<Address>,
    /// `UniswapV3Factory`; of a Pancake pool, the address that made it.
    pub factory: Address,
    /// Whose pool it is.
    pub build: PoolBuild,
    fee: u32,
}

/// Whose contract a pool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolBuild {
    /// Uniswap v3-core 1.0.1.
    #[default]
    UniswapV3,
    /// PancakeSwap v3-core 1.0.2.
    PancakeV3,
}

/// A pool's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolParameters {
    /// In millionths, below one million.
    pub fee: u32,
    /// Positive and below 16384; of the fees 500, 3000 and 10000 the factory has fixed it.
    pub tick_spacing: i32,
}

/// How an actor pays what a pool asks for: that, changed by these two's complement words, and
/// never below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adjustment(pub Words2);

/// What names a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PositionId {
    /// Owner.
    pub owner: Address,
    /// Lower tick.
    pub lower: i32,
    /// Upper tick.
    pub upper: i32,
}

/// A call to the real pool's `swap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSwapCall {
    /// Whether token0 is paid in.
    pub zero_for_one: bool,
    /// Two's complement; positive fixes the input, negative the output.
    pub amount_specified: U256,
    /// As Q64.96.
    pub sqrt_price_limit: U256,
    /// How the input is paid.
    pub adjustment: Adjustment,
}

/// Slots of `UniswapV3Pool` (v3-core 1.0.1), in the order its declarations give them.
pub struct PoolSlot;

impl PoolBuild {
    /// Returns where the build keeps a word that Uniswap keeps in this slot, `slot0` apart: the
    /// protocol's shares have no room in Pancake's, and push all that follows one slot on.
    pub fn slot(self, slot: u64) -> u64 {
        match self {
            Self::UniswapV3 => slot,
            Self::PancakeV3 => slot + 1,
        }
    }

    /// Returns the first of the four slots of a tick.
    pub fn tick(self, tick: i32) -> U256 {
        mapping_slot(int_word(i64::from(tick)), self.slot(PoolSlot::TICKS))
    }

    /// Returns the slot of a word of the bitmap.
    pub fn bitmap(self, word: i32) -> U256 {
        mapping_slot(int_word(i64::from(word)), self.slot(PoolSlot::BITMAP))
    }

    /// Returns the first of the four slots of a position.
    pub fn position(self, id: PositionId) -> U256 {
        mapping_slot(id.key(), self.slot(PoolSlot::POSITIONS))
    }
}

impl PoolSlot {
    /// The packed `slot0`.
    pub const SLOT0: u64 = 0;
    /// `feeGrowthGlobal0X128`.
    pub const FEE_GROWTH_0: u64 = 1;
    /// `feeGrowthGlobal1X128`.
    pub const FEE_GROWTH_1: u64 = 2;
    /// `protocolFees`, 128 bits each.
    pub const PROTOCOL_FEES: u64 = 3;
    /// `liquidity`.
    pub const LIQUIDITY: u64 = 4;
    /// First of the 65535 slots of `observations`.
    pub const OBSERVATIONS: u64 = 8;
    const TICKS: u64 = 5;
    const BITMAP: u64 = 6;
    const POSITIONS: u64 = 7;
}

impl PositionId {
    /// Returns the key of the pool's mapping, keccak256(owner, lower, upper), packed.
    pub fn key(&self) -> U256 {
        let mut packed = self.owner.to_vec();
        packed.extend_from_slice(&self.lower.to_be_bytes()[1..]);
        packed.extend_from_slice(&self.upper.to_be_bytes()[1..]);
        keccak256(packed).into()
    }
}

impl PoolOracle {
    /// Deploys everything, with `actors` actors; the pool has no price yet.
    ///
    /// Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        parameters: PoolParameters,
        actors: usize,
    ) -> Result<Self, OracleError> {
        let PoolParameters { fee, tick_spacing } = parameters;
        let mut evm = Evm::new();
        let factory = evm.deploy(ADMIN, artifacts.pool_factory.clone())?;
        let spacing = Call::new("feeAmountTickSpacing(uint24)", 1).word(U256::from(fee));
        if evm.set_up(ADMIN, factory, "feeAmountTickSpacing", spacing)?.word(0)?.is_zero() {
            let enable = Call::new("enableFeeAmount(uint24,int24)", 2).word(U256::from(fee));
            let enable = enable.int(i64::from(tick_spacing));
            evm.set_up(ADMIN, factory, "enableFeeAmount", enable)?;
        }
        let tokens = deploy_tokens(&mut evm, artifacts)?;
        let create = Call::new("createPool(address,address,uint24)", 3);
        let create = create.address(tokens[0]).address(tokens[1]).word(U256::from(fee));
        let pool = word_address(evm.set_up(ADMIN, factory, "createPool", create)?.word(0)?);
        evm.watch(pool);
        let actors = deploy_actors(&mut evm, artifacts, actors)?;
        Ok(Self { evm, pool, tokens, actors, factory, build: PoolBuild::UniswapV3, fee })
    }

    /// Deploys a PancakeSwap v3 pool, with `actors` actors; it has no price yet. Any fee goes with
    /// any spacing: its factory's table of them is not asked.
    ///
    /// Errors are those of a broken set-up, `InitCodeHash` where the pool is not the deployed one.
    pub fn pancake(
        artifacts: &Artifacts,
        parameters: PoolParameters,
        actors: usize,
    ) -> Result<Self, OracleError> {
        let PoolParameters { fee, tick_spacing } = parameters;
        let mut evm = Evm::new();
        let deployer = evm.deploy(ADMIN, built_code("PoolDeployer")?)?;
        let tokens = deploy_tokens(&mut evm, artifacts)?;
        let create = Call::new("deploy(address,address,uint24,int24,bytes)", 5);
        let create = create.address(tokens[0]).address(tokens[1]).word(U256::from(fee));
        let create = create.int(i64::from(tick_spacing)).bytes(&pancake_pool_code()?);
        let pool = word_address(evm.set_up(ADMIN, deployer, "deploy", create)?.word(0)?);
        evm.watch(pool);
        let actor = built_code("PancakeActor")?;
        let actors = (0..actors).map(|_| evm.deploy(ADMIN, actor.clone()));
        let actors = actors.collect::<Result<_, _>>()?;
        Ok(Self { evm, pool, tokens, actors, factory: ADMIN, build: PoolBuild::PancakeV3, fee })
    }

    /// Calls `initialize`.
    pub fn initialize(&mut self, sqrt_price: U256) -> Result<Outcome, OracleError> {
        self.send(ADMIN, Call::new("initialize(uint160)", 1).word(sqrt_price))
    }

    /// Calls `mint` from an actor, who pays; answers the two amounts asked for.
    pub fn mint(
        &mut self,
        actor: Address,
        position: PositionId,
        liquidity: u128,
        adjustment: Adjustment,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("mint(address,int24,int24,uint128,bytes)", 5);
        let call = call.address(position.owner);
        let call = call.int(i64::from(position.lower)).int(i64::from(position.upper));
        let call = call.word(U256::from(liquidity)).bytes(&self.payment(adjustment));
        self.send(actor, call)
    }

    /// Calls `burn` from the owner; answers the two amounts released.
    pub fn burn(&mut self, position: PositionId, liquidity: u128) -> Result<Outcome, OracleError> {
        let call = Call::new("burn(int24,int24,uint128)", 3);
        let call = call.int(i64::from(position.lower)).int(i64::from(position.upper));
        self.send(position.owner, call.word(U256::from(liquidity)))
    }

    /// Calls `collect` from the owner; answers the two amounts paid.
    pub fn collect(
        &mut self,
        position: PositionId,
        requested: [u128; 2],
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("collect(address,int24,int24,uint128,uint128)", 5);
        let call = call.address(position.owner);
        let call = call.int(i64::from(position.lower)).int(i64::from(position.upper));
        let call = call.word(U256::from(requested[0])).word(U256::from(requested[1]));
        self.send(position.owner, call)
    }

    /// Calls `swap` from an actor, who pays and receives; answers the two changes.
    pub fn swap(&mut self, actor: Address, swap: PoolSwapCall) -> Result<Outcome, OracleError> {
        let call = Call::new("swap(address,bool,int256,uint160,bytes)", 5);
        let call = call.address(actor).word(U256::from(swap.zero_for_one));
        let call = call.word(swap.amount_specified).word(swap.sqrt_price_limit);
        let call = call.bytes(&self.payment(swap.adjustment));
        self.send(actor, call)
    }

    /// Calls `flash` from an actor, who receives the loan and pays the fee, changed by
    /// `adjustment`: which must contain the loan if it is to be paid back.
    pub fn flash(
        &mut self,
        actor: Address,
        loan: Words2,
        adjustment: Adjustment,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("flash(address,uint256,uint256,bytes)", 4);
        let call = call.address(actor).word(loan[0]).word(loan[1]);
        self.send(actor, call.bytes(&self.payment(adjustment)))
    }

    /// Calls `setFeeProtocol` from the factory's owner; Uniswap's takes at most 255.
    pub fn set_fee_protocol(&mut self, shares: [u16; 2]) -> Result<Outcome, OracleError> {
        let call = Call::new(
            match self.build {
                PoolBuild::UniswapV3 => "setFeeProtocol(uint8,uint8)",
                PoolBuild::PancakeV3 => "setFeeProtocol(uint32,uint32)",
            },
            2,
        );
        self.send(ADMIN, call.word(U256::from(shares[0])).word(U256::from(shares[1])))
    }

    /// Calls `collectProtocol` from the factory's owner; answers the two amounts paid.
    pub fn collect_protocol(&mut self, requested: [u128; 2]) -> Result<Outcome, OracleError> {
        let call = Call::new("collectProtocol(address,uint128,uint128)", 3).address(ADMIN);
        self.send(ADMIN, call.word(U256::from(requested[0])).word(U256::from(requested[1])))
    }

    /// Calls `increaseObservationCardinalityNext`.
    pub fn increase_observation_cardinality_next(
        &mut self,
        next: u16,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("increaseObservationCardinalityNext(uint16)", 1);
        self.send(ADMIN, call.word(U256::from(next)))
    }

    /// Calls `observe`; answers the two arrays as the ABI lays them out.
    pub fn observe(&mut self, seconds_ago: &[u32]) -> Result<Result<Answer, Revert>, OracleError> {
        let seconds: Vec<U256> = seconds_ago.iter().map(|seconds| U256::from(*seconds)).collect();
        self.view(Call::new("observe(uint32[])", 1).array(&seconds))
    }

    /// Calls `snapshotCumulativesInside`; answers tick cumulative, seconds per liquidity, seconds.
    pub fn snapshot_cumulatives_inside(
        &mut self,
        lower: i32,
        upper: i32,
    ) -> Result<Result<Answer, Revert>, OracleError> {
        let call = Call::new("snapshotCumulativesInside(int24,int24)", 2);
        self.view(call.int(i64::from(lower)).int(i64::from(upper)))
    }

    /// Calls a view function of the pool.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.pool, call)
    }

    /// Returns a word of the pool's storage.
    pub fn slot(&self, slot: U256) -> U256 {
        self.evm.storage(self.pool, slot)
    }

    /// Returns what the pool really holds, read from the tokens' storage.
    pub fn holdings(&self) -> Words2 {
        holdings(&self.evm, self.tokens, self.pool)
    }

    /// Returns the pool's fee, in millionths.
    pub fn fee(&self) -> u32 {
        self.fee
    }

    /// Makes tokens for an account that pays out of its own, as through the position manager.
    pub fn endow(&mut self, account: Address, amounts: Words2) -> Result<(), OracleError> {
        let revert =
            |revert: Revert| OracleError::SetUp { call: "Token.mint", revert: revert.to_string() };
        give(&mut self.evm, self.tokens, account, amounts)?.map_err(revert)
    }

    fn payment(&self, Adjustment(adjust): Adjustment) -> Vec<u8> {
        let payment = Call::bare(4).address(self.tokens[0]).address(self.tokens[1]);
        payment.word(adjust[0]).word(adjust[1]).encode().to_vec()
    }

    fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(from, self.pool, call)
    }
}
