use tidemill_units::Amount;

use super::svg::{Axes, Line, compact, lines};
use crate::{
    CampaignBefore, CampaignCapture, CampaignOutcome, CampaignPool, CampaignProvenance,
    CampaignReward, CampaignSheet, CampaignTerms, CampaignYields, DepthAt, DepthSides,
    ProgrammeOutcomes, Retained, TradeImpact, render_campaign_page,
};

fn million(quote: u64) -> Amount {
    Amount::from_u64(quote * 1_000_000)
}

fn depth(up: u64, down: u64) -> DepthSides {
    DepthSides { up: million(up), down: million(down) }
}

fn outcome() -> CampaignOutcome {
    let part = |part: u64| Amount::from_u64(part);
    CampaignOutcome {
        budget: million(1_000),
        budget_quote: million(1_000),
        spent_quote: million(980),
        added_quote: million(2_000_000),
        yields: CampaignYields { fees: 0.1, rewards: 0.05, lvr: 0.08, costs: 0.0, net: 0.07 },
        depth: vec![DepthAt { percent: 1.0, depth: depth(900, 600) }],
        trade: Some(TradeImpact { amount_out: part(5), impact_bps: 7.5, cost_bps: 12.5 }),
        cost_per_depth_day: Some(1.0 / 28.0),
        cost_per_bp_day: Some(14.285_714),
        fees_to_voters_quote: million(77_000),
        capture: CampaignCapture {
            present: part(539_999_999),
            added: part(200_000_000),
            wide: part(100_000_000),
            out_of_range: part(10_000_000),
            parked: part(20_000_000),
            just_in_time: part(70_000_000),
            same_block: part(10_000_000),
            makers: part(1),
            returned: part(20_000_000),
            rest: part(30_000_000),
        },
        retained: vec![Retained {
            days: 7.0,
            capital_quote: million(1_000_000),
            depth: depth(750, 500),
            trade: Some(TradeImpact { amount_out: part(5), impact_bps: 8.25, cost_bps: 13.25 }),
            cost_per_depth: Some(4.0),
        }],
        path: vec![(0.0, 2e12), (28.0, 2e12), (35.0, 1e12)],
    }
}

/// One programme and budget; every number is made up.
pub(crate) fn sheet() -> CampaignSheet {
    let yields = CampaignYields { fees: 0.15, rewards: 0.0, lvr: 0.08, costs: 0.0, net: 0.07 };
    CampaignSheet {
        pool: CampaignPool {
            name: "USDC/WETH 0.05 %".into(),
            chain: "Ethereum".into(),
            address: "0x0".into(),
            quote_symbol: "USDC".into(),
            quote_decimals: 6,
            base_symbol: "WETH".into(),
            from_unix: 1_733_011_200,
            to_unix: 1_733_616_000,
            events: 40_000,
            swaps: 38_000,
            is_concentrated: true,
        },
        reward: CampaignReward {
            symbol: "<R>".into(),
            decimals: 6,
            price_quote: million(1),
            duration_seconds: 28 * 86_400,
        },
        terms: CampaignTerms {
            required_return: Some(0.07),
            epsilon: Some(2.5),
            cost_return: 0.0,
            placement: "at every price".into(),
            volume_elasticity: 0.0,
            half_life_days: 7.0,
            trade_quote: million(1_000_000),
        },
        before: CampaignBefore {
            capital_quote: million(9_000_000),
            comes_unpaid_quote: Amount::ZERO,
            fees_quote: million(25_000),
            yields,
            need: 0.15,
            depth: vec![DepthAt { percent: 1.0, depth: depth(600, 400) }],
            trade: Some(TradeImpact {
                amount_out: Amount::from_u64(4),
                impact_bps: 10.0,
                cost_bps: 15.0,
            }),
        },
        programmes: vec![ProgrammeOutcomes {
            name: "staker".into(),
            kind: "v3_staker".into(),
            rule: "Pays <seconds>.".into(),
            brings_from: Some(million(1_234)),
            outcomes: vec![outcome()],
        }],
        notes: vec!["A & B.".into()],
        provenance: CampaignProvenance::default(),
    }
}

#[test]
fn the_page_fills_every_slot_and_escapes_what_it_is_given() {
    let page = render_campaign_page(&sheet());
    for wrong in ["{{", "<R>", "<seconds>", "A & B", "<script", "NaN", "inf"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    for right in [
        "&lt;R&gt;",
        "A &amp; B.",
        "+50.00\u{a0}%",
        "✓ they do.",
        "539.999999",
        "8.250",
        "than about 1,234",
    ] {
        assert!(page.contains(right), "{right}");
    }
    // Ten parts, of which none is nothing.
    assert_eq!(page.matches("<i class=").count(), 10);
    assert!(page.contains("width:54.000%"));
}

#[test]
fn a_pool_of_shares_has_no_words_for_ranges() {
    let mut sheet = sheet();
    assert!(render_campaign_page(&sheet).contains("Left out of range</th>"));
    sheet.pool.is_concentrated = false;
    let page = render_campaign_page(&sheet);
    for heading in ["Present providers", "Came", "In and out in a block", "Nobody"] {
        assert!(page.contains(&format!("{heading}</th>")), "{heading}");
    }
    for word in ["Left out of range", "Just in time", "at every price</th>"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn parts_that_do_not_add_up_are_said_to() {
    let mut sheet = sheet();
    sheet.programmes[0].outcomes[0].capture.rest = Amount::ZERO;
    assert!(render_campaign_page(&sheet).contains("✗ they do not."));
}

#[test]
fn a_sheet_without_numbers_is_still_a_page() {
    let mut sheet = sheet();
    sheet.before.trade = None;
    let outcome = &mut sheet.programmes[0].outcomes[0];
    (outcome.trade, outcome.cost_per_bp_day, outcome.cost_per_depth_day) = (None, None, None);
    outcome.retained.clear();
    outcome.depth.clear();
    assert!(render_campaign_page(&sheet).contains("n/a"));
    sheet.programmes.clear();
    assert!(render_campaign_page(&sheet).contains("</html>"));
}

#[test]
fn a_chart_has_round_ticks_and_stays_inside() {
    let axes = Axes { title: "t", across: "x", starts_at_zero: false, mark: None };
    let line = |points| [Line { name: "a", colour: 1, points, has_marks: true }];
    let drawn = lines(&axes, &line(vec![(0.0, 7.6e6), (8e5, 8.9e6)]));
    for tick in ["7.5M", "8.0M", "9.0M", "200k", "800k"] {
        assert!(drawn.contains(&format!(">{tick}<")), "{tick}: {drawn}");
    }
    assert_eq!(drawn.matches("<circle").count(), 2);
    for points in [vec![], vec![(0.0, 0.0)], vec![(1.0, 5.0), (2.0, 5.0)], vec![(0.0, f64::NAN)]] {
        let drawn = lines(&axes, &line(points));
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }
}

#[test]
fn ticks_are_as_long_as_they_must_be() {
    for (value, step, text) in [
        (0.0, 5e5, "0"),
        (1.5e6, 5e5, "1.5M"),
        (2e5, 2e5, "200k"),
        (9.25, 0.25, "9.2"),
        (-3.0, 1.0, "\u{2212}3"),
        (0.002, 0.002, "0.002"),
    ] {
        assert_eq!(compact(value, step), text, "{value} by {step}");
    }
}
