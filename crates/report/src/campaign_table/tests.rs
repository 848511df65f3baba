use crate::campaign_page::tests::sheet;
use crate::render_campaign_table;

#[test]
fn a_row_is_a_budget_under_a_programme_where_that_fits() {
    let text = render_campaign_table(&sheet(), 120);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let rows: Vec<_> = text.lines().filter(|line| line.contains("2,000,000")).collect();
    let [row] = rows.as_slice() else { panic!("{text}") };
    let cells: Vec<_> = row.split_whitespace().collect();
    let expected = [
        "staker",
        "1,000.0",
        "2,000,000",
        "+50.00",
        "%",
        "7.500",
        "35.7",
        "14.3",
        "30.00",
        "%",
        "11.00",
        "%",
        "5.00",
        "%",
        "+25.00",
        "%",
    ];
    assert_eq!(cells, expected, "{text}");
}

#[test]
fn a_narrow_terminal_gets_a_block_for_each() {
    let text = render_campaign_table(&sheet(), 50);
    assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
    assert!(text.contains("  Capital that comes                 2,000,000\n"), "{text}");
    assert!(text.contains("  Impact, bp                             7.500\n"), "{text}");
}
