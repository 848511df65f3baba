use serde_json::Value;
use tidemill_units::SignedAmount;

use super::{CSS, SCRIPTS, fill};
use crate::{DecisionRow, RealisedGain, StoppedAt, TearSheet, render_page, synthetic};

/// The text of the page's JSON element with this id.
fn embedded(page: &str, id: &str) -> String {
    let open = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, after) = page.split_once(open.as_str()).expect("the element");
    after.split_once("</script>").expect("its end").0.to_owned()
}

#[test]
fn no_text_can_leave_its_place() {
    let hostile = "</script><script>alert(1)</script><!-- {{sheet}} {{css}} \" ' & \u{2028}";
    let mut sheet = synthetic::tear_sheet();
    hostile.clone_into(&mut sheet.title);
    hostile.clone_into(&mut sheet.pool.name);
    hostile.clone_into(&mut sheet.pool.quote_symbol);
    hostile.clone_into(&mut sheet.provenance.command);
    sheet.notes.push(hostile.to_owned());
    let strategy = &mut sheet.strategies[3];
    hostile.clone_into(&mut strategy.name);
    hostile.clone_into(&mut strategy.summary);
    hostile.clone_into(&mut strategy.digest);
    hostile.clone_into(&mut strategy.actions[0].what);
    hostile.clone_into(&mut strategy.actions[0].detail);
    strategy.parameters.push((hostile.to_owned(), hostile.to_owned()));
    strategy.refusals.push((0, hostile.to_owned()));
    strategy.stopped = Some(StoppedAt { unix: 0, event: 1, reason: hostile.to_owned() });
    let page = render_page(&sheet);
    let plain = render_page(&synthetic::tear_sheet());
    for tag in ["<script", "</script", "<!--", "alert(1)</"] {
        assert_eq!(page.matches(tag).count(), plain.matches(tag).count(), "{tag}");
    }
    let back: TearSheet = serde_json::from_str(&embedded(&page, "sheet")).expect("a tear sheet");
    assert_eq!(back.strategies[3].name, hostile);
}

#[test]
fn the_embedded_sheet_is_the_sheet() {
    let sheet = synthetic::tear_sheet();
    let page = render_page(&sheet);
    let json = embedded(&page, "sheet");
    assert!(!json.contains('<'));
    let value: Value = serde_json::from_str(&json).expect("JSON");
    let net = &value["strategies"][3]["net_quote"];
    assert_eq!(*net, Value::String(sheet.strategies[3].net_quote.to_string()), "a raw string");
    assert_eq!(value["strategies"][0]["footprint"], "price-taker");
    let back: TearSheet = serde_json::from_value(value).expect("a tear sheet");
    assert_eq!(back.provenance, sheet.provenance);
    for (found, expected) in back.strategies.iter().zip(&sheet.strategies) {
        assert_eq!(found.fees_quote, expected.fees_quote);
        assert_eq!(found.il_quote, expected.il_quote);
        assert_eq!(found.actions, expected.actions);
    }
}

#[test]
fn a_strategy_that_was_stopped_says_so_above_its_figures() {
    let mut sheet = synthetic::tear_sheet();
    assert!(!render_page(&sheet).contains("stopped at event"));
    let reason = "it panicked: index 7 & no more".to_owned();
    sheet.strategies[1].stopped = Some(StoppedAt { unix: 1_733_011_211, event: 12, reason });
    let page = render_page(&sheet);
    let (_, panel) = page.split_once("id=\"strategy-1\"").expect("its panel");
    let (panel, _) = panel.split_once("id=\"strategy-2\"").expect("the next");
    let said = "stopped at event 12, 2024-12-01 00:00 UTC: it panicked: index 7 &amp; no more</p>";
    let (before, _) = panel.split_once(said).expect("the sentence");
    assert!(!before.contains("class=\"identity"), "above its figures");
    assert_eq!(page.matches(said).count(), 1, "of nobody else");
}

#[test]
fn the_page_names_no_address() {
    let page = render_page(&synthetic::tear_sheet()).to_lowercase();
    for outside in ["http:", "https:", "src=", "url(", "@import", "<link rel=\"stylesheet", "//"] {
        let found = page.match_indices(outside).find(|(at, _)| {
            // A comment in the page's own script is not an address.
            outside != "//" || !page[..*at].ends_with([' ', '\n'])
        });
        assert_eq!(found, None, "{outside}");
    }
    assert!(page.contains("default-src 'none'"), "and its policy forbids any");
}

#[test]
fn every_figure_is_in_the_markup() {
    let sheet = synthetic::tear_sheet();
    let page = render_page(&sheet);
    let (markup, _) = page.split_once("<script").expect("a script");
    let strategy = sheet.strategies.last().expect("a strategy");
    for amount in [
        strategy.fees_quote,
        strategy.il_quote,
        strategy.lvr_quote,
        strategy.swap_cost_quote,
        strategy.gas_quote,
        strategy.net_quote,
    ] {
        let exact = crate::format::grouped(&amount.to_decimal_string(6)).replace('-', "\u{2212}");
        assert!(markup.contains(&exact), "{exact}");
    }
    assert_eq!(markup.matches("adds up to the raw unit").count(), sheet.strategies.len());
    assert!(markup.contains("from 7 days, not a forecast"));
    assert!(markup.contains("<noscript>"));
}

#[test]
fn a_sum_that_fails_is_marked() {
    let mut sheet = synthetic::tear_sheet();
    sheet.strategies[2].identity_difference = tidemill_units::SignedAmount::from_i128(-7);
    let page = render_page(&sheet);
    assert!(page.contains("does not add up: 0 raw units here, \u{2212}7 in the run"));
    assert_eq!(page.matches("adds up to the raw unit").count(), 3);
}

#[test]
fn numbers_that_are_none_are_gaps() {
    let mut sheet = synthetic::tear_sheet();
    sheet.strategies[1].value[5].value = f64::NAN;
    sheet.strategies[1].annualised_return = f64::INFINITY;
    let page = render_page(&sheet);
    let value: Value = serde_json::from_str(&embedded(&page, "sheet")).expect("JSON");
    assert_eq!(value["strategies"][1]["value"][5]["value"], Value::Null);
    assert!(page.contains(">n/a</td>"));
}

#[test]
fn long_periods_carry_no_caution() {
    let mut sheet = synthetic::tear_sheet();
    sheet.pool.to_unix = sheet.pool.from_unix + 30 * 86_400;
    assert!(!render_page(&sheet).contains("not a forecast"));
    sheet.pool.to_unix -= 1;
    assert!(render_page(&sheet).contains("from 30 days, not a forecast"));
}

#[test]
fn nothing_to_show_is_still_a_page() {
    let mut sheet = synthetic::tear_sheet();
    sheet.strategies.clear();
    sheet.price.clear();
    sheet.notes.clear();
    let page = render_page(&sheet);
    assert!(page.ends_with("</html>\n") && !page.contains("{{"));
}

#[test]
fn assets_do_not_end_their_own_element() {
    for asset in [CSS].iter().chain(&SCRIPTS) {
        assert!(!asset.contains("</") && !asset.contains("<!--"));
    }
}

#[test]
fn slots_are_filled_once() {
    let slots = [("a", "{{b}}"), ("b", "B")];
    assert_eq!(fill("{{a}}-{{b}}-{{c}}-{{", &slots), "{{b}}-B-{{c}}-{{");
}

#[test]
fn decisions_show_what_was_expected_beside_what_came_of_it() {
    let amount = SignedAmount::from_i128;
    let mut sheet = synthetic::tear_sheet();
    assert!(!render_page(&sheet).contains("Held to break even"));
    let realised = Some(RealisedGain { gain_quote: amount(7_891_234), after_seconds: 5_400 });
    let decision = DecisionRow {
        unix: 1_700_000_000,
        what: "rebalance <b>".to_owned(),
        predicted_gain_quote: amount(45_671_234),
        predicted_cost_quote: amount(12_341_234),
        realised,
    };
    let open = DecisionRow { realised: None, ..decision.clone() };
    sheet.strategies[3].decisions = vec![decision, open];
    let page = render_page(&sheet);
    let money = |text: &str| format!("<td class=\"right\">{text}</td>");
    let begun = "<tr><td class=\"when\">2023-11-14 22:13</td><td>rebalance &lt;b&gt;</td>";
    let predicted = format!("{begun}{}{}", money("12.34"), money("45.67"));
    let realised = format!("{predicted}{}{}</tr>", money("7.89"), money("1.5"));
    assert_eq!(page.matches(&realised).count(), 1, "{page}");
    assert!(page.contains(&format!("{predicted}{}{}</tr>", money("n/a"), money("n/a"))));
    let back: TearSheet = serde_json::from_str(&embedded(&page, "sheet")).expect("a tear sheet");
    assert_eq!(back.strategies[3].decisions, sheet.strategies[3].decisions);
}
