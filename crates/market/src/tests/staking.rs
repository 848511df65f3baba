//! Stakes of a pool's token: what they earn, when they can be had back, and what is refused.

use tidemill_model::{Holding, OutcomeKind, PositionId, StakingId};
use tidemill_rewards::Moment;
use tidemill_units::{Amount, BlockNumber, Side, Timestamp, TokenAmounts, U256};

use super::Log;
use super::synthetic_tape::{FIRST_TIME, POOL, SyntheticTape};
use crate::{
    Footprint, LiquidService, LiquidTerms, MarketError, OwnWorth, SlashAt, StakingMarket,
    StakingService, ValidatorService, ValidatorTerms,
};

const DAY: u64 = 86_400;
const ETHER: u128 = 1_000_000_000_000_000_000;
const STAKING: StakingId = StakingId(0);

fn ether(amount: u128) -> Amount {
    Amount::from_u128(amount * ETHER)
}

fn token1(amount: Amount) -> TokenAmounts {
    TokenAmounts::of(2, Side::Token1.index(), amount).expect("a pool of two")
}

/// A million ether of others at 3.65 % a year, which is a ten thousandth a day, a tenth of it kept.
fn liquid(margin: u64) -> StakingService {
    let terms = LiquidTerms {
        others: ether(1_000_000),
        yearly_ppm: 36_500,
        fee_bps: 1_000,
        margin,
        interval: DAY,
        start: Timestamp(FIRST_TIME),
    };
    StakingService::Liquid(Box::new(LiquidService::new(terms).expect("terms")))
}

/// As many tokens of others at the same rate, a twentieth of it kept.
fn validator(slashes: Vec<SlashAt>) -> StakingService {
    let terms = ValidatorTerms {
        others: ether(1_000_000),
        yearly_ppm: 36_500,
        commission_bps: 500,
        unbonding_seconds: 3 * DAY,
        slashes,
        start: Timestamp(FIRST_TIME),
    };
    StakingService::Validator(Box::new(ValidatorService::new(terms).expect("terms")))
}

/// A market at the end of its tape, with a service that reports daily from its first event on.
struct Desk {
    log: Log,
    now: u64,
}

impl Desk {
    fn new(service: StakingService) -> Self {
        let synthetic = SyntheticTape::deep_at_tick(0);
        let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
        let clock = (Timestamp(FIRST_TIME), DAY);
        let staking = StakingMarket::new(POOL, (Side::Token1.index(), 2), service, clock);
        assert_eq!(log.market.add_staking(staking), Ok(STAKING));
        log.record_all(&synthetic.tape().events);
        let now = log.market.now().0;
        Self { log, now }
    }

    fn at(&self, seconds: u64) -> Moment {
        Moment { at: Timestamp(self.now + seconds), block: self.log.market.block() }
    }

    /// Brings an outcome in, so many seconds after the tape.
    fn outcome(&mut self, seconds: u64, kind: OutcomeKind) -> Result<(), MarketError> {
        let block = BlockNumber(self.log.market.block().0 + 1);
        self.log.outcome_in(block, Timestamp(self.now + seconds), kind)
    }

    fn opened(&self, amount: Amount, shares: Amount) -> (PositionId, OutcomeKind) {
        let position = PositionId(self.log.next_key());
        let holding = Holding::Stake { staking: STAKING, shares };
        let deposited = token1(amount);
        (position, OutcomeKind::Opened { position, pool: POOL, holding, deposited })
    }

    fn stake(&mut self, amount: Amount) -> PositionId {
        let kept = self.log.market.quote_staking(STAKING, &token1(amount), self.at(0));
        let (position, opened) = self.opened(amount, kept.expect("taken"));
        assert_eq!(self.outcome(0, opened), Ok(()));
        position
    }

    /// Lets time pass by an outcome that changes nothing.
    fn wait(&mut self, seconds: u64) {
        assert_eq!(self.outcome(seconds, OutcomeKind::Expired), Ok(()));
    }

    fn worth(&self, id: PositionId) -> (Amount, Amount) {
        let OwnWorth { principal, fees } = self.log.market.worth(id).expect("open");
        let of = |amounts: TokenAmounts| {
            assert_eq!(amounts.get(Side::Token0.index()), Some(Amount::ZERO));
            amounts.get(Side::Token1.index()).expect("a pool of two")
        };
        (of(principal), of(fees))
    }
}

#[test]
fn liquid_staking_earns_at_whole_reports_what_is_left_of_the_rate() {
    let mut desk = Desk::new(liquid(2 * DAY));
    let position = desk.stake(ether(100));
    assert_eq!(desk.worth(position), (ether(100), Amount::ZERO));
    desk.wait(DAY / 2);
    assert_eq!(desk.worth(position), (ether(100), Amount::ZERO), "no report yet");
    desk.wait(DAY);
    // 1,000,100 ether earn 100.01; a tenth goes to the protocol in new shares, at the rate after.
    let (before, reward) = (ether(1_000_100).0, ether(10_001).0 / U256::from(100));
    let (after, fee) = (before + reward, reward / U256::from(10));
    let fee_shares = fee * before / (after - fee);
    let expected = ether(100).0 * after / (before + fee_shares);
    assert_eq!(desk.worth(position), (ether(100), Amount(expected - ether(100).0)));
    // 0.009 ether, by hand: 100 * 0.0001 * 0.9.
    let (_, earned) = desk.worth(position);
    assert!(earned.0.abs_diff(U256::from(9_000_000_000_000_000_u64)) < U256::from(1_000));
}

#[test]
fn a_withdrawal_from_liquid_staking_waits_for_a_report_and_earns_nothing_meanwhile() {
    let mut desk = Desk::new(liquid(2 * DAY));
    let position = desk.stake(ether(2_500));
    desk.wait(DAY);
    let (_, earned) = desk.worth(position);
    let asked = DAY + 60;
    let ready_at = desk.log.market.quote_unbonding(position, desk.at(asked)).expect("may leave");
    assert_eq!(ready_at, Timestamp(FIRST_TIME + 4 * DAY), "the first report two days from now");
    assert_eq!(desk.outcome(asked, OutcomeKind::Unbonding { position, ready_at }), Ok(()));
    assert_eq!(desk.worth(position), (ether(2_500), earned), "as it was asked back");
    let still = FIRST_TIME + 4 * DAY - 1 - desk.now;
    desk.wait(still);
    assert_eq!(desk.worth(position), (ether(2_500), earned), "and has not grown");
    assert_eq!(desk.log.market.quote_unstaked(position, desk.at(still)), None);
    assert_eq!(desk.log.market.quote_unbonding(position, desk.at(still)), None, "asked once");
    let paid = desk.log.market.quote_unstaked(position, desk.at(still + 1)).expect("final");
    assert_eq!(paid.principal, token1(ether(2_500)));
    let dust = paid.fees.get(Side::Token1.index()).expect("two").0.abs_diff(earned.0);
    assert!(dust <= U256::from(3), "each of three requests is rounded down: {dust}");
    let closed = OutcomeKind::Closed { position, withdrawn: paid.principal, fees: paid.fees };
    assert_eq!(desk.outcome(still + 1, closed), Ok(()));
    assert_eq!(desk.log.market.worth(position), None);
}

#[test]
fn a_validator_pays_what_its_commission_leaves_and_compounds_it() {
    let mut desk = Desk::new(validator(Vec::new()));
    let position = desk.stake(ether(100));
    desk.wait(DAY);
    // 100 * 0.0001 * 0.95, to the last unit but for rounding.
    let daily = Amount::from_u64(9_500_000_000_000_000);
    let near =
        |amount: Amount, expected: Amount| amount.0.abs_diff(expected.0) <= U256::from(100_000);
    let (principal, earned) = desk.worth(position);
    assert_eq!(principal, ether(100));
    assert!(near(earned, daily), "{earned}");
    let amount = desk.log.market.quote_compounding(position, desk.at(DAY)).expect("paid");
    assert_eq!(amount, earned);
    assert_eq!(desk.outcome(DAY, OutcomeKind::Compounded { position, amount }), Ok(()));
    desk.wait(2 * DAY);
    // The second day earns on 100.0095: another 0.0000009025.
    let twice = Amount(daily.0 * U256::from(2) + U256::from(902_500_000_000_u64));
    let (_, earned) = desk.worth(position);
    assert!(near(earned, twice), "{earned}");
}

#[test]
fn a_slash_takes_what_was_earned_first_and_then_the_stake() {
    let at = Timestamp(FIRST_TIME + DAY);
    let mut desk = Desk::new(validator(vec![SlashAt { at, bps: 100 }]));
    let position = desk.stake(ether(100));
    desk.wait(DAY);
    let (principal, earned) = desk.worth(position);
    // 99 are left, and the day's 0.0095 are earned on them: 0.009405. What is burned counts whole
    // units of power, of which the validator has about 2^40.
    let expected = ether(99).0 + U256::from(9_405_000_000_000_000_u64);
    assert!(principal.0.abs_diff(expected) <= U256::from(1_000_000), "{principal}");
    assert_eq!(earned, Amount::ZERO);
    let ready_at = desk.log.market.quote_unbonding(position, desk.at(DAY)).expect("may leave");
    assert_eq!(ready_at, Timestamp(desk.now + 4 * DAY), "three days from then");
    assert_eq!(desk.outcome(DAY, OutcomeKind::Unbonding { position, ready_at }), Ok(()));
    desk.wait(4 * DAY - 1);
    assert_eq!(desk.log.market.quote_unstaked(position, desk.at(4 * DAY - 1)), None);
    let paid = desk.log.market.quote_unstaked(position, desk.at(4 * DAY)).expect("ready");
    assert!(paid.fees.is_zero());
    let back = paid.principal.get(Side::Token1.index()).expect("two");
    assert!(back.0.abs_diff(principal.0) <= U256::from(1), "{back} of {principal}");
}

#[test]
fn what_does_not_reproduce_is_an_error() {
    for service in [liquid(DAY), validator(Vec::new())] {
        let mut desk = Desk::new(service.clone());
        let kept = desk.log.market.quote_staking(STAKING, &token1(ether(5)), desk.at(0));
        let kept = kept.expect("taken");
        let wrong = Amount(kept.0 + U256::ONE);
        let (_, opened) = desk.opened(ether(5), wrong);
        assert!(matches!(desk.outcome(0, opened), Err(MarketError::Outcome { .. })));
        let mut desk = Desk::new(service.clone());
        let position = desk.stake(ether(5));
        let ready_at = Timestamp(desk.now);
        let early = OutcomeKind::Unbonding { position, ready_at };
        assert!(matches!(desk.outcome(0, early), Err(MarketError::Outcome { .. })));
        let mut desk = Desk::new(service);
        let position = desk.stake(ether(5));
        let (withdrawn, fees) = (token1(ether(5)), token1(Amount::ZERO));
        let closed = OutcomeKind::Closed { position, withdrawn, fees };
        assert!(matches!(desk.outcome(0, closed), Err(MarketError::Outcome { .. })));
    }
}

#[test]
fn a_service_takes_its_own_token_alone() {
    let desk = Desk::new(liquid(DAY));
    let market = &desk.log.market;
    let both = TokenAmounts::from_array([ether(1), ether(1)]);
    assert_eq!(market.quote_staking(STAKING, &both, desk.at(0)), None);
    let three = TokenAmounts::from_array([Amount::ZERO, ether(1), Amount::ZERO]);
    assert_eq!(market.quote_staking(STAKING, &three, desk.at(0)), None);
    assert_eq!(market.quote_staking(StakingId(1), &token1(ether(1)), desk.at(0)), None);
    assert_eq!(market.quote_staking(STAKING, &token1(Amount::ZERO), desk.at(0)), None);
}
