use super::{RunChart, render_run_chart};
use crate::format::MoneyFormat;
use crate::synthetic::{tear_sheet, tear_sheet_of};
use crate::{ExchangeSheet, ProgrammeSheet, StoppedAt, TearSheet};
use tidemill_units::SignedAmount;

fn chart_of(sheet: &TearSheet, place: usize) -> String {
    render_run_chart(&RunChart { sheet, strategy: &sheet.strategies[place], against: None })
}

/// The texts of the drawing, without markup; checks that it is well-formed on the way.
#[track_caller]
fn texts(svg: &str) -> String {
    let mut open = Vec::new();
    let mut text = String::new();
    let (start, rest) = svg.split_once('<').unwrap();
    assert_eq!(start, "");
    for part in rest.split('<') {
        let (tag, content) = part.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let tag = tag.trim();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
        for entity in content.split('&').skip(1) {
            let is_known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            assert!(is_known.iter().any(|known| entity.starts_with(known)), "{content}");
        }
        text += content;
    }
    assert!(open.is_empty(), "{open:?}");
    text.replace('\u{a0}', " ").replace('\u{2212}', "-")
}

#[test]
fn the_figures_of_the_sheet_are_in_it() {
    let sheet = tear_sheet();
    let money = MoneyFormat::of(&sheet);
    for (place, strategy) in sheet.strategies.iter().enumerate() {
        let text = texts(&chart_of(&sheet, place));
        for amount in [
            strategy.fees_quote,
            strategy.il_quote,
            strategy.swap_cost_quote,
            strategy.gas_quote,
            strategy.net_quote,
            strategy.final_quote,
            strategy.hold_final_quote,
            strategy.deposit_quote,
            strategy.lvr_quote,
        ] {
            let figure = money.rounded(amount);
            assert!(text.contains(&figure), "{}: {figure} in {text}", strategy.name);
        }
        for word in ["Value, USDC", "Gain, USDC", "Price, USDC per WETH", "2 Dec", "UTC"] {
            assert!(text.contains(word), "{}: {word} in {text}", strategy.name);
        }
        // Each kind of action, and how often.
        for action in &strategy.actions {
            let count = strategy.actions.iter().filter(|each| each.what == action.what).count();
            let lane = format!("{} \u{d7} {count}", action.what);
            assert!(text.contains(&lane), "{lane} in {text}");
        }
    }
}

/// Every run of the sample page, with a point of value and price for every five minutes.
#[test]
fn a_picture_is_small_and_the_same_each_time() {
    let sheet = tear_sheet();
    for place in 0..sheet.strategies.len() {
        let svg = chart_of(&sheet, place);
        assert!(svg.len() < 40_000, "{} bytes", svg.len());
        assert_eq!(svg, chart_of(&sheet, place));
        // Nothing is fetched: the only address is the name of the format.
        assert_eq!(svg.matches("http").count(), 1);
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
    }
}

#[test]
fn another_strategy_takes_the_place_of_holding() {
    let mut sheet = tear_sheet();
    sheet.strategies[0].name = "the <other>".to_owned();
    let against = Some(&sheet.strategies[0]);
    let svg =
        render_run_chart(&RunChart { sheet: &sheet, strategy: &sheet.strategies[2], against });
    let text = texts(&svg);
    let (ours, other) = (&sheet.strategies[2], &sheet.strategies[0]);
    assert!(text.contains(&format!("{} less the &lt;other&gt;", ours.name)), "{text}");
    let end = ours.value.last().unwrap().value - other.value.last().unwrap().value;
    let end = crate::format::decimal(end, usize::from(MoneyFormat::of(&sheet).shown));
    assert!(text.contains(&end), "{end} in {text}");
    assert!(!text.contains("less holding"), "{text}");
}

/// All terms there are, of amounts with many digits: figures stand apart, in as many rows as it
/// takes.
#[test]
fn figures_do_not_run_into_each_other() {
    let mut sheet = tear_sheet();
    let parameters = vec![(String::from("name"), String::from("value"))];
    sheet.programmes.push(ProgrammeSheet {
        name: "programme".to_owned(),
        kind: "v3_staker".to_owned(),
        parameters: parameters.clone(),
    });
    sheet.exchanges.push(ExchangeSheet { name: "exchange".to_owned(), parameters });
    let strategy = &mut sheet.strategies[1];
    strategy.hedge_quote = SignedAmount::from_i128(-12_345_678_901_234);
    strategy.parameters = (0..30).map(|place| (format!("key_{place}"), "1".to_owned())).collect();
    let svg = chart_of(&sheet, 1);
    let mut figures = Vec::new();
    for part in svg.split("<text class=\"figure\" x=\"").skip(1) {
        let (x, rest) = part.split_once("\" y=\"").unwrap();
        let (y, rest) = rest.split_once("\">").unwrap();
        let text = rest.split("</text>").next().unwrap();
        figures.push((y.to_owned(), x.parse::<f64>().unwrap(), text.chars().count()));
    }
    assert_eq!(figures.len(), 8, "seven terms and the net");
    for pair in figures.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        // Bold digits of 13 pixels are some 8 pixels wide, spaces and commas less.
        assert!(pair[1].1 - pair[0].1 > pair[0].2 as f64 * 8.0, "{pair:?}");
    }
    let last = figures.last().unwrap();
    assert!(last.1 + last.2 as f64 * 8.0 < 840.0, "{last:?}");
    assert!(svg.contains("key_0 1, key_1 1, ") && svg.contains("\u{2026}<"), "cut short");
}

/// Rewards join the fees, a stop has a lane of its own, and what has no points no plot.
#[test]
fn what_a_run_has_besides_is_said() {
    let mut sheet = tear_sheet_of(4);
    let strategy = &mut sheet.strategies[3];
    let fees = strategy.cumulative_fees.clone();
    strategy.cumulative_rewards = fees.iter().map(|(unix, _)| (*unix, 10.0)).collect();
    let unix = strategy.value[100].unix;
    let reason = "it panicked: \"<no>\" & out".to_owned();
    strategy.stopped = Some(StoppedAt { unix, event: 7, reason });
    strategy.refusals = vec![(unix, "too much".to_owned())];
    strategy.il_quote = SignedAmount::from_i128(-1_500_000);
    let text = texts(&chart_of(&sheet, 3));
    let earned = fees.last().unwrap().1 + 10.0;
    let earned = crate::format::decimal(earned, usize::from(MoneyFormat::of(&sheet).shown));
    for said in [
        "fees and rewards so far",
        earned.as_str(),
        "stopped \u{d7} 1",
        "refused \u{d7} 1",
        "&lt;no&gt;&quot; &amp; out",
        "- (-1.50",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    sheet.price.clear();
    let text = texts(&chart_of(&sheet, 3));
    assert!(!text.contains("Price, "), "{text}");
    sheet.strategies[3].value.clear();
    sheet.strategies[3].cumulative_fees.clear();
    let text = texts(&chart_of(&sheet, 3));
    assert!(!text.contains("Value, ") && !text.contains("Gain, "), "{text}");
    assert!(text.contains("= "), "{text}");
}
