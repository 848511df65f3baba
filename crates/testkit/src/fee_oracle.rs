use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::world::{ADMIN, give, holdings, mapping_slot};
use crate::{
    Artifacts, Call, CurveGaugesOracle, OracleError, Outcome, Revert, address_word, archived_code,
};

/// Balancer's real FeeDistributor over its real vote escrow, with tokens to distribute.
pub struct FeeOracle {
    /// The chain, with the escrow and the token that it locks.
    pub chain: CurveGaugesOracle,
    /// The distributor; the zero address before [`deploy`](Self::deploy).
    pub distributor: Address,
    /// What is distributed.
    pub tokens: Vec<Address>,
}

impl FeeOracle {
    /// Slot of the mapping that says who claims for itself only.
    pub const ONLY_CALLER: u64 = 1;
    /// Slot of the lock against reentrance.
    pub const STATUS: u64 = 2;
    /// Slot of the cursor of the supply.
    pub const TIME_CURSOR: u64 = 3;
    /// Slot of the mapping of supplies by week.
    pub const SUPPLY: u64 = 4;
    /// Slot of the mapping of tokens' states.
    pub const TOKEN: u64 = 5;
    /// Slot of the mapping of tokens' weeks.
    pub const TOKEN_WEEK: u64 = 6;
    /// Slot of the mapping of users' states.
    pub const USER: u64 = 7;
    /// Slot of the mapping of users' balances by week.
    pub const USER_WEEK: u64 = 8;
    /// Slot of the mapping of users' cursors by token.
    pub const USER_TOKEN: u64 = 9;

    /// Deploys the escrow and `tokens` tokens at this time and height. Errors are those of a broken
    /// set-up.
    pub fn new(
        artifacts: &Artifacts,
        tokens: usize,
        at: u64,
        block: u64,
    ) -> Result<Self, OracleError> {
        let mut chain = CurveGaugesOracle::new(artifacts, 18, at, block)?;
        let deployed = (0..tokens).map(|_| chain.evm.deploy(ADMIN, artifacts.token.clone()));
        let tokens = deployed.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { chain, distributor: Address::ZERO, tokens })
    }

    /// Deploys the distributor; answers whether its constructor accepts the start.
    pub fn deploy(&mut self, start_time: u64) -> Result<bool, OracleError> {
        let path = "20220714-fee-distributor-v2/bytecode/FeeDistributor.json";
        let code = archived_code(&format!("@balancer-labs/v2-deployments@3.2.0/{path}"))?;
        let constructor = Call::bare(2).address(self.chain.escrow).word(U256::from(start_time));
        let init_code = [code.as_ref(), &constructor.encode()].concat();
        match self.chain.evm.deploy(ADMIN, init_code.into()) {
            Ok(distributor) => self.distributor = distributor,
            Err(OracleError::SetUp { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        self.chain.evm.watch(self.distributor);
        Ok(true)
    }

    /// Makes tokens for an account.
    pub fn give(
        &mut self,
        token: Address,
        to: Address,
        amount: U256,
    ) -> Result<Result<(), Revert>, OracleError> {
        give(&mut self.chain.evm, [token; 2], to, [amount, U256::ZERO])
    }

    /// Returns what an account holds of a token.
    pub fn balance(&self, token: Address, account: Address) -> U256 {
        holdings(&self.chain.evm, [token; 2], account)[0]
    }

    /// Sends a transaction to the distributor.
    pub fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.chain.evm.send(from, self.distributor, call)
    }

    /// Returns the slot of a mapping's value for an account.
    pub fn slot(account: Address, mapping: u64) -> U256 {
        mapping_slot(address_word(account), mapping)
    }

    /// Returns the slot of a value in a mapping of mappings, the outer one by account.
    pub fn nested_slot(account: Address, key: U256, mapping: u64) -> U256 {
        let outer = Self::slot(account, mapping);
        let preimage = [key.to_be_bytes::<32>(), outer.to_be_bytes::<32>()].concat();
        keccak256(preimage).into()
    }
}
