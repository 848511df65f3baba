use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::archived_code;
use crate::world::{ADMIN, mapping_slot, word_address};
use crate::{Answer, Artifacts, Call, Evm, OracleError, Outcome, Revert, address_word};

/// A real Balancer v1 pool, made by its factory, with more tokens than it can have. Everything is
/// done by its controller, who can always pay.
pub struct BPoolOracle {
    /// The chain.
    pub evm: Evm,
    /// The pool.
    pub pool: Address,
    /// Tokens that it may be given.
    pub tokens: Vec<Address>,
}

/// Slots of `BPool` (set-protocol-v2 0.1.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BPoolSlot {
    /// `_totalSupply`.
    TotalSupply = 2,
    /// `_controller` in the low 160 bits, then `_publicSwap`.
    Controller = 6,
    /// `_swapFee`.
    SwapFee = 7,
    /// `_finalized`.
    Finalized = 8,
    /// The number of `_tokens`.
    Tokens = 9,
    /// `_totalWeight`.
    TotalWeight = 11,
}

/// Slot of the mapping `_balance`, of shares.
const SHARES: u64 = 0;
/// Slot of the mapping `_records`.
const RECORDS: u64 = 10;
/// Slot of the mapping `balanceOf`, in `Token.sol`.
const BALANCES: u64 = 0;
const PACKAGE: &str = "@setprotocol/set-protocol-v2@0.1.16/abi/balancer";

impl BPoolOracle {
    /// Deploys a factory, a pool and tokens. Errors are those of a broken set-up.
    pub fn new(artifacts: &Artifacts, tokens: usize) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        let factory = evm.deploy(ADMIN, archived_code(&format!("{PACKAGE}/BFactory.json"))?)?;
        let create = Call::new("newBPool()", 0);
        let pool = word_address(evm.set_up(ADMIN, factory, "newBPool", create)?.word(0)?);
        let tokens: Result<Vec<_>, _> =
            (0..tokens).map(|_| evm.deploy(ADMIN, artifacts.token.clone())).collect();
        evm.watch(pool);
        Ok(Self { evm, pool, tokens: tokens? })
    }

    /// Calls the pool as its controller.
    pub fn send(&mut self, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(ADMIN, self.pool, call)
    }

    /// Calls a view function of the pool.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.pool, call)
    }

    /// Gives the pool a token.
    pub fn give(&mut self, token: Address, amount: U256) -> Result<Outcome, OracleError> {
        let call = Call::new("mint(address,uint256)", 2).address(self.pool).word(amount);
        self.evm.send(ADMIN, token, call)
    }

    /// Sees to it that the controller can pay 2^254 of a token and receive as much.
    pub fn fund(&mut self, token: Address) -> Result<(), OracleError> {
        let low = U256::ONE << 254_usize;
        let held = self.held(token, ADMIN);
        if held < low {
            let call = Call::new("mint(address,uint256)", 2).address(ADMIN).word(low);
            self.evm.set_up(ADMIN, token, "mint", call)?;
        } else if held > (low << 1_usize) {
            let elsewhere = Address::repeat_byte(0xee);
            let call = Call::new("transfer(address,uint256)", 2).address(elsewhere).word(low);
            self.evm.set_up(ADMIN, token, "transfer", call)?;
        }
        Ok(())
    }

    /// Returns what an account has of a token.
    pub fn held(&self, token: Address, account: Address) -> U256 {
        self.evm.storage(token, mapping_slot(address_word(account), BALANCES))
    }

    /// Returns a word of the pool's storage.
    pub fn slot(&self, slot: BPoolSlot) -> U256 {
        self.evm.storage(self.pool, U256::from(slot as u64))
    }

    /// Returns the shares of the controller.
    pub fn shares(&self) -> U256 {
        self.evm.storage(self.pool, Self::shares_slot())
    }

    /// Returns the slot of the controller's shares.
    pub fn shares_slot() -> U256 {
        mapping_slot(address_word(ADMIN), SHARES)
    }

    /// Returns what the controller's slot holds: the controller, and whether swaps are public.
    pub fn controller_word(is_public_swap: bool) -> U256 {
        address_word(ADMIN) | (U256::from(u8::from(is_public_swap)) << 160_usize)
    }

    /// Returns the slots of a token's record: whether it is bound, its index, weight and balance.
    pub fn record_slots(token: Address) -> [U256; 4] {
        let first = mapping_slot(address_word(token), RECORDS);
        [0_u64, 1, 2, 3].map(|offset| first.wrapping_add(U256::from(offset)))
    }

    /// Returns the slot of a token's address in the list of tokens.
    pub fn token_slot(index: usize) -> U256 {
        let list = U256::from(BPoolSlot::Tokens as u64).to_be_bytes::<32>();
        U256::from_be_bytes(keccak256(list).0).wrapping_add(U256::from(index))
    }
}
