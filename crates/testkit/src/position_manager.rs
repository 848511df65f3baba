use revm::primitives::Address;
use tidemill_units::U256;

use crate::world::ADMIN;
use crate::{Answer, Artifacts, Call, OracleError, Outcome, PoolOracle, Revert, Words2};

/// The real `NonfungiblePositionManager`, in the world of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionManager {
    /// The manager, which owns all its positions at the pool.
    pub address: Address,
}

/// The range and the most to deposit of each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintCall {
    /// Lower tick.
    pub lower: i32,
    /// Upper tick.
    pub upper: i32,
    /// Most of each token.
    pub desired: Words2,
}

impl PositionManager {
    /// Deploys the manager. Its wrapped ether and its token descriptor are never called.
    pub fn deploy(oracle: &mut PoolOracle, artifacts: &Artifacts) -> Result<Self, OracleError> {
        let unused = Address::repeat_byte(0xee);
        let arguments = Call::bare(3).address(oracle.factory).address(unused).address(unused);
        let init_code = [artifacts.position_manager.as_ref(), &arguments.encode()].concat();
        let address = oracle.evm.deploy(ADMIN, init_code.into())?;
        Ok(Self { address })
    }

    /// Calls `mint`; answers token id, liquidity and the two amounts paid.
    pub fn mint(
        self,
        oracle: &mut PoolOracle,
        payer: Address,
        mint: MintCall,
    ) -> Result<Outcome, OracleError> {
        let signature = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,\
                         uint256,address,uint256))";
        let call = Call::new(signature, 11).address(oracle.tokens[0]).address(oracle.tokens[1]);
        let call = call.word(U256::from(oracle.fee()));
        let call = call.int(i64::from(mint.lower)).int(i64::from(mint.upper));
        let call = call.word(mint.desired[0]).word(mint.desired[1]);
        let call = call.word(U256::ZERO).word(U256::ZERO).address(payer).word(U256::MAX);
        oracle.evm.send(payer, self.address, call)
    }

    /// Calls `increaseLiquidity`; answers liquidity and the two amounts paid.
    pub fn increase(
        self,
        oracle: &mut PoolOracle,
        payer: Address,
        token_id: U256,
        desired: Words2,
    ) -> Result<Outcome, OracleError> {
        let signature = "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))";
        let call = Call::new(signature, 6).word(token_id).word(desired[0]).word(desired[1]);
        let call = call.word(U256::ZERO).word(U256::ZERO).word(U256::MAX);
        oracle.evm.send(payer, self.address, call)
    }

    /// Calls `decreaseLiquidity`; answers the two amounts released.
    pub fn decrease(
        self,
        oracle: &mut PoolOracle,
        owner: Address,
        token_id: U256,
        liquidity: u128,
    ) -> Result<Outcome, OracleError> {
        let signature = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))";
        let call = Call::new(signature, 5).word(token_id).word(U256::from(liquidity));
        let call = call.word(U256::ZERO).word(U256::ZERO).word(U256::MAX);
        oracle.evm.send(owner, self.address, call)
    }

    /// Calls `collect`; answers the two amounts paid.
    pub fn collect(
        self,
        oracle: &mut PoolOracle,
        owner: Address,
        token_id: U256,
        most: [u128; 2],
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("collect((uint256,address,uint128,uint128))", 4).word(token_id);
        let call = call.address(owner).word(U256::from(most[0])).word(U256::from(most[1]));
        oracle.evm.send(owner, self.address, call)
    }

    /// Calls `positions`; answers its twelve words.
    pub fn position(
        self,
        oracle: &mut PoolOracle,
        token_id: U256,
    ) -> Result<Result<Answer, Revert>, OracleError> {
        let call = Call::new("positions(uint256)", 1).word(token_id);
        oracle.evm.view(self.address, call)
    }
}
