//! Calls that write several logs, and what is in none.

use tidemill_feed_evm::{
    CurveContracts, CurveLogs, DecodeFault, RawLog, ShareContracts, ShareLog, ShareLogs,
};
use tidemill_model::{
    Address, BaseLog, Bytes32, LiquidityChange, ParameterChange, Ramp, ShareEvent,
};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::written::{contract, in_block, log, number, of, transfer};

const NOBODY: Address = Address([0; 20]);
const POOL: u8 = 1;
const SHARES: u8 = 2;
const COINS: [u8; 2] = [3, 4];
const BASE: u8 = 5;
const USER: u8 = 9;

fn read(contracts: ShareContracts, logs: Vec<RawLog>) -> Vec<(u32, ShareEvent)> {
    let mut reader = ShareLogs::new(contracts);
    for log in in_block(7, logs) {
        reader.push(&log).unwrap_or_else(|error| panic!("{error}"));
    }
    reader.finish().unwrap_or_else(|error| panic!("{error}"));
    let told = std::iter::from_fn(|| reader.take());
    told.map(|ShareLog { place, event, .. }| (place.log_index.0, event)).collect()
}

fn refused(contracts: ShareContracts, logs: Vec<RawLog>) -> (u32, DecodeFault) {
    let mut reader = ShareLogs::new(contracts);
    let read = in_block(7, logs).iter().try_for_each(|log| reader.push(log));
    let error = read.and_then(|()| reader.finish()).unwrap_err();
    (error.place.log_index.0, error.fault)
}

fn amount(number: u64) -> Amount {
    Amount(U256::from(number))
}

fn two(amounts: [u64; 2]) -> TokenAmounts {
    TokenAmounts::from_array(amounts.map(amount))
}

fn change(amounts: [u64; 2], shares: u64) -> Box<LiquidityChange> {
    let (amounts, shares) = (two(amounts), Some(amount(shares)));
    Box::new(LiquidityChange { amounts, shares, fees: None, invariant: None, total_shares: None })
}

fn pair() -> ShareContracts {
    ShareContracts::Pair { pair: contract(POOL), tokens: COINS.map(contract) }
}

fn of_pool(signature: &str, indexed: &[U256], others: &[u64]) -> RawLog {
    let others: Vec<_> = others.iter().map(|other| number(*other)).collect();
    log(contract(POOL), signature, indexed, &others)
}

fn user() -> U256 {
    of(contract(USER))
}

fn minted(shares: u64) -> RawLog {
    transfer(contract(POOL), NOBODY, contract(USER), shares)
}

#[test]
fn a_pair_is_told_with_what_was_given_to_it() {
    let burned = transfer(contract(POOL), contract(POOL), NOBODY, 40);
    let logs = vec![
        minted(5),
        minted(100),
        of_pool("Sync(uint112,uint112)", &[], &[1_000, 2_000]),
        of_pool("Mint(address,uint256,uint256)", &[user()], &[1_000, 2_000]),
        of_pool("Sync(uint112,uint112)", &[], &[1_100, 1_900]),
        of_pool(
            "Swap(address,uint256,uint256,uint256,uint256,address)",
            &[user(), user()],
            &[100, 0, 0, 100],
        ),
        // A gift that no log of the pair's tells: 30 of token1 are there beyond 1,900 - 190.
        burned,
        of_pool("Sync(uint112,uint112)", &[], &[990, 1_740]),
        of_pool("Burn(address,uint256,uint256,address)", &[user(), user()], &[110, 190]),
        of_pool("Sync(uint112,uint112)", &[], &[995, 1_740]),
    ];
    let told = read(pair(), logs);
    let paid = Amounts { amount0: amount(100), amount1: amount(0) };
    let taken = Amounts { amount0: amount(0), amount1: amount(100) };
    let expected = vec![
        (0, ShareEvent::Deposit(change([1_000, 2_000], 100))),
        (4, ShareEvent::PairSwap { paid, taken }),
        (6, ShareEvent::Gift(Box::new(two([0, 30])))),
        (7, ShareEvent::Withdraw(change([110, 190], 40))),
        (9, ShareEvent::Sync(Box::new(two([995, 1_740])))),
    ];
    assert_eq!(told, expected);
}

#[test]
fn aerodromes_forms_and_transfers_of_tokens_are_told() {
    let [token0, token1] = COINS.map(contract);
    let logs = vec![
        of_pool("Fees(address,uint256,uint256)", &[user()], &[3, 0]),
        of_pool("Sync(uint256,uint256)", &[], &[97, 50]),
        of_pool(
            "Swap(address,address,uint256,uint256,uint256,uint256)",
            &[user(), user()],
            &[100, 0, 0, 9],
        ),
        of_pool("Claim(address,address,uint256,uint256)", &[user(), user()], &[7, 8]),
        transfer(token0, contract(USER), contract(POOL), 11),
        transfer(token1, contract(POOL), contract(USER), 12),
    ];
    let paid = Amounts { amount0: amount(100), amount1: amount(0) };
    let taken = Amounts { amount0: amount(0), amount1: amount(9) };
    let expected = vec![
        (0, ShareEvent::PairSwap { paid, taken }),
        (3, ShareEvent::ClaimFees(Box::new(two([7, 8])))),
        (4, ShareEvent::Gift(Box::new(two([11, 0])))),
        (5, ShareEvent::Skim(Box::new(two([0, 12])))),
    ];
    assert_eq!(read(pair(), logs), expected);
}

#[test]
fn what_a_pair_cannot_have_written_is_refused_with_its_place() {
    let burn = |to: U256| {
        let signature = "Burn(address,uint256,uint256,address)";
        of_pool(signature, &[user(), to], &[1, 1])
    };
    let (at, fault) = refused(pair(), vec![minted(1), burn(user())]);
    assert_eq!(at, 1);
    assert!(matches!(fault, DecodeFault::Unplaced { event: "Burn", .. }), "{fault}");
    let (_, fault) = refused(pair(), vec![burn(of(contract(POOL)))]);
    assert!(fault.to_string().contains("the pair itself"), "{fault}");
    // A reserve that a uint112 cannot hold, and one indexed field too few.
    let wide = log(contract(POOL), "Sync(uint112,uint112)", &[], &[U256::MAX, number(1)]);
    let (_, fault) = refused(pair(), vec![wide]);
    assert_eq!(
        fault.to_string(),
        "`Sync` is not encoded as its signature says: field word 0 is \
                                   out of its type"
    );
    let (_, fault) = refused(pair(), vec![of_pool("Mint(address,uint256,uint256)", &[], &[1, 2])]);
    assert_eq!(
        fault.to_string(),
        "`Mint` is not encoded as its signature says: it has 1 indexed \
                                   fields, the log 0"
    );
    let (_, fault) = refused(pair(), vec![of_pool("Loan(uint256)", &[], &[1])]);
    assert!(matches!(fault, DecodeFault::UnknownEvent { contract: "pair", .. }), "{fault}");
}

#[test]
fn logs_without_their_calls_marks_are_grouped_by_what_they_say() {
    let tokens = COINS.map(contract).to_vec();
    let contracts = ShareContracts::BalancerV1 { pool: contract(POOL), tokens };
    let [token0, token1] = COINS.map(|coin| of(contract(coin)));
    let moved = |kind: &str, token, amount| {
        of_pool(&format!("{kind}(address,address,uint256)"), &[user(), token], &[amount])
    };
    let pool = contract(POOL);
    let logs = vec![
        moved("LOG_JOIN", token0, 10),
        moved("LOG_JOIN", token1, 20),
        transfer(pool, NOBODY, pool, 5),
        transfer(pool, pool, contract(USER), 5),
        transfer(pool, contract(USER), pool, 4),
        transfer(pool, pool, NOBODY, 4),
        moved("LOG_EXIT", token0, 8),
        moved("LOG_EXIT", token1, 16),
        moved("LOG_JOIN", token1, 3),
        transfer(pool, NOBODY, pool, 1),
        moved("LOG_EXIT", token0, 2),
        transfer(pool, pool, NOBODY, 1),
        log(
            pool,
            "LOG_SWAP(address,address,address,uint256,uint256)",
            &[user(), token1, token0],
            &[number(6), number(5)],
        ),
    ];
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let (amount_in, amount_out) = (amount(6), amount(5));
    let expected = vec![
        (0, ShareEvent::Deposit(change([10, 20], 5))),
        (5, ShareEvent::Withdraw(change([8, 16], 4))),
        (8, ShareEvent::Deposit(change([0, 3], 1))),
        (10, ShareEvent::Withdraw(change([2, 0], 1))),
        (12, ShareEvent::Swap { pair, amount_in, amount_out }),
    ];
    assert_eq!(read(contracts.clone(), logs), expected);
    let (at, fault) = refused(contracts, vec![moved("LOG_JOIN", token0, 10)]);
    assert_eq!((at, fault.to_string().contains("which shares")), (0, true));
}

#[test]
fn a_vaults_pool_is_told_and_what_tapes_have_not_is_refused() {
    let (vault, pool) = (contract(8), contract(POOL));
    let tokens = COINS.map(contract).to_vec();
    let pool_id = Bytes32([6; 32]);
    let contracts = ShareContracts::Vault { vault, pool, pool_id, tokens };
    let id = U256::from_be_bytes([6; 32]);
    let [token0, token1] = COINS.map(|coin| of(contract(coin)));
    let lists = |deltas: [U256; 3]| {
        let mut words = vec![number(96), number(224), number(352)];
        words.extend([number(3), token0, of(pool), token1]);
        words.extend([number(3), deltas[0], deltas[1], deltas[2]]);
        words.extend([number(3), number(0), number(0), number(1)]);
        let signature = "PoolBalanceChanged(bytes32,address,address[],int256[],uint256[])";
        log(vault, signature, &[id, user()], &words)
    };
    let swap = |input, output| {
        let signature = "Swap(bytes32,address,address,uint256,uint256)";
        log(vault, signature, &[id, input, output], &[number(5), number(4)])
    };
    let minus = |amount| number(amount).wrapping_neg();
    let logs = vec![
        transfer(pool, NOBODY, contract(0xfe), 1),
        minted(50),
        lists([number(10), number(0), number(20)]),
        swap(token1, token0),
        transfer(pool, contract(USER), NOBODY, 30),
        lists([minus(3), number(0), minus(4)]),
        of_pool("SwapFeePercentageChanged(uint256)", &[], &[77]),
        of_pool("AmpUpdateStarted(uint256,uint256,uint256,uint256)", &[], &[1, 2, 3, 4]),
    ];
    let fees = Some(two([0, 1]));
    let with_fees = |event: Box<LiquidityChange>| Box::new(LiquidityChange { fees, ..*event });
    let deposit = ShareEvent::Deposit(with_fees(change([10, 20], 50)));
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let (amount_in, amount_out) = (amount(5), amount(4));
    let fee = ParameterChange { fee: Some(amount(77)), ..ParameterChange::default() };
    let ramp = Ramp { amplification: amount(2), gamma: None, ends_at: Timestamp(4) };
    let expected = vec![
        (2, ShareEvent::Claiming { event: Box::new(deposit), admin_shares: amount(1) }),
        (3, ShareEvent::Swap { pair, amount_in, amount_out }),
        (5, ShareEvent::Withdraw(with_fees(change([3, 4], 30)))),
        (6, ShareEvent::SetParameters(Box::new(fee))),
        (7, ShareEvent::Ramp(Box::new(ramp))),
    ];
    assert_eq!(read(contracts.clone(), logs), expected);
    for refusal in [
        swap(of(pool), token0),
        of_pool("RecoveryModeStateChanged(bool)", &[], &[1]),
        of_pool("TokenRateCacheUpdated(uint256,uint256)", &[number(0)], &[5]),
    ] {
        let (_, fault) = refused(contracts.clone(), vec![refusal]);
        assert!(matches!(fault, DecodeFault::Unplaced { .. }), "{fault}");
    }
    let foreign = of(contract(0x77));
    assert!(matches!(refused(contracts, vec![swap(foreign, token0)]).1, DecodeFault::Value { .. }));
}

fn curve(logs: CurveLogs) -> CurveContracts {
    let shares = if logs == CurveLogs::Crypto { SHARES } else { POOL };
    let (pool, shares) = (contract(POOL), contract(shares));
    CurveContracts { pool, shares, coins: COINS.map(contract).to_vec(), logs }
}

#[test]
fn lists_of_any_length_are_read_and_wrong_ones_refused() {
    let signature = "AddLiquidity(address,uint256[],uint256[],uint256,uint256)";
    let add = |words: &[u64]| of_pool(signature, &[user()], words);
    let contracts = || ShareContracts::Curve(curve(CurveLogs::StableSwapNg));
    let logs = vec![minted(30), add(&[128, 224, 77, 90, 2, 10, 20, 2, 1, 2])];
    let expected = LiquidityChange {
        amounts: two([10, 20]),
        shares: Some(amount(30)),
        fees: Some(two([1, 2])),
        invariant: Some(amount(77)),
        total_shares: Some(amount(90)),
    };
    assert_eq!(read(contracts(), logs), [(0, ShareEvent::Deposit(Box::new(expected)))]);
    for wrong in [
        add(&[128, 224, 77, 90, 3, 10, 20, 2, 1, 2]),
        add(&[129, 224, 77, 90, 2, 10, 20, 2, 1, 2]),
        add(&[128, 320, 77, 90, 2, 10, 20, 2, 1, 2]),
        add(&[128, 224, 77, 90, 1_000_000, 10, 20, 2, 1, 2]),
    ] {
        let (at, fault) = refused(contracts(), vec![minted(30), wrong]);
        assert_eq!(at, 1, "{fault}");
    }
}

#[test]
fn claims_belong_to_the_call_beside_them() {
    let exchange = || {
        let signature = "TokenExchange(address,uint256,uint256,uint256,uint256)";
        of_pool(signature, &[user()], &[0, 10, 1, 9])
    };
    let claim = || of_pool("ClaimAdminFee(address,uint256)", &[user()], &[3]);
    let to_admin = || transfer(contract(SHARES), NOBODY, contract(0xad), 3);
    let contracts = ShareContracts::Curve(curve(CurveLogs::Crypto));
    let pair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
    let swap = || ShareEvent::Swap { pair, amount_in: amount(10), amount_out: amount(9) };
    let claiming = |event| ShareEvent::Claiming { event: Box::new(event), admin_shares: amount(3) };
    let logs = vec![exchange(), to_admin(), claim(), exchange(), to_admin(), claim()];
    let expected =
        vec![(0, swap()), (1, claiming(swap())), (4, ShareEvent::ClaimAdminShares(amount(3)))];
    assert_eq!(read(contracts, logs), expected);
    // tricrypto-ng claims after a deposit.
    let signature = "AddLiquidity(address,uint256[2],uint256,uint256,uint256)";
    let add = of_pool(signature, &[user()], &[10, 20, 1, 90, 5]);
    let logs = vec![minted(30), add, transfer(contract(POOL), NOBODY, contract(0xad), 3), claim()];
    let deposit = LiquidityChange { total_shares: Some(amount(90)), ..*change([10, 20], 30) };
    let told = read(ShareContracts::Curve(curve(CurveLogs::CryptoNg)), logs);
    assert_eq!(told, [(0, claiming(ShareEvent::Deposit(Box::new(deposit))))]);
}

#[test]
fn a_metapools_passage_through_its_base_pool_is_one_event() {
    let pool = CurveContracts {
        coins: vec![contract(3), contract(SHARES)],
        ..curve(CurveLogs::StableSwap)
    };
    let base = CurveContracts {
        pool: contract(BASE),
        shares: contract(SHARES),
        coins: [0x31, 0x32, 0x33].map(contract).to_vec(),
        logs: CurveLogs::StableSwap,
    };
    let contracts = ShareContracts::Metapool { pool, base };
    let added = |provider: u8| {
        let signature = "AddLiquidity(address,uint256[3],uint256[3],uint256,uint256)";
        let words = [0, 100, 0, 1, 2, 3, 500, 600].map(number);
        log(contract(BASE), signature, &[of(contract(provider))], &words)
    };
    let shares = |to: u8| transfer(contract(SHARES), NOBODY, contract(to), 98);
    let underlying = || {
        let signature = "TokenExchangeUnderlying(address,int128,uint256,int128,uint256)";
        of_pool(signature, &[user()], &[2, 98, 0, 97])
    };
    let logs = vec![shares(USER), added(USER), shares(POOL), added(POOL), underlying()];
    let three = |amounts: [u64; 3]| TokenAmounts::from_array(amounts.map(amount));
    let fees = Some(three([1, 2, 3]));
    let (invariant, total_shares) = (Some(amount(500)), Some(amount(600)));
    let shares_of_it = Some(amount(98));
    let deposit = LiquidityChange {
        amounts: three([0, 100, 0]),
        shares: shares_of_it,
        fees,
        invariant,
        total_shares,
    };
    let base_log = BaseLog { shares: shares_of_it, fees, invariant, total_shares };
    let swap = ShareEvent::SwapUnderlying {
        pair: TokenPair { input: TokenIndex(2), output: TokenIndex(0) },
        amount_in: amount(100),
        amount_out: amount(97),
        base: Some(Box::new(base_log)),
    };
    let of_others = ShareEvent::Base(Box::new(ShareEvent::Deposit(Box::new(deposit))));
    assert_eq!(read(contracts.clone(), logs), [(0, of_others), (2, swap)]);
    let (at, fault) = refused(contracts, vec![shares(POOL), added(POOL)]);
    assert_eq!((at, fault.to_string().contains("underlying")), (0, true), "{fault}");
}

#[test]
fn a_transaction_ends_where_the_next_begins() {
    let mut reader = ShareLogs::new(pair());
    let sync = |block: u64, transaction: u8| {
        let of_it = of_pool("Sync(uint112,uint112)", &[], &[1, 2]);
        let mut logs = in_block(block, vec![of_it]);
        logs[0].transaction = Some(Bytes32([transaction; 32]));
        logs.remove(0)
    };
    reader.push(&sync(1, 1)).unwrap();
    assert_eq!(reader.take(), None, "more of it may come");
    reader.push(&sync(2, 2)).unwrap();
    assert!(reader.take().is_some());
    let error = reader.push(&sync(2, 2)).unwrap_err();
    assert!(matches!(error.fault, DecodeFault::OutOfOrder { .. }), "{error}");
    reader.finish().unwrap();
    assert!(reader.take().is_some());
}
