//! The real contracts in the state that a configuration makes up, reached by the calls that lead
//! there.

use tidemill_rewards::WEEK;
use tidemill_testkit::{
    Address, Artifacts, BalancerGaugeOracle, Call, CurveGaugesOracle, Evm, Outcome,
};
use tidemill_units::{Amount, Timestamp, U256};

/// Who farms.
pub(super) const FARMER: Address = Address::repeat_byte(0xfa);
const OTHERS: Address = Address::repeat_byte(0x07);
/// Who has locked what nobody who stakes has.
const REST: Address = Address::repeat_byte(0x08);
const OTHER_GAUGE: Address = Address::repeat_byte(0x6b);
const ONE: u64 = 1_000_000_000_000_000_000;
const YEAR: u64 = 31_536_000;

/// A gauge and what it works with.
pub(super) struct Contracts {
    pub(super) evm: Evm,
    pub(super) gauge: Address,
    pub(super) minter: Address,
    /// What is minted.
    pub(super) token: Address,
    admin: Address,
    pool_token: Address,
    escrow: Address,
    controller: Address,
    /// Whether the pool token asks for leave; that of Curve's world moves for anybody.
    needs_leave: bool,
    /// What we lock with our first stake; zero for nothing.
    locked: U256,
}

fn done(sent: &Outcome) {
    assert!(sent.result.is_ok(), "{:?}", sent.result);
}

fn tokens(count: u64) -> U256 {
    U256::from(count) * U256::from(ONE)
}

impl Contracts {
    /// CRV as it was created on the chain, and all epochs of it begun that had come.
    pub(super) fn curve(first: Timestamp, weight_bps: u64) -> Self {
        let created = 1_597_270_648;
        let artifacts = Artifacts::load().unwrap();
        let mut oracle = CurveGaugesOracle::new(&artifacts, 18, created, 10_647_813).unwrap();
        let lead = first.0 - 4 * WEEK;
        let (admin, token, controller) = (oracle.admin, oracle.token, oracle.controller);
        for epoch in (created + 86_400..lead).step_by(YEAR as usize) {
            oracle.evm.set_timestamp(U256::from(epoch));
            let begin = Call::new("update_mining_parameters()", 0);
            oracle.evm.set_up(admin, token, "update_mining_parameters", begin).unwrap();
        }
        oracle.evm.set_timestamp(U256::from(lead));
        let gauge = oracle.deploy_gauge().unwrap();
        let pool_token = oracle.pool_tokens[0];
        let (minter, escrow) = (oracle.minter, oracle.escrow);
        let (evm, locked) = (oracle.evm, U256::ZERO);
        let needs_leave = false;
        let mut contracts = Self {
            evm,
            gauge,
            minter,
            token,
            admin,
            pool_token,
            escrow,
            controller,
            needs_leave,
            locked,
        };
        contracts.add_gauges(weight_bps);
        contracts.set_time(first);
        contracts
    }

    /// BAL as it was activated on the chain. Others have locked three million, of which half is
    /// theirs who stake, and we lock a quarter of a million. The gauge's part is 321 in 10,000.
    pub(super) fn balancer(first: Timestamp) -> Self {
        let activated = 1_648_465_251;
        let mut oracle = BalancerGaugeOracle::new(activated, 14_472_500).unwrap();
        let (admin, token_admin) = (oracle.admin, oracle.token_admin);
        let lead = first.0 - 4 * WEEK;
        for epoch in (activated + YEAR..lead).step_by(YEAR as usize) {
            oracle.evm.set_timestamp(U256::from(epoch));
            let begin = Call::new("update_mining_parameters()", 0);
            oracle.evm.set_up(admin, token_admin, "update_mining_parameters", begin).unwrap();
        }
        oracle.evm.set_timestamp(U256::from(lead));
        let gauge = oracle.create_gauge(U256::from(ONE)).unwrap();
        let (minter, escrow, controller) = (oracle.minter, oracle.escrow, oracle.controller);
        let (token, pool_token) = (oracle.token, oracle.pool_token);
        let (evm, locked) = (oracle.evm, tokens(250_000));
        let needs_leave = true;
        let mut contracts = Self {
            evm,
            gauge,
            minter,
            token,
            admin,
            pool_token,
            escrow,
            controller,
            needs_leave,
            locked,
        };
        contracts.add_gauges(321);
        contracts.set_time(first);
        for locker in [OTHERS, REST] {
            contracts.lock(locker, tokens(1_500_000), first);
        }
        contracts
    }

    pub(super) fn set_time(&mut self, Timestamp(at): Timestamp) {
        self.evm.set_timestamp(U256::from(at));
    }

    fn send(&mut self, from: Address, to: Address, call: Call) {
        done(&self.evm.send(from, to, call).unwrap());
    }

    fn add_gauges(&mut self, weight_bps: u64) {
        let (admin, controller) = (self.admin, self.controller);
        let add_type = Call::new("add_type(string,uint256)", 2).bytes(b"").word(tokens(1));
        self.send(admin, controller, add_type);
        for (gauge, bps) in [(self.gauge, weight_bps), (OTHER_GAUGE, 10_000 - weight_bps)] {
            let weight = U256::from(bps) * U256::from(ONE / 10_000);
            let add = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
            self.send(admin, controller, add.word(U256::ZERO).word(weight));
        }
    }

    /// Gives somebody pool tokens, which `spender` may take.
    fn fund(&mut self, who: Address, spender: Address, amount: U256) {
        let (admin, pool_token) = (self.admin, self.pool_token);
        let mint = Call::new("mint(address,uint256)", 2).address(who).word(amount);
        self.send(admin, pool_token, mint);
        if self.needs_leave {
            let approve = Call::new("approve(address,uint256)", 2).address(spender);
            self.send(who, pool_token, approve.word(U256::MAX));
        }
    }

    /// Locks for as long as Balancer's escrow takes.
    fn lock(&mut self, who: Address, amount: U256, now: Timestamp) {
        let escrow = self.escrow;
        self.fund(who, escrow, amount);
        let until = U256::from(now.0 + YEAR);
        let create = Call::new("create_lock(uint256,uint256)", 2).word(amount).word(until);
        self.send(who, escrow, create);
    }

    pub(super) fn stake_of_others(&mut self, shares: Amount) {
        self.deposit(OTHERS, shares);
    }

    fn deposit(&mut self, who: Address, shares: Amount) {
        let gauge = self.gauge;
        self.fund(who, gauge, shares.0);
        self.send(who, gauge, Call::new("deposit(uint256)", 1).word(shares.0));
    }

    /// Stakes for us, after our lock where there is to be one and is none.
    pub(super) fn stake(&mut self, shares: Amount, now: Timestamp) {
        let locked = std::mem::take(&mut self.locked);
        if !locked.is_zero() {
            self.lock(FARMER, locked, now);
        }
        self.deposit(FARMER, shares);
    }

    /// Mints for us; returns what we have more than before.
    pub(super) fn mint(&mut self) -> U256 {
        let (before, minter) = (self.minted(), self.minter);
        let mint = Call::new("mint(address)", 1).address(self.gauge);
        self.send(FARMER, minter, mint);
        self.minted() - before
    }

    pub(super) fn withdraw(&mut self, shares: Amount) {
        let gauge = self.gauge;
        self.send(FARMER, gauge, Call::new("withdraw(uint256)", 1).word(shares.0));
    }

    /// What we have of the token.
    pub(super) fn minted(&mut self) -> U256 {
        let balance = Call::new("balanceOf(address)", 1).address(FARMER);
        self.evm.view(self.token, balance).unwrap().unwrap().words()[0]
    }

    /// What we could mint now.
    pub(super) fn claimable(&mut self) -> U256 {
        let claimable = Call::new("claimable_tokens(address)", 1).address(FARMER);
        self.evm.view(self.gauge, claimable).unwrap().unwrap().words()[0]
    }

    /// Raw units of our stake, of what of it works, and of what of all works.
    pub(super) fn works(&mut self) -> [U256; 3] {
        let mut ask = |call: Call| self.evm.view(self.gauge, call).unwrap().unwrap().words()[0];
        [
            ask(Call::new("balanceOf(address)", 1).address(FARMER)),
            ask(Call::new("working_balances(address)", 1).address(FARMER)),
            ask(Call::new("working_supply()", 0)),
        ]
    }
}
