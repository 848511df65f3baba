//! Scenes in the real contracts that random operations hardly come to.

use tidemill_amm::concentrated::sqrt_price_at_tick;
use tidemill_testkit::{
    Address, Artifacts, IncentiveWords, MintCall, PoolParameters, Revert, StakerBounds,
    V3StakerOracle, address_word,
};
use tidemill_units::{Tick, U256};

/// When a scene begins.
const BEGIN: u64 = 1_000;
/// When incentives start.
const KEY_START: u64 = BEGIN + 100;
/// When they end.
pub(super) const KEY_END: u64 = KEY_START + 100;

/// The real contracts, the pool at tick zero, and two users with tokens.
pub(super) struct Scene {
    pub(super) oracle: V3StakerOracle,
    pub(super) users: [Address; 2],
    now: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        let artifacts = Artifacts::load().unwrap();
        let parameters = PoolParameters { fee: 3_000, tick_spacing: 60 };
        let bounds = StakerBounds { lead_time_seconds: 1_000, duration_seconds: 1_000 };
        let mut oracle = V3StakerOracle::new(&artifacts, parameters, bounds).unwrap();
        let users = [0x11, 0x22].map(Address::repeat_byte);
        for user in users {
            oracle.pool.endow(user, [U256::ONE << 200; 2]).unwrap();
            for token in oracle.reward_tokens {
                oracle.endow(token, user, U256::ONE << 200).unwrap();
            }
        }
        let mut scene = Self { oracle, users, now: BEGIN };
        scene.wait(0);
        let price = sqrt_price_at_tick(Tick(0)).unwrap();
        scene.oracle.pool.initialize(price.to_x96()).unwrap().result.unwrap();
        scene
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        self.oracle.pool.evm.set_timestamp(U256::from(self.now));
    }

    /// An incentive in the first reward token that ends then, the first user its refundee.
    pub(super) fn key(&self, end: u64) -> IncentiveWords {
        IncentiveWords([
            address_word(self.oracle.reward_tokens[0]),
            address_word(self.oracle.pool.pool),
            U256::from(KEY_START),
            U256::from(end),
            address_word(self.users[0]),
        ])
    }

    /// Mints a position of at most this much of each token.
    pub(super) fn mint(&mut self, owner: Address, (lower, upper): (i32, i32), most: u64) -> U256 {
        let call = MintCall { lower, upper, desired: [U256::from(most); 2] };
        let minted = self.oracle.manager.mint(&mut self.oracle.pool, owner, call).unwrap();
        minted.result.unwrap().word(0).unwrap()
    }

    /// What an account can claim of the first reward token.
    fn claimable(&mut self, owner: Address) -> U256 {
        let call = tidemill_testkit::Call::new("rewards(address,address)", 2);
        let call = call.address(self.oracle.reward_tokens[0]).address(owner);
        self.oracle.view(call).unwrap().unwrap().word(0).unwrap()
    }
}

/// The model's `nobody_can_leave_in_the_second_in_which_all_seconds_are_claimed`.
#[test]
fn the_contract_lets_nobody_leave_once_all_seconds_are_claimed() {
    let mut scene = Scene::new();
    let [alice, bob] = scene.users;
    let key = scene.key(KEY_END);
    scene.oracle.create_incentive(alice, key, U256::from(1_000)).unwrap().result.unwrap();
    // At tick zero a full range has as much liquidity as there is of either token, and a power of
    // two divides the seconds without a rest.
    let whole = scene.mint(alice, (-887_220, 887_220), 1 << 40);
    let beside = scene.mint(bob, (60, 120), 1 << 40);
    let info = scene.oracle.manager.position(&mut scene.oracle.pool, whole).unwrap().unwrap();
    assert_eq!(info.word(7).unwrap(), U256::from(1_u64 << 40));
    scene.wait(100);
    for (owner, token) in [(alice, whole), (bob, beside)] {
        scene.oracle.deposit(owner, owner, token, &key.encode()).unwrap().result.unwrap();
    }
    scene.wait(100);
    scene.oracle.unstake(alice, key, whole).unwrap().result.unwrap();
    assert_eq!(scene.claimable(alice), U256::from(1_000));
    let refused = scene.oracle.unstake(bob, key, beside).unwrap().result;
    assert_eq!(refused, Err(Revert::Empty));
    scene.wait(1);
    scene.oracle.unstake(bob, key, beside).unwrap().result.unwrap();
    assert_eq!(scene.claimable(bob), U256::ZERO);
}

#[test]
fn a_position_sent_without_notice_is_lost() {
    let mut scene = Scene::new();
    let [alice, _] = scene.users;
    let token = scene.mint(alice, (-600, 600), 1_000_000);
    scene.oracle.send_without_notice(alice, token).unwrap().result.unwrap();
    let withdrawn = scene.oracle.withdraw(alice, token, alice).unwrap().result;
    let reason = "UniswapV3Staker::withdrawToken: only owner can withdraw token";
    assert_eq!(withdrawn, Err(Revert::Reason(reason.to_owned())));
    let staked = scene.oracle.stake(alice, scene.key(KEY_END), token).unwrap().result;
    let reason = "UniswapV3Staker::stakeToken: only owner can stake token";
    assert_eq!(staked, Err(Revert::Reason(reason.to_owned())));
}
