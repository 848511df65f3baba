//! Blocks that are taken back: whatever was in them, the market is that of a log without them.

mod actions;
mod errors;
mod forked;
mod growing;

use tidemill_amm::concentrated::Build;
use tidemill_amm::crypto_swap::CryptoGeneration;
use tidemill_amm::solidly::SolidlyBuild;
use tidemill_model::{ReorgDepth, TapeEvent};
use tidemill_rewards::aerodrome::ConcentratedGauge;
use tidemill_rewards::merkl::{Merkl, MerklState, MerklTerms, MerklWeights};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_units::{Amount, Side, Timestamp};

use super::seeded::Seeded;
use super::shares::FOOTPRINTS;
use super::synthetic_builds::{KIN, SyntheticBuild};
use super::synthetic_curve::{crypto, metapool, three_coins};
use super::synthetic_shares::SyntheticShares;
use super::synthetic_tape::{FIRST_TIME, POOL, SyntheticTape, chain_event};
use crate::{
    AerodromeVotes, ConcentratedGaugeFold, ControllerVotes, EpochEmission, GaugeTerms,
    LiquidService, LiquidTerms, Market, MerklFold, MerklSchedule, ProgrammeMarket, Seat,
    StakingMarket, StakingService, ValidatorService, ValidatorTerms, VotingMarket, VotingService,
};
use actions::REWARD;
use forked::Forked;
use growing::Growing;

/// Lets a chain grow and takes 1 to 10 of its newest blocks back now and then; whatever is left is
/// to be what a market has that never saw the rest.
fn check(seed: u64, chain: &Growing, start: &Market, depth: &ReorgDepth) -> usize {
    let mut random = Seeded(seed);
    let mut chain = chain.clone();
    let mut forked = Forked::new(start.clone(), depth.clone(), chain.is_told());
    let mut before = Vec::new();
    let mut reverted = 0;
    for round in 0..90 {
        if round % 6 == 5 {
            for _ in 0..=random.below(10) {
                let Some((state, number)) = before.pop() else { break };
                forked.revert(number);
                chain = state;
                reverted += 1;
            }
            forked.check(&format!("{seed}, round {round}"));
            if random.once_in(3) {
                continue;
            }
        }
        let state = chain.clone();
        let Some(block) = chain.grow(&mut random) else { break };
        before.push((state, block.number));
        // No more than the depth can be taken back.
        before.drain(..before.len().saturating_sub(10));
        forked.grow(&block, &mut random);
    }
    forked.check(&format!("{seed}, at the end"));
    let outcomes = forked.outcomes();
    assert!(outcomes > 10, "we did something, seed {seed}: {outcomes}");
    reverted
}

fn of_depth(blocks: u64) -> ReorgDepth {
    ReorgDepth::new(blocks)
}

/// What happened before the run.
fn record(market: &mut Market, events: &[TapeEvent]) {
    for (sequence, recorded) in (1..).zip(events) {
        market.apply(&chain_event(sequence, recorded)).expect("it reproduces");
    }
}

/// A made-up world around a v3 pool: a Merkl campaign, both kinds of stakes and of votes.
fn lively(market: &mut Market) {
    let start = Timestamp(FIRST_TIME);
    let terms = MerklTerms {
        amount: Amount::from_u64(24_000_000),
        start,
        duration_seconds: 86_400,
        weights: MerklWeights { fees: 4_000, amount0: 3_000, amount1: 3_000 },
        ..MerklTerms::default()
    };
    let schedule = MerklSchedule { interval_seconds: 60, delay_seconds: 60 };
    let fold = MerklFold::new(Merkl::new(&MerklState::of(terms)).expect("terms"), schedule);
    let campaign = ProgrammeMarket::new(POOL, REWARD, fold.into(), Seat::Merkl);
    market.add_programme(campaign).expect("a pool");
    let others = Amount::from_u128(1_000_000_000_000_000_000_000_000);
    let terms =
        LiquidTerms { others, yearly_ppm: 36_500, fee_bps: 1_000, margin: 0, interval: 60, start };
    let liquid = LiquidService::new(terms).expect("terms");
    let terms = ValidatorTerms {
        others,
        yearly_ppm: 36_500,
        commission_bps: 500,
        unbonding_seconds: 120,
        slashes: Vec::new(),
        start,
    };
    let validator = ValidatorService::new(terms).expect("terms");
    let token = (Side::Token1.index(), 2);
    let services =
        [StakingService::Liquid(Box::new(liquid)), StakingService::Validator(Box::new(validator))];
    for service in services {
        let staking = StakingMarket::new(POOL, token, service, (start, 60));
        market.add_staking(staking).expect("a pool");
    }
    let gauge = GaugeTerms { others, ..GaugeTerms::default() };
    let gauges = || vec![gauge.clone(), gauge.clone()];
    let controller = ControllerVotes::new(EscrowParameters::CURVE, gauges(), start);
    let aerodrome = AerodromeVotes::new(gauges(), start);
    let services = [
        VotingService::Controller(Box::new(controller.expect("terms"))),
        VotingService::Aerodrome(Box::new(aerodrome.expect("terms"))),
    ];
    for service in services {
        market.add_voting(VotingMarket::new(POOL, token, service)).expect("a pool");
    }
}

#[test]
fn a_v3_pool_and_all_around_it_are_those_of_the_chain_that_is_left() {
    let mut reverted = 0;
    for seed in 0..24 {
        for footprint in FOOTPRINTS {
            let made = SyntheticTape::deep_at_tick(0);
            let mut market = Market::new(footprint);
            market.add_pool(made.tape()).expect("a tape");
            lively(&mut market);
            record(&mut market, &made.tape().events);
            reverted += check(seed, &Growing::V3(made), &market, &of_depth(10));
        }
    }
    assert!(reverted > 2_000, "{reverted}");
}

#[test]
fn pools_of_v3s_kin_are_those_of_the_chain_that_is_left() {
    for seed in 0..8 {
        for (build, footprint) in KIN.into_iter().flat_map(|kin| FOOTPRINTS.map(|of| (kin, of))) {
            let made = SyntheticBuild::new(build);
            let mut market = Market::new(footprint);
            market.add_pool(&made.tape).expect("a tape");
            if build == Build::Slipstream {
                let amount = Amount::from_u64(600_000_000);
                let emission = EpochEmission { at: made.now(), amount };
                let fold = ConcentratedGaugeFold::new(ConcentratedGauge::default(), [emission]);
                let seat = Seat::ConcentratedGauge;
                let gauge = ProgrammeMarket::new(POOL, REWARD, fold.into(), seat);
                market.add_programme(gauge).expect("a pool");
            }
            record(&mut market, &made.tape.events);
            check(seed, &Growing::Kin(made, false), &market, &of_depth(10));
        }
    }
}

#[test]
fn pools_of_shares_are_those_of_the_chain_that_is_left() {
    let pools = [
        SyntheticShares::pair(),
        SyntheticShares::fees_apart(),
        SyntheticShares::solidly(SolidlyBuild::Velodrome2, true, 4),
        SyntheticShares::three_coins(),
    ];
    for seed in 0..8 {
        for (made, footprint) in pools.iter().flat_map(|made| FOOTPRINTS.map(|of| (made, of))) {
            let mut market = Market::new(footprint);
            market.add_share_pool(&made.header, &made.start, made.now()).expect("a pool");
            let chain = Growing::Shares(made.clone(), Vec::new());
            check(seed, &chain, &market, &of_depth(10));
        }
    }
}

#[test]
fn tapes_of_curves_pools_go_back_and_on_again() {
    for seed in 0..4 {
        let tapes = [
            three_coins(seed, 80),
            metapool(seed, 80),
            crypto(CryptoGeneration::TricryptoNg, seed, 80),
        ];
        for (made, footprint) in tapes.iter().flat_map(|made| FOOTPRINTS.map(|of| (made, of))) {
            let mut market = Market::new(footprint);
            let first = made.events.first().map_or(made.now(), |event| event.time);
            market.add_share_pool(&made.header, &made.start, first).expect("a pool");
            let chain = Growing::Fixed(made.events.clone(), 0);
            check(seed, &chain, &market, &of_depth(1_000_000));
        }
    }
}
