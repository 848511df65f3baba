use revm::primitives::Address;
use tidemill_units::U256;

use crate::world::{ADMIN, word_address};
use crate::{Call, OracleError, Outcome, VaultOracle, VaultPool, address_word};

/// A real composable stable pool of all the tokens of a world of its own.
pub struct ComposableOracle {
    /// Vault, tokens and providers.
    pub world: VaultOracle,
    /// The pool, which is its share token too.
    pub pool: VaultPool,
    /// The tokens with the pool among them, as the vault has them.
    pub assets: Vec<Address>,
}

/// Which factory makes a composable stable pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComposableContract {
    /// `ComposableStablePoolFactory` of 2022-09.
    September2022,
    /// `ComposableStablePoolFactory` of 2022-11, the second version.
    November2022,
}

/// How a composable stable pool is made, token by token in the order of their addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposableParameters {
    /// By which factory.
    pub contract: ComposableContract,
    /// The tokens' decimals.
    pub decimals: Vec<u8>,
    /// For how many seconds a rate holds, where a token has one; it is its own rate provider.
    pub durations: Vec<Option<u64>>,
    /// Whether the protocol takes no part of the growth of a rate.
    pub exempt: Vec<bool>,
    /// 1 to 5000.
    pub amplification: u64,
    /// With 18 decimals.
    pub swap_fee: U256,
    /// When it is made, in seconds since 1970.
    pub at: u64,
}

impl ComposableOracle {
    /// Makes the world and the pool. Its owner may set everything, recovery mode included. Errors
    /// are those of a broken set-up.
    pub fn new(parameters: &ComposableParameters) -> Result<Self, OracleError> {
        let mut world = VaultOracle::new(&parameters.decimals)?;
        world.evm.set_timestamp(U256::from(parameters.at));
        let (path, arguments) = match parameters.contract {
            ComposableContract::September2022 => (
                "20220906-composable-stable-pool/bytecode/ComposableStablePoolFactory",
                Call::bare(2).address(world.vault).address(world.provider),
            ),
            ComposableContract::November2022 => (
                "20221122-composable-stable-pool-v2/artifact/ComposableStablePoolFactory",
                Call::bare(4)
                    .address(world.vault)
                    .address(world.provider)
                    .bytes(b"factory")
                    .bytes(b"pool"),
            ),
        };
        let factory = world.factory(path, arguments)?;
        let count = parameters.decimals.len();
        let tokens: Vec<U256> = world.tokens.iter().map(|token| address_word(*token)).collect();
        let rated = |token: usize| parameters.durations[token].is_some();
        let providers: Vec<U256> =
            (0..count).map(|it| if rated(it) { tokens[it] } else { U256::ZERO }).collect();
        let durations: Vec<U256> =
            parameters.durations.iter().map(|it| U256::from(it.unwrap_or(0))).collect();
        let exempt: Vec<U256> = parameters.exempt.iter().map(|it| U256::from(*it)).collect();
        let signature = "create(string,string,address[],uint256,address[],uint256[],bool[],\
                         uint256,address)";
        let create = Call::new(signature, 9).bytes(b"Stable").bytes(b"S").array(&tokens);
        let create = create.word(U256::from(parameters.amplification)).array(&providers);
        let create = create.array(&durations).array(&exempt).word(parameters.swap_fee);
        let pool = world.create(factory, create.address(ADMIN), count)?;
        let mut assets = world.tokens.clone();
        assets.push(pool.address);
        assets.sort();
        let mut oracle = Self { world, pool, assets };
        for action in ["enableRecoveryMode()", "disableRecoveryMode()"] {
            oracle.allow(action)?;
        }
        Ok(oracle)
    }

    /// Returns where the shares are among the tokens.
    pub fn share_place(&self) -> usize {
        self.assets.iter().position(|asset| *asset == self.pool.address).unwrap_or(0)
    }

    /// Calls `joinPool` for the actor, at any price.
    pub fn join(&mut self, data: &[u8]) -> Result<Outcome, OracleError> {
        let signature = "joinPool(bytes32,address,address,(address[],uint256[],bytes,bool))";
        self.change(signature, U256::MAX, data)
    }

    /// Calls `exitPool` for the actor, at any price.
    pub fn exit(&mut self, data: &[u8]) -> Result<Outcome, OracleError> {
        let signature = "exitPool(bytes32,address,address,(address[],uint256[],bytes,bool))";
        self.change(signature, U256::ZERO, data)
    }

    /// Has the protocol's collector give the actor all its shares.
    pub fn give_collected(&mut self, shares: U256) -> Result<(), OracleError> {
        let to = self.world.actor;
        let call = Call::new("transfer(address,uint256)", 2).address(to).word(shares);
        let collector = self.world.collector;
        self.world.evm.set_up(collector, self.pool.address, "transfer", call).map(|_| ())
    }

    /// Sends the pool a call of its owner.
    pub fn own(&mut self, call: Call) -> Result<Outcome, OracleError> {
        self.world.evm.send(ADMIN, self.pool.address, call)
    }

    fn allow(&mut self, signature: &'static str) -> Result<(), OracleError> {
        let mut selector = [0; 32];
        selector[..4].copy_from_slice(&Call::new(signature, 0).encode()[..4]);
        let pool = self.pool.address;
        let evm = &mut self.world.evm;
        let action = Call::new("getActionId(bytes4)", 1).word(U256::from_be_bytes(selector));
        let action = evm.set_up(ADMIN, pool, "getActionId", action)?.word(0)?;
        let authorizer = Call::new("getAuthorizer()", 0);
        let authorizer = evm.set_up(ADMIN, pool, "getAuthorizer", authorizer)?.word(0)?;
        let grant = Call::new("grantRole(bytes32,address)", 2).word(action).address(ADMIN);
        evm.set_up(ADMIN, word_address(authorizer), "grantRole", grant).map(|_| ())
    }

    fn change(
        &mut self,
        signature: &str,
        limit: U256,
        data: &[u8],
    ) -> Result<Outcome, OracleError> {
        let assets: Vec<U256> = self.assets.iter().map(|asset| address_word(*asset)).collect();
        let limits = vec![limit; assets.len()];
        let request = Call::bare(4).array(&assets).array(&limits).bytes(data).word(U256::ZERO);
        let actor = self.world.actor;
        let call = Call::new(signature, 4).word(self.pool.id).address(actor).address(actor);
        self.world.evm.send(actor, self.world.vault, call.tuple(request))
    }
}
