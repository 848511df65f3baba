//! Programmes whose logs are joined with each other, with their tokens' and with the call.

use tidemill_feed_evm::{
    AerodromeContracts, AerodromeGaugeContracts, ConcentratedGaugeContracts, DecodeFault,
    FeeContracts, LiquidStakingContracts, LogPlace, ProgrammeContracts, ProgrammeLogs,
    ProgrammeTransaction, RawLog, TransactionCall,
};
use tidemill_model::{
    Address, AerodromeLog, AerodromeVote, ConcentratedGaugeLog, CumulativeClaimLog,
    FeeDistributionLog, LiquidStakingLog, ProgrammeLog,
};
use tidemill_units::{Amount, BlockNumber, Liquidity, LogIndex, Tick, TickRange, Timestamp, U256};

use crate::written::{contract, in_block, log, number, of, transfer};

const NOBODY: Address = Address([0; 20]);
const USER: u8 = 9;
const RANGE: TickRange = TickRange { lower: Tick(-10), upper: Tick(10) };

fn read(
    contracts: &ProgrammeContracts,
    logs: Vec<RawLog>,
    call: Option<&TransactionCall>,
) -> Result<Vec<ProgrammeLog>, DecodeFault> {
    let logs = in_block(7, logs);
    let range_of = |token_id: U256| (token_id == number(5)).then_some(RANGE);
    let left_of = |gauge: Address| (gauge == contract(21)).then_some(amount(40));
    let transaction =
        ProgrammeTransaction { logs: &logs, call, range_of: &range_of, left_of: &left_of };
    let told = ProgrammeLogs::new(contracts).decode(&transaction);
    told.map(|all| all.into_iter().map(|told| told.log).collect()).map_err(|error| error.fault)
}

fn call(to: Address, signature: &str, words: &[U256]) -> TransactionCall {
    let mut input = alloy_primitives::keccak256(signature.as_bytes()).0[..4].to_vec();
    input.extend(words.iter().flat_map(|word| word.to_be_bytes::<32>()));
    let place = LogPlace { block: BlockNumber(7), log_index: LogIndex(u32::MAX) };
    TransactionCall { from: contract(USER), to, input: input.into(), place, time: None }
}

fn amount(number: u64) -> Amount {
    Amount(U256::from(number))
}

fn user() -> U256 {
    of(contract(USER))
}

#[track_caller]
fn refused(contracts: &ProgrammeContracts, logs: Vec<RawLog>, event: &str) {
    let fault = read(contracts, logs, None).unwrap_err();
    assert!(matches!(fault, DecodeFault::Unplaced { event: of, .. } if of == event), "{fault}");
}

fn slipstream() -> ProgrammeContracts {
    ProgrammeContracts::ConcentratedGauge(ConcentratedGaugeContracts {
        gauge: contract(1),
        tokens: [contract(2), contract(3)],
        reward_token: contract(4),
        position_manager: contract(5),
        pool_fees_reward: contract(6),
        redistributor: Some(contract(7)),
    })
}

fn of_gauge(signature: &str, indexed: &[U256], others: &[u64]) -> RawLog {
    let others: Vec<_> = others.iter().map(|other| number(*other)).collect();
    log(contract(1), signature, indexed, &others)
}

fn rewarded(amount: u64) -> RawLog {
    of_gauge("ClaimRewards(address,uint256)", &[user()], &[amount])
}

fn withdrawn(token_id: u64) -> RawLog {
    let indexed = [user(), number(token_id), number(100)];
    of_gauge("Withdraw(address,uint256,uint128)", &indexed, &[])
}

fn collected(token_id: u64) -> RawLog {
    let signature = "Collect(uint256,address,uint256,uint256)";
    log(contract(5), signature, &[number(token_id)], &[user(), number(0), number(0)])
}

#[test]
fn a_reward_is_of_the_position_that_is_withdrawn_or_that_the_call_names() {
    let (contracts, user_at) = (slipstream(), contract(USER));
    let told = |logs: &[ConcentratedGaugeLog]| {
        Ok(logs.iter().map(|log| ProgrammeLog::ConcentratedGauge(*log)).collect::<Vec<_>>())
    };
    let liquidity = Liquidity(100);
    let claim = |token_id| {
        let amount = amount(30);
        ConcentratedGaugeLog::ClaimRewards { from: user_at, token_id, amount }
    };
    let withdraw = |token_id| ConcentratedGaugeLog::Withdraw { user: user_at, token_id, liquidity };
    let logs = vec![collected(5), rewarded(30), withdrawn(5), collected(6), withdrawn(6)];
    let expected = [claim(5), withdraw(5), withdraw(6)];
    assert_eq!(read(&contracts, logs, None), told(&expected));
    let get = call(contract(1), "getReward(uint256)", &[number(8)]);
    assert_eq!(read(&contracts, vec![rewarded(30)], Some(&get)), told(&[claim(8)]));
    let nothing = ConcentratedGaugeLog::Checkpointed { from: user_at, token_id: 8 };
    assert_eq!(read(&contracts, vec![], Some(&get)), told(&[nothing]));
    // Of another position, which the withdrawal after it does not name.
    refused(&contracts, vec![rewarded(30), collected(5), withdrawn(5)], "ClaimRewards");
    refused(&contracts, vec![collected(5), rewarded(30), withdrawn(6)], "ClaimRewards");
    refused(&contracts, vec![collected(5), rewarded(30)], "ClaimRewards");
    let deposited = |token_id| {
        let indexed = [user(), number(token_id), number(100)];
        of_gauge("Deposit(address,uint256,uint128)", &indexed, &[])
    };
    let deposit =
        ConcentratedGaugeLog::Deposit { user: user_at, token_id: 5, liquidity, range: RANGE };
    assert_eq!(read(&contracts, vec![deposited(5)], None), told(&[deposit]));
    refused(&contracts, vec![deposited(6)], "Deposit");
}

#[test]
fn an_emission_is_what_came_to_the_gauge_before_its_notification() {
    let contracts = slipstream();
    let notified = || of_gauge("NotifyReward(address,uint256)", &[user()], &[880]);
    let fees = |token: u8, amount: u64| {
        let signature = "NotifyReward(address,address,uint256,uint256)";
        let indexed = [of(contract(1)), of(contract(token)), number(0)];
        log(contract(6), signature, &indexed, &[number(amount)])
    };
    let logs = vec![
        fees(3, 18),
        of_gauge("ClaimFees(address,uint256,uint256)", &[user()], &[7, 8]),
        transfer(contract(4), contract(8), contract(1), 1_000),
        transfer(contract(4), contract(1), contract(7), 200),
        notified(),
    ];
    let expected = ConcentratedGaugeLog::NotifyReward {
        amount: amount(880),
        emission: amount(1_000),
        excess: amount(200),
        claimed0: amount(7),
        claimed1: amount(8),
        fees0: amount(0),
        fees1: amount(18),
    };
    let told = Ok(vec![ProgrammeLog::ConcentratedGauge(expected)]);
    assert_eq!(read(&contracts, logs, None), told);
    refused(&contracts, vec![notified()], "NotifyReward");
}

#[test]
fn leaves_of_a_claim_stand_in_the_order_of_its_logs() {
    let distributor = contract(1);
    let contracts = ProgrammeContracts::CumulativeClaim { distributor };
    let claimed = |token: u8, paid| {
        let signature = "Claimed(address,address,uint256)";
        log(distributor, signature, &[user(), of(contract(token))], &[number(paid)])
    };
    let list = |words: [U256; 2]| [number(2), words[0], words[1]];
    let coins = [2, 3].map(|coin| of(contract(coin)));
    let heads = [128, 224, 320, 416].map(number);
    let proofs = [2, 64, 96, 0, 2, 71, 72].map(number);
    let words = [
        heads.to_vec(),
        list([user(); 2]).to_vec(),
        list(coins).to_vec(),
        list([number(50), number(60)]).to_vec(),
        proofs.to_vec(),
    ];
    let signature = "claim(address[],address[],uint256[],bytes32[][])";
    let call = call(distributor, signature, &words.concat());
    let logs = || vec![claimed(2, 20), transfer(contract(2), distributor, NOBODY, 20)];
    let told = read(&contracts, [logs(), vec![claimed(3, 0)]].concat(), Some(&call)).unwrap();
    let leaf = |token: u8, paid, cumulative, merkle_proof| {
        ProgrammeLog::CumulativeClaim(CumulativeClaimLog::Claimed {
            user: contract(USER),
            token: contract(token),
            amount: amount(paid),
            cumulative: amount(cumulative),
            merkle_proof,
            caller: contract(USER),
        })
    };
    let hash = |word: u64| tidemill_model::Bytes32(number(word).to_be_bytes());
    assert_eq!(told, [leaf(2, 20, 50, vec![]), leaf(3, 0, 60, vec![hash(71), hash(72)])]);
    let turned = vec![claimed(3, 0), claimed(2, 20)];
    let fault = read(&contracts, turned, Some(&call)).unwrap_err();
    assert!(matches!(fault, DecodeFault::Unplaced { event: "Claimed", .. }), "{fault}");
    refused(&contracts, logs(), "Claimed");
    let recovered = "Recovered(address,address,uint256)";
    let recovered = log(distributor, recovered, &[of(contract(2)), user()], &[number(1)]);
    refused(&contracts, vec![recovered], "Recovered");
}

#[test]
fn a_disputes_deposit_is_told_from_gifts() {
    let distributor = contract(1);
    let contracts = ProgrammeContracts::CumulativeClaim { distributor };
    let disputed = || log(distributor, "Disputed(string)", &[], &[number(32), number(0)]);
    let logs = vec![
        transfer(contract(2), contract(8), distributor, 5),
        transfer(contract(3), contract(USER), distributor, 100),
        disputed(),
        transfer(contract(3), distributor, contract(USER), 100),
        log(distributor, "Revoked()", &[], &[]),
        log(distributor, "TreeUpdated(bytes32,bytes32,uint48)", &[], &[9, 8, 7].map(number)),
        log(distributor, "DisputeResolved(bool)", &[], &[number(1)]),
        log(distributor, "Revoked()", &[], &[]),
        log(distributor, "TreeUpdated(bytes32,bytes32,uint48)", &[], &[6, 5, 4].map(number)),
        log(distributor, "TreeUpdated(bytes32,bytes32,uint48)", &[], &[3, 2, 1].map(number)),
    ];
    let root = |word: u64| tidemill_model::Bytes32(number(word).to_be_bytes());
    let expected = [
        CumulativeClaimLog::Funded { token: contract(2), amount: amount(5) },
        CumulativeClaimLog::Disputed { disputer: contract(USER) },
        CumulativeClaimLog::DisputeResolved {
            valid: true,
            to: contract(USER),
            amount: amount(100),
        },
        CumulativeClaimLog::Revoked { merkle_root: root(6) },
        CumulativeClaimLog::TreeUpdated {
            merkle_root: root(3),
            end_of_dispute_period: Timestamp(1),
        },
    ];
    let told = expected.map(ProgrammeLog::CumulativeClaim).to_vec();
    assert_eq!(read(&contracts, logs, None), Ok(told));
    refused(&contracts, vec![disputed()], "Disputed");
}

fn lido() -> ProgrammeContracts {
    ProgrammeContracts::LiquidStaking(LiquidStakingContracts {
        token: contract(1),
        wrapper: contract(2),
        queue: contract(3),
        burner: contract(4),
        oracle: contract(5),
    })
}

fn shares(from: Address, to: Address, amount: u64) -> [RawLog; 2] {
    let signature = "TransferShares(address,address,uint256)";
    let moved = log(contract(1), signature, &[of(from), of(to)], &[number(amount - 1)]);
    [transfer(contract(1), from, to, amount), moved]
}

fn requested(id: u64, owner: U256) -> RawLog {
    let signature = "WithdrawalRequested(uint256,address,address,uint256,uint256)";
    log(contract(3), signature, &[number(id), user(), owner], &[number(10), number(9)])
}

#[test]
fn shares_that_a_call_moves_are_part_of_it() {
    let (contracts, holder) = (lido(), contract(USER));
    let [wrapper, queue] = [contract(2), contract(3)];
    let logs = [
        shares(holder, contract(8), 30).to_vec(),
        vec![transfer(wrapper, NOBODY, holder, 19)],
        shares(holder, wrapper, 20).to_vec(),
        shares(holder, queue, 10).to_vec(),
        vec![requested(1, user())],
        vec![transfer(wrapper, holder, queue, 9), transfer(wrapper, queue, NOBODY, 9)],
        shares(wrapper, queue, 10).to_vec(),
        vec![requested(2, user())],
        shares(holder, queue, 5).to_vec(),
    ];
    let moved = |to, value| LiquidStakingLog::TransferShares {
        from: holder,
        to,
        shares_value: amount(value - 1),
        value: amount(value),
    };
    let request = |request_id, wrapped| LiquidStakingLog::WithdrawalRequested {
        request_id,
        owner: holder,
        amount: amount(10),
        shares: amount(9),
        wrapped,
    };
    let expected = [
        moved(contract(8), 30),
        LiquidStakingLog::Wrapped { user: holder, amount: amount(20), tokens: amount(19) },
        request(1, None),
        request(2, Some(amount(9))),
        moved(queue, 5),
    ];
    let told = expected.map(|log| ProgrammeLog::LiquidStaking(Box::new(log))).to_vec();
    assert_eq!(read(&contracts, logs.concat(), None), Ok(told));
    refused(&contracts, vec![requested(1, user())], "WithdrawalRequested");
    let for_another = [shares(holder, queue, 10).to_vec(), vec![requested(1, number(4))]];
    refused(&contracts, for_another.concat(), "WithdrawalRequested");
    refused(&contracts, vec![transfer(wrapper, holder, contract(8), 1)], "Transfer");
    let submitted = "Submitted(address,uint256,address)";
    let submitted = log(contract(1), submitted, &[of(wrapper)], &[number(10), number(0)]);
    let at_once = [vec![submitted], shares(NOBODY, wrapper, 10).to_vec()];
    refused(&contracts, at_once.concat(), "Submitted");
    refused(&contracts, shares(contract(1), holder, 10).to_vec(), "TransferShares");
    let burn = "StETHBurnRequested(bool,address,uint256,uint256)";
    let burn = log(contract(4), burn, &[number(0), user()], &[number(10), number(9)]);
    refused(&contracts, vec![burn], "StETHBurnRequested");
}

#[test]
fn a_report_without_its_call_is_told_where_its_logs_say_all() {
    let contracts = lido();
    let pool = |signature: &str, others: &[u64]| {
        let others: Vec<_> = others.iter().map(|other| number(*other)).collect();
        log(contract(1), signature, &[number(50)], &others)
    };
    let seen = || pool("CLValidatorsUpdated(uint256,uint256,uint256)", &[3, 4]);
    let distributed = || {
        let signature = "ETHDistributed(uint256,uint256,uint256,uint256,uint256,uint256)";
        pool(signature, &[10, 11, 12, 13, 14])
    };
    let rebased = || {
        let signature = "TokenRebased(uint256,uint256,uint256,uint256,uint256,uint256,uint256)";
        pool(signature, &[20, 21, 22, 23, 24, 25])
    };
    let finalized = || {
        let signature = "WithdrawalsFinalized(uint256,uint256,uint256,uint256,uint256)";
        log(contract(3), signature, &[number(1), number(2)], &[30, 31, 32].map(number))
    };
    let told = read(&contracts, vec![seen(), distributed(), rebased()], None).unwrap();
    let expected = LiquidStakingLog::TokenRebased {
        report_timestamp: Timestamp(50),
        cl_validators: 4,
        cl_balance: amount(11),
        withdrawals: amount(12),
        execution_rewards: amount(13),
        shares_burnt: amount(0),
        batches: vec![],
        share_rate: U256::ZERO,
        eth_locked: amount(0),
        shares_to_burn: amount(0),
        fee_shares: amount(25),
        total_ether: amount(24),
        total_shares: amount(23),
    };
    assert_eq!(told, [ProgrammeLog::LiquidStaking(Box::new(expected))]);
    refused(&contracts, vec![distributed(), rebased()], "TokenRebased");
    refused(&contracts, vec![seen(), rebased()], "TokenRebased");
    refused(&contracts, vec![seen(), finalized(), distributed(), rebased()], "TokenRebased");
}

fn aerodrome() -> ProgrammeContracts {
    let gauge = |first: u8, is_elsewhere| AerodromeGaugeContracts {
        pool: contract(first),
        gauge: contract(first + 1),
        fees_reward: contract(first + 2),
        bribe_reward: contract(first + 3),
        tokens: Some([contract(30), contract(31)]),
        is_elsewhere,
    };
    ProgrammeContracts::Aerodrome(AerodromeContracts {
        token: contract(1),
        escrow: contract(2),
        voter: contract(3),
        minter: contract(4),
        distributor: contract(5),
        gauges: vec![gauge(10, false), gauge(20, true), gauge(24, true)],
        managed: vec![],
    })
}

#[test]
fn a_gauge_elsewhere_says_what_it_had_left() {
    let contracts = aerodrome();
    let handed = |gauge: u8| {
        let signature = "DistributeReward(address,address,uint256)";
        log(contract(3), signature, &[user(), of(contract(gauge))], &[number(1_000)])
    };
    let fees = {
        let signature = "NotifyReward(address,address,uint256,uint256)";
        let indexed = [of(contract(21)), of(contract(31)), number(604_800)];
        log(contract(22), signature, &indexed, &[number(17)])
    };
    let none = amount(0);
    let expected = [
        AerodromeLog::FeesNotifyReward {
            gauge: 1,
            reward: contract(31),
            epoch: Timestamp(604_800),
            amount: amount(17),
        },
        AerodromeLog::DistributeReward {
            gauge: 1,
            amount: amount(1_000),
            claimed0: none,
            claimed1: none,
            fees0: none,
            fees1: none,
            left: Some(amount(40)),
        },
    ];
    let told = Ok(expected.map(ProgrammeLog::Aerodrome).to_vec());
    assert_eq!(read(&contracts, vec![fees, handed(21)], None), told);
    refused(&contracts, vec![handed(25)], "DistributeReward");
    let fault = read(&contracts, vec![handed(10)], None).unwrap_err();
    assert!(matches!(fault, DecodeFault::Value { field: "gauge", .. }), "{fault}");
}

#[test]
fn votes_need_their_call_but_for_managed_locks() {
    let contracts = aerodrome();
    let vote = |name: &str, token_id: u64| {
        let signature = format!("{name}(address,address,uint256,uint256,uint256,uint256)");
        let indexed = [user(), of(contract(10)), number(token_id)];
        log(contract(3), &signature, &indexed, &[70, 90, 0].map(number))
    };
    let told = |log: AerodromeLog| Ok(vec![ProgrammeLog::Aerodrome(log)]);
    let votes = || vec![AerodromeVote { gauge: 0, weight: amount(70), total_weight: amount(90) }];
    let logs = || vec![vote("Abstained", 4), vote("Voted", 4)];
    let poke = call(contract(3), "poke(uint256)", &[number(4)]);
    let poked = AerodromeLog::Poked { token_id: 4, abstained: votes(), voted: votes() };
    assert_eq!(read(&contracts, logs(), Some(&poke)), told(poked));
    refused(&contracts, logs(), "Voted");
    refused(&contracts, vec![vote("Abstained", 4)], "Abstained");
    let other = call(contract(3), "poke(uint256)", &[number(5)]);
    assert!(read(&contracts, logs(), Some(&other)).is_err());
    let managed = "DepositManaged(address,uint256,uint256,uint256,uint256)";
    let managed =
        log(contract(2), managed, &[user(), number(8), number(4)], &[number(50), number(0)]);
    let deposit = AerodromeLog::DepositManaged {
        token_id: 8,
        m_token_id: 4,
        weight: amount(50),
        abstained: votes(),
        voted: votes(),
    };
    let joined = [vec![managed], logs()].concat();
    assert_eq!(read(&contracts, joined, None), told(deposit));
    let claimed = "ClaimRewards(address,address,uint256)";
    let claimed = log(contract(13), claimed, &[user(), of(contract(30))], &[number(5)]);
    refused(&contracts, vec![claimed], "ClaimRewards");
}

#[test]
fn a_team_may_notify_a_gauge_and_new_locks_have_owners() {
    let contracts = aerodrome();
    let notified = log(contract(11), "NotifyReward(address,uint256)", &[user()], &[number(6)]);
    let made = log(
        contract(2),
        "Transfer(address,address,uint256)",
        &[of(NOBODY), user(), number(8)],
        &[],
    );
    let locked = "Deposit(address,uint256,uint8,uint256,uint256,uint256)";
    let locked = log(
        contract(2),
        locked,
        &[user(), number(8), number(1)],
        &[number(50), number(604_800), number(0)],
    );
    let supply = log(contract(2), "Supply(uint256,uint256)", &[], &[number(1), number(51)]);
    let expected = [
        AerodromeLog::GaugeNotifyReward { gauge: 0, amount: amount(6) },
        AerodromeLog::Deposit {
            token_id: 8,
            deposit_type: 1,
            value: amount(50),
            locktime: Timestamp(604_800),
            owner: Some(contract(USER)),
            supply: amount(51),
        },
    ];
    let told = Ok(expected.map(ProgrammeLog::Aerodrome).to_vec());
    let logs = vec![notified, made.clone(), locked.clone(), supply.clone()];
    assert_eq!(read(&contracts, logs, None), told);
    refused(&contracts, vec![made, locked], "Deposit");
    refused(&contracts, vec![supply], "Supply");
}

#[test]
fn payments_of_a_claim_stand_in_the_order_of_its_tokens() {
    let (distributor, escrow) = (contract(1), contract(2));
    let tokens = vec![contract(3), contract(4)];
    let contracts =
        ProgrammeContracts::FeeDistribution(FeeContracts { distributor, escrow, tokens });
    let paid = |token: u8, amount: u64| {
        let signature = "TokensClaimed(address,address,uint256,uint256)";
        let others = [user(), of(contract(token)), number(amount), number(604_800)];
        log(distributor, signature, &[], &others)
    };
    let tokens = [3, 4, 3].map(|token| of(contract(token)));
    let words = [vec![user(), number(64), number(3)], tokens.to_vec()].concat();
    let call = call(distributor, "claimTokens(address,address[])", &words);
    let told = read(&contracts, vec![paid(4, 7), paid(3, 8)], Some(&call)).unwrap();
    let [ProgrammeLog::FeeDistribution(FeeDistributionLog::Claimed { claims, .. })] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    let amounts: Vec<_> = claims.iter().map(|claim| claim.claimed.map(|it| it.amount)).collect();
    assert_eq!(amounts, [None, Some(amount(7)), Some(amount(8))]);
    let too_many = vec![paid(4, 7), paid(3, 8), paid(4, 9)];
    let fault = read(&contracts, too_many, Some(&call)).unwrap_err();
    assert!(matches!(fault, DecodeFault::Unplaced { event: "TokensClaimed", .. }), "{fault}");
}
