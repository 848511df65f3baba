//! Farming in gauges of Curve's and Balancer's and in Merkl campaigns beside not farming, in whole
//! runs, and everything about them that a configuration can get wrong.

use tidemill_amm::concentrated::{Build, SwapAmount};
use tidemill_amm::{SwapAmount as ShareSwap, Trade};
use tidemill_market::FoldedProgramme;
use tidemill_model::{
    Address, CurveGaugesLog, ProgrammeHeader, ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent,
    ShareEvent, Tape,
};
use tidemill_replay::{Backtest, BacktestConfig, RunTape, Setup, audit, backtest, record_journal};
use tidemill_store::{ProgrammeTape, ShareTape};
use tidemill_units::{Amount, Amounts, Side, SignedAmount, TickRange};

use crate::data::FOOTPRINTS;
use crate::synthetic_builds::{KIN, SyntheticBuild};
use crate::synthetic_shares::SyntheticShares;

const NOTHING: SignedAmount = SignedAmount::ZERO;

/// Nine days of a swap to and fro an hour.
fn shares() -> ShareTape {
    let mut made = SyntheticShares::pair();
    for hour in 0..9 * 24 {
        made.skip_blocks(300);
        let input = if hour % 2 == 0 { Side::Token0 } else { Side::Token1 };
        let now = made.now();
        let reserve = made.pool.shares().unwrap().balances().two().unwrap().get(input);
        let amount = ShareSwap::ExactIn(Amount(reserve.0 / Amount::from_u64(500).0));
        let quote = made.pool.swap(&Trade { pair: input.into_other(), amount }, now).unwrap();
        let paid = Amounts::of(input, quote.amount_in);
        let taken = Amounts::of(input.other(), quote.amount_out);
        made.record(ShareEvent::PairSwap { paid, taken });
    }
    let SyntheticShares { header, start, events, .. } = made;
    ShareTape { header, start, events }
}

/// The same of a pool of ranges.
fn ranges(build: Build) -> Tape {
    let mut made = SyntheticBuild::new(build);
    for hour in 0..9 * 24 {
        made.skip_blocks(300);
        let side = if hour % 2 == 0 { Side::Token0 } else { Side::Token1 };
        made.swap(side, SwapAmount::ExactIn(Amount::from_u128(2_000_000_000_000_000_000_000)));
    }
    made.tape
}

fn config(footprint: &str, strategy: &str, reward: &str) -> BacktestConfig {
    let text = format!(
        "footprint = \"{footprint}\"\nnative_price_quote = \"3000\"\n\
         [[strategy]]\nname = \"plain\"\n{strategy}\n\
         [[strategy]]\nname = \"farmed\"\n{strategy}\n\
         farm = {{ claim = \"every\", proceeds = \"hold\" }}\n\
         [[reward]]\ntoken = \"RWD\"\n{reward}\n"
    );
    BacktestConfig::from_toml(&text).unwrap()
}

const FULL: &str = "kind = \"full_range\"";
const FIXED: &str = "kind = \"fixed_range\"\nhalf_width_ticks = 1200";

fn run(tape: RunTape<'_>, setup: &Setup) -> Backtest {
    let finished = backtest(tape, setup.clone(), &|_| {}).unwrap();
    for run in &finished.runs {
        assert!(run.record.settlement.identity.holds(), "{:?}", run.record.settlement);
        let (journal, digest) = record_journal(tape, setup, &run.strategy).unwrap();
        assert_eq!(digest, run.digest);
        assert_eq!(audit(tape, setup, &run.strategy, journal).unwrap(), digest);
    }
    finished
}

fn whole(tokens: u128) -> SignedAmount {
    SignedAmount::positive(Amount::from_u128(tokens)).unwrap()
}

#[test]
fn a_boosted_gauge_pays_emissions_and_leaves_the_fees() {
    let tape = shares();
    for kind in ["curve_gauge", "balancer_gauge"] {
        for footprint in FOOTPRINTS {
            let rewards = |more: &str| {
                let reward = format!("kind = \"{kind}\"\nprice_quote = \"2\"\n{more}");
                let setup = config(footprint, FULL, &reward).resolve(&tape).unwrap();
                let finished = run((&tape).into(), &setup);
                let [plain, farmed] =
                    [0, 1].map(|run| finished.runs[run].record.settlement.identity);
                assert!(plain.fees > NOTHING && plain.rewards == NOTHING, "{plain:?}");
                assert_eq!(plain.fees, farmed.fees, "the gauge takes no fees");
                farmed.rewards
            };
            // Raw USDC: less than all of 100,000 tokens at two dollars.
            let beside = rewards("amount = \"100000\"");
            assert!(beside > NOTHING && beside < whole(200_000_000_000), "{beside}");
            let alone = rewards("amount = \"100000\"\nothers_staked_bps = 0");
            assert!(alone > whole(190_000_000_000) && alone < whole(200_000_000_000), "{alone}");
            let boosted_others = rewards("amount = \"100000\"\nothers_boost_bps = 25000");
            assert!(boosted_others < beside, "{boosted_others} {beside}");
            let locked = "boost_locked = \"1000000\"\nothers_locked = \"1000000\"";
            let boosted = rewards(&format!("amount = \"100000\"\n{locked}"));
            // Twice and a half, less what that takes from our own part of the whole.
            let most = beside.magnitude().0 * Amount::from_u64(5).0 / Amount::from_u64(2).0;
            let most = SignedAmount::positive(Amount(most)).unwrap();
            assert!(boosted > beside && boosted < most, "{boosted} {beside}");
            // Of CRV's fourth year and of BAL's second, a tenth of the emission.
            let real = rewards("relative_weight_bps = 1000");
            assert!(real > NOTHING);
            let half = rewards("relative_weight_bps = 500");
            let twice = half.magnitude().0 * Amount::from_u64(2).0;
            assert!(twice.abs_diff(real.magnitude().0) < Amount::from_u64(100).0, "{real} {half}");
        }
    }
}

/// The same farm, staked or not, has the same fees; what is due before the end is claimed.
#[test]
fn a_merkl_campaign_pays_and_leaves_the_fees() {
    for build in KIN.into_iter().filter(|build| *build != Build::Slipstream) {
        let tape = ranges(build);
        for footprint in FOOTPRINTS {
            let rewards = |more: &str| {
                let reward =
                    format!("kind = \"merkl\"\namount = \"100000\"\nprice_quote = \"1.5\"\n{more}");
                let setup = config(footprint, FIXED, &reward).resolve(&tape).unwrap();
                let finished = run((&tape).into(), &setup);
                let [plain, farmed] =
                    [0, 1].map(|run| finished.runs[run].record.settlement.identity);
                assert!(plain.fees > NOTHING && plain.rewards == NOTHING, "{plain:?}");
                assert_eq!(plain.fees, farmed.fees, "nobody has to stake");
                farmed.rewards
            };
            let all = whole(150_000 * 10_u128.pow(18));
            let paid = rewards("");
            assert!(paid > NOTHING && paid < all, "{paid}");
            // What is settled later can be claimed later, or not within the tape at all.
            let late = rewards("delay_hours = 72");
            assert!(late > NOTHING && late < paid, "{late} {paid}");
            assert_eq!(rewards("delay_hours = 8760"), NOTHING);
            let early = rewards("end = \"2023-11-16 00:00:00\"");
            assert!(early > paid, "the same budget in two days, all of it claimed");
            let hourly = rewards("settle_hours = 1\ndelay_hours = 0");
            assert!(hourly > paid, "{hourly} {paid}");
        }
    }
}

#[test]
fn what_no_boosted_gauge_could_do_is_refused() {
    let tape = shares();
    for kind in ["curve_gauge", "balancer_gauge"] {
        let refused = |more: &str| {
            let reward = format!("kind = \"{kind}\"\nprice_quote = \"2\"\n{more}");
            config("re-executed", FULL, &reward).resolve(&tape).unwrap_err().to_string()
        };
        for (more, said) in [
            ("", "reward.amount"),
            ("", "or reward.relative_weight_bps"),
            ("amount = \"0\"", "at least one raw unit a second"),
            ("amount = \"0.0000000000005\"", "at least one raw unit a second"),
            ("amount = \"400000000000000000000\"", "below 2^128 raw units"),
            ("amount = \"1\"\nrelative_weight_bps = 1", "and not both"),
            ("relative_weight_bps = 0", "1 to 10000"),
            ("relative_weight_bps = 10001", "1 to 10000"),
            ("amount = \"1\"\nper_block = \"1\"", "reward.per_block"),
            ("amount = \"1\"\nend = \"2023-11-20 00:00:00\"", "reward.end"),
            ("amount = \"1\"\nstart = \"2023-11-20 00:00:00\"", "the tape's first event"),
            ("amount = \"1\"\nothers_staked_bps = 10001", "0 to 10000"),
            ("amount = \"1\"\nothers_boost_bps = 9999", "10000, which is no boost, to 25000"),
            ("amount = \"1\"\nothers_boost_bps = 25001", "reward.others_boost_bps"),
            ("amount = \"1\"\nboost_locked = \"1\"", "reward.others_locked"),
            ("amount = \"1\"\nothers_locked = \"1\"", "left out without reward.boost_locked"),
            ("amount = \"1\"\nboost_locked = \"0\"\nothers_locked = \"1\"", "above zero"),
            ("amount = \"1\"\nboost_locked = \"x\"\nothers_locked = \"1\"", "reward.boost_locked"),
            ("amount = \"1\"\nboost_locked = \"1\"\nothers_locked = \"0\"", "above zero"),
            ("amount = \"1\"\ngauge = \"0x1\"", "left out without reward.tape"),
            ("amount = \"1\"\nincentive = \"0x1\"", "reward.incentive"),
            ("amount = \"1\"\nsettle_hours = 1", "reward.settle_hours"),
            ("amount = \"1\"\nfees_weight_bps = 10000", "reward.fees_weight_bps"),
        ] {
            let refusal = refused(more);
            assert!(refusal.contains(said), "{more}: {refusal}");
        }
        let most = "boost_locked = \"1\"\nothers_locked = \"99999999999999999999\"";
        assert!(refused(&format!("amount = \"1\"\n{most}")).contains("below 8 * 10^19"));
        let reward = format!("kind = \"{kind}\"\nprice_quote = \"2\"\namount = \"1\"");
        let tape = ranges(Build::UniswapV3);
        let refusal = config("re-executed", FIXED, &reward).resolve(&tape).unwrap_err();
        assert!(refusal.to_string().contains("balancer_gauge in a pool of shares"), "{refusal}");
    }
    for kind in ["curve_gauges", "balancer_gauges"] {
        let reward = format!("kind = \"{kind}\"\nprice_quote = \"2\"\namount = \"1\"");
        let refusal = config("re-executed", FULL, &reward).resolve(&tape).unwrap_err();
        assert!(refusal.to_string().contains("reward.kind"), "{refusal}");
    }
    let elsewhere = "kind = \"staking_rewards\"\nprice_quote = \"2\"\namount = \"1\"\n";
    for more in ["boost_locked = \"1\"", "relative_weight_bps = 1", "delay_hours = 1"] {
        let reward = format!("{elsewhere}{more}");
        let refusal = config("re-executed", FULL, &reward).resolve(&tape).unwrap_err().to_string();
        assert!(refusal.contains("left out of a staking_rewards"), "{refusal}");
    }
}

#[test]
fn an_emission_before_its_token_is_refused() {
    let mut tape = shares();
    for event in &mut tape.events {
        event.time.0 -= 1_700_000_000 - 1_597_270_648;
    }
    for (kind, said) in [
        ("curve_gauge", "2020-08-13 22:17:28 or later: CRV's first epoch"),
        ("balancer_gauge", "2022-03-28 11:00:51 or later: BAL's first epoch"),
    ] {
        let reward = format!("kind = \"{kind}\"\nprice_quote = \"2\"\nrelative_weight_bps = 1");
        let refusal = config("re-executed", FULL, &reward).resolve(&tape).unwrap_err().to_string();
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[test]
fn what_no_campaign_could_do_is_refused() {
    let tape = ranges(Build::UniswapV3);
    let refused = |more: &str| {
        let reward = format!("kind = \"merkl\"\nprice_quote = \"2\"\n{more}");
        config("re-executed", FIXED, &reward).resolve(&tape).unwrap_err().to_string()
    };
    for (more, said) in [
        ("", "reward.amount"),
        ("amount = \"0\"", "above zero"),
        ("amount = \"400000000000000000000\"", "below 2^128 raw units"),
        ("amount = \"1\"\nper_block = \"1\"", "reward.per_block"),
        ("amount = \"1\"\nothers_staked_bps = 1", "reward.others_staked_bps"),
        ("amount = \"1\"\nstart = \"2023-11-01 00:00:00\"", "the tape's first event, or later"),
        (
            "amount = \"1\"\nstart = \"2023-11-16 00:00:00\"\nend = \"2023-11-16 00:59:59\"",
            "an hour after the start, or later",
        ),
        ("amount = \"1\"\nend = \"2023-11-01 00:00:00\"", "later than the start"),
        ("amount = \"1\"\nfees_weight_bps = 4000", "10000 together"),
        (
            "amount = \"1\"\nfees_weight_bps = 4294967295\ntoken0_weight_bps = 4294967295",
            "10000 together",
        ),
        ("amount = \"1\"\nsettle_hours = 0", "1 to 8760"),
        ("amount = \"1\"\nsettle_hours = 8761", "1 to 8760"),
        ("amount = \"1\"\ndelay_hours = 8761", "0 to 8760"),
        ("amount = \"1\"\nboost_locked = \"1\"", "left out of a merkl"),
        ("amount = \"1\"\nrelative_weight_bps = 1", "left out of a merkl"),
    ] {
        let refusal = refused(more);
        assert!(refusal.contains(said), "{more}: {refusal}");
    }
    let reward = "kind = \"merkl\"\nprice_quote = \"2\"\namount = \"1\"";
    let staked = {
        let mut made = SyntheticBuild::new(Build::Slipstream);
        made.stake(TickRange::full(60).unwrap(), 500_000_000_000_000_000_000_000);
        made.skip_blocks(300);
        made.swap(Side::Token0, SwapAmount::ExactIn(Amount::from_u64(1_000_000)));
        made.tape
    };
    let refusal = config("re-executed", FIXED, reward).resolve(&staked).unwrap_err().to_string();
    assert!(refusal.contains("merkl in one that is not Slipstream's"), "{refusal}");
    let refusal = config("re-executed", FULL, reward).resolve(&shares()).unwrap_err().to_string();
    assert!(refusal.contains("merkl in one that is not Slipstream's"), "{refusal}");
    let weights = "fees_weight_bps = 2000\ntoken1_weight_bps = 8000\n\
                   out_of_range_incentivized = true";
    let setup = config("price-taker", FIXED, &format!("{reward}\n{weights}")).resolve(&tape);
    assert!(setup.is_ok(), "{setup:?}");
}

/// A tape of gauges pays what they would if they were made up, and knows its own.
#[test]
fn a_recorded_gauge_pays_what_it_does_made_up() {
    let tape = shares();
    let boost = "boost_locked = \"1000\"";
    let made_up = format!(
        "kind = \"curve_gauge\"\nprice_quote = \"2\"\namount = \"100000\"\n\
         {boost}\nothers_locked = \"30000\""
    );
    let made_up = config("re-executed", FULL, &made_up).resolve(&tape).unwrap();
    let FoldedProgramme::CurveGauges(model) = &made_up.rewards[0].start else {
        panic!("Curve's gauges")
    };
    let gauge = Address(model.gauges().next().unwrap().0);
    let (middle, user) = (&tape.events[100], Address([0x07; 20]));
    let checkpointed = ProgrammeTapeEvent {
        block: middle.block,
        log_index: middle.log_index,
        time: middle.time,
        gas_used: None,
        gas_price: None,
        log: ProgrammeLog::CurveGauges(CurveGaugesLog::GaugeCheckpointed { gauge, user }),
    };
    let recorded = ProgrammeTape {
        header: ProgrammeHeader {
            kind: ProgrammeKind::CurveGauges,
            chain_id: tape.header.chain_id,
            address: Address([7; 20]),
            reward_tokens: vec![Address([8; 20])],
            pool: None,
            state_after_block: tape.header.state_after_block,
        },
        start: model.state().into(),
        events: vec![checkpointed],
    };
    let with = |more: &str| {
        let reward = format!("name = \"curve_gauge\"\nprice_quote = \"2\"\ntape = \"t\"\n{more}");
        let mut config = config("re-executed", FULL, &reward);
        config.reward[0].recorded = Some(recorded.clone());
        config.resolve(&tape)
    };
    let rewards = |setup: &Setup| {
        let finished = run((&tape).into(), setup);
        finished.runs[1].record.settlement.identity.rewards
    };
    let known = with(&format!("gauge = \"{gauge}\"\n{boost}")).unwrap();
    let (found, expected) = (rewards(&known), rewards(&made_up));
    let off = found.magnitude().0.abs_diff(expected.magnitude().0);
    assert!(expected > NOTHING && off < Amount::from_u64(10).0, "{found} {expected}");
    let unboosted = rewards(&with(&format!("gauge = \"{gauge}\"")).unwrap());
    assert!(unboosted < found && unboosted > NOTHING, "{unboosted} {found}");
    let gauge = gauge.to_string();
    for (more, said) in [
        ("", gauge.as_str()),
        ("gauge = \"0x0000000000000000000000000000000000000001\"", gauge.as_str()),
        ("gauge = \"gauge\"", gauge.as_str()),
        ("others_locked = \"1\"", "left out beside reward.tape"),
        ("relative_weight_bps = 1", "left out beside reward.tape"),
        ("settle_hours = 1", "left out beside reward.tape"),
        ("chef_pool = 1", "left out of a curve_gauges"),
    ] {
        let refusal = with(more).unwrap_err().to_string();
        assert!(refusal.contains(said), "{more}: {refusal}");
    }
    let mut elsewhere = config("re-executed", FIXED, "price_quote = \"2\"\ntape = \"t\"\n");
    let tape = ranges(Build::UniswapV3);
    let header = ProgrammeHeader { chain_id: tape.header.chain_id, ..recorded.header.clone() };
    elsewhere.reward[0].recorded = Some(ProgrammeTape { header, ..recorded.clone() });
    let refusal = elsewhere.resolve(&tape).unwrap_err().to_string();
    assert!(refusal.contains("takes shares of a pool"), "{refusal}");
}

/// A day of the sample week, with others' positions as they were recorded.
#[test]
fn a_campaign_over_the_sample_week() {
    let config = r#"
        [[strategy]]
        name = "plain"
        kind = "fixed_range"
        half_width_ticks = 300

        [[strategy]]
        name = "daily"
        kind = "fixed_range"
        half_width_ticks = 300
        farm = { claim = "every", proceeds = "hold" }

        [[reward]]
        kind = "merkl"
        token = "UNI"
        amount = "100000"
        end = "2024-12-02 00:00:00"
        price_quote = "12.5"
    "#;
    let setup = crate::data::setup(config);
    let finished = crate::data::run(setup);
    let identities: Vec<_> =
        finished.runs.iter().map(|run| run.record.settlement.identity).collect();
    assert!(identities.iter().all(|identity| identity.holds()));
    let [plain, daily] = identities.as_slice() else { panic!("two runs") };
    assert_eq!((plain.rewards, plain.fees), (NOTHING, daily.fees));
    // Raw USDC: something, and less than all.
    let most = whole(1_250_000_000_000);
    assert!(daily.rewards > NOTHING && daily.rewards < most, "{}", daily.rewards);
}
