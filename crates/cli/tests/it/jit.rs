//! `tidemill jit`: what just-in-time liquidity would have earned.

use std::path::Path;

use serde_json::Value;

use crate::run::tidemill;

fn folder() -> &'static Path {
    Path::new(".")
}

fn number(json: &Value, name: &str) -> i128 {
    json[name].as_str().unwrap_or_else(|| panic!("{name} in {json}")).parse().unwrap()
}

/// The figures that the page says.
#[test]
fn the_week_comes_to_what_its_page_says_and_its_parts_add_up() {
    let page = include_str!("../../../../docs/just-in-time.md");
    let arguments = ["jit", "--least", "100000", "--json"];
    for more in [&[][..], &["--hindsight"]] {
        let json = tidemill(folder(), &[&arguments[..], more].concat()).json();
        assert_eq!((json["quote"].as_str(), json["swaps"].as_u64()), (Some("USDC"), Some(38_235)));
        check_sums(&json, !more.is_empty());
        let whole = |name: &str| number(&json, name) / 1_000_000;
        let names = ["fees", "inventory", "gas", "bid", "net"];
        let row: Vec<_> = names.iter().map(|name| whole(name).to_string()).collect();
        let row = format!("| {} | {} |", json["served"], row.join(" | "));
        assert!(page.contains(&row), "the page does not say {row}");
    }
    let text = tidemill(folder(), &["jit", "--least", "100000"]).good();
    let json = tidemill(folder(), &arguments).json();
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(row("provided for").ends_with(&format!(" {}", json["served"])), "{text}");
    let fees = number(&json, "fees");
    let fees = format!(" {}.{:06} USDC", fees / 1_000_000, fees % 1_000_000);
    assert!(row("fees").ends_with(&fees), "{text}");
}

fn check_sums(json: &Value, hindsight: bool) {
    let served = json["served_swaps"].as_array().unwrap();
    assert_eq!(json["served"].as_u64(), u64::try_from(served.len()).ok());
    assert!(!served.is_empty());
    for swap in served.iter().chain([json]) {
        let parts = number(swap, "fees") + number(swap, "inventory");
        let costs = number(swap, "gas") + number(swap, "bid");
        assert_eq!(parts - costs, number(swap, "net"), "{swap}");
        assert!(number(swap, "fees") > number(swap, "gas"), "{swap}");
        assert!(!hindsight || number(swap, "net") > 0, "{swap}");
    }
    for name in ["volume", "fees", "inventory", "gas", "bid", "net"] {
        let sum: i128 = served.iter().map(|swap| number(swap, name)).sum();
        assert_eq!(sum, number(json, name), "{name}");
    }
    let most = served.iter().map(|swap| number(swap, "capital")).max();
    assert_eq!(most, Some(number(json, "most_capital")));
    assert!(most <= Some(1_000_000_000_000), "no more than --capital");
}

#[test]
fn what_cannot_be_asked_is_said_with_its_option() {
    for (arguments, expected) in [
        (["--quote", "DOGE"], "--quote: DOGE is not allowed; expected USDC or WETH"),
        (["--capital", "0"], "--capital: 0 is not allowed; expected an amount above 0"),
        (["--capital", "1e6"], "--capital: "),
        (["--least", "0.0000001"], "--least: "),
        (["--native-price", "-1"], "--native-price: "),
        (["--bid-bps", "10001"], "--bid-bps"),
    ] {
        let arguments = [&["jit"], &arguments[..]].concat();
        let ran = tidemill(folder(), &arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
    }
}
