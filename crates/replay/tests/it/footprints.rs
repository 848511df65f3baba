//! What a larger deposit changes, under each model of our own footprint.

use tidemill_units::SignedAmount;

use crate::data::{run, setup};

struct Earned {
    fees: f64,
    dilution_bound: Option<f64>,
}

/// Fees of one strategy that never moves, in raw USDC.
fn earned(footprint: &str, kind: &str, deposit: u64) -> Earned {
    let finished = run(setup(&format!(
        "footprint = \"{footprint}\"\ndeposit_quote = \"{deposit}\"\n\
         [limits]\nmax_exposure_quote = \"100000000\"\n[[strategy]]\nkind = \"{kind}\"\n"
    )));
    let run = &finished.runs[0];
    assert!(run.record.settlement.identity.holds());
    assert_eq!(run.record.settlement.identity.swap_cost, SignedAmount::ZERO);
    let fees = run.record.settlement.identity.fees.to_string().parse().unwrap();
    Earned { fees, dilution_bound: run.dilution_bound }
}

#[test]
fn twice_the_deposit_earns_a_price_taker_twice_the_fees() {
    for kind in ["full_range", "fixed_range"] {
        let once = earned("price-taker", kind, 1_000_000);
        let twice = earned("price-taker", kind, 2_000_000);
        // The liquidity bought and the fees of either token are rounded down.
        let off = twice.fees - 2.0 * once.fees;
        assert!(off.abs() <= 8.0, "{kind}: {off} raw units");
        let [once, twice] = [once, twice].map(|earned| earned.dilution_bound.unwrap());
        assert!((twice / once - 2.0).abs() < 1e-6, "{kind}: {once} and {twice}");
    }
}

#[test]
fn twice_the_deposit_earns_less_than_twice_where_it_shares_the_fees() {
    for kind in ["full_range", "fixed_range"] {
        let [once, twice] =
            [1_000_000, 2_000_000].map(|deposit| earned("re-executed", kind, deposit));
        assert!(once.fees < twice.fees, "{kind}");
        assert!(twice.fees < 2.0 * once.fees, "{kind}: {} and {}", once.fees, twice.fees);
        assert_eq!((once.dilution_bound, twice.dilution_bound), (None, None));
    }
}

/// The bound that a price-taker's report states holds against the model without that error.
#[test]
fn the_dilution_bound_covers_what_sharing_the_fees_takes() {
    for kind in ["full_range", "fixed_range"] {
        let taker = earned("price-taker", kind, 1_000_000);
        let executed = earned("re-executed", kind, 1_000_000);
        let too_high = taker.fees / executed.fees - 1.0;
        let bound = taker.dilution_bound.unwrap();
        assert!(0.0 < too_high && too_high <= bound, "{kind}: {too_high} of at most {bound}");
    }
}
