//! Laws of what is paid.

use super::*;

/// What passes between two operations: seconds, and which tokens are in range then.
#[derive(Clone, Debug)]
struct Spell {
    seconds: u64,
    in_range: [bool; 3],
    operation: u8,
}

fn spell() -> impl Strategy<Value = Spell> {
    let seconds = prop_oneof![Just(0), 1..40_u64, 40..400_u64];
    (seconds, any::<[bool; 3]>(), 0..12_u8).prop_map(|(seconds, in_range, operation)| Spell {
        seconds,
        in_range,
        operation,
    })
}

fn pass(pools: &mut Pools, spell: &Spell, liquidity: &[u128; 3], unstaked: u128) {
    let shares = liquidity.iter().zip(spell.in_range);
    let sharing: u128 = shares.filter(|(_, inside)| *inside).map(|(share, _)| share).sum();
    for id in 1..=3 {
        if spell.in_range[id as usize - 1] {
            pools.pass(id, spell.seconds, sharing + unstaked);
        }
    }
}

proptest! {
    #[test]
    fn no_more_is_paid_than_was_promised(
        liquidity in any::<[u64; 3]>(),
        unstaked in any::<u32>(),
        reward in 1..u128::MAX,
        spells in proptest::collection::vec(spell(), 1..30),
    ) {
        let liquidity = liquidity.map(|liquidity| u128::from(liquidity) + 1);
        let mut pools = Pools::of(&liquidity);
        let mut staker = empty();
        let mut now = 100;
        staker.create_incentive(KEY, Amount(U256::from(reward)), Timestamp(now)).unwrap();
        for id in 1..=3 {
            staker.deposit(deposit_of(ALICE, id), &[], Timestamp(now), &pools).unwrap();
        }
        let mut paid = U256::ZERO;
        for spell in &spells {
            now += spell.seconds;
            pass(&mut pools, spell, &liquidity, u128::from(unstaked));
            let id = u64::from(spell.operation % 3) + 1;
            let before = staker.clone();
            let time = Timestamp(now);
            let refused = match spell.operation / 3 {
                0 | 1 => staker.stake(call(ALICE, id), time, &pools).err(),
                2 => {
                    let info = staker.reward_info(KEY, token(id), time, &pools);
                    let unstaked = staker.unstake(call(ALICE, id), time, &pools);
                    if let (Ok(info), Ok(unstaked)) = (info, unstaked) {
                        prop_assert_eq!(info, unstaked.earned);
                    }
                    unstaked.err()
                }
                _ => {
                    paid += staker.claim(ALICE, TOKEN, BOB, Amount::ZERO).amount.0;
                    None
                }
            };
            if refused.is_some() {
                prop_assert_eq!(&staker, &before);
            }
            let owed = staker.claimable(TOKEN, ALICE).0;
            let unclaimed = staker.incentive(&KEY).total_reward_unclaimed.0;
            prop_assert_eq!(paid + owed + unclaimed, U256::from(reward));
            prop_assert_eq!(V3Staker::new(&staker.state()).unwrap(), staker.clone());
        }
    }

    /// To unstake and stake again in the same second costs the dust of one rounding at most, as
    /// long as the incentive runs.
    #[test]
    fn a_stake_in_two_parts_earns_the_same_but_for_dust(
        reward in 1..u64::MAX,
        first in 1..50_u64,
        second in 1..50_u64,
    ) {
        let earned = |parts: bool| {
            let (mut staker, mut pools) = (empty(), Pools::of(&[1 << 20]));
            let start = Timestamp(100);
            staker.create_incentive(KEY, Amount::from_u64(reward), start).unwrap();
            staker.deposit(deposit_of(ALICE, 1), &[KEY], start, &pools).unwrap();
            pools.pass(1, first, 1 << 22);
            if parts {
                unstake(&mut staker, &pools, 1, 100 + first);
                staker.stake(call(ALICE, 1), Timestamp(100 + first), &pools).unwrap();
            }
            pools.pass(1, second, 1 << 22);
            unstake(&mut staker, &pools, 1, 100 + first + second);
            staker.claimable(TOKEN, ALICE).0.to::<u64>()
        };
        prop_assert!(earned(false) - earned(true) <= 1);
    }
}
