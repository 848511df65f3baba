use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::world::ADMIN;
use crate::{Answer, mapping_slot};
use crate::{Artifacts, Call, Evm, OracleError, Outcome, Revert, address_word, archived_code};

/// An amount of each of the pool's four coins, as plain words.
pub type Words4 = [U256; 4];

/// The real sUSD pool of Curve: the pool, its share token, the contract beside it that withdraws in
/// one coin, and four coins, on a chain of their own.
///
/// One provider holds all shares and has coins without end; the administrator owns the pool.
pub struct CurveOracle {
    /// The chain.
    pub evm: Evm,
    /// The pool.
    pub pool: Address,
    /// The share token.
    pub shares: Address,
    /// The contract beside the pool (`CurveDeposit`).
    pub zap: Address,
    /// The coins: 18, 6, 6 and 18 decimals, as the pool counts them.
    pub coins: [Address; 4],
}

/// Slots of `StableSwapSUSD`, in the order its declarations give them; those of lists are hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveSlot {
    /// `A`.
    Amplification = 3,
    /// `fee`.
    Fee = 4,
    /// `admin_fee`.
    AdminFee = 5,
    /// `admin_actions_deadline`.
    AdminActionsDeadline = 8,
    /// `future_A`.
    FutureA = 10,
    /// `future_fee`.
    FutureFee = 11,
    /// `future_admin_fee`.
    FutureAdminFee = 12,
    /// `kill_deadline`.
    KillDeadline = 14,
    /// `is_killed`.
    IsKilled = 15,
}

/// Amplification and fee of a new pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurveParameters {
    /// `_A`.
    pub amplification: U256,
    /// `_fee`.
    pub fee: U256,
}

const PACKAGE: &str = "@setprotocol/set-protocol-v2@0.1.16/abi/curve";
/// Who holds all shares.
const PROVIDER: Address = Address::repeat_byte(0x77);
/// Slot of the list `balances` in the pool.
const BALANCES: u64 = 2;
/// Slot of `total_supply` in the share token.
const TOTAL_SUPPLY: u64 = 5;
/// Slot of the mapping `balanceOf` in a coin.
const HOLDINGS: u64 = 0;

impl CurveOracle {
    /// Deploys everything at this time. Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        parameters: CurveParameters,
        at: u64,
    ) -> Result<Self, OracleError> {
        let code = |name: &str| archived_code(&format!("{PACKAGE}/{name}.json"));
        let mut evm = Evm::new();
        evm.set_timestamp(U256::from(at));
        let mut coins = [Address::ZERO; 4];
        for coin in &mut coins {
            *coin = evm.deploy(ADMIN, artifacts.token.clone())?;
            let call = Call::new("mint(address,uint256)", 2).address(PROVIDER);
            evm.set_up(ADMIN, *coin, "mint", call.word(U256::MAX >> 1))?;
        }
        let constructor = Call::bare(4).bytes(b"Curve.fi sUSD").bytes(b"crvSUSD");
        let constructor = constructor.word(U256::from(18)).word(U256::ZERO).encode();
        let init_code = [code("CurvePoolERC20")?.as_ref(), &constructor].concat();
        let shares = evm.deploy(ADMIN, init_code.into())?;
        let listed = |call: Call| coins.into_iter().fold(call, Call::address);
        let constructor = listed(listed(Call::bare(11))).address(shares);
        let constructor = constructor.word(parameters.amplification).word(parameters.fee);
        let init_code = [code("Stableswap")?.as_ref(), &constructor.encode()].concat();
        let pool = evm.deploy(ADMIN, init_code.into())?;
        let constructor = listed(listed(Call::bare(10))).address(pool).address(shares);
        let init_code = [code("CurveDeposit")?.as_ref(), &constructor.encode()].concat();
        let zap = evm.deploy(ADMIN, init_code.into())?;
        let call = Call::new("set_minter(address)", 1).address(pool);
        evm.set_up(ADMIN, shares, "set_minter", call)?;
        let call = Call::new("approve(address,uint256)", 2).address(zap).word(U256::MAX);
        evm.set_up(PROVIDER, shares, "approve", call)?;
        evm.watch(pool);
        Ok(Self { evm, pool, shares, zap, coins })
    }

    /// Sends a transaction of the provider to the pool.
    pub fn provide(&mut self, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(PROVIDER, self.pool, call)
    }

    /// Sends a transaction of the administrator to the pool.
    pub fn administer(&mut self, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(ADMIN, self.pool, call)
    }

    /// Withdraws in one coin through the contract beside the pool. What shares that contract keeps
    /// for itself then go back to the provider, in transactions of their own.
    pub fn remove_liquidity_one_coin(
        &mut self,
        shares: U256,
        coin: i64,
        minimum_out: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("remove_liquidity_one_coin(uint256,int128,uint256)", 3);
        let call = call.word(shares).int(coin).word(minimum_out);
        let outcome = self.evm.send(PROVIDER, self.zap, call)?;
        let kept = self.shares_of(self.zap)?;
        if !kept.is_zero() {
            let call = Call::new("withdraw_donated_dust()", 0);
            self.evm.set_up(ADMIN, self.zap, "withdraw_donated_dust", call)?;
            let call = Call::new("transfer(address,uint256)", 2).address(PROVIDER).word(kept);
            self.evm.set_up(ADMIN, self.shares, "transfer", call)?;
        }
        Ok(outcome)
    }

    /// Gives the pool coins, one after the other; stops where a balance would pass 2^256 - 1.
    pub fn give(&mut self, amounts: Words4) -> Result<Result<(), Revert>, OracleError> {
        for (coin, amount) in self.coins.into_iter().zip(amounts) {
            let call = Call::new("mint(address,uint256)", 2).address(self.pool).word(amount);
            if let Err(revert) = self.evm.send(ADMIN, coin, call)?.result {
                return Ok(Err(revert));
            }
        }
        Ok(Ok(()))
    }

    /// Calls a view function of the pool.
    pub fn view(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.pool, call)
    }

    /// Calls a view function of the contract beside the pool.
    pub fn view_zap(&mut self, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        self.evm.view(self.zap, call)
    }

    /// Returns a word of the pool's storage.
    pub fn slot(&self, slot: CurveSlot) -> U256 {
        self.evm.storage(self.pool, U256::from(slot as u64))
    }

    /// Returns the slots of the pool's own balances: a list begins at the hash of its slot.
    pub fn balance_slots() -> Words4 {
        let first = U256::from_be_bytes(keccak256(U256::from(BALANCES).to_be_bytes::<32>()).0);
        [0, 1, 2, 3].map(|place| first.wrapping_add(U256::from(place)))
    }

    /// Returns the pool's own balances, from its storage.
    pub fn balances(&self) -> Words4 {
        Self::balance_slots().map(|slot| self.evm.storage(self.pool, slot))
    }

    /// Returns what the pool really holds, from the coins' storage.
    pub fn holdings(&self) -> Words4 {
        let slot = mapping_slot(address_word(self.pool), HOLDINGS);
        self.coins.map(|coin| self.evm.storage(coin, slot))
    }

    /// Returns all shares there are, from the token's storage.
    pub fn total_supply(&self) -> U256 {
        self.evm.storage(self.shares, U256::from(TOTAL_SUPPLY))
    }

    /// Returns the shares that the provider holds, all there should be.
    pub fn provided(&mut self) -> Result<U256, OracleError> {
        self.shares_of(PROVIDER)
    }

    fn shares_of(&mut self, holder: Address) -> Result<U256, OracleError> {
        let call = Call::new("balanceOf(address)", 1).address(holder);
        let answer = self.evm.view(self.shares, call)?;
        let revert =
            |revert: Revert| OracleError::SetUp { call: "balanceOf", revert: revert.to_string() };
        answer.map_err(revert)?.word(0)
    }
}
