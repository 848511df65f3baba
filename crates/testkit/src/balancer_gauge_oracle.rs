use revm::primitives::{Address, Bytes};
use tidemill_units::U256;

use crate::world::{ADMIN, word_address};
use crate::{Call, Evm, OracleError, archived_code};

/// Balancer's real gauge of the fifth version with all it stands on: BAL and its admin with the
/// inflation schedule, vote escrow, controller, minter and the proxy for boosts.
///
/// The administrator stands in for the authorizer adaptor, holds BAL and pool tokens, and may do
/// everything.
pub struct BalancerGaugeOracle {
    /// The chain.
    pub evm: Evm,
    /// Who may do everything.
    pub admin: Address,
    /// `TestBalancerToken` as BAL.
    pub token: Address,
    /// `BalancerTokenAdmin`, activated.
    pub token_admin: Address,
    /// `VotingEscrow`, of pool tokens.
    pub escrow: Address,
    /// `GaugeController`.
    pub controller: Address,
    /// `BalancerMinter`.
    pub minter: Address,
    /// `VotingEscrowDelegationProxy` without a delegation: a boost is the escrow's balance.
    pub boost_proxy: Address,
    /// `Vault`, which may move stakes without leave.
    pub vault: Address,
    /// A token to stake and to lock.
    pub pool_token: Address,
    factory: Address,
}

const PACKAGE: &str = "@balancer-labs/v2-deployments@3.2.0";

impl BalancerGaugeOracle {
    /// Deploys everything but gauges at this time and height. Errors are those of a broken set-up.
    pub fn new(at: u64, block: u64) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        evm.set_timestamp(U256::from(at));
        evm.set_block_number(block);
        let controller_folder = "20220325-gauge-controller/artifact";
        let mut deploy = |path: &str, arguments: Call| {
            let code = archived_code(&format!("{PACKAGE}/{path}.json"))?;
            let init_code: Bytes = [code.as_ref(), &arguments.encode()].concat().into();
            evm.deploy(ADMIN, init_code)
        };
        let admin = || Call::bare(1).address(ADMIN);
        let authorizer = deploy("20210418-authorizer/artifact/Authorizer", admin())?;
        let arguments = Call::bare(4).address(authorizer).address(Address::repeat_byte(0xee));
        let arguments = arguments.word(U256::ZERO).word(U256::ZERO);
        let vault = deploy("20210418-vault/artifact/Vault", arguments)?;
        let test_token = "20220325-test-balancer-token/artifact/TestBalancerToken";
        let arguments = Call::bare(3).address(ADMIN).bytes(b"Balancer").bytes(b"BAL");
        let token = deploy(test_token, arguments)?;
        let arguments = Call::bare(3).address(ADMIN).bytes(b"Pool").bytes(b"BPT");
        let pool_token = deploy(test_token, arguments)?;
        let path = "20220325-balancer-token-admin/artifact/BalancerTokenAdmin";
        let token_admin = deploy(path, Call::bare(2).address(vault).address(token))?;
        let arguments = Call::bare(4).address(pool_token).bytes(b"Vote escrow").bytes(b"ve");
        let path = format!("{controller_folder}/VotingEscrow");
        let escrow = deploy(&path, arguments.address(ADMIN))?;
        let arguments = Call::bare(2).address(escrow).address(ADMIN);
        let controller = deploy(&format!("{controller_folder}/GaugeController"), arguments)?;
        let arguments = Call::bare(2).address(token_admin).address(controller);
        let minter = deploy(&format!("{controller_folder}/BalancerMinter"), arguments)?;
        let path = "20220325-ve-delegation/artifact/VotingEscrowDelegationProxy";
        let arguments = Call::bare(3).address(vault).address(escrow).address(Address::ZERO);
        let boost_proxy = deploy(path, arguments)?;
        let folder = "20220822-mainnet-gauge-factory-v2/artifact";
        let arguments = Call::bare(3).address(minter).address(boost_proxy).address(ADMIN);
        let gauge = deploy(&format!("{folder}/LiquidityGaugeV5"), arguments)?;
        let path = format!("{folder}/LiquidityGaugeFactory");
        let factory = deploy(&path, Call::bare(1).address(gauge))?;
        let mut oracle = Self {
            evm,
            admin: ADMIN,
            token,
            token_admin,
            escrow,
            controller,
            minter,
            boost_proxy,
            vault,
            pool_token,
            factory,
        };
        oracle.activate(authorizer)?;
        Ok(oracle)
    }

    /// Makes a gauge for the pool token, whose relative weight counts up to `cap`, in 10^-18.
    pub fn create_gauge(&mut self, cap: U256) -> Result<Address, OracleError> {
        let call = Call::new("create(address,uint256)", 2).address(self.pool_token).word(cap);
        let gauge = self.evm.set_up(ADMIN, self.factory, "create", call)?;
        Ok(word_address(gauge.word(0)?))
    }

    /// Sets the time and the height of the blocks from now on.
    pub fn set_moment(&mut self, at: u64, block: u64) {
        self.evm.set_timestamp(U256::from(at));
        self.evm.set_block_number(block);
    }

    /// Starts the inflation and lets the minter mint.
    fn activate(&mut self, authorizer: Address) -> Result<(), OracleError> {
        let role = Call::new("DEFAULT_ADMIN_ROLE()", 0);
        let role = self.evm.set_up(ADMIN, self.token, "DEFAULT_ADMIN_ROLE", role)?.word(0)?;
        let grant = Call::new("grantRole(bytes32,address)", 2).word(role).address(self.token_admin);
        self.evm.set_up(ADMIN, self.token, "grantRole", grant)?;
        self.permit(authorizer, "activate()", ADMIN)?;
        self.permit(authorizer, "mint(address,uint256)", self.minter)?;
        self.permit(authorizer, "mint(address,uint256)", ADMIN)?;
        self.evm.set_up(ADMIN, self.token_admin, "activate", Call::new("activate()", 0))?;
        Ok(())
    }

    fn permit(
        &mut self,
        authorizer: Address,
        signature: &'static str,
        to: Address,
    ) -> Result<(), OracleError> {
        let mut selector = [0; 32];
        selector[..4].copy_from_slice(&Call::new(signature, 0).encode()[..4]);
        let action = Call::new("getActionId(bytes4)", 1).word(U256::from_be_bytes(selector));
        let action = self.evm.set_up(ADMIN, self.token_admin, "getActionId", action)?.word(0)?;
        let grant = Call::new("grantRole(bytes32,address)", 2).word(action).address(to);
        self.evm.set_up(ADMIN, authorizer, "grantRole", grant)?;
        Ok(())
    }
}
