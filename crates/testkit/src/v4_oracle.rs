use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::artifacts::{archived_code, built_code};
use crate::world::{ADMIN, deploy_tokens};
use crate::{Artifacts, Call, Evm, OracleError, Outcome, PoolParameters, address_word, int_word};

/// A real Uniswap v4 `PoolManager` (v4-core 1.0.2) with one pool without a hook, two tokens and a
/// few actors, which unlock it, make one call and settle.
pub struct ManagerOracle {
    /// The chain.
    pub evm: Evm,
    /// `PoolManager`.
    pub manager: Address,
    /// The pool's tokens, in its own order.
    pub tokens: [Address; 2],
    /// `contracts/src/ManagerActor.sol`: who trades, and who owns the positions.
    pub actors: Vec<Address>,
    parameters: PoolParameters,
    /// Where the manager keeps the pool.
    first: U256,
}

/// A call to the manager's `modifyLiquidity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityCall {
    /// Lower tick.
    pub lower: i32,
    /// Upper tick.
    pub upper: i32,
    /// Two's complement; positive adds.
    pub delta: U256,
    /// Tells an owner's positions in one range apart.
    pub salt: U256,
}

/// A call to the manager's `swap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagerSwapCall {
    /// Whether token0 is paid in.
    pub zero_for_one: bool,
    /// Two's complement; negative fixes the input, positive the output.
    pub amount_specified: U256,
    /// As Q64.96.
    pub sqrt_price_limit: U256,
}

/// Slot of the manager's mapping of pools (`StateLibrary.POOLS_SLOT`).
const POOLS: u64 = 6;
/// Slot of its mapping `protocolFeesAccrued`.
const PROTOCOL_FEES: u64 = 1;

fn mapped(key: U256, slot: U256) -> U256 {
    let mut preimage = [0; 64];
    preimage[..32].copy_from_slice(&key.to_be_bytes::<32>());
    preimage[32..].copy_from_slice(&slot.to_be_bytes::<32>());
    keccak256(preimage).into()
}

impl ManagerOracle {
    /// Deploys everything, with `actors` actors; the pool has no price yet. The administrator's
    /// address is the protocol's fee controller.
    ///
    /// Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        parameters: PoolParameters,
        actors: usize,
    ) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        let code = archived_code("@uniswap/v4-core@1.0.2/PoolManager.sol/PoolManager.json")?;
        let constructor = Call::bare(1).address(ADMIN).encode();
        let manager = evm.deploy(ADMIN, [code.as_ref(), &constructor].concat().into())?;
        let control = Call::new("setProtocolFeeController(address)", 1).address(ADMIN);
        evm.set_up(ADMIN, manager, "setProtocolFeeController", control)?;
        let tokens = deploy_tokens(&mut evm, artifacts)?;
        evm.watch(manager);
        let actor = built_code("ManagerActor")?;
        let actors = (0..actors).map(|_| evm.deploy(ADMIN, actor.clone()));
        let actors = actors.collect::<Result<_, _>>()?;
        let mut oracle = Self { evm, manager, tokens, actors, parameters, first: U256::ZERO };
        let id = keccak256(oracle.key(Call::bare(5)).encode());
        oracle.first = mapped(id.into(), U256::from(POOLS));
        Ok(oracle)
    }

    /// Adds the pool's key: both tokens, fee, spacing, no hook.
    fn key(&self, call: Call) -> Call {
        let call = call.address(self.tokens[0]).address(self.tokens[1]);
        let call = call.word(U256::from(self.parameters.fee));
        call.int(i64::from(self.parameters.tick_spacing)).address(Address::ZERO)
    }

    /// Calls `initialize`; answers the tick.
    pub fn initialize(&mut self, sqrt_price: U256) -> Result<Outcome, OracleError> {
        let call = Call::new("initialize((address,address,uint24,int24,address),uint160)", 6);
        let call = self.key(call).word(sqrt_price);
        self.evm.send(ADMIN, self.manager, call)
    }

    /// Calls `modifyLiquidity`; answers what the actor is owed (negative: owes) in all, and the
    /// fees in it, both tokens packed in one word.
    pub fn modify_liquidity(
        &mut self,
        actor: Address,
        call: LiquidityCall,
    ) -> Result<Outcome, OracleError> {
        let LiquidityCall { lower, upper, delta, salt } = call;
        let parameters = "(address,address,uint24,int24,address),(int24,int24,int256,bytes32)";
        let call = Call::new(&format!("modifyLiquidity({parameters},bytes)"), 10);
        let call = self.key(call).int(i64::from(lower)).int(i64::from(upper));
        self.run(actor, call.word(delta).word(salt).bytes(&[]))
    }

    /// Calls `swap`; answers what the actor is owed (negative: owes), packed.
    pub fn swap(&mut self, actor: Address, swap: ManagerSwapCall) -> Result<Outcome, OracleError> {
        let parameters = "(address,address,uint24,int24,address),(bool,int256,uint160)";
        let call = Call::new(&format!("swap({parameters},bytes)"), 9);
        let call = self.key(call).word(U256::from(swap.zero_for_one));
        let call = call.word(swap.amount_specified).word(swap.sqrt_price_limit);
        self.run(actor, call.bytes(&[]))
    }

    /// Calls `donate`; answers what the actor owes, packed.
    pub fn donate(&mut self, actor: Address, amounts: [U256; 2]) -> Result<Outcome, OracleError> {
        let parameters = "(address,address,uint24,int24,address),uint256,uint256";
        let call = Call::new(&format!("donate({parameters},bytes)"), 8);
        let call = self.key(call).word(amounts[0]).word(amounts[1]).bytes(&[]);
        self.run(actor, call)
    }

    /// Calls `setProtocolFee`, 12 bits for each token paid in.
    pub fn set_protocol_fee(&mut self, shares: [u16; 2]) -> Result<Outcome, OracleError> {
        let signature = "setProtocolFee((address,address,uint24,int24,address),uint24)";
        let packed = U256::from(u32::from(shares[0]) | u32::from(shares[1]) << 12);
        let call = self.key(Call::new(signature, 6)).word(packed);
        self.evm.send(ADMIN, self.manager, call)
    }

    /// Calls `collectProtocolFees`; answers the amount paid.
    pub fn collect_protocol_fees(
        &mut self,
        token: usize,
        amount: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("collectProtocolFees(address,address,uint256)", 3);
        let call = call.address(ADMIN).address(self.tokens[token]).word(amount);
        self.evm.send(ADMIN, self.manager, call)
    }

    /// Returns the slot of one of the pool's own words: packed price, fee growth of each token,
    /// liquidity.
    pub fn global(&self, index: u64) -> U256 {
        self.first.wrapping_add(U256::from(index))
    }

    /// Returns the first of the three slots of a tick.
    pub fn tick(&self, tick: i32) -> U256 {
        mapped(int_word(i64::from(tick)), self.global(4))
    }

    /// Returns the slot of a word of the bitmap.
    pub fn bitmap(&self, word: i32) -> U256 {
        mapped(int_word(i64::from(word)), self.global(5))
    }

    /// Returns the first of the three slots of a position.
    pub fn position(&self, owner: Address, lower: i32, upper: i32, salt: U256) -> U256 {
        let mut packed = owner.to_vec();
        packed.extend_from_slice(&lower.to_be_bytes()[1..]);
        packed.extend_from_slice(&upper.to_be_bytes()[1..]);
        packed.extend_from_slice(&salt.to_be_bytes::<32>());
        mapped(keccak256(packed).into(), self.global(6))
    }

    /// Returns the slot of a token's protocol fees.
    pub fn protocol_fees(&self, token: usize) -> U256 {
        mapped(address_word(self.tokens[token]), U256::from(PROTOCOL_FEES))
    }

    /// Returns a word of the manager's storage.
    pub fn slot(&self, slot: U256) -> U256 {
        self.evm.storage(self.manager, slot)
    }

    fn run(&mut self, actor: Address, call: Call) -> Result<Outcome, OracleError> {
        let run = Call::new("run(address,address[2],bytes)", 4).address(self.manager);
        let run = run.address(self.tokens[0]).address(self.tokens[1]).bytes(&call.encode());
        self.evm.send(ADMIN, actor, run)
    }
}
