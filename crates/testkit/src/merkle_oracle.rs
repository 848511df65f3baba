use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::world::{ADMIN, give, holdings};
use crate::{Artifacts, Call, Evm, OracleError, Outcome, Revert, archived_code, mapping_slot};

/// Uniswap's real MerkleDistributor and its token, on a chain of their own.
pub struct MerkleOracle {
    /// The chain.
    pub evm: Evm,
    /// The distributor.
    pub distributor: Address,
    /// What it pays in.
    pub token: Address,
}

/// A call to the real distributor's `claim`.
#[derive(Clone, Debug)]
pub struct DropClaimCall {
    /// The drop's number.
    pub index: U256,
    /// Who is paid.
    pub account: Address,
    /// How much.
    pub amount: U256,
    /// Siblings from the leaf up.
    pub proof: Vec<U256>,
}

/// Slot of the mapping `claimedBitMap`; token and root are in the code.
const CLAIMED: u64 = 0;

impl MerkleOracle {
    /// Deploys a token and a distributor for this root. Errors are those of a broken set-up.
    pub fn new(artifacts: &Artifacts, root: U256) -> Result<Self, OracleError> {
        let code = archived_code("@uniswap/merkle-distributor@1.0.1/MerkleDistributor.json")?;
        let mut evm = Evm::new();
        let token = evm.deploy(ADMIN, artifacts.token.clone())?;
        let constructor = Call::bare(2).address(token).word(root).encode();
        let distributor = evm.deploy(ADMIN, [code.as_ref(), &constructor].concat().into())?;
        evm.watch(distributor);
        Ok(Self { evm, distributor, token })
    }

    /// Gives the distributor tokens; fails where its balance would pass 2^256 - 1.
    pub fn fund(&mut self, amount: U256) -> Result<Result<(), Revert>, OracleError> {
        give(&mut self.evm, [self.token; 2], self.distributor, [amount, U256::ZERO])
    }

    /// Calls `claim`, as anybody.
    pub fn claim(&mut self, from: Address, claim: &DropClaimCall) -> Result<Outcome, OracleError> {
        let call = Call::new("claim(uint256,address,uint256,bytes32[])", 4);
        let call = call.word(claim.index).address(claim.account).word(claim.amount);
        self.evm.send(from, self.distributor, call.array(&claim.proof))
    }

    /// Calls `isClaimed`.
    pub fn is_claimed(&mut self, index: U256) -> Result<bool, OracleError> {
        let call = Call::new("isClaimed(uint256)", 1).word(index);
        let revert =
            |revert: Revert| OracleError::SetUp { call: "isClaimed", revert: revert.to_string() };
        let answer = self.evm.view(self.distributor, call)?.map_err(revert)?;
        Ok(!answer.word(0)?.is_zero())
    }

    /// Returns the slot of a word of 256 indices.
    pub fn word_slot(word: U256) -> U256 {
        mapping_slot(word, CLAIMED)
    }

    /// Returns what an account holds of the token.
    pub fn balance(&self, account: Address) -> U256 {
        holdings(&self.evm, [self.token; 2], account)[0]
    }

    /// Returns the keccak256 hash of some bytes as the chain computes it.
    pub fn keccak(bytes: &[u8]) -> U256 {
        keccak256(bytes).into()
    }
}
