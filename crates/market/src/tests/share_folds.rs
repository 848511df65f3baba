//! Calls on pools of shares are found from what their logs say of them.

use tidemill_amm::balancer_v1::{BPool, BPoolState, BPoolToken};
use tidemill_amm::constant_product::{Holder, Pair, PairSwap, Recipient};
use tidemill_amm::stable_swap::{Generation, OneCoin, StableSwap, StableSwapState};
use tidemill_amm::{Pool, SwapAmount, Trade};
use tidemill_model::{LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{
    Amount, Amounts, RelativeTolerance, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256,
};

use crate::{ShareMismatch, fold};

const START: u64 = 1_700_000_000;
pub(super) const WAD: u128 = 1_000_000_000_000_000_000;

pub(super) fn list(amounts: &[u128]) -> TokenAmounts {
    let amounts: Vec<Amount> = amounts.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&amounts).unwrap()
}

pub(super) fn trade(input: u8, output: u8, amount: SwapAmount) -> Trade {
    Trade { pair: TokenPair { input: TokenIndex(input), output: TokenIndex(output) }, amount }
}

pub(super) fn exact_in(amount: u128) -> SwapAmount {
    SwapAmount::ExactIn(Amount::from_u128(amount))
}

pub(super) fn exact_out(amount: u128) -> SwapAmount {
    SwapAmount::ExactOut(Amount::from_u128(amount))
}

pub(super) fn change(amounts: TokenAmounts, shares: Amount) -> Box<LiquidityChange> {
    let (fees, invariant, total_shares) = (None, None, None);
    Box::new(LiquidityChange { amounts, shares: Some(shares), fees, invariant, total_shares })
}

/// What somebody did to a pool, beside the record of it.
pub(super) struct Recorded {
    start: Pool,
    pub(super) now: Pool,
    events: Vec<(Timestamp, ShareEvent)>,
}

impl Recorded {
    pub(super) fn new(start: Pool) -> Self {
        Self { now: start.clone(), start, events: Vec::new() }
    }

    pub(super) fn at(&self) -> Timestamp {
        Timestamp(START + 100_000 * self.events.len() as u64)
    }

    pub(super) fn push(&mut self, event: ShareEvent) {
        self.events.push((self.at(), event));
    }

    pub(super) fn swap(&mut self, trade: &Trade) {
        let at = self.at();
        let quote = self.now.swap(trade, at).unwrap();
        let (amount_in, amount_out) = (quote.amount_in, quote.amount_out);
        self.push(ShareEvent::Swap { pair: trade.pair, amount_in, amount_out });
    }

    pub(super) fn withdraw(&mut self, shares: u128) {
        let (at, shares) = (self.at(), Amount::from_u128(shares));
        let taken = self.now.shares_mut().unwrap().withdraw(shares, at).unwrap();
        self.push(ShareEvent::Withdraw(change(taken, shares)));
    }

    /// Folds the record from the start on; every event that is not quite so is refused on the way.
    #[track_caller]
    pub(super) fn check(&self) {
        let mut pool = self.start.clone();
        for (at, event) in &self.events {
            if let Some(wrong) = changed(event) {
                let before = pool.clone();
                let mismatch = fold(&mut pool, &wrong, *at, RelativeTolerance::EXACT);
                assert!(matches!(mismatch, Err(ShareMismatch::Value { .. })), "{mismatch:?}");
                assert_eq!(pool, before);
            }
            let folded = fold(&mut pool, event, *at, RelativeTolerance::EXACT);
            folded.unwrap_or_else(|error| panic!("{event:?}: {error}"));
        }
        assert_eq!(pool, self.now);
    }
}

/// The event with the amount that came out, or the shares, changed: by one unit where no other call
/// can give that.
fn changed(event: &ShareEvent) -> Option<ShareEvent> {
    let more = |amount: Amount| amount.checked_add(Amount::from_u64(1)).unwrap();
    let much_more = |amount: Amount| Amount(amount.0 + amount.0 / U256::from(100));
    let mut event = event.clone();
    match &mut event {
        ShareEvent::Swap { amount_in, amount_out, .. } => {
            (*amount_in, *amount_out) = (more(*amount_in), much_more(*amount_out));
        }
        ShareEvent::Deposit(change) => change.shares = change.shares.map(much_more),
        ShareEvent::WithdrawOne { amount, .. } => *amount = more(*amount),
        ShareEvent::WithdrawImbalance(change) => change.shares = change.shares.map(more),
        ShareEvent::Skim(amounts) | ShareEvent::ClaimAdminFees(amounts) => {
            let first = &mut amounts.as_mut_slice()[0];
            *first = more(*first);
        }
        ShareEvent::Withdraw(change) => {
            for amount in change.amounts.as_mut_slice() {
                *amount = much_more(*amount);
            }
        }
        ShareEvent::PairSwap { .. }
        | ShareEvent::ClaimAdminShares(_)
        | ShareEvent::Claiming { .. }
        | ShareEvent::Base(_)
        | ShareEvent::SwapUnderlying { .. }
        | ShareEvent::Gift(_)
        | ShareEvent::Sync(_)
        | ShareEvent::ClaimFees(_)
        | ShareEvent::Ramp(_)
        | ShareEvent::StopRamp
        | ShareEvent::SetParameters(_) => return None,
    }
    Some(event)
}

fn of_pair(recorded: &mut Recorded) -> &mut Pair {
    let Pool::ConstantProduct(pair) = &mut recorded.now else { panic!("a pair") };
    pair
}

#[test]
fn a_pair_from_its_first_deposit() {
    let mut recorded = Recorded::new(Pool::ConstantProduct(Box::default()));
    let on = ParameterChange { protocol_fee_on: Some(true), ..ParameterChange::default() };
    of_pair(&mut recorded).set_fee_to(Some([0xfe; 20]));
    recorded.push(ShareEvent::SetParameters(Box::new(on)));
    for amounts in [[5 * WAD, 20 * WAD], [WAD, 4 * WAD], [7, 9]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        if amounts.as_slice()[0] == Amount::from_u64(7) {
            // A gift is found by the next deposit, which its log counts as paid.
            let [amount0, amount1] = [Amount::from_u64(7), Amount::from_u64(9)];
            of_pair(&mut recorded).give(Amounts { amount0, amount1 }).unwrap();
            recorded.push(ShareEvent::Gift(Box::new(amounts)));
        } else {
            let pool = recorded.now.shares_mut().unwrap();
            let shares = pool.deposit(&amounts, at).unwrap();
            recorded.push(ShareEvent::Deposit(change(amounts, shares)));
        }
    }
    recorded.swap(&trade(0, 1, exact_in(WAD / 10)));
    recorded.swap(&trade(1, 0, exact_out(WAD / 7)));
    let at = recorded.at();
    let [paid, taken] = [[WAD, WAD], [WAD / 9, 3]].map(|[amount0, amount1]| Amounts {
        amount0: Amount::from_u128(amount0),
        amount1: Amount::from_u128(amount1),
    });
    let swap = PairSwap { out: taken, to: Recipient::Outside, paid };
    assert_eq!(of_pair(&mut recorded).swap(swap, at).unwrap(), paid);
    recorded.push(ShareEvent::PairSwap { paid, taken });
    recorded.withdraw(WAD);
    let surplus = Amounts { amount0: Amount::from_u64(3), amount1: Amount::ZERO };
    of_pair(&mut recorded).give(surplus).unwrap();
    recorded.push(ShareEvent::Gift(Box::new(list(&[3, 0]))));
    of_pair(&mut recorded).skim(Recipient::Outside).unwrap();
    recorded.push(ShareEvent::Skim(Box::new(list(&[3, 0]))));
    of_pair(&mut recorded).give(surplus).unwrap();
    let at = recorded.at();
    of_pair(&mut recorded).sync(at).unwrap();
    let reserves = recorded.now.shares().unwrap().balances();
    recorded.push(ShareEvent::Sync(Box::new(reserves)));
    recorded.check();
    assert!(of_pair(&mut recorded).shares_of(Holder::Account([0xfe; 20])) > Amount::ZERO);
}

#[test]
fn shares_that_others_lack_are_burned_of_holders_that_are_told_apart() {
    let (named, at) = (Holder::Account([7; 20]), Timestamp(START));
    let all = Amount::from_u64(10_000_000);
    let mut pair = Pair::default();
    pair.give(Amounts { amount0: all, amount1: all }).unwrap();
    let minted = pair.mint(named, at).unwrap();
    let sent = Amount::from_u64(4);
    pair.transfer(named, Holder::Pair, sent).unwrap();
    pair.transfer(named, Holder::Others, Amount::from_u64(5)).unwrap();
    let mut expected = pair.clone();
    let burned = minted.checked_sub(Amount::from_u64(100)).unwrap();
    let most = expected.shares_of(named).checked_sub(Amount::from_u64(100)).unwrap();
    expected.transfer(named, Holder::Pair, most).unwrap();
    expected.transfer(Holder::Others, Holder::Pair, Amount::from_u64(5)).unwrap();
    let paid = expected.burn(Recipient::Outside, at).unwrap();
    let event = ShareEvent::Withdraw(change(paid.into(), burned));
    let mut pool = Pool::ConstantProduct(Box::new(pair));
    fold(&mut pool, &event, at, RelativeTolerance::EXACT).unwrap();
    assert_eq!(pool, Pool::ConstantProduct(Box::new(expected)));
    let more = ShareEvent::Withdraw(change(paid.into(), minted));
    let refused = fold(&mut pool, &more, at, RelativeTolerance::EXACT);
    assert!(matches!(refused, Err(ShareMismatch::Reverts { .. })), "{refused:?}");
}

pub(super) fn susd_like(generation: Generation) -> StableSwapState {
    let zero = Timestamp(0);
    StableSwapState {
        generation,
        balances: list(&[0; 3]),
        precisions: vec![1, 1_000_000_000_000, 1_000_000_000_000],
        admin_balances: list(&[0; 3]),
        total_supply: Amount::ZERO,
        initial_a: 200,
        future_a: 200,
        initial_a_time: zero,
        future_a_time: zero,
        fee: 4_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: zero,
        is_killed: false,
        kill_deadline: zero,
    }
}

#[test]
fn a_curve_pool_in_all_its_calls() {
    let start = StableSwap::new(&susd_like(Generation::V1)).unwrap();
    let mut recorded = Recorded::new(Pool::StableSwap(Box::new(start)));
    for amounts in [[WAD * 1000, 1_000_000_000, 1_100_000_000], [WAD, 0, 5_000_000]] {
        let (at, amounts) = (recorded.at(), list(&amounts));
        let shares = recorded.now.shares_mut().unwrap().deposit(&amounts, at).unwrap();
        recorded.push(ShareEvent::Deposit(change(amounts, shares)));
    }
    let amplification = Amount::from_u64(400);
    let at = recorded.at();
    let ends_at = Timestamp(at.0 + 1_000_000);
    let pool = |recorded: &mut Recorded| -> Box<StableSwap> {
        let Pool::StableSwap(pool) = recorded.now.clone() else { panic!("a curve pool") };
        pool
    };
    let mut ramped = pool(&mut recorded);
    let ramp = tidemill_amm::stable_swap::Ramp { future_a: 400, future_time: ends_at };
    ramped.ramp_a(ramp, at).unwrap();
    recorded.now = Pool::StableSwap(ramped);
    recorded.push(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma: None, ends_at })));
    recorded.swap(&trade(0, 1, exact_in(WAD * 30)));
    recorded.swap(&trade(2, 0, exact_in(70_000_000)));
    recorded.withdraw(WAD * 20);
    let (at, amounts) = (recorded.at(), list(&[WAD, 3_000_000, 0]));
    let mut imbalanced = pool(&mut recorded);
    let burned = imbalanced.remove_liquidity_imbalance(&amounts, Amount::MAX, at).unwrap();
    recorded.now = Pool::StableSwap(imbalanced);
    recorded.push(ShareEvent::WithdrawImbalance(change(amounts, burned)));
    for token in [Some(TokenIndex(2)), None] {
        let (at, shares) = (recorded.at(), Amount::from_u128(WAD * 9));
        let mut paid_out = pool(&mut recorded);
        let one = OneCoin { shares, coin: TokenIndex(2), minimum_out: Amount::ZERO };
        let amount = paid_out.remove_liquidity_one_coin(one, at).unwrap().amount;
        recorded.now = Pool::StableSwap(paid_out);
        recorded.push(ShareEvent::WithdrawOne { token, shares, amount });
    }
    let mut claimed = pool(&mut recorded);
    let fees = claimed.withdraw_admin_fees();
    recorded.now = Pool::StableSwap(claimed);
    recorded.push(ShareEvent::ClaimAdminFees(Box::new(fees)));
    let at = recorded.at();
    let mut stopped = pool(&mut recorded);
    stopped.stop_ramp_a(at).unwrap();
    recorded.now = Pool::StableSwap(stopped);
    recorded.push(ShareEvent::StopRamp);
    recorded.check();
}

#[test]
fn joins_and_exits_of_a_balancer_pool() {
    let token = |balance: u128, weight: u128| BPoolToken {
        balance: Amount::from_u128(balance),
        held: Amount::from_u128(balance),
        denormalized_weight: U256::from(weight),
    };
    let start = BPool::new(&BPoolState {
        tokens: vec![token(WAD * 10_000, WAD * 10), token(WAD * 67, WAD * 40)],
        swap_fee: U256::from(2_500_000_000_000_000_u64),
        is_public_swap: true,
        is_finalized: true,
        total_supply: Amount::from_u128(WAD * 100),
    });
    let mut recorded = Recorded::new(Pool::BalancerV1(Box::new(start.unwrap())));
    let pool = |recorded: &Recorded| {
        let Pool::BalancerV1(pool) = recorded.now.clone() else { panic!("a Balancer pool") };
        pool
    };
    let both = |amount: Amount, token: u8| TokenAmounts::of(2, TokenIndex(token), amount).unwrap();
    recorded.swap(&trade(0, 1, exact_in(WAD * 5)));
    recorded.swap(&trade(1, 0, exact_out(WAD * 7)));
    let (mut joined, shares) = (pool(&recorded), Amount::from_u128(WAD * 3));
    let paid = joined.join_pool(shares, &[Amount::MAX; 2]).unwrap();
    recorded.now = Pool::BalancerV1(joined);
    recorded.push(ShareEvent::Deposit(change(paid, shares)));
    let (mut joined, amount) = (pool(&recorded), Amount::from_u128(WAD));
    let shares = joined.join_swap_extern_amount_in(TokenIndex(1), amount, Amount::ZERO).unwrap();
    recorded.now = Pool::BalancerV1(joined);
    recorded.push(ShareEvent::Deposit(change(both(amount, 1), shares)));
    let (mut joined, shares) = (pool(&recorded), Amount::from_u128(WAD / 2));
    let amount = joined.join_swap_pool_amount_out(TokenIndex(0), shares, Amount::MAX).unwrap();
    recorded.now = Pool::BalancerV1(joined);
    recorded.push(ShareEvent::Deposit(change(both(amount, 0), shares)));
    let mut left = pool(&recorded);
    let amount = left.exit_swap_pool_amount_in(TokenIndex(1), shares, Amount::ZERO).unwrap();
    recorded.now = Pool::BalancerV1(left);
    recorded.push(ShareEvent::Withdraw(change(both(amount, 1), shares)));
    let (mut left, amount) = (pool(&recorded), Amount::from_u128(WAD * 11));
    let shares = left.exit_swap_extern_amount_out(TokenIndex(0), amount, Amount::MAX).unwrap();
    recorded.now = Pool::BalancerV1(left);
    recorded.push(ShareEvent::Withdraw(change(both(amount, 0), shares)));
    recorded.withdraw(WAD * 2);
    recorded.check();
}

#[test]
fn a_pool_has_only_the_events_of_its_kind() {
    let mut pool = Pool::ConstantProduct(Box::default());
    let at = Timestamp(START);
    let said = |pool: &mut Pool, event: ShareEvent| {
        fold(pool, &event, at, RelativeTolerance::EXACT).unwrap_err().to_string()
    };
    let kind = said(&mut pool, ShareEvent::StopRamp);
    assert_eq!(kind, "a constant_product pool has no stop_ramp events");
    let empty = said(&mut pool, ShareEvent::Withdraw(change(list(&[1, 1]), Amount::from_u64(1))));
    assert!(empty.starts_with("the withdraw reverts: "), "{empty}");
}
