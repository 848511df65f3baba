use tidemill_units::{Amount, Timestamp, U256};

use super::*;

const ANNA: Account = Account([1; 20]);
const BEN: Account = Account([2; 20]);
const MODULE: Account = Account([3; 20]);
const TREASURY: Account = Account([4; 20]);
const ACCOUNTS: PoolAccounts = PoolAccounts {
    token: Account([10; 20]),
    wrapper: Account([11; 20]),
    queue: Account([12; 20]),
    burner: Account([13; 20]),
    treasury: TREASURY,
};

fn units(amount: u64) -> Amount {
    Amount::from_u64(amount)
}

/// A pool where Anna has 1000 shares of 1000 units; a tenth of rewards is the protocol's, half of
/// that the module's.
fn pool() -> LiquidStaking {
    let module = ModuleFee { recipient: MODULE, fee: U256::from(500) };
    let state = LiquidStakingState {
        accounts: ACCOUNTS,
        fee: ProtocolFee {
            modules: vec![module],
            total: U256::from(1000),
            precision: U256::from(10_000),
        },
        request_margin_seconds: 60,
        buffered: units(1000),
        shares: vec![(ANNA, units(1000))],
        ..LiquidStakingState::default()
    };
    LiquidStaking::new(&state).unwrap()
}

/// Validators have this much more, or less, than nothing was reported before.
fn report(balance: u64) -> OracleReport {
    let at = Timestamp(1_000_000);
    OracleReport { at, consensus_balance: units(balance), ..OracleReport::default() }
}

fn rate(parts: u64) -> U256 {
    U256::from(parts) * U256::from(10).pow(U256::from(24))
}

#[test]
fn a_transfer_moves_a_unit_less() {
    let mut pool = pool();
    pool.fee.total = U256::ZERO;
    pool.fee.modules.clear();
    pool.report(&report(500)).unwrap();
    // 1.5 units a share: 100 units are 66 shares, and these are worth 99.
    assert_eq!(pool.transfer(ANNA, BEN, units(100)), Ok(units(66)));
    assert_eq!(pool.balance_of(BEN), Ok(units(99)));
    assert_eq!(pool.balance_of(ANNA), Ok(units(1401)));
    assert_eq!(pool.transfer(BEN, ANNA, units(101)), Err(LiquidError::BalanceExceeded));
    assert_eq!(pool.transfer(BEN, ACCOUNTS.token, units(1)), Err(LiquidError::ToTokenContract));
    // One unit is no share at all.
    assert_eq!(pool.transfer(BEN, ANNA, units(1)), Ok(Amount::ZERO));
}

#[test]
fn the_fee_is_minted_as_shares() {
    let mut pool = pool();
    // 10 of 100 to the protocol: 100 * 1000 * 1000 / (1100 * 10000 - 100 * 1000) = 9.17 shares.
    let rebased = pool.report(&report(100)).unwrap();
    assert_eq!(rebased.fee_shares, units(9));
    assert_eq!((pool.shares_of(MODULE), pool.shares_of(TREASURY)), (units(4), units(5)));
    assert_eq!(pool.balance_of(ANNA), Ok(units(1090)));
    assert_eq!(rebased.total_pooled, units(1100));

    // The same with 500 shares burned by the report: the fee is still nine.
    let mut pool = self::pool();
    pool.transfer_shares(ANNA, ACCOUNTS.queue, units(500)).unwrap();
    pool.transfer_shares(ACCOUNTS.queue, ACCOUNTS.burner, units(500)).unwrap();
    pool.burn_requested = units(500);
    let burn = OracleReport { shares_to_burn: units(500), ..report(100) };
    assert_eq!(pool.report(&burn).map(|rebased| rebased.fee_shares), Ok(units(9)));
    assert_eq!(pool.total_shares(), units(509));
    assert_eq!(pool.report(&burn), Err(LiquidError::BurnExceeded));
}

#[test]
fn no_fee_without_a_gain_of_validators() {
    let mut pool = pool();
    let execution_rewards = units(100);
    let rebased = pool.report(&OracleReport { execution_rewards, ..report(0) }).unwrap();
    assert_eq!((rebased.fee_shares, rebased.total_pooled), (Amount::ZERO, units(1100)));
    let rebased = pool.report(&OracleReport { execution_rewards, ..report(1) }).unwrap();
    assert_eq!(rebased.fee_shares, units(8), "of 101");
}

#[test]
fn unwrapping_leaves_a_share_behind() {
    let mut pool = pool();
    pool.fee.total = U256::ZERO;
    pool.fee.modules.clear();
    pool.report(&report(500)).unwrap();
    assert_eq!(pool.wrap(ANNA, units(100)), Ok(units(66)));
    // 65 shares are worth 97.5: 97 units are sent, and these are 64 shares.
    assert_eq!(pool.unwrap(ANNA, units(65)), Ok(units(97)));
    assert_eq!(pool.shares_of(ACCOUNTS.wrapper), units(2));
    assert_eq!(pool.wrapped_of(ANNA), units(1));
    assert_eq!(pool.unwrap(ANNA, units(2)), Err(LiquidError::WrappedExceeded));
    assert_eq!(pool.unwrap(ANNA, Amount::ZERO), Err(LiquidError::ZeroUnwrap));
    assert_eq!(pool.wrap(ANNA, Amount::ZERO), Err(LiquidError::ZeroWrap));
}

#[test]
fn a_withdrawal_is_paid_the_lower_rate() {
    let at = Timestamp(999_950);
    let finalise = |balance, parts| {
        let mut pool = pool();
        pool.request_withdrawal(ANNA, units(100), Timestamp(0)).unwrap();
        let report = OracleReport { finalize: vec![1], share_rate: rate(parts), ..report(balance) };
        pool.report(&report).unwrap();
        let paid = pool.claim(Claim { request: 1, owner: ANNA });
        (paid, pool.locked)
    };
    assert_eq!(finalise(0, 900), (Ok(units(90)), Amount::ZERO), "a loss is shared");
    assert_eq!(finalise(500, 1500), (Ok(units(100)), Amount::ZERO), "a gain is not");

    let mut pool = pool();
    assert_eq!(pool.request_withdrawal(ANNA, units(99), at), Err(LiquidError::RequestTooSmall));
    assert_eq!(pool.request_withdrawal(ANNA, units(100), at), Ok(1));
    let claim = Claim { request: 1, owner: ANNA };
    assert_eq!(pool.claim(claim), Err(LiquidError::NotFinalized));
    let early = OracleReport { finalize: vec![1], share_rate: rate(1000), ..report(0) };
    let before = pool.state();
    assert_eq!(pool.report(&early), Err(LiquidError::TooEarly), "50 seconds are not 60");
    assert_eq!(pool.state(), before);
    let report = OracleReport { at: Timestamp(1_000_010), ..early };
    assert_eq!(pool.report(&report).map(|done| done.finalized.to_lock), Ok(units(100)));
    assert_eq!(pool.claim(Claim { owner: BEN, ..claim }), Err(LiquidError::NotOwner));
    assert_eq!(pool.claim(claim), Ok(units(100)));
    assert_eq!(pool.claim(claim), Err(LiquidError::AlreadyClaimed));
    assert_eq!(pool.claim(Claim { request: 2, owner: ANNA }), Err(LiquidError::InvalidRequest));
}

#[test]
fn deposits_keep_what_the_queue_waits_for() {
    let ether = |count: u64| Amount(U256::from(count) * U256::from(10).pow(U256::from(18)));
    let mut pool = pool();
    pool.submit(BEN, ether(100)).unwrap();
    pool.request_withdrawal(BEN, ether(10), Timestamp(0)).unwrap();
    assert_eq!(pool.deposit_to_validators(5), Ok(2), "90 are free");
    let pooled = ether(100).checked_add(units(1000)).unwrap();
    assert_eq!(pool.total_pooled(), Ok(pooled), "on their way they still count");
    let seen = OracleReport { appeared_validators: 3, ..report(0) };
    assert_eq!(pool.report(&seen), Err(LiquidError::ReportedMoreDeposited));
    let balance = ether(65);
    let seen = OracleReport { appeared_validators: 2, consensus_balance: balance, ..report(0) };
    assert!(!pool.report(&seen).unwrap().fee_shares.is_zero());
    assert_eq!(pool.report(&report(0)), Err(LiquidError::ReportedLessValidators));
}

#[test]
fn an_oracle_rate_is_stale_until_the_next_report() {
    let mut token = RateToken::default();
    assert_eq!(token.deposit(ANNA, units(1000)), Ok(units(1000)));
    token.report(units(1500), units(1000));
    assert_eq!(token.deposit(BEN, units(100)), Ok(units(66)));
    assert_eq!(token.burn(BEN, units(66)), Ok(units(99)));
    assert_eq!(token.value(units(1000)), Ok(units(1500)));
    assert_eq!(token.burn(ANNA, units(1000)), Err(LiquidError::InsufficientCollateral));
    assert_eq!(token.deposit(BEN, units(1)), Err(LiquidError::InvalidMint));
    token.report(Amount::ZERO, units(1000));
    assert_eq!(token.deposit(BEN, units(1)), Err(LiquidError::NoNetworkBalance));
}

#[test]
fn a_vault_rounds_to_its_own_favour() {
    let mut vault = Vault::default();
    assert_eq!(vault.deposit(ANNA, units(1000)), Ok(units(1000)));
    vault.give_assets(units(500)).unwrap();
    // 1001 shares for 1501 assets, the virtual ones with them: 66.69 shares for 100 assets.
    assert_eq!(vault.deposit(BEN, units(100)), Ok(units(66)));
    // 1067 shares for 1601 assets: 99.03 assets for 66 shares.
    assert_eq!(vault.mint(BEN, units(66)), Ok(units(100)));
    assert_eq!(vault.withdraw(BEN, units(100)), Ok(units(67)));
    assert_eq!(vault.redeem(BEN, units(65)), Ok(units(97)));
    assert_eq!(vault.redeem(BEN, units(1)), Err(LiquidError::ExceededMaxRedeem));
    assert_eq!(vault.withdraw(BEN, units(1)), Err(LiquidError::ExceededMaxWithdraw));

    // A gift before the first deposit rounds it to nothing; half of the gift is the vault's own.
    let mut vault = Vault::default();
    vault.deposit(BEN, units(1)).unwrap();
    vault.give_assets(units(1000)).unwrap();
    assert_eq!(vault.deposit(ANNA, units(500)), Ok(Amount::ZERO));
    assert_eq!(vault.redeem(BEN, units(1)), Ok(units(751)), "of 1501");
}

#[test]
fn states_no_pool_can_be_in_are_refused() {
    let mut pool = pool();
    pool.request_withdrawal(ANNA, units(100), Timestamp(0)).unwrap();
    let good = pool.state();
    assert_eq!(LiquidStaking::new(&good), Ok(pool));
    let field = |change: &dyn Fn(&mut LiquidStakingState)| {
        let mut state = good.clone();
        change(&mut state);
        LiquidStaking::new(&state).unwrap_err().field
    };
    assert_eq!(field(&|state| state.shares.reverse()), "shares");
    assert_eq!(field(&|state| state.wrapped.push((ANNA, Amount::ZERO))), "wrapped");
    assert_eq!(field(&|state| state.appeared_validators = 1), "appeared_validators");
    assert_eq!(field(&|state| state.fee.total = U256::from(499)), "fee");
    assert_eq!(field(&|state| state.requests[0].cumulative_shares = Amount::MAX), "requests");
    assert_eq!(field(&|state| state.finalized = 2), "finalized");
    assert_eq!(field(&|state| state.finalized = 1), "checkpoints");
}
