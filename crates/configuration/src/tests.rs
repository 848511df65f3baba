use serde::Deserialize;

use crate::words::nearest;
use crate::{Document, KeyPath, Place, Step, read};

/// A configuration with all that makes serde forget a place: a structure that is flattened, an enum
/// that is told by a key among its own, lists in lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[expect(dead_code, reason = "only whether it reads matters")]
    size: Option<u32>,
    #[expect(dead_code, reason = "only whether it reads matters")]
    limits: Option<Limits>,
    #[serde(default)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    rule: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it reads matters")]
struct Limits {
    most: Option<String>,
    steps: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only whether it reads matters")]
struct Rule {
    name: Option<String>,
    #[serde(default)]
    needs: Vec<Need>,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it reads matters")]
struct Need {
    feed: String,
    keep: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it reads matters")]
enum Kind {
    Hold {},
    Recentre {
        half_width: i32,
        #[serde(default)]
        threshold: i32,
        #[serde(default)]
        ladder: Vec<Rung>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it reads matters")]
struct Rung {
    width: i32,
}

const BESIDE: &[(&str, &[&str])] = &[("rule", &["kind", "name", "needs"])];

/// Checks where a text is refused, as `line:column`, what is underlined there, and what is said.
#[track_caller]
fn check(text: &str, (position, marked): (&str, &str), message: &str) {
    let mistake = read::<Config>(text, BESIDE).expect_err(text);
    let document = Document { name: "a.toml", text };
    let shown = document.show(&mistake.message, &Place::Bytes(mistake.at.clone()));
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[0], format!("a.toml:{position}: {message}"));
    let underlined = lines[3].char_indices().filter(|(_, letter)| *letter == '^');
    let underlined: String =
        underlined.map(|(at, _)| lines[2].chars().nth(at).unwrap_or(' ')).collect();
    assert_eq!(underlined, marked, "{shown}");
}

const RULE: &str = "[[rule]]\nkind = \"hold\"\n[[rule]]\nkind = \"recentre\"\nhalf_width = 5\n";

#[test]
fn a_text_that_is_no_toml_is_marked() {
    check("size = [\n", ("1:9", " "), "unclosed array, expected `]`");
    check("size = 1\nsize = 2\n", ("2:1", "size"), "duplicate key");
    check("size = 5k\n", ("1:8", "5k"), "string values must be quoted, expected literal string");
}

#[test]
fn unknown_keys_are_marked_themselves_and_the_nearest_is_named() {
    check(
        "sise = 1\n",
        ("1:1", "sise"),
        "unknown field `sise`, expected one of `size`, `limits`, `rule`; did you mean `size`?",
    );
    check(
        "[limits]\nmost = \"1\"\nless = \"1\"\n",
        ("3:1", "less"),
        "unknown field `less`, expected `most` or `steps`",
    );
    // Of what is flattened serde knows the table only, and only half of its keys.
    check(
        &format!("{RULE}treshold = 5\n"),
        ("6:1", "treshold"),
        "unknown field `treshold`, expected one of `half_width`, `threshold`, `ladder`, `kind`, \
         `name`, `needs`; did you mean `threshold`?",
    );
    check(
        &format!("{RULE}nmae = \"a\"\n"),
        ("6:1", "nmae"),
        "unknown field `nmae`, expected one of `half_width`, `threshold`, `ladder`, `kind`, \
         `name`, `needs`; did you mean `name`?",
    );
    check(
        "[[rule]]\nkindx = \"hold\"\n",
        ("2:1", "kindx"),
        "unknown field `kindx`; did you mean `kind`?",
    );
    check(
        "[[rule]]\nkind = \"hold\"\nneeds = [{ feed = \"a\" }, { feed = \"b\", kep = 5 }]\n",
        ("3:40", "kep"),
        "unknown field `kep`, expected `feed` or `keep`; did you mean `keep`?",
    );
}

#[test]
fn unknown_kinds_are_marked_and_the_nearest_is_named() {
    check(
        &RULE.replace("recentre", "recenter"),
        ("4:8", "\"recenter\""),
        "rule[1].kind: unknown variant `recenter`, expected `hold` or `recentre`; did you mean \
         `recentre`?",
    );
}

#[test]
fn values_of_the_wrong_type_are_marked_with_their_keys() {
    check(
        "size = \"5\"\n",
        ("1:8", "\"5\""),
        "size is the string \"5\"; allowed is a whole number from 0 to 4294967295",
    );
    check(
        "size = -1\n",
        ("1:8", "-1"),
        "size is the integer `-1`; allowed is a whole number from 0 to 4294967295",
    );
    check(
        "limits.most = 5\n",
        ("1:15", "5"),
        "limits.most is the integer `5`; allowed is a text in quotes",
    );
    check(
        "[limits]\nsteps = [1.0, true]\n",
        ("2:15", "true"),
        "limits.steps[1] is the boolean `true`; allowed is a number",
    );
    check("limits = 5\n", ("1:10", "5"), "limits is the integer `5`; allowed is a table");
    check("rule = 5\n", ("1:8", "5"), "rule is the integer `5`; allowed is a list");
}

#[test]
fn wrong_types_of_what_is_flattened_are_marked_too() {
    let number = "allowed is a whole number from -2147483648 to 2147483647";
    check(
        &RULE.replace("= 5", "= \"5\""),
        ("5:14", "\"5\""),
        &format!("rule[1].half_width is the string \"5\"; {number}"),
    );
    check(
        &format!("{RULE}threshold = 1.5\n"),
        ("6:13", "1.5"),
        &format!("rule[1].threshold is the floating point `1.5`; {number}"),
    );
    check(
        &format!("{RULE}ladder = [{{ width = 1 }}, {{ width = false }}]\n"),
        ("6:36", "false"),
        &format!("rule[1].ladder[1].width is the boolean `false`; {number}"),
    );
    check(
        "[[rule]]\nkind = 5\n",
        ("2:8", "5"),
        "rule[0].kind is the integer `5`; allowed is hold, recentre",
    );
    check(
        &format!("{RULE}threshold = 1979-05-27\n"),
        ("6:13", "1979-05-27"),
        &format!("rule[1].threshold is a date or time; {number}"),
    );
    check(
        &format!("{RULE}name = 5\n"),
        ("6:8", "5"),
        "rule[1].name is the integer `5`; allowed is a text in quotes",
    );
}

#[test]
fn of_a_key_that_is_missing_its_table_is_marked_and_its_values_are_said() {
    check(
        "[[rule]]\nname = \"a\"\n",
        ("1:1", "[[rule]]"),
        "rule[0]: missing field `kind`; allowed is hold, recentre",
    );
    check(
        "[[rule]]\nkind = \"hold\"\n[[rule]]\nkind = \"recentre\"\n",
        ("3:1", "[[rule]]"),
        "rule[1]: missing field `half_width`; allowed is a whole number from -2147483648 to \
         2147483647",
    );
    check(
        "[[rule]]\nkind = \"hold\"\nneeds = [{ keep = 5 }]\n",
        ("3:10", "{ keep = 5 }"),
        "rule[0].needs[0]: missing field `feed`; allowed is a text in quotes",
    );
}

/// The text that a way leads to, as it is underlined.
fn found(text: &str, path: KeyPath) -> String {
    let shown = Document { name: "a", text }.show("x", &Place::Keys(vec![path]));
    let mut lines = shown.lines();
    let (_, _) = (lines.next(), lines.next());
    let (Some(line), Some(carets)) = (lines.next(), lines.next()) else { return String::new() };
    let marked = carets.chars().zip(line.chars()).filter(|(caret, _)| *caret == '^');
    marked.map(|(_, letter)| letter).collect()
}

#[test]
fn a_way_leads_to_its_value_or_to_the_nearest_table() {
    let text = "a = 1\nlist = [10, 20]\n[b]\nc = \"é\"\n[[d]]\ne = 2\n[[d]]\nf = [{ g = 3 }]\n\
                [d.h]\ni = 4\n";
    let of = KeyPath::of;
    for (path, expected) in [
        (of("a"), "1"),
        (of("list").item(1), "20"),
        (of("list").item(2), "[10, 20]"),
        (of("b.c"), "\"é\""),
        (of("b.nothing"), "[b]"),
        (of("d").item(0).key("e"), "2"),
        (of("d").item(0).key("f"), "[[d]]"),
        (of("d").item(1).key("f").item(0).key("g"), "3"),
        (of("d").item(1).key("h").key("i"), "4"),
        (of("d").item(1).key("h").key("j"), "[d.h]"),
        // The only one of a list that has the rest.
        (of("d.e"), "2"),
        (of("d.f.g"), "3"),
        (of("nothing"), ""),
        (of("nothing.e"), ""),
    ] {
        assert_eq!(found(text, path.clone()), expected, "{path}");
    }
    let document = Document { name: "a", text };
    let nowhere = Place::Keys(vec![of("nothing")]);
    assert_eq!(
        (document.has(&nowhere), document.show("x\ny\n", &nowhere).as_str()),
        (false, "a: x; y")
    );
    // The first that is there, and only else the first that is near.
    let either = |one: &str, other: &str| Place::Keys(vec![of(one), of(other)]);
    assert!(document.show("x", &either("b.x", "a")).starts_with("a:1:5: x\n"));
    assert!(document.show("x", &either("b.x", "nothing")).starts_with("a:3:1: x\n"));
    assert!(document.show("x", &either("nothing", "b.x")).starts_with("a:3:1: x\n"));
}

#[test]
fn what_is_shown_lines_up_and_hides_what_a_terminal_obeys() {
    let text = "# one\n\tkey\t= \"\u{1b}[31mé\"\r\n";
    let at = text.find('"').expect("there");
    let shown = Document { name: "é.toml", text }.show("no", &Place::Bytes(at..at + 8));
    assert_eq!(shown, "é.toml:2:8: no\n  |\n2 | \tkey\t= \"\u{fffd}[31mé\"\n  | \t   \t  ^^^^^^^");
    let ten = "\n".repeat(9) + "a = 1";
    let shown = Document { name: "b", text: &ten }.show("no", &Place::Bytes(9..10));
    assert_eq!(shown, "b:10:1: no\n   |\n10 | a = 1\n   | ^");
    // Beyond the end, and within a character.
    let shown = Document { name: "c", text: "é" }.show("no", &Place::Bytes(9..10));
    assert_eq!(shown, "c:1:2: no\n  |\n1 | é\n  |  ^");
    let shown = Document { name: "c", text: "é" }.show("no", &Place::Bytes(1..2));
    assert_eq!(shown, "c:1:1: no\n  |\n1 | é\n  | ^");
}

#[test]
fn one_way_is_put_within_another() {
    let way = |text: &str| {
        let mut path = KeyPath::default();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (key, item) = part.split_once('[').unwrap_or((part, ""));
            path = path.key(key);
            if let Ok(place) = item.trim_end_matches(']').parse() {
                path = path.item(place);
            }
        }
        assert_eq!(path.to_string(), text);
        path
    };
    for (own, outer, expected) in [
        ("reward.amount", "reward[2]", Some("reward[2].amount")),
        ("reward", "reward[2]", Some("reward[2]")),
        ("reward", "reward[2].prices", Some("reward[2].prices")),
        ("footprint", "reward[2]", None),
        ("a.b[1].c", "a[3]", Some("a[3].b[1].c")),
        ("a.b.c", "a[3].b[1]", Some("a[3].b[1].c")),
        ("a[1].b", "a[3]", Some("a[1].b")),
        ("a.c", "a[3].b", None),
        ("", "a[3]", Some("a[3]")),
        ("a.b", "", Some("a.b")),
    ] {
        assert_eq!(way(own).within(&way(outer)), expected.map(way), "{own} within {outer}");
    }
    assert_eq!(KeyPath::of("a.b").steps(), [Step::Key("a".into()), Step::Key("b".into())]);
}

#[test]
fn only_what_is_near_is_taken_to_be_meant() {
    let names = ["threshold", "half_width", "name", "kind", "max_loss_quote"];
    let names = names.into_iter().chain(["max_pool_quote", "max_pool_share_bps"]);
    for (wrong, expected) in [
        ("treshold", Some("threshold")),
        ("half-width", Some("half_width")),
        ("nmae", Some("name")),
        ("kin", Some("kind")),
        ("unknown", None),
        ("name", None),
        ("", None),
        // Where a name goes on, it is meant if it is the only one.
        ("max_loss", Some("max_loss_quote")),
        ("half", Some("half_width")),
        ("max_pool", None),
        ("max", None),
        ("max_loss_q", None),
        ("max_loss_quot", Some("max_loss_quote")),
    ] {
        assert_eq!(nearest(wrong, names.clone()), expected, "{wrong}");
    }
}
