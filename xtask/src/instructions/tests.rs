use std::path::PathBuf;

use super::{MOST_ITERATIONS, Options, Workload, collected, executable, per_operation, worthwhile};

fn parse(arguments: &[&str]) -> Result<Options, String> {
    let owned: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    Options::parse(&owned).map_err(|failure| failure.to_string())
}

#[test]
fn words_select_workloads_by_part_of_their_name() {
    let options = parse(&["swap", "--iterations", "10"]).expect("valid");
    assert_eq!(options.iterations, Some(10));
    assert!(options.selects("whole_swap_10"));
    assert!(!options.selects("mul_div"));
    assert!(parse(&[]).expect("valid").selects("mul_div"));
}

#[test]
fn a_listed_workload_may_say_how_many_operations_an_iteration_is() {
    let parsed = |line| Workload::parse(line);
    assert_eq!(parsed("swap/a"), Some(Workload { name: "swap/a", operations: 1 }));
    assert_eq!(parsed(" week  38235 "), Some(Workload { name: "week", operations: 38_235 }));
    assert_eq!(parsed("week 0"), Some(Workload { name: "week", operations: 1 }));
    assert_eq!(parsed("  "), None);
}

#[test]
fn unusable_options_are_refused() {
    for bad in [&["--iterations"][..], &["--iterations", "0"], &["--iterations", "ten"]] {
        assert_eq!(parse(bad), Err("--iterations needs a whole number above 0".to_owned()));
    }
    assert_eq!(parse(&["--fast"]), Err("instructions does not know `--fast`".to_owned()));
}

#[test]
fn the_count_is_read_from_callgrinds_closing_line() {
    let said = "==7== \n==7== Events    : Ir\n==7== Collected : 1234567\n==7== \n";
    assert_eq!(collected(said), Some(1_234_567));
    assert_eq!(collected("==7== no count\n"), None);
}

#[test]
fn the_binary_is_the_benchmark_not_a_library_or_another_target() {
    let messages = r#"not json
{"reason":"compiler-artifact","target":{"name":"compare","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"other","kind":["bench"]},"executable":"t/other"}
{"reason":"compiler-artifact","target":{"name":"compare","kind":["bench"]},"executable":"t/it"}
{"reason":"build-finished","success":true}"#;
    assert_eq!(executable(messages), Some(PathBuf::from("t/it")));
    assert_eq!(executable("{\"reason\":\"build-finished\"}"), None);
}

#[test]
fn cheap_operations_are_repeated_and_dear_ones_are_not() {
    assert_eq!(worthwhile(0), MOST_ITERATIONS);
    assert_eq!(worthwhile(1), MOST_ITERATIONS);
    assert_eq!(worthwhile(500), 100_000);
    assert_eq!(worthwhile(u64::MAX), 1);
}

#[test]
fn the_quotient_keeps_one_digit() {
    assert_eq!(per_operation(1_999, 100), "19.9");
    assert_eq!(per_operation(20, 10), "2.0");
    assert_eq!(per_operation(u64::MAX, 1), "18446744073709551615.0");
}
