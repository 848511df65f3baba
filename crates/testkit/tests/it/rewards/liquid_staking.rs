//! Liquid staking shares beside a naive model of their contracts in big integers.

mod naive;

use std::collections::BTreeMap;
use std::fmt::Debug;

use num_bigint::{BigInt, Sign};
use tidemill_model::{LiquidStakingLog, ProgrammeLog, RateTokenLog, VaultLog};
use tidemill_rewards::Account;
use tidemill_rewards::liquid_staking::{
    Claim, LiquidError, LiquidStaking, LiquidStakingState, ModuleFee, OracleReport, PoolAccounts,
    ProtocolFee, RateToken, Vault,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, U256};

use self::naive::{BURNER, Failure, Holdings, Lido, QUEUE, Report, TOKEN, TREASURY, WRAPPER, Who};
use crate::rewards::programme_tapes::{Written, of_account};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const ACCOUNTS: u64 = 9;

const OPERATIONS: [&str; 17] = [
    "claim",
    "deposit to validators",
    "fee minted",
    "finalisation",
    "finalisation at a loss",
    "rate token burn",
    "rate token deposit",
    "report",
    "request",
    "request wrapped",
    "submit",
    "transfer",
    "transfer shares",
    "unwrap",
    "vault in",
    "vault out",
    "wrap",
];
const REVERTS: [&str; 29] = [
    "claim: AlreadyClaimed",
    "claim: InvalidRequest",
    "claim: NotFinalized",
    "claim: NotOwner",
    "rate token burn: BalanceExceeded",
    "rate token burn: InsufficientCollateral",
    "rate token burn: InvalidBurn",
    "rate token deposit: InvalidMint",
    "rate token deposit: NoNetworkBalance",
    "report: BatchesNotSorted",
    "report: BurnExceeded",
    "report: InvalidRequest",
    "report: ReportedLessValidators",
    "report: ReportedMoreDeposited",
    "report: SubUnderflow",
    "report: TooEarly",
    "report: ZeroShareRate",
    "request: BalanceExceeded",
    "request: RequestTooLarge",
    "request: RequestTooSmall",
    "request wrapped: WrappedExceeded",
    "submit: MulOverflow",
    "submit: ZeroDeposit",
    "transfer: BalanceExceeded",
    "transfer: ToTokenContract",
    "unwrap: WrappedExceeded",
    "vault out: ExceededMaxRedeem",
    "vault out: ExceededMaxWithdraw",
    "wrap: ZeroWrap",
];

#[test]
fn liquid_staking_equals_the_naive_model() {
    let worlds = Worlds {
        name: "liquid staking",
        stream: 402,
        tests: 1,
        most_in_one: 400,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

pub(super) struct World {
    seed: u64,
    random: Random,
    pub(super) pool: LiquidStaking,
    lido: Lido,
    pub(super) token: RateToken,
    naive_token: Holdings,
    pub(super) vault: Vault,
    naive_vault: Holdings,
    /// What the naive models say that the calls log.
    pub(super) written: Vec<Written>,
    now: u64,
    last: String,
}

fn big(value: U256) -> BigInt {
    BigInt::from_bytes_le(Sign::Plus, &value.to_le_bytes::<32>())
}

/// What does not fit a word is cut to fit: any word will do for a generator.
fn small(value: &BigInt) -> U256 {
    let mut bytes = value.to_bytes_le().1;
    bytes.truncate(32);
    U256::from_le_slice(&bytes)
}

fn account(who: Who) -> Account {
    Account([who as u8 + 1; 20])
}

fn who(account: Account) -> Who {
    usize::from(account.0[0]) - 1
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let bits = random.pick(&[10, 64, 70, 80, 100]);
        let first = Amount(random.wide(bits) | U256::ONE);
        let parts = random.pick(&[10_000_u64, 100_000_000_000_000_000]);
        let fees = [random.below(parts / 10), random.below(parts / 10), random.below(parts / 10)];
        let fees = if random.once_in(8) { [0; 3] } else { fees };
        let total = U256::from(fees[0]) + U256::from(fees[1]) + U256::from(fees[2]);
        let modules = [(7, fees[0]), (8, fees[1])];
        let module = |(who, fee)| ModuleFee { recipient: account(who), fee: U256::from(fee) };
        let state = LiquidStakingState {
            accounts: PoolAccounts {
                token: account(TOKEN),
                wrapper: account(WRAPPER),
                queue: account(QUEUE),
                burner: account(BURNER),
                treasury: account(TREASURY),
            },
            fee: ProtocolFee {
                modules: modules.map(module).to_vec(),
                total,
                precision: U256::from(parts),
            },
            request_margin_seconds: 100,
            buffered: first,
            shares: vec![(account(6), first)],
            ..LiquidStakingState::default()
        };
        let lido = Lido {
            buffered: big(first.0),
            total: big(first.0),
            shares: BTreeMap::from([(6, big(first.0))]),
            modules: modules.map(|(who, fee)| (who, BigInt::from(fee))).to_vec(),
            fee: big(total),
            precision: BigInt::from(parts),
            margin: 100,
            ..Lido::default()
        };
        let fee = U256::from(random.below(1_000_000_000_000_000));
        let decimals_offset = random.pick(&[0, 0, 3, 18]);
        let token = RateToken { deposit_fee: fee, ..RateToken::default() };
        let naive_token = Holdings { parameter: big(fee), ..Holdings::default() };
        let vault = Vault { decimals_offset, ..Vault::default() };
        let parameter = naive::ten(u32::from(decimals_offset));
        let naive_vault = Holdings { parameter, ..Holdings::default() };
        let (pool, now) = (LiquidStaking::new(&state).unwrap(), 1_700_000_000);
        let (written, last) = (Vec::new(), String::new());
        Self {
            seed,
            random,
            pool,
            lido,
            token,
            naive_token,
            vault,
            naive_vault,
            written,
            now,
            last,
        }
    }

    fn who(&mut self) -> Who {
        self.random.below(ACCOUNTS) as Who
    }

    fn amount(&mut self) -> Amount {
        let bits = self.random.pick(&[1, 8, 60, 70, 70, 80]);
        let bits = if self.random.once_in(60) { 256 } else { bits };
        Amount(self.random.wide(bits))
    }

    /// All of something, part of it, or one more.
    fn part(&mut self, all: Amount) -> Amount {
        match self.random.below(10) {
            0 => self.amount(),
            1 => all.checked_add(Amount::from_u64(1)).unwrap_or(all),
            2..4 => all,
            _ => Amount(self.random.up_to(all.0)),
        }
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.now += self.random.pick(&[0, 1, 12, 99, 100, 86_400]);
        match self.random.below(32) {
            0..3 => self.submit(tally),
            3..8 => self.transfer(tally),
            8..13 => self.wrapper(tally),
            13..17 => self.request(tally),
            17..19 => self.claim(tally),
            19 => {
                let most = self.random.pick(&[0, 1, 5, 1_000_000]);
                self.last = format!("deposit to {most} validators");
                let result = self.pool.deposit_to_validators(most).map(BigInt::from);
                let naive = self.tried(|lido| lido.deposit(most));
                let size = naive::ten(18) * 32_u32;
                self.write(&naive, |count| LiquidStakingLog::Unbuffered {
                    amount: Amount(small(&(count * size))),
                });
                self.check("deposit to validators", &result, &naive, tally);
            }
            20..24 => self.report(tally),
            24..28 => self.rate_token(tally),
            _ => self.vault(tally),
        }
    }

    fn submit(&mut self, tally: &mut Tally) {
        let (holder, amount) = (self.who(), self.amount());
        self.last = format!("submit {amount} of {holder}");
        let result = self.pool.submit(account(holder), amount).map(|shares| big(shares.0));
        let naive = self.tried(|lido| lido.submit(holder, &big(amount.0)));
        let sender = of_account(account(holder));
        self.write(&naive, |shares| LiquidStakingLog::Submitted {
            sender,
            amount,
            shares: Amount(small(shares)),
        });
        self.check("submit", &result, &naive, tally);
    }

    fn transfer(&mut self, tally: &mut Tally) {
        let (from, to) = (self.who(), self.who());
        let ends = [account(from), account(to)];
        let logged = |shares_value, value| {
            let [from, to] = ends.map(of_account);
            LiquidStakingLog::TransferShares { from, to, shares_value, value }
        };
        if self.random.once_in(2) {
            let balance = self.pool.balance_of(ends[0]).unwrap_or_default();
            let amount = self.part(balance);
            self.last = format!("transfer {amount} from {from} to {to}");
            let result = self.pool.transfer(ends[0], ends[1], amount);
            let naive = self.tried(|lido| lido.transfer(from, to, &big(amount.0)));
            self.write(&naive, |shares| logged(Amount(small(shares)), amount));
            self.check("transfer", &result.map(|shares| big(shares.0)), &naive, tally);
        } else {
            let shares = self.part(self.pool.shares_of(ends[0]));
            self.last = format!("transfer {shares} shares from {from} to {to}");
            let result = self.pool.transfer_shares(ends[0], ends[1], shares);
            let naive = self.tried(|lido| lido.transfer_shares(from, to, &big(shares.0)));
            self.write(&naive, |worth| logged(shares, Amount(small(worth))));
            self.check("transfer shares", &result.map(|worth| big(worth.0)), &naive, tally);
        }
    }

    fn wrapper(&mut self, tally: &mut Tally) {
        let holder = self.who();
        let of = account(holder);
        if self.random.once_in(2) {
            let balance = self.pool.balance_of(of).unwrap_or_default();
            let amount = self.part(balance);
            self.last = format!("wrap {amount} of {holder}");
            let result = self.pool.wrap(of, amount).map(|minted| big(minted.0));
            let naive = self.tried(|lido| lido.wrap(holder, &big(amount.0)));
            let user = of_account(of);
            self.write(&naive, |tokens| LiquidStakingLog::Wrapped {
                user,
                amount,
                tokens: Amount(small(tokens)),
            });
            self.check("wrap", &result, &naive, tally);
        } else {
            let tokens = self.part(self.pool.wrapped_of(of));
            self.last = format!("unwrap {tokens} of {holder}");
            let result = self.pool.unwrap(of, tokens).map(|amount| big(amount.0));
            let naive = self.tried(|lido| lido.unwrap(holder, &big(tokens.0)));
            let user = of_account(of);
            self.write(&naive, |amount| LiquidStakingLog::Unwrapped {
                user,
                tokens,
                amount: Amount(small(amount)),
            });
            self.check("unwrap", &result, &naive, tally);
        }
    }

    fn request(&mut self, tally: &mut Tally) {
        let (holder, now) = (self.who(), self.now);
        let of = account(holder);
        if self.random.once_in(2) {
            let balance = self.pool.balance_of(of).unwrap_or_default();
            let amount = self.part(balance);
            self.last = format!("request {amount} of {holder}");
            let result = self.pool.request_withdrawal(of, amount, Timestamp(now));
            let worth = self.lido.shares_by_pooled(&big(amount.0));
            let naive = self.tried(|lido| lido.request(holder, &big(amount.0), now));
            self.write_request((&naive, worth), holder, amount, None);
            self.check("request", &result, &naive, tally);
        } else {
            let tokens = self.part(self.pool.wrapped_of(of));
            self.last = format!("request {tokens} wrapped of {holder}");
            let result = self.pool.request_withdrawal_wrapped(of, tokens, Timestamp(now));
            let asked = self.lido.pooled_by_shares(&big(tokens.0));
            let asked = asked.map(|asked| small(&asked)).unwrap_or_default();
            let worth = self.lido.shares_by_pooled(&big(asked));
            let naive = self.tried(|lido| lido.request_wrapped(holder, &big(tokens.0), now));
            self.write_request((&naive, worth), holder, Amount(asked), Some(tokens));
            self.check("request wrapped", &result, &naive, tally);
        }
    }

    fn claim(&mut self, tally: &mut Tally) {
        let request = self.random.below(self.lido.requests.len() as u64 + 2);
        let owner = match self.lido.requests.get((request as usize).wrapping_sub(1)) {
            Some(request) if !self.random.once_in(8) => request.owner,
            _ => self.who(),
        };
        self.last = format!("claim {request} of {owner}");
        let result = self.pool.claim(Claim { request, owner: account(owner) });
        let naive = self.tried(|lido| lido.claim(request, owner));
        self.write(&naive, |paid| LiquidStakingLog::WithdrawalClaimed {
            request_id: request,
            owner: of_account(account(owner)),
            amount: Amount(small(paid)),
        });
        self.check("claim", &result.map(|paid| big(paid.0)), &naive, tally);
    }

    fn report(&mut self, tally: &mut Tally) {
        let lido = &self.lido;
        let (deposited, appeared) = (lido.deposited, lido.appeared);
        let random = &mut self.random;
        let appeared = match random.below(12) {
            0 => appeared.wrapping_sub(1),
            1 => deposited + 1,
            _ => appeared + random.below(deposited - appeared + 1),
        };
        let new = U256::from(appeared.wrapping_sub(lido.appeared).min(1_000));
        let size = U256::from(32_000_000_000_000_000_000_u128);
        let base = small(&lido.balance).wrapping_add(new * size);
        let moved = base / U256::from(random.pick(&[1_000_u64, 30, 5]));
        let moved = random.up_to(moved);
        let balance =
            if random.once_in(4) { base.wrapping_sub(moved) } else { base.saturating_add(moved) };
        let mut extra = || match random.below(4) {
            0..2 => U256::ZERO,
            _ => {
                let bits = random.pick(&[8, 60, 70]);
                random.wide(bits)
            }
        };
        let (withdrawals, execution) = (extra(), extra());
        let burn = match random.below(6) {
            0 => U256::ZERO,
            1 => small(&lido.burn_requested).saturating_add(U256::ONE),
            _ => small(&lido.burn_requested),
        };
        let batches = batches(random, lido.last_final, lido.requests.len() as u64);
        let rate = if lido.total == BigInt::from(0) {
            U256::ONE
        } else {
            small(&((big(balance) + &lido.buffered) * naive::ten(27) / &lido.total))
        };
        let rate = match random.below(10) {
            0 => U256::ZERO,
            1 => random.wide(128),
            2..5 => rate / U256::from(2),
            _ => rate,
        };
        let at = if random.once_in(10) { self.now } else { self.now + 100 };
        let ours = OracleReport {
            at: Timestamp(at),
            appeared_validators: appeared,
            consensus_balance: Amount(balance),
            withdrawals: Amount(withdrawals),
            execution_rewards: Amount(execution),
            shares_to_burn: Amount(burn),
            finalize: batches.clone(),
            share_rate: rate,
        };
        let theirs = Report {
            time: at,
            appeared,
            balance: big(balance),
            withdrawals: big(withdrawals),
            execution: big(execution),
            burn: big(burn),
            batches,
            rate: big(rate),
        };
        self.check_report(&ours, &theirs, tally);
    }

    fn check_report(&mut self, ours: &OracleReport, theirs: &Report, tally: &mut Tally) {
        self.last = format!("{ours:?}");
        let unfinal = self.lido.unfinalized();
        let result = self.pool.report(ours);
        let naive = self.tried(|lido| lido.report(theirs));
        self.write_report(&naive, ours);
        let result = result.map(|done| {
            let parts = [done.fee_shares, done.finalized.to_lock, done.finalized.to_burn];
            parts.map(|part| big(part.0))
        });
        if let Ok([minted, lock, _]) = &naive {
            let zero = BigInt::from(0);
            if *minted > zero {
                tally.count("fee minted");
            }
            if *lock > zero {
                tally.count("finalisation");
                if unfinal - self.lido.unfinalized() > *lock {
                    tally.count("finalisation at a loss");
                }
            }
        }
        self.check("report", &result, &naive, tally);
    }

    fn rate_token(&mut self, tally: &mut Tally) {
        let holder = self.who();
        let of = account(holder);
        let mut after = self.naive_token.clone();
        match self.random.below(5) {
            0 => {
                let all: U256 =
                    self.token.tokens.values().fold(U256::ZERO, |a, b| a.wrapping_add(b.0));
                let balance = if self.random.once_in(8) { U256::ZERO } else { self.amount().0 };
                let balance = if self.random.once_in(2) { all } else { balance };
                self.token.report(Amount(balance), Amount(all));
                after.reported = [big(balance), big(all)];
                self.naive_token = after;
                let (total_eth, reth_supply) = (Amount(balance), Amount(all));
                let log = RateTokenLog::BalancesUpdated { total_eth, reth_supply };
                self.written.push((None, self.now, ProgrammeLog::RateToken(log)));
            }
            1..3 => {
                let amount = self.amount();
                self.last = format!("rate token: deposit {amount} of {holder}");
                let result = self.token.deposit(of, amount).map(|minted| big(minted.0));
                let naive = after.rate_deposit(holder, &big(amount.0));
                if let Ok(minted) = &naive {
                    let (to, minted) = (of_account(of), Amount(small(minted)));
                    let log = RateTokenLog::TokensMinted { to, deposited: amount, amount: minted };
                    self.written.push((None, self.now, ProgrammeLog::RateToken(log)));
                    self.naive_token = after;
                }
                self.check("rate token deposit", &result, &naive, tally);
            }
            _ => {
                let tokens = self.token.tokens.get(&of).copied().unwrap_or_default();
                let tokens = self.part(tokens);
                self.last = format!("rate token: burn {tokens} of {holder}");
                let result = self.token.burn(of, tokens).map(|paid| big(paid.0));
                let naive = after.rate_burn(holder, &big(tokens.0));
                if let Ok(paid) = &naive {
                    let (from, eth_amount) = (of_account(of), Amount(small(paid)));
                    let log = RateTokenLog::TokensBurned { from, amount: tokens, eth_amount };
                    self.written.push((None, self.now, ProgrammeLog::RateToken(log)));
                    self.naive_token = after;
                }
                self.check("rate token burn", &result, &naive, tally);
            }
        }
    }

    fn vault(&mut self, tally: &mut Tally) {
        let holder = self.who();
        let of = account(holder);
        let mut after = self.naive_vault.clone();
        let flag = self.random.once_in(2);
        match self.random.below(5) {
            0 => {
                let amount = self.amount();
                let amount = if self.random.once_in(2) { amount } else { Amount::ZERO };
                if self.vault.give_assets(amount).is_ok() {
                    self.naive_vault.assets += big(amount.0);
                    let log = VaultLog::Given { amount };
                    self.written.push((None, self.now, ProgrammeLog::Vault(log)));
                }
            }
            1..3 => {
                let amount = self.amount();
                self.last = format!("vault in: {amount} of {holder}, mint {flag}");
                let result =
                    if flag { self.vault.mint(of, amount) } else { self.vault.deposit(of, amount) };
                let naive = after.vault_in(holder, &big(amount.0), flag);
                if let Ok(answer) = &naive {
                    let (owner, answer) = (of_account(of), Amount(small(answer)));
                    let (assets, shares) = if flag { (answer, amount) } else { (amount, answer) };
                    let log = VaultLog::Deposit { owner, assets, shares };
                    self.written.push((None, self.now, ProgrammeLog::Vault(log)));
                    self.naive_vault = after;
                }
                self.check("vault in", &result.map(|answer| big(answer.0)), &naive, tally);
            }
            _ => {
                let shares = self.vault.shares.get(&of).copied().unwrap_or_default();
                let all = if flag {
                    shares
                } else {
                    self.vault.convert_to_assets(shares).unwrap_or_default()
                };
                let amount = self.part(all);
                self.last = format!("vault out: {amount} of {holder}, redeem {flag}");
                let result = if flag {
                    self.vault.redeem(of, amount)
                } else {
                    self.vault.withdraw(of, amount)
                };
                let naive = after.vault_out(holder, &big(amount.0), flag);
                if let Ok(answer) = &naive {
                    let (owner, answer) = (of_account(of), Amount(small(answer)));
                    let (assets, shares) = if flag { (answer, amount) } else { (amount, answer) };
                    let log = VaultLog::Withdraw { owner, assets, shares };
                    self.written.push((None, self.now, ProgrammeLog::Vault(log)));
                    self.naive_vault = after;
                }
                self.check("vault out", &result.map(|answer| big(answer.0)), &naive, tally);
            }
        }
    }

    /// Takes down what a call that went through logs.
    fn write<T>(&mut self, answer: &Result<T, Failure>, log: impl FnOnce(&T) -> LiquidStakingLog) {
        if let Ok(answer) = answer {
            self.written.push((None, self.now, ProgrammeLog::LiquidStaking(Box::new(log(answer)))));
        }
    }

    fn write_request(
        &mut self,
        (made, shares): (&Result<u64, Failure>, Result<BigInt, Failure>),
        holder: Who,
        amount: Amount,
        wrapped: Option<Amount>,
    ) {
        self.write(made, |request_id| LiquidStakingLog::WithdrawalRequested {
            request_id: *request_id,
            owner: of_account(account(holder)),
            amount,
            shares: Amount(small(&shares.unwrap())),
            wrapped,
        });
    }

    fn write_report(&mut self, made: &Result<[BigInt; 3], Failure>, report: &OracleReport) {
        let total_ether = self.lido.pooled().map(|pooled| small(&pooled)).unwrap_or_default();
        let total_shares = small(&self.lido.total);
        self.write(made, |done| {
            let [fee_shares, eth_locked, shares_to_burn] =
                done.each_ref().map(|part| Amount(small(part)));
            LiquidStakingLog::TokenRebased {
                report_timestamp: report.at,
                cl_validators: report.appeared_validators,
                cl_balance: report.consensus_balance,
                withdrawals: report.withdrawals,
                execution_rewards: report.execution_rewards,
                shares_burnt: report.shares_to_burn,
                batches: report.finalize.clone(),
                share_rate: report.share_rate,
                eth_locked,
                shares_to_burn,
                fee_shares,
                total_ether: Amount(total_ether),
                total_shares: Amount(total_shares),
            }
        });
    }

    /// Keeps what the naive model did only where it did not fail.
    fn tried<T>(
        &mut self,
        call: impl FnOnce(&mut Lido) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut after = self.lido.clone();
        let result = call(&mut after)?;
        self.lido = after;
        Ok(result)
    }

    fn check<T: PartialEq + Debug>(
        &mut self,
        operation: &str,
        model: &Result<T, LiquidError>,
        naive: &Result<T, Failure>,
        tally: &mut Tally,
    ) {
        match (model, naive) {
            (Ok(model), Ok(naive)) => {
                assert_eq!(model, naive, "after {} (world {})", self.last, self.seed);
                tally.count(operation);
            }
            (Err(model), Err(reason)) if format!("{model:?}") == **reason => {
                tally.revert(operation, reason);
            }
            _ => panic!("{model:?}, {naive:?} after {} (world {})", self.last, self.seed),
        }
        self.compare();
    }

    fn compare(&self) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        let (lido, state) = (&self.lido, self.pool.state());
        let numbers = [state.buffered, state.consensus_balance, state.burn_requested, state.locked];
        let theirs =
            [&lido.buffered, &lido.balance, &lido.burn_requested, &lido.locked].map(Clone::clone);
        assert_eq!(numbers.map(|number| big(number.0)), theirs, "{}", context());
        let counts = [state.deposited_validators, state.appeared_validators, state.finalized];
        assert_eq!(counts, [lido.deposited, lido.appeared, lido.last_final], "{}", context());
        assert_eq!(big(self.pool.total_shares().0), lido.total, "{}", context());
        let held = |list: &mut dyn Iterator<Item = (Account, Amount)>| -> Vec<_> {
            list.map(|(holder, amount)| (who(holder), big(amount.0))).collect()
        };
        assert_eq!(held(&mut state.shares.iter().copied()), some(&lido.shares), "{}", context());
        assert_eq!(held(&mut state.wrapped.iter().copied()), some(&lido.wrapped), "{}", context());
        let tokens = self.token.tokens.iter().map(|(holder, amount)| (*holder, *amount));
        assert_eq!(held(&mut { tokens }), some(&self.naive_token.held), "{}", context());
        assert_eq!(big(self.token.collateral.0), self.naive_token.assets, "{}", context());
        let shares = self.vault.shares.iter().map(|(holder, amount)| (*holder, *amount));
        assert_eq!(held(&mut { shares }), some(&self.naive_vault.held), "{}", context());
        assert_eq!(big(self.vault.assets.0), self.naive_vault.assets, "{}", context());
        assert_eq!(state.requests.len(), lido.requests.len(), "{}", context());
        for (ours, theirs) in state.requests.iter().zip(&lido.requests) {
            let sums = [ours.cumulative_amount, ours.cumulative_shares].map(|sum| big(sum.0));
            assert_eq!(sums, theirs.cumulative, "{}", context());
            let rest = (who(ours.owner), ours.requested_at.0, ours.is_claimed);
            assert_eq!(rest, (theirs.owner, theirs.time, theirs.claimed), "{}", context());
        }
        let ours = state.checkpoints.iter();
        let ours = ours.map(|each| (each.from_request, big(each.max_share_rate)));
        assert_eq!(ours.collect::<Vec<_>>(), lido.checkpoints, "{}", context());
        for holder in 0..ACCOUNTS as Who {
            let balance = self.pool.balance_of(account(holder)).map(|balance| big(balance.0));
            let shares = lido.shares.get(&holder).cloned().unwrap_or_default();
            let theirs = lido.pooled_by_shares(&shares);
            assert_eq!(balance.ok(), theirs.ok(), "{}", context());
        }
        assert_eq!(LiquidStaking::new(&state).map(|pool| pool.state()), Ok(state));
    }
}

/// The ends of batches to finalise: none, one or two, now and then beyond the last or unsorted.
fn batches(random: &mut Random, first: u64, count: u64) -> Vec<u64> {
    let mut batches = Vec::new();
    if random.once_in(2) && count > 0 {
        let span = count - first;
        batches.push(first + 1 + random.below(span + 1));
        if random.once_in(2) {
            batches.push(first + random.below(span + 2));
        }
        if !random.once_in(8) {
            batches.sort_unstable();
            batches.dedup();
        }
    }
    batches
}

fn some(map: &BTreeMap<Who, BigInt>) -> Vec<(Who, BigInt)> {
    let held = map.iter().filter(|(_, amount)| **amount != BigInt::from(0));
    held.map(|(who, amount)| (*who, amount.clone())).collect()
}
