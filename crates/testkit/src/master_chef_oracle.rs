use revm::primitives::Address;
use tidemill_units::U256;

use crate::world::{ADMIN, deploy_actors, mapping_slot};
use crate::{Answer, Artifacts, Call, Evm, OracleError, Outcome, Revert, address_word, built_code};

/// A real MasterChef with its token, two tokens to stake and a few stakers, on a chain of their
/// own. Who set it up owns it and gets the developers' share.
pub struct MasterChefOracle {
    /// The chain.
    pub evm: Evm,
    /// The contract.
    pub chef: Address,
    /// The token that it mints.
    pub sushi: Address,
    /// Plain tokens that can be staked.
    pub lp_tokens: [Address; 2],
    /// Accounts that stake.
    pub stakers: Vec<Address>,
    /// Who may open pools.
    pub owner: Address,
}

/// What the constructor is given, and who held the token before.
#[derive(Clone, Copy, Debug)]
pub struct ChefParameters {
    /// `_sushiPerBlock`.
    pub sushi_per_block: U256,
    /// `_startBlock`.
    pub start_block: u64,
    /// `_bonusEndBlock`.
    pub bonus_end_block: u64,
    /// What each staker is given of the token at first.
    pub given: U256,
}

/// Slots of `MasterChef` (1.4.2), in the order its declarations give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChefSlot {
    /// `devaddr`.
    Dev = 2,
    /// Length of `poolInfo`.
    Pools = 6,
    /// `totalAllocPoint`.
    TotalAllocPoint = 8,
}

/// Words that `poolInfo` keeps of a pool: token, weight, last block and share.
const POOL_WORDS: u64 = 4;
/// Slot of the mapping `userInfo`.
const USERS: u64 = 7;
/// Slots of the mapping of balances in the plain tokens and in the chef's, and of its supply.
const BALANCES: u64 = 0;
const SUPPLY: u64 = 2;

impl MasterChefOracle {
    /// Deploys everything. Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        stakers: usize,
        parameters: ChefParameters,
    ) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        let owner = ADMIN;
        let sushi = evm.deploy(owner, built_code("SushiToken")?)?;
        let lp_tokens = [
            evm.deploy(owner, artifacts.token.clone())?,
            evm.deploy(owner, artifacts.token.clone())?,
        ];
        let constructor = Call::bare(5).address(sushi).address(owner);
        let constructor = constructor
            .word(parameters.sushi_per_block)
            .word(U256::from(parameters.start_block))
            .word(U256::from(parameters.bonus_end_block));
        let init_code = [built_code("MasterChef")?.as_ref(), &constructor.encode()].concat();
        let chef = evm.deploy(owner, init_code.into())?;
        let stakers = deploy_actors(&mut evm, artifacts, stakers)?;
        for staker in &stakers {
            let mint = Call::new("mint(address,uint256)", 2).address(*staker);
            evm.set_up(owner, sushi, "mint", mint.word(parameters.given))?;
            let approve = Call::new("approve(address,uint256)", 2).address(chef).word(U256::MAX);
            evm.set_up(*staker, sushi, "approve", approve)?;
        }
        let hand_over = Call::new("transferOwnership(address)", 1).address(chef);
        evm.set_up(owner, sushi, "transferOwnership", hand_over)?;
        evm.watch(chef);
        Ok(Self { evm, chef, sushi, lp_tokens, stakers, owner })
    }

    /// Makes a plain token for the chef, or has a staker send it the chef's own.
    pub fn give(&mut self, token: Address, amount: U256) -> Result<Outcome, OracleError> {
        let signature =
            if token == self.sushi { "transfer(address,uint256)" } else { "mint(address,uint256)" };
        let call = Call::new(signature, 2).address(self.chef).word(amount);
        self.evm.send(self.stakers[0], token, call)
    }

    /// Makes what a staker lacks of a plain token, and calls `deposit(pool, amount)`.
    pub fn deposit(
        &mut self,
        from: Address,
        pool: usize,
        token: Address,
        amount: U256,
    ) -> Result<Outcome, OracleError> {
        let missing = amount.saturating_sub(self.balance(token, from));
        if token != self.sushi && !missing.is_zero() {
            let call = Call::new("mint(address,uint256)", 2).address(from).word(missing);
            self.evm.set_up(from, token, "mint", call)?;
        }
        let call = Call::new("deposit(uint256,uint256)", 2).word(U256::from(pool)).word(amount);
        self.send(from, call)
    }

    /// Calls a function of the contract.
    pub fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(from, self.chef, call)
    }

    /// Calls a view function of the contract.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.chef, call)
    }

    /// Returns a word of the contract's storage.
    pub fn slot(&self, slot: ChefSlot) -> U256 {
        self.evm.storage(self.chef, U256::from(slot as u64))
    }

    /// Returns the slots that hold a pool: token, weight, last block and share.
    pub fn pool_slots(pool: usize) -> [U256; 4] {
        let start =
            revm::primitives::keccak256(U256::from(ChefSlot::Pools as u64).to_be_bytes::<32>());
        let start = U256::from_be_bytes(start.0) + U256::from(pool) * U256::from(POOL_WORDS);
        [0, 1, 2, 3].map(|word| start + U256::from(word))
    }

    /// Returns the slots that hold a staker of a pool: stake and reward debt.
    pub fn user_slots(pool: usize, staker: Address) -> [U256; 2] {
        let outer = mapping_slot(U256::from(pool), USERS);
        let mut preimage = [0; 64];
        preimage[..32].copy_from_slice(&address_word(staker).to_be_bytes::<32>());
        preimage[32..].copy_from_slice(&outer.to_be_bytes::<32>());
        let start = U256::from_be_bytes(revm::primitives::keccak256(preimage).0);
        [start, start + U256::ONE]
    }

    /// Returns what an account holds of a token, read from its storage.
    pub fn balance(&self, token: Address, account: Address) -> U256 {
        self.evm.storage(token, mapping_slot(address_word(account), BALANCES))
    }

    /// Returns all of the chef's token there is, read from its storage.
    pub fn supply(&self) -> U256 {
        self.evm.storage(self.sushi, U256::from(SUPPLY))
    }
}
