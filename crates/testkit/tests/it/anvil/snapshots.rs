//! Snapshots of pools of shares quote as the contracts do, cost less with Multicall3, and are never
//! of two blocks.

use std::sync::Mutex;

use serde_json::{Value, json};
use tidemill_amm::balancer_v1::{BPool, BPoolState};
use tidemill_amm::constant_product::{PairParameters, PairState};
use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_amm::{Pool, SwapAmount, Trade};
use tidemill_feed_evm::snapshot::{
    AtBlock, BlockChoice, ChainReader, ConcentratedPool, MULTICALL3, PairPool, PoolContract,
    Reading, SnapshotError, StableSwapPool, WeightedPool, balancer_v1_state, concentrated_state,
    pair_state, read_at_block, read_pool, stable_swap_state, weighted_state,
};
use tidemill_testkit::anvil::{AnvilChain, AnvilDriver, AnvilVault, AnvilWorld};
use tidemill_testkit::{Call, Random, address_word, built_code};
use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use super::node_reader::NodeReader;
use super::{of_evm, start, through_file, wait};

const SEED: u64 = 0x5eed_0004;
const ACTIONS: u64 = 150;

/// What all pools hold, at one block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Everything {
    pub(crate) pool: tidemill_amm::concentrated::ConcentratedState,
    pub(crate) pair: PairState,
    pub(crate) curve: StableSwapState,
    pub(crate) weighted: WeightedState,
    pub(crate) bpool: BPoolState,
}

async fn everything(at: &AtBlock<'_>, world: &AnvilWorld) -> Result<Everything, SnapshotError> {
    let AnvilWorld { pool, pair, curve, vault, bpool, .. } = world;
    let curve = StableSwapPool {
        address: of_evm(curve.address),
        shares: of_evm(curve.shares),
        coins: 4,
        generation: Generation::V0,
    };
    let weighted =
        WeightedPool { address: of_evm(vault.pool), build: WeightedBuild::September2022 };
    let pair = PairPool { address: of_evm(*pair), parameters: PairParameters::UNISWAP };
    let pool = ConcentratedPool::UniswapV3(of_evm(pool.address));
    Ok(Everything {
        pool: concentrated_state(at, pool).await?,
        pair: pair_state(at, pair).await?,
        curve: stable_swap_state(at, curve).await?,
        weighted: weighted_state(at, weighted).await?,
        bpool: balancer_v1_state(at, of_evm(*bpool)).await?,
    })
}

fn read(
    reader: &dyn ChainReader,
    world: &AnvilWorld,
    choice: BlockChoice,
    tries: u32,
) -> Result<Everything, SnapshotError> {
    let read = read_at_block(reader, choice, tries, async |at| everything(at, world).await);
    wait(read).map(|(_, everything)| everything)
}

pub(crate) fn read_latest(reader: &dyn ChainReader, world: &AnvilWorld) -> Everything {
    read(reader, world, BlockChoice::Latest, 1).unwrap()
}

fn driven(seed: u64) -> Option<AnvilDriver> {
    let mut driver = AnvilDriver::new(start()?, seed);
    driver.act(ACTIONS).unwrap();
    Some(driver)
}

fn trade(random: &mut Random, balances: &[Amount]) -> Trade {
    let input = random.below(balances.len() as u64) as usize;
    let step = 1 + random.below(balances.len() as u64 - 1) as usize;
    let output = (input + step) % balances.len();
    let amount = random.up_to(balances[input].0 >> 3_usize) + U256::from(1000);
    let pair = TokenPair { input: TokenIndex(input as u8), output: TokenIndex(output as u8) };
    Trade { pair, amount: SwapAmount::ExactIn(Amount(amount)) }
}

#[test]
fn snapshots_quote_as_the_contracts_do() {
    let Some(mut driver) = driven(SEED) else { return };
    let reader = NodeReader::new(&driver.world.chain.node);
    let state = read(&reader, &driver.world, BlockChoice::Latest, 1).unwrap();
    let (curve, weighted) =
        (StableSwap::new(&state.curve).unwrap(), Weighted::new(&state.weighted).unwrap());
    let bpool = Pool::BalancerV1(Box::new(BPool::new(&state.bpool).unwrap()));
    let mut random = Random::new(SEED);
    let chain = &mut driver.world.chain;
    for _ in 0..30 {
        let at = tidemill_units::Timestamp(chain.time());
        let of_curve = trade(&mut random, state.curve.balances.as_slice());
        let SwapAmount::ExactIn(amount) = of_curve.amount else { panic!() };
        let (from, to) = (of_curve.pair.input.0, of_curve.pair.output.0);
        let call = Call::new("get_dy(int128,int128,uint256)", 3).word(U256::from(from));
        let call = call.word(U256::from(to)).word(amount.0);
        let dy = chain.ask(driver.world.curve.address, call).unwrap();
        assert_eq!(curve.get_dy(of_curve.pair, amount, at).unwrap(), Amount(dy));

        let of_vault = trade(&mut random, &state.weighted.balances);
        let quote = weighted.quote_swap(&of_vault).unwrap();
        let out = quote_by_vault(chain, &driver.world.vault, &of_vault);
        assert_eq!(quote.amount_out, Amount(out), "{of_vault:?}");

        let balances: Vec<Amount> = state.bpool.tokens.iter().map(|token| token.balance).collect();
        let of_bpool = trade(&mut random, &balances);
        let quote = bpool.quote(&of_bpool, at).unwrap();
        let out = quote_by_bpool(chain, driver.world.bpool, &state.bpool, &of_bpool);
        assert_eq!(quote.amount_out, Amount(out), "{of_bpool:?}");
    }
}

/// What the pool's own formula gives for its own numbers.
fn quote_by_bpool(
    chain: &mut AnvilChain,
    pool: tidemill_testkit::Address,
    state: &BPoolState,
    trade: &Trade,
) -> U256 {
    let SwapAmount::ExactIn(amount) = trade.amount else { panic!() };
    let token = |place: TokenIndex| state.tokens[place.place()];
    let (input, output) = (token(trade.pair.input), token(trade.pair.output));
    let signature = "calcOutGivenIn(uint256,uint256,uint256,uint256,uint256,uint256)";
    let call = Call::new(signature, 6).word(input.balance.0).word(input.denormalized_weight);
    let call = call.word(output.balance.0).word(output.denormalized_weight);
    chain.ask(pool, call.word(amount.0).word(state.swap_fee)).unwrap()
}

/// What a swap through the vault answers, as a call of somebody who holds the tokens.
fn quote_by_vault(chain: &mut AnvilChain, vault: &AnvilVault, trade: &Trade) -> U256 {
    let SwapAmount::ExactIn(amount) = trade.amount else { panic!() };
    let tokens = chain.view(vault.address, Call::new("getPoolTokens(bytes32)", 1).word(vault.id));
    let tokens = tokens.unwrap();
    let token = |place: TokenIndex| tokens.word(4 + usize::from(place.0)).unwrap();
    let signature = "queryBatchSwap(uint8,(bytes32,uint256,uint256,uint256,bytes)[],address[],\
                     (address,bool,address,bool))";
    let step = Call::bare(5).word(vault.id).word(U256::ZERO).word(U256::ONE).word(amount.0);
    let steps = Call::bare(1).tuple(step.bytes(&[])).encode();
    // A list of one struct with a dynamic member: its length, then the struct by its place.
    let mut list = U256::ONE.to_be_bytes::<32>().to_vec();
    list.extend_from_slice(&steps);
    let assets = [token(trade.pair.input), token(trade.pair.output)];
    let funds = address_word(chain.admin());
    let mut data = Call::new(signature, 0).encode().to_vec();
    let head = 7 * 32_usize;
    for word in [
        U256::ZERO,
        U256::from(head),
        U256::from(head + list.len()),
        funds,
        U256::ZERO,
        funds,
        U256::ZERO,
    ] {
        data.extend_from_slice(&word.to_be_bytes::<32>());
    }
    data.extend_from_slice(&list);
    for word in [U256::from(2), assets[0], assets[1]] {
        data.extend_from_slice(&word.to_be_bytes::<32>());
    }
    let params = json!([{
        "to": vault.address.to_string(), "data": revm::primitives::hex::encode_prefixed(&data),
    }, "latest"]);
    let answer = chain.request("eth_call", &params).unwrap();
    let bytes = revm::primitives::hex::decode(answer.as_str().unwrap()).unwrap();
    // Two signed words behind a place and a length; what the vault pays is negative.
    U256::from_be_slice(&bytes[96..128]).wrapping_neg()
}

#[test]
fn multicall_gives_the_same_in_fewer_calls() {
    let Some(mut driver) = driven(SEED + 1) else { return };
    let reader = NodeReader::new(&driver.world.chain.node);
    let number =
        BlockChoice::Number(tidemill_units::BlockNumber(driver.world.chain.head().unwrap()));
    let plain = read(&reader, &driver.world, number, 1).unwrap();
    let plainly = reader.take_asked().len();
    let code = driver.world.chain.deploy(&built_code("Multicall").unwrap(), Call::bare(0)).unwrap();
    driver.world.chain.copy_code(code, MULTICALL3.0.into()).unwrap();
    let packed = read(&reader, &driver.world, BlockChoice::Latest, 1).unwrap();
    let packing = reader.take_asked().len();
    println!("{plainly} calls without Multicall3, {packing} with it");
    assert_eq!(plain, packed);
    assert!(packing < 25 && plainly > 150, "{plainly} calls, {packing} with Multicall3");
}

/// Lets the chain be reorganised right before the n-th question.
struct Disturbed<'a> {
    reader: &'a NodeReader,
    left: Mutex<u32>,
    every: bool,
    /// Each goes deeper than the last: replacing the same blocks by empty ones again changes
    /// nothing.
    depth: Mutex<u64>,
}

impl ChainReader for Disturbed<'_> {
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_> {
        Box::pin(async move {
            let now = {
                let mut left = self.left.lock().unwrap();
                *left = left.saturating_sub(1);
                let now = *left == 0 && method == "eth_call";
                if now {
                    *left = if self.every { 6 } else { u32::MAX };
                }
                now
            };
            if now {
                let depth = {
                    let mut depth = self.depth.lock().unwrap();
                    *depth += 2;
                    *depth
                };
                self.reader.ask("anvil_reorg", vec![json!([depth, []])]).await?;
            }
            self.reader.ask(method, params).await
        })
    }
}

#[test]
fn a_snapshot_is_never_of_two_blocks() {
    let Some(driver) = driven(SEED + 2) else { return };
    let node = NodeReader::new(&driver.world.chain.node);
    let before = read(&node, &driver.world, BlockChoice::Latest, 1).unwrap();
    let disturbed = |every, depth| Disturbed {
        reader: &node,
        left: Mutex::new(8),
        every,
        depth: Mutex::new(depth),
    };
    let error = read(&disturbed(false, 0), &driver.world, BlockChoice::Latest, 1).unwrap_err();
    assert!(matches!(error, SnapshotError::Reorganised { tries: 1, .. }), "{error}");
    let error = read(&disturbed(true, 2), &driver.world, BlockChoice::Latest, 3).unwrap_err();
    assert!(matches!(error, SnapshotError::Reorganised { tries: 3, .. }), "{error}");
    let after = read(&disturbed(false, 8), &driver.world, BlockChoice::Latest, 3).unwrap();
    // The blocks that replaced the last ones are empty: the state is an earlier one.
    assert_ne!(after, before);
    assert_eq!(after, read(&node, &driver.world, BlockChoice::Latest, 1).unwrap());
}

#[test]
fn another_contract_is_refused() {
    let Some(driver) = driven(SEED) else { return };
    let node = NodeReader::new(&driver.world.chain.node);
    let ask = |address| {
        let pool = ConcentratedPool::UniswapV3(of_evm(address));
        let read = read_at_block(&node, BlockChoice::Latest, 1, async |at| {
            concentrated_state(at, pool).await
        });
        wait(read).unwrap_err()
    };
    let error = ask(driver.world.pair);
    assert!(matches!(error, SnapshotError::Reverted { call: "slot0()", .. }), "{error}");
    let error = ask(driver.world.users[0]);
    assert!(error.to_string().contains("0 bytes"), "{error}");
    let beyond = BlockChoice::Number(tidemill_units::BlockNumber(1 << 40));
    let error = read(&node, &driver.world, beyond, 1).unwrap_err();
    assert!(matches!(error, SnapshotError::NoBlock(_)), "{error}");
}

#[test]
fn a_pool_of_any_kind_is_read_into_its_file() {
    let Some(driver) = driven(SEED + 3) else { return };
    let node = NodeReader::new(&driver.world.chain.node);
    let AnvilWorld { pool, pair, curve, vault, bpool, .. } = &driver.world;
    let curve = StableSwapPool {
        address: of_evm(curve.address),
        shares: of_evm(curve.shares),
        coins: 4,
        generation: Generation::V0,
    };
    let build = WeightedBuild::September2022;
    let pair = PairPool { address: of_evm(*pair), parameters: PairParameters::UNISWAP };
    let pools = [
        (PoolContract::Concentrated(ConcentratedPool::UniswapV3(of_evm(pool.address))), 2),
        (PoolContract::Pair(pair), 2),
        (PoolContract::StableSwap(curve), 4),
        (PoolContract::Weighted(WeightedPool { address: of_evm(vault.pool), build }), 2),
        (PoolContract::BalancerV1(of_evm(*bpool)), 2),
    ];
    for (contract, tokens) in pools {
        let read =
            read_at_block(&node, BlockChoice::Latest, 1, async |at| read_pool(at, &contract).await);
        let pool = wait(read).unwrap().1;
        through_file(&pool, tokens);
    }
}
