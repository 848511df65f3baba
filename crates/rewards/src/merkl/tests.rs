use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use tidemill_units::{Amount, Timestamp, U256};

use super::{
    CampaignRequest, CreatorRules, Holding, Merkl, MerklError, MerklState, MerklTerms,
    MerklWeights, SHARE_ONE, ScoreInput, boosted, score_share,
};
use crate::Account;

const A: Account = Account([1; 20]);
const B: Account = Account([2; 20]);

fn amount(raw: u64) -> Amount {
    Amount::from_u64(raw)
}

fn terms(weights: [u32; 3]) -> MerklTerms {
    let [fees, amount0, amount1] = weights;
    MerklTerms {
        amount: amount(36_000_000_000),
        start: Timestamp(1000),
        duration_seconds: 36_000,
        weights: MerklWeights { fees, amount0, amount1 },
        is_out_of_range_incentivized: false,
        boosted_reward: None,
    }
}

fn campaign(terms: MerklTerms) -> Merkl {
    Merkl::new(&MerklState::of(terms)).unwrap()
}

fn holding(account: Account, fees: u64, amount0: u64, amount1: u64) -> Holding {
    Holding {
        account,
        fees: amount(fees),
        amount0: amount(amount0),
        amount1: amount(amount1),
        is_in_range: true,
    }
}

fn input(fees: u64, amount0: u64, amount1: u64) -> ScoreInput {
    ScoreInput { fees: amount(fees), amount0: amount(amount0), amount1: amount(amount1) }
}

#[test]
fn q411_score_share() {
    let weights = MerklWeights { fees: 4000, amount0: 3000, amount1: 3000 };
    let share = score_share(weights, input(30, 1, 8000), input(1000, 50, 100_000));
    assert_eq!(share, Some(U256::from(42_000_000_000_000_000_u64)), "0.042");
}

#[test]
fn q412_minimum_per_hour_and_fee() {
    // 36,000,000,000 in ten hours are 3,600,000,000 in one.
    let request = CampaignRequest { terms: terms([10_000, 0, 0]) };
    let rules = |least: u64, specific: u64| CreatorRules {
        default_fees: 30_000_000,
        campaign_specific_fees: specific,
        fee_rebate: U256::ZERO,
        reward_token_min_amount: amount(least),
    };
    let at = Timestamp(0);
    let paid =
        |rules: &CreatorRules| Ok::<_, MerklError>(request.create(rules, at)?.terms().amount);
    assert_eq!(paid(&rules(3_600_000_000, 0)), Ok(amount(34_920_000_000)), "3 % fee");
    assert_eq!(paid(&rules(3_600_000_001, 0)), Err(MerklError::RewardTooLow));
    assert_eq!(paid(&rules(0, 0)), Err(MerklError::TokenNotWhitelisted));
    assert_eq!(paid(&rules(1, 1)), Ok(amount(36_000_000_000)), "1 stands for no fee");
    assert_eq!(paid(&rules(1, 2)), Ok(amount(35_999_999_928)));
    let half = CreatorRules { fee_rebate: U256::from(500_000_000), ..rules(1, 0) };
    assert_eq!(paid(&half), Ok(amount(35_460_000_000)));
    let too_much = CreatorRules { fee_rebate: U256::from(1_000_000_001), ..rules(1, 0) };
    assert_eq!(paid(&too_much), Err(MerklError::FeeOutOfBounds));
}

#[test]
fn terms_out_of_bounds_are_refused() {
    let rules = CreatorRules { reward_token_min_amount: amount(1), ..CreatorRules::default() };
    let create = |terms, at| CampaignRequest { terms }.create(&rules, Timestamp(at)).map(|_| ());
    let good = terms([10_000, 0, 0]);
    assert_eq!(create(good, 36_999), Ok(()));
    assert_eq!(create(good, 37_000), Err(MerklError::AlreadyOver));
    let short = MerklTerms { duration_seconds: 3599, ..good };
    assert_eq!(create(short, 0), Err(MerklError::DurationBelowHour));
    assert_eq!(create(terms([9_999, 0, 0]), 0), Err(MerklError::WeightsNotWhole));
    assert_eq!(create(terms([u32::MAX, 10_001, 0]), 0), Err(MerklError::WeightsNotWhole));
    let low = MerklTerms { boosted_reward: Some(9_999), ..good };
    assert_eq!(create(low, 0), Err(MerklError::BoostBelowOne));
    let huge = MerklTerms { amount: Amount::MAX, ..good };
    assert_eq!(create(huge, 0), Err(MerklError::AmountOverflow));
    assert_eq!(Merkl::new(&MerklState::of(low)).unwrap_err().field.name, "boosted_reward");
    let late = MerklTerms { start: Timestamp(u64::MAX), ..good };
    assert_eq!(create(late, 0), Err(MerklError::AmountOverflow));
    assert_eq!(Merkl::new(&MerklState::of(late)).unwrap_err().field.name, "duration_seconds");
}

#[test]
fn every_swap_weighs_the_same() {
    let mut merkl = campaign(terms([0, 10_000, 0]));
    merkl.observe(&[holding(A, 0, 1, 0), holding(B, 0, 3, 0)], Timestamp(1000)).unwrap();
    merkl.observe(&[holding(A, 9999, 3, 0), holding(B, 0, 1, 0)], Timestamp(1001)).unwrap();
    let rewards = merkl.settle(Timestamp(4600)).unwrap();
    let amounts: Vec<_> = rewards.iter().map(|reward| reward.amount).collect();
    assert_eq!(amounts, [amount(1_800_000_000); 2]);
}

#[test]
fn an_interval_without_swaps_pays_nobody() {
    let mut merkl = campaign(terms([5000, 5000, 0]));
    assert_eq!(merkl.settle(Timestamp(4600)), Ok(vec![]));
    let out = Holding { is_in_range: false, ..holding(A, 0, 5, 5) };
    merkl.observe(&[out], Timestamp(4600)).unwrap();
    assert_eq!(merkl.settle(Timestamp(8200)), Ok(vec![]));
    assert_eq!(merkl.undistributed(), amount(7_200_000_000));
    merkl.observe(&[out, holding(B, 1, 1, 1)], Timestamp(8200)).unwrap();
    assert_eq!(merkl.settle(Timestamp(u64::MAX)).unwrap().len(), 1);
    assert_eq!(merkl.earned(B), amount(28_800_000_000));
}

#[test]
fn positions_out_of_range_count_where_the_campaign_says_so() {
    let terms = MerklTerms { is_out_of_range_incentivized: true, ..terms([0, 10_000, 0]) };
    let mut merkl = campaign(terms);
    let out = Holding { is_in_range: false, ..holding(A, 0, 3, 0) };
    merkl.observe(&[out, holding(B, 1, 1, 1)], Timestamp(1000)).unwrap();
    merkl.settle(Timestamp(4600)).unwrap();
    assert_eq!(merkl.earned(A), amount(2_700_000_000));
}

#[test]
fn a_weight_without_holdings_goes_to_the_others() {
    let mut merkl = campaign(terms([4000, 3000, 3000]));
    merkl.observe(&[holding(A, 1, 0, 0), holding(B, 1, 0, 8)], Timestamp(1000)).unwrap();
    merkl.settle(Timestamp(4600)).unwrap();
    // 0.2 and 0.2 + 0.3, of 0.7 together.
    assert_eq!(merkl.earned(A), amount(1_028_571_428));
    assert_eq!(merkl.earned(B), amount(2_571_428_571));
    assert_eq!(merkl.undistributed(), amount(1), "floored");
}

#[test]
fn a_boost_is_paid_by_the_others() {
    let terms = MerklTerms { boosted_reward: Some(25_000), ..terms([10_000, 0, 0]) };
    let mut merkl = campaign(terms);
    merkl.set_boost_supply(amount(100)).unwrap();
    merkl.set_boost(A, amount(50)).unwrap();
    merkl.observe(&[holding(A, 1, 0, 0), holding(B, 1, 0, 0)], Timestamp(1000)).unwrap();
    merkl.settle(Timestamp(4600)).unwrap();
    // Half the boosting token for half the fees is all of 2.5: 1.25 against 0.5.
    assert_eq!(merkl.earned(A), amount(2_571_428_571));
    assert_eq!(merkl.earned(B), amount(1_028_571_428));
    // A tenth of it: 0.5 + 1.5 / 10.
    let score = boosted(SHARE_ONE / U256::from(2), 25_000, amount(10), amount(100));
    assert_eq!(score, Some(U256::from(650_000_000_000_000_000_u64)));
    let without = campaign(self::terms([10_000, 0, 0])).set_boost(A, amount(1));
    assert_eq!(without, Err(MerklError::NoBoost));
}

#[test]
fn dust_of_an_interval_is_not_paid() {
    let mut merkl = campaign(terms([10_000, 0, 0]));
    merkl.observe(&[holding(A, 1, 0, 0), holding(B, 9_999_999, 0, 0)], Timestamp(1000)).unwrap();
    let rewards = merkl.settle(Timestamp(4600)).unwrap();
    assert_eq!((rewards.len(), merkl.earned(B)), (1, amount(3_599_999_640)));
    assert_eq!(merkl.undistributed(), amount(360), "a ten-millionth");
    merkl.observe(&[holding(A, 1, 0, 0), holding(B, 9_999_998, 0, 0)], Timestamp(4600)).unwrap();
    merkl.settle(Timestamp(8200)).unwrap();
    assert_eq!(merkl.earned(A), Amount::ZERO, "360 of 3,600,000,000, floored");
    merkl.observe(&[holding(A, 1, 0, 0), holding(B, 9_000_000, 0, 0)], Timestamp(8200)).unwrap();
    merkl.settle(Timestamp(11_800)).unwrap();
    assert_eq!(merkl.earned(A), amount(399));
}

#[test]
fn refused_operations_change_nothing() {
    let mut merkl = campaign(terms([10_000, 0, 0]));
    let early = merkl.observe(&[holding(A, 1, 0, 0)], Timestamp(999));
    assert_eq!(early, Err(MerklError::OutsideCampaign));
    merkl.observe(&[holding(A, 1, 0, 0)], Timestamp(2000)).unwrap();
    let before = merkl.clone();
    assert_eq!(merkl.observe(&[], Timestamp(1999)), Err(MerklError::TimeRunsBackwards));
    assert_eq!(merkl.settle(Timestamp(1999)), Err(MerklError::TimeRunsBackwards));
    assert_eq!(merkl.observe(&[], Timestamp(37_000)), Err(MerklError::OutsideCampaign));
    let huge = Holding { fees: Amount::MAX, ..holding(B, 0, 0, 0) };
    let refused = merkl.observe(&[holding(A, 1, 1, 1), huge], Timestamp(2000));
    assert_eq!(refused, Err(MerklError::SumOverflow));
    assert_eq!(merkl, before);
}

proptest! {
    /// Whatever is seen, what is earned and what is not add up to what is allotted, and at the end
    /// to the budget.
    #[test]
    fn a_campaign_shares_out_its_budget(
        swaps in vec((0_u64..4000, any::<u32>(), any::<u32>(), any::<bool>()), 1..40),
    ) {
        let mut merkl = campaign(terms([2000, 5000, 3000]));
        let mut now = 1000;
        for (seconds, fees, held, settle) in swaps {
            now += seconds;
            let holdings = [holding(A, fees.into(), held.into(), 1), holding(B, 7, 7, 7)];
            if settle {
                merkl.settle(Timestamp(now)).unwrap();
            } else {
                let seen = merkl.observe(&holdings, Timestamp(now));
                assert_eq!(seen.is_ok(), now < 37_000);
            }
            assert_eq!(Merkl::new(&merkl.state()), Ok(merkl.clone()));
        }
        merkl.settle(Timestamp(now.max(37_000))).unwrap();
        let earned = merkl.earned(A).checked_add(merkl.earned(B)).unwrap();
        assert_eq!(earned.checked_add(merkl.undistributed()), Some(merkl.terms().amount));
    }
}
