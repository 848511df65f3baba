use proptest::prelude::*;

use super::*;

const TOKEN: Account = Account([0x70; 20]);
const DISTRIBUTOR: Account = Account([0xd1; 20]);

impl World {
    /// A world with one reward token.
    fn with_reward() -> Self {
        let mut world = Self::new();
        world.gauge.add_reward(ADMIN, TOKEN, DISTRIBUTOR).unwrap();
        world
    }

    fn bring(&mut self, amount: U256, after: u64) {
        let at = Timestamp(START + after);
        self.gauge.deposit_reward_token(DISTRIBUTOR, TOKEN, Amount(amount), at).unwrap();
    }

    fn claim(&mut self, who: Account, after: u64) -> U256 {
        let claim = RewardClaimFor { account: who, receiver: Account::default() };
        let paid = self.gauge.claim_rewards(who, claim, Timestamp(START + after)).unwrap();
        paid.first().map_or(U256::ZERO, |payment| payment.amount.0)
    }
}

#[test]
fn rewards_are_stranded_while_nobody_is_staked() {
    let mut world = World::with_reward();
    world.bring(U256::from(WEEK), 0);
    world.deposit(ALICE, units(5), WEEK / 2);
    assert_eq!(world.claim(ALICE, 2 * WEEK), U256::from(WEEK / 2));
    assert_eq!(world.gauge.held(TOKEN), Amount(U256::from(WEEK / 2)));
    world.checkpoint(ALICE, 2 * WEEK);
    assert_eq!(world.earned(ALICE), units(WEEK / 2 * 3), "and half a week of the emission is, too");
}

#[test]
fn a_top_up_of_nothing_can_end_a_reward() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::from(WEEK), 0);
    // 302,400 are left, and 302,400 / 604,800 seconds is nothing.
    world.bring(U256::ZERO, WEEK / 2);
    assert_eq!(world.gauge.rewards()[0].rate, U256::ZERO);
    assert_eq!(world.claim(ALICE, 9 * WEEK), U256::from(WEEK / 2));
}

#[test]
fn what_the_rate_leaves_over_is_never_paid() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::from(2 * WEEK - 1), 0);
    assert_eq!(world.claim(ALICE, WEEK), U256::from(WEEK));
    assert_eq!(world.gauge.held(TOKEN), Amount(U256::from(WEEK - 1)));
}

#[test]
fn checkpoints_and_deposits_of_nothing_leave_reward_tokens_alone() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::from(WEEK), 0);
    let before = world.gauge.rewards().to_vec();
    world.checkpoint(ALICE, WEEK);
    assert_eq!(world.deposit(ALICE, U256::ZERO, WEEK), []);
    assert_eq!(world.withdraw(ALICE, U256::ZERO, true, WEEK), Ok(Vec::new()));
    assert_eq!(world.gauge.rewards(), before);
    let at = Timestamp(START + WEEK);
    let claimable = world.gauge.claimable_reward(ALICE, TOKEN, at);
    assert_eq!(claimable, Ok(Amount(U256::from(WEEK))));
}

#[test]
fn a_stranger_can_claim_for_another_but_not_redirect() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::from(WEEK), 0);
    let at = Timestamp(START + 100);
    let redirect = RewardClaimFor { account: ALICE, receiver: BOB };
    let refused = world.gauge.claim_rewards(BOB, redirect, at);
    assert_eq!(refused, Err(BalancerGaugeError::CannotRedirect));
    let claim = RewardClaimFor { account: ALICE, receiver: Account::default() };
    let payment = |receiver| vec![RewardPayment { token: TOKEN, receiver, amount: hundred() }];
    assert_eq!(world.gauge.claim_rewards(BOB, claim, at), Ok(payment(ALICE)));
    // A deposit for her pays, too, and where she says.
    world.gauge.set_rewards_receiver(ALICE, VAULT);
    assert_eq!(world.deposit(ALICE, U256::ONE, 200), payment(VAULT));
    let own = RewardClaimFor { account: ALICE, receiver: BOB };
    let paid = world.gauge.claim_rewards(ALICE, own, Timestamp(START + 302)).unwrap();
    assert_eq!(paid[0].receiver, BOB);
}

fn hundred() -> Amount {
    Amount(U256::from(100))
}

#[test]
fn a_moved_stake_leaves_its_rewards_behind() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::from(WEEK), 0);
    world.transfer(ALICE, BOB, units(5), 100).unwrap();
    assert_eq!(world.gauge.stake_of(BOB).balance, units(5));
    assert_eq!(world.claim(BOB, 200), U256::from(100));
    assert_eq!(world.claim(ALICE, 200), U256::from(100));
    world.checkpoint(BOB, 200);
    assert_eq!([ALICE, BOB].map(|who| world.earned(who)), [units(100); 2]);
}

#[test]
fn what_was_claimed_past_128_bits_can_be_claimed_again() {
    let mut world = World::with_reward();
    world.deposit(ALICE, U256::ONE, 0);
    let rate = U256::ONE << 128_usize;
    world.bring(rate * U256::from(WEEK), 0);
    assert_eq!(world.claim(ALICE, 1), rate);
    let claim = world.gauge.reward_claim_of(ALICE, TOKEN);
    assert_eq!([claim.claimable.0, claim.claimed.0], [U256::ONE, U256::ZERO]);
    assert_eq!(world.claim(ALICE, 1), U256::ONE, "in the same second");
}

#[test]
fn what_waits_past_128_bits_is_lost() {
    let mut world = World::with_reward();
    world.deposit(ALICE, U256::from(2), 0);
    let rate = U256::ONE << 128_usize;
    world.bring(rate * U256::from(WEEK), 0);
    assert_eq!(world.withdraw(ALICE, U256::ONE, false, 1), Ok(Vec::new()));
    assert_eq!(world.claim(ALICE, 1), U256::ZERO);
}

#[test]
fn an_absurd_reward_locks_every_stake() {
    let mut world = World::with_reward();
    world.deposit(ALICE, units(5), 0);
    world.bring(U256::ONE << 255_usize, 0);
    let before = world.gauge.clone();
    assert_eq!(world.withdraw(ALICE, U256::ONE, false, WEEK), Err(Overflow));
    assert_eq!(world.gauge, before);
    world.checkpoint(ALICE, WEEK);
    assert_eq!(world.earned(ALICE), units(WEEK));
}

#[test]
fn reward_tokens_are_the_admins_and_their_distributors() {
    use BalancerGaugeError::{
        KnownReward, NotAdmin, NotDistributor, TooManyRewards, UnknownReward, ZeroDistributor,
    };
    let mut world = World::with_reward();
    let gauge = &mut world.gauge;
    let zero = Account::default();
    assert_eq!(gauge.add_reward(ALICE, zero, zero), Err(ZeroDistributor));
    assert_eq!(gauge.add_reward(ALICE, POOL, ALICE), Err(NotAdmin));
    assert_eq!(gauge.add_reward(ADMIN, TOKEN, ALICE), Err(KnownReward));
    assert_eq!(gauge.set_reward_distributor(ALICE, TOKEN, ALICE), Err(NotDistributor));
    assert_eq!(gauge.set_reward_distributor(ADMIN, POOL, ALICE), Err(UnknownReward));
    assert_eq!(gauge.set_reward_distributor(ADMIN, TOKEN, zero), Err(ZeroDistributor));
    assert_eq!(gauge.set_reward_distributor(DISTRIBUTOR, TOKEN, BOB), Ok(()));
    let refused = gauge.deposit_reward_token(DISTRIBUTOR, TOKEN, hundred(), Timestamp(START));
    assert_eq!(refused, Err(NotDistributor));
    for number in 1..8 {
        gauge.add_reward(ADMIN, Account([number; 20]), BOB).unwrap();
    }
    assert_eq!(gauge.add_reward(ADMIN, POOL, BOB), Err(TooManyRewards));
}

proptest! {
    /// Never more is paid than was brought, and what is not paid is held.
    #[test]
    fn paid_and_held_is_what_was_brought(
        steps in prop::collection::vec((0_u8..4, 1_u64..1_000_000_000, 0_u64..200_000), 1..40),
    ) {
        let mut world = World::with_reward();
        let (mut brought, mut paid, mut after) = (U256::ZERO, U256::ZERO, 0);
        for (kind, value, seconds) in steps {
            after += seconds;
            let who = if value % 2 == 0 { ALICE } else { BOB };
            match kind {
                0 => {
                    let paid_out = world.deposit(who, U256::from(value), after);
                    paid += paid_out.iter().map(|payment| payment.amount.0).sum::<U256>();
                }
                1 => {
                    world.bring(U256::from(value), after);
                    brought += U256::from(value);
                }
                2 => {
                    let balance = world.gauge.stake_of(who).balance / U256::from(2);
                    world.withdraw(who, balance, false, after).unwrap();
                }
                _ => paid += world.claim(who, after),
            }
        }
        prop_assert_eq!(paid + world.gauge.held(TOKEN).0, brought);
        let state = world.gauge.state();
        prop_assert_eq!(BalancerGauge::new(&state), Ok(world.gauge));
    }
}
