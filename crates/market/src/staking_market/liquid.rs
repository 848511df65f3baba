use std::collections::BTreeMap;

use tidemill_rewards::liquid_staking::{
    Claim, DEPOSIT_SIZE, LiquidStaking, LiquidStakingState, ModuleFee, OracleReport, PoolAccounts,
    ProtocolFee,
};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, U256, mul_div};

use super::{Stake, earned};

/// A pool of staked ether that was made up: others' ether with validators, a yearly rate on all of
/// it, reports that finalise every withdrawal old enough at the rate of the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidService {
    pool: LiquidStaking,
    yearly_ppm: u64,
    margin: u64,
    validators: u64,
    others: Amount,
    /// Reports are made this often, which decides when a request is final.
    interval: u64,
    /// Requests of each account that waits.
    requests: BTreeMap<Account, Vec<u64>>,
    /// What each asked back.
    asked: BTreeMap<Account, Amount>,
    reported_at: Timestamp,
}

/// Ether of one withdrawal request at most.
const MOST: Amount = Amount(U256::from_limbs([3_875_820_019_684_212_736, 54, 0, 0]));
const PRECISION: U256 = U256::from_limbs([11_515_845_246_265_065_472, 54_210_108, 0, 0]);

/// What a pool is made up of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidTerms {
    /// Ether of all others, raw.
    pub others: Amount,
    /// What it earns in a year before the fee, in parts of a million.
    pub yearly_ppm: u64,
    /// The protocol's part of what is earned, in 10,000ths.
    pub fee_bps: u32,
    /// A request has to be this old, in seconds, when a report finalises it.
    pub margin: u64,
    /// Seconds between two reports.
    pub interval: u64,
    /// When it begins.
    pub start: Timestamp,
}

impl LiquidService {
    /// Returns the pool; `None` for ether of no validator, or past what the contract counts.
    pub fn new(terms: LiquidTerms) -> Option<Self> {
        let LiquidTerms { others, yearly_ppm, fee_bps, margin, interval, start } = terms;
        let validators = others.0.checked_div(DEPOSIT_SIZE.0)?;
        let validators = u64::try_from(validators).ok().filter(|count| *count > 0)?;
        let account = |byte| Account([byte; 20]);
        let state = LiquidStakingState {
            accounts: PoolAccounts {
                token: account(0x11),
                wrapper: account(0x12),
                queue: account(0x13),
                burner: account(0x14),
                treasury: account(0x15),
            },
            fee: ProtocolFee {
                modules: vec![ModuleFee { recipient: account(0x16), fee: U256::from(fee_bps) }],
                total: U256::from(fee_bps),
                precision: U256::from(10_000_u32),
            },
            request_margin_seconds: margin,
            consensus_balance: others,
            deposited_validators: validators,
            appeared_validators: validators,
            shares: vec![(account(0x17), others)],
            ..LiquidStakingState::default()
        };
        let pool = LiquidStaking::new(&state).ok()?;
        Some(Self {
            pool,
            yearly_ppm,
            margin,
            validators,
            others,
            interval,
            requests: BTreeMap::new(),
            asked: BTreeMap::new(),
            reported_at: start,
        })
    }

    /// The last request that a report can finalise.
    fn final_by(&self, at: Timestamp) -> Option<u64> {
        let state = self.pool.state();
        let is_old = |requested_at: Timestamp| at.seconds_since(requested_at) >= self.margin;
        let old = state.requests.iter().take_while(|request| is_old(request.requested_at)).count();
        let last = u64::try_from(old).ok()?;
        (last > state.finalized).then_some(last)
    }
}

impl Stake for LiquidService {
    fn stake(&mut self, account: Account, amount: Amount, _: Moment) -> Option<Amount> {
        self.pool.submit(account, amount).ok()
    }

    fn worth(&self, account: Account, _: Moment) -> Option<Amount> {
        match self.asked.get(&account) {
            Some(asked) => Some(*asked),
            None => self.pool.balance_of(account).ok(),
        }
    }

    fn unbond(&mut self, account: Account, at: Moment) -> Option<Timestamp> {
        let mut after = self.pool.clone();
        let all = after.balance_of(account).ok()?;
        let (mut left, mut requests) = (all, Vec::new());
        while !left.is_zero() {
            let amount = left.min(MOST);
            requests.push(after.request_withdrawal(account, amount, at.at).ok()?);
            left = left.checked_sub(amount)?;
        }
        self.pool = after;
        self.requests.insert(account, requests);
        self.asked.insert(account, all);
        // The first report at which the request is old enough.
        let old = at.at.0.checked_add(self.margin)?;
        let waited = old.checked_sub(self.reported_at.0)?.div_ceil(self.interval.max(1));
        let report = self.reported_at.0.checked_add(waited.checked_mul(self.interval)?)?;
        Some(Timestamp(report))
    }

    fn withdraw(&mut self, account: Account, _: Moment) -> Option<Amount> {
        let mut after = self.pool.clone();
        let mut paid = Amount::ZERO;
        for request in self.requests.get(&account)? {
            let claim = Claim { request: *request, owner: account };
            paid = paid.checked_add(after.claim(claim).ok()?)?;
        }
        self.pool = after;
        self.requests.remove(&account);
        self.asked.remove(&account);
        Some(paid)
    }

    /// Every balance rebases by itself.
    fn compound(&mut self, _: Account, _: Moment) -> Option<Amount> {
        None
    }

    fn report(&mut self, seconds: u64, at: Moment) -> Option<()> {
        self.reported_at = at.at;
        let pooled = self.pool.total_pooled().ok()?;
        let reward = earned(pooled, self.yearly_ppm, seconds)?;
        let share_rate = mul_div(pooled.0, PRECISION, self.pool.total_shares().0)?;
        let finalize: Vec<u64> = self.final_by(at.at).into_iter().collect();
        let withdrawals = if finalize.is_empty() {
            Amount::ZERO
        } else {
            self.pool.prefinalize(&finalize, share_rate).ok()?.to_lock
        };
        let consensus_balance = self.others.checked_add(reward)?.checked_sub(withdrawals)?;
        let report = OracleReport {
            at: at.at,
            appeared_validators: self.validators,
            consensus_balance,
            withdrawals,
            execution_rewards: Amount::ZERO,
            shares_to_burn: Amount::ZERO,
            finalize,
            share_rate,
        };
        self.pool.report(&report).ok()?;
        self.others = consensus_balance;
        Some(())
    }
}
