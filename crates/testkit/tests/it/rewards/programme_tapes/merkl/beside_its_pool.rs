//! Whole campaigns beside the tape of their pool: what every swap paid whom is counted by the steps
//! of the swap, and what is held by its definition, in big integers.

use num_bigint::BigUint;
use tidemill_amm::concentrated::{
    Position, PositionKey, SwapAmount, SwapRequest, SwapStep, sqrt_price_at_tick,
};
use tidemill_model::{MerklLog, PoolBuild, PoolEvent, ProgrammeLog};
use tidemill_replay::{ProgrammeFinding, ProgrammeReplayError, replay_programme};
use tidemill_rewards::Account;
use tidemill_rewards::merkl::{
    CampaignRequest, CreatorRules, Holding, MerklError, MerklState, MerklTerms, MerklWeights,
};
use tidemill_store::ProgrammeTape;
use tidemill_testkit::Random;
use tidemill_units::{Amount, FeePips, Liquidity, Side, SqrtPrice, Tick, Timestamp, U256};

use super::super::{Recorder, Written, of_account};
use super::synthetic_tape::{FIRST_TIME, SyntheticTape, range};
use crate::rewards::merkl::Naive;

fn big(value: U256) -> BigUint {
    BigUint::from_bytes_be(&value.to_be_bytes::<32>())
}

fn small(value: &BigUint) -> Amount {
    Amount(U256::from_be_slice(&value.to_bytes_be()))
}

fn price(tick: Tick) -> BigUint {
    big(sqrt_price_at_tick(tick).unwrap().to_x96())
}

/// What a position has at a price, rounded down.
fn held(key: &PositionKey, liquidity: Liquidity, at: SqrtPrice) -> [Amount; 2] {
    let [lower, upper] = [key.range.lower, key.range.upper].map(price);
    let (at, liquidity) = (big(at.to_x96()), BigUint::from(liquidity.0));
    let at = at.clamp(lower.clone(), upper.clone());
    let amount0 = ((&liquidity << 96_u32) * (&upper - &at)) / &upper / &at;
    let amount1 = (liquidity * (at - lower)) >> 96_u32;
    [small(&amount0), small(&amount1)]
}

/// What the steps of a swap paid a position, in 2^64ths of token1 at the price after it.
fn fees(key: &PositionKey, liquidity: Liquidity, steps: &[SwapStep], at: SqrtPrice) -> Amount {
    let mut growth = [U256::ZERO; 2];
    let is_active =
        |step: &&SwapStep| key.range.lower <= step.tick[0] && step.tick[0] < key.range.upper;
    for step in steps.iter().filter(is_active) {
        let [before, after] = step.fee_growth;
        growth[usize::from(step.input == Side::Token1)] += after.0.wrapping_sub(before.0);
    }
    let [in0, in1] = growth.map(|growth| (big(growth) * liquidity.0) >> 64_u32);
    let root = big(at.to_x96());
    let in0 = (((in0 * &root) >> 96_u32) * root) >> 96_u32;
    small(&(in0 + in1))
}

/// Makes a swap; answers what a campaign sees of it.
fn swapped(made: &mut SyntheticTape, request: SwapRequest) -> Option<Vec<Holding>> {
    let mut steps: Vec<SwapStep> = Vec::new();
    made.pool().stage_swap(request, &mut steps).ok()?;
    let before = made.pool().positions().map(|(key, position)| (*key, *position));
    let before: Vec<(PositionKey, Position)> = before.collect();
    let result = made.swap(request).unwrap();
    let live = before.iter().filter(|(_, position)| !position.liquidity.is_zero());
    let holdings = live.map(|(key, position)| {
        let [amount0, amount1] = held(key, position.liquidity, result.sqrt_price);
        Holding {
            account: Account(key.owner.0),
            fees: fees(key, position.liquidity, &steps, result.sqrt_price),
            amount0,
            amount1,
            is_in_range: key.range.lower <= result.tick && result.tick < key.range.upper,
        }
    });
    Some(holdings.collect())
}

fn random_swap(random: &mut Random, made: &SyntheticTape) -> SwapRequest {
    let tick = made.pool().tick();
    let goes_down = tick > Tick(1_200) || (tick > Tick(-1_200) && random.once_in(2));
    let input = if goes_down { Side::Token0 } else { Side::Token1 };
    let most = random.pick(&[8, 40, 60, 66]);
    let amount = Amount(random.wide(most) | U256::ONE);
    match random.below(4) {
        0 => SwapRequest { input, amount: SwapAmount::ExactOut(amount), price_limit: None },
        1 => {
            let step = random.between(1, 200);
            let limit = Tick(if goes_down { tick.0 - step } else { tick.0 + step });
            let amount = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
            SwapRequest { input, amount, price_limit: sqrt_price_at_tick(limit) }
        }
        _ => SwapRequest { input, amount: SwapAmount::ExactIn(amount), price_limit: None },
    }
}

fn random_terms(random: &mut Random) -> MerklTerms {
    let fees = random.below(10_001) as u32;
    let amount0 = random.below(u64::from(10_001 - fees)) as u32;
    MerklTerms {
        amount: Amount(random.wide(90) | (U256::ONE << 60)),
        start: Timestamp(FIRST_TIME + random.below(600)),
        duration_seconds: 3_600 + random.below(3_600),
        weights: MerklWeights { fees, amount0, amount1: 10_000 - fees - amount0 },
        is_out_of_range_incentivized: random.once_in(2),
        boosted_reward: None,
    }
}

/// What a campaign was after each of its logs.
type Later = Vec<MerklState>;

/// A campaign's tape by the second model, beside the pool's.
fn campaign(seed: u64) -> (ProgrammeTape, SyntheticTape, Amount, Later) {
    let mut random = Random::new(seed);
    let terms = random_terms(&mut random);
    let rules =
        CreatorRules { reward_token_min_amount: Amount::from_u64(1), ..CreatorRules::default() };
    let mut model = CampaignRequest { terms }.create(&rules, terms.start).unwrap();
    let start = model.state();
    let mut naive = Naive::create(&terms, &rules, terms.start.0).unwrap();
    let mut made = SyntheticTape::deep_at_tick(0);
    let mut later = Vec::new();
    let (mut written, mut paid): (Vec<Written>, _) = (Vec::new(), BigUint::default());
    for _ in 0..120 {
        match random.below(12) {
            0..8 => {
                let request = random_swap(&mut random, &made);
                if let Some(holdings) = swapped(&mut made, request) {
                    let _: Result<(), MerklError> = model.observe(&holdings, made.now());
                    match naive.observe(&holdings, made.now().0) {
                        Ok(()) | Err(MerklError::OutsideCampaign) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            8..10 => {
                let lower = random.between(-10, 9) * 60;
                let upper = lower + 60 * random.between(1, 6);
                let liquidity = 1 + random.wide(74).to::<u128>();
                made.mint(1 + random.below(4) as u8, range(lower, upper), liquidity);
            }
            10 => made.skip_blocks(1 + random.below(20)),
            _ => {
                // A settlement stands in a block of its own, after the swaps before it.
                made.skip_blocks(1);
                let at = made.now();
                model.settle(at).unwrap();
                later.push(model.state());
                let rewards = naive.settle(at.0).unwrap();
                paid += rewards.values().sum::<BigUint>();
                let rewards = rewards.iter().map(|(who, amount)| (of_account(*who), small(amount)));
                let log = MerklLog::Settled { rewards: rewards.collect() };
                let block = made.tape().events[0].block.0 + (at.0 - FIRST_TIME) / 12;
                written.push((Some(block), at.0, ProgrammeLog::Merkl(log)));
                made.skip_blocks(1);
            }
        }
    }
    if written.is_empty() {
        return campaign(seed + 1);
    }
    let (tape, _) = Recorder::of(&written, model_kind()).tape(start);
    (tape, made, small(&paid), later)
}

fn model_kind() -> tidemill_model::ProgrammeKind {
    tidemill_model::ProgrammeKind::Merkl
}

#[test]
fn campaigns_beside_their_pools_pay_what_the_second_model_pays() {
    let (mut settled, mut shared) = (0, 0);
    for seed in 0..30 {
        let (tape, made, paid, _) = campaign(seed * 1_000);
        let replay = replay_programme(&tape, Some(made.tape()), |_| {}).unwrap();
        assert_eq!(replay.mismatch, None, "seed {seed}");
        settled += replay.events;
        let [total] = replay.totals.paid.as_slice() else { panic!("{:?}", replay.totals) };
        assert_eq!(total.amount, paid);
        let amount = total.amount.checked_add(replay.totals.unclaimed[0].amount);
        let tidemill_store::ProgrammeState::Merkl(start) = &tape.start else { panic!() };
        assert_eq!(amount, Some(start.terms.amount));
        for (place, event) in tape.events.iter().enumerate() {
            let ProgrammeLog::Merkl(MerklLog::Settled { rewards }) = &event.log else { continue };
            shared += u64::from(rewards.len() > 1);
            for which in 0..rewards.len() {
                let mut rewards = rewards.clone();
                rewards[which].1.0 += U256::ONE;
                let mut other = tape.clone();
                other.events[place].log = ProgrammeLog::Merkl(MerklLog::Settled { rewards });
                let replay = replay_programme(&other, Some(made.tape()), |_| {}).unwrap();
                let Some(ProgrammeFinding::Programme { block, .. }) = replay.mismatch else {
                    panic!("nobody noticed a reward of {seed}, {place}, {which}")
                };
                assert_eq!(block, event.block);
            }
        }
    }
    assert!(settled > 150 && shared > 40, "{settled} {shared}");
}

/// What the pool did by the block of a campaign's state is in the state, and is not shown again.
#[test]
fn a_campaign_that_has_begun_goes_on_where_its_state_ends() {
    let mut gone_on = 0;
    for seed in 0..10 {
        let (tape, made, _, later) = campaign(5 + seed * 1_000);
        for (place, state) in later.into_iter().enumerate() {
            let mut rest = tape.clone();
            rest.header.state_after_block = tape.events[place].block;
            rest.start = state.into();
            rest.events.drain(..=place);
            let replay = replay_programme(&rest, Some(made.tape()), |_| {}).unwrap();
            assert_eq!(replay.mismatch, None, "seed {seed}, after {place}");
            gone_on += replay.events;
        }
    }
    assert!(gone_on > 100, "{gone_on}");
}

/// A swap that is left out of the pool's tape, or a position of another owner, changes what the
/// campaign pays.
#[test]
fn another_pools_history_is_found() {
    let (mut found, mut tried) = (0, 0);
    for seed in 0..10 {
        let (tape, made, ..) = campaign(7 + seed * 1_000);
        for (place, event) in made.tape().events.iter().enumerate() {
            let mut other = made.tape().clone();
            if let PoolEvent::Mint { owner, range, liquidity, amounts } = event.event {
                let owner = owner.map(|owner| tidemill_model::Address([owner.0[0] ^ 8; 20]));
                other.events[place].event = PoolEvent::Mint { owner, range, liquidity, amounts };
            } else {
                continue;
            }
            tried += 1;
            let replay = replay_programme(&tape, Some(&other), |_| {}).unwrap();
            found += u32::from(replay.mismatch.is_some());
        }
    }
    assert!(tried > 50 && found > 20, "{found} of {tried}");
}

#[test]
fn a_pool_that_does_not_say_whom_to_pay_is_refused() {
    let (tape, made, ..) = campaign(3);
    let said = |pool: Option<&tidemill_model::Tape>| {
        replay_programme(&tape, pool, |_| {}).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(said(Some(made.tape())), Ok(()));
    let needed = "a merkl reads its pool: the pool's tape is needed beside (--pool TAPE)";
    assert_eq!(said(None), Err(needed.to_owned()));
    let mut nameless = made.tape().clone();
    for event in &mut nameless.events {
        if let PoolEvent::Mint { owner, .. } = &mut event.event {
            *owner = None;
        }
    }
    let expected = ProgrammeReplayError::NeedsOwners(model_kind()).to_string();
    assert_eq!(said(Some(&nameless)), Err(expected));
    let mut with_gauge = made.tape().clone();
    with_gauge.header.build = PoolBuild::Slipstream {
        unstaked_fee: FeePips(0),
        gauge: tidemill_model::Address([1; 20]),
        position_manager: tidemill_model::Address([2; 20]),
        staked_liquidity: Liquidity::ZERO,
    };
    let expected = ProgrammeReplayError::HasGauge(model_kind()).to_string();
    assert_eq!(said(Some(&with_gauge)), Err(expected));
}
