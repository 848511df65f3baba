use revm::primitives::{Address, Bytes};
use tidemill_units::U256;

use crate::world::{ADMIN, mapping_slot, word_address};
use crate::{Call, Evm, OracleError, Outcome, address_word, archived_code};

/// The real Balancer v2 vault with its authorizer, its collector of protocol fees and the provider
/// of their percentages, tokens of any decimals, and pools of its factories.
pub struct VaultOracle {
    /// The chain.
    pub evm: Evm,
    /// The vault.
    pub vault: Address,
    /// Where protocol fees go.
    pub collector: Address,
    /// Tells pools since 2022 the protocol's percentages.
    pub provider: Address,
    /// The tokens by address, the order in which every pool has them; they are their own rate
    /// providers too.
    pub tokens: Vec<Address>,
    /// Who trades and provides, and holds nearly all tokens.
    pub actor: Address,
}

/// A pool of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultPool {
    /// The pool's contract, which is its share token too.
    pub address: Address,
    /// What the vault calls it.
    pub id: U256,
    /// How many of the first tokens it has.
    pub count: usize,
}

/// Which factory makes a weighted pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightedContract {
    /// `WeightedPoolFactory` of 2021-04.
    April2021,
    /// `WeightedPool2TokensFactory` of 2021-04, price oracle off.
    April2021TwoTokens,
    /// `WeightedPoolFactory` of 2022-09.
    September2022,
}

const PACKAGE: &str = "@balancer-labs/v2-deployments@3.2.0";
/// A time after all these contracts were deployed.
const START: u64 = 1_670_000_000;
const PAUSE_WINDOW: u64 = 90 * 86_400;
const BUFFER_PERIOD: u64 = 30 * 86_400;
/// 10^18, what the vault calls 100 %.
const ONE: u64 = 1_000_000_000_000_000_000;
/// Slot of the mapping `balanceOf`, in `Token.sol`.
const BALANCES: u64 = 0;
/// `ProtocolFeeType` of the provider.
const SWAP_FEE: u64 = 0;
const YIELD_FEE: u64 = 2;

impl VaultOracle {
    /// Deploys all but pools, with a token of each of these decimals. Errors are those of a broken
    /// set-up.
    pub fn new(decimals: &[u8]) -> Result<Self, OracleError> {
        let mut evm = Evm::new();
        evm.set_timestamp(U256::from(START));
        evm.set_block_number(16_000_000);
        let authorizer = code("20210418-authorizer/artifact/Authorizer")?;
        let authorizer = construct(&mut evm, &authorizer, Call::bare(1).address(ADMIN))?;
        let weth = Address::repeat_byte(0xee);
        let arguments = Call::bare(4).address(authorizer).address(weth);
        let arguments = arguments.word(U256::from(PAUSE_WINDOW)).word(U256::from(BUFFER_PERIOD));
        let vault = construct(&mut evm, &code("20210418-vault/artifact/Vault")?, arguments)?;
        let collector = Call::new("getProtocolFeesCollector()", 0);
        let collector = evm.set_up(ADMIN, vault, "getProtocolFeesCollector", collector)?;
        let collector = word_address(collector.word(0)?);
        let provider = "20220725-protocol-fee-percentages-provider/artifact";
        let provider = code(&format!("{provider}/ProtocolFeePercentagesProvider"))?;
        let arguments = Call::bare(3).address(vault).word(U256::from(ONE)).word(U256::from(ONE));
        let provider = construct(&mut evm, &provider, arguments)?;
        let actor = Address::repeat_byte(0xac);
        let tokens = deploy_tokens(&mut evm, decimals, actor)?;
        let mut oracle = Self { evm, vault, collector, provider, tokens, actor };
        let set_swap_fee = "setSwapFeePercentage(uint256)";
        oracle.grant(authorizer, collector, set_swap_fee, provider)?;
        let set_fee = "setFeeTypePercentage(uint256,uint256)";
        oracle.grant(authorizer, provider, set_fee, ADMIN)?;
        Ok(oracle)
    }

    /// Makes a weighted pool of the first tokens, one for each weight; a token with a rate has
    /// itself for provider. The factory's owner may set the swap fee.
    pub fn weighted(
        &mut self,
        contract: WeightedContract,
        weights: &[U256],
        rated: &[bool],
        swap_fee: U256,
    ) -> Result<VaultPool, OracleError> {
        let folder = "20210418-weighted-pool/bytecode";
        let tokens = self.words(weights.len());
        let providers: Vec<U256> = tokens
            .iter()
            .zip(rated)
            .map(|(token, rated)| if *rated { *token } else { U256::ZERO })
            .collect();
        let (path, signature, words) = match contract {
            WeightedContract::April2021 => (
                format!("{folder}/WeightedPoolFactory"),
                "create(string,string,address[],uint256[],uint256,address)",
                6,
            ),
            WeightedContract::April2021TwoTokens => (
                format!("{folder}/WeightedPool2TokensFactory"),
                "create(string,string,address[],uint256[],uint256,bool,address)",
                7,
            ),
            WeightedContract::September2022 => (
                "20220908-weighted-pool-v2/bytecode/WeightedPoolFactory".to_owned(),
                "create(string,string,address[],uint256[],address[],uint256,address)",
                7,
            ),
        };
        let create = Call::new(signature, words).bytes(b"Weighted").bytes(b"W");
        let create = create.array(&tokens).array(weights);
        let vault = self.vault;
        let (arguments, create) = match contract {
            WeightedContract::April2021 => {
                (Call::bare(1).address(vault), create.word(swap_fee).address(ADMIN))
            }
            WeightedContract::April2021TwoTokens => {
                let create = create.word(swap_fee).word(U256::ZERO).address(ADMIN);
                (Call::bare(1).address(vault), create)
            }
            WeightedContract::September2022 => (
                Call::bare(2).address(vault).address(self.provider),
                create.array(&providers).word(swap_fee).address(ADMIN),
            ),
        };
        let factory = construct(&mut self.evm, &code(&path)?, arguments)?;
        self.create(factory, create, weights.len())
    }

    /// Has a factory make a pool of so many of the first tokens.
    pub fn create(
        &mut self,
        factory: Address,
        create: Call,
        count: usize,
    ) -> Result<VaultPool, OracleError> {
        let address = self.evm.set_up(ADMIN, factory, "create", create)?.word(0)?;
        let address = word_address(address);
        let id = Call::new("getPoolId()", 0);
        let id = self.evm.set_up(ADMIN, address, "getPoolId", id)?.word(0)?;
        Ok(VaultPool { address, id, count })
    }

    /// Deploys a factory of the archive: its path without package and ending.
    pub fn factory(&mut self, path: &str, arguments: Call) -> Result<Address, OracleError> {
        construct(&mut self.evm, &code(path)?, arguments)
    }

    /// Calls `joinPool` for the actor, at any price.
    pub fn join(&mut self, pool: &VaultPool, data: &[u8]) -> Result<Outcome, OracleError> {
        let assets = self.words(pool.count);
        let call =
            Call::new("joinPool(bytes32,address,address,(address[],uint256[],bytes,bool))", 4);
        let limits = vec![U256::MAX; assets.len()];
        let request = Call::bare(4).array(&assets).array(&limits).bytes(data).word(U256::ZERO);
        self.change(pool, call, request)
    }

    /// Calls `exitPool` for the actor, at any price.
    pub fn exit(&mut self, pool: &VaultPool, data: &[u8]) -> Result<Outcome, OracleError> {
        let assets = self.words(pool.count);
        let call =
            Call::new("exitPool(bytes32,address,address,(address[],uint256[],bytes,bool))", 4);
        let limits = vec![U256::ZERO; assets.len()];
        let request = Call::bare(4).array(&assets).array(&limits).bytes(data).word(U256::ZERO);
        self.change(pool, call, request)
    }

    /// Calls `swap` for the actor, at any price; `kind` 0 fixes the input, 1 the output. Answers
    /// the other amount.
    pub fn swap(
        &mut self,
        pool: &VaultPool,
        kind: u64,
        tokens: [Address; 2],
        amount: U256,
    ) -> Result<Outcome, OracleError> {
        let signature = "swap((bytes32,uint8,address,address,uint256,bytes),\
                         (address,bool,address,bool),uint256,uint256)";
        let single = Call::bare(6).word(pool.id).word(U256::from(kind));
        let single = single.address(tokens[0]).address(tokens[1]).word(amount).bytes(&[]);
        let call = Call::new(signature, 7).tuple(single);
        let call = call.address(self.actor).word(U256::ZERO).address(self.actor).word(U256::ZERO);
        let limit = if kind == 0 { U256::ZERO } else { U256::MAX };
        let call = call.word(limit).word(U256::MAX);
        self.evm.send(self.actor, self.vault, call)
    }

    /// Sets the protocol's part of swap fees, 18 decimals.
    pub fn set_protocol_swap_fee(&mut self, part: U256) -> Result<Outcome, OracleError> {
        self.set_fee(SWAP_FEE, part)
    }

    /// Sets the protocol's part of the growth of rates, 18 decimals.
    pub fn set_protocol_yield_fee(&mut self, part: U256) -> Result<Outcome, OracleError> {
        self.set_fee(YIELD_FEE, part)
    }

    /// Sends a pool a call of its owner.
    pub fn call(&mut self, pool: &VaultPool, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(ADMIN, pool.address, call)
    }

    /// Sets the rate that a token answers.
    pub fn set_rate(&mut self, token: Address, rate: U256) -> Result<(), OracleError> {
        let call = Call::new("setRate(uint256)", 1).word(rate);
        self.evm.set_up(ADMIN, token, "setRate", call).map(|_| ())
    }

    /// Returns a pool's tokens, then its balances, as words.
    pub fn pool_tokens(&mut self, pool: &VaultPool) -> Result<(Vec<U256>, Vec<U256>), OracleError> {
        let call = Call::new("getPoolTokens(bytes32)", 1).word(pool.id);
        let answer = self.evm.view(self.vault, call)?;
        let revert = |revert: crate::Revert| OracleError::SetUp {
            call: "getPoolTokens",
            revert: revert.to_string(),
        };
        let words = answer.map_err(revert)?.words();
        let count = words.get(3).map_or(0, |count| count.as_limbs()[0] as usize);
        let tokens = words[4..4 + count].to_vec();
        Ok((tokens, words[5 + count..5 + 2 * count].to_vec()))
    }

    /// Returns what an account holds of a token, read from its storage.
    pub fn holding(&self, token: Address, account: Address) -> U256 {
        self.evm.storage(token, mapping_slot(address_word(account), BALANCES))
    }

    /// Asks a pool a question that has one word for an answer.
    pub fn ask(&mut self, pool: &VaultPool, name: &'static str) -> Result<U256, OracleError> {
        self.ask_with(pool, name, Call::new(name, 0))
    }

    /// Asks a pool a question with arguments that has one word for an answer.
    pub fn ask_with(
        &mut self,
        pool: &VaultPool,
        name: &'static str,
        call: Call,
    ) -> Result<U256, OracleError> {
        let answer = self.evm.view(pool.address, call)?;
        let revert =
            |revert: crate::Revert| OracleError::SetUp { call: name, revert: revert.to_string() };
        answer.map_err(revert)?.word(0)
    }

    fn set_fee(&mut self, kind: u64, part: U256) -> Result<Outcome, OracleError> {
        let call = Call::new("setFeeTypePercentage(uint256,uint256)", 2);
        self.evm.send(ADMIN, self.provider, call.word(U256::from(kind)).word(part))
    }

    fn change(
        &mut self,
        pool: &VaultPool,
        call: Call,
        request: Call,
    ) -> Result<Outcome, OracleError> {
        let call = call.word(pool.id).address(self.actor).address(self.actor).tuple(request);
        self.evm.send(self.actor, self.vault, call)
    }

    fn words(&self, count: usize) -> Vec<U256> {
        self.tokens.iter().take(count).map(|token| address_word(*token)).collect()
    }

    fn grant(
        &mut self,
        authorizer: Address,
        contract: Address,
        signature: &'static str,
        to: Address,
    ) -> Result<(), OracleError> {
        let mut selector = [0; 32];
        selector[..4].copy_from_slice(&Call::new(signature, 0).encode()[..4]);
        let action = Call::new("getActionId(bytes4)", 1).word(U256::from_be_bytes(selector));
        let action = self.evm.set_up(ADMIN, contract, "getActionId", action)?.word(0)?;
        let grant = Call::new("grantRole(bytes32,address)", 2).word(action).address(to);
        self.evm.set_up(ADMIN, authorizer, "grantRole", grant)?;
        Ok(())
    }
}

fn code(path: &str) -> Result<Bytes, OracleError> {
    archived_code(&format!("{PACKAGE}/{path}.json"))
}

fn construct(evm: &mut Evm, code: &Bytes, arguments: Call) -> Result<Address, OracleError> {
    evm.deploy(ADMIN, [code.as_ref(), &arguments.encode()].concat().into())
}

/// Deploys tokens, in the order of their addresses, and gives the actor nearly all there can be.
fn deploy_tokens(
    evm: &mut Evm,
    decimals: &[u8],
    actor: Address,
) -> Result<Vec<Address>, OracleError> {
    let code = crate::artifacts::built_code("DecimalToken")?;
    // An address depends on the deployer and its count of transactions alone.
    let count = u8::try_from(decimals.len()).unwrap_or(u8::MAX);
    let mut deployers: Vec<Address> = (1..=count).map(Address::repeat_byte).collect();
    deployers.sort_by_key(|deployer| deployer.create(0));
    let mut tokens = Vec::new();
    for (deployer, decimals) in deployers.into_iter().zip(decimals) {
        let arguments = Call::bare(1).word(U256::from(*decimals)).encode();
        let token = evm.deploy(deployer, [code.as_ref(), &arguments].concat().into())?;
        let mint = Call::new("mint(address,uint256)", 2).address(actor);
        evm.set_up(ADMIN, token, "mint", mint.word(U256::MAX >> 1_usize))?;
        tokens.push(token);
    }
    Ok(tokens)
}
