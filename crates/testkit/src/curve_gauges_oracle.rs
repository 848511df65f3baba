use revm::primitives::{Address, Bytes, keccak256};
use tidemill_units::U256;

use crate::world::ADMIN;
use crate::{Artifacts, Call, Evm, OracleError, Outcome, address_word, archived_code};

/// Curve's real gauges on a chain of their own: the token, a vote escrow of Balancer's (which is
/// Curve's with one year instead of four), the controller, the minter, and any number of gauges
/// over pool tokens that anyone can make.
///
/// The administrator owns everything and holds all tokens there are at first.
pub struct CurveGaugesOracle {
    /// The chain.
    pub evm: Evm,
    /// Who owns the token and the controller.
    pub admin: Address,
    /// `CRVToken`.
    pub token: Address,
    /// `VotingEscrow` of Balancer.
    pub escrow: Address,
    /// `GaugeController`.
    pub controller: Address,
    /// `Minter`.
    pub minter: Address,
    /// `LiquidityGauge`s, whether the controller knows them or not.
    pub gauges: Vec<Address>,
    /// The pool token of each gauge.
    pub pool_tokens: Vec<Address>,
    pool_token_code: Bytes,
}

const CURVE: &str = "@setprotocol/set-protocol-v2@0.1.16/abi/curve";
const BALANCER: &str = "@balancer-labs/v2-deployments@3.2.0/20220325-gauge-controller/bytecode";

impl CurveGaugesOracle {
    /// Deploys everything but gauges at this time and height. The token's first supply is
    /// 1,303,030,303 times ten to the power of `decimals`. Errors are those of a broken set-up.
    pub fn new(
        artifacts: &Artifacts,
        decimals: u64,
        at: u64,
        block: u64,
    ) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        evm.set_timestamp(U256::from(at));
        evm.set_block_number(block);
        let constructor = Call::bare(3).bytes(b"Curve DAO Token").bytes(b"CRV");
        let constructor = constructor.word(U256::from(decimals));
        let token = deploy(&mut evm, &format!("{CURVE}/CRVToken.json"), constructor)?;
        let constructor = Call::bare(4).address(token).bytes(b"Vote escrow").bytes(b"ve");
        let constructor = constructor.address(ADMIN);
        let escrow = deploy(&mut evm, &format!("{BALANCER}/VotingEscrow.json"), constructor)?;
        let constructor = Call::bare(2).address(token).address(escrow);
        let controller = deploy(&mut evm, &format!("{CURVE}/GaugeController.json"), constructor)?;
        let constructor = Call::bare(2).address(token).address(controller);
        let minter = deploy(&mut evm, &format!("{CURVE}/Minter.json"), constructor)?;
        let call = Call::new("set_minter(address)", 1).address(minter);
        evm.set_up(ADMIN, token, "set_minter", call)?;
        Ok(Self {
            evm,
            admin: ADMIN,
            token,
            escrow,
            controller,
            minter,
            gauges: Vec::new(),
            pool_tokens: Vec::new(),
            pool_token_code: artifacts.token.clone(),
        })
    }

    /// Deploys a gauge and a pool token for it; the controller does not know it yet.
    pub fn deploy_gauge(&mut self) -> Result<Address, OracleError> {
        let pool_token = self.evm.deploy(ADMIN, self.pool_token_code.clone())?;
        let constructor = Call::bare(2).address(pool_token).address(self.minter);
        let path = format!("{CURVE}/LiquidityGauge.json");
        let gauge = deploy(&mut self.evm, &path, constructor)?;
        self.gauges.push(gauge);
        self.pool_tokens.push(pool_token);
        Ok(gauge)
    }

    /// Gives an account tokens of the administrator's, and lets the escrow take all it has.
    pub fn fund(&mut self, account: Address, amount: U256) -> Result<(), OracleError> {
        let call = Call::new("transfer(address,uint256)", 2).address(account).word(amount);
        self.evm.set_up(ADMIN, self.token, "transfer", call)?;
        let call = Call::new("approve(address,uint256)", 2).address(self.escrow).word(U256::MAX);
        self.evm.set_up(account, self.token, "approve", call)?;
        Ok(())
    }

    /// Sets the time and the height of the blocks from now on.
    pub fn set_moment(&mut self, at: u64, block: u64) {
        self.evm.set_timestamp(U256::from(at));
        self.evm.set_block_number(block);
    }

    /// Sends a transaction to one of the contracts.
    pub fn send(&mut self, from: Address, to: Address, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(from, to, call)
    }
}

/// Where Vyper 0.2.4, and 0.3.1 with its flat structs, keep things in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VyperSlot(pub U256);

impl VyperSlot {
    /// Returns the slot of a variable by its number.
    pub fn variable(number: u64) -> Self {
        Self(U256::from(number))
    }

    /// Returns the slot of a mapping's value: keccak256(slot . key), the other way round than solc.
    #[must_use]
    pub fn key(self, key: U256) -> Self {
        let mut preimage = [0; 64];
        preimage[..32].copy_from_slice(&self.0.to_be_bytes::<32>());
        preimage[32..].copy_from_slice(&key.to_be_bytes::<32>());
        Self(keccak256(preimage).into())
    }

    /// Returns the slot of a mapping's value for an account.
    #[must_use]
    pub fn account(self, account: Address) -> Self {
        self.key(address_word(account))
    }

    /// Returns the slot of a list's or struct's member before Vyper 0.2.13: keccak256(slot) + n.
    #[must_use]
    pub fn hashed_member(self, member: U256) -> Self {
        let first: U256 = keccak256(self.0.to_be_bytes::<32>()).into();
        Self(first.wrapping_add(member))
    }

    /// Returns the slot so many words further: members of lists and structs since Vyper 0.2.13.
    #[must_use]
    pub fn member(self, words: U256) -> Self {
        Self(self.0.wrapping_add(words))
    }
}

fn deploy(evm: &mut Evm, path: &str, constructor: Call) -> Result<Address, OracleError> {
    let init_code = [archived_code(path)?.as_ref(), &constructor.encode()].concat();
    evm.deploy(ADMIN, init_code.into())
}
