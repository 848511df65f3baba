use tidemill_units::SignedAmount;

use crate::{StoppedAt, render_table, synthetic};

/// The lines of the tables: from the first rule to the identities.
fn table_lines(text: &str) -> Vec<&str> {
    text.lines()
        .skip_while(|line| !line.starts_with('─'))
        .take_while(|line| !line.starts_with("fees - IL"))
        .filter(|line| !line.is_empty() && !line.starts_with('*'))
        .collect()
}

/// Every line within the width, the three rules of a block equally long, and every line of figures
/// ending one column before them.
fn check_lines_up(strategies: usize, width: u16) {
    let sheet = synthetic::tear_sheet_of(strategies);
    let text = render_table(&sheet, width);
    for line in text.lines() {
        assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
    }
    let mut rules = 0;
    let mut block = 0;
    for line in table_lines(&text) {
        let length = line.chars().count();
        if line.starts_with('─') {
            if rules % 3 == 0 {
                block = length;
            }
            assert_eq!(length, block, "a rule of {width} columns, {strategies} strategies");
            rules += 1;
        } else if rules % 3 == 2 {
            assert_eq!(length, block - 1, "{line}");
        }
    }
    assert!(rules >= 3 && rules % 3 == 0, "three rules a block, found {rules}");
    for strategy in &sheet.strategies {
        assert!(text.contains(&format!("✓ {}:", strategy.name)), "{text}");
    }
}

#[test]
fn lines_up_at_every_width() {
    for strategies in [1, 2, 4, 5, 9] {
        for width in [60, 80, 100, 120, 160, 200, 250] {
            check_lines_up(strategies, width);
        }
    }
}

#[test]
fn wide_terminals_get_a_row_a_strategy() {
    let sheet = synthetic::tear_sheet();
    let wide = render_table(&sheet, 200);
    let narrow = render_table(&sheet, 80);
    let heading = |text: &str| {
        table_lines(text).iter().find(|line| !line.starts_with('─')).copied().map(str::to_owned)
    };
    assert!(heading(&wide).expect("a heading").contains("Swap cost"), "{wide}");
    assert!(!heading(&narrow).expect("a heading").contains("Swap cost"), "{narrow}");
    for strategy in &sheet.strategies {
        assert!(table_lines(&wide).iter().any(|line| line.contains(strategy.name.as_str())));
    }
}

#[test]
fn nothing_but_text() {
    let text = render_table(&synthetic::tear_sheet(), 120);
    assert!(!text.contains('\u{1b}') && !text.contains('\t'), "no colour codes");
    assert!(text.lines().all(|line| line.trim_end() == line), "no trailing spaces");
    assert!(text.contains("from 7 days, not a forecast"), "{text}");
}

#[test]
fn text_wraps_at_spaces_and_hyphens() {
    let check = |text: &str, width, expected: &[&str]| {
        assert_eq!(super::wrap(text, width), expected, "{text} at {width}");
    };
    check("", 5, &[""]);
    check("two words", 9, &["two words"]);
    check("two words", 8, &["two", "words"]);
    check("volatility-scaled range", 17, &["volatility-scaled", "range"]);
    check("volatility-scaled range", 13, &["volatility-", "scaled range"]);
    check("unbreakable 0", 6, &["unbrea", "kable", "0"]);
    check("a unbreakable", 6, &["a", "unbrea", "kable"]);
    check("± é", 1, &["±", "é"]);
}

#[test]
fn long_names_wrap_and_stay_whole_in_the_identity() {
    let mut sheet = synthetic::tear_sheet();
    "a-name-without-a-single-space-in-it".clone_into(&mut sheet.strategies[0].name);
    let text = render_table(&sheet, 80);
    assert!(table_lines(&text).iter().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("✓ a-name-without-a-single-space-in-it:"), "{text}");
}

#[test]
fn a_sum_that_fails_says_so_and_by_how_much() {
    let mut sheet = synthetic::tear_sheet();
    let strategy = &mut sheet.strategies[1];
    let one = SignedAmount::from_i128(1);
    strategy.net_quote = strategy.net_quote.checked_add(one).expect("in range");
    let text = render_table(&sheet, 120);
    assert!(text.contains("✗ DOES NOT ADD UP (by -1 here, 0 in the run)"), "{text}");
}

#[test]
fn no_strategies_is_still_a_table() {
    let mut sheet = synthetic::tear_sheet();
    sheet.strategies.clear();
    assert!(render_table(&sheet, 80).contains("USDC/WETH"));
}

#[test]
fn a_strategy_that_was_stopped_says_so_below_its_sum() {
    let mut sheet = synthetic::tear_sheet();
    let reason = format!("it panicked: {}", "no patience left ".repeat(9).trim_end());
    sheet.strategies[2].stopped = Some(StoppedAt { unix: 1_733_011_211, event: 12, reason });
    for width in [40, 80, 200] {
        let text = render_table(&sheet, width);
        let lines: Vec<_> = text.lines().collect();
        let name = format!("✓ {}:", sheet.strategies[2].name);
        let sum = lines.iter().position(|line| line.starts_with(&name)).expect("its sum");
        let next = format!("✓ {}:", sheet.strategies[3].name);
        let below: Vec<_> =
            lines[sum..].iter().take_while(|line| !line.starts_with(&next)).collect();
        let said: Vec<_> = below.iter().flat_map(|line| line.split_whitespace()).collect();
        let said = said.join(" ");
        let expected = "✗ stopped at event 12, 2024-12-01 00:00 UTC: it panicked: no patience";
        assert!(said.contains(expected), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= usize::from(width)), "{text}");
    }
}
