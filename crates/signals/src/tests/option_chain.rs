//! The recorded chain of options on ether: 684 instruments, quoted once, with marks in ether and
//! without volatilities.

use std::collections::BTreeMap;
use std::path::Path;

use crate::options::{ImpliedBounds, NoVolatility, OptionKind, OptionTerms};

/// A listed option as it was quoted.
#[derive(Clone, Copy)]
struct Listed {
    terms: OptionTerms,
    /// In ether.
    mark: f64,
}

/// Days of January 2024 on which an expiry falls, by its name; options end at 08:00 UTC.
const EXPIRIES: [(&str, f64); 11] = [
    ("9JAN24", 9.0),
    ("10JAN24", 10.0),
    ("11JAN24", 11.0),
    ("12JAN24", 12.0),
    ("19JAN24", 19.0),
    ("26JAN24", 26.0),
    ("23FEB24", 54.0),
    ("29MAR24", 89.0),
    ("28JUN24", 180.0),
    ("27SEP24", 271.0),
    ("27DEC24", 362.0),
];
/// 2024-01-01 00:00 UTC.
const JANUARY: f64 = 1_704_067_200.0;

/// The chain by expiry, strike and kind; `None`, said aloud, where there is no such data.
fn chain() -> Option<BTreeMap<(usize, u32), BTreeMap<bool, Listed>>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TIDEMILL_DATA").map_or_else(beside, Into::into);
    let path = folder.join("deribit-eth-options-2024-01-08/options.csv");
    if !path.exists() {
        println!("skipped: no recorded data at {}", path.display());
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut chain: BTreeMap<_, BTreeMap<bool, Listed>> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name: &str| cells[header.iter().position(|column| *column == name).unwrap()];
        let number = |name: &str| cell(name).parse::<f64>().unwrap();
        let expiry = EXPIRIES.iter().position(|(name, _)| *name == cell("expire_date")).unwrap();
        let ends = JANUARY + (EXPIRIES[expiry].1 - 1.0) * 86_400.0 + 8.0 * 3_600.0;
        let years = (ends - number("creation_timestamp") / 1_000.0) / (365.0 * 86_400.0);
        let is_call = cell("option_type") == "C";
        let terms = OptionTerms {
            kind: if is_call { OptionKind::Call } else { OptionKind::Put },
            price: number("underlying_price"),
            strike: number("strike_price"),
            years,
            rate: number("interest_rate"),
            sigma: f64::NAN,
        };
        let strike = cell("strike_price").parse().unwrap();
        let listed = Listed { terms, mark: number("mark_price") };
        let before = chain.entry((expiry, strike)).or_default().insert(is_call, listed);
        assert!(before.is_none(), "one of a kind");
    }
    Some(chain)
}

fn volatility(listed: &Listed) -> Result<f64, NoVolatility> {
    let value = listed.mark * listed.terms.price;
    listed.terms.implied_black_76(value, ImpliedBounds::default())
}

/// Marks in ether times the future are Black's prices: 682 of 684 have a volatility, and give the
/// mark back to a part in 10^11 of the future. Of the two others one, a third out of the money a
/// day before its end, is marked at nothing, and one, deep in the money, below what it would be
/// worth without volatility, by a hundredth of the venue's smallest step.
#[test]
fn nearly_all_marks_of_the_chain_have_a_volatility() {
    let Some(chain) = chain() else { return };
    let (mut solved, mut unsolved) = (0, Vec::new());
    for ((expiry, strike), kinds) in &chain {
        for (is_call, listed) in kinds {
            let Ok(sigma) = volatility(listed) else {
                unsolved.push((EXPIRIES[*expiry].0, *strike, *is_call));
                continue;
            };
            solved += 1;
            let again = OptionTerms { sigma, ..listed.terms }.black_76() / listed.terms.price;
            assert!((again - listed.mark).abs() < 1e-11, "{strike}: {again} of {}", listed.mark);
        }
    }
    println!("{solved} solved, without: {unsolved:?}");
    assert_eq!(solved, 682);
    assert_eq!(unsolved, [("9JAN24", 2_900, true), ("12JAN24", 1_200, true)]);
}

/// In ether a call less a put is one less the strike over the future. Marks have six digits, which
/// is all that is off where both have the same future; in two expiries the future moved by some
/// cents between two quotes.
#[test]
fn calls_and_puts_of_the_chain_agree() {
    let Some(chain) = chain() else { return };
    let mut worst = [0.0_f64; EXPIRIES.len()];
    let mut pairs = 0;
    for ((expiry, _), kinds) in &chain {
        let (Some(call), Some(put)) = (kinds.get(&true), kinds.get(&false)) else { continue };
        let future = 1.0 - call.terms.strike / call.terms.price;
        worst[*expiry] = worst[*expiry].max((call.mark - put.mark - future).abs());
        pairs += 1;
    }
    println!("{pairs} pairs, residuals in ether: {worst:?}");
    assert_eq!(pairs, 342);
    assert!(worst.iter().all(|residual| *residual < 1e-4), "a tenth of the smallest step");
    // The three that end first, whose futures are made up by the venue from the others.
    assert!(worst[..3].iter().all(|residual| *residual < 1e-6));
}

/// The smile: up to March both wings are dearer than the strike next to the future, the nearest
/// expiries the more so; from June on only the calls are, and the puts are cheaper. The level
/// is highest in the days around the decision on the exchange-traded funds (2024-01-10), and seven
/// tenths from February on.
#[test]
fn the_chain_smiles() {
    let Some(chain) = chain() else { return };
    let mut levels = Vec::new();
    for (expiry, (name, _)) in EXPIRIES.iter().enumerate() {
        // Out of the money, where all of the mark is due to volatility.
        let smile = chain.range((expiry, 0)..(expiry + 1, 0)).filter_map(|((_, strike), kinds)| {
            let future = kinds.values().next()?.terms.price;
            let listed = kinds.get(&(f64::from(*strike) >= future))?;
            Some((f64::from(*strike) / future, volatility(listed).ok()?))
        });
        let smile: Vec<(f64, f64)> = smile.collect();
        let nearest = |moneyness: f64| {
            let off = |point: &&(f64, f64)| ((point.0 - moneyness).abs() * 1e9) as u64;
            smile.iter().min_by_key(off).unwrap().1
        };
        let [low, at, high] = [0.8, 1.0, 1.25].map(nearest);
        println!("{name}: {low:.3} {at:.3} {high:.3}");
        let is_far = expiry >= 8;
        assert!((low > at) != is_far && high > at, "{name}: {low} {at} {high}");
        levels.push((low, at, high));
    }
    let level = |place: usize| levels[place].1;
    assert!((0.96..0.97).contains(&level(2)), "11JAN24, the day after");
    assert!((0..EXPIRIES.len()).all(|place| level(place) <= level(2)));
    assert!((6..EXPIRIES.len()).all(|place| (0.67..0.71).contains(&level(place))));
    let steepness = |place: usize| levels[place].0 - levels[place].1;
    assert!(steepness(0) > 0.5 && steepness(6) < 0.04);
}
