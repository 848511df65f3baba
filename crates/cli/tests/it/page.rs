//! The HTML report: one file that needs nothing else.

use std::fs;

use crate::run::tidemill;

#[test]
fn the_page_stands_alone_and_adds_up() {
    let place = tempfile::tempdir().unwrap();
    let toml = "footprint = \"price-taker\"\n[[strategy]]\nkind = \"hold\"\n\
                [[strategy]]\nkind = \"fixed_range\"\nname = \"</script><b>&\\\"bold\\\"\"\n\
                [[strategy]]\nkind = \"recentre\"\n";
    fs::write(place.path().join("page.toml"), toml).unwrap();
    tidemill(place.path(), &["backtest", "page.toml", "--out", "report"]).good();
    let mut files: Vec<String> = fs::read_dir(place.path().join("report"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["report.html", "report.json"]);
    let page = fs::read_to_string(place.path().join("report/report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    // Nothing is fetched: no address, and nothing that would name another file.
    for reference in ["http:", "https:", "src=", "@import", "url(", "fetch(", "import("] {
        assert!(!page.contains(reference), "{reference}");
    }
    for link in page.split("<link").skip(1) {
        let (link, _) = link.split_once('>').unwrap();
        assert!(link.contains("href=\"data:"), "{link}");
    }
    assert_eq!(page.matches("adds up to the raw unit").count(), 3, "one identity per strategy");
    assert_eq!(page.matches('✓').count(), 3);
    assert!(!page.contains('✗'));
    // A name is text, whatever is in it.
    assert!(!page.contains("<b>&"), "a strategy's name is markup");
    assert!(page.contains("&lt;/script&gt;&lt;b&gt;"), "a strategy's name is missing");
    assert_eq!(page.matches("</script>").count(), page.matches("<script").count());
    let block = "21303934";
    assert!(page.contains(block) || page.contains("21,303,934"), "the period's first block");
}
