//! What expressions mean, and what is refused.

use proptest::prelude::*;

use super::super::compile::{Compiler, Mistake, Name};
use super::super::expression::{Readings, Typed};
use super::super::values::{NumberValue, TruthValue};

/// A price of 2000, tick 77, a position that is open and in range; whether it is staked and where
/// its ends are is not known, and of two signals the second.
struct Known;

impl Readings for Known {
    fn number(&self, value: NumberValue) -> Option<f64> {
        [(NumberValue::Price, 2_000.0), (NumberValue::Tick, 77.0)]
            .into_iter()
            .find_map(|(known, number)| (known == value).then_some(number))
    }

    fn truth(&self, value: TruthValue) -> Option<bool> {
        (value != TruthValue::IsStaked).then_some(true)
    }

    fn signal(&self, slot: usize) -> Option<f64> {
        (slot == 0).then_some(0.03)
    }

    fn gas_quote(&self, gas: f64) -> Option<f64> {
        Some(gas / 1e6)
    }
}

fn compiler() -> Compiler {
    let mut compiler = Compiler::new();
    compiler.name("sigma_daily", Name::Signal(0));
    compiler.name("slow_average", Name::Signal(1));
    compiler.name("threshold", Name::Parameter(0.0));
    compiler
}

#[track_caller]
fn number(text: &str, expected: Option<f64>) {
    let number = compiler().number(text).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"));
    assert_eq!(number.evaluate(&Known), Ok(expected), "{text}");
}

#[track_caller]
fn truth(text: &str, expected: Option<bool>) {
    let truth = compiler().truth(text).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"));
    assert_eq!(truth.evaluate(&Known), Ok(expected), "{text}");
}

/// What is underlined, and what is said of it.
#[track_caller]
fn refused(text: &str, underlined: &str, problem: &str) {
    let mistake = compiler().number(text).expect_err(text);
    check_mistake(text, &mistake, underlined, problem);
}

#[track_caller]
fn check_mistake(text: &str, mistake: &Mistake, underlined: &str, problem: &str) {
    assert_eq!(text.get(mistake.within.clone()), Some(underlined), "{text}: {mistake:?}");
    assert!(mistake.problem.starts_with(problem), "{text}: {mistake:?}");
}

#[test]
fn numbers_are_floating_point_and_division_cuts_nothing_off() {
    number("7 / 2", Some(3.5));
    number("1 + 2 * 3 ** 2", Some(19.0));
    number("2 ** 3 ** 2", Some(512.0));
    number("-2 ** 2", Some(4.0));
    number("7 % 4 - -1", Some(4.0));
    number("1_000 + 0x10 + 1.5e3", Some(2_516.0));
    number("(price - 1990) * 4", Some(40.0));
    number("4 * sigma_daily * 10000", Some(4.0 * 0.03 * 10_000.0));
    number("threshold", Some(0.0));
    number("+tick", Some(77.0));
}

#[test]
fn functions_do_what_their_names_say() {
    number("abs(-3) + sqrt(16) + floor(2.7) + ceil(2.1) + round(2.5)", Some(15.0));
    number("min(1, 2) + max(10, 20) + clamp(7, 1, 5)", Some(26.0));
    number("select(price < 1000, 1, 2)", Some(2.0));
    number("ln(exp(2))", Some(2.0));
    number("gas_quote(500000)", Some(0.5));
    number("exp(0) + log_return_per_tick * 0", Some(1.0));
}

#[test]
fn what_is_not_known_is_not_zero() {
    number("lower_tick + 1", None);
    number("slow_average ?? 5", Some(5.0));
    number("lower_tick * 2 ?? upper_tick ?? 9", Some(9.0));
    number("sigma_daily ?? 5", Some(0.03));
    number("select(is_staked, 1, 2)", None);
    truth("price > slow_average", None);
    truth("is_known(slow_average)", Some(false));
    truth("is_known(price) && !is_known(is_staked)", Some(true));
    truth("(tick > lower_tick) ?? true", Some(true));
    truth("is_staked ?? false", Some(false));
}

/// Kleene's logic: what is known decides where it can.
#[test]
fn claims_of_which_one_is_unknown_are_decided_where_they_can_be() {
    truth("is_staked && false", Some(false));
    truth("(price < 0) && is_staked", Some(false));
    truth("is_staked && is_open", None);
    truth("is_staked || is_open", Some(true));
    truth("is_staked || price < 0", None);
    truth("!is_staked", None);
    truth("is_staked == is_open", None);
    truth("is_open == in_range && is_open != false", Some(true));
    truth("is_open && in_range && price >= 2000 && price <= 2000 && price != 1", Some(true));
    truth("price == 1 || price == 2 || price == 2000", Some(true));
    truth("select(is_open, in_range, is_staked)", Some(true));
}

#[test]
fn a_name_that_is_not_there_is_underlined_with_the_nearest_beside_it() {
    refused(
        "4 * sigma_dayly",
        "sigma_dayly",
        "there is no `sigma_dayly`; did you mean `sigma_daily`?",
    );
    refused("pice + 1", "pice", "there is no `pice`; did you mean `price`?");
    refused("1 + sqroot(4)", "sqroot", "there is no function `sqroot`; did you mean `sqrt`?");
    refused(
        "a_name_like_no_other",
        "a_name_like_no_other",
        "there is no `a_name_like_no_other`; allowed are ",
    );
}

#[test]
fn types_are_checked_wherever_they_stand() {
    refused("price < 1000", "price < 1000", "this is true or false; a number is needed");
    refused("1 + is_open", "is_open", "this is true or false; a number is needed here");
    refused("select(price, 1, 2)", "price", "this is a number; true or false is needed here");
    refused("select(is_open, 1, in_range)", "in_range", "this is true or false");
    refused("price ?? is_open", "is_open", "this is true or false");
    refused("abs(is_open)", "is_open", "this is true or false");
    refused("min(1)", "min", "`min` takes 2, and is given 1");
    let mistake = compiler().truth("price * 2").expect_err("a number");
    check_mistake("price * 2", &mistake, "price * 2", "this is a number; a condition is needed");
    let text = "is_open && price";
    check_mistake(
        text,
        &compiler().truth(text).expect_err("a number"),
        "price",
        "this is a number",
    );
    let text = "is_open < in_range";
    check_mistake(text, &compiler().truth(text).expect_err("claims"), "is_open", "this is true");
}

#[test]
fn what_does_not_parse_is_underlined_where_it_ends_to_make_sense() {
    refused("1 +", "", "the expression ends too early");
    refused("price )", ")", "unexpected ')'");
    refused("price price", "price", "unexpected 'price'");
    refused("(1 + 2", "", "");
    refused("1 ~ 2", "~", "");
    let nested = format!("{}1{}", "(".repeat(60), ")".repeat(60));
    let mistake = compiler().number(&nested).expect_err("deep");
    assert!(mistake.problem.starts_with("this is nested too deep; allowed are "), "{mistake:?}");
}

#[test]
fn nothing_but_expressions_of_numbers_and_claims_is_allowed() {
    for text in [
        "\"text\"",
        "`text`",
        "`${price}`",
        "'a'",
        "[1, 2]",
        "#{a: 1}",
        "let a = 1",
        "while true { }",
        "loop { }",
        "{ 1 }",
        "if true { 1 } else { 2 }",
        "switch price { 1 => 2 }",
        "price = 1",
        "price += 1",
        "fn a() { 1 }",
        "|a| a",
        "print(1)",
        "debug(1)",
        "eval(1)",
        "import \"a\" as a",
        "a::b",
        "price.abs()",
        "price[0]",
        "1..2",
        "1 in 2",
        "1 & 2",
        "1 << 2",
        "1 ^ 2",
        "this",
        "()",
        "type_of(1)",
        "is_def_var(1)",
        "Fn(1)",
        "call(1)",
        "curry(1)",
        "return 1",
        "throw 1",
        "1; 2",
        "",
    ] {
        let outcome = compiler().number(text);
        assert!(outcome.is_err(), "{text}: {outcome:?}");
        let outcome = compiler().truth(text);
        assert!(outcome.is_err(), "{text}: {outcome:?}");
    }
}

#[test]
fn a_value_that_is_no_number_is_a_fault_at_its_sign() {
    #[track_caller]
    fn faulty(text: &str, at: usize, said: &str) {
        let number = compiler().number(text).expect("it reads");
        let fault = number.evaluate(&Known).expect_err(text);
        assert_eq!((fault.at, fault.kind.describe()), (at, said), "{text}");
    }
    faulty("price / (tick - 77)", 6, "this divides by zero");
    faulty("price % (tick - 77)", 6, "this divides by zero");
    faulty("1 + sqrt(-price)", 4, "this is not a number");
    faulty("price ** 1000", 6, "this is too large for a number");
    faulty("-exp(price)", 1, "this is too large for a number");
    faulty("ln(tick - 77)", 0, "this is too large for a number");
    faulty("clamp(price, tick, 1)", 0, "the lower bound of this is above the upper one");
    // A fault is not an unknown: nothing takes its place.
    faulty("price / (tick - 77) ?? 1", 6, "this divides by zero");
}

#[test]
fn what_depends_on_nothing_is_worked_out_when_it_is_read() {
    refused("price * (1 / 0)", "/", "this divides by zero");
    refused("sqrt(0 - 1)", "sqrt", "this is not a number");
    refused("1e308 * 10", "*", "this is too large for a number");
    refused("9007199254740993", "9007199254740993", "9007199254740993 is not exact");
    refused("1e999", "1e999", "");
    let number = compiler().number("2 * 3 + clamp(4, 1, 9) / threshold.max(1)");
    assert!(number.is_err(), "no methods");
    for (text, value) in [("2 * 3 + 4 ?? 5", "10.0"), ("-(1 + 2)", "-3.0"), ("min(2, 3)", "2.0")] {
        let folded = compiler().number(text).map(|number| format!("{number:?}"));
        assert_eq!(folded, Ok(format!("Constant({value})")), "{text}");
    }
    let folded = compiler().truth("1 < 2 && !(2 == 3)").map(|truth| format!("{truth:?}"));
    assert_eq!(folded.as_deref(), Ok("Constant(true)"));
}

#[test]
fn long_expressions_are_refused_by_their_length() {
    let long = format!("1{}", " + 1".repeat(250));
    let mistake = compiler().number(&long).expect_err("long");
    assert_eq!(mistake.problem, "this has 1001 bytes; allowed are 1000 at most");
}

/// An expression as text, of literals with a point and of operators that mean the same in rhai.
fn arithmetic() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-1_000..1_000_i32).prop_map(|tenths| format!("{:?}", f64::from(tenths) / 10.0)),
        Just("price".to_owned()),
        Just("tick".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let sign = prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")];
        prop_oneof![
            (inner.clone(), sign, inner.clone())
                .prop_map(|(left, sign, right)| format!("{left} {sign} {right}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.prop_map(|inner| format!("-({inner})")),
        ]
    })
}

/// Rhai's own evaluation of the same text.
fn by_rhai<T: rhai::Variant + Clone>(text: &str) -> Option<T> {
    let engine = rhai::Engine::new();
    let mut scope = rhai::Scope::new();
    scope.push("price", 2_000.0_f64);
    scope.push("tick", 77.0_f64);
    engine.eval_expression_with_scope::<T>(&mut scope, text).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The reading of rhai's tree agrees with rhai's evaluation of it, wherever that has a value
    /// that is a number.
    #[test]
    fn arithmetic_means_what_it_means_in_rhai(text in arithmetic()) {
        let theirs = by_rhai::<f64>(&text).filter(|value| value.is_finite());
        let ours = compiler().number(&text).ok();
        let ours = ours.and_then(|number| number.evaluate(&Known).ok().flatten());
        if let Some(ours) = ours {
            prop_assert_eq!(Some(ours), theirs, "{}", text);
        } else {
            prop_assert!(
                theirs.is_none() || text.contains(['/', '%']) || text.len() > 400,
                "{} is {:?} in rhai", text, theirs
            );
        }
    }

    #[test]
    fn comparisons_and_claims_mean_what_they_mean_in_rhai(
        left in arithmetic(), right in arithmetic(), third in arithmetic(),
        sign in prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("=="), Just("!=")],
        join in prop_oneof![Just("&&"), Just("||")],
    ) {
        let text = format!("{left} {sign} {right} {join} !({right} {sign} {third})");
        let ours = compiler().truth(&text).ok();
        if let Some(Ok(Some(ours))) = ours.map(|truth| truth.evaluate(&Known)) {
            prop_assert_eq!(by_rhai::<bool>(&text), Some(ours), "{}", text);
        }
    }

    /// Whatever stands there is read or refused, and underlined within itself.
    #[test]
    fn no_text_breaks_the_reader(text in ".{0,200}") {
        check_any(&text)?;
    }

    #[test]
    fn no_words_of_the_language_break_the_reader(
        words in proptest::collection::vec(word(), 0..60)
    ) {
        check_any(&words.concat())?;
    }
}

/// Pieces of the language, parted by the letter `~`, which is none of it.
const WORDS: &str = "price~tick~is_open~sigma_daily~1~2.5~1e9~0x~(~)~[~]~{~}~+~-~*~/~**~%~<~<=~==~\
                     !~\
                     !=~&&~||~??~?~.~..~..=~,~;~:~::~=>~=~\"~`~${~'~/*~*/~//~\n~ ~ ~if~else~while~\
                     let~fn~|~abs~clamp~select~this~#{~\\~@~$~\u{e4}~switch~loop~in~import~return~\
                     true~do";

fn word() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORDS.split('~').collect();
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    let compiler = compiler();
    for outcome in
        [compiler.number(text).map(Typed::Number), compiler.truth(text).map(Typed::Truth)]
    {
        match outcome {
            Err(mistake) => {
                prop_assert!(mistake.within.start <= text.len(), "{}: {:?}", text, mistake);
                prop_assert!(text.get(mistake.within.clone()).is_some(), "{}: {:?}", text, mistake);
            }
            Ok(Typed::Number(number)) => {
                let value = number.evaluate(&Known);
                prop_assert!(
                    value.is_err() || value.is_ok_and(|value| value.is_none_or(f64::is_finite))
                );
            }
            Ok(Typed::Truth(truth)) => drop(truth.evaluate(&Known)),
        }
    }
    Ok(())
}
