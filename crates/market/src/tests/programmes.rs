//! Positions of ours in reward programmes: what each kind pays, by hand, and what is refused.

use tidemill_model::{
    AssetId, OrderKey, OutcomeKind, PoolId, PositionId, ProgrammeId, QuotePrice, Reward, Sequence,
};
use tidemill_rewards::master_chef::{Allocation, MasterChef, MasterChefState};
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Amounts, BlockNumber, Liquidity, Timestamp, TokenAmounts, U256};

use super::Log;
use super::shares::{ShareLog, desired};
use super::synthetic_shares::SyntheticShares;
use super::synthetic_tape::{DEEP, POOL, SyntheticTape, amounts, range};
use crate::{FoldedProgramme, Footprint, Market, MarketError, ProgrammeMarket, Seat};

const REWARD: AssetId = AssetId(7);
const OTHER_REWARD: AssetId = AssetId(8);
const SPONSOR: Account = Account([0x5f; 20]);
const OTHERS: Account = Account([7; 20]);
const FIRST: ProgrammeId = ProgrammeId(0);
const SECOND: ProgrammeId = ProgrammeId(1);

fn units(count: u64) -> Amount {
    Amount::from_u64(count)
}

fn reward(amount: Amount) -> Reward {
    Reward { asset: REWARD, amount }
}

fn nothing() -> TokenAmounts {
    TokenAmounts::zero(2).expect("two tokens")
}

/// A million over 1,000 seconds, beside others' stake.
fn staking_rewards(others: Amount, from: Timestamp) -> FoldedProgramme {
    let state = StakingRewardsState::synthetix(SPONSOR, SPONSOR);
    let mut programme = StakingRewards::new(&state).expect("a new programme");
    programme.set_rewards_duration(SPONSOR, U256::from(1_000), from).expect("idle");
    programme.stake(OTHERS, others, from).expect("a stake");
    programme.fund(units(1_000_000)).expect("little");
    programme.notify_reward_amount(SPONSOR, units(1_000_000), from).expect("funded");
    programme.into()
}

/// What the chef pays a block: enough for its twelve digits a share.
const A_BLOCK: u64 = 1_000_000_000_000;

/// That a block, all for one pool, beside others' stake.
fn master_chef(others: Amount, from: BlockNumber) -> FoldedProgramme {
    let state = MasterChefState {
        address: Account([1; 20]),
        owner: SPONSOR,
        dev: SPONSOR,
        sushi_token: Account([2; 20]),
        sushi_per_block: units(A_BLOCK),
        start_block: from,
        bonus_end_block: from,
        sushi_supply: Amount::ZERO,
        sushi_balance: Amount::ZERO,
        lp_balances: Vec::new(),
        pools: Vec::new(),
        users: Vec::new(),
    };
    let mut chef = MasterChef::new(&state).expect("a new chef");
    let allocation = Allocation { alloc_point: U256::ONE, with_update: false };
    assert_eq!(chef.add(SPONSOR, Account([3; 20]), allocation, from), Ok(0));
    chef.deposit(OTHERS, 0, others, from).expect("a stake");
    chef.into()
}

/// A market of a pair with a deposit of ours, and events that are twelve seconds apart.
fn pair(footprint: Footprint) -> (ShareLog, SyntheticShares, PositionId, Amount) {
    let mut tape = SyntheticShares::pair();
    for _ in 0..60 {
        assert!(tape.swap(0, 1, 1_000_000).is_some());
        tape.skip_blocks(1);
    }
    let mut log = ShareLog::new(&tape, footprint);
    log.record(&tape, 0..1);
    let (position, deposit) = log.open(&desired(&tape, 100));
    (log, tape, position, deposit.shares)
}

fn thrice(shares: Amount) -> Amount {
    Amount(shares.0 * U256::from(3))
}

fn stake(position: PositionId, programme: ProgrammeId) -> OutcomeKind {
    OutcomeKind::Staked { position, programme, fees: nothing() }
}

/// What a quarter of the stakes is paid: first per share, 18 digits long, then ours.
fn quarter(of: u64, shares: Amount, digits: u32) -> Amount {
    let scale = U256::from(10).pow(U256::from(digits));
    let per_share = U256::from(of) * scale / (shares.0 * U256::from(4));
    Amount(shares.0 * per_share / scale)
}

#[test]
fn staking_rewards_pay_by_the_second() {
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let (mut log, tape, position, shares) = pair(footprint);
        let start = staking_rewards(thrice(shares), log.market.now());
        let programme = ProgrammeMarket::new(POOL, REWARD, start, Seat::StakingRewards);
        assert_eq!(log.market.add_programme(programme), Ok(FIRST));
        assert!(log.market.could_stake(position, FIRST));
        assert_eq!(log.outcome(stake(position, FIRST)), Ok(()));
        assert!(!log.market.could_stake(position, FIRST));
        assert_eq!(log.market.programme_of(position), Some(FIRST));
        assert_eq!(log.market.reward(position), Some(reward(Amount::ZERO)));
        // 120 seconds at 1,000 each, of which a quarter is ours.
        log.record(&tape, 1..11);
        let earned = quarter(120_000, shares, 18);
        assert!(earned == units(30_000) || earned == units(29_999), "{earned}");
        assert_eq!(log.market.reward(position), Some(reward(earned)));
        let later = Moment { at: Timestamp(log.market.now().0 + 12), block: log.market.block() };
        let more = log.market.reward_at(position, later).expect("staked").amount;
        assert_eq!(more, quarter(132_000, shares, 18));
        let claimed = OutcomeKind::Claimed { position, reward: reward(earned) };
        assert_eq!(log.outcome(claimed), Ok(()));
        assert_eq!(log.market.reward(position), Some(reward(Amount::ZERO)));
        // The period ends 1,000 seconds after it began; what comes later pays nothing.
        assert!(
            log.market
                .programme(FIRST)
                .expect("added")
                .is_running(Timestamp(log.market.now().0 + 879))
        );
        let end = Timestamp(log.market.now().0 + 880);
        assert!(!log.market.programme(FIRST).expect("added").is_running(end));
        let after = Moment { at: Timestamp(end.0 + 1_000_000), block: log.market.block() };
        let last = log.market.quote_unstake(position, after).expect("staked").amount;
        let all = quarter(1_000_000, shares, 18).checked_sub(earned).expect("more");
        assert!(last == all || last.checked_add(units(1)) == Some(all), "{last} {all}");
        // Leaving pays, and the position can be closed again.
        log.record(&tape, 11..21);
        let paid = log.market.reward(position).expect("staked");
        assert_eq!(log.outcome(OutcomeKind::Unstaked { position, reward: paid }), Ok(()));
        assert_eq!(log.market.programme_of(position), None);
        assert_eq!(log.market.reward(position), None);
        log.close(position);
    }
}

#[test]
fn a_master_chef_pays_by_the_block() {
    let (mut log, tape, position, shares) = pair(Footprint::ReExecuted);
    let start = master_chef(thrice(shares), log.market.block());
    let programme = ProgrammeMarket::new(POOL, REWARD, start, Seat::MasterChef(0));
    assert_eq!(log.market.add_programme(programme), Ok(FIRST));
    assert_eq!(log.outcome(stake(position, FIRST)), Ok(()));
    log.record(&tape, 1..11);
    let earned = quarter(10 * A_BLOCK, shares, 12);
    let found = log.market.reward(position).expect("staked").amount;
    assert_eq!(found, earned);
    let claimed = OutcomeKind::Claimed { position, reward: reward(earned) };
    assert_eq!(log.outcome(claimed), Ok(()));
    log.record(&tape, 11..12);
    let paid = log.market.reward(position).expect("staked").amount;
    let next = quarter(A_BLOCK, shares, 12);
    assert!(paid.0.abs_diff(next.0) <= U256::ONE, "{paid} {next}");
    let unstaked = OutcomeKind::Unstaked { position, reward: reward(paid) };
    assert_eq!(log.outcome(unstaked), Ok(()));
    log.close(position);
}

fn incentive(from: Timestamp) -> (FoldedProgramme, IncentiveKey) {
    let key = IncentiveKey {
        reward_token: Account([2; 20]),
        pool: Account(tidemill_model::Address::default().0),
        start_time: from,
        end_time: Timestamp(from.0 + 1_000),
        refundee: SPONSOR,
    };
    let mut staker = V3Staker::new(&V3StakerState::default()).expect("a new staker");
    staker.create_incentive(key, units(1_000_000), from).expect("within bounds");
    (staker.into(), key)
}

/// A deep pool at one price, with an event every 120 seconds, and as much liquidity of ours around
/// the price as there is.
fn deep(footprint: Footprint) -> (Log, SyntheticTape, PositionId) {
    let mut tape = SyntheticTape::deep_at_tick(0);
    for _ in 0..20 {
        tape.skip_blocks(10);
        tape.flash(Amounts::ZERO);
    }
    let mut log = Log::new(tape.tape(), footprint);
    log.record_all(&tape.tape().events[..2]);
    let around = range(-600, 600);
    let cost = log.pool().quote_own(around, Liquidity(DEEP)).expect("a cost");
    let position = log.open(around, DEEP, cost);
    (log, tape, position)
}

#[test]
fn a_v3_staker_divides_what_is_left_by_the_seconds_that_are_left() {
    let (mut log, tape, position) = deep(Footprint::ReExecuted);
    let (start, key) = incentive(log.market.now());
    let programme = ProgrammeMarket::new(POOL, REWARD, start, Seat::V3Staker(key));
    assert_eq!(log.market.add_programme(programme), Ok(FIRST));
    assert_eq!(log.outcome(stake(position, FIRST)), Ok(()));
    // 240 seconds with half of the liquidity: 120 of the 1,000 that a million is for.
    log.record_all(&tape.tape().events[2..4]);
    let near = |found: Reward, expected: u64| {
        assert_eq!(found.asset, REWARD);
        let floor = units(expected - 1);
        assert!(found.amount == units(expected) || found.amount == floor, "{found:?}");
    };
    let earned = log.market.reward(position).expect("staked");
    near(earned, 120_000);
    assert_eq!(log.outcome(OutcomeKind::Claimed { position, reward: earned }), Ok(()));
    assert_eq!(log.market.programme_of(position), Some(FIRST), "claiming stays");
    // 880,000 for 880 seconds; 240 more bring 120 again.
    log.record_all(&tape.tape().events[4..6]);
    let again = log.market.reward(position).expect("staked");
    near(again, 120_000);
    assert_eq!(log.outcome(OutcomeKind::Unstaked { position, reward: again }), Ok(()));
    log.close(position);
    let left = log.market.programme(FIRST).expect("added").staked().count();
    assert_eq!(left, 0);
}

#[test]
fn an_incentive_that_ended_takes_nobody_and_pays_those_who_leave() {
    let (mut log, tape, position) = deep(Footprint::ReExecuted);
    let (start, key) = incentive(log.market.now());
    let programme = ProgrammeMarket::new(POOL, REWARD, start, Seat::V3Staker(key));
    assert_eq!(log.market.add_programme(programme), Ok(FIRST));
    let before = Moment { at: Timestamp(key.start_time.0 - 1), block: log.market.block() };
    assert_eq!(log.market.quote_stake(position, FIRST, before), None, "it has not begun");
    assert_eq!(log.outcome(stake(position, FIRST)), Ok(()));
    log.record_all(&tape.tape().events[2..11]);
    assert!(!log.market.programme(FIRST).expect("added").is_running(log.market.now()));
    // Claiming would stake again, which the staker refuses now.
    let at = Moment { at: log.market.now(), block: log.market.block() };
    assert_eq!(log.market.quote_claim(position, at), None);
    let paid = log.market.quote_unstake(position, at).expect("the way out");
    assert_eq!(Some(paid), log.market.reward(position));
    assert_eq!(log.outcome(OutcomeKind::Unstaked { position, reward: paid }), Ok(()));
    assert!(!log.market.could_stake(position, FIRST));
}

/// Without our liquidity in them, the pool's seconds would pay us too much.
#[test]
fn a_price_taker_cannot_stake_by_the_pools_seconds() {
    let (mut log, _, position) = deep(Footprint::PriceTaker);
    let (start, key) = incentive(log.market.now());
    let programme = ProgrammeMarket::new(POOL, REWARD, start, Seat::V3Staker(key));
    assert_eq!(log.market.add_programme(programme), Ok(FIRST));
    assert!(!log.market.could_stake(position, FIRST));
    assert!(matches!(log.outcome(stake(position, FIRST)), Err(MarketError::Outcome { .. })));
}

/// Every outcome that the market cannot reproduce ends the run.
#[test]
fn outcomes_that_do_not_reproduce_are_errors() {
    let ready = || {
        let (mut log, tape, position, shares) = pair(Footprint::ReExecuted);
        for asset in [REWARD, OTHER_REWARD] {
            let start = staking_rewards(thrice(shares), log.market.now());
            let programme = ProgrammeMarket::new(POOL, asset, start, Seat::StakingRewards);
            log.market.add_programme(programme).expect("the pool is there");
        }
        (log, tape, position)
    };
    let staked = || {
        let (mut log, tape, position) = ready();
        assert_eq!(log.outcome(stake(position, FIRST)), Ok(()));
        log.record(&tape, 1..11);
        (log, position)
    };
    #[track_caller]
    fn fails(log: &mut ShareLog, kind: OutcomeKind) {
        let failed = log.outcome(kind);
        assert!(matches!(failed, Err(MarketError::Outcome { .. })), "{failed:?}");
    }
    let (_, _, position) = ready();
    let unknown = PositionId(OrderKey { sequence: Sequence(99), intent: 0 });
    let fees = TokenAmounts::from(amounts(1, 0));
    for kind in [
        stake(unknown, FIRST),
        stake(position, ProgrammeId(2)),
        OutcomeKind::Staked { position, programme: FIRST, fees },
        OutcomeKind::Claimed { position, reward: reward(Amount::ZERO) },
        OutcomeKind::Unstaked { position, reward: reward(Amount::ZERO) },
    ] {
        let (mut log, _, _) = ready();
        fails(&mut log, kind);
    }
    let (log, position) = staked();
    let Reward { amount, .. } = log.market.reward(position).expect("staked");
    let more = amount.checked_add(units(1)).expect("small");
    let worth = log.market.worth(position).expect("open");
    for kind in [
        stake(position, FIRST),
        stake(position, SECOND),
        OutcomeKind::Claimed { position, reward: reward(more) },
        OutcomeKind::Claimed { position, reward: Reward { asset: OTHER_REWARD, amount } },
        OutcomeKind::Unstaked { position, reward: reward(more) },
        OutcomeKind::Unstaked { position: unknown, reward: reward(amount) },
        // A staked position is not ours to close.
        OutcomeKind::Closed { position, withdrawn: worth.principal, fees: worth.fees },
    ] {
        let (mut log, _) = staked();
        fails(&mut log, kind);
    }
}

#[test]
fn two_positions_in_two_programmes_are_paid_apart() {
    let (mut log, tape, one, shares) = pair(Footprint::ReExecuted);
    let (other, deposit) = log.open(&desired(&tape, 100));
    for (asset, shares) in [(REWARD, shares), (OTHER_REWARD, deposit.shares)] {
        let start = staking_rewards(thrice(shares), log.market.now());
        let programme = ProgrammeMarket::new(POOL, asset, start, Seat::StakingRewards);
        log.market.add_programme(programme).expect("the pool is there");
    }
    assert_eq!(log.market.reward_assets().collect::<Vec<_>>(), [REWARD, OTHER_REWARD]);
    assert_eq!(log.outcome(stake(one, FIRST)), Ok(()));
    log.record(&tape, 1..6);
    assert_eq!(log.outcome(stake(other, SECOND)), Ok(()));
    log.record(&tape, 6..11);
    assert_eq!(log.market.programme_of(one), Some(FIRST));
    assert_eq!(log.market.programme_of(other), Some(SECOND));
    // The second programme's first minute was all others'.
    let minute = deposit.shares.0;
    let per_share = U256::from(60_000) * U256::from(10).pow(U256::from(18));
    let per_share = per_share / (minute * U256::from(4));
    let expected = Amount(minute * per_share / U256::from(10).pow(U256::from(18)));
    let paid = log.market.reward(other).expect("staked");
    assert_eq!(paid.asset, OTHER_REWARD);
    let off = paid.amount.0.abs_diff(expected.0);
    assert!(off <= U256::ONE, "{paid:?} {expected}");
    assert_eq!(log.market.reward(one).expect("staked").amount, quarter(120_000, shares, 18));
}

#[test]
fn programmes_of_unknown_pools_are_refused_and_rewards_have_the_latest_price() {
    let (mut log, _, _, shares) = pair(Footprint::ReExecuted);
    let unknown = PoolId(1);
    let start = staking_rewards(shares, log.market.now());
    let programme = ProgrammeMarket::new(unknown, REWARD, start, Seat::StakingRewards);
    let refused = log.market.add_programme(programme);
    assert_eq!(refused, Err(MarketError::UnknownPool(unknown)));
    assert_eq!(log.market.programmes().count(), 0);
    let thousand = reward(units(1_000));
    assert_eq!(log.market.price_of(REWARD), None);
    assert_eq!(log.market.value_of_reward(thousand), Some(Amount::ZERO));
    for (quote, worth) in [(5, 1_666), (6, 2_000), (0, 0)] {
        price(&mut log.market, QuotePrice { quote: units(quote), of: units(3) });
        assert_eq!(log.market.value_of_reward(thousand), Some(units(worth)), "rounded down");
    }
}

fn price(market: &mut Market, price: QuotePrice) {
    use tidemill_model::{Event, EventBody, PriceEvent};
    let now = market.now();
    let body = EventBody::Price(PriceEvent { asset: REWARD, price });
    let event = Event::at(Sequence(1_000), now, body);
    assert_eq!(market.apply(&event), Ok(()));
}
