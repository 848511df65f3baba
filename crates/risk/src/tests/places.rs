//! How much of what is held, and where.

use std::collections::BTreeMap;

use tidemill_model::{AssetId, ChainId, PoolId};
use tidemill_units::{Bps, Side, SignedAmount};

use super::guarded::{Guarded, amount};
use super::synthetic_tape::POOL;
use super::{ASSETS, DEPOSIT, open, swap};
use crate::scene::{Place, Placed, part_bps};
use crate::{AssetLimit, ExposureLimits, Refusal, Safeguards, ValueLimits};

fn of_token1(most: u128) -> Safeguards {
    let limit = AssetLimit { asset: ASSETS.tokens()[1], most: amount(most) };
    Safeguards { assets: vec![limit], ..Safeguards::default() }
}

fn too_much_of_token1(held: u128, limit: u128) -> Result<(), Refusal> {
    let (asset, held, limit) = (ASSETS.tokens()[1], amount(held), amount(limit));
    Err(Refusal::TooMuchOfAsset { asset, held, limit })
}

#[test]
fn of_an_asset_no_more_is_bought_than_may_be_held() {
    let mut guarded = Guarded::new(of_token1(DEPOSIT + 500_000));
    let refused = too_much_of_token1(DEPOSIT + 500_001, DEPOSIT + 500_000);
    guarded.check(swap(Side::Token0, 500_001), refused);
    guarded.check(swap(Side::Token0, 300_000), Ok(()));
    // What is on its way counts as if it were there.
    guarded.check(swap(Side::Token0, 200_001), refused);
    guarded.check(swap(Side::Token0, 200_000), Ok(()));
    guarded.check(swap(Side::Token1, DEPOSIT), Ok(()));
}

#[test]
fn an_asset_counts_in_the_wallet_and_in_positions() {
    let mut guarded = Guarded::new(of_token1(DEPOSIT + 10_000));
    guarded.open(400_000, 400_000);
    // Rounding left at most a unit of it in the pool.
    guarded.check(swap(Side::Token0, 10_002), too_much_of_token1(1_010_001, 1_010_000));
    guarded.check(swap(Side::Token0, 10_000), Ok(()));
    // A price below the range turns all that is in the position into the other token.
    guarded.move_to(1, -600);
    guarded.check(swap(Side::Token0, 300_000), Ok(()));
    guarded.move_to(1, 600);
    let refused = guarded.ask(open(1_000, 1_000)).expect_err("too much of it by now");
    assert!(matches!(refused, Refusal::TooMuchOfAsset { .. }), "{refused:?}");
}

#[test]
fn value_in_a_pool_on_a_chain_at_a_venue_and_in_all_is_limited_in_this_order() {
    let limit = Some(amount(3_000));
    let (value, most) = (amount(3_001), amount(3_000));
    let none = ValueLimits::default();
    let all = ValueLimits { pool: limit, chain: limit, venue: limit, gross: limit };
    let in_pool = Refusal::TooMuchInPool { pool: POOL, value, limit: most };
    let cases = [
        (all, in_pool),
        (ValueLimits { pool: limit, ..none }, in_pool),
        (
            ValueLimits { pool: None, ..all },
            Refusal::TooMuchOnChain { chain: ChainId(1), value, limit: most },
        ),
        (
            ValueLimits { venue: limit, gross: limit, ..none },
            Refusal::TooMuchAtVenue { venue: "uniswap_v3", value, limit: most },
        ),
        (ValueLimits { gross: limit, ..none }, Refusal::TooMuchGross { value, limit: most }),
    ];
    for (values, refusal) in cases {
        let mut guarded = Guarded::new(Safeguards { values, ..Safeguards::default() });
        guarded.check(open(1_000, 2_001), Err(refusal));
        guarded.check(open(1_000, 1_000), Ok(()));
        guarded.check(open(500, 501), Err(refusal));
        guarded.check(open(500, 500), Ok(()));
        guarded.check(swap(Side::Token0, 100_000), Ok(()));
    }
}

#[test]
fn value_elsewhere_counts_where_the_limit_says_so() {
    let place = |pool, chain, venue| Place { pool: PoolId(pool), chain: ChainId(chain), venue };
    let here = place(0, 1, "a");
    let placed: Vec<_> = [here, place(1, 1, "b"), place(2, 2, "a"), place(3, 2, "b")]
        .into_iter()
        .zip([1, 10, 100, 1_000])
        .map(|(place, value)| Placed { place, value: amount(value) })
        .collect();
    let none = ValueLimits::default();
    for (sum, with) in [
        (1, (|pool| ValueLimits { pool, ..ValueLimits::default() }) as fn(_) -> _),
        (11, |chain| ValueLimits { chain, ..ValueLimits::default() }),
        (101, |venue| ValueLimits { venue, ..ValueLimits::default() }),
        (1_111, |gross| ValueLimits { gross, ..ValueLimits::default() }),
    ] {
        assert_eq!(with(Some(amount(sum))).check(&placed, &here), Ok(()));
        assert!(with(Some(amount(sum - 1))).check(&placed, &here).is_err(), "{sum}");
    }
    assert_eq!(none.check(&placed, &here), Ok(()));
}

fn exposed(net: Option<u128>, delta: Option<u128>) -> Guarded {
    let exposures = ExposureLimits { net: net.map(amount), delta: delta.map(amount) };
    Guarded::new(Safeguards { exposures, ..Safeguards::default() })
}

#[test]
fn exposure_is_what_is_not_the_quote_token() {
    let asset = ASSETS.tokens()[0];
    let net = |exposure, limit| {
        let [exposure, limit] = [exposure, limit].map(amount);
        Err(Refusal::TooMuchNetExposure { exposure, limit })
    };
    let delta = |exposure, limit| {
        let [exposure, limit] = [exposure, limit].map(amount);
        Err(Refusal::TooMuchDelta { asset, exposure, limit })
    };
    for of_one_asset in [false, true] {
        let with = |limit| match of_one_asset {
            false => exposed(Some(limit), None),
            true => exposed(None, Some(limit)),
        };
        let refused = |exposure, limit| match of_one_asset {
            false => net(exposure, limit),
            true => delta(exposure, limit),
        };
        let mut guarded = with(DEPOSIT + 200_000);
        guarded.check(swap(Side::Token1, 200_001), refused(DEPOSIT + 200_001, DEPOSIT + 200_000));
        guarded.check(swap(Side::Token1, 150_000), Ok(()));
        guarded.check(swap(Side::Token1, 50_001), refused(DEPOSIT + 200_001, DEPOSIT + 200_000));
        guarded.check(open(10_000, 10_000), Ok(()));
        // Beyond the limit already: what lowers exposure passes, and nothing else.
        let mut guarded = with(DEPOSIT - 1);
        guarded.check(open(10, 10), refused(DEPOSIT, DEPOSIT - 1));
        guarded.check(swap(Side::Token1, 10), refused(DEPOSIT + 10, DEPOSIT - 1));
        guarded.check(swap(Side::Token0, 10), Ok(()));
    }
}

#[test]
fn what_is_owed_is_set_off_in_the_sum_and_counts_by_itself() {
    let deltas = |first, second| {
        let both = [(AssetId(0), first), (AssetId(1), second)];
        BTreeMap::from(both.map(|(asset, raw)| (asset, SignedAmount::from_i128(raw))))
    };
    let limits = ExposureLimits { net: Some(amount(10)), delta: Some(amount(60)) };
    let about = [AssetId(0), AssetId(1)];
    assert_eq!(limits.check(None, &deltas(50, -60), &about), Ok(()));
    let (exposure, limit) = (amount(11), amount(10));
    let refused = Err(Refusal::TooMuchNetExposure { exposure, limit });
    assert_eq!(limits.check(None, &deltas(49, -60), &about), refused);
    let (asset, exposure, limit) = (AssetId(1), amount(61), amount(60));
    let refused = Err(Refusal::TooMuchDelta { asset, exposure, limit });
    assert_eq!(limits.check(None, &deltas(55, -61), &about), refused);
    assert_eq!(limits.check(None, &deltas(55, -61), &about[..1]), Ok(()), "of the other alone");
    assert_eq!(limits.check(Some(&deltas(55, -70)), &deltas(55, -61), &about), Ok(()), "less");
    assert_eq!(limits.check(Some(&deltas(55, 61)), &deltas(55, -61), &about), Ok(()), "no more");
}

#[test]
fn a_pool_holds_no_larger_part_of_equity_than_it_may() {
    let max_concentration = Some(Bps(1_000));
    let mut guarded = Guarded::new(Safeguards { max_concentration, ..Safeguards::default() });
    let refused = Err(Refusal::TooConcentrated { part_bps: 1_001, limit_bps: 1_000 });
    guarded.check(open(100_000, 100_001), refused);
    guarded.check(open(60_000, 60_000), Ok(()));
    guarded.check(open(40_000, 40_001), refused);
    guarded.check(open(40_000, 40_000), Ok(()));
    // Gas is no equity any more.
    let mut guarded = Guarded::new(Safeguards { max_concentration, ..Safeguards::default() });
    guarded.desk.burn_gas(200_000);
    guarded.check(open(100_000, 80_001), refused);
    guarded.check(open(100_000, 80_000), Ok(()));
}

#[test]
fn parts_are_rounded_up_and_of_nothing_too_large() {
    let part = |part, whole| part_bps(amount(part), amount(whole));
    assert_eq!([part(1, 10_000), part(1, 9_999), part(3, 3)], [1, 2, 10_000]);
    assert_eq!([part(0, 7), part(5, 0), part(0, 0)], [0, u32::MAX, u32::MAX]);
}
