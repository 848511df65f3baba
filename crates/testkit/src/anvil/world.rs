use revm::primitives::Address;
use tidemill_units::U256;

use crate::anvil::{AnvilChain, AnvilError};
use crate::{Artifacts, Call, IncentiveWords, address_word, archived_code, built_code};

/// The real contracts on a node, with everything set up for a first trade.
#[derive(Debug)]
pub struct AnvilWorld {
    /// The chain.
    pub chain: AnvilChain,
    /// The first block with a contract in it.
    pub first_block: u64,
    /// The two tokens of v2, v3 and Balancer, by address; 18 and 6 decimals, in some order.
    pub tokens: [Address; 2],
    /// Wrapped ether, `canonical-weth` 1.4.0.
    pub weth: Address,
    /// A token whose name and symbol are 32 bytes.
    pub old_token: Address,
    /// Contracts that trade with pools and pay in their callbacks.
    pub actors: [Address; 2],
    /// Accounts that hold tokens, and let every contract take them.
    pub users: Vec<Address>,
    /// The v3 pool, fee 3000.
    pub pool: AnvilPool,
    /// The v3 staker.
    pub staker: AnvilStaker,
    /// The v2 pair.
    pub pair: Address,
    /// Its factory.
    pub pair_factory: Address,
    /// Uniswap's StakingRewards on the pair's shares.
    pub rewards: AnvilRewards,
    /// Curve's sUSD pool.
    pub curve: AnvilCurve,
    /// Balancer's vault with a weighted pool.
    pub vault: AnvilVault,
    /// Balancer's first pool, of the two tokens; the administrator has its first shares.
    pub bpool: Address,
}

/// A v3 pool and what stands around it.
#[derive(Clone, Copy, Debug)]
pub struct AnvilPool {
    /// The factory.
    pub factory: Address,
    /// The pool.
    pub address: Address,
    /// The position manager.
    pub manager: Address,
}

/// `UniswapV3Staker` with an incentive for the pool.
#[derive(Clone, Copy, Debug)]
pub struct AnvilStaker {
    /// The contract.
    pub address: Address,
    /// What it pays.
    pub reward_token: Address,
    /// Its only incentive.
    pub incentive: IncentiveWords,
}

/// `StakingRewards`.
#[derive(Clone, Copy, Debug)]
pub struct AnvilRewards {
    /// The contract.
    pub address: Address,
    /// What it pays.
    pub reward_token: Address,
}

/// Curve's sUSD pool.
#[derive(Clone, Copy, Debug)]
pub struct AnvilCurve {
    /// The pool.
    pub address: Address,
    /// Its share token.
    pub shares: Address,
    /// Its coins: 18, 6, 6 and 18 decimals, as the pool counts them.
    pub coins: [Address; 4],
}

/// Balancer's vault and a weighted pool of 2022-09, 80 % and 20 %.
#[derive(Clone, Copy, Debug)]
pub struct AnvilVault {
    /// The vault.
    pub address: Address,
    /// The pool's contract.
    pub pool: Address,
    /// What the vault calls the pool.
    pub id: U256,
    /// Tells pools the protocol's percentages.
    pub provider: Address,
}

/// Amplification and fee of the sUSD pool as it was deployed.
const CURVE_A: u64 = 100;
const CURVE_FEE: u64 = 4_000_000;
const FEE: u64 = 3000;
/// 10^18.
const ONE: u64 = 1_000_000_000_000_000_000;
const BALANCER: &str = "@balancer-labs/v2-deployments@3.2.0";
const DAY: u64 = 86_400;

impl AnvilWorld {
    /// Starts a node and deploys everything. Takes about a second.
    ///
    /// Errors: those of the node, of missing bytecode, and of a broken set-up.
    pub fn start() -> Result<Self, AnvilError> {
        let artifacts = Artifacts::load()?;
        let mut chain = AnvilChain::start()?;
        let first_block = chain.head()? + 1;
        let decimal_token = built_code("LoggingDecimalToken")?;
        let token = |chain: &mut AnvilChain, decimals: u64| {
            chain.deploy(&decimal_token, Call::bare(1).word(U256::from(decimals)))
        };
        let mut tokens = [token(&mut chain, 18)?, token(&mut chain, 6)?];
        tokens.sort();
        let rewards_in = [token(&mut chain, 18)?, token(&mut chain, 18)?];
        let coins = [
            token(&mut chain, 18)?,
            token(&mut chain, 6)?,
            token(&mut chain, 6)?,
            token(&mut chain, 18)?,
        ];
        let weth = chain.deploy(&archived_code("canonical-weth@1.4.0/WETH9.json")?, none())?;
        let old_token = chain.deploy(&built_code("OldToken")?, none())?;
        let users = chain.accounts[1..4].to_vec();
        for token in tokens.into_iter().chain(coins).chain(rewards_in) {
            for holder in users.iter().copied().chain([chain.admin()]) {
                let mint = Call::new("mint(address,uint256)", 2).address(holder);
                chain.queue(holder, token, mint.word(U256::MAX >> 3))?;
            }
        }
        chain.mine(12)?;
        let actors =
            [chain.deploy(&artifacts.actor, none())?, chain.deploy(&artifacts.actor, none())?];
        for actor in actors {
            chain.endow(actor)?;
        }
        let pool = deploy_pool(&mut chain, &artifacts, tokens, weth)?;
        let staker = deploy_staker(&mut chain, &pool, rewards_in[0])?;
        let pair_factory = {
            let admin = chain.admin();
            chain.deploy(&artifacts.pair_factory, Call::bare(1).address(admin))?
        };
        let pair = deploy_pair(&mut chain, pair_factory, tokens)?;
        let rewards = deploy_rewards(&mut chain, pair, rewards_in[1], &users)?;
        let curve = deploy_curve(&mut chain, coins, &users)?;
        let vault = deploy_vault(&mut chain, tokens, weth)?;
        let bpool = deploy_bpool(&mut chain, tokens)?;
        Ok(Self {
            chain,
            first_block,
            tokens,
            weth,
            old_token,
            actors,
            users,
            pool,
            staker,
            pair,
            pair_factory,
            rewards,
            curve,
            vault,
            bpool,
        })
    }
}

fn none() -> Call {
    Call::bare(0)
}

fn deploy_pool(
    chain: &mut AnvilChain,
    artifacts: &Artifacts,
    tokens: [Address; 2],
    weth: Address,
) -> Result<AnvilPool, AnvilError> {
    let admin = chain.admin();
    let factory = chain.deploy(&artifacts.pool_factory, none())?;
    let of_pool = |signature| {
        let call = Call::new(signature, 3).address(tokens[0]).address(tokens[1]);
        call.word(U256::from(FEE))
    };
    chain.set_up(admin, factory, "createPool", of_pool("createPool(address,address,uint24)"))?;
    let address = chain.ask_address(factory, of_pool("getPool(address,address,uint24)"))?;
    // A price of 1.21: one unit of square root price is worth more than one unit of a token.
    let price = (U256::from(11) << 96_usize) / U256::from(10);
    let initialize = Call::new("initialize(uint160)", 1).word(price);
    chain.set_up(admin, address, "initialize", initialize)?;
    let unused = Address::repeat_byte(0xee);
    let arguments = Call::bare(3).address(factory).address(weth).address(unused);
    let manager = chain.deploy(&artifacts.position_manager, arguments)?;
    Ok(AnvilPool { factory, address, manager })
}

fn deploy_staker(
    chain: &mut AnvilChain,
    pool: &AnvilPool,
    reward_token: Address,
) -> Result<AnvilStaker, AnvilError> {
    let admin = chain.admin();
    let code = archived_code(
        "@uniswap/v3-staker@1.0.2/contracts/UniswapV3Staker.sol/UniswapV3Staker.json",
    )?;
    let arguments = Call::bare(4).address(pool.factory).address(pool.manager);
    let arguments = arguments.word(U256::from(30 * DAY)).word(U256::from(365 * DAY));
    let address = chain.deploy(&code, arguments)?;
    let starts = chain.time() + 10 * 60;
    let incentive = IncentiveWords([
        address_word(reward_token),
        address_word(pool.address),
        U256::from(starts),
        U256::from(starts + 30 * DAY),
        address_word(admin),
    ]);
    let signature = "createIncentive((address,address,uint256,uint256,address),uint256)";
    let create = incentive.0.into_iter().fold(Call::new(signature, 6), Call::word);
    let reward = U256::from(1_000) * U256::from(ONE);
    chain.set_up(admin, address, "createIncentive", create.word(reward))?;
    Ok(AnvilStaker { address, reward_token, incentive })
}

fn deploy_pair(
    chain: &mut AnvilChain,
    factory: Address,
    tokens: [Address; 2],
) -> Result<Address, AnvilError> {
    let of_pair = |signature| Call::new(signature, 2).address(tokens[0]).address(tokens[1]);
    let admin = chain.admin();
    chain.set_up(admin, factory, "createPair", of_pair("createPair(address,address)"))?;
    chain.ask_address(factory, of_pair("getPair(address,address)"))
}

fn deploy_rewards(
    chain: &mut AnvilChain,
    pair: Address,
    reward_token: Address,
    users: &[Address],
) -> Result<AnvilRewards, AnvilError> {
    let admin = chain.admin();
    let code = archived_code("@uniswap/liquidity-staker@1.0.2/StakingRewards.json")?;
    let arguments = Call::bare(3).address(admin).address(reward_token).address(pair);
    let address = chain.deploy(&code, arguments)?;
    for user in users {
        let approve = Call::new("approve(address,uint256)", 2).address(address).word(U256::MAX);
        chain.set_up(*user, pair, "approve", approve)?;
    }
    let reward = U256::from(5_000) * U256::from(ONE);
    let fund = Call::new("mint(address,uint256)", 2).address(address).word(reward);
    chain.set_up(admin, reward_token, "mint", fund)?;
    let notify = Call::new("notifyRewardAmount(uint256)", 1).word(reward);
    chain.set_up(admin, address, "notifyRewardAmount", notify)?;
    Ok(AnvilRewards { address, reward_token })
}

fn deploy_curve(
    chain: &mut AnvilChain,
    coins: [Address; 4],
    users: &[Address],
) -> Result<AnvilCurve, AnvilError> {
    let code = |name: &str| {
        archived_code(&format!("@setprotocol/set-protocol-v2@0.1.16/abi/curve/{name}.json"))
    };
    let admin = chain.admin();
    let arguments = Call::bare(4).bytes(b"Curve.fi sUSD").bytes(b"crvSUSD");
    let arguments = arguments.word(U256::from(18)).word(U256::ZERO);
    let shares = chain.deploy(&code("CurvePoolERC20")?, arguments)?;
    let listed = |call: Call| coins.into_iter().fold(call, Call::address);
    let arguments = listed(listed(Call::bare(11))).address(shares);
    let arguments = arguments.word(U256::from(CURVE_A)).word(U256::from(CURVE_FEE));
    let address = chain.deploy(&code("Stableswap")?, arguments)?;
    let minter = Call::new("set_minter(address)", 1).address(address);
    chain.set_up(admin, shares, "set_minter", minter)?;
    let million = U256::from(1_000_000);
    let wei = million * U256::from(ONE);
    let micro = million * million;
    let add = Call::new("add_liquidity(uint256[4],uint256)", 5);
    let add = [wei, micro, micro, wei].into_iter().fold(add, Call::word).word(U256::ZERO);
    chain.set_up(users[0], address, "add_liquidity", add)?;
    Ok(AnvilCurve { address, shares, coins })
}

fn deploy_vault(
    chain: &mut AnvilChain,
    tokens: [Address; 2],
    weth: Address,
) -> Result<AnvilVault, AnvilError> {
    let code = |path: &str| archived_code(&format!("{BALANCER}/{path}.json"));
    let admin = chain.admin();
    let authorizer = chain
        .deploy(&code("20210418-authorizer/artifact/Authorizer")?, Call::bare(1).address(admin))?;
    let arguments = Call::bare(4).address(authorizer).address(weth);
    let arguments = arguments.word(U256::from(90 * DAY)).word(U256::from(30 * DAY));
    let vault = chain.deploy(&code("20210418-vault/artifact/Vault")?, arguments)?;
    let provider = "20220725-protocol-fee-percentages-provider/artifact";
    let provider = code(&format!("{provider}/ProtocolFeePercentagesProvider"))?;
    let arguments = Call::bare(3).address(vault).word(U256::from(ONE)).word(U256::from(ONE));
    let provider = chain.deploy(&provider, arguments)?;
    let arguments = Call::bare(2).address(vault).address(provider);
    let factory = code("20220908-weighted-pool-v2/bytecode/WeightedPoolFactory")?;
    let factory = chain.deploy(&factory, arguments)?;
    let signature = "create(string,string,address[],uint256[],address[],uint256,address)";
    let create = Call::new(signature, 7).bytes(b"Eighty and twenty").bytes(b"80-20");
    let tenths = |tenths: u64| U256::from(tenths) * U256::from(ONE / 10);
    let create = create.array(&tokens.map(address_word)).array(&[tenths(8), tenths(2)]);
    let create = create.array(&[U256::ZERO; 2]).word(U256::from(ONE / 400)).address(admin);
    // The call answers where the pool is going to be.
    let pool = chain.ask_address(factory, create.clone())?;
    chain.set_up(admin, factory, "create", create)?;
    let id = chain.ask(pool, Call::new("getPoolId()", 0))?;
    Ok(AnvilVault { address: vault, pool, id, provider })
}

fn deploy_bpool(chain: &mut AnvilChain, tokens: [Address; 2]) -> Result<Address, AnvilError> {
    let admin = chain.admin();
    let path = "@setprotocol/set-protocol-v2@0.1.16/abi/balancer/BFactory.json";
    let factory = chain.deploy(&archived_code(path)?, none())?;
    // The call answers where the pool is going to be.
    let pool = chain.ask_address(factory, Call::new("newBPool()", 0))?;
    chain.set_up(admin, factory, "newBPool", Call::new("newBPool()", 0))?;
    for (token, weight) in tokens.into_iter().zip([5_u64, 2]) {
        let balance = U256::from(weight << 50);
        let bind = Call::new("bind(address,uint256,uint256)", 3).address(token).word(balance);
        let weight = U256::from(weight) * U256::from(ONE);
        chain.set_up(admin, pool, "bind", bind.word(weight))?;
    }
    let fee = Call::new("setSwapFee(uint256)", 1).word(U256::from(ONE / 500));
    chain.set_up(admin, pool, "setSwapFee", fee)?;
    chain.set_up(admin, pool, "finalize", Call::new("finalize()", 0))?;
    Ok(pool)
}
