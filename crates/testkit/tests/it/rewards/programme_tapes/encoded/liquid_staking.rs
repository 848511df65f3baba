use tidemill_feed_evm::{LiquidStakingContracts, ProgrammeContracts};
use tidemill_model::{Address, LiquidStakingLog, ProgrammeLog};
use tidemill_units::{Amount, U256};

use super::super::Written;
use super::{Argument, Encoded, number, of, same};

const TOKEN: Address = Address([1; 20]);
const WRAPPER: Address = Address([2; 20]);
const QUEUE: Address = Address([3; 20]);
const BURNER: Address = Address([4; 20]);
const ORACLE: Address = Address([0xe4; 20]);
const TREASURY: Address = Address([5; 20]);
const NOBODY: Address = Address([0; 20]);

/// What the feed reads in the logs that the contracts would have written.
pub(in super::super) fn read(validators: u64, written: &[Written]) -> Vec<Written> {
    let contracts = ProgrammeContracts::LiquidStaking(LiquidStakingContracts {
        token: TOKEN,
        wrapper: WRAPPER,
        queue: QUEUE,
        burner: BURNER,
        oracle: ORACLE,
    });
    let mut validators = validators;
    same(written, &contracts, |log| {
        let ProgrammeLog::LiquidStaking(log) = log else { panic!("{log:?}") };
        let mut encoded = Encoded::default();
        write(log, &mut validators, &mut encoded);
        let is_of_contract = |who: Address| [TOKEN, WRAPPER, QUEUE, BURNER].contains(&who);
        (!actor(log).is_some_and(is_of_contract)).then_some(encoded)
    })
}

/// Who acts: the model's accounts do everything, and the contracts among them do no such thing.
fn actor(log: &LiquidStakingLog) -> Option<Address> {
    match log {
        LiquidStakingLog::Submitted { sender: actor, .. }
        | LiquidStakingLog::TransferShares { from: actor, .. }
        | LiquidStakingLog::Wrapped { user: actor, .. }
        | LiquidStakingLog::Unwrapped { user: actor, .. }
        | LiquidStakingLog::WithdrawalRequested { owner: actor, .. } => Some(*actor),
        LiquidStakingLog::Unbuffered { .. }
        | LiquidStakingLog::TokenRebased { .. }
        | LiquidStakingLog::WithdrawalClaimed { .. } => None,
    }
}

/// Shares move with two logs.
fn moved(to: &mut Encoded, from: Address, receiver: Address, [value, shares]: [Amount; 2]) {
    to.transfer(TOKEN, from, receiver, value);
    let signature = "TransferShares(address,address,uint256)";
    to.log(TOKEN, signature, &[of(from), of(receiver)], &[shares.0]);
}

fn write(log: &LiquidStakingLog, validators: &mut u64, to: &mut Encoded) {
    let owned = "Transfer(address,address,uint256)";
    match log {
        LiquidStakingLog::Submitted { sender, amount, shares } => {
            let signature = "Submitted(address,uint256,address)";
            to.log(TOKEN, signature, &[of(*sender)], &[amount.0, U256::ZERO]);
            moved(to, NOBODY, *sender, [*amount, *shares]);
        }
        LiquidStakingLog::TransferShares { from, to: receiver, shares_value, value } => {
            moved(to, *from, *receiver, [*value, *shares_value]);
        }
        LiquidStakingLog::Wrapped { user, amount, tokens } => {
            to.transfer(WRAPPER, NOBODY, *user, *tokens);
            let approval = "Approval(address,address,uint256)";
            to.log(TOKEN, approval, &[of(*user), of(WRAPPER)], &[U256::ZERO]);
            moved(to, *user, WRAPPER, [*amount, *tokens]);
        }
        LiquidStakingLog::Unwrapped { user, tokens, amount } => {
            to.transfer(WRAPPER, *user, NOBODY, *tokens);
            moved(to, WRAPPER, *user, [*amount, *tokens]);
        }
        LiquidStakingLog::Unbuffered { amount } => {
            to.log(TOKEN, "Unbuffered(uint256)", &[], &[amount.0]);
            to.log(TOKEN, "DepositedValidatorsChanged(uint256)", &[], &[number(9)]);
        }
        LiquidStakingLog::WithdrawalRequested { request_id, owner, amount, shares, wrapped } => {
            if let Some(tokens) = wrapped {
                to.transfer(WRAPPER, *owner, QUEUE, *tokens);
                to.transfer(WRAPPER, QUEUE, NOBODY, *tokens);
                moved(to, WRAPPER, QUEUE, [*amount, *shares]);
            } else {
                moved(to, *owner, QUEUE, [*amount, *shares]);
            }
            let signature = "WithdrawalRequested(uint256,address,address,uint256,uint256)";
            let indexed = [number(*request_id), of(*owner), of(*owner)];
            to.log(QUEUE, signature, &indexed, &[amount.0, shares.0]);
            to.log(QUEUE, owned, &[U256::ZERO, of(*owner), number(*request_id)], &[]);
        }
        LiquidStakingLog::TokenRebased { .. } => report(log, validators, to),
        LiquidStakingLog::WithdrawalClaimed { request_id, owner, amount } => {
            let signature = "WithdrawalClaimed(uint256,address,address,uint256)";
            let indexed = [number(*request_id), of(*owner), of(*owner)];
            to.log(QUEUE, signature, &indexed, &[amount.0]);
            to.log(QUEUE, owned, &[of(*owner), U256::ZERO, number(*request_id)], &[]);
        }
    }
}

#[expect(clippy::too_many_lines, reason = "it is one call's logs")]
fn report(log: &LiquidStakingLog, validators: &mut u64, to: &mut Encoded) {
    let LiquidStakingLog::TokenRebased {
        report_timestamp,
        cl_validators,
        cl_balance,
        withdrawals,
        execution_rewards,
        shares_burnt,
        batches,
        share_rate,
        eth_locked,
        shares_to_burn,
        fee_shares,
        total_ether,
        total_shares,
    } = log
    else {
        panic!("{log:?}")
    };
    let at = [number(report_timestamp.0)];
    if cl_validators != validators {
        let others = [number(*validators), number(*cl_validators)];
        to.log(TOKEN, "CLValidatorsUpdated(uint256,uint256,uint256)", &at, &others);
        *validators = *cl_validators;
    }
    if let Some(last) = batches.last() {
        to.log(
            QUEUE,
            "WithdrawalsFinalized(uint256,uint256,uint256,uint256,uint256)",
            &[number(batches[0]), number(*last)],
            &[eth_locked.0, shares_to_burn.0, number(7)],
        );
        moved(to, QUEUE, BURNER, [*eth_locked, *shares_to_burn]);
        let signature = "StETHBurnRequested(bool,address,uint256,uint256)";
        to.log(BURNER, signature, &[number(0), of(TOKEN)], &[eth_locked.0, shares_to_burn.0]);
    }
    to.log(
        TOKEN,
        "ETHDistributed(uint256,uint256,uint256,uint256,uint256,uint256)",
        &at,
        &[number(1), cl_balance.0, withdrawals.0, execution_rewards.0, number(2)],
    );
    if !shares_burnt.is_zero() {
        let others = [number(3), number(4), shares_burnt.0];
        to.log(TOKEN, "SharesBurnt(address,uint256,uint256,uint256)", &[of(BURNER)], &others);
    }
    if !fee_shares.is_zero() {
        moved(to, NOBODY, TOKEN, [*fee_shares; 2]);
        moved(to, TOKEN, TREASURY, [*fee_shares; 2]);
    }
    to.log(
        TOKEN,
        "TokenRebased(uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
        &at,
        &[number(5), number(6), number(7), total_shares.0, total_ether.0, fee_shares.0],
    );
    let list = |numbers: &[u64]| Argument::List(numbers.iter().copied().map(number).collect());
    let word = |value| Argument::Word(value);
    let fields = vec![
        word(number(1)),
        word(number(2)),
        word(number(*cl_validators)),
        word(number(4)),
        list(&[1, 2]),
        list(&[]),
        word(number(5)),
        word(number(6)),
        word(shares_burnt.0),
        list(batches),
        word(*share_rate),
        word(number(0)),
        word(number(1)),
        word(number(8)),
        word(number(9)),
    ];
    let signature = "submitReportData((uint256,uint256,uint256,uint256,uint256[],uint256[],\
                     uint256,uint256,uint256,uint256[],uint256,bool,uint256,bytes32,uint256),\
                     uint256)";
    to.call(TREASURY, ORACLE, signature, &[Argument::Tuple(fields), word(number(2))]);
}
